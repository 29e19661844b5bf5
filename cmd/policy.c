#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/out.h"
#include "cmd/present.h"
#include "lib/base/mem.h"
#include "lib/history/refs.h"
#include "lib/history/repo.h"
#include "lib/review/desk.h"
#include "lib/review/policy.h"

struct policy_args {
	uint64_t approvals;
	bool not_author;
	bool protect;
	bool require_submit;
	bool require_signature;
	const char *reviewers;
	bool dry_run;
};

static const struct opt policy_opts[] = {
	COUNT(struct policy_args, approvals, 0, "approvals", "COUNT",
	    "so many people have to approve a version"),
	FLAG(struct policy_args, not_author, 0, "not-author",
	    "who made a version may not approve it"),
	FLAG(struct policy_args, protect, 0, "protect",
	    "the branch takes approved versions only, and stays"),
	FLAG(struct policy_args, require_signature, 0, "require-signature",
	    "only approvals with a good signature count"),
	FLAG(struct policy_args, require_submit, 0, "require-submit",
	    "a version has to be submitted before it can be approved"),
	TEXT(struct policy_args, reviewers, 0, "reviewers", "NAMES",
	    OFFER_NONE, "only these decide; separated by commas"),
	FLAG(struct policy_args, dry_run, 'n', "dry-run",
	    "say what would be done, change nothing"),
	OPT_TABLE_END
};

/* ---- showing ------------------------------------------------------------ */

static void
members(struct json *j, const struct policy *p)
{
	json_key(j, "branch");
	json_text(j, p->branch);
	json_key(j, "protect");
	json_bool(j, p->protect);
	json_key(j, "approvals");
	json_uint(j, p->approvals);
	json_key(j, "not_author");
	json_bool(j, p->not_author);
	json_key(j, "require_submit");
	json_bool(j, p->require_submit);
	json_key(j, "require_signature");
	json_bool(j, p->require_signature);
	json_key(j, "reviewers");
	json_array(j);
	for (size_t i = 0; i < p->n_reviewers; i++)
		json_text(j, p->reviewers[i]);
	json_end(j);
}

static err_t
put(void *arg, const struct policy *p)
{
	struct ctx *ctx = arg;
	struct buf text = BUF_INIT;

	if (out_is_json(ctx->out)) {
		struct json *j = out_json(ctx->out);

		json_object(j);
		members(j, p);
		json_key(j, "set_by");
		present_person(j, &p->by);
		json_key(j, "date");
		json_time(j, p->time);
		json_end(j);
		out_json_end(ctx->out);
		return NULL;
	}
	policy_text(&text, p);
	out_text(ctx->out, p->branch);
	out_printf(ctx->out, ": ");
	out_text(ctx->out, text.p);
	out_printf(ctx->out, "\n");
	buf_release(&text);
	return NULL;
}

struct putting {
	struct ctx *ctx;
	bool any;
};

static err_t
put_next(void *arg, const struct policy *p)
{
	struct putting *all = arg;

	all->any = true;
	return put(all->ctx, p);
}

static err_t
show_all(struct ctx *ctx)
{
	struct putting all = { ctx, false };
	err_t err = policy_walk(ctx->repo->store, put_next, &all);

	if (!err && !all.any)
		out_note(ctx->out, "no branch has rules: one approval, by "
		    "anybody, and all take any version");
	return err;
}

static err_t
show(struct ctx *ctx, const char *branch)
{
	struct policy p = POLICY_INIT;
	err_t err;

	if (!branch)
		return show_all(ctx);
	err = policy_load(&p, ctx->repo->store, branch);
	ctx->answer_no = !err && !p.branch;
	if (!err && p.branch)
		err = put(ctx, &p);
	else if (!err)
		out_note(ctx->out, "\"%s\" has no rules: one approval, by "
		    "anybody, and it takes any version", branch);
	policy_release(&p);
	return err;
}

/* ---- changing ----------------------------------------------------------- */

/* Versions that were submitted under the rules as they were. */
struct waiting {
	struct ctx *ctx;
	const char *branch;
	const struct policy *new;
	struct json *json;		/* NULL: text */
};

static err_t
put_waiting(void *arg, const struct desk_item *item)
{
	const struct waiting *w = arg;
	struct out *o = w->ctx->out;

	if (!item->review.into || strcmp(item->review.into, w->branch) != 0)
		return NULL;
	if (w->json) {
		json_id(w->json, &item->node.id);
		return NULL;
	}
	out_printf(o, "waiting: v%llu ", (unsigned long long)
	    item->node.version);
	out_id(o, &item->node.id);
	out_printf(o, " ");
	out_textn(o, item->commit.message, strcspn(item->commit.message,
	    "\n"));
	out_printf(o, " (%llu of %llu; it waits on until somebody decides "
	    "about it)\n", (unsigned long long)review_approvals(&item->review,
	    w->new, &item->commit), (unsigned long long)w->new->approvals);
	return NULL;
}

static void
drop_reviewers(struct policy *p)
{
	for (size_t i = 0; i < p->n_reviewers; i++)
		free(p->reviewers[i]);
	free(p->reviewers);
	p->reviewers = NULL;
	p->n_reviewers = 0;
}

static void
take_reviewers(struct policy *p, const char *names)
{
	size_t cap = 0;

	drop_reviewers(p);
	while (*names) {
		size_t len = strcspn(names, ",");

		if (len) {
			VEC_ROOM(p->reviewers, p->n_reviewers, cap);
			p->reviewers[p->n_reviewers++] =
			    mem_strndup(names, len);
		}
		names += len + (names[len] == ',');
	}
}

/* What is said is so; the rest stays. */
static void
apply_set(struct policy *p, const struct policy_args *a)
{
	p->protect = p->protect || a->protect;
	p->not_author = p->not_author || a->not_author;
	p->require_submit = p->require_submit || a->require_submit;
	p->require_signature = p->require_signature || a->require_signature;
	if (a->approvals)
		p->approvals = a->approvals;
	if (a->reviewers)
		take_reviewers(p, a->reviewers);
}

/* What is said is no longer so; nothing said: nothing is. */
static void
apply_unset(struct policy *p, const struct policy_args *a)
{
	bool all = !a->protect && !a->not_author && !a->require_submit &&
	    !a->require_signature;

	p->protect = p->protect && !all && !a->protect;
	p->not_author = p->not_author && !all && !a->not_author;
	p->require_submit = p->require_submit && !all && !a->require_submit;
	p->require_signature = p->require_signature && !all &&
	    !a->require_signature;
	if (all) {
		p->approvals = 1;
		drop_reviewers(p);
	}
}

static bool
is_empty(const struct policy *p)
{
	return !p->protect && !p->not_author && !p->require_submit &&
	    !p->require_signature && p->approvals == 1 && !p->n_reviewers;
}

static err_t
report(struct ctx *ctx, const struct policy *p, bool dry_run)
{
	struct waiting w = { ctx, p->branch, p, NULL };
	struct buf text = BUF_INIT;
	struct json *j;
	err_t err;

	if (out_is_json(ctx->out)) {
		w.json = j = out_json(ctx->out);
		json_object(j);
		members(j, p);
		json_key(j, "waiting");
		json_array(j);
		err = desk_walk(ctx->repo, put_waiting, &w);
		json_end(j);
		json_key(j, "dry_run");
		json_bool(j, dry_run);
		json_end(j);
		out_json_end(ctx->out);
		return err;
	}
	if (ctx->g->quiet)
		return NULL;
	policy_text(&text, p);
	out_text(ctx->out, p->branch);
	out_printf(ctx->out, dry_run ? " would be: " : ": ");
	out_text(ctx->out, is_empty(p) ? "no rules" : text.p);
	out_printf(ctx->out, "\n");
	buf_release(&text);
	return desk_walk(ctx->repo, put_waiting, &w);
}

/* Rules may come before their branch; or it is misspelt. */
static err_t
note_missing(struct ctx *ctx, const char *branch)
{
	struct buf full = BUF_INIT;
	err_t err;

	buf_printf(&full, "branch/%s", branch);
	err = refs_check_free(ctx->repo, full.p);
	buf_release(&full);
	if (err)
		return err_is(err, ERR_EXISTS) ? NULL : err;
	out_note(ctx->out, "note: there is no branch \"%s\" yet; \"dsv policy "
	    "unset %s\" takes its rules back", branch, branch);
	return NULL;
}

static err_t
change(struct ctx *ctx, const struct policy_args *a, const char *branch,
    bool set)
{
	struct policy p = POLICY_INIT;
	err_t err;

	err = repo_write(ctx->repo, ctx->wait_ms);
	if (!err)
		err = policy_load(&p, ctx->repo->store, branch);
	if (err)
		return err;
	if (!p.branch)
		p.branch = mem_strdup(branch);
	if (set)
		apply_set(&p, a);
	else
		apply_unset(&p, a);
	err = policy_set(ctx->repo, &p, is_empty(&p), a->dry_run);
	if (!err)
		err = report(ctx, &p, a->dry_run);
	if (!err && set)
		err = note_missing(ctx, p.branch);
	policy_release(&p);
	return err;
}

static err_t
policy_run(struct ctx *ctx, void *args, const struct operands *ops)
{
	const struct policy_args *a = args;
	const char *verb = ops->n ? ops->v[0] : "show";
	bool values = a->approvals || a->reviewers;
	bool says = a->protect || a->not_author || a->require_submit ||
	    a->require_signature || values;

	if (!strcmp(verb, "show") && !says)
		return show(ctx, ops->n > 1 ? ops->v[1] : NULL);
	if (!strcmp(verb, "set") && ops->n == 2 && says)
		return change(ctx, a, ops->v[1], true);
	if (!strcmp(verb, "unset") && ops->n == 2 && !values)
		return change(ctx, a, ops->v[1], false);
	return err_new(ERR_USAGE, "the forms are \"dsv policy show "
	    "[BRANCH]\", \"set BRANCH\" with rules as options, and \"unset "
	    "BRANCH\"");
}

const struct cmd cmd_policy = {
	.name = "policy",
	.summary = "show or change the rules of a branch",
	.operands = "[show | set | unset] [BRANCH]", .max_operands = 2,
	.words = "show|set|unset", .group = GROUP_REVIEW,
	.needs = CMD_REPO_READ, .role = ROLE_READ, .opts = policy_opts,
	.args_size = sizeof(struct policy_args), .run = policy_run,
};
