#ifndef HISTORY_ATTR_LINE_H
#define HISTORY_ATTR_LINE_H

/*
 * One line of .dsvattributes:
 *
 *	pattern name=value name -name …
 *
 * Blanks separate; a pattern or a value in double quotes may hold some, with
 * \" \\ \n \t and \ooo as in C.  A bare "csv", "tsv", "jsonl", "text" or
 * "binary" is short for format=csv and so on.  A name has no control bytes; a
 * line has no more than ATTR_SETTINGS_MAX names.
 */

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/buf.h"

struct attr_setting {
	char *name;
	char *value;		/* "" for a bare name; NULL: taken back, "-" */
};

#define ATTR_SETTINGS_MAX 256

struct attr_line {
	char *pattern;		/* as match_rule_parse wants it; NULL: none */
	struct attr_setting *settings;
	size_t n, cap;
};
#define ATTR_LINE_INIT { NULL, NULL, 0, 0 }

/* A blank line or a comment has no pattern.  Returns NULL, or what is wrong;
 * then out is as before. */
const char *attr_line_parse(struct attr_line *out, const char *p, size_t len);
void attr_line_release(struct attr_line *line);

/* Add a setting, or give the one of that name a new value. */
void attr_line_set(struct attr_line *line, const char *name,
    const char *value);

/* The pattern as one would type it: without the backslashes that only keep a
 * blank, "#" or "!" from meaning something else in the file. */
void attr_line_typed(struct buf *out, const char *pattern);

/* The line, without an end of line. */
void attr_line_format(struct buf *out, const struct attr_line *line);

#endif
