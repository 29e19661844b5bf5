/*
 * Files into the store and back: every way in gives the same objects, every
 * way out the same bytes, and sources that change or vanish meanwhile.
 */

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "store/cut.h"
#include "store/store_int.h"
#include "tests/unit/fixture.h"
#include "tests/unit/tap.h"

#define KIB ((size_t)1 << 10)
#define MIB ((size_t)1 << 20)

static bool
well(err_t err)
{
	if (err)
		printf("# %s\n", err->msg);
	return !err;
}

static uint64_t seed;

static uint32_t
below(uint32_t n)
{
	seed = seed * UINT64_C(6364136223846793005) +
	    UINT64_C(1442695040888963407);
	return (uint32_t)((seed >> 33) % n);
}

static void
make_rows(struct buf *out, size_t len)
{
	seed = len;
	while (out->len < len)
		buf_printf(out, "%u,%u,name %u,\"a\nb\"\n", below(1000000),
		    below(1000), below(100000));
	out->len = len;
}

static void
make_bytes(struct buf *out, size_t len)
{
	seed = len;
	while (out->len < len)
		buf_char(out, (char)below(256));
}

/* ---- in ---------------------------------------------------------------- */

static int
open_root(struct fixture *f)
{
	int fd = open(f->dir, O_RDONLY | O_DIRECTORY);

	if (fd < 0)
		BUG("no directory");
	return fd;
}

static void
write_file(struct fixture *f, const char *name, const struct buf *b)
{
	char path[128];
	FILE *fp;

	snprintf(path, sizeof(path), "%s/%s", f->dir, name);
	fp = fopen(path, "w");
	if (!fp || fwrite(buf_cstr(b), 1, b->len, fp) != b->len ||
	    fclose(fp) != 0)
		BUG("cannot write %s", path);
}

struct got {
	struct id id;
	enum mode mode;
	enum err_code failure;
	struct err error;
	bool was_known;
	char path[64];
};

struct results {
	struct got v[64];
	size_t n;
};

static err_t
take(void *arg, const struct ingested *result)
{
	struct results *r = arg;
	struct got *got = &r->v[r->n++];

	memset(got, 0, sizeof(*got));
	snprintf(got->path, sizeof(got->path), "%s", result->path);
	got->was_known = result->was_known;
	got->mode = result->mode;
	if (result->failure) {
		got->failure = result->failure->code;
		got->error = *result->failure;
	} else {
		got->id = result->id;
	}
	return NULL;
}

struct session {
	struct txn *txn;
	struct ingest *ingest;
	struct results results;
	int rootfd;
};

static bool
session_begin(struct session *s, struct fixture *f)
{
	err_t err;

	memset(s, 0, sizeof(*s));
	s->rootfd = open_root(f);
	err = txn_begin(&s->txn, f->store, "test");
	if (!err)
		err = ingest_begin(&s->ingest, s->txn, s->rootfd, take,
		    &s->results);
	return well(err);
}

static bool
session_end(struct session *s)
{
	err_t err = ingest_finish(s->ingest);

	ingest_free(s->ingest);
	if (!err)
		err = txn_lock(s->txn);
	if (!err)
		err = txn_commit(s->txn);
	txn_end(s->txn);
	close(s->rootfd);
	return well(err);
}

static bool
ingest_one(struct got *out, struct fixture *f, const char *name, enum cut cut,
    const struct id *prev)
{
	struct session s;
	bool good;

	if (!session_begin(&s, f))
		return false;
	good = well(ingest_file(s.ingest, name, cut, prev));
	good = session_end(&s) && good && s.results.n == 1;
	if (good)
		*out = s.results.v[0];
	return good;
}

/* ---- out --------------------------------------------------------------- */

static err_t
add_bytes(void *arg, const char *p, size_t len)
{
	buf_add(arg, p, len);
	return NULL;
}

static bool
reads_back(struct fixture *f, const struct id *id, const struct buf *want)
{
	struct buf b = BUF_INIT;
	bool good = well(content_read(f->store, id, add_bytes, &b)) &&
	    b.len == want->len && memcmp(buf_cstr(&b), buf_cstr(want),
	    b.len) == 0;

	buf_release(&b);
	return good;
}

struct sums {
	const char *p;			/* the whole content */
	uint64_t offset, records;
	unsigned chunks;
	bool good;
};

static err_t
sum_chunk(void *arg, const struct chunk_ref *chunk)
{
	struct sums *s = arg;
	struct id id;

	hash_bytes(&id, s->p + chunk->offset, chunk->size);
	s->good = s->good && chunk->offset == s->offset &&
	    id_eq(&id, &chunk->id);
	s->offset += chunk->size;
	s->records += chunk->records;
	s->chunks++;
	return NULL;
}

static uint64_t
count_rows(const struct buf *b, enum cut cut)
{
	uint64_t n = 0;
	size_t last = 0;
	bool odd = false;

	if (cut == CUT_BINARY)
		return 0;
	for (size_t i = 0; i < b->len; i++) {
		odd ^= cut == CUT_CSV && b->p[i] == '"';
		if (b->p[i] == '\n' && !odd) {
			n++;
			last = i + 1;
		}
	}
	return n + (last < b->len);
}

static bool
chunks_add_up(struct fixture *f, const struct id *id, const struct buf *b,
    enum cut cut)
{
	struct sums s = { buf_cstr(b), 0, 0, 0, true };
	struct content facts;

	if (!well(content_chunks(f->store, id, sum_chunk, &s)) ||
	    !well(content_stat(&facts, f->store, id, cut)))
		return false;
	if (s.chunks > 1 && s.records != facts.records)
		return false;
	return s.good && s.offset == b->len && facts.size == b->len &&
	    facts.chunks == s.chunks && facts.cut == cut &&
	    facts.records == count_rows(b, cut) && id_eq(&facts.id, id);
}

/* ---- sizes ------------------------------------------------------------- */

static void
test_size(struct fixture *f, size_t len, enum cut cut)
{
	struct buf b = BUF_INIT;
	struct id want, put;
	struct got got;
	char title[80];
	struct txn *t = NULL;
	bool good;
	err_t err;

	if (cut == CUT_BINARY)
		make_bytes(&b, len);
	else
		make_rows(&b, len);
	write_file(f, "file", &b);
	hash_bytes(&want, b.p, b.len);
	good = ingest_one(&got, f, "file", cut, NULL);
#define TITLE(what) (snprintf(title, sizeof(title), "%zu bytes, cut %d: " \
	what, len, cut), title)
	ok(good && !got.failure && id_eq(&got.id, &want) && !got.was_known &&
	    got.mode == MODE_FILE, TITLE("stored"));
	ok(reads_back(f, &want, &b), TITLE("read back"));
	ok(chunks_add_up(f, &want, &b, cut), TITLE("chunks add up"));
	good = ingest_one(&got, f, "file", cut, NULL);
	ok(good && got.was_known, TITLE("known the second time"));

	/* From memory it is the same object by object: nothing is new. */
	err = txn_begin(&t, f->store, "test");
	if (!err)
		err = content_put(&put, t, b.p, b.len, cut);
	ok(well(err) && id_eq(&put, &want) && pack_pending(t->pack) == 0,
	    TITLE("the same from memory"));
	txn_end(t);
	buf_release(&b);
}

static void
test_sizes(struct fixture *f)
{
	static const size_t sizes[] = { 0, 1, 5000, 9000, 100 * KIB,
		MIB, MIB + 1, 4 * MIB, 8 * MIB, 8 * MIB + 1 };

	/* Contents differ by length, so nothing is known beforehand. */
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++)
		test_size(f, sizes[i], CUT_CSV);
	test_size(f, 3, CUT_BINARY);
	test_size(f, 300 * KIB, CUT_BINARY);
	test_size(f, 5 * MIB, CUT_BINARY);
	test_size(f, 200 * KIB, CUT_LINES);
}

/* A recipe of several levels, over small chunks that stand in any order. */
static void
test_levels(struct fixture *f)
{
	enum { CHUNKS = 200, ENTRIES = 40000 };
	struct recipe_entry entries[CHUNKS];
	struct buf parts[CHUNKS], all = BUF_INIT, root = BUF_INIT;
	struct recipe_decoder d;
	struct recipe_head head;
	struct content facts;
	struct sums s = { NULL, 0, 0, 0, true };
	struct recipe recipe;
	struct id content, id;
	struct txn *t = NULL;
	bool found;
	err_t err;

	seed = 3;
	err = txn_begin(&t, f->store, "test");
	recipe_init(&recipe, t, NULL);
	for (unsigned i = 0; i < CHUNKS; i++) {
		parts[i] = (struct buf)BUF_INIT;
		buf_printf(&parts[i], "chunk %u\n", i);
		entries[i] = (struct recipe_entry){ .size = parts[i].len,
		    .records = 1, .chunks = 1 };
		if (!err)
			err = object_put(&entries[i].id, t, KIND_CHUNK,
			    parts[i].p, parts[i].len);
	}
	for (unsigned i = 0; !err && i < ENTRIES; i++) {
		unsigned k = below(CHUNKS);

		buf_add(&all, parts[k].p, parts[k].len);
		err = recipe_add(&recipe, &entries[k]);
	}
	hash_bytes(&content, all.p, all.len);
	if (!err)
		err = recipe_end(&recipe, &content, CUT_LINES);
	recipe_release(&recipe);
	if (!err)
		err = txn_lock(t);
	if (!err)
		err = txn_commit(t);
	txn_end(t);
	ok(well(err), "a file of 40000 chunks");
	ok(reads_back(f, &content, &all), "comes back");
	s.p = all.p;
	err = content_chunks(f->store, &content, sum_chunk, &s);
	ok(well(err) && s.good && s.chunks == ENTRIES &&
	    s.offset == all.len, "its chunks add up");
	err = content_stat(&facts, f->store, &content, CUT_AUTO);
	ok(well(err) && facts.chunks == ENTRIES && facts.records == ENTRIES &&
	    facts.cut == CUT_LINES, "its facts are known without them");
	err = db_row(&found, f->store->db, "SELECT recipe FROM file "
	    "WHERE id = ?", "d", "d", &content, &id);
	if (!err)
		err = object_read(&root, f->store, KIND_RECIPE, &id);
	if (!err)
		err = recipe_decode_root(&d, &head, root.p, root.len);
	ok(well(err) && d.height >= 2 && head.chunks == ENTRIES,
	    "its recipe has several levels");
	for (unsigned i = 0; i < CHUNKS; i++)
		buf_release(&parts[i]);
	buf_release(&all);
	buf_release(&root);
}

static err_t
stop(void *arg, const char *p, size_t len)
{
	(void)p;
	(void)len;
	++*(unsigned *)arg;
	return err_new(ERR_CONFLICT, "enough");
}

static void
test_reading(struct fixture *f)
{
	struct id none = { { 1 } }, id;
	struct buf b = BUF_INIT;
	struct content facts;
	struct got got;
	unsigned calls = 0;
	bool good, has = true;

	ok(!content_has(&has, f->store, &none) && !has,
	    "a content that is not there");
	ok(err_is(content_read(f->store, &none, stop, &calls),
	    ERR_CORRUPT) && calls == 0, "to want it is to have found damage");
	ok(err_is(content_stat(&facts, f->store, &none, CUT_AUTO),
	    ERR_CORRUPT), "or its facts");
	make_rows(&b, 20 * MIB);
	write_file(f, "file", &b);
	good = ingest_one(&got, f, "file", CUT_AUTO, NULL);
	ok(good && chunks_add_up(f, &got.id, &b, CUT_LINES),
	    "20 MiB cut by what is in them");
	ok(reads_back(f, &got.id, &b), "and read back");
	ok(!content_has(&has, f->store, &got.id) && has, "it is there");
	ok(err_is(content_read(f->store, &got.id, stop, &calls),
	    ERR_CONFLICT) && calls == 1, "the sink stops the reading");
	b.len = 60;
	b.p[50] = '\0';
	write_file(f, "file", &b);
	id = got.id;
	good = ingest_one(&got, f, "file", CUT_AUTO, &id);
	ok(good && chunks_add_up(f, &got.id, &b, CUT_BINARY),
	    "a NUL makes it binary");
	buf_release(&b);
}

/* ---- deltas ------------------------------------------------------------ */

/* Chunks of the content that are deltas, or whose base is one. */
struct census {
	struct store *store;
	unsigned deltas, deep;
};

static err_t
count_delta(void *arg, const struct chunk_ref *chunk)
{
	struct census *c = arg;
	struct place place;
	struct id base;
	bool found, delta;
	int fd;
	err_t err;

	err = place_find(&found, &place, c->store, KIND_CHUNK, &chunk->id);
	if (!err)
		err = segment_open(&fd, c->store, place.segment);
	if (!err)
		err = frame_peek(&delta, &base, fd, (uint64_t)place.frame);
	if (err || !delta)
		return err;
	c->deltas++;
	err = place_find(&found, &place, c->store, KIND_CHUNK, &base);
	if (!err && !found)
		return err_new(ERR_CORRUPT, "no base");
	if (!err)
		err = segment_open(&fd, c->store, place.segment);
	if (!err)
		err = frame_peek(&delta, &base, fd, (uint64_t)place.frame);
	if (!err && delta)
		c->deep++;
	return err;
}

static int64_t
stored_bytes(struct fixture *f)
{
	int64_t sum = 0;
	bool found;
	err_t err = db_row(&found, f->store->db, "SELECT sum(size) "
	    "FROM segment", "", "i", &sum);

	return well(err) ? sum : 0;
}

static void
test_deltas(struct fixture *f)
{
	struct buf b = BUF_INIT;
	struct id prev;
	struct got got;
	int64_t before;
	bool good;

	make_rows(&b, 3 * MIB + 7);
	write_file(f, "file", &b);
	good = ingest_one(&got, f, "file", CUT_CSV, NULL);
	for (unsigned version = 2; version < 6; version++) {
		struct census c = { f->store, 0, 0 };
		char *row = memchr(b.p + MIB, '\n', MIB);

		prev = got.id;
		row[1] = (char)('0' + version);
		b.p[2 * MIB + version * 7] ^= 1;
		write_file(f, "file", &b);
		before = stored_bytes(f);
		good = good && ingest_one(&got, f, "file", CUT_CSV, &prev) &&
		    well(content_chunks(f->store, &got.id, count_delta, &c));
		ok(good && c.deltas > 0 && c.deep == 0,
		    "changed chunks are deltas against full ones");
		ok(stored_bytes(f) - before < (int64_t)(16 * KIB),
		    "and take little room");
		ok(reads_back(f, &got.id, &b), "the version comes back");
	}
	buf_release(&b);
}

/* Chunks of the old version, and those of the new one that are neither there
 * nor deltas. */
struct merged {
	struct store *store;
	struct chunk_ref old[200];
	size_t n_old, n_new, whole;
};

static err_t
note_old(void *arg, const struct chunk_ref *chunk)
{
	struct merged *m = arg;

	if (m->n_old < ARRAY_LEN(m->old))
		m->old[m->n_old++] = *chunk;
	return NULL;
}

static err_t
count_whole(void *arg, const struct chunk_ref *chunk)
{
	struct merged *m = arg;
	struct census c = { m->store, 0, 0 };
	bool known = false;
	err_t err = count_delta(&c, chunk);

	for (size_t i = 0; i < m->n_old; i++)
		known = known || id_eq(&m->old[i].id, &chunk->id);
	m->whole += !known && !c.deltas;
	m->n_new++;
	return err;
}

/* Where the end of a chunk is edited, two chunks become one; those after it
 * have other numbers than before, and still know where they come from. */
static void
test_merged_chunks(struct fixture *f)
{
	struct merged m = { .store = f->store };
	struct buf b = BUF_INIT;
	struct got one, two;
	bool good;

	make_rows(&b, 3 * MIB + 11);
	write_file(f, "file", &b);
	good = ingest_one(&one, f, "file", CUT_CSV, NULL) &&
	    well(content_chunks(f->store, &one.id, note_old, &m));
	for (size_t i = 4; i + 4 < m.n_old; i += 8) {
		b.p[m.old[i].offset + m.old[i].size - 3] ^= 1;
		b.p[m.old[i + 2].offset + 1000] ^= 1;
		b.p[m.old[i + 3].offset + 1000] ^= 1;
	}
	write_file(f, "file", &b);
	good = good && ingest_one(&two, f, "file", CUT_CSV, &one.id) &&
	    well(content_chunks(f->store, &two.id, count_whole, &m));
	ok(good && m.n_new < m.n_old, "where a chunk ends, two become one");
	ok(m.whole <= m.n_old - m.n_new, "and what comes after is a delta all "
	    "the same");
	ok(reads_back(f, &two.id, &b), "the version comes back");
	buf_release(&b);
}

/* ---- gc ---------------------------------------------------------------- */

static bool
collects(struct fixture *f, struct gc_report *report)
{
	struct gc_options options = { .now = true };

	return well(store_gc(report, f->store, &options, NULL, NULL));
}

static bool
stage_only(struct fixture *f, const struct got *got, uint64_t size)
{
	struct stage_entry e = { "file", MODE_FILE, got->id, size, 0, 0, 0 };
	struct txn *t = NULL;
	err_t err;

	err = txn_begin(&t, f->store, "test");
	if (!err)
		err = txn_lock(t);
	if (!err)
		err = stage_clear(t);
	if (!err)
		err = stage_put(t, &e);
	if (!err)
		err = txn_commit(t);
	txn_end(t);
	return well(err);
}

/* A version that is needed, made of deltas against one that is not: with
 * nodes, and again when what was dropped comes back. */
static void
test_gc(struct fixture *f)
{
	struct buf first = BUF_INIT, second = BUF_INIT;
	struct gc_report report;
	struct got one, two;
	bool good;

	make_rows(&first, 9 * MIB + 11);
	buf_add(&second, first.p, first.len);
	for (size_t i = 0; i < second.len; i += 300 * KIB)
		second.p[i + 5] ^= 2;
	write_file(f, "file", &first);
	good = ingest_one(&one, f, "file", CUT_LINES, NULL);
	write_file(f, "file", &second);
	good = good && ingest_one(&two, f, "file", CUT_LINES, &one.id);
	ok(good && stage_only(f, &two, second.len), "a second version only");
	ok(collects(f, &report) && report.dropped_objects > 0,
	    "what nothing needs is collected");
	ok(reads_back(f, &two.id, &second), "what is needed is not");
	/* What was a base may not be one any more when all is packed. */
	for (int i = 0; i < 4 && report.dropped_objects; i++)
		good = good && collects(f, &report);
	ok(good && report.dropped_objects == 0,
	    "until there is nothing left to collect");
	write_file(f, "file", &first);
	good = ingest_one(&one, f, "file", CUT_LINES, &two.id);
	ok(good && stage_only(f, &one, first.len) && collects(f, &report) &&
	    reads_back(f, &one.id, &first), "the first comes back");
	ok(collects(f, &report) && reads_back(f, &one.id, &first),
	    "and stays");
	buf_release(&first);
	buf_release(&second);
}

/* ---- sources ----------------------------------------------------------- */

static void
test_kinds(struct fixture *f)
{
	static const char *const names[] = { "exec", "link", "missing", "dir",
		"fifo", "dir/below", "through/below", "plain" };
	struct buf b = BUF_INIT, target = BUF_INIT;
	struct session s;
	const struct got *g = s.results.v;
	int rootfd = open_root(f);
	bool good;

	buf_str(&b, "bytes");
	buf_str(&target, "no where\n/at all");
	write_file(f, "exec", &b);
	write_file(f, "plain", &b);
	good = fchmodat(rootfd, "exec", 0755, 0) == 0 &&
	    symlinkat(target.p, rootfd, "link") == 0 &&
	    mkdirat(rootfd, "dir", 0777) == 0 &&
	    symlinkat("dir", rootfd, "through") == 0 &&
	    mkfifoat(rootfd, "fifo", 0666) == 0;
	write_file(f, "dir/below", &b);
	good = good && session_begin(&s, f);
	for (size_t i = 0; good && i < ARRAY_LEN(names); i++)
		good = well(ingest_file(s.ingest, names[i], CUT_AUTO, NULL));
	good = session_end(&s) && good && s.results.n == ARRAY_LEN(names);
	for (size_t i = 0; good && i < ARRAY_LEN(names); i++)
		good = strcmp(g[i].path, names[i]) == 0;
	if (!ok(good, "results come in order"))
		return;
	ok(!g[0].failure && g[0].mode == MODE_EXEC && !g[0].was_known,
	    "an executable file");
	ok(!g[1].failure && g[1].mode == MODE_LINK &&
	    reads_back(f, &g[1].id, &target), "a link is its target");
	ok(g[2].failure == ERR_NOT_FOUND, "a file that is not there");
	ok(g[3].failure && strstr(g[3].error.msg, "not a regular file"),
	    "a directory");
	ok(g[4].failure && strstr(g[4].error.msg, "not a regular file"),
	    "a FIFO, without waiting");
	ok(!g[5].failure && g[5].was_known, "a file in a directory");
	ok(g[6].failure == ERR_REFUSED, "a file beyond a link");
	ok(!g[7].failure && g[7].mode == MODE_FILE && g[7].was_known &&
	    reads_back(f, &g[7].id, &b), "the failures stop nobody");
	close(rootfd);
	buf_release(&b);
	buf_release(&target);
}

static err_t
refuse(void *arg, const struct ingested *result)
{
	(void)arg;
	(void)result;
	return err_new(ERR_CONFLICT, "no more");
}

static void
test_stop(struct fixture *f)
{
	struct ingest *in = NULL;
	struct txn *t = NULL;
	int rootfd = open_root(f);
	err_t err;

	err = txn_begin(&t, f->store, "test");
	if (!err)
		err = ingest_begin(&in, t, rootfd, refuse, NULL);
	for (int i = 0; !err && i < 100; i++)
		err = ingest_file(in, "plain", CUT_AUTO, NULL);
	if (!err)
		err = ingest_finish(in);
	ok(err_is(err, ERR_CONFLICT), "who asked may stop");
	ingest_free(in);
	txn_end(t);
	close(rootfd);
}

/* With one thread a file has been looked at when ingest_file returns, and a
 * large one is read in ingest_finish. */
static void
test_between(struct fixture *f)
{
	struct buf b = BUF_INIT, none = BUF_INIT;
	struct session s;
	const struct got *g = s.results.v;
	struct id empty;
	bool good, found = false;

	setenv("DSV_THREADS", "1", 1);
	make_bytes(&b, 2 * MIB);
	write_file(f, "truncated", &b);
	write_file(f, "shrunk", &b);
	write_file(f, "gone", &b);
	good = session_begin(&s, f) &&
	    well(ingest_file(s.ingest, "truncated", CUT_AUTO, NULL)) &&
	    well(ingest_file(s.ingest, "shrunk", CUT_AUTO, NULL)) &&
	    well(ingest_file(s.ingest, "gone", CUT_AUTO, NULL)) &&
	    unlinkat(s.rootfd, "gone", 0) == 0;
	write_file(f, "truncated", &none);
	b.len = 3;
	write_file(f, "shrunk", &b);
	good = session_end(&s) && good && s.results.n == 3;
	hash_bytes(&empty, "", 0);
	ok(good && !g[0].failure && id_eq(&g[0].id, &empty) &&
	    well(object_has(&found, f->store, KIND_CHUNK, &empty)) && found,
	    "a large file that was emptied");
	ok(good && !g[1].failure && reads_back(f, &g[1].id, &b),
	    "one that is small now");
	ok(good && g[2].failure == ERR_NOT_FOUND, "one that is gone");
	unsetenv("DSV_THREADS");
	buf_release(&b);
}

struct meddler {
	char path[128];
	atomic_bool stop;
	unsigned times;			/* 0: until stopped */
};

static void *
meddle(void *arg)
{
	static const struct timespec pause = { 0, 1000000 };
	struct meddler *m = arg;
	int fd = open(m->path, O_WRONLY);

	for (unsigned i = 0; !m->stop && (!m->times || i < m->times); i++) {
		if (pwrite(fd, &i, 1, (off_t)(i % 50)) != 1)
			break;
		nanosleep(&pause, NULL);
	}
	close(fd);
	return NULL;
}

static bool
read_file(struct buf *out, const char *path)
{
	return well(file_slurp(out, AT_FDCWD, path, 64 * MIB));
}

static void
test_changing(struct fixture *f)
{
	struct meddler m = { .stop = false };
	struct buf b = BUF_INIT;
	pthread_t thread;
	struct session s;
	struct got got;
	bool good;

	make_rows(&b, 32 * MIB);
	write_file(f, "busy", &b);
	write_file(f, "quiet", &b);
	snprintf(m.path, sizeof(m.path), "%s/busy", f->dir);
	good = pthread_create(&thread, NULL, meddle, &m) == 0;
	if (!ok(good, "somebody keeps writing"))
		return;
	good = session_begin(&s, f) &&
	    well(ingest_file(s.ingest, "busy", CUT_CSV, NULL)) &&
	    well(ingest_file(s.ingest, "quiet", CUT_CSV, NULL));
	good = session_end(&s) && good && s.results.n == 2;
	m.stop = true;
	pthread_join(thread, NULL);
	ok(good && s.results.v[0].failure == ERR_SYSTEM &&
	    strstr(s.results.v[0].error.msg, "kept changing"),
	    "a file that does not hold still");
	ok(good && !s.results.v[1].failure &&
	    reads_back(f, &s.results.v[1].id, &b), "stops no other");

	/* A few writes end before the third try. */
	m.stop = false;
	m.times = 3;
	good = pthread_create(&thread, NULL, meddle, &m) == 0 &&
	    ingest_one(&got, f, "busy", CUT_CSV, NULL);
	pthread_join(thread, NULL);
	buf_clear(&b);
	good = good && !got.failure && read_file(&b, m.path);
	ok(good && reads_back(f, &got.id, &b),
	    "a file that changes is read again");
	buf_release(&b);
}

int
main(void)
{
	struct fixture f = { .store = NULL };

	if (!ok(well(fixture_open(&f)), "a store"))
		return tap_end();
	test_sizes(&f);
	test_levels(&f);
	test_reading(&f);
	test_deltas(&f);
	test_merged_chunks(&f);
	test_gc(&f);
	test_kinds(&f);
	test_stop(&f);
	test_between(&f);
	test_changing(&f);
	fixture_close(&f);
	return tap_end();
}
