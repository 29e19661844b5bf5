/*
 * lib/base/term: numbers, and what a real (pseudo) terminal gets to see of
 * progress, pager and colour.
 */

#include "lib/base/term.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/clock.h"
#include "tests/unit/tap.h"

static bool
size_is(uint64_t bytes, const char *want)
{
	char out[16];

	return !strcmp(term_size(out, bytes), want);
}

static bool
count_is(uint64_t n, const char *want)
{
	char out[32];

	return !strcmp(term_count(out, n), want);
}

static bool
counted_is(uint64_t n, const char *noun, const char *want)
{
	char out[64];

	return !strcmp(term_counted(out, n, noun), want);
}

static void
test_numbers(void)
{
	ok(counted_is(0, "file", "0 files") && counted_is(1, "file", "1 file") &&
	    counted_is(1000, "file", "1,000 files"), "counted things");
	ok(counted_is(UINT64_MAX, "abcdefghijklmnopqrstuvwxyz",
	    "18,446,744,073,709,551,615 abcdefghijklmnopqrstuvwxs"),
	    "counted things, at the limit");
	ok(size_is(0, "0 B") && size_is(999, "999 B"), "bytes");
	ok(size_is(1000, "1 kB") && size_is(1500000, "1.5 MB"),
	    "no more digits than needed");
	ok(size_is(1234567, "1.23 MB") && size_is(12345678, "12.3 MB") &&
	    size_is(123456789, "123 MB"), "three digits");
	ok(size_is(999499, "999 kB") && size_is(999500, "1 MB"),
	    "rounded up to the next unit");
	ok(size_is(UINT64_MAX, "18.4 EB"), "the largest size");
	ok(count_is(0, "0") && count_is(999, "999") &&
	    count_is(1000, "1,000") && count_is(1234567, "1,234,567"),
	    "counts");
	ok(count_is(UINT64_MAX, "18,446,744,073,709,551,615"),
	    "the largest count");
}

static void
test_no_terminal(void)
{
	int fd = open("/dev/null", O_WRONLY);

	setenv("COLUMNS", "123", 1);
	ok(isatty(1) || term_width() == 123, "COLUMNS");
	setenv("COLUMNS", "-5", 1);
	ok(isatty(1) || term_width() == 80, "a COLUMNS that makes no sense");
	setenv("TERM", "xterm", 1);
	unsetenv("NO_COLOR");
	unsetenv("CLICOLOR_FORCE");
	ok(!term_colour(fd, TERM_AUTO) && term_colour(fd, TERM_ALWAYS) &&
	    !term_colour(fd, TERM_NEVER), "a file is coloured if told so");
	setenv("CLICOLOR_FORCE", "1", 1);
	ok(term_colour(fd, TERM_AUTO), "or by CLICOLOR_FORCE");
	setenv("NO_COLOR", "1", 1);
	ok(!term_colour(fd, TERM_AUTO) && term_colour(fd, TERM_ALWAYS),
	    "NO_COLOR wins over that, but not over being told");
	setenv("NO_COLOR", "", 1);
	setenv("CLICOLOR_FORCE", "0", 1);
	ok(!term_colour(fd, TERM_AUTO), "neither means anything then");
	unsetenv("CLICOLOR_FORCE");
	unsetenv("NO_COLOR");
	close(fd);
}

#ifdef TIOCGPTN

/* Both ends of a pseudo terminal, 50 columns wide. */
static bool
open_pty(int *master, int *slave)
{
	struct winsize size = { .ws_row = 24, .ws_col = 50 };
	char name[32];
	int unlock = 0;
	int n;

	*master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (*master < 0 || ioctl(*master, TIOCSPTLCK, &unlock) ||
	    ioctl(*master, TIOCGPTN, &n))
		return false;
	snprintf(name, sizeof(name), "/dev/pts/%d", n);
	*slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
	return *slave >= 0 && !ioctl(*slave, TIOCSWINSZ, &size);
}

/* What a child that runs fn on a terminal shows there. */
static void
show(struct buf *out, void (*fn)(void))
{
	int master, slave;
	char part[256];
	ssize_t n;
	pid_t child;

	buf_clear(out);
	fflush(stdout);
	if (!open_pty(&master, &slave))
		return;
	child = fork();
	if (!child) {
		for (int fd = 0; fd < 3; fd++)
			if (dup2(slave, fd) < 0)
				_exit(1);
		fn();
		fflush(stdout);
		_exit(0);
	}
	close(slave);
	while ((n = read(master, part, sizeof(part))) > 0)
		buf_add(out, part, (size_t)n);
	waitpid(child, NULL, 0);
	close(master);
}

static void
work_for(int64_t ms, uint64_t step)
{
	int64_t until = clock_ms() + ms;
	struct timespec ts = { .tv_nsec = 1000000 };

	while (clock_ms() < until) {
		nanosleep(&ts, NULL);
		term_progress_add(step);
	}
}

static void
slow_work(void)
{
	term_progress_begin("hash\033ing", TERM_BYTES, 1000000000);
	work_for(900, 1000);
	term_progress_end();
}

static void
quick_work(void)
{
	term_progress_begin("hashing", TERM_ITEMS, 0);
	work_for(100, 1);
	term_progress_end();
	term_progress_quiet(true);
	term_progress_begin("hashing", TERM_ITEMS, 0);
	work_for(700, 1);
	term_progress_end();
}

static void
colours(void)
{
	printf("%zu %d", term_width(), term_colour(1, TERM_AUTO));
	setenv("TERM", "dumb", 1);
	printf(" %d", term_colour(1, TERM_AUTO));
}

static void
paged(void)
{
	if (term_pager_start())
		_exit(1);
	printf("text %zu %d\n", term_width(), term_colour(1, TERM_AUTO));
	term_pager_end();
	printf("after\n");
}

static size_t
occurrences(const struct buf *b, const char *what)
{
	size_t n = 0;

	for (const char *p = b->p; p && (p = strstr(p, what)); p++)
		n++;
	return n;
}

static bool
shows(void (*fn)(void), const char *want)
{
	struct buf out = BUF_INIT;
	bool good;

	show(&out, fn);
	good = !strcmp(buf_cstr(&out), want);
	if (!good)
		printf("# got %s\n", buf_cstr(&out));
	buf_release(&out);
	return good;
}

static void
test_terminal(void)
{
	struct buf out = BUF_INIT;
	static const char first[] = "\rhash\\x1bing: ";
	static const char last[] = "\r\033[K";
	size_t lines;

	show(&out, slow_work);
	lines = occurrences(&out, first);
	ok(out.len && !strncmp(out.p, first, sizeof(first) - 1),
	    "progress begins");
	ok(occurrences(&out, " of 1 GB, ") == lines, "says how much of it");
	ok(occurrences(&out, "kB/s") == lines, "and how fast");
	ok(lines >= 1 && lines <= 5, "ten times a second, after half of one");
	ok(out.len > 4 && !strcmp(out.p + out.len - 4, last),
	    "and leaves nothing behind");
	buf_release(&out);
	ok(shows(quick_work, ""), "quick or quiet work shows nothing");
	ok(shows(colours, "50 1 0"), "width; colour, unless it is dumb");
	setenv("DSV_PAGER", "sed s/^/P:/", 1);
	setenv("PAGER", "false", 1);
	ok(shows(paged, "P:text 50 1\r\nafter\r\n"), "DSV_PAGER");
	unsetenv("DSV_PAGER");
	setenv("PAGER", "sed 's/text/$LESS/'", 1);
	ok(shows(paged, "$LESS 50 1\r\nafter\r\n"), "PAGER, by the shell");
	setenv("PAGER", "sed \"s/text/$LESS $LV/\"", 1);
	unsetenv("LESS");
	unsetenv("LV");
	ok(shows(paged, "FRX -c 50 1\r\nafter\r\n"), "LESS and LV are set");
	setenv("LESS", "mine", 1);
	ok(shows(paged, "mine -c 50 1\r\nafter\r\n"), "unless they were");
	setenv("PAGER", "cat", 1);
	ok(shows(paged, "text 50 1\r\nafter\r\n"), "cat is no pager");
	setenv("DSV_PAGER", "", 1);
	setenv("PAGER", "false", 1);
	ok(shows(paged, "text 50 1\r\nafter\r\n"), "nor is nothing");
}

#endif

int
main(void)
{
#ifdef TIOCGPTN
	int master = -1, slave = -1;
#endif

	test_numbers();
	test_no_terminal();
#ifdef TIOCGPTN
	if (open_pty(&master, &slave))
		test_terminal();
	else
		ok(true, "a terminal # SKIP there is none to be had");
	close(master);
	close(slave);
#else
	ok(true, "a terminal # SKIP no way to make one");
#endif
	return tap_end();
}
