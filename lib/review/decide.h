#ifndef REVIEW_DECIDE_H
#define REVIEW_DECIDE_H

/*
 * Deciding about rows of a table in a version: one act, whatever number of
 * rows it is about.
 */

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/err.h"
#include "lib/base/opt.h"
#include "lib/history/repo.h"
#include "lib/history/rowkey.h"
#include "lib/review/decided.h"
#include "lib/review/sheet.h"

struct decide_order {
	struct id commit;
	const char *path;
	/* Which rows: all that fit each of these, if said. */
	const struct rowkey *key;
	const struct opt_list *where;	/* COLUMN=VALUE */
	bool pending;
	/* Or those of the sheet, with what it says; then it has what is not
	 * said here. */
	struct sheet *sheet;
	enum verdict verdict;
	const char *source, *reason, *note;	/* NULL: none */
	bool dry_run;
};

struct decide_report {
	uint64_t version;
	uint64_t approved, rejected, modify;
	uint64_t keyless;	/* fit, but have no key: left out */
};

/*
 * ERR_USAGE: a note or a reason has to be given for what is not approved;
 * ERR_NOT_FOUND: there is no row with that key, or no such file or column;
 * ERR_REFUSED: the table has no key, or a line of the sheet does not fit;
 * ERR_PERMISSION.  No rows are no error, and no act.
 */
MUST_CHECK err_t decide_run(struct decide_report *out, struct repo *r,
    const struct decide_order *o);

#endif
