#include "store/count.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "store/children.h"
#include "store/db.h"

void
counts_release(struct counts *c)
{
	free(c->slots);
	*c = (struct counts)COUNTS_INIT;
}

static struct count *
slot_of(const struct counts *c, enum kind kind, const struct id *id)
{
	uint64_t h;
	size_t i;

	memcpy(&h, id->b, sizeof(h));
	for (i = (size_t)(h + kind) & (c->cap - 1);;
	    i = (i + 1) & (c->cap - 1)) {
		struct count *slot = &c->slots[i];

		if (!slot->kind || (slot->kind == kind &&
		    id_eq(&slot->id, id)))
			return slot;
	}
}

static void
grow(struct counts *c)
{
	struct counts bigger = { NULL, c->n, c->cap ? c->cap * 2 : 256 };

	bigger.slots = mem_array(bigger.cap, sizeof(*bigger.slots));
	for (size_t i = 0; i < c->cap; i++)
		if (c->slots[i].kind)
			*slot_of(&bigger, c->slots[i].kind,
			    &c->slots[i].id) = c->slots[i];
	free(c->slots);
	*c = bigger;
}

void
counts_add(struct counts *c, enum kind kind, const struct id *id,
    int64_t change)
{
	struct count *slot;

	if (c->n * 4 >= c->cap * 3)
		grow(c);
	slot = slot_of(c, kind, id);
	if (!slot->kind) {
		slot->kind = kind;
		slot->id = *id;
		c->n++;
	}
	slot->change += change;
}

int64_t
counts_take(struct counts *c, enum kind kind, const struct id *id)
{
	struct count *slot = c->cap ? slot_of(c, kind, id) : NULL;
	int64_t change;

	if (!slot || !slot->kind)
		return 0;
	change = slot->change;
	slot->change = 0;
	return change;
}

struct children {
	struct counts *counts;
	struct db *db;
	int64_t change;
};

static err_t
count_child(void *arg, enum kind kind, const struct id *id)
{
	struct children *c = arg;
	struct id recipe;
	bool found;
	err_t err;

	if (kind) {
		counts_add(c->counts, kind, id, c->change);
		return NULL;
	}
	err = db_row(&found, c->db, "SELECT recipe FROM file WHERE id = ?",
	    "d", "d", id, &recipe);
	if (!err)
		counts_add(c->counts, found ? KIND_RECIPE : KIND_CHUNK,
		    found ? &recipe : id, c->change);
	return err;
}

err_t
counts_children(struct counts *c, struct db *db, enum kind kind,
    const void *p, size_t len, int64_t change)
{
	struct children arg = { c, db, change };

	return children_walk(kind, p, len, count_child, &arg);
}

err_t
counts_apply(struct counts *c, struct db *db)
{
	err_t err = NULL;

	for (size_t i = 0; !err && i < c->cap; i++) {
		const struct count *slot = &c->slots[i];

		if (slot->kind && slot->change)
			err = db_run(db, "UPDATE object SET refs = refs + ? "
			    "WHERE id = ? AND kind = ?", "idi", slot->change,
			    &slot->id, (int64_t)slot->kind);
	}
	return err;
}
