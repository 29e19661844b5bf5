#include "cmd/rows.h"

#include <inttypes.h>
#include <string.h>

#include "cmd/out.h"
#include "lib/base/term.h"
#include "lib/review/rowstate.h"

const struct rows_form *
rows_form(const char *name)
{
	static const struct rows_form *const all[] = { &rows_table,
	    &rows_html, &rows_jsonl, &rows_csv, &rows_md, &rows_daff,
	    &rows_sql };

	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		if (!strcmp(all[i]->name, name))
			return all[i];
	BUG("no such form");
}

bool
rows_shows(const struct rows_view *r, size_t joint)
{
	return r->joint->v[joint].compared || r->joint->v[joint].key;
}

char
rows_column(const char **old, size_t *old_len, const char **name, size_t *len,
    const struct rows_view *r, size_t i)
{
	const struct joint_column *c = &r->joint->v[i];

	*name = joint_name(len, r->joint, i);
	*old = *name;
	*old_len = *len;
	if (c->from != COLUMN_NONE)
		*old = columns_name(old_len, &r->joint->from.columns,
		    c->from);
	if (r->joint->open)
		return 0;
	return c->from == COLUMN_NONE ? '+' : c->to == COLUMN_NONE ? '-' :
	    c->renamed ? '~' : 0;
}

/* ---- the last line ----------------------------------------------------- */

static void
add_count(struct buf *out, uint64_t n, const char *word, const char **before)
{
	char text[32];

	if (!n)
		return;
	buf_printf(out, "%s%s %s", *before, term_count(text, n), word);
	*before = ", ";
}

static void
add_columns(struct buf *out, char sign, size_t n, const char **before)
{
	if (!n)
		return;
	buf_printf(out, "%s%c%zu column%s", *before, sign, n,
	    n == 1 ? "" : "s");
	*before = ", ";
}

void
rows_footer(struct buf *out, const struct rows_view *r,
    const struct rowdiff_report *report)
{
	const struct rowdiff_schema *s = r->schema;
	const char *before = "rows: ";
	char n[32];

	if (!r->options->schema) {
		add_count(out, report->inserted, "inserted", &before);
		add_count(out, report->updated, "updated", &before);
		add_count(out, report->deleted, "deleted", &before);
		if (report->unchanged || *before == 'r')
			buf_printf(out, "%s%s unchanged", before,
			    term_count(n, report->unchanged));
	}
	before = r->options->schema ? "schema: " : "; schema: ";
	add_columns(out, '+', s->added, &before);
	add_columns(out, '-', s->removed, &before);
	if (s->renamed)
		buf_printf(out, "%s%zu renamed", before, s->renamed);
	before = s->renamed ? ", " : before;
	if (s->moved)
		buf_printf(out, "%sreordered", before);
	if (s->dialect)
		buf_printf(out, "%swritten in another way", out->len ? "; " :
		    "");
	if (!out->len)
		buf_str(out, "schema: the same");
}

bool
rows_differ(const struct rows_view *r, const struct rowdiff_report *report)
{
	const struct rowdiff_schema *s = &r->seen;

	return report->inserted || report->updated || report->deleted ||
	    report->filled || s->added || s->removed || s->renamed ||
	    s->moved || s->dialect;
}

/* ---- running ----------------------------------------------------------- */

static bool
cell_is(struct cell c, const char *value)
{
	return c.kind != CELL_NONE && c.len == strlen(value) &&
	    !memcmp(c.p, value, c.len);
}

static bool
is_decided(const struct rows_view *r, const struct row_change *c)
{
	struct id hash;

	row_hash(&hash, c->to, &c->joint->to);
	return rowstate_is(decided_row(r->decided, c->key, &hash),
	    r->options->decision);
}

/* Has the row, before or after, the value that was asked for? */
static bool
is_wanted(const struct rows_view *r, const struct row_change *c)
{
	const struct rows_options *o = r->options;
	const char *value;
	size_t at;

	if (o->only && o->only != c->op)
		return false;
	if (c->filled && !r->options->form->data)
		return false;
	if (o->decision && (!c->to || !c->key || !is_decided(r, c)))
		return false;
	if (!o->where)
		return true;
	value = strchr(o->where, '=');
	at = joint_find(r->joint, o->where, (size_t)(value - o->where));
	return at != COLUMN_NONE && (cell_is(row_change_from(c, at),
	    value + 1) || cell_is(row_change_to(c, at), value + 1));
}

static err_t
on_row(void *arg, const struct row_change *c)
{
	struct rows_view *r = arg;

	if (!is_wanted(r, c))
		return NULL;
	if (r->options->limit && r->shown == r->options->limit) {
		r->left_out++;
		return NULL;
	}
	r->shown++;
	r->options->form->row(r, c);
	return NULL;
}

static err_t
learn_columns(void *arg, const struct row_change *c)
{
	(void)arg;
	(void)c;
	return NULL;
}

/* A misspelt name would otherwise show that nothing differs. */
static void
warn_of_column(struct rows_view *r, const char *name, size_t len)
{
	if (!r->joint->open && joint_find(r->joint, name, len) == COLUMN_NONE)
		out_warn(r->out, "\"%s\" has no column \"%.*s\"",
		    r->table.path, (int)len, name);
}

static void
warn_of_columns(struct rows_view *r)
{
	const struct rows_options *o = r->options;
	const struct columns *only = o->compare.only;

	if (o->where)
		warn_of_column(r, o->where, strcspn(o->where, "="));
	for (size_t i = 0; only && i < only->n; i++) {
		size_t len;
		const char *name = columns_name(&len, only, i);

		warn_of_column(r, name, len);
	}
}

static err_t
show(struct rowdiff_report *report, struct rows_view *r, struct diff_rows *d)
{
	const struct rows_options *o = r->options;
	bool says_rows = !o->schema && !o->counts;
	struct rowdiff_report own = { .inserted = 0 };
	err_t err = NULL;

	r->table.diff = d->rowdiff;
	r->table.key = &d->key;
	r->seen = *rowdiff_schema(d->rowdiff);
	r->schema = &r->seen;
	r->joint = rowdiff_joint(d->rowdiff);
	r->shown = r->left_out = 0;
	if (o->form->one_table && r->totals.tables)
		return err_new(ERR_USAGE, "form \"%s\" holds one table; name "
		    "the one that is meant", o->form->name);
	if (o->compare.key && r->schema->key_missing)
		return err_new(ERR_NOT_FOUND, "there is no column \"%s\" on "
		    "both sides of \"%s\"", r->schema->key_missing,
		    r->table.path);
	if (r->schema->key_missing)
		out_warn(r->out, "\"%s\" is compared without its key: there "
		    "is no column \"%s\" on both sides", r->table.path,
		    r->schema->key_missing);
	warn_of_columns(r);
	/* Of JSON Lines the columns are those of the rows. */
	if (says_rows && r->joint->open && o->form->names_first)
		err = rowdiff_run(&own, d->rowdiff, learn_columns, NULL);
	if (err)
		return err;
	r->totals.tables++;
	r->files++;
	if (!o->counts && !r->begun && o->form->begin)
		o->form->begin(r);
	r->begun = true;
	if (!o->counts && o->form->table)
		o->form->table(r);
	if (!o->schema)
		err = rowdiff_run(&own, d->rowdiff, says_rows ? on_row :
		    NULL, r);
	if (!err && !o->counts && o->form->table_end)
		o->form->table_end(r, &own);
	if (o->form->release)
		o->form->release(r);
	if (err)
		return err;
	r->totals.inserted += own.inserted;
	r->totals.updated += own.updated;
	r->totals.deleted += own.deleted;
	if (report)
		*report = own;
	return NULL;
}

err_t
rows_show(bool *shown, const char **reason, struct rowdiff_report *report,
    struct rows_view *r, struct repo *repo, struct attrs *attrs,
    const struct diff_change *change)
{
	struct diff_rows d = DIFF_ROWS_INIT;
	err_t err;

	err = diff_rows_open(shown, reason, &d, repo, attrs, change,
	    &r->options->compare);
	if (err || !*shown)
		return err;
	r->table.path = change->path;
	r->table.from = change->kind == DIFF_RENAMED ? change->from->path :
	    NULL;
	r->table.status = diff_word(change->kind);
	if (r->options->decision)
		err = decided_load(&r->decided, repo, &r->options->version,
		    change->path, NULL);
	if (!err)
		err = show(report, r, &d);
	decided_free(r->decided);
	r->decided = NULL;
	diff_rows_release(&d);
	return err;
}

err_t
rows_show_files(bool *shown, const char **reason,
    struct rowdiff_report *report, struct rows_view *r, const char *from,
    const char *to)
{
	struct diff_rows d = DIFF_ROWS_INIT;
	err_t err;

	err = diff_rows_files(shown, reason, &d, from, to,
	    &r->options->compare);
	if (err || !*shown)
		return err;
	r->table.path = to;
	r->table.from = NULL;
	r->table.status = diff_word(DIFF_MODIFIED);
	err = show(report, r, &d);
	diff_rows_release(&d);
	return err;
}

void
rows_other(struct rows_view *r, const struct diff_change *change,
    const char *why)
{
	const struct rows_form *form = r->options->form;

	if (!form->other) {
		out_note(r->out, "\"%s\" %s: left out", change->path,
		    why ? why : "is no table");
		return;
	}
	if (!r->begun && form->begin)
		form->begin(r);
	r->begun = true;
	r->files++;
	form->other(r, change, why);
}

void
rows_end(struct rows_view *r)
{
	if (r->options->counts)
		return;
	/* A page or the like is whole even if there is nothing in it. */
	if (!r->begun && r->options->form->begin)
		r->options->form->begin(r);
	if (r->options->form->end)
		r->options->form->end(r);
}
