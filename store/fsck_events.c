/*
 * Third pass: the chain of events is whole, and replaying it gives the refs
 * and the log of refs that the index has.
 */

#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "store/fsck_int.h"

/* A ref as the replay has it. */
struct replayed {
	char *name;
	struct id target;	/* zero: not there */
	struct id event;
};

struct replay {
	struct fsck *f;
	struct replayed *refs;
	size_t n, cap;
	struct id prev;		/* of the writer being replayed */
	uint64_t seq;
	uint64_t logged;	/* rows that the log of refs should have */
	uint64_t subjects;	/* rows of subjects */
	bool unread;		/* an event could not be read */
	int64_t number;		/* of the event being replayed */
};

static err_t
check_logged(struct replay *r, const struct id *event, const char *name)
{
	int64_t rows;
	bool found;
	err_t err;

	r->logged++;
	err = db_row(&found, r->f->store->db, "SELECT count(*) FROM reflog "
	    "WHERE name = ? AND event = ?", "si", "i", name, r->number, &rows);
	if (!err && !rows)
		err = fsck_say_id(r->f, "event", event, "the log of \"%s\" "
		    "in the index does not have it", name);
	return err;
}

/* A list that an event names.  One that is damaged is said in its place. */
static err_t
check_list(struct replay *r, const struct id *event,
    const struct fsck_line *line)
{
	struct id list;
	int64_t n;
	bool found = false;
	err_t err = NULL;

	if (!fsck_line_id(&list, line->value, line->len))
		return fsck_say_id(r->f, "event", event, "it names a list of "
		    "decisions by something that is no id");
	err = db_row(&found, r->f->store->db, "SELECT n FROM decisions "
	    "WHERE object = ?", "d", "i", &list, &n);
	if (!err && !found)
		err = fsck_say_id(r->f, "event", event, "its decisions are "
		    "missing, %.*s", (int)line->len, line->value);
	return err;
}

/* "key value" of an event that is about key/value, which must be there. */
static err_t
replay_subject(struct replay *r, const struct id *event,
    const struct fsck_line *line)
{
	struct buf name = BUF_INIT;
	struct db *db = r->f->store->db;
	struct id commit, tree;
	int64_t rows;
	bool found = false;
	err_t err;

	r->subjects++;
	buf_printf(&name, "%.*s/%.*s", (int)line->key_len, line->key,
	    (int)line->len, line->value);
	err = db_row(&found, db, "SELECT count(*) FROM subject WHERE name = ? "
	    "AND event = ?", "si", "i", name.p, r->number, &rows);
	if (!err && !rows)
		err = fsck_say_id(r->f, "event", event, "the index does not "
		    "have it under \"%s\"", name.p);
	if (!err && fsck_line_is(line, "decisions"))
		err = check_list(r, event, line);
	if (!err && fsck_line_is(line, "commit")) {
		if (!fsck_line_id(&commit, line->value, line->len))
			err = fsck_say_id(r->f, "event", event, "it is about "
			    "something that is no version");
		else
			err = db_row(&found, db, "SELECT tree FROM version "
			    "WHERE id = ?", "d", "d", &commit, &tree);
		if (!err && !found)
			err = fsck_say_id(r->f, "event", event, "it is about "
			    "a version that is missing, %.*s", (int)line->len,
			    line->value);
	}
	buf_release(&name);
	return err;
}

static bool
is_subject(const struct fsck_line *line)
{
	static const char *const subjects[] = { "access", "commit",
	    "decisions", "path", "policy" };

	for (size_t i = 0; i < ARRAY_LEN(subjects); i++)
		if (fsck_line_is(line, subjects[i]))
			return true;
	return false;
}

static struct replayed *
replay_ref(struct replay *r, const char *name, size_t len)
{
	for (size_t i = 0; i < r->n; i++)
		if (strlen(r->refs[i].name) == len &&
		    memcmp(r->refs[i].name, name, len) == 0)
			return &r->refs[i];
	VEC_ROOM(r->refs, r->n, r->cap);
	memset(&r->refs[r->n], 0, sizeof(r->refs[r->n]));
	r->refs[r->n].name = mem_strndup(name, len);
	return &r->refs[r->n++];
}

/* "name old new" */
static err_t
replay_line(struct replay *r, const struct id *event,
    const struct fsck_line *line)
{
	const char *end = line->value + line->len;
	const char *a = memchr(line->value, ' ', line->len);
	const char *b = a ? memchr(a + 1, ' ', (size_t)(end - a) - 1) : NULL;
	struct id from = { { 0 } }, to = { { 0 } };
	struct replayed *ref;

	if (!b || (!(b - a == 2 && a[1] == '-') &&
	    !fsck_line_id(&from, a + 1, (size_t)(b - a) - 1)) ||
	    (!(end - b == 2 && b[1] == '-') &&
	    !fsck_line_id(&to, b + 1, (size_t)(end - b) - 1)))
		return fsck_say_id(r->f, "event", event, "it has a damaged "
		    "change of a ref");
	ref = replay_ref(r, line->value, (size_t)(a - line->value));
	if (!id_eq(&ref->target, &from))
		return fsck_say_id(r->f, "event", event, "it changes \"%s\" "
		    "from a value that it did not have", ref->name);
	ref->target = to;
	ref->event = *event;
	return check_logged(r, event, ref->name);
}

static err_t
replay_event(struct replay *r, const struct id *id, struct part *p,
    int64_t seq_in_index)
{
	struct fsck_line line;
	struct id prev = { { 0 } };
	uint64_t seq = 0;
	err_t err = NULL;

	while (!err && fsck_line(&line, p)) {
		if (fsck_line_is(&line, "seq"))
			for (size_t i = 0; i < line.len; i++)
				seq = seq * 10 + (uint64_t)(line.value[i] -
				    '0');
		else if (fsck_line_is(&line, "prev"))
			p->bad |= !fsck_line_id(&prev, line.value, line.len);
		else if (fsck_line_is(&line, "ref"))
			err = replay_line(r, id, &line);
		else if (is_subject(&line))
			err = replay_subject(r, id, &line);
	}
	if (!err && p->bad)
		err = fsck_say_id(r->f, "event", id, "it is damaged");
	if (!err && (seq != r->seq + 1 || !id_eq(&prev, &r->prev) ||
	    (uint64_t)seq_in_index != seq))
		err = fsck_say_id(r->f, "event", id, "the chain of events is "
		    "broken before it");
	r->seq = seq;
	r->prev = *id;
	return err;
}

/* ---- comparing with the index ------------------------------------------ */

static err_t
compare_refs(struct replay *r)
{
	struct query *q = NULL;
	struct id target, event;
	const char *name;
	err_t err;

	err = db_query(&q, r->f->store->db, "SELECT name, target, event "
	    "FROM ref", "");
	while (!err && db_next(&err, q, "sdd", &name, &target, &event)) {
		struct replayed *ref = replay_ref(r, name, strlen(name));

		if (!id_eq(&ref->target, &target) ||
		    !id_eq(&ref->event, &event))
			err = fsck_say(r->f, "ref", name, "the events give "
			    "it another value");
		memset(&ref->target, 0, sizeof(ref->target));
	}
	db_done(q);
	for (size_t i = 0; !err && i < r->n; i++)
		if (!id_is_zero(&r->refs[i].target))
			err = fsck_say(r->f, "ref", r->refs[i].name, "the "
			    "events make it, but the index does not have it");
	return err;
}

/* Every event that can be read was found in its place; nothing else may be
 * there. */
static err_t
compare_log(struct replay *r)
{
	struct db *db = r->f->store->db;
	int64_t logged = 0, subjects = 0;
	bool found;
	err_t err;

	if (r->unread)
		return NULL;
	err = db_row(&found, db, "SELECT count(*) FROM reflog", "", "i",
	    &logged);
	if (!err && (uint64_t)logged > r->logged)
		err = fsck_say(r->f, "index", "log of refs", "it has changes "
		    "that no event made");
	if (!err)
		err = db_row(&found, db, "SELECT count(*) FROM subject", "",
		    "i", &subjects);
	if (!err && (uint64_t)subjects > r->subjects)
		err = fsck_say(r->f, "index", "subjects", "it has acts that "
		    "no event is");
	return err;
}

/* Refs point to commits that are there. */
static err_t
compare_targets(struct replay *r)
{
	struct query *q = NULL;
	const char *name;
	struct id target;
	err_t err;

	err = db_query(&q, r->f->store->db, "SELECT name, target FROM ref "
	    "WHERE target NOT IN (SELECT id FROM version)", "");
	while (!err && db_next(&err, q, "sd", &name, &target))
		err = fsck_say(r->f, "ref", name, "it points to a version "
		    "that is missing");
	db_done(q);
	return err;
}

/* ---- the pass ---------------------------------------------------------- */

struct event_row {
	struct id id;
	int64_t number, seq;
	uint8_t writer[WRITER_SIZE];
};

static err_t
collect(struct event_row **out, size_t *n, struct store *s)
{
	struct query *q = NULL;
	struct event_row row;
	size_t cap = 0, len;
	const void *writer;
	err_t err;

	*out = NULL;
	*n = 0;
	err = db_query(&q, s->db, "SELECT n, id, seq, writer FROM event "
	    "ORDER BY n", "");
	while (!err && db_next(&err, q, "idib", &row.number, &row.id,
	    &row.seq, &writer, &len)) {
		memcpy(row.writer, len == WRITER_SIZE ? writer : s->writer,
		    WRITER_SIZE);
		VEC_ROOM(*out, *n, cap);
		(*out)[(*n)++] = row;
	}
	db_done(q);
	return err;
}

/* Every event that is stored must be in the index: none may be left out. */
static err_t
check_left_out(struct fsck *f, const struct event_row *rows, size_t n)
{
	struct idset known = IDSET_INIT;
	struct query *q = NULL;
	struct id id;
	err_t err;

	for (size_t i = 0; i < n; i++)
		idset_add(&known, &rows[i].id);
	err = db_query(&q, f->store->db, "SELECT id FROM object "
	    "WHERE kind = 6", "");
	while (!err && db_next(&err, q, "d", &id))
		if (!idset_has(&known, &id))
			err = fsck_say_id(f, "event", &id, "the index leaves "
			    "it out");
	db_done(q);
	idset_release(&known);
	return err;
}

err_t
fsck_events(struct fsck *f)
{
	struct replay r = { .f = f };
	struct event_row *rows = NULL;
	size_t n = 0;
	err_t err;

	err = collect(&rows, &n, f->store);
	for (size_t i = 0; !err && i < n; i++) {
		struct buf b = BUF_INIT;
		struct part p;
		const char *why;

		f->totals->events++;
		r.number = rows[i].number;
		if (i && memcmp(rows[i].writer, rows[i - 1].writer,
		    WRITER_SIZE) != 0) {
			memset(&r.prev, 0, sizeof(r.prev));
			r.seq = 0;
		}
		if (fsck_object(&b, &why, f, KIND_EVENT, &rows[i].id)) {
			p = part_of(&b);
			err = replay_event(&r, &rows[i].id, &p, rows[i].seq);
		} else {
			r.unread = true;
			err = fsck_say_id(f, "event", &rows[i].id, "%s", why);
		}
		buf_release(&b);
	}
	if (!err && n == 0)
		err = fsck_say(f, "index", "event", "there is no first "
		    "event");
	if (!err)
		err = check_left_out(f, rows, n);
	if (!err)
		err = compare_refs(&r);
	if (!err)
		err = compare_log(&r);
	if (!err)
		err = compare_targets(&r);
	for (size_t i = 0; i < r.n; i++)
		free(r.refs[i].name);
	free(r.refs);
	free(rows);
	return err;
}
