#include "cmd/cmd.h"
#include "cmd/out.h"
#include "lib/history/add.h"
#include "lib/history/attr.h"
#include "lib/history/pathspec.h"
#include "lib/history/table_advice.h"

struct add_args {
	bool all;
	bool dry_run;
	bool force;
	const char *dataset;
	const char *component;
};

static const struct opt add_opts[] = {
	FLAG(struct add_args, all, 'A', "all",
	    "everything in the working tree, wherever you are in it"),
	FLAG(struct add_args, dry_run, 'n', "dry-run",
	    "say what would be added, and add nothing"),
	FLAG(struct add_args, force, 'f', "force", "add ignored files too"),
	TEXT(struct add_args, dataset, 0, "dataset", "NAME", OFFER_DATASET,
	    "only the files of this dataset"),
	TEXT(struct add_args, component, 0, "component", "TYPE",
	    OFFER_NONE, "only the files of this component type"),
	OPT_TABLE_END
};

struct show {
	struct out *out;
	bool dry_run;
};

static err_t
show_one(void *arg, const char *path, enum add_what what)
{
	static const char *const words[] = { [ADD_NEW] = "new",
	    [ADD_CHANGED] = "changed", [ADD_GONE] = "gone" };
	const struct show *s = arg;
	struct json *j;

	if (!out_is_json(s->out)) {
		out_printf(s->out, "%s%s ", s->dry_run ? "would " : "",
		    what == ADD_GONE ? "remove" : "add");
		out_path(s->out, path);
		out_printf(s->out, "\n");
		return NULL;
	}
	j = out_json(s->out);
	json_begin_object(j);
	json_key(j, "path");
	json_text(j, path);
	json_key(j, "change");
	json_text(j, words[what]);
	json_end(j);
	out_json_end(s->out);
	return NULL;
}

static void
failed(void *arg, err_t why)
{
	out_warn(arg, "%s", why->msg);
}

static void
noted(void *arg, const char *path, const char *why)
{
	out_note(arg, "note: \"%s\" %s", path, why);
}

/* ---- what is worth saying ------------------------------------------------ */

#define HINTS 3			/* about keys, in one go */

struct advising {
	struct ctx *ctx;
	struct attrs *attrs;
	struct table_advice advice;
	unsigned hints;
};

/* The path as a shell takes it, for a command that can be copied. */
static void
quote_word(struct buf *out, const char *word)
{
	bool plain = *word && !word[strspn(word, "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-,")];

	if (plain) {
		buf_str(out, word);
		return;
	}
	buf_char(out, '\'');
	for (; *word; word++) {
		if (*word == '\'')
			buf_str(out, "'\\'");
		buf_char(out, *word);
	}
	buf_char(out, '\'');
}

static void
hint_key(struct advising *a, const char *path)
{
	struct buf words = BUF_INIT;

	quote_word(&words, path);
	buf_str(&words, " --key ");
	quote_word(&words, a->advice.key.p);
	out_note(a->ctx->out, "hint: \"%s\" is unique in \"%s\": dsv track %s",
	    a->advice.key.p, path, words.p);
	buf_release(&words);
	a->hints++;
}

static err_t
advise(void *arg, const char *path, enum add_what what)
{
	struct advising *a = arg;
	err_t err;

	if (what == ADD_GONE)
		return NULL;
	err = table_advice_on(&a->advice, a->ctx->repo, a->attrs, path,
	    what == ADD_NEW && a->hints < HINTS);
	if (err)
		return err;
	if (a->advice.odd.len)
		out_note(a->ctx->out, "note: \"%s\": %s%s", path,
		    a->advice.odd.p, a->advice.more ? "; \"dsv schema\" has "
		    "more once it is committed" : "");
	if (a->advice.key.len)
		hint_key(a, path);
	return NULL;
}

/* Nobody reads it with --quiet; and it is no reason for add to fail. */
static err_t
advise_all(struct ctx *ctx, struct attrs *attrs, const struct add *add)
{
	struct advising a = { .ctx = ctx, .attrs = attrs,
	    .advice = TABLE_ADVICE_INIT };
	err_t err = NULL;

	if (!ctx->g->quiet)
		err = add_walk(add, advise, &a);
	table_advice_release(&a.advice);
	return err_is(err, ERR_CANCELLED) || err_is(err, ERR_CORRUPT) ? err :
	    NULL;
}

/* ---- the command --------------------------------------------------------- */

static err_t
run(struct ctx *ctx, const struct add_args *a, const struct add_options *o)
{
	struct show s = { ctx->out, a->dry_run };
	struct add *add = NULL;
	err_t err;

	err = add_new(&add, ctx->repo, o);
	if (!err && a->dry_run)
		err = add_prepare(add, NULL);
	else if (!err)
		err = add_run(add, ctx->repo);
	if (!err && (a->dry_run || ctx->g->verbose || ctx->g->json))
		err = add_walk(add, show_one, &s);
	if (!err && !a->dry_run)
		err = advise_all(ctx, o->attrs, add);
	add_free(add);
	return err;
}

static err_t
add_run_cmd(struct ctx *ctx, void *args, const struct operands *ops)
{
	const struct add_args *a = args;
	struct attrs *attrs = attr_of_worktree(ctx->repo);
	struct add_options options = { .attrs = attrs, .force = a->force,
	    .failed = failed, .noted = noted, .arg = ctx->out };
	struct pathspec *ps = NULL;
	err_t err;

	if (!ops->n && !a->all && !a->dataset && !a->component)
		err = err_new(ERR_USAGE, "what? name files or directories, or "
		    "say \"dsv add --all\"");
	else
		err = pathspec_new(&ps, ctx->repo, ops->v,
		    a->all ? 0 : ops->n, a->dataset, a->component, attrs);
	options.ps = ps;
	if (!err)
		err = run(ctx, a, &options);
	pathspec_free(ps);
	attr_free(attrs);
	return err;
}

const struct cmd cmd_add = {
	.name = "add", .summary = "put files into the next version",
	.operands = "[PATH ...]", .min_operands = 0, .max_operands = -1,
	.offer = OFFER_FILE, .group = GROUP_WORK, .needs = CMD_REPO_WRITE,
	.role = ROLE_WRITE,
	.opts = add_opts, .args_size = sizeof(struct add_args),
	.run = add_run_cmd,
};
