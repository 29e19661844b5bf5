#include "cmd/review_rows.h"

#include <string.h>

#include "cmd/out.h"
#include "cmd/present_decision.h"
#include "cmd/present_row.h"
#include "cmd/rows.h"
#include "lib/base/term.h"
#include "lib/review/desk.h"
#include "lib/review/rowstate.h"

struct showing {
	const struct review_rows *v;
	const struct commit_node *node;
	struct json *json;
	bool html;
	uint64_t shown, left_out;	/* of the table */
};

/* ---- one row ------------------------------------------------------------ */

/* "in v1: approve 2025-09-18 by Bob: fine" */
static void
before_text(struct buf *out, const struct decision *d)
{
	buf_printf(out, "in v%llu: ", (unsigned long long)d->act->version);
	present_decision_text(out, d);
}

static void
row_text(struct showing *s, const struct rowstate *row)
{
	struct out *o = s->v->out;
	struct buf before = BUF_INIT;

	out_printf(o, "  ");
	out_textn(o, row->row->raw, row->row->raw_len);
	out_printf(o, "\n");
	if (row->before) {
		before_text(&before, row->before);
		out_printf(o, "    ");
		out_textn(o, before.p, before.len);
		out_printf(o, "\n");
	}
	buf_release(&before);
}

static void
row_html(struct showing *s, const struct rowstate *row)
{
	struct out *o = s->v->out;
	struct buf before = BUF_INIT;

	out_printf(o, "<tr><td dir=\"auto\">");
	rows_html_text(o, row->row->raw, row->row->raw_len);
	out_printf(o, "</td><td dir=\"auto\">");
	if (row->before)
		before_text(&before, row->before);
	rows_html_text(o, buf_cstr(&before), before.len);
	out_printf(o, "</td></tr>\n");
	buf_release(&before);
}

static void
row_json(struct showing *s, const struct rowstate *row)
{
	struct json *j = s->json;

	json_object(j);
	json_key(j, "number");
	json_uint(j, row->row->number);
	json_key(j, "row");
	present_cells(j, row->row, row->shape);
	json_key(j, "before");
	if (row->before) {
		json_object(j);
		present_decision_members(j, row->before);
		json_end(j);
	} else {
		json_null(j);
	}
	json_end(j);
}

static err_t
show_row(void *arg, bool *done, const struct rowstate *row)
{
	struct showing *s = arg;

	(void)done;
	if (row->decision)
		return NULL;
	if (s->v->limit && s->shown == s->v->limit) {
		s->left_out++;
		return NULL;
	}
	s->shown++;
	if (s->json)
		row_json(s, row);
	else if (s->html)
		row_html(s, row);
	else
		row_text(s, row);
	return NULL;
}

/* ---- one table ---------------------------------------------------------- */

static void
add(struct buf *b, const char *before, uint64_t n, const char *word)
{
	char text[32];

	if (n)
		buf_printf(b, "%s%s %s", before, term_count(text, n), word);
}

/* "150 pending, 9,900 approved; 9,900 carried" */
static void
counts_text(struct buf *out, const struct rowstate_counts *c)
{
	char text[32];

	buf_printf(out, "%s pending", term_count(text, c->pending));
	add(out, ", ", c->approved, "approved");
	add(out, ", ", c->rejected, "rejected");
	add(out, ", ", c->modify, "to modify");
	add(out, "; ", c->carried, "carried");
	add(out, "; ", c->keyless, "without a key");
}

static void
counts_json(struct json *j, const struct rowstate_counts *c)
{
	const struct {
		const char *key;
		uint64_t n;
	} all[] = {
		{ "rows", c->rows },
		{ "pending", c->pending },
		{ "approved", c->approved },
		{ "rejected", c->rejected },
		{ "modify", c->modify },
		{ "carried", c->carried },
		{ "keyless", c->keyless },
	};

	for (size_t i = 0; i < ARRAY_LEN(all); i++) {
		json_key(j, all[i].key);
		json_uint(j, all[i].n);
	}
}

static void
begin_table(struct showing *s, const char *path,
    const struct rowstate_counts *c)
{
	struct out *o = s->v->out;
	struct buf counts = BUF_INIT;

	counts_text(&counts, c);
	if (s->html) {
		out_printf(o, "<section>\n<h2>Decisions: ");
		rows_html_text(o, path, strlen(path));
		out_printf(o, "</h2>\n<p>%s</p>\n", counts.p);
	} else {
		out_path(o, path);
		out_printf(o, ": decisions: %s\n", counts.p);
	}
	buf_release(&counts);
}

static err_t
list_rows(struct showing *s, const char *path, struct table_at *t,
    const struct decided *decided)
{
	struct rowstate_counts counts;
	struct out *o = s->v->out;
	char n[64];
	err_t err;

	s->shown = s->left_out = 0;
	if (s->html)
		out_printf(o, "<div class=\"scroll\">\n<table>\n<thead><tr>"
		    "<th>pending</th><th>decided before</th></tr></thead>\n"
		    "<tbody>\n");
	err = rowstate_run(&counts, t, decided, &s->node->id, path, show_row,
	    s);
	if (s->html)
		out_printf(o, "</tbody>\n</table>\n</div>\n");
	if (!err && s->left_out && !s->json)
		out_printf(o, s->html ? "<p>%s more</p>\n" :
		    "  (%s more)\n", term_counted(n, s->left_out, "row"));
	return err;
}

static err_t
show_table(void *arg, const char *path, struct table_at *t,
    const struct decided *decided)
{
	struct showing *s = arg;
	struct rowstate_counts counts;
	bool lists;
	err_t err;

	err = rowstate_run(&counts, t, decided, &s->node->id, path, NULL,
	    NULL);
	/* A column of the key is not there. */
	if (err)
		return err_is(err, ERR_REFUSED) ? NULL : err;
	lists = s->v->rows && counts.pending;
	if (!s->json) {
		begin_table(s, path, &counts);
		if (lists)
			err = list_rows(s, path, t, decided);
		if (s->html)
			out_printf(s->v->out, "</section>\n");
		return err;
	}
	json_object(s->json);
	json_key(s->json, "path");
	json_text(s->json, path);
	counts_json(s->json, &counts);
	if (s->v->rows) {
		json_key(s->json, "pending_rows");
		json_array(s->json);
		err = lists ? list_rows(s, path, t, decided) : NULL;
		json_end(s->json);
	}
	json_end(s->json);
	return err;
}

/* ---- all of them -------------------------------------------------------- */

static err_t
show(struct showing *s)
{
	return desk_tables(s->v->repo, s->node, s->v->rows, show_table, s);
}

err_t
review_rows_text(const struct review_rows *v, const struct commit_node *node)
{
	struct showing s = { .v = v, .node = node };

	return show(&s);
}

err_t
review_rows_html(const struct review_rows *v, const struct commit_node *node)
{
	struct showing s = { .v = v, .node = node, .html = true };

	return show(&s);
}

err_t
review_rows_json(struct json *j, const struct review_rows *v,
    const struct commit_node *node)
{
	struct showing s = { .v = v, .node = node, .json = j };
	err_t err;

	json_key(j, "decisions");
	json_array(j);
	err = show(&s);
	json_end(j);
	return err;
}
