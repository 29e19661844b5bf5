#ifndef STORE_OBJECTS_H
#define STORE_OBJECTS_H

/*
 * All objects of a store but events and what they decide, and what refers to
 * what, in memory: for questions that concern the whole of it.  40 bytes for
 * each object, some more to find it, and 4 for each reference.
 *
 * A node is an object; a commit is two, so that what its tree needs can be
 * told from what its history needs:
 *	its bytes	refer to what is derived from it only
 *	its history	its bytes, its tree, and its parents' histories
 * What other objects are derived from refers to those.
 * An object that is stored as a delta also refers to its base, and that to
 * what is below it: gc keeps all of that for the delta's sake.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"
#include "store/marks.h"

struct store;

#define OBJECTS_NONE UINT32_MAX

struct object_node {
	uint64_t first;			/* of its references */
	uint32_t n;
	uint32_t base;			/* node, or OBJECTS_NONE */
	uint32_t size;			/* of its bytes */
	uint32_t stored;		/* its share of the frame it is in */
	enum kind kind;			/* 0: a history */
	bool placed;			/* its frame was found */
};

struct objects {
	struct marks index;		/* count: node + 1 */
	struct object_node *nodes;
	size_t n, cap;
	uint32_t *refs;			/* nodes */
	size_t n_refs, cap_refs;
};
#define OBJECTS_INIT { .nodes = NULL }

/* Reads every tree, recipe and commit once, in the order in which they are
 * stored.  ERR_CORRUPT if anything is missing or damaged. */
MUST_CHECK err_t objects_load(struct objects *out, struct store *s);
void objects_release(struct objects *o);

/* OBJECTS_NONE if it is not there. */
uint32_t objects_find(const struct objects *o, enum kind kind,
    const struct id *id);
uint32_t objects_content(const struct objects *o, const struct id *content);
uint32_t objects_history(const struct objects *o, const struct id *commit);

#endif
