#include "lib/history/log.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/base/text.h"
#include "lib/history/commit.h"
#include "lib/history/pathspec.h"
#include "lib/history/tree.h"
#include "lib/history/walk.h"

struct log {
	struct repo *repo;
	struct log_options options;
	struct walk *walk;
	struct log_entry entry;
	uint64_t shown;
	/* Every version that changed the paths, newest first, and where in it
	 * the walk is. */
	struct id *numbered;
	size_t n, cap, at;
};

/* ---- paths ------------------------------------------------------------- */

/* The entry at path, or all zeros if there is none. */
static err_t
entry_at(struct tree_entry *out, struct store *s, const struct id *tree,
    const char *path)
{
	struct tree_entry none = { .name = NULL };
	err_t err = NULL;

	*out = none;
	if (!id_is_zero(tree))
		err = tree_lookup(out, s, tree, path);
	if (err && err_is(err, ERR_NOT_FOUND)) {
		*out = none;
		err = NULL;
	}
	return err;
}

/* Does anything selected differ at or below root, where the entries are? */
static err_t
differs_below(bool *out, struct log *log, const char *root,
    const struct tree_entry *a, const struct tree_entry *b)
{
	struct pathspec *ps = log->options.paths;
	static const struct id none;
	struct tree_diff *d = NULL;
	struct tree_change change = { .path = root };
	bool dir_a = a->mode == MODE_DIR, dir_b = b->mode == MODE_DIR;
	err_t err = NULL;

	if ((a->mode && !dir_a) || (b->mode && !dir_b))
		err = pathspec_match(out, ps, root);
	if (err || *out || (!dir_a && !dir_b))
		return err;
	err = tree_diff_open(&d, log->repo->store, dir_a ? &a->id : &none,
	    dir_b ? &b->id : &none, root);
	while (!err && !*out) {
		err = tree_diff_next(&change, d);
		if (err || !change.path)
			break;
		err = pathspec_match(out, ps, change.path);
	}
	tree_diff_close(d);
	return err;
}

static err_t
same_paths(bool *out, void *arg, const struct id *a, const struct id *b)
{
	struct log *log = arg;
	struct store *s = log->repo->store;
	size_t n;
	const char *const *roots = pathspec_roots(log->options.paths, &n);
	bool differs = false;
	err_t err = NULL;

	if (id_eq(a, b))
		n = 0;
	for (size_t i = 0; !err && !differs && i < n; i++) {
		struct tree_entry x, y;

		err = entry_at(&x, s, a, roots[i]);
		if (!err)
			err = entry_at(&y, s, b, roots[i]);
		if (err || (x.mode == y.mode && id_eq(&x.id, &y.id)))
			continue;
		err = differs_below(&differs, log, roots[i], &x, &y);
	}
	*out = !differs;
	return err;
}

static err_t
any_root(bool *out, struct log *log, const struct id *tree)
{
	size_t n;
	const char *const *roots = pathspec_roots(log->options.paths, &n);
	err_t err = NULL;

	*out = false;
	for (size_t i = 0; !err && !*out && i < n; i++) {
		struct tree_entry e;

		err = entry_at(&e, log->repo->store, tree, roots[i]);
		*out = !err && e.mode;
	}
	return err;
}

/* The versions of the paths, to be numbered from the oldest. */
static err_t
collect_numbered(struct log *log, struct walk_options *options)
{
	struct walk *walk = NULL;
	struct commit_node node;
	bool found = true, exists;
	err_t err;

	err = walk_open(&walk, log->repo->store, options,
	    &log->options.from, 1, NULL, 0);
	while (!err && found) {
		err = walk_next(&found, &node, walk);
		if (!err && found)
			err = any_root(&exists, log, &node.tree);
		if (err || !found || !exists)
			continue;
		VEC_ROOM(log->numbered, log->n, log->cap);
		log->numbered[log->n++] = node.id;
	}
	walk_close(walk);
	return err;
}

/* Both lists are in the order of the walk. */
static uint64_t
number_of(struct log *log, const struct id *id)
{
	size_t at = log->at;

	while (at < log->n && !id_eq(&log->numbered[at], id))
		at++;
	if (at == log->n)
		return 0;
	log->at = at;
	return log->n - at;
}

/* ---- filters ----------------------------------------------------------- */

static bool
has_part(const char *text, const char *part)
{
	struct buf fold = BUF_INIT, want = BUF_INIT;
	bool has;

	text_fold(&fold, text, strlen(text));
	text_fold(&want, part, strlen(part));
	has = strstr(buf_cstr(&fold), buf_cstr(&want)) != NULL;
	buf_release(&fold);
	buf_release(&want);
	return has;
}

static bool
is_by(const struct commit *c, const char *part)
{
	struct buf who = BUF_INIT;
	bool is;

	buf_printf(&who, "%s <%s>", c->author.name, c->author.email);
	is = has_part(who.p, part);
	buf_release(&who);
	return is;
}

bool
log_passes(const struct log_options *o, const struct commit_node *node,
    const struct commit *c)
{
	if (o->has_since && node->time < o->since)
		return false;
	if (o->has_until && node->time > o->until)
		return false;
	if (o->job && (!c->job || strcmp(c->job, o->job)))
		return false;
	if (o->author && !is_by(c, o->author))
		return false;
	return !o->grep || has_part(c->message, o->grep);
}

/* ---- log --------------------------------------------------------------- */

err_t
log_open(struct log **out, struct repo *r, const struct log_options *options)
{
	struct log *log = mem_zalloc(sizeof(*log));
	struct walk_options walk = { .first_parent = options->first_parent };
	err_t err = NULL;

	log->repo = r;
	log->options = *options;
	if (options->paths && !pathspec_is_all(options->paths)) {
		walk.same = same_paths;
		walk.arg = log;
		err = collect_numbered(log, &walk);
	}
	walk.all = options->all;
	if (!err)
		err = walk_open(&log->walk, r->store, &walk, &options->from,
		    1, &options->hidden, !id_is_zero(&options->hidden));
	if (err) {
		log_close(log);
		return err;
	}
	*out = log;
	return NULL;
}

err_t
log_next(bool *found, const struct log_entry **out, struct log *log)
{
	struct log_entry *e = &log->entry;
	err_t err;

	for (;;) {
		*found = false;
		commit_release(&e->commit);
		e->commit = (struct commit)COMMIT_INIT;
		if (log->options.limit && log->shown == log->options.limit)
			return NULL;
		err = walk_next(found, &e->node, log->walk);
		if (err || !*found)
			return err;
		err = commit_read(&e->commit, log->repo->store, &e->node.id);
		if (err)
			return err;
		e->shown = walk_shown(log->walk) &&
		    log_passes(&log->options, &e->node, &e->commit);
		if (e->shown || log->options.all)
			break;
	}
	e->path_version = e->shown ? number_of(log, &e->node.id) : 0;
	log->shown += e->shown;
	*out = e;
	return NULL;
}

void
log_close(struct log *log)
{
	if (!log)
		return;
	commit_release(&log->entry.commit);
	walk_close(log->walk);
	free(log->numbered);
	free(log);
}
