#include "lib/review/decide.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/history/attr.h"
#include "lib/history/tree.h"
#include "lib/review/act.h"
#include "lib/review/gate.h"
#include "lib/review/rowstate.h"

/* A row that was picked. */
struct pick {
	uint8_t key[KEY_HASH];
	struct row_decision d;		/* key is set when it is written */
};

struct deciding {
	struct repo *r;
	const struct decide_order *o;
	struct commit_node node;
	struct table_at table;
	struct buf columns;		/* of the key */
	uint64_t last;			/* act about the file that was seen */
	struct pick *v;
	size_t n, cap;
	struct decide_report report;
};

/* ---- picking ------------------------------------------------------------ */

static err_t
fits_where(bool *out, const struct rowstate *s, const char *where)
{
	const char *value = strchr(where, '=');
	size_t len = (size_t)(value - where), at;
	struct cell cell;

	at = columns_find(&s->shape->columns, where, len);
	if (at == COLUMN_NONE && s->shape->dialect.format == TABLE_CSV)
		return err_new(ERR_NOT_FOUND, "there is no column \"%.*s\"",
		    (int)len, where);
	cell = at == COLUMN_NONE ? (struct cell){ "", 0, CELL_NONE } :
	    row_cell(s->row, at);
	value++;
	*out = *out && cell.kind != CELL_NONE && cell.len == strlen(value) &&
	    !memcmp(cell.p, value, cell.len);
	return NULL;
}

static err_t
fits(bool *out, const struct decide_order *o, const struct rowstate *s)
{
	err_t err = NULL;

	*out = !(o->pending && s->decision) && !(o->key && (!s->key ||
	    memcmp(s->key, o->key->hash, KEY_HASH) != 0));
	for (size_t i = 0; !err && o->where && i < o->where->n; i++)
		err = fits_where(out, s, o->where->items[i]);
	return err;
}

static void
add_pick(struct deciding *d, const struct rowstate *s,
    const struct row_decision *decision)
{
	struct pick *p;

	VEC_ROOM(d->v, d->n, d->cap);
	p = &d->v[d->n++];
	memcpy(p->key, s->key, KEY_HASH);
	p->d = *decision;
	row_hash(&p->d.row, s->row, s->shape);
}

static bool
has_text(const char *s)
{
	return s && s[strspn(s, " \t\r\n")];
}

static err_t
pick_from_sheet(struct deciding *d, const struct rowstate *s)
{
	const struct decide_order *o = d->o;
	struct sheet_line *line = s->key ? sheet_find(o->sheet, s->key) :
	    NULL;
	struct row_decision decision;
	struct buf column = BUF_INIT;
	err_t err = NULL;

	if (!line)
		return NULL;
	decision = (struct row_decision){ .verdict = line->verdict,
	    .source = line->source, .reason = line->reason,
	    .note = line->note };
	if (sheet_differs(&column, o->sheet, line, s->row, s->shape))
		err = err_new(ERR_REFUSED, "row %llu of the decisions is "
		    "about another row than v%llu has: its \"%s\" differs",
		    (unsigned long long)line->number,
		    (unsigned long long)d->node.version, column.p);
	else if (line->verdict != VERDICT_APPROVE && !line->reason.len &&
	    !line->note.len && !has_text(o->reason) && !has_text(o->note))
		err = err_new(ERR_REFUSED, "row %llu of the decisions has "
		    "neither a reason nor a note", (unsigned long long)
		    line->number);
	buf_release(&column);
	line->met = true;
	if (!err)
		add_pick(d, s, &decision);
	return err;
}

static err_t
pick(void *arg, bool *done, const struct rowstate *s)
{
	struct deciding *d = arg;
	struct row_decision decision = { .verdict = d->o->verdict,
	    .source = { "", 0 }, .reason = { "", 0 }, .note = { "", 0 } };
	bool wanted;
	err_t err;

	(void)done;
	if (d->o->sheet)
		return pick_from_sheet(d, s);
	err = fits(&wanted, d->o, s);
	if (err || !wanted)
		return err;
	if (s->key)
		add_pick(d, s, &decision);
	else
		d->report.keyless++;
	return NULL;
}

static err_t
check_all_met(const struct deciding *d)
{
	struct sheet *sheet = d->o->sheet;

	for (size_t i = 0; sheet && i < sheet_count(sheet); i++) {
		const struct sheet_line *line = sheet_at(sheet, i);

		if (!line->met)
			return err_new(ERR_REFUSED, "row %llu of the "
			    "decisions is about a row that \"%s\" does not "
			    "have in v%llu", (unsigned long long)line->number,
			    d->o->path, (unsigned long long)d->node.version);
	}
	if (d->o->key && !d->n)
		return err_new(ERR_NOT_FOUND, "\"%s\" has no row with the key "
		    "%s in v%llu", d->o->path, buf_cstr(&d->o->key->text),
		    (unsigned long long)d->node.version);
	return NULL;
}

static int
by_row(const void *a, const void *b)
{
	const struct pick *x = a, *y = b;
	int order = memcmp(x->key, y->key, KEY_HASH);

	return order ? order : id_cmp(&x->d.row, &y->d.row);
}

/* In the order of a list.  Of equal rows the decision is one. */
static void
sort(struct deciding *d)
{
	size_t n = 0;

	if (d->n)
		qsort(d->v, d->n, sizeof(*d->v), by_row);
	for (size_t i = 0; i < d->n; i++)
		if (!n || by_row(&d->v[n - 1], &d->v[i]) != 0)
			d->v[n++] = d->v[i];
	d->n = n;
	for (size_t i = 0; i < n; i++) {
		enum verdict verdict = d->v[i].d.verdict;

		d->report.approved += verdict == VERDICT_APPROVE;
		d->report.rejected += verdict == VERDICT_REJECT;
		d->report.modify += verdict == VERDICT_MODIFY;
	}
}

static err_t
open_table(struct deciding *d)
{
	struct attrs *attrs;
	struct tree_entry e;
	err_t err;

	err = commit_node(&d->node, d->r->store, &d->o->commit);
	if (!err)
		err = tree_lookup(&e, d->r->store, &d->node.tree, d->o->path);
	if (!err && e.mode != MODE_FILE && e.mode != MODE_EXEC)
		err = err_new(ERR_USAGE, "\"%s\" is a %s, not a table",
		    d->o->path, mode_name(e.mode));
	if (err)
		return err;
	attrs = attr_of_tree(d->r, &d->node.tree);
	err = table_at_open_content(&d->table, d->r, attrs, d->o->path,
	    &e.id);
	attr_free(attrs);
	return err;
}

static err_t
note_number(void *arg, const struct event_info *info, const struct event *ev)
{
	uint64_t *last = arg;

	(void)ev;
	*last = info->number;
	return NULL;
}

/* The last act about the file; 0 if there is none. */
static err_t
find_last(uint64_t *last, const struct deciding *d)
{
	struct buf subject = BUF_INIT;
	err_t err;

	*last = 0;
	buf_str(&subject, "path/");
	decided_subject(&subject, d->o->path);
	err = event_about(d->r->store, subject.p, note_number, last);
	buf_release(&subject);
	return err;
}

static err_t
pick_all(struct deciding *d)
{
	struct decided *decided = NULL;
	struct rowstate_counts counts;
	err_t err;

	err = find_last(&d->last, d);
	if (!err)
		err = decided_load(&decided, d->r, &d->o->commit, d->o->path,
		    NULL);
	if (!err)
		err = rowstate_run(&counts, &d->table, decided,
		    &d->o->commit, d->o->path, pick, d);
	decided_free(decided);
	if (!err)
		err = check_all_met(d);
	if (!err)
		sort(d);
	return err;
}

static void
forget_picks(struct deciding *d)
{
	for (size_t i = 0; d->o->sheet && i < sheet_count(d->o->sheet); i++)
		sheet_at(d->o->sheet, i)->met = false;
	d->n = 0;
	d->report = (struct decide_report){ .version = d->report.version };
}

/* Under the lock: others may have decided since. */
static err_t
pick_again(struct deciding *d)
{
	uint64_t last;
	err_t err = find_last(&last, d);

	if (err || last == d->last)
		return err;
	forget_picks(d);
	return pick_all(d);
}

/* ---- recording ---------------------------------------------------------- */

/* The branch that it is for, if that can be said. */
static err_t
add_into(struct event *ev, struct deciding *d)
{
	struct review review = REVIEW_INIT;
	struct buf into = BUF_INIT;
	err_t err;

	err = review_load(&review, d->r->store, &d->o->commit);
	if (!err)
		err = act_branch(&into, d->r, &review, &d->o->commit);
	if (err_is(err, ERR_USAGE))
		err = NULL;
	else if (!err && into.len)
		event_add_field(ev, "into", into.p);
	review_release(&review);
	buf_release(&into);
	return err;
}

static err_t
add_fields(struct event *ev, struct deciding *d)
{
	struct buf path = BUF_INIT;
	char hex[ID_HEX + 1];

	event_add_field(ev, "commit", id_hex(hex, &d->o->commit));
	decided_subject(&path, d->o->path);
	event_add_field(ev, "path", path.p);
	buf_release(&path);
	if (has_text(d->o->source))
		event_add_field(ev, "source", d->o->source);
	if (has_text(d->o->reason))
		event_add_field(ev, "reason", d->o->reason);
	free(ev->note);
	ev->note = mem_strdup(d->o->note ? d->o->note : "");
	return add_into(ev, d);
}

/* From *at on, as many as a list takes. */
static err_t
put_list(struct id *out, struct deciding *d, struct txn *t, size_t *at)
{
	struct buf b = BUF_INIT;
	err_t err;

	decision_list_begin(&b, d->o->path, buf_cstr(&d->columns));
	do {
		struct pick *p = &d->v[(*at)++];

		p->d.key = p->key;
		decision_list_add(&b, &p->d);
	} while (*at < d->n && b.len < DECISIONS_SIZE);
	err = decisions_put(out, t, b.p, b.len);
	buf_release(&b);
	return err;
}

/* One event, but for more than a list can take: then several, all or none. */
static err_t
record(struct deciding *d)
{
	struct gate g = GATE_INIT;
	struct id list, id;
	char hex[ID_HEX + 1];
	size_t at = 0;
	err_t err;

	err = gate_begin(&g, d->r, "decide");
	if (!err)
		err = pick_again(d);
	if (!err)
		err = add_fields(&g.event, d);
	if (!err)
		event_add_field(&g.event, "decisions", "-");
	while (!err && at < d->n) {
		struct meta *last = &g.event.fields[g.event.n_fields - 1];

		err = put_list(&list, d, g.txn, &at);
		free(last->value);
		last->value = mem_strdup(id_hex(hex, &list));
		if (!err)
			err = gate_record(&id, g.txn, d->r, &g.event);
	}
	if (!err && !d->o->dry_run && d->n)
		err = txn_commit(g.txn);
	gate_end(&g);
	return err;
}

err_t
decide_run(struct decide_report *out, struct repo *r,
    const struct decide_order *o)
{
	struct deciding d = { .r = r, .o = o, .table = TABLE_AT_INIT,
	    .columns = BUF_INIT };
	err_t err;

	if (!o->sheet && o->verdict != VERDICT_APPROVE &&
	    !has_text(o->note) && !has_text(o->reason))
		return err_new(ERR_USAGE, "say why, with -m or --reason");
	err = open_table(&d);
	if (!err)
		err = pick_all(&d);
	if (!err) {
		key_print(&d.columns, &d.table.key);
		d.report.version = d.node.version;
		if (d.n)
			err = record(&d);
	}
	if (!err)
		*out = d.report;
	table_at_close(&d.table);
	buf_release(&d.columns);
	free(d.v);
	return err;
}
