#include "lib/history/diff.h"

#include <string.h>

#include "cmd/cmd.h"
#include "cmd/out.h"
#include "cmd/present.h"
#include "cmd/rows.h"
#include "lib/base/term.h"
#include "lib/history/attr.h"
#include "lib/history/pathspec.h"
#include "lib/history/rev.h"
#include "lib/review/rowstate.h"

struct diff_args {
	bool stat, summary, name_only, name_status;
	bool staged;
	bool exit_code;
	bool reverse;
	bool schema, no_index;
	const char *format, *key, *columns, *where, *only, *decision;
	struct opt_list ignored;
	uint64_t limit;
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
	CHOICE(struct diff_args, format, 0, "format", "FORM", ROWS_FORMS,
	    "how the rows of tables are shown"),
	FLAG(struct diff_args, schema, 0, "schema",
	    "only what became of columns"),
	TEXT(struct diff_args, key, 0, "key", "COLUMNS", OFFER_NONE,
	    "the columns that tell rows apart"),
	TEXT(struct diff_args, columns, 0, "columns", "COLUMNS", OFFER_NONE,
	    "look at these columns only"),
	LIST(struct diff_args, ignored, 0, "ignore-column", "COLUMN",
	    OFFER_NONE, "do not look at this column"),
	TEXT(struct diff_args, where, 0, "where", "COLUMN=VALUE", OFFER_NONE,
	    "only rows that have the value, before or after"),
	CHOICE(struct diff_args, only, 0, "only", "KIND",
	    "insert|update|delete", "only such rows"),
	CHOICE(struct diff_args, decision, 0, "decision", "STATE",
	    ROWSTATE_WORDS, "only rows in this state in the newer version"),
	NUMBER(struct diff_args, limit, 0, "limit", "COUNT",
	    "no more than so many rows of each table"),
	FLAG(struct diff_args, no_index, 0, "no-index",
	    "compare two files, whatever repository they are in"),
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

/* Decisions count in a version: the newer end has to be one. */
static err_t
ask_decision(struct rows_options *out, struct repo *r,
    const struct diff_args *args, const struct diff_end *b,
    const struct operands *ops, size_t n_revs)
{
	struct rev rev = REV_INIT;
	err_t err;

	if (b->place != DIFF_TREE || args->reverse)
		return err_new(ERR_USAGE, "--decision is about the rows of a "
		    "version; say \"dsv diff A B\", the newer one last");
	err = rev_parse(&rev, r, ops->v[n_revs - 1]);
	out->decision = args->decision;
	out->version = rev.commit;
	rev_release(&rev);
	return err;
}

/* ---- rows -------------------------------------------------------------- */

/* What the options say of rows, kept while they are shown. */
struct asked {
	struct rows_options options;
	struct key key;
	struct columns columns, ignored;
	struct buf title;
};
#define ASKED_INIT { .key = KEY_INIT, .columns = COLUMNS_INIT, \
	.ignored = COLUMNS_INIT }

static void
asked_release(struct asked *q)
{
	key_release(&q->key);
	columns_release(&q->columns);
	columns_release(&q->ignored);
	buf_release(&q->title);
}

static void
add_columns(struct columns *out, const struct key *names)
{
	for (size_t i = 0; i < names->n; i++)
		columns_add(out, names->names[i], strlen(names->names[i]));
}

static enum row_op
op_named(const char *name)
{
	return !name ? 0 : *name == 'i' ? ROW_INSERT : *name == 'u' ?
	    ROW_UPDATE : ROW_DELETE;
}

static err_t
ask_columns(struct asked *q, const struct diff_args *a)
{
	struct key names = KEY_INIT;
	err_t err = NULL;

	if (a->key)
		err = key_parse(&q->key, a->key);
	if (!err && a->columns)
		err = key_parse(&names, a->columns);
	if (err)
		return err;
	add_columns(&q->columns, &names);
	key_release(&names);
	for (size_t i = 0; i < a->ignored.n; i++)
		columns_add(&q->ignored, a->ignored.items[i],
		    strlen(a->ignored.items[i]));
	q->options.compare = (struct rowdiff_options){
	    .key = a->key ? &q->key : NULL,
	    .only = a->columns ? &q->columns : NULL,
	    .ignored = a->ignored.n ? &q->ignored : NULL };
	return NULL;
}

static err_t
ask(struct asked *q, const struct diff_args *a, const struct operands *ops,
    size_t n_titles)
{
	if (a->where && !strchr(a->where, '='))
		return err_new(ERR_USAGE, "--where takes COLUMN=VALUE");
	q->options.form = rows_form(a->format ? a->format : "table");
	q->options.schema = a->schema;
	q->options.counts = a->stat || a->summary;
	q->options.only = op_named(a->only);
	q->options.limit = a->limit;
	q->options.where = a->where;
	for (size_t i = 0; i < n_titles; i++)
		buf_printf(&q->title, "%s%s", i ? " → " : "", ops->v[i]);
	q->options.title = q->title.len ? q->title.p : NULL;
	return ask_columns(q, a);
}

/* ---- showing ----------------------------------------------------------- */

static enum present_style
style(const struct diff_args *a)
{
	if (a->format && strcmp(a->format, "table") != 0)
		return PRESENT_FORM;
	return a->summary ? PRESENT_SUMMARY : a->name_only ? PRESENT_NAMES :
	    a->name_status ? PRESENT_STATUSES : a->stat ? PRESENT_STAT :
	    PRESENT_TEXT;
}

/* Of all tables together. */
static void
say_totals(struct out *o, const struct rows_totals *t)
{
	char n[4][64];

	if (t->tables)
		out_printf(o, "rows: %s inserted, %s updated, %s deleted in "
		    "%s\n", term_count(n[0], t->inserted),
		    term_count(n[1], t->updated),
		    term_count(n[2], t->deleted),
		    term_counted(n[3], t->tables, "table"));
}

static void
totals_json(struct json *j, const struct rows_totals *t)
{
	json_key(j, "rows");
	json_object(j);
	json_key(j, "inserted");
	json_uint(j, t->inserted);
	json_key(j, "updated");
	json_uint(j, t->updated);
	json_key(j, "deleted");
	json_uint(j, t->deleted);
	json_end(j);
}

static void
finish(struct ctx *ctx, struct present_diff *p)
{
	struct json *j;

	if (p->style == PRESENT_FORM) {
		rows_end(p->rows);
	} else if (out_is_json(ctx->out)) {
		if (p->style != PRESENT_SUMMARY)
			return;
		j = out_json(ctx->out);
		json_object(j);
		present_counts_members(j, &p->counts);
		totals_json(j, &p->rows->totals);
		json_end(j);
		out_json_end(ctx->out);
	} else if (p->style != PRESENT_NAMES && p->style != PRESENT_STATUSES) {
		present_counts(p);
		if (p->style == PRESENT_SUMMARY)
			say_totals(ctx->out, &p->rows->totals);
	}
}

/* What a version, the stage and the working tree have. */
static err_t
diff_states(struct ctx *ctx, const struct diff_args *a,
    const struct operands *ops)
{
	struct asked q = ASKED_INIT;
	struct rows_view rows = { .out = ctx->out, .options = &q.options,
	    .below = "" };
	struct present_diff p = { .out = ctx->out, .style = style(a),
	    .below = "", .rows = a->name_only || a->name_status ? NULL :
	    &rows };
	struct pathspec *paths = NULL;
	struct diff_end from, to;
	size_t n_revs;
	err_t err;

	err = cmd_open_repo(ctx, STORE_READ);
	if (err)
		return err;
	p.repo = ctx->repo;
	err = rev_split(&n_revs, ctx->repo, ops, 2);
	if (!err)
		err = ends(&from, &to, ctx->repo, a, ops, n_revs);
	if (!err)
		err = ask(&q, a, ops, n_revs);
	if (!err && a->decision)
		err = ask_decision(&q.options, ctx->repo, a, &to, ops,
		    n_revs);
	if (err)
		goto out;
	/* Of data nothing but JSON is counted. */
	q.options.counts |= out_is_json(ctx->out) && p.style != PRESENT_FORM;
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
out:
	pathspec_free(paths);
	attr_free(p.attrs);
	asked_release(&q);
	return err;
}

/* Two files, with what their names say of them. */
static err_t
diff_files(struct ctx *ctx, const struct diff_args *a,
    const struct operands *ops)
{
	struct asked q = ASKED_INIT;
	struct rows_view rows = { .out = ctx->out, .options = &q.options,
	    .below = "" };
	struct rowdiff_report report;
	const char *reason, *from, *to;
	bool shown;
	err_t err;

	if (a->decision)
		return err_new(ERR_USAGE, "--no-index knows no decisions");
	if (ops->n != 2)
		return err_new(ERR_USAGE, "--no-index takes two files");
	from = ops->v[a->reverse];
	to = ops->v[!a->reverse];
	err = ask(&q, a, ops, 2);
	if (!err)
		err = rows_show_files(&shown, &reason, &report, &rows, from,
		    to);
	if (!err && !shown)
		err = err_new(ERR_USAGE, "\"%s\" and \"%s\" are not compared "
		    "as rows: one %s", from, to, reason ? reason :
		    "is no table by its name (.csv, .tsv, .jsonl); "
		    "\"diff -u\" compares text");
	if (!err && q.options.counts) {
		struct buf line = BUF_INIT;

		rows_footer(&line, &rows, &report);
		out_printf(ctx->out, "%s\n", buf_cstr(&line));
		buf_release(&line);
	}
	if (!err)
		rows_end(&rows);
	ctx->answer_no = !err && a->exit_code && rows_differ(&rows, &report);
	asked_release(&q);
	return err;
}

static err_t
diff_run_cmd(struct ctx *ctx, void *args, const struct operands *ops)
{
	const struct diff_args *a = args;

	if (a->stat + a->summary + a->name_only + a->name_status > 1)
		return err_new(ERR_USAGE, "--stat, --summary, --name-only and "
		    "--name-status exclude each other");
	if (a->format && strcmp(a->format, "table") != 0 &&
	    (a->stat || a->summary || a->name_only || a->name_status ||
	    out_is_json(ctx->out)))
		return err_new(ERR_USAGE, "--format is for rows; leave out "
		    "what asks for something else");
	if (a->no_index)
		return diff_files(ctx, a, ops);
	return diff_states(ctx, a, ops);
}

const struct cmd cmd_diff = {
	.name = "diff",
	.summary = "show what differs, row by row",
	.operands = "[REV [REV]] [--] [PATH ...]", .max_operands = -1,
	.offer = OFFER_REV_OR_TRACKED, .group = GROUP_LOOK,
	.needs = CMD_ANYWHERE, .role = ROLE_READ, .pages = true,
	.opts = diff_opts,
	.args_size = sizeof(struct diff_args), .run = diff_run_cmd,
};
