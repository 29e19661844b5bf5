/*
 * From argv to the exit status: global options before and after the name of
 * the command, the repository as the command's table asks for it, the
 * command, the one error.  Nothing else in the program prints an error or
 * exits.
 */

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "cmd/help.h"
#include "cmd/out.h"
#include "lib/base/cancel.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/base/term.h"
#include "lib/history/repo.h"

static err_t
check_operands(const struct cmd *cmd, const struct operands *ops)
{
	size_t max = (size_t)cmd->max_operands;

	if (ops->n < (size_t)cmd->min_operands)
		return err_new(ERR_USAGE, "something is missing: the form is "
		    "\"dsv %s %s\"; see \"dsv %s --help\"",
		    cmd->name, cmd->operands, cmd->name);
	if (cmd->max_operands >= 0 && ops->n > max)
		return err_new(ERR_USAGE, "\"%s\" is one argument too many; "
		    "see \"dsv %s --help\"", ops->v[max], cmd->name);
	return NULL;
}

err_t
cmd_open_repo(struct ctx *ctx, enum store_mode mode)
{
	err_t err = repo_open(&ctx->repo, NULL, mode, ctx->wait_ms);

	return err ? err : access_command(ctx->repo, ctx->cmd->name,
	    ctx->cmd->role);
}

static err_t
open_repo(struct ctx *ctx)
{
	enum cmd_needs needs = ctx->cmd->needs;
	err_t err;

	if (needs == CMD_ANYWHERE)
		return NULL;
	err = cmd_open_repo(ctx, needs == CMD_REPO_WRITE ? STORE_WRITE :
	    STORE_READ);
	if (needs == CMD_REPO_IF_ANY && err_is(err, ERR_NOT_FOUND))
		return NULL;
	return err;
}

static enum term_when
when_coloured(const struct globals *g)
{
	if (strcmp(g->color, "always") == 0)
		return TERM_ALWAYS;
	return strcmp(g->color, "never") == 0 ? TERM_NEVER : TERM_AUTO;
}

static err_t
prepare(struct ctx *ctx)
{
	const struct globals *g = ctx->g;
	err_t err;

	/* Beyond a day nobody waits, and milliseconds still fit. */
	ctx->wait_ms = (int64_t)(g->wait < 86400 ? g->wait : 86400) * 1000;
	term_progress_quiet(g->quiet || g->json);
	if (g->dir && chdir(g->dir) < 0)
		return err_sys("cannot work in \"%s\"", g->dir);
	if (ctx->cmd->role == ROLE_UNSAID)
		BUG("the command \"%s\" does not say its role",
		    ctx->cmd->name);
	err = open_repo(ctx);
	if (err)
		return err;
	if (ctx->cmd->pages && !g->no_pager && !g->json)
		return term_pager_start();
	return NULL;
}

/* What follows the name of the command: its options, operands and effect. */
static err_t
run_command(struct ctx *ctx, struct globals *g, int argc,
    const char *const *argv)
{
	const struct cmd *cmd = ctx->cmd;
	struct operands ops = { NULL, 0, 0 };
	void *args = mem_zalloc(cmd->args_size);
	err_t err;

	err = opt_parse(&ops, NULL, args, cmd->opts, g, cmd_global_opts, false,
	    argc, argv);
	if (err)
		goto out;
	ctx->out = out_new(g->json,
	    term_colour(STDOUT_FILENO, when_coloured(g)), g->quiet);
	if (g->help) {
		help_print(ctx->out, cmd);
		goto out;
	}
	err = check_operands(cmd, &ops);
	if (err)
		goto out;
	err = prepare(ctx);
	if (err)
		goto out;
	err = cmd->run(ctx, args, &ops);
out:
	opt_release(args, cmd->opts);
	free(args);
	operands_release(&ops);
	return err;
}

/* Finds the command: "dsv" alone explains itself, "dsv --version" is "dsv
 * version" and "dsv --help" is "dsv help". */
static err_t
run(struct ctx *ctx, struct globals *g, int argc, const char *const *argv)
{
	struct operands none = { NULL, 0, 0 };
	size_t used = 0;
	err_t err;

	err = opt_parse(&none, &used, NULL, NULL, g, cmd_global_opts, true,
	    argc, argv);
	operands_release(&none);
	if (err)
		return err;
	argc -= (int)used;
	argv += used;
	if (argc == 0 || g->version) {
		ctx->cmd = g->version ? &cmd_version : &cmd_help;
		g->help = false;
		return run_command(ctx, g, 0, argv);
	}
	err = cmd_named(&ctx->cmd, argv[0]);
	if (err)
		return err;
	return run_command(ctx, g, argc - 1, argv + 1);
}

int
main(int argc, char **argv)
{
	struct globals g = { .color = "auto", .wait = 30 };
	struct ctx ctx = { .g = &g };
	struct err failure = { .msg = "" };
	err_t err, closing = NULL;
	int status;

	mem_setup();
	err = file_guard_stdio();
	if (!err) {
		setlocale(LC_CTYPE, "");
		cancel_setup();
		err = run(&ctx, &g, argc > 0 ? argc - 1 : 0,
		    (const char *const *)argv + 1);
	}
	/* Whoever read our output had enough: no failure of ours. */
	if (err_is(err, ERR_CANCELLED) && !cancel_signal())
		err = NULL;
	/* Closing may fail too; the first failure is the one to be told. */
	if (err)
		failure = *err;
	if (ctx.out)
		closing = out_close(ctx.out);
	if (!err && !closing && ctx.repo)
		closing = repo_tidy(ctx.repo);
	repo_close(ctx.repo);
	term_pager_end();
	if (!err && closing) {
		err = closing;
		failure = *closing;
	}
	status = err ? cmd_exit_status(&failure) : ctx.answer_no;
	if (err)
		fprintf(stderr, "dsv: %s\n", failure.msg);
	out_free(ctx.out);
	return status;
}
