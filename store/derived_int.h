#ifndef STORE_DERIVED_INT_H
#define STORE_DERIVED_INT_H

/*
 * What derived.h promises, kind by kind: fact.c, rows.c, decisions.c.
 */

#include "store/derived.h"

MUST_CHECK err_t fact_insert(struct db *db, const struct id *object,
    const void *p, size_t len);
MUST_CHECK err_t fact_delete(struct db *db, const struct id *object,
    const void *p, size_t len);
MUST_CHECK err_t fact_has_subject(bool *out, struct db *db, const void *p,
    size_t len);
MUST_CHECK err_t fact_mark(struct marking *m, uint32_t flag);

MUST_CHECK err_t rows_insert(struct store *s, const struct id *object,
    const void *p, size_t len);
MUST_CHECK err_t rows_delete(struct db *db, const struct id *object,
    const void *p, size_t len);
MUST_CHECK err_t rows_have_subject(bool *out, struct db *db, const void *p,
    size_t len);
MUST_CHECK err_t rows_mark(struct marking *m, uint32_t flag);

MUST_CHECK err_t decisions_insert(struct db *db, const struct id *object,
    const void *p, size_t len);
MUST_CHECK err_t decisions_delete(struct db *db, const struct id *object);
MUST_CHECK err_t decisions_have_subject(bool *out, struct db *db,
    const struct id *object);
MUST_CHECK err_t decisions_mark(struct marking *m, uint32_t flag);

#endif
