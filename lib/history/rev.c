/*
 * Revisions.  An expression is a base and any number of suffixes ~N and ^N;
 * the grammar is in rev.h.  What names can be is settled by how refs may be
 * named (store/format.h): none holds "@", ":", "~", "^" or "..", none is all
 * hex digits or "v" and digits.
 */

#include "lib/history/rev.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/base/clock.h"
#include "lib/base/match.h"
#include "lib/base/mem.h"
#include "lib/base/opt.h"
#include "lib/history/refs.h"
#include "lib/history/tree.h"
#include "lib/history/walk.h"
#include "lib/review/state.h"

#define TEXT_MAX 4096

static err_t
malformed(const char *text)
{
	return err_new(ERR_USAGE, "\"%s\" is not a revision; see "
	    "dsv-revisions(7)", text);
}

/* ---- bases ------------------------------------------------------------- */

static err_t
head_commit(struct id *out, struct repo *r)
{
	struct head head = HEAD_INIT;
	err_t err;

	err = repo_head(&head, r);
	if (!err && id_is_zero(&head.commit))
		err = err_new(ERR_NOT_FOUND, "no versions yet on branch "
		    "\"%s\"; make one with \"dsv add\" and \"dsv commit\"",
		    head_branch(&head));
	if (!err)
		*out = head.commit;
	head_release(&head);
	return err;
}

static bool
is_hex(const char *s)
{
	size_t len = strlen(s);

	return len >= 4 && len <= ID_HEX &&
	    strspn(s, "0123456789abcdefABCDEF") == len;
}

/* "v" and a number that is not 0; *n is 0 for one too great to be any. */
static bool
is_version(uint64_t *n, const char *s)
{
	size_t len = strlen(s);

	if (*s != 'v' || len < 2 || strspn(s + 1, "0123456789") != len - 1 ||
	    s[1] == '0')
		return false;
	*n = len > 19 ? UINT64_MAX : strtoull(s + 1, NULL, 10);
	return true;
}

struct matches {
	struct id ids[5];
	size_t n;
};

static err_t
add_match(void *arg, const struct id *id)
{
	struct matches *m = arg;

	if (m->n < ARRAY_LEN(m->ids))
		m->ids[m->n++] = *id;
	return NULL;
}

static err_t
ambiguous(const char *prefix, const struct matches *m)
{
	struct buf list = BUF_INIT;
	char hex[ID_HEX + 1];
	err_t err;

	for (size_t i = 0; i < m->n && i < 4; i++)
		buf_printf(&list, "%s%.16s", i ? ", " : "",
		    id_hex(hex, &m->ids[i]));
	err = err_new(ERR_USAGE, "\"%s\" is ambiguous: %s%s", prefix,
	    list.p, m->n > 4 ? ", …" : "");
	buf_release(&list);
	return err;
}

static char *
lower(char out[ID_HEX + 1], const char *hex)
{
	size_t i;

	for (i = 0; hex[i]; i++)
		out[i] = hex[i] >= 'A' && hex[i] <= 'F' ?
		    (char)(hex[i] + 'a' - 'A') : hex[i];
	out[i] = '\0';
	return out;
}

static err_t
by_prefix(struct id *out, struct repo *r, const char *text)
{
	char prefix[ID_HEX + 1];
	struct matches m = { .n = 0 };
	err_t err;

	lower(prefix, text);
	err = object_by_prefix(r->store, KIND_COMMIT, prefix,
	    ARRAY_LEN(m.ids), add_match, &m);
	if (err)
		return err;
	if (!m.n)
		return err_new(ERR_NOT_FOUND, "no version has an id that "
		    "begins with \"%s\"", text);
	if (m.n > 1)
		return ambiguous(text, &m);
	*out = m.ids[0];
	return NULL;
}

static err_t
try_ref(bool *found, struct id *out, struct repo *r, const char *prefix,
    const char *name)
{
	struct buf full = BUF_INIT;
	struct ref ref;
	err_t err = NULL;

	buf_printf(&full, "%s%s", prefix, name);
	if (ref_name_ok(full.p))
		err = ref_get(&ref, r->store, full.p);
	else
		*found = false;
	if (ref_name_ok(full.p) && !err) {
		*out = ref.target;
		*found = true;
	}
	if (err && err_is(err, ERR_NOT_FOUND)) {
		*found = false;
		err = NULL;
	}
	buf_release(&full);
	return err;
}

static err_t
unknown(struct repo *r, const char *name)
{
	struct head head = HEAD_INIT;
	struct buf nearest = BUF_INIT;
	const char *branch;
	err_t err;

	err = repo_head(&head, r);
	if (!err)
		err = refs_nearest(&nearest, r, name);
	if (err)
		goto out;
	branch = head_branch(&head);
	if (branch && !strcmp(branch, name))
		err = head_commit(&head.commit, r);	/* no versions yet */
	else if (nearest.len)
		err = err_new(ERR_NOT_FOUND, "unknown revision \"%s\"; did "
		    "you mean \"%s\"?", name, nearest.p);
	else
		err = err_new(ERR_NOT_FOUND, "unknown revision \"%s\"; \"dsv "
		    "branch\", \"dsv tag\" and \"dsv log\" list what there "
		    "is", name);
out:
	head_release(&head);
	buf_release(&nearest);
	return err;
}

static err_t
by_ref(struct id *out, struct repo *r, const char *name)
{
	static const char *const prefixes[] = { "tag/", "branch/", "" };
	bool found = false;
	err_t err = NULL;

	if (!*name || !strcmp(name, "HEAD"))
		return head_commit(out, r);
	for (size_t i = 0; !err && !found && i < ARRAY_LEN(prefixes); i++)
		err = try_ref(&found, out, r, prefixes[i], name);
	if (!err && !found)
		err = unknown(r, name);
	return err;
}

/* ---- along the first parents ------------------------------------------- */

static err_t
by_version(struct id *out, struct repo *r, const char *ref, uint64_t n)
{
	struct commit_node node;
	struct id id;
	uint64_t newest = 0;
	err_t err;

	err = by_ref(&id, r, ref);
	if (!err)
		err = commit_node(&node, r->store, &id);
	if (!err)
		newest = node.version;
	while (!err && node.version > n && node.n_parents)
		err = commit_parent(&node, r->store, &node, 0);
	if (!err && node.version == n)
		*out = node.id;
	if (!err && node.version != n)
		err = err_new(ERR_NOT_FOUND, "no version v%llu on the line "
		    "of \"%s\", which is at v%llu", (unsigned long long)n,
		    *ref ? ref : "HEAD", (unsigned long long)newest);
	return err;
}

static err_t
by_time(struct id *out, struct repo *r, const char *ref, const char *text)
{
	struct buf when = BUF_INIT;
	struct commit_node node;
	struct id id;
	int64_t t;
	err_t err;

	err = clock_parse(&t, text);
	if (!err)
		err = by_ref(&id, r, ref);
	if (!err)
		err = commit_node(&node, r->store, &id);
	while (!err && node.time > t && node.n_parents)
		err = commit_parent(&node, r->store, &node, 0);
	if (!err && node.time > t) {
		clock_format(&when, node.time);
		err = err_new(ERR_NOT_FOUND, "no version of \"%s\" is that "
		    "old; its first is of %s", *ref ? ref : "HEAD", when.p);
	}
	if (!err)
		*out = node.id;
	buf_release(&when);
	return err;
}

static err_t
by_state(struct id *out, struct repo *r, const char *ref,
    enum review_state state)
{
	struct id id;
	err_t err;

	err = by_ref(&id, r, ref);
	if (err)
		return err;
	err = review_newest(out, r->store, &id, state);
	if (!err_is(err, ERR_NOT_FOUND))
		return err;
	return err_new(ERR_NOT_FOUND, "no version on the line of \"%s\" is "
	    "%s", *ref ? ref : "HEAD", review_word(state));
}

/* What follows "@" in a base. */
static err_t
by_place(struct id *out, struct repo *r, const char *ref, char *place,
    const char *whole)
{
	size_t len = strlen(place);
	uint64_t n;

	if (!len && !*ref)
		return head_commit(out, r);
	if (is_version(&n, place))
		return by_version(out, r, ref, n);
	if (!strcmp(place, "approved"))
		return by_state(out, r, ref, REVIEW_APPROVED);
	if (!strcmp(place, "submitted"))
		return by_state(out, r, ref, REVIEW_SUBMITTED);
	if (len < 3 || *place != '{' || place[len - 1] != '}')
		return malformed(whole);
	place[len - 1] = '\0';
	return by_time(out, r, ref, place + 1);
}

static err_t
by_base(struct id *out, struct repo *r, char *base, const char *whole)
{
	char *at = strchr(base, '@');
	uint64_t n;

	if (at) {
		*at = '\0';
		return by_place(out, r, base, at + 1, whole);
	}
	if (!*base)
		return malformed(whole);
	if (is_version(&n, base))
		return by_version(out, r, "", n);
	if (is_hex(base))
		return by_prefix(out, r, base);
	return by_ref(out, r, base);
}

/* ---- suffixes ---------------------------------------------------------- */

/* One ~N or ^N at p; *end is what follows it. */
static err_t
step(struct id *id, const char **end, struct repo *r, const char *p)
{
	size_t digits = strspn(p + 1, "0123456789");
	uint64_t n = !digits ? 1 : digits > 18 ? UINT64_MAX :
	    strtoull(p + 1, NULL, 10);
	struct commit_node node;
	err_t err = NULL;

	*end = p + 1 + digits;
	if (*p == '^' && n) {
		err = commit_node(&node, r->store, id);
		if (!err && n > node.n_parents)
			return err_new(ERR_NOT_FOUND, "version v%llu has %u "
			    "parent%s", (unsigned long long)node.version,
			    node.n_parents, node.n_parents == 1 ? "" : "s");
		if (!err)
			*id = node.parents[n - 1];
		return err;
	}
	if (*p != '~' || !n)
		return NULL;
	err = commit_node(&node, r->store, id);
	for (; !err && n; n--) {
		if (!node.n_parents)
			err = err_new(ERR_NOT_FOUND, "version v%llu is the "
			    "first and has no parent",
			    (unsigned long long)node.version);
		else
			err = commit_parent(&node, r->store, &node, 0);
	}
	if (!err)
		*id = node.id;
	return err;
}

/* Where the first of the characters is in text, outside braces after "@". */
static size_t
span_to(const char *text, const char *stop)
{
	bool inside = false;
	size_t i;

	for (i = 0; text[i]; i++) {
		if (text[i] == '{' && i && text[i - 1] == '@')
			inside = true;
		else if (text[i] == '}')
			inside = false;
		else if (!inside && strchr(stop, text[i]))
			break;
	}
	return i;
}

static err_t
find_commit(struct id *out, struct repo *r, const char *text)
{
	size_t len = span_to(text, "~^");
	const char *p = text + len;
	char *base;
	struct id id;
	err_t err;

	if (strlen(text) > TEXT_MAX)
		return err_new(ERR_USAGE, "a revision may have %d bytes at "
		    "most", TEXT_MAX);
	base = mem_strndup(text, len);
	err = by_base(&id, r, base, text);
	free(base);
	while (!err && *p) {
		if (*p != '~' && *p != '^')
			return malformed(text);
		err = step(&id, &p, r, p);
		if (err)
			return err_wrap(err, "no \"%s\"", text);
	}
	if (!err)
		*out = id;
	return err;
}

/* One view, so that what is counted stays where it is meanwhile. */
err_t
rev_commit(struct id *out, struct repo *r, const char *text)
{
	err_t err = store_view_begin(r->store);

	if (err)
		return err;
	err = find_commit(out, r, text);
	store_view_end(r->store);
	return err;
}

/* ---- what an argument can be ------------------------------------------- */

/* The path of REV:PATH: from the root, or from here after "./" or "../". */
static err_t
parse_path(char **out, struct repo *r, const char *path)
{
	struct repo from = *r;
	struct buf norm = BUF_INIT;
	char nowhere[1] = "";
	err_t err = NULL;

	if (strncmp(path, "./", 2) && strncmp(path, "../", 3) &&
	    strcmp(path, ".") && strcmp(path, ".."))
		from.prefix = nowhere;
	if (*path)
		err = repo_path(&norm, &from, path);
	if (!err)
		*out = buf_detach(&norm);
	buf_release(&norm);
	return err;
}

static err_t
merge_base(struct id *out, struct repo *r, const struct id *a,
    const struct id *b, const char *text)
{
	struct id *bases = NULL;
	size_t n = 0;
	err_t err;

	err = walk_merge_bases(&bases, &n, r->store, a, b);
	if (!err && !n)
		err = err_new(ERR_NOT_FOUND, "the two ends of \"%s\" have no "
		    "version in common", text);
	if (!err)
		*out = bases[0];
	free(bases);
	return err;
}

static err_t
parse_range(struct rev *out, struct repo *r, const char *text, size_t dots_at)
{
	size_t dots = text[dots_at + 2] == '.' ? 3 : 2;
	const char *second = text + dots_at + dots;
	char *first = mem_strndup(text, dots_at);
	struct id a, b;
	err_t err;

	if (!*first && !*second)
		err = malformed(text);
	else
		err = rev_commit(&a, r, *first ? first : "HEAD");
	if (!err)
		err = rev_commit(&b, r, *second ? second : "HEAD");
	if (!err && dots == 3)
		err = merge_base(&a, r, &a, &b, text);
	if (!err) {
		out->from = a;
		out->commit = b;
		out->is_range = true;
	}
	free(first);
	return err;
}

/* Where ".." is, before any ":"; the length if there is none. */
static size_t
find_dots(const char *text)
{
	size_t at = 0;

	for (;;) {
		at += span_to(text + at, ".:");
		if (text[at] != '.')
			return strlen(text);
		if (text[at + 1] == '.')
			return at;
		at++;
	}
}

err_t
rev_parse(struct rev *out, struct repo *r, const char *text)
{
	struct rev rev = REV_INIT;
	size_t dots = find_dots(text);
	size_t colon = span_to(text, ":");
	char *name;
	err_t err;

	if (text[dots] && dots < colon) {
		err = parse_range(&rev, r, text, dots);
	} else if (text[colon]) {
		name = mem_strndup(text, colon);
		err = rev_commit(&rev.commit, r, name);
		free(name);
		if (!err)
			err = parse_path(&rev.path, r, text + colon + 1);
	} else {
		err = rev_commit(&rev.commit, r, text);
	}
	if (!err)
		*out = rev;
	return err;
}

void
rev_release(struct rev *rev)
{
	free(rev->path);
	rev->path = NULL;
}

/* ---- revisions and paths ----------------------------------------------- */

static err_t
note_entry(void *arg, const struct stage_entry *entry)
{
	bool *found = arg;

	(void)entry;
	*found = true;
	return err_new(ERR_EXISTS, "found");
}

/* Does the version that the revision names, or ends in, have the path? */
static err_t
has_path(bool *out, struct repo *r, const char *revision, const char *path)
{
	struct rev rev = REV_INIT;
	struct commit_node node;
	struct tree_entry e;
	err_t err;

	err = rev_parse(&rev, r, revision);
	if (!err)
		err = commit_node(&node, r->store, &rev.commit);
	if (!err)
		err = tree_lookup(&e, r->store, &node.tree, path);
	*out = !err;
	rev_release(&rev);
	return err && err_is(err, ERR_NOT_FOUND) ? NULL : err;
}

/* Is there such a path in the working tree, in the stage, or in one of the
 * versions that were named before it? */
static err_t
is_path(bool *out, struct repo *r, const char *typed,
    const char *const *revisions, size_t n)
{
	struct buf path = BUF_INIT;
	struct stat st;
	err_t err;

	*out = false;
	err = repo_path(&path, r, typed);
	if (err) {
		buf_release(&path);
		return err_is(err, ERR_USAGE) ? NULL : err;
	}
	*out = !path.len ||
	    !fstatat(r->rootfd, path.p, &st, AT_SYMLINK_NOFOLLOW);
	if (!*out)
		err = stage_walk(r->store, buf_cstr(&path), note_entry, out);
	if (*out)
		err = NULL;
	for (size_t i = 0; !err && !*out && i < n; i++)
		err = has_path(out, r, revisions[i], path.p);
	buf_release(&path);
	return err;
}

/* *not_rev says why it is none; NULL if it is one. */
static err_t
is_rev(err_t *not_rev, struct repo *r, const char *text)
{
	struct rev rev = REV_INIT;
	err_t err = rev_parse(&rev, r, text);

	*not_rev = NULL;
	rev_release(&rev);
	if (err && (err_is(err, ERR_NOT_FOUND) || err_is(err, ERR_USAGE))) {
		*not_rev = err;
		err = NULL;
	}
	return err;
}

/* An operand with nothing to say what it is, after n that are revisions. */
static err_t
guess(bool *rev, struct repo *r, const char *text, bool may_be_rev,
    const char *const *revisions, size_t n)
{
	struct err why = { .code = 0 };
	struct buf norm = BUF_INIT;
	err_t not_rev = NULL;
	bool path;
	err_t err = NULL;

	*rev = false;
	if (may_be_rev)
		err = is_rev(&not_rev, r, text);
	if (err)
		return err;
	if (not_rev)
		why = *not_rev;
	*rev = may_be_rev && !not_rev;
	err = is_path(&path, r, text, revisions, n);
	if (err)
		return err;
	if (*rev && path)
		return err_new(ERR_USAGE, "\"%s\" is both a revision and a "
		    "path; put \"--\" before paths or after revisions", text);
	if (*rev || path || match_is_pattern(text))
		return NULL;
	if (why.code && strpbrk(text, "~^@:"))
		return err_adopt(&why);
	if (!*text || *text == '/' || !strncmp(text, "..", 2)) {
		err = repo_path(&norm, r, text);
		buf_release(&norm);
		if (err)
			return err;
	}
	return err_new(ERR_NOT_FOUND, may_be_rev ? "\"%s\" is neither a "
	    "revision nor a path here; put \"--\" before a path of another "
	    "version" : "no path \"%s\" here; put \"--\" before a path of "
	    "another version", text);
}

err_t
rev_split(size_t *n_revs, struct repo *r, const struct operands *ops,
    size_t max)
{
	size_t n = 0;
	err_t err;

	if (ops->after_dashes != OPT_NO_DASHES) {
		if (ops->after_dashes > max)
			return err_new(ERR_USAGE, "at most %zu revision%s "
			    "before \"--\"", max, max == 1 ? "" : "s");
		*n_revs = ops->after_dashes;
		return NULL;
	}
	err = store_view_begin(r->store);
	if (err)
		return err;
	for (size_t i = 0; !err && i < ops->n; i++) {
		bool rev;

		err = guess(&rev, r, ops->v[i], i == n && n < max, ops->v, n);
		n += !err && rev;
	}
	store_view_end(r->store);
	if (!err)
		*n_revs = n;
	return err;
}

/* ---- objects ----------------------------------------------------------- */

struct found {
	struct matches matches;
	enum kind kind;			/* of the last */
};

static err_t
add_found(void *arg, enum kind kind, const struct id *id)
{
	struct found *f = arg;

	f->kind = kind;
	return add_match(&f->matches, id);
}

static err_t
object_by_digits(enum kind *kind, struct id *out, struct repo *r,
    const char *text)
{
	char prefix[ID_HEX + 1];
	struct found f = { .matches = { .n = 0 } };
	err_t err;

	err = object_search(r->store, lower(prefix, text),
	    ARRAY_LEN(f.matches.ids), add_found, &f);
	if (err)
		return err;
	if (!f.matches.n)
		return err_new(ERR_NOT_FOUND, "nothing that is stored has an "
		    "id that begins with \"%s\"", text);
	if (f.matches.n > 1)
		return ambiguous(text, &f.matches);
	*kind = f.kind;
	*out = f.matches.ids[0];
	return NULL;
}

err_t
rev_object(enum kind *kind, struct id *out, struct repo *r, const char *text)
{
	struct rev rev = REV_INIT;
	struct commit_node node;
	struct tree_entry e;
	err_t err;

	if (is_hex(text))
		return object_by_digits(kind, out, r, text);
	err = rev_parse(&rev, r, text);
	if (!err && rev.is_range)
		err = err_new(ERR_USAGE, "\"%s\" is a range; say one "
		    "version, REV:PATH, or digits of an id", text);
	if (!err && rev.path)
		err = commit_node(&node, r->store, &rev.commit);
	if (!err && rev.path)
		err = tree_lookup(&e, r->store, &node.tree, rev.path);
	if (!err) {
		*kind = !rev.path ? KIND_COMMIT : e.mode == MODE_DIR ?
		    KIND_TREE : 0;
		*out = rev.path ? e.id : rev.commit;
	}
	rev_release(&rev);
	return err;
}
