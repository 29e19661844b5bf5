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

/* The fields that the index has. */
struct changes {
	struct id commit;
	const char *path, *key;
	size_t path_len, key_len;
	bool listed;
};

static void
take_id(struct id *out, struct part *p)
{
	const void *bytes = part_bytes(p, ID_SIZE);

	if (bytes)
		memcpy(out->b, bytes, ID_SIZE);
}

/* What is left of p are the keys, if they are listed. */
static void
read_changes(struct changes *out, struct part *p)
{
	unsigned extent;

	take_id(&out->commit, p);
	out->path_len = part_number(p);
	out->path = part_bytes(p, out->path_len);
	out->key_len = part_number(p);
	out->key = part_bytes(p, out->key_len);
	part_bytes(p, 2 * ID_SIZE);
	extent = part_byte(p);
	out->listed = extent == 1;
	for (int i = 0; extent < 3 && i < 5; i++)
		part_number(p);
	if (extent < 1 || extent > 3 || (extent == 2 && p->left) ||
	    (extent == 1 && p->left % 16))
		p->bad = true;
}

static err_t
look_keys(struct fsck *f, const struct id *object, struct part *p,
    int64_t series, int64_t rows)
{
	const char *last = NULL, *key;
	int64_t there;
	bool found;
	err_t err = NULL;

	while (!err && (key = part_bytes(p, 16)) != NULL) {
		if (last && memcmp(last, key, 16) >= 0)
			return fsck_say_id(f, "rows", object, "its keys are "
			    "not in order");
		last = key;
		err = db_row(&found, f->store->db, "SELECT rows FROM posting "
		    "WHERE series = ? AND key = ? AND rows = ?", "ibi", "i",
		    series, key, (size_t)16, rows, &there);
		if (!err && !found)
			return fsck_say_id(f, "rows", object, "the index does "
			    "not have all of its keys");
		f->postings++;
	}
	return err;
}

static err_t
look_rows(struct fsck *f, const struct id *object, struct part *p)
{
	struct changes c;
	struct id in_index;
	int64_t version, series, notes, all, n, keys, want;
	bool found;
	err_t err;

	read_changes(&c, p);
	if (p->bad)
		return fsck_say_id(f, "rows", object, "it is damaged");
	err = db_row(&found, f->store->db, "SELECT version FROM version "
	    "WHERE id = ?", "d", "i", &c.commit, &version);
	if (!err && !found)
		return fsck_say_id(f, "rows", object, "its version is not in "
		    "the history");
	if (!err)
		err = db_row(&found, f->store->db, "SELECT s.n, "
		    "s.notes, s.keys, r.n, r.keys, r.object FROM series s "
		    "JOIN rows r ON r.series = s.n AND r.version = ? WHERE "
		    "s.path = ? AND s.key = ?", "dbb", "iiiiid", &c.commit,
		    c.path, c.path_len, c.key, c.key_len, &series, &notes,
		    &all, &n, &keys, &in_index);
	if (err)
		return err;
	want = c.listed && p->left <= 10000 * 16 ? (int64_t)p->left / 16 : -1;
	if (!found || id_cmp(&in_index, object) > 0 ||
	    (id_eq(&in_index, object) && keys != want))
		return fsck_say_id(f, "rows", object, "the index does not "
		    "have it");
	if (!id_eq(&in_index, object))
		return NULL;
	f->changes++;
	return keys >= 0 && (notes > 256 || all > 16384) ?
	    look_keys(f, object, p, series, n) : NULL;
}

/* The path and the key, which are passed over. */
static const void *
take_bytes(size_t *len, struct part *p)
{
	*len = part_number(p);
	return part_bytes(p, *len);
}

static err_t
look_decision(struct fsck *f, const struct id *object, const char *key,
    int64_t list, bool again)
{
	int64_t there;
	bool found = true;
	err_t err = NULL;

	if (again)
		return NULL;
	f->decided++;
	err = db_row(&found, f->store->db, "SELECT list FROM decision WHERE "
	    "key = ? AND list = ?", "bi", "i", key, (size_t)16, list, &there);
	if (!err && !found)
		err = fsck_say_id(f, "decisions", object, "the index does "
		    "not have all of its keys");
	return err;
}

/* Key, row, verdict and three texts, ascending by the first two. */
static err_t
look_decided(struct fsck *f, const struct id *object, struct part *p,
    int64_t list)
{
	const char *last = NULL, *at;
	unsigned verdict;
	size_t len;
	err_t err = NULL;

	while (!err && !p->bad && p->left) {
		at = part_bytes(p, 16 + ID_SIZE);
		verdict = part_byte(p);
		for (int i = 0; i < 3; i++)
			take_bytes(&len, p);
		if (p->bad || verdict < 1 || verdict > 3 ||
		    (last && memcmp(last, at, 16 + ID_SIZE) >= 0))
			break;
		err = look_decision(f, object, at, list, last &&
		    memcmp(last, at, 16) == 0);
		last = at;
	}
	if (!err && (p->bad || p->left || !last))
		err = fsck_say_id(f, "decisions", object, "it is damaged");
	return err;
}

static err_t
look_decisions(struct fsck *f, const struct id *object, struct part *p)
{
	char name[ID_HEX + 16] = "decisions/";
	const void *path;
	size_t path_len, key_len;
	int64_t n, event;
	bool found;
	err_t err;

	path = take_bytes(&path_len, p);
	take_bytes(&key_len, p);
	if (p->bad || !path_len)
		return fsck_say_id(f, "decisions", object, "it is damaged");
	err = db_row(&found, f->store->db, "SELECT n FROM decisions WHERE "
	    "object = ? AND path = ?", "db", "i", object, path, path_len, &n);
	if (!err && !found)
		return fsck_say_id(f, "decisions", object, "the index does "
		    "not have it");
	f->lists += !err;
	id_hex(name + strlen(name), object);
	if (!err)
		err = db_row(&found, f->store->db, "SELECT event FROM subject "
		    "WHERE name = ?", "s", "i", name, &event);
	if (!err && !found)
		err = fsck_say_id(f, "decisions", object, "no act names it");
	return err ? err : look_decided(f, object, p, n);
}

err_t
fsck_derived(struct fsck *f, enum kind kind, const struct id *object,
    const void *bytes, size_t len)
{
	struct part p = { bytes, len, false };

	if (kind == KIND_TABLE)
		return look_fact(f, object, &p);
	if (kind == KIND_ROWS)
		return look_rows(f, object, &p);
	return kind == KIND_DECISIONS ? look_decisions(f, object, &p) : NULL;
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
	int64_t facts, changes, postings, wrong, lists, decided;
	bool found;
	err_t err;

	/* What is damaged was not seen; that was said. */
	if (f->totals->findings)
		return NULL;
	err = db_row(&found, f->store->db, "SELECT (SELECT count(*) FROM "
	    "fact), (SELECT count(*) FROM rows), (SELECT count(*) FROM "
	    "posting), (SELECT count(*) FROM series s WHERE NOT EXISTS (SELECT "
	    "1 FROM rows WHERE series = s.n) OR (notes, keys) <> (SELECT "
	    "count(*), ifnull(sum(keys), 0) FROM rows WHERE series = s.n AND "
	    "keys >= 0)), (SELECT count(*) FROM decisions), (SELECT "
	    "count(*) FROM decision)", "", "iiiiii", &facts, &changes,
	    &postings, &wrong, &lists, &decided);
	if (!err)
		err = compare(f, "fact", facts, f->facts);
	if (!err)
		err = compare(f, "rows", changes, f->changes);
	if (!err)
		err = compare(f, "posting", postings, f->postings);
	if (!err && wrong)
		err = fsck_say(f, "index", "series", "counts other row "
		    "changes than there are");
	if (!err)
		err = compare(f, "decisions", lists, f->lists);
	if (!err)
		err = compare(f, "decision", decided, f->decided);
	return err;
}
