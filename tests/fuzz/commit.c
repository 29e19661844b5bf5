/* A commit that is read is exactly one that would be written. */

#include "store/format.h"
#include "tests/fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct commit c = COMMIT_INIT;
	struct buf again = BUF_INIT;

	if (!fuzz_fine(commit_decode(&c, p, len)))
		return 0;
	fuzz_need(commit_encode(&again, &c));
	fuzz_check(again.len == len && memcmp(again.p, p, len) == 0);
	commit_release(&c);
	buf_release(&again);
	return 0;
}
