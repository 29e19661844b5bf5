/*
 * The listing says what belongs to which group, the store how much that is.
 *
 * A path's bytes in all versions are summed up from what differs between each
 * version and its first parent, times the number of versions that have that
 * difference behind them on first-parent lines: nothing is looked at twice
 * because many versions have it.
 */

#include "lib/history/space.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/cancel.h"
#include "lib/base/mem.h"
#include "lib/base/sorter.h"
#include "lib/history/pathspec.h"
#include "lib/history/tree.h"
#include "lib/history/walk.h"

#define SORT_MEMORY ((size_t)32 << 20)

/* One group of the listing. */
struct member {
	char *name;			/* may be NULL */
	struct id id;			/* commit */
	uint64_t version;
	size_t group;			/* of the usage */
};

/* A version of the listing, for paths. */
struct state {
	struct id id, tree;
	struct id parent;		/* the first; zero: none */
	uint64_t weight;		/* versions on whose first-parent line
					 * it is, itself included */
};

struct space {
	struct repo *repo;
	struct store *store;
	const struct space_options *options;
	struct usage *usage;
	struct member *members;
	size_t n, cap;
	size_t prefix;			/* of names, not to be shown */
	struct state *states;		/* newest first */
	size_t n_states, cap_states;
	const struct state **by_id;
	struct id *roots;		/* all that is kept, of refs */
	size_t n_roots, cap_roots;
	struct sorter *sorter;
	const struct state *state;	/* being compared with its parent */
};

static void
add_member(struct space *s, const char *name, const struct id *id,
    uint64_t version)
{
	struct member *m;

	VEC_ROOM(s->members, s->n, s->cap);
	m = &s->members[s->n++];
	*m = (struct member){ name ? mem_strdup(name) : NULL, *id, version,
	    s->n - 1 };
}

static int
compare_names(const void *a, const void *b)
{
	const struct member *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static int
compare_versions(const void *a, const void *b)
{
	const struct member *x = a, *y = b;

	return (x->version > y->version) - (x->version < y->version);
}

static void
sort_members(struct space *s, int (*compare)(const void *, const void *))
{
	if (s->n)
		qsort(s->members, s->n, sizeof(*s->members), compare);
}

/* ---- what holds besides ------------------------------------------------ */

static err_t
add_staged(void *arg, const struct stage_entry *e)
{
	usage_add_content(arg, &e->id, 0);
	return NULL;
}

static err_t
hold_stage(struct space *s)
{
	err_t err = stage_walk(s->store, "", add_staged, s->usage);

	usage_outside(s->usage);
	return err;
}

static err_t
add_root(struct space *s, const struct id *commit)
{
	struct commit_node node;
	err_t err;

	if (id_is_zero(commit))
		return NULL;
	/* One that gc took while the ref did not exist is gone. */
	err = commit_node(&node, s->store, commit);
	if (err)
		return err_is(err, ERR_NOT_FOUND) ? NULL : err;
	VEC_ROOM(s->roots, s->n_roots, s->cap_roots);
	s->roots[s->n_roots++] = *commit;
	return NULL;
}

static err_t
add_change(void *arg, const struct ref_change *change)
{
	return add_root(arg, &change->to);
}

static err_t
add_ref(void *arg, const struct ref *ref)
{
	struct space *s = arg;
	err_t err;

	err = add_root(s, &ref->target);
	return err ? err : reflog_walk(s->store, ref->name, add_change, s);
}

static err_t
add_head(struct space *s)
{
	struct head head = HEAD_INIT;
	err_t err;

	err = repo_head(&head, s->repo);
	if (!err && !head.ref.len)
		err = add_root(s, &head.commit);
	head_release(&head);
	return err;
}

static int
compare_ids(const void *a, const void *b)
{
	const struct state *const *x = a, *const *y = b;

	return id_cmp(&(*x)->id, &(*y)->id);
}

static struct state *
state_of(const struct space *s, const struct id *id)
{
	const struct state key = { .id = *id }, *want = &key;
	const struct state *const *found = s->n_states ? bsearch(&want,
	    s->by_id, s->n_states, sizeof(want), compare_ids) : NULL;

	return found ? &s->states[*found - s->states] : NULL;
}

static err_t
add_reviewed(void *arg, const char *hex)
{
	struct id id;

	return id_parse(&id, hex, strlen(hex)) ? add_root(arg, &id) : NULL;
}

/* Versions that are kept and not in the listing. */
static err_t
hold_other_versions(struct space *s)
{
	static const struct walk_options all;
	struct walk *walk = NULL;
	struct commit_node node;
	bool found = true;
	err_t err;

	err = ref_walk(s->store, "", add_ref, s);
	if (!err)
		err = add_head(s);
	if (!err)
		err = subject_walk(s->store, "commit/", add_reviewed, s);
	if (!err)
		err = walk_open(&walk, s->store, &all, s->roots, s->n_roots,
		    NULL, 0);
	while (!err && found) {
		err = walk_next(&found, &node, walk);
		if (!err && found && !state_of(s, &node.id))
			usage_add_version(s->usage, &node.id);
	}
	walk_close(walk);
	usage_outside(s->usage);
	return err;
}

/* ---- branches and tags ------------------------------------------------- */

static err_t
add_named(void *arg, const struct ref *ref)
{
	struct space *s = arg;
	struct commit_node node;
	err_t err;

	err = commit_node(&node, s->store, &ref->target);
	if (!err)
		add_member(s, ref->name, &ref->target, node.version);
	return err;
}

static err_t
hold_ref(void *arg, const struct ref *ref)
{
	struct space *s = arg;

	return usage_add_ref(s->usage, ref->name);
}

static err_t
list_refs(struct space *s)
{
	bool tags = s->options->by == SPACE_TAG;
	const char *listed = tags ? "tag/" : "branch/";
	err_t err;

	s->prefix = strlen(listed);
	err = ref_walk(s->store, listed, add_named, s);
	/* By version, so that each has much in common with the next. */
	sort_members(s, compare_versions);
	for (size_t i = 0; !err && i < s->n; i++) {
		err = usage_add_ref(s->usage, s->members[i].name);
		s->members[i].group = i;
		usage_group(s->usage);
	}
	if (!err)
		err = ref_walk(s->store, tags ? "branch/" : "tag/", hold_ref,
		    s);
	if (!err)
		err = add_head(s);
	if (!err)
		err = subject_walk(s->store, "commit/", add_reviewed, s);
	for (size_t i = 0; !err && i < s->n_roots; i++)
		usage_add_history(s->usage, &s->roots[i]);
	if (!err)
		err = hold_stage(s);
	sort_members(s, compare_names);
	return err;
}

/* ---- versions ---------------------------------------------------------- */

static err_t
collect_states(struct space *s)
{
	static const struct walk_options all;
	const struct space_options *o = s->options;
	struct walk *walk = NULL;
	struct commit_node node;
	bool found = true;
	err_t err;

	err = walk_open(&walk, s->store, &all, &o->from, 1, &o->hidden,
	    !id_is_zero(&o->hidden));
	while (!err && found) {
		struct state state = { .weight = 1 };

		err = walk_next(&found, &node, walk);
		if (err || !found)
			break;
		state.id = node.id;
		state.tree = node.tree;
		if (node.n_parents)
			state.parent = node.parents[0];
		VEC_ROOM(s->states, s->n_states, s->cap_states);
		s->states[s->n_states++] = state;
		if (o->by == SPACE_VERSION)
			add_member(s, NULL, &node.id, node.version);
	}
	walk_close(walk);
	s->by_id = mem_array(s->n_states + 1, sizeof(struct state *));
	for (size_t i = 0; i < s->n_states; i++)
		s->by_id[i] = &s->states[i];
	qsort(s->by_id, s->n_states, sizeof(struct state *), compare_ids);
	return err;
}

static err_t
list_versions(struct space *s)
{
	err_t err;

	err = collect_states(s);
	for (size_t i = 0; !err && i < s->n; i++) {
		usage_add_version(s->usage, &s->members[i].id);
		usage_group(s->usage);
	}
	if (!err)
		err = hold_other_versions(s);
	return err ? err : hold_stage(s);
}

/* ---- paths ------------------------------------------------------------- */

/*
 * What a path had: sorted by a hash of the group's name, or zeros for what is
 * in none.  The name follows.
 */
struct had {
	struct id content;
	uint64_t logical;		/* to be added, modulo 2^64 */
	bool any;			/* there is a content */
	bool staged;			/* that is all there is */
};

/* The part of the path that is its group's name. */
static size_t
group_name(const struct space *s, const char *path)
{
	const char *p = path;

	for (uint64_t depth = s->options->depth; depth; depth--) {
		p = strchr(p, '/');
		if (!p)
			return strlen(path);
		p++;
	}
	return p == path ? strlen(path) : (size_t)(p - path);
}

static err_t
add_had(struct space *s, const char *path, const struct had *had)
{
	size_t len = group_name(s, path);
	struct buf b = BUF_INIT;
	struct id key = { { 0 } };
	bool selected = true;
	err_t err = NULL;

	if (s->options->paths)
		err = pathspec_match(&selected, s->options->paths, path);
	if (err || (!selected && !had->any))
		return err;
	if (selected)
		hash_bytes(&key, path, len);
	buf_add(&b, had, sizeof(*had));
	buf_add(&b, path, len);
	err = sorter_add(s->sorter, key.b, b.p, b.len);
	buf_release(&b);
	return err;
}

static err_t
had_change(void *arg, const char *path, const struct tree_entry *from,
    const struct tree_entry *to)
{
	struct space *s = arg;
	struct had had = { .any = to };

	if (to) {
		had.content = to->id;
		had.logical = to->size * s->state->weight;
	}
	if (from)
		had.logical -= from->size * s->state->weight;
	return add_had(s, path, &had);
}

static err_t
had_staged(void *arg, const struct stage_entry *e)
{
	struct had had = { .content = e->id, .any = true, .staged = true };

	return add_had(arg, e->path, &had);
}

/* Weights are complete when a version is reached: newer ones come first. */
static err_t
collect_paths(struct space *s)
{
	static const struct id none;
	err_t err = NULL;

	for (size_t i = 0; i < s->n_states; i++) {
		struct state *parent = state_of(s, &s->states[i].parent);

		if (parent)
			parent->weight += s->states[i].weight;
	}
	for (size_t i = 0; !err && i < s->n_states; i++) {
		const struct state *parent;

		s->state = &s->states[i];
		parent = state_of(s, &s->state->parent);
		err = cancel_check();
		if (!err)
			err = tree_diff(s->store, parent ? &parent->tree :
			    &none, &s->state->tree, had_change, s);
	}
	return err ? err : stage_walk(s->store, "", had_staged, s);
}

/* The records of one group have come to their end. */
static void
end_group(struct space *s, const struct buf *name, bool listed)
{
	static const struct id none;

	if (!listed) {
		usage_outside(s->usage);
		return;
	}
	add_member(s, buf_cstr(name), &none, 0);
	usage_group(s->usage);
}

static err_t
group_paths(struct space *s)
{
	struct id key = { { 0 } };
	struct buf name = BUF_INIT;
	struct sorted record;
	bool found = true, listed = false;
	err_t err;

	err = sorter_end(s->sorter);
	while (!err && found) {
		struct had had;

		err = sorter_next(&found, &record, s->sorter);
		if (err || !found)
			break;
		if (memcmp(key.b, record.key, ID_SIZE) != 0) {
			end_group(s, &name, listed);
			memcpy(key.b, record.key, ID_SIZE);
			listed = false;
		}
		memcpy(&had, record.p, sizeof(had));
		buf_clear(&name);
		buf_add(&name, record.p + sizeof(had),
		    record.len - sizeof(had));
		listed = listed || (!had.staged && !id_is_zero(&key));
		/* Of a path that was deleted there is no content to find. */
		usage_add_content(s->usage, &had.content, had.logical);
	}
	if (!err)
		end_group(s, &name, listed);
	buf_release(&name);
	return err;
}

static err_t
list_paths(struct space *s)
{
	const char *missing = NULL;
	err_t err;

	s->sorter = sorter_new(ID_SIZE, SORT_MEMORY);
	err = collect_states(s);
	if (!err)
		err = hold_other_versions(s);
	if (!err)
		err = collect_paths(s);
	if (!err && s->options->paths)
		missing = pathspec_unmatched(s->options->paths);
	if (missing)
		err = err_new(ERR_NOT_FOUND, "no version has \"%s\"",
		    missing);
	if (!err)
		err = group_paths(s);
	sort_members(s, compare_names);
	return err;
}

/* ---- the listing ------------------------------------------------------- */

static err_t
visit(struct space *s, space_visit_fn *fn, void *arg)
{
	err_t err = NULL;

	for (size_t i = 0; !err && i < s->n; i++) {
		const struct member *m = &s->members[i];
		struct space_row row = { .commit = m->id,
		    .version = m->version };

		if (m->name)
			row.name = m->name + s->prefix;
		usage_sums(&row.sums, s->usage, m->group);
		err = fn(arg, &row);
	}
	return err;
}

err_t
space_list(struct usage_sums *total, struct repo *r,
    const struct space_options *options, space_visit_fn *fn, void *arg)
{
	struct space s = { .repo = r, .store = r->store, .options = options };
	err_t err;

	err = usage_open(&s.usage, r->store);
	if (!err && options->by == SPACE_PATH)
		err = list_paths(&s);
	else if (!err && options->by == SPACE_VERSION)
		err = list_versions(&s);
	else if (!err)
		err = list_refs(&s);
	if (!err) {
		usage_end(s.usage);
		usage_total(total, s.usage);
		err = visit(&s, fn, arg);
	}
	usage_close(s.usage);
	sorter_free(s.sorter);
	for (size_t i = 0; i < s.n; i++)
		free(s.members[i].name);
	free(s.members);
	free(s.states);
	free(s.by_id);
	free(s.roots);
	return err;
}
