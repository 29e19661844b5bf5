#ifndef BASE_BANNED_H
#define BASE_BANNED_H

/*
 * Put in front of every file by the Makefile: functions that we do not call,
 * for what they overflow, truncate, share, guess or start.  The headers that
 * declare them come first, since they cannot be named afterwards.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#if defined(__GNUC__) || defined(__clang__)
/* No room for the result is not an error there: struct buf, snprintf. */
#pragma GCC poison gets strcpy strcat stpcpy sprintf vsprintf
/* Truncates in silence, or leaves no NUL: struct buf. */
#pragma GCC poison strncpy strncat stpncpy
/* Hidden state: strcspn, strspn. */
#pragma GCC poison strtok
/* No way to tell a mistake from a zero: parse the digits. */
#pragma GCC poison atoi atol atoll atof
/* Time zones, locales, static results: clock.h. */
#pragma GCC poison asctime localtime gmtime mktime strftime
/* A name that another process may take first: file_temp_open. */
#pragma GCC poison mktemp tmpnam tempnam
/* Guessable: file_random. */
#pragma GCC poison rand srand random srandom
/* A shell between us and what we mean: fork and exec. */
#pragma GCC poison system popen
/* The size is not ours to choose: mem.h. */
#undef alloca
#pragma GCC poison alloca
#endif

#endif
