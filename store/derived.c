#include "store/derived.h"

#include "store/derived_int.h"

err_t
derived_insert(struct db *db, enum kind kind, const struct id *object,
    const void *p, size_t len)
{
	return kind == KIND_TABLE ? fact_insert(db, object, p, len) : NULL;
}

err_t
derived_delete(struct db *db, enum kind kind, const struct id *object,
    const void *p, size_t len)
{
	return kind == KIND_TABLE ? fact_delete(db, object, p, len) : NULL;
}

err_t
derived_has_subject(bool *out, struct db *db, enum kind kind, const void *p,
    size_t len)
{
	*out = false;
	return kind == KIND_TABLE ? fact_has_subject(out, db, p, len) : NULL;
}

err_t
derived_mark(struct marking *m, uint32_t flag)
{
	return fact_mark(m, flag);
}
