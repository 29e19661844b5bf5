/*
 * Compression contexts cost more to make than a chunk costs to compress, so
 * each thread keeps a pair in thread-specific data, whose destructor frees
 * them when the thread ends.
 *
 * Encoding cannot fail but for memory: the output has room for the worst case
 * and the parameters are constant.  Decoding takes untrusted bytes.  It
 * decodes in one piece into the caller's memory, so no window is allocated
 * and a frame that claims a large one does no harm; it insists on the magic
 * number of the one format we write (the library may know skippable frames
 * and the formats of its youth) and on one frame that ends where the input
 * ends.
 */

#include "lib/base/zst.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "lib/base/mem.h"

/* 4 MiB: a prefix of 1 MiB and an input of 2 MiB, and every decoder takes it
 * (the customary limit is 27). */
#define PREFIX_WINDOW_LOG 22

/*
 * The fast levels remember 16,000 places, which a long prefix overwrites
 * before the input begins: an edited MiB took 370 KB at level 1.  With 131,072
 * of them it takes 1.1 KB, an edited 32 KiB a tenth less, at the same speed.
 */
#define PREFIX_HASH_LOG 17
#define FAST_LEVEL_MAX 2

struct contexts {
	ZSTD_CCtx *c;
	ZSTD_DCtx *d;
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t key;

static void
contexts_free(void *arg)
{
	struct contexts *x = arg;

	ZSTD_freeCCtx(x->c);
	ZSTD_freeDCtx(x->d);
	free(x);
}

static void
make_key(void)
{
	if (pthread_key_create(&key, contexts_free))
		mem_fail();
}

static struct contexts *
contexts_mine(void)
{
	struct contexts *x;

	pthread_once(&once, make_key);
	x = pthread_getspecific(key);
	if (!x) {
		x = mem_zalloc(sizeof(*x));
		if (pthread_setspecific(key, x))
			mem_fail();
	}
	return x;
}

/* The result, which can be an error only for want of memory. */
static size_t
must(size_t result)
{
	if (!ZSTD_isError(result))
		return result;
	if (ZSTD_getErrorCode(result) == ZSTD_error_memory_allocation)
		mem_fail();
	BUG("zstd: %s", ZSTD_getErrorName(result));
}

static ZSTD_CCtx *
encoder(int level)
{
	struct contexts *x = contexts_mine();

	if (!x->c)
		x->c = ZSTD_createCCtx();
	if (!x->c)
		mem_fail();
	must(ZSTD_CCtx_reset(x->c, ZSTD_reset_session_and_parameters));
	must(ZSTD_CCtx_setParameter(x->c, ZSTD_c_compressionLevel, level));
	must(ZSTD_CCtx_setParameter(x->c, ZSTD_c_contentSizeFlag, 0));
	must(ZSTD_CCtx_setParameter(x->c, ZSTD_c_checksumFlag, 0));
	must(ZSTD_CCtx_setParameter(x->c, ZSTD_c_dictIDFlag, 0));
	return x->c;
}

static void
encode(struct buf *out, ZSTD_CCtx *c, const void *p, size_t len)
{
	size_t room = ZSTD_compressBound(len);
	char *to;

	if (ZSTD_isError(room))
		mem_fail();
	to = buf_reserve(out, room);
	out->len += must(ZSTD_compress2(c, to, room, p, len));
	out->p[out->len] = '\0';
}

void
zst_compress(struct buf *out, const void *p, size_t len, int level)
{
	encode(out, encoder(level), p, len);
}

void
zst_compress_prefix(struct buf *out, const void *prefix, size_t prefix_len,
    const void *p, size_t len, int level)
{
	ZSTD_CCtx *c = encoder(level);

	must(ZSTD_CCtx_setParameter(c, ZSTD_c_windowLog, PREFIX_WINDOW_LOG));
	if (level <= FAST_LEVEL_MAX)
		must(ZSTD_CCtx_setParameter(c, ZSTD_c_hashLog,
		    PREFIX_HASH_LOG));
	must(ZSTD_CCtx_refPrefix(c, prefix, prefix_len));
	encode(out, c, p, len);
}

static bool
is_one_frame(const void *p, size_t len)
{
	struct cursor c = cursor_of(p, len);

	return cursor_u32(&c) == ZSTD_MAGICNUMBER &&
	    ZSTD_findFrameCompressedSize(p, len) == len;
}

err_t
zst_decompress_prefix(void *out, size_t out_len, const void *prefix,
    size_t prefix_len, const void *p, size_t len)
{
	struct contexts *x = contexts_mine();
	size_t got;

	if (!is_one_frame(p, len))
		return err_new(ERR_CORRUPT,
		    "compressed data is not one whole zstd frame");
	if (!x->d)
		x->d = ZSTD_createDCtx();
	if (!x->d)
		mem_fail();
	must(ZSTD_DCtx_reset(x->d, ZSTD_reset_session_and_parameters));
	must(ZSTD_DCtx_refPrefix(x->d, prefix, prefix_len));
	got = ZSTD_decompressDCtx(x->d, out, out_len, p, len);
	if (ZSTD_isError(got)) {
		if (ZSTD_getErrorCode(got) == ZSTD_error_memory_allocation)
			mem_fail();
		return err_new(ERR_CORRUPT, "compressed data is damaged: %s",
		    ZSTD_getErrorName(got));
	}
	if (got != out_len)
		return err_new(ERR_CORRUPT,
		    "compressed data holds %zu bytes, not %zu", got, out_len);
	return NULL;
}

err_t
zst_decompress(void *out, size_t out_len, const void *p, size_t len)
{
	return zst_decompress_prefix(out, out_len, NULL, 0, p, len);
}

const char *
zst_library(void)
{
	return ZSTD_versionString();
}
