#include "cmd/cmd.h"
#include "cmd/present_files.h"
#include "lib/history/switch.h"

struct switch_args {
	const char *create;
	bool detach;
	bool force;
	bool dry_run;
};

static const struct opt switch_opts[] = {
	TEXT(struct switch_args, create, 'c', "create", "NAME", OFFER_NONE,
	    "make this branch, at START or HEAD, and go there"),
	FLAG(struct switch_args, detach, 0, "detach",
	    "go to any version, on no branch"),
	FLAG(struct switch_args, force, 'f', "force",
	    "give up changes that are in the way, and all others"),
	FLAG(struct switch_args, dry_run, 'n', "dry-run",
	    "say what would change, and change nothing"),
	OPT_TABLE_END
};

static err_t
switch_run_cmd(struct ctx *ctx, void *args, const struct operands *ops)
{
	const struct switch_args *a = args;
	struct switch_order order = { .to = ops->n ? ops->v[0] : NULL,
	    .create = a->create, .detach = a->detach, .force = a->force,
	    .dry_run = a->dry_run };
	struct switch_report report = SWITCH_REPORT_INIT;
	struct present_files show;
	err_t err;

	if (a->create && a->detach)
		return err_new(ERR_USAGE, "--create and --detach exclude each "
		    "other");
	if (!ops->n && a->detach)
		order.to = "HEAD";
	else if (!ops->n && !a->create)
		return err_new(ERR_USAGE, "where to? name a branch; \"dsv "
		    "branch\" lists them");
	present_files_init(&show, ctx, a->dry_run);
	order.fn = show.fn;
	order.arg = &show;
	err = switch_run(&report, ctx->repo, &order);
	if (!err)
		present_files_head(ctx, &report, a->dry_run);
	switch_report_release(&report);
	return err;
}

const struct cmd cmd_switch = {
	.name = "switch", .summary = "go to another branch",
	.operands = "[BRANCH | START | REV]", .min_operands = 0,
	.max_operands = 1, .offer = OFFER_REV, .group = GROUP_WORK,
	.needs = CMD_REPO_WRITE, .role = ROLE_READ, .opts = switch_opts,
	.args_size = sizeof(struct switch_args), .run = switch_run_cmd,
};
