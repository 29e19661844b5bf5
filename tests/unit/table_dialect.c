/*
 * What the first bytes of a file show.
 */

#include "lib/table/dialect.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "tests/unit/tap.h"

static const struct dialect_hint csv = { .format = TABLE_CSV,
    .cut = CUT_CSV };

/* "csv, delimiter \",\", …" or the reason; the same however much is shown. */
static const char *
shown(const struct dialect_hint *hint, const char *text)
{
	static char out[200];
	struct buf b = BUF_INIT;
	struct dialect d;
	const char *reason;

	if (!dialect_detect(&d, &reason, hint, text, strlen(text), true))
		return "more";
	if (reason)
		return reason;
	dialect_print(&b, &d);
	snprintf(out, sizeof(out), "%s", b.p);
	buf_release(&b);
	return out;
}

#define is(hint, text, want, title) \
	ok(!strcmp(shown(hint, text), want), title)

static void
test_delimiters(void)
{
	struct dialect_hint said = csv;

	is(&csv, "a,b\n1,2\n", "csv, delimiter \",\", quote double, header, "
	    "utf-8, LF", "a comma");
	is(&csv, "a;b\n1,5;2,5\n3,5;4\n", "csv, delimiter \";\", quote double, "
	    "header, utf-8, LF", "a semicolon, among decimal commas");
	is(&csv, "a\tb\n1\t2\n", "csv, delimiter tab, quote double, header, "
	    "utf-8, LF", "a tab");
	is(&csv, "a|b|c\r\n1|2|3\r\n", "csv, delimiter \"|\", quote double, "
	    "header, utf-8, CRLF", "a bar, and CRLF");
	is(&csv, "\"a;b;c\",d\n1,2\n", "csv, delimiter \",\", quote double, "
	    "header, utf-8, LF", "what is in quotes divides nothing");
	is(&csv, "name;price, EUR\nbolt;1\n", "csv, delimiter \";\", quote double, "
	    "header, utf-8, LF", "what the other records agree with");
	is(&csv, "word\n", "csv, delimiter \",\", quote double, header, utf-8, LF",
	    "one column");
	is(&csv, "", "csv, delimiter \",\", quote double, header, utf-8, LF",
	    "nothing");
	said.delimiter = '\t';
	is(&said, "a,b\n1,2\n", "csv, delimiter tab, quote double, header, "
	    "utf-8, LF", "what is said is not looked for");
}

static void
test_headers(void)
{
	struct dialect_hint said = csv;

	is(&csv, "1,2.5,-3e4\n4,5,6\n", "csv, delimiter \",\", quote double, "
	    "no header, utf-8, LF", "numbers name no columns");
	is(&csv, ",2019,2020\nx,1,2\n", "csv, delimiter \",\", quote double, "
	    "header, utf-8, LF", "years may");
	is(&csv, "1,2,x\n", "csv, delimiter \",\", quote double, header, utf-8, "
	    "LF", "one word is enough");
	said.header = 1;
	is(&said, "1,2\n3,4\n", "csv, delimiter \",\", quote double, header, "
	    "utf-8, LF", "a header that is said to be there");
	said.header = -1;
	is(&said, "a,b\n", "csv, delimiter \",\", quote double, no header, utf-8, "
	    "LF", "a header that is said not to be there");
}

static void
test_encodings(void)
{
	struct dialect_hint jsonl = { .format = TABLE_JSONL,
	    .cut = CUT_LINES };
	struct dialect_hint said = csv;
	struct dialect d;
	const char *reason;

	is(&csv, "\xef\xbb\xbf" "a,b\n", "csv, delimiter \",\", quote double, "
	    "header, utf-8 with BOM, LF", "a BOM");
	is(&jsonl, "{\"a\":1}\r\n", "jsonl, utf-8, CRLF", "JSON Lines");
	is(&csv, "\xff\xfe" "ab", "is UTF-16", "UTF-16 by its mark");
	ok(dialect_detect(&d, &reason, &csv, "a\0,\0b\0\n\0", 8, true) &&
	    reason && !strcmp(reason, "is UTF-16") &&
	    d.format == TABLE_NONE, "UTF-16 without a mark");
	said.encoding = TABLE_LATIN1;
	is(&said, "a,b\n", "csv, delimiter \",\", quote double, header, latin-1, "
	    "LF", "an encoding that is said");
	said.cut = CUT_CSV_SINGLE;
	is(&said, "a,b\n", "csv, delimiter \",\", quote single, header, latin-1, "
	    "LF", "the quote is the cut's");
	said.cut = CUT_LINES;
	is(&said, "a,b\n", "csv, delimiter \",\", quote none, header, latin-1, "
	    "LF", "none, if the file is cut by lines");
	said.format = TABLE_NONE;
	is(&said, "a,b\n", "is not a table", "no table");
}

/* A header that is longer than what is looked at first. */
static void
test_lengths(void)
{
	size_t len = DIALECT_MAX + 100;
	char *p = mem_alloc(len);
	struct dialect d, whole;
	const char *reason;

	memset(p, 'x', len);
	p[10] = ';';
	p[DIALECT_LOOK + 10] = '\n';
	ok(!dialect_detect(&d, &reason, &csv, p, 100, false),
	    "a little is not enough");
	ok(!dialect_detect(&d, &reason, &csv, p, DIALECT_LOOK, false),
	    "nor a header without its end");
	ok(dialect_detect(&d, &reason, &csv, p, DIALECT_LOOK + 20, false) &&
	    dialect_detect(&whole, &reason, &csv, p, len, true) &&
	    d.delimiter == ';' && whole.delimiter == ';',
	    "enough is as good as all");
	p[DIALECT_LOOK + 10] = 'x';
	ok(!dialect_detect(&d, &reason, &csv, p, DIALECT_MAX - 1, false),
	    "a long header: more");
	ok(dialect_detect(&d, &reason, &csv, p, DIALECT_MAX, false) && reason,
	    "a header without end");
	ok(dialect_detect(&d, &reason, &csv, p, len, true) && reason,
	    "the same for all of it");
	free(p);
}

/* What is beyond the first 64 KiB has no say. */
static void
test_steady(void)
{
	struct buf b = BUF_INIT;
	struct dialect few, all;
	const char *reason;

	buf_str(&b, "a;b,c\n");
	while (b.len < DIALECT_LOOK)
		buf_str(&b, "0123456789012345678901234567890123456789"
		    "01234567890123456789012345678901234567890123456789"
		    "01234567890123456789012345678901234567890123456789"
		    "01234567890123456789012345678901234567890123456789"
		    "01234567890123456789012345678901234567890123456789"
		    "012345678901234567890123456789012345678901234;5\n");
	ok(dialect_detect(&few, &reason, &csv, b.p, DIALECT_LOOK, false) &&
	    dialect_detect(&all, &reason, &csv, b.p, b.len, true) &&
	    few.delimiter == all.delimiter && few.delimiter == ';',
	    "the same by the first bytes and by all");
	buf_release(&b);
}

static void
test_stored(void)
{
	struct dialect d = { TABLE_CSV, ';', '\'', true, true, TABLE_LATIN1,
	    TABLE_CRLF };
	struct dialect back;
	struct buf b = BUF_INIT;
	struct cursor c;
	bool same;
	err_t err;

	dialect_encode(&b, &d);
	c = cursor_of(b.p, b.len);
	err = dialect_decode(&back, &c);
	same = !err && back.format == d.format && back.delimiter == ';' &&
	    back.quote == '\'' && back.header && back.bom &&
	    back.encoding == d.encoding && back.eol == d.eol;
	ok(b.len == DIALECT_SIZE && same, "stored and read");
	for (size_t i = 0; i < b.len; i++) {
		char was = b.p[i];

		b.p[i] = 77;
		c = cursor_of(b.p, b.len);
		err = dialect_decode(&back, &c);
		ok(i == 1 || i == 2 ? !err : err_is(err, ERR_CORRUPT),
		    "a byte changed");
		b.p[i] = was;
	}
	c = cursor_of(b.p, b.len - 1);
	err = dialect_decode(&back, &c);
	ok(err_is(err, ERR_CORRUPT), "cut short");
	buf_release(&b);
}

int
main(void)
{
	test_delimiters();
	test_headers();
	test_encodings();
	test_lengths();
	test_steady();
	test_stored();
	return tap_end();
}
