/*
 * Reading trees.  A directory of many entries is several objects, a B-tree
 * whose nodes are cut by their names (store/format.h); the cursor here shows
 * it as one list in which whole objects may be stepped over.
 */

#include "lib/history/tree.h"

#include <string.h>

#include "lib/history/tree_int.h"

static err_t
corrupt(const char *fact)
{
	return err_new(ERR_CORRUPT, "damaged tree: %s; run \"dsv fsck\"", fact);
}

/* ---- cursor ------------------------------------------------------------ */

/* Open the object below the levels in use. */
static err_t
load(struct tree_cursor *c, const struct id *id)
{
	struct tree_level *l = &c->levels[c->depth];
	err_t err;

	buf_clear(&l->data);
	err = object_need(&l->data, c->store, KIND_TREE, id);
	if (err)
		return err;
	err = tree_decode_begin(&l->decoder, l->data.p, l->data.len);
	if (err)
		return err;
	if (c->depth && l->decoder.height + 1 != l[-1].decoder.height)
		return corrupt("an object is at the wrong height");
	if (c->depth && !cursor_left(&l->decoder.c))
		return corrupt("an object is empty");
	c->depth++;
	return NULL;
}

err_t
tree_cursor_step(struct tree_cursor *c)
{
	err_t err = NULL;

	while (c->depth) {
		struct tree_level *l = &c->levels[c->depth - 1];

		if (tree_decode_next(&c->item, &l->decoder, &err)) {
			c->height = l->decoder.height;
			return NULL;
		}
		if (err)
			return err;
		c->depth--;
	}
	c->end = true;
	return NULL;
}

err_t
tree_cursor_enter(struct tree_cursor *c)
{
	struct id id = c->item.id;
	err_t err = load(c, &id);

	return err ? err : tree_cursor_step(c);
}

err_t
tree_cursor_to_entry(struct tree_cursor *c)
{
	err_t err = NULL;

	while (!err && !c->end && c->height)
		err = tree_cursor_enter(c);
	return err;
}

err_t
tree_cursor_open(struct tree_cursor *out, struct store *s,
    const struct id *id)
{
	err_t err = NULL;

	out->store = s;
	out->end = false;
	out->depth = 0;
	if (!id_is_zero(id))
		err = load(out, id);
	return err ? err : tree_cursor_step(out);
}

void
tree_cursor_close(struct tree_cursor *c)
{
	for (unsigned i = 0; i <= TREE_HEIGHT_MAX; i++)
		buf_release(&c->levels[i].data);
}

/* ---- lookup ------------------------------------------------------------ */

static int
name_cmp(const struct tree_entry *e, const char *name, size_t len)
{
	size_t least = e->name_len < len ? e->name_len : len;
	int cmp = memcmp(e->name, name, least);

	if (cmp)
		return cmp;
	return e->name_len < len ? -1 : e->name_len > len;
}

/* The entry of that name in the directory; its name is borrowed from c. */
static err_t
find_in(bool *found, struct tree_cursor *c, const char *name, size_t len)
{
	err_t err = NULL;

	*found = false;
	while (!err && !c->end) {
		int cmp = name_cmp(&c->item, name, len);

		if (cmp >= 0 && !c->height) {
			*found = !cmp;
			return NULL;
		}
		err = cmp < 0 ? tree_cursor_step(c) : tree_cursor_enter(c);
	}
	return err;
}

err_t
tree_lookup(struct tree_entry *out, struct store *s, const struct id *tree,
    const char *path)
{
	struct tree_cursor c = { .depth = 0 };
	struct tree_entry at = { path, 0, MODE_DIR, *tree, 0 };
	bool found = true;
	err_t err = NULL;

	for (const char *p = path; !err && found && *p;) {
		size_t len = strcspn(p, "/");

		found = at.mode == MODE_DIR && len;
		if (!found)
			break;
		err = tree_cursor_open(&c, s, &at.id);
		if (!err)
			err = find_in(&found, &c, p, len);
		if (!err && found) {
			at = c.item;
			at.name = p;
		}
		p += len + (p[len] == '/');
	}
	tree_cursor_close(&c);
	if (!err && !found)
		err = err_new(ERR_NOT_FOUND, "no \"%s\" in that version",
		    path);
	if (!err)
		*out = at;
	return err;
}

void
tree_empty(struct id *out)
{
	struct buf bytes = BUF_INIT;

	tree_begin(&bytes, 0);
	hash_bytes(out, bytes.p, bytes.len);
	buf_release(&bytes);
}

/* ---- walking ----------------------------------------------------------- */

err_t
tree_walk(struct store *s, const struct id *tree, const char *path,
    tree_visit_fn *fn, void *arg)
{
	struct tree_diff *d = NULL;
	struct tree_change change;
	struct tree_entry at;
	err_t err;

	err = tree_lookup(&at, s, tree, path);
	if (err)
		return err;
	if (at.mode != MODE_DIR)
		return fn(arg, path, &at);
	err = tree_diff_open(&d, s, NULL, &at.id, path);
	while (!err) {
		err = tree_diff_next(&change, d);
		if (err || !change.path)
			break;
		err = fn(arg, change.path, change.to);
	}
	tree_diff_close(d);
	return err;
}

err_t
tree_list(struct store *s, const struct id *tree, const char *path,
    tree_visit_fn *fn, void *arg)
{
	struct tree_cursor c = { .depth = 0 };
	struct buf name = BUF_INIT;
	struct tree_entry at;
	size_t base;
	err_t err;

	err = tree_lookup(&at, s, tree, path);
	if (err)
		goto out;
	if (at.mode != MODE_DIR) {
		err = fn(arg, path, &at);
		goto out;
	}
	buf_str(&name, path);
	if (name.len)
		buf_char(&name, '/');
	base = name.len;
	err = tree_cursor_open(&c, s, &at.id);
	while (!err && !(err = tree_cursor_to_entry(&c)) && !c.end) {
		name.len = base;
		buf_add(&name, c.item.name, c.item.name_len);
		err = fn(arg, name.p, &c.item);
		if (!err)
			err = tree_cursor_step(&c);
	}
out:
	tree_cursor_close(&c);
	buf_release(&name);
	return err;
}
