/*
 * Configuration files: what is read from them, what is left of them when
 * they are changed.
 */

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/file.h"
#include "lib/history/config.h"
#include "lib/history/ident.h"
#include "tests/unit/fixture.h"
#include "tests/unit/tap.h"

static struct fixture f;
static char dotdsv[64];

static void
write_config(const char *text)
{
	int dirfd = open(dotdsv, O_RDONLY | O_DIRECTORY);
	err_t err = file_replace(dirfd, "config", text, strlen(text), 0644);

	if (err)
		printf("# %s\n", err->msg);
	close(dirfd);
}

static bool
has_config(const char *text)
{
	struct buf have = BUF_INIT;
	char path[80];
	bool same;
	err_t err;

	snprintf(path, sizeof(path), "%s/config", dotdsv);
	err = file_slurp(&have, AT_FDCWD, path, 1 << 20);
	same = !err && !strcmp(buf_cstr(&have), text);
	if (!same)
		printf("# has:\n%s", buf_cstr(&have));
	buf_release(&have);
	return same;
}

static bool
reads(const char *text, const char *key, const char *value)
{
	struct config *c = NULL;
	const char *got;
	bool good;
	err_t err;

	write_config(text);
	err = config_load(&c, dotdsv);
	got = err ? NULL : config_get(c, key, NULL);
	good = !err && (value ? got && !strcmp(got, value) : !got);
	if (!good)
		printf("# %s\n", err ? err->msg : got ? got : "(none)");
	config_free(c);
	return good;
}

static bool
refuses(const char *text, const char *message)
{
	struct config *c = NULL;
	err_t err;

	write_config(text);
	err = config_load(&c, dotdsv);
	config_free(c);
	return err_is(err, ERR_USAGE) && strstr(err->msg, message);
}

static void
reading(void)
{
	ok(reads("[user]\n\tname = Ada Lovelace \n", "user.name",
	    "Ada Lovelace"), "a value without the blanks around it");
	ok(reads("[USER]\nName=a\n[user]\r\nNAME=b\r\n", "user.name", "b"),
	    "names in any case, the last one counts");
	ok(reads("[user]\nname = \" a\\\"\\\\\\n\\t# \"\n", "user.name",
	    " a\"\\\n\t# "), "a quoted value");
	ok(reads("# x\n; y\n\n[user]\nname = # no comment\n", "user.name",
	    "# no comment"), "comments are lines of their own");
	ok(reads("[user]\nname =\n", "user.name", ""), "an empty value");
	ok(reads("[other]\nname = x\n", "user.name", NULL) &&
	    reads("", "user.name", NULL), "no value");
	ok(reads("[safe]\ndirectory = *\n", "safe.directory", NULL),
	    "the repository cannot say what to trust");
	ok(refuses("[user]\nname\n", "line 2") && refuses("x = 1\n",
	    "line 1") && refuses("[user\n", "line 1") &&
	    refuses("[user]\n\nname = \"x\n", "line 3") &&
	    refuses("[us er]\n", "line 1"), "a malformed line is named");
}

static bool
sets(const char *before, enum config_layer layer, const char *key,
    const char *value, const char *after)
{
	struct config *c = NULL;
	err_t err;

	write_config(before);
	err = config_load(&c, dotdsv);
	if (!err)
		err = config_set(c, layer, key, value);
	if (err)
		printf("# %s\n", err->msg);
	config_free(c);
	return !err && has_config(after);
}

static void
changing(void)
{
	ok(sets("", CONFIG_REPO, "user.name", "Ada",
	    "[user]\n\tname = Ada\n"), "into an empty file");
	ok(sets("# mine\n[user]\nname=x # y\n\n[other]\na = b", CONFIG_REPO,
	    "user.name", "Ada",
	    "# mine\n[user]\n\tname = Ada\n\n[other]\na = b\n"),
	    "in place, and nothing else");
	ok(sets("[user]\nemail = e\n# end\n[x]\ny = z\n", CONFIG_REPO,
	    "USER.NAME", "Ada",
	    "[user]\nemail = e\n\tname = Ada\n# end\n[x]\ny = z\n"),
	    "at the end of its section");
	ok(sets("[user]\nname = a\nname = b\n", CONFIG_REPO, "user.name",
	    NULL, "[user]\n"), "all of it removed");
	ok(sets("", CONFIG_REPO, "user.name", " \"a\\\n",
	    "[user]\n\tname = \" \\\"a\\\\\\n\"\n"),
	    "quoted where it must be");
}

static void
own(void)
{
	struct config *c = NULL;
	const char *a, *b;
	err_t err;

	write_config("");
	err = config_load(&c, dotdsv);
	if (!err)
		err = config_set(c, CONFIG_USER, "safe.directory", "/a");
	if (!err)
		err = config_set(c, CONFIG_USER, "safe.directory", "/b");
	if (!err)
		err = config_set(c, CONFIG_USER, "safe.directory", "/a");
	a = err ? NULL : config_get_nth(c, "safe.directory", 0);
	b = err ? NULL : config_get_nth(c, "safe.directory", 1);
	ok(a && b && !strcmp(a, "/a") && !strcmp(b, "/b") &&
	    !config_get_nth(c, "safe.directory", 2),
	    "one's own configuration, with two values");
	ok(err_is(config_set(c, CONFIG_REPO, "safe.directory", "*"),
	    ERR_USAGE), "not where it would not be read");
	ok(err_is(config_set(c, CONFIG_REPO, "user.nmae", "x"), ERR_USAGE),
	    "no key that nothing reads");
	config_free(c);
}

static bool
is_person(const char *text, const char *name, const char *email)
{
	struct person p = { NULL, NULL };
	err_t err = person_parse(&p, text);
	bool good = !err && !strcmp(p.name, name) && !strcmp(p.email, email);

	person_release(&p);
	return good;
}

static void
persons(void)
{
	struct person p = { NULL, NULL };

	ok(is_person("Ada <a@b>", "Ada", "a@b") && is_person(" Ada  L <> ",
	    "Ada  L", "") && is_person("Ada", "Ada", ""), "persons");
	ok(err_is(person_parse(&p, ""), ERR_USAGE) &&
	    err_is(person_parse(&p, "<a@b>"), ERR_USAGE) &&
	    err_is(person_parse(&p, "Ada <a@b"), ERR_USAGE) &&
	    err_is(person_parse(&p, "A\nB"), ERR_USAGE) &&
	    err_is(person_parse(&p, "Ada <a b>"), ERR_USAGE) &&
	    err_is(person_parse(&p, ">"), ERR_USAGE), "nobody");
}

int
main(void)
{
	unsetenv("XDG_CONFIG_HOME");
	if (ok(!fixture_open(&f), "a store to work in")) {
		setenv("HOME", f.dir, 1);
		snprintf(dotdsv, sizeof(dotdsv), "%s/.dsv", f.dir);
		reading();
		changing();
		own();
		persons();
	}
	fixture_close(&f);
	return tap_end();
}
