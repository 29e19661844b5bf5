/* Paths and patterns as they are typed, one a line. */

#include "lib/history/pathspec.h"
#include "lib/base/compat.h"
#include "tests/fuzz/fuzz.h"

#define TYPED 16

static void
ask(struct pathspec *ps)
{
	static const char *const paths[] = { "a", "a/b.csv", "d/e/f", "d/a.csv" };
	const char *const *roots;
	size_t n;
	bool is;

	roots = pathspec_roots(ps, &n);
	fuzz_check(n >= 1);
	for (size_t i = 0; i < n; i++) {
		fuzz_check(*roots[i] != '/');
		fuzz_check(i == 0 || strcmp(roots[i - 1], roots[i]) < 0);
	}
	for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
		if (!fuzz_fine(pathspec_match(&is, ps, paths[i])))
			continue;
		/* What is selected was not pruned on the way to it. */
		fuzz_check(!is || i == 0 || pathspec_may_match_below(ps,
		    i == 1 ? "a" : "d"));
		fuzz_check(is || !pathspec_names(ps, paths[i]));
		fuzz_check(is || !pathspec_covers(ps, i == 1 ? "a" : "d") ||
		    i == 0);
	}
	pathspec_unmatched(ps);
	pathspec_forget(ps);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct repo r = { .root = (char *)"/data/tree", .rootfd = -1,
	    .prefix = (char *)(len % 2 ? "" : "d/") };
	char *text = fuzz_text(p, len), *save = NULL;
	const char *typed[TYPED];
	struct pathspec *ps = NULL;
	size_t n = 0;

	for (char *line = strtok_r(text, "\n", &save); line && n < TYPED;
	    line = strtok_r(NULL, "\n", &save))
		typed[n++] = line;
	if (fuzz_fine(pathspec_new(&ps, &r, typed, n, NULL, NULL, NULL)))
		ask(ps);
	pathspec_free(ps);
	free(text);
	return 0;
}
