#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/out.h"
#include "cmd/present.h"
#include "lib/base/clock.h"
#include "lib/base/mem.h"
#include "lib/base/term.h"
#include "lib/base/text.h"
#include "lib/history/ident.h"
#include "lib/history/log.h"
#include "lib/history/pathspec.h"
#include "lib/history/rev.h"
#include "lib/review/audit.h"

struct audit_args {
	const char *actor;
	const char *since;
	bool head;
	const char *verify;
};

static const struct opt audit_opts[] = {
	TEXT(struct audit_args, actor, 0, "actor", "TEXT", OFFER_NONE,
	    "by those with this in their name or address"),
	TEXT(struct audit_args, since, 0, "since", "TIME", OFFER_NONE,
	    "not older than this"),
	FLAG(struct audit_args, head, 0, "head",
	    "only print an anchor, to be kept elsewhere"),
	TEXT(struct audit_args, verify, 0, "verify", "ANCHOR", OFFER_NONE,
	    "only check that nothing before the anchor changed"),
	OPT_TABLE_END
};

struct show {
	struct ctx *ctx;
	struct buf actor;		/* folded; empty: anybody */
	bool has_since;
	int64_t since;
	bool any;			/* something was shown */
	bool some;			/* only about these versions */
	struct id *commits;
	size_t n, cap;
};

/* ---- which -------------------------------------------------------------- */

static bool
is_by(const struct show *s, const struct person *p)
{
	struct buf text = BUF_INIT, fold = BUF_INIT;
	bool is;

	if (!s->actor.len)
		return true;
	person_text(&text, p);
	text_fold(&fold, buf_cstr(&text), text.len);
	is = strstr(buf_cstr(&fold), s->actor.p);
	buf_release(&text);
	buf_release(&fold);
	return is;
}

static bool
has_commit(const struct show *s, const struct id *id)
{
	for (size_t i = 0; i < s->n; i++)
		if (id_eq(&s->commits[i], id))
			return true;
	return false;
}

static bool
is_about(const struct show *s, const struct event *ev)
{
	const char *hex = event_field(ev, "commit");
	struct id id;

	if (!s->some || (hex && id_parse(&id, hex, strlen(hex)) &&
	    has_commit(s, &id)))
		return true;
	for (size_t i = 0; i < ev->n_refs; i++)
		if (has_commit(s, &ev->refs[i].to))
			return true;
	return false;
}

static void
add_commit(struct show *s, const struct id *id)
{
	VEC_ROOM(s->commits, s->n, s->cap);
	s->commits[s->n++] = *id;
}

/* The versions that changed the paths. */
static err_t
add_paths(struct show *s, const char *const *typed, size_t n)
{
	struct log_options o = { .all = false };
	struct log *log = NULL;
	const struct log_entry *e;
	bool found = true;
	err_t err;

	err = rev_commit(&o.from, s->ctx->repo, "HEAD");
	if (!err)
		err = pathspec_new(&o.paths, s->ctx->repo, typed, n, NULL,
		    NULL, NULL);
	if (!err)
		err = log_open(&log, s->ctx->repo, &o);
	while (!err && !(err = log_next(&found, &e, log)) && found)
		add_commit(s, &e->node.id);
	log_close(log);
	if (!err && !s->n)
		err = err_new(ERR_NOT_FOUND, "no version has \"%s\"",
		    typed[0]);
	pathspec_free(o.paths);
	return err;
}

static err_t
select_versions(struct show *s, const struct operands *ops)
{
	size_t used = 0;
	struct id id;
	err_t err;

	s->some = ops->n;
	if (!ops->n)
		return NULL;
	err = rev_split(&used, s->ctx->repo, ops, 1);
	if (!err && used && ops->n > used)
		err = err_new(ERR_USAGE, "name a version or paths, not both");
	if (!err && used)
		err = rev_commit(&id, s->ctx->repo, ops->v[0]);
	if (!err && used)
		add_commit(s, &id);
	else if (!err)
		err = add_paths(s, ops->v, ops->n);
	return err;
}

/* ---- text --------------------------------------------------------------- */

static void
put_id(struct out *o, const struct id *id)
{
	if (id_is_zero(id))
		out_printf(o, "-");
	else
		out_id(o, id);
}

static void
put_fields(struct out *o, const struct event *ev)
{
	struct id id;

	for (size_t i = 0; i < ev->n_fields; i++) {
		const struct meta *f = &ev->fields[i];

		if (strcmp(f->key, "signature") == 0)
			continue;
		out_printf(o, " ");
		out_text(o, f->key);
		out_printf(o, "=");
		if (id_parse(&id, f->value, strlen(f->value)))
			out_id(o, &id);
		else
			out_text(o, f->value);
	}
}

static void
put_text(struct out *o, const struct audit_event *e)
{
	const struct event *ev = e->event;
	struct buf text = BUF_INIT;

	buf_printf(&text, "%llu ", (unsigned long long)e->info->number);
	clock_format(&text, ev->time);
	buf_char(&text, ' ');
	person_text(&text, &ev->actor);
	out_text(o, text.p);
	out_printf(o, " (");
	out_text(o, ev->identity);
	out_printf(o, ") ");
	out_style(o, OUT_BOLD);
	out_text(o, ev->act);
	out_reset(o);
	for (size_t i = 0; i < ev->n_refs; i++) {
		out_printf(o, " ");
		out_text(o, ev->refs[i].name);
		out_printf(o, " ");
		put_id(o, &ev->refs[i].from);
		out_printf(o, " → ");
		put_id(o, &ev->refs[i].to);
	}
	put_fields(o, ev);
	present_signature(o, e->signature);
	if (*ev->note)
		out_printf(o, ": ");
	out_text(o, ev->note);
	out_printf(o, "\n");
	if (e->finding) {
		out_style(o, OUT_RED);
		out_printf(o, "  finding: ");
		out_text(o, e->finding);
		out_reset(o);
		out_printf(o, "\n");
	}
	buf_release(&text);
}

/* ---- JSON --------------------------------------------------------------- */

static void
json_ref_id(struct json *j, const struct id *id)
{
	if (id_is_zero(id))
		json_null(j);
	else
		json_id(j, id);
}

static void
put_refs(struct json *j, const struct event *ev)
{
	json_array(j);
	for (size_t i = 0; i < ev->n_refs; i++) {
		json_object(j);
		json_key(j, "name");
		json_text(j, ev->refs[i].name);
		json_key(j, "from");
		json_ref_id(j, &ev->refs[i].from);
		json_key(j, "to");
		json_ref_id(j, &ev->refs[i].to);
		json_end(j);
	}
	json_end(j);
}

static void
put_json(struct out *o, const struct audit_event *e)
{
	const struct event *ev = e->event;
	struct json *j = out_json(o);
	char writer[2 * WRITER_SIZE + 1] = "";

	for (size_t i = 0; i < WRITER_SIZE; i++) {
		writer[2 * i] = "0123456789abcdef"[ev->writer[i] >> 4];
		writer[2 * i + 1] = "0123456789abcdef"[ev->writer[i] & 15];
	}
	json_object(j);
	json_key(j, "number");
	json_uint(j, e->info->number);
	json_key(j, "id");
	json_id(j, &e->info->id);
	json_key(j, "act");
	json_text(j, ev->act);
	json_key(j, "date");
	json_time(j, ev->time);
	json_key(j, "actor");
	present_person(j, &ev->actor);
	json_key(j, "identity");
	json_text(j, ev->identity);
	json_key(j, "writer");
	json_text(j, writer);
	json_key(j, "seq");
	json_uint(j, ev->seq);
	json_key(j, "refs");
	put_refs(j, ev);
	json_key(j, "fields");
	json_object(j);
	for (size_t i = 0; i < ev->n_fields; i++) {
		if (strcmp(ev->fields[i].key, "signature") == 0)
			continue;
		json_key(j, ev->fields[i].key);
		json_text(j, ev->fields[i].value);
	}
	json_end(j);
	json_key(j, "note");
	json_text(j, ev->note);
	present_signature_member(j, e->signature);
	json_key(j, "finding");
	json_text(j, e->finding);
	json_end(j);
	out_json_end(o);
}

static err_t
put_event(void *arg, const struct audit_event *e)
{
	struct show *s = arg;
	const struct event *ev = e->event;

	/* What is wrong is always told. */
	if (!e->finding && (!is_by(s, &ev->actor) || !is_about(s, ev) ||
	    (s->has_since && ev->time < s->since)))
		return NULL;
	s->any = true;
	if (out_is_json(s->ctx->out))
		put_json(s->ctx->out, e);
	else if (!s->ctx->g->quiet || e->finding)
		put_text(s->ctx->out, e);
	return out_flush(s->ctx->out);
}

/* ---- the command -------------------------------------------------------- */

static err_t
show_all(struct ctx *ctx, const struct audit_args *a,
    const struct operands *ops)
{
	struct show s = { .ctx = ctx, .has_since = a->since };
	struct audit_totals totals = { 0, 0, 0 };
	char count[64], wrong[64];
	err_t err = NULL;

	if (a->since)
		err = clock_parse(&s.since, a->since);
	if (a->actor)
		text_fold(&s.actor, a->actor, strlen(a->actor));
	if (!err)
		err = select_versions(&s, ops);
	if (!err)
		err = audit_run(&totals, ctx->repo, put_event, &s);
	if (!err && !s.any)
		out_note(ctx->out, "no act matches");
	if (!err)
		out_note(ctx->out, "%s checked: %s", term_counted(count,
		    totals.events, "act"), totals.findings ?
		    term_counted(wrong, totals.findings, "finding") :
		    "the chain is whole, and all were allowed");
	if (!err && totals.unchecked)
		out_note(ctx->out, "%s not checked (no ssh-keygen)",
		    term_counted(count, totals.unchecked, "signature"));
	ctx->answer_no = totals.findings;
	free(s.commits);
	buf_release(&s.actor);
	return err;
}

static err_t
print_head(struct ctx *ctx)
{
	struct buf line = BUF_INIT;
	err_t err = audit_head(&line, ctx->repo);

	if (!err && out_is_json(ctx->out)) {
		struct json *j = out_json(ctx->out);

		json_object(j);
		json_key(j, "anchor");
		json_text(j, line.p);
		json_end(j);
		out_json_end(ctx->out);
	} else if (!err) {
		out_printf(ctx->out, "%s\n", line.p);
	}
	buf_release(&line);
	return err;
}

static err_t
verify(struct ctx *ctx, const char *anchor)
{
	struct buf fact = BUF_INIT;
	uint64_t since = 0;
	char count[64];
	err_t err;

	err = audit_verify(&fact, &since, ctx->repo, anchor);
	if (err)
		goto out;
	ctx->answer_no = fact.len;
	if (out_is_json(ctx->out)) {
		struct json *j = out_json(ctx->out);

		json_object(j);
		json_key(j, "unchanged");
		json_bool(j, !fact.len);
		json_key(j, "fact");
		json_text(j, fact.len ? fact.p : NULL);
		json_key(j, "since");
		json_uint(j, since);
		json_end(j);
		out_json_end(ctx->out);
	} else if (fact.len) {
		out_printf(ctx->out, "changed: %s\n", fact.p);
	} else if (!ctx->g->quiet) {
		out_printf(ctx->out, "unchanged up to the anchor; %s since\n",
		    term_counted(count, since, "act"));
	}
out:
	buf_release(&fact);
	return err;
}

static err_t
audit_command(struct ctx *ctx, void *args, const struct operands *ops)
{
	const struct audit_args *a = args;

	if ((a->head || a->verify) && (ops->n || a->actor || a->since ||
	    (a->head && a->verify)))
		return err_new(ERR_USAGE, "--head and --verify stand alone");
	if (a->head)
		return print_head(ctx);
	return a->verify ? verify(ctx, a->verify) : show_all(ctx, a, ops);
}

const struct cmd cmd_audit = {
	.name = "audit",
	.summary = "list what happened, and check that it is whole",
	.operands = "[REV | PATH ...]", .max_operands = -1,
	.offer = OFFER_REV_OR_TRACKED, .group = GROUP_ACCESS,
	.needs = CMD_REPO_READ, .role = ROLE_READ, .pages = true,
	.opts = audit_opts, .args_size = sizeof(struct audit_args),
	.run = audit_command,
};
