#ifndef REVIEW_DESK_H
#define REVIEW_DESK_H

/*
 * What a reviewer wants to know of a version: what it waits for, who may
 * decide, and what it is to be compared with.
 */

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/history/repo.h"
#include "lib/history/table_at.h"
#include "lib/review/access.h"
#include "lib/review/decided.h"
#include "lib/review/policy.h"
#include "lib/review/state.h"

struct desk_item {
	struct commit_node node;
	struct commit commit;
	struct review review;
	struct policy policy;	/* of the branch that it is for */
	uint64_t approvals;	/* that count by these rules */
	bool rules_changed;	/* since it was submitted */
	bool has_last;
	struct commit_node last;	/* approved last before it */
};
#define DESK_ITEM_INIT { .policy = POLICY_INIT }

MUST_CHECK err_t desk_load(struct desk_item *out, struct repo *r,
    const struct id *commit);
void desk_item_release(struct desk_item *item);

/* All versions that are submitted, in the order in which they were first
 * spoken of. */
typedef err_t desk_visit_fn(void *arg, const struct desk_item *item);
MUST_CHECK err_t desk_walk(struct repo *r, desk_visit_fn *fn, void *arg);

/*
 * The tables of the version about whose rows anything was decided, in the
 * order of their paths; all: any whose rows have keys.  What is not read as
 * rows is passed over.
 */
typedef err_t desk_table_fn(void *arg, const char *path,
    struct table_at *table, const struct decided *decided);
MUST_CHECK err_t desk_tables(struct repo *r, const struct commit_node *node,
    bool all, desk_table_fn *fn, void *arg);

/* May the person decide about it now? */
bool desk_may_decide(const struct desk_item *item, const struct access *a,
    const struct person *who);

/* Who may, one call each; *anybody if there is no list to name them by: then
 * everybody may but those who are named. */
typedef void desk_who_fn(void *arg, const char *user);
void desk_who(bool *anybody, const struct desk_item *item,
    const struct access *a, desk_who_fn *fn, void *arg);

#endif
