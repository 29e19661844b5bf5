/* A tree that is read is exactly one that would be written. */

#include "store/format.h"
#include "tests/fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct buf again = BUF_INIT;
	struct tree_decoder d;
	struct tree_entry e;
	err_t err;

	if (!fuzz_fine(tree_decode_begin(&d, p, len)))
		return 0;
	tree_begin(&again, d.height);
	while (tree_decode_next(&e, &d, &err)) {
		fuzz_check(!memchr(e.name, '/', e.name_len));
		fuzz_check(!memchr(e.name, '\0', e.name_len));
		if (d.height)
			tree_add_child(&again, e.name, e.name_len, &e.id);
		else
			tree_add(&again, &e);
	}
	if (fuzz_fine(err))
		fuzz_check(again.len == len && memcmp(again.p, p, len) == 0);
	buf_release(&again);
	return 0;
}
