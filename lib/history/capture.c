#include "lib/history/capture.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/cancel.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/history/attr.h"
#include "lib/history/tree.h"
#include "lib/table/rowdiff.h"
#include "lib/table/schema.h"

/* Listed keys are kept in memory until the version is made; beyond so many,
 * of all tables, they are not listed. */
#define KEYS_MAX 1000000
/* As many rows of a table may always be listed; of more, so large a part. */
#define LISTED_ALWAYS 1000
#define LISTED_PART 8

/* What is in a smaller table is found out as fast as it is looked up. */
#define SCHEMA_SIZE ((uint64_t)64 << 10)

/* A table that changes. */
struct captured {
	char *path;
	struct id from, to;		/* zero: no file */
	uint64_t from_size, size;	/* of from, of to */
	size_t order;			/* in which it was expected */
	bool done;
	struct row_changes rows;	/* without commit, path, key and keys */
	struct buf key, note;
	uint8_t *keys;
	size_t n_keys;
	struct summary_change change;	/* of its rows */
};

struct capture {
	struct repo *repo;
	struct txn *txn;
	struct attrs *attrs;
	struct captured *v;		/* sorted by path once prepared */
	size_t n, cap;
	size_t keys;			/* listed, in all */
};

struct capture *
capture_new(struct repo *r, struct txn *t)
{
	struct capture *c = mem_zalloc(sizeof(*c));

	c->repo = r;
	c->txn = t;
	c->attrs = attr_of_worktree(r);
	return c;
}

static void
captured_release(struct captured *e)
{
	free(e->path);
	free(e->keys);
	summary_change_release(&e->change);
	buf_release(&e->key);
	buf_release(&e->note);
}

void
capture_free(struct capture *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->n; i++)
		captured_release(&c->v[i]);
	free(c->v);
	attr_free(c->attrs);
	free(c);
}

static struct id
content_of(const struct tree_entry *e)
{
	static const struct id none;

	return e && (e->mode == MODE_FILE || e->mode == MODE_EXEC) ? e->id :
	    none;
}

void
capture_expect(struct capture *c, const char *path,
    const struct tree_entry *from, const struct tree_entry *to)
{
	struct captured e = { .from = content_of(from),
	    .to = content_of(to), .from_size = from ? from->size : 0,
	    .size = to ? to->size : 0, .order = c->n };

	if (id_eq(&e.from, &e.to))
		return;
	e.path = mem_strdup(path);
	VEC_ROOM(c->v, c->n, c->cap);
	c->v[c->n++] = e;
}

/* ---- the rows of one table -------------------------------------------- */

/* The two sides of a table, as far as there are. */
struct side {
	struct source *source;
	struct buf bytes;		/* of a small one: all of it */
	struct table table;
	bool is_open;
};
#define SIDE_INIT { .table = TABLE_INIT, .bytes = BUF_INIT }

static void
side_close(struct side *s)
{
	if (s->is_open)
		table_release(&s->table);
	source_free(s->source);
	buf_release(&s->bytes);
}

static err_t
take_bytes(void *arg, const char *p, size_t len)
{
	buf_add(arg, p, len);
	return NULL;
}

/* Small files share frames, which the store keeps decoded for a while. */
static err_t
open_source(struct side *out, struct capture *c, const struct id *content,
    uint64_t size, enum cut cut)
{
	err_t err;

	if (size >= SCHEMA_SIZE)
		return source_of_content(&out->source, c->repo->store,
		    content, cut);
	err = content_read(c->repo->store, content, take_bytes, &out->bytes);
	if (!err)
		out->source = source_of_bytes(buf_cstr(&out->bytes),
		    out->bytes.len, cut);
	return err;
}

static err_t
side_open(struct side *out, struct capture *c, const struct id *content,
    uint64_t size, const struct dialect_hint *hint)
{
	err_t err;

	if (id_is_zero(content))
		return NULL;
	err = open_source(out, c, content, size, hint->cut);
	if (!err)
		err = table_open(&out->table, out->source, hint);
	out->is_open = !err;
	if (!err && out->table.shape.reason)
		err = err_new(ERR_REFUSED, "it %s",
		    out->table.shape.reason);
	return err;
}

static const struct table *
side_table(const struct side *s)
{
	return s->is_open ? &s->table : NULL;
}

static err_t
count_rows(uint64_t *out, struct side *s)
{
	*out = 0;
	return s->is_open ? table_count(out, &s->table) : NULL;
}

/* Keys of changed rows, as they come. */
struct listing {
	struct captured *e;
	size_t max, cap;
	bool many;
};

static err_t
list_key(void *arg, const struct row_change *change)
{
	struct listing *l = arg;
	struct captured *e = l->e;

	if (!change->key || l->many)
		return NULL;
	if (e->n_keys == l->max) {
		l->many = true;
		return NULL;
	}
	if (e->n_keys == l->cap) {
		l->cap = l->cap ? 2 * l->cap : 64;
		e->keys = mem_realloc(e->keys, l->cap, ROW_KEY);
	}
	memcpy(e->keys + e->n_keys++ * ROW_KEY, change->key, ROW_KEY);
	return NULL;
}

static int
compare_keys(const void *a, const void *b)
{
	return memcmp(a, b, ROW_KEY);
}

static void
sort_keys(struct captured *e)
{
	size_t n = 0;

	if (e->n_keys)
		qsort(e->keys, e->n_keys, ROW_KEY, compare_keys);
	for (size_t i = 0; i < e->n_keys; i++) {
		uint8_t *key = e->keys + i * ROW_KEY;

		if (n && !memcmp(key, e->keys + (n - 1) * ROW_KEY, ROW_KEY))
			continue;
		memmove(e->keys + n++ * ROW_KEY, key, ROW_KEY);
	}
	e->n_keys = n;
}

static size_t
most_keys(const struct capture *c, uint64_t rows)
{
	size_t max = rows / LISTED_PART > LISTED_ALWAYS ?
	    (size_t)(rows / LISTED_PART) : LISTED_ALWAYS;

	if (max > ROWS_LISTED_MAX)
		max = ROWS_LISTED_MAX;
	return max < KEYS_MAX - c->keys ? max : KEYS_MAX - c->keys;
}

/* Two versions of a table. */
static err_t
compare(struct capture *c, struct captured *e, const struct side *from,
    const struct side *to, const struct key *key, uint64_t rows)
{
	struct rowdiff_options options = { .key = key, .change = e->size <
	    SCHEMA_SIZE ? NULL : &e->change };
	struct listing listing = { .e = e, .max = most_keys(c, rows) };
	struct rowdiff_report report;
	struct rowdiff *d = NULL;
	bool keyed = false;
	err_t err;

	err = rowdiff_open(&d, side_table(from), side_table(to), &options);
	if (!err) {
		keyed = rowdiff_keyed(d);
		err = rowdiff_run(&report, d, keyed ? list_key : NULL,
		    &listing);
	}
	rowdiff_close(d);
	if (err)
		return err;
	e->rows = (struct row_changes){ .extent = keyed && !listing.many ?
	    ROWS_LISTED : ROWS_BULK, .rows = report.to_rows,
	    .inserted = report.inserted, .updated = report.updated,
	    .deleted = report.deleted, .filled = report.filled };
	if (e->rows.extent == ROWS_LISTED)
		sort_keys(e);
	else
		e->n_keys = 0;
	c->keys += e->n_keys;
	return NULL;
}

/* A table that came or went: all of its rows did. */
static err_t
take_whole(struct captured *e, struct side *from, struct side *to)
{
	uint64_t before, after;
	err_t err;

	err = count_rows(&before, from);
	if (!err)
		err = count_rows(&after, to);
	if (!err)
		e->rows = (struct row_changes){ .extent = ROWS_BULK,
		    .rows = after, .inserted = after, .deleted = before };
	return err;
}

static err_t
find_rows(struct capture *c, struct captured *e,
    const struct dialect_hint *hint, const struct key *key)
{
	struct side from = SIDE_INIT, to = SIDE_INIT;
	uint64_t rows;
	err_t err;

	err = side_open(&from, c, &e->from, e->from_size, hint);
	if (!err)
		err = side_open(&to, c, &e->to, e->size, hint);
	if (!err && from.is_open && to.is_open) {
		err = count_rows(&rows, &to);
		if (!err)
			err = compare(c, e, &from, &to, key, rows);
	} else if (!err) {
		err = take_whole(e, &from, &to);
	}
	side_close(&from);
	side_close(&to);
	return err;
}

/* What cannot be found out is unknown, and that is known. */
static void
note_unknown(struct captured *e, err_t why)
{
	size_t len = strlen(why->msg);

	buf_clear(&e->note);
	buf_add(&e->note, why->msg, len < ROWS_NOTE_MAX ? len :
	    ROWS_NOTE_MAX);
	e->change.known = false;
	e->rows = (struct row_changes){ .extent = ROWS_UNKNOWN };
	e->n_keys = 0;
}

/* ---- the schema ------------------------------------------------------- */

/* For its facts, which are kept with the content; whatever is wrong with the
 * table is told when somebody asks. */
static err_t
find_schema(struct capture *c, struct captured *e,
    const struct dialect_hint *hint)
{
	struct schema schema = SCHEMA_INIT;
	struct source *source = NULL;
	bool done = false;
	int fd = -1;
	err_t err;

	if (id_is_zero(&e->to) || e->size < SCHEMA_SIZE)
		return NULL;
	err = source_of_content(&source, c->repo->store, &e->to, hint->cut);
	/* It was just added, and most likely still is what was added. */
	if (!err && !file_open_regular(&fd, c->repo->rootfd, e->path))
		source_lend(source, fd);
	if (!err && e->change.known)
		err = schema_follow(&done, source, hint, c->repo->store,
		    c->txn, &e->to, &e->from, &e->change);
	if (!err && !done)
		err = schema_capture(&schema, source, hint, c->repo->store,
		    c->txn, &e->to);
	summary_change_release(&e->change);
	if (!err)
		schema_release(&schema);
	source_free(source);
	if (fd >= 0)
		close(fd);
	return err_is(err, ERR_CANCELLED) ? err : NULL;
}

/* ---- tables ----------------------------------------------------------- */

/* *is_table: the path is one, and e is filled in.  facts: may be put. */
static err_t
look(bool *is_table, struct capture *c, struct captured *e, bool facts)
{
	struct dialect_hint hint;
	struct key key = KEY_INIT;
	err_t err;

	*is_table = false;
	err = attr_table(&hint, c->attrs, e->path);
	if (!err && hint.format != TABLE_NONE)
		err = attr_key(&key, c->attrs, e->path);
	/* A mistake in .dsvattributes is told by others. */
	if (err || hint.format == TABLE_NONE)
		return err_is(err, ERR_CANCELLED) ? err : NULL;
	*is_table = true;
	key_print(&e->key, &key);
	if (e->key.len > ROWS_KEY_MAX)
		buf_clear(&e->key);
	err = cancel_check();
	if (!err)
		err = find_rows(c, e, &hint, &key);
	if (err && !err_is(err, ERR_CANCELLED)) {
		note_unknown(e, err);
		err = NULL;
	}
	if (!err && facts)
		err = find_schema(c, e, &hint);
	e->done = !err;
	key_release(&key);
	return err;
}

static int
compare_captured(const void *a, const void *b)
{
	const struct captured *x = a, *y = b;
	int diff = strcmp(x->path, y->path);

	return diff ? diff : (x->order > y->order) - (x->order < y->order);
}

err_t
capture_prepare(struct capture *c)
{
	size_t n = 0;
	bool is_table = true;
	err_t err = NULL;

	if (c->n)
		qsort(c->v, c->n, sizeof(*c->v), compare_captured);
	for (size_t i = 0; i < c->n; i++) {
		struct captured *e = &c->v[i];
		bool first = !n || strcmp(c->v[n - 1].path, e->path) != 0;

		is_table = true;
		if (!err && first)
			err = look(&is_table, c, e, true);
		if (first && is_table)
			c->v[n++] = *e;
		else
			captured_release(e);
	}
	c->n = n;
	return err;
}

/* ---- the version ------------------------------------------------------ */

struct putting {
	struct capture *c;
	const struct id *commit;
	size_t next;
};

static err_t
put_rows(struct putting *p, const struct captured *e)
{
	struct row_changes rows = e->rows;

	rows.commit = *p->commit;
	rows.path = e->path;
	rows.path_len = strlen(e->path);
	rows.key = buf_cstr(&e->key);
	rows.key_len = e->key.len;
	rows.from = e->from;
	rows.to = e->to;
	rows.keys = e->keys;
	rows.n_keys = e->n_keys;
	rows.note = buf_cstr(&e->note);
	rows.note_len = e->note.len;
	return rows_put(p->c->txn, &rows);
}

/* Both are in the order of paths. */
static const struct captured *
find(struct putting *p, const struct captured *want)
{
	struct capture *c = p->c;

	while (p->next < c->n && strcmp(c->v[p->next].path, want->path) < 0)
		p->next++;
	if (p->next < c->n && !strcmp(c->v[p->next].path, want->path) &&
	    id_eq(&c->v[p->next].from, &want->from) &&
	    id_eq(&c->v[p->next].to, &want->to))
		return &c->v[p->next];
	return NULL;
}

static err_t
put_change(void *arg, const char *path, const struct tree_entry *from,
    const struct tree_entry *to)
{
	struct putting *p = arg;
	struct captured e = { .from = content_of(from),
	    .to = content_of(to), .from_size = from ? from->size : 0,
	    .size = to ? to->size : 0 };
	const struct captured *found;
	bool is_table = true;
	err_t err = NULL;

	if (id_eq(&e.from, &e.to))
		return NULL;
	e.path = mem_strdup(path);
	found = find(p, &e);
	/* It came between: another process's, or an attribute changed. */
	if (!found)
		err = look(&is_table, p->c, &e, false);
	if (!err && is_table)
		err = put_rows(p, found ? found : &e);
	captured_release(&e);
	return err;
}

err_t
capture_put(struct capture *c, const struct id *commit,
    const struct id *parent_tree)
{
	struct putting p = { c, commit, 0 };

	return tree_diff_stage(c->repo->store, parent_tree, put_change, &p);
}
