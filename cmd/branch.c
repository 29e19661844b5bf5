#include <string.h>

#include "cmd/cmd.h"
#include "cmd/out.h"
#include "cmd/present.h"
#include "lib/history/commit.h"
#include "lib/history/refs.h"
#include "lib/history/repo.h"
#include "lib/history/rev.h"

struct branch_args {
	bool delete;
	bool force;
	bool move;
	bool list;
	bool dry_run;
};

static const struct opt branch_opts[] = {
	FLAG(struct branch_args, delete, 'd', "delete",
	    "delete the branches"),
	FLAG(struct branch_args, force, 'f', "force",
	    "move a branch that exists; delete one that is not merged"),
	FLAG(struct branch_args, list, 'l', "list",
	    "list the branches, as without operands"),
	FLAG(struct branch_args, move, 'm', "move",
	    "rename a branch, the current one if one name is given"),
	FLAG(struct branch_args, dry_run, 'n', "dry-run",
	    "say what would be done, change nothing"),
	OPT_TABLE_END
};

/* ---- listing ----------------------------------------------------------- */

struct list {
	struct ctx *ctx;
	struct head head;
	bool current_seen;
};

static void
put_json(struct list *l, const char *name, bool current,
    const struct commit_node *node)
{
	struct json *j = out_json(l->ctx->out);

	json_object(j);
	json_key(j, "name");
	json_text(j, name);
	json_key(j, "current");
	json_bool(j, current);
	json_key(j, "id");
	if (node)
		json_id(j, &node->id);
	else
		json_null(j);
	json_key(j, "version");
	if (node)
		json_uint(j, node->version);
	else
		json_null(j);
	json_end(j);
	out_json_end(l->ctx->out);
}

static void
put_name(struct list *l, const char *name, bool current)
{
	struct out *o = l->ctx->out;

	out_printf(o, current ? "* " : "  ");
	out_style(o, current ? OUT_GREEN : OUT_PLAIN);
	out_text(o, name);
	out_reset(o);
}

static err_t
put_branch(void *arg, const struct refs_info *info)
{
	struct list *l = arg;
	const char *branch = head_branch(&l->head);
	bool current = branch && !strcmp(branch, info->name);
	struct out *o = l->ctx->out;
	struct commit c = COMMIT_INIT;
	struct commit_node node;
	err_t err;

	l->current_seen = l->current_seen || current;
	err = commit_node(&node, l->ctx->repo->store, &info->target);
	if (err)
		return err;
	if (out_is_json(o)) {
		put_json(l, info->name, current, &node);
		return NULL;
	}
	put_name(l, info->name, current);
	if (l->ctx->g->verbose)
		err = commit_read(&c, l->ctx->repo->store, &info->target);
	if (!err && l->ctx->g->verbose) {
		out_printf(o, " v%llu ", (unsigned long long)node.version);
		out_id(o, &node.id);
		out_printf(o, " ");
		out_textn(o, c.message, commit_subject(&c));
	}
	out_printf(o, "\n");
	commit_release(&c);
	return err;
}

static err_t
list(struct ctx *ctx)
{
	struct list l = { .ctx = ctx, .head = HEAD_INIT };
	struct out *o = ctx->out;
	const char *branch;
	err_t err;

	err = repo_head(&l.head, ctx->repo);
	if (err)
		return err;
	branch = head_branch(&l.head);
	if (!branch && !out_is_json(o)) {
		out_printf(o, "* (detached at ");
		out_id(o, &l.head.commit);
		out_printf(o, ")\n");
	}
	if (branch && id_is_zero(&l.head.commit) && out_is_json(o)) {
		put_json(&l, branch, true, NULL);
	} else if (branch && id_is_zero(&l.head.commit)) {
		put_name(&l, branch, true);
		out_printf(o, " (no versions yet)\n");
	}
	err = refs_walk(ctx->repo, REFS_BRANCH, put_branch, &l);
	head_release(&l.head);
	return err;
}

/* ---- changing ---------------------------------------------------------- */

/* What was or would be done.  to: the new name; NULL if there is none. */
static void
say(struct ctx *ctx, const struct branch_args *a, const char *done,
    const char *name, const char *to, const struct id *id)
{
	const struct present_act act = { done, name, to, id, a->dry_run };

	present_act(ctx, &act);
}

static err_t
delete(struct ctx *ctx, const struct branch_args *a,
    const struct operands *ops)
{
	struct id was;
	err_t err = NULL;

	if (!ops->n)
		return err_new(ERR_USAGE, "which branch? say \"dsv branch "
		    "--delete NAME\"");
	for (size_t i = 0; !err && i < ops->n; i++) {
		err = refs_delete(&was, ctx->repo, REFS_BRANCH, ops->v[i],
		    a->force, a->dry_run);
		if (!err)
			say(ctx, a, "deleted", ops->v[i], NULL, &was);
	}
	return err;
}

static err_t
move(struct ctx *ctx, const struct branch_args *a,
    const struct operands *ops)
{
	struct head head = HEAD_INIT;
	const char *from;
	err_t err;

	if (ops->n < 1 || ops->n > 2)
		return err_new(ERR_USAGE, "the form is \"dsv branch --move "
		    "[OLD] NEW\"");
	err = repo_head(&head, ctx->repo);
	if (err)
		goto out;
	from = ops->n == 2 ? ops->v[0] : head_branch(&head);
	if (!from) {
		err = err_new(ERR_REFUSED, "HEAD is detached; say \"dsv "
		    "branch --move OLD NEW\"");
		goto out;
	}
	err = refs_rename(ctx->repo, from, ops->v[ops->n - 1], a->dry_run);
	if (!err)
		say(ctx, a, "renamed", from, ops->v[ops->n - 1], NULL);
out:
	head_release(&head);
	return err;
}

/* Point an existing branch elsewhere; *moved is false if there is none. */
static err_t
move_to(bool *moved, struct ctx *ctx, const struct branch_args *a,
    const char *name, const struct id *to)
{
	struct buf full = BUF_INIT;
	struct ref ref;
	err_t err;

	*moved = false;
	err = refs_full_name(&full, REFS_BRANCH, name);
	if (!err)
		err = ref_get(&ref, ctx->repo->store, full.p);
	if (!err) {
		*moved = true;
		err = refs_move(ctx->repo, name, &ref.target, to, a->dry_run);
	} else if (err_is(err, ERR_NOT_FOUND)) {
		err = NULL;
	}
	buf_release(&full);
	return err;
}

static err_t
create(struct ctx *ctx, const struct branch_args *a,
    const struct operands *ops)
{
	bool moved = false;
	struct id id;
	err_t err;

	if (ops->n > 2)
		return err_new(ERR_USAGE, "the form is \"dsv branch NAME "
		    "[START]\"");
	err = rev_commit(&id, ctx->repo, ops->n == 2 ? ops->v[1] : "HEAD");
	if (!err && a->force)
		err = move_to(&moved, ctx, a, ops->v[0], &id);
	if (!err && !moved)
		err = refs_create(ctx->repo, REFS_BRANCH, ops->v[0], &id,
		    NULL, a->dry_run);
	if (!err)
		say(ctx, a, moved ? "moved" : "made", ops->v[0], NULL, &id);
	return err;
}

static err_t
branch_run(struct ctx *ctx, void *args, const struct operands *ops)
{
	const struct branch_args *a = args;
	err_t err;

	if (a->delete + a->move + a->list > 1)
		return err_new(ERR_USAGE, "--delete, --move and --list "
		    "exclude each other");
	if (a->list && ops->n)
		return err_new(ERR_USAGE, "--list takes no names");
	if (!ops->n && !a->delete && !a->move)
		return list(ctx);
	err = repo_write(ctx->repo, ctx->wait_ms);
	if (err)
		return err;
	if (a->delete)
		return delete(ctx, a, ops);
	return a->move ? move(ctx, a, ops) : create(ctx, a, ops);
}

const struct cmd cmd_branch = {
	.name = "branch",
	.summary = "list, make, rename, move or delete branches",
	.operands = "[NAME ... | NAME START]", .max_operands = -1,
	.offer = OFFER_BRANCH, .group = GROUP_BRANCHES,
	.needs = CMD_REPO_READ, .role = ROLE_READ, .opts = branch_opts,
	.args_size = sizeof(struct branch_args), .run = branch_run,
};
