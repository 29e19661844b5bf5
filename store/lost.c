/*
 * Events and versions that nothing in the store refers to leave no trace when
 * the segment that held them is gone: built anew, the index is that of an
 * earlier day, and nothing is wrong with it.  So what the index before it knew
 * is remembered, to be looked for, and told if it is not found.
 */

#include <stdlib.h>

#include "lib/base/mem.h"
#include "store/store_int.h"

void
lost_release(struct lost *l)
{
	for (size_t i = 0; i < l->n_refs; i++)
		free(l->refs[i].name);
	free(l->refs);
	free(l->objects);
	*l = (struct lost)LOST_INIT;
}

/* ---- knowing ----------------------------------------------------------- */

static void
add(struct lost *l, enum kind kind, const struct id *id, int64_t version)
{
	VEC_ROOM(l->objects, l->n, l->cap);
	l->objects[l->n++] = (struct lost_object){ kind, *id, version };
}

static err_t
collect_objects(struct lost *l, struct db *old, struct store *s)
{
	struct query *q = NULL;
	int64_t kind;
	struct id id;
	bool found;
	err_t err;

	err = db_query(&q, old, "SELECT id, kind FROM object "
	    "WHERE kind > 0 AND kind < 5", "");
	while (!err && db_next(&err, q, "di", &id, &kind)) {
		err = object_has(&found, s, (enum kind)kind, &id);
		if (!err && !found)
			add(l, (enum kind)kind, &id, 0);
	}
	db_done(q);
	return err;
}

/* Whether or not they are there: they may turn out to be damaged.  Of a
 * version that nothing refers to it does not matter. */
static err_t
collect_history(struct lost *l, struct db *old)
{
	struct query *q = NULL;
	int64_t version, refs;
	struct id id;
	err_t err;

	err = db_query(&q, old, "SELECT v.id, v.version, coalesce(o.refs, 1) "
	    "FROM version v LEFT JOIN object o ON o.id = v.id AND o.kind = 5",
	    "");
	while (!err && db_next(&err, q, "dii", &id, &version, &refs))
		add(l, KIND_COMMIT, &id, refs ? version : 0);
	db_done(q);
	q = NULL;
	if (!err)
		err = db_query(&q, old, "SELECT id FROM event ORDER BY n",
		    "");
	while (!err && db_next(&err, q, "d", &id))
		add(l, KIND_EVENT, &id, 0);
	db_done(q);
	return err;
}

err_t
lost_collect(struct lost *l, struct db *old, struct store *s)
{
	struct query *q = NULL;
	const char *name;
	struct id target;
	err_t err;

	err = db_query(&q, old, "SELECT name, target FROM ref", "");
	while (!err && db_next(&err, q, "sd", &name, &target)) {
		VEC_ROOM(l->refs, l->n_refs, l->cap_refs);
		l->refs[l->n_refs].name = mem_strdup(name);
		l->refs[l->n_refs++].target = target;
	}
	db_done(q);
	if (!err)
		err = collect_objects(l, old, s);
	return err ? err : collect_history(l, old);
}

/* ---- telling ----------------------------------------------------------- */

static err_t
say_object(uint64_t *said, const struct lost_object *o, struct store *s,
    finding_fn *fn, void *arg)
{
	char hex[ID_HEX + 1];
	struct buf fact = BUF_INIT;
	struct finding f = { kind_name(o->kind), id_hex(hex, &o->id), NULL };
	bool found;
	err_t err;

	if (o->kind != KIND_EVENT && !o->version)
		return NULL;
	err = object_has(&found, s, o->kind, &o->id);
	if (err || found)
		return err;
	if (o->version)
		buf_printf(&fact, "it is lost; it was v%lld",
		    (long long)o->version);
	else
		buf_str(&fact, "it is lost, and with it an act that was "
		    "recorded");
	f.fact = fact.p;
	err = fn(arg, &f);
	++*said;
	buf_release(&fact);
	return err;
}

/* Is it among the values that the ref has had? */
struct past {
	const struct id *target;
	bool found;
};

static err_t
look_at_past(void *arg, const struct ref_change *change)
{
	struct past *p = arg;

	p->found = p->found || id_eq(&change->to, p->target);
	return NULL;
}

/* A ref that has moved on since lost nothing. */
static err_t
say_ref(uint64_t *said, const struct lost_ref *r, struct store *s,
    finding_fn *fn, void *arg)
{
	char hex[ID_HEX + 1], now[ID_HEX + 1];
	struct buf fact = BUF_INIT;
	struct finding f = { "ref", r->name, NULL };
	struct past past = { &r->target, false };
	struct ref ref;
	err_t err;

	err = reflog_walk(s, r->name, look_at_past, &past);
	if (err || past.found)
		return err;
	err = ref_get(&ref, s, r->name);
	if (err && !err_is(err, ERR_NOT_FOUND))
		return err;
	buf_printf(&fact, "it led to %s; now ", id_hex(hex, &r->target));
	if (err)
		buf_str(&fact, "it is not there");
	else
		buf_printf(&fact, "to %s", id_hex(now, &ref.target));
	f.fact = fact.p;
	err = fn(arg, &f);
	++*said;
	buf_release(&fact);
	return err;
}

err_t
lost_say(uint64_t *said, const struct lost *l, struct store *s,
    finding_fn *fn, void *arg)
{
	err_t err = NULL;

	for (size_t i = 0; !err && i < l->n; i++)
		err = say_object(said, &l->objects[i], s, fn, arg);
	for (size_t i = 0; !err && i < l->n_refs; i++)
		err = say_ref(said, &l->refs[i], s, fn, arg);
	return err;
}
