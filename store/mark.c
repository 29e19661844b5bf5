#include "store/mark.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/cancel.h"
#include "lib/base/mem.h"
#include "store/children.h"

void
marking_release(struct marking *m)
{
	marks_release(&m->marks);
	free(m->stack);
	m->stack = NULL;
}

bool
mark_is_live(const struct marking *m, enum kind kind, const struct id *id)
{
	const struct mark *mark = marks_get(&m->marks, kind, id);

	return mark && (mark->flags & MARK_LIVE);
}

/* ---- going down -------------------------------------------------------- */

static void
push(struct marking *m, enum kind kind, const struct id *id)
{
	VEC_ROOM(m->stack, m->n, m->cap);
	m->stack[m->n].kind = kind;
	m->stack[m->n++].id = *id;
}

static err_t
content_kind(enum kind *kind, struct id *out, struct store *s,
    const struct id *content)
{
	bool found;
	err_t err;

	err = db_row(&found, s->db, "SELECT recipe FROM file WHERE id = ?",
	    "d", "d", content, out);
	*kind = found ? KIND_RECIPE : KIND_CHUNK;
	if (!found)
		*out = *content;
	return err;
}

struct visit {
	struct marking *m;
	enum mark_flags flag;
	bool count;			/* the references */
	bool descend;
};

static err_t
visit_child(void *arg, enum kind kind, const struct id *id)
{
	struct visit *v = arg;
	struct id object = *id;
	struct mark *mark;
	err_t err = NULL;

	if (!kind)
		err = content_kind(&kind, &object, v->m->store, id);
	if (err)
		return err;
	mark = marks_put(&v->m->marks, kind, &object);
	if (v->count)
		mark->count++;
	if (!v->descend || (mark->flags & (uint32_t)v->flag))
		return NULL;
	mark->flags |= (uint32_t)v->flag;
	if (kind != KIND_CHUNK)
		push(v->m, kind, &object);
	return NULL;
}

static err_t
read_object(struct buf *out, struct store *s, enum kind kind,
    const struct id *id)
{
	err_t err;

	buf_clear(out);
	err = object_read(out, s, kind, id);
	if (err_is(err, ERR_NOT_FOUND))
		err = err_new(ERR_CORRUPT, "%s; \"dsv fsck\" says what that "
		    "costs", err->msg);
	return err;
}

err_t
mark_from(struct marking *m, enum mark_flags flag, enum kind kind,
    const struct id *id)
{
	struct visit v = { m, flag, flag == MARK_LIVE, true };
	struct mark *mark = marks_put(&m->marks, kind, id);
	struct buf b = BUF_INIT;
	err_t err = NULL;

	if (mark->flags & (uint32_t)flag)
		return NULL;
	mark->flags |= (uint32_t)flag;
	if (kind != KIND_CHUNK)
		push(m, kind, id);
	while (!err && m->n) {
		struct marking_item item = m->stack[--m->n];

		err = cancel_check();
		if (!err)
			err = read_object(&b, m->store, item.kind, &item.id);
		if (!err)
			err = children_walk(item.kind, b.p, b.len,
			    visit_child, &v);
	}
	buf_release(&b);
	return err;
}

/* ---- roots ------------------------------------------------------------- */

static err_t
mark_refs(struct marking *m)
{
	struct query *q = NULL;
	struct id id;
	err_t err;

	err = db_query(&q, m->store->db, "SELECT target FROM ref", "");
	while (!err && db_next(&err, q, "d", &id)) {
		marks_put(&m->marks, KIND_COMMIT, &id)->count++;
		err = mark_from(m, MARK_LIVE, KIND_COMMIT, &id);
	}
	db_done(q);
	return err;
}

struct past {
	struct marking *m;
	enum mark_flags flag;
};

/* One that an earlier gc took while the ref did not exist is gone. */
static err_t
mark_change(void *arg, const struct ref_change *change)
{
	const struct past *p = arg;
	struct commit_node node;
	err_t err;

	if (id_is_zero(&change->to))
		return NULL;
	err = commit_node(&node, p->m->store, &change->to);
	if (err)
		return err_is(err, ERR_NOT_FOUND) ? NULL : err;
	return mark_from(p->m, p->flag, KIND_COMMIT, &change->to);
}

err_t
mark_past(struct marking *m, enum mark_flags flag, const char *ref)
{
	struct past p = { m, flag };

	return reflog_walk(m->store, ref, mark_change, &p);
}

static err_t
mark_ref_past(void *arg, const struct ref *ref)
{
	return mark_past(arg, MARK_LIVE, ref->name);
}

static err_t
mark_head(struct marking *m)
{
	struct buf head = BUF_INIT;
	struct id id;
	err_t err;

	err = state_get(&head, m->store, "head");
	if (err_is(err, ERR_NOT_FOUND))
		err = NULL;
	else if (!err && id_parse(&id, head.p, head.len))
		err = mark_from(m, MARK_LIVE, KIND_COMMIT, &id);
	buf_release(&head);
	return err;
}

static err_t
mark_stage(struct marking *m)
{
	struct query *q = NULL;
	struct id id, object;
	enum kind kind;
	err_t err;

	err = db_query(&q, m->store->db, "SELECT id FROM stage", "");
	while (!err && db_next(&err, q, "d", &id)) {
		err = content_kind(&kind, &object, m->store, &id);
		if (!err)
			err = mark_from(m, MARK_LIVE, kind, &object);
	}
	db_done(q);
	return err;
}

static err_t
mark_events(struct marking *m)
{
	struct query *q = NULL;
	struct id id;
	err_t err;

	err = db_query(&q, m->store->db, "SELECT id FROM event", "");
	while (!err && db_next(&err, q, "d", &id))
		marks_put(&m->marks, KIND_EVENT, &id)->flags |= MARK_LIVE;
	db_done(q);
	return err;
}

/* Look at each delta that is kept once; *more: a base had to be kept, and what
 * that refers to may be deltas, too. */
static err_t
mark_bases_once(bool *more, struct marking *m)
{
	struct query *q = NULL;
	int64_t kind, segment, frame;
	struct id id, base;
	bool delta;
	int fd;
	err_t err;

	*more = false;
	err = db_query(&q, m->store->db, "SELECT id, kind, segment, frame "
	    "FROM object WHERE at = 0", "");
	while (!err && db_next(&err, q, "diii", &id, &kind, &segment,
	    &frame)) {
		if (!mark_is_live(m, (enum kind)kind, &id))
			continue;
		err = segment_open(&fd, m->store, segment);
		if (!err)
			err = frame_peek(&delta, &base, fd, (uint64_t)frame);
		if (err || !delta ||
		    mark_is_live(m, (enum kind)kind, &base))
			continue;
		*more = *more || kind != KIND_CHUNK;
		err = mark_from(m, MARK_LIVE, (enum kind)kind, &base);
	}
	db_done(q);
	return err;
}

/* A delta that is kept needs its base, which is no delta itself; and what is
 * stored has all that it refers to, or counts could not be right. */
static err_t
mark_bases(struct marking *m)
{
	bool more = true;
	err_t err = NULL;

	while (!err && more)
		err = mark_bases_once(&more, m);
	return err;
}

err_t
mark_live(struct marking *m)
{
	err_t err;

	err = mark_refs(m);
	if (!err)
		err = ref_walk(m->store, "", mark_ref_past, m);
	if (!err)
		err = mark_head(m);
	if (!err)
		err = mark_stage(m);
	if (!err)
		err = mark_events(m);
	if (!err)
		err = mark_bases(m);
	return err;
}

err_t
mark_dead_references(struct marking *m)
{
	struct visit v = { m, MARK_LIVE, true, false };
	struct query *q = NULL;
	struct buf b = BUF_INIT;
	int64_t kind;
	struct id id;
	err_t err;

	err = db_query(&q, m->store->db, "SELECT id, kind FROM object "
	    "WHERE kind > 1 AND kind < 6", "");
	while (!err && db_next(&err, q, "di", &id, &kind)) {
		if (mark_is_live(m, (enum kind)kind, &id))
			continue;
		err = read_object(&b, m->store, (enum kind)kind, &id);
		if (!err)
			err = children_walk((enum kind)kind, b.p, b.len,
			    visit_child, &v);
	}
	db_done(q);
	buf_release(&b);
	return err;
}
