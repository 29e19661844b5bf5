#include "lib/base/opt.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/mem.h"
#include "lib/base/text.h"

#define NEAR_MAX 3		/* edits that "did you mean" forgives */

/* Where parsing is, and the two tables with what they bind to. */
struct parse {
	struct operands ops;
	const struct opt *own, *global;
	char *args, *globals;
	const char *const *argv;
	int argc;
	int at;			/* the word being read */
};

void
operands_release(struct operands *o)
{
	free(o->v);
	*o = (struct operands){ NULL, 0, 0 };
}

void
opt_list_release(struct opt_list *l)
{
	free(l->items);
	*l = (struct opt_list){ NULL, 0, 0 };
}

void
opt_release(void *args, const struct opt *table)
{
	for (const struct opt *o = table; o && o->type != OPT_END; o++)
		if (o->type == OPT_LIST)
			opt_list_release((struct opt_list *)(void *)
			    ((char *)args + o->offset));
}

static const struct opt *
find(const struct opt *table, const char *name, size_t len, char letter)
{
	for (const struct opt *o = table; o && o->type != OPT_END; o++) {
		if (letter && o->letter == letter)
			return o;
		if (name && strlen(o->name) == len &&
		    !memcmp(o->name, name, len))
			return o;
	}
	return NULL;
}

const struct opt *
opt_find(const struct opt *table, const char *name, char letter)
{
	return find(table, name, name ? strlen(name) : 0, letter);
}

/* In either table; *field is what the option binds to. */
static const struct opt *
lookup(void **field, const struct parse *p, const char *name, size_t len,
    char letter)
{
	const struct opt *o = find(p->own, name, len, letter);
	char *base = p->args;

	if (!o) {
		o = find(p->global, name, len, letter);
		base = p->globals;
	}
	if (o)
		*field = base + o->offset;
	return o;
}

/* ---- errors ----------------------------------------------------------- */

/* What was begun is nearer than what was mistyped. */
static void
nearest(const char **out, size_t *best, const struct opt *table,
    const char *name)
{
	for (const struct opt *o = table; o && o->type != OPT_END; o++) {
		size_t d = text_distance(name, o->name, NEAR_MAX + 1);

		if (*name && !strncmp(o->name, name, strlen(name)))
			d = 1;
		if (d < *best && d < strlen(o->name)) {
			*best = d;
			*out = o->name;
		}
	}
}

static err_t
unknown_long(const struct parse *p, const char *name, size_t len)
{
	char *typed = mem_strndup(name, len);
	const char *near = NULL;
	size_t best = NEAR_MAX + 1;
	err_t err;

	nearest(&near, &best, p->own, typed);
	nearest(&near, &best, p->global, typed);
	if (near)
		err = err_new(ERR_USAGE,
		    "unknown option \"--%s\"; did you mean \"--%s\"?",
		    typed, near);
	else
		err = err_new(ERR_USAGE, "unknown option \"--%s\"", typed);
	free(typed);
	return err;
}

static err_t
bad_choice(const struct opt *o, const char *shown, const char *value)
{
	struct buf list = BUF_INIT;
	const char *c = o->choices;
	err_t err;

	for (;;) {
		size_t len = strcspn(c, "|");
		bool first = c == o->choices;

		if (!first)
			buf_str(&list, c[len] ? ", " : " or ");
		buf_printf(&list, "\"%.*s\"", (int)len, c);
		if (!c[len])
			break;
		c += len + 1;
	}
	err = err_new(ERR_USAGE, "\"%s\" is %s, not \"%s\"", shown,
	    buf_cstr(&list), value);
	buf_release(&list);
	return err;
}

/* ---- values ----------------------------------------------------------- */

static bool
is_choice(const char *choices, const char *value)
{
	size_t value_len = strlen(value);

	for (;;) {
		size_t len = strcspn(choices, "|");

		if (len == value_len && !memcmp(choices, value, len))
			return true;
		if (!choices[len])
			return false;
		choices += len + 1;
	}
}

static bool
parse_number(uint64_t *out, const char *text)
{
	uint64_t n = 0;

	if (!*text)
		return false;
	for (; *text; text++) {
		uint64_t digit = (uint64_t)(*text - '0');

		if (*text < '0' || *text > '9' ||
		    n > (UINT64_MAX - digit) / 10)
			return false;
		n = n * 10 + digit;
	}
	*out = n;
	return true;
}

/* shown is the option as it was typed: "--limit" or "-n". */
static err_t
set_value(void *field, const struct opt *o, const char *shown,
    const char *value)
{
	struct opt_list *list;
	uint64_t n;

	switch (o->type) {
	case OPT_TEXT:
		if (o->choices && !is_choice(o->choices, value))
			return bad_choice(o, shown, value);
		*(const char **)field = value;
		return NULL;
	case OPT_NUMBER:
		if (parse_number(field, value))
			return NULL;
		return err_new(ERR_USAGE,
		    "option \"%s\" wants a number, not \"%s\"", shown, value);
	case OPT_COUNT:
		if (parse_number(&n, value) && n) {
			*(uint64_t *)field = n;
			return NULL;
		}
		return err_new(ERR_USAGE, "option \"%s\" wants a number that "
		    "is not 0, not \"%s\"", shown, value);
	case OPT_LIST:
		list = field;
		VEC_ROOM(list->items, list->n, list->cap);
		list->items[list->n++] = value;
		return NULL;
	case OPT_FLAG:
	case OPT_END:
		break;
	}
	BUG("option \"%s\" takes no value", o->name);
}

/* value is what came in the same word, or NULL: then the next word. */
static err_t
take_value(struct parse *p, void *field, const struct opt *o,
    const char *shown, const char *value)
{
	if (!value && p->at + 1 == p->argc)
		return err_new(ERR_USAGE, "option \"%s\" needs a value",
		    shown);
	if (!value)
		value = p->argv[++p->at];
	return set_value(field, o, shown, value);
}

static err_t
parse_long(struct parse *p, const char *name)
{
	size_t len = strcspn(name, "=");
	const char *value = name[len] ? name + len + 1 : NULL;
	const struct opt *o;
	struct buf shown = BUF_INIT;
	void *field;
	err_t err = NULL;

	o = lookup(&field, p, name, len, 0);
	if (!o)
		return unknown_long(p, name, len);
	buf_printf(&shown, "--%s", o->name);
	if (o->type != OPT_FLAG)
		err = take_value(p, field, o, shown.p, value);
	else if (value)
		err = err_new(ERR_USAGE, "option \"%s\" takes no value",
		    shown.p);
	else
		*(bool *)field = true;
	buf_release(&shown);
	return err;
}

/* "-qn5": flags, and at most one with a value, the last. */
static err_t
parse_letters(struct parse *p, const char *letters)
{
	for (; *letters; letters++) {
		const char shown[] = { '-', *letters, '\0' };
		const struct opt *o;
		void *field;

		o = lookup(&field, p, NULL, 0, *letters);
		if (!o)
			return err_new(ERR_USAGE, "unknown option \"%s\"",
			    shown);
		if (o->type != OPT_FLAG)
			return take_value(p, field, o, shown,
			    letters[1] ? letters + 1 : NULL);
		*(bool *)field = true;
	}
	return NULL;
}

static err_t
parse_word(struct parse *p, bool *dashes, const char *word)
{
	if (*dashes || word[0] != '-' || !word[1]) {
		p->ops.v[p->ops.n++] = word;
		return NULL;
	}
	if (word[1] != '-')
		return parse_letters(p, word + 1);
	if (word[2])
		return parse_long(p, word + 2);
	*dashes = true;
	p->ops.after_dashes = p->ops.n;
	return NULL;
}

err_t
opt_parse(struct operands *out, size_t *used, void *args,
    const struct opt *own, void *globals, const struct opt *global,
    bool stop_at_operand, int argc, const char *const *argv)
{
	struct parse p = { .own = own, .global = global, .args = args,
	    .globals = globals, .argv = argv, .argc = argc };
	bool dashes = false;
	err_t err = NULL;

	p.ops.v = mem_array((size_t)argc, sizeof(*p.ops.v));
	for (; !err && p.at < argc; p.at++) {
		const char *word = argv[p.at];

		if (stop_at_operand && (dashes || word[0] != '-' || !word[1]))
			break;
		err = parse_word(&p, &dashes, word);
	}
	if (err) {
		operands_release(&p.ops);
		return err;
	}
	if (!dashes)
		p.ops.after_dashes = OPT_NO_DASHES;
	if (used)
		*used = (size_t)p.at;
	*out = p.ops;
	return NULL;
}
