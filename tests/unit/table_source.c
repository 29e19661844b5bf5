/*
 * The same bytes in the store, in a file and in memory: the same parts, the
 * same beginning, the same blocks.
 */

#include "lib/table/source.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/mem.h"
#include "tests/unit/fixture.h"
#include "tests/unit/tap.h"

static bool
well(err_t err)
{
	if (err)
		printf("# %s\n", err->msg);
	return !err;
}

struct chunks {
	struct source *source;
	struct content_part *v;
	size_t n, cap;
};

static err_t
collect(void *arg, const struct content_part *part)
{
	struct chunks *c = arg;

	if (part->height)
		return source_part_parts(c->source, part, collect, c);
	VEC_ROOM(c->v, c->n, c->cap);
	c->v[c->n++] = *part;
	return NULL;
}

static bool
same_chunks(const struct chunks *a, const struct chunks *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (!id_eq(&a->v[i].id, &b->v[i].id) ||
		    a->v[i].offset != b->v[i].offset ||
		    a->v[i].size != b->v[i].size ||
		    a->v[i].record != b->v[i].record ||
		    a->v[i].records != b->v[i].records)
			return false;
	return true;
}

/* Every third chunk, in one block. */
static bool
reads_block(struct chunks *c, const struct buf *bytes)
{
	struct source_block *b = source_block_new(c->source);
	struct buf want = BUF_INIT, got = BUF_INIT;
	bool good = true;

	for (size_t i = 0; good && i < c->n; i += 3) {
		good = well(source_block_add(b, &c->v[i]));
		buf_add(&want, bytes->p + c->v[i].offset,
		    (size_t)c->v[i].size);
	}
	good = good && source_block_bytes(b) == want.len &&
	    well(source_block_read(&got, b)) && got.len == want.len &&
	    !memcmp(buf_cstr(&got), buf_cstr(&want), want.len);
	source_block_free(b);
	buf_release(&want);
	buf_release(&got);
	return good;
}

static bool
has_head(struct source *src, const struct buf *bytes, size_t want)
{
	struct buf got = BUF_INIT;
	bool all, good;

	good = well(source_head(&got, &all, src, want)) &&
	    got.len >= (want < bytes->len ? want : bytes->len) &&
	    got.len <= bytes->len && all == (got.len == bytes->len) &&
	    !memcmp(buf_cstr(&got), buf_cstr(bytes), got.len);
	buf_release(&got);
	return good;
}

static bool
has_facts(struct source *src, const struct buf *bytes, uint64_t records)
{
	struct source_facts facts;

	return well(source_stat(&facts, src)) && facts.size == bytes->len &&
	    facts.records == records && facts.cut == CUT_CSV;
}

static err_t
put(struct id *out, struct store *s, const struct buf *b)
{
	struct txn *t = NULL;
	err_t err;

	err = txn_begin(&t, s, "test");
	if (!err)
		err = content_put(out, t, b->p, b->len, CUT_CSV);
	if (!err)
		err = txn_lock(t);
	if (!err)
		err = txn_commit(t);
	txn_end(t);
	return err;
}

static void
test_rows(struct store *s, unsigned rows)
{
	struct chunks c[3] = { { .n = 0 } };
	struct buf b = BUF_INIT;
	FILE *file = tmpfile();
	struct id id;

	for (unsigned i = 0; i < rows; i++)
		buf_printf(&b, "%u,\"some\n%x\",x\n", i, i * 2654435761u);
	fwrite(buf_cstr(&b), 1, b.len, file);
	fflush(file);
	c[2].source = source_of_bytes(b.p, b.len, CUT_CSV);
	printf("# %u rows\n", rows);
	ok(well(put(&id, s, &b)) &&
	    well(source_of_content(&c[0].source, s, &id, CUT_CSV)) &&
	    well(source_of_file(&c[1].source, fileno(file), "f", CUT_CSV)),
	    "three sources of the same bytes");
	for (int i = 0; i < 3; i++) {
		ok(has_head(c[i].source, &b, 100), "how it begins");
		ok(has_head(c[i].source, &b, b.len), "all of it");
		ok(has_head(c[i].source, &b, b.len + 1), "more than all");
		ok(has_facts(c[i].source, &b, rows), "how much it is");
		ok(well(source_parts(c[i].source, collect, &c[i])), "parts");
		ok(reads_block(&c[i], &b), "a block");
	}
	/* What is empty is stored as an empty chunk, and has none elsewhere. */
	ok(!rows || same_chunks(&c[0], &c[1]), "parts in the store and in a "
	    "file are the same");
	ok(same_chunks(&c[1], &c[2]), "and in memory");
	source_lend(c[0].source, fileno(file));
	ok(reads_block(&c[0], &b) && !source_together(c[0].source,
	    c[0].source), "a content that was lent its file");
	if (rows) {
		ok(pwrite(fileno(file), "?", 1, 0) == 1 &&
		    !reads_block(&c[1], &b), "a file that changed is noticed");
		ok(reads_block(&c[0], &b), "and not needed if it was lent");
		ok(ftruncate(fileno(file), (off_t)b.len / 2) == 0 &&
		    reads_block(&c[0], &b), "nor is one that was cut off");
	}
	for (int i = 0; i < 3; i++) {
		source_free(c[i].source);
		free(c[i].v);
	}
	fclose(file);
	buf_release(&b);
}

static void
test_missing(struct store *s)
{
	struct source *src = NULL;

	ok(err_is(source_of_content(&src, s, &(struct id){ { 7 } }, CUT_CSV),
	    ERR_CORRUPT) && !src, "a content that is not there");
	source_free(src);
}

int
main(void)
{
	struct fixture f;

	if (!ok(!fixture_open(&f), "a store"))
		return tap_end();
	test_rows(f.store, 0);
	test_rows(f.store, 100);
	test_rows(f.store, 300000);
	test_missing(f.store);
	fixture_close(&f);
	return tap_end();
}
