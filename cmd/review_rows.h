#ifndef CMD_REVIEW_ROWS_H
#define CMD_REVIEW_ROWS_H

/* What was decided about the rows of a version, and what is pending, for the
 * reviewer's desk. */

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/json.h"
#include "lib/history/repo.h"

struct out;

struct review_rows {
	struct out *out;
	struct repo *repo;
	bool rows;		/* of every table with a key, and each row that
				 * is pending; else only how many there are of
				 * tables about which anything was decided */
	uint64_t limit;		/* pending rows of each table; 0: all */
};

MUST_CHECK err_t review_rows_text(const struct review_rows *v,
    const struct commit_node *node);
MUST_CHECK err_t review_rows_html(const struct review_rows *v,
    const struct commit_node *node);
/* The member "decisions". */
MUST_CHECK err_t review_rows_json(struct json *j,
    const struct review_rows *v, const struct commit_node *node);

#endif
