#ifndef CMD_PRESENT_FILES_H
#define CMD_PRESENT_FILES_H

/*
 * What a checkout did, or would do, to each file: for restore, switch and
 * checkout, with --dry-run, --verbose or --json.  And where HEAD went.
 */

#include <stdbool.h>

#include "lib/history/checkout.h"

struct ctx;
struct switch_report;

struct present_files {
	struct ctx *ctx;
	bool dry_run;
	checkout_visit_fn *fn;	/* NULL: nobody wants to know */
};

void present_files_init(struct present_files *out, struct ctx *ctx,
    bool dry_run);

void present_files_head(struct ctx *ctx, const struct switch_report *report,
    bool dry_run);

#endif
