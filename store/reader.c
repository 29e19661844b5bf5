/*
 * Reading the bytes of a file fast: the owner looks up where chunks are and
 * hands them to workers in windows; a worker decodes frames and checks each
 * chunk against its id; the owner takes windows back in order, checks the
 * whole and passes the bytes on.  Memory is bounded by the windows under way.
 */

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/cancel.h"
#include "lib/base/mem.h"
#include "lib/base/zst.h"
#include "store/store_int.h"

#define WINDOW_CHUNKS 128
#define WINDOW_BYTES (4u << 20)
#define WINDOW_FDS 16		/* a process may have 1024 by default */

struct wanted {
	struct id id;
	uint32_t size;
	struct place place;
};

/* Descriptors of the segments that a window needs, by row. */
struct window_fd {
	int64_t segment;
	int fd;
};

/* A decoded frame in a worker's hands. */
struct decoded {
	int64_t segment, frame;		/* segment 0: none */
	struct buf raw;
};

struct window {
	struct job job;
	struct wanted chunks[WINDOW_CHUNKS];
	size_t n;
	/* Bases of deltas: as many as chunks at most. */
	struct wanted bases[WINDOW_CHUNKS];
	size_t n_bases;
	struct window_fd *fds;
	size_t n_fds, cap_fds;
	size_t expected;		/* sum of the sizes */
	struct buf bytes;
};

struct reader {
	struct store *store;
	struct pool *pool;
	struct window *filling;
	content_sink_fn *sink;
	void *arg;
	struct hash whole;
};

static void
window_free(struct window *w)
{
	if (!w)
		return;
	for (size_t i = 0; i < w->n_fds; i++)
		close(w->fds[i].fd);
	free(w->fds);
	buf_release(&w->bytes);
	free(w);
}

static void
window_drop(struct job *job, void *arg)
{
	(void)arg;
	window_free((struct window *)(void *)job);
}

/* ---- a worker's part --------------------------------------------------- */

static int
window_fd(const struct window *w, int64_t segment)
{
	for (size_t i = 0; i < w->n_fds; i++)
		if (w->fds[i].segment == segment)
			return w->fds[i].fd;
	BUG("window without its segment");
}

static err_t
check_chunk(const struct wanted *c, const struct buf *raw)
{
	char hex[ID_HEX + 1];
	struct id id;

	if (place_fits(&c->place, raw->len)) {
		hash_bytes(&id, raw->p + c->place.at,
		    (size_t)c->place.size);
		if (id_eq(&id, &c->id))
			return NULL;
	}
	return err_new(ERR_CORRUPT, "chunk %s is damaged; \"dsv fsck\" says "
	    "what that costs", id_hex(hex, &c->id));
}

static err_t load(struct window *w, struct decoded *out,
    struct decoded *base, const struct place *place);

static const struct wanted *
base_of(const struct window *w, const struct id *id)
{
	for (size_t i = 0; i < w->n_bases; i++)
		if (id_eq(&w->bases[i].id, id))
			return &w->bases[i];
	return NULL;
}

static err_t
load_delta(struct window *w, struct decoded *out, struct decoded *base,
    const struct frame *f, const struct buf *stored)
{
	const struct wanted *b = base ? base_of(w, &f->base) : NULL;
	err_t err;

	if (!b)
		return err_new(ERR_CORRUPT, "the base of a delta is missing");
	err = load(w, base, NULL, &b->place);
	if (!err)
		err = check_chunk(b, &base->raw);
	if (err)
		return err;
	return zst_decompress_prefix(buf_reserve(&out->raw, f->raw), f->raw,
	    base->raw.p + b->place.at, (size_t)b->place.size, stored->p,
	    stored->len);
}

/* Decode the frame unless it is the one that is there.  base NULL: a delta
 * is not wanted. */
static err_t
load(struct window *w, struct decoded *out, struct decoded *base,
    const struct place *place)
{
	struct frame f = FRAME_INIT;
	struct buf stored = BUF_INIT;
	err_t err;

	if (out->segment == place->segment && out->frame == place->frame)
		return NULL;
	out->segment = 0;
	buf_clear(&out->raw);
	err = frame_read(&f, &stored, window_fd(w, place->segment),
	    (uint64_t)place->frame, "segment");
	if (!err && f.codec == CODEC_DELTA)
		err = load_delta(w, out, base, &f, &stored);
	else if (!err)
		err = frame_decode(buf_reserve(&out->raw, f.raw), &f,
		    stored.p);
	if (!err) {
		out->raw.len = f.raw;
		out->segment = place->segment;
		out->frame = place->frame;
	}
	frame_release(&f);
	buf_release(&stored);
	return err;
}

static err_t
window_run(struct job *job)
{
	struct window *w = (struct window *)(void *)job;
	struct decoded frame = { 0, 0, BUF_INIT }, base = { 0, 0, BUF_INIT };
	char hex[ID_HEX + 1];
	err_t err = NULL;

	buf_reserve(&w->bytes, w->expected);
	for (size_t i = 0; !err && i < w->n; i++) {
		const struct wanted *c = &w->chunks[i];

		err = load(w, &frame, &base, &c->place);
		if (err_is(err, ERR_CORRUPT))
			err = err_wrap(err, "chunk %s is damaged; \"dsv "
			    "fsck\" says what that costs",
			    id_hex(hex, &c->id));
		if (!err)
			err = check_chunk(c, &frame.raw);
		if (!err)
			buf_add(&w->bytes, frame.raw.p + c->place.at,
			    (size_t)c->place.size);
	}
	buf_release(&frame.raw);
	buf_release(&base.raw);
	return err;
}

/* ---- the owner's part -------------------------------------------------- */

static err_t
keep_fd(struct window *w, struct store *s, int64_t segment)
{
	int fd;
	err_t err;

	for (size_t i = 0; i < w->n_fds; i++)
		if (w->fds[i].segment == segment)
			return NULL;
	err = segment_open(&fd, s, segment);
	if (err)
		return err;
	VEC_ROOM(w->fds, w->n_fds, w->cap_fds);
	w->fds[w->n_fds].segment = segment;
	w->fds[w->n_fds].fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (w->fds[w->n_fds].fd < 0)
		return err_sys("cannot keep a segment open");
	w->n_fds++;
	return NULL;
}

static err_t
want(struct window *w, struct wanted *out, struct store *s,
    const struct id *id)
{
	char hex[ID_HEX + 1];
	bool found;
	err_t err;

	out->id = *id;
	/* As in object_read: gc may come between the two. */
	for (int tries = 0; tries < 2; tries++) {
		err = place_find(&found, &out->place, s, KIND_CHUNK, id);
		if (err)
			return err;
		if (!found)
			return err_new(ERR_CORRUPT, "chunk %s is missing; "
			    "\"dsv fsck\" says what that costs",
			    id_hex(hex, id));
		err = keep_fd(w, s, out->place.segment);
		if (!err_is(err, ERR_CORRUPT))
			break;
	}
	return err;
}

/* If the chunk is a delta, its base is wanted too. */
static err_t
want_base(struct window *w, struct store *s, const struct wanted *c)
{
	struct id base;
	bool delta;
	err_t err;

	err = frame_peek(&delta, &base, window_fd(w, c->place.segment),
	    (uint64_t)c->place.frame);
	if (err || !delta || base_of(w, &base))
		return err;
	err = want(w, &w->bases[w->n_bases], s, &base);
	if (!err)
		w->n_bases++;
	return err;
}

static err_t
take_back(struct reader *r, size_t held)
{
	err_t err = NULL;

	while (!err && pool_held(r->pool) > held) {
		struct job *job;
		struct window *w;

		err = pool_next(&job, r->pool);
		w = (struct window *)(void *)job;
		if (!err && w->bytes.len != w->expected)
			err = err_new(ERR_CORRUPT, "recipe has a chunk of "
			    "the wrong size");
		if (!err) {
			hash_add(&r->whole, w->bytes.p, w->bytes.len);
			err = r->sink(r->arg, buf_cstr(&w->bytes),
			    w->bytes.len);
		}
		window_free(w);
	}
	return err;
}

static err_t
give(struct reader *r)
{
	struct window *w = r->filling;

	if (!w)
		return NULL;
	r->filling = NULL;
	w->job.run = window_run;
	pool_give(r->pool, &w->job);
	return take_back(r, 2 * (size_t)pool_threads(r->pool));
}

static err_t
add_chunk(void *arg, const struct chunk_ref *chunk)
{
	struct reader *r = arg;
	struct window *w = r->filling;
	struct wanted *c;
	err_t err;

	if (!w)
		w = r->filling = mem_zalloc(sizeof(*w));
	c = &w->chunks[w->n];
	c->size = chunk->size;
	err = want(w, c, r->store, &chunk->id);
	if (err)
		return err;
	w->n++;
	w->expected += chunk->size;
	err = want_base(w, r->store, c);
	if (!err && (w->n == WINDOW_CHUNKS || w->n_fds >= WINDOW_FDS ||
	    w->expected >= WINDOW_BYTES)) {
		err = cancel_check();
		if (!err)
			err = give(r);
	}
	return err;
}

err_t
reader_run(struct store *s, const struct id *content, content_sink_fn *sink,
    void *arg)
{
	struct reader r = { .store = s, .sink = sink, .arg = arg };
	struct id check;
	err_t err;

	r.pool = pool_new();
	hash_init(&r.whole);
	err = content_chunks(s, content, add_chunk, &r);
	if (!err)
		err = give(&r);
	if (!err)
		err = take_back(&r, 0);
	hash_end(&check, &r.whole);
	if (!err && !id_eq(&check, content))
		err = err_new(ERR_CORRUPT, "the chunks do not give the file "
		    "back; \"dsv fsck\" says what that costs");
	window_free(r.filling);
	pool_free(r.pool, window_drop, NULL);
	return err;
}
