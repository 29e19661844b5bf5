#ifndef BASE_FILE_INT_H
#define BASE_FILE_INT_H

/*
 * The fallbacks of file.c, in sight so that the tests reach them on a system
 * that does not need them.
 */

#include "lib/base/file.h"

/* file_open_beneath without openat2. */
MUST_CHECK err_t file_open_walking(int *out, int rootfd, const char *path,
    int flags, mode_t mode);

/* file_temp_open without O_TMPFILE. */
MUST_CHECK err_t file_temp_open_named(struct file_temp *out, int dirfd,
    mode_t mode);

#endif
