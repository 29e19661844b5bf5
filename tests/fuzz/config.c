/* A configuration file: what is set in it is what is read from it. */

#include "lib/history/config.h"
#include "tests/fuzz/fuzz.h"

static err_t
visit(void *arg, const char *key, const char *value, enum config_layer layer)
{
	(void)arg;
	fuzz_check(*key && value && layer == CONFIG_REPO);
	return NULL;
}

static void
set_and_get(struct config *c, const char *value)
{
	const char *got;

	if (!fuzz_fine(config_set(c, CONFIG_REPO, "user.name", value)))
		return;
	got = config_get(c, "user.name", NULL);
	fuzz_check(got && strcmp(got, value) == 0);
	fuzz_need(config_set(c, CONFIG_REPO, "user.name", NULL));
	fuzz_check(!config_get(c, "user.name", NULL));
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	static int dirfd = -1;
	char *text = fuzz_text(p, len);
	struct config *c = NULL;

	if (dirfd < 0) {
		dirfd = open(fuzz_dir(), O_RDONLY | O_DIRECTORY);
		fuzz_check(mkdirat(dirfd, "locks", 0700) == 0);
		unsetenv("XDG_CONFIG_HOME");
		unsetenv("HOME");
	}
	fuzz_write(dirfd, "config", p, len);
	if (fuzz_fine(config_load(&c, fuzz_dir()))) {
		fuzz_need(config_walk(c, visit, NULL));
		fuzz_check(!config_get(c, "safe.directory", NULL));
		config_switch(c, "gc.auto", true);
		set_and_get(c, text);
	}
	config_free(c);
	free(text);
	return 0;
}
