#ifndef HISTORY_WORK_H
#define HISTORY_WORK_H

/*
 * The stage beside the working tree, path by path.
 *
 * A file whose size, times, inode and executable bit are those in the stage
 * is unchanged and not read.  Otherwise its bytes decide: touched but equal
 * is unchanged.  The stage holds no times (0) for a file that could have
 * changed after it was read without its times changing (see
 * work_stage_entry).
 */

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/err.h"
#include "lib/history/repo.h"
#include "lib/history/scan.h"

struct pathspec;

enum work_state {
	WORK_SAME,
	WORK_DOUBTFUL,		/* may differ: the bytes were not read */
	WORK_MODIFIED,		/* bytes or executable bit */
	WORK_TYPE,		/* file became link or the reverse */
	WORK_DELETED,		/* in the stage, not in the working tree */
	WORK_UNTRACKED,		/* a directory's path ends with a slash */
	WORK_IGNORED,		/* the same */
	WORK_REPO,		/* another repository; path ends with a slash */
	WORK_SPECIAL,		/* FIFO, socket, device, not in the stage */
	WORK_UNREADABLE,	/* see found->failure */
};

struct work_item {
	const char *path;			/* borrowed */
	enum work_state state;
	const struct stage_entry *staged;	/* NULL if not in the stage */
	const struct scan_entry *found;		/* NULL if WORK_DELETED */
	bool stat_changed;	/* WORK_SAME, but only the bytes said so */
};

enum work_flags {
	WORK_SHOW_SAME = 1 << 0,
	WORK_SHOW_UNTRACKED = 1 << 1,	/* every file */
	WORK_FOLD_UNTRACKED = 1 << 2,	/* … or a directory with nothing
					 * tracked in it as one item */
	WORK_SHOW_IGNORED = 1 << 3,	/* directories as one item */
	WORK_ADD_IGNORED = 1 << 4,	/* ignored files are untracked ones */
	WORK_NO_READING = 1 << 5,	/* WORK_DOUBTFUL instead of reading */
};

typedef err_t work_visit_fn(void *arg, const struct work_item *item);

/*
 * In byte order of paths below each root of the pathspec (see
 * pathspec_roots), roots in order.  ps may be NULL: everything.  The visitor
 * may put objects, but not change the stage.
 */
MUST_CHECK err_t work_walk(struct repo *r, struct pathspec *ps,
    unsigned flags, work_visit_fn *fn, void *arg);

/* One path: the same answer, kept until the next call with the same room.
 * An untracked path that is not there is WORK_DELETED with staged NULL; found
 * is set with WORK_DELETED if there is a directory instead. */
struct work_room {
	struct work_item item;
	struct stage_entry staged;
	struct scan_entry found;
};
MUST_CHECK err_t work_look(struct work_room *out, struct repo *r,
    const char *path, unsigned flags);

/* The content id of a file or link in the working tree. */
MUST_CHECK err_t work_hash(struct id *out, struct repo *r, const char *path,
    enum mode mode);

/*
 * Files that a walk found WORK_DOUBTFUL, read in parallel once it is over (a
 * walk of the stage keeps writers from committing, so it must not last).
 */
struct work_doubt {
	const char *path;	/* borrowed */
	enum mode mode;
	struct id id;		/* in the stage */
	enum work_state state;	/* out: WORK_SAME, WORK_MODIFIED or
				 * WORK_UNREADABLE */
};
MUST_CHECK err_t work_settle(struct work_doubt *v, size_t n, struct repo *r);

/*
 * The time by the clock of the file system.  A stage entry made by
 * work_stage_entry keeps the times of the file only if the file's last change
 * is older than since, the moment at which its reading began (or its writing
 * ended), by more than the granularity of the clock.
 */
MUST_CHECK err_t work_clock(int64_t *out, struct repo *r);
void work_stage_entry(struct stage_entry *out, const char *path,
    enum mode mode, const struct id *id, const struct stat *st,
    int64_t since);
/*
 * Before a path is put into the stage: take out what makes it a directory, or
 * a directory on its way a file.
 */
MUST_CHECK err_t work_make_way(struct txn *t, const char *path);
/*
 * A large file that changed a moment before *since is worth waiting for: if
 * the clock will be past its granularity soon, *until is raised to then, and
 * work_wait waits for that and sets *since anew.
 */
void work_worth_waiting(int64_t *until, uint64_t size, int64_t ctime,
    int64_t since);
MUST_CHECK err_t work_wait(int64_t *since, int64_t until, struct repo *r);
/* Can a file of this change time not change after since without showing? */
bool work_is_sure(int64_t ctime, int64_t since);

#endif
