/* lib/base/match: the rules of gitignore's manual. */

#include "lib/base/match.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/mem.h"
#include "tests/unit/tap.h"

static const struct {
	const char *pattern, *path;
	bool want;
} paths[] = {
	{ "a.csv", "a.csv", true },
	{ "a.csv", "A.csv", false },
	{ "a.csv", "a.csv2", false },
	{ "", "", true },
	{ "*", "", true },
	{ "*", "abc", true },
	{ "*", "a/b", false },
	{ "*.csv", "x.csv", true },
	{ "*.csv", ".csv", true },
	{ "*.csv", "d/x.csv", false },
	{ "*/x.csv", "d/x.csv", true },
	{ "*/x.csv", "d/e/x.csv", false },
	{ "a*b*c", "aXXbYYbZZc", true },
	{ "a*b*c", "aXXbYYbZZ", false },
	{ "**.csv", "x.csv", true },
	{ "a**b", "a/b", false },
	{ "?", "a", true },
	{ "?", "/", false },
	{ "a?c", "a/c", false },
	{ "?", "", false },
	{ "**/x", "x", true },
	{ "**/x", "a/x", true },
	{ "**/x", "a/b/x", true },
	{ "**/x", "a/bx", false },
	{ "**/a/x", "b/a/x", true },
	{ "**/a/x", "b/a/c/x", false },
	{ "a/**", "a/b", true },
	{ "a/**", "a/b/c", true },
	{ "a/**", "a", false },
	{ "a/**", "ab/c", false },
	{ "a/**/b", "a/b", true },
	{ "a/**/b", "a/x/b", true },
	{ "a/**/b", "a/x/y/b", true },
	{ "a/**/b", "a/x/y/bc", false },
	{ "a/**/b/**/c", "a/1/b/2/b/3/c", true },
	{ "a/**/b/**/c", "a/1/2/c", false },
	{ "**/**/x", "x", true },
	{ "**", "a/b", true },
	{ "**/", "a", false },
	{ "a", "a/b", false },
	{ "a/b", "a", false },
	{ "[a-c]x", "bx", true },
	{ "[a-c]x", "dx", false },
	{ "[!a-c]x", "dx", true },
	{ "[^a-c]x", "bx", false },
	{ "[]x]", "]", true },
	{ "[]x]", "x", true },
	{ "[!]]", "a", true },
	{ "[!]]", "]", false },
	{ "[a-]", "-", true },
	{ "[\\]]", "]", true },
	{ "[a\\-z]", "m", false },
	{ "[c-a]", "b", false },
	{ "[[:digit:]_]x", "7x", true },
	{ "[[:digit:]_]x", "_x", true },
	{ "[![:alpha:]]", "a", false },
	{ "[[:nonsense:]]", "a", false },
	{ "[abc", "a", false },
	{ "[abc", "[abc", false },
	{ "x[", "x[", false },
	{ "\\*", "*", true },
	{ "\\*", "a", false },
	{ "\\?\\[\\\\", "?[\\", true },
	{ "a\\", "a", false },
	{ "a\\", "a\\", false },
	{ "\xc3\xa9*", "\xc3\xa9t\xc3\xa9", true },
	{ "[\x80-\xff]", "\xc3", true },
};

static void
test_paths(void)
{
	char title[128];

	for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
		snprintf(title, sizeof(title), "\"%s\" %s \"%s\"",
		    paths[i].pattern, paths[i].want ? "matches" :
		    "does not match", paths[i].path);
		ok(match_path(paths[i].pattern, paths[i].path) ==
		    paths[i].want, title);
	}
}

/* What would take a naive matcher longer than anyone lives. */
static void
test_time(void)
{
	size_t n = 3000;
	char *path = mem_alloc(2 * n + 1);
	char *pattern = mem_alloc(4 * n);
	int64_t start = clock_ms();

	memset(path, 'a', n);
	path[n] = '\0';
	for (size_t i = 0; i < n; i++)
		memcpy(pattern + 2 * i, "a*", 2);
	memcpy(pattern + 2 * n - 2, "b", 2);
	ok(!match_path(pattern, path), "many stars do not match");
	for (size_t i = 0; i < n; i++)
		memcpy(path + 2 * i, "a/", 2);
	memcpy(path + 2 * n - 2, "a", 2);
	pattern[0] = '\0';
	for (size_t i = 0; i < 100; i++)
		memcpy(pattern + 5 * i, "**/a/", 5);
	memcpy(pattern + 500, "b", 2);
	ok(!match_path(pattern, path), "many double stars do not match");
	memcpy(pattern + 500, "a", 2);
	ok(match_path(pattern, path), "and do");
	ok(clock_ms() - start < 5000, "in no time to speak of");
	free(path);
	free(pattern);
}

static bool
rule(const char *line, const char *base, const char *path, bool is_dir)
{
	struct match_rule r;
	bool matched;

	if (!match_rule_parse(&r, line, strlen(line)))
		return false;
	matched = match_rule_test(&r, base, path, is_dir);
	match_rule_release(&r);
	return matched;
}

static void
test_rules(void)
{
	ok(rule("*.csv", "", "a/b/x.csv", false),
	    "without a slash: at any depth");
	ok(rule("frotz", "", "a/frotz", true) &&
	    rule("frotz", "", "frotz", false), "files and directories");
	ok(rule("frotz/", "", "a/frotz", true) &&
	    !rule("frotz/", "", "a/frotz", false),
	    "with a slash at the end: directories, at any depth");
	ok(rule("doc/frotz", "", "doc/frotz", true) &&
	    !rule("doc/frotz", "", "a/doc/frotz", true),
	    "with a slash inside: anchored");
	ok(rule("doc/frotz/", "", "doc/frotz", true) &&
	    !rule("doc/frotz/", "", "a/doc/frotz", true),
	    "and with one at the end too");
	ok(rule("/x", "", "x", false) && !rule("/x", "", "a/x", false),
	    "with a slash in front: anchored");
	ok(rule("/x", "a", "a/x", false) && !rule("/x", "a", "a/b/x", false),
	    "to the directory of the file it is in");
	ok(rule("x", "a", "a/b/x", false) && !rule("x", "a", "x", false) &&
	    !rule("x", "a", "ab/x", false), "which it does not leave");
	ok(rule("**/foo", "", "foo", false) &&
	    rule("**/foo", "", "a/b/foo", false), "leading **/");
	ok(rule("abc/**", "", "abc/x/y", false) &&
	    !rule("abc/**", "", "abc", true), "trailing /**");
	ok(rule("a/**/b", "", "a/b", false) &&
	    rule("a/**/b", "", "a/x/y/b", false), "/**/");
}

static bool
parses_to(const char *line, const char *pattern, bool anchored, bool negated,
    bool only_dirs)
{
	struct match_rule r;
	bool good;

	if (!match_rule_parse(&r, line, strlen(line)))
		return false;
	good = !strcmp(r.pattern, pattern) && r.anchored == anchored &&
	    r.negated == negated && r.only_dirs == only_dirs;
	match_rule_release(&r);
	return good;
}

static bool
is_no_rule(const char *line)
{
	struct match_rule r;

	return !match_rule_parse(&r, line, strlen(line));
}

static void
test_lines(void)
{
	ok(is_no_rule("") && is_no_rule("   ") && is_no_rule("\r\n"),
	    "blank lines");
	ok(is_no_rule("# a comment"), "comments");
	ok(is_no_rule("/") && is_no_rule("!") && is_no_rule("!/"),
	    "a slash alone matches nothing");
	ok(parses_to("\\#x", "\\#x", false, false, false) &&
	    rule("\\#x", "", "#x", false), "a quoted hash");
	ok(parses_to("!x", "x", false, true, false), "negated");
	ok(rule("\\!x", "", "!x", false), "a quoted exclamation mark");
	ok(parses_to("!/a/b/ \r\n", "a/b", true, true, true), "all of it");
	ok(parses_to("x  ", "x", false, false, false), "spaces at the end");
	ok(rule("x\\ ", "", "x ", false) && rule("x\\  ", "", "x ", false),
	    "unless quoted");
	ok(parses_to(" x", " x", false, false, false), "spaces in front stay");
	ok(match_is_pattern("a*") && match_is_pattern("[a]") &&
	    match_is_pattern("a?") && match_is_pattern("\\a") &&
	    !match_is_pattern("a/b.csv"), "what is a pattern");
}

int
main(void)
{
	test_paths();
	test_time();
	test_rules();
	test_lines();
	return tap_end();
}
