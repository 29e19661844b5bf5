#ifndef REVIEW_POLICY_H
#define REVIEW_POLICY_H

/*
 * The rules of a branch: what makes a version for it approved, and whether it
 * takes others.  They are what the last event about them says.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"
#include "store/store.h"

struct repo;

#define POLICY_APPROVALS_MAX 100
#define POLICY_REVIEWERS_MAX 1000

struct policy {
	char *branch;		/* short; NULL: there are no rules */
	bool protect;		/* takes approved versions only */
	bool not_author;	/* who made a version may not approve it */
	bool require_submit;
	bool require_signature;	/* only signed approvals count */
	uint64_t approvals;	/* by as many people */
	char **reviewers;	/* who alone may decide; none: anybody */
	size_t n_reviewers;
	uint64_t number;	/* of the event; 0: there is none */
	struct person by;
	int64_t time;
};
#define POLICY_INIT { .approvals = 1 }

/* The rules of a branch (short name), which need not exist; names that
 * differ in case or form only have the same. */
MUST_CHECK err_t policy_load(struct policy *out, struct store *s,
    const char *branch);
void policy_release(struct policy *p);

/* All branches that have any. */
typedef err_t policy_visit_fn(void *arg, const struct policy *policy);
MUST_CHECK err_t policy_walk(struct store *s, policy_visit_fn *fn,
    void *arg);

/* Are the rules those of the branch, in any case of letters? */
bool policy_is_of(const struct policy *p, const char *branch);
/* May the person decide, by the list of reviewers? */
bool policy_may_decide(const struct policy *p, const struct person *who);

/* "protected, 2 signed approvals, not by the author, submitted first, by a
 * or b" */
void policy_text(struct buf *out, const struct policy *p);

/*
 * Make these the rules of policy->branch; with unset none.  An admin's act.
 * ERR_REFUSED if it is to be protected and is at a version that is not
 * approved, or if signatures are required and nobody could give one.
 */
MUST_CHECK err_t policy_set(struct repo *r, const struct policy *policy,
    bool unset, bool dry_run);

#endif
