#ifndef TRANSFER_OUTDIR_H
#define TRANSFER_OUTDIR_H

/*
 * A directory that appears whole or not at all.
 *
 * Files are written into a directory beside it called NAME.partial-… (inside
 * it, if it is there already), synced, and moved to their names at the end.
 * One that was interrupted says so by its name, and is removed unless the
 * process was killed.  Nothing is ever written outside of it, whatever the
 * paths say and whatever links are in the way.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"

/*
 *	outdir_begin
 *	outdir_file, then outdir_bytes any number of times
 *	outdir_link
 *	outdir_end	puts it in place
 *	outdir_free	at any time; removes what was not put in place
 *
 * path may be there if it is an empty directory, or with force any
 * directory: then files of the same name are replaced and others left alone
 * (ERR_EXISTS if a directory is in the way of a file or the reverse, before
 * anything was replaced).  forbidden is a directory that it may not be in,
 * borrowed for the call.  mtime is in seconds.
 */
struct outdir;
MUST_CHECK err_t outdir_begin(struct outdir **out, const char *path,
    bool force, int forbidden);
MUST_CHECK err_t outdir_file(struct outdir *d, const char *path, bool exec,
    int64_t mtime);
MUST_CHECK err_t outdir_bytes(struct outdir *d, const char *p, size_t len);
MUST_CHECK err_t outdir_link(struct outdir *d, const char *path,
    const char *target, int64_t mtime);
MUST_CHECK err_t outdir_end(struct outdir *d);
void outdir_free(struct outdir *d);

/*
 * Open the directory that is to hold path (which may end in slashes), and say
 * its last component, which the caller frees.  ERR_NOT_FOUND if there is no
 * such directory; ERR_REFUSED if it is in (or is) forbidden.
 */
MUST_CHECK err_t outdir_open_parent(int *out, char **base, const char *path,
    int forbidden);

#endif
