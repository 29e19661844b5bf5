#ifndef TABLE_RECORDS_H
#define TABLE_RECORDS_H

/*
 * The records of a file one after the other, from its first byte to its last:
 * nothing is left out, not even the line ends.  Memory is that of the longest
 * record.
 */

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/find.h"

/* A longer record is ERR_REFUSED. */
#define RECORD_MAX ((size_t)64 << 20)

struct records {
	int fd;			/* borrowed */
	const char *name;	/* borrowed; for messages */
	char quote;
	bool all;		/* there is no more to be read */
	bool open;		/* out: the last record ends in quotes */
	struct buf bytes;
	size_t start;
	struct find find;
};

/* From where the file stands; quote 0: there are none. */
void records_begin(struct records *out, int fd, const char *name, char quote);
void records_release(struct records *r);

/* Borrowed until the next call.  len is with the line end, text_len without
 * (LF or CRLF). */
struct record {
	const char *p;
	size_t len, text_len;
};
MUST_CHECK err_t records_next(bool *found, struct record *out,
    struct records *r);

#endif
