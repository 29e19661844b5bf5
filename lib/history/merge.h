#ifndef HISTORY_MERGE_H
#define HISTORY_MERGE_H

/*
 * Moving a version onto a branch, as it is: the branch goes forward to it.
 */

#include <stdbool.h>
#include <stdint.h>

#include "lib/history/checkout.h"

struct merge_order {
	struct id commit;
	const char *rev;	/* as typed, for messages */
	const char *into;	/* NULL: the current branch */
	bool force;		/* see checkout_switch */
	bool dry_run;
	checkout_visit_fn *fn;	/* NULL, or told of each file that changes */
	void *arg;
};

struct merge_report {
	struct buf branch;	/* its short name */
	uint64_t version;
	bool was_there;		/* the branch had the version already */
};
#define MERGE_REPORT_INIT { .branch = BUF_INIT }

/*
 * ERR_REFUSED: the branch has versions that the other one was not made from;
 * it is protected and the version is not approved; or local changes would be
 * lost, where it is the current branch.  ERR_NOT_FOUND: no such branch.
 */
MUST_CHECK err_t merge_run(struct merge_report *out, struct repo *r,
    const struct merge_order *o);
void merge_report_release(struct merge_report *report);

#endif
