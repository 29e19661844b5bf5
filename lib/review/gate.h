#ifndef REVIEW_GATE_H
#define REVIEW_GATE_H

/*
 * The one gate.  Every act is recorded through it, and so every way by which
 * a branch, tag or label can move is: there the actor's role is checked, and
 * the rules of a protected branch, which takes approved versions only, goes
 * forward only and stays.
 */

#include <stdbool.h>

#include "lib/base/err.h"
#include "lib/history/repo.h"
#include "store/store.h"

struct access;

/* ERR_PERMISSION: a role is missing; ERR_REFUSED: the branch's rules forbid
 * it.  The transaction is locked. */
MUST_CHECK err_t gate_record(struct id *out, struct txn *t, struct repo *r,
    struct event *ev);

/* Would the gate have let the event through when it was recorded, with access
 * as it was?  The store has a horizon there.  ERR_NOT_FOUND if a version that
 * it moved a ref to is not there any more. */
MUST_CHECK err_t gate_replay(struct repo *r, const struct event *ev,
    const struct access *access);

/* Would the branch (full name) take a draft?  To be asked before work that
 * ends in one. */
MUST_CHECK err_t gate_draft(struct repo *r, const char *full);

/*
 * A transaction that is one act:
 *
 *	err = gate_begin(&g, r, "tag");
 *	event_add_ref(&g.event, …);
 *	err = gate_commit(&g, dry_run);
 *	gate_end(&g);
 */
struct gate {
	struct repo *r;
	struct txn *txn;
	struct event event;
};
#define GATE_INIT { NULL, NULL, EVENT_INIT }
MUST_CHECK err_t gate_begin(struct gate *g, struct repo *r, const char *act);
/* The checks of gate_commit alone; of g, r and event are enough. */
MUST_CHECK err_t gate_check(struct gate *g);
/* With dry_run nothing is changed, after all checks. */
MUST_CHECK err_t gate_commit(struct gate *g, bool dry_run);
void gate_end(struct gate *g);

#endif
