#ifndef HISTORY_PATHSPEC_H
#define HISTORY_PATHSPEC_H

/*
 * Which paths a command is about: paths and patterns as typed, a dataset, a
 * component type.  Empty means all.  A typed path selects itself and what is
 * below it; a pattern (with *, ? or [) is matched against the whole path as
 * match_path does, where one without a slash matches at any depth; one that
 * matches a directory selects what is below it.
 * --dataset NAME selects the paths with attribute dataset=NAME (or, where no
 * path has it, the path NAME); --component TYPE those with component=TYPE;
 * all three narrow each other.
 */

#include <stdbool.h>

#include "lib/base/err.h"
#include "lib/history/repo.h"

struct attrs;
struct pathspec;

/* attrs is borrowed and may be NULL if dataset and component are. */
MUST_CHECK err_t pathspec_new(struct pathspec **out, struct repo *r,
    const char *const *typed, size_t n, const char *dataset,
    const char *component, struct attrs *attrs);
void pathspec_free(struct pathspec *ps);

bool pathspec_is_all(const struct pathspec *ps);
/*
 * Everything selected is at or below one of these: sorted, none below
 * another, at least one ("" = anywhere).  Borrowed.
 */
const char *const *pathspec_roots(const struct pathspec *ps, size_t *n);
/* True if the path was typed as it is, not only selected by a directory or
 * a pattern. */
bool pathspec_names(const struct pathspec *ps, const char *path);
/* True if all that is below the directory is selected. */
bool pathspec_covers(struct pathspec *ps, const char *dir);
/* ERR_… only from reading attributes. */
MUST_CHECK err_t pathspec_match(bool *out, struct pathspec *ps,
    const char *path);
/* True if something below the directory could match (for pruning walks). */
bool pathspec_may_match_below(const struct pathspec *ps, const char *dir);
/* After all matching: the first typed operand that matched nothing, or
 * NULL. */
const char *pathspec_unmatched(const struct pathspec *ps);
/* As if nothing had been matched yet. */
void pathspec_forget(struct pathspec *ps);
/* After all matching: ERR_NOT_FOUND if a dataset or component was asked for
 * and no path is in it. */
MUST_CHECK err_t pathspec_check_any(const struct pathspec *ps);

#endif
