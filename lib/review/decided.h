#ifndef REVIEW_DECIDED_H
#define REVIEW_DECIDED_H

/*
 * What was decided about rows of a table, as far as it counts in a version:
 * on that version, or on one that it was made from.
 *
 * A decision is about a row as it was: about the path, the key, and the hash
 * of the cells.  So an unchanged row has it in every later version, carried
 * from the one on which it was made, and a changed row has none.  Of several
 * the last one is in force.  Nothing is stored when a version is made.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/history/repo.h"
#include "store/store.h"

/* Who decided, and when; of as many rows as there were. */
struct decided_act {
	struct id event;
	uint64_t number;
	struct id commit;
	uint64_t version;
	struct person actor;
	int64_t time;
	char *source, *reason, *note;	/* "" if none */
	struct buf list;		/* private */
};

struct decision {
	const struct decided_act *act;
	const uint8_t *key;		/* ROW_KEY bytes */
	struct id row;
	enum verdict verdict;
	struct decision_text source, reason, note;
};

struct decided;
/* key: of one row only, which is found without reading the rest; NULL: all
 * of them. */
MUST_CHECK err_t decided_load(struct decided **out, struct repo *r,
    const struct id *commit, const char *path, const uint8_t *key);
void decided_free(struct decided *d);		/* accepts NULL */

/* In the order in which they were made. */
size_t decided_count(const struct decided *d);
const struct decision *decided_at(const struct decided *d, size_t i);

/* Is there anything about the key? */
bool decided_has_key(const struct decided *d, const uint8_t *key);
/* The decision in force about the row, or NULL. */
const struct decision *decided_row(const struct decided *d,
    const uint8_t *key, const struct id *row);
/* The last one about a row with the key, whatever it was; or NULL. */
const struct decision *decided_key(const struct decided *d,
    const uint8_t *key);

/* The file as the subject of an event (see EVENT_SUBJECTS), without "path/";
 * and back. */
void decided_subject(struct buf *out, const char *path);
void decided_path(struct buf *out, const char *subject);

/* "approve", "reject", "modify". */
const char *decided_word(enum verdict verdict);
/* The same, or "approved", "rejected"; false if it is none. */
bool decided_parse(enum verdict *out, const char *p, size_t len);

#endif
