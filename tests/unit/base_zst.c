/* lib/base/zst: there and back, and no way to be fooled by a damaged frame. */

#include "lib/base/zst.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "tests/unit/tap.h"

#define MIB ((size_t)1 << 20)

/* The same bytes every time. */
static void
fill(char *p, size_t len, uint64_t seed)
{
	for (size_t i = 0; i < len; i++) {
		seed = seed * UINT64_C(6364136223846793005) + 1442695040888963;
		p[i] = (char)(seed >> 56);
	}
}

/* Like a table: compressible, no two lines alike. */
static void
fill_rows(struct buf *out, size_t len, unsigned seed)
{
	for (unsigned i = 0; out->len < len; i++)
		buf_printf(out, "%u,name %u,%u.%02u,2025-09-%02u\n", i,
		    (i * 7919 + seed) % 1000, i * seed % 977, i % 100,
		    i % 28 + 1);
}

static bool
round_trip(const char *p, size_t len, const char *prefix, size_t prefix_len)
{
	struct buf frame = BUF_INIT;
	char *back = mem_alloc(len);
	bool good;
	err_t err;

	buf_str(&frame, "before");
	if (prefix_len)
		zst_compress_prefix(&frame, prefix, prefix_len, p, len, 1);
	else
		zst_compress(&frame, p, len, 3);
	err = zst_decompress_prefix(back, len, prefix, prefix_len,
	    frame.p + 6, frame.len - 6);
	good = !err && !memcmp(frame.p, "before", 6) &&
	    (!len || !memcmp(back, p, len));
	free(back);
	buf_release(&frame);
	return good;
}

static void
test_round_trips(void)
{
	struct buf rows = BUF_INIT;
	struct buf same = BUF_INIT;
	char *noise = mem_alloc(2 * MIB);

	fill(noise, 2 * MIB, 1);
	fill_rows(&rows, 300000, 3);
	fill_rows(&same, 300000, 3);
	ok(round_trip(NULL, 0, NULL, 0), "nothing");
	ok(round_trip("x", 1, NULL, 0), "one byte");
	ok(round_trip(rows.p, rows.len, NULL, 0), "rows");
	ok(round_trip(noise, 2 * MIB, NULL, 0), "noise");
	ok(round_trip(rows.p, rows.len, noise, 1000), "against noise");
	ok(round_trip(rows.p, rows.len, same.p, same.len), "against itself");
	ok(round_trip(rows.p, rows.len, rows.p, rows.len),
	    "against itself in the same memory");
	ok(round_trip(NULL, 0, rows.p, rows.len), "nothing against rows");
	free(noise);
	buf_release(&same);
	buf_release(&rows);
}

static void
test_header(void)
{
	struct buf frame = BUF_INIT;

	zst_compress(&frame, "hello hello hello", 17, 1);
	ok(frame.len > 5 && !memcmp(frame.p, "\x28\xb5\x2f\xfd\x00", 5),
	    "no content size, no checksum, no dictionary id");
	buf_clear(&frame);
	zst_compress_prefix(&frame, "hello ", 6, "hello hello hello", 17, 1);
	ok(frame.len > 5 && !memcmp(frame.p, "\x28\xb5\x2f\xfd\x00", 5),
	    "nor with a prefix");
	buf_release(&frame);
}

/* The far end of the longest prefix from the far end of the longest input. */
static void
test_window(void)
{
	char *prefix = mem_alloc(MIB);
	char *p = mem_array(2 * MIB, 1);
	struct buf frame = BUF_INIT;
	char *back = mem_alloc(2 * MIB);
	err_t err;

	fill(prefix, MIB, 2);
	memcpy(p + 2 * MIB - 65536, prefix, 65536);
	zst_compress_prefix(&frame, prefix, MIB, p, 2 * MIB, 1);
	ok(frame.len < 4096, "a whole prefix is within reach");
	err = zst_decompress_prefix(back, 2 * MIB, prefix, MIB, frame.p,
	    frame.len);
	ok(!err && !memcmp(back, p, 2 * MIB), "when decoding too");
	free(back);
	free(p);
	free(prefix);
	buf_release(&frame);
}

static bool
is_corrupt(size_t out_len, const void *p, size_t len)
{
	char *out = mem_alloc(out_len);
	err_t err = zst_decompress(out, out_len, p, len);

	free(out);
	return err_is(err, ERR_CORRUPT);
}

static void
test_refused(void)
{
	static const char skippable[] = "\x50\x2a\x4d\x18\x01\x00\x00\x00x";
	struct buf f = BUF_INIT;
	struct buf two = BUF_INIT;

	zst_compress(&f, "hello hello hello", 17, 1);
	ok(is_corrupt(16, f.p, f.len), "longer than it should be");
	ok(is_corrupt(18, f.p, f.len), "shorter than it should be");
	ok(is_corrupt(0, f.p, f.len), "something instead of nothing");
	ok(is_corrupt(17, "", 0), "no frame");
	ok(is_corrupt(0, "", 0), "no frame of nothing");
	ok(is_corrupt(0, skippable, 9), "a skippable frame");
	buf_add(&two, f.p, f.len);
	buf_add(&two, f.p, f.len);
	ok(is_corrupt(34, two.p, two.len), "two frames");
	buf_clear(&two);
	buf_add(&two, f.p, f.len);
	buf_add(&two, skippable, 9);
	ok(is_corrupt(17, two.p, two.len), "a frame and a skippable one");
	buf_char(&f, 0);
	ok(is_corrupt(17, f.p, f.len), "a byte after it");
	buf_release(&two);
	buf_release(&f);
}

static void
test_cut_short(void)
{
	struct buf rows = BUF_INIT;
	struct buf f = BUF_INIT;
	size_t accepted = 0;

	fill_rows(&rows, 3000, 5);
	zst_compress(&f, rows.p, rows.len, 1);
	for (size_t len = 0; len < f.len; len++) {
		char *part = mem_dup(f.p, len);	/* so that ASan sees the end */

		if (!is_corrupt(rows.len, part, len))
			accepted++;
		free(part);
	}
	ok(!accepted, "cut at every length");
	buf_release(&f);
	buf_release(&rows);
}

/*
 * Without a checksum a flipped bit may decode to other bytes of the right
 * length: what counts is that nothing else happens.
 */
static void
test_flipped(void)
{
	struct buf rows = BUF_INIT;
	struct buf f = BUF_INIT;
	char *out, *prefix;
	size_t other = 0;

	fill_rows(&rows, 3000, 5);
	prefix = mem_dup(rows.p, 1000);
	zst_compress_prefix(&f, prefix, 1000, rows.p, rows.len, 1);
	out = mem_alloc(rows.len);
	for (size_t bit = 0; bit < f.len * 8; bit++) {
		err_t err;

		f.p[bit / 8] ^= (char)(1 << bit % 8);
		err = zst_decompress_prefix(out, rows.len, prefix, 1000, f.p,
		    f.len);
		if (err && !err_is(err, ERR_CORRUPT))
			other++;
		f.p[bit / 8] ^= (char)(1 << bit % 8);
	}
	ok(!other, "every bit flipped: corrupt, or the right length");
	ok(is_corrupt(rows.len, f.p, f.len), "the prefix left out");
	free(prefix);
	free(out);
	buf_release(&f);
	buf_release(&rows);
}

static void *
work(void *arg)
{
	struct buf rows = BUF_INIT;
	bool *good = arg;

	fill_rows(&rows, 50000, 7);
	*good = true;
	for (int i = 0; i < 20; i++)
		*good = *good && round_trip(rows.p, rows.len - (size_t)i,
		    rows.p, 20000);
	buf_release(&rows);
	return NULL;
}

static void
test_threads(void)
{
	pthread_t threads[4];
	bool good[4] = { false, false, false, false };
	int started = 0;

	for (int i = 0; i < 4; i++)
		if (!pthread_create(&threads[i], NULL, work, &good[i]))
			started++;
	for (int i = 0; i < started; i++)
		pthread_join(threads[i], NULL);
	ok(started == 4 && good[0] && good[1] && good[2] && good[3],
	    "each thread has its own contexts");
}

int
main(void)
{
	test_round_trips();
	test_header();
	test_window();
	test_refused();
	test_cut_short();
	test_flipped();
	test_threads();
	return tap_end();
}
