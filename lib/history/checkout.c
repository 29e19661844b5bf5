/*
 * The plan: which paths change, and whether something of the user's would be
 * lost.  Nothing is written before all of it has been looked at.
 *
 * Letters below: H the version that is left, T the one to come, S the stage,
 * W the working tree.
 *
 *	S = T			nothing to do; changes in W are kept
 *	S = H, W = S or gone	write T
 *	S = H, W = T already	only the stage
 *	S = H, W else		refused: a local change
 *	S neither		refused: a staged change
 *
 * Paths with H = T are not looked at at all.
 */

#include "lib/history/checkout.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/base/text.h"
#include "lib/history/checkout_int.h"
#include "lib/history/pathspec.h"
#include "lib/history/tree.h"
#include "lib/history/work.h"

#define NAMED_MAX 10

struct plan {
	const struct checkout *c;
	struct wishes w;
	struct pathspec *ps;	/* NULL: everything */
	struct buf changed;	/* names, up to NAMED_MAX */
	struct buf in_way;
	size_t n_changed, n_in_way;
	char *clear;		/* a directory with nothing in its way */
	char *last;		/* in in_way */
};

const char *
checkout_path(const struct wishes *w, const struct wish *wish)
{
	return w->paths.p + wish->path;
}

struct wish *
checkout_wish(struct wishes *w, const char *path,
    const struct tree_entry *target)
{
	struct wish *wish;

	VEC_ROOM(w->v, w->n, w->cap);
	wish = &w->v[w->n++];
	memset(wish, 0, sizeof(*wish));
	wish->path = w->paths.len;
	buf_add(&w->paths, path, strlen(path) + 1);
	if (target) {
		wish->exists = true;
		wish->mode = target->mode;
		wish->id = target->id;
		wish->size = target->size;
	}
	return wish;
}

static void
note_name(struct buf *names, size_t *n, const char *path)
{
	if ((*n)++ < NAMED_MAX)
		buf_printf(names, "%s\"%s\"", names->len ? ", " : "", path);
}

static void
note_changed(struct plan *p, const char *path)
{
	note_name(&p->changed, &p->n_changed, path);
}

static void
note_in_way(struct plan *p, const char *path)
{
	/* Several files may be kept out by one thing. */
	if (p->last && !strcmp(p->last, path))
		return;
	free(p->last);
	p->last = mem_strdup(path);
	note_name(&p->in_way, &p->n_in_way, path);
}

static void
finish_names(struct buf *names, size_t n)
{
	if (n > NAMED_MAX)
		buf_printf(names, " and %zu more", n - NAMED_MAX);
}

/* NULL if nothing would be lost. */
static err_t
refuse(struct plan *p)
{
	finish_names(&p->changed, p->n_changed);
	finish_names(&p->in_way, p->n_in_way);
	if (p->n_changed && p->n_in_way)
		return err_new(ERR_REFUSED, "changes would be lost in %s, and "
		    "files that are not tracked are in the way: %s; commit, "
		    "restore or move them, or use --force", p->changed.p,
		    p->in_way.p);
	if (p->n_changed)
		return err_new(ERR_REFUSED, "changes would be lost in %s; "
		    "commit or restore them, or give them up with --force",
		    p->changed.p);
	if (p->n_in_way && p->c->flags & CHECKOUT_FORCE)
		return err_new(ERR_REFUSED, "directories with files that are "
		    "not tracked are in the way: %s; move them",
		    p->in_way.p);
	if (p->n_in_way)
		return err_new(ERR_REFUSED, "files that are not tracked are "
		    "in the way: %s; add or move them, or give them up with "
		    "--force", p->in_way.p);
	return NULL;
}

/* ---- what is in the way ----------------------------------------------- */

static err_t
stop_at_untracked(void *arg, const struct work_item *item)
{
	bool *any = arg;

	if (!item->staged)
		*any = true;
	return NULL;
}

/* Has the directory anything in it that is not tracked? */
static err_t
has_untracked(bool *out, struct repo *r, const char *dir)
{
	struct pathspec *ps = NULL;
	struct buf typed = BUF_INIT;
	const char *v;
	err_t err;

	/* Absolute: what is typed otherwise is relative to the prefix. */
	buf_printf(&typed, "%s/%s", r->root, dir);
	v = typed.p;
	*out = false;
	err = pathspec_new(&ps, r, &v, 1, NULL, NULL, NULL);
	if (!err)
		err = work_walk(r, ps, WORK_SHOW_UNTRACKED |
		    WORK_SHOW_IGNORED | WORK_NO_READING, stop_at_untracked,
		    out);
	pathspec_free(ps);
	buf_release(&typed);
	return err;
}

/*
 * A new path needs directories above it.  What is there instead may go if it
 * is tracked (then it is to be gone in T), or by force.
 */
static err_t
check_parents(struct plan *p, const char *path)
{
	const char *slash = strrchr(path, '/');
	size_t len = slash ? (size_t)(slash - path) : 0;
	struct repo *r = p->c->r;
	char *part;
	bool ok = true;
	err_t err = NULL;

	if (!len || (p->clear && strlen(p->clear) == len &&
	    !memcmp(p->clear, path, len)))
		return NULL;
	part = mem_strndup(path, len);
	for (char *end = strchr(part, '/'); ok && !err;
	    end = strchr(end + 1, '/')) {
		struct stage_entry e;
		struct stat st;

		if (end)
			*end = '\0';
		if (!fstatat(r->rootfd, part, &st, AT_SYMLINK_NOFOLLOW) &&
		    !S_ISDIR(st.st_mode)) {
			bool goes = true;

			ok = false;
			err = stage_get(&e, r->store, part);
			if (err_is(err, ERR_NOT_FOUND)) {
				err = NULL;
				goes = false;
			} else if (!err && p->ps) {
				err = pathspec_match(&goes, p->ps, part);
			}
			if (!goes && !(p->c->flags & CHECKOUT_FORCE))
				note_in_way(p, part);
		}
		if (!end)
			break;
		*end = '/';
	}
	if (ok && !err) {
		free(p->clear);
		p->clear = part;
		part = NULL;
	}
	free(part);
	return err;
}

/* Is the file in the working tree the target already? */
static err_t
is_target(bool *out, struct repo *r, const char *path,
    const struct scan_entry *found, const struct tree_entry *target)
{
	struct id id;
	err_t err;

	*out = false;
	if (!target || found->failure || found->mode != target->mode ||
	    found->size != target->size)
		return NULL;
	err = work_hash(&id, r, path, found->mode);
	if (err_is(err, ERR_CANCELLED))
		return err;
	*out = !err && id_eq(&id, &target->id);
	return NULL;
}

/* ---- one path --------------------------------------------------------- */

static bool
same(const struct stage_entry *e, const struct tree_entry *t)
{
	if (!e || !t)
		return !e && !t;
	return e->mode == t->mode && id_eq(&e->id, &t->id);
}

/* The path is to become the target; item is what is there.  may_lose: local
 * changes of a tracked file are not asked about. */
static err_t
plan_path(struct plan *p, const struct work_item *item,
    const struct tree_entry *target, bool may_lose)
{
	bool force = p->c->flags & CHECKOUT_FORCE;
	const struct scan_entry *found = item->found;
	struct wish *wish;
	bool done, untracked = false;
	err_t err;

	wish = checkout_wish(&p->w, item->path, target);
	wish->do_stage = true;
	wish->do_work = true;
	if (item->state == WORK_SAME && same(item->staged, target)) {
		wish->do_work = false;
		wish->silent = true;
		goto keep;
	}
	if (!found) {
		wish->do_work = target != NULL;
		return target ? check_parents(p, item->path) : NULL;
	}
	wish->replace = true;
	if (found->type == SCAN_DIR || found->type == SCAN_REPO) {
		/* Only ever removed when it is empty. */
		wish->replace = false;
		wish->do_work = target != NULL;
		if (!target)
			return NULL;
		err = has_untracked(&untracked, p->c->r, item->path);
		if (!err && untracked)
			note_in_way(p, item->path);
		return err;
	}
	if (item->state == WORK_SAME)
		return NULL;
	err = is_target(&done, p->c->r, item->path, found, target);
	if (err)
		return err;
	if (done) {
		wish->do_work = false;
		goto keep;
	}
	if (force || (item->staged && may_lose))
		return NULL;
	if (found->failure)
		return found->failure;
	if (item->staged)
		note_changed(p, item->path);
	else if (target)
		note_in_way(p, item->path);
	else
		wish->do_work = false;	/* not ours to remove */
	return NULL;
keep:
	wish = &p->w.v[p->w.n - 1];
	wish->mtime = found->mtime;
	wish->ctime = found->ctime;
	wish->inode = found->inode;
	return NULL;
}

/* ---- from one version to another -------------------------------------- */

static err_t
switch_path(void *arg, const char *path, const struct tree_entry *from,
    const struct tree_entry *to)
{
	struct plan *p = arg;
	struct work_room room;
	err_t err;

	err = work_look(&room, p->c->r, path, 0);
	if (err)
		return err;
	if (same(room.item.staged, to))
		return NULL;
	if (!same(room.item.staged, from)) {
		note_changed(p, path);
		return NULL;
	}
	return plan_path(p, &room.item, to, false);
}

/* ---- paths, and everything by force ----------------------------------- */

/* What a path is to be, from two walks: where the stage differs from T, and
 * where the working tree differs from the stage. */
struct goal {
	char *path;
	struct tree_entry target;
	bool exists;
	bool from_tree;		/* of the first walk; it goes before */
};

struct goals {
	struct plan *p;
	struct goal *v;
	size_t n, cap;
};

static struct goal *
add_goal(struct goals *g, const char *path)
{
	struct goal *goal;

	VEC_ROOM(g->v, g->n, g->cap);
	goal = &g->v[g->n++];
	memset(goal, 0, sizeof(*goal));
	goal->path = mem_strdup(path);
	return goal;
}

static err_t
goal_of_tree(void *arg, const char *path, const struct tree_entry *from,
    const struct tree_entry *to)
{
	struct goals *g = arg;
	struct goal *goal;
	bool yes = true;
	err_t err = NULL;

	(void)to;
	if (g->p->ps)
		err = pathspec_match(&yes, g->p->ps, path);
	if (err || !yes)
		return err;
	goal = add_goal(g, path);
	goal->from_tree = true;
	goal->exists = from;
	if (from)
		goal->target = *from;
	return NULL;
}

static err_t
goal_of_stage(void *arg, const struct work_item *item)
{
	struct goals *g = arg;
	struct goal *goal;

	if (item->state == WORK_SAME)
		return NULL;
	goal = add_goal(g, item->path);
	goal->exists = true;
	goal->target.mode = item->staged->mode;
	goal->target.id = item->staged->id;
	goal->target.size = item->staged->size;
	return NULL;
}

static int
compare_goals(const void *a, const void *b)
{
	const struct goal *x = a, *y = b;
	int c = strcmp(x->path, y->path);

	return c ? c : y->from_tree - x->from_tree;
}

static err_t
plan_goal(struct plan *p, const struct goal *goal)
{
	const struct tree_entry *target = goal->exists ? &goal->target : NULL;
	unsigned flags = p->c->flags;
	struct work_room room;
	struct wish *wish;
	err_t err;

	if (!target && flags & CHECKOUT_OVERLAY)
		return NULL;
	if (!(flags & CHECKOUT_WORK)) {
		wish = checkout_wish(&p->w, goal->path, target);
		wish->do_stage = true;
		return NULL;
	}
	err = work_look(&room, p->c->r, goal->path, 0);
	if (!err)
		err = plan_path(p, &room.item, target, true);
	if (err)
		return err;
	/* The stage stays; only what it remembers of the file is new. */
	wish = &p->w.v[p->w.n - 1];
	if (!(flags & CHECKOUT_STAGE) && !same(room.item.staged, target))
		wish->do_stage = false;
	return NULL;
}

static err_t
plan_goals(struct plan *p, const struct id *tree)
{
	struct goals g = { .p = p };
	err_t err = NULL;

	if (tree)
		err = tree_diff_stage(p->c->r->store, tree, goal_of_tree, &g);
	if (!err && p->c->flags & CHECKOUT_WORK)
		err = work_walk(p->c->r, p->ps, WORK_NO_READING, goal_of_stage,
		    &g);
	if (!err && g.n)
		qsort(g.v, g.n, sizeof(*g.v), compare_goals);
	for (size_t i = 0; !err && i < g.n; i++) {
		if (!i || strcmp(g.v[i].path, g.v[i - 1].path))
			err = plan_goal(p, &g.v[i]);
	}
	for (size_t i = 0; i < g.n; i++)
		free(g.v[i].path);
	free(g.v);
	return err;
}

/* Operands that changed nothing may still name something. */
static err_t
match_tree(void *arg, const char *path, const struct tree_entry *e)
{
	bool unused;

	(void)e;
	return pathspec_match(&unused, arg, path);
}

static err_t
match_stage(void *arg, const struct stage_entry *e)
{
	bool unused;

	return pathspec_match(&unused, arg, e->path);
}

static bool
all_matched(const struct pathspec *ps)
{
	err_t err = pathspec_check_any(ps);

	return !err && !pathspec_unmatched(ps);
}

static err_t
check_operands(struct plan *p, const struct id *tree)
{
	bool overlay = tree && p->c->flags & CHECKOUT_OVERLAY;
	struct store *s = p->c->r->store;
	const char *const *roots;
	const char *typed;
	size_t n;
	err_t err = NULL;

	if (overlay)
		pathspec_forget(p->ps);
	roots = pathspec_roots(p->ps, &n);
	for (size_t i = 0; !err && i < n && !all_matched(p->ps); i++) {
		if (!overlay)
			err = stage_walk(s, roots[i], match_stage, p->ps);
		if (!err && tree)
			err = tree_walk(s, tree, roots[i], match_tree, p->ps);
		if (err_is(err, ERR_NOT_FOUND))
			err = NULL;
	}
	typed = pathspec_unmatched(p->ps);
	if (!err && typed)
		err = err_new(ERR_NOT_FOUND, "\"%s\" selects no %s", typed,
		    overlay ? "file of that version" :
		    "tracked file; \"dsv ls\" lists them");
	return err ? err : pathspec_check_any(p->ps);
}

/* ---- names that the file system takes for one ------------------------- */

struct folded {
	char *fold;
	char *path;
	bool is_dir;
};

struct folds {
	struct folded *v;
	size_t n, cap;
};

static void
add_fold(struct folds *f, const char *path, size_t len, bool is_dir)
{
	struct buf fold = BUF_INIT;

	text_fold(&fold, path, len);
	VEC_ROOM(f->v, f->n, f->cap);
	f->v[f->n++] = (struct folded){ buf_detach(&fold),
	    mem_strndup(path, len), is_dir };
}

static err_t
fold_file(void *arg, const char *path, const struct tree_entry *e)
{
	struct folds *f = arg;
	const char *last = f->n ? f->v[f->n - 1].path : "";

	(void)e;
	for (const char *slash = strchr(path, '/'); slash;
	    slash = strchr(slash + 1, '/')) {
		size_t len = (size_t)(slash - path);

		/* In byte order the files of a directory follow each other. */
		if (strncmp(last, path, len + 1))
			add_fold(f, path, len, true);
	}
	add_fold(f, path, strlen(path), false);
	return NULL;
}

static int
compare_folds(const void *a, const void *b)
{
	const struct folded *x = a, *y = b;
	int c = strcmp(x->fold, y->fold);

	return c ? c : strcmp(x->path, y->path);
}

static bool
folds_case(struct repo *r)
{
	struct stat a, b;

	return !fstatat(r->rootfd, ".dsv", &a, AT_SYMLINK_NOFOLLOW) &&
	    !fstatat(r->rootfd, ".DSV", &b, AT_SYMLINK_NOFOLLOW) &&
	    a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

err_t
checkout_check_names(struct repo *r, const struct id *tree)
{
	struct folds f = { NULL, 0, 0 };
	err_t err;

	err = tree_walk(r->store, tree, "", fold_file, &f);
	if (!err && f.n)
		qsort(f.v, f.n, sizeof(*f.v), compare_folds);
	for (size_t i = 1; !err && i < f.n; i++) {
		const struct folded *x = &f.v[i - 1], *y = &f.v[i];

		if (!strcmp(x->fold, y->fold) && strcmp(x->path, y->path) &&
		    !(x->is_dir && y->is_dir))
			err = err_new(ERR_REFUSED, "\"%s\" and \"%s\" are one "
			    "name on this file system; rename one of them "
			    "first", x->path, y->path);
	}
	for (size_t i = 0; i < f.n; i++) {
		free(f.v[i].fold);
		free(f.v[i].path);
	}
	free(f.v);
	return err;
}

/* ---- doing it --------------------------------------------------------- */

static err_t
update_stage(struct wishes *w, bool partial)
{
	struct txn *t = w->c->txn;
	err_t err = NULL;

	for (size_t i = 0; !err && i < w->n; i++) {
		const struct wish *wish = &w->v[i];

		if (wish->do_stage && !wish->exists)
			err = stage_delete(t, checkout_path(w, wish));
		if (err_is(err, ERR_NOT_FOUND))
			err = NULL;
	}
	for (size_t i = 0; !err && i < w->n; i++) {
		const struct wish *wish = &w->v[i];
		struct stage_entry e = { .path = checkout_path(w, wish),
		    .mode = wish->mode, .id = wish->id, .size = wish->size,
		    .mtime = wish->mtime, .ctime = wish->ctime,
		    .inode = wish->inode };

		if (!wish->do_stage || !wish->exists)
			continue;
		if (partial)
			err = work_make_way(t, e.path);
		if (!err)
			err = stage_put(t, &e);
	}
	return err;
}

static err_t
tell(const struct wishes *w)
{
	err_t err = NULL;

	for (size_t i = 0; !err && w->c->fn && i < w->n; i++) {
		const struct wish *wish = &w->v[i];
		enum checkout_what what = CHECKOUT_STAGED;

		if (wish->silent)
			continue;
		if (wish->do_work)
			what = wish->exists ? CHECKOUT_WROTE :
			    CHECKOUT_REMOVED;
		err = w->c->fn(w->c->arg, checkout_path(w, wish), what);
	}
	return err;
}

err_t
checkout_apply(struct wishes *w, bool partial)
{
	err_t err = NULL;

	if (!(w->c->flags & CHECKOUT_DRY_RUN)) {
		err = checkout_write(w);
		if (!err)
			err = update_stage(w, partial);
	}
	return err ? err : tell(w);
}

void
checkout_release(struct wishes *w)
{
	buf_release(&w->paths);
	free(w->v);
}

static void
plan_release(struct plan *p)
{
	checkout_release(&p->w);
	buf_release(&p->changed);
	buf_release(&p->in_way);
	free(p->clear);
	free(p->last);
}

err_t
checkout_switch(const struct checkout *c, const struct id *from,
    const struct id *to)
{
	struct checkout all = *c;
	struct plan p = { .c = &all, .w = { .c = &all } };
	err_t err = NULL;

	all.flags |= CHECKOUT_WORK | CHECKOUT_STAGE;
	if (!id_is_zero(to) && folds_case(c->r))
		err = checkout_check_names(c->r, to);
	if (!err && c->flags & CHECKOUT_FORCE)
		err = plan_goals(&p, to);
	else if (!err)
		err = tree_diff(c->r->store, from, to, switch_path, &p);
	if (!err)
		err = refuse(&p);
	if (!err)
		err = checkout_apply(&p.w, false);
	plan_release(&p);
	return err;
}

err_t
checkout_paths(const struct checkout *c, const struct id *tree,
    struct pathspec *ps)
{
	struct plan p = { .c = c, .w = { .c = c }, .ps = ps };
	err_t err;

	err = plan_goals(&p, tree);
	if (!err)
		err = check_operands(&p, tree);
	if (!err)
		err = refuse(&p);
	if (!err)
		err = checkout_apply(&p.w, ps);
	plan_release(&p);
	return err;
}
