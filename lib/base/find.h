#ifndef BASE_FIND_H
#define BASE_FIND_H

/*
 * Looking for bytes 64 at a time: bit i of a mask stands for byte i.
 *
 * Whether a byte is inside quotes is decided by the parity of the quotes
 * before it, counted over all bytes, whatever stands around them.  Cutting
 * files into chunks and reading their records both go by this rule, so that
 * a chunk is whole records.
 *
 * Everything here is inline: it is the innermost loop of what uses it.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define FIND_BLOCK 64

/* Which of the FIND_BLOCK bytes at p are c. */
#ifdef __SSE2__
static inline uint64_t
find_mask16(const char *p, __m128i want)
{
	__m128i v = _mm_loadu_si128((const void *)p);

	return (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(v, want));
}

/* Not a loop, which compilers leave as one. */
static inline uint64_t
find_mask(const char *p, char c)
{
	const __m128i want = _mm_set1_epi8(c);

	return find_mask16(p, want) | find_mask16(p + 16, want) << 16 |
	    find_mask16(p + 32, want) << 32 | find_mask16(p + 48, want) << 48;
}
#else
static inline uint64_t
find_mask(const char *p, char c)
{
	uint64_t mask = 0;

	for (int i = 0; i < FIND_BLOCK; i++)
		mask |= (uint64_t)(p[i] == c) << i;
	return mask;
}
#endif

/* How many of len bytes are c. */
static inline uint64_t
find_count(const char *p, size_t len, char c)
{
	uint64_t n = 0;

	for (; len >= FIND_BLOCK; p += FIND_BLOCK, len -= FIND_BLOCK)
		n += (uint64_t)__builtin_popcountll(find_mask(p, c));
	for (; len; p++, len--)
		n += *p == c;
	return n;
}

/*
 * Which bytes of a block are inside quotes (an opening quote is, a closing
 * one is not).  *carry is UINT64_MAX if the block begins inside and 0 if not;
 * afterwards the same for the next one.
 */
static inline uint64_t
find_inside(uint64_t quotes, uint64_t *carry)
{
	/* Bit i becomes the parity of bits 0 to i. */
	for (int shift = 1; shift < FIND_BLOCK; shift *= 2)
		quotes ^= quotes << shift;
	quotes ^= *carry;
	*carry = quotes >> 63 ? UINT64_MAX : 0;
	return quotes;
}

/*
 * One pass over bytes for one of two kinds of place: a byte that is what,
 * outside quotes; quote 0: there are none.
 *
 *	find_begin(&s, p, len, '\n', '"', false);
 *	while ((at = find_next(&s)) < len)
 *		…	p[at] is such a byte
 */
struct find {
	const char *p;
	size_t len;
	size_t next;		/* where the next block begins */
	uint64_t found;		/* in the block before it */
	uint64_t carry;
	char what, quote;
};

static inline void
find_begin(struct find *s, const char *p, size_t len, char what, char quote,
    bool in_quotes)
{
	*s = (struct find){ .p = p, .len = len, .what = what, .quote = quote,
	    .carry = in_quotes ? UINT64_MAX : 0 };
}

/* The masks of the next block; bytes beyond the end are zero. */
static inline void
find_block(struct find *s)
{
	char tail[FIND_BLOCK] = { 0 };
	const char *p = s->p + s->next;
	size_t left = s->len - s->next;

	if (left < FIND_BLOCK) {
		memcpy(tail, p, left);
		p = tail;
	}
	s->found = find_mask(p, s->what);
	if (s->quote)
		s->found &= ~find_inside(find_mask(p, s->quote), &s->carry);
	s->next += FIND_BLOCK;
}

/* The offset of the next one, or len when there is none.  what is not NUL. */
static inline size_t
find_next(struct find *s)
{
	size_t at;

	while (!s->found) {
		if (s->next >= s->len)
			return s->len;
		find_block(s);
	}
	at = s->next - FIND_BLOCK + (size_t)__builtin_ctzll(s->found);
	s->found &= s->found - 1;
	return at;
}

/* How many there are from here on; *end is what lies behind the last one. */
static inline uint32_t
find_all(size_t *end, struct find *s)
{
	uint32_t n = 0;

	*end = 0;
	for (;;) {
		if (s->found) {
			n += (uint32_t)__builtin_popcountll(s->found);
			*end = s->next - (size_t)__builtin_clzll(s->found);
		}
		if (s->next >= s->len)
			return n;
		find_block(s);
	}
}

#endif
