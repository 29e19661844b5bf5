/*
 * What is derived from other objects: it is about something that is stored,
 * and the index knows it, and nothing else of the kind.
 */

#include <string.h>

#include "store/fsck_int.h"

static err_t
look_fact(struct fsck *f, const struct id *object, struct part *p)
{
	const void *about_bytes = part_bytes(p, ID_SIZE);
	const void *how_bytes = part_bytes(p, ID_SIZE);
	struct id about, how, in_index;
	int64_t kind;
	bool found;
	err_t err;

	if (p->bad)
		return fsck_say_id(f, "table", object, "it is cut short");
	memcpy(about.b, about_bytes, ID_SIZE);
	memcpy(how.b, how_bytes, ID_SIZE);
	err = db_row(&found, f->store->db, "SELECT object FROM fact "
	    "WHERE about = ? AND how = ?", "dd", "d", &about, &how,
	    &in_index);
	if (!err && (!found || id_cmp(&in_index, object) > 0))
		return fsck_say_id(f, "table", object, "the index does not "
		    "have it");
	f->facts += !err && id_eq(&in_index, object);
	if (!err)
		err = db_row(&found, f->store->db, "SELECT kind FROM object "
		    "WHERE id = ? AND (kind = 1 OR kind = 3) UNION ALL "
		    "SELECT 2 FROM file WHERE id = ?", "dd", "i", &about,
		    &about, &kind);
	if (!err && !found)
		err = fsck_say_id(f, "table", object, "what it is about is "
		    "not stored");
	return err;
}

err_t
fsck_derived(struct fsck *f, enum kind kind, const struct id *object,
    const void *bytes, size_t len)
{
	struct part p = { bytes, len, false };

	return kind == KIND_TABLE ? look_fact(f, object, &p) : NULL;
}

/* Rows of the index that no object stands behind. */
static err_t
compare(struct fsck *f, const char *table, int64_t rows, uint64_t seen)
{
	if ((uint64_t)rows == seen)
		return NULL;
	return fsck_say(f, "index", table, "has %lld rows, and the objects "
	    "give %llu", (long long)rows, (unsigned long long)seen);
}

err_t
fsck_compare_derived(struct fsck *f)
{
	int64_t facts;
	bool found;
	err_t err;

	/* What is damaged was not seen; that was said. */
	if (f->totals->findings)
		return NULL;
	err = db_row(&found, f->store->db, "SELECT count(*) FROM fact", "",
	    "i", &facts);
	if (!err)
		err = compare(f, "fact", facts, f->facts);
	return err;
}
