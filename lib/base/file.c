/*
 * The system's files.  Every descriptor is opened close-on-exec; a path that
 * names a file of the user's is resolved beneath a directory and never through
 * a symbolic link, by the kernel where it can (openat2) and component by
 * component where it cannot; short reads, short writes and EINTR end here.
 *
 * A temporary has no name if the file system allows (O_TMPFILE), so that a
 * killed process leaves nothing behind; it gets its name by linkat, through
 * /proc, whose presence is looked at before the first byte is written.
 */

#ifndef _GNU_SOURCE
#define _GNU_SOURCE		/* O_TMPFILE, syscall */
#endif

#include "lib/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#ifdef __linux__
#include <linux/openat2.h>
#include <sys/syscall.h>
#endif

#include "lib/base/cancel.h"
#include "lib/base/clock.h"
#include "lib/base/file_int.h"
#include "lib/base/mem.h"

#define IO_MAX ((size_t)1 << 30)	/* some systems refuse more at once */
#define LOCK_NOTE_MAX 128
#define POLL_MAX_MS 25

err_t
file_guard_stdio(void)
{
	/* Open the wrong way round: use of a closed stream is an error. */
	static const int flags[] = { O_WRONLY, O_RDONLY, O_RDONLY };

	for (int fd = 0; fd < 3; fd++) {
		if (fcntl(fd, F_GETFD) != -1 || errno != EBADF)
			continue;
		if (open("/dev/null", flags[fd]) != fd)
			return err_sys("cannot open \"/dev/null\"");
	}
	return NULL;
}

/* ---- reading and writing ---------------------------------------------- */

/* After a system call that failed: go on if a signal came that nobody heeds. */
static err_t
interrupted(bool *again)
{
	*again = errno == EINTR;
	return *again ? cancel_check() : NULL;
}

err_t
file_write_full(int fd, const void *p, size_t len, const char *name)
{
	const char *from = p;
	bool again;
	err_t err;

	while (len) {
		ssize_t n = write(fd, from, len < IO_MAX ? len : IO_MAX);

		if (n < 0) {
			err = interrupted(&again);
			if (err)
				return err;
			if (again)
				continue;
			return err_sys("cannot write \"%s\"", name);
		}
		if (!n) {
			errno = ENOSPC;
			return err_sys("cannot write \"%s\"", name);
		}
		from += n;
		len -= (size_t)n;
	}
	return NULL;
}

/* At the offset, or where the descriptor is if that is NULL. */
static err_t
read_full(size_t *got, int fd, void *p, size_t len, const uint64_t *offset,
    const char *name)
{
	char *to = p;
	size_t done = 0;
	bool again;
	err_t err;

	if (offset && (*offset > INT64_MAX || len > INT64_MAX - *offset)) {
		errno = EOVERFLOW;
		return err_sys("cannot read \"%s\"", name);
	}
	while (done < len) {
		size_t want = len - done < IO_MAX ? len - done : IO_MAX;
		ssize_t n;

		if (offset)
			n = pread(fd, to + done, want,
			    (off_t)(*offset + done));
		else
			n = read(fd, to + done, want);
		if (n < 0) {
			err = interrupted(&again);
			if (err)
				return err;
			if (again)
				continue;
			return err_sys("cannot read \"%s\"", name);
		}
		if (!n)
			break;
		done += (size_t)n;
	}
	*got = done;
	return NULL;
}

err_t
file_read_full(size_t *got, int fd, void *p, size_t len, const char *name)
{
	return read_full(got, fd, p, len, NULL, name);
}

err_t
file_pread_full(size_t *got, int fd, void *p, size_t len, uint64_t offset,
    const char *name)
{
	return read_full(got, fd, p, len, &offset, name);
}

static err_t
not_regular(const char *name)
{
	return err_new(ERR_CORRUPT, "\"%s\" is not a regular file", name);
}

err_t
file_open_regular(int *out, int dirfd, const char *name)
{
	struct stat st;
	int fd;
	err_t err = NULL;

	fd = openat(dirfd, name,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0) {
		if (errno == ELOOP || errno == EMLINK || errno == ENXIO)
			return not_regular(name);
		return err_sys("cannot open \"%s\"", name);
	}
	if (fstat(fd, &st))
		err = err_sys("cannot stat \"%s\"", name);
	else if (!S_ISREG(st.st_mode))
		err = not_regular(name);
	if (err) {
		close(fd);
		return err;
	}
	*out = fd;
	return NULL;
}

err_t
file_read_rest(struct buf *out, int fd, size_t limit, const char *name)
{
	size_t before = out->len;
	struct stat st;
	size_t room = 0;
	size_t got;
	err_t err;

	if (!fstat(fd, &st) && st.st_size > 0)
		room = (uint64_t)st.st_size < limit ? (size_t)st.st_size :
		    limit;
	do {
		size_t left = limit - (out->len - before);

		room = room < left ? room : left;
		buf_reserve(out, room + 1);
		err = file_read_full(&got, fd, out->p + out->len, room + 1,
		    name);
		if (err)
			break;
		out->len += got;
		if (out->len - before > limit)
			err = err_new(ERR_CORRUPT,
			    "\"%s\" is longer than %zu bytes", name, limit);
		else if (got <= room)
			break;
		room = 65536;
	} while (!err);
	if (err)
		out->len = before;
	if (out->p)
		out->p[out->len] = '\0';
	return err;
}

err_t
file_slurp(struct buf *out, int dirfd, const char *name, size_t limit)
{
	int fd;
	err_t err;

	err = file_open_regular(&fd, dirfd, name);
	if (err)
		return err;
	err = file_read_rest(out, fd, limit, name);
	close(fd);
	return err;
}

/* ---- durability ------------------------------------------------------- */

static int
sync_fd(int fd)
{
#ifdef F_FULLFSYNC
	/* fsync only hands the data to the drive there. */
	if (!fcntl(fd, F_FULLFSYNC))
		return 0;
	if (errno != ENOTSUP && errno != EINVAL && errno != ENOTTY)
		return -1;
#endif
	return fsync(fd);
}

err_t
file_sync(int fd, const char *name)
{
	if (sync_fd(fd))
		return err_sys("cannot make \"%s\" durable", name);
	return NULL;
}

static err_t
sync_dir(int fd, const char *name)
{
	/* EINVAL: this file system has nothing to sync in a directory. */
	if (sync_fd(fd) && errno != EINVAL)
		return err_sys("cannot make directory \"%s\" durable", name);
	return NULL;
}

err_t
file_sync_dir(int dirfd, const char *name)
{
	err_t err;
	int fd;

	/* It is open: nothing but the sync itself can fail any more. */
	if (!strcmp(name, ".") && dirfd != AT_FDCWD)
		return sync_dir(dirfd, name);
	fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return err_sys("cannot open directory \"%s\"", name);
	err = sync_dir(fd, name);
	close(fd);
	return err;
}

err_t
file_sync_system(int fd, const char *name)
{
#ifdef __linux__
	if (syncfs(fd))
		return err_sys("cannot make \"%s\" durable", name);
#else
	(void)fd;
	(void)name;
	sync();
#endif
	return NULL;
}

/* ---- temporaries ------------------------------------------------------ */

static err_t
temp_name(char out[32])
{
	uint64_t n;
	err_t err;

	err = file_random(&n, sizeof(n));
	if (!err)
		snprintf(out, 32, ".tmp-%016llx", (unsigned long long)n);
	return err;
}

err_t
file_temp_open_named(struct file_temp *out, int dirfd, mode_t mode)
{
	char name[32];
	err_t err;
	int fd;

	do {
		err = temp_name(name);
		if (err)
			return err;
		fd = openat(dirfd, name,
		    O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
	} while (fd < 0 && errno == EEXIST);
	if (fd < 0)
		return err_sys("cannot make a temporary file");
	out->fd = fd;
	out->dirfd = dirfd;
	memcpy(out->name, name, sizeof(name));
	return NULL;
}

#ifdef O_TMPFILE
static char *
proc_path(char out[64], int fd)
{
	snprintf(out, 64, "/proc/self/fd/%d", fd);
	return out;
}

/* -1 if it cannot be had in a way that lets it be linked later. */
static int
open_nameless(int dirfd, mode_t mode)
{
	char path[64];
	int fd = openat(dirfd, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, mode);

	if (fd >= 0 && faccessat(AT_FDCWD, proc_path(path, fd), F_OK, 0)) {
		close(fd);
		fd = -1;
	}
	return fd;
}
#endif

static err_t
temp_open(struct file_temp *out, int dirfd, mode_t mode)
{
#ifdef O_TMPFILE
	int fd = open_nameless(dirfd, mode);

	if (fd >= 0) {
		out->fd = fd;
		out->dirfd = dirfd;
		out->name[0] = '\0';
		return NULL;
	}
#endif
	return file_temp_open_named(out, dirfd, mode);
}

err_t
file_temp_open(struct file_temp *out, int dirfd)
{
	return temp_open(out, dirfd, 0666);
}

/* Where there are no hard links.  Two processes may both find the name free;
 * then the last one wins. */
static int
rename_if_free(int olddir, const char *old, int newdir, const char *new)
{
#if defined(__linux__) && defined(SYS_renameat2)
	if (!syscall(SYS_renameat2, olddir, old, newdir, new, 1u))
		return 0;	/* 1 is RENAME_NOREPLACE */
	if (errno != ENOSYS && errno != EINVAL)
		return -1;
#endif
	if (!faccessat(newdir, new, F_OK, AT_SYMLINK_NOFOLLOW)) {
		errno = EEXIST;
		return -1;
	}
	return renameat(olddir, old, newdir, new);
}

static int
temp_link(struct file_temp *t, int dirfd, const char *name)
{
#ifdef O_TMPFILE
	char path[64];

	if (!t->name[0])
		return linkat(AT_FDCWD, proc_path(path, t->fd), dirfd, name,
		    AT_SYMLINK_FOLLOW);
#endif
	if (!linkat(t->dirfd, t->name, dirfd, name, 0)) {
		unlinkat(t->dirfd, t->name, 0);
		return 0;
	}
	if (errno != EPERM && errno != ENOTSUP && errno != EOPNOTSUPP &&
	    errno != ENOSYS)
		return -1;
	return rename_if_free(t->dirfd, t->name, dirfd, name);
}

err_t
file_temp_link(struct file_temp *t, int dirfd, const char *name)
{
	if (temp_link(t, dirfd, name))
		return err_sys("cannot make \"%s\"", name);
	t->name[0] = '\0';
	return NULL;
}

err_t
file_temp_replace(struct file_temp *t, int dirfd, const char *name)
{
	char other[32];
	err_t err;

	if (!t->name[0]) {
		/* linkat never replaces: get any name first. */
		err = temp_name(other);
		if (err)
			return err;
		if (temp_link(t, dirfd, other))
			return err_sys("cannot make \"%s\"", name);
		t->dirfd = dirfd;
		memcpy(t->name, other, sizeof(other));
	}
	if (renameat(t->dirfd, t->name, dirfd, name))
		return err_sys("cannot replace \"%s\"", name);
	t->name[0] = '\0';
	return NULL;
}

void
file_temp_close(struct file_temp *t)
{
	if (t->name[0])
		unlinkat(t->dirfd, t->name, 0);
	if (t->fd >= 0)
		close(t->fd);
	*t = (struct file_temp)FILE_TEMP_INIT;
}

static err_t
scratch_in(int *out, const char *dir)
{
	struct file_temp t = FILE_TEMP_INIT;
	int dirfd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	err_t err;

	if (dirfd < 0)
		return err_sys("cannot open \"%s\"", dir);
	err = temp_open(&t, dirfd, 0600);
	if (!err && t.name[0] && unlinkat(dirfd, t.name, 0))
		err = err_sys("cannot remove \"%s/%s\"", dir, t.name);
	close(dirfd);
	if (err)
		return err_wrap(err, "no temporary file in \"%s\"", dir);
	*out = t.fd;
	return NULL;
}

err_t
file_scratch(int *out)
{
	const char *dir = getenv("TMPDIR");

	if (dir && *dir)
		return scratch_in(out, dir);
	if (!scratch_in(out, "/var/tmp"))
		return NULL;
	return scratch_in(out, "/tmp");
}

err_t
file_replace(int dirfd, const char *name, const void *p, size_t len,
    mode_t mode)
{
	struct file_temp t = FILE_TEMP_INIT;
	err_t err;

	if (strchr(name, '/'))
		BUG("file_replace of \"%s\": not in this directory", name);
	err = temp_open(&t, dirfd, mode);
	if (!err)
		err = file_write_full(t.fd, p, len, name);
	if (!err)
		err = file_sync(t.fd, name);
	if (!err)
		err = file_temp_replace(&t, dirfd, name);
	if (!err)
		err = file_sync_dir(dirfd, ".");
	file_temp_close(&t);
	return err;
}

/* ---- beneath a directory ---------------------------------------------- */

static err_t
beyond_link(const char *path)
{
	return err_new(ERR_REFUSED, "\"%s\" is beyond a symbolic link", path);
}

static err_t
leaves_root(const char *path)
{
	return err_new(ERR_REFUSED, "\"%s\" leads out of its directory", path);
}

/* Absolute, or with a ".." in it. */
static bool
may_leave(const char *path)
{
	if (*path == '/')
		return true;
	for (;;) {
		size_t len = strcspn(path, "/");

		if (len == 2 && path[0] == '.' && path[1] == '.')
			return true;
		if (!path[len])
			return false;
		path += len + 1;
	}
}

/* Why opening the component at of path failed, errno saying how. */
static err_t
open_failed(int at, const char *component, const char *path)
{
	int n = errno;
	struct stat st;

	if ((n == ELOOP || n == EMLINK || n == ENOTDIR) &&
	    !fstatat(at, component, &st, AT_SYMLINK_NOFOLLOW) &&
	    S_ISLNK(st.st_mode))
		return beyond_link(path);
	errno = n;
	return err_sys("cannot open \"%s\"", path);
}

/*
 * The next component of *p into out; false at the end.  Empty components are
 * skipped.
 */
static bool
next_component(char out[NAME_MAX + 1], const char **p, bool *too_long)
{
	size_t len;

	*too_long = false;
	*p += strspn(*p, "/");
	len = strcspn(*p, "/");
	if (!len)
		return false;
	*too_long = len > NAME_MAX;
	if (!*too_long) {
		memcpy(out, *p, len);
		out[len] = '\0';
	}
	*p += len;
	return true;
}

/* With make, directories that are missing on the way are made. */
static err_t
walk(int *out, int rootfd, const char *path, int flags, mode_t mode, bool make)
{
	char name[NAME_MAX + 1];
	const char *p = path;
	int at = rootfd;
	bool too_long;
	err_t err = NULL;

	if (!*path) {
		errno = ENOENT;
		return err_sys("cannot open \"%s\"", path);
	}
	while (!err && next_component(name, &p, &too_long)) {
		bool last = !p[strspn(p, "/")];
		int how = O_RDONLY | O_DIRECTORY;
		int fd = -1;

		if (last)
			how = flags | (*p ? O_DIRECTORY : 0);
		if (too_long)
			errno = ENAMETOOLONG;
		else if (!make || !mkdirat(at, name, 0777) || errno == EEXIST)
			fd = openat(at, name, how | O_NOFOLLOW | O_CLOEXEC |
			    O_NOCTTY, mode);
		if (fd < 0)
			err = open_failed(at, name, path);
		if (at != rootfd)
			close(at);
		at = fd;
	}
	if (!err)
		*out = at;
	return err;
}

err_t
file_open_walking(int *out, int rootfd, const char *path, int flags,
    mode_t mode)
{
	if (may_leave(path))
		return leaves_root(path);
	return walk(out, rootfd, path, flags, mode, false);
}

#if defined(__linux__) && defined(SYS_openat2)
/* false if the system cannot tell; seccomp filters say EPERM for ENOSYS. */
static bool
open_by_kernel(int *out, err_t *err, int rootfd, const char *path, int flags,
    mode_t mode)
{
	struct open_how how = { .flags = 0 };
	long fd;

	how.flags = (uint64_t)(unsigned)(flags | O_CLOEXEC | O_NOCTTY);
	how.mode = flags & O_CREAT ? mode : 0;
	how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS |
	    RESOLVE_NO_MAGICLINKS;
	fd = syscall(SYS_openat2, rootfd, path, &how, sizeof(how));
	if (fd >= 0) {
		*out = (int)fd;
		*err = NULL;
		return true;
	}
	if (errno == ENOSYS || errno == EPERM || errno == EAGAIN ||
	    errno == EINVAL || errno == E2BIG)
		return false;
	if (errno == ELOOP)
		*err = beyond_link(path);
	else if (errno == EXDEV)
		*err = leaves_root(path);
	else
		*err = err_sys("cannot open \"%s\"", path);
	return true;
}
#endif

err_t
file_open_beneath(int *out, int rootfd, const char *path, int flags,
    mode_t mode)
{
#if defined(__linux__) && defined(SYS_openat2)
	err_t err;

	if (may_leave(path))
		return leaves_root(path);
	if (open_by_kernel(out, &err, rootfd, path, flags, mode))
		return err;
#endif
	return file_open_walking(out, rootfd, path, flags, mode);
}

err_t
file_open_parent(int *out, const char **base, int rootfd, const char *path,
    bool make)
{
	const char *slash = strrchr(path, '/');
	char *parent;
	err_t err;

	if (!slash) {
		if (may_leave(path))
			return leaves_root(path);
		*out = rootfd;
		*base = path;
		return NULL;
	}
	if (may_leave(path))
		return leaves_root(path);
	parent = mem_strndup(path, (size_t)(slash - path));
	err = file_open_beneath(out, rootfd, parent, O_RDONLY | O_DIRECTORY,
	    0);
	if (make && err_is(err, ERR_NOT_FOUND))
		err = walk(out, rootfd, parent, O_RDONLY | O_DIRECTORY, 0,
		    true);
	if (!err)
		*base = slash + 1;
	free(parent);
	return err;
}

/* ---- odds and ends ---------------------------------------------------- */

err_t
file_random(void *p, size_t len)
{
	static const char name[] = "/dev/urandom";
	size_t got;
	err_t err;
	int fd;

	if (len <= 256 && !getentropy(p, len))
		return NULL;
	fd = open(name, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_sys("cannot open \"%s\"", name);
	err = file_read_full(&got, fd, p, len, name);
	close(fd);
	if (!err && got < len)
		err = err_new(ERR_SYSTEM, "\"%s\" ran dry", name);
	return err;
}

err_t
file_real(char **out, const char *path)
{
	char *real = realpath(path, NULL);

	if (!real)
		return err_sys("cannot find \"%s\"", path);
	*out = real;
	return NULL;
}

int64_t
file_mtime(const struct stat *st)
{
#ifdef __APPLE__
	return (int64_t)st->st_mtimespec.tv_sec * 1000000000 +
	    st->st_mtimespec.tv_nsec;
#else
	return (int64_t)st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec;
#endif
}

int64_t
file_ctime(const struct stat *st)
{
#ifdef __APPLE__
	return (int64_t)st->st_ctimespec.tv_sec * 1000000000 +
	    st->st_ctimespec.tv_nsec;
#else
	return (int64_t)st->st_ctim.tv_sec * 1000000000 + st->st_ctim.tv_nsec;
#endif
}

/* ---- locks ------------------------------------------------------------ */

/*
 * What the holder wrote, "" if nobody did.  A holder that was killed leaves
 * its note behind, so it counts only while that process lives.
 */
static void
read_note(char out[LOCK_NOTE_MAX], int fd)
{
	size_t got = 0;
	err_t err;
	long pid;

	err = file_pread_full(&got, fd, out, LOCK_NOTE_MAX - 1, 0, "lock");
	if (err)
		got = 0;
	out[got] = '\0';
	out[strcspn(out, "\n")] = '\0';
	pid = strncmp(out, "pid ", 4) ? 0 : strtol(out + 4, NULL, 10);
	if (pid <= 0 || (kill((pid_t)pid, 0) && errno == ESRCH))
		out[0] = '\0';
}

static void
write_note(int fd, const char *who)
{
	char note[LOCK_NOTE_MAX];
	int len;

	len = snprintf(note, sizeof(note), "pid %ld (%s)\n", (long)getpid(),
	    who);
	if (len >= (int)sizeof(note))
		len = (int)sizeof(note) - 1;
	/* A full disk must not keep anybody from locking. */
	if (ftruncate(fd, 0) || pwrite(fd, note, (size_t)len, 0) < 0)
		return;
}

static err_t
busy(int fd, int64_t waited)
{
	static const char advice[] =
	    "try again, or give more time with --wait SECONDS";
	char note[LOCK_NOTE_MAX];
	char time[48] = "";

	read_note(note, fd);
	if (waited >= 1000)
		snprintf(time, sizeof(time), "; waited %lld s",
		    (long long)(waited + 500) / 1000);
	if (note[0])
		return err_new(ERR_BUSY, "another dsv is writing: %s%s; %s",
		    note, time, advice);
	return err_new(ERR_BUSY, "another dsv is at work here%s; %s", time,
	    advice);
}

static err_t
lock_wait(int fd, int how, int64_t deadline, const char *name)
{
	int64_t start = clock_ms();
	int64_t pause = 1;
	err_t err;

	while (flock(fd, how | LOCK_NB)) {
		struct timespec ts = { .tv_sec = 0 };
		int64_t now = clock_ms();

		if (errno == EINTR)
			continue;
		if (errno != EWOULDBLOCK)
			return err_sys("cannot lock \"%s\"", name);
		err = cancel_check();
		if (err)
			return err;
		if (now >= deadline)
			return busy(fd, now - start);
		if (pause > deadline - now)
			pause = deadline - now;
		ts.tv_nsec = (long)pause * 1000000;
		nanosleep(&ts, NULL);
		pause = pause * 2 < POLL_MAX_MS ? pause * 2 : POLL_MAX_MS;
	}
	return NULL;
}

err_t
file_lock(struct file_lock *out, int dirfd, const char *name, bool exclusive,
    int64_t deadline, const char *who)
{
	struct stat st;
	err_t err = NULL;
	int fd;

	fd = openat(dirfd, name, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK |
	    O_NOCTTY | O_CLOEXEC, 0666);
	if (fd < 0)
		return err_sys("cannot open lock \"%s\"", name);
	if (fstat(fd, &st))
		err = err_sys("cannot stat lock \"%s\"", name);
	else if (!S_ISREG(st.st_mode))
		err = not_regular(name);
	if (!err)
		err = lock_wait(fd, exclusive ? LOCK_EX : LOCK_SH, deadline,
		    name);
	if (err) {
		close(fd);
		return err;
	}
	if (exclusive)
		write_note(fd, who);
	out->fd = fd;
	out->exclusive = exclusive;
	return NULL;
}

void
file_unlock(struct file_lock *lock)
{
	if (lock->fd < 0)
		return;
	/* A note that stays says only that this process once wrote. */
	if (lock->exclusive && ftruncate(lock->fd, 0))
		lock->exclusive = false;
	close(lock->fd);
	*lock = (struct file_lock)FILE_LOCK_INIT;
}
