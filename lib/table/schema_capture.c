/*
 * The table is taken apart where the store's recipe is: a node's rows are
 * summed up once, and the summary is kept as a fact about the node.  Below
 * it, runs of chunks (units) are summed up by worker threads.  Units, summaries
 * that were known, and the ends of nodes wait in one queue, so that all is
 * merged in the order of the file.
 *
 * A node can be summed up alone if it begins and ends with a record.  After a
 * chunk that ends within one (a record longer than the store's limit), chunks
 * are added to the same unit until one does not.  If the bytes were stored
 * with another rule for where records end than they are read by, all of them
 * are one unit.
 */

#include <stdlib.h>
#include <string.h>

#include "lib/base/cancel.h"
#include "lib/base/mem.h"
#include "lib/base/pool.h"
#include "lib/table/schema.h"
#include "lib/table/stream.h"
#include "lib/table/table.h"
#include "store/cut.h"

#define HOW "dsv rows 2"	/* changed when summaries are */
#define UNIT ((uint64_t)1 << 20)
#define HELD_PER_THREAD 3
/* A fact that is not much smaller than what it is about is not worth it. */
#define FACT_SHARE 16
#define FACT_MAX ((size_t)1 << 20)
#define NEST_MAX 16

struct unit {
	struct job job;
	const struct shape *shape;
	bool at_start;
	struct content_part *chunks;
	size_t n_chunks, cap_chunks;
	struct source_block **blocks;
	size_t n, cap;
	uint64_t bytes;
	struct summing summing;
};

enum item_kind { ITEM_UNIT, ITEM_SUMMARY, ITEM_BEGIN, ITEM_END };

struct item {
	enum item_kind kind;
	struct item *next;
	struct summary sum;
	struct id node, how;
	uint64_t size;
};

struct capture {
	struct source *source;
	struct store *store;
	struct txn *txn;
	uint64_t size;
	struct table table;
	struct pool *pool;		/* once there is a second unit */
	bool aligned;			/* chunks end with records */
	struct unit *unit;		/* being filled */
	bool open;			/* its last chunk ends in a record */
	bool at_start;			/* the next unit is the first */
	struct item *first, **last;
	struct summary open_sums[NEST_MAX];	/* of nodes not ended yet */
	size_t depth;
};

/* ---- units ------------------------------------------------------------- */

static void
unit_free(struct unit *u)
{
	if (!u)
		return;
	for (size_t i = 0; i < u->n; i++)
		source_block_free(u->blocks[i]);
	free(u->blocks);
	free(u->chunks);
	summing_release(&u->summing);
	free(u);
}

struct feed {
	struct summing *summing;
	struct stream stream;
};

static err_t
add_row(void *arg, const char *raw, size_t len)
{
	struct feed *f = arg;

	summing_add(f->summing, &f->stream, raw, len);
	return NULL;
}

static err_t
unit_run(struct job *job)
{
	struct unit *u = (struct unit *)job;
	struct summing *s = &u->summing;
	struct feed feed = { s, STREAM_INIT };
	struct stream *stream = &feed.stream;
	struct buf bytes = BUF_INIT;
	err_t err = NULL;

	summing_init(s, u->shape);
	stream->dialect = &s->shape.dialect;
	stream->at_start = u->at_start;
	stream->fn = add_row;
	stream->arg = &feed;
	for (size_t i = 0; !err && i < u->n; i++) {
		buf_clear(&bytes);
		err = source_block_read(&bytes, u->blocks[i]);
		if (!err)
			s->check = stream->held.len || row_check(
			    stream->dialect, buf_cstr(&bytes), bytes.len);
		if (!err)
			err = stream_add(stream, buf_cstr(&bytes),
			    bytes.len);
	}
	if (!err)
		err = stream_end(stream);
	s->sum.lines = stream_lines(stream);
	stream_release(stream);
	buf_release(&bytes);
	return err;
}

/* ---- the queue --------------------------------------------------------- */

static struct item *
queue_add(struct capture *c, enum item_kind kind)
{
	struct item *item = mem_zalloc(sizeof(*item));

	item->kind = kind;
	*c->last = item;
	c->last = &item->next;
	return item;
}

static void
item_free(struct item *item)
{
	summary_release(&item->sum);
	free(item);
}

static err_t
keep_fact(struct capture *c, const struct item *end,
    const struct summary *sum)
{
	struct buf b = BUF_INIT;
	err_t err = NULL;

	summary_encode(&b, sum);
	if (b.len * FACT_SHARE < end->size && b.len < FACT_MAX)
		err = fact_put(c->txn, &end->node, &end->how, b.p, b.len);
	buf_release(&b);
	return err;
}

static err_t
end_node(struct capture *c, const struct item *end)
{
	struct summary *sum = &c->open_sums[c->depth];
	err_t err = NULL;

	if (c->txn)
		err = keep_fact(c, end, sum);
	c->depth--;
	summary_merge(&c->open_sums[c->depth], sum);
	summary_release(sum);
	return err;
}

static err_t
take_unit(struct capture *c)
{
	struct job *job;
	err_t err;

	err = pool_next(&job, c->pool);
	if (!err)
		summary_merge(&c->open_sums[c->depth],
		    &((struct unit *)job)->summing.sum);
	unit_free((struct unit *)job);
	return err;
}

/* Merge what is done, and wait for units until at most so many are left. */
static err_t
settle(struct capture *c, size_t held)
{
	err_t err = NULL;

	while (!err && c->first) {
		struct item *item = c->first;

		if (item->kind == ITEM_UNIT && pool_held(c->pool) <= held)
			break;
		switch (item->kind) {
		case ITEM_UNIT:
			err = take_unit(c);
			break;
		case ITEM_SUMMARY:
			summary_merge(&c->open_sums[c->depth], &item->sum);
			break;
		case ITEM_BEGIN:
			c->depth++;
			break;
		case ITEM_END:
			err = end_node(c, item);
			break;
		}
		c->first = item->next;
		if (!c->first)
			c->last = &c->first;
		item_free(item);
	}
	return err ? err : cancel_check();
}

/* Find out where the chunks of the unit are, at once. */
static err_t
find_chunks(struct capture *c, struct unit *u)
{
	err_t err = source_view_begin(c->source);

	if (err)
		return err;
	for (size_t i = 0; !err && i < u->n_chunks; i++) {
		if (!u->n || source_block_bytes(u->blocks[u->n - 1]) >= UNIT) {
			VEC_ROOM(u->blocks, u->n, u->cap);
			u->blocks[u->n++] = source_block_new(c->source);
		}
		err = source_block_add(u->blocks[u->n - 1], &u->chunks[i]);
	}
	source_view_end(c->source);
	return err;
}

static err_t
give_unit(struct capture *c)
{
	err_t err;

	if (!c->unit)
		return NULL;
	err = find_chunks(c, c->unit);
	if (err)
		return err;
	if (!c->pool)
		c->pool = pool_new();
	queue_add(c, ITEM_UNIT);
	pool_give(c->pool, &c->unit->job);
	c->unit = NULL;
	return settle(c, (size_t)pool_threads(c->pool) * HELD_PER_THREAD);
}

/* ---- the walk ---------------------------------------------------------- */

static err_t
add_chunk(struct capture *c, const struct content_part *chunk)
{
	struct unit *u = c->unit;

	if (!u) {
		u = c->unit = mem_zalloc(sizeof(*u));
		u->job.run = unit_run;
		u->shape = &c->table.shape;
		u->at_start = c->at_start;
		c->at_start = false;
	}
	VEC_ROOM(u->chunks, u->n_chunks, u->cap_chunks);
	u->chunks[u->n_chunks++] = *chunk;
	u->bytes += chunk->size;
	c->open = chunk->partial || !c->aligned;
	return c->open || u->bytes < UNIT ? NULL : give_unit(c);
}

/* What the summary of a node depends on besides its bytes. */
static void
how_of(struct id *out, const struct capture *c, bool at_start)
{
	struct buf b = BUF_INIT;

	buf_str(&b, HOW " part");
	buf_char(&b, at_start);
	dialect_encode(&b, &c->table.shape.dialect);
	if (c->table.shape.dialect.format == TABLE_CSV) {
		for (size_t i = 0; i < c->table.shape.columns.n; i++) {
			size_t len;
			const char *name = columns_name(&len,
			    &c->table.shape.columns, i);

			buf_varint(&b, len);
			buf_add(&b, name, len);
		}
	}
	hash_bytes(out, b.p, b.len);
	buf_release(&b);
}

static err_t
find_fact(bool *found, struct capture *c, const struct id *node,
    const struct id *how)
{
	struct buf b = BUF_INIT;
	struct summary sum = SUMMARY_INIT;
	struct cursor cursor;
	err_t err;

	err = fact_get(found, &b, c->store, node, how);
	if (!err && *found) {
		cursor = cursor_of(b.p, b.len);
		err = summary_decode(&sum, &cursor);
		if (!err && cursor_left(&cursor))
			err = err_new(ERR_CORRUPT, "a summary of rows is too "
			    "long");
		if (err)
			summary_release(&sum);
		else
			queue_add(c, ITEM_SUMMARY)->sum = sum;
	}
	buf_release(&b);
	return err;
}

static err_t
walk_part(void *arg, const struct content_part *part)
{
	struct capture *c = arg;
	struct item *end;
	struct id how;
	bool found;
	err_t err;

	if (!part->height)
		return add_chunk(c, part);
	if (!c->store || c->open || part->partial || !c->aligned)
		return source_part_parts(c->source, part, walk_part, c);
	err = give_unit(c);
	if (err)
		return err;
	how_of(&how, c, c->at_start);
	err = find_fact(&found, c, &part->id, &how);
	if (err || found) {
		c->at_start = false;
		return err;
	}
	queue_add(c, ITEM_BEGIN);
	err = source_part_parts(c->source, part, walk_part, c);
	if (!err)
		err = give_unit(c);
	if (err)
		return err;
	end = queue_add(c, ITEM_END);
	end->node = part->id;
	end->how = how;
	end->size = part->size;
	return settle(c, SIZE_MAX);
}

/* The last unit; if it is the only one, no thread is worth it. */
static err_t
finish(struct capture *c)
{
	struct unit *u = c->unit;
	err_t err;

	if (c->pool || !u) {
		err = give_unit(c);
		return err ? err : settle(c, 0);
	}
	err = settle(c, 0);
	if (!err)
		err = find_chunks(c, u);
	if (!err)
		err = unit_run(&u->job);
	if (!err)
		summary_merge(&c->open_sums[0], &u->summing.sum);
	return err;
}

static void
drop_unit(struct job *job, void *arg)
{
	(void)arg;
	unit_free((struct unit *)job);
}

static err_t
sum_up(struct summary *out, struct capture *c,
    const struct dialect_hint *hint)
{
	struct source_facts facts;
	err_t err;

	c->last = &c->first;
	c->at_start = true;
	err = source_stat(&facts, c->source);
	if (!err) {
		c->size = facts.size;
		c->aligned = facts.cut == hint->cut;
		err = source_parts(c->source, walk_part, c);
	}
	if (!err)
		err = finish(c);
	if (!err) {
		*out = c->open_sums[0];
		c->open_sums[0] = (struct summary)SUMMARY_INIT;
	}
	unit_free(c->unit);
	if (c->pool)
		pool_free(c->pool, drop_unit, NULL);
	while (c->first) {
		struct item *item = c->first;

		c->first = item->next;
		item_free(item);
	}
	for (size_t i = 0; i < NEST_MAX; i++)
		summary_release(&c->open_sums[i]);
	return err;
}

/* ---- facts about whole tables ------------------------------------------ */

static void
how_of_table(struct id *out, const struct dialect_hint *hint)
{
	struct buf b = BUF_INIT;

	buf_str(&b, HOW " table");
	dialect_hint_encode(&b, hint);
	hash_bytes(out, b.p, b.len);
	buf_release(&b);
}

static void
table_encode(struct buf *out, const struct schema *s)
{
	size_t len = strlen(s->odd.first);

	dialect_encode(out, &s->dialect);
	buf_varint(out, s->header);
	buf_varint(out, s->odd.duplicates);
	buf_varint(out, s->odd.empty);
	buf_varint(out, len);
	buf_add(out, s->odd.first, len);
	summary_encode(out, &s->sum);
}

static err_t
table_decode(struct schema *out, const struct buf *b)
{
	struct cursor c = cursor_of(b->p, b->len);
	struct schema s = SCHEMA_INIT;
	const char *first;
	uint64_t len;
	err_t err;

	err = dialect_decode(&s.dialect, &c);
	if (err)
		return err;
	s.header = (size_t)cursor_varint(&c);
	s.odd.duplicates = (size_t)cursor_varint(&c);
	s.odd.empty = (size_t)cursor_varint(&c);
	len = cursor_varint(&c);
	if (len >= sizeof(s.odd.first) || !(first = cursor_take(&c,
	    (size_t)len)))
		return err_new(ERR_CORRUPT, "what is known of a table is "
		    "damaged");
	memcpy(s.odd.first, first, (size_t)len);
	err = summary_decode(&s.sum, &c);
	if (!err && cursor_left(&c))
		err = err_new(ERR_CORRUPT, "what is known of a table is too "
		    "long");
	if (err)
		schema_release(&s);
	else
		*out = s;
	return err;
}

static err_t
find_table(bool *found, struct schema *out, struct store *s,
    const struct id *content, const struct dialect_hint *hint)
{
	struct buf b = BUF_INIT;
	struct id how;
	err_t err;

	how_of_table(&how, hint);
	err = fact_get(found, &b, s, content, &how);
	if (!err && *found)
		err = table_decode(out, &b);
	buf_release(&b);
	return err;
}

/* A table of one chunk is read faster than looked up. */
static err_t
keep_table(const struct schema *schema, struct txn *t,
    const struct id *content, const struct dialect_hint *hint)
{
	struct buf b = BUF_INIT;
	struct id how;
	err_t err = NULL;

	how_of_table(&how, hint);
	table_encode(&b, schema);
	if (b.len < FACT_MAX)
		err = fact_put(t, content, &how, b.p, b.len);
	buf_release(&b);
	return err;
}

err_t
schema_capture(struct schema *out, struct source *source,
    const struct dialect_hint *hint, struct store *s, struct txn *t,
    const struct id *content)
{
	struct capture c = { .source = source, .store = s, .txn = t,
	    .table = TABLE_INIT };
	struct schema schema = SCHEMA_INIT;
	bool found = false;
	err_t err = NULL;

	if (s && hint->format != TABLE_NONE)
		err = find_table(&found, out, s, content, hint);
	if (err || found)
		return err;
	err = table_open(&c.table, source, hint);
	if (err)
		return err;
	schema.dialect = c.table.shape.dialect;
	schema.header = c.table.shape.header;
	schema.odd = c.table.odd;
	schema.reason = c.table.shape.reason;
	if (!schema.reason)
		err = sum_up(&schema.sum, &c, hint);
	if (!err && t && !schema.reason && c.size > CUT_WHOLE)
		err = keep_table(&schema, t, content, hint);
	table_release(&c.table);
	if (err)
		schema_release(&schema);
	else
		*out = schema;
	return err;
}

/* The rows of both are read in the same way. */
static bool
same_reading(const struct schema *older, const struct table *t)
{
	struct buf a = BUF_INIT, b = BUF_INIT;
	bool same;

	dialect_encode(&a, &older->dialect);
	dialect_encode(&b, &t->shape.dialect);
	same = a.len == b.len && !memcmp(a.p, b.p, a.len);
	buf_release(&a);
	buf_release(&b);
	return same;
}

err_t
schema_follow(bool *done, struct source *source,
    const struct dialect_hint *hint, struct store *s, struct txn *t,
    const struct id *content, const struct id *older,
    const struct summary_change *change)
{
	struct schema schema = SCHEMA_INIT;
	struct table table = TABLE_INIT;
	struct source_facts facts;
	uint64_t rows = 0;
	err_t err;

	*done = false;
	err = find_table(done, &schema, s, older, hint);
	if (err || !*done)
		return err;
	err = table_open(&table, source, hint);
	if (!err)
		err = source_stat(&facts, source);
	if (!err)
		err = table_count(&rows, &table);
	*done = !err && !table.shape.reason && facts.size > CUT_WHOLE &&
	    same_reading(&schema, &table) &&
	    summary_apply(&schema.sum, change) && schema.sum.rows == rows;
	schema.header = table.shape.header;
	schema.odd = table.odd;
	if (*done)
		err = keep_table(&schema, t, content, hint);
	table_release(&table);
	schema_release(&schema);
	return err;
}
