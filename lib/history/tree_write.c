/*
 * Writing the stage as a tree, in one pass over the stage, with one open
 * writer per directory depth, and in it one open object per height.
 *
 * The stage comes in byte order of paths; entries must go into a directory in
 * byte order of names.  Those differ where a directory's name is the
 * beginning of a name before it: "a.b" comes before "a/c", but "a" must be
 * entered before "a.b".  Such a directory is "early": a first pass finds them
 * all (the path just before the first in such a directory begins with its
 * name and a byte less than a slash), and when the first name that it must
 * precede turns up, it is built out of turn by a walk of its own.  The walk
 * then skips it.
 */

#include <stdlib.h>
#include <string.h>

#include "lib/base/cancel.h"
#include "lib/base/mem.h"
#include "lib/history/tree_int.h"

/* The object being filled at one height of a directory. */
struct level {
	struct buf data;
	struct buf last;	/* name of the newest entry */
	size_t n;		/* entries in data */
	size_t closed;		/* objects put so far */
	struct id id;		/* of the newest of those */
};

struct dir {
	struct level levels[TREE_HEIGHT_MAX + 1];
	size_t path_len;	/* of the directory, without a slash */
	char *path;
	const struct id *old;	/* the tree of the version before */
};

struct early {
	char *path;
	bool built;
};

struct early_set {
	struct early *items;
	size_t n, cap;
	struct buf before;	/* the path before, while collecting */
};

struct writer {
	struct txn *txn;
	const struct id *old;
	struct early_set *early;
	struct dir *dirs;	/* open ones, outermost first */
	size_t depth, cap;
	size_t base;		/* directories above the outermost */
	struct buf path;	/* of the innermost */
	struct buf skip;	/* an early directory that is being passed */
};

/* ---- one directory ----------------------------------------------------- */

static err_t level_close(struct dir *d, unsigned height, struct txn *t);

static err_t
level_added(struct dir *d, unsigned height, struct txn *t, const char *name,
    size_t len)
{
	struct level *l = &d->levels[height];

	l->n++;
	buf_clear(&l->last);
	buf_add(&l->last, name, len);
	if (height == TREE_HEIGHT_MAX || (l->data.len < TREE_OBJECT_TARGET &&
	    !tree_cut_after(height, name, len)))
		return NULL;
	return level_close(d, height, t);
}

/* Put the object at that height and enter it in the one above. */
static err_t
level_close(struct dir *d, unsigned height, struct txn *t)
{
	struct level *l = &d->levels[height];
	struct level *up = l + 1;
	struct tree_near near;
	err_t err;

	near = (struct tree_near){ txn_store(t), d->old, d->path, height,
	    l->last.p, l->last.len };
	err = object_put_near(&l->id, t, KIND_TREE, l->data.p, l->data.len,
	    tree_near_find, &near);
	if (err)
		return err;
	l->closed++;
	l->n = 0;
	buf_clear(&l->data);
	if (height == TREE_HEIGHT_MAX)
		return NULL;
	if (!up->n) {
		buf_clear(&up->data);
		tree_begin(&up->data, height + 1);
	}
	tree_add_child(&up->data, l->last.p, l->last.len, &l->id);
	return level_added(d, height + 1, t, l->last.p, l->last.len);
}

static err_t
both_kinds(const char *name, size_t len)
{
	return err_new(ERR_CORRUPT, "the stage has \"%.*s\" both as a file "
	    "and as a directory; take one out with \"dsv rm\"", (int)len,
	    name);
}

static err_t
dir_add(struct dir *d, struct txn *t, const struct tree_entry *e)
{
	struct level *l = &d->levels[0];
	size_t least = l->last.len < e->name_len ? l->last.len : e->name_len;
	int cmp = memcmp(buf_cstr(&l->last), e->name, least);

	if (cmp > 0 || (!cmp && l->last.len >= e->name_len))
		return both_kinds(e->name, e->name_len);
	if (!l->n) {
		buf_clear(&l->data);
		tree_begin(&l->data, 0);
	}
	tree_add(&l->data, e);
	return level_added(d, 0, t, e->name, e->name_len);
}

/* The directory is complete: put what is open, from below, until a height
 * has one object only.  That is the directory's. */
static err_t
dir_finish(struct id *out, struct dir *d, struct txn *t)
{
	struct level *l = d->levels;
	err_t err = NULL;

	if (!l->n && !l->closed)
		tree_begin(&l->data, 0);	/* the empty root */
	for (unsigned h = 0; !err && h <= TREE_HEIGHT_MAX; h++) {
		l = &d->levels[h];
		if (l->n || !l->closed)
			err = level_close(d, h, t);
		if (!err && l->closed == 1)
			break;
	}
	if (!err)
		*out = l->id;
	return err;
}

static void
dir_release(struct dir *d)
{
	for (unsigned h = 0; h <= TREE_HEIGHT_MAX; h++) {
		buf_release(&d->levels[h].data);
		buf_release(&d->levels[h].last);
	}
	free(d->path);
}

/* ---- early directories ------------------------------------------------- */

static void
early_found(struct early_set *set, const char *path, size_t len)
{
	VEC_ROOM(set->items, set->n, set->cap);
	set->items[set->n++] = (struct early){ mem_strndup(path, len), false };
}

static err_t
early_visit(void *arg, const struct stage_entry *e)
{
	struct early_set *set = arg;
	const char *before = buf_cstr(&set->before);
	const char *path = e->path;
	size_t same = 0;

	while (before[same] && before[same] == path[same])
		same++;
	if (path[same] == '/' && before[same] &&
	    (unsigned char)before[same] < '/')
		early_found(set, path, same);
	buf_clear(&set->before);
	buf_str(&set->before, path);
	return NULL;
}

static int
early_cmp(const void *a, const void *b)
{
	const struct early *x = a, *y = b;

	return strcmp(x->path, y->path);
}

static struct early *
early_find(struct early_set *set, char *path)
{
	struct early key = { path, false };

	if (!set->n)
		return NULL;
	return bsearch(&key, set->items, set->n, sizeof(key), early_cmp);
}

static err_t
early_collect(struct early_set *set, struct store *s)
{
	err_t err = stage_walk(s, "", early_visit, set);

	if (set->n)
		qsort(set->items, set->n, sizeof(*set->items), early_cmp);
	buf_release(&set->before);
	return err;
}

static void
early_release(struct early_set *set)
{
	for (size_t i = 0; i < set->n; i++)
		free(set->items[i].path);
	free(set->items);
	buf_release(&set->before);
}

/* ---- the walk ---------------------------------------------------------- */

static err_t write_dir(struct id *out, struct txn *t, const struct id *old,
    struct early_set *early, const char *path);

static err_t
add_dir(struct writer *w, const char *name, size_t len, const struct id *id)
{
	struct tree_entry e = { name, len, MODE_DIR, *id, 0 };

	return dir_add(&w->dirs[w->depth - 1], w->txn, &e);
}

/* Build the early directories that must be entered before the name. */
static err_t
add_early(struct writer *w, const char *name, size_t len)
{
	struct buf path = BUF_INIT;
	size_t base;
	err_t err = NULL;

	if (!w->early->n)
		return NULL;
	buf_add(&path, buf_cstr(&w->path), w->path.len);
	if (path.len)
		buf_char(&path, '/');
	base = path.len;
	for (size_t i = 1; !err && i < len; i++) {
		struct early *e;
		struct id id;

		buf_char(&path, name[i - 1]);
		if ((unsigned char)name[i] >= '/')
			continue;
		e = early_find(w->early, path.p);
		if (!e || e->built)
			continue;
		e->built = true;
		err = write_dir(&id, w->txn, w->old, w->early, e->path);
		if (!err)
			err = add_dir(w, path.p + base, i, &id);
	}
	buf_release(&path);
	return err;
}

static err_t
open_dir(struct writer *w, const char *name, size_t len)
{
	struct dir *d;

	if (w->base + w->depth >= TREE_DEPTH_MAX)
		return err_new(ERR_USAGE, "directories are more than %d deep "
		    "at \"%.*s\"", TREE_DEPTH_MAX, (int)len, name);
	VEC_ROOM(w->dirs, w->depth, w->cap);
	d = &w->dirs[w->depth++];
	memset(d, 0, sizeof(*d));
	if (w->path.len)
		buf_char(&w->path, '/');
	buf_add(&w->path, name, len);
	d->path_len = w->path.len;
	d->path = mem_strndup(buf_cstr(&w->path), w->path.len);
	d->old = w->old;
	return NULL;
}

/* Finish the innermost directory and enter it in the one around it. */
static err_t
close_dir(struct writer *w)
{
	struct dir d = w->dirs[--w->depth];
	size_t outer = w->dirs[w->depth - 1].path_len;
	char *name = mem_strdup(w->path.p + outer + (outer > 0));
	struct id id;
	err_t err;

	w->path.len = outer;
	w->path.p[outer] = '\0';
	err = dir_finish(&id, &d, w->txn);
	if (!err)
		err = add_early(w, name, strlen(name));
	if (!err)
		err = add_dir(w, name, strlen(name), &id);
	dir_release(&d);
	free(name);
	return err;
}

static bool
is_below(const char *path, const struct buf *dir)
{
	return !dir->len || (!strncmp(path, dir->p, dir->len) &&
	    path[dir->len] == '/');
}

/* Open the directories of path that are not; *name is its last component,
 * NULL if path is in an early directory. */
static err_t
open_dirs(const char **name, struct writer *w, const char *path)
{
	const char *p = path + w->path.len + (w->path.len > 0);
	const char *slash;
	err_t err = NULL;

	*name = NULL;
	for (; !err && (slash = strchr(p, '/')); p = slash + 1) {
		err = open_dir(w, p, (size_t)(slash - p));
		if (!err && early_find(w->early, w->path.p)) {
			size_t outer;

			buf_add(&w->skip, w->path.p, w->path.len);
			dir_release(&w->dirs[--w->depth]);
			outer = w->dirs[w->depth - 1].path_len;
			w->path.len = outer;
			w->path.p[outer] = '\0';
			return NULL;
		}
	}
	*name = p;
	return err;
}

static err_t
write_entry(void *arg, const struct stage_entry *s)
{
	struct writer *w = arg;
	struct tree_entry e = { NULL, 0, s->mode, s->id, s->size };
	err_t err;

	if (w->skip.len && is_below(s->path, &w->skip))
		return NULL;
	buf_clear(&w->skip);
	err = cancel_check();
	while (!err && w->depth > 1 && !is_below(s->path, &w->path))
		err = close_dir(w);
	if (!err && !is_below(s->path, &w->path))
		err = both_kinds(s->path, strlen(s->path));
	if (!err)
		err = open_dirs(&e.name, w, s->path);
	if (err || !e.name)
		return err;
	e.name_len = strlen(e.name);
	err = add_early(w, e.name, e.name_len);
	if (err)
		return err;
	return dir_add(&w->dirs[w->depth - 1], w->txn, &e);
}

/* The tree of the directory at path ("" = root). */
static err_t
write_dir(struct id *out, struct txn *t, const struct id *old,
    struct early_set *early, const char *path)
{
	struct writer w = { .txn = t, .old = old, .early = early };
	err_t err;

	for (const char *p = path; *p; p++)
		w.base += p == path || *p == '/';
	err = open_dir(&w, path, strlen(path));
	if (!err)
		err = stage_walk(txn_store(t), path, write_entry, &w);
	while (!err && w.depth > 1)
		err = close_dir(&w);
	if (!err)
		err = dir_finish(out, &w.dirs[0], t);
	while (w.depth)
		dir_release(&w.dirs[--w.depth]);
	free(w.dirs);
	buf_release(&w.path);
	buf_release(&w.skip);
	return err;
}

err_t
tree_write_stage(struct id *out, struct txn *t)
{
	struct early_set early = { NULL, 0, 0, BUF_INIT };
	struct id old;
	err_t err;

	err = early_collect(&early, txn_store(t));
	if (!err)
		err = tree_near_head(&old, txn_store(t));
	if (!err)
		err = write_dir(out, t, &old, &early, "");
	early_release(&early);
	return err;
}
