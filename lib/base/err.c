/*
 * Errors are made where the facts are known and travel up as pointers into a
 * small ring per thread: eight are enough, since a function holds at most the
 * error it returns and the one it wraps.
 */

#include "lib/base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/text.h"

#define RING 8

static _Thread_local struct err ring[RING];
static _Thread_local unsigned next;

static struct err *
err_slot(enum err_code code, int sys_errno)
{
	struct err *e = &ring[next++ % RING];

	e->code = code;
	e->sys_errno = sys_errno;
	return e;
}

/* Messages carry names; names carry anything.  Escape all but plain text. */
static void
err_set(struct err *e, const char *text)
{
	text_escape_to(e->msg, sizeof(e->msg), text, strlen(text));
}

err_t
err_new(enum err_code code, const char *fmt, ...)
{
	char text[sizeof(((struct err *)0)->msg)];
	va_list ap;
	struct err *e;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	e = err_slot(code, 0);
	err_set(e, text);
	return e;
}

static enum err_code
code_of_errno(int n)
{
	switch (n) {
	case ENOENT:
	case ENOTDIR:
		return ERR_NOT_FOUND;
	case EEXIST:
		return ERR_EXISTS;
	case EACCES:
	case EPERM:
	case EROFS:
		return ERR_PERMISSION;
	default:
		return ERR_SYSTEM;
	}
}

err_t
err_sys(const char *fmt, ...)
{
	char text[sizeof(((struct err *)0)->msg)];
	char all[sizeof(text) + 128];
	int n = errno;
	va_list ap;
	struct err *e;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	snprintf(all, sizeof(all), "%s: %s", text, strerror(n));
	e = err_slot(code_of_errno(n), n);
	err_set(e, all);
	return e;
}

err_t
err_wrap(err_t cause, const char *fmt, ...)
{
	char text[sizeof(cause->msg)];
	char all[2 * sizeof(text) + 2];
	va_list ap;
	struct err *e;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	snprintf(all, sizeof(all), "%s: %s", text, cause->msg);
	e = err_slot(cause->code, cause->sys_errno);
	err_set(e, all);
	return e;
}

err_t
err_adopt(const struct err *other)
{
	struct err *e = err_slot(other->code, other->sys_errno);

	memcpy(e->msg, other->msg, sizeof(e->msg));
	return e;
}

bool
err_is(err_t err, enum err_code code)
{
	return err && err->code == code;
}

void
err_bug_at(const char *file, int line, const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "dsv: bug at %s:%d: ", file, line);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	abort();
}
