/* Row changes that are read have one way to be written. */

#include "store/format.h"
#include "tests/fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct row_changes rows;
	struct buf again = BUF_INIT;

	if (!fuzz_fine(row_changes_decode(&rows, p, len)))
		return 0;
	row_changes_encode(&again, &rows);
	fuzz_check(again.len == len && memcmp(again.p, p, len) == 0);
	buf_release(&again);
	return 0;
}
