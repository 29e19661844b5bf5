/*
 * The rows that a line may be about: those of one key, or with the same cells.
 *
 * A few are looked at one after the other.  Of many there is an index for the
 * columns that the lines name in before, made when the first such line comes:
 * hash of these cells -> runs of rows.  A run is rows that follow each other
 * with the same bytes, which are one as long as nothing is changed.  Rows that
 * lines have touched have indexes of their own; what is touched again, or
 * gone, stays in its index and is passed over there.
 */

#include "lib/table/patch_int.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"

#define FEW 8
/* More sets of columns than this by turns are slow. */
#define INDEXES 8

/* All indexes count from 1; 0 is none. */
struct entry {
	uint32_t row;
	uint32_t version;		/* of the row when it came here */
	uint32_t next;			/* of the run */
};
struct run {
	uint32_t first, last;		/* entries */
	uint32_t next;			/* of the bucket */
};
struct bucket {
	uint64_t hash;
	uint32_t first;			/* run */
};
struct patch_index {
	bool touched;
	size_t *columns;
	size_t n_columns;
	struct entry *entries;
	size_t n_entries, cap_entries;
	struct run *runs;
	size_t n_runs, cap_runs;
	struct bucket *buckets;
	size_t n_buckets, cap_buckets;
	uint32_t *slots;		/* buckets by hash */
	size_t n_slots;
};

static bool
is_csv(const struct patch_target *t)
{
	return t->from.dialect.format == TABLE_CSV;
}

/* ---- the rows --------------------------------------------------------- */

static void
index_release(struct patch_index *x)
{
	free(x->columns);
	free(x->entries);
	free(x->runs);
	free(x->buckets);
	free(x->slots);
}

void
patch_group_clear(struct patch_group *g)
{
	for (size_t i = 0; i < g->n; i++) {
		buf_release(&g->v[i].raw);
		buf_release(&g->v[i].now);
	}
	for (size_t i = 0; i < g->n_indexes; i++)
		index_release(&g->indexes[i]);
	g->n = g->loaded = g->live = g->bytes = 0;
	g->n_indexes = g->next_index = 0;
}

void
patch_group_release(struct patch_group *g)
{
	patch_group_clear(g);
	free(g->v);
	free(g->indexes);
}

static struct grown *
add(struct patch_group *g)
{
	VEC_ROOM(g->v, g->n, g->cap);
	g->v[g->n] = (struct grown){ .raw = BUF_INIT, .now = BUF_INIT };
	g->live++;
	return &g->v[g->n++];
}

void
patch_group_load(struct patch_group *g, struct patch_target *t,
    uint64_t number, const char *raw, size_t len)
{
	struct grown *row = add(g);

	row->number = number;
	buf_add(&row->raw, raw, len);
	if (t->reshaped)
		patch_csv_reshape(&row->now, t, raw, len);
	else
		buf_add(&row->now, raw, len);
	g->loaded++;
}

/* ---- does it fit? ----------------------------------------------------- */

static bool
fits(struct patch_target *t, const struct grown *row,
    const struct delta_line *l, bool whole, struct buf *why)
{
	const struct buf *b = patch_grown_bytes(row);

	return is_csv(t) ? patch_csv_fits(t, !row->touched, buf_cstr(b),
	    b->len, l, whole, why) : patch_jsonl_fits(t, buf_cstr(b), b->len,
	    l, whole, why);
}

static bool
same_bytes(const struct buf *a, const struct buf *b)
{
	return a->len == b->len &&
	    (!a->len || memcmp(a->p, b->p, a->len) == 0);
}

/* ---- indexes ---------------------------------------------------------- */

static uint64_t
fnv1a(uint64_t h, const void *p, size_t len)
{
	for (const unsigned char *b = p, *end = b + len; b < end; b++)
		h = (h ^ *b) * UINT64_C(1099511628211);
	return h;
}

/* The same for cells that are the same to patch_csv_fits or
 * patch_jsonl_fits; CSV does not tell null from empty. */
static uint64_t
hash_cells(const struct patch_index *x, const struct patch_target *t,
    const struct row *row)
{
	uint64_t h = UINT64_C(14695981039346656037);

	for (size_t i = 0; i < x->n_columns; i++) {
		struct cell cell = row_cell(row, x->columns[i]);
		unsigned char kind = is_csv(t) ? 0 : (unsigned char)cell.kind;

		h = fnv1a(h, &cell.len, sizeof(cell.len));
		h = fnv1a(h, &kind, 1);
		h = fnv1a(h, cell.p, cell.len);
	}
	return h ^ h >> 32;
}

static void
slots_grow(struct patch_index *x)
{
	x->n_slots = x->n_slots ? x->n_slots * 2 : 64;
	free(x->slots);
	x->slots = mem_array(x->n_slots, sizeof(*x->slots));
	for (size_t i = 0; i < x->n_buckets; i++) {
		size_t at = x->buckets[i].hash & (x->n_slots - 1);

		while (x->slots[at])
			at = (at + 1) & (x->n_slots - 1);
		x->slots[at] = (uint32_t)i + 1;
	}
}

/* NULL if there is none and it is not to be made. */
static struct bucket *
bucket_of(struct patch_index *x, uint64_t hash, bool make)
{
	size_t at;

	if ((x->n_buckets + 1) * 2 > x->n_slots)
		slots_grow(x);
	at = hash & (x->n_slots - 1);
	for (; x->slots[at]; at = (at + 1) & (x->n_slots - 1))
		if (x->buckets[x->slots[at] - 1].hash == hash)
			return &x->buckets[x->slots[at] - 1];
	if (!make)
		return NULL;
	VEC_ROOM(x->buckets, x->n_buckets, x->cap_buckets);
	x->buckets[x->n_buckets] = (struct bucket){ hash, 0 };
	x->slots[at] = (uint32_t)++x->n_buckets;
	return &x->buckets[x->n_buckets - 1];
}

/* The first row of the run that is still what it was; NULL if none is. */
static struct grown *
front(struct patch_index *x, const struct patch_group *g, struct run *run)
{
	while (run->first) {
		const struct entry *e = &x->entries[run->first - 1];
		struct grown *row = &g->v[e->row - 1];

		if (row->version == e->version)
			return row;
		run->first = e->next;
	}
	return NULL;
}

/* At the front of its bucket. */
static void
index_add(struct patch_index *x, const struct patch_group *g,
    struct patch_target *t, const struct grown *row)
{
	const struct buf *b = patch_grown_bytes(row);
	const struct grown *there = NULL;
	struct bucket *bucket;
	struct entry *e;
	struct run *run;

	row_decode(&t->row, patch_shape(t, !row->touched), buf_cstr(b),
	    b->len);
	bucket = bucket_of(x, hash_cells(x, t, &t->row), true);
	VEC_ROOM(x->entries, x->n_entries, x->cap_entries);
	e = &x->entries[x->n_entries++];
	*e = (struct entry){ (uint32_t)(row - g->v) + 1, row->version, 0 };
	if (bucket->first)
		there = front(x, g, &x->runs[bucket->first - 1]);
	if (there && same_bytes(patch_grown_bytes(there), b)) {
		run = &x->runs[bucket->first - 1];
		e->next = run->first;
		run->first = (uint32_t)x->n_entries;
		return;
	}
	VEC_ROOM(x->runs, x->n_runs, x->cap_runs);
	x->runs[x->n_runs++] = (struct run){ (uint32_t)x->n_entries,
	    (uint32_t)x->n_entries, bucket->first };
	bucket->first = (uint32_t)x->n_runs;
}

/* columns become those of the index. */
static struct patch_index *
index_make(struct patch_group *g, struct patch_target *t, bool touched,
    size_t *columns, size_t n)
{
	struct patch_index *x;

	if (!g->indexes)
		g->indexes = mem_array(INDEXES, sizeof(*g->indexes));
	x = &g->indexes[g->next_index];
	if (g->next_index < g->n_indexes)
		index_release(x);
	else
		g->n_indexes++;
	g->next_index = (g->next_index + 1) % INDEXES;
	*x = (struct patch_index){ .touched = touched, .columns = columns,
	    .n_columns = n };
	for (size_t i = g->n; i-- > 0; )
		if (!g->v[i].gone && g->v[i].touched == touched)
			index_add(x, g, t, &g->v[i]);
	return x;
}

/* {} is one cell to the decoder. */
static bool
is_empty_object(const struct patch_target *t)
{
	size_t len;
	const char *name;

	if (is_csv(t) || t->other.n_order != 1 ||
	    row_cell(&t->other, t->other.order[0]).kind != CELL_OBJECT)
		return false;
	name = columns_name(&len, &t->from.columns, t->other.order[0]);
	return len == 6 && !memcmp(name, "#value", 6);
}

/* The columns that before names, which are yours to free; t->other has their
 * cells.  False and why if it cannot be read. */
static bool
columns_of_before(size_t **out, size_t *n, struct patch_target *t,
    bool touched, const struct delta_line *l, struct buf *why)
{
	size_t cap = 0;

	*out = NULL;
	*n = 0;
	if (!l->before.p)
		return true;
	if (!(is_csv(t) ? patch_csv_row(&t->other, &t->cells, t, !touched,
	    &l->before, why) : patch_jsonl_row(&t->other, &t->cells, t,
	    &l->before, why)))
		return false;
	for (size_t i = 0; i < t->other.n && !is_empty_object(t); i++) {
		if (row_cell(&t->other, i).kind == CELL_NONE)
			continue;
		VEC_ROOM(*out, *n, cap);
		(*out)[(*n)++] = i;
	}
	return true;
}

/* NULL and why if before cannot be read. */
static struct patch_index *
index_of(struct patch_group *g, struct patch_target *t, bool touched,
    const struct delta_line *l, struct buf *why)
{
	size_t *columns, n;

	if (!columns_of_before(&columns, &n, t, touched, l, why))
		return NULL;
	for (size_t i = 0; i < g->n_indexes; i++) {
		struct patch_index *x = &g->indexes[i];

		if (x->touched == touched && x->n_columns == n && (!n ||
		    !memcmp(x->columns, columns, n * sizeof(*columns)))) {
			free(columns);
			return x;
		}
	}
	return index_make(g, t, touched, columns, n);
}

/* ---- the row that fits ------------------------------------------------ */

struct picking {
	struct patch_group *g;
	struct patch_target *t;
	const struct delta_line *l;
	bool whole;
	struct buf *why;
	struct grown *found;
	bool many;			/* and they are not the same */
};

/* False if no more need be looked at. */
static bool
consider(struct picking *p, struct grown *row)
{
	if (!fits(p->t, row, p->l, p->whole, p->why))
		return true;
	p->many = p->found && !same_bytes(&p->found->now, &row->now);
	if (!p->found)
		p->found = row;
	return !p->many;
}

static void
look_through(struct picking *p, bool touched)
{
	for (size_t i = 0; i < p->g->n; i++) {
		struct grown *row = &p->g->v[i];

		if (!row->gone && row->touched == touched && !consider(p, row))
			break;
	}
}

/* On the way, runs of which nothing is left go, and what follows the same
 * rows without anything between is one run with them. */
static void
look_up(struct picking *p, bool touched)
{
	struct patch_index *x = index_of(p->g, p->t, touched, p->l, p->why);
	struct bucket *bucket = x ? bucket_of(x, hash_cells(x, p->t,
	    &p->t->other), false) : NULL;
	uint32_t *link = bucket ? &bucket->first : NULL;
	struct grown *before = NULL;
	struct run *last = NULL;

	if (x && !bucket) {
		buf_clear(p->why);
		buf_str(p->why, "no row of its key has these cells");
	}
	while (link && *link) {
		struct run *run = &x->runs[*link - 1];
		struct grown *row = front(x, p->g, run);

		if (row && before && same_bytes(patch_grown_bytes(before),
		    patch_grown_bytes(row))) {
			x->entries[last->last - 1].next = run->first;
			last->last = run->last;
			row = NULL;
		}
		if (!row) {
			*link = run->next;
			continue;
		}
		if (!consider(p, row))
			break;
		before = row;
		last = run;
		link = &run->next;
	}
}

static struct grown *
numbered(const struct patch_group *g, uint64_t number)
{
	size_t from = 0, to = g->loaded;

	while (from < to) {
		size_t middle = from + (to - from) / 2;

		if (g->v[middle].number < number)
			from = middle + 1;
		else
			to = middle;
	}
	return from < g->loaded && g->v[from].number == number ?
	    &g->v[from] : NULL;
}

struct grown *
patch_group_pick(struct patch_group *g, struct patch_target *t,
    const struct delta_line *l, bool whole, struct buf *why)
{
	struct grown *row = l->row ? numbered(g, l->row) : NULL;
	struct picking p = { .g = g, .t = t, .l = l, .whole = whole,
	    .why = why };

	for (int touched = 0; touched < 2 && !p.found; touched++) {
		if (row && !row->gone && row->touched == touched &&
		    fits(t, row, l, whole, why))
			return row;
		if (g->n > FEW)
			look_up(&p, touched);
		else
			look_through(&p, touched);
	}
	if (p.many) {
		buf_clear(why);
		buf_str(why, "several rows fit");
	} else if (!g->live) {
		buf_clear(why);
		buf_str(why, "there is no such row");
	}
	return p.many ? NULL : p.found;
}

/* ---- changes ---------------------------------------------------------- */

void
patch_group_update(struct patch_group *g, struct patch_target *t,
    struct grown *row, struct buf *now)
{
	buf_release(&row->now);
	row->now = *now;
	row->touched = true;
	row->version++;
	for (size_t i = 0; i < g->n_indexes; i++)
		if (g->indexes[i].touched)
			index_add(&g->indexes[i], g, t, row);
}

void
patch_group_insert(struct patch_group *g, struct patch_target *t,
    uint64_t line, struct buf *now)
{
	struct grown *row = add(g);

	row->line = line;
	patch_group_update(g, t, row, now);
}

void
patch_group_delete(struct patch_group *g, struct grown *row)
{
	row->gone = true;
	row->version++;
	g->live--;
}
