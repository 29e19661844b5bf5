/*
 * Rows of CSV, changed cell by cell: a cell that is not changed keeps its
 * bytes, quotes and all.
 */

#include "lib/table/patch_int.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/table/csv.h"
#include "lib/table/jsonl.h"
#include "lib/table/row_int.h"

/* ---- columns ---------------------------------------------------------- */

/* The place that a name like "#7" or "#7#2" begins with; 0: none. */
static size_t
place_of(const char *name, size_t len)
{
	size_t n = 0, i = 1;

	if (len < 2 || *name != '#')
		return 0;
	for (; i < len && i < 8 && name[i] >= '0' && name[i] <= '9'; i++)
		n = n * 10 + (size_t)(name[i] - '0');
	return i == len || name[i] == '#' ? n : 0;
}

/* "#7" is the seventh cell, beyond those that the header names. */
static size_t
find_column(struct shape *shape, const char *name, size_t len)
{
	size_t at = columns_find(&shape->columns, name, len);
	size_t place = at == COLUMN_NONE ? place_of(name, len) : 0;

	if (place <= shape->header || place > shape->header + ROW_EXTRA_MAX)
		return at;
	shape_extend(shape, place);
	return columns_find(&shape->columns, name, len);
}

/* The column of a name that a delta uses: of the table as it becomes, or, if
 * it has none such, as it was. */
static size_t
resolve(struct patch_target *t, bool original, const char *name, size_t len)
{
	size_t at;

	if (!t->reshaped)
		return find_column(&t->from, name, len);
	at = find_column(&t->to, name, len);
	if (!original)
		return at;
	if (at < t->to.header && t->from_of[at] != COLUMN_NONE)
		return t->from_of[at];
	return find_column(&t->from, name, len);
}

/* ---- members ---------------------------------------------------------- */

/* Cells as a delta says them, by column; their text is in bytes. */
struct said {
	size_t column, at, len;
	enum cell_kind kind;
};
struct saying {
	struct patch_target *t;
	bool original;
	struct buf *bytes;
	struct said *v;
	size_t n, cap;
	struct buf *why;
	bool bad;
	struct buf name;
};

static void
say_bad(struct saying *s, const char *fact)
{
	s->bad = true;
	buf_clear(s->why);
	patch_quote(s->why, buf_cstr(&s->name), s->name.len);
	buf_printf(s->why, " %s", fact);
}

static void
say_cell(void *arg, const char *name, size_t name_len, const char *value,
    size_t len)
{
	struct saying *s = arg;
	struct said said;
	struct cell cell;

	if (s->bad)
		return;
	buf_clear(&s->name);
	buf_add(&s->name, name, name_len);
	s->name.len = delta_bytes(s->name.p, s->name.len);
	said.column = resolve(s->t, s->original, buf_cstr(&s->name),
	    s->name.len);
	if (!delta_scalar(&cell, &s->t->text, value, len)) {
		say_bad(s, "is no cell of a CSV file");
		return;
	}
	if (said.column == COLUMN_NONE) {
		/* Nothing is said of a column that is not there. */
		if (cell.kind != CELL_NULL)
			say_bad(s, "is no column of the table");
		return;
	}
	said.at = s->bytes->len;
	said.len = cell.len;
	said.kind = cell.kind;
	buf_add(s->bytes, cell.p, cell.len);
	VEC_ROOM(s->v, s->n, s->cap);
	s->v[s->n++] = said;
}

/* Yours to free: s->v and s->name. */
static bool
say(struct saying *s, const struct delta_value *v)
{
	if (v->p && !jsonl_members(v->p, v->len, say_cell, s) && !s->bad) {
		buf_clear(s->why);
		buf_str(s->why, "it is no object");
		s->bad = true;
	}
	return !s->bad;
}

static void
said_release(struct saying *s)
{
	free(s->v);
	buf_release(&s->name);
}

bool
patch_csv_row(struct row *out, struct buf *bytes, struct patch_target *t,
    bool original, const struct delta_value *v, struct buf *why)
{
	struct saying s = { .t = t, .original = original, .bytes = bytes,
	    .why = why, .name = BUF_INIT };
	bool good;

	buf_clear(bytes);
	buf_reserve(bytes, 1);
	good = say(&s, v);
	for (size_t i = 0; i < out->n; i++)
		out->cells[i] = (struct cell){ "", 0, CELL_NONE };
	out->n = 0;
	for (size_t i = 0; i < s.n; i++) {
		size_t column = s.v[i].column;

		row_room(out, column + 1);
		if (column >= out->n)
			out->n = column + 1;
		out->cells[column] = (struct cell){ bytes->p + s.v[i].at,
		    s.v[i].len, s.v[i].kind };
	}
	said_release(&s);
	return good;
}

/* ---- comparing -------------------------------------------------------- */

static bool
same_cell(const struct cell *has, const struct cell *said)
{
	if (said->kind == CELL_NULL)
		return !has->len;
	return has->kind != CELL_NONE && has->len == said->len &&
	    memcmp(has->p, said->p, said->len) == 0;
}

static bool
differs(struct buf *why, const struct shape *shape, size_t column,
    const struct cell *has, const struct cell *said)
{
	size_t len;
	const char *name = columns_name(&len, &shape->columns, column);

	buf_clear(why);
	patch_quote(why, name, len);
	if (has->kind == CELL_NONE) {
		buf_str(why, " is not there");
	} else {
		buf_str(why, " is ");
		patch_quote(why, has->p, has->len);
	}
	buf_str(why, ", not ");
	patch_quote(why, said->p, said->len);
	return false;
}

bool
patch_csv_fits(struct patch_target *t, bool original, const char *raw,
    size_t len, const struct delta_line *l, bool whole, struct buf *why)
{
	struct shape *shape = patch_shape(t, original);
	const struct row *said = &t->other;

	if (!l->before.p)
		return true;
	if (!patch_csv_row(&t->other, &t->cells, t, original, &l->before,
	    why))
		return false;
	row_decode(&t->row, shape, raw, len);
	for (size_t i = 0; i < said->n || i < t->row.n; i++) {
		struct cell has = row_cell(&t->row, i);
		struct cell want = row_cell(said, i);

		if (want.kind == CELL_NONE && (!whole ||
		    has.kind == CELL_NONE))
			continue;
		if (want.kind == CELL_NONE ? has.len > 0 :
		    !same_cell(&has, &want))
			return differs(why, shape, i, &has, &want);
	}
	return true;
}

/* ---- writing ---------------------------------------------------------- */

/* The cell of a row in a new column of which nothing is said. */
static const char filler[] = "";

/* A cell of a row being written: its bytes, or nothing. */
struct piece {
	const char *p;			/* NULL: there is none */
	size_t len;
};
struct pieces {
	struct piece *v;
	size_t n, cap;
};

static void
piece_put(struct pieces *ps, size_t at, const char *p, size_t len)
{
	while (ps->n <= at) {
		VEC_ROOM(ps->v, ps->n, ps->cap);
		ps->v[ps->n++] = (struct piece){ NULL, 0 };
	}
	ps->v[at] = (struct piece){ p, len };
}

static void
split(struct pieces *out, const struct shape *shape, const char *raw,
    size_t len)
{
	struct csv c;
	const char *p;
	size_t n;

	csv_begin(&c, &shape->dialect, raw, len);
	while (csv_next(&p, &n, &c))
		piece_put(out, out->n, p, n);
}

static bool
has_odd_quotes(const char *p, size_t len, char quote)
{
	bool odd = false;

	for (size_t i = 0; quote && i < len; i++)
		odd ^= p[i] == quote;
	return odd;
}

/* Quotes that open or close no cell: one cell has the first, and where records
 * end depends on that another has the second. */
static bool
has_lone_quotes(const struct pieces *ps, char quote, const char *raw,
    size_t len)
{
	if (!quote || !memchr(raw, quote, len))
		return false;
	for (size_t i = 0; i < ps->n; i++)
		if (has_odd_quotes(ps->v[i].p, ps->v[i].len, quote))
			return true;
	return false;
}

static bool
renew(struct piece *piece, const struct dialect *d, struct buf *written)
{
	struct buf text = BUF_INIT;
	size_t before = written->len;
	bool good;

	csv_text(&text, d, piece->p, piece->len);
	good = csv_write(written, d, buf_cstr(&text), text.len);
	buf_release(&text);
	if (good)
		*piece = (struct piece){ written->p + before,
		    written->len - before };
	return good;
}

/*
 * Write anew what cannot keep its bytes among other cells: all, if there were
 * lone quotes, and a last one that ends as a line does.  Without quotes there
 * is no other way to write it.
 */
static void
mend(struct pieces *ps, size_t n, bool lone, const struct dialect *d,
    struct buf *written)
{
	const struct piece *last = n ? &ps->v[n - 1] : NULL;
	size_t from = lone ? 0 : n - 1, room = 1;

	if (!d->quote || !n || (!lone && !(last->len &&
	    last->p[last->len - 1] == '\r')))
		return;
	for (size_t i = from; i < n; i++)
		room += 4 * ps->v[i].len + 2;
	buf_reserve(written, room);	/* it must not move */
	for (size_t i = from; i < n; i++)
		if (ps->v[i].p && !renew(&ps->v[i], d, written))
			BUG("a cell that was read and cannot be written");
}

/* As far as the last that is there. */
static void
join(struct buf *out, struct pieces *ps, bool lone, const struct dialect *d)
{
	struct buf written = BUF_INIT;
	const char delimiter = d->delimiter;
	size_t n = ps->n;

	while (n && !ps->v[n - 1].p)
		n--;
	mend(ps, n, lone, d, &written);
	for (size_t i = 0; i < n; i++) {
		if (i)
			buf_char(out, delimiter);
		if (ps->v[i].p)
			buf_add(out, ps->v[i].p, ps->v[i].len);
	}
	buf_release(&written);
}

/* Write the cells that are said over those that are there.  Their bytes go to
 * written, which is long enough not to move. */
static bool
overwrite(struct pieces *ps, struct buf *written, const struct saying *s,
    struct buf *why)
{
	const struct shape *shape = patch_shape(s->t, s->original);

	buf_reserve(written, 4 * s->bytes->len + 4 * s->n + 1);
	for (size_t i = 0; i < s->n; i++) {
		const struct said *said = &s->v[i];
		size_t before = written->len;
		const char *name;
		size_t len;

		if (!csv_write(written, &shape->dialect,
		    s->bytes->p + said->at, said->len)) {
			name = columns_name(&len, &shape->columns,
			    said->column);
			buf_clear(why);
			patch_quote(why, name, len);
			buf_str(why, " cannot be written as the file is");
			return false;
		}
		piece_put(ps, said->column, written->p + before,
		    written->len - before);
	}
	return true;
}

/* The cells of a row of from, in the places that they have in to. */
static void
reshape(struct pieces *to, const struct patch_target *t,
    const struct pieces *from)
{
	for (size_t i = 0; i < t->to.header; i++) {
		size_t at = t->from_of[i];

		if (at == COLUMN_NONE && from->n >= t->from.header)
			piece_put(to, i, filler, 0);
		else if (at != COLUMN_NONE && at < from->n)
			piece_put(to, i, from->v[at].p, from->v[at].len);
	}
	/* Cells beyond the header are named by their places, and stay there. */
	for (size_t i = t->from.header; i < from->n; i++)
		if (i >= t->to.header)
			piece_put(to, i, from->v[i].p, from->v[i].len);
}

/* The cells of a row, original or as it becomes, in the places that they have
 * then.  Were there lone quotes? */
static bool
take_apart(struct pieces *out, struct patch_target *t, bool original,
    const char *raw, size_t len)
{
	const struct shape *shape = patch_shape(t, original);
	struct pieces from = { NULL, 0, 0 };
	bool lone;

	split(&from, shape, raw, len);
	lone = has_lone_quotes(&from, shape->dialect.quote, raw, len);
	if (shape == patch_shape(t, false)) {
		*out = from;
		return lone;
	}
	reshape(out, t, &from);
	free(from.v);
	return lone;
}

struct unsetting {
	struct patch_target *t;
	struct pieces *pieces;
};

static void
unset_cell(void *arg, const struct cell *name)
{
	struct unsetting *u = arg;
	size_t at = resolve(u->t, false, name->p, name->len);

	if (at < u->pieces->n)
		u->pieces->v[at] = (struct piece){ NULL, 0 };
}

/* A row that lacks a cell ends there, if only new columns would follow. */
static void
trim(struct pieces *ps)
{
	size_t n = ps->n;

	for (; n && (!ps->v[n - 1].p || ps->v[n - 1].p == filler); n--)
		if (!ps->v[n - 1].p)
			ps->n = n - 1;
}

bool
patch_csv_update(struct buf *out, struct patch_target *t, bool original,
    const char *raw, size_t len, const struct delta_line *l, struct buf *why)
{
	struct shape *shape = patch_shape(t, false);
	struct pieces ps = { NULL, 0, 0 };
	struct buf written = BUF_INIT;
	struct saying s = { .t = t, .bytes = &t->cells, .why = why,
	    .name = BUF_INIT };
	struct unsetting u = { t, &ps };
	bool lone, good;

	buf_clear(&t->cells);
	buf_reserve(&t->cells, 1);
	lone = take_apart(&ps, t, original, raw, len);
	good = say(&s, &l->payload) && overwrite(&ps, &written, &s, why);
	if (good && !delta_items(&t->text, &l->unset, unset_cell, &u)) {
		buf_clear(why);
		buf_str(why, "unset is no list of names");
		good = false;
	}
	if (good) {
		trim(&ps);
		join(out, &ps, lone, &shape->dialect);
	}
	said_release(&s);
	free(ps.v);
	buf_release(&written);
	return good;
}

bool
patch_csv_insert(struct buf *out, struct patch_target *t,
    const struct delta_line *l, struct buf *why)
{
	return patch_csv_update(out, t, false, "", 0, l, why);
}

void
patch_csv_reshape(struct buf *out, struct patch_target *t, const char *raw,
    size_t len)
{
	struct pieces ps = { NULL, 0, 0 };
	bool lone = take_apart(&ps, t, true, raw, len);

	join(out, &ps, lone, &t->to.dialect);
	free(ps.v);
}

/* Does a column with this text in the header get the name of column i? */
static bool
reads_as(struct columns *read, const struct shape *shape, size_t i,
    const char *text, size_t len)
{
	size_t a, b, n = read->n, at = csv_column(read, text, len);
	const char *x = columns_name(&a, read, at);
	const char *y = columns_name(&b, &shape->columns, i);

	if (a == b && memcmp(x, y, a) == 0)
		return true;
	columns_cut(read, n);
	return false;
}

/*
 * The text of a column in the header: none, if it has the name of its place,
 * or its name without the number by which it differs from one before it.
 */
static void
header_text(const char **p, size_t *len, struct columns *read,
    const struct shape *shape, size_t i)
{
	size_t stem;

	*p = columns_name(len, &shape->columns, i);
	if (shape->header > 1 && reads_as(read, shape, i, "", 0)) {
		*len = 0;
		return;
	}
	for (stem = *len; stem && (*p)[stem - 1] != '#'; stem--)
		continue;
	if (stem > 1 && reads_as(read, shape, i, *p, stem - 1))
		*len = stem - 1;
	else
		columns_add(read, *p, *len);
}

/* A column that was there keeps the bytes that it had. */
static bool
header_piece(struct pieces *to, struct columns *read, struct buf *written,
    struct patch_target *t, const struct pieces *from, size_t i)
{
	const struct shape *shape = patch_shape(t, false);
	size_t at = t->from_of ? t->from_of[i] : COLUMN_NONE;
	size_t before = written->len, len;
	const char *p;
	bool kept = false;

	if (at != COLUMN_NONE && at < from->n && from->v[at].len) {
		struct buf text = BUF_INIT;

		csv_text(&text, &shape->dialect, from->v[at].p,
		    from->v[at].len);
		kept = reads_as(read, shape, i, buf_cstr(&text), text.len);
		buf_release(&text);
	}
	if (kept) {
		piece_put(to, i, from->v[at].p, from->v[at].len);
		return true;
	}
	header_text(&p, &len, read, shape, i);
	if (!csv_write(written, &shape->dialect, p, len))
		return false;
	piece_put(to, i, written->p + before, written->len - before);
	return true;
}

bool
patch_csv_header(struct buf *out, struct patch_target *t, const char *raw,
    size_t len)
{
	const struct shape *shape = patch_shape(t, false);
	struct pieces from = { NULL, 0, 0 }, to = { NULL, 0, 0 };
	struct columns read = COLUMNS_INIT;
	struct buf written = BUF_INIT;
	bool good = true, lone;

	split(&from, shape, raw, len);
	lone = has_lone_quotes(&from, shape->dialect.quote, raw, len);
	/* It must not move. */
	buf_reserve(&written, 4 * shape->columns.names.len +
	    4 * shape->header + 1);
	for (size_t i = 0; good && i < shape->header; i++)
		good = header_piece(&to, &read, &written, t, &from, i);
	if (good)
		join(out, &to, lone, &shape->dialect);
	columns_release(&read);
	buf_release(&written);
	free(from.v);
	free(to.v);
	return good;
}

/* ---- other columns ---------------------------------------------------- */

struct naming {
	struct columns *names;
	bool twice;
};

static void
add_name(void *arg, const struct cell *name)
{
	struct naming *n = arg;

	if (columns_find(n->names, name->p, name->len) != COLUMN_NONE)
		n->twice = true;
	else
		columns_add(n->names, name->p, name->len);
}

static bool
list_names(struct columns *out, struct patch_target *t,
    const struct delta_value *v, struct buf *why)
{
	struct naming n = { out, false };

	if (delta_items(&t->text, v, add_name, &n) && !n.twice)
		return true;
	buf_clear(why);
	buf_str(why, "its columns are no list of different names");
	return false;
}

/* The column of from that a renamed one was: COLUMN_NONE if it is none. */
struct renaming {
	struct patch_target *t;
	size_t *from, n, cap;
	struct columns news;
	bool bad;
};

static void
note_renamed(void *arg, const char *name, size_t name_len, const char *value,
    size_t len)
{
	struct renaming *r = arg;
	struct buf old = BUF_INIT;
	struct cell cell;
	size_t at;

	buf_add(&old, name, name_len);
	old.len = delta_bytes(old.p, old.len);
	at = columns_find(&r->t->from.columns, buf_cstr(&old), old.len);
	buf_release(&old);
	if (at == COLUMN_NONE || at >= r->t->from.header ||
	    !delta_scalar(&cell, &r->t->text, value, len) ||
	    columns_find(&r->news, cell.p, cell.len) != COLUMN_NONE) {
		r->bad = true;
		return;
	}
	columns_add(&r->news, cell.p, cell.len);
	VEC_ROOM(r->from, r->n, r->cap);
	r->from[r->n++] = at;
}

static bool
column_odd(struct buf *why, const struct columns *columns, size_t i,
    const char *fact)
{
	size_t len;
	const char *name = columns_name(&len, columns, i);

	buf_clear(why);
	buf_str(why, "column ");
	patch_quote(why, name, len);
	buf_printf(why, " %s", fact);
	return false;
}

/* Where each column of to comes from; each of from is used or removed. */
static bool
map_columns(struct patch_target *t, const struct renaming *r,
    const struct columns *added, const struct columns *removed,
    struct buf *why)
{
	struct columns *to = &t->to.columns;
	bool *used = mem_array(t->from.header + 1, sizeof(*used));
	bool good = true;

	t->from_of = mem_array(to->n + 1, sizeof(*t->from_of));
	for (size_t i = 0; good && i < to->n; i++) {
		size_t len;
		const char *name = columns_name(&len, to, i);
		size_t renamed = columns_find(&r->news, name, len);
		size_t at = renamed != COLUMN_NONE ? r->from[renamed] :
		    columns_find(&t->from.columns, name, len);
		bool is_added = columns_find(added, name, len) !=
		    COLUMN_NONE;

		if (at != COLUMN_NONE && at >= t->from.header)
			at = COLUMN_NONE;
		if (is_added && at != COLUMN_NONE)
			good = column_odd(why, to, i, "is there already");
		else if (!is_added && at == COLUMN_NONE)
			good = column_odd(why, to, i, "is not there");
		t->from_of[i] = at;
		if (good && at != COLUMN_NONE)
			used[at] = true;
	}
	for (size_t i = 0; good && i < t->from.header; i++) {
		size_t len;
		const char *name = columns_name(&len, &t->from.columns, i);

		if (!used[i] && columns_find(removed, name, len) ==
		    COLUMN_NONE)
			good = column_odd(why, &t->from.columns, i,
			    "is not one that the delta knows");
	}
	free(used);
	return good;
}

static bool
is_identity(const struct patch_target *t)
{
	for (size_t i = 0; i < t->to.header; i++) {
		size_t a, b;
		const char *x = columns_name(&a, &t->to.columns, i);
		const char *y;

		if (t->from_of[i] != i)
			return false;
		y = columns_name(&b, &t->from.columns, i);
		if (a != b || memcmp(x, y, a) != 0)
			return false;
	}
	return t->to.header == t->from.header;
}

/* Further cells have the names that the diff gave them. */
static void
take_names(struct patch_target *t)
{
	columns_cut(&t->from.columns, t->from.header);
	columns_add_all(&t->taken, &t->from.columns, t->from.header);
	columns_add_all(&t->taken, &t->to.columns, t->to.header);
	t->from.taken = t->to.taken = &t->taken;
}

static bool
reshape_to(struct patch_target *t, const struct delta_line *l,
    struct buf *why)
{
	struct renaming r = { .t = t, .news = COLUMNS_INIT };
	struct columns added = COLUMNS_INIT, removed = COLUMNS_INIT;
	bool good;

	t->to.dialect = t->from.dialect;
	good = list_names(&t->to.columns, t, &l->columns, why) &&
	    list_names(&added, t, &l->added, why) &&
	    list_names(&removed, t, &l->removed, why);
	t->to.header = t->to.columns.n;
	take_names(t);
	if (good && l->renamed.p && (!jsonl_members(l->renamed.p,
	    l->renamed.len, note_renamed, &r) || r.bad)) {
		buf_clear(why);
		buf_str(why, "a column that it renames is not there");
		good = false;
	}
	good = good && map_columns(t, &r, &added, &removed, why);
	t->reshaped = good && !is_identity(t);
	columns_release(&added);
	columns_release(&removed);
	columns_release(&r.news);
	free(r.from);
	return good;
}

/* Without a header columns are places: each row has its own number of them. */
static bool
are_places(struct patch_target *t, const struct delta_line *l,
    struct buf *why)
{
	struct columns names = COLUMNS_INIT;
	bool good = list_names(&names, t, &l->columns, why);

	for (size_t i = 0; good && i < names.n; i++) {
		size_t len;
		const char *name = columns_name(&len, &names, i);

		if (find_column(&t->from, name, len) == COLUMN_NONE)
			good = column_odd(why, &names, i, "is not there");
	}
	columns_release(&names);
	return good;
}

bool
patch_csv_columns(struct patch_target *t, const struct delta_line *l,
    struct buf *why)
{
	if (t->reshaped || t->from_of) {
		buf_clear(why);
		buf_str(why, "its columns were said before");
		return false;
	}
	if (!t->lacks_header && !t->from.dialect.header)
		return are_places(t, l, why);
	if (!t->lacks_header)
		return reshape_to(t, l, why);
	if (!list_names(&t->from.columns, t, &l->columns, why))
		return false;
	t->from.header = t->from.columns.n;
	t->lacks_header = false;
	return true;
}
