/*
 * Carrying a checkout out, in this order, so that a file may take the place
 * of a directory and the reverse:
 *
 * (1) What is to be gone is removed, last path first, and directories that
 *     this empties with it.
 * (2) Files are written without a name or under a temporary one, and get
 *     their name when they are complete.  The store is read by one thread;
 *     the system calls that make small files are spread over several.
 * (3) Symbolic links are made last, so that none is there to be followed.
 *
 * Every name is resolved beneath the root, and never through a link.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/cancel.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/base/pool.h"
#include "lib/base/term.h"
#include "lib/history/checkout_int.h"
#include "lib/history/scan.h"
#include "lib/history/work.h"

#define SMALL ((uint64_t)1 << 20)
#define BATCH_BYTES ((uint64_t)1 << 20)
#define BATCH_FILES 32
#define HELD_BATCHES 16
#define TARGET_MAX ((uint64_t)1 << 16)

/* One file or link to be written. */
struct place {
	struct repo *r;
	const char *path;
	struct wish *wish;
	bool force;
	size_t at;		/* in the batch's bytes */
	struct stat st;		/* out */
};

/* Small files for a worker: it reads all of this, and sets each st. */
struct batch {
	struct job job;
	struct place v[BATCH_FILES];
	size_t n;
	struct buf bytes;
};

/* The directory that was used last stays open: the next path is mostly in
 * it too. */
struct parent {
	int fd;
	const char *path;	/* of a file in it; NULL: not open */
};
#define PARENT_INIT { -1, NULL }

/* ---- (1) -------------------------------------------------------------- */

/* Remove the directories above path that are empty, but not the one the
 * user is in. */
static void
remove_empty_parents(struct repo *r, const char *path)
{
	char *dir = mem_strdup(path);
	char *slash;

	while ((slash = strrchr(dir, '/'))) {
		const char *base;
		int dirfd = -1;
		bool stop;
		err_t err;

		slash[1] = '\0';
		if (!strncmp(r->prefix, dir, strlen(dir)))
			break;
		*slash = '\0';
		err = file_open_parent(&dirfd, &base, r->rootfd, dir, false);
		stop = err || unlinkat(dirfd, base, AT_REMOVEDIR);
		if (dirfd >= 0 && dirfd != r->rootfd)
			close(dirfd);
		if (stop)
			break;
	}
	free(dir);
}

static err_t
remove_file(struct repo *r, const char *path)
{
	const char *base;
	int dirfd = -1;
	err_t err;

	err = file_open_parent(&dirfd, &base, r->rootfd, path, false);
	if (err_is(err, ERR_NOT_FOUND) || err_is(err, ERR_REFUSED))
		return NULL;		/* it is not there */
	if (!err && unlinkat(dirfd, base, 0) && errno != ENOENT)
		err = err_sys("cannot remove \"%s\"", path);
	if (dirfd >= 0 && dirfd != r->rootfd)
		close(dirfd);
	return err;
}

static size_t
dir_len(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? (size_t)(slash - path) : 0;
}

static bool
same_dir(const char *a, const char *b)
{
	size_t len = dir_len(a);

	return len == dir_len(b) && !memcmp(a, b, len);
}

static err_t
remove_all(struct wishes *w)
{
	struct repo *r = w->c->r;
	const char *last = NULL;
	err_t err = NULL;

	for (size_t i = w->n; !err && i--;) {
		const struct wish *wish = &w->v[i];
		const char *path = checkout_path(w, wish);

		if (!wish->do_work || wish->exists)
			continue;
		if (last && !same_dir(last, path))
			remove_empty_parents(r, last);
		err = cancel_check();
		if (!err)
			err = remove_file(r, path);
		term_progress_add(1);
		last = path;
	}
	if (last)
		remove_empty_parents(r, last);
	return err;
}

/* ---- names ------------------------------------------------------------ */

/* Remove whatever is on the way to path that is not a directory. */
static err_t
clear_parents(struct repo *r, const char *path)
{
	char *part = mem_strdup(path);
	err_t err = NULL;

	for (char *slash = strchr(part, '/'); !err && slash;
	    slash = strchr(slash + 1, '/')) {
		const char *base;
		struct stat st;
		int dirfd = -1;

		*slash = '\0';
		err = file_open_parent(&dirfd, &base, r->rootfd, part, true);
		if (!err && !fstatat(dirfd, base, &st, AT_SYMLINK_NOFOLLOW) &&
		    !S_ISDIR(st.st_mode) && unlinkat(dirfd, base, 0))
			err = err_sys("cannot remove \"%s\"", part);
		if (dirfd >= 0 && dirfd != r->rootfd)
			close(dirfd);
		*slash = '/';
	}
	free(part);
	return err;
}

static void
parent_close(struct parent *up, const struct repo *r)
{
	if (up->path && up->fd != r->rootfd)
		close(up->fd);
	up->path = NULL;
}

static err_t
parent_open(struct parent *up, const char **base, const struct place *p)
{
	err_t err;

	if (up->path && same_dir(up->path, p->path)) {
		*base = p->path + dir_len(p->path);
		*base += **base == '/';
		return NULL;
	}
	parent_close(up, p->r);
	err = file_open_parent(&up->fd, base, p->r->rootfd, p->path, true);
	if (p->force && (err_is(err, ERR_NOT_FOUND) ||
	    err_is(err, ERR_REFUSED) || err_is(err, ERR_EXISTS))) {
		err = clear_parents(p->r, p->path);
		if (!err)
			err = file_open_parent(&up->fd, base, p->r->rootfd,
			    p->path, true);
	}
	if (!err)
		up->path = p->path;
	return err;
}

static err_t
appeared(const char *path)
{
	return err_new(ERR_REFUSED, "\"%s\" appeared while files were being "
	    "written, and is left as it is", path);
}

/* An empty directory may be where the file is to be. */
static bool
remove_empty_dir(int dirfd, const char *base)
{
	return !unlinkat(dirfd, base, AT_REMOVEDIR);
}

/* ---- (2) -------------------------------------------------------------- */

static err_t
give_name(struct file_temp *t, int dirfd, const char *base,
    const struct place *p)
{
	err_t err;

	if (p->wish->replace)
		return file_temp_replace(t, dirfd, base);
	err = file_temp_link(t, dirfd, base);
	if (!err_is(err, ERR_EXISTS))
		return err;
	if (remove_empty_dir(dirfd, base))
		return file_temp_link(t, dirfd, base);
	return p->force ? file_temp_replace(t, dirfd, base) :
	    appeared(p->path);
}

static err_t
make_executable(int fd, const char *path)
{
	struct stat st;

	if (fstat(fd, &st) ||
	    fchmod(fd, (st.st_mode & 0777) | (st.st_mode & 0444) >> 2))
		return err_sys("cannot make \"%s\" executable", path);
	return NULL;
}

struct sink {
	int fd;
	const char *path;
};

static err_t
write_some(void *arg, const char *bytes, size_t len)
{
	struct sink *s = arg;
	err_t err = cancel_check();

	return err ? err : file_write_full(s->fd, bytes, len, s->path);
}

/* bytes NULL: from the store (main thread only). */
static err_t
write_file(struct place *p, struct parent *up, const char *bytes)
{
	struct file_temp t = FILE_TEMP_INIT;
	struct sink sink = { -1, p->path };
	const char *base;
	err_t err;

	err = parent_open(up, &base, p);
	if (err)
		return err;
	err = file_temp_open(&t, up->fd);
	if (err)
		return err_wrap(err, "cannot write \"%s\"", p->path);
	sink.fd = t.fd;
	if (bytes)
		err = file_write_full(t.fd, bytes, (size_t)p->wish->size,
		    p->path);
	else
		err = content_read(p->r->store, &p->wish->id, write_some,
		    &sink);
	if (!err && p->wish->mode == MODE_EXEC)
		err = make_executable(t.fd, p->path);
	if (!err)
		err = give_name(&t, up->fd, base, p);
	if (!err && fstat(t.fd, &p->st))
		err = err_sys("cannot stat \"%s\"", p->path);
	file_temp_close(&t);
	return err;
}

static void
place_init(struct place *p, struct wishes *w, struct wish *wish)
{
	memset(p, 0, sizeof(*p));
	p->r = w->c->r;
	p->path = checkout_path(w, wish);
	p->wish = wish;
	p->force = w->c->flags & CHECKOUT_FORCE;
}

static void
place_done(struct place *p)
{
	p->wish->mtime = file_mtime(&p->st);
	p->wish->ctime = file_ctime(&p->st);
	p->wish->inode = (uint64_t)p->st.st_ino;
	term_progress_add(1);
}

static err_t
run_batch(struct job *job)
{
	struct batch *b = (struct batch *)(void *)job;
	struct parent up = PARENT_INIT;
	err_t err = NULL;

	for (size_t i = 0; !err && i < b->n; i++)
		err = write_file(&b->v[i], &up, b->bytes.p + b->v[i].at);
	if (b->n)
		parent_close(&up, b->v[0].r);
	return err;
}

static void
batch_free(struct batch *b)
{
	if (!b)
		return;
	buf_release(&b->bytes);
	free(b);
}

static void
drop_batch(struct job *job, void *arg)
{
	(void)arg;
	batch_free((struct batch *)(void *)job);
}

static err_t
take_back(struct pool *pool)
{
	struct job *job;
	struct batch *b;
	err_t err;

	err = pool_next(&job, pool);
	b = (struct batch *)(void *)job;
	for (size_t i = 0; !err && i < b->n; i++)
		place_done(&b->v[i]);
	batch_free(b);
	return err;
}

static err_t
give(struct pool *pool, struct batch **b)
{
	err_t err = NULL;

	if (!*b)
		return NULL;
	pool_give(pool, &(*b)->job);
	*b = NULL;
	while (!err && (pool_ready(pool) || pool_held(pool) > HELD_BATCHES))
		err = take_back(pool);
	return err;
}

static err_t
keep_bytes(void *arg, const char *bytes, size_t len)
{
	struct buf *b = arg;

	buf_add(b, bytes, len);
	return NULL;
}

static err_t
add_small(struct wishes *w, struct wish *wish, struct pool *pool,
    struct batch **current)
{
	struct batch *b = *current;
	struct place *p;
	err_t err;

	if (!b) {
		b = *current = mem_zalloc(sizeof(*b));
		b->job.run = run_batch;
		buf_reserve(&b->bytes, 0);
	}
	p = &b->v[b->n++];
	place_init(p, w, wish);
	p->at = b->bytes.len;
	err = content_read(p->r->store, &wish->id, keep_bytes, &b->bytes);
	if (!err && b->bytes.len - p->at != wish->size)
		err = err_new(ERR_CORRUPT, "\"%s\" is said to have %llu "
		    "bytes, but its content has %zu", p->path,
		    (unsigned long long)wish->size, b->bytes.len - p->at);
	if (!err && (b->n == BATCH_FILES || b->bytes.len >= BATCH_BYTES))
		err = give(pool, current);
	return err;
}

static err_t
write_large(struct wishes *w, struct wish *wish)
{
	struct parent up = PARENT_INIT;
	struct place p;
	err_t err;

	place_init(&p, w, wish);
	err = write_file(&p, &up, NULL);
	if (!err)
		place_done(&p);
	parent_close(&up, p.r);
	return err;
}

static err_t
write_files(struct wishes *w)
{
	struct pool *pool = pool_new();
	struct batch *batch = NULL;
	err_t err = NULL;

	for (size_t i = 0; !err && i < w->n; i++) {
		struct wish *wish = &w->v[i];

		if (!wish->do_work || !wish->exists || wish->mode == MODE_LINK)
			continue;
		err = cancel_check();
		if (!err && wish->size > SMALL)
			err = write_large(w, wish);
		else if (!err)
			err = add_small(w, wish, pool, &batch);
	}
	if (!err)
		err = give(pool, &batch);
	while (!err && pool_held(pool))
		err = take_back(pool);
	batch_free(batch);
	pool_free(pool, drop_batch, NULL);
	return err;
}

/* ---- (3) -------------------------------------------------------------- */

/* A link that replaces something is made beside it, then renamed. */
static err_t
replace_by_link(const char *target, int dirfd, const char *base,
    const char *path)
{
	char name[32];
	uint64_t n;
	err_t err;

	err = file_random(&n, sizeof(n));
	if (err)
		return err;
	snprintf(name, sizeof(name), ".tmp-%016llx", (unsigned long long)n);
	if (symlinkat(target, dirfd, name))
		return err_sys("cannot make link \"%s\"", path);
	if (renameat(dirfd, name, dirfd, base)) {
		err = err_sys("cannot make link \"%s\"", path);
		unlinkat(dirfd, name, 0);
	}
	return err;
}

static err_t
make_link(const char *target, int dirfd, const char *base,
    const struct place *p)
{
	if (p->wish->replace)
		return replace_by_link(target, dirfd, base, p->path);
	if (!symlinkat(target, dirfd, base))
		return NULL;
	if (errno != EEXIST)
		return err_sys("cannot make link \"%s\"", p->path);
	if (remove_empty_dir(dirfd, base) || p->force)
		return replace_by_link(target, dirfd, base, p->path);
	return appeared(p->path);
}

static err_t
read_target(struct buf *out, const struct place *p)
{
	err_t err;

	if (p->wish->size > TARGET_MAX)
		return err_new(ERR_CORRUPT, "link \"%s\" has a target of %llu "
		    "bytes", p->path, (unsigned long long)p->wish->size);
	err = content_read(p->r->store, &p->wish->id, keep_bytes, out);
	if (!err && (!out->len || memchr(out->p, '\0', out->len)))
		err = err_new(ERR_CORRUPT, "link \"%s\" has a target that no "
		    "link can have", p->path);
	return err;
}

static err_t
write_link(struct place *p, struct parent *up)
{
	struct buf target = BUF_INIT;
	const char *base;
	err_t err;

	err = read_target(&target, p);
	if (!err)
		err = parent_open(up, &base, p);
	if (!err)
		err = make_link(target.p, up->fd, base, p);
	if (!err && fstatat(up->fd, base, &p->st, AT_SYMLINK_NOFOLLOW))
		err = err_sys("cannot stat \"%s\"", p->path);
	buf_release(&target);
	return err;
}

static err_t
write_links(struct wishes *w)
{
	struct parent up = PARENT_INIT;
	err_t err = NULL;

	for (size_t i = 0; !err && i < w->n; i++) {
		struct wish *wish = &w->v[i];
		struct place p;

		if (!wish->do_work || !wish->exists || wish->mode != MODE_LINK)
			continue;
		place_init(&p, w, wish);
		err = write_link(&p, &up);
		if (!err)
			place_done(&p);
	}
	parent_close(&up, w->c->r);
	return err;
}

/* ---- the stat cache --------------------------------------------------- */

/*
 * Times are remembered only if a later change cannot leave them the same.
 * Large files are worth waiting for the clock to move on.
 */
static err_t
settle(struct wishes *w)
{
	int64_t since, until = 0;
	err_t err;

	err = work_clock(&since, w->c->r);
	for (size_t i = 0; !err && i < w->n; i++) {
		if (w->v[i].mtime)
			work_worth_waiting(&until, w->v[i].size,
			    w->v[i].ctime, since);
	}
	if (!err)
		err = work_wait(&since, until, w->c->r);
	for (size_t i = 0; !err && i < w->n; i++) {
		if (!work_is_sure(w->v[i].ctime, since))
			w->v[i].mtime = w->v[i].ctime = 0;
	}
	return err;
}

err_t
checkout_write(struct wishes *w)
{
	bool remembered = false;
	uint64_t n = 0;
	err_t err;

	for (size_t i = 0; i < w->n; i++)
		n += w->v[i].do_work;
	term_progress_begin("writing files", TERM_ITEMS, n);
	err = remove_all(w);
	if (!err)
		err = write_files(w);
	if (!err)
		err = write_links(w);
	term_progress_end();
	for (size_t i = 0; i < w->n; i++)
		remembered = remembered || w->v[i].mtime;
	return err || !remembered ? err : settle(w);
}
