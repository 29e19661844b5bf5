#ifndef HISTORY_CHECKOUT_INT_H
#define HISTORY_CHECKOUT_INT_H

/*
 * Between the plan of a checkout (checkout.c) and its execution
 * (checkout_write.c).
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/buf.h"
#include "lib/history/checkout.h"

/* What one path is to become. */
struct wish {
	size_t path;		/* offset in paths */
	bool exists;		/* the rest is set; else it is to be gone */
	bool do_work;		/* in the working tree */
	bool do_stage;		/* in the stage */
	bool silent;		/* nothing changes but the stat cache */
	bool replace;		/* something is there, and may go */
	enum mode mode;
	struct id id;
	uint64_t size;
	int64_t mtime, ctime;	/* once written; 0 = not known */
	uint64_t inode;
};

struct wishes {
	const struct checkout *c;
	struct buf paths;
	struct wish *v;		/* ascending by path */
	size_t n, cap;
};

const char *checkout_path(const struct wishes *w, const struct wish *wish);

/* Add one, after the others; target NULL: to be gone.  do_work and do_stage
 * are not set. */
struct tree_entry;
struct wish *checkout_wish(struct wishes *w, const char *path,
    const struct tree_entry *target);
void checkout_release(struct wishes *w);
/* Unless it is a dry run make it so, the stage too, and tell.  partial: there
 * may be paths that nobody looked at. */
MUST_CHECK err_t checkout_apply(struct wishes *w, bool partial);

/* Make the working tree so, and fill in the times. */
MUST_CHECK err_t checkout_write(struct wishes *w);

#endif
