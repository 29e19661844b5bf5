#include "lib/table/dialect.h"

#include <string.h>

#include "lib/base/mem.h"
#include "lib/base/find.h"
#include "lib/table/value.h"

#define BOM "\xef\xbb\xbf"
#define BOM_SIZE 3
#define SAMPLE 20		/* records that decide about the delimiter */
#define UTF16_LOOK 256

static char
quote_of(enum cut cut)
{
	return cut == CUT_CSV ? '"' : cut == CUT_CSV_SINGLE ? '\'' : '\0';
}

/* By its mark, or because every other byte of ASCII text would be NUL. */
static bool
is_utf16(const char *p, size_t len)
{
	size_t nul[2] = { 0, 0 };
	size_t n = len < UTF16_LOOK ? len & ~(size_t)1 : UTF16_LOOK;

	if (len >= 2 && (!memcmp(p, "\xff\xfe", 2) ||
	    !memcmp(p, "\xfe\xff", 2)))
		return true;
	for (size_t i = 0; i < n; i++)
		nul[i % 2] += !p[i];
	return n >= 4 && ((!nul[0] && nul[1] * 8 > n * 3) ||
	    (!nul[1] && nul[0] * 8 > n * 3));
}

size_t
dialect_first_record(const struct dialect *d, const char *p, size_t len,
    bool all)
{
	struct find find;
	size_t at;

	find_begin(&find, p, len, '\n', d->quote, false);
	at = find_next(&find);
	return at < len ? at + 1 : all ? len : 0;
}

/* ---- the delimiter ---------------------------------------------------- */

/* How often c is in the record, outside quotes. */
static size_t
count_in(const char *p, size_t len, char c, char quote)
{
	struct find find;
	size_t n = 0;

	find_begin(&find, p, len, c, quote, false);
	while (find_next(&find) < len)
		n++;
	return n;
}

/* How many records from the first on have c as often as that one. */
static size_t
agreement(size_t *count, const struct dialect *d, const char *p, size_t len,
    bool all, char c)
{
	size_t n = 0;

	for (size_t i = 0; i < SAMPLE && len; i++) {
		size_t size = dialect_first_record(d, p, len, all);
		size_t times;

		if (!size)
			break;
		times = count_in(p, size, c, d->quote);
		if (i == 0)
			*count = times;
		n += times == *count;
		p += size;
		len -= size;
	}
	return n;
}

static char
find_delimiter(const struct dialect *d, const char *p, size_t len, bool all)
{
	size_t best = 0, best_count = 0;
	char found = ',';

	for (const char *c = ",;\t|"; *c; c++) {
		size_t count = 0;
		size_t n = agreement(&count, d, p, len, all, *c);

		if (count && (n > best || (n == best && count > best_count))) {
			best = n;
			best_count = count;
			found = *c;
		}
	}
	return found;
}

/* ---- the header ------------------------------------------------------- */

/* Column names are hardly ever all numbers; the cells of a matrix are. */
static bool
is_header(const struct dialect *d, const char *p, size_t len)
{
	const char *end = p + len;

	while (end > p && (end[-1] == '\n' || end[-1] == '\r'))
		end--;
	for (;;) {
		const char *stop = memchr(p, d->delimiter, (size_t)(end - p));
		const char *to = stop ? stop : end;

		if (!value_is_number(p, (size_t)(to - p)))
			return true;
		if (!stop)
			return false;
		p = stop + 1;
	}
}

/* ---- all of it -------------------------------------------------------- */

static void
detect_csv(struct dialect *d, const struct dialect_hint *hint, const char *p,
    size_t len, size_t first, bool all)
{
	d->delimiter = hint->delimiter ? hint->delimiter :
	    find_delimiter(d, p, len, all);
	d->header = hint->header ? hint->header > 0 :
	    is_header(d, p, first);
}

bool
dialect_detect(struct dialect *out, const char **reason,
    const struct dialect_hint *hint, const char *p, size_t len, bool all)
{
	struct dialect d = { .format = hint->format, .header = false,
	    .encoding = hint->encoding ? hint->encoding : TABLE_UTF8,
	    .eol = TABLE_LF };
	size_t first;

	if (len < DIALECT_LOOK && !all)
		return false;
	*reason = NULL;
	*out = (struct dialect){ .format = TABLE_NONE };
	if (hint->format == TABLE_NONE)
		*reason = "is not a table";
	else if (d.encoding == TABLE_UTF16 || is_utf16(p, len))
		*reason = "is UTF-16";
	if (*reason)
		return true;
	if (d.format == TABLE_CSV)
		d.quote = quote_of(hint->cut);
	d.bom = len >= BOM_SIZE && !memcmp(p, BOM, BOM_SIZE);
	first = dialect_first_record(&d, p, len, all);
	if (!first && !all && len < DIALECT_MAX)
		return false;
	if (first > DIALECT_MAX || (!first && !all)) {
		*reason = "has a first record of more than 1 MiB";
		return true;
	}
	/* What is beyond DIALECT_LOOK decides nothing but the first record. */
	if (len > DIALECT_LOOK) {
		len = first > DIALECT_LOOK ? first : DIALECT_LOOK;
		all = false;
	}
	if (first >= 2 && p[first - 1] == '\n' && p[first - 2] == '\r')
		d.eol = TABLE_CRLF;
	p += dialect_skip(&d);
	len -= dialect_skip(&d);
	first -= dialect_skip(&d);
	if (d.format == TABLE_CSV)
		detect_csv(&d, hint, p, len, first, all);
	*out = d;
	return true;
}

size_t
dialect_skip(const struct dialect *d)
{
	return d->bom ? BOM_SIZE : 0;
}

/* ---- stored and shown ------------------------------------------------- */

void
dialect_encode(struct buf *out, const struct dialect *d)
{
	const unsigned char bytes[DIALECT_SIZE] = { (unsigned char)d->format,
	    (unsigned char)d->delimiter, (unsigned char)d->quote, d->header,
	    d->bom, (unsigned char)d->encoding, (unsigned char)d->eol, 0 };

	buf_add(out, bytes, sizeof(bytes));
}

err_t
dialect_decode(struct dialect *out, struct cursor *c)
{
	const char *p = cursor_take(c, DIALECT_SIZE);

	if (!p || p[0] < TABLE_CSV || p[0] > TABLE_JSONL || (p[3] & ~1) ||
	    (p[4] & ~1) || p[5] < TABLE_UTF8 || p[5] > TABLE_UTF16 ||
	    p[6] < TABLE_LF || p[6] > TABLE_CRLF || p[7])
		return err_new(ERR_CORRUPT, "a dialect is damaged");
	*out = (struct dialect){ .format = (enum table_format)p[0],
	    .delimiter = p[1], .quote = p[2], .header = p[3] != 0,
	    .bom = p[4] != 0, .encoding = (enum table_encoding)p[5],
	    .eol = (enum table_eol)p[6] };
	return NULL;
}

void
dialect_hint_encode(struct buf *out, const struct dialect_hint *hint)
{
	const unsigned char bytes[5] = { (unsigned char)hint->format,
	    (unsigned char)hint->cut, (unsigned char)hint->delimiter,
	    (unsigned char)(hint->header + 1), (unsigned char)hint->encoding };

	buf_add(out, bytes, sizeof(bytes));
}

const char *
table_encoding_name(enum table_encoding encoding)
{
	return encoding == TABLE_LATIN1 ? "latin-1" :
	    encoding == TABLE_UTF16 ? "utf-16" : "utf-8";
}

const char *
table_format_name(enum table_format format)
{
	return format == TABLE_CSV ? "csv" :
	    format == TABLE_JSONL ? "jsonl" : "none";
}

static void
print_delimiter(struct buf *out, char c)
{
	if (c == '\t' || c == ' ')
		buf_str(out, c == ' ' ? "space" : "tab");
	else
		buf_printf(out, "\"%c\"", c);
}

void
dialect_print(struct buf *out, const struct dialect *d)
{
	buf_str(out, table_format_name(d->format));
	if (d->format == TABLE_CSV) {
		buf_str(out, ", delimiter ");
		print_delimiter(out, d->delimiter);
		buf_printf(out, ", quote %s, %s", d->quote == '"' ? "double" :
		    d->quote ? "single" : "none",
		    d->header ? "header" : "no header");
	}
	buf_printf(out, ", %s%s, %s", table_encoding_name(d->encoding),
	    d->bom ? " with BOM" : "", d->eol == TABLE_LF ? "LF" : "CRLF");
}

void
dialect_members(struct json *j, const struct dialect *d)
{
	json_key(j, "format");
	json_text(j, table_format_name(d->format));
	if (d->format == TABLE_CSV) {
		json_key(j, "delimiter");
		json_textn(j, &d->delimiter, 1);
		json_key(j, "quote");
		json_text(j, d->quote == '"' ? "\"" : d->quote ? "'" : NULL);
		json_key(j, "header");
		json_bool(j, d->header);
	}
	json_key(j, "encoding");
	json_text(j, table_encoding_name(d->encoding));
	json_key(j, "bom");
	json_bool(j, d->bom);
	json_key(j, "line_end");
	json_text(j, d->eol == TABLE_LF ? "lf" : "crlf");
}
