#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

/*
 * Time of day as whole seconds since 1970 UTC.  Times are claims: nothing in
 * the store orders by them.
 */

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"

/* Now, or DSV_DATE when that is set; a bad DSV_DATE is ERR_USAGE. */
MUST_CHECK err_t clock_now(int64_t *out);

/* Milliseconds of a monotonic clock, for progress and waiting. */
int64_t clock_ms(void);

/*
 * RFC 3339 ("2025-09-18T10:00:00Z", "+02:00"), or shorter forms of it: a date
 * alone is its first second, minutes may be left out, "T" may be a space;
 * UTC unless zoned.  Also "@1726650000", "yesterday", "now", and
 * "N seconds|minutes|hours|days|weeks|months|years ago" (singular too; dots
 * may stand for spaces: "2.weeks.ago").  ERR_USAGE otherwise.
 */
MUST_CHECK err_t clock_parse(int64_t *out, const char *text);

/* "2025-09-18T10:00:00Z".  Years 0000 to 9999; BUG otherwise: clock_parse
 * and decoders refuse others. */
void clock_format(struct buf *out, int64_t t);
bool clock_can_format(int64_t t);

/* Strict inverse of clock_format, for decoders; false for anything else. */
bool clock_parse_strict(int64_t *out, const char *text, size_t len);

#endif
