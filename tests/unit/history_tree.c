/*
 * Trees against a list: random directories with names that sort differently
 * as names and as paths, and directories large enough to be several objects
 * high.  What is written is read back, compared and looked up, and every
 * difference is what comparing the two lists says.
 */

#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/history/tree.h"
#include "store/store.h"
#include "tests/unit/fixture.h"
#include "tests/unit/tap.h"

#define FILES 20000

struct file {
	char path[64];
	enum mode mode;
	uint8_t content;
};

struct list {
	struct file *v;
	size_t n;
};

static uint64_t seed = 1;

static unsigned
below(unsigned n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (unsigned)((seed >> 11) % n);
}

static struct id
id_of(const struct file *f)
{
	struct id id;

	hash_bytes(&id, &f->content, 1);
	return id;
}

static int
cmp(const void *a, const void *b)
{
	return strcmp(((const struct file *)a)->path,
	    ((const struct file *)b)->path);
}

static bool
clashes(const struct list *l, const char *path)
{
	size_t len = strlen(path);

	for (size_t i = 0; i < l->n; i++) {
		const char *have = l->v[i].path;
		size_t n = strlen(have);

		if (!strcmp(have, path) ||
		    (!strncmp(have, path, n) && path[n] == '/') ||
		    (!strncmp(have, path, len) && have[len] == '/'))
			return true;
	}
	return false;
}

static void
add_random(struct list *l)
{
	static const char *const names[] = { "a", "a.b", "a-", "a-b", "a b",
		"a0", "a.b.c", "b", "\xc3\xa4", "\xff", "z", "a!" };
	struct file f = { "", MODE_FILE, 0 };
	unsigned depth = 1 + below(4);
	size_t len = 0;

	for (unsigned i = 0; i < depth; i++)
		len += (size_t)snprintf(f.path + len, sizeof(f.path) - len,
		    "%s%s", i ? "/" : "", names[below(ARRAY_LEN(names))]);
	if (clashes(l, f.path))
		return;
	f.content = (uint8_t)below(4);
	f.mode = below(5) ? MODE_FILE : MODE_EXEC;
	l->v[l->n++] = f;
}

static void
drop(struct list *l, size_t at)
{
	l->v[at] = l->v[--l->n];
}

static void
mutate(struct list *l, unsigned edits)
{
	while (edits--) {
		unsigned what = below(3);

		if (what == 0 || !l->n)
			add_random(l);
		else if (what == 1)
			l->v[below((unsigned)l->n)].content ^= 1;
		else
			drop(l, below((unsigned)l->n));
	}
	qsort(l->v, l->n, sizeof(*l->v), cmp);
}

static struct list
list_new(const struct list *from)
{
	struct list l = { mem_array(FILES + 100, sizeof(*l.v)), 0 };

	if (from) {
		memcpy(l.v, from->v, from->n * sizeof(*l.v));
		l.n = from->n;
	}
	return l;
}

/* ---- the same through the store ----------------------------------------- */

static err_t
write_list(struct id *out, struct store *s, const struct list *l)
{
	struct txn *t = NULL;
	err_t err;

	err = txn_begin(&t, s, "test");
	if (!err)
		err = txn_lock(t);
	if (!err)
		err = stage_clear(t);
	for (size_t i = 0; !err && i < l->n; i++) {
		struct stage_entry e = { .path = l->v[i].path,
		    .mode = l->v[i].mode, .id = id_of(&l->v[i]), .size = 1 };

		err = stage_put(t, &e);
	}
	if (!err)
		err = tree_write_stage(out, t);
	if (!err)
		err = txn_commit(t);
	txn_end(t);
	return err;
}

struct against {
	const struct list *a, *b;
	size_t i, j;
	bool good;
};

static bool
is_file(const struct file *f, const struct tree_entry *e)
{
	struct id id = id_of(f);
	const char *slash = strrchr(f->path, '/');
	const char *name = slash ? slash + 1 : f->path;

	return e->mode == f->mode && id_eq(&e->id, &id) && e->size == 1 &&
	    e->name_len == strlen(name) &&
	    !memcmp(e->name, name, e->name_len);
}

/* The next difference between the lists, by merging them. */
static bool
next_change(const struct file **from, const struct file **to,
    struct against *x)
{
	while (x->i < x->a->n || x->j < x->b->n) {
		const struct file *f = x->i < x->a->n ?
		    &x->a->v[x->i] : NULL;
		const struct file *g = x->j < x->b->n ?
		    &x->b->v[x->j] : NULL;
		int c = !f ? 1 : !g ? -1 : cmp(f, g);

		*from = c <= 0 ? f : NULL;
		*to = c >= 0 ? g : NULL;
		x->i += c <= 0;
		x->j += c >= 0;
		if (!*from || !*to || f->mode != g->mode ||
		    f->content != g->content)
			return true;
	}
	return false;
}

static err_t
on_change(void *arg, const char *path, const struct tree_entry *from,
    const struct tree_entry *to)
{
	struct against *x = arg;
	const struct file *f, *g;

	if (!next_change(&f, &g, x) || !f != !from || !g != !to ||
	    strcmp(path, (f ? f : g)->path) || (f && !is_file(f, from)) ||
	    (g && !is_file(g, to)))
		x->good = false;
	return NULL;
}

static bool
diff_agrees(struct store *s, const struct id *ta, const struct list *a,
    const struct id *tb, const struct list *b)
{
	struct against x = { a, b, 0, 0, true };
	const struct file *f, *g;
	err_t err = tree_diff(s, ta, tb, on_change, &x);

	return !err && x.good && !next_change(&f, &g, &x);
}

/* The stage holds b. */
static bool
stage_agrees(struct store *s, const struct id *ta, const struct list *a,
    const struct list *b)
{
	struct against x = { a, b, 0, 0, true };
	const struct file *f, *g;
	err_t err = tree_diff_stage(s, ta, on_change, &x);

	return !err && x.good && !next_change(&f, &g, &x);
}

struct expected {
	const struct list *l;
	size_t at;
	bool good;
};

static err_t
on_file(void *arg, const char *path, const struct tree_entry *e)
{
	struct expected *x = arg;

	if (x->at == x->l->n || strcmp(x->l->v[x->at].path, path) ||
	    !is_file(&x->l->v[x->at], e))
		x->good = false;
	else
		x->at++;
	return NULL;
}

static bool
walk_agrees(struct store *s, const struct id *tree, const struct list *l)
{
	struct expected x = { l, 0, true };
	err_t err = tree_walk(s, tree, "", on_file, &x);

	return !err && x.good && x.at == l->n;
}

static bool
lookup_agrees(struct store *s, const struct id *tree, const struct list *l)
{
	struct tree_entry e;

	for (size_t i = 0; i < l->n; i += 1 + l->n / 500)
		if (tree_lookup(&e, s, tree, l->v[i].path) ||
		    !is_file(&l->v[i], &e))
			return false;
	return err_is(tree_lookup(&e, s, tree, "a/no such"), ERR_NOT_FOUND) &&
	    err_is(tree_lookup(&e, s, tree, "zz/b/c"), ERR_NOT_FOUND);
}

static void
random_trees(struct store *s)
{
	static const struct id none;
	struct list old = list_new(NULL), empty = list_new(NULL);
	bool write = true, walk = true, diff = true, stage = true;
	bool lookup = true;
	struct id tree, before = none;

	for (int round = 0; round < 300 && write; round++) {
		struct list new = list_new(&old);

		mutate(&new, round % 10 ? 1 + below(4) : 60);
		write = !write_list(&tree, s, &new);
		if (!write)
			break;
		walk = walk && walk_agrees(s, &tree, &new);
		lookup = lookup && lookup_agrees(s, &tree, &new);
		diff = diff && diff_agrees(s, &before, &old, &tree, &new) &&
		    diff_agrees(s, &tree, &new, &before, &old) &&
		    diff_agrees(s, &none, &empty, &tree, &new);
		stage = stage && stage_agrees(s, &before, &old, &new);
		free(old.v);
		old = new;
		before = tree;
	}
	ok(write, "random trees are written");
	ok(walk, "a walk shows what was written, in order of paths");
	ok(lookup, "a lookup finds each file, and none that is not there");
	ok(diff, "a difference is that of the lists, both ways");
	ok(stage, "so is that between a tree and the stage");
	free(old.v);
	free(empty.v);
}

static void
fill(struct list *l)
{
	l->n = 0;
	for (unsigned i = 0; i < FILES; i++) {
		struct file *f = &l->v[l->n++];

		snprintf(f->path, sizeof(f->path), i % 100 ? "part-%06u.csv" :
		    "part/%06u", i);
		f->mode = MODE_FILE;
		f->content = (uint8_t)below(4);
	}
	qsort(l->v, l->n, sizeof(*l->v), cmp);
}

static void
large_directory(struct store *s)
{
	struct list old = list_new(NULL), new;
	struct id before, tree, again;
	bool good = true;

	fill(&old);
	ok(!write_list(&before, s, &old) && walk_agrees(s, &before, &old),
	    "a directory of 19,800 files and one that must come before them");
	ok(lookup_agrees(s, &before, &old), "its files are found");
	for (int round = 0; round < 20 && good; round++) {
		new = list_new(&old);
		mutate(&new, 1 + below(30));
		good = !write_list(&tree, s, &new) &&
		    diff_agrees(s, &before, &old, &tree, &new) &&
		    walk_agrees(s, &tree, &new);
		free(old.v);
		old = new;
		before = tree;
	}
	ok(good, "edits of it, wherever objects are cut");
	new = list_new(&old);
	new.n = 0;
	ok(!write_list(&tree, s, &new) &&
	    diff_agrees(s, &before, &old, &tree, &new), "all of it deleted");
	tree_empty(&again);
	ok(id_eq(&tree, &again), "the empty tree has one id");
	ok(!write_list(&again, s, &old) && id_eq(&again, &before),
	    "the same files make the same tree");
	free(old.v);
	free(new.v);
}

static void
both_kinds(struct store *s)
{
	static const char *const clash[][2] = {
		{ "a", "a/x" }, { "a", "a-b" },
	};
	struct list l = list_new(NULL);
	struct id tree;

	for (size_t i = 0; i < 2; i++) {
		struct file f = { "", MODE_FILE, 1 };

		snprintf(f.path, sizeof(f.path), "%s", clash[0][i]);
		l.v[l.n++] = f;
	}
	ok(err_is(write_list(&tree, s, &l), ERR_CORRUPT),
	    "a path cannot be a file and a directory");
	snprintf(l.v[l.n++].path, sizeof(l.v[0].path), "%s", clash[1][1]);
	l.v[2].mode = MODE_FILE;
	ok(err_is(write_list(&tree, s, &l), ERR_CORRUPT),
	    "not when the directory is written early either");
	free(l.v);
}

int
main(void)
{
	struct fixture f = { .store = NULL };

	if (ok(!fixture_open(&f), "a store to work in")) {
		random_trees(f.store);
		large_directory(f.store);
		both_kinds(f.store);
	}
	fixture_close(&f);
	return tap_end();
}
