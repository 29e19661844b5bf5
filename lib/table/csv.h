#ifndef TABLE_CSV_H
#define TABLE_CSV_H

/* Cells of a raw row of CSV; row.h says by which rules. */

#include <stdbool.h>
#include <stddef.h>

#include "lib/table/dialect.h"
#include "lib/table/row.h"

/* row_decode for CSV. */
void csv_decode(struct row *row, struct shape *shape);

/* The columns from the first record, or "#1", "#2" … for a table without a
 * header. */
void csv_columns(struct shape *shape, struct header_odd *odd, const char *raw,
    size_t len);

/* Add the column that has this text in the header: by its place if it has
 * none, by a name of its own if another has that.  Its index. */
size_t csv_column(struct columns *c, const char *text, size_t len);

/*
 * The raw cells of a row one after the other: in quotes still, if they are.
 *	csv_begin(&c, d, raw, len);
 *	while (csv_next(&p, &n, &c))
 */
struct csv {
	const char *p, *end;
	char delimiter, quote;
	bool more;
};
void csv_begin(struct csv *out, const struct dialect *d, const char *raw,
    size_t len);
bool csv_next(const char **p, size_t *len, struct csv *c);

/* The text of a raw cell appended to out; bits of enum row_odd. */
unsigned csv_text(struct buf *out, const struct dialect *d, const char *p,
    size_t len);

/* Append text as a cell: in quotes if it must be.  False, and nothing is
 * appended, if the dialect has no way to write it. */
bool csv_write(struct buf *out, const struct dialect *d, const char *p,
    size_t len);

#endif
