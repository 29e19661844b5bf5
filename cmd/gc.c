/*
 * Collect what nothing needs, and pack what is left.
 */

#include <stddef.h>

#include "cmd/cmd.h"
#include "cmd/out.h"
#include "lib/base/term.h"
#include "lib/history/repo.h"
#include "store/store.h"

struct gc_args {
	bool dry_run;
	bool now;
};

static const struct opt gc_opts[] = {
	FLAG(struct gc_args, dry_run, 'n', "dry-run",
	    "say what would be collected and why, change nothing"),
	FLAG(struct gc_args, now, 0, "now",
	    "free the space at once, not with the next gc"),
	OPT_TABLE_END
};

static err_t
show_reason(void *arg, const struct gc_reason *r)
{
	struct out *out = arg;
	char a[64], b[64], size[16];
	struct json *j;

	if (!out_is_json(out)) {
		out_text(out, r->reason);
		out_printf(out, ": %s, %s, %s\n",
		    term_counted(a, r->versions, "version"),
		    term_counted(b, r->objects, "object"),
		    term_size(size, r->bytes));
		return NULL;
	}
	j = out_json(out);
	json_object(j);
	json_key(j, "reason");
	json_text(j, r->reason);
	json_key(j, "versions");
	json_uint(j, r->versions);
	json_key(j, "objects");
	json_uint(j, r->objects);
	json_key(j, "bytes");
	json_uint(j, r->bytes);
	json_end(j);
	out_json_end(out);
	return NULL;
}

static void
show_json(struct out *out, const struct gc_report *r, bool dry_run)
{
	const struct {
		const char *key;
		uint64_t n;
	} counts[] = {
		{ "kept_objects", r->kept_objects },
		{ "kept_bytes", r->kept_bytes },
		{ "dropped_versions", r->dropped_versions },
		{ "dropped_objects", r->dropped_objects },
		{ "dropped_bytes", r->dropped_bytes },
		{ "segments_before", r->segments_before },
		{ "segments_after", r->segments_after },
		{ "size_before", r->size_before },
		{ "size_after", r->size_after },
		{ "trashed_bytes", r->trashed_bytes },
		{ "freed_bytes", r->freed_bytes },
	};
	struct json *j = out_json(out);

	json_object(j);
	json_key(j, "dry_run");
	json_bool(j, dry_run);
	for (size_t i = 0; i < ARRAY_LEN(counts); i++) {
		json_key(j, counts[i].key);
		json_uint(j, counts[i].n);
	}
	json_end(j);
	out_json_end(out);
}

static void
show_report(struct ctx *ctx, const struct gc_report *r, bool dry_run)
{
	char a[64], b[64], x[16], y[16];

	if (r->no_room)
		out_warn(ctx->out, "there is no room to pack what is left; "
		    "run \"dsv gc\" again when there is");
	if (out_is_json(ctx->out)) {
		show_json(ctx->out, r, dry_run);
		return;
	}
	if (ctx->g->quiet)
		return;
	if (dry_run) {
		out_printf(ctx->out, "would drop %s of %s in %s\n",
		    term_counted(a, r->dropped_objects, "object"),
		    term_size(x, r->dropped_bytes),
		    term_counted(b, r->segments_before, "segment"));
		return;
	}
	out_printf(ctx->out, "dropped %s; %s in %s, %s before\n",
	    term_counted(a, r->dropped_objects, "object"),
	    term_size(x, r->size_after),
	    term_counted(b, r->segments_after, "segment"),
	    term_size(y, r->size_before));
	if (r->trashed_bytes > r->freed_bytes)
		out_note(ctx->out, "hint: the next gc frees the %s that are "
		    "in the trash; \"dsv gc --now\" does it at once",
		    term_size(x, r->trashed_bytes));
}

static err_t
gc_run(struct ctx *ctx, void *args, const struct operands *ops)
{
	const struct gc_args *a = args;
	struct gc_options opts = { .dry_run = a->dry_run, .now = a->now };
	gc_reason_fn *show = show_reason;
	struct gc_report report;
	err_t err;

	(void)ops;
	if (ctx->g->quiet && !ctx->g->json)
		show = NULL;
	err = store_gc(&report, ctx->repo->store, &opts, show, ctx->out);
	if (!err)
		show_report(ctx, &report, a->dry_run);
	return err;
}

const struct cmd cmd_gc = {
	.name = "gc", .summary = "free what nothing needs, pack the rest",
	.operands = "", .min_operands = 0, .max_operands = 0,
	.group = GROUP_UPKEEP, .needs = CMD_REPO_WRITE,
	.role = ROLE_WRITE, .opts = gc_opts,
	.args_size = sizeof(struct gc_args), .run = gc_run,
};
