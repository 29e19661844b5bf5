/* A revision as it is typed, in a repository with a little history. */

#include "lib/history/rev.h"
#include "tests/fuzz/history.h"

static struct repo *
the_repo(void)
{
	static struct repo r;
	char path[80];

	if (r.store)
		return &r;
	history_init(path);
	history_fill(path);
	fuzz_need(store_open(&r.store, path, STORE_READ, 0, false));
	r.root = fuzz_path;
	r.rootfd = open(fuzz_path, O_RDONLY | O_DIRECTORY);
	r.prefix = (char *)"d/";
	return &r;
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct repo *r = the_repo();
	char *text = fuzz_text(p, len);
	struct rev rev = REV_INIT;
	struct commit_node node;
	struct id id;

	if (fuzz_fine(rev_parse(&rev, r, text))) {
		fuzz_need(commit_node(&node, r->store, &rev.commit));
		fuzz_check(rev.is_range || id_is_zero(&rev.from));
		fuzz_check(!rev.path || *rev.path != '/');
	}
	if (fuzz_fine(rev_commit(&id, r, text)))
		fuzz_need(commit_node(&node, r->store, &id));
	rev_release(&rev);
	free(text);
	return 0;
}
