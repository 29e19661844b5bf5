#ifndef TESTS_UNIT_FIXTURE_H
#define TESTS_UNIT_FIXTURE_H

/*
 * An empty store in a directory of its own, for tests of what is above it.
 */

#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "lib/base/mem.h"
#include "store/store.h"

struct fixture {
	char dir[32];
	struct store *store;
};

static inline err_t
fixture_open(struct fixture *f)
{
	struct event ev = EVENT_INIT;
	char path[64];
	err_t err;

	snprintf(f->dir, sizeof(f->dir), "/tmp/dsv-unit-XXXXXX");
	if (!mkdtemp(f->dir))
		return err_sys("%s", f->dir);
	ev.act = mem_strdup("init");
	ev.actor.name = mem_strdup("Ada");
	ev.actor.email = mem_strdup("");
	ev.identity = mem_strdup("os");
	ev.note = mem_strdup("");
	snprintf(path, sizeof(path), "%s/.dsv", f->dir);
	err = store_init(f->dir, "main", "", &ev);
	if (!err)
		err = store_open(&f->store, path, STORE_WRITE, 0, false);
	event_release(&ev);
	if (err)
		printf("# %s\n", err->msg);
	return err;
}

static inline void
fixture_close(struct fixture *f)
{
	char *argv[] = { (char *)"rm", (char *)"-rf", f->dir, NULL };
	char *env[] = { NULL };
	pid_t pid;

	store_close(f->store);
	if (!posix_spawn(&pid, "/bin/rm", NULL, NULL, argv, env))
		waitpid(pid, NULL, 0);
}

#endif
