#ifndef STORE_IDSET_H
#define STORE_IDSET_H

/*
 * A set of ids in memory, 32 bytes each and some room.
 */

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/hash.h"

struct idset {
	struct id *slots;	/* the zero id marks a free one */
	size_t n, cap;
	bool has_zero;
};
#define IDSET_INIT { NULL, 0, 0, false }

/* True if it was not in there yet. */
bool idset_add(struct idset *s, const struct id *id);
bool idset_has(const struct idset *s, const struct id *id);
void idset_release(struct idset *s);

#endif
