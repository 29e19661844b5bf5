#ifndef CMD_ROWS_H
#define CMD_ROWS_H

/*
 * Differences of tables, row by row, in the forms that "dsv diff --format"
 * knows.  rows.c runs the comparison and picks the rows; a struct rows_form
 * writes them.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/history/diff_rows.h"
#include "lib/table/delta_write.h"

struct out;
struct rows_view;

/* What was asked for. */
struct rows_options {
	const struct rows_form *form;
	struct rowdiff_options compare;
	bool schema;			/* columns only */
	bool counts;			/* only how many rows */
	enum row_op only;		/* 0: all */
	uint64_t limit;			/* of each table; 0: none */
	const char *where;		/* "COLUMN=VALUE", or NULL */
	const char *decision;		/* of the newer row, see rowstate.h; or
					 * NULL */
	struct id version;		/* the newer one, if decision is said */
	const char *title;		/* what is compared with what */
	const char *heading;		/* of a page; NULL: the usual one */
};

/* The numbers of all tables together. */
struct rows_totals {
	uint64_t tables, inserted, updated, deleted;
};

/* Output under way. */
struct rows_view {
	struct out *out;
	const struct rows_options *options;
	const char *below;		/* graph before each line, or "" */
	struct rows_totals totals;
	uint64_t files;			/* that the form has shown */
	bool begun;			/* the document has */
	/* The table: */
	struct delta_source table;
	const struct rowdiff_schema *schema;
	struct decided *decided;	/* if a decision was asked for */
	struct rowdiff_schema seen;	/* the same, of the last one shown */
	const struct joint *joint;
	uint64_t shown, left_out;	/* rows; left_out by the limit */
	void *state;			/* of the form */
};

struct rows_form {
	const char *name;
	bool data;			/* for programs: nothing else is said */
	bool one_table;			/* has no way to hold several */
	bool names_first;		/* names all columns before any row */
	void (*begin)(struct rows_view *r);		/* each may be NULL */
	void (*table)(struct rows_view *r);
	void (*row)(struct rows_view *r, const struct row_change *c);
	void (*table_end)(struct rows_view *r,
	    const struct rowdiff_report *report);
	/* After the table, or what was shown of it before an error. */
	void (*release)(struct rows_view *r);
	/* A file that differs and is no table; why may be NULL. */
	void (*other)(struct rows_view *r, const struct diff_change *c,
	    const char *why);
	void (*end)(struct rows_view *r);
};

/* "table|jsonl|…" */
#define ROWS_FORMS "table|jsonl|csv|md|html|daff|sql"
const struct rows_form *rows_form(const char *name);

/* Text in a page: nothing of it is live. */
void rows_html_text(struct out *o, const char *p, size_t len);

extern const struct rows_form rows_table, rows_html, rows_jsonl, rows_csv,
    rows_md, rows_daff, rows_sql;

/*
 * Compare the two sides and show what differs.  *shown is false if they are
 * no tables; *reason then says why one is not read as rows, or is NULL.
 * report may be NULL.
 */
MUST_CHECK err_t rows_show(bool *shown, const char **reason,
    struct rowdiff_report *report, struct rows_view *r, struct repo *repo,
    struct attrs *attrs, const struct diff_change *change);
MUST_CHECK err_t rows_show_files(bool *shown, const char **reason,
    struct rowdiff_report *report, struct rows_view *r, const char *from,
    const char *to);
/* A file that is not shown as rows. */
void rows_other(struct rows_view *r, const struct diff_change *change,
    const char *why);
void rows_end(struct rows_view *r);

/* Is a joint column shown? */
bool rows_shows(const struct rows_view *r, size_t joint);
/* Does anything differ? */
bool rows_differ(const struct rows_view *r,
    const struct rowdiff_report *report);
/* "rows: 3 inserted, 2 updated, …; schema: +1 column" */
void rows_footer(struct buf *out, const struct rows_view *r,
    const struct rowdiff_report *report);
/* What became of columns, one after the other: mark is '+', '-', '~' (renamed,
 * with the name that it had) or 0. */
char rows_column(const char **old, size_t *old_len, const char **name,
    size_t *len, const struct rows_view *r, size_t joint);

#endif
