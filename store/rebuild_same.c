/*
 * Does an index say what another one says?  The numbers of segments and the
 * layout of the file do not count.
 */

#include <string.h>

#include "store/store_int.h"

/* A hash of all rows. */
struct dump {
	struct db *db;
	struct hash hash;
};

static void
add_number(struct dump *d, int64_t n)
{
	hash_add(&d->hash, &n, sizeof(n));
}

static void
add_id(struct dump *d, const struct id *id)
{
	hash_add(&d->hash, id->b, ID_SIZE);
}

static void
add_bytes(struct dump *d, const void *p, size_t len)
{
	add_number(d, (int64_t)len);
	hash_add(&d->hash, p, len);
}

static err_t
dump_objects(struct dump *d)
{
	struct query *q = NULL;
	int64_t kind, frame, at, size, refs;
	struct id id, segment;
	err_t err;

	err = db_query(&q, d->db, "SELECT id, size FROM segment ORDER BY id",
	    "");
	while (!err && db_next(&err, q, "di", &id, &size)) {
		add_id(d, &id);
		add_number(d, size);
	}
	db_done(q);
	q = NULL;
	if (!err)
		err = db_query(&q, d->db, "SELECT o.id, o.kind, s.id, "
		    "o.frame, o.at, o.size, o.refs FROM object o JOIN segment "
		    "s ON s.n = o.segment ORDER BY o.id, o.kind", "");
	while (!err && db_next(&err, q, "didiiii", &id, &kind, &segment,
	    &frame, &at, &size, &refs)) {
		add_id(d, &id);
		add_id(d, &segment);
		add_number(d, kind);
		add_number(d, frame);
		add_number(d, at);
		add_number(d, size);
		add_number(d, refs);
	}
	db_done(q);
	return err;
}

static err_t
dump_history(struct dump *d)
{
	struct query *q = NULL;
	int64_t version, time;
	const void *parents;
	struct id id, tree;
	size_t len;
	err_t err;

	err = db_query(&q, d->db, "SELECT id, recipe FROM file ORDER BY id",
	    "");
	while (!err && db_next(&err, q, "dd", &id, &tree)) {
		add_id(d, &id);
		add_id(d, &tree);
	}
	db_done(q);
	q = NULL;
	if (!err)
		err = db_query(&q, d->db, "SELECT id, tree, version, time, "
		    "parents FROM version ORDER BY id", "");
	while (!err && db_next(&err, q, "ddiib", &id, &tree, &version, &time,
	    &parents, &len)) {
		add_id(d, &id);
		add_id(d, &tree);
		add_number(d, version);
		add_number(d, time);
		add_bytes(d, parents, len);
	}
	db_done(q);
	return err;
}

static err_t
dump_events(struct dump *d)
{
	struct query *q = NULL;
	struct id id, target;
	const void *writer;
	const char *name;
	int64_t n, seq;
	size_t len;
	err_t err;

	err = db_query(&q, d->db, "SELECT n, id, writer, seq FROM event "
	    "ORDER BY n", "");
	while (!err && db_next(&err, q, "idbi", &n, &id, &writer, &len,
	    &seq)) {
		add_id(d, &id);
		add_bytes(d, writer, len);
		add_number(d, n);
		add_number(d, seq);
	}
	db_done(q);
	q = NULL;
	if (!err)
		err = db_query(&q, d->db, "SELECT name, target, event "
		    "FROM ref ORDER BY name", "");
	while (!err && db_next(&err, q, "sdd", &name, &target, &id)) {
		add_bytes(d, name, strlen(name));
		add_id(d, &target);
		add_id(d, &id);
	}
	db_done(q);
	q = NULL;
	if (!err)
		err = db_query(&q, d->db, "SELECT name, event FROM reflog "
		    "ORDER BY name, event", "");
	while (!err && db_next(&err, q, "si", &name, &n)) {
		add_bytes(d, name, strlen(name));
		add_number(d, n);
	}
	db_done(q);
	return err;
}

static err_t
dump_stage(struct dump *d)
{
	struct query *q = NULL;
	const char *path, *key, *value;
	int64_t mode, size, mtime, ctime, inode;
	struct id id;
	err_t err;

	err = db_query(&q, d->db, "SELECT path, mode, id, size, mtime, ctime, "
	    "inode FROM stage ORDER BY path", "");
	while (!err && db_next(&err, q, "pidiiii", &path, &mode, &id, &size,
	    &mtime, &ctime, &inode)) {
		const int64_t numbers[] = { mode, size, mtime, ctime, inode };

		add_bytes(d, path, strlen(path));
		add_id(d, &id);
		add_bytes(d, numbers, sizeof(numbers));
	}
	db_done(q);
	q = NULL;
	if (!err)
		err = db_query(&q, d->db, "SELECT key, value FROM state "
		    "ORDER BY key", "");
	while (!err && db_next(&err, q, "ss", &key, &value)) {
		add_bytes(d, key, strlen(key));
		add_bytes(d, value, strlen(value));
	}
	db_done(q);
	return err;
}

static err_t
dump(struct id *out, struct db *db)
{
	static err_t (*const parts[])(struct dump *) = { dump_objects,
		dump_history, dump_events, dump_stage };
	struct dump d = { .db = db };
	struct id part;
	struct hash all;
	err_t err = NULL;

	hash_init(&all);
	for (size_t i = 0; !err && i < sizeof(parts) / sizeof(*parts); i++) {
		hash_init(&d.hash);
		err = parts[i](&d);
		hash_end(&part, &d.hash);
		hash_add(&all, part.b, ID_SIZE);
	}
	hash_end(out, &all);
	return err;
}

err_t
rebuild_same(bool *out, struct db *a, struct db *b)
{
	struct id x, y;
	err_t err;

	*out = false;
	err = dump(&x, a);
	if (!err)
		err = dump(&y, b);
	*out = !err && id_eq(&x, &y);
	return err_is(err, ERR_CORRUPT) ? NULL : err;
}
