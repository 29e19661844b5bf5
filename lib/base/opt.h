#ifndef BASE_OPT_H
#define BASE_OPT_H

/*
 * Option tables.  One static table per command drives parsing, help,
 * completion and the man page's SYNOPSIS.  A table bound to a field of the
 * wrong type does not compile.
 *
 * Syntax: --long=value or --long value; -n5 or -n 5; bundles of flags (-qn);
 * -- ends options; options may follow operands; no abbreviations; no optional
 * values.  A flag given twice is the flag given once; a single-valued option
 * given twice: the last one counts.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"

enum opt_type {
	OPT_END,
	OPT_FLAG,		/* bool */
	OPT_TEXT,		/* const char *, borrowed from argv */
	OPT_NUMBER,		/* uint64_t, decimal */
	OPT_COUNT,		/* the same, and not 0 */
	OPT_LIST,		/* struct opt_list, repeatable */
};

/* What a shell may offer where a value or operand is wanted. */
enum opt_offer {
	OFFER_NONE,
	OFFER_FILE,		/* any path */
	OFFER_DIR,
	OFFER_TRACKED,		/* a path that is in the stage */
	OFFER_REV,		/* branch, tag, HEAD */
	OFFER_BRANCH,
	OFFER_TAG,
	OFFER_DATASET,
	OFFER_LABEL,		/* of approved versions */
	OFFER_COMMAND,		/* a dsv command */
	OFFER_CHOICE,		/* one of opt.choices */
	OFFER_REV_OR_TRACKED,	/* revisions first, then paths */
};

struct opt_list {
	const char **items;	/* borrowed from argv; the array is owned */
	size_t n;
	size_t cap;
};

struct opt {
	enum opt_type type;
	char letter;		/* 0 if none */
	const char *name;	/* long name, without dashes */
	const char *value;	/* name of the value in help, NULL for flags */
	size_t offset;		/* of the field in the args struct */
	const char *help;	/* one line, lower case, no full stop */
	enum opt_offer offer;
	const char *choices;	/* "a|b|c"; other values are a usage error */
};

#define OPT_FIELD(S, f, T) (offsetof(S, f) * _Generic(&((S *)0)->f, T *: 1))
#define FLAG(S, f, letter, name, help) \
	{ OPT_FLAG, letter, name, NULL, OPT_FIELD(S, f, bool), help, \
	  OFFER_NONE, NULL }
#define TEXT(S, f, letter, name, value, offer, help) \
	{ OPT_TEXT, letter, name, value, OPT_FIELD(S, f, const char *), help, \
	  offer, NULL }
#define CHOICE(S, f, letter, name, value, choices, help) \
	{ OPT_TEXT, letter, name, value, OPT_FIELD(S, f, const char *), help, \
	  OFFER_CHOICE, choices }
#define NUMBER(S, f, letter, name, value, help) \
	{ OPT_NUMBER, letter, name, value, OPT_FIELD(S, f, uint64_t), help, \
	  OFFER_NONE, NULL }
#define COUNT(S, f, letter, name, value, help) \
	{ OPT_COUNT, letter, name, value, OPT_FIELD(S, f, uint64_t), help, \
	  OFFER_NONE, NULL }
#define LIST(S, f, letter, name, value, offer, help) \
	{ OPT_LIST, letter, name, value, OPT_FIELD(S, f, struct opt_list), \
	  help, offer, NULL }
#define OPT_TABLE_END { OPT_END, 0, NULL, NULL, 0, NULL, OFFER_NONE, NULL }

/* Operands, in order.  after_dashes is the index of the first one that
 * followed "--" (n if none did), or OPT_NO_DASHES if there was no "--". */
#define OPT_NO_DASHES SIZE_MAX
struct operands {
	const char **v;
	size_t n;
	size_t after_dashes;
};

void operands_release(struct operands *o);
void opt_list_release(struct opt_list *l);

/*
 * Parse argv[0..argc) (no command name in it) by the two tables: own binds to
 * args, global to globals; either may be NULL.  With stop_at_operand, parsing
 * ends at the first operand and *used says how many words were taken.
 * Fails with ERR_USAGE only; an unknown option names the nearest one.
 */
MUST_CHECK err_t opt_parse(struct operands *out, size_t *used, void *args,
    const struct opt *own, void *globals, const struct opt *global,
    bool stop_at_operand, int argc, const char *const *argv);

/* The option of that long name or letter, or NULL. */
const struct opt *opt_find(const struct opt *table, const char *name,
    char letter);

/* Release what opt_parse put into args (lists). */
void opt_release(void *args, const struct opt *table);

#endif
