#ifndef HISTORY_TREE_H
#define HISTORY_TREE_H

/*
 * Trees: what a version holds.  Costs follow what is looked at: a lookup
 * reads one object per level, a diff skips whatever is equal.
 */

#include "lib/base/err.h"
#include "store/store.h"

/* Directories below one another; deeper is refused, and corrupt in a tree. */
#define TREE_DEPTH_MAX 1024

/* Everything that is not a directory, in byte order of full paths ("a.b"
 * comes before "a/b").  path is borrowed until the visitor returns. */
typedef err_t tree_visit_fn(void *arg, const char *path,
    const struct tree_entry *entry);

/* The id of the tree with nothing in it. */
void tree_empty(struct id *out);

/*
 * The entry at path; name in it is borrowed from path.  "" is the root
 * itself, as a directory.  ERR_NOT_FOUND if there is none.
 */
MUST_CHECK err_t tree_lookup(struct tree_entry *out, struct store *s,
    const struct id *tree, const char *path);

/* All files at or below path ("" = all). */
MUST_CHECK err_t tree_walk(struct store *s, const struct id *tree,
    const char *path, tree_visit_fn *fn, void *arg);

/* The direct entries of the directory at path, directories included. */
MUST_CHECK err_t tree_list(struct store *s, const struct id *tree,
    const char *path, tree_visit_fn *fn, void *arg);

/*
 * Files that differ between two trees, in byte order of paths: from is NULL
 * if the file is only in b, to is NULL if it is only in a.  A zero id is the
 * empty tree.  Subtrees with equal ids are not read.
 */
typedef err_t tree_change_fn(void *arg, const char *path,
    const struct tree_entry *from, const struct tree_entry *to);
MUST_CHECK err_t tree_diff(struct store *s, const struct id *a,
    const struct id *b, tree_change_fn *fn, void *arg);

/*
 * Files that differ between a tree and the stage, the same way (from: tree,
 * to: stage).
 */
MUST_CHECK err_t tree_diff_stage(struct store *s, const struct id *tree,
    tree_change_fn *fn, void *arg);

/*
 * The same as tree_diff, one change at a time, for those who walk something
 * else beside it.  With a NULL it lists b: every change has a to.
 *
 *	err = tree_diff_open(&d, s, a, b, "");
 *	while (!err && !(err = tree_diff_next(&change, d)) && change.path)
 *		…
 *	tree_diff_close(d);
 */
struct tree_diff;
struct tree_change {
	const char *path;		/* NULL: there are no more */
	const struct tree_entry *from;
	const struct tree_entry *to;
};					/* borrowed until the next one */
/* a and b are directories, at path ("" = root) for the paths to say. */
MUST_CHECK err_t tree_diff_open(struct tree_diff **out, struct store *s,
    const struct id *a, const struct id *b, const char *path);
MUST_CHECK err_t tree_diff_next(struct tree_change *out, struct tree_diff *d);
void tree_diff_close(struct tree_diff *d);

/*
 * Write the stage as a tree.  Objects that exist are not stored again.
 * Memory does not grow with the number of files.  ERR_CORRUPT if a path is
 * both a file and a directory.
 */
MUST_CHECK err_t tree_write_stage(struct id *out, struct txn *t);

#endif
