/*
 * Changes come as tree_diff says them.  They are kept until all are there, to
 * find the renamed ones; should there be too many for that, those kept are
 * said as they are and the rest goes straight through.
 */

#include "lib/history/diff.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/history/attr.h"
#include "lib/history/pathspec.h"
#include "lib/history/status.h"
#include "lib/history/tree.h"

struct kept {
	char *path;
	bool has_from, has_to;
	struct diff_side from, to;	/* paths are set when said */
	struct kept *pair;		/* the other half of a rename */
};

struct diff {
	struct repo *repo;
	const struct diff_end *a, *b;
	bool reverse;
	struct pathspec *ps;
	diff_visit_fn *fn;
	void *arg;
	struct kept *kept;
	size_t n, cap;
	bool straight;			/* too many: none are kept */
};

static void
side_of(struct diff_side *out, const struct tree_entry *e,
    const struct diff_end *end)
{
	*out = (struct diff_side){ NULL, e->mode, e->id, e->size,
	    end->place == DIFF_WORK };
}

static enum diff_kind
kind_of(const struct kept *k)
{
	if (!k->has_from || !k->has_to)
		return k->has_to ? DIFF_ADDED : DIFF_DELETED;
	return (k->from.mode == MODE_LINK) != (k->to.mode == MODE_LINK) ?
	    DIFF_TYPE : DIFF_MODIFIED;
}

static err_t
say(struct diff *d, struct kept *k)
{
	struct diff_change c = { kind_of(k), k->path, NULL, NULL };

	k->from.path = k->to.path = k->path;
	if (k->has_from)
		c.from = &k->from;
	if (k->has_to)
		c.to = &k->to;
	if (k->pair) {
		k->pair->from.path = k->pair->path;
		c.kind = DIFF_RENAMED;
		c.from = &k->pair->from;
	}
	return d->fn(d->arg, &c);
}

static err_t
say_kept(struct diff *d)
{
	err_t err = NULL;

	for (size_t i = 0; !err && i < d->n; i++) {
		/* A rename is said where it went to. */
		if (d->kept[i].pair && d->kept[i].has_from)
			continue;
		err = say(d, &d->kept[i]);
	}
	return err;
}

static void
drop_kept(struct diff *d)
{
	while (d->n)
		free(d->kept[--d->n].path);
	free(d->kept);
	d->kept = NULL;
	d->cap = 0;
}

static err_t
on_change(void *arg, const char *path, const struct tree_entry *from,
    const struct tree_entry *to)
{
	struct diff *d = arg;
	struct kept k = { .path = NULL };
	bool match = true;
	err_t err = NULL;

	if (d->ps)
		err = pathspec_match(&match, d->ps, path);
	if (err || !match)
		return err;
	k.has_from = d->reverse ? to : from;
	k.has_to = d->reverse ? from : to;
	if (from)
		side_of(d->reverse ? &k.to : &k.from, from, d->a);
	if (to)
		side_of(d->reverse ? &k.from : &k.to, to, d->b);
	k.path = mem_strdup(path);
	if (!d->straight && d->n == DIFF_RENAMES_MAX) {
		d->straight = true;
		err = say_kept(d);
		drop_kept(d);
	}
	if (!err && d->straight) {
		err = say(d, &k);
		free(k.path);
		return err;
	}
	VEC_ROOM(d->kept, d->n, d->cap);
	d->kept[d->n++] = k;
	return err;
}

/* ---- renames ----------------------------------------------------------- */

static int
content_cmp(const struct diff_side *a, const struct diff_side *b)
{
	int cmp = id_cmp(&a->id, &b->id);

	return cmp ? cmp : (a->mode == MODE_LINK) - (b->mode == MODE_LINK);
}

static int
by_content(const void *a, const void *b)
{
	const struct kept *x = *(struct kept *const *)a;
	const struct kept *y = *(struct kept *const *)b;
	int cmp = content_cmp(&x->from, &y->from);

	return cmp ? cmp : strcmp(x->path, y->path);
}

/* The first deleted file with that content which is not taken. */
static struct kept *
take_deleted(struct kept **deleted, size_t n, const struct diff_side *want)
{
	size_t low = 0, high = n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (content_cmp(&deleted[mid]->from, want) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	while (low < n && !content_cmp(&deleted[low]->from, want)) {
		if (!deleted[low]->pair)
			return deleted[low];
		low++;
	}
	return NULL;
}

/* Empty files are all alike: none is another one renamed. */
static bool
may_be_renamed(const struct kept *k)
{
	const struct diff_side *side = k->has_to ? &k->to : &k->from;

	return k->has_from != k->has_to && side->size &&
	    !id_is_zero(&side->id);
}

static void
find_renames(struct diff *d)
{
	struct kept **deleted = mem_array(d->n, sizeof(*deleted));
	size_t n = 0;

	for (size_t i = 0; i < d->n; i++)
		if (d->kept[i].has_from && may_be_renamed(&d->kept[i]))
			deleted[n++] = &d->kept[i];
	if (n)
		qsort(deleted, n, sizeof(*deleted), by_content);
	for (size_t i = 0; n && i < d->n; i++) {
		struct kept *k = &d->kept[i];
		struct kept *from;

		if (!k->has_to || !may_be_renamed(k))
			continue;
		from = take_deleted(deleted, n, &k->to);
		k->pair = from;
		if (from)
			from->pair = k;
	}
	free(deleted);
}

/* ---- running ----------------------------------------------------------- */

static err_t
collect(struct diff *d)
{
	const struct diff_end *a = d->a, *b = d->b;
	struct store *s = d->repo->store;

	if (b->place == DIFF_WORK)
		return status_diff(d->repo, a->place == DIFF_STAGE ?
		    NULL : &a->tree, d->ps, on_change, d);
	if (a->place != DIFF_TREE)
		BUG("diff of the stage with what is not the working tree");
	if (b->place == DIFF_STAGE)
		return tree_diff_stage(s, &a->tree, on_change, d);
	return tree_diff(s, &a->tree, &b->tree, on_change, d);
}

err_t
diff_run(struct repo *r, const struct diff_end *a, const struct diff_end *b,
    bool reverse, struct pathspec *ps, diff_visit_fn *fn, void *arg)
{
	struct diff d = { .repo = r, .a = a, .b = b, .reverse = reverse,
	    .ps = ps, .fn = fn, .arg = arg };
	err_t err;

	err = collect(&d);
	if (!err) {
		find_renames(&d);
		err = say_kept(&d);
	}
	drop_kept(&d);
	return err;
}

const char *
diff_word(enum diff_kind kind)
{
	switch (kind) {
	case DIFF_ADDED:
		return "added";
	case DIFF_MODIFIED:
		return "modified";
	case DIFF_DELETED:
		return "deleted";
	case DIFF_RENAMED:
		return "renamed";
	case DIFF_TYPE:
		return "retyped";
	}
	BUG("no such kind of difference");
}

void
diff_count(struct diff_counts *counts, enum diff_kind kind)
{
	counts->added += kind == DIFF_ADDED;
	counts->modified += kind == DIFF_MODIFIED || kind == DIFF_TYPE;
	counts->deleted += kind == DIFF_DELETED;
	counts->renamed += kind == DIFF_RENAMED;
}

static err_t
find_records(bool *known, uint64_t *records, struct repo *r,
    struct attrs *attrs, const struct diff_side *side)
{
	struct content content;
	enum cut cut;
	bool stored = true;
	err_t err;

	*known = false;
	if (side->mode == MODE_LINK || id_is_zero(&side->id))
		return NULL;
	err = attr_cut(&cut, attrs, side->path);
	/* The working tree's content may be nowhere else. */
	if (!err && side->in_work)
		err = content_has(&stored, r->store, &side->id);
	if (!err && stored)
		err = content_stat(&content, r->store, &side->id, cut);
	if (err || !stored)
		return err;
	*known = content.cut != CUT_BINARY;
	*records = content.records;
	return NULL;
}

err_t
diff_records(bool *known, uint64_t *records, struct repo *r,
    struct attrs *attrs, const struct diff_side *side)
{
	err_t err = store_view_begin(r->store);

	if (err)
		return err;
	err = find_records(known, records, r, attrs, side);
	store_view_end(r->store);
	return err;
}
