/*
 * A file that is read as a table.  The first two bytes say what is said of it
 * before it is looked at; the rest is the file.  Its rows are the records of
 * the cut, however its bytes come; a cell that is written is read back; a key
 * is the same, raw or decoded; what jansson takes for JSON is no bad line.
 */

#include "lib/base/json.h"
#include "lib/base/mem.h"
#include "lib/table/csv.h"
#include "lib/table/jsonl.h"
#include "lib/table/key.h"
#include "lib/table/stream.h"
#include "lib/table/summary.h"
#include "store/cut.h"
#include "tests/fuzz/fuzz.h"

static struct dialect_hint
hint_of(const uint8_t *p)
{
	static const char delimiters[] = { 0, 0, ',', ';', '\t', ' ', 'x',
	    '\'' };
	struct dialect_hint h = { .format = p[0] & 1 ? TABLE_JSONL :
	    TABLE_CSV };

	h.cut = h.format == TABLE_JSONL || (p[0] & 6) == 6 ? CUT_LINES :
	    p[0] & 2 ? CUT_CSV_SINGLE : CUT_CSV;
	h.delimiter = delimiters[p[0] >> 3 & 7];
	h.header = p[1] % 3 - 1;
	h.encoding = p[1] & 128 ? TABLE_LATIN1 : p[1] & 64 ? TABLE_UTF8 : 0;
	return h;
}

static uint64_t
count_records(const char *p, size_t len, enum cut cut)
{
	struct cutter c;
	struct cut_piece piece;
	uint64_t n = 0;

	cutter_init(&c, cut);
	while (len && cutter_next(&piece, &c, p, len, true)) {
		n += piece.records;
		p += piece.size;
		len -= piece.size;
	}
	return n;
}

/* ---- rows --------------------------------------------------------------- */

/* Written in the dialect, the cells of a row read as they were. */
static void
write_again(const struct row *row, const struct shape *shape)
{
	const struct dialect *d = &shape->dialect;
	struct buf line = BUF_INIT, text = BUF_INIT;
	struct csv c;
	const char *p;
	size_t len, i = 0;
	bool good = true;

	for (size_t k = 0; good && k < row->n; k++) {
		struct cell cell = row_cell(row, k);

		if (k)
			buf_char(&line, d->delimiter);
		good = csv_write(&line, d, cell.p, cell.len);
	}
	csv_begin(&c, d, buf_cstr(&line), line.len);
	for (; good && csv_next(&p, &len, &c); i++) {
		struct cell cell = row_cell(row, i);

		buf_clear(&text);
		fuzz_check(i < row->n);
		fuzz_check(csv_text(&text, d, p, len) == 0);
		fuzz_check(text.len == cell.len &&
		    !memcmp(buf_cstr(&text), cell.p, cell.len));
	}
	fuzz_check(!good || i == row->n);
	buf_release(&line);
	buf_release(&text);
}

static void
member(void *arg, const char *name, size_t name_len, const char *value,
    size_t value_len)
{
	size_t *n = arg;

	fuzz_check(name && value && value_len && name_len + 1);
	(*n)++;
}

static void
check_json(const struct row *row)
{
	struct json_value *v = NULL;
	size_t n = 0;
	bool object;

	object = jsonl_members(row->raw, row->raw_len, member, &n);
	fuzz_check(!object || !(row->odd & (ROW_JSON | ROW_EMPTY)));
	/* jansson passes over NUL. */
	if (memchr(row->raw, '\0', row->raw_len) ||
	    !fuzz_fine(json_parse(&v, row->raw, row->raw_len, "x", 1)))
		return;
	fuzz_check(!(row->odd & (ROW_JSON | ROW_EMPTY | ROW_TWICE)));
	if (!(row->odd & ROW_HUGE))
		fuzz_check(object == (json_type_of(v) == JSON_TYPE_OBJECT));
	if (object)
		fuzz_check(n == json_count(v));
	json_free(v);
}

static void
check_key(struct key_finder *f, const struct row *row)
{
	uint8_t a[KEY_HASH], b[KEY_HASH];
	bool raw = key_hash(a, f, row->raw, row->raw_len);

	fuzz_check(raw == key_hash_row(b, f, row));
	fuzz_check(!raw || !memcmp(a, b, KEY_HASH));
}

static void
check_row(struct row *row, struct shape *shape, struct key_finder *f)
{
	struct id id;

	fuzz_check(row->n <= shape->columns.n);
	for (size_t i = 0; i < row->n; i++) {
		struct cell cell = row_cell(row, i);

		fuzz_check(cell.p && cell.kind <= CELL_ARRAY);
		fuzz_check(shape->dialect.format == TABLE_JSONL ||
		    cell.kind == CELL_TEXT);
	}
	row_hash(&id, row, shape);
	if (shape->dialect.format == TABLE_JSONL)
		check_json(row);
	else if (shape->dialect.delimiter != shape->dialect.quote)
		write_again(row, shape);
	if (f->n)
		check_key(f, row);
}

static void
read_rows(struct shape *shape, const char *p, size_t len, enum cut cut)
{
	struct key_finder f = KEY_FINDER_INIT;
	struct shape other = SHAPE_INIT;
	struct row row = ROW_INIT;
	char *names[] = { (char *)"a", (char *)"b.c" };
	struct key key = { names, 1 + len % 2 };
	struct rows rows;
	uint64_t n = 0;
	const char *raw;
	size_t size;

	shape_copy(&other, shape);
	if (!fuzz_fine(key_bind(&f, &key, &other)))
		f.n = 0;
	rows_begin(&rows, &shape->dialect, p, len, true);
	while (rows_next(&raw, &size, &rows)) {
		row_decode(&row, shape, raw, size);
		if (shape->dialect.format == TABLE_CSV || !f.n) {
			check_row(&row, shape, &f);
		} else {
			row_decode(&row, shape, raw, size);
			f.n = 0;
			check_row(&row, shape, &f);
			f.n = key.n;
			key_hash((uint8_t[KEY_HASH]){ 0 }, &f, raw, size);
		}
		n++;
	}
	/* A file of nothing but a BOM is one record of nothing. */
	if (len > dialect_skip(&shape->dialect))
		fuzz_check(n + rows.has_header == count_records(p, len, cut));
	key_finder_release(&f);
	shape_release(&other);
	row_release(&row);
}

/* ---- summaries ---------------------------------------------------------- */

struct feed {
	struct summing summing;
	struct stream stream;
};

static err_t
add_row(void *arg, const char *raw, size_t len)
{
	struct feed *f = arg;

	summing_add(&f->summing, &f->stream, raw, len);
	return NULL;
}

static void
sum(struct buf *out, const struct shape *shape, const char *p, size_t len,
    size_t piece)
{
	struct feed f = { .stream = STREAM_INIT };

	summing_init(&f.summing, shape);
	f.summing.check = true;
	f.stream.dialect = &f.summing.shape.dialect;
	f.stream.at_start = true;
	f.stream.fn = add_row;
	f.stream.arg = &f;
	for (size_t at = 0; at < len; at += piece)
		fuzz_need(stream_add(&f.stream, p + at,
		    len - at < piece ? len - at : piece));
	fuzz_need(stream_end(&f.stream));
	f.summing.sum.lines = stream_lines(&f.stream);
	summary_encode(out, &f.summing.sum);
	summing_release(&f.summing);
	stream_release(&f.stream);
}

static void
sum_in_pieces(const struct shape *shape, const char *p, size_t len)
{
	struct buf whole = BUF_INIT, pieces = BUF_INIT, again = BUF_INIT;
	struct summary s;
	struct cursor c;

	sum(&whole, shape, p, len, len + 1);
	sum(&pieces, shape, p, len, 1 + len % 13);
	fuzz_check(whole.len == pieces.len &&
	    !memcmp(whole.p, pieces.p, whole.len));
	c = cursor_of(whole.p, whole.len);
	fuzz_need(summary_decode(&s, &c));
	summary_encode(&again, &s);
	fuzz_check(whole.len == again.len &&
	    !memcmp(whole.p, again.p, whole.len));
	summary_release(&s);
	buf_release(&whole);
	buf_release(&pieces);
	buf_release(&again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct shape shape = SHAPE_INIT;
	struct dialect_hint hint;
	struct header_odd odd;
	char *copy;

	if (len < 2)
		return 0;
	hint = hint_of(p);
	len -= 2;
	copy = mem_dup(len ? (const char *)p + 2 : "", len ? len : 1);
	fuzz_check(shape_detect(&shape, &odd, &hint, copy, len, true));
	fuzz_check(!shape.reason == (shape.dialect.format != TABLE_NONE));
	if (!shape.reason) {
		sum_in_pieces(&shape, copy, len);
		read_rows(&shape, copy, len, hint.cut);
	}
	shape_release(&shape);
	free(copy);
	return 0;
}
