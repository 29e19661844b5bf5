/*
 * All operands are looked at, then renamed in the working tree, then the
 * stage follows.  What is in a directory keeps its times when that is
 * renamed; a file gets a new change time, so its entry's cache is renewed if
 * it was valid before.
 */

#include "lib/history/move.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/history/work.h"

struct one {
	char *from;
	char *to;
	bool is_dir;
	bool was_same;		/* a file as it is in the stage */
	bool renamed;
};

struct entry {
	struct stage_entry e;	/* path is owned */
	size_t one;
};

struct moves {
	struct repo *r;
	const struct move_order *o;
	struct txn *txn;
	struct one *v;
	size_t n;
	struct entry *entries;
	size_t n_entries, cap_entries;
};

/* ---- looking ---------------------------------------------------------- */

static err_t
note_entry(void *arg, const struct stage_entry *e)
{
	struct moves *m = arg;
	struct entry *entry;

	VEC_ROOM(m->entries, m->n_entries, m->cap_entries);
	entry = &m->entries[m->n_entries++];
	entry->e = *e;
	entry->e.path = mem_strdup(e->path);
	entry->one = m->n - 1;
	return NULL;
}

/* Is there a directory (of the working tree, not a link to one)? */
static bool
is_dir(struct repo *r, const char *path)
{
	struct stat st;

	if (!*path)
		return true;
	return !fstatat(r->rootfd, path, &st, AT_SYMLINK_NOFOLLOW) &&
	    S_ISDIR(st.st_mode);
}

static bool
is_below(const char *path, const char *dir)
{
	size_t len = strlen(dir);

	return !strncmp(path, dir, len) && path[len] == '/';
}

static err_t
look_at_source(struct moves *m, struct one *one, const char *typed)
{
	struct work_room room;
	size_t before = m->n_entries;
	err_t err;

	if (!*one->from)
		return err_new(ERR_USAGE, "the root of the working tree "
		    "cannot be moved");
	err = stage_walk(m->r->store, one->from, note_entry, m);
	if (err)
		return err;
	if (m->n_entries == before)
		return err_new(ERR_NOT_FOUND, "\"%s\" is not tracked; "
		    "\"dsv add\" it first", typed);
	one->is_dir = is_dir(m->r, one->from);
	if (one->is_dir)
		return NULL;
	err = work_look(&room, m->r, one->from, WORK_NO_READING);
	if (err)
		return err;
	if (!room.item.found)
		return err_new(ERR_NOT_FOUND, "\"%s\" is not in the working "
		    "tree; \"dsv restore\" brings it back", typed);
	one->was_same = room.item.state == WORK_SAME;
	return NULL;
}

static err_t
look_at_target(struct moves *m, const struct one *one)
{
	struct work_room room;
	const struct scan_entry *found;
	err_t err;

	if (!strcmp(one->from, one->to))
		return err_new(ERR_EXISTS, "\"%s\" is there already",
		    one->to);
	if (is_below(one->to, one->from))
		return err_new(ERR_USAGE, "\"%s\" cannot be moved into itself",
		    one->from);
	for (size_t i = 0; i + 1 < m->n; i++) {
		if (!strcmp(m->v[i].to, one->to))
			return err_new(ERR_USAGE, "\"%s\" and \"%s\" would "
			    "both become \"%s\"", m->v[i].from, one->from,
			    one->to);
	}
	if (!tree_path_ok(one->to))
		return err_new(ERR_USAGE, "no version can hold the name "
		    "\"%s\"", one->to);
	err = work_look(&room, m->r, one->to, WORK_NO_READING);
	if (err)
		return err;
	found = room.item.found;
	if (!found && (!room.item.staged || m->o->force))
		return NULL;
	if (found && m->o->force && !one->is_dir && found->type != SCAN_DIR &&
	    found->type != SCAN_REPO)
		return NULL;
	return err_new(ERR_EXISTS, "\"%s\" is there already%s", one->to,
	    one->is_dir || (found && found->type == SCAN_DIR) ? "" :
	    "; --force replaces it");
}

static char *
target_of(const char *from, const char *dir, bool into)
{
	const char *slash = strrchr(from, '/');
	struct buf to = BUF_INIT;

	buf_str(&to, dir);
	if (into) {
		if (to.len)
			buf_char(&to, '/');
		buf_str(&to, slash ? slash + 1 : from);
	}
	return buf_detach(&to);
}

static err_t
look(struct moves *m)
{
	const struct move_order *o = m->o;
	struct buf target = BUF_INIT;
	size_t len = strlen(o->target);
	bool into;
	err_t err;

	err = repo_path(&target, m->r, o->target);
	if (err)
		return err;
	into = is_dir(m->r, buf_cstr(&target));
	if (!into && (o->n > 1 || (len && o->target[len - 1] == '/')))
		err = err_new(ERR_NOT_FOUND, "there is no directory \"%s\" to "
		    "move into", o->target);
	for (size_t i = 0; !err && i < o->n; i++) {
		struct one *one = &m->v[m->n++];
		struct buf from = BUF_INIT;

		err = repo_path(&from, m->r, o->sources[i]);
		one->from = buf_detach(&from);
		one->to = target_of(one->from, buf_cstr(&target), into);
		if (!err)
			err = look_at_source(m, one, o->sources[i]);
		if (!err)
			err = look_at_target(m, one);
	}
	buf_release(&target);
	return err;
}

/* ---- the working tree ------------------------------------------------- */

static err_t
rename_file(struct repo *r, const char *from, const char *to, bool make)
{
	const char *old, *new;
	int olddir = -1, newdir = -1;
	err_t err;

	err = file_open_parent(&olddir, &old, r->rootfd, from, false);
	if (!err)
		err = file_open_parent(&newdir, &new, r->rootfd, to, make);
	if (!err && renameat(olddir, old, newdir, new))
		err = err_sys("cannot rename \"%s\" to \"%s\"", from, to);
	if (olddir >= 0 && olddir != r->rootfd)
		close(olddir);
	if (newdir >= 0 && newdir != r->rootfd)
		close(newdir);
	return err;
}

static err_t
rename_all(struct moves *m)
{
	err_t err = NULL;

	for (size_t i = 0; !err && i < m->n; i++) {
		err = rename_file(m->r, m->v[i].from, m->v[i].to, true);
		m->v[i].renamed = !err;
	}
	return err;
}

/* As far as it goes: an error is on its way already. */
static void
rename_back(struct moves *m)
{
	for (size_t i = m->n; i--;) {
		err_t err = NULL;

		if (m->v[i].renamed)
			err = rename_file(m->r, m->v[i].to, m->v[i].from,
			    false);
		m->v[i].renamed = err != NULL;
	}
}

/* ---- the stage -------------------------------------------------------- */

static err_t
renew_cache(struct stage_entry *e, struct repo *r, int64_t since)
{
	const char *base;
	struct stat st;
	int dirfd = -1;
	err_t err;

	err = file_open_parent(&dirfd, &base, r->rootfd, e->path, false);
	if (!err && fstatat(dirfd, base, &st, AT_SYMLINK_NOFOLLOW))
		err = err_sys("cannot look at \"%s\"", e->path);
	if (!err)
		work_stage_entry(e, e->path, e->mode, &e->id, &st, since);
	if (dirfd >= 0 && dirfd != r->rootfd)
		close(dirfd);
	return err;
}

static err_t
move_entry(struct moves *m, const struct entry *entry, int64_t since)
{
	const struct one *one = &m->v[entry->one];
	struct buf path = BUF_INIT;
	struct stage_entry e = entry->e;
	err_t err;

	buf_str(&path, one->to);
	buf_str(&path, entry->e.path + strlen(one->from));
	e.path = path.p;
	if (!one->is_dir && !one->was_same)
		e.mtime = e.ctime = 0;
	err = stage_delete(m->txn, entry->e.path);
	if (!err && one->was_same)
		err = renew_cache(&e, m->r, since);
	if (!err)
		err = work_make_way(m->txn, e.path);
	if (!err)
		err = stage_put(m->txn, &e);
	buf_release(&path);
	return err;
}

static err_t
move_entries(struct moves *m)
{
	int64_t since;
	err_t err;

	err = work_clock(&since, m->r);
	for (size_t i = 0; !err && i < m->n_entries; i++)
		err = move_entry(m, &m->entries[i], since);
	return err;
}

static err_t
tell(const struct moves *m)
{
	err_t err = NULL;

	for (size_t i = 0; !err && m->o->fn && i < m->n; i++)
		err = m->o->fn(m->o->arg, m->v[i].from, m->v[i].to);
	return err;
}

static err_t
carry_out(struct moves *m)
{
	struct err failure;
	err_t err;

	err = rename_all(m);
	if (!err)
		err = move_entries(m);
	if (!err)
		err = txn_commit(m->txn);
	if (err) {
		failure = *err;
		rename_back(m);
		err = err_adopt(&failure);
	}
	return err;
}

err_t
move_run(struct repo *r, const struct move_order *o)
{
	struct moves m = { .r = r, .o = o };
	err_t err = NULL;

	m.v = mem_array(o->n, sizeof(*m.v));
	if (!o->dry_run) {
		err = txn_begin(&m.txn, r->store, "mv");
		if (!err)
			err = txn_lock(m.txn);
	}
	if (!err)
		err = look(&m);
	if (!err && !o->dry_run)
		err = carry_out(&m);
	if (!err)
		err = tell(&m);
	txn_end(m.txn);
	for (size_t i = 0; i < m.n; i++) {
		free(m.v[i].from);
		free(m.v[i].to);
	}
	for (size_t i = 0; i < m.n_entries; i++)
		free((char *)m.entries[i].e.path);
	free(m.entries);
	free(m.v);
	return err;
}
