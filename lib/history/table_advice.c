#include "lib/history/table_advice.h"

#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/history/attr.h"
#include "lib/history/table_at.h"
#include "lib/table/unique.h"

void
table_advice_release(struct table_advice *a)
{
	buf_release(&a->odd);
	buf_release(&a->key);
}

static void
take_odd(void *arg, const char *text)
{
	struct table_advice *a = arg;

	if (a->odd.len)
		a->more++;
	else
		buf_str(&a->odd, text);
}

static err_t
find_key(struct table_advice *out, struct table_at *t)
{
	const struct columns *columns = &t->table.shape.columns;
	struct key key = KEY_INIT;
	char *name;
	size_t column, len;
	const char *p;
	err_t err;

	err = unique_find(&column, &t->table);
	if (err || column == COLUMN_NONE)
		return err;
	p = columns_name(&len, columns, column);
	name = mem_strndup(p, len);
	key.names = &name;
	key.n = 1;
	key_print(&out->key, &key);
	free(name);
	return NULL;
}

static err_t
look(struct table_advice *out, struct repo *r, struct table_at *t,
    bool want_key)
{
	struct schema s = SCHEMA_INIT;
	err_t err;

	err = table_at_schema(&s, t, r);
	if (!err)
		schema_odd(&s, take_odd, out);
	if (!err && want_key && !t->key.n)
		err = find_key(out, t);
	schema_release(&s);
	return err;
}

err_t
table_advice_on(struct table_advice *out, struct repo *r,
    struct attrs *attrs, const char *path, bool want_key)
{
	struct table_at t = TABLE_AT_INIT;
	struct dialect_hint hint;
	struct stage_entry e;
	err_t err;

	buf_clear(&out->odd);
	buf_clear(&out->key);
	out->more = 0;
	err = attr_table(&hint, attrs, path);
	if (err || hint.format == TABLE_NONE)
		return err;
	err = stage_get(&e, r->store, path);
	if (err || e.mode == MODE_LINK || e.size > TABLE_ADVICE_MAX ||
	    out->looked_at + e.size > TABLE_ADVICE_ALL)
		return err_is(err, ERR_NOT_FOUND) ? NULL : err;
	out->looked_at += e.size;
	err = table_at_load(&t, r, attrs, path, &e.id);
	if (!err && t.table.shape.reason)
		buf_printf(&out->odd, "is not read as rows: it %s",
		    t.table.shape.reason);
	else if (!err)
		err = look(out, r, &t, want_key);
	table_at_close(&t);
	return err;
}
