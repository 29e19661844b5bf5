#ifndef HISTORY_SCAN_H
#define HISTORY_SCAN_H

/*
 * A walk of the working tree, in byte order of full paths ("a.b" before what
 * is in "a").  Symbolic links are never followed.  Not entered: .dsv, ignored
 * directories, other repositories (a directory with a .dsv in it).
 * A name like those that file_temp_open gives (".tmp-" and 16 hex digits), or
 * store_init (".dsv.new-" and such), counts as ignored: a crash may have left
 * it.
 * Directories are read ahead by worker threads; what is held at a time is the
 * directories on the way and a few more, not the tree.
 */

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/err.h"
#include "lib/history/repo.h"

enum scan_type {
	SCAN_FILE,
	SCAN_LINK,
	SCAN_DIR,		/* its entries come next */
	SCAN_REPO,		/* a directory that is another repository */
	SCAN_SPECIAL,		/* FIFO, socket, device */
};

struct scan_entry {
	const char *path;	/* borrowed until the next call */
	enum scan_type type;
	enum mode mode;		/* of SCAN_FILE and SCAN_LINK */
	uint64_t size;
	int64_t mtime;
	int64_t ctime;
	uint64_t inode;
	bool ignored;		/* directories: always known; files: see
				 * scan_is_ignored */
	err_t failure;		/* it cannot be looked at, or not entered */
};

enum scan_flags {
	SCAN_SHOW_IGNORED = 1 << 0,	/* show ignored directories, closed */
	SCAN_ENTER_IGNORED = 1 << 1,	/* ignore nothing */
};

struct scan;

/*
 * What is at or below root, relative to the root of the working tree ("" is
 * all of it).  Nothing there is an empty walk; so is a root that is beyond a
 * symbolic link.
 */
MUST_CHECK err_t scan_open(struct scan **out, struct repo *r,
    const char *root, unsigned flags);
void scan_close(struct scan *s);

/* NULL in out at the end.  ERR_CANCELLED, or a .dsvignore cannot be read. */
MUST_CHECK err_t scan_next(const struct scan_entry **out, struct scan *s);

/* Is the entry that came last ignored?  It is asked for because testing
 * costs more than looking, and known files need no test. */
bool scan_is_ignored(const struct scan *s);

/* Leave out what is left below dir, which is or was entered. */
void scan_skip(struct scan *s, const char *dir);

/* Fill in all but path and ignored from what lstat said. */
void scan_entry_stat(struct scan_entry *out, const struct stat *st);

#endif
