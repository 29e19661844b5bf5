/* lib/base/buf: what grows, and what is read back. */

#include "lib/base/buf.h"

#include <string.h>

#include "tests/unit/tap.h"

static void
test_growing(void)
{
	struct buf b = BUF_INIT;
	char *detached;

	ok(!strcmp(buf_cstr(&b), ""), "an empty buf is an empty string");
	for (int i = 0; i < 1000; i++)
		buf_printf(&b, "%d,", i);
	ok(b.len == 3890 && !b.p[b.len], "it grows, NUL-terminated");
	ok(!strncmp(b.p, "0,1,2,", 6) && !strcmp(b.p + 3886, "999,"),
	    "what was added is there");
	buf_clear(&b);
	ok(!b.len && !strcmp(buf_cstr(&b), "") && b.cap, "clear keeps room");
	buf_add(&b, "a\0b", 3);
	buf_char(&b, 'c');
	buf_str(&b, "d");
	ok(b.len == 5 && !memcmp(b.p, "a\0bcd", 6), "NUL bytes are bytes");
	detached = buf_detach(&b);
	ok(!memcmp(detached, "a\0bcd", 6) && !b.p && !b.len,
	    "detach hands over and empties");
	b.p = detached;
	buf_release(&b);
	detached = buf_detach(&b);
	ok(!strcmp(detached, ""), "detach of nothing is an empty string");
	b.p = detached;
	buf_release(&b);
}

static bool
varint_is(uint64_t n, const char *bytes, size_t len)
{
	struct buf b = BUF_INIT;
	struct cursor c;
	bool good;

	buf_varint(&b, n);
	good = b.len == len && !memcmp(b.p, bytes, len);
	c = cursor_of(b.p, b.len);
	good = good && cursor_varint(&c) == n && !c.bad && !cursor_left(&c);
	buf_release(&b);
	return good;
}

static bool
varint_is_bad(const char *bytes, size_t len)
{
	struct cursor c = cursor_of(bytes, len);

	return cursor_varint(&c) == 0 && c.bad;
}

static void
test_varints(void)
{
	ok(varint_is(0, "\0", 1), "varint of 0");
	ok(varint_is(127, "\x7f", 1), "varint of 127");
	ok(varint_is(128, "\x80\x01", 2), "varint of 128");
	ok(varint_is(UINT64_MAX, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
	    10), "varint of the largest number");
	ok(varint_is_bad("", 0), "no varint in nothing");
	ok(varint_is_bad("\x80", 1), "a varint cut short is bad");
	ok(varint_is_bad("\x80\x00", 2), "a longer form is bad");
	ok(varint_is_bad("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", 10),
	    "a varint beyond 64 bits is bad");
	ok(varint_is_bad("\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01", 11),
	    "a varint of eleven bytes is bad");
}

static void
test_cursor(void)
{
	struct buf b = BUF_INIT;
	struct cursor c;
	const char *p;

	buf_u32(&b, 0x01020304);
	buf_u64(&b, UINT64_C(0x1122334455667788));
	ok(b.len == 12 && !memcmp(b.p, "\4\3\2\1\x88\x77", 6),
	    "integers are little-endian");
	c = cursor_of(b.p, b.len);
	ok(cursor_u32(&c) == 0x01020304 &&
	    cursor_u64(&c) == UINT64_C(0x1122334455667788),
	    "and come back");
	p = cursor_take(&c, 0);
	ok(p && !c.bad, "nothing can be taken at the end");
	ok(!cursor_take(&c, 1) && c.bad, "more than there is is bad");
	ok(cursor_u32(&c) == 0 && cursor_left(&c) == 0, "and stays bad");
	c = cursor_of(b.p, 7);
	ok(cursor_u64(&c) == 0 && c.bad, "half an integer is bad");
	c = cursor_of(NULL, 0);
	ok(cursor_take(&c, 0) != NULL && cursor_u8(&c) == 0 && c.bad,
	    "a cursor of nothing");
	buf_release(&b);
}

int
main(void)
{
	test_growing();
	test_varints();
	test_cursor();
	return tap_end();
}
