#ifndef HISTORY_DIFF_ROWS_H
#define HISTORY_DIFF_ROWS_H

/*
 * The two sides of a file that differs, as tables: where their bytes are, how
 * attributes say they are rows, and by which key they are compared.
 */

#include "lib/base/err.h"
#include "lib/history/attr.h"
#include "lib/history/diff.h"
#include "lib/table/rowdiff.h"

struct diff_rows {
	struct rowdiff *rowdiff;
	struct key key;			/* by the names of the newer side */
	/* private */
	struct table tables[2];
	struct source *sources[2];
	int fds[2];
};
#define DIFF_ROWS_INIT { .fds = { -1, -1 }, \
	.tables = { TABLE_INIT, TABLE_INIT } }

/*
 * *found is false if a side is no table; *reason says why if it is to be one
 * but is not read as rows, and is NULL otherwise.  A key in the options takes
 * the place of the attribute.
 */
MUST_CHECK err_t diff_rows_open(bool *found, const char **reason,
    struct diff_rows *out, struct repo *r, struct attrs *attrs,
    const struct diff_change *change, const struct rowdiff_options *options);

/* The same for two files anywhere, outside of any repository. */
MUST_CHECK err_t diff_rows_files(bool *found, const char **reason,
    struct diff_rows *out, const char *from, const char *to,
    const struct rowdiff_options *options);

void diff_rows_release(struct diff_rows *d);

#endif
