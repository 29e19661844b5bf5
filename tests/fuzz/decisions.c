/* Decisions that are read have one way to be written. */

#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "store/format.h"
#include "tests/fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct decision_list list;
	struct row_decision d;
	struct buf again = BUF_INIT;
	char *path, *key;
	size_t n = 0;

	if (!fuzz_fine(decision_list_decode(&list, p, len)))
		return 0;
	path = mem_strndup(list.path.p, list.path.len);
	key = mem_strndup(list.key.p, list.key.len);
	decision_list_begin(&again, path, key);
	while (decision_list_next(&d, &list)) {
		decision_list_add(&again, &d);
		n++;
	}
	fuzz_check(n == list.n && n > 0);
	fuzz_check(again.len == len && memcmp(again.p, p, len) == 0);
	buf_release(&again);
	free(path);
	free(key);
	return 0;
}
