#ifndef HISTORY_SCHEMA_POLICY_H
#define HISTORY_SCHEMA_POLICY_H

/*
 * The attribute schema= of a table: "frozen" refuses a version in which its
 * schema changes, "compatible" one in which a change is breaking
 * (schema_diff.h); "free", as without it, refuses nothing.
 */

#include "lib/base/err.h"
#include "lib/history/repo.h"

/*
 * Of every table in the stage, or with work of every tracked one in the
 * working tree, that differs from the tree, by the attributes in the working
 * tree.  A table that is new or gone is no change of schema.  ERR_REFUSED
 * names the table and what changed.
 */
MUST_CHECK err_t schema_policy_check(struct repo *r, const struct id *tree,
    bool work);

#endif
