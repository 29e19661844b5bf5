#include "lib/table/schema_diff.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/table/rowdiff.h"
#include "lib/table/table.h"

struct comparing {
	const struct schema *from, *to;
	size_t *from_of;	/* by column of to: the column it was */
	schema_change_fn *fn;
	void *arg;
};

const char *
schema_change_word(enum schema_change_kind kind)
{
	static const char *const words[] = { "dialect", "added", "removed",
	    "renamed", "retyped", "nullable", "required", "moved" };

	return words[kind];
}

static char *
name_of(const struct schema *s, size_t column)
{
	size_t len;
	const char *name = columns_name(&len, &s->sum.columns, column);

	return mem_strndup(name, len);
}

/* ---- the whole table ---------------------------------------------------- */

static bool
reads_alike(const struct dialect *a, const struct dialect *b)
{
	return a->format == b->format && a->delimiter == b->delimiter &&
	    a->quote == b->quote && a->header == b->header &&
	    a->encoding == b->encoding;
}

static err_t
compare_dialects(const struct comparing *c)
{
	struct schema_change change = { .kind = SCHEMA_DIALECT,
	    .column = "" };
	struct buf from = BUF_INIT, to = BUF_INIT;
	err_t err = NULL;

	dialect_print(&from, &c->from->dialect);
	dialect_print(&to, &c->to->dialect);
	change.from = from.p;
	change.to = to.p;
	change.breaking = !reads_alike(&c->from->dialect, &c->to->dialect);
	if (strcmp(from.p, to.p))
		err = c->fn(c->arg, &change);
	buf_release(&from);
	buf_release(&to);
	return err;
}

/* The members of an object have no order. */
static err_t
compare_order(const struct comparing *c)
{
	struct schema_change change = { .kind = SCHEMA_MOVED, .column = "" };
	size_t last = 0;

	if (c->to->dialect.format != TABLE_CSV)
		return NULL;
	for (size_t i = 0; i < c->to->sum.columns.n; i++) {
		if (c->from_of[i] == COLUMN_NONE)
			continue;
		if (c->from_of[i] < last)
			return c->fn(c->arg, &change);
		last = c->from_of[i];
	}
	return NULL;
}

/* ---- columns ------------------------------------------------------------ */

/* Every value of type to is one of type from. */
static bool
is_narrower(const char *from, const char *to)
{
	return !strcmp(from, "any") || !strcmp(to, "any") ||
	    (!strcmp(from, "number") && !strcmp(to, "integer")) ||
	    (!strcmp(from, "string") && strcmp(to, "object") &&
	    strcmp(to, "array"));
}

static err_t
compare_types(const struct comparing *c, size_t from, size_t to,
    const char *name)
{
	const struct summary_column *now = &c->to->sum.v[to];
	struct schema_change change = { .kind = SCHEMA_RETYPED,
	    .column = name, .from = schema_type(c->from, from),
	    .to = schema_type(c->to, to) };
	bool anything = !strcmp(change.to, "any") && now->classes;

	if (!strcmp(change.from, change.to))
		return NULL;
	change.breaking = anything || !is_narrower(change.from, change.to);
	/* In JSON text is not what a number is. */
	if (c->to->dialect.format == TABLE_JSONL &&
	    !strcmp(change.from, "string") &&
	    (!strcmp(change.to, "integer") || !strcmp(change.to, "number") ||
	    !strcmp(change.to, "boolean")))
		change.breaking = true;
	return c->fn(c->arg, &change);
}

static err_t
compare_nulls(const struct comparing *c, size_t from, size_t to,
    const char *name)
{
	bool before = schema_nulls(c->from, from) > 0;
	bool after = schema_nulls(c->to, to) > 0;
	struct schema_change change = { .column = name,
	    .kind = after ? SCHEMA_NULLABLE : SCHEMA_REQUIRED,
	    .breaking = after };

	/* A table without rows says nothing. */
	if (before == after || !c->from->sum.rows || !c->to->sum.rows)
		return NULL;
	return c->fn(c->arg, &change);
}

static err_t
compare_column(const struct comparing *c, size_t to)
{
	struct schema_change change = { .kind = SCHEMA_RENAMED,
	    .breaking = true };
	size_t from = c->from_of[to];
	char *name = name_of(c->to, to), *old = NULL;
	err_t err = NULL;

	change.column = change.to = name;
	if (from == COLUMN_NONE) {
		change.kind = SCHEMA_ADDED;
		change.breaking = false;
		change.to = schema_type(c->to, to);
		err = c->fn(c->arg, &change);
		goto out;
	}
	old = name_of(c->from, from);
	change.from = old;
	if (strcmp(old, name))
		err = c->fn(c->arg, &change);
	if (!err)
		err = compare_types(c, from, to, name);
	if (!err)
		err = compare_nulls(c, from, to, name);
out:
	free(name);
	free(old);
	return err;
}

static err_t
tell_removed(const struct comparing *c, size_t from)
{
	struct schema_change change = { .kind = SCHEMA_REMOVED,
	    .breaking = true, .from = schema_type(c->from, from) };
	char *name = name_of(c->from, from);
	err_t err;

	change.column = name;
	err = c->fn(c->arg, &change);
	free(name);
	return err;
}

/* ---- all of it ---------------------------------------------------------- */

/* Fills in from_of; *gone says which columns of from are in none. */
static void
match(struct comparing *c, bool *gone, const size_t *renamed)
{
	const struct columns *from = &c->from->sum.columns;
	const struct columns *to = &c->to->sum.columns;

	for (size_t i = 0; i < to->n; i++) {
		size_t len;
		const char *name = columns_name(&len, to, i);

		c->from_of[i] = columns_find(from, name, len);
	}
	for (size_t i = 0; i < from->n; i++) {
		size_t len;
		const char *name = columns_name(&len, from, i);

		gone[i] = columns_find(to, name, len) == COLUMN_NONE;
		if (gone[i] && renamed && renamed[i] < to->n &&
		    c->from_of[renamed[i]] == COLUMN_NONE) {
			c->from_of[renamed[i]] = i;
			gone[i] = false;
		}
	}
}

err_t
schema_diff(const struct schema *from, const struct schema *to,
    const size_t *renamed, schema_change_fn *fn, void *arg)
{
	struct comparing c = { .from = from, .to = to, .fn = fn, .arg = arg };
	bool *gone;
	err_t err;

	if (from->reason || to->reason)
		return err_new(ERR_REFUSED, "the %s table is not read as "
		    "rows: it %s", from->reason ? "older" : "newer",
		    from->reason ? from->reason : to->reason);
	c.from_of = mem_array(to->sum.columns.n + 1, sizeof(*c.from_of));
	gone = mem_array(from->sum.columns.n + 1, sizeof(*gone));
	match(&c, gone, renamed);
	err = compare_dialects(&c);
	if (!err)
		err = compare_order(&c);
	for (size_t i = 0; !err && i < to->sum.columns.n; i++)
		err = compare_column(&c, i);
	for (size_t i = 0; !err && i < from->sum.columns.n; i++) {
		if (gone[i])
			err = tell_removed(&c, i);
	}
	free(c.from_of);
	free(gone);
	return err;
}

err_t
schema_renames(size_t **out, const struct table *from,
    const struct table *to, const struct key *key)
{
	struct rowdiff_options o = { .key = key };
	struct rowdiff *d = NULL;
	const struct joint *joint;
	size_t *renamed;
	err_t err;

	err = rowdiff_open(&d, from, to, &o);
	if (err)
		return err;
	joint = rowdiff_joint(d);
	renamed = mem_array(from->shape.columns.n + 1, sizeof(*renamed));
	for (size_t i = 0; i < from->shape.columns.n; i++)
		renamed[i] = COLUMN_NONE;
	for (size_t i = 0; i < joint->n; i++) {
		if (joint->v[i].renamed)
			renamed[joint->v[i].from] = joint->v[i].to;
	}
	rowdiff_close(d);
	*out = renamed;
	return NULL;
}
