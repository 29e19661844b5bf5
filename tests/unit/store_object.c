/*
 * A store from outside: objects, transactions and what is left of those that
 * did not end well, refs, events, stage and state.
 */

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/idset.h"
#include "store/store_int.h"
#include "tests/unit/fixture.h"
#include "tests/unit/tap.h"

#define KIB ((size_t)1 << 10)

/* Prints what went wrong, so that a failed check says why. */
static bool
well(err_t err)
{
	if (err)
		printf("# %s\n", err->msg);
	return !err;
}

static unsigned
count_in(int dirfd, const char *name)
{
	int fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;
	unsigned n = 0;

	while (dir && (e = readdir(dir)) != NULL) {
		struct stat st;

		if (e->d_name[0] == '.' || fstatat(fd, e->d_name, &st, 0) < 0)
			continue;
		n += S_ISDIR(st.st_mode) ? count_in(fd, e->d_name) : 1;
	}
	if (dir)
		closedir(dir);
	return n;
}

static unsigned
segments(const struct fixture *f)
{
	return count_in(store_dirfd(f->store), "objects");
}

static unsigned
prepared(const struct fixture *f)
{
	return count_in(store_dirfd(f->store), "tmp");
}

static struct txn *
begin(struct fixture *f, bool lock)
{
	struct txn *t = NULL;
	err_t err;

	err = txn_begin(&t, f->store, "test");
	if (!err && lock)
		err = txn_lock(t);
	if (err)
		BUG("%s", err->msg);
	return t;
}

/* Commit and end. */
static bool
commit(struct txn *t)
{
	err_t err = txn_commit(t);

	txn_end(t);
	return well(err);
}

static bool
put(struct id *out, struct txn *t, enum kind kind, const char *text)
{
	return well(object_put(out, t, kind, text, strlen(text)));
}

static bool
has(struct fixture *f, enum kind kind, const struct id *id)
{
	bool found = false;

	return well(object_has(&found, f->store, kind, id)) && found;
}

static bool
reads(struct store *s, enum kind kind, const struct id *id, const char *want)
{
	struct buf b = BUF_INIT;
	bool good = well(object_read(&b, s, kind, id)) &&
	    strcmp(buf_cstr(&b), want) == 0;

	buf_release(&b);
	return good;
}

static err_t
read_err(struct store *s, enum kind kind, const struct id *id)
{
	struct buf b = BUF_INIT;
	err_t err = object_read(&b, s, kind, id);

	buf_release(&b);
	return err;
}

/* ---- objects ----------------------------------------------------------- */

static err_t
count_id(void *arg, const struct id *id)
{
	(void)id;
	++*(unsigned *)arg;
	return NULL;
}

static unsigned
by_prefix(struct fixture *f, const char *prefix, size_t limit)
{
	unsigned n = 0;

	return well(object_by_prefix(f->store, KIND_EVENT, prefix, limit,
	    count_id, &n)) ? n : 999;
}

static void
test_objects(struct fixture *f)
{
	struct txn *t = begin(f, false);
	struct id a, again, other, none;
	char hex[ID_HEX + 1];
	unsigned before;
	bool good;

	ok(put(&a, t, KIND_CHUNK, "hello") &&
	    put(&again, t, KIND_CHUNK, "hello") && id_eq(&a, &again),
	    "an object put twice is one");
	ok(put(&other, t, KIND_EVENT, "hello") && id_eq(&a, &other),
	    "the same bytes of another kind");
	put(&other, t, KIND_EVENT, "");
	ok(!has(f, KIND_CHUNK, &a), "not visible before the commit");
	ok(well(txn_lock(t)) && commit(t), "commit");
	ok(has(f, KIND_CHUNK, &a) && has(f, KIND_EVENT, &a) &&
	    !has(f, KIND_COMMIT, &a), "there afterwards, by kind");
	ok(reads(f->store, KIND_CHUNK, &a, "hello"), "and read back");
	ok(reads(f->store, KIND_EVENT, &other, ""), "as is an empty one");
	hash_bytes(&none, "none", 4);
	ok(err_is(read_err(f->store, KIND_CHUNK, &none), ERR_NOT_FOUND),
	    "one that is not there");

	before = segments(f);
	t = begin(f, true);
	good = put(&again, t, KIND_CHUNK, "hello") && commit(t);
	ok(good && segments(f) == before,
	    "what is there already is not stored again");

	id_hex(hex, &a);
	ok(by_prefix(f, hex, 9) == 1, "found by all digits");
	hex[5] = '\0';
	ok(by_prefix(f, hex, 9) == 1, "and by some");
	ok(by_prefix(f, "2CF2", 9) == 1, "of either case");
	ok(by_prefix(f, "2cf3", 9) == 0, "or not found");
	good = true;
	t = begin(f, true);
	for (char c = 'a'; c <= 'z'; c++) {
		char text[2] = { c, '\0' };

		good = good && put(&none, t, KIND_EVENT, text);
	}
	good = good && commit(t);
	for (unsigned total = 0, d = 0; d < 17; d++) {
		char digit[2] = { "0123456789abcdef"[d], '\0' };

		if (d == 16)
			good = good && total == 29;
		else
			total += by_prefix(f, digit, 100);
	}
	ok(good, "every first digit together finds all");
	ok(by_prefix(f, "c", 1) == 1, "no more than wanted");
	ok(err_is(object_by_prefix(f->store, KIND_EVENT, "", 1, count_id,
	    NULL), ERR_USAGE) && err_is(object_by_prefix(f->store, KIND_EVENT,
	    "12g", 1, count_id, NULL), ERR_USAGE), "what is no prefix");
}

static void
test_limits(struct fixture *f)
{
	struct txn *t = begin(f, true);
	char *p = mem_zalloc(OBJECT_MAX + 1);
	struct id id;
	struct buf b = BUF_INIT;

	ok(well(object_put(&id, t, KIND_CHUNK, p, OBJECT_MAX)) && commit(t),
	    "the longest object");
	ok(well(object_read(&b, f->store, KIND_CHUNK, &id)) &&
	    b.len == OBJECT_MAX && memcmp(b.p, p, b.len) == 0,
	    "comes back");
	t = begin(f, true);
	ok(err_is(object_put(&id, t, KIND_CHUNK, p, OBJECT_MAX + 1),
	    ERR_USAGE), "a longer one is refused");
	txn_end(t);
	buf_release(&b);
	free(p);
}

/* Enough that frames are written long before the end. */
static bool
put_many(struct txn *t, unsigned salt, unsigned n)
{
	char *p = mem_alloc(64 * KIB);
	uint64_t seed = salt;
	bool good = true;
	struct id id;

	for (unsigned i = 0; good && i < n; i++) {
		for (size_t k = 0; k < 64 * KIB; k++) {
			seed = seed * UINT64_C(6364136223846793005) + 1;
			p[k] = (char)(seed >> 56);
		}
		good = well(object_put(&id, t, KIND_CHUNK, p, 64 * KIB));
	}
	free(p);
	return good;
}

/* ---- events and refs --------------------------------------------------- */

static void
event_fill(struct event *ev, const char *act)
{
	*ev = (struct event)EVENT_INIT;
	ev->act = mem_strdup(act);
	ev->actor.name = mem_strdup("Ada");
	ev->actor.email = mem_strdup("");
	ev->identity = mem_strdup("os");
	ev->note = mem_strdup("");
}

static err_t
record(struct id *out, struct txn *t, const char *name, const struct id *from,
    const struct id *to)
{
	static const struct id zero;
	struct event ev;
	err_t err;

	event_fill(&ev, to ? "set" : "delete");
	if (name)
		event_add_ref(&ev, name, from ? from : &zero,
		    to ? to : &zero);
	err = event_record(out, t, &ev);
	event_release(&ev);
	return err;
}

/* In a transaction of its own. */
static err_t
set_ref(struct fixture *f, const char *name, const struct id *from,
    const struct id *to)
{
	struct txn *t = begin(f, true);
	struct err kept;
	struct id id;
	err_t err;

	err = record(&id, t, name, from, to);
	if (!err)
		err = txn_commit(t);
	if (err) {
		kept = *err;
		err = err_adopt(&kept);
	}
	txn_end(t);
	return err;
}

static bool
ref_is(struct fixture *f, const char *name, const struct id *want)
{
	struct ref ref;
	err_t err = ref_get(&ref, f->store, name);

	if (!want)
		return err_is(err, ERR_NOT_FOUND);
	return well(err) && id_eq(&ref.target, want) &&
	    strcmp(ref.name, name) == 0;
}

static err_t
join_name(void *arg, const struct ref *ref)
{
	buf_printf(arg, "%s ", ref->name);
	return NULL;
}

static bool
refs_are(struct fixture *f, const char *prefix, const char *want)
{
	struct buf b = BUF_INIT;
	bool good = well(ref_walk(f->store, prefix, join_name, &b)) &&
	    strcmp(buf_cstr(&b), want) == 0;

	if (!good)
		printf("# %s\n", buf_cstr(&b));
	buf_release(&b);
	return good;
}

static err_t
join_change(void *arg, const struct ref_change *change)
{
	buf_printf(arg, "%s %d>%d;", change->act, change->from.b[0],
	    change->to.b[0]);
	return NULL;
}

static void
test_refs(struct fixture *f)
{
	struct id a = { { 1 } }, b = { { 2 } }, id;
	struct buf log = BUF_INIT;
	struct event ev;
	struct txn *t;
	err_t err;

	ok(ref_is(f, "branch/main", NULL), "a ref that is not there");
	ok(well(set_ref(f, "branch/main", NULL, &a)) &&
	    ref_is(f, "branch/main", &a), "a ref is made");
	err = set_ref(f, "branch/main", NULL, &b);
	ok(err_is(err, ERR_EXISTS), "made again it exists");
	err = set_ref(f, "branch/main", &b, &a);
	ok(err_is(err, ERR_BUSY) && strstr(err->msg, "moved"),
	    "changed from what it is not");
	err = set_ref(f, "branch/gone", &b, &a);
	ok(err_is(err, ERR_BUSY), "or from what is not there");
	ok(ref_is(f, "branch/main", &a), "all of which changed nothing");
	ok(well(set_ref(f, "branch/main", &a, &b)) &&
	    ref_is(f, "branch/main", &b), "changed from what it is");
	ok(err_is(set_ref(f, "branch/Main", NULL, &a), ERR_EXISTS),
	    "a name that differs in case only");
	ok(err_is(set_ref(f, "branch/ma in", NULL, &a), ERR_USAGE),
	    "a name that is not allowed");
	ok(well(set_ref(f, "branch/a.b", NULL, &a)) &&
	    well(set_ref(f, "branch/a", NULL, &a)) &&
	    well(set_ref(f, "branch/a/b", NULL, &a)) &&
	    well(set_ref(f, "tag/a", NULL, &a)), "more refs");
	ok(refs_are(f, "", "branch/a branch/a.b branch/a/b branch/main "
	    "tag/a ") && refs_are(f, "branch/a", "branch/a branch/a.b "
	    "branch/a/b ") && refs_are(f, "tag/", "tag/a ") &&
	    refs_are(f, "x", ""), "walked by prefix, in order");
	ok(well(set_ref(f, "branch/a", &a, NULL)) &&
	    ref_is(f, "branch/a", NULL), "a ref is deleted");
	ok(well(set_ref(f, "branch/a", NULL, &b)), "and made anew");
	ok(well(reflog_walk(f->store, "branch/a", join_change, &log)) &&
	    strcmp(log.p, "set 0>2;delete 1>0;set 0>1;") == 0,
	    "its log, newest first");

	/* A rename in one event: what goes first, then what comes. */
	t = begin(f, true);
	event_fill(&ev, "rename");
	event_add_ref(&ev, "branch/MAIN", &(struct id){ { 0 } }, &b);
	event_add_ref(&ev, "branch/main", &b, &(struct id){ { 0 } });
	ok(well(event_record(&id, t, &ev)) && commit(t) &&
	    ref_is(f, "branch/main", NULL) && ref_is(f, "branch/MAIN", &b),
	    "renamed to another case");
	event_release(&ev);
	buf_release(&log);
}

struct seen {
	uint64_t first, last, n;
	struct id prev;
	bool good;
};

static err_t
see_event(void *arg, const struct event_info *info, const struct event *ev)
{
	struct seen *seen = arg;

	if (!seen->n++)
		seen->first = info->number;
	else
		seen->good = seen->good && info->number == seen->last + 1 &&
		    id_eq(&ev->prev, &seen->prev);
	seen->prev = info->id;
	seen->last = info->number;
	return NULL;
}

static err_t
see_back(void *arg, const struct event_info *info, const struct event *ev)
{
	struct seen *seen = arg;

	if (!seen->n++)
		seen->first = info->number;
	else
		seen->good = seen->good && info->number == seen->last - 1 &&
		    id_eq(&info->id, &seen->prev);
	seen->prev = ev->prev;
	seen->last = info->number;
	return NULL;
}

static err_t
stop_at_ten(void *arg, const struct event_info *info, const struct event *ev)
{
	(void)info;
	(void)ev;
	return ++*(unsigned *)arg == 10 ? err_new(ERR_CONFLICT, "ten") : NULL;
}

static void
test_events(struct fixture *f)
{
	struct seen on = { .good = true }, back = { .good = true };
	struct seen part = { .good = true }, tail = { .good = true };
	struct txn *t = begin(f, true);
	struct id id;
	unsigned ten = 0;
	bool good = true;

	for (int i = 0; i < 600; i++)
		good = good && well(record(&id, t, NULL, NULL, NULL));
	ok(good && commit(t), "600 events");
	ok(well(event_walk(f->store, 0, false, see_event, &on)) && on.good &&
	    on.first == 1 && on.n > 600 && on.last == on.n,
	    "from the first to the last, each after the one it names");
	ok(well(event_walk(f->store, 0, true, see_back, &back)) &&
	    back.good && back.n == on.n && back.last == 1,
	    "and from the last to the first");
	ok(well(event_walk(f->store, 300, false, see_event, &part)) &&
	    part.good && part.first == 300 && part.last == on.last &&
	    part.n == on.n - 299, "from the middle on");
	ok(well(event_walk(f->store, 300, true, see_back, &tail)) &&
	    tail.good && tail.first == 300 && tail.n == 300,
	    "from the middle back");
	ok(err_is(event_walk(f->store, 0, false, stop_at_ten, &ten),
	    ERR_CONFLICT) && ten == 10, "until the visitor stops");
}

/* ---- transactions that did not end well -------------------------------- */

static void
test_abort(struct fixture *f)
{
	struct id a = { { 1 } }, id, ev;
	unsigned before = segments(f);
	struct txn *t;

	t = begin(f, false);
	put(&id, t, KIND_CHUNK, "aborted early");
	txn_end(t);
	ok(!has(f, KIND_CHUNK, &id) && segments(f) == before &&
	    prepared(f) == 0, "a txn that ends before its lock");
	t = begin(f, true);
	put(&id, t, KIND_CHUNK, "aborted late");
	ok(well(record(&ev, t, "branch/aborted", NULL, &a)) &&
	    put_many(t, 1, 200), "much is put after the lock");
	txn_end(t);
	ok(!has(f, KIND_CHUNK, &id) && !has(f, KIND_EVENT, &ev) &&
	    ref_is(f, "branch/aborted", NULL), "and is gone without commit");
	ok(segments(f) == before && prepared(f) == 0,
	    "with nothing left of it on disk");
	txn_end(NULL);
}

/* (5): between txn_lock and the COMMIT nothing gets a name in objects/. */
static void
test_prepared(struct fixture *f)
{
	unsigned before = segments(f);
	struct id a = { { 1 } }, ev;
	struct txn *t = begin(f, true);
	bool good;

	good = put_many(t, 2, 300) &&
	    well(record(&ev, t, "branch/prepared", NULL, &a)) &&
	    well(pack_flush(t->pack));
	ok(good && segments(f) == before && prepared(f) > 0,
	    "what is put under the lock waits in tmp/");
	ok(commit(t) && segments(f) > before && prepared(f) == 0 &&
	    has(f, KIND_EVENT, &ev), "until the commit");
}

/* In another process, up to a point; then it is killed. */
static bool
killed(struct fixture *f, bool committed)
{
	pid_t pid = fork();
	struct store *s = NULL;
	struct id a = { { 7 } }, id;
	struct txn *t = NULL;
	int status;
	err_t err;

	if (pid != 0)
		return pid > 0 && waitpid(pid, &status, 0) == pid &&
		    WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
	err = store_open(&s, store_path(f->store), STORE_WRITE, 0, false);
	if (!err)
		err = txn_begin(&t, s, "victim");
	if (!err)
		err = txn_lock(t);
	if (!err)
		err = object_put(&id, t, KIND_CHUNK, "victim", 6);
	if (!err)
		err = record(&id, t, "branch/victim", NULL, &a);
	if (!err)
		err = pack_flush(t->pack);
	if (!err && committed) {
		err = pack_insert_rows(t->pack);
		if (!err)
			err = db_commit(s->db);
	}
	if (!err)
		kill(getpid(), SIGKILL);
	_exit(1);
}

static void
test_killed(struct fixture *f)
{
	unsigned before = segments(f);
	struct id id, a = { { 7 } };
	struct store *s = NULL;
	struct txn *t;

	hash_bytes(&id, "victim", 6);
	ok(killed(f, false) && prepared(f) == 1, "killed before its COMMIT");
	ok(!has(f, KIND_CHUNK, &id) && ref_is(f, "branch/victim", NULL),
	    "it did not happen");
	t = begin(f, true);
	ok(prepared(f) == 0 && segments(f) == before,
	    "and the next writer removes what is left");
	txn_end(t);

	ok(killed(f, true) && prepared(f) == 1, "killed after its COMMIT");
	ok(ref_is(f, "branch/victim", &a) &&
	    reads(f->store, KIND_CHUNK, &id, "victim"),
	    "it did happen, and can be read at once");
	ok(well(store_open(&s, store_path(f->store), STORE_READ, 0, false)) &&
	    reads(s, KIND_CHUNK, &id, "victim") && prepared(f) == 1,
	    "by readers, who change nothing");
	store_close(s);
	t = begin(f, true);
	ok(prepared(f) == 0 && segments(f) == before + 1,
	    "and the next writer gives it its name");
	txn_end(t);
	ok(reads(f->store, KIND_CHUNK, &id, "victim"), "it is still there");
}

static void
test_locks(struct fixture *f)
{
	struct file_lock gc = FILE_LOCK_INIT;
	struct store *s = NULL;
	struct txn *first, *second = NULL;
	err_t err;

	ok(well(store_open(&s, store_path(f->store), STORE_WRITE, 0, false)),
	    "a second writer opens");
	first = begin(f, true);
	err = txn_begin(&second, s, "second");
	ok(well(err), "may begin");
	err = txn_lock(second);
	ok(err_is(err, ERR_BUSY) && strstr(err->msg, "test"),
	    "but not lock, and learns who does");
	txn_end(first);
	ok(well(txn_lock(second)), "until the first has ended");
	txn_end(second);
	second = NULL;

	ok(well(file_lock(&gc, store_dirfd(f->store), LOCK_GC, true, 0,
	    "gc")), "gc has the store for itself");
	err = txn_begin(&second, s, "second");
	ok(err_is(err, ERR_BUSY) && !second, "and nobody begins");
	file_unlock(&gc);
	store_close(s);
}

static void
test_view(struct fixture *f)
{
	struct id id, a = { { 1 } };
	struct store *s = NULL;
	struct txn *t;
	bool good;

	good = well(store_view_begin(f->store)) &&
	    well(store_view_begin(f->store));
	store_view_end(f->store);
	store_view_end(f->store);
	t = good ? begin(f, true) : NULL;
	ok(good && put(&id, t, KIND_CHUNK, "after a view") && commit(t),
	    "a writer may have a view and write afterwards");
	ok(well(store_open(&s, store_path(f->store), STORE_READ, 0, false)) &&
	    well(store_view_begin(s)), "a reader has a view");
	ok(err_is(set_ref(f, "branch/viewed", NULL, &a), ERR_BUSY),
	    "which keeps writers from committing");
	store_view_end(s);
	ok(well(set_ref(f, "branch/viewed", NULL, &a)), "until it ends");
	store_close(s);
}

/* ---- commits ----------------------------------------------------------- */

static err_t
add_commit(struct id *out, struct txn *t, const char *message,
    const struct id *p1, const struct id *p2)
{
	struct commit c = COMMIT_INIT;

	c.author.name = c.committer.name = (char *)"Ada";
	c.message = (char *)(uintptr_t)message;
	c.committer_time = 1000;
	if (p1)
		c.parents[c.n_parents++] = *p1;
	if (p2)
		c.parents[c.n_parents++] = *p2;
	return commit_put(out, t, &c);
}

static void
test_commits(struct fixture *f)
{
	struct txn *t = begin(f, true);
	struct id one, two, side, merge, none = { { 9 } };
	struct commit_node node;
	bool good;

	good = well(add_commit(&one, t, "one", NULL, NULL)) &&
	    well(add_commit(&two, t, "two", &one, NULL)) &&
	    well(add_commit(&side, t, "side", &one, NULL)) &&
	    well(add_commit(&merge, t, "merge", &side, &two)) &&
	    well(add_commit(&two, t, "two", &one, NULL)) && commit(t);
	ok(good, "commits");
	ok(well(commit_node(&node, f->store, &one)) && node.version == 1 &&
	    node.n_parents == 0 && node.time == 1000, "the first is v1");
	ok(well(commit_node(&node, f->store, &merge)) && node.version == 3 &&
	    node.n_parents == 2 && id_eq(&node.parents[0], &side) &&
	    id_eq(&node.parents[1], &two), "a merge follows its parents");
	ok(err_is(commit_node(&node, f->store, &none), ERR_NOT_FOUND),
	    "one that is not there");
	t = begin(f, true);
	ok(err_is(add_commit(&two, t, "orphan", &none, NULL), ERR_CORRUPT),
	    "a parent that is not there");
	txn_end(t);
}

/* ---- stage and state --------------------------------------------------- */

static bool
stage(struct txn *t, const char *path)
{
	struct stage_entry e = { path, MODE_EXEC, { { 3 } }, 77, -5, 6,
	    UINT64_MAX };

	return well(stage_put(t, &e));
}

static err_t
join_path(void *arg, const struct stage_entry *e)
{
	buf_printf(arg, "%s;", e->path);
	return NULL;
}

static bool
staged(struct fixture *f, const char *path, const char *want)
{
	struct buf b = BUF_INIT;
	bool good = well(stage_walk(f->store, path, join_path, &b)) &&
	    strcmp(buf_cstr(&b), want) == 0;

	if (!good)
		printf("# %s\n", buf_cstr(&b));
	buf_release(&b);
	return good;
}

struct viewing {
	struct store *store;
	struct buf paths;
};

static err_t
join_in_view(void *arg, const struct stage_entry *e)
{
	struct viewing *v = arg;
	err_t err = store_view_begin(v->store);

	if (!err)
		store_view_end(v->store);
	return err ? err : join_path(&v->paths, e);
}

static void
test_view_in_walk(struct fixture *f)
{
	struct viewing v = { f->store, BUF_INIT };

	ok(well(stage_walk(f->store, "", join_in_view, &v)) &&
	    !strcmp(buf_cstr(&v.paths), "a-b;a.b;a/b;a/\xff/c;a0;b/x\ny;"),
	    "a view that ends within a walk does not end it");
	buf_release(&v.paths);
}

static void
test_stage(struct fixture *f)
{
	struct stage_entry e, bad = { "a/../b", MODE_FILE, { { 0 } }, 0, 0,
	    0, 0 };
	struct txn *t = begin(f, true);

	ok(stage(t, "a/b") && stage(t, "a.b") && stage(t, "a0") &&
	    stage(t, "a-b") && stage(t, "a/\xff/c") && stage(t, "b/x\ny") &&
	    stage(t, "a/b") && commit(t), "paths are staged");
	ok(staged(f, "", "a-b;a.b;a/b;a/\xff/c;a0;b/x\ny;"), "in byte order");
	test_view_in_walk(f);
	ok(staged(f, "a", "a/b;a/\xff/c;"), "below a, but not a.b or a0");
	ok(staged(f, "a.b", "a.b;") && staged(f, "a/b", "a/b;") &&
	    staged(f, "a/\xff", "a/\xff/c;") && staged(f, "a/", "") &&
	    staged(f, "c", ""), "one path, or none");
	ok(well(stage_get(&e, f->store, "b/x\ny")) && e.mode == MODE_EXEC &&
	    e.id.b[0] == 3 && e.size == 77 && e.mtime == -5 &&
	    e.ctime == 6 && e.inode == UINT64_MAX &&
	    strcmp(e.path, "b/x\ny") == 0, "an entry is what was put");
	ok(err_is(stage_get(&e, f->store, "a"), ERR_NOT_FOUND),
	    "a directory is no entry");
	t = begin(f, true);
	ok(err_is(stage_put(t, &bad), ERR_USAGE), "a path that cannot be");
	ok(well(stage_clear(t)) && staged(f, "", ""), "cleared");
	txn_end(t);
	ok(staged(f, "b", "b/x\ny;"), "but not without commit");
	t = begin(f, true);
	ok(well(stage_delete(t, "a/b")) && well(stage_delete(t, "none")) &&
	    commit(t) && staged(f, "a", "a/\xff/c;"), "a path is deleted");
}

static bool
state_is(struct fixture *f, const char *key, const char *want)
{
	struct buf b = BUF_INIT;
	err_t err = state_get(&b, f->store, key);
	bool good = want ? well(err) && strcmp(buf_cstr(&b), want) == 0 :
	    err_is(err, ERR_NOT_FOUND);

	buf_release(&b);
	return good;
}

static void
test_state(struct fixture *f)
{
	struct txn *t = begin(f, true);

	ok(state_is(f, "head", "branch/main"), "head is there from the start");
	ok(well(state_set(t, "k", "1")) && well(state_set(t, "k", "2")) &&
	    commit(t) && state_is(f, "k", "2"), "a fact is set");
	t = begin(f, true);
	ok(well(state_set(t, "k", "")) && commit(t) && state_is(f, "k", NULL),
	    "and deleted");
}

/* ---- opening ----------------------------------------------------------- */

static err_t
try_open(const char *dir, const char *file, const char *text)
{
	struct store *s = NULL;
	char path[80];
	FILE *fp;
	err_t err;

	snprintf(path, sizeof(path), "%s/.dsv/%s", dir, file);
	fp = fopen(path, "w");
	if (!fp)
		BUG("cannot write %s", path);
	fputs(text, fp);
	fclose(fp);
	snprintf(path, sizeof(path), "%s/.dsv", dir);
	err = store_open(&s, path, STORE_READ, 0, false);
	store_close(s);
	return err;
}

static void
test_opening(void)
{
	static const char *const bad[] = { "", "dsv", "dsv x\n", "dsv 1\n",
		"dsv 1\nwriter 00\n", "dsv 1\nwriter 00112233445566778899aabb"
		"ccddeeff", "dsv 1\nwriter 00112233445566778899aabbccddeeff\n"
		"more\n" };
	struct fixture f = { .store = NULL };
	struct store *s = NULL;
	struct event ev;
	char path[80];
	err_t err;

	ok(well(fixture_open(&f)), "a new store");
	event_fill(&ev, "init");
	ok(err_is(store_init(f.dir, "main", "", &ev), ERR_EXISTS),
	    "made again it exists");
	ok(err_is(store_open(&s, f.dir, STORE_READ, 0, true), ERR_CORRUPT),
	    "a directory that is none");
	ok(err_is(store_open(&s, "/tmp/none/.dsv", STORE_READ, 0, true),
	    ERR_NOT_FOUND), "no directory");
	err = try_open(f.dir, "format", "dsv 2\nwriter new style\n");
	ok(err_is(err, ERR_REFUSED) && strstr(err->msg, "format 2"),
	    "a newer format");
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		if (!ok(err_is(try_open(f.dir, "format", bad[i]),
		    ERR_CORRUPT), "a damaged format"))
			printf("# %zu\n", i);
	ok(well(try_open(f.dir, "format",
	    "dsv 1\nwriter 00112233445566778899aabbccddeeff\n")),
	    "a good one");
	ok(err_is(try_open(f.dir, "index.db", "no index"), ERR_CORRUPT),
	    "an index that is none");
	snprintf(path, sizeof(path), "%s/.dsv/index.db", f.dir);
	unlink(path);
	snprintf(path, sizeof(path), "%s/.dsv", f.dir);
	ok(err_is(store_open(&s, path, STORE_WRITE, 0, true), ERR_CORRUPT),
	    "an index that is missing");
	fixture_close(&f);
	ok(mkdir(f.dir, 0777) == 0 && err_is(store_init(f.dir, "a b", "",
	    &ev), ERR_USAGE) && rmdir(f.dir) == 0,
	    "a bad name leaves nothing behind");
	event_release(&ev);
}

/* ---- damage ------------------------------------------------------------ */

/* The one segment of a new store that is not the first event's. */
static bool
find_segment(char *out, size_t size, struct fixture *f, const struct id *id)
{
	char name[SEGMENT_PATH];
	struct place place;
	struct id segment;
	bool found = false;
	err_t err;

	err = place_find(&found, &place, f->store, KIND_CHUNK, id);
	if (!err && found)
		err = db_row(&found, f->store->db, "SELECT id FROM segment "
		    "WHERE n = ?", "i", "d", place.segment, &segment);
	snprintf(out, size, "%s/.dsv/objects/%s", f->dir,
	    segment_path(name, &segment));
	return !err && found;
}

static void
test_damage(void)
{
	struct fixture f = { .store = NULL };
	char path[160], dsv[80];
	struct id id, second;
	struct stat st;
	struct txn *t;
	bool good;
	int fd;

	if (!ok(well(fixture_open(&f)), "a store to be damaged"))
		return;
	t = begin(&f, true);
	good = put(&id, t, KIND_CHUNK, "some text, some text, some text") &&
	    put(&second, t, KIND_CHUNK, "else") && commit(t);
	ok(good && find_segment(path, sizeof(path), &f, &id), "its segment");
	snprintf(dsv, sizeof(dsv), "%s/.dsv", f.dir);
	chmod(path, 0600);
	fd = open(path, O_RDWR);
	good = good && fd >= 0 && fstat(fd, &st) == 0;
	for (off_t at = 0; good && at < st.st_size; at++) {
		struct store *s = NULL;
		struct buf b = BUF_INIT;
		char was, is;
		err_t err;

		good = pread(fd, &was, 1, at) == 1;
		is = was ^ 0x11;
		good = good && pwrite(fd, &is, 1, at) == 1 &&
		    well(store_open(&s, dsv, STORE_READ, 0, false));
		err = object_read(&b, s, KIND_CHUNK, &id);
		if (err && err->code != ERR_CORRUPT)
			good = false;
		if (!err && strcmp(buf_cstr(&b),
		    "some text, some text, some text") != 0)
			good = false;
		buf_release(&b);
		store_close(s);
		good = good && pwrite(fd, &was, 1, at) == 1;
	}
	ok(good, "no flip gives wrong bytes");
	good = true;
	for (off_t len = st.st_size; good && len-- > 0;) {
		struct store *s = NULL;
		struct buf b = BUF_INIT;
		err_t err;

		good = ftruncate(fd, len) == 0 &&
		    well(store_open(&s, dsv, STORE_READ, 0, false));
		err = object_read(&b, s, KIND_CHUNK, &id);
		good = good && (!err || err->code == ERR_CORRUPT);
		buf_release(&b);
		store_close(s);
	}
	ok(good, "nor does any cut");
	close(fd);
	fixture_close(&f);
}

/* ---- the set ------------------------------------------------------------ */

static void
test_idset(void)
{
	struct idset set = IDSET_INIT;
	struct id id = { { 0 } };
	bool good = true;

	ok(!idset_has(&set, &id) && idset_add(&set, &id) &&
	    !idset_add(&set, &id) && idset_has(&set, &id), "the zero id");
	for (unsigned i = 0; i < 5000; i++) {
		hash_bytes(&id, &i, sizeof(i));
		good = good && !idset_has(&set, &id) && idset_add(&set, &id);
	}
	for (unsigned i = 0; i < 5000; i++) {
		hash_bytes(&id, &i, sizeof(i));
		good = good && idset_has(&set, &id) && !idset_add(&set, &id);
	}
	ok(good && set.n == 5000, "5000 ids");
	idset_release(&set);
}

int
main(void)
{
	struct fixture f = { .store = NULL };

	if (!ok(well(fixture_open(&f)), "a store"))
		return tap_end();
	test_objects(&f);
	test_limits(&f);
	test_refs(&f);
	test_events(&f);
	test_abort(&f);
	test_prepared(&f);
	test_killed(&f);
	test_locks(&f);
	test_view(&f);
	test_commits(&f);
	test_stage(&f);
	test_state(&f);
	fixture_close(&f);
	test_opening();
	test_damage();
	test_idset();
	return tap_end();
}
