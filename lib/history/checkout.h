#ifndef HISTORY_CHECKOUT_H
#define HISTORY_CHECKOUT_H

/*
 * Making the working tree and the stage equal to a version, or some paths.
 *
 * Nothing is written outside the working tree or through a symbolic link.
 * Local changes and files that are not tracked are not overwritten unless
 * that was asked for.  Each file is replaced in one step, with its bytes
 * complete; the stage follows when all files are written.  A run that was
 * cut short leaves files that status shows as modified, and running it again
 * takes those that are right already as done.
 */

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/err.h"
#include "lib/history/repo.h"

struct pathspec;

enum checkout_flags {
	CHECKOUT_FORCE = 1 << 0,	/* give up what is in the way */
	CHECKOUT_DRY_RUN = 1 << 1,
	CHECKOUT_STAGE = 1 << 2,	/* of checkout_paths: where to */
	CHECKOUT_WORK = 1 << 3,
	CHECKOUT_OVERLAY = 1 << 4,	/* remove nothing */
};

enum checkout_what {
	CHECKOUT_WROTE,		/* the file in the working tree */
	CHECKOUT_REMOVED,
	CHECKOUT_STAGED,	/* only the stage */
};

typedef err_t checkout_visit_fn(void *arg, const char *path,
    enum checkout_what what);

struct checkout {
	struct txn *txn;	/* locked; NULL for a dry run */
	struct repo *r;
	unsigned flags;
	checkout_visit_fn *fn;	/* NULL, or told of each file in the end */
	void *arg;
};

/*
 * From one version's tree to another's (zero: the empty tree); changes in
 * stage and working tree that touch none of the files that differ are kept.
 * With CHECKOUT_FORCE everything becomes as in to.  ERR_REFUSED names what
 * would be lost.
 */
MUST_CHECK err_t checkout_switch(const struct checkout *c,
    const struct id *from, const struct id *to);

/*
 * The selected paths as in a version's tree (NULL: the stage).  Local changes
 * of tracked files are what is meant to go; files that are not tracked need
 * CHECKOUT_FORCE.  ERR_NOT_FOUND if an operand selects nothing there.
 */
MUST_CHECK err_t checkout_paths(const struct checkout *c,
    const struct id *tree, struct pathspec *ps);

/* ERR_REFUSED if two names of the version are one where case is folded; asked
 * by checkout_switch on file systems that do. */
MUST_CHECK err_t checkout_check_names(struct repo *r, const struct id *tree);

#endif
