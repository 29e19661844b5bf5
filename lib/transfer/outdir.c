/*
 * The order of things, which makes outdir.h true:
 *
 * (1) All is written beneath a new directory that only we know.
 * (2) Everything in it is on the disk before anything is moved.
 * (3) A name that is free is taken by one rename of the whole.  Into a
 *     directory that is there already, what is in ours is moved entry by
 *     entry, a directory as a whole where its name is free.
 * (4) Before the first move, all of them have been looked at.
 */

#include "lib/transfer/outdir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/cancel.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"

#define OPEN_DIR (O_RDONLY | O_DIRECTORY | O_CLOEXEC)
#define PATIENCE 16

struct outdir {
	char *path;		/* as it was given, for messages */
	char *base;		/* its last component */
	int parent;		/* the directory that holds it */
	int place;		/* the directory itself; -1 if it is new */
	char *partial;		/* name of ours, in place or else parent */
	int fd;			/* ours */
	int file;		/* being written, or -1 */
	char *name;		/* its path */
	int64_t mtime;
	struct buf up;		/* the directory that was used last, … */
	int upfd;		/* … open, or -1 */
};

/* ---- where ------------------------------------------------------------- */

/* Is the directory, or one that it is in, that one? */
static err_t
is_within(bool *out, int dir, int forbidden)
{
	struct stat here, up, that;
	err_t err = NULL;
	int fd = openat(dir, ".", OPEN_DIR), next;

	*out = false;
	if (fd < 0 || fstat(fd, &here) != 0 || fstat(forbidden, &that) != 0) {
		err = err_sys("cannot look at a directory");
		goto out;
	}
	for (;;) {
		*out = here.st_dev == that.st_dev && here.st_ino == that.st_ino;
		next = *out ? -1 : openat(fd, "..", OPEN_DIR);
		if (next < 0)
			break;		/* nobody may look there: not ours */
		close(fd);
		fd = next;
		if (fstat(fd, &up) != 0 ||
		    (up.st_dev == here.st_dev && up.st_ino == here.st_ino))
			break;
		here = up;
	}
out:
	if (fd >= 0)
		close(fd);
	return err;
}

static err_t
parent_open(int *out, const char *parent, const char *path, int forbidden)
{
	bool within;
	err_t err;
	int fd = open(parent, OPEN_DIR);

	if (fd < 0)
		return err_sys("cannot write \"%s\" into \"%s\"", path,
		    parent);
	err = is_within(&within, fd, forbidden);
	if (!err && within)
		err = err_new(ERR_REFUSED, "\"%s\" is inside the repository's "
		    "own \".dsv\"", path);
	if (err)
		close(fd);
	else
		*out = fd;
	return err;
}

err_t
outdir_open_parent(int *out, char **base, const char *path, int forbidden)
{
	char *whole = mem_strdup(path), *slash;
	size_t len = strlen(whole);
	const char *name = whole, *parent = ".";
	err_t err;

	while (len > 1 && whole[len - 1] == '/')
		whole[--len] = '\0';
	slash = strrchr(whole, '/');
	if (slash != NULL) {
		name = slash + 1;
		parent = slash == whole ? "/" : whole;
		*slash = '\0';
	}
	if (*name == '\0')
		name = ".";
	err = parent_open(out, parent, path, forbidden);
	if (!err)
		*base = mem_strdup(name);
	free(whole);
	return err;
}

/* ---- whole trees ------------------------------------------------------- */

static bool
is_dot(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* Go through a directory that stays open; NULL at the end of it, and on
 * failure with err set. */
static const char *
dir_next(DIR *d, err_t *err)
{
	struct dirent *e;

	do {
		errno = 0;
		e = readdir(d);
	} while (e != NULL && is_dot(e->d_name));
	if (e == NULL && errno != 0)
		*err = err_sys("cannot read a directory");
	return e != NULL ? e->d_name : NULL;
}

static err_t
dir_open(DIR **out, int at, const char *name)
{
	int fd = openat(at, name, OPEN_DIR | O_NOFOLLOW);

	*out = fd < 0 ? NULL : fdopendir(fd);
	if (*out != NULL)
		return NULL;
	if (fd >= 0)
		close(fd);
	return err_sys("cannot open \"%s\"", name);
}

/* As much as can be removed is; what cannot has the word "partial" in its
 * name. */
static void
tree_remove(int at, const char *name)
{
	DIR *d = NULL;
	const char *entry;
	err_t err = dir_open(&d, at, name);

	while (!err && (entry = dir_next(d, &err)) != NULL)
		if (unlinkat(dirfd(d), entry, 0) != 0)
			tree_remove(dirfd(d), entry);
	if (d != NULL)
		closedir(d);
	unlinkat(at, name, AT_REMOVEDIR);
}

static err_t tree_move(int from, int to, const char *name, bool only_look,
    const struct outdir *d);

/* Both are directories. */
static err_t
tree_merge(int from, int to, const char *name, bool only_look,
    const struct outdir *d)
{
	DIR *in = NULL, *onto = NULL;
	const char *entry;
	err_t err;

	err = dir_open(&in, from, name);
	if (!err)
		err = dir_open(&onto, to, name);
	while (!err && (entry = dir_next(in, &err)) != NULL)
		err = tree_move(dirfd(in), dirfd(onto), entry, only_look, d);
	if (in != NULL)
		closedir(in);
	if (onto != NULL)
		closedir(onto);
	if (!err && !only_look && unlinkat(from, name, AT_REMOVEDIR) != 0)
		err = err_sys("cannot remove \"%s\"", name);
	return err;
}

static err_t
tree_move(int from, int to, const char *name, bool only_look,
    const struct outdir *d)
{
	struct stat ours, theirs;
	bool taken = fstatat(to, name, &theirs, AT_SYMLINK_NOFOLLOW) == 0;

	if (fstatat(from, name, &ours, AT_SYMLINK_NOFOLLOW) != 0)
		return err_sys("cannot look at \"%s\"", name);
	if (taken && S_ISDIR(ours.st_mode) && S_ISDIR(theirs.st_mode))
		return tree_merge(from, to, name, only_look, d);
	if (taken && (S_ISDIR(ours.st_mode) || S_ISDIR(theirs.st_mode)))
		return err_new(ERR_EXISTS, "\"%s\" in \"%s\" is in the way: "
		    "%s is to be there", name, d->path,
		    S_ISDIR(ours.st_mode) ? "a directory" : "a file");
	if (!only_look && renameat(from, name, to, name) != 0)
		return err_sys("cannot move \"%s\" into \"%s\"", name,
		    d->path);
	return NULL;
}

/* ---- beginning --------------------------------------------------------- */

static err_t
place_open(struct outdir *d, bool force)
{
	const char *entry = NULL;
	DIR *dir = NULL;
	err_t err = NULL;

	d->place = openat(d->parent, d->base, OPEN_DIR);
	if (d->place < 0 && errno == ENOENT)
		return NULL;
	if (d->place < 0 && errno == ENOTDIR)
		return err_new(ERR_EXISTS, "\"%s\" is there and is not a "
		    "directory", d->path);
	if (d->place < 0)
		return err_sys("cannot open \"%s\"", d->path);
	if (!force) {
		err = dir_open(&dir, d->place, ".");
		if (!err)
			entry = dir_next(dir, &err);
		if (entry != NULL)
			err = err_new(ERR_EXISTS, "\"%s\" is not empty; "
			    "--force replaces the files in it that have the "
			    "same names", d->path);
	}
	if (dir != NULL)
		closedir(dir);
	return err;
}

static int
holder(const struct outdir *d)
{
	return d->place >= 0 ? d->place : d->parent;
}

/* (1) */
static err_t
partial_make(struct outdir *d)
{
	struct buf name = BUF_INIT;
	uint32_t salt;
	err_t err = NULL;
	int tries, made = -1;

	for (tries = 0; tries < PATIENCE && made != 0 && !err; tries++) {
		err = file_random(&salt, sizeof(salt));
		if (err)
			break;
		buf_clear(&name);
		buf_printf(&name, "%s.partial-%08x",
		    d->place < 0 ? d->base : "export", salt);
		made = mkdirat(holder(d), buf_cstr(&name), 0777);
		if (made != 0 && errno != EEXIST)
			err = err_sys("cannot make \"%s\"", d->path);
	}
	if (!err && made != 0)
		err = err_new(ERR_EXISTS, "cannot make \"%s\"", d->path);
	if (made == 0) {
		d->partial = buf_detach(&name);
		d->fd = openat(holder(d), d->partial, OPEN_DIR | O_NOFOLLOW);
		if (d->fd < 0)
			err = err_sys("cannot open \"%s\"", d->partial);
	}
	buf_release(&name);
	return err;
}

err_t
outdir_begin(struct outdir **out, const char *path, bool force,
    int forbidden)
{
	struct outdir *d = mem_zalloc(sizeof(*d));
	bool within = false;
	err_t err;

	d->path = mem_strdup(path);
	d->parent = d->place = d->fd = d->file = d->upfd = -1;
	err = outdir_open_parent(&d->parent, &d->base, path, forbidden);
	if (!err)
		err = place_open(d, force);
	if (!err && d->place >= 0)	/* ".", "..", or through a link */
		err = is_within(&within, d->place, forbidden);
	if (!err && within)
		err = err_new(ERR_REFUSED, "\"%s\" is inside the repository's "
		    "own \".dsv\"", path);
	if (!err)
		err = partial_make(d);
	if (err)
		outdir_free(d);
	else
		*out = d;
	return err;
}

/* ---- entries ----------------------------------------------------------- */

static void
times(struct timespec out[2], int64_t mtime)
{
	out[0].tv_sec = 0;
	out[0].tv_nsec = UTIME_OMIT;
	out[1].tv_sec = (time_t)mtime;
	out[1].tv_nsec = 0;
}

static err_t
file_done(struct outdir *d)
{
	struct timespec t[2];
	int fd = d->file;

	if (fd < 0)
		return NULL;
	d->file = -1;
	times(t, d->mtime);
	if (futimens(fd, t) != 0) {
		close(fd);
		return err_sys("cannot set the time of \"%s\"", d->name);
	}
	if (close(fd) != 0)
		return err_sys("cannot write \"%s\"", d->name);
	return NULL;
}

/* The directory that path is to be in, which is kept open for the next one;
 * in byte order of paths that is mostly the same. */
static err_t
parent_get(int *out, const char **base, struct outdir *d, const char *path)
{
	const char *slash = strrchr(path, '/');
	size_t len = slash != NULL ? (size_t)(slash - path) : 0;
	err_t err;

	if (d->upfd >= 0 && d->up.len == len &&
	    memcmp(d->up.p, path, len) == 0) {
		*out = d->upfd;
		*base = slash + 1;
		return NULL;
	}
	if (d->upfd >= 0)
		close(d->upfd);
	d->upfd = -1;
	err = file_open_parent(out, base, d->fd, path, true);
	if (!err && *out != d->fd) {
		d->upfd = *out;
		buf_clear(&d->up);
		buf_add(&d->up, path, len);
	}
	return err;
}

/* errno says why the name could not be made. */
static err_t
cannot_make(const char *path)
{
	if (errno == EEXIST)
		return err_new(ERR_EXISTS, "\"%s\": this file system takes two "
		    "names of the version for one", path);
	return err_sys("cannot make \"%s\"", path);
}

err_t
outdir_file(struct outdir *d, const char *path, bool exec, int64_t mtime)
{
	const char *base;
	int dir;
	err_t err;

	err = file_done(d);
	if (!err)
		err = cancel_check();
	if (!err)
		err = parent_get(&dir, &base, d, path);
	if (err)
		return err;
	d->file = openat(dir, base, O_WRONLY | O_CREAT | O_EXCL |
	    O_NOFOLLOW | O_CLOEXEC, exec ? 0777 : 0666);
	if (d->file < 0)
		return cannot_make(path);
	free(d->name);
	d->name = mem_strdup(path);
	d->mtime = mtime;
	return NULL;
}

err_t
outdir_bytes(struct outdir *d, const char *p, size_t len)
{
	return file_write_full(d->file, p, len, d->name);
}

err_t
outdir_link(struct outdir *d, const char *path, const char *target,
    int64_t mtime)
{
	struct timespec t[2];
	const char *base;
	int dir;
	err_t err;

	err = file_done(d);
	if (!err)
		err = cancel_check();
	if (!err)
		err = parent_get(&dir, &base, d, path);
	if (err)
		return err;
	if (symlinkat(target, dir, base) != 0)
		return cannot_make(path);
	times(t, mtime);
	if (utimensat(dir, base, t, AT_SYMLINK_NOFOLLOW) != 0)
		return err_sys("cannot set the time of \"%s\"", path);
	return NULL;
}

/* ---- ending ------------------------------------------------------------ */

/* What came after everything had its name. */
static err_t
named(err_t err, const struct outdir *d)
{
	return err ? err_wrap(err, "\"%s\" is there, but may not outlast a "
	    "power cut", d->path) : NULL;
}

/* (3) */
static err_t
put_in_place(struct outdir *d)
{
	const char *entry;
	DIR *in = NULL;
	err_t err = NULL;
	int look;

	if (d->place < 0) {
		if (renameat(d->parent, d->partial, d->parent, d->base) != 0)
			return err_sys("cannot make \"%s\"", d->path);
		free(d->partial);
		d->partial = NULL;
		return named(file_sync_dir(d->parent, "."), d);
	}
	for (look = 1; look >= 0 && !err; look--) {	/* (4) */
		err = dir_open(&in, d->fd, ".");
		while (!err && (entry = dir_next(in, &err)) != NULL)
			err = tree_move(d->fd, d->place, entry, look, d);
		if (in != NULL)
			closedir(in);
		in = NULL;
	}
	return err ? err : named(file_sync_system(d->place, d->path), d);
}

err_t
outdir_end(struct outdir *d)
{
	err_t err;

	err = file_done(d);
	if (!err)
		err = file_sync_system(d->fd, d->path);	/* (2) */
	if (!err)
		err = cancel_check();
	if (!err)
		err = put_in_place(d);
	return err;
}

void
outdir_free(struct outdir *d)
{
	if (d == NULL)
		return;
	if (d->file >= 0)
		close(d->file);
	if (d->upfd >= 0)
		close(d->upfd);
	if (d->fd >= 0)
		close(d->fd);
	if (d->partial != NULL)
		tree_remove(holder(d), d->partial);
	if (d->place >= 0)
		close(d->place);
	if (d->parent >= 0)
		close(d->parent);
	buf_release(&d->up);
	free(d->partial);
	free(d->name);
	free(d->base);
	free(d->path);
	free(d);
}
