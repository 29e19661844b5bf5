#include "lib/history/switch.h"

#include <stdlib.h>
#include <string.h>

#include "lib/history/ident.h"
#include "lib/history/refs.h"
#include "lib/history/rev.h"
#include "lib/review/gate.h"

/* Where HEAD is to be. */
struct goal {
	struct buf head;	/* "branch/main" or 64 digits */
	struct id commit;
	bool create;
};

static err_t
state_or_empty(struct buf *out, struct repo *r, const char *key)
{
	err_t err = state_get(out, r->store, key);

	return err_is(err, ERR_NOT_FOUND) ? NULL : err;
}

static void
detached_at(struct buf *out, const struct id *commit)
{
	char hex[ID_HEX + 1];

	buf_str(out, id_hex(hex, commit));
}

/* ERR_NOT_FOUND, naming what may have been meant. */
static err_t
no_such_branch(struct repo *r, const char *name)
{
	struct buf near = BUF_INIT;
	err_t err;

	err = refs_nearest(&near, r, name);
	if (err)
		goto out;
	if (near.len)
		err = err_new(ERR_NOT_FOUND, "no branch \"%s\"; did you mean "
		    "\"%s\"?", name, near.p);
	else
		err = err_new(ERR_NOT_FOUND, "no branch \"%s\"; make it with "
		    "\"dsv switch -c %s\"", name, name);
out:
	buf_release(&near);
	return err;
}

static err_t
goal_of_version(struct goal *g, struct repo *r, const char *typed,
    bool any)
{
	struct id commit;
	err_t err;

	err = rev_commit(&commit, r, typed);
	if (err_is(err, ERR_NOT_FOUND) && !any)
		return no_such_branch(r, typed);
	if (err)
		return err;
	if (!any)
		return err_new(ERR_USAGE, "\"%s\" is a version, not a branch; "
		    "look at it with \"dsv switch --detach %s\"", typed,
		    typed);
	g->commit = commit;
	detached_at(&g->head, &commit);
	return NULL;
}

/* The branch, if there is one of that name; it may be the current one with
 * no version yet. */
static err_t
goal_of_branch(bool *found, struct goal *g, struct repo *r,
    const struct head *head, const char *name)
{
	struct buf full = BUF_INIT;
	struct ref ref;
	err_t err;

	*found = false;
	buf_printf(&full, "%s%s", strncmp(name, "branch/", 7) ? "branch/" : "",
	    name);
	err = ref_name_ok(full.p) ? ref_get(&ref, r->store, full.p) :
	    err_new(ERR_NOT_FOUND, "not a name");
	if (!err) {
		g->commit = ref.target;
		*found = true;
	} else if (err_is(err, ERR_NOT_FOUND)) {
		err = NULL;
		*found = head->ref.len && !strcmp(head->ref.p, full.p);
	}
	if (!err && *found)
		buf_add(&g->head, full.p, full.len);
	buf_release(&full);
	return err;
}

static err_t
goal_of_previous(struct goal *g, struct repo *r, const struct head *head)
{
	struct buf before = BUF_INIT;
	bool found = false;
	err_t err;

	err = state_or_empty(&before, r, "previous");
	if (err)
		goto out;
	if (!before.len)
		err = err_new(ERR_NOT_FOUND, "there is no previous branch to "
		    "go back to");
	else if (id_parse(&g->commit, before.p, before.len))
		buf_add(&g->head, before.p, before.len);
	else
		err = goal_of_branch(&found, g, r, head, before.p);
	if (!err && !g->head.len)
		err = no_such_branch(r, before.p + strlen("branch/"));
out:
	buf_release(&before);
	return err;
}

static err_t
goal_of_new_branch(struct goal *g, struct repo *r, const struct head *head,
    const struct switch_order *o)
{
	err_t err;

	err = refs_full_name(&g->head, REFS_BRANCH, o->create);
	if (!err)
		err = refs_check_free(r, g->head.p);
	if (err)
		return err;
	g->create = true;
	if (o->to)
		return rev_commit(&g->commit, r, o->to);
	g->commit = head->commit;
	return NULL;
}

static err_t
detach(struct goal *g, const char *typed)
{
	if (id_is_zero(&g->commit))
		return err_new(ERR_NOT_FOUND, "no version yet on \"%s\"; make "
		    "one with \"dsv add\" and \"dsv commit\"", typed);
	buf_clear(&g->head);
	detached_at(&g->head, &g->commit);
	return NULL;
}

static err_t
find_goal(struct goal *g, struct repo *r, const struct head *head,
    const struct switch_order *o)
{
	bool found = false;
	err_t err;

	if (o->create)
		return goal_of_new_branch(g, r, head, o);
	if (!strcmp(o->to, "-")) {
		err = goal_of_previous(g, r, head);
	} else {
		err = goal_of_branch(&found, g, r, head, o->to);
		if (!err && !found)
			err = goal_of_version(g, r, o->to, o->any ||
			    o->detach);
	}
	return !err && o->detach ? detach(g, o->to) : err;
}

static err_t
tree_of(struct id *out, uint64_t *version, struct repo *r,
    const struct id *commit)
{
	struct commit_node node = { .version = 0 };
	err_t err = NULL;

	if (!id_is_zero(commit))
		err = commit_node(&node, r->store, commit);
	*out = node.tree;
	*version = node.version;
	return err;
}

static err_t
move_files(struct switch_report *out, struct txn *t, struct repo *r,
    const struct id *from, const struct id *to, const struct switch_order *o)
{
	struct checkout c = { .txn = t, .r = r, .fn = o->fn, .arg = o->arg };
	struct id old, new;
	uint64_t unused;
	err_t err;

	if (o->force)
		c.flags |= CHECKOUT_FORCE;
	if (o->dry_run)
		c.flags |= CHECKOUT_DRY_RUN;
	err = tree_of(&old, &unused, r, from);
	if (!err)
		err = tree_of(&new, &out->version, r, to);
	if (err || (id_is_zero(from) && id_is_zero(to)))
		return err;
	return checkout_switch(&c, &old, &new);
}

/* An unborn branch is only a name in HEAD: no ref, so no event.  t is NULL for
 * a dry run. */
static err_t
make_branch(struct txn *t, struct repo *r, const struct goal *g)
{
	struct gate gate = GATE_INIT;
	struct id none = { { 0 } };
	struct id id;
	err_t err;

	if (!g->create || id_is_zero(&g->commit))
		return NULL;
	gate.r = r;
	err = ident_event(&gate.event, r->config, "branch");
	if (err)
		return err;
	event_add_ref(&gate.event, g->head.p, &none, &g->commit);
	err = t ? gate_record(&id, t, r, &gate.event) : gate_check(&gate);
	gate_end(&gate);
	return err;
}

static err_t
move_head(struct txn *t, const struct head *head, const struct goal *g)
{
	struct buf before = BUF_INIT;
	err_t err = NULL;

	if (head->ref.len)
		buf_add(&before, head->ref.p, head->ref.len);
	else
		detached_at(&before, &head->commit);
	if (strcmp(before.p, g->head.p)) {
		err = state_set(t, "previous", before.p);
		if (!err)
			err = state_set(t, "head", g->head.p);
	}
	buf_release(&before);
	return err;
}

static void
fill_in(struct switch_report *out, const struct head *head,
    const struct goal *g)
{
	const char *name = g->head.p;
	bool branch = !strncmp(name, "branch/", 7);

	if (branch)
		buf_str(&out->branch, name + strlen("branch/"));
	out->commit = g->commit;
	out->created = g->create;
	if (branch)
		out->was_there = head->ref.len && !strcmp(head->ref.p, name);
	else
		out->was_there = !head->ref.len &&
		    id_eq(&head->commit, &g->commit);
}

err_t
switch_run(struct switch_report *out, struct repo *r,
    const struct switch_order *o)
{
	struct switch_report made = SWITCH_REPORT_INIT;
	struct head head = HEAD_INIT;
	struct goal goal = { .head = BUF_INIT };
	struct txn *t = NULL;
	err_t err = NULL;

	if (!o->dry_run) {
		err = txn_begin(&t, r->store, "switch");
		if (!err)
			err = txn_lock(t);
	}
	if (!err)
		err = repo_head(&head, r);
	if (!err)
		err = find_goal(&goal, r, &head, o);
	/* First what may be refused, then what cannot be undone. */
	if (!err)
		err = make_branch(t, r, &goal);
	if (!err)
		err = move_files(&made, t, r, &head.commit, &goal.commit, o);
	if (!err && t)
		err = move_head(t, &head, &goal);
	if (!err && t)
		err = txn_commit(t);
	if (!err) {
		fill_in(&made, &head, &goal);
		*out = made;
	} else {
		switch_report_release(&made);
	}
	txn_end(t);
	buf_release(&goal.head);
	head_release(&head);
	return err;
}

void
switch_report_release(struct switch_report *report)
{
	buf_release(&report->branch);
}
