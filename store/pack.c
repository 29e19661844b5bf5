/*
 * Objects on their way into segments.
 *
 * Objects of one kind gather in a frame; a full frame is compressed and
 * checked by a worker, comes back in order, and is appended to the segment
 * that is being written; a full segment is synced and named by a worker.  An
 * object's row can be inserted once its segment is sealed, that is, durable
 * under its name.
 */

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/mem.h"
#include "lib/base/zst.h"
#include "store/count.h"
#include "store/derived.h"
#include "store/store_int.h"

#define LEVEL 1

/* An object that has no row yet.  segment: index into pack.segments, -1
 * while its frame has not been written. */
struct pending {
	struct id id;
	uint8_t kind;			/* 0: free place */
	bool moves;			/* it has a row, which changes */
	int32_t segment;
	uint32_t at, size;
	uint64_t frame;
};

struct pack_segment {
	struct id id;
	uint64_t size;
	int64_t row;
	bool sealed;
	bool prepared;			/* its name is in tmp/ */
};

/* A frame being filled, and what became of it. */
struct frame_job {
	struct pack_job base;
	struct pack *pack;
	struct frame frame;
	size_t cap;
	struct buf raw;
	struct buf encoded;		/* head and stored bytes */
};

/* Chunks to be stored as deltas against objects of one frame. */
#define DELTA_GROUP 32

struct delta {
	struct id id, base;
	int64_t at, size;		/* of the base in its frame */
	struct buf raw;
	struct buf encoded;		/* empty if it is not worth it */
};

struct delta_job {
	struct pack_job base;
	struct pack *pack;
	enum kind kind;
	int fd;
	int64_t segment, frame;
	struct delta items[DELTA_GROUP];
	size_t n;
};

struct seal_job {
	struct pack_job base;
	struct pack *pack;
	struct store *store;
	struct segment_writer writer;
	size_t segment;
	struct id id;
	bool prepared;
};

/* An object that refers to others, or is about one: its bytes are kept until
 * it has a row and they are entered into the index. */
struct structural {
	enum kind kind;
	struct id id;
	struct buf bytes;
	bool fresh;			/* its row was inserted by us */
};

struct file_row {
	struct id content, recipe;
};

struct pack {
	struct store *store;
	struct pool *pool;
	struct frame_job *filling[KIND_MAX + 1];
	struct delta_job *deltas;	/* being filled */
	struct seal_job *writing;	/* the segment being written */
	bool prepared;			/* how the next segments are named */
	bool pumping;
	int level;
	size_t frame_target;

	struct pending *table;		/* open addressing, cap a power of 2 */
	size_t n, cap;
	struct pack_segment *segments;
	size_t n_segments, cap_segments;
	struct file_row *files;
	size_t n_files, cap_files;
	struct structural *structurals;
	size_t n_structurals, cap_structurals;
	struct counts counts;		/* changes that refs ask for */
};

struct pack *
pack_new(struct store *s)
{
	struct pack *p = mem_zalloc(sizeof(*p));

	p->store = s;
	p->cap = 1024;
	p->table = mem_array(p->cap, sizeof(*p->table));
	p->level = LEVEL;
	p->frame_target = FRAME_TARGET;
	return p;
}

struct pool *
pack_pool(struct pack *p)
{
	if (!p->pool)
		p->pool = pool_new();
	return p->pool;
}

size_t
pack_depth(const struct pack *p)
{
	return p->pool ? 3 * (size_t)pool_threads(p->pool) : 3;
}

size_t
pack_pending(const struct pack *p)
{
	return p->n;
}

/* ---- the table of pending objects -------------------------------------- */

static size_t
slot_of(const struct pack *p, enum kind kind, const struct id *id)
{
	uint64_t h;

	memcpy(&h, id->b, sizeof(h));
	return (size_t)((h ^ (uint64_t)kind << 56) & (p->cap - 1));
}

static struct pending *
pending_find(const struct pack *p, enum kind kind, const struct id *id)
{
	size_t i = slot_of(p, kind, id);

	for (;; i = (i + 1) & (p->cap - 1)) {
		struct pending *e = &p->table[i];

		if (!e->kind || (e->kind == kind && id_eq(&e->id, id)))
			return e;
	}
}

static void
pending_grow(struct pack *p)
{
	struct pending *old = p->table;
	size_t cap = p->cap;

	p->cap *= 2;
	p->table = mem_array(p->cap, sizeof(*p->table));
	for (size_t i = 0; i < cap; i++)
		if (old[i].kind)
			*pending_find(p, old[i].kind, &old[i].id) = old[i];
	free(old);
}

static void
pending_put(struct pack *p, enum kind kind, const struct id *id)
{
	struct pending *e;

	if (p->n * 4 >= p->cap * 3)
		pending_grow(p);
	e = pending_find(p, kind, id);
	e->id = *id;
	e->kind = (uint8_t)kind;
	e->segment = -1;
	p->n++;
}

err_t
pack_has(bool *out, struct pack *p, enum kind kind, const struct id *id)
{
	struct place place;

	if (pending_find(p, kind, id)->kind) {
		*out = true;
		return NULL;
	}
	return place_find(out, &place, p->store, kind, id);
}

/* ---- jobs -------------------------------------------------------------- */

void
pack_give(struct pack *p, struct pack_job *job)
{
	pool_give(pack_pool(p), &job->job);
}

err_t
pack_pump(struct pack *p, size_t held)
{
	err_t err = NULL;

	/* What done does may end up here again: jobs are taken back one
	 * after the other, so that the order in which they were given holds. */
	if (p->pumping)
		return NULL;
	p->pumping = true;
	while (!err && p->pool && pool_held(p->pool) > held) {
		struct job *job;
		err_t result = pool_next(&job, p->pool);
		struct pack_job *mine = (struct pack_job *)(void *)job;

		err = mine->done(mine, result);
	}
	p->pumping = false;
	return err;
}

static void
drop_job(struct job *job, void *arg)
{
	struct pack_job *mine = (struct pack_job *)(void *)job;

	(void)arg;
	mine->drop(mine);
}

/* ---- segments ---------------------------------------------------------- */

static void
seal_drop(struct pack_job *job)
{
	struct seal_job *seal = (struct seal_job *)(void *)job;

	segment_writer_release(&seal->writer);
	free(seal);
}

/* A worker: make the segment durable and give it its name. */
static err_t
seal_run(struct job *job)
{
	struct seal_job *seal = (struct seal_job *)(void *)job;
	struct store *s = seal->store;
	char name[SEGMENT_PREPARED];
	err_t err;

	if (!seal->prepared)
		return segment_store(s, &seal->writer.temp, &seal->id);
	err = file_sync(seal->writer.temp.fd, "segment");
	if (err)
		return err;
	err = file_temp_link(&seal->writer.temp, s->tmpfd,
	    segment_prepared(name, &seal->id));
	if (err_is(err, ERR_EXISTS))
		err = NULL;
	if (!err)
		err = file_sync(s->tmpfd, TMP_DIR);
	return err;
}

static err_t
seal_done(struct pack_job *job, err_t result)
{
	struct seal_job *seal = (struct seal_job *)(void *)job;

	if (!result)
		seal->pack->segments[seal->segment].sealed = true;
	seal_drop(job);
	return result;
}

static err_t
segment_finish(struct pack *p)
{
	struct seal_job *seal = p->writing;
	struct pack_segment *segment;
	err_t err;

	if (!seal)
		return NULL;
	err = segment_end(&seal->id, &seal->writer);
	if (err)
		return err;
	segment = &p->segments[seal->segment];
	segment->id = seal->id;
	segment->size = seal->writer.size;
	segment->prepared = seal->prepared;
	p->writing = NULL;
	pack_give(p, &seal->base);
	return NULL;
}

static err_t
segment_start(struct pack *p)
{
	struct seal_job *seal = mem_zalloc(sizeof(*seal));
	err_t err;

	seal->base.job.run = seal_run;
	seal->base.done = seal_done;
	seal->base.drop = seal_drop;
	seal->pack = p;
	seal->store = p->store;
	seal->prepared = p->prepared;
	seal->writer = (struct segment_writer)SEGMENT_WRITER_INIT;
	err = segment_begin(&seal->writer, p->store->tmpfd);
	if (err) {
		seal_drop(&seal->base);
		return err;
	}
	VEC_ROOM(p->segments, p->n_segments, p->cap_segments);
	p->segments[p->n_segments] = (struct pack_segment){ .row = 0 };
	seal->segment = p->n_segments++;
	p->writing = seal;
	return NULL;
}

/* ---- frames ------------------------------------------------------------ */

static void
frame_drop(struct pack_job *job)
{
	struct frame_job *f = (struct frame_job *)(void *)job;

	frame_release(&f->frame);
	buf_release(&f->raw);
	buf_release(&f->encoded);
	free(f);
}

/* What was compressed must come out as it went in: a fault of the library or
 * of memory is found here and not when the data is needed. */
static err_t
verify(const struct frame_job *f, const struct buf *stored)
{
	char *again = mem_alloc(f->raw.len);
	err_t err;

	err = zst_decompress(again, f->raw.len, stored->p, stored->len);
	if (!err && memcmp(again, f->raw.p, f->raw.len) != 0)
		err = err_new(ERR_CORRUPT, "different bytes came back");
	free(again);
	return err ? err_wrap(err, "compression failed its check; nothing "
	    "was stored") : NULL;
}

/* A worker: compress, check, and put head and bytes together. */
static err_t
frame_run(struct job *job)
{
	struct frame_job *f = (struct frame_job *)(void *)job;
	struct buf stored = BUF_INIT;
	const struct buf *bytes = &f->raw;
	err_t err = NULL;

	f->frame.codec = CODEC_RAW;
	if (f->raw.len)
		zst_compress(&stored, f->raw.p, f->raw.len, f->pack->level);
	if (f->raw.len && stored.len < f->raw.len) {
		f->frame.codec = CODEC_ZSTD;
		bytes = &stored;
		err = verify(f, &stored);
	}
	f->frame.stored = (uint32_t)bytes->len;
	frame_encode_head(&f->encoded, &f->frame);
	buf_add(&f->encoded, bytes->p, bytes->len);
	buf_release(&stored);
	return err;
}

/* Append an encoded frame, and note where its objects are now. */
static err_t
write_encoded(struct pack *p, const struct buf *encoded, enum kind kind,
    const struct frame_entry *entries, size_t n)
{
	uint64_t offset;
	uint32_t at = 0;
	err_t err = NULL;

	if (!p->writing)
		err = segment_start(p);
	if (!err)
		err = segment_add(&offset, &p->writing->writer, encoded->p,
		    encoded->len);
	if (err)
		return err;
	for (size_t i = 0; i < n; i++) {
		struct pending *place = pending_find(p, kind, &entries[i].id);

		place->segment = (int32_t)p->writing->segment;
		place->frame = offset;
		place->at = at;
		place->size = entries[i].size;
		at += entries[i].size;
	}
	if (p->writing->writer.size >= SEGMENT_TARGET)
		err = segment_finish(p);
	return err;
}

static err_t
frame_done(struct pack_job *job, err_t result)
{
	struct frame_job *f = (struct frame_job *)(void *)job;
	err_t err = result;

	if (!err)
		err = write_encoded(f->pack, &f->encoded, f->frame.kind,
		    f->frame.entries, f->frame.n);

	frame_drop(job);
	return err;
}

static struct frame_job *
frame_new(struct pack *p, enum kind kind)
{
	struct frame_job *f = mem_zalloc(sizeof(*f));

	f->base.job.run = frame_run;
	f->base.done = frame_done;
	f->base.drop = frame_drop;
	f->pack = p;
	f->frame.kind = kind;
	return f;
}

static void
frame_close(struct pack *p, enum kind kind)
{
	struct frame_job *f = p->filling[kind];

	if (!f)
		return;
	p->filling[kind] = NULL;
	pack_give(p, &f->base);
}

/* Put an object that is noted as pending into the frame being filled. */
static void
frame_fill(struct pack *p, enum kind kind, const struct id *id,
    const void *bytes, size_t len)
{
	struct frame_job *f = p->filling[kind];

	if (!f)
		f = p->filling[kind] = frame_new(p, kind);
	f->frame.entries = mem_room(f->frame.entries, f->frame.n, &f->cap,
	    sizeof(*f->frame.entries));
	f->frame.entries[f->frame.n].id = *id;
	f->frame.entries[f->frame.n++].size = (uint32_t)len;
	buf_add(&f->raw, bytes, len);
	if (f->raw.len >= p->frame_target || f->frame.n == FRAME_OBJECTS)
		frame_close(p, kind);
}

static void
note_structural(struct pack *p, enum kind kind, const struct id *id,
    const void *bytes, size_t len)
{
	struct structural *s;

	if (kind == KIND_CHUNK || kind == KIND_EVENT)
		return;
	VEC_ROOM(p->structurals, p->n_structurals, p->cap_structurals);
	s = &p->structurals[p->n_structurals++];
	*s = (struct structural){ .kind = kind, .id = *id };
	buf_add(&s->bytes, bytes, len);
}

err_t
pack_add(struct pack *p, enum kind kind, const struct id *id,
    const void *bytes, size_t len)
{
	if (len > OBJECT_MAX)
		BUG("object of %zu bytes", len);
	pending_put(p, kind, id);
	note_structural(p, kind, id, bytes, len);
	frame_fill(p, kind, id, bytes, len);
	return pack_pump(p, pack_depth(p));
}

/* ---- moving ------------------------------------------------------------ */

void
pack_solid(struct pack *p, int level)
{
	p->level = level;
	p->frame_target = FRAME_SOLID;
}

err_t
pack_move(struct pack *p, enum kind kind, const struct id *id,
    const void *bytes, size_t len)
{
	pending_put(p, kind, id);
	pending_find(p, kind, id)->moves = true;
	frame_fill(p, kind, id, bytes, len);
	return pack_pump(p, pack_depth(p));
}

err_t
pack_move_frame(struct pack *p, const struct frame *f,
    const struct buf *encoded)
{
	for (size_t i = 0; i < f->n; i++) {
		pending_put(p, f->kind, &f->entries[i].id);
		pending_find(p, f->kind, &f->entries[i].id)->moves = true;
	}
	return write_encoded(p, encoded, f->kind, f->entries, f->n);
}

/* ---- deltas ------------------------------------------------------------ */

/* A delta is kept if it is well below what the object alone compresses to:
 * text to a third or so, lists of ids hardly at all. */
static bool
is_worth_it(enum kind kind, size_t delta, size_t raw)
{
	return kind == KIND_CHUNK ? delta < raw / 6 : delta < raw / 4 * 3;
}

static void
delta_drop(struct pack_job *job)
{
	struct delta_job *d = (struct delta_job *)(void *)job;

	for (size_t i = 0; i < d->n; i++) {
		buf_release(&d->items[i].raw);
		buf_release(&d->items[i].encoded);
	}
	close(d->fd);
	free(d);
}

/* Check that the delta gives the object back, as verify does. */
static err_t
verify_delta(const struct delta *item, const char *base,
    const struct buf *stored)
{
	char *again = mem_alloc(item->raw.len);
	err_t err;

	err = zst_decompress_prefix(again, item->raw.len, base,
	    (size_t)item->size, stored->p, stored->len);
	if (!err && memcmp(again, item->raw.p, item->raw.len) != 0)
		err = err_new(ERR_CORRUPT, "different bytes came back");
	free(again);
	return err ? err_wrap(err, "compression failed its check; nothing "
	    "was stored") : NULL;
}

static err_t
delta_encode(struct delta *item, enum kind kind, const char *base)
{
	struct frame_entry entry = { item->id, (uint32_t)item->raw.len };
	struct frame head = { .codec = CODEC_DELTA, .kind = kind,
	    .base = item->base, .entries = &entry, .n = 1 };
	struct buf stored = BUF_INIT;
	err_t err = NULL;

	zst_compress_prefix(&stored, base, (size_t)item->size, item->raw.p,
	    item->raw.len, LEVEL);
	if (is_worth_it(kind, stored.len, item->raw.len)) {
		err = verify_delta(item, base, &stored);
		head.stored = (uint32_t)stored.len;
		frame_encode_head(&item->encoded, &head);
		buf_add(&item->encoded, stored.p, stored.len);
	}
	buf_release(&stored);
	return err;
}

/* A worker: decode the bases' frame, and try each delta.  A base that cannot
 * be read or is not what it should be is not used. */
static err_t
delta_run(struct job *job)
{
	struct delta_job *d = (struct delta_job *)(void *)job;
	struct frame f = FRAME_INIT;
	struct buf stored = BUF_INIT, raw = BUF_INIT;
	struct id check;
	err_t err = NULL, bad;

	bad = frame_read(&f, &stored, d->fd, (uint64_t)d->frame, "segment");
	if (!bad && f.codec == CODEC_DELTA)
		bad = err_new(ERR_CORRUPT, "the base of a delta is a delta");
	if (!bad)
		bad = frame_decode(buf_reserve(&raw, f.raw), &f, stored.p);
	if (!bad)
		raw.len = f.raw;
	for (size_t i = 0; !bad && !err && i < d->n; i++) {
		struct delta *item = &d->items[i];

		struct place place = { .at = item->at, .size = item->size };

		if (!place_fits(&place, raw.len))
			continue;
		hash_bytes(&check, raw.p + item->at, (size_t)item->size);
		if (id_eq(&check, &item->base))
			err = delta_encode(item, d->kind, raw.p + item->at);
	}
	frame_release(&f);
	buf_release(&stored);
	buf_release(&raw);
	return err;
}

static err_t
delta_done(struct pack_job *job, err_t result)
{
	struct delta_job *d = (struct delta_job *)(void *)job;
	err_t err = result;

	for (size_t i = 0; !err && i < d->n; i++) {
		struct delta *item = &d->items[i];
		struct frame_entry entry = { item->id,
		    (uint32_t)item->raw.len };

		if (item->encoded.len)
			err = write_encoded(d->pack, &item->encoded, d->kind,
			    &entry, 1);
		else
			frame_fill(d->pack, d->kind, &item->id, item->raw.p,
			    item->raw.len);
	}
	delta_drop(job);
	return err;
}

static void
delta_close(struct pack *p)
{
	struct delta_job *d = p->deltas;

	p->deltas = NULL;
	if (d)
		pack_give(p, &d->base);
}

static struct delta_job *
delta_new(struct pack *p, enum kind kind, const struct base *base)
{
	struct delta_job *d = mem_zalloc(sizeof(*d));

	d->base.job.run = delta_run;
	d->base.done = delta_done;
	d->base.drop = delta_drop;
	d->pack = p;
	d->kind = kind;
	d->fd = base->fd;
	d->segment = base->segment;
	d->frame = base->frame;
	return d;
}

err_t
pack_add_delta(struct pack *p, enum kind kind, const struct id *id,
    const void *bytes, size_t len, struct base *base)
{
	struct delta_job *d = p->deltas;
	struct delta *item;

	if (d && (d->kind != kind || d->segment != base->segment ||
	    d->frame != base->frame || d->n == DELTA_GROUP)) {
		delta_close(p);
		d = NULL;
	}
	if (d)
		close(base->fd);
	else
		d = p->deltas = delta_new(p, kind, base);
	base->fd = -1;
	item = &d->items[d->n++];
	item->id = *id;
	item->base = base->id;
	item->at = base->at;
	item->size = base->size;
	buf_add(&item->raw, bytes, len);
	pending_put(p, kind, id);
	note_structural(p, kind, id, bytes, len);
	return pack_pump(p, pack_depth(p));
}

/* ---- files of several chunks ------------------------------------------- */

void
pack_file(struct pack *p, const struct id *content, const struct id *recipe)
{
	VEC_ROOM(p->files, p->n_files, p->cap_files);
	p->files[p->n_files].content = *content;
	p->files[p->n_files++].recipe = *recipe;
}

err_t
pack_has_file(bool *out, struct pack *p, const struct id *content)
{
	struct id recipe;

	return db_row(out, p->store->db,
	    "SELECT recipe FROM file WHERE id = ?", "d", "d", content,
	    &recipe);
}

/* ---- making it durable ------------------------------------------------- */

void
pack_prepare(struct pack *p)
{
	if (p->writing)
		BUG("a segment is open that would get its name at once");
	p->prepared = true;
}

err_t
pack_flush(struct pack *p)
{
	err_t err;

	delta_close(p);
	err = pack_pump(p, 0);
	for (int kind = 1; kind <= KIND_MAX; kind++)
		frame_close(p, kind);
	if (!err)
		err = pack_pump(p, 0);
	if (!err)
		err = segment_finish(p);
	if (!err)
		err = pack_pump(p, 0);
	return err;
}

static err_t
insert_segments(struct pack *p)
{
	struct db *db = p->store->db;

	for (size_t i = 0; i < p->n_segments; i++) {
		struct pack_segment *segment = &p->segments[i];
		bool found;
		err_t err;

		if (!segment->sealed || segment->row)
			continue;
		err = db_run(db, "INSERT OR IGNORE INTO segment (id, size) "
		    "VALUES (?, ?)", "di", &segment->id,
		    (int64_t)segment->size);
		if (!err)
			err = db_row(&found, db, "SELECT n FROM segment "
			    "WHERE id = ?", "d", "i", &segment->id,
			    &segment->row);
		if (err)
			return err;
	}
	return NULL;
}

/* Another process may have stored it meanwhile: its place is as good as
 * ours, and it has counted. */
static err_t
insert_object(bool *fresh, struct pack *p, const struct pending *e,
    int64_t refs)
{
	struct db *db = p->store->db;
	err_t err;

	if (e->moves) {
		*fresh = false;
		return db_run(db, "UPDATE object SET segment = ?, frame = ?, "
		    "at = ? WHERE id = ? AND kind = ?", "iiidi",
		    p->segments[e->segment].row, (int64_t)e->frame,
		    (int64_t)e->at, &e->id, (int64_t)e->kind);
	}
	err = db_run(db, "INSERT OR IGNORE INTO object "
	    "VALUES (?, ?, ?, ?, ?, ?, ?)", "diiiiii", &e->id,
	    (int64_t)e->kind, p->segments[e->segment].row,
	    (int64_t)e->frame, (int64_t)e->at, (int64_t)e->size, refs);
	*fresh = db_changes(db) > 0;
	return err;
}

static bool
is_durable(const struct pack *p, const struct pending *e)
{
	return e->kind && e->segment >= 0 && p->segments[e->segment].sealed;
}

static err_t
insert_structurals(struct pack *p, struct counts *counts)
{
	struct db *db = p->store->db;
	err_t err = NULL;

	for (size_t i = 0; !err && i < p->n_structurals; i++) {
		struct structural *s = &p->structurals[i];
		struct pending *e = pending_find(p, s->kind, &s->id);

		if (!is_durable(p, e))
			BUG("rows before segments");
		err = insert_object(&s->fresh, p, e, 0);
	}
	/* Of two recipes for one content the first one counts. */
	for (size_t i = 0; !err && i < p->n_files; i++)
		err = db_run(db, "INSERT OR IGNORE INTO file VALUES (?, ?)",
		    "dd", &p->files[i].content, &p->files[i].recipe);
	for (size_t i = 0; !err && i < p->n_structurals; i++) {
		const struct structural *s = &p->structurals[i];

		if (s->fresh)
			err = counts_children(counts, db, s->kind, s->bytes.p,
			    s->bytes.len, 1);
		if (!err && s->fresh)
			err = derived_insert(p->store, s->kind, &s->id,
			    s->bytes.p, s->bytes.len);
	}
	return err;
}

err_t
pack_insert_rows(struct pack *p)
{
	struct counts *counts = &p->counts;
	err_t err;

	err = insert_segments(p);
	if (!err)
		err = insert_structurals(p, counts);
	for (size_t i = 0; !err && i < p->cap; i++) {
		const struct pending *e = &p->table[i];
		int64_t refs;
		bool fresh;

		if (!is_durable(p, e) || (!e->moves && e->kind != KIND_CHUNK &&
		    e->kind != KIND_EVENT))
			continue;
		refs = counts_take(counts, e->kind, &e->id);
		err = insert_object(&fresh, p, e, refs);
		if (!err && !fresh && refs)
			counts_add(counts, e->kind, &e->id, refs);
	}
	if (!err)
		err = counts_apply(counts, p->store->db);
	return err;
}

void
pack_count(struct pack *p, enum kind kind, const struct id *id,
    int64_t change)
{
	counts_add(&p->counts, kind, id, change);
}

static void
forget_structurals(struct pack *p)
{
	for (size_t i = 0; i < p->n_structurals; i++)
		buf_release(&p->structurals[i].bytes);
	p->n_structurals = 0;
	counts_release(&p->counts);
}

/* Keep only what still has no row. */
static void
forget_rows(struct pack *p)
{
	struct pending *old = p->table;
	size_t cap = p->cap;

	p->n = 0;
	p->cap = 1024;
	p->table = mem_array(p->cap, sizeof(*p->table));
	for (size_t i = 0; i < cap; i++) {
		const struct pending *e = &old[i];

		if (!e->kind || (e->segment >= 0 &&
		    p->segments[e->segment].sealed))
			continue;
		pending_put(p, e->kind, &e->id);
		*pending_find(p, e->kind, &e->id) = *e;
	}
	free(old);
}

err_t
pack_publish(struct pack *p)
{
	err_t err = NULL;

	forget_rows(p);
	forget_structurals(p);
	p->n_files = 0;
	for (size_t i = 0; !err && i < p->n_segments; i++) {
		struct pack_segment *segment = &p->segments[i];

		if (!segment->prepared)
			continue;
		err = segment_publish(p->store, &segment->id);
		segment->prepared = false;
	}
	return err;
}

void
pack_free(struct pack *p)
{
	if (!p)
		return;
	if (p->pool)
		pool_free(p->pool, drop_job, NULL);
	for (int kind = 1; kind <= KIND_MAX; kind++)
		if (p->filling[kind])
			frame_drop(&p->filling[kind]->base);
	if (p->deltas)
		delta_drop(&p->deltas->base);
	if (p->writing)
		seal_drop(&p->writing->base);
	forget_structurals(p);
	free(p->structurals);
	free(p->table);
	free(p->segments);
	free(p->files);
	free(p);
}
