/*
 * The low-level SHA256_* calls are used on purpose, deprecated as they are:
 * they run the same SHA-NI code as EVP but neither allocate nor fail, and so
 * no object can ever be named by uninitialised bytes.
 */

#define OPENSSL_SUPPRESS_DEPRECATED

#include "lib/base/hash.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>
#include <string.h>

_Static_assert(sizeof(SHA256_CTX) <= sizeof(((struct hash *)0)->state),
    "struct hash is too small for SHA256_CTX");

static SHA256_CTX *
context(struct hash *h)
{
	return (SHA256_CTX *)(void *)h->state;
}

void
hash_init(struct hash *h)
{
	SHA256_Init(context(h));
}

void
hash_add(struct hash *h, const void *p, size_t len)
{
	if (len)
		SHA256_Update(context(h), p, len);
}

void
hash_end(struct id *out, struct hash *h)
{
	SHA256_Final(out->b, context(h));
}

void
hash_bytes(struct id *out, const void *p, size_t len)
{
	struct hash h;

	hash_init(&h);
	hash_add(&h, p, len);
	hash_end(out, &h);
}

int
id_cmp(const struct id *a, const struct id *b)
{
	return memcmp(a->b, b->b, ID_SIZE);
}

bool
id_eq(const struct id *a, const struct id *b)
{
	return id_cmp(a, b) == 0;
}

bool
id_is_zero(const struct id *id)
{
	static const struct id zero;

	return id_eq(id, &zero);
}

char *
id_hex(char out[ID_HEX + 1], const struct id *id)
{
	static const char digit[] = "0123456789abcdef";

	for (int i = 0; i < ID_SIZE; i++) {
		out[2 * i] = digit[id->b[i] >> 4];
		out[2 * i + 1] = digit[id->b[i] & 15];
	}
	out[ID_HEX] = '\0';
	return out;
}

static int
digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool
id_parse(struct id *out, const char *hex, size_t len)
{
	struct id id;

	if (len != ID_HEX)
		return false;
	for (int i = 0; i < ID_SIZE; i++) {
		int high = digit_value(hex[2 * i]);
		int low = digit_value(hex[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		id.b[i] = (uint8_t)(high << 4 | low);
	}
	*out = id;
	return true;
}

const char *
hash_library(void)
{
	return OpenSSL_version(OPENSSL_VERSION_STRING);
}
