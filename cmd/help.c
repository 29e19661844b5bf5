/*
 * dsv help, and --help of every command.  Every word of it comes from the
 * tables; what needs sentences is in the man pages.
 */

#include "cmd/help.h"

#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/out.h"
#include "lib/base/buf.h"
#include "lib/base/text.h"

#define COLUMNS 80
#define NAME_COLUMN 14
#define OPTION_COLUMN 26

/* Lines being filled with words; indent is for all but the first. */
struct para {
	struct out *out;
	size_t indent;
	size_t col;
	bool started;		/* a word is on the line: a blank comes first */
};

static void
para_word(struct para *p, const char *word, size_t len)
{
	size_t width = text_width(word, len);

	if (p->started && p->col + 1 + width > COLUMNS) {
		out_printf(p->out, "\n%*s", (int)p->indent, "");
		p->col = p->indent;
	} else if (p->started) {
		out_printf(p->out, " ");
		p->col++;
	}
	out_textn(p->out, word, len);
	p->col += width;
	p->started = true;
}

static void
para_text(struct para *p, const char *text)
{
	for (;;) {
		size_t len;

		text += strspn(text, " ");
		len = strcspn(text, " ");
		if (len == 0)
			return;
		para_word(p, text, len);
		text += len;
	}
}

/* "left", then text filled from the column on. */
static void
print_item(struct out *out, const char *left, size_t column, const char *text)
{
	struct para p = { out, column, 0, false };

	out_printf(out, "%-*s", (int)column, left);
	p.col = strlen(left);
	if (p.col >= column)
		out_printf(out, "\n%*s", (int)column, "");
	p.col = column;
	para_text(&p, text);
	out_printf(out, "\n");
}

void
help_flag_letters(struct buf *out, const struct cmd *cmd)
{
	for (const struct opt *o = cmd->opts; o && o->type != OPT_END; o++) {
		if (o->type == OPT_FLAG && o->letter)
			buf_char(out, o->letter);
	}
}

/* True if the text has alternatives outside of brackets: "get KEY | list". */
static bool
has_alternatives(const char *text)
{
	int depth = 0;

	for (; *text && depth >= 0; text++) {
		depth += (*text == '[') - (*text == ']');
		if (*text == '|' && depth == 0)
			return true;
	}
	return false;
}

const char *
help_operand(const char **word, size_t *len, const char *from)
{
	const char *start = from + strspn(from, " "), *p;
	bool whole = has_alternatives(start);
	int depth = 0;

	for (p = start; *p; p++) {
		if (*p == ' ' && depth == 0 && !whole &&
		    strncmp(p, " ...", 4) != 0)
			break;
		depth += (*p == '[') - (*p == ']');
	}
	*word = start;
	*len = (size_t)(p - start);
	return p;
}

/* The same form as the SYNOPSIS of the man page: see meta.c. */
static void
print_usage(struct out *out, const struct cmd *cmd)
{
	struct para p = { out, 0, 0, false };
	struct buf b = BUF_INIT;
	const char *word, *at;
	size_t len;

	buf_printf(&b, "usage: dsv %s", cmd->name);
	p.indent = b.len + 1;
	para_word(&p, b.p, b.len);
	buf_clear(&b);
	buf_str(&b, "[-");
	help_flag_letters(&b, cmd);
	buf_char(&b, ']');
	if (b.len > strlen("[-]"))
		para_word(&p, b.p, b.len);
	for (const struct opt *o = cmd->opts; o && o->type != OPT_END; o++) {
		if (o->type == OPT_FLAG && o->letter)
			continue;
		buf_clear(&b);
		if (o->letter)
			buf_printf(&b, "[-%c %s]", o->letter, o->value);
		else
			buf_printf(&b, "[--%s%s%s]", o->name,
			    o->value ? " " : "", o->value ? o->value : "");
		para_word(&p, b.p, b.len);
	}
	for (at = help_operand(&word, &len, cmd->operands); len;
	    at = help_operand(&word, &len, at))
		para_word(&p, word, len);
	out_printf(out, "\n");
	buf_release(&b);
}

/* " (auto, always, never)" */
static void
add_choices(struct buf *b, const char *choices)
{
	buf_str(b, " (");
	for (; *choices; choices++) {
		if (*choices == '|')
			buf_str(b, ", ");
		else
			buf_char(b, *choices);
	}
	buf_char(b, ')');
}

static void
print_options(struct out *out, const struct opt *table)
{
	struct buf left = BUF_INIT, text = BUF_INIT;

	for (const struct opt *o = table; o && o->type != OPT_END; o++) {
		buf_clear(&left);
		buf_clear(&text);
		if (o->letter)
			buf_printf(&left, "  -%c, ", o->letter);
		else
			buf_str(&left, "      ");
		buf_printf(&left, "--%s", o->name);
		if (o->value)
			buf_printf(&left, " %s", o->value);
		buf_str(&text, o->help);
		if (o->choices)
			add_choices(&text, o->choices);
		if (o->type == OPT_LIST)
			buf_str(&text, "; may be repeated");
		print_item(out, left.p, OPTION_COLUMN, text.p);
	}
	buf_release(&left);
	buf_release(&text);
}

static void
print_command(struct out *out, const struct cmd *cmd)
{
	out_printf(out, "dsv %s: %s\n\n", cmd->name, cmd->summary);
	print_usage(out, cmd);
	out_printf(out, "\n");
	if (cmd->opts && cmd->opts->type != OPT_END) {
		print_options(out, cmd->opts);
		out_printf(out, "\n");
	}
	out_printf(out, "\"man dsv-%s\" says more; \"dsv help\" lists the "
	    "options of every command.\n", cmd->name);
}

static void
print_group(struct out *out, unsigned group)
{
	bool first = true;

	for (size_t i = 0; cmd_all[i]; i++) {
		const struct cmd *cmd = cmd_all[i];
		struct buf left = BUF_INIT;

		if (cmd->hidden || (unsigned)cmd->group != group)
			continue;
		if (first) {
			out_style(out, OUT_BOLD);
			out_printf(out, "%s", cmd_groups[group]);
			out_reset(out);
			out_printf(out, "\n");
		}
		first = false;
		buf_printf(&left, "  %s", cmd->name);
		print_item(out, left.p, NAME_COLUMN, cmd->summary);
		buf_release(&left);
	}
	if (!first)
		out_printf(out, "\n");
}

void
help_print(struct out *o, const struct cmd *cmd)
{
	if (cmd) {
		print_command(o, cmd);
		return;
	}
	out_printf(o, "dsv: version control for data files\n\n"
	    "usage: dsv [OPTION ...] COMMAND [ARGUMENT ...]\n\n");
	for (unsigned i = 0; cmd_groups[i]; i++)
		print_group(o, i);
	out_style(o, OUT_BOLD);
	out_printf(o, "options of every command, before or after its name");
	out_reset(o);
	out_printf(o, "\n");
	print_options(o, cmd_global_opts);
	out_printf(o, "\n\"dsv help COMMAND\" explains a command; \"man dsv\" "
	    "says more.\n");
}

static void
json_options(struct json *j, const struct opt *table)
{
	json_key(j, "options");
	json_array(j);
	for (const struct opt *o = table; o && o->type != OPT_END; o++) {
		json_object(j);
		json_key(j, "name");
		json_text(j, o->name);
		json_key(j, "letter");
		if (o->letter)
			json_textn(j, &o->letter, 1);
		else
			json_null(j);
		json_key(j, "value");
		json_text(j, o->value);
		json_key(j, "repeatable");
		json_bool(j, o->type == OPT_LIST);
		json_key(j, "help");
		json_text(j, o->help);
		json_end(j);
	}
	json_end(j);
}

static void
json_command(struct out *out, const struct cmd *cmd)
{
	struct json *j = out_json(out);

	json_object(j);
	json_key(j, "name");
	json_text(j, cmd->name);
	json_key(j, "group");
	json_text(j, cmd_groups[cmd->group]);
	json_key(j, "summary");
	json_text(j, cmd->summary);
	json_key(j, "operands");
	json_text(j, cmd->operands);
	json_options(j, cmd->opts);
	json_end(j);
	out_json_end(out);
}

static err_t
help_run(struct ctx *ctx, void *args, const struct operands *ops)
{
	const struct cmd *cmd = NULL;
	err_t err;

	(void)args;
	if (ops->n > 0) {
		err = cmd_named(&cmd, ops->v[0]);
		if (err)
			return err;
	}
	if (!out_is_json(ctx->out)) {
		help_print(ctx->out, cmd);
		return NULL;
	}
	for (size_t i = 0; cmd_all[i]; i++) {
		if (cmd ? cmd_all[i] == cmd : !cmd_all[i]->hidden)
			json_command(ctx->out, cmd_all[i]);
	}
	return NULL;
}

const struct cmd cmd_help = {
	.name = "help", .summary = "explain dsv or one of its commands",
	.operands = "[COMMAND]", .max_operands = 1, .offer = OFFER_COMMAND,
	.group = GROUP_UPKEEP, .needs = CMD_ANYWHERE,
	.role = ROLE_NONE, .run = help_run,
};
