#ifndef BASE_SORTER_H
#define BASE_SORTER_H

/*
 * Sorting of more than fits into memory.  A record is a key of a fixed size
 * and some bytes; keys are compared as bytes, and records with the same key
 * come out in the order in which they went in.
 *
 *	s = sorter_new(KEY_SIZE, 64 << 20);
 *	sorter_add(s, key, p, len);	any number
 *	sorter_end(s);
 *	while (… sorter_next(&found, &record, s) … found)
 *
 * What does not fit into the memory given is written to a file without a name
 * (file_scratch), in sorted runs.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"

#define SORTER_KEY_MAX 64
#define SORTER_RECORD_MAX ((size_t)1 << 30)

struct sorter;

/* key_size is 8 to SORTER_KEY_MAX, and memory at least 64 KiB. */
struct sorter *sorter_new(size_t key_size, size_t memory);
void sorter_free(struct sorter *s);		/* accepts NULL */

/* Copies both; len is at most SORTER_RECORD_MAX. */
MUST_CHECK err_t sorter_add(struct sorter *s, const void *key, const void *p,
    size_t len);
/* How many were added; how many bytes are on disk. */
uint64_t sorter_count(const struct sorter *s);
uint64_t sorter_spilled(const struct sorter *s);

/* Nothing more is added from here on. */
MUST_CHECK err_t sorter_end(struct sorter *s);

/* Borrowed until the next call. */
struct sorted {
	const unsigned char *key;
	const char *p;
	size_t len;
};
MUST_CHECK err_t sorter_next(bool *found, struct sorted *out,
    struct sorter *s);

#endif
