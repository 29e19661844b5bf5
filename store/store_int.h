#ifndef STORE_STORE_INT_H
#define STORE_STORE_INT_H

/*
 * What the files of store/ share with each other and with nobody else.
 */

#include "lib/base/file.h"
#include "lib/base/pool.h"
#include "store/db.h"
#include "store/segment.h"
#include "store/store.h"

/* ---- the open store ---------------------------------------------------- */

#define OPEN_SEGMENTS 32
#define CACHED_FRAMES 64
#define CACHED_BYTES (24u << 20)	/* raw, of all of them */

struct open_segment {
	struct id id;
	int fd;				/* -1: free place */
	uint64_t used;
};

struct cached_frame {
	int64_t segment;		/* row; 0: free place */
	int64_t offset;
	struct buf raw;
	uint64_t used;
};

struct store {
	char *path;
	int dirfd, objectsfd, tmpfd;
	struct db *db;
	enum store_mode mode;
	int64_t wait_ms;
	uint8_t writer[WRITER_SIZE];
	bool wrote;			/* something was committed */
	uint64_t horizon;		/* see store_horizon; 0: none */
	unsigned views;
	bool view_open;			/* the views have a transaction */
	uint64_t clock;			/* of the caches: last use */
	struct open_segment open[OPEN_SEGMENTS];
	struct cached_frame frames[CACHED_FRAMES];
	size_t cached;			/* bytes in frames */
};

#define TMP_DIR "tmp"
#define OBJECTS_DIR "objects"
#define LOCK_GC "locks/gc"
#define LOCK_INTENT "locks/intent"
#define LOCK_WRITE "locks/write"

/* A store without its index: db is NULL. */
MUST_CHECK err_t store_open_files(struct store **out, const char *path,
    enum store_mode mode, int64_t wait_ms, bool any_owner);

/* Where an object is, by the index. */
struct place {
	int64_t segment;		/* row */
	int64_t frame;			/* offset in the segment */
	int64_t at, size;		/* in the raw bytes of the frame */
};

MUST_CHECK err_t place_find(bool *found, struct place *out, struct store *s,
    enum kind kind, const struct id *id);

#define QUARANTINE_DIR "quarantine"

/* trash.c: segments that gc has taken out, each under its full name, until a
 * later gc removes them. */
MUST_CHECK err_t trash_open(int *fd, struct store *s, const struct id *id);
/* Remove what is in there; *bytes and *files say how much. */
MUST_CHECK err_t trash_empty(uint64_t *bytes, uint64_t *files,
    struct store *s);
/* Move a segment in there; it need not be there any more. */
MUST_CHECK err_t trash_put(uint64_t *bytes, struct store *s,
    const struct id *id);
/* Segments under objects/ that the index does not know. */
typedef err_t orphan_fn(void *arg, const struct id *id, uint64_t size);
MUST_CHECK err_t trash_orphans(struct store *s, orphan_fn *fn, void *arg);

/* ballast.c: give it up if there is no room, and say so; have it if there
 * is. */
bool ballast_drop(struct store *s);
void ballast_keep(struct store *s);

/* Does the object lie within so many raw bytes? */
bool place_fits(const struct place *place, size_t raw);

/* A segment's file, wherever its name is now; borrowed until the next call. */
MUST_CHECK err_t segment_open(int *fd, struct store *s, int64_t row);

/*
 * The object that a delta against this one is to be made of: the object
 * itself, or the base of the delta that it is.  *found is false if there is
 * none that can be used.  Close fd.
 */
struct base {
	struct id id;
	int fd;
	int64_t segment, frame, at, size;
};
MUST_CHECK err_t base_find(bool *found, struct base *out, struct store *s,
    enum kind kind, const struct id *id);

/* Read a frame's head and stored bytes with nothing but the file. */
MUST_CHECK err_t frame_read(struct frame *out, struct buf *stored, int fd,
    uint64_t offset, const char *name);

/* Is the frame a delta, and against what? */
MUST_CHECK err_t frame_peek(bool *delta, struct id *base, int fd,
    uint64_t offset);

/* content_read of a file of several chunks. */
MUST_CHECK err_t reader_run(struct store *s, const struct id *content,
    content_sink_fn *sink, void *arg);

/* The nodes of a file's recipe, with the chunks before each; none if it is
 * one chunk. */
typedef err_t node_visit_fn(void *arg, const struct id *id, unsigned height,
    uint64_t chunks_before);
MUST_CHECK err_t content_walk(struct store *s, const struct id *id,
    chunk_visit_fn *chunk, node_visit_fn *node, void *arg);

/* ---- recipes ----------------------------------------------------------- */

/*
 * KIND_RECIPE, the root:
 *	u8 height; u8 cut; 32 content id; varint size; varint records;
 *	varint chunks; entries
 * KIND_NODE: u8 height; entries
 * An entry of height 0: 32 chunk id; varint size; varint records * 2 +
 * partial.  Higher: 32 node id; the same two, partial if any chunk below is;
 * varint chunks.
 *
 * A list ends after an entry whose id begins with six zero bits, if it has 16
 * entries by then, or after 512.
 */
#define RECIPE_HEIGHT_MAX 8
#define RECIPE_LIST_MIN 16
#define RECIPE_LIST_MAX 512

struct recipe_entry {
	struct id id;
	uint64_t size;
	uint64_t records;
	uint64_t chunks;		/* 1 at height 0 */
	bool partial;			/* any chunk of it */
};

struct recipe_level {
	struct recipe_entry entries[RECIPE_LIST_MAX];
	size_t n;
	bool spilled;			/* a list of it has gone up */
	uint64_t before;		/* chunks before the list */
};

/* Builds the tree as chunks come, one list per level in memory. */
struct lineage;

struct recipe {
	struct txn *txn;
	const struct lineage *lineage;	/* of the file; may be NULL */
	struct recipe_level *levels[RECIPE_HEIGHT_MAX + 1];
	struct recipe_entry total;	/* of all chunks so far */
};

void recipe_init(struct recipe *r, struct txn *t,
    const struct lineage *lineage);
void recipe_release(struct recipe *r);
MUST_CHECK err_t recipe_add(struct recipe *r, const struct recipe_entry *e);
/* The content is complete: enter it.  One chunk needs no recipe. */
MUST_CHECK err_t recipe_end(struct recipe *r, const struct id *content,
    enum cut cut);

struct recipe_decoder {
	struct cursor c;
	unsigned height;
};
struct recipe_head {
	struct id content;
	enum cut cut;
	uint64_t size, records, chunks;
};
MUST_CHECK err_t recipe_decode_root(struct recipe_decoder *out,
    struct recipe_head *head, const void *p, size_t len);
MUST_CHECK err_t recipe_decode_node(struct recipe_decoder *out, const void *p,
    size_t len);
bool recipe_next(struct recipe_entry *out, struct recipe_decoder *d,
    err_t *err);

/* ---- the writing session ----------------------------------------------- */

struct pack;

struct txn {
	struct store *store;
	const char *who;
	struct file_lock intent_lock;	/* held by gc only */
	struct file_lock gc_lock;
	struct file_lock write_lock;
	struct pack *pack;
	bool locked;
	bool committed;
	bool failed;			/* an object could not be stored */
};

/* A session that no other writer is in, nor can begin: gc's. */
MUST_CHECK err_t txn_begin_alone(struct txn **out, struct store *s,
    const char *who, bool wait);

/* pack.c: objects on their way into segments. */
struct pack *pack_new(struct store *s);
void pack_free(struct pack *p);
struct pool *pack_pool(struct pack *p);

/* Is it in the store, or on its way? */
MUST_CHECK err_t pack_has(bool *out, struct pack *p, enum kind kind,
    const struct id *id);
/* Add an object that pack_has denied.  Bytes are copied. */
MUST_CHECK err_t pack_add(struct pack *p, enum kind kind, const struct id *id,
    const void *bytes, size_t len);
/* The same, as a delta against the base if that is much smaller; takes over
 * base->fd. */
MUST_CHECK err_t pack_add_delta(struct pack *p, enum kind kind,
    const struct id *id, const void *bytes, size_t len, struct base *base);
/*
 * gc: the object exists and moves to where it is put now.  Frames become
 * solid, as large as they may be, and are compressed harder.
 */
void pack_solid(struct pack *p, int level);
MUST_CHECK err_t pack_move(struct pack *p, enum kind kind,
    const struct id *id, const void *bytes, size_t len);
/* The same for a whole frame, as it is encoded. */
MUST_CHECK err_t pack_move_frame(struct pack *p, const struct frame *f,
    const struct buf *encoded);
/* One reference more or less, when the rows are inserted. */
void pack_count(struct pack *p, enum kind kind, const struct id *id,
    int64_t change);
/* Note that the file with this content has this recipe. */
void pack_file(struct pack *p, const struct id *content,
    const struct id *recipe);
MUST_CHECK err_t pack_has_file(bool *out, struct pack *p,
    const struct id *content);

/*
 * A job of somebody else's in the pack's pool; done is called by the owner's
 * thread, in the order in which jobs were given, and owns the job then.
 */
struct pack_job {
	struct job job;
	err_t (*done)(struct pack_job *job, err_t result);
	void (*drop)(struct pack_job *job);
};
void pack_give(struct pack *p, struct pack_job *job);
/* Take finished jobs back until at most held are under way. */
MUST_CHECK err_t pack_pump(struct pack *p, size_t held);
/* As many as keep the workers busy without holding much memory. */
size_t pack_depth(const struct pack *p);

/* Everything added so far becomes durable in complete segments. */
MUST_CHECK err_t pack_flush(struct pack *p);
/* From here on segments get names in tmp/ only: they may hold events.  Right
 * after pack_flush. */
void pack_prepare(struct pack *p);
/* Rows for what is durable; in a transaction. */
MUST_CHECK err_t pack_insert_rows(struct pack *p);
/* The rows were committed: forget them, and publish what was prepared. */
MUST_CHECK err_t pack_publish(struct pack *p);
/* Objects held in memory because they have no row yet. */
size_t pack_pending(const struct pack *p);

/* Give prepared segments that the index knows their names, and remove the
 * others.  With the write lock held. */
MUST_CHECK err_t txn_settle(struct store *s);
/* Move a prepared segment to its place in objects/. */
MUST_CHECK err_t segment_publish(struct store *s, const struct id *id);
/* Does the file, as name in dirfd, hold what its id says?  One that the disk
 * cannot give does not. */
MUST_CHECK err_t segment_is_intact(bool *out, int dirfd, const char *name,
    const struct id *id);
/* Give the finished temporary its name in objects/, durably. */
MUST_CHECK err_t segment_store(struct store *s, struct file_temp *temp,
    const struct id *id);

/* A transaction of its own, before txn_lock: the write lock is held and fn
 * changes rows. */
MUST_CHECK err_t txn_step(struct txn *t, err_t (*fn)(void *arg), void *arg);

/* Enter many rows early, so that memory does not grow with the work. */
MUST_CHECK err_t txn_checkpoint(struct txn *t);

/* Note a commit in the graph (rows only). */
MUST_CHECK err_t graph_insert(struct db *db, const struct id *id,
    const struct commit *c);
/* Apply an event's effect and enter it (rows only).  check: refs must be at
 * their old values, and new names may not fold to others. */
MUST_CHECK err_t event_insert(struct store *s, const struct id *id,
    const struct event *ev, bool check);

/*
 * What an index that was sound knew, and the one that was built anew from the
 * objects does not; and all of its commits and events.
 */
struct lost_object {
	enum kind kind;
	struct id id;
	int64_t version;		/* of a commit that was kept; or 0 */
};
struct lost_ref {
	char *name;
	struct id target;		/* as it was */
};
struct lost {
	struct lost_object *objects;
	size_t n, cap;
	struct lost_ref *refs;		/* all that there were */
	size_t n_refs, cap_refs;
};
#define LOST_INIT { .objects = NULL }
void lost_release(struct lost *l);
/* Add what old knows and s does not. */
MUST_CHECK err_t lost_collect(struct lost *l, struct db *old,
    struct store *s);
/* Say what is lost to this day. */
MUST_CHECK err_t lost_say(uint64_t *said, const struct lost *l,
    struct store *s, finding_fn *fn, void *arg);

/* store_rebuild; unless lost is NULL, an index that is sound and right already
 * stays. */
MUST_CHECK err_t rebuild_run(struct lost *lost, const char *path,
    bool any_owner, int64_t wait_ms);
/* Do the two indexes say the same?  No if one cannot be read. */
MUST_CHECK err_t rebuild_same(bool *out, struct db *a, struct db *b);
/* Take out what nothing needs and of which something below is missing. */
MUST_CHECK err_t rebuild_forget_dead(struct store *s);

#endif
