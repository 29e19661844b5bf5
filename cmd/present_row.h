#ifndef CMD_PRESENT_ROW_H
#define CMD_PRESENT_ROW_H

/* How the commands show one row, and what became of it. */

#include "lib/base/json.h"
#include "lib/history/rowlog.h"

struct out;

/* "updated prices.csv 3", and a line for each cell that differs (all of a row
 * that came or went). */
void present_row_change(struct out *o, const struct rowkey *key,
    const struct rowlog_change *c);
/* The same on a line without its end: "updated price: 0.30 → 0.28". */
void present_row_short(struct out *o, const struct rowlog_change *c);
/* An object: operation, from, to (cells by column, or null). */
void present_row_members(struct json *j, const struct rowlog_change *c);
/* An object of the cells that the row has, by column. */
void present_row_cells(struct json *j, const struct rowkey_row *row);
void present_cells(struct json *j, const struct row *row,
    const struct shape *shape);

#endif
