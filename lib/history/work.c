/*
 * The walk of the stage drives; the walk of the working tree is pulled along
 * beside it.  Both are in byte order of full paths, so one pass with nothing
 * remembered is enough.  A directory compares as its path with a slash behind
 * it: if the stage's next path is below it, something in it is tracked.
 *
 * A path of the stage that the walk did not show (it may be in an ignored
 * directory) is looked at by itself before it is called deleted.
 */

#include "lib/history/work.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/cancel.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/base/pool.h"
#include "lib/history/pathspec.h"

#define MS ((int64_t)1000 * 1000)
#define SECOND (1000 * MS)
#define WORTH_WAITING ((uint64_t)1 << 20)
#define WAIT_MAX (50 * MS)
#define READ_SIZE ((size_t)256 << 10)

#define SHOW_MORE (WORK_SHOW_UNTRACKED | WORK_FOLD_UNTRACKED | \
	WORK_SHOW_IGNORED)

struct walk {
	struct repo *r;
	struct pathspec *ps;		/* NULL: everything */
	unsigned flags;
	work_visit_fn *fn;
	void *arg;
	struct scan *scan;
	const struct scan_entry *found;	/* NULL at the end */
};

/* ---- time ------------------------------------------------------------- */

err_t
work_clock(int64_t *out, struct repo *r)
{
	struct file_temp t = FILE_TEMP_INIT;
	struct stat st;
	err_t err;

	err = file_temp_open(&t, store_dirfd(r->store));
	if (!err && fstat(t.fd, &st))
		err = err_sys("cannot stat a temporary file");
	if (!err)
		*out = file_mtime(&st);
	file_temp_close(&t);
	return err;
}

/* When the clock has moved on from a change.  Whole seconds: a file system
 * that counts in seconds, or in twos. */
static int64_t
sure_at(int64_t ctime)
{
	return ctime + (ctime % SECOND ? 20 * MS : 2 * SECOND);
}

bool
work_is_sure(int64_t ctime, int64_t since)
{
	return sure_at(ctime) < since;
}

void
work_worth_waiting(int64_t *until, uint64_t size, int64_t ctime,
    int64_t since)
{
	int64_t sure = sure_at(ctime);

	if (size >= WORTH_WAITING && sure >= since &&
	    sure - since < WAIT_MAX && sure > *until)
		*until = sure;
}

/* The clock of files goes in ticks, of 10 ms at most: wait one more. */
err_t
work_wait(int64_t *since, int64_t until, struct repo *r)
{
	struct timespec ts = { 0, 0 };

	if (until < *since)
		return NULL;
	ts.tv_nsec = (long)(until - *since + 15 * MS);
	nanosleep(&ts, NULL);
	return work_clock(since, r);
}

void
work_stage_entry(struct stage_entry *out, const char *path, enum mode mode,
    const struct id *id, const struct stat *st, int64_t since)
{
	int64_t ctime = file_ctime(st);
	bool sure = work_is_sure(ctime, since);

	out->path = path;
	out->mode = mode;
	out->id = *id;
	out->size = (uint64_t)st->st_size;
	out->mtime = sure ? file_mtime(st) : 0;
	out->ctime = sure ? ctime : 0;
	out->inode = (uint64_t)st->st_ino;
}

/* ---- one file --------------------------------------------------------- */

static err_t
hash_link(struct id *out, struct repo *r, const char *path)
{
	struct buf target = BUF_INIT;
	const char *base;
	int dirfd = -1;
	ssize_t n = 0;
	err_t err;

	err = file_open_parent(&dirfd, &base, r->rootfd, path, false);
	if (err)
		return err;
	for (size_t room = 256; !err; room *= 2) {
		buf_reserve(&target, room);
		n = readlinkat(dirfd, base, target.p, room);
		if (n < 0)
			err = err_sys("cannot read link \"%s\"", path);
		else if ((size_t)n < room)
			break;
	}
	if (!err)
		hash_bytes(out, target.p, (size_t)n);
	if (dirfd != r->rootfd)
		close(dirfd);
	buf_release(&target);
	return err;
}

static err_t
hash_open_file(struct id *out, int fd, const char *path)
{
	char *block = mem_alloc(READ_SIZE);
	struct hash h;
	size_t got;
	err_t err;

	hash_init(&h);
	do {
		err = cancel_check();
		if (!err)
			err = file_read_full(&got, fd, block, READ_SIZE, path);
		if (!err)
			hash_add(&h, block, got);
	} while (!err && got == READ_SIZE);
	if (!err)
		hash_end(out, &h);
	free(block);
	return err;
}

err_t
work_hash(struct id *out, struct repo *r, const char *path, enum mode mode)
{
	struct stat st;
	int fd;
	err_t err;

	if (mode == MODE_LINK)
		return hash_link(out, r, path);
	err = file_open_beneath(&fd, r->rootfd, path, O_RDONLY | O_NONBLOCK,
	    0);
	if (err)
		return err;
	if (fstat(fd, &st))
		err = err_sys("cannot stat \"%s\"", path);
	else if (!S_ISREG(st.st_mode))
		err = err_new(ERR_REFUSED, "\"%s\" is not a regular file",
		    path);
	else
		err = hash_open_file(out, fd, path);
	close(fd);
	return err;
}

/* ---- many files ------------------------------------------------------- */

#define HELD_JOBS 64

struct reading {
	struct job job;
	struct repo *r;
	struct work_doubt *doubt;
};

static err_t
run_reading(struct job *job)
{
	struct reading *reading = (struct reading *)(void *)job;
	struct work_doubt *d = reading->doubt;
	struct id id;
	err_t err = work_hash(&id, reading->r, d->path, d->mode);

	if (err_is(err, ERR_CANCELLED))
		return err;
	if (err)
		d->state = WORK_UNREADABLE;
	else
		d->state = id_eq(&id, &d->id) ? WORK_SAME : WORK_MODIFIED;
	return NULL;
}

static void
drop_reading(struct job *job, void *arg)
{
	(void)arg;
	free(job);
}

static err_t
end_reading(struct pool *pool)
{
	struct job *job;
	err_t err = pool_next(&job, pool);

	free(job);
	return err;
}

err_t
work_settle(struct work_doubt *v, size_t n, struct repo *r)
{
	struct pool *pool = pool_new();
	err_t err = NULL;

	for (size_t i = 0; !err && i < n; i++) {
		struct reading *reading = mem_zalloc(sizeof(*reading));

		reading->job.run = run_reading;
		reading->r = r;
		reading->doubt = &v[i];
		pool_give(pool, &reading->job);
		while (!err && (pool_held(pool) >= HELD_JOBS ||
		    pool_ready(pool)))
			err = end_reading(pool);
	}
	while (!err && pool_held(pool))
		err = end_reading(pool);
	pool_free(pool, drop_reading, NULL);
	return err;
}

/* ---- one path --------------------------------------------------------- */

static bool
same_stat(const struct stage_entry *e, const struct scan_entry *f)
{
	return e->mtime && e->mtime == f->mtime && e->ctime == f->ctime &&
	    e->inode == f->inode;
}

/*
 * Set the state of an item that is on both sides.  What cannot be read is a
 * state too; room is for the entry that says why.
 */
static err_t
compare(struct work_item *item, struct scan_entry *room, struct repo *r,
    unsigned flags)
{
	const struct stage_entry *e = item->staged;
	const struct scan_entry *f = item->found;
	struct id id;
	err_t err;

	item->stat_changed = false;
	if (f->failure)
		item->state = WORK_UNREADABLE;
	else if (f->type == SCAN_DIR || f->type == SCAN_REPO)
		item->state = WORK_DELETED;
	else if (f->type == SCAN_SPECIAL ||
	    (e->mode == MODE_LINK) != (f->mode == MODE_LINK))
		item->state = WORK_TYPE;
	else if (e->size != f->size || e->mode != f->mode)
		item->state = WORK_MODIFIED;
	else if (same_stat(e, f))
		item->state = WORK_SAME;
	else if (flags & WORK_NO_READING)
		item->state = WORK_DOUBTFUL;
	else {
		err = work_hash(&id, r, e->path, f->mode);
		if (err_is(err, ERR_CANCELLED))
			return err;
		item->state = err ? WORK_UNREADABLE :
		    id_eq(&id, &e->id) ? WORK_SAME : WORK_MODIFIED;
		item->stat_changed = item->state == WORK_SAME;
		if (err) {
			*room = *f;
			room->failure = err;
			item->found = room;
		}
	}
	if (item->state == WORK_DELETED)
		item->found = NULL;
	return NULL;
}

/* *there is false if there is nothing at path, or a link on the way to it. */
static err_t
look(struct scan_entry *out, bool *there, struct repo *r, const char *path)
{
	const char *base;
	struct stat st;
	int dirfd = -1;
	err_t err;

	*there = false;
	memset(out, 0, sizeof(*out));
	out->path = path;
	err = file_open_parent(&dirfd, &base, r->rootfd, path, false);
	if (err_is(err, ERR_NOT_FOUND) || err_is(err, ERR_REFUSED))
		return NULL;
	if (err)
		err = err_wrap(err, "cannot look at \"%s\"", path);
	else if (fstatat(dirfd, base, &st, AT_SYMLINK_NOFOLLOW)) {
		if (errno != ENOENT)
			err = err_sys("cannot look at \"%s\"", path);
	} else {
		*there = true;
		scan_entry_stat(out, &st);
	}
	if (err && !err_is(err, ERR_CANCELLED)) {
		*there = true;
		out->type = SCAN_SPECIAL;
		out->failure = err;
		err = NULL;
	}
	if (dirfd >= 0 && dirfd != r->rootfd)
		close(dirfd);
	return err;
}

err_t
work_look(struct work_room *out, struct repo *r, const char *path,
    unsigned flags)
{
	struct work_item *item = &out->item;
	bool there;
	err_t err;

	*item = (struct work_item){ .path = path };
	err = stage_get(&out->staged, r->store, path);
	if (!err)
		item->staged = &out->staged;
	else if (!err_is(err, ERR_NOT_FOUND))
		return err;
	err = look(&out->found, &there, r, path);
	if (err)
		return err;
	item->found = there ? &out->found : NULL;
	if (!there)
		item->state = WORK_DELETED;
	else if (item->staged) {
		err = compare(item, &out->found, r, flags);
		if (item->state == WORK_DELETED)
			item->found = &out->found;
		return err;
	}
	else if (item->found->failure)
		item->state = WORK_UNREADABLE;
	else if (item->found->type == SCAN_SPECIAL)
		item->state = WORK_SPECIAL;
	else
		item->state = WORK_UNTRACKED;
	return NULL;
}

/* ---- the walk --------------------------------------------------------- */

static err_t
selected(bool *out, struct walk *w, const char *path)
{
	*out = true;
	return w->ps ? pathspec_match(out, w->ps, path) : NULL;
}

static err_t
next(struct walk *w)
{
	return scan_next(&w->found, w->scan);
}

/* Show what was found, not in the stage, if it is selected. */
static err_t
show(struct walk *w, const char *path, enum work_state state)
{
	struct work_item item = { .path = path, .state = state,
	    .found = w->found };
	bool yes;
	err_t err;

	err = selected(&yes, w, w->found->path);
	if (err || !yes)
		return err;
	return w->fn(w->arg, &item);
}

static err_t
show_dir(struct walk *w, enum work_state state)
{
	struct buf path = BUF_INIT;
	err_t err;

	buf_printf(&path, "%s/", w->found->path);
	err = show(w, path.p, state);
	buf_release(&path);
	return err;
}

/* As dir with a slash behind it compares to path; 0: path is below dir. */
static int
compare_dir(const char *dir, const char *path)
{
	size_t len = strlen(dir);
	int c = strncmp(dir, path, len);

	return c ? c : '/' - (unsigned char)path[len];
}

static enum work_state
untracked_state(const struct walk *w)
{
	const struct scan_entry *f = w->found;

	if (f->failure)
		return WORK_UNREADABLE;
	if (f->type == SCAN_REPO)
		return WORK_REPO;
	if (scan_is_ignored(w->scan))
		return WORK_IGNORED;
	if (f->type == SCAN_SPECIAL)
		return WORK_SPECIAL;
	return WORK_UNTRACKED;
}

static bool
is_open_dir(const struct scan_entry *f)
{
	return f->type == SCAN_DIR && !f->ignored && !f->failure;
}

/* Show what was found, which has nothing to do with the stage. */
static err_t
show_untracked(struct walk *w, bool *is_file)
{
	const struct scan_entry *f = w->found;
	enum work_state state;

	*is_file = false;
	if (is_open_dir(f))
		return NULL;
	state = untracked_state(w);
	if (state == WORK_IGNORED && !(w->flags & WORK_SHOW_IGNORED))
		return NULL;
	*is_file = state == WORK_UNTRACKED;
	if (*is_file && !(w->flags & WORK_SHOW_UNTRACKED))
		return NULL;
	if (f->type == SCAN_DIR || f->type == SCAN_REPO)
		return show_dir(w, state);
	return show(w, f->path, state);
}

/*
 * A directory with nothing tracked in it, shown as one item if there is
 * anything in it to add.  All of it is walked over.
 */
static err_t
fold(struct walk *w)
{
	char *dir = mem_strdup(w->found->path);
	struct scan_entry top = *w->found;
	unsigned flags = w->flags;
	bool any = false;
	err_t err;

	w->flags &= ~(unsigned)WORK_SHOW_UNTRACKED;
	err = next(w);
	while (!err && w->found && !compare_dir(dir, w->found->path)) {
		bool is_file;

		err = show_untracked(w, &is_file);
		any = any || is_file;
		if (!err && any && !(flags & WORK_SHOW_IGNORED))
			scan_skip(w->scan, dir);
		if (!err)
			err = next(w);
	}
	w->flags = flags;
	if (!err && any) {
		const struct scan_entry *after = w->found;

		top.path = dir;
		w->found = &top;
		err = show_dir(w, WORK_UNTRACKED);
		w->found = after;
	}
	free(dir);
	return err;
}

/* Deal with what comes before path (NULL: with all) and is not in the
 * stage. */
static err_t
pass_untracked(struct walk *w, const char *path)
{
	err_t err = NULL;

	while (!err && w->found) {
		const struct scan_entry *f = w->found;
		bool is_dir = f->type == SCAN_DIR || f->type == SCAN_REPO;
		bool unused;
		int c = -1;

		if (path)
			c = is_dir ? compare_dir(f->path, path) :
			    strcmp(f->path, path);
		if (c > 0 || (!c && !is_dir))
			break;
		if (!c && !f->failure) {
			/* Something in this directory is tracked. */
			err = next(w);
			continue;
		}
		if (!(w->flags & SHOW_MORE)) {
			if (c && is_open_dir(f))
				scan_skip(w->scan, f->path);
			err = next(w);
			continue;
		}
		if (w->flags & WORK_FOLD_UNTRACKED && is_open_dir(f) &&
		    (!w->ps || pathspec_covers(w->ps, f->path))) {
			err = fold(w);
			continue;
		}
		err = show_untracked(w, &unused);
		if (!err)
			err = next(w);
	}
	return err;
}

static err_t
visit_staged(void *arg, const struct stage_entry *e)
{
	struct walk *w = arg;
	struct work_item item = { .path = e->path, .staged = e };
	struct scan_entry room;
	bool yes, there = false;
	err_t err;

	err = pass_untracked(w, e->path);
	if (!err)
		err = selected(&yes, w, e->path);
	if (err)
		return err;
	if (w->found && !strcmp(w->found->path, e->path) &&
	    w->found->type != SCAN_DIR && w->found->type != SCAN_REPO) {
		there = true;
		item.found = w->found;
	} else if (yes) {
		err = look(&room, &there, w->r, e->path);
		item.found = there ? &room : NULL;
	}
	item.state = WORK_DELETED;
	if (!err && yes && there)
		err = compare(&item, &room, w->r, w->flags);
	if (!err && yes &&
	    (item.state != WORK_SAME || w->flags & WORK_SHOW_SAME ||
	    item.stat_changed))
		err = w->fn(w->arg, &item);
	if (!err && w->found && !strcmp(w->found->path, e->path) &&
	    w->found->type != SCAN_DIR && w->found->type != SCAN_REPO)
		err = next(w);
	return err;
}

static err_t
walk_root(struct walk *w, const char *root)
{
	unsigned flags = 0;
	err_t err;

	if (w->flags & WORK_ADD_IGNORED)
		flags |= SCAN_ENTER_IGNORED;
	if (w->flags & WORK_SHOW_IGNORED)
		flags |= SCAN_SHOW_IGNORED;
	err = scan_open(&w->scan, w->r, root, flags);
	if (err)
		return err;
	err = next(w);
	if (!err)
		err = stage_walk(w->r->store, root, visit_staged, w);
	if (!err)
		err = pass_untracked(w, NULL);
	scan_close(w->scan);
	w->scan = NULL;
	return err;
}

err_t
work_walk(struct repo *r, struct pathspec *ps, unsigned flags,
    work_visit_fn *fn, void *arg)
{
	static const char *const everything[] = { "" };
	const char *const *roots = everything;
	struct walk w = { .r = r, .ps = ps, .flags = flags, .fn = fn,
	    .arg = arg };
	size_t n = 1;
	err_t err = NULL;

	if (ps)
		roots = pathspec_roots(ps, &n);
	for (size_t i = 0; !err && i < n; i++)
		err = walk_root(&w, roots[i]);
	return err;
}

/* ---- the stage -------------------------------------------------------- */

struct doomed {
	char **v;
	size_t n, cap;
};

static err_t
doom(void *arg, const struct stage_entry *e)
{
	struct doomed *d = arg;

	VEC_ROOM(d->v, d->n, d->cap);
	d->v[d->n++] = mem_strdup(e->path);
	return NULL;
}

err_t
work_make_way(struct txn *t, const char *path)
{
	struct doomed below = { NULL, 0, 0 };
	struct store *s = txn_store(t);
	char *part = mem_strdup(path);
	struct stage_entry e;
	err_t err;

	err = stage_walk(s, path, doom, &below);
	for (size_t i = 0; i < below.n; i++) {
		if (!err && strcmp(below.v[i], path))
			err = stage_delete(t, below.v[i]);
		free(below.v[i]);
	}
	free(below.v);
	for (char *slash = strchr(part, '/'); !err && slash;
	    slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		err = stage_get(&e, s, part);
		if (!err)
			err = stage_delete(t, part);
		else if (err_is(err, ERR_NOT_FOUND))
			err = NULL;
		*slash = '/';
	}
	free(part);
	return err;
}
