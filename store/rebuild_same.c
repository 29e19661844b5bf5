/*
 * Does an index say what another one says?  The numbers of segments, which are
 * local, and the layout of the file do not count.
 */

#include <stddef.h>

#include "store/store_int.h"

/* Every table of the schema, in an order of its own. */
static const char *const tables[] = {
	"SELECT id, size FROM segment ORDER BY id",
	"SELECT o.id, o.kind, s.id, o.frame, o.at, o.size, o.refs "
	    "FROM object o JOIN segment s ON s.n = o.segment "
	    "ORDER BY o.id, o.kind",
	"SELECT * FROM file ORDER BY id",
	"SELECT * FROM fact ORDER BY about, how",
	"SELECT path, key, notes, keys FROM series ORDER BY path, key",
	"SELECT r.version, s.path, s.key, r.keys, r.object "
	    "FROM rows r JOIN series s ON s.n = r.series "
	    "ORDER BY r.version, s.path, s.key",
	"SELECT s.path, s.key, p.key, r.version "
	    "FROM posting p JOIN series s ON s.n = p.series "
	    "JOIN rows r ON r.n = p.rows "
	    "ORDER BY s.path, s.key, p.key, r.version",
	"SELECT object, path FROM decisions ORDER BY object",
	"SELECT d.object, k.key FROM decision k JOIN decisions d "
	    "ON d.n = k.list ORDER BY d.object, k.key",
	"SELECT * FROM version ORDER BY id",
	"SELECT * FROM event ORDER BY n",
	"SELECT * FROM ref ORDER BY name",
	"SELECT * FROM reflog ORDER BY name, event",
	"SELECT * FROM subject ORDER BY name, event",
	"SELECT * FROM stage ORDER BY path",
	"SELECT * FROM state ORDER BY key",
};

static err_t
digest(struct id *out, struct db *db)
{
	struct hash h, all;
	struct id table;
	err_t err = NULL;

	hash_init(&all);
	for (size_t i = 0; !err && i < sizeof(tables) / sizeof(*tables);
	    i++) {
		hash_init(&h);
		err = db_hash(&h, db, tables[i]);
		hash_end(&table, &h);
		hash_add(&all, table.b, ID_SIZE);
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
	err = digest(&x, a);
	if (!err)
		err = digest(&y, b);
	*out = !err && id_eq(&x, &y);
	return err_is(err, ERR_CORRUPT) ? NULL : err;
}
