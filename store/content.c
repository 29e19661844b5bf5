/*
 * Files: from a content id to bytes, chunk by chunk.  A file is its one
 * chunk, or a recipe says which chunks it is.
 */

#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "store/cut.h"
#include "store/store_int.h"

/* The recipe of a content; *found is false if it is one chunk. */
static err_t
recipe_find(bool *found, struct id *out, struct store *s,
    const struct id *content)
{
	return db_row(found, s->db, "SELECT recipe FROM file WHERE id = ?",
	    "d", "d", content, out);
}

static err_t
recipe_read(struct buf *out, struct recipe_decoder *d,
    struct recipe_head *head, struct store *s, const struct id *recipe,
    const struct id *content)
{
	err_t err;

	err = object_need(out, s, KIND_RECIPE, recipe);
	if (!err)
		err = recipe_decode_root(d, head, out->p, out->len);
	if (!err && !id_eq(&head->content, content))
		err = err_new(ERR_CORRUPT, "the index names the recipe of "
		    "another file; rebuild it with \"dsv fsck --repair\"");
	return err;
}

/* ---- facts ------------------------------------------------------------- */

err_t
content_has(bool *out, struct store *s, const struct id *id)
{
	struct id recipe;
	err_t err;

	err = recipe_find(out, &recipe, s, id);
	return err || *out ? err : object_has(out, s, KIND_CHUNK, id);
}

static uint64_t
count_records(const char *p, size_t len, enum cut cut)
{
	struct cutter c;
	struct cut_piece piece;
	uint64_t records = 0;

	cutter_init(&c, cut == CUT_AUTO ? cut_sniff(p, len) : cut);
	while (len && cutter_next(&piece, &c, p, len, true)) {
		records += piece.records;
		p += piece.size;
		len -= piece.size;
	}
	return records;
}

err_t
content_stat(struct content *out, struct store *s, const struct id *id,
    enum cut cut)
{
	struct buf b = BUF_INIT;
	struct recipe_decoder d;
	struct recipe_head head;
	struct id recipe;
	bool found;
	err_t err;

	err = recipe_find(&found, &recipe, s, id);
	if (err)
		return err;
	if (found) {
		err = recipe_read(&b, &d, &head, s, &recipe, id);
		if (!err)
			*out = (struct content){ *id, head.size, head.records,
			    head.cut, (unsigned)head.chunks };
	} else {
		err = object_need(&b, s, KIND_CHUNK, id);
		if (!err && cut == CUT_AUTO)
			cut = cut_sniff(b.p, b.len);
		if (!err)
			*out = (struct content){ *id, b.len,
			    count_records(buf_cstr(&b), b.len, cut), cut, 1 };
	}
	buf_release(&b);
	return err;
}

/* ---- chunks ------------------------------------------------------------ */

struct walk {
	struct store *store;
	chunk_visit_fn *fn;
	node_visit_fn *node;		/* may be NULL */
	void *arg;
	uint64_t offset;
	uint64_t chunks;		/* so far */
	uint64_t end;			/* of what is walked now, in the file */
};

static err_t walk_node(struct walk *w, const struct recipe_entry *e,
    unsigned height);

static err_t
walk_entries(struct walk *w, struct recipe_decoder *d)
{
	struct recipe_entry e;
	err_t err = NULL;

	while (!err && recipe_next(&e, d, &err)) {
		struct chunk_ref chunk = { e.id, w->offset,
		    (uint32_t)e.size, e.records, e.partial };

		if (e.size > w->end - w->offset)
			return err_new(ERR_CORRUPT, "recipe is of more than "
			    "it says");
		if (d->height) {
			err = walk_node(w, &e, d->height - 1);
			continue;
		}
		w->offset += e.size;
		w->chunks++;
		err = w->fn(w->arg, &chunk);
	}
	return err;
}

static err_t
walk_node(struct walk *w, const struct recipe_entry *e, unsigned height)
{
	struct buf b = BUF_INIT;
	struct recipe_decoder d;
	uint64_t end = w->end;
	err_t err;

	w->end = w->offset + e->size;
	if (w->node) {
		err = w->node(w->arg, &e->id, height, w->chunks);
		if (err)
			return err;
	}
	err = object_need(&b, w->store, KIND_NODE, &e->id);
	if (!err)
		err = recipe_decode_node(&d, b.p, b.len);
	if (!err && d.height != height)
		err = err_new(ERR_CORRUPT, "recipe has a node of the wrong "
		    "height");
	if (!err)
		err = walk_entries(w, &d);
	if (!err && w->offset != w->end)
		err = err_new(ERR_CORRUPT, "recipe has a node of the wrong "
		    "size");
	w->end = end;
	buf_release(&b);
	return err;
}

static err_t
single_chunk(struct store *s, const struct id *id, chunk_visit_fn *fn,
    void *arg)
{
	struct chunk_ref chunk = { .id = *id };
	struct content facts;
	err_t err;

	err = content_stat(&facts, s, id, CUT_AUTO);
	if (err)
		return err;
	chunk.size = (uint32_t)facts.size;
	chunk.records = facts.records;
	return fn(arg, &chunk);
}

err_t
content_chunks(struct store *s, const struct id *id, chunk_visit_fn *fn,
    void *arg)
{
	return content_walk(s, id, fn, NULL, arg);
}

err_t
content_walk(struct store *s, const struct id *id, chunk_visit_fn *fn,
    node_visit_fn *node, void *arg)
{
	struct walk w = { .store = s, .fn = fn, .node = node, .arg = arg };
	struct buf b = BUF_INIT;
	struct recipe_decoder d;
	struct recipe_head head;
	struct id recipe;
	bool found;
	err_t err;

	err = recipe_find(&found, &recipe, s, id);
	if (err)
		return err;
	if (!found)
		return single_chunk(s, id, fn, arg);
	err = recipe_read(&b, &d, &head, s, &recipe, id);
	if (!err) {
		w.end = head.size;
		err = walk_entries(&w, &d);
	}
	if (!err && w.offset != head.size)
		err = err_new(ERR_CORRUPT, "recipe has the wrong size");
	buf_release(&b);
	return err;
}

/* ---- parts ------------------------------------------------------------- */

static err_t
parts_of(struct recipe_decoder *d, const struct content_part *whole,
    content_part_fn *fn, void *arg)
{
	struct content_part part = { .offset = whole->offset,
	    .record = whole->record, .height = d->height };
	struct recipe_entry e;
	err_t err = NULL;

	while (!err && recipe_next(&e, d, &err)) {
		part.id = e.id;
		part.size = e.size;
		part.records = e.records;
		part.partial = e.partial;
		if (e.size > whole->offset + whole->size - part.offset)
			return err_new(ERR_CORRUPT, "recipe has a node of "
			    "the wrong size");
		err = fn(arg, &part);
		part.offset += e.size;
		part.record += e.records;
	}
	if (!err && part.offset != whole->offset + whole->size)
		err = err_new(ERR_CORRUPT, "recipe has a node of the wrong "
		    "size");
	return err;
}

err_t
content_parts(struct store *s, const struct id *content, enum cut cut,
    content_part_fn *fn, void *arg)
{
	struct content_part whole = { .id = *content };
	struct buf b = BUF_INIT;
	struct recipe_decoder d;
	struct recipe_head head;
	struct content facts;
	struct id recipe;
	bool found;
	err_t err;

	err = recipe_find(&found, &recipe, s, content);
	if (err)
		return err;
	if (found) {
		err = recipe_read(&b, &d, &head, s, &recipe, content);
		whole.size = head.size;
		if (!err)
			err = parts_of(&d, &whole, fn, arg);
	} else {
		err = content_stat(&facts, s, content, cut);
		whole.size = facts.size;
		whole.records = facts.records;
		if (!err)
			err = fn(arg, &whole);
	}
	buf_release(&b);
	return err;
}

err_t
content_part_parts(struct store *s, const struct content_part *part,
    content_part_fn *fn, void *arg)
{
	struct buf b = BUF_INIT;
	struct recipe_decoder d;
	err_t err;

	if (!part->height)
		BUG("a chunk has no parts");
	err = object_read(&b, s, KIND_NODE, &part->id);
	if (!err)
		err = recipe_decode_node(&d, b.p, b.len);
	if (!err && d.height != part->height - 1)
		err = err_new(ERR_CORRUPT, "recipe has a node of the wrong "
		    "height");
	if (!err)
		err = parts_of(&d, part, fn, arg);
	buf_release(&b);
	return err;
}

/* ---- bytes ------------------------------------------------------------- */

err_t
content_read(struct store *s, const struct id *id, content_sink_fn *sink,
    void *arg)
{
	struct buf chunk = BUF_INIT;
	struct id recipe;
	bool found;
	err_t err;

	err = recipe_find(&found, &recipe, s, id);
	if (err || found)
		return err ? err : reader_run(s, id, sink, arg);
	err = object_need(&chunk, s, KIND_CHUNK, id);
	if (!err)
		err = sink(arg, buf_cstr(&chunk), chunk.len);
	buf_release(&chunk);
	return err;
}

/* ---- small contents in memory ------------------------------------------ */

err_t
content_put(struct id *out, struct txn *t, const void *bytes, size_t len,
    enum cut cut)
{
	const char *p = bytes;
	struct recipe recipe;
	struct cutter c;
	struct cut_piece piece;
	err_t err = NULL;

	if (cut == CUT_AUTO)
		cut = cut_sniff(p, len);
	hash_bytes(out, p, len);
	recipe_init(&recipe, t, NULL);
	cutter_init(&c, cut);
	if (len == 0)
		err = object_put(out, t, KIND_CHUNK, "", 0);
	while (!err && cutter_next(&piece, &c, p, len, true)) {
		struct recipe_entry e = { .size = piece.size, .chunks = 1,
		    .records = piece.records, .partial = piece.partial };

		err = object_put(&e.id, t, KIND_CHUNK, p, piece.size);
		if (!err)
			err = recipe_add(&recipe, &e);
		p += piece.size;
		len -= piece.size;
	}
	if (!err && recipe.total.chunks)
		err = recipe_end(&recipe, out, cut);
	recipe_release(&recipe);
	return err;
}
