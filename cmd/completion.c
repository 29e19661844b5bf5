/*
 * One description of the tables per shell.  What a word may be is decided
 * here and is static; which revisions, paths and data sets there are is asked
 * of "dsv meta words" when the key is pressed.
 *
 * The scripts never let the shell evaluate what they were offered: names come
 * out of repositories, and repositories come from strangers.
 */

#include "cmd/completion.h"

#include <string.h>

#include "cmd/cmd.h"
#include "cmd/out.h"

const char *
completion_words(enum opt_offer offer)
{
	switch (offer) {
	case OFFER_TRACKED:
		return "tracked";
	case OFFER_REV:
		return "rev";
	case OFFER_BRANCH:
		return "branch";
	case OFFER_TAG:
		return "tag";
	case OFFER_LABEL:
		return "label";
	case OFFER_DATASET:
		return "dataset";
	case OFFER_COMMAND:
		return "command";
	case OFFER_REV_OR_TRACKED:
		return "rev-or-tracked";
	case OFFER_NONE:
	case OFFER_FILE:
	case OFFER_DIR:
	case OFFER_CHOICE:
		return NULL;
	}
	BUG("no such offer: %d", (int)offer);
}

/* The text with a backslash before each of these characters. */
static void
put_escaped(struct out *o, const char *text, const char *special)
{
	for (; *text; text++) {
		if (strchr(special, *text))
			out_printf(o, "\\");
		out_printf(o, "%c", *text);
	}
}

/* Choices are "a|b|c". */
static void
put_choices(struct out *o, const char *choices)
{
	for (; *choices; choices++)
		out_printf(o, "%c", *choices == '|' ? ' ' : *choices);
}

/* ---- bash ------------------------------------------------------------- */

static const char bash_head[] =
"# bash completion for dsv, made by \"make generate\"; do not edit.\n\n";

/* What may follow is "file", "dir", "none", "words KIND" or the choices. */
static void
bash_kind(struct out *o, enum opt_offer offer, const char *choices)
{
	const char *words = completion_words(offer);

	if (offer == OFFER_CHOICE) {
		out_printf(o, "choice ");
		put_choices(o, choices);
	} else if (words) {
		out_printf(o, "words %s", words);
	} else {
		out_printf(o, "%s", offer == OFFER_FILE ? "file" :
		    offer == OFFER_DIR ? "dir" : "none");
	}
}

static void
bash_options(struct out *o, const struct opt *table)
{
	for (; table && table->type != OPT_END; table++) {
		if (table->letter)
			out_printf(o, " -%c", table->letter);
		out_printf(o, " --%s", table->name);
	}
}

static void
bash_values(struct out *o, const char *cmd, const struct opt *table)
{
	for (; table && table->type != OPT_END; table++) {
		if (table->type == OPT_FLAG)
			continue;
		out_printf(o, "\t%s:--%s", cmd, table->name);
		if (table->letter)
			out_printf(o, " | %s:-%c", cmd, table->letter);
		out_printf(o, ")\n\t\tkind='");
		bash_kind(o, table->offer, table->choices);
		out_printf(o, "' ;;\n");
	}
}

static const char bash_tail[] =
"_dsv()\n"
"{\n"
"	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
"	local cmd='' kind='' options='' operands=0 dashes='' word i\n"
"	local -a at=()\n"
"	COMPREPLY=()\n"
"	# \"--long=value\" comes as three words.\n"
"	if [[ $cur == = ]]; then\n"
"		cur=''\n"
"	elif [[ $prev == = ]] && ((COMP_CWORD > 2)); then\n"
"		prev=${COMP_WORDS[COMP_CWORD-2]}\n"
"	fi\n"
"	for ((i = 1; i < COMP_CWORD; i++)); do\n"
"		word=${COMP_WORDS[i]}\n"
"		if [[ $word == -- && ! $dashes ]]; then\n"
"			dashes=1\n"
"		elif [[ $word == -* && ! $dashes ]]; then\n"
"			_dsv_value \"$cmd\" \"$word\"\n"
"			[[ $kind ]] || continue\n"
"			[[ ${COMP_WORDS[i+1]} != = ]] || ((i++))\n"
"			((i++))\n"
"			((i < COMP_CWORD)) || break\n"
"			[[ $word != -C && $word != --directory ]] ||\n"
"				at=(-C \"${COMP_WORDS[i]/#\\~/$HOME}\")\n"
"		elif [[ ! $cmd ]]; then\n"
"			cmd=$word\n"
"		else\n"
"			((operands++))\n"
"		fi\n"
"	done\n"
"	kind=''\n"
"	[[ $dashes || $prev != -* ]] || _dsv_value \"$cmd\" \"$prev\"\n"
"	if [[ ! $kind && $cur == -* && ! $dashes ]]; then\n"
"		_dsv_options \"$cmd\"\n"
"		kind=\"choice $options\"\n"
"	elif [[ ! $kind && ! $cmd ]]; then\n"
"		kind='words command'\n"
"	elif [[ ! $kind ]]; then\n"
"		_dsv_operand \"$cmd\" \"$operands\"\n"
"	fi\n"
"	_dsv_offer\n"
"}\n"
"\n"
"# Fill COMPREPLY with what is of the kind and begins like cur.\n"
"_dsv_offer()\n"
"{\n"
"	case $kind in\n"
"	file | dir)\n"
"		compopt -o filenames 2>/dev/null\n"
"		while IFS= read -r word; do\n"
"			COMPREPLY+=(\"$word\")\n"
"		done < <(compgen -\"${kind:0:1}\" -- \"$cur\") ;;\n"
"	choice*)\n"
"		for word in ${kind#choice}; do\n"
"			[[ $word != \"$cur\"* ]] || COMPREPLY+=(\"$word\")\n"
"		done ;;\n"
"	words*)\n"
"		[[ $kind != *tracked ]] || compopt -o filenames 2>/dev/null\n"
"		while IFS= read -r word; do\n"
"			[[ $kind != *tracked ]] || word=${word%/}\n"
"			[[ $word != \"$cur\"* ]] || COMPREPLY+=(\"$word\")\n"
"		done < <(dsv \"${at[@]}\" meta words \"${kind#words }\" \\\n"
"			\"$cur\" 2>/dev/null) ;;\n"
"	esac\n"
"}\n"
"\n"
"complete -F _dsv dsv\n";

static void
bash_operands(struct out *o, const struct cmd *cmd)
{
	if (cmd->words) {
		out_printf(o, "\t%s:0)\n\t\tkind='choice ", cmd->name);
		put_choices(o, cmd->words);
		out_printf(o, "' ;;\n");
	}
	if (cmd->offer == OFFER_NONE)
		return;
	out_printf(o, "\t%s:*)\n\t\tkind='", cmd->name);
	bash_kind(o, cmd->offer, NULL);
	out_printf(o, "' ;;\n");
}

static void
print_bash(struct out *o)
{
	out_printf(o, "%s_dsv_options()\n{\n\tcase $1 in\n", bash_head);
	for (size_t i = 0; cmd_all[i]; i++) {
		const struct opt *own = cmd_all[i]->opts;

		if (cmd_all[i]->hidden || !own || own->type == OPT_END)
			continue;
		out_printf(o, "\t%s)\n\t\toptions='", cmd_all[i]->name);
		bash_options(o, own);
		out_printf(o, "' ;;\n");
	}
	out_printf(o, "\tesac\n\toptions+='");
	bash_options(o, cmd_global_opts);
	out_printf(o, "'\n}\n\n# What follows an option.\n_dsv_value()\n{\n"
	    "\tkind=''\n\tcase $1:$2 in\n");
	for (size_t i = 0; cmd_all[i]; i++) {
		if (!cmd_all[i]->hidden)
			bash_values(o, cmd_all[i]->name, cmd_all[i]->opts);
	}
	bash_values(o, "*", cmd_global_opts);
	out_printf(o, "\tesac\n}\n\n# What the Nth operand may be.\n"
	    "_dsv_operand()\n{\n\tcase $1:$2 in\n");
	for (size_t i = 0; cmd_all[i]; i++) {
		if (!cmd_all[i]->hidden)
			bash_operands(o, cmd_all[i]);
	}
	out_printf(o, "\tesac\n}\n\n%s", bash_tail);
}

/* ---- zsh -------------------------------------------------------------- */

static const char zsh_head[] =
"#compdef dsv\n"
"# zsh completion for dsv, made by \"make generate\"; do not edit.\n"
"\n"
"# Offer words of a kind; a directory is not the end of a path.\n"
"_dsv_words() {\n"
"	local -a all parts\n"
"	all=(\"${(@f)$(dsv $dsv_at meta words $1 \\\n"
"		${(Q)PREFIX} 2>/dev/null)}\")\n"
"	all=(${all:#})\n"
"	parts=(${(M)all:#*/})\n"
"	all=(${all:#*/})\n"
"	local ret=1\n"
"	(( ! $#parts )) || compadd -S '' -a parts && ret=0\n"
"	(( ! $#all )) || compadd -a all && ret=0\n"
"	return ret\n"
"}\n"
"\n"
"_dsv_commands() {\n"
"	local -a commands=(\n";

static void
zsh_action(struct out *o, enum opt_offer offer, const char *choices)
{
	const char *words = completion_words(offer);

	if (offer == OFFER_CHOICE) {
		out_printf(o, "(");
		put_choices(o, choices);
		out_printf(o, ")");
	} else if (words) {
		/* After a blank, _arguments adds no words of its own. */
		out_printf(o, " _dsv_words %s", words);
	} else if (offer != OFFER_NONE) {
		out_printf(o, "_files%s", offer == OFFER_DIR ? " -/" : "");
	}
}

/* One form of an option: its letter or its long name. */
static void
zsh_option(struct out *o, const struct opt *opt, bool letter)
{
	out_printf(o, "\t\t'");
	if (opt->type == OPT_LIST)
		out_printf(o, "*");
	else if (opt->letter)
		out_printf(o, "(-%c --%s)", opt->letter, opt->name);
	if (letter)
		out_printf(o, "-%c%s", opt->letter, opt->value ? "+" : "");
	else
		out_printf(o, "--%s%s", opt->name, opt->value ? "=" : "");
	out_printf(o, "[");
	for (const char *p = opt->help; *p; p++) {
		if (*p == '\'')
			out_printf(o, "'\\''");
		else
			out_printf(o, "%s%c", strchr("[]\\:", *p) ? "\\" : "",
			    *p);
	}
	out_printf(o, "]");
	if (opt->value) {
		out_printf(o, ":");
		put_escaped(o, opt->value, ":\\");
		out_printf(o, ":");
		zsh_action(o, opt->offer, opt->choices);
	}
	out_printf(o, "'\n");
}

static void
zsh_options(struct out *o, const struct opt *table)
{
	for (; table && table->type != OPT_END; table++) {
		if (table->letter)
			zsh_option(o, table, true);
		zsh_option(o, table, false);
	}
}

static void
zsh_command(struct out *o, const struct cmd *cmd)
{
	out_printf(o, "\t%s) own=(\n", cmd->name);
	zsh_options(o, cmd->opts);
	if (cmd->words) {
		out_printf(o, "\t\t'1:word:(");
		put_choices(o, cmd->words);
		out_printf(o, ")'\n");
	}
	if (cmd->offer != OFFER_NONE) {
		out_printf(o, "\t\t'*:argument:");
		zsh_action(o, cmd->offer, NULL);
		out_printf(o, "'\n");
	}
	out_printf(o, "\t\t) ;;\n");
}

static const char zsh_middle[] =
"	)\n"
"	_describe command commands\n"
"}\n"
"\n"
"_dsv() {\n"
"	local curcontext=$curcontext state line ret=1\n"
"	local -a own global dsv_at\n"
"	local -A opt_args\n"
"	global=(\n";

static const char zsh_dispatch[] =
"	)\n"
"	_arguments -C -s $global '1: :_dsv_commands' \\\n"
"		'*:: :->argument' && ret=0\n"
"	local at=${opt_args[-C]:-${opt_args[--directory]}}\n"
"	[[ -z $at ]] || dsv_at=(-C ${${(Q)at}/#\\~/$HOME})\n"
"	[[ $state == argument ]] || return ret\n"
"	case $words[1] in\n";

static const char zsh_tail[] =
"	esac\n"
"	_arguments -s $global $own && ret=0\n"
"	return ret\n"
"}\n"
"\n"
"_dsv \"$@\"\n";

static void
print_zsh(struct out *o)
{
	out_printf(o, "%s", zsh_head);
	for (size_t i = 0; cmd_all[i]; i++) {
		if (cmd_all[i]->hidden)
			continue;
		out_printf(o, "\t\t\"%s:", cmd_all[i]->name);
		put_escaped(o, cmd_all[i]->summary, "\"\\$`:");
		out_printf(o, "\"\n");
	}
	out_printf(o, "%s", zsh_middle);
	zsh_options(o, cmd_global_opts);
	out_printf(o, "%s", zsh_dispatch);
	for (size_t i = 0; cmd_all[i]; i++) {
		if (!cmd_all[i]->hidden)
			zsh_command(o, cmd_all[i]);
	}
	out_printf(o, "%s", zsh_tail);
}

/* ---- fish ------------------------------------------------------------- */

static const char fish_head[] =
"# fish completion for dsv, made by \"make generate\"; do not edit.\n"
"\n"
"# The words before the cursor: -C and its value, and the command.\n"
"function __dsv_parse\n"
"    set -g __dsv_at\n"
"    set -g __dsv_command\n"
"    set -g __dsv_operands 0\n"
"    set -l words (commandline -opc)\n"
"    set -e words[1]\n"
"    while set -q words[1]\n"
"        switch $words[1]\n"
"            case -C --directory\n"
"                set -e words[1]\n"
"                set __dsv_at -C (string replace -r '^~' $HOME -- $words[1])\n"
"            case --wait --color\n"
"                set -e words[1]\n"
"            case '-*'\n"
"            case '*'\n"
"                if test -z \"$__dsv_command\"\n"
"                    set __dsv_command $words[1]\n"
"                else\n"
"                    set __dsv_operands (math $__dsv_operands + 1)\n"
"                end\n"
"        end\n"
"        set -e words[1]\n"
"    end\n"
"end\n"
"\n"
"function __dsv_is\n"
"    __dsv_parse\n"
"    test \"$__dsv_command\" = \"$argv[1]\"\n"
"end\n"
"\n"
"function __dsv_is_first\n"
"    __dsv_is $argv[1]; and test $__dsv_operands = 0\n"
"end\n"
"\n"
"function __dsv_words\n"
"    __dsv_parse\n"
"    dsv $__dsv_at meta words $argv[1] (commandline -ct) 2>/dev/null\n"
"end\n"
"\n"
"complete -c dsv -f\n";

static void
fish_quoted(struct out *o, const char *text)
{
	out_printf(o, "'");
	put_escaped(o, text, "'\\");
	out_printf(o, "'");
}

/* What may be there, as arguments of complete. */
static void
fish_offer(struct out *o, enum opt_offer offer, const char *choices)
{
	const char *words = completion_words(offer);

	if (offer == OFFER_CHOICE) {
		out_printf(o, " -x -a '");
		put_choices(o, choices);
		out_printf(o, "'");
	} else if (words) {
		out_printf(o, " -x -a '(__dsv_words %s)'", words);
	} else if (offer == OFFER_DIR) {
		out_printf(o, " -x -a '(__fish_complete_directories)'");
	} else {
		out_printf(o, offer == OFFER_FILE ? " -r -F" : " -x");
	}
}

static void
fish_options(struct out *o, const char *cmd, const struct opt *table)
{
	for (; table && table->type != OPT_END; table++) {
		out_printf(o, "complete -c dsv");
		if (cmd)
			out_printf(o, " -n '__dsv_is %s'", cmd);
		if (table->letter)
			out_printf(o, " -s %c", table->letter);
		out_printf(o, " -l %s", table->name);
		if (table->value)
			fish_offer(o, table->offer, table->choices);
		out_printf(o, " -d ");
		fish_quoted(o, table->help);
		out_printf(o, "\n");
	}
}

static void
fish_command(struct out *o, const struct cmd *cmd)
{
	out_printf(o, "\ncomplete -c dsv -n '__dsv_is \"\"' -a %s -d ",
	    cmd->name);
	fish_quoted(o, cmd->summary);
	out_printf(o, "\n");
	fish_options(o, cmd->name, cmd->opts);
	if (cmd->words) {
		out_printf(o, "complete -c dsv -n '__dsv_is_first %s'",
		    cmd->name);
		fish_offer(o, OFFER_CHOICE, cmd->words);
		out_printf(o, "\n");
	}
	if (cmd->offer == OFFER_FILE) {
		out_printf(o, "complete -c dsv -n '__dsv_is %s' -F\n",
		    cmd->name);
	} else if (cmd->offer != OFFER_NONE) {
		out_printf(o, "complete -c dsv -n '__dsv_is %s'", cmd->name);
		fish_offer(o, cmd->offer, NULL);
		out_printf(o, "\n");
	}
}

static void
print_fish(struct out *o)
{
	out_printf(o, "%s", fish_head);
	fish_options(o, NULL, cmd_global_opts);
	for (size_t i = 0; cmd_all[i]; i++) {
		if (!cmd_all[i]->hidden)
			fish_command(o, cmd_all[i]);
	}
}

err_t
completion_print(struct out *o, const char *shell)
{
	if (strcmp(shell, "bash") == 0)
		print_bash(o);
	else if (strcmp(shell, "zsh") == 0)
		print_zsh(o);
	else if (strcmp(shell, "fish") == 0)
		print_fish(o);
	else
		return err_new(ERR_USAGE, "no completion for \"%s\": there is "
		    "one for bash, zsh and fish", shell);
	return NULL;
}
