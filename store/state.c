/*
 * Small facts of the working tree that are not history.
 */

#include "lib/base/buf.h"
#include "store/store_int.h"

err_t
state_get(struct buf *out, struct store *s, const char *key)
{
	struct query *q = NULL;
	const char *value;
	err_t err;

	err = db_query(&q, s->db, "SELECT value FROM state WHERE key = ?",
	    "s", key);
	if (!err && db_next(&err, q, "s", &value))
		buf_str(out, value);
	else if (!err)
		err = err_new(ERR_NOT_FOUND, "no state \"%s\"", key);
	db_done(q);
	return err;
}

err_t
state_set(struct txn *t, const char *key, const char *value)
{
	if (!t->locked)
		BUG("state_set without txn_lock");
	if (!*value)
		return db_run(t->store->db, "DELETE FROM state WHERE key = ?",
		    "s", key);
	return db_run(t->store->db, "INSERT OR REPLACE INTO state "
	    "VALUES (?, ?)", "ss", key, value);
}
