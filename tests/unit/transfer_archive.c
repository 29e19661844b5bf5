/*
 * Archives: the same bytes in every locale and time zone, faults that are
 * told, names that a zip cannot hold.
 */

#include <fcntl.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/hash.h"
#include "lib/transfer/archive.h"
#include "tests/unit/tap.h"

#define WHEN 1726650001

static err_t
write_all(struct archive_out *a, enum archive_type type)
{
	static const char *const names[] = { "a", "d/\xc3\xbcn\xc3\xaf",
		"d/u\xcc\x88", "e\nf", "\xf0\x9f\x98\x80" };
	err_t err = NULL;
	size_t i;

	for (i = 0; i < ARRAY_LEN(names) && !err; i++) {
		err = archive_file(a, names[i], i == 0, 6, WHEN);
		if (!err)
			err = archive_bytes(a, "hel", 3);
		if (!err)
			err = archive_bytes(a, "lo\n", 3);
	}
	if (!err && type != ARCHIVE_ZIP)
		err = archive_file(a, "f\xff\xfe", false, 0, WHEN);
	if (!err)
		err = archive_link(a, "l", "d/\xc3\xbc\xff", WHEN);
	return err ? err : archive_end(a);
}

static bool
archive_id(struct id *out, enum archive_type type)
{
	char name[] = "/tmp/dsv-archive-XXXXXX", chunk[4096];
	struct archive_out *a = NULL;
	struct hash h;
	ssize_t n;
	err_t err;
	int fd = mkstemp(name);

	unlink(name);
	err = archive_begin(&a, type, fd, "test");
	if (!err)
		err = write_all(a, type);
	archive_drop(a);
	if (err)
		printf("# %s\n", err->msg);
	lseek(fd, 0, SEEK_SET);
	hash_init(&h);
	while ((n = read(fd, chunk, sizeof(chunk))) > 0)
		hash_add(&h, chunk, (size_t)n);
	hash_end(out, &h);
	close(fd);
	return !err;
}

static void
zone(const char *tz)
{
	setenv("TZ", tz, 1);
	tzset();
}

static void
test_same_bytes(enum archive_type type, const char *title)
{
	struct id a, b;
	bool good;

	setlocale(LC_ALL, "C");
	zone("UTC");
	good = archive_id(&a, type);
	setlocale(LC_ALL, "C.UTF-8");
	zone("EST5EDT");
	good = archive_id(&b, type) && good && id_eq(&a, &b);
	zone("IST-5:30");
	good = archive_id(&b, type) && good && id_eq(&a, &b);
	good = good && strcmp(getenv("TZ"), "IST-5:30") == 0;
	unsetenv("TZ");
	good = archive_id(&b, type) && good && id_eq(&a, &b);
	ok(good && getenv("TZ") == NULL, title);
}

static void
test_faults(void)
{
	struct archive_out *a = NULL;
	int fd = open("/dev/full", O_WRONLY), null = open("/dev/null", O_RDWR);
	err_t err;

	err = archive_begin(&a, ARCHIVE_TAR, fd, "full");
	if (!err)
		err = write_all(a, ARCHIVE_TAR);
	ok(err_is(err, ERR_SYSTEM) && strstr(err->msg, "No space") != NULL &&
	    strstr(err->msg, "full") != NULL, "a full disk is said to be one");
	archive_drop(a);
	a = NULL;
	err = archive_begin(&a, ARCHIVE_TAR, null, "null");
	if (!err)
		err = archive_file(a, "x", false, 5, WHEN);
	if (!err)
		err = archive_bytes(a, "1234", 4);
	ok(!err && err_is(archive_end(a), ERR_CORRUPT),
	    "a file that ends early is not filled up");
	ok(err_is(archive_bytes(a, "56", 2), ERR_CORRUPT),
	    "a file that is too long is not cut");
	archive_drop(a);
	archive_drop(NULL);
	close(fd);
	close(null);
}

static void
test_names(void)
{
	ok(!archive_name_check(ARCHIVE_TAR, "\xff") &&
	    !archive_name_check(ARCHIVE_ZIP, "\xc3\xbc") &&
	    err_is(archive_name_check(ARCHIVE_ZIP, "a\xff"), ERR_REFUSED),
	    "only a zip insists on UTF-8");
}

int
main(void)
{
	test_same_bytes(ARCHIVE_TAR, "tar: the same bytes everywhere");
	test_same_bytes(ARCHIVE_TAR_GZ, "tar.gz: the same bytes everywhere");
	test_same_bytes(ARCHIVE_TAR_ZST, "tar.zst: the same bytes everywhere");
	test_same_bytes(ARCHIVE_ZIP, "zip: the same bytes everywhere");
	test_faults();
	test_names();
	return tap_end();
}
