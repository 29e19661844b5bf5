/*
 * A frame's head that is read is exactly one that would be written, and is
 * read alike from any number of bytes that holds it.  What the frame stores
 * decodes to as many bytes as the head says, or not at all.
 */

#include "store/segment.h"
#include "tests/fuzz/fuzz.h"

static void
decode(const struct frame *f, const uint8_t *stored)
{
	char *raw = malloc(f->raw + 1u);

	fuzz_check(raw != NULL);
	fuzz_check(f->raw <= FRAME_MAX);
	raw[f->raw] = 77;
	if (f->codec != CODEC_DELTA)
		fuzz_fine(frame_decode(raw, f, stored));
	fuzz_check(raw[f->raw] == 77);
	free(raw);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct frame f = FRAME_INIT, short_f = FRAME_INIT;
	struct buf again = BUF_INIT;
	bool more;

	if (!fuzz_fine(frame_decode_head(&f, &more, p, len)) || more)
		return 0;
	frame_encode_head(&again, &f);
	fuzz_check(again.len == f.head && f.head <= len);
	fuzz_check(memcmp(again.p, p, f.head) == 0);
	fuzz_need(frame_decode_head(&short_f, &more, p, f.head));
	fuzz_check(!more && short_f.head == f.head && short_f.n == f.n);
	frame_release(&short_f);
	fuzz_need(frame_decode_head(&short_f, &more, p, f.head - 1));
	fuzz_check(more);
	if (f.stored <= len - f.head)
		decode(&f, p + f.head);
	frame_release(&f);
	buf_release(&again);
	return 0;
}
