#ifndef CMD_PRESENT_DECISION_H
#define CMD_PRESENT_DECISION_H

/* How the commands show a decision about a row. */

#include "lib/base/json.h"
#include "lib/review/decided.h"

struct out;

/* "approve 2025-09-18 by Bob (tester): reason; note", without a line end. */
void present_decision_text(struct buf *out, const struct decision *d);
void present_decision(struct out *o, const struct decision *d);
/* decision, id and version on which it was made, event, by, date, source,
 * reason, note. */
void present_decision_members(struct json *j, const struct decision *d);

#endif
