#ifndef HISTORY_SPACE_H
#define HISTORY_SPACE_H

/*
 * What takes how much room: branches, tags, versions or paths, each with the
 * bytes that it holds, and those that nothing else does.
 */

#include "lib/base/err.h"
#include "lib/history/repo.h"

struct pathspec;

enum space_by { SPACE_BRANCH, SPACE_TAG, SPACE_PATH, SPACE_VERSION };

/* The rest is for paths and versions: of from, and what it was made from,
 * without what hidden (zero: none) has. */
struct space_options {
	enum space_by by;
	struct id from, hidden;
	struct pathspec *paths;		/* NULL: all */
	uint64_t depth;			/* components of a path, what is below
					 * added up; 0: all */
};

struct space_row {
	const char *name;		/* of a branch or tag; a path, with a
					 * slash after it if it is what is
					 * below; of a version, NULL */
	struct id commit;		/* of a version */
	uint64_t version;
	struct usage_sums sums;
};
typedef err_t space_visit_fn(void *arg, const struct space_row *row);

/*
 * Branches, tags and paths come in byte order of names, versions newest first.
 * A branch holds what it leads to and what it led to before; a path holds what
 * it was in each of the versions, and what is staged there.  ERR_NOT_FOUND if
 * a path was typed that is in none.
 */
MUST_CHECK err_t space_list(struct usage_sums *total, struct repo *r,
    const struct space_options *options, space_visit_fn *fn, void *arg);

#endif
