#ifndef CMD_HELP_H
#define CMD_HELP_H

/*
 * Help from the tables, in at most 80 columns.
 */

#include <stddef.h>

struct buf;
struct cmd;
struct out;

/* Of a command; NULL: of dsv itself. */
void help_print(struct out *o, const struct cmd *cmd);

/* The letters of the flags of a command that have one ("nv"), appended. */
void help_flag_letters(struct buf *out, const struct cmd *cmd);

/*
 * The next word of an operand string, where brackets, dots and alternatives
 * make one word: "[REV] [--] PATH ..." gives "[REV]", "[--]" and "PATH ...".
 * Returns where to go on; *len is 0 at the end.
 */
const char *help_operand(const char **word, size_t *len, const char *from);

#endif
