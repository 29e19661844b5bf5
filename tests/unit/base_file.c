/*
 * lib/base/file: whole reads and writes, temporaries, paths that try to
 * leave, locks between processes.  What has a fallback is run both ways.
 */

#include "lib/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/file_int.h"
#include "tests/unit/tap.h"

static int root;

static bool
holds(int dirfd, const char *name, const char *want)
{
	struct buf b = BUF_INIT;
	bool good;
	err_t err;

	err = file_slurp(&b, dirfd, name, 1 << 20);
	good = !err && !strcmp(buf_cstr(&b), want);
	if (!good)
		printf("# got %s\n", err ? err->msg : buf_cstr(&b));
	buf_release(&b);
	return good;
}

static bool
is_there(const char *name)
{
	return !faccessat(root, name, F_OK, AT_SYMLINK_NOFOLLOW);
}

static bool
put(const char *name, const char *text)
{
	return !file_replace(root, name, text, strlen(text), 0644);
}

static bool
says(err_t err, enum err_code code, const char *want)
{
	bool good = err_is(err, code) && !strcmp(err->msg, want);

	if (!good)
		printf("# got %s\n", err ? err->msg : "no error");
	return good;
}

/* ---- reading ---------------------------------------------------------- */

static void
test_slurp(void)
{
	struct buf b = BUF_INIT;
	err_t err;
	int fd = -1;

	ok(put("ten", "0123456789"), "make a file");
	buf_str(&b, "x");
	err = file_slurp(&b, root, "ten", 10);
	ok(!err && !strcmp(b.p, "x0123456789"), "slurp appends");
	ok(says(file_slurp(&b, root, "ten", 9), ERR_CORRUPT,
	    "\"ten\" is longer than 9 bytes") && b.len == 11,
	    "slurp has a limit, and leaves the buf alone");
	ok(says(file_slurp(&b, root, "none", 9), ERR_NOT_FOUND,
	    "cannot open \"none\": No such file or directory"), "no file");
	ok(put("empty", "") && holds(root, "empty", ""), "an empty file");
	ok(!mkdirat(root, "dir", 0777) && !mkfifo("fifo", 0666) &&
	    !symlinkat("ten", root, "link"), "make other things");
	ok(says(file_open_regular(&fd, root, "dir"), ERR_CORRUPT,
	    "\"dir\" is not a regular file"), "a directory");
	ok(says(file_open_regular(&fd, root, "fifo"), ERR_CORRUPT,
	    "\"fifo\" is not a regular file"), "a FIFO, without waiting");
	ok(says(file_open_regular(&fd, root, "link"), ERR_CORRUPT,
	    "\"link\" is not a regular file"), "a symbolic link");
	ok(says(file_open_regular(&fd, AT_FDCWD, "/dev/null"), ERR_CORRUPT,
	    "\"/dev/null\" is not a regular file"), "a device");
	ok(holds(AT_FDCWD, "/proc/self/comm", "base_file\n") ||
	    access("/proc/self/comm", R_OK), "a file that says it is empty");
	buf_release(&b);
}

static void
test_whole_reads(void)
{
	static char big[300000];
	char part[16];
	size_t got = 0;
	int ends[2] = { -1, -1 };
	int fd = -1;
	pid_t child;
	err_t err;
	bool good;

	for (size_t i = 0; i < sizeof(big); i++)
		big[i] = (char)(i % 251);
	err = file_replace(root, "big", big, sizeof(big), 0600);
	ok(!err, "make a larger file");
	err = file_open_regular(&fd, root, "big");
	good = !err;
	if (good)
		err = file_pread_full(&got, fd, part, 16, 299990, "big");
	ok(good && !err && got == 10 && !memcmp(part, big + 299990, 10),
	    "a read over the end stops there");
	err = file_pread_full(&got, fd, part, 16, UINT64_MAX - 3, "big");
	ok(err_is(err, ERR_SYSTEM), "an offset beyond all files");
	close(fd);
	if (pipe(ends))
		return;
	fflush(stdout);		/* the child would say it again */
	child = fork();
	if (!child) {
		close(ends[0]);
		err = file_write_full(ends[1], big, sizeof(big), "pipe");
		_exit(err != NULL);
	}
	close(ends[1]);
	memset(big, 0, 1000);
	err = file_read_full(&got, ends[0], big, sizeof(big), "pipe");
	ok(!err && got == sizeof(big) && big[999] == (char)(999 % 251),
	    "short reads and writes of a pipe are put together");
	close(ends[0]);
	waitpid(child, NULL, 0);
}

static void
test_write_errors(void)
{
	int fd = open("/dev/full", O_WRONLY);
	err_t err;

	if (fd < 0) {
		ok(true, "a full disk # SKIP no /dev/full");
		return;
	}
	err = file_write_full(fd, "x", 1, "data");
	ok(says(err, ERR_SYSTEM,
	    "cannot write \"data\": No space left on device"), "a full disk");
	close(fd);
}

/* ---- temporaries ------------------------------------------------------ */

static void
test_replace(void)
{
	struct stat st;
	mode_t old = umask(027);
	err_t err;

	ok(put("r", "one") && put("r", "two") && holds(root, "r", "two"),
	    "replace");
	err = file_replace(root, "r", "x", 1, 0666);
	ok(!err && !fstatat(root, "r", &st, 0) && (st.st_mode & 0777) == 0640,
	    "with a mode under the umask");
	umask(old);
	ok(!symlinkat("ten", root, "r2") && put("r2", "new") &&
	    holds(root, "r2", "new") && holds(root, "ten", "0123456789"),
	    "a symbolic link is replaced, not followed");
	err = file_replace(root, "dir", "x", 1, 0666);
	ok(err && is_there("dir"), "a directory is not replaced");
}

static err_t
open_nameless(struct file_temp *t, int dirfd, mode_t mode)
{
	(void)mode;
	return file_temp_open(t, dirfd);
}

typedef err_t temp_open_fn(struct file_temp *t, int dirfd, mode_t mode);

static void
test_temp(temp_open_fn *open_temp, const char *name)
{
	struct file_temp t = FILE_TEMP_INIT;
	char temporary[sizeof(t.name)];
	err_t err;

	err = open_temp(&t, root, 0666);
	if (!err)
		err = file_write_full(t.fd, "data", 4, "temporary");
	ok(!err, "write a temporary");
	memcpy(temporary, t.name, sizeof(temporary));
	err = file_temp_link(&t, root, "ten");
	ok(err_is(err, ERR_EXISTS) && holds(root, "ten", "0123456789"),
	    "a name that is taken");
	err = file_temp_link(&t, root, name);
	ok(!err, "a name that is free");
	file_temp_close(&t);
	ok(t.fd == -1 && holds(root, name, "data"), "it stays when closed");
	ok(!temporary[0] || !is_there(temporary), "under one name only");
	file_temp_close(&t);

	err = open_temp(&t, root, 0666);
	ok(!err && (!t.name[0] || is_there(t.name)), "another");
	memcpy(temporary, t.name, sizeof(temporary));
	file_temp_close(&t);
	ok(!temporary[0] || !is_there(temporary), "that nobody wants, goes");

	err = open_temp(&t, root, 0666);
	if (!err)
		err = file_write_full(t.fd, "newer", 5, "temporary");
	if (!err)
		err = file_temp_replace(&t, root, name);
	file_temp_close(&t);
	ok(!err && holds(root, name, "newer"), "replace what is there");
}

/* ---- beneath ---------------------------------------------------------- */

typedef err_t beneath_fn(int *out, int rootfd, const char *path, int flags,
    mode_t mode);

static bool
opens(beneath_fn *fn, const char *path, int flags)
{
	int fd = -1;
	err_t err = fn(&fd, root, path, flags, 0666);
	bool good = !err && fd >= 0 && fcntl(fd, F_GETFD) == FD_CLOEXEC;

	if (err)
		printf("# got %s\n", err->msg);
	if (fd >= 0)
		close(fd);
	return good;
}

static bool
refuses(beneath_fn *fn, const char *path, int flags, enum err_code code,
    const char *want)
{
	int fd = -1;

	return says(fn(&fd, root, path, flags, 0666), code, want) && fd == -1;
}

static void
test_beneath(beneath_fn *fn)
{
	ok(opens(fn, "b/c/file", O_RDONLY), "a file two levels down");
	ok(opens(fn, "b/c", O_RDONLY | O_DIRECTORY), "a directory");
	ok(opens(fn, "b//c/./file", O_RDONLY), "more than it needs");
	ok(opens(fn, "b/c/new", O_RDWR | O_CREAT | O_EXCL), "a new file");
	ok(refuses(fn, "b/c/new", O_RDWR | O_CREAT | O_EXCL, ERR_EXISTS,
	    "cannot open \"b/c/new\": File exists"), "not new any more");
	ok(!unlinkat(root, "b/c/new", 0), "it was made there");
	ok(refuses(fn, "b/x/file", O_RDONLY, ERR_NOT_FOUND,
	    "cannot open \"b/x/file\": No such file or directory"),
	    "a directory that is missing");
	ok(refuses(fn, "b/c/file/x", O_RDONLY, ERR_NOT_FOUND,
	    "cannot open \"b/c/file/x\": Not a directory"),
	    "a file where a directory should be");
	ok(refuses(fn, "", O_RDONLY, ERR_NOT_FOUND,
	    "cannot open \"\": No such file or directory"), "no path");
	ok(refuses(fn, "out/passwd", O_RDONLY, ERR_REFUSED,
	    "\"out/passwd\" is beyond a symbolic link"), "a link that leaves");
	ok(refuses(fn, "in/file", O_RDONLY, ERR_REFUSED,
	    "\"in/file\" is beyond a symbolic link"), "a link that stays");
	ok(refuses(fn, "b/self/c/file", O_RDONLY, ERR_REFUSED,
	    "\"b/self/c/file\" is beyond a symbolic link"), "a link inside");
	ok(refuses(fn, "in", O_RDONLY | O_DIRECTORY, ERR_REFUSED,
	    "\"in\" is beyond a symbolic link"), "a link at the end");
	ok(refuses(fn, "dangling", O_RDWR | O_CREAT, ERR_REFUSED,
	    "\"dangling\" is beyond a symbolic link"),
	    "nothing is made through a link");
	ok(refuses(fn, "../x", O_RDONLY, ERR_REFUSED,
	    "\"../x\" leads out of its directory"), "up");
	ok(refuses(fn, "b/../b", O_RDONLY, ERR_REFUSED,
	    "\"b/../b\" leads out of its directory"), "up and down again");
	ok(refuses(fn, "b/..", O_RDONLY, ERR_REFUSED,
	    "\"b/..\" leads out of its directory"), "up at the end");
	ok(refuses(fn, "/etc/passwd", O_RDONLY, ERR_REFUSED,
	    "\"/etc/passwd\" leads out of its directory"), "absolute");
	ok(opens(fn, "..x/...", O_RDONLY), "dots that mean nothing");
}

static void
test_parent(void)
{
	const char *base = NULL;
	int fd = -1;
	err_t err;

	err = file_open_parent(&fd, &base, root, "plain", false);
	ok(!err && fd == root && !strcmp(base, "plain"),
	    "a path without a slash");
	err = file_open_parent(&fd, &base, root, "m/n/o/file", false);
	ok(err_is(err, ERR_NOT_FOUND), "nothing is made unless asked");
	err = file_open_parent(&fd, &base, root, "m/n/o/file", true);
	ok(!err && fd != root && !strcmp(base, "file") && is_there("m/n/o"),
	    "parents are made");
	close(fd);
	err = file_open_parent(&fd, &base, root, "m/n/p/file", true);
	ok(!err && is_there("m/n/p"), "the rest of them too");
	close(fd);
	fd = -1;
	err = file_open_parent(&fd, &base, root, "in/new/file", true);
	ok(says(err, ERR_REFUSED, "\"in/new\" is beyond a symbolic link") &&
	    !is_there("b/c/new"), "but not through a link");
	err = file_open_parent(&fd, &base, root, "ten/x/file", true);
	ok(err_is(err, ERR_NOT_FOUND), "nor in a file");
	err = file_open_parent(&fd, &base, root, "..", true);
	ok(err_is(err, ERR_REFUSED), "nor above");
	err = file_open_parent(&fd, &base, root, "../x/y", true);
	ok(err_is(err, ERR_REFUSED) && fd == -1, "nor beside");
}

/* ---- locks ------------------------------------------------------------ */

/* Another process that takes the lock and keeps it until it is killed. */
static pid_t
hold(bool exclusive, const char *who)
{
	int ends[2];
	pid_t child;
	char c;

	if (pipe(ends))
		return -1;
	fflush(stdout);
	child = fork();
	if (!child) {
		struct file_lock lock = FILE_LOCK_INIT;

		if (file_lock(&lock, root, "lock", exclusive,
		    clock_ms() + 5000, who) || write(ends[1], "x", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	close(ends[1]);
	if (read(ends[0], &c, 1) != 1)
		child = -1;
	close(ends[0]);
	return child;
}

static void
end(pid_t child)
{
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
}

static void
test_lock(void)
{
	struct file_lock a = FILE_LOCK_INIT, b = FILE_LOCK_INIT;
	char want[128];
	int64_t start;
	pid_t child;
	err_t err;

	err = file_lock(&a, root, "lock", false, 0, "one");
	ok(!err, "a shared lock makes its file");
	err = file_lock(&b, root, "lock", false, 0, "two");
	ok(!err, "two may share it");
	file_unlock(&b);
	err = file_lock(&b, root, "lock", true, 0, "two");
	ok(says(err, ERR_BUSY, "another dsv is at work here; try again, or "
	    "give more time with --wait SECONDS") && b.fd == -1,
	    "nobody has it alone meanwhile");
	file_unlock(&a);
	file_unlock(&a);
	err = file_lock(&a, root, "lock", true, 0, "one");
	snprintf(want, sizeof(want), "pid %ld (one)\n", (long)getpid());
	ok(!err && holds(root, "lock", want), "who has it alone, says so");
	file_unlock(&a);
	ok(holds(root, "lock", ""), "and takes it back");

	child = hold(true, "commit");
	start = clock_ms();
	err = file_lock(&a, root, "lock", false, start + 1100, "me");
	snprintf(want, sizeof(want), "another dsv is writing: pid %ld (commit)"
	    "; waited 1 s; try again, or give more time with --wait SECONDS",
	    (long)child);
	ok(child > 0 && says(err, ERR_BUSY, want), "the holder is named");
	ok(clock_ms() - start >= 1100 && clock_ms() - start < 5000,
	    "after the time that was given");
	end(child);
	err = file_lock(&a, root, "lock", true, clock_ms() + 5000, "me");
	ok(!err, "a killed process holds nothing");
	file_unlock(&a);

	child = hold(true, "killed");
	end(child);
	child = hold(false, "reader");
	err = file_lock(&a, root, "lock", true, 0, "me");
	ok(says(err, ERR_BUSY, "another dsv is at work here; try again, or "
	    "give more time with --wait SECONDS"),
	    "a dead holder's note names nobody");
	end(child);

	ok(!symlinkat("ten", root, "badlock"), "make a link");
	err = file_lock(&a, root, "badlock", true, 0, "me");
	ok(err && holds(root, "ten", "0123456789"), "a lock is no link");
	err = file_lock(&a, root, "fifo", true, 0, "me");
	ok(says(err, ERR_CORRUPT, "\"fifo\" is not a regular file"),
	    "nor a FIFO");
}

/* Eight processes count to 50 each: no step is lost. */
static void
test_exclusion(void)
{
	size_t failed = 0;
	int status;

	if (!put("counter", "0"))
		return;
	fflush(stdout);
	for (int i = 0; i < 8; i++) {
		if (fork())
			continue;
		for (int n = 0; n < 50; n++) {
			struct file_lock lock = FILE_LOCK_INIT;
			struct buf b = BUF_INIT;
			char next[24];

			if (file_lock(&lock, root, "lock", true,
			    clock_ms() + 60000, "count") ||
			    file_slurp(&b, root, "counter", 16))
				_exit(1);
			snprintf(next, sizeof(next), "%ld",
			    strtol(b.p, NULL, 10) + 1);
			if (!put("counter", next))
				_exit(1);
			file_unlock(&lock);
			buf_release(&b);
		}
		_exit(0);
	}
	while (wait(&status) > 0)
		if (status)
			failed++;
	ok(!failed && holds(root, "counter", "400"),
	    "an exclusive lock excludes");
}

static void
test_rest(void)
{
	static const unsigned char zero[1000];
	unsigned char a[1000] = { 0 }, b[1000] = { 0 };
	struct stat st = { .st_size = 0 };
	struct timespec times[2] = { { 1, 2 }, { 1726650000, 123456789 } };
	int status = -1;
	pid_t child;
	err_t err;

	err = file_random(a, sizeof(a));
	if (!err)
		err = file_random(b, 16);
	ok(!err && memcmp(a, b, 16) && memcmp(a + 500, zero, 500) &&
	    !memcmp(b + 16, zero, 984), "random bytes, no more than asked");
	ok(!utimensat(root, "ten", times, 0) &&
	    !fstatat(root, "ten", &st, 0) &&
	    file_mtime(&st) == INT64_C(1726650000123456789) &&
	    file_ctime(&st) > file_mtime(&st), "times in nanoseconds");
	err = file_sync_dir(root, "dir");
	ok(!err, "sync a directory");
	err = file_sync_dir(root, "none");
	ok(err_is(err, ERR_NOT_FOUND), "which must be there");
	fflush(stdout);
	child = fork();
	if (!child) {
		close(0);
		close(1);
		close(2);
		err = file_guard_stdio();
		if (err || open("/dev/null", O_RDONLY) < 3 ||
		    write(1, "x", 1) != -1 || errno != EBADF)
			_exit(1);
		_exit(0);
	}
	waitpid(child, &status, 0);
	ok(!status, "descriptors 0 to 2 are kept from our files");
}

int
main(void)
{
	const char *dir = getenv("TMPDIR");
	char path[256];

	snprintf(path, sizeof(path), "%s/dsv-file-XXXXXX", dir ? dir : "/tmp");
	if (!mkdtemp(path) || chdir(path))
		return 1;
	root = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	test_slurp();
	test_whole_reads();
	test_write_errors();
	test_replace();
	test_temp(open_nameless, "t1");
	test_temp(file_temp_open_named, "t2");
	ok(!mkdirat(root, "b", 0777) && !mkdirat(root, "b/c", 0777) &&
	    !mkdirat(root, "..x", 0777) &&
	    !symlinkat("/etc", root, "out") &&
	    !symlinkat("b/c", root, "in") &&
	    !symlinkat("../b", root, "b/self") &&
	    !symlinkat("none", root, "dangling"), "make a tree");
	close(openat(root, "b/c/file", O_CREAT | O_WRONLY, 0666));
	close(openat(root, "..x/...", O_CREAT | O_WRONLY, 0666));
	test_beneath(file_open_beneath);
	test_beneath(file_open_walking);
	test_parent();
	test_lock();
	test_exclusion();
	test_rest();
	if (chdir("/"))
		return 1;
	fflush(stdout);
	if (!fork()) {
		execlp("rm", "rm", "-rf", path, (char *)NULL);
		_exit(1);
	}
	wait(NULL);
	return tap_end();
}
