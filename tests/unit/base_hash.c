/* lib/base/hash: the vectors of FIPS 180-4, and ids as text. */

#include "lib/base/hash.h"

#include <string.h>

#include "tests/unit/tap.h"

static bool
hash_is(const char *text, const char *want)
{
	char hex[ID_HEX + 1];
	struct hash h;
	struct id whole, parts;
	size_t len = strlen(text);

	hash_bytes(&whole, text, len);
	hash_init(&h);
	for (size_t i = 0; i < len; i++)
		hash_add(&h, text + i, 1);
	hash_add(&h, NULL, 0);
	hash_end(&parts, &h);
	return id_eq(&whole, &parts) && !strcmp(id_hex(hex, &whole), want);
}

static const char abc[] =
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

static void
test_ids(void)
{
	struct id id = { { 0 } }, other = { { 0 } };
	char hex[ID_HEX + 1];
	char text[ID_HEX + 1];

	ok(id_is_zero(&id), "zero");
	ok(id_parse(&id, abc, ID_HEX) && !strcmp(id_hex(hex, &id), abc) &&
	    !id_is_zero(&id), "there and back");
	memcpy(text, abc, sizeof(text));
	text[0] = 'B';
	text[2] = '7';
	ok(id_parse(&other, text, ID_HEX) && id_eq(&id, &other),
	    "capital digits");
	ok(!id_parse(&other, abc, ID_HEX - 1), "too short");
	text[63] = 'g';
	ok(!id_parse(&other, text, ID_HEX) && id_eq(&id, &other),
	    "no digit: nothing changes");
	other.b[31]++;
	ok(id_cmp(&id, &other) < 0 && id_cmp(&other, &id) > 0 &&
	    !id_cmp(&id, &id), "order");
}

int
main(void)
{
	ok(hash_is("", "e3b0c44298fc1c149afbf4c8996fb924"
	    "27ae41e4649b934ca495991b7852b855"), "nothing");
	ok(hash_is("abc", abc), "abc");
	ok(hash_is("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
	    "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"),
	    "two blocks");
	test_ids();
	return tap_end();
}
