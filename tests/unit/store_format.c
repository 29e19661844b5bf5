/*
 * Trees, commits and events: there and back, damaged in every byte, and the
 * names that they may not hold.
 */

#include "store/format.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "tests/unit/tap.h"

static struct id
id_of(unsigned n)
{
	struct id id;

	hash_bytes(&id, &n, sizeof(n));
	return id;
}

/* Decodes and encodes again; false if it does not decode. */
typedef bool again_fn(struct buf *out, const char *p, size_t len);

/* Whatever still decodes after a flip, a cut or an added byte is canonical:
 * encoded again it is the same bytes. */
static bool
is_canonical(const struct buf *b, again_fn *again)
{
	struct buf out = BUF_INIT;
	bool good = true;

	for (size_t at = 0; at < b->len; at++)
		for (int x = 1; x < 256; x++) {
			char *p = mem_dup(b->p, b->len);

			p[at] ^= (char)x;
			buf_clear(&out);
			if (again(&out, p, b->len) && (out.len != b->len ||
			    memcmp(out.p, p, b->len) != 0))
				good = false;
			free(p);
		}
	for (size_t len = 0; len < b->len; len++) {
		char *p = mem_dup(b->p, len);

		buf_clear(&out);
		if (again(&out, p, len) && (out.len != len ||
		    memcmp(buf_cstr(&out), p, len) != 0))
			good = false;
		free(p);
	}
	buf_release(&out);
	return good;
}

static bool
comes_back(const struct buf *b, again_fn *again)
{
	struct buf out = BUF_INIT;
	bool good = again(&out, b->p, b->len) && out.len == b->len &&
	    memcmp(out.p, b->p, b->len) == 0;

	buf_release(&out);
	return good;
}

static bool
holds(const char *text, again_fn *again)
{
	struct buf out = BUF_INIT;
	bool good = again(&out, text, strlen(text));

	buf_release(&out);
	return good;
}

/* ---- trees ------------------------------------------------------------- */

static bool
tree_again(struct buf *out, const char *p, size_t len)
{
	struct tree_decoder d;
	struct tree_entry e;
	err_t err;

	err = tree_decode_begin(&d, p, len);
	if (err)
		return false;
	tree_begin(out, d.height);
	while (tree_decode_next(&e, &d, &err))
		if (d.height)
			tree_add_child(out, e.name, e.name_len, &e.id);
		else
			tree_add(out, &e);
	return !err;
}

static void
add(struct buf *out, const char *name, size_t len, enum mode mode,
    uint64_t size)
{
	struct tree_entry e = { name, len, mode, id_of((unsigned)len), size };

	tree_add(out, &e);
}

static void
test_trees(void)
{
	struct buf b = BUF_INIT;
	struct tree_decoder d;
	struct tree_entry e;
	struct id id = id_of(5);
	err_t err;

	tree_begin(&b, 0);
	ok(comes_back(&b, tree_again), "an empty directory");
	add(&b, "a", 1, MODE_DIR, 0);
	add(&b, "a.b", 3, MODE_EXEC, 127);
	add(&b, "b c\n\"\x1b", 6, MODE_LINK, 128);
	add(&b, "\xff\xfe", 2, MODE_FILE, UINT64_MAX);
	ok(comes_back(&b, tree_again), "a tree comes back");
	err = tree_decode_begin(&d, b.p, b.len);
	ok(!err && tree_decode_next(&e, &d, &err) &&
	    tree_decode_next(&e, &d, &err) && e.mode == MODE_EXEC &&
	    e.size == 127 && e.name_len == 3 &&
	    memcmp(e.name, "a.b", 3) == 0, "with what it said");
	ok(is_canonical(&b, tree_again), "every flip and cut of a tree");
	buf_clear(&b);
	tree_begin(&b, 3);
	tree_add_child(&b, "m", 1, &id);
	tree_add_child(&b, "z", 1, &id);
	ok(comes_back(&b, tree_again), "a tree above others comes back");
	ok(is_canonical(&b, tree_again), "every flip and cut of that");
	buf_release(&b);
}

static bool
tree_refuses(const char *first, const char *second, int height)
{
	struct buf b = BUF_INIT, out = BUF_INIT;
	bool refused;

	tree_begin(&b, (unsigned)height);
	add(&b, first, strlen(first), MODE_FILE, 1);
	add(&b, second, strlen(second), MODE_FILE, 1);
	refused = !tree_again(&out, b.p, b.len);
	buf_release(&b);
	buf_release(&out);
	return refused;
}

static void
test_bad_trees(void)
{
	struct buf b = BUF_INIT, out = BUF_INIT;

	ok(!tree_refuses("a", "a0", 0), "names in order");
	ok(tree_refuses("b", "a", 0), "names out of order");
	ok(tree_refuses("a", "a", 0), "the same name twice");
	ok(tree_refuses("a0", "a", 0), "a prefix after what it begins");
	ok(tree_refuses("a", "b/c", 0), "a slash");
	ok(tree_refuses(".", "b", 0) && tree_refuses("", "b", 0),
	    "names that cannot be");
	tree_begin(&b, TREE_HEIGHT_MAX + 1);
	ok(!tree_again(&out, b.p, b.len), "a height that cannot be");
	buf_clear(&b);
	tree_begin(&b, 0);
	add(&b, "a", 1, 0, 1);
	ok(!tree_again(&out, b.p, b.len), "mode 0");
	buf_clear(&b);
	tree_begin(&b, 0);
	add(&b, "a", 1, 5, 1);
	ok(!tree_again(&out, b.p, b.len), "a mode that is not known");
	buf_clear(&b);
	tree_begin(&b, 0);
	add(&b, "a", 1, MODE_DIR, 1);
	ok(!tree_again(&out, b.p, b.len), "a directory with a size");
	buf_release(&b);
	buf_release(&out);
}

/* Fixed: the trees of everyone must be cut alike. */
static void
test_cuts(void)
{
	unsigned n[3] = { 0, 0, 0 };
	char last[3][16] = { "", "", "" };

	for (unsigned i = 0; i < 10000; i++) {
		char name[16];
		int len = snprintf(name, sizeof(name), "f%u.csv", i);

		for (unsigned h = 0; h < 3; h++)
			if (tree_cut_after(h, name, (size_t)len)) {
				n[h]++;
				memcpy(last[h], name, sizeof(name));
			}
	}
	ok(n[0] == 166 && strcmp(last[0], "f9955.csv") == 0, "where trees are cut");
	ok(n[1] == 160 && strcmp(last[1], "f9953.csv") == 0 && n[2] == 166 &&
	    strcmp(last[2], "f9925.csv") == 0, "and those above them");
}

static bool
name_ok(const char *name)
{
	return tree_name_ok(name, strlen(name));
}

static void
test_names(void)
{
	static const char *const good[] = { "a", "...", "..a", ".a", ".dsvx",
		"dsv", ".ds", ".dsvattributes", ".dsvignore", "a b", "\n",
		"\xff", "\xc3\xa4", ".ds\xff", "-", "\xef\xbc\xae" "dsv",
		"CON", "a\\b" };
	static const char *const bad[] = { "", ".", "..", ".dsv", ".DSV",
		".dSv", "a/b", "/", "a/",
		".d\xe2\x80\x8bsv",		/* zero width space */
		".dsv\xe2\x80\x8d",		/* zero width joiner */
		"\xef\xbb\xbf.dsv",		/* byte order mark */
		".d\xc2\xadsv",			/* soft hyphen */
		".dsv\xef\xb8\x8f",		/* variation selector */
		".\xef\xbd\x84\xef\xbd\x93\xef\xbd\x96",	/* fullwidth */
		"\xef\xbc\x8e\xef\xbc\xa4\xef\xbc\xb3\xef\xbc\xb6",
		".d\xc5\xbfv" };		/* long s folds to s */
	char *longest = mem_alloc(TREE_NAME_MAX + 1);

	memset(longest, 'x', TREE_NAME_MAX + 1);
	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		if (!ok(name_ok(good[i]), "a name that a version may hold"))
			printf("# %zu\n", i);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		if (!ok(!name_ok(bad[i]), "a name that it may not"))
			printf("# %zu\n", i);
	ok(!tree_name_ok("a\0b", 3) && !tree_name_ok("\0", 1),
	    "a NUL in a name");
	ok(tree_name_ok(longest, TREE_NAME_MAX) &&
	    !tree_name_ok(longest, TREE_NAME_MAX + 1), "the longest name");
	free(longest);
	ok(tree_path_ok("a/b.c/d") && tree_path_ok("a"), "paths");
	ok(!tree_path_ok("") && !tree_path_ok("/a") && !tree_path_ok("a/") &&
	    !tree_path_ok("a//b") && !tree_path_ok("a/../b") &&
	    !tree_path_ok("a/.DSV/b"), "paths that are none");
}

/* ---- commits ----------------------------------------------------------- */

static bool
commit_again(struct buf *out, const char *p, size_t len)
{
	struct commit c = COMMIT_INIT;
	bool good;

	good = !commit_decode(&c, p, len) && !commit_encode(out, &c);
	commit_release(&c);
	return good;
}

#define HEX "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define TREE "tree " HEX "\n"
#define PEOPLE "author Ada <ada@example.org> 2024-01-02T03:04:05Z\n" \
	"committer B\xc3\xa9la \xff <> 1969-12-31T23:59:59Z\n"

static void
test_commits(void)
{
	static const char text[] = TREE "parent " HEX "\nparent " HEX "\n"
	    PEOPLE "job etl-4711 run 3\nmeta a=\nmeta b.c=x=y z\n"
	    "signature U1NIU0lHAAAA+/==\n\nSeptember\n\nload \x1b[31m";
	struct buf b = BUF_INIT, out = BUF_INIT;
	struct commit c = COMMIT_INIT;
	err_t err;

	buf_add(&b, text, sizeof(text) - 1);
	ok(comes_back(&b, commit_again), "a commit comes back");
	err = commit_decode(&c, b.p, b.len);
	ok(!err && c.n_parents == 2 && c.n_metas == 2 &&
	    strcmp(c.author.email, "ada@example.org") == 0 &&
	    c.author_time == 1704164645 && c.committer_time == -1 &&
	    strcmp(c.committer.email, "") == 0 &&
	    strcmp(c.job, "etl-4711 run 3") == 0 &&
	    strcmp(c.metas[1].key, "b.c") == 0 &&
	    strcmp(c.metas[1].value, "x=y z") == 0 &&
	    strcmp(c.signature, "U1NIU0lHAAAA+/==") == 0 &&
	    strcmp(c.message, "September\n\nload \x1b[31m") == 0,
	    "with what it said");
	ok(is_canonical(&b, commit_again), "every flip and cut of a commit");
	/* An encoder sorts what it is given. */
	if (!err) {
		struct meta swap = c.metas[0];

		c.metas[0] = c.metas[1];
		c.metas[1] = swap;
		err = commit_encode(&out, &c);
		ok(!err && out.len == b.len && memcmp(out.p, b.p, b.len) == 0,
		    "metadata in any order");
	}
	commit_release(&c);
	buf_release(&b);
	buf_release(&out);
}

static void
test_bad_commits(void)
{
	static const char *const bad[] = {
		"",
		"\n",
		TREE PEOPLE,				/* no blank line */
		TREE "\n",
		PEOPLE TREE "\n",
		TREE TREE PEOPLE "\n",
		"tree " HEX "0\n" PEOPLE "\n",
		"tree 0123\n" PEOPLE "\n",
		"tree  " HEX "\n" PEOPLE "\n",
		TREE "parent\n" PEOPLE "\n",
		TREE "Parent " HEX "\n" PEOPLE "\n",
		TREE PEOPLE "job \n\n",
		TREE PEOPLE "job a\njob b\n\n",
		TREE PEOPLE "meta b=1\nmeta a=1\n\n",
		TREE PEOPLE "meta a=1\nmeta a=1\n\n",
		TREE PEOPLE "meta a=1\njob x\n\n",
		TREE PEOPLE "meta a\n\n",
		TREE PEOPLE "meta =1\n\n",
		TREE PEOPLE "meta a b=1\n\n",
		TREE PEOPLE "else x\n\n",
		TREE PEOPLE "signature \n\n",
		TREE PEOPLE "signature c3No\n\n",
		TREE PEOPLE "signature U1NIU0lHA\n\n",
		TREE PEOPLE "signature U1NIU0lHA===\n\n",
		TREE PEOPLE "signature U1NIU0lHAA=A\n\n",
		TREE PEOPLE "signature U1NIU0lHAA-_\n\n",
		TREE PEOPLE "signature U1NIU0lH AAAA\n\n",
		TREE PEOPLE "signature U1NIU0lH\nsignature U1NIU0lH\n\n",
		TREE PEOPLE "signature U1NIU0lH\nmeta a=1\n\n",
		TREE PEOPLE "job a\tb\n\n",
		TREE "author <> 2024-01-02T03:04:05Z\n"
		    "committer A <> 2024-01-02T03:04:05Z\n\n",
		TREE "author A  <> 2024-01-02T03:04:05Z\n"
		    "committer A <> 2024-01-02T03:04:05Z\n\n",
		TREE "author A <a> 2024-01-02 03:04:05Z\n"
		    "committer A <> 2024-01-02T03:04:05Z\n\n",
		TREE "author A <a> 2024-02-30T03:04:05Z\n"
		    "committer A <> 2024-01-02T03:04:05Z\n\n",
		TREE "author A <a>\ncommitter A <>\n\n",
	};

	ok(holds(TREE PEOPLE "\n", commit_again), "the shortest commit");
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		if (!ok(!holds(bad[i], commit_again),
		    "a commit that is not canonical"))
			printf("# %zu\n", i);
}

static bool
commit_refuses(struct commit *c)
{
	struct buf out = BUF_INIT;
	err_t err = commit_encode(&out, c);

	buf_release(&out);
	return err_is(err, ERR_USAGE);
}

static void
test_commit_fields(void)
{
	struct meta metas[2] = { { (char *)"k", (char *)"1" },
		{ (char *)"k", (char *)"2" } };
	struct commit c = COMMIT_INIT;
	char *text = mem_alloc(COMMIT_SIZE_MAX + 2);

	c.author.name = c.committer.name = (char *)"A";
	c.message = (char *)"m";
	ok(!commit_refuses(&c), "a commit that can be written");
	c.author.name = (char *)"A <b>";
	ok(commit_refuses(&c), "a name with angle brackets");
	c.author.name = (char *)"A\nB";
	ok(commit_refuses(&c), "a name with a newline");
	c.author.name = (char *)"";
	ok(commit_refuses(&c), "no name");
	c.author.name = (char *)"A";
	c.author.email = (char *)"a b";
	ok(commit_refuses(&c), "an address with a space");
	c.author.email = NULL;
	c.job = (char *)"";
	ok(commit_refuses(&c), "an empty job");
	c.job = NULL;
	c.metas = metas;
	c.n_metas = 2;
	ok(commit_refuses(&c), "the same key twice");
	metas[0].key = (char *)"a b";
	ok(commit_refuses(&c), "a key with a space");
	c.n_metas = 0;
	c.n_parents = COMMIT_PARENTS + 1;
	ok(commit_refuses(&c), "too many parents");
	c.n_parents = 0;
	memset(text, 'x', COMMIT_SIZE_MAX + 1);
	text[COMMIT_SIZE_MAX + 1] = '\0';
	c.message = text;
	ok(commit_refuses(&c), "a message that is too long");
	free(text);
}

/* ---- events ------------------------------------------------------------ */

static bool
event_again(struct buf *out, const char *p, size_t len)
{
	struct event ev = EVENT_INIT;
	bool good;

	good = !event_decode(&ev, p, len) && !event_encode(out, &ev);
	event_release(&ev);
	return good;
}

#define WRITER "writer 00112233445566778899aabbccddeeff\n"
#define ACTOR "time 2024-01-02T03:04:05Z\nactor Ada <>\nidentity env\n"
#define FIRST "event init\n" WRITER "seq 1\n" ACTOR
#define SECOND "event commit\n" WRITER "seq 2\nprev " HEX "\n" ACTOR

static void
test_events(void)
{
	static const char text[] = SECOND "ref branch/main - " HEX "\n"
	    "ref tag/\xc3\xa4 " HEX " -\nref branch/x " HEX " " HEX "\n"
	    "a 1\nb \nc.d x y\n\nnote\n";
	struct event ev = EVENT_INIT;
	struct buf b = BUF_INIT, out = BUF_INIT;
	err_t err;

	buf_add(&b, text, sizeof(text) - 1);
	ok(comes_back(&b, event_again), "an event comes back");
	err = event_decode(&ev, b.p, b.len);
	ok(!err && ev.seq == 2 && ev.writer[15] == 0xff && ev.n_refs == 3 &&
	    strcmp(ev.refs[0].name, "branch/main") == 0 &&
	    id_is_zero(&ev.refs[0].from) && !id_is_zero(&ev.refs[0].to) &&
	    id_is_zero(&ev.refs[1].to) && ev.n_fields == 3 &&
	    strcmp(event_field(&ev, "c.d"), "x y") == 0 &&
	    !event_field(&ev, "d") && strcmp(ev.note, "note\n") == 0,
	    "with what it said");
	event_add_field(&ev, "signature", "U1NIU0lH");
	ok(!err && !event_encode_unsigned(&out, &ev) && out.len == b.len &&
	    memcmp(out.p, b.p, b.len) == 0, "what a signature is of");
	event_release(&ev);
	buf_release(&out);
	ok(is_canonical(&b, event_again), "every flip and cut of an event");
	buf_release(&b);
}

static void
test_bad_events(void)
{
	static const char *const bad[] = {
		"",
		FIRST,
		"event init\n" WRITER "seq 0\n" ACTOR "\n",
		"event init\n" WRITER "seq 01\n" ACTOR "\n",
		"event init\n" WRITER "seq +1\n" ACTOR "\n",
		"event init\n" WRITER "seq 1\nprev " HEX "\n" ACTOR "\n",
		"event init\n" WRITER "seq 2\n" ACTOR "\n",
		"event init\n" WRITER "seq 1000000000000000000\nprev " HEX "\n"
		    ACTOR "\n",
		"event a b\n" WRITER "seq 1\n" ACTOR "\n",
		"event \n" WRITER "seq 1\n" ACTOR "\n",
		"event init\nwriter 00112233445566778899AABBCCDDEEFF\nseq 1\n"
		    ACTOR "\n",
		"event init\nwriter 0011\nseq 1\n" ACTOR "\n",
		FIRST "ref branch/main -\n\n",
		FIRST "ref branch/main - 0123\n\n",
		FIRST "ref main - " HEX "\n\n",
		FIRST "ref branch/ma in - " HEX "\n\n",
		FIRST "ref branch/main - " HEX " x\n\n",
		FIRST "a 1\nref branch/main - " HEX "\n\n",
		FIRST "b 1\na 1\n\n",
		FIRST "a 1\na 2\n\n",
		FIRST "a\n\n",
		FIRST " a\n\n",
		FIRST "signature \n\n",
		FIRST "signature c3No\n\n",
		FIRST "signature U1NIU0lHA===\n\n",
		"event init\n" WRITER "seq 1\nactor Ada <>\nidentity env\n\n",
		"event init\n" WRITER "seq 1\ntime 2024-01-02T03:04:05Z\n"
		    "actor Ada <> \nidentity env\n\n",
		"event init\n" WRITER "seq 1\ntime 2024-01-02T03:04:05Z\n"
		    "actor Ada <>\nidentity \n\n",
	};

	ok(holds(FIRST "\n", event_again), "the shortest event");
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		if (!ok(!holds(bad[i], event_again),
		    "an event that is not canonical"))
			printf("# %zu\n", i);
}

static void
test_ref_names(void)
{
	static const char *const good[] = { "branch/main", "tag/2024-q3",
		"branch/feature/x", "tag/v1.2", "tag/v", "branch/a.b",
		"branch/\xc3\xa4", "branch/abc", "tag/1234x", "branch/head",
		"branch/a-", "tag/x/v12", "tag/version-12" };
	static const char *const bad[] = { "", "main", "branch", "branch/",
		"/main", "other/main", "Branch/main", "branch//a", "branch/a/",
		"branch/a//b", "branch/.a", "branch/a/.b", "branch/-a",
		"branch/a..b", "branch/a b", "branch/a\tb", "branch/a\x7f",
		"branch/a~1", "branch/a^", "branch/a:b", "branch/a?",
		"branch/a*", "branch/a[", "branch/a\\b", "branch/a,b",
		"branch/a@b", "branch/@", "branch/a.lock", "branch/a.lock/b",
		"branch/a.", "branch/a./b", "branch/HEAD", "branch/abcd",
		"tag/ABCD1234", "tag/1234", "tag/v1", "tag/V12",
		"branch/\xff", "branch/\xc3" };
	char name[300] = "branch/";

	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		if (!ok(ref_name_ok(good[i]), "a name of a ref"))
			printf("# %s\n", good[i]);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		if (!ok(!ref_name_ok(bad[i]), "a name that no ref may have"))
			printf("# %zu\n", i);
	memset(name + 7, 'x', sizeof(name) - 7);
	name[255] = '\0';
	ok(ref_name_ok(name), "the longest name of a ref");
	name[255] = 'x';
	name[256] = '\0';
	ok(!ref_name_ok(name), "and a longer one");
}

int
main(void)
{
	test_trees();
	test_bad_trees();
	test_cuts();
	test_names();
	test_commits();
	test_bad_commits();
	test_commit_fields();
	test_events();
	test_bad_events();
	test_ref_names();
	return tap_end();
}
