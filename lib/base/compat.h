#ifndef BASE_COMPAT_H
#define BASE_COMPAT_H

/*
 * What the compiler and the system offer.  Feature tests live here and
 * nowhere else.
 */

#include <sys/types.h>

#if defined(__GNUC__) || defined(__clang__)
#define MUST_CHECK __attribute__((warn_unused_result))
#define PRINTF_LIKE(f, a) __attribute__((format(printf, f, a)))
#define NORETURN __attribute__((noreturn))
/* What is returned has as many bytes as the argument of that number says, or
 * as both say, multiplied. */
#define SIZED(...) __attribute__((alloc_size(__VA_ARGS__)))
#else
#define MUST_CHECK
#define PRINTF_LIKE(f, a)
#define NORETURN
#define SIZED(...)
#endif

_Static_assert(sizeof(off_t) == 8, "dsv needs 64-bit file offsets");

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#endif
