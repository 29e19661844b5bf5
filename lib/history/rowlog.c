#include "lib/history/rowlog.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/cancel.h"
#include "lib/base/mem.h"
#include "lib/history/commit.h"

/* A version that may have changed the row. */
struct candidate {
	struct commit_node node;
	struct id from, to;		/* contents */
	bool listed;			/* few rows differ, and this is one */
};

struct rowlog {
	struct repo *r;
	const struct rowkey *key;
	const struct log_options *o;
	struct commit_node head;
	struct candidate *v;
	size_t n, cap;
	struct rowlog_entry *entries;
	size_t n_entries, cap_entries;
	/* the rows of the content that was looked at last */
	struct id seen;
	struct rowkey_rows rows;
};

/* ---- changes ---------------------------------------------------------- */

static void
entry_release(struct rowlog_entry *e)
{
	for (size_t i = 0; i < e->n; i++) {
		rowkey_row_release(&e->v[i].from);
		rowkey_row_release(&e->v[i].to);
	}
	free(e->v);
	commit_release(&e->commit);
}

static void
add_change(struct rowlog_entry *e, enum row_op op,
    const struct shape *from_shape, const struct row *from,
    const struct shape *to_shape, const struct row *to)
{
	struct rowlog_change *c;
	size_t cap = e->n;

	e->v = mem_room(e->v, e->n, &cap, sizeof(*e->v));
	c = &e->v[e->n++];
	*c = (struct rowlog_change){ op, ROWKEY_ROW_INIT, ROWKEY_ROW_INIT };
	if (from)
		rowkey_row_set(&c->from, from_shape, from->raw, from->raw_len,
		    from->number);
	if (to)
		rowkey_row_set(&c->to, to_shape, to->raw, to->raw_len,
		    to->number);
}

/* The older shape, with columns by the names that the newer one has. */
static void
rename_columns(struct shape *out, const struct joint *joint)
{
	const struct shape *from = &joint->from;
	size_t *names = mem_array(from->columns.n + 1, sizeof(*names));

	for (size_t i = 0; i < joint->n; i++)
		if (joint->v[i].renamed)
			names[joint->v[i].from] = i + 1;
	*out = (struct shape){ .dialect = from->dialect,
	    .header = from->header };
	for (size_t i = 0; i < from->columns.n; i++) {
		size_t len;
		const char *name = names[i] ? joint_name(&len, joint,
		    names[i] - 1) : columns_name(&len, &from->columns, i);

		columns_add_new(&out->columns, name, len);
	}
	free(names);
}

struct filter {
	struct rowlog_entry *entry;
	const struct rowkey *key;
};

static err_t
take_change(void *arg, const struct row_change *c)
{
	struct filter *f = arg;
	struct shape from = SHAPE_INIT;

	if (!c->key || memcmp(c->key, f->key->hash, KEY_HASH) != 0)
		return NULL;
	if (c->from)
		rename_columns(&from, c->joint);
	add_change(f->entry, c->op, &from, c->from, &c->joint->to, c->to);
	shape_release(&from);
	return NULL;
}

/* What differs between the two is little, and is compared. */
static err_t
by_difference(struct rowlog_entry *e, struct rowlog *l,
    const struct candidate *at)
{
	struct rowkey_content from = ROWKEY_CONTENT_INIT;
	struct rowkey_content to = ROWKEY_CONTENT_INIT;
	struct rowdiff_options options = { .key = &l->key->key };
	struct filter f = { e, l->key };
	struct rowdiff_report report;
	struct rowdiff *d = NULL;
	err_t err;

	err = rowkey_open(&from, l->r, l->key, &at->from);
	if (!err)
		err = rowkey_open(&to, l->r, l->key, &at->to);
	if (!err)
		err = rowdiff_open(&d, &from.table, &to.table, &options);
	if (!err)
		err = rowdiff_run(&report, d, take_change, &f);
	rowdiff_close(d);
	rowkey_close(&from);
	rowkey_close(&to);
	return err;
}

static bool
same_cell(const struct cell *a, const struct cell *b)
{
	return a->len == b->len && (!a->len || !memcmp(a->p, b->p, a->len));
}

struct any {
	bool any;
};

static void
note_any(void *arg, const char *name, size_t len, const struct cell *from,
    const struct cell *to)
{
	struct any *any = arg;

	(void)name;
	(void)len;
	(void)from;
	(void)to;
	any->any = true;
}

static struct cell
cell_named(const struct rowkey_row *row, const char *name, size_t len)
{
	size_t at = columns_find(&row->shape.columns, name, len);

	return at == COLUMN_NONE ? (struct cell){ "", 0, CELL_NONE } :
	    row_cell(&row->row, at);
}

/* Whose columns are those of all its rows. */
static bool
is_csv(const struct rowkey_row *row)
{
	return row->shape.dialect.format == TABLE_CSV;
}

void
rowlog_cells(const struct rowlog_change *c, rowlog_cell_fn *fn, void *arg)
{
	const struct columns *to = &c->to.shape.columns;
	const struct columns *from = &c->from.shape.columns;

	for (size_t i = 0; i < to->n; i++) {
		size_t len;
		const char *name = columns_name(&len, to, i);
		struct cell a = cell_named(&c->from, name, len);
		struct cell b = row_cell(&c->to.row, i);

		if (!same_cell(&a, &b))
			fn(arg, name, len, &a, &b);
	}
	for (size_t i = 0; i < from->n; i++) {
		size_t len;
		const char *name = columns_name(&len, from, i);
		struct cell a = row_cell(&c->from.row, i);
		struct cell b = { "", 0, CELL_NONE };

		if (a.len && columns_find(to, name, len) == COLUMN_NONE &&
		    !is_csv(&c->to))
			fn(arg, name, len, &a, &b);
	}
}

static bool
same_row(const struct rowkey_row *a, const struct rowkey_row *b)
{
	const struct rowlog_change c = { ROW_UPDATE, *a, *b };
	struct any any = { false };

	rowlog_cells(&c, note_any, &any);
	return !any.any;
}

/* By the columns that both have. */
static bool
agree(const struct rowkey_row *a, const struct rowkey_row *b)
{
	const struct columns *columns = &a->shape.columns;

	for (size_t i = 0; i < columns->n; i++) {
		size_t len;
		const char *name = columns_name(&len, columns, i);
		struct cell x = row_cell(&a->row, i);
		struct cell y = cell_named(b, name, len);

		if (columns_find(&b->shape.columns, name, len) !=
		    COLUMN_NONE && !same_cell(&x, &y))
			return false;
	}
	return true;
}

/* Rows that are in both cancel, the rest are paired in their order. */
static void
pair(struct rowlog_entry *e, const struct rowkey_rows *from,
    const struct rowkey_rows *to)
{
	bool *used = mem_array(to->n + 1, sizeof(*used));
	bool *gone = mem_array(from->n + 1, sizeof(*gone));
	size_t k = 0;

	for (size_t i = 0; i < from->n; i++)
		for (size_t j = 0; j < to->n && !gone[i]; j++)
			if (!used[j] && same_row(&from->v[i], &to->v[j]))
				used[j] = gone[i] = true;
	for (size_t i = 0; i < from->n; i++) {
		const struct rowkey_row *a = &from->v[i];

		if (gone[i])
			continue;
		while (k < to->n && used[k])
			k++;
		if (k < to->n)
			add_change(e, ROW_UPDATE, &a->shape, &a->row,
			    &to->v[k].shape, &to->v[k].row);
		else
			add_change(e, ROW_DELETE, &a->shape, &a->row, NULL,
			    NULL);
		k += k < to->n;
	}
	for (; k < to->n; k++)
		if (!used[k])
			add_change(e, ROW_INSERT, NULL, NULL,
			    &to->v[k].shape, &to->v[k].row);
	free(used);
	free(gone);
}

static void
copy_rows(struct rowkey_rows *out, const struct rowkey_rows *rows)
{
	for (size_t i = 0; i < rows->n; i++) {
		const struct rowkey_row *row = &rows->v[i];
		struct rowkey_row copy = ROWKEY_ROW_INIT;

		rowkey_row_set(&copy, &row->shape, buf_cstr(&row->raw),
		    row->raw.len, row->row.number);
		VEC_ROOM(out->v, out->n, out->cap);
		out->v[out->n++] = copy;
	}
}

/* Columns that were renamed since have their new names in the older rows. */
static err_t
rename_rows(struct rowkey_rows *rows, struct rowlog *l,
    const struct candidate *at)
{
	struct rowkey_content from = ROWKEY_CONTENT_INIT;
	struct rowkey_content to = ROWKEY_CONTENT_INIT;
	struct rowdiff_options options = { .key = &l->key->key };
	struct rowdiff *d = NULL;
	err_t err;

	if (!rows->n || !l->rows.n || !is_csv(rows->v))
		return NULL;
	err = rowkey_open(&from, l->r, l->key, &at->from);
	if (!err)
		err = rowkey_open(&to, l->r, l->key, &at->to);
	if (!err)
		err = rowdiff_open(&d, &from.table, &to.table, &options);
	for (size_t i = 0; !err && i < rows->n; i++) {
		struct shape shape;

		rename_columns(&shape, rowdiff_joint(d));
		if (rows->v[i].row.n > shape.columns.n) {
			shape_release(&shape);
			continue;
		}
		shape_release(&rows->v[i].shape);
		rows->v[i].shape = shape;
	}
	rowdiff_close(d);
	rowkey_close(&from);
	rowkey_close(&to);
	return err;
}

/* Any row may differ: the row is looked for in both. */
static err_t
by_looking(struct rowlog_entry *e, struct rowlog *l,
    const struct candidate *at)
{
	struct rowkey_rows from = ROWKEY_ROWS_INIT;
	struct rowkey_rows renamed = ROWKEY_ROWS_INIT;
	struct id zero = { { 0 } };
	err_t err = NULL;

	if (!id_eq(&l->seen, &at->to) || id_eq(&at->to, &zero)) {
		rowkey_rows_release(&l->rows);
		l->seen = at->to;
		err = rowkey_find(&l->rows, l->r, l->key, &at->to);
	}
	if (!err)
		err = rowkey_find(&from, l->r, l->key, &at->from);
	if (!err)
		copy_rows(&renamed, &from);
	if (!err)
		err = rename_rows(&renamed, l, at);
	if (!err)
		pair(e, &renamed, &l->rows);
	rowkey_rows_release(&renamed);
	if (err) {
		rowkey_rows_release(&from);
		return err;
	}
	/* The version before this one is the next. */
	rowkey_rows_release(&l->rows);
	l->rows = from;
	l->seen = at->from;
	return NULL;
}

/* A version that is not read as rows neither has the row nor not. */
static err_t
look_at(struct rowlog *l, const struct candidate *at)
{
	struct rowlog_entry e = { .node = at->node, .commit = COMMIT_INIT };
	err_t err;

	err = cancel_check();
	if (!err)
		err = at->listed ? by_difference(&e, l, at) :
		    by_looking(&e, l, at);
	if (err_is(err, ERR_REFUSED))
		err = NULL;
	if (!err && e.n)
		err = commit_read(&e.commit, l->r->store, &e.node.id);
	if (err || !e.n) {
		entry_release(&e);
		return err;
	}
	VEC_ROOM(l->entries, l->n_entries, l->cap_entries);
	l->entries[l->n_entries++] = e;
	return NULL;
}

/* ---- candidates ------------------------------------------------------- */

static int
by_depth(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;

	return (x->node.depth < y->node.depth) -
	    (x->node.depth > y->node.depth);
}

static err_t
note_candidate(void *arg, const struct id *commit, bool sure)
{
	struct rowlog *l = arg;
	struct row_changes rows;
	struct candidate at;
	struct buf b = BUF_INIT;
	bool found;
	err_t err;

	err = commit_on_line(&found, l->r->store, commit, &l->head.id);
	if (!err && found)
		err = commit_node(&at.node, l->r->store, commit);
	if (!err && found)
		err = rows_get(&found, &rows, &b, l->r->store, commit,
		    l->key->path);
	if (!err && found) {
		at.from = rows.from;
		at.to = rows.to;
		at.listed = sure && !id_is_zero(&rows.from) &&
		    !id_is_zero(&rows.to);
		VEC_ROOM(l->v, l->n, l->cap);
		l->v[l->n++] = at;
	}
	buf_release(&b);
	return err;
}

/* Every version of the file, whatever was noted. */
static err_t
note_all(struct rowlog *l)
{
	struct candidate at = { .node = l->head };
	struct commit_node parent;
	err_t err;

	l->n = 0;
	err = rowkey_content(&at.to, l->r, &at.node.tree, l->key->path);
	while (!err) {
		bool more = at.node.n_parents > 0;

		memset(&at.from, 0, sizeof(at.from));
		if (more)
			err = commit_parent(&parent, l->r->store, &at.node,
			    0);
		if (!err && more)
			err = rowkey_content(&at.from, l->r, &parent.tree,
			    l->key->path);
		if (!err && !id_eq(&at.from, &at.to)) {
			VEC_ROOM(l->v, l->n, l->cap);
			l->v[l->n++] = at;
		}
		if (!more)
			break;
		at.node = parent;
		at.to = at.from;
	}
	return err;
}

static void
forget_entries(struct rowlog *l)
{
	for (size_t i = 0; i < l->n_entries; i++)
		entry_release(&l->entries[i]);
	l->n_entries = 0;
	rowkey_rows_release(&l->rows);
	memset(&l->seen, 0, sizeof(l->seen));
}

/*
 * Is what a version found of the row what the one before it left?  Of rows
 * with the same key that cannot be said.
 */
static bool
is_complete(const struct rowlog *l)
{
	for (size_t i = 0; i < l->n_entries; i++) {
		const struct rowlog_entry *e = &l->entries[i];
		const struct rowlog_entry *older = i + 1 < l->n_entries ?
		    e + 1 : NULL;
		bool came = e->v->op == ROW_INSERT;

		if (e->n > 1 || (older && older->n > 1))
			continue;
		if (!older)
			return came;
		if (came != (older->v->op == ROW_DELETE))
			return false;
		if (!came && !agree(&older->v->to, &e->v->from))
			return false;
	}
	return l->n_entries > 0;
}

static err_t
look_at_all(struct rowlog *l)
{
	err_t err = NULL;

	if (l->n)
		qsort(l->v, l->n, sizeof(*l->v), by_depth);
	for (size_t i = 0; !err && i < l->n; i++)
		err = look_at(l, &l->v[i]);
	return err;
}

/* ---- showing ---------------------------------------------------------- */

static err_t
show(struct rowlog *l, rowlog_fn *fn, void *arg)
{
	uint64_t shown = 0;
	err_t err = NULL;

	for (size_t i = 0; !err && i < l->n_entries; i++) {
		const struct rowlog_entry *e = &l->entries[i];
		bool hidden = false;

		if (!id_is_zero(&l->o->hidden))
			err = commit_on_line(&hidden, l->r->store,
			    &e->node.id, &l->o->hidden);
		if (err || hidden || !log_passes(l->o, &e->node, &e->commit))
			continue;
		err = fn(arg, e);
		if (++shown == l->o->limit)
			break;
	}
	return err;
}

err_t
rowlog_run(struct repo *r, const struct rowkey *key,
    const struct log_options *options, rowlog_fn *fn, void *arg)
{
	struct rowlog l = { .r = r, .key = key, .o = options };
	err_t err;

	err = commit_node(&l.head, r->store, &options->from);
	if (!err)
		err = posting_walk(r->store, key->path,
		    buf_cstr(&key->columns), key->hash, note_candidate, &l);
	if (!err)
		err = look_at_all(&l);
	if (!err && !is_complete(&l)) {
		forget_entries(&l);
		err = note_all(&l);
		if (!err)
			err = look_at_all(&l);
	}
	if (!err)
		err = show(&l, fn, arg);
	forget_entries(&l);
	free(l.entries);
	free(l.v);
	return err;
}
