#ifndef CMD_COMPLETION_H
#define CMD_COMPLETION_H

/*
 * Completion scripts, written from the tables.
 */

#include "lib/base/err.h"
#include "lib/base/opt.h"

struct out;

/* The script for bash, zsh or fish; ERR_USAGE for another shell. */
MUST_CHECK err_t completion_print(struct out *o, const char *shell);

/* What "dsv meta words" calls an offer that it makes ("rev"); NULL for what
 * the shell knows by itself. */
const char *completion_words(enum opt_offer offer);

#endif
