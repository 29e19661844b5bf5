#include "lib/history/refs.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/base/text.h"
#include "lib/history/walk.h"
#include "lib/review/gate.h"

static const struct id no_id;

static const char *
kind_word(enum refs_kind kind)
{
	return kind == REFS_TAG ? "tag" : kind == REFS_LABEL ? "label" :
	    "branch";
}

static const char *
kind_prefix(enum refs_kind kind)
{
	return kind == REFS_TAG ? "tag/" : kind == REFS_LABEL ? "approved/" :
	    "branch/";
}

err_t
refs_full_name(struct buf *out, enum refs_kind kind, const char *name)
{
	struct buf full = BUF_INIT;
	err_t err = NULL;

	buf_printf(&full, "%s%s", kind_prefix(kind), name);
	if (ref_name_ok(full.p))
		buf_add(out, full.p, full.len);
	else
		err = err_new(ERR_USAGE, "\"%s\" cannot name a %s: no blanks, "
		    "none of ~^:?*[\\,@, nothing that reads as an id or a "
		    "version number; see dsv-revisions(7)", name,
		    kind_word(kind));
	buf_release(&full);
	return err;
}

static const char *
short_name(const char *full)
{
	return strchr(full, '/') + 1;
}

/* ---- looking for names ------------------------------------------------- */

struct names {
	char **v;
	size_t n, cap;
};

static err_t
names_add(void *arg, const struct ref *ref)
{
	struct names *names = arg;

	VEC_ROOM(names->v, names->n, names->cap);
	names->v[names->n++] = mem_strdup(ref->name);
	return NULL;
}

static void
names_release(struct names *names)
{
	while (names->n)
		free(names->v[--names->n]);
	free(names->v);
}

static bool
same_fold(const char *a, const char *b)
{
	struct buf x = BUF_INIT, y = BUF_INIT;
	bool same;

	text_fold(&x, a, strlen(a));
	text_fold(&y, b, strlen(b));
	same = x.len == y.len && !memcmp(buf_cstr(&x), buf_cstr(&y), x.len);
	buf_release(&x);
	buf_release(&y);
	return same;
}

err_t
refs_check_free(struct repo *r, const char *full)
{
	struct names names = { NULL, 0, 0 };
	err_t err;

	err = ref_walk(r->store, "", names_add, &names);
	for (size_t i = 0; !err && i < names.n; i++) {
		const char *have = names.v[i];

		if (!strncmp(have, "approved/", 9) ||
		    !same_fold(short_name(have), short_name(full)))
			continue;
		err = err_new(ERR_EXISTS, "there is a %s \"%s\" already",
		    strncmp(have, "tag/", 4) ? "branch" : "tag",
		    short_name(have));
	}
	names_release(&names);
	return err;
}

err_t
refs_nearest(struct buf *out, struct repo *r, const char *typed)
{
	struct names names = { NULL, 0, 0 };
	const char *nearest = NULL;
	size_t best = strlen(typed) < 4 ? 2 : 3;
	err_t err;

	err = ref_walk(r->store, "", names_add, &names);
	for (size_t i = 0; !err && i < names.n; i++) {
		bool label = !strncmp(names.v[i], "approved/", 9);
		const char *name = label ? names.v[i] :
		    short_name(names.v[i]);
		size_t d = text_distance(typed, name, best);

		if (d < best) {
			best = d;
			nearest = name;
		}
	}
	if (!err && nearest)
		buf_str(out, nearest);
	names_release(&names);
	return err;
}

/* ---- acts -------------------------------------------------------------- */

static err_t
find(struct ref *out, struct repo *r, enum refs_kind kind, const char *full)
{
	err_t err = ref_get(out, r->store, full);

	if (err && err_is(err, ERR_NOT_FOUND))
		return err_new(ERR_NOT_FOUND, "no %s \"%s\"; \"dsv %s\" lists "
		    "them", kind_word(kind), short_name(full),
		    kind_word(kind));
	return err;
}

err_t
refs_create(struct repo *r, enum refs_kind kind, const char *name,
    const struct id *commit, const char *note, bool dry_run)
{
	struct gate a = GATE_INIT;
	struct buf full = BUF_INIT;
	err_t err;

	err = refs_full_name(&full, kind, name);
	if (!err)
		err = gate_begin(&a, r, kind_word(kind));
	if (!err)
		err = refs_check_free(r, full.p);
	if (err)
		goto out;
	if (note) {
		free(a.event.note);
		a.event.note = mem_strdup(note);
	}
	event_add_ref(&a.event, full.p, &no_id, commit);
	err = gate_commit(&a, dry_run);
out:
	gate_end(&a);
	buf_release(&full);
	return err;
}

static err_t
is_current(bool *out, struct repo *r, const char *full)
{
	struct head head = HEAD_INIT;
	err_t err = repo_head(&head, r);

	if (!err)
		*out = head.ref.len && !strcmp(head.ref.p, full);
	head_release(&head);
	return err;
}

err_t
refs_move(struct repo *r, const char *name, const struct id *from,
    const struct id *to, bool dry_run)
{
	struct gate a = GATE_INIT;
	struct buf full = BUF_INIT;
	bool current = false;
	err_t err;

	err = refs_full_name(&full, REFS_BRANCH, name);
	if (!err)
		err = gate_begin(&a, r, "branch");
	if (!err)
		err = is_current(&current, r, full.p);
	if (!err && current)
		err = err_new(ERR_REFUSED, "\"%s\" is the current branch; "
		    "switch to another one to move it", name);
	if (err)
		goto out;
	event_add_ref(&a.event, full.p, from, to);
	err = gate_commit(&a, dry_run);
out:
	gate_end(&a);
	buf_release(&full);
	return err;
}

/* Is the version in what another ref, or HEAD, names? */
static err_t
is_kept(bool *out, struct repo *r, const char *but, const struct id *commit)
{
	struct names names = { NULL, 0, 0 };
	struct head head = HEAD_INIT;
	struct ref ref;
	err_t err;

	*out = false;
	err = ref_walk(r->store, "", names_add, &names);
	for (size_t i = 0; !err && !*out && i < names.n; i++) {
		if (!strcmp(names.v[i], but))
			continue;
		err = ref_get(&ref, r->store, names.v[i]);
		if (!err)
			err = walk_is_ancestor(out, r->store, commit,
			    &ref.target);
	}
	if (!err && !*out)
		err = repo_head(&head, r);
	if (!err && !*out && !id_is_zero(&head.commit))
		err = walk_is_ancestor(out, r->store, commit, &head.commit);
	head_release(&head);
	names_release(&names);
	return err;
}

static err_t
check_deletable(struct repo *r, const char *full, const struct id *at,
    bool force)
{
	bool current, kept = force;
	err_t err;

	err = is_current(&current, r, full);
	if (!err && current)
		return err_new(ERR_REFUSED, "\"%s\" is the current branch; "
		    "switch to another one to delete it", short_name(full));
	if (!err && !force)
		err = is_kept(&kept, r, full, at);
	if (!err && !kept)
		return err_new(ERR_REFUSED, "\"%s\" has versions that no "
		    "other branch or tag has; delete it with \"dsv branch "
		    "--delete --force %s\"", short_name(full),
		    short_name(full));
	return err;
}

err_t
refs_delete(struct id *was, struct repo *r, enum refs_kind kind,
    const char *name, bool force, bool dry_run)
{
	struct gate a = GATE_INIT;
	struct buf full = BUF_INIT;
	struct ref ref;
	err_t err;

	err = refs_full_name(&full, kind, name);
	if (!err && !dry_run)
		store_make_room(r->store);
	if (!err)
		err = gate_begin(&a, r, kind == REFS_TAG ?
		    "tag-delete" : "branch-delete");
	if (!err)
		err = find(&ref, r, kind, full.p);
	if (!err && kind == REFS_BRANCH)
		err = check_deletable(r, full.p, &ref.target, force);
	if (err)
		goto out;
	event_add_ref(&a.event, full.p, &ref.target, &no_id);
	err = gate_commit(&a, dry_run);
	if (!err)
		*was = ref.target;
out:
	gate_end(&a);
	buf_release(&full);
	return err;
}

err_t
refs_rename(struct repo *r, const char *from, const char *to, bool dry_run)
{
	struct gate a = GATE_INIT;
	struct buf old = BUF_INIT, new = BUF_INIT;
	struct ref ref = { .name = NULL };
	bool current = false;
	err_t err;

	err = refs_full_name(&old, REFS_BRANCH, from);
	if (!err)
		err = refs_full_name(&new, REFS_BRANCH, to);
	if (!err)
		err = gate_begin(&a, r, "branch-rename");
	if (!err)
		err = is_current(&current, r, old.p);
	if (!err)
		err = find(&ref, r, REFS_BRANCH, old.p);
	if (err && current && err_is(err, ERR_NOT_FOUND)) {
		ref.name = NULL;	/* it has no version yet */
		err = NULL;
	}
	if (!err && !same_fold(old.p, new.p))
		err = refs_check_free(r, new.p);
	if (err)
		goto out;
	event_add_field(&a.event, "from", old.p);
	event_add_field(&a.event, "to", new.p);
	if (ref.name) {
		event_add_ref(&a.event, old.p, &ref.target, &no_id);
		event_add_ref(&a.event, new.p, &no_id, &ref.target);
	}
	if (current)
		err = state_set(a.txn, "head", new.p);
	if (!err)
		err = gate_commit(&a, dry_run);
out:
	gate_end(&a);
	buf_release(&old);
	buf_release(&new);
	return err;
}

/* ---- listing ----------------------------------------------------------- */

err_t
refs_read_event(struct event *out, struct repo *r, const struct id *id)
{
	struct buf bytes = BUF_INIT;
	err_t err = object_read(&bytes, r->store, KIND_EVENT, id);

	if (!err)
		err = event_decode(out, bytes.p, bytes.len);
	buf_release(&bytes);
	return err;
}

err_t
refs_walk(struct repo *r, enum refs_kind kind, refs_visit_fn *fn, void *arg)
{
	struct names names = { NULL, 0, 0 };
	err_t err;

	err = ref_walk(r->store, kind_prefix(kind), names_add, &names);
	for (size_t i = 0; !err && i < names.n; i++) {
		struct refs_info info = { short_name(names.v[i]),
		    { { 0 } }, EVENT_INIT };
		struct ref ref;

		err = ref_get(&ref, r->store, names.v[i]);
		if (!err)
			err = refs_read_event(&info.event, r, &ref.event);
		info.target = ref.target;
		if (!err)
			err = fn(arg, &info);
		event_release(&info.event);
	}
	names_release(&names);
	return err;
}

/* ---- table ------------------------------------------------------------- */

struct row {
	struct id id;
	char *name;
};

struct refs_table {
	struct row *rows;	/* by id, then name */
	const char **names;	/* the same order */
	size_t n, cap;
};

static err_t
table_add(void *arg, const struct ref *ref)
{
	struct refs_table *t = arg;

	VEC_ROOM(t->rows, t->n, t->cap);
	t->rows[t->n++] = (struct row){ ref->target, mem_strdup(ref->name) };
	return NULL;
}

static int
row_cmp(const void *a, const void *b)
{
	const struct row *x = a, *y = b;
	int cmp = id_cmp(&x->id, &y->id);

	if (!cmp)
		cmp = !strncmp(x->name, "approved/", 9) -
		    !strncmp(y->name, "approved/", 9);
	return cmp ? cmp : strcmp(x->name, y->name);
}

err_t
refs_table_load(struct refs_table **out, struct repo *r)
{
	struct refs_table *t = mem_zalloc(sizeof(*t));
	err_t err;

	err = ref_walk(r->store, "", table_add, t);
	if (err) {
		refs_table_free(t);
		return err;
	}
	if (t->n)
		qsort(t->rows, t->n, sizeof(*t->rows), row_cmp);
	t->names = mem_array(t->n, sizeof(*t->names));
	for (size_t i = 0; i < t->n; i++)
		t->names[i] = t->rows[i].name;
	*out = t;
	return NULL;
}

const char *const *
refs_table_at(size_t *n, const struct refs_table *t, const struct id *commit)
{
	size_t low = 0, high = t->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (id_cmp(&t->rows[mid].id, commit) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	*n = 0;
	while (low + *n < t->n && id_eq(&t->rows[low + *n].id, commit))
		++*n;
	return t->names + low;
}

void
refs_table_free(struct refs_table *t)
{
	if (!t)
		return;
	while (t->n)
		free(t->rows[--t->n].name);
	free(t->rows);
	free(t->names);
	free(t);
}
