/*
 * Frame heads there and back, and damaged in every way; segments as they are
 * on disk.
 */

#include "store/segment.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/mem.h"
#include "lib/base/zst.h"
#include "tests/unit/tap.h"

static struct id
id_of(unsigned n)
{
	struct id id;

	hash_bytes(&id, &n, sizeof(n));
	return id;
}

static void
make_frame(struct frame *f, enum codec codec, size_t n)
{
	*f = (struct frame){ .codec = codec, .kind = KIND_CHUNK, .n = n };
	f->entries = mem_array(n, sizeof(*f->entries));
	for (size_t i = 0; i < n; i++) {
		f->entries[i].id = id_of((unsigned)i);
		f->entries[i].size = (uint32_t)(i * i * 37 % 200);
		f->raw += f->entries[i].size;
	}
	f->stored = codec == CODEC_RAW ? f->raw : f->raw / 3 + 9;
	if (codec == CODEC_DELTA)
		f->base = id_of(99);
}

static bool
same_frame(const struct frame *a, const struct frame *b)
{
	if (a->codec != b->codec || a->kind != b->kind || a->n != b->n ||
	    a->stored != b->stored || a->raw != b->raw ||
	    !id_eq(&a->base, &b->base))
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (!id_eq(&a->entries[i].id, &b->entries[i].id) ||
		    a->entries[i].size != b->entries[i].size)
			return false;
	return true;
}

/* Exactly this much memory, so that a sanitizer sees a read beyond it. */
static err_t
decode(struct frame *out, bool *more, const char *p, size_t len)
{
	char *exact = mem_dup(p, len);
	err_t err = frame_decode_head(out, more, exact, len);

	free(exact);
	return err;
}

static bool
round_trip(enum codec codec, size_t n)
{
	struct frame f, back = FRAME_INIT;
	struct buf head = BUF_INIT;
	bool more, good;
	err_t err;

	make_frame(&f, codec, n);
	frame_encode_head(&head, &f);
	good = head.len <= FRAME_HEAD_MAX;
	f.head = head.len;
	buf_str(&head, "stored bytes");
	err = decode(&back, &more, head.p, head.len);
	good = good && !err && !more && same_frame(&f, &back) &&
	    back.head == f.head;
	frame_release(&f);
	frame_release(&back);
	buf_release(&head);
	return good;
}

static void
test_round_trips(void)
{
	ok(round_trip(CODEC_RAW, 1) && round_trip(CODEC_ZSTD, 1) &&
	    round_trip(CODEC_DELTA, 1), "heads of one object");
	ok(round_trip(CODEC_RAW, 7) && round_trip(CODEC_ZSTD, 300),
	    "heads of several");
	ok(round_trip(CODEC_ZSTD, FRAME_OBJECTS), "a head of the most objects");
}

/* Every prefix of a head asks for more. */
static void
test_truncation(enum codec codec, size_t n, const char *title)
{
	struct frame f;
	struct buf head = BUF_INIT;
	bool good = true;

	make_frame(&f, codec, n);
	frame_encode_head(&head, &f);
	for (size_t len = 0; len < head.len; len++) {
		struct frame back = FRAME_INIT;
		bool more = false;

		good = good && !decode(&back, &more, head.p, len) && more &&
		    !back.entries;
		frame_release(&back);
	}
	ok(good, title);
	frame_release(&f);
	buf_release(&head);
}

/* Every flip of a byte is an error, wants more bytes, or is another frame. */
static void
test_flips(enum codec codec, size_t n, const char *title)
{
	struct frame f;
	struct buf head = BUF_INIT, again = BUF_INIT;
	bool good = true;

	make_frame(&f, codec, n);
	frame_encode_head(&head, &f);
	for (size_t at = 0; at < head.len; at++)
		for (int x = 1; x < 256; x++) {
			struct frame back = FRAME_INIT;
			bool more = false;
			err_t err;

			head.p[at] ^= (char)x;
			err = decode(&back, &more, head.p, head.len);
			if (!err && !more) {
				buf_clear(&again);
				frame_encode_head(&again, &back);
				good = good && !same_frame(&f, &back) &&
				    again.len == back.head && memcmp(again.p,
				    head.p, again.len) == 0;
			} else {
				good = good && !back.entries;
			}
			frame_release(&back);
			head.p[at] ^= (char)x;
		}
	ok(good, title);
	frame_release(&f);
	buf_release(&head);
	buf_release(&again);
}

static bool
refused(const struct frame *f)
{
	struct frame back = FRAME_INIT;
	struct buf head = BUF_INIT;
	bool more;
	err_t err;

	frame_encode_head(&head, f);
	/* Bytes enough for any number of entries. */
	memset(buf_reserve(&head, FRAME_HEAD_MAX), 0, FRAME_HEAD_MAX);
	err = decode(&back, &more, head.p, head.len + FRAME_HEAD_MAX);
	if (!err)
		frame_release(&back);
	buf_release(&head);
	return err_is(err, ERR_CORRUPT);
}

static void
test_limits(void)
{
	struct frame f;
	size_t n;

	make_frame(&f, CODEC_ZSTD, 4);
	n = f.n;
	f.codec = CODEC_MAX + 1;
	ok(refused(&f), "a codec that is not known");
	f.codec = CODEC_ZSTD;
	f.kind = KIND_MAX + 1;
	ok(refused(&f), "a kind that is not known");
	f.kind = 0;
	ok(refused(&f), "kind 0");
	f.kind = KIND_TREE;
	f.codec = CODEC_DELTA;
	ok(refused(&f), "a delta of several objects");
	f.codec = CODEC_RAW;
	f.stored = f.raw + 1;
	ok(refused(&f), "raw bytes that are not as many as they should be");
	f.codec = CODEC_ZSTD;
	f.stored = FRAME_MAX + 1;
	ok(refused(&f), "too many stored bytes");
	f.stored = 10;
	f.entries[1].size = OBJECT_MAX + 1;
	ok(refused(&f), "an object that is too long");
	for (size_t i = 0; i < f.n; i++)
		f.entries[i].size = OBJECT_MAX;
	ok(refused(&f), "objects that are too long together");
	f.n = 0;
	ok(refused(&f), "no objects");
	f.n = n;
	frame_release(&f);
	make_frame(&f, CODEC_ZSTD, FRAME_OBJECTS + 1);
	ok(refused(&f), "too many objects");
	frame_release(&f);
}

static void
test_decode(void)
{
	static const char text[] = "text text text text text text text text";
	struct frame f = { .codec = CODEC_ZSTD, .kind = KIND_CHUNK,
	    .raw = sizeof(text) };
	struct buf stored = BUF_INIT;
	char out[sizeof(text)];
	bool good = true;
	err_t err;

	zst_compress(&stored, text, sizeof(text), 1);
	f.stored = (uint32_t)stored.len;
	err = frame_decode(out, &f, stored.p);
	ok(!err && memcmp(out, text, sizeof(text)) == 0,
	    "compressed bytes come back");
	for (size_t len = 0; len < stored.len; len++) {
		f.stored = (uint32_t)len;
		good = good && frame_decode(out, &f, stored.p);
	}
	ok(good, "cut short they do not");
	f.codec = CODEC_RAW;
	f.stored = sizeof(text);
	err = frame_decode(out, &f, text);
	ok(!err && memcmp(out, text, sizeof(text)) == 0,
	    "bytes that are stored as they are");
	buf_release(&stored);
}

/* ---- a whole segment, byte by byte -------------------------------------- */

static err_t
write_segment(struct id *id, struct buf *out, struct segment_writer *w,
    int tmpfd)
{
	uint64_t first, second;
	size_t got;
	err_t err;

	err = segment_begin(w, tmpfd);
	if (!err)
		err = segment_add(&first, w, "frame one", 9);
	if (!err)
		err = segment_add(&second, w, "two", 3);
	if (!err)
		err = segment_end(id, w);
	if (err)
		return err;
	ok(first == 8 && second == 17, "offsets of frames");
	err = file_pread_full(&got, w->temp.fd, buf_reserve(out, 100), 100, 0,
	    "segment");
	if (!err)
		out->len = got;
	return err;
}

static void
test_segment(void)
{
	static const char want[] = "dsvseg\0\1" "frame one" "two"
	    "\2\11\3" "\24\0\0\0\0\0\0\0" "dsvend\0\1";
	struct segment_writer w = SEGMENT_WRITER_INIT;
	struct buf b = BUF_INIT;
	char path[SEGMENT_PATH], name[SEGMENT_PREPARED], hex[ID_HEX + 1];
	int tmpfd = open("/tmp", O_RDONLY | O_DIRECTORY);
	struct id id, check;
	err_t err;

	err = write_segment(&id, &b, &w, tmpfd);
	ok(!err && b.len == sizeof(want) - 1 &&
	    memcmp(b.p, want, b.len) == 0, "a segment is what it should be");
	hash_bytes(&check, b.p, b.len);
	ok(!err && id_eq(&id, &check) && w.size == b.len,
	    "and named by its bytes");
	id_hex(hex, &id);
	ok(strlen(segment_path(path, &id)) == 65 && path[2] == '/' &&
	    strncmp(path, hex, 2) == 0 && strcmp(path + 3, hex + 2) == 0,
	    "its path");
	ok(strncmp(segment_prepared(name, &id), hex, 64) == 0 &&
	    strcmp(name + 64, ".seg") == 0, "its name before the commit");
	segment_writer_release(&w);
	segment_writer_release(&w);
	buf_release(&b);
	close(tmpfd);
}

int
main(void)
{
	test_round_trips();
	test_truncation(CODEC_ZSTD, 5, "a head that is cut short");
	test_truncation(CODEC_DELTA, 1, "a delta's head that is cut short");
	test_truncation(CODEC_ZSTD, 300, "a long head that is cut short");
	test_flips(CODEC_RAW, 3, "every flip of a raw frame's head");
	test_flips(CODEC_ZSTD, 4, "every flip of a compressed frame's head");
	test_flips(CODEC_DELTA, 1, "every flip of a delta's head");
	test_limits();
	test_decode();
	test_segment();
	return tap_end();
}
