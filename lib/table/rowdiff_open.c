/*
 * What is known of two tables before their rows are compared.
 */

#include "lib/table/rowdiff.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/table/rowdiff_int.h"

#define MEMORY ((size_t)128 << 20)

static struct shape *
shape_of(struct rowdiff *d, unsigned side)
{
	return side == FROM ? &d->joint.from : &d->joint.to;
}

static err_t
note_part(void *arg, const struct content_part *part)
{
	struct rowdiff *d = arg;

	d->whole |= part->partial;
	return NULL;
}

static err_t
take_side(struct rowdiff *d, unsigned side, const struct table *t)
{
	err_t err;

	if (!t)
		return NULL;
	if (t->shape.dialect.format == TABLE_NONE)
		return err_new(ERR_REFUSED, "%s", t->shape.reason ?
		    t->shape.reason : "is no table");
	shape_copy(shape_of(d, side), &t->shape);
	d->sources[side] = t->source;
	err = table_count(&d->rows[side], t);
	return err ? err : source_parts(t->source, note_part, d);
}

/* ---- the key ----------------------------------------------------------- */

static bool
has_column(const struct rowdiff *d, unsigned side, const char *name)
{
	const struct shape *shape = side == FROM ? &d->joint.from :
	    &d->joint.to;

	return !d->sources[side] || shape->dialect.format == TABLE_JSONL ||
	    columns_find(&shape->columns, name, strlen(name)) != COLUMN_NONE;
}

/* The older side's name of a column that was renamed, or the same. */
static const char *
older_name(const struct rowdiff *d, const char *name, size_t *len)
{
	const struct joint *j = &d->joint;
	size_t at = joint_find(j, name, strlen(name));

	*len = strlen(name);
	if (at == COLUMN_NONE || !j->v[at].renamed)
		return name;
	return columns_name(len, &j->from.columns, j->v[at].from);
}

static void
side_key(struct key *out, const struct rowdiff *d, const struct key *key,
    unsigned side)
{
	out->names = mem_array(key->n, sizeof(*out->names));
	for (size_t i = 0; i < key->n; i++) {
		size_t len = strlen(key->names[i]);
		const char *name = side == FROM ?
		    older_name(d, key->names[i], &len) : key->names[i];

		out->names[i] = mem_strndup(name, len);
	}
	out->n = key->n;
}

/* A key that only one side has is no key. */
static void
settle_key(struct rowdiff *d, const struct key *key)
{
	d->keyed = true;
	d->schema.key_missing = NULL;
	for (unsigned side = 0; side < SIDES; side++) {
		key_release(&d->keys[side]);
		side_key(&d->keys[side], d, key, side);
		for (size_t i = 0; i < key->n; i++)
			if (!has_column(d, side, d->keys[side].names[i])) {
				d->keyed = false;
				d->schema.key_missing = key->names[i];
			}
	}
}

void
rowdiff_mark_key(struct rowdiff *d)
{
	for (size_t i = 0; d->keyed && i < d->keys[TO].n; i++) {
		const char *name = d->keys[TO].names[i];
		size_t at = joint_find(&d->joint, name, strlen(name));

		if (at != COLUMN_NONE)
			d->joint.v[at].key = true;
	}
}

/* ---- columns ----------------------------------------------------------- */

static bool
same_dialect(const struct dialect *a, const struct dialect *b)
{
	return a->format == b->format && a->delimiter == b->delimiter &&
	    a->quote == b->quote && a->header == b->header &&
	    a->encoding == b->encoding;
}

/* Each column of the one side is the one in the same place of the other. */
static bool
same_places(const struct rowdiff *d)
{
	const struct joint *j = &d->joint;

	for (size_t i = 0; d->fixed && i < j->n; i++)
		if (j->v[i].from != i || j->v[i].to != i)
			return false;
	return true;
}

/* The options as they bear on the columns that are known. */
static void
choose_columns(struct rowdiff *d)
{
	struct joint *j = &d->joint;

	for (unsigned side = 0; side < SIDES; side++)
		d->shared[side] = mem_array(j->n + 1,
		    sizeof(*d->shared[side]));
	d->added = mem_array(j->n + 1, sizeof(*d->added));
	for (size_t i = 0; i < j->n; i++) {
		struct joint_column *c = &j->v[i];
		size_t len;
		const char *name = joint_name(&len, j, i);

		c->compared = rowdiff_compares(d, name, len);
		if (!c->compared)
			continue;
		if (c->from != COLUMN_NONE && c->to != COLUMN_NONE) {
			d->shared[FROM][d->n_shared] = c->from;
			d->shared[TO][d->n_shared++] = c->to;
		} else if (d->fixed && c->from == COLUMN_NONE) {
			d->added[d->n_added++] = c->to;
		}
	}
}

static bool
is_csv(const struct shape *shape)
{
	return shape->dialect.format == TABLE_CSV;
}

static err_t
take_columns(struct rowdiff *d, const struct key *key)
{
	const struct dialect *a = &d->joint.from.dialect;
	const struct dialect *b = &d->joint.to.dialect;
	bool both = d->sources[FROM] && d->sources[TO];
	err_t err;

	d->fixed = !both || (is_csv(&d->joint.from) && is_csv(&d->joint.to));
	d->cross = both && a->format != b->format;
	if (key && key->n)
		settle_key(d, key);
	err = joint_build(&d->joint, d);
	if (err)
		return err;
	if (key && key->n)
		settle_key(d, key);
	rowdiff_mark_key(d);
	choose_columns(d);
	d->same_bytes = both && same_dialect(a, b) && same_places(d);
	d->schema.dialect = both && (!same_dialect(a, b) || a->bom != b->bom ||
	    a->eol != b->eol);
	return NULL;
}

/* Both begin without rows, in the columns that they have. */
static void
want_change(struct rowdiff *d, struct summary_change *c)
{
	struct differing none;

	if (!d->fixed || !d->same_bytes)
		return;
	d->change = c;
	c->known = true;
	differing_begin(&none, d);
	differing_take(d, &none);
	differing_release(&none);
}

/* ---- the face ---------------------------------------------------------- */

err_t
rowdiff_open(struct rowdiff **out, const struct table *from,
    const struct table *to, const struct rowdiff_options *options)
{
	struct rowdiff *d = mem_zalloc(sizeof(*d));
	err_t err;

	d->only = options->only;
	d->ignored = options->ignored;
	d->memory = options->memory ? options->memory : MEMORY;
	err = take_side(d, FROM, from);
	if (!err)
		err = take_side(d, TO, to);
	if (!err)
		err = take_columns(d, options->key);
	if (!err && options->change)
		want_change(d, options->change);
	if (err)
		rowdiff_close(d);
	else
		*out = d;
	return err;
}

void
rowdiff_close(struct rowdiff *d)
{
	if (!d)
		return;
	for (unsigned side = 0; side < SIDES; side++) {
		key_release(&d->keys[side]);
		free(d->shared[side]);
	}
	free(d->added);
	joint_release(&d->joint);
	free(d);
}

const struct rowdiff_schema *
rowdiff_schema(const struct rowdiff *d)
{
	return &d->schema;
}

const struct joint *
rowdiff_joint(const struct rowdiff *d)
{
	return &d->joint;
}

bool
rowdiff_keyed(const struct rowdiff *d)
{
	return d->keyed;
}
