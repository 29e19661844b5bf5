/*
 * Directories are loaded whole: names and stats of all entries in one block
 * each, sorted.  Worker threads load those that will be needed next, in the
 * order of the walk.  The walk is a stack of loaded directories.
 */

#include "lib/history/scan.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/cancel.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/base/pool.h"
#include "lib/history/ignore.h"

#define DOTDSV ".dsv"
#define IGNORE_FILE ".dsvignore"
#define AHEAD 16			/* directories */

struct item {
	size_t name;			/* offset in names */
	size_t len;
	struct scan_entry entry;	/* path is not set */
	struct load *load;		/* of a directory, if begun */
	int sys_errno;			/* it could not be looked at */
};

/* One directory.  A worker fills it in; the walk owns it. */
struct load {
	struct job job;
	int rootfd;
	char *path;
	struct buf names;
	struct item *items;
	size_t n, cap;
	bool is_repo;
	bool has_ignore;
	bool given;			/* to the pool, and not taken back */
	bool failed;
	struct err failure;
};

struct frame {
	struct load *load;
	size_t next;			/* of the walk */
	size_t ahead;			/* of reading ahead */
	bool ignored;
};

struct scan {
	struct repo *r;
	unsigned flags;
	struct pool *pool;
	struct ignore *ignore;
	struct frame *frames;
	size_t n, cap;
	struct buf path;
	struct scan_entry entry;
};

/* ---- one directory ---------------------------------------------------- */

void
scan_entry_stat(struct scan_entry *out, const struct stat *st)
{
	out->mode = 0;
	if (S_ISREG(st->st_mode)) {
		out->type = SCAN_FILE;
		out->mode = st->st_mode & S_IXUSR ? MODE_EXEC : MODE_FILE;
	} else if (S_ISLNK(st->st_mode)) {
		out->type = SCAN_LINK;
		out->mode = MODE_LINK;
	} else if (S_ISDIR(st->st_mode)) {
		out->type = SCAN_DIR;
	} else {
		out->type = SCAN_SPECIAL;
	}
	out->size = (uint64_t)st->st_size;
	out->mtime = file_mtime(st);
	out->ctime = file_ctime(st);
	out->inode = (uint64_t)st->st_ino;
	out->failure = NULL;
}

static void
load_add(struct load *l, const char *name, const struct stat *st, int failed)
{
	struct item *item;

	VEC_ROOM(l->items, l->n, l->cap);
	item = &l->items[l->n++];
	memset(item, 0, sizeof(*item));
	item->name = l->names.len;
	item->len = strlen(name);
	item->sys_errno = failed;
	if (failed)
		item->entry.type = SCAN_SPECIAL;
	else
		scan_entry_stat(&item->entry, st);
	buf_add(&l->names, name, item->len + 1);
}

static err_t
load_entries(struct load *l, DIR *d)
{
	struct dirent *e;
	struct stat st;

	while (errno = 0, (e = readdir(d))) {
		const char *name = e->d_name;
		int failed = 0;

		if (!strcmp(name, ".") || !strcmp(name, ".."))
			continue;
		if (!strcmp(name, DOTDSV)) {
			l->is_repo = true;
			continue;
		}
		if (fstatat(dirfd(d), name, &st, AT_SYMLINK_NOFOLLOW)) {
			if (errno == ENOENT)
				continue;
			failed = errno;
		}
		if (!strcmp(name, IGNORE_FILE))
			l->has_ignore = true;
		load_add(l, name, &st, failed);
	}
	return errno ? err_sys("cannot read directory \"%s\"", l->path) : NULL;
}

/* Names are compared as full paths are: a directory's ends with a slash. */
static int
byte_at(const struct item *item, const char *name, size_t i)
{
	if (i < item->len)
		return (unsigned char)name[i];
	return i == item->len && item->entry.type == SCAN_DIR ? '/' : 0;
}

struct sort_key {
	const char *name;
	const struct item *item;
};

static int
compare_keys(const void *a, const void *b)
{
	const struct sort_key *x = a, *y = b;
	size_t len = x->item->len < y->item->len ? x->item->len : y->item->len;
	int c = memcmp(x->name, y->name, len);

	if (c)
		return c;
	return byte_at(x->item, x->name, len) - byte_at(y->item, y->name, len);
}

static void
load_sort(struct load *l)
{
	struct sort_key *keys = mem_array(l->n, sizeof(*keys));
	struct item *sorted = mem_array(l->n, sizeof(*sorted));

	for (size_t i = 0; i < l->n; i++)
		keys[i] = (struct sort_key){ l->names.p + l->items[i].name,
		    &l->items[i] };
	qsort(keys, l->n, sizeof(*keys), compare_keys);
	for (size_t i = 0; i < l->n; i++)
		sorted[i] = *keys[i].item;
	free(keys);
	free(l->items);
	l->items = sorted;
}

static err_t
load_read(struct load *l)
{
	DIR *d = NULL;
	int fd = -1;
	err_t err;

	err = file_open_beneath(&fd, l->rootfd, *l->path ? l->path : ".",
	    O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	if (err_is(err, ERR_NOT_FOUND))
		return NULL;		/* it went away: nothing in it */
	if (err)
		return err;
	d = fdopendir(fd);
	if (!d) {
		err = err_sys("cannot read directory \"%s\"", l->path);
		close(fd);
		return err;
	}
	err = load_entries(l, d);
	closedir(d);
	load_sort(l);
	return err;
}

static err_t
load_run(struct job *job)
{
	struct load *l = (struct load *)(void *)job;
	err_t err = load_read(l);

	if (err) {
		l->failed = true;
		l->failure = *err;
	}
	return NULL;
}

static struct load *
load_new(struct scan *s, const char *path)
{
	struct load *l = mem_zalloc(sizeof(*l));

	l->job.run = load_run;
	l->rootfd = s->r->rootfd;
	l->path = mem_strdup(path);
	return l;
}

static err_t
load_wait(struct scan *s, struct load *l)
{
	while (l->given) {
		struct job *job;
		err_t err = pool_next(&job, s->pool);

		((struct load *)(void *)job)->given = false;
		if (err)
			return err;
	}
	return NULL;
}

static void
load_free(struct scan *s, struct load *l)
{
	err_t err;

	if (!l)
		return;
	err = load_wait(s, l);
	if (err)
		BUG("reading ahead fails by itself: %s", err->msg);
	for (size_t i = 0; i < l->n; i++)
		load_free(s, l->items[i].load);
	buf_release(&l->names);
	free(l->items);
	free(l->path);
	free(l);
}

/* ---- the stack -------------------------------------------------------- */

static void
path_of(struct buf *out, const struct load *l, const struct item *item)
{
	buf_clear(out);
	buf_str(out, l->path);
	if (out->len)
		buf_char(out, '/');
	buf_add(out, l->names.p + item->name, item->len);
}

/* What a crash may have left: a file that had no other name yet, or a
 * repository. */
static bool
is_temporary(const char *name)
{
	static const char *const prefixes[] = { ".tmp-", ".dsv.new-" };

	for (size_t i = 0; i < ARRAY_LEN(prefixes); i++) {
		size_t len = strlen(prefixes[i]);

		if (!strncmp(name, prefixes[i], len) &&
		    strlen(name + len) == 16 &&
		    strspn(name + len, "0123456789abcdef") == 16)
			return true;
	}
	return false;
}

static void
find_ignored_dirs(struct scan *s, struct frame *f)
{
	struct buf path = BUF_INIT;

	for (size_t i = 0; i < f->load->n; i++) {
		struct item *item = &f->load->items[i];

		if (item->entry.type != SCAN_DIR)
			continue;
		item->entry.ignored = f->ignored ||
		    is_temporary(f->load->names.p + item->name);
		if (item->entry.ignored || s->flags & SCAN_ENTER_IGNORED)
			continue;
		path_of(&path, f->load, item);
		item->entry.ignored = ignore_test(s->ignore, path.p, true);
	}
	buf_release(&path);
}

/* What the rules of the directories above say is on the ignore stack. */
static err_t
frame_push(struct scan *s, struct load *l, bool ignored)
{
	struct frame *f;
	err_t err = NULL;

	if (l->has_ignore && !(s->flags & SCAN_ENTER_IGNORED))
		err = ignore_push(s->ignore, l->path);
	else
		ignore_push_none(s->ignore, l->path);
	VEC_ROOM(s->frames, s->n, s->cap);
	f = &s->frames[s->n++];
	*f = (struct frame){ l, 0, 0, ignored };
	if (err) {
		ignore_push_none(s->ignore, l->path);
		return err;
	}
	find_ignored_dirs(s, f);
	return NULL;
}

static void
frame_pop(struct scan *s)
{
	load_free(s, s->frames[--s->n].load);
	ignore_pop(s->ignore);
}

static bool
may_enter(const struct scan *s, const struct item *item)
{
	return item->entry.type == SCAN_DIR && !item->sys_errno &&
	    (!item->entry.ignored || s->flags & SCAN_ENTER_IGNORED);
}

/* The next directory of the walk that nobody has begun to read. */
static struct item *
next_unread(struct scan *s, struct load **in)
{
	for (size_t i = s->n; i--;) {
		struct frame *f = &s->frames[i];

		if (f->ahead < f->next)
			f->ahead = f->next;
		while (f->ahead < f->load->n) {
			struct item *item = &f->load->items[f->ahead++];

			if (may_enter(s, item) && !item->load) {
				*in = f->load;
				return item;
			}
		}
	}
	return NULL;
}

static void
read_ahead(struct scan *s)
{
	struct buf path = BUF_INIT;
	struct load *in;

	while (pool_held(s->pool) < AHEAD) {
		struct item *item = next_unread(s, &in);

		if (!item)
			break;
		path_of(&path, in, item);
		item->load = load_new(s, path.p);
		item->load->given = true;
		pool_give(s->pool, &item->load->job);
	}
	buf_release(&path);
}

/* ---- the walk --------------------------------------------------------- */

/* The root of the walk is one entry of its directory: a directory loaded
 * with only that. */
static err_t
open_entry(struct scan *s, const char *root, bool ignored)
{
	struct load *l;
	const char *base;
	struct stat st;
	char *dir;
	int dirfd = -1;
	err_t err;

	err = file_open_parent(&dirfd, &base, s->r->rootfd, root, false);
	if (err_is(err, ERR_NOT_FOUND) || err_is(err, ERR_REFUSED))
		return NULL;
	if (err)
		return err;
	if (fstatat(dirfd, base, &st, AT_SYMLINK_NOFOLLOW)) {
		if (errno != ENOENT)
			err = err_sys("cannot look at \"%s\"", root);
		goto out;
	}
	dir = mem_strndup(root, base > root ? (size_t)(base - root - 1) : 0);
	l = load_new(s, dir);
	free(dir);
	load_add(l, base, &st, 0);
	err = frame_push(s, l, ignored);
out:
	if (dirfd >= 0 && dirfd != s->r->rootfd)
		close(dirfd);
	return err;
}

static err_t
is_other_repo(bool *out, const struct scan *s, const char *dir)
{
	struct buf path = BUF_INIT;
	struct stat st;
	err_t err = NULL;

	buf_printf(&path, "%s/" DOTDSV, dir);
	*out = !fstatat(s->r->rootfd, path.p, &st, AT_SYMLINK_NOFOLLOW);
	if (!*out && errno != ENOENT && errno != ENOTDIR && errno != ELOOP)
		err = err_sys("cannot look at \"%s\"", path.p);
	buf_release(&path);
	return err;
}

/*
 * Put the rules of the directories above root on the ignore stack.  If one of
 * them is another repository, the walk is that one entry: *cut is set, and
 * root ends there.
 */
static err_t
push_parents(struct scan *s, char *root, bool *ignored, bool *cut)
{
	err_t err = NULL;

	*ignored = *cut = false;
	if (!(s->flags & SCAN_ENTER_IGNORED))
		err = ignore_push(s->ignore, "");
	for (char *slash = strchr(root, '/'); !err && slash;
	    slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		err = is_other_repo(cut, s, root);
		if (err || *cut)
			return err;
		if (!(s->flags & SCAN_ENTER_IGNORED)) {
			*ignored = *ignored ||
			    ignore_test(s->ignore, root, true);
			err = ignore_push(s->ignore, root);
		}
		*slash = '/';
	}
	return err;
}

err_t
scan_open(struct scan **out, struct repo *r, const char *root, unsigned flags)
{
	struct scan *s = mem_zalloc(sizeof(*s));
	char *top = mem_strdup(root);
	bool ignored, cut;
	err_t err;

	s->r = r;
	s->flags = flags;
	s->pool = pool_new();
	s->ignore = ignore_new(r->rootfd);
	if (!*top) {
		struct load *l = load_new(s, "");

		load_run(&l->job);
		err = l->failed ? err_adopt(&l->failure) : NULL;
		if (err)
			load_free(s, l);
		else
			err = frame_push(s, l, false);
	} else {
		err = push_parents(s, top, &ignored, &cut);
		if (!err)
			err = open_entry(s, top, ignored);
	}
	free(top);
	if (err) {
		scan_close(s);
		return err;
	}
	*out = s;
	return NULL;
}

void
scan_close(struct scan *s)
{
	if (!s)
		return;
	while (s->n)
		frame_pop(s);
	pool_free(s->pool, NULL, NULL);
	ignore_free(s->ignore);
	free(s->frames);
	buf_release(&s->path);
	free(s);
}

/* The directory that entry is about is read and becomes the top, unless it
 * cannot be, or is another repository. */
static err_t
enter(struct scan *s, struct item *item)
{
	struct load *l = item->load;
	err_t err;

	err = cancel_check();
	if (err)
		return err;
	read_ahead(s);
	l = item->load;
	if (!l) {
		l = load_new(s, s->path.p);
		load_run(&l->job);
	}
	item->load = l;
	err = load_wait(s, l);
	if (err)
		return err;
	if (l->failed) {
		s->entry.failure = &l->failure;
		return NULL;
	}
	if (l->is_repo) {
		s->entry.type = SCAN_REPO;
		return NULL;
	}
	item->load = NULL;
	return frame_push(s, l, item->entry.ignored);
}

err_t
scan_next(const struct scan_entry **out, struct scan *s)
{
	while (s->n) {
		struct frame *f = &s->frames[s->n - 1];
		struct item *item;
		err_t err;

		if (f->next == f->load->n) {
			frame_pop(s);
			continue;
		}
		item = &f->load->items[f->next++];
		path_of(&s->path, f->load, item);
		s->entry = item->entry;
		s->entry.path = s->path.p;
		if (item->sys_errno) {
			errno = item->sys_errno;
			s->entry.failure = err_sys("cannot look at \"%s\"",
			    s->path.p);
		}
		if (may_enter(s, item)) {
			err = enter(s, item);
			if (err)
				return err;
		} else if (s->entry.type == SCAN_DIR &&
		    !(s->flags & SCAN_SHOW_IGNORED)) {
			continue;
		}
		*out = &s->entry;
		return NULL;
	}
	*out = NULL;
	return NULL;
}

bool
scan_is_ignored(const struct scan *s)
{
	const struct frame *f = &s->frames[s->n - 1];
	const char *slash = strrchr(s->path.p, '/');
	const char *name = slash ? slash + 1 : s->path.p;

	if (s->entry.type == SCAN_DIR || s->entry.type == SCAN_REPO)
		return s->entry.ignored;
	if (is_temporary(name))
		return true;
	if (s->flags & SCAN_ENTER_IGNORED)
		return false;
	return f->ignored || ignore_test(s->ignore, s->path.p, false);
}

void
scan_skip(struct scan *s, const char *dir)
{
	size_t len = strlen(dir);

	while (s->n) {
		const char *path = s->frames[s->n - 1].load->path;

		if (strncmp(path, dir, len) || (path[len] && path[len] != '/'))
			break;
		frame_pop(s);
	}
}
