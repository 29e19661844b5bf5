/*
 * Changes the index of a repository as somebody might who knows what its
 * pages look like, checksums and all:
 *
 *	edit DIR SQL...
 */

#include <stdio.h>

#include "lib/base/buf.h"
#include "store/db.h"

int
main(int argc, char **argv)
{
	struct buf path = BUF_INIT;
	struct db *db = NULL;
	err_t err;

	if (argc < 3) {
		fprintf(stderr, "usage: edit DIR SQL...\n");
		return 2;
	}
	buf_printf(&path, "%s/.dsv/index.db", argv[1]);
	err = db_open(&db, path.p, DB_WRITE, 10000);
	if (!err)
		err = db_begin(db, true);
	for (int i = 2; !err && i < argc; i++)
		err = db_run(db, argv[i], "");
	if (!err)
		err = db_commit(db);
	if (err)
		fprintf(stderr, "edit: %s\n", err->msg);
	db_close(db);
	buf_release(&path);
	return err ? 1 : 0;
}
