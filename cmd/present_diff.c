#include <string.h>

#include "cmd/cmd.h"
#include "cmd/out.h"
#include "cmd/present.h"
#include "lib/base/term.h"

struct records {
	bool known;
	uint64_t n;
};

static err_t
count_records(struct records *from, struct records *to,
    const struct present_diff *p, const struct diff_change *c)
{
	err_t err = NULL;

	from->known = to->known = false;
	if (c->from)
		err = diff_records(&from->known, &from->n, p->repo, p->attrs,
		    c->from);
	if (!err && c->to)
		err = diff_records(&to->known, &to->n, p->repo, p->attrs,
		    c->to);
	return err;
}

/* ---- for people -------------------------------------------------------- */

static enum out_style
style_of(enum diff_kind kind)
{
	switch (kind) {
	case DIFF_ADDED:
		return OUT_GREEN;
	case DIFF_DELETED:
		return OUT_RED;
	case DIFF_RENAMED:
		return OUT_CYAN;
	default:
		return OUT_YELLOW;
	}
}

static void
present_paths(struct out *o, const struct diff_change *c)
{
	if (c->kind == DIFF_RENAMED) {
		out_path(o, c->from->path);
		out_printf(o, " → ");
	}
	out_path(o, c->path);
}

/* "120 B → 131 B", or one if that is all there is to say. */
static void
present_sizes(struct out *o, const struct diff_change *c)
{
	char size[16];

	if (c->from)
		out_printf(o, "%s", term_size(size, c->from->size));
	if (c->from && c->to && c->from->size != c->to->size)
		out_printf(o, " → ");
	if (c->to && (!c->from || c->from->size != c->to->size))
		out_printf(o, "%s", term_size(size, c->to->size));
}

static void
present_records(struct out *o, const struct diff_change *c,
    const struct records *from, const struct records *to)
{
	const struct records *last = c->to ? to : from;
	char n[32];

	if ((c->from && !from->known) || (c->to && !to->known))
		return;
	out_printf(o, ", ");
	if (c->from && c->to && from->n != to->n)
		out_printf(o, "%s → ", term_count(n, from->n));
	out_printf(o, "%s record%s", term_count(n, last->n),
	    last->n == 1 ? "" : "s");
}

static void
present_mode(struct out *o, const struct diff_change *c)
{
	if (!c->from || !c->to || c->from->mode == c->to->mode)
		return;
	if (c->to->mode == MODE_LINK)
		out_printf(o, ", now a symbolic link");
	else if (c->from->mode == MODE_LINK)
		out_printf(o, ", now a file");
	else
		out_printf(o, c->to->mode == MODE_EXEC ?
		    ", now executable" : ", no longer executable");
}

static err_t
present_text_line(void *arg, const char *line, size_t len)
{
	struct present_diff *p = arg;
	struct out *o = p->out;
	enum out_style style = !len ? OUT_PLAIN : *line == '+' ? OUT_GREEN :
	    *line == '-' ? OUT_RED : *line == '@' ? OUT_CYAN : OUT_PLAIN;

	out_printf(o, "%s", p->below);
	out_style(o, style);
	out_textn(o, line, len);
	out_reset(o);
	out_printf(o, "\n");
	return NULL;
}

/* What is new or gone is not shown line by line. */
static err_t
present_text(struct present_diff *p, const struct diff_change *c)
{
	bool shown;

	if (c->kind != DIFF_MODIFIED || (id_eq(&c->from->id, &c->to->id) &&
	    !id_is_zero(&c->to->id)))
		return NULL;
	return diff_text(&shown, p->repo, c->from, c->to, present_text_line,
	    p);
}

static err_t
present_stat(struct present_diff *p, const struct diff_change *c)
{
	struct records from, to;
	struct out *o = p->out;
	err_t err;

	err = count_records(&from, &to, p, c);
	if (err)
		return err;
	out_printf(o, "%s", p->below);
	out_style(o, style_of(c->kind));
	out_printf(o, "%s ", diff_word(c->kind));
	present_paths(o, c);
	out_reset(o);
	out_printf(o, ": ");
	present_sizes(o, c);
	present_records(o, c, &from, &to);
	present_mode(o, c);
	out_printf(o, "\n");
	return p->style == PRESENT_TEXT ? present_text(p, c) : NULL;
}

/* ---- JSON -------------------------------------------------------------- */

static void
side_json(struct json *j, const struct diff_side *side,
    const struct records *records)
{
	if (!side) {
		json_null(j);
		return;
	}
	json_object(j);
	json_key(j, "path");
	json_text(j, side->path);
	json_key(j, "type");
	json_text(j, mode_name(side->mode));
	json_key(j, "id");
	if (id_is_zero(&side->id))
		json_null(j);
	else
		json_id(j, &side->id);
	json_key(j, "size");
	json_uint(j, side->size);
	json_key(j, "records");
	if (records->known)
		json_uint(j, records->n);
	else
		json_null(j);
	json_end(j);
}

static err_t
present_json(struct present_diff *p, const struct diff_change *c)
{
	struct json *j = p->array ? p->array : out_json(p->out);
	struct records from, to;
	err_t err;

	err = count_records(&from, &to, p, c);
	if (err)
		return err;
	json_object(j);
	json_key(j, "status");
	json_text(j, diff_word(c->kind));
	json_key(j, "path");
	json_text(j, c->path);
	json_key(j, "from");
	side_json(j, c->from, &from);
	json_key(j, "to");
	side_json(j, c->to, &to);
	json_end(j);
	if (!p->array)
		out_json_end(p->out);
	return NULL;
}

/* ---- both -------------------------------------------------------------- */

err_t
present_change(void *arg, const struct diff_change *c)
{
	struct present_diff *p = arg;

	p->any = true;
	diff_count(&p->counts, c->kind);
	if (p->style == PRESENT_SUMMARY)
		return NULL;
	if (out_is_json(p->out))
		return present_json(p, c);
	if (p->style == PRESENT_TEXT || p->style == PRESENT_STAT)
		return present_stat(p, c);
	out_printf(p->out, "%s", p->below);
	if (p->style == PRESENT_STATUSES)
		out_printf(p->out, "%c\t", (char)c->kind);
	if (p->style == PRESENT_STATUSES && c->kind == DIFF_RENAMED) {
		out_path(p->out, c->from->path);
		out_printf(p->out, "\t");
	}
	out_path(p->out, c->path);
	out_printf(p->out, "\n");
	return NULL;
}

void
present_counts(struct present_diff *p)
{
	const struct {
		uint64_t n;
		const char *word;
	} counts[] = {
		{ p->counts.added, "added" },
		{ p->counts.modified, "modified" },
		{ p->counts.deleted, "deleted" },
		{ p->counts.renamed, "renamed" },
	};
	const char *before = "files: ";
	char n[32];

	if (!p->any)
		return;
	out_printf(p->out, "%s", p->below);
	for (size_t i = 0; i < ARRAY_LEN(counts); i++) {
		if (!counts[i].n)
			continue;
		out_printf(p->out, "%s%s %s", before,
		    term_count(n, counts[i].n), counts[i].word);
		before = ", ";
	}
	out_printf(p->out, "\n");
}

void
present_counts_members(struct json *j, const struct diff_counts *c)
{
	json_key(j, "added");
	json_uint(j, c->added);
	json_key(j, "modified");
	json_uint(j, c->modified);
	json_key(j, "deleted");
	json_uint(j, c->deleted);
	json_key(j, "renamed");
	json_uint(j, c->renamed);
}
