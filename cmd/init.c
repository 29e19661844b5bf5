#include "cmd/cmd.h"
#include "cmd/out.h"
#include "lib/history/init.h"

struct init_args {
	const char *branch;
};

static const struct opt init_opts[] = {
	TEXT(struct init_args, branch, 'b', "branch", "NAME", OFFER_NONE,
	    "call the first branch this"),
	OPT_TABLE_END
};

static void
show(struct ctx *ctx, const struct init_report *report)
{
	struct json *j;

	if (out_is_json(ctx->out)) {
		j = out_json(ctx->out);
		json_begin_object(j);
		json_key(j, "root");
		json_text(j, report->root.p);
		json_key(j, "branch");
		json_text(j, report->branch.p);
		json_end(j);
		out_json_end(ctx->out);
	} else if (!ctx->g->quiet) {
		out_printf(ctx->out, "new repository in ");
		out_path(ctx->out, report->root.p);
		out_printf(ctx->out, ", on branch %s\n", report->branch.p);
	}
	if (report->outer.len)
		out_note(ctx->out, "note: it is inside the repository \"%s\", "
		    "which will leave it alone", report->outer.p);
}

static err_t
init_run_cmd(struct ctx *ctx, void *args, const struct operands *ops)
{
	const struct init_args *a = args;
	struct init_report report = INIT_REPORT_INIT;
	err_t err;

	err = init_run(&report, ops->n ? ops->v[0] : NULL, a->branch);
	if (!err)
		show(ctx, &report);
	init_report_release(&report);
	return err;
}

const struct cmd cmd_init = {
	.name = "init", .summary = "make a new repository",
	.operands = "[DIR]", .min_operands = 0, .max_operands = 1,
	.offer = OFFER_DIR, .group = GROUP_START, .needs = CMD_ANYWHERE,
	.role = ROLE_NONE,
	.opts = init_opts, .args_size = sizeof(struct init_args),
	.run = init_run_cmd,
};
