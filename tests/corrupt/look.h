#ifndef TESTS_CORRUPT_LOOK_H
#define TESTS_CORRUPT_LOOK_H

/*
 * Everything that can be read from a store, as one hash: what every command
 * that looks would show is somewhere in it.
 */

#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/history/tree.h"
#include "store/store.h"

struct look {
	struct store *store;
	struct hash hash;
	struct id *commits;		/* seen, and next to be looked at */
	size_t n, cap;
	char **refs;
	size_t n_refs, cap_refs;
};

static inline void
look_id(struct look *l, const struct id *id)
{
	hash_add(&l->hash, id->b, ID_SIZE);
}

static inline void
look_number(struct look *l, uint64_t n)
{
	hash_add(&l->hash, &n, sizeof(n));
}

static inline void
look_text(struct look *l, const char *s)
{
	hash_add(&l->hash, s, strlen(s) + 1);
}

static inline void
look_want(struct look *l, const struct id *commit)
{
	for (size_t i = 0; i < l->n; i++)
		if (id_eq(&l->commits[i], commit))
			return;
	VEC_ROOM(l->commits, l->n, l->cap);
	l->commits[l->n++] = *commit;
}

static inline err_t
look_ref(void *arg, const struct ref *ref)
{
	struct look *l = arg;

	look_text(l, ref->name);
	look_id(l, &ref->target);
	look_id(l, &ref->event);
	look_want(l, &ref->target);
	VEC_ROOM(l->refs, l->n_refs, l->cap_refs);
	l->refs[l->n_refs++] = mem_strdup(ref->name);
	return NULL;
}

static inline err_t
look_change(void *arg, const struct ref_change *c)
{
	struct look *l = arg;

	look_id(l, &c->from);
	look_id(l, &c->to);
	look_id(l, &c->event);
	look_number(l, (uint64_t)c->time);
	look_text(l, c->act);
	return NULL;
}

static inline err_t
look_event(void *arg, const struct event_info *info, const struct event *ev)
{
	struct look *l = arg;

	look_id(l, &info->id);
	look_text(l, ev->act);
	look_number(l, ev->seq);
	look_text(l, ev->note);
	return NULL;
}

static inline err_t
look_bytes(void *arg, const char *p, size_t len)
{
	hash_add(&((struct look *)arg)->hash, p, len);
	return NULL;
}

static inline err_t
look_content(struct look *l, const struct id *id)
{
	struct content c;
	err_t err;

	err = content_stat(&c, l->store, id, CUT_AUTO);
	if (err)
		return err;
	look_number(l, c.size);
	look_number(l, c.records);
	look_number(l, c.chunks);
	return content_read(l->store, id, look_bytes, l);
}

static inline err_t
look_file(void *arg, const char *path, const struct tree_entry *e)
{
	struct look *l = arg;

	look_text(l, path);
	look_number(l, e->mode);
	look_number(l, e->size);
	look_id(l, &e->id);
	return look_content(l, &e->id);
}

static inline err_t
look_staged(void *arg, const struct stage_entry *e)
{
	struct look *l = arg;

	look_text(l, e->path);
	look_number(l, e->mode);
	look_number(l, e->size);
	look_id(l, &e->id);
	return NULL;
}

static inline err_t
look_commit(struct look *l, const struct id *id)
{
	struct commit_node node;
	struct buf b = BUF_INIT;
	err_t err;

	err = commit_node(&node, l->store, id);
	if (!err)
		err = object_read(&b, l->store, KIND_COMMIT, id);
	if (!err) {
		look_bytes(l, b.p, b.len);
		look_id(l, &node.tree);
		look_number(l, node.version);
		look_number(l, (uint64_t)node.time);
		for (unsigned i = 0; i < node.n_parents; i++) {
			look_id(l, &node.parents[i]);
			look_want(l, &node.parents[i]);
		}
		err = tree_walk(l->store, &node.tree, "", look_file, l);
	}
	buf_release(&b);
	return err;
}

static inline err_t
look_history(struct look *l)
{
	err_t err;

	err = ref_walk(l->store, "", look_ref, l);
	for (size_t i = 0; !err && i < l->n; i++)
		err = look_commit(l, &l->commits[i]);
	for (size_t i = 0; !err && i < l->n_refs; i++)
		err = reflog_walk(l->store, l->refs[i], look_change, l);
	return err ? err : event_walk(l->store, 1, false, look_event, l);
}

/*
 * The hash of what the store at path (ending in ".dsv") shows.  history: not
 * what is only in the index, the stage and the name of the current branch.
 */
static inline err_t
look_at(struct id *out, const char *path, bool history)
{
	struct look l = { .store = NULL };
	struct buf head = BUF_INIT;
	err_t err;

	hash_init(&l.hash);
	err = store_open(&l.store, path, STORE_READ, 1000, true);
	if (!err && !history)
		err = state_get(&head, l.store, "head");
	if (!err && !history)
		err = stage_walk(l.store, "", look_staged, &l);
	look_text(&l, buf_cstr(&head));
	if (!err)
		err = look_history(&l);
	store_close(l.store);
	hash_end(out, &l.hash);
	for (size_t i = 0; i < l.n_refs; i++)
		free(l.refs[i]);
	free(l.refs);
	free(l.commits);
	buf_release(&head);
	return err;
}

#endif
