/*
 * The writing session: the order of its steps is the reliability of the
 * store.  See the invariants in store.h.
 *
 *	begin		locks/gc shared			(7)
 *	put …		segments durable under objects/	(2)
 *	lock		locks/write, BEGIN IMMEDIATE, settle tmp/
 *	put …		segments durable under tmp/	(5)
 *	commit		rows, COMMIT			(3)
 *			move tmp/… to objects/…		(5)
 */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/cancel.h"
#include "lib/base/clock.h"
#include "lib/base/mem.h"
#include "store/store_int.h"

/* More objects than this without a row take too much memory (24 MiB). */
#define PENDING_MAX 200000

static int64_t
deadline_of(const struct store *s)
{
	return clock_ms() + s->wait_ms;
}

static struct txn *
txn_new(struct store *s, const char *who)
{
	struct txn *t = mem_zalloc(sizeof(*t));

	if (s->mode != STORE_WRITE)
		BUG("store is open for reading");
	t->store = s;
	t->who = who;
	t->intent_lock = (struct file_lock)FILE_LOCK_INIT;
	t->gc_lock = (struct file_lock)FILE_LOCK_INIT;
	t->write_lock = (struct file_lock)FILE_LOCK_INIT;
	t->pack = pack_new(s);
	return t;
}

/* A gc that waits for the writers before us holds the intent: then we wait
 * for it, or it would never get its turn. */
err_t
txn_begin(struct txn **out, struct store *s, const char *who)
{
	struct txn *t = txn_new(s, who);
	int64_t deadline = deadline_of(s);
	err_t err;

	err = file_lock(&t->intent_lock, s->dirfd, LOCK_INTENT, false,
	    deadline, who);
	if (!err)
		err = file_lock(&t->gc_lock, s->dirfd, LOCK_GC, false,
		    deadline, who);
	file_unlock(&t->intent_lock);
	if (err) {
		txn_end(t);
		return err;
	}
	*out = t;
	return NULL;
}

err_t
txn_begin_alone(struct txn **out, struct store *s, const char *who,
    bool wait)
{
	struct txn *t = txn_new(s, who);
	int64_t deadline = wait ? deadline_of(s) : 0;
	err_t err;

	err = file_lock(&t->intent_lock, s->dirfd, LOCK_INTENT, true,
	    deadline, who);
	if (!err)
		err = file_lock(&t->gc_lock, s->dirfd, LOCK_GC, true,
		    deadline, who);
	if (err) {
		txn_end(t);
		return err;
	}
	*out = t;
	return NULL;
}

struct store *
txn_store(struct txn *t)
{
	return t->store;
}

/* ---- segments and their names ------------------------------------------ */

/* Open the shard of a segment, durable under its name.  Whoever made it may
 * have died before that, so it is synced whether it is new or not: that is
 * cheap if nothing changed. */
static err_t
shard_open(int *out, struct store *s, const char *path)
{
	char shard[3] = { path[0], path[1], '\0' };
	int fd;
	err_t err;

	if (mkdirat(s->objectsfd, shard, 0777) < 0 && errno != EEXIST)
		return err_sys("cannot make \"objects/%s\"", shard);
	fd = openat(s->objectsfd, shard, O_RDONLY | O_DIRECTORY | O_NOFOLLOW |
	    O_CLOEXEC);
	if (fd < 0)
		return err_sys("cannot open \"objects/%s\"", shard);
	err = file_sync(s->objectsfd, OBJECTS_DIR);
	if (err) {
		close(fd);
		return err;
	}
	*out = fd;
	return NULL;
}

err_t
segment_is_intact(bool *out, int shardfd, const char *name, const struct id *id)
{
	char *p = mem_alloc(1 << 16);
	struct hash h;
	struct id check;
	size_t got;
	int fd = -1;
	err_t err;

	*out = false;
	hash_init(&h);
	err = file_open_regular(&fd, shardfd, name);
	do {
		if (!err)
			err = file_read_full(&got, fd, p, 1 << 16, name);
		if (!err)
			hash_add(&h, p, got);
	} while (!err && got == 1 << 16);
	hash_end(&check, &h);
	*out = !err && id_eq(&check, id);
	if (fd >= 0)
		close(fd);
	free(p);
	err = segment_error(err);
	return segment_is_lost(err) ? NULL : err;
}

err_t
segment_store(struct store *s, struct file_temp *temp, const struct id *id)
{
	char path[SEGMENT_PATH];
	int shard = -1;
	bool intact;
	err_t err;

	segment_path(path, id);
	err = file_sync(temp->fd, "segment");
	if (!err)
		err = shard_open(&shard, s, path);
	if (err)
		return err;
	err = file_temp_link(temp, shard, path + 3);
	if (err_is(err, ERR_EXISTS)) {
		/* Somebody stored the same bytes; if theirs are damaged, ours
		 * heal them. */
		err = segment_is_intact(&intact, shard, path + 3, id);
		if (!err && !intact)
			err = file_temp_replace(temp, shard, path + 3);
	}
	if (!err)
		err = file_sync(shard, "shard");
	close(shard);
	return err;
}

err_t
segment_publish(struct store *s, const struct id *id)
{
	char path[SEGMENT_PATH], prepared[SEGMENT_PREPARED];
	int shard = -1;
	err_t err;

	segment_path(path, id);
	segment_prepared(prepared, id);
	err = shard_open(&shard, s, path);
	if (err)
		return err;
	/* To a power cut a move between directories may be two: the old name
	 * stays until the new one is durable.  Where the new one is taken or
	 * there are no links, a move it is. */
	if (linkat(s->tmpfd, prepared, shard, path + 3, 0) < 0 &&
	    renameat(s->tmpfd, prepared, shard, path + 3) < 0)
		err = err_sys("cannot move \"tmp/%s\" to \"objects/%s\"",
		    prepared, path);
	if (!err)
		err = file_sync(shard, "shard");
	if (!err && unlinkat(s->tmpfd, prepared, 0) < 0 && errno != ENOENT)
		err = err_sys("cannot remove \"tmp/%s\"", prepared);
	close(shard);
	return err;
}

static err_t
settle_one(struct store *s, const char *name)
{
	struct id id;
	int64_t row;
	bool known;
	err_t err;

	if (strlen(name) != SEGMENT_PREPARED - 1 ||
	    strcmp(name + ID_HEX, ".seg") != 0 ||
	    !id_parse(&id, name, ID_HEX))
		return NULL;
	err = db_row(&known, s->db, "SELECT n FROM segment WHERE id = ?", "d",
	    "i", &id, &row);
	if (err)
		return err;
	if (known)
		return segment_publish(s, &id);
	if (unlinkat(s->tmpfd, name, 0) < 0 && errno != ENOENT)
		return err_sys("cannot remove \"tmp/%s\"", name);
	return NULL;
}

err_t
txn_settle(struct store *s)
{
	int fd = openat(s->tmpfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;
	err_t err = NULL;

	if (!dir) {
		err = err_sys("cannot read \"%s/tmp\"", s->path);
		if (fd >= 0)
			close(fd);
		return err;
	}
	while (!err && (errno = 0, e = readdir(dir)))
		err = settle_one(s, e->d_name);
	if (!err && errno)
		err = err_sys("cannot read \"%s/tmp\"", s->path);
	closedir(dir);
	return err;
}

/* ---- the steps --------------------------------------------------------- */

static err_t
write_lock(struct txn *t)
{
	struct store *s = t->store;
	err_t err;

	err = file_lock(&t->write_lock, s->dirfd, LOCK_WRITE, true,
	    deadline_of(s), t->who);
	if (!err)
		err = db_begin(s->db, true);
	if (!err)
		err = txn_settle(s);
	if (err) {
		db_rollback(s->db);
		file_unlock(&t->write_lock);
	}
	return err;
}

err_t
txn_lock(struct txn *t)
{
	err_t err;

	if (t->locked)
		BUG("txn is locked already");
	if (t->failed)
		BUG("txn has failed");
	err = pack_flush(t->pack);
	if (!err)
		err = cancel_check();
	if (!err)
		err = write_lock(t);
	if (err)
		return err;
	/* (5): an event may come any time now. */
	pack_prepare(t->pack);
	t->locked = true;
	return NULL;
}

err_t
txn_step(struct txn *t, err_t (*fn)(void *arg), void *arg)
{
	err_t err;

	err = write_lock(t);
	if (err)
		return err;
	err = fn(arg);
	if (!err)
		err = db_commit(t->store->db);
	db_rollback(t->store->db);
	file_unlock(&t->write_lock);
	return err;
}

static err_t
insert_rows(void *arg)
{
	return pack_insert_rows(arg);
}

err_t
txn_enter(struct txn *t)
{
	err_t err;

	if (t->locked)
		BUG("objects are entered under the lock");
	if (!pack_pending(t->pack))
		return NULL;
	err = pack_flush(t->pack);
	if (!err)
		err = txn_step(t, insert_rows, t->pack);
	return err ? err : pack_publish(t->pack);
}

err_t
txn_checkpoint(struct txn *t)
{
	return t->locked || pack_pending(t->pack) < PENDING_MAX ? NULL :
	    txn_enter(t);
}

err_t
txn_commit(struct txn *t)
{
	struct store *s = t->store;
	err_t err;

	if (!t->locked || t->committed || t->failed)
		BUG("txn cannot be committed");
	err = pack_flush(t->pack);
	if (!err)
		err = pack_insert_rows(t->pack);
	if (!err)
		err = cancel_check();
	if (!err)
		err = db_commit(s->db);
	if (err)
		return err;
	t->committed = s->wrote = true;
	/* It is true now, whatever happens: a failure to move the segment is
	 * not one of this command, and the next writer will move it. */
	err = pack_publish(t->pack);
	(void)err;
	return NULL;
}

void
txn_end(struct txn *t)
{
	err_t err = NULL;

	if (!t)
		return;
	pack_free(t->pack);
	if (t->locked && !t->committed) {
		db_rollback(t->store->db);
		/* If the COMMIT failed half way, only the index knows whether
		 * it happened: a view makes SQLite settle that, and then the
		 * index decides about what was prepared. */
		err = store_view_begin(t->store);
		if (!err)
			store_view_end(t->store);
		if (!err)
			err = txn_settle(t->store);
	}
	(void)err;
	db_rollback(t->store->db);
	file_unlock(&t->write_lock);
	file_unlock(&t->gc_lock);
	file_unlock(&t->intent_lock);
	free(t);
}

/* near may be NULL. */
static err_t
put(const struct id *id, struct txn *t, enum kind kind, const void *p,
    size_t len, near_fn *near, void *arg)
{
	struct base base;
	struct id like;
	bool known, found = false;
	err_t err;

	err = pack_has(&known, t->pack, kind, id);
	if (err || known)
		return err;
	if (near)
		err = near(arg, &found, &like);
	if (!err && found)
		err = base_find(&found, &base, t->store, kind, &like);
	if (err)
		return err;
	return found ? pack_add_delta(t->pack, kind, id, p, len, &base) :
	    pack_add(t->pack, kind, id, p, len);
}

err_t
object_put_near(struct id *out, struct txn *t, enum kind kind, const void *p,
    size_t len, near_fn *near, void *arg)
{
	struct id id;
	err_t err;

	if (len > OBJECT_MAX)
		return err_new(ERR_USAGE, "a %s of %zu bytes cannot be "
		    "stored", kind_name(kind), len);
	hash_bytes(&id, p, len);
	err = put(&id, t, kind, p, len, near, arg);
	if (err)
		t->failed = true;
	else
		*out = id;
	return err;
}

err_t
object_put(struct id *out, struct txn *t, enum kind kind, const void *p,
    size_t len)
{
	return object_put_near(out, t, kind, p, len, NULL, NULL);
}
