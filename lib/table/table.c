#include "lib/table/table.h"

#include "lib/table/stream.h"

#define BLOCK ((size_t)1 << 20)

static err_t
look(bool *done, struct table *t, const struct dialect_hint *hint, size_t want)
{
	struct buf head = BUF_INIT;
	bool all;
	err_t err;

	err = source_head(&head, &all, t->source, want);
	if (!err)
		*done = shape_detect(&t->shape, &t->odd, hint,
		    buf_cstr(&head), head.len, all);
	buf_release(&head);
	return err;
}

err_t
table_open(struct table *out, struct source *source,
    const struct dialect_hint *hint)
{
	struct table t = TABLE_INIT;
	bool done = false;
	err_t err;

	t.source = source;
	err = look(&done, &t, hint, DIALECT_LOOK);
	if (!err && !done)
		err = look(&done, &t, hint, DIALECT_MAX);
	if (!err)
		*out = t;
	return err;
}

void
table_release(struct table *t)
{
	shape_release(&t->shape);
	*t = (struct table)TABLE_INIT;
}

/* A BOM is a record, but no row. */
err_t
table_count(uint64_t *out, const struct table *t)
{
	struct source_facts facts;
	err_t err = source_stat(&facts, t->source);

	if (err)
		return err;
	if (facts.size <= dialect_skip(&t->shape.dialect))
		*out = 0;
	else
		*out = facts.records - t->shape.dialect.header;
	return NULL;
}

/* ---- rows -------------------------------------------------------------- */

struct reading {
	struct table *t;
	table_row_fn *fn;
	table_raw_fn *raw;
	void *arg;
	struct row row;
	struct stream stream;
	struct source_block *block;
	bool done;
};

static err_t
take_row(void *arg, const char *raw, size_t len)
{
	struct reading *r = arg;

	r->row.number++;
	if (r->done)
		return NULL;
	if (r->raw)
		return r->raw(r->arg, raw, len, r->row.number);
	row_decode(&r->row, &r->t->shape, raw, len);
	return r->fn(r->arg, &r->done, &r->row);
}

static err_t
read_block(struct reading *r)
{
	struct buf bytes = BUF_INIT;
	err_t err;

	err = source_block_read(&bytes, r->block);
	if (!err)
		err = stream_add(&r->stream, buf_cstr(&bytes), bytes.len);
	buf_release(&bytes);
	source_block_free(r->block);
	r->block = source_block_new(r->t->source);
	return err;
}

static err_t
read_part(void *arg, const struct content_part *part)
{
	struct reading *r = arg;
	err_t err;

	if (r->done)
		return NULL;
	if (part->height)
		return source_part_parts(r->t->source, part, read_part, r);
	err = source_block_add(r->block, part);
	if (!err && source_block_bytes(r->block) >= BLOCK)
		err = read_block(r);
	return err;
}

static err_t
read_rows(struct table *t, table_row_fn *fn, table_raw_fn *raw, void *arg)
{
	struct reading r = { .t = t, .fn = fn, .raw = raw, .arg = arg,
	    .row = ROW_INIT, .stream = STREAM_INIT };
	err_t err;

	if (t->shape.dialect.format == TABLE_NONE)
		return err_new(ERR_REFUSED, "the table is not read as rows: "
		    "it %s", t->shape.reason);
	t->reading = &r.stream;
	r.stream.dialect = &t->shape.dialect;
	r.stream.fn = take_row;
	r.stream.arg = &r;
	r.stream.at_start = true;
	r.block = source_block_new(t->source);
	err = source_parts(t->source, read_part, &r);
	if (!err && !r.done)
		err = read_block(&r);
	if (!err && !r.done)
		err = stream_end(&r.stream);
	t->reading = NULL;
	source_block_free(r.block);
	stream_release(&r.stream);
	row_release(&r.row);
	return err;
}

err_t
table_rows(struct table *t, table_row_fn *fn, void *arg)
{
	return read_rows(t, fn, NULL, arg);
}

err_t
table_raw_rows(struct table *t, table_raw_fn *fn, void *arg)
{
	return read_rows(t, NULL, fn, arg);
}

uint64_t
table_line(const struct table *t)
{
	return stream_lines(t->reading) + 1;
}
