/*
 * Cells of CSV are strings.  Of JSON Lines the members of the line are
 * written whole, as they are there, if they differ: so nested values survive.
 * A line that is no object, has a member twice, or is not UTF-8, which a
 * delta is, is the member "#line".
 */

#include "lib/table/delta_write.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/base/text.h"
#include "lib/table/jsonl.h"

#define LINE "#line"

/* The members of a line of JSON Lines, as they are written. */
struct member {
	char *name;
	size_t name_len;
	const char *value;
	size_t value_len;
};

struct members {
	struct member *v;
	size_t n, cap;
	const struct member **by_name;
};

static void
members_release(struct members *m)
{
	for (size_t i = 0; i < m->n; i++)
		free(m->v[i].name);
	free(m->v);
	free(m->by_name);
	*m = (struct members){ .n = 0 };
}

static void
take_member(void *arg, const char *name, size_t name_len, const char *value,
    size_t value_len)
{
	struct members *m = arg;

	VEC_ROOM(m->v, m->n, m->cap);
	m->v[m->n++] = (struct member){ mem_strndup(name, name_len), name_len,
	    value, value_len };
}

static int
compare_names(const struct member *a, const struct member *b)
{
	size_t len = a->name_len < b->name_len ? a->name_len : b->name_len;
	int cmp = memcmp(a->name, b->name, len);

	return cmp ? cmp : (a->name_len > b->name_len) -
	    (a->name_len < b->name_len);
}

static int
compare_members(const void *a, const void *b)
{
	const struct member *const *x = a, *const *y = b;

	return compare_names(*x, *y);
}

static const struct member *
member_find(const struct members *m, const char *name, size_t len)
{
	const struct member want = { (char *)(uintptr_t)name, len, NULL, 0 };
	const struct member *key = &want;
	const struct member **found = m->n ? bsearch(&key, m->by_name, m->n,
	    sizeof(*m->by_name), compare_members) : NULL;

	return found ? *found : NULL;
}

/* False if a name comes twice. */
static bool
sort_names(struct members *m)
{
	bool once = true;

	m->by_name = mem_array(m->n + 1, sizeof(*m->by_name));
	for (size_t i = 0; i < m->n; i++)
		m->by_name[i] = &m->v[i];
	qsort(m->by_name, m->n, sizeof(*m->by_name), compare_members);
	for (size_t i = 1; i < m->n; i++)
		once = once && compare_names(m->by_name[i - 1],
		    m->by_name[i]);
	return once;
}

/* A whole line as a JSON string is not what is written in it: value NULL. */
static void
members_of(struct members *m, const struct row *row)
{
	if (!row)
		return;
	if (!(row->odd & (ROW_JSON | ROW_TWICE | ROW_HUGE)) &&
	    text_is_utf8(row->raw, row->raw_len) &&
	    jsonl_members(row->raw, row->raw_len, take_member, m) &&
	    sort_names(m) && !member_find(m, LINE, strlen(LINE)))
		return;
	members_release(m);
	take_member(m, LINE, strlen(LINE), NULL, 0);
	sort_names(m);
}

/* ---- values ------------------------------------------------------------ */

/* As it is, but that what may not go to a terminal is written as an escape;
 * it can only be within a string. */
static void
raw_value(struct buf *out, const char *p, size_t len)
{
	struct buf one = BUF_INIT;
	struct json j;

	for (size_t i = 0; i < len;) {
		int32_t c = 0;
		size_t n = (unsigned char)p[i] < 0x7f ? 1 :
		    text_next(&c, p + i, len - i);

		if ((n == 1 && (unsigned char)p[i] >= ' ' &&
		    (unsigned char)p[i] < 0x7f) || (n > 1 &&
		    !text_is_hidden(c))) {
			buf_add(out, p + i, n);
		} else {
			/* The writer's escape, without its quotes. */
			buf_clear(&one);
			json_init(&j, &one);
			n = n ? n : 1;
			json_textn(&j, p + i, n);
			buf_add(out, one.p + 1, one.len - 2);
		}
		i += n;
	}
	buf_release(&one);
}

static void
comma(struct buf *out, bool *any)
{
	if (*any)
		buf_char(out, ',');
	*any = true;
}

static void
text(struct buf *out, const char *p, size_t len)
{
	struct json j;

	json_init(&j, out);
	json_textn(&j, p, len);
}

static void
name(struct buf *out, bool *any, const char *p, size_t len)
{
	comma(out, any);
	text(out, p, len);
	buf_char(out, ':');
}

static void
member_value(struct buf *out, const struct member *m, const struct row *row)
{
	if (m->value)
		raw_value(out, m->value, m->value_len);
	else
		text(out, row->raw, row->raw_len);
}

static bool
is_json(const struct shape *shape)
{
	return shape->dialect.format == TABLE_JSONL;
}

/* ---- the parts of a line ----------------------------------------------- */

/* An object of all members of a row. */
static void
all_members(struct buf *out, const struct row *row)
{
	struct members m = { .n = 0 };
	bool any = false;

	members_of(&m, row);
	buf_char(out, '{');
	for (size_t i = 0; i < m.n; i++) {
		name(out, &any, m.v[i].name, m.v[i].name_len);
		member_value(out, &m.v[i], row);
	}
	buf_char(out, '}');
	members_release(&m);
}

/* An object of the cells of one side: those changed, or all. */
static void
cells(struct buf *out, const struct row_change *c, bool newer, bool all)
{
	size_t n = all ? c->joint->n : c->n_changed;
	bool any = false;

	buf_char(out, '{');
	for (size_t k = 0; k < n; k++) {
		size_t i = all ? k : c->changed[k], len;
		struct cell cell = newer ? row_change_to(c, i) :
		    row_change_from(c, i);
		const char *p;

		if (cell.kind == CELL_NONE)
			continue;
		p = joint_name(&len, c->joint, i);
		name(out, &any, p, len);
		text(out, cell.p, cell.len);
	}
	buf_char(out, '}');
}

static void
whole(struct buf *out, const struct row_change *c, bool newer)
{
	if (is_json(newer ? &c->joint->to : &c->joint->from))
		all_members(out, newer ? c->to : c->from);
	else
		cells(out, c, newer, true);
}

static bool
same_member(const struct member *a, const struct member *b)
{
	return a && b && a->value && b->value &&
	    a->value_len == b->value_len &&
	    !memcmp(a->value, b->value, a->value_len);
}

/* The members of one that the other has not, or otherwise. */
static void
differing(struct buf *out, const struct members *m, const struct row *row,
    const struct members *other)
{
	bool any = false;

	buf_char(out, '{');
	for (size_t i = 0; i < m->n; i++) {
		const struct member *x = &m->v[i];

		if (same_member(x, member_find(other, x->name, x->name_len)))
			continue;
		name(out, &any, x->name, x->name_len);
		member_value(out, x, row);
	}
	buf_char(out, '}');
}

static void
unset_begin(struct buf *out, bool *any)
{
	if (!*any)
		buf_str(out, ",\"unset\":[");
	else
		buf_char(out, ',');
	*any = true;
}

static void
update_members(struct buf *out, const struct row_change *c, bool before_all)
{
	struct members a = { .n = 0 }, b = { .n = 0 };
	bool unset = false;

	members_of(&a, c->from);
	members_of(&b, c->to);
	buf_str(out, ",\"payload\":");
	differing(out, &b, c->to, &a);
	buf_str(out, ",\"before\":");
	if (before_all)
		all_members(out, c->from);
	else
		differing(out, &a, c->from, &b);
	for (size_t i = 0; i < a.n; i++) {
		if (member_find(&b, a.v[i].name, a.v[i].name_len))
			continue;
		unset_begin(out, &unset);
		text(out, a.v[i].name, a.v[i].name_len);
	}
	if (unset)
		buf_char(out, ']');
	members_release(&a);
	members_release(&b);
}

static void
update_cells(struct buf *out, const struct row_change *c, bool before_all)
{
	bool unset = false;

	buf_str(out, ",\"payload\":");
	cells(out, c, true, false);
	buf_str(out, ",\"before\":");
	if (is_json(&c->joint->from))
		all_members(out, c->from);
	else
		cells(out, c, false, before_all);
	for (size_t k = 0; k < c->n_changed; k++) {
		size_t len;
		const char *p;

		if (row_change_to(c, c->changed[k]).kind != CELL_NONE)
			continue;
		unset_begin(out, &unset);
		p = joint_name(&len, c->joint, c->changed[k]);
		text(out, p, len);
	}
	if (unset)
		buf_char(out, ']');
}

static void
record_id(struct buf *out, const struct delta_source *t,
    const struct row_change *c)
{
	const struct row *row = c->to ? c->to : c->from;
	bool any = false;

	buf_str(out, ",\"record_id\":");
	if (t->key->n > 1)
		buf_char(out, '[');
	for (size_t i = 0; i < t->key->n; i++) {
		size_t at = joint_find(c->joint, t->key->names[i],
		    strlen(t->key->names[i]));
		struct cell cell = row == c->to ? row_change_to(c, at) :
		    row_change_from(c, at);

		comma(out, &any);
		if (cell.kind == CELL_NUMBER)
			buf_add(out, cell.p, cell.len);
		else
			text(out, cell.p, cell.len);
	}
	if (t->key->n > 1)
		buf_char(out, ']');
}

void
delta_write_row(struct buf *out, const struct delta_source *t,
    const struct row_change *c)
{
	static const char *const words[] = { [ROW_INSERT] = "insert",
	    [ROW_UPDATE] = "update", [ROW_DELETE] = "delete" };

	buf_str(out, "{\"path\":");
	text(out, t->path, strlen(t->path));
	buf_printf(out, ",\"operation\":\"%s\"", words[c->op]);
	if (c->key)
		record_id(out, t, c);
	/* Of several rows with one key, or equal ones, it says which. */
	if (c->from)
		buf_printf(out, ",\"row\":%" PRIu64, c->from->number);
	if (c->op == ROW_INSERT) {
		buf_str(out, ",\"payload\":");
		whole(out, c, true);
	} else if (c->op == ROW_DELETE) {
		buf_str(out, ",\"before\":");
		whole(out, c, false);
	} else if (is_json(&c->joint->from) && is_json(&c->joint->to)) {
		update_members(out, c, !c->key);
	} else {
		update_cells(out, c, !c->key);
	}
	buf_str(out, "}\n");
}

/* ---- columns ----------------------------------------------------------- */

bool
delta_write_has_schema(const struct delta_source *t)
{
	const struct rowdiff_schema *s = rowdiff_schema(t->diff);

	return t->from || strcmp(t->status, "modified") != 0 || s->added ||
	    s->removed || s->renamed || s->moved || s->dialect;
}

static void
column_name(struct json *j, const struct joint *joint, size_t i, bool older)
{
	size_t len;
	const char *p = older ? columns_name(&len, &joint->from.columns,
	    joint->v[i].from) : joint_name(&len, joint, i);

	json_textn(j, p, len);
}

static void
renamed(struct json *j, const struct joint *joint)
{
	json_key(j, "renamed");
	json_object(j);
	for (size_t i = 0; i < joint->n; i++) {
		size_t len;
		const char *p;

		if (!joint->v[i].renamed)
			continue;
		p = columns_name(&len, &joint->from.columns,
		    joint->v[i].from);
		json_keyn(j, p, len);
		column_name(j, joint, i, false);
	}
	json_end(j);
}

static void
columns(struct json *j, const struct joint *joint, bool from, bool to)
{
	json_array(j);
	for (size_t i = 0; i < joint->n; i++)
		if ((joint->v[i].from != COLUMN_NONE) == from &&
		    (joint->v[i].to != COLUMN_NONE) == to)
			column_name(j, joint, i, false);
	json_end(j);
}

void
delta_write_schema(struct buf *out, const struct delta_source *t)
{
	const struct joint *joint = rowdiff_joint(t->diff);
	struct json j;

	json_init(&j, out);
	json_object(&j);
	json_key(&j, "path");
	json_text(&j, t->path);
	json_key(&j, "operation");
	json_text(&j, "schema");
	json_key(&j, "status");
	json_text(&j, t->status);
	if (t->from) {
		json_key(&j, "from");
		json_text(&j, t->from);
	}
	if (!joint->open) {
		json_key(&j, "columns");
		json_array(&j);
		for (size_t i = 0; i < joint->n; i++)
			if (joint->v[i].to != COLUMN_NONE)
				column_name(&j, joint, i, false);
		json_end(&j);
		json_key(&j, "added");
		columns(&j, joint, false, true);
		json_key(&j, "removed");
		columns(&j, joint, true, false);
		renamed(&j, joint);
	}
	if (joint->to.dialect.format != TABLE_NONE) {
		json_key(&j, "dialect");
		json_object(&j);
		dialect_members(&j, &joint->to.dialect);
		json_end(&j);
	}
	json_end(&j);
	buf_char(out, '\n');
}
