#include "lib/history/log.h"

#include <string.h>

#include "cmd/cmd.h"
#include "cmd/out.h"
#include "cmd/present.h"
#include "cmd/present_row.h"
#include "lib/base/clock.h"
#include "lib/history/attr.h"
#include "lib/history/commit.h"
#include "lib/history/graph.h"
#include "lib/history/pathspec.h"
#include "lib/history/refs.h"
#include "lib/history/rev.h"
#include "lib/review/state.h"

struct log_args {
	bool oneline;
	bool graph;
	bool stat;
	bool first_parent;
	bool show_signature;
	uint64_t limit;
	const char *since, *until;
	const char *author, *grep, *job;
	const char *dataset, *component;
	struct opt_list key;
};

static const struct opt log_opts[] = {
	FLAG(struct log_args, oneline, 0, "oneline",
	    "one line for each version"),
	FLAG(struct log_args, graph, 0, "graph",
	    "draw lines from versions to their parents"),
	FLAG(struct log_args, stat, 0, "stat",
	    "list the files that each version changed"),
	NUMBER(struct log_args, limit, 'n', "limit", "COUNT",
	    "at most so many versions"),
	TEXT(struct log_args, since, 0, "since", "TIME", OFFER_NONE,
	    "not older than this"),
	TEXT(struct log_args, until, 0, "until", "TIME", OFFER_NONE,
	    "not newer than this"),
	TEXT(struct log_args, author, 0, "author", "TEXT", OFFER_NONE,
	    "with this in the author's name or address"),
	TEXT(struct log_args, grep, 0, "grep", "TEXT", OFFER_NONE,
	    "with this in the message"),
	TEXT(struct log_args, job, 0, "job", "ID", OFFER_NONE,
	    "made by this job"),
	FLAG(struct log_args, show_signature, 0, "show-signature",
	    "check signatures and show what came of it"),
	FLAG(struct log_args, first_parent, 0, "first-parent",
	    "of a merge, follow only the branch merged into"),
	TEXT(struct log_args, dataset, 0, "dataset", "NAME", OFFER_DATASET,
	    "that changed files of this dataset"),
	TEXT(struct log_args, component, 0, "component", "TYPE", OFFER_NONE,
	    "that changed files of this component type"),
	LIST(struct log_args, key, 0, "key", "VALUE", OFFER_NONE,
	    "that changed the row of PATH with this key, and how"),
	OPT_TABLE_END
};

/* What a log needs from beginning to end. */
struct show {
	struct ctx *ctx;
	const struct log_args *args;
	struct log_options options;
	struct attrs *attrs;
	struct buf paths;		/* as said in "version 2 of …" */
	struct refs_table *refs;
	struct head head;
	struct graph *graph;
	struct buf row, below;		/* of the graph, for this version */
	uint64_t shown;
};

static err_t
show_stat(struct show *s, const struct log_entry *e, struct json *array)
{
	static const struct id none;
	struct present_diff p = { .out = s->ctx->out, .repo = s->ctx->repo,
	    .attrs = s->attrs, .style = PRESENT_STAT,
	    .below = buf_cstr(&s->below), .array = array };
	struct diff_end a = { DIFF_TREE, none };
	struct diff_end b = { DIFF_TREE, e->node.tree };
	struct commit_node parent;
	err_t err = NULL;

	if (e->node.n_parents) {
		err = commit_parent(&parent, s->ctx->repo->store, &e->node,
		    0);
		a.tree = parent.tree;
	}
	if (!array && !s->args->oneline)
		present_blank(s->ctx->out, p.below);
	if (!err)
		err = diff_run(s->ctx->repo, &a, &b, false, s->options.paths,
		    present_change, &p);
	if (err || array)
		return err;
	present_counts(&p);
	return present_tables(&(struct present_tables){ .out = p.out,
	    .store = s->ctx->repo->store, .paths = s->options.paths,
	    .below = p.below }, &e->node.id);
}

static err_t
show_json(struct show *s, const struct log_entry *e,
    const struct present_version *v)
{
	struct json *j = out_json(s->ctx->out);
	err_t err = NULL;

	json_object(j);
	present_members(j, s->refs, v);
	if (s->args->stat) {
		json_key(j, "changes");
		json_array(j);
		err = show_stat(s, e, j);
		json_end(j);
		if (!err)
			err = present_tables_member(j, s->ctx->repo->store,
			    s->options.paths, &e->node.id);
	}
	json_end(j);
	out_json_end(s->ctx->out);
	return err;
}

/* A blank line between versions, then what joins them. */
static void
show_joins(struct show *s, const struct log_entry *e)
{
	struct buf joins = BUF_INIT;
	struct out *o = s->ctx->out;

	if (s->shown && !s->args->oneline)
		present_blank(o, buf_cstr(&s->below));
	buf_clear(&s->row);
	buf_clear(&s->below);
	if (s->graph)
		graph_show(s->graph, &joins, &s->row, &s->below, &e->node);
	out_printf(o, "%s", buf_cstr(&joins));
	buf_release(&joins);
}

/* The review of a version, and its signature if that was asked for. */
static err_t
load_review(struct review *review, struct signature *signature,
    const struct show *s, const struct id *id, const struct commit *c)
{
	struct store *store = s->ctx->repo->store;
	err_t err = review_load(review, store, id);

	if (!err && s->args->show_signature)
		err = review_verify(review, store, id, NULL);
	if (!err && s->args->show_signature)
		err = signature_of_commit(signature, store, c);
	if (err)
		review_release(review);
	return err;
}

static err_t
show_entry(struct show *s, const struct log_entry *e)
{
	struct out *o = s->ctx->out;
	struct review review = REVIEW_INIT;
	struct signature signature = SIGNATURE_INIT;
	struct present_version v = { .node = &e->node, .commit = &e->commit,
	    .review = &review, .signature = s->args->show_signature ?
	    &signature : NULL, .path_version = e->path_version,
	    .paths = buf_cstr(&s->paths) };
	err_t err;

	err = load_review(&review, &signature, s, &e->node.id, &e->commit);
	if (err)
		return err;
	if (out_is_json(o)) {
		s->shown++;
		err = show_json(s, e, &v);
		review_release(&review);
		signature_release(&signature);
		return err;
	}
	show_joins(s, e);
	v.first = buf_cstr(&s->row);
	v.below = buf_cstr(&s->below);
	s->shown++;
	if (s->args->oneline)
		present_line(o, s->refs, &s->head, &v);
	else
		present_version(o, s->refs, &s->head, &v);
	review_release(&review);
	signature_release(&signature);
	return s->args->stat ? show_stat(s, e, NULL) : NULL;
}

static err_t
show_all(struct show *s)
{
	struct log *log = NULL;
	const struct log_entry *e;
	bool found = true;
	err_t err;

	err = log_open(&log, s->ctx->repo, &s->options);
	while (!err && found) {
		err = log_next(&found, &e, log);
		if (err || !found)
			break;
		if (e->shown)
			err = show_entry(s, e);
		else if (s->graph)
			graph_pass(s->graph, &e->node);
		if (!err && !out_is_json(s->ctx->out))
			err = out_flush(s->ctx->out);
	}
	log_close(log);
	return err;
}

/* ---- what is asked ----------------------------------------------------- */

static err_t
ask_times(struct log_options *o, const struct log_args *a)
{
	err_t err = NULL;

	o->has_since = a->since;
	o->has_until = a->until;
	if (a->since)
		err = clock_parse(&o->since, a->since);
	if (!err && a->until)
		err = clock_parse(&o->until, a->until);
	return err;
}

/* The versions that the operands name; how many operands that takes. */
static err_t
ask_versions(size_t *used, struct log_options *o, struct repo *r,
    const struct operands *ops)
{
	struct rev rev = REV_INIT;
	err_t err;

	err = rev_split(used, r, ops, 1);
	if (!err)
		err = rev_parse(&rev, r, *used ? ops->v[0] : "HEAD");
	if (!err && rev.path)
		err = err_new(ERR_USAGE, "\"%s\" is a file of one version; "
		    "for its versions say \"dsv log REV -- PATH\"",
		    ops->v[0]);
	o->from = rev.commit;
	o->hidden = rev.from;
	rev_release(&rev);
	return err;
}

static err_t
ask_paths(struct show *s, const char *const *typed, size_t n)
{
	const struct log_args *a = s->args;
	struct repo *r = s->ctx->repo;
	struct commit_node node;
	err_t err;

	err = commit_node(&node, r->store, &s->options.from);
	if (err)
		return err;
	s->attrs = attr_of_tree(r, &node.tree);
	if (!n && !a->dataset && !a->component)
		return NULL;
	for (size_t i = 0; i < n; i++)
		buf_printf(&s->paths, "%s%s", i ? " " : "", typed[i]);
	if (a->dataset)
		buf_printf(&s->paths, "%sdataset %s", n ? " in " : "",
		    a->dataset);
	if (a->component)
		buf_printf(&s->paths, "%scomponent %s", s->paths.len ?
		    " of " : "", a->component);
	return pathspec_new(&s->options.paths, r, typed, n, a->dataset,
	    a->component, s->attrs);
}

/* Nothing was shown: did no version ever have what was asked for? */
static err_t
check_paths(const struct show *s, size_t n)
{
	const char *missing = pathspec_unmatched(s->options.paths);

	if (!n || !missing)
		return NULL;
	return err_new(ERR_NOT_FOUND, "no version has \"%s\"", missing);
}

/* ---- one row ----------------------------------------------------------- */

struct row_show {
	struct show *s;
	const struct rowkey *key;
};

static void
show_row_json(const struct row_show *rs, const struct rowlog_entry *e,
    const struct present_version *v)
{
	struct out *o = rs->s->ctx->out;
	struct json *j = out_json(o);

	json_object(j);
	present_members(j, rs->s->refs, v);
	json_key(j, "path");
	json_text(j, rs->key->path);
	json_key(j, "rows");
	json_array(j);
	for (size_t i = 0; i < e->n; i++)
		present_row_members(j, &e->v[i]);
	json_end(j);
	json_end(j);
	out_json_end(o);
}

/* "v2 1a2b3c4d Cheaper screws: updated price: 0.30 → 0.28" */
static void
show_row_line(const struct row_show *rs, const struct rowlog_entry *e)
{
	struct out *o = rs->s->ctx->out;

	out_printf(o, "v%llu ", (unsigned long long)e->node.version);
	out_id(o, &e->node.id);
	out_printf(o, " ");
	out_textn(o, e->commit.message, commit_subject(&e->commit));
	for (size_t i = 0; i < e->n; i++) {
		out_printf(o, i ? "; " : ": ");
		present_row_short(o, &e->v[i]);
	}
	out_printf(o, "\n");
}

static err_t
show_row(void *arg, const struct rowlog_entry *e)
{
	struct row_show *rs = arg;
	struct show *s = rs->s;
	struct out *o = s->ctx->out;
	struct review review = REVIEW_INIT;
	struct signature signature = SIGNATURE_INIT;
	struct present_version v = { .node = &e->node, .commit = &e->commit,
	    .review = &review, .signature = s->args->show_signature ?
	    &signature : NULL, .first = "", .below = "" };
	bool first = !s->shown++;
	err_t err;

	err = load_review(&review, &signature, s, &e->node.id, &e->commit);
	if (err)
		return err;
	if (out_is_json(o)) {
		show_row_json(rs, e, &v);
	} else if (s->args->oneline) {
		show_row_line(rs, e);
	} else {
		if (!first)
			out_printf(o, "\n");
		present_version(o, s->refs, &s->head, &v);
		out_printf(o, "\n");
		for (size_t i = 0; i < e->n; i++)
			present_row_change(o, rs->key, &e->v[i]);
	}
	review_release(&review);
	signature_release(&signature);
	return out_is_json(o) ? NULL : out_flush(o);
}

static err_t
show_life(struct show *s, const char *typed)
{
	struct rowkey key = ROWKEY_INIT;
	struct row_show rs = { s, &key };
	struct buf path = BUF_INIT;
	err_t err;

	err = repo_path(&path, s->ctx->repo, typed);
	if (!err)
		err = rowkey_parse(&key, s->ctx->repo, &s->options.from,
		    buf_cstr(&path), &s->args->key);
	if (!err)
		err = rowlog_run(s->ctx->repo, &key, &s->options, show_row,
		    &rs);
	if (!err && !s->shown)
		err = err_new(ERR_NOT_FOUND, "no version of \"%s\" that was "
		    "asked for changed a row with the key %s", key.path,
		    buf_cstr(&key.text));
	rowkey_release(&key);
	buf_release(&path);
	return err;
}

/* What goes together with --key. */
static err_t
check_key(const struct log_args *a, size_t n_paths)
{
	if (!a->key.n)
		return NULL;
	if (a->graph || a->stat || a->dataset || a->component)
		return err_new(ERR_USAGE, "--key is about one row; --graph, "
		    "--stat, --dataset and --component are not");
	if (n_paths != 1)
		return err_new(ERR_USAGE, "--key is about one row of one "
		    "table: name its path");
	return NULL;
}

static err_t
log_run(struct ctx *ctx, void *args, const struct operands *ops)
{
	const struct log_args *a = args;
	struct show s = { .ctx = ctx, .args = a, .options = {
	    .first_parent = a->first_parent, .author = a->author,
	    .grep = a->grep, .job = a->job, .limit = a->limit,
	    .all = a->graph }, .head = HEAD_INIT };
	size_t used = 0;
	err_t err;

	err = ask_times(&s.options, a);
	if (!err)
		err = ask_versions(&used, &s.options, ctx->repo, ops);
	if (!err)
		err = check_key(a, ops->n - used);
	if (!err)
		err = ask_paths(&s, ops->v + used, ops->n - used);
	if (!err)
		err = refs_table_load(&s.refs, ctx->repo);
	if (!err)
		err = repo_head(&s.head, ctx->repo);
	if (!err && a->graph)
		s.graph = graph_new();
	if (!err && a->key.n)
		err = show_life(&s, ops->v[used]);
	else if (!err)
		err = show_all(&s);
	if (!err && !s.shown && s.options.paths)
		err = check_paths(&s, ops->n - used);
	graph_free(s.graph);
	head_release(&s.head);
	refs_table_free(s.refs);
	pathspec_free(s.options.paths);
	attr_free(s.attrs);
	buf_release(&s.paths);
	buf_release(&s.row);
	buf_release(&s.below);
	return err;
}

const struct cmd cmd_log = {
	.name = "log",
	.summary = "list versions, newest first",
	.operands = "[REV] [--] [PATH ...]", .max_operands = -1,
	.offer = OFFER_REV_OR_TRACKED, .group = GROUP_LOOK,
	.needs = CMD_REPO_READ,
	.role = ROLE_READ, .pages = true, .opts = log_opts,
	.args_size = sizeof(struct log_args), .run = log_run,
};
