#include "lib/review/state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/history/ident.h"
#include "lib/review/policy.h"

const char *
review_word(enum review_state state)
{
	static const char *const words[] = {
		[REVIEW_DRAFT] = "draft", [REVIEW_SUBMITTED] = "submitted",
		[REVIEW_APPROVED] = "approved",
		[REVIEW_REJECTED] = "rejected",
	};

	return words[state];
}

/* ---- adding up ---------------------------------------------------------- */

static void
act_release(struct review_act *a)
{
	free(a->act);
	free(a->refused);
	person_release(&a->actor);
	free(a->note);
	free(a->into);
	free(a->label);
	signature_release(&a->signature);
}

void
review_release(struct review *r)
{
	for (size_t i = 0; i < r->n; i++)
		act_release(&r->acts[i]);
	free(r->acts);
	free(r->into);
	*r = (struct review)REVIEW_INIT;
}

static char *
copy_or_null(const char *s)
{
	return s ? mem_strdup(s) : NULL;
}

static void
add_act(struct review *r, const struct event_info *info,
    const struct event *ev)
{
	struct review_act *a;

	VEC_ROOM(r->acts, r->n, r->cap);
	a = &r->acts[r->n++];
	*a = (struct review_act){ .number = info->number,
	    .act = mem_strdup(ev->act), .time = ev->time,
	    .note = mem_strdup(ev->note),
	    .refused = copy_or_null(event_field(ev, "refused")),
	    .into = copy_or_null(event_field(ev, "into")),
	    .actor = { mem_strdup(ev->actor.name),
		mem_strdup(ev->actor.email) } };
	if (event_field(ev, "signature"))
		a->signature.state = SIGNATURE_UNCHECKED;
	for (size_t i = 0; i < ev->n_refs && !a->label; i++)
		if (strncmp(ev->refs[i].name, "approved/", 9) == 0)
			a->label = mem_strdup(ev->refs[i].name + 9);
}

static void
set_into(struct review *r, const struct event *ev)
{
	free(r->into);
	r->into = copy_or_null(event_field(ev, "into"));
}

static bool
apply_decision(struct review *r, const struct event *ev)
{
	const char *state = event_field(ev, "state");

	if (r->state != REVIEW_DRAFT && r->state != REVIEW_SUBMITTED)
		return false;
	if (strcmp(ev->act, "reject") == 0)
		r->state = REVIEW_REJECTED;
	else if (state && strcmp(state, "approved") == 0)
		r->state = REVIEW_APPROVED;
	else
		return true;
	r->decision = r->n - 1;
	set_into(r, ev);
	return true;
}

bool
review_apply(struct review *r, const struct event_info *info,
    const struct event *ev)
{
	const char *act = ev->act;

	/* About rows of it, not about it. */
	if (strcmp(act, "decide") == 0)
		return true;
	add_act(r, info, ev);
	if (strcmp(act, "submit") == 0 && r->state == REVIEW_DRAFT) {
		r->state = REVIEW_SUBMITTED;
		r->submit = r->n - 1;
		set_into(r, ev);
		return true;
	}
	if (strcmp(act, "withdraw") == 0 && r->state == REVIEW_SUBMITTED) {
		r->state = REVIEW_DRAFT;
		r->round = r->n;
		return true;
	}
	if (strcmp(act, "approve") == 0 || strcmp(act, "reject") == 0)
		return apply_decision(r, ev);
	if (strcmp(act, "retract") == 0 || strcmp(act, "unretract") == 0) {
		bool was = r->retracted;

		r->retracted = act[0] == 'r';
		return r->retracted != was;
	}
	if (strcmp(act, "label") == 0)
		return r->state == REVIEW_APPROVED;
	return strcmp(act, "comment") == 0;
}

static err_t
apply_event(void *arg, const struct event_info *info, const struct event *ev)
{
	(void)review_apply(arg, info, ev);
	return NULL;
}

err_t
review_load(struct review *out, struct store *s, const struct id *commit)
{
	char subject[ID_HEX + 8] = "commit/";
	struct review r = REVIEW_INIT;
	err_t err;

	id_hex(subject + 7, commit);
	err = event_about(s, subject, apply_event, &r);
	if (err)
		review_release(&r);
	else
		*out = r;
	return err;
}

struct verify {
	struct review *review;
	struct store *store;
};

static err_t
verify_event(void *arg, const struct event_info *info, const struct event *ev)
{
	struct verify *v = arg;
	uint64_t horizon;
	err_t err = NULL;

	for (size_t i = 0; !err && i < v->review->n; i++) {
		struct review_act *a = &v->review->acts[i];

		if (a->number != info->number)
			continue;
		signature_release(&a->signature);
		horizon = store_horizon(v->store, info->number);
		err = signature_of_event(&a->signature, v->store, ev);
		store_horizon(v->store, horizon);
	}
	return err;
}

err_t
review_verify(struct review *r, struct store *s, const struct id *commit,
    const struct policy *p)
{
	char subject[ID_HEX + 8] = "commit/";
	struct verify v = { r, s };
	uint64_t horizon;
	bool any = false;

	for (size_t i = 0; i < r->n; i++)
		any = any || r->acts[i].signature.state != SIGNATURE_NONE;
	if (!any || (p && !p->require_signature))
		return NULL;
	horizon = store_horizon(s, 0);
	store_horizon(s, horizon);
	r->past = horizon;
	id_hex(subject + 7, commit);
	return event_about(s, subject, verify_event, &v);
}

/* ---- asking ------------------------------------------------------------- */

/* Where the acts begin that count: with a submission, if the rules want one
 * before. */
static size_t
first_that_counts(const struct review *r, const struct policy *p)
{
	size_t i = r->round;

	while (p && p->require_submit && i < r->n &&
	    strcmp(r->acts[i].act, "submit") != 0)
		i++;
	return i;
}

/* An approval in the form that the rules want (NULL: in any). */
static bool
is_approval(const struct review *r, const struct policy *p, size_t i)
{
	const struct review_act *a = &r->acts[i];

	return strcmp(a->act, "approve") == 0 && !a->elsewhere &&
	    (!p || !p->require_signature ||
	    a->signature.state == SIGNATURE_GOOD ||
	    (r->past && a->signature.state == SIGNATURE_UNCHECKED));
}

static bool
same_signer(const struct signature *a, const struct signature *b)
{
	return a->principal && b->principal &&
	    strcmp(a->principal, b->principal) == 0;
}

/* Is the approval i the first of that person, of those that count? */
static bool
is_first(const struct review *r, const struct policy *p, size_t i)
{
	const struct review_act *a = r->acts;

	for (size_t k = first_that_counts(r, p); k < i; k++)
		if (is_approval(r, p, k) &&
		    (person_same(&a[k].actor, &a[i].actor) ||
		    same_signer(&a[k].signature, &a[i].signature)))
			return false;
	return true;
}

bool
review_has_approved(const struct review *r, const struct policy *p,
    const struct person *who)
{
	for (size_t i = first_that_counts(r, p); i < r->n; i++)
		if (is_approval(r, p, i) &&
		    person_same(&r->acts[i].actor, who))
			return true;
	return false;
}

bool
review_is_own(const struct commit *c, const struct person *who)
{
	return person_same(&c->author, who) ||
	    person_same(&c->committer, who);
}

uint64_t
review_approvals(const struct review *r, const struct policy *p,
    const struct commit *c)
{
	uint64_t n = 0;

	for (size_t i = first_that_counts(r, p); i < r->n; i++) {
		const struct review_act *a = &r->acts[i];

		if (is_approval(r, p, i) && is_first(r, p, i) &&
		    policy_may_decide(p, &a->actor) &&
		    !(p->not_author && review_is_own(c, &a->actor)))
			n++;
	}
	return n;
}

static bool
lacks_submission(const struct review *r, const struct policy *p)
{
	return p->require_submit && first_that_counts(r, p) == r->n;
}

static bool
has_unchecked(const struct review *r)
{
	for (size_t i = r->round; i < r->n; i++)
		if (r->acts[i].signature.state == SIGNATURE_UNCHECKED)
			return true;
	return false;
}

err_t
review_check(const struct review *r, const struct policy *p,
    const struct commit *c, const char *name)
{
	uint64_t n = review_approvals(r, p, c);

	if (r->state == REVIEW_DRAFT)
		return err_new(ERR_REFUSED, "\"%s\" takes approved versions "
		    "only, and %s is a draft; \"dsv submit %s\" comes first",
		    p->branch, name, name);
	if (r->state == REVIEW_SUBMITTED)
		return err_new(ERR_REFUSED, "\"%s\" takes approved versions "
		    "only, and %s waits for approval; see \"dsv review %s\"",
		    p->branch, name, name);
	if (r->state == REVIEW_REJECTED)
		return err_new(ERR_REFUSED, "\"%s\" takes approved versions "
		    "only, and %s is rejected; commit a new version first",
		    p->branch, name);
	if (r->retracted)
		return err_new(ERR_REFUSED, "%s is retracted; \"dsv unretract "
		    "%s\" comes first", name, name);
	if (n < p->approvals && p->require_signature && has_unchecked(r))
		return err_new(ERR_REFUSED, "\"%s\" wants approvals signed, "
		    "and without \"ssh-keygen\" those of %s cannot be "
		    "checked; install OpenSSH", p->branch, name);
	if (n < p->approvals || lacks_submission(r, p))
		return err_new(ERR_REFUSED, "%s was approved by other rules, "
		    "with %llu of the %llu %sapprovals that \"%s\" wants%s; "
		    "make a new version (\"dsv commit --allow-empty\") and "
		    "submit it --into %s", name, (unsigned long long)n,
		    (unsigned long long)p->approvals,
		    p->require_signature ? "signed " : "", p->branch,
		    lacks_submission(r, p) ?
		    " and without being submitted" : "", p->branch);
	return NULL;
}

err_t
review_newest(struct id *out, struct store *s, const struct id *from,
    enum review_state state)
{
	struct commit_node node;
	struct id id = *from;
	err_t err = NULL;

	while (!err) {
		struct review r = REVIEW_INIT;
		bool found;

		err = review_load(&r, s, &id);
		found = !err && r.state == state && !r.retracted;
		review_release(&r);
		if (found) {
			*out = id;
			return NULL;
		}
		if (!err)
			err = commit_node(&node, s, &id);
		if (!err && !node.n_parents)
			err = err_new(ERR_NOT_FOUND, "no %s version",
			    review_word(state));
		if (!err)
			id = node.parents[0];
	}
	return err;
}
