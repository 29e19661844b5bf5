#ifndef CMD_CMD_H
#define CMD_CMD_H

/*
 * The frame of every command.  A command is a static struct cmd: its table
 * of options and its operands drive parsing, --help, completion and the man
 * page's SYNOPSIS.  Adding one: cmd/foo.c, X(foo) below, man/dsv-foo.1,
 * tests/cmd/foo.sh, make generate.
 */

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/err.h"
#include "lib/base/opt.h"
#include "lib/review/access.h"
#include "store/store.h"
#include "store/store.h"

struct out;
struct repo;

enum cmd_group {
	GROUP_START, GROUP_WORK, GROUP_LOOK, GROUP_BRANCHES, GROUP_REVIEW,
	GROUP_ACCESS, GROUP_INOUT, GROUP_UPKEEP,
};

enum cmd_needs {
	CMD_ANYWHERE,		/* ctx->repo is NULL */
	CMD_REPO_IF_ANY,	/* opened for reading if there is one */
	CMD_REPO_READ,
	CMD_REPO_WRITE,
};

struct globals {
	const char *dir;	/* -C */
	bool json;
	bool quiet;
	bool verbose;
	const char *color;	/* auto, always, never */
	bool no_pager;
	uint64_t wait;		/* seconds */
	bool help;
	bool version;
};

struct ctx {
	const struct cmd *cmd;
	const struct globals *g;
	struct repo *repo;
	struct out *out;
	int64_t wait_ms;
	bool answer_no;		/* exit 1 instead of 0: the documented "no" */
};

struct cmd {
	const char *name;
	const char *summary;	/* "put files into the next version" */
	const char *operands;	/* "[REV] [--] [PATH ...]", "" if none */
	int min_operands;
	int max_operands;	/* -1: any number */
	enum opt_offer offer;	/* for the operands */
	const char *words;	/* "get|set|list": first operand, or NULL */
	enum cmd_group group;
	enum cmd_needs needs;
	enum role role;		/* without which it does not run; acts are
				 * checked again, by branch and dataset */
	bool pages;		/* output goes through the pager */
	bool hidden;		/* not in help and completion (meta) */
	const struct opt *opts;
	size_t args_size;
	err_t (*run)(struct ctx *ctx, void *args, const struct operands *ops);
};

/* The only list of commands, in the order of help within each group. */
#define CMD_LIST(X) \
	X(init) X(config) X(track) \
	X(add) X(rm) X(mv) X(status) X(commit) X(restore) X(apply) \
	X(switch) X(checkout) \
	X(log) X(show) X(diff) X(cat) X(ls) X(schema) X(blame) X(lineage) \
	X(du) X(why) \
	X(branch) X(tag) X(merge) \
	X(submit) X(approve) X(reject) X(withdraw) X(retract) X(unretract) \
	X(comment) X(decide) X(review) X(approved) X(policy) \
	X(grant) X(revoke) X(access) X(audit) \
	X(export) \
	X(gc) X(fsck) X(help) X(version) X(meta)

#define CMD_DECLARE(name) extern const struct cmd cmd_##name;
CMD_LIST(CMD_DECLARE)
#undef CMD_DECLARE

extern const struct opt cmd_global_opts[];

/* Open ctx->repo, and check that whoever acts has the role of the command; for
 * those that need one at times only. */
MUST_CHECK err_t cmd_open_repo(struct ctx *ctx, enum store_mode mode);

/* Open ctx->repo, and check that whoever acts has the role of the command; for
 * those that need one at times only. */
MUST_CHECK err_t cmd_open_repo(struct ctx *ctx, enum store_mode mode);

/* NULL if there is none. */
const struct cmd *cmd_find(const char *name);
/* The same; ERR_USAGE names the command that may have been meant. */
MUST_CHECK err_t cmd_named(const struct cmd **out, const char *name);
/* In order of CMD_LIST, ending with NULL. */
extern const struct cmd *const cmd_all[];

/* In order of enum cmd_group, ending with NULL. */
extern const char *const cmd_groups[];

/* Exit statuses, one table for main, dsv(1) and the tests. */
struct cmd_exit {
	int status;
	const char *meaning;	/* NULL ends the table */
};
extern const struct cmd_exit cmd_exits[];
int cmd_exit_status(err_t err);

#endif
