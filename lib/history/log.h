#ifndef HISTORY_LOG_H
#define HISTORY_LOG_H

/*
 * The history as people ask for it: from some versions back, those that
 * changed what was selected, by whom, when, about what.
 */

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/err.h"
#include "lib/history/repo.h"

struct pathspec;

struct log_options {
	struct id from;
	struct id hidden;		/* without what this has; zero: none */
	bool first_parent;
	struct pathspec *paths;		/* NULL: every version */
	bool has_since, has_until;
	int64_t since, until;		/* both included */
	const char *author;		/* part of "Name <email>", any case */
	const char *grep;		/* part of the message, any case */
	const char *job;		/* all of it */
	uint64_t limit;			/* 0: none */
	bool all;			/* hand out those passed over too */
};

/* By time, author, message and job: is the version one that is asked for? */
bool log_passes(const struct log_options *o, const struct commit_node *node,
    const struct commit *c);

struct log_entry {
	struct commit_node node;	/* parents as followed */
	struct commit commit;
	bool shown;			/* false: passed over (options.all) */
	uint64_t path_version;		/* of the selected paths: 1, 2, …; 0
					 * without paths, or if they are gone */
};

struct log;
MUST_CHECK err_t log_open(struct log **out, struct repo *r,
    const struct log_options *options);
/* *found is false at the end.  Borrowed until the next call. */
MUST_CHECK err_t log_next(bool *found, const struct log_entry **out,
    struct log *log);
void log_close(struct log *log);

#endif
