#include "lib/history/rulefile.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/file.h"

#define SIZE_LIMIT ((size_t)1 << 20)

static err_t
read_in(struct buf *out, bool *odd, int dirfd, const char *base,
    const char *path)
{
	struct stat st;

	if (fstatat(dirfd, base, &st, AT_SYMLINK_NOFOLLOW)) {
		if (errno == ENOENT)
			return NULL;
		return err_sys("cannot look at \"%s\"", path);
	}
	*odd = !S_ISREG(st.st_mode);
	if (*odd)
		return NULL;
	if ((uint64_t)st.st_size > SIZE_LIMIT)
		return err_new(ERR_REFUSED, "\"%s\" is longer than 1 MiB",
		    path);
	return file_slurp(out, dirfd, base, SIZE_LIMIT);
}

err_t
rulefile_read(struct buf *out, bool *odd, int rootfd, const char *path)
{
	const char *base;
	int dirfd = -1;
	err_t err;

	*odd = false;
	err = file_open_parent(&dirfd, &base, rootfd, path, false);
	if (err_is(err, ERR_NOT_FOUND) || err_is(err, ERR_REFUSED))
		return NULL;
	if (!err)
		err = read_in(out, odd, dirfd, base, path);
	if (dirfd >= 0 && dirfd != rootfd)
		close(dirfd);
	return err_is(err, ERR_NOT_FOUND) ? NULL : err;
}
