#include "lib/history/remove.h"

#include <string.h>

#include "lib/base/match.h"
#include "lib/history/checkout_int.h"
#include "lib/history/pathspec.h"
#include "lib/history/tree.h"
#include "lib/history/work.h"

#define NAMED_MAX 10

struct removal {
	const struct remove_order *o;
	struct repo *r;
	struct wishes w;
	struct id tree;			/* of HEAD */
	struct buf refused;
	size_t n_refused;
};

static err_t
find_any(void *arg, const struct stage_entry *e)
{
	bool *any = arg;

	(void)e;
	*any = true;
	return NULL;
}

/* A directory that was typed needs --recursive. */
static err_t
check_operand(struct repo *r, const char *typed)
{
	struct buf path = BUF_INIT;
	struct stage_entry e;
	bool any = false;
	err_t err;

	if (match_is_pattern(typed))
		return NULL;
	err = repo_path(&path, r, typed);
	if (!err && path.len) {
		err = stage_get(&e, r->store, path.p);
		if (!err)
			goto out;
		if (err_is(err, ERR_NOT_FOUND))
			err = NULL;
	}
	if (!err)
		err = stage_walk(r->store, buf_cstr(&path), find_any, &any);
	if (!err && any)
		err = err_new(ERR_REFUSED, "\"%s\" is a directory; --recursive "
		    "removes what is in it", typed);
out:
	buf_release(&path);
	return err;
}

static err_t
is_in_head(bool *out, struct removal *m, const struct stage_entry *e)
{
	struct tree_entry t;
	err_t err;

	*out = false;
	if (id_is_zero(&m->tree))
		return NULL;
	err = tree_lookup(&t, m->r->store, &m->tree, e->path);
	if (!err)
		*out = t.mode == e->mode && id_eq(&t.id, &e->id);
	return err_is(err, ERR_NOT_FOUND) ? NULL : err;
}

static err_t
visit(void *arg, const struct work_item *item)
{
	struct removal *m = arg;
	const struct remove_order *o = m->o;
	bool in_work = item->state == WORK_SAME;
	bool gone = item->state == WORK_DELETED;
	bool in_head, ok;
	struct wish *wish;
	err_t err;

	if (!o->force) {
		err = is_in_head(&in_head, m, item->staged);
		if (err)
			return err;
		ok = in_head && (in_work || gone);
		if (o->cached)
			ok = in_head || in_work;
		if (!ok && m->n_refused++ < NAMED_MAX)
			buf_printf(&m->refused, "%s\"%s\"",
			    m->refused.len ? ", " : "", item->path);
	}
	wish = checkout_wish(&m->w, item->path, NULL);
	wish->do_stage = true;
	wish->do_work = !o->cached && item->found &&
	    item->state != WORK_DELETED;
	return NULL;
}

static err_t
refuse(struct removal *m)
{
	if (!m->n_refused)
		return NULL;
	if (m->n_refused > NAMED_MAX)
		buf_printf(&m->refused, " and %zu more",
		    m->n_refused - NAMED_MAX);
	return err_new(ERR_REFUSED, "changes would be lost in %s; commit them, "
	    "keep the file with --cached, or give them up with --force",
	    m->refused.p);
}

static err_t
find(struct removal *m)
{
	const char *typed;
	err_t err = NULL;

	for (size_t i = 0; !err && !m->o->recursive && i < m->o->n_typed; i++)
		err = check_operand(m->r, m->o->typed[i]);
	if (!err)
		err = work_walk(m->r, m->o->ps, WORK_SHOW_SAME, visit, m);
	typed = pathspec_unmatched(m->o->ps);
	if (!err && typed)
		err = err_new(ERR_NOT_FOUND, "\"%s\" selects no tracked file; "
		    "\"dsv ls\" lists them", typed);
	return err ? err : refuse(m);
}

err_t
remove_run(struct repo *r, const struct remove_order *o)
{
	struct checkout c = { .r = r, .fn = o->fn, .arg = o->arg };
	struct removal m = { .o = o, .r = r, .w = { .c = &c } };
	struct head head = HEAD_INIT;
	struct commit_node node = { .version = 0 };
	err_t err = NULL;

	c.flags = o->dry_run ? CHECKOUT_DRY_RUN : 0;
	if (!o->dry_run) {
		err = txn_begin(&c.txn, r->store, "rm");
		if (!err)
			err = txn_lock(c.txn);
	}
	if (!err)
		err = repo_head(&head, r);
	if (!err && !id_is_zero(&head.commit))
		err = commit_node(&node, r->store, &head.commit);
	m.tree = node.tree;
	if (!err)
		err = find(&m);
	if (!err)
		err = checkout_apply(&m.w, false);
	if (!err && c.txn)
		err = txn_commit(c.txn);
	txn_end(c.txn);
	checkout_release(&m.w);
	buf_release(&m.refused);
	head_release(&head);
	return err;
}
