#ifndef CMD_PRESENT_H
#define CMD_PRESENT_H

/*
 * How the commands show a version and what differs between two: for people,
 * and as JSON.
 */

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/json.h"
#include "lib/history/diff.h"
#include "store/store.h"

struct attrs;
struct review;
struct ctx;
struct head;
struct out;
struct refs_table;
struct rows_view;
struct signature;

struct present_version {
	const struct commit_node *node;
	const struct commit *commit;
	const struct review *review;
	bool acts;			/* all acts, not only the state */
	const struct signature *signature;	/* of the version; NULL: it and
					 * those of acts are not shown */
	uint64_t path_version;		/* 0: not said */
	const char *paths;		/* that path_version is of */
	bool full_id;
	const char *first;		/* graph before the first line, or "" */
	const char *below;		/* and before the others */
};

/* "v3 1a2b3c4d (HEAD -> main) September load" */
void present_line(struct out *o, const struct refs_table *refs,
    const struct head *head, const struct present_version *v);
/* The same with author, date, job, metadata and the whole message. */
void present_version(struct out *o, const struct refs_table *refs,
    const struct head *head, const struct present_version *v);
/* A line with nothing but the graph in it. */
void present_blank(struct out *o, const char *below);
/* The members of the version's object. */
void present_members(struct json *j, const struct refs_table *refs,
    const struct present_version *v);
void present_person(struct json *j, const struct person *p);
/* " [good signature by ada@example.org]"; nothing if there is none. */
void present_signature(struct out *o, const struct signature *s);
/* The member "signature". */
void present_signature_member(struct json *j, const struct signature *s);

/* What was, or would be, done to a ref. */
struct present_act {
	const char *done;		/* "deleted" */
	const char *name;
	const char *to;			/* its new name, or NULL */
	const struct id *id;		/* the version it named, or NULL */
	bool dry_run;
};
void present_act(struct ctx *ctx, const struct present_act *act);

enum present_style {
	PRESENT_TEXT,		/* as PRESENT_STAT, with text differences */
	PRESENT_STAT,		/* sizes and records */
	PRESENT_SUMMARY,	/* only how many */
	PRESENT_NAMES,
	PRESENT_STATUSES,	/* letter, tab, name */
	PRESENT_FORM,		/* as the form of rows says */
};

struct present_diff {
	struct out *out;
	struct repo *repo;
	struct attrs *attrs;	/* how files are cut */
	enum present_style style;
	const char *below;	/* graph before each line, or "" */
	struct rows_view *rows;	/* tables are shown row by row; NULL: not */
	struct json *array;	/* changes go here, not to lines of their own */
	struct diff_counts counts;
	bool any;
};

/* A diff_visit_fn; arg is a struct present_diff. */
err_t present_change(void *arg, const struct diff_change *change);
/* "files: 1 added, 2 modified"; nothing if nothing differs. */
void present_counts(struct present_diff *p);
/* The members "added", "modified", "deleted" and "renamed". */
void present_counts_members(struct json *j, const struct diff_counts *c);

/*
 * How many rows a version changed in its tables, as noted when it was made:
 * "prices.csv: rows: 1 inserted, 1 updated, 0 deleted", a line each; of more
 * tables than max (0: any number) one line for all.
 */
struct pathspec;
struct present_tables {
	struct out *out;
	struct store *store;
	struct pathspec *paths;		/* NULL: all */
	const char *below;		/* graph before each line, or "" */
	size_t max;
};
MUST_CHECK err_t present_tables(const struct present_tables *p,
    const struct id *commit);
/* The member "tables". */
MUST_CHECK err_t present_tables_member(struct json *j, struct store *s,
    struct pathspec *paths, const struct id *commit);

#endif
