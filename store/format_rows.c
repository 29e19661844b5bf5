/*
 * Row changes on disk; the layout is in format.h.
 */

#include "store/format.h"

#include <string.h>

static void
add_text(struct buf *out, const char *p, size_t len)
{
	buf_varint(out, len);
	buf_add(out, p, len);
}

void
row_changes_encode(struct buf *out, const struct row_changes *rows)
{
	buf_add(out, rows->commit.b, ID_SIZE);
	add_text(out, rows->path, rows->path_len);
	add_text(out, rows->key, rows->key_len);
	buf_add(out, rows->from.b, ID_SIZE);
	buf_add(out, rows->to.b, ID_SIZE);
	buf_char(out, (char)rows->extent);
	if (rows->extent == ROWS_UNKNOWN) {
		buf_add(out, rows->note, rows->note_len);
		return;
	}
	buf_varint(out, rows->rows);
	buf_varint(out, rows->inserted);
	buf_varint(out, rows->updated);
	buf_varint(out, rows->deleted);
	buf_varint(out, rows->filled);
	if (rows->extent == ROWS_LISTED)
		buf_add(out, rows->keys, rows->n_keys * ROW_KEY);
}

static const char *
take_text(size_t *len, struct cursor *c, size_t max)
{
	uint64_t n = cursor_varint(c);

	if (n > max)
		c->bad = true;
	*len = c->bad ? 0 : (size_t)n;
	return cursor_take(c, *len);
}

static void
take_id(struct id *out, struct cursor *c)
{
	const char *p = cursor_take(c, ID_SIZE);

	if (p)
		memcpy(out->b, p, ID_SIZE);
}

static bool
path_ok(const struct row_changes *rows)
{
	struct buf path = BUF_INIT;
	bool good;

	buf_add(&path, rows->path, rows->path_len);
	good = !memchr(buf_cstr(&path), '\0', path.len) &&
	    tree_path_ok(buf_cstr(&path));
	buf_release(&path);
	return good;
}

static bool
keys_ok(const struct row_changes *rows)
{
	if (rows->n_keys > ROWS_LISTED_MAX)
		return false;
	for (size_t i = 1; i < rows->n_keys; i++)
		if (memcmp(rows->keys + (i - 1) * ROW_KEY,
		    rows->keys + i * ROW_KEY, ROW_KEY) >= 0)
			return false;
	return true;
}

static bool
counts_ok(const struct row_changes *rows)
{
	return rows->inserted <= rows->rows &&
	    rows->updated <= rows->rows - rows->inserted &&
	    (!id_is_zero(&rows->to) || rows->rows == 0);
}

static void
take_rest(struct row_changes *out, struct cursor *c)
{
	size_t left = cursor_left(c);
	const char *rest = cursor_take(c, left);

	if (out->extent == ROWS_UNKNOWN) {
		out->note = rest;
		out->note_len = left;
		c->bad = c->bad || left > ROWS_NOTE_MAX;
	} else if (out->extent == ROWS_LISTED) {
		out->keys = (const uint8_t *)rest;
		out->n_keys = left / ROW_KEY;
		c->bad = c->bad || left % ROW_KEY || !keys_ok(out);
	} else {
		c->bad = c->bad || left;
	}
}

err_t
row_changes_decode(struct row_changes *out, const void *p, size_t len)
{
	struct row_changes rows = { .extent = ROWS_UNKNOWN };
	struct cursor c = cursor_of(p, len);

	take_id(&rows.commit, &c);
	rows.path = take_text(&rows.path_len, &c, 1 << 20);
	rows.key = take_text(&rows.key_len, &c, ROWS_KEY_MAX);
	take_id(&rows.from, &c);
	take_id(&rows.to, &c);
	rows.extent = cursor_u8(&c);
	if (rows.extent < ROWS_LISTED || rows.extent > ROWS_UNKNOWN)
		c.bad = true;
	if (!c.bad && rows.extent != ROWS_UNKNOWN) {
		rows.rows = cursor_varint(&c);
		rows.inserted = cursor_varint(&c);
		rows.updated = cursor_varint(&c);
		rows.deleted = cursor_varint(&c);
		rows.filled = cursor_varint(&c);
	}
	if (!c.bad)
		take_rest(&rows, &c);
	if (c.bad || !path_ok(&rows) || !counts_ok(&rows) ||
	    id_eq(&rows.from, &rows.to))
		return err_new(ERR_CORRUPT, "damaged row changes");
	*out = rows;
	return NULL;
}
