#include "lib/review/act.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/history/commit.h"
#include "lib/history/ident.h"
#include "lib/history/refs.h"
#include "lib/history/walk.h"
#include "lib/review/gate.h"
#include "lib/review/policy.h"
#include "lib/review/signature.h"

static const struct id no_id;

/* What an act is decided on, all of it read under the lock. */
struct scene {
	struct repo *r;
	const struct act_order *o;
	struct commit_node node;
	struct commit commit;
	struct review review;
	struct policy policy;
	struct buf into;
	bool replay;		/* into is as it was said then */
	char name[32];		/* "v3 (1a2b3c4d)" */
	char rev[12];		/* how to name it in a command */
};

static bool
is_act(const struct scene *s, const char *act)
{
	return strcmp(s->o->act, act) == 0;
}

static bool
is_decision(const struct scene *s)
{
	return is_act(s, "approve") || is_act(s, "reject");
}

/* ---- by whose rules ----------------------------------------------------- */

struct count {
	char *name;		/* of the first one */
	size_t n;
	struct buf all;
};

static err_t
count_policy(void *arg, const struct policy *p)
{
	struct count *c = arg;

	if (!c->name)
		c->name = mem_strdup(p->branch);
	buf_printf(&c->all, "%s\"%s\"", c->n++ ? ", " : "", p->branch);
	return NULL;
}

/* The current branch, if it has the version. */
static err_t
current_branch(struct buf *out, struct repo *r, const struct id *commit)
{
	struct head head = HEAD_INIT;
	bool has = false;
	err_t err;

	err = repo_head(&head, r);
	if (!err && head_branch(&head) && !id_is_zero(&head.commit))
		err = walk_is_ancestor(&has, r->store, commit, &head.commit);
	if (!err && has)
		buf_str(out, head_branch(&head));
	head_release(&head);
	return err;
}

err_t
act_branch(struct buf *out, struct repo *r, const struct review *review,
    const struct id *commit)
{
	struct count count = { NULL, 0, BUF_INIT };
	struct policy own = POLICY_INIT;
	struct buf current = BUF_INIT;
	err_t err;

	if (review->state != REVIEW_DRAFT && review->into) {
		buf_str(out, review->into);
		return NULL;
	}
	err = current_branch(&current, r, commit);
	if (!err && current.len)
		err = policy_load(&own, r->store, current.p);
	if (!err)
		err = policy_walk(r->store, count_policy, &count);
	if (err)
		goto out;
	if (own.branch || count.n == 0)
		buf_add(out, buf_cstr(&current), current.len);
	else if (count.n == 1)
		buf_str(out, count.name);
	else
		err = err_new(ERR_USAGE, "for which branch? %s have rules; "
		    "say --into NAME", count.all.p);
out:
	free(count.name);
	buf_release(&count.all);
	policy_release(&own);
	buf_release(&current);
	return err;
}

/* --into: a branch, or at least one that has rules already. */
static err_t
check_into(struct scene *s)
{
	struct buf full = BUF_INIT;
	struct ref ref;
	err_t err;

	err = refs_full_name(&full, REFS_BRANCH, s->o->into);
	if (!err && s->review.state == REVIEW_SUBMITTED && s->review.into &&
	    strcmp(s->review.into, s->o->into) != 0)
		err = err_new(ERR_REFUSED, "%s was submitted for \"%s\"; "
		    "\"dsv withdraw %s\" and submit it again", s->name,
		    s->review.into, s->rev);
	if (!err && !s->policy.branch)
		err = ref_get(&ref, s->r->store, full.p);
	if (err_is(err, ERR_NOT_FOUND))
		err = err_new(ERR_NOT_FOUND, "no branch \"%s\"; \"dsv branch\" "
		    "lists them", s->o->into);
	buf_release(&full);
	return err;
}

static err_t
load_rules(struct scene *s)
{
	err_t err = NULL;

	if (s->replay)
		return s->into.len ? policy_load(&s->policy, s->r->store,
		    s->into.p) : NULL;
	if (s->o->into)
		buf_str(&s->into, s->o->into);
	else if (is_decision(s) || is_act(s, "submit"))
		err = act_branch(&s->into, s->r, &s->review, &s->o->commit);
	else if (s->review.into)
		buf_str(&s->into, s->review.into);
	if (!err && s->into.len)
		err = policy_load(&s->policy, s->r->store, s->into.p);
	if (!err && s->o->into)
		err = check_into(s);
	return err;
}

static err_t
load(struct scene *s)
{
	char hex[ID_HEX + 1];
	err_t err;

	err = commit_node(&s->node, s->r->store, &s->o->commit);
	if (!err)
		err = commit_read(&s->commit, s->r->store, &s->o->commit);
	if (err)
		return err;
	snprintf(s->rev, sizeof(s->rev), "%.8s",
	    id_hex(hex, &s->o->commit));
	snprintf(s->name, sizeof(s->name), "v%llu (%s)",
	    (unsigned long long)s->node.version, s->rev);
	err = review_load(&s->review, s->r->store, &s->o->commit);
	if (!err)
		err = load_rules(s);
	return err ? err : review_verify(&s->review, s->r->store,
	    &s->o->commit, &s->policy);
}

static void
unload(struct scene *s)
{
	commit_release(&s->commit);
	review_release(&s->review);
	policy_release(&s->policy);
	buf_release(&s->into);
}

/* ---- the table of states ------------------------------------------------ */

/* Who decided, for those who come after. */
static const char *
decider(const struct scene *s)
{
	return s->review.acts[s->review.decision].actor.name;
}

static err_t
refuse_decided(const struct scene *s)
{
	if (s->review.state == REVIEW_REJECTED)
		return err_new(ERR_REFUSED, "%s is rejected already, by %s; "
		    "commit a new version first", s->name, decider(s));
	if (is_act(s, "reject") || is_act(s, "withdraw"))
		return err_new(ERR_REFUSED, "%s is approved already, by %s; "
		    "\"dsv retract %s\" takes it out of use", s->name,
		    decider(s), s->rev);
	return err_new(ERR_REFUSED, "%s is approved already, by %s; commit a "
	    "new version if there is more to approve", s->name, decider(s));
}

static err_t
check_state(const struct scene *s)
{
	enum review_state state = s->review.state;
	bool open = state == REVIEW_DRAFT || state == REVIEW_SUBMITTED;

	if (is_act(s, "comment"))
		return NULL;
	if (is_act(s, "retract"))
		return !s->review.retracted ? NULL : err_new(ERR_REFUSED,
		    "%s is retracted already; \"dsv unretract %s\" brings it "
		    "back", s->name, s->rev);
	if (is_act(s, "unretract"))
		return s->review.retracted ? NULL : err_new(ERR_REFUSED,
		    "%s is not retracted", s->name);
	if (!open)
		return refuse_decided(s);
	if (is_act(s, "submit") && state == REVIEW_SUBMITTED)
		return err_new(ERR_REFUSED, "%s is submitted already, by %s; "
		    "\"dsv review %s\" says what it waits for", s->name,
		    s->review.acts[s->review.submit].actor.name, s->rev);
	if (is_act(s, "withdraw") && state == REVIEW_DRAFT)
		return err_new(ERR_REFUSED, "%s is a draft, so there is "
		    "nothing to withdraw", s->name);
	return NULL;
}

/* ---- the rules of the branch -------------------------------------------- */

static err_t
check_decider(const struct scene *s, const struct person *who)
{
	const struct policy *p = &s->policy;
	struct buf rules = BUF_INIT;
	err_t err = NULL;

	if (policy_may_decide(p, who))
		return NULL;
	policy_text(&rules, p);
	err = err_new(ERR_REFUSED, "%s does not decide for \"%s\" (%s)",
	    who->name, p->branch, rules.p);
	buf_release(&rules);
	return err;
}

static err_t
check_rules(const struct scene *s, const struct person *who)
{
	const struct policy *p = &s->policy;
	uint64_t n = review_approvals(&s->review, p, &s->commit);
	err_t err = check_decider(s, who);

	if (err || !is_act(s, "approve"))
		return err;
	if (p->require_signature && !s->replay && !s->o->sign)
		return err_new(ERR_REFUSED, "\"%s\" wants approvals signed; "
		    "\"dsv approve -S %s\"", p->branch, s->rev);
	if (p->require_submit && s->review.state == REVIEW_DRAFT)
		return err_new(ERR_REFUSED, "%s is a draft, and \"%s\" wants "
		    "versions submitted before they are approved; \"dsv "
		    "submit %s\"", s->name, p->branch, s->rev);
	if (p->not_author && review_is_own(&s->commit, who))
		return err_new(ERR_REFUSED, "%s is your own, and \"%s\" wants "
		    "somebody else to approve it", s->name, p->branch);
	if (review_has_approved(&s->review, p, who) && n < p->approvals)
		return err_new(ERR_REFUSED, "%s is already approved by you; "
		    "%llu more approval%s missing", s->name,
		    (unsigned long long)(p->approvals - n),
		    p->approvals - n == 1 ? " is" : "s are");
	return NULL;
}

/* ---- recording ---------------------------------------------------------- */

static void
set_note(struct event *ev, const char *note)
{
	free(ev->note);
	ev->note = mem_strdup(note ? note : "");
}

static void
add_commit(struct event *ev, const struct scene *s)
{
	char hex[ID_HEX + 1];

	event_add_field(ev, "commit", id_hex(hex, &s->o->commit));
}

static void
add_into(struct event *ev, const struct scene *s)
{
	if (s->into.len)
		event_add_field(ev, "into", s->into.p);
}

/* Point the label here. */
static err_t
add_label(struct event *ev, const struct scene *s)
{
	struct buf full = BUF_INIT;
	struct ref ref = { .name = NULL };
	err_t err;

	if (s->review.retracted)
		return err_new(ERR_REFUSED, "%s is retracted; \"dsv unretract "
		    "%s\" comes first", s->name, s->rev);
	err = refs_full_name(&full, REFS_LABEL, s->o->label);
	if (!err)
		err = ref_get(&ref, s->r->store, full.p);
	if (err_is(err, ERR_NOT_FOUND)) {
		ref.target = no_id;
		err = NULL;
	}
	if (!err && id_eq(&ref.target, &s->o->commit))
		err = err_new(ERR_REFUSED, "\"approved/%s\" names %s already",
		    s->o->label, s->name);
	if (!err)
		event_add_ref(ev, full.p, &ref.target, &s->o->commit);
	buf_release(&full);
	return err;
}

/* Would one more approval, by this person, be enough? */
static uint64_t
approvals_with(const struct scene *s, const struct person *who)
{
	return review_approvals(&s->review, &s->policy, &s->commit) +
	    !review_has_approved(&s->review, &s->policy, who);
}

/* By the rules, does its signature make it count? */
static err_t
check_signature(const struct scene *s, const struct event *ev)
{
	struct signature signature = SIGNATURE_INIT;
	struct buf text = BUF_INIT;
	err_t err;

	if (!s->policy.require_signature || strcmp(ev->act, "approve") != 0)
		return NULL;
	err = signature_of_event(&signature, s->r->store, ev);
	if (!err && signature.state != SIGNATURE_GOOD &&
	    !(s->replay && signature.state == SIGNATURE_UNCHECKED)) {
		signature_text(&text, &signature);
		err = err_new(ERR_REFUSED, "\"%s\" wants approvals signed, "
		    "and this would not count: %s%s", s->policy.branch,
		    text.p, signature.state == SIGNATURE_UNKNOWN ? "; a key "
		    "gets there by a version that is approved" : "");
	}
	signature_release(&signature);
	buf_release(&text);
	return err;
}

/* What would be refused anyway is not signed. */
static err_t
finish(struct scene *s, struct gate *g)
{
	bool sign = s->o->sign && !s->o->dry_run;
	err_t err = NULL;

	if (sign)
		err = gate_check(g);
	if (!err && sign)
		err = signature_add_event(&g->event, g->txn, s->r->config);
	if (!err && sign)
		err = check_signature(s, &g->event);
	return err ? err : gate_commit(g, s->o->dry_run);
}

static err_t
record_approval(struct act_report *out, struct scene *s, struct gate *g)
{
	char needed[24];
	err_t err = NULL;

	out->approvals = approvals_with(s, &g->event.actor);
	snprintf(needed, sizeof(needed), "%llu",
	    (unsigned long long)s->policy.approvals);
	event_add_field(&g->event, "approvals", needed);
	add_commit(&g->event, s);
	add_into(&g->event, s);
	if (out->approvals >= s->policy.approvals) {
		out->state = REVIEW_APPROVED;
		event_add_field(&g->event, "state", "approved");
		if (s->o->label)
			err = add_label(&g->event, s);
		out->labelled = s->o->label;
	}
	return err ? err : finish(s, g);
}

static err_t
record(struct act_report *out, struct scene *s, struct gate *g)
{
	add_commit(&g->event, s);
	add_into(&g->event, s);
	if (is_act(s, "submit"))
		out->state = REVIEW_SUBMITTED;
	else if (is_act(s, "withdraw"))
		out->state = REVIEW_DRAFT;
	else if (is_act(s, "reject"))
		out->state = REVIEW_REJECTED;
	else if (is_act(s, "retract") || is_act(s, "unretract"))
		out->retracted = is_act(s, "retract");
	return finish(s, g);
}

static void
rename_act(struct gate *g, const char *act)
{
	free(g->event.act);
	g->event.act = mem_strdup(act);
}

/* The version is approved: only the label is new. */
static err_t
record_label(struct act_report *out, struct scene *s, struct gate *g)
{
	const struct person *who = &g->event.actor;
	err_t err;

	err = check_decider(s, who);
	if (!err && s->review.into && s->into.len &&
	    strcmp(s->review.into, s->into.p) != 0)
		err = err_new(ERR_REFUSED, "%s was approved for \"%s\", and "
		    "that stays; leave out --into", s->name, s->review.into);
	if (err)
		return err;
	rename_act(g, "label");
	add_commit(&g->event, s);
	add_into(&g->event, s);
	out->labelled = true;
	err = add_label(&g->event, s);
	return err ? err : finish(s, g);
}

/* Somebody else has decided: the act does not happen, but what its actor
 * thinks is kept. */
static err_t
record_too_late(struct scene *s, struct gate *g, err_t why)
{
	struct err told = *why;
	err_t err;

	add_commit(&g->event, s);
	add_into(&g->event, s);
	/* Only from those who could have decided. */
	err = gate_check(g);
	if (err)
		return err;
	rename_act(g, "comment");
	event_add_field(&g->event, "refused", s->o->act);
	err = gate_commit(g, false);
	return err ? err : err_wrap(err_adopt(&told), "too late, and kept as "
	    "a comment");
}

static bool
decided_by_another(const struct scene *s, const struct person *who)
{
	bool decided = s->review.state == REVIEW_APPROVED ||
	    s->review.state == REVIEW_REJECTED;

	return is_decision(s) && decided && !s->o->dry_run &&
	    !person_same(&s->review.acts[s->review.decision].actor, who) &&
	    !review_has_approved(&s->review, NULL, who);
}

static err_t
perform(struct act_report *out, struct scene *s, struct gate *g)
{
	const struct person *who = &g->event.actor;
	err_t err = check_state(s);

	out->version = s->node.version;
	out->state = s->review.state;
	out->retracted = s->review.retracted;
	out->into = s->into.len ? mem_strdup(s->into.p) : NULL;
	out->needed = s->policy.approvals;
	if (err && is_act(s, "approve") && s->o->label &&
	    s->review.state == REVIEW_APPROVED)
		return record_label(out, s, g);
	if (err)
		return decided_by_another(s, who) ?
		    record_too_late(s, g, err) : err;
	if (is_decision(s))
		err = check_rules(s, who);
	if (err)
		return err;
	return is_act(s, "approve") ? record_approval(out, s, g) :
	    record(out, s, g);
}

static err_t
check_note(const struct act_order *o)
{
	bool has = o->note && o->note[strspn(o->note, " \t\r\n")];

	if (has)
		return NULL;
	if (strcmp(o->act, "reject") == 0)
		return err_new(ERR_USAGE, "a rejection needs a reason; give "
		    "it with -m");
	if (strcmp(o->act, "comment") == 0)
		return err_new(ERR_USAGE, "a comment needs a text; give it "
		    "with -m");
	return NULL;
}

err_t
act_run(struct act_report *out, struct repo *r, const struct act_order *o)
{
	struct scene s = { .r = r, .o = o, .commit = COMMIT_INIT,
	    .review = REVIEW_INIT, .policy = POLICY_INIT, .into = BUF_INIT };
	struct act_report made = ACT_REPORT_INIT;
	struct gate gate = GATE_INIT;
	err_t err;

	err = check_note(o);
	if (!err && o->sign)
		err = signature_ready(r->config);
	if (!err)
		err = gate_begin(&gate, r, o->act);
	if (!err)
		err = load(&s);
	if (!err) {
		set_note(&gate.event, o->note);
		err = perform(&made, &s, &gate);
	}
	if (!err) {
		*out = made;
		made = (struct act_report)ACT_REPORT_INIT;
	}
	act_report_release(&made);
	gate_end(&gate);
	unload(&s);
	return err;
}

void
act_report_release(struct act_report *report)
{
	free(report->into);
	report->into = NULL;
}

/* ---- looking back ------------------------------------------------------- */

/* Was it the approval that it says it was? */
static err_t
check_outcome(const struct scene *s, const struct event *ev)
{
	const char *state = event_field(ev, "state");
	bool enough = approvals_with(s, &ev->actor) >= s->policy.approvals;

	if (enough == (state && strcmp(state, "approved") == 0))
		return NULL;
	return err_new(ERR_REFUSED, "%s had %llu of %llu approvals then",
	    s->name, (unsigned long long)approvals_with(s, &ev->actor),
	    (unsigned long long)s->policy.approvals);
}

err_t
act_replay(struct repo *r, const struct event *ev)
{
	const char *hex = event_field(ev, "commit");
	struct act_order o = { .act = ev->act, .note = ev->note };
	struct scene s = { .r = r, .o = &o, .commit = COMMIT_INIT,
	    .review = REVIEW_INIT, .policy = POLICY_INIT, .into = BUF_INIT,
	    .replay = true };
	err_t err;

	if (!hex || !id_parse(&o.commit, hex, strlen(hex)))
		return NULL;
	/* About rows, in any state. */
	if (strcmp(ev->act, "decide") == 0)
		return NULL;
	if (event_field(ev, "into"))
		buf_str(&s.into, event_field(ev, "into"));
	err = load(&s);
	if (!err && strcmp(ev->act, "label") == 0)
		err = s.review.state == REVIEW_APPROVED ? NULL :
		    err_new(ERR_REFUSED, "%s was not approved then", s.name);
	else if (!err)
		err = check_state(&s);
	if (!err && is_decision(&s))
		err = check_rules(&s, &ev->actor);
	if (!err && is_act(&s, "approve"))
		err = check_outcome(&s, ev);
	if (!err)
		err = check_signature(&s, ev);
	unload(&s);
	return err;
}
