/*
 * Reading segments and objects for the checker; see fsck_int.h.
 */

#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/base/zst.h"
#include "store/fsck_int.h"

struct part
part_of(const struct buf *b)
{
	return (struct part){ (const unsigned char *)buf_cstr(b), b->len,
	    false };
}

const void *
part_bytes(struct part *p, size_t n)
{
	const void *at = p->p;

	if (p->bad || p->left < n) {
		p->bad = true;
		return NULL;
	}
	p->p += n;
	p->left -= n;
	return at;
}

unsigned
part_byte(struct part *p)
{
	const unsigned char *b = part_bytes(p, 1);

	return b ? *b : 0;
}

uint64_t
part_number(struct part *p)
{
	uint64_t n = 0, factor = 1;
	unsigned b, i = 0;

	do {
		b = part_byte(p);
		if (++i > 9)
			p->bad = true;
		n += (b & 127) * factor;
		factor *= 128;
	} while (b >= 128 && !p->bad);
	return n;
}

void
fsck_frame_release(struct fsck_frame *f)
{
	free(f->ids);
	free(f->sizes);
	buf_release(&f->raw);
	memset(f, 0, sizeof(*f));
}

static bool fsck_base(struct buf *out, const char **why, struct fsck *f,
    enum kind kind, const struct id *id);

/* The head up to the entries. */
static bool
read_start(struct fsck_frame *f, uint64_t *stored, struct part *p)
{
	const void *base = NULL;

	f->codec = part_byte(p);
	f->kind = part_byte(p);
	f->n = part_number(p);
	*stored = part_number(p);
	if (f->codec == 2) {
		base = part_bytes(p, ID_SIZE);
		if (base)
			memcpy(f->base.b, base, ID_SIZE);
	}
	return !p->bad && f->codec <= 2 && f->kind >= 1 && f->kind <= 9 &&
	    f->n >= 1 && f->n <= FRAME_OBJECTS && *stored <= FRAME_MAX &&
	    (f->codec != 2 || f->n == 1);
}

static bool
read_entries(struct fsck_frame *f, uint64_t *raw, struct part *p)
{
	f->ids = mem_array(f->n, sizeof(*f->ids));
	f->sizes = mem_array(f->n, sizeof(*f->sizes));
	*raw = 0;
	for (size_t i = 0; i < f->n; i++) {
		const void *id = part_bytes(p, ID_SIZE);
		uint64_t size = part_number(p);

		if (p->bad || size > OBJECT_MAX)
			return false;
		memcpy(f->ids[i].b, id, ID_SIZE);
		f->sizes[i] = (uint32_t)size;
		*raw += size;
	}
	return *raw <= FRAME_MAX;
}

static bool
decode(struct fsck_frame *f, const char **why, struct fsck *fsck,
    const void *stored, size_t len, size_t raw, bool base_ok)
{
	struct buf base = BUF_INIT;
	char *to = buf_reserve(&f->raw, raw);
	bool ok = true;
	err_t err = NULL;

	if (f->codec == 0) {
		ok = len == raw;
		if (ok && len)
			memcpy(to, stored, len);
	} else if (f->codec == 1) {
		err = zst_decompress(to, raw, stored, len);
	} else if (!base_ok) {
		*why = "the base of a delta is a delta";
		return false;
	} else {
		f->baseless = !fsck_base(&base, why, fsck, f->kind, &f->base);
		if (!f->baseless)
			err = zst_decompress_prefix(to, raw, base.p, base.len,
			    stored, len);
		buf_release(&base);
		if (f->baseless)
			return true;
	}
	if (err || !ok)
		*why = "its bytes cannot be decoded";
	else
		f->raw.len = raw;
	return !err && ok;
}

/* Most frames fit into the first read. */
#define FIRST_READ (96u << 10)

/* One try with the bytes in b.  *more: they were too few. */
static bool
parse_frame(struct fsck_frame *out, bool *more, const char **why,
    struct fsck *fsck, const struct buf *b, uint64_t offset, bool base_ok)
{
	struct part p = part_of(b);
	uint64_t stored, raw;
	const void *bytes;

	*more = false;
	*why = "the head of a frame is damaged";
	if (!read_start(out, &stored, &p) || !read_entries(out, &raw, &p)) {
		*more = p.bad;
		return false;
	}
	*why = "a frame is cut short";
	bytes = part_bytes(&p, stored);
	*more = p.bad;
	if (!bytes)
		return false;
	out->end = offset + (b->len - p.left);
	return decode(out, why, fsck, bytes, stored, raw, base_ok);
}

bool
fsck_frame_read(struct fsck_frame *out, const char **why, struct fsck *fsck,
    int fd, uint64_t offset, uint64_t limit, bool base_ok)
{
	struct buf b = BUF_INIT;
	size_t want = FIRST_READ, got;
	bool ok = false, more = true;
	err_t err = NULL;

	memset(out, 0, sizeof(*out));
	*why = "the frame is beyond the end";
	while (!ok && more && offset < limit) {
		size_t len = want < limit - offset ? want :
		    (size_t)(limit - offset);

		buf_clear(&b);
		err = file_pread_full(&got, fd, buf_reserve(&b, len), len,
		    offset, "segment");
		*why = "it cannot be read";
		if (err && !segment_is_lost(segment_error(err)))
			fsck_fail(fsck, err);
		if (err)
			break;
		b.len = got;
		fsck_frame_release(out);
		ok = parse_frame(out, &more, why, fsck, &b, offset, base_ok);
		more = more && got == want;
		want = FRAME_HEAD_MAX + FRAME_MAX;
		if (more && got == want)
			break;
	}
	buf_release(&b);
	if (!ok)
		fsck_frame_release(out);
	return ok;
}

/* The frame of an object, which stays in the checker until the next call for
 * a base or for an object. */
static bool
object_frame(struct fsck_kept *kept, const char **why, struct fsck *f,
    int64_t segment, int64_t offset, bool base_ok)
{
	struct stat st;
	int fd;
	err_t err;

	if (kept->segment == segment && kept->offset == offset)
		return true;
	fsck_frame_release(&kept->frame);
	kept->segment = 0;
	*why = "its segment cannot be opened";
	err = segment_open(&fd, f->store, segment);
	if (!err && fstat(fd, &st) < 0)
		err = segment_error(err_sys("cannot look at a segment"));
	if (err && !segment_is_lost(err))
		fsck_fail(f, err);
	if (err)
		return false;
	if (!fsck_frame_read(&kept->frame, why, f, fd, (uint64_t)offset,
	    (uint64_t)st.st_size, base_ok))
		return false;
	if (kept->frame.baseless) {
		*why = "the base of its delta cannot be read";
		return false;
	}
	kept->segment = segment;
	kept->offset = offset;
	return true;
}

static bool
read_object(struct buf *out, struct fsck_kept *kept, const char **why,
    struct fsck *f, enum kind kind, const struct id *id, bool base_ok)
{
	struct place place;
	struct id check;
	bool found;
	err_t err;

	*why = "it is missing";
	err = db_row(&found, f->store->db, "SELECT segment, frame, at, size "
	    "FROM object WHERE kind = ? AND id = ?", "id", "iiii",
	    (int64_t)kind, id, &place.segment, &place.frame, &place.at,
	    &place.size);
	if (err)
		fsck_fail(f, err);
	if (err || !found || !object_frame(kept, why, f, place.segment,
	    place.frame, base_ok))
		return false;
	if (place.at < 0 || place.size < 0 || (uint64_t)place.at +
	    (uint64_t)place.size > kept->frame.raw.len) {
		*why = "the index has it at a wrong place";
		return false;
	}
	hash_bytes(&check, kept->frame.raw.p + place.at, (size_t)place.size);
	*why = "its bytes do not give its id";
	if (!id_eq(&check, id))
		return false;
	buf_add(out, kept->frame.raw.p + place.at, (size_t)place.size);
	return true;
}

static bool
fsck_base(struct buf *out, const char **why, struct fsck *f, enum kind kind,
    const struct id *id)
{
	if (read_object(out, &f->base, why, f, kind, id, false))
		return true;
	*why = "the base of a delta in it cannot be read";
	return false;
}

bool
fsck_object(struct buf *out, const char **why, struct fsck *f,
    enum kind kind, const struct id *id)
{
	return read_object(out, &f->kept, why, f, kind, id, true);
}

/* ---- lines ------------------------------------------------------------- */

bool
fsck_line(struct fsck_line *out, struct part *p)
{
	const char *line = (const char *)p->p;
	const char *end = p->left ? memchr(line, '\n', p->left) : NULL;
	const char *space;
	size_t len;

	if (!end) {
		p->bad = true;
		return false;
	}
	len = (size_t)(end - line);
	part_bytes(p, len + 1);
	if (len == 0)
		return false;
	space = memchr(line, ' ', len);
	if (!space) {
		p->bad = true;
		return false;
	}
	*out = (struct fsck_line){ line, space + 1, (size_t)(space - line),
	    (size_t)(end - space) - 1 };
	return true;
}

bool
fsck_line_is(const struct fsck_line *l, const char *key)
{
	return strlen(key) == l->key_len &&
	    memcmp(key, l->key, l->key_len) == 0;
}

bool
fsck_line_id(struct id *out, const char *value, size_t len)
{
	return id_parse(out, value, len);
}
