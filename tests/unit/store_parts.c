/*
 * Files seen by the parts of their recipes, and chunks read in sets: both
 * must give what content_chunks and content_read give.
 */

#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "store/store.h"
#include "tests/unit/fixture.h"
#include "tests/unit/tap.h"

static bool
well(err_t err)
{
	if (err)
		printf("# %s\n", err->msg);
	return !err;
}

/* Rows of which every one hundredth has a newline in a cell. */
static void
make_rows(struct buf *b, unsigned from, unsigned to, const char *word)
{
	for (unsigned i = from; i < to; i++)
		buf_printf(b, "%u,%x,%s%s%x\n", i, i * 2654435761u,
		    i % 100 ? word : "\"two\nlines\"", i % 100 ? " " : "",
		    i % 100 ? i * 40503u : 1);
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

/* ---- parts ------------------------------------------------------------- */

struct list {
	struct store *store;
	struct content_part *v;
	size_t n, cap;
	size_t nodes;
	unsigned height;		/* of the highest */
};

static err_t
descend(void *arg, const struct content_part *part)
{
	struct list *l = arg;

	if (part->height > l->height)
		l->height = part->height;
	if (part->height) {
		l->nodes++;
		return content_part_parts(l->store, part, descend, l);
	}
	VEC_ROOM(l->v, l->n, l->cap);
	l->v[l->n++] = *part;
	return NULL;
}

struct check {
	const struct list *list;
	size_t n;
	uint64_t records;
	bool good;
};

static err_t
compare(void *arg, const struct chunk_ref *chunk)
{
	struct check *c = arg;
	const struct content_part *p = &c->list->v[c->n];

	c->good = c->good && c->n < c->list->n && id_eq(&p->id, &chunk->id) &&
	    p->offset == chunk->offset && p->size == chunk->size &&
	    p->records == chunk->records && p->partial == chunk->partial &&
	    p->record == c->records;
	c->records += chunk->records;
	c->n++;
	return NULL;
}

static bool
parts_are_chunks(struct list *l, struct store *s, const struct id *id)
{
	struct check c = { .list = l, .good = true };

	*l = (struct list){ .store = s };
	return well(content_parts(s, id, CUT_CSV, descend, l)) &&
	    well(content_chunks(s, id, compare, &c)) && c.good &&
	    c.n == l->n;
}

static size_t
shared_nodes(struct store *s, const struct id *a, const struct id *b);

/* A node is partial if any chunk below it is. */
struct flags {
	struct store *store;
	bool any, good;
	size_t whole, partial;		/* nodes */
};

static err_t
check_flags(void *arg, const struct content_part *part)
{
	struct flags *f = arg, below = { .store = f->store, .good = true };
	err_t err = NULL;

	if (part->height) {
		err = content_part_parts(f->store, part, check_flags, &below);
		f->good = f->good && below.good && below.any == part->partial;
		f->whole += !part->partial;
		f->partial += part->partial;
	}
	f->any |= part->partial;
	return err;
}

static void
test_partial(struct store *s)
{
	struct flags f = { .store = s, .good = true };
	struct buf b = BUF_INIT;
	struct list l;
	struct id id;

	make_rows(&b, 0, 200000, "some words");
	for (int i = 0; i < 300000; i++)
		buf_str(&b, "a long record");
	buf_char(&b, '\n');
	make_rows(&b, 0, 200000, "other words");
	ok(well(put(&id, s, &b)) && parts_are_chunks(&l, s, &id),
	    "a file with a record of 4 MB");
	ok(well(content_parts(s, &id, CUT_CSV, check_flags, &f)) && f.good &&
	    f.partial > 0 && f.whole > 0,
	    "a node is partial if a chunk below it is");
	free(l.v);
	buf_release(&b);
}

/* ---- files that are not stored ----------------------------------------- */

static void
test_file(struct store *s, size_t rows, enum cut cut, const char *what)
{
	struct check c = { .good = true };
	struct content facts = { .size = 1 };
	struct buf b = BUF_INIT;
	struct list l = { .store = s };
	struct id id;
	FILE *file = tmpfile();

	make_rows(&b, 0, (unsigned)rows, "some words");
	if (rows)
		buf_str(&b, "no newline here");
	fwrite(buf_cstr(&b), 1, b.len, file);
	fflush(file);
	c.list = &l;
	ok(well(put(&id, s, &b)) &&
	    well(content_parts(s, &id, CUT_CSV, descend, &l)) &&
	    well(content_of_file(&facts, fileno(file), "file", cut, compare,
	    &c)) && c.good && c.n == (b.len ? l.n : 0) &&
	    facts.size == b.len && facts.chunks == c.n &&
	    facts.records == c.records, what);
	fclose(file);
	free(l.v);
	buf_release(&b);
}

/* ---- sets -------------------------------------------------------------- */

/* Read the chunks from first on, every step-th, backwards if so asked. */
static bool
set_gives(const struct list *l, const char *bytes, size_t first, size_t step,
    bool backwards)
{
	struct buf got = BUF_INIT, want = BUF_INIT;
	bool good = true;

	for (size_t i = first; good && i < l->n;) {
		struct chunk_set *set = chunk_set_new(l->store);

		buf_clear(&got);
		buf_clear(&want);
		for (; good && i < l->n && !chunk_set_full(set); i += step) {
			const struct content_part *p = &l->v[backwards ?
			    l->n - 1 - i : i];

			good = well(chunk_set_add(set, &p->id,
			    (uint32_t)p->size));
			buf_add(&want, bytes + p->offset, (size_t)p->size);
		}
		good = good && chunk_set_bytes(set) == want.len &&
		    well(chunk_set_read(&got, set)) && got.len == want.len &&
		    !memcmp(got.p, want.p, got.len);
		chunk_set_free(set);
	}
	buf_release(&got);
	buf_release(&want);
	return good;
}

struct node_list {
	struct id v[4096];
	size_t n;
};

static err_t
note_node(void *arg, const struct content_part *part)
{
	struct node_list *l = arg;

	if (part->height && l->n < 4096)
		l->v[l->n++] = part->id;
	return NULL;
}

static size_t
shared_nodes(struct store *s, const struct id *a, const struct id *b)
{
	static struct node_list x, y;
	size_t shared = 0;

	x.n = y.n = 0;
	if (!well(content_parts(s, a, CUT_CSV, note_node, &x)) ||
	    !well(content_parts(s, b, CUT_CSV, note_node, &y)))
		return 0;
	for (size_t i = 0; i < x.n; i++)
		for (size_t j = 0; j < y.n; j++)
			shared += id_eq(&x.v[i], &y.v[j]);
	return shared;
}

static void
test_large(struct store *s)
{
	struct buf a = BUF_INIT, b = BUF_INIT;
	struct list la, lb;
	struct id ia, ib;

	make_rows(&a, 0, 400000, "some words");
	make_rows(&b, 0, 150000, "some words");
	buf_str(&b, "new,row,here\n");
	make_rows(&b, 150000, 400000, "some words");
	ok(well(put(&ia, s, &a)) && well(put(&ib, s, &b)), "two large files");
	ok(parts_are_chunks(&la, s, &ia) && la.height > 0 && la.nodes > 2,
	    "the parts of a large file are its chunks");
	ok(parts_are_chunks(&lb, s, &ib), "and those of the other");
	ok(shared_nodes(s, &ia, &ib) >= la.nodes - 4,
	    "files that differ in one row share most parts");
	ok(set_gives(&la, a.p, 0, 1, false), "sets of chunks in order");
	ok(set_gives(&lb, b.p, 0, 1, false), "the same of the other file");
	ok(set_gives(&lb, b.p, 3, 7, false), "sets of some chunks");
	ok(set_gives(&la, a.p, 0, 1, true), "sets of chunks backwards");
	free(la.v);
	free(lb.v);
	buf_release(&a);
	buf_release(&b);
}

static void
test_small(struct fixture *f)
{
	struct buf a = BUF_INIT, both = BUF_INIT, got = BUF_INIT;
	struct chunk_set *set = chunk_set_new(f->store);
	struct list l = { .store = f->store };
	struct id id;

	make_rows(&a, 0, 300, "first");
	ok(well(put(&id, f->store, &a)), "a small file");
	ok(well(content_parts(f->store, &id, CUT_CSV, descend, &l)) &&
	    l.n == 1 && l.v[0].size == a.len && l.v[0].records == 300 &&
	    id_eq(&l.v[0].id, &id), "a small file is one part, with records");
	for (int i = 0; i < 3; i++) {
		ok(well(chunk_set_add(set, &id, (uint32_t)a.len)),
		    "the same chunk again");
		buf_add(&both, a.p, a.len);
	}
	ok(well(chunk_set_read(&got, set)) && got.len == both.len &&
	    !memcmp(got.p, both.p, got.len), "comes as often as asked for");
	ok(err_is(chunk_set_add(set, &(struct id){ { 1 } }, 5), ERR_CORRUPT),
	    "a chunk that the store does not have");
	chunk_set_free(set);
	set = chunk_set_new(f->store);
	ok(well(chunk_set_add(set, &id, (uint32_t)a.len + 1)) &&
	    err_is(chunk_set_read(&got, set), ERR_CORRUPT),
	    "a chunk that is not as long as was said");
	chunk_set_free(set);
	chunk_set_free(NULL);
	free(l.v);
	buf_release(&a);
	buf_release(&both);
	buf_release(&got);
}

int
main(void)
{
	struct fixture f;

	if (!ok(!fixture_open(&f), "a store"))
		return tap_end();
	test_large(f.store);
	test_small(&f);
	test_partial(f.store);
	test_file(f.store, 0, CUT_CSV, "an empty file is cut as it is stored");
	test_file(f.store, 1000, CUT_CSV, "a file of one chunk is, too");
	test_file(f.store, 20000, CUT_CSV, "and one of a few chunks");
	test_file(f.store, 400000, CUT_CSV, "and one of many");
	fixture_close(&f);
	return tap_end();
}
