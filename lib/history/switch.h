#ifndef HISTORY_SWITCH_H
#define HISTORY_SWITCH_H

/*
 * Going to another branch or version: the working tree and the stage follow,
 * then HEAD.  Moving HEAD is not an event; making a branch is.
 */

#include <stdbool.h>

#include "lib/history/checkout.h"

struct switch_order {
	const char *to;		/* as typed: a branch, or a revision; "-" is
				 * where HEAD was before */
	const char *create;	/* make this branch at to (NULL: at HEAD) */
	bool any;		/* a revision will do, not only a branch */
	bool detach;		/* on no branch, even if it is one; implies
				 * any */
	bool force;
	bool dry_run;
	checkout_visit_fn *fn;	/* NULL, or told of each file that changes */
	void *arg;
};

struct switch_report {
	struct buf branch;	/* its short name; empty when detached */
	struct id commit;	/* zero: no version yet */
	uint64_t version;	/* 0 then */
	bool created;
	bool was_there;		/* HEAD did not move */
};
#define SWITCH_REPORT_INIT { .branch = BUF_INIT }

/*
 * ERR_NOT_FOUND: no such branch or version; ERR_USAGE: a version, and not
 * any; ERR_EXISTS: the branch to be made is there; ERR_REFUSED: local
 * changes would be lost.
 */
MUST_CHECK err_t switch_run(struct switch_report *out, struct repo *r,
    const struct switch_order *o);
void switch_report_release(struct switch_report *report);

#endif
