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

/* ---- emptying ---------------------------------------------------------- */

struct emptied {
	uint64_t bytes, files;
};

static err_t
remove_one(void *arg, int dirfd, const char *name)
{
	struct emptied *e = arg;
	struct stat st;

	if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
	    !S_ISREG(st.st_mode))
		return NULL;
	if (unlinkat(dirfd, name, 0) < 0 && errno != ENOENT)
		return err_sys("cannot remove \"" TRASH_DIR "/%s\"", name);
	e->bytes += (uint64_t)st.st_size;
	e->files++;
	return NULL;
}

err_t
trash_empty(uint64_t *bytes, uint64_t *files, struct store *s)
{
	struct emptied e = { 0, 0 };
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

static err_t
orphan_name(void *arg, int dirfd, const char *name)
{
	struct orphans *o = arg;
	char hex[ID_HEX + 1];
	struct stat st;
	struct id id;
	int64_t row;
	bool known;
	err_t err;

	if (strlen(name) != ID_HEX - 2)
		return NULL;
	snprintf(hex, sizeof(hex), "%.2s%s", o->shard, name);
	if (!id_parse(&id, hex, ID_HEX))
		return NULL;
	err = db_row(&known, o->store->db, "SELECT n FROM segment "
	    "WHERE id = ?", "d", "i", &id, &row);
	if (err || known)
		return err;
	if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return NULL;
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
