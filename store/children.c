#include "store/children.h"

#include "store/store_int.h"

static err_t
walk_commit(const void *p, size_t len, child_fn *fn, void *arg)
{
	struct commit c = COMMIT_INIT;
	err_t err;

	err = commit_decode(&c, p, len);
	if (!err)
		err = fn(arg, KIND_TREE, &c.tree);
	for (unsigned i = 0; !err && i < c.n_parents; i++)
		err = fn(arg, KIND_COMMIT, &c.parents[i]);
	commit_release(&c);
	return err;
}

static err_t
walk_tree(const void *p, size_t len, child_fn *fn, void *arg)
{
	struct tree_decoder d;
	struct tree_entry e;
	err_t err;

	err = tree_decode_begin(&d, p, len);
	while (!err && tree_decode_next(&e, &d, &err))
		err = fn(arg, d.height || e.mode == MODE_DIR ? KIND_TREE : 0,
		    &e.id);
	return err;
}

static err_t
walk_list(struct recipe_decoder *d, child_fn *fn, void *arg)
{
	struct recipe_entry e;
	err_t err = NULL;

	while (!err && recipe_next(&e, d, &err))
		err = fn(arg, d->height ? KIND_NODE : KIND_CHUNK, &e.id);
	return err;
}

err_t
children_walk(enum kind kind, const void *p, size_t len, child_fn *fn,
    void *arg)
{
	struct recipe_decoder d;
	struct recipe_head head;
	err_t err;

	switch (kind) {
	case KIND_COMMIT:
		return walk_commit(p, len, fn, arg);
	case KIND_TREE:
		return walk_tree(p, len, fn, arg);
	case KIND_RECIPE:
		err = recipe_decode_root(&d, &head, p, len);
		return err ? err : walk_list(&d, fn, arg);
	case KIND_NODE:
		err = recipe_decode_node(&d, p, len);
		return err ? err : walk_list(&d, fn, arg);
	case KIND_CHUNK:
	case KIND_EVENT:
	case KIND_TABLE:
	case KIND_ROWS:
	case KIND_DECISIONS:
		break;
	}
	return NULL;
}
