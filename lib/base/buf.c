#include "lib/base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"

void
buf_release(struct buf *b)
{
	free(b->p);
	*b = (struct buf)BUF_INIT;
}

void
buf_clear(struct buf *b)
{
	b->len = 0;
	if (b->p)
		b->p[0] = '\0';
}

char *
buf_reserve(struct buf *b, size_t more)
{
	size_t need = b->len + more + 1;

	if (need < more)
		mem_fail();
	if (need > b->cap) {
		size_t cap = b->cap + b->cap / 2;

		b->cap = cap > need ? cap : need;
		b->p = mem_realloc(b->p, b->cap, 1);
	}
	return b->p + b->len;
}

void
buf_add(struct buf *b, const void *p, size_t len)
{
	char *to = buf_reserve(b, len);

	if (len)
		memcpy(to, p, len);
	b->len += len;
	b->p[b->len] = '\0';
}

void
buf_str(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void
buf_char(struct buf *b, char c)
{
	buf_add(b, &c, 1);
}

void
buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0)
		mem_fail();
	buf_reserve(b, (size_t)n);
	va_start(ap, fmt);
	vsnprintf(b->p + b->len, (size_t)n + 1, fmt, ap);
	va_end(ap);
	b->len += (size_t)n;
}

void
buf_u32(struct buf *b, uint32_t n)
{
	uint8_t v[4];

	for (int i = 0; i < 4; i++)
		v[i] = (uint8_t)(n >> 8 * i);
	buf_add(b, v, sizeof(v));
}

void
buf_u64(struct buf *b, uint64_t n)
{
	buf_u32(b, (uint32_t)n);
	buf_u32(b, (uint32_t)(n >> 32));
}

void
buf_varint(struct buf *b, uint64_t n)
{
	while (n >= 0x80) {
		buf_char(b, (char)(n | 0x80));
		n >>= 7;
	}
	buf_char(b, (char)n);
}

char *
buf_detach(struct buf *b)
{
	char *p = b->p ? b->p : mem_strdup("");

	*b = (struct buf)BUF_INIT;
	return p;
}

const char *
buf_cstr(const struct buf *b)
{
	return b->p ? b->p : "";
}

struct cursor
cursor_of(const void *p, size_t len)
{
	struct cursor c = { p ? p : "", NULL, false };

	c.end = c.p + len;
	return c;
}

size_t
cursor_left(const struct cursor *c)
{
	return c->bad ? 0 : (size_t)(c->end - c->p);
}

const char *
cursor_take(struct cursor *c, size_t len)
{
	const char *p = c->p;

	if (c->bad || len > (size_t)(c->end - c->p)) {
		c->bad = true;
		return NULL;
	}
	c->p += len;
	return p;
}

uint8_t
cursor_u8(struct cursor *c)
{
	const char *p = cursor_take(c, 1);

	return p ? (uint8_t)*p : 0;
}

uint32_t
cursor_u32(struct cursor *c)
{
	const char *p = cursor_take(c, 4);
	uint32_t n = 0;

	for (int i = 0; p && i < 4; i++)
		n |= (uint32_t)(uint8_t)p[i] << 8 * i;
	return n;
}

uint64_t
cursor_u64(struct cursor *c)
{
	uint64_t low = cursor_u32(c);
	uint64_t high = cursor_u32(c);

	return c->bad ? 0 : low | high << 32;
}

uint64_t
cursor_varint(struct cursor *c)
{
	uint64_t n = 0;

	for (int shift = 0; shift < 64; shift += 7) {
		uint8_t b = cursor_u8(c);

		if (c->bad)
			return 0;
		if ((shift == 63 && b > 1) || (shift && !b))
			break;		/* overflow, or not the shortest form */
		n |= (uint64_t)(b & 0x7f) << shift;
		if (!(b & 0x80))
			return n;
	}
	c->bad = true;
	return 0;
}
