/* lib/base/err and cancel: what an error says, and how signals arrive. */

#include "lib/base/err.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/cancel.h"
#include "tests/unit/tap.h"

static bool
says(err_t err, enum err_code code, int sys_errno, const char *want)
{
	bool good = err_is(err, code) && err->sys_errno == sys_errno &&
	    !strcmp(err->msg, want);

	if (!good)
		printf("# got %s\n", err ? err->msg : "no error");
	return good;
}

static void
test_messages(void)
{
	static char longest[3000];
	struct err copy;
	err_t err, other;

	ok(!err_is(NULL, ERR_SYSTEM), "success is no error");
	ok(says(err_new(ERR_USAGE, "a %d \"%s\"", 1, "x\n\x1b"), ERR_USAGE, 0,
	    "a 1 \"x\\n\\x1b\""), "names are escaped");
	errno = ENOENT;
	ok(says(err_sys("cannot open \"%s\"", "f"), ERR_NOT_FOUND, ENOENT,
	    "cannot open \"f\": No such file or directory"), "ENOENT");
	errno = EACCES;
	ok(says(err_sys("x"), ERR_PERMISSION, EACCES, "x: Permission denied"),
	    "EACCES");
	errno = ENOSPC;
	err = err_sys("x");
	ok(says(err, ERR_SYSTEM, ENOSPC, "x: No space left on device"),
	    "ENOSPC");
	ok(says(err_wrap(err, "in \"%s\"", "d\r"), ERR_SYSTEM, ENOSPC,
	    "in \"d\\r\": x: No space left on device"), "wrapped");
	copy = *err;
	other = err_adopt(&copy);
	ok(other != &copy && says(other, ERR_SYSTEM, ENOSPC, copy.msg),
	    "adopted");
	memset(longest, 'x', sizeof(longest) - 1);
	err = err_wrap(err_new(ERR_USAGE, "%s", longest), "%s", longest);
	ok(err->code == ERR_USAGE &&
	    strlen(err->msg) == sizeof(err->msg) - 1, "the longest");
	err = err_new(ERR_USAGE, "first");
	for (int i = 0; i < 7; i++)
		other = err_new(ERR_BUSY, "%d", i);
	ok(says(err, ERR_USAGE, 0, "first") && says(other, ERR_BUSY, 0, "6"),
	    "eight live at once");
}

/* What became of a child that was sent the signal n times. */
static int
child_sent(int sig, int n, bool ignored)
{
	int status = 0;
	pid_t child;

	fflush(stdout);
	child = fork();
	if (!child) {
		if (ignored) {
			struct sigaction action = { .sa_flags = 0 };

			action.sa_handler = SIG_IGN;
			sigaction(sig, &action, NULL);
		}
		cancel_setup();
		if (cancel_check())
			_exit(100);
		for (int i = 0; i < n; i++)
			raise(sig);
		_exit(err_is(cancel_check(), ERR_CANCELLED) ?
		    cancel_signal() : 0);
	}
	waitpid(child, &status, 0);
	return status;
}

static bool
left_with(int status, int code)
{
	return WIFEXITED(status) && WEXITSTATUS(status) == code;
}

static void
test_signals(void)
{
	int status;

	ok(left_with(child_sent(SIGINT, 1, false), SIGINT), "SIGINT");
	ok(left_with(child_sent(SIGTERM, 1, false), SIGTERM), "SIGTERM");
	ok(left_with(child_sent(SIGHUP, 1, false), SIGHUP), "SIGHUP");
	ok(left_with(child_sent(SIGPIPE, 3, false), 0), "SIGPIPE is ignored");
	ok(left_with(child_sent(SIGHUP, 3, true), 0),
	    "what was ignored stays so");
	status = child_sent(SIGINT, 2, false);
	ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGINT,
	    "the second one kills");
}

int
main(void)
{
	test_messages();
	test_signals();
	return tap_end();
}
