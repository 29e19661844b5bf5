/*
 * Recipes: how a file of several chunks is put together.  The layout and the
 * rule for the lengths of lists are in store_int.h; dsv-format(5) is the
 * public description.
 */

#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "store/lineage.h"
#include "store/store_int.h"

void
recipe_init(struct recipe *r, struct txn *t, const struct lineage *lineage)
{
	memset(r, 0, sizeof(*r));
	r->txn = t;
	r->lineage = lineage;
}

void
recipe_release(struct recipe *r)
{
	for (unsigned h = 0; h <= RECIPE_HEIGHT_MAX; h++)
		free(r->levels[h]);
	memset(r->levels, 0, sizeof(r->levels));
}

/* ---- encoding ---------------------------------------------------------- */

static void
encode_entries(struct buf *out, const struct recipe_level *level,
    unsigned height)
{
	for (size_t i = 0; i < level->n; i++) {
		const struct recipe_entry *e = &level->entries[i];

		buf_add(out, e->id.b, ID_SIZE);
		buf_varint(out, e->size);
		buf_varint(out, e->records * 2 + e->partial);
		if (height)
			buf_varint(out, e->chunks);
	}
}

static bool
list_ends(const struct recipe_level *level)
{
	const struct recipe_entry *last = &level->entries[level->n - 1];

	return level->n == RECIPE_LIST_MAX ||
	    (level->n >= RECIPE_LIST_MIN && last->id.b[0] >> 2 == 0);
}

static err_t push(struct recipe *r, unsigned height,
    const struct recipe_entry *e);

/* The node of the previous version at the place of the list. */
struct place_in_recipe {
	const struct recipe *recipe;
	unsigned height;
	uint64_t chunk;
};

static err_t
near_node(void *arg, bool *found, struct id *out)
{
	const struct place_in_recipe *at = arg;
	const struct lineage *l = at->recipe->lineage;
	const struct id *id = l ? lineage_node(l, at->height, at->chunk) :
	    NULL;

	*found = id != NULL;
	if (id)
		*out = *id;
	return NULL;
}

/* The list at this height is complete: store it as a node, one level up. */
static err_t
spill(struct recipe *r, unsigned height)
{
	struct recipe_level *level = r->levels[height];
	struct recipe_entry up = { .size = 0 };
	struct place_in_recipe at;
	struct buf b = BUF_INIT;
	err_t err;

	buf_char(&b, (char)height);
	encode_entries(&b, level, height);
	for (size_t i = 0; i < level->n; i++) {
		up.size += level->entries[i].size;
		up.records += level->entries[i].records;
		up.chunks += level->entries[i].chunks;
		up.partial |= level->entries[i].partial;
	}
	at = (struct place_in_recipe){ r, height,
	    level->before + up.chunks / 2 };
	level->n = 0;
	level->spilled = true;
	level->before += up.chunks;
	err = object_put_near(&up.id, r->txn, KIND_NODE, b.p, b.len,
	    near_node, &at);
	buf_release(&b);
	return err ? err : push(r, height + 1, &up);
}

static err_t
push(struct recipe *r, unsigned height, const struct recipe_entry *e)
{
	struct recipe_level *level;

	if (height > RECIPE_HEIGHT_MAX)
		return err_new(ERR_USAGE, "a file of this size cannot be "
		    "stored");
	if (!r->levels[height])
		r->levels[height] = mem_zalloc(sizeof(*level));
	level = r->levels[height];
	level->entries[level->n++] = *e;
	return list_ends(level) ? spill(r, height) : NULL;
}

err_t
recipe_add(struct recipe *r, const struct recipe_entry *e)
{
	r->total.size += e->size;
	r->total.records += e->records;
	r->total.chunks += e->chunks;
	return push(r, 0, e);
}

err_t
recipe_end(struct recipe *r, const struct id *content, enum cut cut)
{
	struct buf b = BUF_INIT;
	unsigned height = 0;
	struct id root;
	bool known;
	err_t err;

	if (r->total.chunks == 1)
		return NULL;
	err = pack_has_file(&known, r->txn->pack, content);
	if (err || known)
		return err;
	/* What is left at a height goes up if something else went up from
	 * there; the first height from which nothing did is the root's. */
	while (!err && r->levels[height]->spilled) {
		if (r->levels[height]->n)
			err = spill(r, height);
		height++;
	}
	if (err)
		return err;
	buf_char(&b, (char)height);
	buf_char(&b, (char)cut);
	buf_add(&b, content->b, ID_SIZE);
	buf_varint(&b, r->total.size);
	buf_varint(&b, r->total.records);
	buf_varint(&b, r->total.chunks);
	encode_entries(&b, r->levels[height], height);
	err = object_put(&root, r->txn, KIND_RECIPE, b.p, b.len);
	buf_release(&b);
	if (!err)
		pack_file(r->txn->pack, content, &root);
	return err;
}

/* ---- decoding ---------------------------------------------------------- */

err_t
recipe_decode_node(struct recipe_decoder *out, const void *p, size_t len)
{
	struct recipe_decoder d = { .c = cursor_of(p, len) };

	d.height = cursor_u8(&d.c);
	if (d.c.bad || d.height > RECIPE_HEIGHT_MAX)
		return err_new(ERR_CORRUPT, "recipe has no valid height");
	if (!cursor_left(&d.c))
		return err_new(ERR_CORRUPT, "recipe has nothing in it");
	*out = d;
	return NULL;
}

err_t
recipe_decode_root(struct recipe_decoder *out, struct recipe_head *head,
    const void *p, size_t len)
{
	struct recipe_decoder d;
	const char *content;
	err_t err;

	err = recipe_decode_node(&d, p, len);
	if (err)
		return err;
	head->cut = cursor_u8(&d.c);
	content = cursor_take(&d.c, ID_SIZE);
	head->size = cursor_varint(&d.c);
	head->records = cursor_varint(&d.c);
	head->chunks = cursor_varint(&d.c);
	if (d.c.bad || head->cut < CUT_BINARY || head->cut > CUT_MAX ||
	    head->chunks < 2 || head->chunks > head->size ||
	    head->size > INT64_MAX || !cursor_left(&d.c))
		return err_new(ERR_CORRUPT, "recipe has a damaged head");
	memcpy(head->content.b, content, ID_SIZE);
	*out = d;
	return NULL;
}

bool
recipe_next(struct recipe_entry *out, struct recipe_decoder *d, err_t *err)
{
	struct recipe_entry e = { .chunks = 1 };
	const char *id;

	*err = NULL;
	if (cursor_left(&d->c) == 0)
		return false;
	id = cursor_take(&d->c, ID_SIZE);
	e.size = cursor_varint(&d->c);
	e.records = cursor_varint(&d->c);
	e.partial = e.records & 1;
	e.records >>= 1;
	if (d->height)
		e.chunks = cursor_varint(&d->c);
	/* No chunk is empty: so what is gone through is bounded by the size. */
	if (d->c.bad || !e.chunks || e.chunks > e.size ||
	    (d->height == 0 && e.size > OBJECT_MAX)) {
		*err = err_new(ERR_CORRUPT, "recipe is damaged");
		return false;
	}
	memcpy(e.id.b, id, ID_SIZE);
	*out = e;
	return true;
}
