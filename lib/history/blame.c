/*
 *	1. every change of a row, by any version, is sorted by the row (its
 *	   hash) and how long ago it was
 *	2. the rows of the table are sorted by their hash too
 *	3. both are gone through together; what was found is sorted by the
 *	   number of the row, and shown beside the table as it is read again
 */

#include "lib/history/blame.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/cancel.h"
#include "lib/base/mem.h"
#include "lib/base/sorter.h"
#include "lib/history/commit.h"
#include "lib/history/rowlog.h"

#define SORT_MEMORY ((size_t)48 << 20)
#define HASH KEY_HASH

struct version {
	struct commit_node node;
	struct id from, to;
	bool listed;		/* its note has the keys */
	bool loaded;
	struct commit commit;
};

struct blame {
	struct repo *r;
	const struct rowkey *key;
	struct commit_node head;
	struct id content;
	struct version *v;	/* newest first */
	size_t n, cap;
	bool keyless;		/* there are rows without a key */
	struct sorter *changes, *rows, *found;
	struct shape shape;
	struct key_finder finder;
	struct row row;
	bool has_key;		/* finder is bound */
	/* showing */
	bool has_found;
	struct sorted next;
	blame_fn *fn;
	void *arg;
};

/* ---- versions --------------------------------------------------------- */

static int
by_depth(const void *a, const void *b)
{
	const struct version *x = a, *y = b;

	return (x->node.depth < y->node.depth) -
	    (x->node.depth > y->node.depth);
}

static err_t
note_version(void *arg, const struct id *commit)
{
	struct blame *b = arg;
	struct version v = { .commit = COMMIT_INIT };
	struct row_changes rows;
	struct buf bytes = BUF_INIT;
	bool found;
	err_t err;

	err = commit_on_line(&found, b->r->store, commit, &b->head.id);
	if (!err && found)
		err = commit_node(&v.node, b->r->store, commit);
	if (!err && found)
		err = rows_get(&found, &rows, &bytes, b->r->store, commit,
		    b->key->path);
	if (!err && found) {
		v.from = rows.from;
		v.to = rows.to;
		v.listed = rows.extent == ROWS_LISTED &&
		    rows.key_len == b->key->columns.len &&
		    !memcmp(rows.key, buf_cstr(&b->key->columns),
		    rows.key_len);
		VEC_ROOM(b->v, b->n, b->cap);
		b->v[b->n++] = v;
	}
	buf_release(&bytes);
	return err;
}

/* Is each what the next one began with? */
static bool
is_complete(const struct blame *b)
{
	const struct id *want = &b->content;

	for (size_t i = 0; i < b->n; i++) {
		if (!id_eq(&b->v[i].to, want))
			return false;
		want = &b->v[i].from;
	}
	return id_is_zero(want);
}

/* Whatever was noted: every version in which the file changed. */
static err_t
walk_versions(struct blame *b)
{
	struct version v = { .node = b->head, .to = b->content,
	    .commit = COMMIT_INIT };
	struct commit_node parent;
	err_t err = NULL;

	b->n = 0;
	while (!err) {
		bool more = v.node.n_parents > 0;

		memset(&v.from, 0, sizeof(v.from));
		if (more)
			err = commit_parent(&parent, b->r->store, &v.node,
			    0);
		if (!err && more)
			err = rowkey_content(&v.from, b->r, &parent.tree,
			    b->key->path);
		if (!err && !id_eq(&v.from, &v.to)) {
			VEC_ROOM(b->v, b->n, b->cap);
			b->v[b->n++] = v;
		}
		if (!more)
			break;
		v.node = parent;
		v.to = v.from;
	}
	return err;
}

/* Back to the one that the file came with, the last time. */
static err_t
find_versions(struct blame *b)
{
	err_t err;

	err = rows_versions(b->r->store, b->key->path, note_version, b);
	if (!err && b->n)
		qsort(b->v, b->n, sizeof(*b->v), by_depth);
	if (!err && !is_complete(b))
		err = walk_versions(b);
	for (size_t i = 0; !err && i < b->n; i++)
		if (id_is_zero(&b->v[i].from))
			b->n = i + 1;
	return err;
}

/* ---- hashes ----------------------------------------------------------- */

/* What a row is known by: its key, or all of its cells.  One byte says
 * which. */
struct known {
	unsigned char b[1 + HASH];
};

static void
known_by_cells(struct known *out, const struct row *row,
    const struct shape *shape)
{
	struct id id;

	row_hash(&id, row, shape);
	out->b[0] = 'r';
	memcpy(out->b + 1, id.b, HASH);
}

static void
known_by(struct known *out, struct blame *b, const char *raw, size_t len)
{
	out->b[0] = 'k';
	if (b->has_key && key_hash(out->b + 1, &b->finder, raw, len))
		return;
	b->keyless = true;
	row_decode(&b->row, &b->shape, raw, len);
	known_by_cells(out, &b->row, &b->shape);
}

static err_t
sort_row(void *arg, const char *raw, size_t len, uint64_t number)
{
	struct blame *b = arg;
	struct known known;

	known_by(&known, b, raw, len);
	return sorter_add(b->rows, known.b, &number, sizeof(number));
}

/* ---- changes ---------------------------------------------------------- */

struct changing {
	struct blame *b;
	uint32_t age;
};

static err_t
sort_change(struct blame *b, const struct known *known, uint32_t age)
{
	unsigned char key[sizeof(known->b) + 4];

	memcpy(key, known->b, sizeof(known->b));
	for (size_t i = 0; i < 4; i++)
		key[sizeof(known->b) + i] = (unsigned char)(age >>
		    (24 - 8 * i));
	return sorter_add(b->changes, key, "", 0);
}

static err_t
take_change(void *arg, const struct row_change *c)
{
	struct changing *ch = arg;
	struct known known = { { 'k' } };

	if (!c->to)
		return NULL;
	if (c->key)
		memcpy(known.b + 1, c->key, HASH);
	else
		known_by_cells(&known, c->to, &c->joint->to);
	return sort_change(ch->b, &known, ch->age);
}

static err_t
changes_by_difference(struct blame *b, const struct version *v, uint32_t age)
{
	struct rowkey_content from = ROWKEY_CONTENT_INIT;
	struct rowkey_content to = ROWKEY_CONTENT_INIT;
	struct rowdiff_options options = { .key = &b->key->key };
	struct changing ch = { b, age };
	struct rowdiff_report report;
	struct rowdiff *d = NULL;
	err_t err;

	err = rowkey_open(&from, b->r, b->key, &v->from);
	if (!err)
		err = rowkey_open(&to, b->r, b->key, &v->to);
	if (!err)
		err = rowdiff_open(&d, &from.table, &to.table, &options);
	if (!err)
		err = rowdiff_run(&report, d, take_change, &ch);
	rowdiff_close(d);
	rowkey_close(&from);
	rowkey_close(&to);
	return err;
}

static err_t
changes_by_note(struct blame *b, const struct version *v, uint32_t age)
{
	struct row_changes rows;
	struct known known = { { 'k' } };
	struct buf bytes = BUF_INIT;
	bool found;
	err_t err;

	err = rows_get(&found, &rows, &bytes, b->r->store, &v->node.id,
	    b->key->path);
	for (size_t i = 0; !err && found && i < rows.n_keys; i++) {
		memcpy(known.b + 1, rows.keys + i * ROW_KEY, HASH);
		err = sort_change(b, &known, age);
	}
	buf_release(&bytes);
	return err;
}

/* A file that was not read as rows before, or is not since, came then. */
static err_t
sort_changes(struct blame *b)
{
	err_t err = NULL;

	for (size_t i = 0; !err && i < b->n; i++) {
		const struct version *v = &b->v[i];

		err = cancel_check();
		if (err || id_is_zero(&v->from))
			break;
		err = v->listed && !b->keyless ?
		    changes_by_note(b, v, (uint32_t)i) :
		    changes_by_difference(b, v, (uint32_t)i);
		if (err_is(err, ERR_REFUSED)) {
			b->n = i + 1;
			err = NULL;
		}
	}
	return err;
}

/* ---- rows and changes together ----------------------------------------- */

static err_t
sort_found(struct blame *b, const char *number_bytes, uint32_t age)
{
	unsigned char key[8];
	uint64_t number;

	memcpy(&number, number_bytes, sizeof(number));
	for (int i = 0; i < 8; i++)
		key[i] = (unsigned char)(number >> (56 - 8 * i));
	return sorter_add(b->found, key, &age, sizeof(age));
}

static uint32_t
age_of(const struct sorted *change)
{
	const unsigned char *p = change->key + sizeof(struct known);

	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	    (uint32_t)p[2] << 8 | p[3];
}

static err_t
join(struct blame *b)
{
	struct sorted row, change;
	bool has_row, has_change;
	err_t err;

	err = sorter_end(b->changes);
	if (!err)
		err = sorter_end(b->rows);
	if (!err)
		err = sorter_next(&has_change, &change, b->changes);
	if (!err)
		err = sorter_next(&has_row, &row, b->rows);
	while (!err && has_row) {
		int cmp = 1;

		while (!err && has_change && (cmp = memcmp(change.key,
		    row.key, sizeof(struct known))) < 0)
			err = sorter_next(&has_change, &change, b->changes);
		if (!err)
			err = sort_found(b, row.p, has_change && !cmp ?
			    age_of(&change) : (uint32_t)b->n - 1);
		if (!err)
			err = sorter_next(&has_row, &row, b->rows);
	}
	return err ? err : sorter_end(b->found);
}

/* ---- showing ---------------------------------------------------------- */

static err_t
show_row(void *arg, const char *raw, size_t len, uint64_t number)
{
	struct blame *b = arg;
	struct blame_row row = { raw, len, &b->shape, number, NULL, NULL };
	struct version *v;
	uint32_t age;
	err_t err;

	err = sorter_next(&b->has_found, &b->next, b->found);
	if (err)
		return err;
	if (!b->has_found)
		BUG("a row that was not there before");
	memcpy(&age, b->next.p, sizeof(age));
	v = &b->v[age];
	if (!v->loaded)
		err = commit_read(&v->commit, b->r->store, &v->node.id);
	v->loaded = !err;
	row.node = &v->node;
	row.commit = &v->commit;
	return err ? err : b->fn(b->arg, &row);
}

static err_t
bind(struct blame *b, const struct shape *shape)
{
	err_t err;

	shape_copy(&b->shape, shape);
	if (!b->key->key.n)
		return NULL;
	err = key_bind(&b->finder, &b->key->key, &b->shape);
	b->has_key = !err;
	return err_is(err, ERR_NOT_FOUND) ? NULL : err;
}

static err_t
run(struct blame *b)
{
	struct rowkey_content c = ROWKEY_CONTENT_INIT;
	err_t err;

	err = find_versions(b);
	if (!err)
		err = rowkey_open(&c, b->r, b->key, &b->content);
	if (!err)
		err = bind(b, &c.table.shape);
	if (!err)
		err = table_raw_rows(&c.table, sort_row, b);
	if (!err)
		err = sort_changes(b);
	if (!err)
		err = join(b);
	if (!err)
		err = table_raw_rows(&c.table, show_row, b);
	rowkey_close(&c);
	return err;
}

err_t
blame_run(struct repo *r, const struct rowkey *key, const struct id *commit,
    blame_fn *fn, void *arg)
{
	struct blame b = { .r = r, .key = key, .fn = fn, .arg = arg,
	    .shape = SHAPE_INIT, .finder = KEY_FINDER_INIT,
	    .row = ROW_INIT };
	err_t err;

	b.changes = sorter_new(sizeof(struct known) + 4, SORT_MEMORY);
	b.rows = sorter_new(sizeof(struct known), SORT_MEMORY);
	b.found = sorter_new(8, SORT_MEMORY);
	err = commit_node(&b.head, r->store, commit);
	if (!err)
		err = rowkey_content(&b.content, r, &b.head.tree, key->path);
	if (!err && id_is_zero(&b.content))
		err = err_new(ERR_NOT_FOUND, "there is no file \"%s\" in v%llu",
		    key->path, (unsigned long long)b.head.version);
	if (!err)
		err = run(&b);
	for (size_t i = 0; i < b.n; i++)
		commit_release(&b.v[i].commit);
	free(b.v);
	sorter_free(b.changes);
	sorter_free(b.rows);
	sorter_free(b.found);
	key_finder_release(&b.finder);
	row_release(&b.row);
	shape_release(&b.shape);
	return err;
}

/* ---- one row ---------------------------------------------------------- */

struct one {
	const struct rowkey_rows *rows;
	blame_fn *fn;
	void *arg;
};

static err_t
show_one(void *arg, const struct rowlog_entry *e)
{
	struct one *one = arg;
	err_t err = NULL;

	for (size_t i = 0; !err && i < one->rows->n; i++) {
		const struct rowkey_row *found = &one->rows->v[i];
		struct blame_row row = { buf_cstr(&found->raw),
		    found->raw.len, &found->shape, found->row.number,
		    &e->node, &e->commit };

		err = one->fn(one->arg, &row);
	}
	return err;
}

err_t
blame_one(struct repo *r, const struct rowkey *key, const struct id *commit,
    blame_fn *fn, void *arg)
{
	struct log_options options = { .from = *commit, .limit = 1 };
	struct rowkey_rows rows = ROWKEY_ROWS_INIT;
	struct one one = { &rows, fn, arg };
	struct commit_node node;
	struct id content;
	err_t err;

	err = commit_node(&node, r->store, commit);
	if (!err)
		err = rowkey_content(&content, r, &node.tree, key->path);
	if (!err)
		err = rowkey_find(&rows, r, key, &content);
	if (!err && rows.n)
		err = rowlog_run(r, key, &options, show_one, &one);
	rowkey_rows_release(&rows);
	return err;
}
