#include "cmd/present_row.h"

#include <string.h>

#include "cmd/out.h"

static const char *const words[] = { [ROW_INSERT] = "inserted",
	[ROW_UPDATE] = "updated", [ROW_DELETE] = "deleted" };
static const enum out_style styles[] = { [ROW_INSERT] = OUT_GREEN,
	[ROW_UPDATE] = OUT_YELLOW, [ROW_DELETE] = OUT_RED };

struct lines {
	struct out *out;
	enum row_op op;
	bool is_short, any;
};

static void
text(struct out *o, const struct cell *cell)
{
	if (cell->len)
		out_textn(o, cell->p, cell->len);
	else
		out_printf(o, cell->kind == CELL_NONE ? "(none)" : "\"\"");
}

static void
cell(void *arg, const char *name, size_t len, const struct cell *from,
    const struct cell *to)
{
	static const char marks[] = { [ROW_INSERT] = '+', [ROW_UPDATE] = '~',
	    [ROW_DELETE] = '-' };
	struct lines *l = arg;
	struct out *o = l->out;

	if (l->is_short) {
		out_printf(o, "%s", l->any ? ", " : " ");
	} else {
		out_style(o, styles[l->op]);
		out_printf(o, "%c ", marks[l->op]);
	}
	l->any = true;
	out_textn(o, name, len);
	out_printf(o, ": ");
	if (l->op != ROW_INSERT)
		text(o, from);
	if (l->op == ROW_UPDATE)
		out_printf(o, " → ");
	if (l->op != ROW_DELETE)
		text(o, to);
	if (!l->is_short) {
		out_reset(o);
		out_printf(o, "\n");
	}
}

/* All cells of a row that went: rowlog_cells says those of a newer one. */
static void
cells(struct lines *l, const struct rowlog_change *c)
{
	const struct rowkey_row *row = &c->from;
	struct cell none = { "", 0, CELL_NONE };

	if (c->op != ROW_DELETE) {
		rowlog_cells(c, cell, l);
		return;
	}
	for (size_t i = 0; i < row->shape.columns.n; i++) {
		size_t len;
		const char *name = columns_name(&len, &row->shape.columns, i);
		struct cell from = row_cell(&row->row, i);

		if (from.len)
			cell(l, name, len, &from, &none);
	}
}

void
present_row_change(struct out *o, const struct rowkey *key,
    const struct rowlog_change *c)
{
	struct lines l = { o, c->op, false, false };

	out_printf(o, "%s ", words[c->op]);
	out_path(o, key->path);
	out_printf(o, " ");
	out_textn(o, buf_cstr(&key->text), key->text.len);
	out_printf(o, "\n");
	cells(&l, c);
}

void
present_row_short(struct out *o, const struct rowlog_change *c)
{
	struct lines l = { o, c->op, true, false };

	out_printf(o, "%s", words[c->op]);
	cells(&l, c);
}

/* ---- JSON -------------------------------------------------------------- */

void
present_cells(struct json *j, const struct row *row,
    const struct shape *shape)
{
	json_object(j);
	for (size_t i = 0; i < shape->columns.n; i++) {
		size_t len;
		const char *name = columns_name(&len, &shape->columns, i);
		struct cell cell = row_cell(row, i);

		if (cell.kind == CELL_NONE)
			continue;
		json_keyn(j, name, len);
		if (cell.kind == CELL_NULL)
			json_null(j);
		else
			json_textn(j, cell.p, cell.len);
	}
	json_end(j);
}

void
present_row_cells(struct json *j, const struct rowkey_row *row)
{
	present_cells(j, &row->row, &row->shape);
}

void
present_row_members(struct json *j, const struct rowlog_change *c)
{
	static const char *const operations[] = { [ROW_INSERT] = "insert",
	    [ROW_UPDATE] = "update", [ROW_DELETE] = "delete" };

	json_object(j);
	json_key(j, "operation");
	json_text(j, operations[c->op]);
	json_key(j, "from");
	if (c->op == ROW_INSERT)
		json_null(j);
	else
		present_row_cells(j, &c->from);
	json_key(j, "to");
	if (c->op == ROW_DELETE)
		json_null(j);
	else
		present_row_cells(j, &c->to);
	json_end(j);
}
