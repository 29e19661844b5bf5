/* Facts about rows: kept, found, and gone with what they are about. */

#include "store/store_int.h"
#include "tests/unit/fixture.h"
#include "tests/unit/tap.h"

static bool
well(err_t err)
{
	if (err)
		printf("# %s\n", err->msg);
	return !err;
}

static const struct id how = { { 1 } }, other = { { 2 } };

static bool
says(struct store *s, const struct id *about, const struct id *by,
    const char *fact)
{
	struct buf b = BUF_INIT;
	bool found, good;

	good = well(fact_get(&found, &b, s, about, by)) &&
	    found == (fact != NULL) &&
	    (!fact || strcmp(buf_cstr(&b), fact) == 0);
	buf_release(&b);
	return good;
}

/* A table of so many rows, in the stage if it has a path. */
static err_t
put_table(struct id *out, struct txn *t, unsigned rows, const char *path)
{
	struct stage_entry e = { .path = path, .mode = MODE_FILE };
	struct buf b = BUF_INIT;
	err_t err;

	for (unsigned i = 0; i < rows; i++)
		buf_printf(&b, "%u,%u\n", i, i * 2654435761u);
	err = content_put(out, t, b.p, b.len, CUT_CSV);
	e.id = *out;
	e.size = b.len;
	buf_release(&b);
	return err || !path ? err : stage_put(t, &e);
}

struct tables {
	struct id small, large, loose, node;
};

static err_t
put_all(struct tables *out, struct txn *t)
{
	err_t err;

	err = txn_lock(t);
	if (!err)
		err = put_table(&out->small, t, 10, "small.csv");
	if (!err)
		err = put_table(&out->large, t, 400000, "large.csv");
	if (!err)
		err = put_table(&out->loose, t, 200, NULL);
	if (!err)
		err = fact_put(t, &out->small, &how, "small", 5);
	if (!err)
		err = fact_put(t, &out->small, &other, "", 0);
	if (!err)
		err = fact_put(t, &out->large, &how, "large", 5);
	if (!err)
		err = fact_put(t, &out->loose, &how, "loose", 5);
	return err ? err : txn_commit(t);
}

static err_t
note_node(void *arg, const struct content_part *part)
{
	struct id *node = arg;

	if (part->height)
		*node = part->id;
	return NULL;
}

static err_t
put_node_fact(struct tables *out, struct store *s)
{
	struct txn *t = NULL;
	err_t err;

	err = content_parts(s, &out->large, CUT_CSV, note_node, &out->node);
	if (!err)
		err = txn_begin(&t, s, "test");
	if (!err)
		err = fact_put(t, &out->node, &how, "node", 4);
	if (!err)
		err = txn_lock(t);
	if (!err)
		err = txn_commit(t);
	txn_end(t);
	return err;
}

static unsigned findings;

static err_t
count_finding(void *arg, const struct finding *f)
{
	(void)arg;
	printf("# %s %s: %s\n", f->what, f->subject, f->fact);
	findings++;
	return NULL;
}

static unsigned
check(const struct fixture *f)
{
	struct fsck_totals totals;
	char path[64];

	snprintf(path, sizeof(path), "%s/.dsv", f->dir);
	findings = 0;
	return well(store_fsck(&totals, path, false, 0, count_finding,
	    NULL)) ? findings : 99;
}

static err_t
run_sql(struct store *s, const char *sql, const struct id *id)
{
	err_t err;

	err = db_begin(s->db, true);
	if (!err)
		err = db_run(s->db, sql, "d", id);
	if (!err)
		err = db_commit(s->db);
	db_rollback(s->db);
	return err;
}

static void
test_index(struct fixture *f, const struct tables *tables)
{
	static const struct id nowhere = { { 9 } };

	ok(check(f) == 0, "facts are sound");
	ok(well(run_sql(f->store, "UPDATE fact SET how = x'"
	    "0000000000000000000000000000000000000000000000000000000000000000'"
	    " WHERE about = ?", &tables->large)) && check(f) == 1,
	    "a fact that the index has under another name is found");
	ok(well(run_sql(f->store, "UPDATE fact SET how = x'"
	    "0100000000000000000000000000000000000000000000000000000000000000'"
	    " WHERE about = ?", &tables->large)) && check(f) == 0, "put back");
	ok(well(run_sql(f->store, "INSERT INTO fact SELECT ?, how, object "
	    "FROM fact LIMIT 1", &nowhere)) && check(f) == 1,
	    "and a row without an object");
	ok(well(run_sql(f->store, "DELETE FROM fact WHERE about = ?",
	    &nowhere)) && check(f) == 0, "put back");
}

static void
test_gc(struct fixture *f, const struct tables *tables)
{
	struct gc_options options = { .now = true };
	struct gc_report report;

	ok(well(store_gc(&report, f->store, &options, NULL, NULL)) &&
	    report.dropped_objects == 2, "gc drops a table and its fact");
	ok(says(f->store, &tables->loose, &how, NULL), "which is not found");
	ok(says(f->store, &tables->small, &how, "small") &&
	    says(f->store, &tables->large, &how, "large") &&
	    says(f->store, &tables->node, &how, "node"),
	    "those about what is kept are");
	ok(check(f) == 0, "all is sound");
}

static void
test_twice(struct fixture *f, const struct tables *tables)
{
	struct txn *t = NULL;
	struct buf b = BUF_INIT;
	char path[64];
	bool found;
	err_t err;

	err = txn_begin(&t, f->store, "test");
	for (unsigned i = 0; !err && i < 20; i++)
		err = fact_put(t, &tables->small, &how, &"abcdefghijklmnopqrst"
		    [i], 1);
	if (!err)
		err = txn_lock(t);
	if (!err)
		err = txn_commit(t);
	txn_end(t);
	ok(well(err) && well(fact_get(&found, &b, f->store, &tables->small,
	    &how)) && found, "of several one counts");
	ok(check(f) == 0, "that is sound");
	store_close(f->store);
	f->store = NULL;
	snprintf(path, sizeof(path), "%s/.dsv", f->dir);
	ok(well(store_rebuild(path, false, 0)) && well(store_open(&f->store,
	    path, STORE_WRITE, 0, false)) &&
	    says(f->store, &tables->small, &how, buf_cstr(&b)),
	    "and the same one after a rebuild");
	buf_release(&b);
}

int
main(void)
{
	struct tables tables;
	struct txn *t = NULL;
	struct fixture f;
	err_t err;

	if (!ok(well(fixture_open(&f)), "a store"))
		return tap_end();
	err = txn_begin(&t, f.store, "test");
	if (!err)
		err = put_all(&tables, t);
	txn_end(t);
	ok(well(err) && well(put_node_fact(&tables, f.store)), "facts");
	ok(says(f.store, &tables.small, &how, "small") &&
	    says(f.store, &tables.small, &other, ""), "are found by what they "
	    "are about and how");
	ok(says(f.store, &tables.small, &tables.small, NULL) &&
	    says(f.store, &how, &how, NULL), "and no others");
	test_index(&f, &tables);
	test_gc(&f, &tables);
	test_twice(&f, &tables);
	fixture_close(&f);
	return tap_end();
}
