#include "lib/history/schema_policy.h"

#include <string.h>

#include "lib/history/attr.h"
#include "lib/history/status.h"
#include "lib/history/table_at.h"
#include "lib/history/tree.h"

#define NAMED 3			/* changes that a message tells */

struct checking {
	struct repo *r;
	const struct id *tree;
	struct attrs *attrs;
};

struct offence {
	bool frozen;
	size_t n;
	struct buf text;
};

static err_t
take_change(void *arg, const struct schema_change *c)
{
	struct offence *o = arg;

	if (!c->breaking && !o->frozen)
		return NULL;
	if (o->n++ >= NAMED)
		return NULL;
	buf_printf(&o->text, "%s%s", o->n > 1 ? ", " : "",
	    schema_change_word(c->kind));
	if (*c->column)
		buf_printf(&o->text, " \"%s\"", c->column);
	if (c->from && c->to && c->kind == SCHEMA_RETYPED)
		buf_printf(&o->text, " from %s to %s", c->from, c->to);
	return NULL;
}

static err_t
refuse(const char *path, const struct offence *o)
{
	char more[40] = "";

	if (o->n > NAMED)
		snprintf(more, sizeof(more), " and %zu more", o->n - NAMED);
	return err_new(ERR_REFUSED, "\"%s\" has schema=%s, but is changed: "
	    "%s%s; \"dsv commit --allow-schema-change\" commits it all the "
	    "same", path, o->frozen ? "frozen" : "compatible", o->text.p,
	    more);
}

/* What was no table has no schema to keep to. */
static bool
is_no_table(err_t err)
{
	return err_is(err, ERR_USAGE) || err_is(err, ERR_REFUSED);
}

/* A content without an id is that in the working tree. */
static err_t
check_table(struct checking *c, const char *path, const struct id *content,
    bool frozen)
{
	struct table_at from = TABLE_AT_INIT, to = TABLE_AT_INIT;
	struct offence o = { .frozen = frozen, .text = BUF_INIT };
	err_t err;

	err = table_at_open(&from, c->r, c->tree, path);
	if (is_no_table(err))
		return NULL;
	if (!err)
		err = id_is_zero(content) ? table_at_open_work(&to, c->r,
		    c->attrs, path) : table_at_open_content(&to, c->r,
		    c->attrs, path, content);
	if (!err)
		err = table_at_diff(&from, &to, c->r, take_change, &o);
	if (!err && o.n)
		err = refuse(path, &o);
	table_at_close(&from);
	table_at_close(&to);
	buf_release(&o.text);
	return err;
}

static err_t
check_path(void *arg, const char *path, const struct tree_entry *from,
    const struct tree_entry *to)
{
	struct checking *c = arg;
	const char *policy;
	err_t err;

	if (!from || !to || id_eq(&from->id, &to->id) ||
	    to->mode == MODE_LINK)
		return NULL;
	err = attr_get(&policy, c->attrs, path, "schema");
	if (err || !policy)
		return err;
	if (!strcmp(policy, "frozen"))
		return check_table(c, path, &to->id, true);
	if (!strcmp(policy, "compatible"))
		return check_table(c, path, &to->id, false);
	if (!strcmp(policy, "free"))
		return NULL;
	return err_new(ERR_USAGE, "attribute schema=%s of \"%s\" is not "
	    "known: use frozen, compatible or free", policy, path);
}

err_t
schema_policy_check(struct repo *r, const struct id *tree, bool work)
{
	struct checking c = { .r = r, .tree = tree };
	err_t err;

	if (id_is_zero(tree))
		return NULL;
	c.attrs = attr_of_worktree(r);
	err = work ? status_diff(r, tree, NULL, check_path, &c) :
	    tree_diff_stage(r->store, tree, check_path, &c);
	attr_free(c.attrs);
	return err;
}
