#include "lib/table/columns.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"

void
columns_release(struct columns *c)
{
	buf_release(&c->names);
	free(c->ends);
	free(c->slots);
	*c = (struct columns)COLUMNS_INIT;
}

void
columns_clear(struct columns *c)
{
	buf_clear(&c->names);
	c->n = 0;
	if (c->n_slots)
		memset(c->slots, 0, c->n_slots * sizeof(*c->slots));
}

void
columns_copy(struct columns *out, const struct columns *c)
{
	*out = (struct columns)COLUMNS_INIT;
	if (!c->n)
		return;
	buf_add(&out->names, c->names.p, c->names.len);
	out->ends = mem_dup(c->ends, c->n * sizeof(*c->ends));
	out->n = out->cap = c->n;
	out->slots = mem_dup(c->slots, c->n_slots * sizeof(*c->slots));
	out->n_slots = c->n_slots;
}

const char *
columns_name(size_t *len, const struct columns *c, size_t i)
{
	size_t start = i ? c->ends[i - 1] : 0;

	*len = c->ends[i] - start;
	return buf_cstr(&c->names) + start;
}

static uint64_t
hash_of(const char *name, size_t len)
{
	uint64_t h = UINT64_C(14695981039346656037);

	for (size_t i = 0; i < len; i++)
		h = (h ^ (uint8_t)name[i]) * UINT64_C(1099511628211);
	return h ^ h >> 32;
}

/* The slot that has the name, or the empty one where it would be. */
static uint32_t *
slot_of(const struct columns *c, const char *name, size_t len)
{
	size_t at = hash_of(name, len) & (c->n_slots - 1);

	for (;; at = (at + 1) & (c->n_slots - 1)) {
		const char *there;
		size_t n;

		if (!c->slots[at])
			return &c->slots[at];
		there = columns_name(&n, c, c->slots[at] - 1);
		if (n == len && !memcmp(there, name, len))
			return &c->slots[at];
	}
}

static void
slots_grow(struct columns *c)
{
	size_t n = c->n_slots ? c->n_slots * 2 : 64;

	free(c->slots);
	c->slots = mem_array(n, sizeof(*c->slots));
	c->n_slots = n;
	for (size_t i = 0; i < c->n; i++) {
		size_t len;
		const char *name = columns_name(&len, c, i);

		*slot_of(c, name, len) = (uint32_t)i + 1;
	}
}

size_t
columns_find(const struct columns *c, const char *name, size_t len)
{
	uint32_t found = c->n_slots ? *slot_of(c, name, len) : 0;

	return found ? found - 1 : COLUMN_NONE;
}

size_t
columns_add(struct columns *c, const char *name, size_t len)
{
	uint32_t *slot;

	if ((c->n + 1) * 2 > c->n_slots)
		slots_grow(c);
	slot = slot_of(c, name, len);
	if (*slot)
		return *slot - 1;
	VEC_ROOM(c->ends, c->n, c->cap);
	buf_add(&c->names, name, len);
	c->ends[c->n++] = c->names.len;
	*slot = (uint32_t)c->n;
	return c->n - 1;
}

void
columns_add_all(struct columns *c, const struct columns *from, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		size_t len;
		const char *name = columns_name(&len, from, i);

		columns_add(c, name, len);
	}
}

static bool
has_numbered(const struct columns *c, struct buf *work, const char *name,
    size_t len, size_t k)
{
	buf_clear(work);
	buf_add(work, name, len);
	buf_printf(work, "#%zu", k);
	return columns_find(c, work->p, work->len) != COLUMN_NONE;
}

size_t
columns_add_new(struct columns *c, const char *name, size_t len)
{
	struct buf work = BUF_INIT;
	size_t at = c->n, there = 1, unused = 2;

	if (columns_find(c, name, len) == COLUMN_NONE)
		return columns_add(c, name, len);
	/* The numbers that are there mostly follow each other: so it is not
	 * each of them that must be tried. */
	for (; has_numbered(c, &work, name, len, unused); unused *= 2)
		there = unused;
	while (there + 1 < unused) {
		size_t middle = there + (unused - there) / 2;

		if (has_numbered(c, &work, name, len, middle))
			there = middle;
		else
			unused = middle;
	}
	has_numbered(c, &work, name, len, unused);
	columns_add(c, work.p, work.len);
	buf_release(&work);
	return at;
}

void
columns_cut(struct columns *c, size_t n)
{
	/* The last one added is in no other name's way. */
	while (c->n > n) {
		size_t len;
		const char *name = columns_name(&len, c, c->n - 1);

		*slot_of(c, name, len) = 0;
		c->n--;
		c->names.len -= len;
	}
}

static _Thread_local const struct columns *sorting;

static int
by_name(const void *a, const void *b)
{
	size_t la, lb;
	const char *pa = columns_name(&la, sorting, *(const size_t *)a);
	const char *pb = columns_name(&lb, sorting, *(const size_t *)b);
	int cmp = memcmp(pa, pb, la < lb ? la : lb);

	return cmp ? cmp : la < lb ? -1 : la > lb;
}

void
columns_sort(const struct columns *c, size_t *indexes, size_t n)
{
	sorting = c;
	qsort(indexes, n, sizeof(*indexes), by_name);
	sorting = NULL;
}
