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
#define HELD_BYTES ((uint64_t)32 << 20)
#define HELD_JOBS 256
#define TARGET_MAX ((uint64_t)1 << 16)

/* One file to be written; shared with a worker, which reads all but failure
 * and sets st. */
struct place {
	struct job job;
	struct repo *r;
	const char *path;
	struct wish *wish;
	bool force;
	struct buf bytes;
	struct stat st;
};

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

static err_t
open_parent(int *out, const char **base, const struct place *p)
{
	err_t err;

	err = file_open_parent(out, base, p->r->rootfd, p->path, true);
	if (p->force && (err_is(err, ERR_NOT_FOUND) ||
	    err_is(err, ERR_REFUSED) || err_is(err, ERR_EXISTS))) {
		err = clear_parents(p->r, p->path);
		if (!err)
			err = file_open_parent(out, base, p->r->rootfd,
			    p->path, true);
	}
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

/* From memory, or with stream from the store (main thread only). */
static err_t
write_file(struct place *p, bool stream)
{
	struct file_temp t = FILE_TEMP_INIT;
	struct sink sink = { -1, p->path };
	const char *base;
	int dirfd = -1;
	err_t err;

	err = open_parent(&dirfd, &base, p);
	if (!err) {
		err = file_temp_open(&t, dirfd);
		if (err)
			err = err_wrap(err, "cannot write \"%s\"", p->path);
	}
	sink.fd = t.fd;
	if (!err && stream)
		err = content_read(p->r->store, &p->wish->id, write_some,
		    &sink);
	else if (!err)
		err = file_write_full(t.fd, p->bytes.p, p->bytes.len, p->path);
	if (!err && p->wish->mode == MODE_EXEC)
		err = make_executable(t.fd, p->path);
	if (!err)
		err = give_name(&t, dirfd, base, p);
	if (!err && fstat(t.fd, &p->st))
		err = err_sys("cannot stat \"%s\"", p->path);
	file_temp_close(&t);
	if (dirfd >= 0 && dirfd != p->r->rootfd)
		close(dirfd);
	return err;
}

static err_t
run_place(struct job *job)
{
	return write_file((struct place *)(void *)job, false);
}

static err_t
keep_bytes(void *arg, const char *bytes, size_t len)
{
	struct buf *b = arg;

	buf_add(b, bytes, len);
	return NULL;
}

static struct place *
place_new(struct wishes *w, struct wish *wish)
{
	struct place *p = mem_zalloc(sizeof(*p));

	p->job.run = run_place;
	p->r = w->c->r;
	p->path = checkout_path(w, wish);
	p->wish = wish;
	p->force = w->c->flags & CHECKOUT_FORCE;
	return p;
}

static void
place_free(struct place *p)
{
	buf_release(&p->bytes);
	free(p);
}

static void
place_done(struct place *p)
{
	p->wish->mtime = file_mtime(&p->st);
	p->wish->ctime = file_ctime(&p->st);
	p->wish->inode = (uint64_t)p->st.st_ino;
	term_progress_add(1);
}

static void
drop_place(struct job *job, void *arg)
{
	(void)arg;
	place_free((struct place *)(void *)job);
}

static err_t
take_back(struct pool *pool, uint64_t *held)
{
	struct job *job;
	struct place *p;
	err_t err;

	err = pool_next(&job, pool);
	p = (struct place *)(void *)job;
	*held -= p->wish->size;
	if (!err)
		place_done(p);
	place_free(p);
	return err;
}

static err_t
write_one(struct wishes *w, struct wish *wish, struct pool *pool,
    uint64_t *held)
{
	struct place *p = place_new(w, wish);
	err_t err;

	if (wish->size > SMALL) {
		err = write_file(p, true);
		if (!err)
			place_done(p);
		place_free(p);
		return err;
	}
	err = content_read(p->r->store, &wish->id, keep_bytes, &p->bytes);
	if (err) {
		place_free(p);
		return err;
	}
	*held += wish->size;
	pool_give(pool, &p->job);
	while (!err && (pool_ready(pool) || *held > HELD_BYTES ||
	    pool_held(pool) > HELD_JOBS))
		err = take_back(pool, held);
	return err;
}

static err_t
write_files(struct wishes *w)
{
	struct pool *pool = pool_new();
	uint64_t held = 0;
	err_t err = NULL;

	for (size_t i = 0; !err && i < w->n; i++) {
		struct wish *wish = &w->v[i];

		if (!wish->do_work || !wish->exists || wish->mode == MODE_LINK)
			continue;
		err = cancel_check();
		if (!err)
			err = write_one(w, wish, pool, &held);
	}
	while (!err && pool_held(pool))
		err = take_back(pool, &held);
	pool_free(pool, drop_place, NULL);
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
write_link(struct place *p)
{
	const char *base;
	int dirfd = -1;
	err_t err;

	if (p->wish->size > TARGET_MAX)
		return err_new(ERR_CORRUPT, "link \"%s\" has a target of %llu "
		    "bytes", p->path, (unsigned long long)p->wish->size);
	err = content_read(p->r->store, &p->wish->id, keep_bytes, &p->bytes);
	if (!err && (!p->bytes.len ||
	    memchr(p->bytes.p, '\0', p->bytes.len)))
		err = err_new(ERR_CORRUPT, "link \"%s\" has a target that no "
		    "link can have", p->path);
	if (!err)
		err = open_parent(&dirfd, &base, p);
	if (!err)
		err = make_link(p->bytes.p, dirfd, base, p);
	if (!err && fstatat(dirfd, base, &p->st, AT_SYMLINK_NOFOLLOW))
		err = err_sys("cannot stat \"%s\"", p->path);
	if (dirfd >= 0 && dirfd != p->r->rootfd)
		close(dirfd);
	return err;
}

static err_t
write_links(struct wishes *w)
{
	err_t err = NULL;

	for (size_t i = 0; !err && i < w->n; i++) {
		struct wish *wish = &w->v[i];
		struct place *p;

		if (!wish->do_work || !wish->exists || wish->mode != MODE_LINK)
			continue;
		p = place_new(w, wish);
		err = write_link(p);
		if (!err)
			place_done(p);
		place_free(p);
	}
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
