#ifndef TABLE_ROWDIFF_H
#define TABLE_ROWDIFF_H

/*
 * Which rows of two tables differ, and in which cells.
 *
 * With a key, a row is the same row where the text of its key cells is the
 * same.  Rows with one key are compared as a multiset: equal ones cancel, the
 * rest are paired in the order of the file as updates, and what has no
 * partner was inserted or deleted.  Without a key equal rows cancel wherever
 * they are, and what is left between the same unchanged rows is paired where
 * at least half of the cells are alike.  A row without a key cell, in a table
 * with a key, is compared as in a table without one.
 *
 * Rows are equal if their cells are, decoded, column by column.  Columns are
 * matched by name, so moving one is no change.  Between two tables of one
 * format a cell that is not there differs from an empty one; between CSV and
 * JSON Lines it does not, nor does null.
 *
 * The cost follows what differs between the parts of the two sources.  Memory
 * does not grow with the tables (but for rows that are equal many times).  The
 * same tables always give the same answer in the same order.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"
#include "lib/table/key.h"
#include "lib/table/row.h"
#include "lib/table/summary.h"
#include "lib/table/table.h"

/* ---- columns ---------------------------------------------------------- */

/* A column of both sides together.  A side that does not have it (or, in
 * JSON Lines, has not had it yet) says COLUMN_NONE. */
struct joint_column {
	size_t from, to;
	bool compared;			/* not left out by the options */
	bool renamed;			/* the two have different names */
	bool key;
};

/*
 * In the order of the newer side, each removed one after the column that it
 * followed.  If open (one side is JSON Lines), more come as rows are visited.
 */
struct joint {
	struct joint_column *v;
	size_t n, cap;
	bool open;
	struct shape from, to;		/* of the two sides; columns may grow */
	/* private */
	struct columns taken;		/* the names of both headers */
	size_t *by_from, *by_to;	/* joint index by column of a side */
	size_t n_from, n_to, cap_from, cap_to;
};

/* The name of a column, the newer side's if it has one; borrowed. */
const char *joint_name(size_t *len, const struct joint *j, size_t i);
/* The joint index, or COLUMN_NONE. */
size_t joint_find(const struct joint *j, const char *name, size_t len);

/* ---- changes ---------------------------------------------------------- */

enum row_op {
	ROW_INSERT = 1,
	ROW_UPDATE = 2,
	ROW_DELETE = 3,
};

struct row_change {
	enum row_op op;
	bool filled;		/* an update in added columns only */
	const struct joint *joint;
	const struct row *from, *to;	/* NULL if there is none; numbered */
	const size_t *changed;	/* joint indexes, ascending; updates only */
	size_t n_changed;
	const uint8_t *key;	/* KEY_HASH bytes; NULL for a row without */
};
/* The cells of a change in a joint column; CELL_NONE where a side has none. */
struct cell row_change_from(const struct row_change *c, size_t joint);
struct cell row_change_to(const struct row_change *c, size_t joint);

/* Everything is borrowed until it returns. */
typedef err_t row_change_fn(void *arg, const struct row_change *change);

/* ---- comparing -------------------------------------------------------- */

struct rowdiff_options {
	const struct key *key;		/* NULL, or without columns: no key */
	/* Of which only is looked at whether cells differ; NULL: all. */
	const struct columns *only;
	const struct columns *ignored;	/* columns left out; NULL: none */
	size_t memory;			/* for sorting; 0: 128 MiB */
	/* Filled in with the rows that differ in any byte, unless there are
	 * too many of them or the tables are not both of CSV in the same
	 * columns; NULL: not wanted. */
	struct summary_change *change;
};

/* A key that more than one of the differing rows of one side has. */
struct rowdiff_duplicate {
	bool in_to;
	uint64_t first, second;		/* numbers of the first two rows */
};
#define ROWDIFF_DUPLICATES 8

struct rowdiff_report {
	uint64_t from_rows, to_rows;
	uint64_t inserted, updated, deleted;
	uint64_t filled;
	uint64_t unchanged;		/* with those filled */
	uint64_t keyless;		/* differing rows without a key */
	uint64_t duplicates;		/* keys of several differing rows */
	struct rowdiff_duplicate first[ROWDIFF_DUPLICATES];
	size_t n_first;			/* by number of the first row */
};

/*
 * What is known before a row is compared.  Of tables whose columns are open
 * (JSON Lines) nothing is said about columns.
 */
struct rowdiff_schema {
	size_t added, removed, renamed;	/* columns */
	bool moved;			/* they come in another order */
	bool dialect;			/* bytes are written in another way */
	const char *key_missing;	/* a column of the key that a side does
					 * not have: compared without a key */
};

struct rowdiff;

/* The tables are borrowed, and NULL where there is none.  ERR_REFUSED if one
 * is not to be read as rows; the message says why. */
MUST_CHECK err_t rowdiff_open(struct rowdiff **out,
    const struct table *from, const struct table *to,
    const struct rowdiff_options *options);
void rowdiff_close(struct rowdiff *d);		/* accepts NULL */

const struct rowdiff_schema *rowdiff_schema(const struct rowdiff *d);
const struct joint *rowdiff_joint(const struct rowdiff *d);
/* Does the comparison go by a key? */
bool rowdiff_keyed(const struct rowdiff *d);

/*
 * Changes come in the order of the newer side's rows; a deleted one
 * where it was, by the unchanged row before it.  fn may be NULL: only the
 * counts are wanted.
 */
MUST_CHECK err_t rowdiff_run(struct rowdiff_report *out, struct rowdiff *d,
    row_change_fn *fn, void *arg);

#endif
