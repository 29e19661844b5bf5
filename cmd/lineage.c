/*
 * The whole story of a row: what became of it in which version, and what was
 * decided about it.
 */

#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/out.h"
#include "cmd/present.h"
#include "cmd/present_decision.h"
#include "cmd/present_row.h"
#include "lib/base/clock.h"
#include "lib/base/mem.h"
#include "lib/history/rev.h"
#include "lib/history/rowlog.h"
#include "lib/review/decided.h"

struct lineage_args {
	struct opt_list key;
	uint64_t limit;
};

static const struct opt lineage_opts[] = {
	LIST(struct lineage_args, key, 0, "key", "VALUE", OFFER_NONE,
	    "the row with this key"),
	NUMBER(struct lineage_args, limit, 0, "limit", "COUNT",
	    "no more than so many changes of the row"),
	OPT_TABLE_END
};

struct lineage {
	struct ctx *ctx;
	struct rowkey key;
	struct commit_node node;	/* from which it is told */
	struct decided *decided;
	size_t left;			/* decisions that are not told yet */
	const struct decision **now;	/* in force for rows with the key */
	size_t n_now, cap_now;
	uint64_t changes;
};

static bool
is_now(const struct lineage *l, const struct decision *d)
{
	for (size_t i = 0; i < l->n_now; i++)
		if (l->now[i] == d)
			return true;
	return false;
}

/* ---- one step ----------------------------------------------------------- */

static void
carried_json(struct json *j, const struct decided_act *from)
{
	json_object(j);
	json_key(j, "id");
	json_id(j, &from->commit);
	json_key(j, "version");
	json_uint(j, from->version);
	json_key(j, "event");
	json_id(j, &from->event);
	json_end(j);
}

static void
tell_decision(struct lineage *l, const struct decision *d)
{
	struct out *o = l->ctx->out;
	bool now = is_now(l, d);
	bool carried = now && !id_eq(&d->act->commit, &l->node.id);
	struct json *j;

	if (out_is_json(o)) {
		j = out_json(o);
		json_object(j);
		json_key(j, "kind");
		json_text(j, "decision");
		present_decision_members(j, d);
		json_key(j, "in_force");
		json_bool(j, now);
		json_key(j, "carried_from");
		if (carried)
			carried_json(j, d->act);
		else
			json_null(j);
		json_end(j);
		out_json_end(o);
		return;
	}
	out_printf(o, "v%llu ", (unsigned long long)d->act->version);
	out_id(o, &d->act->commit);
	out_printf(o, " ");
	present_decision(o, d);
	if (now)
		out_printf(o, carried ? " [in force, carried]" :
		    " [in force]");
	out_printf(o, "\n");
}

/* Those on the version itself and on later ones come before its change:
 * newest first. */
static void
tell_decisions(struct lineage *l, uint64_t version)
{
	while (l->left && decided_at(l->decided, l->left - 1)->act->version >=
	    version)
		tell_decision(l, decided_at(l->decided, --l->left));
}

static void
change_json(struct lineage *l, const struct rowlog_entry *e)
{
	struct json *j = out_json(l->ctx->out);

	json_object(j);
	json_key(j, "kind");
	json_text(j, "change");
	json_key(j, "id");
	json_id(j, &e->node.id);
	json_key(j, "version");
	json_uint(j, e->node.version);
	json_key(j, "author");
	present_person(j, &e->commit.author);
	json_key(j, "date");
	json_time(j, e->commit.author_time);
	json_key(j, "job");
	json_text(j, e->commit.job);
	json_key(j, "message");
	json_text(j, e->commit.message);
	json_key(j, "rows");
	json_array(j);
	for (size_t i = 0; i < e->n; i++)
		present_row_members(j, &e->v[i]);
	json_end(j);
	json_end(j);
	out_json_end(l->ctx->out);
}

static void
change_text(struct lineage *l, const struct rowlog_entry *e,
    const struct rowlog_change *c)
{
	struct out *o = l->ctx->out;
	struct buf when = BUF_INIT;

	clock_format(&when, e->commit.author_time);
	out_printf(o, "v%llu ", (unsigned long long)e->node.version);
	out_id(o, &e->node.id);
	out_printf(o, " %.10s ", when.p);
	out_text(o, e->commit.author.name);
	if (e->commit.job) {
		out_printf(o, " (");
		out_text(o, e->commit.job);
		out_printf(o, ")");
	}
	out_printf(o, ": ");
	present_row_short(o, c);
	out_printf(o, "\n");
	buf_release(&when);
}

static err_t
tell_change(void *arg, const struct rowlog_entry *e)
{
	struct lineage *l = arg;

	l->changes++;
	tell_decisions(l, e->node.version);
	if (out_is_json(l->ctx->out)) {
		change_json(l, e);
		return NULL;
	}
	for (size_t i = 0; i < e->n; i++)
		change_text(l, e, &e->v[i]);
	return NULL;
}

/* ---- the command -------------------------------------------------------- */

/* What is in force is what the rows are now. */
static err_t
load_now(struct lineage *l)
{
	struct rowkey_rows rows = ROWKEY_ROWS_INIT;
	struct id content, hash;
	err_t err;

	err = rowkey_content(&content, l->ctx->repo, &l->node.tree,
	    l->key.path);
	if (!err)
		err = rowkey_find(&rows, l->ctx->repo, &l->key, &content);
	for (size_t i = 0; !err && i < rows.n; i++) {
		const struct decision *d;

		row_hash(&hash, &rows.v[i].row, &rows.v[i].shape);
		d = decided_row(l->decided, l->key.hash, &hash);
		VEC_ROOM(l->now, l->n_now, l->cap_now);
		l->now[l->n_now++] = d;
	}
	rowkey_rows_release(&rows);
	return err;
}

static err_t
tell(struct lineage *l, uint64_t limit)
{
	struct log_options options = { .from = l->node.id, .limit = limit };
	char hex[ID_HEX + 1];
	err_t err;

	err = decided_load(&l->decided, l->ctx->repo, &l->node.id,
	    l->key.path, l->key.hash);
	if (!err)
		err = load_now(l);
	if (err)
		return err;
	l->left = decided_count(l->decided);
	err = rowlog_run(l->ctx->repo, &l->key, &options, tell_change, l);
	if (!err && !limit)
		tell_decisions(l, 0);
	if (err || l->changes)
		return err;
	l->ctx->answer_no = true;
	if (!out_is_json(l->ctx->out))
		out_note(l->ctx->out, "\"%s\" never had a row with the key "
		    "%s up to v%llu %.8s", l->key.path,
		    buf_cstr(&l->key.text),
		    (unsigned long long)l->node.version,
		    id_hex(hex, &l->node.id));
	return NULL;
}

static err_t
lineage_run(struct ctx *ctx, void *args, const struct operands *ops)
{
	const struct lineage_args *a = args;
	struct lineage l = { .ctx = ctx, .key = ROWKEY_INIT };
	struct buf path = BUF_INIT;
	struct id commit;
	size_t used;
	err_t err;

	if (!a->key.n)
		return err_new(ERR_USAGE, "of which row? say --key VALUE");
	err = rev_split(&used, ctx->repo, ops, 1);
	if (!err && ops->n - used != 1)
		err = err_new(ERR_USAGE, "of which table? name one path");
	if (!err)
		err = rev_commit(&commit, ctx->repo, used ? ops->v[0] :
		    "HEAD");
	if (!err)
		err = commit_node(&l.node, ctx->repo->store, &commit);
	if (!err)
		err = repo_path(&path, ctx->repo, ops->v[used]);
	if (!err)
		err = rowkey_parse(&l.key, ctx->repo, &commit,
		    buf_cstr(&path), &a->key);
	if (!err)
		err = tell(&l, a->limit);
	decided_free(l.decided);
	free(l.now);
	rowkey_release(&l.key);
	buf_release(&path);
	return err;
}

const struct cmd cmd_lineage = {
	.name = "lineage",
	.summary = "tell the whole story of a row",
	.operands = "[REV] [--] PATH", .min_operands = 1, .max_operands = 2,
	.offer = OFFER_REV_OR_TRACKED, .group = GROUP_LOOK,
	.needs = CMD_REPO_READ, .role = ROLE_READ, .pages = true,
	.opts = lineage_opts, .args_size = sizeof(struct lineage_args),
	.run = lineage_run,
};
