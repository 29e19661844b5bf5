/* A time as a person types it, and as it stands in an object. */

#include "lib/base/clock.h"
#include "tests/fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	char *text = fuzz_text(p, len);
	struct buf b = BUF_INIT;
	int64_t t, again;

	if (fuzz_fine(clock_parse(&t, text))) {
		clock_format(&b, t);
		fuzz_check(clock_parse_strict(&again, b.p, b.len));
		fuzz_check(again == t);
		fuzz_need(clock_parse(&again, b.p));
		fuzz_check(again == t);
	}
	buf_clear(&b);
	if (clock_parse_strict(&t, (const char *)p, len)) {
		clock_format(&b, t);
		fuzz_check(b.len == len && memcmp(b.p, p, len) == 0);
	}
	buf_release(&b);
	free(text);
	return 0;
}
