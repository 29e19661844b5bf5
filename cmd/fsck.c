/*
 * Check a repository, and mend what can be mended without losing anything.
 */

#include <stddef.h>

#include "cmd/cmd.h"
#include "cmd/out.h"
#include "lib/base/term.h"
#include "lib/history/repo.h"
#include "store/store.h"

struct fsck_args {
	bool quick;
	bool repair;
};

static const struct opt fsck_opts[] = {
	FLAG(struct fsck_args, quick, 0, "quick",
	    "names and structure only; do not decode what is stored"),
	FLAG(struct fsck_args, repair, 0, "repair",
	    "first bring back what can be found, delete nothing"),
	OPT_TABLE_END
};

static err_t
show_finding(void *arg, const struct finding *f)
{
	struct out *out = arg;
	struct json *j;

	if (!out_is_json(out)) {
		out_printf(out, "%s ", f->what);
		out_text(out, f->subject);
		out_printf(out, ": ");
		out_text(out, f->fact);
		out_printf(out, "\n");
		return NULL;
	}
	j = out_json(out);
	json_object(j);
	json_key(j, "finding");
	json_text(j, f->what);
	json_key(j, "subject");
	json_text(j, f->subject);
	json_key(j, "fact");
	json_text(j, f->fact);
	json_end(j);
	out_json_end(out);
	return NULL;
}

static void
totals_json(struct out *out, const struct fsck_totals *t)
{
	const struct {
		const char *key;
		uint64_t n;
	} counts[] = {
		{ "findings", t->findings }, { "segments", t->segments },
		{ "objects", t->objects }, { "commits", t->commits },
		{ "trees", t->trees }, { "files", t->files },
		{ "events", t->events }, { "bytes", t->bytes },
	};
	struct json *j = out_json(out);

	json_object(j);
	for (size_t i = 0; i < ARRAY_LEN(counts); i++) {
		json_key(j, counts[i].key);
		json_uint(j, counts[i].n);
	}
	json_end(j);
	out_json_end(out);
}

static void
show_totals(struct ctx *ctx, const struct fsck_totals *t, bool repaired)
{
	char a[64], b[64], c[64], d[64], size[16];

	if (out_is_json(ctx->out)) {
		totals_json(ctx->out, t);
		return;
	}
	if (ctx->g->quiet)
		return;
	out_printf(ctx->out, "%s: %s, %s, %s; %s, %s\n",
	    t->findings ? "damaged" : "sound",
	    term_counted(a, t->commits, "version"),
	    term_counted(b, t->files, "file"),
	    term_counted(c, t->events, "event"),
	    term_counted(d, t->segments, "segment"),
	    term_size(size, t->bytes));
	if (t->findings && repaired)
		out_note(ctx->out, "hint: if a copy of a lost file is put "
		    "where it was, another \"dsv fsck --repair\" takes it");
	else if (t->findings)
		out_note(ctx->out, "hint: \"dsv fsck --repair\" brings "
		    "back what can be found; nothing is deleted");
}

/* What was brought back, on standard error: the result is what fsck finds. */
static err_t
repair(uint64_t *lost, struct ctx *ctx, const char *dotdsv, bool any_owner)
{
	struct repair_report r;
	char a[64], b[64], c[64], d[64];
	err_t err;

	err = store_repair(&r, dotdsv, any_owner, ctx->wait_ms, show_finding,
	    ctx->out);
	if (err)
		return err;
	*lost = r.lost;
	if (r.quarantined)
		out_note(ctx->out, "put aside, damaged as they are: %s",
		    term_counted(a, r.quarantined, "segment"));
	if (r.salvaged || r.from_aside || r.from_files)
		out_note(ctx->out, "brought back %s of damaged "
		    "segments, %s of segments put aside before, and %s of the "
		    "working tree", term_counted(b, r.salvaged, "object"),
		    term_count(c, r.from_aside),
		    term_counted(d, r.from_files, "file"));
	return NULL;
}

static err_t
fsck_run(struct ctx *ctx, void *args, const struct operands *ops)
{
	const struct fsck_args *a = args;
	struct buf dotdsv = BUF_INIT;
	struct fsck_totals totals;
	uint64_t lost = 0;
	bool any_owner;
	err_t err;

	(void)ops;
	err = repo_locate(&dotdsv, &any_owner, NULL);
	if (!err && a->repair)
		err = repair(&lost, ctx, dotdsv.p, any_owner);
	if (!err)
		err = store_fsck(&totals, dotdsv.p, any_owner,
		    a->quick ? FSCK_QUICK : 0, show_finding, ctx->out);
	buf_release(&dotdsv);
	if (err)
		return err;
	totals.findings += lost;
	show_totals(ctx, &totals, a->repair);
	ctx->answer_no = totals.findings > 0;
	return NULL;
}

const struct cmd cmd_fsck = {
	.name = "fsck", .summary = "check that everything stored is whole",
	.operands = "", .min_operands = 0, .max_operands = 0,
	.group = GROUP_UPKEEP, .needs = CMD_ANYWHERE,
	.role = ROLE_NONE, .opts = fsck_opts,
	.args_size = sizeof(struct fsck_args), .run = fsck_run,
};
