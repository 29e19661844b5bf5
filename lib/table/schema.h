#ifndef TABLE_SCHEMA_H
#define TABLE_SCHEMA_H

/*
 * What a table is: its dialect, and what is in its columns.  Types are those
 * of Frictionless Table Schema.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"
#include "lib/base/json.h"
#include "lib/table/source.h"
#include "lib/table/summary.h"

struct schema {
	const char *reason;	/* why it is not read as rows; NULL: it is */
	struct dialect dialect;
	size_t header;		/* of CSV: how many columns there are */
	struct header_odd odd;
	struct summary sum;
};
#define SCHEMA_INIT { .reason = NULL, .sum = SUMMARY_INIT }
void schema_release(struct schema *s);

/*
 * Read all rows of a table.  What is known of it, or of parts of it, from the
 * store is not read again, and with a txn what was found out is kept there
 * for the next time, so that the next version costs what has changed.  s is
 * the source's store, or NULL.
 */
MUST_CHECK err_t schema_capture(struct schema *out, struct source *source,
    const struct dialect_hint *hint, struct store *s, struct txn *t,
    const struct id *content);

/*
 * The same for a source of which the older version is known, and in which
 * rows it differs, without reading any.  *done is false if it does not follow
 * from that.
 */
MUST_CHECK err_t schema_follow(bool *done, struct source *source,
    const struct dialect_hint *hint, struct store *s, struct txn *t,
    const struct id *content, const struct id *older,
    const struct summary_change *change);

/* ---- columns ---------------------------------------------------------- */

/* "integer"; "any" of a column without a value, or with values that have
 * nothing in common. */
const char *schema_type(const struct schema *s, size_t column);
/* Rows in which the column is empty or missing. */
uint64_t schema_nulls(const struct schema *s, size_t column);
/* The least and the greatest by the order of its type; NULL if that has none.
 * (Text may be cut.) */
const struct summary_end *schema_least(const struct schema *s, size_t column);
const struct summary_end *schema_greatest(const struct schema *s,
    size_t column);

/* ---- what is odd ------------------------------------------------------ */

/* "3 rows have fewer cells than columns, the first in line 17"; nothing is
 * called if nothing is odd. */
typedef void schema_odd_fn(void *arg, const char *text);
void schema_odd(const struct schema *s, schema_odd_fn *fn, void *arg);
/* The same for programs. */
void schema_odd_members(struct json *j, const struct schema *s);

#endif
