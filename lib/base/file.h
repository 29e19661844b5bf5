#ifndef BASE_FILE_H
#define BASE_FILE_H

/*
 * Files, directories and durability.  What is Linux's own (O_TMPFILE,
 * openat2) is used here and nowhere else, each with a fallback.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"

/* Make descriptors 0, 1 and 2 valid, so that no file of ours gets them. */
MUST_CHECK err_t file_guard_stdio(void);

/* Whole reads and writes: short counts and EINTR are dealt with.  name is for
 * the message.  file_read_full stops early only at the end of the file. */
MUST_CHECK err_t file_write_full(int fd, const void *p, size_t len,
    const char *name);
MUST_CHECK err_t file_read_full(size_t *got, int fd, void *p, size_t len,
    const char *name);
MUST_CHECK err_t file_pread_full(size_t *got, int fd, void *p, size_t len,
    uint64_t offset, const char *name);

/* All that is left in a file or a pipe, whatever its size is said to be, added
 * to out.  ERR_CORRUPT, and nothing added, if that is more than limit bytes. */
MUST_CHECK err_t file_read_rest(struct buf *out, int fd, size_t limit,
    const char *name);

/* Open a regular file for reading, never through a final symbolic link and
 * never blocking on a FIFO or device: ERR_CORRUPT "not a regular file". */
MUST_CHECK err_t file_open_regular(int *out, int dirfd, const char *name);

/* The whole of a file of at most limit bytes.  ERR_NOT_FOUND if there is
 * none; ERR_CORRUPT if it is longer. */
MUST_CHECK err_t file_slurp(struct buf *out, int dirfd, const char *name,
    size_t limit);

/* fsync; its error is final, nothing is retried. */
MUST_CHECK err_t file_sync(int fd, const char *name);

/* Open and fsync a directory; name is relative to dirfd ("." is itself). */
MUST_CHECK err_t file_sync_dir(int dirfd, const char *name);

/* Everything written so far to the file system that fd is on: for many files
 * at once.  Where only sync(2) is to be had, an error may go unnoticed. */
MUST_CHECK err_t file_sync_system(int fd, const char *name);

/*
 * A file with no name yet, in the directory: it vanishes if the process dies.
 * file_temp_link gives it a name (ERR_EXISTS if taken) but syncs nothing.
 * Where O_TMPFILE is missing it has a name ".tmp-…" until then, and
 * file_temp_close removes that.
 */
struct file_temp {
	int fd;			/* -1 when not open */
	int dirfd;		/* borrowed: directory of the temporary name */
	char name[32];		/* empty with O_TMPFILE */
};
#define FILE_TEMP_INIT { -1, -1, "" }

MUST_CHECK err_t file_temp_open(struct file_temp *out, int dirfd);
MUST_CHECK err_t file_temp_link(struct file_temp *t, int dirfd,
    const char *name);
/* The same, in place of what has that name; dirfd must be on the file system
 * of the temporary. */
MUST_CHECK err_t file_temp_replace(struct file_temp *t, int dirfd,
    const char *name);
void file_temp_close(struct file_temp *t);

/*
 * A file without a name, for what does not fit into memory: in the directory
 * TMPDIR, or /var/tmp, or /tmp.  It is gone when it is closed.
 */
MUST_CHECK err_t file_scratch(int *out);

/* Replace name (without a slash) in dirfd by these bytes, atomically and
 * durably: temporary, fsync, rename, fsync of the directory.  mode is subject
 * to the umask. */
MUST_CHECK err_t file_replace(int dirfd, const char *name, const void *p,
    size_t len, mode_t mode);

/*
 * Open beneath rootfd: path is relative, and neither it nor any symbolic link
 * on the way may leave rootfd; links inside the path are refused too
 * (ERR_REFUSED, "is beyond a symbolic link").  flags as for open(2).
 */
MUST_CHECK err_t file_open_beneath(int *out, int rootfd, const char *path,
    int flags, mode_t mode);

/*
 * The directory that holds path, opened beneath rootfd the same way, made
 * with its parents if make; *base is the last component, borrowed from path.
 * Close *out unless it is rootfd itself (path has no slash).
 */
MUST_CHECK err_t file_open_parent(int *out, const char **base, int rootfd,
    const char *path, bool make);

/* Random bytes from the system. */
MUST_CHECK err_t file_random(void *p, size_t len);

/*
 * A lock on a whole file (flock), which dies with the process.  Waits until
 * deadline (clock_ms; 0 = do not wait), then ERR_BUSY naming who holds it, if
 * the holder wrote that into the file.  The file is made if it is not there.
 * shared locks write nothing; an exclusive holder writes "pid N (who)" and
 * takes it out again.
 */
struct file_lock {
	int fd;			/* -1 when not held */
	bool exclusive;
};
#define FILE_LOCK_INIT { -1, false }

MUST_CHECK err_t file_lock(struct file_lock *out, int dirfd, const char *name,
    bool exclusive, int64_t deadline, const char *who);
void file_unlock(struct file_lock *lock);

/* The absolute path without symbolic links of what exists at path; owned. */
MUST_CHECK err_t file_real(char **out, const char *path);

/* Nanoseconds of a stat's times, and the same for the change time. */
int64_t file_mtime(const struct stat *st);
int64_t file_ctime(const struct stat *st);

#endif
