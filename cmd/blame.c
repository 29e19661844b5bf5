#include "lib/history/blame.h"

#include <string.h>

#include "cmd/cmd.h"
#include "cmd/out.h"
#include "cmd/present.h"
#include "cmd/present_row.h"
#include "lib/base/clock.h"
#include "lib/history/rev.h"

struct blame_args {
	struct opt_list key;
};

static const struct opt blame_opts[] = {
	LIST(struct blame_args, key, 0, "key", "VALUE", OFFER_NONE,
	    "only the row with this key"),
	OPT_TABLE_END
};

struct show {
	struct out *out;
	int width;		/* of version numbers */
	uint64_t shown;
};

static void
show_json(struct show *s, const struct blame_row *b)
{
	struct json *j = out_json(s->out);
	struct rowkey_row row = ROWKEY_ROW_INIT;

	rowkey_row_set(&row, b->shape, b->raw, b->len, b->number);
	json_object(j);
	json_key(j, "row");
	json_uint(j, b->number);
	json_key(j, "id");
	json_id(j, &b->node->id);
	json_key(j, "version");
	json_uint(j, b->node->version);
	json_key(j, "author");
	present_person(j, &b->commit->author);
	json_key(j, "date");
	json_time(j, b->commit->author_time);
	json_key(j, "job");
	json_text(j, b->commit->job);
	json_key(j, "cells");
	present_row_cells(j, &row);
	json_end(j);
	out_json_end(s->out);
	rowkey_row_release(&row);
}

static err_t
show(void *arg, const struct blame_row *b)
{
	struct show *s = arg;
	struct buf date = BUF_INIT;

	s->shown++;
	if (out_is_json(s->out)) {
		show_json(s, b);
		return NULL;
	}
	clock_format(&date, b->commit->author_time);
	out_printf(s->out, "v%-*llu ", s->width,
	    (unsigned long long)b->node->version);
	out_id(s->out, &b->node->id);
	out_printf(s->out, " %.10s ", date.p);
	out_text(s->out, b->commit->author.name);
	out_printf(s->out, ": ");
	out_textn(s->out, b->raw, b->len);
	out_printf(s->out, "\n");
	buf_release(&date);
	return NULL;
}

static int
digits(uint64_t n)
{
	int width = 1;

	while (n >= 10) {
		n /= 10;
		width++;
	}
	return width;
}

static err_t
blame(struct ctx *ctx, const struct blame_args *a, const struct id *commit,
    const char *path)
{
	struct show s = { .out = ctx->out };
	struct rowkey key = ROWKEY_INIT;
	struct commit_node node;
	err_t err;

	err = commit_node(&node, ctx->repo->store, commit);
	if (!err) {
		s.width = digits(node.version);
		err = a->key.n ? rowkey_parse(&key, ctx->repo, commit, path,
		    &a->key) : rowkey_table(&key, ctx->repo, commit, path);
	}
	if (!err)
		err = a->key.n ? blame_one(ctx->repo, &key, commit, show,
		    &s) : blame_run(ctx->repo, &key, commit, show, &s);
	if (!err && a->key.n && !s.shown) {
		ctx->answer_no = true;
		out_note(ctx->out, "\"%s\" has no row with the key %s in "
		    "v%llu", path, buf_cstr(&key.text),
		    (unsigned long long)node.version);
	}
	rowkey_release(&key);
	return err;
}

static err_t
blame_run_cmd(struct ctx *ctx, void *args, const struct operands *ops)
{
	struct rev rev = REV_INIT;
	struct buf path = BUF_INIT;
	size_t used = 0;
	err_t err;

	err = rev_split(&used, ctx->repo, ops, 1);
	if (!err && ops->n - used != 1)
		err = err_new(ERR_USAGE, "which table? name one path");
	if (!err)
		err = rev_parse(&rev, ctx->repo, used ? ops->v[0] : "HEAD");
	if (!err && (rev.path || rev.is_range))
		err = err_new(ERR_USAGE, "\"%s\" is not one version",
		    ops->v[0]);
	if (!err)
		err = repo_path(&path, ctx->repo, ops->v[used]);
	if (!err)
		err = blame(ctx, args, &rev.commit, buf_cstr(&path));
	buf_release(&path);
	rev_release(&rev);
	return err;
}

const struct cmd cmd_blame = {
	.name = "blame",
	.summary = "show for each row of a table the version it is from",
	.operands = "[REV] [--] PATH", .min_operands = 1, .max_operands = 2,
	.offer = OFFER_REV_OR_TRACKED, .group = GROUP_LOOK,
	.needs = CMD_REPO_READ, .role = ROLE_READ, .pages = true,
	.opts = blame_opts, .args_size = sizeof(struct blame_args),
	.run = blame_run_cmd,
};
