#ifndef BASE_ZST_H
#define BASE_ZST_H

/*
 * The one door to zstd.  One frame in, one frame out, without streaming:
 * no checksum, no content size and no dictionary id is written, since what
 * surrounds a frame knows them better.  Each thread keeps its own contexts
 * from call to call and loses them when it ends.
 *
 * The bytes that compression gives depend on the version of the library;
 * never name anything by them.
 */

#include <stddef.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"

/* Append one frame of the bytes to out.  level as for zstd, from 1. */
void zst_compress(struct buf *out, const void *p, size_t len, int level);

/*
 * The same, with prefix as what came just before: repeating it costs next to
 * nothing.  All of a prefix of up to 1 MiB is within reach of all of an input
 * of up to 2 MiB; beyond that it is right but compresses less, and so it is
 * where the two overlap in memory.  An empty prefix is no prefix.
 */
void zst_compress_prefix(struct buf *out, const void *prefix,
    size_t prefix_len, const void *p, size_t len, int level);

/*
 * Decode one whole frame of exactly len bytes into out, which is to become
 * exactly out_len bytes; ERR_CORRUPT for anything else.  On failure what is
 * in out is undefined.  Memory does not depend on what the frame claims.
 */
MUST_CHECK err_t zst_decompress(void *out, size_t out_len, const void *p,
    size_t len);

/* The inverse of zst_compress_prefix.  A wrong prefix may go unnoticed here:
 * check the result against its id. */
MUST_CHECK err_t zst_decompress_prefix(void *out, size_t out_len,
    const void *prefix, size_t prefix_len, const void *p, size_t len);

/* "1.5.4": the library that is running. */
const char *zst_library(void);

#endif
