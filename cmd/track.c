#include <string.h>

#include "cmd/cmd.h"
#include "cmd/out.h"
#include "lib/history/track.h"

struct track_args {
	const char *key;
	const char *dataset;
	const char *component;
	const char *format;
	const char *delimiter;
	const char *quote;
	const char *header;
	const char *encoding;
	const char *schema;
	bool force;
	bool list;
	bool remove;
	bool dry_run;
};

static const struct opt track_opts[] = {
	TEXT(struct track_args, key, 'k', "key", "COLUMNS", OFFER_NONE,
	    "rows are known by these columns, separated by commas"),
	TEXT(struct track_args, dataset, 0, "dataset", "NAME", OFFER_DATASET,
	    "the files are part of this dataset"),
	TEXT(struct track_args, component, 0, "component", "TYPE",
	    OFFER_NONE, "what part: data, metadata, schema, ..."),
	CHOICE(struct track_args, format, 0, "format", "FORMAT",
	    "csv|tsv|jsonl|text|binary",
	    "read the files so, whatever they are called"),
	TEXT(struct track_args, delimiter, 0, "delimiter", "CHARACTER",
	    OFFER_NONE, "what separates columns: one character, tab or space"),
	CHOICE(struct track_args, quote, 0, "quote", "KIND",
	    "double|single|none", "what cells are quoted with"),
	CHOICE(struct track_args, header, 0, "header", "WHETHER", "yes|no",
	    "whether the first row names the columns"),
	CHOICE(struct track_args, encoding, 0, "encoding", "NAME",
	    "utf-8|latin-1|utf-16", "how text is written as bytes"),
	CHOICE(struct track_args, schema, 0, "schema", "POLICY",
	    "frozen|compatible|free",
	    "which changes of columns a version may bring"),
	FLAG(struct track_args, force, 'f', "force",
	    "a key too that does not tell the rows apart"),
	FLAG(struct track_args, list, 'l', "list",
	    "show the patterns that there are"),
	FLAG(struct track_args, remove, 'd', "delete",
	    "remove the lines of these patterns"),
	FLAG(struct track_args, dry_run, 'n', "dry-run",
	    "show the lines, and change nothing"),
	OPT_TABLE_END
};

static void
show_json(struct out *out, const char *file, const struct attr_line *line)
{
	struct json *j = out_json(out);
	struct buf pattern = BUF_INIT;

	attr_line_typed(&pattern, line->pattern);
	json_begin_object(j);
	json_key(j, "file");
	json_text(j, file);
	json_key(j, "pattern");
	json_text(j, pattern.p);
	buf_release(&pattern);
	json_key(j, "attributes");
	json_begin_object(j);
	for (size_t i = 0; i < line->n; i++) {
		json_key(j, line->settings[i].name);
		json_text(j, line->settings[i].value);
	}
	json_end(j);
	json_end(j);
	out_json_end(out);
}

static err_t
show_line(void *arg, const char *file, const struct attr_line *line)
{
	struct buf text = BUF_INIT;
	struct out *out = arg;
	const char *slash = strrchr(file, '/');

	if (out_is_json(out)) {
		show_json(out, file, line);
		return NULL;
	}
	attr_line_format(&text, line);
	if (slash) {
		out_textn(out, file, (size_t)(slash + 1 - file));
		out_printf(out, ": ");
	}
	out_text(out, text.p);
	out_printf(out, "\n");
	buf_release(&text);
	return NULL;
}

struct show {
	struct ctx *ctx;
	const struct track_args *args;
};

static void
show_change(void *arg, const char *file, const struct attr_line *line)
{
	const struct show *s = arg;
	struct out *out = s->ctx->out;
	struct buf text = BUF_INIT;

	if (out_is_json(out)) {
		show_json(out, file, line);
		return;
	}
	if (s->ctx->g->quiet && !s->args->dry_run)
		return;
	attr_line_format(&text, line);
	out_printf(out, "%s%s ", s->args->dry_run ? "would " : "",
	    s->args->remove ? "remove" : "write");
	out_text(out, text.p);
	out_printf(out, "\n");
	buf_release(&text);
}

static void
noted(void *arg, const char *text)
{
	const struct show *s = arg;

	out_warn(s->ctx->out, "%s", text);
}

static err_t
track_run_cmd(struct ctx *ctx, void *args, const struct operands *ops)
{
	const struct track_args *a = args;
	struct show s = { ctx, a };
	struct track_order order = { .patterns = ops->v, .n = ops->n,
	    .key = a->key, .dataset = a->dataset, .component = a->component,
	    .format = a->format, .delimiter = a->delimiter,
	    .quote = a->quote, .header = a->header, .encoding = a->encoding,
	    .schema = a->schema, .force = a->force, .remove = a->remove,
	    .dry_run = a->dry_run, .fn = show_change, .noted = noted,
	    .arg = &s };
	bool any = a->key || a->dataset || a->component || a->format ||
	    a->delimiter || a->quote || a->header || a->encoding || a->schema;

	if (a->list && (ops->n || any || a->remove))
		return err_new(ERR_USAGE, "--list stands alone");
	if (a->remove && any)
		return err_new(ERR_USAGE, "--delete removes whole lines; say "
		    "only the patterns");
	if (!ops->n && (any || a->remove))
		return err_new(ERR_USAGE, "which files? give a pattern, as in "
		    "\"dsv track '*.csv' --key id\"");
	if (!ops->n)
		return track_list(ctx->repo, show_line, ctx->out);
	if (!any && !a->remove)
		return err_new(ERR_USAGE, "what about \"%s\"? say --key, "
		    "--dataset, --component, --format or how it is read",
		    ops->v[0]);
	return track_run(ctx->repo, &order);
}

const struct cmd cmd_track = {
	.name = "track",
	.summary = "say what files are: keys, datasets, formats",
	.operands = "[PATTERN ...]", .min_operands = 0, .max_operands = -1,
	.offer = OFFER_FILE, .group = GROUP_START, .needs = CMD_REPO_WRITE,
	.role = ROLE_WRITE,
	.opts = track_opts, .args_size = sizeof(struct track_args),
	.run = track_run_cmd,
};
