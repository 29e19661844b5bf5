#ifndef HISTORY_RULEFILE_H
#define HISTORY_RULEFILE_H

/*
 * The small files that steer dsv from the working tree: .dsvignore and
 * .dsvattributes.
 */

#include <stdbool.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"

/*
 * Append what the file has.  One that is not there, is beyond a symbolic
 * link, or is no regular file (a link, say) reads as empty; *odd says that
 * the name is taken by such a thing.  ERR_REFUSED if it is longer than
 * 1 MiB.
 */
MUST_CHECK err_t rulefile_read(struct buf *out, bool *odd, int rootfd,
    const char *path);

#endif
