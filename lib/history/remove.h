#ifndef HISTORY_REMOVE_H
#define HISTORY_REMOVE_H

/*
 * Taking files out of the stage, and out of the working tree unless only
 * the stage is meant.
 *
 * Refused unless force: a file whose staged content is not in the last
 * version, or whose working file is not what is staged.  With cached it is
 * enough that one of the two has the staged content.
 */

#include <stdbool.h>
#include <stddef.h>

#include "lib/history/checkout.h"

struct pathspec;

struct remove_order {
	const char *const *typed;	/* what ps was made of */
	size_t n_typed;
	struct pathspec *ps;
	bool cached;			/* only from the stage */
	bool recursive;			/* an operand may be a directory */
	bool force;
	bool dry_run;
	checkout_visit_fn *fn;		/* NULL, or told of each file */
	void *arg;
};

MUST_CHECK err_t remove_run(struct repo *r, const struct remove_order *o);

#endif
