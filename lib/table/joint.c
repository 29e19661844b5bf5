/*
 * Columns are the same if they have the same name.  Of those that only one
 * side has, a pair that holds mostly the same values is one renamed column:
 * the first rows of both sides are looked at, those with the same key, or,
 * without one, those that are alike in the columns that have the same name.
 */

#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/table/rowdiff_int.h"

#define SAMPLE_BYTES ((size_t)64 << 10)
#define SAMPLE_ROWS 256
#define PAIRS_MAX 4096		/* of columns that may be one renamed */

size_t
joint_header(const struct shape *shape)
{
	return shape->dialect.format == TABLE_CSV ? shape->header : 0;
}

void
joint_release(struct joint *j)
{
	free(j->v);
	free(j->by_from);
	free(j->by_to);
	shape_release(&j->from);
	shape_release(&j->to);
	columns_release(&j->taken);
	*j = (struct joint){ .n = 0 };
}

const char *
joint_name(size_t *len, const struct joint *j, size_t i)
{
	const struct joint_column *c = &j->v[i];

	return c->to != COLUMN_NONE ?
	    columns_name(len, &j->to.columns, c->to) :
	    columns_name(len, &j->from.columns, c->from);
}

size_t
joint_find(const struct joint *j, const char *name, size_t len)
{
	size_t at = columns_find(&j->to.columns, name, len);

	if (at != COLUMN_NONE && at < j->n_to)
		return j->by_to[at];
	at = columns_find(&j->from.columns, name, len);
	return at != COLUMN_NONE && at < j->n_from ? j->by_from[at] :
	    COLUMN_NONE;
}

bool
rowdiff_compares(const struct rowdiff *d, const char *name, size_t len)
{
	if (d->ignored && columns_find(d->ignored, name, len) != COLUMN_NONE)
		return false;
	return !d->only || columns_find(d->only, name, len) != COLUMN_NONE;
}

/* ---- growing ----------------------------------------------------------- */

static void
map_from(struct joint *j, size_t column, size_t joint)
{
	while (j->n_from <= column) {
		VEC_ROOM(j->by_from, j->n_from, j->cap_from);
		j->by_from[j->n_from++] = COLUMN_NONE;
	}
	j->by_from[column] = joint;
}

static void
map_to(struct joint *j, size_t column, size_t joint)
{
	while (j->n_to <= column) {
		VEC_ROOM(j->by_to, j->n_to, j->cap_to);
		j->by_to[j->n_to++] = COLUMN_NONE;
	}
	j->by_to[column] = joint;
}

static size_t
append(struct joint *j, size_t from, size_t to)
{
	VEC_ROOM(j->v, j->n, j->cap);
	j->v[j->n] = (struct joint_column){ .from = from, .to = to,
	    .compared = true };
	if (from != COLUMN_NONE)
		map_from(j, from, j->n);
	if (to != COLUMN_NONE)
		map_to(j, to, j->n);
	return j->n++;
}

/* A column that was not there when the joint was built: further cells of CSV,
 * names of JSON Lines. */
static size_t
grow(struct joint *j, unsigned side, size_t column)
{
	const struct columns *own = side == FROM ? &j->from.columns :
	    &j->to.columns;
	const struct columns *other = side == FROM ? &j->to.columns :
	    &j->from.columns;
	size_t len, at;
	const char *name = columns_name(&len, own, column);
	size_t there = columns_find(other, name, len);

	if (side == FROM) {
		at = there == COLUMN_NONE || there >= j->n_to ? COLUMN_NONE :
		    j->by_to[there];
		if (at == COLUMN_NONE || j->v[at].from != COLUMN_NONE)
			return append(j, column, COLUMN_NONE);
		j->v[at].from = column;
		map_from(j, column, at);
	} else {
		at = there == COLUMN_NONE || there >= j->n_from ?
		    COLUMN_NONE : j->by_from[there];
		if (at == COLUMN_NONE || j->v[at].to != COLUMN_NONE)
			return append(j, COLUMN_NONE, column);
		j->v[at].to = column;
		map_to(j, column, at);
	}
	return at;
}

size_t
joint_of(struct joint *j, unsigned side, size_t column)
{
	const size_t *by = side == FROM ? j->by_from : j->by_to;
	size_t n = side == FROM ? j->n_from : j->n_to;

	return column < n && by[column] != COLUMN_NONE ? by[column] :
	    grow(j, side, column);
}

/* ---- renames ----------------------------------------------------------- */

/* The first rows of a side, with what those of the other are found by. */
struct sample {
	struct buf bytes;
	struct shape shape;
	struct key_finder finder;
	bool keyed;
	struct row row;
	struct { const char *p; size_t len; struct id id; bool usable; }
	    rows[SAMPLE_ROWS];
	size_t n;
};

/* Columns while it is found out which belong together. */
struct matching {
	size_t *to_of, n_from;		/* by column of the older side */
	size_t *from_of, n_to;
};

static void
sample_id(struct id *out, bool *usable, const struct sample *s, unsigned side,
    const struct matching *m)
{
	uint8_t key[KEY_HASH];
	struct hash h;

	hash_init(&h);
	if (s->keyed) {
		*usable = key_hash_row(key, &s->finder, &s->row);
		hash_add(&h, key, sizeof(key));
		hash_end(out, &h);
		return;
	}
	*usable = false;
	for (size_t i = 0; i < m->n_from; i++) {
		struct cell c;
		uint64_t len;

		if (m->to_of[i] == COLUMN_NONE)
			continue;
		c = row_cell(&s->row, side == FROM ? i : m->to_of[i]);
		len = c.len;
		hash_add(&h, &len, sizeof(len));
		hash_add(&h, c.p, c.len);
		*usable |= c.len > 0;
	}
	hash_end(out, &h);
}

static err_t
sample_read(struct sample *s, struct rowdiff *d, unsigned side,
    const struct matching *m)
{
	const struct shape *shape = side == FROM ? &d->joint.from :
	    &d->joint.to;
	struct rows rows;
	const char *p;
	size_t len;
	bool all;
	err_t err;

	shape_copy(&s->shape, shape);
	err = source_head(&s->bytes, &all, d->sources[side], SAMPLE_BYTES);
	if (err)
		return err;
	rows_begin(&rows, &shape->dialect, buf_cstr(&s->bytes), s->bytes.len,
	    true);
	while (s->n < SAMPLE_ROWS && rows_next(&p, &len, &rows)) {
		/* The last may not be whole. */
		if (!all && rows.start >= rows.find.len)
			break;
		row_decode(&s->row, &s->shape, p, len);
		s->rows[s->n].p = p;
		s->rows[s->n].len = len;
		sample_id(&s->rows[s->n].id, &s->rows[s->n].usable, s, side,
		    m);
		s->n++;
	}
	return NULL;
}

static void
sample_free(struct sample *s)
{
	buf_release(&s->bytes);
	key_finder_release(&s->finder);
	row_release(&s->row);
	shape_release(&s->shape);
	free(s);
}

struct candidate {
	size_t from, to;
	unsigned equal, compared;
};

/* Count for one pair of rows. */
static void
count_equal(struct candidate *c, size_t n, const struct row *a,
    const struct row *b)
{
	for (size_t i = 0; i < n; i++) {
		struct cell x = row_cell(a, c[i].from);
		struct cell y = row_cell(b, c[i].to);

		c[i].compared += x.len || y.len;
		c[i].equal += x.len && x.len == y.len &&
		    !memcmp(x.p, y.p, x.len);
	}
}

static void
count_all(struct candidate *c, size_t n, struct sample *a, struct sample *b)
{
	size_t next = 0;

	/* Mostly in the same order: look on from the last one found. */
	for (size_t i = 0; i < a->n; i++) {
		for (size_t k = 0; a->rows[i].usable && k < b->n; k++) {
			size_t at = (next + k) % b->n;

			if (!b->rows[at].usable ||
			    !id_eq(&a->rows[i].id, &b->rows[at].id))
				continue;
			row_decode(&a->row, &a->shape, a->rows[i].p,
			    a->rows[i].len);
			row_decode(&b->row, &b->shape, b->rows[at].p,
			    b->rows[at].len);
			count_equal(c, n, &a->row, &b->row);
			b->rows[at].usable = false;
			next = at + 1;
			break;
		}
	}
}

/* More of the values first, then those in the same place. */
static bool
better(const struct candidate *a, const struct candidate *b)
{
	uint64_t x = (uint64_t)a->equal * b->compared;
	uint64_t y = (uint64_t)b->equal * a->compared;

	if (x != y)
		return x > y;
	return (a->from == a->to) > (b->from == b->to);
}

static void
pick(struct matching *m, const struct candidate *c, size_t n)
{
	for (;;) {
		const struct candidate *best = NULL;

		for (size_t i = 0; i < n; i++)
			if (m->to_of[c[i].from] == COLUMN_NONE &&
			    m->from_of[c[i].to] == COLUMN_NONE && c[i].equal &&
			    2 * (uint64_t)c[i].equal >= c[i].compared &&
			    (!best || better(&c[i], best)))
				best = &c[i];
		if (!best)
			return;
		m->to_of[best->from] = best->to;
		m->from_of[best->to] = best->from;
	}
}

static size_t
candidates(struct candidate *out, const struct matching *m)
{
	size_t n = 0;

	for (size_t i = 0; i < m->n_from; i++)
		for (size_t k = 0; m->to_of[i] == COLUMN_NONE && k < m->n_to;
		    k++)
			if (m->from_of[k] == COLUMN_NONE) {
				if (out)
					out[n] = (struct candidate){ i, k,
					    0, 0 };
				n++;
			}
	return n;
}

/* Both sides have the columns of the key by the same names. */
static bool
bind_samples(struct sample *s[SIDES], const struct rowdiff *d)
{
	if (!d->keyed)
		return false;
	for (unsigned side = 0; side < SIDES; side++)
		if (key_bind(&s[side]->finder, &d->keys[side],
		    &s[side]->shape))
			return false;
	return true;
}

static err_t
find_renames(struct matching *m, struct rowdiff *d)
{
	struct sample *s[SIDES];
	struct candidate *c;
	size_t n = candidates(NULL, m);
	bool keyed;
	err_t err = NULL;

	if (!n || n > PAIRS_MAX)
		return NULL;
	c = mem_array(n, sizeof(*c));
	candidates(c, m);
	for (unsigned side = 0; side < SIDES; side++) {
		s[side] = mem_zalloc(sizeof(*s[side]));
		shape_copy(&s[side]->shape, side == FROM ? &d->joint.from :
		    &d->joint.to);
	}
	keyed = bind_samples(s, d);
	for (unsigned side = 0; side < SIDES; side++) {
		s[side]->keyed = keyed;
		shape_release(&s[side]->shape);
		if (!err)
			err = sample_read(s[side], d, side, m);
	}
	if (!err) {
		count_all(c, n, s[FROM], s[TO]);
		pick(m, c, n);
	}
	sample_free(s[FROM]);
	sample_free(s[TO]);
	free(c);
	return err;
}

/* ---- building ---------------------------------------------------------- */

static void
match_names(struct matching *m, const struct joint *j)
{
	m->to_of = mem_array(m->n_from + 1, sizeof(*m->to_of));
	m->from_of = mem_array(m->n_to + 1, sizeof(*m->from_of));
	for (size_t i = 0; i < m->n_to; i++)
		m->from_of[i] = COLUMN_NONE;
	for (size_t i = 0; i < m->n_from; i++) {
		size_t len;
		const char *name = columns_name(&len, &j->from.columns, i);

		m->to_of[i] = columns_find(&j->to.columns, name, len);
		if (m->to_of[i] >= m->n_to)
			m->to_of[i] = COLUMN_NONE;
		else
			m->from_of[m->to_of[i]] = i;
	}
}

/* Those removed that come next on the older side. */
static size_t
append_removed(struct joint *j, const struct matching *m, size_t from)
{
	size_t n = 0;

	for (; from < m->n_from && m->to_of[from] == COLUMN_NONE; from++, n++)
		append(j, from, COLUMN_NONE);
	return n;
}

static void
arrange(struct joint *j, const struct matching *m,
    struct rowdiff_schema *schema)
{
	size_t highest = 0;

	schema->removed = append_removed(j, m, 0);
	for (size_t i = 0; i < m->n_to; i++) {
		size_t from = m->from_of[i], at = append(j, from, i);
		size_t alen, blen;
		const char *a, *b = columns_name(&blen, &j->to.columns, i);

		if (from == COLUMN_NONE) {
			schema->added++;
			continue;
		}
		a = columns_name(&alen, &j->from.columns, from);
		j->v[at].renamed = alen != blen || memcmp(a, b, alen) != 0;
		schema->renamed += j->v[at].renamed;
		schema->moved |= from < highest;
		highest = from > highest ? from : highest;
		schema->removed += append_removed(j, m, from + 1);
	}
}

/*
 * Without a header columns are places, and the first record says no more of
 * them than any other: both sides have as many as the wider one, and a row
 * without the last ones is shorter, not of another table.
 */
static void
widen(struct shape *shape, size_t n)
{
	shape_extend(shape, n);
	shape->header = n;
}

/*
 * A cell beyond one header is no column of the other, even if a column there
 * has the name of this place: what is said of a row must not depend on
 * whether another one before it was longer.
 */
static void
take_names(struct joint *j)
{
	columns_add_all(&j->taken, &j->from.columns, joint_header(&j->from));
	columns_add_all(&j->taken, &j->to.columns, joint_header(&j->to));
	j->from.taken = j->to.taken = &j->taken;
}

static bool
has_places(const struct shape *shape)
{
	return joint_header(shape) && !shape->dialect.header;
}

err_t
joint_build(struct joint *j, struct rowdiff *d)
{
	struct matching m;
	size_t n = j->from.header > j->to.header ? j->from.header :
	    j->to.header;
	err_t err = NULL;

	if (has_places(&j->from) && has_places(&j->to)) {
		widen(&j->from, n);
		widen(&j->to, n);
	}
	m = (struct matching){ .n_from = joint_header(&j->from),
	    .n_to = joint_header(&j->to) };
	j->open = !d->fixed;
	if (d->fixed)
		take_names(j);
	match_names(&m, j);
	if (d->fixed)
		err = find_renames(&m, d);
	if (!err)
		arrange(j, &m, &d->schema);
	/* Columns of a table without any are not said to be new. */
	if (!err && j->open)
		d->schema.added = d->schema.removed = d->schema.renamed = 0;
	free(m.to_of);
	free(m.from_of);
	return err;
}
