#include "lib/history/commit.h"

#include <stdio.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/mem.h"
#include "lib/history/capture.h"
#include "lib/history/ident.h"
#include "lib/history/refs.h"
#include "lib/history/schema_policy.h"
#include "lib/history/status.h"
#include "lib/history/tree.h"
#include "lib/review/gate.h"
#include "lib/review/signature.h"

static char *
trimmed(const char *message)
{
	size_t len;

	while (*message && strchr("\r\n", *message))
		message++;
	len = strlen(message);
	while (len && strchr(" \t\r\n", message[len - 1]))
		len--;
	return mem_strndup(message, len);
}

/* What can be said of the version before anything is known of its place;
 * metas are borrowed. */
static err_t
fill_in(struct commit *c, const struct repo *r,
    const struct commit_options *o)
{
	struct ident who = IDENT_INIT;
	int64_t now;
	err_t err;

	c->message = trimmed(o->message ? o->message : "");
	if (!*c->message)
		return err_new(ERR_USAGE, "a version needs a message; give "
		    "one with -m");
	err = clock_now(&now);
	if (err)
		return err;
	c->author_time = c->committer_time = o->has_date ? o->date : now;
	err = ident_get(&who, r->config);
	if (err)
		return err;
	c->committer = who.who;
	if (o->author) {
		err = person_parse(&c->author, o->author);
	} else {
		c->author.name = mem_strdup(who.who.name);
		c->author.email = mem_strdup(who.who.email);
	}
	if (o->job)
		c->job = mem_strdup(o->job);
	c->metas = (struct meta *)o->metas;
	c->n_metas = o->n_metas;
	return err;
}

/* What fill_in filled in. */
static void
commit_end(struct commit *c)
{
	c->metas = NULL;
	c->n_metas = 0;
	commit_release(c);
}

/* Where the version will go; under the lock. */
static err_t
take_place(struct commit *c, struct commit_report *out, struct head *head,
    struct repo *r)
{
	struct commit_node node;
	err_t err;

	err = repo_head(head, r);
	if (err)
		return err;
	if (!head_branch(head))
		return err_new(ERR_REFUSED, "HEAD is detached, so the version "
		    "would be on no branch; make one first with \"dsv switch "
		    "-c NAME\"");
	err = gate_draft(r, head->ref.p);
	if (err)
		return err;
	buf_str(&out->branch, head_branch(head));
	if (id_is_zero(&head->commit))
		return NULL;
	err = commit_node(&node, r->store, &head->commit);
	if (err)
		return err;
	c->parents[0] = head->commit;
	c->n_parents = 1;
	out->parent_tree = node.tree;
	return NULL;
}

static err_t
record(struct txn *t, struct repo *r, const struct head *head,
    const struct commit_report *made, const char *tag)
{
	struct event ev = EVENT_INIT;
	struct buf full = BUF_INIT;
	struct id none = { { 0 } };
	struct id id;
	err_t err;

	err = ident_event(&ev, r->config, "commit");
	if (err)
		return err;
	event_add_ref(&ev, head->ref.p, &head->commit, &made->id);
	if (tag) {
		err = refs_full_name(&full, REFS_TAG, tag);
		if (!err)
			err = refs_check_free(r, buf_cstr(&full));
		if (!err)
			event_add_ref(&ev, full.p, &none, &made->id);
	}
	if (!err)
		err = gate_record(&id, t, r, &ev);
	event_release(&ev);
	buf_release(&full);
	return err;
}

static err_t
count(void *arg, const char *path, const struct tree_entry *from,
    const struct tree_entry *to)
{
	struct commit_report *report = arg;

	(void)path;
	report->added += !from;
	report->deleted += !to;
	report->modified += from && to;
	return NULL;
}

/* The version is true by now, and no failure takes it back. */
static void
count_files(struct commit_report *made, struct store *s)
{
	err_t err = tree_diff(s, &made->parent_tree, &made->tree, count, made);

	if (err)
		made->uncounted = *err;
}

/* ---- what the version changes in tables -------------------------------- */

struct expecting {
	struct capture *capture;
	struct store *store;
	struct id tree;			/* of the version before; zero: none */
};

/* What is put into the stage only under the lock. */
static err_t
expect_entry(void *arg, const char *path, const struct tree_entry *to)
{
	struct expecting *e = arg;
	struct tree_entry from;
	err_t err = NULL;

	if (!id_is_zero(&e->tree))
		err = tree_lookup(&from, e->store, &e->tree, path);
	if (err && !err_is(err, ERR_NOT_FOUND))
		return err;
	capture_expect(e->capture, path, err || id_is_zero(&e->tree) ? NULL :
	    &from, to);
	return NULL;
}

static err_t
expect_change(void *arg, const char *path, const struct tree_entry *from,
    const struct tree_entry *to)
{
	struct expecting *e = arg;

	capture_expect(e->capture, path, from, to);
	return NULL;
}

/* Before the lock: what the version will change, as things stand. */
static err_t
capture(struct capture *out, struct txn *t, struct repo *r,
    const struct commit_options *o)
{
	struct expecting e = { .capture = out, .store = r->store };
	struct head head = HEAD_INIT;
	struct commit_node node;
	err_t err;

	err = repo_head(&head, r);
	if (!err && !id_is_zero(&head.commit)) {
		err = commit_node(&node, r->store, &head.commit);
		e.tree = node.tree;
	}
	head_release(&head);
	if (!err && o->entries)
		err = o->entries(o->arg, expect_entry, &e);
	if (!err)
		err = tree_diff_stage(r->store, &e.tree, expect_change, &e);
	if (!err)
		err = txn_enter(t);
	return err ? err : capture_prepare(out);
}

/* ---- the version ------------------------------------------------------- */

/* Under the lock: the version and what points at it. */
static err_t
make(struct commit_report *out, struct txn *t, struct repo *r,
    struct capture *tables, struct commit *c, const struct commit_options *o)
{
	struct head head = HEAD_INIT;
	struct commit_node node;
	struct id empty;
	err_t err;

	err = take_place(c, out, &head, r);
	if (!err && o->stage)
		err = o->stage(o->arg, t);
	if (!err)
		err = tree_write_stage(&c->tree, t);
	if (err)
		goto out;
	out->tree = c->tree;
	tree_empty(&empty);
	out->nothing = !o->allow_empty && id_eq(&out->tree,
	    c->n_parents ? &out->parent_tree : &empty);
	if (out->nothing)
		goto out;
	if (!o->allow_schema)
		err = schema_policy_check(r, &out->parent_tree, false);
	if (!err)
		err = o->sign ? signature_add_commit(c, r->config) : NULL;
	if (!err)
		err = commit_put(&out->id, t, c);
	if (!err)
		err = capture_put(tables, &out->id, &out->parent_tree);
	if (!err)
		err = commit_node(&node, r->store, &out->id);
	if (err)
		goto out;
	out->version = node.version;
	err = record(t, r, &head, out, o->tag);
out:
	head_release(&head);
	return err;
}

/* What is refused anyway is refused before any work. */
static err_t
check_place(struct repo *r)
{
	struct head head = HEAD_INIT;
	err_t err = repo_head(&head, r);

	if (!err && head_branch(&head))
		err = gate_draft(r, head.ref.p);
	head_release(&head);
	return err;
}

static err_t
check_tag(struct repo *r, const char *tag)
{
	struct buf full = BUF_INIT;
	err_t err;

	err = refs_full_name(&full, REFS_TAG, tag);
	if (!err)
		err = refs_check_free(r, full.p);
	buf_release(&full);
	return err;
}

err_t
commit_create(struct commit_report *out, struct repo *r,
    const struct commit_options *o)
{
	struct commit c = COMMIT_INIT;
	struct commit_report made = COMMIT_REPORT_INIT;
	struct capture *tables = NULL;
	struct txn *t = NULL;
	err_t err;

	err = fill_in(&c, r, o);
	if (!err && o->sign)
		err = signature_ready(r->config);
	if (!err)
		err = check_place(r);
	if (!err && o->tag)
		err = check_tag(r, o->tag);
	if (!err)
		err = txn_begin(&t, r->store, "commit");
	if (!err && o->prepare)
		err = o->prepare(o->arg, t);
	if (!err) {
		tables = capture_new(r, t);
		err = capture(tables, t, r, o);
	}
	if (!err)
		err = txn_lock(t);
	if (!err)
		err = make(&made, t, r, tables, &c, o);
	if (!err && !made.nothing)
		err = txn_commit(t);
	if (!err && !made.nothing)
		count_files(&made, r->store);
	if (!err) {
		*out = made;
		made = (struct commit_report)COMMIT_REPORT_INIT;
	}
	capture_free(tables);
	txn_end(t);
	commit_end(&c);
	commit_report_release(&made);
	return err;
}

err_t
commit_preview(struct commit_report *out, struct repo *r,
    const struct commit_options *o, bool all)
{
	struct commit_options with_message = *o;
	struct commit c = COMMIT_INIT;
	struct commit_report report = COMMIT_REPORT_INIT;
	struct head head = HEAD_INIT;
	struct buf bytes = BUF_INIT;
	err_t err;

	if (!o->message)
		with_message.message = "?";
	err = fill_in(&c, r, &with_message);
	if (!err)
		err = commit_encode(&bytes, &c);
	if (!err)
		err = take_place(&c, &report, &head, r);
	if (!err && o->tag)
		err = check_tag(r, o->tag);
	if (!err && all)
		err = status_diff(r, &report.parent_tree, NULL, count,
		    &report);
	else if (!err)
		err = tree_diff_stage(r->store, &report.parent_tree, count,
		    &report);
	if (!err && !o->allow_schema)
		err = schema_policy_check(r, &report.parent_tree, all);
	if (err)
		goto out;
	report.nothing = !o->allow_empty && !report.added &&
	    !report.modified && !report.deleted;
	*out = report;
	report = (struct commit_report)COMMIT_REPORT_INIT;
out:
	head_release(&head);
	buf_release(&bytes);
	commit_end(&c);
	commit_report_release(&report);
	return err;
}

void
commit_report_release(struct commit_report *report)
{
	buf_release(&report->branch);
}

err_t
commit_read(struct commit *out, struct store *s, const struct id *id)
{
	struct buf bytes = BUF_INIT;
	err_t err;

	err = object_read(&bytes, s, KIND_COMMIT, id);
	if (!err)
		err = commit_decode(out, bytes.p, bytes.len);
	buf_release(&bytes);
	return err;
}

size_t
commit_subject(const struct commit *c)
{
	return strcspn(c->message, "\n");
}
