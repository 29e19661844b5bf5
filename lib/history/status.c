/*
 * The last version's tree against the stage, and the stage against the
 * working tree: for everything that is one walk of the stage with the other
 * two beside it, for a selection two passes.  What is kept is as long as
 * there are changes, not files.
 */

#include "lib/history/status.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/history/pathspec.h"

/* ---- one list --------------------------------------------------------- */

static struct status_item *
add_item(struct status *s, const char *path, enum status_code staged,
    enum status_code work)
{
	struct status_item *item;

	VEC_ROOM(s->items, s->n, s->cap);
	item = &s->items[s->n++];
	*item = (struct status_item){ mem_strdup(path), NULL, staged, work };
	return item;
}

void
status_release(struct status *s)
{
	for (size_t i = 0; i < s->n; i++) {
		free(s->items[i].path);
		free(s->items[i].from);
	}
	free(s->items);
	for (size_t i = 0; i < s->n_notes; i++)
		free(s->notes[i]);
	free(s->notes);
	*s = (struct status)STATUS_INIT;
}

const char *
status_word(enum status_code code)
{
	switch (code) {
	case STATUS_NONE:
		return "unchanged";
	case STATUS_ADDED:
		return "added";
	case STATUS_MODIFIED:
		return "modified";
	case STATUS_DELETED:
		return "deleted";
	case STATUS_RENAMED:
		return "renamed";
	case STATUS_TYPE:
		return "retyped";
	case STATUS_UNTRACKED:
		return "untracked";
	case STATUS_IGNORED:
		return "ignored";
	case STATUS_UNREADABLE:
		return "unreadable";
	}
	BUG("unknown status %d", (int)code);
}

/* ---- the last version and the stage ----------------------------------- */

/* What renames are found by; index is that of the item. */
struct moved {
	struct id id;
	size_t index;
};

struct staged {
	struct status *status;
	struct pathspec *ps;
	struct moved *added, *deleted;
	size_t n_added, cap_added, n_deleted, cap_deleted;
};

static err_t
visit_change(void *arg, const char *path, const struct tree_entry *from,
    const struct tree_entry *to)
{
	struct staged *s = arg;
	struct status *st = s->status;
	bool yes = true;
	err_t err = s->ps ? pathspec_match(&yes, s->ps, path) : NULL;

	if (err || !yes)
		return err;
	if (!from) {
		VEC_ROOM(s->added, s->n_added, s->cap_added);
		if (to->size)
			s->added[s->n_added++] =
			    (struct moved){ to->id, st->n };
		add_item(st, path, STATUS_ADDED, STATUS_NONE);
	} else if (!to) {
		VEC_ROOM(s->deleted, s->n_deleted, s->cap_deleted);
		if (from->size)
			s->deleted[s->n_deleted++] =
			    (struct moved){ from->id, st->n };
		add_item(st, path, STATUS_DELETED, STATUS_NONE);
	} else if ((from->mode == MODE_LINK) != (to->mode == MODE_LINK)) {
		add_item(st, path, STATUS_TYPE, STATUS_NONE);
	} else {
		add_item(st, path, STATUS_MODIFIED, STATUS_NONE);
	}
	return NULL;
}

static int
compare_moved(const void *a, const void *b)
{
	const struct moved *x = a, *y = b;
	int c = id_cmp(&x->id, &y->id);

	return c ? c : (x->index > y->index) - (x->index < y->index);
}

/* A file that is gone and one that is new with the same bytes are one that
 * was renamed. */
static void
find_renames(struct staged *s)
{
	size_t d = 0;

	if (!s->n_added || !s->n_deleted)
		return;
	qsort(s->added, s->n_added, sizeof(*s->added), compare_moved);
	qsort(s->deleted, s->n_deleted, sizeof(*s->deleted), compare_moved);
	for (size_t a = 0; a < s->n_added && d < s->n_deleted;) {
		int c = id_cmp(&s->added[a].id, &s->deleted[d].id);

		if (!c) {
			struct status_item *to, *from;

			to = &s->status->items[s->added[a].index];
			from = &s->status->items[s->deleted[d].index];
			to->staged = STATUS_RENAMED;
			to->from = from->path;
			from->path = NULL;	/* dropped by tidy */
		}
		a += c <= 0;
		d += c >= 0;
	}
}

static void
staged_release(struct staged *s)
{
	free(s->added);
	free(s->deleted);
}

/* Zero if there is no version yet. */
static err_t
head_tree(struct id *out, struct repo *r)
{
	struct head head = HEAD_INIT;
	struct commit_node node = { .version = 0 };
	err_t err;

	err = repo_head(&head, r);
	if (!err && !id_is_zero(&head.commit))
		err = commit_node(&node, r->store, &head.commit);
	if (!err)
		*out = node.tree;
	head_release(&head);
	return err;
}

/* ---- the stage and the working tree ----------------------------------- */

static void
add_note(struct status *s, const char *rest, const char *path)
{
	struct buf line = BUF_INIT;

	buf_str(&line, "\"");
	buf_str(&line, path);
	buf_str(&line, rest);
	VEC_ROOM(s->notes, s->n_notes, s->cap_notes);
	s->notes[s->n_notes++] = buf_detach(&line);
}

/* Files to be read when the walk is over; see work_settle. */
struct doubts {
	struct work_doubt *v;
	size_t *index;			/* of what each is about */
	size_t n, cap, cap_index;
};

static void
add_doubt(struct doubts *d, const struct work_item *item, const char *path,
    size_t index)
{
	VEC_ROOM(d->v, d->n, d->cap);
	VEC_ROOM(d->index, d->n, d->cap_index);
	d->index[d->n] = index;
	d->v[d->n++] = (struct work_doubt){ .path = path,
	    .mode = item->staged->mode, .id = item->staged->id };
}

static void
doubts_release(struct doubts *d)
{
	free(d->v);
	free(d->index);
}

struct worked {
	struct status *status;
	struct staged staged;
	struct doubts doubts;
	struct tree_diff *head;		/* files of the last version, … */
	struct tree_change next;	/* … the next of them; or NULL */
};

static void
entry_of_stage(struct tree_entry *out, const struct stage_entry *e)
{
	memset(out, 0, sizeof(*out));
	out->mode = e->mode;
	out->id = e->id;
	out->size = e->size;
}

/* The files of the last version up to the path (NULL: all), and what the
 * stage has there. */
static err_t
compare_head(struct worked *w, const char *path, const struct stage_entry *e)
{
	struct tree_entry to;
	err_t err = NULL;
	int c = 1;

	while (!err && w->next.path) {
		c = path ? strcmp(w->next.path, path) : -1;
		if (c >= 0)
			break;
		err = visit_change(&w->staged, w->next.path, w->next.to, NULL);
		if (!err)
			err = tree_diff_next(&w->next, w->head);
	}
	if (err || !path)
		return err;
	entry_of_stage(&to, e);
	if (!w->next.path || c)
		return visit_change(&w->staged, path, NULL, &to);
	if (w->next.to->mode != e->mode || !id_eq(&w->next.to->id, &e->id))
		err = visit_change(&w->staged, path, w->next.to, &to);
	return err ? err : tree_diff_next(&w->next, w->head);
}

static err_t
visit_work(void *arg, const struct work_item *item)
{
	struct worked *w = arg;
	struct status *s = w->status;
	enum status_code code;

	switch (item->state) {
	case WORK_MODIFIED:
		code = STATUS_MODIFIED;
		break;
	case WORK_DOUBTFUL:
		add_item(s, item->path, STATUS_NONE, STATUS_MODIFIED);
		add_doubt(&w->doubts, item, s->items[s->n - 1].path, s->n - 1);
		return NULL;
	case WORK_TYPE:
		code = STATUS_TYPE;
		break;
	case WORK_DELETED:
		code = STATUS_DELETED;
		break;
	case WORK_UNTRACKED:
		code = STATUS_UNTRACKED;
		break;
	case WORK_IGNORED:
		code = STATUS_IGNORED;
		break;
	case WORK_UNREADABLE:
		code = STATUS_UNREADABLE;
		break;
	case WORK_REPO:
		add_note(s, "\" is another repository and is left alone",
		    item->path);
		return NULL;
	case WORK_SPECIAL:
		add_note(s, "\" is not a file, directory or link and is left "
		    "alone", item->path);
		return NULL;
	default:
		return NULL;
	}
	add_item(s, item->path, STATUS_NONE, code);
	return NULL;
}

static int
compare_items(const void *a, const void *b)
{
	const struct status_item *x = a, *y = b;
	int c;

	if (!x->path || !y->path)
		return (x->path == NULL) - (y->path == NULL);
	c = strcmp(x->path, y->path);
	return c ? c : (x->staged == STATUS_NONE) - (y->staged == STATUS_NONE);
}

/* Sort, drop what became part of a rename, and make one item of a file's two
 * changes. */
static void
tidy(struct status *s)
{
	size_t n = 0;

	if (s->n)
		qsort(s->items, s->n, sizeof(*s->items), compare_items);
	for (size_t i = 0; i < s->n && s->items[i].path; i++) {
		struct status_item *item = &s->items[i];
		struct status_item *last = n ? &s->items[n - 1] : NULL;

		if (last && !strcmp(last->path, item->path) &&
		    item->work != STATUS_UNTRACKED &&
		    item->work != STATUS_IGNORED) {
			last->work = item->work;
			free(item->path);
		} else {
			s->items[n++] = *item;
		}
	}
	s->n = n;
	for (size_t i = 0; i < n; i++) {
		enum status_code work = s->items[i].work;

		s->n_staged += s->items[i].staged != STATUS_NONE;
		s->n_untracked += work == STATUS_UNTRACKED;
		s->n_ignored += work == STATUS_IGNORED;
		s->n_work += work != STATUS_NONE && work != STATUS_UNTRACKED &&
		    work != STATUS_IGNORED;
	}
}

static err_t
visit_both(void *arg, const struct work_item *item)
{
	struct worked *w = arg;
	err_t err = NULL;

	if (item->staged)
		err = compare_head(w, item->path, item->staged);
	return err ? err : visit_work(w, item);
}

static err_t
collect_all(struct worked *w, struct repo *r, const struct id *tree,
    unsigned flags)
{
	err_t err = NULL;

	if (!id_is_zero(tree)) {
		err = tree_diff_open(&w->head, r->store, NULL, tree, "");
		if (!err)
			err = tree_diff_next(&w->next, w->head);
	}
	if (!err)
		err = work_walk(r, NULL, flags | WORK_SHOW_SAME, visit_both, w);
	if (!err)
		err = compare_head(w, NULL, NULL);
	tree_diff_close(w->head);
	w->head = NULL;
	return err;
}

static err_t
collect(struct worked *w, struct repo *r, struct pathspec *ps,
    unsigned flags)
{
	struct id tree;
	err_t err;

	err = head_tree(&tree, r);
	if (err)
		return err;
	if (!ps || pathspec_is_all(ps))
		return collect_all(w, r, &tree, flags);
	w->staged.ps = ps;
	err = tree_diff_stage(r->store, &tree, visit_change, &w->staged);
	return err ? err : work_walk(r, ps, flags, visit_work, w);
}

static err_t
settle(struct worked *w, struct repo *r)
{
	err_t err = work_settle(w->doubts.v, w->doubts.n, r);

	for (size_t i = 0; !err && i < w->doubts.n; i++) {
		struct status_item *item;

		item = &w->status->items[w->doubts.index[i]];
		if (w->doubts.v[i].state == WORK_UNREADABLE)
			item->work = STATUS_UNREADABLE;
		if (w->doubts.v[i].state == WORK_SAME) {
			free(item->path);
			item->path = NULL;	/* dropped by tidy */
		}
	}
	return err;
}

err_t
status_collect(struct status *out, struct repo *r, struct pathspec *ps,
    unsigned flags)
{
	struct status s = STATUS_INIT;
	struct worked w = { .status = &s, .staged = { .status = &s } };
	err_t err;

	err = store_view_begin(r->store);
	if (err)
		return err;
	err = collect(&w, r, ps, flags | WORK_NO_READING);
	store_view_end(r->store);
	if (!err)
		err = settle(&w, r);
	if (!err)
		find_renames(&w.staged);
	staged_release(&w.staged);
	doubts_release(&w.doubts);
	if (err) {
		status_release(&s);
		return err;
	}
	tidy(&s);
	*out = s;
	return NULL;
}

/* ---- a version and the working tree ----------------------------------- */

struct change {
	char *path;
	struct tree_entry from, to;
	bool has_from, has_to;
	bool in_work;		/* to is what the working tree has */
	bool same;		/* as it turned out */
};

struct changes {
	struct repo *r;
	struct pathspec *ps;
	struct change *v;
	size_t n, cap;
	struct doubts doubts;
};

static struct change *
add_change(struct changes *c, const char *path)
{
	struct change *ch;

	VEC_ROOM(c->v, c->n, c->cap);
	ch = &c->v[c->n++];
	memset(ch, 0, sizeof(*ch));
	ch->path = mem_strdup(path);
	return ch;
}

static void
set_name(struct tree_entry *e, const char *path)
{
	const char *slash = strrchr(path, '/');

	e->name = slash ? slash + 1 : path;
	e->name_len = strlen(e->name);
}

static err_t
note_staged(void *arg, const char *path, const struct tree_entry *from,
    const struct tree_entry *to)
{
	struct changes *c = arg;
	struct change *ch;
	bool yes = true;
	err_t err = c->ps ? pathspec_match(&yes, c->ps, path) : NULL;

	if (err || !yes)
		return err;
	ch = add_change(c, path);
	ch->has_from = from;
	ch->has_to = to;
	if (from)
		ch->from = *from;
	if (to)
		ch->to = *to;
	return NULL;
}

static err_t
note_work(void *arg, const struct work_item *item)
{
	struct changes *c = arg;
	struct change *ch;

	if (item->state == WORK_SAME)
		return NULL;
	if (item->state == WORK_UNREADABLE)
		return err_adopt(item->found->failure);
	if (item->state == WORK_TYPE && item->found->type == SCAN_SPECIAL)
		return err_new(ERR_REFUSED, "\"%s\" is not a file or link any "
		    "more", item->path);
	ch = add_change(c, item->path);
	ch->in_work = true;
	ch->has_from = true;
	ch->from.mode = item->staged->mode;
	ch->from.id = item->staged->id;
	ch->from.size = item->staged->size;
	if (item->found) {
		ch->has_to = true;
		ch->to.mode = item->found->mode;
		ch->to.size = item->found->size;
	}
	if (item->state == WORK_DOUBTFUL)
		add_doubt(&c->doubts, item, ch->path, c->n - 1);
	return NULL;
}

static err_t
settle_changes(struct changes *c)
{
	err_t err = work_settle(c->doubts.v, c->doubts.n, c->r);

	for (size_t i = 0; !err && i < c->doubts.n; i++) {
		const struct work_doubt *d = &c->doubts.v[i];
		struct id id;

		c->v[c->doubts.index[i]].same = d->state == WORK_SAME;
		/* Once more, to say why. */
		if (d->state == WORK_UNREADABLE)
			err = work_hash(&id, c->r, d->path, d->mode);
	}
	return err;
}

static int
compare_changes(const void *a, const void *b)
{
	const struct change *x = a, *y = b;
	int c = strcmp(x->path, y->path);

	return c ? c : x->in_work - y->in_work;
}

/* The tree's side of one and the working tree's of the other. */
static err_t
join(struct change *c, const struct change *work, struct repo *r)
{
	struct id id;
	err_t err;

	if (work->same)
		return NULL;
	c->has_to = work->has_to;
	c->to = work->to;
	if (!c->has_from || !c->has_to || c->from.mode != c->to.mode ||
	    c->from.size != c->to.size)
		return NULL;
	err = work_hash(&id, r, c->path, c->to.mode);
	if (!err && id_eq(&id, &c->from.id))
		c->has_from = c->has_to = false;
	return err;
}

static err_t
report(struct changes *c, tree_change_fn *fn, void *arg)
{
	err_t err = NULL;

	for (size_t i = 0; !err && i < c->n; i++) {
		struct change *ch = &c->v[i];

		if (i + 1 < c->n && !strcmp(ch->path, ch[1].path)) {
			err = join(ch, &ch[1], c->r);
			i++;
		}
		if (err || ch->same || (!ch->has_from && !ch->has_to))
			continue;
		set_name(&ch->from, ch->path);
		set_name(&ch->to, ch->path);
		err = fn(arg, ch->path, ch->has_from ? &ch->from : NULL,
		    ch->has_to ? &ch->to : NULL);
	}
	return err;
}

err_t
status_diff(struct repo *r, const struct id *tree, struct pathspec *ps,
    tree_change_fn *fn, void *arg)
{
	struct changes c = { .r = r, .ps = ps };
	err_t err;

	err = store_view_begin(r->store);
	if (err)
		return err;
	if (tree)
		err = tree_diff_stage(r->store, tree, note_staged, &c);
	if (!err)
		err = work_walk(r, ps, WORK_NO_READING, note_work, &c);
	store_view_end(r->store);
	if (!err)
		err = settle_changes(&c);
	doubts_release(&c.doubts);
	if (!err && c.n)
		qsort(c.v, c.n, sizeof(*c.v), compare_changes);
	if (!err)
		err = report(&c, fn, arg);
	for (size_t i = 0; i < c.n; i++)
		free(c.v[i].path);
	free(c.v);
	return err;
}
