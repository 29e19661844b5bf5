#ifndef TABLE_TABLE_H
#define TABLE_TABLE_H

/*
 * A table: bytes somewhere, and how they are rows.
 */

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/err.h"
#include "lib/table/row.h"
#include "lib/table/source.h"

struct stream;

struct table {
	struct source *source;		/* borrowed */
	struct shape shape;
	struct header_odd odd;
	struct stream *reading;		/* private */
};
#define TABLE_INIT { .source = NULL, .shape = SHAPE_INIT }

/* Reads the beginning.  A table that is not to be read as rows has a format
 * TABLE_NONE and a reason in its shape. */
MUST_CHECK err_t table_open(struct table *out, struct source *source,
    const struct dialect_hint *hint);
void table_release(struct table *t);
/* How many rows it has. */
MUST_CHECK err_t table_count(uint64_t *out, const struct table *t);

/*
 * All rows in order, until fn sets *done.  The row is borrowed; its cells are
 * by the columns of t->shape.  ERR_REFUSED if the table is not read as rows.
 */
typedef err_t table_row_fn(void *arg, bool *done, const struct row *row);
MUST_CHECK err_t table_rows(struct table *t, table_row_fn *fn, void *arg);
/* The same without taking the rows apart. */
typedef err_t table_raw_fn(void *arg, const char *raw, size_t len,
    uint64_t number);
MUST_CHECK err_t table_raw_rows(struct table *t, table_raw_fn *fn, void *arg);
/* Where in the file, from 1, the row begins that fn was given. */
uint64_t table_line(const struct table *t);

#endif
