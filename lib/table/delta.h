#ifndef TABLE_DELTA_H
#define TABLE_DELTA_H

/*
 * A line of a delta: what becomes of one record, or of the columns of a
 * table.  dsv-delta(5) describes the format; this reads it, and knows nothing
 * of the table.
 */

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/table/row.h"

enum delta_op {
	DELTA_SCHEMA = 1,
	DELTA_INSERT,
	DELTA_UPDATE,
	DELTA_DELETE,
};
const char *delta_op_name(enum delta_op op);

/* A JSON value as it is written; borrowed from the line.  NULL: not there. */
struct delta_value {
	const char *p;
	size_t len;
};

struct delta_line {
	enum delta_op op;
	bool has_path;
	struct buf path, from;	/* from: empty if not said */
	bool goes;		/* the file is deleted */
	struct delta_value record_id, payload, before, unset;
	struct delta_value columns, added, removed, renamed, dialect;
	uint64_t row;		/* number of the old row; 0: not said */
};
#define DELTA_LINE_INIT { .path = BUF_INIT, .from = BUF_INIT }
void delta_line_release(struct delta_line *l);

/* ERR_REFUSED says what is wrong with the line. */
MUST_CHECK err_t delta_parse(struct delta_line *out, const char *line,
    size_t len);

/*
 * Values of JSON as text: strings decoded, numbers as they are written, null
 * empty.  Bytes that are not UTF-8, which JSON writes as U+DC80 to U+DCFF, are
 * those bytes again.
 */
struct delta_text {
	struct shape shape;
	struct row row;
	struct buf text;
};
#define DELTA_TEXT_INIT { .shape = SHAPE_INIT, .row = ROW_INIT, \
	.text = BUF_INIT }
void delta_text_release(struct delta_text *t);

/* False if the value is an object or an array.  The cell is borrowed until
 * the next call. */
bool delta_scalar(struct cell *out, struct delta_text *t, const char *p,
    size_t len);

/* A scalar or a flat array: fn gets each.  False if it is anything else.
 * What is not there has no items. */
typedef void delta_item_fn(void *arg, const struct cell *item);
bool delta_items(struct delta_text *t, const struct delta_value *v,
    delta_item_fn *fn, void *arg);

/* In place; the new length. */
size_t delta_bytes(char *p, size_t len);

#endif
