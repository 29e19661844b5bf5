/*
 * dsv meta: what the tables say, for the completion scripts, the manual's
 * tests and the Makefile.  Hidden, because nothing here is for people.
 *
 *	meta commands			name, tab, summary
 *	meta synopsis COMMAND		the mdoc lines of the page's SYNOPSIS
 *	meta options [COMMAND]		the .It lines of its options, in order;
 *					without a command: the global ones
 *	meta manual			the mdoc lines of the commands in dsv(1)
 *	meta exits			exit status, tab, meaning
 *	meta readers			commands that do not need to write
 *	meta roles			name, tab, role that the command needs
 *	meta completion SHELL		the completion script
 *	meta words KIND [PREFIX]	what there is to complete, one a line
 */

#include <ctype.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/completion.h"
#include "cmd/help.h"
#include "cmd/out.h"
#include "cmd/words.h"
#include "lib/base/buf.h"

static err_t
meta_commands(struct out *o, const struct operands *ops)
{
	(void)ops;
	for (size_t i = 0; cmd_all[i]; i++) {
		if (!cmd_all[i]->hidden)
			out_printf(o, "%s\t%s\n", cmd_all[i]->name,
			    cmd_all[i]->summary);
	}
	return NULL;
}

static err_t
meta_readers(struct out *o, const struct operands *ops)
{
	(void)ops;
	for (size_t i = 0; cmd_all[i]; i++)
		if (!cmd_all[i]->hidden && cmd_all[i]->needs != CMD_REPO_WRITE)
			out_printf(o, "%s\n", cmd_all[i]->name);
	return NULL;
}

static err_t
meta_roles(struct out *o, const struct operands *ops)
{
	(void)ops;
	for (size_t i = 0; cmd_all[i]; i++) {
		if (!cmd_all[i]->hidden)
			out_printf(o, "%s\t%s\n", cmd_all[i]->name,
			    role_word(cmd_all[i]->role));
	}
	return NULL;
}

static err_t
meta_manual(struct out *o, const struct operands *ops)
{
	(void)ops;
	for (unsigned group = 0; cmd_groups[group]; group++) {
		bool first = true;

		for (size_t i = 0; cmd_all[i]; i++) {
			const struct cmd *cmd = cmd_all[i];

			if (cmd->hidden || (unsigned)cmd->group != group)
				continue;
			if (first)
				out_printf(o, ".Ss %s\n"
				    ".Bl -tag -width checkout -compact\n",
				    cmd_groups[group]);
			first = false;
			out_printf(o, ".It Cm %s\n%s\n", cmd->name,
			    cmd->summary);
		}
		if (!first)
			out_printf(o, ".El\n");
	}
	return NULL;
}

static err_t
meta_exits(struct out *o, const struct operands *ops)
{
	(void)ops;
	for (const struct cmd_exit *e = cmd_exits; e->meaning; e++)
		out_printf(o, "%d\t%s\n", e->status, e->meaning);
	return NULL;
}

/*
 * Words of an operand as arguments of mdoc macros: upper case is a variable
 * (Ar), lower case is typed as it is (Cm), "--" is a flag.
 */
static void
put_words(struct out *o, const char *text, size_t len)
{
	const char *mode = "", *end = text + len;

	while (text < end) {
		size_t n = strcspn(text, " ");
		const char *macro;

		n = n < (size_t)(end - text) ? n : (size_t)(end - text);
		if (strncmp(text, "--", n) == 0 && n == 2) {
			out_printf(o, "Fl -");
			mode = "Fl";
		} else if (strncmp(text, "|", n) == 0 ||
		    strncmp(text, "...", n) == 0) {
			out_printf(o, "%.*s", (int)n, text);
			mode = *text == '|' ? "" : mode;
		} else {
			macro = islower((unsigned char)*text) ? "Cm" : "Ar";
			if (strcmp(macro, mode) != 0)
				out_printf(o, "%s ", macro);
			out_printf(o, "%.*s", (int)n, text);
			mode = macro;
		}
		text += n;
		if (text < end) {
			out_printf(o, " ");
			text++;
		}
	}
}

/* "[REV]" becomes ".Op Ar REV"; brackets in brackets a block of lines. */
static void
put_operands(struct out *o, const char *text, const char *end)
{
	const char *word;
	size_t len;

	for (text = help_operand(&word, &len, text); len && word < end;
	    text = help_operand(&word, &len, text)) {
		bool bracket = word[0] == '[' && word[len - 1] == ']';

		if (word + len > end)
			len = (size_t)(end - word);
		if (bracket && memchr(word + 1, '[', len - 1)) {
			out_printf(o, ".Oo\n");
			put_operands(o, word + 1, word + len - 1);
			out_printf(o, ".Oc\n");
			continue;
		}
		out_printf(o, bracket ? ".Op " : ".");
		put_words(o, bracket ? word + 1 : word, len - 2 * bracket);
		out_printf(o, "\n");
	}
}

/*
 * The canonical SYNOPSIS: flags that have a letter, in one group; each other
 * option by its letter, if it has one, or else by its name; the operands.
 */
static err_t
meta_synopsis(struct out *o, const struct operands *ops)
{
	const struct cmd *cmd = NULL;
	struct buf letters = BUF_INIT;
	err_t err;

	err = cmd_named(&cmd, ops->n > 1 ? ops->v[1] : "");
	if (err)
		return err;
	out_printf(o, ".Nm dsv %s\n", cmd->name);
	help_flag_letters(&letters, cmd);
	if (letters.len)
		out_printf(o, ".Op Fl %s\n", letters.p);
	for (const struct opt *t = cmd->opts; t && t->type != OPT_END; t++) {
		if (t->type == OPT_FLAG && t->letter)
			continue;
		if (t->letter)
			out_printf(o, ".Op Fl %c", t->letter);
		else
			out_printf(o, ".Op Fl -%s", t->name);
		if (t->value)
			out_printf(o, " Ar %s", t->value);
		out_printf(o, "\n");
	}
	put_operands(o, cmd->operands, strchr(cmd->operands, '\0'));
	buf_release(&letters);
	return NULL;
}

static err_t
meta_options(struct out *o, const struct operands *ops)
{
	const struct opt *t = cmd_global_opts;
	const struct cmd *cmd = NULL;
	err_t err;

	if (ops->n > 1) {
		err = cmd_named(&cmd, ops->v[1]);
		if (err)
			return err;
		t = cmd->opts;
	}
	for (; t && t->type != OPT_END; t++) {
		out_printf(o, ".It ");
		if (t->letter)
			out_printf(o, "Fl %c , ", t->letter);
		out_printf(o, "Fl -%s", t->name);
		if (t->value)
			out_printf(o, " Ar %s", t->value);
		out_printf(o, "\n");
	}
	return NULL;
}

static err_t
meta_completion(struct out *o, const struct operands *ops)
{
	return completion_print(o, ops->n > 1 ? ops->v[1] : "");
}

static err_t
meta_words(struct out *o, const struct operands *ops)
{
	if (ops->n > 1)
		words_print(o, ops->v[1], ops->n > 2 ? ops->v[2] : "");
	return NULL;
}

static err_t
meta_run(struct ctx *ctx, void *args, const struct operands *ops)
{
	static const struct {
		const char *name;
		err_t (*run)(struct out *o, const struct operands *ops);
	} parts[] = {
		{ "commands", meta_commands },
		{ "completion", meta_completion },
		{ "exits", meta_exits },
		{ "roles", meta_roles },
		{ "manual", meta_manual },
		{ "options", meta_options },
		{ "readers", meta_readers },
		{ "synopsis", meta_synopsis },
		{ "words", meta_words },
	};

	(void)args;
	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		if (strcmp(ops->v[0], parts[i].name) == 0)
			return parts[i].run(ctx->out, ops);
	}
	return err_new(ERR_USAGE, "no such part of meta: \"%s\"", ops->v[0]);
}

const struct cmd cmd_meta = {
	.name = "meta", .summary = "say what the tables of dsv hold",
	.operands = "PART [ARGUMENT ...]", .min_operands = 1,
	.max_operands = 3, .group = GROUP_UPKEEP, .needs = CMD_ANYWHERE,
	.role = ROLE_NONE,
	.hidden = true, .run = meta_run,
};
