#include "lib/review/sheet.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/review/decided.h"
#include "lib/table/table.h"

struct sheet {
	const char *name;
	struct buf bytes;
	struct source *source;
	struct table table;
	struct key_finder finder;
	struct row again;		/* a line, taken apart once more */
	struct sheet_line *v;		/* by key, once all are read */
	size_t n, cap;
	char **texts;			/* owned */
	size_t n_texts, cap_texts;
};

void
sheet_free(struct sheet *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->n_texts; i++)
		free(s->texts[i]);
	free(s->texts);
	free(s->v);
	row_release(&s->again);
	key_finder_release(&s->finder);
	table_release(&s->table);
	source_free(s->source);
	buf_release(&s->bytes);
	free(s);
}

/* ---- reading ------------------------------------------------------------ */

static err_t
read_all(struct buf *out, int fd, const char *name)
{
	const size_t piece = (size_t)1 << 20;
	size_t got = piece;
	err_t err = NULL;

	while (!err && got == piece) {
		err = file_read_full(&got, fd, buf_reserve(out, piece), piece,
		    name);
		if (!err)
			out->len += got;
		if (!err && out->len > SHEET_MAX)
			err = err_new(ERR_REFUSED, "\"%s\" is longer than "
			    "%zu MiB; decide in several steps", name,
			    SHEET_MAX >> 20);
	}
	return err;
}

static char *
keep(struct sheet *s, const char *p, size_t len)
{
	VEC_ROOM(s->texts, s->n_texts, s->cap_texts);
	return s->texts[s->n_texts++] = mem_strndup(p, len);
}

static struct cell
cell_of(const struct sheet *s, const struct row *row, const char *name)
{
	size_t at = columns_find(&s->table.shape.columns, name, strlen(name));

	return at == COLUMN_NONE ? (struct cell){ "", 0, CELL_NONE } :
	    row_cell(row, at);
}

static err_t
take_text(struct decision_text *out, struct sheet *s, const struct row *row,
    const char *name)
{
	struct cell c = cell_of(s, row, name);

	if (c.len > DECISION_TEXT_MAX || memchr(c.p, '\0', c.len))
		return err_new(ERR_REFUSED, "\"%s\" row %llu: the %s is "
		    "longer than %u KiB, or has a NUL in it", s->name,
		    (unsigned long long)row->number, name,
		    DECISION_TEXT_MAX >> 10);
	*out = (struct decision_text){ c.len ? keep(s, c.p, c.len) : "",
	    c.len };
	return NULL;
}

static err_t
take_row(void *arg, bool *done, const struct row *row)
{
	struct sheet *s = arg;
	struct sheet_line line = { .number = row->number };
	struct cell word = cell_of(s, row, "decision");
	err_t err;

	(void)done;
	if (!word.len)
		return NULL;
	if (!decided_parse(&line.verdict, word.p, word.len))
		return err_new(ERR_REFUSED, "\"%s\" row %llu: \"%.*s\" is no "
		    "decision; say approve, reject or modify", s->name,
		    (unsigned long long)row->number, (int)(word.len < 40 ?
		    word.len : 40), word.p);
	if (!key_hash_row(line.key, &s->finder, row))
		return err_new(ERR_REFUSED, "\"%s\" row %llu: it has no key",
		    s->name, (unsigned long long)row->number);
	err = take_text(&line.source, s, row, "source");
	if (!err)
		err = take_text(&line.reason, s, row, "reason");
	if (!err)
		err = take_text(&line.note, s, row, "note");
	if (err)
		return err;
	line.raw = keep(s, row->raw, row->raw_len);
	line.raw_len = row->raw_len;
	VEC_ROOM(s->v, s->n, s->cap);
	s->v[s->n++] = line;
	return NULL;
}

static int
by_key(const void *a, const void *b)
{
	const struct sheet_line *x = a, *y = b;
	int order = memcmp(x->key, y->key, KEY_HASH);

	return order ? order : (x->number > y->number) -
	    (x->number < y->number);
}

static err_t
sort(struct sheet *s)
{
	if (s->n)
		qsort(s->v, s->n, sizeof(*s->v), by_key);
	for (size_t i = 1; i < s->n; i++)
		if (!memcmp(s->v[i - 1].key, s->v[i].key, KEY_HASH))
			return err_new(ERR_REFUSED, "\"%s\" row %llu: it "
			    "decides about the row of which row %llu has "
			    "decided already", s->name,
			    (unsigned long long)s->v[i].number,
			    (unsigned long long)s->v[i - 1].number);
	return NULL;
}

static err_t
open_table(struct sheet *s, const struct key *key)
{
	size_t start = 0;
	struct dialect_hint hint = { .format = TABLE_CSV, .cut = CUT_CSV,
	    .header = 1 };
	struct shape *shape = &s->table.shape;
	err_t err;

	while (start < s->bytes.len && strchr(" \t\r\n", s->bytes.p[start]))
		start++;
	if (start < s->bytes.len && s->bytes.p[start] == '{')
		hint = (struct dialect_hint){ .format = TABLE_JSONL,
		    .cut = CUT_LINES };
	s->source = source_of_bytes(buf_cstr(&s->bytes), s->bytes.len,
	    hint.cut);
	err = table_open(&s->table, s->source, &hint);
	if (!err && shape->reason)
		err = err_new(ERR_REFUSED, "\"%s\" cannot be read as rows: it "
		    "%s", s->name, shape->reason);
	if (!err)
		err = key_bind(&s->finder, key, shape);
	if (err_is(err, ERR_NOT_FOUND))
		err = err_new(ERR_REFUSED, "\"%s\": %s", s->name, err->msg);
	if (!err && hint.format == TABLE_CSV &&
	    columns_find(&shape->columns, "decision", 8) == COLUMN_NONE)
		err = err_new(ERR_REFUSED, "\"%s\" has no column "
		    "\"decision\"", s->name);
	return err;
}

err_t
sheet_read(struct sheet **out, int fd, const char *name,
    const struct key *key)
{
	struct sheet *s = mem_alloc(sizeof(*s));
	err_t err;

	*s = (struct sheet){ .name = name, .bytes = BUF_INIT,
	    .table = TABLE_INIT, .finder = KEY_FINDER_INIT,
	    .again = ROW_INIT };
	err = read_all(&s->bytes, fd, name);
	if (!err)
		err = open_table(s, key);
	if (!err)
		err = table_rows(&s->table, take_row, s);
	if (!err)
		err = sort(s);
	if (err)
		sheet_free(s);
	else
		*out = s;
	return err;
}

/* ---- asking ------------------------------------------------------------- */

size_t
sheet_count(const struct sheet *s)
{
	return s->n;
}

struct sheet_line *
sheet_at(struct sheet *s, size_t i)
{
	return &s->v[i];
}

static int
compare_key(const void *key, const void *line)
{
	return memcmp(key, ((const struct sheet_line *)line)->key, KEY_HASH);
}

struct sheet_line *
sheet_find(struct sheet *s, const uint8_t key[KEY_HASH])
{
	return s->n ? bsearch(key, s->v, s->n, sizeof(*s->v), compare_key) :
	    NULL;
}

/* Columns that are of the decision, not of the row. */
static bool
is_own(const char *name, size_t len)
{
	static const char *const own[] = { "decision", "source", "reason",
	    "note" };

	for (size_t i = 0; i < ARRAY_LEN(own); i++)
		if (len == strlen(own[i]) && !memcmp(name, own[i], len))
			return true;
	return false;
}

bool
sheet_differs(struct buf *out, struct sheet *s,
    const struct sheet_line *line, const struct row *row,
    const struct shape *shape)
{
	const struct columns *columns = &s->table.shape.columns;

	row_decode(&s->again, &s->table.shape, line->raw, line->raw_len);
	for (size_t i = 0; i < columns->n; i++) {
		size_t len, at;
		const char *name = columns_name(&len, columns, i);
		struct cell said = row_cell(&s->again, i), is;

		at = columns_find(&shape->columns, name, len);
		if (is_own(name, len) || at == COLUMN_NONE ||
		    said.kind == CELL_NONE)
			continue;
		is = row_cell(row, at);
		if (is.len == said.len && (!is.len ||
		    !memcmp(is.p, said.p, is.len)))
			continue;
		buf_add(out, name, len);
		return true;
	}
	return false;
}
