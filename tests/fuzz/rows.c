/*
 * An index with tables of the right form that say wrong things.  The input is
 * a list of changes, four bytes each: which table, which column, which row,
 * and which value takes the place of what is there.  Everything is read, and
 * checked.
 */

#include <sqlite3.h>

#include "lib/base/file.h"
#include "store/db.h"
#include "tests/corrupt/look.h"
#include "tests/fuzz/history.h"

#define COLUMNS 64

static char path[80], index_path[96];
static struct buf sound = BUF_INIT;
static char *columns[COLUMNS];		/* "UPDATE … SET … = " */
static size_t n_columns;

static const char *const values[] = {
	"NULL", "0", "1", "-1", "2", "255", "65536", "9223372036854775807",
	"-9223372036854775807 - 1", "4294967296", "''", "x''", "'x'",
	"zeroblob(32)", "zeroblob(31)", "zeroblob(100000)",
	"CAST('../../x' AS BLOB)", "CAST('.dsv/config' AS BLOB)",
	"CAST('a/../b' AS BLOB)", "CAST('/etc/x' AS BLOB)",
	"'branch/' || char(27) || '[2J'", "1.5", "char(0)",
	"(SELECT id FROM object WHERE kind = 1 LIMIT 1)",
	"(SELECT id FROM object WHERE kind = 4 LIMIT 1)",
	"(SELECT id FROM object WHERE kind = 5 LIMIT 1)",
	"(SELECT id FROM object WHERE kind = 5 LIMIT 1 OFFSET 2)",
	"(SELECT id FROM object WHERE kind = 6 LIMIT 1)",
};

static int
add_column(void *arg, int n, char **v, char **names)
{
	struct buf b = BUF_INIT;

	(void)arg;
	(void)n;
	(void)names;
	buf_printf(&b, "UPDATE OR REPLACE %s SET %s = ", v[0], v[1]);
	if (n_columns < COLUMNS)
		columns[n_columns++] = buf_detach(&b);
	buf_release(&b);
	return 0;
}

static void
prepare(void)
{
	int dirfd;
	sqlite3 *db;

	history_init(path);
	history_fill(path);
	dirfd = open(path, O_RDONLY | O_DIRECTORY);
	fuzz_need(file_slurp(&sound, dirfd, "index.db", 1u << 20));
	close(dirfd);
	snprintf(index_path, sizeof(index_path), "%s/index.db", path);
	fuzz_check(sqlite3_open(index_path, &db) == SQLITE_OK);
	fuzz_check(sqlite3_exec(db, "SELECT t.name, c.name FROM sqlite_schema "
	    "AS t, pragma_table_info(t.name) AS c WHERE t.type = 'table' AND "
	    "t.name NOT LIKE 'sqlite%'", add_column, NULL, NULL) ==
	    SQLITE_OK);
	fuzz_check(n_columns > 10);
	sqlite3_close(db);
}

static void
change(struct db *db, const uint8_t *p)
{
	struct buf sql = BUF_INIT;
	static char *kept[1024];	/* db.c knows statements by address */
	static size_t n;

	buf_printf(&sql, "%s%s WHERE rowid %% 7 = %u OR rowid = %u",
	    columns[p[0] % n_columns], values[p[1] % ARRAY_LEN(values)],
	    p[2] % 9u, p[3] % 32u);
	free(kept[n]);
	kept[n] = buf_detach(&sql);
	/* A table without rowids, a value that may not be there: no change. */
	fuzz_fine(db_run(db, kept[n], ""));
	n = (n + 1) % ARRAY_LEN(kept);
}

static err_t
found(void *arg, const struct finding *f)
{
	(void)arg;
	fuzz_check(f->what && f->subject && f->fact);
	return NULL;
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct fsck_totals totals;
	struct db *db = NULL;
	struct id id;
	int dirfd;

	if (!sound.p)
		prepare();
	dirfd = open(path, O_RDONLY | O_DIRECTORY);
	fuzz_write(dirfd, "index.db", sound.p, sound.len);
	close(dirfd);
	fuzz_need(db_open(&db, index_path, DB_WRITE, 0));
	fuzz_need(db_begin(db, true));
	for (size_t i = 0; i + 4 <= len && i < 16 * 4; i += 4)
		change(db, p + i);
	fuzz_need(db_commit(db));
	db_close(db);
	fuzz_fine(look_at(&id, path, false));
	fuzz_fine(store_fsck(&totals, path, false, 0, found, NULL));
	return 0;
}
