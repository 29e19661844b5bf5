/*
 * Rows and cells of CSV and JSON Lines.
 */

#include "lib/table/row.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/table/csv.h"
#include "lib/table/jsonl.h"
#include "tests/unit/tap.h"

static const struct dialect_hint csv = { .format = TABLE_CSV,
    .cut = CUT_CSV };
static const struct dialect_hint jsonl = { .format = TABLE_JSONL,
    .cut = CUT_LINES };

/* All rows of a file: "name=text|name=text odd;" each; what the row does not
 * have is left out, and kinds but text are shown by a letter. */
static const char *
shown_bytes(const struct dialect_hint *hint, const char *text, size_t len)
{
	static struct buf out;
	struct shape shape = SHAPE_INIT;
	struct row row = ROW_INIT;
	struct rows rows;
	const char *raw;
	size_t n;

	buf_clear(&out);
	buf_reserve(&out, 1);
	if (!shape_detect(&shape, NULL, hint, text, len, true))
		return "more";
	rows_begin(&rows, &shape.dialect, text, len, true);
	while (rows_next(&raw, &n, &rows)) {
		char *copy = mem_dup(raw, n ? n : 1);	/* so that reading
							 * beyond is seen */

		row_decode(&row, &shape, copy, n);
		row.odd |= row_check(&shape.dialect, copy, n);
		for (size_t i = 0; i < row.n; i++) {
			struct cell cell = row_cell(&row, i);
			const char *name;
			size_t name_len;

			if (cell.kind == CELL_NONE)
				continue;
			name = columns_name(&name_len, &shape.columns, i);
			buf_add(&out, name, name_len);
			buf_char(&out, "=:##~~{["[cell.kind]);
			buf_add(&out, cell.p, cell.len);
			buf_char(&out, '|');
		}
		if (row.odd)
			buf_printf(&out, " %u", row.odd);
		buf_char(&out, ';');
		free(copy);
	}
	row_release(&row);
	shape_release(&shape);
	return out.p;
}

static const char *
shown(const struct dialect_hint *hint, const char *text)
{
	return shown_bytes(hint, text, strlen(text));
}

static void
is_at(int line, const struct dialect_hint *hint, const char *text,
    const char *want, const char *title)
{
	const char *got = shown(hint, text);

	if (!tap_ok(!strcmp(got, want), got, __FILE__, line, title))
		printf("# want %s\n", want);
}
#define is(hint, text, want, title) is_at(__LINE__, hint, text, want, title)

static void
test_csv(void)
{
	is(&csv, "a,b\n1,2\n3,4\n", "a:1|b:2|;a:3|b:4|;", "two rows");
	is(&csv, "a,b\n1,2", "a:1|b:2|;", "the last without its line end");
	is(&csv, "a,b\r\n1,2\r\n3,4", "a:1|b:2|;a:3|b:4|;", "CRLF");
	is(&csv, "\xef\xbb\xbf" "a,b\n1,2\n", "a:1|b:2|;", "a BOM");
	is(&csv, "a,b\n\"1,5\",\"say \"\"hi\"\"\"\n", "a:1,5|b:say \"hi\"|;",
	    "quotes");
	is(&csv, "a,b\n\"x\ny\",2\n", "a:x\ny|b:2|;", "a line end in quotes");
	is(&csv, "a,b\n\"\",\n", "a:|b:|;", "empty, quoted or not");
	is(&csv, "a,b\n1\n1,2,3\n\n", "a:1| 1;a:1|b:2|#3:3| 2;a:| 256;",
	    "ragged");
	is(&csv, "a\n\n1\n", "a:|;a:1|;", "an empty line is an empty cell");
	is(&csv, "", "", "nothing");
	is(&csv, "a,b\n", "", "a header alone");
	is(&csv, "\n1,2\n", "#1:1|#2:2| 2;", "an empty header");
	is(&csv, "1,2\n3,4\n", "#1:1|#2:2|;#1:3|#2:4|;", "no header");
}

static void
test_odd_csv(void)
{
	struct dialect_hint none = csv, single = csv, latin = csv;

	is(&csv, "a,a,,a\n1,2,3,4\n", "a:1|a#2:2|#3:3|a#3:4|;",
	    "names that are there twice, or empty");
	is(&csv, "a,b\n5\" pipe,6\" pipe\n", "a:5\" pipe|b:6\" pipe| 4;",
	    "a quote within a cell is a quote");
	is(&csv, "a,b\n\"x\"y,2\n", "a:xy|b:2| 4;", "text after a quote");
	is(&csv, "a,b\n\"x,2\n3,4\n", "a:x,2\n3,4\n| 5;", "a lone quote");
	is(&csv, "a,b\n\xff,2\n", "a:\xff|b:2| 16;", "not UTF-8");
	ok(!memcmp(shown_bytes(&csv, "a\n\0\n", 4), "a:\0| 8;", 8), "NUL");
	none.cut = CUT_LINES;
	is(&none, "a,b\n\"x,2\n3,4\n", "a:\"x|b:2|;a:3|b:4|;", "no quotes");
	single.cut = CUT_CSV_SINGLE;
	is(&single, "a,b\n'x,2','it''s'\n", "a:x,2|b:it's|;",
	    "single quotes");
	latin.encoding = TABLE_LATIN1;
	is(&latin, "a,b\n\"caf\xe9 \"\"x\"\"\",\xff\n",
	    "a:caf\xc3\xa9 \"x\"|b:\xc3\xbf|;", "Latin-1");
	is(&latin, "a\n\"\xe9\xe9\xe9\xe9\xe9\xe9\"\"\xe9\"\n",
	    "a:\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\""
	    "\xc3\xa9|;", "all of it beyond ASCII, and quoted");
}

static void
test_many_cells(void)
{
	struct buf b = BUF_INIT;
	struct shape shape = SHAPE_INIT;
	struct row row = ROW_INIT;
	struct cell last;

	buf_str(&b, "a,b\n");
	ok(shape_detect(&shape, NULL, &csv, b.p, b.len, true), "a header");
	buf_clear(&b);
	for (int i = 0; i < 5000; i++)
		buf_str(&b, i ? ",x" : "x");
	row_decode(&row, &shape, b.p, b.len);
	last = row_cell(&row, row.n - 1);
	ok(row.n == 2 + ROW_EXTRA_MAX && shape.columns.n == row.n &&
	    row.odd == ROW_LONG && last.p + last.len == b.p + b.len,
	    "the last of very many cells has the rest");
	buf_char(&b, '"');
	row_decode(&row, &shape, b.p, b.len);
	last = row_cell(&row, row.n - 1);
	ok(row.n == 2 + ROW_EXTRA_MAX && last.p + last.len == b.p + b.len,
	    "the same where there are quotes");
	row_release(&row);
	shape_release(&shape);
	buf_release(&b);
}

static void
test_jsonl(void)
{
	is(&jsonl, "{\"a\":1,\"b\":\"x\"}\n{\"b\":\"y\"}\n",
	    "a#1|b:x|;b:y|;", "objects");
	is(&jsonl, "{\"u\":{\"name\":\"Ada\",\"tags\":[\"x\",\"y\"]}}\n",
	    "u.name:Ada|u.tags[0]:x|u.tags[1]:y|;", "leaves have paths");
	is(&jsonl, "{\"a.b\":{\"c\":1},\"\":2,\"#x\":3,\"q\\\"\":4}\n",
	    "\"a.b\".c#1|\"\"#2|\"#x\"#3|\"q\"\"\"#4|;",
	    "keys that are quoted");
	is(&jsonl, "{\"a\":1.50e+3,\"b\":-0,\"c\":12345678901234567890123}\n",
	    "a#1.50e+3|b#-0|c#12345678901234567890123|;",
	    "numbers as written");
	is(&jsonl, " { \"a\" : true , \"b\" : false , \"c\" : null } \r\n",
	    "a#true|b~false|c~|;", "words, and blanks");
	is(&jsonl, "{\"a\":{},\"b\":[],\"c\":[[],{}]}\n",
	    "a{{}|b[[]|c[0][[]|c[1]{{}|;", "empty ones");
	is(&jsonl, "[1,{\"a\":2}]\n7\n\"x\"\n",
	    "[0]#1|[1].a#2|;#value#7|;#value:x|;", "other values");
	is(&jsonl, "{\"a\":\"\\u00e9\\n\\t\\\"\\/\\ud83d\\ude00\"}\n",
	    "a:\xc3\xa9\n\t\"/\xf0\x9f\x98\x80|;", "escapes");
	is(&jsonl, "{\"a\":\"\\ud800x\\udc00\"}\n",
	    "a:\xed\xa0\x80x\xed\xb0\x80|;", "lone surrogates");
	is(&jsonl, "{\"a\":1}\n{\"b\":2,\"a\":3}\n", "a#1|;a#3|b#2|;",
	    "columns grow");
}

static void
test_bad_json(void)
{
	static const char *const bad[] = { "{", "{\"a\":1", "{\"a\"}",
	    "{\"a\":1,}", "[1,]", "{\"a\":01}", "{\"a\":1.}", "{\"a\":.5}",
	    "{\"a\":+1}", "{\"a\":1e}", "nul", "{\"a\":1} x", "{a:1}",
	    "{\"a\":\"\\x\"}", "{\"a\":\"\\u12g4\"}", "{\"a\":\"\t\"}", "-",
	    "{\"a\":\"x}", "\"\\", "{\"zz\":1,\"a\":tru}" };
	struct buf b = BUF_INIT;
	struct buf want = BUF_INIT;

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		buf_clear(&b);
		buf_clear(&want);
		buf_printf(&b, "%s\n{\"k\":1}\n", bad[i]);
		buf_printf(&want, "#line:%s| 32;k#1|;", bad[i]);
		is(&jsonl, b.p, want.p, bad[i]);
	}
	is(&jsonl, "{\"a\":1}\n\n{\"a\":2}\n", "a#1|;#line:| 256;a#2|;",
	    "an empty line");
	is(&jsonl, "{\"a\":1,\"a\":2,\"a\":3}\n", "a#1|a#2#2|a#3#3| 64;",
	    "a key that is there thrice");
	buf_clear(&b);
	buf_clear(&want);
	for (int i = 0; i < 200; i++)
		buf_char(&b, '[');
	buf_printf(&want, "#line:%s| 128;", b.p);
	is(&jsonl, b.p, want.p, "nested too deep");
	buf_clear(&b);
	buf_clear(&want);
	buf_char(&b, '{');
	for (int i = 0; i < 12; i++)
		buf_str(&b, i ? ",\"k\":1" : "\"k\":1");
	buf_str(&b, "}");
	buf_printf(&want, "#line:%s| 192;", b.p);
	is(&jsonl, b.p, want.p, "a key that is there too often");
	buf_release(&b);
	buf_release(&want);
}

/* One name more than there may be: the line is kept whole, and so is no
 * other. */
static void
test_many_names(void)
{
	struct buf b = BUF_INIT;
	struct shape shape = SHAPE_INIT;
	struct row row = ROW_INIT;

	shape.dialect.format = TABLE_JSONL;
	for (int i = 0; i < COLUMNS_MAX; i++) {
		buf_clear(&b);
		buf_printf(&b, "{\"k%d\":1}", i);
		row_decode(&row, &shape, b.p, b.len);
	}
	ok(row.odd == 0 && shape.columns.n == COLUMNS_MAX, "many names");
	row_decode(&row, &shape, "{\"k1\":1,\"more\":1}", 17);
	ok(row.odd == ROW_HUGE && row.n_order == 1 &&
	    row_cell(&row, COLUMNS_MAX).len == 17, "too many");
	row_decode(&row, &shape, "{\"k1\":1}", 8);
	ok(row.odd == 0 && row.n == 2, "no more than there were");
	row_release(&row);
	shape_release(&shape);
	buf_release(&b);
}

static void
hash_of(struct id *out, const struct dialect_hint *hint, const char *text)
{
	struct shape shape = SHAPE_INIT;
	struct row row = ROW_INIT;
	struct rows rows;
	const char *raw;
	size_t n;

	if (shape_detect(&shape, NULL, hint, text, strlen(text), true))
		rows_begin(&rows, &shape.dialect, text, strlen(text), true);
	while (rows_next(&raw, &n, &rows))
		row_decode(&row, &shape, raw, n);
	row_hash(out, &row, &shape);
	row_release(&row);
	shape_release(&shape);
}

static void
test_hash(void)
{
	struct id a, b;

	hash_of(&a, &csv, "id,name,x\n1,bolt,\n");
	hash_of(&b, &jsonl, "{\"name\":\"bolt\",\"id\":1,\"z\":null}\n");
	ok(id_eq(&a, &b), "the order of columns and the format do not matter");
	hash_of(&b, &csv, "id,name\n1,bolt,\n");
	ok(id_eq(&a, &b), "nor cells that are not there");
	hash_of(&b, &csv, "id,name\n1bolt,\n");
	ok(!id_eq(&a, &b), "but where a cell ends");
	hash_of(&b, &csv, "id,label\n1,bolt\n");
	ok(!id_eq(&a, &b), "and the name of its column");
}

struct seen {
	struct buf text;
};

static void
member(void *arg, const char *name, size_t name_len, const char *value,
    size_t value_len)
{
	struct buf *b = arg;

	buf_add(b, name, name_len);
	buf_char(b, '=');
	buf_add(b, value, value_len);
	buf_char(b, ';');
}

static void
test_members(void)
{
	static const char line[] =
	    "{ \"a\\u0041\" : [1, {\"x\":2}] , \"b\":1.50,\"c\":\"d\\n\" }";
	struct buf b = BUF_INIT;

	ok(jsonl_members(line, strlen(line), member, &b) &&
	    !strcmp(b.p, "aA=[1, {\"x\":2}];b=1.50;c=\"d\\n\";"),
	    "members as they are written");
	buf_clear(&b);
	ok(!jsonl_members("{\"a\":1,\"b\":}", 12, member, &b) && !b.len,
	    "nothing of a bad line");
	ok(!jsonl_members("[1]", 3, member, &b), "an array has no members");
	buf_release(&b);
}

static void
test_write(void)
{
	struct dialect d = { .format = TABLE_CSV, .delimiter = ';',
	    .quote = '"', .encoding = TABLE_UTF8 };
	struct buf b = BUF_INIT;

	ok(csv_write(&b, &d, "a", 1) && csv_write(&b, &d, ";", 1) &&
	    csv_write(&b, &d, "x\"y", 3) && csv_write(&b, &d, "p\nq", 3) &&
	    csv_write(&b, &d, "", 0) &&
	    !strcmp(b.p, "a\";\"\"x\"\"y\"\"p\nq\""), "cells are quoted");
	buf_clear(&b);
	d.quote = '\0';
	ok(csv_write(&b, &d, "\"", 1) && !csv_write(&b, &d, ";", 1) &&
	    !csv_write(&b, &d, "\n", 1) && !strcmp(b.p, "\""),
	    "what cannot be written without quotes");
	buf_clear(&b);
	d.encoding = TABLE_LATIN1;
	ok(csv_write(&b, &d, "\xc3\xa9", 2) &&
	    !csv_write(&b, &d, "\xe2\x82\xac", 3) && !strcmp(b.p, "\xe9"),
	    "what cannot be written in Latin-1");
	buf_release(&b);
}

int
main(void)
{
	test_csv();
	test_odd_csv();
	test_many_cells();
	test_jsonl();
	test_bad_json();
	test_many_names();
	test_hash();
	test_members();
	test_write();
	return tap_end();
}
