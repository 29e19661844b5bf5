/*
 * Makes the data of the benchmarks and of the long tests: the same bytes from
 * the same words, on any machine, and versions of it that differ in a known
 * way.
 *
 *	gen csv ROWS VERSION OUT	ten columns, about 92 bytes a row, one
 *	gen jsonl ROWS VERSION OUT	row in 500 with a newline in a cell
 *		version 1	the base
 *		version 2	one row in 1000 edited, all over the file
 *		version 3	1000 rows in a row edited, at two thirds
 *		version 4	100 rows added in the middle, 100 others
 *				missing at one fifth
 *		version 5	one row edited, at one third
 *	gen tree DIR COUNT VERSION	COUNT JSON files of about 4.4 kB in 100
 *					directories
 *		version 2	one file in 100 rewritten, COUNT / 100 new;
 *				what is there already and equal is left alone
 *	gen bin BYTES VERSION OUT	bytes that cannot be compressed
 *		version 2	1 MiB more, inserted at 30 %
 *
 * OUT may be "-".  Everything follows from a hash of what it is (row, column,
 * edit), so any row can be made without the ones before it.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define OUT_SIZE (1u << 20)
#define ROW_MAX 1024
#define CLUSTER 1000
#define BLOCK 100
#define INSERTED (1u << 20)
#define DIRS 100
#define N(a) (sizeof(a) / sizeof((a)[0]))

struct sink {
	int fd;
	size_t len;
	char p[OUT_SIZE];
};

static struct sink sink;

static _Noreturn void __attribute__((format(printf, 1, 2)))
die(const char *fmt, ...)
{
	va_list ap;

	fputs("gen: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(1);
}

/* ---- output ------------------------------------------------------------ */

static void
sink_flush(struct sink *s)
{
	size_t done = 0;
	ssize_t n;

	while (done < s->len) {
		n = write(s->fd, s->p + done, s->len - done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			die("write: %s", strerror(errno));
		done += (size_t)n;
	}
	s->len = 0;
}

static void
sink_open(struct sink *s, const char *name)
{
	s->len = 0;
	s->fd = STDOUT_FILENO;
	if (strcmp(name, "-") == 0)
		return;
	s->fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0666);
	if (s->fd < 0)
		die("%s: %s", name, strerror(errno));
}

static void
sink_close(struct sink *s)
{
	sink_flush(s);
	if (s->fd != STDOUT_FILENO && close(s->fd) != 0)
		die("close: %s", strerror(errno));
}

/* At least n bytes of room, filled by the caller who then adds to len. */
static char *
sink_room(struct sink *s, size_t n)
{
	if (OUT_SIZE - s->len < n)
		sink_flush(s);
	return s->p + s->len;
}

static char *
put(char *p, const char *s)
{
	size_t len = strlen(s);

	memcpy(p, s, len);
	return p + len;
}

/* Decimal, with leading zeros up to width. */
static char *
put_n(char *p, uint64_t n, int width)
{
	char digits[20];
	int i = 0;

	do {
		digits[i++] = (char)('0' + n % 10);
		n /= 10;
	} while (n > 0);
	for (; width > i; width--)
		*p++ = '0';
	while (i > 0)
		*p++ = digits[--i];
	return p;
}

static char *
put_cents(char *p, uint64_t n)
{
	p = put_n(p, n / 100, 1);
	*p++ = '.';
	return put_n(p, n % 100, 2);
}

/* ---- chance ------------------------------------------------------------ */

/* The finaliser of a 64-bit mixing generator: every bit of x counts. */
static uint64_t
mix(uint64_t x)
{
	x += 0x9e3779b97f4a7c15u;
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
	return x ^ (x >> 31);
}

/* A number that depends on what it is for and nothing else. */
static uint64_t
chance(uint64_t what, uint64_t which, uint64_t edit)
{
	return mix(mix(what * 0x100000001b3u + edit) ^ which);
}

/* Takes a number below n out of *r. */
static uint64_t
take(uint64_t *r, uint64_t n)
{
	uint64_t v = *r % n;

	*r = mix(*r);
	return v;
}

/* ---- rows -------------------------------------------------------------- */

static const char *const regions[] = {
	"north", "south", "east", "west", "centre", "overseas",
};
static const char *const products[] = {
	"barley", "cocoa", "coffee", "copper", "cotton", "iron ore", "maize",
	"nickel", "oats", "palm oil", "rice", "rubber", "soy", "sugar", "tin",
	"wheat", "wool", "zinc",
};
static const char *const states[] = {
	"open", "paid", "paid", "paid", "shipped", "returned",
};
static const char *const words[] = {
	"again", "bulk", "by rail", "by sea", "checked", "dry", "first grade",
	"late", "mixed", "new", "on hold", "partial", "priority", "repeat",
	"sample", "second grade", "split", "urgent",
};

/* The fields of a row; edit is 0 for the row as it first was. */
struct row {
	uint64_t id, account, day, quantity, price;
	const char *region, *product, *state;
	const char *note[2];
	bool broken;		/* the note has a newline in it */
};

static void
row_make(struct row *out, uint64_t id, uint64_t edit)
{
	uint64_t r = chance(1, id, 0);

	out->id = id;
	out->account = take(&r, 1000000000000);
	out->day = id / 4000;
	out->region = regions[take(&r, N(regions))];
	out->product = products[take(&r, N(products))];
	out->broken = take(&r, 500) == 0;
	out->note[0] = words[take(&r, N(words))];
	out->note[1] = words[take(&r, N(words))];
	if (edit != 0)
		r = chance(2, id, edit);
	out->quantity = 1 + take(&r, 5000);
	out->price = 1000 + take(&r, 99000);
	out->state = states[take(&r, N(states))];
}

/* Days since 2015-01-01, every month of 28 days: a date, not the calendar. */
static char *
put_date(char *p, uint64_t day)
{
	p = put_n(p, 2015 + day / 336, 4);
	*p++ = '-';
	p = put_n(p, 1 + day % 336 / 28, 2);
	*p++ = '-';
	return put_n(p, 1 + day % 28, 2);
}

static char *
row_csv(char *p, const struct row *row)
{
	p = put_n(p, row->id, 9);
	*p++ = ',';
	p = put_n(p, row->account, 12);
	*p++ = ',';
	p = put(p, row->region);
	*p++ = ',';
	p = put(p, row->product);
	*p++ = ',';
	p = put_date(p, row->day);
	*p++ = ',';
	p = put_n(p, row->quantity, 1);
	*p++ = ',';
	p = put_cents(p, row->price);
	*p++ = ',';
	p = put_cents(p, row->price * row->quantity);
	*p++ = ',';
	p = put(p, row->state);
	p = put(p, row->broken ? ",\"" : ",");
	p = put(p, row->note[0]);
	p = put(p, row->broken ? ",\n\"\"" : " / ");
	p = put(p, row->note[1]);
	return put(p, row->broken ? "\"\"\"\n" : "\n");
}

static char *
row_jsonl(char *p, const struct row *row)
{
	p = put(p, "{\"id\":");
	p = put_n(p, row->id, 1);
	p = put(p, ",\"account\":\"");
	p = put_n(p, row->account, 12);
	p = put(p, "\",\"region\":\"");
	p = put(p, row->region);
	p = put(p, "\",\"product\":\"");
	p = put(p, row->product);
	p = put(p, "\",\"date\":\"");
	p = put_date(p, row->day);
	p = put(p, "\",\"quantity\":");
	p = put_n(p, row->quantity, 1);
	p = put(p, ",\"price\":");
	p = put_cents(p, row->price);
	p = put(p, ",\"amount\":");
	p = put_cents(p, row->price * row->quantity);
	p = put(p, ",\"state\":\"");
	p = put(p, row->state);
	p = put(p, "\",\"note\":\"");
	p = put(p, row->note[0]);
	p = put(p, row->broken ? "\\n" : " / ");
	p = put(p, row->note[1]);
	return put(p, "\"}\n");
}

/* How the row with that id differs from the base in this version. */
static uint64_t
edit_of(uint64_t id, uint64_t rows, unsigned version)
{
	uint64_t from = rows * 2 / 3;

	switch (version) {
	case 2:
		return chance(3, id, 0) % 1000 == 0 ? 2 : 0;
	case 3:
		return id >= from && id < from + CLUSTER ? 3 : 0;
	case 5:
		return id == rows / 3 ? 5 : 0;
	default:
		return 0;
	}
}

static void
make_rows(uint64_t rows, unsigned version, const char *out, bool json)
{
	struct row row;
	uint64_t id, extra;
	char *p;

	sink_open(&sink, out);
	if (!json) {
		p = put(sink_room(&sink, ROW_MAX), "id,account,region,product,"
		    "date,quantity,price,amount,state,note\n");
		sink.len = (size_t)(p - sink.p);
	}
	for (id = 0; id < rows; id++) {
		if (version == 4 && id >= rows / 5 && id < rows / 5 + BLOCK)
			continue;
		extra = version == 4 && id == rows / 2 ? BLOCK : 0;
		for (; extra > 0; extra--) {
			row_make(&row, rows + BLOCK - extra, 4);
			p = sink_room(&sink, ROW_MAX);
			p = json ? row_jsonl(p, &row) : row_csv(p, &row);
			sink.len = (size_t)(p - sink.p);
		}
		row_make(&row, id, edit_of(id, rows, version));
		p = sink_room(&sink, ROW_MAX);
		p = json ? row_jsonl(p, &row) : row_csv(p, &row);
		sink.len = (size_t)(p - sink.p);
	}
	sink_close(&sink);
}

/* ---- bytes ------------------------------------------------------------- */

/* len bytes of the stream, from the word-th word on. */
static void
put_noise(uint64_t stream, uint64_t len)
{
	uint64_t word = 0, v;
	size_t n;
	unsigned i;

	for (; len > 0; len -= n) {
		n = len < 8 ? (size_t)len : 8;
		v = chance(stream, word++, 0);
		for (i = 0; i < n; i++)
			sink_room(&sink, 8)[i] = (char)(v >> (8 * i));
		sink.len += n;
	}
}

static void
make_bin(uint64_t bytes, unsigned version, const char *out)
{
	uint64_t head = bytes / 10 * 3;

	sink_open(&sink, out);
	put_noise(5, head);
	if (version == 2)
		put_noise(6, INSERTED);
	put_noise(7, bytes - head);
	sink_close(&sink);
}

/* ---- a tree ------------------------------------------------------------ */

static char *
put_box(char *p, uint64_t *r)
{
	unsigned i;

	p = put(p, "    {\"label\": \"");
	p = put(p, products[take(r, N(products))]);
	p = put(p, "\", \"box\": [");
	for (i = 0; i < 4; i++) {
		p = put_n(p, take(r, 1920), 1);
		p = put(p, i < 3 ? ", " : "], \"score\": 0.");
	}
	p = put_n(p, take(r, 1000000), 6);
	p = put(p, ", \"state\": \"");
	p = put(p, states[take(r, N(states))]);
	return put(p, "\"}");
}

static void
make_file(const char *name, uint64_t i, uint64_t edit)
{
	uint64_t r = chance(8, i, edit), boxes;
	char *p;

	sink_open(&sink, name);
	p = put(sink.p, "{\n  \"image\": ");
	p = put_n(p, i, 1);
	p = put(p, ",\n  \"taken\": \"");
	p = put_date(p, take(&r, 3000));
	p = put(p, "\",\n  \"region\": \"");
	p = put(p, regions[take(&r, N(regions))]);
	p = put(p, "\",\n  \"boxes\": [\n");
	for (boxes = 8 + take(&r, 78); boxes > 0; boxes--) {
		p = put_box(p, &r);
		p = put(p, boxes > 1 ? ",\n" : "\n");
	}
	p = put(p, "  ]\n}\n");
	sink.len = (size_t)(p - sink.p);
	sink_close(&sink);
}

static void
make_dir(const char *name)
{
	if (mkdir(name, 0777) != 0 && errno != EEXIST)
		die("%s: %s", name, strerror(errno));
}

static void
make_tree(const char *dir, uint64_t count, unsigned version)
{
	uint64_t total = version == 2 ? count + count / 100 : count, i, edit;
	char name[4096];

	if (strlen(dir) > sizeof(name) - 64)
		die("the name of the directory is too long");
	make_dir(dir);
	for (i = 0; i < DIRS; i++) {
		snprintf(name, sizeof(name), "%s/d%02u", dir, (unsigned)i);
		make_dir(name);
	}
	for (i = 0; i < total; i++) {
		snprintf(name, sizeof(name), "%s/d%02u/%08llu.json", dir,
		    (unsigned)(i % DIRS), (unsigned long long)i);
		edit = version == 2 && i < count && chance(9, i, 0) % 100 == 0;
		if (version == 2 && !edit && access(name, F_OK) == 0)
			continue;
		make_file(name, i, edit);
	}
}

/* ---- the command line -------------------------------------------------- */

static _Noreturn void
usage(void)
{
	fputs("usage: gen csv|jsonl ROWS VERSION OUT   (version 1 to 5)\n"
	    "       gen bin BYTES VERSION OUT        (version 1 or 2)\n"
	    "       gen tree DIR COUNT VERSION       (version 1 or 2)\n",
	    stderr);
	exit(2);
}

static uint64_t
number(const char *text, uint64_t max)
{
	unsigned long long n;
	char *end;

	errno = 0;
	n = strtoull(text, &end, 10);
	if (errno != 0 || end == text || *end != '\0' || n > max)
		usage();
	return n;
}

int
main(int argc, char **argv)
{
	uint64_t size;
	unsigned version;
	bool tree, rows;

	if (argc != 5)
		usage();
	tree = strcmp(argv[1], "tree") == 0;
	rows = strcmp(argv[1], "csv") == 0 || strcmp(argv[1], "jsonl") == 0;
	size = number(argv[tree ? 3 : 2], UINT64_C(1) << 48);
	version = (unsigned)number(argv[tree ? 4 : 3], rows ? 5 : 2);
	if (version == 0)
		usage();
	if (tree)
		make_tree(argv[2], size, version);
	else if (rows)
		make_rows(size, version, argv[4], argv[1][0] == 'j');
	else if (strcmp(argv[1], "bin") == 0)
		make_bin(size, version, argv[4]);
	else
		usage();
	return 0;
}
