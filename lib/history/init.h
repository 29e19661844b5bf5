#ifndef HISTORY_INIT_H
#define HISTORY_INIT_H

/*
 * Making a repository.
 */

#include <stdbool.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"

struct init_report {
	struct buf root;	/* absolute */
	struct buf branch;	/* short */
	struct buf outer;	/* the repository that it is inside, or empty */
};
#define INIT_REPORT_INIT { BUF_INIT, BUF_INIT, BUF_INIT }

/*
 * In dir (NULL: the current directory), which is made if it is not there.
 * branch NULL: init.defaultBranch, or "main".  ERR_EXISTS if there is one
 * already; nothing is changed then.
 */
MUST_CHECK err_t init_run(struct init_report *out, const char *dir,
    const char *branch);
void init_report_release(struct init_report *report);

#endif
