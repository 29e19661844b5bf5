#ifndef STORE_STORE_H
#define STORE_STORE_H

/*
 * The public face of the store: what is in .dsv and how it changes.
 *
 * Invariants, cited by number in the code and the tests:
 *
 * (1) An object never changes.  It is named by its kind and the SHA-256 of
 *     its bytes, and every read checks that.
 * (2) A file under objects/ is complete, durable and named by its own
 *     SHA-256 from the moment that it has a name there.
 * (3) The SQLite COMMIT is the only commit point.  What a row names is
 *     durable before the row is.
 * (4) Refs change only by recording an event; the event is in the same
 *     transaction as its effect, and replaying the published events gives
 *     the refs.
 * (5) An event gets its name under objects/ only after the COMMIT that made
 *     it true.  Until then it is in a segment under tmp/, durable; whoever
 *     holds the write lock next gives it its name (if the index knows it) or
 *     removes it (if not).  So objects/ never holds an act that did not
 *     happen.  An act is acknowledged after that; if giving the name failed,
 *     the act is in tmp/ only.  Whoever rebuilds a lost index cannot know of
 *     the last act in tmp/ whether its COMMIT happened, and takes it for
 *     true: an acknowledged act is never lost, and one that was cut off
 *     before it was acknowledged may come true.
 * (6) A reader changes no byte of .dsv.  (The one exception is SQLite's own
 *     rollback of a journal that a killed writer left.)
 * (7) A writer holds locks/gc shared from its first lookup to its commit.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/hash.h"
#include "store/format.h"

struct store;
struct txn;

enum store_mode { STORE_READ, STORE_WRITE };

/* ---- a store ---------------------------------------------------------- */

/*
 * Make an empty store called ".dsv" in the directory dir: built under
 * another name, synced, then renamed, so that it is there whole or not at
 * all.  Its first event is ev (act "init"); actor, time and identity must be
 * filled in.  head is the name of the first branch, which has no version yet.
 * config becomes the file .dsv/config.  Fails with ERR_EXISTS.
 */
MUST_CHECK err_t store_init(const char *dir, const char *head,
    const char *config, struct event *ev);

/*
 * Open the store in the directory path (which ends in ".dsv").  Waiting for
 * other writers lasts at most wait_ms.  ERR_NOT_FOUND if there is none,
 * ERR_REFUSED for a newer format (the message says so) or, unless
 * any_owner, another user's store; ERR_CORRUPT if the index is missing or
 * damaged (the message names "dsv fsck --repair").
 */
MUST_CHECK err_t store_open(struct store **out, const char *path,
    enum store_mode mode, int64_t wait_ms, bool any_owner);
void store_close(struct store *s);

/* The directory .dsv itself; borrowed. */
int store_dirfd(const struct store *s);
const char *store_path(const struct store *s);

/* ---- reading ---------------------------------------------------------- */

/*
 * One consistent view: between store_view_begin and _end all reads of the
 * index see the same state.  Writers cannot commit meanwhile, so it must be
 * short: collect first, show afterwards.  May nest; every read function
 * works without it too.  Not within a txn that is locked.
 */
MUST_CHECK err_t store_view_begin(struct store *s);
void store_view_end(struct store *s);

MUST_CHECK err_t object_has(bool *out, struct store *s, enum kind kind,
    const struct id *id);

/*
 * The bytes of an object, appended to out, checked against its id.
 * ERR_NOT_FOUND if the store has none; ERR_CORRUPT if what it has is damaged.
 */
MUST_CHECK err_t object_read(struct buf *out, struct store *s, enum kind kind,
    const struct id *id);

/* The same for an object that another one names: ERR_CORRUPT if the store has
 * none. */
MUST_CHECK err_t object_need(struct buf *out, struct store *s, enum kind kind,
    const struct id *id);

/* Objects of a kind whose id begins with the hex digits; visits at most
 * limit.  prefix has 1 to 64 digits; ERR_USAGE if it has another byte. */
typedef err_t object_visit_fn(void *arg, const struct id *id);
MUST_CHECK err_t object_by_prefix(struct store *s, enum kind kind,
    const char *prefix, size_t limit, object_visit_fn *fn, void *arg);

/* What the store knows of a file's content without reading it. */
struct content {
	struct id id;		/* SHA-256 of the bytes */
	uint64_t size;
	uint64_t records;	/* record ends, by the cut; see CUT_… */
	enum cut cut;
	unsigned chunks;	/* 1 for a file that is one chunk */
};

/* Is the content stored?  The functions below expect it to be: a version or
 * the stage names it.  Without it they answer ERR_CORRUPT. */
MUST_CHECK err_t content_has(bool *out, struct store *s, const struct id *id);

/* Counting the records of a one-chunk file reads the chunk; the count is by
 * the given cut then (CUT_AUTO sniffs). */
MUST_CHECK err_t content_stat(struct content *out, struct store *s,
    const struct id *id, enum cut cut);

/* The bytes in order, chunk by chunk, each checked before it is shown; the
 * whole is checked against the id before the last call returns.  Memory does
 * not grow with the file. */
typedef err_t content_sink_fn(void *arg, const char *p, size_t len);
MUST_CHECK err_t content_read(struct store *s, const struct id *id,
    content_sink_fn *sink, void *arg);

/* The chunks of a file in order, without reading their bytes. */
struct chunk_ref {
	struct id id;
	uint64_t offset;	/* in the file */
	uint32_t size;
	uint64_t records;
	bool partial;		/* does not end at the end of a record */
};
typedef err_t chunk_visit_fn(void *arg, const struct chunk_ref *chunk);
MUST_CHECK err_t content_chunks(struct store *s, const struct id *id,
    chunk_visit_fn *fn, void *arg);

/*
 * The same from above: a part is a chunk, or a run of chunks that the recipe
 * knows by an id of its own, so that two files which share it need not look
 * inside.  content_parts says the largest parts, content_part_parts what one
 * of them (height > 0) is made of; each in order.
 */
struct content_part {
	struct id id;
	uint64_t offset, size;	/* in the file */
	uint64_t record;	/* records before it */
	uint64_t records;
	unsigned height;	/* 0: a chunk */
	bool partial;		/* a chunk of it does not end with a record */
};
typedef err_t content_part_fn(void *arg, const struct content_part *part);
/* cut is for a file that is one chunk: how its records are counted. */
MUST_CHECK err_t content_parts(struct store *s, const struct id *content,
    enum cut cut, content_part_fn *fn, void *arg);
MUST_CHECK err_t content_part_parts(struct store *s,
    const struct content_part *part, content_part_fn *fn, void *arg);

/*
 * The chunks that a file would be cut into if it were added, in order; nothing
 * is stored, and no store is needed.  fd is read from its start; name is for
 * messages.  CUT_AUTO sniffs.  out (which may be NULL) gets all but the id.
 * Somebody may write to the file meanwhile: whoever reads a chunk later finds
 * by its id whether it is still the same.
 */
MUST_CHECK err_t content_of_file(struct content *out, int fd,
    const char *name, enum cut cut, chunk_visit_fn *fn, void *arg);

/*
 * Chunks to be read together.  The thread that owns the store adds them, up
 * to and with the one that makes the set full; then one thread, any, reads
 * them: their bytes in order, appended to out, each checked against its id.
 * ERR_CORRUPT if one is missing or not what it should be.
 */
struct chunk_set;
struct chunk_set *chunk_set_new(struct store *s);
void chunk_set_free(struct chunk_set *set);	/* accepts NULL */
MUST_CHECK err_t chunk_set_add(struct chunk_set *set, const struct id *id,
    uint32_t size);
bool chunk_set_full(const struct chunk_set *set);
size_t chunk_set_bytes(const struct chunk_set *set);
MUST_CHECK err_t chunk_set_read(struct buf *out, const struct chunk_set *set);

/* ---- writing ---------------------------------------------------------- */

/*
 * A writing session.
 *
 *	txn_begin	waits for gc, then objects may be put
 *	txn_lock	what was put is made durable; then the write lock:
 *			from here on the index (stage, refs) stands still
 *	txn_commit	all of it becomes true, or none
 *	txn_end		undoes what was not committed; accepts a txn that
 *			never began
 *
 * Objects may be put before and after txn_lock; stage and refs change only
 * after it.  who is the command, for the message to those who wait.
 */
MUST_CHECK err_t txn_begin(struct txn **out, struct store *s, const char *who);
MUST_CHECK err_t txn_lock(struct txn *t);
/* What was put so far can be read from here on, whatever becomes of the rest:
 * gc takes what nothing refers to.  Before txn_lock. */
MUST_CHECK err_t txn_enter(struct txn *t);
MUST_CHECK err_t txn_commit(struct txn *t);
void txn_end(struct txn *t);
struct store *txn_store(struct txn *t);

/*
 * Add the bytes and say their id.  Adding what is already there succeeds and
 * stores nothing.  The object is durable once txn_commit returns.
 */
MUST_CHECK err_t object_put(struct id *out, struct txn *t, enum kind kind,
    const void *p, size_t len);

/*
 * The same for an object that is much like another of its kind, its
 * predecessor say: it is stored as a delta if that saves much.  near is
 * called only if the object is new; *found says whether there is such one.
 */
typedef err_t near_fn(void *arg, bool *found, struct id *id);
MUST_CHECK err_t object_put_near(struct id *out, struct txn *t,
    enum kind kind, const void *p, size_t len, near_fn *near, void *arg);

/* Add the content of a file that is in memory (a link's target, say). */
MUST_CHECK err_t content_put(struct id *out, struct txn *t, const void *p,
    size_t len, enum cut cut);

/*
 * Add many files, read beneath rootfd by worker threads (symbolic links are
 * read as links: their target is the content).  done is called on the
 * caller's thread, from inside ingest_file or ingest_finish, in the order of
 * ingest_file, but for files of more than 1 MiB, which come after all
 * others.  A file that cannot be read, vanished, is not regular, or
 * kept changing while it was read comes to done with result.failure set; done
 * says whether to go on (NULL) or stop (the error to return).  A fault of
 * the store itself is never shown to done: it ends the ingest at once.
 * ingest_free may be called at any time and waits for the workers.
 */
struct ingested {
	const char *path;	/* as given; borrowed until done returns */
	struct stat st;		/* of what was read, before and after alike */
	struct id id;
	enum mode mode;
	err_t failure;		/* about the source; NULL if it went well */
	bool was_known;		/* nothing new had to be stored */
};
typedef err_t ingest_done_fn(void *arg, const struct ingested *result);

struct ingest;
MUST_CHECK err_t ingest_begin(struct ingest **out, struct txn *t, int rootfd,
    ingest_done_fn *done, void *arg);
/* prev: the content that the file had before, against which new chunks are
 * stored as deltas where that saves much; NULL if none. */
MUST_CHECK err_t ingest_file(struct ingest *in, const char *path,
    enum cut cut, const struct id *prev);
MUST_CHECK err_t ingest_finish(struct ingest *in);
void ingest_free(struct ingest *in);

/* ---- facts about rows ------------------------------------------------- */

/*
 * What is known of the rows of a content, a chunk or a node of a recipe
 * (about: its id), found out in one way (how: the digest of whatever else the
 * answer depends on, so that another reading is another fact).  The bytes
 * mean nothing to the store.  A fact goes when what it is about goes; of two
 * that say different things one is kept, the same wherever the index is made.
 */
MUST_CHECK err_t fact_put(struct txn *t, const struct id *about,
    const struct id *how, const void *p, size_t len);
/* Appended to out.  One that was put is found once its txn has committed. */
MUST_CHECK err_t fact_get(bool *found, struct buf *out, struct store *s,
    const struct id *about, const struct id *how);

/* ---- row changes ------------------------------------------------------ */

/* Note what a version changed in a file; its commit must have been put.
 * There is one note for each version and path, which goes when the version
 * goes. */
MUST_CHECK err_t rows_put(struct txn *t, const struct row_changes *rows);
/* *out borrows from b. */
MUST_CHECK err_t rows_get(bool *found, struct row_changes *out, struct buf *b,
    struct store *s, const struct id *commit, const char *path);
/* All notes of a version, in the order of their paths. */
typedef err_t rows_visit_fn(void *arg, const struct row_changes *rows);
MUST_CHECK err_t rows_walk(struct store *s, const struct id *commit,
    rows_visit_fn *fn, void *arg);

/* Versions, in no order, that have a note about the file at path. */
typedef err_t rows_version_fn(void *arg, const struct id *commit);
MUST_CHECK err_t rows_versions(struct store *s, const char *path,
    rows_version_fn *fn, void *arg);

/*
 * Versions, in no order, that changed the row with this key (its hash) in the
 * file at path, or may have.  sure: by the notes they did.  Versions in which
 * rows were told apart by another key may always have.
 */
typedef err_t posting_visit_fn(void *arg, const struct id *commit, bool sure);
MUST_CHECK err_t posting_walk(struct store *s, const char *path,
    const char *key, const uint8_t hash[ROW_KEY], posting_visit_fn *fn,
    void *arg);

/* ---- decisions about rows --------------------------------------------- */

/* A list for an event of the same txn to name, in its field "decisions".  It
 * must be such as decision_list_decode accepts. */
MUST_CHECK err_t decisions_put(struct id *out, struct txn *t, const void *p,
    size_t len);
/* A list that an event names; *out borrows from b, which is cleared before. */
MUST_CHECK err_t decisions_read(struct decision_list *out, struct buf *b,
    struct store *s, const struct id *list);
/* Lists, in no order, with a decision about a row of the file that has this
 * key (its hash).  The events that name one are those about
 * "decisions/ID". */
typedef err_t decision_visit_fn(void *arg, const struct id *list);
MUST_CHECK err_t decisions_of_key(struct store *s, const char *path,
    const uint8_t hash[ROW_KEY], decision_visit_fn *fn, void *arg);

/* ---- stage ------------------------------------------------------------ */

/*
 * The stage is the next version being prepared: every path in it, with what
 * the file looked like when its content was taken.  path is relative to the
 * root, slash-separated, bytes; order is by bytes.
 */
struct stage_entry {
	const char *path;
	enum mode mode;
	struct id id;		/* content */
	uint64_t size;
	int64_t mtime;		/* ns; 0 = not known, look at the bytes */
	int64_t ctime;
	uint64_t inode;
};

typedef err_t stage_visit_fn(void *arg, const struct stage_entry *entry);

/* ERR_NOT_FOUND.  out->path is path itself. */
MUST_CHECK err_t stage_get(struct stage_entry *out, struct store *s,
    const char *path);
/* All entries at path or below it ("" = all), in order.  The visitor may not
 * change the stage. */
MUST_CHECK err_t stage_walk(struct store *s, const char *path,
    stage_visit_fn *fn, void *arg);

MUST_CHECK err_t stage_put(struct txn *t, const struct stage_entry *entry);
MUST_CHECK err_t stage_delete(struct txn *t, const char *path);
MUST_CHECK err_t stage_clear(struct txn *t);

/*
 * Small facts of the working tree that are not history: "head" is the full
 * name of the current ref ("branch/main") or 64 hex digits when detached.
 * ERR_NOT_FOUND.  An empty value deletes.
 */
MUST_CHECK err_t state_get(struct buf *out, struct store *s, const char *key);
MUST_CHECK err_t state_set(struct txn *t, const char *key, const char *value);

/* ---- refs and events -------------------------------------------------- */

/* Full names: "branch/main", "tag/2024-q3", "approved/report-7". */
struct ref {
	const char *name;
	struct id target;	/* a commit */
	struct id event;	/* the event that last set it */
};
typedef err_t ref_visit_fn(void *arg, const struct ref *ref);

/* ERR_NOT_FOUND.  out->name is name. */
MUST_CHECK err_t ref_get(struct ref *out, struct store *s, const char *name);
/* Refs whose name begins with prefix, in byte order. */
MUST_CHECK err_t ref_walk(struct store *s, const char *prefix,
    ref_visit_fn *fn, void *arg);

/*
 * Record an act, with what it does to refs.  writer, seq and prev are filled
 * in here; *out is the event's id.  Every change in ev->refs is a
 * compare-and-set: ERR_BUSY with "moved" in the message if the ref is not at
 * its old value any more; ERR_EXISTS if a new name folds to an existing one.
 */
MUST_CHECK err_t event_record(struct id *out, struct txn *t, struct event *ev);

/* Only fill in writer, seq and prev, as event_record will do. */
MUST_CHECK err_t event_place(struct event *ev, struct txn *t);

struct event_info {
	struct id id;
	uint64_t number;	/* order in this store, from 1 */
};
/* Events in the order in which this store recorded them, from number first
 * on; backwards if so asked (first is then the newest wanted; 0 = newest). */
typedef err_t event_visit_fn(void *arg, const struct event_info *info,
    const struct event *ev);
MUST_CHECK err_t event_walk(struct store *s, uint64_t first, bool backwards,
    event_visit_fn *fn, void *arg);

/* The events about a subject (see EVENT_SUBJECTS), in order; if it ends with
 * "/", about all that begin so. */
MUST_CHECK err_t event_about(struct store *s, const char *subject,
    event_visit_fn *fn, void *arg);
/* As if the event with this number, and all after it, had not happened: for
 * event_about, subject_walk and ref_then only; 0 ends that.  What it was
 * before. */
uint64_t store_horizon(struct store *s, uint64_t number);
/* Where a ref was before the horizon; zero if there was none of that name. */
MUST_CHECK err_t ref_then(struct id *out, struct store *s, const char *name);
/* What events are about: the rest of the subjects that begin with prefix, in
 * the order in which they came up. */
typedef err_t subject_visit_fn(void *arg, const char *rest);
MUST_CHECK err_t subject_walk(struct store *s, const char *prefix,
    subject_visit_fn *fn, void *arg);

/* The values that a ref has had, newest first. */
struct ref_change {
	const char *ref;
	struct id from;		/* zero: was not there */
	struct id to;		/* zero: was deleted */
	struct id event;
	int64_t time;
	const char *act;
};
typedef err_t reflog_visit_fn(void *arg, const struct ref_change *change);
MUST_CHECK err_t reflog_walk(struct store *s, const char *ref,
    reflog_visit_fn *fn, void *arg);

/* ---- commits ---------------------------------------------------------- */

/* Encode, put, and enter it in the commit graph.  The parents and the tree
 * must be there.  After txn_lock only. */
MUST_CHECK err_t commit_put(struct id *out, struct txn *t,
    const struct commit *c);

/* What the index knows of a commit: enough to walk the graph. */
struct commit_node {
	struct id id;
	struct id tree;
	uint64_t version;	/* 1 + the largest parent's */
	int64_t time;		/* of the committer */
	struct id parents[COMMIT_PARENTS];
	unsigned n_parents;
	uint64_t depth;		/* first parents before it */
	struct id jump;		/* one of them, far away; see graph.c */
};
MUST_CHECK err_t commit_node(struct commit_node *out, struct store *s,
    const struct id *id);
/*
 * The parent of that number.  ERR_CORRUPT if it does not come before the node
 * by its version, so whoever goes from parent to parent gets to an end,
 * whatever the index says.
 */
MUST_CHECK err_t commit_parent(struct commit_node *out, struct store *s,
    const struct commit_node *node, unsigned parent);

/* ---- what takes how much room ------------------------------------------ */

/*
 * A listing of groups of things, and how much each holds.
 *
 *	usage_add_…	to the next group; what is not stored (any more) is
 *			passed over
 *	usage_group	that group is complete; they are numbered from 0
 *	usage_outside	or it is none of the listing, but holds too
 *	usage_end	all are complete
 *
 * The groups may be as many as there are objects; the work is that of walking
 * from each to the next, so those that have much in common should be
 * neighbours.
 */
struct usage;
struct usage_sums {
	uint64_t logical;	/* bytes of files, in each version anew */
	uint64_t stored;	/* bytes on disk of the objects held */
	uint64_t shared;	/* of them, what another group holds too */
	uint64_t unique;	/* of them, what nothing else holds at all */
	uint64_t objects, unique_objects;
};
/* ERR_CORRUPT if anything is missing or damaged. */
MUST_CHECK err_t usage_open(struct usage **out, struct store *s);
void usage_close(struct usage *u);		/* accepts NULL */

/* A version, or a version and all that it was made from. */
void usage_add_version(struct usage *u, const struct id *commit);
void usage_add_history(struct usage *u, const struct id *commit);
/* What the ref leads to, and led to before: all that goes with it. */
MUST_CHECK err_t usage_add_ref(struct usage *u, const char *name);
/* A file's content; logical is what it adds to that of the group, modulo
 * 2^64. */
void usage_add_content(struct usage *u, const struct id *content,
    uint64_t logical);

void usage_group(struct usage *u);
void usage_outside(struct usage *u);
void usage_end(struct usage *u);

void usage_sums(struct usage_sums *out, const struct usage *u, size_t group);
/* Of all groups together: shared is what several of them hold, unique what
 * nothing outside holds. */
void usage_total(struct usage_sums *out, const struct usage *u);

/* What the store knows of one object. */
struct object_facts {
	enum kind kind;
	struct id id;
	uint64_t size;
	uint64_t stored;	/* its share of the bytes on disk */
	uint64_t references;	/* to it, from objects and refs */
	struct id segment;	/* where it is: below objects/ */
	uint64_t frame;		/* offset */
	uint64_t neighbours;	/* other objects in the frame */
	struct id base;		/* zero: it is no delta */
};
/* ERR_NOT_FOUND, ERR_CORRUPT. */
MUST_CHECK err_t object_facts(struct object_facts *out, struct store *s,
    enum kind kind, const struct id *id);

/* What a file's content takes, its recipe and the bases of its deltas included,
 * and how many entries of trees (and, if it is one chunk, of recipes) name
 * it. */
struct content_facts {
	uint64_t stored, references;
};
MUST_CHECK err_t content_facts(struct content_facts *out, struct store *s,
    const struct id *content);

/* Any object whose id begins with the hex digits, at most limit; kind is 0 for
 * a file of several chunks. */
typedef err_t object_kind_fn(void *arg, enum kind kind, const struct id *id);
MUST_CHECK err_t object_search(struct store *s, const char *prefix,
    size_t limit, object_kind_fn *fn, void *arg);

/* Something that keeps an object from being collected. */
enum holder_kind {
	HOLDER_REF,		/* leads to it */
	HOLDER_PAST,		/* a ref that led to it before */
	HOLDER_HEAD,		/* which is on no branch */
	HOLDER_REVIEW,		/* of a version; said if no ref leads to it */
	HOLDER_STAGE,		/* it is, or is in, a file that is staged */
	HOLDER_VERSION,		/* the oldest one that has it at the path */
};
struct holder {
	enum holder_kind kind;
	const char *name;	/* of the ref; the path, "" for the root; NULL
				 * for a version that is itself the object */
	struct id commit;	/* of a version or a review */
	uint64_t version;
	bool base;		/* only because a delta is made from it */
};
struct holder_report {
	uint64_t refs, staged, paths;	/* shown */
	bool more;			/* and there are more than limit */
	uint64_t versions;		/* that have it and are kept */
	bool held;
	bool file;			/* a tree names it as a file */
};
typedef err_t holder_fn(void *arg, const struct holder *holder);
/*
 * Who holds the object: refs first, then what is staged, then versions, at most
 * limit (0: all) of each.  kind 0: a file by its content, of one chunk or of
 * several.  ERR_NOT_FOUND if there is no such object, ERR_CORRUPT if anything
 * is missing.
 */
MUST_CHECK err_t holder_list(struct holder_report *out, struct store *s,
    enum kind kind, const struct id *id, uint64_t limit, holder_fn *fn,
    void *arg);

/* Is old new itself, or does one come to it from new by first parents?  In
 * few steps, however long the history is. */
MUST_CHECK err_t commit_on_line(bool *out, struct store *s,
    const struct id *old, const struct id *new);

/* ---- upkeep ----------------------------------------------------------- */

/*
 * Take out what no version, ref, past of a ref that exists or stage needs,
 * and pack many small segments into few.  Writers wait meanwhile; readers do
 * not.  What is taken out stays in trash/ until the next gc.  Nothing is
 * deleted if anything that should be there is not, or if the reference counts
 * disagree with what was found (ERR_CORRUPT).
 */
struct gc_options {
	bool dry_run;		/* only say; changes nothing */
	bool now;		/* empty the trash at once, before packing */
	bool quick;		/* after something was committed: only pack
				 * small segments, if there are many; give way
				 * to whoever else is at work */
};
struct gc_report {
	uint64_t kept_objects, kept_bytes;	/* raw */
	uint64_t dropped_objects, dropped_bytes, dropped_versions;
	uint64_t segments_before, segments_after;
	uint64_t size_before, size_after;	/* of objects/ */
	uint64_t trashed_bytes;		/* moved to the trash */
	uint64_t freed_bytes;		/* removed for good */
	bool ran;			/* false: quick, and nothing to do */
	bool no_room;			/* for packing: that was left */
};
/* Why objects are dropped, once per reason. */
struct gc_reason {
	const char *reason;
	uint64_t versions, objects, bytes;
};
typedef err_t gc_reason_fn(void *arg, const struct gc_reason *reason);
MUST_CHECK err_t store_gc(struct gc_report *out, struct store *s,
    const struct gc_options *opts, gc_reason_fn *fn, void *arg);

/* Before an act that leads to space being freed: if the disk is full, the
 * space that the store keeps for that is given up; see ballast.c. */
void store_make_room(struct store *s);

enum fsck_flags {
	FSCK_QUICK = 1 << 0,	/* names and structure, not what is inside */
};
/* One finding: a line about one thing, and which. */
struct finding {
	const char *what;	/* "segment", "object", "ref", "event", … */
	const char *subject;	/* its name */
	const char *fact;	/* what is wrong */
};
typedef err_t finding_fn(void *arg, const struct finding *f);
struct fsck_totals {
	uint64_t segments, objects, commits, trees, files, events, bytes;
	uint64_t findings;
};
MUST_CHECK err_t store_fsck(struct fsck_totals *out, const char *path,
    bool any_owner, unsigned flags, finding_fn *fn, void *arg);

/*
 * Build the index anew, bring back what is damaged or missing from wherever
 * it can be found whole (readable parts of damaged segments, the trash, what
 * was put aside, unchanged files of the working tree), and put damaged
 * segments aside in quarantine/.  Nothing is deleted.  What cannot be brought
 * back is told by store_fsck.
 */
struct repair_report {
	uint64_t quarantined;		/* segments */
	uint64_t salvaged;		/* objects of damaged segments */
	uint64_t from_aside;		/* objects of the trash and of what was
					 * put aside */
	uint64_t from_files;		/* files of the working tree */
	uint64_t lost;			/* findings */
};
/* fn is told of versions, acts and refs that the index knew before and that
 * could not be found: store_fsck cannot know of them. */
MUST_CHECK err_t store_repair(struct repair_report *out, const char *path,
    bool any_owner, int64_t wait_ms, finding_fn *fn, void *arg);

/* Build the index anew from objects/ alone, beside the old one, and put it
 * in its place; the old one goes to quarantine/.  The stage becomes the tree
 * of the current branch. */
MUST_CHECK err_t store_rebuild(const char *path, bool any_owner,
    int64_t wait_ms);

/* "3.40.1": the version of SQLite that is running. */
const char *store_library(void);

#endif
