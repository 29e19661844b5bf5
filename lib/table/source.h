#ifndef TABLE_SOURCE_H
#define TABLE_SOURCE_H

/*
 * The bytes of a table, wherever they are: in the store, in a file, or in
 * memory.  Whichever it is, they come in the same parts, those of the store's
 * cut, so that what two sources share is found by the ids of parts and need
 * not be read.
 *
 * One thread owns a source.  Blocks may be read by any thread.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "store/store.h"

struct source;

/* cut is what is known of how the file is cut; a content of several chunks
 * says itself.  ERR_CORRUPT if the store does not have it. */
MUST_CHECK err_t source_of_content(struct source **out, struct store *s,
    const struct id *content, enum cut cut);
/*
 * A file that is likely to have the bytes of this content: blocks are read
 * there, without unpacking, and from the store if their chunks are not there.
 * It stays yours and must stay open.  Blocks of such a content hold chunks of
 * no other (source_together is false).
 */
void source_lend(struct source *src, int fd);
/* The file stays yours and must stay open.  name is for messages, borrowed.
 * Nothing is read before it is asked for. */
MUST_CHECK err_t source_of_file(struct source **out, int fd, const char *name,
    enum cut cut);
/* Borrowed. */
struct source *source_of_bytes(const void *p, size_t len, enum cut cut);
void source_free(struct source *src);		/* accepts NULL */

/* Are both in one store?  Then a block of either may hold chunks of both. */
bool source_together(const struct source *a, const struct source *b);

/* For adding many chunks to blocks: store_view_begin and _end, if in one. */
MUST_CHECK err_t source_view_begin(struct source *src);
void source_view_end(struct source *src);

/*
 * At least so many bytes of the beginning, or all if there are fewer; *all
 * says that there are no more than those.
 */
MUST_CHECK err_t source_head(struct buf *out, bool *all, struct source *src,
    size_t want);

/* How much there is.  A file is read whole for this, the first time. */
struct source_facts {
	uint64_t size;
	uint64_t records;
	enum cut cut;
};
MUST_CHECK err_t source_stat(struct source_facts *out, struct source *src);

/* The largest parts, in order, and what one of them (height > 0) is made of. */
MUST_CHECK err_t source_parts(struct source *src, content_part_fn *fn,
    void *arg);
MUST_CHECK err_t source_part_parts(struct source *src,
    const struct content_part *part, content_part_fn *fn, void *arg);

/*
 * Chunks (parts of height 0) to be read together, as many as wanted.  The
 * owner of the source adds them; then one thread, any, reads them: their
 * bytes in order, appended to out.  A file that has changed since its parts
 * were listed is ERR_SYSTEM.
 */
struct source_block;
struct source_block *source_block_new(struct source *src);
void source_block_free(struct source_block *b);		/* accepts NULL */
MUST_CHECK err_t source_block_add(struct source_block *b,
    const struct content_part *chunk);
size_t source_block_bytes(const struct source_block *b);
MUST_CHECK err_t source_block_read(struct buf *out,
    const struct source_block *b);

#endif
