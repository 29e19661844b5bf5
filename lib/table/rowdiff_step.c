/*
 * Both sides of a unit are gone through in step, as long as rows have the same
 * bytes or one row was edited, inserted or deleted where the next ones are the
 * same again.  So bytes that both sides have in the same place are compared
 * and counted, and nothing is kept of their rows one by one.  Where the sides
 * get out of step the rest of both is taken apart.
 */

#include <string.h>

#include "lib/base/mem.h"
#include "lib/table/rowdiff_int.h"

#define STRIDE 512

/* How many bytes are the same. */
static size_t
same_length(const char *a, const char *b, size_t len)
{
	size_t i = 0;

	while (i + STRIDE <= len && !memcmp(a + i, b + i, STRIDE))
		i += STRIDE;
	while (i + 8 <= len && !memcmp(a + i, b + i, 8))
		i += 8;
	while (i < len && a[i] == b[i])
		i++;
	return i;
}

static size_t
bytes_left(const struct rows *r)
{
	return r->start < r->find.len ? r->find.len - r->start : 0;
}

/* Go to the record that begins so many bytes further on. */
static void
go_on(struct rows *r, size_t bytes)
{
	const struct find *f = &r->find;

	bytes += r->start;
	find_begin(&r->find, f->p + bytes, f->len - bytes, f->what, f->quote,
	    false);
	r->start = 0;
}

/* Pass over the records that both sides have next; how many there are. */
static uint32_t
pass_same(struct rows rows[SIDES])
{
	struct rows *r = &rows[FROM];
	size_t left = bytes_left(r), other = bytes_left(&rows[TO]), same, end;
	struct find find;
	uint32_t n;

	if (!left || !other)
		return 0;
	same = same_length(r->find.p + r->start, rows[TO].find.p +
	    rows[TO].start, left < other ? left : other);
	find_begin(&find, r->find.p + r->start, same, r->find.what,
	    r->find.quote, false);
	n = find_all(&end, &find);
	/* The last record may end without a line end. */
	if (same == left && same == other && end < same) {
		end = same;
		n++;
	}
	go_on(r, end);
	go_on(&rows[TO], end);
	return n;
}

static void
add_row(struct raws *out, const char *p, size_t len)
{
	VEC_ROOM(out->v, out->n, out->cap);
	out->v[out->n++] = (struct raw){ .p = p, .len = len,
	    .at = out->rows++, .count = 1, .mate = RAW_NONE,
	    .digest = RAW_NONE };
}

/* The last ones of both are rows that both have. */
static void
add_run(struct raws out[SIDES], uint32_t count)
{
	for (unsigned side = 0; side < SIDES; side++) {
		struct raws *x = &out[side];

		add_row(x, "", 0);
		x->v[x->n - 1].count = count;
		x->v[x->n - 1].mate = (uint32_t)out[!side].n - (side == TO);
		x->rows += count - 1;
	}
}

void
rowdiff_split(struct raws *out, struct rows *rows)
{
	const char *raw;
	size_t len;

	while (rows_next(&raw, &len, rows))
		add_row(out, raw, len);
}

/* Is what comes next the same on both sides? */
static bool
is_in_step(struct rows from, struct rows to)
{
	const char *a, *b;
	size_t a_len, b_len;
	bool more = rows_next(&a, &a_len, &from);

	return rows_next(&b, &b_len, &to) == more && (!more ||
	    (a_len == b_len && !memcmp(a, b, a_len)));
}

/* Pass over an edited row, or one that only one side has, if the next ones
 * are the same again. */
static bool
pass_change(struct raws out[SIDES], struct rows rows[SIDES])
{
	static const bool ways[][SIDES] = { { true, true }, { true, false },
	    { false, true } };
	struct rows next[SIDES] = { rows[FROM], rows[TO] };
	const char *raw[SIDES];
	size_t len[SIDES];
	bool has[SIDES];

	for (unsigned side = 0; side < SIDES; side++)
		has[side] = rows_next(&raw[side], &len[side], &next[side]);
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		const bool *pass = ways[i];

		if ((pass[FROM] && !has[FROM]) || (pass[TO] && !has[TO]) ||
		    !is_in_step(pass[FROM] ? next[FROM] : rows[FROM],
		    pass[TO] ? next[TO] : rows[TO]))
			continue;
		for (unsigned side = 0; side < SIDES; side++)
			if (pass[side]) {
				add_row(&out[side], raw[side], len[side]);
				rows[side] = next[side];
			}
		return true;
	}
	return false;
}

void
rowdiff_step(struct raws out[SIDES], struct rows rows[SIDES])
{
	do {
		uint32_t n = pass_same(rows);

		if (n)
			add_run(out, n);
	} while (pass_change(out, rows));
	for (unsigned side = 0; side < SIDES; side++)
		rowdiff_split(&out[side], &rows[side]);
}
