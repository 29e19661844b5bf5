#include <string.h>

#include "cmd/cmd.h"
#include "cmd/out.h"
#include "cmd/present.h"
#include "cmd/rows.h"
#include "lib/base/clock.h"
#include "lib/base/term.h"
#include "lib/history/attr.h"
#include "lib/history/commit.h"
#include "lib/history/refs.h"
#include "lib/history/rev.h"
#include "lib/history/tree.h"
#include "lib/review/state.h"
#include "lib/table/table.h"

struct show_args {
	bool raw;
	bool stat;
	bool name_only;
};

static const struct opt show_opts[] = {
	FLAG(struct show_args, raw, 0, "raw",
	    "the stored bytes; sha256sum of them is the id"),
	FLAG(struct show_args, stat, 0, "stat",
	    "only list the changed files, with sizes and records"),
	FLAG(struct show_args, name_only, 0, "name-only",
	    "only the names of the changed files"),
	OPT_TABLE_END
};

/* ---- a version --------------------------------------------------------- */

struct shown {
	struct commit_node node;
	struct commit commit;
	struct review review;
	struct signature signature;
	struct refs_table *refs;
	struct head head;
	struct attrs *attrs;
};

static err_t
load(struct shown *s, struct repo *r, const struct id *id)
{
	err_t err;

	err = commit_node(&s->node, r->store, id);
	if (!err)
		err = commit_read(&s->commit, r->store, id);
	if (!err)
		err = review_load(&s->review, r->store, id);
	if (!err)
		err = review_verify(&s->review, r->store, id, NULL);
	if (!err)
		err = signature_of_commit(&s->signature, r->store,
		    &s->commit);
	if (!err)
		err = refs_table_load(&s->refs, r);
	if (!err)
		err = repo_head(&s->head, r);
	if (!err)
		s->attrs = attr_of_tree(r, &s->node.tree);
	return err;
}

static void
unload(struct shown *s)
{
	commit_release(&s->commit);
	review_release(&s->review);
	signature_release(&s->signature);
	refs_table_free(s->refs);
	head_release(&s->head);
	attr_free(s->attrs);
}

/* Changes from the first parent. */
static err_t
show_changes(struct present_diff *p, const struct shown *s)
{
	struct diff_end a = { .place = DIFF_TREE };
	struct diff_end b = { DIFF_TREE, s->node.tree };
	struct commit_node parent;
	err_t err = NULL;

	if (s->node.n_parents) {
		err = commit_parent(&parent, p->repo->store, &s->node, 0);
		if (err)
			return err;
		a.tree = parent.tree;
	}
	return diff_run(p->repo, &a, &b, false, NULL, present_change, p);
}

static err_t
show_version_json(struct present_diff *p, const struct shown *s,
    const struct present_version *v)
{
	struct json *j = out_json(p->out);
	struct object_facts facts = { .references = 0 };
	err_t err;

	json_object(j);
	present_members(j, s->refs, v);
	json_key(j, "changes");
	json_array(j);
	p->array = j;
	err = show_changes(p, s);
	json_end(j);
	if (!err)
		err = present_tables_member(j, p->repo->store, NULL,
		    &s->node.id);
	if (!err)
		err = object_facts(&facts, p->repo->store, KIND_COMMIT,
		    &s->node.id);
	json_key(j, "references");
	json_uint(j, facts.references);
	json_end(j);
	out_json_end(p->out);
	return err;
}

static err_t
show_version(struct ctx *ctx, const struct show_args *a,
    const struct id *commit)
{
	struct shown s = { .commit = COMMIT_INIT, .review = REVIEW_INIT,
	    .signature = SIGNATURE_INIT, .head = HEAD_INIT };
	struct present_version v = { .node = &s.node, .commit = &s.commit,
	    .review = &s.review, .acts = true, .signature = &s.signature,
	    .full_id = true, .first = "", .below = "" };
	struct present_diff p = { .out = ctx->out, .repo = ctx->repo,
	    .below = "", .style = a->name_only ? PRESENT_NAMES :
	    a->stat ? PRESENT_STAT : PRESENT_TEXT };
	struct rows_options options = { .form = &rows_table };
	struct rows_view rows = { .out = ctx->out, .options = &options,
	    .below = "" };
	err_t err;

	if (p.style == PRESENT_TEXT && !out_is_json(ctx->out))
		p.rows = &rows;

	err = load(&s, ctx->repo, commit);
	p.attrs = s.attrs;
	if (!err && out_is_json(ctx->out)) {
		err = show_version_json(&p, &s, &v);
	} else if (!err) {
		present_version(ctx->out, s.refs, &s.head, &v);
		out_printf(ctx->out, "\n");
		err = show_changes(&p, &s);
	}
	if (!err && !out_is_json(ctx->out) && !a->name_only)
		present_counts(&p);
	/* Where rows are shown they are counted, too. */
	if (!err && !out_is_json(ctx->out) && a->stat)
		err = present_tables(&(struct present_tables){
		    .out = ctx->out, .store = ctx->repo->store, .below = "" },
		    commit);
	unload(&s);
	return err;
}

/* ---- a path in a version ----------------------------------------------- */

static err_t
show_dir(struct ctx *ctx, const char *path, const struct tree_entry *e)
{
	struct out *o = ctx->out;
	char hex[ID_HEX + 1], n[64];
	struct object_facts facts;
	err_t err;

	err = object_facts(&facts, ctx->repo->store, KIND_TREE, &e->id);
	if (err)
		return err;
	if (out_is_json(o)) {
		struct json *j = out_json(o);

		json_object(j);
		json_key(j, "path");
		json_text(j, path);
		json_key(j, "type");
		json_text(j, mode_name(e->mode));
		json_key(j, "id");
		json_id(j, &e->id);
		json_key(j, "references");
		json_uint(j, facts.references);
		json_end(j);
		out_json_end(o);
		return NULL;
	}
	out_printf(o, "path     ");
	out_path(o, *path ? path : ".");
	out_printf(o, "\ntype     directory\nid       %s\n",
	    id_hex(hex, &e->id));
	out_printf(o, "used     %s\n", term_counted(n, facts.references,
	    "time"));
	return NULL;
}

static const char *
cut_word(enum cut cut)
{
	static const char *const words[] = { "auto", "binary", "lines", "csv",
		"csv-single" };

	return words[cut <= CUT_MAX ? cut : 0];
}

/* How it is read as a table, if it is one. */
static err_t
find_shape(struct shape *out, struct ctx *ctx, struct attrs *attrs,
    const char *path, const struct tree_entry *e)
{
	struct dialect_hint hint = { .format = TABLE_NONE };
	struct table t = TABLE_INIT;
	struct source *source = NULL;
	err_t err = NULL;

	if (e->mode != MODE_LINK)
		err = attr_table(&hint, attrs, path);
	if (err || hint.format == TABLE_NONE)
		return err;
	err = source_of_content(&source, ctx->repo->store, &e->id, hint.cut);
	if (!err)
		err = table_open(&t, source, &hint);
	if (!err)
		*out = t.shape;
	source_free(source);
	return err;
}

static void
show_shape_json(struct json *j, const struct shape *shape)
{
	json_key(j, "dialect");
	if (shape->dialect.format == TABLE_NONE) {
		json_null(j);
		return;
	}
	json_object(j);
	dialect_members(j, &shape->dialect);
	json_end(j);
}

static void
show_shape(struct out *o, const struct shape *shape)
{
	struct buf b = BUF_INIT;

	if (shape->reason) {
		out_printf(o, "table    not read as rows: it %s\n",
		    shape->reason);
	} else if (shape->dialect.format != TABLE_NONE) {
		dialect_print(&b, &shape->dialect);
		out_printf(o, "table    ");
		out_text(o, b.p);
		out_printf(o, "\n");
	}
	buf_release(&b);
}

static void
show_file_json(struct out *o, const char *path, enum mode mode,
    const struct content *c, const struct content_facts *facts,
    const struct shape *shape)
{
	struct json *j = out_json(o);

	json_object(j);
	json_key(j, "path");
	json_text(j, path);
	json_key(j, "type");
	json_text(j, mode_name(mode));
	json_key(j, "id");
	json_id(j, &c->id);
	json_key(j, "size");
	json_uint(j, c->size);
	json_key(j, "records");
	if (c->cut == CUT_BINARY)
		json_null(j);
	else
		json_uint(j, c->records);
	json_key(j, "cut");
	json_text(j, cut_word(c->cut));
	json_key(j, "chunks");
	json_uint(j, c->chunks);
	json_key(j, "stored");
	json_uint(j, facts->stored);
	json_key(j, "references");
	json_uint(j, facts->references);
	show_shape_json(j, shape);
	json_end(j);
	out_json_end(o);
}

static err_t
show_file(struct ctx *ctx, const char *path, const struct tree_entry *e,
    enum cut cut, const struct shape *shape)
{
	struct out *o = ctx->out;
	char hex[ID_HEX + 1], n[64];
	struct content_facts facts;
	struct content c;
	err_t err;

	err = content_stat(&c, ctx->repo->store, &e->id, cut);
	if (!err)
		err = content_facts(&facts, ctx->repo->store, &e->id);
	if (err)
		return err;
	if (out_is_json(o)) {
		show_file_json(o, path, e->mode, &c, &facts, shape);
		return NULL;
	}
	out_printf(o, "path     ");
	out_path(o, path);
	out_printf(o, "\ntype     %s\nid       %s\nsize     %s bytes\n",
	    e->mode == MODE_EXEC ? "executable file" : e->mode == MODE_LINK ?
	    "symbolic link" : "file", id_hex(hex, &c.id),
	    term_count(n, c.size));
	if (c.cut != CUT_BINARY)
		out_printf(o, "records  %s\n", term_count(n, c.records));
	out_printf(o, "cut      %s\nchunks   %u\n", cut_word(c.cut),
	    c.chunks);
	out_printf(o, "stored   %s bytes\n", term_count(n, facts.stored));
	out_printf(o, "used     %s\n", term_counted(n, facts.references,
	    "time"));
	show_shape(o, shape);
	return NULL;
}

static err_t
show_path(struct ctx *ctx, const struct rev *rev)
{
	struct commit_node node;
	struct attrs *attrs = NULL;
	struct tree_entry e;
	enum cut cut = CUT_BINARY;
	struct shape shape = SHAPE_INIT;
	err_t err;

	err = commit_node(&node, ctx->repo->store, &rev->commit);
	if (!err)
		err = tree_lookup(&e, ctx->repo->store, &node.tree,
		    rev->path);
	if (err)
		return err;
	if (e.mode == MODE_DIR)
		return show_dir(ctx, rev->path, &e);
	attrs = attr_of_tree(ctx->repo, &node.tree);
	if (e.mode != MODE_LINK)
		err = attr_cut(&cut, attrs, rev->path);
	if (!err)
		err = find_shape(&shape, ctx, attrs, rev->path, &e);
	if (!err)
		err = show_file(ctx, rev->path, &e, cut, &shape);
	shape_release(&shape);
	attr_free(attrs);
	return err;
}

/* ---- the command ------------------------------------------------------- */

static err_t
show_raw(struct ctx *ctx, const struct id *commit)
{
	struct buf bytes = BUF_INIT;
	err_t err;

	if (out_is_json(ctx->out))
		return err_new(ERR_USAGE, "--raw is bytes, not JSON; leave "
		    "out --json");
	err = object_read(&bytes, ctx->repo->store, KIND_COMMIT, commit);
	if (!err)
		out_raw(ctx->out, bytes.p, bytes.len);
	buf_release(&bytes);
	return err;
}

static err_t
show_run(struct ctx *ctx, void *args, const struct operands *ops)
{
	const struct show_args *a = args;
	struct rev rev = REV_INIT;
	err_t err;

	if (a->raw + a->stat + a->name_only > 1)
		return err_new(ERR_USAGE, "--raw, --stat and --name-only "
		    "exclude each other");
	err = rev_parse(&rev, ctx->repo, ops->n ? ops->v[0] : "HEAD");
	if (!err && rev.is_range)
		err = err_new(ERR_USAGE, "\"%s\" is a range; \"dsv log\" and "
		    "\"dsv diff\" take ranges", ops->v[0]);
	if (!err && rev.path && (a->raw || a->stat || a->name_only))
		err = err_new(ERR_USAGE, "\"%s\" is a path; --raw, --stat and "
		    "--name-only are for versions (\"dsv cat\" prints a file)",
		    ops->v[0]);
	if (err)
		goto out;
	if (rev.path)
		err = show_path(ctx, &rev);
	else if (a->raw)
		err = show_raw(ctx, &rev.commit);
	else
		err = show_version(ctx, a, &rev.commit);
out:
	rev_release(&rev);
	return err;
}

const struct cmd cmd_show = {
	.name = "show",
	.summary = "show a version and what it changed, or facts about a file",
	.operands = "[REV | REV:PATH]", .max_operands = 1,
	.offer = OFFER_REV, .group = GROUP_LOOK, .needs = CMD_REPO_READ,
	.role = ROLE_READ,
	.pages = true, .opts = show_opts,
	.args_size = sizeof(struct show_args), .run = show_run,
};
