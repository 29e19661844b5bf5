/*
 * A .dsvattributes: each line that is understood means the same after it was
 * written down again.  And as a file, asked about paths.
 */

#include "lib/history/attr.h"
#include "lib/history/attr_line.h"
#include "tests/fuzz/fuzz.h"

static bool
same_settings(const struct attr_line *a, const struct attr_line *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++) {
		const char *v = a->settings[i].value;
		const char *w = b->settings[i].value;

		if (strcmp(a->settings[i].name, b->settings[i].name) != 0 ||
		    !v != !w || (v && strcmp(v, w) != 0))
			return false;
	}
	return true;
}

static void
line_again(const char *p, size_t len)
{
	struct attr_line line = ATTR_LINE_INIT, again = ATTR_LINE_INIT;
	struct buf b = BUF_INIT, b_again = BUF_INIT;

	if (attr_line_parse(&line, p, len) || !line.pattern)
		return;
	attr_line_format(&b, &line);
	fuzz_check(!memchr(b.p, '\n', b.len));
	fuzz_check(!attr_line_parse(&again, b.p, b.len));
	fuzz_check(again.pattern && same_settings(&line, &again));
	/* A pattern may have lost a backslash that means nothing, once. */
	attr_line_format(&b_again, &again);
	fuzz_check(strcmp(b.p, b_again.p) == 0);
	buf_clear(&b);
	attr_line_typed(&b, line.pattern);
	buf_release(&b_again);
	attr_line_release(&line);
	attr_line_release(&again);
	buf_release(&b);
}

static void
as_file(const uint8_t *p, size_t len)
{
	static const char *const paths[] = { "a.csv", "d/a b.csv", "d/e/f" };
	struct repo r = { .rootfd = open(fuzz_dir(), O_RDONLY | O_DIRECTORY) };
	struct attrs *a = attr_of_worktree(&r);
	const char *value;
	enum cut cut;

	fuzz_write(r.rootfd, ".dsvattributes", p, len);
	for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
		fuzz_fine(attr_get(&value, a, paths[i], "key"));
		if (fuzz_fine(attr_cut(&cut, a, paths[i])))
			fuzz_check(cut <= CUT_MAX);
	}
	attr_free(a);
	close(r.rootfd);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	const char *s = (const char *)p, *end = s + len;

	while (s < end) {
		const char *lf = memchr(s, '\n', (size_t)(end - s));
		const char *stop = lf ? lf : end;

		line_again(s, (size_t)(stop - s));
		s = lf ? lf + 1 : end;
	}
	as_file(p, len);
	return 0;
}
