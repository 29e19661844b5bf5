#include "lib/history/apply.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "cmd/out.h"

struct apply_args {
	const char *to;
	const char *key;
	bool duplicates;
	bool dry_run;
};

static const struct opt apply_opts[] = {
	TEXT(struct apply_args, to, 0, "to", "PATH", OFFER_TRACKED,
	    "apply it to this file, whatever its lines say"),
	TEXT(struct apply_args, key, 0, "key", "COLUMNS", OFFER_NONE,
	    "what tells rows apart, if not the key attribute"),
	FLAG(struct apply_args, duplicates, 0, "duplicates",
	    "insert rows even if their key is there already"),
	FLAG(struct apply_args, dry_run, 'n', "dry-run",
	    "say what would change, change nothing"),
	OPT_TABLE_END
};

struct show {
	struct ctx *ctx;
	bool dry_run;
	const char *delta;
};

static const char *
word(const struct patch_table *t)
{
	return t->is_gone ? "deleted" : t->is_new ? "added" :
	    t->from ? "renamed" : "modified";
}

static void
changed_json(struct show *s, const struct patch_table *t)
{
	struct json *j = out_json(s->ctx->out);

	json_object(j);
	json_key(j, "path");
	json_text(j, t->path);
	json_key(j, "change");
	json_text(j, word(t));
	json_key(j, "rows");
	json_uint(j, t->rows);
	json_key(j, "inserted");
	json_uint(j, t->inserted);
	json_key(j, "updated");
	json_uint(j, t->updated);
	json_key(j, "deleted");
	json_uint(j, t->deleted);
	json_end(j);
	out_json_end(s->ctx->out);
}

static void
changed(void *arg, const struct patch_table *t)
{
	struct show *s = arg;
	struct out *o = s->ctx->out;

	if (out_is_json(o)) {
		changed_json(s, t);
		return;
	}
	if (s->ctx->g->quiet)
		return;
	out_printf(o, "%s%s ", s->dry_run ? "would be " : "", word(t));
	out_path(o, t->path);
	out_printf(o, ": rows: %llu inserted, %llu updated, %llu deleted\n",
	    (unsigned long long)t->inserted, (unsigned long long)t->updated,
	    (unsigned long long)t->deleted);
}

static void
misfit(void *arg, const struct patch_misfit *m)
{
	struct show *s = arg;

	if (m->path)
		out_warn(s->ctx->out, "\"%s\" line %llu, \"%s\": %s",
		    s->delta, (unsigned long long)m->line, m->path, m->text);
	else
		out_warn(s->ctx->out, "\"%s\" line %llu: %s", s->delta,
		    (unsigned long long)m->line, m->text);
}

static err_t
open_delta(int *fd, const char *file)
{
	if (!strcmp(file, "-")) {
		*fd = STDIN_FILENO;
		return NULL;
	}
	*fd = open(file, O_RDONLY | O_CLOEXEC);
	return *fd < 0 ? err_sys("cannot open \"%s\"", file) : NULL;
}

static err_t
apply_run_cmd(struct ctx *ctx, void *args, const struct operands *ops)
{
	const struct apply_args *a = args;
	struct show show = { ctx, a->dry_run, ops->v[0] };
	struct apply_options o = { .duplicates = a->duplicates,
	    .dry_run = a->dry_run, .changed = changed, .misfit = misfit,
	    .arg = &show };
	struct key key = KEY_INIT;
	struct buf to = BUF_INIT;
	int fd = -1;
	err_t err = NULL;

	if (a->key) {
		err = key_parse(&key, a->key);
		o.key = &key;
	}
	if (!err && a->to) {
		err = repo_path(&to, ctx->repo, a->to);
		o.to = buf_cstr(&to);
	}
	if (!err)
		err = open_delta(&fd, ops->v[0]);
	if (!err)
		err = apply_run(ctx->repo, fd, ops->v[0], &o);
	if (fd > STDIN_FILENO)
		close(fd);
	key_release(&key);
	buf_release(&to);
	return err;
}

const struct cmd cmd_apply = {
	.name = "apply",
	.summary = "change rows of tables as a delta says",
	.operands = "FILE|-", .min_operands = 1, .max_operands = 1,
	.offer = OFFER_FILE, .group = GROUP_WORK, .needs = CMD_REPO_WRITE,
	.role = ROLE_WRITE,
	.opts = apply_opts, .args_size = sizeof(struct apply_args),
	.run = apply_run_cmd,
};
