#ifndef STORE_DERIVED_H
#define STORE_DERIVED_H

/*
 * Objects that belong to others: facts about the rows of a content, the rows
 * that a version changed, the decisions that an act made.
 * They are objects so that the index can be rebuilt from objects alone.
 * Nothing counts as a reference to them and they keep nothing: gc keeps one
 * exactly while what it belongs to is kept.
 */

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/err.h"
#include "lib/base/hash.h"
#include "store/format.h"

struct db;
struct marking;
struct store;

static inline bool
kind_is_derived(enum kind kind)
{
	return kind == KIND_TABLE || kind == KIND_ROWS;
}

/* Each derived object, with the id of what it is about: a content, a chunk or a
 * node; of KIND_ROWS, a version. */
typedef err_t derived_fn(void *arg, enum kind kind, const struct id *about,
    const struct id *object);
MUST_CHECK err_t derived_walk(struct db *db, derived_fn *fn, void *arg);

/* Enter a derived object into the index, or take it out. */
MUST_CHECK err_t derived_insert(struct store *s, enum kind kind,
    const struct id *object, const void *p, size_t len);
MUST_CHECK err_t derived_delete(struct db *db, enum kind kind,
    const struct id *object, const void *p, size_t len);

/* Is what the derived object is about in the index? */
MUST_CHECK err_t derived_has_subject(bool *out, struct db *db, enum kind kind,
    const struct id *object, const void *p, size_t len);

/* Give the flag to whatever is about something that has it. */
MUST_CHECK err_t derived_mark(struct marking *m, uint32_t flag);

#endif
