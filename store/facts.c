/*
 * What is known of one object, or of one file's content, from the index and
 * the heads of frames.
 */

#include <string.h>

#include "store/marks.h"
#include "store/store_int.h"

/* The frame that was looked at last: the chunks of a file are neighbours. */
struct looked {
	struct frame head;
	int64_t segment, frame;		/* 0: none */
};
#define LOOKED_INIT { .head = FRAME_INIT }

static err_t
look_at_frame(struct looked *l, struct store *s, const struct place *place)
{
	struct frame head = FRAME_INIT;
	int fd;
	err_t err;

	if (l->segment == place->segment && l->frame == place->frame)
		return NULL;
	err = segment_open(&fd, s, place->segment);
	if (!err)
		err = segment_frame(&head, fd, (uint64_t)place->frame);
	if (err)
		return err;
	frame_release(&l->head);
	l->head = head;
	l->segment = place->segment;
	l->frame = place->frame;
	return NULL;
}

static err_t
look_at(struct object_facts *out, struct looked *l, struct store *s,
    enum kind kind, const struct id *id)
{
	struct place place;
	int64_t refs;
	char hex[ID_HEX + 1];
	bool found;
	err_t err;

	memset(out, 0, sizeof(*out));
	err = place_find(&found, &place, s, kind, id);
	if (!err && !found)
		err = err_new(ERR_NOT_FOUND, "no %s %s", kind_name(kind),
		    id_hex(hex, id));
	if (!err)
		err = db_row(&found, s->db, "SELECT refs FROM object "
		    "WHERE id = ? AND kind = ?", "di", "i", id,
		    (int64_t)kind, &refs);
	if (!err)
		err = db_row(&found, s->db, "SELECT id FROM segment "
		    "WHERE n = ?", "i", "d", place.segment, &out->segment);
	if (!err)
		err = look_at_frame(l, s, &place);
	if (!err && !place_fits(&place, l->head.raw))
		err = err_new(ERR_CORRUPT, "the index is damaged; rebuild it "
		    "with \"dsv fsck --repair\"");
	if (err)
		return err;
	out->kind = kind;
	out->id = *id;
	out->size = (uint64_t)place.size;
	out->stored = frame_share(&l->head, (uint64_t)place.at,
	    (uint32_t)place.size);
	out->references = (uint64_t)refs;
	out->frame = (uint64_t)place.frame;
	out->neighbours = l->head.n - 1;
	if (l->head.codec == CODEC_DELTA)
		out->base = l->head.base;
	return NULL;
}

err_t
object_facts(struct object_facts *out, struct store *s, enum kind kind,
    const struct id *id)
{
	struct looked l = LOOKED_INIT;
	err_t err;

	/* If gc moves it meanwhile, the second try finds it. */
	err = look_at(out, &l, s, kind, id);
	if (err_is(err, ERR_CORRUPT))
		err = look_at(out, &l, s, kind, id);
	frame_release(&l.head);
	return err;
}

/* ---- contents ---------------------------------------------------------- */

struct summing {
	struct store *store;
	struct looked looked;
	struct marks seen;
	uint64_t stored;
};

/* With what it is a delta against. */
static err_t
add_object(struct summing *sum, enum kind kind, const struct id *id)
{
	struct mark *mark = marks_put(&sum->seen, kind, id);
	struct object_facts facts;
	err_t err;

	if (mark->flags)
		return NULL;
	mark->flags = 1;
	err = look_at(&facts, &sum->looked, sum->store, kind, id);
	if (err)
		return err;
	sum->stored += facts.stored;
	return id_is_zero(&facts.base) ? NULL :
	    add_object(sum, kind, &facts.base);
}

/* And what is known of the rows in it. */
static err_t
add_with_facts(struct summing *sum, enum kind kind, const struct id *object,
    const struct id *about)
{
	struct query *q = NULL;
	struct id id;
	err_t err;

	err = add_object(sum, kind, object);
	if (!err)
		err = db_query(&q, sum->store->db, "SELECT object FROM fact "
		    "WHERE about = ?", "d", about);
	while (!err && db_next(&err, q, "d", &id))
		err = add_object(sum, KIND_TABLE, &id);
	db_done(q);
	return err;
}

static err_t
add_chunk(void *arg, const struct chunk_ref *chunk)
{
	return add_with_facts(arg, KIND_CHUNK, &chunk->id, &chunk->id);
}

static err_t
add_node(void *arg, const struct id *id, unsigned height, uint64_t before)
{
	(void)height;
	(void)before;
	return add_with_facts(arg, KIND_NODE, id, id);
}

err_t
content_facts(struct content_facts *out, struct store *s,
    const struct id *content)
{
	struct summing sum = { .store = s, .looked = LOOKED_INIT,
	    .seen = MARKS_INIT };
	struct object_facts facts;
	struct id recipe;
	enum kind kind;
	bool found;
	err_t err;

	err = db_row(&found, s->db, "SELECT recipe FROM file WHERE id = ?",
	    "d", "d", content, &recipe);
	kind = found ? KIND_RECIPE : KIND_CHUNK;
	if (!err)
		err = object_facts(&facts, s, kind, found ? &recipe : content);
	if (!err)
		err = add_with_facts(&sum, kind, &facts.id, content);
	if (!err && found)
		err = content_walk(s, content, add_chunk, add_node, &sum);
	frame_release(&sum.looked.head);
	marks_release(&sum.seen);
	if (err)
		return err;
	out->stored = sum.stored;
	out->references = facts.references;
	return NULL;
}
