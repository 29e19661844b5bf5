/*
 * Runs a command over and over, each time with a fault at another point, and
 * has what is left looked at.
 *
 *	points [-s STEP] [-f FIRST] [-m MAX] [-e NAME=VALUE] ...
 *	    OLD WORK CHECK -- COMMAND [ARG ...]
 *
 * For N = FIRST, FIRST + STEP, ...: WORK becomes a copy of the directory OLD;
 * COMMAND runs in it with "%n" in its arguments and in the VALUEs replaced by
 * N, its output in WORK.said; then "sh CHECK" runs in WORK, with POINT=N,
 * STATUS= the exit status of the command (128 + its signal), SAID and REPORT
 * in its environment, and fails if something is not as it may be.  COMMAND
 * leaves a line with "hit=H" in the file WORK.report (%r in its arguments);
 * H = 0 says that there is no such point, and ends the run: the command must
 * have succeeded then.
 *
 * CHECK runs only if a point left what no point before it left: the same
 * files with the same bytes, the same status and the same output are judged
 * once.  The notes in locks/ and the times of files do not count, and neither
 * does which 16 digits a random name has.
 *
 * The last line on standard output is "points=P checks=C failed=F".
 */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define SEEN_MAX 65536			/* a power of two */
#define VALUES_MAX 16
#define ARGS_MAX 64
#define FAILURES_SHOWN 3
#define FAILURES_MAX 20

struct digest {
	uint64_t a, b;
};

struct plan {
	long step, first, max;
	const char *values[VALUES_MAX];
	size_t n_values;
	const char *old, *work, *check;
	char *said, *report;
	char **argv;
};

static struct digest seen[SEEN_MAX];	/* open addressing; a = 0: free */
static size_t n_seen;

static _Noreturn void __attribute__((format(printf, 1, 2)))
die(const char *fmt, ...)
{
	va_list ap;

	fputs("points: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(125);
}

static char *
join(const char *a, const char *b)
{
	size_t len = strlen(a) + strlen(b) + 1;
	char *s = malloc(len);

	if (s == NULL)
		die("out of memory");
	snprintf(s, len, "%s%s", a, b);
	return s;
}

/* ---- digests ----------------------------------------------------------- */

/* Not against malice: two FNV-1a with different beginnings. */
static void
digest_add(struct digest *d, const void *p, size_t len)
{
	const unsigned char *c = p;
	size_t i;

	for (i = 0; i < len; i++) {
		d->a = (d->a ^ c[i]) * 0x100000001b3u;
		d->b = (d->b ^ c[i]) * 0x100000001b3u + 1;
	}
}

static void
digest_file(struct digest *d, int at, const char *name)
{
	char buf[65536];
	int fd = openat(at, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return;
	while ((n = read(fd, buf, sizeof(buf))) > 0)
		digest_add(d, buf, (size_t)n);
	close(fd);
}

/* Sixteen hexadecimal digits in a row were taken at random. */
static void
digest_text(struct digest *d, const char *p, size_t len)
{
	size_t i = 0, run;

	while (i < len) {
		for (run = 0; i + run < len && run < 17 &&
		    strchr("0123456789abcdef", p[i + run]) != NULL &&
		    p[i + run] != '\0'; run++)
			continue;
		if (run != 16) {
			digest_add(d, p + i, run > 0 ? run : 1);
			i += run > 0 ? run : 1;
			continue;
		}
		digest_add(d, "R", 1);
		i += run;
	}
}

static int
compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The names in a directory, sorted; n = 0 if it cannot be read. */
static char **
names_of(size_t *n, int at, const char *dir)
{
	int fd = openat(at, dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;
	char **names = NULL;

	*n = 0;
	while (d != NULL && (e = readdir(d)) != NULL) {
		if (strcmp(e->d_name, ".") == 0 ||
		    strcmp(e->d_name, "..") == 0)
			continue;
		names = realloc(names, (*n + 1) * sizeof(*names));
		if (names == NULL)
			die("out of memory");
		names[(*n)++] = join(e->d_name, "");
	}
	if (d != NULL)
		closedir(d);
	if (*n > 0)
		qsort(names, *n, sizeof(*names), compare);
	return names;
}

static int
open_dir(int at, const char *name)
{
	int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		die("%s: %s", name, strerror(errno));
	return fd;
}

static void
digest_tree(struct digest *d, int at, const char *dir)
{
	char target[PATH_MAX];
	size_t n, i;
	char **names = names_of(&n, at, dir);
	int fd = open_dir(at, dir);
	ssize_t len;

	for (i = 0; i < n; i++) {
		struct stat st;

		if (fstatat(fd, names[i], &st, AT_SYMLINK_NOFOLLOW) != 0)
			die("%s: %s", names[i], strerror(errno));
		digest_text(d, names[i], strlen(names[i]));
		digest_add(d, &st.st_mode, sizeof(st.st_mode));
		if (S_ISLNK(st.st_mode)) {
			len = readlinkat(fd, names[i], target, sizeof(target));
			digest_add(d, target, len > 0 ? (size_t)len : 0);
		} else if (!S_ISDIR(st.st_mode)) {
			digest_file(d, fd, names[i]);
		} else if (strcmp(names[i], "locks") != 0) {
			digest_tree(d, fd, names[i]);
		}
		digest_add(d, "/", 1);
		free(names[i]);
	}
	free(names);
	close(fd);
}

static struct digest
tree_digest(const char *dir)
{
	struct digest d = { 0xcbf29ce484222325u, 0x84222325cbf29ce4u };

	digest_tree(&d, AT_FDCWD, dir);
	return d;
}

/* Was it there before?  It is now. */
static bool
was_seen(const struct digest *d)
{
	size_t i = (size_t)d->a & (SEEN_MAX - 1);

	for (; seen[i].a != 0; i = (i + 1) & (SEEN_MAX - 1))
		if (seen[i].a == d->a && seen[i].b == d->b)
			return true;
	if (++n_seen == SEEN_MAX)
		die("too many different states");
	seen[i] = *d;
	return false;
}

/* ---- trees ------------------------------------------------------------- */

static void
tree_remove(int at, const char *name)
{
	size_t n, i;
	char **names;
	int fd;

	if (unlinkat(at, name, 0) == 0 || errno == ENOENT)
		return;
	names = names_of(&n, at, name);
	fd = open_dir(at, name);
	for (i = 0; i < n; i++) {
		tree_remove(fd, names[i]);
		free(names[i]);
	}
	free(names);
	close(fd);
	if (unlinkat(at, name, AT_REMOVEDIR) != 0)
		die("cannot remove %s: %s", name, strerror(errno));
}

static void
file_copy(int from, int to, const char *name, const struct stat *st)
{
	const struct timespec times[2] = { st->st_mtim, st->st_mtim };
	char buf[65536];
	int in = openat(from, name, O_RDONLY | O_CLOEXEC);
	int out = openat(to, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
	    0666);
	ssize_t n = -1;

	while (in >= 0 && out >= 0 && (n = read(in, buf, sizeof(buf))) > 0)
		if (write(out, buf, (size_t)n) != n)
			die("cannot copy %s", name);
	if (n != 0 || fchmod(out, st->st_mode & 07777) != 0 ||
	    futimens(out, times) != 0)
		die("cannot copy %s", name);
	close(in);
	close(out);
}

static void
tree_copy(int from, const char *name, int to, const char *as)
{
	char target[PATH_MAX];
	size_t n, i;
	char **names = names_of(&n, from, name);
	int in = open_dir(from, name), out;
	ssize_t len;

	if (mkdirat(to, as, 0777) != 0)
		die("cannot make %s: %s", as, strerror(errno));
	out = open_dir(to, as);
	for (i = 0; i < n; i++) {
		struct stat st;

		if (fstatat(in, names[i], &st, AT_SYMLINK_NOFOLLOW) != 0)
			die("%s: %s", names[i], strerror(errno));
		if (S_ISDIR(st.st_mode)) {
			tree_copy(in, names[i], out, names[i]);
		} else if (S_ISLNK(st.st_mode)) {
			len = readlinkat(in, names[i], target,
			    sizeof(target) - 1);
			target[len > 0 ? len : 0] = '\0';
			if (symlinkat(target, out, names[i]) != 0)
				die("cannot copy %s", names[i]);
		} else {
			file_copy(in, out, names[i], &st);
		}
		free(names[i]);
	}
	free(names);
	close(in);
	close(out);
}

/* ---- one point --------------------------------------------------------- */

/* %n and %r; owned. */
static char *
expand(const struct plan *p, const char *text, long n)
{
	char number[24], *s = join("", "");
	const char *c;

	snprintf(number, sizeof(number), "%ld", n);
	for (c = text; *c != '\0'; c++) {
		char one[2] = { *c, '\0' };
		const char *more = one;
		char *longer;

		if (c[0] == '%' && (c[1] == 'n' || c[1] == 'r')) {
			more = c[1] == 'n' ? number : p->report;
			c++;
		}
		longer = join(s, more);
		free(s);
		s = longer;
	}
	return s;
}

static int
status_of(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			die("wait: %s", strerror(errno));
	return WIFEXITED(status) ? WEXITSTATUS(status) :
	    128 + WTERMSIG(status);
}

static int
command_run(const struct plan *p, long n)
{
	char *argv[ARGS_MAX + 1];
	size_t i;
	pid_t pid;
	int fd;

	unlink(p->report);
	pid = fork();
	if (pid < 0)
		die("fork: %s", strerror(errno));
	if (pid > 0)
		return status_of(pid);
	fd = open(p->said, O_WRONLY | O_CREAT | O_TRUNC, 0666);
	if (fd < 0 || dup2(fd, 1) < 0 || dup2(fd, 2) < 0 || close(fd) != 0 ||
	    chdir(p->work) != 0)
		_exit(125);
	for (i = 0; p->argv[i] != NULL && i < ARGS_MAX; i++)
		argv[i] = expand(p, p->argv[i], n);
	argv[i] = NULL;
	for (i = 0; i < p->n_values; i++)
		putenv(expand(p, p->values[i], n));
	execvp(argv[0], argv);
	_exit(125);
}

static bool
check_run(const struct plan *p, long n, int status)
{
	char text[24];
	pid_t pid = fork();

	if (pid < 0)
		die("fork: %s", strerror(errno));
	if (pid > 0)
		return status_of(pid) == 0;
	snprintf(text, sizeof(text), "%ld", n);
	setenv("POINT", text, 1);
	snprintf(text, sizeof(text), "%d", status);
	setenv("STATUS", text, 1);
	setenv("SAID", p->said, 1);
	setenv("REPORT", p->report, 1);
	if (chdir(p->work) != 0)
		_exit(125);
	execl("/bin/sh", "sh", p->check, (char *)NULL);
	_exit(125);
}

/* What the file says, up to its first line's end if so asked. */
static void
file_show(const char *name)
{
	char line[512];
	FILE *f = fopen(name, "r");

	while (f != NULL && fgets(line, sizeof(line), f) != NULL)
		printf("  %s%s", line, strchr(line, '\n') ? "" : "\n");
	if (f != NULL)
		fclose(f);
}

/* Owned; the command and the check run in another directory. */
static char *
absolute(const char *path)
{
	char here[PATH_MAX];
	char *dir, *whole;

	if (*path == '/')
		return join(path, "");
	if (getcwd(here, sizeof(here)) == NULL)
		die("%s", strerror(errno));
	dir = join(here, "/");
	whole = join(dir, path);
	free(dir);
	return whole;
}

static bool
was_hit(const struct plan *p)
{
	char line[256];
	FILE *f = fopen(p->report, "r");
	const char *hit = NULL;
	bool yes;

	if (f != NULL && fgets(line, sizeof(line), f) != NULL)
		hit = strstr(line, "hit=");
	if (hit == NULL) {
		file_show(p->said);
		die("the command left no report");
	}
	yes = hit[4] != '0';
	fclose(f);
	return yes;
}

static long
sweep(const struct plan *p)
{
	long points = 0, checks = 0, failed = 0, n;
	struct digest old = tree_digest(p->old), d;
	bool fresh = false, hit = true;
	int status;

	for (n = p->first; hit && points < p->max; n += p->step) {
		if (!fresh) {
			tree_remove(AT_FDCWD, p->work);
			tree_copy(AT_FDCWD, p->old, AT_FDCWD, p->work);
		}
		status = command_run(p, n);
		hit = was_hit(p);
		points += hit;
		d = tree_digest(p->work);
		/* What did not change is as good as a new copy. */
		fresh = d.a == old.a && d.b == old.b;
		digest_add(&d, &status, sizeof(status));
		digest_file(&d, AT_FDCWD, p->said);
		if (hit && was_seen(&d))
			continue;
		checks++;
		fresh = false;
		if (check_run(p, n, status) && (hit || status == 0))
			continue;
		failed++;
		if (failed <= FAILURES_SHOWN) {
			printf("point %ld: status %d, ", n, status);
			file_show(p->report);
			file_show(p->said);
		}
		if (failed == FAILURES_MAX)
			break;
	}
	printf("points=%ld checks=%ld failed=%ld\n", points, checks, failed);
	return failed + (points == 0);
}

/* ---- the command line -------------------------------------------------- */

static _Noreturn void
usage(void)
{
	fputs("usage: points [-s STEP] [-f FIRST] [-m MAX] [-e NAME=VALUE] "
	    "...\n    OLD WORK CHECK -- COMMAND [ARG ...]\n", stderr);
	exit(125);
}

static long
number(const char *text)
{
	char *end;
	long n = strtol(text, &end, 10);

	if (*end != '\0' || n < 1)
		usage();
	return n;
}

int
main(int argc, char **argv)
{
	static struct plan p = { .step = 1, .first = 1, .max = LONG_MAX };
	int c;

	setvbuf(stdout, NULL, _IOLBF, 0);
	while ((c = getopt(argc, argv, "+s:f:m:e:")) != -1) {
		if (c == 's')
			p.step = number(optarg);
		else if (c == 'f')
			p.first = number(optarg);
		else if (c == 'm')
			p.max = number(optarg);
		else if (c == 'e' && p.n_values < VALUES_MAX)
			p.values[p.n_values++] = optarg;
		else
			usage();
	}
	argv += optind;
	argc -= optind;
	if (argc < 5 || strcmp(argv[3], "--") != 0 || argc - 4 > ARGS_MAX)
		usage();
	p.old = absolute(argv[0]);
	p.work = absolute(argv[1]);
	p.check = absolute(argv[2]);
	p.argv = argv + 4;
	p.said = join(p.work, ".said");
	p.report = join(p.work, ".report");
	return sweep(&p) != 0;
}
