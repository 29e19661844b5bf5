#include <string.h>

#include "lib/history/ignore.h"
#include "lib/history/scan.h"
#include "tests/unit/tap.h"
#include "tests/unit/worktree.h"

static bool
ignored(struct worktree *w, const char *path, bool is_dir)
{
	bool yes = false;
	err_t err = ignore_path(&yes, w->r.rootfd, path, is_dir);

	if (err)
		printf("# %s\n", err->msg);
	return !err && yes;
}

static void
test_rules(struct worktree *w)
{
	worktree_write(w, ".dsvignore",
	    "# comment\n\n*.tmp\n/top\nsub/one\nbuild/\n**/deep/x\n!keep.tmp\n"
	    "out/*\n!out/this\n\\#hash\ntrail\\ \nspaces   \ncrlf\r\nlast");
	worktree_write(w, "sub/.dsvignore", "!a.tmp\nlocal\n/here\n");
	ok(ignored(w, "a.tmp", false) && ignored(w, "x/y/a.tmp", false),
	    "at any depth");
	ok(!ignored(w, "keep.tmp", false), "taken back");
	ok(ignored(w, "top", false) && !ignored(w, "x/top", false),
	    "a slash in front");
	ok(ignored(w, "sub/one", false) && !ignored(w, "x/sub/one", false),
	    "a slash inside");
	ok(ignored(w, "build", true) && !ignored(w, "build", false) &&
	    ignored(w, "x/build", true), "a slash behind");
	ok(ignored(w, "build/a/b", false), "what is in an ignored directory");
	ok(ignored(w, "deep/x", false) && ignored(w, "a/b/deep/x", false),
	    "two stars");
	ok(ignored(w, "out/that", false) && !ignored(w, "out/this", false) &&
	    !ignored(w, "out", true), "all but one");
	ok(ignored(w, "#hash", false), "a hash");
	ok(ignored(w, "trail ", false) && !ignored(w, "trail", false),
	    "a blank that counts");
	ok(ignored(w, "spaces", false), "blanks that do not");
	ok(ignored(w, "crlf", false) && ignored(w, "last", false),
	    "CRLF, and no newline at the end");
	ok(!ignored(w, "sub/a.tmp", false) && ignored(w, "sub/b.tmp", false),
	    "a deeper file takes back");
	ok(ignored(w, "sub/local", false) && ignored(w, "sub/x/local", false) &&
	    !ignored(w, "local", false), "a deeper file adds");
	ok(ignored(w, "sub/here", false) && !ignored(w, "sub/x/here", false),
	    "anchored to its directory");
	ok(!ignored(w, "subway/local", false), "not a directory of like name");
}

/* The paths of a walk, each with a space behind it; "/" marks directories. */
static bool
walks(struct worktree *w, const char *root, unsigned flags, const char *want)
{
	const struct scan_entry *e;
	struct scan *s = NULL;
	struct buf out = BUF_INIT;
	bool good;
	err_t err;

	err = scan_open(&s, &w->r, root, flags);
	while (!err && !(err = scan_next(&e, s)) && e) {
		bool dir = e->type == SCAN_DIR || e->type == SCAN_REPO;

		if (!dir && !(flags & SCAN_SHOW_IGNORED) && scan_is_ignored(s))
			continue;
		buf_printf(&out, "%s%s ", e->path,
		    e->type == SCAN_REPO ? "!" : dir ? "/" : "");
	}
	scan_close(s);
	good = !err && !strcmp(buf_cstr(&out), want);
	if (!good)
		printf("# %s\n", err ? err->msg : buf_cstr(&out));
	buf_release(&out);
	return good;
}

static void
test_scan(struct worktree *w)
{
	worktree_write(w, ".dsvignore", "*.tmp\nbuild/\n");
	worktree_write(w, "sub/.dsvignore", "!a.tmp\n");
	worktree_write(w, "sub/a.tmp", "");
	worktree_write(w, "sub/b.tmp", "");
	worktree_write(w, "sub.d", "");
	worktree_write(w, "sub0", "");
	worktree_write(w, "build/x", "");
	worktree_write(w, "repo/.dsv/x", "");
	worktree_write(w, "repo/y", "");
	if (symlinkat("sub", w->r.rootfd, "link"))
		ok(false, "a link can be made");
	ok(walks(w, "", 0, ".dsvignore link repo! sub.d sub/ sub/.dsvignore "
	    "sub/a.tmp sub0 "), "the tree in byte order, without the ignored");
	ok(walks(w, "", SCAN_ENTER_IGNORED, ".dsvignore build/ build/x link "
	    "repo! sub.d sub/ sub/.dsvignore sub/a.tmp sub/b.tmp sub0 "),
	    "… with the ignored");
	ok(walks(w, "", SCAN_SHOW_IGNORED, ".dsvignore build/ link repo! sub.d "
	    "sub/ sub/.dsvignore sub/a.tmp sub/b.tmp sub0 "),
	    "… with ignored directories closed");
	ok(walks(w, "sub", 0, "sub/ sub/.dsvignore sub/a.tmp "),
	    "a directory; rules from above hold");
	ok(walks(w, "sub/b.tmp", SCAN_SHOW_IGNORED, "sub/b.tmp "), "a file");
	ok(walks(w, "build/x", 0, ""), "in an ignored directory");
	ok(walks(w, "nope", 0, "") && walks(w, "sub/nope/x", 0, ""),
	    "what is not there");
	ok(walks(w, "link", 0, "link ") && walks(w, "link/a.tmp", 0, ""),
	    "links are not followed");
	ok(walks(w, "repo/y", 0, "repo! "), "in another repository");
}

static void
test_skip(struct worktree *w)
{
	const struct scan_entry *e;
	struct scan *s = NULL;
	err_t err;

	err = scan_open(&s, &w->r, "", 0);
	while (!err && !(err = scan_next(&e, s)) && e) {
		if (!strcmp(e->path, "sub"))
			scan_skip(s, "sub");
		else if (!strcmp(e->path, "sub0"))
			break;
		else if (!strncmp(e->path, "sub/", 4))
			break;
	}
	ok(!err && e && !strcmp(e->path, "sub0"), "a directory is left out");
	scan_close(s);
}

int
main(void)
{
	struct worktree w;

	if (!ok(!worktree_open(&w), "there is a repository"))
		return tap_end();
	test_rules(&w);
	test_scan(&w);
	test_skip(&w);
	worktree_close(&w);
	return tap_end();
}
