/*
 * The form for people: a table of the rows that differ, as wide as the
 * terminal.  Rows are gathered, some hundred at a time, to find out how wide
 * columns are and which are worth showing: those of the key and those that
 * changed, then as many of the others as there is room for.
 */

#include <stdlib.h>
#include <string.h>

#include "cmd/out.h"
#include "cmd/rows.h"
#include "lib/base/mem.h"
#include "lib/base/term.h"
#include "lib/base/text.h"

#define BLOCK_CELLS 20000
#define BLOCK_ROWS 500
#define CELL_WIDTH 40		/* of each side of a change */
#define CELL_BYTES 4096		/* more of a cell is not looked at */
#define CONTEXT 8		/* characters before the first that differs */
#define GAP 2

struct tcell {
	char *text;		/* clean */
	size_t width, old;	/* old: bytes before the arrow, if changed */
	bool changed;
};

struct trow {
	enum row_op op;
	struct tcell *cells;	/* by joint column */
	size_t n;
};

struct block {
	struct trow *rows;
	size_t n, cap;
	size_t cells;
	size_t *widths;		/* by joint column; of all blocks so far */
	bool *shown;
	size_t columns;
	bool chosen;
};

/* ---- cells ------------------------------------------------------------- */

/* As much of the text as is worth showing, from offset at on. */
static void
add_clean(struct buf *out, struct cell c, size_t at)
{
	struct buf clean = BUF_INIT;
	size_t len = c.len - at, fit;
	bool more = len > CELL_BYTES;

	if (at)
		buf_str(out, "…");
	text_escape(&clean, c.p + at, more ? CELL_BYTES : len);
	if (!more && text_width(buf_cstr(&clean), clean.len) <= CELL_WIDTH) {
		buf_add(out, buf_cstr(&clean), clean.len);
	} else {
		fit = text_fit(buf_cstr(&clean), clean.len, CELL_WIDTH - 1);
		buf_add(out, clean.p, fit);
		buf_str(out, "…");
	}
	buf_release(&clean);
}

static void
add_value(struct buf *out, struct cell c, size_t at)
{
	if (c.kind == CELL_NONE)
		buf_str(out, "(none)");
	else if (c.kind == CELL_NULL)
		buf_str(out, "null");
	else if (!c.len)
		buf_str(out, "\"\"");
	else
		add_clean(out, c, at);
}

/* Where two long cells are worth showing from: a little before they differ,
 * at the beginning of a character. */
static size_t
first_difference(struct cell a, struct cell b)
{
	size_t least = a.len < b.len ? a.len : b.len, at = 0, back = 0;

	while (at < least && a.p[at] == b.p[at])
		at++;
	if (at <= CELL_WIDTH / 2 || (a.len <= CELL_WIDTH &&
	    b.len <= CELL_WIDTH))
		return 0;
	while (at > 0 && (back < CONTEXT || (a.p[at] & 0xc0) == 0x80)) {
		at--;
		back++;
	}
	return at;
}

static void
make_cell(struct tcell *out, const struct row_change *c, size_t i,
    bool changed)
{
	struct cell a = row_change_from(c, i), b = row_change_to(c, i);
	struct buf text = BUF_INIT;
	size_t at = changed ? first_difference(a, b) : 0;

	*out = (struct tcell){ .changed = changed };
	if (changed) {
		add_value(&text, a, at);
		out->old = text.len;
		buf_str(&text, " → ");
		add_value(&text, b, at);
		/* Only the kind differs: "1" and 1. */
		if (a.len == b.len && a.kind != b.kind && a.kind && b.kind &&
		    a.kind != CELL_NULL && b.kind != CELL_NULL &&
		    !memcmp(a.p, b.p, a.len))
			buf_str(&text, a.kind == CELL_TEXT ?
			    " (was text)" : " (now text)");
	} else {
		add_clean(&text, c->to ? b : a, 0);
	}
	out->width = text_width(buf_cstr(&text), text.len);
	out->text = buf_detach(&text);
}

/* ---- blocks ------------------------------------------------------------ */

static void
block_clear(struct block *b)
{
	for (size_t i = 0; i < b->n; i++) {
		for (size_t k = 0; k < b->rows[i].n; k++)
			free(b->rows[i].cells[k].text);
		free(b->rows[i].cells);
	}
	b->n = b->cells = 0;
}

/* Columns that the rows of this block have brought. */
static void
block_room(struct block *b, const struct rows_view *r)
{
	size_t n = r->joint->n;

	if (n <= b->columns)
		return;
	b->widths = mem_realloc(b->widths, n, sizeof(*b->widths));
	b->shown = mem_realloc(b->shown, n, sizeof(*b->shown));
	for (size_t i = b->columns; i < n; i++) {
		b->widths[i] = 0;
		b->shown[i] = false;
	}
	b->columns = n;
}

static void
add_name(struct buf *out, const struct rows_view *r, size_t i)
{
	const char *old, *name;
	size_t old_len, len;

	rows_column(&old, &old_len, &name, &len, r, i);
	add_clean(out, (struct cell){ name, len, CELL_TEXT }, 0);
}

static void
measure(struct block *b, const struct rows_view *r)
{
	for (size_t i = 0; i < b->columns; i++) {
		struct buf name = BUF_INIT;
		size_t width;

		if (!rows_shows(r, i))
			continue;
		add_name(&name, r, i);
		width = text_width(buf_cstr(&name), name.len);
		b->widths[i] = width > b->widths[i] ? width : b->widths[i];
		buf_release(&name);
	}
	for (size_t i = 0; i < b->n; i++)
		for (size_t k = 0; k < b->rows[i].n; k++)
			if (b->rows[i].cells[k].width > b->widths[k])
				b->widths[k] = b->rows[i].cells[k].width;
}

static bool
must_show(const struct block *b, const struct rows_view *r, size_t column)
{
	if (r->joint->v[column].key)
		return true;
	for (size_t i = 0; i < b->n; i++)
		if (column < b->rows[i].n && b->rows[i].cells[column].changed)
			return true;
	return false;
}

/* True if more columns are shown than before. */
static bool
choose(struct block *b, const struct rows_view *r)
{
	size_t room = term_width(), used = GAP;
	bool more = !b->chosen, full = false;

	for (size_t i = 0; i < b->columns; i++) {
		if (!b->shown[i] && rows_shows(r, i) && must_show(b, r, i))
			b->shown[i] = more = true;
		used += b->shown[i] ? b->widths[i] + GAP : 0;
	}
	/* In order, so that what is left out is at the end. */
	for (size_t i = 0; more && !full && i < b->columns; i++) {
		if (b->shown[i] || !rows_shows(r, i))
			continue;
		used += b->widths[i] + GAP;
		full = used > room + GAP;
		b->shown[i] = !full;
	}
	b->chosen = true;
	return more;
}

static size_t
last_shown(const struct block *b)
{
	size_t last = 0;

	for (size_t i = 0; i < b->columns; i++)
		last = b->shown[i] ? i : last;
	return last;
}

static void
pad(struct rows_view *r, const struct block *b, size_t column, size_t width)
{
	if (column != last_shown(b))
		out_printf(r->out, "%*s", (int)(b->widths[column] - width +
		    GAP), "");
}

static void
print_header(struct rows_view *r, const struct block *b)
{
	size_t hidden = 0;

	out_printf(r->out, "%s", r->below);
	out_style(r->out, OUT_BOLD);
	out_printf(r->out, "  ");
	for (size_t i = 0; i < b->columns; i++) {
		struct buf name = BUF_INIT;

		hidden += !b->shown[i] && rows_shows(r, i);
		if (!b->shown[i])
			continue;
		add_name(&name, r, i);
		out_printf(r->out, "%s", buf_cstr(&name));
		pad(r, b, i, text_width(buf_cstr(&name), name.len));
		buf_release(&name);
	}
	out_reset(r->out);
	if (hidden)
		out_printf(r->out, "  (+%zu column%s)", hidden,
		    hidden == 1 ? "" : "s");
	out_printf(r->out, "\n");
}

static void
print_cell(struct rows_view *r, enum row_op op, const struct tcell *c)
{
	struct out *o = r->out;

	if (c->changed) {
		out_style(o, OUT_RED);
		out_printf(o, "%.*s", (int)c->old, c->text);
		out_reset(o);
		out_printf(o, " → ");
		out_style(o, OUT_GREEN);
		out_printf(o, "%s", c->text + c->old + strlen(" → "));
		out_reset(o);
		return;
	}
	out_style(o, op == ROW_INSERT ? OUT_GREEN : op == ROW_DELETE ?
	    OUT_RED : OUT_PLAIN);
	out_printf(o, "%s", c->text);
	out_reset(o);
}

static void
print_row(struct rows_view *r, const struct block *b, const struct trow *row)
{
	static const struct tcell none = { .text = (char *)"" };
	const char *mark = row->op == ROW_INSERT ? "+ " :
	    row->op == ROW_DELETE ? "- " : "~ ";
	size_t last = 0;

	for (size_t i = 0; i < row->n; i++)
		if (b->shown[i] && row->cells[i].width)
			last = i;
	out_printf(r->out, "%s", r->below);
	out_style(r->out, row->op == ROW_INSERT ? OUT_GREEN :
	    row->op == ROW_DELETE ? OUT_RED : OUT_YELLOW);
	out_printf(r->out, "%s", mark);
	out_reset(r->out);
	/* No blanks at the end of a line. */
	for (size_t i = 0; i <= last && i < b->columns; i++) {
		const struct tcell *c = i < row->n ? &row->cells[i] : &none;

		if (!b->shown[i])
			continue;
		print_cell(r, row->op, c);
		if (i != last)
			pad(r, b, i, c->width);
	}
	out_printf(r->out, "\n");
}

static void
block_print(struct rows_view *r)
{
	struct block *b = r->state;

	if (!b->n)
		return;
	block_room(b, r);
	measure(b, r);
	if (choose(b, r))
		print_header(r, b);
	for (size_t i = 0; i < b->n; i++)
		print_row(r, b, &b->rows[i]);
	block_clear(b);
}

/* ---- the form ---------------------------------------------------------- */

static void
table_begin(struct rows_view *r)
{
	r->state = mem_zalloc(sizeof(struct block));
}

static void
table_row(struct rows_view *r, const struct row_change *c)
{
	struct block *b = r->state;
	struct trow row = { .op = c->op, .n = c->joint->n };
	size_t next = 0;

	row.cells = mem_array(row.n + 1, sizeof(*row.cells));
	for (size_t i = 0; i < row.n; i++) {
		bool changed = next < c->n_changed && c->changed[next] == i;

		next += changed;
		/* A new column has no old cells to tell of. */
		if (!c->joint->open && c->joint->v[i].from == COLUMN_NONE &&
		    c->joint->v[i].to < c->joint->to.header)
			changed = false;
		make_cell(&row.cells[i], c, i, changed);
	}
	VEC_ROOM(b->rows, b->n, b->cap);
	b->rows[b->n++] = row;
	b->cells += row.n;
	if (b->n == BLOCK_ROWS || b->cells > BLOCK_CELLS)
		block_print(r);
}

static void
print_columns(struct rows_view *r)
{
	for (size_t i = 0; i < r->joint->n; i++) {
		const char *old, *name;
		size_t old_len, len;
		char mark = rows_column(&old, &old_len, &name, &len, r, i);

		if (!mark)
			continue;
		out_printf(r->out, "%scolumn: ", r->below);
		out_style(r->out, mark == '+' ? OUT_GREEN : mark == '-' ?
		    OUT_RED : OUT_YELLOW);
		if (mark != '~')
			out_printf(r->out, "%c ", mark);
		out_textn(r->out, old, old_len);
		if (mark == '~') {
			out_printf(r->out, " → ");
			out_textn(r->out, name, len);
		}
		out_reset(r->out);
		out_printf(r->out, "\n");
	}
}

static void
table_start(struct rows_view *r)
{
	table_begin(r);
	if (!strcmp(r->table.status, "modified") ||
	    !strcmp(r->table.status, "renamed"))
		print_columns(r);
}

static void
say_duplicates(struct rows_view *r, const struct rowdiff_report *report)
{
	const struct rowdiff_duplicate *d = &report->first[0];
	char n[64];

	if (!report->duplicates)
		return;
	out_printf(r->out, "%s%s more than once among these rows, the first "
	    "in rows %ju and %ju of the %s table\n", r->below,
	    term_counted(n, report->duplicates, "key"), (uintmax_t)d->first,
	    (uintmax_t)d->second, d->in_to ? "newer" : "older");
}

static void
table_finish(struct rows_view *r, const struct rowdiff_report *report)
{
	struct buf line = BUF_INIT;
	char n[64];

	block_print(r);
	if (r->left_out)
		out_printf(r->out, "%s(%s not shown)\n", r->below,
		    term_counted(n, r->left_out, "row"));
	say_duplicates(r, report);
	rows_footer(&line, r, report);
	out_printf(r->out, "%s%s\n", r->below, buf_cstr(&line));
	buf_release(&line);
}

static void
table_drop(struct rows_view *r)
{
	struct block *b = r->state;

	if (!b)
		return;
	block_clear(b);
	free(b->rows);
	free(b->widths);
	free(b->shown);
	free(b);
	r->state = NULL;
}

const struct rows_form rows_table = {
	.name = "table", .table = table_start, .row = table_row,
	.table_end = table_finish, .release = table_drop,
};
