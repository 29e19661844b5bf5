/*
 * The cuts are part of the format: they are held to fixed results, and to a
 * second implementation below that looks at one byte after the other.
 */

#include "store/cut.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/hash.h"
#include "lib/base/mem.h"
#include "tests/unit/tap.h"

#define KIB ((size_t)1 << 10)
#define MIB ((size_t)1 << 20)

/* ---- inputs ------------------------------------------------------------ */

static uint64_t seed;

static uint32_t
below(uint32_t n)
{
	seed = seed * UINT64_C(6364136223846793005) +
	    UINT64_C(1442695040888963407);
	return (uint32_t)((seed >> 33) % n);
}

static void
add_field(struct buf *b, size_t len)
{
	while (len--)
		buf_char(b, (char)('a' + below(26)));
}

static void
make_lines(struct buf *b)
{
	while (b->len < 3 * MIB) {
		add_field(b, 10 + below(190));
		buf_char(b, '\n');
	}
}

/* One cell in eight is quoted and has newlines and doubled quotes in it. */
static void
make_quoted(struct buf *b, char quote)
{
	while (b->len < 3 * MIB) {
		for (int i = 0; i < 6; i++) {
			if (below(8)) {
				add_field(b, 1 + below(12));
			} else {
				buf_char(b, quote);
				add_field(b, below(5));
				buf_char(b, '\n');
				buf_char(b, quote);
				buf_char(b, quote);
				add_field(b, below(60));
				buf_str(b, "\r\n");
				buf_char(b, quote);
			}
			buf_char(b, i < 5 ? ',' : '\n');
		}
	}
}

static void
make_csv(struct buf *b)
{
	make_quoted(b, '"');
}

static void
make_single(struct buf *b)
{
	make_quoted(b, '\'');
}

static void
make_short(struct buf *b)
{
	while (b->len < MIB) {
		add_field(b, below(3));
		buf_char(b, '\n');
	}
}

/* Records longer than CUT_LARGEST among short ones. */
static void
make_wide(struct buf *b)
{
	for (int i = 0; i < 24; i++) {
		add_field(b, below(3) ? below(300) : 100 * KIB +
		    below(300 * KIB));
		buf_char(b, '\n');
	}
}

/* Records longer than CUT_HARD, with quotes in them. */
static void
make_endless(struct buf *b)
{
	for (int i = 0; i < 3; i++) {
		buf_char(b, '"');
		add_field(b, MIB / 2);
		buf_str(b, "\n\"\"");
		add_field(b, MIB + below(MIB));
		buf_str(b, "\"\n");
		for (int k = 0; k < 900; k++)
			buf_str(b, "short,\"\n\"\n");
	}
}

/* Short records, too few for a chunk, before one that is too long. */
static void
make_sudden(struct buf *b)
{
	for (int i = 0; i < 2; i++) {
		for (int k = 0; k < 100; k++)
			buf_str(b, "short\n");
		add_field(b, MIB + MIB / 4);
		buf_char(b, '\n');
	}
}

static void
make_unclosed(struct buf *b)
{
	buf_str(b, "a,\"b\n");
	while (b->len < MIB + MIB / 2)
		buf_str(b, "one,two,three\n");
}

static void
make_random(struct buf *b)
{
	while (b->len < 3 * MIB)
		buf_char(b, (char)below(256));
}

static void
make_newlines(struct buf *b)
{
	while (b->len < MIB)
		buf_char(b, '\n');
}

static void
make_zeros(struct buf *b)
{
	while (b->len < 2 * MIB + 5)
		buf_char(b, '\0');
}

static void
make_tail(struct buf *b)
{
	for (int i = 0; i < 20000; i++)
		buf_printf(b, "%d,%d\n", i, i * i % 97);
	buf_str(b, "no end");
}

static void
make_nothing(struct buf *b)
{
	(void)b;
}

struct input {
	const char *name;
	enum cut cut;
	void (*make)(struct buf *);
	const char *digest;	/* of all pieces; the format cannot drift */
	size_t chunks;
	size_t first[4];	/* their sizes, to see what changed */
};

static const struct input inputs[] = {
	{ "lines", CUT_LINES, make_lines,
	    "d28ea17362829a3e064396e580fabfba8a05156530d3392702d142b5131f996f",
	    101, { 12812, 20694, 77339, 26788 } },
	{ "csv with quoted newlines", CUT_CSV, make_csv,
	    "a90b156fea1d652983bdc1131745464e9d4ec24d53fbe42a0a4eb12ebecf1941",
	    102, { 14795, 25914, 46878, 17974 } },
	{ "csv as lines", CUT_LINES, make_csv,
	    "f504830184c4617b367f932c6a948b16203fc6b414ddba0b83e728f5231f23c9",
	    104, { 122118, 45263, 70951, 20396 } },
	{ "single quotes", CUT_CSV_SINGLE, make_single,
	    "d884f95f6961f34e825b80b8f33feb21f3baa9584dd3cfa0ce08574895c50592",
	    101, { 51444, 85255, 20924, 19844 } },
	{ "short lines", CUT_LINES, make_short,
	    "e29f9f330baa805c7a16fc31a53cd559b894d3edc94d1757ec22dd179d4f1900",
	    32, { 16325, 54847, 10841, 60201 } },
	{ "records over 128 KiB", CUT_LINES, make_wide,
	    "05bb9aab21d395d9d3c7f6e3c87529032c98fc773300d08cff60c337886045e0",
	    9, { 299118, 272658, 243701, 245080 } },
	{ "records over 1 MiB", CUT_CSV, make_endless,
	    "d2ddf832441fe604fc4a4793a0782895fcadb687c90bcb97d7845ee6a31627e0",
	    121, { 21836, 33665, 39209, 23961 } },
	{ "short records before endless ones", CUT_LINES, make_sudden,
	    "19ce0ad6160456771f7b2863fbb035e70c8dd9c459cd6e76e8edecfd249d7243",
	    18, { 22435, 33665, 39209, 23961 } },
	{ "a quote that is never closed", CUT_CSV, make_unclosed,
	    "078cb4ac0f965639f74c56c8e19c2e88f763dd3a93e808a86d503fb4e3330ca2",
	    6, { 131072, 131072, 131072, 131072 } },
	{ "random bytes", CUT_BINARY, make_random,
	    "fe984f41083e7b2f5b090efe556397bce425e28d80199323ebbd7dd6af77269a",
	    83, { 33892, 17065, 33187, 45903 } },
	{ "random bytes as lines", CUT_LINES, make_random,
	    "b00ec0df81a42beda9e6e8cd968a2d5197ad4f951be5d54d4268ffc81dc9cc44",
	    93, { 33903, 20294, 11363, 36096 } },
	{ "text as bytes", CUT_BINARY, make_lines,
	    "ea9d868ad63276c5ba11491d120de4b073cce16406b4906af299b4643899a3a6",
	    84, { 43813, 35969, 38887, 21783 } },
	{ "only newlines", CUT_LINES, make_newlines,
	    "e0b73e01349a51647717143dcf2e16084c6d3325c972b847e5a1ad076a4fa935",
	    113, { 8192, 8192, 8192, 8192 } },
	{ "only zeros", CUT_BINARY, make_zeros,
	    "49599fb1240d5562b7faeca023faa4d1b80a324402467cfe5a78c87810e5afca",
	    17, { 131072, 131072, 131072, 131072 } },
	{ "zeros as lines", CUT_LINES, make_zeros,
	    "51d8e656905c080634adfbcaca63168fb044296811858826df659d32c3ab163a",
	    10, { 131072, 131072, 131072, 131072 } },
	{ "no last newline", CUT_LINES, make_tail,
	    "0294d027855a9f7c0d20f734f73886f9aef488bc22b4c0b310e3d2b16d4355a3",
	    6, { 10792, 10773, 60985, 33641 } },
	{ "nothing", CUT_LINES, make_nothing,
	    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
	    0, { 0, 0, 0, 0 } },
};

/* ---- one byte after the other ------------------------------------------ */

static uint64_t
naive_word(const char *p, size_t from, size_t len)
{
	uint64_t v = 0;

	for (size_t i = 8; i-- > 0;)
		v = v << 8 | (from + i < len ? (uint8_t)p[from + i] : 0);
	return v;
}

static uint64_t
naive_mix(const char *p, size_t e, size_t len)
{
	uint64_t h = 0;

	for (size_t i = 0; i < 24; i += 8) {
		h = (h ^ naive_word(p, e - 24 + i, len)) *
		    UINT64_C(0x9e3779b97f4a7c15);
		h ^= h >> 29;
		h = (h ^ naive_word(p, e + i, len)) *
		    UINT64_C(0xbf58476d1ce4e5b9);
		h ^= h >> 32;
	}
	return h >> 32;
}

static uint64_t
naive_gear(unsigned byte)
{
	uint64_t z = (byte + UINT64_C(1)) * UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static size_t
naive_binary(const char *p, size_t len)
{
	size_t most = len < 128 * KIB ? len : 128 * KIB;
	uint64_t h = 0;

	/* What is 64 bytes back has been shifted out. */
	for (size_t n = 1; n <= most; n++) {
		h = 2 * h + naive_gear((uint8_t)p[n - 1]);
		if (n > 8 * KIB && h >> (n <= 32 * KIB ? 47 : 51) == 0)
			return n;
	}
	return most;
}

/* Does a record end after byte i?  odd: quotes before it. */
static bool
naive_end(const char *p, size_t i, bool *odd, char quote)
{
	if (quote && p[i] == quote)
		*odd = !*odd;
	return p[i] == '\n' && !*odd;
}

static bool
naive_odd(const char *p, size_t len, char quote)
{
	bool odd = false;

	for (size_t i = 0; quote && i < len; i++)
		odd ^= p[i] == quote;
	return odd;
}

/* Where the chunk that begins at p ends. */
static size_t
naive_text(const char *p, size_t len, bool odd, char quote, bool *partial)
{
	size_t hard = len < MIB ? len : MIB;
	size_t last = 0, best = 0;
	uint64_t best_mix = 0;

	*partial = false;
	for (size_t e = 1; e <= hard; e++) {
		uint64_t mix, record = e - last;

		if (!naive_end(p, e - 1, &odd, quote))
			continue;
		last = e;
		if (e < 8 * KIB)
			continue;
		if (e > 128 * KIB)
			return best ? best : e;
		mix = naive_mix(p, e, len);
		if (mix * (24 * KIB) < record << 32)
			return e;
		if (!best || mix < best_mix) {
			best = e;
			best_mix = mix;
		}
	}
	if (len <= 128 * KIB)
		return len;
	if (best)
		return best;
	if (len <= MIB)
		return len;
	*partial = true;
	return naive_binary(p, len);
}

static char
quote_of(enum cut cut)
{
	return cut == CUT_CSV ? '"' : cut == CUT_CSV_SINGLE ? '\'' : '\0';
}

static void
naive_next(struct cut_piece *out, bool *odd, enum cut cut, const char *p,
    size_t len)
{
	char quote = quote_of(cut);
	bool inside = *odd;
	size_t last = 0;

	out->records = 0;
	out->partial = false;
	if (cut == CUT_BINARY) {
		out->size = naive_binary(p, len);
		return;
	}
	out->size = naive_text(p, len, inside, quote, &out->partial);
	for (size_t i = 0; i < out->size; i++)
		if (naive_end(p, i, &inside, quote)) {
			out->records++;
			last = i + 1;
		}
	if (out->size == len && last < len && !out->partial)
		out->records++;
	*odd ^= naive_odd(p, out->size, quote);
}

/* ---- checks ------------------------------------------------------------ */

struct pieces {
	struct cut_piece *v;
	size_t n, cap;
};

static void
cut_all(struct pieces *out, enum cut cut, const char *p, size_t len)
{
	struct cutter c;
	struct cut_piece piece;

	cutter_init(&c, cut);
	while (cutter_next(&piece, &c, p, len, true)) {
		VEC_ROOM(out->v, out->n, out->cap);
		out->v[out->n++] = piece;
		p += piece.size;
		len -= piece.size;
	}
}

static void
digest_of(char hex[ID_HEX + 1], const struct pieces *pieces)
{
	struct buf b = BUF_INIT;
	struct id id;

	for (size_t i = 0; i < pieces->n; i++)
		buf_printf(&b, "%zu %llu %d\n", pieces->v[i].size,
		    (unsigned long long)pieces->v[i].records,
		    pieces->v[i].partial);
	hash_bytes(&id, b.p, b.len);
	id_hex(hex, &id);
	buf_release(&b);
}

static bool
as_expected(const struct input *in, const struct pieces *pieces)
{
	char hex[ID_HEX + 1];
	bool good;

	digest_of(hex, pieces);
	good = strcmp(hex, in->digest) == 0 && pieces->n == in->chunks;
	for (size_t i = 0; i < 4; i++)
		good = good && (i < pieces->n ? pieces->v[i].size : 0) ==
		    in->first[i];
	if (good)
		return true;
	printf("# %s: \"%s\", %zu, {", in->name, hex, pieces->n);
	for (size_t i = 0; i < 4; i++)
		printf(" %zu,", i < pieces->n ? pieces->v[i].size : 0);
	puts(" }");
	return false;
}

static bool
same_piece(const struct cut_piece *a, const struct cut_piece *b)
{
	return a->size == b->size && a->records == b->records &&
	    a->partial == b->partial;
}

static bool
as_naive(enum cut cut, const struct pieces *pieces, const char *p, size_t len)
{
	bool odd = false;

	for (size_t i = 0; i < pieces->n; i++) {
		struct cut_piece want;

		naive_next(&want, &odd, cut, p, len);
		if (!same_piece(&pieces->v[i], &want)) {
			printf("# chunk %zu: %zu bytes, %llu records; naive "
			    "%zu, %llu\n", i, pieces->v[i].size,
			    (unsigned long long)pieces->v[i].records,
			    want.size, (unsigned long long)want.records);
			return false;
		}
		p += want.size;
		len -= want.size;
	}
	return len == 0;
}

/* A cutter that is shown a little more each time says the same. */
static bool
as_shown(enum cut cut, const struct pieces *pieces, const char *p, size_t len)
{
	struct cutter c;

	cutter_init(&c, cut);
	for (size_t i = 0; i < pieces->n; i++) {
		size_t shown = 1 + below(64);
		struct cut_piece got;

		while (!cutter_next(&got, &c, p, shown < len ? shown : len,
		    shown >= len)) {
			if (shown >= CUT_NEED || shown >= len)
				return false;
			shown += shown / 2 + 1 + below(20000);
		}
		if (!same_piece(&got, &pieces->v[i]))
			return false;
		p += got.size;
		len -= got.size;
	}
	return len == 0;
}

/* No chunk is too long or too short, and records add up. */
static bool
in_bounds(enum cut cut, const struct pieces *pieces, const char *p, size_t len)
{
	uint64_t records = 0, naive = 0;
	bool odd = false;
	size_t last = 0;

	for (size_t i = 0; i < pieces->n; i++) {
		const struct cut_piece *piece = &pieces->v[i];

		if (piece->size == 0 || piece->size > CUT_HARD)
			return false;
		if (i + 1 < pieces->n && piece->size < CUT_MIN)
			return false;
		records += piece->records;
	}
	if (cut == CUT_BINARY)
		return records == 0;
	for (size_t i = 0; i < len; i++)
		if (naive_end(p, i, &odd, quote_of(cut))) {
			naive++;
			last = i + 1;
		}
	return records == naive + (last < len);
}

static void
test_input(const struct input *in)
{
	struct pieces pieces = { NULL, 0, 0 };
	struct buf b = BUF_INIT;
	char title[80];

	seed = 1;
	in->make(&b);
	cut_all(&pieces, in->cut, b.p, b.len);
#define TITLE(what) (snprintf(title, sizeof(title), "%s: " what, in->name), \
	title)
	ok(as_expected(in, &pieces), TITLE("the fixed cuts"));
	ok(as_naive(in->cut, &pieces, b.p, b.len), TITLE("as byte by byte"));
	ok(as_shown(in->cut, &pieces, b.p, b.len),
	    TITLE("whatever is shown at a time"));
	ok(in_bounds(in->cut, &pieces, b.p, b.len),
	    TITLE("sizes and records"));
	free(pieces.v);
	buf_release(&b);
}

/* Lengths at which a rule changes. */
static void
test_edges(void)
{
	static const size_t lengths[] = { 1, 23, 24, 25, 63, 64, 65, 8191,
		8192, 8193, 32767, 32768, 32769, 131071, 131072, 131073,
		1048575, 1048576, 1048577, 1048599, 1048600, 1048601,
		1048640 };
	bool good = true;

	for (unsigned cut = CUT_BINARY; cut <= CUT_MAX; cut++)
		for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths);
		    i++)
			for (int form = 0; form < 4; form++) {
				struct pieces pieces = { NULL, 0, 0 };
				size_t len = lengths[i];
				char *p = mem_alloc(len);

				memset(p, 'x', len);
				if (form)
					p[len - 1] = '\n';
				if (form > 1 && len > 9000)
					p[len > 140000 ? 140000 : 8999] =
					    '\n';
				if (form > 2)
					p[0] = '"';
				cut_all(&pieces, cut, p, len);
				good = good && as_naive(cut, &pieces, p, len) &&
				    as_shown(cut, &pieces, p, len) &&
				    in_bounds(cut, &pieces, p, len);
				free(pieces.v);
				free(p);
			}
	ok(good, "lengths next to the limits");
}

/* ---- what it is for ---------------------------------------------------- */

static int
cmp_ids(const void *a, const void *b)
{
	return id_cmp(a, b);
}

static size_t
ids_of(struct id **out, enum cut cut, const char *p, size_t len)
{
	struct pieces pieces = { NULL, 0, 0 };
	size_t n;

	cut_all(&pieces, cut, p, len);
	n = pieces.n;
	*out = mem_array(n, sizeof(**out));
	for (size_t i = 0; i < n; i++) {
		hash_bytes(&(*out)[i], p, pieces.v[i].size);
		p += pieces.v[i].size;
	}
	free(pieces.v);
	qsort(*out, n, sizeof(**out), cmp_ids);
	return n;
}

/* The chunks of the first that the second has too, and all of the first. */
static bool
shares(enum cut cut, const struct buf *a, const struct buf *b)
{
	struct id *x, *y;
	size_t n = ids_of(&x, cut, a->p, a->len);
	size_t m = ids_of(&y, cut, b->p, b->len);
	size_t shared = 0;

	for (size_t i = 0; i < n; i++)
		shared += bsearch(&x[i], y, m, sizeof(*y), cmp_ids) != NULL;
	free(x);
	free(y);
	printf("# %zu of %zu chunks shared\n", shared, n);
	return n > 50 && shared * 100 >= n * 95;
}

static void
insert_row(struct buf *out, const struct buf *b, size_t near, const char *row)
{
	const char *at = memchr(b->p + near, '\n', b->len - near);
	size_t head = (size_t)(at - b->p) + 1;

	buf_add(out, b->p, head);
	buf_str(out, row);
	buf_add(out, b->p + head, b->len - head);
}

static void
test_sharing(void)
{
	struct buf lines = BUF_INIT, bytes = BUF_INIT, edit = BUF_INIT;

	seed = 7;
	make_lines(&lines);
	make_random(&bytes);
	insert_row(&edit, &lines, lines.len / 2, "a new row\n");
	ok(shares(CUT_LINES, &lines, &edit),
	    "an inserted row leaves the other chunks as they are");
	buf_clear(&edit);
	insert_row(&edit, &lines, 10, "a new row\n");
	ok(shares(CUT_LINES, &lines, &edit), "so does one near the start");
	buf_clear(&edit);
	insert_row(&edit, &bytes, bytes.len / 3, "thirteen bytes");
	ok(shares(CUT_BINARY, &bytes, &edit), "and bytes among bytes");
	buf_release(&lines);
	buf_release(&bytes);
	buf_release(&edit);
}

static bool
mean_near_target(enum cut cut, const struct buf *b)
{
	struct pieces pieces = { NULL, 0, 0 };
	size_t mean;

	cut_all(&pieces, cut, b->p, b->len);
	mean = b->len / pieces.n;
	free(pieces.v);
	printf("# %zu bytes a chunk\n", mean);
	return mean > CUT_TARGET * 3 / 4 && mean < CUT_TARGET * 5 / 4;
}

static void
test_sizes(void)
{
	struct buf b = BUF_INIT;

	seed = 9;
	make_lines(&b);
	ok(mean_near_target(CUT_LINES, &b), "the mean size of text");
	buf_clear(&b);
	for (unsigned i = 0; b.len < 6 * MIB; i++) {
		add_field(&b, below(40) ? 5 + below(20) : 2000);
		buf_char(&b, '\n');
	}
	ok(mean_near_target(CUT_LINES, &b),
	    "the mean size whatever the length of the records");
	buf_release(&b);
}

static void
test_sniff(void)
{
	char p[10000];

	memset(p, 'a', sizeof(p));
	ok(cut_sniff(p, sizeof(p)) == CUT_LINES && cut_sniff("", 0) ==
	    CUT_LINES, "text and nothing are lines");
	p[8191] = '\0';
	ok(cut_sniff(p, sizeof(p)) == CUT_BINARY, "a NUL makes it binary");
	p[8191] = 'a';
	p[8192] = '\0';
	ok(cut_sniff(p, sizeof(p)) == CUT_LINES,
	    "a NUL after 8 KiB is not looked at");
}

/* A file of CUT_WHOLE bytes is one chunk, whatever is in it; with one byte
 * more it is cut, and how much of it was shown makes no difference. */
static void
test_whole(void)
{
	static const enum cut cuts[] = {
		CUT_BINARY, CUT_LINES, CUT_CSV, CUT_CSV_SINGLE,
	};
	struct cut_piece piece;
	struct buf b = BUF_INIT;
	struct cutter c;

	seed = 5;
	make_quoted(&b, '"');
	for (size_t i = 0; i < sizeof(cuts) / sizeof(*cuts); i++) {
		cutter_init(&c, cuts[i]);
		ok(!cutter_next(&piece, &c, b.p, 40 * KIB, false),
		    "the first bytes of what may be small");
		ok(cutter_next(&piece, &c, b.p, CUT_WHOLE, true) &&
		    piece.size == CUT_WHOLE && !piece.partial,
		    "a small file is one chunk");
		cutter_init(&c, cuts[i]);
		ok(cutter_next(&piece, &c, b.p, CUT_WHOLE + 1, true) &&
		    piece.size < CUT_WHOLE, "a larger one is not");
	}
	buf_release(&b);
}

int
main(void)
{
	struct cutter c;
	struct cut_piece piece;

	for (size_t i = 0; i < sizeof(inputs) / sizeof(*inputs); i++)
		test_input(&inputs[i]);
	cutter_init(&c, CUT_LINES);
	ok(!cutter_next(&piece, &c, "", 0, true), "nothing has no chunk");
	test_edges();
	test_sharing();
	test_sizes();
	test_sniff();
	test_whole();
	return tap_end();
}
