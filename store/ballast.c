/*
 * Space for the way out of a full disk.
 *
 *	ballast-1 … ballast-4	1.4 MiB together, of no meaning
 *
 * To delete a branch is to write: an event, a journal, some pages.  So is to
 * take the rows of what gc frees out of the index.  On a disk without room
 * neither could begin, and nothing could ever be freed.  A store of some size
 * therefore holds space and inodes: the first two for whoever deletes a ref,
 * the others for gc, which has them all again when there is room.  A gc needs
 * most for the journal of what one object refers to: 512 pages of the index.
 *
 * Nothing depends on them: whatever fails here is passed over.
 */

#include <fcntl.h>
#include <stdlib.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "lib/base/mem.h"
#include "store/store_int.h"

#define BALLAST_ACTS 2			/* of them, for deleting refs */
#define STORE_MIN (64 << 20)		/* smaller ones have none */
#define ROOM_MIN (32 << 20)		/* must be free to have them */

static const struct {
	const char *name;
	size_t size;
} ballast[] = {
	{ "ballast-1", 64 << 10 }, { "ballast-2", 64 << 10 },
	{ "ballast-3", 640 << 10 }, { "ballast-4", 640 << 10 },
};

/* Bytes that no file system makes less of. */
static err_t
fill(int fd, size_t size)
{
	unsigned char *p = mem_alloc(size);
	uint32_t x = 1;
	err_t err;

	for (size_t i = 0; i < size; i++) {
		x = x * 1664525 + 1013904223;
		p[i] = (unsigned char)(x >> 24);
	}
	err = file_write_full(fd, p, size, "ballast");
	free(p);
	return err;
}

/* As much as an act needs, by whatever counts: blocks, a quota, inodes. */
static bool
has_room(struct store *s)
{
	struct file_temp temp = FILE_TEMP_INIT;
	err_t err;

	err = file_temp_open(&temp, s->tmpfd);
	for (size_t i = 0; !err && i < BALLAST_ACTS; i++)
		err = fill(temp.fd, ballast[i].size);
	file_temp_close(&temp);
	return !err;
}

static bool
make_room(struct store *s, size_t n)
{
	if (has_room(s))
		return false;
	for (size_t i = 0; i < n; i++)
		unlinkat(s->dirfd, ballast[i].name, 0);
	return true;
}

bool
ballast_drop(struct store *s)
{
	return make_room(s, ARRAY_LEN(ballast));
}

void
store_make_room(struct store *s)
{
	make_room(s, BALLAST_ACTS);
}

static bool
is_worth_it(struct store *s)
{
	struct statvfs fs;
	int64_t size = 0;
	bool found;
	err_t err;

	err = db_row(&found, s->db, "SELECT ifnull(sum(size), 0) FROM segment",
	    "", "i", &size);
	return !err && size >= STORE_MIN && fstatvfs(s->dirfd, &fs) == 0 &&
	    fs.f_bavail >= ROOM_MIN / fs.f_frsize;
}

void
ballast_keep(struct store *s)
{
	int fd = -1;
	err_t err = NULL;

	/* Whoever gave up any gave up the first. */
	if (faccessat(s->dirfd, ballast[0].name, F_OK, 0) == 0 ||
	    !is_worth_it(s))
		return;
	for (size_t i = ARRAY_LEN(ballast); !err && i-- > 0;) {
		fd = openat(s->dirfd, ballast[i].name, O_WRONLY | O_CREAT |
		    O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0666);
		if (fd < 0)
			return;
		err = fill(fd, ballast[i].size);
		close(fd);
		if (err)
			unlinkat(s->dirfd, ballast[i].name, 0);
	}
}
