#include "cmd/cmd.h"
#include "cmd/out.h"
#include "cmd/present_files.h"
#include "lib/history/merge.h"
#include "lib/history/rev.h"

struct merge_args {
	const char *into;
	bool force;
	bool dry_run;
};

static const struct opt merge_opts[] = {
	TEXT(struct merge_args, into, 0, "into", "BRANCH", OFFER_BRANCH,
	    "the branch to move; the current one if not given"),
	FLAG(struct merge_args, force, 'f', "force",
	    "give up changes and untracked files that are in the way"),
	FLAG(struct merge_args, dry_run, 'n', "dry-run",
	    "say what would be done, change nothing"),
	OPT_TABLE_END
};

static void
report_json(struct out *o, const struct merge_report *report,
    const struct merge_order *order)
{
	struct json *j = out_json(o);

	json_object(j);
	json_key(j, "branch");
	json_text(j, report->branch.p);
	json_key(j, "id");
	json_id(j, &order->commit);
	json_key(j, "version");
	json_uint(j, report->version);
	json_key(j, "moved");
	json_bool(j, !report->was_there);
	json_key(j, "dry_run");
	json_bool(j, order->dry_run);
	json_end(j);
	out_json_end(o);
}

static void
say(struct ctx *ctx, const struct merge_report *report,
    const struct merge_order *order)
{
	struct out *o = ctx->out;

	if (out_is_json(o)) {
		report_json(o, report, order);
		return;
	}
	if (ctx->g->quiet)
		return;
	out_text(o, report->branch.p);
	out_printf(o, report->was_there ? " has v%llu " : order->dry_run ?
	    " would go forward to v%llu " : " went forward to v%llu ",
	    (unsigned long long)report->version);
	out_id(o, &order->commit);
	out_printf(o, report->was_there ? " already\n" : "\n");
}

static err_t
merge_command(struct ctx *ctx, void *args, const struct operands *ops)
{
	const struct merge_args *a = args;
	struct merge_order order = { .rev = ops->v[0], .into = a->into,
	    .force = a->force, .dry_run = a->dry_run };
	struct merge_report report = MERGE_REPORT_INIT;
	struct present_files show;
	err_t err;

	present_files_init(&show, ctx, a->dry_run);
	order.fn = show.fn;
	order.arg = &show;
	err = rev_commit(&order.commit, ctx->repo, ops->v[0]);
	if (!err)
		err = merge_run(&report, ctx->repo, &order);
	if (!err)
		say(ctx, &report, &order);
	merge_report_release(&report);
	return err;
}

const struct cmd cmd_merge = {
	.name = "merge",
	.summary = "move a branch forward to a version",
	.operands = "REV", .min_operands = 1, .max_operands = 1,
	.offer = OFFER_REV, .group = GROUP_BRANCHES,
	.needs = CMD_REPO_WRITE, .role = ROLE_WRITE, .opts = merge_opts,
	.args_size = sizeof(struct merge_args), .run = merge_command,
};
