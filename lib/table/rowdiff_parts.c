/*
 * Parts that both sides have cancel, one for one, from the top of the recipes
 * down: at each height what is left of it is taken apart.  So the cost is that
 * of what differs, not of what there is.  Among equal parts the first of one
 * side goes with the first of the other.
 *
 * The part with which a file with a header begins goes only with that with
 * which the other one begins: elsewhere its header would be a row.
 *
 * What is left between two parts that cancelled is a gap.  Each gap of the
 * older side belongs to the gap of the newer one that follows the same part;
 * either may be empty.
 */

#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/table/rowdiff_int.h"

struct part {
	struct content_part part;
	size_t mate;			/* index on the other side, + 1 */
};

struct parts {
	struct source *source;
	struct part *v;
	size_t n, cap;
};

static err_t
collect(void *arg, const struct content_part *part)
{
	struct parts *p = arg;

	VEC_ROOM(p->v, p->n, p->cap);
	p->v[p->n++] = (struct part){ *part, 0 };
	return NULL;
}

static unsigned
highest(const struct parts *p)
{
	unsigned height = 0;

	for (size_t i = 0; i < p->n; i++)
		if (!p->v[i].mate && p->v[i].part.height > height)
			height = p->v[i].part.height;
	return height;
}

/* Of those of a height that have no mate: the index and what it goes by. */
struct entry {
	uint64_t begin;			/* of the id, which mostly decides */
	const struct id *id;
	size_t index;
	bool first;
};

static int
same_part(const struct entry *a, const struct entry *b)
{
	if (a->first != b->first)
		return a->first - b->first;
	return a->begin != b->begin ? (a->begin < b->begin ? -1 : 1) :
	    id_cmp(a->id, b->id);
}

static int
by_id(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	int cmp = same_part(x, y);

	return cmp ? cmp : x->index < y->index ? -1 : x->index > y->index;
}

static struct entry *
entries(size_t *n, const struct parts *p, unsigned height, bool header)
{
	struct entry *out = mem_array(p->n + 1, sizeof(*out));

	*n = 0;
	for (size_t i = 0; i < p->n; i++) {
		struct entry *e = &out[*n];

		if (p->v[i].mate || p->v[i].part.height != height)
			continue;
		*e = (struct entry){ .id = &p->v[i].part.id, .index = i,
		    .first = header && i == 0 };
		memcpy(&e->begin, e->id->b, sizeof(e->begin));
		(*n)++;
	}
	qsort(out, *n, sizeof(*out), by_id);
	return out;
}

static void
cancel(struct parts *a, struct parts *b, unsigned height, bool header)
{
	size_t na, nb, i = 0, k = 0;
	struct entry *x = entries(&na, a, height, header);
	struct entry *y = entries(&nb, b, height, header);

	while (i < na && k < nb) {
		int cmp = same_part(&x[i], &y[k]);

		if (!cmp) {
			a->v[x[i].index].mate = y[k].index + 1;
			b->v[y[k].index].mate = x[i].index + 1;
		}
		i += cmp <= 0;
		k += cmp >= 0;
	}
	free(x);
	free(y);
}

/* Put in place of those of the height that have no mate what they are made
 * of.  moved says where each part is now. */
static err_t
expand(struct parts *p, unsigned height, size_t *moved)
{
	struct parts out = { .source = p->source };
	err_t err = NULL;

	for (size_t i = 0; !err && i < p->n; i++) {
		moved[i] = out.n;
		if (!p->v[i].mate && p->v[i].part.height == height) {
			err = source_part_parts(p->source, &p->v[i].part,
			    collect, &out);
		} else {
			VEC_ROOM(out.v, out.n, out.cap);
			out.v[out.n++] = p->v[i];
		}
	}
	free(p->v);
	*p = out;
	return err;
}

static void
follow_mates(struct parts *p, const size_t *moved)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->v[i].mate)
			p->v[i].mate = moved[p->v[i].mate - 1] + 1;
}

static err_t
expand_both(struct parts *a, struct parts *b, unsigned height)
{
	size_t *moved_a = mem_array(a->n + 1, sizeof(*moved_a));
	size_t *moved_b = mem_array(b->n + 1, sizeof(*moved_b));
	err_t err;

	err = expand(a, height, moved_a);
	if (!err)
		err = expand(b, height, moved_b);
	if (!err) {
		follow_mates(a, moved_b);
		follow_mates(b, moved_a);
	}
	free(moved_a);
	free(moved_b);
	return err;
}

/* ---- gaps -------------------------------------------------------------- */

/* The chunks from one on that have no mate. */
static void
gap_side(struct gap_side *out, struct content_part *chunks,
    const struct parts *p, size_t from, uint64_t all_records)
{
	*out = (struct gap_side){ .chunks = chunks, .at_start = from == 0,
	    .record = from < p->n ? p->v[from].part.record : all_records };
	while (from < p->n && !p->v[from].mate)
		chunks[out->n++] = p->v[from++].part;
}

static err_t
each_gap(const struct parts *a, const struct parts *b,
    const uint64_t records[SIDES], gap_fn *fn, void *arg)
{
	struct content_part *x = mem_array(a->n + 1, sizeof(*x));
	struct content_part *y = mem_array(b->n + 1, sizeof(*y));
	size_t i = 0, k = 0;
	struct gap gap;
	err_t err = NULL;

	for (;;) {
		gap_side(&gap.sides[FROM], x, a, i, records[FROM]);
		gap_side(&gap.sides[TO], y, b, k, records[TO]);
		if (gap.sides[FROM].n || gap.sides[TO].n)
			err = fn(arg, &gap);
		i += gap.sides[FROM].n;
		if (err || i == a->n)
			break;
		k = a->v[i++].mate;
	}
	free(x);
	free(y);
	return err;
}

/* Those that are left of both sides, all of them chunks. */
static err_t
compare_parts(struct rowdiff *d, struct parts p[SIDES],
    uint64_t records[SIDES])
{
	bool header = d->joint.from.dialect.format == TABLE_CSV;
	unsigned height = 0;
	err_t err = NULL;

	for (unsigned side = 0; !err && side < SIDES; side++) {
		err = source_parts(p[side].source, collect, &p[side]);
		if (!err && highest(&p[side]) > height)
			height = highest(&p[side]);
	}
	for (unsigned side = 0; !err && side < SIDES; side++) {
		const struct content_part *last = p[side].n ?
		    &p[side].v[p[side].n - 1].part : NULL;

		records[side] = last ? last->record + last->records : 0;
	}
	for (;; height--) {
		if (!err && d->same_bytes && !d->whole)
			cancel(&p[FROM], &p[TO], height, header);
		if (err || !height)
			break;
		err = expand_both(&p[FROM], &p[TO], height);
	}
	return err;
}

err_t
rowdiff_gaps(struct rowdiff *d, gap_fn *fn, void *arg)
{
	struct parts p[SIDES] = { { .source = d->sources[FROM] },
	    { .source = d->sources[TO] } };
	uint64_t records[SIDES];
	err_t err;

	err = source_view_begin(p[FROM].source);
	if (err)
		return err;
	err = source_view_begin(p[TO].source);
	if (!err) {
		err = compare_parts(d, p, records);
		source_view_end(p[TO].source);
	}
	source_view_end(p[FROM].source);
	if (!err)
		err = each_gap(&p[FROM], &p[TO], records, fn, arg);
	free(p[FROM].v);
	free(p[TO].v);
	return err;
}
