#include <string.h>

#include "cmd/cmd.h"
#include "cmd/out.h"
#include "cmd/present.h"
#include "lib/history/refs.h"
#include "lib/history/repo.h"
#include "lib/history/rev.h"

struct tag_args {
	bool delete;
	bool list;
	const char *message;
	bool dry_run;
};

static const struct opt tag_opts[] = {
	FLAG(struct tag_args, delete, 'd', "delete", "delete the tags"),
	FLAG(struct tag_args, list, 'l', "list",
	    "list the tags, as without operands"),
	TEXT(struct tag_args, message, 'm', "message", "TEXT", OFFER_NONE,
	    "what the tag is for"),
	FLAG(struct tag_args, dry_run, 'n', "dry-run",
	    "say what would be done, change nothing"),
	OPT_TABLE_END
};

static void
put_json(struct out *o, const struct refs_info *info,
    const struct commit_node *node)
{
	struct json *j = out_json(o);

	json_object(j);
	json_key(j, "name");
	json_text(j, info->name);
	json_key(j, "id");
	json_id(j, &node->id);
	json_key(j, "version");
	json_uint(j, node->version);
	json_key(j, "tagger");
	present_person(j, &info->event.actor);
	json_key(j, "date");
	json_time(j, info->event.time);
	json_key(j, "message");
	json_text(j, *info->event.note ? info->event.note : NULL);
	json_end(j);
	out_json_end(o);
}

static err_t
put_tag(void *arg, const struct refs_info *info)
{
	struct ctx *ctx = arg;
	struct out *o = ctx->out;
	const char *note = info->event.note;
	struct commit_node node;
	err_t err;

	err = commit_node(&node, ctx->repo->store, &info->target);
	if (err)
		return err;
	if (out_is_json(o)) {
		put_json(o, info, &node);
		return NULL;
	}
	out_text(o, info->name);
	if (ctx->g->verbose) {
		out_printf(o, " v%llu ", (unsigned long long)node.version);
		out_id(o, &node.id);
		out_printf(o, *note ? " " : "");
		out_textn(o, note, strcspn(note, "\n"));
	}
	out_printf(o, "\n");
	return NULL;
}

static void
say(struct ctx *ctx, const struct tag_args *a, const char *done,
    const char *name, const struct id *id)
{
	const struct present_act act = { done, name, NULL, id, a->dry_run };

	present_act(ctx, &act);
}

static err_t
delete(struct ctx *ctx, const struct tag_args *a, const struct operands *ops)
{
	struct id was;
	err_t err = NULL;

	if (!ops->n || a->message)
		return err_new(ERR_USAGE, "the form is \"dsv tag --delete "
		    "NAME ...\"");
	for (size_t i = 0; !err && i < ops->n; i++) {
		err = refs_delete(&was, ctx->repo, REFS_TAG, ops->v[i], false,
		    a->dry_run);
		if (!err)
			say(ctx, a, "deleted", ops->v[i], &was);
	}
	return err;
}

static err_t
create(struct ctx *ctx, const struct tag_args *a, const struct operands *ops)
{
	struct id id;
	err_t err;

	if (ops->n > 2)
		return err_new(ERR_USAGE, "the form is \"dsv tag NAME "
		    "[REV]\"");
	err = rev_commit(&id, ctx->repo, ops->n == 2 ? ops->v[1] : "HEAD");
	if (!err)
		err = refs_create(ctx->repo, REFS_TAG, ops->v[0], &id,
		    a->message, a->dry_run);
	if (!err)
		say(ctx, a, "tagged", ops->v[0], &id);
	return err;
}

static err_t
tag_run(struct ctx *ctx, void *args, const struct operands *ops)
{
	const struct tag_args *a = args;
	err_t err;

	if (a->delete && a->list)
		return err_new(ERR_USAGE, "--delete and --list exclude each "
		    "other");
	if (a->list && ops->n)
		return err_new(ERR_USAGE, "--list takes no names");
	if (!ops->n && a->message)
		return err_new(ERR_USAGE, "-m needs the name of a new tag");
	if (!ops->n && !a->delete)
		return refs_walk(ctx->repo, REFS_TAG, put_tag, ctx);
	err = repo_write(ctx->repo, ctx->wait_ms);
	if (err)
		return err;
	return a->delete ? delete(ctx, a, ops) : create(ctx, a, ops);
}

const struct cmd cmd_tag = {
	.name = "tag",
	.summary = "list, make or delete tags, which name one version for good",
	.operands = "[NAME ... | NAME REV]", .max_operands = -1,
	.offer = OFFER_TAG, .group = GROUP_BRANCHES,
	.needs = CMD_REPO_READ, .role = ROLE_READ, .opts = tag_opts,
	.args_size = sizeof(struct tag_args), .run = tag_run,
};
