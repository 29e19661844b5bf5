#ifndef BASE_POOL_H
#define BASE_POOL_H

/*
 * Worker threads that run jobs in parallel and hand them back in the order
 * in which they were given.
 *
 * One thread, the owner, calls everything here.  A job's run function sees
 * only the job; what it returns is kept and comes out of pool_next.  With one
 * thread (or when threads cannot be had) jobs run inside pool_give, so that
 * nothing depends on parallelism.
 */

#include <stddef.h>

#include "lib/base/err.h"

struct pool;

struct job {
	err_t (*run)(struct job *job);
	/* private to the pool */
	struct job *next;
	struct err failure;
	int state;
};

/* As many threads as there are processors, at most eight; DSV_THREADS says
 * otherwise. */
struct pool *pool_new(void);
unsigned pool_threads(const struct pool *pool);

/* Waits for what is running; jobs not yet taken back are dropped unrun and
 * given to drop (which may be NULL). */
void pool_free(struct pool *pool, void (*drop)(struct job *job, void *arg),
    void *arg);

void pool_give(struct pool *pool, struct job *job);

/* Jobs given and not yet taken back. */
size_t pool_held(const struct pool *pool);

/*
 * Wait for the oldest job given, hand it back in out, and return what it
 * returned.  BUG if none is held.
 */
MUST_CHECK err_t pool_next(struct job **out, struct pool *pool);

/* True if pool_next would not wait. */
bool pool_ready(struct pool *pool);

#endif
