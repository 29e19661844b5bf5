/*
 * The reviewer's desk: for people, as JSON, and as a page to send around.
 */

#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/out.h"
#include "cmd/present.h"
#include "cmd/review_rows.h"
#include "cmd/rows.h"
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
	bool rows;
	bool stat;
	uint64_t limit;
	const char *format;
};

static const struct opt review_opts[] = {
	FLAG(struct review_args, pending, 0, "pending",
	    "all that are submitted, as without REV"),
	FLAG(struct review_args, mine, 0, "mine",
	    "those that you may decide about"),
	FLAG(struct review_args, rows, 0, "rows",
	    "the rows that nobody has decided about, as they are"),
	FLAG(struct review_args, stat, 0, "stat",
	    "only list the files that differ"),
	NUMBER(struct review_args, limit, 0, "limit", "COUNT",
	    "no more than so many rows of each table"),
	CHOICE(struct review_args, format, 0, "format", "FORMAT",
	    "text|html", "html is one page with everything in it"),
	OPT_TABLE_END
};

struct desk {
	struct ctx *ctx;
	const struct review_args *args;
	struct access access;
	struct ident me;
	struct refs_table *refs;
	bool html;
	struct rows_options options;	/* of the comparison */
	struct rows_view view;
	uint64_t shown;
};

/* ---- what changed ------------------------------------------------------- */

/*
 * The one place where a version is compared with what was approved last:
 * file by file, and tables row by row.
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
    enum present_style style, struct json *array)
{
	struct present_diff p = { .out = d->ctx->out, .repo = d->ctx->repo,
	    .attrs = attr_of_tree(d->ctx->repo, &item->node.tree),
	    .style = d->args->stat && style == PRESENT_TEXT ? PRESENT_STAT :
	    style, .below = "", .rows = &d->view, .array = array };
	err_t err = compare(d, item, present_change, &p);

	if (!err && style == PRESENT_TEXT && !array)
		present_counts(&p);
	attr_free(p.attrs);
	return err;
}

static void
delta_table(struct rows_view *r)
{
	struct buf line = BUF_INIT;

	if (delta_write_has_schema(&r->table)) {
		delta_write_schema(&line, &r->table);
		json_written(r->state, line.p, line.len - 1);
	}
	buf_release(&line);
}

static void
delta_row(struct rows_view *r, const struct row_change *c)
{
	struct buf line = BUF_INIT;

	delta_write_row(&line, &r->table, c);
	json_written(r->state, line.p, line.len - 1);
	buf_release(&line);
}

/* The items of an array. */
static const struct rows_form delta_form = {
	.name = "delta", .data = true, .table = delta_table, .row = delta_row,
};

struct delta {
	struct desk *d;
	struct attrs *attrs;
	struct rows_view view;
};

static err_t
delta_change(void *arg, const struct diff_change *c)
{
	struct delta *x = arg;
	const char *reason;
	bool shown;

	return rows_show(&shown, &reason, NULL, &x->view, x->d->ctx->repo,
	    x->attrs, c);
}

static err_t
json_delta(struct json *j, struct desk *d, const struct desk_item *item)
{
	struct rows_options options = d->options;
	struct delta x = { .d = d, .attrs = attr_of_tree(d->ctx->repo,
	    &item->node.tree), .view = { .out = d->ctx->out,
	    .options = &options, .below = "", .state = j } };
	err_t err;

	options.form = &delta_form;
	options.counts = false;
	json_key(j, "delta");
	json_array(j);
	err = compare(d, item, delta_change, &x);
	json_end(j);
	attr_free(x.attrs);
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

static struct review_rows
rows_of(const struct desk *d)
{
	return (struct review_rows){ d->ctx->out, d->ctx->repo,
	    d->args->rows, d->args->limit };
}

static err_t
show_text(struct desk *d, const struct desk_item *item)
{
	struct review_rows view = rows_of(d);
	struct out *o = d->ctx->out;
	err_t err;

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
	err = show_changes(d, item, PRESENT_TEXT, NULL);
	return err ? err : review_rows_text(&view, &item->node);
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
	struct review_rows view = rows_of(d);
	struct json *j = out_json(d->ctx->out);
	err_t err;

	json_object(j);
	present_members(j, d->refs, &v);
	json_wait(j, d, item);
	json_key(j, "changes");
	json_array(j);
	err = show_changes(d, item, PRESENT_TEXT, j);
	json_end(j);
	if (!err && !d->args->stat)
		err = json_delta(j, d, item);
	if (!err)
		err = review_rows_json(j, &view, &item->node);
	json_end(j);
	out_json_end(d->ctx->out);
	return err;
}

/* ---- a page ------------------------------------------------------------- */

static void
html_line(void *arg, const char *label, const char *text)
{
	struct out *o = arg;

	out_printf(o, "<tr><th>%s</th><td dir=\"auto\">", label);
	rows_html_text(o, text, strlen(text));
	out_printf(o, "</td></tr>\n");
}

static err_t
show_html(struct desk *d, const struct desk_item *item)
{
	struct review_rows view = rows_of(d);
	struct out *o = d->ctx->out;
	char hex[ID_HEX + 1];
	err_t err;

	if (!d->view.begun)
		rows_html.begin(&d->view);
	d->view.begun = true;
	out_printf(o, "<h1>v%llu ", (unsigned long long)item->node.version);
	rows_html_text(o, item->commit.message, strlen(item->commit.message));
	out_printf(o, "</h1>\n<p><code>%s</code></p>\n"
	    "<div class=\"scroll\">\n<table>\n", id_hex(hex,
	    &item->node.id));
	describe(d, item, html_line, o);
	out_printf(o, "</table>\n</div>\n");
	err = show_changes(d, item, PRESENT_FORM, NULL);
	return err ? err : review_rows_html(&view, &item->node);
}

/* ---- the command -------------------------------------------------------- */

static err_t
show_item(void *arg, const struct desk_item *item)
{
	struct desk *d = arg;
	err_t err;

	if (d->args->mine && !desk_may_decide(item, &d->access, &d->me.who))
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
	struct desk d = { .ctx = ctx, .args = a, .access = ACCESS_INIT,
	    .me = IDENT_INIT, .html = a->format &&
	    strcmp(a->format, "html") == 0 };
	err_t err;

	d.options = (struct rows_options){ .form = d.html ? &rows_html :
	    &rows_table, .counts = out_is_json(ctx->out) || a->stat,
	    .limit = a->limit, .heading = "Review" };
	d.view = (struct rows_view){ .out = ctx->out, .options = &d.options,
	    .below = "" };

	if (ops->n && (a->pending || a->mine))
		return err_new(ERR_USAGE, "--pending and --mine list what "
		    "waits; leave out \"%s\"", ops->v[0]);
	if (d.html && a->stat)
		return err_new(ERR_USAGE, "a page has everything in it; leave "
		    "out --stat");
	if (d.html && out_is_json(ctx->out))
		return err_new(ERR_USAGE, "--format html is not JSON; leave "
		    "out one of them");
	err = access_load(&d.access, ctx->repo->store);
	if (!err)
		err = ident_get(&d.me, ctx->repo->config);
	if (!err)
		err = refs_table_load(&d.refs, ctx->repo);
	if (!err)
		err = ops->n ? show_one(&d, ops->v[0]) :
		    desk_walk(ctx->repo, show_item, &d);
	if (!err && d.html)
		rows_end(&d.view);
	else if (!err && !d.shown)
		out_note(ctx->out, a->mine ? "nothing waits for you" :
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
