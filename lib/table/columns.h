#ifndef TABLE_COLUMNS_H
#define TABLE_COLUMNS_H

/*
 * The names of a table's columns, by index and by name.  No name is there
 * twice; an index, once given, stays.
 */

#include <stddef.h>
#include <stdint.h>

#include "lib/base/buf.h"

#define COLUMN_NONE SIZE_MAX

/* As many names as the rows of a JSON Lines table may have together; a row
 * that has more of them is not taken apart. */
#define COLUMNS_MAX 16384

struct columns {
	struct buf names;		/* one after the other */
	size_t *ends;			/* where each ends in names */
	size_t n, cap;
	uint32_t *slots;		/* index + 1 by hash of the name */
	size_t n_slots;			/* a power of two */
};
#define COLUMNS_INIT { .n = 0 }

void columns_release(struct columns *c);
void columns_clear(struct columns *c);
void columns_copy(struct columns *out, const struct columns *c);

/* Borrowed until the next columns_add. */
const char *columns_name(size_t *len, const struct columns *c, size_t i);

/* COLUMN_NONE if there is none. */
size_t columns_find(const struct columns *c, const char *name, size_t len);

/* The index of the name, which is added if it is not there. */
size_t columns_add(struct columns *c, const char *name, size_t len);

/* Add the name, or if it is there already "name#2", "name#3" …: one of which
 * the number before it is there. */
size_t columns_add_new(struct columns *c, const char *name, size_t len);

/* The first n of from, each once. */
void columns_add_all(struct columns *c, const struct columns *from, size_t n);

/* Take back those added since there were n. */
void columns_cut(struct columns *c, size_t n);

/* Order n indexes by the bytes of the names. */
void columns_sort(const struct columns *c, size_t *indexes, size_t n);

#endif
