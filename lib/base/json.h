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
 * Reading JSON goes through jansson, whose one door is json.c.
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

void json_init(struct json *j, struct buf *out);
void json_object(struct json *j);
void json_array(struct json *j);
void json_end(struct json *j);		/* closes the innermost */
void json_key(struct json *j, const char *key);
void json_text(struct json *j, const char *s);	/* NULL writes null */
void json_textn(struct json *j, const char *s, size_t len);
void json_int(struct json *j, int64_t n);
void json_uint(struct json *j, uint64_t n);
void json_bool(struct json *j, bool b);
void json_null(struct json *j);
void json_id(struct json *j, const struct id *id);	/* hex */
void json_time(struct json *j, int64_t t);		/* RFC 3339 */

#endif
