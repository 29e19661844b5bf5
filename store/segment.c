/*
 * Segments; the format is in segment.h.
 */

#include "store/segment.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/base/mem.h"
#include "lib/base/zst.h"

void
frame_release(struct frame *f)
{
	free(f->entries);
	*f = (struct frame)FRAME_INIT;
}

void
frame_encode_head(struct buf *out, const struct frame *f)
{
	buf_char(out, (char)f->codec);
	buf_char(out, (char)f->kind);
	buf_varint(out, f->n);
	buf_varint(out, f->stored);
	if (f->codec == CODEC_DELTA)
		buf_add(out, f->base.b, ID_SIZE);
	for (size_t i = 0; i < f->n; i++) {
		buf_add(out, f->entries[i].id.b, ID_SIZE);
		buf_varint(out, f->entries[i].size);
	}
}

/* What comes before the entries; false if it cannot be right. */
static bool
decode_fixed(struct frame *f, uint64_t *n, struct cursor *c)
{
	uint64_t stored;
	const char *base;

	f->codec = cursor_u8(c);
	f->kind = cursor_u8(c);
	*n = cursor_varint(c);
	stored = cursor_varint(c);
	if (f->codec == CODEC_DELTA && (base = cursor_take(c, ID_SIZE)))
		memcpy(f->base.b, base, ID_SIZE);
	f->stored = (uint32_t)stored;
	return c->bad || (f->codec <= CODEC_MAX && f->kind >= 1 &&
	    f->kind <= KIND_MAX && *n >= 1 && *n <= FRAME_OBJECTS &&
	    stored <= FRAME_MAX && (f->codec != CODEC_DELTA || *n == 1));
}

err_t
frame_decode_head(struct frame *out, bool *more, const void *p, size_t len)
{
	struct cursor c = cursor_of(p, len);
	struct frame f = FRAME_INIT;
	uint64_t n, raw = 0;

	*more = false;
	if (!decode_fixed(&f, &n, &c))
		goto corrupt;
	if (c.bad || cursor_left(&c) < n * (ID_SIZE + 1))
		goto more;
	f.entries = mem_array(n, sizeof(*f.entries));
	for (f.n = 0; f.n < n; f.n++) {
		const char *id = cursor_take(&c, ID_SIZE);
		uint64_t size = cursor_varint(&c);

		if (c.bad)
			goto more;
		memcpy(f.entries[f.n].id.b, id, ID_SIZE);
		if (size > OBJECT_MAX || (raw += size) > FRAME_MAX)
			goto corrupt;
		f.entries[f.n].size = (uint32_t)size;
	}
	f.raw = (uint32_t)raw;
	if (f.codec == CODEC_RAW && f.raw != f.stored)
		goto corrupt;
	f.head = (size_t)(c.p - (const char *)p);
	*out = f;
	return NULL;
more:
	frame_release(&f);
	*more = len < FRAME_HEAD_MAX;
	return *more ? NULL : err_new(ERR_CORRUPT, "damaged frame head");
corrupt:
	frame_release(&f);
	return err_new(ERR_CORRUPT, "damaged frame head");
}

err_t
frame_decode(char *out, const struct frame *f, const void *stored)
{
	if (f->codec == CODEC_ZSTD)
		return zst_decompress(out, f->raw, stored, f->stored);
	if (f->codec != CODEC_RAW)
		BUG("frame of codec %d needs its base", f->codec);
	if (f->raw)
		memcpy(out, stored, f->raw);
	return NULL;
}

uint32_t
frame_share(const struct frame *f, uint64_t at, uint32_t size)
{
	uint64_t total = f->head + f->stored;

	if (f->raw == 0)
		return (uint32_t)(total / f->n);
	return (uint32_t)(total * (at + size) / f->raw -
	    total * at / f->raw);
}

/* ---- reading ----------------------------------------------------------- */

err_t
segment_error(err_t err)
{
	switch (err ? err->sys_errno : 0) {
	case EIO:
	case EBADMSG:
#ifdef EUCLEAN
	case EUCLEAN:		/* some file systems: its inode is damaged */
#endif
		return err_new(ERR_UNREADABLE, "%s", err->msg);
	default:
		return err;
	}
}

bool
segment_is_lost(err_t err)
{
	return err && (err->code == ERR_CORRUPT ||
	    err->code == ERR_UNREADABLE || err->code == ERR_NOT_FOUND);
}

#define TAIL (8 + SEGMENT_MAGIC_LEN)	/* offset of the footer, magic */

err_t
segment_frames_end(uint64_t *out, int fd)
{
	char tail[TAIL] = { 0 };
	struct cursor c = cursor_of(tail, 8);
	struct stat st;
	uint64_t end, size;
	size_t got;
	err_t err;

	if (fstat(fd, &st) < 0)
		return segment_error(err_sys("cannot look at a segment"));
	size = (uint64_t)st.st_size;
	if (size < SEGMENT_MAGIC_LEN + TAIL)
		return err_new(ERR_CORRUPT, "segment is too short");
	err = file_pread_full(&got, fd, tail, TAIL, size - TAIL, "segment");
	if (err)
		return segment_error(err);
	end = cursor_u64(&c);
	if (got < TAIL || end < SEGMENT_MAGIC_LEN || end > size - TAIL ||
	    memcmp(tail + 8, SEGMENT_END, SEGMENT_MAGIC_LEN) != 0)
		return err_new(ERR_CORRUPT, "the end of a segment is damaged");
	*out = end;
	return NULL;
}

/* Bytes of a segment around the head that is wanted. */
struct window {
	int fd;
	uint64_t at;
	struct buf bytes;
};

#define WINDOW 4096

/* The head at the offset, from what was read last if it is all there. */
static err_t
window_head(struct frame *out, struct window *w, uint64_t offset)
{
	size_t want = WINDOW;
	bool more = true;
	size_t got;
	err_t err = NULL;

	if (offset >= w->at && offset < w->at + w->bytes.len)
		err = frame_decode_head(out, &more, w->bytes.p +
		    (offset - w->at), w->bytes.len - (offset - w->at));
	while (!err && more) {
		buf_clear(&w->bytes);
		err = file_pread_full(&got, w->fd,
		    buf_reserve(&w->bytes, want), want, offset, "segment");
		if (err)
			return segment_error(err);
		w->at = offset;
		w->bytes.len = got;
		err = frame_decode_head(out, &more, w->bytes.p, got);
		if (!err && more && got < want)
			err = err_new(ERR_CORRUPT, "frame is cut short");
		want = want * 8 < FRAME_HEAD_MAX ? want * 8 : FRAME_HEAD_MAX;
	}
	return err;
}

err_t
segment_frames(int fd, uint64_t end, frame_visit_fn *fn, void *arg)
{
	struct window w = { .fd = fd, .bytes = BUF_INIT };
	uint64_t at = SEGMENT_MAGIC_LEN;
	err_t err = NULL;

	while (!err && at < end) {
		struct frame f = FRAME_INIT;
		uint64_t offset = at;

		err = window_head(&f, &w, offset);
		at += f.head + f.stored;
		if (!err && at > end)
			err = err_new(ERR_CORRUPT, "frame is cut short");
		if (!err)
			err = fn(arg, offset, &f);
		frame_release(&f);
	}
	buf_release(&w.bytes);
	return err;
}

err_t
segment_frame(struct frame *out, int fd, uint64_t offset)
{
	struct window w = { .fd = fd, .bytes = BUF_INIT };
	err_t err;

	err = window_head(out, &w, offset);
	buf_release(&w.bytes);
	return err;
}

/* ---- writing ----------------------------------------------------------- */

static err_t
append(struct segment_writer *w, const void *p, size_t len)
{
	hash_add(&w->hash, p, len);
	w->size += len;
	return file_write_full(w->temp.fd, p, len, "segment");
}

err_t
segment_begin(struct segment_writer *w, int tmpfd)
{
	err_t err;

	err = file_temp_open(&w->temp, tmpfd);
	if (err)
		return err;
	hash_init(&w->hash);
	w->size = 0;
	w->frames = 0;
	buf_clear(&w->footer);
	return append(w, SEGMENT_MAGIC, SEGMENT_MAGIC_LEN);
}

err_t
segment_add(uint64_t *offset, struct segment_writer *w, const void *frame,
    size_t len)
{
	*offset = w->size;
	buf_varint(&w->footer, len);
	w->frames++;
	return append(w, frame, len);
}

err_t
segment_end(struct id *out, struct segment_writer *w)
{
	struct buf tail = BUF_INIT;
	uint64_t footer = w->size;
	err_t err;

	buf_varint(&tail, w->frames);
	buf_add(&tail, w->footer.p, w->footer.len);
	buf_u64(&tail, footer);
	buf_add(&tail, SEGMENT_END, SEGMENT_MAGIC_LEN);
	err = append(w, tail.p, tail.len);
	buf_release(&tail);
	if (!err)
		hash_end(out, &w->hash);
	return err;
}

void
segment_writer_release(struct segment_writer *w)
{
	file_temp_close(&w->temp);
	buf_release(&w->footer);
}

/* ---- names ------------------------------------------------------------- */

char *
segment_path(char out[SEGMENT_PATH], const struct id *id)
{
	char hex[ID_HEX + 1];

	id_hex(hex, id);
	snprintf(out, SEGMENT_PATH, "%.2s/%s", hex, hex + 2);
	return out;
}

char *
segment_prepared(char out[SEGMENT_PREPARED], const struct id *id)
{
	char hex[ID_HEX + 1];

	snprintf(out, SEGMENT_PREPARED, "%s.seg", id_hex(hex, id));
	return out;
}
