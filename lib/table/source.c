/*
 * A content of the store lists its parts and reads its chunks itself, unless
 * it was lent a file where they are found as well.  A file
 * is cut as the store would cut it, the first time that its parts are asked
 * for; they are kept, all of height 0, and their bytes are read where they
 * are and checked against the id.  Memory is a file that is never read.
 */

#include "lib/table/source.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "store/cut.h"

enum place { IN_STORE, IN_FILE, IN_MEMORY };

struct source {
	enum place place;
	enum cut cut;
	struct store *store;
	struct id content;
	int fd;
	const char *name;
	const char *p;
	size_t len;
	struct content_part *chunks;	/* of a file or of memory */
	size_t n, cap;
	uint64_t size, records;		/* of chunks */
	bool listed;
};

struct source_block {
	struct source *source;
	struct chunk_set **sets;	/* of the store */
	size_t n_sets, cap_sets;
	struct content_part *chunks;	/* of a file, lent too, or of memory */
	size_t n, cap;
	size_t bytes;
};

err_t
source_of_content(struct source **out, struct store *s,
    const struct id *content, enum cut cut)
{
	struct source *src;
	bool has;
	err_t err;

	err = content_has(&has, s, content);
	if (!err && !has)
		err = err_new(ERR_CORRUPT, "a file's content is missing; "
		    "\"dsv fsck\" says which");
	if (err)
		return err;
	src = mem_zalloc(sizeof(*src));
	src->place = IN_STORE;
	src->cut = cut;
	src->store = s;
	src->content = *content;
	src->fd = -1;
	src->name = "a file of the working tree";
	*out = src;
	return NULL;
}

void
source_lend(struct source *src, int fd)
{
	src->fd = fd;
}

err_t
source_of_file(struct source **out, int fd, const char *name, enum cut cut)
{
	struct source *src;
	struct stat st;

	if (fstat(fd, &st) < 0)
		return err_sys("cannot look at \"%s\"", name);
	if (!S_ISREG(st.st_mode))
		return err_new(ERR_USAGE, "\"%s\" is not a regular file",
		    name);
	src = mem_zalloc(sizeof(*src));
	src->place = IN_FILE;
	src->cut = cut;
	src->fd = fd;
	src->name = name;
	*out = src;
	return NULL;
}

struct source *
source_of_bytes(const void *p, size_t len, enum cut cut)
{
	struct source *src = mem_zalloc(sizeof(*src));

	src->place = IN_MEMORY;
	src->cut = cut == CUT_AUTO ? cut_sniff(p, len) : cut;
	src->fd = -1;
	src->p = p;
	src->len = len;
	return src;
}

void
source_free(struct source *src)
{
	if (!src)
		return;
	free(src->chunks);
	free(src);
}

bool
source_together(const struct source *a, const struct source *b)
{
	return a->place == IN_STORE && b->place == IN_STORE &&
	    a->store == b->store && a->fd < 0 && b->fd < 0;
}

err_t
source_view_begin(struct source *src)
{
	return src->place == IN_STORE ? store_view_begin(src->store) : NULL;
}

void
source_view_end(struct source *src)
{
	if (src->place == IN_STORE)
		store_view_end(src->store);
}

/* ---- the beginning ----------------------------------------------------- */

/* The first chunks of a stored content, until there are enough bytes. */
struct head {
	struct source *source;
	struct source_block *block;
	size_t want;
};

static err_t
add_to_head(void *arg, const struct content_part *part)
{
	struct head *h = arg;

	if (h->block->bytes >= h->want)
		return NULL;
	if (part->height)
		return content_part_parts(h->source->store, part, add_to_head,
		    h);
	return source_block_add(h->block, part);
}

static err_t
stored_head(struct buf *out, bool *all, struct source *src, size_t want)
{
	struct head h = { src, source_block_new(src), want };
	struct source_facts facts;
	err_t err;

	err = content_parts(src->store, &src->content, src->cut, add_to_head,
	    &h);
	if (!err)
		err = source_stat(&facts, src);
	if (!err)
		err = source_block_read(out, h.block);
	if (!err)
		*all = h.block->bytes == facts.size;
	source_block_free(h.block);
	return err;
}

static err_t
file_head(struct buf *out, bool *all, struct source *src, size_t want)
{
	size_t got;
	err_t err;

	/* One byte more shows whether there is one. */
	err = file_pread_full(&got, src->fd, buf_reserve(out, want + 1),
	    want + 1, 0, src->name);
	if (err)
		return err;
	*all = got <= want;
	out->len += *all ? got : want;
	return NULL;
}

err_t
source_head(struct buf *out, bool *all, struct source *src, size_t want)
{
	size_t n = want < src->len ? want : src->len;

	switch (src->place) {
	case IN_STORE:
		return stored_head(out, all, src, want);
	case IN_FILE:
		return file_head(out, all, src, want);
	case IN_MEMORY:
		break;
	}
	buf_add(out, src->p, n);
	*all = n == src->len;
	return NULL;
}

/* ---- parts ------------------------------------------------------------- */

static err_t
keep_chunk(void *arg, const struct chunk_ref *c)
{
	struct source *src = arg;

	VEC_ROOM(src->chunks, src->n, src->cap);
	src->chunks[src->n++] = (struct content_part){ .id = c->id,
	    .offset = src->size, .size = c->size, .record = src->records,
	    .records = c->records, .partial = c->partial };
	src->size += c->size;
	src->records += c->records;
	return NULL;
}

static err_t
cut_memory(struct source *src)
{
	struct cutter cutter;
	struct cut_piece piece;
	size_t at = 0;
	err_t err = NULL;

	cutter_init(&cutter, src->cut);
	while (!err && cutter_next(&piece, &cutter, src->p + at,
	    src->len - at, true)) {
		struct chunk_ref c = { .size = (uint32_t)piece.size,
		    .records = piece.records, .partial = piece.partial };

		hash_bytes(&c.id, src->p + at, piece.size);
		err = keep_chunk(src, &c);
		at += piece.size;
	}
	return err;
}

static err_t
list_chunks(struct source *src)
{
	struct content facts;
	err_t err = NULL;

	if (src->listed)
		return NULL;
	src->n = 0;
	src->size = src->records = 0;
	if (src->place == IN_MEMORY) {
		err = cut_memory(src);
	} else {
		err = content_of_file(&facts, src->fd, src->name, src->cut,
		    keep_chunk, src);
		if (!err)
			src->cut = facts.cut;
	}
	src->listed = !err;
	return err;
}

err_t
source_stat(struct source_facts *out, struct source *src)
{
	struct content facts;
	err_t err;

	if (src->place != IN_STORE) {
		err = list_chunks(src);
		if (!err)
			*out = (struct source_facts){ src->size, src->records,
			    src->cut };
		return err;
	}
	err = content_stat(&facts, src->store, &src->content, src->cut);
	if (!err)
		*out = (struct source_facts){ facts.size, facts.records,
		    facts.cut };
	return err;
}

err_t
source_parts(struct source *src, content_part_fn *fn, void *arg)
{
	err_t err;

	if (src->place == IN_STORE)
		return content_parts(src->store, &src->content, src->cut, fn,
		    arg);
	err = list_chunks(src);
	for (size_t i = 0; !err && i < src->n; i++)
		err = fn(arg, &src->chunks[i]);
	return err;
}

err_t
source_part_parts(struct source *src, const struct content_part *part,
    content_part_fn *fn, void *arg)
{
	if (src->place != IN_STORE)
		BUG("a file has no parts but chunks");
	return content_part_parts(src->store, part, fn, arg);
}

/* ---- blocks ------------------------------------------------------------ */

struct source_block *
source_block_new(struct source *src)
{
	struct source_block *b = mem_zalloc(sizeof(*b));

	b->source = src;
	return b;
}

void
source_block_free(struct source_block *b)
{
	if (!b)
		return;
	for (size_t i = 0; i < b->n_sets; i++)
		chunk_set_free(b->sets[i]);
	free(b->sets);
	free(b->chunks);
	free(b);
}

static err_t
add_to_set(struct source_block *b, const struct content_part *chunk)
{
	if (!b->n_sets || chunk_set_full(b->sets[b->n_sets - 1])) {
		VEC_ROOM(b->sets, b->n_sets, b->cap_sets);
		b->sets[b->n_sets++] = chunk_set_new(b->source->store);
	}
	return chunk_set_add(b->sets[b->n_sets - 1], &chunk->id,
	    (uint32_t)chunk->size);
}

err_t
source_block_add(struct source_block *b, const struct content_part *chunk)
{
	err_t err = NULL;

	if (chunk->height)
		BUG("a block is made of chunks");
	if (b->source->place == IN_STORE && chunk->size)
		err = add_to_set(b, chunk);
	if (b->source->place != IN_STORE || b->source->fd >= 0) {
		VEC_ROOM(b->chunks, b->n, b->cap);
		b->chunks[b->n++] = *chunk;
	}
	if (!err)
		b->bytes += (size_t)chunk->size;
	return err;
}

size_t
source_block_bytes(const struct source_block *b)
{
	return b->bytes;
}

/* *same: the file has the chunk, and it was appended. */
static err_t
read_file(bool *same, struct buf *out, const struct source *src,
    const struct content_part *chunk)
{
	size_t got, size = (size_t)chunk->size;
	char *to = buf_reserve(out, size);
	struct id id;
	err_t err;

	err = file_pread_full(&got, src->fd, to, size, chunk->offset,
	    src->name);
	if (err)
		return err;
	hash_bytes(&id, to, got);
	*same = id_eq(&id, &chunk->id);
	if (*same)
		out->len += got;
	return NULL;
}

static err_t
read_files(struct buf *out, const struct source_block *b)
{
	bool same;
	err_t err = NULL;

	for (size_t i = 0; !err && i < b->n; i++) {
		err = read_file(&same, out, b->source, &b->chunks[i]);
		if (!err && !same)
			err = err_new(ERR_SYSTEM, "\"%s\" changed while it "
			    "was read; try again when nothing writes to it",
			    b->source->name);
	}
	return err;
}

/* False, and nothing is appended, unless the file that was lent has all. */
static bool
read_lent(struct buf *out, const struct source_block *b)
{
	size_t before = out->len;
	bool same = true;

	for (size_t i = 0; same && i < b->n; i++)
		if (read_file(&same, out, b->source, &b->chunks[i]))
			same = false;
	if (!same)
		out->len = before;
	return same;
}

static err_t
read_store(struct buf *out, const struct source_block *b)
{
	err_t err = NULL;

	if (b->source->fd >= 0 && read_lent(out, b))
		return NULL;
	for (size_t i = 0; !err && i < b->n_sets; i++)
		err = chunk_set_read(out, b->sets[i]);
	return err;
}

err_t
source_block_read(struct buf *out, const struct source_block *b)
{
	buf_reserve(out, b->bytes);
	switch (b->source->place) {
	case IN_STORE:
		return read_store(out, b);
	case IN_FILE:
		return read_files(out, b);
	case IN_MEMORY:
		break;
	}
	for (size_t i = 0; i < b->n; i++)
		buf_add(out, b->source->p + b->chunks[i].offset,
		    (size_t)b->chunks[i].size);
	return NULL;
}
