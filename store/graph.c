/*
 * The commit graph: what the index keeps of commits, so that history can be
 * walked without reading them.
 */

#include <string.h>

#include "store/store_int.h"

static err_t
find_version(bool *found, int64_t *n, int64_t *version, struct db *db,
    const struct id *id)
{
	return db_row(found, db, "SELECT n, version FROM version "
	    "WHERE id = ?", "d", "ii", id, n, version);
}

err_t
graph_insert(struct db *db, const struct id *id, const struct commit *c)
{
	int64_t parents[COMMIT_PARENTS], n, v, version = 1;
	char hex[ID_HEX + 1];
	bool found;
	err_t err;

	err = find_version(&found, &n, &v, db, id);
	if (err || found)
		return err;
	for (unsigned i = 0; i < c->n_parents; i++) {
		err = find_version(&found, &parents[i], &v, db,
		    &c->parents[i]);
		if (!err && !found)
			err = err_new(ERR_CORRUPT, "the parent %s is missing",
			    id_hex(hex, &c->parents[i]));
		if (err)
			return err;
		if (v >= version)
			version = v + 1;
	}
	err = db_run(db, "INSERT INTO version (id, tree, version, time) "
	    "VALUES (?, ?, ?, ?)", "ddii", id, &c->tree, version,
	    c->committer_time);
	if (!err)
		err = find_version(&found, &n, &v, db, id);
	for (unsigned i = 0; !err && i < c->n_parents; i++)
		err = db_run(db, "INSERT INTO parent VALUES (?, ?, ?)",
		    "iii", n, (int64_t)i, parents[i]);
	return err;
}

err_t
commit_put(struct id *out, struct txn *t, const struct commit *c)
{
	struct buf b = BUF_INIT;
	err_t err;

	if (!t->locked)
		BUG("a commit is put without the lock");
	err = commit_encode(&b, c);
	if (!err)
		err = object_put(out, t, KIND_COMMIT, b.p, b.len);
	if (!err)
		err = graph_insert(t->store->db, out, c);
	buf_release(&b);
	return err;
}

err_t
commit_node(struct commit_node *out, struct store *s, const struct id *id)
{
	struct query *q = NULL;
	int64_t n, version;
	char hex[ID_HEX + 1];
	bool found;
	err_t err;

	err = db_row(&found, s->db, "SELECT n, tree, version, time "
	    "FROM version WHERE id = ?", "d", "idii", id, &n, &out->tree,
	    &version, &out->time);
	if (!err && !found)
		err = err_new(ERR_NOT_FOUND, "no version %s",
		    id_hex(hex, id));
	if (err)
		return err;
	out->id = *id;
	out->version = (uint64_t)version;
	out->n_parents = 0;
	err = db_query(&q, s->db, "SELECT v.id FROM parent p JOIN version v "
	    "ON v.n = p.parent WHERE p.child = ? ORDER BY p.position", "i",
	    n);
	while (!err && out->n_parents < COMMIT_PARENTS &&
	    db_next(&err, q, "d", &out->parents[out->n_parents]))
		out->n_parents++;
	db_done(q);
	return err;
}
