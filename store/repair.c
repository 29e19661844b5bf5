/*
 * Repair: everything that can be read is kept or brought back, nothing is
 * deleted.
 *
 *	1. build the index anew (rebuild.c)
 *	2. put the damaged segments aside, in quarantine/: what is stored from
 *	   here on may have the same bytes as one of them had, and its name
 *	3. of these, store again every object that is whole
 *	4. look for what is missing in the trash, in quarantine/, and in the
 *	   files of the working tree that have not changed
 *	5. build the index anew
 *
 * Step 2 only moves, 3 and 4 only add segments; after a crash anywhere the
 * repair can be run again.
 */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/cancel.h"
#include "lib/base/mem.h"
#include "lib/base/zst.h"
#include "store/children.h"
#include "store/marks.h"
#include "store/store_int.h"

#define PIECE (1u << 20)

struct doomed {
	enum kind kind;
	struct id id;
};

struct repair {
	struct store *store;
	struct txn *txn;
	struct repair_report *report;
	struct id *damaged;		/* segments */
	size_t n_damaged, cap_damaged;
	struct doomed *doomed;		/* objects in them that are lost */
	size_t n_doomed, cap_doomed;
	int64_t segment;		/* row of the one being looked at */
	const struct id *content;	/* to be stored anew */
	struct lost lost;
	struct marks missing;		/* needed, and nowhere; count: 1 until
					 * it is found */
};

/* ---- damaged segments -------------------------------------------------- */

static err_t
find_damaged(struct repair *r)
{
	struct query *q = NULL;
	struct id id;
	bool intact;
	err_t err;

	err = db_query(&q, r->store->db, "SELECT id FROM segment", "");
	while (!err && db_next(&err, q, "d", &id)) {
		char path[SEGMENT_PATH];

		err = cancel_check();
		if (!err)
			err = segment_is_intact(&intact, r->store->objectsfd,
			    segment_path(path, &id), &id);
		if (err || intact)
			continue;
		VEC_ROOM(r->damaged, r->n_damaged, r->cap_damaged);
		r->damaged[r->n_damaged++] = id;
	}
	db_done(q);
	return err;
}

/* Store the object again if it is whole; otherwise it is doomed. */
static err_t
salvage_object(struct repair *r, enum kind kind, const struct id *id)
{
	struct buf b = BUF_INIT;
	err_t err;

	err = object_read(&b, r->store, kind, id);
	if (!err) {
		r->report->salvaged++;
		err = pack_add(r->txn->pack, kind, id, buf_cstr(&b), b.len);
	} else if (segment_is_lost(err)) {
		VEC_ROOM(r->doomed, r->n_doomed, r->cap_doomed);
		r->doomed[r->n_doomed].kind = kind;
		r->doomed[r->n_doomed++].id = *id;
		err = NULL;
	}
	buf_release(&b);
	return err;
}

static err_t
salvage_segment(struct repair *r, const struct id *segment)
{
	struct query *q = NULL;
	int64_t kind;
	struct id id;
	err_t err;

	err = db_query(&q, r->store->db, "SELECT o.kind, o.id FROM object o "
	    "JOIN segment s ON s.n = o.segment WHERE s.id = ? "
	    "ORDER BY o.frame, o.at", "d", segment);
	while (!err && db_next(&err, q, "id", &kind, &id))
		err = salvage_object(r, (enum kind)kind, &id);
	db_done(q);
	return err;
}

/*
 * A delta without its base cannot be read, however whole it is.  Unless the
 * object is stored elsewhere too, and that one counts.
 */
static err_t
doom_baseless(void *arg, uint64_t offset, const struct frame *f)
{
	struct repair *r = arg;
	struct place place;
	bool found;
	err_t err;

	if (f->codec != CODEC_DELTA)
		return NULL;
	err = place_find(&found, &place, r->store, f->kind, &f->base);
	if (err || found)
		return err;
	err = place_find(&found, &place, r->store, f->kind,
	    &f->entries[0].id);
	if (err || !found || place.segment != r->segment ||
	    place.frame != (int64_t)offset)
		return err;
	VEC_ROOM(r->doomed, r->n_doomed, r->cap_doomed);
	r->doomed[r->n_doomed].kind = f->kind;
	r->doomed[r->n_doomed++].id = f->entries[0].id;
	return NULL;
}

static err_t
find_baseless(struct repair *r)
{
	struct query *q = NULL;
	uint64_t end;
	struct id id;
	err_t err;

	err = db_query(&q, r->store->db, "SELECT n, id FROM segment", "");
	while (!err && db_next(&err, q, "id", &r->segment, &id)) {
		char path[SEGMENT_PATH];
		int fd = -1;

		/* One that is damaged is in objects/ no more. */
		err = segment_error(file_open_regular(&fd,
		    r->store->objectsfd, segment_path(path, &id)));
		if (!err)
			err = segment_frames_end(&end, fd);
		if (!err)
			err = segment_frames(fd, end, doom_baseless, r);
		if (fd >= 0)
			close(fd);
		if (segment_is_lost(err))
			err = NULL;
	}
	db_done(q);
	return err;
}

static err_t
delete_doomed(void *arg)
{
	struct repair *r = arg;
	err_t err = NULL;

	for (size_t i = 0; !err && i < r->n_doomed; i++)
		err = db_run(r->store->db, "DELETE FROM object WHERE id = ? "
		    "AND kind = ?", "di", &r->doomed[i].id,
		    (int64_t)r->doomed[i].kind);
	return err;
}

/* Under its full name, or with a number after it if that is taken. */
static err_t
quarantine(struct repair *r, const struct id *segment)
{
	char from[SEGMENT_PATH], hex[ID_HEX + 1], to[ID_HEX + 32];

	segment_path(from, segment);
	snprintf(to, sizeof(to), QUARANTINE_DIR "/%s", id_hex(hex, segment));
	for (unsigned n = 1; linkat(r->store->objectsfd, from,
	    r->store->dirfd, to, 0) < 0; n++) {
		if (errno != EEXIST)
			return err_sys("cannot move \"objects/%s\" to "
			    "\"quarantine\"", from);
		snprintf(to, sizeof(to), QUARANTINE_DIR "/%s.%u", hex, n);
	}
	if (unlinkat(r->store->objectsfd, from, 0) < 0)
		return err_sys("cannot move \"objects/%s\" away", from);
	r->report->quarantined++;
	return NULL;
}

/* ---- what is missing --------------------------------------------------- */

static err_t
need(void *arg, enum kind kind, const struct id *id)
{
	struct repair *r = arg;
	struct place place;
	struct id object = *id;
	bool found;
	err_t err;

	if (!kind) {
		err = db_row(&found, r->store->db, "SELECT recipe FROM file "
		    "WHERE id = ?", "d", "d", id, &object);
		if (err)
			return err;
		kind = found ? KIND_RECIPE : KIND_CHUNK;
		if (!found)
			object = *id;
	}
	err = place_find(&found, &place, r->store, kind, &object);
	if (!err && !found)
		marks_put(&r->missing, kind, &object)->count = 1;
	return err;
}

/* What the old index knew; what is doomed is looked for anyway. */
static err_t
want_lost(struct repair *r)
{
	err_t err = NULL;

	for (size_t i = 0; !err && i < r->lost.n; i++) {
		const struct lost_object *o = &r->lost.objects[i];
		bool found;

		err = object_has(&found, r->store, o->kind, &o->id);
		if (!err && !found)
			marks_put(&r->missing, o->kind, &o->id)->count = 1;
	}
	return err;
}

static err_t
find_missing(struct repair *r)
{
	struct doomed row, *rows = NULL;
	struct buf b = BUF_INIT;
	struct query *q = NULL;
	size_t n = 0, cap = 0;
	int64_t kind;
	err_t err;

	for (size_t i = 0; i < r->n_doomed; i++)
		marks_put(&r->missing, r->doomed[i].kind,
		    &r->doomed[i].id)->count = 1;
	err = want_lost(r);
	if (!err)
		err = db_query(&q, r->store->db, "SELECT id, kind FROM object "
		    "WHERE kind > 1 AND kind < 6", "");
	while (!err && db_next(&err, q, "di", &row.id, &kind)) {
		row.kind = (enum kind)kind;
		VEC_ROOM(rows, n, cap);
		rows[n++] = row;
	}
	db_done(q);
	for (size_t i = 0; !err && i < n; i++) {
		buf_clear(&b);
		err = object_read(&b, r->store, rows[i].kind, &rows[i].id);
		if (!err)
			err = children_walk(rows[i].kind, b.p, b.len, need,
			    r);
		if (segment_is_lost(err))
			err = NULL;
	}
	free(rows);
	buf_release(&b);
	return err;
}

/* Is the object one that is looked for?  Then it is found. */
static err_t
offer(struct repair *r, enum kind kind, const struct id *id, const char *p,
    size_t len, uint64_t *counter)
{
	struct mark *mark = marks_get(&r->missing, kind, id);
	struct id check;

	if (!mark || !mark->count)
		return NULL;
	hash_bytes(&check, p, len);
	if (!id_eq(&check, id))
		return NULL;
	mark->count = 0;
	(*counter)++;
	return pack_add(r->txn->pack, kind, id, p, len);
}

/* ---- segments that were put aside -------------------------------------- */

static bool
is_wanted(const struct repair *r, const struct frame *f)
{
	for (size_t i = 0; i < f->n; i++) {
		const struct mark *mark = marks_get(&r->missing, f->kind,
		    &f->entries[i].id);

		if (mark && mark->count)
			return true;
	}
	return false;
}

static err_t
decode_aside(struct buf *raw, struct store *s, const struct frame *f,
    const struct buf *stored)
{
	struct buf base = BUF_INIT;
	err_t err = NULL;

	buf_clear(raw);
	buf_reserve(raw, f->raw);
	if (f->codec != CODEC_DELTA) {
		err = frame_decode(raw->p, f, stored->p);
	} else {
		err = object_read(&base, s, f->kind, &f->base);
		if (!err)
			err = zst_decompress_prefix(raw->p, f->raw, base.p,
			    base.len, stored->p, stored->len);
	}
	if (!err)
		raw->len = f->raw;
	buf_release(&base);
	return err;
}

/* Frame after frame, as far as they can be read. */
static err_t
search_segment(struct repair *r, int fd)
{
	struct buf stored = BUF_INIT, raw = BUF_INIT;
	uint64_t at = SEGMENT_MAGIC_LEN;
	err_t err = NULL;

	for (;;) {
		struct frame f = FRAME_INIT;
		err_t bad = frame_read(&f, &stored, fd, at, "segment");
		size_t offset = 0;

		if (bad) {
			err = segment_is_lost(bad) ? NULL : bad;
			break;
		}
		at += f.head + f.stored;
		if (is_wanted(r, &f)) {
			bad = decode_aside(&raw, r->store, &f, &stored);
			err = segment_is_lost(bad) ? NULL : bad;
		}
		for (size_t i = 0; !err && !bad && raw.len && i < f.n; i++) {
			err = offer(r, f.kind, &f.entries[i].id,
			    raw.p + offset, f.entries[i].size,
			    &r->report->from_aside);
			offset += f.entries[i].size;
		}
		buf_clear(&raw);
		frame_release(&f);
		if (err)
			break;
	}
	buf_release(&stored);
	buf_release(&raw);
	return err;
}

static err_t
search_dir(struct repair *r, const char *name)
{
	int fd = openat(r->store->dirfd, name, O_RDONLY | O_DIRECTORY |
	    O_NOFOLLOW | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;
	err_t err = NULL;

	if (!dir) {
		err = errno == ENOENT ? NULL :
		    err_sys("cannot read \"%s\"", name);
		if (fd >= 0)
			close(fd);
		return err;
	}
	while (!err && (errno = 0, e = readdir(dir)) != NULL) {
		int segment = -1;
		struct id id;

		if (strlen(e->d_name) < ID_HEX ||
		    !id_parse(&id, e->d_name, ID_HEX))
			continue;
		err = segment_error(file_open_regular(&segment, fd,
		    e->d_name));
		if (!err)
			err = search_segment(r, segment);
		else if (segment_is_lost(err))
			err = NULL;
		if (segment >= 0)
			close(segment);
	}
	if (!err && errno)
		err = err_sys("cannot read \"%s\"", name);
	closedir(dir);
	return err;
}

/* ---- the working tree -------------------------------------------------- */

struct work_file {
	char *path;
	struct id content;
	enum cut cut;
};

struct lacking {
	struct repair *r;
	bool any;
};

static err_t
lacks_chunk(void *arg, const struct chunk_ref *chunk)
{
	struct lacking *l = arg;
	const struct mark *mark = marks_get(&l->r->missing, KIND_CHUNK,
	    &chunk->id);

	l->any = l->any || (mark && mark->count);
	return NULL;
}

/* Can the content be read from the store as it is? */
static err_t
is_lacking(bool *out, enum cut *cut, struct repair *r,
    const struct id *content)
{
	struct lacking l = { r, false };
	struct content facts;
	err_t err;

	*cut = CUT_AUTO;
	err = content_stat(&facts, r->store, content, CUT_AUTO);
	if (!err && facts.chunks > 1)
		*cut = facts.cut;
	if (!err)
		err = content_chunks(r->store, content, lacks_chunk, &l);
	*out = l.any || segment_is_lost(err);
	return segment_is_lost(err) ? NULL : err;
}

static err_t
hash_file(struct id *out, int rootfd, const char *path)
{
	char *p = mem_alloc(PIECE);
	struct hash h;
	size_t got = PIECE;
	int fd = -1;
	err_t err;

	hash_init(&h);
	err = file_open_beneath(&fd, rootfd, path, O_RDONLY | O_NONBLOCK |
	    O_NOFOLLOW, 0);
	while (!err && got == PIECE) {
		err = cancel_check();
		if (!err)
			err = file_read_full(&got, fd, p, PIECE, path);
		if (!err)
			hash_add(&h, p, got);
	}
	hash_end(out, &h);
	if (fd >= 0)
		close(fd);
	free(p);
	return err;
}

/* A failure that says nothing about the file: another try may find it. */
static bool
is_passing(err_t err)
{
	err = segment_error(err);
	return err_is(err, ERR_SYSTEM) || err_is(err, ERR_CANCELLED);
}

static err_t
count_ingested(void *arg, const struct ingested *result)
{
	struct repair *r = arg;

	if (!result->failure && !result->was_known)
		r->report->from_files++;
	return is_passing(result->failure) ? result->failure : NULL;
}

static err_t
collect_work_files(struct work_file **out, size_t *n, struct store *s)
{
	struct query *q = NULL;
	struct work_file f = { NULL, { { 0 } }, CUT_AUTO };
	const char *path;
	size_t cap = 0;
	err_t err;

	err = db_query(&q, s->db, "SELECT path, id FROM stage WHERE mode < 3",
	    "");
	while (!err && db_next(&err, q, "pd", &path, &f.content)) {
		f.path = mem_strdup(path);
		VEC_ROOM(*out, *n, cap);
		(*out)[(*n)++] = f;
	}
	db_done(q);
	return err;
}

static err_t
forget_file(void *arg)
{
	const struct repair *r = arg;

	return db_run(r->store->db, "DELETE FROM file WHERE id = ?", "d",
	    r->content);
}

/* Files whose content cannot be read from the store, but is what it was. */
static err_t
ingest_unchanged(struct repair *r, struct ingest *in, int rootfd,
    const struct work_file *f)
{
	enum cut cut;
	struct id now;
	bool lacking;
	err_t err;

	err = is_lacking(&lacking, &cut, r, &f->content);
	if (err || !lacking)
		return err;
	err = hash_file(&now, rootfd, f->path);
	if (err)
		return is_passing(err) ? err : NULL;
	if (!id_eq(&now, &f->content))
		return NULL;
	/* Its recipe may be there and a node of it not: it is made again. */
	r->content = &f->content;
	err = txn_step(r->txn, forget_file, r);
	return err ? err : ingest_file(in, f->path, cut, NULL);
}

static err_t
search_work_files(struct repair *r)
{
	struct work_file *files = NULL;
	struct ingest *in = NULL;
	size_t n = 0;
	int rootfd;
	err_t err;

	rootfd = openat(r->store->dirfd, "..", O_RDONLY | O_DIRECTORY |
	    O_CLOEXEC);
	if (rootfd < 0)
		return err_sys("cannot open the working tree");
	err = collect_work_files(&files, &n, r->store);
	if (!err)
		err = ingest_begin(&in, r->txn, rootfd, count_ingested, r);
	for (size_t i = 0; !err && i < n; i++)
		err = ingest_unchanged(r, in, rootfd, &files[i]);
	if (!err)
		err = ingest_finish(in);
	ingest_free(in);
	for (size_t i = 0; i < n; i++)
		free(files[i].path);
	free(files);
	close(rootfd);
	return err;
}

/* ---- the steps --------------------------------------------------------- */

static err_t
change_nothing(void *arg)
{
	(void)arg;
	return NULL;
}

static err_t
recover(struct repair *r)
{
	err_t err;

	/* Whoever takes the write lock gives what a killed writer had prepared
	 * its name, or it would seem to be missing. */
	err = txn_step(r->txn, change_nothing, NULL);
	if (!err)
		err = find_damaged(r);
	for (size_t i = 0; !err && i < r->n_damaged; i++)
		err = quarantine(r, &r->damaged[i]);
	for (size_t i = 0; !err && i < r->n_damaged; i++)
		err = salvage_segment(r, &r->damaged[i]);
	if (!err && r->n_doomed)
		err = txn_step(r->txn, delete_doomed, r);
	if (!err)
		err = find_baseless(r);
	if (!err && r->n_doomed)
		err = txn_step(r->txn, delete_doomed, r);
	if (!err)
		err = find_missing(r);
	if (!err && r->missing.n)
		err = search_dir(r, "trash");
	if (!err && r->missing.n)
		err = search_dir(r, QUARANTINE_DIR);
	if (!err && r->missing.n)
		err = search_work_files(r);
	if (!err)
		err = pack_flush(r->txn->pack);
	return err;
}

static err_t
say_lost(struct repair *r, const char *path, bool any_owner, int64_t wait_ms,
    finding_fn *fn, void *arg)
{
	struct store *s = NULL;
	err_t err;

	err = store_open(&s, path, STORE_READ, wait_ms, any_owner);
	if (!err)
		err = lost_say(&r->report->lost, &r->lost, s, fn, arg);
	store_close(s);
	return err;
}

err_t
store_repair(struct repair_report *out, const char *path, bool any_owner,
    int64_t wait_ms, finding_fn *fn, void *arg)
{
	struct repair r = { .report = out, .lost = LOST_INIT,
	    .missing = MARKS_INIT };
	err_t err;

	memset(out, 0, sizeof(*out));
	err = rebuild_run(&r.lost, path, any_owner, wait_ms);
	if (!err)
		err = store_open(&r.store, path, STORE_WRITE, wait_ms,
		    any_owner);
	if (!err)
		err = txn_begin_alone(&r.txn, r.store, "fsck", true);
	if (!err)
		err = recover(&r);
	txn_end(r.txn);
	store_close(r.store);
	marks_release(&r.missing);
	free(r.damaged);
	free(r.doomed);
	if (!err && (out->quarantined || out->salvaged || out->from_aside ||
	    out->from_files))
		err = store_rebuild(path, any_owner, wait_ms);
	if (!err)
		err = say_lost(&r, path, any_owner, wait_ms, fn, arg);
	lost_release(&r.lost);
	return err;
}
