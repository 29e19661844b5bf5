#ifndef STORE_FSCK_INT_H
#define STORE_FSCK_INT_H

/*
 * The checker reads the formats with code of its own: of what the writer
 * uses it shares only SHA-256, zstd and the types.  A mistake made in both
 * would have to be made twice.
 */

#include "store/count.h"
#include "store/idset.h"
#include "store/marks.h"
#include "store/store_int.h"

/* One frame of a file, decoded, from offset on; end: where the next is. */
struct fsck_frame {
	unsigned codec, kind;
	size_t n;
	struct id *ids;
	uint32_t *sizes;
	struct id base;
	bool baseless;			/* a delta, the base of which cannot be
					 * read: raw is empty */
	struct buf raw;
	uint64_t end;
};

/* The frame that was read last. */
struct fsck_kept {
	int64_t segment;		/* row; 0: none */
	int64_t offset;
	struct fsck_frame frame;
};

struct fsck {
	struct store *store;
	unsigned flags;
	struct fsck_totals *totals;
	finding_fn *fn;
	void *arg;
	struct idset segments;		/* that were looked at */
	struct idset damaged;		/* segments */
	struct idset seen;		/* trees and contents walked */
	struct marks lost;		/* objects that cannot be read */
	struct buf path;		/* where the second pass is */
	int64_t version;
	struct fsck_kept kept, base;
	struct counts counts;		/* references that were seen */
	/* Rows that the index must have. */
	uint64_t facts, changes, postings, lists, decided;
	bool partial;			/* not all of them could be */
	struct err failure;		/* code 0: none; what was found since
					 * proves nothing */
};

/* Checking failed, which says nothing about the repository: the next finding
 * is this error instead. */
void fsck_fail(struct fsck *f, err_t why);
/* That error, if there was one. */
MUST_CHECK err_t fsck_failed(const struct fsck *f);

/* Say one finding. */
MUST_CHECK err_t fsck_say(struct fsck *f, const char *what,
    const char *subject, const char *fmt, ...) PRINTF_LIKE(4, 5);
MUST_CHECK err_t fsck_say_id(struct fsck *f, const char *what,
    const struct id *id, const char *fmt, ...) PRINTF_LIKE(4, 5);

/* fsck_read.c: bytes */

/* An unread part of some bytes. */
struct part {
	const unsigned char *p;
	size_t left;
	bool bad;
};
struct part part_of(const struct buf *b);
uint64_t part_number(struct part *p);		/* a varint */
unsigned part_byte(struct part *p);
const void *part_bytes(struct part *p, size_t n);

void fsck_frame_release(struct fsck_frame *f);
/* false and *why if it cannot be read. */
bool fsck_frame_read(struct fsck_frame *out, const char **why,
    struct fsck *f, int fd, uint64_t offset, uint64_t limit, bool base_ok);

/* An object's bytes through the index; false and *why if it is not there. */
bool fsck_object(struct buf *out, const char **why, struct fsck *f,
    enum kind kind, const struct id *id);

/* fsck_files.c, fsck_reach.c, fsck_events.c: the passes */
MUST_CHECK err_t fsck_files(struct fsck *f);
MUST_CHECK err_t fsck_reach(struct fsck *f);
MUST_CHECK err_t fsck_events(struct fsck *f);

/* fsck_count.c: note what an object refers to; compare with the index. */
MUST_CHECK err_t fsck_count(struct fsck *f, enum kind kind, const void *p,
    size_t len);
MUST_CHECK err_t fsck_compare_counts(struct fsck *f);

/* fsck_derived.c: the same for what is derived from other objects. */
MUST_CHECK err_t fsck_derived(struct fsck *f, enum kind kind,
    const struct id *object, const void *p, size_t len);
MUST_CHECK err_t fsck_compare_derived(struct fsck *f);

/* A line of a commit or an event, split: "key value". */
struct fsck_line {
	const char *key, *value;
	size_t key_len, len;
};
/* false at the blank line or when it is malformed (p->bad). */
bool fsck_line(struct fsck_line *out, struct part *p);
bool fsck_line_is(const struct fsck_line *l, const char *key);
bool fsck_line_id(struct id *out, const char *value, size_t len);

#endif
