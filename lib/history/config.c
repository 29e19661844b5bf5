/*
 * The file: lines, each at most one of
 *
 *	[section]
 *	key = value
 *	# comment	or ; comment
 *
 * Names are letters, digits and "-", without regard to case, and at most 255
 * of them.  A value is the
 * rest of its line without the blanks at both ends, or is written in double
 * quotes, where \" \\ \n and \t stand for those bytes.
 */

#include "lib/history/config.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/clock.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/base/text.h"

#define FILE_MAX (1u << 20)
#define LOCK_WAIT_MS 10000
#define NAME_MAX_LEN 255

const struct config_key config_keys[] = {
	{ "user.name", "name that versions and acts are recorded under",
	  false, false, false },
	{ "user.email", "email address beside it", false, false, false },
	{ "user.signingKey", "file of the SSH key to sign with",
	  false, false, false },
	{ "commit.sign", "sign versions, true or false", false, false, true },
	{ "review.sign", "sign what is submitted and decided, true or false",
	  false, false, true },
	{ "init.defaultBranch", "first branch of a new repository",
	  true, false, false },
	{ "gc.auto", "pack small segments when there are many, true or false",
	  false, false, true },
	{ "safe.directory", "a repository of another user to trust, or *",
	  true, true, false },
	{ NULL, NULL, false, false, false },
};

struct item {
	char *key;
	char *value;
};

struct layer {
	char *dir;		/* NULL: there is no such layer */
	char *lock;		/* name of its lock in dir */
	struct item *items;
	size_t n, cap;
};

struct config {
	struct layer layers[2];	/* by enum config_layer */
};

static const struct config_key *
find_key(const char *name)
{
	for (const struct config_key *k = config_keys; k->name; k++)
		if (!strcasecmp(k->name, name))
			return k;
	return NULL;
}

/* ---- reading the text -------------------------------------------------- */

struct line {
	const char *start;	/* of the line */
	const char *end;	/* after its newline, or the end */
	bool is_section;
	char *section;		/* that the line is in, or opens; owned */
	char *key;		/* "section.key"; NULL if it sets nothing */
	char *value;
};

static void
line_release(struct line *l)
{
	free(l->section);
	free(l->key);
	free(l->value);
}

static bool
is_name(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!isalnum((unsigned char)s[i]) && s[i] != '-')
			return false;
	return len > 0 && len <= NAME_MAX_LEN;
}

static const char *
skip_blank(const char *p, const char *end)
{
	while (p < end && (*p == ' ' || *p == '\t' || *p == '\r'))
		p++;
	return p;
}

static const char *
trim_blank(const char *p, const char *end)
{
	while (end > p && strchr(" \t\r\n", end[-1]))
		end--;
	return end;
}

/* NULL if it is malformed. */
static char *
parse_value(const char *p, const char *end)
{
	struct buf value = BUF_INIT;

	if (p == end || *p != '"')
		return mem_strndup(p, (size_t)(end - p));
	for (p++; p < end && *p != '"'; p++) {
		char c = *p;

		if (c == '\\') {
			if (++p == end)
				break;
			c = *p == 'n' ? '\n' : *p == 't' ? '\t' : *p;
			if (*p != 'n' && *p != 't' && *p != '"' && *p != '\\')
				break;
		}
		buf_char(&value, c);
	}
	if (p + 1 == end && *p == '"')
		return buf_detach(&value);
	buf_release(&value);
	return NULL;
}

static bool
parse_section(struct line *out, const char *p, const char *end)
{
	if (end - p < 2 || end[-1] != ']')
		return false;
	p = skip_blank(p + 1, end);
	end = trim_blank(p, end - 1);
	if (!is_name(p, (size_t)(end - p)))
		return false;
	free(out->section);
	out->section = mem_strndup(p, (size_t)(end - p));
	out->is_section = true;
	return true;
}

static bool
parse_assignment(struct line *out, const char *p, const char *end)
{
	const char *eq = memchr(p, '=', (size_t)(end - p));
	const char *name_end;
	struct buf key = BUF_INIT;

	if (!eq || !*out->section)
		return false;
	name_end = trim_blank(p, eq);
	if (!is_name(p, (size_t)(name_end - p)))
		return false;
	out->value = parse_value(skip_blank(eq + 1, end), end);
	if (!out->value)
		return false;
	buf_printf(&key, "%s.", out->section);
	buf_add(&key, p, (size_t)(name_end - p));
	out->key = buf_detach(&key);
	return true;
}

/* The line at p; it is in the section of the line before. */
static bool
parse_line(struct line *out, const char *section, const char *p,
    const char *end)
{
	const char *nl = memchr(p, '\n', (size_t)(end - p));

	*out = (struct line){ .start = p, .end = nl ? nl + 1 : end };
	out->section = mem_strdup(section);
	end = trim_blank(p, out->end);
	p = skip_blank(p, end);
	if (p == end || *p == '#' || *p == ';')
		return true;
	if (*p == '[')
		return parse_section(out, p, end);
	return parse_assignment(out, p, end);
}

typedef void line_fn(void *arg, const struct line *line);

/* ERR_USAGE for a malformed line; where is the file's directory, for the
 * message. */
static err_t
each_line(const char *text, size_t len, const char *where, line_fn *fn,
    void *arg)
{
	const char *end = text + len;
	char *section = mem_strdup("");
	unsigned number = 0;
	err_t err = NULL;

	while (!err && text < end) {
		struct line line;

		number++;
		if (parse_line(&line, section, text, end)) {
			fn(arg, &line);
			free(section);
			section = mem_strdup(line.section);
		} else {
			err = err_new(ERR_USAGE, "\"%s/config\" line %u: "
			    "neither \"[section]\" nor \"key = value\"",
			    where, number);
		}
		text = line.end;
		line_release(&line);
	}
	free(section);
	return err;
}

static err_t
slurp(struct buf *out, const struct layer *l)
{
	struct buf path = BUF_INIT;
	err_t err = NULL;

	if (l->dir) {
		buf_printf(&path, "%s/config", l->dir);
		err = file_slurp(out, AT_FDCWD, buf_cstr(&path), FILE_MAX);
		if (err && err_is(err, ERR_NOT_FOUND))
			err = NULL;
	}
	buf_release(&path);
	if (!err && out->len && strlen(out->p) != out->len)
		err = err_new(ERR_USAGE, "\"%s/config\" has a NUL byte in it",
		    l->dir);
	return err;
}

static void
keep_item(void *arg, const struct line *line)
{
	struct layer *l = arg;

	if (!line->key)
		return;
	VEC_ROOM(l->items, l->n, l->cap);
	l->items[l->n++] = (struct item){
		mem_strdup(line->key), mem_strdup(line->value)
	};
}

static void
drop_items(struct layer *l)
{
	for (size_t i = 0; i < l->n; i++) {
		free(l->items[i].key);
		free(l->items[i].value);
	}
	free(l->items);
	l->items = NULL;
	l->n = l->cap = 0;
}

static err_t
load_layer(struct layer *l)
{
	struct buf text = BUF_INIT;
	err_t err;

	drop_items(l);
	err = slurp(&text, l);
	if (!err)
		err = each_line(buf_cstr(&text), text.len, l->dir, keep_item,
		    l);
	buf_release(&text);
	return err;
}

/* NULL if there is no home to look in. */
static char *
user_dir(void)
{
	const char *xdg = getenv("XDG_CONFIG_HOME");
	const char *home = getenv("HOME");
	struct buf dir = BUF_INIT;

	if (xdg && *xdg == '/')
		buf_printf(&dir, "%s/dsv", xdg);
	else if (home && *home == '/')
		buf_printf(&dir, "%s/.config/dsv", home);
	else
		return NULL;
	return buf_detach(&dir);
}

err_t
config_load(struct config **out, const char *dotdsv)
{
	struct config *c = mem_zalloc(sizeof(*c));
	err_t err;

	c->layers[CONFIG_USER].dir = user_dir();
	c->layers[CONFIG_USER].lock = mem_strdup("config.lock");
	if (dotdsv)
		c->layers[CONFIG_REPO].dir = mem_strdup(dotdsv);
	c->layers[CONFIG_REPO].lock = mem_strdup("locks/config");
	err = load_layer(&c->layers[CONFIG_USER]);
	if (!err)
		err = load_layer(&c->layers[CONFIG_REPO]);
	if (err) {
		config_free(c);
		return err;
	}
	*out = c;
	return NULL;
}

void
config_free(struct config *c)
{
	if (!c)
		return;
	for (int i = 0; i < 2; i++) {
		drop_items(&c->layers[i]);
		free(c->layers[i].dir);
		free(c->layers[i].lock);
	}
	free(c);
}

/* ---- asking ------------------------------------------------------------ */

/* The last line that sets a key counts. */
static const char *
get_in(const struct layer *l, const char *key)
{
	for (size_t i = l->n; i > 0; i--)
		if (!strcasecmp(l->items[i - 1].key, key))
			return l->items[i - 1].value;
	return NULL;
}

static bool
is_user_only(const char *key)
{
	const struct config_key *k = find_key(key);

	return k && k->user_only;
}

const char *
config_get(const struct config *c, const char *key, enum config_layer *layer)
{
	const char *value = NULL;
	enum config_layer found = CONFIG_REPO;

	if (!is_user_only(key))
		value = get_in(&c->layers[CONFIG_REPO], key);
	if (!value) {
		found = CONFIG_USER;
		value = get_in(&c->layers[CONFIG_USER], key);
	}
	if (layer && value)
		*layer = found;
	return value;
}

bool
config_switch(const struct config *c, const char *key, bool otherwise)
{
	const char *value = config_get(c, key, NULL);

	if (value && strcasecmp(value, otherwise ? "false" : "true") == 0)
		return !otherwise;
	return otherwise;
}

const char *
config_get_nth(const struct config *c, const char *key, size_t i)
{
	const struct layer *l = &c->layers[CONFIG_USER];

	for (size_t k = 0; k < l->n; k++)
		if (!strcasecmp(l->items[k].key, key) && !i--)
			return l->items[k].value;
	return NULL;
}

static err_t
walk_layer(const struct config *c, enum config_layer layer,
    config_visit_fn *fn, void *arg)
{
	const struct layer *l = &c->layers[layer];
	err_t err = NULL;

	for (size_t i = 0; !err && i < l->n; i++) {
		const struct config_key *k = find_key(l->items[i].key);

		if (layer == CONFIG_REPO && k && k->user_only)
			continue;
		err = fn(arg, k ? k->name : l->items[i].key,
		    l->items[i].value, layer);
	}
	return err;
}

err_t
config_walk(const struct config *c, config_visit_fn *fn, void *arg)
{
	err_t err = walk_layer(c, CONFIG_USER, fn, arg);

	return err ? err : walk_layer(c, CONFIG_REPO, fn, arg);
}

/* ---- changing ---------------------------------------------------------- */

static bool
needs_quotes(const char *value)
{
	size_t len = strlen(value);

	return !len || strpbrk(value, "\"\\\n\t\r") || *value == ' ' ||
	    value[len - 1] == ' ';
}

static void
add_assignment(struct buf *out, const char *key, const char *value)
{
	const char *name = strchr(key, '.') + 1;

	buf_printf(out, "\t%s = ", name);
	if (!needs_quotes(value)) {
		buf_printf(out, "%s\n", value);
		return;
	}
	buf_char(out, '"');
	for (; *value; value++) {
		if (*value == '\n' || *value == '\t') {
			buf_str(out, *value == '\n' ? "\\n" : "\\t");
			continue;
		}
		if (*value == '"' || *value == '\\')
			buf_char(out, '\\');
		buf_char(out, *value);
	}
	buf_str(out, "\"\n");
}

/* One change: all lines that set the key go (but of a multi-valued one only
 * when it is removed), the new one takes the place of the first, or stands at
 * the end of the last such section, or in a new one. */
struct edit {
	const struct config_key *key;
	const char *value;		/* NULL: remove */
	size_t section_len;		/* of the name */
	struct buf text;
	size_t section_end;		/* in text; 0: there is none */
	bool done;
};

static void
edit_line(void *arg, const struct line *line)
{
	struct edit *e = arg;
	bool mine = line->key && !strcasecmp(line->key, e->key->name);

	if (mine && (!e->key->multi || !e->value)) {
		if (!e->done && e->value)
			add_assignment(&e->text, e->key->name, e->value);
		e->done = true;
	} else {
		buf_add(&e->text, line->start,
		    (size_t)(line->end - line->start));
		if (line->end[-1] != '\n')
			buf_char(&e->text, '\n');
		if (mine && !strcmp(line->value, e->value))
			e->done = true;
	}
	if (strlen(line->section) == e->section_len &&
	    !strncasecmp(line->section, e->key->name, e->section_len) &&
	    (line->key || line->is_section))
		e->section_end = e->text.len;
}

static void
edit_add(struct edit *e)
{
	struct buf all = BUF_INIT;
	size_t at = e->section_end ? e->section_end : e->text.len;

	buf_add(&all, buf_cstr(&e->text), at);
	if (!e->section_end)
		buf_printf(&all, "[%.*s]\n", (int)e->section_len,
		    e->key->name);
	add_assignment(&all, e->key->name, e->value);
	buf_add(&all, buf_cstr(&e->text) + at, e->text.len - at);
	buf_release(&e->text);
	e->text = all;
}

static err_t
edit_file(struct layer *l, int dirfd, const struct config_key *key,
    const char *value)
{
	struct edit e = { .key = key, .value = value, .text = BUF_INIT };
	struct buf old = BUF_INIT;
	err_t err;

	e.section_len = strcspn(key->name, ".");
	err = slurp(&old, l);
	if (!err)
		err = each_line(buf_cstr(&old), old.len, l->dir, edit_line,
		    &e);
	if (!err && value && !e.done)
		edit_add(&e);
	if (!err && e.text.len > FILE_MAX)
		err = err_new(ERR_USAGE, "\"%s/config\" would be too long",
		    l->dir);
	if (!err)
		err = file_replace(dirfd, "config", buf_cstr(&e.text),
		    e.text.len, 0644);
	buf_release(&old);
	buf_release(&e.text);
	return err;
}

/* Make the directory and those above it. */
static err_t
make_dirs(const char *path)
{
	char *copy = mem_strdup(path);
	err_t err = NULL;

	for (char *p = copy + 1; !err; p++) {
		char c = *p;

		if (c && c != '/')
			continue;
		*p = '\0';
		if (mkdir(copy, 0777) && errno != EEXIST)
			err = err_sys("cannot make \"%s\"", copy);
		*p = c;
		if (!c)
			break;
	}
	free(copy);
	return err;
}

err_t
config_check(const char *key)
{
	const char *nearest = NULL;
	size_t best = 4;

	if (find_key(key))
		return NULL;
	for (size_t i = 0; config_keys[i].name; i++) {
		size_t d = text_distance(key, config_keys[i].name, best);

		if (d < best) {
			best = d;
			nearest = config_keys[i].name;
		}
	}
	if (nearest)
		return err_new(ERR_USAGE, "no configuration key \"%s\"; did "
		    "you mean \"%s\"?", key, nearest);
	return err_new(ERR_USAGE, "no configuration key \"%s\"; "
	    "dsv-config(5) lists them", key);
}

err_t
config_set(struct config *c, enum config_layer layer, const char *key,
    const char *value)
{
	struct layer *l = &c->layers[layer];
	struct file_lock lock = FILE_LOCK_INIT;
	const struct config_key *k = find_key(key);
	int dirfd = -1;
	err_t err;

	if (!k)
		return config_check(key);
	if (k->user_only && layer == CONFIG_REPO)
		return err_new(ERR_USAGE, "\"%s\" is read from your own "
		    "configuration only; add --user", k->name);
	if (k->is_switch && value && strcasecmp(value, "true") != 0 &&
	    strcasecmp(value, "false") != 0)
		return err_new(ERR_USAGE, "\"%s\" is \"true\" or \"false\", "
		    "not \"%s\"", k->name, value);
	if (!l->dir)
		return err_new(ERR_NOT_FOUND, layer == CONFIG_USER ?
		    "no place for your own configuration: HOME is not set" :
		    "not a dsv repository; add --user, or run \"dsv init\"");
	if (layer == CONFIG_USER) {
		err = make_dirs(l->dir);
		if (err)
			return err;
	}
	dirfd = open(l->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dirfd < 0)
		return err_sys("cannot open \"%s\"", l->dir);
	err = file_lock(&lock, dirfd, l->lock, true,
	    clock_ms() + LOCK_WAIT_MS, "config");
	if (!err)
		err = edit_file(l, dirfd, k, value);
	if (!err)
		err = load_layer(l);
	file_unlock(&lock);
	close(dirfd);
	return err;
}
