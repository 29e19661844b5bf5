/*
 * Changes are said in the order of the newer side.  A table that only one side
 * has is said row by row as it is read.
 */

#include "lib/table/rowdiff.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/cancel.h"
#include "lib/base/mem.h"
#include "lib/table/rowdiff_int.h"

#define ALONE_BYTES ((size_t)1 << 20)	/* read at a time */

void
rowdiff_unpack(struct kept *k, const char *raw[SIDES], const char *p)
{
	memcpy(k, p, sizeof(*k));
	raw[FROM] = p + sizeof(*k);
	raw[TO] = raw[FROM] + k->len[FROM];
}

bool
rowdiff_cell_same(const struct rowdiff *d, struct cell a, struct cell b)
{
	return (d->cross || a.kind == b.kind) && a.len == b.len &&
	    !memcmp(a.p, b.p, a.len);
}

void
rowdiff_learn(struct rowdiff *d, unsigned side, const struct row *row)
{
	struct joint *j = &d->joint;
	const struct shape *shape = side == FROM ? &j->from : &j->to;
	bool csv = shape->dialect.format == TABLE_CSV;
	size_t known = j->n, n = csv ? row->n : row->n_order;

	for (size_t i = csv ? shape->header : 0; i < n; i++)
		joint_of(j, side, csv ? i : row->order[i]);
	for (size_t i = known; i < j->n; i++) {
		size_t len;
		const char *name = joint_name(&len, j, i);

		j->v[i].compared = rowdiff_compares(d, name, len);
	}
	if (known < j->n)
		rowdiff_mark_key(d);
}

/* ---- saying ------------------------------------------------------------ */

struct cell
row_change_from(const struct row_change *c, size_t joint)
{
	size_t column = c->joint->v[joint].from;

	return c->from && column != COLUMN_NONE ? row_cell(c->from, column) :
	    (struct cell){ "", 0, CELL_NONE };
}

struct cell
row_change_to(const struct row_change *c, size_t joint)
{
	size_t column = c->joint->v[joint].to;

	return c->to && column != COLUMN_NONE ? row_cell(c->to, column) :
	    (struct cell){ "", 0, CELL_NONE };
}

/* Does the change show in the column?  A column of the header that one side
 * does not have is a change of the schema, not of each row. */
static bool
differs(const struct rowdiff *d, const struct row_change *c, size_t i)
{
	const struct joint_column *col = &c->joint->v[i];
	struct cell a = row_change_from(c, i), b = row_change_to(c, i);

	if (!col->compared)
		return false;
	if (d->fixed && col->to == COLUMN_NONE &&
	    col->from < joint_header(&d->joint.from))
		return false;
	if (d->fixed && col->from == COLUMN_NONE &&
	    col->to < joint_header(&d->joint.to))
		return b.len > 0;
	if (d->cross && !a.len && !b.len)
		return false;
	return !rowdiff_cell_same(d, a, b);
}

static void
find_changed(struct run *r, struct row_change *c)
{
	const struct joint *j = c->joint;

	if (j->n > r->cap_changed) {
		r->cap_changed = j->cap;
		r->changed = mem_realloc(r->changed, r->cap_changed,
		    sizeof(*r->changed));
	}
	for (size_t i = 0; i < j->n; i++)
		if (differs(r->d, c, i))
			r->changed[c->n_changed++] = i;
	c->changed = r->changed;
}

static const struct row *
show_row(struct run *r, unsigned side, const struct kept *k, const char *raw)
{
	struct joint *j = &r->d->joint;

	if (!k->number[side])
		return NULL;
	row_decode(&r->rows[side], side == FROM ? &j->from : &j->to, raw,
	    k->len[side]);
	r->rows[side].number = k->number[side];
	rowdiff_learn(r->d, side, &r->rows[side]);
	return &r->rows[side];
}

static err_t
say(struct run *r, const struct kept *k, const char *const raw[SIDES])
{
	struct row_change c = { .op = k->op, .filled = k->filled,
	    .joint = &r->d->joint };
	uint8_t key[KEY_HASH];
	unsigned side;

	c.from = show_row(r, FROM, k, raw[FROM]);
	c.to = show_row(r, TO, k, raw[TO]);
	side = c.to ? TO : FROM;
	if (k->keyed && key_hash_row(key, &r->finders[side], &r->rows[side]))
		c.key = key;
	if (c.op == ROW_UPDATE)
		find_changed(r, &c);
	return r->fn(r->arg, &c);
}

static err_t
bind_finders(struct run *r)
{
	err_t err = NULL;

	for (unsigned side = 0; r->d->keyed && !err && side < SIDES; side++)
		if (r->d->sources[side])
			err = key_bind(&r->finders[side], &r->d->keys[side],
			    side == FROM ? &r->d->joint.from :
			    &r->d->joint.to);
	return err;
}

static err_t
say_all(struct run *r)
{
	bool found = true;
	err_t err;

	err = bind_finders(r);
	if (!err)
		err = sorter_end(r->by_place);
	while (!err && found) {
		const char *raw[SIDES];
		struct sorted s;
		struct kept k;

		err = sorter_next(&found, &s, r->by_place);
		if (err || !found)
			break;
		rowdiff_unpack(&k, raw, s.p);
		err = say(r, &k, raw);
		if (!err)
			err = cancel_check();
	}
	return err;
}

/* ---- a table that is new or gone --------------------------------------- */

struct alone {
	struct run *r;
	unsigned side;
	struct source_block *block;
	bool at_start;
	uint64_t rows;
};

static err_t
alone_read(struct alone *a)
{
	struct rowdiff *d = a->r->d;
	struct buf bytes = BUF_INIT;
	struct rows rows;
	const char *raw[SIDES] = { "", "" };
	size_t len;
	err_t err;

	err = source_block_read(&bytes, a->block);
	rows_begin(&rows, a->side == FROM ? &d->joint.from.dialect :
	    &d->joint.to.dialect, buf_cstr(&bytes), bytes.len, a->at_start);
	while (!err && rows_next(&raw[a->side], &len, &rows)) {
		struct kept k = { .keyed = d->keyed, .op = a->side == FROM ?
		    ROW_DELETE : ROW_INSERT };

		k.number[a->side] = ++a->rows;
		k.len[a->side] = (uint32_t)len;
		err = say(a->r, &k, raw);
	}
	a->at_start = false;
	source_block_free(a->block);
	a->block = NULL;
	buf_release(&bytes);
	return err ? err : cancel_check();
}

static err_t
alone_part(void *arg, const struct content_part *part)
{
	struct alone *a = arg;
	struct source *src = a->r->d->sources[a->side];
	err_t err;

	if (part->height)
		return source_part_parts(src, part, alone_part, a);
	if (!a->block)
		a->block = source_block_new(src);
	err = source_block_add(a->block, part);
	if (!err && !part->partial &&
	    source_block_bytes(a->block) >= ALONE_BYTES)
		err = alone_read(a);
	return err;
}

static err_t
run_alone(struct run *r, unsigned side)
{
	struct alone a = { .r = r, .side = side, .at_start = true };
	err_t err;

	r->report.inserted = r->d->rows[TO];
	r->report.deleted = r->d->rows[FROM];
	if (!r->fn)
		return NULL;
	err = bind_finders(r);
	if (!err)
		err = source_parts(r->d->sources[side], alone_part, &a);
	if (!err && a.block)
		err = alone_read(&a);
	source_block_free(a.block);
	return err;
}

/* ---- running ----------------------------------------------------------- */

static err_t
run_both(struct run *r)
{
	err_t err = rowdiff_match(r);

	if (!err && r->fn)
		err = say_all(r);
	sorter_free(r->by_place);
	return err;
}

static void
run_release(struct run *r)
{
	for (unsigned side = 0; side < SIDES; side++) {
		row_release(&r->rows[side]);
		key_finder_release(&r->finders[side]);
	}
	buf_release(&r->work);
	free(r->changed);
}

err_t
rowdiff_run(struct rowdiff_report *out, struct rowdiff *d, row_change_fn *fn,
    void *arg)
{
	struct run r = { .d = d, .fn = fn, .arg = arg,
	    .finders = { KEY_FINDER_INIT, KEY_FINDER_INIT } };
	err_t err;

	r.report.from_rows = d->rows[FROM];
	r.report.to_rows = d->rows[TO];
	err = !d->sources[FROM] ? run_alone(&r, TO) :
	    !d->sources[TO] ? run_alone(&r, FROM) : run_both(&r);
	r.report.unchanged = d->rows[FROM] - r.report.updated -
	    r.report.deleted;
	if (!err)
		*out = r.report;
	run_release(&r);
	return err;
}
