/*
 * Finding the object that a new tree object is much like, so that it can be
 * stored as a delta.
 */

#include <string.h>

#include "lib/history/tree_int.h"

/* The child in which the name is or would be; the last one if it is behind
 * all. */
static err_t
child_for(struct id *out, struct tree_decoder *d, const struct tree_near *near)
{
	struct tree_entry e;
	err_t err;

	while (tree_decode_next(&e, d, &err)) {
		size_t least = e.name_len < near->last_len ? e.name_len :
		    near->last_len;
		int cmp = memcmp(e.name, near->last, least);

		*out = e.id;
		if (cmp > 0 || (!cmp && e.name_len >= near->last_len))
			break;
	}
	return err;
}

/* From the top object of the directory down to the height. */
static err_t
descend(bool *found, struct id *out, const struct tree_near *near,
    struct id id)
{
	struct buf b = BUF_INIT;
	struct tree_decoder d;
	unsigned height;
	err_t err = NULL;

	*found = false;
	do {
		buf_clear(&b);
		err = object_read(&b, near->store, KIND_TREE, &id);
		if (!err)
			err = tree_decode_begin(&d, b.p, b.len);
		if (err)
			break;
		height = d.height;
		if (height == near->height) {
			*found = true;
			*out = id;
		} else if (height > near->height) {
			err = child_for(&id, &d, near);
		}
	} while (!err && height > near->height);
	buf_release(&b);
	return err;
}

err_t
tree_near_find(void *arg, bool *found, struct id *out)
{
	const struct tree_near *near = arg;
	struct tree_entry dir;
	err_t err;

	*found = false;
	if (id_is_zero(near->tree))
		return NULL;
	err = tree_lookup(&dir, near->store, near->tree, near->dir);
	if (!err && dir.mode == MODE_DIR)
		err = descend(found, out, near, dir.id);
	/* It is only a hint: what cannot be read is none. */
	if (err_is(err, ERR_NOT_FOUND) || err_is(err, ERR_CORRUPT)) {
		*found = false;
		err = NULL;
	}
	return err;
}

err_t
tree_near_head(struct id *out, struct store *s)
{
	struct buf head = BUF_INIT;
	struct commit_node node;
	struct ref ref;
	err_t err;

	memset(out, 0, sizeof(*out));
	err = state_get(&head, s, "head");
	if (!err && !id_parse(&ref.target, head.p, head.len))
		err = ref_get(&ref, s, head.p);
	if (!err)
		err = commit_node(&node, s, &ref.target);
	if (!err)
		*out = node.tree;
	buf_release(&head);
	return err_is(err, ERR_NOT_FOUND) ? NULL : err;
}
