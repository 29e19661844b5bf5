/*
 * Keys, and the names of columns.
 */

#include "lib/table/key.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "tests/unit/tap.h"

static void
test_parse(void)
{
	struct key key = KEY_INIT;
	struct buf b = BUF_INIT;
	err_t err;

	err = key_parse(&key, "id");
	ok(!err && key.n == 1 && !strcmp(key.names[0], "id"), "one column");
	key_release(&key);
	err = key_parse(&key, "Image ID,\"a,b\",\"q\"\"\"");
	ok(!err && key.n == 3 && !strcmp(key.names[0], "Image ID") &&
	    !strcmp(key.names[1], "a,b") && !strcmp(key.names[2], "q\""),
	    "several, some quoted");
	key_print(&b, &key);
	ok(!strcmp(b.p, "Image ID,\"a,b\",\"q\"\"\""), "and back");
	key_release(&key);
	err = key_parse(&key, "a,,b");
	ok(err_is(err, ERR_USAGE), "an empty name");
	err = key_parse(&key, "");
	ok(err_is(err, ERR_USAGE), "no name");
	err = key_parse(&key, "\"a");
	ok(err_is(err, ERR_USAGE), "a lone quote");
	err = key_parse(&key, "a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q");
	ok(err_is(err, ERR_USAGE), "too many");
	buf_release(&b);
}

/* The key of the last row; false if it has none. */
static bool
key_of(uint8_t out[KEY_HASH], enum table_format format, const char *names,
    const char *text)
{
	struct dialect_hint hint = { .format = format,
	    .cut = format == TABLE_CSV ? CUT_CSV : CUT_LINES };
	struct key_finder f = KEY_FINDER_INIT;
	struct shape shape = SHAPE_INIT;
	struct row row = ROW_INIT;
	struct key key = KEY_INIT;
	uint8_t other[KEY_HASH] = { 0 };
	struct rows rows;
	const char *raw;
	bool found = false, same = false;
	size_t n;
	err_t err;

	memset(out, 0, KEY_HASH);
	err = key_parse(&key, names);
	if (!err && !shape_detect(&shape, NULL, &hint, text, strlen(text),
	    true))
		err = err_new(ERR_USAGE, "more");
	if (!err)
		err = key_bind(&f, &key, &shape);
	if (!err) {
		rows_begin(&rows, &shape.dialect, text, strlen(text), true);
		while (rows_next(&raw, &n, &rows)) {
			found = key_hash(out, &f, raw, n);
			row_decode(&row, &shape, raw, n);
			same = key_hash_row(other, &f, &row) == found;
		}
	}
	if (!err && (!same || (found && memcmp(out, other, KEY_HASH))))
		memset(out, 0xff, KEY_HASH);
	key_finder_release(&f);
	key_release(&key);
	shape_release(&shape);
	row_release(&row);
	return found;
}

static void
test_hash(void)
{
	uint8_t a[KEY_HASH], b[KEY_HASH];
	struct id id;

	ok(key_of(a, TABLE_CSV, "id", "id,name\n17,x\n"), "a key");
	hash_bytes(&id, "\2\0\0\0\0\0\0\0" "17", 10);
	ok(!memcmp(a, id.b, KEY_HASH), "is a hash of its text");
	ok(key_of(b, TABLE_JSONL, "id", "{\"name\":\"y\",\"id\":17}\n") &&
	    !memcmp(a, b, KEY_HASH), "whatever the format");
	ok(key_of(b, TABLE_CSV, "id", "name,id\ny,\"17\"\n") &&
	    !memcmp(a, b, KEY_HASH), "the place and the quotes");
	ok(key_of(b, TABLE_CSV, "id", "id\n017\n") &&
	    memcmp(a, b, KEY_HASH), "but not the text");
	ok(!key_of(b, TABLE_CSV, "id", "id,name\n,x\n"), "an empty one");
	ok(!key_of(b, TABLE_CSV, "name", "id,name\n1\n"), "a missing one");
	ok(!key_of(b, TABLE_JSONL, "id", "{\"id\":null}\n"), "null");
	ok(!key_of(b, TABLE_CSV, "nix", "id,name\n1,x\n"), "no such column");
}

static void
test_composite(void)
{
	uint8_t a[KEY_HASH], b[KEY_HASH];

	ok(key_of(a, TABLE_CSV, "x,y", "x,y,z\nab,c,1\n") &&
	    key_of(b, TABLE_CSV, "x,y", "x,y,z\na,bc,1\n") &&
	    memcmp(a, b, KEY_HASH), "where a part ends matters");
	ok(key_of(b, TABLE_CSV, "y,x", "y,x\nc,ab\n") &&
	    memcmp(a, b, KEY_HASH), "and the order of the parts");
	ok(key_of(b, TABLE_CSV, "x,y", "z,y,x\n,c,ab\n") &&
	    !memcmp(a, b, KEY_HASH), "but not that of the columns");
	ok(!key_of(b, TABLE_CSV, "x,y", "x,y\n1,\n"), "a part is empty");
}

static void
test_columns(void)
{
	struct columns c = COLUMNS_INIT, copy = COLUMNS_INIT;
	char name[16];
	size_t order[1000];
	bool good = true;
	size_t len;

	for (int i = 0; i < 1000; i++) {
		snprintf(name, sizeof(name), "c%d", i * 7919 % 1000);
		good = good && columns_add(&c, name, strlen(name)) ==
		    (size_t)i;
	}
	ok(good && c.n == 1000, "added");
	ok(columns_add(&c, "c7", 2) == columns_find(&c, "c7", 2) &&
	    c.n == 1000, "none twice");
	ok(columns_find(&c, "c", 1) == COLUMN_NONE &&
	    columns_find(&c, "", 0) == COLUMN_NONE, "not found");
	columns_copy(&copy, &c);
	columns_cut(&c, 10);
	for (size_t i = 0; i < 1000; i++) {
		const char *p = columns_name(&len, &copy, i);

		good = good && columns_find(&copy, p, len) == i &&
		    columns_find(&c, p, len) == (i < 10 ? i : COLUMN_NONE);
	}
	ok(good && c.n == 10, "taken back; a copy is a copy");
	for (size_t i = 10; i < 1000; i++) {
		const char *p = columns_name(&len, &copy, i);

		good = good && columns_add(&c, p, len) == i;
	}
	ok(good, "added again");
	for (size_t i = 0; i < 1000; i++)
		order[i] = i;
	columns_sort(&c, order, c.n);
	for (size_t i = 1; i < c.n; i++) {
		size_t n, m;
		const char *p = columns_name(&n, &c, order[i - 1]);
		const char *q = columns_name(&m, &c, order[i]);
		int cmp = memcmp(p, q, n < m ? n : m);

		good = good && (cmp < 0 || (cmp == 0 && n < m));
	}
	ok(good, "sorted");
	columns_add(&c, "x", 1);
	ok(columns_add_new(&c, "x", 1) == columns_find(&c, "x#2", 3) &&
	    columns_add_new(&c, "x", 1) == columns_find(&c, "x#3", 3),
	    "a name that is there gets a number");
	columns_release(&c);
	columns_release(&copy);
}

int
main(void)
{
	test_parse();
	test_hash();
	test_composite();
	test_columns();
	return tap_end();
}
