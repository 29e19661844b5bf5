#ifndef TABLE_ROW_H
#define TABLE_ROW_H

/*
 * From bytes to rows and cells.
 *
 * A record is what the store's cut counts: the bytes up to an LF that is
 * outside quotes (lib/base/find.h), or up to the end.  A row is a record that
 * is not the header, without its line end (LF or CRLF); an empty line is a
 * row too.  Nothing is left out, so rows have the numbers of records.
 *
 * Cells are text, as decoded as it must be to be compared: CSV without its
 * quotes, JSON strings without escapes, Latin-1 as UTF-8.  Numbers stay as
 * they were written.  What is not as it should be is read as it is, and said
 * in row.odd.
 *
 * CSV: a cell that begins with the quote goes to the next one that is not
 * doubled; what follows before the delimiter belongs to it as it is.  Any
 * other cell goes to the next delimiter.  A row with fewer cells than columns
 * lacks the last ones (CELL_NONE); further cells belong to columns "#4", "#5"
 * … by their position (see shape_extend), the last of at most ROW_EXTRA_MAX
 * with all the rest.
 *
 * JSON Lines: the leaves of the value are the cells, and the path of each is
 * its column: user.name, tags[0].  A key that is empty or has
 * one of . [ ] " # in it is quoted, quotes doubled: "a.b".c.  Of a key that is
 * there twice the second has the column a#2, the third a#3.  A value that
 * is no object or array has the column "#value".  A line that is no JSON
 * value has one cell, in the column "#line": the line.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/buf.h"
#include "lib/base/find.h"
#include "lib/table/columns.h"
#include "lib/table/dialect.h"

#define ROW_EXTRA_MAX 1024
/* What is more is not taken apart: the row has one cell, which is all of
 * it. */
#define ROW_LONGEST ((size_t)16 << 20)
#define ROW_DEPTH_MAX 128		/* of JSON */
#define ROW_PATH_MAX ((size_t)4096)	/* the same, bytes */
#define ROW_TWICE_MAX 9			/* the same key in one object */

/* The numbers are on disk. */
enum cell_kind {
	CELL_NONE = 0,		/* the row has no such cell */
	CELL_TEXT = 1,
	CELL_NUMBER = 2,	/* of JSON, as all that follow */
	CELL_TRUE = 3,
	CELL_FALSE = 4,
	CELL_NULL = 5,		/* its text is empty */
	CELL_OBJECT = 6,	/* {} */
	CELL_ARRAY = 7,		/* [] */
};

struct cell {
	const char *p;		/* borrowed from the row; not terminated */
	size_t len;
	enum cell_kind kind;
};

/* What is odd about a row.  The numbers are on disk: one bit each. */
enum row_odd {
	ROW_SHORT = 1 << 0,	/* fewer cells than columns, but any */
	ROW_LONG = 1 << 1,	/* more */
	ROW_QUOTE = 1 << 2,	/* a quote that opens or closes no cell */
	ROW_NUL = 1 << 3,
	ROW_ENCODING = 1 << 4,	/* not UTF-8 */
	ROW_JSON = 1 << 5,	/* not a JSON value */
	ROW_TWICE = 1 << 6,	/* a JSON key is there twice */
	ROW_HUGE = 1 << 7,	/* not taken apart: too long, too deep, or with
				 * too many names */
	ROW_EMPTY = 1 << 8,	/* an empty line */
};
#define ROW_ODD_KINDS 9

/* What rows of one table have in common. */
struct shape {
	struct dialect dialect;
	struct columns columns;	/* grow as rows of JSON Lines, or such with
				 * further cells, are decoded */
	size_t header;		/* columns of the first record; CSV only */
	const struct columns *taken;	/* names that no further cell may have;
				 * borrowed; NULL: those of the header */
	const char *reason;	/* why it is not read as rows, or NULL */
	struct buf work;	/* the decoder's */
};
#define SHAPE_INIT { .header = 0, .columns = COLUMNS_INIT, .work = BUF_INIT }

/* From the first bytes of a file, as dialect_detect takes them; false if more
 * must be shown.  odd says what is odd about the header; it may be NULL. */
struct header_odd {
	size_t duplicates;	/* names that were there before */
	size_t empty;
	char first[64];		/* the first duplicate */
};
bool shape_detect(struct shape *out, struct header_odd *odd,
    const struct dialect_hint *hint, const char *p, size_t len, bool all);
/* A shape for another thread: the same dialect and columns. */
void shape_copy(struct shape *out, const struct shape *shape);
void shape_release(struct shape *shape);

/*
 * Columns for cells beyond the header of CSV, until there are n in all.  Each
 * is named by its place, "#4", or, if that name is taken, "#4#2", "#4#3" …
 */
void shape_extend(struct shape *shape, size_t n);

/* ---- records ---------------------------------------------------------- */

/*
 *	rows_begin(&rows, &dialect, p, len, at_start);
 *	while (rows_next(&raw, &raw_len, &rows))
 *		…
 * p is whole records.  at_start: they are the first of the file, where the
 * BOM and the header are passed over.
 */
struct rows {
	struct find find;
	size_t start;
	bool has_header;	/* it was passed over */
};
void rows_begin(struct rows *out, const struct dialect *d, const char *p,
    size_t len, bool at_start);

static inline bool
rows_next(const char **raw, size_t *len, struct rows *r)
{
	size_t at, end;

	if (r->start >= r->find.len)
		return false;
	at = end = find_next(&r->find);
	if (end < r->find.len && end > r->start &&
	    r->find.p[end - 1] == '\r')
		end--;
	*raw = r->find.p + r->start;
	*len = end - r->start;
	r->start = at + 1;
	return true;
}

/* ---- cells ------------------------------------------------------------ */

struct row {
	const char *raw;	/* borrowed */
	size_t raw_len;
	uint64_t number;	/* among the rows, from 1; the caller's */
	unsigned odd;		/* enum row_odd */
	struct cell *cells;	/* by index of the column */
	size_t n;		/* how many there are; the rest is CELL_NONE */
	size_t *order;		/* JSON Lines: the columns that have cells, as
				 * they come in the line */
	size_t n_order;
	/* private */
	size_t cap, order_cap, order_before;
	struct buf text;
};
#define ROW_INIT { .n = 0 }
void row_release(struct row *row);

/*
 * Take a raw row apart.  A row goes with one shape.  Cells are borrowed from
 * raw and row until the next call; raw must stay.  Nothing is allocated but to
 * grow.  ROW_NUL and ROW_ENCODING are not looked for: row_check does.
 */
void row_decode(struct row *row, struct shape *shape, const char *raw,
    size_t len);

/* ROW_NUL and ROW_ENCODING of bytes. */
unsigned row_check(const struct dialect *d, const char *p, size_t len);

/* The cell of a column, with CELL_NONE for one that the row does not have. */
struct cell row_cell(const struct row *row, size_t column);

/*
 * The same for all rows with the same cells, whatever the order of columns
 * and the format: SHA-256 over the name and text of each cell that is not
 * empty, each with its length before it, ordered by name.
 */
void row_hash(struct id *out, const struct row *row,
    const struct shape *shape);

#endif
