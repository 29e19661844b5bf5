/*
 * What differs between two trees.
 *
 * Two directories are two lists in order of names, walked side by side.
 * Where both stand at the same object, it is stepped over unread: the lists
 * have the same entries there.  Objects end after certain names, whatever is
 * around them, so lists that differed are soon in step again.
 *
 * Paths come in byte order, names do not quite: the directory "a" is listed
 * before the file "a.b", but "a/c" comes after it.  So a directory waits, on
 * a stack, until a name greater than its own and a slash turns up.  Those
 * that wait are each a prefix of the next, so the top is always the least,
 * and there are no more of them than a name has bytes.
 */

#include <stdlib.h>
#include <string.h>

#include "lib/base/cancel.h"
#include "lib/base/mem.h"
#include "lib/history/tree_int.h"

static const struct id no_id;

/* A pair of directories to go into later; zero if there is none. */
struct waiting {
	char *name;
	size_t len;
	struct id a, b;
};

struct frame {
	struct tree_cursor a, b;
	bool step_a, step_b;		/* what they stand at was handed out */
	struct waiting *waiting;
	size_t n, cap;
	size_t path_len;		/* of the directory, with its slash */
};

struct tree_diff {
	struct store *store;
	struct frame *frames;
	size_t depth, cap;
	struct buf path;
	struct tree_entry from, to;
};

static err_t
frame_push(struct tree_diff *d, const struct id *a, const struct id *b)
{
	struct frame *f;
	err_t err;

	if (d->depth == TREE_DEPTH_MAX)
		return err_new(ERR_CORRUPT, "damaged tree: directories are "
		    "more than %d deep; run \"dsv fsck\"", TREE_DEPTH_MAX);
	VEC_ROOM(d->frames, d->depth, d->cap);
	f = &d->frames[d->depth++];
	memset(f, 0, sizeof(*f));
	f->path_len = d->path.len;
	err = tree_cursor_open(&f->a, d->store, a);
	return err ? err : tree_cursor_open(&f->b, d->store, b);
}

static void
frame_pop(struct tree_diff *d)
{
	struct frame *f = &d->frames[--d->depth];

	tree_cursor_close(&f->a);
	tree_cursor_close(&f->b);
	while (f->n)
		free(f->waiting[--f->n].name);
	free(f->waiting);
}

/* Bring both cursors to an entry or the end, past all that they share. */
static err_t
settle(struct frame *f)
{
	struct tree_cursor *a = &f->a, *b = &f->b;
	err_t err = NULL;

	if (f->step_a)
		err = tree_cursor_step(a);
	if (!err && f->step_b)
		err = tree_cursor_step(b);
	f->step_a = f->step_b = false;
	while (!err) {
		unsigned ha = a->end ? 0 : a->height;
		unsigned hb = b->end ? 0 : b->height;

		if (!ha && !hb)
			break;
		if (ha == hb && id_eq(&a->item.id, &b->item.id)) {
			err = tree_cursor_step(a);
			if (!err)
				err = tree_cursor_step(b);
			continue;
		}
		if (ha >= hb)
			err = tree_cursor_enter(a);
		if (!err && hb >= ha)
			err = tree_cursor_enter(b);
	}
	return err;
}

/* Which cursors stand at the next name: sets step_a, step_b. */
static const struct tree_entry *
choose(struct frame *f)
{
	const struct tree_entry *a = f->a.end ? NULL : &f->a.item;
	const struct tree_entry *b = f->b.end ? NULL : &f->b.item;
	int cmp = 0;

	if (a && b) {
		size_t least = a->name_len < b->name_len ?
		    a->name_len : b->name_len;

		cmp = memcmp(a->name, b->name, least);
		if (!cmp)
			cmp = a->name_len < b->name_len ? -1 :
			    a->name_len > b->name_len;
	}
	f->step_a = a && (!b || cmp <= 0);
	f->step_b = b && (!a || cmp >= 0);
	return f->step_a ? a : f->step_b ? b : NULL;
}

/* True if all paths in the waiting directory come before the name. */
static bool
comes_before(const struct waiting *w, const struct tree_entry *e)
{
	size_t least = w->len < e->name_len ? w->len : e->name_len;
	int cmp = memcmp(w->name, e->name, least);

	if (cmp)
		return cmp < 0;
	return e->name_len > w->len && (unsigned char)e->name[w->len] > '/';
}

static err_t
go_into_waiting(struct tree_diff *d, struct frame *f)
{
	struct waiting w = f->waiting[--f->n];
	err_t err;

	f->step_a = f->step_b = false;
	d->path.len = f->path_len;
	buf_add(&d->path, w.name, w.len);
	buf_char(&d->path, '/');
	free(w.name);
	err = cancel_check();
	return err ? err : frame_push(d, &w.a, &w.b);
}

/* Directories among what was chosen wait; true if a file differs. */
static bool
take(struct tree_diff *d, struct frame *f, const struct tree_entry *name)
{
	bool dir_a = f->step_a && f->a.item.mode == MODE_DIR;
	bool dir_b = f->step_b && f->b.item.mode == MODE_DIR;
	bool file_a = f->step_a && !dir_a;
	bool file_b = f->step_b && !dir_b;
	const struct id *a = dir_a ? &f->a.item.id : &no_id;
	const struct id *b = dir_b ? &f->b.item.id : &no_id;

	if (!id_eq(a, b)) {
		VEC_ROOM(f->waiting, f->n, f->cap);
		f->waiting[f->n++] = (struct waiting){
			mem_strndup(name->name, name->name_len),
			name->name_len, *a, *b
		};
	}
	if (file_a && file_b && f->a.item.mode == f->b.item.mode &&
	    id_eq(&f->a.item.id, &f->b.item.id))
		return false;
	d->from.name = file_a ? f->a.item.name : NULL;
	d->to.name = file_b ? f->b.item.name : NULL;
	if (file_a)
		d->from = f->a.item;
	if (file_b)
		d->to = f->b.item;
	return file_a || file_b;
}

err_t
tree_diff_open(struct tree_diff **out, struct store *s, const struct id *a,
    const struct id *b, const char *path)
{
	struct tree_diff *d;
	err_t err;

	a = a ? a : &no_id;
	b = b ? b : &no_id;
	d = mem_zalloc(sizeof(*d));
	d->store = s;
	buf_str(&d->path, path);
	if (*path)
		buf_char(&d->path, '/');
	err = id_eq(a, b) ? NULL : frame_push(d, a, b);
	if (err) {
		tree_diff_close(d);
		return err;
	}
	*out = d;
	return NULL;
}

err_t
tree_diff_next(struct tree_change *out, struct tree_diff *d)
{
	out->path = NULL;
	while (d->depth) {
		struct frame *f = &d->frames[d->depth - 1];
		const struct tree_entry *name;
		err_t err;

		err = settle(f);
		if (err)
			return err;
		name = choose(f);
		if (f->n && (!name ||
		    comes_before(&f->waiting[f->n - 1], name))) {
			err = go_into_waiting(d, f);
			if (err)
				return err;
			continue;
		}
		if (!name) {
			frame_pop(d);
			continue;
		}
		if (!take(d, f, name))
			continue;
		d->path.len = f->path_len;
		buf_add(&d->path, name->name, name->name_len);
		out->path = d->path.p;
		out->from = d->from.name ? &d->from : NULL;
		out->to = d->to.name ? &d->to : NULL;
		break;
	}
	return NULL;
}

void
tree_diff_close(struct tree_diff *d)
{
	if (!d)
		return;
	while (d->depth)
		frame_pop(d);
	free(d->frames);
	buf_release(&d->path);
	free(d);
}

err_t
tree_diff(struct store *s, const struct id *a, const struct id *b,
    tree_change_fn *fn, void *arg)
{
	struct tree_diff *d = NULL;
	struct tree_change change;
	err_t err;

	err = tree_diff_open(&d, s, a, b, "");
	while (!err) {
		err = tree_diff_next(&change, d);
		if (err || !change.path)
			break;
		err = fn(arg, change.path, change.from, change.to);
	}
	tree_diff_close(d);
	return err;
}

/* ---- tree and stage ---------------------------------------------------- */

struct beside {
	struct tree_diff *tree;		/* lists the tree */
	struct tree_change at;
	tree_change_fn *fn;
	void *arg;
};

/* Files of the tree before path, all if it is NULL, are not in the stage. */
static err_t
tree_up_to(struct beside *b, const char *path)
{
	err_t err = NULL;

	while (!err && b->at.path && (!path || strcmp(b->at.path, path) < 0)) {
		err = b->fn(b->arg, b->at.path, b->at.to, NULL);
		if (!err)
			err = tree_diff_next(&b->at, b->tree);
	}
	return err;
}

static err_t
stage_entry_beside(void *arg, const struct stage_entry *s)
{
	struct beside *b = arg;
	const char *slash = strrchr(s->path, '/');
	const char *name = slash ? slash + 1 : s->path;
	struct tree_entry to = { name, strlen(name), s->mode, s->id, s->size };
	const struct tree_entry *from = NULL;
	err_t err;

	err = tree_up_to(b, s->path);
	if (err)
		return err;
	if (b->at.path && !strcmp(b->at.path, s->path))
		from = b->at.to;
	if (!from || from->mode != to.mode || !id_eq(&from->id, &to.id))
		err = b->fn(b->arg, s->path, from, &to);
	if (!err && from)
		err = tree_diff_next(&b->at, b->tree);
	return err;
}

err_t
tree_diff_stage(struct store *s, const struct id *tree, tree_change_fn *fn,
    void *arg)
{
	struct beside b = { .fn = fn, .arg = arg };
	err_t err;

	err = tree_diff_open(&b.tree, s, NULL, tree, "");
	if (!err)
		err = tree_diff_next(&b.at, b.tree);
	if (!err)
		err = stage_walk(s, "", stage_entry_beside, &b);
	if (!err)
		err = tree_up_to(&b, NULL);
	tree_diff_close(b.tree);
	return err;
}
