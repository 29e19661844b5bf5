#include "cmd/cmd.h"

#include <string.h>

#include "lib/base/cancel.h"
#include "lib/base/text.h"

const struct cmd *const cmd_all[] = {
#define CMD_ENTRY(name) &cmd_##name,
	CMD_LIST(CMD_ENTRY)
#undef CMD_ENTRY
	NULL
};

const char *const cmd_groups[] = {
	[GROUP_START] = "start",
	[GROUP_WORK] = "work",
	[GROUP_LOOK] = "look",
	[GROUP_BRANCHES] = "branches",
	[GROUP_REVIEW] = "review",
	[GROUP_ACCESS] = "access",
	[GROUP_INOUT] = "in and out",
	[GROUP_UPKEEP] = "upkeep",
	NULL
};

const struct opt cmd_global_opts[] = {
	TEXT(struct globals, dir, 'C', "directory", "DIR", OFFER_DIR,
	    "work as if started in DIR"),
	FLAG(struct globals, json, 0, "json",
	    "print results as JSON; see dsv-json(5)"),
	FLAG(struct globals, quiet, 'q', "quiet",
	    "say nothing but results, warnings and errors"),
	FLAG(struct globals, verbose, 'v', "verbose", "say more"),
	CHOICE(struct globals, color, 0, "color", "WHEN", "auto|always|never",
	    "colour the output; auto: on a terminal"),
	FLAG(struct globals, no_pager, 0, "no-pager",
	    "do not page long output"),
	NUMBER(struct globals, wait, 0, "wait", "SECONDS",
	    "wait so long for another writer to finish; 30 if not given"),
	FLAG(struct globals, help, 'h', "help", "explain the command"),
	FLAG(struct globals, version, 0, "version", "print the version"),
	OPT_TABLE_END
};

const struct cmd_exit cmd_exits[] = {
	{ 0, "done; no difference" },
	{ 1, "the documented no: differences with --exit-code, damage found, "
	     "a check that failed" },
	{ 2, "usage: the command line makes no sense" },
	{ 3, "failed: input or output, no repository, something not found" },
	{ 4, "permission: a role or a file mode forbids it" },
	{ 5, "refused: state or policy forbids it" },
	{ 6, "conflicts are left to resolve" },
	{ 7, "busy: another process held the repository all the while" },
	{ 8, "corrupt: stored data is not what it should be" },
	{ 0, NULL }
};

int
cmd_exit_status(err_t err)
{
	if (!err)
		return 0;
	switch (err->code) {
	case ERR_USAGE:
		return 2;
	case ERR_SYSTEM:
	case ERR_UNREADABLE:
	case ERR_NOT_FOUND:
	case ERR_EXISTS:
		return 3;
	case ERR_PERMISSION:
		return 4;
	case ERR_REFUSED:
		return 5;
	case ERR_CONFLICT:
		return 6;
	case ERR_BUSY:
		return 7;
	case ERR_CORRUPT:
		return 8;
	case ERR_CANCELLED:
		return 128 + cancel_signal();
	}
	BUG("no exit status for error %d", (int)err->code);
}

const struct cmd *
cmd_find(const char *name)
{
	for (size_t i = 0; cmd_all[i]; i++) {
		if (strcmp(cmd_all[i]->name, name) == 0)
			return cmd_all[i];
	}
	return NULL;
}

/* The command that name may have meant, or NULL. */
static const struct cmd *
nearest(const char *name)
{
	const struct cmd *best = NULL;
	size_t limit = strlen(name) / 3 + 1, least = limit + 1;

	for (size_t i = 0; cmd_all[i]; i++) {
		size_t d;

		if (cmd_all[i]->hidden)
			continue;
		d = text_distance(cmd_all[i]->name, name, least);
		if (d < least) {
			best = cmd_all[i];
			least = d;
		}
	}
	return best;
}

err_t
cmd_named(const struct cmd **out, const char *name)
{
	const struct cmd *cmd = cmd_find(name);

	if (cmd) {
		*out = cmd;
		return NULL;
	}
	cmd = nearest(name);
	if (cmd)
		return err_new(ERR_USAGE,
		    "unknown command \"%s\"; did you mean \"%s\"?", name,
		    cmd->name);
	return err_new(ERR_USAGE,
	    "unknown command \"%s\"; \"dsv help\" lists them", name);
}
