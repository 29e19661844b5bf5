#include "lib/review/gate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/history/attr.h"
#include "lib/history/commit.h"
#include "lib/history/ident.h"
#include "lib/history/tree.h"
#include "lib/history/walk.h"
#include "lib/review/access.h"
#include "lib/review/decided.h"
#include "lib/review/policy.h"
#include "lib/review/signature.h"
#include "lib/review/state.h"

/* What each act needs.  An act that is not here cannot be recorded. */
static const struct act {
	const char *name;
	enum role role;
	bool always;		/* even where checks do not bite */
} acts[] = {
	{ "commit", ROLE_WRITE, false },
	{ "merge", ROLE_WRITE, false },
	{ "branch", ROLE_WRITE, false },
	{ "branch-delete", ROLE_WRITE, false },
	{ "branch-rename", ROLE_WRITE, false },
	{ "tag", ROLE_WRITE, false },
	{ "tag-delete", ROLE_ADMIN, false },
	{ "submit", ROLE_WRITE, false },
	{ "withdraw", ROLE_WRITE, false },
	{ "approve", ROLE_REVIEW, false },
	{ "label", ROLE_REVIEW, false },
	{ "reject", ROLE_REVIEW, false },
	{ "retract", ROLE_REVIEW, false },
	{ "unretract", ROLE_REVIEW, false },
	{ "decide", ROLE_REVIEW, false },
	{ "comment", ROLE_READ, false },
	{ "policy", ROLE_ADMIN, true },
	{ "grant", ROLE_ADMIN, true },
	{ "revoke", ROLE_ADMIN, true },
	{ "access", ROLE_ADMIN, true },
};

static const struct act *
act_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(acts); i++)
		if (strcmp(acts[i].name, name) == 0)
			return &acts[i];
	BUG("no role is said for the act \"%s\"", name);
}

/* ---- roles -------------------------------------------------------------- */

/* Does the person have the role for the datasets of all files that differ? */
struct datasets {
	const struct access *access;
	const struct person *who;
	enum role need;
	struct attrs *attrs;
	uint64_t files;
	bool lacking;
};

static err_t
look_at_file(void *arg, const char *path, const struct tree_entry *from,
    const struct tree_entry *to)
{
	struct datasets *d = arg;
	const char *slash = strrchr(path, '/'), *name;
	err_t err;

	(void)from;
	(void)to;
	d->files++;
	/* What belongs to which dataset, and whose signature counts, is not
	 * for those to say whose role depends on it. */
	if (strcmp(slash ? slash + 1 : path, ".dsvattributes") == 0 ||
	    strcmp(path, SIGNATURE_SIGNERS) == 0)
		d->lacking = true;
	if (d->lacking)
		return NULL;
	err = attr_get(&name, d->attrs, path, "dataset");
	if (!err && access_role(d->access, d->who, name && *name ? name :
	    path, NULL) < d->need)
		d->lacking = true;
	return err;
}

/* Attributes are those of the older side: it is there already. */
static err_t
look_at_files(struct datasets *d, struct repo *r, const struct id *from,
    const struct id *to)
{
	static const struct id none;
	err_t err;

	d->attrs = attr_of_tree(r, from ? from : &none);
	if (to)
		err = tree_diff(r->store, from ? from : &none, to,
		    look_at_file, d);
	else
		err = tree_diff_stage(r->store, from ? from : &none,
		    look_at_file, d);
	attr_free(d->attrs);
	d->lacking = d->lacking || d->files == 0;
	return err;
}

/* What a commit changes: the stage has it until it is recorded, and the
 * version ever after. */
static err_t
look_at_commit(struct datasets *d, struct repo *r, const struct event *ev,
    bool replay)
{
	const struct ref_set *set = &ev->refs[0];
	bool first = id_is_zero(&set->from);
	struct commit_node from, to;
	err_t err = NULL;

	if (!first)
		err = commit_node(&from, r->store, &set->from);
	if (!err && replay)
		err = commit_node(&to, r->store, &set->to);
	return err ? err : look_at_files(d, r, first ? NULL : &from.tree,
	    replay ? &to.tree : NULL);
}

/* What a decision is about is what differs from what was approved last. */
static err_t
look_at_decision(struct datasets *d, struct repo *r, const struct event *ev)
{
	const char *hex = event_field(ev, "commit");
	struct commit_node node, old;
	struct id id, last;
	err_t err;

	if (!id_parse(&id, hex, strlen(hex)))
		BUG("a decision about no version");
	err = commit_node(&node, r->store, &id);
	if (err)
		return err;
	err = review_newest(&last, r->store, &id, REVIEW_APPROVED);
	if (err_is(err, ERR_NOT_FOUND))
		return look_at_files(d, r, NULL, &node.tree);
	if (!err)
		err = commit_node(&old, r->store, &last);
	return err ? err : look_at_files(d, r, &old.tree, &node.tree);
}

/* Decisions about rows are about one file.  To which dataset it belongs is
 * what was approved last. */
static err_t
look_at_table(struct datasets *d, struct repo *r, const struct event *ev)
{
	static const struct id none;
	const char *hex = event_field(ev, "commit");
	const char *subject = event_field(ev, "path");
	struct commit_node old = { .tree = none };
	struct buf path = BUF_INIT;
	struct id id, last;
	err_t err;

	if (!hex || !subject || !id_parse(&id, hex, strlen(hex)))
		return err_new(ERR_REFUSED, "it decides about no file");
	err = review_newest(&last, r->store, &id, REVIEW_APPROVED);
	if (!err)
		err = commit_node(&old, r->store, &last);
	else if (err_is(err, ERR_NOT_FOUND))
		err = NULL;
	if (err)
		return err;
	decided_path(&path, subject);
	d->attrs = attr_of_tree(r, &old.tree);
	err = look_at_file(d, buf_cstr(&path), NULL, NULL);
	attr_free(d->attrs);
	buf_release(&path);
	return err;
}

/* The branch that an act is on or for, or NULL: the next one after *at. */
static const char *
next_branch(const struct event *ev, size_t *at)
{
	while (*at < ev->n_refs) {
		const char *name = ev->refs[(*at)++].name;

		if (strncmp(name, "branch/", 7) == 0)
			return name + 7;
	}
	return NULL;
}

/* Does the actor have the role that the act needs, by this access? */
static err_t
check_role(struct repo *r, const struct event *ev,
    const struct access *access, bool replay)
{
	const struct act *act = act_find(ev->act);
	struct datasets d = { access, &ev->actor, act->role, NULL, 0, false };
	const char *branch = event_field(ev, "into");
	enum role has;
	size_t at = 0;
	err_t err = NULL;

	if (!act->always && !access_enforced(access))
		return NULL;
	if (!branch)
		branch = next_branch(ev, &at);
	do
		has = access_role(access, &ev->actor, NULL, branch);
	while (has >= act->role && (branch = next_branch(ev, &at)));
	if (has >= act->role)
		return NULL;
	if (strcmp(ev->act, "commit") == 0 && ev->n_refs == 1)
		err = look_at_commit(&d, r, ev, replay);
	else if (strcmp(ev->act, "approve") == 0 ||
	    strcmp(ev->act, "reject") == 0 || strcmp(ev->act, "submit") == 0 ||
	    strcmp(ev->act, "withdraw") == 0)
		err = look_at_decision(&d, r, ev);
	else if (strcmp(ev->act, "decide") == 0)
		err = look_at_table(&d, r, ev);
	else
		d.lacking = strcmp(ev->act, "comment") != 0 ||
		    access_best(access, &ev->actor) < act->role;
	if (!err && d.lacking)
		err = access_refuse(access, &ev->actor, has, act->role,
		    ev->act, branch);
	return err;
}

/* ---- protected branches ------------------------------------------------- */

static err_t
check_forward(struct repo *r, const struct policy *p,
    const struct ref_set *set)
{
	bool forward = true;
	err_t err = NULL;

	if (!id_is_zero(&set->from))
		err = walk_is_ancestor(&forward, r->store, &set->from,
		    &set->to);
	if (!err && !forward)
		err = err_new(ERR_REFUSED, "\"%s\" is protected: it goes "
		    "forward only, to a version made from the one that it is "
		    "at", p->branch);
	return err;
}

/* Whoever may review on another branch only does not decide here. */
static err_t
leave_out_others(struct review *review, struct repo *r,
    const struct policy *p, const char *branch)
{
	struct access access = ACCESS_INIT;
	err_t err = access_load(&access, r->store);

	for (size_t i = 0; !err && i < review->n; i++) {
		struct review_act *a = &review->acts[i];

		a->elsewhere = access_enforced(&access) && a->into &&
		    !policy_is_of(p, a->into) && access_role(&access,
		    &a->actor, NULL, branch) < ROLE_REVIEW;
	}
	access_release(&access);
	return err;
}

static err_t
check_target(struct repo *r, const struct policy *p,
    const struct ref_set *set)
{
	struct review review = REVIEW_INIT;
	struct commit c = COMMIT_INIT;
	struct commit_node node;
	struct buf name = BUF_INIT;
	char hex[ID_HEX + 1];
	err_t err;

	err = commit_node(&node, r->store, &set->to);
	if (!err)
		err = commit_read(&c, r->store, &set->to);
	if (!err)
		err = review_load(&review, r->store, &set->to);
	if (!err)
		err = review_verify(&review, r->store, &set->to, p);
	if (!err)
		err = leave_out_others(&review, r, p,
		    set->name + strlen("branch/"));
	if (!err) {
		buf_printf(&name, "%.8s", id_hex(hex, &set->to));
		err = review_check(&review, p, &c, name.p);
	}
	review_release(&review);
	commit_release(&c);
	buf_release(&name);
	return err;
}

static err_t
refuse_draft(const struct policy *p)
{
	return err_new(ERR_REFUSED, "\"%s\" is protected: it takes approved "
	    "versions only; commit on another branch (\"dsv switch -c "
	    "NAME\"), submit it there, and when it is approved \"dsv merge "
	    "NAME --into %s\"", p->branch, p->branch);
}

static err_t
check_branch(struct repo *r, const struct event *ev,
    const struct ref_set *set)
{
	struct policy p = POLICY_INIT;
	err_t err;

	err = policy_load(&p, r->store, set->name + strlen("branch/"));
	if (err || !p.protect)
		goto out;
	if (id_is_zero(&set->to))
		err = err_new(ERR_REFUSED, "\"%s\" is protected and stays; an "
		    "admin ends that with \"dsv policy unset %s --protect\"",
		    p.branch, p.branch);
	else if (strcmp(ev->act, "commit") == 0)
		err = refuse_draft(&p);
	if (!err)
		err = check_target(r, &p, set);
	if (!err)
		err = check_forward(r, &p, set);
out:
	policy_release(&p);
	return err;
}

/* A tag beats a branch when it is named, so none may stand before a
 * protected one. */
static err_t
check_tag(struct repo *r, const struct ref_set *set)
{
	struct policy p = POLICY_INIT;
	err_t err;

	err = policy_load(&p, r->store, set->name + strlen("tag/"));
	if (!err && p.protect && !id_is_zero(&set->to))
		err = err_new(ERR_REFUSED, "\"%s\" is the name of a protected "
		    "branch", p.branch);
	policy_release(&p);
	return err;
}

/* May the actor review what the move changes, or on the branch that the
 * version is for which the label is taken from? */
static err_t
check_label_role(struct repo *r, const struct event *ev,
    const struct ref_set *set, const char *branch)
{
	struct access access = ACCESS_INIT;
	struct datasets d = { &access, &ev->actor, ROLE_REVIEW, NULL, 0,
	    false };
	struct commit_node from, to;
	enum role has;
	err_t err = access_load(&access, r->store);

	if (err || !access_enforced(&access))
		goto out;
	has = access_role(&access, &ev->actor, NULL, branch);
	if (has >= ROLE_REVIEW)
		goto out;
	err = commit_node(&from, r->store, &set->from);
	if (!err)
		err = commit_node(&to, r->store, &set->to);
	if (!err)
		err = look_at_files(&d, r, &from.tree, &to.tree);
	if (!err && d.lacking)
		err = access_refuse(&access, &ev->actor, has, ROLE_REVIEW,
		    "label", branch);
out:
	access_release(&access);
	return err;
}

/* Who takes a label from a version decides where that one belongs, too. */
static err_t
check_label(struct repo *r, const struct event *ev, const struct ref_set *set)
{
	struct review review = REVIEW_INIT;
	struct policy p = POLICY_INIT;
	err_t err;

	if (strcmp(ev->act, "approve") != 0 && strcmp(ev->act, "label") != 0)
		return err_new(ERR_REFUSED, "a label is moved by approving "
		    "only");
	if (id_is_zero(&set->from))
		return NULL;
	err = review_load(&review, r->store, &set->from);
	if (!err && review.into)
		err = policy_load(&p, r->store, review.into);
	if (!err && !policy_may_decide(&p, &ev->actor))
		err = err_new(ERR_REFUSED, "\"%s\" names a version for "
		    "\"%s\", where %s does not decide; take another label",
		    set->name, p.branch, ev->actor.name);
	if (!err)
		err = check_label_role(r, ev, set, review.into);
	policy_release(&p);
	review_release(&review);
	return err;
}

static err_t
check_refs(struct repo *r, const struct event *ev)
{
	err_t err = NULL;

	for (size_t i = 0; !err && i < ev->n_refs; i++) {
		const struct ref_set *set = &ev->refs[i];

		if (strncmp(set->name, "branch/", 7) == 0)
			err = check_branch(r, ev, set);
		else if (strncmp(set->name, "tag/", 4) == 0)
			err = check_tag(r, set);
		else
			err = check_label(r, ev, set);
	}
	return err;
}

/* ---- the gate ----------------------------------------------------------- */

static err_t
check(struct repo *r, const struct event *ev)
{
	struct access access = ACCESS_INIT;
	err_t err = access_load(&access, r->store);

	if (!err)
		err = check_role(r, ev, &access, false);
	access_release(&access);
	return err ? err : check_refs(r, ev);
}

err_t
gate_replay(struct repo *r, const struct event *ev,
    const struct access *access)
{
	err_t err;

	for (size_t i = 0; i < ARRAY_LEN(acts); i++) {
		if (strcmp(acts[i].name, ev->act) != 0)
			continue;
		err = check_role(r, ev, access, true);
		return err ? err : check_refs(r, ev);
	}
	return NULL;
}

err_t
gate_record(struct id *out, struct txn *t, struct repo *r, struct event *ev)
{
	err_t err = check(r, ev);

	return err ? err : event_record(out, t, ev);
}

err_t
gate_draft(struct repo *r, const char *full)
{
	struct policy p = POLICY_INIT;
	err_t err = policy_load(&p, r->store, full + strlen("branch/"));

	if (!err && p.protect)
		err = refuse_draft(&p);
	policy_release(&p);
	return err;
}

err_t
gate_begin(struct gate *g, struct repo *r, const char *act)
{
	err_t err;

	g->r = r;
	err = ident_event(&g->event, r->config, act);
	if (!err)
		err = txn_begin(&g->txn, r->store, act_find(act)->name);
	return err ? err : txn_lock(g->txn);
}

err_t
gate_check(struct gate *g)
{
	return check(g->r, &g->event);
}

err_t
gate_commit(struct gate *g, bool dry_run)
{
	struct id id;
	err_t err = gate_record(&id, g->txn, g->r, &g->event);

	return err || dry_run ? err : txn_commit(g->txn);
}

void
gate_end(struct gate *g)
{
	txn_end(g->txn);
	event_release(&g->event);
	g->txn = NULL;
}
