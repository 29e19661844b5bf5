#ifndef REVIEW_AUDIT_H
#define REVIEW_AUDIT_H

/*
 * Everything that happened, in order, looked at again: each writer's events
 * are an unbroken chain, each was allowed by the roles, states and rules that
 * were in force before it, and no signature is bad.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/history/repo.h"
#include "lib/review/signature.h"

struct audit_event {
	const struct event_info *info;
	const struct event *event;
	const struct signature *signature;
	const char *finding;	/* what is wrong with it; NULL: nothing */
};
typedef err_t audit_visit_fn(void *arg, const struct audit_event *e);

struct audit_totals {
	uint64_t events, findings;
	uint64_t unchecked;	/* signatures that nothing here can check */
};

/* ERR_CORRUPT if an event cannot be read. */
MUST_CHECK err_t audit_run(struct audit_totals *out, struct repo *r,
    audit_visit_fn *fn, void *arg);

/*
 * The ends of the chains, in a word: "dsv-audit-1,WRITER:SEQ:ID,...".  Whoever
 * keeps it elsewhere can prove later that nothing before it was changed.
 */
MUST_CHECK err_t audit_head(struct buf *out, struct repo *r);

/* Is all that the anchor (such a word) says still so?  *fact says what is
 * not, and is empty if nothing is wrong; *since: events after it.  ERR_USAGE
 * if it is no anchor. */
MUST_CHECK err_t audit_verify(struct buf *fact, uint64_t *since,
    struct repo *r, const char *anchor);

#endif
