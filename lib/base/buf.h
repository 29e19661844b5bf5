#ifndef BASE_BUF_H
#define BASE_BUF_H

/*
 * A growing run of bytes, always followed by a NUL that does not count, and
 * the cursor that reads one back.  Integers are little-endian; varints are
 * LEB128, seven bits a byte, least significant first, at most ten bytes, and
 * in their shortest form (a longer one is corrupt).
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/compat.h"

struct buf {
	char *p;
	size_t len;
	size_t cap;
};

#define BUF_INIT { NULL, 0, 0 }

void buf_release(struct buf *b);
void buf_clear(struct buf *b);			/* len = 0, keeps the memory */
char *buf_reserve(struct buf *b, size_t more);	/* room at the end, returned */
void buf_add(struct buf *b, const void *p, size_t len);
void buf_str(struct buf *b, const char *s);
void buf_char(struct buf *b, char c);
void buf_printf(struct buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);
void buf_u32(struct buf *b, uint32_t n);
void buf_u64(struct buf *b, uint64_t n);
void buf_varint(struct buf *b, uint64_t n);
char *buf_detach(struct buf *b);		/* not NULL; b is empty then */
const char *buf_cstr(const struct buf *b);	/* "" when empty */

/*
 * Reads forward; once anything does not fit, bad is set and every later read
 * answers zero, so that a decoder checks once at its end.
 */
struct cursor {
	const char *p;
	const char *end;
	bool bad;
};

struct cursor cursor_of(const void *p, size_t len);
size_t cursor_left(const struct cursor *c);
uint8_t cursor_u8(struct cursor *c);
uint32_t cursor_u32(struct cursor *c);
uint64_t cursor_u64(struct cursor *c);
uint64_t cursor_varint(struct cursor *c);
/* Borrowed; NULL when bad.  len 0 gives a pointer that is not NULL. */
const char *cursor_take(struct cursor *c, size_t len);

#endif
