/*
 * Runs a command and says what it took.
 *
 *	peak [-m MIB] [-o FILE] COMMAND [ARG …]
 *
 * One line goes to FILE (standard error without -o):
 *	wall=SECONDS user=SECONDS sys=SECONDS rss=KIB status=S
 * rss is the largest resident set of the command or of a child that it waited
 * for, pages of mapped files included.  The exit status is that of the
 * command (128 + signal if one killed it); 125 if peak failed; 124 if the
 * command succeeded but took more than MIB.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define FAILED 125
#define TOO_MUCH 124

static double
seconds(const struct timeval *t)
{
	return (double)t->tv_sec + (double)t->tv_usec / 1e6;
}

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int
run(struct rusage *used, char **argv)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		execvp(argv[0], argv);
		fprintf(stderr, "peak: %s: %s\n", argv[0], strerror(errno));
		_exit(FAILED);
	}
	if (pid < 0 || wait4(pid, &status, 0, used) != pid) {
		fprintf(stderr, "peak: %s\n", strerror(errno));
		exit(FAILED);
	}
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) :
	    WEXITSTATUS(status);
}

int
main(int argc, char **argv)
{
	const char *out = NULL;
	struct rusage used;
	double start;
	long limit = 0;
	FILE *f = stderr;
	int c, status;

	while ((c = getopt(argc, argv, "+m:o:")) != -1) {
		if (c == 'm')
			limit = strtol(optarg, NULL, 10) * 1024;
		else if (c == 'o')
			out = optarg;
		else
			return FAILED;
	}
	if (optind >= argc) {
		fputs("usage: peak [-m MIB] [-o FILE] COMMAND [ARG ...]\n",
		    stderr);
		return FAILED;
	}
	start = now();
	status = run(&used, argv + optind);
	if (out != NULL && (f = fopen(out, "w")) == NULL) {
		fprintf(stderr, "peak: %s: %s\n", out, strerror(errno));
		return FAILED;
	}
	fprintf(f, "wall=%.3f user=%.3f sys=%.3f rss=%ld status=%d\n",
	    now() - start, seconds(&used.ru_utime), seconds(&used.ru_stime),
	    used.ru_maxrss, status);
	if (f != stderr)
		fclose(f);
	if (status == 0 && limit > 0 && used.ru_maxrss > limit) {
		fprintf(stderr, "peak: %ld KiB used, %ld allowed\n",
		    used.ru_maxrss, limit);
		return TOO_MUCH;
	}
	return status;
}
