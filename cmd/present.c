#include "cmd/present.h"

#include <string.h>

#include "cmd/cmd.h"
#include "cmd/out.h"
#include "lib/base/buf.h"
#include "lib/base/clock.h"
#include "lib/history/commit.h"
#include "lib/history/refs.h"
#include "lib/history/repo.h"
#include "lib/review/state.h"

/* "(HEAD -> main, tag q1)", if anything points here. */
static void
decorate(struct out *o, const struct refs_table *refs,
    const struct head *head, const struct id *id)
{
	size_t n;
	const char *const *names = refs_table_at(&n, refs, id);
	bool detached = !head->ref.len && id_eq(&head->commit, id);

	if (!n && !detached)
		return;
	out_style(o, OUT_YELLOW);
	out_printf(o, detached ? " (HEAD" : "");
	for (size_t i = 0; i < n; i++) {
		bool is_label = !strncmp(names[i], "approved/", 9);
		const char *name = is_label ? names[i] :
		    strchr(names[i], '/') + 1;
		bool is_tag = !strncmp(names[i], "tag/", 4);

		out_printf(o, i || detached ? ", " : " (");
		if (head->ref.len && !strcmp(names[i], head->ref.p))
			out_printf(o, "HEAD -> ");
		out_printf(o, "%s", is_tag ? "tag " : "");
		out_text(o, name);
	}
	out_printf(o, ")");
	out_reset(o);
}

static void
present_name(struct out *o, const struct refs_table *refs,
    const struct head *head, const struct present_version *v)
{
	char hex[ID_HEX + 1];

	out_printf(o, "%s", v->first);
	out_style(o, OUT_BOLD);
	out_printf(o, "v%llu", (unsigned long long)v->node->version);
	out_reset(o);
	out_printf(o, " ");
	if (v->full_id)
		out_printf(o, "%s", id_hex(hex, &v->node->id));
	else
		out_id(o, &v->node->id);
	decorate(o, refs, head, &v->node->id);
}

/* " [submitted]"; nothing for a draft. */
static void
present_state_word(struct out *o, const struct review *r)
{
	if (r->state == REVIEW_DRAFT && !r->retracted)
		return;
	out_style(o, r->state == REVIEW_APPROVED && !r->retracted ?
	    OUT_GREEN : OUT_RED);
	out_printf(o, " [%s%s]", r->state == REVIEW_DRAFT ? "" :
	    review_word(r->state), !r->retracted ? "" : r->state ==
	    REVIEW_DRAFT ? "retracted" : ", retracted");
	out_reset(o);
}

void
present_signature(struct out *o, const struct signature *s)
{
	struct buf text = BUF_INIT;

	if (s->state == SIGNATURE_NONE)
		return;
	signature_text(&text, s);
	out_printf(o, " [");
	out_style(o, s->state == SIGNATURE_GOOD ? OUT_GREEN : OUT_RED);
	out_text(o, text.p);
	out_reset(o);
	out_printf(o, "]");
	buf_release(&text);
}

/* Whose approvals, or rejection, count. */
static bool
decides(const struct review *r, size_t i)
{
	return i >= r->round && (!strcmp(r->acts[i].act, "approve") ||
	    !strcmp(r->acts[i].act, "reject"));
}

static void
present_state(struct out *o, const struct present_version *v)
{
	const struct review *r = v->review;
	const char *comma = " by ";

	if (r->state == REVIEW_DRAFT && !r->retracted)
		return;
	out_printf(o, "%sState:   %s", v->below, review_word(r->state));
	for (size_t i = 0; i < r->n; i++) {
		if (!decides(r, i))
			continue;
		out_printf(o, r->state == REVIEW_SUBMITTED ? ", approved%s" :
		    "%s", comma);
		out_text(o, r->acts[i].actor.name);
		if (v->signature)
			present_signature(o, &r->acts[i].signature);
		comma = ", ";
	}
	out_printf(o, r->retracted ? ", retracted\n" : "\n");
}

/* "Review:  2024-01-02T03:04:05Z Ada: approve: looks good", one a line. */
static void
present_acts(struct out *o, const struct present_version *v)
{
	for (size_t i = 0; v->acts && i < v->review->n; i++) {
		const struct review_act *a = &v->review->acts[i];
		struct buf date = BUF_INIT;

		clock_format(&date, a->time);
		out_printf(o, "%sReview:  %s ", v->below, date.p);
		out_text(o, a->actor.name);
		out_printf(o, " %s", a->act);
		if (a->label)
			out_printf(o, " as ");
		out_text(o, a->label ? a->label : "");
		if (a->refused)
			out_printf(o, " (%s, too late)", a->refused);
		if (v->signature)
			present_signature(o, &a->signature);
		out_printf(o, *a->note ? ": " : "");
		out_text(o, a->note);
		out_printf(o, "\n");
		buf_release(&date);
	}
}

void
present_line(struct out *o, const struct refs_table *refs,
    const struct head *head, const struct present_version *v)
{
	present_name(o, refs, head, v);
	present_state_word(o, v->review);
	if (v->signature)
		present_signature(o, v->signature);
	if (v->path_version)
		out_printf(o, " p%llu", (unsigned long long)v->path_version);
	out_printf(o, " ");
	out_textn(o, v->commit->message, commit_subject(v->commit));
	out_printf(o, "\n");
}

static void
present_person_line(struct out *o, const struct present_version *v,
    const char *label, const struct person *p,
    const struct signature *signature)
{
	out_printf(o, "%s%s", v->below, label);
	out_text(o, p->name);
	if (p->email && *p->email) {
		out_printf(o, " <");
		out_text(o, p->email);
		out_printf(o, ">");
	}
	if (signature)
		present_signature(o, signature);
	out_printf(o, "\n");
}

static void
present_time_line(struct out *o, const struct present_version *v,
    const char *label, int64_t t)
{
	struct buf text = BUF_INIT;

	clock_format(&text, t);
	out_printf(o, "%s%s%s\n", v->below, label, text.p);
	buf_release(&text);
}

static bool
same_person(const struct person *a, const struct person *b)
{
	return !strcmp(a->name, b->name) &&
	    !strcmp(a->email ? a->email : "", b->email ? b->email : "");
}

static void
present_headers(struct out *o, const struct present_version *v)
{
	const struct commit *c = v->commit;
	bool same = same_person(&c->author, &c->committer);

	if (v->node->n_parents > 1) {
		out_printf(o, "%sParents:", v->below);
		for (unsigned i = 0; i < v->node->n_parents; i++) {
			out_printf(o, " ");
			out_id(o, &v->node->parents[i]);
		}
		out_printf(o, "\n");
	}
	/* It is the committer who signs. */
	present_person_line(o, v, "Author:  ", &c->author, same ?
	    v->signature : NULL);
	if (!same)
		present_person_line(o, v, "Commit:  ", &c->committer,
		    v->signature);
	present_time_line(o, v, "Date:    ", c->author_time);
	if (c->committer_time != c->author_time)
		present_time_line(o, v, "On:      ", c->committer_time);
	present_state(o, v);
	present_acts(o, v);
	if (c->job) {
		out_printf(o, "%sJob:     ", v->below);
		out_text(o, c->job);
		out_printf(o, "\n");
	}
	for (size_t i = 0; i < c->n_metas; i++) {
		out_printf(o, "%sMeta:    ", v->below);
		out_text(o, c->metas[i].key);
		out_printf(o, "=");
		out_text(o, c->metas[i].value);
		out_printf(o, "\n");
	}
	if (v->path_version) {
		out_printf(o, "%sPath:    version %llu of ", v->below,
		    (unsigned long long)v->path_version);
		out_text(o, v->paths);
		out_printf(o, "\n");
	}
}

void
present_blank(struct out *o, const char *below)
{
	size_t len = strlen(below);

	while (len && below[len - 1] == ' ')
		len--;
	out_printf(o, "%.*s\n", (int)len, below);
}

void
present_version(struct out *o, const struct refs_table *refs,
    const struct head *head, const struct present_version *v)
{
	const char *p = v->commit->message;

	present_name(o, refs, head, v);
	out_printf(o, "\n");
	present_headers(o, v);
	present_blank(o, v->below);
	while (*p) {
		size_t len = strcspn(p, "\n");

		if (len) {
			out_printf(o, "%s    ", v->below);
			out_textn(o, p, len);
			out_printf(o, "\n");
		} else {
			present_blank(o, v->below);
		}
		p += len + (p[len] == '\n');
	}
}

/* ---- JSON -------------------------------------------------------------- */

void
present_person(struct json *j, const struct person *p)
{
	json_object(j);
	json_key(j, "name");
	json_text(j, p->name);
	json_key(j, "email");
	json_text(j, p->email ? p->email : "");
	json_end(j);
}

void
present_signature_member(struct json *j, const struct signature *s)
{
	json_key(j, "signature");
	if (s->state == SIGNATURE_NONE) {
		json_null(j);
		return;
	}
	json_object(j);
	json_key(j, "state");
	json_text(j, signature_word(s->state));
	json_key(j, "principal");
	json_text(j, s->principal);
	json_key(j, "fact");
	json_text(j, s->fact);
	json_end(j);
}

/* Who has decided, and what they said. */
static void
present_reviewers(struct json *j, const struct review *r, bool signatures)
{
	json_array(j);
	for (size_t i = 0; i < r->n; i++) {
		const struct review_act *a = &r->acts[i];

		if (!decides(r, i))
			continue;
		json_object(j);
		json_key(j, "name");
		json_text(j, a->actor.name);
		json_key(j, "email");
		json_text(j, a->actor.email);
		json_key(j, "decision");
		json_text(j, *a->act == 'a' ? "approved" : "rejected");
		json_key(j, "date");
		json_time(j, a->time);
		json_key(j, "note");
		json_text(j, a->note);
		if (signatures)
			present_signature_member(j, &a->signature);
		json_end(j);
	}
	json_end(j);
}

static void
present_reviews(struct json *j, const struct review *r, bool signatures)
{
	json_array(j);
	for (size_t i = 0; i < r->n; i++) {
		const struct review_act *a = &r->acts[i];

		json_object(j);
		json_key(j, "act");
		json_text(j, a->act);
		json_key(j, "actor");
		present_person(j, &a->actor);
		json_key(j, "date");
		json_time(j, a->time);
		json_key(j, "note");
		json_text(j, a->note);
		if (a->label) {
			json_key(j, "label");
			json_text(j, a->label);
		}
		if (a->refused) {
			json_key(j, "refused");
			json_text(j, a->refused);
		}
		if (signatures)
			present_signature_member(j, &a->signature);
		json_end(j);
	}
	json_end(j);
}

/* The short names of one kind of ref that name the version. */
static void
present_refs(struct json *j, const struct refs_table *refs, const char *kind,
    const struct id *id)
{
	size_t n, len = strlen(kind);
	const char *const *names = refs_table_at(&n, refs, id);

	json_array(j);
	for (size_t i = 0; i < n; i++)
		if (!strncmp(names[i], kind, len))
			json_text(j, names[i] + len);
	json_end(j);
}

static void
present_metas(struct json *j, const struct commit *c)
{
	json_object(j);
	for (size_t i = 0; i < c->n_metas; i++) {
		json_key(j, c->metas[i].key);
		json_text(j, c->metas[i].value);
	}
	json_end(j);
}

void
present_members(struct json *j, const struct refs_table *refs,
    const struct present_version *v)
{
	const struct commit *c = v->commit;

	json_key(j, "id");
	json_id(j, &v->node->id);
	json_key(j, "version");
	json_uint(j, v->node->version);
	json_key(j, "parents");
	json_array(j);
	for (unsigned i = 0; i < c->n_parents; i++)
		json_id(j, &c->parents[i]);
	json_end(j);
	json_key(j, "tree");
	json_id(j, &c->tree);
	json_key(j, "author");
	present_person(j, &c->author);
	json_key(j, "date");
	json_time(j, c->author_time);
	json_key(j, "committer");
	present_person(j, &c->committer);
	json_key(j, "commit_date");
	json_time(j, c->committer_time);
	json_key(j, "job");
	json_text(j, c->job);
	json_key(j, "meta");
	present_metas(j, c);
	json_key(j, "message");
	json_text(j, c->message);
	json_key(j, "branches");
	present_refs(j, refs, "branch/", &v->node->id);
	json_key(j, "tags");
	present_refs(j, refs, "tag/", &v->node->id);
	json_key(j, "labels");
	present_refs(j, refs, "approved/", &v->node->id);
	json_key(j, "state");
	json_text(j, review_word(v->review->state));
	json_key(j, "retracted");
	json_bool(j, v->review->retracted);
	json_key(j, "reviewers");
	present_reviewers(j, v->review, v->signature);
	if (v->acts) {
		json_key(j, "reviews");
		present_reviews(j, v->review, v->signature);
	}
	if (v->signature)
		present_signature_member(j, v->signature);
	if (v->path_version) {
		json_key(j, "path_version");
		json_uint(j, v->path_version);
	}
}

/* ---- acts -------------------------------------------------------------- */

static void
act_json(struct out *o, const struct present_act *act)
{
	struct json *j = out_json(o);

	json_object(j);
	json_key(j, "name");
	json_text(j, act->name);
	json_key(j, "action");
	json_text(j, act->done);
	if (act->to) {
		json_key(j, "to");
		json_text(j, act->to);
	}
	if (act->id) {
		json_key(j, "id");
		json_id(j, act->id);
	}
	json_key(j, "dry_run");
	json_bool(j, act->dry_run);
	json_end(j);
	out_json_end(o);
}

void
present_act(struct ctx *ctx, const struct present_act *act)
{
	struct out *o = ctx->out;

	if (out_is_json(o)) {
		act_json(o, act);
		return;
	}
	if (ctx->g->quiet)
		return;
	out_printf(o, act->dry_run ? "would have %s " : "%s ", act->done);
	out_text(o, act->name);
	if (act->to) {
		out_printf(o, " to ");
		out_text(o, act->to);
	}
	if (act->id) {
		out_printf(o, " ");
		out_id(o, act->id);
	}
	out_printf(o, "\n");
}
