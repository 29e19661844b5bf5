#include "lib/history/track.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/history/add.h"
#include "lib/history/attr.h"
#include "lib/history/pathspec.h"
#include "lib/history/rulefile.h"
#include "lib/history/scan.h"
#include "lib/history/track_key.h"

#define ATTR_FILE ".dsvattributes"

/* The file as lines; text is NULL where parsed says it anew. */
struct line {
	char *text;
	struct attr_line parsed;
};

struct lines {
	char *file;
	struct line *v;
	size_t n, cap;
	bool changed;
};

static void
lines_release(struct lines *l)
{
	for (size_t i = 0; i < l->n; i++) {
		free(l->v[i].text);
		attr_line_release(&l->v[i].parsed);
	}
	free(l->v);
	free(l->file);
}

static err_t
add_line(struct lines *l, const char *p, size_t len)
{
	struct line *line;
	const char *bad;

	VEC_ROOM(l->v, l->n, l->cap);
	line = &l->v[l->n++];
	*line = (struct line){ mem_strndup(p, len), ATTR_LINE_INIT };
	bad = attr_line_parse(&line->parsed, p, len);
	if (bad)
		return err_new(ERR_USAGE, "\"%s\" line %zu: %s", l->file, l->n,
		    bad);
	return NULL;
}

/* A missing file is an empty one. */
static err_t
lines_read(struct lines *l, struct repo *r, const char *file)
{
	struct buf text = BUF_INIT;
	bool odd;
	err_t err;

	l->file = mem_strdup(file);
	err = rulefile_read(&text, &odd, r->rootfd, file);
	if (!err && odd)
		err = err_new(ERR_REFUSED, "\"%s\" is not a regular file",
		    file);
	for (size_t at = 0; !err && at < text.len;) {
		size_t len = strcspn(text.p + at, "\n");

		err = add_line(l, text.p + at, len);
		at += len + 1;
	}
	buf_release(&text);
	return err;
}

static err_t
lines_write(const struct lines *l, struct repo *r)
{
	struct buf text = BUF_INIT;
	const char *base;
	int dirfd = -1;
	err_t err;

	for (size_t i = 0; i < l->n; i++) {
		if (l->v[i].text)
			buf_str(&text, l->v[i].text);
		else
			attr_line_format(&text, &l->v[i].parsed);
		buf_char(&text, '\n');
	}
	err = file_open_parent(&dirfd, &base, r->rootfd, l->file, false);
	if (!err)
		err = file_replace(dirfd, base, buf_cstr(&text), text.len,
		    0666);
	if (dirfd >= 0 && dirfd != r->rootfd)
		close(dirfd);
	buf_release(&text);
	return err;
}

/* ---- one pattern ------------------------------------------------------ */

/* What was typed, as it is to be in the file: a directory means all below. */
static err_t
clean_pattern(struct buf *out, const char *typed)
{
	struct attr_line line = ATTR_LINE_INIT;
	struct buf text = BUF_INIT;
	const char *bad;
	err_t err = NULL;

	if (!strncmp(typed, "./", 2))
		typed += 2;
	if (!*typed || *typed == '!')
		return err_new(ERR_USAGE, "\"%s\" is not a pattern for "
		    "\"%s\"", typed, ATTR_FILE);
	if (!strncmp(typed, "../", 3) || !strcmp(typed, ".."))
		return err_new(ERR_USAGE, "\"%s\" is outside this directory; "
		    "run \"dsv track\" further up", typed);
	line.pattern = mem_alloc(strlen(typed) + 3);
	memcpy(line.pattern, typed, strlen(typed) + 1);
	if (typed[strlen(typed) - 1] == '/')
		memcpy(line.pattern + strlen(typed), "**", 3);
	/* As it will be when it is read back. */
	attr_line_format(&text, &line);
	attr_line_release(&line);
	bad = attr_line_parse(&line, text.p, text.len);
	if (bad)
		err = err_new(ERR_USAGE, "\"%s\" is not a pattern for "
		    "\"%s\": %s", typed, ATTR_FILE, bad);
	else
		buf_str(out, line.pattern);
	attr_line_release(&line);
	buf_release(&text);
	return err;
}

static struct line *
find_line(struct lines *l, const char *pattern)
{
	for (size_t i = l->n; i--;) {
		if (l->v[i].parsed.pattern &&
		    !strcmp(l->v[i].parsed.pattern, pattern))
			return &l->v[i];
	}
	return NULL;
}

static err_t
remove_line(struct lines *l, const char *pattern, const char *typed,
    const struct track_order *o)
{
	struct line *line = find_line(l, pattern);

	if (!line)
		return err_new(ERR_NOT_FOUND, "\"%s\" has no line for \"%s\"; "
		    "\"dsv track --list\" shows all", l->file, typed);
	for (; line; line = find_line(l, pattern)) {
		size_t at = (size_t)(line - l->v);

		if (o->fn)
			o->fn(o->arg, l->file, &line->parsed);
		free(line->text);
		attr_line_release(&line->parsed);
		memmove(line, line + 1, (l->n - at - 1) * sizeof(*line));
		l->n--;
	}
	l->changed = true;
	return NULL;
}

/* ",", "tab" and "space" are such as can stand in the file. */
static err_t
delimiter_name(char out[8], const char *typed)
{
	if (!strcmp(typed, "\t") || !strcmp(typed, "tab") ||
	    !strcmp(typed, "\\t"))
		memcpy(out, "tab", 4);
	else if (!strcmp(typed, " ") || !strcmp(typed, "space"))
		memcpy(out, "space", 6);
	else if (strlen(typed) == 1 && *typed > ' ' && *typed < 0x7f &&
	    *typed != '"')
		memcpy(out, typed, 2);
	else
		return err_new(ERR_USAGE, "\"%s\" cannot separate columns: "
		    "give one character, \"tab\" or \"space\"", typed);
	return NULL;
}

static err_t
set(struct line *line, bool *changed, const char *name, const char *value)
{
	struct buf before = BUF_INIT, after = BUF_INIT;

	if (!value)
		return NULL;
	if (!*value)
		return err_new(ERR_USAGE, "--%s needs a value", name);
	if (line->parsed.n == ATTR_SETTINGS_MAX)
		return err_new(ERR_USAGE, "\"%s\" has too many attributes "
		    "already", line->parsed.pattern);
	attr_line_format(&before, &line->parsed);
	attr_line_set(&line->parsed, name, value);
	attr_line_format(&after, &line->parsed);
	if (strcmp(before.p, after.p)) {
		free(line->text);
		line->text = NULL;
		*changed = true;
	}
	buf_release(&before);
	buf_release(&after);
	return NULL;
}

static err_t
set_line(struct lines *l, const char *pattern, const struct track_order *o)
{
	struct line *line = find_line(l, pattern);
	char delimiter[8];
	err_t err = NULL;

	if (!line) {
		VEC_ROOM(l->v, l->n, l->cap);
		line = &l->v[l->n++];
		*line = (struct line){ NULL, ATTR_LINE_INIT };
		line->parsed.pattern = mem_strdup(pattern);
	}
	if (o->delimiter)
		err = delimiter_name(delimiter, o->delimiter);
	if (!err)
		err = set(line, &l->changed, "key", o->key);
	if (!err)
		err = set(line, &l->changed, "dataset", o->dataset);
	if (!err)
		err = set(line, &l->changed, "component", o->component);
	if (!err)
		err = set(line, &l->changed, "format", o->format);
	if (!err && o->delimiter)
		err = set(line, &l->changed, "delimiter", delimiter);
	if (!err)
		err = set(line, &l->changed, "quote", o->quote);
	if (!err)
		err = set(line, &l->changed, "header", o->header);
	if (!err)
		err = set(line, &l->changed, "encoding", o->encoding);
	if (!err)
		err = set(line, &l->changed, "schema", o->schema);
	return err;
}

/* ---- the command ------------------------------------------------------ */

static err_t
stage_file(struct repo *r, const char *file)
{
	struct add_options options = { .force = true };
	struct buf typed = BUF_INIT;
	struct attrs *attrs = attr_of_worktree(r);
	struct pathspec *ps = NULL;
	struct add *a = NULL;
	const char *v;
	err_t err;

	buf_printf(&typed, "%s/%s", r->root, file);
	v = typed.p;
	err = pathspec_new(&ps, r, &v, 1, NULL, NULL, NULL);
	options.ps = ps;
	options.attrs = attrs;
	if (!err)
		err = add_new(&a, r, &options);
	if (!err)
		err = add_run(a, r);
	add_free(a);
	pathspec_free(ps);
	attr_free(attrs);
	buf_release(&typed);
	return err;
}

/* The file as it was: before is what it had, if it was there. */
static err_t
put_back(struct repo *r, const char *file, const struct buf *before,
    bool existed)
{
	const char *base;
	int dirfd = -1;
	err_t err;

	err = file_open_parent(&dirfd, &base, r->rootfd, file, false);
	if (!err && existed)
		err = file_replace(dirfd, base, buf_cstr(before),
		    before->len, 0666);
	else if (!err && unlinkat(dirfd, base, 0) < 0)
		err = err_sys("cannot remove \"%s\"", file);
	if (dirfd >= 0 && dirfd != r->rootfd)
		close(dirfd);
	return err;
}

/* The files are read as the lines say once they are written. */
static err_t
write_checked(const struct lines *l, struct repo *r,
    const struct track_order *o, const char *const *patterns)
{
	struct track_key_order check = { .dir = r->prefix,
	    .patterns = patterns, .n = o->n, .key = o->key,
	    .noted = o->noted, .arg = o->arg, .force = o->force };
	struct buf before = BUF_INIT;
	bool odd, existed;
	struct err why;
	err_t err;

	existed = !faccessat(r->rootfd, l->file, F_OK, AT_SYMLINK_NOFOLLOW);
	err = rulefile_read(&before, &odd, r->rootfd, l->file);
	if (!err && l->changed)
		err = lines_write(l, r);
	if (!err && o->key) {
		err = track_key_check(r, &check);
		if (err && l->changed) {
			why = *err;
			err = put_back(r, l->file, &before, existed);
			err = err ? err : err_adopt(&why);
		}
	}
	buf_release(&before);
	return err;
}

err_t
track_run(struct repo *r, const struct track_order *o)
{
	struct lines l = { NULL, NULL, 0, 0, false };
	char **patterns = mem_array(o->n, sizeof(*patterns));
	struct buf file = BUF_INIT;
	err_t err;

	buf_printf(&file, "%s" ATTR_FILE, r->prefix);
	err = lines_read(&l, r, file.p);
	for (size_t i = 0; !err && i < o->n; i++) {
		struct buf pattern = BUF_INIT;

		err = clean_pattern(&pattern, o->patterns[i]);
		if (!err && o->remove)
			err = remove_line(&l, pattern.p, o->patterns[i], o);
		else if (!err)
			err = set_line(&l, pattern.p, o);
		patterns[i] = buf_detach(&pattern);
	}
	if (!err && !o->dry_run)
		err = write_checked(&l, r, o, (const char *const *)patterns);
	if (!err && !o->dry_run)
		err = stage_file(r, file.p);
	for (size_t i = 0; !err && !o->remove && o->fn && i < o->n; i++)
		o->fn(o->arg, l.file, &find_line(&l, patterns[i])->parsed);
	for (size_t i = 0; i < o->n; i++)
		free(patterns[i]);
	free(patterns);
	lines_release(&l);
	buf_release(&file);
	return err;
}

static err_t
list_file(struct repo *r, const char *file, track_visit_fn *fn, void *arg)
{
	struct lines l = { NULL, NULL, 0, 0, false };
	err_t err;

	err = lines_read(&l, r, file);
	for (size_t i = 0; !err && i < l.n; i++) {
		if (l.v[i].parsed.pattern)
			err = fn(arg, file, &l.v[i].parsed);
	}
	lines_release(&l);
	return err;
}

err_t
track_list(struct repo *r, track_visit_fn *fn, void *arg)
{
	const struct scan_entry *e;
	struct scan *s = NULL;
	err_t err;

	err = scan_open(&s, r, "", 0);
	while (!err && !(err = scan_next(&e, s)) && e) {
		const char *slash = strrchr(e->path, '/');

		if (e->type == SCAN_FILE &&
		    !strcmp(slash ? slash + 1 : e->path, ATTR_FILE))
			err = list_file(r, e->path, fn, arg);
	}
	scan_close(s);
	return err;
}
