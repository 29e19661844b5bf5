#include "lib/review/access.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/history/ident.h"
#include "lib/history/refs.h"
#include "lib/history/repo.h"
#include "lib/review/gate.h"

static const char *const words[] = {
	[ROLE_UNSAID] = "", [ROLE_NONE] = "none", [ROLE_READ] = "read",
	[ROLE_WRITE] = "write", [ROLE_REVIEW] = "review",
	[ROLE_ADMIN] = "admin",
};

const char *
role_word(enum role role)
{
	return words[role];
}

bool
role_parse(enum role *out, const char *word)
{
	for (unsigned i = ROLE_READ; i <= ROLE_ADMIN; i++) {
		if (strcmp(words[i], word) == 0) {
			*out = (enum role)i;
			return true;
		}
	}
	return false;
}

/* ---- adding up ---------------------------------------------------------- */

static void
grant_release(struct grant *g)
{
	free(g->where);
	free(g->user);
	person_release(&g->by);
}

void
access_release(struct access *a)
{
	for (size_t i = 0; i < a->n; i++)
		grant_release(&a->grants[i]);
	free(a->grants);
	person_release(&a->founder);
	*a = (struct access)ACCESS_INIT;
}

static struct person
person_copy(const struct person *p)
{
	return (struct person){ mem_strdup(p->name),
	    mem_strdup(p->email ? p->email : "") };
}

/* Do two texts name one person? */
static bool
same_user(const char *a, const char *b)
{
	struct person p = { NULL, NULL };
	bool same;

	if (person_parse(&p, a))
		return strcmp(a, b) == 0;
	same = person_is(&p, b);
	person_release(&p);
	return same;
}

static void
take_away(struct access *a, const char *where, const char *user)
{
	size_t n = 0;

	for (size_t i = 0; i < a->n; i++) {
		if (strcmp(a->grants[i].where, where) == 0 &&
		    same_user(a->grants[i].user, user))
			grant_release(&a->grants[i]);
		else
			a->grants[n++] = a->grants[i];
	}
	a->n = n;
}

static void
give(struct access *a, const char *where, const char *user, enum role role,
    const struct event *ev)
{
	struct grant *g;

	take_away(a, where, user);
	VEC_ROOM(a->grants, a->n, a->cap);
	g = &a->grants[a->n++];
	g->where = mem_strdup(where);
	g->user = mem_strdup(user);
	g->role = role;
	g->by = person_copy(&ev->actor);
	g->time = ev->time;
	a->shared = a->shared || !a->founder.name ||
	    !person_is(&a->founder, user);
}

void
access_apply(struct access *a, const struct event *ev)
{
	const char *where = event_field(ev, "access");
	const char *user = event_field(ev, "user");
	const char *word = event_field(ev, "role");
	const char *on = event_field(ev, "enforce");
	struct buf text = BUF_INIT;
	enum role role;

	if (!where)
		return;
	if (strcmp(ev->act, "init") == 0 && !a->founder.name) {
		a->founder = person_copy(&ev->actor);
		person_text(&text, &ev->actor);
		give(a, where, text.p, ROLE_ADMIN, ev);
		buf_release(&text);
	} else if (strcmp(ev->act, "grant") == 0 && user && word &&
	    role_parse(&role, word)) {
		give(a, where, user, role, ev);
	} else if (strcmp(ev->act, "revoke") == 0 && user) {
		take_away(a, where, user);
	} else if (strcmp(ev->act, "access") == 0 && on) {
		a->switched = true;
		a->on = strcmp(on, "on") == 0;
	}
}

static err_t
apply_event(void *arg, const struct event_info *info, const struct event *ev)
{
	(void)info;
	access_apply(arg, ev);
	return NULL;
}

err_t
access_load(struct access *out, struct store *s)
{
	struct access a = ACCESS_INIT;
	err_t err = event_about(s, "access/", apply_event, &a);

	if (err)
		access_release(&a);
	else
		*out = a;
	return err;
}

/* ---- asking ------------------------------------------------------------- */

bool
access_enforced(const struct access *a)
{
	return a->switched ? a->on : a->shared;
}

/* Is the grant for the whole repository, or for this dataset or branch? */
static bool
is_for(const struct grant *g, const char *kind, const char *name)
{
	size_t len = strlen(kind);

	return name && strncmp(g->where, kind, len) == 0 &&
	    strcmp(g->where + len, name) == 0;
}

enum role
access_role(const struct access *a, const struct person *who,
    const char *dataset, const char *branch)
{
	enum role best = ROLE_NONE;

	for (size_t i = 0; i < a->n; i++) {
		const struct grant *g = &a->grants[i];

		if (g->role > best && (strcmp(g->where, "repository") == 0 ||
		    is_for(g, "dataset/", dataset) ||
		    is_for(g, "branch/", branch)) &&
		    person_is(who, g->user))
			best = g->role;
	}
	return best;
}

enum role
access_best(const struct access *a, const struct person *who)
{
	enum role best = ROLE_NONE;

	for (size_t i = 0; i < a->n; i++)
		if (a->grants[i].role > best &&
		    person_is(who, a->grants[i].user))
			best = a->grants[i].role;
	return best;
}

/* The admins, for those who want something of them. */
static void
list_admins(struct buf *out, const struct access *a)
{
	for (size_t i = 0; i < a->n; i++)
		if (a->grants[i].role == ROLE_ADMIN &&
		    strcmp(a->grants[i].where, "repository") == 0)
			buf_printf(out, "%s%s", out->len ? ", " : "",
			    a->grants[i].user);
}

err_t
access_refuse(const struct access *a, const struct person *who,
    enum role has, enum role need, const char *what, const char *branch)
{
	struct buf admins = BUF_INIT, where = BUF_INIT;
	err_t err;

	list_admins(&admins, a);
	if (branch)
		buf_printf(&where, " on \"%s\"", branch);
	err = err_new(ERR_PERMISSION, "\"%s\" needs the role %s%s, and %s has "
	    "%s; an admin can grant it (%s)", what, role_word(need),
	    buf_cstr(&where), who->name, has == ROLE_NONE ? "none" :
	    role_word(has), admins.len ? admins.p : "there is none");
	buf_release(&admins);
	buf_release(&where);
	return err;
}

err_t
access_command(struct repo *r, const char *command, enum role need)
{
	struct access a = ACCESS_INIT;
	struct ident who = IDENT_INIT;
	enum role best;
	err_t err = NULL;

	if (need == ROLE_NONE)
		return NULL;
	err = access_load(&a, r->store);
	/* What can still be read of a damaged repository is worth more than
	 * a guard rail. */
	if (need == ROLE_READ && err_is(err, ERR_CORRUPT))
		return NULL;
	if (!err && access_enforced(&a)) {
		err = ident_get(&who, r->config);
		best = err ? ROLE_NONE : access_best(&a, &who.who);
		if (!err && best < need)
			err = access_refuse(&a, &who.who, best, need, command,
			    NULL);
	}
	ident_release(&who);
	access_release(&a);
	return err;
}

/* ---- acts of an admin --------------------------------------------------- */

static bool
has_admin(const struct access *a)
{
	for (size_t i = 0; i < a->n; i++)
		if (a->grants[i].role == ROLE_ADMIN &&
		    strcmp(a->grants[i].where, "repository") == 0)
			return true;
	return false;
}

static bool
has_grant(const struct access *a, const char *where, const char *user)
{
	for (size_t i = 0; i < a->n; i++)
		if (strcmp(a->grants[i].where, where) == 0 &&
		    same_user(a->grants[i].user, user))
			return true;
	return false;
}

/* Would there still be an admin, and something to take away?  Under the
 * lock. */
static err_t
check_order(struct repo *r, const struct event *ev, const char *where,
    const struct access_order *o)
{
	struct access a = ACCESS_INIT;
	err_t err = access_load(&a, r->store);

	if (!err && o->role == ROLE_NONE && !has_grant(&a, where, o->user))
		err = err_new(ERR_NOT_FOUND, "\"%s\" has no role there; "
		    "\"dsv access\" lists who has one", o->user);
	if (!err) {
		access_apply(&a, ev);
		if (!has_admin(&a))
			err = err_new(ERR_REFUSED, "\"%s\" is the last admin; "
			    "make another one first, with \"dsv grant USER "
			    "admin\"", o->user);
	}
	access_release(&a);
	return err;
}

static err_t
where_of(struct buf *out, const struct access_order *o)
{
	struct buf full = BUF_INIT;
	err_t err = NULL;

	if (o->branch)
		err = refs_full_name(&full, REFS_BRANCH, o->branch);
	buf_release(&full);
	if (o->branch)
		buf_printf(out, "branch/%s", o->branch);
	else if (o->dataset)
		buf_printf(out, "dataset/%s", o->dataset);
	else
		buf_str(out, "repository");
	return err;
}

err_t
access_grant(struct repo *r, const struct access_order *o)
{
	struct person user = { NULL, NULL };
	struct buf where = BUF_INIT;
	struct gate gate = GATE_INIT;
	err_t err;

	err = person_parse(&user, o->user);
	if (!err)
		err = where_of(&where, o);
	if (!err)
		err = gate_begin(&gate, r, o->role == ROLE_NONE ? "revoke" :
		    "grant");
	if (err)
		goto out;
	event_add_field(&gate.event, "access", where.p);
	if (o->role != ROLE_NONE)
		event_add_field(&gate.event, "role", role_word(o->role));
	event_add_field(&gate.event, "user", o->user);
	err = gate_check(&gate);
	if (!err)
		err = check_order(r, &gate.event, where.p, o);
	if (!err)
		err = gate_commit(&gate, o->dry_run);
out:
	gate_end(&gate);
	buf_release(&where);
	person_release(&user);
	return err;
}

err_t
access_switch(struct repo *r, bool on, bool dry_run)
{
	struct gate gate = GATE_INIT;
	err_t err = gate_begin(&gate, r, "access");

	if (!err) {
		event_add_field(&gate.event, "access", "enforce");
		event_add_field(&gate.event, "enforce", on ? "on" : "off");
		err = gate_commit(&gate, dry_run);
	}
	gate_end(&gate);
	return err;
}
