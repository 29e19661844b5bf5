#ifndef BASE_JSON_H
#define BASE_JSON_H

/*
 * A JSON writer that streams into a buf, in the order in which it is told,
 * compact.  Strings that are not UTF-8 are written with each bad byte as
 * U+DC80 + (byte - 0x80)... as "\udcXX" (the convention of Python's
 * surrogateescape), so that no name is lost; dsv-json(5) says so.
 *
 *	json_object(&j);
 *	json_key(&j, "id"); json_text(&j, hex);
 *	json_end(&j);
 *
 * Whatever text_escape would not let through is written as \u escapes, so that
 * JSON may go to a terminal too.
 *
 * Reading goes through jansson, whose one door is json.c.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/hash.h"

struct json {
	struct buf *out;
	unsigned depth;
	uint64_t is_array;	/* a bit per level */
	uint64_t has_item;	/* a bit per level */
	bool after_key;
};

/*
 * libjansson has functions of these three names and calls them itself; ours
 * would take their place at run time.
 */
#define json_object(j) json_begin_object(j)
#define json_array(j) json_begin_array(j)
#define json_null(j) json_write_null(j)

void json_init(struct json *j, struct buf *out);
void json_begin_object(struct json *j);
void json_begin_array(struct json *j);
void json_end(struct json *j);		/* closes the innermost */
void json_key(struct json *j, const char *key);
void json_keyn(struct json *j, const char *key, size_t len);
void json_text(struct json *j, const char *s);	/* NULL writes null */
void json_textn(struct json *j, const char *s, size_t len);
/* A value that is written already. */
void json_written(struct json *j, const char *p, size_t len);
void json_int(struct json *j, int64_t n);
void json_uint(struct json *j, uint64_t n);
void json_bool(struct json *j, bool b);
void json_write_null(struct json *j);
void json_id(struct json *j, const struct id *id);	/* hex */
void json_time(struct json *j, int64_t t);		/* RFC 3339 */

/* ---- reading ---------------------------------------------------------- */

/*
 * A document in memory.  Reading is strict: UTF-8, one object or array, no key
 * twice, nothing after it, nested at most 2048 deep.  A number is an int64_t
 * or a double, nothing else; strings may hold NUL.  Values are borrowed from
 * the document.
 */
struct json_value;

enum json_type {
	JSON_TYPE_NULL, JSON_TYPE_BOOL, JSON_TYPE_INT, JSON_TYPE_REAL,
	JSON_TYPE_TEXT, JSON_TYPE_ARRAY, JSON_TYPE_OBJECT,
};

/*
 * name and first_line are for the message of ERR_CORRUPT, which says the line.
 * json_free accepts the document only (not what is in it), or NULL.
 */
MUST_CHECK err_t json_parse(struct json_value **out, const void *p, size_t len,
    const char *name, uint64_t first_line);
void json_free(struct json_value *document);

enum json_type json_type_of(const struct json_value *v);

/* BUG if v is of another type. */
const char *json_text_of(size_t *len, const struct json_value *v);
int64_t json_int_of(const struct json_value *v);
double json_real_of(const struct json_value *v);
bool json_bool_of(const struct json_value *v);

/* Items of an array or members of an object; 0 for anything else. */
size_t json_count(const struct json_value *v);
/* BUG if v is no array or has no such item. */
const struct json_value *json_item(const struct json_value *v, size_t i);
/* NULL if v is no object or has no such member. */
const struct json_value *json_member(const struct json_value *v,
    const char *key);

/* The members of an object in the order of the document. */
typedef err_t json_visit_fn(void *arg, const char *key,
    const struct json_value *value);
MUST_CHECK err_t json_each(const struct json_value *object,
    json_visit_fn *fn, void *arg);

/*
 * A member of that type: ERR_NOT_FOUND "there is no "key"" or ERR_CORRUPT
 * ""key" is not a string".  Text with a NUL in it is ERR_CORRUPT.
 */
MUST_CHECK err_t json_get_text(const char **out, const struct json_value *v,
    const char *key);
MUST_CHECK err_t json_get_int(int64_t *out, const struct json_value *v,
    const char *key);
MUST_CHECK err_t json_get_bool(bool *out, const struct json_value *v,
    const char *key);
MUST_CHECK err_t json_get_object(const struct json_value **out,
    const struct json_value *v, const char *key);
MUST_CHECK err_t json_get_array(const struct json_value **out,
    const struct json_value *v, const char *key);

/* "2.14": the library that is running. */
const char *json_library(void);

#endif
