#ifndef STORE_MARK_H
#define STORE_MARK_H

/*
 * Marking: what can be reached from a set of roots.
 */

#include "store/marks.h"
#include "store/store_int.h"

enum mark_flags {
	MARK_LIVE = 1 << 0,	/* a version, the past of a ref or the stage
				 * needs it */
	MARK_NAMED = 1 << 1,	/* counted for one reason already */
	MARK_BASE = 1 << 2,	/* live as the base of a delta only */
};

struct marking {
	struct store *store;
	bool lenient;		/* pass over what is missing or damaged */
	struct marks marks;	/* count: references found from marked objects
				 * and refs */
	struct marking_item *stack;
	size_t n, cap;
	int64_t *holding;	/* segments (rows) with deltas whose base is
				 * live for their sake alone */
	size_t n_holding, cap_holding;
};
struct marking_item {
	enum kind kind;
	struct id id;
};
#define MARKING_INIT { .stack = NULL }

void marking_release(struct marking *m);

/* Everything below and including the object gets the flag, and with
 * MARK_LIVE its references are counted.  ERR_CORRUPT if anything is missing
 * or damaged. */
MUST_CHECK err_t mark_from(struct marking *m, enum mark_flags flag,
    enum kind kind, const struct id *id);

/* All that must be kept: refs and the past of those that exist, reviewed
 * versions, a detached HEAD, the stage, the bases of deltas that are kept, and
 * what is derived from any of that. */
MUST_CHECK err_t mark_live(struct marking *m);

/* Whatever the ref, which may be gone, has ever pointed to. */
MUST_CHECK err_t mark_past(struct marking *m, enum mark_flags flag,
    const char *ref);

/* References from objects that are not live. */
MUST_CHECK err_t mark_dead_references(struct marking *m);

bool mark_is_live(const struct marking *m, enum kind kind,
    const struct id *id);

#endif
