/*
 * The trash: where gc puts segments before they are gone for good.
 *
 *	trash/<64 hex>
 *
 * A reader that looked into the index before gc changed it finds its segment
 * here; and whatever gc took by mistake can be put back until the next gc.
 */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/store_int.h"

#define TRASH_DIR "trash"

static void
trash_path(char out[ID_HEX + sizeof(TRASH_DIR "/")], const struct id *id)
{
	char hex[ID_HEX + 1];

	snprintf(out, ID_HEX + sizeof(TRASH_DIR "/"), TRASH_DIR "/%s",
	    id_hex(hex, id));
}

err_t
trash_open(int *fd, struct store *s, const struct id *id)
{
	char path[ID_HEX + sizeof(TRASH_DIR "/")];

	trash_path(path, id);
	return file_open_regular(fd, s->dirfd, path);
}

typedef err_t name_fn(void *arg, int dirfd, const char *name);

static err_t
each_name(int dirfd, const char *dir, name_fn *fn, void *arg)
{
	int fd = openat(dirfd, dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW |
	    O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;
	err_t err = NULL;

	if (!d) {
		err = err_sys("cannot read \"%s\"", dir);
		if (fd >= 0)
			close(fd);
		return err;
	}
	while (!err && (errno = 0, e = readdir(d)) != NULL)
		if (e->d_name[0] != '.')
			err = fn(arg, fd, e->d_name);
	if (!err && errno)
		err = err_sys("cannot read \"%s\"", dir);
	closedir(d);
	return err;
}

/* Does the index have a segment of this name? */
static err_t
is_known(bool *out, struct store *s, const struct id *id)
{
	int64_t row;

	return db_row(out, s->db, "SELECT n FROM segment WHERE id = ?", "d",
	    "i", id, &row);
}

/* ---- emptying ---------------------------------------------------------- */

struct emptied {
	struct store *store;
	uint64_t bytes, files;
};

/* A segment that is needed goes back where it was, whoever put it here. */
static err_t
put_back(bool *out, struct store *s, int dirfd, const char *name)
{
	char path[SEGMENT_PATH], shard[3];
	struct stat st;
	struct id id;
	err_t err;

	*out = false;
	if (!id_parse(&id, name, strlen(name)))
		return NULL;
	err = is_known(out, s, &id);
	if (err || !*out)
		return err;
	segment_path(path, &id);
	*out = fstatat(s->objectsfd, path, &st, AT_SYMLINK_NOFOLLOW) < 0;
	if (!*out)
		return NULL;
	snprintf(shard, sizeof(shard), "%.2s", path);
	if (mkdirat(s->objectsfd, shard, 0777) < 0 && errno != EEXIST)
		return err_sys("cannot make \"objects/%s\"", shard);
	if (renameat(dirfd, name, s->objectsfd, path) < 0)
		return err_sys("cannot move \"" TRASH_DIR "/%s\" back", name);
	err = file_sync_dir(s->objectsfd, shard);
	return err ? err : file_sync(s->objectsfd, OBJECTS_DIR);
}

static err_t
remove_one(void *arg, int dirfd, const char *name)
{
	struct emptied *e = arg;
	struct stat st;
	bool needed;
	err_t err;

	if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
	    !S_ISREG(st.st_mode))
		return NULL;
	err = put_back(&needed, e->store, dirfd, name);
	if (err || needed)
		return err;
	if (unlinkat(dirfd, name, 0) < 0 && errno != ENOENT)
		return err_sys("cannot remove \"" TRASH_DIR "/%s\"", name);
	e->bytes += (uint64_t)st.st_size;
	e->files++;
	return NULL;
}

err_t
trash_empty(uint64_t *bytes, uint64_t *files, struct store *s)
{
	struct emptied e = { s, 0, 0 };
	err_t err;

	/* It may be missing if gc was killed below. */
	if (mkdirat(s->dirfd, TRASH_DIR, 0777) < 0 && errno != EEXIST)
		return err_sys("cannot make \"" TRASH_DIR "\"");
	err = each_name(s->dirfd, TRASH_DIR, remove_one, &e);

	*bytes = e.bytes;
	*files = e.files;
	/* A directory stays as large as it ever was: begin a new one. */
	if (!err && e.files && unlinkat(s->dirfd, TRASH_DIR,
	    AT_REMOVEDIR) == 0 && mkdirat(s->dirfd, TRASH_DIR, 0777) < 0)
		err = err_sys("cannot make \"" TRASH_DIR "\"");
	return err;
}

/* ---- filling ----------------------------------------------------------- */

err_t
trash_put(uint64_t *bytes, struct store *s, const struct id *id)
{
	char from[SEGMENT_PATH], to[ID_HEX + sizeof(TRASH_DIR "/")];
	struct stat st;
	bool known;
	err_t err;

	/* What was packed may have come out as it was. */
	err = is_known(&known, s, id);
	if (err || known)
		return err;
	segment_path(from, id);
	trash_path(to, id);
	if (fstatat(s->objectsfd, from, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
	    renameat(s->objectsfd, from, s->dirfd, to) < 0)
		return errno == ENOENT ? NULL :
		    err_sys("cannot move \"objects/%s\" to the trash", from);
	*bytes += (uint64_t)st.st_size;
	/* No writer is about to use an empty shard: gc is alone. */
	from[2] = '\0';
	unlinkat(s->objectsfd, from, AT_REMOVEDIR);
	return NULL;
}

/* ---- orphans ----------------------------------------------------------- */

struct orphans {
	struct store *store;
	orphan_fn *fn;
	void *arg;
	const char *shard;
};

/* Acts that the index does not have: it is older than the objects. */
static err_t
check_act(void *arg, uint64_t offset, const struct frame *f)
{
	struct store *s = arg;
	bool known = true;
	err_t err = NULL;

	(void)offset;
	for (size_t i = 0; !err && known && f->kind == KIND_EVENT &&
	    i < f->n; i++)
		err = object_has(&known, s, KIND_EVENT, &f->entries[i].id);
	if (!err && !known)
		err = err_new(ERR_CORRUPT, "objects/ has acts that the index "
		    "does not know; nothing was deleted; see \"dsv fsck\"");
	return err;
}

static err_t
check_acts(struct store *s, int dirfd, const char *name)
{
	uint64_t end;
	int fd = -1;
	err_t err;

	err = file_open_regular(&fd, dirfd, name);
	if (err)
		return err;
	/* A file that is no segment is for fsck to tell of. */
	if (!segment_frames_end(&end, fd))
		err = segment_frames(fd, end, check_act, s);
	close(fd);
	return err;
}

static err_t
orphan_name(void *arg, int dirfd, const char *name)
{
	struct orphans *o = arg;
	char hex[ID_HEX + 1];
	struct stat st;
	struct id id;
	bool known;
	err_t err;

	if (strlen(name) != ID_HEX - 2)
		return NULL;
	snprintf(hex, sizeof(hex), "%.2s%s", o->shard, name);
	if (!id_parse(&id, hex, ID_HEX))
		return NULL;
	err = is_known(&known, o->store, &id);
	if (err || known)
		return err;
	if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
	    !S_ISREG(st.st_mode))
		return NULL;
	err = check_acts(o->store, dirfd, name);
	if (err)
		return err;
	return o->fn(o->arg, &id, (uint64_t)st.st_size);
}

static err_t
orphan_shard(void *arg, int dirfd, const char *name)
{
	struct orphans *o = arg;

	if (strlen(name) != 2)
		return NULL;
	o->shard = name;
	return each_name(dirfd, name, orphan_name, o);
}

err_t
trash_orphans(struct store *s, orphan_fn *fn, void *arg)
{
	struct orphans o = { s, fn, arg, NULL };

	return each_name(s->dirfd, OBJECTS_DIR, orphan_shard, &o);
}
