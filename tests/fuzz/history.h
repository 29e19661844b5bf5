#ifndef TESTS_FUZZ_HISTORY_H
#define TESTS_FUZZ_HISTORY_H

/*
 * A store with a little of everything, for targets that need one: three
 * versions on main, the first of which is the tag t, and one beside the
 * second on side; a file of several chunks, one of one chunk, a directory and
 * a link; something staged.
 */

#include "lib/base/mem.h"
#include "store/store.h"
#include "tests/fuzz/fuzz.h"

static inline void
history_event(struct event *out, const char *act)
{
	*out = (struct event)EVENT_INIT;
	out->act = mem_strdup(act);
	out->actor.name = mem_strdup("Ada");
	out->actor.email = mem_strdup("");
	out->identity = mem_strdup("os");
	out->note = mem_strdup("");
}

static inline void
history_point(struct txn *t, const char *ref, const struct id *at)
{
	struct id none = { { 0 } }, id;
	struct event ev;

	history_event(&ev, "test");
	event_add_ref(&ev, ref, &none, at);
	fuzz_need(event_record(&id, t, &ev));
	event_release(&ev);
}

static inline void
history_commit(struct id *out, struct txn *t, const struct id *tree,
    const struct id *parent, int64_t time)
{
	struct commit c = COMMIT_INIT;

	c.author.name = c.committer.name = (char *)"Ada";
	c.author.email = c.committer.email = (char *)"";
	c.committer_time = c.author_time = time;
	c.message = (char *)"m";
	c.tree = *tree;
	if (parent)
		c.parents[c.n_parents++] = *parent;
	fuzz_need(commit_put(out, t, &c));
}

static inline void
history_entry(struct buf *tree, struct txn *t, const char *name,
    enum mode mode, const void *p, size_t len)
{
	struct tree_entry e = { .name = name, .name_len = strlen(name),
	    .mode = mode, .size = len };

	if (mode == MODE_DIR) {
		fuzz_need(object_put(&e.id, t, KIND_TREE, p, len));
		e.size = 0;
	} else {
		fuzz_need(content_put(&e.id, t, p, len, CUT_AUTO));
	}
	tree_add(tree, &e);
}

/* A version whose files differ with the number. */
static inline void
history_tree(struct id *out, struct txn *t, unsigned number)
{
	struct buf big = BUF_INIT, top = BUF_INIT, sub = BUF_INIT;

	for (unsigned i = 0; big.len < 80000; i++)
		buf_printf(&big, "%u,row %u of %u\n", i, i * 7919u, i == 700 ?
		    number : 0);
	tree_begin(&sub, 0);
	history_entry(&sub, t, "x.csv", MODE_EXEC, "a,b\n", 4);
	tree_begin(&top, 0);
	history_entry(&top, t, "big.csv", MODE_FILE, big.p, big.len);
	history_entry(&top, t, "d", MODE_DIR, sub.p, sub.len);
	history_entry(&top, t, "link", MODE_LINK, "big.csv", 7);
	history_entry(&top, t, "small", MODE_FILE, big.p, 100 + number);
	fuzz_need(object_put(out, t, KIND_TREE, top.p, top.len));
	buf_release(&big);
	buf_release(&top);
	buf_release(&sub);
}

/* Make an empty .dsv in the target's directory; its path goes to path. */
static inline void
history_init(char path[80])
{
	struct event ev;

	setenv("DSV_THREADS", "1", 1);
	snprintf(path, 80, "%s/.dsv", fuzz_dir());
	history_event(&ev, "init");
	fuzz_need(store_init(fuzz_dir(), "main", "", &ev));
	event_release(&ev);
}

static inline void
history_fill(const char *path)
{
	struct store *s = NULL;
	struct txn *t = NULL;
	struct id trees[3], a, b, c, side;
	struct stage_entry staged = { .path = "new", .mode = MODE_FILE,
	    .size = 4 };

	fuzz_need(store_open(&s, path, STORE_WRITE, 0, false));
	fuzz_need(txn_begin(&t, s, "test"));
	for (unsigned i = 0; i < 3; i++)
		history_tree(&trees[i], t, i);
	fuzz_need(content_put(&staged.id, t, "new\n", 4, CUT_AUTO));
	fuzz_need(txn_lock(t));
	history_commit(&a, t, &trees[0], NULL, 1000);
	history_commit(&b, t, &trees[1], &a, 2000);
	history_commit(&side, t, &trees[2], &a, 2500);
	history_commit(&c, t, &trees[2], &b, 3000);
	history_point(t, "branch/main", &c);
	history_point(t, "branch/side", &side);
	history_point(t, "tag/t", &a);
	fuzz_need(stage_put(t, &staged));
	fuzz_need(txn_commit(t));
	txn_end(t);
	store_close(s);
}

#endif
