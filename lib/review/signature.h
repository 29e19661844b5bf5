#ifndef REVIEW_SIGNATURE_H
#define REVIEW_SIGNATURE_H

/*
 * Signatures of acts and versions, made and checked by ssh-keygen(1).
 *
 * An act's is of the event's bytes without it, which name the event before
 * and so all that was so far: it says nothing anywhere else.  A version's is
 * of the commit's bytes without it.
 *
 * Who may sign is in the file ".dsvsigners" of the version that is trusted:
 * of the one that was approved last before, never of the one that is judged.
 * For an act that is the last one on the branch by whose rules it goes; for a
 * version, the last one that it was made from.  One signs as one's address,
 * or as one's name if that is empty.
 */

#include <stdbool.h>

#include "lib/base/err.h"
#include "store/store.h"

struct config;

#define SIGNATURE_ACT "dsv-act"		/* namespaces */
#define SIGNATURE_COMMIT "dsv-commit"
#define SIGNATURE_SIGNERS ".dsvsigners"

enum signature_state {
	SIGNATURE_NONE,
	SIGNATURE_GOOD,
	SIGNATURE_BAD,		/* of other bytes, or by another's key */
	SIGNATURE_UNKNOWN,	/* by a key that was not an allowed signer's */
	SIGNATURE_UNCHECKED,	/* nothing here can check it */
};

struct signature {
	enum signature_state state;
	char *principal;	/* if good: as whom */
	char *fact;		/* if bad or unknown: why */
};
#define SIGNATURE_INIT { SIGNATURE_NONE, NULL, NULL }
void signature_release(struct signature *s);
/* "good", "bad", "unknown", "unchecked". */
const char *signature_word(enum signature_state state);
/* "good signature by ada@example.org", or what is wrong. */
void signature_text(struct buf *out, const struct signature *s);

/* Is there a key to sign with?  ERR_USAGE says how to name one. */
MUST_CHECK err_t signature_ready(const struct config *c);
/* Sign what is otherwise complete; the event gets its place first.
 * ERR_SYSTEM if ssh-keygen is not there or will not. */
MUST_CHECK err_t signature_add_event(struct event *ev, struct txn *t,
    const struct config *c);
MUST_CHECK err_t signature_add_commit(struct commit *commit,
    const struct config *c);

/* The event's signature, by who was trusted before the store's horizon. */
MUST_CHECK err_t signature_of_event(struct signature *out, struct store *s,
    const struct event *ev);
MUST_CHECK err_t signature_of_commit(struct signature *out, struct store *s,
    const struct commit *c);

/* ERR_REFUSED if no version on the branch (short name) that could be trusted
 * names signers. */
MUST_CHECK err_t signature_need_signers(struct store *s, const char *branch);

#endif
