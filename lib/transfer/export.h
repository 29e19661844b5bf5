#ifndef TRANSFER_EXPORT_H
#define TRANSFER_EXPORT_H

/*
 * A version's files, written out as a directory or an archive.  Every content
 * is checked against its id on the way.  What is written is there whole, or
 * not at all; only a stream (standard output, a pipe, a device) can be cut
 * short, and an archive that was has no end.
 */

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/err.h"
#include "lib/history/repo.h"

struct pathspec;

enum export_format {
	EXPORT_TAR,
	EXPORT_TAR_GZ,
	EXPORT_TAR_ZST,
	EXPORT_ZIP,
	EXPORT_DIR,
};
#define EXPORT_FORMATS "dir|tar|tar.gz|tar.zst|zip"
const char *export_format_name(enum export_format format);

/*
 * The format of that name; if name is NULL, the one that the output's name
 * ends in, else a directory.  ERR_USAGE for "-" without a name, and for an
 * output that looks like a file of another kind.
 */
MUST_CHECK err_t export_format_of(enum export_format *out, const char *name,
    const char *output);

struct export_order {
	struct id commit;
	struct pathspec *paths;
	const char *prefix;	/* a directory to put all in, or NULL */
	const char *output;	/* "-" is standard output */
	enum export_format format;
	bool force;		/* replace what is there */
	const char *decision;	/* of tables only the rows in this state, see
				 * rowstate.h; NULL: files as they are */
};

struct export_result {
	uint64_t files;		/* links included */
	uint64_t links;
	uint64_t bytes;
};

/*
 * ERR_NOT_FOUND if a path or the dataset selects nothing; ERR_EXISTS if the
 * output is there; ERR_REFUSED for a name that the format cannot hold, and,
 * with a decision, for a table whose rows have no key.
 */
MUST_CHECK err_t export_run(struct export_result *out, struct repo *r,
    const struct export_order *order);

#endif
