#ifndef HISTORY_APPLY_H
#define HISTORY_APPLY_H

/*
 * Applying a delta to files of the working tree, and putting what came of it
 * into the stage.
 *
 * All lines fit, or nothing is changed.  Each file is replaced at once: it
 * is as it was or as it becomes, whatever happens.
 */

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/err.h"
#include "lib/history/repo.h"
#include "lib/table/patch.h"

struct apply_options {
	const char *to;			/* relative to the root; NULL: each
					 * line's own path */
	const struct key *key;		/* NULL: by the attributes */
	bool duplicates;
	bool dry_run;
	/* Each table that changed, in the order of the delta. */
	void (*changed)(void *arg, const struct patch_table *table);
	/* The first lines that do not fit. */
	void (*misfit)(void *arg, const struct patch_misfit *misfit);
	void *arg;
};

/* So many files, at most, in one delta. */
#define APPLY_FILES 256

/* The delta is read from fd, which may be a pipe; name is for messages.
 * ERR_REFUSED if anything does not fit. */
MUST_CHECK err_t apply_run(struct repo *r, int fd, const char *name,
    const struct apply_options *o);

#endif
