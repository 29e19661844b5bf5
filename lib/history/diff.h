#ifndef HISTORY_DIFF_H
#define HISTORY_DIFF_H

/*
 * Which files differ between two states of the data: two versions, a version
 * or the stage and the working tree, a version and the stage.  A file that
 * went and one that came with the same content are one renamed file.
 */

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/err.h"
#include "lib/history/repo.h"

struct pathspec;

enum diff_place { DIFF_TREE, DIFF_STAGE, DIFF_WORK };

struct diff_end {
	enum diff_place place;
	struct id tree;		/* of DIFF_TREE; zero is the empty tree */
};

enum diff_kind {
	DIFF_ADDED = 'A',
	DIFF_MODIFIED = 'M',	/* bytes or executable bit */
	DIFF_DELETED = 'D',
	DIFF_RENAMED = 'R',
	DIFF_TYPE = 'T',	/* file and symbolic link */
};

struct diff_side {
	const char *path;
	enum mode mode;
	struct id id;		/* zero: only the working tree has the bytes */
	uint64_t size;
	bool in_work;		/* the bytes are those of the working tree */
};

struct diff_change {
	enum diff_kind kind;
	const char *path;		/* the newer side's, if there is one */
	const struct diff_side *from;	/* NULL if added */
	const struct diff_side *to;	/* NULL if deleted */
};
typedef err_t diff_visit_fn(void *arg, const struct diff_change *change);

/* Beyond so many changed files renames are not looked for, so that memory
 * stays bounded. */
#define DIFF_RENAMES_MAX 100000

/*
 * From a to b, in byte order of paths (a renamed file's is its new one).  If
 * reverse, from b to a.  ps may be NULL.  Of the pairs that diff offers, the
 * working tree may be b only, and the stage a only if b is the working tree.
 */
MUST_CHECK err_t diff_run(struct repo *r, const struct diff_end *a,
    const struct diff_end *b, bool reverse, struct pathspec *ps,
    diff_visit_fn *fn, void *arg);

/* "modified". */
const char *diff_word(enum diff_kind kind);

/* How many of each. */
struct diff_counts {
	uint64_t added, modified, deleted, renamed;
};
void diff_count(struct diff_counts *counts, enum diff_kind kind);

/* Records of a side, by how its path is cut; *known is false where there are
 * none to count (binary files, links) or the store does not have it. */
struct attrs;
MUST_CHECK err_t diff_records(bool *known, uint64_t *records,
    struct repo *r, struct attrs *attrs, const struct diff_side *side);

/*
 * The lines of a unified text diff of the two sides, without the two that
 * name the files, as the diff program found in PATH makes them.  fn gets one
 * line at a time, without its newline.  *shown is false, and fn is not
 * called, if a side is not text (UTF-8 without NUL), or larger than
 * DIFF_TEXT_MAX, or a link, or there is no diff program.
 */
#define DIFF_TEXT_MAX (1u << 20)
typedef err_t diff_line_fn(void *arg, const char *line, size_t len);
MUST_CHECK err_t diff_text(bool *shown, struct repo *r,
    const struct diff_side *from, const struct diff_side *to,
    diff_line_fn *fn, void *arg);

#endif
