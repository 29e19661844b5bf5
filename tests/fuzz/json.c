/* A JSON document, and what the writer makes of a string. */

#include "lib/base/json.h"
#include "tests/fuzz/fuzz.h"

static err_t
visit(void *arg, const char *key, const struct json_value *v)
{
	unsigned depth = *(unsigned *)arg + 1;

	(void)key;
	fuzz_check(depth <= 2048);
	for (size_t i = 0; i < json_count(v); i++) {
		if (json_type_of(v) == JSON_TYPE_ARRAY)
			fuzz_need(visit(&depth, "", json_item(v, i)));
	}
	if (json_type_of(v) == JSON_TYPE_OBJECT)
		fuzz_need(json_each(v, visit, &depth));
	return NULL;
}

static void
write_again(const char *p, size_t len)
{
	struct json_value *v = NULL;
	struct buf b = BUF_INIT;
	struct json j;

	json_init(&j, &b);
	json_array(&j);
	json_textn(&j, p, len);
	json_end(&j);
	for (size_t i = 0; i < b.len; i++)
		fuzz_check((unsigned char)b.p[i] >= ' ' && b.p[i] != 127);
	/* A lone surrogate, which stands for a bad byte, is not read back. */
	if (fuzz_fine(json_parse(&v, b.p, b.len, "again", 1))) {
		size_t got;
		const char *text = json_text_of(&got, json_item(v, 0));

		fuzz_check(got == len && (!len || !memcmp(text, p, len)));
	}
	json_free(v);
	buf_release(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct json_value *v = NULL;
	unsigned depth = 0;

	if (fuzz_fine(json_parse(&v, p, len, "input", 1)))
		fuzz_need(visit(&depth, "", v));
	json_free(v);
	write_again((const char *)p, len);
	return 0;
}
