#ifndef HISTORY_ROWKEY_H
#define HISTORY_ROWKEY_H

/*
 * One row of a table, as people name it: by the path of the table in a
 * version, and by the value of its key.
 */

#include "lib/base/err.h"
#include "lib/base/opt.h"
#include "lib/history/repo.h"
#include "lib/table/key.h"
#include "lib/table/row.h"
#include "lib/table/table.h"

struct rowkey {
	char *path;
	struct dialect_hint hint;	/* how the table is read */
	struct key key;			/* its columns */
	struct buf columns;		/* the same as text */
	uint8_t hash[KEY_HASH];
	struct buf text;		/* as it was typed, for messages */
};
#define ROWKEY_INIT { .key = KEY_INIT, .columns = BUF_INIT, .text = BUF_INIT }

/*
 * typed is what --key was given, once or several times: the value itself, or
 * COLUMN=VALUE; of a key of several columns the values separated by commas,
 * quoted as cells of CSV are.  How the table is read is what the attributes
 * of the version say; a key that they do not have is that of the working
 * tree.  ERR_REFUSED if it is no table or has no key, ERR_USAGE
 * if the values are not those of its key.
 */
MUST_CHECK err_t rowkey_parse(struct rowkey *out, struct repo *r,
    const struct id *commit, const char *path, const struct opt_list *typed);
/* The table alone, with no row and perhaps no key. */
MUST_CHECK err_t rowkey_table(struct rowkey *out, struct repo *r,
    const struct id *commit, const char *path);
void rowkey_release(struct rowkey *k);

/* A row with the names of its columns. */
struct rowkey_row {
	struct buf raw;
	struct shape shape;
	struct row row;
};
#define ROWKEY_ROW_INIT { BUF_INIT, SHAPE_INIT, ROW_INIT }
/* A copy. */
void rowkey_row_set(struct rowkey_row *out, const struct shape *shape,
    const char *raw, size_t len, uint64_t number);
void rowkey_row_release(struct rowkey_row *row);

struct rowkey_rows {
	struct rowkey_row *v;
	size_t n, cap;
};
#define ROWKEY_ROWS_INIT { NULL, 0, 0 }
void rowkey_rows_release(struct rowkey_rows *rows);

/* A content as a table. */
struct rowkey_content {
	struct source *source;
	struct table table;
};
#define ROWKEY_CONTENT_INIT { NULL, TABLE_INIT }
/* ERR_REFUSED if it is not read as rows. */
MUST_CHECK err_t rowkey_open(struct rowkey_content *out, struct repo *r,
    const struct rowkey *k, const struct id *content);
void rowkey_close(struct rowkey_content *c);

/* All rows of a content that have the key, at most ROWKEY_ROWS_MAX of them; a
 * zero id has none. */
#define ROWKEY_ROWS_MAX 1000
MUST_CHECK err_t rowkey_find(struct rowkey_rows *out, struct repo *r,
    const struct rowkey *k, const struct id *content);

/* The content of the file in a version; zero if there is none. */
MUST_CHECK err_t rowkey_content(struct id *out, struct repo *r,
    const struct id *tree, const char *path);

#endif
