/*
 * Rows of JSON Lines, changed member by member: a member that is not changed
 * keeps its bytes, and so does what stands between them.
 */

#include "lib/table/patch_int.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/json.h"
#include "lib/base/mem.h"
#include "lib/table/jsonl.h"

/* ---- members ---------------------------------------------------------- */

struct member {
	size_t name;			/* among names */
	const char *value;
	size_t len;
};
/* A name may be there several times. */
struct named {
	size_t first;			/* member */
	bool gone;
};
struct members {
	struct member *v;
	size_t n, cap;
	struct columns names;
	struct named *named;		/* by name */
	size_t n_named, cap_named;
};

static void
members_release(struct members *m)
{
	free(m->v);
	free(m->named);
	columns_release(&m->names);
}

static void
note(void *arg, const char *name, size_t name_len, const char *value,
    size_t len)
{
	struct members *m = arg;
	size_t at = columns_add(&m->names, name, name_len);

	if (at == m->n_named) {
		VEC_ROOM(m->named, m->n_named, m->cap_named);
		m->named[m->n_named++] = (struct named){ m->n, false };
	}
	VEC_ROOM(m->v, m->n, m->cap);
	m->v[m->n++] = (struct member){ at, value, len };
}

static const char *
name_of(size_t *len, const struct members *m, size_t i)
{
	return columns_name(len, &m->names, m->v[i].name);
}

static const struct member *
find(const struct members *m, const char *name, size_t len)
{
	size_t at = columns_find(&m->names, name, len);

	return at == COLUMN_NONE ? NULL : &m->v[m->named[at].first];
}

static bool
list(struct members *out, const struct delta_value *v, struct buf *why)
{
	if (!v->p || jsonl_members(v->p, v->len, note, out))
		return true;
	buf_clear(why);
	buf_str(why, "the row is no JSON object");
	return false;
}

/* A line that is not an object, or not one like others, is said by one member,
 * "#line": its text. */
static bool
whole_line(struct buf *out, struct patch_target *t,
    const struct delta_value *v)
{
	struct members m = { .n = 0 };
	struct buf why = BUF_INIT;
	struct cell cell;
	bool is_one = false;

	if (v->p && list(&m, v, &why) && m.n == 1 && find(&m, "#line", 5) &&
	    delta_scalar(&cell, &t->text, m.v->value, m.v->len)) {
		buf_add(out, cell.p, cell.len);
		is_one = true;
	}
	members_release(&m);
	buf_release(&why);
	return is_one;
}

/* Of a line that was said by its text. */
static bool
is_one_line(const struct buf *text, struct buf *why)
{
	if (!text->len || !memchr(text->p, '\n', text->len))
		return true;
	buf_clear(why);
	buf_str(why, "\"#line\" has a line feed in it, which would end the "
	    "line");
	return false;
}

/* ---- comparing -------------------------------------------------------- */

bool
patch_jsonl_row(struct row *out, struct buf *bytes, struct patch_target *t,
    const struct delta_value *v, struct buf *why)
{
	struct members m = { .n = 0 };
	bool good;

	buf_clear(bytes);
	buf_reserve(bytes, 1);
	good = list(&m, v, why);
	members_release(&m);
	if (good && !whole_line(bytes, t, v))
		buf_add(bytes, v->p, v->len);
	good = good && is_one_line(bytes, why);
	if (good)
		row_decode(out, &t->from, buf_cstr(bytes), bytes->len);
	return good;
}

/* The paths of members. */
static void
paths_of(struct columns *out, const struct members *m)
{
	struct buf path = BUF_INIT;

	for (size_t i = 0; i < m->n; i++) {
		size_t len;
		const char *name = name_of(&len, m, i);

		buf_clear(&path);
		jsonl_path_key(&path, name, len);
		columns_add(out, path.p, path.len);
	}
	buf_release(&path);
}

/* Of a path, the part that is a member of the line; "#2" after it says that
 * the member is there twice. */
static size_t
first_part(const char *path, size_t len)
{
	bool quoted = false;

	for (size_t i = 0; i < len; i++) {
		quoted ^= path[i] == '"';
		if (!quoted && i && strchr(".[#", path[i]))
			return i;
	}
	return len;
}

/* Is the column at or below a member that is said? */
static bool
is_below(const struct patch_target *t, size_t column,
    const struct columns *said)
{
	size_t len;
	const char *name = columns_name(&len, &t->from.columns, column);

	return columns_find(said, name, first_part(name, len)) != COLUMN_NONE;
}

static bool
same_cell(const struct cell *a, const struct cell *b)
{
	return a->kind == b->kind && a->len == b->len &&
	    memcmp(a->p, b->p, a->len) == 0;
}

static bool
differs(struct buf *why, const struct patch_target *t, size_t column,
    const struct cell *has, const struct cell *said)
{
	size_t len;
	const char *name = columns_name(&len, &t->from.columns, column);
	const struct cell *cells[] = { has, said };

	buf_clear(why);
	patch_quote(why, name, len);
	for (size_t i = 0; i < 2; i++) {
		buf_str(why, i ? ", not " : " is ");
		if (cells[i]->kind == CELL_NONE)
			buf_str(why, "nothing");
		else if (cells[i]->kind == CELL_NULL)
			buf_str(why, "null");
		else
			patch_quote(why, cells[i]->p, cells[i]->len);
	}
	return false;
}

bool
patch_jsonl_fits(struct patch_target *t, const char *raw, size_t len,
    const struct delta_line *l, bool whole, struct buf *why)
{
	struct members said = { .n = 0 };
	struct columns paths = COLUMNS_INIT;
	const struct row *want = &t->other, *has = &t->row;
	bool good;

	if (!l->before.p)
		return true;
	good = list(&said, &l->before, why);
	if (good && !said.n && !whole)
		goto out;
	good = good && patch_jsonl_row(&t->other,
	    &t->cells, t, &l->before, why);
	if (good)
		row_decode(&t->row, &t->from, raw, len);
	for (size_t i = 0; good && i < want->n_order; i++) {
		struct cell a = row_cell(has, want->order[i]);
		struct cell b = row_cell(want, want->order[i]);

		if (!same_cell(&a, &b))
			good = differs(why, t, want->order[i], &a, &b);
	}
	paths_of(&paths, &said);
	for (size_t i = 0; good && i < has->n_order; i++) {
		struct cell a = row_cell(has, has->order[i]);
		struct cell b = row_cell(want, has->order[i]);

		if (b.kind == CELL_NONE && (whole ||
		    is_below(t, has->order[i], &paths)))
			good = differs(why, t, has->order[i], &a, &b);
	}
out:
	columns_release(&paths);
	members_release(&said);
	return good;
}

/* ---- writing ---------------------------------------------------------- */

/* As often as it is there. */
static void
unset_member(void *arg, const struct cell *name)
{
	struct members *m = arg;

	size_t at = columns_find(&m->names, name->p, name->len);

	if (at != COLUMN_NONE)
		m->named[at].gone = true;
}

/* What stands between the members of a line: in one that has at least two,
 * as between these; else nothing but what must. */
struct style {
	const char *open, *close;	/* the braces, with what is around */
	size_t open_len, close_len;
	bool blank_after_comma, blank_after_colon;
};

static struct style
style_of(const struct members *m, const char *raw, size_t len)
{
	const char *brace = memchr(raw, '{', len);
	const char *last = m->n ? m->v[m->n - 1].value + m->v[m->n - 1].len :
	    brace + 1;
	struct style s = { .open = raw, .open_len = (size_t)(brace + 1 - raw),
	    .close = last, .close_len = (size_t)(raw + len - last) };

	s.blank_after_colon = m->n && m->v[0].value[-1] == ' ';
	if (m->n > 1) {
		const char *comma = m->v[0].value + m->v[0].len;

		while (*comma != ',')
			comma++;
		s.blank_after_comma = comma[1] == ' ';
	} else {
		s.blank_after_comma = s.blank_after_colon;
	}
	if (!m->n) {
		s.close = memchr(raw, '}', len);
		s.close_len = (size_t)(raw + len - s.close);
	}
	return s;
}

/* The name and colon of a member as they are in the line, without the comma
 * before them. */
static void
write_name(struct buf *out, const struct members *m, size_t i,
    const char *raw)
{
	const char *from = i ? m->v[i - 1].value + m->v[i - 1].len : raw;

	from = memchr(from, '"', (size_t)(m->v[i].value - from));
	buf_add(out, from, (size_t)(m->v[i].value - from));
}

static void
write_separator(struct buf *out, const struct style *s, bool *first)
{
	if (!*first)
		buf_str(out, s->blank_after_comma ? ", " : ",");
	*first = false;
}

static void
write_line(struct buf *out, const struct members *old,
    const struct members *new, const char *raw, size_t len)
{
	struct style s = style_of(old, raw, len);
	struct json j;
	bool first = true;

	buf_add(out, s.open, s.open_len);
	for (size_t i = 0; i < old->n; i++) {
		const struct member *m = &old->v[i];
		const struct member *change;
		size_t n;
		const char *name = name_of(&n, old, i);

		if (old->named[m->name].gone)
			continue;
		change = find(new, name, n);
		write_separator(out, &s, &first);
		write_name(out, old, i, raw);
		if (!change)
			change = m;
		buf_add(out, change->value, change->len);
	}
	for (size_t i = 0; i < new->n; i++) {
		const struct member *m = &new->v[i];

		size_t n;
		const char *name = name_of(&n, new, i);

		if (find(old, name, n))
			continue;
		write_separator(out, &s, &first);
		json_init(&j, out);
		json_textn(&j, name, n);
		buf_str(out, s.blank_after_colon ? ": " : ":");
		buf_add(out, m->value, m->len);
	}
	buf_add(out, s.close, s.close_len);
}

bool
patch_jsonl_update(struct buf *out, struct patch_target *t, const char *raw,
    size_t len, const struct delta_line *l, struct buf *why)
{
	struct members old = { .n = 0 }, new = { .n = 0 };
	struct delta_value line = { raw, len };
	bool good;

	if (whole_line(out, t, &l->payload))
		return is_one_line(out, why);
	buf_clear(&t->cells);
	if (l->payload.p && whole_line(&t->cells, t, &l->before)) {
		buf_add(out, l->payload.p, l->payload.len);
		return true;
	}
	good = list(&old, &line, why) && list(&new, &l->payload, why);
	if (good && !delta_items(&t->text, &l->unset, unset_member, &old)) {
		buf_clear(why);
		buf_str(why, "unset is no list of names");
		good = false;
	}
	if (good)
		write_line(out, &old, &new, raw, len);
	members_release(&old);
	members_release(&new);
	return good;
}

bool
patch_jsonl_insert(struct buf *out, struct patch_target *t,
    const struct delta_line *l, struct buf *why)
{
	struct members m = { .n = 0 };
	bool good = list(&m, &l->payload, why);

	members_release(&m);
	if (good && !whole_line(out, t, &l->payload))
		buf_add(out, l->payload.p, l->payload.len);
	return good;
}
