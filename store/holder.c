/*
 * Who holds an object.
 *
 * All references are turned round once, and followed from the object up:
 * whatever is met that way has it.  Below a version only those entries of
 * trees are followed that have it, and none twice at the same path.
 */

#include <stdlib.h>
#include <string.h>

#include "lib/base/cancel.h"
#include "lib/base/mem.h"
#include "store/idset.h"
#include "store/objects.h"
#include "store/store_int.h"

#define DEPTH_MAX 2048

enum {
	HAS = 1 << 0,			/* it is there, or below */
	NEEDS = 1 << 1,			/* or the base of a delta that is */
	KEPT = 1 << 2,			/* gc keeps it */
};

struct version {
	struct id id, tree;
	uint64_t number;
};

/* References turned round: of each node, those that refer to it. */
struct turned {
	uint64_t *first;		/* in up, and where they end */
	uint32_t *up;
};

struct holders {
	struct store *store;
	struct objects objects;
	uint32_t target;
	unsigned char *flags;		/* of each node */
	struct turned users;
	struct turned deltas;		/* made from it */
	uint32_t *stack;
	size_t n, cap;
	struct version *versions;	/* that have it, oldest first */
	size_t n_versions, cap_versions;
	struct idset seen;		/* hashes of path and id */
	struct buf path;
	const struct version *version;	/* being walked */
	uint64_t limit;
	bool more;			/* than limit, before the versions */
	struct holder_report *report;
	holder_fn *fn;
	void *arg;
};

static void
push(struct holders *h, uint32_t node)
{
	VEC_ROOM(h->stack, h->n, h->cap);
	h->stack[h->n++] = node;
}

static bool
has(const struct holders *h, uint32_t node, unsigned flag)
{
	return node != OBJECTS_NONE && (h->flags[node] & flag);
}

/* ---- up ---------------------------------------------------------------- */

static uint32_t
refs_of(const uint32_t **refs, const struct objects *o, size_t node,
    bool bases)
{
	const struct object_node *n = &o->nodes[node];

	*refs = bases ? &n->base : o->refs + n->first;
	return bases ? n->base != OBJECTS_NONE : n->n;
}

/* First how many refer to each, then which. */
static void
turn_round(struct turned *out, const struct objects *o, bool bases)
{
	uint64_t *first = mem_array(o->n + 2, sizeof(*first)), sum = 0;
	const uint32_t *refs;

	for (size_t i = 0; i < o->n; i++)
		for (uint32_t n = refs_of(&refs, o, i, bases); n; n--)
			first[refs[n - 1] + 2]++;
	for (size_t i = 0; i < o->n; i++) {
		sum += first[i + 2];
		first[i + 2] = sum;
	}
	/* Each moves on to where the next begins. */
	out->up = mem_array(sum + 1, sizeof(*out->up));
	for (size_t i = 0; i < o->n; i++)
		for (uint32_t n = refs_of(&refs, o, i, bases); n; n--)
			out->up[first[refs[n - 1] + 1]++] = (uint32_t)i;
	out->first = first;
}

static void
push_up(struct holders *h, const struct turned *t, uint32_t node)
{
	for (uint64_t i = t->first[node]; i < t->first[node + 1]; i++)
		push(h, t->up[i]);
}

static void
mark_up(struct holders *h, unsigned flag)
{
	push(h, h->target);
	while (h->n) {
		uint32_t node = h->stack[--h->n];

		if (h->flags[node] & flag)
			continue;
		h->flags[node] |= (unsigned char)flag;
		push_up(h, &h->users, node);
		if (flag == NEEDS)
			push_up(h, &h->deltas, node);
	}
}

static void
mark_kept(struct holders *h, uint32_t root)
{
	const struct objects *o = &h->objects;

	if (root == OBJECTS_NONE)
		return;
	push(h, root);
	while (h->n) {
		uint32_t i = h->stack[--h->n];
		const struct object_node *node = &o->nodes[i];

		if (h->flags[i] & KEPT)
			continue;
		h->flags[i] |= KEPT;
		for (uint32_t k = 0; k < node->n; k++)
			push(h, o->refs[node->first + k]);
		if (node->base != OBJECTS_NONE)
			push(h, node->base);
	}
}

/* ---- what holds -------------------------------------------------------- */

static err_t
say(struct holders *h, uint64_t *count, const struct holder *holder)
{
	h->report->held = true;
	if (h->limit && *count == h->limit) {
		h->report->more = true;
		return NULL;
	}
	++*count;
	return h->fn(h->arg, holder);
}

struct past {
	struct holders *holders;
	bool has, needs;
};

static err_t
note_past(void *arg, const struct ref_change *change)
{
	struct past *p = arg;
	struct holders *h = p->holders;
	uint32_t node = objects_history(&h->objects, &change->to);

	mark_kept(h, node);
	p->has = p->has || has(h, node, HAS);
	p->needs = p->needs || has(h, node, NEEDS);
	return NULL;
}

static err_t
note_ref(void *arg, const struct ref *ref)
{
	struct holders *h = arg;
	uint32_t node = objects_history(&h->objects, &ref->target);
	struct holder holder = { .kind = HOLDER_REF, .name = ref->name };
	struct past past = { h, false, false };
	err_t err;

	mark_kept(h, node);
	err = reflog_walk(h->store, ref->name, note_past, &past);
	if (err)
		return err;
	if (!has(h, node, HAS) && past.has)
		holder.kind = HOLDER_PAST;
	else if (!has(h, node, HAS)) {
		holder.kind = has(h, node, NEEDS) ? HOLDER_REF : HOLDER_PAST;
		holder.base = true;
	}
	return has(h, node, NEEDS) || past.needs ?
	    say(h, &h->report->refs, &holder) : NULL;
}

static err_t
note_head(struct holders *h)
{
	struct holder holder = { .kind = HOLDER_HEAD, .name = "HEAD" };
	struct buf head = BUF_INIT;
	uint32_t node = OBJECTS_NONE;
	struct id id;
	err_t err;

	err = state_get(&head, h->store, "head");
	if (err_is(err, ERR_NOT_FOUND))
		err = NULL;
	else if (!err && id_parse(&id, head.p, head.len))
		node = objects_history(&h->objects, &id);
	mark_kept(h, node);
	holder.base = !has(h, node, HAS);
	if (!err && has(h, node, NEEDS))
		err = say(h, &h->report->refs, &holder);
	buf_release(&head);
	return err;
}

/* All that was reviewed is kept, but one will do for an answer. */
static err_t
note_reviewed(void *arg, const char *hex)
{
	struct holders *h = arg;
	struct holder holder = { .kind = HOLDER_REVIEW };
	struct commit_node commit;
	uint32_t node;
	err_t err;

	if (!id_parse(&holder.commit, hex, strlen(hex)))
		return NULL;
	node = objects_history(&h->objects, &holder.commit);
	mark_kept(h, node);
	if (h->report->held || !has(h, node, NEEDS))
		return NULL;
	err = commit_node(&commit, h->store, &holder.commit);
	if (err)
		return err;
	holder.version = commit.version;
	holder.base = !has(h, node, HAS);
	return say(h, &h->report->refs, &holder);
}

static err_t
note_staged(void *arg, const struct stage_entry *e)
{
	struct holders *h = arg;
	uint32_t node = objects_content(&h->objects, &e->id);
	const struct holder holder = { .kind = HOLDER_STAGE, .name = e->path,
	    .base = !has(h, node, HAS) };

	if (node == h->target)
		h->report->file = true;
	return has(h, node, NEEDS) ? say(h, &h->report->staged, &holder) :
	    NULL;
}

/* ---- versions ---------------------------------------------------------- */

static err_t
collect_versions(struct holders *h)
{
	struct query *q = NULL;
	struct version v = { .number = 0 };
	int64_t number;
	err_t err;

	err = db_query(&q, h->store->db, "SELECT id, tree, version "
	    "FROM version ORDER BY version, time, id", "");
	while (!err && db_next(&err, q, "ddi", &v.id, &v.tree, &number)) {
		uint32_t commit = objects_find(&h->objects, KIND_COMMIT,
		    &v.id);
		uint32_t tree = objects_find(&h->objects, KIND_TREE, &v.tree);

		if (!has(h, commit, KEPT) ||
		    (commit != h->target && !has(h, tree, HAS)))
			continue;
		v.number = (uint64_t)number;
		VEC_ROOM(h->versions, h->n_versions, h->cap_versions);
		h->versions[h->n_versions++] = v;
	}
	db_done(q);
	return err;
}

/* Not there before, in an older version? */
static bool
is_new(struct holders *h, const struct id *id)
{
	struct hash hash;
	struct id key;

	hash_init(&hash);
	hash_add(&hash, id->b, ID_SIZE);
	hash_add(&hash, buf_cstr(&h->path), h->path.len);
	hash_end(&key, &hash);
	return idset_add(&h->seen, &key);
}

static err_t
say_path(struct holders *h, const char *path)
{
	const struct holder holder = { .kind = HOLDER_VERSION, .name = path,
	    .commit = h->version->id, .version = h->version->number };

	return say(h, &h->report->paths, &holder);
}

static err_t walk_tree(struct holders *h, const struct id *id,
    unsigned depth);

static err_t
walk_entry(struct holders *h, const struct tree_entry *e, unsigned depth)
{
	bool dir = e->mode == MODE_DIR;
	uint32_t node = dir ? objects_find(&h->objects, KIND_TREE, &e->id) :
	    objects_content(&h->objects, &e->id);
	size_t before = h->path.len;
	err_t err = NULL;

	if (!has(h, node, HAS))
		return NULL;
	if (before)
		buf_char(&h->path, '/');
	buf_add(&h->path, e->name, e->name_len);
	if (dir)
		err = walk_tree(h, &e->id, depth + 1);
	else if (is_new(h, &e->id))
		err = say_path(h, buf_cstr(&h->path));
	h->path.len = before;
	h->path.p[before] = '\0';
	return err;
}

static err_t
walk_entries(struct holders *h, const struct buf *tree, unsigned depth)
{
	struct tree_decoder d;
	struct tree_entry e;
	err_t err;

	err = tree_decode_begin(&d, tree->p, tree->len);
	while (!err && !h->report->more && tree_decode_next(&e, &d, &err)) {
		if (!d.height)
			err = walk_entry(h, &e, depth);
		else if (has(h, objects_find(&h->objects, KIND_TREE, &e.id),
		    HAS))
			err = walk_tree(h, &e.id, depth + 1);
	}
	return err;
}

static err_t
walk_tree(struct holders *h, const struct id *id, unsigned depth)
{
	struct buf b = BUF_INIT;
	err_t err;

	if (!is_new(h, id))
		return NULL;
	if (objects_find(&h->objects, KIND_TREE, id) == h->target)
		return say_path(h, buf_cstr(&h->path));
	if (depth > DEPTH_MAX)
		return err_new(ERR_CORRUPT, "the directory \"%s\" is too "
		    "deep", buf_cstr(&h->path));
	err = cancel_check();
	if (!err)
		err = object_need(&b, h->store, KIND_TREE, id);
	if (!err)
		err = walk_entries(h, &b, depth);
	buf_release(&b);
	return err;
}

static err_t
walk_versions(struct holders *h)
{
	err_t err = NULL;

	h->report->versions = h->n_versions;
	for (size_t i = 0; !err && i < h->n_versions && !h->report->more;
	    i++) {
		h->version = &h->versions[i];
		if (objects_find(&h->objects, KIND_COMMIT, &h->version->id) ==
		    h->target)
			err = say_path(h, NULL);
		else
			err = walk_tree(h, &h->version->tree, 0);
	}
	return err;
}

/* ---- the answer -------------------------------------------------------- */

/* Is it something that a tree has? */
static bool
is_file(const struct holders *h)
{
	const struct object_node *target = &h->objects.nodes[h->target];

	if (target->kind != KIND_CHUNK && target->kind != KIND_RECIPE)
		return false;
	for (uint64_t i = h->users.first[h->target];
	    i < h->users.first[h->target + 1]; i++)
		if (h->objects.nodes[h->users.up[i]].kind == KIND_TREE)
			return true;
	return false;
}

static err_t
find_holders(struct holders *h)
{
	err_t err;

	h->flags = mem_zalloc(h->objects.n + 1);
	turn_round(&h->users, &h->objects, false);
	turn_round(&h->deltas, &h->objects, true);
	mark_up(h, HAS);
	mark_up(h, NEEDS);
	h->report->file = is_file(h);
	err = ref_walk(h->store, "", note_ref, h);
	if (!err)
		err = note_head(h);
	if (!err)
		err = subject_walk(h->store, "commit/", note_reviewed, h);
	if (!err)
		err = stage_walk(h->store, "", note_staged, h);
	if (!err)
		err = collect_versions(h);
	/* Another list, another limit. */
	h->more = h->report->more;
	h->report->more = false;
	if (!err)
		err = walk_versions(h);
	h->report->more = h->report->more || h->more;
	return err;
}

err_t
holder_list(struct holder_report *out, struct store *s, enum kind kind,
    const struct id *id, uint64_t limit, holder_fn *fn, void *arg)
{
	struct holders h = { .store = s, .path = BUF_INIT, .limit = limit,
	    .report = out, .fn = fn, .arg = arg };
	char hex[ID_HEX + 1];
	err_t err;

	memset(out, 0, sizeof(*out));
	err = objects_load(&h.objects, s);
	if (err)
		return err;
	h.target = kind ? objects_find(&h.objects, kind, id) :
	    objects_content(&h.objects, id);
	if (h.target == OBJECTS_NONE)
		err = err_new(ERR_NOT_FOUND, "no %s %s", kind ?
		    kind_name(kind) : "file", id_hex(hex, id));
	else
		err = find_holders(&h);
	objects_release(&h.objects);
	idset_release(&h.seen);
	buf_release(&h.path);
	free(h.flags);
	free(h.users.first);
	free(h.users.up);
	free(h.deltas.first);
	free(h.deltas.up);
	free(h.stack);
	free(h.versions);
	return err;
}
