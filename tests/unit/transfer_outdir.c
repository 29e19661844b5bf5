/*
 * A directory that appears whole or not at all, and out of which nothing
 * leads.
 */

#include <dirent.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/transfer/outdir.h"
#include "tests/unit/tap.h"

#define WHEN 1726650001

static bool
there(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

static size_t
count(const char *path)
{
	DIR *d = opendir(path);
	size_t n = 0;

	while (d && readdir(d))
		n++;
	if (d)
		closedir(d);
	return n > 2 ? n - 2 : 0;
}

static void
touch(const char *path)
{
	close(open(path, O_WRONLY | O_CREAT, 0666));
}

static err_t
put(struct outdir *d, const char *path, const char *text)
{
	err_t err = outdir_file(d, path, false, WHEN);

	return err ? err : outdir_bytes(d, text, strlen(text));
}

static void
test_whole(int forbidden)
{
	struct outdir *d = NULL;
	struct stat st;
	err_t err;

	err = outdir_begin(&d, "new/", false, forbidden);
	if (!err)
		err = put(d, "a/b/c", "text\n");
	if (!err)
		err = put(d, "a/b/d", "");
	if (!err)
		err = put(d, "e", "x");
	if (!err)
		err = outdir_link(d, "a/l", "../e", WHEN);
	ok(!err && !there("new") && count(".") == 2,
	    "nothing has the name before the end");
	if (!err)
		err = outdir_end(d);
	outdir_free(d);
	ok(!err && there("new/a/b/d") && there("new/a/l") && count(".") == 2,
	    "everything is there at the end");
	ok(stat("new/a/b/c", &st) == 0 && st.st_mtime == WHEN &&
	    st.st_size == 5, "with its time and size");
}

static void
test_dropped(int forbidden)
{
	struct outdir *d = NULL;
	err_t err;

	err = outdir_begin(&d, "dropped", false, forbidden);
	if (!err)
		err = put(d, "deep/down/file", "x");
	if (!err)
		err = outdir_link(d, "deep/link", "/", WHEN);
	outdir_free(d);
	ok(!err && !there("dropped") && count(".") == 2,
	    "what does not end leaves nothing");
	mkdir("empty", 0777);
	d = NULL;
	err = outdir_begin(&d, "empty", false, forbidden);
	if (!err)
		err = put(d, "file", "x");
	outdir_free(d);
	ok(!err && count("empty") == 0, "nor in a directory that was there");
}

static void
test_escape(int forbidden)
{
	static const char *const bad[] = { "../out", "/tmp/dsv-out", "a/../../b",
		"..", "l/out", "" };
	struct outdir *d = NULL;
	err_t err;
	size_t i;
	bool good = true;

	err = outdir_begin(&d, "cage", false, forbidden);
	if (!err)
		err = outdir_link(d, "l", "..", WHEN);
	for (i = 0; i < ARRAY_LEN(bad) && !err; i++)
		good = outdir_file(d, bad[i], false, WHEN) && good;
	ok(!err && good && !there("out") && !there("/tmp/dsv-out"),
	    "no path and no link leads out");
	err = put(d, "twice", "x");
	ok(!err && err_is(put(d, "twice", "y"), ERR_EXISTS),
	    "a name is made once");
	outdir_free(d);
}

static void
test_merge(int forbidden)
{
	struct outdir *d = NULL;
	err_t err;

	mkdir("old", 0777);
	mkdir("old/dir", 0777);
	touch("old/dir/mine");
	touch("old/file");
	ok(err_is(outdir_begin(&d, "old", false, forbidden), ERR_EXISTS) &&
	    err_is(outdir_begin(&d, "old/file", true, forbidden), ERR_EXISTS),
	    "what is there is not overwritten unasked");
	err = outdir_begin(&d, "old", true, forbidden);
	if (!err)
		err = put(d, "aaa", "new");
	if (!err)
		err = put(d, "dir", "new");
	ok(!err && err_is(outdir_end(d), ERR_EXISTS) && !there("old/aaa") &&
	    there("old/dir/mine"), "a directory in the way stops it in time");
	outdir_free(d);
	d = NULL;
	err = outdir_begin(&d, "old", true, forbidden);
	if (!err)
		err = put(d, "dir/new", "new");
	if (!err)
		err = put(d, "file", "new");
	if (!err)
		err = outdir_end(d);
	outdir_free(d);
	ok(!err && there("old/dir/new") && there("old/dir/mine") &&
	    count("old") == 2, "others are left alone");
}

static void
test_forbidden(int forbidden)
{
	struct outdir *d = NULL;

	mkdir("forbidden/sub", 0777);
	ok(!symlink("forbidden/sub", "hidden") &&
	    err_is(outdir_begin(&d, "forbidden", true, forbidden),
	    ERR_REFUSED) &&
	    err_is(outdir_begin(&d, "forbidden/new", true, forbidden),
	    ERR_REFUSED) &&
	    err_is(outdir_begin(&d, "forbidden/sub/new", true, forbidden),
	    ERR_REFUSED) &&
	    err_is(outdir_begin(&d, "hidden", true, forbidden),
	    ERR_REFUSED) &&
	    count("forbidden") == 1, "the forbidden directory is not entered");
}

int
main(void)
{
	char dir[] = "/tmp/dsv-unit-XXXXXX";
	char *argv[] = { (char *)"rm", (char *)"-rf", dir, NULL };
	char *env[] = { NULL };
	int forbidden;
	pid_t pid;

	if (!mkdtemp(dir) || chdir(dir) || mkdir("forbidden", 0777))
		return 1;
	forbidden = open("forbidden", O_RDONLY | O_DIRECTORY);
	test_whole(forbidden);
	test_dropped(forbidden);
	rmdir("empty");
	test_escape(forbidden);
	test_merge(forbidden);
	test_forbidden(forbidden);
	close(forbidden);
	if (!posix_spawn(&pid, "/bin/rm", NULL, NULL, argv, env))
		waitpid(pid, NULL, 0);
	return tap_end();
}
