#include <string.h>

#include "cmd/cmd.h"
#include "cmd/out.h"
#include "lib/base/match.h"
#include "lib/base/term.h"
#include "lib/history/attr.h"
#include "lib/history/pathspec.h"
#include "lib/history/rev.h"
#include "lib/history/tree.h"

struct ls_args {
	bool full;
	bool recursive;
	const char *dataset, *component;
};

static const struct opt ls_opts[] = {
	FLAG(struct ls_args, full, 'l', "long",
	    "with type, size, records and id"),
	FLAG(struct ls_args, recursive, 'r', "recursive",
	    "all files below, without directories"),
	TEXT(struct ls_args, dataset, 0, "dataset", "NAME", OFFER_DATASET,
	    "only the files of this dataset"),
	TEXT(struct ls_args, component, 0, "component", "TYPE", OFFER_NONE,
	    "only the files of this component type"),
	OPT_TABLE_END
};

struct list {
	struct ctx *ctx;
	const struct ls_args *args;
	struct commit_node node;
	struct attrs *attrs;
	struct pathspec *paths;		/* NULL: all that is visited */
	bool any;
};

static err_t
stat_entry(struct content *out, struct list *l, const char *path,
    const struct tree_entry *e)
{
	enum cut cut = CUT_BINARY;
	err_t err = NULL;

	if (e->mode != MODE_LINK)
		err = attr_cut(&cut, l->attrs, path);
	return err ? err : content_stat(out, l->ctx->repo->store, &e->id,
	    cut);
}

static void
put_json(struct list *l, const char *path, const struct tree_entry *e,
    const struct content *c)
{
	struct json *j = out_json(l->ctx->out);

	json_object(j);
	json_key(j, "path");
	json_text(j, path);
	json_key(j, "type");
	json_text(j, mode_name(e->mode));
	json_key(j, "id");
	json_id(j, &e->id);
	if (e->mode != MODE_DIR) {
		json_key(j, "size");
		json_uint(j, e->size);
	}
	if (c) {
		json_key(j, "records");
		if (c->cut == CUT_BINARY)
			json_null(j);
		else
			json_uint(j, c->records);
	}
	json_end(j);
	out_json_end(l->ctx->out);
}

static void
put_long(struct list *l, const struct tree_entry *e, const struct content *c)
{
	struct out *o = l->ctx->out;
	char n[32];

	out_printf(o, "%-4s ", mode_name(e->mode));
	out_id(o, &e->id);
	out_printf(o, " %15s", c ? term_count(n, e->size) : "-");
	out_printf(o, " %13s ", c && c->cut != CUT_BINARY ?
	    term_count(n, c->records) : "-");
}

static err_t
put_entry(void *arg, const char *path, const struct tree_entry *e)
{
	struct list *l = arg;
	struct out *o = l->ctx->out;
	bool counted = l->args->full && e->mode != MODE_DIR;
	struct content c;
	bool match = true;
	err_t err = NULL;

	if (l->paths)
		err = pathspec_match(&match, l->paths, path);
	if (err || !match)
		return err;
	l->any = true;
	if (counted)
		err = stat_entry(&c, l, path, e);
	if (err)
		return err;
	if (out_is_json(o)) {
		put_json(l, path, e, counted ? &c : NULL);
		return NULL;
	}
	if (l->args->full)
		put_long(l, e, counted ? &c : NULL);
	out_style(o, e->mode == MODE_DIR ? OUT_BLUE : OUT_PLAIN);
	out_path(o, path);
	out_printf(o, e->mode == MODE_DIR ? "/" : "");
	out_reset(o);
	out_printf(o, "\n");
	return NULL;
}

/* Everything that is selected, wherever it is. */
static err_t
list_selected(struct list *l, const char *const *typed, size_t n)
{
	struct store *s = l->ctx->repo->store;
	const char *const here[] = { "." };
	const char *const *roots;
	const char *missing;
	size_t n_roots;
	err_t err;

	if (!n && !l->args->dataset && !l->args->component) {
		typed = here;
		n = 1;
	}
	err = pathspec_new(&l->paths, l->ctx->repo, typed, n,
	    l->args->dataset, l->args->component, l->attrs);
	if (err)
		return err;
	roots = pathspec_roots(l->paths, &n_roots);
	for (size_t i = 0; !err && i < n_roots; i++) {
		err = tree_walk(s, &l->node.tree, roots[i], put_entry, l);
		if (err && err_is(err, ERR_NOT_FOUND))
			err = NULL;
	}
	missing = pathspec_unmatched(l->paths);
	if (!err && missing && n && typed != here)
		err = err_new(ERR_NOT_FOUND, "no \"%s\" in that version",
		    missing);
	return err;
}

/* One directory, or a file, as it is. */
static err_t
list_here(struct list *l, const char *typed)
{
	struct buf path = BUF_INIT;
	err_t err;

	err = repo_path(&path, l->ctx->repo, typed);
	if (!err)
		err = tree_list(l->ctx->repo->store, &l->node.tree,
		    buf_cstr(&path), put_entry, l);
	buf_release(&path);
	return err;
}

static err_t
list_all(struct list *l, const char *const *typed, size_t n)
{
	bool select = l->args->recursive || l->args->dataset ||
	    l->args->component;
	err_t err = NULL;

	for (size_t i = 0; i < n; i++)
		select = select || match_is_pattern(typed[i]);
	if (select)
		return list_selected(l, typed, n);
	if (!n)
		return list_here(l, ".");
	for (size_t i = 0; !err && i < n; i++)
		err = list_here(l, typed[i]);
	return err;
}

static err_t
ls_run(struct ctx *ctx, void *args, const struct operands *ops)
{
	struct list l = { .ctx = ctx, .args = args };
	struct rev rev = REV_INIT;
	size_t used = 0;
	err_t err;

	err = rev_split(&used, ctx->repo, ops, 1);
	if (!err)
		err = rev_parse(&rev, ctx->repo, used ? ops->v[0] : "HEAD");
	if (!err && (rev.is_range || (rev.path && ops->n > 1)))
		err = err_new(ERR_USAGE, "\"%s\" is not one version; say "
		    "\"dsv ls REV PATH\"", ops->v[0]);
	if (!err)
		err = commit_node(&l.node, ctx->repo->store, &rev.commit);
	if (err)
		goto out;
	l.attrs = attr_of_tree(ctx->repo, &l.node.tree);
	if (rev.path && !l.args->recursive)
		err = tree_list(ctx->repo->store, &l.node.tree, rev.path,
		    put_entry, &l);
	else if (rev.path)
		err = tree_walk(ctx->repo->store, &l.node.tree, rev.path,
		    put_entry, &l);
	else
		err = list_all(&l, ops->v + used, ops->n - used);
out:
	pathspec_free(l.paths);
	attr_free(l.attrs);
	rev_release(&rev);
	return err;
}

const struct cmd cmd_ls = {
	.name = "ls",
	.summary = "list the files of a version",
	.operands = "[REV] [--] [PATH ...]", .max_operands = -1,
	.offer = OFFER_REV_OR_TRACKED, .group = GROUP_LOOK,
	.needs = CMD_REPO_READ,
	.role = ROLE_READ, .pages = true, .opts = ls_opts,
	.args_size = sizeof(struct ls_args), .run = ls_run,
};
