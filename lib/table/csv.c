#include "lib/table/csv.h"

#include <string.h>

#include "lib/base/mem.h"
#include "lib/base/text.h"
#include "lib/table/row_int.h"

/* ---- raw cells -------------------------------------------------------- */

void
csv_begin(struct csv *out, const struct dialect *d, const char *raw,
    size_t len)
{
	*out = (struct csv){ raw, raw + len, d->delimiter, d->quote, true };
}

/* The byte after the quoted part that begins at p, or the end. */
static const char *
pass_quoted(const char *p, const char *end, char quote)
{
	for (p++; (p = memchr(p, quote, (size_t)(end - p))) != NULL; p += 2) {
		if (p + 1 == end || p[1] != quote)
			return p + 1;
	}
	return end;
}

bool
csv_next(const char **p, size_t *len, struct csv *c)
{
	const char *from = c->p, *stop = from;

	if (!c->more)
		return false;
	if (c->quote && from < c->end && *from == c->quote)
		stop = pass_quoted(from, c->end, c->quote);
	stop = memchr(stop, c->delimiter, (size_t)(c->end - stop));
	c->more = stop != NULL;
	if (!stop)
		stop = c->end;
	*p = from;
	*len = (size_t)(stop - from);
	c->p = stop + 1;
	return true;
}

/* ---- text ------------------------------------------------------------- */

/* Without the quotes, where they are; text has room. */
static unsigned
unquote(struct buf *text, const char *p, size_t len, char quote)
{
	const char *end = p + len;

	for (p++; p < end; p++) {
		const char *q = memchr(p, quote, (size_t)(end - p));

		buf_add(text, p, (size_t)((q ? q : end) - p));
		if (!q)
			return ROW_QUOTE;	/* never closed */
		if (q + 1 == end || q[1] != quote) {
			buf_add(text, q + 1, (size_t)(end - q - 1));
			return q + 1 == end ? 0 : ROW_QUOTE;
		}
		buf_char(text, quote);
		p = q + 1;
	}
	return ROW_QUOTE;
}

/* Most quoted cells have nothing in them that is doubled. */
static bool
is_plainly_quoted(const char *p, size_t len, char quote)
{
	return len >= 2 && p[len - 1] == quote &&
	    !memchr(p + 1, quote, len - 2);
}

/* The text is borrowed from p or at the end of text, which has room. */
static struct cell
cell_of(struct buf *text, unsigned *odd, const struct dialect *d,
    const char *p, size_t len)
{
	struct cell cell = { p, len, CELL_TEXT };

	if (d->quote && len && *p == d->quote) {
		if (is_plainly_quoted(p, len, d->quote)) {
			cell.p = p + 1;
			cell.len = len - 2;
		} else {
			size_t before = text->len;

			*odd |= unquote(text, p, len, d->quote);
			cell.p = text->p + before;
			cell.len = text->len - before;
		}
	} else if (d->quote && memchr(p, d->quote, len)) {
		*odd |= ROW_QUOTE;
	}
	if (d->encoding == TABLE_LATIN1)
		row_latin1(&cell, text);
	return cell;
}

unsigned
csv_text(struct buf *out, const struct dialect *d, const char *p, size_t len)
{
	size_t before = out->len;
	struct cell cell;
	unsigned odd = 0;

	buf_reserve(out, ROW_TEXT_ROOM(len));
	cell = cell_of(out, &odd, d, p, len);
	memmove(out->p + before, cell.p, cell.len);
	out->len = before + cell.len;
	out->p[out->len] = '\0';
	return odd;
}

/* UTF-8 to Latin-1. */
static bool
to_latin1(struct buf *out, const char *p, size_t len)
{
	for (size_t i = 0; i < len; ) {
		int32_t c;
		size_t n = text_next(&c, p + i, len - i);

		if (!n || c > 0xff)
			return false;
		buf_char(out, (char)c);
		i += n;
	}
	return true;
}

static void
write_quoted(struct buf *out, char quote, const char *p, size_t len)
{
	const char *end = p + len;

	buf_char(out, quote);
	for (const char *q; (q = memchr(p, quote, (size_t)(end - p)));
	    p = q + 1) {
		buf_add(out, p, (size_t)(q + 1 - p));
		buf_char(out, quote);
	}
	buf_add(out, p, (size_t)(end - p));
	buf_char(out, quote);
}

static bool
is_plain(const struct dialect *d, const char *p, size_t len)
{
	return !memchr(p, d->delimiter, len) && !memchr(p, '\n', len) &&
	    !(d->quote && ((len && p[len - 1] == '\r') ||
	    memchr(p, d->quote, len)));
}

bool
csv_write(struct buf *out, const struct dialect *d, const char *p, size_t len)
{
	struct buf latin1 = BUF_INIT;
	bool good = true;

	if (d->encoding == TABLE_LATIN1 && !row_is_ascii(p, len)) {
		good = to_latin1(&latin1, p, len);
		p = buf_cstr(&latin1);
		len = latin1.len;
	}
	if (good && is_plain(d, p, len))
		buf_add(out, p, len);
	else if (good && d->quote)
		write_quoted(out, d->quote, p, len);
	else
		good = false;
	buf_release(&latin1);
	return good;
}

/* ---- rows ------------------------------------------------------------- */

static void
add_cell(struct row *row, const struct dialect *d, const char *p, size_t len)
{
	if (row->n == row->cap)
		row_room(row, row->n + 1);
	row->cells[row->n++] = cell_of(&row->text, &row->odd, d, p, len);
}

/* No quote in the row: its delimiters are all that matters. */
static void
split_plain(struct row *row, const struct dialect *d, size_t max)
{
	struct find find;
	size_t start = 0, at;

	find_begin(&find, row->raw, row->raw_len, d->delimiter, '\0', false);
	do {
		at = row->n + 1 == max ? row->raw_len : find_next(&find);
		if (row->n == row->cap)
			row_room(row, row->n + 1);
		row->cells[row->n++] = (struct cell){ row->raw + start,
		    at - start, CELL_TEXT };
		start = at + 1;
	} while (at < row->raw_len);
}

static void
split_quoted(struct row *row, const struct dialect *d, size_t max)
{
	const char *end = row->raw + row->raw_len;
	struct csv c;
	const char *p;
	size_t len;

	csv_begin(&c, d, row->raw, row->raw_len);
	while (csv_next(&p, &len, &c)) {
		if (row->n + 1 == max && c.more) {
			len = (size_t)(end - p);
			c.more = false;
		}
		add_cell(row, d, p, len);
	}
}

void
shape_extend(struct shape *shape, size_t n)
{
	const struct columns *taken = shape->taken ? shape->taken :
	    &shape->columns;
	char name[48];

	while (shape->columns.n < n) {
		size_t place = shape->columns.n + 1;

		snprintf(name, sizeof(name), "#%zu", place);
		for (size_t k = 2; columns_find(taken, name, strlen(name)) !=
		    COLUMN_NONE; k++)
			snprintf(name, sizeof(name), "#%zu#%zu", place, k);
		columns_add(&shape->columns, name, strlen(name));
	}
}

void
csv_decode(struct row *row, struct shape *shape)
{
	const struct dialect *d = &shape->dialect;
	size_t max = shape->header + ROW_EXTRA_MAX;

	row->n = 0;
	if (row->raw_len > ROW_LONGEST) {
		row_room(row, 1);
		row->cells[row->n++] = (struct cell){ row->raw, row->raw_len,
		    CELL_TEXT };
		row->odd |= ROW_HUGE;
		return;
	}
	if (d->encoding != TABLE_LATIN1 &&
	    !(d->quote && memchr(row->raw, d->quote, row->raw_len)))
		split_plain(row, d, max);
	else
		split_quoted(row, d, max);
	if (row->n > shape->header) {
		row->odd |= ROW_LONG;
		shape_extend(shape, row->n);
	} else if (row->n < shape->header) {
		row->odd |= row->raw_len ? ROW_SHORT : ROW_EMPTY;
	}
}

static void
note_duplicate(struct header_odd *odd, const char *name, size_t len)
{
	if (odd && !odd->duplicates++)
		text_escape_to(odd->first, sizeof(odd->first), name, len);
}

size_t
csv_column(struct columns *c, const char *text, size_t len)
{
	char place[24];

	if (!len) {
		text = place;
		len = (size_t)snprintf(place, sizeof(place), "#%zu", c->n + 1);
	}
	return columns_add_new(c, text, len);
}

void
csv_columns(struct shape *shape, struct header_odd *odd, const char *raw,
    size_t len)
{
	const struct dialect *d = &shape->dialect;
	struct buf *name = &shape->work;
	const char *p;
	struct csv c;
	size_t n;

	csv_begin(&c, d, raw, len);
	while (csv_next(&p, &n, &c)) {
		buf_clear(name);
		if (d->header)
			csv_text(name, d, p, n);
		if (d->header && !name->len && odd)
			odd->empty++;
		if (name->len && columns_find(&shape->columns, name->p,
		    name->len) != COLUMN_NONE)
			note_duplicate(odd, name->p, name->len);
		csv_column(&shape->columns, buf_cstr(name), name->len);
	}
	shape->header = shape->columns.n;
}
