#include "lib/history/track_key.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/file.h"
#include "lib/base/match.h"
#include "lib/base/mem.h"
#include "lib/base/term.h"
#include "lib/history/attr.h"
#include "lib/history/scan.h"
#include "lib/table/unique.h"

struct checking {
	struct repo *r;
	const struct track_key_order *o;
	struct attrs *attrs;
	struct match_rule *rules;
	char *base;			/* dir without its slash */
	struct key key;
	size_t n_with, n_without;	/* tables that have its columns */
	size_t n_failed;
	struct err first;
};

static bool
matches(const struct checking *c, const char *path)
{
	for (size_t i = 0; i < c->o->n; i++) {
		if (match_rule_test(&c->rules[i], c->base, path, false))
			return true;
	}
	return false;
}

static bool
same_key(const struct key *a, const struct key *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++) {
		if (strcmp(a->names[i], b->names[i]))
			return false;
	}
	return true;
}

/* Another line may say another key for it. */
static err_t
is_concerned(bool *out, struct dialect_hint *hint, struct checking *c,
    const char *path)
{
	struct key key = KEY_INIT;
	err_t err;

	*out = false;
	if (!matches(c, path))
		return NULL;
	err = attr_table(hint, c->attrs, path);
	if (!err)
		err = attr_key(&key, c->attrs, path);
	*out = !err && hint->format != TABLE_NONE && same_key(&key, &c->key);
	key_release(&key);
	return err;
}

static void
note(const struct checking *c, err_t what)
{
	if (c->o->noted)
		c->o->noted(c->o->arg, what->msg);
}

/* One failure is the error itself; of several the others are noted. */
static void
fail(struct checking *c, err_t why)
{
	if (c->o->force || c->n_failed)
		note(c, why);
	else
		c->first = *why;
	c->n_failed++;
}

static void
judge(struct checking *c, const char *path, const struct unique_report *u)
{
	char more[48] = "";

	if (u->repeated > 1)
		snprintf(more, sizeof(more), ", and so in %" PRIu64 " more",
		    u->repeated - 1);
	if (u->repeated)
		fail(c, err_new(ERR_REFUSED, "\"%s\" is not unique in \"%s\": "
		    "in line %" PRIu64 " it is as in line %" PRIu64 "%s%s",
		    c->o->key, path, u->line, u->as_line, more,
		    c->o->force ? "" : "; --force tracks it all the same"));
	if (u->keyless)
		note(c, err_new(ERR_REFUSED, "\"%s\" is empty in %" PRIu64
		    " %s of \"%s\", first in line %" PRIu64, c->o->key,
		    u->keyless, u->keyless == 1 ? "row" : "rows", path,
		    u->keyless_line));
}

static err_t
check_source(struct checking *c, const char *path, struct source *source,
    const struct dialect_hint *hint)
{
	struct table t = TABLE_INIT;
	struct unique_report u;
	err_t err;

	err = table_open(&t, source, hint);
	if (!err && t.shape.reason)
		goto out;
	if (!err)
		err = unique_check(&u, &t, &c->key);
	if (err_is(err, ERR_NOT_FOUND)) {
		note(c, err_new(ERR_NOT_FOUND, "\"%s\": %s", path, err->msg));
		c->n_without++;
		err = NULL;
	} else if (!err) {
		c->n_with++;
		judge(c, path, &u);
	}
out:
	table_release(&t);
	return err;
}

static err_t
check_file(struct checking *c, const char *path)
{
	struct source *source = NULL;
	struct dialect_hint hint;
	bool concerned;
	int fd = -1;
	err_t err;

	err = is_concerned(&concerned, &hint, c, path);
	if (err || !concerned)
		return err;
	err = file_open_beneath(&fd, c->r->rootfd, path,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0);
	if (!err)
		err = source_of_file(&source, fd, path, hint.cut);
	if (!err)
		err = check_source(c, path, source, &hint);
	source_free(source);
	if (fd >= 0)
		close(fd);
	return err;
}

static err_t
walk(struct checking *c)
{
	const struct scan_entry *e;
	struct scan *s = NULL;
	err_t err;

	err = scan_open(&s, c->r, c->base, 0);
	while (!err && !(err = scan_next(&e, s)) && e) {
		if (e->type == SCAN_FILE && !e->failure &&
		    !scan_is_ignored(s))
			err = check_file(c, e->path);
	}
	scan_close(s);
	return err;
}

err_t
track_key_check(struct repo *r, const struct track_key_order *o)
{
	struct checking c = { .r = r, .o = o, .key = KEY_INIT };
	size_t len = strlen(o->dir);
	err_t err;

	err = key_parse(&c.key, o->key);
	if (err)
		return err;
	c.base = mem_strndup(o->dir, len ? len - 1 : 0);
	c.attrs = attr_of_worktree(r);
	c.rules = mem_array(o->n, sizeof(*c.rules));
	for (size_t i = 0; i < o->n; i++) {
		if (!match_rule_parse(&c.rules[i], o->patterns[i],
		    strlen(o->patterns[i])))
			BUG("a pattern was checked and is none");
	}
	term_progress_begin("checking", TERM_ITEMS, 0);
	err = walk(&c);
	term_progress_end();
	if (!err && c.n_failed && !o->force)
		err = err_adopt(&c.first);
	else if (!err && c.n_without && !c.n_with && !o->force)
		err = err_new(ERR_REFUSED, "no table has the key \"%s\"; "
		    "--force tracks it all the same", o->key);
	for (size_t i = 0; i < o->n; i++)
		match_rule_release(&c.rules[i]);
	free(c.rules);
	free(c.base);
	attr_free(c.attrs);
	key_release(&c.key);
	return err;
}
