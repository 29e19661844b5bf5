#include <string.h>

#include "lib/history/attr.h"
#include "lib/history/pathspec.h"
#include "tests/unit/tap.h"
#include "tests/unit/worktree.h"

#define TYPED_MAX 4

/* The operands are words of typed, separated by blanks. */
static struct pathspec *
parse(struct worktree *w, const char *typed, const char *dataset,
    const char *component, struct attrs *attrs)
{
	static char words[256];
	const char *v[TYPED_MAX];
	struct pathspec *ps = NULL;
	size_t n = 0;
	err_t err;

	snprintf(words, sizeof(words), "%s", typed);
	for (char *p = words; *p && n < TYPED_MAX;) {
		v[n++] = p;
		p += strcspn(p, " ");
		if (*p)
			*p++ = '\0';
	}
	err = pathspec_new(&ps, &w->r, v, n, dataset, component, attrs);
	if (err)
		printf("# %s\n", err->msg);
	return ps;
}

static bool
selects(struct pathspec *ps, const char *path)
{
	bool yes = false;
	err_t err = pathspec_match(&yes, ps, path);

	return !err && yes;
}

/* The one operand selects the path. */
static bool
hit(struct worktree *w, const char *typed, const char *path)
{
	struct pathspec *ps = parse(w, typed, NULL, NULL, NULL);
	bool yes = ps && selects(ps, path);

	/* Pruning must not lose it. */
	if (yes && strchr(path, '/')) {
		char *dir = mem_strndup(path,
		    (size_t)(strrchr(path, '/') - path));

		yes = pathspec_may_match_below(ps, dir);
		free(dir);
	}
	pathspec_free(ps);
	return yes;
}

/* The roots, each with a bar behind it. */
static bool
roots_are(struct worktree *w, const char *typed, const char *want)
{
	struct pathspec *ps = parse(w, typed, NULL, NULL, NULL);
	struct buf out = BUF_INIT;
	const char *const *roots;
	size_t n;
	bool good;

	roots = pathspec_roots(ps, &n);
	for (size_t i = 0; i < n; i++)
		buf_printf(&out, "%s|", roots[i]);
	good = !strcmp(buf_cstr(&out), want);
	if (!good)
		printf("# %s\n", buf_cstr(&out));
	buf_release(&out);
	pathspec_free(ps);
	return good;
}

static void
test_literals(struct worktree *w)
{
	ok(hit(w, "a", "a") && hit(w, "a", "a/b/c") && hit(w, "a/", "a/b") &&
	    hit(w, "./a/../a", "a"), "a path and what is below it");
	ok(!hit(w, "a", "ab") && !hit(w, "a/b", "a") && !hit(w, "a", "x/a"),
	    "nothing else");
	ok(hit(w, ".", "x") && hit(w, ".", "x/y"), "the root is everything");
	worktree_at(w, "sub/");
	ok(hit(w, "a", "sub/a") && !hit(w, "a", "a"), "relative to where one is");
	ok(hit(w, ".", "sub/x") && !hit(w, ".", "x"), "the current directory");
	ok(hit(w, "..", "x") && hit(w, "../b", "b"), "the one above");
	worktree_at(w, "");
}

static void
test_patterns(struct worktree *w)
{
	ok(hit(w, "*.csv", "a.csv") && hit(w, "*.csv", "x/y/a.csv") &&
	    !hit(w, "*.csv", "a.txt"), "without a slash at any depth");
	ok(hit(w, "x/*.csv", "x/a.csv") && !hit(w, "x/*.csv", "x/y/a.csv") &&
	    !hit(w, "x/*.csv", "z/x/a.csv"), "with a slash, the whole path");
	ok(hit(w, "x/**/*.csv", "x/a.csv") &&
	    hit(w, "x/**/*.csv", "x/y/z/a.csv"), "two stars");
	ok(hit(w, "da*", "data/x/y") && hit(w, "x/d?", "x/de/y") &&
	    !hit(w, "x/d?", "x/deep/y"), "a directory, and what is in it");
	ok(hit(w, "a[1].csv", "a[1].csv") && hit(w, "a[1].csv", "a1.csv"),
	    "a name with brackets is itself, too");
	ok(hit(w, "!a*", "!abc") && hit(w, "#*", "#x"), "! and # are letters");
	worktree_at(w, "sub/dir/");
	ok(hit(w, "*.csv", "sub/dir/a.csv") && hit(w, "*.csv",
	    "sub/dir/x/a.csv") && !hit(w, "*.csv", "a.csv") &&
	    !hit(w, "*.csv", "sub/a.csv"), "below where one is");
	ok(hit(w, "../*.csv", "sub/a.csv") && !hit(w, "../*.csv",
	    "sub/dir/a.csv"), "above it");
	worktree_at(w, "");
}

static void
test_roots(struct worktree *w)
{
	ok(roots_are(w, "", "|"), "no operand: the root");
	ok(roots_are(w, "b a/x a", "a|b|"), "sorted, none below another");
	ok(roots_are(w, "a/b/*.csv", "a/b|"), "what is before a pattern");
	ok(roots_are(w, "a *.csv", "|"), "a pattern without a slash");
	ok(roots_are(w, "a a.b a0", "a|a.b|a0|"), "like names are not below");
}

static void
test_unmatched(struct worktree *w)
{
	struct pathspec *ps = parse(w, "a b *.csv", NULL, NULL, NULL);

	ok(!pathspec_is_all(ps), "a selection");
	ok(!strcmp(pathspec_unmatched(ps), "a"), "none yet");
	ok(selects(ps, "a/x.csv") && !strcmp(pathspec_unmatched(ps), "b"),
	    "one path matches two operands");
	ok(selects(ps, "b") && !pathspec_unmatched(ps), "all matched");
	pathspec_forget(ps);
	ok(!strcmp(pathspec_unmatched(ps), "a"), "forgotten");
	ok(pathspec_names(ps, "b") && !pathspec_names(ps, "b/x"),
	    "what was typed");
	ok(pathspec_covers(ps, "a/d") && !pathspec_covers(ps, "d"),
	    "directories as a whole");
	pathspec_free(ps);
	ps = parse(w, "", NULL, NULL, NULL);
	ok(pathspec_may_match_below(ps, "x") && pathspec_is_all(ps),
	    "no operand: everything");
	pathspec_free(ps);
	ps = parse(w, ". nope", NULL, NULL, NULL);
	ok(pathspec_is_all(ps) && selects(ps, "x") &&
	    !strcmp(pathspec_unmatched(ps), "nope"),
	    "everything, and something that is not there");
	pathspec_free(ps);
}

static void
test_datasets(struct worktree *w)
{
	struct attrs *a;
	struct pathspec *ps;

	worktree_write(w, ".dsvattributes",
	    "labels/** dataset=labels component=data\n"
	    "labels/*.json component=schema\n");
	a = attr_of_worktree(&w->r);
	ps = parse(w, "", "labels", NULL, a);
	ok(err_is(pathspec_check_any(ps), ERR_NOT_FOUND), "nothing in it yet");
	ok(selects(ps, "labels/a.csv") && selects(ps, "labels/x/s.json") &&
	    !selects(ps, "a.csv"), "the files of a dataset");
	ok(!pathspec_check_any(ps) && !pathspec_is_all(ps) &&
	    !pathspec_covers(ps, "labels"), "a dataset is a selection");
	pathspec_free(ps);
	ps = parse(w, "labels/s.json labels/a.csv", "labels", "schema", a);
	ok(selects(ps, "labels/s.json") && !selects(ps, "labels/a.csv"),
	    "dataset, component and paths narrow each other");
	pathspec_free(ps);
	ps = parse(w, "", "prices.csv", NULL, a);
	ok(selects(ps, "prices.csv") && !selects(ps, "x/prices.csv"),
	    "a path is a dataset of its own");
	pathspec_free(ps);
	ps = parse(w, "", "labels/a.csv", NULL, a);
	ok(!selects(ps, "labels/a.csv"), "… unless it is in another");
	pathspec_free(ps);
	attr_free(a);
}

int
main(void)
{
	struct pathspec *ps = NULL;
	const char *outside = "../x";
	struct worktree w;

	if (!ok(!worktree_open(&w), "there is a repository"))
		return tap_end();
	test_literals(&w);
	test_patterns(&w);
	test_roots(&w);
	test_unmatched(&w);
	test_datasets(&w);
	ok(err_is(pathspec_new(&ps, &w.r, &outside, 1, NULL, NULL, NULL),
	    ERR_USAGE), "outside the working tree");
	worktree_close(&w);
	return tap_end();
}
