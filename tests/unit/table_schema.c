/*
 * Schemas: what columns are, the same in one piece as in many, from memory as
 * from the store, by what is known as by reading.
 */

#include "lib/table/schema.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/table/rowdiff.h"
#include "lib/table/stream.h"
#include "lib/table/table.h"
#include "store/cut.h"
#include "tests/unit/fixture.h"
#include "tests/unit/tap.h"

static const struct dialect_hint csv = { .format = TABLE_CSV,
    .cut = CUT_CSV };
static const struct dialect_hint jsonl = { .format = TABLE_JSONL,
    .cut = CUT_LINES };

static uint64_t seed = 1;

static uint32_t
below(uint32_t n)
{
	seed = seed * UINT64_C(6364136223846793005) +
	    UINT64_C(1442695040888963407);
	return (uint32_t)((seed >> 33) % n);
}

static bool
well(err_t err)
{
	if (err)
		printf("# %s\n", err->msg);
	return !err;
}

/* ---- what columns are --------------------------------------------------- */

static void
add_odd(void *arg, const char *text)
{
	buf_printf(arg, "; %s", text);
}

static void
add_end(struct buf *b, const struct summary_end *e)
{
	if (e)
		buf_add(b, e->p, e->len);
	buf_str(b, e && e->cut ? "+" : "");
}

/* "a integer 0 1..3, b …; what is odd" */
static const char *
shown_schema(const struct schema *s)
{
	static struct buf b;

	buf_clear(&b);
	buf_printf(&b, "%u:", (unsigned)s->sum.rows);
	for (size_t i = 0; i < s->sum.columns.n; i++) {
		size_t len;
		const char *name = columns_name(&len, &s->sum.columns, i);

		buf_str(&b, i ? ", " : " ");
		buf_add(&b, name, len);
		buf_printf(&b, " %s %u ", schema_type(s, i),
		    (unsigned)schema_nulls(s, i));
		add_end(&b, schema_least(s, i));
		buf_str(&b, "..");
		add_end(&b, schema_greatest(s, i));
	}
	schema_odd(s, add_odd, &b);
	return b.p;
}

static const char *
shown(const struct dialect_hint *hint, const char *text, size_t len)
{
	struct source *src = source_of_bytes(text, len, hint->cut);
	struct schema s = SCHEMA_INIT;
	const char *out = "failed";

	if (well(schema_capture(&s, src, hint, NULL, NULL, NULL)))
		out = s.reason ? s.reason : shown_schema(&s);
	schema_release(&s);
	source_free(src);
	return out;
}

static void
is_at(int line, const struct dialect_hint *hint, const char *text,
    const char *want, const char *title)
{
	const char *got = shown(hint, text, strlen(text));

	if (!tap_ok(!strcmp(got, want), got, __FILE__, line, title))
		printf("# want %s\n", want);
}
#define is(hint, text, want, title) is_at(__LINE__, hint, text, want, title)

static void
test_types(void)
{
	is(&csv, "id,p,s\n9,0.5,x\n10,1,\n-1,1e3,a\n",
	    "3: id integer 0 -1..10, p number 0 0.5..1e3, s string 1 a..x",
	    "numbers are ordered as numbers, text as text");
	is(&csv, "a,b,c,d\ntrue,2025-01-02,10:00:00,2025-01-02T00:00Z\n"
	    "False,2024-12-31,09:00:00,2025-01-01 00:00\n",
	    "2: a boolean 0 .., b date 0 2024-12-31..2025-01-02, "
	    "c time 0 09:00:00..10:00:00, "
	    "d datetime 0 2025-01-01 00:00..2025-01-02T00:00Z", "times");
	is(&csv, "a,b,c\n1,,007\nx,,8\n",
	    "2: a string 0 1..x, b any 2 .., c string 0 007..8",
	    "what has nothing in common is text");
	is(&csv, "a\nNaN\n1\n2\n", "3: a number 0 1..2",
	    "NaN is a number without a place");
	is(&csv, "a,b\n", "0: a any 0 .., b any 0 ..", "no rows");
	is(&csv, "", "0:", "nothing");
	is(&csv, "a\n1.0\n1\n1.00\n", "3: a number 0 1..1.00",
	    "of equal ones the first and the last by bytes");
	is(&csv, "\xff\xfe" "a\0", "is UTF-16", "UTF-16");
}

static void
test_json_types(void)
{
	is(&jsonl, "{\"a\":1,\"b\":\"1\",\"c\":null,\"d\":true}\n"
	    "{\"a\":2.5,\"b\":\"\",\"d\":false,\"e\":{}}\n",
	    "2: a number 0 1..2.5, b string 0 1..1, c any 2 .., "
	    "d boolean 0 .., e object 1 ..", "values");
	is(&jsonl, "{\"u\":{\"on\":\"2025-01-01\"},\"x\":[1,2]}\n{\"x\":[]}\n"
	    "{\"x\":\"s\"}\n", "3: u.on date 2 2025-01-01..2025-01-01, "
	    "x[0] integer 2 1..1, x[1] integer 2 2..2, x any 1 ..",
	    "leaves");
}

static void
test_odd(void)
{
	struct buf b = BUF_INIT;

	is(&csv, "a,a,\n1,2,3\n1\n\n\"x\ny\",2\n1,2,3,4\n",
	    "5: a string 1 1..x\ny, a#2 integer 2 2..2, #3 integer 3 3..3"
	    "; the header names \"a\" more than once; 1 column has no name"
	    "; 2 rows have fewer cells than columns, the first in line 3"
	    "; line 7 has more cells than columns; line 4 is an empty line",
	    "lines are counted through quotes");
	is(&csv, "a\nx\ny\n\xff\n", "3: a string 0 x..\xff; "
	    "line 4 is not UTF-8", "not UTF-8");
	is(&jsonl, "{\"a\":1}\nx\n{\"a\":1,\"a\":2}\n",
	    "3: a integer 1 1..1, #line string 2 x..x, a#2 integer 2 2..2; "
	    "line 2 is not JSON; line 3 has the same key twice", "bad JSON");
	buf_str(&b, "a\n\"");
	while (b.len < ROW_LONGEST + (1 << 20))
		buf_str(&b, "0123456789\n");
	buf_str(&b, "\"\nlast\n");
	ok(!strcmp(shown(&csv, b.p, b.len), "2: a string 0 "
	    "\"0123456789\n0123456789\n0123456789\n0123456789\n0123456789\n"
	    "01234567+..last; line 2 is too large to be taken apart"),
	    "a row that is too large, and one after it");
	buf_release(&b);
}

/* ---- in pieces ---------------------------------------------------------- */

static void
random_cell(struct buf *b)
{
	switch (below(9)) {
	case 0:
		break;
	case 1:
		buf_printf(b, "%u", below(1000000));
		break;
	case 2:
		buf_printf(b, "-%u.%02u", below(1000), below(100));
		break;
	case 3:
		buf_printf(b, "\"a\"\"b\n%u\"", below(100));
		break;
	case 4:
		buf_printf(b, "2025-0%u-1%u", 1 + below(9), below(10));
		break;
	case 5:
		buf_printf(b, "%ue-%u", below(100), below(30));
		break;
	case 6:
		for (unsigned n = below(100); n; n--)
			buf_char(b, (char)('a' + below(26)));
		break;
	case 7:
		buf_str(b, below(2) ? "true" : "NaN");
		break;
	default:
		buf_printf(b, "%u%u%u%u", below(1000000), below(1000000),
		    below(1000000), below(1000000));
		break;
	}
}

static void
random_csv(struct buf *b, size_t want, bool at_start)
{
	if (at_start)
		buf_str(b, "id,b,c,d,e\n");
	for (unsigned n = 0; b->len < want; n++) {
		buf_printf(b, "%u", n);
		for (unsigned k = 1; k < 5 + (below(300) == 0); k++) {
			buf_char(b, ',');
			if (k == 1)
				buf_printf(b, "%u", below(100000));
			else if (k == 2)
				buf_printf(b, "%u.%02u", below(1000),
				    below(100));
			else
				random_cell(b);
		}
		buf_str(b, below(200) ? "\n" : "\r\n");
	}
}

struct feed {
	struct summing summing;
	struct stream stream;
};

static err_t
add_row(void *arg, const char *raw, size_t len)
{
	struct feed *f = arg;

	summing_add(&f->summing, &f->stream, raw, len);
	return NULL;
}

/* All bytes through a stream, in pieces of up to so many bytes. */
static void
sum_of(struct summary *out, const struct shape *shape, const char *p,
    size_t len, bool at_start, uint32_t piece)
{
	struct feed f = { .stream = STREAM_INIT };
	err_t err = NULL;

	summing_init(&f.summing, shape);
	f.summing.check = true;
	f.stream.dialect = &f.summing.shape.dialect;
	f.stream.fn = add_row;
	f.stream.arg = &f;
	f.stream.at_start = at_start;
	while (!err && len) {
		size_t n = 1 + below(piece);

		if (n > len)
			n = len;
		err = stream_add(&f.stream, p, n);
		p += n;
		len -= n;
	}
	if (!err)
		err = stream_end(&f.stream);
	f.summing.sum.lines = stream_lines(&f.stream);
	well(err);
	*out = f.summing.sum;
	f.summing.sum = (struct summary)SUMMARY_INIT;
	summing_release(&f.summing);
	stream_release(&f.stream);
}

static bool
same(const struct summary *a, const struct summary *b)
{
	struct buf x = BUF_INIT, y = BUF_INIT;
	bool equal;

	summary_encode(&x, a);
	summary_encode(&y, b);
	equal = x.len == y.len && !memcmp(x.p, y.p, x.len);
	buf_release(&x);
	buf_release(&y);
	return equal;
}

/* Split at random ends of records; merged from the left, and from the
 * right. */
static bool
merges(const struct shape *shape, const struct buf *text,
    const struct summary *want)
{
	struct summary left = SUMMARY_INIT, right = SUMMARY_INIT;
	struct summary parts[8] = { 0 };
	size_t ends[9] = { 0 }, n = 0, at = 0;
	struct rows rows;
	const char *raw;
	size_t len;
	bool good;

	rows_begin(&rows, &shape->dialect, text->p, text->len, true);
	while (rows_next(&raw, &len, &rows)) {
		at++;
		if (n < 7 && below(400) == 0)
			ends[++n] = (size_t)(rows.find.p - text->p) +
			    rows.start;
	}
	ends[++n] = text->len;
	for (size_t i = 0; i < n; i++)
		sum_of(&parts[i], shape, text->p + ends[i],
		    ends[i + 1] - ends[i], i == 0, 100000);
	for (size_t i = 0; i < n; i++)
		summary_merge(&left, &parts[i]);
	for (size_t i = n; i--;) {
		summary_merge(&parts[i], &right);
		summary_release(&right);
		right = parts[i];
	}
	good = left.rows == at && same(&left, want) && same(&right, want);
	summary_release(&left);
	summary_release(&right);
	return good;
}

static void
test_merge(void)
{
	bool pieces = true, merged = true, stored = true, cut = true;

	for (int round = 0; round < 20; round++) {
		struct shape shape = SHAPE_INIT;
		struct summary whole, other;
		struct buf text = BUF_INIT, b = BUF_INIT;
		struct cursor c;

		random_csv(&text, 100000, true);
		shape_detect(&shape, NULL, &csv, text.p, text.len, true);
		sum_of(&whole, &shape, text.p, text.len, true, UINT32_MAX);
		sum_of(&other, &shape, text.p, text.len, true,
		    round % 2 ? 7 : 3000);
		pieces = pieces && same(&whole, &other);
		summary_release(&other);
		merged = merged && merges(&shape, &text, &whole);
		summary_encode(&b, &whole);
		c = cursor_of(b.p, b.len);
		stored = stored && well(summary_decode(&other, &c)) &&
		    same(&whole, &other) && !cursor_left(&c);
		summary_release(&other);
		for (size_t n = 0; n < b.len; n += 1 + below(20)) {
			c = cursor_of(b.p, n);
			cut = cut && err_is(summary_decode(&other, &c),
			    ERR_CORRUPT);
		}
		summary_release(&whole);
		shape_release(&shape);
		buf_release(&text);
		buf_release(&b);
	}
	ok(pieces, "the same, however the bytes come");
	ok(merged, "the same, merged from pieces either way");
	ok(stored, "the same, stored and read");
	ok(cut, "cut short it is refused");
}

/* ---- the store ---------------------------------------------------------- */

static bool
put(struct id *out, struct fixture *f, const struct buf *b, enum cut cut)
{
	struct txn *t = NULL;
	err_t err;

	err = txn_begin(&t, f->store, "test");
	if (!err)
		err = content_put(out, t, b->p, b->len, cut);
	if (!err)
		err = txn_lock(t);
	if (!err)
		err = txn_commit(t);
	txn_end(t);
	return well(err);
}

static bool
capture(struct schema *out, struct fixture *f, const struct id *content,
    const struct dialect_hint *hint, bool keep)
{
	struct source *src = NULL;
	struct txn *t = NULL;
	err_t err = NULL;

	if (keep)
		err = txn_begin(&t, f->store, "test");
	if (!err)
		err = source_of_content(&src, f->store, content, hint->cut);
	if (!err)
		err = schema_capture(out, src, hint, f->store, t, content);
	if (!err && keep)
		err = txn_lock(t);
	if (!err && keep)
		err = txn_commit(t);
	txn_end(t);
	source_free(src);
	return well(err);
}

/* Read, kept, and found again; the bytes in memory say the same. */
static bool
agrees(struct fixture *f, const struct buf *b, const struct dialect_hint *hint,
    enum cut cut)
{
	struct source *src = source_of_bytes(b->p, b->len, hint->cut);
	struct schema want = SCHEMA_INIT, got[3] = { SCHEMA_INIT,
	    SCHEMA_INIT, SCHEMA_INIT };
	struct id id;
	bool good;

	good = put(&id, f, b, cut) && well(schema_capture(&want, src, hint,
	    NULL, NULL, NULL));
	for (int i = 0; i < 3; i++) {
		good = good && capture(&got[i], f, &id, hint, i == 1) &&
		    same(&got[i].sum, &want.sum) &&
		    got[i].header == want.header;
		schema_release(&got[i]);
	}
	schema_release(&want);
	source_free(src);
	return good;
}

static void
test_store(struct fixture *f)
{
	struct buf b = BUF_INIT, later = BUF_INIT;
	struct dialect_hint single = csv;

	random_csv(&b, 12 << 20, true);
	ok(agrees(f, &b, &csv, CUT_CSV), "a large table");
	buf_add(&later, b.p, b.len);
	memcpy(later.p + later.len / 2, "999999", 6);
	ok(agrees(f, &later, &csv, CUT_CSV), "its next version");
	ok(agrees(f, &b, &csv, CUT_LINES),
	    "the same bytes, whose recipe is known");
	buf_clear(&later);
	random_csv(&later, 3 << 20, true);
	ok(agrees(f, &later, &csv, CUT_LINES),
	    "a table that was stored as lines");
	single.cut = CUT_CSV_SINGLE;
	ok(agrees(f, &later, &single, CUT_LINES), "and is read otherwise");
	buf_clear(&b);
	random_csv(&b, 6 << 20, true);
	buf_str(&b, "1,2,3,4,\"");
	for (int i = 0; i < 300000; i++)
		buf_printf(&b, "%u\n", below(100000));
	buf_str(&b, "\"\n");
	random_csv(&b, 14 << 20, false);
	ok(agrees(f, &b, &csv, CUT_CSV), "a row of several chunks within");
	buf_clear(&b);
	for (unsigned i = 0; b.len < 3 << 20; i++)
		buf_printf(&b, "{\"id\":%u,\"k%u\":%u,\"t\":[%u]}\n", i,
		    below(50), below(9), below(9));
	ok(agrees(f, &b, &jsonl, CUT_LINES), "JSON Lines");
	buf_release(&b);
	buf_release(&later);
}

/* ---- from version to version -------------------------------------------- */

/* A row that is not odd; of few values, some of them written in two ways, so
 * that ends go and come. */
static void
add_plain(struct buf *b, unsigned id)
{
	static const char *const numbers[] = { "1", "1.0", "7", "+7", "2.5",
	    "", "-3", "3" };
	static const char *const words[] = { "2020-01-01", "12:30:00", "true",
	    "4", "x y", "\"a,\nb\"", "" };

	buf_printf(b, "%u,%s,%s,%u,%u\n", id,
	    numbers[below(4) ? 6 + below(2) : below(8)],
	    words[below(200) ? below(2) : below(7)], below(5),
	    100 + below(100000));
}

/* Two versions: one row in share changes, or is new, or gone. */
static void
two_versions(struct buf *a, struct buf *b, uint32_t share)
{
	struct buf row = BUF_INIT, other = BUF_INIT;

	buf_clear(a);
	buf_clear(b);
	buf_str(a, "id,n,w,few,many\n");
	buf_str(b, "id,n,w,few,many\n");
	for (unsigned i = 0; a->len < 300000; i++) {
		uint32_t what = below(share);

		buf_clear(&row);
		buf_clear(&other);
		add_plain(&row, i);
		add_plain(&other, i);
		if (what != 1)
			buf_add(a, row.p, row.len);
		if (what == 0)
			buf_add(b, other.p, other.len);
		else if (what != 2)
			buf_add(b, row.p, row.len);
	}
	if (below(2))
		b->p[--b->len] = '\0';	/* the last row without its end */
	buf_release(&row);
	buf_release(&other);
}

static err_t
find_change(struct summary_change *out, struct source *from,
    struct source *to)
{
	struct table a = TABLE_INIT, b = TABLE_INIT;
	struct rowdiff_options options = { .change = out };
	struct rowdiff_report report;
	struct rowdiff *d = NULL;
	err_t err;

	err = table_open(&a, from, &csv);
	if (!err)
		err = table_open(&b, to, &csv);
	if (!err)
		err = rowdiff_open(&d, &a, &b, &options);
	if (!err)
		err = rowdiff_run(&report, d, NULL, NULL);
	rowdiff_close(d);
	table_release(&a);
	table_release(&b);
	return err;
}

/* *done: it followed, and then it is what reading all says. */
static bool
follows(bool *done, struct fixture *f, const struct buf *a,
    const struct buf *b)
{
	struct schema want = SCHEMA_INIT, got = SCHEMA_INIT;
	struct summary_change change = SUMMARY_CHANGE_INIT;
	struct source *from = NULL, *to = NULL;
	struct txn *t = NULL;
	struct id x, y;
	bool good;

	good = put(&x, f, a, CUT_CSV) && put(&y, f, b, CUT_CSV) &&
	    capture(&got, f, &x, &csv, true) &&
	    capture(&want, f, &y, &csv, false);
	schema_release(&got);
	good = good && well(source_of_content(&from, f->store, &x, CUT_CSV)) &&
	    well(source_of_content(&to, f->store, &y, CUT_CSV)) &&
	    well(find_change(&change, from, to)) &&
	    well(txn_begin(&t, f->store, "test")) &&
	    well(schema_follow(done, to, &csv, f->store, t, &y, &x,
	    &change)) && well(txn_lock(t)) && well(txn_commit(t));
	txn_end(t);
	good = good && capture(&got, f, &y, &csv, false) &&
	    same(&got.sum, &want.sum) && got.header == want.header;
	schema_release(&got);
	schema_release(&want);
	summary_change_release(&change);
	source_free(from);
	source_free(to);
	return good;
}

static void
test_follow(struct fixture *f)
{
	struct buf a = BUF_INIT, b = BUF_INIT;
	unsigned n = 0;
	bool good = true, done = true;

	for (int i = 0; i < 60; i++) {
		two_versions(&a, &b, 40 + below(3000));
		good = good && follows(&done, f, &a, &b);
		n += done;
	}
	ok(good, "what follows from the version before is what reading says");
	if (!ok(n > 10 && n < 50, "it mostly does, not always"))
		printf("# %u of 60\n", n);
	two_versions(&a, &b, 3);
	ok(follows(&done, f, &a, &b) && !done, "too many rows differ");
	two_versions(&a, &b, 3000);
	buf_str(&a, "9,9\n");
	ok(follows(&done, f, &a, &b) && !done, "a row is odd");
	two_versions(&a, &b, 3000);
	memcpy(b.p, "di", 2);
	ok(follows(&done, f, &a, &b) && !done, "a column has another name");
	buf_release(&a);
	buf_release(&b);
}

/* ---- rows --------------------------------------------------------------- */

struct seen {
	uint64_t n, lines;
	uint64_t stop;
	bool good;
	const struct table *table;
};

static err_t
see(void *arg, bool *done, const struct row *row)
{
	struct seen *s = arg;
	uint64_t line = table_line(s->table);

	s->good = s->good && row->number == ++s->n && line > s->lines;
	s->lines = line;
	*done = s->n == s->stop;
	return NULL;
}

static void
test_rows(void)
{
	struct buf b = BUF_INIT;
	struct table t = TABLE_INIT;
	struct seen s = { .good = true, .table = &t };
	struct schema schema = SCHEMA_INIT;
	struct source *src;

	random_csv(&b, 5 << 20, true);
	src = source_of_bytes(b.p, b.len, CUT_CSV);
	ok(well(table_open(&t, src, &csv)) && t.shape.header == 5, "opened");
	ok(well(table_rows(&t, see, &s)) && s.good &&
	    well(schema_capture(&schema, src, &csv, NULL, NULL, NULL)) &&
	    s.n == schema.sum.rows, "all rows, with their numbers");
	s = (struct seen){ .good = true, .table = &t,
	    .stop = 1000 };
	ok(well(table_rows(&t, see, &s)) && s.good && s.n == 1000,
	    "until it is enough");
	schema_release(&schema);
	table_release(&t);
	source_free(src);
	src = source_of_bytes("\xff\xfe" "a\0", 4, CUT_CSV);
	ok(well(table_open(&t, src, &csv)) &&
	    err_is(table_rows(&t, see, &s), ERR_REFUSED), "UTF-16 is refused");
	table_release(&t);
	source_free(src);
	buf_release(&b);
}

int
main(void)
{
	struct fixture f;

	test_types();
	test_json_types();
	test_odd();
	test_merge();
	test_rows();
	if (ok(well(fixture_open(&f)), "there is a store")) {
		test_store(&f);
		test_follow(&f);
		fixture_close(&f);
	}
	return tap_end();
}
