#ifndef BASE_CANCEL_H
#define BASE_CANCEL_H

/*
 * Signals only raise a flag; long work looks at it between steps and returns
 * ERR_CANCELLED.
 */

#include "lib/base/err.h"

/* SIGINT, SIGTERM and SIGHUP raise the flag; SIGPIPE is ignored. */
void cancel_setup(void);

/* The signal that was caught, or 0. */
int cancel_signal(void);

/* NULL, or ERR_CANCELLED "interrupted". */
MUST_CHECK err_t cancel_check(void);

#endif
