#include "lib/table/delta.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/table/jsonl.h"

static const char *const op_names[] = {
	[DELTA_SCHEMA] = "schema", [DELTA_INSERT] = "insert",
	[DELTA_UPDATE] = "update", [DELTA_DELETE] = "delete",
};

const char *
delta_op_name(enum delta_op op)
{
	return op_names[op];
}

void
delta_line_release(struct delta_line *l)
{
	buf_release(&l->path);
	buf_release(&l->from);
	*l = (struct delta_line)DELTA_LINE_INIT;
}

/* ---- text ------------------------------------------------------------- */

void
delta_text_release(struct delta_text *t)
{
	shape_release(&t->shape);
	row_release(&t->row);
	buf_release(&t->text);
}

size_t
delta_bytes(char *p, size_t len)
{
	const unsigned char *u = (const unsigned char *)p;
	size_t to = 0;

	for (size_t i = 0; i < len; ) {
		/* U+DC80 to U+DCBF are ed b2 xx, U+DCC0 to U+DCFF ed b3 xx. */
		if (len - i >= 3 && u[i] == 0xed && (u[i + 1] == 0xb2 ||
		    u[i + 1] == 0xb3) && (u[i + 2] & 0xc0) == 0x80) {
			p[to++] = (char)(u[i + 1] == 0xb3 ? u[i + 2] | 0x40 :
			    u[i + 2]);
			i += 3;
		} else {
			p[to++] = p[i++];
		}
	}
	return to;
}

static void
decode(struct delta_text *t, const char *p, size_t len)
{
	t->shape.dialect.format = TABLE_JSONL;
	t->shape.dialect.encoding = TABLE_UTF8;
	row_decode(&t->row, &t->shape, p, len);
}

/* The text of a cell that row_decode gave, at the end of t->text. */
static struct cell
own(struct delta_text *t, const struct cell *cell)
{
	size_t before = t->text.len;

	buf_add(&t->text, cell->p, cell->len);
	return (struct cell){ t->text.p + before,
	    delta_bytes(t->text.p + before, cell->len), cell->kind };
}

static bool
is_scalar(const struct cell *cell)
{
	return cell->kind >= CELL_TEXT && cell->kind <= CELL_NULL;
}

static bool
column_is(const struct delta_text *t, size_t column, const char *name)
{
	size_t len;
	const char *is = columns_name(&len, &t->shape.columns, column);

	return len == strlen(name) && memcmp(is, name, len) == 0;
}

bool
delta_scalar(struct cell *out, struct delta_text *t, const char *p,
    size_t len)
{
	const struct row *row = &t->row;

	decode(t, p, len);
	if (row->n_order != 1 || !column_is(t, row->order[0], "#value") ||
	    !is_scalar(&row->cells[row->order[0]]))
		return false;
	buf_clear(&t->text);
	buf_reserve(&t->text, 1);
	*out = own(t, &row->cells[row->order[0]]);
	return true;
}

bool
delta_items(struct delta_text *t, const struct delta_value *v,
    delta_item_fn *fn, void *arg)
{
	const struct row *row = &t->row;
	struct cell item;
	char name[24];

	if (!v->p)
		return true;
	if (*v->p != '[') {
		if (!delta_scalar(&item, t, v->p, v->len))
			return false;
		fn(arg, &item);
		return true;
	}
	decode(t, v->p, v->len);
	if (row->n_order == 1 && row->cells[row->order[0]].kind == CELL_ARRAY &&
	    column_is(t, row->order[0], "#value"))
		return true;
	for (size_t i = 0; i < row->n_order; i++) {
		snprintf(name, sizeof(name), "[%zu]", i);
		if (!column_is(t, row->order[i], name) ||
		    !is_scalar(&row->cells[row->order[i]]))
			return false;
	}
	for (size_t i = 0; i < row->n_order; i++) {
		buf_clear(&t->text);
		buf_reserve(&t->text, 1);
		item = own(t, &row->cells[row->order[i]]);
		fn(arg, &item);
	}
	return true;
}

/* ---- lines ------------------------------------------------------------ */

struct reading {
	struct delta_line *line;
	struct delta_text text;
	bool has_op, has_status;
	err_t err;
};

static bool
is(const char *name, size_t len, const char *want)
{
	return len == strlen(want) && memcmp(name, want, len) == 0;
}

static void
read_op(struct reading *r, const char *p, size_t len)
{
	struct cell cell;

	if (delta_scalar(&cell, &r->text, p, len))
		for (int op = DELTA_SCHEMA; op <= DELTA_DELETE; op++)
			if (is(cell.p, cell.len, op_names[op])) {
				r->line->op = op;
				r->has_op = true;
				return;
			}
	r->err = err_new(ERR_REFUSED, "its operation is %.*s, not insert, "
	    "update, delete or schema", (int)(len < 40 ? len : 40), p);
}

static void
read_path(struct buf *out, struct reading *r, const char *p, size_t len)
{
	struct cell cell;

	if (!delta_scalar(&cell, &r->text, p, len) ||
	    cell.kind != CELL_TEXT || !cell.len ||
	    memchr(cell.p, '\0', cell.len)) {
		r->err = err_new(ERR_REFUSED, "its path is no path");
		return;
	}
	buf_clear(out);
	buf_add(out, cell.p, cell.len);
}

static void
read_row(struct reading *r, const char *p, size_t len)
{
	uint64_t n = 0;

	for (size_t i = 0; i < len; i++) {
		if (p[i] < '0' || p[i] > '9' || n > UINT64_MAX / 10 - 1) {
			r->err = err_new(ERR_REFUSED, "its row is no number");
			return;
		}
		n = n * 10 + (uint64_t)(p[i] - '0');
	}
	r->line->row = n;
}

static struct delta_value *
value_named(struct delta_line *l, const char *name, size_t len)
{
	const struct named {
		const char *name;
		struct delta_value *value;
	} named[] = {
		{ "record_id", &l->record_id }, { "payload", &l->payload },
		{ "before", &l->before }, { "unset", &l->unset },
		{ "columns", &l->columns }, { "added", &l->added },
		{ "removed", &l->removed }, { "renamed", &l->renamed },
		{ "dialect", &l->dialect },
	};

	for (size_t i = 0; i < ARRAY_LEN(named); i++)
		if (is(name, len, named[i].name))
			return named[i].value;
	return NULL;
}

static void
read_member(void *arg, const char *name, size_t name_len, const char *value,
    size_t len)
{
	struct reading *r = arg;
	struct delta_value *to;

	if (r->err)
		return;
	if (is(name, name_len, "operation")) {
		read_op(r, value, len);
	} else if (is(name, name_len, "path")) {
		read_path(&r->line->path, r, value, len);
		r->line->has_path = true;
	} else if (is(name, name_len, "from")) {
		read_path(&r->line->from, r, value, len);
	} else if (is(name, name_len, "status")) {
		r->line->goes = is(value, len, "\"deleted\"");
		r->has_status = true;
	} else if (is(name, name_len, "row")) {
		read_row(r, value, len);
	} else if ((to = value_named(r->line, name, name_len)) != NULL) {
		*to = (struct delta_value){ value, len };
	} else {
		r->err = err_new(ERR_REFUSED, "it has a member \"%.*s\", "
		    "which means nothing", (int)(name_len < 80 ? name_len :
		    80), name);
	}
}

static bool
is_object(const struct delta_value *v)
{
	return v->p && *v->p == '{';
}

/* Has it what its operation needs, and in the right form? */
static err_t
check(const struct delta_line *l, bool has_status)
{
	if (l->payload.p && !is_object(&l->payload))
		return err_new(ERR_REFUSED, "its payload is no object");
	if (l->before.p && !is_object(&l->before))
		return err_new(ERR_REFUSED, "its before is no object");
	if (l->op == DELTA_INSERT && !l->payload.p)
		return err_new(ERR_REFUSED, "it inserts nothing: there is no "
		    "payload");
	if (l->op == DELTA_UPDATE && !l->payload.p && !l->unset.p)
		return err_new(ERR_REFUSED, "it changes nothing: there is no "
		    "payload");
	if (l->op == DELTA_SCHEMA && !l->columns.p && !has_status)
		return err_new(ERR_REFUSED, "it has neither columns nor "
		    "status");
	if ((l->op == DELTA_UPDATE || l->op == DELTA_DELETE) &&
	    !l->record_id.p && !l->before.p)
		return err_new(ERR_REFUSED, "it names no row: there is "
		    "neither record_id nor before");
	return NULL;
}

err_t
delta_parse(struct delta_line *out, const char *line, size_t len)
{
	struct delta_line l = DELTA_LINE_INIT;
	struct reading r = { .line = &l, .text = DELTA_TEXT_INIT };
	err_t err;

	if (!jsonl_members(line, len, read_member, &r))
		err = err_new(ERR_REFUSED, "it is no JSON object");
	else if (r.err)
		err = r.err;
	else if (!r.has_op)
		err = err_new(ERR_REFUSED, "it has no operation");
	else
		err = check(&l, r.has_status);
	delta_text_release(&r.text);
	if (err) {
		delta_line_release(&l);
		return err;
	}
	*out = l;
	return NULL;
}
