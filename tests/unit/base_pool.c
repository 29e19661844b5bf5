/* lib/base/pool: order, errors, and what happens to jobs nobody wants. */

#include "lib/base/pool.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/unit/tap.h"

#define JOBS 500

struct work {
	struct job job;
	unsigned n;
	unsigned sum;
	bool ran;
};

static struct work works[JOBS];
static atomic_int open_signals;
static atomic_int ran;

static void
nap(long microseconds)
{
	struct timespec ts = { .tv_nsec = microseconds * 1000 };

	nanosleep(&ts, NULL);
}

static err_t
run(struct job *job)
{
	struct work *w = (struct work *)(void *)job;

	nap((long)(w->n * 7919 % 13) * 50);
	for (unsigned i = 0; i <= w->n; i++)
		w->sum += i;
	w->ran = true;
	atomic_fetch_add(&ran, 1);
	if (w->n % 10 == 3)
		return err_new(ERR_CONFLICT, "job %u", w->n);
	return NULL;
}

static void
prepare(err_t (*fn)(struct job *job))
{
	memset(works, 0, sizeof(works));
	atomic_store(&ran, 0);
	for (unsigned i = 0; i < JOBS; i++) {
		works[i].n = i;
		works[i].job.run = fn;
	}
}

static bool
next_is(struct pool *pool, unsigned n)
{
	struct job *job = NULL;
	char want[32];
	err_t err = pool_next(&job, pool);

	snprintf(want, sizeof(want), "job %u", n);
	if (job != &works[n].job || works[n].sum != n * (n + 1) / 2)
		return false;
	if (n % 10 == 3)
		return err_is(err, ERR_CONFLICT) && !strcmp(err->msg, want);
	return !err;
}

/* As store does: at most 16 in flight. */
static bool
run_all(struct pool *pool)
{
	unsigned given = 0;

	prepare(run);
	for (unsigned n = 0; n < JOBS; n++) {
		while (given < JOBS && pool_held(pool) < 16)
			pool_give(pool, &works[given++].job);
		if (!next_is(pool, n))
			return false;
	}
	return !pool_held(pool) && !pool_ready(pool);
}

static void
test_order(const char *threads, unsigned want)
{
	struct pool *pool;
	char title[64];

	setenv("DSV_THREADS", threads, 1);
	pool = pool_new();
	snprintf(title, sizeof(title), "DSV_THREADS=%s", threads);
	ok(pool_threads(pool) == want, title);
	ok(run_all(pool), "in order, errors with their jobs");
	ok(run_all(pool), "and again");
	pool_free(pool, NULL, NULL);
}

static void
test_default(void)
{
	struct pool *pool;
	unsigned n;

	unsetenv("DSV_THREADS");
	pool = pool_new();
	n = pool_threads(pool);
	ok(n >= 1 && n <= 8, "the default is between 1 and 8");
	pool_free(pool, NULL, NULL);
	setenv("DSV_THREADS", "nonsense", 1);
	pool = pool_new();
	ok(pool_threads(pool) == n, "nonsense is the default");
	pool_free(pool, NULL, NULL);
	pool_free(NULL, NULL, NULL);
}

static void
test_inline(void)
{
	struct pool *pool;
	struct job *job;
	err_t err;

	setenv("DSV_THREADS", "1", 1);
	prepare(run);
	pool = pool_new();
	pool_give(pool, &works[5].job);
	ok(works[5].ran && pool_ready(pool), "one thread runs jobs at once");
	err = pool_next(&job, pool);
	ok(!err && job == &works[5].job, "and hands them back");
	pool_free(pool, NULL, NULL);
}

static void
drop(struct job *job, void *arg)
{
	struct work *w = (struct work *)(void *)job;
	unsigned *next = arg;

	if (w->n == *next)
		++*next;
}

static void
test_dropped(void)
{
	struct pool *pool;
	unsigned next = 0;
	int n;

	setenv("DSV_THREADS", "3", 1);
	prepare(run);
	pool = pool_new();
	for (unsigned i = 0; i < JOBS; i++)
		pool_give(pool, &works[i].job);
	pool_free(pool, drop, &next);
	n = atomic_load(&ran);
	nap(20000);
	ok(next == JOBS, "all are given to drop, in order");
	ok(n < JOBS && n == atomic_load(&ran),
	    "those not begun are not run, and none runs after that");
}

static err_t
look_at_signals(struct job *job)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGUSR1 };
	sigset_t set;

	(void)job;
	nap(100);
	pthread_sigmask(SIG_BLOCK, NULL, &set);
	for (size_t i = 0; i < ARRAY_LEN(signals); i++)
		if (!sigismember(&set, signals[i]))
			atomic_fetch_add(&open_signals, 1);
	return NULL;
}

static void
test_signals(void)
{
	struct pool *pool;
	struct job *job;
	sigset_t set;
	size_t failed = 0;

	setenv("DSV_THREADS", "4", 1);
	prepare(look_at_signals);
	pool = pool_new();
	for (unsigned i = 0; i < 20; i++)
		pool_give(pool, &works[i].job);
	while (pool_held(pool))
		if (pool_next(&job, pool))
			failed++;
	pool_free(pool, NULL, NULL);
	ok(!failed && !atomic_load(&open_signals), "workers hear no signals");
	pthread_sigmask(SIG_BLOCK, NULL, &set);
	ok(!sigismember(&set, SIGINT), "the owner still does");
}

int
main(void)
{
	test_default();
	test_order("1", 1);
	test_order("2", 2);
	test_order("7", 7);
	test_order("1000", 64);
	test_inline();
	test_dropped();
	test_signals();
	return tap_end();
}
