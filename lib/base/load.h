#ifndef BASE_LOAD_H
#define BASE_LOAD_H

/*
 * Bytes of text as one number, the first the highest: so numbers are in the
 * order of the text, and eight characters are looked at together.  No byte is
 * read that is not there.
 *
 * Everything here is inline: it is the innermost loop of what uses it.
 */

#include <stddef.h>
#include <stdint.h>

/* Spelled out so that the compiler sees one load. */
static inline uint64_t
load4(const char *s)
{
	const unsigned char *p = (const unsigned char *)s;

	return (uint64_t)p[0] << 24 | (uint64_t)p[1] << 16 |
	    (uint64_t)p[2] << 8 | p[3];
}

static inline uint64_t
load8(const char *s)
{
	const unsigned char *p = (const unsigned char *)s;

	return (uint64_t)p[0] << 56 | (uint64_t)p[1] << 48 |
	    (uint64_t)p[2] << 40 | (uint64_t)p[3] << 32 |
	    (uint64_t)p[4] << 24 | (uint64_t)p[5] << 16 |
	    (uint64_t)p[6] << 8 | p[7];
}

static inline uint64_t
load1(const char *p)
{
	return (unsigned char)*p;
}

/*
 * The first eight bytes, or all and then zeros.  Of fewer the halves are
 * loaded, which may overlap: none goes through memory.  len is not 0.
 */
static inline uint64_t
load_prefix(const char *p, size_t len)
{
	if (len >= 8)
		return load8(p);
	if (len >= 4)
		return load4(p) << 32 | load4(p + len - 4) << (64 - 8 * len);
	return load1(p) << 56 | load1(p + len / 2) << (56 - 8 * (len / 2)) |
	    load1(p + len - 1) << (64 - 8 * len);
}

/* The high bit of each byte that is more than 9. */
static inline uint64_t
load_above_9(uint64_t word)
{
	const uint64_t low = UINT64_C(0x7f7f7f7f7f7f7f7f);

	return (((word & low) + UINT64_C(0x7676767676767676)) | word) & ~low;
}

/* The number that eight bytes are, each of them a digit from 0 to 9. */
static inline uint64_t
load_decimal(uint64_t word)
{
	word = (word & UINT64_C(0x0f000f000f000f00)) / 256 * 10 +
	    (word & UINT64_C(0x000f000f000f000f));
	word = (word >> 16 & UINT64_C(0x0000ffff0000ffff)) * 100 +
	    (word & UINT64_C(0x0000ffff0000ffff));
	return (word >> 32) * 10000 + (word & UINT32_MAX);
}

#endif
