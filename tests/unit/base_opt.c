/* lib/base/opt: what a command line means, and what is said when it means
 * nothing. */

#include "lib/base/opt.h"

#include <string.h>

#include "tests/unit/tap.h"

struct args {
	bool dry_run, quiet;
	const char *message, *color;
	uint64_t limit, jobs;
	struct opt_list metas;
};

struct shared {
	bool json;
	uint64_t wait;
};

static const struct opt own[] = {
	FLAG(struct args, dry_run, 'n', "dry-run", "change nothing"),
	FLAG(struct args, quiet, 'q', "quiet", "say less"),
	TEXT(struct args, message, 'm', "message", "text", OFFER_NONE,
	    "say why"),
	CHOICE(struct args, color, 0, "color", "when", "auto|always|never",
	    "use colours"),
	NUMBER(struct args, limit, 'l', "limit", "count", "show fewer"),
	COUNT(struct args, jobs, 'j', "workers", "count", "at once"),
	LIST(struct args, metas, 0, "meta", "key=value", OFFER_NONE,
	    "note this"),
	OPT_TABLE_END
};

static const struct opt global[] = {
	FLAG(struct shared, json, 0, "json", "for programs"),
	NUMBER(struct shared, wait, 'w', "wait", "seconds", "be patient"),
	OPT_TABLE_END
};

static struct args args;
static struct shared shared;
static struct operands ops;
static size_t used;
static char message[1024];

/* Words are separated by "|". */
static bool
parse_with(const char *line, bool stop)
{
	static char words[512];
	const char *argv[32];
	int argc = 0;
	err_t err;

	opt_release(&args, own);
	operands_release(&ops);
	args = (struct args){ .limit = 7 };
	shared = (struct shared){ .wait = 30 };
	used = 99;
	snprintf(words, sizeof(words), "%s", line);
	for (char *p = words; *line && p; argc++) {
		char *bar = strchr(p, '|');

		argv[argc] = p;
		if (bar)
			*bar++ = '\0';
		p = bar;
	}
	err = opt_parse(&ops, &used, &args, own, &shared, global, stop, argc,
	    argv);
	snprintf(message, sizeof(message), "%s", err ? err->msg : "");
	if (err && !err_is(err, ERR_USAGE))
		snprintf(message, sizeof(message), "not ERR_USAGE");
	return !err;
}

static bool
parse(const char *line)
{
	return parse_with(line, false);
}

static bool
says(const char *line, const char *want)
{
	bool good = !parse(line) && !strcmp(message, want) && !ops.v;

	if (!good)
		printf("# got %s\n", message);
	return good;
}

static void
test_values(void)
{
	ok(parse("") && !ops.n && args.limit == 7 && shared.wait == 30,
	    "nothing changes nothing");
	ok(parse("--dry-run") && args.dry_run && !args.quiet, "a flag");
	ok(parse("-nq") && args.dry_run && args.quiet, "a bundle");
	ok(parse("--message=hi") && !strcmp(args.message, "hi"), "--long=v");
	ok(parse("--message|hi") && !strcmp(args.message, "hi"), "--long v");
	ok(parse("-mhi") && !strcmp(args.message, "hi"), "-mV");
	ok(parse("-m|hi") && !strcmp(args.message, "hi"), "-m V");
	ok(parse("-nmhi") && args.dry_run && !strcmp(args.message, "hi"),
	    "a bundle that ends in a value");
	ok(parse("--message=") && !strcmp(args.message, ""), "an empty value");
	ok(parse("-m|--json") && !strcmp(args.message, "--json") &&
	    !shared.json, "a value may look like an option");
	ok(parse("--message=a=b") && !strcmp(args.message, "a=b"),
	    "a value may have an equals sign");
	ok(parse("-m|a|-m|b") && !strcmp(args.message, "b"), "the last counts");
	ok(parse("-l5") && args.limit == 5, "a number");
	ok(parse("-j5") && args.jobs == 5, "a count");
	ok(parse("--limit=18446744073709551615") && args.limit == UINT64_MAX,
	    "the largest number");
	ok(parse("--color=always") && !strcmp(args.color, "always"),
	    "a choice");
	ok(parse("--meta=a|--meta|b|--meta=c") && args.metas.n == 3 &&
	    !strcmp(args.metas.items[0], "a") &&
	    !strcmp(args.metas.items[2], "c"), "a list");
	ok(parse("--json|-w5") && shared.json && shared.wait == 5,
	    "the other table");
}

static void
test_operands(void)
{
	ok(parse("a|-n|b") && ops.n == 2 && !strcmp(ops.v[1], "b") &&
	    args.dry_run && ops.after_dashes == OPT_NO_DASHES,
	    "options may follow operands");
	ok(parse("a|--|-n|--|b") && ops.n == 4 && ops.after_dashes == 1 &&
	    !strcmp(ops.v[1], "-n") && !strcmp(ops.v[2], "--") &&
	    !args.dry_run, "-- ends options");
	ok(parse("--") && !ops.n && !ops.after_dashes, "-- alone");
	ok(parse("-") && ops.n == 1 && !strcmp(ops.v[0], "-"),
	    "a dash is an operand");
	ok(parse("|") && ops.n == 2 && !ops.v[0][0], "empty operands");
	ok(parse_with("-q|--json|log|-n", true) && args.quiet && shared.json &&
	    !args.dry_run && !ops.n && used == 2, "stop at an operand");
	ok(parse_with("-q|--|-n", true) && used == 2 && !args.dry_run,
	    "stop after --");
	ok(parse_with("-q", true) && used == 1, "nothing to stop at");
}

static void
test_errors(void)
{
	ok(says("--dryrun", "unknown option \"--dryrun\"; "
	    "did you mean \"--dry-run\"?"), "a misspelt option");
	ok(says("--dry", "unknown option \"--dry\"; "
	    "did you mean \"--dry-run\"?"), "no abbreviations");
	ok(says("--josn", "unknown option \"--josn\"; "
	    "did you mean \"--json\"?"), "a misspelt option of all commands");
	ok(says("--messag=x", "unknown option \"--messag\"; "
	    "did you mean \"--message\"?"), "a misspelt option with a value");
	ok(says("--frobnicate", "unknown option \"--frobnicate\""),
	    "an option like no other");
	ok(says("--=x", "unknown option \"--\""), "no name");
	ok(says("-x", "unknown option \"-x\""), "an unknown letter");
	ok(says("-qx", "unknown option \"-x\""), "one in a bundle");
	ok(says("-5", "unknown option \"-5\""), "a negative number");
	ok(says("-\x1b", "unknown option \"-\\x1b\""), "an escape");
	ok(says("--limit", "option \"--limit\" needs a value"),
	    "a missing value");
	ok(says("-ql", "option \"-l\" needs a value"),
	    "a missing value in a bundle");
	ok(says("--limit=x", "option \"--limit\" wants a number, not \"x\""),
	    "not a number");
	ok(says("-l|-1", "option \"-l\" wants a number, not \"-1\""),
	    "a negative number as value");
	ok(says("-l|5 ", "option \"-l\" wants a number, not \"5 \""),
	    "a number and more");
	ok(says("--limit=", "option \"--limit\" wants a number, not \"\""),
	    "no digits");
	ok(says("-l18446744073709551616", "option \"-l\" wants a number, not "
	    "\"18446744073709551616\""), "too large a number");
	ok(says("-j0", "option \"-j\" wants a number that is not 0, not "
	    "\"0\""), "a count of nothing");
	ok(says("--workers=x", "option \"--workers\" wants a number that is not 0, "
	    "not \"x\""), "a count that is no number");
	ok(says("--color=x",
	    "\"--color\" is \"auto\", \"always\" or \"never\", not \"x\""),
	    "not a choice");
	ok(says("--color=auto|--color=alway", "\"--color\" is \"auto\", "
	    "\"always\" or \"never\", not \"alway\""), "a part of a choice");
	ok(says("--quiet=yes", "option \"--quiet\" takes no value"),
	    "a flag with a value");
	ok(says("a|b|--meta=1|--nope", "unknown option \"--nope\""),
	    "nothing is left over after an error");
}

static void
test_find(void)
{
	ok(opt_find(own, "limit", 0) == &own[4], "find by name");
	ok(opt_find(own, NULL, 'm') == &own[2], "find by letter");
	ok(!opt_find(own, "lim", 0) && !opt_find(own, NULL, 'x') &&
	    !opt_find(NULL, "limit", 0), "find nothing");
}

int
main(void)
{
	test_values();
	test_operands();
	test_errors();
	test_find();
	opt_release(&args, own);
	operands_release(&ops);
	return tap_end();
}
