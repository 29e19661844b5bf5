#ifndef TESTS_UNIT_TAP_H
#define TESTS_UNIT_TAP_H

/*
 * The least of a TAP producer: ok() says what holds, tap_end() prints the
 * plan.  A unit test is one program, tests/unit/NAME.c; base_NAME links
 * libbase alone and store_NAME libstore and libbase.
 */

#include <stdbool.h>
#include <stdio.h>

static int tap_tests, tap_failures;

static inline bool
tap_ok(bool good, const char *expr, const char *file, int line,
    const char *title)
{
	tap_tests++;
	printf("%sok %d - %s\n", good ? "" : "not ", tap_tests, title);
	if (!good) {
		tap_failures++;
		printf("# %s:%d: %s\n", file, line, expr);
	}
	return good;
}

#define ok(expr, title) tap_ok((expr), #expr, __FILE__, __LINE__, (title))

/* The value for main to return. */
static inline int
tap_end(void)
{
	printf("1..%d\n", tap_tests);
	return tap_failures != 0;
}

#endif
