#include "lib/history/rowkey.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/history/attr.h"
#include "lib/history/tree.h"
#include "lib/table/csv.h"

void
rowkey_release(struct rowkey *k)
{
	free(k->path);
	key_release(&k->key);
	buf_release(&k->columns);
	buf_release(&k->text);
}

/* ---- what was typed --------------------------------------------------- */

static const struct dialect list = { .format = TABLE_CSV, .delimiter = ',',
    .quote = '"', .encoding = TABLE_UTF8 };

struct values {
	struct buf text[KEY_COLUMNS_MAX];
	bool has[KEY_COLUMNS_MAX];
};

static err_t
not_the_key(const struct rowkey *k, const char *typed)
{
	return err_new(ERR_USAGE, "--key \"%s\" is not a value of the key of "
	    "\"%s\", which is %s", typed, k->path, buf_cstr(&k->columns));
}

/* COLUMN=VALUE; false if it is not of that form. */
static bool
take_named(struct values *v, const struct rowkey *k, const char *typed)
{
	for (size_t i = 0; i < k->key.n; i++) {
		size_t len = strlen(k->key.names[i]);

		if (v->has[i] || strncmp(typed, k->key.names[i], len) != 0 ||
		    typed[len] != '=')
			continue;
		buf_str(&v->text[i], typed + len + 1);
		v->has[i] = true;
		return true;
	}
	return false;
}

/* The values one after the other. */
static bool
take_list(struct values *v, const struct rowkey *k, const char *typed)
{
	const char *p;
	struct csv c;
	size_t len, n = 0;

	if (k->key.n == 1) {
		buf_str(&v->text[0], typed);
		v->has[0] = true;
		return true;
	}
	csv_begin(&c, &list, typed, strlen(typed));
	while (csv_next(&p, &len, &c)) {
		if (n == k->key.n || csv_text(&v->text[n], &list, p, len))
			return false;
		v->has[n++] = true;
	}
	return n == k->key.n;
}

static err_t
take_typed(struct rowkey *k, struct values *v, const struct opt_list *typed)
{
	struct cell cells[KEY_COLUMNS_MAX];
	bool good = true;

	for (size_t i = 0; i < typed->n; i++) {
		buf_printf(&k->text, "%s%s", i ? " " : "", typed->items[i]);
		good = good && (take_named(v, k, typed->items[i]) ||
		    (typed->n == 1 && take_list(v, k, typed->items[i])));
	}
	for (size_t i = 0; i < k->key.n; i++) {
		good = good && v->has[i];
		cells[i] = (struct cell){ buf_cstr(&v->text[i]),
		    v->text[i].len, CELL_TEXT };
	}
	if (!good)
		return not_the_key(k, buf_cstr(&k->text));
	key_hash_text(k->hash, cells, k->key.n);
	return NULL;
}

/* A version from before the table had a key: what is known now is better than
 * nothing. */
static err_t
key_of_worktree(struct rowkey *out, struct repo *r)
{
	struct attrs *attrs = attr_of_worktree(r);
	err_t err = attr_key(&out->key, attrs, out->path);

	attr_free(attrs);
	return err;
}

err_t
rowkey_table(struct rowkey *out, struct repo *r, const struct id *commit,
    const char *path)
{
	struct commit_node node;
	struct attrs *attrs;
	err_t err;

	out->path = mem_strdup(path);
	err = commit_node(&node, r->store, commit);
	if (err)
		return err;
	attrs = attr_of_tree(r, &node.tree);
	err = attr_table(&out->hint, attrs, path);
	if (!err)
		err = attr_key(&out->key, attrs, path);
	attr_free(attrs);
	if (!err && !out->key.n)
		err = key_of_worktree(out, r);
	if (!err && out->hint.format == TABLE_NONE)
		err = err_new(ERR_REFUSED, "\"%s\" is not a table", path);
	if (!err)
		key_print(&out->columns, &out->key);
	return err;
}

err_t
rowkey_parse(struct rowkey *out, struct repo *r, const struct id *commit,
    const char *path, const struct opt_list *typed)
{
	struct values v = { .has = { false } };
	err_t err;

	err = rowkey_table(out, r, commit, path);
	if (!err && !out->key.n)
		err = err_new(ERR_REFUSED, "\"%s\" has no key; say what tells "
		    "its rows apart with \"dsv track --key COLUMN\"", path);
	if (!err)
		err = take_typed(out, &v, typed);
	for (size_t i = 0; i < KEY_COLUMNS_MAX; i++)
		buf_release(&v.text[i]);
	return err;
}

/* ---- rows ------------------------------------------------------------- */

void
rowkey_row_set(struct rowkey_row *out, const struct shape *shape,
    const char *raw, size_t len, uint64_t number)
{
	shape_copy(&out->shape, shape);
	buf_add(&out->raw, raw, len);
	row_decode(&out->row, &out->shape, buf_cstr(&out->raw), len);
	out->row.number = number;
}

void
rowkey_row_release(struct rowkey_row *row)
{
	buf_release(&row->raw);
	shape_release(&row->shape);
	row_release(&row->row);
}

void
rowkey_rows_release(struct rowkey_rows *rows)
{
	for (size_t i = 0; i < rows->n; i++)
		rowkey_row_release(&rows->v[i]);
	free(rows->v);
	*rows = (struct rowkey_rows)ROWKEY_ROWS_INIT;
}

err_t
rowkey_open(struct rowkey_content *out, struct repo *r,
    const struct rowkey *k, const struct id *content)
{
	err_t err;

	err = source_of_content(&out->source, r->store, content,
	    k->hint.cut);
	if (!err)
		err = table_open(&out->table, out->source, &k->hint);
	if (!err && out->table.shape.reason)
		err = err_new(ERR_REFUSED, "\"%s\" cannot be read as rows: it "
		    "%s", k->path, out->table.shape.reason);
	return err;
}

void
rowkey_close(struct rowkey_content *c)
{
	table_release(&c->table);
	source_free(c->source);
}

struct seeking {
	struct rowkey_rows *rows;
	const struct rowkey *key;
	struct key_finder finder;
	const struct shape *shape;
};

static err_t
look_at(void *arg, const char *raw, size_t len, uint64_t number)
{
	struct seeking *f = arg;
	struct rowkey_row row = ROWKEY_ROW_INIT;
	uint8_t hash[KEY_HASH];

	if (!key_hash(hash, &f->finder, raw, len) ||
	    memcmp(hash, f->key->hash, KEY_HASH) != 0)
		return NULL;
	if (f->rows->n == ROWKEY_ROWS_MAX)
		return err_new(ERR_REFUSED, "\"%s\" has more than %d rows "
		    "with the key %s", f->key->path, ROWKEY_ROWS_MAX,
		    buf_cstr(&f->key->text));
	rowkey_row_set(&row, f->shape, raw, len, number);
	VEC_ROOM(f->rows->v, f->rows->n, f->rows->cap);
	f->rows->v[f->rows->n++] = row;
	return NULL;
}

err_t
rowkey_find(struct rowkey_rows *out, struct repo *r, const struct rowkey *k,
    const struct id *content)
{
	struct rowkey_content c = ROWKEY_CONTENT_INIT;
	struct seeking f = { .rows = out, .key = k,
	    .finder = KEY_FINDER_INIT };
	struct shape shape = SHAPE_INIT;
	err_t err;

	if (id_is_zero(content))
		return NULL;
	err = rowkey_open(&c, r, k, content);
	if (!err) {
		shape_copy(&shape, &c.table.shape);
		f.shape = &shape;
		err = key_bind(&f.finder, &k->key, &shape);
		/* Without the column no row has the key. */
		if (err_is(err, ERR_NOT_FOUND))
			err = NULL;
		else if (!err)
			err = table_raw_rows(&c.table, look_at, &f);
	}
	key_finder_release(&f.finder);
	shape_release(&shape);
	rowkey_close(&c);
	return err;
}

err_t
rowkey_content(struct id *out, struct repo *r, const struct id *tree,
    const char *path)
{
	struct tree_entry e;
	err_t err;

	memset(out, 0, sizeof(*out));
	if (id_is_zero(tree))
		return NULL;
	err = tree_lookup(&e, r->store, tree, path);
	if (err_is(err, ERR_NOT_FOUND))
		return NULL;
	if (!err && (e.mode == MODE_FILE || e.mode == MODE_EXEC))
		*out = e.id;
	return err;
}
