/*
 * Lists of decisions about rows, found by the key of a row.
 *
 * An act is one event, whatever number of rows it is about: the event names
 * the list, which is an object, and the index has the keys that are in it.
 * Who decided, when, and about which version is in the event alone.
 */

#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "store/derived_int.h"
#include "store/mark.h"
#include "store/store_int.h"

err_t
decisions_put(struct id *out, struct txn *t, const void *p, size_t len)
{
	struct decision_list check;
	err_t err = decision_list_decode(&check, p, len);

	if (err)
		BUG("a list of decisions that cannot be read back");
	return object_put(out, t, KIND_DECISIONS, p, len);
}

err_t
decisions_read(struct decision_list *out, struct buf *b, struct store *s,
    const struct id *list)
{
	err_t err;

	buf_clear(b);
	err = object_need(b, s, KIND_DECISIONS, list);
	return err ? err : decision_list_decode(out, b->p, b->len);
}

/* ---- the index --------------------------------------------------------- */

static err_t
find_list(bool *found, int64_t *n, struct db *db, const struct id *object)
{
	return db_row(found, db, "SELECT n FROM decisions WHERE object = ?",
	    "d", "i", object, n);
}

/* A key may have several rows in a list. */
static err_t
insert_keys(struct db *db, int64_t n, struct decision_list *list)
{
	uint8_t last[ROW_KEY];
	struct row_decision d;
	bool any = false;
	err_t err = NULL;

	while (!err && decision_list_next(&d, list)) {
		if (any && memcmp(last, d.key, ROW_KEY) == 0)
			continue;
		err = db_run(db, "INSERT INTO decision VALUES (?, ?)", "bi",
		    d.key, (size_t)ROW_KEY, n);
		memcpy(last, d.key, ROW_KEY);
		any = true;
	}
	return err;
}

err_t
decisions_insert(struct db *db, const struct id *object, const void *p,
    size_t len)
{
	struct decision_list list;
	int64_t n;
	bool found;
	err_t err;

	err = decision_list_decode(&list, p, len);
	if (!err)
		err = db_run(db, "INSERT INTO decisions (object, path) "
		    "VALUES (?, ?)", "db", object, list.path.p,
		    list.path.len);
	if (!err)
		err = find_list(&found, &n, db, object);
	return err ? err : insert_keys(db, n, &list);
}

err_t
decisions_delete(struct db *db, const struct id *object)
{
	int64_t n;
	bool found;
	err_t err;

	err = find_list(&found, &n, db, object);
	if (err || !found)
		return err;
	err = db_run(db, "DELETE FROM decision WHERE list = ?", "i", n);
	return err ? err : db_run(db, "DELETE FROM decisions WHERE n = ?",
	    "i", n);
}

err_t
decisions_have_subject(bool *out, struct db *db, const struct id *object)
{
	char name[ID_HEX + 16] = "decisions/";
	int64_t event;

	id_hex(name + strlen(name), object);
	return db_row(out, db, "SELECT event FROM subject WHERE name = ?",
	    "s", "i", name, &event);
}

err_t
decisions_mark(struct marking *m, uint32_t flag)
{
	struct query *q = NULL;
	struct id event, object;
	err_t err;

	err = db_query(&q, m->store->db, "SELECT e.id, d.object FROM "
	    "decisions d JOIN subject b ON b.name = 'decisions/' || "
	    "lower(hex(d.object)) JOIN event e ON e.n = b.event", "");
	while (!err && db_next(&err, q, "dd", &event, &object)) {
		const struct mark *mark = marks_get(&m->marks, KIND_EVENT,
		    &event);

		if (mark && (mark->flags & flag))
			marks_put(&m->marks, KIND_DECISIONS, &object)->flags |=
			    flag;
	}
	db_done(q);
	return err;
}

/* ---- by row ------------------------------------------------------------ */

struct found {
	struct id *items;
	size_t n, cap;
};

err_t
decisions_of_key(struct store *s, const char *path,
    const uint8_t hash[ROW_KEY], decision_visit_fn *fn, void *arg)
{
	struct found found = { NULL, 0, 0 };
	struct query *q = NULL;
	struct id object;
	err_t err;

	err = db_query(&q, s->db, "SELECT d.object FROM decision k JOIN "
	    "decisions d ON d.n = k.list WHERE k.key = ? AND d.path = ?",
	    "bp", hash, (size_t)ROW_KEY, path);
	while (!err && db_next(&err, q, "d", &object)) {
		VEC_ROOM(found.items, found.n, found.cap);
		found.items[found.n++] = object;
	}
	db_done(q);
	for (size_t i = 0; !err && i < found.n; i++)
		err = fn(arg, &found.items[i]);
	free(found.items);
	return err;
}
