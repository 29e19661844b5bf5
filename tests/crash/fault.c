/*
 * Runs a command and makes the Nth of its system calls go wrong.
 *
 *	fault [-s] [-c CLASS] [-o FILE] MODE N -- COMMAND [ARG …]
 *
 * MODE, applied at the Nth point (counted from 1 over all threads and
 * children; 0 is never, and counts them):
 *	kill		SIGKILL to all of the command, before the call
 *	killexit	the same after the call has done its work
 *	term, int	the signal to the command, before the call
 *	errno:E[,E...]	the call is not made, and fails with E (a number, or
 *			one of the names below); of several, with the one
 *			whose turn it is by N.  A close is made, and then
 *			fails: systems free the descriptor all the same
 *	short		half of the bytes are written; only writes of two
 *			bytes or more are points then
 *	pause:SHELL	SHELL is run by sh while the command stands still
 * -s: from the Nth point on, not only there (errno, short).
 * CLASS, which calls are points: effect (the default: those that change a
 * file or a directory, but not writes to descriptors 0, 1 and 2), write,
 * sync, fail (those that a system may refuse, from the first fcntl on, with
 * which the main function of dsv begins), all.
 *
 * One line goes to FILE (standard error without -o):
 *	points=P hit=H call=C end=exit|signal status=S pause=Q
 * H says how often the fault was applied, C is the last call that it was
 * applied to, Q the status of the paused shell.  The exit status is that of
 * the command, or 128 + its signal, or 125 if fault itself failed.
 *
 * How: the command is seized with ptrace when it execs; its system calls are
 * told apart by PTRACE_GET_SYSCALL_INFO, since counting entries and exits by
 * turns is off by one after an exec.  It works on static programs too, which
 * a preloaded library would not.  Changing a call needs the registers, which
 * are known here for x86-64 only; the other modes work on every Linux.
 */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#define FAILED 125
#define TASKS 1024
#define N(a) (sizeof(a) / sizeof((a)[0]))

enum mode { M_KILL, M_KILLEXIT, M_SIGNAL, M_ERRNO, M_SHORT, M_PAUSE };
enum class { C_EFFECT, C_WRITE, C_SYNC, C_FAIL, C_ALL };

/* What is to happen. */
struct plan {
	enum mode mode;
	enum class class;
	bool sticky;
	long nth;
	int value;		/* the signal or the errno */
	const char *shell;	/* for M_PAUSE */
};

/* What has happened. */
struct tally {
	long points;
	long hits;
	char call[32];
	int paused;		/* exit status of the paused shell */
	int status;		/* of the command, from wait */
};

/* A thread or process of the command. */
struct task {
	pid_t tid;
	bool kill;		/* at its next exit from a call */
	int fail;		/* errno to answer at its next exit, or 0 */
};

static struct task tasks[TASKS];
static size_t n_tasks;
static pid_t root;

static _Noreturn void __attribute__((format(printf, 1, 2)))
die(const char *fmt, ...)
{
	va_list ap;

	fputs("fault: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(FAILED);
}

/* ---- which calls are points -------------------------------------------- */

enum trait {
	T_WRITE = 1 << 0,
	T_SYNC = 1 << 1,
	T_NAME = 1 << 2,	/* changes a directory or an inode */
	T_FD = 1 << 3,		/* its first argument is a descriptor, and
				 * 0, 1 and 2 are not of interest */
	T_OPEN = 1 << 4,	/* only with O_CREAT, O_TRUNC or O_TMPFILE */
	T_HALF = 1 << 5,	/* its third argument may be made smaller */
};

#define CALL(name, traits) { SYS_##name, traits, #name }
static const struct call {
	long nr;
	int traits;
	const char *name;
} calls[] = {
	CALL(write, T_WRITE | T_FD | T_HALF),
	CALL(pwrite64, T_WRITE | T_FD | T_HALF),
	CALL(writev, T_WRITE | T_FD),
	CALL(pwritev, T_WRITE | T_FD),
	CALL(copy_file_range, T_WRITE),
	CALL(sendfile, T_WRITE | T_FD),
	CALL(ftruncate, T_WRITE),
	CALL(truncate, T_WRITE),
	CALL(fallocate, T_WRITE),
	CALL(openat, T_NAME | T_OPEN),
	CALL(openat2, T_NAME | T_OPEN),
	CALL(renameat2, T_NAME),
	CALL(linkat, T_NAME),
	CALL(symlinkat, T_NAME),
	CALL(unlinkat, T_NAME),
	CALL(mkdirat, T_NAME),
	CALL(fchmod, T_NAME),
	CALL(fchmodat, T_NAME),
	CALL(utimensat, T_NAME),
#ifdef SYS_renameat
	CALL(renameat, T_NAME),
#endif
#ifdef SYS_open			/* the calls of old, where they exist */
	CALL(open, T_NAME | T_OPEN),
	CALL(rename, T_NAME),
	CALL(link, T_NAME),
	CALL(symlink, T_NAME),
	CALL(unlink, T_NAME),
	CALL(mkdir, T_NAME),
	CALL(rmdir, T_NAME),
	CALL(chmod, T_NAME),
#endif
	CALL(fsync, T_SYNC),
	CALL(fdatasync, T_SYNC),
	CALL(sync_file_range, T_SYNC),
	CALL(syncfs, T_SYNC),
	CALL(msync, T_SYNC),
};

static const struct call *
call_find(uint64_t nr)
{
	size_t i;

	for (i = 0; i < N(calls); i++)
		if ((uint64_t)calls[i].nr == nr)
			return &calls[i];
	return NULL;
}

/* The flags of an open; openat2 has them in memory, in the first word of its
 * third argument. */
static uint64_t
open_flags(pid_t tid, const struct call *c, const uint64_t *args)
{
	if (c->nr == SYS_openat2)
		return (uint64_t)ptrace(PTRACE_PEEKDATA, tid, (void *)args[2],
		    NULL);
	return args[c->nr == SYS_openat ? 2 : 1];
}

/* What a program need not expect to fail, and the C library does not. */
static bool
never_fails(uint64_t nr)
{
	static const long calls_that[] = {
		SYS_exit, SYS_exit_group, SYS_futex, SYS_rt_sigreturn,
		SYS_rt_sigprocmask, SYS_rt_sigaction, SYS_munmap,
		SYS_set_robust_list, SYS_set_tid_address, SYS_sched_yield,
		SYS_restart_syscall, SYS_getpid, SYS_gettid, SYS_getuid,
		SYS_geteuid, SYS_getgid, SYS_getegid, SYS_clock_gettime,
		SYS_tgkill, SYS_execve, SYS_brk,
	};
	size_t i;

	for (i = 0; i < N(calls_that); i++)
		if ((uint64_t)calls_that[i] == nr)
			return true;
	return false;
}

static bool
is_point(const struct plan *plan, pid_t tid, uint64_t nr,
    const struct call *c, const uint64_t *args)
{
	const uint64_t makes = O_CREAT | O_TRUNC | (O_TMPFILE & ~O_DIRECTORY);
	static bool begun;

	begun = begun || nr == SYS_fcntl;
	if (plan->class == C_FAIL && (!begun || never_fails(nr)))
		return false;
	if (plan->mode == M_SHORT)
		return c != NULL && (c->traits & T_HALF) && args[0] > 2 &&
		    args[2] > 1;
	if (plan->class == C_ALL)
		return true;
	if (c != NULL && (c->traits & T_FD) && args[0] <= 2)
		return false;
	if (plan->class == C_FAIL)
		return true;
	if (c == NULL)
		return false;
	if (plan->class == C_WRITE)
		return c->traits & T_WRITE;
	if (plan->class == C_SYNC)
		return c->traits & T_SYNC;
	return !(c->traits & T_OPEN) || (open_flags(tid, c, args) & makes);
}

/* ---- changing a call --------------------------------------------------- */

#if defined(__x86_64__)
static void
regs_get(pid_t tid, struct user_regs_struct *out)
{
	if (ptrace(PTRACE_GETREGS, tid, NULL, out) != 0)
		die("registers: %s", strerror(errno));
}

static void
regs_set(pid_t tid, struct user_regs_struct *regs)
{
	if (ptrace(PTRACE_SETREGS, tid, NULL, regs) != 0 && errno != ESRCH)
		die("registers: %s", strerror(errno));
}

/* At its entry: the call is not made. */
static void
call_skip(pid_t tid)
{
	struct user_regs_struct regs;

	regs_get(tid, &regs);
	regs.orig_rax = (unsigned long long)-1;
	regs_set(tid, &regs);
}

/* At its exit: this is what it answers. */
static void
call_answer(pid_t tid, int error)
{
	struct user_regs_struct regs;

	regs_get(tid, &regs);
	regs.rax = (unsigned long long)-error;
	regs_set(tid, &regs);
}

/* At its entry: half of the third argument. */
static void
call_halve(pid_t tid)
{
	struct user_regs_struct regs;

	regs_get(tid, &regs);
	regs.rdx /= 2;
	regs_set(tid, &regs);
}
#define CAN_CHANGE true
#else
static void call_skip(pid_t tid) { (void)tid; }
static void call_answer(pid_t tid, int error) { (void)tid; (void)error; }
static void call_halve(pid_t tid) { (void)tid; }
#define CAN_CHANGE false
#endif

/* ---- the run ----------------------------------------------------------- */

static struct task *
task_get(pid_t tid)
{
	size_t i;

	for (i = 0; i < n_tasks; i++)
		if (tasks[i].tid == tid)
			return &tasks[i];
	if (n_tasks == TASKS)
		die("more than %d threads and processes", TASKS);
	tasks[n_tasks] = (struct task){ tid, false, 0 };
	return &tasks[n_tasks++];
}

static void
task_gone(pid_t tid)
{
	struct task *t = task_get(tid);

	*t = tasks[--n_tasks];
}

static void
kill_all(void)
{
	size_t i;

	kill(root, SIGKILL);
	for (i = 0; i < n_tasks; i++)
		kill(tasks[i].tid, SIGKILL);
}

static int
shell_run(const char *command)
{
	int status = system(command);

	if (status == -1)
		die("sh: %s", strerror(errno));
	return WIFEXITED(status) ? WEXITSTATUS(status) :
	    128 + WTERMSIG(status);
}

static void
apply(const struct plan *plan, struct tally *tally, struct task *t,
    uint64_t nr)
{
	switch (plan->mode) {
	case M_KILL:
		call_skip(t->tid);
		kill_all();
		break;
	case M_KILLEXIT:
		t->kill = true;
		break;
	case M_SIGNAL:
		kill(root, plan->value);
		break;
	case M_ERRNO:
		if (nr != SYS_close)
			call_skip(t->tid);
		t->fail = plan->value;
		break;
	case M_SHORT:
		call_halve(t->tid);
		break;
	case M_PAUSE:
		tally->paused = shell_run(plan->shell);
		break;
	}
}

static void
at_entry(const struct plan *plan, struct tally *tally, struct task *t,
    uint64_t nr, const uint64_t *args)
{
	const struct call *c = call_find(nr);

	if (!is_point(plan, t->tid, nr, c, args))
		return;
	tally->points++;
	if (plan->nth == 0 || tally->points < plan->nth ||
	    (tally->points > plan->nth && !plan->sticky))
		return;
	tally->hits++;
	if (c != NULL)
		snprintf(tally->call, sizeof(tally->call), "%s", c->name);
	else
		snprintf(tally->call, sizeof(tally->call), "%llu",
		    (unsigned long long)nr);
	apply(plan, tally, t, nr);
}

static void
at_exit(struct task *t)
{
	if (t->kill)
		kill_all();
	if (t->fail != 0)
		call_answer(t->tid, t->fail);
	t->kill = false;
	t->fail = 0;
}

static void
at_call(const struct plan *plan, struct tally *tally, pid_t tid)
{
	struct __ptrace_syscall_info info;
	uint64_t args[6];
	unsigned i;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, tid, (void *)sizeof(info),
	    &info) < 0)
		return;			/* it was killed meanwhile */
	if (info.op == PTRACE_SYSCALL_INFO_EXIT)
		at_exit(task_get(tid));
	if (info.op != PTRACE_SYSCALL_INFO_ENTRY)
		return;
	for (i = 0; i < N(args); i++)
		args[i] = info.entry.args[i];
	at_entry(plan, tally, task_get(tid), info.entry.nr, args);
}

/* A stop that is not the end of a task: do what it calls for, and go on. */
static void
at_stop(const struct plan *plan, struct tally *tally, pid_t tid, int status)
{
	int sig = WSTOPSIG(status), event = status >> 16;

	if (sig == (SIGTRAP | 0x80)) {
		at_call(plan, tally, tid);
		sig = 0;
	} else if (event == PTRACE_EVENT_STOP && sig != SIGTRAP) {
		ptrace(PTRACE_LISTEN, tid, NULL, NULL);
		return;
	} else if (event != 0) {
		task_get(tid);		/* an exec, or a new task */
		sig = 0;
	}
	ptrace(PTRACE_SYSCALL, tid, NULL, (void *)(intptr_t)sig);
}

/* The command waits at the pipe until it is seized. */
static pid_t
start(char **argv)
{
	const long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE |
	    PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACEEXEC |
	    PTRACE_O_EXITKILL;
	int go[2];
	pid_t pid;
	char c;

	if (pipe2(go, O_CLOEXEC) != 0)
		die("pipe: %s", strerror(errno));
	pid = fork();
	if (pid < 0)
		die("fork: %s", strerror(errno));
	if (pid == 0) {
		close(go[1]);
		/* Its leak checker would not work while it is traced. */
		setenv("ASAN_OPTIONS", "exitcode=134:detect_leaks=0", 1);
		if (read(go[0], &c, 1) == 0)
			execvp(argv[0], argv);
		_exit(FAILED);
	}
	close(go[0]);
	if (ptrace(PTRACE_SEIZE, pid, NULL, (void *)options) != 0)
		die("ptrace: %s", strerror(errno));
	close(go[1]);
	return pid;
}

static void
run(const struct plan *plan, struct tally *tally, char **argv)
{
	int status;
	pid_t tid;

	root = start(argv);
	for (;;) {
		tid = waitpid(-1, &status, __WALL);
		if (tid < 0 && errno == EINTR)
			continue;
		if (tid < 0)
			break;
		if (WIFSTOPPED(status)) {
			at_stop(plan, tally, tid, status);
			continue;
		}
		if (tid == root)
			tally->status = status;
		task_gone(tid);
	}
	if (tally->status == FAILED << 8 && tally->points == 0)
		die("%s: cannot be run", argv[0]);
}

/* ---- the command line -------------------------------------------------- */

static _Noreturn void
usage(void)
{
	fputs("usage: fault [-s] [-c effect|write|sync|fail|all] [-o FILE] "
	    "MODE N -- COMMAND [ARG ...]\n"
	    "MODE: kill, killexit, term, int, errno:E, short, pause:SHELL\n",
	    stderr);
	exit(FAILED);
}

static long
number_parse(const char *text, long max)
{
	char *end;
	long n;

	errno = 0;
	n = strtol(text, &end, 10);
	if (errno != 0 || end == text || *end != '\0' || n < 0 || n > max)
		usage();
	return n;
}

static int
errno_parse(const char *text)
{
	static const struct { const char *name; int value; } names[] = {
		{ "EIO", EIO }, { "ENOSPC", ENOSPC }, { "EDQUOT", EDQUOT },
		{ "ENOMEM", ENOMEM }, { "EINTR", EINTR },
		{ "EMFILE", EMFILE }, { "EACCES", EACCES },
		{ "EROFS", EROFS }, { "EFBIG", EFBIG }, { "EPERM", EPERM },
	};
	size_t i;

	for (i = 0; i < N(names); i++)
		if (strcmp(text, names[i].name) == 0)
			return names[i].value;
	return (int)number_parse(text, 4095);
}

/* Of a list, the one that comes after n others when it begins anew. */
static int
errno_pick(const char *list, long n)
{
	char *all = strdup(list), *one = NULL;
	int value, count = 1;
	const char *c;

	for (c = list; *c != '\0'; c++)
		count += *c == ',';
	for (n %= count, one = strtok(all, ","); one != NULL && n > 0; n--)
		one = strtok(NULL, ",");
	if (one == NULL)
		usage();
	value = errno_parse(one);
	free(all);
	return value;
}

static void
mode_parse(struct plan *plan, const char *text)
{
	static const struct { const char *name; enum mode mode; int value; }
	names[] = {
		{ "kill", M_KILL, 0 }, { "killexit", M_KILLEXIT, 0 },
		{ "term", M_SIGNAL, SIGTERM }, { "int", M_SIGNAL, SIGINT },
		{ "short", M_SHORT, 0 },
	};
	size_t i;

	if (strncmp(text, "pause:", 6) == 0) {
		plan->mode = M_PAUSE;
		plan->shell = text + 6;
		return;
	}
	if (strncmp(text, "errno:", 6) == 0) {
		plan->mode = M_ERRNO;
		plan->value = errno_pick(text + 6,
		    plan->nth > 0 ? plan->nth - 1 : 0);
		return;
	}
	for (i = 0; i < N(names) && strcmp(text, names[i].name) != 0; i++)
		continue;
	if (i == N(names))
		usage();
	plan->mode = names[i].mode;
	plan->value = names[i].value;
}

static enum class
class_parse(const char *text)
{
	static const char *const names[] = { "effect", "write", "sync",
	    "fail", "all" };
	unsigned i;

	for (i = 0; i < N(names); i++)
		if (strcmp(text, names[i]) == 0)
			return (enum class)i;
	usage();
}

static void
report(const struct tally *tally, const char *name)
{
	FILE *f = name == NULL ? stderr : fopen(name, "w");
	bool killed = WIFSIGNALED(tally->status);

	if (f == NULL)
		die("%s: %s", name, strerror(errno));
	fprintf(f, "points=%ld hit=%ld call=%s end=%s status=%d pause=%d\n",
	    tally->points, tally->hits, tally->call,
	    killed ? "signal" : "exit", killed ? WTERMSIG(tally->status) :
	    WEXITSTATUS(tally->status), tally->paused);
	if (f != stderr && fclose(f) != 0)
		die("%s: %s", name, strerror(errno));
}

int
main(int argc, char **argv)
{
	struct plan plan = { .class = C_EFFECT };
	struct tally tally = { .call = "-" };
	const char *out = NULL;
	int c;

	while ((c = getopt(argc, argv, "+sc:o:")) != -1) {
		if (c == 's')
			plan.sticky = true;
		else if (c == 'c')
			plan.class = class_parse(optarg);
		else if (c == 'o')
			out = optarg;
		else
			usage();
	}
	if (argc - optind < 3)
		usage();
	plan.nth = number_parse(argv[optind + 1], LONG_MAX);
	mode_parse(&plan, argv[optind]);
	optind += 2;
	if (strcmp(argv[optind], "--") == 0)
		optind++;
	if (optind >= argc)
		usage();
	if (!CAN_CHANGE && (plan.mode == M_ERRNO || plan.mode == M_SHORT))
		die("errno and short need an x86-64");
	run(&plan, &tally, argv + optind);
	report(&tally, out);
	return WIFSIGNALED(tally.status) ? 128 + WTERMSIG(tally.status) :
	    WEXITSTATUS(tally.status);
}
