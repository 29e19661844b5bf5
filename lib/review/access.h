#ifndef REVIEW_ACCESS_H
#define REVIEW_ACCESS_H

/*
 * Who may do what: roles in the repository, a dataset or a branch, each of
 * which includes those before it.  What is granted is what the events about
 * "access" add up to; whoever made the repository is its admin.
 *
 * A local role is a guard rail: whoever can write .dsv can rewrite it.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"
#include "store/store.h"

struct repo;

enum role {
	ROLE_UNSAID,		/* of a command that does not say it: a bug */
	ROLE_NONE,
	ROLE_READ,		/* look */
	ROLE_WRITE,		/* make versions, branches, tags; submit */
	ROLE_REVIEW,		/* approve, reject, retract */
	ROLE_ADMIN,		/* grant, set policies, delete tags */
};
const char *role_word(enum role role);
/* false if there is no such role that could be granted. */
bool role_parse(enum role *out, const char *word);

struct grant {
	char *where;		/* "repository", "dataset/x", "branch/x" */
	char *user;		/* as it was typed; see person_is */
	enum role role;
	struct person by;
	int64_t time;
};

struct access {
	struct grant *grants;	/* in force, in the order of granting */
	size_t n, cap;
	struct person founder;	/* names are NULL if there was none */
	bool shared;		/* something was granted to another one */
	bool switched, on;	/* checks were turned on or off by hand */
};
#define ACCESS_INIT { .grants = NULL }

MUST_CHECK err_t access_load(struct access *out, struct store *s);
void access_release(struct access *a);
/* What an event changes; if it is not about access, nothing. */
void access_apply(struct access *a, const struct event *ev);

/* Do checks bite? */
bool access_enforced(const struct access *a);

/* The greatest role that the person has in the repository, the dataset or the
 * branch; either may be NULL. */
enum role access_role(const struct access *a, const struct person *who,
    const char *dataset, const char *branch);
/* The greatest anywhere. */
enum role access_best(const struct access *a, const struct person *who);

/* ERR_PERMISSION, naming what is missing for doing that. */
err_t access_refuse(const struct access *a, const struct person *who,
    enum role has, enum role need, const char *what, const char *branch);

/* May whoever acts run the command, as far as can be said before it looks at
 * branches and datasets?  ERR_PERMISSION. */
MUST_CHECK err_t access_command(struct repo *r, const char *command,
    enum role need);

/* ---- acts of an admin --------------------------------------------------- */

struct access_order {
	const char *user;
	const char *dataset, *branch;	/* at most one; NULL: repository */
	enum role role;			/* ROLE_NONE: take it away */
	bool dry_run;
};
/* ERR_REFUSED if the repository would be left without an admin;
 * ERR_NOT_FOUND if there is nothing to take away. */
MUST_CHECK err_t access_grant(struct repo *r, const struct access_order *o);
MUST_CHECK err_t access_switch(struct repo *r, bool on, bool dry_run);

#endif
