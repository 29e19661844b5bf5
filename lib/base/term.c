/*
 * The terminal and the pager are the process's own, so what is remembered
 * about them is static; the main thread alone calls all this.
 */

#include "lib/base/term.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/clock.h"
#include "lib/base/text.h"

#define SHOW_AFTER_MS 500
#define REDRAW_MS 100
#define ERASE "\r\033[K"

static struct {
	pid_t pid;		/* 0: no pager */
	int old_stdout;
	size_t width;		/* of the terminal behind it */
} pager;

static struct {
	const char *what;	/* NULL: nothing to show */
	enum term_unit unit;
	uint64_t total, done;
	int64_t start, drawn_at;
	bool drawn;
	bool quiet;
} progress;

/* 0 if it is no terminal or will not say. */
static size_t
width_of(int fd)
{
#ifdef TIOCGWINSZ
	struct winsize size;

	if (!ioctl(fd, TIOCGWINSZ, &size))
		return size.ws_col;
#else
	(void)fd;
#endif
	return 0;
}

size_t
term_width(void)
{
	const char *text = getenv("COLUMNS");
	size_t width = pager.pid ? pager.width : width_of(STDOUT_FILENO);
	char *end;
	long n;

	if (!width && text && *text) {
		n = strtol(text, &end, 10);
		if (!*end && n > 0 && n < 10000)
			width = (size_t)n;
	}
	return width ? width : 80;
}

static const char *
env_set(const char *name)
{
	const char *value = getenv(name);

	return value && *value ? value : NULL;
}

static bool
is_dumb(void)
{
	const char *term = env_set("TERM");

	return !term || !strcmp(term, "dumb");
}

bool
term_colour(int fd, enum term_when when)
{
	const char *force = env_set("CLICOLOR_FORCE");

	if (when != TERM_AUTO)
		return when == TERM_ALWAYS;
	if (env_set("NO_COLOR"))
		return false;
	if (force && strcmp(force, "0"))
		return true;
	return !is_dumb() && (isatty(fd) ||
	    (pager.pid && fd == STDOUT_FILENO));
}

/* ---- the pager -------------------------------------------------------- */

static bool
in_path(const char *program)
{
	const char *path = env_set("PATH");
	struct buf name = BUF_INIT;
	bool found = false;

	while (path && !found) {
		size_t len = strcspn(path, ":");

		buf_clear(&name);
		buf_printf(&name, "%.*s/%s", (int)len, len ? path : ".",
		    program);
		found = !access(name.p, X_OK);
		path = path[len] ? path + len + 1 : NULL;
	}
	buf_release(&name);
	return found;
}

/* NULL if output is to go out as it is. */
static const char *
pager_command(void)
{
	const char *command = getenv("DSV_PAGER");

	if (!command)
		command = getenv("PAGER");
	if (!command)
		command = in_path("less") ? "less" : "";
	if (!*command || !strcmp(command, "cat"))
		return NULL;
	return command;
}

static void
set_signal(int sig, void (*handler)(int))
{
	struct sigaction action = { .sa_flags = 0 };

	action.sa_handler = handler;
	sigemptyset(&action.sa_mask);
	sigaction(sig, &action, NULL);
}

/* In the child: never returns. */
static void
pager_run(const char *command, const int ends[2])
{
	set_signal(SIGPIPE, SIG_DFL);
	set_signal(SIGINT, SIG_DFL);
	set_signal(SIGTERM, SIG_DFL);
	set_signal(SIGHUP, SIG_DFL);
	setenv("LESS", "FRX", 0);
	setenv("LV", "-c", 0);
	if (dup2(ends[0], STDIN_FILENO) >= 0) {
		close(ends[0]);
		close(ends[1]);
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	}
	_exit(127);
}

err_t
term_pager_start(void)
{
	const char *command = pager_command();
	int ends[2];
	pid_t pid;
	err_t err = NULL;

	if (!command || pager.pid || !isatty(STDOUT_FILENO) || is_dumb())
		return NULL;
	pager.width = width_of(STDOUT_FILENO);
	fflush(stdout);
	if (pipe(ends))
		return err_sys("cannot make a pipe to the pager");
	pager.old_stdout = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
	pid = pager.old_stdout < 0 ? -1 : fork();
	if (!pid)
		pager_run(command, ends);
	if (pid < 0 || dup2(ends[1], STDOUT_FILENO) < 0)
		err = err_sys("cannot start the pager");
	else
		pager.pid = pid;
	close(ends[0]);
	close(ends[1]);
	return err;
}

void
term_pager_end(void)
{
	if (!pager.pid)
		return;
	fflush(stdout);
	dup2(pager.old_stdout, STDOUT_FILENO);
	close(pager.old_stdout);
	/* An interrupt is now the pager's business: do not leave it behind. */
	set_signal(SIGINT, SIG_IGN);
	while (waitpid(pager.pid, NULL, 0) < 0 && errno == EINTR)
		;
	pager.pid = 0;
}

/* ---- progress --------------------------------------------------------- */

void
term_progress_quiet(bool quiet)
{
	progress.quiet = quiet;
}

void
term_progress_begin(const char *what, enum term_unit unit, uint64_t total)
{
	term_progress_end();
	if (progress.quiet || pager.pid || is_dumb() ||
	    !isatty(STDERR_FILENO))
		return;
	progress.what = what;
	progress.unit = unit;
	progress.total = total;
	progress.done = 0;
	progress.start = clock_ms();
	progress.drawn_at = 0;
}

static void
add_amount(struct buf *out, uint64_t amount)
{
	char size[16], count[32];

	buf_str(out, progress.unit == TERM_BYTES ? term_size(size, amount) :
	    term_count(count, amount));
}

static void
add_time_left(struct buf *out, uint64_t seconds)
{
	if (seconds < 60)
		buf_printf(out, ", %u s left", (unsigned)seconds);
	else if (seconds < 3600)
		buf_printf(out, ", %u min %u s left", (unsigned)seconds / 60,
		    (unsigned)seconds % 60);
	else if (seconds < 100 * 3600)
		buf_printf(out, ", %u h %u min left",
		    (unsigned)seconds / 3600, (unsigned)seconds % 3600 / 60);
}

/* "hashing: 1.2 GB of 3.4 GB, 420 MB/s, 5 s left" */
static void
progress_line(struct buf *out, int64_t elapsed_ms)
{
	double rate = (double)progress.done * 1000 / (double)elapsed_ms;

	text_escape(out, progress.what, strlen(progress.what));
	buf_str(out, ": ");
	add_amount(out, progress.done);
	if (progress.total) {
		buf_str(out, " of ");
		add_amount(out, progress.total);
	}
	if (rate < 1)
		return;
	buf_str(out, ", ");
	add_amount(out, (uint64_t)rate);
	buf_str(out, "/s");
	if (progress.total > progress.done)
		add_time_left(out, (uint64_t)(
		    (double)(progress.total - progress.done) / rate + 0.5));
}

/* One write, so that lines do not flicker; a terminal that fails is no reason
 * to stop working. */
static void
say(const char *p, size_t len)
{
	if (write(STDERR_FILENO, p, len) < 0)
		progress.drawn = false;
}

static void
progress_draw(int64_t now)
{
	struct buf line = BUF_INIT;
	struct buf text = BUF_INIT;
	size_t width = width_of(STDERR_FILENO);

	progress_line(&line, now - progress.start);
	if (!width)
		width = 80;
	buf_str(&text, "\r");
	buf_add(&text, line.p, text_fit(line.p, line.len, width - 1));
	buf_str(&text, "\033[K");
	progress.drawn = true;
	progress.drawn_at = now;
	say(text.p, text.len);
	buf_release(&text);
	buf_release(&line);
}

void
term_progress_add(uint64_t amount)
{
	int64_t now;

	if (!progress.what)
		return;
	progress.done += amount;
	now = clock_ms();
	if (now - progress.start >= SHOW_AFTER_MS &&
	    now - progress.drawn_at >= REDRAW_MS)
		progress_draw(now);
}

void
term_progress_hide(void)
{
	if (!progress.drawn)
		return;
	say(ERASE, sizeof(ERASE) - 1);
	progress.drawn = false;
	progress.drawn_at = 0;
}

void
term_progress_end(void)
{
	term_progress_hide();
	progress.what = NULL;
}

/* ---- numbers ---------------------------------------------------------- */

const char *
term_size(char out[16], uint64_t bytes)
{
	static const char *const units[] = {
		"B", "kB", "MB", "GB", "TB", "PB", "EB",
	};
	uint64_t small = 1;	/* a thousandth of the unit */
	uint64_t n, step;
	size_t unit = 1;
	unsigned whole, rest;

	if (bytes < 1000) {
		snprintf(out, 16, "%u B", (unsigned)bytes);
		return out;
	}
	while (unit + 1 < ARRAY_LEN(units) && bytes / small >= 1000000) {
		small *= 1000;
		unit++;
	}
	n = bytes / small;	/* 1000 to 999999 thousandths */
	step = n < 10000 ? 10 : n < 100000 ? 100 : 1000;
	n = (n + step / 2) / step * step;
	if (n >= 1000000 && unit + 1 < ARRAY_LEN(units)) {
		n = 1000;
		unit++;
	}
	whole = (unsigned)(n / 1000);
	rest = (unsigned)(n % 1000);
	if (rest % 100)
		snprintf(out, 16, "%u.%02u %s", whole, rest / 10, units[unit]);
	else if (rest)
		snprintf(out, 16, "%u.%u %s", whole, rest / 100, units[unit]);
	else
		snprintf(out, 16, "%u %s", whole, units[unit]);
	return out;
}

const char *
term_count(char out[32], uint64_t n)
{
	char digits[24];
	int len = snprintf(digits, sizeof(digits), "%llu",
	    (unsigned long long)n);
	size_t at = 0;

	for (int i = 0; i < len; i++) {
		if (i && (len - i) % 3 == 0)
			out[at++] = ',';
		out[at++] = digits[i];
	}
	out[at] = '\0';
	return out;
}

const char *
term_counted(char out[64], uint64_t n, const char *noun)
{
	char number[32];

	snprintf(out, 64, "%s %.24s%s", term_count(number, n), noun,
	    n == 1 ? "" : "s");
	return out;
}
