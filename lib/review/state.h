#ifndef REVIEW_STATE_H
#define REVIEW_STATE_H

/*
 * The state of a version: what the acts about it add up to.
 *
 *	from			act			to
 *	draft			submit			submitted
 *	submitted		withdraw		draft
 *	draft, submitted	approve			approved, when there
 *						are enough approvals
 *	draft, submitted	reject			rejected
 *	any			retract, unretract	a flag
 *	any			comment			the same
 *
 * Nothing leads out of approved and rejected: it is the next version that is
 * a draft again.  Whether there were enough approvals was settled when the act
 * was recorded, so no later change of rules makes an old version approved.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"
#include "lib/review/signature.h"
#include "store/store.h"

struct policy;

enum review_state {
	REVIEW_DRAFT, REVIEW_SUBMITTED, REVIEW_APPROVED, REVIEW_REJECTED,
};

struct review_act {
	uint64_t number;	/* of the event */
	char *act;
	char *refused;		/* a comment: the decision that came too late;
				 * else NULL */
	struct person actor;
	int64_t time;
	char *note;		/* "" if none */
	char *into;		/* the branch it was for, or NULL */
	bool elsewhere;		/* for another branch, and worth nothing here */
	char *label;		/* that was moved to the version, or NULL */
	struct signature signature;	/* unchecked until review_verify */
};

struct review {
	enum review_state state;
	bool retracted;
	char *into;		/* the branch it is meant for; NULL: not said */
	struct review_act *acts;	/* all of them, in order */
	size_t n, cap;
	size_t round;		/* approvals before this one do not count */
	size_t submit;		/* the act that it waits by, if submitted */
	size_t decision;	/* that decided, if approved or rejected */
	bool past;		/* looked at from a horizon: what cannot be
				 * checked here was checked then */
};
#define REVIEW_INIT { .state = REVIEW_DRAFT }

MUST_CHECK err_t review_load(struct review *out, struct store *s,
    const struct id *commit);
void review_release(struct review *r);
/* Check the signatures of the acts, each by who was trusted then; with rules
 * that do not ask for any (NULL: no matter) nothing is done. */
MUST_CHECK err_t review_verify(struct review *r, struct store *s,
    const struct id *commit, const struct policy *p);
/* Add an act; false if its state does not allow it: then nothing changes but
 * the list of acts. */
bool review_apply(struct review *r, const struct event_info *info,
    const struct event *ev);

const char *review_word(enum review_state state);

/* Has the person approved it, in this round, in the form that the rules want
 * (NULL: in any)? */
bool review_has_approved(const struct review *r, const struct policy *p,
    const struct person *who);
/* How many people have whose approval counts by the rules. */
uint64_t review_approvals(const struct review *r, const struct policy *p,
    const struct commit *c);
/* Is it theirs, as author or committer? */
bool review_is_own(const struct commit *c, const struct person *who);

/*
 * ERR_REFUSED, saying what is missing, unless the version is approved by the
 * rules, and not retracted.  name is how to call the version.
 */
MUST_CHECK err_t review_check(const struct review *r, const struct policy *p,
    const struct commit *c, const char *name);

/* The newest version on the first-parent line from a version on, itself
 * included, that is in the state and not retracted; ERR_NOT_FOUND. */
MUST_CHECK err_t review_newest(struct id *out, struct store *s,
    const struct id *from, enum review_state state);

#endif
