/*
 * The digest of a row's cells.  Between two tables of CSV the compared columns
 * of both are known by now, and their order is that of the joint; further
 * cells follow by name.  Otherwise all cells are taken in the order of their
 * names.
 */

#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/table/rowdiff_int.h"

/* What a digest begins with, so that no two kinds are ever the same. */
enum { TAG_FIXED = 1, TAG_OPEN = 2, TAG_KEYLESS = 3 };

void
digester_init(struct digester *g, const struct rowdiff *d, unsigned side)
{
	*g = (struct digester){ .diff = d, .side = side,
	    .finder = KEY_FINDER_INIT, .row = ROW_INIT };
	shape_copy(&g->shape, side == FROM ? &d->joint.from : &d->joint.to);
	if (d->keyed && key_bind(&g->finder, &d->keys[side], &g->shape))
		BUG("a key that was there is not");
}

void
digester_release(struct digester *g)
{
	key_finder_release(&g->finder);
	row_release(&g->row);
	shape_release(&g->shape);
	free(g->names.order);
	free(g->names.sorted);
}

static void
add_number(struct hash *h, uint64_t n)
{
	unsigned char b[8];

	for (int i = 0; i < 8; i++)
		b[i] = (unsigned char)(n >> 8 * i);
	hash_add(h, b, sizeof(b));
}

static void
add_named(struct hash *h, struct digester *g, size_t column, struct cell c)
{
	size_t len;
	const char *name = columns_name(&len, &g->shape.columns, column);

	if (!rowdiff_compares(g->diff, name, len))
		return;
	/* Of two formats only the text counts. */
	if (g->diff->cross && !c.len)
		return;
	add_number(h, len);
	hash_add(h, name, len);
	add_number(h, g->diff->cross ? CELL_TEXT : c.kind);
	add_number(h, c.len);
	hash_add(h, c.p, c.len);
}

/* A short cell with its place and length in one go. */
static void
add_cell(struct hash *h, size_t place, struct cell c)
{
	unsigned char b[72];
	uint64_t n = (uint64_t)c.len << 32 | (uint32_t)place;
	size_t fits = c.len < sizeof(b) - 8 ? c.len : 0;

	for (int i = 0; i < 8; i++)
		b[i] = (unsigned char)(n >> 8 * i);
	memcpy(b + 8, c.p, fits);
	hash_add(h, b, 8 + fits);
	if (fits < c.len)
		hash_add(h, c.p, c.len);
}

static void
digest_fixed(struct hash *h, struct digester *g)
{
	const struct rowdiff *d = g->diff;
	const size_t *shared = d->shared[g->side];
	size_t header = g->shape.header;

	for (size_t i = 0; i < d->n_shared; i++) {
		struct cell c = row_cell(&g->row, shared[i]);

		if (c.kind != CELL_NONE)
			add_cell(h, i, c);
	}
	for (size_t i = header; i < g->row.n; i++)
		add_named(h, g, i, g->row.cells[i]);
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

/* Rows mostly have the same columns as the one before: sort them once. */
static void
sort_names(struct digester *g)
{
	bool csv = g->shape.dialect.format == TABLE_CSV;
	size_t n = csv ? g->row.n : g->row.n_order;

	if (n == g->names.n && (!n || csv || !memcmp(g->names.order,
	    g->row.order, n * sizeof(size_t))))
		return;
	g->names.order = mem_realloc(g->names.order, n + 1, sizeof(size_t));
	g->names.sorted = mem_realloc(g->names.sorted, n + 1, sizeof(size_t));
	g->names.n = n;
	for (size_t i = 0; i < n; i++)
		g->names.order[i] = g->names.sorted[i] = csv ? i :
		    g->row.order[i];
	sorting = &g->shape.columns;
	qsort(g->names.sorted, n, sizeof(size_t), by_name);
	sorting = NULL;
}

static void
digest_open(struct hash *h, struct digester *g)
{
	sort_names(g);
	for (size_t i = 0; i < g->names.n; i++)
		add_named(h, g, g->names.sorted[i],
		    g->row.cells[g->names.sorted[i]]);
}

void
digester_read(struct digest *out, struct digester *g, const char *raw,
    size_t len)
{
	static const char tags[] = { 0, TAG_FIXED, TAG_OPEN, TAG_KEYLESS };
	struct hash h;
	struct id id;

	row_decode(&g->row, &g->shape, raw, len);
	hash_init(&h);
	hash_add(&h, &tags[g->diff->fixed ? TAG_FIXED : TAG_OPEN], 1);
	if (g->diff->fixed)
		digest_fixed(&h, g);
	else
		digest_open(&h, g);
	hash_end(&out->cells, &h);
	out->keyed = g->diff->keyed &&
	    key_hash_row(out->key, &g->finder, &g->row);
	if (out->keyed)
		return;
	hash_init(&h);
	hash_add(&h, &tags[TAG_KEYLESS], 1);
	hash_add(&h, out->cells.b, ID_SIZE);
	hash_end(&id, &h);
	memcpy(out->key, id.b, KEY_HASH);
}

bool
digester_filled(const struct digester *g)
{
	const struct rowdiff *d = g->diff;

	for (size_t i = 0; i < d->n_added; i++)
		if (row_cell(&g->row, d->added[i]).len)
			return true;
	return false;
}
