#ifndef TABLE_JSONL_H
#define TABLE_JSONL_H

/*
 * Cells of a line of JSON Lines; row.h says by which rules.  The scanner is
 * our own since numbers are kept as they are written, and strings with lone
 * surrogates too (as the three bytes that UTF-8 would give them).
 */

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/buf.h"
#include "lib/table/row.h"

/* row_decode for JSON Lines. */
void jsonl_decode(struct row *row, struct shape *shape);

/* Append a key to a path: ".key", or "key" if the path is empty, in quotes
 * where it must be. */
void jsonl_path_key(struct buf *path, const char *key, size_t len);

/*
 * The members of the object that a line is: the name decoded, the value as it
 * is written, without blanks around it.  False if the line is not one JSON
 * object.
 */
typedef void jsonl_member_fn(void *arg, const char *name, size_t name_len,
    const char *value, size_t value_len);
bool jsonl_members(const char *line, size_t len, jsonl_member_fn *fn,
    void *arg);

#endif
