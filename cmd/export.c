#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/out.h"
#include "lib/base/term.h"
#include "lib/history/attr.h"
#include "lib/history/pathspec.h"
#include "lib/history/rev.h"
#include "lib/review/rowstate.h"
#include "lib/review/state.h"
#include "lib/transfer/export.h"

struct export_args {
	const char *output;
	const char *format;
	const char *prefix;
	const char *dataset;
	const char *component;
	bool force;
	bool retracted;
	const char *decision;
};

static const struct opt export_opts[] = {
	TEXT(struct export_args, output, 'o', "output", "FILE", OFFER_FILE,
	    "write to this archive or directory; - is standard output"),
	CHOICE(struct export_args, format, 0, "format", "FORMAT",
	    EXPORT_FORMATS, "write this, whatever the output's name ends in"),
	TEXT(struct export_args, prefix, 0, "prefix", "DIR", OFFER_NONE,
	    "put everything below this directory"),
	TEXT(struct export_args, dataset, 0, "dataset", "NAME", OFFER_DATASET,
	    "only the files of this dataset"),
	TEXT(struct export_args, component, 0, "component", "TYPE",
	    OFFER_NONE, "only the files of this component type"),
	FLAG(struct export_args, force, 'f', "force",
	    "replace a file, or files in a directory, that are there"),
	CHOICE(struct export_args, decision, 0, "decision", "STATE",
	    ROWSTATE_WORDS, "of tables only the rows in this state"),
	FLAG(struct export_args, retracted, 0, "retracted",
	    "even if the version was retracted"),
	OPT_TABLE_END
};

/* The version that the operands name, HEAD if none, and how many they are. */
static err_t
version_of(struct id *out, size_t *used, struct repo *r,
    const struct operands *ops)
{
	struct rev rev = REV_INIT;
	const char *text = "HEAD";
	err_t err;

	err = rev_split(used, r, ops, 1);
	if (err)
		return err;
	if (*used > 0)
		text = ops->v[0];
	err = rev_parse(&rev, r, text);
	if (!err && (rev.is_range || rev.path != NULL))
		err = err_new(ERR_USAGE, "\"%s\" is not one version; name "
		    "paths after it, as in \"dsv export REV PATH\"", text);
	if (!err)
		*out = rev.commit;
	rev_release(&rev);
	return err;
}

static err_t
check_retracted(struct repo *r, const struct commit_node *node)
{
	struct review review = REVIEW_INIT;
	char hex[ID_HEX + 1];
	err_t err = review_load(&review, r->store, &node->id);

	if (!err && review.retracted)
		err = err_new(ERR_REFUSED, "v%llu (%.8s) is retracted; \"dsv "
		    "show %.8s\" says why, and \"dsv export --retracted\" "
		    "exports it nevertheless",
		    (unsigned long long)node->version, id_hex(hex, &node->id),
		    hex);
	review_release(&review);
	return err;
}

static void
report(struct ctx *ctx, const struct export_order *order,
    const struct export_result *result)
{
	char count[32], size[16];
	struct json *j;

	if (strcmp(order->output, "-") == 0)
		return;
	if (out_is_json(ctx->out)) {
		j = out_json(ctx->out);
		json_object(j);
		json_key(j, "id");
		json_id(j, &order->commit);
		json_key(j, "output");
		json_text(j, order->output);
		json_key(j, "format");
		json_text(j, export_format_name(order->format));
		json_key(j, "files");
		json_uint(j, result->files);
		json_key(j, "links");
		json_uint(j, result->links);
		json_key(j, "bytes");
		json_uint(j, result->bytes);
		json_end(j);
		out_json_end(ctx->out);
		return;
	}
	if (ctx->g->quiet)
		return;
	out_printf(ctx->out, "exported %s file%s (%s) of ",
	    term_count(count, result->files), result->files == 1 ? "" : "s",
	    term_size(size, result->bytes));
	out_id(ctx->out, &order->commit);
	out_printf(ctx->out, " to ");
	out_path(ctx->out, order->output);
	out_printf(ctx->out, "\n");
}

static err_t
export_run_cmd(struct ctx *ctx, void *args, const struct operands *ops)
{
	const struct export_args *a = args;
	struct export_order order = { .output = a->output,
		.prefix = a->prefix, .force = a->force,
		.decision = a->decision };
	struct export_result result;
	struct commit_node node;
	struct attrs *attrs = NULL;
	size_t used;
	err_t err;

	if (a->output == NULL)
		return err_new(ERR_USAGE, "where to? say -o, as in \"dsv "
		    "export -o release.tar.zst\"");
	if (out_is_json(ctx->out) && strcmp(a->output, "-") == 0)
		return err_new(ERR_USAGE, "--json and -o - both want standard "
		    "output");
	err = export_format_of(&order.format, a->format, a->output);
	if (!err)
		err = version_of(&order.commit, &used, ctx->repo, ops);
	if (!err)
		err = commit_node(&node, ctx->repo->store, &order.commit);
	if (!err && !a->retracted)
		err = check_retracted(ctx->repo, &node);
	if (err)
		return err;
	attrs = attr_of_tree(ctx->repo, &node.tree);
	err = pathspec_new(&order.paths, ctx->repo, ops->v + used,
	    ops->n - used, a->dataset, a->component, attrs);
	if (!err)
		err = export_run(&result, ctx->repo, &order);
	if (!err)
		report(ctx, &order, &result);
	pathspec_free(order.paths);
	attr_free(attrs);
	return err;
}

const struct cmd cmd_export = {
	.name = "export",
	.summary = "write a version's files to a directory or an archive",
	.operands = "[REV] [--] [PATH ...]",
	.min_operands = 0,
	.max_operands = -1,
	.offer = OFFER_REV_OR_TRACKED,
	.group = GROUP_INOUT,
	.needs = CMD_REPO_READ, .role = ROLE_READ,
	.opts = export_opts,
	.args_size = sizeof(struct export_args),
	.run = export_run_cmd,
};
