#include "lib/history/diff.h"

#include "cmd/cmd.h"
#include "cmd/out.h"
#include "cmd/present.h"
#include "lib/history/attr.h"
#include "lib/history/pathspec.h"
#include "lib/history/rev.h"

struct diff_args {
	bool stat, summary, name_only, name_status;
	bool staged;
	bool exit_code;
	bool reverse;
	const char *dataset, *component;
};

static const struct opt diff_opts[] = {
	FLAG(struct diff_args, stat, 0, "stat",
	    "only list the files, with sizes and records"),
	FLAG(struct diff_args, summary, 0, "summary",
	    "only say how many files differ"),
	FLAG(struct diff_args, name_only, 0, "name-only",
	    "only the names of the files"),
	FLAG(struct diff_args, name_status, 0, "name-status",
	    "only a letter and the name of each file"),
	FLAG(struct diff_args, staged, 0, "staged",
	    "compare a version, HEAD if none is given, with the stage"),
	FLAG(struct diff_args, exit_code, 0, "exit-code",
	    "exit with status 1 if anything differs"),
	FLAG(struct diff_args, reverse, 'R', "reverse",
	    "from the second to the first"),
	TEXT(struct diff_args, dataset, 0, "dataset", "NAME", OFFER_DATASET,
	    "only the files of this dataset"),
	TEXT(struct diff_args, component, 0, "component", "TYPE", OFFER_NONE,
	    "only the files of this component type"),
	OPT_TABLE_END
};

static err_t
tree_of(struct diff_end *out, struct repo *r, const struct id *commit)
{
	struct commit_node node;
	err_t err = commit_node(&node, r->store, commit);

	if (!err)
		*out = (struct diff_end){ DIFF_TREE, node.tree };
	return err;
}

/* One revision operand: a version, or both ends at once. */
static err_t
end_of(struct diff_end *a, struct diff_end *b, bool *is_range,
    struct repo *r, const char *text)
{
	struct rev rev = REV_INIT;
	err_t err;

	err = rev_parse(&rev, r, text);
	if (!err && rev.path)
		err = err_new(ERR_USAGE, "\"%s\" is a file of one version; "
		    "say \"dsv diff A B -- PATH\"", text);
	*is_range = rev.is_range;
	if (!err && rev.is_range) {
		err = tree_of(a, r, &rev.from);
		if (!err)
			err = tree_of(b, r, &rev.commit);
	} else if (!err) {
		err = tree_of(a, r, &rev.commit);
	}
	rev_release(&rev);
	return err;
}

/* HEAD, or the empty tree where there is no version yet. */
static err_t
end_of_head(struct diff_end *out, struct repo *r)
{
	struct head head = HEAD_INIT;
	err_t err = repo_head(&head, r);

	*out = (struct diff_end){ .place = DIFF_TREE };
	if (!err && !id_is_zero(&head.commit))
		err = tree_of(out, r, &head.commit);
	head_release(&head);
	return err;
}

/* Which two states the operands name, n_revs of them revisions. */
static err_t
ends(struct diff_end *a, struct diff_end *b, struct repo *r,
    const struct diff_args *args, const struct operands *ops, size_t n_revs)
{
	struct diff_end unused;
	bool first_range = false, second_range = false;
	err_t err = NULL;

	*a = (struct diff_end){ .place = DIFF_STAGE };
	*b = (struct diff_end){ .place = args->staged ?
	    DIFF_STAGE : DIFF_WORK };
	if (args->staged && !n_revs)
		return end_of_head(a, r);
	if (n_revs)
		err = end_of(a, b, &first_range, r, ops->v[0]);
	if (!err && n_revs == 2)
		err = end_of(b, &unused, &second_range, r, ops->v[1]);
	if (!err && (second_range || (first_range && n_revs == 2)))
		err = err_new(ERR_USAGE, "a range names both ends; leave out "
		    "the other revision");
	if (!err && args->staged && (first_range || n_revs == 2))
		err = err_new(ERR_USAGE, "--staged compares one version with "
		    "the stage; two were given");
	return err;
}

static enum present_style
style(const struct diff_args *a)
{
	return a->summary ? PRESENT_SUMMARY : a->name_only ? PRESENT_NAMES :
	    a->name_status ? PRESENT_STATUSES : a->stat ? PRESENT_STAT :
	    PRESENT_TEXT;
}

static void
finish(struct ctx *ctx, struct present_diff *p)
{
	struct json *j;

	if (out_is_json(ctx->out)) {
		if (p->style != PRESENT_SUMMARY)
			return;
		j = out_json(ctx->out);
		json_object(j);
		present_counts_members(j, &p->counts);
		json_end(j);
		out_json_end(ctx->out);
	} else if (p->style != PRESENT_NAMES && p->style != PRESENT_STATUSES) {
		present_counts(p);
	}
}

static err_t
diff_run_cmd(struct ctx *ctx, void *args, const struct operands *ops)
{
	const struct diff_args *a = args;
	struct present_diff p = { .out = ctx->out, .repo = ctx->repo,
	    .style = style(a), .below = "" };
	struct pathspec *paths = NULL;
	struct diff_end from, to;
	size_t n_revs;
	err_t err;

	if (a->stat + a->summary + a->name_only + a->name_status > 1)
		return err_new(ERR_USAGE, "--stat, --summary, --name-only and "
		    "--name-status exclude each other");
	err = rev_split(&n_revs, ctx->repo, ops, 2);
	if (!err)
		err = ends(&from, &to, ctx->repo, a, ops, n_revs);
	if (err)
		return err;
	p.attrs = to.place == DIFF_TREE ? attr_of_tree(ctx->repo, &to.tree) :
	    attr_of_worktree(ctx->repo);
	err = pathspec_new(&paths, ctx->repo, ops->v + n_revs,
	    ops->n - n_revs, a->dataset, a->component, p.attrs);
	if (!err)
		err = diff_run(ctx->repo, &from, &to, a->reverse, paths,
		    present_change, &p);
	if (!err)
		finish(ctx, &p);
	ctx->answer_no = !err && a->exit_code && p.any;
	pathspec_free(paths);
	attr_free(p.attrs);
	return err;
}

const struct cmd cmd_diff = {
	.name = "diff",
	.summary = "show which files differ, and how",
	.operands = "[REV [REV]] [--] [PATH ...]", .max_operands = -1,
	.offer = OFFER_REV_OR_TRACKED, .group = GROUP_LOOK,
	.needs = CMD_REPO_READ,
	.role = ROLE_READ, .pages = true, .opts = diff_opts,
	.args_size = sizeof(struct diff_args), .run = diff_run_cmd,
};
