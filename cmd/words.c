#include "cmd/words.h"

#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/out.h"
#include "lib/base/clock.h"
#include "lib/base/mem.h"
#include "lib/base/text.h"
#include "lib/history/attr.h"
#include "lib/history/repo.h"

#define PATIENCE 200		/* ms; after that what was found will do */

struct finder {
	struct out *out;
	const char *prefix;
	struct repo *repo;
	struct attrs *attrs;
	int64_t deadline;
	const char *dir;	/* as typed: "", "data/", "../" */
	size_t skip;		/* bytes of a path before what dir holds */
	struct buf last;	/* so that no word is said twice in a row */
};

/* A word that begins right and survives being shown on a terminal. */
static void
offer(struct finder *f, const char *word)
{
	struct buf clean = BUF_INIT;

	if (strncmp(word, f->prefix, strlen(f->prefix)) != 0 ||
	    strcmp(word, buf_cstr(&f->last)) == 0)
		return;
	text_escape(&clean, word, strlen(word));
	if (strcmp(buf_cstr(&clean), word) == 0)
		out_printf(f->out, "%s\n", word);
	buf_release(&clean);
	buf_clear(&f->last);
	buf_str(&f->last, word);
}

static err_t
late(const struct finder *f)
{
	if (clock_ms() < f->deadline)
		return NULL;
	return err_new(ERR_CANCELLED, "took too long");
}

static err_t
find_ref(void *arg, const struct ref *ref)
{
	struct finder *f = arg;
	const char *slash = strchr(ref->name, '/');

	offer(f, slash ? slash + 1 : ref->name);
	return late(f);
}

/* As a revision, a label is named in full. */
static err_t
find_label(void *arg, const struct ref *ref)
{
	offer(arg, ref->name);
	return late(arg);
}

/* The part of a path that is directly in the directory asked for. */
static err_t
find_tracked(void *arg, const struct stage_entry *entry)
{
	struct finder *f = arg;
	struct buf word = BUF_INIT;
	const char *name;

	if (strlen(entry->path) <= f->skip)
		return NULL;
	name = entry->path + f->skip;
	buf_str(&word, f->dir);
	buf_add(&word, name, strcspn(name, "/"));
	if (strchr(name, '/'))
		buf_char(&word, '/');
	offer(f, word.p);
	buf_release(&word);
	return late(f);
}

static err_t
find_dataset(void *arg, const struct stage_entry *entry)
{
	struct finder *f = arg;
	const char *name;
	err_t err;

	err = attr_get(&name, f->attrs, entry->path, "dataset");
	if (err)
		return err;
	if (name && *name)
		offer(f, name);
	return late(f);
}

static err_t
tracked(struct finder *f)
{
	const char *slash = strrchr(f->prefix, '/');
	struct buf path = BUF_INIT;
	char *dir;
	err_t err;

	dir = mem_strndup(f->prefix, slash ? (size_t)(slash + 1 - f->prefix) :
	    0);
	err = repo_path(&path, f->repo, *dir ? dir : ".");
	if (err)
		goto out;
	f->dir = dir;
	f->skip = path.len ? path.len + 1 : 0;
	err = stage_walk(f->repo->store, buf_cstr(&path), find_tracked, f);
out:
	free(dir);
	buf_release(&path);
	return err;
}

static err_t
datasets(struct finder *f)
{
	err_t err;

	f->attrs = attr_of_worktree(f->repo);
	err = stage_walk(f->repo->store, "", find_dataset, f);
	attr_free(f->attrs);
	return err;
}

static err_t
words_of_repo(struct finder *f, const char *kind)
{
	bool rev = strncmp(kind, "rev", 3) == 0;
	err_t err = NULL;

	if (rev)
		offer(f, "HEAD");
	if (rev || strcmp(kind, "branch") == 0)
		err = ref_walk(f->repo->store, "branch/", find_ref, f);
	if (!err && (rev || strcmp(kind, "tag") == 0))
		err = ref_walk(f->repo->store, "tag/", find_ref, f);
	if (!err && (rev || strcmp(kind, "label") == 0))
		err = ref_walk(f->repo->store, "approved/", rev ? find_label :
		    find_ref, f);
	if (!err && strcmp(kind, "dataset") == 0)
		err = datasets(f);
	if (!err && strstr(kind, "tracked"))
		err = tracked(f);
	return err;
}

void
words_print(struct out *o, const char *kind, const char *prefix)
{
	struct finder f = { .out = o, .prefix = prefix, .last = BUF_INIT };
	err_t err = NULL;

	f.deadline = clock_ms() + PATIENCE;
	if (strcmp(kind, "command") == 0) {
		for (size_t i = 0; cmd_all[i]; i++) {
			if (!cmd_all[i]->hidden)
				offer(&f, cmd_all[i]->name);
		}
	} else {
		err = repo_open(&f.repo, NULL, STORE_READ, 0);
		if (!err)
			err = words_of_repo(&f, kind);
		repo_close(f.repo);
	}
	/* A shell in the middle of a line wants no message. */
	(void)err;
	buf_release(&f.last);
}
