#ifndef TRANSFER_ARCHIVE_H
#define TRANSFER_ARCHIVE_H

/*
 * Writes an archive to a descriptor, front to back.  The one door to
 * libarchive, which is loaded by the first archive_begin or archive_library:
 * calls come from one thread.
 *
 * The same entries give the same bytes: whoever runs it, wherever, whenever,
 * in whatever locale and time zone.  Entries belong to uid and gid 0 without
 * names, have mode 0644 or 0755, and stand in the order in which they are
 * given.  Only a newer compression library may compress differently.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"

enum archive_type {
	ARCHIVE_TAR,
	ARCHIVE_TAR_GZ,
	ARCHIVE_TAR_ZST,
	ARCHIVE_ZIP,
};

/*
 * What a name can be in that type: anything in a tar; UTF-8 in a zip, which
 * has no way to say what other bytes mean (ERR_REFUSED says so).
 */
MUST_CHECK err_t archive_name_check(enum archive_type type, const char *path);

/*
 *	archive_begin
 *	archive_file, then archive_bytes until its size is reached
 *	archive_link
 *	archive_end	writes what closes the archive
 *	archive_drop	at any time; without archive_end the archive has no
 *			end and readers will say so
 *
 * fd is borrowed; name is what messages call it.  mtime is in seconds.  A
 * file that got fewer or more bytes than its size is ERR_CORRUPT.
 */
struct archive_out;
MUST_CHECK err_t archive_begin(struct archive_out **out,
    enum archive_type type, int fd, const char *name);
MUST_CHECK err_t archive_file(struct archive_out *a, const char *path,
    bool exec, uint64_t size, int64_t mtime);
MUST_CHECK err_t archive_bytes(struct archive_out *a, const char *p,
    size_t len);
MUST_CHECK err_t archive_link(struct archive_out *a, const char *path,
    const char *target, int64_t mtime);
MUST_CHECK err_t archive_end(struct archive_out *a);
void archive_drop(struct archive_out *a);

/* "3.6.2": the library that is running; NULL if none can be loaded. */
const char *archive_library(void);

#endif
