/*
 * The chunks of a file that is not stored: the caller's thread reads and cuts
 * it, slab by slab, and workers hash.  Slabs come back in order, so memory is
 * bounded by those under way.
 */

#include <stdlib.h>
#include <string.h>

#include "lib/base/cancel.h"
#include "lib/base/mem.h"
#include "store/cut.h"
#include "store/store_int.h"

#define SLAB (4u << 20)		/* more than CUT_NEED */

struct slab {
	struct job job;
	struct buf bytes;
	struct chunk_ref *chunks;
	size_t n, cap;
};

struct listing {
	struct pool *pool;
	int fd;
	const char *name;
	struct cutter cutter;
	struct buf rest;		/* read, and in no chunk yet */
	uint64_t offset;		/* of rest */
	bool eof;
	struct content total;
	chunk_visit_fn *fn;
	void *arg;
};

static void
slab_free(struct slab *s)
{
	buf_release(&s->bytes);
	free(s->chunks);
	free(s);
}

static void
slab_drop(struct job *job, void *arg)
{
	(void)arg;
	slab_free((struct slab *)(void *)job);
}

static err_t
slab_run(struct job *job)
{
	struct slab *s = (struct slab *)(void *)job;
	const char *p = s->bytes.p;

	for (size_t i = 0; i < s->n; i++) {
		hash_bytes(&s->chunks[i].id, p, s->chunks[i].size);
		p += s->chunks[i].size;
	}
	return NULL;
}

/* Cut as far as what was read allows; the rest waits for the next slab. */
static void
slab_cut(struct slab *s, struct listing *l)
{
	struct cut_piece piece;
	size_t at = 0;

	while (cutter_next(&piece, &l->cutter, buf_cstr(&s->bytes) + at,
	    s->bytes.len - at, l->eof)) {
		VEC_ROOM(s->chunks, s->n, s->cap);
		s->chunks[s->n++] = (struct chunk_ref){ .offset = l->offset,
		    .size = (uint32_t)piece.size, .records = piece.records,
		    .partial = piece.partial };
		l->offset += piece.size;
		at += piece.size;
	}
	buf_add(&l->rest, s->bytes.p + at, s->bytes.len - at);
	s->bytes.len = at;
}

static err_t
read_slab(struct slab *s, struct listing *l)
{
	size_t got;
	err_t err;

	buf_reserve(&s->bytes, SLAB);
	buf_add(&s->bytes, l->rest.p, l->rest.len);
	buf_clear(&l->rest);
	err = file_pread_full(&got, l->fd, s->bytes.p + s->bytes.len,
	    SLAB - s->bytes.len, l->offset + s->bytes.len, l->name);
	if (err)
		return err;
	l->eof = got < SLAB - s->bytes.len;
	s->bytes.len += got;
	if (l->cutter.cut == CUT_AUTO)
		cutter_init(&l->cutter, cut_sniff(s->bytes.p, s->bytes.len));
	slab_cut(s, l);
	return cancel_check();
}

/* Say what is in finished slabs until at most held are under way. */
static err_t
take_back(struct listing *l, size_t held)
{
	err_t err = NULL;

	while (!err && pool_held(l->pool) > held) {
		struct slab *s;
		struct job *job;

		err = pool_next(&job, l->pool);
		s = (struct slab *)(void *)job;
		for (size_t i = 0; !err && i < s->n; i++) {
			l->total.size += s->chunks[i].size;
			l->total.records += s->chunks[i].records;
			l->total.chunks++;
			err = l->fn(l->arg, &s->chunks[i]);
		}
		slab_free(s);
	}
	return err;
}

err_t
content_of_file(struct content *out, int fd, const char *name, enum cut cut,
    chunk_visit_fn *fn, void *arg)
{
	struct listing l = { .fd = fd, .name = name, .rest = BUF_INIT,
	    .fn = fn, .arg = arg };
	err_t err = NULL;

	l.pool = pool_new();
	cutter_init(&l.cutter, cut);
	while (!err && !l.eof) {
		struct slab *s = mem_zalloc(sizeof(*s));

		s->job.run = slab_run;
		err = read_slab(s, &l);
		pool_give(l.pool, &s->job);
		if (!err)
			err = take_back(&l, 2 * (size_t)pool_threads(l.pool));
	}
	if (!err)
		err = take_back(&l, 0);
	l.total.cut = l.cutter.cut;
	if (!err && out)
		*out = l.total;
	pool_free(l.pool, slab_drop, NULL);
	buf_release(&l.rest);
	return err;
}
