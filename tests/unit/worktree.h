#ifndef TESTS_UNIT_WORKTREE_H
#define TESTS_UNIT_WORKTREE_H

/*
 * A repository in a directory of its own, and files in it.
 */

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/file.h"
#include "lib/history/repo.h"
#include "tests/unit/fixture.h"

struct worktree {
	struct fixture f;
	struct repo r;
};

static inline err_t
worktree_open(struct worktree *w)
{
	err_t err = fixture_open(&w->f);

	if (err)
		return err;
	w->r = (struct repo){ .store = w->f.store, .root = w->f.dir,
	    .prefix = mem_strdup("") };
	w->r.rootfd = open(w->f.dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return w->r.rootfd < 0 ? err_sys("%s", w->f.dir) : NULL;
}

static inline void
worktree_close(struct worktree *w)
{
	close(w->r.rootfd);
	free(w->r.prefix);
	fixture_close(&w->f);
}

/* Where the user is: "" or "a/b/". */
static inline void
worktree_at(struct worktree *w, const char *prefix)
{
	free(w->r.prefix);
	w->r.prefix = mem_strdup(prefix);
}

/* Directories are made. */
static inline bool
worktree_write(struct worktree *w, const char *path, const char *text)
{
	const char *base;
	int dirfd = -1, fd = -1;
	err_t err;

	err = file_open_parent(&dirfd, &base, w->r.rootfd, path, true);
	if (!err)
		fd = openat(dirfd, base, O_WRONLY | O_CREAT | O_TRUNC, 0666);
	if (!err)
		err = file_write_full(fd, text, strlen(text), path);
	if (fd >= 0)
		close(fd);
	if (dirfd >= 0 && dirfd != w->r.rootfd)
		close(dirfd);
	if (err)
		printf("# %s\n", err->msg);
	return !err;
}

#endif
