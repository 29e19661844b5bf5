/*
 * Facts: what somebody found out about the rows of a content, or of a part of
 * one, kept so that it need not be found out again.
 */

#include "store/derived_int.h"

#include <string.h>

#include "store/mark.h"
#include "store/store_int.h"

#define FACT_HEAD (2 * ID_SIZE)

static err_t
fact_head(struct id *about, struct id *how, const void *p, size_t len)
{
	if (len < FACT_HEAD)
		return err_new(ERR_CORRUPT, "damaged fact");
	memcpy(about->b, p, ID_SIZE);
	memcpy(how->b, (const char *)p + ID_SIZE, ID_SIZE);
	return NULL;
}

err_t
fact_put(struct txn *t, const struct id *about, const struct id *how,
    const void *p, size_t len)
{
	struct buf b = BUF_INIT;
	struct id id;
	err_t err;

	buf_add(&b, about->b, ID_SIZE);
	buf_add(&b, how->b, ID_SIZE);
	buf_add(&b, p, len);
	err = object_put(&id, t, KIND_TABLE, b.p, b.len);
	buf_release(&b);
	return err;
}

err_t
fact_get(bool *found, struct buf *out, struct store *s,
    const struct id *about, const struct id *how)
{
	struct buf b = BUF_INIT;
	struct id object, is_about, is_how;
	err_t err;

	err = db_row(found, s->db, "SELECT object FROM fact WHERE about = ? "
	    "AND how = ?", "dd", "d", about, how, &object);
	if (err || !*found)
		return err;
	err = object_need(&b, s, KIND_TABLE, &object);
	if (!err)
		err = fact_head(&is_about, &is_how, b.p, b.len);
	if (!err && (!id_eq(&is_about, about) || !id_eq(&is_how, how)))
		err = err_new(ERR_CORRUPT, "the index names the fact about "
		    "something else; rebuild it with \"dsv fsck --repair\"");
	if (!err)
		buf_add(out, b.p + FACT_HEAD, b.len - FACT_HEAD);
	buf_release(&b);
	return err;
}

err_t
fact_insert(struct db *db, const struct id *object, const void *p, size_t len)
{
	struct id about, how;
	err_t err;

	err = fact_head(&about, &how, p, len);
	/* Of two the choice must not depend on which came first. */
	return err ? err : db_run(db, "INSERT INTO fact VALUES (?, ?, ?) "
	    "ON CONFLICT (about, how) DO UPDATE SET object = "
	    "min(object, excluded.object)", "ddd", &about, &how, object);
}

err_t
fact_delete(struct db *db, const struct id *object, const void *p, size_t len)
{
	struct id about, how;
	err_t err;

	err = fact_head(&about, &how, p, len);
	return err ? err : db_run(db, "DELETE FROM fact WHERE about = ? AND "
	    "how = ? AND object = ?", "ddd", &about, &how, object);
}

err_t
fact_has_subject(bool *out, struct db *db, const void *p, size_t len)
{
	struct id about, how;
	int64_t kind;
	err_t err;

	err = fact_head(&about, &how, p, len);
	if (!err)
		err = db_row(out, db, "SELECT kind FROM object WHERE id = ? "
		    "AND kind IN (1, 3) UNION ALL "
		    "SELECT 2 FROM file WHERE id = ?", "dd", "i", &about,
		    &about, &kind);
	return err;
}

static bool
has_flag(const struct marking *m, uint32_t flag, enum kind kind,
    const struct id *id)
{
	const struct mark *mark = marks_get(&m->marks, kind, id);

	return mark && (mark->flags & flag);
}

err_t
fact_mark(struct marking *m, uint32_t flag)
{
	struct query *q = NULL;
	struct id about, object, recipe;
	err_t err;

	err = db_query(&q, m->store->db, "SELECT about, object FROM fact", "");
	while (!err && db_next(&err, q, "dd", &about, &object)) {
		bool marked = has_flag(m, flag, KIND_CHUNK, &about) ||
		    has_flag(m, flag, KIND_NODE, &about);

		if (!marked) {
			err = db_row(&marked, m->store->db, "SELECT recipe "
			    "FROM file WHERE id = ?", "d", "d", &about,
			    &recipe);
			marked = marked && has_flag(m, flag, KIND_RECIPE,
			    &recipe);
		}
		if (marked)
			marks_put(&m->marks, KIND_TABLE, &object)->flags |=
			    flag;
	}
	db_done(q);
	return err;
}
