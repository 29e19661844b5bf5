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

/* ---- patch_group.c ---------------------------------------------------- */

/* A row of the file that lines may be about, or one that a line inserted. */
struct grown {
	uint64_t number;		/* in the file; 0: inserted */
	uint64_t line;			/* that inserted it */
	struct buf raw;			/* as the file has it */
	struct buf now;			/* as it becomes */
	uint32_t version;		/* how often it was changed */
	bool touched, gone;
};
/* As the next line meets it: original until one has touched it. */
static inline const struct buf *
patch_grown_bytes(const struct grown *row)
{
	return row->touched ? &row->now : &row->raw;
}

/* Those of one key, or with the same cells. */
struct patch_group {
	struct grown *v;
	size_t n, cap;
	size_t loaded;			/* the first of them: of the file */
	size_t live;			/* not gone */
	size_t bytes;
	/* private */
	struct patch_index *indexes;
	size_t n_indexes, next_index;
};
void patch_group_clear(struct patch_group *g);
void patch_group_release(struct patch_group *g);

/* All rows of the file come before what is inserted, ordered by number. */
void patch_group_load(struct patch_group *g, struct patch_target *t,
    uint64_t number, const char *raw, size_t len);

/*
 * The row that the line is about: one that no line has touched yet comes
 * before one that has been.  If several fit and are not the same, the line's
 * row number decides.  NULL and *why if there is none.  Borrowed until rows
 * come or go.  whole: before is all of its cells.
 */
struct grown *patch_group_pick(struct patch_group *g,
    struct patch_target *t, const struct delta_line *l, bool whole,
    struct buf *why);

/* They take *now over. */
void patch_group_update(struct patch_group *g, struct patch_target *t,
    struct grown *row, struct buf *now);
void patch_group_insert(struct patch_group *g, struct patch_target *t,
    uint64_t line, struct buf *now);
void patch_group_delete(struct patch_group *g, struct grown *row);

/* A cell's text for a message: quoted, short. */
void patch_quote(struct buf *out, const char *p, size_t len);

#endif
