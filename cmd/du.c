/*
 * What takes how much room.
 */

#include <stdio.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/out.h"
#include "lib/base/term.h"
#include "lib/history/pathspec.h"
#include "lib/history/rev.h"
#include "lib/history/space.h"

struct du_args {
	const char *by;
	uint64_t depth;
};

static const struct opt du_opts[] = {
	CHOICE(struct du_args, by, 0, "by", "WHAT",
	    "branch|tag|path|version", "a line for each of these"),
	NUMBER(struct du_args, depth, 0, "depth", "COUNT",
	    "of paths, add up what is below so many directories"),
	OPT_TABLE_END
};

struct list {
	struct ctx *ctx;
	const char *by;			/* the word */
	struct out_table *table;	/* NULL until there is a line */
};

static void
put_json(struct list *l, const char *by, const struct space_row *row)
{
	const struct usage_sums *s = &row->sums;
	const struct {
		const char *key;
		uint64_t n;
	} sums[] = {
		{ "logical", s->logical }, { "stored", s->stored },
		{ "shared", s->shared }, { "unique", s->unique },
		{ "objects", s->objects },
		{ "unique_objects", s->unique_objects },
	};
	struct json *j = out_json(l->ctx->out);

	json_object(j);
	json_key(j, "by");
	json_text(j, by);
	if (row->version && !row->name) {
		json_key(j, "version");
		json_uint(j, row->version);
		json_key(j, "id");
		json_id(j, &row->commit);
	} else if (row->name) {
		json_key(j, strcmp(by, "path") == 0 ? "path" : "name");
		json_text(j, row->name);
	}
	for (size_t i = 0; i < ARRAY_LEN(sums); i++) {
		json_key(j, sums[i].key);
		json_uint(j, sums[i].n);
	}
	json_end(j);
	out_json_end(l->ctx->out);
}

/* The table begins with its first line: nothing may come before an error. */
static void
begin_table(struct list *l)
{
	static const char *const heads[] = { "logical", "stored", "shared",
		"unique" };

	l->table = out_table_new(l->ctx->out, ARRAY_LEN(heads) + 1);
	for (size_t i = 0; i < ARRAY_LEN(heads); i++)
		out_table_number(l->table, heads[i]);
	out_table_text(l->table, l->by);
}

static void
put_line(struct list *l, const char *name, const struct usage_sums *s)
{
	const uint64_t sums[] = { s->logical, s->stored, s->shared,
		s->unique };
	char size[16];

	if (!l->table)
		begin_table(l);
	for (size_t i = 0; i < ARRAY_LEN(sums); i++)
		out_table_number(l->table, term_size(size, sums[i]));
	out_table_text(l->table, name);
}

static err_t
put_row(void *arg, const struct space_row *row)
{
	struct list *l = arg;
	char name[64], hex[ID_HEX + 1];

	if (out_is_json(l->ctx->out)) {
		put_json(l, l->by, row);
		return NULL;
	}
	snprintf(name, sizeof(name), "v%llu %.8s",
	    (unsigned long long)row->version, id_hex(hex, &row->commit));
	put_line(l, row->name ? row->name : name, &row->sums);
	return NULL;
}

static err_t
show(struct ctx *ctx, const char *by, const struct space_options *options)
{
	struct list l = { ctx, by, NULL };
	struct space_row total = { .name = NULL };
	err_t err;

	err = space_list(&total.sums, ctx->repo, options, put_row, &l);
	if (!err && out_is_json(ctx->out))
		put_json(&l, "total", &total);
	else if (!err)
		put_line(&l, "total", &total.sums);
	if (l.table)
		out_table_end(l.table);
	return err;
}

/* ---- what is asked ----------------------------------------------------- */

static err_t
ask_versions(size_t *used, struct space_options *o, struct repo *r,
    const struct operands *ops)
{
	struct rev rev = REV_INIT;
	err_t err;

	err = rev_split(used, r, ops, 1);
	if (!err)
		err = rev_parse(&rev, r, *used ? ops->v[0] : "HEAD");
	if (!err && rev.path)
		err = err_new(ERR_USAGE, "\"%s\" is a file of one version; "
		    "say \"dsv du REV -- PATH\"", ops->v[0]);
	o->from = rev.commit;
	o->hidden = rev.from;
	rev_release(&rev);
	return err;
}

static err_t
ask_paths(struct space_options *o, struct ctx *ctx, const char *const *typed,
    size_t n)
{
	if (!n)
		return NULL;
	if (o->by != SPACE_PATH)
		return err_new(ERR_USAGE, "\"%s\" is a path; say \"dsv du "
		    "--by path\"", typed[0]);
	return pathspec_new(&o->paths, ctx->repo, typed, n, NULL, NULL, NULL);
}

static enum space_by
by_of(const char *word)
{
	static const char *const words[] = { [SPACE_BRANCH] = "branch",
		[SPACE_TAG] = "tag", [SPACE_PATH] = "path",
		[SPACE_VERSION] = "version" };
	enum space_by by = SPACE_BRANCH;

	while (strcmp(words[by], word) != 0)
		by++;
	return by;
}

static err_t
du_run(struct ctx *ctx, void *args, const struct operands *ops)
{
	const struct du_args *a = args;
	const char *by = a->by ? a->by : ops->n || a->depth ? "path" :
	    "branch";
	struct space_options o = { .by = by_of(by), .depth = a->depth };
	bool refs = o.by == SPACE_BRANCH || o.by == SPACE_TAG;
	size_t used = 0;
	err_t err = NULL;

	if (a->depth && o.by != SPACE_PATH)
		return err_new(ERR_USAGE, "--depth is for paths; say \"dsv du "
		    "--by path\"");
	if (refs && ops->n)
		return err_new(ERR_USAGE, "\"%s\": of branches and tags all "
		    "are listed; leave it out, or say \"dsv du --by path\" or "
		    "\"--by version\"", ops->v[0]);
	if (!refs)
		err = ask_versions(&used, &o, ctx->repo, ops);
	if (!err)
		err = ask_paths(&o, ctx, ops->v + used, ops->n - used);
	if (!err)
		err = show(ctx, by, &o);
	pathspec_free(o.paths);
	return err;
}

const struct cmd cmd_du = {
	.name = "du",
	.summary = "say what takes how much room, and what it shares",
	.operands = "[REV] [--] [PATH ...]", .max_operands = -1,
	.offer = OFFER_REV_OR_TRACKED, .group = GROUP_LOOK,
	.needs = CMD_REPO_READ, .role = ROLE_READ, .pages = true,
	.opts = du_opts,
	.args_size = sizeof(struct du_args), .run = du_run,
};
