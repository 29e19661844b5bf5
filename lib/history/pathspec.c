/*
 * A typed operand is a literal path, a pattern, or both: "a[1].csv" may well
 * be the name of a file.  A pattern is taken apart at its first component
 * with a special character: what is before it is a literal base, so that a
 * walk need not begin at the root.
 */

#include "lib/history/pathspec.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/match.h"
#include "lib/base/mem.h"
#include "lib/history/attr.h"

struct spec {
	const char *typed;	/* borrowed */
	char *path;		/* literal; "" is everything */
	char *base;		/* of the pattern; NULL: there is none */
	struct match_rule rule;
	bool matched;
};

struct pathspec {
	struct spec *specs;
	size_t n;
	char *dataset;		/* NULL: any */
	char *component;	/* NULL: any */
	struct attrs *attrs;	/* borrowed */
	const char **roots;
	size_t n_roots;
	bool all;
	size_t n_unmatched;
	bool any;		/* something was selected */
};

/* Is path the same as dir, or below it? */
static bool
is_within(const char *path, const char *dir)
{
	size_t len = strlen(dir);

	return !len || (!strncmp(path, dir, len) &&
	    (!path[len] || path[len] == '/'));
}

/* Where the first component with a special character begins. */
static size_t
special_at(const char *typed)
{
	size_t at = 0;

	for (size_t i = 0; typed[i]; i++) {
		if (strchr("*?[", typed[i]))
			break;
		if (typed[i] == '/')
			at = i + 1;
	}
	return at;
}

static err_t
parse_pattern(struct spec *spec, struct repo *r, const char *typed)
{
	struct buf base = BUF_INIT;
	size_t at = special_at(typed);
	char *dir = mem_strndup(typed, at);
	char *rest = mem_strdup(typed + at);
	size_t len = strlen(rest);
	struct buf line = BUF_INIT;
	err_t err;

	err = repo_path(&base, r, at ? dir : ".");
	if (err)
		goto out;
	while (len && rest[len - 1] == '/')
		rest[--len] = '\0';
	/* A slash anywhere in what was typed ties the pattern to its base. */
	if (at)
		buf_char(&line, '/');
	else if (*rest == '!' || *rest == '#')
		buf_char(&line, '\\');
	buf_str(&line, rest);
	if (match_rule_parse(&spec->rule, buf_cstr(&line), line.len)) {
		spec->base = buf_detach(&base);
		spec->rule.negated = false;
	}
out:
	free(dir);
	free(rest);
	buf_release(&line);
	buf_release(&base);
	return err;
}

static err_t
parse_spec(struct spec *spec, struct repo *r, const char *typed)
{
	struct buf path = BUF_INIT;
	err_t err;

	spec->typed = typed;
	err = repo_path(&path, r, typed);
	if (!err && match_is_pattern(typed))
		err = parse_pattern(spec, r, typed);
	spec->path = buf_detach(&path);
	return err;
}

static int
compare_roots(const void *a, const void *b)
{
	const char *x = *(const char *const *)a;
	const char *y = *(const char *const *)b;

	return strcmp(x, y);
}

static void
find_roots(struct pathspec *ps)
{
	size_t n = 0;

	ps->roots = mem_array(ps->n + 1, sizeof(*ps->roots));
	for (size_t i = 0; i < ps->n; i++)
		ps->roots[n++] = ps->specs[i].base ? ps->specs[i].base :
		    ps->specs[i].path;
	if (!n)
		ps->roots[n++] = "";
	qsort(ps->roots, n, sizeof(*ps->roots), compare_roots);
	for (size_t i = 0; i < n; i++) {
		bool covered = false;

		for (size_t k = 0; k < ps->n_roots && !covered; k++)
			covered = is_within(ps->roots[i], ps->roots[k]);
		if (!covered)
			ps->roots[ps->n_roots++] = ps->roots[i];
	}
}

err_t
pathspec_new(struct pathspec **out, struct repo *r, const char *const *typed,
    size_t n, const char *dataset, const char *component,
    struct attrs *attrs)
{
	struct pathspec *ps = mem_zalloc(sizeof(*ps));
	err_t err = NULL;

	ps->specs = mem_array(n, sizeof(*ps->specs));
	for (; ps->n < n && !err; ps->n++)
		err = parse_spec(&ps->specs[ps->n], r, typed[ps->n]);
	if (err) {
		pathspec_free(ps);
		return err;
	}
	ps->dataset = dataset ? mem_strdup(dataset) : NULL;
	ps->component = component ? mem_strdup(component) : NULL;
	if ((dataset || component) && !attrs)
		BUG("a dataset cannot be found without attributes");
	ps->attrs = attrs;
	find_roots(ps);
	ps->all = !ps->n && !dataset && !component;
	for (size_t i = 0; i < ps->n; i++)
		ps->all = ps->all ||
		    (!*ps->specs[i].path && !dataset && !component);
	pathspec_forget(ps);
	*out = ps;
	return NULL;
}

void
pathspec_free(struct pathspec *ps)
{
	if (!ps)
		return;
	for (size_t i = 0; i < ps->n; i++) {
		free(ps->specs[i].path);
		if (ps->specs[i].base)
			match_rule_release(&ps->specs[i].rule);
		free(ps->specs[i].base);
	}
	free(ps->specs);
	free(ps->roots);
	free(ps->dataset);
	free(ps->component);
	free(ps);
}

bool
pathspec_is_all(const struct pathspec *ps)
{
	return ps->all;
}

const char *const *
pathspec_roots(const struct pathspec *ps, size_t *n)
{
	*n = ps->n_roots;
	return ps->roots;
}

bool
pathspec_names(const struct pathspec *ps, const char *path)
{
	for (size_t i = 0; i < ps->n; i++) {
		if (!strcmp(ps->specs[i].path, path))
			return true;
	}
	return false;
}

/* Does the pattern match the path, or a directory that it is in? */
static bool
pattern_matches(const struct spec *spec, const char *path)
{
	size_t skip = strlen(spec->base);
	bool hit = false;
	char *part;

	if (!is_within(path, spec->base))
		return false;
	if (match_rule_test(&spec->rule, spec->base, path, false))
		return true;
	part = mem_strdup(path);
	for (char *slash = strchr(part + skip + (skip && part[skip]), '/');
	    slash && !hit; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		hit = match_rule_test(&spec->rule, spec->base, part, true);
		*slash = '/';
	}
	free(part);
	return hit;
}

static err_t
dataset_matches(bool *out, struct pathspec *ps, const char *path)
{
	const char *value = NULL;
	err_t err;

	*out = true;
	if (ps->dataset) {
		err = attr_get(&value, ps->attrs, path, "dataset");
		if (err)
			return err;
		/* A path without the attribute is a dataset of its own. */
		*out = value ? !strcmp(value, ps->dataset) :
		    !strcmp(path, ps->dataset);
	}
	if (ps->component && *out) {
		err = attr_get(&value, ps->attrs, path, "component");
		if (err)
			return err;
		*out = value && !strcmp(value, ps->component);
	}
	return NULL;
}

/* Does one of the operands select the path?  Marks those that do. */
static bool
operands_match(struct pathspec *ps, const char *path)
{
	bool selected = !ps->n;

	for (size_t i = 0; i < ps->n; i++) {
		struct spec *spec = &ps->specs[i];

		/* Go on after a hit: each operand wants to know. */
		if (selected && spec->matched)
			continue;
		if (!is_within(path, spec->path) &&
		    !(spec->base && pattern_matches(spec, path)))
			continue;
		ps->n_unmatched -= !spec->matched;
		spec->matched = selected = true;
	}
	return selected;
}

bool
pathspec_covers(struct pathspec *ps, const char *dir)
{
	return !ps->dataset && !ps->component && operands_match(ps, dir);
}

err_t
pathspec_match(bool *out, struct pathspec *ps, const char *path)
{
	bool wanted;
	err_t err;

	if (ps->all && !ps->n_unmatched) {
		*out = true;
		return NULL;
	}
	err = dataset_matches(&wanted, ps, path);
	if (err)
		return err;
	*out = wanted && operands_match(ps, path);
	ps->any = ps->any || *out;
	return NULL;
}

bool
pathspec_may_match_below(const struct pathspec *ps, const char *dir)
{
	if (!ps->n)
		return true;
	for (size_t i = 0; i < ps->n; i++) {
		const struct spec *spec = &ps->specs[i];

		if (is_within(dir, spec->path) || is_within(spec->path, dir))
			return true;
		if (spec->base && (is_within(dir, spec->base) ||
		    is_within(spec->base, dir)))
			return true;
	}
	return false;
}

const char *
pathspec_unmatched(const struct pathspec *ps)
{
	for (size_t i = 0; i < ps->n; i++) {
		if (!ps->specs[i].matched)
			return ps->specs[i].typed;
	}
	return NULL;
}

/* The root is there, whatever is in it. */
void
pathspec_forget(struct pathspec *ps)
{
	ps->any = false;
	ps->n_unmatched = 0;
	for (size_t i = 0; i < ps->n; i++) {
		ps->specs[i].matched = !*ps->specs[i].path;
		ps->n_unmatched += !ps->specs[i].matched;
	}
}

err_t
pathspec_check_any(const struct pathspec *ps)
{
	if (ps->any || (!ps->dataset && !ps->component))
		return NULL;
	if (!ps->component)
		return err_new(ERR_NOT_FOUND, "no file is in the dataset "
		    "\"%s\"; \"dsv track\" lists what there is",
		    ps->dataset);
	return err_new(ERR_NOT_FOUND, "no file is of component type \"%s\"%s"
	    "%s%s; \"dsv track\" lists what there is", ps->component,
	    ps->dataset ? " in the dataset \"" : "",
	    ps->dataset ? ps->dataset : "", ps->dataset ? "\"" : "");
}
