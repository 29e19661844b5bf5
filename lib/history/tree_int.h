#ifndef HISTORY_TREE_INT_H
#define HISTORY_TREE_INT_H

/*
 * Seen by tree*.c only: one directory, read entry by entry, where objects
 * that need not be looked into can be stepped over whole.
 */

#include "lib/history/tree.h"

struct tree_level {
	struct buf data;
	struct tree_decoder decoder;
};

struct tree_cursor {
	struct store *store;
	struct tree_level levels[TREE_HEIGHT_MAX + 1];
	unsigned depth;			/* levels in use */
	bool end;
	/* Where the cursor stands, unless at the end: an entry (height 0), or
	 * an object of height - 1 that holds the entries up to item.name. */
	struct tree_entry item;
	unsigned height;
};

/* A zeroed cursor may be closed.  A zero id is an empty directory. */
MUST_CHECK err_t tree_cursor_open(struct tree_cursor *out, struct store *s,
    const struct id *id);
void tree_cursor_close(struct tree_cursor *c);

/* To what follows the item. */
MUST_CHECK err_t tree_cursor_step(struct tree_cursor *c);
/* To the first item inside the item, which is no entry. */
MUST_CHECK err_t tree_cursor_enter(struct tree_cursor *c);
/* Enter until the item is an entry or the end. */
MUST_CHECK err_t tree_cursor_to_entry(struct tree_cursor *c);

/*
 * The object of the version before that a new tree object is probably much
 * like: same directory, same height, same place among the names.
 */
struct tree_near {
	struct store *store;
	const struct id *tree;		/* of the version before; zero: none */
	const char *dir;		/* path of the directory */
	unsigned height;
	const char *last;		/* last name in the new object */
	size_t last_len;
};
/* A near_fn; arg is a struct tree_near. */
MUST_CHECK err_t tree_near_find(void *arg, bool *found, struct id *out);
/* The tree that HEAD names; zero if it names none. */
MUST_CHECK err_t tree_near_head(struct id *out, struct store *s);

#endif
