#include "lib/review/desk.h"

#include <string.h>

#include "lib/history/commit.h"
#include "lib/history/ident.h"
#include "lib/review/act.h"

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
	    !review_has_approved(&item->review, who);
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
