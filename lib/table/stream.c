#include "lib/table/stream.h"

#include <string.h>

#include "lib/base/find.h"

void
stream_release(struct stream *s)
{
	buf_release(&s->held);
}

/* Everything before p is counted. */
static void
count_to(struct stream *s, const char *p)
{
	s->lines += find_count(s->counted, (size_t)(p - s->counted),
	    '\n');
	s->counted = p;
}

uint64_t
stream_lines(struct stream *s)
{
	if (s->row)
		count_to(s, s->row);
	return s->lines;
}

static err_t
show_row(struct stream *s, const char *raw, size_t len)
{
	err_t err;

	s->row = raw;
	err = s->fn(s->arg, raw, len);
	s->row = NULL;
	return err;
}

/* How much of p is left of the row that is dropped. */
static size_t
drop(struct stream *s, const char *p, size_t len)
{
	struct find find;
	size_t at;

	find_begin(&find, p, len, '\n', s->dialect->quote, s->in_quotes);
	at = find_next(&find);
	if (at == len) {
		s->in_quotes = find.carry != 0;
	} else {
		s->dropping = false;
		at++;
	}
	s->lines += find_count(p, at, '\n');
	return at;
}

/* What is held is too long: it is shown as it is, and no more of it. */
static err_t
give_up(struct stream *s)
{
	struct find find;
	err_t err;

	find_begin(&find, s->held.p, s->held.len, '\n', s->dialect->quote,
	    false);
	find_next(&find);
	s->dropping = true;
	s->in_quotes = find.carry != 0;
	s->counted = s->held.p;
	err = show_row(s, s->held.p, s->held.len);
	count_to(s, s->held.p + s->held.len);
	buf_release(&s->held);
	return err;
}

/* The rows of p, which begins with a record; *used is what is whole. */
static err_t
whole_rows(size_t *used, struct stream *s, const char *p, size_t len,
    bool all)
{
	const char *raw;
	struct rows rows;
	size_t n;
	err_t err = NULL;

	*used = 0;
	s->counted = p;
	if (s->at_start && !all && len <= dialect_skip(s->dialect))
		return NULL;
	rows_begin(&rows, s->dialect, p, len, s->at_start);
	if (rows.start > rows.find.len && !all)
		return NULL;
	s->at_start = false;
	*used = (size_t)(rows.find.p - p) + rows.start;
	while (!err && rows_next(&raw, &n, &rows)) {
		if (rows.start > rows.find.len && !all)
			break;
		*used = (size_t)(rows.find.p - p) + rows.start;
		err = show_row(s, raw, n);
	}
	if (*used > len)
		*used = len;
	count_to(s, p + *used);
	return err;
}

err_t
stream_add(struct stream *s, const char *p, size_t len)
{
	size_t used;
	err_t err;

	if (s->dropping) {
		used = drop(s, p, len);
		p += used;
		len -= used;
	}
	if (!len)
		return NULL;
	if (!s->held.len) {
		err = whole_rows(&used, s, p, len, false);
		if (!err)
			buf_add(&s->held, p + used, len - used);
	} else {
		buf_add(&s->held, p, len);
		err = whole_rows(&used, s, s->held.p, s->held.len, false);
		memmove(s->held.p, s->held.p + used, s->held.len - used);
		s->held.len -= used;
	}
	if (!err && s->held.len > ROW_LONGEST + 1 && !s->at_start)
		err = give_up(s);
	return err;
}

err_t
stream_end(struct stream *s)
{
	size_t used;
	err_t err = NULL;

	if (s->held.len)
		err = whole_rows(&used, s, s->held.p, s->held.len, true);
	buf_clear(&s->held);
	return err;
}
