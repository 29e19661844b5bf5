/*
 * A line is walked once, depth first, with the path of the value in
 * shape->work.  Most lines of a file have the same leaves in the same order,
 * so the column that came at this place in the line before is tried first.
 */

#include "lib/table/jsonl.h"

#include <string.h>

#include "lib/base/mem.h"
#include "lib/table/row_int.h"

struct parser {
	const char *p, *end;
	struct row *row;
	struct shape *shape;
	unsigned depth;
	unsigned odd;		/* why it was given up */
};

static void
pass_blanks(struct parser *ps)
{
	while (ps->p < ps->end && (*ps->p == ' ' || *ps->p == '\t' ||
	    *ps->p == '\r' || *ps->p == '\n'))
		ps->p++;
}

static bool
pass(struct parser *ps, char c)
{
	pass_blanks(ps);
	if (ps->p == ps->end || *ps->p != c)
		return false;
	ps->p++;
	return true;
}

/* ---- strings ---------------------------------------------------------- */

/* Four hex digits at p, or -1. */
static long
hex4(const char *p, const char *end)
{
	long n = 0;

	if (end - p < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		char c = p[i];

		if (c >= '0' && c <= '9')
			n = n * 16 + (c - '0');
		else if ((c | 32) >= 'a' && (c | 32) <= 'f')
			n = n * 16 + ((c | 32) - 'a' + 10);
		else
			return -1;
	}
	return n;
}

static void
add_utf8(struct buf *out, long c)
{
	if (c < 0x80) {
		buf_char(out, (char)c);
	} else if (c < 0x800) {
		buf_char(out, (char)(0xc0 | c >> 6));
		buf_char(out, (char)(0x80 | (c & 0x3f)));
	} else if (c < 0x10000) {
		buf_char(out, (char)(0xe0 | c >> 12));
		buf_char(out, (char)(0x80 | (c >> 6 & 0x3f)));
		buf_char(out, (char)(0x80 | (c & 0x3f)));
	} else {
		buf_char(out, (char)(0xf0 | c >> 18));
		buf_char(out, (char)(0x80 | (c >> 12 & 0x3f)));
		buf_char(out, (char)(0x80 | (c >> 6 & 0x3f)));
		buf_char(out, (char)(0x80 | (c & 0x3f)));
	}
}

/* After "\u". */
static bool
unescape_unit(struct buf *out, struct parser *ps)
{
	long c = hex4(ps->p, ps->end);
	long low;

	if (c < 0)
		return false;
	ps->p += 4;
	if (c >= 0xd800 && c < 0xdc00 && ps->end - ps->p >= 6 &&
	    ps->p[0] == '\\' && ps->p[1] == 'u') {
		low = hex4(ps->p + 2, ps->end);
		if (low >= 0xdc00 && low < 0xe000) {
			c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
			ps->p += 6;
		}
	}
	add_utf8(out, c);
	return true;
}

/* After the backslash. */
static bool
unescape(struct buf *out, struct parser *ps)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *at;

	if (ps->p == ps->end)
		return false;
	if (*ps->p == 'u') {
		ps->p++;
		return unescape_unit(out, ps);
	}
	at = memchr(from, *ps->p++, sizeof(from) - 1);
	if (at)
		buf_char(out, to[at - from]);
	return at != NULL;
}

/* Bytes of a string that stand for themselves. */
static const char *
plain_end(const char *p, const char *end)
{
	while (p < end && *p != '"' && *p != '\\' && (unsigned char)*p >= 0x20)
		p++;
	return p;
}

static bool
is_latin1(const struct parser *ps)
{
	return ps->shape->dialect.encoding == TABLE_LATIN1;
}

/* Escapes are characters whatever the encoding of the bytes between them. */
static void
add_plain(struct buf *text, const struct parser *ps, const char *p,
    size_t len)
{
	struct cell plain = { p, len, CELL_TEXT };

	if (is_latin1(ps))
		row_latin1(&plain, text);
	if (plain.p == p)
		buf_add(text, p, len);
}

/* After the opening quote.  Borrowed from the line if nothing in it is
 * escaped, else from row->text, which has room. */
static bool
pass_string(struct cell *out, struct parser *ps)
{
	struct buf *text = &ps->row->text;
	const char *from = ps->p, *stop = plain_end(from, ps->end);
	size_t before = text->len;

	out->kind = CELL_TEXT;
	if (stop < ps->end && *stop == '"') {
		out->p = from;
		out->len = (size_t)(stop - from);
		ps->p = stop + 1;
		if (is_latin1(ps))
			row_latin1(out, text);
		return true;
	}
	for (;;) {
		add_plain(text, ps, from, (size_t)(stop - from));
		ps->p = stop + 1;
		if (stop == ps->end || (unsigned char)*stop < 0x20)
			return false;
		if (*stop == '"')
			break;
		if (!unescape(text, ps))
			return false;
		from = ps->p;
		stop = plain_end(from, ps->end);
	}
	out->p = text->p + before;
	out->len = text->len - before;
	return true;
}

/* ---- numbers and words ------------------------------------------------ */

static size_t
digits(const char *p, const char *end)
{
	const char *q = p;

	while (q < end && *q >= '0' && *q <= '9')
		q++;
	return (size_t)(q - p);
}

static bool
pass_number(struct cell *out, struct parser *ps)
{
	const char *p = ps->p, *end = ps->end;
	size_t n;

	if (p < end && *p == '-')
		p++;
	n = digits(p, end);
	if (!n || (n > 1 && *p == '0'))
		return false;
	p += n;
	if (p < end && *p == '.') {
		n = digits(++p, end);
		if (!n)
			return false;
		p += n;
	}
	if (p < end && (*p == 'e' || *p == 'E')) {
		p++;
		if (p < end && (*p == '-' || *p == '+'))
			p++;
		n = digits(p, end);
		if (!n)
			return false;
		p += n;
	}
	*out = (struct cell){ ps->p, (size_t)(p - ps->p), CELL_NUMBER };
	ps->p = p;
	return true;
}

static bool
pass_word(struct cell *out, struct parser *ps)
{
	static const struct word {
		const char *text;
		size_t len;
		enum cell_kind kind;
	} words[] = { { "true", 4, CELL_TRUE }, { "false", 5, CELL_FALSE },
	    { "null", 4, CELL_NULL } };

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if ((size_t)(ps->end - ps->p) >= words[i].len &&
		    !memcmp(ps->p, words[i].text, words[i].len)) {
			*out = (struct cell){ ps->p,
			    words[i].kind == CELL_NULL ? 0 : words[i].len,
			    words[i].kind };
			ps->p += words[i].len;
			return true;
		}
	}
	return false;
}

static bool
pass_leaf(struct cell *out, struct parser *ps)
{
	if (*ps->p == '"') {
		ps->p++;
		return pass_string(out, ps);
	}
	return *ps->p == '-' || (*ps->p >= '0' && *ps->p <= '9') ?
	    pass_number(out, ps) : pass_word(out, ps);
}

/* ---- cells ------------------------------------------------------------ */

/* The column at this place in the line before, if it is the one. */
static size_t
guess(const struct parser *ps, const char *name, size_t len)
{
	const struct row *row = ps->row;
	const char *there;
	size_t n;

	if (row->n_order >= row->order_before)
		return COLUMN_NONE;
	there = columns_name(&n, &ps->shape->columns,
	    row->order[row->n_order]);
	return n == len && !memcmp(there, name, len) ?
	    row->order[row->n_order] : COLUMN_NONE;
}

static bool
has_cell(const struct row *row, size_t column)
{
	return column < row->n && row->cells[column].kind != CELL_NONE;
}

/* A second cell of the same name in one line gets a column of its own, which
 * is added to the path.  False if there are too many of them. */
static bool
name_again(struct parser *ps, size_t *column)
{
	struct buf *path = &ps->shape->work;
	size_t len = path->len;

	ps->row->odd |= ROW_TWICE;
	for (unsigned k = 2; k <= ROW_TWICE_MAX; k++) {
		path->len = len;
		buf_printf(path, "#%u", k);
		*column = columns_find(&ps->shape->columns, path->p,
		    path->len);
		if (*column == COLUMN_NONE || !has_cell(ps->row, *column))
			return true;
	}
	return false;
}

static void
put_cell(struct row *row, size_t column, const struct cell *cell)
{
	row_room(row, column + 1);
	if (column >= row->n)
		row->n = column + 1;
	row->cells[column] = *cell;
	row->order = mem_room(row->order, row->n_order, &row->order_cap,
	    sizeof(*row->order));
	row->order[row->n_order++] = column;
}

static bool
too_much(struct parser *ps)
{
	ps->odd = ROW_HUGE;
	return false;
}

/* The value at the path is one cell. */
static bool
leaf(struct parser *ps, const struct cell *cell)
{
	struct columns *columns = &ps->shape->columns;
	struct buf *path = &ps->shape->work;
	size_t column;

	if (!path->len)
		buf_str(path, "#value");
	column = guess(ps, path->p, path->len);
	if (column == COLUMN_NONE)
		column = columns_find(columns, path->p, path->len);
	if (column != COLUMN_NONE && has_cell(ps->row, column) &&
	    !name_again(ps, &column))
		return too_much(ps);
	if (column == COLUMN_NONE) {
		if (columns->n >= COLUMNS_MAX)
			return too_much(ps);
		column = columns_add(columns, path->p, path->len);
	}
	put_cell(ps->row, column, cell);
	return true;
}

/* ---- values ----------------------------------------------------------- */

void
jsonl_path_key(struct buf *path, const char *key, size_t len)
{
	bool quote = len == 0;

	for (size_t i = 0; i < len && !quote; i++)
		quote = key[i] == '.' || key[i] == '[' || key[i] == ']' ||
		    key[i] == '"' || key[i] == '#';
	if (path->len)
		buf_char(path, '.');
	if (!quote) {
		buf_add(path, key, len);
		return;
	}
	buf_char(path, '"');
	for (size_t i = 0; i < len; i++) {
		if (key[i] == '"')
			buf_char(path, '"');
		buf_char(path, key[i]);
	}
	buf_char(path, '"');
}

static void
path_cut(struct parser *ps, size_t len)
{
	ps->shape->work.len = len;
	ps->shape->work.p[len] = '\0';
}

static bool value(struct parser *ps);

/* What is below the path, which is cut to what it was before. */
static bool
value_below(struct parser *ps, size_t before)
{
	if (ps->shape->work.len > ROW_PATH_MAX)
		return too_much(ps);
	if (!value(ps))
		return false;
	path_cut(ps, before);
	return true;
}

/* After the opening brace. */
static bool
object(struct parser *ps)
{
	size_t before = ps->shape->work.len;
	struct cell key;

	do {
		if (!pass(ps, '"') || !pass_string(&key, ps))
			return false;
		jsonl_path_key(&ps->shape->work, key.p, key.len);
		if (!pass(ps, ':') || !value_below(ps, before))
			return false;
	} while (pass(ps, ','));
	return pass(ps, '}');
}

static bool
array(struct parser *ps)
{
	size_t before = ps->shape->work.len;
	size_t i = 0;

	do {
		char index[24];

		snprintf(index, sizeof(index), "[%zu]", i++);
		buf_str(&ps->shape->work, index);
		if (!value_below(ps, before))
			return false;
	} while (pass(ps, ','));
	return pass(ps, ']');
}

static bool
container(struct parser *ps, bool is_object)
{
	struct cell empty = { is_object ? "{}" : "[]", 2,
	    is_object ? CELL_OBJECT : CELL_ARRAY };
	bool good;

	ps->p++;
	if (pass(ps, is_object ? '}' : ']'))
		return leaf(ps, &empty);
	if (++ps->depth > ROW_DEPTH_MAX)
		return too_much(ps);
	good = is_object ? object(ps) : array(ps);
	ps->depth--;
	return good;
}

static bool
value(struct parser *ps)
{
	struct cell cell;

	pass_blanks(ps);
	if (ps->p == ps->end)
		return false;
	if (*ps->p == '{' || *ps->p == '[')
		return container(ps, *ps->p == '{');
	return pass_leaf(&cell, ps) && leaf(ps, &cell);
}

/* ---- lines ------------------------------------------------------------ */

static void
clear_cells(struct row *row)
{
	for (size_t i = 0; i < row->n_order; i++)
		row->cells[row->order[i]] = (struct cell){ "", 0, CELL_NONE };
	row->n_order = 0;
	row->n = 0;
}

/* Columns that only this line would have had are taken back. */
static void
keep_line(struct parser *ps, size_t n_columns)
{
	struct row *row = ps->row;
	struct cell line = { row->raw, row->raw_len, CELL_TEXT };

	clear_cells(row);
	columns_cut(&ps->shape->columns, n_columns);
	buf_clear(&row->text);
	if (ps->shape->dialect.encoding == TABLE_LATIN1)
		row_latin1(&line, &row->text);
	put_cell(row, columns_add(&ps->shape->columns, "#line", 5), &line);
	row->odd |= ps->odd;
}

void
jsonl_decode(struct row *row, struct shape *shape)
{
	struct parser ps = { .p = row->raw, .end = row->raw + row->raw_len,
	    .row = row, .shape = shape, .odd = ROW_JSON };
	size_t n_columns = shape->columns.n;
	bool good;

	row->order_before = row->n_order;
	clear_cells(row);
	buf_clear(&shape->work);
	pass_blanks(&ps);
	if (ps.p == ps.end)
		ps.odd = ROW_EMPTY;
	good = row->raw_len <= ROW_LONGEST ? value(&ps) : too_much(&ps);
	if (good) {
		pass_blanks(&ps);
		good = ps.p == ps.end;
	}
	if (!good)
		keep_line(&ps, n_columns);
}

/* ---- members ---------------------------------------------------------- */

/* Pass over a value without looking for columns.  Depth is limited by the
 * same constant. */
static bool
skip_value(struct parser *ps)
{
	struct cell cell;
	char open, close;

	pass_blanks(ps);
	if (ps->p == ps->end)
		return false;
	if (*ps->p != '{' && *ps->p != '[')
		return pass_leaf(&cell, ps);
	open = *ps->p++;
	close = open == '{' ? '}' : ']';
	if (pass(ps, close))
		return true;
	if (++ps->depth > ROW_DEPTH_MAX)
		return false;
	do {
		if (open == '{' && (!pass(ps, '"') ||
		    !pass_string(&cell, ps) || !pass(ps, ':')))
			return false;
		if (!skip_value(ps))
			return false;
	} while (pass(ps, ','));
	ps->depth--;
	return pass(ps, close);
}

static bool
each_member(struct parser *ps, jsonl_member_fn *fn, void *arg)
{
	if (!pass(ps, '{'))
		return false;
	if (pass(ps, '}'))
		return true;
	do {
		struct cell name;
		const char *from;

		if (!pass(ps, '"') || !pass_string(&name, ps) ||
		    !pass(ps, ':'))
			return false;
		pass_blanks(ps);
		from = ps->p;
		if (!skip_value(ps))
			return false;
		if (fn)
			fn(arg, name.p, name.len, from,
			    (size_t)(ps->p - from));
	} while (pass(ps, ','));
	return pass(ps, '}');
}

bool
jsonl_members(const char *line, size_t len, jsonl_member_fn *fn, void *arg)
{
	struct shape shape = SHAPE_INIT;
	struct row row = ROW_INIT;
	struct parser ps = { .p = line, .end = line + len, .row = &row,
	    .shape = &shape };
	bool good;

	/* All of it first, so that fn is not called for half a line. */
	buf_reserve(&row.text, ROW_TEXT_ROOM(len));
	good = each_member(&ps, NULL, NULL);
	pass_blanks(&ps);
	good = good && ps.p == ps.end;
	if (good) {
		buf_clear(&row.text);
		ps.p = line;
		ps.depth = 0;
		good = each_member(&ps, fn, arg);
	}
	row_release(&row);
	return good;
}
