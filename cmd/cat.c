#include <string.h>

#include "cmd/cmd.h"
#include "cmd/out.h"
#include "cmd/present_row.h"
#include "lib/history/repo.h"
#include "lib/history/rev.h"
#include "lib/history/tree.h"
#include "lib/review/rowstate.h"

struct cat_args {
	const char *rev;
	struct opt_list key;
	const char *decision;
};

static const struct opt cat_opts[] = {
	TEXT(struct cat_args, rev, 0, "rev", "REV", OFFER_REV,
	    "the version of all operands, which are plain paths then"),
	LIST(struct cat_args, key, 0, "key", "VALUE", OFFER_NONE,
	    "only the row of the table with this key"),
	CHOICE(struct cat_args, decision, 0, "decision", "STATE",
	    ROWSTATE_WORDS, "only the rows of the table in this state"),
	OPT_TABLE_END
};

static err_t
put(void *arg, const char *p, size_t len)
{
	out_raw(arg, p, len);
	return out_flush(arg);
}

/* ---- one row ----------------------------------------------------------- */

static err_t
print_header(struct ctx *ctx, const struct rowkey *key,
    const struct id *content)
{
	struct rowkey_content c = ROWKEY_CONTENT_INIT;
	const struct dialect *d = &c.table.shape.dialect;
	struct buf head = BUF_INIT;
	size_t skip, len;
	bool all;
	err_t err;

	err = rowkey_open(&c, ctx->repo, key, content);
	if (!err && d->format == TABLE_CSV && d->header)
		err = source_head(&head, &all, c.source, DIALECT_MAX);
	if (!err && head.len) {
		skip = dialect_skip(d);
		len = dialect_first_record(d, head.p + skip, head.len - skip,
		    true);
		out_raw(ctx->out, head.p + skip, len);
		if (head.p[skip + len - 1] != '\n')
			out_raw(ctx->out, "\n", 1);
	}
	buf_release(&head);
	rowkey_close(&c);
	return err;
}

/* Whether it was there is the answer. */
static err_t
row_json(struct ctx *ctx, const struct rowkey *key,
    const struct commit_node *node, const struct rowkey_rows *rows)
{
	struct json *j = out_json(ctx->out);

	json_object(j);
	json_key(j, "path");
	json_text(j, key->path);
	json_key(j, "id");
	json_id(j, &node->id);
	json_key(j, "version");
	json_uint(j, node->version);
	json_key(j, "existed");
	json_bool(j, rows->n > 0);
	json_key(j, "rows");
	json_array(j);
	for (size_t i = 0; i < rows->n; i++)
		present_row_cells(j, &rows->v[i]);
	json_end(j);
	json_end(j);
	out_json_end(ctx->out);
	return NULL;
}

static err_t
print_rows(struct ctx *ctx, const struct rowkey *key,
    const struct id *content, const struct rowkey_rows *rows)
{
	err_t err;

	err = print_header(ctx, key, content);
	for (size_t i = 0; !err && i < rows->n; i++) {
		out_raw(ctx->out, buf_cstr(&rows->v[i].raw),
		    rows->v[i].raw.len);
		out_raw(ctx->out, "\n", 1);
	}
	return err;
}

static err_t
cat_row(struct ctx *ctx, const struct cat_args *a, const struct id *commit,
    const char *path)
{
	struct rowkey key = ROWKEY_INIT;
	struct rowkey_rows rows = ROWKEY_ROWS_INIT;
	struct commit_node node;
	struct id content;
	err_t err;

	err = rowkey_parse(&key, ctx->repo, commit, path, &a->key);
	if (!err)
		err = commit_node(&node, ctx->repo->store, commit);
	if (!err)
		err = rowkey_content(&content, ctx->repo, &node.tree, path);
	if (!err)
		err = rowkey_find(&rows, ctx->repo, &key, &content);
	if (!err && !rows.n) {
		char hex[ID_HEX + 1];

		ctx->answer_no = true;
		if (!out_is_json(ctx->out))
			out_note(ctx->out, "\"%s\" has no row with the "
			    "key %s in v%llu %.8s", path, buf_cstr(&key.text),
			    (unsigned long long)node.version,
			    id_hex(hex, commit));
	}
	if (!err && out_is_json(ctx->out))
		err = row_json(ctx, &key, &node, &rows);
	else if (!err && rows.n)
		err = print_rows(ctx, &key, &content, &rows);
	rowkey_rows_release(&rows);
	rowkey_release(&key);
	return err;
}

/* ---- files ------------------------------------------------------------- */

static err_t
cat_path(struct ctx *ctx, const struct cat_args *a, const struct id *commit,
    const char *path)
{
	struct commit_node node;
	struct tree_entry e;
	uint64_t rows;
	err_t err;

	if (a->key.n)
		return cat_row(ctx, a, commit, path);
	err = commit_node(&node, ctx->repo->store, commit);
	if (!err)
		err = tree_lookup(&e, ctx->repo->store, &node.tree, path);
	if (!err && e.mode == MODE_DIR)
		err = err_new(ERR_USAGE, "\"%s\" is a directory; \"dsv ls\" "
		    "lists it", path);
	if (!err && a->decision)
		return rowstate_filter(&rows, ctx->repo, &node, path, &e.id,
		    a->decision, put, ctx->out);
	return err ? err : content_read(ctx->repo->store, &e.id, put,
	    ctx->out);
}

static err_t
cat_in(struct ctx *ctx, const struct cat_args *a, const char *rev,
    const char *typed)
{
	struct buf path = BUF_INIT;
	struct id commit;
	err_t err;

	err = rev_commit(&commit, ctx->repo, rev);
	if (!err)
		err = repo_path(&path, ctx->repo, typed);
	if (!err)
		err = cat_path(ctx, a, &commit, buf_cstr(&path));
	buf_release(&path);
	return err;
}

static err_t
cat_operand(struct ctx *ctx, const struct cat_args *a, const char *text)
{
	struct rev rev = REV_INIT;
	err_t err;

	if (!strchr(text, ':'))
		return cat_in(ctx, a, "HEAD", text);
	err = rev_parse(&rev, ctx->repo, text);
	if (!err && !rev.path)
		err = err_new(ERR_USAGE, "\"%s\" names no file; write "
		    "REV:PATH, or --rev REV PATH", text);
	if (!err)
		err = cat_path(ctx, a, &rev.commit, rev.path);
	rev_release(&rev);
	return err;
}

static err_t
cat_run(struct ctx *ctx, void *args, const struct operands *ops)
{
	const struct cat_args *a = args;
	err_t err = NULL;

	if (a->key.n && a->decision)
		return err_new(ERR_USAGE, "--key names a row already; leave "
		    "out --decision");
	if (out_is_json(ctx->out) && !a->key.n)
		return err_new(ERR_USAGE, "cat prints bytes, not JSON; \"dsv "
		    "show --json REV:PATH\" has the facts about a file");
	for (size_t i = 0; !err && i < ops->n; i++)
		err = a->rev ? cat_in(ctx, a, a->rev, ops->v[i]) :
		    cat_operand(ctx, a, ops->v[i]);
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
