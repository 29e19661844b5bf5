#ifndef HISTORY_TRACK_KEY_H
#define HISTORY_TRACK_KEY_H

/* Whether a key tells rows apart in the files that are to have it. */

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/err.h"
#include "lib/history/repo.h"

struct track_key_order {
	const char *dir;		/* of the patterns; "" or "sub/" */
	const char *const *patterns;	/* as in the file */
	size_t n;
	const char *key;
	/* Told what is no reason to refuse: a table without such a column, or
	 * with rows where it is empty; with force, all. */
	void (*noted)(void *arg, const char *text);
	void *arg;
	bool force;
};

/*
 * Reads every table in the working tree that matches a pattern and is known
 * by that key.  ERR_REFUSED names one in which two rows have the same key, and
 * their lines; others are noted.
 */
MUST_CHECK err_t track_key_check(struct repo *r,
    const struct track_key_order *o);

#endif
