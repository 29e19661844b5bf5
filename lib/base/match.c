/*
 * A path is matched component by component, and a component byte by byte.
 * Both levels need only one point to return to: once what follows a star has
 * been found as far left as possible, giving an earlier star more can never
 * help.  So each component of the pattern meets each one of the path at most
 * once, and time is bounded by the product of the lengths.
 */

#include "lib/base/match.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/compat.h"
#include "lib/base/mem.h"

struct span {
	const char *p;
	const char *end;
};

static bool
in_range(char c, char first, char last)
{
	return (uint8_t)c >= (uint8_t)first && (uint8_t)c <= (uint8_t)last;
}

static bool
is_alpha(char c)
{
	return in_range(c, 'a', 'z') || in_range(c, 'A', 'Z');
}

static bool
in_class(const char *name, size_t len, char c)
{
	static const char *const names[] = {
		"alpha", "digit", "alnum", "upper", "lower", "space", "blank",
		"punct", "xdigit", "cntrl", "print", "graph",
	};
	bool digit = in_range(c, '0', '9');
	bool graph = in_range(c, '!', '~');
	bool blank = c == ' ' || c == '\t';
	const bool is[] = {
		is_alpha(c), digit, is_alpha(c) || digit,
		in_range(c, 'A', 'Z'), in_range(c, 'a', 'z'),
		c == ' ' || in_range(c, '\t', '\r'), blank,
		graph && !is_alpha(c) && !digit,
		digit || in_range(c, 'a', 'f') || in_range(c, 'A', 'F'),
		in_range(c, 0, 31) || c == 127, graph || c == ' ', graph,
	};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (strlen(names[i]) == len && !memcmp(names[i], name, len))
			return is[i];
	return false;
}

/* A character of a set, its backslash taken off; false at the end. */
static bool
set_char(char *out, struct span *s)
{
	if (s->p < s->end && *s->p == '\\')
		s->p++;
	if (s->p == s->end)
		return false;
	*out = *s->p++;
	return true;
}

/* "[:alpha:]" at s: its name, of small letters; false if there is none. */
static bool
class_at(const char **name, size_t *len, struct span *s)
{
	const char *p = s->p;

	if (s->end - p < 4 || p[0] != '[' || p[1] != ':')
		return false;
	for (p += 2; p < s->end && in_range(*p, 'a', 'z'); p++)
		;
	if (s->end - p < 2 || p[0] != ':' || p[1] != ']')
		return false;
	*name = s->p + 2;
	*len = (size_t)(p - *name);
	s->p = p + 2;
	return true;
}

/*
 * s is after "[" and ends up after "]".  A set that is not closed matches
 * nothing.
 */
static bool
match_set(struct span *s, char c)
{
	bool inverted = false;
	bool found = false;
	const char *first;

	if (s->p < s->end && (*s->p == '!' || *s->p == '^')) {
		inverted = true;
		s->p++;
	}
	first = s->p;
	for (;;) {
		const char *name;
		size_t len;
		char low, high;

		if (s->p == s->end)
			return false;
		if (*s->p == ']' && s->p != first)
			break;
		if (class_at(&name, &len, s)) {
			found |= in_class(name, len, c);
			continue;
		}
		if (!set_char(&low, s))
			return false;
		high = low;
		if (s->end - s->p > 1 && s->p[0] == '-' && s->p[1] != ']') {
			s->p++;
			if (!set_char(&high, s))
				return false;
		}
		found |= in_range(c, low, high);
	}
	s->p++;
	return found != inverted;
}

/* One item of the pattern, which is not a star, against one byte. */
static bool
match_one(struct span *pattern, char c)
{
	char p = *pattern->p++;

	if (p == '?')
		return true;
	if (p == '[')
		return match_set(pattern, c);
	if (p == '\\') {
		if (pattern->p == pattern->end)
			return false;
		p = *pattern->p++;
	}
	return p == c;
}

static bool
match_component(struct span pattern, struct span text)
{
	struct span after_star = { NULL, NULL };
	struct span retry = { NULL, NULL };

	for (;;) {
		if (pattern.p < pattern.end && *pattern.p == '*') {
			pattern.p++;
			after_star = pattern;
			retry = text;
			continue;
		}
		if (text.p == text.end && pattern.p == pattern.end)
			return true;
		if (text.p < text.end && pattern.p < pattern.end &&
		    match_one(&pattern, *text.p)) {
			text.p++;
			continue;
		}
		if (!after_star.p || retry.p == retry.end)
			return false;
		retry.p++;
		pattern = after_star;
		text = retry;
	}
}

/* The component at *p, and *p after it and its slash; false at the end, which
 * is NULL. */
static bool
next_component(struct span *out, const char **p)
{
	size_t len;

	if (!*p)
		return false;
	len = strcspn(*p, "/");
	out->p = *p;
	out->end = *p + len;
	*p = **p && (*p)[len] ? *p + len + 1 : NULL;
	return true;
}

static bool
is_double_star(const struct span *s)
{
	return s->end - s->p == 2 && s->p[0] == '*' && s->p[1] == '*';
}

bool
match_path(const char *pattern, const char *path)
{
	const char *after_star = NULL;
	const char *retry = NULL;
	bool starred = false;

	for (;;) {
		struct span want, have;
		const char *rest = path;
		bool more = next_component(&want, &pattern);
		bool some = next_component(&have, &rest);

		if (more && is_double_star(&want)) {
			if (!pattern)
				return some;
			starred = true;
			after_star = pattern;
			retry = path;
			continue;
		}
		if (!more && !some)
			return true;
		if (more && some && match_component(want, have)) {
			path = rest;
			continue;
		}
		if (!starred || !next_component(&have, &retry))
			return false;
		pattern = after_star;
		path = retry;
	}
}

bool
match_is_pattern(const char *text)
{
	return strpbrk(text, "*?[\\") != NULL;
}

/* ---- lines of pattern files ------------------------------------------- */

/* Without the end of line, and without spaces at the end that no backslash
 * keeps. */
static size_t
trim(const char *line, size_t len)
{
	while (len && (line[len - 1] == '\n' || line[len - 1] == '\r'))
		len--;
	while (len && line[len - 1] == ' ') {
		size_t slashes = 0;

		while (slashes + 1 < len && line[len - 2 - slashes] == '\\')
			slashes++;
		if (slashes % 2)
			break;
		len--;
	}
	return len;
}

bool
match_rule_parse(struct match_rule *out, const char *line, size_t len)
{
	struct match_rule rule = { NULL, false, false, false };

	len = trim(line, len);
	if (!len || line[0] == '#')
		return false;
	if (line[0] == '!') {
		rule.negated = true;
		line++;
		len--;
	}
	if (len && line[len - 1] == '/') {
		rule.only_dirs = true;
		len--;
	}
	rule.anchored = memchr(line, '/', len) != NULL;
	if (len && line[0] == '/') {
		line++;
		len--;
	}
	if (!len)
		return false;
	rule.pattern = mem_strndup(line, len);
	*out = rule;
	return true;
}

void
match_rule_release(struct match_rule *rule)
{
	free(rule->pattern);
	rule->pattern = NULL;
}

bool
match_rule_test(const struct match_rule *rule, const char *base,
    const char *path, bool is_dir)
{
	size_t len = strlen(base);
	const char *slash;

	if (rule->only_dirs && !is_dir)
		return false;
	if (len) {
		if (strncmp(path, base, len) || path[len] != '/')
			return false;
		path += len + 1;
	}
	slash = strrchr(path, '/');
	if (!rule->anchored && slash)
		path = slash + 1;
	return match_path(rule->pattern, path);
}
