#ifndef BASE_RUN_H
#define BASE_RUN_H

/*
 * Running another program: without a shell, with arguments that are said
 * here, found in PATH.  It speaks as in the C locale, and in UTC.
 */

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"

/*
 * A file without a name that holds these bytes, at its start.  A program that
 * is run while it is open can read it as /dev/fd/N.
 */
MUST_CHECK err_t run_file(int *out, const void *p, size_t len);

struct run_result {
	bool found;		/* else there is no such program */
	int status;		/* 0: it succeeded; -1: a signal ended it */
	struct buf out, err;	/* what it wrote */
};
#define RUN_RESULT_INIT { false, 0, BUF_INIT, BUF_INIT }

/* argv ends with NULL; input is a descriptor that is read from its start, or
 * -1: nothing. */
MUST_CHECK err_t run_program(struct run_result *out, const char *const argv[],
    int input);
void run_result_release(struct run_result *r);

#endif
