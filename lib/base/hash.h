#ifndef BASE_HASH_H
#define BASE_HASH_H

/*
 * SHA-256, the one name of everything.  Nothing here allocates or fails.
 * The one door to libcrypto.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ID_SIZE 32
#define ID_HEX 64

struct id {
	uint8_t b[ID_SIZE];
};

struct hash {
	uint64_t state[16];	/* room for libcrypto's context, checked */
};

void hash_init(struct hash *h);
void hash_add(struct hash *h, const void *p, size_t len);
void hash_end(struct id *out, struct hash *h);
void hash_bytes(struct id *out, const void *p, size_t len);

/* "3.0.22": the library that is running. */
const char *hash_library(void);

int id_cmp(const struct id *a, const struct id *b);
bool id_eq(const struct id *a, const struct id *b);
bool id_is_zero(const struct id *id);

/* 64 lower-case digits and a NUL; returns out. */
char *id_hex(char out[ID_HEX + 1], const struct id *id);

/* Exactly 64 hex digits of either case; false for anything else. */
bool id_parse(struct id *out, const char *hex, size_t len);

#endif
