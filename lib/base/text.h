#ifndef BASE_TEXT_H
#define BASE_TEXT_H

/*
 * Text for people's eyes: escaping, widths, folding.  The one door to
 * utf8proc.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"

/*
 * Append text so that it cannot disturb a terminal: C0, C1, DEL, bidi
 * controls, line separators and bytes that are not UTF-8 become \xNN
 * (\n, \t, \r for those three); a backslash stays as it is.  Text that is
 * already clean, escapes included, comes out unchanged.
 */
void text_escape(struct buf *out, const char *text, size_t len);

/* The same into a fixed array, cut to fit at a character, NUL-terminated. */
void text_escape_to(char *out, size_t size, const char *text, size_t len);

/* Columns that clean text takes on a terminal; grapheme clusters count once. */
size_t text_width(const char *text, size_t len);

/* The longest prefix of clean text, in bytes, that fits in columns. */
size_t text_fit(const char *text, size_t len, size_t columns);

bool text_is_utf8(const char *text, size_t len);

/* Decode the first character: the bytes it takes, or 0 if they are not
 * UTF-8.  len is not 0. */
size_t text_next(int32_t *out, const char *text, size_t len);

/* A code point that text_escape does not let through. */
bool text_is_hidden(int32_t c);

/*
 * Case-folded NFC form with ignorable code points removed: two names with
 * the same fold may not both exist.  Bytes that are not UTF-8 are kept with
 * ASCII lowered.
 */
void text_fold(struct buf *out, const char *text, size_t len);

/* Edit distance for "did you mean", capped at limit. */
size_t text_distance(const char *a, const char *b, size_t limit);

/* "2.6.0": the library that is running. */
const char *text_library(void);

#endif
