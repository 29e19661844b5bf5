#include <string.h>

#include "cmd/cmd.h"
#include "cmd/out.h"
#include "cmd/present.h"
#include "cmd/rows.h"
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

/* Something may differ in it. */
static bool
may_differ(const struct diff_change *c)
{
	return !c->from || !c->to || !id_eq(&c->from->id, &c->to->id) ||
	    id_is_zero(&c->to->id);
}

/* Rows where there are any, else lines.  What is new or gone is shown by
 * neither. */
static err_t
present_inside(struct present_diff *p, const struct diff_change *c)
{
	const char *reason = NULL;
	bool shown = false;
	err_t err = NULL;

	if (p->rows && c->kind == DIFF_MODIFIED && may_differ(c))
		err = rows_show(&shown, &reason, NULL, p->rows, p->repo,
		    p->attrs, c);
	if (err || shown)
		return err;
	if (reason)
		out_printf(p->out, "%snot shown as rows: it %s\n", p->below,
		    reason);
	return present_text(p, c);
}

/* In a form of its own. */
static err_t
present_form(struct present_diff *p, const struct diff_change *c)
{
	const char *reason;
	bool shown;
	err_t err;

	err = rows_show(&shown, &reason, NULL, p->rows, p->repo, p->attrs, c);
	if (!err && !shown)
		rows_other(p->rows, c, reason);
	return err;
}

/* How many rows, at the end of a line. */
static err_t
present_rows(struct present_diff *p, const struct diff_change *c)
{
	struct rowdiff_report report;
	struct buf text = BUF_INIT;
	const char *reason;
	bool shown;
	err_t err;

	if (!p->rows || p->style != PRESENT_STAT || c->kind != DIFF_MODIFIED ||
	    !may_differ(c))
		return NULL;
	err = rows_show(&shown, &reason, &report, p->rows, p->repo, p->attrs,
	    c);
	if (!err && shown) {
		rows_footer(&text, p->rows, &report);
		out_printf(p->out, "; %s", buf_cstr(&text));
	}
	buf_release(&text);
	return err;
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
	err = present_rows(p, c);
	out_printf(o, "\n");
	return !err && p->style == PRESENT_TEXT ? present_inside(p, c) : err;
}

static err_t
count_rows(struct present_diff *p, const struct diff_change *c)
{
	const char *reason;
	bool shown;

	return p->rows && may_differ(c) ? rows_show(&shown, &reason, NULL,
	    p->rows, p->repo, p->attrs, c) : NULL;
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

static void
rows_json(struct json *j, const struct rowdiff_report *r)
{
	json_key(j, "rows");
	json_object(j);
	json_key(j, "inserted");
	json_uint(j, r->inserted);
	json_key(j, "updated");
	json_uint(j, r->updated);
	json_key(j, "deleted");
	json_uint(j, r->deleted);
	json_key(j, "unchanged");
	json_uint(j, r->unchanged);
	json_end(j);
}

/* Counted before anything of the line is written. */
static err_t
rows_for_json(bool *known, struct rowdiff_report *report,
    struct present_diff *p, const struct diff_change *c)
{
	const char *reason;

	*known = false;
	return p->rows && may_differ(c) ? rows_show(known, &reason, report,
	    p->rows, p->repo, p->attrs, c) : NULL;
}

static err_t
present_json(struct present_diff *p, const struct diff_change *c)
{
	struct rowdiff_report report;
	bool known;
	struct json *j;
	struct records from, to;
	err_t err;

	err = count_records(&from, &to, p, c);
	if (!err)
		err = rows_for_json(&known, &report, p, c);
	if (err)
		return err;
	j = p->array ? p->array : out_json(p->out);
	json_object(j);
	json_key(j, "status");
	json_text(j, diff_word(c->kind));
	json_key(j, "path");
	json_text(j, c->path);
	json_key(j, "from");
	side_json(j, c->from, &from);
	json_key(j, "to");
	side_json(j, c->to, &to);
	if (known)
		rows_json(j, &report);
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
		return count_rows(p, c);
	if (p->rows && p->style == PRESENT_FORM)
		return present_form(p, c);
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
