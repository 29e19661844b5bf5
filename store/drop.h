#ifndef STORE_DROP_H
#define STORE_DROP_H

/*
 * Taking the rows of objects that nothing needs out of the index.
 */

#include "store/mark.h"

/* All that are not live, in the transaction that is open. */
MUST_CHECK err_t drop_all(struct store *s, const struct marking *m);

/*
 * The same in many small transactions of t's, for a disk that has no room for
 * the journal of a large one.  After each the index is whole, and after is
 * called, which may free what segments nothing is in any more.
 */
MUST_CHECK err_t drop_in_steps(struct txn *t, const struct marking *m,
    err_t (*after)(void *arg), void *arg);

/* Is there no room on the disk? */
bool drop_no_room(err_t err);

#endif
