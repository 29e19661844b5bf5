#ifndef HISTORY_IGNORE_H
#define HISTORY_IGNORE_H

/*
 * .dsvignore: patterns as in gitignore, in any directory; the last line that
 * matches wins, deeper files before shallower ones, "!" takes back.  What is
 * below an ignored directory is ignored and cannot be taken back: callers do
 * not enter such a directory, or use ignore_path.
 *
 * The rules in force are those of a stack of directories: the root first,
 * each next one inside the one before.
 */

#include <stdbool.h>

#include "lib/base/err.h"

struct ignore;

struct ignore *ignore_new(int rootfd);
void ignore_free(struct ignore *ig);

/* Enter the directory ("" is the root), reading its .dsvignore; see
 * rulefile.h. */
MUST_CHECK err_t ignore_push(struct ignore *ig, const char *dir);
/* The same, where there is known to be none. */
void ignore_push_none(struct ignore *ig, const char *dir);
void ignore_pop(struct ignore *ig);

/* By the rules on the stack, for an entry of its innermost directory. */
bool ignore_test(const struct ignore *ig, const char *path, bool is_dir);

/* Is path, or any directory that it is in, ignored?  Needs no stack and
 * leaves none. */
MUST_CHECK err_t ignore_path(bool *out, int rootfd, const char *path,
    bool is_dir);

#endif
