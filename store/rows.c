/*
 * Which rows a version changed, found by version and by row.
 *
 * A note is an object.  The index has a row for it in a series (a path with
 * the key that told its rows apart).  The notes of a series that has few are
 * read when a row is looked for.  One that has many has a posting for each
 * listed key of a note that lists few of them; those of a longer one are
 * looked up in the object.  So the index stays small beside what it is an
 * index of.
 */

#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "store/derived_int.h"
#include "store/mark.h"
#include "store/store_int.h"

#define POSTED_MAX 10000
/* A series with no more than that has no postings. */
#define READ_NOTES 256
#define READ_KEYS 16384			/* of all of them */
#define COUNT_MAX ((int64_t)1 << 48)

struct series {
	int64_t n;
	int64_t notes, keys;		/* those that may have postings */
};

static bool
is_posted(const struct series *s)
{
	return s->notes > READ_NOTES || s->keys > READ_KEYS;
}

/* The keys that may be in postings; -1 if none may, and the object says. */
static int64_t
postable(const struct row_changes *rows)
{
	return rows->extent == ROWS_LISTED && rows->n_keys <= POSTED_MAX ?
	    (int64_t)rows->n_keys : -1;
}

/* ---- putting ----------------------------------------------------------- */

err_t
rows_put(struct txn *t, const struct row_changes *rows)
{
	struct row_changes check;
	struct buf b = BUF_INIT;
	struct id id;
	err_t err;

	row_changes_encode(&b, rows);
	err = row_changes_decode(&check, b.p, b.len);
	if (err)
		BUG("row changes that cannot be read back");
	err = object_put(&id, t, KIND_ROWS, b.p, b.len);
	buf_release(&b);
	return err;
}

/* A number that the index has, which anybody may have changed. */
static err_t
check_number(int64_t n, int64_t min, int64_t max)
{
	return n >= min && n <= max ? NULL : err_new(ERR_CORRUPT, "the index "
	    "has a wrong number of row changes; rebuild it with \"dsv fsck "
	    "--repair\"");
}

static err_t
read_rows(struct row_changes *out, struct buf *b, struct store *s,
    const struct id *commit, const struct id *object)
{
	err_t err;

	buf_clear(b);
	err = object_need(b, s, KIND_ROWS, object);
	if (!err)
		err = row_changes_decode(out, b->p, b->len);
	if (!err && !id_eq(&out->commit, commit))
		err = err_new(ERR_CORRUPT, "the index names the row changes "
		    "of another version; rebuild it with \"dsv fsck "
		    "--repair\"");
	return err;
}

/* ---- postings ---------------------------------------------------------- */

static err_t
insert_postings(struct db *db, int64_t series, int64_t n,
    const struct row_changes *rows)
{
	err_t err = NULL;

	for (size_t i = 0; !err && i < rows->n_keys; i++)
		err = db_run(db, "INSERT INTO posting VALUES (?, ?, ?)",
		    "ibi", series, rows->keys + i * ROW_KEY,
		    (size_t)ROW_KEY, n);
	return err;
}

/* A row of the index. */
struct entry {
	int64_t n, keys;
	struct id commit, object;
};
struct entry_list {
	struct entry *items;
	size_t n, cap;
};

static err_t
list_entries(struct entry_list *out, struct db *db, int64_t series)
{
	struct query *q = NULL;
	struct entry e;
	err_t err;

	err = db_query(&q, db, "SELECT n, keys, version, object FROM rows "
	    "WHERE series = ? AND keys >= 0", "i", series);
	while (!err && db_next(&err, q, "iidd", &e.n, &e.keys, &e.commit,
	    &e.object)) {
		err = check_number(e.keys, 0, POSTED_MAX);
		VEC_ROOM(out->items, out->n, out->cap);
		out->items[out->n++] = e;
	}
	db_done(q);
	return err;
}

/* One that cannot be read stops nobody who adds another one: it has no
 * postings, and who looks for a row is told. */
static err_t
post_entry(struct store *s, struct series *series, const struct entry *e)
{
	struct row_changes rows;
	struct buf b = BUF_INIT;
	err_t err;

	err = read_rows(&rows, &b, s, &e->commit, &e->object);
	if (!err) {
		err = insert_postings(s->db, series->n, e->n, &rows);
	} else if (segment_is_lost(err)) {
		err = db_run(s->db, "UPDATE rows SET keys = -1 WHERE n = ?",
		    "i", e->n);
		series->notes--;
		series->keys -= e->keys;
	}
	buf_release(&b);
	return err;
}

static err_t
post_none(struct db *db, int64_t series)
{
	return db_run(db, "DELETE FROM posting WHERE series = ?", "i",
	    series);
}

/* The series has become one with postings. */
static err_t
post_all(struct store *s, struct series *series)
{
	struct entry_list list = { NULL, 0, 0 };
	err_t err;

	err = list_entries(&list, s->db, series->n);
	for (size_t i = 0; !err && i < list.n; i++)
		err = post_entry(s, series, &list.items[i]);
	free(list.items);
	/* Without those that cannot be read it may not have. */
	return err || is_posted(series) ? err : post_none(s->db, series->n);
}

/* ---- the index --------------------------------------------------------- */

static err_t
find_series(bool *found, struct series *out, struct db *db,
    const struct row_changes *rows)
{
	err_t err;

	err = db_row(found, db, "SELECT n, notes, keys FROM series WHERE "
	    "path = ? AND key = ?", "bb", "iii", rows->path, rows->path_len,
	    rows->key, rows->key_len, &out->n, &out->notes, &out->keys);
	if (!err && *found)
		err = check_number(out->notes, 0, COUNT_MAX);
	return err || !*found ? err : check_number(out->keys, 0, COUNT_MAX);
}

static err_t
need_series(struct series *out, struct db *db, const struct row_changes *rows)
{
	bool found;
	err_t err;

	err = find_series(&found, out, db, rows);
	if (err || found)
		return err;
	err = db_run(db, "INSERT INTO series (path, key, notes, keys) "
	    "VALUES (?, ?, 0, 0)", "bb", rows->path, rows->path_len,
	    rows->key, rows->key_len);
	return err ? err : find_series(&found, out, db, rows);
}

static err_t
write_series(struct db *db, const struct series *s)
{
	return db_run(db, "UPDATE series SET notes = ?, keys = ? WHERE "
	    "n = ?", "iii", s->notes, s->keys, s->n);
}

static err_t
find_entry(bool *found, struct entry *out, struct db *db, int64_t series,
    const struct id *version)
{
	err_t err;

	out->commit = *version;
	err = db_row(found, db, "SELECT n, keys, object FROM rows WHERE "
	    "version = ? AND series = ?", "di", "iid", version, series,
	    &out->n, &out->keys, &out->object);
	return err || !*found ? err : check_number(out->keys, -1, POSTED_MAX);
}

/* rows: what is in it; NULL if that is not known. */
static err_t
delete_postings(struct db *db, int64_t series, const struct entry *e,
    const struct row_changes *rows)
{
	err_t err = NULL;

	if (!rows)
		return db_run(db, "DELETE FROM posting WHERE series = ? AND "
		    "rows = ?", "ii", series, e->n);
	for (size_t i = 0; !err && i < rows->n_keys; i++)
		err = db_run(db, "DELETE FROM posting WHERE series = ? AND "
		    "key = ? AND rows = ?", "ibi", series,
		    rows->keys + i * ROW_KEY, (size_t)ROW_KEY, e->n);
	return err;
}

static err_t
delete_entry(struct db *db, struct series *series, const struct entry *e,
    const struct row_changes *rows)
{
	bool posted = is_posted(series);
	err_t err;

	err = db_run(db, "DELETE FROM rows WHERE n = ?", "i", e->n);
	if (err || e->keys < 0)
		return err;
	series->notes--;
	series->keys -= e->keys;
	if (posted)
		err = is_posted(series) ?
		    delete_postings(db, series->n, e, rows) :
		    post_none(db, series->n);
	return err ? err : write_series(db, series);
}

static err_t
insert_entry(struct store *s, struct series *series,
    const struct row_changes *rows, const struct id *object)
{
	bool posted = is_posted(series), found;
	int64_t keys = postable(rows);
	struct entry e;
	err_t err;

	err = db_run(s->db, "INSERT INTO rows (version, series, keys, object) "
	    "VALUES (?, ?, ?, ?)", "diid", &rows->commit, series->n, keys,
	    object);
	if (err || keys < 0)
		return err;
	series->notes++;
	series->keys += keys;
	if (posted) {
		err = find_entry(&found, &e, s->db, series->n, &rows->commit);
		if (!err)
			err = insert_postings(s->db, series->n, e.n, rows);
	} else if (is_posted(series)) {
		err = post_all(s, series);
	}
	return err ? err : write_series(s->db, series);
}

err_t
rows_insert(struct store *s, const struct id *object, const void *p,
    size_t len)
{
	struct row_changes rows;
	struct series series;
	struct entry other;
	bool found;
	err_t err;

	err = row_changes_decode(&rows, p, len);
	if (!err)
		err = need_series(&series, s->db, &rows);
	if (!err)
		err = find_entry(&found, &other, s->db, series.n,
		    &rows.commit);
	if (err || (found && id_cmp(&other.object, object) <= 0))
		return err;
	/* Of two the choice must not depend on which came first. */
	if (found)
		err = delete_entry(s->db, &series, &other, NULL);
	return err ? err : insert_entry(s, &series, &rows, object);
}

err_t
rows_delete(struct db *db, const struct id *object, const void *p, size_t len)
{
	struct row_changes rows;
	struct series series;
	struct entry e;
	bool found;
	err_t err;

	err = row_changes_decode(&rows, p, len);
	if (!err)
		err = find_series(&found, &series, db, &rows);
	if (!err && found)
		err = find_entry(&found, &e, db, series.n, &rows.commit);
	if (err || !found || !id_eq(&e.object, object))
		return err;
	err = delete_entry(db, &series, &e, &rows);
	if (!err)
		err = db_run(db, "DELETE FROM series WHERE n = ? AND "
		    "NOT EXISTS (SELECT 1 FROM rows WHERE series = series.n)",
		    "i", series.n);
	return err;
}

err_t
rows_have_subject(bool *out, struct db *db, const void *p, size_t len)
{
	struct row_changes rows;
	int64_t version;
	err_t err;

	err = row_changes_decode(&rows, p, len);
	return err ? err : db_row(out, db, "SELECT version FROM version "
	    "WHERE id = ?", "d", "i", &rows.commit, &version);
}

err_t
rows_mark(struct marking *m, uint32_t flag)
{
	struct query *q = NULL;
	struct id version, object;
	err_t err;

	err = db_query(&q, m->store->db, "SELECT version, object FROM rows",
	    "");
	while (!err && db_next(&err, q, "dd", &version, &object)) {
		const struct mark *mark = marks_get(&m->marks, KIND_COMMIT,
		    &version);

		if (mark && (mark->flags & flag))
			marks_put(&m->marks, KIND_ROWS, &object)->flags |=
			    flag;
	}
	db_done(q);
	return err;
}

/* ---- by version -------------------------------------------------------- */

err_t
rows_get(bool *found, struct row_changes *out, struct buf *b,
    struct store *s, const struct id *commit, const char *path)
{
	struct id object;
	err_t err;

	err = db_row(found, s->db, "SELECT r.object FROM rows r JOIN series "
	    "s ON s.n = r.series WHERE r.version = ? AND s.path = ? "
	    "ORDER BY r.object LIMIT 1", "dp", "d", commit, path, &object);
	return err || !*found ? err : read_rows(out, b, s, commit, &object);
}

err_t
rows_walk(struct store *s, const struct id *commit, rows_visit_fn *fn,
    void *arg)
{
	struct row_changes rows;
	struct buf b = BUF_INIT;
	struct query *q = NULL;
	struct id object;
	err_t err;

	err = db_query(&q, s->db, "SELECT r.object FROM rows r JOIN series s "
	    "ON s.n = r.series WHERE r.version = ? ORDER BY s.path, r.object",
	    "d", commit);
	while (!err && db_next(&err, q, "d", &object)) {
		err = read_rows(&rows, &b, s, commit, &object);
		if (!err)
			err = fn(arg, &rows);
	}
	db_done(q);
	buf_release(&b);
	return err;
}

/* ---- by row ------------------------------------------------------------ */

/* Versions found, shown once no query is open. */
struct found {
	struct id commit, object;
	bool posted;
	bool own;			/* by the key that was asked for */
};
struct finding_list {
	struct found *items;
	size_t n, cap;
};

static void
note(struct finding_list *list, const struct found *found)
{
	VEC_ROOM(list->items, list->n, list->cap);
	list->items[list->n++] = *found;
}

static err_t
find_posted(struct finding_list *out, struct db *db, int64_t series,
    const uint8_t hash[ROW_KEY])
{
	struct found found = { .posted = true, .own = true };
	struct query *q = NULL;
	err_t err;

	err = db_query(&q, db, "SELECT r.version, r.object FROM posting p "
	    "JOIN rows r ON r.n = p.rows WHERE p.series = ? AND p.key = ?",
	    "ib", series, hash, (size_t)ROW_KEY);
	while (!err && db_next(&err, q, "dd", &found.commit, &found.object))
		note(out, &found);
	db_done(q);
	return err;
}

/* The notes of the path that have no postings for this key.  own: the series
 * of the key; posted: it has postings. */
static err_t
find_others(struct finding_list *out, struct db *db, const char *path,
    int64_t own, bool posted)
{
	struct found found = { .posted = false };
	struct query *q = NULL;
	int64_t n;
	err_t err;

	err = db_query(&q, db, "SELECT s.n, r.version, r.object FROM series s "
	    "JOIN rows r ON r.series = s.n WHERE s.path = ? AND "
	    "(r.keys < 0 OR s.n <> ?)", "pi", path, posted ? own : 0);
	while (!err && db_next(&err, q, "idd", &n, &found.commit,
	    &found.object)) {
		found.own = n == own;
		note(out, &found);
	}
	db_done(q);
	return err;
}

static int
compare_keys(const void *a, const void *b)
{
	return memcmp(a, b, ROW_KEY);
}

static err_t
show_unposted(struct store *s, const struct found *found,
    const uint8_t hash[ROW_KEY], posting_visit_fn *fn, void *arg)
{
	struct row_changes rows;
	struct buf b = BUF_INIT;
	bool maybe = true, sure = false;
	err_t err;

	err = read_rows(&rows, &b, s, &found->commit, &found->object);
	if (!err && found->own && rows.extent == ROWS_LISTED)
		maybe = sure = rows.n_keys && bsearch(hash, rows.keys,
		    rows.n_keys, ROW_KEY, compare_keys);
	if (!err && maybe)
		err = fn(arg, &found->commit, sure);
	buf_release(&b);
	return err;
}

err_t
posting_walk(struct store *s, const char *path, const char *key,
    const uint8_t hash[ROW_KEY], posting_visit_fn *fn, void *arg)
{
	struct row_changes of = { .path = path, .path_len = strlen(path),
	    .key = key, .key_len = strlen(key) };
	struct finding_list list = { NULL, 0, 0 };
	struct series series = { 0, 0, 0 };
	bool found;
	err_t err;

	err = find_series(&found, &series, s->db, &of);
	if (!err && is_posted(&series))
		err = find_posted(&list, s->db, series.n, hash);
	if (!err)
		err = find_others(&list, s->db, path, series.n,
		    is_posted(&series));
	for (size_t i = 0; !err && i < list.n; i++)
		err = list.items[i].posted ?
		    fn(arg, &list.items[i].commit, true) :
		    show_unposted(s, &list.items[i], hash, fn, arg);
	free(list.items);
	return err;
}

err_t
rows_versions(struct store *s, const char *path, rows_version_fn *fn,
    void *arg)
{
	struct finding_list list = { NULL, 0, 0 };
	err_t err;

	err = find_others(&list, s->db, path, 0, false);
	for (size_t i = 0; !err && i < list.n; i++)
		err = fn(arg, &list.items[i].commit);
	free(list.items);
	return err;
}
