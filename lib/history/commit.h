#ifndef HISTORY_COMMIT_H
#define HISTORY_COMMIT_H

/*
 * Making a version of what is in the stage.
 *
 * The version is made on top of whatever the current branch is at once the
 * write lock is held: processes that commit in one working tree share its
 * stage, so each builds on the one before and none is lost.
 */

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/err.h"
#include "lib/history/add.h"
#include "lib/history/repo.h"

struct commit_options {
	const char *message;	/* as typed, but for newlines before it and
				 * blanks after it */
	const char *author;	/* "Name <email>"; NULL: who acts */
	bool has_date;
	int64_t date;		/* of author and committer; else now */
	const char *job;
	const struct meta *metas;
	size_t n_metas;
	const char *tag;	/* also tag it so, in the same act */
	bool allow_empty;	/* even if nothing changed */
	bool allow_schema;	/* whatever schema= says of a table */
	bool sign;
	/* Called before the lock (put objects) and under it (change the
	 * stage); either may be NULL. */
	err_t (*prepare)(void *arg, struct txn *t);
	err_t (*stage)(void *arg, struct txn *t);
	/* What stage will change, known once prepare is done; NULL if
	 * nothing. */
	err_t (*entries)(void *arg, add_entry_fn *fn, void *fn_arg);
	void *arg;
};

struct commit_report {
	bool nothing;		/* nothing to commit; no more is filled in */
	struct id id;
	struct id tree;
	struct id parent_tree;	/* zero for the first version */
	uint64_t version;
	struct buf branch;	/* its short name */
	uint64_t added, modified, deleted;	/* files */
	struct err uncounted;	/* the version is made all the same, but why
				 * its files could not be counted; else "" */
};
#define COMMIT_REPORT_INIT { .branch = BUF_INIT }

/*
 * ERR_USAGE: no message, a bad author, key or tag name; ERR_EXISTS: the tag
 * is taken; ERR_REFUSED: HEAD is detached, the branch is protected, or a table
 * may not change so.
 */
MUST_CHECK err_t commit_create(struct commit_report *out, struct repo *r,
    const struct commit_options *o);

/*
 * What commit_create would do, as far as can be known without doing it: the
 * report has no id, tree and version.  Nothing is written.  With all, what is
 * in the working tree counts instead of the stage, tracked files only.
 */
MUST_CHECK err_t commit_preview(struct commit_report *out, struct repo *r,
    const struct commit_options *o, bool all);
void commit_report_release(struct commit_report *report);

/* The commit object itself. */
MUST_CHECK err_t commit_read(struct commit *out, struct store *s,
    const struct id *id);

/* The first line of the message; its length. */
size_t commit_subject(const struct commit *c);

#endif
