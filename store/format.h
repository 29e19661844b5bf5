#ifndef STORE_FORMAT_H
#define STORE_FORMAT_H

/*
 * The canonical bytes of trees, commits and events.  dsv-format(5) is their
 * public description.  Decoders take untrusted bytes: they accept exactly
 * what the encoders write, and answer ERR_CORRUPT to anything else.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/hash.h"

/* What an object is.  Numbers are on disk. */
enum kind {
	KIND_CHUNK = 1,		/* bytes of a file */
	KIND_RECIPE = 2,	/* a file of several chunks: the root */
	KIND_NODE = 3,		/* a file of many chunks: below the root */
	KIND_TREE = 4,
	KIND_COMMIT = 5,
	KIND_EVENT = 6,
	KIND_TABLE = 7,		/* a fact about the rows of a content */
	KIND_ROWS = 8,		/* the rows that a version changed in a file */
	KIND_DECISIONS = 9,	/* what an act decided about rows */
};
#define KIND_MAX 9
const char *kind_name(enum kind kind);

/* How a file is cut into chunks, and what counts as a record.  Numbers are
 * on disk. */
enum cut {
	CUT_AUTO = 0,		/* by the first bytes; never stored */
	CUT_BINARY = 1,		/* anywhere; no records */
	CUT_LINES = 2,		/* after LF */
	CUT_CSV = 3,		/* after LF outside double quotes */
	CUT_CSV_SINGLE = 4,	/* after LF outside single quotes */
};
#define CUT_MAX 4

/* Numbers are on disk. */
enum mode {
	MODE_FILE = 1,
	MODE_EXEC = 2,		/* file with the executable bit */
	MODE_LINK = 3,		/* symbolic link; the content is its target */
	MODE_DIR = 4,		/* in trees only */
};
const char *mode_name(enum mode mode);

/* ---- trees ------------------------------------------------------------ */

/*
 * A directory is a sorted list of entries, cut by a hash of the names into
 * objects of KIND_TREE, with further such objects above them when there is
 * more than one; see tree.h in lib/history for walking them.
 *
 *	u8 height	0: entries follow; n: children of height n-1 follow
 * height 0, each entry:
 *	u8 mode; varint name length; name; 32 id; varint size
 *	(a directory's id is its tree and its size 0)
 * height > 0, each child:
 *	varint length of its last name; that name; 32 id
 *
 * Names are not empty, ".", "..", hold no slash and no NUL, do not fold to
 * ".dsv" (nor do their wide forms), and ascend strictly by bytes.  A tree that
 * has one leaf is that leaf.  No object is empty but the leaf of an empty root.
 */
#define TREE_HEIGHT_MAX 8
#define TREE_OBJECT_TARGET (256u << 10)	/* cut anyway after the entry with
					 * which an object gets this long */
#define TREE_NAME_MAX 4096

struct tree_entry {
	const char *name;	/* borrowed; name_len bytes, not terminated */
	size_t name_len;
	enum mode mode;
	struct id id;
	uint64_t size;
};

/* A path component that a version may hold. */
bool tree_name_ok(const char *name, size_t len);
/* The same for each component of a relative path. */
bool tree_path_ok(const char *path);

/* True if an object ends after the entry (or child) of that name. */
bool tree_cut_after(unsigned height, const char *name, size_t len);

void tree_begin(struct buf *out, unsigned height);
void tree_add(struct buf *out, const struct tree_entry *e);
void tree_add_child(struct buf *out, const char *last, size_t len,
    const struct id *id);

/*
 *	err = tree_decode_begin(&d, p, len);
 *	while (!err && tree_decode_next(&entry, &d, &err))
 *		…
 * For height > 0 the entry's name is the child's last name, its id the
 * child's, its mode 0.
 */
struct tree_decoder {
	struct cursor c;
	unsigned height;
	const char *last;
	size_t last_len;
};
MUST_CHECK err_t tree_decode_begin(struct tree_decoder *out, const void *p,
    size_t len);
bool tree_decode_next(struct tree_entry *out, struct tree_decoder *d,
    err_t *err);

/* ---- commits ---------------------------------------------------------- */

/*
 *	tree <64 hex>
 *	parent <64 hex>			none, one or more
 *	author <name> <<email>> <RFC 3339 UTC>
 *	committer <name> <<email>> <RFC 3339 UTC>
 *	job <text>			if there is one
 *	meta <key>=<value>		any number, ascending by key, unique
 *	signature <base64>		if it is signed
 *	<blank line>
 *	<message>			to the end, any bytes but NUL
 *
 * Header values have no control bytes; a name has no "<" or ">".  A signature
 * is of the bytes without its line; what it says is no matter of the store.
 */
#define COMMIT_PARENTS 16
#define COMMIT_METAS 256
#define COMMIT_SIZE_MAX (1u << 20)

struct person {
	char *name;		/* owned */
	char *email;		/* owned; may be empty */
};

struct meta {
	char *key;		/* [A-Za-z0-9_.-]+ */
	char *value;
};

struct commit {
	struct id tree;
	struct id parents[COMMIT_PARENTS];
	unsigned n_parents;
	struct person author, committer;
	int64_t author_time, committer_time;
	char *job;		/* NULL if none */
	struct meta *metas;
	size_t n_metas;
	char *signature;	/* NULL if it is not signed */
	char *message;
};
#define COMMIT_INIT { .n_parents = 0 }

/* ERR_USAGE if a field cannot be written (a control byte, too long). */
MUST_CHECK err_t commit_encode(struct buf *out, const struct commit *c);
MUST_CHECK err_t commit_decode(struct commit *out, const void *p, size_t len);
void commit_release(struct commit *c);

/*
 * Signatures are in the format of ssh-keygen(1) (SSHSIG), in base64 without
 * line breaks.
 */
#define SIGNATURE_MAX 16384
bool format_signature_ok(const char *base64);

/* ---- row changes ------------------------------------------------------ */

/*
 * Which rows a version changed in a file against its first parent:
 *	32 commit; varint path length; path
 *	varint key length; key		how rows are told apart; empty: by
 *					nothing
 *	32 from; 32 to			the contents, which differ; zero: no
 *					file
 *	u8 extent
 *	ROWS_UNKNOWN: a note, why, to the end; else
 *	varint rows (of to), inserted, updated, deleted, filled
 *	ROWS_LISTED: 16 bytes of hash for each key whose row changed,
 *		ascending strictly, to the end
 */
#define ROW_KEY 16
#define ROWS_LISTED_MAX 100000
#define ROWS_KEY_MAX 65536
#define ROWS_NOTE_MAX 1024

/* Numbers are on disk. */
enum rows_extent {
	ROWS_LISTED = 1,	/* those of the listed keys */
	ROWS_BULK = 2,		/* any may have changed */
	ROWS_UNKNOWN = 3,	/* nobody could find out */
};

struct row_changes {
	struct id commit;
	const char *path;	/* borrowed, as all that follow; not
				 * terminated */
	size_t path_len;
	const char *key;
	size_t key_len;
	struct id from, to;
	enum rows_extent extent;
	uint64_t rows, inserted, updated, deleted;
	uint64_t filled;	/* differ only in columns that one side lacks */
	const uint8_t *keys;
	size_t n_keys;
	const char *note;
	size_t note_len;
};

/* They must be such as row_changes_decode accepts. */
void row_changes_encode(struct buf *out, const struct row_changes *rows);
MUST_CHECK err_t row_changes_decode(struct row_changes *out, const void *p,
    size_t len);

/* ---- decisions about rows --------------------------------------------- */

/*
 * What one act decided about rows of a file:
 *	varint path length; path
 *	varint key length; key		how rows are told apart
 *	each decision, ascending strictly by key and row:
 *	16 hash of the key; 32 hash of the row
 *	u8 verdict
 *	varint length; source		empty, as the next two: what the event
 *	varint length; reason		says of all of them
 *	varint length; note
 * A text has no NUL.  There is one decision at least.
 */
#define DECISION_TEXT_MAX (64u << 10)
#define DECISIONS_SIZE (1792u << 10)	/* no more is added then: the rest
					 * goes to another list */

/* Numbers are on disk. */
enum verdict {
	VERDICT_APPROVE = 1,
	VERDICT_REJECT = 2,
	VERDICT_MODIFY = 3,
};
#define VERDICT_MAX 3

struct decision_text {
	const char *p;		/* borrowed; not terminated */
	size_t len;
};

struct row_decision {
	const uint8_t *key;	/* ROW_KEY bytes; borrowed */
	struct id row;
	enum verdict verdict;
	struct decision_text source, reason, note;
};

void decision_list_begin(struct buf *out, const char *path, const char *key);
void decision_list_add(struct buf *out, const struct row_decision *d);

/*
 *	err = decision_list_decode(&list, p, len);
 *	while (!err && decision_list_next(&d, &list))
 *		…
 * All of it is checked at first.
 */
struct decision_list {
	struct decision_text path, key;
	size_t n;
	struct cursor c;
};
MUST_CHECK err_t decision_list_decode(struct decision_list *out,
    const void *p, size_t len);
bool decision_list_next(struct row_decision *out, struct decision_list *list);

/* ---- events ----------------------------------------------------------- */

/*
 *	event <act>
 *	writer <32 hex>			random, made with the store
 *	seq <decimal>			1, 2, … per writer
 *	prev <64 hex>			the writer's previous event; not for 1
 *	time <RFC 3339 UTC>
 *	actor <name> <<email>>
 *	identity env|config|os|option	where the actor's name came from
 *	ref <name> <old> <new>		any number; 64 hex or "-" for none
 *	<key> <value>			any number, ascending by key
 *	<blank line>
 *	<note>				to the end
 *
 * The value of the key "signature" is one, of the bytes without its line.
 */
#define EVENT_REFS 64
#define EVENT_SIZE_MAX (1u << 20)
#define WRITER_SIZE 16

struct ref_set {
	char *name;		/* full, owned */
	struct id from;		/* zero: must not be there */
	struct id to;		/* zero: is deleted */
};

struct event {
	char *act;
	uint8_t writer[WRITER_SIZE];
	uint64_t seq;
	struct id prev;		/* zero if seq is 1 */
	int64_t time;
	struct person actor;
	char *identity;
	struct ref_set *refs;
	size_t n_refs;
	struct meta *fields;	/* key, value */
	size_t n_fields;
	char *note;
};
#define EVENT_INIT { .seq = 0 }

/*
 * What an event is about, besides refs: for each field with one of these
 * keys, "key/value" is a subject, under which the event can be found.
 *	commit	a version, by its id
 *	policy	the rules of a branch, by its name
 *	access	who may do what, by where
 *	path	a file, by its path, in which "%" and control bytes are "%"
 *		and two hex digits
 *	decisions	a list of decisions, by its id
 */
#define EVENT_SUBJECTS 5
extern const char *const event_subjects[EVENT_SUBJECTS];
/* The subject of a field, appended to out; false if it is none. */
bool event_subject(struct buf *out, const struct meta *field);

MUST_CHECK err_t event_encode(struct buf *out, const struct event *ev);
/* Without its signature: what that is of. */
MUST_CHECK err_t event_encode_unsigned(struct buf *out,
    const struct event *ev);
MUST_CHECK err_t event_decode(struct event *out, const void *p, size_t len);
void event_release(struct event *ev);
/* Both copy their arguments. */
void event_add_ref(struct event *ev, const char *name, const struct id *from,
    const struct id *to);
void event_add_field(struct event *ev, const char *key, const char *value);
/* NULL if there is none. */
const char *event_field(const struct event *ev, const char *key);

/* "branch/…", "tag/…" or "approved/…" with a name that git would take too: no
 * empty, dot-led or dash-led component, no "..", control byte, space, or any
 * of ~^:?*[\,@, not ending in ".lock", "/" or "."; not "HEAD"; at most 255
 * bytes, UTF-8; not all-hex of 4 or more digits; not "v" and digits; not
 * beginning with "approved/". */
bool ref_name_ok(const char *full);

#endif
