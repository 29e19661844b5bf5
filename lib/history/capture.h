#ifndef HISTORY_CAPTURE_H
#define HISTORY_CAPTURE_H

/*
 * What is found out about the tables of a version when it is made: their
 * schema, and which rows differ from the version before.  That may take long,
 * so it is done before the write lock is taken, for what the version will
 * probably hold; what turns out otherwise is done under it.
 *
 * Nothing here keeps a version from being made: what cannot be found out is
 * noted as unknown.
 */

#include "lib/base/err.h"
#include "lib/history/repo.h"

struct capture;

struct capture *capture_new(struct repo *r, struct txn *t);
void capture_free(struct capture *c);		/* accepts NULL */

/*
 * The version will hold to at path, where the one before it held from (each
 * NULL: no file).  Of several calls for one path the first counts.  Only
 * collects.
 */
void capture_expect(struct capture *c, const char *path,
    const struct tree_entry *from, const struct tree_entry *to);
/* Look at all of it.  Contents must be readable. */
MUST_CHECK err_t capture_prepare(struct capture *c);

/* Under the lock: note what the version, which holds what is in the stage,
 * changed.  A zero parent is the empty tree. */
MUST_CHECK err_t capture_put(struct capture *c, const struct id *commit,
    const struct id *parent_tree);

#endif
