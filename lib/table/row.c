#include "lib/table/row.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/base/text.h"
#include "lib/table/csv.h"
#include "lib/table/jsonl.h"
#include "lib/table/row_int.h"

/* ---- shapes ----------------------------------------------------------- */

bool
shape_detect(struct shape *out, struct header_odd *odd,
    const struct dialect_hint *hint, const char *p, size_t len, bool all)
{
	struct shape shape = SHAPE_INIT;
	const struct dialect *d = &shape.dialect;
	size_t skip, first;

	if (odd)
		*odd = (struct header_odd){ .duplicates = 0 };
	if (!dialect_detect(&shape.dialect, &shape.reason, hint, p, len, all))
		return false;
	skip = dialect_skip(d);
	if (d->format == TABLE_CSV && len > skip) {
		p += skip;
		len -= skip;
		first = dialect_first_record(d, p, len, true);
		if (first && p[first - 1] == '\n')
			first--;
		if (first && first < len && p[first - 1] == '\r')
			first--;
		csv_columns(&shape, odd, p, first);
	}
	*out = shape;
	return true;
}

void
shape_copy(struct shape *out, const struct shape *shape)
{
	*out = (struct shape){ .dialect = shape->dialect,
	    .header = shape->header, .taken = shape->taken,
	    .reason = shape->reason };
	columns_copy(&out->columns, &shape->columns);
}

void
shape_release(struct shape *shape)
{
	columns_release(&shape->columns);
	buf_release(&shape->work);
	*shape = (struct shape)SHAPE_INIT;
}

/* ---- records ---------------------------------------------------------- */

void
rows_begin(struct rows *out, const struct dialect *d, const char *p,
    size_t len, bool at_start)
{
	const char *raw;
	size_t n;

	if (at_start && len >= dialect_skip(d)) {
		p += dialect_skip(d);
		len -= dialect_skip(d);
	}
	*out = (struct rows){ .start = 0 };
	find_begin(&out->find, p, len, '\n', d->quote, false);
	if (at_start && d->header)
		out->has_header = rows_next(&raw, &n, out);
}

/* ---- cells ------------------------------------------------------------ */

void
row_release(struct row *row)
{
	free(row->cells);
	free(row->order);
	buf_release(&row->text);
	*row = (struct row)ROW_INIT;
}

void
row_room(struct row *row, size_t n)
{
	size_t cap = row->cap ? row->cap : 16;

	while (cap < n)
		cap *= 2;
	if (cap == row->cap)
		return;
	row->cells = mem_realloc(row->cells, cap, sizeof(*row->cells));
	for (size_t i = row->cap; i < cap; i++)
		row->cells[i] = (struct cell){ "", 0, CELL_NONE };
	row->cap = cap;
}

bool
row_is_ascii(const char *p, size_t len)
{
	uint64_t any = 0, word;
	size_t i = 0;

	for (; i + 8 <= len; i += 8) {
		memcpy(&word, p + i, 8);
		any |= word;
	}
	for (; i < len; i++)
		any |= (uint64_t)(unsigned char)p[i];
	return !(any & UINT64_C(0x8080808080808080));
}

void
row_latin1(struct cell *cell, struct buf *text)
{
	size_t before = text->len;

	if (row_is_ascii(cell->p, cell->len))
		return;
	for (size_t i = 0; i < cell->len; i++) {
		unsigned char c = (unsigned char)cell->p[i];

		if (c >= 0x80)
			buf_char(text, (char)(0xc0 | c >> 6));
		buf_char(text, (char)(c < 0x80 ? c : 0x80 | (c & 0x3f)));
	}
	cell->p = text->p + before;
	cell->len = text->len - before;
}

void
row_decode(struct row *row, struct shape *shape, const char *raw, size_t len)
{
	row->raw = raw;
	row->raw_len = len;
	row->odd = 0;
	buf_clear(&row->text);
	buf_reserve(&row->text, ROW_TEXT_ROOM(len));
	if (shape->dialect.format == TABLE_JSONL)
		jsonl_decode(row, shape);
	else
		csv_decode(row, shape);
}

unsigned
row_check(const struct dialect *d, const char *p, size_t len)
{
	unsigned odd = memchr(p, '\0', len) ? ROW_NUL : 0;

	if (d->encoding == TABLE_UTF8 && !row_is_ascii(p, len) &&
	    !text_is_utf8(p, len))
		odd |= ROW_ENCODING;
	return odd;
}

struct cell
row_cell(const struct row *row, size_t column)
{
	return column < row->n ? row->cells[column] :
	    (struct cell){ "", 0, CELL_NONE };
}

/* ---- the hash --------------------------------------------------------- */

struct named_cell {
	const char *name;
	size_t len;
	struct cell cell;
};

static int
by_name(const void *a, const void *b)
{
	const struct named_cell *x = a, *y = b;
	int cmp = memcmp(x->name, y->name, x->len < y->len ? x->len : y->len);

	return cmp ? cmp : x->len < y->len ? -1 : x->len > y->len;
}

static void
hash_text(struct hash *h, const char *p, size_t len)
{
	unsigned char size[8];

	for (int i = 0; i < 8; i++)
		size[i] = (unsigned char)((uint64_t)len >> 8 * i);
	hash_add(h, size, sizeof(size));
	hash_add(h, p, len);
}

void
row_hash(struct id *out, const struct row *row, const struct shape *shape)
{
	struct named_cell *v = mem_array(row->n + 1, sizeof(*v));
	struct hash h;
	size_t n = 0;

	for (size_t i = 0; i < row->n; i++) {
		if (!row->cells[i].len)
			continue;
		v[n].name = columns_name(&v[n].len, &shape->columns, i);
		v[n++].cell = row->cells[i];
	}
	qsort(v, n, sizeof(*v), by_name);
	hash_init(&h);
	for (size_t i = 0; i < n; i++) {
		hash_text(&h, v[i].name, v[i].len);
		hash_text(&h, v[i].cell.p, v[i].cell.len);
	}
	hash_end(out, &h);
	free(v);
}
