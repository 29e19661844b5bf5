#ifndef CMD_OUT_H
#define CMD_OUT_H

/*
 * The only code that writes results: text for people, JSON for programs, both
 * on standard output, buffered, and checked at the end (a full disk or a
 * closed pipe is an error, not a silence).
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"
#include "lib/base/hash.h"
#include "lib/base/json.h"

struct out;

enum out_style {
	OUT_PLAIN, OUT_BOLD, OUT_DIM, OUT_RED, OUT_GREEN, OUT_YELLOW,
	OUT_BLUE, OUT_CYAN,
};

struct out *out_new(bool json, bool colour, bool quiet);
/* Flushes and says whether every byte was taken; EPIPE is not an error. */
MUST_CHECK err_t out_close(struct out *o);
void out_free(struct out *o);

bool out_is_json(const struct out *o);

/* Trusted text: format strings of ours, with arguments that are ours. */
void out_printf(struct out *o, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* Untrusted text: escaped. */
void out_text(struct out *o, const char *s);
void out_textn(struct out *o, const char *s, size_t len);
/* A path: as out_text, quoted in double quotes if it has a byte that had to
 * be escaped, a quote, or a leading or trailing space. */
void out_path(struct out *o, const char *path);
/* Bytes as they are: only for cat, show --raw and the like. */
void out_raw(struct out *o, const void *p, size_t len);

/* Colour on (if allowed) and off again. */
void out_style(struct out *o, enum out_style style);
void out_reset(struct out *o);
/* Seven to twelve digits of an id, as short as out_set_short says. */
void out_id(struct out *o, const struct id *id);

/* Something worth saying that is not a result: on standard error, unless
 * quiet.  "hint: …" lines too. */
void out_note(struct out *o, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* A warning is said even when quiet. */
void out_warn(struct out *o, const char *fmt, ...) PRINTF_LIKE(2, 3);

/*
 * One JSON value on a line of its own:
 *	struct json *j = out_json(o);
 *	json_object(j); …; json_end(j);
 *	out_json_end(o);
 */
struct json *out_json(struct out *o);
void out_json_end(struct out *o);

/*
 * A table for people: cells are given row by row, columns are aligned when
 * it ends; numbers (right) and text (left, escaped).
 */
struct out_table;
struct out_table *out_table_new(struct out *o, size_t columns);
void out_table_text(struct out_table *t, const char *s);
void out_table_number(struct out_table *t, const char *s);
void out_table_end(struct out_table *t);	/* prints and frees */

/* Push what is buffered to standard output now (streaming commands). */
MUST_CHECK err_t out_flush(struct out *o);

#endif
