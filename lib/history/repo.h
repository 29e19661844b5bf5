#ifndef HISTORY_REPO_H
#define HISTORY_REPO_H

/*
 * A repository: a working tree, its store and its configuration.
 */

#include "lib/base/err.h"
#include "store/store.h"

struct config;

struct repo {
	struct store *store;
	char *root;		/* absolute path of the working tree */
	int rootfd;
	struct config *config;	/* never NULL */
	char *prefix;		/* where dir is below root: "" or "a/b/" */
};

/*
 * Find the repository that dir (NULL: the current directory) is in, looking
 * upwards, and open it.  ERR_NOT_FOUND "not a dsv repository …; run "dsv
 * init"".  Owner, format and damage: as store_open.
 */
MUST_CHECK err_t repo_open(struct repo **out, const char *dir,
    enum store_mode mode, int64_t wait_ms);
void repo_close(struct repo *r);

/* Open the store of a repository that was opened for reading anew, for
 * writing. */
MUST_CHECK err_t repo_write(struct repo *r, int64_t wait_ms);

/* After a command: if it committed anything and there are many small segments
 * now, pack them, unless gc.auto is false.  Waits for nobody; only a signal is
 * an error. */
MUST_CHECK err_t repo_tidy(struct repo *r);

/* Only find it: the path of its root, absolute. */
MUST_CHECK err_t repo_find(char **root, const char *dir);

/*
 * Where the store is, for commands that work on one that cannot be opened:
 * the path of .dsv, and whether it may belong to another user.
 */
MUST_CHECK err_t repo_locate(struct buf *dotdsv, bool *any_owner,
    const char *dir);

/*
 * A path as the user typed it (relative to where dsv was started, or
 * absolute) as a path relative to the root, normalised, without a trailing
 * slash; "" is the root.  It need not exist.  ERR_USAGE if it is outside the
 * working tree or inside .dsv.
 */
MUST_CHECK err_t repo_path(struct buf *out, const struct repo *r,
    const char *typed);

/* ---- HEAD ------------------------------------------------------------- */

struct head {
	struct buf ref;		/* "branch/main"; empty when detached */
	struct id commit;	/* zero: the branch has no version yet */
};
#define HEAD_INIT { BUF_INIT, { { 0 } } }
MUST_CHECK err_t repo_head(struct head *out, struct repo *r);
void head_release(struct head *h);
/* The branch's short name ("main"), or NULL when detached. */
const char *head_branch(const struct head *h);

#endif
