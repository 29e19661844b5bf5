/* A recipe or a node that is read has one way to be written. */

#include "store/store_int.h"
#include "tests/fuzz/fuzz.h"

static void
read_all(const uint8_t *p, size_t len, bool root)
{
	struct recipe_head head = { .size = 0 };
	struct buf again = BUF_INIT;
	struct recipe_decoder d;
	struct recipe_entry e;
	err_t err;

	err = root ? recipe_decode_root(&d, &head, p, len) :
	    recipe_decode_node(&d, p, len);
	if (!fuzz_fine(err))
		return;
	fuzz_check(d.height <= RECIPE_HEIGHT_MAX);
	buf_char(&again, (char)d.height);
	if (root) {
		buf_char(&again, (char)head.cut);
		buf_add(&again, head.content.b, ID_SIZE);
		buf_varint(&again, head.size);
		buf_varint(&again, head.records);
		buf_varint(&again, head.chunks);
	}
	while (recipe_next(&e, &d, &err)) {
		buf_add(&again, e.id.b, ID_SIZE);
		buf_varint(&again, e.size);
		buf_varint(&again, e.records * 2 + e.partial);
		if (d.height)
			buf_varint(&again, e.chunks);
	}
	if (fuzz_fine(err))
		fuzz_check(again.len == len && memcmp(again.p, p, len) == 0);
	buf_release(&again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	read_all(p, len, true);
	read_all(p, len, false);
	return 0;
}
