#ifndef HISTORY_REFS_H
#define HISTORY_REFS_H

/*
 * Branches and tags: names for versions.  A branch moves, a tag does not.
 * Every change is one event, which goes through the gate (lib/review).  A name
 * is used once: a branch and a tag may not share it, nor two names that differ
 * in case only.  Labels of approved versions are moved by lib/review.
 */

#include <stdbool.h>

#include "lib/base/err.h"
#include "lib/history/repo.h"

enum refs_kind { REFS_BRANCH, REFS_TAG, REFS_LABEL };

/* Everything below that changes something does all but that if dry_run. */

/* "branch/NAME", "tag/NAME" or "approved/NAME"; ERR_USAGE if no such thing can
 * have that name. */
MUST_CHECK err_t refs_full_name(struct buf *out, enum refs_kind kind,
    const char *name);

/* ERR_EXISTS if a branch or tag has the name already; full as refs_full_name
 * says. */
MUST_CHECK err_t refs_check_free(struct repo *r, const char *full);

/* A new name for a version.  note may be NULL. */
MUST_CHECK err_t refs_create(struct repo *r, enum refs_kind kind,
    const char *name, const struct id *commit, const char *note,
    bool dry_run);

/* Point the branch elsewhere (from: where it is).  ERR_REFUSED for the
 * current branch. */
MUST_CHECK err_t refs_move(struct repo *r, const char *name,
    const struct id *from, const struct id *to, bool dry_run);

/*
 * Delete it; *was is what it named.  ERR_REFUSED for the current branch and,
 * unless force, for a branch with versions that neither HEAD nor another
 * branch or tag has.
 */
MUST_CHECK err_t refs_delete(struct id *was, struct repo *r,
    enum refs_kind kind, const char *name, bool force, bool dry_run);

/* Rename a branch, the current one too, which may have no version yet. */
MUST_CHECK err_t refs_rename(struct repo *r, const char *from,
    const char *to, bool dry_run);

/* What a ref is, with its own act: who, when, why. */
struct refs_info {
	const char *name;		/* short */
	struct id target;
	struct event event;		/* that last set it */
};
typedef err_t refs_visit_fn(void *arg, const struct refs_info *info);

/* The event with that id. */
MUST_CHECK err_t refs_read_event(struct event *out, struct repo *r,
    const struct id *id);

/* In byte order of names. */
MUST_CHECK err_t refs_walk(struct repo *r, enum refs_kind kind,
    refs_visit_fn *fn, void *arg);

/* Which refs name a version: all of them, to be asked often. */
struct refs_table;
MUST_CHECK err_t refs_table_load(struct refs_table **out, struct repo *r);
/* Full names: branches, tags, labels; *n of them. */
const char *const *refs_table_at(size_t *n, const struct refs_table *t,
    const struct id *commit);
void refs_table_free(struct refs_table *t);

/* The existing ref whose name is nearest to what was typed, as people write
 * it, or "" if none is near. */
MUST_CHECK err_t refs_nearest(struct buf *out, struct repo *r,
    const char *typed);

#endif
