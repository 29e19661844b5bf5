#ifndef TABLE_PATCH_H
#define TABLE_PATCH_H

/*
 * Applying a delta to tables.
 *
 * Lines are given in their order; each belongs to a table, which is opened
 * when it is first named.  Then the tables are made anew one after the other:
 * rows that the delta does not name keep their bytes, changed ones are
 * written as the table is written, new ones come at the end.  A line that
 * does not fit the table is a misfit, and with one nothing is of any use.
 *
 * A row is found by its key, or, where it has none, by all of its cells.
 * Memory does not grow with the delta or the tables.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"
#include "lib/table/dialect.h"
#include "lib/table/key.h"

struct patch;

/* What the caller says of a table. */
struct patch_file {
	int fd;			/* at its beginning, and seekable; closed by
				 * the patch.  -1: there is no such file */
	struct dialect_hint hint;
	struct key key;		/* without columns: none; the patch's then */
	bool need_key;		/* it is an error if the table lacks them */
};
/* from: the path that the table has now, if it is another one. */
typedef err_t patch_open_fn(void *arg, struct patch_file *out,
    const char *path, const char *from);

struct patch_options {
	const char *to;		/* the path of every line; NULL: their own */
	bool duplicates;	/* insert rows the key of which is there */
	size_t tables;		/* at most so many; 0: any number */
};

struct patch *patch_new(const struct patch_options *options,
    patch_open_fn *open, void *arg);
void patch_free(struct patch *p);		/* accepts NULL */

/* One line, without its line end; number counts from 1. */
MUST_CHECK err_t patch_add(struct patch *p, uint64_t number, const char *line,
    size_t len);
/* There are no more. */
MUST_CHECK err_t patch_end(struct patch *p);

struct patch_table {
	const char *path;	/* borrowed */
	const char *from;	/* the path that it had; NULL: the same */
	uint64_t inserted, updated, deleted;
	uint64_t rows;		/* afterwards */
	bool is_new;		/* there was no file */
	bool is_gone;		/* there is none afterwards */
};
/* The path of the next table, the one that it has now; NULL after the last.
 * Borrowed. */
const char *patch_path(const struct patch *p);
/* The next table, in the order in which they were named; *found is false
 * after the last.  What it holds afterwards is written to fd, unless that is
 * -1. */
MUST_CHECK err_t patch_next(bool *found, struct patch_table *out,
    struct patch *p, int fd);

/* Lines that do not fit: how many, and the first of them by number. */
struct patch_misfit {
	uint64_t line;
	char *path;		/* NULL if the line has none */
	char *text;		/* "update 17: price is "3", not "2"" */
};
#define PATCH_MISFITS 10
uint64_t patch_misfits(const struct patch_misfit **first, size_t *n,
    const struct patch *p);

#endif
