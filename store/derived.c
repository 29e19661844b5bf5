#include "store/derived.h"

#include "store/derived_int.h"

err_t
derived_insert(struct db *db, enum kind kind, const struct id *object,
    const void *p, size_t len)
{
	if (kind == KIND_TABLE)
		return fact_insert(db, object, p, len);
	return kind == KIND_ROWS ? rows_insert(db, object, p, len) : NULL;
}

err_t
derived_delete(struct db *db, enum kind kind, const struct id *object,
    const void *p, size_t len)
{
	if (kind == KIND_TABLE)
		return fact_delete(db, object, p, len);
	return kind == KIND_ROWS ? rows_delete(db, object, p, len) : NULL;
}

err_t
derived_has_subject(bool *out, struct db *db, enum kind kind, const void *p,
    size_t len)
{
	return kind == KIND_TABLE ? fact_has_subject(out, db, p, len) :
	    rows_have_subject(out, db, p, len);
}

err_t
derived_mark(struct marking *m, uint32_t flag)
{
	err_t err = fact_mark(m, flag);

	return err ? err : rows_mark(m, flag);
}
