/*
 * Most cells change nothing but a count: they lie between the least and the
 * greatest so far.  That is told by their first sixteen bytes, and for numbers
 * by a floating-point value that is near enough; only what may be a new end
 * is compared exactly.
 */

#include "lib/table/summary.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/load.h"
#include "lib/base/mem.h"
#include "lib/table/stream.h"

void
summary_release(struct summary *s)
{
	columns_release(&s->columns);
	free(s->v);
	*s = (struct summary)SUMMARY_INIT;
}

/* The columns that the names have and v does not yet. */
static void
room(struct summary *s)
{
	size_t cap = s->cap ? s->cap : 16;

	while (cap < s->columns.n)
		cap *= 2;
	if (cap == s->cap)
		return;
	s->v = mem_realloc(s->v, cap, sizeof(*s->v));
	memset(s->v + s->cap, 0, (cap - s->cap) * sizeof(*s->v));
	s->cap = cap;
}

/* ---- ends -------------------------------------------------------------- */

static void
end_set(struct summary_end *e, const char *p, size_t len)
{
	e->cut = len > SUMMARY_TEXT;
	e->len = (uint8_t)(e->cut ? SUMMARY_TEXT : len);
	memcpy(e->p, p, e->len);
}

static int
text_compare(const char *a, size_t a_len, const char *b, size_t b_len)
{
	int cmp = memcmp(a, b, a_len < b_len ? a_len : b_len);

	return cmp ? cmp : a_len < b_len ? -1 : a_len > b_len;
}

/* What comes after what is kept makes it longer, which is after. */
static bool
text_below(const char *p, size_t len, const struct summary_end *e)
{
	size_t kept = len < SUMMARY_TEXT ? len : SUMMARY_TEXT;
	int cmp = text_compare(p, kept, e->p, e->len);

	return cmp ? cmp < 0 : len <= SUMMARY_TEXT && e->cut;
}

static bool
text_above(const char *p, size_t len, const struct summary_end *e)
{
	size_t kept = len < SUMMARY_TEXT ? len : SUMMARY_TEXT;
	int cmp = text_compare(p, kept, e->p, e->len);

	return cmp ? cmp > 0 : len > SUMMARY_TEXT && !e->cut;
}

/* The same for what was cut: it goes on, so it comes after. */
static int
end_compare(const struct summary_end *a, const struct summary_end *b)
{
	int cmp = text_compare(a->p, a->len, b->p, b->len);

	return cmp ? cmp : a->cut - b->cut;
}

/* Numbers that are equal are in order, too, so that it does not matter which
 * comes first. */
static int
number_compare(const struct summary_end *a, const struct summary_end *b)
{
	int cmp = value_compare(a->p, a->len, b->p, b->len);

	return cmp ? cmp : end_compare(a, b);
}

/* sign -1: the lesser stays, 1: the greater. */
static void
end_merge(struct summary_end *a, const struct summary_end *b, int sign,
    int (*compare)(const struct summary_end *, const struct summary_end *))
{
	if (b->len && (!a->len || compare(b, a) * sign > 0))
		*a = *b;
}

/* ---- classes ------------------------------------------------------------ */

/* What a class is worth beside the others. */
static void
settle_classes(struct summary_column *c, bool json)
{
	if (!(c->classes & VALUE_STRING))
		return;
	if (json) {
		c->classes &= ~(unsigned)(VALUE_DATE | VALUE_TIME |
		    VALUE_DATETIME);
	} else {
		c->classes = VALUE_STRING;
		c->lowest.len = c->highest.len = 0;
	}
}

/* ---- cells ------------------------------------------------------------- */

/* All of it; what is cut is longer. */
static bool
is_same(const struct summary_end *e, const char *p, size_t len)
{
	return e->len == len && !e->cut && !memcmp(e->p, p, len);
}

/* The first comes after the second. */
static inline bool
is_after(const uint64_t a[2], const uint64_t b[2])
{
	return a[0] != b[0] ? a[0] > b[0] : a[1] > b[1];
}

/* Is it the end, of which near has the first sixteen bytes?  Told of short text
 * only, without looking at the end itself. */
static inline bool
is_end(const uint64_t n[2], const uint64_t near[2], size_t len,
    const struct summary_end *e)
{
	return n[0] == near[0] && n[1] == near[1] && len <= 16 &&
	    len == e->len;
}

static void
add_text(struct summary_column *c, struct summing_near *near, const char *p,
    size_t len)
{
	uint64_t n[2] = { load_prefix(p, len), 0 };

	if (n[0] > near->least[0] && n[0] < near->greatest[0])
		return;
	if (len > 8)
		n[1] = load_prefix(p + 8, len - 8);
	if (!is_after(n, near->least) && !is_end(n, near->least, len,
	    &c->least) && !is_same(&c->least, p, len) &&
	    (!c->least.len || text_below(p, len, &c->least))) {
		end_set(&c->least, p, len);
		memcpy(near->least, n, sizeof(n));
	}
	if (is_after(n, near->greatest) || (!is_after(near->greatest, n) &&
	    !is_end(n, near->greatest, len, &c->greatest) &&
	    !is_same(&c->greatest, p, len) &&
	    (!c->greatest.len || text_above(p, len, &c->greatest)))) {
		end_set(&c->greatest, p, len);
		memcpy(near->greatest, n, sizeof(n));
	}
}

static double
about_end(const struct summary_end *e)
{
	return value_about(e->p, e->len);
}

static void
add_number(struct summary_column *c, struct summing_near *near, double d,
    const char *p, size_t len)
{
	double margin = (d < 0 ? -d : d) * 1e-12;
	struct summary_end e;

	if (d - margin > near->lowest && d + margin < near->highest)
		return;
	if (is_same(&c->lowest, p, len) || is_same(&c->highest, p, len))
		return;
	end_set(&e, p, len);
	end_merge(&c->lowest, &e, -1, number_compare);
	end_merge(&c->highest, &e, 1, number_compare);
	near->lowest = about_end(&c->lowest);
	near->highest = about_end(&c->highest);
}

/* A cell is mostly what those before it in the column are. */
static enum value_class
class_of(double *about, const struct summary_column *c,
    const struct cell *cell, bool json)
{
	enum value_class class;

	if (cell->kind != CELL_TEXT || json)
		return value_of_cell(about, cell, json);
	if (c->classes & VALUE_NUMERIC) {
		class = value_plain(about, cell->p, cell->len);
		if (class != VALUE_STRING)
			return class;
	} else if (c->classes == VALUE_DATE &&
	    value_is_date(cell->p, cell->len)) {
		return VALUE_DATE;
	}
	return value_class(about, cell->p, cell->len);
}

static void
add_cell(struct summing *s, size_t column, const struct cell *cell)
{
	struct summary_column *c = &s->sum.v[column];
	struct summing_near *near = &s->near[column];
	bool json = s->shape.dialect.format == TABLE_JSONL;
	enum value_class class = VALUE_STRING;
	double d = 0;

	if (cell->kind == CELL_NONE)
		return;
	if (!cell->len && (!json || cell->kind == CELL_NULL)) {
		c->empty++;
		return;
	}
	if (cell->len && !((c->classes & VALUE_STRING) &&
	    cell->kind == CELL_TEXT))
		class = class_of(&d, c, cell, json);
	if ((class & VALUE_NUMERIC) && cell->len > SUMMARY_TEXT)
		class = VALUE_STRING;
	if (class & ~c->classes) {
		c->classes |= class;
		settle_classes(c, json);
	}
	c->cells++;
	if (cell->len)
		add_text(c, near, cell->p, cell->len);
	if (class & VALUE_NUMERIC)
		add_number(c, near, d, cell->p, cell->len);
}

/* ---- rows -------------------------------------------------------------- */

/* Columns of the decoder that are new: of CSV only those of the header. */
static size_t
follow_columns(struct summing *s)
{
	const struct columns *from = &s->shape.columns;
	size_t n = s->shape.dialect.format == TABLE_CSV ? s->shape.header :
	    from->n;

	if (n > COLUMNS_MAX) {
		n = COLUMNS_MAX;
		s->sum.more = true;
	}
	if (s->sum.columns.n == n)
		return n;
	while (s->sum.columns.n < n) {
		size_t len;
		const char *name = columns_name(&len, from,
		    s->sum.columns.n);

		columns_add(&s->sum.columns, name, len);
	}
	room(&s->sum);
	s->near = mem_realloc(s->near, s->sum.cap, sizeof(*s->near));
	for (; s->n_near < n; s->n_near++)
		s->near[s->n_near] = (struct summing_near){
		    { UINT64_MAX, UINT64_MAX }, { 0, 0 }, INFINITY,
		    -INFINITY };
	return n;
}

void
summing_init(struct summing *out, const struct shape *shape)
{
	*out = (struct summing){ .sum = SUMMARY_INIT, .row = ROW_INIT };
	shape_copy(&out->shape, shape);
	out->sum.json = shape->dialect.format == TABLE_JSONL;
	if (shape->dialect.format == TABLE_JSONL)
		columns_clear(&out->shape.columns);
	follow_columns(out);
}

void
summing_release(struct summing *s)
{
	summary_release(&s->sum);
	shape_release(&s->shape);
	row_release(&s->row);
	free(s->near);
}

static void
note_odd(struct summary *s, unsigned odd, uint64_t line)
{
	for (unsigned i = 0; odd; i++, odd >>= 1) {
		if ((odd & 1) && !s->odd[i].rows++) {
			s->odd[i].row = s->rows;
			s->odd[i].line = line;
		}
	}
}

void
summing_add(struct summing *s, struct stream *stream, const char *raw,
    size_t len)
{
	struct row *row = &s->row;
	size_t n;

	row_decode(row, &s->shape, raw, len);
	if (s->check)
		row->odd |= row_check(&s->shape.dialect, raw, len);
	n = follow_columns(s);
	if (row->n < n)
		n = row->n;
	for (size_t i = 0; i < n; i++)
		add_cell(s, i, &row->cells[i]);
	if (row->odd)
		note_odd(&s->sum, row->odd, stream_lines(stream));
	s->sum.rows++;
}

/* ---- merging ----------------------------------------------------------- */

static void
merge_column(struct summary_column *a, const struct summary_column *b,
    bool json)
{
	a->classes |= b->classes;
	a->cells += b->cells;
	a->empty += b->empty;
	end_merge(&a->least, &b->least, -1, end_compare);
	end_merge(&a->greatest, &b->greatest, 1, end_compare);
	end_merge(&a->lowest, &b->lowest, -1, number_compare);
	end_merge(&a->highest, &b->highest, 1, number_compare);
	settle_classes(a, json);
}

void
summary_merge(struct summary *a, const struct summary *b)
{
	for (size_t i = 0; i < b->columns.n; i++) {
		size_t len, at;
		const char *name = columns_name(&len, &b->columns, i);

		if (a->columns.n == COLUMNS_MAX &&
		    columns_find(&a->columns, name, len) == COLUMN_NONE) {
			a->more = true;
			continue;
		}
		at = columns_add(&a->columns, name, len);
		room(a);
		merge_column(&a->v[at], &b->v[i], b->json);
	}
	for (size_t i = 0; i < ROW_ODD_KINDS; i++) {
		if (b->odd[i].rows && !a->odd[i].rows) {
			a->odd[i].row = a->rows + b->odd[i].row;
			a->odd[i].line = a->lines + b->odd[i].line;
		}
		a->odd[i].rows += b->odd[i].rows;
	}
	a->rows += b->rows;
	a->lines += b->lines;
	a->more |= b->more;
	a->json |= b->json;
}

/* ---- rows that go and rows that come ----------------------------------- */

void
summary_change_release(struct summary_change *c)
{
	summary_release(&c->gone);
	summary_release(&c->come);
	c->known = false;
}

/* False if what went was the end, and nothing came that is at least as far. */
static bool
apply_end(struct summary_end *e, const struct summary_end *gone,
    const struct summary_end *come, int sign,
    int (*compare)(const struct summary_end *, const struct summary_end *))
{
	if (gone->len && (!e->len || compare(gone, e) * sign >= 0) &&
	    !(e->len && come->len && compare(come, e) * sign >= 0))
		return false;
	end_merge(e, come, sign, compare);
	return true;
}

static bool
apply_column(struct summary_column *c, const struct summary_column *gone,
    const struct summary_column *come)
{
	if (gone->cells > c->cells || gone->empty > c->empty ||
	    (c->classes & gone->classes & ~come->classes))
		return false;
	c->cells += come->cells - gone->cells;
	c->empty += come->empty - gone->empty;
	c->classes |= come->classes;
	settle_classes(c, false);
	if (!apply_end(&c->least, &gone->least, &come->least, -1,
	    end_compare) || !apply_end(&c->greatest, &gone->greatest,
	    &come->greatest, 1, end_compare))
		return false;
	return (c->classes & VALUE_STRING) || (apply_end(&c->lowest,
	    &gone->lowest, &come->lowest, -1, number_compare) &&
	    apply_end(&c->highest, &gone->highest, &come->highest, 1,
	    number_compare));
}

static bool
same_columns(const struct summary *a, const struct summary *b)
{
	bool same = a->columns.n == b->columns.n;

	for (size_t i = 0; same && i < a->columns.n; i++) {
		size_t la, lb;
		const char *x = columns_name(&la, &a->columns, i);
		const char *y = columns_name(&lb, &b->columns, i);

		same = la == lb && !memcmp(x, y, la);
	}
	return same;
}

/* Of CSV, with no row that is odd: the columns are those of the header. */
static bool
is_even(const struct summary *s)
{
	for (size_t i = 0; i < ROW_ODD_KINDS; i++)
		if (s->odd[i].rows)
			return false;
	return !s->json && !s->more;
}

bool
summary_apply(struct summary *s, const struct summary_change *c)
{
	const struct summary *gone = &c->gone, *come = &c->come;

	if (!c->known || !is_even(s) || !is_even(gone) || !is_even(come) ||
	    !same_columns(s, gone) || !same_columns(s, come) ||
	    gone->rows > s->rows || gone->lines > s->lines)
		return false;
	s->rows += come->rows - gone->rows;
	s->lines += come->lines - gone->lines;
	for (size_t i = 0; i < s->columns.n; i++)
		if (!apply_column(&s->v[i], &gone->v[i], &come->v[i]))
			return false;
	return true;
}

/* ---- stored ------------------------------------------------------------ */

static void
end_encode(struct buf *out, const struct summary_end *e)
{
	buf_varint(out, (uint64_t)e->len * 2 + e->cut);
	buf_add(out, e->p, e->len);
}

static void
end_decode(struct summary_end *out, struct cursor *c)
{
	uint64_t n = cursor_varint(c);
	const char *p;

	if (n / 2 > SUMMARY_TEXT) {
		c->bad = true;
		return;
	}
	p = cursor_take(c, (size_t)(n / 2));
	if (!p)
		return;
	out->len = (uint8_t)(n / 2);
	out->cut = n & 1;
	memcpy(out->p, p, out->len);
	if (out->cut && out->len != SUMMARY_TEXT)
		c->bad = true;
}

/* A number is compared as one, so it has to be one. */
static void
number_decode(struct summary_end *out, struct cursor *c)
{
	end_decode(out, c);
	if (out->cut || (out->len && !value_is_number(out->p, out->len)))
		c->bad = true;
}

void
summary_encode(struct buf *out, const struct summary *s)
{
	buf_varint(out, s->rows);
	buf_varint(out, s->lines);
	buf_char(out, (char)(s->more | s->json << 1));
	for (size_t i = 0; i < ROW_ODD_KINDS; i++) {
		buf_varint(out, s->odd[i].rows);
		if (!s->odd[i].rows)
			continue;
		buf_varint(out, s->odd[i].row);
		buf_varint(out, s->odd[i].line);
	}
	buf_varint(out, s->columns.n);
	for (size_t i = 0; i < s->columns.n; i++) {
		const struct summary_column *col = &s->v[i];
		size_t len;
		const char *name = columns_name(&len, &s->columns, i);

		buf_varint(out, len);
		buf_add(out, name, len);
		buf_varint(out, col->classes);
		buf_varint(out, col->cells);
		buf_varint(out, col->empty);
		end_encode(out, &col->least);
		end_encode(out, &col->greatest);
		end_encode(out, &col->lowest);
		end_encode(out, &col->highest);
	}
}

static void
column_decode(struct summary *s, struct cursor *c)
{
	uint64_t len = cursor_varint(c);
	const char *name = len <= cursor_left(c) ?
	    cursor_take(c, (size_t)len) : NULL;
	size_t before = s->columns.n;
	struct summary_column *col;
	uint64_t classes;

	if (!name || columns_add(&s->columns, name, (size_t)len) != before) {
		c->bad = true;
		return;
	}
	room(s);
	col = &s->v[before];
	classes = cursor_varint(c);
	if (classes >> VALUE_CLASSES)
		c->bad = true;
	col->classes = (unsigned)classes;
	col->cells = cursor_varint(c);
	col->empty = cursor_varint(c);
	end_decode(&col->least, c);
	end_decode(&col->greatest, c);
	number_decode(&col->lowest, c);
	number_decode(&col->highest, c);
}

err_t
summary_decode(struct summary *out, struct cursor *c)
{
	struct summary s = SUMMARY_INIT;
	uint64_t n;
	uint8_t flags;

	s.rows = cursor_varint(c);
	s.lines = cursor_varint(c);
	flags = cursor_u8(c);
	s.more = flags & 1;
	s.json = flags & 2;
	if (flags > 3)
		c->bad = true;
	for (size_t i = 0; i < ROW_ODD_KINDS; i++) {
		s.odd[i].rows = cursor_varint(c);
		if (!s.odd[i].rows)
			continue;
		s.odd[i].row = cursor_varint(c);
		s.odd[i].line = cursor_varint(c);
	}
	n = cursor_varint(c);
	if (n > COLUMNS_MAX)
		c->bad = true;
	for (uint64_t i = 0; i < n && !c->bad; i++)
		column_decode(&s, c);
	if (c->bad) {
		summary_release(&s);
		return err_new(ERR_CORRUPT, "a summary of rows is damaged");
	}
	*out = s;
	return NULL;
}
