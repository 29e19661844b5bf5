/*
 * Deltas applied: what a diff of two random tables writes makes one of the
 * other, whatever is odd about them; and what does not fit is refused.
 */

#include "lib/table/patch.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/table/delta_write.h"
#include "lib/table/rowdiff.h"
#include "tests/unit/tap.h"

#define ROUNDS 1000

static bool
well(err_t err)
{
	if (err)
		printf("# %s\n", err->msg);
	return !err;
}

static uint64_t seed = 11;

static unsigned
below(unsigned n)
{
	seed = seed * UINT64_C(6364136223846793005) +
	    UINT64_C(1442695040888963407);
	return (unsigned)((seed >> 33) % n);
}

/* ---- a table in memory ------------------------------------------------- */

struct dialect_hint hint_csv = { .format = TABLE_CSV, .cut = CUT_CSV,
    .header = 1 };
struct dialect_hint hint_jsonl = { .format = TABLE_JSONL, .cut = CUT_LINES };

struct opened {
	struct source *source;
	struct table table;
};

static void
open_table(struct opened *out, const struct buf *b,
    const struct dialect_hint *hint)
{
	out->source = source_of_bytes(buf_cstr(b), b->len, hint->cut);
	if (!well(table_open(&out->table, out->source, hint)))
		BUG("no table");
}

static void
close_table(struct opened *t)
{
	table_release(&t->table);
	source_free(t->source);
}

/* ---- diff and apply ---------------------------------------------------- */

struct writing {
	struct buf *out;
	struct delta_source source;
};

static err_t
write_row(void *arg, const struct row_change *c)
{
	struct writing *w = arg;

	delta_write_row(w->out, &w->source, c);
	return NULL;
}

static bool
diff(struct buf *out, struct rowdiff_report *report, const struct buf *a,
    const struct buf *b, const struct dialect_hint *hint,
    const struct key *key)
{
	struct opened from, to;
	struct rowdiff_options options = { .key = key };
	struct rowdiff *d = NULL;
	struct writing w = { out, { .path = "t", .status = "modified",
	    .key = key } };
	bool good;

	open_table(&from, a, hint);
	open_table(&to, b, hint);
	good = well(rowdiff_open(&d, &from.table, &to.table, &options));
	w.source.diff = d;
	if (good && delta_write_has_schema(&w.source))
		delta_write_schema(out, &w.source);
	good = good && well(rowdiff_run(report, d, write_row, &w));
	rowdiff_close(d);
	close_table(&from);
	close_table(&to);
	return good;
}

struct target {
	const struct buf *bytes;	/* NULL: no file */
	const struct dialect_hint *hint;
	const char *key;		/* "": none */
};

static int
scratch(const struct buf *b)
{
	int fd;

	if (!well(file_scratch(&fd)) ||
	    !well(file_write_full(fd, buf_cstr(b), b->len, "scratch")) ||
	    lseek(fd, 0, SEEK_SET) < 0)
		BUG("no scratch file");
	return fd;
}

static err_t
open_target(void *arg, struct patch_file *out, const char *path,
    const char *from)
{
	const struct target *t = arg;

	(void)path;
	(void)from;
	out->fd = t->bytes ? scratch(t->bytes) : -1;
	out->hint = *t->hint;
	return *t->key ? key_parse(&out->key, t->key) : NULL;
}

/* false and why, if it does not fit. */
static bool
apply(struct buf *out, char why[2048], const struct target *t,
    const struct buf *delta, bool duplicates)
{
	struct patch_options o = { .duplicates = duplicates };
	struct patch *p = patch_new(&o, open_target, (void *)(uintptr_t)t);
	const char *line = buf_cstr(delta), *end;
	struct patch_table table;
	const struct patch_misfit *first;
	struct buf none = BUF_INIT;
	bool found = false;
	uint64_t number = 0;
	size_t n;
	int fd = scratch(&none);
	err_t err = NULL;

	for (; !err && *line; line = end + 1) {
		end = strchr(line, '\n');
		err = patch_add(p, ++number, line, (size_t)(end - line));
	}
	if (!err)
		err = patch_end(p);
	if (!err)
		err = patch_next(&found, &table, p, fd);
	*why = '\0';
	if (err)
		snprintf(why, 2048, "%s", err->msg);
	else if (patch_misfits(&first, &n, p))
		snprintf(why, 2048, "line %d: %s", (int)first->line,
		    first->text);
	if (!*why && found) {
		size_t got;

		if (lseek(fd, 0, SEEK_SET) < 0 || !well(file_read_full(&got,
		    fd, buf_reserve(out, 1 << 20), 1 << 20, "scratch")))
			BUG("cannot read back");
		out->len = got;
		out->p[got] = '\0';
	} else if (!*why) {
		buf_add(out, buf_cstr(t->bytes), t->bytes->len);
	}
	close(fd);
	patch_free(p);
	return !*why;
}

/* ---- rows as a multiset ------------------------------------------------ */

struct hashes {
	struct id ids[256];
	size_t n;
	struct table *table;
};

static err_t
add_hash(void *arg, bool *done, const struct row *row)
{
	struct hashes *h = arg;

	(void)done;
	row_hash(&h->ids[h->n++], row, &h->table->shape);
	return NULL;
}

static int
compare_ids(const void *a, const void *b)
{
	return id_cmp(a, b);
}

static void
hash_rows(struct hashes *out, const struct buf *b,
    const struct dialect_hint *hint)
{
	struct opened t;

	open_table(&t, b, hint);
	out->n = 0;
	out->table = &t.table;
	if (!well(table_rows(&t.table, add_hash, out)))
		BUG("no rows");
	if (out->n)
		qsort(out->ids, out->n, sizeof(out->ids[0]), compare_ids);
	close_table(&t);
}

static bool
same_rows(const struct buf *a, const struct buf *b,
    const struct dialect_hint *hint)
{
	static struct hashes x, y;

	hash_rows(&x, a, hint);
	hash_rows(&y, b, hint);
	return x.n == y.n && memcmp(x.ids, y.ids, x.n * sizeof(x.ids[0])) == 0;
}

/* ---- random tables ----------------------------------------------------- */

static const char *const texts[] = { "", "x", "y", "a,b", "say \"\"no\"\"",
	"two\nlines", " z ", "\xc3\xa9", "\xff\x80", "\xed\xb2\x80", "'", ";",
	"1.0", "1", "\t", "null" };

struct csv_kind {
	char delimiter;
	bool crlf, end, dupes, ragged;
	unsigned columns[8], n;
};

static void
csv_cell(struct buf *out, const char *text)
{
	if (strpbrk(text, "\",\n;") || below(4) == 0)
		buf_printf(out, "\"%s\"", text);
	else
		buf_str(out, text);
}

/* Cells follow from the row's number and the column's, but for changes. */
static void
csv_row(struct buf *out, const struct csv_kind *k, unsigned id,
    unsigned version)
{
	unsigned n = k->n;

	if (k->ragged && below(6) == 0)
		n = 1 + below(k->n);
	for (unsigned i = 0; i < n; i++) {
		unsigned column = k->columns[i];
		unsigned dice = (id * 31 + column * 7) % 97;

		if (i)
			buf_char(out, k->delimiter);
		if (column == 0 && id < 40)
			buf_printf(out, "%u", id);
		else if (column != 0)
			csv_cell(out, texts[(dice + (version >> column &
			    1 ? version : 0)) % ARRAY_LEN(texts)]);
	}
	if (k->ragged && n == k->n && below(10) == 0)
		buf_printf(out, "%cextra", k->delimiter);
}

static void
csv_table(struct buf *out, const struct csv_kind *k,
    unsigned rows[80][2], unsigned n)
{
	const char *eol = k->crlf ? "\r\n" : "\n";

	for (unsigned i = 0; i < k->n; i++)
		buf_printf(out, "%.*s%s", i ? 1 : 0, &k->delimiter,
		    (const char *const[]){ "id", "a", "b\xc3\xb6", "c,d",
		    "e", "f\xff", "g", "h" }[k->columns[i]]);
	if (strstr(buf_cstr(out), "c,d")) {
		struct buf quoted = BUF_INIT;
		const char *at = strstr(out->p, "c,d");

		buf_add(&quoted, out->p, (size_t)(at - out->p));
		buf_printf(&quoted, "\"c,d\"%s", at + 3);
		buf_release(out);
		*out = quoted;
	}
	buf_str(out, eol);
	for (unsigned i = 0; i < n; i++) {
		csv_row(out, k, rows[i][0], rows[i][1]);
		if (i + 1 < n || k->end)
			buf_str(out, eol);
	}
}

static unsigned
random_rows(unsigned rows[80][2], bool dupes)
{
	unsigned n = 0;

	for (unsigned id = 0; id < 30 && n < 36; id++) {
		unsigned times = below(3) ? 1 : 0;

		if (dupes && below(4) == 0)
			times += below(3);
		for (unsigned t = 0; t < times && n < 36; t++) {
			rows[n][0] = below(12) ? id : 40 + below(9);
			rows[n++][1] = 0;
		}
	}
	return n;
}

/* Some rows change, some go, some come, some move. */
static unsigned
change_rows(unsigned to[80][2], unsigned from[80][2], unsigned n,
    bool dupes)
{
	unsigned m = 0;

	for (unsigned i = 0; i < n; i++) {
		unsigned dice = below(8);

		if (dice == 0)
			continue;
		to[m][0] = from[i][0];
		to[m++][1] = dice == 1 ? below(256) : from[i][1];
		if (dupes && below(9) == 0 && m < 38) {
			to[m][0] = from[i][0];
			to[m++][1] = below(2) ? 0 : below(256);
		}
	}
	while (m < 38 && below(3) == 0) {
		to[m][0] = dupes ? below(40) : 30 + m % 10;
		to[m++][1] = below(256);
	}
	for (unsigned i = 0; m && i < 3 && below(3) == 0; i++) {
		unsigned x = below(m), y = below(m), t[2];

		memcpy(t, to[x], sizeof(t));
		memcpy(to[x], to[y], sizeof(t));
		memcpy(to[y], t, sizeof(t));
	}
	return m;
}

static void
csv_pair(struct buf *a, struct buf *b, bool dupes)
{
	struct csv_kind k = { .delimiter = below(4) ? ',' : ';',
	    .crlf = below(3) == 0, .end = below(3), .dupes = dupes,
	    .ragged = below(3) == 0, .columns = { 0, 1, 2, 3 }, .n = 4 };
	unsigned from[80][2], to[80][2];
	unsigned n = random_rows(from, dupes), m;

	csv_table(a, &k, from, n);
	m = change_rows(to, from, n, dupes);
	/* Never only the header without its end. */
	k.end = below(3) || !m;
	if (below(4) == 0) {
		unsigned at = 1 + below(3), t = k.columns[at];

		k.columns[at] = below(2) ? 4 + below(3) : k.columns[at];
		if (below(3) == 0)
			k.columns[k.n++] = 7;
		if (below(3) == 0)
			k.n = 3;
		if (below(3) == 0) {
			t = k.columns[0];
			k.columns[0] = k.columns[1];
			k.columns[1] = t;
		}
	}
	csv_table(b, &k, to, m);
}

static void
json_value(struct buf *out, unsigned dice)
{
	static const char *const values[] = { "1", "1.50", "\"x\"", "null",
		"true", "[]", "{}", "[1, 2]", "{\"p\":{\"q\":\"r\"}}",
		"\"caf\xc3\xa9 \\u00e9\"", "\"\\ud83d\"", "[{\"a\":1},\"b\"]",
		"-0e1", "\"a\\\"b\"", "\"\"" };

	buf_str(out, values[dice % ARRAY_LEN(values)]);
}

static void
json_row(struct buf *out, unsigned id, unsigned version)
{
	const char *blank = id % 2 ? " " : "";
	unsigned dice = id * 13 + version;

	if (dice % 17 == 0) {
		buf_str(out, (const char *const[]){ "not json", "[1,2]", "",
		    "{\"a\":1,\"a\":2}", "{\"#line\":\"x\"}", "7" }
		    [version % 6]);
		return;
	}
	buf_printf(out, "{\"id\":%s%u", blank, id);
	for (unsigned i = 0; i < 4; i++) {
		if ((dice >> i) % 5 == 4)
			continue;
		buf_printf(out, ",%s\"%s\":%s", blank, (const char *const[]){
		    "a", "b.c", "", "d\\\"e" }[i], blank);
		json_value(out, id * 3 + i + (version >> i & 1 ? version :
		    0));
	}
	buf_str(out, blank);
	buf_char(out, '}');
}

static void
json_table(struct buf *out, unsigned rows[80][2], unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		json_row(out, rows[i][0], rows[i][1]);
		if (i + 1 < n || below(3))
			buf_char(out, '\n');
	}
}

static void
json_pair(struct buf *a, struct buf *b, bool dupes)
{
	unsigned from[80][2], to[80][2];
	unsigned n = random_rows(from, dupes), m;

	json_table(a, from, n);
	m = change_rows(to, from, n, dupes);
	json_table(b, to, m);
}

/* ---- the property ------------------------------------------------------ */

static void
show(const char *what, const struct buf *b)
{
	printf("# %s:\n", what);
	for (const char *p = buf_cstr(b); *p;) {
		size_t len = strcspn(p, "\n");

		printf("# | %.*s\n", (int)len, p);
		p += len + (p[len] == '\n');
	}
}

static bool
round_trip(const struct buf *a, const struct buf *b,
    const struct dialect_hint *hint, const char *key_text, bool duplicates)
{
	struct buf delta = BUF_INIT, out = BUF_INIT, again = BUF_INIT;
	struct key key = KEY_INIT;
	struct rowdiff_report report;
	struct target t = { a, hint, key_text };
	char why[2048] = "";
	bool good;

	if (*key_text && !well(key_parse(&key, key_text)))
		BUG("key");
	good = diff(&delta, &report, a, b, hint, &key) &&
	    apply(&out, why, &t, &delta, duplicates) &&
	    same_rows(&out, b, hint);
	/* Whether a cell of a new column is empty or not there at all is not
	 * in a delta. */
	if (good && !strstr(buf_cstr(&delta), "\"added\":[\""))
		good = diff(&again, &report, &out, b, hint, &key) &&
		    !report.inserted && !report.updated && !report.deleted;
	if (!good) {
		printf("# key \"%s\": %s\n", key_text, why);
		show("from", a);
		show("to", b);
		show("delta", &delta);
		show("applied", &out);
		show("again", &again);
	}
	buf_release(&delta);
	buf_release(&out);
	buf_release(&again);
	key_release(&key);
	return good;
}

static void
test_random(const struct dialect_hint *hint, const char *name)
{
	static const char *const keys[] = { "id", "", "id,a" };
	unsigned good = 0;

	for (unsigned i = 0; i < ROUNDS && good == i; i++) {
		struct buf a = BUF_INIT, b = BUF_INIT;
		bool dupes = below(3) == 0;
		const char *key = keys[below(ARRAY_LEN(keys))];

		if (hint == &hint_csv)
			csv_pair(&a, &b, dupes);
		else
			json_pair(&a, &b, dupes);
		good += round_trip(&a, &b, hint, key, true);
		buf_release(&a);
		buf_release(&b);
	}
	ok(good == ROUNDS, name);
}

/* ---- what does not fit ------------------------------------------------- */

/* want: the table afterwards, or, after "!", why not. */
static void
expect(const char *title, const char *key, const char *table,
    const char *delta, const char *want)
{
	struct buf bytes = { (char *)(uintptr_t)table,
	    table ? strlen(table) : 0, 0 };
	struct buf lines = { (char *)(uintptr_t)delta, strlen(delta), 0 };
	struct target t = { table ? &bytes : NULL, table && *table == '{' ?
	    &hint_jsonl : &hint_csv, key };
	struct buf out = BUF_INIT;
	char why[2048];
	bool good = apply(&out, why, &t, &lines, false);

	good = *want == '!' ? !good && strcmp(why, want + 1) == 0 :
	    good && strcmp(buf_cstr(&out), want) == 0;
	ok(good, title);
	if (!good)
		printf("# \"%s\" %s\n", why, buf_cstr(&out));
	buf_release(&out);
}

#define T "id,a,b\n1,x,p\n2,\"y\",q\n3,z,r\n"
#define U(id, payload, before) "{\"operation\":\"update\",\"path\":\"t\"," \
	"\"record_id\":" id ",\"payload\":" payload ",\"before\":" before "}\n"
#define D(id, before) "{\"operation\":\"delete\",\"path\":\"t\"," \
	"\"record_id\":" id ",\"before\":" before "}\n"
#define I(payload) "{\"operation\":\"insert\",\"path\":\"t\"," \
	"\"payload\":" payload "}\n"
#define S(columns) "{\"operation\":\"schema\",\"path\":\"t\"," columns "}\n"

static void
test_fitting(void)
{
	expect("untouched rows keep their bytes", "id", T,
	    U("\"1\"", "{\"b\":\"P\"}", "{\"b\":\"p\"}"),
	    "id,a,b\n1,x,P\n2,\"y\",q\n3,z,r\n");
	expect("several lines about one row", "id", T, D("\"1\"", "{}")
	    I("{\"id\":\"1\",\"a\":\"new\"}") U("\"1\"", "{\"b\":\"s\"}",
	    "{\"a\":\"new\"}"), "id,a,b\n2,\"y\",q\n3,z,r\n1,new,s\n");
	expect("numbers, true and null are cells", "id", T,
	    I("{\"id\":4,\"a\":true,\"b\":null}"), T "4,true,\n");
	expect("a new file", "id", NULL, S("\"columns\":[\"id\",\"b\"]")
	    I("{\"id\":\"1\",\"b\":\"x,y\"}"), "id,b\n1,\"x,y\"\n");
	expect("a new file, columns by the first row", "", NULL,
	    I("{\"u\":\"1\",\"v\":\"2\"}"), "u,v\n1,2\n");
	expect("columns come, go and change their names", "id", T,
	    S("\"columns\":[\"B\",\"id\",\"n\"],\"added\":[\"n\"],"
	    "\"removed\":[\"a\"],\"renamed\":{\"b\":\"B\"}")
	    U("\"2\"", "{\"n\":\"1\"}", "{\"B\":\"q\"}"),
	    "B,id,n\np,1,\nq,2,1\nr,3,\n");
	expect("members of JSON keep their form", "id",
	    "{\"id\": 1, \"a\": [1,2]}\n{\"id\":2,\"b\":1.0}\n",
	    U("1", "{\"z\":1.50}", "{\"a\":[1, 2]}") U("2", "{\"b\":{}}",
	    "{\"b\":1.0}"),
	    "{\"id\": 1, \"a\": [1,2], \"z\": 1.50}\n{\"id\":2,\"b\":{}}\n");
	expect("a file without a last line end", "id", "id,a\n1,x",
	    I("{\"id\":\"2\",\"a\":\"y\"}"), "id,a\n1,x\n2,y\n");
	expect("nothing to do", "id", T, S("\"columns\":[\"id\",\"a\",\"b\"]"),
	    T);
}

static void
test_misfits(void)
{
	expect("no such row", "id", T, D("\"9\"", "{}"),
	    "!line 1: delete \"9\": there is no such row");
	expect("another value", "id", T, U("\"1\"", "{\"b\":\"P\"}",
	    "{\"b\":\"o\"}"),
	    "!line 1: update \"1\": \"b\" is \"p\", not \"o\"");
	expect("twice", "id", T, D("\"1\"", "{}") D("\"1\"", "{}"),
	    "!line 2: delete \"1\": there is no such row");
	expect("a key that is there", "id", T, I("{\"id\":\"3\"}"),
	    "!line 1: insert {\"id\":\"3\"}: the key is there already; "
	    "--duplicates inserts it all the same");
	expect("a key that would change", "id", T, U("\"3\"",
	    "{\"id\":\"4\"}", "{}"), "!line 1: update \"3\": it would change "
	    "the key; delete the record and insert another");
	expect("no such column", "id", T, U("\"3\"", "{\"c\":\"4\"}", "{}"),
	    "!line 1: update \"3\": \"c\" is no column of the table");
	expect("no cell", "id", T, I("{\"id\":\"4\",\"a\":[1]}"),
	    "!line 1: insert {\"id\":\"4\",\"a\":[1]}: \"a\" is no cell of a "
	    "CSV file");
	expect("a table without a key", "", T, D("\"3\"", "{}"),
	    "!line 1: delete \"3\": the table has no key to find it by; give "
	    "one with --key");
	expect("rows that are alike", "id", "id,a,b\n1,x,p\n1,x,q\n",
	    U("\"1\"", "{\"a\":\"y\"}", "{\"a\":\"x\"}"),
	    "!line 1: update \"1\": several rows fit");
	expect("a column that is there", "id", T, S("\"columns\":[\"id\","
	    "\"a\",\"b\"],\"added\":[\"b\"]"),
	    "!line 1: schema: column \"b\" is there already");
	expect("a column too many", "id", T, S("\"columns\":[\"id\",\"a\"]"),
	    "!line 1: schema: column \"b\" is not one that the delta knows");
	expect("no JSON", "id", T, "{\"operation\"\n",
	    "!line 1: it is no JSON object");
	expect("an unknown member", "id", T,
	    "{\"operation\":\"delete\",\"path\":\"t\",\"recordid\":\"1\"}\n",
	    "!line 1: it has a member \"recordid\", which means nothing");
	expect("no row", "id", T, "{\"operation\":\"delete\",\"path\":\"t\"}\n",
	    "!line 1: it names no row: there is neither record_id nor before");
	expect("a file that ends in quotes", "id", "id,a\n1,x\n2,\"y\n",
	    I("{\"id\":\"4\"}"), "!\"t\" ends in quotes that were never "
	    "closed; no row can come after them");
}

int
main(void)
{
	test_fitting();
	test_misfits();
	test_random(&hint_csv, "random CSV: apply(diff(A, B), A) is B");
	test_random(&hint_jsonl, "random JSON Lines: the same");
	return tap_end();
}
