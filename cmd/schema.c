#include <inttypes.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/out.h"
#include "lib/base/term.h"
#include "lib/history/rev.h"
#include "lib/history/table_at.h"

struct schema_args {
	bool exit_code;
};

static const struct opt schema_opts[] = {
	FLAG(struct schema_args, exit_code, 'e', "exit-code",
	    "with diff: exit with 1 if anything differs"),
	OPT_TABLE_END
};

/* A path in a version, as it was typed. */
struct place {
	struct commit_node node;
	struct buf path;
};
#define PLACE_INIT { .path = BUF_INIT }

static err_t
place_find(struct place *out, struct repo *r, const char *rev,
    const char *typed)
{
	struct id commit;
	err_t err;

	err = rev_commit(&commit, r, rev);
	if (!err)
		err = commit_node(&out->node, r->store, &commit);
	if (!err)
		err = repo_path(&out->path, r, typed);
	return err;
}

/* REV:PATH. */
static err_t
place_parse(struct place *out, struct repo *r, const char *text)
{
	struct rev rev = REV_INIT;
	err_t err;

	err = rev_parse(&rev, r, text);
	if (!err && !rev.path)
		err = err_new(ERR_USAGE, "\"%s\" names no file; write "
		    "REV:PATH, or REV PATH", text);
	if (!err)
		err = commit_node(&out->node, r->store, &rev.commit);
	if (!err)
		buf_str(&out->path, rev.path);
	rev_release(&rev);
	return err;
}

static err_t
place_open(struct table_at *out, const struct place *place, struct repo *r)
{
	return table_at_open(out, r, &place->node.tree,
	    buf_cstr(&place->path));
}

/* ---- a schema ----------------------------------------------------------- */

static void
put_end(struct out_table *t, const struct summary_end *e)
{
	char text[SUMMARY_TEXT + 4];

	if (!e) {
		out_table_text(t, "");
		return;
	}
	snprintf(text, sizeof(text), "%.*s%s", (int)e->len, e->p,
	    e->cut ? "…" : "");
	out_table_text(t, text);
}

static void
put_columns(struct out *o, const struct schema *s)
{
	static const char *const heads[] = { "column", "type", "nulls",
	    "least", "greatest" };
	struct out_table *t = out_table_new(o, 5);
	struct buf name = BUF_INIT;
	char n[32];

	for (size_t i = 0; i < 5; i++) {
		if (i == 2)
			out_table_number(t, heads[i]);
		else
			out_table_text(t, heads[i]);
	}
	for (size_t i = 0; i < s->sum.columns.n; i++) {
		size_t len;
		const char *p = columns_name(&len, &s->sum.columns, i);

		buf_clear(&name);
		buf_add(&name, p, len);
		out_table_text(t, buf_cstr(&name));
		out_table_text(t, schema_type(s, i));
		out_table_number(t, term_count(n, schema_nulls(s, i)));
		put_end(t, schema_least(s, i));
		put_end(t, schema_greatest(s, i));
	}
	out_table_end(t);
	buf_release(&name);
}

static void
put_odd(void *arg, const char *text)
{
	out_printf(arg, "odd: ");
	out_text(arg, text);
	out_printf(arg, "\n");
}

static void
put_schema(struct out *o, const char *path, const struct table_at *t,
    const struct schema *s)
{
	struct buf b = BUF_INIT;
	char n[32];

	out_path(o, path);
	dialect_print(&b, &s->dialect);
	out_printf(o, ": ");
	out_text(o, b.p);
	out_printf(o, "\n%s %s", term_count(n, s->sum.rows),
	    s->sum.rows == 1 ? "row" : "rows");
	buf_clear(&b);
	key_print(&b, &t->key);
	if (b.len) {
		out_printf(o, ", key ");
		out_text(o, b.p);
	}
	out_printf(o, "\n\n");
	put_columns(o, s);
	if (s->sum.more)
		out_printf(o, "and more columns than are looked at\n");
	schema_odd(s, put_odd, o);
	buf_release(&b);
}

/* ---- the same for programs ---------------------------------------------- */

static void
put_end_member(struct json *j, const char *key, const struct summary_end *e)
{
	if (!e)
		return;
	json_key(j, key);
	json_textn(j, e->p, e->len);
}

static void
put_field(struct json *j, const struct schema *s, size_t i)
{
	size_t len;
	const char *name = columns_name(&len, &s->sum.columns, i);

	json_object(j);
	json_key(j, "name");
	json_textn(j, name, len);
	json_key(j, "type");
	json_text(j, schema_type(s, i));
	json_key(j, "constraints");
	json_object(j);
	json_key(j, "required");
	json_bool(j, s->sum.rows && !schema_nulls(s, i));
	json_end(j);
	json_key(j, "nulls");
	json_uint(j, schema_nulls(s, i));
	put_end_member(j, "least", schema_least(s, i));
	put_end_member(j, "greatest", schema_greatest(s, i));
	json_end(j);
}

static void
put_schema_json(struct out *o, const char *path, const struct table_at *t,
    const struct schema *s)
{
	struct json *j = out_json(o);

	json_object(j);
	json_key(j, "path");
	json_text(j, path);
	json_key(j, "id");
	json_id(j, &t->content);
	json_key(j, "rows");
	json_uint(j, s->sum.rows);
	json_key(j, "dialect");
	json_object(j);
	dialect_members(j, &s->dialect);
	json_end(j);
	json_key(j, "schema");
	json_object(j);
	json_key(j, "fields");
	json_array(j);
	for (size_t i = 0; i < s->sum.columns.n; i++)
		put_field(j, s, i);
	json_end(j);
	json_key(j, "primaryKey");
	json_array(j);
	for (size_t i = 0; i < t->key.n; i++)
		json_text(j, t->key.names[i]);
	json_end(j);
	json_key(j, "missingValues");
	json_array(j);
	if (s->dialect.format == TABLE_CSV)
		json_text(j, "");
	json_end(j);
	json_end(j);
	json_key(j, "odd");
	json_object(j);
	schema_odd_members(j, s);
	json_end(j);
	json_end(j);
	out_json_end(o);
}

static err_t
show_schema(struct ctx *ctx, const struct operands *ops)
{
	struct place place = PLACE_INIT;
	struct table_at t = TABLE_AT_INIT;
	struct schema s = SCHEMA_INIT;
	err_t err;

	if (ops->n == 1 && strchr(ops->v[0], ':'))
		err = place_parse(&place, ctx->repo, ops->v[0]);
	else
		err = place_find(&place, ctx->repo, ops->n == 1 ? "HEAD" :
		    ops->v[0], ops->v[ops->n - 1]);
	if (!err)
		err = place_open(&t, &place, ctx->repo);
	if (!err)
		err = table_at_schema(&s, &t, ctx->repo);
	if (!err && out_is_json(ctx->out))
		put_schema_json(ctx->out, place.path.p, &t, &s);
	else if (!err)
		put_schema(ctx->out, place.path.p, &t, &s);
	schema_release(&s);
	table_at_close(&t);
	buf_release(&place.path);
	return err;
}

/* ---- a difference ------------------------------------------------------- */

struct differing {
	struct ctx *ctx;
	uint64_t breaking, compatible;
};

static void
put_change_json(struct out *o, const struct schema_change *c)
{
	struct json *j = out_json(o);

	json_object(j);
	json_key(j, "change");
	json_text(j, schema_change_word(c->kind));
	json_key(j, "breaking");
	json_bool(j, c->breaking);
	if (*c->column) {
		json_key(j, "column");
		json_text(j, c->column);
	}
	if (c->from) {
		json_key(j, "from");
		json_text(j, c->from);
	}
	if (c->to) {
		json_key(j, "to");
		json_text(j, c->to);
	}
	json_end(j);
	out_json_end(o);
}

static void
put_change(struct out *o, const struct schema_change *c)
{
	bool named = *c->column && c->kind != SCHEMA_RENAMED;

	out_style(o, c->breaking ? OUT_RED : OUT_GREEN);
	out_printf(o, "%-10s", c->breaking ? "breaking" : "compatible");
	out_reset(o);
	out_printf(o, " %-8s ", schema_change_word(c->kind));
	if (c->kind == SCHEMA_MOVED)
		out_printf(o, "columns come in another order");
	if (named)
		out_text(o, c->column);
	if (named && (c->from || c->to))
		out_printf(o, ": ");
	if (c->from)
		out_text(o, c->from);
	if (c->from && c->to)
		out_printf(o, " → ");
	if (c->to)
		out_text(o, c->to);
	out_printf(o, "\n");
}

static err_t
take_change(void *arg, const struct schema_change *c)
{
	struct differing *d = arg;

	d->breaking += c->breaking;
	d->compatible += !c->breaking;
	if (out_is_json(d->ctx->out))
		put_change_json(d->ctx->out, c);
	else
		put_change(d->ctx->out, c);
	return NULL;
}

/* Two REV:PATH, or A B PATH. */
static err_t
find_both(struct place *a, struct place *b, struct repo *r,
    const struct operands *ops)
{
	err_t err;

	if (ops->n == 3 && (strchr(ops->v[1], ':') ||
	    strchr(ops->v[2], ':'))) {
		err = place_parse(a, r, ops->v[1]);
		return err ? err : place_parse(b, r, ops->v[2]);
	}
	if (ops->n != 4)
		return err_new(ERR_USAGE, "between what? give two versions "
		    "and a file, as in \"dsv schema diff v1 v2 FILE\"");
	err = place_find(a, r, ops->v[1], ops->v[3]);
	return err ? err : place_find(b, r, ops->v[2], ops->v[3]);
}

static err_t
show_difference(struct ctx *ctx, const struct schema_args *args,
    const struct operands *ops)
{
	struct place a = PLACE_INIT, b = PLACE_INIT;
	struct table_at from = TABLE_AT_INIT, to = TABLE_AT_INIT;
	struct differing d = { .ctx = ctx };
	err_t err;

	err = find_both(&a, &b, ctx->repo, ops);
	if (!err)
		err = place_open(&from, &a, ctx->repo);
	if (!err)
		err = place_open(&to, &b, ctx->repo);
	if (!err)
		err = table_at_diff(&from, &to, ctx->repo, take_change, &d);
	if (!err && d.breaking + d.compatible) {
		if (!out_is_json(ctx->out))
			out_printf(ctx->out, "schema: %" PRIu64 " breaking, %"
			    PRIu64 " compatible\n", d.breaking,
			    d.compatible);
		ctx->answer_no = args->exit_code;
	}
	table_at_close(&from);
	table_at_close(&to);
	buf_release(&a.path);
	buf_release(&b.path);
	return err;
}

static err_t
schema_run(struct ctx *ctx, void *args, const struct operands *ops)
{
	const struct schema_args *a = args;

	if (!strcmp(ops->v[0], "diff"))
		return show_difference(ctx, a, ops);
	if (a->exit_code)
		return err_new(ERR_USAGE, "--exit-code is for \"dsv schema "
		    "diff\"");
	if (ops->n > 2)
		return err_new(ERR_USAGE, "one file at a time; \"dsv schema "
		    "diff\" compares two versions");
	return show_schema(ctx, ops);
}

const struct cmd cmd_schema = {
	.name = "schema",
	.summary = "show what is in the columns of a table, or what changed",
	.operands = "[REV] PATH | diff REV REV PATH", .min_operands = 1,
	.max_operands = 4, .offer = OFFER_REV_OR_TRACKED,
	.group = GROUP_LOOK, .needs = CMD_REPO_READ,
	.role = ROLE_READ, .pages = true,
	.opts = schema_opts, .args_size = sizeof(struct schema_args),
	.run = schema_run,
};
