/*
 * The stage.
 */

#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "store/store_int.h"

#define COLUMNS "path, mode, id, size, mtime, ctime, inode"

static err_t
check_entry(const struct stage_entry *e, int64_t mode, int64_t size)
{
	if (mode < MODE_FILE || mode > MODE_LINK || size < 0 ||
	    !tree_path_ok(e->path))
		return err_new(ERR_CORRUPT, "the stage has an entry that dsv "
		    "never writes: \"%s\"", e->path);
	return NULL;
}

static bool
next_entry(struct stage_entry *e, struct query *q, err_t *err)
{
	int64_t mode, size, inode;

	if (!db_next(err, q, "pidiiii", &e->path, &mode, &e->id, &size,
	    &e->mtime, &e->ctime, &inode))
		return false;
	*err = check_entry(e, mode, size);
	e->mode = (enum mode)mode;
	e->size = (uint64_t)size;
	e->inode = (uint64_t)inode;
	return !*err;
}

err_t
stage_get(struct stage_entry *out, struct store *s, const char *path)
{
	struct query *q = NULL;
	struct stage_entry e;
	err_t err;

	err = db_query(&q, s->db, "SELECT " COLUMNS " FROM stage "
	    "WHERE path = ?", "p", path);
	if (!err && next_entry(&e, q, &err)) {
		*out = e;
		out->path = path;
	} else if (!err) {
		err = err_new(ERR_NOT_FOUND, "\"%s\" is not in the stage",
		    path);
	}
	db_done(q);
	return err;
}

err_t
stage_walk(struct store *s, const char *path, stage_visit_fn *fn, void *arg)
{
	struct stage_entry e;
	struct query *q = NULL;
	struct buf from = BUF_INIT, to = BUF_INIT;
	err_t err;

	if (*path) {
		err = stage_get(&e, s, path);
		if (!err)
			return fn(arg, &e);
		if (!err_is(err, ERR_NOT_FOUND))
			return err;
	}
	/* "a/" up to "a0", the next byte: what is below a. */
	buf_printf(&from, *path ? "%s/" : "%s", path);
	buf_str(&to, path);
	if (*path) {
		buf_char(&to, '/' + 1);
		err = db_query(&q, s->db, "SELECT " COLUMNS " FROM stage "
		    "WHERE path >= ? AND path < ? ORDER BY path", "bb",
		    from.p, from.len, to.p, to.len);
	} else {
		err = db_query(&q, s->db, "SELECT " COLUMNS " FROM stage "
		    "ORDER BY path", "");
	}
	while (!err && next_entry(&e, q, &err))
		err = fn(arg, &e);
	db_done(q);
	buf_release(&from);
	buf_release(&to);
	return err;
}

static void
need_lock(const struct txn *t)
{
	if (!t->locked)
		BUG("the stage is changed without the lock");
}

err_t
stage_put(struct txn *t, const struct stage_entry *e)
{
	need_lock(t);
	if (!tree_path_ok(e->path))
		return err_new(ERR_USAGE, "\"%s\" is not a path that a "
		    "version can hold", e->path);
	return db_run(t->store->db, "INSERT OR REPLACE INTO stage (" COLUMNS
	    ") VALUES (?, ?, ?, ?, ?, ?, ?)", "pidiiii", e->path,
	    (int64_t)e->mode, &e->id, (int64_t)e->size, e->mtime, e->ctime,
	    (int64_t)e->inode);
}

err_t
stage_delete(struct txn *t, const char *path)
{
	need_lock(t);
	return db_run(t->store->db, "DELETE FROM stage WHERE path = ?", "p",
	    path);
}

err_t
stage_clear(struct txn *t)
{
	need_lock(t);
	return db_run(t->store->db, "DELETE FROM stage", "");
}
