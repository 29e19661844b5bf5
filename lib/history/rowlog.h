#ifndef HISTORY_ROWLOG_H
#define HISTORY_ROWLOG_H

/*
 * The life of one row: the versions that inserted, changed and deleted it,
 * newest first.  They are found by what was noted when they were made, so it
 * costs what happened to the row and not the history.  Should a note be
 * missing, which shows because the row is not what it was last, every version
 * of the file is looked at.
 *
 * Of a merge only the first parent is followed.
 */

#include "lib/base/err.h"
#include "lib/history/log.h"
#include "lib/history/rowkey.h"
#include "lib/table/rowdiff.h"

/* One row; several have the same key in a table with duplicates. */
struct rowlog_change {
	enum row_op op;
	struct rowkey_row from, to;	/* as op has them */
};

struct rowlog_entry {
	struct commit_node node;
	struct commit commit;
	struct rowlog_change *v;
	size_t n;
};

typedef err_t rowlog_fn(void *arg, const struct rowlog_entry *entry);

/* From options->from back; of the options the filters, the limit and hidden
 * count.  Nothing is visited if no version had the row. */
MUST_CHECK err_t rowlog_run(struct repo *r, const struct rowkey *key,
    const struct log_options *options, rowlog_fn *fn, void *arg);

/* Names of columns of which the cells differ, in the order of the newer row,
 * then those that only the older one has. */
typedef void rowlog_cell_fn(void *arg, const char *name, size_t len,
    const struct cell *from, const struct cell *to);
void rowlog_cells(const struct rowlog_change *c, rowlog_cell_fn *fn,
    void *arg);

#endif
