/*
 * The reviewer's desk: for people, as JSON, and as a page to send around.
 */

#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/out.h"
#include "cmd/present.h"
#include "lib/base/clock.h"
#include "lib/history/attr.h"
#include "lib/history/ident.h"
#include "lib/history/refs.h"
#include "lib/history/repo.h"
#include "lib/history/rev.h"
#include "lib/review/desk.h"

struct review_args {
	bool pending;
	bool mine;
	const char *format;
};

static const struct opt review_opts[] = {
	FLAG(struct review_args, pending, 0, "pending",
	    "all that are submitted, as without REV"),
	FLAG(struct review_args, mine, 0, "mine",
	    "those that you may decide about"),
	CHOICE(struct review_args, format, 0, "format", "FORMAT",
	    "text|html", "html is one page with everything in it"),
	OPT_TABLE_END
};

struct desk {
	struct ctx *ctx;
	struct access access;
	struct ident me;
	struct refs_table *refs;
	bool mine, html;
	uint64_t shown;
};

/* ---- what changed ------------------------------------------------------- */

/*
 * The one place where a version is compared with what was approved last:
 * file by file.
 */
static err_t
compare(struct desk *d, const struct desk_item *item, diff_visit_fn *fn,
    void *arg)
{
	struct diff_end a = { .place = DIFF_TREE };
	struct diff_end b = { DIFF_TREE, item->node.tree };

	if (item->has_last)
		a.tree = item->last.tree;
	return diff_run(d->ctx->repo, &a, &b, false, NULL, fn, arg);
}

static err_t
show_changes(struct desk *d, const struct desk_item *item,
    struct json *array)
{
	struct present_diff p = { .out = d->ctx->out, .repo = d->ctx->repo,
	    .attrs = attr_of_tree(d->ctx->repo, &item->node.tree),
	    .style = PRESENT_STAT, .below = "", .array = array };
	err_t err = compare(d, item, present_change, &p);

	if (!err && !array)
		present_counts(&p);
	attr_free(p.attrs);
	return err;
}

/* ---- text --------------------------------------------------------------- */

static const struct review_act *
submission(const struct desk_item *item)
{
	return item->review.state == REVIEW_SUBMITTED ?
	    &item->review.acts[item->review.submit] : NULL;
}

struct list {
	struct buf text;
	const char *comma;
};

static void
list_user(void *arg, const char *user)
{
	struct list *l = arg;

	buf_printf(&l->text, "%s%s", l->text.len ? l->comma : "", user);
}

/* "anybody but Ada, Bob", "Eve or Mia", "nobody" */
static void
who_decides(struct buf *out, const struct desk *d,
    const struct desk_item *item)
{
	struct list l = { BUF_INIT, ", " };
	bool anybody;

	desk_who(&anybody, item, &d->access, list_user, &l);
	if (anybody)
		buf_printf(out, "anybody%s%s", l.text.len ? " but " : "",
		    buf_cstr(&l.text));
	else
		buf_str(out, l.text.len ? l.text.p : "nobody");
	buf_release(&l.text);
}

static bool
is_open(const struct desk_item *item)
{
	return item->review.state == REVIEW_DRAFT ||
	    item->review.state == REVIEW_SUBMITTED;
}

/* The lines "Label:  text" of an item, for text and for the page. */
typedef void line_fn(void *arg, const char *label, const char *text);

static void
describe_acts(const struct desk_item *item, line_fn *fn, void *arg)
{
	struct buf text = BUF_INIT;

	for (size_t i = 0; i < item->review.n; i++) {
		const struct review_act *a = &item->review.acts[i];

		buf_clear(&text);
		clock_format(&text, a->time);
		buf_printf(&text, " %s %s", a->actor.name, a->act);
		if (a->refused)
			buf_printf(&text, " (%s, too late)", a->refused);
		if (*a->note)
			buf_printf(&text, ": %s", a->note);
		fn(arg, "Review", text.p);
	}
	buf_release(&text);
}

static void
describe_wait(struct desk *d, const struct desk_item *item, line_fn *fn,
    void *arg)
{
	struct buf text = BUF_INIT;

	if (!is_open(item))
		return;
	buf_printf(&text, "%llu of %llu approval%s",
	    (unsigned long long)(item->approvals < item->policy.approvals ?
	    item->policy.approvals - item->approvals : 0),
	    (unsigned long long)item->policy.approvals,
	    item->policy.approvals == 1 ? "" : "s");
	fn(arg, "Missing", text.p);
	buf_clear(&text);
	who_decides(&text, d, item);
	fn(arg, "Decides", text.p);
	if (item->rules_changed) {
		buf_clear(&text);
		buf_printf(&text, "changed by %s since it was submitted; now ",
		    item->policy.by.name);
		policy_text(&text, &item->policy);
		fn(arg, "Rules", text.p);
	}
	buf_release(&text);
}

static void
describe(struct desk *d, const struct desk_item *item, line_fn *fn, void *arg)
{
	struct buf text = BUF_INIT;
	char hex[ID_HEX + 1];

	person_text(&text, &item->commit.author);
	fn(arg, "Author", text.p);
	buf_clear(&text);
	clock_format(&text, item->commit.author_time);
	fn(arg, "Date", text.p);
	buf_clear(&text);
	buf_str(&text, review_word(item->review.state));
	if (item->review.into)
		buf_printf(&text, " for %s", item->review.into);
	if (item->review.retracted)
		buf_str(&text, ", retracted");
	fn(arg, "State", text.p);
	describe_acts(item, fn, arg);
	describe_wait(d, item, fn, arg);
	buf_clear(&text);
	if (item->has_last)
		buf_printf(&text, "v%llu %.8s, approved last",
		    (unsigned long long)item->last.version,
		    id_hex(hex, &item->last.id));
	else
		buf_str(&text, "nothing: no version before it is approved");
	fn(arg, "Against", text.p);
	buf_release(&text);
}

static void
text_line(void *arg, const char *label, const char *text)
{
	struct out *o = arg;

	out_printf(o, "%s:%*s", label, (int)(8 - strlen(label)), "");
	out_text(o, text);
	out_printf(o, "\n");
}

static err_t
show_text(struct desk *d, const struct desk_item *item)
{
	struct out *o = d->ctx->out;

	if (d->shown)
		out_printf(o, "\n");
	out_style(o, OUT_BOLD);
	out_printf(o, "v%llu", (unsigned long long)item->node.version);
	out_reset(o);
	out_printf(o, " ");
	out_id(o, &item->node.id);
	out_printf(o, " ");
	out_textn(o, item->commit.message, strcspn(item->commit.message,
	    "\n"));
	out_printf(o, "\n");
	describe(d, item, text_line, o);
	return show_changes(d, item, NULL);
}

/* ---- JSON --------------------------------------------------------------- */

static void
json_user(void *arg, const char *user)
{
	json_text(arg, user);
}

static void
json_wait(struct json *j, struct desk *d, const struct desk_item *item)
{
	const struct review_act *s = submission(item);
	bool anybody;

	json_key(j, "into");
	json_text(j, item->review.into);
	json_key(j, "submitted_by");
	if (s)
		present_person(j, &s->actor);
	else
		json_null(j);
	json_key(j, "submitted");
	if (s)
		json_time(j, s->time);
	else
		json_null(j);
	json_key(j, "approvals");
	json_uint(j, item->approvals);
	json_key(j, "needed");
	json_uint(j, item->policy.approvals);
	json_key(j, "rules_changed");
	json_bool(j, item->rules_changed);
	json_key(j, "named");
	json_array(j);
	desk_who(&anybody, item, &d->access, json_user, j);
	json_end(j);
	json_key(j, "anybody_else");
	json_bool(j, anybody);
	json_key(j, "may_decide");
	json_bool(j, desk_may_decide(item, &d->access, &d->me.who));
	json_key(j, "against");
	if (item->has_last)
		json_id(j, &item->last.id);
	else
		json_null(j);
}

static err_t
show_json(struct desk *d, const struct desk_item *item)
{
	struct present_version v = { .node = &item->node,
	    .commit = &item->commit, .review = &item->review, .acts = true };
	struct json *j = out_json(d->ctx->out);
	err_t err;

	json_object(j);
	present_members(j, d->refs, &v);
	json_wait(j, d, item);
	json_key(j, "changes");
	json_array(j);
	err = show_changes(d, item, j);
	json_end(j);
	json_end(j);
	out_json_end(d->ctx->out);
	return err;
}

/* ---- a page ------------------------------------------------------------- */

static void
html_text(struct out *o, const char *s)
{
	while (*s) {
		size_t len = strcspn(s, "<>&\"");

		out_textn(o, s, len);
		s += len;
		if (*s)
			out_printf(o, "&#%d;", *s++);
	}
}

static void
html_line(void *arg, const char *label, const char *text)
{
	struct out *o = arg;

	out_printf(o, "<tr><th>%s</th><td>", label);
	html_text(o, text);
	out_printf(o, "</td></tr>\n");
}

static err_t
html_change(void *arg, const struct diff_change *c)
{
	struct desk *d = arg;
	struct out *o = d->ctx->out;

	out_printf(o, "<tr class=\"%s\"><td>%s</td><td>", diff_word(c->kind),
	    diff_word(c->kind));
	html_text(o, c->path);
	out_printf(o, "</td><td>%llu</td><td>%llu</td></tr>\n",
	    (unsigned long long)(c->from ? c->from->size : 0),
	    (unsigned long long)(c->to ? c->to->size : 0));
	return NULL;
}

static void
html_begin(struct out *o)
{
	out_printf(o, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
	    "<meta charset=\"utf-8\">\n<title>Review</title>\n<style>\n"
	    "body { font: 16px sans-serif; margin: 2em auto; "
	    "max-width: 60em; }\n"
	    "th, td { text-align: left; padding: 2px 12px 2px 0; "
	    "vertical-align: top; }\n"
	    ".added { color: #060; } .deleted { color: #900; }\n"
	    "</style>\n</head>\n<body>\n");
}

static err_t
show_html(struct desk *d, const struct desk_item *item)
{
	struct out *o = d->ctx->out;
	char hex[ID_HEX + 1];
	err_t err;

	out_printf(o, "<h2>v%llu ", (unsigned long long)item->node.version);
	html_text(o, item->commit.message);
	out_printf(o, "</h2>\n<p><code>%s</code></p>\n<table>\n",
	    id_hex(hex, &item->node.id));
	describe(d, item, html_line, o);
	out_printf(o, "</table>\n<h3>Changed files</h3>\n<table>\n"
	    "<tr><th>what</th><th>path</th><th>bytes before</th>"
	    "<th>bytes now</th></tr>\n");
	err = compare(d, item, html_change, d);
	out_printf(o, "</table>\n");
	return err;
}

/* ---- the command -------------------------------------------------------- */

static err_t
show_item(void *arg, const struct desk_item *item)
{
	struct desk *d = arg;
	err_t err;

	if (d->mine && !desk_may_decide(item, &d->access, &d->me.who))
		return NULL;
	if (out_is_json(d->ctx->out))
		err = show_json(d, item);
	else
		err = d->html ? show_html(d, item) : show_text(d, item);
	d->shown++;
	return err;
}

static err_t
show_one(struct desk *d, const char *text)
{
	struct desk_item item = DESK_ITEM_INIT;
	struct id id;
	err_t err;

	err = rev_commit(&id, d->ctx->repo, text);
	if (!err)
		err = desk_load(&item, d->ctx->repo, &id);
	if (!err)
		err = show_item(d, &item);
	desk_item_release(&item);
	return err;
}

static err_t
review_run(struct ctx *ctx, void *args, const struct operands *ops)
{
	const struct review_args *a = args;
	struct desk d = { .ctx = ctx, .access = ACCESS_INIT,
	    .me = IDENT_INIT, .mine = a->mine, .html = a->format &&
	    strcmp(a->format, "html") == 0 };
	err_t err;

	if (ops->n && (a->pending || a->mine))
		return err_new(ERR_USAGE, "--pending and --mine list what "
		    "waits; leave out \"%s\"", ops->v[0]);
	if (d.html && out_is_json(ctx->out))
		return err_new(ERR_USAGE, "--format html is not JSON; leave "
		    "out one of them");
	err = access_load(&d.access, ctx->repo->store);
	if (!err)
		err = ident_get(&d.me, ctx->repo->config);
	if (!err)
		err = refs_table_load(&d.refs, ctx->repo);
	if (!err && d.html)
		html_begin(ctx->out);
	if (!err)
		err = ops->n ? show_one(&d, ops->v[0]) :
		    desk_walk(ctx->repo, show_item, &d);
	if (!err && d.html)
		out_printf(ctx->out, "</body>\n</html>\n");
	else if (!err && !d.shown)
		out_note(ctx->out, d.mine ? "nothing waits for you" :
		    "nothing waits for a decision");
	refs_table_free(d.refs);
	ident_release(&d.me);
	access_release(&d.access);
	return err;
}

const struct cmd cmd_review = {
	.name = "review",
	.summary = "list what waits for a decision, or what there is to see",
	.operands = "[REV]", .max_operands = 1, .offer = OFFER_REV,
	.group = GROUP_REVIEW, .needs = CMD_REPO_READ, .role = ROLE_READ,
	.pages = true, .opts = review_opts,
	.args_size = sizeof(struct review_args), .run = review_run,
};
