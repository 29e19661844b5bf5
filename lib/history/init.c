#include "lib/history/init.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/history/config.h"
#include "lib/history/ident.h"
#include "lib/history/repo.h"
#include "store/store.h"

static const char first_config[] =
    "# Settings of this repository; see dsv-config(5).\n";

/* The directory and those above it. */
static err_t
make_dirs(const char *dir)
{
	char *part = mem_strdup(dir);
	err_t err = NULL;

	for (char *p = part + (*part == '/'); !err;) {
		char *slash = strchr(p, '/');

		if (slash)
			*slash = '\0';
		if (*part && mkdir(part, 0777) && errno != EEXIST)
			err = err_sys("cannot make directory \"%s\"", part);
		if (!slash)
			break;
		*slash = '/';
		p = slash + 1;
	}
	free(part);
	return err;
}

static err_t
absolute(struct buf *out, const char *dir)
{
	char *path = NULL;
	err_t err = file_real(&path, dir);

	if (!err)
		buf_str(out, path);
	free(path);
	return err;
}

/* Another repository above the new one is no mistake, but worth a word. */
static err_t
find_outer(struct buf *out, const char *root)
{
	char *outer = NULL;
	err_t err = repo_find(&outer, root);

	if (err)
		return err_is(err, ERR_NOT_FOUND) ? NULL : err;
	if (strcmp(outer, root))
		buf_str(out, outer);
	free(outer);
	return NULL;
}

static err_t
pick_branch(struct buf *out, const struct config *c, const char *branch)
{
	struct buf full = BUF_INIT;
	err_t err = NULL;

	if (!branch)
		branch = config_get(c, "init.defaultBranch", NULL);
	if (!branch)
		branch = "main";
	buf_printf(&full, "branch/%s", branch);
	if (!ref_name_ok(full.p))
		err = err_new(ERR_USAGE, "\"%s\" cannot name a branch; see "
		    "dsv-revisions(7)", branch);
	else
		buf_str(out, branch);
	buf_release(&full);
	return err;
}

err_t
init_run(struct init_report *out, const char *dir, const char *branch)
{
	struct init_report made = INIT_REPORT_INIT;
	struct event ev = EVENT_INIT;
	struct config *config = NULL;
	err_t err;

	err = config_load(&config, NULL);
	if (!err)
		err = pick_branch(&made.branch, config, branch);
	if (!err)
		err = ident_event(&ev, config, "init");
	if (!err)
		event_add_field(&ev, "access", "repository");
	if (!err && dir)
		err = make_dirs(dir);
	if (!err)
		err = absolute(&made.root, dir ? dir : ".");
	if (!err)
		err = find_outer(&made.outer, made.root.p);
	if (!err)
		err = store_init(made.root.p, made.branch.p, first_config,
		    &ev);
	if (err_is(err, ERR_EXISTS))
		err = err_new(ERR_EXISTS, "\"%s\" is a repository already; "
		    "nothing was changed", made.root.p);
	if (err)
		init_report_release(&made);
	else
		*out = made;
	event_release(&ev);
	config_free(config);
	return err;
}

void
init_report_release(struct init_report *report)
{
	buf_release(&report->root);
	buf_release(&report->branch);
	buf_release(&report->outer);
}
