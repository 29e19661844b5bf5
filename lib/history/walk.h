#ifndef HISTORY_WALK_H
#define HISTORY_WALK_H

/*
 * Walks of the history, newest first: by version number, then time, so that
 * no version comes before one that was made from it.  What is held in memory
 * is the front of the walk, not the history.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"
#include "lib/history/repo.h"

struct walk;

/*
 * Says whether the selection of paths is the same in two trees; a zero id is
 * the empty tree.
 */
typedef err_t walk_same_fn(bool *out, void *arg, const struct id *a,
    const struct id *b);

struct walk_options {
	bool first_parent;
	walk_same_fn *same;	/* NULL: every version is of interest */
	void *arg;
	bool all;		/* hand out those of no interest too */
};

/*
 * From the n versions in from back to the beginning, without what the
 * n_hidden ones have.  With options.same only versions that differ from all
 * their parents are shown, and where one is the same as some parent, only
 * that parent's line is followed; their n_parents and parents are those as
 * followed.
 */
MUST_CHECK err_t walk_open(struct walk **out, struct store *s,
    const struct walk_options *options, const struct id *from, size_t n,
    const struct id *hidden, size_t n_hidden);
/* *found is false at the end. */
MUST_CHECK err_t walk_next(bool *found, struct commit_node *out,
    struct walk *w);
/* Is the version that came last of interest? */
bool walk_shown(const struct walk *w);
void walk_close(struct walk *w);

/*
 * The best common ancestors of two versions: none of them is an ancestor of
 * another.  *out is owned.
 */
MUST_CHECK err_t walk_merge_bases(struct id **out, size_t *n,
    struct store *s, const struct id *a, const struct id *b);

/* Is old new itself, or one of the versions it was made from? */
MUST_CHECK err_t walk_is_ancestor(bool *out, struct store *s,
    const struct id *old, const struct id *new);

#endif
