#ifndef HISTORY_BLAME_H
#define HISTORY_BLAME_H

/*
 * For each row of a table, the version that last changed it.  Of a merge only
 * the first parent is followed.  Rows that have the same key are one; so are,
 * of rows without a key, those that are equal.  Memory does not grow with the
 * table nor with the history.
 */

#include "lib/base/err.h"
#include "lib/history/rowkey.h"

struct blame_row {
	const char *raw;		/* borrowed, as all of it */
	size_t len;
	const struct shape *shape;
	uint64_t number;
	const struct commit_node *node;
	const struct commit *commit;
};
typedef err_t blame_fn(void *arg, const struct blame_row *row);

/* All rows of the table in the version, in order. */
MUST_CHECK err_t blame_run(struct repo *r, const struct rowkey *key,
    const struct id *commit, blame_fn *fn, void *arg);

/* Those with the key alone, if there are any. */
MUST_CHECK err_t blame_one(struct repo *r, const struct rowkey *key,
    const struct id *commit, blame_fn *fn, void *arg);

#endif
