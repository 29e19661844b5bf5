/*
 * Decisions about rows on disk; the layout is in format.h.
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
decision_list_begin(struct buf *out, const char *path, const char *key)
{
	add_text(out, path, strlen(path));
	add_text(out, key, strlen(key));
}

void
decision_list_add(struct buf *out, const struct row_decision *d)
{
	buf_add(out, d->key, ROW_KEY);
	buf_add(out, d->row.b, ID_SIZE);
	buf_char(out, (char)d->verdict);
	add_text(out, d->source.p, d->source.len);
	add_text(out, d->reason.p, d->reason.len);
	add_text(out, d->note.p, d->note.len);
}

static void
take_text(struct decision_text *out, struct cursor *c, size_t max)
{
	uint64_t n = cursor_varint(c);

	if (n > max)
		c->bad = true;
	out->len = c->bad ? 0 : (size_t)n;
	out->p = cursor_take(c, out->len);
	if (out->p && memchr(out->p, '\0', out->len))
		c->bad = true;
}

bool
decision_list_next(struct row_decision *out, struct decision_list *list)
{
	struct cursor *c = &list->c;
	const char *row;
	unsigned verdict;

	if (c->bad || !cursor_left(c))
		return false;
	out->key = (const uint8_t *)cursor_take(c, ROW_KEY);
	row = cursor_take(c, ID_SIZE);
	if (row)
		memcpy(out->row.b, row, ID_SIZE);
	verdict = cursor_u8(c);
	if (verdict < VERDICT_APPROVE || verdict > VERDICT_MAX)
		c->bad = true;
	out->verdict = (enum verdict)verdict;
	take_text(&out->source, c, DECISION_TEXT_MAX);
	take_text(&out->reason, c, DECISION_TEXT_MAX);
	take_text(&out->note, c, DECISION_TEXT_MAX);
	return !c->bad;
}

static bool
path_ok(const struct decision_text *path)
{
	struct buf b = BUF_INIT;
	bool good;

	buf_add(&b, path->p, path->len);
	good = tree_path_ok(buf_cstr(&b));
	buf_release(&b);
	return good;
}

static bool
ascends(const struct row_decision *a, const struct row_decision *b)
{
	int key = memcmp(a->key, b->key, ROW_KEY);

	return key < 0 || (!key && id_cmp(&a->row, &b->row) < 0);
}

err_t
decision_list_decode(struct decision_list *out, const void *p, size_t len)
{
	struct decision_list list = { .c = cursor_of(p, len) };
	struct row_decision d, last = { .key = NULL };
	struct cursor first;

	take_text(&list.path, &list.c, 1 << 20);
	take_text(&list.key, &list.c, ROWS_KEY_MAX);
	first = list.c;
	while (decision_list_next(&d, &list)) {
		if (last.key && !ascends(&last, &d))
			list.c.bad = true;
		last = d;
		list.n++;
	}
	if (list.c.bad || !list.n || !path_ok(&list.path))
		return err_new(ERR_CORRUPT, "damaged list of decisions");
	list.c = first;
	*out = list;
	return NULL;
}
