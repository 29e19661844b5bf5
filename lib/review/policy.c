#include "lib/review/policy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/base/text.h"
#include "lib/history/ident.h"
#include "lib/history/refs.h"
#include "lib/history/repo.h"
#include "lib/review/gate.h"
#include "lib/review/state.h"

void
policy_release(struct policy *p)
{
	free(p->branch);
	for (size_t i = 0; i < p->n_reviewers; i++)
		free(p->reviewers[i]);
	free(p->reviewers);
	person_release(&p->by);
	*p = (struct policy)POLICY_INIT;
}

/* ---- reading ------------------------------------------------------------ */

static bool
is_yes(const struct event *ev, const char *key)
{
	const char *value = event_field(ev, key);

	return value && strcmp(value, "yes") == 0;
}

static void
read_reviewers(struct policy *p, const char *list)
{
	size_t cap = 0;

	while (list && *list) {
		size_t len = strcspn(list, ",");

		VEC_ROOM(p->reviewers, p->n_reviewers, cap);
		p->reviewers[p->n_reviewers++] = mem_strndup(list, len);
		list += len + (list[len] == ',');
	}
}

static err_t
read_event(void *arg, const struct event_info *info, const struct event *ev)
{
	struct policy *p = arg;
	const char *approvals = event_field(ev, "approvals");

	if (strcmp(ev->act, "policy") != 0)
		return NULL;
	policy_release(p);
	p->branch = mem_strdup(event_field(ev, "policy"));
	p->protect = is_yes(ev, "protect");
	p->not_author = is_yes(ev, "not-author");
	p->require_submit = is_yes(ev, "require-submit");
	p->require_signature = is_yes(ev, "require-signature");
	if (approvals)
		p->approvals = strtoull(approvals, NULL, 10);
	if (!p->approvals)
		p->approvals = 1;
	read_reviewers(p, event_field(ev, "reviewers"));
	p->number = info->number;
	p->by.name = mem_strdup(ev->actor.name);
	p->by.email = mem_strdup(ev->actor.email);
	p->time = ev->time;
	return NULL;
}

static bool
has_rules(const struct policy *p)
{
	return p->protect || p->not_author || p->require_submit ||
	    p->require_signature ||
	    p->approvals != 1 || p->n_reviewers;
}

static bool
same_name(const char *a, const char *b)
{
	struct buf x = BUF_INIT, y = BUF_INIT;
	bool same;

	text_fold(&x, a, strlen(a));
	text_fold(&y, b, strlen(b));
	same = strcmp(buf_cstr(&x), buf_cstr(&y)) == 0;
	buf_release(&x);
	buf_release(&y);
	return same;
}

struct find {
	const char *branch;
	char *name;		/* as the rules have it */
};

static err_t
find_name(void *arg, const char *name)
{
	struct find *f = arg;

	if (!f->name && same_name(name, f->branch))
		f->name = mem_strdup(name);
	return NULL;
}

err_t
policy_load(struct policy *out, struct store *s, const char *branch)
{
	struct policy p = POLICY_INIT;
	struct find find = { branch, NULL };
	struct buf subject = BUF_INIT;
	err_t err;

	err = subject_walk(s, "policy/", find_name, &find);
	if (!err && find.name) {
		buf_printf(&subject, "policy/%s", find.name);
		err = event_about(s, subject.p, read_event, &p);
	}
	if (!err && !has_rules(&p)) {
		/* Taken back: only when it was done is left. */
		free(p.branch);
		p.branch = NULL;
	}
	if (err)
		policy_release(&p);
	else
		*out = p;
	free(find.name);
	buf_release(&subject);
	return err;
}

struct each {
	struct store *store;
	policy_visit_fn *fn;
	void *arg;
};

static err_t
each_name(void *arg, const char *name)
{
	const struct each *e = arg;
	struct policy p = POLICY_INIT;
	err_t err = policy_load(&p, e->store, name);

	if (!err && p.branch)
		err = e->fn(e->arg, &p);
	policy_release(&p);
	return err;
}

err_t
policy_walk(struct store *s, policy_visit_fn *fn, void *arg)
{
	struct each e = { s, fn, arg };

	return subject_walk(s, "policy/", each_name, &e);
}

bool
policy_is_of(const struct policy *p, const char *branch)
{
	return p->branch && same_name(p->branch, branch);
}

bool
policy_may_decide(const struct policy *p, const struct person *who)
{
	for (size_t i = 0; i < p->n_reviewers; i++)
		if (person_is(who, p->reviewers[i]))
			return true;
	return p->n_reviewers == 0;
}

void
policy_text(struct buf *out, const struct policy *p)
{
	if (p->protect)
		buf_str(out, "protected, ");
	buf_printf(out, "%llu %sapproval%s", (unsigned long long)p->approvals,
	    p->require_signature ? "signed " : "",
	    p->approvals == 1 ? "" : "s");
	if (p->not_author)
		buf_str(out, ", not by the author");
	if (p->require_submit)
		buf_str(out, ", submitted first");
	for (size_t i = 0; i < p->n_reviewers; i++)
		buf_printf(out, "%s%s", i ? " or " : ", by ",
		    p->reviewers[i]);
}

/* ---- setting ------------------------------------------------------------ */

/* The branch whose name it is, in any case of letters. */
static err_t
find_branch(void *arg, const struct ref *ref)
{
	return find_name(arg, ref->name + strlen("branch/"));
}

/* A branch that is to be protected must be where it could have got. */
static err_t
check_tip(struct repo *r, const char *branch)
{
	struct review review = REVIEW_INIT;
	struct buf full = BUF_INIT;
	struct commit_node node;
	struct ref ref;
	err_t err;

	buf_printf(&full, "branch/%s", branch);
	err = ref_get(&ref, r->store, full.p);
	if (err_is(err, ERR_NOT_FOUND)) {
		err = NULL;		/* it has no version yet */
		goto out;
	}
	if (!err)
		err = commit_node(&node, r->store, &ref.target);
	if (!err)
		err = review_load(&review, r->store, &ref.target);
	if (!err && (review.state != REVIEW_APPROVED || review.retracted))
		err = err_new(ERR_REFUSED, "\"%s\" is at v%llu, which is not "
		    "approved (%s); do that with \"dsv approve %s\", then "
		    "protect the branch", branch,
		    (unsigned long long)node.version, review.retracted ?
		    "retracted" : review_word(review.state), branch);
out:
	review_release(&review);
	buf_release(&full);
	return err;
}

static err_t
check_branch(struct repo *r, const struct policy *p)
{
	struct find find = { p->branch, NULL };
	const char *branch;
	err_t err;

	if (!p->protect && !p->require_signature)
		return NULL;
	err = ref_walk(r->store, "branch/", find_branch, &find);
	branch = find.name ? find.name : p->branch;
	if (!err && p->protect)
		err = check_tip(r, branch);
	if (!err && p->require_signature)
		err = signature_need_signers(r->store, branch);
	free(find.name);
	return err;
}

static err_t
add_reviewers(struct event *ev, const struct policy *p)
{
	struct buf list = BUF_INIT;
	err_t err = NULL;

	for (size_t i = 0; !err && i < p->n_reviewers; i++) {
		struct person who = { NULL, NULL };

		err = person_parse(&who, p->reviewers[i]);
		person_release(&who);
		buf_printf(&list, "%s%s", i ? "," : "", p->reviewers[i]);
	}
	if (!err && list.len)
		event_add_field(ev, "reviewers", list.p);
	buf_release(&list);
	return err;
}

/* The reviewer before i who is the same person, or i. */
static err_t
find_same(size_t *out, const struct policy *p, size_t i)
{
	struct person who = { NULL, NULL };
	err_t err = person_parse(&who, p->reviewers[i]);

	for (*out = 0; !err && *out < i; ++*out)
		if (person_is(&who, p->reviewers[*out]))
			break;
	person_release(&who);
	return err;
}

/* Can those who may approve give so many approvals? */
static err_t
check_number(const struct policy *p)
{
	struct buf same = BUF_INIT;
	size_t people = 0, other;
	err_t err = NULL;

	if (p->approvals < 1 || p->approvals > POLICY_APPROVALS_MAX)
		return err_new(ERR_USAGE, "there can be 1 to %d approvals",
		    POLICY_APPROVALS_MAX);
	for (size_t i = 0; !err && i < p->n_reviewers; i++) {
		err = find_same(&other, p, i);
		if (!err && other == i)
			people++;
		else if (!err && !same.len)
			buf_printf(&same, ": \"%s\" and \"%s\" are one "
			    "person", p->reviewers[other], p->reviewers[i]);
	}
	if (!err && p->n_reviewers && people < p->approvals)
		err = err_new(ERR_USAGE, "%zu reviewer%s cannot give %llu "
		    "approvals%s", people, people == 1 ? "" : "s",
		    (unsigned long long)p->approvals, buf_cstr(&same));
	buf_release(&same);
	return err;
}

static err_t
fill_in(struct event *ev, const struct policy *p, const char *name,
    bool unset)
{
	char number[24];

	if (!unset) {
		snprintf(number, sizeof(number), "%llu",
		    (unsigned long long)p->approvals);
		event_add_field(ev, "approvals", number);
	}
	if (!unset && p->not_author)
		event_add_field(ev, "not-author", "yes");
	event_add_field(ev, "policy", name);
	if (!unset && p->protect)
		event_add_field(ev, "protect", "yes");
	if (!unset && p->require_signature)
		event_add_field(ev, "require-signature", "yes");
	if (!unset && p->require_submit)
		event_add_field(ev, "require-submit", "yes");
	return unset ? NULL : add_reviewers(ev, p);
}

err_t
policy_set(struct repo *r, const struct policy *policy, bool unset,
    bool dry_run)
{
	struct find find = { policy->branch, NULL };
	struct gate gate = GATE_INIT;
	struct buf full = BUF_INIT;
	err_t err;

	err = refs_full_name(&full, REFS_BRANCH, policy->branch);
	if (!err && !unset)
		err = check_number(policy);
	if (!err)
		err = gate_begin(&gate, r, "policy");
	if (!err)
		err = subject_walk(r->store, "policy/", find_name, &find);
	if (!err)
		err = fill_in(&gate.event, policy, find.name ? find.name :
		    policy->branch, unset);
	if (!err)
		err = gate_check(&gate);
	if (!err && !unset)
		err = check_branch(r, policy);
	if (!err)
		err = gate_commit(&gate, dry_run);
	gate_end(&gate);
	free(find.name);
	buf_release(&full);
	return err;
}
