#ifndef HISTORY_TABLE_AT_H
#define HISTORY_TABLE_AT_H

/*
 * Tables of versions, and what their schemas are; and those of the working
 * tree.
 */

#include "lib/base/err.h"
#include "lib/history/repo.h"
#include "lib/table/key.h"
#include "lib/table/schema.h"
#include "lib/table/schema_diff.h"
#include "lib/table/table.h"

struct attrs;

/* A file of a version, read as its attributes say. */
struct table_at {
	struct dialect_hint hint;
	struct key key;
	struct id content;
	int fd;			/* of the working tree; -1: a version's */
	struct source *source;
	struct table table;
};
#define TABLE_AT_INIT \
    { .key = KEY_INIT, .fd = -1, .source = NULL, .table = TABLE_INIT }

/*
 * The file at path in the tree.  ERR_NOT_FOUND if there is none, ERR_USAGE if
 * it is no table by name and attributes, ERR_REFUSED if it is not read as
 * rows all the same.  Each message names path.
 */
MUST_CHECK err_t table_at_open(struct table_at *out, struct repo *r,
    const struct id *tree, const char *path);
/* The same of a content that is known; attrs are those to go by. */
MUST_CHECK err_t table_at_open_content(struct table_at *out, struct repo *r,
    struct attrs *attrs, const char *path, const struct id *content);
/* The same of a file of the working tree; path must outlive it. */
MUST_CHECK err_t table_at_open_work(struct table_at *out, struct repo *r,
    struct attrs *attrs, const char *path);
/* The same of a content, but what is not read as rows is opened too, with a
 * reason in its shape. */
MUST_CHECK err_t table_at_load(struct table_at *out, struct repo *r,
    struct attrs *attrs, const char *path, const struct id *content);
void table_at_close(struct table_at *t);

MUST_CHECK err_t table_at_schema(struct schema *out, struct table_at *t,
    struct repo *r);

/* schema_diff of two, with renamed columns. */
MUST_CHECK err_t table_at_diff(struct table_at *from, struct table_at *to,
    struct repo *r, schema_change_fn *fn, void *arg);

#endif
