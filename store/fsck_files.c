/*
 * First pass: every file under objects/ hashes to its name, every object in
 * it to its id, and the index has each of them at the right place, and
 * nothing else.
 */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/cancel.h"
#include "lib/base/mem.h"
#include "store/fsck_int.h"

#define PIECE (1u << 20)

/* A segment being looked at. */
struct look {
	struct fsck *f;
	struct id id;
	char path[SEGMENT_PATH];
	int fd;
	uint64_t size;
	int64_t row;			/* 0: the index does not know it */
	uint64_t objects;
};

static err_t
look_say(struct look *l, const char *fact)
{
	idset_add(&l->f->damaged, &l->id);
	return fsck_say(l->f, "segment", l->path, "%s", fact);
}

/* Only what the disk cannot give is a finding. */
static err_t
look_failed(struct look *l, err_t err, const char *fact)
{
	return segment_is_lost(segment_error(err)) ? look_say(l, fact) : err;
}

static err_t
check_name(struct look *l)
{
	char *p = mem_alloc(PIECE);
	struct hash h;
	struct id id;
	size_t got = PIECE;
	err_t err = NULL;

	hash_init(&h);
	while (!err && got == PIECE) {
		err = cancel_check();
		if (!err)
			err = file_read_full(&got, l->fd, p, PIECE, l->path);
		if (!err) {
			hash_add(&h, p, got);
			l->size += got;
		}
	}
	hash_end(&id, &h);
	free(p);
	if (err)
		return look_failed(l, err, "cannot be read");
	l->f->totals->bytes += l->size;
	if (!id_eq(&id, &l->id))
		return look_say(l, "its bytes do not give its name");
	return NULL;
}

/*
 * The index must have this object here, or at another place just as good.
 * One that gc has dropped may lie here still, beside others, but an act is
 * never dropped.
 */
static err_t
check_row(bool *counts, struct look *l, enum kind kind, const struct id *id,
    uint64_t frame, uint64_t at, uint64_t size)
{
	int64_t segment, row_frame, row_at, row_size;
	bool found;
	err_t err;

	*counts = false;
	err = db_row(&found, l->f->store->db, "SELECT segment, frame, at, "
	    "size FROM object WHERE id = ? AND kind = ?", "di", "iiii", id,
	    (int64_t)kind, &segment, &row_frame, &row_at, &row_size);
	if (err)
		return err;
	if (!found && kind == KIND_EVENT)
		return fsck_say_id(l->f, kind_name(kind), id,
		    "the index does not have it");
	if (!found || segment != l->row)
		return NULL;		/* stored twice; the other one counts */
	*counts = true;
	l->objects++;
	if (row_frame != (int64_t)frame || row_at != (int64_t)at ||
	    row_size != (int64_t)size)
		return fsck_say_id(l->f, kind_name(kind), id,
		    "the index has it at a wrong place");
	return NULL;
}

static err_t
check_file_row(struct look *l, const struct id *recipe, const char *p,
    size_t size)
{
	struct buf b = { (char *)(uintptr_t)p, size, 0 };
	struct part part = part_of(&b);
	const void *content;
	struct id id, in_index;
	bool found;
	err_t err;

	part_byte(&part);
	part_byte(&part);
	content = part_bytes(&part, ID_SIZE);
	if (!content)
		return fsck_say_id(l->f, "recipe", recipe, "it is cut short");
	memcpy(id.b, content, ID_SIZE);
	err = db_row(&found, l->f->store->db, "SELECT recipe FROM file "
	    "WHERE id = ?", "d", "d", &id, &in_index);
	if (!err && !found)
		err = fsck_say_id(l->f, "file", &id, "the index does not "
		    "have its recipe");
	return err;
}

/* Of a delta that gc has dropped the base may be gone; of one that counts it
 * must be there. */
static err_t
check_baseless(struct look *l, const struct fsck_frame *frame,
    uint64_t offset)
{
	struct place place;
	bool found;
	err_t err;

	l->f->totals->objects++;
	err = place_find(&found, &place, l->f->store, frame->kind,
	    &frame->ids[0]);
	if (err || !found || place.segment != l->row ||
	    place.frame != (int64_t)offset)
		return err;
	l->objects++;
	marks_put(&l->f->lost, frame->kind, &frame->ids[0]);
	return fsck_say_id(l->f, kind_name(frame->kind), &frame->ids[0],
	    "the base of its delta cannot be read");
}

static err_t
check_frame(struct look *l, const struct fsck_frame *frame, uint64_t offset)
{
	uint64_t at = 0;
	err_t err = NULL;

	if (frame->baseless)
		return check_baseless(l, frame, offset);
	for (size_t i = 0; !err && i < frame->n; i++) {
		const char *p = buf_cstr(&frame->raw) + at;
		struct id id;
		bool counts = false;

		hash_bytes(&id, p, frame->sizes[i]);
		l->f->totals->objects++;
		if (!id_eq(&id, &frame->ids[i]))
			err = fsck_say_id(l->f, kind_name(frame->kind),
			    &frame->ids[i], "its bytes do not give its id");
		if (!err)
			err = check_row(&counts, l, frame->kind,
			    &frame->ids[i], offset, at, frame->sizes[i]);
		if (!err && counts)
			err = fsck_count(l->f, frame->kind, p,
			    frame->sizes[i]);
		if (!err && counts && frame->kind == KIND_RECIPE)
			err = check_file_row(l, &frame->ids[i], p,
			    frame->sizes[i]);
		if (!err && counts)
			err = fsck_derived(l->f, frame->kind, &frame->ids[i],
			    p, frame->sizes[i]);
		at += frame->sizes[i];
	}
	return err;
}

/* The footer says the length of each frame; the frames must agree. */
static err_t
check_frames(struct look *l)
{
	char tail[16];
	struct buf footer = BUF_INIT, trailer = { tail, sizeof(tail), 0 };
	struct part p;
	uint64_t start = 0, at = SEGMENT_MAGIC_LEN;
	size_t got;
	err_t err;

	if (l->size < SEGMENT_MAGIC_LEN + 16 + 1)
		return look_say(l, "it is too short");
	err = file_pread_full(&got, l->fd, tail, sizeof(tail), l->size - 16,
	    l->path);
	if (err)
		return look_failed(l, err, "cannot be read");
	p = part_of(&trailer);
	for (int i = 0; i < 8; i++)
		start |= (uint64_t)part_byte(&p) << 8 * i;
	if (memcmp(tail + 8, SEGMENT_END, 8) != 0 || start < at ||
	    start > l->size - 16 || l->size - 16 - start > (64u << 20))
		return look_say(l, "its end is damaged");
	err = file_pread_full(&got, l->fd, buf_reserve(&footer,
	    l->size - 16 - start), l->size - 16 - start, start, l->path);
	if (err) {
		buf_release(&footer);
		return look_failed(l, err, "cannot be read");
	}
	footer.len = got;
	p = part_of(&footer);
	for (uint64_t n = part_number(&p); !err && !p.bad && n > 0; n--) {
		struct fsck_frame frame;
		uint64_t len = part_number(&p);
		const char *why = "its footer is damaged";

		if (len > start - at || !fsck_frame_read(&frame, &why, l->f,
		    l->fd, at, at + len, true)) {
			err = look_say(l, why);
			p.bad = true;
			break;
		}
		if (frame.end != at + len)
			err = look_say(l, "its footer and its frames differ");
		if (!err)
			err = check_frame(l, &frame, at);
		at += len;
		fsck_frame_release(&frame);
	}
	if (!err && !idset_has(&l->f->damaged, &l->id) &&
	    (p.bad || p.left || at != start))
		err = look_say(l, "its footer is damaged");
	buf_release(&footer);
	return err;
}

/* Rows that name this segment but no object in it. */
static err_t
check_extra(struct look *l)
{
	int64_t rows;
	bool found;
	err_t err;

	if (!l->row || idset_has(&l->f->damaged, &l->id))
		return NULL;
	err = db_row(&found, l->f->store->db, "SELECT count(*) FROM object "
	    "WHERE segment = ?", "i", "i", l->row, &rows);
	if (!err && (uint64_t)rows != l->objects)
		err = fsck_say(l->f, "index", l->path, "has %lld objects of "
		    "this segment, which holds %llu of them",
		    (long long)rows, (unsigned long long)l->objects);
	return err;
}

static err_t
look_at(struct fsck *f, int dirfd, const char *name, const struct id *id)
{
	struct look l = { .f = f, .id = *id, .fd = -1 };
	char magic[SEGMENT_MAGIC_LEN];
	int64_t size = 0;
	size_t got;
	bool found;
	err_t err;

	segment_path(l.path, id);
	f->totals->segments++;
	idset_add(&f->segments, id);
	if (f->store->db) {
		err = db_row(&found, f->store->db, "SELECT n, size FROM "
		    "segment WHERE id = ?", "d", "ii", id, &l.row, &size);
		if (err)
			return err;
	}
	err = file_open_regular(&l.fd, dirfd, name);
	if (err)
		return look_failed(&l, err, "cannot be opened as a file");
	err = check_name(&l);
	if (!err && l.row && (uint64_t)size != l.size)
		err = look_say(&l, "the index has another size for it");
	if (!err) {
		err = file_pread_full(&got, l.fd, magic, sizeof(magic), 0,
		    l.path);
		if (err)
			err = look_failed(&l, err, "cannot be read");
		else if (got < sizeof(magic) ||
		    memcmp(magic, SEGMENT_MAGIC, sizeof(magic)) != 0)
			err = look_say(&l, "it does not begin as a segment");
		else if (!(f->flags & FSCK_QUICK) && f->store->db)
			err = check_frames(&l);
	}
	if (!err && !(f->flags & FSCK_QUICK) && f->store->db)
		err = check_extra(&l);
	close(l.fd);
	return err;
}

/* ---- directories ------------------------------------------------------- */

typedef err_t entry_fn(struct fsck *f, int dirfd, const char *parent,
    const char *name);

/* By errno: the directory is not one, or the disk cannot give it; or it is
 * the system that fails. */
static err_t
directory_failed(struct fsck *f, const char *name)
{
	bool other = errno == ENOTDIR || errno == ELOOP;
	err_t err = segment_error(err_sys("cannot read \"%s\"", name));

	if (!other && !segment_is_lost(err))
		return err;
	f->partial = true;
	return fsck_say(f, "file", name, "it is not a directory that can be "
	    "read");
}

static err_t
each_entry(struct fsck *f, int dirfd, const char *name, entry_fn *fn)
{
	int fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW |
	    O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;
	err_t err = NULL;

	if (!dir) {
		err = directory_failed(f, name);
		if (fd >= 0)
			close(fd);
		return err;
	}
	while (!err && (errno = 0, e = readdir(dir)) != NULL)
		if (strcmp(e->d_name, ".") != 0 &&
		    strcmp(e->d_name, "..") != 0)
			err = fn(f, fd, name, e->d_name);
	if (!err && errno)
		err = directory_failed(f, name);
	closedir(dir);
	return err;
}

static err_t
segment_entry(struct fsck *f, int dirfd, const char *shard, const char *name)
{
	char hex[ID_HEX + 1] = "";
	struct id id;

	/* A temporary of a system without O_TMPFILE, perhaps in use. */
	if (strncmp(name, ".tmp-", 5) == 0)
		return NULL;
	if (strlen(name) == ID_HEX - 2) {
		memcpy(hex, shard, 2);
		memcpy(hex + 2, name, ID_HEX - 2);
	}
	if (!id_parse(&id, hex, strlen(hex)))
		return fsck_say(f, "file", name, "does not belong in "
		    "objects/");
	return look_at(f, dirfd, name, &id);
}

static err_t
shard_entry(struct fsck *f, int dirfd, const char *parent, const char *name)
{
	(void)parent;
	if (strlen(name) != 2 || strspn(name, "0123456789abcdef") != 2)
		return fsck_say(f, "file", name, "does not belong in "
		    "objects/");
	return each_entry(f, dirfd, name, segment_entry);
}

/* A committed segment that its writer had no time to move. */
static err_t
tmp_entry(struct fsck *f, int dirfd, const char *parent, const char *name)
{
	struct id id;
	int64_t row;
	bool known = false;
	err_t err = NULL;

	(void)parent;
	if (strlen(name) != SEGMENT_PREPARED - 1 || !f->store->db ||
	    !id_parse(&id, name, ID_HEX))
		return NULL;
	err = db_row(&known, f->store->db, "SELECT n FROM segment "
	    "WHERE id = ?", "d", "i", &id, &row);
	if (err || !known || idset_has(&f->segments, &id))
		return err;
	return look_at(f, dirfd, name, &id);
}

static err_t
check_missing(struct fsck *f)
{
	char path[SEGMENT_PATH];
	struct query *q = NULL;
	struct id id;
	err_t err;

	err = db_query(&q, f->store->db, "SELECT id FROM segment", "");
	while (!err && db_next(&err, q, "d", &id)) {
		struct stat st;

		if (idset_has(&f->segments, &id))
			continue;
		/* One that was committed since objects/ was read is there. */
		segment_path(path, &id);
		if (fstatat(f->store->objectsfd, path, &st,
		    AT_SYMLINK_NOFOLLOW) == 0)
			continue;
		err = segment_error(err_sys("cannot look at \"objects/%s\"",
		    path));
		if (segment_is_lost(err))
			err = fsck_say(f, "segment", path, "it is missing");
		idset_add(&f->damaged, &id);
	}
	db_done(q);
	return err;
}

/* What of a damaged segment can be read nevertheless, and what is lost. */
static err_t
note_lost(struct fsck *f, const struct id *segment)
{
	struct query *q = NULL;
	int64_t kind;
	struct id id;
	err_t err;

	err = db_query(&q, f->store->db, "SELECT o.kind, o.id FROM object o "
	    "JOIN segment s ON s.n = o.segment WHERE s.id = ?", "d", segment);
	while (!err && db_next(&err, q, "id", &kind, &id)) {
		struct buf b = BUF_INIT;
		const char *why;

		if (!fsck_object(&b, &why, f, (enum kind)kind, &id))
			marks_put(&f->lost, (enum kind)kind, &id);
		buf_release(&b);
	}
	db_done(q);
	return err;
}

/* A delta whose base is lost is lost too; those were found by the frames. */
static err_t
note_all_lost(struct fsck *f)
{
	err_t err = NULL;

	for (size_t i = 0; !err && i < f->damaged.cap; i++)
		if (!id_is_zero(&f->damaged.slots[i]))
			err = note_lost(f, &f->damaged.slots[i]);
	return err;
}

err_t
fsck_files(struct fsck *f)
{
	err_t err;

	err = each_entry(f, f->store->dirfd, OBJECTS_DIR, shard_entry);
	if (!err)
		err = each_entry(f, f->store->dirfd, TMP_DIR, tmp_entry);
	if (!err && f->store->db)
		err = check_missing(f);
	if (!err && f->store->db)
		err = note_all_lost(f);
	return err;
}
