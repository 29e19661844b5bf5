/* Row changes: noted, found by version and by row, gone with the version. */

#include "store/store_int.h"
#include "tests/unit/fixture.h"
#include "tests/unit/tap.h"

#define LONG 50000

static bool
well(err_t err)
{
	if (err)
		printf("# %s\n", err->msg);
	return !err;
}

/* The hash of the key number n; in order. */
static void
key_of(uint8_t out[ROW_KEY], unsigned n)
{
	memset(out, 0, ROW_KEY);
	out[0] = (uint8_t)(n >> 16);
	out[1] = (uint8_t)(n >> 8);
	out[2] = (uint8_t)n;
	out[15] = 7;
}

static uint8_t *
keys_of(unsigned from, unsigned n)
{
	uint8_t *keys = mem_array(n, ROW_KEY);

	for (unsigned i = 0; i < n; i++)
		key_of(keys + i * ROW_KEY, from + i);
	return keys;
}

/* ---- a history --------------------------------------------------------- */

struct history {
	struct fixture f;
	struct id commits[300];
	unsigned n;
};

static err_t
point(struct txn *t, const char *ref, const struct id *from,
    const struct id *to)
{
	static const struct id zero;
	struct event ev = EVENT_INIT;
	struct id id;
	err_t err;

	ev.act = mem_strdup("commit");
	ev.actor.name = mem_strdup("Ada");
	ev.identity = mem_strdup("env");
	ev.time = 1700000000;
	event_add_ref(&ev, ref, from ? from : &zero, to ? to : &zero);
	err = event_record(&id, t, &ev);
	event_release(&ev);
	return err;
}

static err_t
put_commit(struct id *out, struct history *h, struct txn *t)
{
	struct commit c = COMMIT_INIT;
	struct buf b = BUF_INIT;
	err_t err;

	tree_begin(&b, 0);
	err = object_put(&c.tree, t, KIND_TREE, b.p, b.len);
	if (h->n)
		c.parents[c.n_parents++] = h->commits[h->n - 1];
	c.author.name = c.committer.name = (char *)"Ada";
	c.committer_time = 1700000000 + (int64_t)h->n;
	c.message = (char *)"message";
	if (!err)
		err = commit_put(out, t, &c);
	buf_release(&b);
	return err;
}

/* A version on main, with what it changed. */
static bool
version(struct history *h, struct row_changes *rows)
{
	struct id id, *last = h->n ? &h->commits[h->n - 1] : NULL;
	struct txn *t = NULL;
	err_t err;

	err = txn_begin(&t, h->f.store, "test");
	if (!err)
		err = txn_lock(t);
	if (!err)
		err = put_commit(&id, h, t);
	if (!err) {
		rows->commit = id;
		rows->path_len = strlen(rows->path);
		rows->key_len = strlen(rows->key);
		rows->to.b[0] = 1;
		err = rows_put(t, rows);
	}
	if (!err)
		err = point(t, "branch/main", last, &id);
	if (!err)
		err = txn_commit(t);
	txn_end(t);
	if (!err)
		h->commits[h->n++] = id;
	return well(err);
}

static bool
listed(struct history *h, const char *path, const char *key, unsigned from,
    unsigned n)
{
	uint8_t *keys = keys_of(from, n);
	struct row_changes rows = { .path = path, .key = key,
	    .extent = ROWS_LISTED, .rows = 200000, .updated = n,
	    .keys = keys, .n_keys = n };
	bool good = version(h, &rows);

	free(keys);
	return good;
}

/* ---- what is found ----------------------------------------------------- */

struct seen {
	const struct history *h;
	unsigned sure, maybe;		/* a bit for each version */
};

static err_t
see(void *arg, const struct id *commit, bool sure)
{
	struct seen *seen = arg;

	for (unsigned i = 0; i < seen->h->n && i < 32; i++)
		if (id_eq(commit, &seen->h->commits[i]))
			*(sure ? &seen->sure : &seen->maybe) |= 1u << i;
	return NULL;
}

static bool
finds(struct history *h, const char *path, const char *key, unsigned n,
    unsigned sure, unsigned maybe)
{
	struct seen seen = { h, 0, 0 };
	uint8_t hash[ROW_KEY];
	bool good;

	key_of(hash, n);
	good = well(posting_walk(h->f.store, path, key, hash, see, &seen)) &&
	    seen.sure == sure && seen.maybe == maybe;
	if (!good)
		printf("# %u: sure %x, maybe %x\n", n, seen.sure, seen.maybe);
	return good;
}

static err_t
collect_path(void *arg, const struct row_changes *rows)
{
	buf_add(arg, rows->path, rows->path_len);
	buf_printf(arg, " %llu;", (unsigned long long)rows->updated);
	return NULL;
}

static bool
notes(struct history *h, unsigned i, const char *want)
{
	struct buf b = BUF_INIT;
	bool good;

	good = well(rows_walk(h->f.store, &h->commits[i], collect_path,
	    &b)) && strcmp(buf_cstr(&b), want) == 0;
	buf_release(&b);
	return good;
}

static err_t
show_finding(void *arg, const struct finding *f)
{
	(void)arg;
	printf("# %s %s: %s\n", f->what, f->subject, f->fact);
	return NULL;
}

static unsigned
check(const struct history *h)
{
	struct fsck_totals totals;
	char path[64];

	snprintf(path, sizeof(path), "%s/.dsv", h->f.dir);
	return well(store_fsck(&totals, path, false, 0, show_finding,
	    NULL)) ? (unsigned)totals.findings : 99;
}

static err_t
run_sql(struct store *s, const char *sql)
{
	err_t err;

	err = db_begin(s->db, true);
	if (!err)
		err = db_run(s->db, sql, "");
	if (!err)
		err = db_commit(s->db);
	db_rollback(s->db);
	return err;
}

/* ---- checks ------------------------------------------------------------ */

static void
test_found(struct history *h)
{
	struct row_changes bulk = { .path = "a.csv", .key = "id",
	    .extent = ROWS_BULK, .rows = 5, .inserted = 5 };
	struct row_changes unknown = { .path = "a.csv", .key = "id",
	    .extent = ROWS_UNKNOWN, .note = "it is UTF-16", .note_len = 12 };
	struct row_changes out;
	struct buf b = BUF_INIT;
	bool found;

	ok(version(h, &bulk), "v1: bulk");
	ok(listed(h, "a.csv", "id", 10, 5), "v2: a few rows");
	ok(listed(h, "a.csv", "id", 12, LONG), "v3: many rows");
	ok(listed(h, "b.csv", "id", 10, 5), "v4: another file");
	ok(version(h, &unknown), "v5: unknown");
	ok(listed(h, "a.csv", "name", 10, 1), "v6: by another key");
	ok(finds(h, "a.csv", "id", 12, 0x06, 0x31), "a row in few and many");
	ok(finds(h, "a.csv", "id", 10, 0x02, 0x31), "in few alone");
	ok(finds(h, "a.csv", "id", 12 + LONG - 1, 0x04, 0x31),
	    "in many alone");
	ok(finds(h, "a.csv", "id", 12 + LONG, 0, 0x31), "in none");
	ok(finds(h, "a.csv", "name", 10, 0x20, 0x17), "by the other key");
	ok(finds(h, "b.csv", "id", 14, 0x08, 0), "in the other file");
	ok(finds(h, "c.csv", "id", 10, 0, 0), "in no file");
	ok(notes(h, 1, "a.csv 5;") && notes(h, 3, "b.csv 5;"),
	    "notes are found by version");
	ok(well(rows_get(&found, &out, &b, h->f.store, &h->commits[4],
	    "a.csv")) && found && out.extent == ROWS_UNKNOWN &&
	    out.note_len == 12 && memcmp(out.note, "it is UTF-16", 12) == 0,
	    "and by version and path");
	ok(well(rows_get(&found, &out, &b, h->f.store, &h->commits[4],
	    "b.csv")) && !found, "if there is one");
	buf_release(&b);
	ok(check(h) == 0, "all is sound");
}

static int64_t
number(struct history *h, const char *sql)
{
	int64_t n = -1;
	bool found;

	return well(db_row(&found, h->f.store->db, sql, "", "i", &n)) ? n :
	    -1;
}

static int64_t
postings(struct history *h)
{
	return number(h, "SELECT count(*) FROM posting");
}

/* The last version, to which from leads, goes; to leads to the one before. */
static bool
undo(struct history *h, const char *from, const char *to)
{
	struct gc_options options = { .now = true };
	struct gc_report report;
	struct txn *t = NULL;
	err_t err;

	err = txn_begin(&t, h->f.store, "test");
	if (!err)
		err = txn_lock(t);
	if (!err)
		err = point(t, to, NULL, &h->commits[h->n - 2]);
	if (!err)
		err = point(t, from, &h->commits[h->n - 1], NULL);
	if (!err)
		err = txn_commit(t);
	txn_end(t);
	h->n--;
	return well(err) && well(store_gc(&report, h->f.store, &options,
	    NULL, NULL)) && report.dropped_versions == 1;
}

/* With 16,384 keys in the notes there are no postings yet. */
static void
test_keys(struct history *h)
{
	ok(listed(h, "a.csv", "id", 0, 10000) &&
	    listed(h, "a.csv", "id", 5000, 6384) && postings(h) == 0 &&
	    finds(h, "a.csv", "id", 5100, 3, 0) &&
	    finds(h, "a.csv", "id", 11383, 2, 0) &&
	    finds(h, "a.csv", "id", 11384, 0, 0) && check(h) == 0,
	    "rows are found in the notes of few");
	ok(listed(h, "a.csv", "id", 5100, 1) && postings(h) == 16385 &&
	    finds(h, "a.csv", "id", 5100, 7, 0) &&
	    finds(h, "a.csv", "id", 11383, 2, 0) &&
	    finds(h, "a.csv", "id", 11384, 0, 0) && check(h) == 0,
	    "in postings of more");
	ok(listed(h, "a.csv", "id", 5100, 3) && postings(h) == 16388 &&
	    finds(h, "a.csv", "id", 5102, 0xb, 0) && check(h) == 0,
	    "as those of the next one");
}

static void
test_index(struct history *h)
{
	uint8_t hash[ROW_KEY];
	struct seen seen = { h, 0, 0 };

	key_of(hash, 10);
	ok(well(run_sql(h->f.store, "UPDATE posting SET key = "
	    "x'000000000000000000000000000000ff' WHERE key = "
	    "x'00000a00000000000000000000000007' AND rows = 1")) &&
	    check(h) == 1, "a posting that is missing is found");
	ok(well(run_sql(h->f.store, "UPDATE posting SET key = "
	    "x'00000a00000000000000000000000007' WHERE key = "
	    "x'000000000000000000000000000000ff'")) && check(h) == 0,
	    "put back");
	ok(well(run_sql(h->f.store, "INSERT INTO posting VALUES (1, "
	    "x'000000000000000000000000000000ff', 2)")) && check(h) == 1,
	    "and one too many");
	ok(well(run_sql(h->f.store, "DELETE FROM posting WHERE key = "
	    "x'000000000000000000000000000000ff'")) && check(h) == 0,
	    "put back");
	ok(well(run_sql(h->f.store, "UPDATE rows SET keys = -1 WHERE "
	    "n = 3")) && check(h) == 1, "and a note with a wrong place");
	ok(well(run_sql(h->f.store, "UPDATE rows SET keys = 1 WHERE "
	    "n = 3")) && check(h) == 0, "put back");
	ok(well(run_sql(h->f.store, "UPDATE series SET notes = 5")) &&
	    check(h) == 1, "and a wrong number of notes");
	ok(well(run_sql(h->f.store, "UPDATE series SET notes = -1")) &&
	    err_is(posting_walk(h->f.store, "a.csv", "id", hash, see, &seen),
	    ERR_CORRUPT), "one that cannot be is not used");
	ok(well(run_sql(h->f.store, "UPDATE series SET notes = 4")) &&
	    check(h) == 0, "put back");
}

static bool
rebuild(struct history *h)
{
	char path[64];

	snprintf(path, sizeof(path), "%s/.dsv", h->f.dir);
	store_close(h->f.store);
	h->f.store = NULL;
	return well(store_rebuild(path, false, 0)) &&
	    well(store_open(&h->f.store, path, STORE_WRITE, 0, false));
}

static void
test_fewer(struct history *h)
{
	ok(rebuild(h) && postings(h) == 16388 &&
	    finds(h, "a.csv", "id", 5102, 0xb, 0) && check(h) == 0,
	    "an index that is built anew has them all");
	ok(undo(h, "branch/main", "tag/a") && postings(h) == 16385 &&
	    finds(h, "a.csv", "id", 5102, 3, 0) && check(h) == 0,
	    "a version less: its postings are gone");
	ok(undo(h, "tag/a", "tag/b") && postings(h) == 0 &&
	    finds(h, "a.csv", "id", 5100, 3, 0) && check(h) == 0,
	    "and all of them when the notes are few again");
}

/* Versions, all at once, that change two rows each. */
static bool
many(struct history *h, const char *path, unsigned n)
{
	uint8_t *keys = keys_of(0, n + 1);
	struct txn *t = NULL;
	err_t err;

	err = txn_begin(&t, h->f.store, "test");
	if (!err)
		err = txn_lock(t);
	for (unsigned i = 0; !err && i < n; i++) {
		struct row_changes rows = { .path = path,
		    .path_len = strlen(path), .key = "id", .key_len = 2,
		    .to = { { 1 } }, .extent = ROWS_LISTED, .rows = 2,
		    .updated = 2, .keys = keys + i * ROW_KEY, .n_keys = 2 };

		err = put_commit(&rows.commit, h, t);
		h->commits[h->n++] = rows.commit;
		if (!err)
			err = rows_put(t, &rows);
	}
	if (!err)
		err = point(t, "branch/main", NULL, &h->commits[n - 1]);
	if (!err)
		err = txn_commit(t);
	txn_end(t);
	free(keys);
	return well(err);
}

/* With 256 notes neither; and one that is damaged stops nobody. */
static void
test_notes(struct history *h)
{
	uint8_t hash[ROW_KEY];
	struct seen seen = { h, 0, 0 };

	ok(many(h, "b.csv", 256) && postings(h) == 0 && finds(h, "b.csv", "id", 1, 3, 0) &&
	    check(h) == 0, "256 notes are few");
	ok(well(run_sql(h->f.store, "DELETE FROM object WHERE id = "
	    "(SELECT object FROM rows WHERE n = 2)")) &&
	    listed(h, "b.csv", "id", 9, 2) && number(h, "SELECT keys FROM "
	    "rows WHERE n = 2") == -1 && postings(h) == 0,
	    "one that cannot be read does not stop the next one");
	ok(listed(h, "b.csv", "id", 9, 2) && postings(h) == 257 * 2,
	    "257 are many");
	key_of(hash, 200);
	ok(err_is(posting_walk(h->f.store, "b.csv", "id", hash, see, &seen),
	    ERR_CORRUPT), "but who looks for a row is told");
}

/* The last three versions go; what is about them goes too. */
static void
test_gc(struct history *h)
{
	struct gc_options options = { .now = true };
	struct gc_report report;
	struct txn *t = NULL;
	err_t err;

	err = txn_begin(&t, h->f.store, "test");
	if (!err)
		err = txn_lock(t);
	if (!err)
		err = point(t, "tag/kept", NULL, &h->commits[2]);
	if (!err)
		err = point(t, "branch/main", &h->commits[h->n - 1], NULL);
	if (!err)
		err = txn_commit(t);
	txn_end(t);
	ok(well(err) && well(store_gc(&report, h->f.store, &options, NULL,
	    NULL)) && report.dropped_versions == 3 &&
	    report.dropped_objects == 6, "gc drops versions and notes");
	ok(finds(h, "a.csv", "id", 12, 0x06, 0x01) &&
	    finds(h, "b.csv", "id", 10, 0, 0) &&
	    finds(h, "a.csv", "name", 12, 0, 0x07),
	    "which are not found any more");
	ok(check(h) == 0, "the rest is sound");
}

/* Everything that a decoder must refuse. */
static void
test_decode(void)
{
	uint8_t *keys = keys_of(1, 3);
	struct row_changes rows = { .path = "a", .path_len = 1, .key = "k",
	    .key_len = 1, .extent = ROWS_LISTED, .rows = 3, .updated = 3,
	    .to = { { 1 } }, .keys = keys, .n_keys = 3 };
	struct row_changes out;
	struct buf b = BUF_INIT;
	unsigned bad = 0, wrong = 0;

	row_changes_encode(&b, &rows);
	ok(well(row_changes_decode(&out, b.p, b.len)) && out.n_keys == 3 &&
	    out.updated == 3 && out.path_len == 1, "what was encoded");
	for (size_t len = 0; len < b.len; len++)
		bad += !row_changes_decode(&out, b.p, len) &&
		    (len < b.len - 3 * ROW_KEY || (b.len - len) % ROW_KEY);
	ok(bad == 0, "but not cut short");
	memcpy(keys, keys + ROW_KEY, ROW_KEY);
	for (unsigned i = 0; i < 6; i++) {
		struct row_changes r = rows;

		r.n_keys = i == 0 ? 3 : 0;
		r.path = i == 1 ? "/" : "a";
		r.updated = i == 2 ? 4 : 0;
		r.to.b[0] = i == 3 ? 0 : 1;
		r.extent = i == 4 ? 4 : ROWS_LISTED;
		r.path_len = i == 5 ? 0 : 1;
		buf_clear(&b);
		row_changes_encode(&b, &r);
		wrong += row_changes_decode(&out, b.p, b.len) != NULL;
	}
	ok(wrong == 6, "nor keys out of order, a bad path, more rows than "
	    "there are, no change, no extent, no path");
	buf_release(&b);
	free(keys);
}

static void
test(void (*fn)(struct history *h))
{
	static struct history h;

	memset(&h, 0, sizeof(h));
	if (ok(well(fixture_open(&h.f)), "a store"))
		fn(&h);
	fixture_close(&h.f);
}

static void
test_mixed(struct history *h)
{
	test_found(h);
	test_gc(h);
}

static void
test_large(struct history *h)
{
	test_keys(h);
	test_index(h);
	test_fewer(h);
}

int
main(void)
{
	test_decode();
	test(test_mixed);
	test(test_large);
	test(test_notes);
	return tap_end();
}
