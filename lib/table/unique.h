#ifndef TABLE_UNIQUE_H
#define TABLE_UNIQUE_H

/*
 * Whether columns tell the rows of a table apart.
 */

#include <stdint.h>

#include "lib/base/err.h"
#include "lib/table/key.h"
#include "lib/table/table.h"

/*
 * The first column, of at most UNIQUE_COLUMNS, that has another value in each
 * row and in none no value, or COLUMN_NONE.  Numbers with a point and dates
 * are not taken for keys, nor is anything in a table of one row.  Memory grows
 * with the rows.
 */
#define UNIQUE_COLUMNS 32
MUST_CHECK err_t unique_find(size_t *out, struct table *t);

struct unique_report {
	uint64_t rows;
	uint64_t repeated;		/* rows whose key came before */
	uint64_t line, as_line;		/* of the first, and of that before */
	uint64_t keyless;		/* rows in which a part is empty */
	uint64_t keyless_line;		/* of the first */
};
/* Does the key tell rows apart?  ERR_NOT_FOUND names a column that the table
 * does not have.  Memory does not grow. */
MUST_CHECK err_t unique_check(struct unique_report *out, struct table *t,
    const struct key *key);

#endif
