/*
 * Git's old verb for two things: "switch" and "restore".  Both are the same
 * code as those.
 */

#include <string.h>

#include "cmd/cmd.h"
#include "cmd/present_files.h"
#include "lib/history/pathspec.h"
#include "lib/history/rev.h"
#include "lib/history/switch.h"

struct checkout_args {
	const char *branch;
	bool detach;
	bool force;
	bool dry_run;
};

static const struct opt checkout_opts[] = {
	TEXT(struct checkout_args, branch, 'b', "branch", "NAME", OFFER_NONE,
	    "make this branch, at REV or HEAD, and go there"),
	FLAG(struct checkout_args, detach, 0, "detach",
	    "go to the version, on no branch, even if REV is one"),
	FLAG(struct checkout_args, force, 'f', "force",
	    "give up changes and untracked files that are in the way"),
	FLAG(struct checkout_args, dry_run, 'n', "dry-run",
	    "say what would change, and change nothing"),
	OPT_TABLE_END
};

static err_t
go(struct ctx *ctx, const struct checkout_args *a, const char *to)
{
	struct switch_order order = { .to = !to && a->detach ? "HEAD" : to,
	    .create = a->branch, .any = true, .detach = a->detach,
	    .force = a->force, .dry_run = a->dry_run };
	struct switch_report report = SWITCH_REPORT_INIT;
	struct present_files show;
	err_t err;

	present_files_init(&show, ctx, a->dry_run);
	order.fn = show.fn;
	order.arg = &show;
	err = switch_run(&report, ctx->repo, &order);
	if (!err)
		present_files_head(ctx, &report, a->dry_run);
	switch_report_release(&report);
	return err;
}

static err_t
bring_back(struct ctx *ctx, const struct checkout_args *a, const char *from,
    const char *const *paths, size_t n)
{
	struct checkout c = { .r = ctx->repo };
	struct pathspec *ps = NULL;
	struct present_files show;
	struct commit_node node;
	struct id commit;
	err_t err;

	present_files_init(&show, ctx, a->dry_run);
	c.fn = show.fn;
	c.arg = &show;
	c.flags = CHECKOUT_WORK | CHECKOUT_OVERLAY |
	    (from ? CHECKOUT_STAGE : 0) |
	    (a->force ? CHECKOUT_FORCE : 0) |
	    (a->dry_run ? CHECKOUT_DRY_RUN : 0);
	err = pathspec_new(&ps, ctx->repo, paths, n, NULL, NULL, NULL);
	if (!err && !a->dry_run)
		err = txn_begin(&c.txn, ctx->repo->store, "checkout");
	if (!err && c.txn)
		err = txn_lock(c.txn);
	if (!err && from)
		err = rev_commit(&commit, ctx->repo, from);
	if (!err && from)
		err = commit_node(&node, ctx->repo->store, &commit);
	if (!err)
		err = checkout_paths(&c, from ? &node.tree : NULL, ps);
	if (!err && c.txn)
		err = txn_commit(c.txn);
	txn_end(c.txn);
	pathspec_free(ps);
	return err;
}

static err_t
checkout_run(struct ctx *ctx, void *args, const struct operands *ops)
{
	const struct checkout_args *a = args;
	const char *rev = NULL;
	size_t n_revs = 0;
	err_t err = NULL;

	if (ops->n == 1 && ops->after_dashes && !strcmp(ops->v[0], "-"))
		n_revs = 1;
	else if (ops->n)
		err = rev_split(&n_revs, ctx->repo, ops, 1);
	if (err)
		return err;
	if (n_revs)
		rev = ops->v[0];
	if (ops->n == n_revs && !rev && !a->branch && !a->detach)
		return err_new(ERR_USAGE, "what? name a branch, a version or "
		    "files");
	if (ops->n == n_revs)
		return go(ctx, a, rev);
	if (a->branch || a->detach)
		return err_new(ERR_USAGE, "--branch and --detach do not go "
		    "with paths: \"%s\"", ops->v[n_revs]);
	return bring_back(ctx, a, rev, ops->v + n_revs, ops->n - n_revs);
}

const struct cmd cmd_checkout = {
	.name = "checkout",
	.summary = "go to a branch or version, or bring files back",
	.operands = "[REV] [--] [PATH ...]", .min_operands = 0,
	.max_operands = -1, .offer = OFFER_REV_OR_TRACKED,
	.group = GROUP_WORK, .needs = CMD_REPO_WRITE, .role = ROLE_READ,
	.opts = checkout_opts, .args_size = sizeof(struct checkout_args),
	.run = checkout_run,
};
