/*
 * SQLite is set up to survive everything that DESIGN asks of it: a rollback
 * journal that is truncated, synchronous=FULL, no trust in the schema, no
 * memory mapping.  The defaults of Debian 12's 3.40.1 matter here: its WAL
 * mode has a corruption bug, so that mode is never used.
 *
 * SQLite does not notice when bytes of the file change.  So it reads and
 * writes the file through us (a "VFS"): the last 8 bytes of each page, which
 * SQLite leaves alone when asked to, are the checksum of its number and its
 * other bytes, and a page that does not have it is not read.  In the same
 * place is refused what a file from elsewhere could make SQLite do: write a
 * log and shared memory beside it as soon as it is opened (WAL mode), use a
 * journal that is a link or a pipe, delete a file that the journal names.
 *
 * And SQLite takes a system call that failed for something else: a read for
 * damage, a stat for a file that was replaced or a journal that is not there,
 * any lock for one that somebody holds, any open for one that is not
 * permitted.  So every file is behind us, and errno decides.
 */

#include "store/db.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/base/buf.h"
#include "lib/base/clock.h"
#include "lib/base/mem.h"

#define STATEMENTS 256		/* a power of two, more than there are */
#define CACHE_KIB 8192
#define PAGE 2048
#define SUM 8			/* bytes of it are the checksum */
#define HEADER 100
#define HEADER_READ_MAX 512	/* no page is read in less */

struct query {
	struct db *db;
	const char *sql;
	sqlite3_stmt *stmt;
	bool busy;
	bool nested;			/* made for one use: owned by it */
};

struct db {
	sqlite3 *handle;
	char *path;
	bool in_transaction;
	struct query queries[STATEMENTS];
};

/* Of the file operation of SQLite's that failed last in this thread; 0 if no
 * system call did. */
static _Thread_local int io_errno;

static err_t
db_damaged(const struct db *db, const char *fact)
{
	return err_new(ERR_CORRUPT, "the index \"%s\" is damaged: %s; rebuild "
	    "it with \"dsv fsck --repair\"", db->path, fact);
}

static err_t
db_error(struct db *db, int rc, const char *doing)
{
	const char *text = db->handle ? sqlite3_errmsg(db->handle) :
	    sqlite3_errstr(rc);

	if (rc == SQLITE_READONLY_DBMOVED)
		return err_new(ERR_BUSY, "the index \"%s\" was rebuilt "
		    "meanwhile; try again", db->path);
	if (rc == SQLITE_IOERR_DATA)
		return db_damaged(db, "a page does not have its checksum");
	if (rc == SQLITE_IOERR_SHORT_READ)
		return db_damaged(db, "it is cut short");
	switch (rc & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return err_new(ERR_BUSY, "another dsv is using the index "
		    "\"%s\"; try again, or give more time with --wait",
		    db->path);
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
	case SQLITE_MISMATCH:
	case SQLITE_TOOBIG:
		return db_damaged(db, text);
	case SQLITE_NOMEM:
		mem_fail();
		return NULL;
	default:
		errno = io_errno;
		return errno ? err_sys("%s the index \"%s\"", doing,
		    db->path) : err_new(ERR_SYSTEM, "%s the index \"%s\": "
		    "%s", doing, db->path, text);
	}
}

static err_t
db_exec(struct db *db, const char *sql)
{
	int rc = sqlite3_exec(db->handle, sql, NULL, NULL, NULL);

	return rc == SQLITE_OK ? NULL : db_error(db, rc, "cannot use");
}

/* ---- statements -------------------------------------------------------- */

static err_t
query_find(struct query **out, struct db *db, const char *sql)
{
	size_t slot = (size_t)((uintptr_t)sql * 0x9e3779b97f4a7c15u >> 40);
	struct query *q;
	int rc;

	for (size_t i = 0;; i++) {
		if (i == STATEMENTS)
			BUG("more than %d statements", STATEMENTS);
		q = &db->queries[(slot + i) % STATEMENTS];
		if (!q->sql || q->sql == sql)
			break;
	}
	if (q->busy) {
		q = mem_zalloc(sizeof(*q));
		q->nested = true;
	}
	if (!q->sql) {
		rc = sqlite3_prepare_v3(db->handle, sql, -1,
		    SQLITE_PREPARE_PERSISTENT, &q->stmt, NULL);
		if (rc != SQLITE_OK) {
			if (q->nested)
				free(q);
			return db_error(db, rc, "cannot query");
		}
		q->sql = sql;
		q->db = db;
	}
	q->busy = true;
	*out = q;
	return NULL;
}

static int
bind_one(sqlite3_stmt *stmt, int i, char type, va_list *ap)
{
	const void *p;
	size_t len;

	switch (type) {
	case 'i':
		return sqlite3_bind_int64(stmt, i, va_arg(*ap, int64_t));
	case 'd':
		return sqlite3_bind_blob(stmt, i, va_arg(*ap,
		    const struct id *), ID_SIZE, SQLITE_STATIC);
	case 's':
		return sqlite3_bind_text(stmt, i, va_arg(*ap, const char *),
		    -1, SQLITE_STATIC);
	case 'p':
		p = va_arg(*ap, const char *);
		return sqlite3_bind_blob64(stmt, i, p, strlen(p),
		    SQLITE_STATIC);
	case 'b':
		p = va_arg(*ap, const void *);
		len = va_arg(*ap, size_t);
		return sqlite3_bind_blob64(stmt, i, p ? p : "", len,
		    SQLITE_STATIC);
	default:
		BUG("no argument type '%c'", type);
	}
}

static err_t
query_bind(struct query *q, const char *types, va_list *ap)
{
	for (int i = 0; types[i]; i++) {
		int rc = bind_one(q->stmt, i + 1, types[i], ap);

		if (rc != SQLITE_OK)
			return db_error(q->db, rc, "cannot query");
	}
	return NULL;
}

static bool
column_one(sqlite3_stmt *stmt, int i, char type, va_list *ap)
{
	int have = sqlite3_column_type(stmt, i);
	int want = type == 'i' ? SQLITE_INTEGER : type == 's' ? SQLITE_TEXT :
	    SQLITE_BLOB;
	const void *p = want == SQLITE_TEXT ?
	    (const void *)sqlite3_column_text(stmt, i) : want == SQLITE_BLOB ?
	    sqlite3_column_blob(stmt, i) : NULL;
	/* Asked of a number it would make it text first. */
	size_t len = p ? (size_t)sqlite3_column_bytes(stmt, i) : 0;

	switch (type) {
	case 'i':
		*va_arg(*ap, int64_t *) = sqlite3_column_int64(stmt, i);
		break;
	case 'd': {
		struct id *id = va_arg(*ap, struct id *);

		if (have != want || len != ID_SIZE || !p)
			return false;
		memcpy(id, p, ID_SIZE);
		break;
	}
	case 's':
		*va_arg(*ap, const char **) = p;
		if (!p || strlen(p) != len)
			return false;
		break;
	case 'p': {
		/* A blob has no terminator of its own: ask for text, which
		 * SQLite terminates, after making sure that it is a blob. */
		const char **out = va_arg(*ap, const char **);

		if (have != SQLITE_BLOB)
			return false;
		*out = (const char *)sqlite3_column_text(stmt, i);
		return *out && strlen(*out) == len;
	}
	case 'b':
		*va_arg(*ap, const void **) = p ? p : "";
		*va_arg(*ap, size_t *) = len;
		break;
	default:
		BUG("no column type '%c'", type);
	}
	return have == want;
}

static err_t
query_columns(struct query *q, const char *types, va_list *ap)
{
	for (int i = 0; types[i]; i++) {
		if (column_one(q->stmt, i, types[i], ap))
			continue;
		/* No value for want of memory is no damage. */
		if ((sqlite3_errcode(q->db->handle) & 0xff) == SQLITE_NOMEM)
			mem_fail();
		return err_new(ERR_CORRUPT, "the index \"%s\" has a value "
		    "that dsv never writes; rebuild it with \"dsv fsck "
		    "--repair\"", q->db->path);
	}
	return NULL;
}

void
db_done(struct query *q)
{
	if (!q)
		return;
	if (q->nested) {
		sqlite3_finalize(q->stmt);
		free(q);
		return;
	}
	sqlite3_reset(q->stmt);
	sqlite3_clear_bindings(q->stmt);
	q->busy = false;
}

/* One step: *row says whether there is a row. */
static err_t
query_step(bool *row, struct query *q)
{
	int rc = sqlite3_step(q->stmt);

	*row = rc == SQLITE_ROW;
	if (rc == SQLITE_ROW || rc == SQLITE_DONE)
		return NULL;
	return db_error(q->db, rc, "cannot use");
}

err_t
db_run(struct db *db, const char *sql, const char *types, ...)
{
	struct query *q = NULL;
	va_list ap;
	bool row;
	err_t err;

	err = query_find(&q, db, sql);
	if (err)
		return err;
	va_start(ap, types);
	err = query_bind(q, types, &ap);
	va_end(ap);
	if (!err)
		err = query_step(&row, q);
	db_done(q);
	return err;
}

int64_t
db_changes(struct db *db)
{
	return sqlite3_changes64(db->handle);
}

err_t
db_query(struct query **out, struct db *db, const char *sql,
    const char *types, ...)
{
	struct query *q = NULL;
	va_list ap;
	err_t err;

	*out = NULL;
	err = query_find(&q, db, sql);
	if (err)
		return err;
	va_start(ap, types);
	err = query_bind(q, types, &ap);
	va_end(ap);
	if (err)
		db_done(q);
	else
		*out = q;
	return err;
}

bool
db_next(err_t *err, struct query *q, const char *types, ...)
{
	va_list ap;
	bool row;

	*err = query_step(&row, q);
	if (*err || !row)
		return false;
	va_start(ap, types);
	*err = query_columns(q, types, &ap);
	va_end(ap);
	return !*err;
}

err_t
db_row(bool *found, struct db *db, const char *sql, const char *types,
    const char *columns, ...)
{
	struct query *q = NULL;
	va_list ap;
	err_t err;

	*found = false;
	err = query_find(&q, db, sql);
	if (err)
		return err;
	va_start(ap, columns);
	err = query_bind(q, types, &ap);
	if (!err)
		err = query_step(found, q);
	if (!err && *found)
		err = query_columns(q, columns, &ap);
	va_end(ap);
	db_done(q);
	return err;
}

static void
hash_column(struct hash *h, sqlite3_stmt *stmt, int i)
{
	int type = sqlite3_column_type(stmt, i);
	const void *p = type == SQLITE_INTEGER ? NULL :
	    sqlite3_column_blob(stmt, i);
	int64_t n = p ? sqlite3_column_bytes(stmt, i) :
	    sqlite3_column_int64(stmt, i);

	hash_add(h, &type, sizeof(type));
	hash_add(h, &n, sizeof(n));
	if (p)
		hash_add(h, p, (size_t)n);
}

err_t
db_hash(struct hash *h, struct db *db, const char *sql)
{
	struct query *q = NULL;
	bool row = true;
	err_t err;

	err = query_find(&q, db, sql);
	while (!err && row) {
		err = query_step(&row, q);
		for (int i = 0; !err && row && i < sqlite3_column_count(
		    q->stmt); i++)
			hash_column(h, q->stmt, i);
	}
	db_done(q);
	return err;
}

/* ---- transactions ------------------------------------------------------ */

err_t
db_begin(struct db *db, bool write)
{
	err_t err;

	if (db->in_transaction)
		BUG("transaction within a transaction");
	err = write ? db_run(db, "BEGIN IMMEDIATE", "") :
	    db_run(db, "BEGIN", "");
	if (!err)
		db->in_transaction = true;
	return err;
}

err_t
db_commit(struct db *db)
{
	err_t err = db_run(db, "COMMIT", "");

	if (!err)
		db->in_transaction = false;
	return err;
}

void
db_rollback(struct db *db)
{
	if (!db->in_transaction)
		return;
	for (size_t i = 0; i < STATEMENTS; i++)
		if (db->queries[i].busy)
			db_done(&db->queries[i]);
	/* After some errors SQLite has rolled back by itself: then this
	 * fails, and nothing is lost by it. */
	sqlite3_exec(db->handle, "ROLLBACK", NULL, NULL, NULL);
	db->in_transaction = false;
}

void
db_end(struct db *db)
{
	if (!db->in_transaction)
		return;
	if (sqlite3_exec(db->handle, "COMMIT", NULL, NULL, NULL) == SQLITE_OK)
		db->in_transaction = false;
	else
		db_rollback(db);
}

bool
db_in_transaction(const struct db *db)
{
	return db->in_transaction;
}

/* ---- the file ---------------------------------------------------------- */

/* The index, its journal, or a temporary; SQLite's own file lies behind it. */
struct page_file {
	sqlite3_file base;
	unsigned char page[PAGE];	/* being written */
};

static sqlite3_file *
behind(sqlite3_file *f)
{
	return (sqlite3_file *)(void *)((struct page_file *)(void *)f + 1);
}

/* With errno = 0 before. */
static int
noted(int rc)
{
	if (rc != SQLITE_OK)
		io_errno = errno;
	return rc;
}

static uint32_t
load32(const unsigned char *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
	    (uint32_t)p[3] << 24;
}

/*
 * Over the 32-bit words of the page, the least significant byte first: two
 * sums, each of which takes in the other.  A change in one word changes them
 * by multiples of neighbouring Fibonacci numbers, never both even.
 */
static void
page_sum(unsigned char out[SUM], const unsigned char *page, uint64_t number)
{
	uint32_t a = (uint32_t)number, b = 0x64737631;

	for (size_t i = 0; i < PAGE - SUM; i += 8) {
		a += load32(page + i) + b;
		b += load32(page + i + 4) + a;
	}
	for (int i = 0; i < 4; i++) {
		out[i] = (unsigned char)(a >> 8 * i);
		out[4 + i] = (unsigned char)(b >> 8 * i);
	}
}

static uint64_t
page_number(sqlite3_int64 offset)
{
	return (uint64_t)offset / PAGE + 1;
}

static int
plain_read(sqlite3_file *f, void *p, int n, sqlite3_int64 offset)
{
	int rc;

	errno = 0;
	rc = behind(f)->pMethods->xRead(behind(f), p, n, offset);
	if (rc == SQLITE_OK || rc == SQLITE_IOERR_SHORT_READ)
		return rc;
	/* For some errors it would say that the file system is corrupt. */
	return noted(SQLITE_IOERR_READ);
}

static int
file_size(sqlite3_file *f, sqlite3_int64 *size)
{
	errno = 0;
	return noted(behind(f)->pMethods->xFileSize(behind(f), size));
}

static int
page_read(sqlite3_file *f, void *p, int n, sqlite3_int64 offset)
{
	int rc = plain_read(f, p, n, offset);
	unsigned char sum[SUM];
	sqlite3_int64 size;

	/* SQLite takes what is beyond the end for zeros. */
	if (rc == SQLITE_IOERR_SHORT_READ && n >= HEADER_READ_MAX) {
		int sized = file_size(f, &size);

		if (sized != SQLITE_OK)
			return sized;
		return offset < size ? SQLITE_IOERR_DATA : rc;
	}
	/* It reads parts of the first page before it knows the size. */
	if (rc != SQLITE_OK || n < HEADER_READ_MAX)
		return rc;
	if (n != PAGE || offset % PAGE)
		return SQLITE_NOTADB;
	page_sum(sum, p, page_number(offset));
	return memcmp(sum, (char *)p + PAGE - SUM, SUM) == 0 ? SQLITE_OK :
	    SQLITE_IOERR_DATA;
}

static int
plain_write(sqlite3_file *f, const void *p, int n, sqlite3_int64 offset)
{
	errno = 0;
	return noted(behind(f)->pMethods->xWrite(behind(f), p, n, offset));
}

static int
page_write(sqlite3_file *f, const void *p, int n, sqlite3_int64 offset)
{
	struct page_file *own = (struct page_file *)(void *)f;

	if (n != PAGE || offset % PAGE)
		return SQLITE_CORRUPT;
	memcpy(own->page, p, PAGE - SUM);
	page_sum(own->page + PAGE - SUM, p, page_number(offset));
	return plain_write(f, own->page, PAGE, offset);
}

static int
file_close(sqlite3_file *f)
{
	return behind(f)->pMethods->xClose(behind(f));
}

static int
file_truncate(sqlite3_file *f, sqlite3_int64 size)
{
	errno = 0;
	return noted(behind(f)->pMethods->xTruncate(behind(f), size));
}

static int
file_fsync(sqlite3_file *f, int flags)
{
	errno = 0;
	return noted(behind(f)->pMethods->xSync(behind(f), flags));
}

/* Somebody has the lock only if the system says so. */
static int
file_lock_level(sqlite3_file *f, int level)
{
	int rc;

	errno = 0;
	rc = behind(f)->pMethods->xLock(behind(f), level);
	if (rc == SQLITE_BUSY && errno && errno != EAGAIN)
		rc = SQLITE_IOERR_LOCK;
	return noted(rc);
}

/* A COMMIT whose lock could not be given up has happened all the same; the
 * lock goes when the file is closed. */
static int
file_unlock_level(sqlite3_file *f, int level)
{
	behind(f)->pMethods->xUnlock(behind(f), level);
	return SQLITE_OK;
}

static int
file_check_reserved(sqlite3_file *f, int *out)
{
	errno = 0;
	return noted(behind(f)->pMethods->xCheckReservedLock(behind(f), out));
}

static int
file_control(sqlite3_file *f, int op, void *arg)
{
	int rc;

	errno = 0;
	rc = behind(f)->pMethods->xFileControl(behind(f), op, arg);
	/* It could not find out. */
	if (op == SQLITE_FCNTL_HAS_MOVED && rc == SQLITE_OK &&
	    *(int *)arg && errno && errno != ENOENT)
		rc = noted(SQLITE_IOERR_FSTAT);
	return rc;
}

static int
file_sector(sqlite3_file *f)
{
	return behind(f)->pMethods->xSectorSize(behind(f));
}

static int
file_device(sqlite3_file *f)
{
	/* Never parts of a page (SQLITE_IOCAP_SUBPAGE_READ). */
	return behind(f)->pMethods->xDeviceCharacteristics(behind(f)) &
	    ~0x8000;
}

/* Version 1: without shared memory, and so without WAL. */
#define FILE_METHODS \
	.iVersion = 1, \
	.xClose = file_close, \
	.xTruncate = file_truncate, \
	.xSync = file_fsync, \
	.xFileSize = file_size, \
	.xLock = file_lock_level, \
	.xUnlock = file_unlock_level, \
	.xCheckReservedLock = file_check_reserved, \
	.xFileControl = file_control, \
	.xSectorSize = file_sector, \
	.xDeviceCharacteristics = file_device
static const sqlite3_io_methods page_methods = {
	FILE_METHODS, .xRead = page_read, .xWrite = page_write,
};
static const sqlite3_io_methods plain_methods = {
	FILE_METHODS, .xRead = plain_read, .xWrite = plain_write,
};

/* A file of this name, or none at all. */
static bool
can_be_journal(const char *name)
{
	struct stat st;

	errno = 0;
	return lstat(name, &st) == 0 ? S_ISREG(st.st_mode) : errno == ENOENT;
}

static int
vfs_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *f, int flags,
    int *out_flags)
{
	sqlite3_vfs *own = vfs->pAppData;
	int got = flags;
	int rc;

	f->pMethods = NULL;
	if (flags & (SQLITE_OPEN_WAL | SQLITE_OPEN_SUPER_JOURNAL))
		return SQLITE_CANTOPEN;
	if ((flags & SQLITE_OPEN_MAIN_JOURNAL) && !can_be_journal(name))
		return noted(SQLITE_CANTOPEN);
	errno = 0;
	rc = own->xOpen(own, name, behind(f), flags, &got);
	/* It would go on reading what it cannot write. */
	if (rc == SQLITE_OK && (flags & SQLITE_OPEN_READWRITE) &&
	    !(got & SQLITE_OPEN_READWRITE)) {
		rc = noted(SQLITE_CANTOPEN);
		file_close(f);
	}
	if (rc != SQLITE_OK)
		return noted(rc);
	if (out_flags)
		*out_flags = got;
	f->pMethods = flags & SQLITE_OPEN_MAIN_DB ? &page_methods :
	    &plain_methods;
	return SQLITE_OK;
}

/* A journal that cannot be looked for is not one that is not there. */
static int
vfs_access(sqlite3_vfs *vfs, const char *name, int flags, int *out)
{
	sqlite3_vfs *own = vfs->pAppData;
	int rc;

	errno = 0;
	rc = own->xAccess(own, name, flags, out);
	if (rc == SQLITE_OK && flags == SQLITE_ACCESS_EXISTS && !*out &&
	    errno && errno != ENOENT)
		rc = SQLITE_IOERR_ACCESS;
	return noted(rc);
}

static int
vfs_full_path(sqlite3_vfs *vfs, const char *name, int size, char *out)
{
	sqlite3_vfs *own = vfs->pAppData;

	errno = 0;
	return noted(own->xFullPathname(own, name, size, out));
}

/* The name of our VFS, which is SQLite's with another way to open. */
static const char *
vfs_name(void)
{
	static const char name[] = "dsv";
	static sqlite3_vfs vfs;
	sqlite3_vfs *own;

	if (sqlite3_vfs_find(name))
		return name;
	own = sqlite3_vfs_find(NULL);
	if (!own)
		mem_fail();	/* or SQLite would have begun, and had one */
	vfs = *own;
	vfs.pNext = NULL;
	vfs.zName = name;
	vfs.pAppData = own;
	vfs.szOsFile = (int)sizeof(struct page_file) + own->szOsFile;
	vfs.xOpen = vfs_open;
	vfs.xAccess = vfs_access;
	vfs.xFullPathname = vfs_full_path;
	if (sqlite3_vfs_register(&vfs, 0) != SQLITE_OK)
		mem_fail();
	return name;
}

/* ---- opening ----------------------------------------------------------- */

/* Whoever waits polls with growing pauses; SQLite's own handler does that. */
static err_t
set_up(struct db *db, enum db_mode mode, int64_t wait_ms)
{
	char sql[64];
	err_t err;

	sqlite3_extended_result_codes(db->handle, 1);
	sqlite3_busy_timeout(db->handle, (int)(wait_ms < 0 ? 0 :
	    wait_ms > 86400000 ? 86400000 : wait_ms));
	sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(db->handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_db_config(db->handle, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
	sqlite3_db_config(db->handle, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
	sqlite3_limit(db->handle, SQLITE_LIMIT_LENGTH, 1 << 24);
	sqlite3_limit(db->handle, SQLITE_LIMIT_ATTACHED, 0);
	err = db_exec(db, "PRAGMA mmap_size=0; PRAGMA cell_size_check=ON;"
	    "PRAGMA temp_store=MEMORY; PRAGMA foreign_keys=OFF");
	snprintf(sql, sizeof(sql), "PRAGMA cache_size=-%d", CACHE_KIB);
	if (!err)
		err = db_exec(db, sql);
	if (!err && mode != DB_READ)
		err = db_exec(db, "PRAGMA journal_mode=TRUNCATE;"
		    "PRAGMA synchronous=FULL");
	return err;
}

static err_t
create_schema(struct db *db)
{
	char sql[128];
	int sum = SUM;
	err_t err;

	sqlite3_file_control(db->handle, "main", SQLITE_FCNTL_RESERVE_BYTES,
	    &sum);
	snprintf(sql, sizeof(sql), "PRAGMA page_size=%d; "
	    "PRAGMA application_id=%d; PRAGMA user_version=%d", PAGE,
	    DB_APPLICATION_ID, DB_FORMAT);
	err = db_exec(db, sql);
	if (!err)
		err = db_begin(db, true);
	for (size_t i = 0; !err && db_schema[i]; i++)
		err = db_exec(db, db_schema[i]);
	if (!err)
		err = db_commit(db);
	return err;
}

static uint32_t
load_be(const unsigned char *p, int n)
{
	uint32_t v = 0;

	for (int i = 0; i < n; i++)
		v = v << 8 | p[i];
	return v;
}

/*
 * The header of the file, before SQLite looks at it and does what it says.
 * Offsets are those of SQLite's file format.  A transaction that was cut off
 * leaves the bytes that are looked at as they were.
 */
static err_t
check_header(struct db *db)
{
	unsigned char h[HEADER];
	sqlite3_file *f = NULL;
	uint32_t format;
	int rc;

	sqlite3_file_control(db->handle, "main", SQLITE_FCNTL_FILE_POINTER,
	    &f);
	if (!f || !f->pMethods)
		BUG("an index without a file");
	rc = f->pMethods->xRead(f, h, HEADER, 0);
	if (rc != SQLITE_OK)
		return db_error(db, rc, "cannot read");
	if (memcmp(h, "SQLite format 3", 16) != 0 ||
	    load_be(h + 68, 4) != DB_APPLICATION_ID)
		return err_new(ERR_CORRUPT, "\"%s\" is not a dsv index; "
		    "rebuild it with \"dsv fsck --repair\"", db->path);
	format = load_be(h + 60, 4);
	if (format > DB_FORMAT)
		return err_new(ERR_REFUSED, "\"%s\" has format %lu, and this "
		    "dsv knows formats up to %d; use a newer dsv", db->path,
		    (unsigned long)format, DB_FORMAT);
	if (load_be(h + 16, 2) != PAGE || h[18] != 1 || h[19] != 1 ||
	    h[20] != SUM)
		return db_damaged(db, "its header is not one that dsv writes");
	return NULL;
}

/* No table, trigger or view but ours: whatever else is there could change
 * what our statements do. */
static err_t
check_schema(struct db *db)
{
	struct query *q = NULL;
	const char *sql = NULL;
	size_t i = 0;
	err_t err;

	err = db_query(&q, db, "SELECT sql FROM sqlite_schema "
	    "WHERE sql IS NOT NULL AND "
	    "sql <> 'CREATE TABLE sqlite_sequence(name,seq)' "
	    "ORDER BY rowid", "");
	while (!err && db_next(&err, q, "s", &sql)) {
		if (!db_schema[i] || strcmp(db_schema[i], sql) != 0)
			break;
		i++;
		sql = NULL;
	}
	db_done(q);
	if (!err && (db_schema[i] || sql))
		err = err_new(ERR_CORRUPT, "the index \"%s\" does not have "
		    "the tables of dsv; rebuild it with \"dsv fsck "
		    "--repair\"", db->path);
	return err;
}

/*
 * A writer that was killed may have left a journal, which must be rolled back
 * before anything can be read.  SQLite does that for whoever may write.
 */
static err_t
recover(struct db *db, int64_t wait_ms)
{
	struct db *writer = NULL;
	err_t err;

	err = db_open(&writer, db->path, DB_WRITE, wait_ms);
	db_close(writer);
	return err;
}

/* Missing or not a file; or the system refuses, which is no damage. */
static err_t
cannot_open(struct db *db, enum db_mode mode)
{
	if (mode != DB_CREATE && (io_errno == 0 || io_errno == ENOENT ||
	    io_errno == EISDIR))
		return err_new(ERR_CORRUPT, "cannot open the index \"%s\"; "
		    "if it is lost, rebuild it with \"dsv fsck --repair\"",
		    db->path);
	return db_error(db, SQLITE_CANTOPEN, mode == DB_CREATE ?
	    "cannot make" : "cannot open");
}

static err_t
open_handle(struct db *db, enum db_mode mode, int64_t wait_ms)
{
	static const int flags[] = {
		[DB_READ] = SQLITE_OPEN_READONLY,
		[DB_WRITE] = SQLITE_OPEN_READWRITE,
		[DB_CREATE] = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
	};
	struct stat st;
	err_t err = NULL;
	int rc;

	io_errno = 0;
	/* SQLite would wait for a pipe. */
	if (lstat(db->path, &st) == 0 && !S_ISREG(st.st_mode))
		return db_damaged(db, "it is not a regular file");
	rc = sqlite3_open_v2(db->path, &db->handle, flags[mode] |
	    SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW, vfs_name());
	if (rc != SQLITE_OK)
		return (rc & 0xff) == SQLITE_CANTOPEN ?
		    cannot_open(db, mode) : db_error(db, rc, "cannot open");
	if (mode != DB_CREATE)
		err = check_header(db);
	if (!err)
		err = set_up(db, mode, wait_ms);
	if (!err)
		err = mode == DB_CREATE ? create_schema(db) :
		    check_schema(db);
	return err;
}

err_t
db_open(struct db **out, const char *path, enum db_mode mode, int64_t wait_ms)
{
	struct db *db = mem_zalloc(sizeof(*db));
	err_t err;

	db->path = mem_strdup(path);
	err = open_handle(db, mode, wait_ms);
	if (err && mode == DB_READ && db->handle &&
	    sqlite3_extended_errcode(db->handle) == SQLITE_READONLY_ROLLBACK) {
		err = recover(db, wait_ms);
		if (!err) {
			db_close(db);
			return db_open(out, path, mode, wait_ms);
		}
	}
	if (err) {
		db_close(db);
		return err;
	}
	*out = db;
	return NULL;
}

void
db_close(struct db *db)
{
	if (!db)
		return;
	db_rollback(db);
	for (size_t i = 0; i < STATEMENTS; i++)
		sqlite3_finalize(db->queries[i].stmt);
	sqlite3_close(db->handle);
	free(db->path);
	free(db);
}

#define NO_MEMORY "error code=7"	/* SQLITE_NOMEM, in its words */

err_t
db_check(struct db *db)
{
	struct query *q = NULL;
	const char *text;
	err_t err;

	io_errno = 0;
	err = db_query(&q, db, "PRAGMA integrity_check(1)", "");
	if (!err && db_next(&err, q, "s", &text) && strcmp(text, "ok") != 0) {
		/* A page that could not be read, or for which there was no
		 * memory, is a complaint of its too. */
		if (strstr(text, NO_MEMORY))
			mem_fail();
		err = io_errno ? db_error(db, SQLITE_IOERR_READ,
		    "cannot read") : db_damaged(db, text);
	}
	db_done(q);
	return err;
}

const char *
db_library(void)
{
	return sqlite3_libversion();
}

err_t
db_compact(struct db *db, bool always)
{
	int64_t pages = 0, free_pages = 0;
	bool found;
	err_t err;

	err = db_row(&found, db, "PRAGMA page_count", "", "i", &pages);
	if (!err)
		err = db_row(&found, db, "PRAGMA freelist_count", "", "i",
		    &free_pages);
	if (err || (!always && free_pages * 16 < pages))
		return err;
	/* The copy, which is an attached database, would be held in memory
	 * otherwise. */
	sqlite3_limit(db->handle, SQLITE_LIMIT_ATTACHED, 1);
	err = db_exec(db, "PRAGMA temp_store=FILE; VACUUM");
	sqlite3_limit(db->handle, SQLITE_LIMIT_ATTACHED, 0);
	if (!err)
		err = db_exec(db, "PRAGMA temp_store=MEMORY");
	return err;
}
