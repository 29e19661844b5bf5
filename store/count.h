#ifndef STORE_COUNT_H
#define STORE_COUNT_H

/*
 * Reference counts.  An object's count is the number of references to it
 * from stored objects and from refs:
 *	chunk	entries of recipes and nodes; entries of trees, if it is a
 *		whole file
 *	recipe	entries of trees
 *	node	entries of recipes and nodes
 *	tree	entries of trees; commits
 *	commit	parents of commits; refs
 *	event	none: events are never collected
 *	table, rows	none: they go with what they are about
 * The stage is not counted.  Counts are for people and for gc's cross-check;
 * what may be deleted is decided by marking alone.
 */

#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"
#include "lib/base/hash.h"
#include "store/format.h"

struct db;

/* Changes of counts, gathered before they are applied. */
struct count {
	struct id id;
	enum kind kind;			/* 0: free place */
	int64_t change;
};
struct counts {
	struct count *slots;
	size_t n, cap;
};
#define COUNTS_INIT { NULL, 0, 0 }

void counts_release(struct counts *c);
void counts_add(struct counts *c, enum kind kind, const struct id *id,
    int64_t change);
/* Taken out: what is left of it is zero. */
int64_t counts_take(struct counts *c, enum kind kind, const struct id *id);

/* One more (or less) for each child of the object.  The file rows of its
 * contents must be there. */
MUST_CHECK err_t counts_children(struct counts *c, struct db *db,
    enum kind kind, const void *p, size_t len, int64_t change);

/* Change the rows. */
MUST_CHECK err_t counts_apply(struct counts *c, struct db *db);

#endif
