/*
 * Reference counts, counted anew from the bytes of what is stored.
 */

#include <string.h>

#include "store/fsck_int.h"

static err_t
content(struct fsck *f, const struct id *id)
{
	struct id recipe;
	bool found;
	err_t err;

	err = db_row(&found, f->store->db, "SELECT recipe FROM file "
	    "WHERE id = ?", "d", "d", id, &recipe);
	if (!err)
		counts_add(&f->counts, found ? KIND_RECIPE : KIND_CHUNK,
		    found ? &recipe : id, 1);
	return err;
}

static err_t
tree(struct fsck *f, struct part *p)
{
	unsigned height = part_byte(p);
	err_t err = NULL;

	while (!err && !p->bad && p->left) {
		unsigned mode = height ? 4 : part_byte(p);
		const void *bytes;
		struct id id;

		part_bytes(p, part_number(p));
		bytes = part_bytes(p, ID_SIZE);
		if (!height)
			part_number(p);
		if (p->bad)
			break;
		memcpy(id.b, bytes, ID_SIZE);
		if (mode == 4)
			counts_add(&f->counts, KIND_TREE, &id, 1);
		else
			err = content(f, &id);
	}
	return err;
}

static void
list(struct fsck *f, struct part *p, unsigned height)
{
	while (!p->bad && p->left) {
		const void *bytes = part_bytes(p, ID_SIZE);
		struct id id;

		part_number(p);
		part_number(p);
		if (height)
			part_number(p);
		if (p->bad)
			break;
		memcpy(id.b, bytes, ID_SIZE);
		counts_add(&f->counts, height ? KIND_NODE : KIND_CHUNK, &id,
		    1);
	}
}

static void
recipe(struct fsck *f, struct part *p)
{
	unsigned height = part_byte(p);

	part_byte(p);
	part_bytes(p, ID_SIZE);
	for (int i = 0; i < 3; i++)
		part_number(p);
	list(f, p, height);
}

static void
commit(struct fsck *f, struct part *p)
{
	struct fsck_line line;
	struct id id;

	while (fsck_line(&line, p)) {
		if (!fsck_line_id(&id, line.value, line.len))
			continue;
		if (fsck_line_is(&line, "tree"))
			counts_add(&f->counts, KIND_TREE, &id, 1);
		else if (fsck_line_is(&line, "parent"))
			counts_add(&f->counts, KIND_COMMIT, &id, 1);
	}
}

err_t
fsck_count(struct fsck *f, enum kind kind, const void *bytes, size_t len)
{
	struct part p = { bytes, len, false };

	if (kind == KIND_TREE)
		return tree(f, &p);
	if (kind == KIND_RECIPE)
		recipe(f, &p);
	else if (kind == KIND_NODE)
		list(f, &p, part_byte(&p));
	else if (kind == KIND_COMMIT)
		commit(f, &p);
	return NULL;
}

static err_t
count_refs(struct fsck *f)
{
	struct query *q = NULL;
	struct id id;
	err_t err;

	err = db_query(&q, f->store->db, "SELECT target FROM ref", "");
	while (!err && db_next(&err, q, "d", &id))
		counts_add(&f->counts, KIND_COMMIT, &id, 1);
	db_done(q);
	return err;
}

err_t
fsck_compare_counts(struct fsck *f)
{
	struct query *q = NULL;
	int64_t kind, refs;
	struct id id;
	err_t err;

	/* With something damaged the count cannot be right; that was said. */
	if (f->totals->findings)
		return NULL;
	err = count_refs(f);
	if (!err)
		err = db_query(&q, f->store->db, "SELECT id, kind, refs "
		    "FROM object", "");
	while (!err && db_next(&err, q, "dii", &id, &kind, &refs)) {
		int64_t seen = counts_take(&f->counts, (enum kind)kind, &id);

		if (seen != refs)
			err = fsck_say_id(f, kind_name((enum kind)kind), &id,
			    "the index counts %lld references to it, and "
			    "there are %lld", (long long)refs,
			    (long long)seen);
	}
	db_done(q);
	return err;
}
