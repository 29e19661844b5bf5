#ifndef REVIEW_ACT_H
#define REVIEW_ACT_H

/*
 * Acts about a version: submit, withdraw, approve, reject, retract, unretract
 * and comment.  What each may do from which state is settled under the write
 * lock, so of two that exclude each other one happens and the other one is
 * told what it met.
 */

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/err.h"
#include "lib/history/repo.h"
#include "lib/review/state.h"

struct act_order {
	const char *act;
	struct id commit;
	const char *note;	/* NULL: none */
	const char *into;	/* for which branch; NULL: see act_branch */
	const char *label;	/* approve: that is to name it, or NULL */
	bool sign;
	bool dry_run;
};

struct act_report {
	uint64_t version;
	enum review_state state;
	bool retracted;
	char *into;		/* by whose rules; NULL: none */
	uint64_t approvals, needed;
	bool labelled;
};
#define ACT_REPORT_INIT { .into = NULL }

/*
 * ERR_USAGE: a reason, a branch or a key has to be given; ERR_PERMISSION: a
 * role is missing; ERR_REFUSED: the state, or the rules of the branch, do not
 * allow it.  A decision that comes after somebody else's is refused, but what
 * it says is kept, as a comment.
 */
MUST_CHECK err_t act_run(struct act_report *out, struct repo *r,
    const struct act_order *o);
void act_report_release(struct act_report *report);

/* Was an act about a version allowed when it was recorded, by its state and
 * the rules?  The store has a horizon there. */
MUST_CHECK err_t act_replay(struct repo *r, const struct event *ev);

/*
 * The branch by whose rules a version is decided: the one that it was
 * submitted for; else the current one if it has rules and the version; else
 * the only one that has rules; else the current one, if it has the version.
 * Empty if none.  ERR_USAGE if there are several to choose from.
 */
MUST_CHECK err_t act_branch(struct buf *out, struct repo *r,
    const struct review *review, const struct id *commit);

#endif
