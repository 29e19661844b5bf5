/*
 * A file of at most CUT_WHOLE bytes is one chunk.  A larger one is cut:
 *
 * Text is cut at the ends of records only, so that a chunk is whole rows and
 * the chunks that two versions share are the rows that they share.
 *
 * A record end at offset e of a chunk is chosen if e >= CUT_MIN and
 *
 *	high32(mix(24 bytes before e, 24 bytes after e)) * SPREAD
 *	    < 2^32 * length of the record that ends there
 *
 * which makes the distance between cuts about CUT_MIN + SPREAD whatever the
 * length of the records, and depends on nothing but the bytes around.  If
 * none is found within CUT_LARGEST, the one with the smallest mix is taken;
 * if there is no record end at all in there, the next one; and if there is
 * none within CUT_HARD, the chunk is cut like binary and marked partial.
 *
 * Whether an LF is inside quotes is decided by the parity of the quotes
 * before it, counted over all bytes of the file (lib/base/find.h).
 *
 * Binary is cut where a gear hash over the last 64 bytes has its high bits
 * zero: more bits before CUT_TARGET than after, so that sizes stay near it.
 */

#include "store/cut.h"

#include <string.h>

#include "lib/base/find.h"

#define GEAR_WINDOW 64
#define SPREAD (CUT_TARGET - CUT_MIN)
#define GEAR_BITS_BEFORE 17
#define GEAR_BITS_AFTER 13
#define SNIFF 8192

/* splitmix64, the published formula: the finaliser of state i + 1. */
static uint64_t
splitmix(uint64_t i)
{
	uint64_t z = (i + 1) * 0x9e3779b97f4a7c15u;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

static uint64_t
load64(const char *p)
{
	uint64_t v = 0;

	for (int i = 0; i < 8; i++)
		v |= (uint64_t)(uint8_t)p[i] << 8 * i;
	return v;
}

/* The mix of the 24 bytes on each side of the record end at p + e; zeros
 * stand for what is beyond the end of the file. */
static uint32_t
context_mix(const char *p, size_t e, size_t len)
{
	char after[CUT_CONTEXT] = { 0 };
	size_t n = len - e < CUT_CONTEXT ? len - e : CUT_CONTEXT;
	uint64_t h = 0;

	memcpy(after, p + e, n);
	for (int i = 0; i < CUT_CONTEXT; i += 8) {
		h = (h ^ load64(p + e - CUT_CONTEXT + i)) *
		    0x9e3779b97f4a7c15u;
		h ^= h >> 29;
		h = (h ^ load64(after + i)) * 0xbf58476d1ce4e5b9u;
		h ^= h >> 32;
	}
	return (uint32_t)(h >> 32);
}

static char
quote_of(enum cut cut)
{
	return cut == CUT_CSV ? '"' : cut == CUT_CSV_SINGLE ? '\'' : '\0';
}

void
cutter_init(struct cutter *c, enum cut cut)
{
	c->cut = cut;
	c->in_quotes = false;
	c->inside = false;
}

/* ---- binary ------------------------------------------------------------ */

static size_t
gear_cut(const char *p, size_t len)
{
	static _Thread_local uint64_t gear[256];
	static _Thread_local bool ready;
	uint64_t h = 0;
	size_t i = CUT_MIN - GEAR_WINDOW;

	if (len <= CUT_MIN)
		return len;
	if (!ready) {
		for (unsigned b = 0; b < 256; b++)
			gear[b] = splitmix(b);
		ready = true;
	}
	if (len > CUT_LARGEST)
		len = CUT_LARGEST;
	for (; i < CUT_MIN; i++)
		h = (h << 1) + gear[(uint8_t)p[i]];
	for (; i < len && i < CUT_TARGET; i++) {
		h = (h << 1) + gear[(uint8_t)p[i]];
		if (h >> (64 - GEAR_BITS_BEFORE) == 0)
			return i + 1;
	}
	for (; i < len; i++) {
		h = (h << 1) + gear[(uint8_t)p[i]];
		if (h >> (64 - GEAR_BITS_AFTER) == 0)
			return i + 1;
	}
	return len;
}

/* ---- text -------------------------------------------------------------- */

/* One pass over a chunk to be. */
struct search {
	const char *p;
	size_t len;
	size_t last;		/* the last record end seen, or 0 */
	uint64_t records;	/* record ends seen */
	size_t best;		/* candidate with the smallest mix */
	uint32_t best_mix;
	uint64_t best_records;
	size_t cut;		/* where to cut, once known */
	bool count_only;
};

/* A record ends at e; true if the chunk does too. */
static bool
search_record_end(struct search *s, size_t e)
{
	uint64_t record = e - s->last;
	uint32_t mix;

	s->last = e;
	s->records++;
	if (e < CUT_MIN || s->count_only)
		return false;
	if (e > CUT_LARGEST) {
		if (s->best) {
			s->records = s->best_records;
			e = s->best;
		}
		s->cut = e;
		return true;
	}
	mix = context_mix(s->p, e, s->len);
	if ((uint64_t)mix * SPREAD < record << 32) {
		s->cut = e;
		return true;
	}
	if (!s->best || mix < s->best_mix) {
		s->best = e;
		s->best_mix = mix;
		s->best_records = s->records;
	}
	return false;
}

/* Look for the cut among the first limit bytes. */
static bool
search_run(struct search *s, bool in_quotes, char quote, size_t limit)
{
	struct find find;
	size_t e;

	find_begin(&find, s->p, s->len, '\n', quote, in_quotes);
	while ((e = find_next(&find) + 1) <= limit)
		if (search_record_end(s, e))
			return true;
	return false;
}

static bool
parity_of(const char *p, size_t len, char quote)
{
	bool odd = false;

	for (const char *end = p + len; (p = memchr(p, quote,
	    (size_t)(end - p))) != NULL; p++)
		odd = !odd;
	return odd;
}

/* A record longer than CUT_HARD: cut like binary.  The records before it, if
 * any, end before CUT_MIN. */
static void
cut_long_record(struct cut_piece *out, struct cutter *c, const char *p,
    size_t len, char quote, uint64_t records)
{
	out->size = gear_cut(p, len);
	out->records = records;
	out->partial = true;
	if (quote && parity_of(p, out->size, quote))
		c->in_quotes = !c->in_quotes;
}

static bool
cut_text(struct cut_piece *out, struct cutter *c, const char *p, size_t len,
    bool eof)
{
	char quote = quote_of(c->cut);
	struct search s = { .p = p, .len = len };
	/* A record end is looked at with its context, so the last bytes shown
	 * must wait unless they are the last of the file. */
	size_t limit = eof ? len : len < CUT_CONTEXT ? 0 : len - CUT_CONTEXT;

	if (limit > CUT_HARD)
		limit = CUT_HARD;
	out->partial = false;
	if (search_run(&s, c->in_quotes, quote, limit)) {
		out->size = s.cut;
		out->records = s.records;
		c->in_quotes = false;
		return true;
	}
	if (eof && len <= CUT_LARGEST) {
		out->size = len;
		out->records = s.records + (s.last < len);
		return true;
	}
	if (limit < CUT_HARD && !eof)
		return false;
	if (s.best) {
		out->size = s.best;
		out->records = s.best_records;
		c->in_quotes = false;
	} else if (eof && len <= CUT_HARD) {
		out->size = len;
		out->records = s.records + (s.last < len);
	} else {
		cut_long_record(out, c, p, len, quote, s.records);
	}
	return true;
}

/* A small file: one chunk, whatever is in it. */
static void
cut_whole(struct cut_piece *out, const struct cutter *c, const char *p,
    size_t len)
{
	struct search s = { .p = p, .len = len, .count_only = true };

	*out = (struct cut_piece){ len, 0, false };
	if (c->cut == CUT_BINARY)
		return;
	search_run(&s, false, quote_of(c->cut), len);
	out->records = s.records + (s.last < len);
}

bool
cutter_next(struct cut_piece *out, struct cutter *c, const char *p, size_t len,
    bool eof)
{
	bool done;

	if (len == 0)
		return false;
	if (!c->inside && len <= CUT_WHOLE) {
		if (eof)
			cut_whole(out, c, p, len);
		return eof;
	}
	if (c->cut != CUT_BINARY) {
		done = cut_text(out, c, p, len, eof);
	} else {
		done = eof || len >= CUT_LARGEST;
		if (done)
			*out = (struct cut_piece){ gear_cut(p, len), 0,
			    false };
	}
	c->inside = c->inside || done;
	return done;
}

enum cut
cut_sniff(const char *p, size_t len)
{
	if (len > SNIFF)
		len = SNIFF;
	return len && memchr(p, '\0', len) ? CUT_BINARY : CUT_LINES;
}
