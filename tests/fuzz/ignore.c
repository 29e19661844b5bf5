/*
 * A .dsvignore, and paths that are looked up in it: those of its lines, and
 * others.  Patterns are compared with a matcher that tries everything.
 */

#include "lib/base/match.h"
#include "lib/history/ignore.h"
#include "tests/fuzz/fuzz.h"

/* A component without sets, by the definition of each character. */
static bool
slow(const char *p, const char *s)
{
	bool quoted = *p == '\\';

	if (!*p)
		return !*s;
	if (*p == '*')
		return slow(p + 1, s) || (*s && slow(p, s + 1));
	if (quoted && !*++p)
		return false;
	return *s && (*p == *s || (*p == '?' && !quoted)) &&
	    slow(p + 1, s + 1);
}

static void
compare(const char *pattern, const char *path)
{
	if (strpbrk(pattern, "[/") || strstr(pattern, "**") ||
	    strchr(path, '/') || strlen(pattern) > 12 || strlen(path) > 12 ||
	    !*pattern || !*path)
		return;
	fuzz_check(match_path(pattern, path) == slow(pattern, path));
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	static const char *const paths[] = { "a", "a.csv", "d/a.csv",
	    "d/e/f/g.txt", "#", "a b ", "[x]" };
	static int rootfd = -1;
	char *text = fuzz_text(p, len), *lf = strchr(text, '\n');
	bool ignored;

	if (rootfd < 0)
		rootfd = open(fuzz_dir(), O_RDONLY | O_DIRECTORY);
	fuzz_write(rootfd, ".dsvignore", p, len);
	for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
		fuzz_fine(ignore_path(&ignored, rootfd, paths[i], i % 2));
		compare(text, paths[i]);
	}
	if (lf) {
		*lf = '\0';
		compare(text, lf + 1);
		match_path(text, lf + 1);
	}
	free(text);
	return 0;
}
