#ifndef HISTORY_TREE_H
#define HISTORY_TREE_H

/*
 * Trees: what a version holds.  Costs follow what is looked at: a lookup
 * reads one object per level, a diff skips whatever is equal.
 */

#include "lib/base/err.h"
#include "store/store.h"

/* Everything that is not a directory, in byte order of full paths ("a.b"
 * comes before "a/b").  path is borrowed until the visitor returns. */
typedef err_t tree_visit_fn(void *arg, const char *path,
    const struct tree_entry *entry);

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

/* Write the stage as a tree.  Objects that exist are not stored again. */
MUST_CHECK err_t tree_write_stage(struct id *out, struct txn *t);

#endif
