#ifndef BASE_ERR_H
#define BASE_ERR_H

/*
 * Errors.  NULL is success.  Errors live in a per-thread ring of eight, so
 * making one never allocates and nobody frees it.  An error that crosses a
 * thread is copied by pool.h.
 *
 * The message is one line, lower case, without a full stop: the fact first,
 * names in quotes, then the way out if there is one.  Bytes that came from
 * data or names are escaped by err_new itself, so a message can go to a
 * terminal as it is.
 */

#include <stdbool.h>

#include "lib/base/compat.h"

enum err_code {
	ERR_SYSTEM = 1,		/* the system refused: I/O, space, limits */
	ERR_USAGE,		/* the command line makes no sense */
	ERR_NOT_FOUND,		/* a thing that was named is not there */
	ERR_EXISTS,		/* a thing to be made is there already */
	ERR_PERMISSION,		/* a role or a file mode forbids it */
	ERR_REFUSED,		/* state or policy forbids it */
	ERR_CONFLICT,		/* conflicts are left to resolve */
	ERR_BUSY,		/* somebody else holds the lock */
	ERR_CORRUPT,		/* stored bytes are not what they should be */
	ERR_UNREADABLE,		/* the disk cannot give stored bytes back */
	ERR_CANCELLED,		/* interrupted by a signal */
};

struct err {
	enum err_code code;
	int sys_errno;		/* 0 if no system call failed */
	char msg[1024];
};

typedef const struct err *err_t;	/* the only pointer typedef we have */

err_t err_new(enum err_code code, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* The system's errno becomes the code where one fits; adds strerror. */
err_t err_sys(const char *fmt, ...) PRINTF_LIKE(1, 2);

/* Same code as cause, "message: cause". */
err_t err_wrap(err_t cause, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Same code and text as an error of another thread, in our ring. */
err_t err_adopt(const struct err *other);

bool err_is(err_t err, enum err_code code);

/* A broken invariant of the program itself: says where and aborts. */
#define BUG(...) err_bug_at(__FILE__, __LINE__, __VA_ARGS__)
NORETURN void err_bug_at(const char *file, int line, const char *fmt, ...)
    PRINTF_LIKE(3, 4);

#endif
