#ifndef HISTORY_STATUS_H
#define HISTORY_STATUS_H

/*
 * What differs between the last version, the stage and the working tree.
 */

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/err.h"
#include "lib/history/repo.h"
#include "lib/history/tree.h"
#include "lib/history/work.h"

struct pathspec;

/* The letters are those of the short form and of --json. */
enum status_code {
	STATUS_NONE = ' ',
	STATUS_ADDED = 'A',
	STATUS_MODIFIED = 'M',
	STATUS_DELETED = 'D',
	STATUS_RENAMED = 'R',		/* staged only: same content */
	STATUS_TYPE = 'T',
	STATUS_UNTRACKED = '?',
	STATUS_IGNORED = '!',
	STATUS_UNREADABLE = 'E',
};

struct status_item {
	char *path;
	char *from;		/* of STATUS_RENAMED, else NULL */
	enum status_code staged;
	enum status_code work;	/* UNTRACKED and IGNORED are here only */
};

struct status {
	struct status_item *items;	/* by path */
	size_t n, cap;
	char **notes;		/* special files, other repositories: lines */
	size_t n_notes, cap_notes;
	size_t n_staged, n_work, n_untracked, n_ignored;
};
#define STATUS_INIT { NULL, 0, 0, NULL, 0, 0, 0, 0, 0, 0 }

/* flags: those of work.h that begin with WORK_SHOW_ or WORK_FOLD_. */
MUST_CHECK err_t status_collect(struct status *out, struct repo *r,
    struct pathspec *ps, unsigned flags);
void status_release(struct status *s);
const char *status_word(enum status_code code);	/* "modified" */

/*
 * Files that differ between a version's tree (NULL: the stage) and the
 * working tree, tracked files only, in byte order of paths; as tree_diff,
 * but to->id is zero where the bytes are in the working tree only.
 */
MUST_CHECK err_t status_diff(struct repo *r, const struct id *tree,
    struct pathspec *ps, tree_change_fn *fn, void *arg);

#endif
