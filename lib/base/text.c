/*
 * What a terminal shows is not what the bytes are: control bytes move the
 * cursor, bidi controls swap what is read, invisible code points make two
 * names look the same.  All of those are escaped; the joiners and variation
 * selectors stay, since scripts and emoji are written with them.
 *
 * A grapheme cluster is as wide as its code points together, but never wider
 * than two columns: a family of four joined emoji is one picture.
 */

#include "lib/base/text.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "lib/base/mem.h"

#define ESCAPE_MAX 16		/* four bytes as \xNN */
#define DISTANCE_MAX 64

static const struct {
	int32_t first, last;
} hidden[] = {
	{ 0x0000, 0x001f },	/* C0 */
	{ 0x007f, 0x009f },	/* DEL, C1 */
	{ 0x00ad, 0x00ad },	/* soft hyphen */
	{ 0x034f, 0x034f },	/* grapheme joiner, which joins nothing */
	{ 0x061c, 0x061c },	/* Arabic letter mark */
	{ 0x115f, 0x1160 },	/* Hangul fillers */
	{ 0x17b4, 0x17b5 },	/* Khmer inherent vowels */
	{ 0x180e, 0x180e },	/* Mongolian vowel separator */
	{ 0x200b, 0x200b },	/* zero width space */
	{ 0x200e, 0x200f },	/* left-to-right and right-to-left marks */
	{ 0x2028, 0x202e },	/* line separators, bidi */
	{ 0x2060, 0x206f },	/* word joiner, invisible operators, bidi */
	{ 0x3164, 0x3164 },	/* Hangul filler */
	{ 0xfeff, 0xfeff },	/* byte order mark */
	{ 0xffa0, 0xffa0 },	/* Hangul filler, half width */
	{ 0xfff9, 0xfffb },	/* interlinear annotation */
	{ 0xe0000, 0xe007f },	/* tags */
};

bool
text_is_hidden(int32_t c)
{
	for (size_t i = 0; i < ARRAY_LEN(hidden); i++)
		if (c <= hidden[i].last)
			return c >= hidden[i].first;
	return false;
}

size_t
text_next(int32_t *out, const char *text, size_t len)
{
	utf8proc_ssize_t n;

	n = utf8proc_iterate((const utf8proc_uint8_t *)text,
	    len < 4 ? (utf8proc_ssize_t)len : 4, out);
	return n > 0 ? (size_t)n : 0;
}

static size_t
escape_bytes(char out[ESCAPE_MAX], const char *p, size_t len)
{
	static const char digit[] = "0123456789abcdef";
	static const char plain[] = "\n\t\r", letter[] = "ntr";
	const char *at = memchr(plain, *p, sizeof(plain) - 1);
	size_t n = 0;

	if (at) {
		out[n++] = '\\';
		out[n++] = letter[at - plain];
		return n;
	}
	for (size_t i = 0; i < len; i++) {
		out[n++] = '\\';
		out[n++] = 'x';
		out[n++] = digit[(uint8_t)p[i] >> 4];
		out[n++] = digit[p[i] & 15];
	}
	return n;
}

/*
 * What to show for the first character: *shown is it or its escape, of
 * *shown_len bytes.  Says how many bytes of text that takes.
 */
static size_t
escape_next(const char **shown, size_t *shown_len, char escape[ESCAPE_MAX],
    const char *p, size_t len)
{
	int32_t c;
	size_t n = text_next(&c, p, len);

	if (n && !text_is_hidden(c)) {
		*shown = p;
		*shown_len = n;
		return n;
	}
	if (!n)
		n = 1;
	*shown = escape;
	*shown_len = escape_bytes(escape, p, n);
	return n;
}

/* Bytes of plain ASCII at the start, which are shown as they are. */
static size_t
plain_run(const char *p, size_t len)
{
	size_t n = 0;

	while (n < len && p[n] >= ' ' && p[n] <= '~')
		n++;
	return n;
}

void
text_escape(struct buf *out, const char *text, size_t len)
{
	char escape[ESCAPE_MAX];

	while (len) {
		const char *shown = text;
		size_t shown_len = plain_run(text, len);
		size_t n = shown_len;

		if (!n)
			n = escape_next(&shown, &shown_len, escape, text, len);
		buf_add(out, shown, shown_len);
		text += n;
		len -= n;
	}
}

void
text_escape_to(char *out, size_t size, const char *text, size_t len)
{
	char escape[ESCAPE_MAX];
	size_t at = 0;

	while (len) {
		const char *shown;
		size_t shown_len;
		size_t n;

		n = escape_next(&shown, &shown_len, escape, text, len);
		if (shown_len >= size - at)
			break;
		memcpy(out + at, shown, shown_len);
		at += shown_len;
		text += n;
		len -= n;
	}
	out[at] = '\0';
}

/* Bytes of the first grapheme cluster; len is not 0. */
static size_t
next_cluster(size_t *columns, const char *p, size_t len)
{
	utf8proc_int32_t state = 0;
	size_t at = 0;
	size_t width = 0;
	int32_t last = 0;

	while (at < len) {
		int32_t c;
		size_t n = text_next(&c, p + at, len - at);

		if (!n) {
			c = 0xfffd;
			n = 1;
		}
		if (at && utf8proc_grapheme_break_stateful(last, c, &state))
			break;
		width += (size_t)utf8proc_charwidth(c);
		last = c;
		at += n;
	}
	*columns = width < 2 ? width : 2;
	return at;
}

size_t
text_fit(const char *text, size_t len, size_t columns)
{
	size_t at = 0;

	while (at < len) {
		size_t width;
		size_t n = next_cluster(&width, text + at, len - at);

		if (width > columns)
			break;
		columns -= width;
		at += n;
	}
	return at;
}

size_t
text_width(const char *text, size_t len)
{
	size_t at = 0, sum = 0;

	while (at < len) {
		size_t run = plain_run(text + at, len - at), width = 0;

		/* The last plain one may be the base of what follows. */
		run -= run && run < len - at;
		at += run;
		if (at < len)
			at += next_cluster(&width, text + at, len - at);
		sum += run + width;
	}
	return sum;
}

bool
text_is_utf8(const char *text, size_t len)
{
	size_t at = 0;

	while (at < len) {
		uint64_t eight;
		int32_t c;
		size_t n;

		if (len - at >= sizeof(eight)) {
			memcpy(&eight, text + at, sizeof(eight));
			if (!(eight & 0x8080808080808080u)) {
				at += sizeof(eight);
				continue;
			}
		}
		n = text_next(&c, text + at, len - at);
		if (!n)
			return false;
		at += n;
	}
	return true;
}

static bool
is_ascii(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (text[i] & 0x80)
			return false;
	return true;
}

static void
fold_ascii(struct buf *out, const char *text, size_t len)
{
	char *to = buf_reserve(out, len);

	for (size_t i = 0; i < len; i++) {
		char c = text[i];

		to[i] = c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
	}
	to[len] = '\0';
	out->len += len;
}

void
text_fold(struct buf *out, const char *text, size_t len)
{
	utf8proc_uint8_t *folded = NULL;
	utf8proc_ssize_t n;

	if (is_ascii(text, len) || !text_is_utf8(text, len)) {
		fold_ascii(out, text, len);
		return;
	}
	n = utf8proc_map((const utf8proc_uint8_t *)text,
	    (utf8proc_ssize_t)len, &folded, UTF8PROC_STABLE |
	    UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD | UTF8PROC_IGNORE);
	if (n < 0)
		mem_fail();
	buf_add(out, folded, (size_t)n);
	free(folded);
}

static size_t
min3(size_t a, size_t b, size_t c)
{
	size_t min = a < b ? a : b;

	return min < c ? min : c;
}

/* Two letters swapped count as one edit: that is how people mistype. */
size_t
text_distance(const char *a, const char *b, size_t limit)
{
	size_t rows[3][DISTANCE_MAX + 1];
	size_t *before = rows[0], *above = rows[1], *row = rows[2];
	size_t a_len = strlen(a), b_len = strlen(b);

	if (a_len > DISTANCE_MAX || b_len > DISTANCE_MAX)
		return limit;
	for (size_t j = 0; j <= b_len; j++)
		row[j] = j;
	for (size_t i = 1; i <= a_len; i++) {
		size_t *free_row = before;

		before = above;
		above = row;
		row = free_row;
		row[0] = i;
		for (size_t j = 1; j <= b_len; j++) {
			size_t swap = a[i - 1] != b[j - 1];

			row[j] = min3(above[j] + 1, row[j - 1] + 1,
			    above[j - 1] + swap);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1] && before[j - 2] < row[j])
				row[j] = before[j - 2] + 1;
		}
	}
	return row[b_len] < limit ? row[b_len] : limit;
}

const char *
text_library(void)
{
	return utf8proc_version();
}
