/*
 * A stack of rule lists, one for each directory on the way down.  Looking is
 * from the innermost list outwards and from the last line backwards: the
 * first rule that matches decides.
 */

#include "lib/history/ignore.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/match.h"
#include "lib/base/mem.h"
#include "lib/history/rulefile.h"

#define IGNORE_FILE ".dsvignore"

struct level {
	char *dir;
	struct match_rule *rules;
	size_t n, cap;
};

struct ignore {
	int rootfd;
	struct level *levels;
	size_t n, cap;
};

struct ignore *
ignore_new(int rootfd)
{
	struct ignore *ig = mem_zalloc(sizeof(*ig));

	ig->rootfd = rootfd;
	return ig;
}

void
ignore_free(struct ignore *ig)
{
	if (!ig)
		return;
	while (ig->n)
		ignore_pop(ig);
	free(ig->levels);
	free(ig);
}

void
ignore_push_none(struct ignore *ig, const char *dir)
{
	VEC_ROOM(ig->levels, ig->n, ig->cap);
	ig->levels[ig->n++] = (struct level){ mem_strdup(dir), NULL, 0, 0 };
}

void
ignore_pop(struct ignore *ig)
{
	struct level *l = &ig->levels[--ig->n];

	for (size_t i = 0; i < l->n; i++)
		match_rule_release(&l->rules[i]);
	free(l->rules);
	free(l->dir);
}

static void
parse(struct level *l, const char *text, size_t len)
{
	const char *end = text + len;

	while (text < end) {
		const char *lf = memchr(text, '\n', (size_t)(end - text));
		const char *stop = lf ? lf : end;

		if (stop > text && stop[-1] == '\r')
			stop--;
		VEC_ROOM(l->rules, l->n, l->cap);
		if (match_rule_parse(&l->rules[l->n], text,
		    (size_t)(stop - text)))
			l->n++;
		text = lf ? lf + 1 : end;
	}
}

err_t
ignore_push(struct ignore *ig, const char *dir)
{
	struct buf text = BUF_INIT;
	struct buf path = BUF_INIT;
	bool odd;
	err_t err;

	buf_printf(&path, "%s%s" IGNORE_FILE, dir, *dir ? "/" : "");
	err = rulefile_read(&text, &odd, ig->rootfd, path.p);
	if (!err) {
		ignore_push_none(ig, dir);
		parse(&ig->levels[ig->n - 1], buf_cstr(&text), text.len);
	}
	buf_release(&path);
	buf_release(&text);
	return err;
}

bool
ignore_test(const struct ignore *ig, const char *path, bool is_dir)
{
	for (size_t i = ig->n; i--;) {
		const struct level *l = &ig->levels[i];

		for (size_t k = l->n; k--;) {
			if (match_rule_test(&l->rules[k], l->dir, path,
			    is_dir))
				return !l->rules[k].negated;
		}
	}
	return false;
}

err_t
ignore_path(bool *out, int rootfd, const char *path, bool is_dir)
{
	struct ignore *ig = ignore_new(rootfd);
	char *part = mem_strdup(path);
	bool ignored = false;
	err_t err;

	err = ignore_push(ig, "");
	for (char *p = part; !err && !ignored;) {
		char *slash = strchr(p, '/');

		if (slash)
			*slash = '\0';
		ignored = ignore_test(ig, part, slash || is_dir);
		if (!slash)
			break;
		if (!ignored)
			err = ignore_push(ig, part);
		*slash = '/';
		p = slash + 1;
	}
	if (!err)
		*out = ignored;
	free(part);
	ignore_free(ig);
	return err;
}
