#ifndef TABLE_ROWDIFF_INT_H
#define TABLE_ROWDIFF_INT_H

/*
 * What the files of a row diff share:
 *
 *	joint.c			columns of both sides
 *	rowdiff_digest.c	what a row is compared by
 *	rowdiff_parts.c		parts that both sides have; gaps between them
 *	rowdiff_gap.c		rows that both sides of a gap have
 *	rowdiff_step.c		those of them that are in the same place
 *	rowdiff_sum.c		the others, summed up
 *	rowdiff_match.c		what is left, by key; changes
 *	rowdiff.c		saying them
 */

#include <stdatomic.h>

#include "lib/base/pool.h"
#include "lib/base/sorter.h"
#include "lib/table/rowdiff.h"

enum { FROM, TO, SIDES };

struct rowdiff {
	struct source *sources[SIDES];
	struct key keys[SIDES];		/* by the names of each side */
	bool keyed;
	bool fixed;			/* both are CSV */
	bool cross;			/* one is CSV and the other is not */
	bool same_bytes;		/* rows of the same bytes are equal */
	bool whole;			/* parts may end within a record */
	struct joint joint;
	struct rowdiff_schema schema;
	const struct columns *only, *ignored;
	size_t memory;
	/* If fixed, by columns of each side: those that are compared, and
	 * those that only the newer one has. */
	size_t *shared[SIDES], n_shared;
	size_t *added, n_added;
	uint64_t rows[SIDES];
	struct summary_change *change;	/* NULL: not wanted, or not to be had */
	atomic_bool too_many;		/* to sum up the rest */
};

/* ---- joint.c ----------------------------------------------------------- */

/* Columns of the header of a shape; 0 if they are open. */
size_t joint_header(const struct shape *shape);
/* joint->from and to are set; finds out the rest. */
MUST_CHECK err_t joint_build(struct joint *j, struct rowdiff *d);
void joint_release(struct joint *j);
/* The joint column of a column of a side, which may be new. */
size_t joint_of(struct joint *j, unsigned side, size_t column);

/* Is a column of that name compared? */
bool rowdiff_compares(const struct rowdiff *d, const char *name, size_t len);

/* ---- rowdiff_digest.c -------------------------------------------------- */

/* What tells a row apart, and what it is. */
struct digest {
	uint8_t key[KEY_HASH];
	struct id cells;
	bool keyed;
};

/* Reads rows of one side, in one thread. */
struct digester {
	const struct rowdiff *diff;
	unsigned side;
	struct shape shape;
	struct key_finder finder;
	struct row row;			/* the last one read */
	struct {
		size_t *order;		/* of the last row, as it was */
		size_t *sorted;		/* by name */
		size_t n;
	} names;
};
void digester_init(struct digester *g, const struct rowdiff *d, unsigned side);
void digester_release(struct digester *g);
void digester_read(struct digest *out, struct digester *g, const char *raw,
    size_t len);
/* Has the row just read (of the newer side) something in a column that the
 * other side does not have? */
bool digester_filled(const struct digester *g);

/* ---- rowdiff_parts.c --------------------------------------------------- */

/* Chunks of both sides between two that are shared. */
struct gap_side {
	const struct content_part *chunks;
	size_t n;
	uint64_t record;		/* the first one, from 0 */
	bool at_start;			/* of the file */
};
struct gap {
	struct gap_side sides[SIDES];
};
typedef err_t gap_fn(void *arg, const struct gap *gap);
/* Gaps in the order of the older side. */
MUST_CHECK err_t rowdiff_gaps(struct rowdiff *d, gap_fn *fn, void *arg);

/* ---- rowdiff_gap.c ----------------------------------------------------- */

/*
 * What a row that is left carries on its way.  Positions are among the rows
 * of the newer side, from 0: that of a row which it does not have is where
 * it would be.  after: the position after the unchanged row before it.
 */
struct leftover {
	uint8_t side;
	bool keyed;
	bool filled;			/* two rows: raw2 is the newer one's */
	uint64_t number, number2;	/* from 1 */
	uint64_t at, after;
	struct digest digest;
	const char *raw, *raw2;
	size_t len, len2;
};
typedef err_t leftover_fn(void *arg, const struct leftover *left);
/* All gaps, in several threads; what is left of them comes in order. */
MUST_CHECK err_t rowdiff_leftovers(struct rowdiff *d, leftover_fn *fn,
    void *arg);

/* ---- rowdiff_step.c ---------------------------------------------------- */

#define RAW_NONE UINT32_MAX

/* A row of one side of a unit; or a run of rows, of which nothing is known but
 * that both sides have them. */
struct raw {
	const char *p;
	size_t len;
	uint32_t at;			/* row of the unit, from 0 */
	uint32_t count;			/* of a run; else 1 */
	uint32_t mate;			/* index on the other side */
	uint32_t digest;		/* index; RAW_NONE: not taken */
	bool filled;
};

struct raws {
	struct raw *v;
	size_t n, cap;
	uint32_t rows;
};

/* Rows without mates are added. */
void rowdiff_split(struct raws *out, struct rows *rows);
/* The same for both sides, but runs of rows that both have in the same place
 * are mates. */
void rowdiff_step(struct raws out[SIDES], struct rows rows[SIDES]);

/* ---- rowdiff_sum.c ----------------------------------------------------- */

/* Some of the rows that differ.  Inactive: nothing is done with them. */
struct differing {
	bool active;
	struct summing sides[SIDES];
};
void differing_begin(struct differing *out, struct rowdiff *d);
void differing_release(struct differing *x);
/* All bytes of a part of a side, of which the rows differ that are added. */
void differing_bytes(struct differing *x, unsigned side, const char *p,
    size_t len);
void differing_add(struct differing *x, unsigned side, const char *raw,
    size_t len);
/* What others found, in any order. */
void differing_take(struct rowdiff *d, const struct differing *x);

/* ---- rowdiff_match.c --------------------------------------------------- */

/* A row on its way.  number 0: there is none. */
struct kept {
	uint64_t at, after;
	uint64_t number[SIDES];
	uint8_t op;			/* in the sorter by place */
	uint8_t keyed, filled;
	uint32_t len[SIDES];
};

struct group;

/* A comparison under way. */
struct run {
	struct rowdiff *d;
	struct rowdiff_report report;
	row_change_fn *fn;
	void *arg;
	struct sorter *by_key, *by_gap, *by_place;
	struct group *group;		/* of rowdiff_match.c */
	struct buf work;
	/* The last two rows shown, and what they are shown with. */
	struct row rows[SIDES];
	struct key_finder finders[SIDES];
	size_t *changed, cap_changed;
};

/* Find the changes, count them, and put them into by_place if they are to be
 * said. */
MUST_CHECK err_t rowdiff_match(struct run *r);

/* ---- rowdiff_open.c ---------------------------------------------------- */

/* Say of the joint columns which belong to the key. */
void rowdiff_mark_key(struct rowdiff *d);

/* ---- rowdiff.c --------------------------------------------------------- */

void rowdiff_unpack(struct kept *k, const char *raw[SIDES], const char *p);
/* Two cells are the same. */
bool rowdiff_cell_same(const struct rowdiff *d, struct cell a, struct cell b);
/* Columns that a row brings become joint columns. */
void rowdiff_learn(struct rowdiff *d, unsigned side, const struct row *row);

#endif
