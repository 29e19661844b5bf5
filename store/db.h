#ifndef STORE_DB_H
#define STORE_DB_H

/*
 * The one door to SQLite: connections, transactions, statements.  Statements
 * are cached by the address of their text, which must be a literal.
 *
 * Arguments and columns are described by a string, a letter each:
 *	i	int64_t			(columns: int64_t *)
 *	d	const struct id *	(columns: struct id *, must be 32 bytes)
 *	s	const char * text	(columns: const char **, borrowed)
 *	b	const void *, size_t	(columns: const void **, size_t *)
 *	p	const char * as blob	(columns: const char **, borrowed)
 * A column of another type or a NULL is ERR_CORRUPT: the index may have been
 * damaged or edited.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"
#include "lib/base/hash.h"

struct db;
struct query;

enum db_mode { DB_READ, DB_WRITE, DB_CREATE };

/*
 * Open the file at path.  DB_READ never writes, except that it rolls back
 * the journal of a writer that died, if it may.  The schema must be ours,
 * byte for byte, or it is ERR_CORRUPT; a newer format is ERR_REFUSED.
 */
MUST_CHECK err_t db_open(struct db **out, const char *path, enum db_mode mode,
    int64_t wait_ms);
void db_close(struct db *db);

/* BEGIN IMMEDIATE / BEGIN; file and line are for messages about misuse. */
MUST_CHECK err_t db_begin(struct db *db, bool write);
MUST_CHECK err_t db_commit(struct db *db);
/* Queries that are not done yet have no more rows. */
void db_rollback(struct db *db);
/* Of a transaction that only read: queries begun before it or in it go on. */
void db_end(struct db *db);
bool db_in_transaction(const struct db *db);

/* Run a statement that gives no rows. */
MUST_CHECK err_t db_run(struct db *db, const char *sql, const char *types,
    ...);
/* Rows that the last db_run changed. */
int64_t db_changes(struct db *db);

/*
 *	err = db_query(&q, db, "SELECT …", "d", &id);
 *	while (!err && db_next(&err, q, "is", &number, &text))
 *		…
 *	db_done(q);
 * db_done accepts NULL.  An open query keeps writers from committing: do not
 * wait for a person or a pipe inside its loop.
 */
MUST_CHECK err_t db_query(struct query **out, struct db *db, const char *sql,
    const char *types, ...);
bool db_next(err_t *err, struct query *q, const char *types, ...);
void db_done(struct query *q);

/* The single row of a query: *found says whether there was one.  Columns
 * of types i and d only, since borrowed ones would be gone. */
MUST_CHECK err_t db_row(bool *found, struct db *db, const char *sql,
    const char *types, const char *columns, ...);

/* All rows of a query, with the types of their columns, into a hash.  Two
 * queries with as many columns give the same only for the same rows. */
MUST_CHECK err_t db_hash(struct hash *h, struct db *db, const char *sql);

/* Write the file anew with full pages; unless always, only if many are free.
 * Outside a transaction. */
MUST_CHECK err_t db_compact(struct db *db, bool always);

/* SQLite's own check of the file; the first complaint is the message. */
MUST_CHECK err_t db_check(struct db *db);

/* The schema, statement by statement (schema.c). */
extern const char *const db_schema[];
#define DB_APPLICATION_ID 0x64737631	/* "dsv1" */
#define DB_FORMAT 1

/* The version of SQLite that is running. */
const char *db_library(void);

#endif
