#include "store/objects.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/cancel.h"
#include "lib/base/mem.h"
#include "store/children.h"
#include "store/derived.h"
#include "store/store_int.h"

/* Keys of the index that are not kinds of objects. */
#define KEY_HISTORY ((enum kind)(KIND_MAX + 1))
#define KEY_CONTENT ((enum kind)(KIND_MAX + 2))	/* of several chunks */

/* Where a node's object is, while they are loaded. */
struct node_place {
	uint32_t segment;		/* index */
	uint32_t frame;
};

struct load {
	struct objects *o;
	struct store *store;
	int64_t *segments;		/* rows */
	size_t n_segments, cap_segments;
	struct node_place *places;	/* one for each node */
	size_t cap_places;
	uint32_t *derived;		/* of each node, the first; and of that
					 * one, the next; OBJECTS_NONE */
	size_t segment;			/* being looked at */
	uint32_t parent;		/* whose references are noted */
	struct buf bytes;
};

void
objects_release(struct objects *o)
{
	marks_release(&o->index);
	free(o->nodes);
	free(o->refs);
	*o = (struct objects)OBJECTS_INIT;
}

/* ---- finding ----------------------------------------------------------- */

uint32_t
objects_find(const struct objects *o, enum kind kind, const struct id *id)
{
	const struct mark *mark = marks_get(&o->index, kind, id);

	return mark && mark->count ? mark->count - 1 : OBJECTS_NONE;
}

uint32_t
objects_content(const struct objects *o, const struct id *content)
{
	uint32_t node = objects_find(o, KEY_CONTENT, content);

	return node == OBJECTS_NONE ? objects_find(o, KIND_CHUNK, content) :
	    node;
}

uint32_t
objects_history(const struct objects *o, const struct id *commit)
{
	return objects_find(o, KEY_HISTORY, commit);
}

/* ---- the index --------------------------------------------------------- */

static err_t
load_segments(struct load *l)
{
	struct query *q = NULL;
	int64_t row;
	err_t err;

	err = db_query(&q, l->store->db, "SELECT n FROM segment ORDER BY n",
	    "");
	while (!err && db_next(&err, q, "i", &row)) {
		VEC_ROOM(l->segments, l->n_segments, l->cap_segments);
		l->segments[l->n_segments++] = row;
	}
	db_done(q);
	return err;
}

static int
compare_rows(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static void
add_node(struct load *l, enum kind key, const struct id *id,
    const struct object_node *node, struct node_place place)
{
	struct objects *o = l->o;
	struct mark *mark = marks_put(&o->index, key, id);

	if (mark->count)
		return;
	VEC_ROOM(l->places, o->n, l->cap_places);
	l->places[o->n] = place;
	VEC_ROOM(o->nodes, o->n, o->cap);
	o->nodes[o->n++] = *node;
	mark->count = (uint32_t)o->n;
}

static err_t
add_object(struct load *l, enum kind kind, const struct id *id, int64_t row,
    int64_t frame, int64_t size)
{
	struct object_node node = { .kind = kind, .base = OBJECTS_NONE,
	    .size = (uint32_t)size };
	const int64_t *segment = l->n_segments ? bsearch(&row, l->segments,
	    l->n_segments, sizeof(row), compare_rows) : NULL;
	struct node_place place;

	if (!segment || frame < 0 || frame > UINT32_MAX || size < 0 ||
	    size > OBJECT_MAX || l->o->n >= OBJECTS_NONE - 2)
		return err_new(ERR_CORRUPT, "the index is damaged; rebuild "
		    "it with \"dsv fsck --repair\"");
	place.segment = (uint32_t)(segment - l->segments);
	place.frame = (uint32_t)frame;
	add_node(l, kind, id, &node, place);
	if (kind == KIND_COMMIT) {
		node.kind = 0;
		node.size = 0;
		node.placed = true;
		add_node(l, KEY_HISTORY, id, &node, place);
	}
	return NULL;
}

static err_t
load_rows(struct load *l)
{
	struct query *q = NULL;
	int64_t kind, segment, frame, size;
	struct id id;
	err_t err;

	err = db_query(&q, l->store->db, "SELECT id, kind, segment, frame, "
	    "size FROM object WHERE kind NOT IN (6, 9)", "");
	while (!err && db_next(&err, q, "diiii", &id, &kind, &segment, &frame,
	    &size))
		err = add_object(l, (enum kind)kind, &id, segment, frame,
		    size);
	db_done(q);
	return err;
}

static err_t
load_files(struct load *l)
{
	struct query *q = NULL;
	struct id content, recipe;
	err_t err;

	err = db_query(&q, l->store->db, "SELECT id, recipe FROM file", "");
	while (!err && db_next(&err, q, "dd", &content, &recipe)) {
		uint32_t node = objects_find(l->o, KIND_RECIPE, &recipe);

		if (node != OBJECTS_NONE)
			marks_put(&l->o->index, KEY_CONTENT, &content)->count =
			    node + 1;
	}
	db_done(q);
	return err;
}

static err_t
add_derived(void *arg, enum kind kind, const struct id *about,
    const struct id *object)
{
	struct load *l = arg;
	uint32_t node = objects_find(l->o, kind, object);
	uint32_t of = kind == KIND_ROWS ?
	    objects_find(l->o, KIND_COMMIT, about) :
	    objects_content(l->o, about);

	if (of == OBJECTS_NONE)
		of = objects_find(l->o, KIND_NODE, about);
	if (of == OBJECTS_NONE || node == OBJECTS_NONE)
		return NULL;
	l->derived[node] = l->derived[of];
	l->derived[of] = node;
	return NULL;
}

static err_t
load_derived(struct load *l)
{
	l->derived = mem_array(l->o->n + 1, sizeof(*l->derived));
	for (size_t i = 0; i < l->o->n; i++)
		l->derived[i] = OBJECTS_NONE;
	return derived_walk(l->store->db, add_derived, l);
}

/* ---- the segments ------------------------------------------------------ */

static void
add_ref(struct load *l, uint32_t node)
{
	struct objects *o = l->o;

	VEC_ROOM(o->refs, o->n_refs, o->cap_refs);
	o->refs[o->n_refs++] = node;
	o->nodes[l->parent].n++;
}

static err_t
note_ref(void *arg, enum kind kind, const struct id *id)
{
	struct load *l = arg;
	const struct objects *o = l->o;
	char hex[ID_HEX + 1];
	uint32_t node;

	node = !kind ? objects_content(o, id) : kind == KIND_COMMIT ?
	    objects_history(o, id) : objects_find(o, kind, id);
	if (node == OBJECTS_NONE)
		return err_new(ERR_CORRUPT, "%s %s is missing; \"dsv fsck\" "
		    "says what that costs", kind ? kind_name(kind) : "file",
		    id_hex(hex, id));
	add_ref(l, node);
	return NULL;
}

static err_t
note_refs(struct load *l, uint32_t node, enum kind kind, const struct id *id)
{
	struct objects *o = l->o;
	err_t err;

	l->parent = kind == KIND_COMMIT ? objects_history(o, id) : node;
	o->nodes[l->parent].first = o->n_refs;
	buf_clear(&l->bytes);
	err = object_read(&l->bytes, l->store, kind, id);
	if (!err && kind == KIND_COMMIT)
		add_ref(l, node);
	if (!err)
		err = children_walk(kind, l->bytes.p, l->bytes.len, note_ref,
		    l);
	return err;
}

/* After what its own bytes refer to, if that is the node's as well. */
static void
note_derived(struct load *l, uint32_t node)
{
	struct objects *o = l->o;

	if (l->derived[node] == OBJECTS_NONE)
		return;
	if (l->parent != node || !o->nodes[node].n) {
		l->parent = node;
		o->nodes[node].first = o->n_refs;
	}
	for (uint32_t d = l->derived[node]; d != OBJECTS_NONE;
	    d = l->derived[d])
		add_ref(l, d);
}

static err_t
note_entry(struct load *l, const struct frame *f, uint64_t offset, size_t i,
    uint64_t at)
{
	const struct frame_entry *e = &f->entries[i];
	uint32_t node = objects_find(l->o, f->kind, &e->id);
	struct object_node *of;
	err_t err = NULL;

	/* It may be stored twice, and the other one counts. */
	if (node == OBJECTS_NONE || l->places[node].segment != l->segment ||
	    l->places[node].frame != offset || l->o->nodes[node].placed)
		return NULL;
	of = &l->o->nodes[node];
	of->placed = true;
	of->stored = frame_share(f, at, e->size);
	if (f->codec == CODEC_DELTA) {
		of->base = f->kind == KIND_COMMIT ?
		    objects_history(l->o, &f->base) :
		    objects_find(l->o, f->kind, &f->base);
		if (of->base == OBJECTS_NONE)
			return err_new(ERR_CORRUPT, "the base of a delta is "
			    "missing; \"dsv fsck\" says what that costs");
	}
	if (kind_is_derived(f->kind))
		return NULL;
	if (f->kind != KIND_CHUNK)
		err = note_refs(l, node, f->kind, &e->id);
	if (!err)
		note_derived(l, node);
	return err;
}

static err_t
note_frame(void *arg, uint64_t offset, const struct frame *f)
{
	uint64_t at = 0;
	err_t err;

	if (f->kind == KIND_EVENT || f->kind == KIND_DECISIONS)
		return NULL;
	err = cancel_check();
	for (size_t i = 0; !err && i < f->n; i++) {
		err = note_entry(arg, f, offset, i, at);
		at += f->entries[i].size;
	}
	return err;
}

static err_t
load_segment(struct load *l)
{
	uint64_t end;
	int fd, own;
	err_t err;

	err = segment_open(&fd, l->store, l->segments[l->segment]);
	if (err)
		return err;
	/* Reading objects may close the one that the store keeps. */
	own = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (own < 0)
		return err_sys("cannot keep a segment open");
	err = segment_frames_end(&end, own);
	if (!err)
		err = segment_frames(own, end, note_frame, l);
	close(own);
	if (err_is(err, ERR_CORRUPT))
		err = err_wrap(err, "a segment is damaged");
	return err;
}

static err_t
check_placed(const struct objects *o)
{
	for (size_t i = 0; i < o->n; i++)
		if (!o->nodes[i].placed)
			return err_new(ERR_CORRUPT, "an object is not where "
			    "the index says; see \"dsv fsck\"");
	return NULL;
}

static err_t
load(struct objects *out, struct store *s)
{
	struct load l = { .o = out, .store = s, .bytes = BUF_INIT };
	err_t err;

	err = store_view_begin(s);
	if (!err) {
		err = load_segments(&l);
		if (!err)
			err = load_rows(&l);
		if (!err)
			err = load_files(&l);
		if (!err)
			err = load_derived(&l);
		store_view_end(s);
	}
	for (; !err && l.segment < l.n_segments; l.segment++)
		err = load_segment(&l);
	if (!err)
		err = check_placed(out);
	free(l.segments);
	free(l.places);
	free(l.derived);
	buf_release(&l.bytes);
	return err;
}

err_t
objects_load(struct objects *out, struct store *s)
{
	err_t err = NULL;

	/* If gc takes segments away meanwhile, the second try finds where it
	 * has put them. */
	for (int tries = 0; tries < 2; tries++) {
		*out = (struct objects)OBJECTS_INIT;
		err = load(out, s);
		if (!err)
			return NULL;
		objects_release(out);
		if (!err_is(err, ERR_CORRUPT))
			break;
	}
	return err;
}
