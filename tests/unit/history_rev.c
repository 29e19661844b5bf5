/*
 * Revisions: what each form names, what each mistake is called, and that no
 * text at all does worse than fail.
 */

#include <stdlib.h>
#include <string.h>

#include "lib/base/opt.h"
#include "lib/history/rev.h"
#include "tests/unit/fixture.h"
#include "tests/unit/tap.h"

/*
 * main: v1 v2 v3(merge of v2 and side) v4; side: v2', from v1.  Committed at
 * 1000, 2000, …; the tag "t" is v2.
 */
enum { V1, V2, SIDE, V3, V4, COMMITS };

static struct id ids[COMMITS];

static err_t
commit(struct id *out, struct txn *t, int64_t time, const struct id *a,
    const struct id *b)
{
	struct commit c = COMMIT_INIT;

	c.author.name = c.committer.name = (char *)"Ada";
	c.author.email = c.committer.email = (char *)"";
	c.committer_time = c.author_time = time;
	c.message = (char *)"m";
	if (a)
		c.parents[c.n_parents++] = *a;
	if (b)
		c.parents[c.n_parents++] = *b;
	hash_bytes(&c.tree, "", 1);
	return commit_put(out, t, &c);
}

static err_t
point(struct txn *t, const char *ref, const struct id *at)
{
	struct event ev = EVENT_INIT;
	struct id none = { { 0 } }, id;
	err_t err;

	ev.act = mem_strdup("test");
	ev.actor.name = mem_strdup("Ada");
	ev.actor.email = mem_strdup("");
	ev.identity = mem_strdup("os");
	ev.note = mem_strdup("");
	event_add_ref(&ev, ref, &none, at);
	err = event_record(&id, t, &ev);
	event_release(&ev);
	return err;
}

static err_t
make_history(struct store *s)
{
	struct txn *t = NULL;
	struct id tree;
	err_t err;

	err = txn_begin(&t, s, "test");
	if (!err)
		err = txn_lock(t);
	if (!err)
		err = object_put(&tree, t, KIND_TREE, "", 1);
	if (!err)
		err = commit(&ids[V1], t, 1000, NULL, NULL);
	if (!err)
		err = commit(&ids[V2], t, 2000, &ids[V1], NULL);
	if (!err)
		err = commit(&ids[SIDE], t, 2500, &ids[V1], NULL);
	if (!err)
		err = commit(&ids[V3], t, 3000, &ids[V2], &ids[SIDE]);
	if (!err)
		err = commit(&ids[V4], t, 4000, &ids[V3], NULL);
	if (!err)
		err = point(t, "branch/main", &ids[V4]);
	if (!err)
		err = point(t, "branch/side", &ids[SIDE]);
	if (!err)
		err = point(t, "tag/t", &ids[V2]);
	if (!err)
		err = txn_commit(t);
	txn_end(t);
	return err;
}

static bool
names(struct repo *r, const char *text, int which)
{
	struct id id;
	err_t err = rev_commit(&id, r, text);

	if (err)
		printf("# %s: %s\n", text, err->msg);
	return !err && id_eq(&id, &ids[which]);
}

static bool
fails(struct repo *r, const char *text, enum err_code code)
{
	struct id id;
	err_t err = rev_commit(&id, r, text);

	if (!err_is(err, code))
		printf("# %s: %s\n", text, err ? err->msg : "no error");
	return err_is(err, code);
}

static void
forms(struct repo *r)
{
	char hex[ID_HEX + 1];

	ok(names(r, "HEAD", V4) && names(r, "@", V4), "HEAD and @");
	ok(names(r, "main", V4) && names(r, "branch/side", SIDE) &&
	    names(r, "t", V2) && names(r, "tag/t", V2), "refs");
	ok(names(r, id_hex(hex, &ids[V3]), V3), "a whole id");
	hex[12] = '\0';
	ok(names(r, hex, V3), "the beginning of an id");
	ok(names(r, "v1", V1) && names(r, "v3", V3) &&
	    names(r, "v2", V2), "version numbers on the line of HEAD");
	ok(names(r, "side@v2", SIDE) && names(r, "t@v1", V1) &&
	    names(r, "@v4", V4), "version numbers on that of a ref");
	ok(names(r, "HEAD~", V3) && names(r, "HEAD~3", V1) &&
	    names(r, "v3^2", SIDE) && names(r, "v3^2~", V1) &&
	    names(r, "main^^1~0", V2) && names(r, "v4^0", V4),
	    "ancestors, one after another");
	ok(names(r, "main@{@3999}", V3) && names(r, "@{@2000}", V2) &&
	    names(r, "side@{1970-01-01T00:41:40Z}", SIDE) &&
	    names(r, "main@{@2600}~1", V1),
	    "moments, by first parents only");
}

static void
mistakes(struct repo *r)
{
	char text[5000];

	ok(fails(r, "nosuch", ERR_NOT_FOUND) &&
	    fails(r, "ffffffff", ERR_NOT_FOUND) &&
	    fails(r, "v5", ERR_NOT_FOUND) &&
	    fails(r, "side@v3", ERR_NOT_FOUND) &&
	    fails(r, "v99999999999999999999999", ERR_NOT_FOUND) &&
	    fails(r, "HEAD~4", ERR_NOT_FOUND) &&
	    fails(r, "HEAD^2", ERR_NOT_FOUND) &&
	    fails(r, "HEAD~99999999999999999999", ERR_NOT_FOUND) &&
	    fails(r, "main@{@999}", ERR_NOT_FOUND), "what is not there");
	ok(fails(r, "", ERR_USAGE) && fails(r, "~", ERR_USAGE) &&
	    fails(r, "main@", ERR_USAGE) && fails(r, "main@{", ERR_USAGE) &&
	    fails(r, "main@{}", ERR_USAGE) &&
	    fails(r, "main@{soon}", ERR_USAGE) &&
	    fails(r, "main@approved", ERR_NOT_FOUND) &&
	    fails(r, "HEAD~1x", ERR_USAGE), "what makes no sense");
	memset(text, '~', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	ok(fails(r, text, ERR_USAGE), "too long a text");
}

static bool
parses(struct repo *r, const char *text, int from, int commit_at,
    const char *path)
{
	struct rev rev = REV_INIT;
	err_t err = rev_parse(&rev, r, text);
	bool good = !err && id_eq(&rev.commit, &ids[commit_at]) &&
	    rev.is_range == (from >= 0) &&
	    (from < 0 || id_eq(&rev.from, &ids[from])) &&
	    (path ? rev.path && !strcmp(rev.path, path) : !rev.path);

	if (!good)
		printf("# %s: %s, path %s\n", text, err ? err->msg : "wrong",
		    rev.path ? rev.path : "none");
	rev_release(&rev);
	return good;
}

static void
arguments(struct repo *r)
{
	struct rev rev = REV_INIT;

	ok(parses(r, "v1..v3", V1, V3, NULL) &&
	    parses(r, "v1..", V1, V4, NULL) &&
	    parses(r, "..side", V4, SIDE, NULL) &&
	    parses(r, "v2...side", V1, SIDE, NULL) &&
	    parses(r, "side...main", SIDE, V4, NULL), "ranges");
	ok(parses(r, "v1:a/b", -1, V1, "a/b") &&
	    parses(r, "HEAD:", -1, V4, "") &&
	    parses(r, "HEAD:a//./b/", -1, V4, "a/b") &&
	    parses(r, "HEAD:a..b", -1, V4, "a..b") &&
	    parses(r, "main@{1970-01-01T00:50}:x:y", -1, V3, "x:y"),
	    "paths in versions");
	ok(err_is(rev_parse(&rev, r, "HEAD:../x"), ERR_USAGE) &&
	    err_is(rev_parse(&rev, r, "HEAD:.dsv/x"), ERR_USAGE) &&
	    err_is(rev_parse(&rev, r, ":x"), ERR_USAGE) &&
	    err_is(rev_parse(&rev, r, ".."), ERR_USAGE) &&
	    err_is(rev_parse(&rev, r, "..."), ERR_USAGE) &&
	    err_is(rev_parse(&rev, r, "v1..v2..v3"), ERR_NOT_FOUND),
	    "paths that cannot be, ranges with no end");
}

#define GUESS OPT_NO_DASHES

static bool
splits(struct repo *r, size_t revs, enum err_code code, size_t dashes,
    const char *a, const char *b)
{
	const char *v[] = { a, b };
	struct operands ops = { v, b ? 2 : 1, dashes };
	size_t n = 99;
	err_t err = rev_split(&n, r, &ops, 2);

	return code ? err_is(err, code) : !err && n == revs;
}

static void
operands(struct repo *r)
{
	ok(splits(r, 1, 0, GUESS, "main", NULL) &&
	    splits(r, 2, 0, GUESS, "main", "v1") &&
	    splits(r, 1, 0, GUESS, "main", "*.csv") &&
	    splits(r, 0, 0, GUESS, ".", NULL) &&
	    splits(r, 0, 0, GUESS, "*.csv", "*.x"), "guessed");
	ok(splits(r, 1, 0, 1, "main", "nosuch") &&
	    splits(r, 2, 0, 2, "main", "v1") &&
	    splits(r, 0, 0, 0, "main", "main"), "said by --");
	ok(splits(r, 0, ERR_NOT_FOUND, GUESS, "nosuch", NULL) &&
	    splits(r, 0, ERR_NOT_FOUND, GUESS, "*.csv", "main"), "neither");
}

/* Pieces of the grammar in any order, and any bytes. */
static void
any_text(struct repo *r)
{
	static const char *const pieces[] = { "HEAD", "main", "@", "@{", "}",
		"~", "^", "..", "...", ":", "v1", "v", "1", "99999999999",
		"t", "/", "\xff", "{", "@v", "side", "0000", " ", "@{@3000}" };
	uint64_t seed = 3;
	bool good = true;

	for (unsigned round = 0; round < 20000 && good; round++) {
		struct buf text = BUF_INIT;
		struct rev rev = REV_INIT;
		err_t err;

		do {
			seed ^= seed << 13;
			seed ^= seed >> 7;
			seed ^= seed << 17;
			buf_str(&text, pieces[(seed >> 20) %
			    ARRAY_LEN(pieces)]);
		} while ((seed >> 40) % 5);
		err = rev_parse(&rev, r, text.p);
		good = !err || err_is(err, ERR_USAGE) ||
		    err_is(err, ERR_NOT_FOUND);
		if (!good)
			printf("# %s: %s\n", text.p, err->msg);
		rev_release(&rev);
		buf_release(&text);
	}
	ok(good, "any text is a revision, unknown, or nonsense");
}

int
main(void)
{
	struct fixture f = { .store = NULL };
	struct repo *r = NULL;
	err_t err;

	setenv("HOME", "/nonexistent", 1);
	unsetenv("XDG_CONFIG_HOME");
	err = fixture_open(&f);
	if (!err)
		err = make_history(f.store);
	if (!err)
		err = repo_open(&r, f.dir, STORE_READ, 0);
	if (ok(!err, "a repository with five versions")) {
		forms(r);
		mistakes(r);
		arguments(r);
		operands(r);
		any_text(r);
	} else {
		printf("# %s\n", err->msg);
	}
	repo_close(r);
	fixture_close(&f);
	return tap_end();
}
