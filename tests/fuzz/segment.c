/* A file of which nothing is known, read as a segment. */

#include "lib/base/hash.h"
#include "store/store_int.h"
#include "tests/fuzz/fuzz.h"

struct reading {
	int fd;
	uint64_t at;
	uint64_t end;
};

static err_t
visit(void *arg, uint64_t offset, const struct frame *f)
{
	struct reading *r = arg;
	struct frame again = FRAME_INIT;
	struct buf stored = BUF_INIT;
	struct id base;
	bool delta;

	fuzz_check(offset == r->at && f->n >= 1);
	r->at += f->head + f->stored;
	fuzz_check(r->at <= r->end);
	fuzz_need(frame_read(&again, &stored, r->fd, offset, "segment"));
	fuzz_check(again.n == f->n && again.raw == f->raw);
	fuzz_check(stored.len == f->stored);
	fuzz_need(frame_peek(&delta, &base, r->fd, offset));
	fuzz_check(delta == (f->codec == CODEC_DELTA));
	frame_release(&again);
	buf_release(&stored);
	return NULL;
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	static int fd = -1;
	struct reading r = { .at = SEGMENT_MAGIC_LEN };

	if (fd < 0)
		fuzz_need(file_scratch(&fd));
	r.fd = fd;
	fuzz_check(ftruncate(fd, 0) == 0);
	fuzz_check(pwrite(fd, p, len, 0) == (ssize_t)len);
	if (fuzz_fine(segment_frames_end(&r.end, fd)) &&
	    fuzz_fine(segment_frames(fd, r.end, visit, &r)))
		fuzz_check(r.at == r.end);
	return 0;
}
