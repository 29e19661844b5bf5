/*
 * The checker: three passes over what is there (files, reachability, events),
 * by code that does not trust the writer's.  It changes nothing.
 *
 * A writer may be at work meanwhile: only gc is kept out.
 */

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/mem.h"
#include "store/fsck_int.h"

void
fsck_fail(struct fsck *f, err_t why)
{
	if (!f->failure.code)
		f->failure = *why;
}

err_t
fsck_failed(const struct fsck *f)
{
	return f->failure.code ? err_adopt(&f->failure) : NULL;
}

static err_t
say(struct fsck *f, const char *what, const char *subject, const char *fact)
{
	struct finding finding = { what, subject, fact };

	if (f->failure.code)
		return fsck_failed(f);
	f->totals->findings++;
	return f->fn(f->arg, &finding);
}

err_t
fsck_say(struct fsck *f, const char *what, const char *subject,
    const char *fmt, ...)
{
	char fact[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(fact, sizeof(fact), fmt, ap);
	va_end(ap);
	return say(f, what, subject, fact);
}

err_t
fsck_say_id(struct fsck *f, const char *what, const struct id *id,
    const char *fmt, ...)
{
	char fact[512], hex[ID_HEX + 1];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(fact, sizeof(fact), fmt, ap);
	va_end(ap);
	return say(f, what, id_hex(hex, id), fact);
}

/* The index, if it can be opened; otherwise that is the first finding. */
static err_t
open_index(struct fsck *f, const char *path)
{
	struct buf index = BUF_INIT;
	err_t err, said = NULL;

	buf_printf(&index, "%s/index.db", path);
	err = db_open(&f->store->db, index.p, DB_READ, f->store->wait_ms);
	if (!err)
		err = db_check(f->store->db);
	buf_release(&index);
	err = segment_error(err);
	if (err && err->code != ERR_CORRUPT && err->code != ERR_UNREADABLE)
		return err;
	if (err) {
		said = fsck_say(f, "index", "index.db", "%s", err->msg);
		db_close(f->store->db);
		f->store->db = NULL;
	}
	return said;
}

/* Something that changes with every commit to the index. */
static err_t
index_mark(int64_t out[2], struct db *db)
{
	bool found;

	return db_row(&found, db, "SELECT ifnull((SELECT max(n) FROM segment),"
	    " 0), ifnull((SELECT max(n) FROM event), 0)", "", "ii", &out[0],
	    &out[1]);
}

/* Events against refs, seen at one moment: writers wait for this pass. */
static err_t
check_events(struct fsck *f)
{
	err_t err;

	err = db_begin(f->store->db, false);
	if (!err)
		err = fsck_events(f);
	db_rollback(f->store->db);
	return err;
}

/* Counts only if no writer has come between the passes. */
static err_t
check_counts(struct fsck *f, const int64_t before[2])
{
	int64_t now[2];
	err_t err;

	if (f->partial)
		return NULL;
	err = index_mark(now, f->store->db);
	if (!err && now[0] == before[0] && now[1] == before[1])
		err = fsck_compare_counts(f);
	if (!err && now[0] == before[0] && now[1] == before[1])
		err = fsck_compare_derived(f);
	return err;
}

err_t
store_fsck(struct fsck_totals *out, const char *path, bool any_owner,
    unsigned flags, finding_fn *fn, void *arg)
{
	struct fsck f = { .flags = flags, .totals = out, .fn = fn,
	    .arg = arg };
	struct file_lock lock = FILE_LOCK_INIT;
	int64_t mark[2];
	err_t err;

	memset(out, 0, sizeof(*out));
	err = store_open_files(&f.store, path, STORE_READ, 30000, any_owner);
	if (err)
		return err;
	err = file_lock(&lock, f.store->dirfd, LOCK_GC, false,
	    clock_ms() + f.store->wait_ms, "fsck");
	/* A read-only repository has no lock to take, and no gc. */
	if (err_is(err, ERR_PERMISSION))
		err = NULL;
	if (!err)
		err = open_index(&f, path);
	if (!err && f.store->db)
		err = index_mark(mark, f.store->db);
	if (!err)
		err = fsck_files(&f);
	if (!err && f.store->db)
		err = fsck_reach(&f);
	if (!err && f.store->db)
		err = check_events(&f);
	if (!err && f.store->db && !(flags & FSCK_QUICK))
		err = check_counts(&f, mark);
	if (!err)
		err = fsck_failed(&f);
	file_unlock(&lock);
	idset_release(&f.segments);
	idset_release(&f.damaged);
	idset_release(&f.seen);
	counts_release(&f.counts);
	marks_release(&f.lost);
	buf_release(&f.path);
	fsck_frame_release(&f.kept.frame);
	fsck_frame_release(&f.base.frame);
	store_close(f.store);
	return err;
}
