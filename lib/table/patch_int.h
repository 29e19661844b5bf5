#ifndef TABLE_PATCH_INT_H
#define TABLE_PATCH_INT_H

/*
 * A table that a delta is applied to, and what can be done to one row of it:
 * patch_csv.c and patch_jsonl.c do it in their formats.
 */

#include "lib/table/delta.h"
#include "lib/table/patch.h"

struct patch_target {
	char *path;
	char *old_path;			/* NULL: the same */
	int fd;
	bool exists;
	bool was_empty;
	bool gone;			/* the file goes */
	bool lacks_header;		/* there are no columns yet */
	struct dialect_hint hint;	/* how it is read, as far as said */
	struct shape from;		/* as it is */
	struct shape to;		/* as it becomes, if reshaped */
	struct columns taken;		/* names of both headers */
	bool reshaped;			/* the columns are others, or moved */
	size_t *from_of;		/* by column of to: that of from */
	struct key wanted;		/* of the file as it becomes */
	struct key key;			/* the same, or none: it lacks it */
	bool need_key;
	struct key_finder finder;	/* of from */
	struct key_finder to_finder;	/* of to, if reshaped */
	uint64_t keyed, keyless;	/* lines that look for rows so */
	/* rooms of the editors */
	struct delta_text text;
	struct row row, other;
	struct buf cells;
};

/* The shape of a row, original (as the file has it) or as it becomes. */
static inline struct shape *
patch_shape(struct patch_target *t, bool original)
{
	return t->reshaped && !original ? &t->to : &t->from;
}

/*
 * The cells of a payload or before as a row of the shape, valid until the
 * next call with the same row and buffer.  False and *why, at the end of
 * which it says what is wrong, if they cannot be.
 */
bool patch_csv_row(struct row *out, struct buf *bytes,
    struct patch_target *t, bool original, const struct delta_value *v,
    struct buf *why);
bool patch_jsonl_row(struct row *out, struct buf *bytes,
    struct patch_target *t, const struct delta_value *v, struct buf *why);

/* Are the cells of before those of the row?  whole: and has it no others? */
bool patch_csv_fits(struct patch_target *t, bool original, const char *raw,
    size_t len, const struct delta_line *l, bool whole, struct buf *why);
bool patch_jsonl_fits(struct patch_target *t, const char *raw, size_t len,
    const struct delta_line *l, bool whole, struct buf *why);

/* The row, original or as it becomes, with what the payload and unset change;
 * appended to out. */
bool patch_csv_update(struct buf *out, struct patch_target *t, bool original,
    const char *raw, size_t len, const struct delta_line *l,
    struct buf *why);
bool patch_jsonl_update(struct buf *out, struct patch_target *t,
    const char *raw, size_t len, const struct delta_line *l,
    struct buf *why);

/* A new row; appended to out. */
bool patch_csv_insert(struct buf *out, struct patch_target *t,
    const struct delta_line *l, struct buf *why);
bool patch_jsonl_insert(struct buf *out, struct patch_target *t,
    const struct delta_line *l, struct buf *why);

/* A row of from as one of to; appended to out. */
void patch_csv_reshape(struct buf *out, struct patch_target *t,
    const char *raw, size_t len);
/* The header of to, in place of raw. */
bool patch_csv_header(struct buf *out, struct patch_target *t,
    const char *raw, size_t len);

/* What a line of DELTA_SCHEMA says about the columns of the file; false and
 * *why if they are not such that it could be done. */
bool patch_csv_columns(struct patch_target *t, const struct delta_line *l,
    struct buf *why);

/* A cell's text for a message: quoted, short. */
void patch_quote(struct buf *out, const char *p, size_t len);

#endif
