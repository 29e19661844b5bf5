/*
 * Text differences come from the system's diff program: "diff -u", as POSIX
 * has it.  It reads the two sides from files that have no name, through
 * /dev/fd, and is looked up in PATH, never in the repository.  (git's own
 * diff is no stand-in: what it runs depends on the directory it runs in.)
 */

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/file.h"
#include "lib/base/run.h"
#include "lib/base/text.h"
#include "lib/history/diff.h"

static err_t
add_bytes(void *arg, const char *p, size_t len)
{
	buf_add(arg, p, len);
	return NULL;
}

static err_t
read_work(struct buf *out, struct repo *r, const char *path)
{
	size_t got = 0;
	char *to;
	int fd = -1;
	err_t err;

	err = file_open_beneath(&fd, r->rootfd, path,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0);
	if (err)
		return err;
	to = buf_reserve(out, DIFF_TEXT_MAX + 1);
	err = file_read_full(&got, fd, to, DIFF_TEXT_MAX + 1, path);
	out->len += got;
	close(fd);
	return err;
}

/* *is_text is false for what is not shown as text; an absent side is. */
static err_t
read_side(bool *is_text, struct buf *out, struct repo *r,
    const struct diff_side *side)
{
	err_t err;

	*is_text = !side || (side->mode != MODE_LINK &&
	    side->size <= DIFF_TEXT_MAX);
	if (!side || !*is_text)
		return NULL;
	if (side->in_work)
		err = read_work(out, r, side->path);
	else
		err = content_read(r->store, &side->id, add_bytes, out);
	if (err)
		return err;
	*is_text = out->len <= DIFF_TEXT_MAX &&
	    (!out->len || !memchr(out->p, '\0', out->len)) &&
	    text_is_utf8(buf_cstr(out), out->len);
	return NULL;
}

/* Lines after the two that name the files. */
static err_t
each_line(const struct buf *text, diff_line_fn *fn, void *arg)
{
	const char *p = buf_cstr(text);
	const char *end = p + text->len;
	err_t err = NULL;

	for (unsigned n = 0; !err && p < end; n++) {
		const char *nl = memchr(p, '\n', (size_t)(end - p));
		size_t len = (size_t)((nl ? nl : end) - p);

		if (n >= 2)
			err = fn(arg, p, len);
		p += len + (nl != NULL);
	}
	return err;
}

/* *ran is false if there is no diff. */
static err_t
run_diff(bool *ran, struct buf *out, int from, int to)
{
	struct run_result result = RUN_RESULT_INIT;
	char name[2][32];
	const char *argv[] = { "diff", "-u", name[0], name[1], NULL };
	err_t err;

	snprintf(name[0], sizeof(name[0]), "/dev/fd/%d", from);
	snprintf(name[1], sizeof(name[1]), "/dev/fd/%d", to);
	err = run_program(&result, argv, -1);
	if (err)
		return err;
	if (result.found && (result.status < 0 || result.status > 1))
		err = err_new(ERR_SYSTEM, "the \"diff\" program failed");
	*ran = result.found;
	buf_add(out, buf_cstr(&result.out), result.out.len);
	run_result_release(&result);
	return err;
}

err_t
diff_text(bool *shown, struct repo *r, const struct diff_side *from,
    const struct diff_side *to, diff_line_fn *fn, void *arg)
{
	struct buf a = BUF_INIT, b = BUF_INIT, lines = BUF_INIT;
	int fda = -1, fdb = -1;
	err_t err;

	*shown = false;
	err = read_side(shown, &a, r, from);
	if (!err && *shown)
		err = read_side(shown, &b, r, to);
	if (err || !*shown)
		goto out;
	*shown = false;
	err = run_file(&fda, buf_cstr(&a), a.len);
	if (!err)
		err = run_file(&fdb, buf_cstr(&b), b.len);
	if (!err)
		err = run_diff(shown, &lines, fda, fdb);
	if (!err && *shown)
		err = each_line(&lines, fn, arg);
out:
	if (fda >= 0)
		close(fda);
	if (fdb >= 0)
		close(fdb);
	buf_release(&a);
	buf_release(&b);
	buf_release(&lines);
	return err;
}
