/*
 * What an object is, and who holds it.
 */

#include <string.h>

#include "cmd/cmd.h"
#include "cmd/out.h"
#include "lib/base/term.h"
#include "lib/history/repo.h"
#include "lib/history/rev.h"

struct why_args {
	uint64_t limit;
};

static const struct opt why_opts[] = {
	NUMBER(struct why_args, limit, 0, "limit", "COUNT",
	    "at most so many refs, staged files, and paths"),
	OPT_TABLE_END
};

struct answer {
	struct ctx *ctx;
	enum kind kind;			/* 0: a file by its content */
	struct id id;
	struct object_facts facts;	/* of the recipe, if it is cut */
	bool cut;			/* into several chunks: the rest is
					 * known */
	struct content content;
	struct content_facts stored;
	struct holder_report report;
	bool begun;
	struct json *j;
};

/* A commit is what people call a version. */
static const char *
word(const struct answer *a)
{
	if (!a->kind || a->report.file)
		return "file";
	return a->kind == KIND_COMMIT ? "version" : kind_name(a->kind);
}

static err_t
look(struct answer *a, struct store *s)
{
	err_t err = NULL;

	if (!a->kind) {
		err = content_stat(&a->content, s, &a->id, CUT_AUTO);
		if (!err)
			err = content_facts(&a->stored, s, &a->id);
		a->cut = !err && a->content.chunks > 1;
	}
	if (!err && !a->cut)
		err = object_facts(&a->facts, s, a->kind ? a->kind :
		    KIND_CHUNK, &a->id);
	return err;
}

/* ---- what it is -------------------------------------------------------- */

static void
put_place(struct answer *a)
{
	struct out *o = a->ctx->out;
	char hex[ID_HEX + 1], n[64];

	if (!id_is_zero(&a->facts.base))
		out_printf(o, "delta      against %s\n",
		    id_hex(hex, &a->facts.base));
	id_hex(hex, &a->facts.segment);
	out_printf(o, "segment    %.2s/%s at %llu", hex, hex + 2,
	    (unsigned long long)a->facts.frame);
	if (a->facts.neighbours)
		out_printf(o, ", compressed with %s",
		    term_counted(n, a->facts.neighbours, "other"));
	out_printf(o, "\n");
}

static void
put_facts(struct answer *a)
{
	struct out *o = a->ctx->out;
	uint64_t size = a->cut ? a->content.size : a->facts.size;
	uint64_t stored = a->cut ? a->stored.stored : a->facts.stored;
	char hex[ID_HEX + 1], n[32];

	out_printf(o, "kind       %s\nid         %s\n", word(a),
	    id_hex(hex, &a->id));
	out_printf(o, "size       %s bytes\n", term_count(n, size));
	out_printf(o, "stored     %s bytes\n", term_count(n, stored));
	out_printf(o, "references %s\n", term_count(n, a->cut ?
	    a->stored.references : a->facts.references));
	if (a->cut)
		out_printf(o, "chunks     %u\n", a->content.chunks);
	else
		put_place(a);
}

static void
put_facts_json(struct answer *a)
{
	struct json *j = a->j;
	const struct object_facts *f = &a->facts;

	json_key(j, "kind");
	json_text(j, word(a));
	json_key(j, "id");
	json_id(j, &a->id);
	json_key(j, "size");
	json_uint(j, a->cut ? a->content.size : f->size);
	json_key(j, "stored");
	json_uint(j, a->cut ? a->stored.stored : f->stored);
	json_key(j, "references");
	json_uint(j, a->cut ? a->stored.references : f->references);
	json_key(j, "chunks");
	if (a->cut)
		json_uint(j, a->content.chunks);
	else
		json_null(j);
	json_key(j, "segment");
	if (a->cut)
		json_null(j);
	else
		json_id(j, &f->segment);
	json_key(j, "base");
	if (a->cut || id_is_zero(&f->base))
		json_null(j);
	else
		json_id(j, &f->base);
}

/* What it is, once it is known whether it is a file. */
static void
begin(struct answer *a)
{
	if (a->begun)
		return;
	a->begun = true;
	if (!out_is_json(a->ctx->out)) {
		put_facts(a);
		return;
	}
	a->j = out_json(a->ctx->out);
	json_object(a->j);
	put_facts_json(a);
	json_key(a->j, "holders");
	json_array(a->j);
}

/* ---- who holds it ------------------------------------------------------ */

static void
put_holder_json(struct json *j, const struct holder *h)
{
	static const char *const words[] = { [HOLDER_REF] = "ref",
		[HOLDER_PAST] = "past", [HOLDER_HEAD] = "head",
		[HOLDER_REVIEW] = "review",
		[HOLDER_STAGE] = "stage", [HOLDER_VERSION] = "version" };
	bool path = h->kind == HOLDER_STAGE || h->kind == HOLDER_VERSION;

	json_object(j);
	json_key(j, "holder");
	json_text(j, words[h->kind]);
	json_key(j, path ? "path" : "name");
	json_text(j, h->name);
	if (h->kind == HOLDER_VERSION || h->kind == HOLDER_REVIEW) {
		json_key(j, "version");
		json_uint(j, h->version);
		json_key(j, "id");
		json_id(j, &h->commit);
	}
	json_key(j, "base");
	json_bool(j, h->base);
	json_end(j);
}

static void
put_name(struct out *o, const struct holder *h)
{
	if (h->kind == HOLDER_REF || h->kind == HOLDER_PAST ||
	    h->kind == HOLDER_HEAD)
		out_text(o, h->name);
	else
		out_path(o, *h->name ? h->name : ".");
}

static err_t
put_holder(void *arg, const struct holder *h)
{
	struct answer *a = arg;
	struct out *o = a->ctx->out;

	begin(a);
	if (a->j) {
		put_holder_json(a->j, h);
		return NULL;
	}
	switch (h->kind) {
	case HOLDER_REF:
	case HOLDER_HEAD:
		out_printf(o, "held by    ");
		break;
	case HOLDER_PAST:
		out_printf(o, "held by    the past of ");
		break;
	case HOLDER_REVIEW:
		out_printf(o, "held by    the review of v%llu ",
		    (unsigned long long)h->version);
		out_id(o, &h->commit);
		break;
	case HOLDER_STAGE:
		out_printf(o, "staged     ");
		break;
	case HOLDER_VERSION:
		out_printf(o, "since      v%llu ",
		    (unsigned long long)h->version);
		out_id(o, &h->commit);
		out_printf(o, h->name ? " " : "");
		break;
	}
	if (h->name)
		put_name(o, h);
	out_printf(o, h->base ? ", as what a delta is made from\n" : "\n");
	return NULL;
}

static void
put_end(struct answer *a)
{
	const struct holder_report *r = &a->report;
	struct out *o = a->ctx->out;
	char n[64];

	begin(a);
	if (a->j) {
		json_end(a->j);
		json_key(a->j, "versions");
		json_uint(a->j, r->versions);
		json_key(a->j, "more");
		json_bool(a->j, r->more);
		json_key(a->j, "held");
		json_bool(a->j, r->held);
		json_end(a->j);
		out_json_end(o);
		return;
	}
	if (r->versions)
		out_printf(o, "in         %s\n",
		    term_counted(n, r->versions, "version"));
	if (r->more)
		out_note(o, "hint: there are more than --limit lets through");
	if (!r->held)
		out_printf(o, "held by    nothing: \"dsv gc\" takes it out, "
		    "and the one after that, or --now, frees the room\n");
}

/* The record of acts is outside of all versions, and of gc. */
static void
put_event(struct answer *a)
{
	a->report.held = true;
	put_end(a);
	if (!a->j)
		out_printf(a->ctx->out, "held by    the record of acts, which "
		    "is kept for good\n");
}

static err_t
why_run(struct ctx *ctx, void *args, const struct operands *ops)
{
	const struct why_args *w = args;
	struct store *s = ctx->repo->store;
	struct answer a = { .ctx = ctx };
	err_t err;

	err = rev_object(&a.kind, &a.id, ctx->repo, ops->v[0]);
	if (!err)
		err = look(&a, s);
	if (err)
		return err;
	if (a.kind == KIND_EVENT || a.kind == KIND_DECISIONS) {
		put_event(&a);
		return NULL;
	}
	err = holder_list(&a.report, s, a.kind, &a.id, w->limit, put_holder,
	    &a);
	if (!err)
		put_end(&a);
	return err;
}

const struct cmd cmd_why = {
	.name = "why",
	.summary = "say what an object is, and what keeps it",
	.operands = "OBJECT", .min_operands = 1, .max_operands = 1,
	.offer = OFFER_REV, .group = GROUP_LOOK, .needs = CMD_REPO_READ,
	.role = ROLE_READ,
	.pages = true, .opts = why_opts,
	.args_size = sizeof(struct why_args), .run = why_run,
};
