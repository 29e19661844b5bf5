/*
 * A repository of which objects/ came from elsewhere: the index is built from
 * it, everything is read, and checked.  The input is a list of objects: u8
 * kind, u16 length, bytes; in the bytes 31 times ff and a number stand for the
 * id of the object of that number, and 62 times "f" and two digits for its
 * hexadecimal form.  So what refers to what may change as everything else
 * does, and every id is right.
 */

#include "store/segment.h"
#include "tests/corrupt/look.h"
#include "tests/fuzz/fuzz.h"

#define OBJECTS 64

static char path[80];

static void
remove_all(const char *dir)
{
	char full[160];

	snprintf(full, sizeof(full), "%s/%s", path, dir);
	fuzz_remove(full);
}

/* What writes events is fixed, so that inputs can hold some. */
static void
prepare(void)
{
	static const char *const dirs[] = { "", "/tmp", "/locks", "/trash" };
	static const char format[] =
	    "dsv 1\nwriter 00000000000000000000000000000000\n";
	char name[96];
	int dirfd;

	setenv("DSV_THREADS", "1", 1);
	snprintf(path, sizeof(path), "%s/.dsv", fuzz_dir());
	for (size_t i = 0; i < ARRAY_LEN(dirs); i++) {
		snprintf(name, sizeof(name), "%s%s", path, dirs[i]);
		fuzz_check(mkdir(name, 0700) == 0);
	}
	dirfd = open(path, O_RDONLY | O_DIRECTORY);
	fuzz_write(dirfd, "format", format, strlen(format));
	fuzz_write(dirfd, "config", "", 0);
	close(dirfd);
}

static int
digit(uint8_t c)
{
	return c >= '0' && c <= '9' ? c - '0' :
	    c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Put ids in the places of their numbers. */
static void
put_ids(char *p, size_t len, const struct id *ids, size_t n)
{
	char hex[ID_HEX + 1];

	for (size_t i = 0; i + ID_SIZE <= len; i++) {
		const uint8_t *at = (const uint8_t *)p + i;
		size_t run = 0;

		while (run < ID_HEX - 2 && i + run < len &&
		    at[run] == (uint8_t)(at[0] == 'f' ? 'f' : 0xff))
			run++;
		if (run >= ID_SIZE - 1 && at[0] == 0xff &&
		    at[ID_SIZE - 1] < n) {
			memcpy(p + i, ids[at[ID_SIZE - 1]].b, ID_SIZE);
		} else if (run == ID_HEX - 2 && at[0] == 'f' &&
		    i + ID_HEX <= len && digit(at[run]) >= 0 &&
		    digit(at[run + 1]) >= 0) {
			size_t k = (size_t)(digit(at[run]) * 16 +
			    digit(at[run + 1]));

			if (k < n)
				memcpy(p + i, id_hex(hex, &ids[k]), ID_HEX);
		}
	}
}

static void
add_frame(struct buf *segment, struct buf *footer, enum kind kind,
    const struct id *id, const struct buf *bytes)
{
	struct frame_entry e = { *id, (uint32_t)bytes->len };
	struct frame f = { .codec = CODEC_RAW, .kind = kind, .entries = &e,
	    .n = 1, .raw = e.size, .stored = e.size };
	size_t before = segment->len;

	frame_encode_head(segment, &f);
	buf_add(segment, buf_cstr(bytes), bytes->len);
	buf_varint(footer, segment->len - before);
}

static void
write_segment(const struct buf *segment)
{
	char name[SEGMENT_PATH], full[200];
	struct id id;

	hash_bytes(&id, segment->p, segment->len);
	segment_path(name, &id);
	remove_all("objects");
	remove_all("quarantine");
	remove_all("index.db");
	snprintf(full, sizeof(full), "%s/objects", path);
	fuzz_check(mkdir(full, 0700) == 0);
	snprintf(full, sizeof(full), "%s/objects/%.2s", path, name);
	fuzz_check(mkdir(full, 0700) == 0);
	snprintf(full, sizeof(full), "%s/objects/%s", path, name);
	fuzz_write(AT_FDCWD, full, segment->p, segment->len);
}

/* Events first: a zero is one. */
static enum kind
kind_of(unsigned n)
{
	return n % KIND_MAX == KIND_DECISIONS - 1 ? KIND_DECISIONS :
	    (enum kind)(1 + (n % KIND_MAX + 5) % (KIND_DECISIONS - 1));
}

static void
write_objects(const uint8_t *p, size_t len)
{
	struct cursor c = cursor_of(p, len);
	struct buf segment = BUF_INIT, footer = BUF_INIT, bytes = BUF_INIT;
	struct id ids[OBJECTS];
	uint64_t end;
	size_t n = 0;

	buf_add(&segment, SEGMENT_MAGIC, SEGMENT_MAGIC_LEN);
	while (n < OBJECTS && cursor_left(&c) >= 3) {
		enum kind kind = kind_of(cursor_u8(&c));
		size_t want = cursor_u8(&c) | (size_t)cursor_u8(&c) << 8;

		if (want > cursor_left(&c))
			want = cursor_left(&c);
		buf_clear(&bytes);
		buf_add(&bytes, cursor_take(&c, want), want);
		put_ids(bytes.p, bytes.len, ids, n);
		hash_bytes(&ids[n], buf_cstr(&bytes), bytes.len);
		add_frame(&segment, &footer, kind, &ids[n], &bytes);
		n++;
	}
	end = segment.len;
	buf_varint(&segment, n);
	buf_add(&segment, buf_cstr(&footer), footer.len);
	buf_u64(&segment, end);
	buf_add(&segment, SEGMENT_END, SEGMENT_MAGIC_LEN);
	write_segment(&segment);
	buf_release(&segment);
	buf_release(&footer);
	buf_release(&bytes);
}

static err_t
found(void *arg, const struct finding *f)
{
	(void)arg;
	fuzz_check(f->what && f->subject && f->fact);
	return NULL;
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct fsck_totals totals;
	struct id id;

	if (!*path)
		prepare();
	write_objects(p, len);
	fuzz_fine(store_rebuild(path, false, 0));
	fuzz_fine(look_at(&id, path, false));
	fuzz_fine(store_fsck(&totals, path, false, 0, found, NULL));
	return 0;
}
