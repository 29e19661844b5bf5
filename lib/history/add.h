#ifndef HISTORY_ADD_H
#define HISTORY_ADD_H

/*
 * Putting what is in the working tree into the stage: new and changed files,
 * and the absence of those that are gone.
 *
 * All or nothing: if one file cannot be taken, nothing is staged and that is
 * the error; if several cannot, each is told to failed before that.  A file
 * whose size, times and inode are those in the stage is not read.
 */

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/err.h"
#include "lib/history/repo.h"

struct attrs;
struct pathspec;
struct tree_entry;

enum add_what {
	ADD_NEW,
	ADD_CHANGED,
	ADD_GONE,		/* taken out of the stage */
	ADD_REFRESH,		/* same bytes; only the stat cache changes */
};

struct add_options {
	struct pathspec *ps;		/* NULL: everything */
	struct attrs *attrs;		/* of the working tree; how to cut */
	bool tracked_only;		/* no new files */
	bool force;			/* ignored files too */
	/* Any of these may be NULL.  The first why names the path, the second
	 * is what follows it: "is another repository". */
	void (*failed)(void *arg, err_t why);
	void (*noted)(void *arg, const char *path, const char *why);
	void *arg;
};

struct add;

/*
 * In two parts, for commit_create: add_prepare looks and stores contents;
 * add_stage, under the write lock, changes the stage.  With a NULL txn
 * add_prepare only looks (--dry-run) and reads what it must to tell.
 * ERR_NOT_FOUND for an operand that selects nothing, ERR_REFUSED for one that
 * names something that cannot be added.
 */
MUST_CHECK err_t add_new(struct add **out, struct repo *r,
    const struct add_options *o);
MUST_CHECK err_t add_prepare(struct add *a, struct txn *t);
MUST_CHECK err_t add_stage(struct add *a, struct txn *t);
void add_free(struct add *a);

/* True if add_stage has anything to do. */
bool add_has_work(const struct add *a);
/* What was found, in order; ADD_REFRESH is left out.  After add_prepare. */
typedef err_t add_visit_fn(void *arg, const char *path, enum add_what what);
MUST_CHECK err_t add_walk(const struct add *a, add_visit_fn *fn, void *arg);

/* What the stage will hold where it changes, after add_prepare with a txn:
 * e NULL is a path that is gone. */
typedef err_t add_entry_fn(void *arg, const char *path,
    const struct tree_entry *e);
MUST_CHECK err_t add_entries(const struct add *a, add_entry_fn *fn,
    void *arg);

/* Both parts in a transaction of their own. */
MUST_CHECK err_t add_run(struct add *a, struct repo *r);

#endif
