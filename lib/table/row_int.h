#ifndef TABLE_ROW_INT_H
#define TABLE_ROW_INT_H

/* What the decoders of rows share. */

#include "lib/table/row.h"

/* What decoding len bytes may take: each once without its quotes, and as two
 * in UTF-8.  What was decoded must not move while more is. */
#define ROW_TEXT_ROOM(len) (3 * (len) + 1)

/* Room for n cells. */
void row_room(struct row *row, size_t n);

/* Latin-1 to UTF-8, if the cell has anything but ASCII in it; text has
 * room. */
void row_latin1(struct cell *cell, struct buf *text);

bool row_is_ascii(const char *p, size_t len);

#endif
