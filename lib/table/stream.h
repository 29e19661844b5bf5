#ifndef TABLE_STREAM_H
#define TABLE_STREAM_H

/*
 * The rows of a table whose bytes come piece by piece, cut anywhere.  Memory
 * is what a piece and the longest row take; of a row longer than ROW_LONGEST
 * only a beginning of more than that is shown, which row_decode does not take
 * apart.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/table/row.h"

typedef err_t stream_row_fn(void *arg, const char *raw, size_t len);

struct stream {
	const struct dialect *dialect;
	stream_row_fn *fn;
	void *arg;
	bool at_start;		/* of the file: the header is to come */
	/* private */
	struct buf held;	/* a row of which not all was seen */
	uint64_t lines;		/* line ends before counted */
	const char *counted;	/* in the bytes at hand; the row comes after */
	const char *row;
	bool dropping;		/* the rest of a row that is too long */
	bool in_quotes;		/* then */
};
#define STREAM_INIT { .dialect = NULL, .held = BUF_INIT }

/* Rows that end in p come to fn before it returns. */
MUST_CHECK err_t stream_add(struct stream *s, const char *p, size_t len);
/* There is no more: the last row, if it has no line end. */
MUST_CHECK err_t stream_end(struct stream *s);
void stream_release(struct stream *s);
/* How many line ends come before the row that fn was given, or, after
 * stream_end, in all. */
uint64_t stream_lines(struct stream *s);

#endif
