#include <string.h>

#include "cmd/cmd.h"
#include "cmd/out.h"
#include "lib/history/repo.h"
#include "lib/history/rev.h"
#include "lib/history/tree.h"

struct cat_args {
	const char *rev;
};

static const struct opt cat_opts[] = {
	TEXT(struct cat_args, rev, 0, "rev", "REV", OFFER_REV,
	    "the version of all operands, which are plain paths then"),
	OPT_TABLE_END
};

static err_t
put(void *arg, const char *p, size_t len)
{
	out_raw(arg, p, len);
	return out_flush(arg);
}

static err_t
cat_path(struct ctx *ctx, const struct id *commit, const char *path)
{
	struct commit_node node;
	struct tree_entry e;
	err_t err;

	err = commit_node(&node, ctx->repo->store, commit);
	if (!err)
		err = tree_lookup(&e, ctx->repo->store, &node.tree, path);
	if (!err && e.mode == MODE_DIR)
		err = err_new(ERR_USAGE, "\"%s\" is a directory; \"dsv ls\" "
		    "lists it", path);
	return err ? err : content_read(ctx->repo->store, &e.id, put,
	    ctx->out);
}

static err_t
cat_in(struct ctx *ctx, const char *rev, const char *typed)
{
	struct buf path = BUF_INIT;
	struct id commit;
	err_t err;

	err = rev_commit(&commit, ctx->repo, rev);
	if (!err)
		err = repo_path(&path, ctx->repo, typed);
	if (!err)
		err = cat_path(ctx, &commit, buf_cstr(&path));
	buf_release(&path);
	return err;
}

static err_t
cat_operand(struct ctx *ctx, const char *text)
{
	struct rev rev = REV_INIT;
	err_t err;

	if (!strchr(text, ':'))
		return cat_in(ctx, "HEAD", text);
	err = rev_parse(&rev, ctx->repo, text);
	if (!err && !rev.path)
		err = err_new(ERR_USAGE, "\"%s\" names no file; write "
		    "REV:PATH, or --rev REV PATH", text);
	if (!err)
		err = cat_path(ctx, &rev.commit, rev.path);
	rev_release(&rev);
	return err;
}

static err_t
cat_run(struct ctx *ctx, void *args, const struct operands *ops)
{
	const struct cat_args *a = args;
	err_t err = NULL;

	if (out_is_json(ctx->out))
		return err_new(ERR_USAGE, "cat prints bytes, not JSON; \"dsv "
		    "show --json REV:PATH\" has the facts about a file");
	for (size_t i = 0; !err && i < ops->n; i++)
		err = a->rev ? cat_in(ctx, a->rev, ops->v[i]) :
		    cat_operand(ctx, ops->v[i]);
	return err;
}

const struct cmd cmd_cat = {
	.name = "cat",
	.summary = "print files of a version, byte for byte",
	.operands = "[REV:]PATH ...", .min_operands = 1, .max_operands = -1,
	.offer = OFFER_REV_OR_TRACKED, .group = GROUP_LOOK,
	.needs = CMD_REPO_READ, .role = ROLE_READ, .opts = cat_opts,
	.args_size = sizeof(struct cat_args), .run = cat_run,
};
