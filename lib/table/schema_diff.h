#ifndef TABLE_SCHEMA_DIFF_H
#define TABLE_SCHEMA_DIFF_H

/*
 * What differs between two schemas of a table.  A change is compatible if a
 * program that reads the older table reads the newer one too: columns may be
 * added, may move, may hold fewer kinds of values or no nulls any more.  It is
 * breaking if one is gone or has another name, if it holds values that its
 * type did not have before or nulls for the first time, or if bytes are
 * written in another dialect (but for line ends and a BOM).
 */

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/err.h"
#include "lib/table/schema.h"

enum schema_change_kind {
	SCHEMA_DIALECT,
	SCHEMA_ADDED,
	SCHEMA_REMOVED,
	SCHEMA_RENAMED,
	SCHEMA_RETYPED,
	SCHEMA_NULLABLE,	/* was never null before */
	SCHEMA_REQUIRED,	/* is never null any more */
	SCHEMA_MOVED,		/* all columns there were come in another
				 * order */
};

struct schema_change {
	enum schema_change_kind kind;
	bool breaking;
	const char *column;	/* of the newer table if it has it; "" for
				 * SCHEMA_DIALECT and _MOVED */
	const char *from, *to;	/* names, types or dialects; NULL if the kind
				 * has none; of a column added or removed its
				 * type */
};
typedef err_t schema_change_fn(void *arg, const struct schema_change *c);

/*
 * First the dialect and the order of columns, then the columns of the newer
 * table in order, each with what changed, then those removed.  renamed says
 * for each column of the older table which of the newer one it is, under
 * another name, or COLUMN_NONE; NULL: none is.  ERR_REFUSED if one is not
 * read as rows.
 */
MUST_CHECK err_t schema_diff(const struct schema *from,
    const struct schema *to, const size_t *renamed, schema_change_fn *fn,
    void *arg);

/* "removed". */
const char *schema_change_word(enum schema_change_kind kind);

/*
 * Which columns of the older table have another name in the newer one, by
 * what their rows hold: an index for each, or COLUMN_NONE; yours to free.  key
 * may have no columns.
 */
struct key;
struct table;
MUST_CHECK err_t schema_renames(size_t **out, const struct table *from,
    const struct table *to, const struct key *key);

#endif
