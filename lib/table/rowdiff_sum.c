/*
 * The rows that differ are summed up on the way: the summary of the newer
 * table follows from that of the older one and from them.  That is worth it
 * while they are few.
 */

#include "lib/table/rowdiff_int.h"
#include "lib/base/find.h"
#include "lib/table/stream.h"

#define SHARE 16		/* of the rows: no more than one in so many */

void
differing_begin(struct differing *out, struct rowdiff *d)
{
	*out = (struct differing){ .active = d->change &&
	    !atomic_load(&d->too_many) };
	for (unsigned side = 0; out->active && side < SIDES; side++) {
		summing_init(&out->sides[side], side == FROM ?
		    &d->joint.from : &d->joint.to);
		out->sides[side].check = true;
	}
}

void
differing_release(struct differing *x)
{
	for (unsigned side = 0; x->active && side < SIDES; side++)
		summing_release(&x->sides[side]);
	x->active = false;
}

void
differing_bytes(struct differing *x, unsigned side, const char *p, size_t len)
{
	if (x->active)
		x->sides[side].sum.lines += find_count(p, len, '\n');
}

void
differing_add(struct differing *x, unsigned side, const char *raw, size_t len)
{
	/* Nobody asks in which line an odd one is. */
	struct stream nowhere = STREAM_INIT;

	if (x->active)
		summing_add(&x->sides[side], &nowhere, raw, len);
}

void
differing_take(struct rowdiff *d, const struct differing *x)
{
	struct summary_change *c = d->change;

	if (!c || !c->known)
		return;
	if (x->active) {
		summary_merge(&c->gone, &x->sides[FROM].sum);
		summary_merge(&c->come, &x->sides[TO].sum);
	}
	c->known = x->active && c->gone.rows + c->come.rows <=
	    (d->rows[FROM] + d->rows[TO]) / SHARE;
	atomic_store(&d->too_many, !c->known);
}
