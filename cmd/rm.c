#include "cmd/cmd.h"
#include "cmd/out.h"
#include "lib/history/pathspec.h"
#include "lib/history/remove.h"

struct rm_args {
	bool cached;
	bool recursive;
	bool force;
	bool dry_run;
};

static const struct opt rm_opts[] = {
	FLAG(struct rm_args, cached, 0, "cached",
	    "keep the file in the working tree"),
	FLAG(struct rm_args, recursive, 'r', "recursive",
	    "what is in directories too"),
	FLAG(struct rm_args, force, 'f', "force",
	    "even if changes that are in no version are lost"),
	FLAG(struct rm_args, dry_run, 'n', "dry-run",
	    "say what would be removed, and remove nothing"),
	OPT_TABLE_END
};

struct show {
	struct ctx *ctx;
	bool dry_run;
};

static err_t
show_one(void *arg, const char *path, enum checkout_what what)
{
	const struct show *s = arg;
	struct out *out = s->ctx->out;
	struct json *j;

	if (!out_is_json(out)) {
		out_printf(out, "%sremove ", s->dry_run ? "would " : "");
		out_path(out, path);
		out_printf(out, "\n");
		return NULL;
	}
	j = out_json(out);
	json_begin_object(j);
	json_key(j, "path");
	json_text(j, path);
	json_key(j, "from_work");
	json_bool(j, what == CHECKOUT_REMOVED);
	json_end(j);
	out_json_end(out);
	return NULL;
}

static err_t
rm_run(struct ctx *ctx, void *args, const struct operands *ops)
{
	const struct rm_args *a = args;
	struct show s = { ctx, a->dry_run };
	struct remove_order order = { .typed = ops->v, .n_typed = ops->n,
	    .cached = a->cached, .recursive = a->recursive,
	    .force = a->force, .dry_run = a->dry_run, .arg = &s };
	struct pathspec *ps = NULL;
	err_t err;

	if (a->dry_run || ctx->g->verbose || ctx->g->json)
		order.fn = show_one;
	err = pathspec_new(&ps, ctx->repo, ops->v, ops->n, NULL, NULL, NULL);
	order.ps = ps;
	if (!err)
		err = remove_run(ctx->repo, &order);
	pathspec_free(ps);
	return err;
}

const struct cmd cmd_rm = {
	.name = "rm", .summary = "remove files from the next version",
	.operands = "PATH ...", .min_operands = 1, .max_operands = -1,
	.offer = OFFER_TRACKED, .group = GROUP_WORK, .needs = CMD_REPO_WRITE,
	.role = ROLE_WRITE,
	.opts = rm_opts, .args_size = sizeof(struct rm_args), .run = rm_run,
};
