/*
 * Forms for programs and for spreadsheets: jsonl, csv, daff, sql.
 */

#include <string.h>

#include "cmd/out.h"
#include "cmd/rows.h"
#include "lib/base/text.h"
#include "lib/table/value.h"

/* ---- jsonl: nothing is lost -------------------------------------------- */

static void
jsonl_table(struct rows_view *r)
{
	struct buf line = BUF_INIT;

	if (delta_write_has_schema(&r->table))
		delta_write_schema(&line, &r->table);
	out_raw(r->out, buf_cstr(&line), line.len);
	buf_release(&line);
}

static void
jsonl_row(struct rows_view *r, const struct row_change *c)
{
	struct buf line = BUF_INIT;

	delta_write_row(&line, &r->table, c);
	out_raw(r->out, line.p, line.len);
	buf_release(&line);
}

const struct rows_form rows_jsonl = {
	.name = "jsonl", .data = true, .table = jsonl_table, .row = jsonl_row,
};

/* ---- cells of a spreadsheet -------------------------------------------- */

/* What a spreadsheet would take for a formula. */
static bool
is_formula(const char *p, size_t len)
{
	return len && strchr("=+-@\t\r", *p) && !value_is_number(p, len);
}

/* Clean, and in quotes; one that would be a formula, by how it begins, is
 * made text. */
static void
sheet_quoted(struct buf *out, const char *p, size_t len, bool formula)
{
	struct buf clean = BUF_INIT;

	text_escape(&clean, p, len);
	buf_char(out, '"');
	if (formula)
		buf_char(out, '\'');
	for (size_t i = 0; i < clean.len; i++) {
		if (clean.p[i] == '"')
			buf_char(out, '"');
		buf_char(out, clean.p[i]);
	}
	buf_char(out, '"');
	buf_release(&clean);
}

static void
sheet_cell(struct buf *out, const char *p, size_t len)
{
	sheet_quoted(out, p, len, is_formula(p, len));
}

static void
sheet_end(struct rows_view *r, struct buf *line)
{
	buf_char(line, '\n');
	out_raw(r->out, line->p, line->len);
	buf_release(line);
}

/* ---- csv: a line for each cell that differs ---------------------------- */

static void
csv_begin_form(struct rows_view *r)
{
	out_printf(r->out, "path,operation,record,column,before,after\n");
}

static void
csv_record(struct buf *out, const struct rows_view *r,
    const struct row_change *c)
{
	const struct row *row = c->to ? c->to : c->from;
	struct buf id = BUF_INIT;

	if (!c->key)
		buf_printf(&id, "#%ju", (uintmax_t)row->number);
	for (size_t i = 0; c->key && i < r->table.key->n; i++) {
		const char *name = r->table.key->names[i];
		size_t at = joint_find(c->joint, name, strlen(name));
		struct cell cell = c->to ? row_change_to(c, at) :
		    row_change_from(c, at);

		if (i)
			buf_char(&id, ',');
		buf_add(&id, cell.p, cell.len);
	}
	sheet_cell(out, buf_cstr(&id), id.len);
	buf_release(&id);
}

static void
csv_cell(struct rows_view *r, const struct row_change *c, size_t i)
{
	static const char *const words[] = { [ROW_INSERT] = "insert",
	    [ROW_UPDATE] = "update", [ROW_DELETE] = "delete" };
	struct cell a = row_change_from(c, i), b = row_change_to(c, i);
	struct buf line = BUF_INIT;
	const char *name;
	size_t len;

	if (a.kind == CELL_NONE && b.kind == CELL_NONE)
		return;
	name = joint_name(&len, c->joint, i);
	sheet_cell(&line, r->table.path, strlen(r->table.path));
	buf_printf(&line, ",%s,", words[c->op]);
	csv_record(&line, r, c);
	buf_char(&line, ',');
	sheet_cell(&line, name, len);
	buf_char(&line, ',');
	if (a.kind != CELL_NONE)
		sheet_cell(&line, a.p, a.len);
	buf_char(&line, ',');
	if (b.kind != CELL_NONE)
		sheet_cell(&line, b.p, b.len);
	sheet_end(r, &line);
}

static void
csv_row(struct rows_view *r, const struct row_change *c)
{
	if (c->op == ROW_UPDATE) {
		for (size_t i = 0; i < c->n_changed; i++)
			csv_cell(r, c, c->changed[i]);
		return;
	}
	for (size_t i = 0; i < c->joint->n; i++)
		if (rows_shows(r, i))
			csv_cell(r, c, i);
}

const struct rows_form rows_csv = {
	.name = "csv", .data = true, .begin = csv_begin_form, .row = csv_row,
};

/* ---- daff: the tabular diff of Frictionless Data ----------------------- */

static void
daff_columns(struct rows_view *r)
{
	struct buf marks = BUF_INIT, names = BUF_INIT;
	bool any = false;

	buf_str(&marks, "!");
	buf_str(&names, "@@");
	for (size_t i = 0; i < r->joint->n; i++) {
		const char *old, *name;
		size_t old_len, len;
		char mark = rows_column(&old, &old_len, &name, &len, r, i);

		if (!rows_shows(r, i))
			continue;
		any |= mark != 0;
		buf_char(&marks, ',');
		if (mark == '~') {
			struct buf was = BUF_INIT;

			buf_printf(&was, "(%.*s)", (int)old_len, old);
			sheet_cell(&marks, was.p, was.len);
			buf_release(&was);
		} else if (mark) {
			buf_str(&marks, mark == '+' ? "+++" : "---");
		}
		buf_char(&names, ',');
		sheet_cell(&names, name, len);
	}
	if (any)
		sheet_end(r, &marks);
	sheet_end(r, &names);
	buf_release(&marks);
}

/* The shortest arrow that is in no cell of the row. */
static void
daff_arrow(struct buf *out, const struct row_change *c)
{
	size_t longest = 0;

	for (size_t i = 0; i < c->joint->n; i++) {
		struct cell sides[] = { row_change_from(c, i),
		    row_change_to(c, i) };

		for (size_t s = 0; s < 2; s++) {
			size_t dashes = 0;

			for (size_t k = 0; k < sides[s].len; k++) {
				char ch = sides[s].p[k];

				if (ch == '>' && dashes > longest)
					longest = dashes;
				dashes = ch == '-' ? dashes + 1 : 0;
			}
		}
	}
	for (size_t i = 0; i <= longest; i++)
		buf_char(out, '-');
	buf_char(out, '>');
}

static void
daff_row(struct rows_view *r, const struct row_change *c)
{
	struct buf line = BUF_INIT, arrow = BUF_INIT, both = BUF_INIT;
	size_t next = 0;

	daff_arrow(&arrow, c);
	buf_str(&line, c->op == ROW_INSERT ? "+++" : c->op == ROW_DELETE ?
	    "---" : buf_cstr(&arrow));
	for (size_t i = 0; i < c->joint->n; i++) {
		struct cell a = row_change_from(c, i);
		struct cell b = row_change_to(c, i);
		bool changed = next < c->n_changed && c->changed[next] == i;

		next += changed;
		if (!rows_shows(r, i))
			continue;
		buf_char(&line, ',');
		buf_clear(&both);
		if (changed) {
			buf_add(&both, a.p, a.len);
			buf_add(&both, arrow.p, arrow.len);
		} else if (!c->to) {
			b = a;
		}
		buf_add(&both, b.p, b.len);
		/* An arrow alone begins no formula. */
		sheet_quoted(&line, buf_cstr(&both), both.len, changed ?
		    is_formula(a.p, a.len) : is_formula(b.p, b.len));
	}
	sheet_end(r, &line);
	buf_release(&arrow);
	buf_release(&both);
}

const struct rows_form rows_daff = {
	.name = "daff", .data = true, .one_table = true,
	.names_first = true,
	.table = daff_columns, .row = daff_row,
};

/* ---- sql --------------------------------------------------------------- */

static void
sql_begin(struct rows_view *r)
{
	out_printf(r->out, "begin;\n");
}

static void
sql_end(struct rows_view *r)
{
	out_printf(r->out, "commit;\n");
}

static void
sql_quoted(struct buf *out, const char *p, size_t len, char quote)
{
	buf_char(out, quote);
	for (size_t i = 0; i < len; i++) {
		if (p[i] == quote)
			buf_char(out, quote);
		buf_char(out, p[i]);
	}
	buf_char(out, quote);
}

/* Bytes that may not go to a terminal, but for newlines and tabs, are written
 * in hexadecimal. */
static bool
is_clean(const char *p, size_t len)
{
	struct buf clean = BUF_INIT;
	size_t blanks = 0;
	bool same;

	for (size_t i = 0; i < len; i++)
		blanks += p[i] == '\n' || p[i] == '\t';
	text_escape(&clean, p, len);
	same = clean.len == len + blanks;
	buf_release(&clean);
	return same;
}

static void
sql_value(struct buf *out, struct cell c)
{
	if (c.kind == CELL_NONE || c.kind == CELL_NULL) {
		buf_str(out, "null");
	} else if (is_clean(c.p, c.len)) {
		sql_quoted(out, c.p, c.len, '\'');
	} else {
		buf_str(out, "cast(x'");
		for (size_t i = 0; i < c.len; i++)
			buf_printf(out, "%02X", (unsigned char)c.p[i]);
		buf_str(out, "' as text)");
	}
}

static void
sql_name(struct buf *out, const char *p, size_t len)
{
	struct buf clean = BUF_INIT;

	text_escape(&clean, p, len);
	sql_quoted(out, buf_cstr(&clean), clean.len, '"');
	buf_release(&clean);
}

static void
sql_column(struct buf *out, const struct rows_view *r, size_t i)
{
	size_t len;
	const char *p = joint_name(&len, r->joint, i);

	sql_name(out, p, len);
}

/* The file's name without its directory and extension. */
static void
sql_table_name(struct buf *out, const struct rows_view *r)
{
	const char *slash = strrchr(r->table.path, '/');
	const char *p = slash ? slash + 1 : r->table.path;
	const char *dot = strrchr(p, '.');

	sql_name(out, p, dot && dot > p ? (size_t)(dot - p) : strlen(p));
}

static void
sql_say(struct rows_view *r, struct buf *line)
{
	buf_char(line, ';');
	sheet_end(r, line);
}

static void
sql_columns(struct rows_view *r)
{
	for (size_t i = 0; i < r->joint->n; i++) {
		struct buf line = BUF_INIT;
		const char *old, *name;
		size_t old_len, len;
		char mark = rows_column(&old, &old_len, &name, &len, r, i);

		if (!mark)
			continue;
		buf_str(&line, "alter table ");
		sql_table_name(&line, r);
		buf_str(&line, mark == '+' ? " add column " : mark == '-' ?
		    " drop column " : " rename column ");
		sql_name(&line, old, old_len);
		if (mark == '~') {
			buf_str(&line, " to ");
			sql_name(&line, name, len);
		} else if (mark == '+') {
			buf_str(&line, " text");
		}
		sql_say(r, &line);
	}
}

/* The row by its key, or by all of its cells.  Columns that only the newer
 * side has hold nothing yet. */
static void
sql_where(struct buf *out, const struct rows_view *r,
    const struct row_change *c)
{
	const char *before = " where ";

	for (size_t i = 0; i < c->joint->n; i++) {
		struct cell a = row_change_from(c, i);

		if (c->key ? !c->joint->v[i].key :
		    !c->joint->open && (c->joint->v[i].from ==
		    COLUMN_NONE || c->joint->v[i].to == COLUMN_NONE))
			continue;
		buf_str(out, before);
		before = " and ";
		sql_column(out, r, i);
		buf_str(out, a.kind == CELL_NONE || a.kind == CELL_NULL ?
		    " is " : " = ");
		sql_value(out, a);
	}
}

static void
sql_insert(struct buf *out, const struct rows_view *r,
    const struct row_change *c)
{
	const char *before = " (";

	buf_str(out, "insert into ");
	sql_table_name(out, r);
	for (size_t i = 0; i < c->joint->n; i++) {
		if (row_change_to(c, i).kind == CELL_NONE)
			continue;
		buf_str(out, before);
		sql_column(out, r, i);
		before = ", ";
	}
	before = ") values (";
	for (size_t i = 0; i < c->joint->n; i++) {
		if (row_change_to(c, i).kind == CELL_NONE)
			continue;
		buf_str(out, before);
		sql_value(out, row_change_to(c, i));
		before = ", ";
	}
	buf_char(out, ')');
}

static void
sql_row(struct rows_view *r, const struct row_change *c)
{
	struct buf line = BUF_INIT;
	const char *before = " set ";

	if (c->op == ROW_INSERT) {
		sql_insert(&line, r, c);
		sql_say(r, &line);
		return;
	}
	buf_str(&line, c->op == ROW_UPDATE ? "update " : "delete from ");
	sql_table_name(&line, r);
	for (size_t i = 0; i < c->n_changed; i++) {
		buf_str(&line, before);
		before = ", ";
		sql_column(&line, r, c->changed[i]);
		buf_str(&line, " = ");
		sql_value(&line, row_change_to(c, c->changed[i]));
	}
	sql_where(&line, r, c);
	sql_say(r, &line);
}

const struct rows_form rows_sql = {
	.name = "sql", .data = true, .begin = sql_begin,
	.table = sql_columns, .row = sql_row, .end = sql_end,
};
