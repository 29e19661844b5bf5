#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/out.h"
#include "cmd/present.h"
#include "lib/base/clock.h"
#include "lib/base/mem.h"
#include "lib/history/add.h"
#include "lib/history/attr.h"
#include "lib/history/commit.h"
#include "lib/history/config.h"
#include "lib/history/message.h"
#include "lib/history/refs.h"
#include "lib/review/state.h"

struct commit_args {
	const char *message;
	bool all;
	const char *author;
	const char *date;
	const char *job;
	struct opt_list metas;
	const char *tag;
	bool allow_empty;
	bool allow_schema;
	bool sign;
	bool dry_run;
};

static const struct opt commit_opts[] = {
	TEXT(struct commit_args, message, 'm', "message", "TEXT", OFFER_NONE,
	    "what the version is about; without it an editor asks"),
	FLAG(struct commit_args, all, 'a', "all",
	    "first put all changed and deleted tracked files into the stage"),
	TEXT(struct commit_args, author, 0, "author", "NAME", OFFER_NONE,
	    "who made the data, as \"Name <email>\", if not you"),
	TEXT(struct commit_args, date, 0, "date", "TIME", OFFER_NONE,
	    "when, if not now"),
	TEXT(struct commit_args, job, 0, "job", "ID", OFFER_NONE,
	    "the job that made the data"),
	LIST(struct commit_args, metas, 0, "meta", "KEY=VALUE", OFFER_NONE,
	    "a fact to keep with the version; may be repeated"),
	TEXT(struct commit_args, tag, 0, "tag", "NAME", OFFER_NONE,
	    "also tag the version so"),
	FLAG(struct commit_args, allow_empty, 0, "allow-empty",
	    "make a version even if nothing changed"),
	FLAG(struct commit_args, allow_schema, 0, "allow-schema-change",
	    "whatever the attribute schema= says of a changed table"),
	FLAG(struct commit_args, sign, 'S', "sign",
	    "sign it with the SSH key user.signingKey"),
	FLAG(struct commit_args, dry_run, 'n', "dry-run",
	    "say what would be committed, change nothing"),
	OPT_TABLE_END
};

/* ---- what goes in ------------------------------------------------------ */

static void
on_failed(void *arg, err_t why)
{
	struct ctx *ctx = arg;

	out_warn(ctx->out, "%s", why->msg);
}

static err_t
prepare_all(void *arg, struct txn *t)
{
	return add_prepare(arg, t);
}

static err_t
stage_all(void *arg, struct txn *t)
{
	return add_stage(arg, t);
}

static err_t
entries_all(void *arg, add_entry_fn *fn, void *fn_arg)
{
	return add_entries(arg, fn, fn_arg);
}

/* The metas borrow their values from argv. */
static err_t
parse_metas(struct meta **out, const struct opt_list *list)
{
	struct meta *metas = mem_array(list->n, sizeof(*metas));
	err_t err = NULL;

	*out = metas;
	for (size_t i = 0; !err && i < list->n; i++) {
		const char *eq = strchr(list->items[i], '=');

		if (!eq || eq == list->items[i])
			return err_new(ERR_USAGE, "\"%s\" is not KEY=VALUE",
			    list->items[i]);
		metas[i].key = mem_strndup(list->items[i],
		    (size_t)(eq - list->items[i]));
		metas[i].value = mem_strdup(eq + 1);
	}
	return err;
}

static void
free_metas(struct meta *metas, size_t n)
{
	for (size_t i = 0; metas && i < n; i++) {
		free(metas[i].key);
		free(metas[i].value);
	}
	free(metas);
}

/* Of more tables only the sum is said. */
#define TABLES_LISTED 10

/* ---- what came of it --------------------------------------------------- */

static void
say_nothing(struct ctx *ctx, const struct commit_report *report)
{
	ctx->answer_no = true;
	if (id_is_zero(&report->parent_tree))
		out_note(ctx->out, "nothing to commit: the stage is empty; "
		    "put files there with \"dsv add\"");
	else
		out_note(ctx->out, "nothing to commit: nothing is staged "
		    "since the last version; \"dsv status\" shows what could "
		    "be");
}

/* The version's members. */
static err_t
version_members(struct json *j, struct ctx *ctx, const struct id *id)
{
	struct commit c = COMMIT_INIT;
	struct commit_node node;
	const struct review draft = REVIEW_INIT;
	struct present_version v = { .node = &node, .commit = &c,
	    .review = &draft };
	struct refs_table *refs = NULL;
	err_t err;

	err = commit_node(&node, ctx->repo->store, id);
	if (!err)
		err = commit_read(&c, ctx->repo->store, id);
	if (!err)
		err = refs_table_load(&refs, ctx->repo);
	if (!err)
		present_members(j, refs, &v);
	refs_table_free(refs);
	commit_release(&c);
	return err;
}

/* No failure takes the version back: what can be said of it is said. */
static void
report_json(struct ctx *ctx, const struct commit_report *report,
    const struct diff_counts *counts)
{
	struct json *j = out_json(ctx->out);
	err_t err = NULL;

	json_object(j);
	if (!id_is_zero(&report->id))
		err = version_members(j, ctx, &report->id);
	if (err) {
		json_key(j, "id");
		json_id(j, &report->id);
		out_warn(ctx->out, "the version is made, but cannot be "
		    "shown: %s", err->msg);
	}
	json_key(j, "branch");
	json_text(j, report->branch.p);
	if (!report->uncounted.msg[0]) {
		json_key(j, "files");
		json_object(j);
		present_counts_members(j, counts);
		json_end(j);
	}
	if (!err && !id_is_zero(&report->id))
		err = present_tables_member(j, ctx->repo->store, NULL,
		    &report->id);
	json_end(j);
	out_json_end(ctx->out);
}

/* "main v3 1a2b3c4d September load", and how many files. */
static void
report_on(struct ctx *ctx, const struct commit_report *report,
    const char *message)
{
	struct present_diff p = { .out = ctx->out, .below = "", .counts = {
	    .added = report->added, .modified = report->modified,
	    .deleted = report->deleted } };
	err_t err;

	if (report->uncounted.msg[0])
		out_warn(ctx->out, "the version is made, but its files cannot "
		    "be counted: %s", report->uncounted.msg);
	if (out_is_json(ctx->out))
		report_json(ctx, report, &p.counts);
	if (out_is_json(ctx->out) || ctx->g->quiet)
		return;
	p.any = report->added || report->modified || report->deleted;
	if (id_is_zero(&report->id))
		out_printf(ctx->out, "would commit to ");
	out_text(ctx->out, report->branch.p);
	if (!id_is_zero(&report->id)) {
		out_printf(ctx->out, " v%llu ",
		    (unsigned long long)report->version);
		out_id(ctx->out, &report->id);
		out_printf(ctx->out, " ");
		message += strspn(message, "\r\n");
		out_textn(ctx->out, message, strcspn(message, "\n"));
	}
	out_printf(ctx->out, "\n");
	if (!report->uncounted.msg[0])
		present_counts(&p);
	if (id_is_zero(&report->id))
		return;
	err = present_tables(&(struct present_tables){ .out = ctx->out,
	    .store = ctx->repo->store, .below = "", .max = TABLES_LISTED },
	    &report->id);
	if (err)
		out_warn(ctx->out, "the version is made, but its rows cannot "
		    "be shown: %s", err->msg);
}

/* ---- doing it ---------------------------------------------------------- */

/* commit_create, with all tracked files put into the stage first if asked. */
static err_t
create(struct commit_report *out, struct ctx *ctx, struct commit_options o,
    bool all)
{
	struct add_options options = { .tracked_only = true,
	    .failed = on_failed, .arg = ctx };
	struct attrs *attrs = NULL;
	struct add *add = NULL;
	err_t err = NULL;

	if (all) {
		attrs = attr_of_worktree(ctx->repo);
		options.attrs = attrs;
		o.prepare = prepare_all;
		o.stage = stage_all;
		o.entries = entries_all;
		err = add_new(&add, ctx->repo, &options);
	}
	o.arg = add;
	if (!err)
		err = commit_create(out, ctx->repo, &o);
	add_free(add);
	attr_free(attrs);
	return err;
}

/* A message from the editor, if there is anything to commit. */
static err_t
ask_message(struct buf *out, struct commit_report *trial, struct ctx *ctx,
    struct commit_options o, bool all)
{
	struct buf text = BUF_INIT;
	err_t err;

	if (!message_can_edit())
		return err_new(ERR_USAGE, "a version needs a message; give "
		    "one with -m");
	err = commit_preview(trial, ctx->repo, &o, all);
	if (err || trial->nothing)
		return err;
	buf_printf(&text, "\n# What is this version about?  Lines that begin "
	    "with \"#\" are left out.\n# On branch %s: %llu added, %llu "
	    "modified, %llu deleted files.\n", trial->branch.p,
	    (unsigned long long)trial->added,
	    (unsigned long long)trial->modified,
	    (unsigned long long)trial->deleted);
	err = message_edit(out, text.p);
	commit_report_release(trial);
	buf_release(&text);
	return err;
}

static err_t
commit_run(struct ctx *ctx, void *args, const struct operands *ops)
{
	const struct commit_args *a = args;
	struct commit_report report = COMMIT_REPORT_INIT;
	struct commit_options o = { .message = a->message,
	    .author = a->author, .has_date = a->date, .job = a->job,
	    .n_metas = a->metas.n, .tag = a->tag,
	    .allow_empty = a->allow_empty, .allow_schema = a->allow_schema,
	    .sign = a->sign || config_switch(ctx->repo->config,
	    "commit.sign", false) };
	struct meta *metas = NULL;
	struct buf message = BUF_INIT;
	err_t err;

	(void)ops;
	err = parse_metas(&metas, &a->metas);
	o.metas = metas;
	if (!err && a->date)
		err = clock_parse(&o.date, a->date);
	if (!err && !a->message && !a->dry_run) {
		err = ask_message(&message, &report, ctx, o, a->all);
		o.message = buf_cstr(&message);
	}
	if (!err && a->dry_run)
		err = commit_preview(&report, ctx->repo, &o, a->all);
	else if (!err && !report.nothing)
		err = create(&report, ctx, o, a->all);
	if (!err && report.nothing)
		say_nothing(ctx, &report);
	else if (!err)
		report_on(ctx, &report, o.message);
	commit_report_release(&report);
	free_metas(metas, a->metas.n);
	buf_release(&message);
	return err;
}

const struct cmd cmd_commit = {
	.name = "commit",
	.summary = "make a version of what is in the stage",
	.operands = "", .group = GROUP_WORK, .needs = CMD_REPO_WRITE,
	.role = ROLE_WRITE,
	.opts = commit_opts, .args_size = sizeof(struct commit_args),
	.run = commit_run,
};
