#ifndef TABLE_DELTA_WRITE_H
#define TABLE_DELTA_WRITE_H

/*
 * Row changes as JSON Lines that can be applied: dsv-delta(5).  Nothing is
 * lost: a cell is written as the text that it holds, a number of JSON as it
 * was written, a byte that is not UTF-8 as U+DC80 and up (lib/base/json.h).
 */

#include "lib/base/buf.h"
#include "lib/base/json.h"
#include "lib/table/key.h"
#include "lib/table/rowdiff.h"

/* A table whose changes are written. */
struct delta_source {
	const char *path;
	const char *from;		/* its old path, or NULL if the same */
	const char *status;		/* "added", "modified" … */
	const struct rowdiff *diff;
	const struct key *key;		/* by the newer side's names */
};

/* Is there anything to say before the rows? */
bool delta_write_has_schema(const struct delta_source *t);

/* One line each, with its LF, appended to out. */
void delta_write_schema(struct buf *out, const struct delta_source *t);
void delta_write_row(struct buf *out, const struct delta_source *t,
    const struct row_change *c);

#endif
