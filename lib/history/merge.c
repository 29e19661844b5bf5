#include "lib/history/merge.h"

#include <string.h>

#include "lib/history/refs.h"
#include "lib/history/walk.h"
#include "lib/review/gate.h"
#include "lib/review/policy.h"

/* Where the branch is and where it goes. */
struct target {
	struct buf full;
	struct id at;		/* zero: no version yet */
	bool current;
};

static err_t
find_target(struct target *t, struct repo *r, const char *into)
{
	struct policy p = POLICY_INIT;
	struct head head = HEAD_INIT;
	struct ref ref;
	err_t err;

	err = repo_head(&head, r);
	if (!err && !into && !head_branch(&head))
		err = err_new(ERR_REFUSED, "HEAD is detached; say which "
		    "branch with --into NAME");
	if (!err && into)
		err = refs_full_name(&t->full, REFS_BRANCH, into);
	else if (!err)
		buf_str(&t->full, head.ref.p);
	if (err)
		goto out;
	t->current = head.ref.len && !strcmp(head.ref.p, t->full.p);
	err = ref_get(&ref, r->store, t->full.p);
	if (!err)
		t->at = ref.target;
	/* A branch without versions is one if it is the current one, or has
	 * rules that wait for the first. */
	if (err_is(err, ERR_NOT_FOUND))
		err = policy_load(&p, r->store, t->full.p + 7);
	if (!err && id_is_zero(&t->at) && !t->current && !p.branch)
		err = err_new(ERR_NOT_FOUND, "no branch \"%s\"; make it with "
		    "\"dsv branch %s REV\"", into, into);
out:
	policy_release(&p);
	head_release(&head);
	return err;
}

static err_t
tree_of(struct id *out, struct repo *r, const struct id *commit)
{
	struct commit_node node;
	err_t err = NULL;

	memset(out, 0, sizeof(*out));
	if (id_is_zero(commit))
		return NULL;
	err = commit_node(&node, r->store, commit);
	if (!err)
		*out = node.tree;
	return err;
}

static err_t
move_files(struct repo *r, struct txn *txn, const struct target *t,
    const struct merge_order *o)
{
	struct checkout c = { .txn = o->dry_run ? NULL : txn, .r = r,
	    .fn = o->fn, .arg = o->arg,
	    .flags = (o->dry_run ? CHECKOUT_DRY_RUN : 0) |
	    (o->force ? CHECKOUT_FORCE : 0) };
	struct id from, to;
	err_t err;

	if (!t->current)
		return NULL;
	err = tree_of(&from, r, &t->at);
	if (!err)
		err = tree_of(&to, r, &o->commit);
	return err ? err : checkout_switch(&c, &from, &to);
}

/* Is the version ahead of the branch, or had already? */
static err_t
compare(bool *had, struct repo *r, const struct target *t,
    const struct merge_order *o)
{
	const char *name = t->full.p + strlen("branch/");
	bool ahead = true;
	err_t err = NULL;

	*had = false;
	if (id_is_zero(&t->at))
		return NULL;
	err = walk_is_ancestor(had, r->store, &o->commit, &t->at);
	if (!err && !*had)
		err = walk_is_ancestor(&ahead, r->store, &t->at, &o->commit);
	if (!err && !ahead)
		err = err_new(ERR_REFUSED, "\"%s\" has versions that \"%s\" "
		    "was not made from, and cannot simply go forward; make a "
		    "version on top of it: \"dsv switch -c NEW %s\", \"dsv "
		    "restore --source %s --staged --worktree .\", commit",
		    name, o->rev, name, o->rev);
	return err;
}

err_t
merge_run(struct merge_report *out, struct repo *r,
    const struct merge_order *o)
{
	struct target t = { BUF_INIT, { { 0 } }, false };
	struct merge_report made = MERGE_REPORT_INIT;
	struct gate gate = GATE_INIT;
	struct commit_node node;
	err_t err;

	err = gate_begin(&gate, r, "merge");
	if (!err)
		err = find_target(&t, r, o->into);
	if (!err)
		err = compare(&made.was_there, r, &t, o);
	if (!err)
		err = commit_node(&node, r->store, &o->commit);
	if (err)
		goto out;
	made.version = node.version;
	buf_str(&made.branch, t.full.p + strlen("branch/"));
	if (!made.was_there) {
		event_add_ref(&gate.event, t.full.p, &t.at, &o->commit);
		err = gate_check(&gate);
		if (!err)
			err = move_files(r, gate.txn, &t, o);
		if (!err)
			err = gate_commit(&gate, o->dry_run);
	}
	if (!err) {
		*out = made;
		made = (struct merge_report)MERGE_REPORT_INIT;
	}
out:
	merge_report_release(&made);
	gate_end(&gate);
	buf_release(&t.full);
	return err;
}

void
merge_report_release(struct merge_report *report)
{
	buf_release(&report->branch);
}
