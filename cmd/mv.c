#include "cmd/cmd.h"
#include "cmd/out.h"
#include "lib/history/move.h"

struct mv_args {
	bool force;
	bool dry_run;
};

static const struct opt mv_opts[] = {
	FLAG(struct mv_args, force, 'f', "force",
	    "replace a file that has the new name"),
	FLAG(struct mv_args, dry_run, 'n', "dry-run",
	    "say what would be renamed, and rename nothing"),
	OPT_TABLE_END
};

struct show {
	struct ctx *ctx;
	bool dry_run;
};

static err_t
show_one(void *arg, const char *from, const char *to)
{
	const struct show *s = arg;
	struct out *out = s->ctx->out;
	struct json *j;

	if (!out_is_json(out)) {
		out_printf(out, "%srename ", s->dry_run ? "would " : "");
		out_path(out, from);
		out_printf(out, " -> ");
		out_path(out, to);
		out_printf(out, "\n");
		return NULL;
	}
	j = out_json(out);
	json_begin_object(j);
	json_key(j, "from");
	json_text(j, from);
	json_key(j, "to");
	json_text(j, to);
	json_end(j);
	out_json_end(out);
	return NULL;
}

static err_t
mv_run(struct ctx *ctx, void *args, const struct operands *ops)
{
	const struct mv_args *a = args;
	struct show s = { ctx, a->dry_run };
	struct move_order order = { .sources = ops->v, .n = ops->n - 1,
	    .target = ops->v[ops->n - 1], .force = a->force,
	    .dry_run = a->dry_run, .arg = &s };

	if (a->dry_run || ctx->g->verbose || ctx->g->json)
		order.fn = show_one;
	return move_run(ctx->repo, &order);
}

const struct cmd cmd_mv = {
	.name = "mv", .summary = "rename or move tracked files",
	.operands = "SOURCE ... TARGET", .min_operands = 2,
	.max_operands = -1, .offer = OFFER_TRACKED, .group = GROUP_WORK,
	.needs = CMD_REPO_WRITE, .role = ROLE_WRITE, .opts = mv_opts,
	.args_size = sizeof(struct mv_args), .run = mv_run,
};
