#ifndef HISTORY_MOVE_H
#define HISTORY_MOVE_H

/*
 * Renaming tracked files and directories, in the working tree and the stage
 * at once.
 */

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/err.h"
#include "lib/history/repo.h"

typedef err_t move_visit_fn(void *arg, const char *from, const char *to);

struct move_order {
	const char *const *sources;	/* as typed */
	size_t n;
	const char *target;		/* as typed; a directory that is there
					 * is moved into */
	bool force;			/* replace a file that is there */
	bool dry_run;
	move_visit_fn *fn;		/* NULL, or told of each operand */
	void *arg;
};

/*
 * ERR_NOT_FOUND: a source is not tracked or not there; ERR_EXISTS: the target
 * is there.  If one rename fails those before it are undone.
 */
MUST_CHECK err_t move_run(struct repo *r, const struct move_order *o);

#endif
