#ifndef STORE_CHILDREN_H
#define STORE_CHILDREN_H

/*
 * What an object refers to: a commit its tree and parents, a tree its trees
 * and contents, a recipe or node its nodes or chunks.
 */

#include "lib/base/err.h"
#include "lib/base/hash.h"
#include "store/format.h"

/* kind is 0 for the content of a file: a recipe or a chunk, as the index
 * says. */
typedef err_t child_fn(void *arg, enum kind kind, const struct id *id);

/*
 * Once for each reference, in order.  Chunks and events have none.  What is
 * derived from other objects has none either: it goes with what it is about
 * (derived.h), and keeps nothing.
 */
MUST_CHECK err_t children_walk(enum kind kind, const void *p, size_t len,
    child_fn *fn, void *arg);

#endif
