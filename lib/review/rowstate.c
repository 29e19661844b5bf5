#include "lib/review/rowstate.h"

#include <string.h>

#include "lib/history/attr.h"

struct run {
	struct rowstate_counts counts;
	const struct decided *decided;
	const struct id *commit;
	struct shape *shape;
	struct key_finder finder;
	rowstate_fn *fn;
	void *arg;
};

static void
count(struct rowstate_counts *c, const struct rowstate *s)
{
	c->rows++;
	c->carried += s->carried;
	c->keyless += !s->key;
	if (!s->decision)
		c->pending++;
	else if (s->decision->verdict == VERDICT_APPROVE)
		c->approved++;
	else if (s->decision->verdict == VERDICT_REJECT)
		c->rejected++;
	else
		c->modify++;
}

static err_t
look(void *arg, bool *done, const struct row *row)
{
	struct run *run = arg;
	struct rowstate s = { .row = row, .shape = run->shape };
	uint8_t key[KEY_HASH];
	struct id hash;

	if (key_hash_row(key, &run->finder, row))
		s.key = key;
	if (s.key && decided_has_key(run->decided, key)) {
		row_hash(&hash, row, run->shape);
		s.decision = decided_row(run->decided, key, &hash);
		if (!s.decision)
			s.before = decided_key(run->decided, key);
		else
			s.carried = !id_eq(&s.decision->act->commit,
			    run->commit);
	}
	count(&run->counts, &s);
	return run->fn ? run->fn(run->arg, done, &s) : NULL;
}

err_t
rowstate_run(struct rowstate_counts *out, struct table_at *t,
    const struct decided *decided, const struct id *commit, const char *path,
    rowstate_fn *fn, void *arg)
{
	struct run run = { .decided = decided, .commit = commit,
	    .shape = &t->table.shape, .finder = KEY_FINDER_INIT, .fn = fn,
	    .arg = arg };
	err_t err;

	if (!t->key.n)
		return err_new(ERR_REFUSED, "\"%s\" has no key; say what "
		    "tells its rows apart with \"dsv track --key COLUMN\"",
		    path);
	err = key_bind(&run.finder, &t->key, run.shape);
	if (err_is(err, ERR_NOT_FOUND))
		err = err_new(ERR_REFUSED, "\"%s\": %s", path, err->msg);
	if (!err)
		err = table_rows(&t->table, look, &run);
	key_finder_release(&run.finder);
	if (!err)
		*out = run.counts;
	return err;
}

bool
rowstate_is(const struct decision *d, const char *word)
{
	if (*word == 'p')
		return !d;
	return d && d->verdict == (*word == 'a' ? VERDICT_APPROVE :
	    *word == 'r' ? VERDICT_REJECT : VERDICT_MODIFY);
}

err_t
rowstate_is_table(bool *out, struct attrs *attrs, const char *path)
{
	struct dialect_hint hint;
	err_t err = attr_table(&hint, attrs, path);

	*out = !err && hint.format != TABLE_NONE;
	return err;
}

/* ---- a part of a table -------------------------------------------------- */

struct filter {
	const char *word;
	const char *eol;
	uint64_t rows;
	content_sink_fn *sink;
	void *arg;
};

static err_t
pass_row(void *arg, bool *done, const struct rowstate *s)
{
	struct filter *f = arg;
	err_t err;

	(void)done;
	if (!rowstate_is(s->decision, f->word))
		return NULL;
	f->rows++;
	err = f->sink(f->arg, s->row->raw, s->row->raw_len);
	return err ? err : f->sink(f->arg, f->eol, strlen(f->eol));
}

/* What is before the first row: the byte order mark and the header. */
static err_t
pass_head(struct filter *f, struct table_at *t)
{
	const struct dialect *d = &t->table.shape.dialect;
	struct buf head = BUF_INIT;
	size_t len;
	bool all;
	err_t err;

	err = source_head(&head, &all, t->source, DIALECT_MAX);
	if (err || !head.len)
		goto out;
	len = dialect_skip(d);
	if (d->format == TABLE_CSV && d->header)
		len += dialect_first_record(d, head.p + len, head.len - len,
		    all);
	err = f->sink(f->arg, head.p, len);
	if (!err && len > dialect_skip(d) && head.p[len - 1] != '\n')
		err = f->sink(f->arg, f->eol, strlen(f->eol));
out:
	buf_release(&head);
	return err;
}

err_t
rowstate_filter(uint64_t *rows, struct repo *r,
    const struct commit_node *node, const char *path,
    const struct id *content, const char *word, content_sink_fn *sink,
    void *arg)
{
	struct attrs *attrs = attr_of_tree(r, &node->tree);
	struct filter f = { .word = word, .sink = sink, .arg = arg };
	struct table_at t = TABLE_AT_INIT;
	struct decided *decided = NULL;
	struct rowstate_counts counts;
	err_t err;

	err = decided_load(&decided, r, &node->id, path, NULL);
	if (!err)
		err = table_at_open_content(&t, r, attrs, path, content);
	attr_free(attrs);
	if (err)
		goto out;
	f.eol = t.table.shape.dialect.eol == TABLE_CRLF ? "\r\n" : "\n";
	err = pass_head(&f, &t);
	if (!err)
		err = rowstate_run(&counts, &t, decided, &node->id, path,
		    pass_row, &f);
	if (!err)
		*rows = f.rows;
out:
	table_at_close(&t);
	decided_free(decided);
	return err;
}
