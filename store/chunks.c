/*
 * Chunks that are read together: the owner of the store looks up where they
 * are, any thread decodes them.  A frame holds several chunks, and a delta
 * and its base are often wanted by the same set, so a few decoded frames are
 * kept while a set is read.
 */

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/mem.h"
#include "lib/base/zst.h"
#include "store/store_int.h"

#define SET_CHUNKS 512
#define SET_BYTES (4u << 20)
#define SET_FDS 16		/* a process may have 1024 by default */
#define SLOTS 4
#define SLOT_BYTES (8u << 20)	/* raw, of all of them */

struct wanted {
	struct id id;
	uint32_t size;
	struct place place;
};

/* Descriptors of the segments that a set needs, by row. */
struct set_fd {
	int64_t segment;
	int fd;
};

struct chunk_set {
	struct store *store;
	struct wanted *chunks;
	size_t n, cap;
	struct wanted *bases;		/* of deltas */
	size_t n_bases, cap_bases;
	struct set_fd *fds;
	size_t n_fds, cap_fds;
	size_t expected;		/* sum of the sizes */
};

/* A decoded frame. */
struct slot {
	int64_t segment, frame;		/* segment 0: none */
	struct buf raw;
	uint64_t used;
	const struct wanted **checked;	/* chunks found to be whole */
	size_t n_checked, cap_checked;
};

struct slots {
	struct slot v[SLOTS];
	struct buf stored[2];		/* a frame as it was read; a base */
	uint64_t clock;
};

struct chunk_set *
chunk_set_new(struct store *s)
{
	struct chunk_set *set = mem_zalloc(sizeof(*set));

	set->store = s;
	return set;
}

void
chunk_set_free(struct chunk_set *set)
{
	if (!set)
		return;
	for (size_t i = 0; i < set->n_fds; i++)
		close(set->fds[i].fd);
	free(set->fds);
	free(set->chunks);
	free(set->bases);
	free(set);
}

size_t
chunk_set_bytes(const struct chunk_set *set)
{
	return set->expected;
}

bool
chunk_set_full(const struct chunk_set *set)
{
	return set->n >= SET_CHUNKS || set->n_fds >= SET_FDS ||
	    set->expected >= SET_BYTES;
}

/* ---- the owner's part -------------------------------------------------- */

static int
set_fd(const struct chunk_set *set, int64_t segment)
{
	for (size_t i = set->n_fds; i-- > 0;)
		if (set->fds[i].segment == segment)
			return set->fds[i].fd;
	BUG("chunks without their segment");
}

static err_t
keep_fd(struct chunk_set *set, int64_t segment)
{
	int fd;
	err_t err;

	for (size_t i = set->n_fds; i-- > 0;)
		if (set->fds[i].segment == segment)
			return NULL;
	err = segment_open(&fd, set->store, segment);
	if (err)
		return err;
	VEC_ROOM(set->fds, set->n_fds, set->cap_fds);
	set->fds[set->n_fds].segment = segment;
	set->fds[set->n_fds].fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (set->fds[set->n_fds].fd < 0)
		return err_sys("cannot keep a segment open");
	set->n_fds++;
	return NULL;
}

static err_t
want(struct wanted *out, struct chunk_set *set, const struct id *id)
{
	char hex[ID_HEX + 1];
	bool found;
	err_t err;

	out->id = *id;
	/* As in object_read: gc may come between the two. */
	for (int tries = 0; tries < 2; tries++) {
		err = place_find(&found, &out->place, set->store, KIND_CHUNK,
		    id);
		if (err)
			return err;
		if (!found)
			return err_new(ERR_CORRUPT, "chunk %s is missing; "
			    "\"dsv fsck\" says what that costs",
			    id_hex(hex, id));
		err = keep_fd(set, out->place.segment);
		if (!err_is(err, ERR_CORRUPT))
			break;
	}
	return err;
}

static const struct wanted *
base_of(const struct chunk_set *set, const struct id *id)
{
	for (size_t i = set->n_bases; i-- > 0;)
		if (id_eq(&set->bases[i].id, id))
			return &set->bases[i];
	return NULL;
}

static bool
same_frame(const struct place *a, const struct place *b)
{
	return a->segment == b->segment && a->frame == b->frame;
}

/* If the chunk is a delta, its base is wanted too. */
static err_t
want_base(struct chunk_set *set, const struct wanted *c)
{
	struct wanted w;
	struct id base;
	bool delta;
	err_t err;

	/* What it was for the chunk before it in the same frame. */
	if (set->n && same_frame(&c->place, &set->chunks[set->n - 1].place))
		return NULL;
	err = frame_peek(&delta, &base, set_fd(set, c->place.segment),
	    (uint64_t)c->place.frame);
	if (err || !delta || base_of(set, &base))
		return err;
	err = want(&w, set, &base);
	if (err)
		return err;
	VEC_ROOM(set->bases, set->n_bases, set->cap_bases);
	set->bases[set->n_bases++] = w;
	return NULL;
}

err_t
chunk_set_add(struct chunk_set *set, const struct id *id, uint32_t size)
{
	struct wanted w = { .size = size };
	err_t err;

	err = want(&w, set, id);
	if (!err)
		err = want_base(set, &w);
	if (err)
		return err;
	VEC_ROOM(set->chunks, set->n, set->cap);
	set->chunks[set->n++] = w;
	set->expected += size;
	return NULL;
}

/* ---- any thread's part ------------------------------------------------- */

static err_t
damaged(const struct wanted *c)
{
	char hex[ID_HEX + 1];

	return err_new(ERR_CORRUPT, "chunk %s is damaged; \"dsv fsck\" says "
	    "what that costs", id_hex(hex, &c->id));
}

static bool
is_chunk(const struct wanted *c, const char *p)
{
	struct id id;

	hash_bytes(&id, p, (size_t)c->place.size);
	return id_eq(&id, &c->id);
}

/* A chunk and what is a delta against it are often wanted both. */
static bool
was_checked(const struct wanted *c, const struct slot *slot)
{
	for (size_t i = slot->n_checked; i-- > 0;) {
		const struct wanted *d = slot->checked[i];

		if (d->place.at == c->place.at &&
		    d->place.size == c->place.size && id_eq(&d->id, &c->id))
			return true;
	}
	return false;
}

static err_t
check_chunk(const struct wanted *c, struct slot *slot)
{
	if (was_checked(c, slot))
		return NULL;
	if (!place_fits(&c->place, slot->raw.len) ||
	    !is_chunk(c, slot->raw.p + c->place.at))
		return damaged(c);
	VEC_ROOM(slot->checked, slot->n_checked, slot->cap_checked);
	slot->checked[slot->n_checked++] = c;
	return NULL;
}

static struct slot *
slot_find(struct slots *slots, const struct place *place)
{
	for (size_t i = 0; i < SLOTS; i++) {
		struct slot *s = &slots->v[i];

		if (s->segment == place->segment && s->frame == place->frame) {
			s->used = ++slots->clock;
			return s;
		}
	}
	return NULL;
}

/* The slot to decode into: the one not used for longest.  Others give their
 * memory back if all together hold too much. */
static struct slot *
slot_free(struct slots *slots)
{
	struct slot *out = &slots->v[0];
	size_t held = 0;

	for (size_t i = 0; i < SLOTS; i++) {
		struct slot *s = &slots->v[i];

		held += s->raw.cap;
		if (s->used < out->used)
			out = s;
	}
	for (size_t i = 0; held > SLOT_BYTES && i < SLOTS; i++) {
		struct slot *s = &slots->v[i];

		if (s != out) {
			buf_release(&s->raw);
			s->segment = 0;
		}
	}
	out->segment = 0;
	out->n_checked = 0;
	buf_clear(&out->raw);
	return out;
}

static err_t
read_frame(struct frame *out, struct buf *stored,
    const struct chunk_set *set, const struct place *place)
{
	return frame_read(out, stored, set_fd(set, place->segment),
	    (uint64_t)place->frame, "segment");
}

/* Decode a frame that is no delta. */
static err_t
fill(struct slot **out, struct slots *slots, const struct place *place,
    const struct frame *f, const struct buf *stored)
{
	struct slot *slot = slot_free(slots);
	err_t err;

	err = frame_decode(buf_reserve(&slot->raw, f->raw), f, stored->p);
	if (err)
		return err;
	slot->raw.len = f->raw;
	slot->segment = place->segment;
	slot->frame = place->frame;
	slot->used = ++slots->clock;
	*out = slot;
	return NULL;
}

static err_t
load_base(struct slot **out, struct slots *slots,
    const struct chunk_set *set, const struct wanted *base)
{
	struct buf *stored = &slots->stored[1];
	struct frame f = FRAME_INIT;
	err_t err = NULL;

	*out = slot_find(slots, &base->place);
	if (!*out) {
		err = read_frame(&f, stored, set, &base->place);
		if (!err && f.codec == CODEC_DELTA)
			err = err_new(ERR_CORRUPT, "the base of a delta is a "
			    "delta");
		else if (!err)
			err = fill(out, slots, &base->place, &f, stored);
		frame_release(&f);
	}
	return err ? err : check_chunk(base, *out);
}

static err_t
decode_delta(struct buf *out, struct slots *slots,
    const struct chunk_set *set, const struct wanted *c,
    const struct frame *f)
{
	const struct buf *stored = &slots->stored[0];
	const struct wanted *b = base_of(set, &f->base);
	struct slot *base;
	err_t err;

	if (!b)
		return err_new(ERR_CORRUPT, "the base of a delta is missing");
	if (c->place.at || (uint64_t)c->place.size != f->raw)
		return err_new(ERR_CORRUPT, "it is not where the index says");
	err = load_base(&base, slots, set, b);
	if (err)
		return err;
	return zst_decompress_prefix(buf_reserve(out, f->raw), f->raw,
	    base->raw.p + b->place.at, (size_t)b->place.size, stored->p,
	    stored->len);
}

/*
 * The decoded frame; or, of a delta, which is a frame with one chunk, *out is
 * NULL, and the chunk lies behind the end of bytes.
 */
static err_t
load(struct slot **out, struct buf *bytes, struct slots *slots,
    const struct chunk_set *set, const struct wanted *c)
{
	struct buf *stored = &slots->stored[0];
	struct frame f = FRAME_INIT;
	err_t err;

	*out = slot_find(slots, &c->place);
	if (*out)
		return NULL;
	err = read_frame(&f, stored, set, &c->place);
	if (!err && f.codec == CODEC_DELTA)
		err = decode_delta(bytes, slots, set, c, &f);
	else if (!err)
		err = fill(out, slots, &c->place, &f, stored);
	frame_release(&f);
	return err;
}

static err_t
read_chunk(struct buf *out, struct slots *slots, const struct chunk_set *set,
    const struct wanted *c)
{
	char hex[ID_HEX + 1];
	struct slot *slot;
	err_t err;

	if ((uint64_t)c->place.size != c->size)
		return err_new(ERR_CORRUPT, "recipe has a chunk of the wrong "
		    "size");
	err = load(&slot, out, slots, set, c);
	if (err_is(err, ERR_CORRUPT))
		return err_wrap(err, "chunk %s is damaged; \"dsv fsck\" says "
		    "what that costs", id_hex(hex, &c->id));
	if (!err && slot)
		err = check_chunk(c, slot);
	if (err)
		return err;
	if (slot) {
		buf_add(out, slot->raw.p + c->place.at, c->size);
		return NULL;
	}
	if (!is_chunk(c, out->p + out->len))
		return damaged(c);
	out->len += c->size;
	out->p[out->len] = '\0';
	return NULL;
}

err_t
chunk_set_read(struct buf *out, const struct chunk_set *set)
{
	struct slots slots = { .clock = 0 };
	err_t err = NULL;

	buf_reserve(out, set->expected);
	for (size_t i = 0; !err && i < set->n; i++)
		err = read_chunk(out, &slots, set, &set->chunks[i]);
	for (size_t i = 0; i < SLOTS; i++) {
		buf_release(&slots.v[i].raw);
		free(slots.v[i].checked);
	}
	buf_release(&slots.stored[0]);
	buf_release(&slots.stored[1]);
	return err;
}
