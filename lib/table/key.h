#ifndef TABLE_KEY_H
#define TABLE_KEY_H

/*
 * What tells the rows of a table apart: one or several columns.  Two rows
 * have the same key if the text of each key cell is the same, in whatever
 * format.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"
#include "lib/table/row.h"

#define KEY_COLUMNS_MAX 16
#define KEY_HASH 16

struct key {
	char **names;
	size_t n;		/* 0: no key */
};
#define KEY_INIT { .n = 0 }

/* Names separated by commas; one that has a comma or a quote in it is quoted
 * as a cell of CSV is.  ERR_USAGE. */
MUST_CHECK err_t key_parse(struct key *out, const char *text);
void key_release(struct key *key);
void key_copy(struct key *out, const struct key *key);
/* The inverse of key_parse. */
void key_print(struct buf *out, const struct key *key);

/*
 * The key of a table.  It keeps pointers to both arguments, and belongs to
 * one thread, as the shape does.
 */
struct key_finder {
	struct shape *shape;
	size_t columns[KEY_COLUMNS_MAX];
	size_t n;
	size_t last;		/* the largest of columns, plus 1 */
	struct row row;
	struct buf text;
};
#define KEY_FINDER_INIT { .n = 0, .row = ROW_INIT, .text = BUF_INIT }

/* ERR_NOT_FOUND names the column that the table does not have (JSON Lines
 * may have it in any row). */
MUST_CHECK err_t key_bind(struct key_finder *out, const struct key *key,
    struct shape *shape);
void key_finder_release(struct key_finder *f);

/*
 * SHA-256, cut to KEY_HASH bytes, of the text of each key cell with its
 * length (u64) before it.  False if a key cell is missing or empty: the row
 * has no key.
 */
bool key_hash(uint8_t out[KEY_HASH], struct key_finder *f, const char *raw,
    size_t len);

/* The same from a row that is decoded. */
bool key_hash_row(uint8_t out[KEY_HASH], const struct key_finder *f,
    const struct row *row);

/* The same from the text of each column. */
void key_hash_text(uint8_t out[KEY_HASH], const struct cell *cells, size_t n);

#endif
