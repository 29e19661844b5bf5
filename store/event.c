/*
 * Events, refs and the log of refs.  A ref has no way to change but by
 * event_insert, which both event_record and the rebuilding of the index use.
 */

#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/base/text.h"
#include "store/store_int.h"

/* ---- refs -------------------------------------------------------------- */

err_t
ref_get(struct ref *out, struct store *s, const char *name)
{
	bool found;
	err_t err;

	err = db_row(&found, s->db, "SELECT target, event FROM ref "
	    "WHERE name = ?", "s", "dd", name, &out->target, &out->event);
	if (!err && !found)
		err = err_new(ERR_NOT_FOUND, "no ref \"%s\"", name);
	out->name = name;
	return err;
}

/* Refs are visited after the query is done: the visitor may take its time
 * without keeping writers from committing. */
struct ref_list {
	struct ref *items;
	size_t n, cap;
};

static err_t
ref_collect(struct ref_list *out, struct db *db, const char *prefix)
{
	size_t len = strlen(prefix);
	struct query *q = NULL;
	struct ref ref;
	err_t err;

	err = db_query(&q, db, "SELECT name, target, event FROM ref "
	    "WHERE name >= ? ORDER BY name", "s", prefix);
	while (!err && db_next(&err, q, "sdd", &ref.name, &ref.target,
	    &ref.event)) {
		if (strncmp(ref.name, prefix, len) != 0)
			break;
		VEC_ROOM(out->items, out->n, out->cap);
		ref.name = mem_strdup(ref.name);
		out->items[out->n++] = ref;
	}
	db_done(q);
	return err;
}

err_t
ref_walk(struct store *s, const char *prefix, ref_visit_fn *fn, void *arg)
{
	struct ref_list list = { NULL, 0, 0 };
	err_t err;

	err = ref_collect(&list, s->db, prefix);
	for (size_t i = 0; !err && i < list.n; i++)
		err = fn(arg, &list.items[i]);
	for (size_t i = 0; i < list.n; i++)
		free((void *)(uintptr_t)list.items[i].name);
	free(list.items);
	return err;
}

/* ---- effects ----------------------------------------------------------- */

static err_t
check_from(struct db *db, const struct ref_set *set)
{
	struct id now;
	bool found;
	err_t err;

	err = db_row(&found, db, "SELECT target FROM ref WHERE name = ?", "s",
	    "d", set->name, &now);
	if (err)
		return err;
	if (!found && !id_is_zero(&set->from))
		return err_new(ERR_BUSY, "\"%s\" has moved: it was deleted "
		    "meanwhile", set->name);
	if (found && id_is_zero(&set->from))
		return err_new(ERR_EXISTS, "\"%s\" exists already", set->name);
	if (found && !id_eq(&now, &set->from))
		return err_new(ERR_BUSY, "\"%s\" has moved meanwhile; try "
		    "again", set->name);
	return NULL;
}

/* No other ref may have a name that folds to this one's. */
static err_t
check_fold(struct db *db, const char *name, const char *fold)
{
	struct query *q = NULL;
	const char *other;
	err_t err;

	err = db_query(&q, db, "SELECT name FROM ref WHERE fold = ?", "s",
	    fold);
	if (!err && db_next(&err, q, "s", &other) && strcmp(other, name) != 0)
		err = err_new(ERR_EXISTS, "\"%s\" differs from \"%s\" only in "
		    "case or form", name, other);
	db_done(q);
	return err;
}

static err_t
ref_put(struct db *db, const struct ref_set *set, const struct id *event,
    bool check)
{
	struct buf fold = BUF_INIT;
	err_t err = NULL;

	text_fold(&fold, set->name, strlen(set->name));
	if (check)
		err = check_fold(db, set->name, buf_cstr(&fold));
	if (!err)
		err = db_run(db, "INSERT OR REPLACE INTO ref "
		    "VALUES (?, ?, ?, ?)", "ssdd", set->name, buf_cstr(&fold),
		    &set->to, event);
	buf_release(&fold);
	return err;
}

static err_t
ref_apply(struct db *db, const struct ref_set *set, const struct id *event,
    int64_t number, bool check)
{
	err_t err = NULL;

	if (check)
		err = check_from(db, set);
	if (!err)
		err = id_is_zero(&set->to) ?
		    db_run(db, "DELETE FROM ref WHERE name = ?", "s",
		    set->name) : ref_put(db, set, event, check);
	if (err)
		return err;
	return db_run(db, "INSERT INTO reflog VALUES (?, ?)", "si", set->name,
	    number);
}

/* The event's number under each of its subjects. */
static err_t
insert_subjects(struct db *db, const struct event *ev, int64_t number)
{
	struct buf name = BUF_INIT;
	err_t err = NULL;

	for (size_t i = 0; !err && i < ev->n_fields; i++) {
		buf_clear(&name);
		if (event_subject(&name, &ev->fields[i]))
			err = db_run(db, "INSERT INTO subject VALUES (?, ?)",
			    "si", name.p, number);
	}
	buf_release(&name);
	return err;
}

err_t
event_insert(struct store *s, const struct id *id, const struct event *ev,
    bool check)
{
	struct db *db = s->db;
	bool own = memcmp(ev->writer, s->writer, WRITER_SIZE) == 0;
	int64_t number = 0;
	bool found;
	err_t err;

	err = db_run(db, "INSERT INTO event (id, writer, seq) "
	    "VALUES (?, ?, ?)", "dbi", id, ev->writer,
	    own ? (size_t)0 : (size_t)WRITER_SIZE, (int64_t)ev->seq);
	if (!err)
		err = db_row(&found, db, "SELECT max(n) FROM event", "", "i",
		    &number);
	/* First what goes, then what comes: a rename may keep the fold. */
	for (size_t i = 0; !err && i < ev->n_refs; i++)
		if (id_is_zero(&ev->refs[i].to))
			err = ref_apply(db, &ev->refs[i], id, number,
			    check);
	for (size_t i = 0; !err && i < ev->n_refs; i++)
		if (!id_is_zero(&ev->refs[i].to))
			err = ref_apply(db, &ev->refs[i], id, number,
			    check);
	return err ? err : insert_subjects(db, ev, number);
}

err_t
event_place(struct event *ev, struct txn *t)
{
	struct store *s = t->store;
	int64_t seq = 0;
	bool found;
	err_t err;

	if (!t->locked)
		BUG("an event gets its place without the lock");
	memcpy(ev->writer, s->writer, WRITER_SIZE);
	err = db_row(&found, s->db, "SELECT seq, id FROM event "
	    "WHERE writer = x'' ORDER BY n DESC LIMIT 1", "", "id", &seq,
	    &ev->prev);
	ev->seq = (uint64_t)seq + 1;
	return err;
}

err_t
event_record(struct id *out, struct txn *t, struct event *ev)
{
	struct store *s = t->store;
	struct buf b = BUF_INIT;
	err_t err;

	err = event_place(ev, t);
	if (!err)
		err = event_encode(&b, ev);
	if (!err)
		err = object_put(out, t, KIND_EVENT, b.p, b.len);
	if (!err)
		err = event_insert(s, out, ev, true);
	for (size_t i = 0; !err && i < ev->n_refs; i++) {
		const struct ref_set *set = &ev->refs[i];

		if (!id_is_zero(&set->from))
			pack_count(t->pack, KIND_COMMIT, &set->from, -1);
		if (!id_is_zero(&set->to))
			pack_count(t->pack, KIND_COMMIT, &set->to, 1);
	}
	buf_release(&b);
	return err;
}

/* ---- looking back ------------------------------------------------------ */

static err_t
visit_event(struct store *s, const struct id *id, int64_t number,
    event_visit_fn *fn, void *arg)
{
	struct event_info info = { *id, (uint64_t)number };
	struct event ev = EVENT_INIT;
	struct buf b = BUF_INIT;
	err_t err;

	err = object_read(&b, s, KIND_EVENT, id);
	if (!err)
		err = event_decode(&ev, b.p, b.len);
	if (!err)
		err = fn(arg, &info, &ev);
	event_release(&ev);
	buf_release(&b);
	return err;
}

#define BATCH 256

struct event_row {
	int64_t number;
	struct id id;
};

/* The next rows from number on, in the wanted direction. */
static err_t
event_batch(struct event_row *out, size_t *n, struct store *s, int64_t from,
    bool backwards)
{
	struct query *q = NULL;
	err_t err;

	*n = 0;
	if (backwards)
		err = db_query(&q, s->db, "SELECT n, id FROM event "
		    "WHERE n <= ? ORDER BY n DESC LIMIT 256", "i", from);
	else
		err = db_query(&q, s->db, "SELECT n, id FROM event "
		    "WHERE n >= ? ORDER BY n LIMIT 256", "i", from);
	while (!err && *n < BATCH &&
	    db_next(&err, q, "id", &out[*n].number, &out[*n].id))
		(*n)++;
	db_done(q);
	return err;
}

err_t
event_walk(struct store *s, uint64_t first, bool backwards,
    event_visit_fn *fn, void *arg)
{
	struct event_row *rows = mem_array(BATCH, sizeof(*rows));
	int64_t from = backwards && !first ? INT64_MAX : (int64_t)first;
	size_t n = BATCH;
	err_t err = NULL;

	while (!err && n == BATCH) {
		err = event_batch(rows, &n, s, from, backwards);
		for (size_t i = 0; !err && i < n; i++)
			err = visit_event(s, &rows[i].id, rows[i].number, fn,
			    arg);
		if (n)
			from = rows[n - 1].number + (backwards ? -1 : 1);
	}
	free(rows);
	return err;
}

/* ---- by subject -------------------------------------------------------- */

struct event_list {
	struct event_row *items;
	size_t n, cap;
};

/* What follows the names that begin with prefix, in byte order. */
static char *
after_prefix(const char *prefix)
{
	char *end = mem_strdup(prefix);

	end[strlen(end) - 1]++;
	return end;
}

uint64_t
store_horizon(struct store *s, uint64_t number)
{
	uint64_t before = s->horizon;

	s->horizon = number;
	return before;
}

static int64_t
horizon(const struct store *s)
{
	return s->horizon ? (int64_t)s->horizon : INT64_MAX;
}

err_t
event_about(struct store *s, const char *subject, event_visit_fn *fn,
    void *arg)
{
	bool all = subject[strlen(subject) - 1] == '/';
	char *end = all ? after_prefix(subject) : mem_strdup(subject);
	struct event_list list = { NULL, 0, 0 };
	struct query *q = NULL;
	struct event_row row;
	err_t err;

	err = all ? db_query(&q, s->db, "SELECT DISTINCT e.n, e.id FROM "
	    "subject b JOIN event e ON e.n = b.event WHERE b.name >= ? AND "
	    "b.name < ? AND b.event < ? ORDER BY e.n", "ssi", subject, end,
	    horizon(s)) :
	    db_query(&q, s->db, "SELECT e.n, e.id FROM subject b JOIN event e "
	    "ON e.n = b.event WHERE b.name = ? AND b.event < ? "
	    "ORDER BY b.event", "si", subject, horizon(s));
	while (!err && db_next(&err, q, "id", &row.number, &row.id)) {
		VEC_ROOM(list.items, list.n, list.cap);
		list.items[list.n++] = row;
	}
	db_done(q);
	for (size_t i = 0; !err && i < list.n; i++)
		err = visit_event(s, &list.items[i].id, list.items[i].number,
		    fn, arg);
	free(list.items);
	free(end);
	return err;
}

err_t
subject_walk(struct store *s, const char *prefix, subject_visit_fn *fn,
    void *arg)
{
	char *end = after_prefix(prefix);
	struct query *q = NULL;
	char **names = NULL;
	size_t n = 0, cap = 0;
	const char *name;
	err_t err;

	err = db_query(&q, s->db, "SELECT name FROM subject WHERE name >= ? "
	    "AND name < ? AND event < ? GROUP BY name ORDER BY min(event)",
	    "ssi", prefix, end, horizon(s));
	while (!err && db_next(&err, q, "s", &name)) {
		VEC_ROOM(names, n, cap);
		names[n++] = mem_strdup(name + strlen(prefix));
	}
	db_done(q);
	for (size_t i = 0; i < n; i++) {
		if (!err)
			err = fn(arg, names[i]);
		free(names[i]);
	}
	free(names);
	free(end);
	return err;
}

/* ---- the log of refs --------------------------------------------------- */

struct change_visit {
	const char *ref;
	reflog_visit_fn *fn;
	void *arg;
};

static err_t
visit_change(void *arg, const struct event_info *info, const struct event *ev)
{
	const struct change_visit *v = arg;
	struct ref_change change = { .ref = v->ref, .event = info->id,
	    .time = ev->time, .act = ev->act };

	for (size_t i = 0; i < ev->n_refs; i++) {
		if (strcmp(ev->refs[i].name, v->ref) != 0)
			continue;
		change.from = ev->refs[i].from;
		change.to = ev->refs[i].to;
		return v->fn(v->arg, &change);
	}
	return err_new(ERR_CORRUPT, "the log of \"%s\" names an event that "
	    "does not change it; rebuild the index with \"dsv fsck "
	    "--repair\"", v->ref);
}

err_t
reflog_walk(struct store *s, const char *ref, reflog_visit_fn *fn, void *arg)
{
	struct change_visit visit = { ref, fn, arg };
	struct event_list list = { NULL, 0, 0 };
	struct query *q = NULL;
	struct event_row row;
	err_t err;

	err = db_query(&q, s->db, "SELECT l.event, e.id FROM reflog l "
	    "JOIN event e ON e.n = l.event WHERE l.name = ? "
	    "ORDER BY l.event DESC", "s", ref);
	while (!err && db_next(&err, q, "id", &row.number, &row.id)) {
		VEC_ROOM(list.items, list.n, list.cap);
		list.items[list.n++] = row;
	}
	db_done(q);
	for (size_t i = 0; !err && i < list.n; i++)
		err = visit_event(s, &list.items[i].id, list.items[i].number,
		    visit_change, &visit);
	free(list.items);
	return err;
}

/* A reflog_visit_fn that keeps the value. */
static err_t
keep_to(void *arg, const struct ref_change *change)
{
	struct id *to = arg;

	*to = change->to;
	return NULL;
}

err_t
ref_then(struct id *out, struct store *s, const char *name)
{
	struct id id, to = { { 0 } };
	struct change_visit visit = { name, keep_to, &to };
	int64_t number;
	bool found;
	err_t err;

	err = db_row(&found, s->db, "SELECT l.event, e.id FROM reflog l "
	    "JOIN event e ON e.n = l.event WHERE l.name = ? AND l.event < ? "
	    "ORDER BY l.event DESC LIMIT 1", "si", "id", name, horizon(s),
	    &number, &id);
	if (!err && found)
		err = visit_event(s, &id, number, visit_change, &visit);
	if (!err)
		*out = to;
	return err;
}
