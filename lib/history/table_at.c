#include "lib/history/table_at.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/base/file.h"
#include "lib/history/attr.h"
#include "lib/history/tree.h"

void
table_at_close(struct table_at *t)
{
	table_release(&t->table);
	source_free(t->source);
	if (t->fd >= 0)
		close(t->fd);
	key_release(&t->key);
	*t = (struct table_at)TABLE_AT_INIT;
}

static err_t
read_attributes(struct table_at *t, struct attrs *attrs, const char *path)
{
	err_t err;

	err = attr_table(&t->hint, attrs, path);
	if (!err && t->hint.format == TABLE_NONE)
		err = err_new(ERR_USAGE, "\"%s\" is not a table by its name; "
		    "\"dsv track PATTERN --format csv\" says that it is one",
		    path);
	return err ? err : attr_key(&t->key, attrs, path);
}

err_t
table_at_load(struct table_at *out, struct repo *r, struct attrs *attrs,
    const char *path, const struct id *content)
{
	struct table_at t = TABLE_AT_INIT;
	err_t err;

	t.content = *content;
	err = read_attributes(&t, attrs, path);
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

/* t is closed on failure. */
static err_t
must_have_rows(struct table_at *t, const char *path)
{
	err_t err;

	if (!t->table.shape.reason)
		return NULL;
	err = err_new(ERR_REFUSED, "\"%s\" is not read as rows: it %s", path,
	    t->table.shape.reason);
	table_at_close(t);
	return err;
}

err_t
table_at_open_content(struct table_at *out, struct repo *r,
    struct attrs *attrs, const char *path, const struct id *content)
{
	struct table_at t = TABLE_AT_INIT;
	err_t err;

	err = table_at_load(&t, r, attrs, path, content);
	if (!err)
		err = must_have_rows(&t, path);
	if (!err)
		*out = t;
	return err;
}

err_t
table_at_open_work(struct table_at *out, struct repo *r,
    struct attrs *attrs, const char *path)
{
	struct table_at t = TABLE_AT_INIT;
	err_t err;

	err = read_attributes(&t, attrs, path);
	if (!err)
		err = file_open_beneath(&t.fd, r->rootfd, path, O_RDONLY |
		    O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0);
	if (!err)
		err = source_of_file(&t.source, t.fd, path, t.hint.cut);
	if (!err)
		err = table_open(&t.table, t.source, &t.hint);
	if (err)
		table_at_close(&t);
	else
		err = must_have_rows(&t, path);
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
	return schema_capture(out, t->source, &t->hint, t->fd < 0 ? r->store :
	    NULL, NULL, &t->content);
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
