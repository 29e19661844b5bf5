/*
 * Which rows a version changed, found by version and by row.
 *
 * A note is an object.  The index has a row for it in a series (a path with
 * the key that told its rows apart), and a posting for each listed key of a
 * note that lists few of them.  Those of a longer one are looked up in the
 * object, so that the index stays small beside what it is an index of.
 */

#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "store/derived_int.h"
#include "store/mark.h"
#include "store/store_int.h"

#define POSTED_MAX 10000

static bool
is_posted(const struct row_changes *rows)
{
	return rows->extent == ROWS_LISTED && rows->n_keys <= POSTED_MAX;
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

/* ---- the index --------------------------------------------------------- */

static err_t
find_series(bool *found, int64_t *n, struct db *db,
    const struct row_changes *rows)
{
	return db_row(found, db, "SELECT n FROM series WHERE path = ? AND "
	    "key = ?", "bb", "i", rows->path, rows->path_len, rows->key,
	    rows->key_len, n);
}

static err_t
need_series(int64_t *n, struct db *db, const struct row_changes *rows)
{
	bool found;
	err_t err;

	err = find_series(&found, n, db, rows);
	if (err || found)
		return err;
	err = db_run(db, "INSERT INTO series (path, key) VALUES (?, ?)", "bb",
	    rows->path, rows->path_len, rows->key, rows->key_len);
	return err ? err : find_series(&found, n, db, rows);
}

static err_t
insert_postings(struct db *db, int64_t series, int64_t n,
    const struct row_changes *rows)
{
	err_t err = NULL;

	for (size_t i = 0; !err && is_posted(rows) && i < rows->n_keys; i++)
		err = db_run(db, "INSERT INTO posting VALUES (?, ?, ?)",
		    "ibi", series, rows->keys + i * ROW_KEY,
		    (size_t)ROW_KEY, n);
	return err;
}

static err_t
find_rows(bool *found, int64_t *n, struct id *object, struct db *db,
    int64_t series, const struct id *version)
{
	return db_row(found, db, "SELECT n, object FROM rows WHERE "
	    "version = ? AND series = ?", "di", "id", version, series, n,
	    object);
}

static err_t
delete_rows(struct db *db, int64_t series, int64_t n,
    const struct row_changes *rows)
{
	err_t err = NULL;

	for (size_t i = 0; !err && is_posted(rows) && i < rows->n_keys; i++)
		err = db_run(db, "DELETE FROM posting WHERE series = ? AND "
		    "key = ? AND rows = ?", "ibi", series,
		    rows->keys + i * ROW_KEY, (size_t)ROW_KEY, n);
	if (!err)
		err = db_run(db, "DELETE FROM rows WHERE n = ?", "i", n);
	return err;
}

/* One that is not read: whatever its keys are. */
static err_t
replace_rows(struct db *db, int64_t series, int64_t n)
{
	err_t err;

	err = db_run(db, "DELETE FROM posting WHERE series = ? AND rows = ?",
	    "ii", series, n);
	return err ? err : db_run(db, "DELETE FROM rows WHERE n = ?", "i", n);
}

err_t
rows_insert(struct db *db, const struct id *object, const void *p, size_t len)
{
	struct row_changes rows;
	int64_t series, n;
	struct id other;
	bool found;
	err_t err;

	err = row_changes_decode(&rows, p, len);
	if (!err)
		err = need_series(&series, db, &rows);
	if (!err)
		err = find_rows(&found, &n, &other, db, series, &rows.commit);
	if (err || (found && id_cmp(&other, object) <= 0))
		return err;
	/* Of two the choice must not depend on which came first. */
	if (found)
		err = replace_rows(db, series, n);
	if (!err)
		err = db_run(db, "INSERT INTO rows (version, series, posted, "
		    "object) VALUES (?, ?, ?, ?)", "diid", &rows.commit,
		    series, (int64_t)is_posted(&rows), object);
	if (!err)
		err = find_rows(&found, &n, &other, db, series, &rows.commit);
	return err ? err : insert_postings(db, series, n, &rows);
}

err_t
rows_delete(struct db *db, const struct id *object, const void *p, size_t len)
{
	struct row_changes rows;
	int64_t series, n;
	struct id in_index;
	bool found;
	err_t err;

	err = row_changes_decode(&rows, p, len);
	if (!err)
		err = find_series(&found, &series, db, &rows);
	if (!err && found)
		err = find_rows(&found, &n, &in_index, db, series,
		    &rows.commit);
	if (err || !found || !id_eq(&in_index, object))
		return err;
	err = delete_rows(db, series, n, &rows);
	if (!err)
		err = db_run(db, "DELETE FROM series WHERE n = ? AND "
		    "NOT EXISTS (SELECT 1 FROM rows WHERE series = series.n)",
		    "i", series);
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

/* The notes of the path that have no postings for this key. */
static err_t
find_others(struct finding_list *out, struct db *db, const char *path,
    int64_t series)
{
	struct found found = { .posted = false };
	struct query *q = NULL;
	int64_t n;
	err_t err;

	err = db_query(&q, db, "SELECT s.n, r.version, r.object FROM series s "
	    "JOIN rows r ON r.series = s.n WHERE s.path = ? AND "
	    "(r.posted = 0 OR s.n <> ?)", "pi", path, series);
	while (!err && db_next(&err, q, "idd", &n, &found.commit,
	    &found.object)) {
		found.own = n == series;
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
	int64_t series = 0;
	bool found;
	err_t err;

	err = find_series(&found, &series, s->db, &of);
	if (!err && found)
		err = find_posted(&list, s->db, series, hash);
	if (!err)
		err = find_others(&list, s->db, path, found ? series : 0);
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

	err = find_others(&list, s->db, path, 0);
	for (size_t i = 0; !err && i < list.n; i++)
		err = fn(arg, &list.items[i].commit);
	free(list.items);
	return err;
}
