#include "lib/history/message.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/file.h"

#define MESSAGE_MAX (1u << 20)

bool
message_can_edit(void)
{
	return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
}

static const char *
editor(void)
{
	static const char *const names[] = { "DSV_EDITOR", "VISUAL",
		"EDITOR" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const char *value = getenv(names[i]);

		if (value && *value)
			return value;
	}
	return "vi";
}

/* The value may have arguments in it, so a shell takes it apart, as with
 * every other program that has an editor. */
static err_t
run_editor(const char *file)
{
	struct sigaction plain = { .sa_handler = SIG_DFL };
	struct buf line = BUF_INIT;
	int status = 0;
	pid_t pid;

	buf_printf(&line, "%s \"$1\"", editor());
	pid = fork();
	if (!pid) {
		sigaction(SIGPIPE, &plain, NULL);
		execl("/bin/sh", "sh", "-c", line.p, "sh", file,
		    (char *)NULL);
		_exit(127);
	}
	buf_release(&line);
	if (pid < 0)
		return err_sys("cannot start the editor");
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	if (!WIFEXITED(status) || WEXITSTATUS(status))
		return err_new(ERR_SYSTEM, "the editor \"%s\" failed; give "
		    "the message with -m", editor());
	return NULL;
}

static void
without_comments(struct buf *out, const char *text)
{
	while (*text) {
		size_t len = strcspn(text, "\n");

		len += text[len] == '\n';
		if (*text != '#')
			buf_add(out, text, len);
		text += len;
	}
	while (out->len && strchr(" \t\r\n", out->p[out->len - 1]))
		out->p[--out->len] = '\0';
}

err_t
message_edit(struct buf *out, const char *text)
{
	const char *dir = getenv("TMPDIR");
	struct buf name = BUF_INIT, edited = BUF_INIT, kept = BUF_INIT;
	int fd;
	err_t err;

	buf_printf(&name, "%s/dsv-message-XXXXXX", dir && *dir ? dir :
	    "/tmp");
	fd = mkstemp(name.p);
	if (fd < 0) {
		err = err_sys("cannot make \"%s\"", name.p);
		goto out;
	}
	err = file_write_full(fd, text, strlen(text), name.p);
	close(fd);
	if (!err)
		err = run_editor(name.p);
	if (!err)
		err = file_slurp(&edited, AT_FDCWD, name.p, MESSAGE_MAX);
	unlink(name.p);
	if (err)
		goto out;
	without_comments(&kept, buf_cstr(&edited));
	if (kept.len)
		buf_add(out, kept.p, kept.len);
	else
		err = err_new(ERR_USAGE, "no message was written, so there "
		    "is no new version");
out:
	buf_release(&name);
	buf_release(&edited);
	buf_release(&kept);
	return err;
}
