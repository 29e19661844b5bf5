#include "lib/table/key.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/table/csv.h"

static const struct dialect list = { .format = TABLE_CSV, .delimiter = ',',
    .quote = '"', .encoding = TABLE_UTF8 };

err_t
key_parse(struct key *out, const char *text)
{
	struct key key = { .names = mem_array(KEY_COLUMNS_MAX,
	    sizeof(*key.names)), .n = 0 };
	struct buf name = BUF_INIT;
	struct csv c;
	const char *p;
	size_t len;
	err_t err = NULL;

	csv_begin(&c, &list, text, strlen(text));
	while (!err && csv_next(&p, &len, &c)) {
		buf_clear(&name);
		if (csv_text(&name, &list, p, len) || !name.len)
			err = err_new(ERR_USAGE, "key \"%s\" is not a list of "
			    "column names", text);
		else if (key.n == KEY_COLUMNS_MAX)
			err = err_new(ERR_USAGE, "a key has at most %d "
			    "columns", KEY_COLUMNS_MAX);
		else
			key.names[key.n++] = mem_strdup(name.p);
	}
	buf_release(&name);
	if (err)
		key_release(&key);
	else
		*out = key;
	return err;
}

void
key_release(struct key *key)
{
	for (size_t i = 0; i < key->n; i++)
		free(key->names[i]);
	free(key->names);
	*key = (struct key)KEY_INIT;
}

void
key_copy(struct key *out, const struct key *key)
{
	*out = (struct key){ .names = mem_array(KEY_COLUMNS_MAX,
	    sizeof(*out->names)), .n = key->n };
	for (size_t i = 0; i < key->n; i++)
		out->names[i] = mem_strdup(key->names[i]);
}

void
key_print(struct buf *out, const struct key *key)
{
	for (size_t i = 0; i < key->n; i++) {
		if (i)
			buf_char(out, ',');
		if (!csv_write(out, &list, key->names[i],
		    strlen(key->names[i])))
			BUG("a name cannot be quoted");
	}
}

err_t
key_bind(struct key_finder *out, const struct key *key, struct shape *shape)
{
	struct key_finder f = KEY_FINDER_INIT;
	struct columns *c = &shape->columns;

	f.shape = shape;
	for (size_t i = 0; i < key->n; i++) {
		const char *name = key->names[i];
		size_t at = shape->dialect.format == TABLE_JSONL ?
		    columns_add(c, name, strlen(name)) :
		    columns_find(c, name, strlen(name));

		if (at == COLUMN_NONE)
			return err_new(ERR_NOT_FOUND, "there is no column "
			    "\"%s\"", name);
		f.columns[f.n++] = at;
		if (at >= f.last)
			f.last = at + 1;
	}
	*out = f;
	return NULL;
}

void
key_finder_release(struct key_finder *f)
{
	row_release(&f->row);
	buf_release(&f->text);
	*f = (struct key_finder)KEY_FINDER_INIT;
}

static void
add_text(struct hash *h, const char *p, size_t len)
{
	unsigned char size[8];

	for (int i = 0; i < 8; i++)
		size[i] = (unsigned char)((uint64_t)len >> 8 * i);
	hash_add(h, size, sizeof(size));
	hash_add(h, p, len);
}

static void
end_key(uint8_t out[KEY_HASH], struct hash *h)
{
	struct id id;

	hash_end(&id, h);
	memcpy(out, id.b, KEY_HASH);
}

void
key_hash_text(uint8_t out[KEY_HASH], const struct cell *cells, size_t n)
{
	struct hash h;

	hash_init(&h);
	for (size_t i = 0; i < n; i++)
		add_text(&h, cells[i].p, cells[i].len);
	end_key(out, &h);
}

bool
key_hash_row(uint8_t out[KEY_HASH], const struct key_finder *f,
    const struct row *row)
{
	struct cell cells[KEY_COLUMNS_MAX];

	for (size_t i = 0; i < f->n; i++) {
		cells[i] = row_cell(row, f->columns[i]);
		if (!cells[i].len)
			return false;
	}
	key_hash_text(out, cells, f->n);
	return f->n > 0;
}

/* Only as many raw cells are looked at as the key needs. */
static bool
find_raw(struct cell cells[KEY_COLUMNS_MAX], const struct key_finder *f,
    const char *raw, size_t len)
{
	size_t found = 0;
	struct csv c;
	const char *p;
	size_t n;

	csv_begin(&c, &f->shape->dialect, raw, len);
	for (size_t at = 0; at < f->last && csv_next(&p, &n, &c); at++) {
		for (size_t i = 0; i < f->n; i++) {
			if (f->columns[i] == at) {
				cells[i] = (struct cell){ p, n, CELL_TEXT };
				found++;
			}
		}
	}
	return found == f->n;
}

bool
key_hash(uint8_t out[KEY_HASH], struct key_finder *f, const char *raw,
    size_t len)
{
	const struct dialect *d = &f->shape->dialect;
	struct cell cells[KEY_COLUMNS_MAX];
	struct hash h;

	if (d->format == TABLE_JSONL) {
		row_decode(&f->row, f->shape, raw, len);
		return key_hash_row(out, f, &f->row);
	}
	if (!f->n || !find_raw(cells, f, raw, len))
		return false;
	hash_init(&h);
	for (size_t i = 0; i < f->n; i++) {
		buf_clear(&f->text);
		csv_text(&f->text, d, cells[i].p, cells[i].len);
		if (!f->text.len)
			return false;
		add_text(&h, f->text.p, f->text.len);
	}
	end_key(out, &h);
	return true;
}
