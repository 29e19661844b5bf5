/*
 * Many files into the store.
 *
 * A small file is one job: a worker reads, cuts and hashes it.  A large one
 * is read by the owner, slab by slab; the owner cuts and hashes the whole,
 * workers hash the chunks.  Either way chunks come back in order and go to
 * the pack, whose workers compress them.  Memory is bounded by the number of
 * jobs under way.
 *
 * What is stored is what was hashed: the bytes are read once.  If the file's
 * stat changed while it was read, it is read again.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/cancel.h"
#include "lib/base/mem.h"
#include "store/cut.h"
#include "store/lineage.h"
#include "store/store_int.h"

#define SMALL (1u << 20)
#define SLAB (4u << 20)
#define TRIES 3
#define LINK_MAX_SIZE 65536

struct chunk {
	struct id id;
	uint32_t offset, size;		/* in the job's bytes */
	uint64_t records;
	bool partial;
};

/* Bytes with the chunks that they are cut into. */
struct slab {
	struct buf bytes;
	struct chunk *chunks;
	size_t n, cap;
};

struct file_job {
	struct pack_job base;
	struct ingest *in;
	char *path;
	enum cut cut;
	struct id prev;			/* zero: none known */
	struct slab slab;
	struct stat st;
	struct id content;
	enum mode mode;
	bool large;			/* not read: it is for the owner */
};

struct slab_job {
	struct pack_job base;
	struct ingest *in;
	struct recipe *recipe;		/* of the file that it is a part of */
	struct lineage *lineage;
	struct slab slab;
};

struct later {
	char *path;
	enum cut cut;
	struct id prev;
};

struct ingest {
	struct txn *txn;
	int rootfd;
	ingest_done_fn *done;
	void *arg;
	struct later *large;		/* files found to be large by workers */
	size_t n_large, cap_large;
	bool stored;			/* something new in the current file */
	bool stopped;			/* what still comes is dropped */
};

static void
slab_release(struct slab *s)
{
	buf_release(&s->bytes);
	free(s->chunks);
}

static void
slab_hash(struct slab *s)
{
	for (size_t i = 0; i < s->n; i++)
		hash_bytes(&s->chunks[i].id, s->bytes.p + s->chunks[i].offset,
		    s->chunks[i].size);
}

/* Cut from offset at on; returns where the first byte is that is not in a
 * chunk yet. */
static size_t
slab_cut(struct slab *s, struct cutter *c, bool eof)
{
	struct cut_piece piece;
	size_t at = 0;

	while (at < s->bytes.len && cutter_next(&piece, c, s->bytes.p + at,
	    s->bytes.len - at, eof)) {
		struct chunk *chunk;

		VEC_ROOM(s->chunks, s->n, s->cap);
		chunk = &s->chunks[s->n++];
		chunk->offset = (uint32_t)at;
		chunk->size = (uint32_t)piece.size;
		chunk->records = piece.records;
		chunk->partial = piece.partial;
		at += piece.size;
	}
	return at;
}

/* ---- reading a source -------------------------------------------------- */

static bool
same_stat(const struct stat *a, const struct stat *b)
{
	return a->st_size == b->st_size && a->st_ino == b->st_ino &&
	    a->st_dev == b->st_dev && a->st_mode == b->st_mode &&
	    file_mtime(a) == file_mtime(b) && file_ctime(a) == file_ctime(b);
}

static err_t
source_open(int *fd, struct stat *st, int rootfd, const char *path)
{
	err_t err;

	err = file_open_beneath(fd, rootfd, path, O_RDONLY | O_NONBLOCK |
	    O_NOFOLLOW, 0);
	if (err)
		return err;
	if (fstat(*fd, st) < 0)
		err = err_sys("cannot look at \"%s\"", path);
	else if (!S_ISREG(st->st_mode))
		err = err_new(ERR_USAGE, "\"%s\" is not a regular file",
		    path);
	if (err) {
		close(*fd);
		*fd = -1;
	}
	return err;
}

static err_t
changed_error(const char *path)
{
	return err_new(ERR_SYSTEM, "\"%s\" kept changing while it was read; "
	    "try again when nothing writes to it", path);
}

/* One try at a small file; *stable is false if it changed meanwhile. */
static err_t
read_small(struct file_job *f, bool *stable)
{
	struct stat after;
	size_t got;
	int fd = -1;
	err_t err;

	*stable = true;
	buf_clear(&f->slab.bytes);
	err = source_open(&fd, &f->st, f->in->rootfd, f->path);
	if (err)
		return err;
	f->large = f->st.st_size > SMALL;
	if (f->large)
		goto out;
	/* One byte more than expected shows growth. */
	err = file_read_full(&got, fd, buf_reserve(&f->slab.bytes,
	    (size_t)f->st.st_size + 1), (size_t)f->st.st_size + 1, f->path);
	if (err)
		goto out;
	f->slab.bytes.len = got;
	if (fstat(fd, &after) < 0)
		err = err_sys("cannot look at \"%s\"", f->path);
	else
		*stable = got == (size_t)f->st.st_size &&
		    same_stat(&f->st, &after);
out:
	close(fd);
	return err;
}

static err_t
read_link(struct file_job *f)
{
	int dirfd = -1;
	const char *base;
	ssize_t n;
	err_t err;

	err = file_open_parent(&dirfd, &base, f->in->rootfd, f->path, false);
	if (err)
		return err;
	n = readlinkat(dirfd, base, buf_reserve(&f->slab.bytes,
	    LINK_MAX_SIZE), LINK_MAX_SIZE);
	if (n < 0 || n == LINK_MAX_SIZE)
		err = err_sys("cannot read the link \"%s\"", f->path);
	else
		f->slab.bytes.len = (size_t)n;
	if (dirfd != f->in->rootfd)
		close(dirfd);
	return err;
}

/* A worker: read, cut, hash. */
static err_t
file_run(struct job *job)
{
	struct file_job *f = (struct file_job *)(void *)job;
	struct cutter c;
	bool stable = true;
	err_t err = NULL;

	/* Only how to open it: that decides what it is. */
	if (fstatat(f->in->rootfd, f->path, &f->st, AT_SYMLINK_NOFOLLOW) < 0)
		err = err_sys("cannot look at \"%s\"", f->path);
	else if (S_ISLNK(f->st.st_mode))
		f->mode = MODE_LINK;
	if (!err && f->mode == MODE_LINK) {
		err = read_link(f);
	} else if (!err) {
		stable = false;
		for (int i = 0; !err && !stable && i < TRIES; i++)
			err = read_small(f, &stable);
		f->mode = f->st.st_mode & S_IXUSR ? MODE_EXEC : MODE_FILE;
	}
	if (!err && !stable)
		err = changed_error(f->path);
	if (err || f->large)
		return err;
	if (f->cut == CUT_AUTO)
		f->cut = cut_sniff(f->slab.bytes.p, f->slab.bytes.len);
	cutter_init(&c, f->cut);
	slab_cut(&f->slab, &c, true);
	slab_hash(&f->slab);
	if (f->slab.n == 1)
		f->content = f->slab.chunks[0].id;
	else
		hash_bytes(&f->content, f->slab.bytes.p, f->slab.bytes.len);
	return NULL;
}

/* ---- storing ----------------------------------------------------------- */

static err_t
chunk_store(struct ingest *in, const struct chunk *c, const char *p,
    struct lineage *lineage)
{
	struct pack *pack = in->txn->pack;
	const struct id *from;
	struct base base;
	bool known, has_base = false;
	err_t err;

	from = lineage_step(lineage, &c->id, c->size);
	err = pack_has(&known, pack, KIND_CHUNK, &c->id);
	if (err || known)
		return err;
	in->stored = true;
	if (from)
		err = base_find(&has_base, &base, in->txn->store, KIND_CHUNK,
		    from);
	if (err)
		return err;
	return has_base ?
	    pack_add_delta(pack, KIND_CHUNK, &c->id, p, c->size, &base) :
	    pack_add(pack, KIND_CHUNK, &c->id, p, c->size);
}

static err_t
slab_store(struct ingest *in, struct slab *s, struct recipe *recipe,
    struct lineage *lineage)
{
	err_t err = NULL;

	for (size_t i = 0; !err && i < s->n; i++) {
		const struct chunk *c = &s->chunks[i];
		struct recipe_entry e = { c->id, c->size, c->records, 1,
		    c->partial };

		err = chunk_store(in, c, s->bytes.p + c->offset, lineage);
		if (!err && recipe)
			err = recipe_add(recipe, &e);
	}
	return err;
}

static err_t
report(struct ingest *in, const char *path, const struct stat *st,
    enum mode mode, const struct id *content, err_t failure)
{
	struct ingested result = { .path = path, .mode = mode,
	    .failure = failure, .was_known = !in->stored };

	if (!failure) {
		result.st = *st;
		result.id = *content;
	}
	return in->done(in->arg, &result);
}

static err_t
store_empty(struct ingest *in, struct id *content)
{
	struct chunk c = { .size = 0 };
	struct lineage none = LINEAGE_INIT;

	hash_bytes(content, "", 0);
	c.id = *content;
	return chunk_store(in, &c, "", &none);
}

static err_t
store_small(struct ingest *in, struct file_job *f)
{
	struct lineage lineage = LINEAGE_INIT;
	struct recipe recipe;
	err_t err = NULL;

	in->stored = false;
	if (f->slab.n == 0)
		return store_empty(in, &f->content);
	if (!id_is_zero(&f->prev) && !id_eq(&f->prev, &f->content))
		err = lineage_load(&lineage, in->txn->store, &f->prev);
	recipe_init(&recipe, in->txn, &lineage);
	if (!err)
		err = slab_store(in, &f->slab, &recipe, &lineage);
	if (!err)
		err = recipe_end(&recipe, &f->content, f->cut);
	recipe_release(&recipe);
	lineage_release(&lineage);
	return err;
}

static void
file_drop(struct pack_job *job)
{
	struct file_job *f = (struct file_job *)(void *)job;

	free(f->path);
	slab_release(&f->slab);
	free(f);
}

static err_t
file_done(struct pack_job *job, err_t result)
{
	struct file_job *f = (struct file_job *)(void *)job;
	struct ingest *in = f->in;
	err_t err;

	if (in->stopped) {
		file_drop(job);
		return NULL;
	}
	if (!result && f->large) {
		VEC_ROOM(in->large, in->n_large, in->cap_large);
		in->large[in->n_large].path = mem_strdup(f->path);
		in->large[in->n_large].prev = f->prev;
		in->large[in->n_large++].cut = f->cut;
		err = NULL;
	} else {
		err = result ? NULL : store_small(in, f);
		if (!err)
			err = report(in, f->path, &f->st, f->mode,
			    &f->content, result);
	}
	file_drop(job);
	return err;
}

/* ---- large files ------------------------------------------------------- */

static err_t
slab_run(struct job *job)
{
	slab_hash(&((struct slab_job *)(void *)job)->slab);
	return NULL;
}

static void
slab_drop(struct pack_job *job)
{
	struct slab_job *s = (struct slab_job *)(void *)job;

	slab_release(&s->slab);
	free(s);
}

static err_t
slab_done(struct pack_job *job, err_t result)
{
	struct slab_job *s = (struct slab_job *)(void *)job;
	err_t err = s->in->stopped ? NULL : result;

	if (!err && !s->in->stopped)
		err = slab_store(s->in, &s->slab, s->recipe, s->lineage);
	slab_drop(job);
	return err;
}

static struct slab_job *
slab_new(struct ingest *in, struct recipe *recipe, struct lineage *lineage)
{
	struct slab_job *s = mem_zalloc(sizeof(*s));

	s->base.job.run = slab_run;
	s->base.done = slab_done;
	s->base.drop = slab_drop;
	s->in = in;
	s->recipe = recipe;
	s->lineage = lineage;
	return s;
}

struct large {
	const char *path;
	int fd;
	struct stat st;
	enum cut cut;
	struct cutter cutter;
	struct hash whole;
	struct recipe recipe;
	struct lineage lineage;
	struct buf tail;		/* read but not in a chunk yet */
	uint64_t size;
	bool eof;
	err_t source_error;
};

/* Read the next slab and give it to the workers.  A fault of the source goes
 * to l->source_error. */
static err_t
read_slab(struct ingest *in, struct large *l)
{
	struct slab_job *s = slab_new(in, &l->recipe, &l->lineage);
	struct buf *b = &s->slab.bytes;
	size_t got, used;

	buf_reserve(b, SLAB + CUT_NEED);
	buf_add(b, l->tail.p, l->tail.len);
	buf_clear(&l->tail);
	l->source_error = file_read_full(&got, l->fd, b->p + b->len, SLAB,
	    l->path);
	if (l->source_error) {
		slab_drop(&s->base);
		return NULL;
	}
	hash_add(&l->whole, b->p + b->len, got);
	b->len += got;
	l->size += got;
	l->eof = got < SLAB;
	if (l->cut == CUT_AUTO) {
		l->cut = cut_sniff(b->p, b->len);
		cutter_init(&l->cutter, l->cut);
	}
	used = slab_cut(&s->slab, &l->cutter, l->eof);
	buf_add(&l->tail, b->p + used, b->len - used);
	pack_give(in->txn->pack, &s->base);
	return pack_pump(in->txn->pack, pack_depth(in->txn->pack));
}

/* One try at a large file; *stable is false if it changed meanwhile. */
static err_t
read_large(struct ingest *in, struct large *l, struct id *content,
    bool *stable)
{
	struct stat after;
	err_t err = NULL;

	*stable = true;
	l->source_error = source_open(&l->fd, &l->st, in->rootfd, l->path);
	if (l->source_error)
		return NULL;
	in->stored = false;
	l->size = 0;
	l->eof = false;
	buf_clear(&l->tail);
	hash_init(&l->whole);
	cutter_init(&l->cutter, l->cut);
	recipe_init(&l->recipe, in->txn, &l->lineage);
	/* A file that grows as fast as it is read would never end. */
	while (!err && !l->eof && !l->source_error &&
	    l->size <= (uint64_t)l->st.st_size) {
		err = cancel_check();
		if (!err)
			err = read_slab(in, l);
	}
	/* Slabs under way point to the recipe. */
	if (!err)
		err = pack_pump(in->txn->pack, 0);
	if (!err && !l->source_error) {
		if (fstat(l->fd, &after) < 0)
			l->source_error = err_sys("cannot look at \"%s\"",
			    l->path);
		else
			*stable = l->size == (uint64_t)l->st.st_size &&
			    same_stat(&l->st, &after);
	}
	hash_end(content, &l->whole);
	if (!err && !l->source_error && *stable)
		err = l->size ? recipe_end(&l->recipe, content, l->cut) :
		    store_empty(in, content);
	close(l->fd);
	return err;
}

static err_t
ingest_large(struct ingest *in, const struct later *later)
{
	const char *path = later->path;
	struct large l = { .path = path, .lineage = LINEAGE_INIT,
	    .tail = BUF_INIT };
	struct err kept;
	struct id content;
	bool stable = false;
	err_t err = NULL;

	for (int i = 0; !err && !stable && i < TRIES; i++) {
		l.cut = later->cut;
		if (!id_is_zero(&later->prev))
			err = lineage_load(&l.lineage, in->txn->store,
			    &later->prev);
		if (!err)
			err = read_large(in, &l, &content, &stable);
		recipe_release(&l.recipe);
		lineage_release(&l.lineage);
		if (!err)
			err = txn_checkpoint(in->txn);
	}
	buf_release(&l.tail);
	if (err)
		return err;
	if (!l.source_error && !stable)
		l.source_error = changed_error(path);
	if (l.source_error) {
		kept = *l.source_error;
		l.source_error = &kept;
	}
	return report(in, path, &l.st, l.st.st_mode & S_IXUSR ? MODE_EXEC :
	    MODE_FILE, &content, l.source_error);
}

/* ---- the face ---------------------------------------------------------- */

err_t
ingest_begin(struct ingest **out, struct txn *t, int rootfd,
    ingest_done_fn *done, void *arg)
{
	struct ingest *in = mem_zalloc(sizeof(*in));

	in->txn = t;
	in->rootfd = rootfd;
	in->done = done;
	in->arg = arg;
	*out = in;
	return NULL;
}

err_t
ingest_file(struct ingest *in, const char *path, enum cut cut,
    const struct id *prev)
{
	struct file_job *f;
	err_t err;

	err = cancel_check();
	if (!err)
		err = txn_checkpoint(in->txn);
	if (err)
		return err;
	f = mem_zalloc(sizeof(*f));
	f->base.job.run = file_run;
	f->base.done = file_done;
	f->base.drop = file_drop;
	f->in = in;
	f->path = mem_strdup(path);
	f->cut = cut;
	if (prev)
		f->prev = *prev;
	pack_give(in->txn->pack, &f->base);
	return pack_pump(in->txn->pack, 2 * pack_depth(in->txn->pack));
}

err_t
ingest_finish(struct ingest *in)
{
	err_t err;

	err = pack_pump(in->txn->pack, 0);
	for (size_t i = 0; !err && i < in->n_large; i++)
		err = ingest_large(in, &in->large[i]);
	return err;
}

void
ingest_free(struct ingest *in)
{
	if (!in)
		return;
	/* Jobs under way point here.  Nothing is held after an ingest that
	 * came to its end. */
	in->stopped = true;
	while (pool_held(pack_pool(in->txn->pack)) > 0) {
		if (pack_pump(in->txn->pack, 0))
			in->txn->failed = true;
	}
	for (size_t i = 0; i < in->n_large; i++)
		free(in->large[i].path);
	free(in->large);
	free(in);
}
