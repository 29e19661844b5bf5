#ifndef STORE_FORMAT_INT_H
#define STORE_FORMAT_INT_H

/*
 * What commits and events have in common: header lines "key value", a blank
 * line, and text to the end.
 */

#include "store/format.h"

/* Checks while writing; the first fault stays in err. */
struct header_writer {
	struct buf *out;
	const char *what;	/* "commit", for messages */
	err_t err;
};

void header_text(struct header_writer *w, const char *key, const char *value);
void header_id(struct header_writer *w, const char *key, const struct id *id);
void header_time(struct header_writer *w, const char *key, int64_t t);
/* t NULL: without a time. */
void header_person(struct header_writer *w, const char *key,
    const struct person *p, const int64_t *t);
/* Ascending, unique keys.  prefix "meta": "meta key=value"; NULL: "key
 * value". */
void header_metas(struct header_writer *w, const char *prefix,
    const struct meta *metas, size_t n);
void header_signature(struct header_writer *w, const char *base64);
void header_body(struct header_writer *w, const char *text);

/* Reads line by line; once anything is wrong bad is set and stays. */
struct header_reader {
	const char *p;
	const char *end;
	bool bad;
};

/* The value of the next line if its key is this one; false if it is not. */
bool header_next(const char **value, size_t *len, struct header_reader *r,
    const char *key);
/* As header_next, and it must be there. */
bool header_need(const char **value, size_t *len, struct header_reader *r,
    const char *key);
bool header_need_id(struct id *out, struct header_reader *r, const char *key);
bool header_need_time(int64_t *out, struct header_reader *r, const char *key);
bool header_need_person(struct person *out, int64_t *t,
    struct header_reader *r, const char *key);
/* Any key at all, split at the first space; false at the blank line. */
bool header_any(const char **key, size_t *key_len, const char **value,
    size_t *len, struct header_reader *r);
/* The blank line and what follows; owned. */
char *header_rest(struct header_reader *r);

bool meta_key_ok(const char *key, size_t len);
void person_clear(struct person *p);
void metas_clear(struct meta *metas, size_t n);

#endif
