#include "lib/review/decided.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/history/ident.h"
#include "lib/history/walk.h"

struct decided {
	struct decided_act **acts;
	size_t n_acts, cap_acts;
	struct decision *v;		/* in order */
	size_t n, cap;
	const struct decision **sorted;	/* by key, row, order */
	/* Keys are hashes, so the first bits of one say where it is: where
	 * those that begin with each value of so many bits begin. */
	unsigned bits;
	uint32_t *starts;
};

#define BITS_MAX 24

/* ---- words -------------------------------------------------------------- */

static const char *const words[] = { [VERDICT_APPROVE] = "approve",
	[VERDICT_REJECT] = "reject", [VERDICT_MODIFY] = "modify" };

const char *
decided_word(enum verdict verdict)
{
	return words[verdict];
}

bool
decided_parse(enum verdict *out, const char *p, size_t len)
{
	static const struct {
		const char *word;
		enum verdict verdict;
	} all[] = {
		{ "approve", VERDICT_APPROVE },
		{ "approved", VERDICT_APPROVE },
		{ "reject", VERDICT_REJECT },
		{ "rejected", VERDICT_REJECT },
		{ "modify", VERDICT_MODIFY },
	};

	for (size_t i = 0; i < ARRAY_LEN(all); i++) {
		if (len != strlen(all[i].word) ||
		    memcmp(p, all[i].word, len) != 0)
			continue;
		*out = all[i].verdict;
		return true;
	}
	return false;
}

void
decided_subject(struct buf *out, const char *path)
{
	for (const char *p = path; *p; p++) {
		unsigned char c = (unsigned char)*p;

		if (c < 0x20 || c == 0x7f || c == '%')
			buf_printf(out, "%%%02x", c);
		else
			buf_char(out, *p);
	}
}

static int
digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ?
	    c - 'a' + 10 : -1;
}

void
decided_path(struct buf *out, const char *subject)
{
	for (const char *p = subject; *p; p++) {
		int high = *p == '%' ? digit(p[1]) : -1;
		int low = high >= 0 ? digit(p[2]) : -1;

		if (low < 0) {
			buf_char(out, *p);
			continue;
		}
		buf_char(out, (char)(high << 4 | low));
		p += 2;
	}
}

/* ---- loading ------------------------------------------------------------ */

struct load {
	struct decided *d;
	struct repo *r;
	const struct id *version;
	const char *path;
	const uint8_t *key;
	struct id last;			/* that was asked about */
	bool counts;			/* and whether it does */
};

static char *
text_or_empty(const char *s)
{
	return mem_strdup(s ? s : "");
}

static void
act_free(struct decided_act *a)
{
	person_release(&a->actor);
	free(a->source);
	free(a->reason);
	free(a->note);
	buf_release(&a->list);
	free(a);
}

static struct decided_act *
act_new(const struct event_info *info, const struct event *ev,
    const struct id *commit)
{
	struct decided_act *a = mem_alloc(sizeof(*a));

	*a = (struct decided_act){ .event = info->id, .number = info->number,
	    .commit = *commit, .time = ev->time, .list = BUF_INIT,
	    .source = text_or_empty(event_field(ev, "source")),
	    .reason = text_or_empty(event_field(ev, "reason")),
	    .note = text_or_empty(ev->note),
	    .actor = { mem_strdup(ev->actor.name),
		mem_strdup(ev->actor.email) } };
	return a;
}

static struct decision_text
either(struct decision_text own, const char *of_all)
{
	return own.len ? own : (struct decision_text){ of_all,
	    strlen(of_all) };
}

static void
add_decision(struct decided *d, const struct decided_act *a,
    const struct row_decision *row)
{
	VEC_ROOM(d->v, d->n, d->cap);
	d->v[d->n++] = (struct decision){ .act = a, .key = row->key,
	    .row = row->row, .verdict = row->verdict,
	    .source = either(row->source, a->source),
	    .reason = either(row->reason, a->reason),
	    .note = either(row->note, a->note) };
}

static err_t
does_count(bool *out, struct load *l, const struct id *commit)
{
	err_t err = NULL;

	if (!id_eq(&l->last, commit)) {
		l->counts = id_eq(commit, l->version);
		if (!l->counts)
			err = walk_is_ancestor(&l->counts, l->r->store,
			    commit, l->version);
		if (!err)
			l->last = *commit;
	}
	*out = l->counts;
	return err;
}

static bool
is_of(const struct decision_list *list, const char *path)
{
	return list->path.len == strlen(path) &&
	    !memcmp(list->path.p, path, list->path.len);
}

static err_t
take_event(void *arg, const struct event_info *info, const struct event *ev)
{
	struct load *l = arg;
	const char *hex = event_field(ev, "commit");
	const char *name = event_field(ev, "decisions");
	struct commit_node node;
	struct decided_act *a;
	struct decision_list list;
	struct row_decision row;
	struct id commit, id;
	bool counts;
	err_t err;

	if (!hex || !name || !id_parse(&commit, hex, strlen(hex)) ||
	    !id_parse(&id, name, strlen(name)))
		return NULL;
	err = does_count(&counts, l, &commit);
	if (err || !counts)
		return err;
	err = commit_node(&node, l->r->store, &commit);
	if (err)
		return err;
	a = act_new(info, ev, &commit);
	a->version = node.version;
	VEC_ROOM(l->d->acts, l->d->n_acts, l->d->cap_acts);
	l->d->acts[l->d->n_acts++] = a;
	err = decisions_read(&list, &a->list, l->r->store, &id);
	if (err || !is_of(&list, l->path))
		return err;
	while (decision_list_next(&row, &list))
		if (!l->key || !memcmp(row.key, l->key, ROW_KEY))
			add_decision(l->d, a, &row);
	return NULL;
}

static err_t
take_list(void *arg, const struct id *list)
{
	struct load *l = arg;
	char subject[ID_HEX + 16] = "decisions/";

	id_hex(subject + strlen(subject), list);
	return event_about(l->r->store, subject, take_event, l);
}

static int
compare_number(const void *a, const void *b)
{
	const struct decision *x = a, *y = b;

	return (x->act->number > y->act->number) -
	    (x->act->number < y->act->number);
}

static int
compare_row(const void *a, const void *b)
{
	const struct decision *x = *(const struct decision *const *)a;
	const struct decision *y = *(const struct decision *const *)b;
	int order = memcmp(x->key, y->key, ROW_KEY);

	if (!order)
		order = id_cmp(&x->row, &y->row);
	return order ? order : compare_number(x, y);
}

static size_t
first_bits(const struct decided *d, const uint8_t *key)
{
	uint32_t n = (uint32_t)key[0] << 16 | (uint32_t)key[1] << 8 | key[2];

	return n >> (BITS_MAX - d->bits);
}

static void
find_starts(struct decided *d)
{
	size_t at = 0;

	while (d->bits < BITS_MAX && (size_t)1 << d->bits < d->n)
		d->bits++;
	d->starts = mem_array(((size_t)1 << d->bits) + 1,
	    sizeof(*d->starts));
	for (size_t i = 0; i < d->n; i++)
		while (at <= first_bits(d, d->sorted[i]->key))
			d->starts[at++] = (uint32_t)i;
	while (at <= (size_t)1 << d->bits)
		d->starts[at++] = (uint32_t)d->n;
}

static void
sort(struct decided *d, bool by_number)
{
	if (by_number && d->n)
		qsort(d->v, d->n, sizeof(*d->v), compare_number);
	d->sorted = mem_array(d->n + 1, sizeof(*d->sorted));
	for (size_t i = 0; i < d->n; i++)
		d->sorted[i] = &d->v[i];
	if (d->n)
		qsort(d->sorted, d->n, sizeof(*d->sorted), compare_row);
	find_starts(d);
}

err_t
decided_load(struct decided **out, struct repo *r, const struct id *commit,
    const char *path, const uint8_t *key)
{
	struct load l = { .d = mem_alloc(sizeof(*l.d)), .r = r,
	    .version = commit, .path = path, .key = key };
	struct buf subject = BUF_INIT;
	err_t err;

	*l.d = (struct decided){ .n = 0 };
	buf_str(&subject, "path/");
	decided_subject(&subject, path);
	err = key ? decisions_of_key(r->store, path, key, take_list, &l) :
	    event_about(r->store, subject.p, take_event, &l);
	buf_release(&subject);
	if (err) {
		decided_free(l.d);
		return err;
	}
	sort(l.d, key != NULL);
	*out = l.d;
	return NULL;
}

void
decided_free(struct decided *d)
{
	if (!d)
		return;
	for (size_t i = 0; i < d->n_acts; i++)
		act_free(d->acts[i]);
	free(d->acts);
	free(d->v);
	free(d->sorted);
	free(d->starts);
	free(d);
}

/* ---- asking ------------------------------------------------------------- */

size_t
decided_count(const struct decided *d)
{
	return d->n;
}

const struct decision *
decided_at(const struct decided *d, size_t i)
{
	return &d->v[i];
}

/* The first of sorted that does not come before the key and row. */
static size_t
lower(const struct decided *d, const uint8_t *key, const struct id *row)
{
	size_t from = d->starts[first_bits(d, key)];
	size_t to = d->starts[first_bits(d, key) + 1];

	while (from < to) {
		size_t at = from + (to - from) / 2;
		const struct decision *x = d->sorted[at];
		int order = memcmp(x->key, key, ROW_KEY);

		if (!order && row)
			order = id_cmp(&x->row, row);
		if (order < 0)
			from = at + 1;
		else
			to = at;
	}
	return from;
}

static bool
has_key(const struct decided *d, size_t i, const uint8_t *key)
{
	return i < d->n && !memcmp(d->sorted[i]->key, key, ROW_KEY);
}

bool
decided_has_key(const struct decided *d, const uint8_t *key)
{
	return has_key(d, lower(d, key, NULL), key);
}

const struct decision *
decided_row(const struct decided *d, const uint8_t *key,
    const struct id *row)
{
	const struct decision *found = NULL;

	for (size_t i = lower(d, key, row); has_key(d, i, key) &&
	    id_eq(&d->sorted[i]->row, row); i++)
		found = d->sorted[i];
	return found;
}

const struct decision *
decided_key(const struct decided *d, const uint8_t *key)
{
	const struct decision *found = NULL;

	for (size_t i = lower(d, key, NULL); has_key(d, i, key); i++)
		if (!found || found->act->number < d->sorted[i]->act->number)
			found = d->sorted[i];
	return found;
}
