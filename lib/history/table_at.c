#include "lib/history/table_at.h"

#include <stdlib.h>

#include "lib/history/attr.h"
#include "lib/history/tree.h"

void
table_at_close(struct table_at *t)
{
	table_release(&t->table);
	source_free(t->source);
	key_release(&t->key);
	*t = (struct table_at)TABLE_AT_INIT;
}

err_t
table_at_load(struct table_at *out, struct repo *r, struct attrs *attrs,
    const char *path, const struct id *content)
{
	struct table_at t = TABLE_AT_INIT;
	err_t err;

	t.content = *content;
	err = attr_table(&t.hint, attrs, path);
	if (!err && t.hint.format == TABLE_NONE)
		err = err_new(ERR_USAGE, "\"%s\" is not a table by its name; "
		    "\"dsv track PATTERN --format csv\" says that it is one",
		    path);
	if (!err)
		err = attr_key(&t.key, attrs, path);
	if (!err)
		err = source_of_content(&t.source, r->store, content,
		    t.hint.cut);
	if (!err)
		err = table_open(&t.table, t.source, &t.hint);
	if (err)
		table_at_close(&t);
	else
		*out = t;
	return err;
}

err_t
table_at_open_content(struct table_at *out, struct repo *r,
    struct attrs *attrs, const char *path, const struct id *content)
{
	struct table_at t = TABLE_AT_INIT;
	err_t err;

	err = table_at_load(&t, r, attrs, path, content);
	if (!err && t.table.shape.reason) {
		err = err_new(ERR_REFUSED, "\"%s\" is not read as rows: it "
		    "%s", path, t.table.shape.reason);
		table_at_close(&t);
	}
	if (!err)
		*out = t;
	return err;
}

err_t
table_at_open(struct table_at *out, struct repo *r, const struct id *tree,
    const char *path)
{
	struct attrs *attrs;
	struct tree_entry e;
	err_t err;

	err = tree_lookup(&e, r->store, tree, path);
	if (err)
		return err;
	if (e.mode != MODE_FILE && e.mode != MODE_EXEC)
		return err_new(ERR_USAGE, "\"%s\" is a %s, not a table", path,
		    e.mode == MODE_DIR ? "directory" : "link");
	attrs = attr_of_tree(r, tree);
	err = table_at_open_content(out, r, attrs, path, &e.id);
	attr_free(attrs);
	return err;
}

err_t
table_at_schema(struct schema *out, struct table_at *t, struct repo *r)
{
	return schema_capture(out, t->source, &t->hint, r->store, NULL,
	    &t->content);
}

err_t
table_at_diff(struct table_at *from, struct table_at *to, struct repo *r,
    schema_change_fn *fn, void *arg)
{
	struct schema a = SCHEMA_INIT, b = SCHEMA_INIT;
	size_t *renamed = NULL;
	err_t err;

	err = table_at_schema(&a, from, r);
	if (!err)
		err = table_at_schema(&b, to, r);
	if (!err)
		err = schema_renames(&renamed, &from->table, &to->table,
		    &to->key);
	if (!err)
		err = schema_diff(&a, &b, renamed, fn, arg);
	free(renamed);
	schema_release(&a);
	schema_release(&b);
	return err;
}
