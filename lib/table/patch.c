/*
 * How a table is patched:
 *
 *	1. lines are sorted by table and by what they look for: the hash of a
 *	   key or of all cells; inserts of rows without a key look for nothing
 *	2. the rows of the table that may be looked for (a filter of fixed
 *	   size says so) are sorted in the same way
 *	3. line by line and row by row of one hash, it is decided what becomes
 *	   of the rows; that is sorted by the number of the row
 *	4. the table is read once more and written with the changes
 *
 * Everything that is sorted may be larger than memory.  What shares a hash
 * is held in memory, to a limit.
 */

#include "lib/table/patch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/cancel.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/base/sorter.h"
#include "lib/base/text.h"
#include "lib/table/jsonl.h"
#include "lib/table/patch_int.h"
#include "lib/table/records.h"

#define LINES_MEMORY ((size_t)48 << 20)
#define ROWS_MEMORY ((size_t)48 << 20)
#define EDITS_MEMORY ((size_t)48 << 20)
#define GROUP_MAX ((size_t)64 << 20)
#define FILTER_BITS ((uint64_t)1 << 26)
#define WRITE_PIECE ((size_t)1 << 20)

/* What a line looks for. */
enum look {
	LOOK_KEY = 'k',
	LOOK_ROW = 'r',
	LOOK_NOTHING = 'z',
};

/* A sorting key: the table, what is looked for, its hash. */
#define HASH 16
struct place {
	unsigned char b[4 + 1 + HASH];
};

struct patch {
	struct patch_options o;
	patch_open_fn *open;
	void *arg;
	struct patch_target **targets;
	size_t n, cap;
	size_t last;			/* the target of the line before */
	struct sorter *lines;
	unsigned char *filter;
	struct patch_misfit misfits[PATCH_MISFITS];
	size_t n_first;
	uint64_t n_misfits;
	/* while tables are made */
	bool ended;
	size_t next;
	bool has_line;			/* sorted is one to be looked at */
	struct sorted line;
	struct buf why;
};

struct patch *
patch_new(const struct patch_options *options, patch_open_fn *open,
    void *arg)
{
	struct patch *p = mem_zalloc(sizeof(*p));

	p->o = *options;
	p->open = open;
	p->arg = arg;
	p->lines = sorter_new(sizeof(struct place), LINES_MEMORY);
	p->filter = mem_array(FILTER_BITS / 8, 1);
	return p;
}

static void
target_free(struct patch_target *t)
{
	if (t->fd >= 0)
		close(t->fd);
	free(t->path);
	free(t->old_path);
	free(t->from_of);
	shape_release(&t->from);
	shape_release(&t->to);
	columns_release(&t->taken);
	key_release(&t->key);
	key_release(&t->wanted);
	key_finder_release(&t->finder);
	key_finder_release(&t->to_finder);
	delta_text_release(&t->text);
	row_release(&t->row);
	row_release(&t->other);
	buf_release(&t->cells);
	free(t);
}

void
patch_free(struct patch *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->n; i++)
		target_free(p->targets[i]);
	for (size_t i = 0; i < p->n_first; i++) {
		free(p->misfits[i].path);
		free(p->misfits[i].text);
	}
	free(p->targets);
	free(p->filter);
	sorter_free(p->lines);
	buf_release(&p->why);
	free(p);
}

/* ---- misfits ---------------------------------------------------------- */

#define QUOTED_MAX 60

void
patch_quote(struct buf *out, const char *p, size_t len)
{
	bool cut = len > QUOTED_MAX;

	buf_char(out, '"');
	text_escape(out, p, cut ? QUOTED_MAX : len);
	buf_str(out, cut ? "...\"" : "\"");
}

/* Ordered by line; the first few are kept. */
static void
keep_misfit(struct patch *p, const struct patch_misfit *m)
{
	size_t at = p->n_first;

	p->n_misfits++;
	while (at && p->misfits[at - 1].line > m->line)
		at--;
	if (at == PATCH_MISFITS) {
		free(m->path);
		free(m->text);
		return;
	}
	if (p->n_first == PATCH_MISFITS) {
		p->n_first--;
		free(p->misfits[p->n_first].path);
		free(p->misfits[p->n_first].text);
	}
	memmove(&p->misfits[at + 1], &p->misfits[at],
	    (p->n_first - at) * sizeof(*p->misfits));
	p->misfits[at] = *m;
	p->n_first++;
}

/* l may be NULL: the line could not be read. */
static void
misfit(struct patch *p, const struct patch_target *t, uint64_t number,
    const struct delta_line *l, const char *why)
{
	struct buf text = BUF_INIT;
	struct patch_misfit m = { .line = number,
	    .path = t ? mem_strdup(t->path) : NULL };

	if (l)
		buf_str(&text, delta_op_name(l->op));
	if (l && l->record_id.p) {
		buf_char(&text, ' ');
		text_escape(&text, l->record_id.p, l->record_id.len <
		    QUOTED_MAX ? l->record_id.len : QUOTED_MAX);
	} else if (l && l->op != DELTA_SCHEMA) {
		const struct delta_value *v = l->before.p ? &l->before :
		    &l->payload;

		buf_char(&text, ' ');
		text_escape(&text, v->p, v->len < QUOTED_MAX ? v->len :
		    QUOTED_MAX);
		if (v->len > QUOTED_MAX)
			buf_str(&text, "...");
	}
	buf_printf(&text, "%s%s", l ? ": " : "", why);
	m.text = buf_detach(&text);
	keep_misfit(p, &m);
}

uint64_t
patch_misfits(const struct patch_misfit **first, size_t *n,
    const struct patch *p)
{
	*first = p->misfits;
	*n = p->n_first;
	return p->n_misfits;
}

/* ---- tables ----------------------------------------------------------- */

static err_t
read_head(struct buf *out, bool *all, struct patch_target *t, size_t want)
{
	size_t got;
	err_t err;

	buf_clear(out);
	err = file_pread_full(&got, t->fd, buf_reserve(out, want), want, 0,
	    t->path);
	out->len = err ? 0 : got;
	*all = got < want;
	return err;
}

static err_t
detect(struct patch_target *t, const struct dialect_hint *hint)
{
	struct buf head = BUF_INIT;
	bool all = true;
	err_t err = NULL;

	t->hint = *hint;
	if (t->exists)
		err = read_head(&head, &all, t, DIALECT_LOOK);
	if (!err && !shape_detect(&t->from, NULL, hint, buf_cstr(&head),
	    head.len, all)) {
		err = read_head(&head, &all, t, DIALECT_MAX);
		if (!err && !shape_detect(&t->from, NULL, hint,
		    buf_cstr(&head), head.len, all))
			BUG("a dialect that cannot be settled");
	}
	if (!err && t->from.dialect.format == TABLE_NONE)
		err = err_new(ERR_REFUSED, "\"%s\" cannot be changed by rows: "
		    "it %s", t->path, t->from.reason ? t->from.reason :
		    "is no table");
	t->was_empty = all && head.len <= dialect_skip(&t->from.dialect);
	t->lacks_header = t->from.dialect.format == TABLE_CSV && t->was_empty;
	if (t->lacks_header) {
		t->from.dialect.header = hint->header >= 0;
		t->from.dialect.delimiter = hint->delimiter ?
		    hint->delimiter : ',';
	}
	buf_release(&head);
	return err;
}

/* The key by the names that its columns have in the file: it is called as
 * they will be. */
static void
older_key(struct key *out, const struct patch_target *t)
{
	key_copy(out, &t->key);
	for (size_t i = 0; t->reshaped && i < out->n; i++) {
		size_t len, at = columns_find(&t->to.columns, out->names[i],
		    strlen(out->names[i]));
		const char *name;

		if (at == COLUMN_NONE || t->from_of[at] == COLUMN_NONE)
			continue;
		name = columns_name(&len, &t->from.columns, t->from_of[at]);
		free(out->names[i]);
		out->names[i] = mem_strndup(name, len);
	}
}

/* A new table has the columns that its first line says.  A key that either
 * side does not have is none: diff compares without it too. */
static err_t
bind_key(struct patch_target *t)
{
	struct key older = KEY_INIT;
	err_t err;

	key_finder_release(&t->finder);
	key_finder_release(&t->to_finder);
	key_release(&t->key);
	key_copy(&t->key, &t->wanted);
	if (!t->key.n || t->lacks_header)
		return NULL;
	older_key(&older, t);
	err = key_bind(&t->finder, &older, &t->from);
	if (!err && t->reshaped)
		err = key_bind(&t->to_finder, &t->key, &t->to);
	key_release(&older);
	if (err)
		key_release(&t->key);
	return err;
}

/* What lacks the key that was asked for may get it by a line of columns, but
 * not once there was one of a row. */
static err_t
check_key(struct patch_target *t)
{
	err_t err;

	if (t->key.n || !t->wanted.n || !t->need_key)
		return NULL;
	err = bind_key(t);
	return err ? err_wrap(err, "\"%s\"", t->path) : NULL;
}

static err_t
find_key(struct patch_target *t)
{
	err_t err = bind_key(t);

	return err_is(err, ERR_NOT_FOUND) ? NULL : err;
}

static err_t
add_target(struct patch *p, const char *path, const char *from)
{
	struct patch_target *t = mem_zalloc(sizeof(*t));
	struct patch_file f = { .fd = -1, .key = KEY_INIT };
	err_t err;

	t->path = mem_strdup(path);
	t->old_path = from ? mem_strdup(from) : NULL;
	t->fd = -1;
	VEC_ROOM(p->targets, p->n, p->cap);
	p->targets[p->n++] = t;
	if (p->o.tables && p->n > p->o.tables)
		return err_new(ERR_REFUSED, "the delta changes more than %zu "
		    "files; apply it in parts", p->o.tables);
	err = p->open(p->arg, &f, path, from);
	t->fd = f.fd;
	t->exists = f.fd >= 0;
	t->wanted = f.key;
	t->need_key = f.need_key;
	if (err)
		return err;
	err = detect(t, &f.hint);
	if (!err && t->from.dialect.format == TABLE_JSONL &&
	    t->from.dialect.encoding == TABLE_LATIN1)
		err = err_new(ERR_REFUSED, "\"%s\" cannot be changed by rows: "
		    "it is JSON in Latin-1; convert it (\"iconv -f "
		    "latin1 -t utf-8\") and say \"dsv track --encoding "
		    "utf-8\"", path);
	return err ? err : find_key(t);
}

static err_t
find_target(struct patch_target **out, struct patch *p, const char *path,
    const char *from)
{
	err_t err = NULL;

	if (p->last >= p->n || strcmp(p->targets[p->last]->path, path) != 0) {
		for (p->last = 0; p->last < p->n; p->last++)
			if (!strcmp(p->targets[p->last]->path, path))
				break;
		if (p->last == p->n)
			err = add_target(p, path, from);
	}
	*out = p->targets[p->last];
	return err;
}

static bool
is_csv(const struct patch_target *t)
{
	return t->from.dialect.format == TABLE_CSV;
}

/* ---- lines ------------------------------------------------------------ */

static void
place_set(struct place *out, const struct patch *p, enum look look,
    const uint8_t hash[HASH])
{
	size_t table = p->ended ? p->next : p->last;

	for (int i = 0; i < 4; i++)
		out->b[i] = (unsigned char)(table >> (24 - 8 * i));
	out->b[4] = (unsigned char)look;
	memcpy(out->b + 5, hash, HASH);
}

/* Two bits for each place. */
static uint64_t
filter_bit(const struct place *at, int which)
{
	uint64_t h, table = 0;

	memcpy(&h, at->b + 5 + 8 * which, 8);
	for (int i = 0; i < 5; i++)
		table = table << 8 | at->b[i];
	h ^= table * UINT64_C(0x9e3779b97f4a7c15);
	h ^= h >> 29;
	return h & (FILTER_BITS - 1);
}

static void
filter_set(struct patch *p, const struct place *at)
{
	for (int i = 0; i < 2; i++) {
		uint64_t bit = filter_bit(at, i);

		p->filter[bit / 8] |= (unsigned char)(1 << bit % 8);
	}
}

static bool
filter_has(const struct patch *p, const struct place *at)
{
	for (int i = 0; i < 2; i++) {
		uint64_t bit = filter_bit(at, i);

		if (!(p->filter[bit / 8] & 1 << bit % 8))
			return false;
	}
	return true;
}

/* The parts of a record_id. */
struct parts {
	struct cell cells[KEY_COLUMNS_MAX];
	size_t ends[KEY_COLUMNS_MAX];
	size_t n;
	struct buf text;
	bool empty, many;
};

static void
add_part(void *arg, const struct cell *part)
{
	struct parts *parts = arg;

	if (parts->n == KEY_COLUMNS_MAX) {
		parts->many = true;
		return;
	}
	parts->empty = parts->empty || !part->len;
	buf_add(&parts->text, part->p, part->len);
	parts->ends[parts->n++] = parts->text.len;
}

/* False if the record_id is not a key of this table. */
static bool
hash_record_id(uint8_t out[HASH], struct patch_target *t,
    const struct delta_line *l)
{
	struct parts parts = { .n = 0, .text = BUF_INIT };
	size_t from = 0;
	bool good;

	good = delta_items(&t->text, &l->record_id, add_part, &parts) &&
	    !parts.many && !parts.empty && parts.n == t->key.n;
	for (size_t i = 0; good && i < parts.n; i++) {
		parts.cells[i] = (struct cell){ parts.text.p + from,
		    parts.ends[i] - from, CELL_TEXT };
		from = parts.ends[i];
	}
	if (good)
		key_hash_text(out, parts.cells, parts.n);
	buf_release(&parts.text);
	return good;
}

static bool
read_row(struct patch_target *t, const struct delta_value *v,
    struct buf *why)
{
	return is_csv(t) ? patch_csv_row(&t->other, &t->cells, t, true, v,
	    why) : patch_jsonl_row(&t->other, &t->cells, t, v, why);
}

static bool
hash_key(uint8_t out[HASH], const struct patch_target *t,
    const struct row *row)
{
	return t->key.n && key_hash_row(out, &t->finder, row);
}

static void
hash_cells(uint8_t out[HASH], const struct patch_target *t,
    const struct row *row)
{
	struct id id;

	row_hash(&id, row, &t->from);
	memcpy(out, id.b, HASH);
}

/* A new row, whose columns may not be those of the file yet. */
static bool
look_of_insert(struct place *out, struct patch *p, struct patch_target *t,
    const struct delta_line *l)
{
	const struct key_finder *finder = t->reshaped ? &t->to_finder :
	    &t->finder;
	uint8_t hash[HASH] = { 0 };
	bool good;

	good = is_csv(t) ? patch_csv_row(&t->other, &t->cells, t, false,
	    &l->payload, &p->why) : read_row(t, &l->payload, &p->why);
	if (good && t->key.n && key_hash_row(hash, finder, &t->other))
		place_set(out, p, LOOK_KEY, hash);
	else
		place_set(out, p, LOOK_NOTHING, hash);
	return good;
}

static bool
look_of(struct place *out, struct patch *p, struct patch_target *t,
    const struct delta_line *l)
{
	uint8_t hash[HASH];

	if (l->op == DELTA_INSERT)
		return look_of_insert(out, p, t, l);
	buf_clear(&p->why);
	if (l->record_id.p && !t->key.n) {
		buf_str(&p->why, "the table has no key to find it by; give "
		    "one with --key");
		return false;
	}
	if (l->record_id.p) {
		if (hash_record_id(hash, t, l)) {
			place_set(out, p, LOOK_KEY, hash);
			return true;
		}
		buf_str(&p->why, "its record_id is no key of this table");
		return false;
	}
	if (!read_row(t, &l->before, &p->why))
		return false;
	if (hash_key(hash, t, &t->other)) {
		place_set(out, p, LOOK_KEY, hash);
	} else {
		hash_cells(hash, t, &t->other);
		place_set(out, p, LOOK_ROW, hash);
	}
	return true;
}

/* A new table is written as the one that the delta is from, unless it is said
 * how it is to be read. */
static void
take_dialect_member(void *arg, const char *name, size_t name_len,
    const char *value, size_t len)
{
	struct patch_target *t = arg;
	struct dialect *d = &t->from.dialect;
	struct cell cell;

	if (!delta_scalar(&cell, &t->text, value, len))
		return;
	if (name_len == 9 && !memcmp(name, "delimiter", 9) && cell.len == 1 &&
	    *cell.p != d->quote && !strchr("\r\n", *cell.p) &&
	    !t->hint.delimiter)
		d->delimiter = *cell.p;
	else if (name_len == 6 && !memcmp(name, "header", 6) &&
	    !t->hint.header)
		d->header = cell.kind == CELL_TRUE;
	else if (name_len == 8 && !memcmp(name, "line_end", 8))
		d->eol = cell.len == 4 ? TABLE_CRLF : TABLE_LF;
}

static void
take_dialect(struct patch_target *t, const struct delta_line *l)
{
	if (l->dialect.p && !jsonl_members(l->dialect.p, l->dialect.len,
	    take_dialect_member, t))
		return;
}

static err_t
add_columns(struct patch *p, struct patch_target *t, uint64_t number,
    const struct delta_line *l)
{
	buf_clear(&p->why);
	if (t->keyed || t->keyless) {
		misfit(p, t, number, l, "it comes after rows of the table");
		return NULL;
	}
	if (l->goes) {
		t->gone = true;
		if (!t->exists)
			misfit(p, t, number, l, "there is no such file");
		return NULL;
	}
	if (!t->exists)
		take_dialect(t, l);
	if (is_csv(t) && l->columns.p && !patch_csv_columns(t, l, &p->why)) {
		misfit(p, t, number, l, buf_cstr(&p->why));
		return NULL;
	}
	return find_key(t);
}

/* A new table of which no line says the columns: those of its first row. */
struct naming {
	struct patch_target *t;
};

static void
name_column(void *arg, const char *name, size_t name_len, const char *value,
    size_t len)
{
	struct naming *n = arg;
	struct buf b = BUF_INIT;

	(void)value;
	(void)len;
	buf_add(&b, name, name_len);
	buf_reserve(&b, 1);
	b.len = delta_bytes(b.p, b.len);
	columns_add(&n->t->from.columns, b.p, b.len);
	buf_release(&b);
}

static err_t
name_columns(struct patch_target *t, const struct delta_line *l)
{
	struct naming n = { t };

	if (!t->lacks_header || l->op != DELTA_INSERT)
		return NULL;
	if (!jsonl_members(l->payload.p, l->payload.len, name_column, &n))
		return NULL;
	t->from.header = t->from.columns.n;
	t->lacks_header = false;
	return find_key(t);
}

static err_t
sort_line(struct patch *p, const struct place *at, uint64_t number,
    const char *line, size_t len)
{
	struct buf b = BUF_INIT;
	err_t err;

	buf_u64(&b, number);
	buf_add(&b, line, len);
	err = sorter_add(p->lines, at->b, b.p, b.len);
	buf_release(&b);
	return err;
}

static err_t
add_row(struct patch *p, struct patch_target *t, uint64_t number,
    const struct delta_line *l, const char *line, size_t len)
{
	struct place at;
	err_t err;

	err = name_columns(t, l);
	if (!err)
		err = check_key(t);
	if (err)
		return err;
	if (!look_of(&at, p, t, l)) {
		misfit(p, t, number, l, buf_cstr(&p->why));
		return NULL;
	}
	t->keyed += at.b[4] == LOOK_KEY;
	t->keyless += at.b[4] != LOOK_KEY;
	if (at.b[4] != LOOK_NOTHING)
		filter_set(p, &at);
	return sort_line(p, &at, number, line, len);
}

err_t
patch_add(struct patch *p, uint64_t number, const char *line, size_t len)
{
	struct delta_line l = DELTA_LINE_INIT;
	struct patch_target *t = NULL;
	const char *path;
	err_t err;

	err = delta_parse(&l, line, len);
	if (err && err_is(err, ERR_REFUSED)) {
		misfit(p, NULL, number, NULL, err->msg);
		return NULL;
	}
	if (err)
		return err;
	path = p->o.to ? p->o.to : l.has_path ? buf_cstr(&l.path) : NULL;
	if (!path)
		misfit(p, NULL, number, &l, "it has no path; give one with "
		    "--to");
	else
		err = find_target(&t, p, path, l.op == DELTA_SCHEMA &&
		    l.from.len && !p->o.to ? l.from.p : NULL);
	if (!err && t && l.op == DELTA_SCHEMA)
		err = add_columns(p, t, number, &l);
	else if (!err && t)
		err = add_row(p, t, number, &l, line, len);
	delta_line_release(&l);
	return err;
}

/* ---- rows of one hash ------------------------------------------------- */

static err_t
group_check(struct patch_group *g, const struct patch_target *t, size_t len)
{
	g->bytes += len + sizeof(*g->v);
	if (g->bytes > GROUP_MAX)
		return err_new(ERR_REFUSED, "\"%s\" has too many rows with "
		    "the same key, or without one, to be changed one by one",
		    t->path);
	return NULL;
}

/* The state of the table being made. */
struct making {
	struct patch *p;
	struct patch_target *t;
	struct patch_table *out;
	struct sorter *rows, *edits;
	struct patch_group group;
	bool has_row;
	struct sorted row;
};

static err_t
load_row(struct making *m, const struct sorted *row)
{
	struct cursor c = cursor_of(row->p, row->len);
	uint64_t number = cursor_u64(&c);
	size_t len = cursor_left(&c);
	err_t err;

	err = group_check(&m->group, m->t, row->len);
	if (!err)
		patch_group_load(&m->group, m->t, number,
		    cursor_take(&c, len), len);
	return err;
}

static struct grown *
pick(struct making *m, const struct delta_line *l, enum look look)
{
	return patch_group_pick(&m->group, m->t, l, look == LOOK_ROW,
	    &m->p->why);
}

/* An update must leave the key as it is, or others would not find the row. */
static bool
keeps_key(struct making *m, const struct buf *now, const uint8_t *hash)
{
	struct patch_target *t = m->t;
	struct key_finder *finder = t->reshaped ? &t->to_finder : &t->finder;
	uint8_t is[KEY_HASH];

	if (key_hash(is, finder, buf_cstr(now), now->len) &&
	    memcmp(is, hash, KEY_HASH) == 0)
		return true;
	buf_clear(&m->p->why);
	buf_str(&m->p->why, "it would change the key; delete the record and "
	    "insert another");
	return false;
}

static bool
update(struct making *m, const struct delta_line *l, enum look look,
    const uint8_t *hash)
{
	struct patch_target *t = m->t;
	struct grown *row = pick(m, l, look);
	struct buf now = BUF_INIT;
	const struct buf *b;
	bool good;

	if (!row)
		return false;
	b = patch_grown_bytes(row);
	good = is_csv(t) ? patch_csv_update(&now, t, !row->touched,
	    buf_cstr(b), b->len, l, &m->p->why) : patch_jsonl_update(&now, t,
	    buf_cstr(b), b->len, l, &m->p->why);
	if (good && look == LOOK_KEY)
		good = keeps_key(m, &now, hash);
	if (!good) {
		buf_release(&now);
		return false;
	}
	patch_group_update(&m->group, t, row, &now);
	m->out->updated++;
	return true;
}

static bool
delete(struct making *m, const struct delta_line *l, enum look look)
{
	struct grown *row = pick(m, l, look);

	if (!row)
		return false;
	patch_group_delete(&m->group, row);
	m->out->deleted++;
	return true;
}

static bool
insert(struct making *m, const struct delta_line *l, uint64_t number,
    enum look look)
{
	struct patch_target *t = m->t;
	struct patch_group *g = &m->group;
	struct buf now = BUF_INIT;

	if (g->live && look == LOOK_KEY && !m->p->o.duplicates) {
		buf_clear(&m->p->why);
		buf_str(&m->p->why, "the key is there already; --duplicates "
		    "inserts it all the same");
		return false;
	}
	if (!(is_csv(t) ? patch_csv_insert(&now, t, l, &m->p->why) :
	    patch_jsonl_insert(&now, t, l, &m->p->why))) {
		buf_release(&now);
		return false;
	}
	patch_group_insert(g, t, number, &now);
	m->out->inserted++;
	return true;
}

static err_t
edit(struct making *m, uint64_t at, char what, const struct buf *now)
{
	unsigned char key[8];
	struct buf b = BUF_INIT;
	err_t err;

	for (int i = 0; i < 8; i++)
		key[i] = (unsigned char)(at >> (56 - 8 * i));
	buf_char(&b, what);
	if (now)
		buf_add(&b, now->p, now->len);
	err = sorter_add(m->edits, key, b.p, b.len);
	buf_release(&b);
	return err;
}

#define INSERTED (UINT64_C(1) << 63)

/* What became of the rows of the group. */
static err_t
settle(struct making *m)
{
	struct patch_group *g = &m->group;
	err_t err = NULL;

	for (size_t i = 0; !err && i < g->n; i++) {
		const struct grown *row = &g->v[i];

		if (!row->number && !row->gone)
			err = edit(m, INSERTED | row->line, '+', &row->now);
		else if (row->number && row->gone)
			err = edit(m, row->number, '-', NULL);
		else if (row->number && row->touched)
			err = edit(m, row->number, '=', &row->now);
	}
	patch_group_clear(g);
	return err;
}

static bool
carry_out(struct making *m, const struct delta_line *l, uint64_t number,
    const struct place *at)
{
	enum look look = at->b[4];

	buf_clear(&m->p->why);
	switch (l->op) {
	case DELTA_INSERT:
		return insert(m, l, number, look);
	case DELTA_UPDATE:
		return update(m, l, look, at->b + 5);
	case DELTA_DELETE:
		return delete(m, l, look);
	case DELTA_SCHEMA:
		break;
	}
	BUG("a line of columns among those of rows");
}

/* ---- joining lines and rows ------------------------------------------- */

static err_t
next_line(struct patch *p)
{
	return sorter_next(&p->has_line, &p->line, p->lines);
}

static err_t
next_row(struct making *m)
{
	return sorter_next(&m->has_row, &m->row, m->rows);
}

/* Rows that no line looks for were let through by the filter only. */
static err_t
load_group(struct making *m, const struct place *at)
{
	int cmp = -1;
	err_t err = NULL;

	while (!err && m->has_row && (cmp = memcmp(m->row.key, at->b,
	    sizeof(at->b))) <= 0) {
		if (cmp == 0)
			err = load_row(m, &m->row);
		if (!err)
			err = next_row(m);
	}
	return err;
}

static err_t
do_line(struct making *m, const struct place *at)
{
	struct patch *p = m->p;
	struct delta_line l = DELTA_LINE_INIT;
	struct cursor c = cursor_of(p->line.p, p->line.len);
	uint64_t number = cursor_u64(&c);
	size_t len = cursor_left(&c);
	err_t err;

	err = delta_parse(&l, cursor_take(&c, len), len);
	if (!err && !carry_out(m, &l, number, at))
		misfit(p, m->t, number, &l, buf_cstr(&p->why));
	delta_line_release(&l);
	/* Of many inserts without a key none is held. */
	if (!err && at->b[4] == LOOK_NOTHING)
		err = settle(m);
	return err ? err : group_check(&m->group, m->t, 0);
}

static bool
is_of_table(const struct patch *p)
{
	struct place first;
	uint8_t hash[HASH] = { 0 };

	place_set(&first, p, LOOK_KEY, hash);
	return p->has_line && memcmp(p->line.key, first.b, 4) == 0;
}

static err_t
join(struct making *m)
{
	struct patch *p = m->p;
	err_t err;

	err = next_row(m);
	while (!err && is_of_table(p)) {
		struct place at;

		memcpy(at.b, p->line.key, sizeof(at.b));
		err = cancel_check();
		if (!err)
			err = load_group(m, &at);
		while (!err && p->has_line && memcmp(p->line.key, at.b,
		    sizeof(at.b)) == 0) {
			err = do_line(m, &at);
			if (!err)
				err = next_line(p);
		}
		if (!err)
			err = settle(m);
	}
	return err;
}

/* ---- reading the table ------------------------------------------------ */

static bool
place_of_row(struct place *out, struct making *m, const char *raw,
    size_t len)
{
	struct patch_target *t = m->t;
	uint8_t hash[HASH];

	if (t->key.n && key_hash(hash, &t->finder, raw, len)) {
		place_set(out, m->p, LOOK_KEY, hash);
		return t->keyed > 0;
	}
	if (!t->keyless)
		return false;
	row_decode(&t->row, &t->from, raw, len);
	hash_cells(hash, t, &t->row);
	place_set(out, m->p, LOOK_ROW, hash);
	return true;
}

static err_t
note_row(struct making *m, uint64_t number, const char *raw, size_t len)
{
	struct buf b = BUF_INIT;
	struct place at;
	err_t err = NULL;

	if (!place_of_row(&at, m, raw, len) || !filter_has(m->p, &at))
		return NULL;
	buf_u64(&b, number);
	buf_add(&b, raw, len);
	err = sorter_add(m->rows, at.b, b.p, b.len);
	buf_release(&b);
	return err;
}

static err_t
rewind_table(struct patch_target *t)
{
	if (lseek(t->fd, 0, SEEK_SET) < 0)
		return err_sys("cannot read \"%s\" again", t->path);
	return NULL;
}

/* Of the first record: the BOM, which belongs to no cell. */
static size_t
take_bom(struct record *r, const struct patch_target *t)
{
	size_t skip = dialect_skip(&t->from.dialect);

	r->p += skip;
	r->len -= skip;
	r->text_len -= skip;
	return skip;
}

static err_t
note_rows(struct making *m)
{
	struct patch_target *t = m->t;
	struct records records;
	struct record r;
	uint64_t at = 0, number = 0;
	bool found = true;
	err_t err;

	err = rewind_table(t);
	records_begin(&records, t->fd, t->path, t->from.dialect.quote);
	for (; !err; at++) {
		err = records_next(&found, &r, &records);
		if (err || !found)
			break;
		if (!at)
			take_bom(&r, t);
		if (t->was_empty || (!at && t->from.dialect.header))
			continue;
		err = note_row(m, ++number, r.p, r.text_len);
	}
	records_release(&records);
	return err;
}

/* ---- writing the table ------------------------------------------------ */

struct writing {
	struct making *m;
	int fd;				/* -1: nothing is written */
	struct buf bytes;
	struct buf head;		/* what decides how it will be read */
	uint64_t total;
	bool divided;			/* of one column: by what divides */
	bool in_line;			/* the last byte was no line end */
	bool after_cr;			/* but half of one */
	bool has_edit;
	struct sorted edit;
};

static err_t
flush(struct writing *w)
{
	err_t err = NULL;

	if (w->fd >= 0 && w->bytes.len)
		err = file_write_full(w->fd, w->bytes.p, w->bytes.len,
		    w->m->t->path);
	buf_clear(&w->bytes);
	return err;
}

static err_t
put(struct writing *w, const char *p, size_t len)
{
	size_t room = DIALECT_MAX - w->head.len;
	err_t err = NULL;

	if (w->bytes.len + len > WRITE_PIECE)
		err = flush(w);
	buf_add(&w->bytes, p, len);
	buf_add(&w->head, p, len < room ? len : room);
	w->total += len;
	if (len && w->m->t->reshaped && w->m->t->to.header == 1)
		w->divided = w->divided || memchr(p, ',', len) ||
		    memchr(p, w->m->t->to.dialect.delimiter, len);
	if (len) {
		w->in_line = p[len - 1] != '\n';
		w->after_cr = p[len - 1] == '\r';
	}
	return err;
}

static err_t
put_end(struct writing *w)
{
	/* A CR at the end of a cell would be taken for one of the line end. */
	return w->m->t->from.dialect.eol == TABLE_CRLF || w->after_cr ?
	    put(w, "\r\n", 2) : put(w, "\n", 1);
}

static err_t
next_edit(struct writing *w)
{
	return sorter_next(&w->has_edit, &w->edit, w->m->edits);
}

static uint64_t
edit_place(const struct writing *w)
{
	uint64_t at = 0;

	for (int i = 0; i < 8; i++)
		at = at << 8 | w->edit.key[i];
	return at;
}

/* In place of a record. */
static err_t
put_text(struct writing *w, const struct buf *text, const struct record *r)
{
	size_t end = r->len - r->text_len;
	err_t err;

	err = put(w, buf_cstr(text), text->len);
	if (err)
		return err;
	/* The last record need not end as a line does, but if it is empty. */
	if (!end && !text->len)
		return put_end(w);
	return end == 1 && w->after_cr ? put(w, "\r\n", 2) :
	    put(w, r->p + r->text_len, end);
}

static err_t
put_unchanged(struct writing *w, const struct record *r)
{
	struct patch_target *t = w->m->t;

	if (!t->reshaped)
		return put(w, r->p, r->len);
	buf_clear(&t->cells);
	patch_csv_reshape(&t->cells, t, r->p, r->text_len);
	return put_text(w, &t->cells, r);
}

static err_t
put_row(struct writing *w, const struct record *r, uint64_t number)
{
	struct buf text = BUF_INIT;
	err_t err = NULL;

	if (!w->has_edit || edit_place(w) != number) {
		w->m->out->rows++;
		return put_unchanged(w, r);
	}
	if (w->edit.p[0] == '=') {
		w->m->out->rows++;
		buf_add(&text, w->edit.p + 1, w->edit.len - 1);
		err = put_text(w, &text, r);
	}
	buf_release(&text);
	return err ? err : next_edit(w);
}

static err_t
put_header(struct writing *w, const struct record *r)
{
	struct patch_target *t = w->m->t;
	struct buf text = BUF_INIT;
	bool good;
	err_t err;

	if (!t->reshaped)
		return put(w, r->p, r->len);
	good = patch_csv_header(&text, t, r->p, r->text_len);
	err = good ? put_text(w, &text, r) : err_new(ERR_REFUSED, "the "
	    "columns of \"%s\" cannot be written as the file is", t->path);
	buf_release(&text);
	return err;
}

/* It stays, whatever becomes of the first record. */
static err_t
put_bom(struct writing *w, struct record *r)
{
	const char *bom = r->p;
	err_t err = put(w, bom, take_bom(r, w->m->t));

	w->in_line = false;
	return err;
}

static err_t
put_rows(struct writing *w, bool *in_quotes)
{
	struct patch_target *t = w->m->t;
	struct records records;
	struct record r;
	uint64_t at = 0, number = 0, edited = 0;
	bool found = true;
	err_t err;

	err = rewind_table(t);
	records_begin(&records, t->fd, t->path, t->from.dialect.quote);
	for (; !err; at++) {
		err = records_next(&found, &r, &records);
		if (!err && found && !at)
			err = put_bom(w, &r);
		if (err || !found)
			break;
		if (w->has_edit)
			edited = edit_place(w);
		if (t->was_empty)
			err = put(w, r.p, r.len);
		else if (!at && t->from.dialect.header)
			err = put_header(w, &r);
		else
			err = put_row(w, &r, ++number);
	}
	/* What is written anew closes its quotes. */
	*in_quotes = records.open && !t->reshaped && edited != number;
	records_release(&records);
	return err;
}

static err_t
put_new_header(struct writing *w)
{
	struct patch_target *t = w->m->t;
	struct buf text = BUF_INIT;
	err_t err = NULL;

	if (!is_csv(t) || !t->from.dialect.header || !t->from.header)
		return NULL;
	if (patch_csv_header(&text, t, "", 0))
		err = put(w, buf_cstr(&text), text.len);
	else
		err = err_new(ERR_REFUSED, "the columns of \"%s\" cannot be "
		    "written", t->path);
	buf_release(&text);
	return err ? err : put_end(w);
}

static err_t
put_new_rows(struct writing *w, bool in_quotes)
{
	err_t err = NULL;

	if (w->has_edit && in_quotes)
		return err_new(ERR_REFUSED, "\"%s\" ends in quotes that were "
		    "never closed; no row can come after them",
		    w->m->t->path);
	if (w->has_edit && w->in_line)
		err = put_end(w);
	while (!err && w->has_edit) {
		w->m->out->rows++;
		err = put(w, w->edit.p + 1, w->edit.len - 1);
		if (!err)
			err = put_end(w);
		if (!err)
			err = next_edit(w);
	}
	return err;
}

/*
 * What was written must be read as it was meant: other first rows may speak
 * for another delimiter, or be taken for a header.
 */
static err_t
check_dialect(const struct writing *w)
{
	struct patch_target *t = w->m->t;
	const struct dialect *meant = &patch_shape(t, false)->dialect;
	struct buf is = BUF_INIT, not = BUF_INIT;
	struct dialect d;
	const char *reason;
	err_t err = NULL;

	if (w->head.len <= dialect_skip(meant))
		return NULL;
	if (!dialect_detect(&d, &reason, &t->hint, w->head.p, w->head.len,
	    w->total == w->head.len))
		BUG("a dialect that cannot be settled");
	if (reason)
		return err_new(ERR_REFUSED, "\"%s\" would be no table: it %s",
		    t->path, reason);
	d.eol = meant->eol;
	if (t->reshaped && t->to.header == 1 && !w->divided)
		d.delimiter = meant->delimiter;
	dialect_print(&is, &d);
	dialect_print(&not, meant);
	if (is.len != not.len || memcmp(is.p, not.p, is.len) != 0)
		err = err_new(ERR_REFUSED, "\"%s\" would be read as %s, not "
		    "as %s; say how it is to be read with \"dsv track\"",
		    t->path, is.p, not.p);
	buf_release(&is);
	buf_release(&not);
	return err;
}

static err_t
write_table(struct making *m, int fd)
{
	struct writing w = { .m = m, .fd = fd, .bytes = BUF_INIT,
	    .head = BUF_INIT };
	bool in_quotes = false;
	err_t err;

	err = sorter_end(m->edits);
	if (!err)
		err = next_edit(&w);
	if (!err && m->t->exists)
		err = put_rows(&w, &in_quotes);
	/* Of an empty file there was no record to be the header. */
	w.in_line = w.in_line && !m->t->was_empty;
	if (!err && m->t->was_empty)
		err = put_new_header(&w);
	if (!err)
		err = put_new_rows(&w, in_quotes);
	if (!err)
		err = check_dialect(&w);
	if (!err)
		err = flush(&w);
	buf_release(&w.bytes);
	buf_release(&w.head);
	return err;
}

/* ---- a table ---------------------------------------------------------- */

err_t
patch_end(struct patch *p)
{
	err_t err;

	p->ended = true;
	err = sorter_end(p->lines);
	return err ? err : next_line(p);
}

static err_t
make(struct making *m, int fd)
{
	struct patch_target *t = m->t;
	err_t err = NULL;

	if (t->exists && (t->keyed || t->keyless))
		err = note_rows(m);
	if (!err)
		err = sorter_end(m->rows);
	if (!err)
		err = join(m);
	/* With a misfit nothing will be used. */
	if (!err && !m->p->n_misfits)
		err = write_table(m, fd);
	if (!err && t->gone && m->out->rows)
		err = err_new(ERR_REFUSED, "the delta deletes \"%s\", but it "
		    "has rows that the delta does not know", t->path);
	return err;
}

const char *
patch_path(const struct patch *p)
{
	const struct patch_target *t;

	if (p->next >= p->n)
		return NULL;
	t = p->targets[p->next];
	return t->old_path ? t->old_path : t->path;
}

err_t
patch_next(bool *found, struct patch_table *out, struct patch *p, int fd)
{
	struct making m = { .p = p, .out = out };
	err_t err;

	*found = p->next < p->n;
	if (!*found)
		return NULL;
	m.t = p->targets[p->next];
	*out = (struct patch_table){ .path = m.t->path, .from = m.t->old_path,
	    .is_new = !m.t->exists, .is_gone = m.t->gone };
	m.rows = sorter_new(sizeof(struct place), ROWS_MEMORY);
	m.edits = sorter_new(8, EDITS_MEMORY);
	err = make(&m, fd);
	patch_group_release(&m.group);
	sorter_free(m.rows);
	sorter_free(m.edits);
	if (m.t->fd >= 0)
		close(m.t->fd);
	m.t->fd = -1;
	p->next++;
	return err;
}
