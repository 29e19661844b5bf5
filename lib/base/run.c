#include "lib/base/run.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/file.h"
#include "lib/base/mem.h"

extern char **environ;

#define OUTPUT_MAX (16u << 20)	/* of what a program may say */

err_t
run_file(int *out, const void *p, size_t len)
{
	const char *dir = getenv("TMPDIR");
	struct buf name = BUF_INIT;
	err_t err = NULL;
	int fd;

	buf_printf(&name, "%s/dsv-XXXXXX", dir && *dir ? dir : "/tmp");
	fd = mkstemp(name.p);
	if (fd < 0) {
		err = err_sys("cannot make a temporary file in \"%s\"",
		    dir && *dir ? dir : "/tmp");
		goto out;
	}
	unlink(name.p);
	err = file_write_full(fd, p, len, name.p);
	if (!err && lseek(fd, 0, SEEK_SET) < 0)
		err = err_sys("cannot rewind \"%s\"", name.p);
	if (err)
		close(fd);
	else
		*out = fd;
out:
	buf_release(&name);
	return err;
}

/* The environment with these two set; the strings are borrowed. */
static char **
plain_environ(void)
{
	size_t n = 0, at = 0;
	char **env;

	while (environ[n])
		n++;
	env = mem_array(n + 3, sizeof(*env));
	for (size_t i = 0; i < n; i++)
		if (strncmp(environ[i], "TZ=", 3) != 0 &&
		    strncmp(environ[i], "LC_ALL=", 7) != 0)
			env[at++] = environ[i];
	env[at++] = (char *)"TZ=UTC0";
	env[at++] = (char *)"LC_ALL=C";
	env[at] = NULL;
	return env;
}

/* *pid is 0 if there is no such program. */
static err_t
start(pid_t *pid, const char *const argv[], int input, int output, int errors)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	sigset_t defaults;
	char **env;
	int rc;

	if (posix_spawn_file_actions_init(&actions))
		mem_fail();
	if (posix_spawnattr_init(&attr))
		mem_fail();
	sigemptyset(&defaults);
	sigaddset(&defaults, SIGPIPE);
	posix_spawnattr_setsigdefault(&attr, &defaults);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGDEF);
	if (input >= 0)
		posix_spawn_file_actions_adddup2(&actions, input,
		    STDIN_FILENO);
	else
		posix_spawn_file_actions_addopen(&actions, STDIN_FILENO,
		    "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(&actions, errors, STDERR_FILENO);
	env = plain_environ();
	rc = posix_spawnp(pid, argv[0], &actions, &attr,
	    (char *const *)(uintptr_t)argv, env);
	free(env);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&actions);
	if (rc == ENOENT) {
		*pid = 0;
		return NULL;
	}
	errno = rc;
	return rc ? err_sys("cannot run \"%s\"", argv[0]) : NULL;
}

static int
wait_for(pid_t pid)
{
	int status = 0;

	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

err_t
run_program(struct run_result *out, const char *const argv[], int input)
{
	struct run_result r = RUN_RESULT_INIT;
	int pipes[2], errors = -1;
	pid_t pid = 0;
	err_t err;

	/* What it complains about goes to a file: nobody reads two pipes. */
	err = run_file(&errors, "", 0);
	if (err)
		return err;
	if (pipe(pipes) < 0) {
		close(errors);
		return err_sys("cannot make a pipe");
	}
	fcntl(pipes[0], F_SETFD, FD_CLOEXEC);
	fcntl(pipes[1], F_SETFD, FD_CLOEXEC);
	err = start(&pid, argv, input, pipes[1], errors);
	close(pipes[1]);
	if (!err && pid)
		err = file_read_rest(&r.out, pipes[0], OUTPUT_MAX,
		    argv[0]);
	close(pipes[0]);
	r.found = pid != 0;
	if (pid)
		r.status = wait_for(pid);
	if (!err && pid && lseek(errors, 0, SEEK_SET) == 0)
		err = file_read_rest(&r.err, errors, OUTPUT_MAX, argv[0]);
	close(errors);
	if (err)
		run_result_release(&r);
	else
		*out = r;
	return err;
}

void
run_result_release(struct run_result *r)
{
	buf_release(&r->out);
	buf_release(&r->err);
}
