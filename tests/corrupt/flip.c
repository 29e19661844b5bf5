/*
 * Damages every file of a repository, one byte or one length at a time, and
 * looks at what comes of it.
 *
 *	flip [-e N] [-c N] [-r N] [-s SEED] [-j N] [-o ONLY] DIR
 *
 *	-e	try one point in N, chosen by a hash of SEED and the point
 *	-c	of the points tried, run the commands of dsv at one in N
 *	-r	of the points tried, repair at one in N
 *	-j	so many at a time, each in a copy beside DIR
 *	-o	only in files whose path begins so ("objects/", "index.db")
 *
 * A point is a byte changed by ^01 or ^ff, or a file cut short before it.
 * Each is looked at in a process of its own.  A failure is
 *
 *	crash	a signal, or more than a minute or a gigabyte
 *	wrong	something was read without an error and is not what it was
 *	unseen	fsck does not see it: in a file under objects/ never allowed,
 *		in the index if what the tables hold is not what it was
 *	broken	fsck --repair of a damaged index does not make it whole
 *
 * The last lines say how many points there were and how many failures of each
 * kind; the exit status is 1 if there were any.
 */

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <spawn.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/mem.h"
#include "tests/corrupt/look.h"

#define KINDS 3				/* ^01, ^ff, cut */
#define SHOWN 20			/* failures told in full */
#define SECONDS 60
#define MEMORY ((rlim_t)1 << 30)

extern char **environ;

/* What a child found out; bits of its exit status. */
enum found {
	READ_FAILED = 1 << 0,
	READ_WRONG = 1 << 1,
	FSCK_SAW = 1 << 2,
	TABLES_DIFFER = 1 << 3,
	STILL_BROKEN = 1 << 4,
	COMMAND_WRONG = 1 << 5,
	LOOKED = 1 << 6,		/* always; or something else ended it */
};

struct target {
	char *name;			/* below .dsv */
	size_t size;
};

struct counts {
	unsigned long points, by_kind[KINDS], commands, repairs;
	unsigned long crash, wrong, unseen, broken, read_failed;
};

struct flip {
	const char *dir;
	const char *only;
	uint64_t seed;
	unsigned long every, commands_every, repair_every, jobs;
	struct target *targets;
	size_t n, cap;
	struct id look, history, tables;	/* as they were */
	struct counts *counts;			/* shared, one per worker */
};

static const char *const commands[] = {
	"log --json main", "log --graph exp", "log --stat main", "show --json main",
	"show --raw exp", "ls -lr main", "ls exp d",
	"diff first main", "diff --json main exp", "diff --staged --stat",
	"cat main:big.csv", "cat exp:big.csv", "cat first:big.csv",
	"cat main:prices.csv main:d/f7.txt", "export -o - --format tar main",
	"export -q -f -o out exp", "branch --json", "tag --json",
	"status --json",
};
#define COMMANDS (sizeof(commands) / sizeof(*commands))
static struct id said[COMMANDS];		/* as they were */

static _Noreturn void PRINTF_LIKE(1, 2)
die(const char *fmt, ...)
{
	va_list ap;

	fputs("flip: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(2);
}

static uint64_t
mix(uint64_t z)
{
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

static bool
run(const char *const argv[])
{
	int status;
	pid_t pid;

	return !posix_spawnp(&pid, argv[0], NULL, NULL,
	    (char *const *)(uintptr_t)argv, environ) &&
	    waitpid(pid, &status, 0) == pid && status == 0;
}

static void
copy(const char *from, const char *to)
{
	const char *const remove[] = { "rm", "-rf", to, NULL };
	const char *const again[] = { "cp", "-a", from, to, NULL };

	if (!run(remove) || !run(again))
		die("cannot copy %s to %s", from, to);
}

/* ---- what there is to see ---------------------------------------------- */

static void
hash_row(struct hash *h, sqlite3_stmt *row)
{
	for (int i = 0; i < sqlite3_column_count(row); i++) {
		int type = sqlite3_column_type(row, i);
		const void *p = sqlite3_column_blob(row, i);
		int len = sqlite3_column_bytes(row, i);

		hash_add(h, &type, sizeof(type));
		hash_add(h, &len, sizeof(len));
		if (len)
			hash_add(h, p, (size_t)len);
	}
}

static bool
hash_table(struct hash *h, sqlite3 *db, const char *table)
{
	char *sql = sqlite3_mprintf("SELECT * FROM %Q", table);
	sqlite3_stmt *rows = NULL;
	int rc = sqlite3_prepare_v2(db, sql, -1, &rows, NULL);

	while (rc == SQLITE_OK && (rc = sqlite3_step(rows)) == SQLITE_ROW) {
		hash_row(h, rows);
		rc = SQLITE_OK;
	}
	sqlite3_finalize(rows);
	sqlite3_free(sql);
	return rc == SQLITE_DONE;
}

/* All that the tables of the index hold, by a reader that is not dsv. */
static bool
hash_tables(struct id *out, const char *dotdsv)
{
	struct buf path = BUF_INIT;
	sqlite3_stmt *tables = NULL;
	sqlite3 *db = NULL;
	struct hash h;
	bool good = true;
	int rc;

	buf_printf(&path, "%s/index.db", dotdsv);
	hash_init(&h);
	rc = sqlite3_open_v2(path.p, &db, SQLITE_OPEN_READONLY, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_prepare_v2(db, "SELECT name FROM sqlite_schema "
		    "WHERE type = 'table' ORDER BY name", -1, &tables, NULL);
	while (rc == SQLITE_OK && good &&
	    (rc = sqlite3_step(tables)) == SQLITE_ROW) {
		const char *name = (const char *)sqlite3_column_text(tables,
		    0);

		hash_add(&h, name, strlen(name));
		good = hash_table(&h, db, name);
		rc = SQLITE_OK;
	}
	sqlite3_finalize(tables);
	sqlite3_close(db);
	buf_release(&path);
	hash_end(out, &h);
	return good && rc == SQLITE_DONE;
}

/* Run a command in the directory; what it said, if it says it went well. */
static bool
hash_command(struct id *out, const char *dir, const char *words, int *status)
{
	const char *argv[16] = { "dsv", "-C", dir };
	char *line = mem_strdup(words), *save = NULL, p[8192];
	posix_spawn_file_actions_t acts;
	struct hash h;
	int argc = 3, fds[2];
	ssize_t n;
	pid_t pid;

	for (char *w = strtok_r(line, " ", &save); w;
	    w = strtok_r(NULL, " ", &save))
		argv[argc++] = w;
	argv[argc] = NULL;
	if (pipe(fds) < 0)
		die("pipe: %s", strerror(errno));
	posix_spawn_file_actions_init(&acts);
	posix_spawn_file_actions_adddup2(&acts, fds[1], 1);
	posix_spawn_file_actions_addclose(&acts, fds[0]);
	posix_spawn_file_actions_addopen(&acts, 2, "/dev/null", O_WRONLY, 0);
	if (posix_spawnp(&pid, "dsv", &acts, NULL,
	    (char *const *)(uintptr_t)argv, environ))
		die("cannot run dsv");
	posix_spawn_file_actions_destroy(&acts);
	close(fds[1]);
	hash_init(&h);
	while ((n = read(fds[0], p, sizeof(p))) > 0)
		hash_add(&h, p, (size_t)n);
	close(fds[0]);
	hash_end(out, &h);
	waitpid(pid, status, 0);
	free(line);
	return *status == 0;
}

static err_t
count_finding(void *arg, const struct finding *f)
{
	(void)f;
	++*(unsigned *)arg;
	return NULL;
}

static bool
is_sound(const char *dotdsv)
{
	struct fsck_totals totals;
	unsigned findings = 0;
	err_t err;

	err = store_fsck(&totals, dotdsv, true, 0, count_finding, &findings);
	return !err && findings == 0;
}

/* ---- one point --------------------------------------------------------- */

static unsigned
run_commands(const char *dir)
{
	for (size_t i = 0; i < COMMANDS; i++) {
		struct id id;
		int status;

		if (hash_command(&id, dir, commands[i], &status) &&
		    !id_eq(&id, &said[i])) {
			printf("# wrong: dsv %s\n", commands[i]);
			return COMMAND_WRONG;
		}
		/* Also what a sanitizer says: its status is 134. */
		if (WIFSIGNALED(status) || WEXITSTATUS(status) > 128) {
			printf("# died: dsv %s\n", commands[i]);
			fflush(stdout);
			abort();
		}
	}
	return 0;
}

/* In the child: what does the damage do? */
static unsigned
look(const struct flip *f, const char *dir, const char *dotdsv, bool index,
    bool cli, bool repair)
{
	unsigned found = 0;
	struct id id;
	err_t err;

	err = look_at(&id, dotdsv, false);
	if (err)
		found |= READ_FAILED;
	else if (!id_eq(&id, &f->look))
		found |= READ_WRONG;
	if (!is_sound(dotdsv))
		found |= FSCK_SAW;
	if (index && !(found & FSCK_SAW) &&
	    (!hash_tables(&id, dotdsv) || !id_eq(&id, &f->tables)))
		found |= TABLES_DIFFER;
	if (cli)
		found |= run_commands(dir);
	if (repair) {
		err = store_rebuild(dotdsv, true, 1000);
		if (err)
			printf("# repair: %s\n", err->msg);
		if (err || !is_sound(dotdsv) || look_at(&id, dotdsv, true) ||
		    !id_eq(&id, &f->history))
			found |= STILL_BROKEN;
	}
	return found;
}

static void
limit(void)
{
	struct rlimit memory = { MEMORY, MEMORY };

	alarm(SECONDS);
#if !defined(__SANITIZE_ADDRESS__)
	setrlimit(RLIMIT_AS, &memory);
#else
	(void)memory;
#endif
}

static int
look_in_child(const struct flip *f, const char *dir, const char *dotdsv,
    bool index, bool cli, bool repair)
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid < 0)
		die("fork: %s", strerror(errno));
	if (!pid) {
		unsigned found;

		limit();
		found = look(f, dir, dotdsv, index, cli, repair);
		fflush(stdout);
		_exit((int)(found | LOOKED));
	}
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			die("waitpid: %s", strerror(errno));
	return status;
}

/* A file open for damaging, with its bytes as they were. */
struct victim {
	const struct target *target;
	char *bytes;
	int fd;
};

static void
put(const struct victim *v, const char *p, size_t len, size_t at)
{
	if (pwrite(v->fd, p, len, (off_t)at) != (ssize_t)len)
		die("cannot write %s: %s", v->target->name, strerror(errno));
}

static void
damage(const struct victim *v, size_t at, unsigned kind)
{
	char c = (char)(v->bytes[at] ^ (kind ? 0xff : 0x01));

	if (kind < 2)
		put(v, &c, 1, at);
	else if (ftruncate(v->fd, (off_t)at) < 0)
		die("cannot cut %s: %s", v->target->name, strerror(errno));
}

static void
mend(const struct victim *v, size_t at, unsigned kind)
{
	put(v, v->bytes + at, kind < 2 ? 1 : v->target->size - at, at);
}

static const char *
judge(struct counts *c, const struct target *t, int status)
{
	unsigned found = WIFEXITED(status) ? (unsigned)WEXITSTATUS(status) : 0;
	const char *why = NULL;

	c->read_failed += found & READ_FAILED;
	if (!(found & LOOKED) || found >= 128) {
		c->crash++;
		why = "crash";
	} else if (found & (READ_WRONG | COMMAND_WRONG)) {
		c->wrong++;
		why = "wrong";
	} else if ((!(found & FSCK_SAW) &&
	    strncmp(t->name, "objects/", 8) == 0) || (found & TABLES_DIFFER)) {
		c->unseen++;
		why = "unseen";
	} else if (found & STILL_BROKEN) {
		c->broken++;
		why = "broken";
	}
	return why;
}

struct worker {
	const struct flip *f;
	struct counts *counts;
	unsigned long number;
	char dir[4096], dotdsv[4096 + 8];
};

static void
open_victim(struct victim *v, const struct worker *w,
    const struct target *t)
{
	struct buf path = BUF_INIT;

	buf_printf(&path, "%s/%s", w->dotdsv, t->name);
	v->target = t;
	v->fd = open(path.p, O_RDWR | O_CLOEXEC);
	if (v->fd < 0) {
		chmod(path.p, 0644);
		v->fd = open(path.p, O_RDWR | O_CLOEXEC);
	}
	if (v->fd < 0)
		die("cannot open %s: %s", path.p, strerror(errno));
	if (!v->bytes) {
		v->bytes = mem_alloc(t->size + 1);
		if (pread(v->fd, v->bytes, t->size, 0) != (ssize_t)t->size)
			die("cannot read %s: %s", path.p, strerror(errno));
	}
	buf_release(&path);
}

static void
try_point(struct worker *w, struct victim *v, size_t at, unsigned kind,
    uint64_t hash)
{
	static const char *const names[KINDS] = { "^01", "^ff", "cut" };
	const struct flip *f = w->f;
	bool index = strcmp(v->target->name, "index.db") == 0;
	bool cli = (hash >> 20) % f->commands_every == 0;
	bool repair = index && (hash >> 40) % f->repair_every == 0;
	struct counts *c = w->counts;
	const char *why;
	int status;

	c->points++;
	c->by_kind[kind]++;
	c->commands += cli;
	c->repairs += repair;
	damage(v, at, kind);
	status = look_in_child(f, w->dir, w->dotdsv, index, cli, repair);
	if (repair) {
		close(v->fd);
		copy(f->dir, w->dir);
		open_victim(v, w, v->target);
	} else {
		mend(v, at, kind);
	}
	why = judge(c, v->target, status);
	if (why && c->crash + c->wrong + c->unseen + c->broken <= SHOWN)
		printf("# %s: %s byte %zu %s (status %#x)\n", why,
		    v->target->name, at, names[kind], (unsigned)status);
}

static void
work(const struct flip *f, unsigned long number)
{
	struct worker w = { .f = f, .counts = &f->counts[number],
	    .number = number };
	uint64_t point = 0;

	snprintf(w.dir, sizeof(w.dir), "%s.%lu", f->dir, number);
	snprintf(w.dotdsv, sizeof(w.dotdsv), "%s/.dsv", w.dir);
	copy(f->dir, w.dir);
	for (size_t i = 0; i < f->n; i++) {
		const struct target *t = &f->targets[i];
		struct victim v = { .bytes = NULL };

		open_victim(&v, &w, t);
		for (size_t at = 0; at < t->size * KINDS; at++) {
			uint64_t hash = mix(f->seed + ++point *
			    0x9e3779b97f4a7c15u);

			if (hash % f->every == 0 &&
			    point / f->every % f->jobs == number)
				try_point(&w, &v, at / KINDS,
				    (unsigned)(at % KINDS), hash);
		}
		close(v.fd);
		free(v.bytes);
	}
	fflush(stdout);
}

/* ---- all of them ------------------------------------------------------- */

static struct flip *finding_files;

static int
add_target(const char *path, const struct stat *st, int type, struct FTW *at)
{
	struct flip *f = finding_files;
	const char *name = path + strlen(f->dir) + strlen("/.dsv/");

	(void)at;
	if (type != FTW_F || st->st_size == 0 ||
	    strncmp(name, f->only, strlen(f->only)) != 0)
		return 0;
	VEC_ROOM(f->targets, f->n, f->cap);
	f->targets[f->n].name = mem_strdup(name);
	f->targets[f->n++].size = (size_t)st->st_size;
	return 0;
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(((const struct target *)a)->name,
	    ((const struct target *)b)->name);
}

/* What everything says as long as nothing is damaged. */
static void
prepare(struct flip *f)
{
	struct buf dotdsv = BUF_INIT;
	err_t err;
	int status;

	buf_printf(&dotdsv, "%s/.dsv", f->dir);
	finding_files = f;
	if (nftw(dotdsv.p, add_target, 16, FTW_PHYS))
		die("cannot list %s", dotdsv.p);
	qsort(f->targets, f->n, sizeof(*f->targets), by_name);
	err = look_at(&f->look, dotdsv.p, false);
	if (!err)
		err = look_at(&f->history, dotdsv.p, true);
	if (err)
		die("%s", err->msg);
	if (!is_sound(dotdsv.p) || !hash_tables(&f->tables, dotdsv.p))
		die("%s is damaged already", f->dir);
	for (size_t i = 0; i < COMMANDS; i++)
		if (!hash_command(&said[i], f->dir, commands[i], &status))
			die("dsv %s: status %#x", commands[i],
			    (unsigned)status);
	buf_release(&dotdsv);
}

static int
report(const struct flip *f)
{
	struct counts sum = { .points = 0 };
	size_t bytes = 0;

	for (unsigned long i = 0; i < f->jobs; i++) {
		const unsigned long *from = (const void *)&f->counts[i];
		unsigned long *to = (void *)&sum;

		for (size_t k = 0; k < sizeof(sum) / sizeof(*to); k++)
			to[k] += from[k];
	}
	for (size_t i = 0; i < f->n; i++)
		bytes += f->targets[i].size;
	printf("%s: %zu files, %zu bytes; %lu points of %zu tried, seed %llu "
	    "(%lu ^01, %lu ^ff, %lu cut; %lu with commands, %lu with repair)\n",
	    *f->only ? f->only : "all", f->n, bytes, sum.points,
	    bytes * KINDS, (unsigned long long)f->seed, sum.by_kind[0],
	    sum.by_kind[1], sum.by_kind[2], sum.commands, sum.repairs);
	printf("%s: %lu crash, %lu wrong, %lu unseen, %lu broken; reading "
	    "failed at %lu\n", *f->only ? f->only : "all", sum.crash,
	    sum.wrong, sum.unseen, sum.broken, sum.read_failed);
	return sum.points == 0 || sum.crash || sum.wrong || sum.unseen ||
	    sum.broken;
}

static void
start(struct flip *f)
{
	pid_t *pids = mem_array(f->jobs, sizeof(*pids));

	fflush(stdout);
	for (unsigned long i = 0; i < f->jobs; i++) {
		pids[i] = fork();
		if (pids[i] < 0)
			die("fork: %s", strerror(errno));
		if (pids[i] == 0) {
			work(f, i);
			_exit(0);
		}
	}
	for (unsigned long i = 0; i < f->jobs; i++) {
		int status;

		if (waitpid(pids[i], &status, 0) < 0 || status != 0)
			die("a worker ended with status %#x",
			    (unsigned)status);
	}
	free(pids);
}

static unsigned long
number(const char *text)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (*end || n == 0)
		die("\"%s\" is not a number", text);
	return n;
}

int
main(int argc, char **argv)
{
	static struct flip f = { .only = "", .seed = 1, .every = 1,
	    .commands_every = 100, .repair_every = 100, .jobs = 2 };
	int c;

	while ((c = getopt(argc, argv, "e:c:r:s:j:o:")) != -1) {
		switch (c) {
		case 'e': f.every = number(optarg); break;
		case 'c': f.commands_every = number(optarg); break;
		case 'r': f.repair_every = number(optarg); break;
		case 's': f.seed = number(optarg); break;
		case 'j': f.jobs = number(optarg); break;
		case 'o': f.only = optarg; break;
		default: return 2;
		}
	}
	if (argc - optind != 1)
		die("one directory, please");
	f.dir = argv[optind];
	f.counts = mmap(NULL, f.jobs * sizeof(*f.counts), PROT_READ |
	    PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (f.counts == MAP_FAILED)
		die("mmap: %s", strerror(errno));
	prepare(&f);
	start(&f);
	return report(&f);
}
