#include "cmd/cmd.h"
#include "cmd/out.h"
#include "cmd/present_files.h"
#include "lib/history/attr.h"
#include "lib/history/checkout.h"
#include "lib/history/pathspec.h"
#include "lib/history/rev.h"

struct restore_args {
	const char *source;
	bool staged;
	bool work;
	bool force;
	bool dry_run;
	const char *dataset;
	const char *component;
};

static const struct opt restore_opts[] = {
	TEXT(struct restore_args, source, 's', "source", "REV", OFFER_REV,
	    "take the files from this version"),
	FLAG(struct restore_args, staged, 'S', "staged",
	    "restore what is in the next version; from HEAD unless said"),
	FLAG(struct restore_args, work, 'W', "worktree",
	    "restore the working tree, as without --staged"),
	FLAG(struct restore_args, force, 'f', "force",
	    "replace files that are not tracked too"),
	FLAG(struct restore_args, dry_run, 'n', "dry-run",
	    "say what would be restored, and change nothing"),
	TEXT(struct restore_args, dataset, 0, "dataset", "NAME",
	    OFFER_DATASET, "only the files of this dataset"),
	TEXT(struct restore_args, component, 0, "component", "TYPE",
	    OFFER_NONE, "only the files of this component type"),
	OPT_TABLE_END
};

/* The tree to take files from: of --source, of HEAD for --staged, else the
 * stage, which *staged says.  A branch without versions has nothing. */
static err_t
find_source(struct id *tree, bool *from_stage, struct repo *r,
    const struct restore_args *a)
{
	struct head head = HEAD_INIT;
	struct commit_node node = { .version = 0 };
	struct id commit;
	err_t err;

	*from_stage = !a->source && !a->staged;
	if (*from_stage)
		return NULL;
	if (a->source) {
		err = rev_commit(&commit, r, a->source);
	} else {
		err = repo_head(&head, r);
		commit = head.commit;
		head_release(&head);
	}
	if (!err && !id_is_zero(&commit))
		err = commit_node(&node, r->store, &commit);
	*tree = node.tree;
	return err;
}

static err_t
restore(struct ctx *ctx, const struct restore_args *a, struct pathspec *ps)
{
	struct checkout c = { .r = ctx->repo };
	struct present_files show;
	struct id tree;
	bool from_stage;
	err_t err = NULL;

	present_files_init(&show, ctx, a->dry_run);
	c.fn = show.fn;
	c.arg = &show;
	c.flags = (a->staged ? CHECKOUT_STAGE : 0) |
	    (!a->staged || a->work ? CHECKOUT_WORK : 0) |
	    (a->force ? CHECKOUT_FORCE : 0) |
	    (a->dry_run ? CHECKOUT_DRY_RUN : 0);
	if (!a->dry_run) {
		err = txn_begin(&c.txn, ctx->repo->store, "restore");
		if (!err)
			err = txn_lock(c.txn);
	}
	if (!err)
		err = find_source(&tree, &from_stage, ctx->repo, a);
	if (!err)
		err = checkout_paths(&c, from_stage ? NULL : &tree, ps);
	if (!err && c.txn)
		err = txn_commit(c.txn);
	txn_end(c.txn);
	return err;
}

static err_t
restore_run(struct ctx *ctx, void *args, const struct operands *ops)
{
	const struct restore_args *a = args;
	struct attrs *attrs = attr_of_worktree(ctx->repo);
	struct pathspec *ps = NULL;
	err_t err;

	if (!ops->n && !a->dataset && !a->component)
		err = err_new(ERR_USAGE, "what? name files or directories; "
		    "\".\" is all of this one");
	else
		err = pathspec_new(&ps, ctx->repo, ops->v, ops->n, a->dataset,
		    a->component, attrs);
	if (!err)
		err = restore(ctx, a, ps);
	pathspec_free(ps);
	attr_free(attrs);
	return err;
}

const struct cmd cmd_restore = {
	.name = "restore", .summary = "bring files back as they were",
	.operands = "[PATH ...]", .min_operands = 0, .max_operands = -1,
	.offer = OFFER_TRACKED, .group = GROUP_WORK, .needs = CMD_REPO_WRITE,
	.role = ROLE_READ,
	.opts = restore_opts, .args_size = sizeof(struct restore_args),
	.run = restore_run,
};
