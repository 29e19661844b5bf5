/*
 * An index that somebody has changed who knows what its pages look like,
 * checksums and all.  The input is a list of changes to the bytes of a sound
 * one: u8 page, u16 offset, u8 length, bytes.  Everything is read, and checked.
 */

#include "lib/base/file.h"
#include "tests/corrupt/look.h"
#include "tests/fuzz/history.h"

#define PAGE 2048
#define SUM 8

static char path[80];
static struct buf sound = BUF_INIT;

static void
prepare(void)
{
	int dirfd;

	history_init(path);
	history_fill(path);
	dirfd = open(path, O_RDONLY | O_DIRECTORY);
	fuzz_need(file_slurp(&sound, dirfd, "index.db", 1u << 20));
	close(dirfd);
}

static void
sum_page(unsigned char *page, uint32_t number)
{
	uint32_t a = number, b = 0x64737631;

	for (size_t i = 0; i < PAGE - SUM; i += 8) {
		uint32_t w[2];

		memcpy(w, page + i, 8);
		a += w[0] + b;
		b += w[1] + a;
	}
	memcpy(page + PAGE - SUM, &a, 4);
	memcpy(page + PAGE - 4, &b, 4);
}

static void
write_changed(const uint8_t *p, size_t len)
{
	struct buf b = BUF_INIT;
	struct cursor c = cursor_of(p, len);
	size_t pages = sound.len / PAGE;
	int dirfd = open(path, O_RDONLY | O_DIRECTORY);

	buf_add(&b, sound.p, sound.len);
	while (cursor_left(&c) >= 4) {
		size_t page = cursor_u8(&c) % pages;
		size_t at = cursor_u8(&c) | (size_t)cursor_u8(&c) << 8;
		size_t n = cursor_u8(&c);
		unsigned char *to = (unsigned char *)b.p + page * PAGE;

		at %= PAGE - SUM;
		if (n > cursor_left(&c))
			n = cursor_left(&c);
		if (n > PAGE - SUM - at)
			n = PAGE - SUM - at;
		memcpy(to + at, cursor_take(&c, n), n);
		sum_page(to, (uint32_t)page + 1);
	}
	fuzz_write(dirfd, "index.db", b.p, b.len);
	close(dirfd);
	buf_release(&b);
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

	if (!sound.p)
		prepare();
	write_changed(p, len);
	fuzz_fine(look_at(&id, path, false));
	fuzz_fine(store_fsck(&totals, path, false, 0, found, NULL));
	return 0;
}
