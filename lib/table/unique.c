#include "lib/table/unique.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/cancel.h"
#include "lib/base/mem.h"
#include "lib/base/sorter.h"
#include "lib/table/value.h"

#define SORT_MEMORY ((size_t)64 << 20)

/* ---- finding one -------------------------------------------------------- */

/* Hashes of the values of a column so far; zero is no hash. */
struct candidate {
	bool out;
	uint8_t (*slots)[KEY_HASH];
	size_t n, cap;
};

struct search {
	struct candidate v[UNIQUE_COLUMNS];
	size_t n;
	bool json;
	uint64_t rows;
};

static bool
is_free(const uint8_t slot[KEY_HASH])
{
	static const uint8_t none[KEY_HASH];

	return !memcmp(slot, none, KEY_HASH);
}

static size_t
place_of(const struct candidate *c, const uint8_t hash[KEY_HASH])
{
	size_t at;

	memcpy(&at, hash, sizeof(at));
	for (at &= c->cap - 1; !is_free(c->slots[at]) &&
	    memcmp(c->slots[at], hash, KEY_HASH); at = (at + 1) & (c->cap - 1))
		;
	return at;
}

static void
grow(struct candidate *c)
{
	struct candidate old = *c;

	c->cap = old.cap ? old.cap * 2 : 1024;
	c->slots = mem_array(c->cap, sizeof(*c->slots));
	for (size_t i = 0; i < old.cap; i++) {
		if (!is_free(old.slots[i]))
			memcpy(c->slots[place_of(c, old.slots[i])],
			    old.slots[i], KEY_HASH);
	}
	free(old.slots);
}

/* False if the value was there before. */
static bool
is_new(struct candidate *c, const struct cell *cell)
{
	uint8_t hash[KEY_HASH];
	size_t at;

	key_hash_text(hash, cell, 1);
	if (c->n * 2 >= c->cap)
		grow(c);
	at = place_of(c, hash);
	if (!is_free(c->slots[at]))
		return false;
	memcpy(c->slots[at], hash, KEY_HASH);
	c->n++;
	return true;
}

static bool
may_be_key(const struct cell *cell, bool json)
{
	double about;

	return cell->kind != CELL_NONE && cell->len &&
	    (value_of_cell(&about, cell, json) &
	    (VALUE_INTEGER | VALUE_STRING));
}

static err_t
find_row(void *arg, bool *done, const struct row *row)
{
	struct search *f = arg;
	size_t left = 0;

	if (!f->rows++)
		f->n = row->n < UNIQUE_COLUMNS ? row->n : UNIQUE_COLUMNS;
	for (size_t i = 0; i < f->n; i++) {
		struct candidate *c = &f->v[i];
		struct cell cell = row_cell(row, i);

		if (c->out)
			continue;
		c->out = !may_be_key(&cell, f->json) || !is_new(c, &cell);
		left += !c->out;
	}
	*done = !left;
	return cancel_check();
}

err_t
unique_find(size_t *out, struct table *t)
{
	struct search f = {
	    .json = t->shape.dialect.format == TABLE_JSONL };
	err_t err;

	err = table_rows(t, find_row, &f);
	*out = COLUMN_NONE;
	for (size_t i = 0; i < f.n; i++) {
		if (!err && !f.v[i].out && f.rows > 1 &&
		    *out == COLUMN_NONE)
			*out = i;
		free(f.v[i].slots);
	}
	return err;
}

/* ---- checking one ------------------------------------------------------- */

struct checking {
	struct table *table;
	struct key_finder finder;
	struct sorter *sorter;
	struct unique_report report;
};

static err_t
check_row(void *arg, bool *done, const struct row *row)
{
	struct checking *c = arg;
	uint64_t line = table_line(c->table);
	uint8_t key[KEY_HASH];
	err_t err;

	(void)done;
	c->report.rows++;
	if (!key_hash_row(key, &c->finder, row)) {
		if (!c->report.keyless++)
			c->report.keyless_line = line;
		return NULL;
	}
	err = sorter_add(c->sorter, key, &line, sizeof(line));
	return err ? err : cancel_check();
}

static err_t
check_sorted(struct checking *c)
{
	uint8_t key[KEY_HASH] = { 0 };
	uint64_t line, before = 0;
	struct sorted s;
	bool found;
	err_t err;

	err = sorter_end(c->sorter);
	while (!err && !(err = sorter_next(&found, &s, c->sorter)) && found) {
		memcpy(&line, s.p, sizeof(line));
		if (before && !memcmp(key, s.key, KEY_HASH)) {
			if (!c->report.repeated++ || line < c->report.line) {
				c->report.line = line;
				c->report.as_line = before;
			}
		}
		memcpy(key, s.key, KEY_HASH);
		before = line;
	}
	return err;
}

err_t
unique_check(struct unique_report *out, struct table *t,
    const struct key *key)
{
	struct checking c = { .table = t, .finder = KEY_FINDER_INIT };
	err_t err;

	err = key_bind(&c.finder, key, &t->shape);
	if (err)
		return err;
	c.sorter = sorter_new(KEY_HASH, SORT_MEMORY);
	err = table_rows(t, check_row, &c);
	if (!err)
		err = check_sorted(&c);
	sorter_free(c.sorter);
	key_finder_release(&c.finder);
	if (!err)
		*out = c.report;
	return err;
}
