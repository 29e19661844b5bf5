/* Programs that are run: what they read, what they say, how they end. */

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/run.h"
#include "tests/unit/tap.h"

/* What "sh -c script" makes of this input; out is released by the caller. */
static bool
run(struct run_result *out, const char *script, const char *input)
{
	const char *argv[] = { "sh", "-c", script, NULL };
	int fd = -1;
	err_t err = NULL;

	if (input)
		err = run_file(&fd, input, strlen(input));
	if (!err)
		err = run_program(out, argv, fd);
	if (fd >= 0)
		close(fd);
	if (err)
		printf("# %s\n", err->msg);
	return !err && out->found;
}

static bool
says(const char *script, const char *input, int status, const char *words,
    const char *complaint)
{
	struct run_result r = RUN_RESULT_INIT;
	bool good = run(&r, script, input) && r.status == status &&
	    strcmp(buf_cstr(&r.out), words) == 0 &&
	    strcmp(buf_cstr(&r.err), complaint) == 0;

	run_result_release(&r);
	return good;
}

int
main(void)
{
	const char *missing[] = { "dsv-no-such-program", NULL };
	struct run_result r = RUN_RESULT_INIT;

	setenv("TZ", "Asia/Tokyo", 1);
	setenv("LC_ALL", "C.UTF-8", 1);
	ok(says("cat", "some words\n", 0, "some words\n", ""), "input");
	ok(says("cat", NULL, 0, "", ""), "no input");
	ok(says("echo one; echo two >&2; exit 3", NULL, 3, "one\n", "two\n"),
	    "status, words and complaints");
	ok(says("kill -KILL $$", NULL, -1, "", ""), "a signal");
	ok(says("echo $TZ $LC_ALL", NULL, 0, "UTC0 C\n", ""),
	    "zone and locale are plain");
	ok(run(&r, "head -c 1000000 /dev/zero; head -c 1000000 /dev/zero >&2",
	    NULL) && r.out.len == 1000000 && r.err.len == 1000000,
	    "more than a pipe holds, on both");
	run_result_release(&r);
	r = (struct run_result)RUN_RESULT_INIT;
	ok(!run(&r, "exec cat /dev/zero", NULL) && r.out.len == 0,
	    "one that never stops is stopped");
	ok(!run_program(&r, missing, -1) && !r.found, "one that is not there");
	run_result_release(&r);
	return tap_end();
}
