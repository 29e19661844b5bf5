#ifndef REVIEW_SHEET_H
#define REVIEW_SHEET_H

/*
 * Decisions that were made elsewhere: CSV with a header, or JSON Lines, with
 * the columns of the table's key, "decision", and, if wanted, "source",
 * "reason" and "note".  A line with an empty decision decides nothing.
 *
 * It may have other columns of the table too, as whoever decided saw them:
 * the decision is then about that row and no other.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/table/key.h"
#include "store/format.h"

#define SHEET_MAX ((size_t)256 << 20)

struct sheet_line {
	uint8_t key[KEY_HASH];
	enum verdict verdict;
	struct decision_text source, reason, note;
	uint64_t number;	/* of the row in the sheet, from 1 */
	bool met;		/* for who asks */
	const char *raw;	/* private, as the next */
	size_t raw_len;
};

struct sheet;
/* All of fd, which may be a pipe.  ERR_REFUSED says which row is wrong. */
MUST_CHECK err_t sheet_read(struct sheet **out, int fd, const char *name,
    const struct key *key);
void sheet_free(struct sheet *s);		/* accepts NULL */

size_t sheet_count(const struct sheet *s);
struct sheet_line *sheet_at(struct sheet *s, size_t i);
/* NULL if there is none. */
struct sheet_line *sheet_find(struct sheet *s, const uint8_t key[KEY_HASH]);

/* The name of a column in which the row is not what the line says it is,
 * appended to out; false if there is none. */
bool sheet_differs(struct buf *out, struct sheet *s,
    const struct sheet_line *line, const struct row *row,
    const struct shape *shape);

#endif
