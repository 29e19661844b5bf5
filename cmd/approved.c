#include <string.h>

#include "cmd/cmd.h"
#include "cmd/out.h"
#include "cmd/present.h"
#include "lib/base/clock.h"
#include "lib/history/refs.h"
#include "lib/history/repo.h"
#include "lib/review/state.h"

struct show {
	struct ctx *ctx;
	const char *label;		/* of the past; NULL: of the list */
};

/* When, by whom and why the label was pointed at a version. */
struct pointed {
	const char *label;
	const struct id *commit;
	const struct event *event;
};

static err_t
put(struct ctx *ctx, const struct pointed *p)
{
	struct review review = REVIEW_INIT;
	struct buf date = BUF_INIT;
	struct out *o = ctx->out;
	struct commit_node node;
	err_t err;

	err = commit_node(&node, ctx->repo->store, p->commit);
	if (!err)
		err = review_load(&review, ctx->repo->store, p->commit);
	if (err)
		return err;
	if (out_is_json(o)) {
		struct json *j = out_json(o);

		json_object(j);
		json_key(j, "label");
		json_text(j, p->label);
		json_key(j, "id");
		json_id(j, p->commit);
		json_key(j, "version");
		json_uint(j, node.version);
		json_key(j, "retracted");
		json_bool(j, review.retracted);
		json_key(j, "actor");
		present_person(j, &p->event->actor);
		json_key(j, "date");
		json_time(j, p->event->time);
		json_key(j, "note");
		json_text(j, p->event->note);
		json_end(j);
		out_json_end(o);
	} else {
		clock_format(&date, p->event->time);
		out_text(o, p->label);
		out_printf(o, " v%llu ", (unsigned long long)node.version);
		out_id(o, p->commit);
		out_printf(o, "%s %s ", review.retracted ? " retracted" : "",
		    date.p);
		out_text(o, p->event->actor.name);
		if (*p->event->note)
			out_printf(o, ": ");
		out_textn(o, p->event->note, strcspn(p->event->note, "\n"));
		out_printf(o, "\n");
	}
	buf_release(&date);
	review_release(&review);
	return NULL;
}

static err_t
put_label(void *arg, const struct refs_info *info)
{
	const struct show *s = arg;
	const struct pointed p = { info->name, &info->target, &info->event };

	return put(s->ctx, &p);
}

static err_t
put_change(void *arg, const struct ref_change *change)
{
	const struct show *s = arg;
	struct event event = EVENT_INIT;
	const struct pointed p = { s->label, &change->to, &event };
	err_t err;

	err = refs_read_event(&event, s->ctx->repo, &change->event);
	if (!err)
		err = put(s->ctx, &p);
	event_release(&event);
	return err;
}

static err_t
approved_run(struct ctx *ctx, void *args, const struct operands *ops)
{
	struct show s = { ctx, ops->n ? ops->v[0] : NULL };
	struct buf full = BUF_INIT;
	struct ref ref;
	err_t err;

	(void)args;
	if (!s.label)
		return refs_walk(ctx->repo, REFS_LABEL, put_label, &s);
	if (strncmp(s.label, "approved/", 9) == 0)
		s.label += 9;
	err = refs_full_name(&full, REFS_LABEL, s.label);
	if (!err)
		err = ref_get(&ref, ctx->repo->store, full.p);
	if (err_is(err, ERR_NOT_FOUND))
		err = err_new(ERR_NOT_FOUND, "no label \"%s\"; \"dsv "
		    "approved\" lists them", s.label);
	if (!err)
		err = reflog_walk(ctx->repo->store, full.p, put_change, &s);
	buf_release(&full);
	return err;
}

const struct cmd cmd_approved = {
	.name = "approved",
	.summary = "list labels of approved versions, or the past of one",
	.operands = "[LABEL]", .max_operands = 1,
	.offer = OFFER_LABEL, .group = GROUP_REVIEW, .needs = CMD_REPO_READ,
	.role = ROLE_READ, .pages = true, .run = approved_run,
};
