#ifndef REVIEW_ROWSTATE_H
#define REVIEW_ROWSTATE_H

/*
 * The rows of a table in a version, each with the decision that it has.
 */

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/err.h"
#include "lib/history/repo.h"
#include "lib/history/table_at.h"
#include "lib/review/decided.h"

struct rowstate {
	const struct row *row;		/* borrowed, as the rest */
	struct shape *shape;
	const uint8_t *key;		/* NULL: the row has none, and nobody
					 * can decide about it */
	/* In force.  NULL: it is pending; before is the last one about the
	 * key then, which was about another row, or NULL. */
	const struct decision *decision, *before;
	bool carried;			/* from an earlier version */
};

struct rowstate_counts {
	uint64_t rows, pending, approved, rejected, modify;
	uint64_t carried;		/* of those decided */
	uint64_t keyless;		/* of those pending */
};

/* *done: no more rows are wanted. */
typedef err_t rowstate_fn(void *arg, bool *done, const struct rowstate *row);
/*
 * fn may be NULL.  ERR_REFUSED if the table has no key: then nobody can say
 * which row is which.
 */
MUST_CHECK err_t rowstate_run(struct rowstate_counts *out,
    struct table_at *table, const struct decided *decided,
    const struct id *commit, const char *path, rowstate_fn *fn, void *arg);

/* Which rows: "pending", "approved", "rejected" or "modify". */
#define ROWSTATE_WORDS "pending|approved|rejected|modify"
bool rowstate_is(const struct decision *decision, const char *word);

/*
 * The bytes of a table with the rows of such a state only: its header, and
 * each row as it is written, with the table's line end.  *rows: how many.
 */
MUST_CHECK err_t rowstate_filter(uint64_t *rows, struct repo *r,
    const struct commit_node *node, const char *path,
    const struct id *content, const char *word, content_sink_fn *sink,
    void *arg);

/* Is the file a table by its name and attributes? */
MUST_CHECK err_t rowstate_is_table(bool *out, struct attrs *attrs,
    const char *path);

#endif
