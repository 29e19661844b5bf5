#ifndef HISTORY_ATTR_H
#define HISTORY_ATTR_H

/*
 * .dsvattributes: lines of "pattern name=value name -name …", gitattributes
 * syntax, in any directory; later lines and deeper files win.  "binary" is
 * short for "format=binary".  A pattern with spaces is written in double
 * quotes.
 */

#include "lib/base/err.h"
#include "lib/history/repo.h"
#include "lib/table/dialect.h"
#include "lib/table/key.h"

struct attrs;

/* From the working tree's files, or from a version's tree.  Files are read
 * when a path first needs them. */
struct attrs *attr_of_worktree(struct repo *r);
struct attrs *attr_of_tree(struct repo *r, const struct id *tree);
/* No attributes at all: what follows from extensions alone. */
struct attrs *attr_of_nothing(void);
void attr_free(struct attrs *a);

/* The value ("" for a bare name); NULL if unset.  Borrowed until attr_free. */
MUST_CHECK err_t attr_get(const char **out, struct attrs *a, const char *path,
    const char *name);

/*
 * How to cut the file at path: format=binary|text|csv|tsv|jsonl or the bare
 * names, quote='"|single…; else by extension (.csv .tsv .tab → CSV; .jsonl
 * .ndjson .json .md .txt .sql .xml .yaml … → lines; .parquet .xlsx .zip .gz …
 * → binary); else CUT_AUTO.
 */
MUST_CHECK err_t attr_cut(enum cut *out, struct attrs *a, const char *path);

/*
 * What is said of the file at path as a table: format=csv|tsv|jsonl, else by
 * extension (.csv .tsv .tab .jsonl .ndjson); delimiter=, quote= (by the cut),
 * header=yes|no, encoding=utf-8|latin-1|utf-16.  The format is TABLE_NONE for
 * what is no table.
 */
MUST_CHECK err_t attr_table(struct dialect_hint *out, struct attrs *a,
    const char *path);

/* The key attribute; without columns if there is none.  Yours to release. */
MUST_CHECK err_t attr_key(struct key *out, struct attrs *a, const char *path);

#endif
