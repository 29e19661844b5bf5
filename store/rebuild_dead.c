/*
 * What a gc dropped comes back when the index is built anew, as far as its
 * bytes share a segment with something that was kept; what was below it need
 * not.  Such an object must not be in the index: whoever puts it again would
 * take it for stored, with all that belongs to it.
 */

#include <stdlib.h>

#include "lib/base/cancel.h"
#include "lib/base/mem.h"
#include "store/children.h"
#include "store/mark.h"

struct dead {
	struct store *store;
	struct marks partial;		/* something below them is missing */
	bool is_partial;		/* the object being looked at */
};

static err_t
look_at_child(void *arg, enum kind kind, const struct id *id)
{
	struct dead *d = arg;
	struct id object = *id;
	struct place place;
	bool found = false;
	err_t err = NULL;

	if (d->is_partial)
		return NULL;
	if (!kind) {
		err = db_row(&found, d->store->db, "SELECT recipe FROM file "
		    "WHERE id = ?", "d", "d", id, &object);
		kind = found ? KIND_RECIPE : KIND_CHUNK;
		if (!found)
			object = *id;
	}
	if (!err)
		err = place_find(&found, &place, d->store, kind, &object);
	d->is_partial = !found || marks_get(&d->partial, kind, &object);
	return err;
}

static err_t
look_at_object(bool *found, struct dead *d, enum kind kind,
    const struct id *id)
{
	struct buf b = BUF_INIT;
	err_t err;

	d->is_partial = false;
	if (marks_get(&d->partial, kind, id))
		return NULL;
	err = cancel_check();
	if (!err)
		err = object_read(&b, d->store, kind, id);
	if (!err)
		err = children_walk(kind, b.p, b.len, look_at_child, d);
	buf_release(&b);
	if (segment_is_lost(err)) {
		d->is_partial = true;
		err = NULL;
	}
	if (!err && d->is_partial) {
		marks_put(&d->partial, kind, id);
		*found = true;
	}
	return err;
}

static err_t
look_at_kind(bool *found, struct dead *d, enum kind kind)
{
	struct query *q = NULL;
	struct id id;
	err_t err;

	*found = false;
	err = db_query(&q, d->store->db, kind == KIND_COMMIT ?
	    "SELECT id FROM version WHERE ? ORDER BY version" :
	    "SELECT id FROM object WHERE kind = ?", "i", (int64_t)kind);
	while (!err && db_next(&err, q, "d", &id))
		err = look_at_object(found, d, kind, &id);
	db_done(q);
	return err;
}

/* From below: nodes and trees may be below others of their kind. */
static err_t
find_partial(struct dead *d)
{
	static const enum kind kinds[] = {
		KIND_NODE, KIND_RECIPE, KIND_TREE, KIND_COMMIT,
	};
	bool found = true;
	err_t err = NULL;

	for (size_t i = 0; !err && i < ARRAY_LEN(kinds); i++) {
		do
			err = look_at_kind(&found, d, kinds[i]);
		while (!err && found && kinds[i] != KIND_COMMIT);
	}
	return err;
}

struct row {
	struct id id;
	enum kind kind;
};

static err_t
delete_row(struct db *db, const struct row *row)
{
	err_t err;

	err = db_run(db, "DELETE FROM object WHERE id = ? AND kind = ?", "di",
	    &row->id, (int64_t)row->kind);
	if (!err && row->kind == KIND_RECIPE)
		err = db_run(db, "DELETE FROM file WHERE recipe = ?", "d",
		    &row->id);
	if (!err && row->kind == KIND_COMMIT)
		err = db_run(db, "DELETE FROM version WHERE id = ?", "d",
		    &row->id);
	return err;
}

static err_t
delete_partial(struct dead *d, const struct marking *live)
{
	struct row row, *rows = NULL;
	size_t n = 0, cap = 0;
	struct query *q = NULL;
	int64_t kind;
	err_t err;

	err = db_query(&q, d->store->db, "SELECT id, kind FROM object "
	    "WHERE kind > 1 AND kind < 6", "");
	while (!err && db_next(&err, q, "di", &row.id, &kind)) {
		row.kind = (enum kind)kind;
		if (!marks_get(&d->partial, row.kind, &row.id) ||
		    mark_is_live(live, row.kind, &row.id))
			continue;
		VEC_ROOM(rows, n, cap);
		rows[n++] = row;
	}
	db_done(q);
	for (size_t i = 0; !err && i < n; i++)
		err = delete_row(d->store->db, &rows[i]);
	free(rows);
	return err;
}

err_t
rebuild_forget_dead(struct store *s)
{
	struct dead d = { .store = s, .partial = MARKS_INIT };
	struct marking live = MARKING_INIT;
	err_t err;

	live.store = s;
	live.lenient = true;
	err = find_partial(&d);
	if (!err && d.partial.n)
		err = mark_live(&live);
	if (!err && d.partial.n)
		err = delete_partial(&d, &live);
	marking_release(&live);
	marks_release(&d.partial);
	return err;
}
