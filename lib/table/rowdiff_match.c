/*
 * Three sorters, one after the other:
 *
 *	by key	what is left of all gaps.  Rows of one key are together, those
 *		with equal cells beside each other, the older side's first.
 *		Equal ones cancel; the rest are paired.
 *	by gap	rows without a key that are left, by the unchanged row that
 *		they follow: similar ones are paired.
 *	by place	the changes, in the order in which they are said.
 */

#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/table/rowdiff_int.h"

/* Of one key that many rows (or bytes of them) wait to be paired; beyond, they
 * are said to have been deleted and inserted. */
#define GROUP_ROWS 65536
#define GROUP_BYTES ((size_t)32 << 20)
/* Older rows that a newer one is compared with. */
#define WINDOW 64

#define BY_KEY (KEY_HASH + ID_SIZE + 1 + 8)
#define BY_GAP (8 + 1 + 8)
#define BY_PLACE (8 + 1 + 8)

static void
put_be(unsigned char *p, uint64_t n)
{
	for (int i = 0; i < 8; i++)
		p[i] = (unsigned char)(n >> (56 - 8 * i));
}

static void
pack(struct buf *out, const struct kept *k, const char *from, const char *to)
{
	buf_clear(out);
	buf_add(out, k, sizeof(*k));
	buf_add(out, from, k->len[FROM]);
	buf_add(out, to, k->len[TO]);
}

/* Rows of one key that have no equal one, copied. */
struct waiting {
	struct kept kept;
	size_t raw;			/* in the group's bytes */
};

struct group {
	uint8_t key[KEY_HASH];
	struct id cells;		/* of those that came last */
	struct waiting *v;
	size_t n, cap;
	size_t equal;			/* the first with those cells */
	struct buf bytes;
	uint64_t rows[SIDES];		/* that came */
	uint64_t numbers[SIDES][2];	/* the lowest two */
	bool keyed;
	bool any;
};

/* ---- changes ------------------------------------------------------------ */

/* A change is known. */
static err_t
decide(struct run *r, const struct kept *k, const char *from, const char *to,
    enum row_op op)
{
	unsigned char key[BY_PLACE];
	struct kept kept = *k;

	if (k->filled)
		r->report.filled++;
	else
		*(op == ROW_INSERT ? &r->report.inserted :
		    op == ROW_UPDATE ? &r->report.updated :
		    &r->report.deleted) += 1;
	if (!r->fn)
		return NULL;
	kept.op = (uint8_t)op;
	put_be(key, k->at);
	key[8] = op == ROW_DELETE ? 0 : 1;
	put_be(key + 9, k->number[FROM]);
	pack(&r->work, &kept, from, to);
	return sorter_add(r->by_place, key, r->work.p, r->work.len);
}

static err_t
decide_alone(struct run *r, const struct kept *k, const char *raw)
{
	return k->number[FROM] ? decide(r, k, raw, "", ROW_DELETE) :
	    decide(r, k, "", raw, ROW_INSERT);
}

/* a is of the older side, b of the newer. */
static err_t
decide_pair(struct run *r, const struct kept *a, const char *from,
    const struct kept *b, const char *to, bool filled)
{
	struct kept k = *b;

	k.number[FROM] = a->number[FROM];
	k.len[FROM] = a->len[FROM];
	k.filled = filled;
	return decide(r, &k, from, to, ROW_UPDATE);
}

/* ---- what gaps leave --------------------------------------------------- */

static err_t
on_leftover(void *arg, const struct leftover *l)
{
	struct run *r = arg;
	unsigned char key[BY_KEY];
	struct kept k = { .at = l->at, .after = l->after,
	    .keyed = l->digest.keyed, .filled = l->filled };

	if (l->filled) {
		k.number[FROM] = l->number;
		k.number[TO] = l->number2;
		k.len[FROM] = (uint32_t)l->len;
		k.len[TO] = (uint32_t)l->len2;
		return decide(r, &k, l->raw, l->raw2, ROW_UPDATE);
	}
	k.number[l->side] = l->number;
	k.len[l->side] = (uint32_t)l->len;
	memcpy(key, l->digest.key, KEY_HASH);
	memcpy(key + KEY_HASH, l->digest.cells.b, ID_SIZE);
	key[KEY_HASH + ID_SIZE] = l->side;
	put_be(key + KEY_HASH + ID_SIZE + 1, l->number);
	pack(&r->work, &k, l->side == FROM ? l->raw : "",
	    l->side == TO ? l->raw : "");
	return sorter_add(r->by_key, key, r->work.p, r->work.len);
}

/* ---- rows of one key --------------------------------------------------- */

static int
by_number(const void *a, const void *b)
{
	const struct kept *x = &((const struct waiting *)a)->kept;
	const struct kept *y = &((const struct waiting *)b)->kept;
	unsigned sx = x->number[FROM] ? FROM : TO;
	unsigned sy = y->number[FROM] ? FROM : TO;

	if (sx != sy)
		return sx < sy ? -1 : 1;
	return x->number[sx] < y->number[sy] ? -1 :
	    x->number[sx] > y->number[sy];
}

static void
group_clear(struct group *g)
{
	g->n = g->equal = 0;
	buf_clear(&g->bytes);
}

/* Rows without a key wait for those that follow the same row. */
static err_t
leave_to_gap(struct run *r, const struct kept *k, const char *raw)
{
	unsigned char key[BY_GAP];
	unsigned side = k->number[FROM] ? FROM : TO;

	put_be(key, k->after);
	key[8] = (unsigned char)side;
	put_be(key + 9, k->number[side]);
	pack(&r->work, k, side == FROM ? raw : "", side == TO ? raw : "");
	return sorter_add(r->by_gap, key, r->work.p, r->work.len);
}

static void
note_duplicate(struct rowdiff_report *report, unsigned side,
    const uint64_t numbers[2])
{
	struct rowdiff_duplicate d = { side == TO, numbers[0], numbers[1] };
	size_t i;

	report->duplicates++;
	for (i = report->n_first; i > 0; i--)
		if (report->first[i - 1].first < d.first ||
		    (report->first[i - 1].first == d.first &&
		    report->first[i - 1].in_to <= d.in_to))
			break;
	if (i == ROWDIFF_DUPLICATES)
		return;
	if (report->n_first < ROWDIFF_DUPLICATES)
		report->n_first++;
	memmove(&report->first[i + 1], &report->first[i],
	    (report->n_first - 1 - i) * sizeof(d));
	report->first[i] = d;
}

/* Forget those that cancelled. */
static void
group_compact(struct group *g)
{
	size_t n = 0;

	for (size_t i = 0; i < g->n; i++)
		if (g->v[i].kept.number[FROM] || g->v[i].kept.number[TO])
			g->v[n++] = g->v[i];
	g->n = n;
}

static err_t
group_end(struct run *r)
{
	struct group *g = r->group;
	size_t from = 0, to;
	err_t err = NULL;

	group_compact(g);
	for (unsigned side = 0; g->keyed && side < SIDES; side++)
		if (g->rows[side] > 1)
			note_duplicate(&r->report, side, g->numbers[side]);
	if (g->n)
		qsort(g->v, g->n, sizeof(*g->v), by_number);
	for (to = 0; to < g->n && g->v[to].kept.number[FROM]; to++)
		continue;
	for (size_t i = to; !err && i < g->n; i++) {
		const struct waiting *b = &g->v[i], *a = &g->v[from];

		if (!g->keyed)
			err = leave_to_gap(r, &b->kept, g->bytes.p + b->raw);
		else if (from < to)
			err = decide_pair(r, &a->kept, g->bytes.p + a->raw,
			    &b->kept, g->bytes.p + b->raw, false);
		else
			err = decide_alone(r, &b->kept, g->bytes.p + b->raw);
		from += g->keyed && from < to;
	}
	for (; !err && from < to; from++)
		err = g->keyed ? decide_alone(r, &g->v[from].kept,
		    g->bytes.p + g->v[from].raw) :
		    leave_to_gap(r, &g->v[from].kept,
		    g->bytes.p + g->v[from].raw);
	group_clear(g);
	return err;
}

/* Too many wait: those that cannot cancel any more are said as they are. */
static err_t
group_relieve(struct run *r)
{
	struct group *g = r->group;
	err_t err = NULL;

	group_compact(g);
	for (size_t i = 0; !err && i < g->n; i++)
		err = g->keyed ? decide_alone(r, &g->v[i].kept,
		    g->bytes.p + g->v[i].raw) :
		    leave_to_gap(r, &g->v[i].kept, g->bytes.p + g->v[i].raw);
	group_clear(g);
	return err;
}

static void
wait_in_group(struct group *g, const struct kept *k, const char *raw)
{
	VEC_ROOM(g->v, g->n, g->cap);
	g->v[g->n++] = (struct waiting){ *k, g->bytes.len };
	buf_add(&g->bytes, raw, k->len[k->number[FROM] ? FROM : TO]);
}

static void
group_count(struct group *g, unsigned side, uint64_t number)
{
	uint64_t *lowest = g->numbers[side];

	if (!g->rows[side] || number < lowest[0]) {
		lowest[1] = lowest[0];
		lowest[0] = number;
	} else if (g->rows[side] == 1 || number < lowest[1]) {
		lowest[1] = number;
	}
	g->rows[side]++;
}

/* Has the newer row, in an added column, what is worth saying? */
static bool
is_filled(struct run *r, const char *raw, size_t len)
{
	const struct rowdiff *d = r->d;

	if (!d->n_added)
		return false;
	row_decode(&r->rows[TO], &r->d->joint.to, raw, len);
	for (size_t i = 0; i < d->n_added; i++)
		if (row_cell(&r->rows[TO], d->added[i]).len)
			return true;
	return false;
}

/* The next row by key: cancels an equal older one, or waits. */
static err_t
group_add(struct run *r, const unsigned char *key, const struct kept *k,
    const char *const raw[SIDES])
{
	struct group *g = r->group;
	unsigned side = k->number[FROM] ? FROM : TO;
	const unsigned char *cells = key + KEY_HASH;
	err_t err = NULL;

	if (!g->any || memcmp(g->key, key, KEY_HASH) != 0 ||
	    g->keyed != k->keyed) {
		err = g->any ? group_end(r) : NULL;
		memcpy(g->key, key, KEY_HASH);
		memset(g->rows, 0, sizeof(g->rows));
		g->keyed = k->keyed;
		g->any = true;
		memcpy(g->cells.b, cells, ID_SIZE);
	} else if (memcmp(g->cells.b, cells, ID_SIZE) != 0) {
		if (g->n > GROUP_ROWS || g->bytes.len > GROUP_BYTES)
			err = group_relieve(r);
		memcpy(g->cells.b, cells, ID_SIZE);
		g->equal = g->n;
	}
	if (err)
		return err;
	group_count(g, side, k->number[side]);
	if (side == TO && g->equal < g->n &&
	    g->v[g->equal].kept.number[FROM]) {
		struct waiting *a = &g->v[g->equal];

		if (is_filled(r, raw[TO], k->len[TO]))
			err = decide_pair(r, &a->kept, g->bytes.p + a->raw, k,
			    raw[TO], true);
		a->kept.number[FROM] = 0;	/* cancelled */
		g->equal++;
		return err;
	}
	wait_in_group(g, k, raw[side]);
	return NULL;
}

/* ---- rows without a key ------------------------------------------------ */

/* Older rows of one gap that newer ones may be made of. */
struct window {
	struct {
		struct kept kept;
		struct buf raw;
		struct row row;
		bool taken;
	} v[WINDOW];
	size_t first, n;		/* a ring */
	uint64_t after;
};

/* Count the compared cells that are alike, of those that are not empty. */
static void
similarity(size_t *alike, size_t *all, struct run *r, const struct row *a,
    const struct row *b)
{
	struct joint *j = &r->d->joint;

	*alike = *all = 0;
	for (size_t i = 0; i < j->n; i++) {
		struct cell x, y;

		if (!j->v[i].compared || j->v[i].from == COLUMN_NONE ||
		    j->v[i].to == COLUMN_NONE)
			continue;
		x = row_cell(a, j->v[i].from);
		y = row_cell(b, j->v[i].to);
		*all += x.len || y.len;
		*alike += x.len && rowdiff_cell_same(r->d, x, y);
	}
}

static err_t
window_drop(struct run *r, struct window *w, size_t keep)
{
	err_t err = NULL;

	while (!err && w->n > keep) {
		size_t i = w->first;

		if (!w->v[i].taken)
			err = decide_alone(r, &w->v[i].kept, w->v[i].raw.p);
		w->first = (w->first + 1) % WINDOW;
		w->n--;
	}
	return err;
}

static err_t
window_add(struct run *r, struct window *w, const struct kept *k,
    const char *raw)
{
	size_t i;
	err_t err = window_drop(r, w, WINDOW - 1);

	if (err)
		return err;
	i = (w->first + w->n++) % WINDOW;
	w->v[i].kept = *k;
	w->v[i].taken = false;
	buf_clear(&w->v[i].raw);
	buf_add(&w->v[i].raw, raw, k->len[FROM]);
	row_decode(&w->v[i].row, &r->d->joint.from, w->v[i].raw.p,
	    k->len[FROM]);
	rowdiff_learn(r->d, FROM, &w->v[i].row);
	return NULL;
}

/* The older row that is most like it, at least by half; those before that one
 * are out of the question from then on. */
static err_t
window_match(struct run *r, struct window *w, const struct kept *k,
    const char *raw)
{
	size_t best = WINDOW, best_alike = 0;
	err_t err;

	row_decode(&r->rows[TO], &r->d->joint.to, raw, k->len[TO]);
	rowdiff_learn(r->d, TO, &r->rows[TO]);
	for (size_t n = 0; n < w->n; n++) {
		size_t alike, all, i = (w->first + n) % WINDOW;

		similarity(&alike, &all, r, &w->v[i].row, &r->rows[TO]);
		if (2 * alike >= all && alike > best_alike) {
			best_alike = alike;
			best = n;
		}
	}
	if (best == WINDOW)
		return decide_alone(r, k, raw);
	err = window_drop(r, w, w->n - best);
	if (!err)
		err = decide_pair(r, &w->v[w->first].kept,
		    w->v[w->first].raw.p, k, raw, false);
	w->v[w->first].taken = true;
	return err ? err : window_drop(r, w, w->n - 1);
}

/*
 * Those of one gap come older side first.  A gap with more older rows than
 * the window holds is paired from its end.
 */
static err_t
match_gaps(struct run *r)
{
	struct window *w = mem_zalloc(sizeof(*w));
	bool found = true;
	err_t err;

	err = sorter_end(r->by_gap);
	while (!err && found) {
		const char *raw[SIDES];
		struct sorted s;
		struct kept k;

		err = sorter_next(&found, &s, r->by_gap);
		if (err || !found)
			break;
		rowdiff_unpack(&k, raw, s.p);
		if (k.after != w->after)
			err = window_drop(r, w, 0);
		w->after = k.after;
		if (!err)
			err = k.number[FROM] ?
			    window_add(r, w, &k, raw[FROM]) :
			    window_match(r, w, &k, raw[TO]);
	}
	if (!err)
		err = window_drop(r, w, 0);
	for (size_t i = 0; i < WINDOW; i++) {
		buf_release(&w->v[i].raw);
		row_release(&w->v[i].row);
	}
	free(w);
	return err;
}

static err_t
match_keys(struct run *r)
{
	bool found = true;
	err_t err;

	err = sorter_end(r->by_key);
	while (!err && found) {
		const char *raw[SIDES];
		struct sorted s;
		struct kept k;

		err = sorter_next(&found, &s, r->by_key);
		if (err || !found)
			break;
		rowdiff_unpack(&k, raw, s.p);
		err = group_add(r, s.key, &k, raw);
	}
	if (!err && r->group->any)
		err = group_end(r);
	return err;
}

/* Sorters that were read are freed before the next one is filled up. */
err_t
rowdiff_match(struct run *r)
{
	size_t memory = r->d->memory / 2;
	struct group group = { .n = 0 };
	err_t err;

	r->group = &group;
	r->by_place = sorter_new(BY_PLACE, memory);
	r->by_key = sorter_new(BY_KEY, memory);
	r->by_gap = sorter_new(BY_GAP, memory / 2);
	err = rowdiff_leftovers(r->d, on_leftover, r);
	if (!err)
		err = match_keys(r);
	sorter_free(r->by_key);
	if (!err)
		err = match_gaps(r);
	sorter_free(r->by_gap);
	free(group.v);
	buf_release(&group.bytes);
	return err;
}
