#ifndef HISTORY_REV_H
#define HISTORY_REV_H

/*
 * Naming versions.  The grammar, described in dsv-revisions(7):
 *
 *	HEAD  @  NAME  branch/NAME  tag/NAME	a ref; a tag beats a branch,
 *						with a warning to the caller
 *	[0-9a-f]{4,64}			a commit whose id begins so
 *	vN				on the first-parent line of HEAD
 *	BRANCH@vN			… of that ref
 *	BRANCH@{TIME}			newest first-parent version not after
 *					TIME; see clock_parse
 *	@{TIME}				the same of HEAD
 *	BRANCH@approved			newest first-parent version that is
 *					approved and not retracted
 *	BRANCH@submitted		… that waits for a decision
 *	approved/LABEL			what the label names
 *	REV~N  REV~  REV^N  REV^	ancestors, repeatable
 *	REV:PATH			a path in a version
 *	A..B  A...B			two ends; B from the merge base of both
 *
 * ERR_NOT_FOUND "unknown revision …" (names the nearest ref),
 * ERR_USAGE for an ambiguous prefix (the message lists up to four) or a
 * malformed expression.  Time and memory are bounded by the length of text
 * and of the history walked.
 */

#include "lib/base/err.h"
#include "lib/history/repo.h"

/* A commit. */
MUST_CHECK err_t rev_commit(struct id *out, struct repo *r, const char *text);

/* What a revision argument can be. */
struct rev {
	struct id commit;
	char *path;		/* of REV:PATH, relative to root; else NULL */
	struct id from;		/* of A..B and A...B; else zero */
	bool is_range;
};
#define REV_INIT { .path = NULL }
MUST_CHECK err_t rev_parse(struct rev *out, struct repo *r, const char *text);
void rev_release(struct rev *rev);

/*
 * Any object: by four or more digits of its id, by a revision (its commit), or
 * by REV:PATH (its content or tree).  kind is 0 for the content of a file.
 */
MUST_CHECK err_t rev_object(enum kind *kind, struct id *out, struct repo *r,
    const char *text);

/*
 * Tell revisions from paths among operands, as git does: what follows "--"
 * is paths; before it, leading operands that name a revision are revisions
 * (at most max), the rest are paths.  An operand that is both a revision and
 * an existing path needs "--" (ERR_USAGE says so); one that is neither is
 * ERR_NOT_FOUND.  *n_revs says how many of ops->v are revisions.
 */
struct operands;
MUST_CHECK err_t rev_split(size_t *n_revs, struct repo *r,
    const struct operands *ops, size_t max);

#endif
