#ifndef HISTORY_TRACK_H
#define HISTORY_TRACK_H

/*
 * Editing .dsvattributes in the current directory: one line per pattern; all
 * other lines, comments among them, stay as they are and where they are.
 */

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/err.h"
#include "lib/history/attr_line.h"
#include "lib/history/repo.h"

struct track_order {
	const char *const *patterns;	/* as typed */
	size_t n;
	const char *key, *dataset, *component, *format, *delimiter, *quote,
	    *header, *encoding, *schema;
					/* NULL: leave as it is */
	bool force;		/* a key that does not tell rows apart too */
	bool remove;			/* take the patterns' lines out */
	bool dry_run;
	/* Told of each line as it is now, or was. */
	void (*fn)(void *arg, const char *file, const struct attr_line *line);
	/* And of what is worth knowing of a key in the files that have it. */
	void (*noted)(void *arg, const char *text);
	void *arg;
};

/*
 * The file is replaced in one step, and put into the stage.  ERR_NOT_FOUND:
 * no line for a pattern to be removed; ERR_USAGE: a pattern or value that
 * cannot be written; ERR_REFUSED: the key does not tell rows apart, and the
 * file is as it was.
 */
MUST_CHECK err_t track_run(struct repo *r, const struct track_order *o);

/* Every line with a pattern, of all .dsvattributes in the working tree. */
typedef err_t track_visit_fn(void *arg, const char *file,
    const struct attr_line *line);
MUST_CHECK err_t track_list(struct repo *r, track_visit_fn *fn, void *arg);

#endif
