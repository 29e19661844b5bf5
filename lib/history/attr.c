/*
 * One node per directory that was asked about, found by its path, with the
 * rules of its own file and a pointer to the directory above.  The node of
 * the last path is tried first, since paths come in order.
 *
 * A file in the working tree that makes no sense is an error that names file
 * and line.  In a version it cannot be mended any more, so its bad lines are
 * passed over.
 */

#include "lib/history/attr.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/base/match.h"
#include "lib/base/mem.h"
#include "lib/history/attr_line.h"
#include "lib/history/rulefile.h"
#include "lib/history/tree.h"

#define ATTR_FILE ".dsvattributes"
#define ATTR_SIZE_MAX ((size_t)1 << 20)

struct rule {
	struct match_rule match;
	struct attr_line line;
};

struct dir {
	char *path;
	struct dir *up;		/* NULL above the root */
	struct dir *next;	/* in the same bucket */
	struct rule *rules;
	size_t n, cap;
};

#define BUCKETS 1024

struct attrs {
	struct repo *r;
	bool from_tree;
	struct id tree;
	struct dir *buckets[BUCKETS];
	struct dir *last;
};

static struct attrs *
attr_new(struct repo *r)
{
	struct attrs *a = mem_zalloc(sizeof(*a));

	a->r = r;
	return a;
}

struct attrs *
attr_of_worktree(struct repo *r)
{
	return attr_new(r);
}

struct attrs *
attr_of_tree(struct repo *r, const struct id *tree)
{
	struct attrs *a = attr_new(r);

	a->from_tree = true;
	a->tree = *tree;
	return a;
}

struct attrs *
attr_of_nothing(void)
{
	return attr_new(NULL);
}

static void
rule_release(struct rule *rule)
{
	attr_line_release(&rule->line);
	match_rule_release(&rule->match);
}

static void
dir_free(struct dir *d)
{
	for (size_t i = 0; i < d->n; i++)
		rule_release(&d->rules[i]);
	free(d->rules);
	free(d->path);
	free(d);
}

void
attr_free(struct attrs *a)
{
	if (!a)
		return;
	for (size_t i = 0; i < BUCKETS; i++) {
		for (struct dir *d = a->buckets[i], *next; d; d = next) {
			next = d->next;
			dir_free(d);
		}
	}
	free(a);
}

/* ---- files ------------------------------------------------------------ */

/* NULL, or what is wrong. */
static const char *
add_rule(struct dir *d, const char *p, size_t len)
{
	struct rule rule = { .line = ATTR_LINE_INIT };
	const char *bad = attr_line_parse(&rule.line, p, len);

	if (bad || !rule.line.pattern)
		return bad;
	if (!match_rule_parse(&rule.match, rule.line.pattern,
	    strlen(rule.line.pattern))) {
		attr_line_release(&rule.line);
		return "the pattern is empty";
	}
	VEC_ROOM(d->rules, d->n, d->cap);
	d->rules[d->n++] = rule;
	return NULL;
}

static err_t
parse_file(struct dir *d, const struct buf *text, const char *strict_name)
{
	const char *p = buf_cstr(text);
	const char *end = p + text->len;

	for (size_t line = 1; p < end; line++) {
		const char *lf = memchr(p, '\n', (size_t)(end - p));
		const char *stop = lf ? lf : end;
		const char *bad = add_rule(d, p, (size_t)(stop - p));

		if (bad && strict_name)
			return err_new(ERR_USAGE, "\"%s\" line %zu: %s",
			    strict_name, line, bad);
		p = lf ? lf + 1 : end;
	}
	return NULL;
}

static err_t
append_bytes(void *arg, const char *p, size_t len)
{
	struct buf *text = arg;

	if (len > ATTR_SIZE_MAX - text->len)
		return err_new(ERR_REFUSED, "a file \"" ATTR_FILE "\" of a "
		    "version is longer than %zu bytes", ATTR_SIZE_MAX);
	buf_add(text, p, len);
	return NULL;
}

static err_t
read_from_tree(struct buf *text, struct attrs *a, const char *path)
{
	struct store *s = a->r->store;
	struct tree_entry e;
	err_t err;

	if (id_is_zero(&a->tree))
		return NULL;
	err = tree_lookup(&e, s, &a->tree, path);
	if (err_is(err, ERR_NOT_FOUND))
		return NULL;
	if (err)
		return err;
	if (e.mode != MODE_FILE && e.mode != MODE_EXEC)
		return NULL;
	return content_read(s, &e.id, append_bytes, text);
}

static err_t
dir_load(struct attrs *a, struct dir *d)
{
	struct buf path = BUF_INIT;
	struct buf text = BUF_INIT;
	bool odd;
	err_t err;

	if (!a->r)
		return NULL;
	buf_printf(&path, "%s%s" ATTR_FILE, d->path, *d->path ? "/" : "");
	if (a->from_tree)
		err = read_from_tree(&text, a, buf_cstr(&path));
	else
		err = rulefile_read(&text, &odd, a->r->rootfd, path.p);
	if (!err)
		err = parse_file(d, &text,
		    a->from_tree ? NULL : buf_cstr(&path));
	buf_release(&path);
	buf_release(&text);
	return err;
}

static size_t
bucket_of(const char *path, size_t len)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < len; i++)
		h = (h ^ (uint8_t)path[i]) * 16777619u;
	return h % BUCKETS;
}

static struct dir *
dir_find(const struct attrs *a, const char *path, size_t len)
{
	struct dir *d = a->buckets[bucket_of(path, len)];

	while (d && (strlen(d->path) != len || memcmp(d->path, path, len)))
		d = d->next;
	return d;
}

static err_t
dir_get(struct dir **out, struct attrs *a, const char *path, size_t len)
{
	struct dir *up = NULL;
	struct dir *d = dir_find(a, path, len);
	size_t above = len;
	size_t i;
	err_t err;

	if (d) {
		*out = d;
		return NULL;
	}
	if (len) {
		while (above && path[above - 1] != '/')
			above--;
		err = dir_get(&up, a, path, above ? above - 1 : 0);
		if (err)
			return err;
	}
	d = mem_zalloc(sizeof(*d));
	d->path = mem_strndup(path, len);
	d->up = up;
	err = dir_load(a, d);
	if (err) {
		dir_free(d);
		return err;
	}
	i = bucket_of(path, len);
	d->next = a->buckets[i];
	a->buckets[i] = d;
	*out = d;
	return NULL;
}

/* ---- answers ---------------------------------------------------------- */

static err_t
dir_of(struct dir **out, struct attrs *a, const char *path)
{
	const char *slash = strrchr(path, '/');
	size_t len = slash ? (size_t)(slash - path) : 0;
	err_t err;

	if (!a->last || strlen(a->last->path) != len ||
	    memcmp(a->last->path, path, len)) {
		err = dir_get(&a->last, a, path, len);
		if (err)
			return err;
	}
	*out = a->last;
	return NULL;
}

static const struct attr_setting *
rule_find(const struct rule *rule, const char *name)
{
	for (size_t i = rule->line.n; i--;) {
		if (!strcmp(rule->line.settings[i].name, name))
			return &rule->line.settings[i];
	}
	return NULL;
}

err_t
attr_get(const char **out, struct attrs *a, const char *path,
    const char *name)
{
	struct dir *dir;
	err_t err;

	err = dir_of(&dir, a, path);
	if (err)
		return err;
	*out = NULL;
	for (struct dir *d = dir; d; d = d->up) {
		for (size_t i = d->n; i--;) {
			const struct attr_setting *s;

			s = rule_find(&d->rules[i], name);
			if (s && match_rule_test(&d->rules[i].match, d->path,
			    path, false)) {
				*out = s->value;
				return NULL;
			}
		}
	}
	return NULL;
}

struct named_cut {
	const char *name;
	enum cut cut;
	enum table_format format;
	char delimiter;
};

#define TEXT(name) { name, CUT_LINES, TABLE_NONE, 0 }
#define BINARY(name) { name, CUT_BINARY, TABLE_NONE, 0 }

static const struct named_cut formats[] = {
	{ "csv", CUT_CSV, TABLE_CSV, 0 }, { "tsv", CUT_CSV, TABLE_CSV, '\t' },
	{ "jsonl", CUT_LINES, TABLE_JSONL, 0 },
	TEXT("text"), BINARY("binary"),
};

static const struct named_cut extensions[] = {
	{ "csv", CUT_CSV, TABLE_CSV, 0 }, { "tsv", CUT_CSV, TABLE_CSV, '\t' },
	{ "tab", CUT_CSV, TABLE_CSV, '\t' },
	{ "jsonl", CUT_LINES, TABLE_JSONL, 0 },
	{ "ndjson", CUT_LINES, TABLE_JSONL, 0 }, TEXT("json"),
	TEXT("geojson"), TEXT("md"), TEXT("txt"), TEXT("sql"), TEXT("xml"),
	TEXT("html"), TEXT("yaml"), TEXT("yml"), TEXT("toml"), TEXT("ini"),
	TEXT("log"), TEXT("py"), TEXT("r"), TEXT("sh"), TEXT("c"), TEXT("h"),
	TEXT("tex"), BINARY("parquet"), BINARY("arrow"), BINARY("feather"),
	BINARY("orc"), BINARY("avro"), BINARY("xlsx"), BINARY("xls"),
	BINARY("ods"), BINARY("zip"), BINARY("gz"), BINARY("zst"),
	BINARY("bz2"), BINARY("xz"), BINARY("7z"), BINARY("tar"),
	BINARY("png"), BINARY("jpg"), BINARY("jpeg"), BINARY("tif"),
	BINARY("tiff"), BINARY("gif"), BINARY("pdf"), BINARY("h5"),
	BINARY("hdf5"), BINARY("nc"), BINARY("npy"), BINARY("npz"),
	BINARY("pkl"), BINARY("sqlite"), BINARY("db"), BINARY("duckdb"),
	BINARY("wav"), BINARY("mp3"), BINARY("mp4"),
};

/* NULL if there is none. */
static const struct named_cut *
cut_named(const struct named_cut *table, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++) {
		if (!strcasecmp(table[i].name, name))
			return &table[i];
	}
	return NULL;
}

static const struct named_cut *
cut_by_extension(const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	const char *dot = strrchr(name, '.');

	return dot && dot > name ? cut_named(extensions,
	    ARRAY_LEN(extensions), dot + 1) : NULL;
}

/* The word is for people who mistype; in a version it is what it is. */
static err_t
bad_value(const struct attrs *a, const char *path, const char *name,
    const char *value, const char *choices)
{
	if (a->from_tree)
		return NULL;
	return err_new(ERR_USAGE, "attribute %s=%s of \"%s\" is not known: "
	    "use %s", name, value, path, choices);
}

/* What the format attribute says, or the name; NULL if neither does. */
static err_t
find_format(const struct named_cut **out, struct attrs *a, const char *path)
{
	const struct named_cut *said = NULL;
	const char *value;
	err_t err;

	err = attr_get(&value, a, path, "format");
	if (err)
		return err;
	if (value) {
		said = cut_named(formats, ARRAY_LEN(formats), value);
		if (!said)
			err = bad_value(a, path, "format", value,
			    "csv, tsv, jsonl, text or binary");
	}
	*out = said ? said : cut_by_extension(path);
	return err;
}

static err_t
find_quote(enum cut *cut, struct attrs *a, const char *path)
{
	const char *value;
	err_t err;

	err = attr_get(&value, a, path, "quote");
	if (err || !value)
		return err;
	if (!strcmp(value, "'") || !strcmp(value, "single"))
		*cut = CUT_CSV_SINGLE;
	else if (!strcmp(value, "none"))
		*cut = CUT_LINES;
	else if (strcmp(value, "\"") && strcmp(value, "double"))
		return bad_value(a, path, "quote", value,
		    "double, single or none");
	return NULL;
}

err_t
attr_cut(enum cut *out, struct attrs *a, const char *path)
{
	const struct named_cut *format;
	enum cut cut = CUT_AUTO;
	err_t err;

	err = find_format(&format, a, path);
	if (!err && format)
		cut = format->cut;
	if (!err && cut == CUT_CSV)
		err = find_quote(&cut, a, path);
	if (!err)
		*out = cut;
	return err;
}

/* ---- tables ----------------------------------------------------------- */

static err_t
find_delimiter(char *out, struct attrs *a, const char *path)
{
	const char *value;
	err_t err;

	err = attr_get(&value, a, path, "delimiter");
	if (err || !value)
		return err;
	if (!strcmp(value, "tab") || !strcmp(value, "\\t"))
		*out = '\t';
	else if (!strcmp(value, "space"))
		*out = ' ';
	else if (strlen(value) == 1 && *value != '"' && *value != '\n' &&
	    *value != '\r')
		*out = *value;
	else
		return bad_value(a, path, "delimiter", value,
		    "one character, tab or space");
	return NULL;
}

static err_t
find_header(int *out, struct attrs *a, const char *path)
{
	const char *value;
	err_t err;

	err = attr_get(&value, a, path, "header");
	if (err || !value)
		return err;
	if (!strcmp(value, "yes"))
		*out = 1;
	else if (!strcmp(value, "no"))
		*out = -1;
	else
		return bad_value(a, path, "header", value, "yes or no");
	return NULL;
}

static err_t
find_encoding(enum table_encoding *out, struct attrs *a, const char *path)
{
	const char *value;
	err_t err;

	err = attr_get(&value, a, path, "encoding");
	if (err || !value)
		return err;
	for (int i = TABLE_UTF8; i <= TABLE_UTF16; i++) {
		if (!strcasecmp(value, table_encoding_name(i))) {
			*out = i;
			return NULL;
		}
	}
	return bad_value(a, path, "encoding", value,
	    "utf-8, latin-1 or utf-16");
}

err_t
attr_table(struct dialect_hint *out, struct attrs *a, const char *path)
{
	struct dialect_hint hint = { .format = TABLE_NONE };
	const struct named_cut *format;
	err_t err;

	err = find_format(&format, a, path);
	if (!err && format && format->format != TABLE_NONE) {
		hint.format = format->format;
		hint.delimiter = format->delimiter;
		err = attr_cut(&hint.cut, a, path);
		if (!err && hint.format == TABLE_CSV)
			err = find_delimiter(&hint.delimiter, a, path);
		if (!err && hint.format == TABLE_CSV)
			err = find_header(&hint.header, a, path);
		if (!err)
			err = find_encoding(&hint.encoding, a, path);
	}
	if (!err)
		*out = hint;
	return err;
}

err_t
attr_key(struct key *out, struct attrs *a, const char *path)
{
	const char *value;
	err_t err;

	err = attr_get(&value, a, path, "key");
	if (err)
		return err;
	*out = (struct key)KEY_INIT;
	if (!value)
		return NULL;
	err = key_parse(out, value);
	return err && a->from_tree ? NULL : err;
}
