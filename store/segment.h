#ifndef STORE_SEGMENT_H
#define STORE_SEGMENT_H

/*
 * Segments: the files under objects/.
 *
 *	8	magic "dsvseg" 0 1
 *	frames, one after the other:
 *		u8	codec: 0 as they are, 1 zstd, 2 zstd with the bytes
 *			of another object as prefix (a delta)
 *		u8	kind of the objects
 *		varint	number of objects, at least 1; 1 for codec 2
 *		varint	length of the stored bytes
 *		32	codec 2 only: id of the base, of the same kind, itself
 *			not a delta
 *		objects times: 32 id, varint length
 *		stored bytes; decoded, they are the objects' bytes in order
 *	footer:
 *		varint	number of frames
 *		frames times: varint length of the frame, head included
 *	u64	offset of the footer
 *	8	magic "dsvend" 0 1
 *
 * A segment is named by the SHA-256 of its bytes, so nothing in it needs a
 * checksum of its own.
 */

#include <stddef.h>
#include <stdint.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/hash.h"
#include "store/format.h"

/*
 * What failed at a segment: ERR_UNREADABLE if it is the disk that cannot give
 * its bytes (EIO), so that this segment is as good as damaged; any other
 * failure says nothing about the segment, and is as it was.  Accepts NULL.
 */
MUST_CHECK err_t segment_error(err_t err);
/* Is something damaged, unreadable or missing, for good and by itself?  Then
 * others may be whole, and who repairs goes on without it. */
bool segment_is_lost(err_t err);

#define SEGMENT_MAGIC "dsvseg\0\1"
#define SEGMENT_END "dsvend\0\1"
#define SEGMENT_MAGIC_LEN 8
#define SEGMENT_TARGET (32u << 20)	/* a segment ends after the frame with
					 * which it gets this long */
#define SEGMENT_MAX (1u << 30)

#define FRAME_TARGET (256u << 10)	/* raw bytes, likewise */
#define OBJECT_MAX (2u << 20)
#define FRAME_SOLID (4u << 20)		/* the same, for what gc packs */
#define FRAME_MAX (FRAME_SOLID + OBJECT_MAX)
#define FRAME_HEAD_MAX (46 + (size_t)FRAME_OBJECTS * (ID_SIZE + 4))
#define FRAME_OBJECTS 8192

enum codec { CODEC_RAW = 0, CODEC_ZSTD = 1, CODEC_DELTA = 2 };
#define CODEC_MAX 2

struct frame_entry {
	struct id id;
	uint32_t size;
};

struct frame {
	enum codec codec;
	enum kind kind;
	struct id base;			/* CODEC_DELTA only */
	struct frame_entry *entries;	/* owned */
	size_t n;
	uint32_t raw;			/* sum of the sizes */
	uint32_t stored;
	size_t head;			/* length of the head */
};
#define FRAME_INIT { .entries = NULL }

void frame_release(struct frame *f);

/* Append the head; n, entries, codec, kind, base and stored are given. */
void frame_encode_head(struct buf *out, const struct frame *f);

/*
 * Read a head from the first len bytes of a frame.  *more: len was too short
 * to tell (and there is no error).  ERR_CORRUPT.
 */
MUST_CHECK err_t frame_decode_head(struct frame *out, bool *more,
    const void *p, size_t len);

/* The raw bytes of a frame of codec 0 or 1; out has f->raw bytes. */
MUST_CHECK err_t frame_decode(char *out, const struct frame *f,
    const void *stored);

/* The part of a frame's bytes in its segment that an object takes which begins
 * at at: in proportion to its size, so that the parts of all add up. */
uint32_t frame_share(const struct frame *f, uint64_t at, uint32_t size);

/* ---- reading ----------------------------------------------------------- */

/* Where the frames of a segment end and its footer begins. */
MUST_CHECK err_t segment_frames_end(uint64_t *out, int fd);

/*
 * The heads of the frames that lie before end, in order, reading little of
 * what they hold.  ERR_CORRUPT where there should be one and is not; those
 * before it have been visited.
 */
typedef err_t frame_visit_fn(void *arg, uint64_t offset,
    const struct frame *frame);
MUST_CHECK err_t segment_frames(int fd, uint64_t end, frame_visit_fn *fn,
    void *arg);

/* One head. */
MUST_CHECK err_t segment_frame(struct frame *out, int fd, uint64_t offset);

/* ---- writing ----------------------------------------------------------- */

struct segment_writer {
	struct file_temp temp;
	struct hash hash;
	struct buf footer;	/* frame lengths */
	uint64_t size;
	uint64_t frames;
};
#define SEGMENT_WRITER_INIT { .temp = FILE_TEMP_INIT, .footer = BUF_INIT }

MUST_CHECK err_t segment_begin(struct segment_writer *w, int tmpfd);
/* Append one whole frame (head and stored bytes); *offset is where. */
MUST_CHECK err_t segment_add(uint64_t *offset, struct segment_writer *w,
    const void *frame, size_t len);
/* Write the footer.  The bytes are complete but not yet synced; id and size
 * are final. */
MUST_CHECK err_t segment_end(struct id *out, struct segment_writer *w);
void segment_writer_release(struct segment_writer *w);

/* ---- names ------------------------------------------------------------- */

/* "ab/cdef…" */
#define SEGMENT_PATH (ID_HEX + 2)
char *segment_path(char out[SEGMENT_PATH], const struct id *id);
/* "<64 hex>.seg", the name in tmp/ of a segment that waits for its COMMIT. */
#define SEGMENT_PREPARED (ID_HEX + 5)
char *segment_prepared(char out[SEGMENT_PREPARED], const struct id *id);

#endif
