#include "lib/history/config.h"

#include <string.h>

#include "cmd/cmd.h"
#include "cmd/out.h"
#include "lib/history/repo.h"

struct config_args {
	bool user;
	bool dry_run;
};

static const struct opt config_opts[] = {
	FLAG(struct config_args, user, 0, "user",
	    "your own configuration, which holds for every repository"),
	FLAG(struct config_args, dry_run, 'n', "dry-run",
	    "check, and say what would be set, change nothing"),
	OPT_TABLE_END
};

struct visit {
	struct out *out;
	bool user_only;
};

static err_t
put(void *arg, const char *key, const char *value, enum config_layer layer)
{
	struct visit *v = arg;
	struct json *j;

	if (v->user_only && layer != CONFIG_USER)
		return NULL;
	if (out_is_json(v->out)) {
		j = out_json(v->out);
		json_object(j);
		json_key(j, "key");
		json_text(j, key);
		json_key(j, "value");
		json_text(j, value);
		json_key(j, "layer");
		json_text(j, layer == CONFIG_USER ? "user" : "repository");
		json_end(j);
		out_json_end(v->out);
		return NULL;
	}
	out_text(v->out, key);
	out_printf(v->out, " = ");
	out_text(v->out, value);
	out_printf(v->out, "\n");
	return NULL;
}

static err_t
get(struct ctx *ctx, const struct config *c, const char *key, bool user)
{
	struct visit v = { ctx->out, false };
	enum config_layer layer = CONFIG_USER;
	const char *value;
	err_t err;

	err = config_check(key);
	if (err)
		return err;
	value = user ? config_get_nth(c, key, 0) :
	    config_get(c, key, &layer);
	ctx->answer_no = !value;
	if (!value)
		return NULL;
	if (out_is_json(ctx->out))
		return put(&v, key, value, layer);
	out_text(ctx->out, value);
	out_printf(ctx->out, "\n");
	return NULL;
}

static err_t
set(struct ctx *ctx, struct config *c, const struct config_args *a,
    const char *key, const char *value)
{
	enum config_layer layer = a->user ? CONFIG_USER : CONFIG_REPO;
	struct visit v = { ctx->out, false };
	err_t err;

	err = ctx->repo && !a->user ? access_command(ctx->repo, "config",
	    ROLE_WRITE) : NULL;
	if (err)
		return err;
	if (!a->dry_run)
		return config_set(c, layer, key, value);
	err = config_check(key);
	if (err || ctx->g->quiet)
		return err;
	if (out_is_json(ctx->out))
		return put(&v, key, value, layer);
	out_printf(ctx->out, value ? "would set " : "would unset ");
	out_text(ctx->out, key);
	out_printf(ctx->out, value ? " to " : "");
	out_text(ctx->out, value ? value : "");
	out_printf(ctx->out, "\n");
	return NULL;
}

static err_t
config_do(struct ctx *ctx, struct config *c, const struct config_args *a,
    const struct operands *ops)
{
	struct visit v = { ctx->out, a->user };
	const char *verb = ops->v[0];

	if (!strcmp(verb, "list") && ops->n == 1)
		return config_walk(c, put, &v);
	if (!strcmp(verb, "get") && ops->n == 2)
		return get(ctx, c, ops->v[1], a->user);
	if (!strcmp(verb, "set") && ops->n == 3)
		return set(ctx, c, a, ops->v[1], ops->v[2]);
	if (!strcmp(verb, "unset") && ops->n == 2)
		return set(ctx, c, a, ops->v[1], NULL);
	return err_new(ERR_USAGE, "the forms are \"dsv config list\", \"get "
	    "KEY\", \"set KEY VALUE\" and \"unset KEY\"");
}

/* Opens the repository if there is one, but for --user: whoever is to trust
 * a repository with safe.directory cannot open it yet. */
static err_t
config_run(struct ctx *ctx, void *args, const struct operands *ops)
{
	const struct config_args *a = args;
	struct config *own = NULL;
	err_t err = NULL;

	if (!a->user)
		err = cmd_open_repo(ctx, STORE_READ);
	if (err && !err_is(err, ERR_NOT_FOUND))
		return err;
	if (ctx->repo)
		return config_do(ctx, ctx->repo->config, args, ops);
	err = config_load(&own, NULL);
	if (!err)
		err = config_do(ctx, own, args, ops);
	config_free(own);
	return err;
}

const struct cmd cmd_config = {
	.name = "config",
	.summary = "read and change configuration",
	.operands = "list | get KEY | set KEY VALUE | unset KEY",
	.min_operands = 1, .max_operands = 3, .words = "list|get|set|unset",
	.group = GROUP_START, .needs = CMD_ANYWHERE, .role = ROLE_NONE,
	.opts = config_opts, .args_size = sizeof(struct config_args),
	.run = config_run,
};
