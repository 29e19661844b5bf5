/*
 * The index.  All of it but stage and state is derived from the objects and
 * can be built again from them; segment.n and event.n are local numbers
 * and may differ then.
 */

#include <stddef.h>

#include "store/db.h"

const char *const db_schema[] = {
	/* A number is never used again: readers may still know it. */
	"CREATE TABLE segment (n INTEGER PRIMARY KEY AUTOINCREMENT,"
	    " id BLOB NOT NULL UNIQUE, size INTEGER NOT NULL)",

	/* frame: offset of the frame in the segment; at, size: where the
	 * object is in the frame's raw bytes; refs: see count.h. */
	"CREATE TABLE object (id BLOB NOT NULL, kind INTEGER NOT NULL,"
	    " segment INTEGER NOT NULL, frame INTEGER NOT NULL,"
	    " at INTEGER NOT NULL, size INTEGER NOT NULL,"
	    " refs INTEGER NOT NULL,"
	    " PRIMARY KEY (id, kind)) WITHOUT ROWID",

	/* Files of more than one chunk, by content. */
	"CREATE TABLE file (id BLOB PRIMARY KEY, recipe BLOB NOT NULL)"
	    " WITHOUT ROWID",

	/* What is known of rows: facts; about: a content, a chunk or a node;
	 * how: see fact_put.  Of several objects the smallest id. */
	"CREATE TABLE fact (about BLOB NOT NULL, how BLOB NOT NULL,"
	    " object BLOB NOT NULL, PRIMARY KEY (about, how)) WITHOUT ROWID",

	/*
	 * What versions changed in files.  A series is a path with a key;
	 * keys: so many are in posting, if the series is large enough for
	 * that (see rows.c); -1: they are in the object only, or not listed.
	 * The series has the sums.  series.n and rows.n are local numbers.
	 */
	"CREATE TABLE series (n INTEGER PRIMARY KEY, path BLOB NOT NULL,"
	    " key BLOB NOT NULL, notes INTEGER NOT NULL,"
	    " keys INTEGER NOT NULL, UNIQUE (path, key))",
	"CREATE TABLE rows (n INTEGER PRIMARY KEY, version BLOB NOT NULL,"
	    " series INTEGER NOT NULL, keys INTEGER NOT NULL,"
	    " object BLOB NOT NULL, UNIQUE (version, series))",
	"CREATE TABLE posting (series INTEGER NOT NULL, key BLOB NOT NULL,"
	    " rows INTEGER NOT NULL, PRIMARY KEY (series, key, rows))"
	    " WITHOUT ROWID",

	/* Lists of decisions about rows of a file, and the keys in them.
	 * decisions.n is a local number. */
	"CREATE TABLE decisions (n INTEGER PRIMARY KEY,"
	    " object BLOB NOT NULL UNIQUE, path BLOB NOT NULL)",
	"CREATE TABLE decision (key BLOB NOT NULL, list INTEGER NOT NULL,"
	    " PRIMARY KEY (key, list)) WITHOUT ROWID",

	/* The commit graph; parents: their ids, one after the other; depth,
	 * jump: see graph.c. */
	"CREATE TABLE version (id BLOB PRIMARY KEY, tree BLOB NOT NULL,"
	    " version INTEGER NOT NULL, time INTEGER NOT NULL,"
	    " parents BLOB NOT NULL, depth INTEGER NOT NULL,"
	    " jump BLOB NOT NULL) WITHOUT ROWID",

	/* writer is empty for this store's own. */
	"CREATE TABLE event (n INTEGER PRIMARY KEY, id BLOB NOT NULL,"
	    " writer BLOB NOT NULL, seq INTEGER NOT NULL)",

	"CREATE TABLE ref (name TEXT PRIMARY KEY, fold TEXT NOT NULL UNIQUE,"
	    " target BLOB NOT NULL, event BLOB NOT NULL) WITHOUT ROWID",
	/* The events that changed a ref; they say from what to what. */
	"CREATE TABLE reflog (name TEXT NOT NULL, event INTEGER NOT NULL,"
	    " PRIMARY KEY (name, event)) WITHOUT ROWID",

	/* What events are about besides refs; see EVENT_SUBJECTS. */
	"CREATE TABLE subject (name TEXT NOT NULL, event INTEGER NOT NULL,"
	    " PRIMARY KEY (name, event)) WITHOUT ROWID",

	"CREATE TABLE stage (path BLOB PRIMARY KEY, mode INTEGER NOT NULL,"
	    " id BLOB NOT NULL, size INTEGER NOT NULL,"
	    " mtime INTEGER NOT NULL, ctime INTEGER NOT NULL,"
	    " inode INTEGER NOT NULL) WITHOUT ROWID",
	"CREATE TABLE state (key TEXT PRIMARY KEY, value TEXT NOT NULL)"
	    " WITHOUT ROWID",

	/* Last, as SQLite puts them when it writes the file anew. */
	"CREATE INDEX rows_of ON rows (series, keys)",
	NULL,
};
