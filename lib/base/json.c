/*
 * Writing is ours: it streams, keeps the order it is told and never loses a
 * byte of a name.  Reading is jansson's, which of the libraries at hand is
 * the one that refuses what is not JSON.
 */

#include "lib/base/json.h"

#undef json_object
#undef json_array
#undef json_null

#include <inttypes.h>
#include <jansson.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/mem.h"
#include "lib/base/text.h"

#define DEPTH_MAX 63

/* ---- writing ---------------------------------------------------------- */

void
json_init(struct json *j, struct buf *out)
{
	*j = (struct json){ .out = out };
}

static void
comma(struct json *j)
{
	uint64_t bit = UINT64_C(1) << j->depth;

	if (j->has_item & bit)
		buf_char(j->out, ',');
	j->has_item |= bit;
}

static void
before_value(struct json *j)
{
	if (!j->depth)
		return;		/* what is between documents is not ours */
	if (j->is_array & UINT64_C(1) << j->depth)
		comma(j);
	else if (!j->after_key)
		BUG("JSON value without a key");
	j->after_key = false;
}

static void
begin(struct json *j, bool is_array)
{
	uint64_t bit;

	before_value(j);
	if (j->depth == DEPTH_MAX)
		BUG("JSON nested too deep");
	bit = UINT64_C(1) << ++j->depth;
	j->has_item &= ~bit;
	if (is_array)
		j->is_array |= bit;
	else
		j->is_array &= ~bit;
	buf_char(j->out, is_array ? '[' : '{');
}

void
json_begin_object(struct json *j)
{
	begin(j, false);
}

void
json_begin_array(struct json *j)
{
	begin(j, true);
}

void
json_end(struct json *j)
{
	uint64_t bit = UINT64_C(1) << j->depth;

	if (!j->depth || j->after_key)
		BUG("JSON ends where it cannot");
	buf_char(j->out, j->is_array & bit ? ']' : '}');
	j->depth--;
}

/* A code unit of UTF-16. */
static void
write_unit(struct buf *out, unsigned unit)
{
	buf_printf(out, "\\u%04x", unit);
}

static void
write_escaped(struct buf *out, int32_t c)
{
	static const char plain[] = "\"\\\b\f\n\r\t", letter[] = "\"\\bfnrt";
	const char *at = c < 128 ? memchr(plain, c, sizeof(plain) - 1) : NULL;

	if (at) {
		buf_char(out, '\\');
		buf_char(out, letter[at - plain]);
	} else if (c < 0x10000) {
		write_unit(out, (unsigned)c);
	} else {
		write_unit(out, 0xd800 + ((unsigned)(c - 0x10000) >> 10));
		write_unit(out, 0xdc00 + ((unsigned)(c - 0x10000) & 0x3ff));
	}
}

/* The first character; says how many bytes it took. */
static size_t
write_char(struct buf *out, const char *s, size_t len)
{
	int32_t c;
	size_t n = text_next(&c, s, len);

	if (!n) {
		write_unit(out, 0xdc00u + (uint8_t)*s);
		return 1;
	}
	if (c == '"' || c == '\\' || text_is_hidden(c))
		write_escaped(out, c);
	else
		buf_add(out, s, n);
	return n;
}

/* Bytes at the start that stand for themselves. */
static size_t
plain_run(const char *s, size_t len)
{
	size_t n = 0;

	while (n < len && s[n] >= ' ' && s[n] <= '~' && s[n] != '"' &&
	    s[n] != '\\')
		n++;
	return n;
}

static void
write_string(struct buf *out, const char *s, size_t len)
{
	buf_char(out, '"');
	while (len) {
		size_t n = plain_run(s, len);

		if (n)
			buf_add(out, s, n);
		else
			n = write_char(out, s, len);
		s += n;
		len -= n;
	}
	buf_char(out, '"');
}

void
json_key(struct json *j, const char *key)
{
	uint64_t bit = UINT64_C(1) << j->depth;

	if (!j->depth || j->is_array & bit || j->after_key)
		BUG("JSON key \"%s\" where none can be", key);
	comma(j);
	write_string(j->out, key, strlen(key));
	buf_char(j->out, ':');
	j->after_key = true;
}

void
json_keyn(struct json *j, const char *key, size_t len)
{
	json_key(j, "");
	j->out->len -= 3;	/* "": */
	write_string(j->out, key, len);
	buf_char(j->out, ':');
}

void
json_textn(struct json *j, const char *s, size_t len)
{
	before_value(j);
	write_string(j->out, s, len);
}

void
json_text(struct json *j, const char *s)
{
	if (s)
		json_textn(j, s, strlen(s));
	else
		json_write_null(j);
}

void
json_written(struct json *j, const char *p, size_t len)
{
	before_value(j);
	buf_add(j->out, p, len);
}

void
json_int(struct json *j, int64_t n)
{
	before_value(j);
	buf_printf(j->out, "%" PRId64, n);
}

void
json_uint(struct json *j, uint64_t n)
{
	before_value(j);
	buf_printf(j->out, "%" PRIu64, n);
}

void
json_bool(struct json *j, bool b)
{
	before_value(j);
	buf_str(j->out, b ? "true" : "false");
}

void
json_write_null(struct json *j)
{
	before_value(j);
	buf_str(j->out, "null");
}

void
json_id(struct json *j, const struct id *id)
{
	char hex[ID_HEX + 1];

	json_text(j, id_hex(hex, id));
}

void
json_time(struct json *j, int64_t t)
{
	before_value(j);
	buf_char(j->out, '"');
	clock_format(j->out, t);
	buf_char(j->out, '"');
}

/* ---- reading ---------------------------------------------------------- */

static const json_t *
node(const struct json_value *v)
{
	return (const json_t *)(const void *)v;
}

static const struct json_value *
value(const json_t *t)
{
	return (const struct json_value *)(const void *)t;
}

err_t
json_parse(struct json_value **out, const void *p, size_t len,
    const char *name, uint64_t first_line)
{
	json_error_t error;
	json_t *t;

	t = json_loadb(p, len, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL,
	    &error);
	if (!t && json_error_code(&error) == json_error_out_of_memory)
		mem_fail();
	if (!t)
		return err_new(ERR_CORRUPT, "\"%s\" line %" PRIu64 ": %s",
		    name, first_line +
		    (error.line > 1 ? (uint64_t)error.line - 1 : 0),
		    error.text);
	*out = (struct json_value *)(void *)t;
	return NULL;
}

void
json_free(struct json_value *document)
{
	json_decref((json_t *)(void *)document);
}

enum json_type
json_type_of(const struct json_value *v)
{
	switch (json_typeof(node(v))) {
	case JSON_OBJECT:
		return JSON_TYPE_OBJECT;
	case JSON_ARRAY:
		return JSON_TYPE_ARRAY;
	case JSON_STRING:
		return JSON_TYPE_TEXT;
	case JSON_INTEGER:
		return JSON_TYPE_INT;
	case JSON_REAL:
		return JSON_TYPE_REAL;
	case JSON_TRUE:
	case JSON_FALSE:
		return JSON_TYPE_BOOL;
	case JSON_NULL:
		break;
	}
	return JSON_TYPE_NULL;
}

static const char *
type_name(enum json_type type)
{
	static const char *const names[] = {
		"null", "true or false", "an integer", "a number", "a string",
		"an array", "an object",
	};

	return names[type];
}

static void
must_be(const struct json_value *v, enum json_type type)
{
	if (json_type_of(v) != type)
		BUG("JSON value is not %s", type_name(type));
}

const char *
json_text_of(size_t *len, const struct json_value *v)
{
	must_be(v, JSON_TYPE_TEXT);
	*len = json_string_length(node(v));
	return json_string_value(node(v));
}

int64_t
json_int_of(const struct json_value *v)
{
	must_be(v, JSON_TYPE_INT);
	return json_integer_value(node(v));
}

double
json_real_of(const struct json_value *v)
{
	must_be(v, JSON_TYPE_REAL);
	return json_real_value(node(v));
}

bool
json_bool_of(const struct json_value *v)
{
	must_be(v, JSON_TYPE_BOOL);
	return json_is_true(node(v));
}

size_t
json_count(const struct json_value *v)
{
	const json_t *t = node(v);

	return json_is_array(t) ? json_array_size(t) : json_object_size(t);
}

const struct json_value *
json_item(const struct json_value *v, size_t i)
{
	const json_t *t = json_array_get(node(v), i);

	if (!t)
		BUG("JSON array has no item %zu", i);
	return value(t);
}

const struct json_value *
json_member(const struct json_value *v, const char *key)
{
	return value(json_object_get(node(v), key));
}

err_t
json_each(const struct json_value *object, json_visit_fn *fn, void *arg)
{
	/* Iterating changes nothing, but jansson's iterator is not const. */
	json_t *t = (json_t *)(uintptr_t)object;
	const char *key;
	json_t *member;
	err_t err;

	must_be(object, JSON_TYPE_OBJECT);
	json_object_foreach(t, key, member) {
		err = fn(arg, key, value(member));
		if (err)
			return err;
	}
	return NULL;
}

static err_t
get(const struct json_value **out, const struct json_value *v,
    const char *key, enum json_type type)
{
	const struct json_value *member = json_member(v, key);

	if (!member)
		return err_new(ERR_NOT_FOUND, "there is no \"%s\"", key);
	if (json_type_of(member) != type)
		return err_new(ERR_CORRUPT, "\"%s\" is not %s", key,
		    type_name(type));
	*out = member;
	return NULL;
}

err_t
json_get_text(const char **out, const struct json_value *v, const char *key)
{
	const struct json_value *member = NULL;
	const char *text;
	size_t len;
	err_t err;

	err = get(&member, v, key, JSON_TYPE_TEXT);
	if (err)
		return err;
	text = json_text_of(&len, member);
	if (strlen(text) != len)
		return err_new(ERR_CORRUPT, "\"%s\" has a NUL in it", key);
	*out = text;
	return NULL;
}

err_t
json_get_int(int64_t *out, const struct json_value *v, const char *key)
{
	const struct json_value *member = NULL;
	err_t err;

	err = get(&member, v, key, JSON_TYPE_INT);
	if (!err)
		*out = json_int_of(member);
	return err;
}

err_t
json_get_bool(bool *out, const struct json_value *v, const char *key)
{
	const struct json_value *member = NULL;
	err_t err;

	err = get(&member, v, key, JSON_TYPE_BOOL);
	if (!err)
		*out = json_bool_of(member);
	return err;
}

err_t
json_get_object(const struct json_value **out, const struct json_value *v,
    const char *key)
{
	return get(out, v, key, JSON_TYPE_OBJECT);
}

err_t
json_get_array(const struct json_value **out, const struct json_value *v,
    const char *key)
{
	return get(out, v, key, JSON_TYPE_ARRAY);
}

const char *
json_library(void)
{
	return jansson_version_str();
}
