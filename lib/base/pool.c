/*
 * One list holds every job in the order given.  The owner takes from its
 * head; workers take at "todo", the first that nobody has begun, so all
 * behind it are WAITING and all before it are RUNNING or DONE.
 *
 * Threads are started one by one, when a job is given and nobody is idle, so
 * a pool that gets three small jobs does not pay for eight threads.
 */

#include "lib/base/pool.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/mem.h"

#define THREADS_DEFAULT_MAX 8
#define THREADS_MAX 64
#define STACK_SIZE ((size_t)1 << 20)

enum { WAITING, RUNNING, DONE };

struct pool {
	pthread_mutex_t lock;
	pthread_cond_t work;		/* todo or stop was set */
	pthread_cond_t done;		/* the head is DONE */
	struct job *head, *tail, *todo;
	size_t held;
	unsigned max;			/* threads wanted; 1: run inline */
	unsigned started;
	unsigned idle;			/* threads that wait for work */
	unsigned waiting;		/* jobs from todo on */
	bool stop;
	pthread_t threads[THREADS_MAX];
};

static unsigned
threads_wanted(void)
{
	const char *text = getenv("DSV_THREADS");
	char *end;
	long n;

	if (text && *text) {
		n = strtol(text, &end, 10);
		if (!*end && n >= 1)
			return n < THREADS_MAX ? (unsigned)n : THREADS_MAX;
	}
	n = sysconf(_SC_NPROCESSORS_ONLN);
	if (n < 1)
		return 1;
	return n < THREADS_DEFAULT_MAX ? (unsigned)n : THREADS_DEFAULT_MAX;
}

struct pool *
pool_new(void)
{
	struct pool *pool = mem_zalloc(sizeof(*pool));

	if (pthread_mutex_init(&pool->lock, NULL) ||
	    pthread_cond_init(&pool->work, NULL) ||
	    pthread_cond_init(&pool->done, NULL))
		mem_fail();
	pool->max = threads_wanted();
	return pool;
}

unsigned
pool_threads(const struct pool *pool)
{
	return pool->max;
}

/* The error is in the ring of this thread: copy it out of there. */
static void
run(struct job *job)
{
	err_t err = job->run(job);

	if (err)
		job->failure = *err;
	else
		job->failure.code = 0;
}

static void *
worker(void *arg)
{
	struct pool *pool = arg;

	pthread_mutex_lock(&pool->lock);
	for (;;) {
		struct job *job;

		while (!pool->todo && !pool->stop) {
			pool->idle++;
			pthread_cond_wait(&pool->work, &pool->lock);
			pool->idle--;
		}
		if (pool->stop)
			break;
		job = pool->todo;
		pool->todo = job->next;
		pool->waiting--;
		job->state = RUNNING;
		pthread_mutex_unlock(&pool->lock);
		run(job);
		pthread_mutex_lock(&pool->lock);
		job->state = DONE;
		if (job == pool->head)
			pthread_cond_signal(&pool->done);
	}
	pthread_mutex_unlock(&pool->lock);
	return NULL;
}

/* Signals are for the main thread.  If the system has no thread to give, the
 * ones that we have must do. */
static void
start_thread(struct pool *pool)
{
	pthread_attr_t attr;
	sigset_t all, old;
	int failed;

	if (pthread_attr_init(&attr)) {
		pool->max = pool->started ? pool->started : 1;
		return;
	}
	pthread_attr_setstacksize(&attr, STACK_SIZE);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	failed = pthread_create(&pool->threads[pool->started], &attr, worker,
	    pool);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	pthread_attr_destroy(&attr);
	if (failed)
		pool->max = pool->started ? pool->started : 1;
	else
		pool->started++;
}

static void
append(struct pool *pool, struct job *job)
{
	job->next = NULL;
	if (pool->tail)
		pool->tail->next = job;
	else
		pool->head = job;
	pool->tail = job;
	pool->held++;
}

void
pool_give(struct pool *pool, struct job *job)
{
	pthread_mutex_lock(&pool->lock);
	if (pool->waiting >= pool->idle && pool->started < pool->max &&
	    pool->max > 1)
		start_thread(pool);
	append(pool, job);
	if (pool->started) {
		job->state = WAITING;
		if (!pool->todo)
			pool->todo = job;
		pool->waiting++;
		pthread_cond_signal(&pool->work);
	}
	pthread_mutex_unlock(&pool->lock);
	if (!pool->started) {
		run(job);
		job->state = DONE;
	}
}

size_t
pool_held(const struct pool *pool)
{
	return pool->held;
}

bool
pool_ready(struct pool *pool)
{
	bool ready;

	pthread_mutex_lock(&pool->lock);
	ready = pool->head && pool->head->state == DONE;
	pthread_mutex_unlock(&pool->lock);
	return ready;
}

err_t
pool_next(struct job **out, struct pool *pool)
{
	struct job *job;

	if (!pool->held)
		BUG("no job to take back");
	pthread_mutex_lock(&pool->lock);
	while (pool->head->state != DONE)
		pthread_cond_wait(&pool->done, &pool->lock);
	job = pool->head;
	pool->head = job->next;
	if (!pool->head)
		pool->tail = NULL;
	pool->held--;
	pthread_mutex_unlock(&pool->lock);
	job->next = NULL;
	*out = job;
	return job->failure.code ? err_adopt(&job->failure) : NULL;
}

void
pool_free(struct pool *pool, void (*drop)(struct job *job, void *arg),
    void *arg)
{
	if (!pool)
		return;
	pthread_mutex_lock(&pool->lock);
	pool->stop = true;
	pool->todo = NULL;
	pthread_cond_broadcast(&pool->work);
	pthread_mutex_unlock(&pool->lock);
	for (unsigned i = 0; i < pool->started; i++)
		pthread_join(pool->threads[i], NULL);
	while (pool->head) {
		struct job *job = pool->head;

		pool->head = job->next;
		if (drop)
			drop(job, arg);
	}
	pthread_cond_destroy(&pool->done);
	pthread_cond_destroy(&pool->work);
	pthread_mutex_destroy(&pool->lock);
	free(pool);
}
