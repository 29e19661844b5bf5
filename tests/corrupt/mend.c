/*
 * Damages every file of a repository as flip does, and then repairs it:
 *
 *	mend [-e N] [-s SEED] [-j N] DIR
 *
 *	-e	try one point in N, chosen by a hash of SEED and the point
 *	-j	so many at a time, each in copies beside DIR
 *
 * A point is a byte of a segment or of the index changed by ^ff, or a file cut
 * short before it; and every one of them missing altogether, always.  Segments
 * are mended in each of these states:
 *
 *	alone	there is nothing but .dsv
 *	files	the files of the working tree are as they were added
 *	trash	whole copies are where gc puts what it takes out
 *	aside	whole copies are in quarantine/
 *
 * A failure is
 *
 *	crash	a signal, an error of the repair, or more than a minute
 *	gone	bytes of .dsv that were there before the repair are nowhere
 *	short	something that could be found was not brought back
 *	wrong	what can be read is not what it was, or reading and what fsck
 *		says of it differ: each byte that is lost is told by path,
 *		range and version, and nothing is told that is not lost
 *	again	repairing once more changes or says something else
 *
 * The last lines say how many points there were and how many failures of each
 * kind; the exit status is 1 if there were any.
 */

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/mem.h"
#include "store/idset.h"
#include "store/store_int.h"
#include "tests/corrupt/look.h"

#define SECONDS 60
#define SHOWN 20

extern char **environ;

enum state { ALONE, FILES, TRASH, ASIDE, STATES };
static const char *const states[] = { "alone", "files", "trash", "aside" };

enum damage { MISSING, CHANGED, CUT, DAMAGES };
static const char *const damages[] = { "missing", "^ff", "cut" };

/* Bits of a child's exit status. */
enum failure {
	GONE = 1 << 0,
	SHORT = 1 << 1,
	WRONG = 1 << 2,
	AGAIN = 1 << 3,
	LOOKED = 1 << 4,		/* always; or something else ended it */
	LOST = 1 << 5,			/* no failure: something is */
};

struct counts {
	unsigned long points, by_damage[DAMAGES], by_state[STATES];
	unsigned long crash, gone, missed, wrong, again, lost;
};

struct target {
	char *name;			/* below .dsv */
	size_t size;
};

struct mend {
	const char *dir;
	uint64_t seed;
	unsigned long every, jobs;
	struct target *targets;
	size_t n, cap;
	struct id history;
	struct counts *counts;		/* shared, one per worker */
};

static _Noreturn void PRINTF_LIKE(1, 2)
die(const char *fmt, ...)
{
	va_list ap;

	fputs("mend: ", stderr);
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

static void
run(const char *const argv[])
{
	int status;
	pid_t pid;

	if (posix_spawnp(&pid, argv[0], NULL, NULL,
	    (char *const *)(uintptr_t)argv, environ) ||
	    waitpid(pid, &status, 0) != pid || status != 0)
		die("%s failed", argv[0]);
}

/* ---- the bytes of files ------------------------------------------------ */

/* What files hold, whatever they are called; and all of it as one number. */
struct kept {
	struct idset *hashes;
	uint64_t sum;
	bool index;			/* that too, or only what it is of */
	size_t skip;			/* of each path */
};
static struct kept *keeping;

static int
keep_file(const char *path, const struct stat *st, int type, struct FTW *at)
{
	const char *name = path + keeping->skip;
	struct hash h;
	struct id id, key;
	char p[8192];
	uint64_t part;
	ssize_t n;
	int fd;

	(void)st;
	(void)at;
	if (type != FTW_F || strncmp(name, "locks/", 6) == 0 ||
	    strcmp(name, "index.db-journal") == 0 ||
	    (!keeping->index && strcmp(name, "index.db") == 0))
		return 0;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		die("%s: %s", path, strerror(errno));
	hash_init(&h);
	while ((n = read(fd, p, sizeof(p))) > 0)
		hash_add(&h, p, (size_t)n);
	close(fd);
	hash_end(&id, &h);
	idset_add(keeping->hashes, &id);
	hash_init(&h);
	hash_add(&h, name, strlen(name));
	hash_add(&h, id.b, ID_SIZE);
	hash_end(&key, &h);
	memcpy(&part, key.b, sizeof(part));
	keeping->sum += part;
	return 0;
}

static uint64_t
keep(struct idset *hashes, const char *dotdsv, bool index)
{
	struct kept k = { .hashes = hashes, .index = index,
	    .skip = strlen(dotdsv) + 1 };

	keeping = &k;
	if (nftw(dotdsv, keep_file, 16, FTW_PHYS))
		die("cannot list %s", dotdsv);
	return k.sum;
}

/* ---- what is lost ------------------------------------------------------ */

struct told {
	char *line;
	bool expected;
};

/* Of one repair: what was told, and what ought to be. */
struct exam {
	struct store *was, *is;		/* the whole one, and the repaired */
	struct told *told;
	size_t n, cap;
	struct idset seen;
	struct buf path;
	uint64_t version;
	uint64_t offset;		/* in the file that is looked at */
	size_t n_lost;
	unsigned failed;
};

static err_t
note_finding(void *arg, const struct finding *f)
{
	struct exam *x = arg;
	struct buf line = BUF_INIT;

	buf_printf(&line, "%s %s: %s", f->what, f->subject, f->fact);
	VEC_ROOM(x->told, x->n, x->cap);
	x->told[x->n].line = buf_detach(&line);
	x->told[x->n++].expected = false;
	return NULL;
}

static void
forget_told(struct exam *x)
{
	for (size_t i = 0; i < x->n; i++)
		free(x->told[i].line);
	x->n = 0;
}

/* One of the lines has all three parts. */
static void
expect(struct exam *x, const char *a, const char *b, const char *c)
{
	bool found = false;

	for (size_t i = 0; i < x->n; i++) {
		if (!strstr(x->told[i].line, a) ||
		    !strstr(x->told[i].line, b) || !strstr(x->told[i].line, c))
			continue;
		x->told[i].expected = true;
		found = true;
	}
	x->failed |= LOST;
	x->n_lost++;
	if (found)
		return;
	printf("# not told: %s, %s, %s\n", a, b, c);
	x->failed |= WRONG;
}

static bool
can_read(struct exam *x, enum kind kind, const struct id *id)
{
	struct buf b = BUF_INIT;
	err_t err = object_read(&b, x->is, kind, id);

	buf_release(&b);
	if (err && err->code != ERR_CORRUPT && err->code != ERR_NOT_FOUND)
		die("%s", err->msg);
	return !err;
}

static void
expect_range(struct exam *x, uint64_t from, uint64_t size)
{
	struct buf file = BUF_INIT, range = BUF_INIT, first = BUF_INIT;

	buf_printf(&file, "file %s: ", buf_cstr(&x->path));
	buf_printf(&range, "bytes %llu to %llu ", (unsigned long long)from,
	    (unsigned long long)(from + size - (size > 0)));
	if (x->version)
		buf_printf(&first, "; first in v%llu",
		    (unsigned long long)x->version);
	else
		buf_str(&first, "; it is staged");
	expect(x, file.p, range.p, first.p);
	buf_release(&file);
	buf_release(&range);
	buf_release(&first);
}

static err_t
examine_chunk(void *arg, const struct chunk_ref *chunk)
{
	struct exam *x = arg;

	/* What is below a node that is lost was told with it. */
	if (chunk->offset < x->offset)
		return NULL;
	if (!can_read(x, KIND_CHUNK, &chunk->id))
		expect_range(x, chunk->offset, chunk->size);
	x->offset = chunk->offset + chunk->size;
	return NULL;
}

static err_t
examine_part(void *arg, const struct content_part *part)
{
	struct exam *x = arg;
	struct chunk_ref chunk = { .id = part->id, .offset = part->offset,
	    .size = (uint32_t)part->size };

	if (!part->height)
		return examine_chunk(x, &chunk);
	if (can_read(x, KIND_NODE, &part->id))
		return content_part_parts(x->was, part, examine_part, x);
	expect_range(x, part->offset, part->size);
	return NULL;
}

static err_t
ignore_bytes(void *arg, const char *p, size_t len)
{
	(void)arg;
	(void)p;
	(void)len;
	return NULL;
}

static err_t
examine_content(struct exam *x, const struct id *id, uint64_t size)
{
	struct id recipe;
	size_t before = x->n_lost;
	bool found;
	err_t err;

	/* content_read checks every byte against the id. */
	if (!idset_add(&x->seen, id) ||
	    !content_read(x->is, id, ignore_bytes, NULL))
		return NULL;
	x->offset = 0;
	err = db_row(&found, x->was->db, "SELECT recipe FROM file "
	    "WHERE id = ?", "d", "d", id, &recipe);
	if (!err && found && !can_read(x, KIND_RECIPE, &recipe))
		expect_range(x, 0, size);
	else if (!err && !found && !can_read(x, KIND_CHUNK, id))
		expect_range(x, 0, size);
	else if (!err && found)
		err = content_parts(x->was, id, CUT_AUTO, examine_part, x);
	/* What cannot be read is told, part by part. */
	if (!err && x->n_lost == before) {
		printf("# cannot be read: %s\n", buf_cstr(&x->path));
		x->failed |= WRONG;
	}
	return err;
}

static err_t examine_tree(struct exam *x, const struct id *id);

static err_t
examine_entry(struct exam *x, const struct tree_entry *e, unsigned height)
{
	size_t before = x->path.len;
	err_t err;

	if (height)
		return examine_tree(x, &e->id);
	if (before)
		buf_char(&x->path, '/');
	buf_add(&x->path, e->name, e->name_len);
	err = e->mode == MODE_DIR ? examine_tree(x, &e->id) :
	    examine_content(x, &e->id, e->size);
	x->path.len = before;
	x->path.p[before] = '\0';
	return err;
}

static err_t
examine_tree(struct exam *x, const struct id *id)
{
	struct buf b = BUF_INIT;
	struct tree_decoder d;
	struct tree_entry e;
	char hex[ID_HEX + 1];
	err_t err;

	if (!idset_add(&x->seen, id))
		return NULL;
	if (!can_read(x, KIND_TREE, id)) {
		buf_printf(&b, "the directory \"%s\"", buf_cstr(&x->path));
		expect(x, "tree ", id_hex(hex, id), b.p);
		buf_release(&b);
		return NULL;
	}
	err = object_read(&b, x->was, KIND_TREE, id);
	if (!err)
		err = tree_decode_begin(&d, b.p, b.len);
	while (!err && tree_decode_next(&e, &d, &err))
		err = examine_entry(x, &e, d.height);
	buf_release(&b);
	return err;
}

static err_t
examine_commits(struct exam *x)
{
	struct query *q = NULL;
	struct id id, tree;
	char hex[ID_HEX + 1], was[32];
	int64_t version;
	err_t err;

	err = db_query(&q, x->was->db, "SELECT id, tree, version "
	    "FROM version ORDER BY version", "");
	while (!err && db_next(&err, q, "ddi", &id, &tree, &version)) {
		x->version = (uint64_t)version;
		buf_clear(&x->path);
		snprintf(was, sizeof(was), "it was v%lld",
		    (long long)version);
		if (can_read(x, KIND_COMMIT, &id))
			err = examine_tree(x, &tree);
		else
			expect(x, "commit ", id_hex(hex, &id), was);
	}
	db_done(q);
	return err;
}

static err_t
examine_stage(void *arg, const struct stage_entry *e)
{
	struct exam *x = arg;

	buf_clear(&x->path);
	buf_str(&x->path, e->path);
	return examine_content(x, &e->id, e->size);
}

static err_t
examine_events(struct exam *x)
{
	struct query *q = NULL;
	char hex[ID_HEX + 1];
	struct id id;
	err_t err;

	err = db_query(&q, x->was->db, "SELECT id FROM event", "");
	while (!err && db_next(&err, q, "d", &id))
		if (!can_read(x, KIND_EVENT, &id))
			expect(x, "event ", id_hex(hex, &id), "it is lost");
	db_done(q);
	return err;
}

/* Files and directories that are told to be lost and are not.  What is said of
 * commits, events and refs follows from those that are. */
static void
check_told(struct exam *x)
{
	bool lost = x->failed & LOST;

	for (size_t i = 0; i < x->n; i++) {
		const char *line = x->told[i].line;

		if (x->told[i].expected || (lost &&
		    strncmp(line, "file ", 5) != 0))
			continue;
		printf("# told, but not lost: %s\n", line);
		x->failed |= WRONG;
	}
}

/* ---- one point --------------------------------------------------------- */

static err_t
open_both(struct exam *x, const struct mend *m, const char *dotdsv)
{
	struct buf was = BUF_INIT;
	err_t err;

	buf_printf(&was, "%s/.dsv", m->dir);
	err = store_open(&x->was, was.p, STORE_READ, 1000, true);
	if (!err)
		err = store_open(&x->is, dotdsv, STORE_READ, 1000, true);
	buf_release(&was);
	return err;
}

static err_t
examine(struct exam *x, const struct mend *m, const char *dotdsv)
{
	err_t err;

	err = open_both(x, m, dotdsv);
	if (!err)
		err = examine_commits(x);
	x->version = 0;
	if (!err)
		err = stage_walk(x->was, "", examine_stage, x);
	if (!err)
		err = examine_events(x);
	check_told(x);
	store_close(x->was);
	store_close(x->is);
	return err;
}

/* Repair and check; what is told is noted. */
static err_t
repair(struct exam *x, const char *dotdsv)
{
	struct repair_report report;
	struct fsck_totals totals;
	err_t err;

	err = store_repair(&report, dotdsv, true, 10000, note_finding, x);
	return err ? err : store_fsck(&totals, dotdsv, true, 0, note_finding,
	    x);
}

static bool
is_all_there(const struct idset *before, const struct idset *after)
{
	for (size_t i = 0; i < before->cap; i++)
		if (!id_is_zero(&before->slots[i]) &&
		    !idset_has(after, &before->slots[i]))
			return false;
	return true;
}

static unsigned
repair_again(struct exam *x, const char *dotdsv, uint64_t sum)
{
	struct idset hashes = IDSET_INIT;
	size_t n = 0, before = x->n;
	unsigned failed = 0;

	/* What the first told that fsck cannot know is told once. */
	for (size_t i = 0; i < before; i++)
		n += !strstr(x->told[i].line, "it is lost") &&
		    !strstr(x->told[i].line, "; now ");
	forget_told(x);
	if (repair(x, dotdsv) || x->n != n || keep(&hashes, dotdsv,
	    true) != sum) {
		printf("# again: %zu findings, %zu before\n", x->n, n);
		failed = AGAIN;
	}
	idset_release(&hashes);
	return failed;
}

static unsigned
look(const struct mend *m, const char *dotdsv, enum state state, bool index)
{
	struct idset before = IDSET_INIT, after = IDSET_INIT;
	struct exam x = { .path = BUF_INIT };
	bool whole = index || state == TRASH || state == ASIDE;
	uint64_t sum;
	struct id id;
	err_t err;

	keep(&before, dotdsv, index);
	err = repair(&x, dotdsv);
	sum = keep(&after, dotdsv, true);
	if (!err && !is_all_there(&before, &after))
		x.failed |= GONE;
	if (!err && whole && (look_at(&id, dotdsv, true) ||
	    !id_eq(&id, &m->history)))
		x.failed |= SHORT;
	if (!err)
		err = examine(&x, m, dotdsv);
	if (whole && (x.failed & LOST))
		x.failed |= SHORT;
	if (!err)
		x.failed |= repair_again(&x, dotdsv, sum);
	if (err) {
		printf("# %s\n", err->msg);
		fflush(stdout);
		abort();
	}
	return x.failed;
}

static int
look_in_child(const struct mend *m, const char *dotdsv, enum state state,
    bool index)
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid < 0)
		die("fork: %s", strerror(errno));
	if (!pid) {
		unsigned failed;

		alarm(SECONDS);
		failed = look(m, dotdsv, state, index);
		fflush(stdout);
		_exit((int)(failed | LOOKED));
	}
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			die("waitpid: %s", strerror(errno));
	return status;
}

static void
copy_segments(const struct mend *m, const char *dotdsv, const char *to)
{
	for (size_t i = 0; i < m->n; i++) {
		const char *name = m->targets[i].name;
		struct buf from = BUF_INIT, path = BUF_INIT;

		if (strncmp(name, "objects/", 8) != 0)
			continue;
		buf_printf(&from, "%s/.dsv/%s", m->dir, name);
		buf_printf(&path, "%s/%s/%.2s%s", dotdsv, to, name + 8,
		    name + 11);
		run((const char *const[]){ "cp", from.p, path.p, NULL });
		buf_release(&from);
		buf_release(&path);
	}
}

/* A repository in that state, from which each point begins. */
static void
prepare_state(const struct mend *m, const char *dir, enum state state)
{
	struct buf dotdsv = BUF_INIT, from = BUF_INIT;

	buf_printf(&dotdsv, "%s/.dsv", dir);
	buf_printf(&from, "%s/.dsv", m->dir);
	run((const char *const[]){ "rm", "-rf", dir, NULL });
	if (state == FILES) {
		run((const char *const[]){ "cp", "-a", m->dir, dir, NULL });
	} else {
		run((const char *const[]){ "mkdir", dir, NULL });
		run((const char *const[]){ "cp", "-a", from.p, dotdsv.p,
		    NULL });
	}
	if (state == TRASH || state == ASIDE)
		copy_segments(m, dotdsv.p, state == TRASH ? "trash" :
		    "quarantine");
	buf_release(&dotdsv);
	buf_release(&from);
}

static void
spoil(const char *dotdsv, const struct target *t, size_t at,
    enum damage damage)
{
	struct buf path = BUF_INIT;
	unsigned char c;
	int fd;

	buf_printf(&path, "%s/%s", dotdsv, t->name);
	if (damage == MISSING) {
		if (unlink(path.p) < 0)
			die("%s: %s", path.p, strerror(errno));
		buf_release(&path);
		return;
	}
	chmod(path.p, 0644);
	fd = open(path.p, O_RDWR | O_CLOEXEC);
	if (fd < 0 || pread(fd, &c, 1, (off_t)at) != 1)
		die("%s: %s", path.p, strerror(errno));
	c ^= 0xff;
	if (damage == CUT ? ftruncate(fd, (off_t)at) < 0 :
	    pwrite(fd, &c, 1, (off_t)at) != 1)
		die("%s: %s", path.p, strerror(errno));
	close(fd);
	buf_release(&path);
}

static const char *
judge(struct counts *c, int status)
{
	unsigned failed = WIFEXITED(status) ? (unsigned)WEXITSTATUS(status) :
	    0;

	c->lost += (failed & LOST) != 0;
	if (!WIFEXITED(status) || !(failed & LOOKED)) {
		c->crash++;
		return "crash";
	}
	c->gone += (failed & GONE) != 0;
	c->missed += (failed & SHORT) != 0;
	c->wrong += (failed & WRONG) != 0;
	c->again += (failed & AGAIN) != 0;
	return failed & GONE ? "gone" : failed & SHORT ? "short" :
	    failed & WRONG ? "wrong" : failed & AGAIN ? "again" : NULL;
}

static void
try_point(const struct mend *m, struct counts *c, unsigned long number,
    const struct target *t, size_t at, enum damage damage, enum state state)
{
	bool index = strcmp(t->name, "index.db") == 0;
	struct buf from = BUF_INIT, dir = BUF_INIT, dotdsv = BUF_INIT;
	const char *why;
	int status;

	buf_printf(&from, "%s.%lu.%s", m->dir, number, states[state]);
	buf_printf(&dir, "%s.%lu", m->dir, number);
	buf_printf(&dotdsv, "%s/.dsv", dir.p);
	run((const char *const[]){ "rm", "-rf", dir.p, NULL });
	run((const char *const[]){ "cp", "-a", from.p, dir.p, NULL });
	spoil(dotdsv.p, t, at, damage);
	c->points++;
	c->by_damage[damage]++;
	c->by_state[state]++;
	status = look_in_child(m, dotdsv.p, state, index);
	why = judge(c, status);
	if (why && c->crash + c->gone + c->missed + c->wrong + c->again <=
	    SHOWN)
		printf("# %s: %s byte %zu %s, %s (status %#x)\n", why,
		    t->name, at, damages[damage], states[state],
		    (unsigned)status);
	buf_release(&from);
	buf_release(&dir);
	buf_release(&dotdsv);
}

static void
work(const struct mend *m, unsigned long number)
{
	uint64_t point = 0;
	unsigned long tried = 0;

	for (enum state state = 0; state < STATES; state++) {
		struct buf dir = BUF_INIT;

		buf_printf(&dir, "%s.%lu.%s", m->dir, number, states[state]);
		prepare_state(m, dir.p, state);
		buf_release(&dir);
	}
	for (size_t i = 0; i < m->n; i++) {
		const struct target *t = &m->targets[i];
		bool index = strcmp(t->name, "index.db") == 0;
		size_t n = t->size * (DAMAGES - 1);

		for (size_t k = 0; k < (n + 1) * STATES; k++) {
			size_t at = k / STATES;
			enum state state = (enum state)(k % STATES);
			bool missing = at == n;

			point++;
			if ((index && state != ALONE) || (!missing &&
			    mix(m->seed + point * 0x9e3779b97f4a7c15u) %
			    (index ? m->every * 16 : m->every)))
				continue;
			if (tried++ % m->jobs == number)
				try_point(m, &m->counts[number], number, t,
				    missing ? 0 : at / (DAMAGES - 1),
				    missing ? MISSING : at % 2 ? CHANGED :
				    CUT, state);
		}
	}
	fflush(stdout);
}

/* ---- all of them ------------------------------------------------------- */

static struct mend *finding_files;

static int
add_target(const char *path, const struct stat *st, int type, struct FTW *at)
{
	struct mend *m = finding_files;
	const char *name = path + strlen(m->dir) + strlen("/.dsv/");

	(void)at;
	if (type != FTW_F || (strncmp(name, "objects/", 8) != 0 &&
	    strcmp(name, "index.db") != 0))
		return 0;
	VEC_ROOM(m->targets, m->n, m->cap);
	m->targets[m->n].name = mem_strdup(name);
	m->targets[m->n++].size = (size_t)st->st_size;
	return 0;
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(((const struct target *)a)->name,
	    ((const struct target *)b)->name);
}

static void
prepare(struct mend *m)
{
	struct buf dotdsv = BUF_INIT;
	err_t err;

	buf_printf(&dotdsv, "%s/.dsv", m->dir);
	finding_files = m;
	if (nftw(dotdsv.p, add_target, 16, FTW_PHYS))
		die("cannot list %s", dotdsv.p);
	qsort(m->targets, m->n, sizeof(*m->targets), by_name);
	err = look_at(&m->history, dotdsv.p, true);
	if (err)
		die("%s", err->msg);
	buf_release(&dotdsv);
}

static void
start(const struct mend *m)
{
	pid_t *pids = mem_array(m->jobs, sizeof(*pids));

	fflush(stdout);
	for (unsigned long i = 0; i < m->jobs; i++) {
		pids[i] = fork();
		if (pids[i] < 0)
			die("fork: %s", strerror(errno));
		if (pids[i] == 0) {
			work(m, i);
			_exit(0);
		}
	}
	for (unsigned long i = 0; i < m->jobs; i++) {
		int status;

		if (waitpid(pids[i], &status, 0) < 0 || status != 0)
			die("a worker ended with status %#x",
			    (unsigned)status);
	}
	free(pids);
}

static int
report(const struct mend *m)
{
	struct counts sum = { .points = 0 };

	for (unsigned long i = 0; i < m->jobs; i++) {
		const unsigned long *from = (const void *)&m->counts[i];
		unsigned long *to = (void *)&sum;

		for (size_t k = 0; k < sizeof(sum) / sizeof(*to); k++)
			to[k] += from[k];
	}
	printf("%lu points in %zu files, seed %llu (%lu missing, %lu ^ff, "
	    "%lu cut; %lu alone, %lu files, %lu trash, %lu aside)\n",
	    sum.points, m->n, (unsigned long long)m->seed,
	    sum.by_damage[MISSING], sum.by_damage[CHANGED],
	    sum.by_damage[CUT], sum.by_state[ALONE], sum.by_state[FILES],
	    sum.by_state[TRASH], sum.by_state[ASIDE]);
	printf("%lu crash, %lu gone, %lu short, %lu wrong, %lu again; "
	    "something was lost, and told, at %lu\n", sum.crash, sum.gone,
	    sum.missed, sum.wrong, sum.again, sum.lost);
	return sum.points == 0 || sum.crash || sum.gone || sum.missed ||
	    sum.wrong || sum.again;
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
	static struct mend m = { .seed = 1, .every = 1, .jobs = 2 };
	int c;

	while ((c = getopt(argc, argv, "e:s:j:")) != -1) {
		switch (c) {
		case 'e': m.every = number(optarg); break;
		case 's': m.seed = number(optarg); break;
		case 'j': m.jobs = number(optarg); break;
		default: return 2;
		}
	}
	if (argc - optind != 1)
		die("one directory, please");
	m.dir = argv[optind];
	m.counts = mmap(NULL, m.jobs * sizeof(*m.counts), PROT_READ |
	    PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (m.counts == MAP_FAILED)
		die("mmap: %s", strerror(errno));
	prepare(&m);
	start(&m);
	return report(&m);
}
