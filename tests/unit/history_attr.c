#include <string.h>

#include "lib/history/attr.h"
#include "lib/history/attr_line.h"
#include "tests/unit/tap.h"
#include "tests/unit/worktree.h"

/* The value is want; NULL: there is none. */
static bool
is(struct attrs *a, const char *path, const char *name, const char *want)
{
	const char *value;
	err_t err = attr_get(&value, a, path, name);

	if (err) {
		printf("# %s\n", err->msg);
		return false;
	}
	if (!value || !want)
		return value == want;
	if (strcmp(value, want))
		printf("# %s of %s is %s\n", name, path, value);
	return !strcmp(value, want);
}

static bool
cuts(struct attrs *a, const char *path, enum cut want)
{
	enum cut cut;
	err_t err = attr_cut(&cut, a, path);

	return !err && cut == want;
}

static void
test_lookup(struct worktree *w)
{
	struct attrs *a;

	worktree_write(w, ".dsvattributes",
	    "# comment\n\n*.csv key=id\nlabels/*.csv dataset=labels key=image\n"
	    "raw/** binary\nspecial.csv -key\n\"a b.csv\" key=\"x y\"\r\n"
	    "*.odd flag\n");
	worktree_write(w, "sub/.dsvattributes",
	    "*.csv key=sub\n/only.csv key=only\ndeep/x.csv key=deep");
	a = attr_of_worktree(&w->r);
	ok(is(a, "a.csv", "key", "id"), "a pattern without a slash");
	ok(is(a, "x/y/a.csv", "key", "id"), "… at any depth");
	ok(is(a, "a.txt", "key", NULL), "… not for others");
	ok(is(a, "labels/a.csv", "key", "image"), "the last line wins");
	ok(is(a, "labels/a.csv", "dataset", "labels"), "several attributes");
	ok(is(a, "labels/deep/a.csv", "dataset", NULL), "* stops at a slash");
	ok(is(a, "raw/a/b", "format", "binary"), "binary is format=binary");
	ok(is(a, "special.csv", "key", NULL), "-name takes back");
	ok(is(a, "a b.csv", "key", "x y"), "quoted pattern and value, CR");
	ok(is(a, "x.odd", "flag", ""), "a bare name");
	ok(is(a, "sub/a.csv", "key", "sub"), "a deeper file wins");
	ok(is(a, "sub/a.csv", "dataset", NULL), "… only for what it says");
	ok(is(a, "sub/only.csv", "key", "only"), "anchored to its directory");
	ok(is(a, "sub/x/only.csv", "key", "sub"), "… and not below");
	ok(is(a, "sub/deep/x.csv", "key", "deep"), "a path from there");
	ok(is(a, "subway/a.csv", "key", "id"), "not a directory of like name");
	ok(is(a, "labels/a.csv", "key", "image"), "asked again");
	attr_free(a);
}

static void
test_cut(struct worktree *w)
{
	struct attrs *a;
	enum cut cut;

	worktree_write(w, ".dsvattributes",
	    "*.dat format=csv\n*.sq csv quote='\n*.nq csv quote=none\n"
	    "notes.csv text\n*.bad format=excel\nbad.csv quote=x\n");
	a = attr_of_worktree(&w->r);
	ok(cuts(a, "a.csv", CUT_CSV) && cuts(a, "A.CSV", CUT_CSV) &&
	    cuts(a, "a.tab", CUT_CSV), "tables by name");
	ok(cuts(a, "a.jsonl", CUT_LINES) && cuts(a, "d/a.md", CUT_LINES),
	    "lines by name");
	ok(cuts(a, "a.parquet", CUT_BINARY) && cuts(a, "a.gz", CUT_BINARY),
	    "bytes by name");
	ok(cuts(a, "a", CUT_AUTO) && cuts(a, "a.xyz", CUT_AUTO) &&
	    cuts(a, ".csv", CUT_AUTO) && cuts(a, "d.csv/a", CUT_AUTO),
	    "by looking at it");
	ok(cuts(a, "a.dat", CUT_CSV), "by attribute");
	ok(cuts(a, "a.sq", CUT_CSV_SINGLE), "single quotes");
	ok(cuts(a, "a.nq", CUT_LINES), "no quotes");
	ok(cuts(a, "notes.csv", CUT_LINES), "against its name");
	ok(err_is(attr_cut(&cut, a, "a.bad"), ERR_USAGE), "unknown format");
	ok(err_is(attr_cut(&cut, a, "bad.csv"), ERR_USAGE), "unknown quote");
	attr_free(a);
}

static bool
table(struct attrs *a, const char *path, enum table_format format,
    char delimiter, enum cut cut)
{
	struct dialect_hint h;
	err_t err = attr_table(&h, a, path);

	return !err && h.format == format && h.delimiter == delimiter &&
	    h.cut == cut;
}

static void
test_table(struct worktree *w)
{
	struct dialect_hint h;
	struct key key = KEY_INIT;
	struct attrs *a;
	err_t err;

	worktree_write(w, ".dsvattributes",
	    "*.dat csv delimiter=; key=\"a,\\\"b,c\\\"\"\n"
	    "*.nq tsv quote=none\n*.log jsonl header=no\nnotes.csv text\n"
	    "plain.tsv csv\nold.csv encoding=Latin-1 header=no\n"
	    "x.csv delimiter=tab header=yes encoding=utf-16\n"
	    "bad1.csv delimiter=ab\nbad2.csv header=2\n"
	    "bad3.csv encoding=ebcdic\nbad4.csv key=a,,b\n");
	a = attr_of_worktree(&w->r);
	ok(table(a, "a.csv", TABLE_CSV, '\0', CUT_CSV) &&
	    table(a, "a.TSV", TABLE_CSV, '\t', CUT_CSV) &&
	    table(a, "a.tab", TABLE_CSV, '\t', CUT_CSV) &&
	    table(a, "a.jsonl", TABLE_JSONL, '\0', CUT_LINES) &&
	    table(a, "a.ndjson", TABLE_JSONL, '\0', CUT_LINES),
	    "tables by name");
	ok(table(a, "a.json", TABLE_NONE, '\0', CUT_AUTO) &&
	    table(a, "a", TABLE_NONE, '\0', CUT_AUTO) &&
	    table(a, "notes.csv", TABLE_NONE, '\0', CUT_AUTO), "no tables");
	ok(table(a, "a.dat", TABLE_CSV, ';', CUT_CSV) &&
	    table(a, "a.nq", TABLE_CSV, '\t', CUT_LINES) &&
	    table(a, "a.log", TABLE_JSONL, '\0', CUT_LINES) &&
	    table(a, "plain.tsv", TABLE_CSV, '\0', CUT_CSV),
	    "tables by attribute");
	err = attr_table(&h, a, "old.csv");
	ok(!err && h.encoding == TABLE_LATIN1 && h.header == -1,
	    "encoding and header");
	err = attr_table(&h, a, "x.csv");
	ok(!err && h.encoding == TABLE_UTF16 && h.header == 1 &&
	    h.delimiter == '\t', "the other ones");
	ok(err_is(attr_table(&h, a, "bad1.csv"), ERR_USAGE) &&
	    err_is(attr_table(&h, a, "bad2.csv"), ERR_USAGE) &&
	    err_is(attr_table(&h, a, "bad3.csv"), ERR_USAGE), "bad values");
	err = attr_key(&key, a, "a.dat");
	ok(!err && key.n == 2 && !strcmp(key.names[1], "b,c"), "a key");
	key_release(&key);
	err = attr_key(&key, a, "a.csv");
	ok(!err && key.n == 0, "no key");
	key_release(&key);
	ok(err_is(attr_key(&key, a, "bad4.csv"), ERR_USAGE), "a bad key");
	attr_free(a);
}

static void
test_bad_file(struct worktree *w)
{
	struct attrs *a;
	const char *value;
	err_t err;

	worktree_write(w, ".dsvattributes", "*.csv key=id\n!*.txt key=x\n");
	a = attr_of_worktree(&w->r);
	err = attr_get(&value, a, "a.csv", "key");
	ok(err_is(err, ERR_USAGE) && strstr(err->msg, "line 2"),
	    "a bad line is an error that names it");
	attr_free(a);
	unlinkat(w->r.rootfd, ".dsvattributes", 0);
	if (symlinkat("sub/.dsvattributes", w->r.rootfd, ".dsvattributes"))
		ok(false, "a link can be made");
	a = attr_of_worktree(&w->r);
	err = attr_get(&value, a, "a.csv", "key");
	ok(!err && !value, "a link is not followed");
	attr_free(a);
	unlinkat(w->r.rootfd, ".dsvattributes", 0);
}

/* The line reads back as the text want. */
static bool
formats(const char *text, const char *want)
{
	struct attr_line line = ATTR_LINE_INIT;
	struct buf out = BUF_INIT, again = BUF_INIT;
	const char *bad = attr_line_parse(&line, text, strlen(text));
	bool good = !bad && line.pattern;

	if (good)
		attr_line_format(&out, &line);
	attr_line_release(&line);
	good = good && !strcmp(out.p, want) &&
	    !attr_line_parse(&line, out.p, out.len);
	if (good) {
		attr_line_format(&again, &line);
		good = !strcmp(again.p, out.p);
	}
	if (!good)
		printf("# %s: %s\n", bad ? bad : "is", buf_cstr(&out));
	attr_line_release(&line);
	buf_release(&out);
	buf_release(&again);
	return good;
}

static bool
is_bad(const char *text)
{
	struct attr_line line = ATTR_LINE_INIT;

	return attr_line_parse(&line, text, strlen(text)) != NULL;
}

static void
test_lines(void)
{
	struct attr_line line = ATTR_LINE_INIT;

	ok(formats("*.csv key=id", "*.csv key=id"), "a plain line");
	ok(formats("  *.csv\t key=id  -x y ", "*.csv key=id -x y"), "blanks");
	ok(formats("\"a b\" k=\"c d\"", "\"a b\" k=\"c d\""), "quotes");
	ok(formats("\"#x\" csv", "\\#x format=csv"), "a hash");
	ok(formats("\"\\\"q\\\" \\\\\" a=b", "\"\\\"q\\\" \\\\\" a=b"),
	    "quotes and backslashes inside");
	ok(formats("\"\\303\\251\\t\" a", "\"\303\251\\t\" a"), "escapes");
	ok(formats("\"a\\*b c\" a", "\"a\\*b c\" a"), "a star that is one");
	ok(formats("x a=1 a=2", "x a=2"), "the last value counts");
	ok(formats("x k=", "x k"), "an empty value");
	ok(is_bad("!x a") && is_bad("\"x a") && is_bad("\"x\"y a") &&
	    is_bad("\"\\q\" a") && is_bad("\"\" a") && is_bad("x =v") &&
	    is_bad("x a=\"b") && is_bad("\"\\000\" a"), "what is no line");
	ok(!attr_line_parse(&line, "# x", 3) && !line.pattern &&
	    !attr_line_parse(&line, "", 0) && !line.pattern &&
	    !attr_line_parse(&line, " \r", 2) && !line.pattern,
	    "comments and blank lines");
}

int
main(void)
{
	struct worktree w;

	if (!ok(!worktree_open(&w), "there is a repository"))
		return tap_end();
	test_lookup(&w);
	test_cut(&w);
	test_table(&w);
	test_bad_file(&w);
	test_lines();
	worktree_close(&w);
	return tap_end();
}
