/* What goes to a terminal: nothing that could disturb it, whatever comes. */

#include "lib/base/text.h"
#include "store/format.h"
#include "tests/fuzz/fuzz.h"

static void
check_clean(const char *p, size_t len)
{
	while (len) {
		int32_t c;
		size_t n = text_next(&c, p, len);

		fuzz_check(n > 0 && n <= len && !text_is_hidden(c));
		p += n;
		len -= n;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	const char *s = (const char *)p;
	struct buf clean = BUF_INIT, again = BUF_INIT;
	char small[24];

	text_escape(&clean, s, len);
	check_clean(buf_cstr(&clean), clean.len);
	text_escape(&again, buf_cstr(&clean), clean.len);
	fuzz_check(again.len == clean.len);
	text_escape_to(small, sizeof(small), s, len);
	fuzz_check(strlen(small) < sizeof(small));
	check_clean(small, strlen(small));
	for (size_t columns = 0; columns < 8; columns++) {
		size_t fit = text_fit(buf_cstr(&clean), clean.len, columns);

		fuzz_check(fit <= clean.len);
		fuzz_check(text_width(buf_cstr(&clean), fit) <= columns);
	}
	/* Folding again changes nothing. */
	buf_clear(&clean);
	buf_clear(&again);
	text_fold(&clean, s, len);
	text_fold(&again, buf_cstr(&clean), clean.len);
	fuzz_check(again.len == clean.len);
	fuzz_check(!clean.len || memcmp(again.p, clean.p, clean.len) == 0);
	if (tree_name_ok(s, len))
		fuzz_check(clean.len != 4 || memcmp(clean.p, ".dsv", 4) != 0);
	buf_release(&clean);
	buf_release(&again);
	return 0;
}
