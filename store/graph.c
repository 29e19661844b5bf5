/*
 * The commit graph: what the index keeps of commits, so that history can be
 * walked without reading them.
 *
 * depth is how many first parents come before a commit.  jump is one of these
 * (the first commit's is itself), chosen so that any is reached in a number of
 * steps that grows as the logarithm of the depth: if the parent's jump and
 * that one's jump go equally far, it is the latter; otherwise it is the
 * parent.
 */

#include <string.h>

#include "lib/base/clock.h"
#include "store/store_int.h"

static err_t
find_version(bool *found, int64_t *version, struct db *db,
    const struct id *id)
{
	return db_row(found, db, "SELECT version FROM version WHERE id = ?",
	    "d", "i", id, version);
}

struct step {
	int64_t depth;
	struct id jump;
};

static err_t
find_step(struct step *out, struct db *db, const struct id *id)
{
	char hex[ID_HEX + 1];
	bool found;
	err_t err;

	err = db_row(&found, db, "SELECT depth, jump FROM version "
	    "WHERE id = ?", "d", "id", id, &out->depth, &out->jump);
	if (!err && !found)
		err = err_new(ERR_CORRUPT, "the parent %s is missing",
		    id_hex(hex, id));
	return err;
}

static err_t
step_of(struct step *out, struct db *db, const struct id *id,
    const struct commit *c)
{
	struct step parent, jump, second;
	err_t err;

	*out = (struct step){ 0, *id };
	if (!c->n_parents)
		return NULL;
	err = find_step(&parent, db, &c->parents[0]);
	if (!err)
		err = find_step(&jump, db, &parent.jump);
	if (!err)
		err = find_step(&second, db, &jump.jump);
	if (err)
		return err;
	out->depth = parent.depth + 1;
	out->jump = parent.depth - jump.depth == jump.depth - second.depth ?
	    jump.jump : c->parents[0];
	return NULL;
}

err_t
graph_insert(struct db *db, const struct id *id, const struct commit *c)
{
	int64_t v, version = 1;
	struct step step;
	char hex[ID_HEX + 1];
	bool found;
	err_t err;

	err = find_version(&found, &v, db, id);
	if (err || found)
		return err;
	for (unsigned i = 0; i < c->n_parents; i++) {
		err = find_version(&found, &v, db, &c->parents[i]);
		if (!err && !found)
			err = err_new(ERR_CORRUPT, "the parent %s is missing",
			    id_hex(hex, &c->parents[i]));
		else if (!err && (v < 1 || v == INT64_MAX))
			err = err_new(ERR_CORRUPT, "the parent %s has a "
			    "number that no version has",
			    id_hex(hex, &c->parents[i]));
		if (err)
			return err;
		if (v >= version)
			version = v + 1;
	}
	err = step_of(&step, db, id, c);
	return err ? err : db_run(db, "INSERT INTO version VALUES "
	    "(?, ?, ?, ?, ?, ?, ?)", "ddiibid", id, &c->tree, version,
	    c->committer_time, c->parents, c->n_parents *
	    sizeof(c->parents[0]), step.depth, &step.jump);
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
	const void *parents;
	char hex[ID_HEX + 1];
	int64_t version, depth;
	size_t len;
	err_t err;

	err = db_query(&q, s->db, "SELECT tree, version, time, parents, "
	    "depth, jump FROM version WHERE id = ?", "d", id);
	if (!err && db_next(&err, q, "diibid", &out->tree, &version,
	    &out->time, &parents, &len, &depth, &out->jump)) {
		if (len > sizeof(out->parents) || len % ID_SIZE ||
		    version < 1 || depth < 0 ||
		    !clock_can_format(out->time)) {
			err = err_new(ERR_CORRUPT, "the index has damaged "
			    "facts of version %s; rebuild it with \"dsv fsck "
			    "--repair\"", id_hex(hex, id));
		} else {
			out->id = *id;
			out->version = (uint64_t)version;
			out->depth = (uint64_t)depth;
			out->n_parents = (unsigned)(len / ID_SIZE);
			memcpy(out->parents, parents, len);
		}
	} else if (!err) {
		err = err_new(ERR_NOT_FOUND, "no version %s",
		    id_hex(hex, id));
	}
	db_done(q);
	return err;
}

err_t
commit_parent(struct commit_node *out, struct store *s,
    const struct commit_node *node, unsigned parent)
{
	struct commit_node found;
	char hex[ID_HEX + 1];
	err_t err;

	err = commit_node(&found, s, &node->parents[parent]);
	if (!err && found.version >= node->version)
		err = err_new(ERR_CORRUPT, "the index has a wrong place in "
		    "the history for version %s; rebuild it with \"dsv fsck "
		    "--repair\"", id_hex(hex, &found.id));
	if (!err)
		*out = found;
	return err;
}

err_t
commit_on_line(bool *out, struct store *s, const struct id *old,
    const struct id *new)
{
	struct commit_node want, at, jump;
	err_t err;

	err = commit_node(&want, s, old);
	if (!err)
		err = commit_node(&at, s, new);
	while (!err && at.depth > want.depth) {
		err = commit_node(&jump, s, &at.jump);
		if (!err && jump.depth >= want.depth &&
		    jump.version < at.version)
			at = jump;
		else if (!err && at.n_parents)
			err = commit_parent(&at, s, &at, 0);
		else
			break;
	}
	*out = !err && id_eq(&at.id, old);
	return err;
}
