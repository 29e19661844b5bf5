/*
 * The acts about a version: submit, withdraw, approve, reject, retract,
 * unretract and comment.  They differ in their tables only.
 */

#include <string.h>

#include "cmd/cmd.h"
#include "cmd/out.h"
#include "lib/history/config.h"
#include "lib/history/repo.h"
#include "lib/history/rev.h"
#include "lib/review/act.h"

struct act_args {
	const char *message;
	const char *into;
	const char *as;
	bool sign;
	bool dry_run;
};

#define MESSAGE(help) TEXT(struct act_args, message, 'm', "message", "TEXT", \
	OFFER_NONE, help)
#define INTO TEXT(struct act_args, into, 0, "into", "BRANCH", OFFER_BRANCH, \
	"the branch that it is meant for, by whose rules it is decided")
#define SIGN FLAG(struct act_args, sign, 'S', "sign", \
	"sign it with the SSH key user.signingKey")
#define DRY_RUN FLAG(struct act_args, dry_run, 'n', "dry-run", \
	"say what would be done, change nothing")

static const struct opt submit_opts[] = {
	MESSAGE("what reviewers should know"), INTO, SIGN, DRY_RUN,
	OPT_TABLE_END
};
static const struct opt approve_opts[] = {
	MESSAGE("what was checked, and how"),
	TEXT(struct act_args, as, 0, "as", "LABEL", OFFER_NONE,
	    "also let approved/LABEL name the version"),
	INTO, SIGN, DRY_RUN, OPT_TABLE_END
};
static const struct opt reject_opts[] = {
	MESSAGE("the reason; it has to be given"), INTO, SIGN, DRY_RUN,
	OPT_TABLE_END
};
static const struct opt other_opts[] = {
	MESSAGE("the reason"), DRY_RUN, OPT_TABLE_END
};
static const struct opt comment_opts[] = {
	MESSAGE("what there is to say; it has to be given"), DRY_RUN,
	OPT_TABLE_END
};

static void
report_json(struct out *o, const struct act_order *order,
    const struct act_report *r)
{
	struct json *j = out_json(o);

	json_object(j);
	json_key(j, "action");
	json_text(j, order->act);
	json_key(j, "id");
	json_id(j, &order->commit);
	json_key(j, "version");
	json_uint(j, r->version);
	json_key(j, "state");
	json_text(j, review_word(r->state));
	json_key(j, "retracted");
	json_bool(j, r->retracted);
	json_key(j, "into");
	json_text(j, r->into);
	json_key(j, "approvals");
	json_uint(j, r->approvals);
	json_key(j, "needed");
	json_uint(j, r->needed);
	json_key(j, "label");
	json_text(j, r->labelled ? order->label : NULL);
	json_key(j, "dry_run");
	json_bool(j, order->dry_run);
	json_end(j);
	out_json_end(o);
}

/* "v3 1a2b3c4d is approved", and what is missing if it is not. */
static void
report_on(struct ctx *ctx, const struct act_order *order,
    const struct act_report *r)
{
	struct out *o = ctx->out;
	bool waits = strcmp(order->act, "approve") == 0 &&
	    r->state != REVIEW_APPROVED;

	if (ctx->g->quiet)
		return;
	out_printf(o, "v%llu ", (unsigned long long)r->version);
	out_id(o, &order->commit);
	out_printf(o, order->dry_run ? " would be " : " is ");
	if (waits)
		out_printf(o, "approved by %llu of %llu",
		    (unsigned long long)r->approvals,
		    (unsigned long long)r->needed);
	else
		out_printf(o, "%s%s", r->state == REVIEW_DRAFT ? "a " : "",
		    review_word(r->state));
	if (r->retracted)
		out_printf(o, ", retracted");
	if (r->into && strcmp(order->act, "submit") == 0) {
		out_printf(o, " for ");
		out_text(o, r->into);
	}
	if (r->labelled) {
		out_printf(o, " as ");
		out_text(o, order->label);
	}
	if (strcmp(order->act, "comment") == 0)
		out_printf(o, ", and has a comment");
	out_printf(o, "\n");
	if (waits && order->label)
		out_note(o, "approved/%s is not set yet: whoever gives the "
		    "last approval says --as %s again", order->label,
		    order->label);
}

/* Is it one of those that review.sign is about? */
static bool
is_signable(const char *act)
{
	return strcmp(act, "submit") == 0 || strcmp(act, "approve") == 0 ||
	    strcmp(act, "reject") == 0;
}

static err_t
act_command(struct ctx *ctx, void *args, const struct operands *ops)
{
	const struct act_args *a = args;
	struct act_order order = { .act = ctx->cmd->name,
	    .note = a->message, .into = a->into, .label = a->as,
	    .dry_run = a->dry_run };
	struct act_report report = ACT_REPORT_INIT;
	err_t err;

	order.sign = a->sign || (is_signable(order.act) &&
	    config_switch(ctx->repo->config, "review.sign", false));
	err = rev_commit(&order.commit, ctx->repo, ops->n ? ops->v[0] :
	    "HEAD");
	if (!err)
		err = act_run(&report, ctx->repo, &order);
	if (!err && out_is_json(ctx->out))
		report_json(ctx->out, &order, &report);
	else if (!err)
		report_on(ctx, &order, &report);
	act_report_release(&report);
	return err;
}

#define ACT(act, act_role, act_opts, text) \
	const struct cmd cmd_##act = { \
		.name = #act, .summary = text, .operands = "[REV]", \
		.max_operands = 1, .offer = OFFER_REV, \
		.group = GROUP_REVIEW, .needs = CMD_REPO_WRITE, \
		.role = act_role, .opts = act_opts, \
		.args_size = sizeof(struct act_args), .run = act_command, \
	}

ACT(submit, ROLE_WRITE, submit_opts, "ask for a version to be approved");
ACT(withdraw, ROLE_WRITE, other_opts, "take back what was submitted");
ACT(approve, ROLE_REVIEW, approve_opts, "say that a version is good");
ACT(reject, ROLE_REVIEW, reject_opts, "say that a version is not good");
ACT(retract, ROLE_REVIEW, other_opts, "take a version out of use");
ACT(unretract, ROLE_REVIEW, other_opts, "bring a retracted version back");
ACT(comment, ROLE_READ, comment_opts, "say something about a version");
