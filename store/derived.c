#include "store/derived.h"

#include "store/derived_int.h"
#include "store/store_int.h"

err_t
derived_insert(struct store *s, enum kind kind, const struct id *object,
    const void *p, size_t len)
{
	if (kind == KIND_TABLE)
		return fact_insert(s->db, object, p, len);
	if (kind == KIND_ROWS)
		return rows_insert(s, object, p, len);
	return kind == KIND_DECISIONS ? decisions_insert(s->db, object, p,
	    len) : NULL;
}

err_t
derived_delete(struct db *db, enum kind kind, const struct id *object,
    const void *p, size_t len)
{
	if (kind == KIND_TABLE)
		return fact_delete(db, object, p, len);
	if (kind == KIND_ROWS)
		return rows_delete(db, object, p, len);
	return kind == KIND_DECISIONS ? decisions_delete(db, object) : NULL;
}

err_t
derived_has_subject(bool *out, struct db *db, enum kind kind,
    const struct id *object, const void *p, size_t len)
{
	if (kind == KIND_TABLE)
		return fact_has_subject(out, db, p, len);
	return kind == KIND_ROWS ? rows_have_subject(out, db, p, len) :
	    decisions_have_subject(out, db, object);
}

err_t
derived_mark(struct marking *m, uint32_t flag)
{
	err_t err = fact_mark(m, flag);

	if (!err)
		err = rows_mark(m, flag);
	return err ? err : decisions_mark(m, flag);
}

err_t
derived_walk(struct db *db, derived_fn *fn, void *arg)
{
	struct query *q = NULL;
	struct id about, object;
	int64_t kind;
	err_t err;

	err = db_query(&q, db, "SELECT 7, about, object FROM fact UNION ALL "
	    "SELECT 8, version, object FROM rows", "");
	while (!err && db_next(&err, q, "idd", &kind, &about, &object))
		err = fn(arg, (enum kind)kind, &about, &object);
	db_done(q);
	return err;
}
