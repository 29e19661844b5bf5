/*
 * Reading objects: from the index to a frame in a segment, through two small
 * caches (open segments, decoded frames), and never without a check against
 * the id.
 */

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/mem.h"
#include "lib/base/zst.h"
#include "store/store_int.h"

#define FIRST_READ (8u << 10)		/* holds most heads, and deltas whole */

err_t
place_find(bool *found, struct place *out, struct store *s, enum kind kind,
    const struct id *id)
{
	return db_row(found, s->db, "SELECT segment, frame, at, size "
	    "FROM object WHERE id = ? AND kind = ?", "di", "iiii", id,
	    (int64_t)kind, &out->segment, &out->frame, &out->at, &out->size);
}

bool
place_fits(const struct place *place, size_t raw)
{
	return place->at >= 0 && place->size >= 0 &&
	    (uint64_t)place->at + (uint64_t)place->size <= raw;
}

err_t
object_has(bool *out, struct store *s, enum kind kind, const struct id *id)
{
	struct place place;

	return place_find(out, &place, s, kind, id);
}

/* ---- segments ---------------------------------------------------------- */

static err_t
open_file(int *fd, struct store *s, const struct id *id)
{
	char path[SEGMENT_PATH], prepared[SEGMENT_PREPARED];
	char hex[ID_HEX + 1], aside[ID_HEX + sizeof(QUARANTINE_DIR "/")];
	err_t err;

	/* A segment whose writer has committed but not yet moved it is in
	 * tmp/; look again in objects/ in case it moved just now.  One that gc
	 * has emptied since the index was read is in trash/; one that a repair
	 * is just reading, in quarantine/. */
	err = file_open_regular(fd, s->objectsfd, segment_path(path, id));
	segment_prepared(prepared, id);
	if (err_is(err, ERR_NOT_FOUND))
		err = file_open_regular(fd, s->tmpfd, prepared);
	if (err_is(err, ERR_NOT_FOUND))
		err = file_open_regular(fd, s->objectsfd, path);
	if (err_is(err, ERR_NOT_FOUND))
		err = trash_open(fd, s, id);
	if (err_is(err, ERR_NOT_FOUND)) {
		snprintf(aside, sizeof(aside), QUARANTINE_DIR "/%s",
		    id_hex(hex, id));
		err = file_open_regular(fd, s->dirfd, aside);
	}
	if (err_is(err, ERR_NOT_FOUND))
		err = err_new(ERR_CORRUPT, "segment \"%s/%s\" is missing; "
		    "\"dsv fsck\" says what that costs", OBJECTS_DIR, path);
	return segment_error(err);
}

err_t
segment_open(int *fd, struct store *s, int64_t row)
{
	struct open_segment *place = &s->open[0];
	struct id id;
	bool found;
	err_t err;

	err = db_row(&found, s->db, "SELECT id FROM segment WHERE n = ?", "i",
	    "d", row, &id);
	if (err)
		return err;
	if (!found)
		return err_new(ERR_CORRUPT, "the index names a segment that "
		    "it does not have; rebuild it with \"dsv fsck "
		    "--repair\"");
	for (size_t i = 0; i < OPEN_SEGMENTS; i++) {
		struct open_segment *o = &s->open[i];

		if (o->fd >= 0 && id_eq(&o->id, &id)) {
			o->used = ++s->clock;
			*fd = o->fd;
			return NULL;
		}
		if (o->used < place->used)
			place = o;
	}
	if (place->fd >= 0)
		close(place->fd);
	place->fd = -1;
	err = open_file(&place->fd, s, &id);
	if (err)
		return err;
	place->id = id;
	place->used = ++s->clock;
	*fd = place->fd;
	return NULL;
}

err_t
frame_read(struct frame *out, struct buf *stored, int fd, uint64_t offset,
    const char *name)
{
	struct frame f = FRAME_INIT;
	size_t want = FIRST_READ, got;
	bool more;
	err_t err;

	/* The head is at the start; read on if it, or the bytes after it, do
	 * not fit into the first read. */
	for (buf_clear(stored);;) {
		size_t missing = want - stored->len;

		err = file_pread_full(&got, fd, buf_reserve(stored, missing),
		    missing, offset + stored->len, name);
		if (err)
			goto out;
		stored->len += got;
		frame_release(&f);
		err = frame_decode_head(&f, &more, stored->p, stored->len);
		if (err)
			goto out;
		if (!more && f.head + f.stored <= stored->len)
			break;
		if (got < missing) {
			err = err_new(ERR_CORRUPT, "frame is cut short");
			goto out;
		}
		want = more ? FRAME_HEAD_MAX + 1 : f.head + f.stored;
	}
	memmove(stored->p, stored->p + f.head, f.stored);
	stored->len = f.stored;
	*out = f;
	f = (struct frame)FRAME_INIT;
out:
	frame_release(&f);
	return err ? segment_error(err_wrap(err, "%s at offset %llu", name,
	    (unsigned long long)offset)) : NULL;
}

/* ---- bases of deltas ---------------------------------------------------- */

#define DELTA_HEAD 64

err_t
frame_peek(bool *delta, struct id *base, int fd, uint64_t offset)
{
	char head[DELTA_HEAD];
	struct cursor c;
	const char *id;
	size_t got;
	err_t err;

	err = file_pread_full(&got, fd, head, sizeof(head), offset, "segment");
	if (err)
		return segment_error(err);
	c = cursor_of(head, got);
	*delta = cursor_u8(&c) == CODEC_DELTA;
	if (!*delta)
		return NULL;
	cursor_u8(&c);
	cursor_varint(&c);
	cursor_varint(&c);
	id = cursor_take(&c, ID_SIZE);
	if (!id)
		return err_new(ERR_CORRUPT, "damaged frame head");
	memcpy(base->b, id, ID_SIZE);
	return NULL;
}

err_t
base_find(bool *found, struct base *out, struct store *s, enum kind kind,
    const struct id *id)
{
	struct place place;
	bool delta;
	int fd;
	err_t err;

	out->id = *id;
	for (int depth = 0;; depth++) {
		err = place_find(found, &place, s, kind, &out->id);
		if (!err && *found)
			err = segment_open(&fd, s, place.segment);
		if (!err && *found)
			err = frame_peek(&delta, &out->id, fd,
			    (uint64_t)place.frame);
		if (err || !*found || !delta)
			break;
		if (depth == 1) {
			*found = false;
			break;
		}
	}
	/* A base that is damaged is no base; whoever reads it will say so. */
	if (segment_is_lost(err)) {
		*found = false;
		return NULL;
	}
	if (err || !*found)
		return err;
	out->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (out->fd < 0)
		return err_sys("cannot keep a segment open");
	out->segment = place.segment;
	out->frame = place.frame;
	out->at = place.at;
	out->size = place.size;
	return NULL;
}

/* ---- frames ------------------------------------------------------------ */

static err_t find_frame(struct cached_frame **out, struct store *s,
    const struct place *place, bool is_base);

/* The bytes of a delta's base.  It must not be a delta itself, or a cycle
 * could be built. */
static err_t
load_base(struct buf *out, struct store *s, const struct frame *f)
{
	struct cached_frame *frame;
	struct place place;
	struct id check;
	bool found;
	err_t err;

	err = place_find(&found, &place, s, f->kind, &f->base);
	if (!err && !found)
		err = err_new(ERR_CORRUPT, "the base of a delta is missing");
	if (!err)
		err = find_frame(&frame, s, &place, true);
	if (err)
		return err;
	if (!place_fits(&place, frame->raw.len))
		return err_new(ERR_CORRUPT, "the index is damaged");
	buf_add(out, frame->raw.p + place.at, (size_t)place.size);
	hash_bytes(&check, out->p, out->len);
	if (!id_eq(&check, &f->base))
		return err_new(ERR_CORRUPT, "the base of a delta is damaged");
	return NULL;
}

/* The raw bytes of the frame, into an empty buf. */
static err_t
load_frame(struct buf *raw, struct store *s, const struct place *place,
    bool is_base)
{
	struct frame f = FRAME_INIT;
	struct buf stored = BUF_INIT, base = BUF_INIT;
	int fd;
	err_t err;

	err = segment_open(&fd, s, place->segment);
	if (!err)
		err = frame_read(&f, &stored, fd, (uint64_t)place->frame,
		    "segment");
	if (err)
		goto out;
	buf_reserve(raw, f.raw);
	if (f.codec != CODEC_DELTA)
		err = frame_decode(raw->p, &f, stored.p);
	else if (is_base)
		err = err_new(ERR_CORRUPT, "the base of a delta is a delta");
	else
		err = load_base(&base, s, &f);
	if (!err && f.codec == CODEC_DELTA)
		err = zst_decompress_prefix(raw->p, f.raw, base.p, base.len,
		    stored.p, stored.len);
	if (!err)
		raw->len = f.raw;
out:
	frame_release(&f);
	buf_release(&stored);
	buf_release(&base);
	return err;
}

static struct cached_frame *
cached(struct store *s, const struct place *place)
{
	for (size_t i = 0; i < CACHED_FRAMES; i++)
		if (s->frames[i].segment == place->segment &&
		    s->frames[i].offset == place->frame)
			return &s->frames[i];
	return NULL;
}

/* The place used longest ago; free ones come first if free_too. */
static struct cached_frame *
oldest(struct store *s, bool free_too)
{
	struct cached_frame *oldest = NULL;

	for (size_t i = 0; i < CACHED_FRAMES; i++) {
		struct cached_frame *f = &s->frames[i];

		if ((f->segment || free_too) &&
		    (!oldest || f->used < oldest->used))
			oldest = f;
	}
	return oldest;
}

static void
evict(struct store *s, struct cached_frame *f)
{
	s->cached -= f->raw.len;
	buf_release(&f->raw);
	f->segment = 0;
	f->used = 0;
}

/* A free place, and no more in the others than leaves room for so much. */
static struct cached_frame *
make_room(struct store *s, size_t len)
{
	struct cached_frame *f;

	while (s->cached && s->cached + len > CACHED_BYTES)
		evict(s, oldest(s, false));
	f = oldest(s, true);
	evict(s, f);
	return f;
}

static err_t
find_frame(struct cached_frame **out, struct store *s,
    const struct place *place, bool is_base)
{
	struct cached_frame *f = cached(s, place);
	struct buf raw = BUF_INIT;
	err_t err;

	if (!f) {
		err = load_frame(&raw, s, place, is_base);
		if (err) {
			buf_release(&raw);
			return err;
		}
		f = make_room(s, raw.len);
		f->raw = raw;
		s->cached += raw.len;
		f->segment = place->segment;
		f->offset = place->frame;
	}
	f->used = ++s->clock;
	*out = f;
	return NULL;
}

static err_t
damaged(err_t cause, enum kind kind, const struct id *id)
{
	char hex[ID_HEX + 1];

	if (cause && cause->code != ERR_CORRUPT)
		return cause;
	if (!cause)
		return err_new(ERR_CORRUPT, "%s %s is damaged; \"dsv fsck\" "
		    "says what that costs", kind_name(kind), id_hex(hex, id));
	return err_wrap(cause, "%s %s is damaged; \"dsv fsck\" says what "
	    "that costs", kind_name(kind), id_hex(hex, id));
}

err_t
object_read(struct buf *out, struct store *s, enum kind kind,
    const struct id *id)
{
	struct cached_frame *f;
	struct place place;
	struct id check;
	char hex[ID_HEX + 1];
	bool found;
	err_t err;

	/* If gc moves it between the look into the index and the one into the
	 * segment, the second try finds it. */
	for (int tries = 0; tries < 2; tries++) {
		err = place_find(&found, &place, s, kind, id);
		if (err)
			return err;
		if (!found)
			return err_new(ERR_NOT_FOUND, "no %s %s",
			    kind_name(kind), id_hex(hex, id));
		err = find_frame(&f, s, &place, false);
		if (!err_is(err, ERR_CORRUPT))
			break;
	}
	if (err)
		return damaged(err, kind, id);
	if (!place_fits(&place, f->raw.len))
		return damaged(NULL, kind, id);
	hash_bytes(&check, f->raw.p + place.at, (size_t)place.size);
	if (!id_eq(&check, id))
		return damaged(NULL, kind, id);
	buf_add(out, f->raw.p + place.at, (size_t)place.size);
	return NULL;
}

err_t
object_need(struct buf *out, struct store *s, enum kind kind,
    const struct id *id)
{
	char hex[ID_HEX + 1];
	err_t err;

	err = object_read(out, s, kind, id);
	if (err_is(err, ERR_NOT_FOUND))
		err = err_new(ERR_CORRUPT, "%s %s is missing; \"dsv fsck\" "
		    "says what that costs", kind_name(kind), id_hex(hex, id));
	return err;
}

static err_t
prefix_range(struct id *from, struct id *to, const char *prefix)
{
	char low[ID_HEX + 1], high[ID_HEX + 1];
	size_t len = strlen(prefix);

	if (len == 0 || len > ID_HEX)
		return err_new(ERR_USAGE, "\"%s\" is not a prefix of an id",
		    prefix);
	memset(low, '0', ID_HEX);
	memset(high, 'f', ID_HEX);
	memcpy(low, prefix, len);
	memcpy(high, prefix, len);
	if (!id_parse(from, low, ID_HEX) || !id_parse(to, high, ID_HEX))
		return err_new(ERR_USAGE, "\"%s\" is not a prefix of an id",
		    prefix);
	return NULL;
}

err_t
object_by_prefix(struct store *s, enum kind kind, const char *prefix,
    size_t limit, object_visit_fn *fn, void *arg)
{
	struct id from, to, id;
	struct query *q = NULL;
	err_t err;

	err = prefix_range(&from, &to, prefix);
	if (!err)
		err = db_query(&q, s->db, "SELECT id FROM object WHERE "
		    "id >= ? AND id <= ? AND kind = ? LIMIT ?", "ddii", &from,
		    &to, (int64_t)kind, (int64_t)limit);
	while (!err && db_next(&err, q, "d", &id))
		err = fn(arg, &id);
	db_done(q);
	return err;
}

static err_t
search_files(struct store *s, const struct id *from, const struct id *to,
    size_t limit, object_kind_fn *fn, void *arg)
{
	struct query *q = NULL;
	struct id id;
	err_t err;

	err = db_query(&q, s->db, "SELECT id FROM file WHERE id >= ? AND "
	    "id <= ? LIMIT ?", "ddi", from, to, (int64_t)limit);
	while (!err && db_next(&err, q, "d", &id))
		err = fn(arg, 0, &id);
	db_done(q);
	return err;
}

err_t
object_search(struct store *s, const char *prefix, size_t limit,
    object_kind_fn *fn, void *arg)
{
	struct id from, to, id;
	struct query *q = NULL;
	size_t n = 0;
	int64_t kind;
	err_t err;

	err = prefix_range(&from, &to, prefix);
	if (!err)
		err = db_query(&q, s->db, "SELECT id, kind FROM object "
		    "WHERE id >= ? AND id <= ? LIMIT ?", "ddi", &from, &to,
		    (int64_t)limit);
	for (; !err && db_next(&err, q, "di", &id, &kind); n++)
		err = fn(arg, (enum kind)kind, &id);
	db_done(q);
	return err ? err : search_files(s, &from, &to, limit - n, fn, arg);
}
