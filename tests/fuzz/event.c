/* An event that is read is exactly one that would be written. */

#include "store/format.h"
#include "tests/fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct event ev = EVENT_INIT;
	struct buf again = BUF_INIT;

	if (!fuzz_fine(event_decode(&ev, p, len)))
		return 0;
	for (size_t i = 0; i < ev.n_refs; i++)
		fuzz_check(ref_name_ok(ev.refs[i].name));
	fuzz_need(event_encode(&again, &ev));
	fuzz_check(again.len == len && memcmp(again.p, p, len) == 0);
	event_release(&ev);
	buf_release(&again);
	return 0;
}
