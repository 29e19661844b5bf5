#ifndef STORE_MARKS_H
#define STORE_MARKS_H

/*
 * A number for each of many objects, 16 bytes apiece: objects are known by 64
 * bits of their id and kind.  Two that share those are taken for one, which
 * at worst keeps what might go, or stops gc over their counts.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/hash.h"
#include "store/format.h"

struct mark {
	uint64_t print;			/* 0: free place */
	uint32_t count;
	uint32_t flags;
};
struct marks {
	struct mark *slots;
	size_t n, cap;
};
#define MARKS_INIT { NULL, 0, 0 }

void marks_release(struct marks *m);
/* The object's mark, made if it is not there; valid until the next call. */
struct mark *marks_put(struct marks *m, enum kind kind, const struct id *id);
/* NULL if it is not there. */
struct mark *marks_get(const struct marks *m, enum kind kind,
    const struct id *id);

#endif
