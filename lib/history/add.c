/*
 * First a plan: what the walk finds different, or cannot tell from its stat.
 * Then contents are stored, which may take long and holds no write lock; only
 * then the stage is changed, in one go.
 *
 * The stat cache: what is read was read after the moment "since", so a file
 * that changed before it, by more than the granularity of the clock, cannot
 * change again without its times changing.  A large file that was changed a
 * moment ago is worth waiting for.
 */

#include "lib/history/add.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/cancel.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/base/term.h"
#include "lib/history/attr.h"
#include "lib/history/pathspec.h"
#include "lib/history/work.h"

struct planned {
	size_t path;			/* offset in paths */
	enum add_what what;
	enum cut cut;
	enum mode mode;			/* in the stage before, then as read */
	struct id id;			/* the same */
	uint64_t size;
	int64_t mtime, ctime;
	uint64_t inode;
	bool doubtful;
};

struct add {
	struct repo *r;
	struct add_options o;
	struct buf paths;
	struct planned *v;
	size_t n, cap;
	size_t cursor;			/* where the next result is sought */
	size_t n_failed;
	struct err first;		/* failure, not told yet */
	size_t n_doubtful;
	bool dry_run;
	int64_t since;
};

err_t
add_new(struct add **out, struct repo *r, const struct add_options *o)
{
	struct add *a = mem_zalloc(sizeof(*a));

	a->r = r;
	a->o = *o;
	*out = a;
	return NULL;
}

void
add_free(struct add *a)
{
	if (!a)
		return;
	buf_release(&a->paths);
	free(a->v);
	free(a);
}

bool
add_has_work(const struct add *a)
{
	return a->n > 0;
}

static const char *
path_of(const struct add *a, const struct planned *p)
{
	return a->paths.p + p->path;
}

err_t
add_walk(const struct add *a, add_visit_fn *fn, void *arg)
{
	err_t err = NULL;

	for (size_t i = 0; !err && i < a->n; i++) {
		if (a->v[i].what != ADD_REFRESH)
			err = fn(arg, path_of(a, &a->v[i]), a->v[i].what);
	}
	return err;
}

err_t
add_entries(const struct add *a, add_entry_fn *fn, void *arg)
{
	err_t err = NULL;

	for (size_t i = 0; !err && i < a->n; i++) {
		const struct planned *p = &a->v[i];
		struct tree_entry e = { .mode = p->mode, .id = p->id,
		    .size = p->size };

		err = fn(arg, path_of(a, p), p->what == ADD_GONE ? NULL : &e);
	}
	return err;
}

static void
tell_failure(struct add *a, err_t why)
{
	if (a->o.failed)
		a->o.failed(a->o.arg, why);
}

/* One failure is the error itself; of several each is told. */
static void
fail(struct add *a, err_t why)
{
	if (!a->n_failed++) {
		a->first = *why;
		return;
	}
	if (a->n_failed == 2)
		tell_failure(a, err_adopt(&a->first));
	tell_failure(a, why);
}

/* ---- the plan --------------------------------------------------------- */

/* Something that was found and cannot be added: an error if it was typed, a
 * word about it if not. */
static err_t
pass_over(struct add *a, const struct work_item *item, const char *why)
{
	const char *path = item->found->path;

	if (a->o.ps && pathspec_names(a->o.ps, path))
		return err_new(ERR_REFUSED, "\"%s\" %s", path, why);
	if (a->o.noted)
		a->o.noted(a->o.arg, path, why);
	return NULL;
}

static err_t
plan(struct add *a, const struct work_item *item, enum add_what what)
{
	struct planned *p;
	err_t err;

	if (what == ADD_NEW && !tree_path_ok(item->path)) {
		fail(a, err_new(ERR_REFUSED, "no version can hold "
		    "the name \"%s\"; rename it, or list it in .dsvignore",
		    item->path));
		return NULL;
	}
	VEC_ROOM(a->v, a->n, a->cap);
	p = &a->v[a->n];
	memset(p, 0, sizeof(*p));
	p->what = what;
	p->path = a->paths.len;
	if (item->found) {
		p->size = item->found->size;
		p->ctime = item->found->ctime;
	}
	if (item->staged) {
		p->mode = item->staged->mode;
		p->id = item->staged->id;
	}
	if (what != ADD_GONE) {
		err = attr_cut(&p->cut, a->o.attrs, item->path);
		if (err)
			return err;
	}
	buf_add(&a->paths, item->path, strlen(item->path) + 1);
	a->n++;
	return NULL;
}

static err_t
visit(void *arg, const struct work_item *item)
{
	struct add *a = arg;
	err_t err;

	switch (item->state) {
	case WORK_SAME:
		return NULL;
	case WORK_TYPE:
		if (item->found->type == SCAN_SPECIAL) {
			fail(a, err_new(ERR_REFUSED, "\"%s\" is not a file, "
			    "directory or link any more", item->path));
			return NULL;
		}
		return plan(a, item, ADD_CHANGED);
	case WORK_DOUBTFUL:
		a->n_doubtful++;
		err = plan(a, item, ADD_CHANGED);
		if (!err)
			a->v[a->n - 1].doubtful = true;
		return err;
	case WORK_MODIFIED:
		return plan(a, item, ADD_CHANGED);
	case WORK_DELETED:
		return plan(a, item, ADD_GONE);
	case WORK_UNTRACKED:
		return plan(a, item, ADD_NEW);
	case WORK_IGNORED:
		if (!a->o.ps || !pathspec_names(a->o.ps, item->found->path))
			return NULL;
		return pass_over(a, item,
		    "is ignored by .dsvignore; --force adds it all the same");
	case WORK_REPO:
		return pass_over(a, item, "is another repository");
	case WORK_SPECIAL:
		return pass_over(a, item,
		    "is not a file, directory or link");
	case WORK_UNREADABLE:
		fail(a, item->found->failure);
		return NULL;
	}
	return NULL;
}

/* The directory that holds it has a .dsv of its own. */
static bool
is_in_other_repo(struct repo *r, const char *path)
{
	struct buf dot = BUF_INIT;
	struct stat st;
	bool yes = false;

	for (const char *p = strchr(path, '/'); p && !yes;
	    p = strchr(p + 1, '/')) {
		buf_clear(&dot);
		buf_add(&dot, path, (size_t)(p - path));
		buf_str(&dot, "/.dsv");
		yes = !fstatat(r->rootfd, dot.p, &st, AT_SYMLINK_NOFOLLOW);
	}
	buf_release(&dot);
	return yes;
}

/* An operand selected nothing.  An empty directory is no mistake. */
static err_t
explain_unmatched(struct repo *r, const char *typed)
{
	struct buf path = BUF_INIT;
	const char *base;
	struct stat st;
	int dirfd = -1;
	bool there = false;
	err_t err;

	err = repo_path(&path, r, typed);
	if (err)
		goto out;
	if (is_in_other_repo(r, buf_cstr(&path))) {
		err = err_new(ERR_REFUSED, "\"%s\" is in another repository",
		    typed);
		goto out;
	}
	err = file_open_parent(&dirfd, &base, r->rootfd, buf_cstr(&path),
	    false);
	if (err_is(err, ERR_REFUSED))
		err = err_new(ERR_REFUSED, "\"%s\" is beyond a symbolic link",
		    typed);
	if (err && !err_is(err, ERR_NOT_FOUND))
		goto out;
	there = !err && !fstatat(dirfd, base, &st, AT_SYMLINK_NOFOLLOW);
	if (there && S_ISDIR(st.st_mode))
		err = NULL;
	else if (there)
		err = err_new(ERR_REFUSED, "\"%s\" is not in the dataset or "
		    "component asked for", typed);
	else
		err = err_new(ERR_NOT_FOUND, "\"%s\" selects nothing: no such "
		    "file in the working tree or the stage", typed);
out:
	if (dirfd >= 0 && dirfd != r->rootfd)
		close(dirfd);
	buf_release(&path);
	return err;
}

/* With --dry-run nothing is stored, so what is the same must be found out. */
static err_t
settle_doubts(struct add *a)
{
	struct work_doubt *doubts;
	size_t n = 0;
	err_t err;

	doubts = mem_array(a->n_doubtful, sizeof(*doubts));
	for (size_t i = 0; i < a->n; i++) {
		if (a->v[i].doubtful)
			doubts[n++] = (struct work_doubt){
			    .path = path_of(a, &a->v[i]),
			    .mode = a->v[i].mode, .id = a->v[i].id };
	}
	err = work_settle(doubts, n, a->r);
	for (size_t i = a->n; !err && i--;) {
		struct planned *p = &a->v[i];
		struct id id;

		if (!p->doubtful)
			continue;
		n--;
		if (doubts[n].state == WORK_SAME)
			p->what = ADD_REFRESH;
		else if (doubts[n].state == WORK_UNREADABLE)
			err = work_hash(&id, a->r, path_of(a, p), p->mode);
		if (err && !err_is(err, ERR_CANCELLED)) {
			fail(a, err);
			err = NULL;
		}
	}
	free(doubts);
	return err;
}

static err_t
make_plan(struct add *a)
{
	unsigned flags = 0;
	const char *typed;
	err_t err;

	if (!a->o.tracked_only)
		flags |= WORK_SHOW_UNTRACKED | WORK_SHOW_IGNORED;
	if (a->o.force)
		flags |= WORK_ADD_IGNORED;
	err = work_walk(a->r, a->o.ps, flags | WORK_NO_READING, visit, a);
	if (!err && a->dry_run)
		err = settle_doubts(a);
	if (err)
		return err;
	typed = a->o.ps ? pathspec_unmatched(a->o.ps) : NULL;
	if (typed)
		return explain_unmatched(a->r, typed);
	return a->o.ps ? pathspec_check_any(a->o.ps) : NULL;
}

/* ---- contents --------------------------------------------------------- */

static bool
is_ingested(const struct planned *p)
{
	return p->what == ADD_NEW || p->what == ADD_CHANGED;
}

static err_t
settle(struct add *a)
{
	int64_t until = 0;
	err_t err;

	err = work_clock(&a->since, a->r);
	for (size_t i = 0; !err && i < a->n; i++) {
		if (is_ingested(&a->v[i]))
			work_worth_waiting(&until, a->v[i].size,
			    a->v[i].ctime, a->since);
	}
	return err ? err : work_wait(&a->since, until, a->r);
}

/* Results come in order, but those of large files after all others: going
 * round once more finds them. */
static struct planned *
find_planned(struct add *a, const char *path)
{
	for (size_t i = 0; i < a->n; i++) {
		struct planned *p = &a->v[(a->cursor + i) % a->n];

		if (is_ingested(p) && !strcmp(path_of(a, p), path)) {
			a->cursor += i + 1;
			return p;
		}
	}
	BUG("\"%s\" was not to be added", path);
}

static err_t
take(void *arg, const struct ingested *result)
{
	struct add *a = arg;
	struct stage_entry e;
	struct planned *p = find_planned(a, result->path);

	term_progress_add(p->size);
	if (result->failure) {
		fail(a, result->failure);
		return NULL;
	}
	work_stage_entry(&e, result->path, result->mode, &result->id,
	    &result->st, a->since);
	/* What was doubtful may turn out to be the same. */
	if (p->what == ADD_CHANGED && id_eq(&p->id, &e.id) &&
	    p->mode == e.mode)
		p->what = ADD_REFRESH;
	p->mode = e.mode;
	p->id = e.id;
	p->size = e.size;
	p->mtime = e.mtime;
	p->ctime = e.ctime;
	p->inode = e.inode;
	return NULL;
}

static err_t
ingest_all(struct add *a, struct txn *t)
{
	struct ingest *in = NULL;
	uint64_t total = 0;
	err_t err;

	for (size_t i = 0; i < a->n; i++)
		total += is_ingested(&a->v[i]) ? a->v[i].size : 0;
	err = ingest_begin(&in, t, a->r->rootfd, take, a);
	if (err)
		return err;
	term_progress_begin("adding", TERM_BYTES, total);
	for (size_t i = 0; !err && i < a->n; i++) {
		/* take may turn entries behind i into ADD_REFRESH, none
		 * before it is given. */
		if (is_ingested(&a->v[i]))
			err = ingest_file(in, path_of(a, &a->v[i]),
			    a->v[i].cut, a->v[i].what == ADD_CHANGED ?
			    &a->v[i].id : NULL);
		if (!err && i % 256 == 0)
			err = cancel_check();
	}
	if (!err)
		err = ingest_finish(in);
	ingest_free(in);
	term_progress_end();
	return err;
}

err_t
add_prepare(struct add *a, struct txn *t)
{
	err_t err;

	a->dry_run = !t;
	err = make_plan(a);
	if (!err && t && !a->n_failed && a->n) {
		err = settle(a);
		if (!err)
			err = ingest_all(a, t);
	}
	if (!err && a->n_failed == 1)
		err = err_adopt(&a->first);
	else if (!err && a->n_failed)
		err = err_new(ERR_SYSTEM, "%zu files could not be added; "
		    "nothing was added", a->n_failed);
	return err;
}

/* ---- the stage -------------------------------------------------------- */

static err_t
put(struct add *a, struct txn *t, const struct planned *p)
{
	struct stage_entry e = {
		.path = path_of(a, p), .mode = p->mode, .id = p->id,
		.size = p->size, .mtime = p->mtime, .ctime = p->ctime,
		.inode = p->inode,
	};
	err_t err = NULL;

	if (p->what == ADD_NEW && a->o.ps && !pathspec_is_all(a->o.ps))
		err = work_make_way(t, e.path);
	return err ? err : stage_put(t, &e);
}

err_t
add_stage(struct add *a, struct txn *t)
{
	err_t err = NULL;

	for (size_t i = 0; !err && i < a->n; i++) {
		if (a->v[i].what != ADD_GONE)
			continue;
		err = stage_delete(t, path_of(a, &a->v[i]));
		if (err_is(err, ERR_NOT_FOUND))
			err = NULL;
	}
	for (size_t i = 0; !err && i < a->n; i++) {
		if (a->v[i].what != ADD_GONE)
			err = put(a, t, &a->v[i]);
	}
	return err;
}

err_t
add_run(struct add *a, struct repo *r)
{
	struct txn *t = NULL;
	err_t err;

	err = txn_begin(&t, r->store, "add");
	if (!err)
		err = add_prepare(a, t);
	if (err || !add_has_work(a))
		goto out;
	err = txn_lock(t);
	if (!err)
		err = add_stage(a, t);
	if (!err)
		err = txn_commit(t);
out:
	txn_end(t);
	return err;
}
