#include "store/mark.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/cancel.h"
#include "lib/base/mem.h"
#include "store/children.h"
#include "store/derived.h"

void
marking_release(struct marking *m)
{
	marks_release(&m->marks);
	free(m->stack);
	free(m->holding);
	m->stack = NULL;
	m->holding = NULL;
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
		if (m->lenient && segment_is_lost(err))
			err = NULL;
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

/* Whatever somebody has submitted, decided on or talked about. */
static err_t
mark_reviewed(void *arg, const char *hex)
{
	struct marking *m = arg;
	struct commit_node node;
	struct id id;
	err_t err;

	if (!id_parse(&id, hex, strlen(hex)))
		return err_new(ERR_CORRUPT, "the index has an act about "
		    "\"%s\", which is no version; rebuild it with \"dsv fsck "
		    "--repair\"", hex);
	err = commit_node(&node, m->store, &id);
	if (err_is(err, ERR_NOT_FOUND) && !m->lenient)
		return err_new(ERR_CORRUPT, "version %s, which was reviewed, "
		    "is missing; \"dsv fsck\" says what that costs", hex);
	if (err)
		return err_is(err, ERR_NOT_FOUND) ? NULL : err;
	return mark_from(m, MARK_LIVE, KIND_COMMIT, &id);
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

/* ---- bases of deltas --------------------------------------------------- */

struct bases {
	struct marking *m;
	int64_t segment;		/* being looked at */
	struct marking_item *found;
	size_t n, cap;
};

/*
 * A delta that is kept needs its base, and that what is below it: the base
 * is in the store, so whoever puts it again takes it for whole.
 */
static err_t
note_base(void *arg, uint64_t offset, const struct frame *f)
{
	struct bases *b = arg;
	struct marking *m = b->m;
	struct place place;
	bool found;
	err_t err;

	if (f->codec != CODEC_DELTA || mark_is_live(m, f->kind, &f->base) ||
	    !mark_is_live(m, f->kind, &f->entries[0].id))
		return NULL;
	err = place_find(&found, &place, m->store, f->kind,
	    &f->entries[0].id);
	/* It may be stored twice, and the other one counts. */
	if (err || !found || place.segment != b->segment ||
	    place.frame != (int64_t)offset)
		return err;
	VEC_ROOM(b->found, b->n, b->cap);
	b->found[b->n].kind = f->kind;
	b->found[b->n++].id = f->base;
	VEC_ROOM(m->holding, m->n_holding, m->cap_holding);
	m->holding[m->n_holding++] = b->segment;
	return NULL;
}

static err_t
note_bases(struct bases *b, const struct id *id)
{
	char path[SEGMENT_PATH];
	uint64_t end;
	int fd;
	err_t err;

	err = cancel_check();
	if (!err)
		err = segment_open(&fd, b->m->store, b->segment);
	if (b->m->lenient && segment_is_lost(err))
		return NULL;
	if (err)
		return err;
	err = segment_frames_end(&end, fd);
	if (!err)
		err = segment_frames(fd, end, note_base, b);
	if (b->m->lenient && segment_is_lost(err))
		return NULL;
	if (err_is(err, ERR_CORRUPT))
		err = err_new(ERR_CORRUPT, "segment \"objects/%s\" is "
		    "damaged: %s; \"dsv fsck\" says what that costs",
		    segment_path(path, id), err->msg);
	return err;
}

/* Again until nothing more is found: what is below a base may be a delta. */
static err_t
mark_bases(struct marking *m)
{
	struct bases b = { .m = m };
	struct query *q = NULL;
	struct id id;
	err_t err;

	do {
		b.n = 0;
		err = db_query(&q, m->store->db, "SELECT n, id FROM segment "
		    "ORDER BY n", "");
		while (!err && db_next(&err, q, "id", &b.segment, &id))
			err = note_bases(&b, &id);
		db_done(q);
		for (size_t i = 0; !err && i < b.n; i++) {
			err = mark_from(m, MARK_LIVE, b.found[i].kind,
			    &b.found[i].id);
			marks_put(&m->marks, b.found[i].kind,
			    &b.found[i].id)->flags |= MARK_BASE;
		}
	} while (!err && b.n);
	free(b.found);
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
		err = subject_walk(m->store, "commit/", mark_reviewed, m);
	if (!err)
		err = mark_head(m);
	if (!err)
		err = mark_stage(m);
	if (!err)
		err = mark_events(m);
	if (!err)
		err = mark_bases(m);
	if (!err)
		err = derived_mark(m, MARK_LIVE);
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
