/*
 * Making, opening and closing a store.
 *
 *	.dsv/format	"dsv 1", then "writer <32 hex>": what a reader must
 *			know before it looks at anything else
 *	.dsv/config	see dsv-config(5); not read here
 *	.dsv/index.db	see schema.c
 *	.dsv/objects/	segments, in 256 shards
 *	.dsv/tmp/	segments that wait for their COMMIT
 *	.dsv/locks/	gc and write
 *	.dsv/trash/ .dsv/quarantine/
 */

#include "store/store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/mem.h"
#include "store/store_int.h"

#define FORMAT_FILE "format"
#define FORMAT_MAX 4096

/* ---- opening ----------------------------------------------------------- */

static err_t
open_dir(int *out, int dirfd, const char *name, const char *path)
{
	*out = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW |
	    O_CLOEXEC);
	if (*out >= 0)
		return NULL;
	/* Missing, or something else in its place, is damage; that the system
	 * refuses is not. */
	if (errno == ENOENT || errno == ENOTDIR || errno == ELOOP)
		return err_new(ERR_CORRUPT, "cannot open \"%s/%s\": %s", path,
		    name, strerror(errno));
	return err_sys("cannot open \"%s/%s\"", path, name);
}

/* It may be missing; but a link would lead what is written there elsewhere. */
static err_t
check_dir(int dirfd, const char *name, const char *path)
{
	struct stat st;

	if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW)) {
		if (errno == ENOENT)
			return NULL;
		return err_sys("cannot look at \"%s/%s\"", path, name);
	}
	return S_ISDIR(st.st_mode) ? NULL : err_new(ERR_CORRUPT,
	    "\"%s/%s\" is not a directory", path, name);
}

static bool
is_trusted_owner(uid_t owner)
{
	const char *sudo = getenv("SUDO_UID");
	uid_t me = geteuid();

	if (owner == me)
		return true;
	return me == 0 && sudo && *sudo &&
	    strtoul(sudo, NULL, 10) == (unsigned long)owner;
}

/* A repository that somebody else planted could mislead whoever opens it. */
static err_t
check_owner(const struct store *s)
{
	static const char *const names[] = {
		".", "index.db", OBJECTS_DIR, TMP_DIR, FORMAT_FILE,
	};
	struct stat st;

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (fstatat(s->dirfd, names[i], &st,
		    AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		if (!is_trusted_owner(st.st_uid))
			return err_new(ERR_REFUSED, "\"%s\" belongs to "
			    "another user (uid %lu); if you trust it, run "
			    "\"dsv config set --user safe.directory DIR\" "
			    "with its directory", s->path,
			    (unsigned long)st.st_uid);
	}
	return NULL;
}

static bool
parse_format(unsigned long *version, uint8_t writer[WRITER_SIZE],
    const char *text)
{
	char hex[ID_HEX + 1];
	struct id id;
	int n = 0;

	memset(hex, '0', sizeof(hex));
	if (sscanf(text, "dsv %lu\nwriter %32[0-9a-f]%n", version, hex,
	    &n) < 1)
		return false;
	if (*version != DB_FORMAT)
		return true;
	hex[2 * WRITER_SIZE] = '0';
	if (n == 0 || strcmp(text + n, "\n") != 0 ||
	    !id_parse(&id, hex, ID_HEX))
		return false;
	memcpy(writer, id.b, WRITER_SIZE);
	return true;
}

static err_t
read_format(struct store *s)
{
	struct buf b = BUF_INIT;
	unsigned long version = 0;
	err_t err;

	err = file_slurp(&b, s->dirfd, FORMAT_FILE, FORMAT_MAX);
	if (err_is(err, ERR_NOT_FOUND))
		err = err_new(ERR_CORRUPT, "\"%s/format\" is missing: this is "
		    "not a whole repository", s->path);
	if (!err && !parse_format(&version, s->writer, buf_cstr(&b)))
		err = err_new(ERR_CORRUPT, "\"%s/format\" is damaged",
		    s->path);
	if (!err && version != DB_FORMAT)
		err = err_new(ERR_REFUSED, "\"%s\" has format %lu, and this "
		    "dsv knows format %d only; use a newer dsv", s->path,
		    version, DB_FORMAT);
	buf_release(&b);
	return err;
}

static struct store *
store_new(const char *path, enum store_mode mode, int64_t wait_ms)
{
	struct store *s = mem_zalloc(sizeof(*s));

	s->path = mem_strdup(path);
	s->dirfd = s->objectsfd = s->tmpfd = -1;
	s->mode = mode;
	s->wait_ms = wait_ms;
	for (size_t i = 0; i < OPEN_SEGMENTS; i++)
		s->open[i].fd = -1;
	return s;
}

/* Everything but the index. */
err_t
store_open_files(struct store **out, const char *path, enum store_mode mode,
    int64_t wait_ms, bool any_owner)
{
	static const char *const others[] = { "locks", "trash",
	    "quarantine" };
	struct store *s = store_new(path, mode, wait_ms);
	err_t err = NULL;

	s->dirfd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (s->dirfd < 0)
		err = err_sys("cannot open \"%s\"", path);
	if (!err && !any_owner)
		err = check_owner(s);
	if (!err)
		err = read_format(s);
	if (!err)
		err = open_dir(&s->objectsfd, s->dirfd, OBJECTS_DIR, path);
	if (!err)
		err = open_dir(&s->tmpfd, s->dirfd, TMP_DIR, path);
	for (size_t i = 0; !err && i < ARRAY_LEN(others); i++)
		err = check_dir(s->dirfd, others[i], path);
	if (err) {
		store_close(s);
		return err;
	}
	*out = s;
	return NULL;
}

static err_t
open_index(struct store *s)
{
	struct buf path = BUF_INIT;
	struct stat st;
	err_t err = NULL;

	buf_printf(&path, "%s/index.db", s->path);
	if (fstatat(s->dirfd, "index.db", &st, AT_SYMLINK_NOFOLLOW) < 0)
		err = err_sys("cannot stat \"%s\"", path.p);
	if (err_is(err, ERR_NOT_FOUND) || (!err && !S_ISREG(st.st_mode)))
		err = err_new(ERR_CORRUPT, "\"%s\" is missing or not a file; "
		    "rebuild it with \"dsv fsck --repair\"", path.p);
	if (!err)
		err = db_open(&s->db, path.p, s->mode == STORE_WRITE ?
		    DB_WRITE : DB_READ, s->wait_ms);
	buf_release(&path);
	return err;
}

err_t
store_open(struct store **out, const char *path, enum store_mode mode,
    int64_t wait_ms, bool any_owner)
{
	struct store *s;
	err_t err;

	err = store_open_files(&s, path, mode, wait_ms, any_owner);
	if (err)
		return err;
	err = open_index(s);
	if (err) {
		store_close(s);
		return err;
	}
	*out = s;
	return NULL;
}

static void
close_fd(int fd)
{
	if (fd >= 0)
		close(fd);
}

void
store_close(struct store *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < OPEN_SEGMENTS; i++)
		close_fd(s->open[i].fd);
	for (size_t i = 0; i < CACHED_FRAMES; i++)
		buf_release(&s->frames[i].raw);
	db_close(s->db);
	close_fd(s->objectsfd);
	close_fd(s->tmpfd);
	close_fd(s->dirfd);
	free(s->path);
	free(s);
}

int
store_dirfd(const struct store *s)
{
	return s->dirfd;
}

const char *
store_path(const struct store *s)
{
	return s->path;
}

err_t
store_view_begin(struct store *s)
{
	int64_t schema;
	bool found;
	err_t err;

	if (s->views++ > 0 || db_in_transaction(s->db))
		return NULL;
	err = db_begin(s->db, false);
	/* The view is that of the first read. */
	if (!err)
		err = db_row(&found, s->db, "SELECT count(*) FROM state", "",
		    "i", &schema);
	if (err) {
		db_rollback(s->db);
		s->views--;
	}
	s->view_open = !err;
	return err;
}

void
store_view_end(struct store *s)
{
	if (s->views == 0)
		BUG("no view to end");
	if (--s->views > 0 || !s->view_open)
		return;
	s->view_open = false;
	db_end(s->db);
}

/* ---- making ------------------------------------------------------------ */

static err_t
make_dirs(int dirfd)
{
	static const char *const names[] = {
		OBJECTS_DIR, TMP_DIR, "locks", "trash", "quarantine",
	};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (mkdirat(dirfd, names[i], 0777) < 0)
			return err_sys("cannot make \".dsv/%s\"", names[i]);
	return NULL;
}

static err_t
make_files(int dirfd, const char *config)
{
	uint8_t writer[ID_SIZE] = { 0 };
	char hex[ID_HEX + 1], text[128];
	struct id id;
	err_t err;

	err = file_random(writer, WRITER_SIZE);
	if (err)
		return err;
	memcpy(id.b, writer, ID_SIZE);
	snprintf(text, sizeof(text), "dsv %d\nwriter %.*s\n", DB_FORMAT,
	    2 * WRITER_SIZE, id_hex(hex, &id));
	err = file_replace(dirfd, FORMAT_FILE, text, strlen(text), 0666);
	if (!err)
		err = file_replace(dirfd, "config", config, strlen(config),
		    0666);
	return err;
}

static err_t
make_index(const char *path, const char *head, struct event *ev)
{
	struct buf index = BUF_INIT, ref = BUF_INIT;
	struct db *db = NULL;
	struct store *s = NULL;
	struct txn *t = NULL;
	struct id id;
	err_t err;

	buf_printf(&index, "%s/index.db", path);
	buf_printf(&ref, "branch/%s", head);
	if (!ref_name_ok(ref.p))
		err = err_new(ERR_USAGE, "\"%s\" is not a valid name for a "
		    "branch", head);
	else
		err = db_open(&db, index.p, DB_CREATE, 0);
	db_close(db);
	if (!err)
		err = store_open(&s, path, STORE_WRITE, 0, true);
	if (!err)
		err = txn_begin(&t, s, "init");
	if (!err)
		err = txn_lock(t);
	if (!err)
		err = state_set(t, "head", ref.p);
	if (!err)
		err = event_record(&id, t, ev);
	if (!err)
		err = txn_commit(t);
	txn_end(t);
	store_close(s);
	buf_release(&index);
	buf_release(&ref);
	return err;
}

/* Remove a directory that was just made, as far as possible. */
static void
remove_tree(int dirfd, const char *name)
{
	int fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW |
	    O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;

	if (!dir) {
		close_fd(fd);
		return;
	}
	while ((e = readdir(dir)) != NULL) {
		if (strcmp(e->d_name, ".") == 0 ||
		    strcmp(e->d_name, "..") == 0)
			continue;
		if (unlinkat(fd, e->d_name, 0) < 0)
			remove_tree(fd, e->d_name);
	}
	closedir(dir);
	unlinkat(dirfd, name, AT_REMOVEDIR);
}

err_t
store_init(const char *dir, const char *head, const char *config,
    struct event *ev)
{
	char name[] = ".dsv.new-0123456789abcdef";
	struct buf path = BUF_INIT;
	struct stat st;
	uint64_t nonce;
	int dirfd = -1, fd = -1;
	err_t err;

	dirfd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dirfd < 0)
		return err_sys("cannot open \"%s\"", dir);
	if (fstatat(dirfd, ".dsv", &st, AT_SYMLINK_NOFOLLOW) == 0) {
		close(dirfd);
		return err_new(ERR_EXISTS, "\"%s\" is a repository already",
		    dir);
	}
	err = file_random(&nonce, sizeof(nonce));
	if (err)
		goto out;
	snprintf(name, sizeof(name), ".dsv.new-%016llx",
	    (unsigned long long)nonce);
	buf_printf(&path, "%s/%s", dir, name);
	if (mkdirat(dirfd, name, 0777) < 0) {
		err = err_sys("cannot make a repository in \"%s\"", dir);
		goto out;
	}
	err = open_dir(&fd, dirfd, name, dir);
	if (!err)
		err = make_dirs(fd);
	if (!err)
		err = make_files(fd, config);
	if (!err)
		err = make_index(path.p, head, ev);
	if (!err)
		err = file_sync(fd, path.p);
	if (!err && renameat(dirfd, name, dirfd, ".dsv") < 0)
		err = errno == ENOTEMPTY || errno == EEXIST ?
		    err_new(ERR_EXISTS, "\"%s\" is a repository already",
		    dir) : err_sys("cannot make \"%s/.dsv\"", dir);
	if (!err)
		err = file_sync(dirfd, dir);
	if (err)
		remove_tree(dirfd, name);
out:
	close_fd(fd);
	close(dirfd);
	buf_release(&path);
	return err;
}

const char *
store_library(void)
{
	return db_library();
}
