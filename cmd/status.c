#include <string.h>

#include "cmd/cmd.h"
#include "cmd/out.h"
#include "lib/base/term.h"
#include "lib/history/attr.h"
#include "lib/history/pathspec.h"
#include "lib/history/status.h"

struct status_args {
	bool short_form;
	bool ignored;
	const char *untracked;
	const char *dataset;
	const char *component;
};

static const struct opt status_opts[] = {
	FLAG(struct status_args, short_form, 's', "short",
	    "one line per path, for reading by eye or program"),
	FLAG(struct status_args, ignored, 0, "ignored",
	    "ignored files and directories too"),
	CHOICE(struct status_args, untracked, 'u', "untracked", "WHICH",
	    "none|dirs|all", "untracked files: none, whole directories as "
	    "one, or all"),
	TEXT(struct status_args, dataset, 0, "dataset", "NAME",
	    OFFER_DATASET, "only the files of this dataset"),
	TEXT(struct status_args, component, 0, "component", "TYPE",
	    OFFER_NONE, "only the files of this component type"),
	OPT_TABLE_END
};

/* ---- JSON ------------------------------------------------------------- */

static void
json_state(struct json *j, const char *key, enum status_code code)
{
	json_key(j, key);
	json_text(j, code == STATUS_NONE ? NULL : status_word(code));
}

static void
show_json(struct out *out, const struct status *st, const struct head *head)
{
	struct json *j = out_json(out);

	json_begin_object(j);
	json_key(j, "branch");
	json_text(j, head_branch(head));
	json_key(j, "id");
	if (id_is_zero(&head->commit))
		json_write_null(j);
	else
		json_id(j, &head->commit);
	json_key(j, "clean");
	json_bool(j, !st->n_staged && !st->n_work && !st->n_untracked);
	json_key(j, "files");
	json_begin_array(j);
	for (size_t i = 0; i < st->n; i++) {
		const struct status_item *item = &st->items[i];

		json_begin_object(j);
		json_key(j, "path");
		json_text(j, item->path);
		if (item->from) {
			json_key(j, "from");
			json_text(j, item->from);
		}
		json_state(j, "staged", item->staged);
		json_state(j, "work", item->work);
		json_end(j);
	}
	json_end(j);
	json_end(j);
	out_json_end(out);
}

/* ---- text ------------------------------------------------------------- */

static void
show_short(struct out *out, const struct status *st)
{
	for (size_t i = 0; i < st->n; i++) {
		const struct status_item *item = &st->items[i];
		bool twice = item->work == STATUS_UNTRACKED ||
		    item->work == STATUS_IGNORED;

		out_style(out, OUT_GREEN);
		out_printf(out, "%c", twice ? (char)item->work :
		    (char)item->staged);
		out_reset(out);
		out_style(out, OUT_RED);
		out_printf(out, "%c", (char)item->work);
		out_reset(out);
		out_printf(out, " ");
		if (item->from) {
			out_path(out, item->from);
			out_printf(out, " -> ");
		}
		out_path(out, item->path);
		out_printf(out, "\n");
	}
}

static void
show_line(struct out *out, enum status_code code, const char *from,
    const char *path)
{
	bool word = code != STATUS_UNTRACKED && code != STATUS_IGNORED;

	out_printf(out, "  ");
	if (word)
		out_printf(out, "%-11s", status_word(code));
	if (from) {
		out_path(out, from);
		out_printf(out, " -> ");
	}
	out_path(out, path);
	out_printf(out, "\n");
}

enum section { STAGED, WORK, UNTRACKED, IGNORED };

static enum status_code
code_in(const struct status_item *item, enum section section)
{
	bool other = item->work == STATUS_UNTRACKED ||
	    item->work == STATUS_IGNORED;

	switch (section) {
	case STAGED:
		return item->staged;
	case WORK:
		return other ? STATUS_NONE : item->work;
	case UNTRACKED:
		return item->work == STATUS_UNTRACKED ? item->work :
		    STATUS_NONE;
	case IGNORED:
		return item->work == STATUS_IGNORED ? item->work : STATUS_NONE;
	}
	return STATUS_NONE;
}

static void
show_section(struct out *out, const struct status *st, enum section section,
    size_t n, const char *title, const char *hint)
{
	if (!n)
		return;
	out_printf(out, "\n");
	out_style(out, OUT_BOLD);
	out_printf(out, "%s", title);
	out_reset(out);
	out_printf(out, "%s%s%s\n", *hint ? " (" : "", hint,
	    *hint ? ")" : "");
	for (size_t i = 0; i < st->n; i++) {
		const struct status_item *item = &st->items[i];
		enum status_code code = code_in(item, section);

		if (code == STATUS_NONE)
			continue;
		out_style(out, section == STAGED ? OUT_GREEN : OUT_RED);
		show_line(out, code, section == STAGED ? item->from : NULL,
		    item->path);
		out_reset(out);
	}
}

static void
show_head(struct out *out, const struct head *head, uint64_t version)
{
	if (head_branch(head)) {
		out_printf(out, "on branch ");
		out_text(out, head_branch(head));
	} else {
		out_printf(out, "on no branch");
	}
	if (version) {
		out_printf(out, ", at v%llu ", (unsigned long long)version);
		out_id(out, &head->commit);
	} else {
		out_printf(out, ", no version yet");
	}
	out_printf(out, "\n");
}

static void
show_text(struct out *out, const struct status *st, const struct head *head,
    uint64_t version)
{
	show_head(out, head, version);
	show_section(out, st, STAGED, st->n_staged, "in the next version",
	    "\"dsv restore --staged PATH\" takes it out");
	show_section(out, st, WORK, st->n_work, "changed, not added",
	    "\"dsv add PATH\" takes it in, \"dsv restore PATH\" undoes it");
	show_section(out, st, UNTRACKED, st->n_untracked, "not tracked",
	    "\"dsv add PATH\" takes it in");
	show_section(out, st, IGNORED, st->n_ignored, "ignored", "");
	if (!st->n_staged && !st->n_work && !st->n_untracked)
		out_printf(out, version ? "nothing to commit\n" :
		    "nothing to commit; \"dsv add\" files first\n");
	else if (!st->n_staged)
		out_printf(out, "\nnothing added to commit\n");
}

/* ---- the command ------------------------------------------------------ */

static unsigned
flags_of(const struct status_args *a)
{
	unsigned flags = a->ignored ? WORK_SHOW_IGNORED : 0;

	if (!a->untracked || !strcmp(a->untracked, "dirs"))
		flags |= WORK_FOLD_UNTRACKED | WORK_SHOW_UNTRACKED;
	else if (!strcmp(a->untracked, "all"))
		flags |= WORK_SHOW_UNTRACKED;
	return flags;
}

static err_t
show(struct ctx *ctx, const struct status_args *a, const struct status *st)
{
	struct head head = HEAD_INIT;
	struct commit_node node = { .version = 0 };
	err_t err;

	err = repo_head(&head, ctx->repo);
	if (!err && !id_is_zero(&head.commit))
		err = commit_node(&node, ctx->repo->store, &head.commit);
	if (err)
		goto out;
	if (ctx->g->json)
		show_json(ctx->out, st, &head);
	else if (a->short_form)
		show_short(ctx->out, st);
	else
		show_text(ctx->out, st, &head, node.version);
	for (size_t i = 0; i < st->n_notes; i++)
		out_note(ctx->out, "note: %s", st->notes[i]);
out:
	head_release(&head);
	return err;
}

static err_t
status_run(struct ctx *ctx, void *args, const struct operands *ops)
{
	const struct status_args *a = args;
	struct attrs *attrs = attr_of_worktree(ctx->repo);
	struct pathspec *ps = NULL;
	struct status st = STATUS_INIT;
	err_t err;

	err = pathspec_new(&ps, ctx->repo, ops->v, ops->n, a->dataset,
	    a->component, attrs);
	if (!err)
		err = status_collect(&st, ctx->repo, ps, flags_of(a));
	if (!err)
		err = show(ctx, a, &st);
	status_release(&st);
	pathspec_free(ps);
	attr_free(attrs);
	return err;
}

const struct cmd cmd_status = {
	.name = "status",
	.summary = "show what differs from the last version",
	.operands = "[PATH ...]", .min_operands = 0, .max_operands = -1,
	.offer = OFFER_TRACKED, .group = GROUP_WORK, .needs = CMD_REPO_READ,
	.role = ROLE_READ,
	.opts = status_opts, .args_size = sizeof(struct status_args),
	.run = status_run,
};
