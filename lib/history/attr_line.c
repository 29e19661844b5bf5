#include "lib/history/attr_line.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"

static const char escapes[] = "abtnvfr\"\\";
static const char escaped[] = "\a\b\t\n\v\f\r\"\\";

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

void
attr_line_release(struct attr_line *line)
{
	for (size_t i = 0; i < line->n; i++) {
		free(line->settings[i].name);
		free(line->settings[i].value);
	}
	free(line->settings);
	free(line->pattern);
	*line = (struct attr_line)ATTR_LINE_INIT;
}

static struct attr_setting *
find(struct attr_line *line, const char *name)
{
	for (size_t i = line->n; i--;) {
		if (!strcmp(line->settings[i].name, name))
			return &line->settings[i];
	}
	return NULL;
}

void
attr_line_set(struct attr_line *line, const char *name, const char *value)
{
	struct attr_setting *s = find(line, name);

	if (!s) {
		VEC_ROOM(line->settings, line->n, line->cap);
		s = &line->settings[line->n++];
		s->name = mem_strdup(name);
		s->value = NULL;
	}
	free(s->value);
	s->value = value ? mem_strdup(value) : NULL;
}

/* ---- reading ---------------------------------------------------------- */

/* The byte that an escape in quotes stands for. */
static bool
unescape(char *out, struct cursor *c)
{
	char first = (char)cursor_u8(c);
	const char *at = memchr(escapes, first, sizeof(escapes) - 1);
	int n = first - '0';

	if (at) {
		*out = escaped[at - escapes];
		return true;
	}
	if (n < 0 || n > 3)
		return false;
	for (int i = 0; i < 2; i++) {
		int digit = (char)cursor_u8(c) - '0';

		if (digit < 0 || digit > 7)
			return false;
		n = n * 8 + digit;
	}
	*out = (char)n;
	return n != 0;
}

static char
peek(const struct cursor *c)
{
	return cursor_left(c) ? *c->p : '\0';
}

static bool
at_end_of_word(const struct cursor *c)
{
	return !cursor_left(c) || is_blank(*c->p);
}

/*
 * Quoted text, as it is meant.  For a pattern what has a meaning only for
 * match_rule_parse keeps, or gets, a backslash.
 */
static bool
read_quoted(struct buf *out, struct cursor *c, bool pattern)
{
	cursor_u8(c);
	while (peek(c) != '"') {
		char byte;

		if (!cursor_left(c))
			return false;
		byte = (char)cursor_u8(c);
		if (byte == '\\' && pattern && cursor_left(c) &&
		    strchr("*?[", peek(c))) {
			buf_char(out, byte);
			byte = (char)cursor_u8(c);
		} else if (byte == '\\') {
			if (!unescape(&byte, c))
				return false;
			if (byte == '\\' && pattern)
				buf_char(out, '\\');
		}
		if (pattern && (byte == ' ' ||
		    (!out->len && (byte == '#' || byte == '!'))))
			buf_char(out, '\\');
		buf_char(out, byte);
	}
	cursor_u8(c);
	return at_end_of_word(c);
}

static void
read_word(struct buf *out, struct cursor *c, const char *stop)
{
	while (!at_end_of_word(c) && !strchr(stop, peek(c)))
		buf_char(out, (char)cursor_u8(c));
}

static bool
is_format(const char *name)
{
	static const char *const known[] = { "csv", "tsv", "jsonl", "text",
	    "binary" };

	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		if (!strcmp(name, known[i]))
			return true;
	}
	return false;
}

static bool
has_control(const char *s)
{
	for (; *s; s++) {
		if ((unsigned char)*s < ' ' || *s == 0x7f)
			return true;
	}
	return false;
}

/* NULL, or what is wrong. */
static const char *
read_setting(struct attr_line *line, struct cursor *c)
{
	struct buf name = BUF_INIT, value = BUF_INIT;
	const char *bad = NULL;
	bool bare;

	read_word(&name, c, "=");
	bare = peek(c) != '=';
	if (!bare) {
		cursor_u8(c);
		if (peek(c) != '"')
			read_word(&value, c, "");
		else if (!read_quoted(&value, c, false))
			bad = "a quoted value does not end, or has an unknown "
			    "escape";
	}
	if (!name.len)
		bad = "an attribute has no name";
	else if (has_control(name.p))
		bad = "an attribute has a control byte in its name";
	else if (line->n == ATTR_SETTINGS_MAX)
		bad = "there are too many attributes";
	else if (!bad && *name.p == '-')
		attr_line_set(line, name.p + 1, NULL);
	else if (!bad && bare && is_format(name.p))
		attr_line_set(line, "format", name.p);
	else if (!bad)
		attr_line_set(line, name.p, buf_cstr(&value));
	buf_release(&name);
	buf_release(&value);
	return bad;
}

static void
skip_blanks(struct cursor *c)
{
	while (cursor_left(c) && is_blank(*c->p))
		cursor_u8(c);
}

const char *
attr_line_parse(struct attr_line *out, const char *p, size_t len)
{
	struct attr_line line = ATTR_LINE_INIT;
	struct buf pattern = BUF_INIT;
	struct cursor c = cursor_of(p, len);
	const char *bad = NULL;

	if (len && p[len - 1] == '\r')
		c.end--;
	skip_blanks(&c);
	if (!cursor_left(&c) || peek(&c) == '#')
		goto out;
	if (memchr(p, '\0', len))
		bad = "there is a NUL byte in it";
	else if (peek(&c) == '!')
		bad = "a pattern cannot begin with \"!\" here";
	else if (peek(&c) != '"')
		read_word(&pattern, &c, "");
	else if (!read_quoted(&pattern, &c, true))
		bad = "a quoted pattern does not end, or has an unknown "
		    "escape";
	else if (!pattern.len)
		bad = "the pattern is empty";
	for (skip_blanks(&c); !bad && cursor_left(&c); skip_blanks(&c))
		bad = read_setting(&line, &c);
	line.pattern = buf_detach(&pattern);
	if (!bad) {
		*out = line;
		return NULL;
	}
out:
	buf_release(&pattern);
	attr_line_release(&line);
	return bad;
}

/* ---- writing ---------------------------------------------------------- */

static bool
needs_quotes(const char *s, bool pattern)
{
	if (!*s || *s == '"' || (pattern && (*s == '#' || *s == '!')))
		return true;
	for (; *s; s++) {
		if ((unsigned char)*s <= ' ' || *s == 0x7f)
			return true;
	}
	return false;
}

static void
write_byte(struct buf *out, char byte)
{
	const char *at = memchr(escaped, byte, sizeof(escaped) - 1);

	if (at) {
		buf_char(out, '\\');
		buf_char(out, escapes[at - escaped]);
	} else if ((unsigned char)byte < ' ' || byte == 0x7f) {
		buf_printf(out, "\\%03o", (unsigned)(unsigned char)byte);
	} else {
		buf_char(out, byte);
	}
}

static void
write_text(struct buf *out, const char *s, bool pattern)
{
	if (!needs_quotes(s, pattern)) {
		buf_str(out, s);
		return;
	}
	buf_char(out, '"');
	for (; *s; s++) {
		if (pattern && *s == '\\' && s[1]) {
			s++;
			if (strchr("*?[", *s))
				buf_char(out, '\\');
			if (strchr("*?[", *s))
				buf_char(out, *s);
			else
				write_byte(out, *s);
		} else {
			write_byte(out, *s);
		}
	}
	buf_char(out, '"');
}

void
attr_line_typed(struct buf *out, const char *pattern)
{
	for (const char *p = pattern; *p; p++) {
		if (*p != '\\' || !p[1] || strchr("*?[\\", p[1])) {
			buf_char(out, *p);
			if (*p != '\\' || !p[1])
				continue;
		}
		buf_char(out, *++p);
	}
}

void
attr_line_format(struct buf *out, const struct attr_line *line)
{
	write_text(out, line->pattern, true);
	for (size_t i = 0; i < line->n; i++) {
		const struct attr_setting *s = &line->settings[i];

		buf_printf(out, " %s%s", s->value ? "" : "-", s->name);
		if (s->value && (*s->value || is_format(s->name))) {
			buf_char(out, '=');
			write_text(out, s->value, false);
		}
	}
}
