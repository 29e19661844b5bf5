/*
 * The index from the objects alone: a random history, and what the live
 * index says of it is what the rebuilt one says, whatever is damaged.
 */

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/store_int.h"
#include "tests/unit/fixture.h"
#include "tests/unit/tap.h"

#define FILES 8
#define BRANCHES 4
#define STEPS 60

static bool
well(err_t err)
{
	if (err)
		printf("# %s\n", err->msg);
	return !err;
}

static uint64_t seed = 5;

static uint32_t
below(uint32_t n)
{
	seed = seed * UINT64_C(6364136223846793005) +
	    UINT64_C(1442695040888963407);
	return (uint32_t)((seed >> 33) % n);
}

/* ---- a history --------------------------------------------------------- */

struct history {
	struct fixture f;
	struct id content[FILES];	/* of the files now; zero: none */
	uint64_t size[FILES];
	struct id head[BRANCHES];	/* zero: no such branch */
	struct id tags;			/* commit of the last tag */
	unsigned n_tags;
};

/* About the content, perhaps twice, and not always the same.  What is said
 * of which follows from its id, so that history is as it is without. */
static err_t
write_facts(struct history *h, struct txn *t, unsigned i, const char *p,
    size_t len)
{
	unsigned dice = h->content[i].b[0];
	struct id how = { { 'h', dice & 1 } };
	err_t err;

	if (dice & 2)
		return NULL;
	err = fact_put(t, &h->content[i], &how, p, len);
	if (!err && (dice & 4))
		err = fact_put(t, &h->content[i], &how, p, len / 2);
	return err;
}

static err_t
write_content(struct history *h, struct txn *t, unsigned i)
{
	struct buf b = BUF_INIT;
	unsigned rows = below(8) ? below(50) : 15000;
	err_t err;

	while (rows--)
		buf_printf(&b, "%u,%u\n", below(1000), below(1000000));
	h->size[i] = b.len;
	err = content_put(&h->content[i], t, b.p, b.len, CUT_CSV);
	if (!err)
		err = write_facts(h, t, i, b.p, b.len < 100 ? b.len : 100);
	buf_release(&b);
	return err;
}

static err_t
write_tree(struct id *out, struct history *h, struct txn *t)
{
	struct buf b = BUF_INIT;
	err_t err;

	tree_begin(&b, 0);
	for (unsigned i = 0; i < FILES; i++) {
		char name[8];
		struct tree_entry e = { name, 2, i & 1 ? MODE_FILE :
		    MODE_EXEC, h->content[i], h->size[i] };

		snprintf(name, sizeof(name), "f%u", i);
		if (tree_cut_after(0, name, 2))
			BUG("\"%s\" would end a tree", name);
		if (!id_is_zero(&h->content[i]))
			tree_add(&b, &e);
	}
	err = object_put(out, t, KIND_TREE, b.p, b.len);
	buf_release(&b);
	return err;
}

/* What the commit changed, by chance: told apart by one of two keys. */
static err_t
write_changes(struct history *h, struct txn *t, const struct id *commit)
{
	static const struct id none = { { 0 } };
	uint8_t keys[200 * ROW_KEY] = { 0 };
	struct row_changes rows = { .commit = *commit, .path_len = 2,
	    .key = "id", .key_len = 2, .keys = keys, .note = "why",
	    .note_len = 3 };
	err_t err = NULL;

	for (unsigned i = 0; !err && i < FILES; i++) {
		unsigned dice = commit->b[i];
		char name[8];

		if (dice & 1 || id_is_zero(&h->content[i]))
			continue;
		snprintf(name, sizeof(name), "f%u", i);
		rows.path = name;
		rows.from = none;
		rows.to = h->content[i];
		rows.key_len = dice & 2;
		rows.extent = 1 + (dice >> 2) % 3;
		rows.n_keys = rows.extent == ROWS_LISTED ? dice % 200 : 0;
		for (unsigned k = 0; k < rows.n_keys; k++)
			keys[k * ROW_KEY] = (uint8_t)k;
		rows.rows = rows.inserted = rows.n_keys;
		err = rows_put(t, &rows);
		/* Another note of it, of which one counts. */
		rows.filled = 1;
		if (!err && dice & 64)
			err = rows_put(t, &rows);
	}
	return err;
}

static err_t
write_stage(struct history *h, struct txn *t)
{
	err_t err = stage_clear(t);

	for (unsigned i = 0; !err && i < FILES; i++) {
		char name[8];
		struct stage_entry e = { name, i & 1 ? MODE_FILE : MODE_EXEC,
		    h->content[i], h->size[i], 12345, 678, 9 };

		snprintf(name, sizeof(name), "f%u", i);
		if (!id_is_zero(&h->content[i]))
			err = stage_put(t, &e);
	}
	return err;
}

static err_t
write_event(struct txn *t, const char *act, const char *ref,
    const struct id *from, const struct id *to)
{
	static const struct id zero;
	struct event ev = EVENT_INIT;
	struct id id;
	err_t err;

	ev.act = mem_strdup(act);
	ev.actor.name = mem_strdup("Ada");
	ev.identity = mem_strdup("env");
	ev.note = mem_strdup("because");
	ev.time = 1700000000;
	event_add_ref(&ev, ref, from ? from : &zero, to ? to : &zero);
	err = event_record(&id, t, &ev);
	event_release(&ev);
	return err;
}

/* An act about a version, and about rules. */
static err_t
write_review(struct txn *t, const struct id *commit)
{
	struct event ev = EVENT_INIT;
	char hex[ID_HEX + 1];
	struct id id;
	err_t err;

	ev.act = mem_strdup("submit");
	ev.actor.name = mem_strdup("Ada");
	ev.identity = mem_strdup("env");
	ev.note = mem_strdup("policy x\n");
	ev.time = 1700000000;
	event_add_field(&ev, "approvals", "2");
	event_add_field(&ev, "commit", id_hex(hex, commit));
	if (below(2))
		event_add_field(&ev, "policy", "main");
	err = event_record(&id, t, &ev);
	event_release(&ev);
	return err;
}

static void
branch_name(char out[32], unsigned i)
{
	snprintf(out, 32, "branch/%s", (const char *const[]){ "main", "exp",
	    "a/b", "\xc3\xa4" }[i]);
}

static err_t
step_commit(struct history *h, struct txn *t, unsigned branch)
{
	struct commit c = COMMIT_INIT;
	struct id *head = &h->head[branch];
	bool is_new = id_is_zero(head);
	char name[32];
	struct id id;
	err_t err = NULL;

	for (unsigned i = 0; !err && i < FILES; i++)
		if (below(3) == 0)
			err = write_content(h, t, i);
		else if (below(9) == 0)
			memset(&h->content[i], 0, ID_SIZE);
	if (!err)
		err = write_tree(&c.tree, h, t);
	if (!is_new)
		c.parents[c.n_parents++] = *head;
	if (below(4) == 0)
		for (unsigned i = 0; i < BRANCHES; i++)
			if (i != branch && !id_is_zero(&h->head[i]) &&
			    c.n_parents < 2)
				c.parents[c.n_parents++] = h->head[i];
	c.author.name = c.committer.name = (char *)"Ada";
	c.committer_time = 1700000000 + (int64_t)below(1000);
	c.message = (char *)"message";
	branch_name(name, branch);
	if (!err)
		err = commit_put(&id, t, &c);
	if (!err)
		err = write_changes(h, t, &id);
	if (!err)
		err = write_event(t, "commit", name, is_new ? NULL : head,
		    &id);
	if (!err)
		err = write_stage(h, t);
	/* The branch that changed last is the current one. */
	if (!err)
		err = state_set(t, "head", name);
	*head = id;
	return err;
}

static err_t
step(struct history *h)
{
	struct txn *t = NULL;
	unsigned branch = below(BRANCHES);
	char name[32];
	err_t err;

	err = txn_begin(&t, h->f.store, "test");
	/* Some of it before the lock, as dsv add does. */
	if (!err && below(2))
		err = write_content(h, t, below(FILES));
	if (!err)
		err = txn_lock(t);
	if (!err && below(8) == 0 && !id_is_zero(&h->head[branch])) {
		snprintf(name, sizeof(name), "tag/t-%u", h->n_tags++);
		err = write_event(t, "tag", name, NULL, &h->head[branch]);
		/* A tag is no reason to be on another branch. */
	} else if (!err && below(9) == 0 && branch &&
	    !id_is_zero(&h->head[branch])) {
		branch_name(name, branch);
		err = write_event(t, "delete", name, &h->head[branch], NULL);
		memset(&h->head[branch], 0, ID_SIZE);
	}
	branch = below(BRANCHES);
	if (!err)
		err = step_commit(h, t, branch);
	if (!err && below(3) == 0)
		err = write_review(t, &h->head[branch]);
	if (!err)
		err = txn_commit(t);
	txn_end(t);
	return err;
}

/* ---- what an index says ------------------------------------------------ */

static const char *const dumps[] = {
	"SELECT hex(id), kind || ' ', size, refs FROM object ORDER BY 1, 2",
	"SELECT hex(id), hex(recipe), 0, 0 FROM file ORDER BY 1",
	"SELECT hex(about) || hex(how), hex(object), 0, 0 FROM fact "
	    "ORDER BY 1",
	"SELECT hex(version) || hex(path) || hex(s.key), hex(object), r.keys, "
	    "(SELECT count(*) FROM posting p WHERE p.rows = r.n AND "
	    "p.series = s.n) FROM rows r JOIN series s ON s.n = r.series "
	    "ORDER BY 1",
	"SELECT hex(p.key), hex(version), 0, 0 FROM posting p JOIN rows r "
	    "ON r.n = p.rows ORDER BY 1, 2",
	"SELECT hex(id), hex(tree) || hex(parents), version, time "
	    "FROM version ORDER BY 1",
	"SELECT hex(id), hex(jump), depth, 0 FROM version ORDER BY 1",
	"SELECT hex(id), hex(writer), seq, n FROM event ORDER BY n",
	"SELECT name || ' ' || fold, hex(target) || hex(event), 0, 0 "
	    "FROM ref ORDER BY 1",
	"SELECT name, hex(id), event, 0 FROM reflog JOIN event ON n = event "
	    "ORDER BY 1, 3",
	"SELECT name, hex(id), event, 0 FROM subject JOIN event ON n = event "
	    "ORDER BY 1, 3",
	"SELECT hex(path), hex(id), mode, size FROM stage ORDER BY 1",
	"SELECT key, value, 0, 0 FROM state ORDER BY 1",
};

/* The tables without what is local: row numbers, places, times of files. */
static bool
dump(struct buf *out, struct store *s)
{
	err_t err = NULL;

	for (size_t i = 0; !err && i < ARRAY_LEN(dumps); i++) {
		const char *a, *b;
		int64_t m, n;
		struct query *q = NULL;

		buf_printf(out, "%s\n", dumps[i]);
		err = db_query(&q, s->db, dumps[i], "");
		while (!err && db_next(&err, q, "ssii", &a, &b, &m, &n))
			buf_printf(out, "%s %s %lld %lld\n", a, b,
			    (long long)m, (long long)n);
		db_done(q);
	}
	return well(err);
}

static void
show_difference(const struct buf *a, const struct buf *b)
{
	const char *p = buf_cstr(a), *q = buf_cstr(b), *line = p;

	while (*p && *p == *q) {
		if (*p == '\n')
			line = p + 1;
		p++;
		q++;
	}
	printf("# live: %.*s\n", (int)strcspn(line, "\n"), line);
	printf("# rebuilt: %.*s\n", (int)strcspn(q - (p - line), "\n"),
	    q - (p - line));
}

static char *
dsv_path(char out[64], const struct history *h)
{
	snprintf(out, 64, "%s/.dsv", h->f.dir);
	return out;
}

static bool
reopen(struct history *h)
{
	char path[64];

	store_close(h->f.store);
	h->f.store = NULL;
	return well(store_open(&h->f.store, dsv_path(path, h), STORE_WRITE, 0,
	    false));
}

static bool
rebuild(struct history *h)
{
	char path[64];

	return well(store_rebuild(dsv_path(path, h), false, 0)) && reopen(h);
}

static err_t
print_finding(void *arg, const struct finding *finding)
{
	(void)arg;
	printf("# %s %s: %s\n", finding->what, finding->subject,
	    finding->fact);
	return NULL;
}

static bool
is_sound(struct history *h)
{
	struct fsck_totals totals;
	char path[64];

	return well(store_fsck(&totals, dsv_path(path, h), false, 0,
	    print_finding, NULL)) && totals.findings == 0;
}

/* ---- checks ------------------------------------------------------------ */

static bool
same_after_rebuild(struct history *h)
{
	struct buf live = BUF_INIT, after = BUF_INIT;
	bool good;

	good = dump(&live, h->f.store) && rebuild(h) &&
	    dump(&after, h->f.store) && live.len == after.len &&
	    memcmp(live.p, after.p, live.len) == 0;
	if (!good)
		show_difference(&live, &after);
	buf_release(&live);
	buf_release(&after);
	return good;
}

static unsigned
quarantined(const struct history *h)
{
	char path[96];
	struct dirent *e;
	unsigned n = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/.dsv/quarantine", h->f.dir);
	dir = opendir(path);
	while (dir && (e = readdir(dir)) != NULL)
		n += strstr(e->d_name, ".db") != NULL;
	if (dir)
		closedir(dir);
	return n;
}

static void
test_same(struct history *h)
{
	bool good = true;
	char path[96];

	for (unsigned i = 0; good && i < STEPS; i++)
		good = well(step(h));
	ok(good, "a history");
	ok(is_sound(h), "it is sound");
	ok(same_after_rebuild(h), "rebuilt, the index says the same");
	ok(is_sound(h), "and is sound");
	ok(quarantined(h) == 1, "the old one is kept");
	for (unsigned i = 0; good && i < 10; i++)
		good = well(step(h));
	ok(good && same_after_rebuild(h), "history goes on after it");
	store_close(h->f.store);
	h->f.store = NULL;
	snprintf(path, sizeof(path), "%s/.dsv/index.db", h->f.dir);
	unlink(path);
	ok(rebuild(h) && is_sound(h), "rebuilt from nothing");
}

/* Whatever gc drops and packs, what is left is sound, and the rebuilt index
 * says the same of it. */
static void
test_gc(struct history *h)
{
	uint64_t dropped = 0;
	bool good = true, same = true, sound = true;

	for (unsigned round = 0; good && same && sound && round < 6;
	    round++) {
		struct gc_options options = { .now = round & 1,
		    .quick = round == 4 };
		struct gc_report report;

		for (unsigned i = 0; good && i < 8; i++)
			good = well(step(h));
		good = good && well(store_gc(&report, h->f.store, &options,
		    NULL, NULL));
		dropped += report.dropped_objects;
		sound = is_sound(h);
		same = same_after_rebuild(h);
	}
	ok(good && dropped > 0, "versions come and are collected");
	ok(sound, "what is left is sound");
	ok(same, "and in the rebuilt index the same");
}

/* Whoever opened the index before it was replaced must not write to it. */
static void
test_replaced(struct history *h)
{
	struct store *old = h->f.store;
	struct id head = h->head[0];
	err_t err;

	h->f.store = NULL;
	ok(rebuild(h), "rebuilt beside a writer");
	{
		struct history stale = *h;

		stale.f.store = old;
		err = step(&stale);
	}
	ok(err_is(err, ERR_BUSY) && strstr(err->msg, "rebuilt"),
	    "who cannot write to the old index");
	store_close(old);
	h->head[0] = head;
	ok(well(step(h)) && is_sound(h), "but to the new one");
}

struct segment_list {
	struct id ids[1024];
	size_t n;
};

static bool
list_segments(struct segment_list *out, struct store *s)
{
	struct query *q = NULL;
	err_t err;

	out->n = 0;
	err = db_query(&q, s->db, "SELECT id FROM segment ORDER BY n", "");
	while (!err && out->n < 1024 && db_next(&err, q, "d",
	    &out->ids[out->n]))
		out->n++;
	db_done(q);
	return well(err);
}

static err_t
count_ref(void *arg, const struct ref *ref)
{
	(void)ref;
	++*(unsigned *)arg;
	return NULL;
}

enum damage { CUT_HALF, CUT_SHORT, EMPTY, FLIPPED, GONE, DAMAGES };

static void
do_damage(const char *path, enum damage how, struct buf *kept)
{
	struct buf bad = BUF_INIT;
	int fd;

	buf_clear(kept);
	if (!well(file_slurp(kept, AT_FDCWD, path, 64u << 20)))
		BUG("no segment");
	buf_add(&bad, kept->p, kept->len);
	unlink(path);
	if (how == GONE)
		goto out;
	if (how == CUT_HALF)
		bad.len /= 2;
	else if (how == CUT_SHORT)
		bad.len -= 5;
	else if (how == EMPTY)
		bad.len = 0;
	else
		for (size_t i = 40; i < bad.len; i += 64)
			bad.p[i] ^= 0x40;
	fd = open(path, O_WRONLY | O_CREAT, 0444);
	if (fd < 0 || !well(file_write_full(fd, bad.p, bad.len, path)))
		BUG("cannot damage");
	close(fd);
out:
	buf_release(&bad);
}

static void
undo_damage(const char *path, const struct buf *kept)
{
	int fd;

	unlink(path);
	fd = open(path, O_WRONLY | O_CREAT, 0444);
	if (fd < 0 || !well(file_write_full(fd, kept->p, kept->len, path)))
		BUG("cannot repair");
	close(fd);
}

static int64_t
versions(struct history *h)
{
	int64_t n = 0;
	bool found;
	err_t err = db_row(&found, h->f.store->db, "SELECT count(*) "
	    "FROM version", "", "i", &n);

	return well(err) ? n : 0;
}

/* Each segment in turn, in every way: the index can be rebuilt, refs are
 * there, and it is as before when the segment is whole again. */
static void
test_damage(struct history *h)
{
	static struct segment_list list;
	struct buf kept = BUF_INIT;
	unsigned all = 0, least = 999;
	int64_t all_versions = versions(h), least_versions = all_versions;
	bool good = list_segments(&list, h->f.store) &&
	    well(ref_walk(h->f.store, "", count_ref, &all));

	for (size_t i = 0; good && i < list.n; i += 1 + list.n / 40) {
		char name[SEGMENT_PATH], path[160];
		enum damage how = below(DAMAGES);
		unsigned refs = 0;

		snprintf(path, sizeof(path), "%s/.dsv/objects/%s", h->f.dir,
		    segment_path(name, &list.ids[i]));
		do_damage(path, how, &kept);
		alarm(60);
		good = rebuild(h) && well(ref_walk(h->f.store, "", count_ref,
		    &refs));
		alarm(0);
		if (refs < least)
			least = refs;
		if (good && versions(h) < least_versions)
			least_versions = versions(h);
		undo_damage(path, &kept);
		if (!good)
			printf("# segment %zu of %zu, damage %d\n", i, list.n,
			    (int)how);
	}
	buf_release(&kept);
	ok(good, "damage to any segment stops no rebuilding");
	printf("# %u of %u refs, %lld of %lld versions at least\n", least, all,
	    (long long)least_versions, (long long)all_versions);
	ok(good && all > 5 && least + 1 >= all,
	    "takes away one ref at most");
	ok(good && all_versions > STEPS && least_versions ==
	    all_versions - 1, "and one version");
	ok(rebuild(h) && is_sound(h), "all is there again without the damage");
}

int
main(void)
{
	static struct history h;

	/* What was printed is seen even if the next step dies. */
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (!ok(well(fixture_open(&h.f)), "a store"))
		return tap_end();
	test_same(&h);
	test_replaced(&h);
	test_damage(&h);
	test_gc(&h);
	fixture_close(&h.f);
	return tap_end();
}
