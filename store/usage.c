/*
 * How much room each group of a listing takes.
 *
 * One group after the other is held, and what is held is counted as a
 * collector of garbage does that counts references: an object is held as long
 * as something that is held refers to it.  The next group is taken hold of
 * before the last is let go, so that the work is what differs between the two.
 * Each object notes in how many groups it was held; one with a single group
 * is that group's alone.
 */

#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "store/derived.h"
#include "store/objects.h"
#include "store/store_int.h"

struct hold {
	uint32_t held;			/* references from what is held */
	uint32_t since;			/* group */
	uint32_t groups;		/* in which it was held, before that */
	bool outside;
};

struct nodes {
	uint32_t *v;
	size_t n, cap;
};

struct usage {
	struct store *store;
	struct objects objects;
	struct hold *holds;		/* one for each node */
	uint64_t *logical;		/* likewise; UNKNOWN */
	struct nodes next, last, stack;	/* groups; nodes to go on with */
	uint64_t added;			/* logical, of the next group */
	struct usage_sums now;		/* of what is held */
	struct usage_sums *sums;	/* one for each group */
	size_t n, cap;
	struct usage_sums total;
	bool outside;			/* what is taken hold of is */
};

#define UNKNOWN UINT64_MAX

static void
push(struct nodes *s, uint32_t node)
{
	VEC_ROOM(s->v, s->n, s->cap);
	s->v[s->n++] = node;
}

err_t
usage_open(struct usage **out, struct store *s)
{
	struct usage *u = mem_zalloc(sizeof(*u));
	err_t err;

	u->store = s;
	err = objects_load(&u->objects, s);
	if (err) {
		free(u);
		return err;
	}
	u->holds = mem_array(u->objects.n + 1, sizeof(*u->holds));
	u->logical = mem_array(u->objects.n + 1, sizeof(*u->logical));
	for (size_t i = 0; i < u->objects.n; i++) {
		const struct object_node *node = &u->objects.nodes[i];

		u->logical[i] = node->kind == KIND_CHUNK ? node->size :
		    kind_is_derived(node->kind) ? 0 : UNKNOWN;
	}
	*out = u;
	return NULL;
}

void
usage_close(struct usage *u)
{
	if (!u)
		return;
	objects_release(&u->objects);
	free(u->holds);
	free(u->logical);
	free(u->next.v);
	free(u->last.v);
	free(u->stack.v);
	free(u->sums);
	free(u);
}

/* ---- bytes of files ---------------------------------------------------- */

/* Sums of what nodes refer to, from below; not on the C stack, which a deep
 * tree would exhaust. */
static uint64_t
logical_of(struct usage *u, uint32_t root)
{
	const struct objects *o = &u->objects;
	struct nodes *s = &u->stack;
	size_t floor = s->n;

	push(s, root);
	while (s->n > floor) {
		const struct object_node *node = &o->nodes[s->v[s->n - 1]];
		const uint32_t *refs = o->refs + node->first;
		size_t before = s->n;
		uint64_t sum = 0;

		for (uint32_t i = 0; i < node->n; i++) {
			uint64_t part = u->logical[refs[i]];

			if (part == UNKNOWN)
				push(s, refs[i]);
			else
				sum = sum > UNKNOWN - 1 - part ? UNKNOWN - 1 :
				    sum + part;
		}
		if (s->n == before)
			u->logical[s->v[--s->n]] = sum;
	}
	return u->logical[root];
}

/* What a history's own version has: it refers to its bytes, its tree, and its
 * parents. */
static uint64_t
logical_of_version(struct usage *u, const struct object_node *history)
{
	return logical_of(u, u->objects.refs[history->first + 1]);
}

/* ---- holding ----------------------------------------------------------- */

static void
push_refs(struct usage *u, const struct object_node *node)
{
	for (uint32_t i = 0; i < node->n; i++)
		push(&u->stack, u->objects.refs[node->first + i]);
	if (node->base != OBJECTS_NONE)
		push(&u->stack, node->base);
}

static void
hold(struct usage *u, uint32_t root)
{
	push(&u->stack, root);
	while (u->stack.n) {
		uint32_t i = u->stack.v[--u->stack.n];
		const struct object_node *node = &u->objects.nodes[i];
		struct hold *h = &u->holds[i];

		if (h->held++)
			continue;
		if (u->outside)
			h->outside = true;
		else
			h->since = (uint32_t)u->n;
		u->now.stored += node->stored;
		u->now.objects += node->kind != 0;
		if (!node->kind)
			u->now.logical += logical_of_version(u, node);
		push_refs(u, node);
	}
}

static void
let_go(struct usage *u, uint32_t root)
{
	push(&u->stack, root);
	while (u->stack.n) {
		uint32_t i = u->stack.v[--u->stack.n];
		const struct object_node *node = &u->objects.nodes[i];
		struct hold *h = &u->holds[i];

		if (--h->held)
			continue;
		if (!u->outside)
			h->groups += (uint32_t)u->n - h->since;
		u->now.stored -= node->stored;
		u->now.objects -= node->kind != 0;
		if (!node->kind)
			u->now.logical -= logical_of_version(u, node);
		push_refs(u, node);
	}
}

static void
let_all_go(struct usage *u, struct nodes *group)
{
	for (size_t i = 0; i < group->n; i++)
		let_go(u, group->v[i]);
	group->n = 0;
}

static void
hold_all(struct usage *u, const struct nodes *group)
{
	for (size_t i = 0; i < group->n; i++)
		hold(u, group->v[i]);
}

/* ---- groups ------------------------------------------------------------ */

static void
add(struct usage *u, uint32_t node)
{
	if (node != OBJECTS_NONE)
		push(&u->next, node);
}

void
usage_add_history(struct usage *u, const struct id *commit)
{
	add(u, objects_history(&u->objects, commit));
}

void
usage_add_version(struct usage *u, const struct id *commit)
{
	const struct objects *o = &u->objects;
	uint32_t node = objects_history(o, commit);
	const struct object_node *history = &o->nodes[node];

	if (node == OBJECTS_NONE)
		return;
	push(&u->next, o->refs[history->first]);
	push(&u->next, o->refs[history->first + 1]);
	u->added += logical_of_version(u, history);
}

void
usage_add_content(struct usage *u, const struct id *content,
    uint64_t logical)
{
	add(u, objects_content(&u->objects, content));
	u->added += logical;
}

static err_t
add_change(void *arg, const struct ref_change *change)
{
	if (!id_is_zero(&change->to))
		usage_add_history(arg, &change->to);
	return NULL;
}

err_t
usage_add_ref(struct usage *u, const char *name)
{
	struct ref ref;
	err_t err;

	err = ref_get(&ref, u->store, name);
	if (!err)
		usage_add_history(u, &ref.target);
	return err ? err : reflog_walk(u->store, name, add_change, u);
}

void
usage_group(struct usage *u)
{
	struct nodes last = u->last;

	hold_all(u, &u->next);
	let_all_go(u, &last);
	u->last = u->next;
	u->next = last;
	VEC_ROOM(u->sums, u->n, u->cap);
	u->sums[u->n] = u->now;
	u->sums[u->n++].logical += u->added;
	u->total.logical += u->added;
	u->added = 0;
}

void
usage_outside(struct usage *u)
{
	let_all_go(u, &u->last);
	u->outside = true;
	hold_all(u, &u->next);
	let_all_go(u, &u->next);
	u->outside = false;
	u->added = 0;
}

/* What one object adds to the sums, now that all groups are known. */
static void
sum_up(struct usage *u, const struct object_node *node, const struct hold *h)
{
	if (!h->groups)
		return;
	if (!node->kind) {
		u->total.logical += logical_of_version(u, node);
		return;
	}
	u->total.stored += node->stored;
	u->total.objects++;
	if (h->groups > 1)
		u->total.shared += node->stored;
	else
		u->sums[h->since].shared -= node->stored;
	if (h->outside)
		return;
	u->total.unique += node->stored;
	u->total.unique_objects++;
	if (h->groups > 1)
		return;
	u->sums[h->since].unique += node->stored;
	u->sums[h->since].unique_objects++;
}

void
usage_end(struct usage *u)
{
	let_all_go(u, &u->last);
	for (size_t i = 0; i < u->n; i++)
		u->sums[i].shared = u->sums[i].stored;
	for (size_t i = 0; i < u->objects.n; i++)
		sum_up(u, &u->objects.nodes[i], &u->holds[i]);
}

void
usage_sums(struct usage_sums *out, const struct usage *u, size_t group)
{
	*out = u->sums[group];
}

void
usage_total(struct usage_sums *out, const struct usage *u)
{
	*out = u->total;
}
