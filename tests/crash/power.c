/*
 * What a power cut may leave of the files that a command changes.
 *
 *	power [-t TEAR] [-k KEEP] [-r RANDOM] [-K N]
 *	    WORK OUT CHECK -- COMMAND [ARG ...]
 *
 * COMMAND runs in the directory WORK.  After each of its system calls that
 * change something there, states that the disk could be in if the power went
 * then are made in OUT, one after the other, and "sh CHECK" runs in each, with
 * ACKED= how often the command (or a child) had written to its standard
 * output, STEP= the number of the call, CALL= its name and WHY= what was lost.
 *
 * The model is weaker than any file system in use:
 *	- Written bytes are durable after fsync or fdatasync of their file (or
 *	  syncfs), names in a directory after fsync of that directory; nothing
 *	  else is, and fsync of a file says nothing about its name.
 *	- What is not durable may be there or not.  The changes of one directory
 *	  happen in order, so a beginning of them is there; those of different
 *	  directories do not know of each other, not even in one rename.
 *	- A write is several, cut at multiples of TEAR (4096) bytes, and each may
 *	  be lost by itself: then the bytes are what they were, or zero if the
 *	  file was not so long and yet got longer.
 *	- Modes and times are always there.
 * For each call: nothing that is not durable; everything; names without bytes,
 * with and without their lengths; bytes without names; each beginning of each
 * directory's changes; each write lost alone; RANDOM (3) mixtures.
 *
 * With -K the process that makes the Nth of the changes is killed after it:
 * what a killed process had done and nobody made durable is what the next one
 * begins with.
 *
 * Of the states that differ, one in KEEP (1) is checked, chosen by a hash of
 * it, but all of those after the last call.  Directories called "locks" are
 * kept empty: what is in them means nothing to the next process.
 *
 * The last line on standard output is "effects=E states=S checks=C failed=F".
 */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define SEEN_MAX (1u << 20)		/* a power of two */
#define TASKS 64
#define FAILURES_SHOWN 3
#define FAILURES_MAX 20
#define N(a) (sizeof(a) / sizeof((a)[0]))

static _Noreturn void __attribute__((format(printf, 1, 2)))
die(const char *fmt, ...)
{
	va_list ap;

	fputs("power: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(125);
}

static void *
grown(void *p, size_t n, size_t size)
{
	/* At powers of two. */
	if ((n & (n - 1)) == 0)
		p = realloc(p, (n > 0 ? 2 * n : 1) * size);
	if (p == NULL)
		die("out of memory");
	return p;
}

static char *
copied(const char *s, size_t len)
{
	char *p = malloc(len + 1);

	if (p == NULL)
		die("out of memory");
	memcpy(p, s, len);
	p[len] = '\0';
	return p;
}

/* ---- what is on the disk, and what is on its way ----------------------- */

struct bytes {
	char *p;
	size_t len, cap;
};

/* A write (p), or a new length (p NULL). */
struct change {
	char *p;
	size_t len;
	uint64_t at;
};

struct inode;

struct entry {
	char *name;
	struct inode *inode;
};

/* A name in a directory comes (inode), goes (NULL), or becomes another one of
 * the same directory (from). */
struct renaming {
	char *name, *from;
	struct inode *inode;
};

struct inode {
	mode_t mode;
	ino_t number;			/* 0: not the one of that number now */
	bool is_locks;
	struct bytes durable;		/* of a file; the target of a link */
	struct change *changes;
	size_t n_changes;
	struct entry *entries;		/* durable ones of a directory */
	size_t n_entries;
	struct renaming *renamings;
	size_t n_renamings;
	unsigned visited;
};

static struct inode **inodes;
static size_t n_inodes;
static struct inode *top;
static dev_t device;

static struct inode *
inode_new(mode_t mode, ino_t number)
{
	struct inode *i = calloc(1, sizeof(*i));
	size_t k;

	if (i == NULL)
		die("out of memory");
	for (k = 0; k < n_inodes; k++)
		if (inodes[k]->number == number)
			inodes[k]->number = 0;
	i->mode = mode;
	i->number = number;
	inodes = grown(inodes, n_inodes, sizeof(struct inode *));
	inodes[n_inodes++] = i;
	return i;
}

static struct inode *
inode_of(const struct stat *st)
{
	size_t k;

	for (k = 0; st->st_dev == device && k < n_inodes; k++)
		if (inodes[k]->number == st->st_ino)
			return inodes[k];
	return NULL;
}

static void
bytes_resize(struct bytes *b, size_t len)
{
	if (len > b->cap) {
		b->cap = 2 * len;
		b->p = realloc(b->p, b->cap);
		if (b->p == NULL)
			die("out of memory");
	}
	if (len > b->len)
		memset(b->p + b->len, 0, len - b->len);
	b->len = len;
}

static void
entry_set(struct entry **list, size_t *n, const char *name,
    struct inode *inode)
{
	size_t i;

	for (i = 0; i < *n && strcmp((*list)[i].name, name) != 0; i++)
		continue;
	if (inode == NULL) {
		if (i < *n)
			(*list)[i] = (*list)[--*n];
		return;
	}
	if (i == *n) {
		*list = grown(*list, *n, sizeof(struct entry));
		(*list)[(*n)++].name = copied(name, strlen(name));
	}
	(*list)[i].inode = inode;
}

static void
renaming_apply(struct entry **list, size_t *n, const struct renaming *r)
{
	entry_set(list, n, r->name, r->inode);
	if (r->from != NULL)
		entry_set(list, n, r->from, NULL);
}

/* A list of its own: the durable entries with the first so many changes. */
static struct entry *
entries_after(size_t *n, const struct inode *dir, size_t renamings)
{
	struct entry *list = NULL;
	size_t i;

	*n = 0;
	for (i = 0; i < dir->n_entries; i++)
		entry_set(&list, n, dir->entries[i].name,
		    dir->entries[i].inode);
	for (i = 0; i < renamings; i++)
		renaming_apply(&list, n, &dir->renamings[i]);
	return list;
}

static struct inode *
child_of(const struct inode *dir, const char *name)
{
	struct inode *found = NULL;
	size_t n, i;
	struct entry *list = entries_after(&n, dir, dir->n_renamings);

	for (i = 0; i < n; i++) {
		if (strcmp(list[i].name, name) == 0)
			found = list[i].inode;
		free(list[i].name);
	}
	free(list);
	return found;
}

enum fate { LOST, LENGTH, KEPT };

static void
change_apply(struct bytes *b, const struct change *c, enum fate fate)
{
	if (fate == LOST)
		return;
	if (c->p == NULL) {
		bytes_resize(b, (size_t)c->at);
		return;
	}
	if (b->len < c->at + c->len)
		bytes_resize(b, (size_t)c->at + c->len);
	if (fate == KEPT)
		memcpy(b->p + c->at, c->p, c->len);
}

static void
inode_sync(struct inode *i)
{
	size_t k;

	for (k = 0; k < i->n_changes; k++) {
		change_apply(&i->durable, &i->changes[k], KEPT);
		free(i->changes[k].p);
	}
	for (k = 0; k < i->n_renamings; k++)
		renaming_apply(&i->entries, &i->n_entries, &i->renamings[k]);
	i->n_changes = i->n_renamings = 0;
	free(i->changes);
	free(i->renamings);
	i->changes = NULL;
	i->renamings = NULL;
}

/* ---- what is there before ---------------------------------------------- */

static void
load_file(struct inode *i, int at, const char *name)
{
	int fd = openat(at, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) != 0)
		die("%s: %s", name, strerror(errno));
	bytes_resize(&i->durable, (size_t)st.st_size);
	if (read(fd, i->durable.p, i->durable.len) != st.st_size)
		die("%s: cannot be read", name);
	close(fd);
}

static struct inode *
load(int at, const char *name)
{
	char target[PATH_MAX];
	struct stat st;
	struct inode *i;
	struct dirent *e;
	ssize_t len;
	DIR *d;

	if (fstatat(at, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		die("%s: %s", name, strerror(errno));
	i = inode_new(st.st_mode, st.st_ino);
	if (S_ISREG(st.st_mode)) {
		load_file(i, at, name);
	} else if (S_ISLNK(st.st_mode)) {
		len = readlinkat(at, name, target, sizeof(target) - 1);
		bytes_resize(&i->durable, len > 0 ? (size_t)len : 0);
		memcpy(i->durable.p, target, i->durable.len);
	} else if (strcmp(name, "locks") == 0) {
		i->is_locks = true;
	} else {
		d = fdopendir(openat(at, name, O_RDONLY | O_DIRECTORY));
		while (d != NULL && (e = readdir(d)) != NULL)
			if (strcmp(e->d_name, ".") != 0 &&
			    strcmp(e->d_name, "..") != 0)
				entry_set(&i->entries, &i->n_entries,
				    e->d_name, load(dirfd(d), e->d_name));
		if (d != NULL)
			closedir(d);
	}
	return i;
}

/* ---- one state --------------------------------------------------------- */

/* How many of each directory's changes, and which of each file's, are there.
 * Special cases first, then the mixture. */
struct cut {
	const char *why;
	enum fate data;			/* of files, but for: */
	bool names;			/* of directories, but for: */
	const struct inode *odd;	/* this one, of which: */
	size_t keep;			/* … so many changes of names are there,
					 * or all but this change of bytes, */
	enum fate fate;			/* … which this becomes of */
	unsigned mix;			/* not 0: at random, from this seed */
};

static unsigned
chance(unsigned *state)
{
	*state = *state * 1103515245 + 12345;
	return *state >> 16;
}

static size_t
names_kept(const struct cut *c, const struct inode *dir)
{
	unsigned state;

	if (c->mix) {
		state = c->mix * 2654435761u + (unsigned)dir->number;
		chance(&state);
		return chance(&state) % (dir->n_renamings + 1);
	}
	if (dir == c->odd)
		return c->keep;
	return c->names ? dir->n_renamings : 0;
}

static enum fate
fate_of(const struct cut *c, const struct inode *file, size_t change)
{
	unsigned state;

	if (c->mix) {
		state = c->mix * 2654435761u + (unsigned)file->number * 31 +
		    (unsigned)change;
		chance(&state);
		return (enum fate)(chance(&state) % 3);
	}
	if (file == c->odd)
		return change == c->keep ? c->fate : KEPT;
	return c->data;
}

static void
content(struct bytes *out, const struct cut *c, const struct inode *file)
{
	size_t k;

	out->len = 0;
	bytes_resize(out, file->durable.len);
	if (out->len > 0)
		memcpy(out->p, file->durable.p, out->len);
	for (k = 0; k < file->n_changes; k++)
		change_apply(out, &file->changes[k], fate_of(c, file, k));
}

static int
compare_entries(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	return strcmp(x->name, y->name);
}

struct digest {
	uint64_t a, b;
};

/* Not against malice: two FNV-1a with different beginnings. */
static void
digest_add(struct digest *d, const void *p, size_t len)
{
	const unsigned char *c = p;
	size_t i;

	for (i = 0; i < len; i++) {
		d->a = (d->a ^ c[i]) * 0x100000001b3u;
		d->b = (d->b ^ c[i]) * 0x100000001b3u + 1;
	}
}

static struct bytes room;		/* for content */

/* Into a digest, or into the directory at if that is open. */
static void
state_walk(struct digest *d, int at, const struct cut *c,
    const struct inode *dir)
{
	size_t n, i;
	struct entry *list = entries_after(&n, dir, names_kept(c, dir));

	if (n > 0)
		qsort(list, n, sizeof(*list), compare_entries);
	for (i = 0; i < n; i++) {
		const struct inode *in = list[i].inode;
		const char *name = list[i].name;
		int fd = -1;

		digest_add(d, name, strlen(name) + 1);
		if (S_ISDIR(in->mode)) {
			if (at >= 0 && (mkdirat(at, name, 0777) != 0 ||
			    (fd = openat(at, name, O_RDONLY |
			    O_DIRECTORY)) < 0))
				die("%s: %s", name, strerror(errno));
			state_walk(d, fd, c, in);
			digest_add(d, "/", 1);
		} else {
			content(&room, c, in);
			digest_add(d, &room.len, sizeof(room.len));
			if (at < 0)
				digest_add(d, room.p, room.len);
		}
		if (at >= 0 && S_ISLNK(in->mode)) {
			bytes_resize(&room, room.len + 1);
			if (symlinkat(room.p, at, name) != 0)
				die("%s: %s", name, strerror(errno));
		} else if (at >= 0 && S_ISREG(in->mode)) {
			fd = openat(at, name, O_WRONLY | O_CREAT, 0666);
			if (fd < 0 || write(fd, room.p, room.len) !=
			    (ssize_t)room.len ||
			    fchmod(fd, in->mode & 07777) != 0)
				die("%s: %s", name, strerror(errno));
		}
		if (fd >= 0)
			close(fd);
		free(list[i].name);
	}
	free(list);
}

/* ---- trying states ----------------------------------------------------- */

struct plan {
	const char *work, *out, *check;
	size_t tear;
	unsigned keep, random, kill;
};

static struct plan plan = { .tear = 4096, .keep = 1, .random = 3 };
static struct digest *seen;		/* open addressing; a = 0: free */
static unsigned long effects, states, checks, failed;
static unsigned acked;
static const char *call = "begin";

static bool
was_seen(const struct digest *d)
{
	size_t i = (size_t)d->a & (SEEN_MAX - 1);

	for (; seen[i].a != 0; i = (i + 1) & (SEEN_MAX - 1))
		if (seen[i].a == d->a && seen[i].b == d->b)
			return true;
	if (states + 1 == SEEN_MAX)
		die("too many states");
	seen[i] = *d;
	return false;
}

static void
tree_remove(int at, const char *name)
{
	struct dirent *e;
	DIR *d;

	if (unlinkat(at, name, 0) == 0 || errno == ENOENT)
		return;
	d = fdopendir(openat(at, name, O_RDONLY | O_DIRECTORY));
	while (d != NULL && (e = readdir(d)) != NULL)
		if (strcmp(e->d_name, ".") != 0 &&
		    strcmp(e->d_name, "..") != 0)
			tree_remove(dirfd(d), e->d_name);
	if (d != NULL)
		closedir(d);
	if (unlinkat(at, name, AT_REMOVEDIR) != 0)
		die("cannot remove %s: %s", name, strerror(errno));
}

static void
number_export(const char *name, unsigned long n)
{
	char text[24];

	snprintf(text, sizeof(text), "%lu", n);
	setenv(name, text, 1);
}

static int
status_of(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			die("wait: %s", strerror(errno));
	return WIFEXITED(status) ? WEXITSTATUS(status) :
	    128 + WTERMSIG(status);
}

static bool
check_run(const char *why)
{
	pid_t pid = fork();

	if (pid < 0)
		die("fork: %s", strerror(errno));
	if (pid > 0)
		return status_of(pid) == 0;
	number_export("ACKED", acked);
	number_export("STEP", effects);
	setenv("CALL", call, 1);
	setenv("WHY", why, 1);
	if (chdir(plan.out) != 0)
		_exit(125);
	execl("/bin/sh", "sh", plan.check, (char *)NULL);
	_exit(125);
}

static void
try(const struct cut *c, bool always)
{
	struct digest d = { 0xcbf29ce484222325u, 0x84222325cbf29ce4u };
	struct digest unused = { 0, 0 };
	int fd;

	if (failed == FAILURES_MAX)
		return;
	state_walk(&d, -1, c, top);
	digest_add(&d, &acked, sizeof(acked));
	if (was_seen(&d))
		return;
	states++;
	if (!always && (d.b >> 20) % plan.keep != 0)
		return;
	checks++;
	tree_remove(AT_FDCWD, plan.out);
	if (mkdir(plan.out, 0777) != 0)
		die("%s: %s", plan.out, strerror(errno));
	fd = open(plan.out, O_RDONLY | O_DIRECTORY);
	state_walk(&unused, fd, c, top);
	close(fd);
	if (check_run(c->why))
		return;
	if (failed++ < FAILURES_SHOWN)
		printf("after call %lu (%s), %u acknowledged: %s\n", effects,
		    call, acked, c->why);
}

static void
try_odd(struct inode *i, bool always)
{
	struct cut c = { .odd = i, .names = true, .data = KEPT };

	for (c.keep = 0; c.keep < i->n_renamings; c.keep++) {
		c.why = "the beginning of a directory's changes";
		c.data = KEPT;
		try(&c, always);
		c.why = "the beginning of a directory's changes, no bytes";
		c.data = LOST;
		try(&c, always);
	}
	c.data = KEPT;
	for (c.keep = 0; c.keep < i->n_changes; c.keep++) {
		c.why = "one write lost";
		c.fate = LOST;
		try(&c, always);
		c.why = "one write lost, but not its length";
		c.fate = LENGTH;
		try(&c, always);
	}
}

static void
states_try(bool always)
{
	static const struct cut plain[] = {
		{ .why = "only what is durable" },
		{ .why = "everything", .data = KEPT, .names = true },
		{ .why = "names without bytes", .names = true },
		{ .why = "names and lengths", .data = LENGTH, .names = true },
		{ .why = "bytes without names", .data = KEPT },
	};
	static unsigned mixes;
	size_t i;

	for (i = 0; i < N(plain); i++)
		try(&plain[i], always);
	for (i = 0; i < n_inodes; i++)
		try_odd(inodes[i], always);
	for (i = 0; i < plan.random; i++)
		try(&(struct cut){ .why = "a mixture", .mix = ++mixes },
		    always);
}

/* ---- what the command does --------------------------------------------- */

struct task {
	pid_t tid;
	uint64_t nr;
	uint64_t args[6];
};

static struct task tasks[TASKS];
static size_t n_tasks;

static struct task *
task_get(pid_t tid)
{
	size_t i;

	for (i = 0; i < n_tasks; i++)
		if (tasks[i].tid == tid)
			return &tasks[i];
	if (n_tasks == TASKS)
		die("more than %d threads and processes", TASKS);
	tasks[n_tasks] = (struct task){ .tid = tid };
	return &tasks[n_tasks++];
}

static void
memory_read(pid_t tid, void *out, uint64_t at, size_t len)
{
	struct iovec here = { out, len }, there = { (void *)at, len };

	if (process_vm_readv(tid, &here, 1, &there, 1, 0) != (ssize_t)len)
		die("cannot read the memory of the command");
}

static void
string_read(pid_t tid, char out[PATH_MAX], uint64_t at)
{
	size_t n;

	/* Not across the end of a page that may be the last one. */
	for (n = 0; n < PATH_MAX; n++) {
		memory_read(tid, out + n, at + n, 1);
		if (out[n] == '\0')
			return;
	}
	die("a path is too long");
}

static struct inode *
fd_inode(pid_t tid, uint64_t fd)
{
	char path[64];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)tid, (int)fd);
	return stat(path, &st) == 0 ? inode_of(&st) : NULL;
}

#define WHOLE_MAX (PATH_MAX + 64)

/* The path as it is seen from here, without slashes at its end. */
static void
whole_path(pid_t tid, char out[WHOLE_MAX], uint64_t dirfd, uint64_t at)
{
	char path[PATH_MAX];

	string_read(tid, path, at);
	while (path[0] != '\0' && path[strlen(path) - 1] == '/')
		path[strlen(path) - 1] = '\0';
	if (path[0] == '/')
		snprintf(out, WHOLE_MAX, "%s", path);
	else if ((int)dirfd == AT_FDCWD)
		snprintf(out, WHOLE_MAX, "/proc/%d/cwd/%s", (int)tid, path);
	else
		snprintf(out, WHOLE_MAX, "/proc/%d/fd/%d/%s", (int)tid,
		    (int)dirfd, path);
}

/* The directory and the name in it that a path means; NULL if it is not in
 * WORK, or among the locks. */
static struct inode *
path_parent(pid_t tid, char name[WHOLE_MAX], uint64_t dirfd, uint64_t at)
{
	char whole[WHOLE_MAX];
	struct inode *dir;
	struct stat st;
	char *slash;

	whole_path(tid, whole, dirfd, at);
	slash = strrchr(whole, '/');
	snprintf(name, WHOLE_MAX, "%s", slash + 1);
	slash[slash == whole] = '\0';
	if (stat(whole, &st) != 0)
		return NULL;
	dir = inode_of(&st);
	return dir == NULL || dir->is_locks ? NULL : dir;
}

static void
effect(pid_t tid, const char *name)
{
	effects++;
	call = name;
	states_try(false);
	if (effects == plan.kill)
		kill(tid, SIGKILL);
}

static void
rename_note(struct inode *dir, const char *name, const char *from,
    struct inode *inode)
{
	struct renaming *r;

	dir->renamings = grown(dir->renamings, dir->n_renamings, sizeof(*r));
	r = &dir->renamings[dir->n_renamings++];
	r->name = copied(name, strlen(name));
	r->from = from != NULL ? copied(from, strlen(from)) : NULL;
	r->inode = inode;
}

static void
change_note(struct inode *i, const char *p, size_t len, uint64_t at)
{
	struct change *c;

	i->changes = grown(i->changes, i->n_changes, sizeof(*c));
	c = &i->changes[i->n_changes++];
	c->p = p != NULL ? copied(p, len) : NULL;
	c->len = len;
	c->at = at;
}

/* The new inode that the name means now. */
static struct inode *
inode_made(pid_t tid, const char *name, uint64_t dirfd, uint64_t at)
{
	char whole[WHOLE_MAX], target[PATH_MAX];
	struct inode *i;
	struct stat st;
	ssize_t len;

	whole_path(tid, whole, dirfd, at);
	if (lstat(whole, &st) != 0)
		die("%s: %s", whole, strerror(errno));
	i = inode_new(st.st_mode, st.st_ino);
	i->is_locks = S_ISDIR(st.st_mode) && strcmp(name, "locks") == 0;
	if (S_ISLNK(st.st_mode)) {
		len = readlink(whole, target, sizeof(target));
		bytes_resize(&i->durable, len > 0 ? (size_t)len : 0);
		memcpy(i->durable.p, target, i->durable.len);
	}
	return i;
}

static void
on_open(pid_t tid, uint64_t dirfd, uint64_t path, uint64_t flags,
    uint64_t fd)
{
	char name[WHOLE_MAX], proc[64];
	struct inode *dir, *i;
	struct stat st;

	snprintf(proc, sizeof(proc), "/proc/%d/fd/%d", (int)tid, (int)fd);
	if (stat(proc, &st) != 0 || st.st_dev != device)
		return;
	if ((flags & O_TMPFILE) == O_TMPFILE) {
		inode_new(st.st_mode, st.st_ino);
		return;
	}
	if (!(flags & (O_CREAT | O_TRUNC)))
		return;
	dir = path_parent(tid, name, dirfd, path);
	if (dir == NULL)
		return;
	i = child_of(dir, name);
	if (i == NULL) {
		rename_note(dir, name, NULL, inode_new(st.st_mode,
		    st.st_ino));
		effect(tid, "open");
	} else if (flags & O_TRUNC) {
		change_note(i, NULL, 0, 0);
		effect(tid, "open");
	}
}

static uint64_t
position(pid_t tid, uint64_t fd)
{
	char path[64];
	unsigned long long pos;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/fdinfo/%d", (int)tid, (int)fd);
	f = fopen(path, "r");
	if (f == NULL || fscanf(f, "pos: %llu", &pos) != 1)
		die("%s: %s", path, strerror(errno));
	fclose(f);
	return pos;
}

static void
on_write(pid_t tid, const struct task *t, uint64_t at, size_t len)
{
	struct inode *i = fd_inode(tid, t->args[0]);
	size_t done = 0;
	char *p;

	if (i == NULL && t->args[0] == 1)
		acked++;
	if (i == NULL || len == 0)
		return;
	p = copied("", 0);
	p = realloc(p, len);
	if (p == NULL)
		die("out of memory");
	memory_read(tid, p, t->args[1], len);
	while (done < len) {
		size_t n = plan.tear - (size_t)((at + done) % plan.tear);

		n = n < len - done ? n : len - done;
		change_note(i, p + done, n, at + done);
		done += n;
	}
	free(p);
	effect(tid, "write");
}

static void
on_rename(pid_t tid, uint64_t olddir, uint64_t old, uint64_t newdir,
    uint64_t new)
{
	char from[WHOLE_MAX], to[WHOLE_MAX];
	struct inode *a = path_parent(tid, from, olddir, old);
	struct inode *b = path_parent(tid, to, newdir, new);
	struct inode *i;

	if (a == NULL && b == NULL)
		return;
	i = a != NULL ? child_of(a, from) : NULL;
	if (i == NULL || b == NULL)
		die("a rename into or out of what is looked at");
	rename_note(b, to, a == b ? from : NULL, i);
	if (a != b)
		rename_note(a, from, NULL, NULL);
	effect(tid, "rename");
}

static void
on_link(pid_t tid, uint64_t olddir, uint64_t old, uint64_t newdir,
    uint64_t new)
{
	char path[PATH_MAX], from[WHOLE_MAX], to[WHOLE_MAX];
	struct inode *dir = path_parent(tid, to, newdir, new);
	struct inode *a, *i;

	if (dir == NULL)
		return;
	string_read(tid, path, old);
	if (strncmp(path, "/proc/self/fd/", 14) == 0) {
		i = fd_inode(tid, strtoul(path + 14, NULL, 10));
	} else {
		a = path_parent(tid, from, olddir, old);
		i = a != NULL ? child_of(a, from) : NULL;
	}
	if (i == NULL)
		die("a link to what is not looked at");
	rename_note(dir, to, NULL, i);
	effect(tid, "link");
}

static void
on_name(pid_t tid, const char *what, uint64_t dirfd, uint64_t path,
    bool comes)
{
	char name[WHOLE_MAX];
	struct inode *dir = path_parent(tid, name, dirfd, path);
	struct inode *i = NULL;

	if (dir == NULL)
		return;
	if (comes)
		i = inode_made(tid, name, dirfd, path);
	rename_note(dir, name, NULL, i);
	effect(tid, what);
}

static void
on_sync(pid_t tid, struct inode *i)
{
	if (i == NULL)
		return;
	inode_sync(i);
	effect(tid, "fsync");
}

/* A call that would change WORK in a way that is not looked at: better to
 * stop than to promise too much. */
static void
on_unknown(pid_t tid, const struct task *t, const char *name)
{
	if (fd_inode(tid, t->args[0]) != NULL)
		die("%s is not known here", name);
}

static void
on_call(pid_t tid, const struct task *t, uint64_t result)
{
	const uint64_t *a = t->args, here = (uint64_t)AT_FDCWD;
	struct inode *i;
	uint64_t how[1];
	size_t k;

	switch (t->nr) {
	case SYS_openat:
		on_open(tid, a[0], a[1], a[2], result);
		break;
	case SYS_openat2:
		memory_read(tid, how, a[2], sizeof(how));
		on_open(tid, a[0], a[1], how[0], result);
		break;
	case SYS_write:
		on_write(tid, t, fd_inode(tid, a[0]) != NULL ?
		    position(tid, a[0]) - result : 0, (size_t)result);
		break;
	case SYS_pwrite64:
		on_write(tid, t, a[3], (size_t)result);
		break;
	case SYS_ftruncate:
		i = fd_inode(tid, a[0]);
		if (i == NULL)
			break;
		change_note(i, NULL, 0, a[1]);
		effect(tid, "ftruncate");
		break;
	case SYS_fsync:
	case SYS_fdatasync:
		on_sync(tid, fd_inode(tid, a[0]));
		break;
	case SYS_syncfs:
		if (fd_inode(tid, a[0]) == NULL)
			break;
		for (k = 0; k < n_inodes; k++)
			inode_sync(inodes[k]);
		effect(tid, "syncfs");
		break;
	case SYS_renameat2:
		on_rename(tid, a[0], a[1], a[2], a[3]);
		break;
	case SYS_linkat:
		on_link(tid, a[0], a[1], a[2], a[3]);
		break;
	case SYS_unlinkat:
		on_name(tid, "unlink", a[0], a[1], false);
		break;
	case SYS_mkdirat:
		on_name(tid, "mkdir", a[0], a[1], true);
		break;
	case SYS_symlinkat:
		on_name(tid, "symlink", a[1], a[2], true);
		break;
#ifdef SYS_renameat
	case SYS_renameat:
		on_rename(tid, a[0], a[1], a[2], a[3]);
		break;
#endif
#ifdef SYS_open			/* the calls of old, where they exist */
	case SYS_open:
		on_open(tid, here, a[0], a[1], result);
		break;
	case SYS_rename:
		on_rename(tid, here, a[0], here, a[1]);
		break;
	case SYS_link:
		on_link(tid, here, a[0], here, a[1]);
		break;
	case SYS_unlink:
	case SYS_rmdir:
		on_name(tid, "unlink", here, a[0], false);
		break;
	case SYS_mkdir:
		on_name(tid, "mkdir", here, a[0], true);
		break;
	case SYS_symlink:
		on_name(tid, "symlink", here, a[1], true);
		break;
#endif
	case SYS_writev:
	case SYS_pwritev:
	case SYS_fallocate:
		on_unknown(tid, t, "a way to write");
		break;
	case SYS_copy_file_range:
		if (fd_inode(tid, a[2]) != NULL)
			die("copy_file_range is not known here");
		break;
	case SYS_sendfile:
		on_unknown(tid, t, "sendfile");
		break;
	case SYS_mmap:
		if ((a[3] & MAP_SHARED) && (a[2] & PROT_WRITE) &&
		    (int)a[4] >= 0 && fd_inode(tid, a[4]) != NULL)
			die("writing through memory is not known here");
		break;
	default:
		break;
	}
}

static void
at_stop(pid_t tid)
{
	struct __ptrace_syscall_info info;
	struct task *t = task_get(tid);
	size_t i;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, tid, (void *)sizeof(info),
	    &info) < 0)
		return;
	if (info.op == PTRACE_SYSCALL_INFO_ENTRY) {
		t->nr = info.entry.nr;
		for (i = 0; i < N(t->args); i++)
			t->args[i] = info.entry.args[i];
	} else if (info.op == PTRACE_SYSCALL_INFO_EXIT &&
	    !info.exit.is_error) {
		on_call(tid, t, (uint64_t)info.exit.rval);
	}
}

/* The command waits at the pipe until it is seized. */
static pid_t
start(char **argv)
{
	const long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE |
	    PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACEEXEC |
	    PTRACE_O_EXITKILL;
	int go[2], null;
	pid_t pid;
	char c;

	if (pipe2(go, O_CLOEXEC) != 0)
		die("pipe: %s", strerror(errno));
	pid = fork();
	if (pid < 0)
		die("fork: %s", strerror(errno));
	if (pid == 0) {
		close(go[1]);
		null = open("/dev/null", O_WRONLY | O_CLOEXEC);
		if (read(go[0], &c, 1) == 0 && chdir(plan.work) == 0 &&
		    dup2(null, 1) == 1)
			execvp(argv[0], argv);
		_exit(125);
	}
	close(go[0]);
	if (ptrace(PTRACE_SEIZE, pid, NULL, (void *)options) != 0)
		die("ptrace: %s", strerror(errno));
	close(go[1]);
	return pid;
}

/* The exit status of the command. */
static int
run(char **argv)
{
	pid_t root = start(argv), tid;
	int status, result = 125;

	while ((tid = waitpid(-1, &status, __WALL)) > 0 || errno == EINTR) {
		int sig = WSTOPSIG(status), event = status >> 16;

		if (tid < 0)
			continue;
		if (!WIFSTOPPED(status)) {
			if (tid == root)
				result = WIFEXITED(status) ?
				    WEXITSTATUS(status) : 128;
			*task_get(tid) = tasks[--n_tasks];
			continue;
		}
		if (sig == (SIGTRAP | 0x80)) {
			at_stop(tid);
			sig = 0;
		} else if (event != 0) {
			task_get(tid);
			sig = 0;
		}
		ptrace(PTRACE_SYSCALL, tid, NULL, (void *)(intptr_t)sig);
	}
	return result;
}

/* ---- the command line -------------------------------------------------- */

static _Noreturn void
usage(void)
{
	fputs("usage: power [-t TEAR] [-k KEEP] [-r RANDOM] [-K N]\n"
	    "    WORK OUT CHECK -- COMMAND [ARG ...]\n", stderr);
	exit(125);
}

static unsigned
number(const char *text)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (*end != '\0' || n < 1 || n > UINT_MAX)
		usage();
	return (unsigned)n;
}

/* They are used from other directories. */
static const char *
absolute(const char *path)
{
	char here[PATH_MAX], whole[2 * PATH_MAX];

	if (*path == '/')
		return path;
	if (getcwd(here, sizeof(here)) == NULL)
		die("%s", strerror(errno));
	snprintf(whole, sizeof(whole), "%s/%s", here, path);
	return copied(whole, strlen(whole));
}

int
main(int argc, char **argv)
{
	struct stat st;
	int c, status;

	setvbuf(stdout, NULL, _IOLBF, 0);
	while ((c = getopt(argc, argv, "+t:k:r:K:")) != -1) {
		if (c == 't')
			plan.tear = number(optarg);
		else if (c == 'k')
			plan.keep = number(optarg);
		else if (c == 'r')
			plan.random = number(optarg);
		else if (c == 'K')
			plan.kill = number(optarg);
		else
			usage();
	}
	argv += optind;
	argc -= optind;
	if (argc < 5 || strcmp(argv[3], "--") != 0)
		usage();
	plan.work = absolute(argv[0]);
	plan.out = absolute(argv[1]);
	plan.check = absolute(argv[2]);
	seen = calloc(SEEN_MAX, sizeof(*seen));
	if (seen == NULL || stat(plan.work, &st) != 0)
		die("%s: %s", plan.work, strerror(errno));
	device = st.st_dev;
	top = load(AT_FDCWD, plan.work);
	states_try(false);
	status = run(argv + 4);
	call = "exit";
	states_try(true);
	if (status != 0)
		printf("the command ended with status %d\n", status);
	printf("effects=%lu states=%lu checks=%lu failed=%lu\n", effects,
	    states, checks, failed);
	return status != 0 || failed > 0 || effects == 0;
}
