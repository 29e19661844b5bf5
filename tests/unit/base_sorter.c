/*
 * Sorting in memory and on disk must give the same, and what qsort gives.
 */

#include "lib/base/sorter.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/mem.h"
#include "tests/unit/tap.h"

#define KEY 16

struct record {
	unsigned char key[KEY];
	uint32_t n;
	size_t len;
};

static uint64_t seed = 1;

static uint32_t
below(uint32_t n)
{
	seed = seed * UINT64_C(6364136223846793005) +
	    UINT64_C(1442695040888963407);
	return (uint32_t)((seed >> 33) % n);
}

static int
by_key(const void *a, const void *b)
{
	const struct record *x = a, *y = b;
	int cmp = memcmp(x->key, y->key, KEY);

	return cmp ? cmp : x->n < y->n ? -1 : x->n > y->n;
}

/* The bytes of a record follow from its number. */
static char *
bytes_of(const struct record *r)
{
	char *p = mem_alloc(r->len + 1);

	for (size_t i = 0; i < r->len; i++)
		p[i] = (char)(r->n * 7 + i);
	return p;
}

static struct record *
make(size_t n, uint32_t different, size_t longest)
{
	struct record *r = mem_array(n + 1, sizeof(*r));

	for (size_t i = 0; i < n; i++) {
		uint32_t k = below(different) * 2654435761u;

		for (int j = 0; j < KEY; j++)
			r[i].key[j] = (unsigned char)(j < 8 ? 3 :
			    k >> 8 * (j % 4));
		r[i].n = (uint32_t)i;
		r[i].len = below((uint32_t)longest + 1);
	}
	return r;
}

static bool
same_record(const struct sorted *got, const struct record *want)
{
	char *p = bytes_of(want);
	bool same = got->len == want->len &&
	    !memcmp(got->key, want->key, KEY) && !memcmp(got->p, p, got->len);

	free(p);
	return same;
}

/* Sort n records with so much memory; *spilled says whether disk was used. */
static bool
sorts(bool *spilled, size_t n, uint32_t different, size_t longest,
    size_t memory)
{
	struct sorter *s = sorter_new(KEY, memory);
	struct record *r = make(n, different, longest);
	struct sorted got;
	bool good = true, found = false;
	err_t err = NULL;

	for (size_t i = 0; !err && i < n; i++) {
		char *p = bytes_of(&r[i]);

		err = sorter_add(s, r[i].key, p, r[i].len);
		free(p);
	}
	if (!err)
		err = sorter_end(s);
	qsort(r, n, sizeof(*r), by_key);
	for (size_t i = 0; !err && i < n; i++) {
		err = sorter_next(&found, &got, s);
		good = good && !err && found && same_record(&got, &r[i]);
	}
	if (!err)
		err = sorter_next(&found, &got, s);
	good = good && !err && !found && sorter_count(s) == n;
	*spilled = sorter_spilled(s) > 0;
	sorter_free(s);
	free(r);
	return good;
}

int
main(void)
{
	struct sorter *s;
	bool spilled;
	err_t err;

	ok(sorts(&spilled, 0, 1, 0, 1 << 20) && !spilled, "nothing");
	ok(sorts(&spilled, 1, 1, 5, 1 << 20) && !spilled, "one record");
	ok(sorts(&spilled, 5000, 1000000, 60, 8 << 20) && !spilled,
	    "in memory");
	ok(sorts(&spilled, 5000, 3, 60, 8 << 20) && !spilled,
	    "equal keys keep their order in memory");
	ok(sorts(&spilled, 5000, 1000000, 60, 65536) && spilled, "on disk");
	ok(sorts(&spilled, 5000, 3, 60, 65536) && spilled,
	    "equal keys keep their order on disk");
	ok(sorts(&spilled, 60000, 20000, 100, 65536) && spilled,
	    "so many runs that they are merged on the way");
	ok(sorts(&spilled, 40, 10, 400000, 65536) && spilled,
	    "records longer than what is read at once");
	ok(sorts(&spilled, 3000, 100, 0, 65536) && spilled,
	    "records with nothing but a key");

	setenv("TMPDIR", "/nowhere/at all", 1);
	s = sorter_new(KEY, 65536);
	err = NULL;
	for (int i = 0; !err && i < 10000; i++)
		err = sorter_add(s, "0123456789abcdef", "x", 1);
	ok(err && err->code == ERR_NOT_FOUND && strstr(err->msg, "/nowhere"),
	    "a directory for temporary files that is not there is an error");
	sorter_free(s);
	sorter_free(NULL);
	return tap_end();
}
