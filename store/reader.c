/*
 * Reading the bytes of a file fast: the owner looks up where chunks are and
 * hands them to workers in windows; a worker decodes frames and checks each
 * chunk against its id; the owner takes windows back in order, checks the
 * whole and passes the bytes on.  Memory is bounded by the windows under way.
 */

#include <stdlib.h>

#include "lib/base/cancel.h"
#include "lib/base/mem.h"
#include "store/store_int.h"

struct window {
	struct job job;
	struct chunk_set *chunks;
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
	chunk_set_free(w->chunks);
	buf_release(&w->bytes);
	free(w);
}

static void
window_drop(struct job *job, void *arg)
{
	(void)arg;
	window_free((struct window *)(void *)job);
}

static err_t
window_run(struct job *job)
{
	struct window *w = (struct window *)(void *)job;

	return chunk_set_read(&w->bytes, w->chunks);
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
	err_t err;

	if (!w) {
		w = r->filling = mem_zalloc(sizeof(*w));
		w->chunks = chunk_set_new(r->store);
	}
	err = chunk_set_add(w->chunks, &chunk->id, chunk->size);
	if (!err && chunk_set_full(w->chunks)) {
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
