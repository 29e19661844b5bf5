#include "cmd/present.h"

#include <string.h>

#include "cmd/cmd.h"
#include "cmd/out.h"
#include "lib/base/buf.h"
#include "lib/base/clock.h"
#include "lib/history/commit.h"
#include "lib/history/refs.h"
#include "lib/history/repo.h"

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
		const char *slash = strchr(names[i], '/');
		bool is_tag = !strncmp(names[i], "tag/", 4);

		out_printf(o, i || detached ? ", " : " (");
		if (head->ref.len && !strcmp(names[i], head->ref.p))
			out_printf(o, "HEAD -> ");
		out_printf(o, "%s", is_tag ? "tag " : "");
		out_text(o, slash + 1);
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

void
present_line(struct out *o, const struct refs_table *refs,
    const struct head *head, const struct present_version *v)
{
	present_name(o, refs, head, v);
	if (v->path_version)
		out_printf(o, " p%llu", (unsigned long long)v->path_version);
	out_printf(o, " ");
	out_textn(o, v->commit->message, commit_subject(v->commit));
	out_printf(o, "\n");
}

static void
present_person_line(struct out *o, const struct present_version *v,
    const char *label, const struct person *p)
{
	out_printf(o, "%s%s", v->below, label);
	out_text(o, p->name);
	if (p->email && *p->email) {
		out_printf(o, " <");
		out_text(o, p->email);
		out_printf(o, ">");
	}
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

	if (v->node->n_parents > 1) {
		out_printf(o, "%sParents:", v->below);
		for (unsigned i = 0; i < v->node->n_parents; i++) {
			out_printf(o, " ");
			out_id(o, &v->node->parents[i]);
		}
		out_printf(o, "\n");
	}
	present_person_line(o, v, "Author:  ", &c->author);
	if (!same_person(&c->author, &c->committer))
		present_person_line(o, v, "Commit:  ", &c->committer);
	present_time_line(o, v, "Date:    ", c->author_time);
	if (c->committer_time != c->author_time)
		present_time_line(o, v, "On:      ", c->committer_time);
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
