/*
 * Forms to be read elsewhere: md, and html, which is one page that needs
 * nothing else.  All that comes from data is escaped twice: as for a terminal
 * (control characters, those that turn the direction of text), and then as
 * the form wants it.
 */

#include <string.h>

#include "cmd/out.h"
#include "cmd/rows.h"
#include "lib/base/text.h"

#define CELL_BYTES ((size_t)4096)	/* of a cell that are shown */

/* Clean text; a cell that is very long is cut. */
static void
clean_text(struct buf *out, const char *p, size_t len)
{
	size_t shown = len > CELL_BYTES ? CELL_BYTES : len;

	while (shown < len && shown > 0 && (p[shown] & 0xc0) == 0x80)
		shown--;
	text_escape(out, p, shown);
	if (shown < len)
		buf_printf(out, " … (%zu bytes)", len);
}

/* ---- md ---------------------------------------------------------------- */

static void
md_text(struct buf *out, const char *p, size_t len)
{
	struct buf clean = BUF_INIT;

	clean_text(&clean, p, len);
	for (size_t i = 0; i < clean.len; i++) {
		switch (clean.p[i]) {
		case '&':
			buf_str(out, "&amp;");
			break;
		case '<':
			buf_str(out, "&lt;");
			break;
		case '>':
			buf_str(out, "&gt;");
			break;
		case '|': case '\\': case '`': case '*': case '_': case '[':
		case ']': case '#': case '!': case '~': case '$':
			buf_char(out, '\\');
			buf_char(out, clean.p[i]);
			break;
		default:
			buf_char(out, clean.p[i]);
		}
	}
	buf_release(&clean);
}

static void
md_table(struct rows_view *r)
{
	struct buf text = BUF_INIT;

	buf_str(&text, r->files > 1 ? "\n### " : "### ");
	md_text(&text, r->table.path, strlen(r->table.path));
	buf_str(&text, "\n\n|  |");
	for (size_t i = 0; i < r->joint->n; i++) {
		const char *old, *name;
		size_t old_len, len;
		char mark = rows_column(&old, &old_len, &name, &len, r, i);

		if (!rows_shows(r, i))
			continue;
		buf_char(&text, ' ');
		if (mark == '~') {
			md_text(&text, old, old_len);
			buf_str(&text, " → ");
		} else if (mark) {
			buf_printf(&text, "\\%c ", mark);
		}
		md_text(&text, name, len);
		buf_str(&text, " |");
	}
	buf_str(&text, "\n|---|");
	for (size_t i = 0; i < r->joint->n; i++)
		if (rows_shows(r, i))
			buf_str(&text, "---|");
	buf_char(&text, '\n');
	out_raw(r->out, text.p, text.len);
	buf_release(&text);
}

static void
md_row(struct rows_view *r, const struct row_change *c)
{
	struct buf line = BUF_INIT;
	size_t next = 0;

	buf_str(&line, c->op == ROW_INSERT ? "| \\+ |" : c->op == ROW_DELETE ?
	    "| \\- |" : "| \\~ |");
	for (size_t i = 0; i < c->joint->n; i++) {
		struct cell a = row_change_from(c, i);
		struct cell b = row_change_to(c, i);
		bool changed = next < c->n_changed && c->changed[next] == i;

		next += changed;
		if (!rows_shows(r, i))
			continue;
		buf_char(&line, ' ');
		if (changed) {
			md_text(&line, a.p, a.len);
			buf_str(&line, " → ");
			buf_str(&line, "**");
		}
		if (changed || c->to)
			md_text(&line, b.p, b.len);
		else
			md_text(&line, a.p, a.len);
		buf_str(&line, changed ? "** |" : " |");
	}
	buf_char(&line, '\n');
	out_raw(r->out, line.p, line.len);
	buf_release(&line);
}

static void
md_end(struct rows_view *r, const struct rowdiff_report *report)
{
	struct buf line = BUF_INIT;

	rows_footer(&line, r, report);
	out_printf(r->out, "\n%s\n", line.p);
	buf_release(&line);
}

static void
md_other(struct rows_view *r, const struct diff_change *c, const char *why)
{
	struct buf text = BUF_INIT;

	buf_str(&text, r->files > 1 ? "\n### " : "### ");
	md_text(&text, c->path, strlen(c->path));
	buf_printf(&text, "\n\n%s; it %s\n", diff_word(c->kind),
	    why ? why : "is no table");
	out_raw(r->out, text.p, text.len);
	buf_release(&text);
}

const struct rows_form rows_md = {
	.name = "md", .names_first = true, .table = md_table, .row = md_row,
	.table_end = md_end, .other = md_other,
};

/* ---- html -------------------------------------------------------------- */

static void
html_text(struct buf *out, const char *p, size_t len)
{
	struct buf clean = BUF_INIT;

	clean_text(&clean, p, len);
	for (size_t i = 0; i < clean.len; i++) {
		switch (clean.p[i]) {
		case '&':
			buf_str(out, "&amp;");
			break;
		case '<':
			buf_str(out, "&lt;");
			break;
		case '>':
			buf_str(out, "&gt;");
			break;
		case '"':
			buf_str(out, "&quot;");
			break;
		case '\'':
			buf_str(out, "&#39;");
			break;
		default:
			buf_char(out, clean.p[i]);
		}
	}
	buf_release(&clean);
}

void
rows_html_text(struct out *o, const char *p, size_t len)
{
	struct buf text = BUF_INIT;

	html_text(&text, p, len);
	out_raw(o, buf_cstr(&text), text.len);
	buf_release(&text);
}

static const char head[] =
    "<!DOCTYPE html>\n"
    "<html lang=\"en\">\n"
    "<head>\n"
    "<meta charset=\"utf-8\">\n"
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src "
    "'none'; style-src 'unsafe-inline'\">\n"
    "<meta name=\"viewport\" content=\"width=device-width\">\n"
    "<title>";
static const char head_style[] =
    "</title>\n"
    "<style>\n"
    ":root { color-scheme: light dark; --line: #d0d7de; --soft: #f6f8fa;\n"
    "  --text: #1f2328; --back: #fff; --dim: #59636e; --add: #dafbe1;\n"
    "  --del: #ffebe9; --upd: #fff8c5; --addt: #116329; --delt: #a40e26; }\n"
    "@media (prefers-color-scheme: dark) { :root { --line: #3d444d;\n"
    "  --soft: #151b23; --text: #f0f6fc; --back: #0d1117; --dim: #9198a1;\n"
    "  --add: #12261e; --del: #25171c; --upd: #272115; --addt: #7ee787;\n"
    "  --delt: #ffa198; } }\n"
    "body { font: 15px/1.5 system-ui, sans-serif; color: var(--text);\n"
    "  background: var(--back); margin: 2rem auto; max-width: 80rem;\n"
    "  padding: 0 1rem; }\n"
    "h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }\n"
    ".dim { color: var(--dim); }\n"
    ".scroll { overflow-x: auto; border: 1px solid var(--line);\n"
    "  border-radius: 6px; }\n"
    "table { border-collapse: collapse; width: 100%; }\n"
    "th, td { padding: .25rem .6rem; text-align: start; vertical-align: top;\n"
    "  border-bottom: 1px solid var(--line); max-width: 28rem;\n"
    "  overflow-wrap: anywhere; white-space: pre-wrap; }\n"
    "thead th { background: var(--soft); }\n"
    "tbody tr:last-child td { border-bottom: 0; }\n"
    "td.mark, th.mark { width: 1rem; font-family: monospace; }\n"
    "tr.ins td { background: var(--add); }\n"
    "tr.del td { background: var(--del); }\n"
    "tr.upd td.cell { background: var(--upd); }\n"
    "del { color: var(--delt); } ins { color: var(--addt);\n"
    "  text-decoration: none; font-weight: 600; }\n"
    "@media print { body { margin: 0; max-width: none; font-size: 10px; }\n"
    "  .scroll { overflow: visible; border-radius: 0; }\n"
    "  thead { display: table-header-group; } tr { break-inside: avoid; }\n"
    "  tr td { print-color-adjust: exact; } }\n"
    "</style>\n"
    "</head>\n"
    "<body>\n";

static void
html_begin(struct rows_view *r)
{
	const char *heading = r->options->heading;
	struct buf text = BUF_INIT;

	if (!heading)
		heading = "Differences";
	out_raw(r->out, head, sizeof(head) - 1);
	out_printf(r->out, "%s", heading);
	out_raw(r->out, head_style, sizeof(head_style) - 1);
	out_printf(r->out, "<h1>%s</h1>\n", heading);
	if (r->options->title) {
		buf_str(&text, "<p class=\"dim\">");
		html_text(&text, r->options->title,
		    strlen(r->options->title));
		buf_str(&text, "</p>\n");
		out_raw(r->out, text.p, text.len);
	}
	buf_release(&text);
}

static void
html_table(struct rows_view *r)
{
	struct buf text = BUF_INIT;

	buf_str(&text, "<section>\n<h2>");
	html_text(&text, r->table.path, strlen(r->table.path));
	if (r->table.from) {
		buf_str(&text, " <span class=\"dim\">was ");
		html_text(&text, r->table.from, strlen(r->table.from));
		buf_str(&text, "</span>");
	}
	buf_str(&text, "</h2>\n<div class=\"scroll\">\n<table>\n<thead><tr>"
	    "<th class=\"mark\"></th>");
	for (size_t i = 0; i < r->joint->n; i++) {
		const char *old, *name;
		size_t old_len, len;
		char mark = rows_column(&old, &old_len, &name, &len, r, i);

		if (!rows_shows(r, i))
			continue;
		buf_str(&text, "<th dir=\"auto\">");
		if (mark == '~' || mark == '-') {
			buf_str(&text, "<del>");
			html_text(&text, old, old_len);
			buf_str(&text, mark == '~' ? "</del> " : "</del>");
		}
		if (mark != '-') {
			buf_str(&text, mark ? "<ins>" : "");
			html_text(&text, name, len);
			buf_str(&text, mark ? "</ins>" : "");
		}
		buf_str(&text, "</th>");
	}
	buf_str(&text, "</tr></thead>\n<tbody>\n");
	out_raw(r->out, text.p, text.len);
	buf_release(&text);
}

static void
html_cell(struct buf *out, struct cell a, struct cell b, bool changed)
{
	if (!changed) {
		buf_str(out, "<td dir=\"auto\">");
		html_text(out, b.p, b.len);
	} else {
		buf_str(out, "<td class=\"cell\" dir=\"auto\"><del>");
		html_text(out, a.p, a.len);
		buf_str(out, "</del> <ins>");
		html_text(out, b.p, b.len);
		buf_str(out, "</ins>");
	}
	buf_str(out, "</td>");
}

static void
html_row(struct rows_view *r, const struct row_change *c)
{
	struct buf line = BUF_INIT;
	size_t next = 0;

	buf_str(&line, c->op == ROW_INSERT ?
	    "<tr class=\"ins\"><td class=\"mark\">+</td>" :
	    c->op == ROW_DELETE ?
	    "<tr class=\"del\"><td class=\"mark\">−</td>" :
	    "<tr class=\"upd\"><td class=\"mark\">~</td>");
	for (size_t i = 0; i < c->joint->n; i++) {
		struct cell a = row_change_from(c, i);
		struct cell b = row_change_to(c, i);
		bool changed = next < c->n_changed && c->changed[next] == i;

		next += changed;
		if (rows_shows(r, i))
			html_cell(&line, a, c->to ? b : a, changed);
	}
	buf_str(&line, "</tr>\n");
	out_raw(r->out, line.p, line.len);
	buf_release(&line);
}

static void
html_table_end(struct rows_view *r, const struct rowdiff_report *report)
{
	struct buf line = BUF_INIT;

	rows_footer(&line, r, report);
	out_printf(r->out, "</tbody>\n</table>\n</div>\n<p>%s", line.p);
	if (r->left_out)
		out_printf(r->out, " <span class=\"dim\">(%ju not shown)"
		    "</span>", (uintmax_t)r->left_out);
	out_printf(r->out, "</p>\n</section>\n");
	buf_release(&line);
}

static void
html_other(struct rows_view *r, const struct diff_change *c, const char *why)
{
	struct buf text = BUF_INIT;

	buf_str(&text, "<section>\n<h2>");
	html_text(&text, c->path, strlen(c->path));
	buf_printf(&text, "</h2>\n<p>%s; it ", diff_word(c->kind));
	html_text(&text, why ? why : "is no table",
	    strlen(why ? why : "is no table"));
	buf_str(&text, "</p>\n</section>\n");
	out_raw(r->out, text.p, text.len);
	buf_release(&text);
}

static void
html_end(struct rows_view *r)
{
	if (!r->begun)
		out_printf(r->out, "<p>Nothing differs.</p>\n");
	out_printf(r->out, "</body>\n</html>\n");
}

const struct rows_form rows_html = {
	.name = "html", .names_first = true, .begin = html_begin,
	.table = html_table, .row = html_row, .table_end = html_table_end,
	.other = html_other, .end = html_end,
};
