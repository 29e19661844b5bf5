#ifndef TABLE_SUMMARY_H
#define TABLE_SUMMARY_H

/*
 * What is in the columns of some rows, and what is odd about those rows.  The
 * summary of two runs of rows, one after the other, is that of both merged:
 * so it can be made in pieces, in any number of threads, and kept for pieces
 * that do not change.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/table/columns.h"
#include "lib/table/row.h"
#include "lib/table/value.h"

struct stream;

#define SUMMARY_TEXT 64		/* bytes that are kept of text; a number of
				 * more is taken for text */

/* The least or the greatest. */
struct summary_end {
	uint8_t len;		/* 0: there is none */
	bool cut;		/* the text goes on */
	char p[SUMMARY_TEXT];
};

/*
 * Once there is text that is nothing else, the column is text: no other class
 * of text is noted then, and no class at all of CSV, where all is text, nor
 * are its numbers ordered.
 */
struct summary_column {
	unsigned classes;	/* enum value_class of all its cells */
	uint64_t cells;		/* with something in them */
	uint64_t empty;		/* of CSV with nothing, of JSON null; not those
				 * that are missing */
	struct summary_end least, greatest;	/* as text, by bytes */
	struct summary_end lowest, highest;	/* of numbers */
};

struct summary_odd {
	uint64_t rows;
	uint64_t row, line;	/* of the first, from 0 */
};

struct summary {
	struct columns columns;	/* in the order in which they came */
	struct summary_column *v;
	size_t cap;
	uint64_t rows, lines;
	struct summary_odd odd[ROW_ODD_KINDS];	/* by bit of enum row_odd */
	bool more;		/* there are columns beyond COLUMNS_MAX */
	bool json;		/* not all is text */
};
#define SUMMARY_INIT { .columns = COLUMNS_INIT }

void summary_release(struct summary *s);

/* The ends of a column, about: what lies between is no new end. */
struct summing_near {
	uint64_t least[2], greatest[2];	/* the first sixteen bytes */
	double lowest, highest;
};

/* Where rows are added: one thread's. */
struct summing {
	struct summary sum;
	struct shape shape;
	struct row row;
	struct summing_near *near;	/* by column */
	size_t n_near;
	bool check;		/* look at each row's encoding */
};
/* With the columns of the shape, which is copied. */
void summing_init(struct summing *out, const struct shape *shape);
void summing_release(struct summing *s);
/* The next row, out of the stream, which knows its line. */
void summing_add(struct summing *s, struct stream *stream, const char *raw,
    size_t len);

/* b's rows come after a's. */
void summary_merge(struct summary *a, const struct summary *b);

/* The rows in which two tables differ, summed up. */
struct summary_change {
	bool known;
	struct summary gone, come;
};
#define SUMMARY_CHANGE_INIT { .known = false, .gone = SUMMARY_INIT, \
    .come = SUMMARY_INIT }
void summary_change_release(struct summary_change *c);
/*
 * From the summary of the older table to that of the newer one.  False if it
 * cannot be told without reading on: a greatest value went and nothing came
 * that is as great, or there is an odd row, whose number may have changed.  s
 * is of no use then.
 */
bool summary_apply(struct summary *s, const struct summary_change *c);

/* For storing; dsv-format(5) has it. */
void summary_encode(struct buf *out, const struct summary *s);
MUST_CHECK err_t summary_decode(struct summary *out, struct cursor *c);

#endif
