/*
 * Records are gathered in memory as
 *
 *	u32 length of the bytes; key; bytes
 *
 * and, when they are many, sorted and written behind each other: a run.  When
 * there are FAN runs they are merged into one, written behind them, so that
 * no merge reads from more than FAN places at once.  The last merge is the
 * reading of the result.
 */

#include "lib/base/sorter.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/cancel.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"

#define FAN 48
#define READ_SIZE ((size_t)128 << 10)
#define WRITE_SIZE ((size_t)1 << 20)
#define HEAD sizeof(uint32_t)

/* A record in memory: where it is, and the start of its key for comparing
 * without looking there. */
struct item {
	uint64_t first;
	size_t at;
};

/* Sorted records in the file, or those still in memory. */
struct run {
	uint64_t at, end;		/* in the file; not read yet */
	struct buf bytes;		/* read, not taken yet */
	size_t used;			/* of bytes */
	const unsigned char *key;	/* of the next record; NULL: none */
	const char *p;
	size_t len;
};

struct sorter {
	size_t key_size, memory;
	uint64_t count;
	struct buf arena;
	struct item *items;
	size_t n, cap;
	size_t taken;			/* of items, when reading from memory */
	int fd;
	uint64_t size;			/* of the file */
	struct buf out;			/* to be written at size */
	struct run runs[FAN];
	size_t n_runs;
	size_t heap[FAN];		/* runs, by their next record */
	size_t n_heap;
	bool reading;			/* the first of the heap is taken */
};

struct sorter *
sorter_new(size_t key_size, size_t memory)
{
	struct sorter *s = mem_zalloc(sizeof(*s));

	if (key_size < 8 || key_size > SORTER_KEY_MAX || memory < 65536)
		BUG("a sorter of keys of %zu bytes in %zu", key_size, memory);
	s->key_size = key_size;
	s->memory = memory;
	s->fd = -1;
	return s;
}

void
sorter_free(struct sorter *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->n_runs; i++)
		buf_release(&s->runs[i].bytes);
	if (s->fd >= 0)
		close(s->fd);
	buf_release(&s->arena);
	buf_release(&s->out);
	free(s->items);
	free(s);
}

uint64_t
sorter_count(const struct sorter *s)
{
	return s->count;
}

uint64_t
sorter_spilled(const struct sorter *s)
{
	return s->size;
}

/* ---- in memory --------------------------------------------------------- */

static uint64_t
first_of(const unsigned char *key)
{
	uint64_t v = 0;

	for (int i = 0; i < 8; i++)
		v = v << 8 | key[i];
	return v;
}

static int
item_cmp(const struct sorter *s, const struct item *a, const struct item *b)
{
	if (a->first != b->first)
		return a->first < b->first ? -1 : 1;
	return memcmp(s->arena.p + a->at + HEAD, s->arena.p + b->at + HEAD,
	    s->key_size);
}

/* Merge sort, from short sorted stretches up: stable, and without luck. */
static void
sort_items(struct sorter *s)
{
	struct item *from = s->items;
	struct item *to = mem_array(s->n ? s->n : 1, sizeof(*to));

	for (size_t width = 1; width < s->n; width *= 2) {
		struct item *swap = from;

		for (size_t low = 0; low < s->n; low += 2 * width) {
			size_t mid = low + width < s->n ? low + width : s->n;
			size_t end = mid + width < s->n ? mid + width : s->n;
			size_t a = low, b = mid;

			for (size_t i = low; i < end; i++)
				to[i] = b == end || (a < mid &&
				    item_cmp(s, &from[a], &from[b]) <= 0) ?
				    from[a++] : from[b++];
		}
		from = to;
		to = swap;
	}
	s->items = from;
	s->cap = s->n;		/* the two arrays may differ in size */
	free(to);
}

/* ---- in the file ------------------------------------------------------- */

static err_t
write_out(struct sorter *s)
{
	err_t err = NULL;

	if (s->fd < 0)
		err = file_scratch(&s->fd);
	if (!err && lseek(s->fd, (off_t)s->size, SEEK_SET) < 0)
		err = err_sys("cannot seek in a temporary file");
	if (!err)
		err = file_write_full(s->fd, s->out.p, s->out.len,
		    "temporary file");
	if (err)
		return err;
	s->size += s->out.len;
	buf_clear(&s->out);
	return cancel_check();
}

static err_t
put(struct sorter *s, const unsigned char *key, const char *p, size_t len)
{
	uint32_t n = (uint32_t)len;

	buf_add(&s->out, &n, HEAD);
	buf_add(&s->out, key, s->key_size);
	buf_add(&s->out, p, len);
	return s->out.len < WRITE_SIZE ? NULL : write_out(s);
}

static err_t
changed(void)
{
	return err_new(ERR_SYSTEM, "a temporary file changed");
}

/* Have at least so many bytes of the run in memory. */
static err_t
run_fill(struct sorter *s, struct run *r, size_t want)
{
	size_t left = r->bytes.len - r->used, more = want - left;
	err_t err;

	if (more < READ_SIZE)
		more = READ_SIZE;
	if (more > r->end - r->at)
		more = (size_t)(r->end - r->at);
	if (left + more < want)
		return changed();
	if (left)
		memmove(r->bytes.p, r->bytes.p + r->used, left);
	r->bytes.len = left;
	r->used = 0;
	err = file_pread_full(&left, s->fd, buf_reserve(&r->bytes, more),
	    more, r->at, "temporary file");
	if (!err && left != more)
		err = changed();
	if (err)
		return err;
	r->bytes.len += more;
	r->at += more;
	return NULL;
}

/* Look at the next record of a run; reads on in the file if need be. */
static err_t
run_look(struct sorter *s, struct run *r)
{
	size_t want = HEAD + s->key_size;
	uint32_t len;
	err_t err = NULL;

	r->key = NULL;
	if (r->at == r->end && r->used == r->bytes.len)
		return NULL;
	if (r->bytes.len - r->used < want)
		err = run_fill(s, r, want);
	if (err)
		return err;
	memcpy(&len, r->bytes.p + r->used, HEAD);
	want += len;
	if (r->bytes.len - r->used < want)
		err = run_fill(s, r, want);
	if (err)
		return err;
	r->p = r->bytes.p + r->used + HEAD + s->key_size;
	r->key = (const unsigned char *)r->p - s->key_size;
	r->len = len;
	return NULL;
}

static err_t
run_step(struct sorter *s, struct run *r)
{
	r->used += HEAD + s->key_size + r->len;
	return run_look(s, r);
}

/* Earlier runs come first among equals. */
static bool
run_before(const struct sorter *s, size_t a, size_t b)
{
	int cmp = memcmp(s->runs[a].key, s->runs[b].key, s->key_size);

	return cmp ? cmp < 0 : a < b;
}

static void
heap_sink(struct sorter *s, size_t i)
{
	for (;;) {
		size_t child = 2 * i + 1, swap;

		if (child >= s->n_heap)
			return;
		if (child + 1 < s->n_heap &&
		    run_before(s, s->heap[child + 1], s->heap[child]))
			child++;
		if (!run_before(s, s->heap[child], s->heap[i]))
			return;
		swap = s->heap[i];
		s->heap[i] = s->heap[child];
		s->heap[child] = swap;
		i = child;
	}
}

static err_t
heap_begin(struct sorter *s)
{
	err_t err = NULL;

	s->n_heap = 0;
	for (size_t i = 0; !err && i < s->n_runs; i++) {
		err = run_look(s, &s->runs[i]);
		if (!err && s->runs[i].key)
			s->heap[s->n_heap++] = i;
	}
	for (size_t i = s->n_heap / 2; !err && i-- > 0;)
		heap_sink(s, i);
	return err;
}

/* Take the first record away. */
static err_t
heap_step(struct sorter *s)
{
	struct run *r = &s->runs[s->heap[0]];
	err_t err = run_step(s, r);

	if (!err && !r->key)
		s->heap[0] = s->heap[--s->n_heap];
	if (!err)
		heap_sink(s, 0);
	return err;
}

/* All runs become one. */
static err_t
merge_runs(struct sorter *s)
{
	uint64_t at = s->size;
	err_t err;

	err = heap_begin(s);
	while (!err && s->n_heap) {
		const struct run *r = &s->runs[s->heap[0]];

		err = put(s, r->key, r->p, r->len);
		if (!err)
			err = heap_step(s);
	}
	if (!err)
		err = write_out(s);
	for (size_t i = 0; i < s->n_runs; i++)
		buf_release(&s->runs[i].bytes);
	s->n_runs = 1;
	s->runs[0] = (struct run){ .at = at, .end = s->size };
	return err;
}

/* What is in memory becomes a run. */
static err_t
spill(struct sorter *s)
{
	uint64_t at = s->size;
	err_t err = NULL;

	sort_items(s);
	for (size_t i = 0; !err && i < s->n; i++) {
		const char *p = s->arena.p + s->items[i].at;
		uint32_t len;

		memcpy(&len, p, HEAD);
		err = put(s, (const unsigned char *)p + HEAD,
		    p + HEAD + s->key_size, len);
	}
	if (!err)
		err = write_out(s);
	if (err)
		return err;
	s->runs[s->n_runs++] = (struct run){ .at = at, .end = s->size };
	s->n = 0;
	buf_clear(&s->arena);
	return s->n_runs == FAN ? merge_runs(s) : NULL;
}

/* ---- the face ---------------------------------------------------------- */

err_t
sorter_add(struct sorter *s, const void *key, const void *p, size_t len)
{
	size_t size = HEAD + s->key_size + len;
	uint32_t n = (uint32_t)len;
	err_t err;

	if (len > SORTER_RECORD_MAX)
		BUG("a record of %zu bytes for a sorter", len);
	/* An item is there twice while it is sorted. */
	if (s->n && s->arena.len + size + (s->n + 1) * 2 *
	    sizeof(struct item) > s->memory) {
		err = spill(s);
		if (err)
			return err;
	}
	VEC_ROOM(s->items, s->n, s->cap);
	s->items[s->n++] = (struct item){ first_of(key), s->arena.len };
	buf_reserve(&s->arena, size);
	buf_add(&s->arena, &n, HEAD);
	buf_add(&s->arena, key, s->key_size);
	buf_add(&s->arena, p, len);
	s->count++;
	return NULL;
}

err_t
sorter_end(struct sorter *s)
{
	err_t err;

	if (!s->n_runs) {
		sort_items(s);
		return NULL;
	}
	err = s->n ? spill(s) : NULL;
	buf_release(&s->arena);
	free(s->items);
	s->items = NULL;
	s->n = s->cap = 0;
	return err ? err : heap_begin(s);
}

static void
next_in_memory(bool *found, struct sorted *out, struct sorter *s)
{
	const char *p;
	uint32_t len;

	*found = s->taken < s->n;
	if (!*found)
		return;
	p = s->arena.p + s->items[s->taken++].at;
	memcpy(&len, p, HEAD);
	*out = (struct sorted){ (const unsigned char *)p + HEAD,
	    p + HEAD + s->key_size, len };
}

err_t
sorter_next(bool *found, struct sorted *out, struct sorter *s)
{
	const struct run *r;
	err_t err;

	if (!s->n_runs) {
		next_in_memory(found, out, s);
		return NULL;
	}
	if (s->reading) {
		err = heap_step(s);
		if (err)
			return err;
	}
	s->reading = *found = s->n_heap > 0;
	if (*found) {
		r = &s->runs[s->heap[0]];
		*out = (struct sorted){ r->key, r->p, r->len };
	}
	return NULL;
}
