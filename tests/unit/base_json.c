/* lib/base/json: what is written, and what is refused. */

#include "lib/base/json.h"

#include <stdlib.h>
#include <string.h>

#include "tests/unit/tap.h"

static struct buf out;
static struct json j;

static void
begin(void)
{
	buf_clear(&out);
	json_init(&j, &out);
}

static bool
wrote(const char *want)
{
	bool good = !strcmp(buf_cstr(&out), want);

	if (!good)
		printf("# got %s\n", buf_cstr(&out));
	return good;
}

static bool
text_is(const char *text, size_t len, const char *want)
{
	begin();
	json_textn(&j, text, len);
	return wrote(want);
}

#define TEXT_IS(text, want) text_is((text), sizeof(text) - 1, (want))

static void
test_text(void)
{
	ok(TEXT_IS("", "\"\""), "an empty string");
	ok(TEXT_IS("a\"b\\c/", "\"a\\\"b\\\\c/\""), "quotes and backslashes");
	ok(TEXT_IS("\b\f\n\r\t", "\"\\b\\f\\n\\r\\t\""), "short escapes");
	ok(TEXT_IS("\0\x1b\x7f", "\"\\u0000\\u001b\\u007f\""), "controls");
	ok(TEXT_IS("\xc3\xa9\xf0\x9f\x8d\x8e", "\"\xc3\xa9\xf0\x9f\x8d\x8e\""),
	    "UTF-8 as it is");
	ok(TEXT_IS("\xc2\x9b\xe2\x80\xae", "\"\\u009b\\u202e\""),
	    "what would disturb a terminal");
	ok(TEXT_IS("\xf3\xa0\x81\xa1", "\"\\udb40\\udc61\""),
	    "the same beyond U+FFFF");
	ok(TEXT_IS("a\xff\xc3z", "\"a\\udcff\\udcc3z\""),
	    "bytes that are not UTF-8");
}

static void
test_structure(void)
{
	struct id id = { { 0xab } };

	begin();
	json_object(&j);
	json_key(&j, "a\n");
	json_text(&j, NULL);
	json_key(&j, "b");
	json_array(&j);
	json_int(&j, INT64_MIN);
	json_uint(&j, UINT64_MAX);
	json_object(&j);
	json_end(&j);
	json_array(&j);
	json_end(&j);
	json_bool(&j, true);
	json_bool(&j, false);
	json_null(&j);
	json_end(&j);
	json_key(&j, "c");
	json_time(&j, 0);
	json_end(&j);
	ok(wrote("{\"a\\n\":null,\"b\":[-9223372036854775808,"
	    "18446744073709551615,{},[],true,false,null],"
	    "\"c\":\"1970-01-01T00:00:00Z\"}"), "objects, arrays, scalars");
	begin();
	json_id(&j, &id);
	ok(wrote("\"ab00000000000000000000000000000000000000000000000000000000"
	    "000000\""), "an id");
	begin();
	json_int(&j, 1);
	json_int(&j, 2);
	ok(wrote("12"), "documents are the caller's to separate");
	begin();
	for (int i = 0; i < 60; i++)
		json_array(&j);
	json_int(&j, 1);
	for (int i = 0; i < 60; i++)
		json_end(&j);
	ok(out.len == 121, "deep nesting");
}

static bool
refused(const char *text, size_t len, const char *start)
{
	struct json_value *v = NULL;
	err_t err = json_parse(&v, text, len, "f", 10);
	bool good = err_is(err, ERR_CORRUPT) && !v &&
	    !strncmp(err->msg, start, strlen(start));

	if (!good)
		printf("# got %s\n", err ? err->msg : "no error");
	json_free(v);
	return good;
}

#define REFUSED(text, start) refused((text), sizeof(text) - 1, (start))

static void
test_refused(void)
{
	ok(REFUSED("", "\"f\" line 10: "), "nothing");
	ok(REFUSED("1", "\"f\" line 10: "), "a scalar");
	ok(REFUSED("{\"a\":1,\n\n\"b\":x}", "\"f\" line 12: "),
	    "the line is named");
	ok(REFUSED("{\"a\":1,\"a\":2}", "\"f\" line 10: duplicate object key"),
	    "a key twice");
	ok(REFUSED("{} x", "\"f\" line 10: end of file expected"),
	    "something after it");
	ok(REFUSED("[\"\xff\"]", "\"f\" line 10: "), "not UTF-8");
	ok(REFUSED("[9223372036854775808]", "\"f\" line 10: "),
	    "an integer too large");
	ok(REFUSED("[1e999]", "\"f\" line 10: "), "a number too large");
	ok(REFUSED("[01]", "\"f\" line 10: "), "a leading zero");
	ok(REFUSED("[1,]", "\"f\" line 10: "), "a comma too many");
	ok(REFUSED("['a']", "\"f\" line 10: "), "single quotes");
	ok(REFUSED("[\"a", "\"f\" line 10: "), "cut short");
	ok(REFUSED("{\"a\0b\":1}", "\"f\" line 10: "), "a NUL");
}

static void
test_depth(void)
{
	struct buf deep = BUF_INIT;

	for (int i = 0; i < 100000; i++)
		buf_char(&deep, '[');
	ok(refused(deep.p, deep.len, "\"f\" line 10: "), "nested too deep");
	buf_release(&deep);
}

static err_t
collect(void *arg, const char *key, const struct json_value *value)
{
	if (json_type_of(value) == JSON_TYPE_NULL)
		return err_new(ERR_USAGE, "null");
	buf_str(arg, key);
	return NULL;
}

static void
test_reading(void)
{
	static const char text[] = "{\"z\":\"t\\u0000u\",\"y\":-5,\"x\":1.5,"
	    "\"w\":true,\"v\":[1,{\"a\":\"b\"}],\"u\":\"plain\",\"t\":{}}";
	struct json_value *v = NULL;
	const struct json_value *member = NULL;
	struct buf keys = BUF_INIT;
	const char *s = "";
	int64_t n = 0;
	bool b = false;
	size_t len;
	err_t err;

	err = json_parse(&v, text, strlen(text), "f", 1);
	ok(!err && json_type_of(v) == JSON_TYPE_OBJECT && json_count(v) == 7,
	    "a document");
	err = json_each(v, collect, &keys);
	ok(!err && !strcmp(keys.p, "zyxwvut"), "members in their order");
	s = json_text_of(&len, json_member(v, "z"));
	ok(len == 3 && !memcmp(s, "t\0u", 4), "text with a NUL");
	err = json_get_text(&s, v, "z");
	ok(err_is(err, ERR_CORRUPT), "which is no C string");
	err = json_get_text(&s, v, "u");
	ok(!err && !strcmp(s, "plain"), "text");
	err = json_get_int(&n, v, "y");
	ok(!err && n == -5, "an integer");
	err = json_get_int(&n, v, "x");
	ok(err_is(err, ERR_CORRUPT) && n == -5 &&
	    !strcmp(err->msg, "\"x\" is not an integer"),
	    "a number that is none");
	ok(json_real_of(json_member(v, "x")) > 1.49, "a real");
	err = json_get_bool(&b, v, "w");
	ok(!err && b, "a bool");
	err = json_get_bool(&b, v, "nope");
	ok(err_is(err, ERR_NOT_FOUND) &&
	    !strcmp(err->msg, "there is no \"nope\""), "a missing member");
	err = json_get_array(&member, v, "v");
	ok(!err && json_count(member) == 2 &&
	    json_int_of(json_item(member, 0)) == 1, "an array");
	err = json_get_text(&s, json_item(member, 1), "a");
	ok(!err && !strcmp(s, "b"), "an object in it");
	err = json_get_object(&member, v, "t");
	ok(!err && !json_count(member) && !json_member(member, "x"),
	    "an empty object");
	err = json_get_object(&member, v, "v");
	ok(err_is(err, ERR_CORRUPT), "an array is no object");
	json_free(v);
	v = NULL;
	err = json_parse(&v, "{\"a\":1,\"b\":null,\"c\":1}", 22, "f", 1);
	buf_clear(&keys);
	ok(!err, "another document");
	err = json_each(v, collect, &keys);
	ok(err_is(err, ERR_USAGE) && !strcmp(keys.p, "a"),
	    "the visitor's error ends the visit");
	json_free(v);
	json_free(NULL);
	buf_release(&keys);
}

/* What we write, we read. */
static void
test_round_trip(void)
{
	struct json_value *v = NULL;
	char all[126];
	const char *s;
	size_t len;
	err_t err;

	for (size_t i = 0; i < sizeof(all); i++)
		all[i] = (char)(i + 1);
	begin();
	json_array(&j);
	json_textn(&j, all, sizeof(all));
	json_textn(&j, "\xf3\xa0\x81\xa1\0\xe2\x80\xa8", 8);
	json_end(&j);
	err = json_parse(&v, out.p, out.len, "f", 1);
	ok(!err && json_count(v) == 2, "what is written is JSON");
	s = json_text_of(&len, json_item(v, 0));
	ok(len == sizeof(all) && !memcmp(s, all, len), "ASCII comes back");
	s = json_text_of(&len, json_item(v, 1));
	ok(len == 8 && !memcmp(s, "\xf3\xa0\x81\xa1\0\xe2\x80\xa8", 8),
	    "and the rest");
	json_free(v);
}

int
main(void)
{
	test_text();
	test_structure();
	test_refused();
	test_depth();
	test_reading();
	test_round_trip();
	buf_release(&out);
	return tap_end();
}
