/*
 * Building the index anew from the objects alone.
 *
 * Segments give objects; recipes give files; commits, parents first, give the
 * graph; events, in the order of their chain, give refs and their log.  The
 * stage is taken from the old index if that can be read, otherwise it is the
 * tree of the branch that changed last.  The old index is never changed:
 * it is linked into quarantine/ and then replaced in one rename.
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
#include "store/count.h"
#include "store/derived.h"
#include "store/idset.h"
#include "store/store_int.h"

#define NEW_INDEX "index.db.new"

/* ---- segments ---------------------------------------------------------- */

/* The objects go through here twice: bases first, then what needs them. */
struct scan {
	struct store *store;
	struct db *old;			/* the index so far; NULL: none that
					 * is sound */
	bool deltas;			/* the second time */
	int64_t segment;		/* being looked at */
};

/* A delta is of no use without its base, which gc may have dropped. */
static err_t
is_wanted(bool *out, const struct scan *s, const struct frame *f)
{
	bool delta = f->codec == CODEC_DELTA;

	*out = delta == s->deltas;
	return *out && delta ? object_has(out, s->store, f->kind, &f->base) :
	    NULL;
}

static err_t
insert_frame(void *arg, uint64_t offset, const struct frame *f)
{
	const struct scan *s = arg;
	int64_t at = 0;
	bool wanted;
	err_t err;

	err = is_wanted(&wanted, s, f);
	for (size_t i = 0; !err && wanted && i < f->n; i++) {
		err = db_run(s->store->db, "INSERT OR IGNORE INTO object "
		    "VALUES (?, ?, ?, ?, ?, ?, 0)", "diiiii",
		    &f->entries[i].id,
		    (int64_t)f->kind, s->segment, (int64_t)offset, at,
		    (int64_t)f->entries[i].size);
		at += f->entries[i].size;
	}
	return err;
}

/* Frame by frame, from the heads alone; what is damaged is left out. */
static err_t
scan_segment(struct scan *s, int dirfd, const char *name,
    const struct id *id)
{
	struct db *db = s->store->db;
	struct stat st;
	uint64_t end;
	bool found;
	int fd = -1;
	err_t err;

	err = cancel_check();
	if (err)
		return err;
	err = segment_error(file_open_regular(&fd, dirfd, name));
	if (!err && fstat(fd, &st) < 0)
		err = segment_error(err_sys("cannot look at \"%s\"", name));
	if (err)
		goto out;
	err = db_run(db, "INSERT OR IGNORE INTO segment (id, size) "
	    "VALUES (?, ?)", "di", id, (int64_t)st.st_size);
	if (!err)
		err = db_row(&found, db, "SELECT n FROM segment WHERE id = ?",
		    "d", "i", id, &s->segment);
	if (err)
		goto out;
	/* With a damaged end, as many frames as can be read. */
	err = segment_frames_end(&end, fd);
	if (segment_is_lost(err)) {
		end = (uint64_t)st.st_size;
		err = NULL;
	}
	if (!err)
		err = segment_frames(fd, end, insert_frame, s);
out:
	if (fd >= 0)
		close(fd);
	/* fsck tells about files that are no use. */
	return segment_is_lost(err) ? NULL : err;
}

static int
compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

typedef err_t name_fn(struct scan *s, int dirfd, const char *dir,
    const char *name);

/* Names in order, so that the same objects give the same index. */
static err_t
each_name(struct scan *s, int dirfd, const char *name, name_fn *fn)
{
	int fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW |
	    O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;
	char **names = NULL;
	size_t n = 0, cap = 0;
	err_t err = NULL;

	if (!dir) {
		err = err_sys("cannot read \"%s\"", name);
		if (fd >= 0)
			close(fd);
		return err;
	}
	while (errno = 0, (e = readdir(dir)) != NULL) {
		if (e->d_name[0] == '.')
			continue;
		VEC_ROOM(names, n, cap);
		names[n++] = mem_strdup(e->d_name);
	}
	if (errno)
		err = err_sys("cannot read \"%s\"", name);
	if (n)
		qsort(names, n, sizeof(*names), compare_names);
	for (size_t i = 0; i < n; i++) {
		if (!err)
			err = fn(s, fd, name, names[i]);
		free(names[i]);
	}
	free(names);
	closedir(dir);
	return err;
}

static err_t
segment_name(struct scan *s, int dirfd, const char *shard, const char *name)
{
	char hex[ID_HEX + 1];
	struct id id;

	if (strlen(name) != ID_HEX - 2)
		return NULL;
	snprintf(hex, sizeof(hex), "%.2s%s", shard, name);
	if (!id_parse(&id, hex, strlen(hex)))
		return NULL;
	return scan_segment(s, dirfd, name, &id);
}

static err_t
shard_name(struct scan *s, int dirfd, const char *parent, const char *name)
{
	(void)parent;
	return strlen(name) == 2 ? each_name(s, dirfd, name, segment_name) :
	    NULL;
}

/* A prepared segment may be one whose COMMIT happened.  An index that is sound
 * knows it then; without one its events count if they follow the chain, which
 * insert_events finds out. */
static err_t
prepared_name(struct scan *s, int dirfd, const char *parent,
    const char *name)
{
	bool known = true;
	struct id id;
	int64_t n;
	err_t err = NULL;

	(void)parent;
	if (strlen(name) != SEGMENT_PREPARED - 1 ||
	    !id_parse(&id, name, ID_HEX))
		return NULL;
	if (s->old)
		err = db_row(&known, s->old, "SELECT n FROM segment "
		    "WHERE id = ?", "d", "i", &id, &n);
	return err || !known ? err : scan_segment(s, dirfd, name, &id);
}

static err_t
scan_all(struct store *store, struct db *old)
{
	struct scan s = { .store = store, .old = old };
	err_t err = NULL;

	for (int pass = 0; !err && pass < 2; pass++) {
		s.deltas = pass == 1;
		err = each_name(&s, store->dirfd, OBJECTS_DIR, shard_name);
		if (!err)
			err = each_name(&s, store->dirfd, TMP_DIR,
			    prepared_name);
	}
	return err;
}

/* ---- what objects say -------------------------------------------------- */

struct id_list {
	struct id *ids;
	size_t n, cap;
};

static err_t
list_kind(struct id_list *out, struct store *s, enum kind kind)
{
	struct query *q = NULL;
	struct id id;
	err_t err;

	err = db_query(&q, s->db, "SELECT id FROM object WHERE kind = ?", "i",
	    (int64_t)kind);
	while (!err && db_next(&err, q, "d", &id)) {
		VEC_ROOM(out->ids, out->n, out->cap);
		out->ids[out->n++] = id;
	}
	db_done(q);
	return err;
}

static err_t
count_kind(struct counts *counts, struct store *s, enum kind kind)
{
	struct id_list list = { NULL, 0, 0 };
	struct buf b = BUF_INIT;
	err_t err;

	err = list_kind(&list, s, kind);
	for (size_t i = 0; !err && i < list.n; i++) {
		buf_clear(&b);
		err = object_read(&b, s, kind, &list.ids[i]);
		if (!err)
			err = counts_children(counts, s->db, kind, b.p, b.len,
			    1);
		if (segment_is_lost(err))
			err = NULL;
	}
	free(list.ids);
	buf_release(&b);
	return err;
}

/* Every reference from an object, and from a ref. */
static err_t
insert_counts(struct store *s)
{
	static const enum kind kinds[] = {
		KIND_RECIPE, KIND_NODE, KIND_TREE, KIND_COMMIT,
	};
	struct counts counts = COUNTS_INIT;
	struct query *q = NULL;
	struct id target;
	err_t err = NULL;

	for (size_t i = 0; !err && i < ARRAY_LEN(kinds); i++)
		err = count_kind(&counts, s, kinds[i]);
	if (!err)
		err = db_query(&q, s->db, "SELECT target FROM ref", "");
	while (!err && db_next(&err, q, "d", &target))
		counts_add(&counts, KIND_COMMIT, &target, 1);
	db_done(q);
	if (!err)
		err = counts_apply(&counts, s->db);
	counts_release(&counts);
	return err;
}

static err_t
insert_files(struct store *s)
{
	struct id_list list = { NULL, 0, 0 };
	struct buf b = BUF_INIT;
	err_t err;

	err = list_kind(&list, s, KIND_RECIPE);
	for (size_t i = 0; !err && i < list.n; i++) {
		struct recipe_decoder d;
		struct recipe_head head;
		err_t bad;

		buf_clear(&b);
		bad = object_read(&b, s, KIND_RECIPE, &list.ids[i]);
		if (!bad)
			bad = recipe_decode_root(&d, &head, b.p, b.len);
		if (!segment_is_lost(bad))
			err = bad;
		if (!bad)
			err = db_run(s->db, "INSERT INTO file VALUES (?, ?) "
			    "ON CONFLICT (id) DO UPDATE SET recipe = "
			    "min(recipe, excluded.recipe)", "dd",
			    &head.content, &list.ids[i]);
	}
	free(list.ids);
	buf_release(&b);
	return err;
}

/* What is derived from something that is not there is as dead as that. */
static err_t
insert_derived_object(struct store *s, enum kind kind, const struct id *id)
{
	struct buf b = BUF_INIT;
	bool wanted;
	err_t err;

	err = object_read(&b, s, kind, id);
	if (!err)
		err = derived_has_subject(&wanted, s->db, kind, id, b.p,
		    b.len);
	if (!err && wanted)
		err = derived_insert(s, kind, id, b.p, b.len);
	else if (!err)
		err = db_run(s->db, "DELETE FROM object WHERE id = ? AND "
		    "kind = ?", "di", id, (int64_t)kind);
	buf_release(&b);
	return segment_is_lost(err) ? NULL : err;
}

static err_t
insert_derived(struct store *s, enum kind kind)
{
	struct id_list list = { NULL, 0, 0 };
	err_t err;

	err = list_kind(&list, s, kind);
	for (size_t i = 0; !err && i < list.n; i++)
		err = insert_derived_object(s, kind, &list.ids[i]);
	free(list.ids);
	return err;
}

/* Parents first, by an explicit stack: history can be long. */
struct graph {
	struct store *store;
	struct id_list stack;
	struct idset lost;		/* cannot be read */
};

/*
 * Leave out the parents that are lost: what comes after them can be read
 * still, and fsck tells what is missing.  *waits: a parent must go first, and
 * is on the stack now.
 */
static err_t
check_parents(bool *waits, struct graph *g, struct commit *c)
{
	unsigned n = 0;
	err_t err = NULL;

	*waits = false;
	for (unsigned i = 0; !err && i < c->n_parents; i++) {
		const struct id *parent = &c->parents[i];
		struct commit_node node;
		bool stored = false;

		if (idset_has(&g->lost, parent))
			continue;
		err = commit_node(&node, g->store, parent);
		if (err_is(err, ERR_NOT_FOUND)) {
			err = object_has(&stored, g->store, KIND_COMMIT,
			    parent);
			if (err || !stored)
				continue;
			VEC_ROOM(g->stack.ids, g->stack.n, g->stack.cap);
			g->stack.ids[g->stack.n++] = *parent;
			*waits = true;
		}
		c->parents[n++] = *parent;
	}
	c->n_parents = n;
	return err;
}

static err_t
insert_commit(struct graph *g, const struct id *id)
{
	struct buf b = BUF_INIT;
	struct commit c = COMMIT_INIT;
	bool waits = false;
	err_t err;

	err = object_read(&b, g->store, KIND_COMMIT, id);
	if (!err)
		err = commit_decode(&c, b.p, b.len);
	if (segment_is_lost(err)) {
		idset_add(&g->lost, id);
		g->stack.n--;
		err = NULL;
		goto out;
	}
	if (!err)
		err = check_parents(&waits, g, &c);
	if (err || waits)
		goto out;
	g->stack.n--;
	err = graph_insert(g->store->db, id, &c);
out:
	commit_release(&c);
	buf_release(&b);
	return err;
}

static err_t
insert_graph(struct store *s)
{
	struct graph g = { .store = s, .lost = IDSET_INIT };
	struct id_list list = { NULL, 0, 0 };
	err_t err;

	err = list_kind(&list, s, KIND_COMMIT);
	for (size_t i = 0; !err && i < list.n; i++) {
		VEC_ROOM(g.stack.ids, g.stack.n, g.stack.cap);
		g.stack.ids[g.stack.n++] = list.ids[i];
		while (!err && g.stack.n) {
			struct id top = g.stack.ids[g.stack.n - 1];

			err = insert_commit(&g, &top);
		}
	}
	free(list.ids);
	free(g.stack.ids);
	idset_release(&g.lost);
	return err;
}

struct chained {
	struct event ev;
	struct id id;
};

static int
compare_events(const void *a, const void *b)
{
	const struct chained *x = a, *y = b;
	int diff = memcmp(x->ev.writer, y->ev.writer, WRITER_SIZE);

	if (diff)
		return diff;
	if (x->ev.seq != y->ev.seq)
		return x->ev.seq < y->ev.seq ? -1 : 1;
	return id_cmp(&x->id, &y->id);
}

/* Does the event follow what was inserted last?  Of two that claim the same
 * place, the one that others follow is the one that happened. */
static bool
is_followed(const struct chained *all, size_t n, size_t i)
{
	for (size_t k = i + 1; k < n &&
	    memcmp(all[k].ev.writer, all[i].ev.writer, WRITER_SIZE) == 0 &&
	    all[k].ev.seq <= all[i].ev.seq + 1; k++)
		if (all[k].ev.seq == all[i].ev.seq + 1 &&
		    id_eq(&all[k].ev.prev, &all[i].id))
			return true;
	return false;
}

/* The event did not happen, and so nothing of the segment that was prepared
 * for it is needed. */
static err_t
forget_segment_of(struct store *s, const struct id *event)
{
	struct place place;
	bool found;
	err_t err;

	err = place_find(&found, &place, s, KIND_EVENT, event);
	if (err || !found)
		return err;
	err = db_run(s->db, "DELETE FROM object WHERE segment = ?", "i",
	    place.segment);
	if (!err)
		err = db_run(s->db, "DELETE FROM segment WHERE n = ?", "i",
		    place.segment);
	return err;
}

/* Is it the next one of its writer's chain? */
static bool
follows(const struct chained *last, const struct chained *next)
{
	if (!last || memcmp(last->ev.writer, next->ev.writer,
	    WRITER_SIZE) != 0)
		return next->ev.seq == 1;
	return next->ev.seq == last->ev.seq + 1 &&
	    id_eq(&next->ev.prev, &last->id);
}

/* After a gap the old values of refs are not what later events expect:
 * then their word is taken for the new ones. */
static err_t
replay(struct store *s, struct chained *all, size_t n)
{
	const struct chained *last = NULL;
	bool gap = false;
	err_t err = NULL;

	for (size_t i = 0; !err && i < n; i++) {
		bool rival = i + 1 < n && all[i + 1].ev.seq == all[i].ev.seq &&
		    memcmp(all[i + 1].ev.writer, all[i].ev.writer,
		    WRITER_SIZE) == 0;

		if (rival && !is_followed(all, n, i)) {
			err = forget_segment_of(s, &all[i].id);
			continue;
		}
		gap = gap || !follows(last, &all[i]);
		last = &all[i];
		err = event_insert(s, &all[i].id, &all[i].ev, !gap);
	}
	return err;
}

static err_t
insert_events(struct store *s)
{
	struct id_list list = { NULL, 0, 0 };
	struct chained *all = NULL;
	struct buf b = BUF_INIT;
	size_t n = 0;
	err_t err;

	err = list_kind(&list, s, KIND_EVENT);
	all = mem_array(list.n, sizeof(*all));
	for (size_t i = 0; !err && i < list.n; i++) {
		err_t bad;

		buf_clear(&b);
		bad = object_read(&b, s, KIND_EVENT, &list.ids[i]);
		if (!bad)
			bad = event_decode(&all[n].ev, b.p, b.len);
		if (!segment_is_lost(bad))
			err = bad;
		if (!bad)
			all[n++].id = list.ids[i];
	}
	if (n)
		qsort(all, n, sizeof(*all), compare_events);
	if (!err)
		err = replay(s, all, n);
	for (size_t i = 0; i < n; i++)
		event_release(&all[i].ev);
	free(all);
	free(list.ids);
	buf_release(&b);
	return err;
}

/* ---- the stage --------------------------------------------------------- */

static err_t
stage_tree(struct store *s, const struct id *tree, struct buf *path,
    unsigned depth)
{
	size_t len = path->len;
	struct tree_decoder d;
	struct tree_entry e;
	struct buf b = BUF_INIT;
	err_t err;

	if (depth > TREE_NAME_MAX)
		return err_new(ERR_CORRUPT, "tree is too deep");
	err = object_read(&b, s, KIND_TREE, tree);
	if (!err)
		err = tree_decode_begin(&d, b.p, b.len);
	while (!err && tree_decode_next(&e, &d, &err)) {
		if (d.height) {
			err = stage_tree(s, &e.id, path, depth + 1);
			continue;
		}
		if (len)
			buf_char(path, '/');
		buf_add(path, e.name, e.name_len);
		if (e.mode == MODE_DIR)
			err = stage_tree(s, &e.id, path, depth + 1);
		else
			err = db_run(s->db, "INSERT OR REPLACE INTO stage "
			    "VALUES (?, ?, ?, ?, 0, 0, 0)", "bidi", path->p,
			    path->len, (int64_t)e.mode, &e.id,
			    (int64_t)e.size);
		path->len = len;
	}
	buf_release(&b);
	return err;
}

/* Is there a file with this content? */
static err_t
has_content(bool *out, struct store *s, const struct id *id)
{
	struct id recipe;
	struct place place;
	err_t err;

	err = db_row(out, s->db, "SELECT recipe FROM file WHERE id = ?", "d",
	    "d", id, &recipe);
	if (!err && !*out)
		err = place_find(out, &place, s, KIND_CHUNK, id);
	return err;
}

/*
 * The old index's own stage and HEAD.  A path whose content is not there stays
 * nevertheless: without it the next version would lose a file that nobody
 * removed, and repair finds the content by it.  What it looked like is
 * forgotten, so that dsv add reads it.
 */
static err_t
copy_stage(struct store *s, struct db *old)
{
	struct query *q = NULL;
	const char *path, *key, *value;
	int64_t mode, size, mtime, ctime, inode;
	struct id id;
	bool there;
	err_t err;

	err = db_query(&q, old, "SELECT path, mode, id, size, mtime, ctime, "
	    "inode FROM stage", "");
	while (!err && db_next(&err, q, "pidiiii", &path, &mode, &id, &size,
	    &mtime, &ctime, &inode)) {
		err = has_content(&there, s, &id);
		if (!err && !there)
			mtime = 0;
		if (!err && tree_path_ok(path))
			err = db_run(s->db, "INSERT OR REPLACE INTO stage "
			    "VALUES (?, ?, ?, ?, ?, ?, ?)", "pidiiii", path,
			    mode, &id, size, mtime, ctime, inode);
	}
	db_done(q);
	q = NULL;
	if (!err)
		err = db_query(&q, old, "SELECT key, value FROM state", "");
	while (!err && db_next(&err, q, "ss", &key, &value))
		err = db_run(s->db, "INSERT OR REPLACE INTO state "
		    "VALUES (?, ?)", "ss", key, value);
	db_done(q);
	return err;
}

/* Without it, the branch that changed last is taken for the current one. */
static err_t
restore_stage(struct store *s)
{
	struct buf path = BUF_INIT, head = BUF_INIT;
	struct query *q = NULL;
	const char *name;
	struct commit_node node;
	struct ref ref;
	err_t err;

	err = db_query(&q, s->db, "SELECT l.name FROM reflog l JOIN ref r ON "
	    "r.name = l.name WHERE l.name LIKE 'branch/%' "
	    "ORDER BY l.event DESC LIMIT 1", "");
	if (!err && db_next(&err, q, "s", &name))
		buf_str(&head, name);
	else
		buf_str(&head, "branch/main");
	db_done(q);
	if (!err)
		err = db_run(s->db, "INSERT OR REPLACE INTO state "
		    "VALUES ('head', ?)", "s", head.p);
	if (!err)
		err = ref_get(&ref, s, head.p);
	if (!err)
		err = commit_node(&node, s, &ref.target);
	if (!err)
		err = stage_tree(s, &node.tree, &path, 0);
	if (segment_is_lost(err))
		err = NULL;
	buf_release(&path);
	buf_release(&head);
	return err;
}

/* ---- putting it in place ----------------------------------------------- */

static err_t
replace_index(struct store *s)
{
	char kept[64];
	uint64_t nonce;
	int64_t now;
	err_t err;

	err = clock_now(&now);
	if (!err)
		err = file_random(&nonce, sizeof(nonce));
	if (err)
		return err;
	snprintf(kept, sizeof(kept), "quarantine/index-%lld-%016llx.db",
	    (long long)now, (unsigned long long)nonce);
	if (linkat(s->dirfd, "index.db", s->dirfd, kept, 0) < 0 &&
	    errno != ENOENT)
		return err_sys("cannot keep the old index as \"%s\"", kept);
	/* A journal belongs to the old index and would spoil the new one. */
	snprintf(kept, sizeof(kept), "quarantine/index-%lld-%016llx.journal",
	    (long long)now, (unsigned long long)nonce);
	if (renameat(s->dirfd, "index.db-journal", s->dirfd, kept) < 0 &&
	    errno != ENOENT)
		return err_sys("cannot move the old journal away");
	if (renameat(s->dirfd, NEW_INDEX, s->dirfd, "index.db") < 0)
		return err_sys("cannot put the new index in place");
	return file_sync(s->dirfd, s->path);
}

static err_t
fill(struct store *s, struct db *old)
{
	err_t err;

	err = db_begin(s->db, true);
	if (!err)
		err = scan_all(s, old);
	/* First the events, which may show that a segment does not count. */
	if (!err)
		err = insert_events(s);
	if (!err)
		err = insert_files(s);
	if (!err)
		err = insert_graph(s);
	if (!err)
		err = old ? copy_stage(s, old) : restore_stage(s);
	if (!err)
		err = rebuild_forget_dead(s);
	if (!err)
		err = insert_derived(s, KIND_TABLE);
	if (!err)
		err = insert_derived(s, KIND_ROWS);
	if (!err)
		err = insert_derived(s, KIND_DECISIONS);
	if (!err)
		err = insert_counts(s);
	if (!err)
		err = db_commit(s->db);
	return err;
}

/* The old index, if it is sound enough to take the stage from; else *out
 * stays as it is.  Only the disk may take it from us, not want of memory. */
static err_t
old_index(struct db **out, const struct store *s)
{
	struct buf path = BUF_INIT;
	struct db *db = NULL;
	err_t err;

	buf_printf(&path, "%s/index.db", s->path);
	err = db_open(&db, path.p, DB_READ, s->wait_ms);
	if (!err)
		err = db_check(db);
	if (!err)
		*out = db;
	else
		db_close(db);
	buf_release(&path);
	err = segment_error(err);
	return segment_is_lost(err) || err_is(err, ERR_REFUSED) ? NULL : err;
}

static err_t
rebuild_index(struct lost *lost, struct store *s)
{
	struct buf index = BUF_INIT;
	struct db *old = NULL;
	bool same = false;
	err_t err;

	err = old_index(&old, s);
	if (err)
		return err;
	buf_printf(&index, "%s/" NEW_INDEX, s->path);
	unlinkat(s->dirfd, NEW_INDEX, 0);
	unlinkat(s->dirfd, NEW_INDEX "-journal", 0);
	err = db_open(&s->db, index.p, DB_CREATE, s->wait_ms);
	if (!err)
		err = fill(s, old);
	if (!err && old && lost)
		err = lost_collect(lost, old, s);
	if (!err && old && lost)
		err = rebuild_same(&same, old, s->db);
	db_close(s->db);
	s->db = NULL;
	db_close(old);
	unlinkat(s->dirfd, NEW_INDEX "-journal", 0);
	if (!err && !same)
		err = replace_index(s);
	if (err || same)
		unlinkat(s->dirfd, NEW_INDEX, 0);
	buf_release(&index);
	return err;
}

err_t
rebuild_run(struct lost *lost, const char *path, bool any_owner,
    int64_t wait_ms)
{
	struct file_lock intent = FILE_LOCK_INIT, gc = FILE_LOCK_INIT;
	struct file_lock write = FILE_LOCK_INIT;
	int64_t deadline = clock_ms() + wait_ms;
	struct store *s = NULL;
	err_t err;

	err = store_open_files(&s, path, STORE_WRITE, wait_ms, any_owner);
	if (!err)
		err = file_lock(&intent, s->dirfd, LOCK_INTENT, true,
		    deadline, "fsck");
	if (!err)
		err = file_lock(&gc, s->dirfd, LOCK_GC, true, deadline,
		    "fsck");
	if (!err)
		err = file_lock(&write, s->dirfd, LOCK_WRITE, true, deadline,
		    "fsck");
	if (!err)
		err = rebuild_index(lost, s);
	file_unlock(&write);
	file_unlock(&gc);
	file_unlock(&intent);
	store_close(s);
	return err;
}

err_t
store_rebuild(const char *path, bool any_owner, int64_t wait_ms)
{
	return rebuild_run(NULL, path, any_owner, wait_ms);
}
