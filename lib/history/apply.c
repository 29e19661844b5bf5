#include "lib/history/apply.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/history/attr.h"
#include "lib/history/work.h"
#include "lib/table/records.h"

/* A file that changes. */
struct change {
	struct patch_table table;	/* its paths are owned */
	struct file_temp temp;
	int dirfd;			/* of the temporary */
	struct stat before;		/* of the file as it was read */
	bool existed;
};

struct apply {
	struct repo *r;
	const struct apply_options *o;
	struct attrs *attrs;
	struct patch *patch;
	struct change *v;
	size_t n, cap;
	struct stat *stats;		/* of files as they were opened */
	bool *exist;
	size_t n_stats, cap_stats, cap_exist;
	int64_t since;
	struct txn *txn;
	size_t cursor;
};

/* ---- the tables ------------------------------------------------------- */

static err_t
open_table(int *fd, struct stat *st, struct repo *r, const char *path)
{
	err_t err;

	err = file_open_beneath(fd, r->rootfd, path, O_RDONLY | O_NONBLOCK |
	    O_NOFOLLOW, 0);
	if (err_is(err, ERR_NOT_FOUND)) {
		*fd = -1;
		return NULL;
	}
	if (!err && fstat(*fd, st))
		err = err_sys("cannot stat \"%s\"", path);
	if (!err && !S_ISREG(st->st_mode))
		err = err_new(ERR_REFUSED, "\"%s\" is not a file", path);
	if (err && *fd >= 0) {
		close(*fd);
		*fd = -1;
	}
	return err;
}

static err_t
copy_key(struct key *out, const struct key *key)
{
	struct buf text = BUF_INIT;
	err_t err;

	key_print(&text, key);
	err = key_parse(out, buf_cstr(&text));
	buf_release(&text);
	return err;
}

static err_t
on_open(void *arg, struct patch_file *out, const char *path,
    const char *from)
{
	struct apply *a = arg;
	struct stat st = { .st_size = 0 };
	err_t err;

	if (!tree_path_ok(path) || (from && !tree_path_ok(from)))
		return err_new(ERR_REFUSED, "\"%s\" is no path that a version "
		    "may hold", tree_path_ok(path) ? from : path);
	err = attr_table(&out->hint, a->attrs, path);
	if (!err && out->hint.format == TABLE_NONE)
		err = err_new(ERR_REFUSED, "\"%s\" is not a table; if it is, "
		    "say how it is read with \"dsv track --format csv\"",
		    path);
	out->need_key = a->o->key != NULL;
	if (!err)
		err = a->o->key ? copy_key(&out->key, a->o->key) :
		    attr_key(&out->key, a->attrs, path);
	if (!err)
		err = open_table(&out->fd, &st, a->r, from ? from : path);
	if (err)
		return err;
	VEC_ROOM(a->stats, a->n_stats, a->cap_stats);
	a->exist = mem_room(a->exist, a->n_stats, &a->cap_exist,
	    sizeof(*a->exist));
	a->exist[a->n_stats] = out->fd >= 0;
	a->stats[a->n_stats++] = st;
	return NULL;
}

static err_t
read_delta(struct apply *a, int fd, const char *name)
{
	struct records records;
	struct record line;
	uint64_t number = 0;
	bool found = true;
	err_t err = NULL;

	records_begin(&records, fd, name, '\0');
	while (!err) {
		err = records_next(&found, &line, &records);
		if (err || !found)
			break;
		number++;
		if (line.text_len)
			err = patch_add(a->patch, number, line.p,
			    line.text_len);
	}
	records_release(&records);
	return err ? err : patch_end(a->patch);
}

/* ---- the files -------------------------------------------------------- */

/* Beside the file that it is to replace, or as near as there is a directory
 * already. */
static err_t
open_temp(struct change *c, struct repo *r, const char *path)
{
	const char *base;
	err_t err;

	err = file_open_parent(&c->dirfd, &base, r->rootfd, path, false);
	if (err_is(err, ERR_NOT_FOUND)) {
		c->dirfd = r->rootfd;
		err = NULL;
	}
	return err ? err : file_temp_open(&c->temp, c->dirfd);
}

static void
close_temp(struct change *c, const struct repo *r)
{
	file_temp_close(&c->temp);
	if (c->dirfd >= 0 && c->dirfd != r->rootfd)
		close(c->dirfd);
	c->dirfd = -1;
}

static err_t
make_table(bool *found, struct apply *a)
{
	struct change c = { .temp = FILE_TEMP_INIT, .dirfd = -1 };
	const char *path = patch_path(a->patch);
	err_t err = NULL;

	*found = path != NULL;
	if (!path)
		return NULL;
	c.before = a->stats[a->n];
	c.existed = a->exist[a->n];
	if (!a->o->dry_run)
		err = open_temp(&c, a->r, path);
	if (!err)
		err = patch_next(found, &c.table, a->patch, c.temp.fd);
	if (!err) {
		c.table.path = mem_strdup(c.table.path);
		c.table.from = c.table.from ? mem_strdup(c.table.from) : NULL;
		VEC_ROOM(a->v, a->n, a->cap);
		a->v[a->n++] = c;
	} else {
		close_temp(&c, a->r);
	}
	return err;
}

static err_t
refuse(struct apply *a)
{
	const struct patch_misfit *first;
	size_t n;
	uint64_t all = patch_misfits(&first, &n, a->patch);

	if (!all)
		return NULL;
	for (size_t i = 0; i < n; i++)
		a->o->misfit(a->o->arg, &first[i]);
	return err_new(ERR_REFUSED, "%llu %s of the delta %s not fit; nothing "
	    "was changed", (unsigned long long)all, all == 1 ? "line" :
	    "lines", all == 1 ? "does" : "do");
}

static err_t
make_tables(struct apply *a)
{
	bool found = true;
	err_t err = NULL;

	while (!err && found)
		err = make_table(&found, a);
	return err ? err : refuse(a);
}

/* What was read must still be there. */
static err_t
check_unchanged(const struct change *c, int dirfd, const char *base)
{
	struct stat st;
	bool there = !fstatat(dirfd, base, &st, AT_SYMLINK_NOFOLLOW);

	if (there == c->existed && (!there || (
	    st.st_ino == c->before.st_ino && st.st_size == c->before.st_size &&
	    file_mtime(&st) == file_mtime(&c->before) &&
	    file_ctime(&st) == file_ctime(&c->before))))
		return NULL;
	return err_new(ERR_BUSY, "\"%s\" changed while the delta was applied",
	    c->table.path);
}

/* The file as it was read. */
static const char *
old_path(const struct change *c)
{
	return c->table.from ? c->table.from : c->table.path;
}

static err_t
check_change(struct apply *a, const struct change *c)
{
	const char *base;
	int dirfd = -1;
	err_t err;

	err = file_open_parent(&dirfd, &base, a->r->rootfd, old_path(c),
	    false);
	if (err_is(err, ERR_NOT_FOUND) && !c->existed)
		return NULL;
	if (!err)
		err = check_unchanged(c, dirfd, base);
	if (dirfd >= 0 && dirfd != a->r->rootfd)
		close(dirfd);
	return err;
}

static err_t
remove_file(struct apply *a, const char *path)
{
	const char *base;
	int dirfd = -1;
	err_t err;

	err = file_open_parent(&dirfd, &base, a->r->rootfd, path, false);
	if (!err && unlinkat(dirfd, base, 0) < 0 && errno != ENOENT)
		err = err_sys("cannot remove \"%s\"", path);
	if (dirfd >= 0 && dirfd != a->r->rootfd)
		close(dirfd);
	return err;
}

static err_t
replace_file(struct apply *a, struct change *c)
{
	const char *base;
	int dirfd = -1;
	err_t err = NULL;

	if (c->existed && fchmod(c->temp.fd, c->before.st_mode & 07777))
		err = err_sys("cannot set the mode of \"%s\"", c->table.path);
	if (!err)
		err = file_sync(c->temp.fd, c->table.path);
	if (!err)
		err = file_open_parent(&dirfd, &base, a->r->rootfd,
		    c->table.path, true);
	if (!err)
		err = file_temp_replace(&c->temp, dirfd, base);
	if (dirfd >= 0 && dirfd != a->r->rootfd)
		close(dirfd);
	return err;
}

static err_t
replace_files(struct apply *a)
{
	err_t err = NULL;

	for (size_t i = 0; !err && i < a->n; i++)
		err = check_change(a, &a->v[i]);
	for (size_t i = 0; !err && i < a->n; i++) {
		struct change *c = &a->v[i];

		if (!c->table.is_gone)
			err = replace_file(a, c);
		if (!err && (c->table.is_gone || c->table.from))
			err = remove_file(a, old_path(c));
	}
	return err;
}

/* ---- the stage -------------------------------------------------------- */

/* Contents are stored before the lock, entries wait for it. */
struct staged {
	char *path;
	struct stage_entry entry;
};
struct staging {
	struct apply *a;
	struct staged *v;
	size_t n, cap;
};

static err_t
take(void *arg, const struct ingested *result)
{
	struct staging *s = arg;
	struct staged staged;

	if (result->failure)
		return err_adopt(result->failure);
	staged.path = mem_strdup(result->path);
	work_stage_entry(&staged.entry, staged.path, result->mode,
	    &result->id, &result->st, s->a->since);
	VEC_ROOM(s->v, s->n, s->cap);
	s->v[s->n++] = staged;
	return NULL;
}

static err_t
ingest(struct staging *s)
{
	struct apply *a = s->a;
	struct ingest *in = NULL;
	err_t err;

	err = ingest_begin(&in, a->txn, a->r->rootfd, take, s);
	for (size_t i = 0; !err && i < a->n; i++) {
		const struct change *c = &a->v[i];
		struct stage_entry old;
		enum cut cut = CUT_AUTO;
		err_t none;

		if (c->table.is_gone)
			continue;
		err = attr_cut(&cut, a->attrs, c->table.path);
		none = stage_get(&old, a->r->store, old_path(c));
		if (!err)
			err = ingest_file(in, c->table.path, cut,
			    none ? NULL : &old.id);
	}
	if (!err)
		err = ingest_finish(in);
	ingest_free(in);
	return err;
}

static err_t
stage_gone(struct apply *a)
{
	err_t err = NULL;

	for (size_t i = 0; !err && i < a->n; i++) {
		const struct change *c = &a->v[i];

		if (c->table.is_gone || c->table.from)
			err = stage_delete(a->txn, old_path(c));
		if (err_is(err, ERR_NOT_FOUND))
			err = NULL;
	}
	return err;
}

static err_t
stage(struct apply *a)
{
	struct staging s = { .a = a };
	err_t err;

	err = work_clock(&a->since, a->r);
	if (!err)
		err = ingest(&s);
	if (!err)
		err = txn_lock(a->txn);
	if (!err)
		err = stage_gone(a);
	for (size_t i = 0; !err && i < s.n; i++) {
		err = work_make_way(a->txn, s.v[i].path);
		if (!err)
			err = stage_put(a->txn, &s.v[i].entry);
	}
	if (!err)
		err = txn_commit(a->txn);
	for (size_t i = 0; i < s.n; i++)
		free(s.v[i].path);
	free(s.v);
	return err ? err_wrap(err, "applied, but not put into the stage "
	    "(\"dsv add\" does that)") : NULL;
}

/* ---- doing it --------------------------------------------------------- */

static err_t
carry_out(struct apply *a)
{
	err_t err;

	err = txn_begin(&a->txn, a->r->store, "apply");
	if (!err)
		err = replace_files(a);
	if (!err && a->n)
		err = stage(a);
	return err;
}

static void
apply_release(struct apply *a)
{
	txn_end(a->txn);
	for (size_t i = 0; i < a->n; i++) {
		close_temp(&a->v[i], a->r);
		free((char *)(uintptr_t)a->v[i].table.path);
		free((char *)(uintptr_t)a->v[i].table.from);
	}
	free(a->v);
	free(a->stats);
	free(a->exist);
	patch_free(a->patch);
	attr_free(a->attrs);
}

err_t
apply_run(struct repo *r, int fd, const char *name,
    const struct apply_options *o)
{
	struct patch_options options = { .to = o->to,
	    .duplicates = o->duplicates, .tables = APPLY_FILES };
	struct apply a = { .r = r, .o = o };
	err_t err;

	a.attrs = attr_of_worktree(r);
	a.patch = patch_new(&options, on_open, &a);
	err = read_delta(&a, fd, name);
	if (!err)
		err = make_tables(&a);
	if (!err && !o->dry_run)
		err = carry_out(&a);
	for (size_t i = 0; !err && i < a.n; i++)
		o->changed(o->arg, &a.v[i].table);
	apply_release(&a);
	return err;
}
