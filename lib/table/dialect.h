#ifndef TABLE_DIALECT_H
#define TABLE_DIALECT_H

/*
 * How the bytes of a file are rows and cells: what attributes say of it (the
 * hint), and what its first bytes show.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/hash.h"
#include "lib/base/json.h"
#include "store/format.h"

/* The numbers are on disk. */
enum table_format {
	TABLE_NONE = 0,		/* not read as rows */
	TABLE_CSV = 1,		/* any delimiter */
	TABLE_JSONL = 2,	/* a JSON value a line */
};

enum table_encoding {
	TABLE_UTF8 = 1,
	TABLE_LATIN1 = 2,
	TABLE_UTF16 = 3,	/* of either order; not read as rows */
};

enum table_eol {
	TABLE_LF = 1,
	TABLE_CRLF = 2,
};

/* Of JSON Lines only encoding, bom and eol mean anything. */
struct dialect {
	enum table_format format;
	char delimiter;
	char quote;		/* 0: none */
	bool header;		/* the first record names the columns */
	bool bom;
	enum table_encoding encoding;
	enum table_eol eol;	/* of the first record */
};

/*
 * What is said of a file before it is looked at.  All zero: it is no table.
 * cut is how the store cuts it, which settles the quote: a row of a table is
 * a record of the cut, always.
 */
struct dialect_hint {
	enum table_format format;
	enum cut cut;		/* CUT_CSV, CUT_CSV_SINGLE or CUT_LINES */
	char delimiter;			/* 0: not said */
	int header;			/* 0: not said, 1: yes, -1: no */
	enum table_encoding encoding;	/* 0: not said */
};

/*
 * What decides: the first record, which must end within DIALECT_MAX bytes,
 * and those of the next that end within DIALECT_LOOK.
 */
#define DIALECT_LOOK ((size_t)64 << 10)
#define DIALECT_MAX ((size_t)1 << 20)

/*
 * From the first bytes of a file; all: there are no more.  False if more must
 * be shown: DIALECT_LOOK bytes at first, DIALECT_MAX if that was not enough.
 * If the file is not to be read as rows out->format is TABLE_NONE and *reason
 * says why ("is UTF-16"); else *reason is NULL.  The same file and hint give
 * the same answer, however much is shown.
 *
 * The delimiter is the one of comma, semicolon, tab and bar that divides most
 * of the first records as often as the first of them.  The first record is
 * no header if each of its cells is a number.
 */
bool dialect_detect(struct dialect *out, const char **reason,
    const struct dialect_hint *hint, const char *p, size_t len, bool all);

/* The first record within p, with its line end, or 0 if it does not end
 * there. */
size_t dialect_first_record(const struct dialect *d, const char *p,
    size_t len, bool all);

/* Bytes to pass over at the beginning of the file: those of the BOM. */
size_t dialect_skip(const struct dialect *d);

/* For storing: DIALECT_SIZE bytes. */
#define DIALECT_SIZE 8
void dialect_encode(struct buf *out, const struct dialect *d);
MUST_CHECK err_t dialect_decode(struct dialect *out, struct cursor *c);
void dialect_hint_encode(struct buf *out, const struct dialect_hint *hint);

/* "csv, delimiter ";", quote double, header, utf-8, LF" */
void dialect_print(struct buf *out, const struct dialect *d);
/* The members of its object. */
void dialect_members(struct json *j, const struct dialect *d);

const char *table_encoding_name(enum table_encoding encoding);
const char *table_format_name(enum table_format format);

#endif
