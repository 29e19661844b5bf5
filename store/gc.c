/*
 * Collecting what nothing needs, and packing what is left.
 *
 *	1. locks: intent (new writers wait), gc exclusive (old ones are done)
 *	2. empty the trash of the gc before
 *	3. mark; check that every object that is needed is there and that the
 *	   reference counts agree; otherwise stop, nothing having changed
 *	4. one transaction: rows of dead objects and segments go; then those
 *	   segments go to the trash.  If the disk is too full for that: many
 *	   small ones, and what each frees is freed for good
 *	5. write what is to be packed into new segments, durable
 *	6. one transaction: rows of moved objects change; then the segments
 *	   where they were go to the trash
 *
 * A crash leaves segments that the index does not know: the next gc takes
 * them.
 */

#include <stdlib.h>
#include <string.h>

#include "lib/base/cancel.h"
#include "lib/base/mem.h"
#include "store/derived.h"
#include "store/drop.h"
#include "store/idset.h"
#include "store/mark.h"

#define SMALL_SEGMENT (4u << 20)
#define QUICK_SEGMENT (1u << 20)	/* what a quick gc packs … */
#define QUICK_MANY 128			/* … if there are so many */
#define QUICK_BYTES (64u << 20)		/* … and no more of it at once */
#define LEVEL_FULL 15
#define LEVEL_QUICK 3
/* Raw bytes of frames that are good enough as they are, but not as good as
 * they could be, in small segments: what is written anew at once. */
#define BETTER_BYTES (64u << 20)
/* Objects packed in one go, 96 bytes each in memory. */
#define PACK_MAX 500000

struct gc_segment {
	int64_t row;
	struct id id;
	uint64_t size;
	uint64_t objects, live;		/* number */
	uint64_t raw, live_raw;		/* bytes */
	bool holding;			/* see struct marking */
	bool pack;			/* its live objects move */
	bool gone;			/* its row is deleted */
};

/* A live object that moves. */
struct gc_item {
	struct id id;
	enum kind kind;
	size_t segment;			/* index */
	int64_t frame, at, size;
};

struct gc {
	struct store *store;
	const struct gc_options *opts;
	struct gc_report *report;
	gc_reason_fn *fn;
	void *arg;
	struct txn *txn;
	struct marking marking;
	struct gc_segment *segments;	/* ascending by row */
	size_t n_segments, cap_segments;
	struct gc_item *items;
	size_t n_items, cap_items;
	struct id *orphans;
	size_t n_orphans, cap_orphans;
	bool now;			/* nothing stays in the trash: as asked
					 * for, or because the disk is full */
};

/* ---- looking ----------------------------------------------------------- */

/* A quick gc looks at the last few hundred only, whatever there is. */
#define LAST_SEGMENTS "(SELECT n, id, size FROM segment ORDER BY n DESC " \
	"LIMIT 512) WHERE size < ?"
static const char small_segments[] = "SELECT n, id, size FROM " LAST_SEGMENTS
    " ORDER BY n";
static const char all_segments[] = "SELECT n, id, size FROM segment "
    "WHERE size < ? ORDER BY n";

static err_t
load_segments(struct gc *g)
{
	struct gc_segment segment;
	struct query *q = NULL;
	int64_t size;
	err_t err;

	err = db_query(&q, g->store->db, g->opts->quick ? small_segments :
	    all_segments, "i", g->opts->quick ? (int64_t)QUICK_SEGMENT :
	    INT64_MAX);
	memset(&segment, 0, sizeof(segment));
	while (!err && db_next(&err, q, "idi", &segment.row, &segment.id,
	    &size)) {
		segment.size = (uint64_t)size;
		VEC_ROOM(g->segments, g->n_segments, g->cap_segments);
		g->segments[g->n_segments++] = segment;
		g->report->segments_before++;
		g->report->size_before += segment.size;
	}
	db_done(q);
	return err;
}

static struct gc_segment *
segment_of(struct gc *g, int64_t row)
{
	size_t low = 0, high = g->n_segments;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (g->segments[mid].row < row)
			low = mid + 1;
		else
			high = mid;
	}
	return low < g->n_segments && g->segments[low].row == row ?
	    &g->segments[low] : NULL;
}

static bool
is_live(const struct gc *g, enum kind kind, const struct id *id)
{
	return mark_is_live(&g->marking, kind, id);
}

static err_t
count_disagrees(enum kind kind, const struct id *id, int64_t in_index,
    uint32_t found)
{
	char hex[ID_HEX + 1];

	return err_new(ERR_CORRUPT, "the index counts %lld references to %s "
	    "%s, and there are %u; nothing was deleted; see \"dsv fsck\"",
	    (long long)in_index, kind_name(kind), id_hex(hex, id),
	    (unsigned)found);
}

/* Every row: whose is it, does it live, is its count right? */
static err_t
look_at_objects(struct gc *g)
{
	struct query *q = NULL;
	int64_t kind, segment, size, refs;
	uint64_t live = 0, marked = 0;
	struct id id;
	err_t err;

	err = db_query(&q, g->store->db, "SELECT id, kind, segment, size, "
	    "refs FROM object", "");
	while (!err && db_next(&err, q, "diiii", &id, &kind, &segment, &size,
	    &refs)) {
		const struct mark *mark = marks_get(&g->marking.marks,
		    (enum kind)kind, &id);
		struct gc_segment *of = segment_of(g, segment);

		if (!of) {
			err = err_new(ERR_CORRUPT, "the index names a segment "
			    "that it does not have; nothing was deleted; see "
			    "\"dsv fsck\"");
			break;
		}
		of->objects++;
		of->raw += (uint64_t)size;
		if (refs != (mark ? mark->count : 0))
			err = count_disagrees((enum kind)kind, &id, refs,
			    mark ? mark->count : 0);
		if (!is_live(g, (enum kind)kind, &id)) {
			g->report->dropped_objects++;
			g->report->dropped_bytes += (uint64_t)size;
			g->report->dropped_versions += kind == KIND_COMMIT;
			continue;
		}
		live++;
		of->live++;
		of->live_raw += (uint64_t)size;
		g->report->kept_objects++;
		g->report->kept_bytes += (uint64_t)size;
	}
	db_done(q);
	if (err)
		return err;
	for (size_t i = 0; i < g->marking.marks.cap; i++)
		marked += g->marking.marks.slots[i].print &&
		    (g->marking.marks.slots[i].flags & MARK_LIVE);
	if (marked != live)
		err = err_new(ERR_CORRUPT, "%llu objects that are needed are "
		    "missing; nothing was deleted; see \"dsv fsck\"",
		    (unsigned long long)(marked - live));
	return err;
}

/* ---- why --------------------------------------------------------------- */

/* What one reason explains: marked by it and neither live nor named. */
static err_t
tally_rows(struct gc *g, struct gc_reason *sum, struct marks *by)
{
	struct query *q = NULL;
	int64_t kind, size;
	struct id id;
	err_t err;

	err = db_query(&q, g->store->db, "SELECT id, kind, size FROM object",
	    "");
	while (!err && db_next(&err, q, "dii", &id, &kind, &size)) {
		struct mark *mark = marks_put(&g->marking.marks,
		    (enum kind)kind, &id);

		if (mark->flags & (MARK_LIVE | MARK_NAMED))
			continue;
		if (by && !marks_get(by, (enum kind)kind, &id))
			continue;
		mark->flags |= MARK_NAMED;
		sum->objects++;
		sum->bytes += (uint64_t)size;
		sum->versions += kind == KIND_COMMIT;
	}
	db_done(q);
	return err;
}

static err_t
say_reason(struct gc *g, const char *reason, struct marks *by)
{
	struct gc_reason sum = { .reason = reason };
	err_t err;

	err = tally_rows(g, &sum, by);
	if (!err && sum.objects)
		err = g->fn(g->arg, &sum);
	return err;
}

/* A ref that was deleted: everything that its past needed. */
static err_t
explain_ref(struct gc *g, const char *name)
{
	struct marking m = MARKING_INIT;
	struct buf reason = BUF_INIT;
	err_t err;

	m.store = g->store;
	err = mark_past(&m, MARK_NAMED, name);
	if (!err)
		err = derived_mark(&m, MARK_NAMED);
	buf_printf(&reason, "%s was deleted", name);
	/* Of most, an earlier gc has left nothing. */
	if (!err && m.marks.n)
		err = say_reason(g, reason.p, &m.marks);
	marking_release(&m);
	buf_release(&reason);
	return err;
}

static err_t
explain(struct gc *g)
{
	struct query *q = NULL;
	char **names = NULL;
	const char *name;
	size_t n = 0, cap = 0;
	err_t err;

	if (g->report->dropped_objects == 0 || !g->fn)
		return NULL;
	err = db_query(&q, g->store->db, "SELECT DISTINCT name FROM reflog "
	    "WHERE name NOT IN (SELECT name FROM ref)", "");
	while (!err && db_next(&err, q, "s", &name)) {
		VEC_ROOM(names, n, cap);
		names[n++] = mem_strdup(name);
	}
	db_done(q);
	for (size_t i = 0; i < n; i++) {
		if (!err)
			err = cancel_check();
		if (!err)
			err = explain_ref(g, names[i]);
		free(names[i]);
	}
	free(names);
	if (!err)
		err = say_reason(g, "added, but in no version", NULL);
	return err;
}

/* ---- deciding ---------------------------------------------------------- */

static bool
is_small(const struct gc_segment *s)
{
	return s->size < SMALL_SEGMENT;
}

/* Segments to be packed: the small ones if there are several, and those of
 * which less than half lives, or that keep bases from being dropped. */
static void
choose(struct gc *g)
{
	size_t small = 0;
	uint64_t objects = 0;

	for (size_t i = 0; i < g->marking.n_holding; i++)
		segment_of(g, g->marking.holding[i])->holding = true;
	for (size_t i = 0; i < g->n_segments; i++)
		small += g->segments[i].live && is_small(&g->segments[i]);
	for (size_t i = 0; i < g->n_segments; i++) {
		struct gc_segment *s = &g->segments[i];

		if (!s->live || objects + s->live > PACK_MAX)
			continue;
		s->pack = s->holding || (is_small(s) ?
		    small > 1 || s->live < s->objects :
		    s->live_raw * 2 < s->raw);
		objects += s->pack ? s->live : 0;
	}
}

static err_t
collect_items(struct gc *g)
{
	struct query *q = NULL;
	struct gc_item item;
	int64_t kind, segment;
	err_t err;

	err = db_query(&q, g->store->db, "SELECT id, kind, segment, frame, "
	    "at, size FROM object", "");
	while (!err && db_next(&err, q, "diiiii", &item.id, &kind, &segment,
	    &item.frame, &item.at, &item.size)) {
		const struct gc_segment *of = segment_of(g, segment);

		item.kind = (enum kind)kind;
		if (!of || !of->pack || !is_live(g, item.kind, &item.id))
			continue;
		item.segment = (size_t)(of - g->segments);
		VEC_ROOM(g->items, g->n_items, g->cap_items);
		g->items[g->n_items++] = item;
	}
	db_done(q);
	return err;
}

/* ---- looking quickly --------------------------------------------------- */

/*
 * A quick gc reads what is in the small segments from these themselves: the
 * index is asked about each of their objects only.
 */
struct quick_look {
	struct gc *gc;
	struct gc_segment *segment;
};

static err_t
note_frame(void *arg, uint64_t offset, const struct frame *f)
{
	struct quick_look *look = arg;
	struct gc *g = look->gc;
	struct gc_item item = { .kind = f->kind, .frame = (int64_t)offset,
	    .segment = (size_t)(look->segment - g->segments) };
	err_t err = NULL;

	for (size_t i = 0; !err && i < f->n; i++) {
		struct place place;
		bool found;

		item.id = f->entries[i].id;
		item.size = f->entries[i].size;
		err = place_find(&found, &place, g->store, item.kind,
		    &item.id);
		if (!err && found && place.segment == look->segment->row &&
		    place.frame == item.frame && place.at == item.at) {
			VEC_ROOM(g->items, g->n_items, g->cap_items);
			g->items[g->n_items++] = item;
			look->segment->live++;
		}
		item.at += item.size;
	}
	return err;
}

/* One that cannot be read stays as it is. */
static err_t
note_segment(struct gc *g, struct gc_segment *segment)
{
	struct quick_look look = { g, segment };
	size_t n = g->n_items;
	uint64_t end;
	int fd;
	err_t err;

	err = segment_open(&fd, g->store, segment->row);
	if (!err)
		err = segment_frames_end(&end, fd);
	if (!err)
		err = segment_frames(fd, end, note_frame, &look);
	segment->pack = !err;
	if (segment_is_lost(err)) {
		g->n_items = n;
		err = NULL;
	}
	return err;
}

static err_t
look_quickly(struct gc *g)
{
	uint64_t size = 0;
	err_t err;

	err = load_segments(g);
	for (size_t i = 0; !err && i < g->n_segments &&
	    size < QUICK_BYTES; i++) {
		err = note_segment(g, &g->segments[i]);
		size += g->segments[i].size;
	}
	return err;
}

/* By kind, and then as they came: what is alike came one after the other. */
static int
compare_items(const void *a, const void *b)
{
	const struct gc_item *x = a, *y = b;

	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	if (x->segment != y->segment)
		return x->segment < y->segment ? -1 : 1;
	if (x->frame != y->frame)
		return x->frame < y->frame ? -1 : 1;
	return (x->at > y->at) - (x->at < y->at);
}

/* ---- packing ----------------------------------------------------------- */

/*
 * A delta whose base, or another delta against the same base, is near in the
 * frame being filled gains nothing from being a delta: whole, it compresses
 * to less.  Families are told apart by the base's id; those of the frame
 * before count too, so that a long history of one file stays together.
 */
struct packing {
	struct gc *gc;
	struct idset families, before;
	uint64_t raw;			/* in the frame being filled */
	enum kind kind;
	uint64_t bettered;		/* see BETTER_BYTES */
};

static void
note_family(struct packing *p, const struct id *family, enum kind kind,
    size_t len)
{
	if (kind != p->kind) {
		idset_release(&p->families);
		idset_release(&p->before);
		p->raw = 0;
		p->kind = kind;
	}
	idset_add(&p->families, family);
	p->raw += len;
	if (p->raw >= FRAME_SOLID) {
		idset_release(&p->before);
		p->before = p->families;
		p->families = (struct idset)IDSET_INIT;
		p->raw = 0;
	}
}

static bool
is_near(const struct packing *p, const struct id *family, enum kind kind)
{
	return kind == p->kind && (idset_has(&p->families, family) ||
	    idset_has(&p->before, family));
}

static err_t
move_object(struct packing *p, const struct gc_item *item,
    const struct id *family)
{
	struct gc *g = p->gc;
	struct buf b = BUF_INIT;
	err_t err;

	err = object_read(&b, g->store, item->kind, &item->id);
	if (!err)
		err = pack_move(g->txn->pack, item->kind, &item->id,
		    buf_cstr(&b), b.len);
	note_family(p, family, item->kind, b.len);
	buf_release(&b);
	return err;
}

/* The frame as it is: its head again, and the bytes, once they are known to
 * be right: the name of the segment would vouch for them. */
static err_t
move_frame(struct packing *p, const struct frame *f, const struct buf *stored)
{
	struct buf encoded = BUF_INIT;
	err_t err = NULL;

	for (size_t i = 0; !err && i < f->n; i++) {
		buf_clear(&encoded);
		err = object_read(&encoded, p->gc->store, f->kind,
		    &f->entries[i].id);
	}
	buf_clear(&encoded);
	frame_encode_head(&encoded, f);
	buf_add(&encoded, stored->p, stored->len);
	if (!err)
		err = pack_move_frame(p->gc->txn->pack, f, &encoded);
	buf_release(&encoded);
	return err;
}

/* A delta becomes whole if that is as small, or frees its base. */
static bool
becomes_whole(const struct packing *p, const struct frame *f)
{
	const struct mark *base = marks_get(&p->gc->marking.marks, f->kind,
	    &f->base);

	return is_near(p, &f->base, f->kind) ||
	    (base && (base->flags & MARK_BASE));
}

/* A whole frame of a good size, unless there is time to make it solid: it
 * may hold the base of deltas that come near it then. */
static bool
is_good_enough(struct packing *p, const struct frame *f,
    const struct gc_segment *segment)
{
	if (f->raw < FRAME_TARGET / 2)
		return false;
	if (p->gc->opts->quick || f->raw >= FRAME_SOLID / 2 ||
	    segment->size >= QUICK_SEGMENT || p->bettered >= BETTER_BYTES)
		return true;
	p->bettered += f->raw;
	return false;
}

/* n live objects of one frame. */
static err_t
move_group(struct packing *p, const struct gc_item *items, size_t n)
{
	struct gc *g = p->gc;
	const struct gc_segment *segment = &g->segments[items->segment];
	struct frame f = FRAME_INIT;
	struct buf stored = BUF_INIT;
	int fd;
	err_t err;

	err = segment_open(&fd, g->store, segment->row);
	if (!err)
		err = frame_read(&f, &stored, fd, (uint64_t)items->frame,
		    "segment");
	if (err)
		goto out;
	if (f.codec == CODEC_DELTA ? !becomes_whole(p, &f) :
	    n == f.n && is_good_enough(p, &f, segment)) {
		err = move_frame(p, &f, &stored);
		goto out;
	}
	for (size_t i = 0; !err && i < n; i++)
		err = move_object(p, &items[i], f.codec == CODEC_DELTA ?
		    &f.base : &items[i].id);
out:
	frame_release(&f);
	buf_release(&stored);
	return err;
}

static err_t
pack_items(struct gc *g)
{
	struct packing p = { .gc = g, .families = IDSET_INIT,
	    .before = IDSET_INIT };
	size_t i = 0;
	err_t err = NULL;

	if (g->n_items)
		qsort(g->items, g->n_items, sizeof(*g->items),
		    compare_items);
	pack_solid(g->txn->pack, g->opts->quick ? LEVEL_QUICK : LEVEL_FULL);
	while (!err && i < g->n_items) {
		size_t end = i + 1;

		while (end < g->n_items &&
		    g->items[end].kind == g->items[i].kind &&
		    g->items[end].segment == g->items[i].segment &&
		    g->items[end].frame == g->items[i].frame)
			end++;
		err = cancel_check();
		if (!err)
			err = move_group(&p, &g->items[i], end - i);
		i = end;
	}
	idset_release(&p.families);
	idset_release(&p.before);
	return err;
}

/* ---- deleting ---------------------------------------------------------- */

static err_t
delete_segments(struct gc *g, bool packed)
{
	err_t err = NULL;

	for (size_t i = 0; !err && i < g->n_segments; i++) {
		struct gc_segment *s = &g->segments[i];

		if (s->gone || !(packed ? s->pack : !s->live))
			continue;
		err = db_run(g->store->db, "DELETE FROM segment WHERE n = ?",
		    "i", s->row);
		s->gone = true;
	}
	return err;
}

/* Those that have become empty. */
static err_t
delete_empty(void *arg)
{
	struct gc *g = arg;
	struct query *q = NULL;
	struct gc_segment *s;
	int64_t row;
	err_t err;

	err = db_query(&q, g->store->db, "SELECT n FROM segment WHERE n NOT "
	    "IN (SELECT segment FROM object)", "");
	while (!err && db_next(&err, q, "i", &row))
		if ((s = segment_of(g, row)))
			s->gone = true;
	db_done(q);
	for (size_t i = 0; !err && i < g->n_segments; i++)
		if (g->segments[i].gone)
			err = db_run(g->store->db, "DELETE FROM segment "
			    "WHERE n = ?", "i", g->segments[i].row);
	return err;
}

static err_t
note_orphan(void *arg, const struct id *id, uint64_t size)
{
	struct gc *g = arg;

	(void)size;
	VEC_ROOM(g->orphans, g->n_orphans, g->cap_orphans);
	g->orphans[g->n_orphans++] = *id;
	return NULL;
}

static err_t
empty_trash(struct gc *g)
{
	uint64_t bytes = 0, files;
	err_t err = trash_empty(&bytes, &files, g->store);

	g->report->freed_bytes += bytes;
	return err;
}

/* Nothing refers to these files any more. */
static err_t
throw_away(struct gc *g, bool packed)
{
	uint64_t *bytes = &g->report->trashed_bytes;
	err_t err = NULL;

	for (size_t i = 0; !err && i < g->n_segments; i++)
		if (g->segments[i].gone)
			err = trash_put(bytes, g->store, &g->segments[i].id);
	for (size_t i = 0; !err && !packed && i < g->n_orphans; i++)
		err = trash_put(bytes, g->store, &g->orphans[i]);
	if (!err && g->now)
		err = empty_trash(g);
	return err;
}

/* ---- the steps --------------------------------------------------------- */

static err_t
drop_rows(void *arg)
{
	struct gc *g = arg;
	err_t err;

	err = g->report->dropped_objects ?
	    drop_all(g->store, &g->marking) : NULL;
	return err ? err : delete_segments(g, false);
}

static err_t
free_empty(void *arg)
{
	struct gc *g = arg;
	err_t err;

	err = txn_step(g->txn, delete_empty, g);
	return err ? err : throw_away(g, false);
}

/* The disk is full: whatever was rolled back, in steps, each of which gives
 * back what it frees. */
static err_t
drop_on_full_disk(struct gc *g)
{
	err_t err;

	for (size_t i = 0; i < g->n_segments; i++)
		g->segments[i].gone = false;
	g->now = true;
	err = throw_away(g, false);	/* orphans need no transaction */
	if (!err)
		err = drop_in_steps(g->txn, &g->marking, free_empty, g);
	return err ? err : free_empty(g);
}

/* What nothing needs goes first, so that there is room for packing. */
static err_t
drop(struct gc *g)
{
	bool any = g->report->dropped_objects > 0;
	err_t err = NULL;

	for (size_t i = 0; i < g->n_segments; i++)
		any = any || !g->segments[i].live;
	if (any)
		err = txn_step(g->txn, drop_rows, g);
	if (drop_no_room(err))
		return drop_on_full_disk(g);
	return err ? err : throw_away(g, false);
}

static err_t
pack_rest(struct gc *g)
{
	err_t err;

	err = g->opts->quick ? NULL : collect_items(g);
	if (err || g->n_items == 0)
		return err;
	err = pack_items(g);
	if (!err)
		err = txn_lock(g->txn);
	if (!err)
		err = delete_segments(g, true);
	if (!err)
		err = txn_commit(g->txn);
	return err ? err : throw_away(g, true);
}

static err_t
look(struct gc *g)
{
	err_t err;

	g->marking.store = g->store;
	err = mark_live(&g->marking);
	if (!err)
		err = mark_dead_references(&g->marking);
	if (!err)
		err = load_segments(g);
	if (!err)
		err = look_at_objects(g);
	if (!err)
		choose(g);
	if (!err)
		err = explain(g);
	if (!err)
		err = trash_orphans(g->store, note_orphan, g);
	return err;
}

static err_t
sum_up(struct gc *g)
{
	struct query *q = NULL;
	int64_t size;
	err_t err;

	g->report->ran = true;
	err = db_query(&q, g->store->db, "SELECT size FROM segment", "");
	while (!err && db_next(&err, q, "i", &size)) {
		g->report->segments_after++;
		g->report->size_after += (uint64_t)size;
	}
	db_done(q);
	return err;
}

static err_t
run(struct gc *g)
{
	err_t err;

	err = look(g);
	if (err || g->opts->dry_run)
		return err;
	g->now = ballast_drop(g->store) || g->opts->now;
	err = empty_trash(g);
	if (!err)
		err = drop(g);
	if (err)
		return err;
	err = pack_rest(g);
	/* What was to be moved is where it was, and packing can wait. */
	g->report->no_room = drop_no_room(err);
	if (g->report->no_room) {
		txn_end(g->txn);
		g->txn = NULL;
		err = NULL;
	}
	return err ? err : sum_up(g);
}

static err_t
run_quickly(struct gc *g)
{
	err_t err;

	err = look_quickly(g);
	if (!err)
		err = empty_trash(g);
	if (!err)
		err = pack_rest(g);
	g->report->ran = !err;
	return err;
}

/* Is there enough for a quick gc to do? */
static err_t
is_worth_it(bool *out, struct store *s)
{
	int64_t n;
	bool found;
	err_t err;

	err = db_row(&found, s->db, "SELECT count(*) FROM " LAST_SEGMENTS,
	    "i", "i", (int64_t)QUICK_SEGMENT, &n);
	*out = !err && n >= QUICK_MANY;
	return err;
}

/* Pages that rows come into in no order are two thirds full.  What came since
 * the last gc was in small segments, and has moved. */
static bool
changed_much(const struct gc *g)
{
	const struct gc_report *r = g->report;

	return (g->n_items + r->dropped_objects) * 16 >
	    r->kept_objects + r->dropped_objects;
}

err_t
store_gc(struct gc_report *out, struct store *s,
    const struct gc_options *opts, gc_reason_fn *fn, void *arg)
{
	struct gc g = { .store = s, .opts = opts, .report = out, .fn = fn,
	    .arg = arg, .marking = MARKING_INIT };
	bool worth = true;
	err_t err = NULL;

	memset(out, 0, sizeof(*out));
	/* Whoever only read has no business with it. */
	if (opts->quick && !s->wrote)
		return NULL;
	if (opts->quick) {
		ballast_keep(s);
		err = is_worth_it(&worth, s);
	}
	if (err || !worth)
		return err;
	err = txn_begin_alone(&g.txn, s, "gc", !opts->quick);
	if (opts->quick && err_is(err, ERR_BUSY))
		return NULL;
	if (!err)
		err = opts->quick ? run_quickly(&g) : run(&g);
	txn_end(g.txn);
	marking_release(&g.marking);
	free(g.segments);
	free(g.items);
	free(g.orphans);
	if (err || !out->ran || opts->quick)
		return err;
	err = db_compact(s->db, changed_much(&g));
	ballast_keep(s);
	return drop_no_room(err) ? NULL : err;
}
