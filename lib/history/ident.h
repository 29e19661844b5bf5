#ifndef HISTORY_IDENT_H
#define HISTORY_IDENT_H

/*
 * Who acts: DSV_USER ("Ada <ada@example.org>" or a bare name), else
 * user.name and user.email from config, else the OS user.
 */

#include <stdbool.h>

#include "lib/base/err.h"
#include "store/format.h"

struct config;

struct ident {
	struct person who;
	const char *layer;	/* "env", "config", "os"; static */
};
#define IDENT_INIT { { NULL, NULL }, NULL }

MUST_CHECK err_t ident_get(struct ident *out, const struct config *c);
void ident_release(struct ident *id);

/* "Name <email>" or a bare name; ERR_USAGE if it cannot be stored. */
MUST_CHECK err_t person_parse(struct person *out, const char *text);
void person_release(struct person *p);

/*
 * One person, as far as can be told: the same name or the same address, in any
 * case, or the address of one is the name of the other.  Who has one of them in
 * common with another is taken for the same, so that nobody counts twice.
 */
bool person_same(const struct person *a, const struct person *b);
/* Is it who the text names, by name, address or both? */
bool person_is(const struct person *p, const char *text);
/* "Ada <ada@example.org>", or the name alone. */
void person_text(struct buf *out, const struct person *p);

/* An event by this ident, now: act, time, actor and identity filled in. */
MUST_CHECK err_t ident_event(struct event *out, const struct config *c,
    const char *act);

#endif
