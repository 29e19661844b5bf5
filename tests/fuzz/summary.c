/*
 * What is kept of the rows of a table: read and written again it reads the
 * same, and merged with itself it counts twice.
 */

#include "lib/table/dialect.h"
#include "lib/table/summary.h"
#include "tests/fuzz/fuzz.h"

static void
check_twice(const struct summary *s)
{
	struct summary twice = SUMMARY_INIT;
	struct buf b = BUF_INIT;

	summary_merge(&twice, s);
	summary_merge(&twice, s);
	fuzz_check(twice.rows == 2 * s->rows && twice.lines == 2 * s->lines);
	fuzz_check(twice.columns.n == s->columns.n);
	for (size_t i = 0; i < s->columns.n; i++)
		fuzz_check(twice.v[i].cells == 2 * s->v[i].cells);
	summary_encode(&b, &twice);
	buf_release(&b);
	summary_release(&twice);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct summary s = SUMMARY_INIT, again = SUMMARY_INIT;
	struct buf a = BUF_INIT, b = BUF_INIT;
	struct cursor c = cursor_of(p, len);
	struct dialect d;

	if (fuzz_fine(dialect_decode(&d, &c))) {
		dialect_encode(&a, &d);
		fuzz_check(!memcmp(a.p, p, DIALECT_SIZE));
		buf_clear(&a);
		dialect_print(&a, &d);
		buf_clear(&a);
	}
	c = cursor_of(p, len);
	if (fuzz_fine(summary_decode(&s, &c))) {
		summary_encode(&a, &s);
		c = cursor_of(a.p, a.len);
		fuzz_need(summary_decode(&again, &c));
		summary_encode(&b, &again);
		fuzz_check(a.len == b.len && !memcmp(a.p, b.p, a.len));
		check_twice(&s);
	}
	summary_release(&s);
	summary_release(&again);
	buf_release(&a);
	buf_release(&b);
	return 0;
}
