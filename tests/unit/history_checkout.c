/*
 * Names that a file system which folds case takes for one: asked of a tree,
 * since such a file system is not at hand.
 */

#include <string.h>

#include "lib/history/checkout.h"
#include "lib/history/tree.h"
#include "tests/unit/tap.h"
#include "tests/unit/worktree.h"

static err_t
put(struct txn *t, const char *path)
{
	struct stage_entry e = { .path = path, .mode = MODE_FILE, .size = 1 };
	err_t err = content_put(&e.id, t, "x", 1, CUT_BINARY);

	return err ? err : stage_put(t, &e);
}

/* Paths with a bar behind each; may they be in one directory there? */
static bool
fits(struct worktree *w, const char *paths)
{
	struct txn *t = NULL;
	struct id tree;
	char *text = mem_strdup(paths);
	err_t err;

	err = txn_begin(&t, w->r.store, "test");
	if (!err)
		err = txn_lock(t);
	if (!err)
		err = stage_clear(t);
	for (char *p = text; !err && *p;) {
		char *bar = strchr(p, '|');

		*bar = '\0';
		err = put(t, p);
		p = bar + 1;
	}
	if (!err)
		err = tree_write_stage(&tree, t);
	if (!err)
		err = txn_commit(t);
	txn_end(t);
	free(text);
	if (err) {
		printf("# %s\n", err->msg);
		return false;
	}
	err = checkout_check_names(&w->r, &tree);
	if (err && !err_is(err, ERR_REFUSED))
		printf("# %s\n", err->msg);
	return !err;
}

int
main(void)
{
	struct worktree w;

	if (!ok(!worktree_open(&w), "there is a repository"))
		return tap_end();
	ok(fits(&w, ""), "nothing");
	ok(fits(&w, "a|b|c/d|c.e|"), "different names");
	ok(!fits(&w, "name|Name|"), "two files");
	ok(!fits(&w, "d/x/name|d/x/NAME|"), "two files further down");
	ok(!fits(&w, "d/name|D/Name|"), "in directories that are one");
	ok(fits(&w, "d/a|D/b|"), "directories that are one, of different files");
	ok(!fits(&w, "a|A/x|"), "a file and a directory");
	ok(!fits(&w, "x/a/b/c|x/A|"), "a directory and a file");
	ok(!fits(&w, "\xc3\xa9|e\xcc\x81|"), "one letter, composed or not");
	ok(!fits(&w, "\xc3\x89|\xc3\xa9|"), "letters that are not ASCII");
	worktree_close(&w);
	return tap_end();
}
