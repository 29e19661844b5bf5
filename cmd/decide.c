#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "cmd/out.h"
#include "lib/base/term.h"
#include "lib/history/rev.h"
#include "lib/history/tree.h"
#include "lib/review/decide.h"

struct decide_args {
	struct opt_list key;
	struct opt_list where;
	bool all_pending;
	const char *from;
	const char *rev;
	const char *message;
	const char *source, *reason;
	bool dry_run;
};

static const struct opt decide_opts[] = {
	LIST(struct decide_args, key, 0, "key", "VALUE", OFFER_NONE,
	    "the row with this key"),
	LIST(struct decide_args, where, 0, "where", "COLUMN=VALUE",
	    OFFER_NONE, "all rows that have the value"),
	FLAG(struct decide_args, all_pending, 0, "all-pending",
	    "all rows that nobody has decided about, as they are"),
	TEXT(struct decide_args, from, 0, "from", "FILE", OFFER_FILE,
	    "the decisions are in this file; - is standard input"),
	TEXT(struct decide_args, rev, 0, "rev", "REV", OFFER_REV,
	    "the version, HEAD if not said"),
	TEXT(struct decide_args, message, 'm', "message", "TEXT", OFFER_NONE,
	    "a note: what was checked, and how"),
	TEXT(struct decide_args, source, 0, "source", "WORD", OFFER_NONE,
	    "where the decision comes from: tester, llm, manual ..."),
	TEXT(struct decide_args, reason, 0, "reason", "TEXT", OFFER_NONE,
	    "why it is rejected, or what is to be modified"),
	FLAG(struct decide_args, dry_run, 'n', "dry-run",
	    "say what would be decided, change nothing"),
	OPT_TABLE_END
};

/* ---- saying ------------------------------------------------------------- */

static void
report_json(struct out *o, const struct decide_order *order,
    const struct decide_report *r)
{
	struct json *j = out_json(o);

	json_object(j);
	json_key(j, "action");
	json_text(j, "decide");
	json_key(j, "id");
	json_id(j, &order->commit);
	json_key(j, "version");
	json_uint(j, r->version);
	json_key(j, "path");
	json_text(j, order->path);
	json_key(j, "approved");
	json_uint(j, r->approved);
	json_key(j, "rejected");
	json_uint(j, r->rejected);
	json_key(j, "modify");
	json_uint(j, r->modify);
	json_key(j, "keyless");
	json_uint(j, r->keyless);
	json_key(j, "dry_run");
	json_bool(j, order->dry_run);
	json_end(j);
	out_json_end(o);
}

static void
add_count(struct buf *b, uint64_t n, const char *word)
{
	char text[32];

	if (n)
		buf_printf(b, "%s%s %s", b->len ? ", " : "",
		    term_count(text, n), word);
}

/* "v2 1a2b3c4d prices.csv: rows: 9 approved, 1 to modify" */
static void
report_on(struct ctx *ctx, const struct decide_order *order,
    const struct decide_report *r)
{
	struct out *o = ctx->out;
	struct buf counts = BUF_INIT;
	char n[64];

	add_count(&counts, r->approved, "approved");
	add_count(&counts, r->rejected, "rejected");
	add_count(&counts, r->modify, "to modify");
	if (r->keyless)
		out_note(o, "%s without a key %s left out", term_counted(n,
		    r->keyless, "row"), r->keyless == 1 ? "is" : "are");
	if (!counts.len)
		out_note(o, "no row is left to decide about");
	else if (!ctx->g->quiet) {
		out_printf(o, "v%llu ", (unsigned long long)r->version);
		out_id(o, &order->commit);
		out_printf(o, " ");
		out_path(o, order->path);
		out_printf(o, ": rows%s: %s\n", order->dry_run ?
		    " would be" : "", counts.p);
	}
	buf_release(&counts);
}

/* ---- what was asked ----------------------------------------------------- */

static err_t
check_where(const struct opt_list *where)
{
	for (size_t i = 0; i < where->n; i++)
		if (!strchr(where->items[i], '='))
			return err_new(ERR_USAGE, "--where takes "
			    "COLUMN=VALUE");
	return NULL;
}

static err_t
check(struct decide_order *order, const struct decide_args *a,
    const struct operands *ops)
{
	bool picks = a->key.n || a->where.n || a->all_pending;
	const char *word = ops->n > 1 ? ops->v[1] : NULL;

	if (a->from && (picks || word))
		return err_new(ERR_USAGE, "--from says which rows and what "
		    "of them; leave out the rest");
	if (!a->from && !word)
		return err_new(ERR_USAGE, "what is decided? say approve, "
		    "reject or modify after the path");
	if (word && !decided_parse(&order->verdict, word, strlen(word)))
		return err_new(ERR_USAGE, "\"%s\" is no decision; say "
		    "approve, reject or modify", word);
	if (!a->from && !picks)
		return err_new(ERR_USAGE, "about which rows? say --key, "
		    "--where or --all-pending");
	return check_where(&a->where);
}

static err_t
open_sheet(struct decide_order *order, const char *from,
    const struct rowkey *key)
{
	int fd = STDIN_FILENO;
	err_t err;

	if (!key->key.n)
		return err_new(ERR_REFUSED, "\"%s\" has no key; say what "
		    "tells its rows apart with \"dsv track --key COLUMN\"",
		    order->path);
	if (strcmp(from, "-") != 0)
		fd = open(from, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_sys("cannot open \"%s\"", from);
	err = sheet_read(&order->sheet, fd, from, &key->key);
	if (fd != STDIN_FILENO)
		close(fd);
	return err;
}

/* The file comes before its key: one that is not there has none. */
static err_t
check_there(struct repo *r, const struct decide_order *order)
{
	struct commit_node node;
	struct tree_entry e;
	err_t err;

	err = commit_node(&node, r->store, &order->commit);
	if (!err)
		err = tree_lookup(&e, r->store, &node.tree, order->path);
	return err;
}

static err_t
decide_command(struct ctx *ctx, void *args, const struct operands *ops)
{
	const struct decide_args *a = args;
	struct decide_order order = { .where = &a->where,
	    .pending = a->all_pending, .source = a->source,
	    .reason = a->reason, .note = a->message, .dry_run = a->dry_run };
	struct decide_report report;
	struct rowkey key = ROWKEY_INIT;
	struct buf path = BUF_INIT;
	err_t err;

	err = check(&order, a, ops);
	if (!err)
		err = rev_commit(&order.commit, ctx->repo, a->rev ? a->rev :
		    "HEAD");
	if (!err)
		err = repo_path(&path, ctx->repo, ops->v[0]);
	order.path = buf_cstr(&path);
	if (!err)
		err = check_there(ctx->repo, &order);
	if (!err && a->key.n) {
		err = rowkey_parse(&key, ctx->repo, &order.commit,
		    order.path, &a->key);
		order.key = &key;
	} else if (!err && a->from) {
		err = rowkey_table(&key, ctx->repo, &order.commit,
		    order.path);
		if (!err)
			err = open_sheet(&order, a->from, &key);
	}
	if (!err)
		err = decide_run(&report, ctx->repo, &order);
	if (!err && out_is_json(ctx->out))
		report_json(ctx->out, &order, &report);
	else if (!err)
		report_on(ctx, &order, &report);
	sheet_free(order.sheet);
	rowkey_release(&key);
	buf_release(&path);
	return err;
}

const struct cmd cmd_decide = {
	.name = "decide",
	.summary = "say of rows of a table whether they are good",
	.operands = "PATH [approve|reject|modify]", .min_operands = 1,
	.max_operands = 2, .offer = OFFER_TRACKED, .group = GROUP_REVIEW,
	.needs = CMD_REPO_WRITE, .role = ROLE_REVIEW, .opts = decide_opts,
	.args_size = sizeof(struct decide_args), .run = decide_command,
};
