#ifndef BASE_TERM_H
#define BASE_TERM_H

/*
 * The terminal: is there one, how wide, may it be coloured, the pager, the
 * progress line.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"

enum term_when { TERM_AUTO, TERM_ALWAYS, TERM_NEVER };

/* Columns of standard output, or COLUMNS, or 80. */
size_t term_width(void);

/* NO_COLOR (set and not empty), CLICOLOR_FORCE, TERM=dumb and isatty. */
bool term_colour(int fd, enum term_when when);

/*
 * Send standard output through DSV_PAGER, PAGER or less (LESS=FRX and LV=-c
 * when unset) if it is a terminal; does nothing if the pager is "cat" or "".
 * term_pager_end flushes, closes and waits.  The program comes from the
 * environment only, never from a repository.
 */
MUST_CHECK err_t term_pager_start(void);
void term_pager_end(void);

/*
 * A progress line on standard error, when that is a terminal and the work
 * takes more than half a second: what, how much of how much, rate, time left;
 * redrawn at most ten times a second; erased at the end.  total 0 = not known.
 * term_progress_quiet(true) silences it for the process.  One at a time;
 * calls from the main thread only.
 */
enum term_unit { TERM_BYTES, TERM_ITEMS };
void term_progress_quiet(bool quiet);
void term_progress_begin(const char *what, enum term_unit unit,
    uint64_t total);
void term_progress_add(uint64_t amount);
void term_progress_end(void);
/* Take the line away for a moment, before something else is said on standard
 * error; the next redraw brings it back. */
void term_progress_hide(void);

/* "1.5 MB", "999 B": powers of 1000, three significant digits. */
const char *term_size(char out[16], uint64_t bytes);
/* "1,234,567" */
const char *term_count(char out[32], uint64_t n);
/* "1 version", "1,234 versions": for nouns of at most 24 letters that take
 * an s. */
const char *term_counted(char out[64], uint64_t n, const char *noun);

#endif
