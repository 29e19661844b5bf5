#ifndef BASE_LIBRARY_H
#define BASE_LIBRARY_H

/*
 * A shared library that is opened when it is first called, because most
 * commands never call it and each would pay for its loading.  The program is
 * compiled with the header of the library but not linked with it: a list
 * X(function) makes a struct of pointers of the right types, and the table of
 * what to look up.
 *
 *	#define CALLS(X) X(archive_write_new) X(archive_write_free)
 *	#define CALL(f) { #f, &lib.f },
 *	static struct { CALLS(LIBRARY_POINTER) } lib;
 *	static const struct library_call calls[] = { CALLS(CALL) };
 */

#include <stddef.h>
#include <stdint.h>

#include "lib/base/compat.h"
#include "lib/base/err.h"

#define LIBRARY_POINTER(f) __typeof__(f) *f;

struct library_call {
	const char *name;
	void *pointer;		/* to a pointer to a function */
};

/*
 * Open the library that the dynamic linker knows by this file name and set
 * all the pointers; it stays open.  If it or one of the functions is missing
 * nothing is set, and ERR_SYSTEM says what it is and to install this library.
 */
MUST_CHECK err_t library_open(const char *file, const char *library,
    const struct library_call *calls, size_t n);

/*
 * Say in the program itself that it opens a library at run time, in the form
 * that tools which make packages read ("ELF dlopen metadata"): json is a
 * string literal with an array of objects.
 */
#ifdef __ELF__
#define LIBRARY_NOTE(id, json)						\
	__attribute__((used, section(".note.dlopen"), aligned(4)))	\
	static const struct {						\
		uint32_t name_size, size, type;				\
		char name[4];						\
		char text[(sizeof(json) + 3) / 4 * 4];			\
	} id = { 4, sizeof(json), 0x407c0c0a, "FDO", json }
#else
#define LIBRARY_NOTE(id, json)						\
	typedef char id[sizeof(json)]
#endif

#endif
