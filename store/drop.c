/*
 * What is dropped goes from above: an object's row never outlives that of
 * something below it, for whoever puts the object again would take it for
 * stored with all that belongs to it.  In one transaction any order will do.
 * In steps, an object goes when nothing refers to it any more (its count says
 * so) and no other one that is still to go is a delta against it, since that
 * must be read to find what is below it.
 */

#include "store/drop.h"

#include <errno.h>
#include <stdlib.h>

#include "lib/base/cancel.h"
#include "lib/base/mem.h"
#include "store/count.h"
#include "store/derived.h"

#define FIRST_STEP 8		/* objects; twice as many each time */
#define LAST_STEP 65536

struct doomed {
	struct id id;
	enum kind kind;
};

struct doomed_list {
	struct doomed *v;
	size_t n, cap;
};

struct drop {
	struct store *store;
	const struct marking *marking;
	struct marks bases;		/* count: deltas against it to go;
					 * empty if all go at once */
	size_t step;			/* at most so many at once */
	size_t gone;			/* in this step */
	struct doomed_list freed;	/* in this step: bases, one for each
					 * delta that is gone */
};

bool
drop_no_room(err_t err)
{
	return err && (err->sys_errno == ENOSPC || err->sys_errno == EDQUOT);
}

static err_t
count_below(struct drop *d, struct counts *counts, const struct doomed *o)
{
	struct db *db = d->store->db;
	struct buf b = BUF_INIT;
	err_t err = NULL;

	if (o->kind != KIND_CHUNK)
		err = object_read(&b, d->store, o->kind, &o->id);
	if (!err)
		err = counts_children(counts, db, o->kind, b.p, b.len, -1);
	if (!err)
		err = derived_delete(db, o->kind, &o->id, b.p, b.len);
	buf_release(&b);
	return err;
}

static err_t
delete_row(struct db *db, const struct doomed *o)
{
	err_t err = NULL;

	if (o->kind == KIND_COMMIT)
		err = db_run(db, "DELETE FROM version WHERE id = ?", "d",
		    &o->id);
	if (o->kind == KIND_RECIPE)
		err = db_run(db, "DELETE FROM file WHERE recipe = ?", "d",
		    &o->id);
	if (err)
		return err;
	return db_run(db, "DELETE FROM object WHERE id = ? AND kind = ?",
	    "di", &o->id, (int64_t)o->kind);
}

/* What is below is counted while all rows are still there. */
static err_t
delete_rows(struct drop *d, const struct doomed_list *list)
{
	struct counts counts = COUNTS_INIT;
	err_t err = NULL;

	for (size_t i = 0; !err && i < list->n; i++)
		err = count_below(d, &counts, &list->v[i]);
	for (size_t i = 0; !err && i < list->n; i++)
		err = delete_row(d->store->db, &list->v[i]);
	if (!err)
		err = counts_apply(&counts, d->store->db);
	counts_release(&counts);
	return err;
}

static bool
may_go(const struct drop *d, enum kind kind, const struct id *id)
{
	const struct mark *base = marks_get(&d->bases, kind, id);

	return !mark_is_live(d->marking, kind, id) &&
	    !(base && base->count);
}

/* Those that may go, at most so many of them: of all, or of those that
 * nothing refers to. */
static err_t
collect(struct doomed_list *out, struct drop *d, bool all, size_t most)
{
	struct query *q = NULL;
	struct doomed o;
	int64_t kind;
	err_t err;

	err = db_query(&q, d->store->db, "SELECT id, kind FROM object "
	    "WHERE refs = 0 OR ?", "i", (int64_t)all);
	while (!err && out->n < most && db_next(&err, q, "di", &o.id, &kind)) {
		o.kind = (enum kind)kind;
		if (!may_go(d, o.kind, &o.id))
			continue;
		VEC_ROOM(out->v, out->n, out->cap);
		out->v[out->n++] = o;
	}
	db_done(q);
	return err;
}

err_t
drop_all(struct store *s, const struct marking *m)
{
	struct drop d = { .store = s, .marking = m, .bases = MARKS_INIT };
	struct doomed_list list = { NULL, 0, 0 };
	err_t err;

	err = collect(&list, &d, true, SIZE_MAX);
	if (!err)
		err = delete_rows(&d, &list);
	free(list.v);
	return err;
}

/* ---- in steps ---------------------------------------------------------- */

/* The base of the delta that the object is, if it is one. */
static err_t
find_base(bool *delta, struct id *base, struct store *s,
    const struct doomed *o)
{
	struct place place;
	bool found;
	int fd;
	err_t err;

	*delta = false;
	err = place_find(&found, &place, s, o->kind, &o->id);
	if (err || !found)
		return err;
	err = segment_open(&fd, s, place.segment);
	return err ? err : frame_peek(delta, base, fd,
	    (uint64_t)place.frame);
}

static err_t
list_bases(struct doomed_list *out, struct drop *d,
    const struct doomed_list *list)
{
	struct doomed base;
	bool delta;
	err_t err = NULL;

	for (size_t i = 0; !err && i < list->n; i++) {
		base.kind = list->v[i].kind;
		err = find_base(&delta, &base.id, d->store, &list->v[i]);
		if (err || !delta)
			continue;
		VEC_ROOM(out->v, out->n, out->cap);
		out->v[out->n++] = base;
	}
	return err;
}

static void
count_bases(struct drop *d, const struct doomed_list *bases, uint32_t change)
{
	for (size_t i = 0; i < bases->n; i++)
		marks_put(&d->bases, bases->v[i].kind,
		    &bases->v[i].id)->count += change;
}

/* In a transaction: rounds, since what goes in one frees what goes in the
 * next. */
static err_t
drop_some(void *arg)
{
	struct drop *d = arg;
	bool any = true;
	err_t err = NULL;

	d->gone = 0;
	while (!err && any && d->gone < d->step) {
		struct doomed_list list = { NULL, 0, 0 };

		err = collect(&list, d, false, d->step - d->gone);
		if (!err)
			err = list_bases(&d->freed, d, &list);
		if (!err)
			err = delete_rows(d, &list);
		d->gone += list.n;
		any = list.n > 0;
		free(list.v);
	}
	return err;
}

err_t
drop_in_steps(struct txn *t, const struct marking *m,
    err_t (*after)(void *arg), void *arg)
{
	struct drop d = { .store = txn_store(t), .marking = m,
	    .bases = MARKS_INIT, .step = FIRST_STEP, .gone = 1 };
	struct doomed_list list = { NULL, 0, 0 }, bases = { NULL, 0, 0 };
	err_t err;

	err = collect(&list, &d, true, SIZE_MAX);
	if (!err)
		err = list_bases(&bases, &d, &list);
	count_bases(&d, &bases, 1);
	while (!err && d.gone) {
		err = cancel_check();
		d.freed.n = 0;
		if (!err)
			err = txn_step(t, drop_some, &d);
		if (drop_no_room(err) && d.step > 1) {
			d.step /= 2;
			err = NULL;
			continue;
		}
		count_bases(&d, &d.freed, (uint32_t)-1);
		if (!err && d.gone)
			err = after(arg);
		if (d.step < LAST_STEP)
			d.step *= 2;
	}
	marks_release(&d.bases);
	free(d.freed.v);
	free(bases.v);
	free(list.v);
	return err;
}
