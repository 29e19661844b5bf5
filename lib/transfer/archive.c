/*
 * libarchive writes what it is told, but three of its habits depend on the
 * process rather than on the entry, and are held still here:
 *
 * (1) Names go through the locale.  In the C locale a pax header for a name
 *     that is not ASCII comes out different, or not at all.  So each call
 *     runs under a UTF-8 locale of its own, and names are given as bytes.  A
 *     name that is not UTF-8 is then written as the bytes that it is, marked
 *     "hdrcharset=BINARY", and libarchive warns; that warning is expected,
 *     any other is an error.
 * (2) A zip holds local time (and, in an extra field, UTC).  So each call
 *     runs in the time zone UTC.
 * (3) gzip headers hold the time of day unless told otherwise, and zstd
 *     gives other bytes with threads than without, though the same for any
 *     number of them.
 */

#include "lib/transfer/archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/base/file.h"
#include "lib/base/library.h"
#include "lib/base/mem.h"
#include "lib/base/text.h"

#define FILL_MAX (16u << 20)	/* see archive_drop */

/* ---- libarchive, opened when the first archive begins ------------------ */

/* Its interface is the 13th since 2011; the Makefile can name another file. */
#ifndef LIBARCHIVE
#define LIBARCHIVE "libarchive.so.13"
#endif

LIBRARY_NOTE(archive_note, "[{\"feature\":\"export\","
    "\"description\":\"dsv export --format tar, tar.gz, tar.zst and zip\","
    "\"priority\":\"required\",\"soname\":[\"" LIBARCHIVE "\"]}]");

#define CALLS(X)							\
	X(archive_entry_clear)						\
	X(archive_entry_copy_pathname)					\
	X(archive_entry_copy_symlink)					\
	X(archive_entry_free)						\
	X(archive_entry_new)						\
	X(archive_entry_set_gid)					\
	X(archive_entry_set_mode)					\
	X(archive_entry_set_mtime)					\
	X(archive_entry_set_size)					\
	X(archive_entry_set_uid)					\
	X(archive_error_string)						\
	X(archive_version_string)					\
	X(archive_write_add_filter_gzip)				\
	X(archive_write_add_filter_zstd)				\
	X(archive_write_close)						\
	X(archive_write_data)						\
	X(archive_write_fail)						\
	X(archive_write_free)						\
	X(archive_write_header)						\
	X(archive_write_new)						\
	X(archive_write_open)						\
	X(archive_write_set_bytes_in_last_block)			\
	X(archive_write_set_filter_option)				\
	X(archive_write_set_format_option)				\
	X(archive_write_set_format_pax_restricted)			\
	X(archive_write_set_format_zip)

#define CALL(f) { #f, &lib.f },

static struct {
	CALLS(LIBRARY_POINTER)
} lib;

static const struct library_call calls[] = { CALLS(CALL) };

static err_t
open_library(void)
{
	if (lib.archive_write_new)
		return NULL;
	return library_open(LIBARCHIVE, "libarchive", calls,
	    ARRAY_LEN(calls));
}

struct archive_out {
	struct archive *archive;
	struct archive_entry *entry;
	enum archive_type type;
	int fd;
	char *name;		/* of the archive, for messages */
	char *path;		/* of the file being written */
	uint64_t left;		/* bytes that it still wants */
	locale_t utf8;		/* 0 if the system has none */
	bool dropped;		/* nothing more is written */
	struct err failure;	/* of a write; code 0 if there was none */
};

/* ---- (1) and (2): what the process lends to a call --------------------- */

struct around {
	locale_t locale;
	char *zone;		/* NULL if TZ was not set */
};

static void
zone_set(const char *zone)
{
	if (zone == NULL)
		unsetenv("TZ");
	else if (setenv("TZ", zone, 1) != 0)
		mem_fail();
	tzset();
}

static void
around_begin(struct around *out, const struct archive_out *a)
{
	const char *zone = getenv("TZ");

	out->locale = (locale_t)0;
	if (a->utf8 != (locale_t)0)
		out->locale = uselocale(a->utf8);
	out->zone = zone != NULL ? mem_strdup(zone) : NULL;
	if (a->type == ARCHIVE_ZIP)
		zone_set("UTC0");
}

static void
around_end(struct around *around, const struct archive_out *a)
{
	int saved = errno;

	if (a->type == ARCHIVE_ZIP)
		zone_set(around->zone);
	free(around->zone);
	if (around->locale != (locale_t)0)
		uselocale(around->locale);
	errno = saved;
}

static locale_t
locale_utf8(void)
{
	static const char *const names[] = { "C.UTF-8", "C.utf8",
		"en_US.UTF-8", "UTF-8" };
	locale_t l = (locale_t)0;
	size_t i;

	for (i = 0; i < ARRAY_LEN(names) && l == (locale_t)0; i++)
		l = newlocale(LC_CTYPE_MASK, names[i], (locale_t)0);
	return l;
}

/* ---- errors ------------------------------------------------------------ */

/*
 * libarchive never hears of a failed write: it could not be freed whole after
 * that.  The failure is kept instead, and outdoes whatever libarchive says.
 */
static la_ssize_t
write_cb(struct archive *archive, void *arg, const void *p, size_t len)
{
	struct archive_out *a = arg;
	err_t err;

	(void)archive;
	if (a->dropped || a->failure.code != 0)
		return (la_ssize_t)len;
	err = file_write_full(a->fd, p, len, a->name);
	if (err)
		a->failure = *err;
	return (la_ssize_t)len;
}

static err_t
result(const struct archive_out *a, bool good)
{
	const char *why;

	if (a->failure.code != 0)
		return err_adopt(&a->failure);
	if (good)
		return NULL;
	why = lib.archive_error_string(a->archive);
	return err_new(ERR_SYSTEM, "cannot write \"%s\": %s", a->name,
	    why != NULL ? why : "libarchive gives no reason");
}

/* ---- beginning --------------------------------------------------------- */

static int
filter_set(struct archive_out *a, const char *option, const char *value)
{
	return lib.archive_write_set_filter_option(a->archive, NULL, option,
	    value);
}

static bool
setup_filter(struct archive_out *a)
{
	switch (a->type) {
	case ARCHIVE_TAR_GZ:
		return lib.archive_write_add_filter_gzip(a->archive) ==
		    ARCHIVE_OK &&
		    filter_set(a, "timestamp", NULL) == ARCHIVE_OK &&
		    filter_set(a, "compression-level", "6") == ARCHIVE_OK;
	case ARCHIVE_TAR_ZST:
		return lib.archive_write_add_filter_zstd(a->archive) ==
		    ARCHIVE_OK &&
		    filter_set(a, "compression-level", "3") == ARCHIVE_OK &&
		    filter_set(a, "threads", "2") == ARCHIVE_OK;
	default:
		return true;
	}
}

static bool
setup(struct archive_out *a)
{
	struct archive *archive = a->archive;

	if (a->type == ARCHIVE_ZIP) {
		if (lib.archive_write_set_format_zip(archive) != ARCHIVE_OK ||
		    lib.archive_write_set_format_option(archive, "zip",
		    "compression-level", "6") != ARCHIVE_OK)
			return false;
	} else if (lib.archive_write_set_format_pax_restricted(archive) !=
	    ARCHIVE_OK)
		return false;
	return lib.archive_write_set_bytes_in_last_block(archive, 1) ==
	    ARCHIVE_OK && setup_filter(a) &&
	    lib.archive_write_open(archive, a, NULL, write_cb, NULL) ==
	    ARCHIVE_OK;
}

err_t
archive_begin(struct archive_out **out, enum archive_type type, int fd,
    const char *name)
{
	struct archive_out *a;
	struct around around;
	bool ok;
	err_t err;

	err = open_library();
	if (err)
		return err;
	a = mem_zalloc(sizeof(*a));
	a->type = type;
	a->fd = fd;
	a->name = mem_strdup(name);
	a->utf8 = locale_utf8();
	a->archive = lib.archive_write_new();
	a->entry = lib.archive_entry_new();
	if (a->archive == NULL || a->entry == NULL)
		mem_fail();
	around_begin(&around, a);
	ok = setup(a);
	around_end(&around, a);
	err = result(a, ok);
	if (err)
		archive_drop(a);
	else
		*out = a;
	return err;
}

/* ---- entries ----------------------------------------------------------- */

err_t
archive_name_check(enum archive_type type, const char *path)
{
	if (type != ARCHIVE_ZIP || text_is_utf8(path, strlen(path)))
		return NULL;
	return err_new(ERR_REFUSED, "a zip cannot hold the name \"%s\", which "
	    "is not UTF-8; write a tar instead: --format tar.zst", path);
}

/* The last file got all of its bytes; libarchive would fill it up in
 * silence. */
static err_t
file_whole(const struct archive_out *a)
{
	if (a->left == 0)
		return NULL;
	return err_new(ERR_CORRUPT, "\"%s\" ended %llu bytes early", a->path,
	    (unsigned long long)a->left);
}

/* (1): is the warning that libarchive gave the one for names that are not
 * UTF-8? */
static bool
warning_expected(const struct archive_out *a, const char *path,
    const char *target)
{
	return a->type != ARCHIVE_ZIP &&
	    (a->utf8 == (locale_t)0 || !text_is_utf8(path, strlen(path)) ||
	    (target != NULL && !text_is_utf8(target, strlen(target))));
}

/* The entry is filled in but for what all have in common. */
static err_t
header(struct archive_out *a, const char *path, const char *target,
    int64_t mtime)
{
	struct around around;
	int r;

	lib.archive_entry_copy_pathname(a->entry, path);
	lib.archive_entry_set_uid(a->entry, 0);
	lib.archive_entry_set_gid(a->entry, 0);
	lib.archive_entry_set_mtime(a->entry, (time_t)mtime, 0);
	around_begin(&around, a);
	if (target != NULL)
		lib.archive_entry_copy_symlink(a->entry, target);
	r = lib.archive_write_header(a->archive, a->entry);
	around_end(&around, a);
	lib.archive_entry_clear(a->entry);
	return result(a, r == ARCHIVE_OK ||
	    (r == ARCHIVE_WARN && warning_expected(a, path, target)));
}

err_t
archive_file(struct archive_out *a, const char *path, bool exec,
    uint64_t size, int64_t mtime)
{
	err_t err = file_whole(a);

	if (!err)
		err = archive_name_check(a->type, path);
	if (err)
		return err;
	lib.archive_entry_set_mode(a->entry, AE_IFREG | (exec ? 0755 : 0644));
	lib.archive_entry_set_size(a->entry, (la_int64_t)size);
	err = header(a, path, NULL, mtime);
	if (err)
		return err;
	free(a->path);
	a->path = mem_strdup(path);
	a->left = size;
	return NULL;
}

err_t
archive_bytes(struct archive_out *a, const char *p, size_t len)
{
	struct around around;
	la_ssize_t n;

	if (len > a->left)
		return err_new(ERR_CORRUPT, "\"%s\" is longer than its size",
		    a->path);
	if (len == 0)
		return NULL;
	around_begin(&around, a);
	n = lib.archive_write_data(a->archive, p, len);
	around_end(&around, a);
	a->left -= len;
	return result(a, n >= 0 && (size_t)n == len);
}

err_t
archive_link(struct archive_out *a, const char *path, const char *target,
    int64_t mtime)
{
	err_t err = file_whole(a);

	if (!err)
		err = archive_name_check(a->type, path);
	if (err)
		return err;
	lib.archive_entry_set_mode(a->entry, AE_IFLNK | 0777);
	lib.archive_entry_set_size(a->entry, 0);
	return header(a, path, target, mtime);
}

err_t
archive_end(struct archive_out *a)
{
	struct around around;
	err_t err = file_whole(a);
	int r;

	if (err)
		return err;
	around_begin(&around, a);
	r = lib.archive_write_close(a->archive);
	around_end(&around, a);
	return result(a, r == ARCHIVE_OK);
}

void
archive_drop(struct archive_out *a)
{
	if (a == NULL)
		return;
	/* Freeing writes the end, which goes nowhere; but it also fills up
	 * the last file, for which life is too short if that is large. */
	a->dropped = true;
	if (a->left > FILL_MAX)
		lib.archive_write_fail(a->archive);
	lib.archive_entry_free(a->entry);
	lib.archive_write_free(a->archive);
	if (a->utf8 != (locale_t)0)
		freelocale(a->utf8);
	free(a->path);
	free(a->name);
	free(a);
}

const char *
archive_library(void)
{
	const char *text, *space;

	if (open_library())
		return NULL;
	text = lib.archive_version_string();
	space = strchr(text, ' ');
	return space ? space + 1 : text;
}
