#ifndef HISTORY_TABLE_ADVICE_H
#define HISTORY_TABLE_ADVICE_H

/*
 * What is worth saying of a table that was just put into the stage.  Costs
 * are bounded: large tables, and those beyond what one command may look at,
 * are passed over.
 */

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/history/repo.h"

struct attrs;

#define TABLE_ADVICE_MAX ((uint64_t)8 << 20)	/* bytes of one table */
#define TABLE_ADVICE_ALL ((uint64_t)16 << 20)	/* bytes of all */

struct table_advice {
	uint64_t looked_at;	/* bytes so far; kept from path to path */
	struct buf odd;		/* the first thing that is; empty: nothing */
	unsigned more;		/* how many others */
	struct buf key;		/* a column that would do as a key, as after
				 * --key; empty if there is one or none is
				 * needed */
};
#define TABLE_ADVICE_INIT { .odd = BUF_INIT, .key = BUF_INIT }

/* Of the staged file at path.  want_key: look for one. */
MUST_CHECK err_t table_advice_on(struct table_advice *out, struct repo *r,
    struct attrs *attrs, const char *path, bool want_key);
void table_advice_release(struct table_advice *a);

#endif
