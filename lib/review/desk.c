#include "lib/review/desk.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/history/attr.h"
#include "lib/history/commit.h"
#include "lib/history/ident.h"
#include "lib/history/tree.h"
#include "lib/review/act.h"
#include "lib/review/rowstate.h"

void
desk_item_release(struct desk_item *item)
{
	commit_release(&item->commit);
	review_release(&item->review);
	policy_release(&item->policy);
}

static err_t
load_rules(struct desk_item *out, struct repo *r)
{
	struct buf into = BUF_INIT;
	err_t err;

	err = act_branch(&into, r, &out->review, &out->node.id);
	/* Nobody has said for which of several branches it is. */
	if (err_is(err, ERR_USAGE))
		err = NULL;
	else if (!err && into.len)
		err = policy_load(&out->policy, r->store, into.p);
	buf_release(&into);
	return err;
}

static err_t
load_last(struct desk_item *out, struct store *s)
{
	struct id last;
	err_t err;

	if (!out->node.n_parents)
		return NULL;
	err = review_newest(&last, s, &out->node.parents[0],
	    REVIEW_APPROVED);
	if (err)
		return err_is(err, ERR_NOT_FOUND) ? NULL : err;
	out->has_last = true;
	return commit_node(&out->last, s, &last);
}

err_t
desk_load(struct desk_item *out, struct repo *r, const struct id *commit)
{
	struct desk_item item = DESK_ITEM_INIT;
	err_t err;

	err = commit_node(&item.node, r->store, commit);
	if (!err)
		err = commit_read(&item.commit, r->store, commit);
	if (!err)
		err = review_load(&item.review, r->store, commit);
	if (!err)
		err = load_rules(&item, r);
	if (!err)
		err = review_verify(&item.review, r->store, commit,
		    &item.policy);
	if (!err)
		err = load_last(&item, r->store);
	if (err) {
		desk_item_release(&item);
		return err;
	}
	item.approvals = review_approvals(&item.review, &item.policy,
	    &item.commit);
	item.rules_changed = item.review.state == REVIEW_SUBMITTED &&
	    item.policy.number > item.review.acts[item.review.submit].number;
	*out = item;
	return NULL;
}

struct walk_desk {
	struct repo *r;
	desk_visit_fn *fn;
	void *arg;
};

static err_t
visit_commit(void *arg, const char *hex)
{
	const struct walk_desk *w = arg;
	struct desk_item item = DESK_ITEM_INIT;
	struct review review = REVIEW_INIT;
	struct id id;
	bool waits;
	err_t err;

	if (!id_parse(&id, hex, strlen(hex)))
		return NULL;
	err = review_load(&review, w->r->store, &id);
	waits = !err && review.state == REVIEW_SUBMITTED;
	review_release(&review);
	if (err || !waits)
		return err;
	err = desk_load(&item, w->r, &id);
	if (!err)
		err = w->fn(w->arg, &item);
	desk_item_release(&item);
	return err;
}

err_t
desk_walk(struct repo *r, desk_visit_fn *fn, void *arg)
{
	struct walk_desk w = { r, fn, arg };

	return subject_walk(r->store, "commit/", visit_commit, &w);
}

/* ---- rows --------------------------------------------------------------- */

struct tables {
	struct repo *r;
	const struct commit_node *node;
	struct attrs *attrs;
	bool all;
	char **paths;
	size_t n, cap;
	desk_table_fn *fn;
	void *arg;
};

static void
add_path(struct tables *t, const char *path)
{
	VEC_ROOM(t->paths, t->n, t->cap);
	t->paths[t->n++] = mem_strdup(path);
}

static err_t
take_file(void *arg, const char *path, const struct tree_entry *e)
{
	struct tables *t = arg;
	bool is_table = false;
	err_t err = NULL;

	if (e->mode == MODE_FILE || e->mode == MODE_EXEC)
		err = rowstate_is_table(&is_table, t->attrs, path);
	if (!err && is_table)
		add_path(t, path);
	return err;
}

static err_t
take_subject(void *arg, const char *subject)
{
	struct buf path = BUF_INIT;

	decided_path(&path, subject);
	add_path(arg, buf_cstr(&path));
	buf_release(&path);
	return NULL;
}

static int
compare_paths(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static err_t
open_table(bool *found, struct table_at *out, struct tables *t,
    const char *path)
{
	struct tree_entry e;
	err_t err;

	*found = false;
	err = tree_lookup(&e, t->r->store, &t->node->tree, path);
	if (!err && (e.mode == MODE_FILE || e.mode == MODE_EXEC)) {
		err = table_at_open_content(out, t->r, t->attrs, path, &e.id);
		*found = !err && out->key.n;
	}
	return err_is(err, ERR_NOT_FOUND) || err_is(err, ERR_REFUSED) ||
	    err_is(err, ERR_USAGE) ? NULL : err;
}

static err_t
show_table(struct tables *t, const char *path)
{
	struct table_at table = TABLE_AT_INIT;
	struct decided *decided = NULL;
	bool found;
	err_t err;

	err = decided_load(&decided, t->r, &t->node->id, path, NULL);
	if (!err && (t->all || decided_count(decided))) {
		err = open_table(&found, &table, t, path);
		if (!err && found)
			err = t->fn(t->arg, path, &table, decided);
		table_at_close(&table);
	}
	decided_free(decided);
	return err;
}

err_t
desk_tables(struct repo *r, const struct commit_node *node, bool all,
    desk_table_fn *fn, void *arg)
{
	struct tables t = { .r = r, .node = node, .all = all, .fn = fn,
	    .arg = arg, .attrs = attr_of_tree(r, &node->tree) };
	err_t err;

	err = all ? tree_walk(r->store, &node->tree, "", take_file, &t) :
	    subject_walk(r->store, "path/", take_subject, &t);
	if (t.n)
		qsort(t.paths, t.n, sizeof(*t.paths), compare_paths);
	for (size_t i = 0; i < t.n; i++) {
		if (!err)
			err = show_table(&t, t.paths[i]);
		free(t.paths[i]);
	}
	free(t.paths);
	attr_free(t.attrs);
	return err;
}

/* ---- who ---------------------------------------------------------------- */

static bool
is_open(const struct desk_item *item)
{
	return item->review.state == REVIEW_DRAFT ||
	    item->review.state == REVIEW_SUBMITTED;
}

/* Is there nothing about the version itself that keeps the person out? */
static bool
is_free(const struct desk_item *item, const struct person *who)
{
	return !(item->policy.not_author &&
	    review_is_own(&item->commit, who)) &&
	    !review_has_approved(&item->review, &item->policy, who);
}

bool
desk_may_decide(const struct desk_item *item, const struct access *a,
    const struct person *who)
{
	return is_open(item) && is_free(item, who) &&
	    policy_may_decide(&item->policy, who) &&
	    (!access_enforced(a) || access_best(a, who) >= ROLE_REVIEW);
}

static void
say_user(const struct desk_item *item, const struct access *a,
    const char *user, desk_who_fn *fn, void *arg)
{
	struct person who = { NULL, NULL };

	if (person_parse(&who, user))
		return;
	if (desk_may_decide(item, a, &who))
		fn(arg, user);
	person_release(&who);
}

static void
say_excluded(const struct desk_item *item, desk_who_fn *fn, void *arg)
{
	const struct review *r = &item->review;

	if (item->policy.not_author)
		fn(arg, item->commit.author.name);
	for (size_t i = r->round; i < r->n; i++)
		if (!strcmp(r->acts[i].act, "approve") &&
		    !person_same(&r->acts[i].actor, &item->commit.author))
			fn(arg, r->acts[i].actor.name);
}

void
desk_who(bool *anybody, const struct desk_item *item, const struct access *a,
    desk_who_fn *fn, void *arg)
{
	const struct policy *p = &item->policy;

	*anybody = !p->n_reviewers && !access_enforced(a);
	if (*anybody) {
		say_excluded(item, fn, arg);
		return;
	}
	for (size_t i = 0; i < p->n_reviewers; i++)
		say_user(item, a, p->reviewers[i], fn, arg);
	for (size_t i = 0; i < a->n && !p->n_reviewers; i++)
		if (a->grants[i].role >= ROLE_REVIEW)
			say_user(item, a, a->grants[i].user, fn, arg);
}
