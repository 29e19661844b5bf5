/*
 * Row diffs of small tables, exactly; and of random ones against a comparison
 * that knows nothing but lists of rows.
 */

#include "lib/table/rowdiff.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "tests/unit/tap.h"

static bool
well(err_t err)
{
	if (err)
		printf("# %s\n", err->msg);
	return !err;
}

/* ---- one comparison, as text ------------------------------------------- */

struct outcome {
	struct buf text;
	struct rowdiff_report report;
	struct rowdiff_schema schema;
};

static void
print_row(struct buf *out, const struct row_change *c, const struct row *row)
{
	for (size_t i = 0; i < c->joint->n; i++) {
		struct cell cell = row == c->from ? row_change_from(c, i) :
		    row_change_to(c, i);
		size_t len;
		const char *name = joint_name(&len, c->joint, i);

		if (cell.kind == CELL_NONE)
			continue;
		buf_printf(out, " %.*s=", (int)len, name);
		buf_add(out, cell.p, cell.len);
	}
}

static err_t
print_change(void *arg, const struct row_change *c)
{
	struct buf *out = arg;

	if (c->op != ROW_UPDATE) {
		const struct row *row = c->from ? c->from : c->to;

		buf_printf(out, "%c%d", c->from ? '-' : '+', (int)row->number);
		print_row(out, c, row);
	} else {
		buf_printf(out, "%c%d,%d", c->filled ? '^' : '~',
		    (int)c->from->number, (int)c->to->number);
	}
	for (size_t i = 0; i < c->n_changed; i++) {
		struct cell a = row_change_from(c, c->changed[i]);
		struct cell b = row_change_to(c, c->changed[i]);
		size_t len;
		const char *name = joint_name(&len, c->joint, c->changed[i]);

		buf_printf(out, " %.*s:", (int)len, name);
		buf_add(out, a.p, a.len);
		buf_str(out, a.kind == CELL_NONE ? "?>" : ">");
		buf_add(out, b.p, b.len);
		buf_str(out, b.kind == CELL_NONE ? "?" : "");
	}
	buf_char(out, '\n');
	return NULL;
}

static bool
is_jsonl(const char *p)
{
	return *p == '{';
}

static struct table *
side_open(struct table *t, const char *p, size_t len)
{
	struct dialect_hint hint = { .format = TABLE_CSV, .cut = CUT_CSV,
	    .header = 1 };

	if (!p)
		return NULL;
	if (is_jsonl(p)) {
		hint.format = TABLE_JSONL;
		hint.cut = CUT_LINES;
	}
	if (table_open(t, source_of_bytes(p, len, hint.cut), &hint))
		BUG("no table");
	return t;
}

static bool
run(struct outcome *out, const char *a, size_t a_len, const char *b,
    size_t b_len, const struct rowdiff_options *options)
{
	struct table tables[2] = { TABLE_INIT, TABLE_INIT };
	struct table *from = side_open(&tables[0], a, a_len);
	struct table *to = side_open(&tables[1], b, b_len);
	struct rowdiff *d = NULL;
	bool good;

	memset(out, 0, sizeof(*out));
	good = well(rowdiff_open(&d, from, to, options));
	if (good) {
		out->schema = *rowdiff_schema(d);
		good = well(rowdiff_run(&out->report, d, print_change,
		    &out->text));
	}
	rowdiff_close(d);
	for (int i = 0; i < 2; i++) {
		source_free(tables[i].source);
		table_release(&tables[i]);
	}
	return good;
}

static void
expect(const char *title, const char *key_text, const char *a, const char *b,
    const char *want)
{
	struct key key = KEY_INIT;
	struct rowdiff_options options = { .key = &key };
	struct outcome got;

	if (key_text && !well(key_parse(&key, key_text)))
		BUG("key");
	ok(run(&got, a, a ? strlen(a) : 0, b, b ? strlen(b) : 0, &options) &&
	    !strcmp(buf_cstr(&got.text), want), title);
	if (strcmp(buf_cstr(&got.text), want) != 0)
		printf("# got:\n%s", buf_cstr(&got.text));
	buf_release(&got.text);
	key_release(&key);
}

static void
test_keyed(void)
{
	expect("equal tables", "id", "id,a\n1,x\n2,y\n", "id,a\n1,x\n2,y\n",
	    "");
	expect("insert, update, delete", "id",
	    "id,a\n1,x\n2,y\n3,z\n", "id,a\n1,x\n3,zz\n4,w\n",
	    "-2 id=2 a=y\n~3,2 a:z>zz\n+3 id=4 a=w\n");
	expect("sorted anew", "id", "id,a\n1,x\n2,y\n3,z\n",
	    "id,a\n3,z\n1,x\n2,y\n", "");
	expect("a changed key is another row", "id", "id,a\n1,x\n",
	    "id,a\n2,x\n", "-1 id=1 a=x\n+1 id=2 a=x\n");
	expect("two columns as key", "id,a", "id,a,b\n1,x,p\n1,y,q\n",
	    "id,a,b\n1,y,q2\n1,x,p\n", "~2,1 b:q>q2\n");
	expect("quotes and line ends are no difference", "id",
	    "id,a\n1,x\n2,\"y\"\"z\"\n", "id,a\r\n\"1\",\"x\"\r\n2,\"y\"\"z\"",
	    "");
	expect("numbers are text", "id", "id,a\n1,1.0\n", "id,a\n1,1\n",
	    "~1,1 a:1.0>1\n");
	expect("a key more than once: equal ones cancel", "id",
	    "id,a\n1,x\n1,y\n1,z\n", "id,a\n1,z\n1,w\n1,x\n",
	    "~2,2 a:y>w\n");
	expect("more on one side are deleted", "id",
	    "id,a\n1,x\n1,y\n1,z\n", "id,a\n1,w\n",
	    "~1,1 a:x>w\n-2 id=1 a=y\n-3 id=1 a=z\n");
	expect("rows without a key are paired by their cells", "id",
	    "id,a,b,c\n,x,p,q\n1,x,p,q\n", "id,a,b,c\n,x,p,r\n1,x,p,q\n",
	    "~1,1 c:q>r\n");
	expect("a row that lacks a cell", "id", "id,a,b\n1,x,\n", "id,a,b\n1,x\n",
	    "~1,1 b:>?\n");
	expect("a row with a cell too many", "id", "id,a\n1,x\n",
	    "id,a\n1,x,y\n", "~1,1 #3:?>y\n");
	expect("newlines in cells", "id", "id,a\n1,\"x\ny\"\n2,p\n",
	    "id,a\n1,\"x\nz\"\n2,p\n", "~1,1 a:x\ny>x\nz\n");
	expect("other delimiters", "id", "id,a\n1,x\n2,y\n",
	    "id;a\n1;x\n2;z\n", "~2,2 a:y>z\n");
	expect("an empty line is a row", "id", "id,a\n1,x\n", "id,a\n\n1,x\n",
	    "+1 id=\n");
	expect("nothing but a header", "id", "id,a\n", "id,a\n1,x\n",
	    "+1 id=1 a=x\n");
	expect("a table that is new", "id", NULL, "id,a\n1,x\n",
	    "+1 id=1 a=x\n");
	expect("a table that is gone", "id", "id,a\n1,x\n2,y\n", NULL,
	    "-1 id=1 a=x\n-2 id=2 a=y\n");
}

static void
test_columns(void)
{
	expect("a column that moved", "id", "id,a,b\n1,x,y\n",
	    "b,id,a\ny,1,x\n", "");
	expect("a new column without values", "id", "id,a\n1,x\n",
	    "id,a,b\n1,x,\n", "");
	expect("a new column with values", "id", "id,a\n1,x\n2,y\n3,z\n",
	    "id,a,b\n1,x,\n2,y,w\n3,zz,v\n",
	    "^2,2 b:?>w\n~3,3 a:z>zz b:?>v\n");
	expect("a column that went", "id", "id,a,b\n1,x,y\n2,p,q\n",
	    "id,b\n1,y\n2,r\n", "~2,2 b:q>r\n");
	expect("a renamed column", "id", "id,Name\n1,x\n2,y\n3,z\n",
	    "id,Security\n1,x\n2,w\n3,z\n", "~2,2 Security:y>w\n");
	expect("one column for another", "id", "id,price\n1,10\n2,20\n",
	    "id,note\n1,good\n2,\n", "^1,1 note:?>good\n");
	expect("a renamed key", "ID", "id,a\n1,x\n2,y\n", "ID,a\n1,x\n2,z\n",
	    "~2,2 a:y>z\n");
	expect("a key that only one side has", "id", "n,a,b\n1,x,p\n2,y,q\n",
	    "id,a,b\nk,x,p\nl,y,q2\n", "^1,1 id:?>k\n~2,2 id:?>l b:q>q2\n");
}

static void
test_keyless(void)
{
	expect("equal rows cancel wherever they are", NULL,
	    "a,b\nx,1\ny,2\nx,1\n", "a,b\ny,2\nx,1\nx,1\n", "");
	expect("as often as they are there", NULL, "a,b\nx,1\nx,1\ny,2\n",
	    "a,b\nx,1\ny,2\n", "-2 a=x b=1\n");
	expect("similar rows in one place", NULL,
	    "a,b,c\nx,1,2\ny,3,4\nz,5,6\n", "a,b,c\nx,1,2\ny,3,5\nz,5,6\n",
	    "~2,2 c:4>5\n");
	expect("rows that are not similar", NULL,
	    "a,b,c\nx,1,2\ny,3,4\nz,5,6\n", "a,b,c\nx,1,2\nq,7,8\nz,5,6\n",
	    "-2 a=y b=3 c=4\n+2 a=q b=7 c=8\n");
	expect("one is new, one was changed", NULL,
	    "a,b,c\nx,1,2\ny,3,4\nz,5,6\n",
	    "a,b,c\nx,1,2\nq,7,8\ny,3,5\nz,5,6\n",
	    "+2 a=q b=7 c=8\n~2,3 c:4>5\n");
}

static void
test_jsonl(void)
{
	expect("nested fields by path", "id",
	    "{\"id\":1,\"u\":{\"n\":\"a\",\"t\":[1,2]}}\n",
	    "{\"id\":1,\"u\":{\"t\":[1,3],\"n\":\"a\"}}\n",
	    "~1,1 u.t[1]:2>3\n");
	expect("numbers as they are written", "id", "{\"id\":1,\"x\":1.0}\n",
	    "{\"id\":1,\"x\":1}\n", "~1,1 x:1.0>1\n");
	expect("blanks are no difference", "id", "{\"id\":1,\"x\":2}\n",
	    "{ \"x\" : 2, \"id\" : 1 }\n", "");
	expect("text is not a number, null is not nothing", "id",
	    "{\"id\":1,\"x\":2,\"y\":null}\n", "{\"id\":1,\"x\":\"2\"}\n",
	    "~1,1 x:2>2 y:>?\n");
	expect("CSV and JSON Lines", "id",
	    "id,x,y\n1,2,\n2,3,z\n", "{\"id\":1,\"x\":2,\"y\":null}\n"
	    "{\"id\":\"2\",\"x\":4,\"y\":\"z\"}\n", "~2,2 x:3>4\n");
	expect("a line that is no JSON", "id", "{\"id\":1}\noops\n",
	    "{\"id\":1}\noops!\n", "-2 #line=oops\n+2 #line=oops!\n");
}

static void
test_options(void)
{
	struct columns ignored = COLUMNS_INIT, only = COLUMNS_INIT;
	struct key key = KEY_INIT;
	struct rowdiff_options options = { .key = &key };
	const char *a = "id,a,b\n1,x,p\n2,y,q\n";
	const char *b = "id,a,b\n1,xx,p\n2,y,qq\n";
	struct outcome got;

	columns_add(&ignored, "a", 1);
	columns_add(&only, "a", 1);
	ok(well(key_parse(&key, "id")), "a key");
	options.ignored = &ignored;
	ok(run(&got, a, strlen(a), b, strlen(b), &options) &&
	    !strcmp(buf_cstr(&got.text), "~2,2 b:q>qq\n"),
	    "a column that is ignored");
	buf_release(&got.text);
	options.ignored = NULL;
	options.only = &only;
	ok(run(&got, a, strlen(a), b, strlen(b), &options) &&
	    !strcmp(buf_cstr(&got.text), "~1,1 a:x>xx\n"), "only one column");
	buf_release(&got.text);
	columns_release(&ignored);
	columns_release(&only);
	key_release(&key);
}

static void
test_report(void)
{
	struct key key = KEY_INIT;
	struct rowdiff_options options = { .key = &key };
	const char *a = "id,Name,x\n1,p,1\n2,q,1\n2,r,1\n3,s,1\n";
	const char *b = "id,x,Security,new\n1,1,p,n\n2,1,q,\n2,1,t,\n"
	    "2,1,u,\n5,1,v,\n";
	struct outcome got;
	const struct rowdiff_report *r = &got.report;

	ok(well(key_parse(&key, "id")) &&
	    run(&got, a, strlen(a), b, strlen(b), &options), "a report");
	ok(r->from_rows == 4 && r->to_rows == 5 && r->inserted == 2 &&
	    r->updated == 1 && r->deleted == 1 && r->filled == 1 &&
	    r->unchanged == 2, "counts");
	ok(r->duplicates == 1 && r->n_first == 1 && r->first[0].in_to &&
	    r->first[0].first == 3 && r->first[0].second == 4,
	    "keys that several differing rows have");
	ok(got.schema.added == 1 && got.schema.renamed == 1 &&
	    got.schema.removed == 0 && got.schema.moved &&
	    !got.schema.dialect, "columns");
	buf_release(&got.text);
	key_release(&key);
}

/* ---- random tables ----------------------------------------------------- */

static uint64_t seed;

static unsigned
below(unsigned n)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(seed >> 33) % n;
}

/* Lines of "key,value,value" without quotes. */
struct lines {
	char (*v)[24];
	size_t n, cap;
};

static void
lines_add(struct lines *l, const char *s)
{
	VEC_ROOM(l->v, l->n, l->cap);
	snprintf(l->v[l->n++], sizeof(l->v[0]), "%s", s);
}

static void
random_line(char out[24], unsigned keys, unsigned values)
{
	snprintf(out, 24, "%u,%u,%u", below(keys), below(values),
	    below(values));
}

/* As it is written: cells in quotes here and there. */
static void
write_lines(struct buf *out, const struct lines *l)
{
	buf_str(out, "id,a,b\n");
	for (size_t i = 0; i < l->n; i++) {
		const char *p = l->v[i];

		if (below(4) == 0)
			buf_printf(out, "\"%.*s\"%s\n",
			    (int)strcspn(p, ","), p, strchr(p, ','));
		else
			buf_printf(out, "%s\n", p);
	}
}

static int
by_text(const void *a, const void *b)
{
	return strcmp(a, b);
}

static bool
same_key(const char *a, const char *b)
{
	size_t n = strcspn(a, ",");

	return n == strcspn(b, ",") && !memcmp(a, b, n);
}

/* Rows of one key are next to each other once sorted ("," is before digits). */
static void
naive(uint64_t out[3], const struct lines *a, const struct lines *b)
{
	struct lines x = { .n = 0 }, y = { .n = 0 };
	size_t i = 0, k = 0;

	for (size_t n = 0; n < a->n; n++)
		lines_add(&x, a->v[n]);
	for (size_t n = 0; n < b->n; n++)
		lines_add(&y, b->v[n]);
	if (x.n)
		qsort(x.v, x.n, sizeof(x.v[0]), by_text);
	if (y.n)
		qsort(y.v, y.n, sizeof(y.v[0]), by_text);
	out[0] = out[1] = out[2] = 0;
	while (i < x.n || k < y.n) {
		char key[24];
		uint64_t only_a = 0, only_b = 0, pairs;

		snprintf(key, sizeof(key), "%s", k == y.n || (i < x.n &&
		    strcmp(x.v[i], y.v[k]) < 0) ? x.v[i] : y.v[k]);
		while ((i < x.n && same_key(x.v[i], key)) ||
		    (k < y.n && same_key(y.v[k], key))) {
			int cmp = i == x.n || !same_key(x.v[i], key) ? 1 :
			    k == y.n || !same_key(y.v[k], key) ? -1 :
			    strcmp(x.v[i], y.v[k]);

			only_a += cmp < 0;
			only_b += cmp > 0;
			i += cmp <= 0;
			k += cmp >= 0;
		}
		pairs = only_a < only_b ? only_a : only_b;
		out[0] += only_b - pairs;
		out[1] += pairs;
		out[2] += only_a - pairs;
	}
	free(x.v);
	free(y.v);
}

/* A table, and one made of it by some edits. */
static void
random_pair(struct lines *a, struct lines *b, unsigned rows, unsigned keys,
    unsigned edits)
{
	char line[24];

	for (unsigned i = 0; i < rows; i++) {
		random_line(line, keys, 5);
		lines_add(a, line);
	}
	for (size_t i = 0; i < a->n; i++) {
		unsigned what = below(rows);

		random_line(line, keys, 5);
		if (what < edits && below(3) == 0)
			continue;
		if (what < edits && below(2) == 0)
			lines_add(b, line);
		lines_add(b, what < edits ? line : a->v[i]);
	}
	if (below(4) == 0 && b->n)
		qsort(b->v, b->n, sizeof(b->v[0]), by_text);
}

/* Rows as numbers in what was said: each of them once at most. */
static bool
count_said(const struct outcome *o)
{
	uint64_t said[3] = { 0, 0, 0 };

	for (const char *p = buf_cstr(&o->text); *p; p = strchr(p, '\n') + 1)
		said[*p == '+' ? 0 : *p == '~' ? 1 : 2]++;
	return said[0] == o->report.inserted && said[1] == o->report.updated &&
	    said[2] == o->report.deleted;
}

static bool
random_agrees(unsigned rows, unsigned keys, unsigned edits, size_t memory)
{
	struct lines a = { .n = 0 }, b = { .n = 0 };
	struct buf x = BUF_INIT, y = BUF_INIT;
	struct key key = KEY_INIT;
	struct rowdiff_options options = { .key = &key, .memory = memory };
	struct outcome one, again, none;
	uint64_t want[3];
	bool good;

	random_pair(&a, &b, rows, keys, edits);
	write_lines(&x, &a);
	write_lines(&y, &b);
	naive(want, &a, &b);
	good = well(key_parse(&key, "id")) &&
	    run(&one, x.p, x.len, y.p, y.len, &options) &&
	    run(&again, x.p, x.len, y.p, y.len, &options) &&
	    run(&none, x.p, x.len, x.p, x.len, &options);
	good = good && one.report.inserted == want[0] &&
	    one.report.updated == want[1] && one.report.deleted == want[2] &&
	    one.report.unchanged == a.n - want[1] - want[2] &&
	    count_said(&one) && !none.text.len &&
	    !strcmp(buf_cstr(&one.text), buf_cstr(&again.text));
	if (!good)
		printf("# %zu and %zu rows: want +%d ~%d -%d, got +%d ~%d "
		    "-%d\n", a.n, b.n, (int)want[0], (int)want[1],
		    (int)want[2], (int)one.report.inserted,
		    (int)one.report.updated, (int)one.report.deleted);
	buf_release(&one.text);
	buf_release(&again.text);
	buf_release(&none.text);
	buf_release(&x);
	buf_release(&y);
	free(a.v);
	free(b.v);
	key_release(&key);
	return good;
}

static void
test_random(void)
{
	bool small = true, large = true;

	for (unsigned i = 0; i < 1500; i++) {
		seed = i;
		small = small && random_agrees(1 + below(20), 1 + below(30),
		    below(20), 0);
	}
	ok(small, "small random tables");
	for (unsigned i = 0; i < 6; i++) {
		static const unsigned edits[] = { 1, 20, 500, 20000, 60000,
		    100000 };

		seed = i;
		large = large && random_agrees(100000, i % 2 ? 1000000 : 500,
		    edits[i], i % 3 ? 0 : 1 << 20);
	}
	ok(large, "large random tables");
}

int
main(void)
{
	test_keyed();
	test_columns();
	test_keyless();
	test_jsonl();
	test_options();
	test_report();
	test_random();
	return tap_end();
}
