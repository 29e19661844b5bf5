/*
 * Text differences come from the system's diff program: "diff -u", as POSIX
 * has it.  It reads the two sides from files that have no name, through
 * /dev/fd, and is looked up in PATH, never in the repository.  (git's own
 * diff is no stand-in: what it runs depends on the directory it runs in.)
 */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/base/text.h"
#include "lib/history/diff.h"

extern char **environ;

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

/* A file without a name that a child can read. */
static err_t
unnamed(int *out, const struct buf *bytes)
{
	const char *dir = getenv("TMPDIR");
	struct buf name = BUF_INIT;
	err_t err = NULL;
	int fd;

	buf_printf(&name, "%s/dsv-diff-XXXXXX", dir && *dir ? dir : "/tmp");
	fd = mkstemp(name.p);
	if (fd < 0) {
		err = err_sys("cannot make a temporary file in \"%s\"",
		    dir && *dir ? dir : "/tmp");
		goto out;
	}
	*out = fd;
	unlink(name.p);
	err = file_write_full(fd, buf_cstr(bytes), bytes->len, name.p);
	if (!err && lseek(fd, 0, SEEK_SET) < 0)
		err = err_sys("cannot rewind \"%s\"", name.p);
out:
	buf_release(&name);
	return err;
}

/* Start diff with its output in the pipe; *pid is 0 if there is no diff. */
static err_t
start(pid_t *pid, int from, int to, int output)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	sigset_t defaults;
	char name[2][32];
	char *argv[] = { (char *)"diff", (char *)"-u", name[0], name[1],
	    NULL };
	int rc;

	snprintf(name[0], sizeof(name[0]), "/dev/fd/%d", from);
	snprintf(name[1], sizeof(name[1]), "/dev/fd/%d", to);
	if (posix_spawn_file_actions_init(&actions))
		mem_fail();
	if (posix_spawnattr_init(&attr))
		mem_fail();
	sigemptyset(&defaults);
	sigaddset(&defaults, SIGPIPE);
	posix_spawnattr_setsigdefault(&attr, &defaults);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGDEF);
	posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
	rc = posix_spawnp(pid, "diff", &actions, &attr, argv, environ);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&actions);
	if (rc == ENOENT) {
		*pid = 0;
		return NULL;
	}
	errno = rc;
	return rc ? err_sys("cannot run \"diff\"") : NULL;
}

/* All that comes from the pipe. */
static err_t
drain(struct buf *out, int fd)
{
	for (;;) {
		char *to = buf_reserve(out, 1 << 16);
		size_t got;
		err_t err = file_read_full(&got, fd, to, 1 << 16, "diff");

		if (err)
			return err;
		out->len += got;
		if (got < 1 << 16)
			return NULL;
	}
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

static err_t
run_diff(bool *ran, struct buf *out, int from, int to)
{
	int pipes[2], status = 0;
	pid_t pid = 0;
	err_t err;

	if (pipe(pipes) < 0)
		return err_sys("cannot make a pipe");
	fcntl(pipes[0], F_SETFD, FD_CLOEXEC);
	fcntl(pipes[1], F_SETFD, FD_CLOEXEC);
	err = start(&pid, from, to, pipes[1]);
	close(pipes[1]);
	if (!err && pid)
		err = drain(out, pipes[0]);
	close(pipes[0]);
	while (pid && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	if (!err && pid && (!WIFEXITED(status) || WEXITSTATUS(status) > 1))
		err = err_new(ERR_SYSTEM, "the \"diff\" program failed");
	*ran = pid != 0;
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
	err = unnamed(&fda, &a);
	if (!err)
		err = unnamed(&fdb, &b);
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
