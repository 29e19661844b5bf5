#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

/*
 * A fuzz target is one file, tests/fuzz/NAME.c, and a folder of inputs to
 * begin with, tests/fuzz/corpus/NAME.  It defines the function that libFuzzer
 * calls with each input; driver.c calls it too, so that "make check" needs
 * nothing but a C compiler.  An input that ends the process has found
 * something: fix it, and keep the input in the corpus.
 */

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

static inline int
fuzz_remove_one(const char *path, const struct stat *st, int type,
    struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

/* It need not be there. */
static inline void
fuzz_remove(const char *path)
{
	if (nftw(path, fuzz_remove_one, 16, FTW_DEPTH | FTW_PHYS) &&
	    errno != ENOENT)
		perror(path);
}

static char fuzz_path[64];

static inline void
fuzz_leave(void)
{
	fuzz_remove(fuzz_path);
}

/* What must hold whatever the input is. */
#define fuzz_check(expr) \
	((expr) ? (void)0 : fuzz_fail(#expr, __FILE__, __LINE__))

static inline _Noreturn void
fuzz_fail(const char *expr, const char *file, int line)
{
	fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, expr);
	fuzz_leave();
	abort();
}

/* An error is an answer, but its line must be one line for a terminal. */
static inline bool
fuzz_fine(err_t err)
{
	if (!err)
		return true;
	for (const char *p = err->msg; *p; p++)
		fuzz_check((unsigned char)*p >= ' ' && *p != 127);
	return false;
}

/* What the target needs before its first input must work. */
static inline void
fuzz_need(err_t err)
{
	if (err) {
		fprintf(stderr, "fuzz: %s\n", err->msg);
		abort();
	}
}

/* A directory of the target's own, in memory where there is such a place; it
 * goes when the target ends. */
static inline const char *
fuzz_dir(void)
{
	if (*fuzz_path)
		return fuzz_path;
	for (int i = 0; i < 2; i++) {
		snprintf(fuzz_path, sizeof(fuzz_path), "%s/dsv-fuzz-XXXXXX",
		    i ? "/tmp" : "/dev/shm");
		if (mkdtemp(fuzz_path)) {
			atexit(fuzz_leave);
			return fuzz_path;
		}
	}
	fuzz_need(err_sys("no place for a directory"));
	return NULL;
}

static inline void
fuzz_write(int dirfd, const char *name, const void *p, size_t len)
{
	int fd = openat(dirfd, name, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	fuzz_check(fd >= 0);
	fuzz_check(write(fd, p, len) == (ssize_t)len);
	close(fd);
}

/* The input as text, up to its first NUL; free it. */
static inline char *
fuzz_text(const uint8_t *p, size_t len)
{
	const uint8_t *nul = len ? memchr(p, 0, len) : NULL;
	size_t n = nul ? (size_t)(nul - p) : len;
	char *text = malloc(n + 1);

	fuzz_check(text != NULL);
	if (n)
		memcpy(text, p, n);
	text[n] = '\0';
	return text;
}

#endif
