#ifndef STORE_CUT_H
#define STORE_CUT_H

/*
 * Cutting files into chunks.  dsv-format(5) describes the rules; they are
 * part of the format, and a test holds them to fixed results.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/format.h"

#define CUT_WHOLE (64u << 10)		/* a file no longer is one chunk */
#define CUT_MIN (8u << 10)
#define CUT_TARGET (32u << 10)
#define CUT_LARGEST (128u << 10)	/* when records are no longer */
#define CUT_HARD (1u << 20)		/* no chunk is longer */
#define CUT_CONTEXT 24			/* bytes each side of a record end */

/* cutter_next can decide when it is shown this much. */
#define CUT_NEED (CUT_HARD + CUT_CONTEXT)

struct cutter {
	enum cut cut;		/* not CUT_AUTO */
	bool in_quotes;		/* at the start of the next chunk */
	bool inside;		/* a chunk was cut already */
};

struct cut_piece {
	size_t size;
	uint64_t records;	/* record ends in it; at the end of the file a
				 * last record without its LF counts too */
	bool partial;		/* does not end at the end of a record */
};

void cutter_init(struct cutter *c, enum cut cut);

/*
 * The next chunk of the file whose bytes from there on are p[0..len); eof
 * says that these are all.  False if more must be shown first (never with
 * eof, len > 0 or with len >= CUT_NEED).
 */
bool cutter_next(struct cut_piece *out, struct cutter *c, const char *p,
    size_t len, bool eof);

/* What CUT_AUTO means for a file that begins with these bytes (8 KiB are
 * looked at). */
enum cut cut_sniff(const char *p, size_t len);

#endif
