#ifndef STORE_LINEAGE_H
#define STORE_LINEAGE_H

/*
 * Which chunk of the previous version a new chunk comes from: the one that
 * covers most of the same bytes, counted from the last chunk that both have;
 * and which node of its recipe a new node: the one that covers the same place.
 * A wrong guess costs a little space and never truth.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"
#include "lib/base/hash.h"

struct store;

struct lineage_chunk {
	struct id id;
	uint64_t end;			/* offset */
};

struct lineage {
	struct lineage_chunk *old;	/* the previous version's chunks */
	size_t n, cap;
	uint32_t *slots;		/* of old by id; index + 1 */
	size_t n_slots;
	size_t next;			/* the chunk expected now, … */
	uint64_t at;			/* … and the offset in the old file */
	struct lineage_node *nodes;	/* in the order of their chunks */
	size_t n_nodes, cap_nodes;
};

struct lineage_node {
	struct id id;
	unsigned height;
	uint64_t before;		/* chunks */
};
#define LINEAGE_INIT { .old = NULL }

/* Of the content prev; whatever of it cannot be read is left out, and so is
 * what is behind LINEAGE_MAX chunks. */
#define LINEAGE_MAX (1u << 22)
MUST_CHECK err_t lineage_load(struct lineage *out, struct store *s,
    const struct id *prev);
void lineage_release(struct lineage *l);

/* The file goes on with this chunk.  The chunk that it probably comes from;
 * NULL if there is none.  Borrowed. */
const struct id *lineage_step(struct lineage *l, const struct id *chunk,
    size_t size);

/* The node of that height that the chunk number is in; NULL if none. */
const struct id *lineage_node(const struct lineage *l, unsigned height,
    uint64_t chunk);

#endif
