/*
 * Gaps are compared by workers, in units of a bounded size.  In a unit rows of
 * the same bytes cancel first (from both ends, then wherever they are), then
 * those with the same cells.  What cancels here would cancel anyway, whichever
 * unit it is in; so the result does not depend on where units end.
 *
 * A gap that is larger than a unit is divided where both sides are about as
 * far, so that rows which changed a little mostly meet.
 */

#include <stdlib.h>
#include <string.h>

#include "lib/base/cancel.h"
#include "lib/base/mem.h"
#include "lib/table/rowdiff_int.h"

#define UNIT_BYTES ((size_t)1 << 20)
#define UNIT_RECORDS 65536
#define UNIT_LARGEST (4 * UNIT_BYTES)	/* of the side that follows */
/* Chunks that end within a record are read together: no more than this. */
#define RECORD_LARGEST ((size_t)64 << 20)
#define PROBES 64

/* One side of a unit: chunks of a work, and their bytes. */
struct stretch {
	size_t first, n;		/* chunks */
	size_t at, bytes;		/* in the bytes of a block */
	uint64_t record;		/* the first one, from 0 */
	bool at_start;
};

struct unit {
	struct stretch sides[SIDES];
};

/* Units that one worker compares. */
struct work {
	struct job job;
	struct rowdiff *diff;
	struct unit *units;
	size_t n_units, cap_units;
	struct content_part *chunks[SIDES];
	size_t n_chunks[SIDES], cap_chunks[SIDES];
	size_t size;			/* bytes of all chunks */
	/* If both sides are in one store the first block has both, beside
	 * each other, since one is often stored by the other. */
	struct source_block *blocks[SIDES];
	struct buf bytes[SIDES];
	struct leftover *left;
	size_t n_left, cap_left;
	struct differing differing;
};

/* ---- rows that are the same -------------------------------------------- */

/* Items of the older side by hash: those that are equal in a row of their
 * own, the first of them first. */
struct slot {
	uint64_t hash;
	uint32_t first, last;		/* first RAW_NONE: all are taken */
	bool used;
};

struct index {
	struct slot *slots;
	uint32_t *next;
	size_t mask;
};

/* Are items a of the older side and b equal? */
typedef bool same_fn(const void *arg, uint32_t a, uint32_t b, bool both_older);

static void
index_init(struct index *x, size_t n, size_t items)
{
	size_t size = 16;

	while (size < 2 * n)
		size *= 2;
	x->slots = mem_array(size, sizeof(*x->slots));
	x->next = mem_array(items + 1, sizeof(*x->next));
	x->mask = size - 1;
}

static void
index_release(struct index *x)
{
	free(x->slots);
	free(x->next);
}

/* NULL if there is neither a slot nor room: what is looked for is left to be
 * compared later, so that no input makes this slow. */
static struct slot *
index_slot(struct index *x, uint64_t hash, uint32_t item, bool older,
    same_fn *same, const void *arg)
{
	for (size_t i = 0; i < PROBES; i++) {
		struct slot *s = &x->slots[(hash + i) & x->mask];

		if (!s->used)
			return older ? s : NULL;
		if (s->hash == hash && same(arg, s->last, item, older))
			return s;
	}
	return NULL;
}

static void
index_add(struct index *x, uint64_t hash, uint32_t item, same_fn *same,
    const void *arg)
{
	struct slot *s = index_slot(x, hash, item, true, same, arg);

	if (!s)
		return;
	x->next[item] = RAW_NONE;
	if (s->used)
		x->next[s->last] = item;
	else
		*s = (struct slot){ hash, item, item, true };
	s->last = item;
}

/* The first equal item that is left, which is taken; or RAW_NONE. */
static uint32_t
index_take(struct index *x, uint64_t hash, uint32_t item, same_fn *same,
    const void *arg)
{
	struct slot *s = index_slot(x, hash, item, false, same, arg);
	uint32_t found = s ? s->first : RAW_NONE;

	if (found != RAW_NONE)
		s->first = x->next[found];
	return found;
}

/* ---- by their bytes ---------------------------------------------------- */

static uint64_t
mix(uint64_t h, uint64_t word)
{
	h = (h ^ word) * UINT64_C(0x9e3779b97f4a7c15);
	return h ^ h >> 29;
}

/* Need not be strong: equal hashes are looked at again. */
static uint64_t
raw_hash(const struct raw *r)
{
	uint64_t h = r->len, word;
	size_t i = 0;

	for (; i + 8 <= r->len; i += 8) {
		memcpy(&word, r->p + i, 8);
		h = mix(h, word);
	}
	word = 0;
	if (i < r->len)
		memcpy(&word, r->p + i, r->len - i);
	return mix(h, word);
}

static bool
raw_same(const struct raw *a, const struct raw *b)
{
	return a->len == b->len && !memcmp(a->p, b->p, a->len);
}

static bool
same_bytes(const void *arg, uint32_t a, uint32_t b, bool both_older)
{
	const struct raws *rows = arg;

	return raw_same(&rows[FROM].v[a], &rows[both_older ? FROM : TO].v[b]);
}

static void
pair(struct raws rows[SIDES], size_t a, size_t b)
{
	rows[FROM].v[a].mate = (uint32_t)b;
	rows[TO].v[b].mate = (uint32_t)a;
}

/* From the end, until the first that differ. */
static void
cancel_tail(struct raws rows[SIDES])
{
	size_t a = rows[FROM].n, b = rows[TO].n;

	for (; a && b && rows[FROM].v[a - 1].mate == RAW_NONE &&
	    rows[TO].v[b - 1].mate == RAW_NONE &&
	    raw_same(&rows[FROM].v[a - 1], &rows[TO].v[b - 1]); a--, b--)
		pair(rows, a - 1, b - 1);
}

static size_t
count_left(const struct raws *rows)
{
	size_t n = 0;

	for (size_t i = 0; i < rows->n; i++)
		n += rows->v[i].mate == RAW_NONE;
	return n;
}

static void
cancel_bytes(struct raws rows[SIDES])
{
	struct raws *a = &rows[FROM], *b = &rows[TO];
	size_t left = count_left(a);
	struct index x;

	if (!left || !count_left(b))
		return;
	index_init(&x, left, a->n);
	for (size_t i = 0; i < a->n; i++)
		if (a->v[i].mate == RAW_NONE)
			index_add(&x, raw_hash(&a->v[i]), (uint32_t)i,
			    same_bytes, rows);
	for (size_t i = 0; i < b->n; i++) {
		uint32_t at = RAW_NONE;

		if (b->v[i].mate == RAW_NONE)
			at = index_take(&x, raw_hash(&b->v[i]), (uint32_t)i,
			    same_bytes, rows);
		if (at != RAW_NONE)
			pair(rows, at, i);
	}
	index_release(&x);
}

/* ---- by their cells ---------------------------------------------------- */

struct digests {
	struct digest *v;
	size_t n, cap;
};

/* What same_digest needs. */
struct digested {
	const struct raws *rows;
	const struct digests *digests;
};

static bool
digest_same(const struct digest *a, const struct digest *b)
{
	return a->keyed == b->keyed && id_eq(&a->cells, &b->cells) &&
	    !memcmp(a->key, b->key, KEY_HASH);
}

static bool
same_digest(const void *arg, uint32_t a, uint32_t b, bool both_older)
{
	const struct digested *d = arg;
	const struct raws *other = &d->rows[both_older ? FROM : TO];
	const struct digests *digests = &d->digests[both_older ? FROM : TO];

	return digest_same(&d->digests[FROM].v[d->rows[FROM].v[a].digest],
	    &digests->v[other->v[b].digest]);
}

static uint64_t
digest_hash(const struct digest *d)
{
	uint64_t h;

	memcpy(&h, d->cells.b, sizeof(h));
	return h;
}

static void
take_digests(struct digests *out, struct raws *rows, struct digester *g)
{
	for (size_t i = 0; i < rows->n; i++) {
		struct raw *r = &rows->v[i];

		if (r->mate != RAW_NONE)
			continue;
		VEC_ROOM(out->v, out->n, out->cap);
		digester_read(&out->v[out->n], g, r->p, r->len);
		r->filled = g->side == TO && digester_filled(g);
		r->digest = (uint32_t)out->n++;
	}
}

static void
cancel_cells(struct raws rows[SIDES], const struct digests digests[SIDES])
{
	struct digested d = { rows, digests };
	struct index x;

	if (!digests[FROM].n || !digests[TO].n)
		return;
	index_init(&x, digests[FROM].n, rows[FROM].n);
	for (size_t i = 0; i < rows[FROM].n; i++)
		if (rows[FROM].v[i].mate == RAW_NONE)
			index_add(&x, digest_hash(&digests[FROM].v[
			    rows[FROM].v[i].digest]), (uint32_t)i,
			    same_digest, &d);
	for (size_t i = 0; i < rows[TO].n; i++) {
		uint32_t at = RAW_NONE;

		if (rows[TO].v[i].mate == RAW_NONE)
			at = index_take(&x, digest_hash(&digests[TO].v[
			    rows[TO].v[i].digest]), (uint32_t)i, same_digest,
			    &d);
		if (at != RAW_NONE)
			pair(rows, at, i);
	}
	index_release(&x);
}

/* ---- what is left ------------------------------------------------------ */

/* Numbers of the first rows of a unit, from 0. */
struct origin {
	uint64_t row[SIDES];
};

static struct leftover *
add_left(struct work *w, unsigned side, const struct raw *r, uint64_t number)
{
	struct leftover *l;

	VEC_ROOM(w->left, w->n_left, w->cap_left);
	l = &w->left[w->n_left++];
	*l = (struct leftover){ .side = (uint8_t)side, .number = number,
	    .raw = r->p, .len = r->len };
	return l;
}

/* Where the mate of the next row of the older side is that has one, if that is
 * not before from; or the end of the unit. */
static uint64_t
next_mate(const struct raws rows[SIDES], size_t i, uint64_t from)
{
	while (i < rows[FROM].n && rows[FROM].v[i].mate == RAW_NONE)
		i++;
	if (i < rows[FROM].n) {
		uint64_t at = rows[TO].v[rows[FROM].v[i].mate].at;

		if (at >= from)
			return at;
	}
	return rows[TO].rows;
}

static void
leave_older(struct work *w, const struct raws rows[SIDES],
    const struct digests *digests, const struct origin *o)
{
	uint64_t after = 0, at = 0, cap = 0;
	bool run = false;		/* the row before is left, too */

	for (size_t i = 0; i < rows[FROM].n; i++) {
		const struct raw *r = &rows[FROM].v[i];
		struct leftover *l;

		if (r->mate != RAW_NONE) {
			const struct raw *mate = &rows[TO].v[r->mate];

			after = at = (uint64_t)mate->at + mate->count;
			run = false;
			continue;
		}
		if (!run)
			cap = next_mate(rows, i, after);
		run = true;
		l = add_left(w, FROM, r, o->row[FROM] + r->at + 1);
		l->digest = digests->v[r->digest];
		l->after = o->row[TO] + after;
		l->at = o->row[TO] + (at < cap ? at : cap);
		at++;
	}
}

static void
leave_newer(struct work *w, const struct raws rows[SIDES],
    const struct digests *digests, const struct origin *o)
{
	uint64_t after = 0;

	for (size_t i = 0; i < rows[TO].n; i++) {
		const struct raw *r = &rows[TO].v[i];
		struct leftover *l;

		if (r->mate != RAW_NONE)
			after = (uint64_t)r->at + r->count;
		if (r->mate != RAW_NONE && !r->filled)
			continue;
		l = add_left(w, TO, r, o->row[TO] + r->at + 1);
		l->after = o->row[TO] + after;
		l->at = o->row[TO] + r->at;
		if (r->mate != RAW_NONE) {
			const struct raw *from = &rows[FROM].v[r->mate];

			*l = (struct leftover){ .side = TO, .filled = true,
			    .at = l->at, .number = o->row[FROM] + from->at + 1,
			    .number2 = l->number, .raw = from->p,
			    .len = from->len, .raw2 = r->p, .len2 = r->len };
		}
		if (r->digest != RAW_NONE)
			l->digest = digests->v[r->digest];
	}
}

/* What a worker keeps from unit to unit. */
struct worker {
	struct digester digesters[SIDES];
	struct raws rows[SIDES];
	struct digests digests[SIDES];
};

static void
sum_up(struct work *w, const struct raws rows[SIDES])
{
	for (unsigned side = 0; w->differing.active && side < SIDES; side++)
		for (size_t i = 0; i < rows[side].n; i++)
			if (rows[side].v[i].mate == RAW_NONE)
				differing_add(&w->differing, side,
				    rows[side].v[i].p, rows[side].v[i].len);
}

static void
compare(struct work *w, struct worker *k, const struct unit *u)
{
	struct rowdiff *d = w->diff;
	bool together = source_together(d->sources[FROM], d->sources[TO]);
	struct rows records[SIDES];
	struct origin o;

	for (unsigned side = 0; side < SIDES; side++) {
		const struct stretch *s = &u->sides[side];
		const struct dialect *dialect = side == FROM ?
		    &d->joint.from.dialect : &d->joint.to.dialect;

		const char *p = buf_cstr(&w->bytes[together ? FROM : side]) +
		    s->at;

		k->rows[side].n = k->rows[side].rows = 0;
		k->digests[side].n = 0;
		rows_begin(&records[side], dialect, p, s->bytes, s->at_start);
		differing_bytes(&w->differing, side, p, s->bytes);
		/* The header is a record but not a row. */
		o.row[side] = s->record - (dialect->header && !s->at_start);
	}
	if (d->same_bytes) {
		rowdiff_step(k->rows, records);
		cancel_tail(k->rows);
		cancel_bytes(k->rows);
	} else {
		rowdiff_split(&k->rows[FROM], &records[FROM]);
		rowdiff_split(&k->rows[TO], &records[TO]);
	}
	sum_up(w, k->rows);
	for (unsigned side = 0; side < SIDES; side++)
		take_digests(&k->digests[side], &k->rows[side],
		    &k->digesters[side]);
	cancel_cells(k->rows, k->digests);
	leave_older(w, k->rows, &k->digests[FROM], &o);
	leave_newer(w, k->rows, &k->digests[TO], &o);
}

static err_t
work_run(struct job *job)
{
	struct work *w = (struct work *)(void *)job;
	struct worker k = { .rows = { { .n = 0 } } };
	err_t err = NULL;

	for (unsigned side = 0; !err && side < SIDES; side++)
		err = source_block_read(&w->bytes[side], w->blocks[side]);
	if (err)
		return err;
	for (unsigned side = 0; side < SIDES; side++)
		digester_init(&k.digesters[side], w->diff, side);
	differing_begin(&w->differing, w->diff);
	for (size_t i = 0; i < w->n_units; i++)
		compare(w, &k, &w->units[i]);
	for (unsigned side = 0; side < SIDES; side++) {
		digester_release(&k.digesters[side]);
		free(k.rows[side].v);
		free(k.digests[side].v);
	}
	return NULL;
}

/* ---- the owner's part -------------------------------------------------- */

struct owner {
	struct rowdiff *diff;
	struct pool *pool;		/* NULL until there is a second work */
	struct work *filling;
	leftover_fn *fn;
	void *arg;
};

static void
work_free(struct work *w)
{
	if (!w)
		return;
	for (unsigned side = 0; side < SIDES; side++) {
		source_block_free(w->blocks[side]);
		buf_release(&w->bytes[side]);
		free(w->chunks[side]);
	}
	differing_release(&w->differing);
	free(w->units);
	free(w->left);
	free(w);
}

static void
work_drop(struct job *job, void *arg)
{
	(void)arg;
	work_free((struct work *)(void *)job);
}

static err_t
pass_on(struct owner *o, const struct work *w)
{
	err_t err = cancel_check();

	differing_take(o->diff, &w->differing);
	for (size_t i = 0; !err && i < w->n_left; i++)
		err = o->fn(o->arg, &w->left[i]);
	return err;
}

static err_t
take_back(struct owner *o, size_t held)
{
	err_t err = NULL;

	while (!err && pool_held(o->pool) > held) {
		struct job *job;

		err = pool_next(&job, o->pool);
		if (!err)
			err = pass_on(o, (struct work *)(void *)job);
		work_free((struct work *)(void *)job);
	}
	return err;
}

static err_t
find_stretch(struct work *w, unsigned side, unsigned block,
    struct stretch *s)
{
	err_t err = NULL;

	s->at = source_block_bytes(w->blocks[block]);
	for (size_t i = 0; !err && i < s->n; i++)
		err = source_block_add(w->blocks[block],
		    &w->chunks[side][s->first + i]);
	return err;
}

/* Find out where all chunks are, at once. */
static err_t
find_chunks(struct work *w)
{
	struct source *const *src = w->diff->sources;
	bool together = source_together(src[FROM], src[TO]);
	err_t err;

	err = source_view_begin(src[FROM]);
	if (err)
		return err;
	err = source_view_begin(src[TO]);
	if (err) {
		source_view_end(src[FROM]);
		return err;
	}
	for (size_t i = 0; !err && i < w->n_units; i++) {
		struct unit *u = &w->units[i];

		err = find_stretch(w, FROM, FROM, &u->sides[FROM]);
		if (!err)
			err = find_stretch(w, TO, together ? FROM : TO,
			    &u->sides[TO]);
	}
	source_view_end(src[TO]);
	source_view_end(src[FROM]);
	return err;
}

static err_t
give(struct owner *o)
{
	struct work *w = o->filling;
	err_t err;

	if (!w)
		return NULL;
	err = find_chunks(w);
	if (err)
		return err;
	o->filling = NULL;
	if (!o->pool)
		o->pool = pool_new();
	pool_give(o->pool, &w->job);
	return take_back(o, 2 * (size_t)pool_threads(o->pool));
}

static struct work *
work_new(struct rowdiff *d)
{
	struct work *w = mem_zalloc(sizeof(*w));

	w->job.run = work_run;
	w->diff = d;
	for (unsigned side = 0; side < SIDES; side++)
		w->blocks[side] = source_block_new(d->sources[side]);
	return w;
}

/* How far one side of a gap is taken. */
struct progress {
	const struct gap_side *side;
	size_t next;			/* chunk */
	uint64_t taken, all;		/* records */
};

/* Take the next chunk, and those that it cannot be read without. */
static err_t
take_chunk(struct work *w, unsigned side, struct stretch *s,
    struct progress *p)
{
	const struct content_part *c;

	do {
		c = &p->side->chunks[p->next++];
		VEC_ROOM(w->chunks[side], w->n_chunks[side],
		    w->cap_chunks[side]);
		w->chunks[side][w->n_chunks[side]++] = *c;
		w->size += (size_t)c->size;
		s->n++;
		s->bytes += (size_t)c->size;
		p->taken += c->records;
		if (c->partial && s->bytes > RECORD_LARGEST)
			return err_new(ERR_REFUSED, "has a record of more "
			    "than %zu MiB", RECORD_LARGEST >> 20);
	} while (c->partial && p->next < p->side->n);
	return NULL;
}

/* a is at least as far in its side as b. */
static bool
is_further(const struct progress *a, const struct progress *b)
{
	return (double)a->taken * (double)b->all >=
	    (double)b->taken * (double)a->all;
}

static void
stretch_begin(struct stretch *s, const struct progress *p, size_t first)
{
	*s = (struct stretch){ .first = first,
	    .at_start = p->side->at_start && !p->next,
	    .record = p->next < p->side->n ?
	    p->side->chunks[p->next].record : p->side->record + p->all };
}

/* The next unit: as much as fits of the older side, and as far of the newer;
 * or as much of the newer one if the older is over. */
static err_t
take_unit(struct work *w, struct progress p[SIDES])
{
	struct unit u;
	unsigned lead = p[FROM].next < p[FROM].side->n ? FROM : TO;
	struct progress *a = &p[lead], *b = &p[!lead];
	struct stretch *x = &u.sides[lead], *y = &u.sides[!lead];
	uint64_t before = a->taken;
	err_t err = NULL;

	for (unsigned side = 0; side < SIDES; side++)
		stretch_begin(&u.sides[side], &p[side], w->n_chunks[side]);
	do
		err = take_chunk(w, lead, x, a);
	while (!err && a->next < a->side->n && x->bytes < UNIT_BYTES &&
	    a->taken - before < UNIT_RECORDS);
	while (!err && b->next < b->side->n && y->bytes < UNIT_LARGEST &&
	    (a->next == a->side->n ? y->bytes < UNIT_BYTES :
	    !is_further(b, a)))
		err = take_chunk(w, !lead, y, b);
	VEC_ROOM(w->units, w->n_units, w->cap_units);
	w->units[w->n_units++] = u;
	return err;
}

static err_t
on_gap(void *arg, const struct gap *gap)
{
	struct owner *o = arg;
	struct progress p[SIDES] = { { .side = &gap->sides[FROM] },
	    { .side = &gap->sides[TO] } };
	err_t err = NULL;

	for (unsigned side = 0; side < SIDES; side++)
		for (size_t i = 0; i < gap->sides[side].n; i++)
			p[side].all += gap->sides[side].chunks[i].records;
	while (!err && (p[FROM].next < p[FROM].side->n ||
	    p[TO].next < p[TO].side->n)) {
		struct work *w = o->filling;

		if (w && w->size >= 2 * UNIT_BYTES) {
			err = give(o);
			w = NULL;
		}
		if (!err && !w)
			w = o->filling = work_new(o->diff);
		if (!err)
			err = take_unit(w, p);
	}
	return err;
}

/* One work alone needs no thread. */
static err_t
finish(struct owner *o)
{
	err_t err = NULL;

	if (o->pool) {
		err = give(o);
		return err ? err : take_back(o, 0);
	}
	if (o->filling) {
		err = find_chunks(o->filling);
		if (!err)
			err = work_run(&o->filling->job);
		if (!err)
			err = pass_on(o, o->filling);
	}
	return err;
}

err_t
rowdiff_leftovers(struct rowdiff *d, leftover_fn *fn, void *arg)
{
	struct owner o = { .diff = d, .fn = fn, .arg = arg };
	err_t err;

	err = rowdiff_gaps(d, on_gap, &o);
	if (!err)
		err = finish(&o);
	work_free(o.filling);
	pool_free(o.pool, work_drop, NULL);
	return err;
}
