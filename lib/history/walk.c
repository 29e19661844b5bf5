/*
 * One heap serves all walks.  It gives the greatest version number first
 * (then the newest time, then the least id).  A version's number is greater
 * than its parents', so when one comes out, all that descend from it have
 * come out before: what they said of it (its marks) is complete, and the
 * copies that several children pushed come out one after another.  Nothing
 * has to be remembered about versions that were passed.
 */

#include "lib/history/walk.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/cancel.h"
#include "lib/base/mem.h"

enum mark {
	MARK_A = 1 << 0,	/* reached from the first side */
	MARK_B = 1 << 1,	/* reached from the second, or hidden */
	MARK_STALE = 1 << 2,	/* behind a common ancestor that was found */
};

struct front {
	struct commit_node node;
	unsigned marks;
};

struct heap {
	struct store *store;
	struct front *v;
	size_t n, cap;
};

/* True if a comes out before b. */
static bool
before(const struct commit_node *a, const struct commit_node *b)
{
	if (a->version != b->version)
		return a->version > b->version;
	if (a->time != b->time)
		return a->time > b->time;
	return id_cmp(&a->id, &b->id) < 0;
}

static void
heap_put(struct heap *h, const struct commit_node *node, unsigned marks)
{
	size_t i;

	VEC_ROOM(h->v, h->n, h->cap);
	i = h->n++;
	while (i && before(node, &h->v[(i - 1) / 2].node)) {
		h->v[i] = h->v[(i - 1) / 2];
		i = (i - 1) / 2;
	}
	h->v[i] = (struct front){ *node, marks };
}

static err_t
heap_put_id(struct heap *h, const struct id *id, unsigned marks)
{
	struct commit_node node;
	err_t err = commit_node(&node, h->store, id);

	if (!err)
		heap_put(h, &node, marks);
	return err;
}

static struct front
heap_take_one(struct heap *h)
{
	struct front top = h->v[0];
	struct front last = h->v[--h->n];
	size_t i = 0;

	for (;;) {
		size_t child = 2 * i + 1;

		if (child + 1 < h->n &&
		    before(&h->v[child + 1].node, &h->v[child].node))
			child++;
		if (child >= h->n || before(&last.node, &h->v[child].node))
			break;
		h->v[i] = h->v[child];
		i = child;
	}
	if (h->n)
		h->v[i] = last;
	return top;
}

/* The next version, with the marks of all its copies. */
static struct front
heap_take(struct heap *h)
{
	struct front top = heap_take_one(h);

	while (h->n && id_eq(&h->v[0].node.id, &top.node.id))
		top.marks |= heap_take_one(h).marks;
	return top;
}

/* True if one is left that has none of the marks. */
static bool
heap_has_without(const struct heap *h, unsigned marks)
{
	for (size_t i = 0; i < h->n; i++)
		if (!(h->v[i].marks & marks))
			return true;
	return false;
}

static err_t
heap_put_parents(struct heap *h, const struct commit_node *node,
    unsigned marks)
{
	struct commit_node parent;
	err_t err = cancel_check();

	for (unsigned i = 0; !err && i < node->n_parents; i++) {
		err = commit_parent(&parent, h->store, node, i);
		if (!err)
			heap_put(h, &parent, marks);
	}
	return err;
}

/* ---- log --------------------------------------------------------------- */

struct walk {
	struct heap heap;
	struct walk_options options;
	bool shown;
};

err_t
walk_open(struct walk **out, struct store *s,
    const struct walk_options *options, const struct id *from, size_t n,
    const struct id *hidden, size_t n_hidden)
{
	struct walk *w = mem_zalloc(sizeof(*w));
	err_t err = NULL;

	w->heap.store = s;
	w->options = *options;
	for (size_t i = 0; !err && i < n; i++)
		err = heap_put_id(&w->heap, &from[i], MARK_A);
	for (size_t i = 0; !err && i < n_hidden; i++)
		err = heap_put_id(&w->heap, &hidden[i], MARK_B);
	if (err) {
		walk_close(w);
		return err;
	}
	*out = w;
	return NULL;
}

/* Leave in node the parents to follow; *shown says whether the version is of
 * interest. */
static err_t
simplify(bool *shown, struct walk *w, struct commit_node *node)
{
	static const struct id none;
	err_t err = NULL;

	*shown = true;
	if (w->options.first_parent && node->n_parents > 1)
		node->n_parents = 1;
	if (!w->options.same)
		return NULL;
	if (!node->n_parents) {
		bool same = false;

		err = w->options.same(&same, w->options.arg, &none,
		    &node->tree);
		*shown = !same;
	}
	for (unsigned i = 0; !err && i < node->n_parents; i++) {
		struct commit_node parent;
		bool same = false;

		err = commit_parent(&parent, w->heap.store, node, i);
		if (!err)
			err = w->options.same(&same, w->options.arg,
			    &parent.tree, &node->tree);
		if (err || !same)
			continue;
		node->parents[0] = parent.id;
		node->n_parents = 1;
		*shown = false;
		break;
	}
	return err;
}

err_t
walk_next(bool *found, struct commit_node *out, struct walk *w)
{
	err_t err = NULL;

	*found = false;
	while (!err && heap_has_without(&w->heap, MARK_B)) {
		struct front f = heap_take(&w->heap);
		bool hidden = f.marks & MARK_B;

		w->shown = false;
		if (!hidden)
			err = simplify(&w->shown, w, &f.node);
		if (!err)
			err = heap_put_parents(&w->heap, &f.node, f.marks);
		if (!err && (w->shown || (w->options.all && !hidden))) {
			*out = f.node;
			*found = true;
			break;
		}
	}
	return err;
}

bool
walk_shown(const struct walk *w)
{
	return w->shown;
}

void
walk_close(struct walk *w)
{
	if (!w)
		return;
	free(w->heap.v);
	free(w);
}

/* ---- ancestors --------------------------------------------------------- */

err_t
walk_merge_bases(struct id **out, size_t *n, struct store *s,
    const struct id *a, const struct id *b)
{
	struct heap heap = { .store = s };
	struct id *bases = NULL;
	size_t count = 0, cap = 0;
	err_t err;

	err = heap_put_id(&heap, a, MARK_A);
	if (!err)
		err = heap_put_id(&heap, b, MARK_B);
	while (!err && heap_has_without(&heap, MARK_STALE)) {
		struct front f = heap_take(&heap);

		if ((f.marks & (MARK_A | MARK_B)) == (MARK_A | MARK_B)) {
			if (!(f.marks & MARK_STALE)) {
				VEC_ROOM(bases, count, cap);
				bases[count++] = f.node.id;
			}
			f.marks |= MARK_STALE;
		}
		err = heap_put_parents(&heap, &f.node, f.marks);
	}
	free(heap.v);
	if (err) {
		free(bases);
		return err;
	}
	*out = bases;
	*n = count;
	return NULL;
}

err_t
walk_is_ancestor(bool *out, struct store *s, const struct id *old,
    const struct id *new)
{
	struct heap heap = { .store = s };
	struct commit_node least;
	bool found = false;
	err_t err;

	err = commit_node(&least, s, old);
	if (!err)
		err = heap_put_id(&heap, new, MARK_A);
	while (!err && !found && heap.n) {
		struct front f = heap_take(&heap);

		found = id_eq(&f.node.id, old);
		if (!found && f.node.version > least.version)
			err = heap_put_parents(&heap, &f.node, MARK_A);
	}
	free(heap.v);
	if (!err)
		*out = found;
	return err;
}
