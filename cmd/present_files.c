#include "cmd/present_files.h"

#include "cmd/cmd.h"
#include "cmd/out.h"
#include "lib/history/switch.h"

static err_t
show_file(void *arg, const char *path, enum checkout_what what)
{
	static const char *const words[] = { [CHECKOUT_WROTE] = "write",
	    [CHECKOUT_REMOVED] = "remove", [CHECKOUT_STAGED] = "stage" };
	const struct present_files *p = arg;
	struct out *out = p->ctx->out;
	struct json *j;

	if (!out_is_json(out)) {
		out_printf(out, "%s%s ", p->dry_run ? "would " : "",
		    words[what]);
		out_path(out, path);
		out_printf(out, "\n");
		return NULL;
	}
	j = out_json(out);
	json_begin_object(j);
	json_key(j, "path");
	json_text(j, path);
	json_key(j, "action");
	json_text(j, words[what]);
	json_end(j);
	out_json_end(out);
	return NULL;
}

void
present_files_init(struct present_files *out, struct ctx *ctx, bool dry_run)
{
	bool wanted = dry_run || ctx->g->verbose || ctx->g->json;

	*out = (struct present_files){ ctx, dry_run,
	    wanted ? show_file : NULL };
}

static void
head_json(struct out *out, const struct switch_report *report)
{
	struct json *j = out_json(out);

	json_begin_object(j);
	json_key(j, "branch");
	json_text(j, report->branch.len ? report->branch.p : NULL);
	json_key(j, "created");
	json_bool(j, report->created);
	json_key(j, "id");
	if (report->version)
		json_id(j, &report->commit);
	else
		json_write_null(j);
	json_key(j, "version");
	if (report->version)
		json_uint(j, report->version);
	else
		json_write_null(j);
	json_end(j);
	out_json_end(out);
}

void
present_files_head(struct ctx *ctx, const struct switch_report *report,
    bool dry_run)
{
	struct out *out = ctx->out;

	if (out_is_json(out)) {
		head_json(out, report);
		return;
	}
	if (ctx->g->quiet)
		return;
	out_printf(out, "%s", dry_run ? "would be " : report->was_there ?
	    "already " : "now ");
	if (report->branch.len) {
		out_printf(out, "on %sbranch ", report->created ? "new " : "");
		out_text(out, report->branch.p);
	} else {
		out_printf(out, "on no branch");
	}
	if (report->version) {
		out_printf(out, ", at v%llu ",
		    (unsigned long long)report->version);
		out_id(out, &report->commit);
	}
	out_printf(out, "\n");
	if (!report->branch.len && !report->was_there && !dry_run)
		out_note(out, "hint: to commit from here make a branch: "
		    "\"dsv switch -c NAME\"");
}
