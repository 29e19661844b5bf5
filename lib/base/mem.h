#ifndef BASE_MEM_H
#define BASE_MEM_H

/*
 * Memory that is there or the process is not.  Running out says so in one
 * line and exits at once with status 3; that is safe because the store is
 * safe against being killed anywhere.  Sizes that come from a file are checked
 * against a limit before they get here.
 */

#include <stddef.h>

#include "lib/base/compat.h"

/* Once, at the start: memory that is given back is kept for what comes next,
 * rather than cleared by the system and fetched page by page again. */
void mem_setup(void);

SIZED(1) void *mem_alloc(size_t size);		/* uninitialised */
SIZED(1) void *mem_zalloc(size_t size);		/* zeroed */
/* Overflow-checked; the first is zeroed. */
SIZED(1, 2) void *mem_array(size_t n, size_t size);
SIZED(2, 3) void *mem_realloc(void *p, size_t n, size_t size);
SIZED(2) void *mem_dup(const void *p, size_t size);
char *mem_strdup(const char *s);
char *mem_strndup(const char *s, size_t len);

/* Says "out of memory" and exits. */
NORETURN void mem_fail(void);

/*
 * Room for one more in a growing array: *cap is doubled when n reaches it.
 *	VEC_ROOM(v->items, v->n, v->cap); v->items[v->n++] = x;
 */
#define VEC_ROOM(items, n, cap) \
	((items) = mem_room((items), (n), &(cap), sizeof(*(items))))
void *mem_room(void *p, size_t n, size_t *cap, size_t size);

#endif
