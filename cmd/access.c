/*
 * Roles: grant, revoke and access.
 */

#include <string.h>

#include "cmd/cmd.h"
#include "cmd/out.h"
#include "cmd/present.h"
#include "lib/base/clock.h"
#include "lib/history/ident.h"
#include "lib/history/repo.h"
#include "lib/review/access.h"

/* ---- grant, revoke ------------------------------------------------------ */

struct grant_args {
	const char *dataset;
	const char *branch;
	bool dry_run;
};

static const struct opt grant_opts[] = {
	TEXT(struct grant_args, dataset, 0, "dataset", "NAME", OFFER_DATASET,
	    "only for the files of this dataset"),
	TEXT(struct grant_args, branch, 0, "branch", "NAME", OFFER_BRANCH,
	    "only on this branch"),
	FLAG(struct grant_args, dry_run, 'n', "dry-run",
	    "say what would be done, change nothing"),
	OPT_TABLE_END
};

static void
put_where(struct json *j, const struct access_order *o)
{
	json_key(j, "dataset");
	json_text(j, o->dataset);
	json_key(j, "branch");
	json_text(j, o->branch);
}

static void
report(struct ctx *ctx, const struct access_order *order)
{
	struct out *o = ctx->out;
	const char *role = order->role == ROLE_NONE ? "no role" :
	    role_word(order->role);

	if (out_is_json(o)) {
		struct json *j = out_json(o);

		json_object(j);
		json_key(j, "user");
		json_text(j, order->user);
		json_key(j, "role");
		json_text(j, order->role == ROLE_NONE ? NULL : role);
		put_where(j, order);
		json_key(j, "dry_run");
		json_bool(j, order->dry_run);
		json_end(j);
		out_json_end(o);
		return;
	}
	if (ctx->g->quiet)
		return;
	out_text(o, order->user);
	out_printf(o, order->dry_run ? " would have %s" : " has %s", role);
	if (order->dataset || order->branch) {
		out_printf(o, order->dataset ? " for dataset " :
		    " on branch ");
		out_text(o, order->dataset ? order->dataset : order->branch);
	}
	out_printf(o, "\n");
}

static err_t
give(struct ctx *ctx, const struct grant_args *a, const char *user,
    enum role role)
{
	const struct access_order order = { user, a->dataset, a->branch, role,
	    a->dry_run };
	err_t err;

	if (a->dataset && a->branch)
		return err_new(ERR_USAGE, "--dataset and --branch exclude "
		    "each other");
	err = access_grant(ctx->repo, &order);
	if (!err)
		report(ctx, &order);
	return err;
}

static err_t
grant_run(struct ctx *ctx, void *args, const struct operands *ops)
{
	enum role role;

	if (!role_parse(&role, ops->v[1]))
		return err_new(ERR_USAGE, "\"%s\" is no role; they are read, "
		    "write, review and admin", ops->v[1]);
	return give(ctx, args, ops->v[0], role);
}

static err_t
revoke_run(struct ctx *ctx, void *args, const struct operands *ops)
{
	return give(ctx, args, ops->v[0], ROLE_NONE);
}

const struct cmd cmd_grant = {
	.name = "grant", .summary = "give somebody a role",
	.operands = "USER ROLE", .min_operands = 2, .max_operands = 2,
	.group = GROUP_ACCESS, .needs = CMD_REPO_WRITE, .role = ROLE_ADMIN,
	.opts = grant_opts, .args_size = sizeof(struct grant_args),
	.run = grant_run,
};

const struct cmd cmd_revoke = {
	.name = "revoke", .summary = "take a role away",
	.operands = "USER", .min_operands = 1, .max_operands = 1,
	.group = GROUP_ACCESS, .needs = CMD_REPO_WRITE, .role = ROLE_ADMIN,
	.opts = grant_opts, .args_size = sizeof(struct grant_args),
	.run = revoke_run,
};

/* ---- access ------------------------------------------------------------- */

struct access_args {
	bool check;
	const char *dataset;
	const char *branch;
	const char *enforce;
	bool dry_run;
};

static const struct opt access_opts[] = {
	FLAG(struct access_args, check, 0, "check",
	    "exit with status 0 if USER has at least ROLE, else with 1"),
	TEXT(struct access_args, dataset, 0, "dataset", "NAME", OFFER_DATASET,
	    "with --check: for the files of this dataset"),
	TEXT(struct access_args, branch, 0, "branch", "NAME", OFFER_BRANCH,
	    "with --check: on this branch"),
	CHOICE(struct access_args, enforce, 0, "enforce", "SWITCH", "on|off",
	    "whether roles are checked"),
	FLAG(struct access_args, dry_run, 'n', "dry-run",
	    "say what would be done, change nothing"),
	OPT_TABLE_END
};

static void
put_grant(struct out *o, const struct grant *g)
{
	struct buf date = BUF_INIT;

	if (out_is_json(o)) {
		struct json *j = out_json(o);

		json_object(j);
		json_key(j, "user");
		json_text(j, g->user);
		json_key(j, "role");
		json_text(j, role_word(g->role));
		json_key(j, "where");
		json_text(j, g->where);
		json_key(j, "granted_by");
		present_person(j, &g->by);
		json_key(j, "date");
		json_time(j, g->time);
		json_end(j);
		out_json_end(o);
		return;
	}
	clock_format(&date, g->time);
	out_text(o, g->user);
	out_printf(o, " %s ", role_word(g->role));
	out_text(o, g->where);
	out_printf(o, " %s ", date.p);
	out_text(o, g->by.name);
	out_printf(o, "\n");
	buf_release(&date);
}

static err_t
list(struct ctx *ctx)
{
	struct access a = ACCESS_INIT;
	err_t err = access_load(&a, ctx->repo->store);

	for (size_t i = 0; !err && i < a.n; i++)
		put_grant(ctx->out, &a.grants[i]);
	if (!err)
		out_note(ctx->out, access_enforced(&a) ? "roles are checked" :
		    "roles are not checked: nobody else has one yet, or that "
		    "was turned off; see \"dsv access --enforce\"");
	access_release(&a);
	return err;
}

static err_t
check(struct ctx *ctx, const struct access_args *a,
    const struct operands *ops)
{
	struct access access = ACCESS_INIT;
	struct person who = { NULL, NULL };
	enum role need, has = ROLE_NONE;
	err_t err;

	if (ops->n != 2 || a->enforce)
		return err_new(ERR_USAGE, "the form is \"dsv access --check "
		    "USER ROLE\"");
	if (!role_parse(&need, ops->v[1]))
		return err_new(ERR_USAGE, "\"%s\" is no role; they are read, "
		    "write, review and admin", ops->v[1]);
	err = person_parse(&who, ops->v[0]);
	if (!err)
		err = access_load(&access, ctx->repo->store);
	if (err)
		goto out;
	has = access_role(&access, &who, a->dataset, a->branch);
	ctx->answer_no = has < need;
	if (out_is_json(ctx->out)) {
		struct json *j = out_json(ctx->out);

		json_object(j);
		json_key(j, "user");
		json_text(j, ops->v[0]);
		json_key(j, "role");
		json_text(j, has == ROLE_NONE ? NULL : role_word(has));
		json_key(j, "granted");
		json_bool(j, has >= need);
		json_end(j);
		out_json_end(ctx->out);
	} else if (!ctx->g->quiet) {
		out_text(ctx->out, ops->v[0]);
		out_printf(ctx->out, " has %s\n", has == ROLE_NONE ?
		    "no role" : role_word(has));
	}
out:
	person_release(&who);
	access_release(&access);
	return err;
}

static err_t
turn(struct ctx *ctx, const struct access_args *a)
{
	bool on = strcmp(a->enforce, "on") == 0;
	err_t err = repo_write(ctx->repo, ctx->wait_ms);

	if (!err)
		err = access_switch(ctx->repo, on, a->dry_run);
	if (err)
		return err;
	if (out_is_json(ctx->out)) {
		struct json *j = out_json(ctx->out);

		json_object(j);
		json_key(j, "enforced");
		json_bool(j, on);
		json_key(j, "dry_run");
		json_bool(j, a->dry_run);
		json_end(j);
		out_json_end(ctx->out);
	} else if (!ctx->g->quiet) {
		out_printf(ctx->out, "roles %s%s checked\n", a->dry_run ?
		    "would " : "are ", a->dry_run ? on ? "be" : "not be" :
		    on ? "now" : "no longer");
	}
	return NULL;
}

static err_t
access_run(struct ctx *ctx, void *args, const struct operands *ops)
{
	const struct access_args *a = args;

	if (a->check)
		return check(ctx, a, ops);
	if (a->dataset || a->branch || ops->n)
		return err_new(ERR_USAGE, "--check is missing, as in \"dsv "
		    "access --check USER ROLE\"");
	return a->enforce ? turn(ctx, a) : list(ctx);
}

const struct cmd cmd_access = {
	.name = "access",
	.summary = "list who has which role, or check one",
	.operands = "[USER ROLE]", .max_operands = 2,
	.group = GROUP_ACCESS, .needs = CMD_REPO_READ, .role = ROLE_READ,
	.opts = access_opts, .args_size = sizeof(struct access_args),
	.run = access_run,
};
