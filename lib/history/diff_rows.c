#include "lib/history/diff_rows.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "lib/base/file.h"

/* The words of a reason outlive the error that had them. */
static const char *
keep_reason(err_t err)
{
	static _Thread_local char kept[sizeof(err->msg)];

	snprintf(kept, sizeof(kept), "%s", err->msg);
	return kept;
}

void
diff_rows_release(struct diff_rows *d)
{
	rowdiff_close(d->rowdiff);
	key_release(&d->key);
	for (int i = 0; i < 2; i++) {
		table_release(&d->tables[i]);
		source_free(d->sources[i]);
		if (d->fds[i] >= 0)
			close(d->fds[i]);
	}
	*d = (struct diff_rows)DIFF_ROWS_INIT;
}

/* The source is there; look at how it is rows.  The store's cut settles what
 * a record is. */
static err_t
open_table(struct diff_rows *d, int i, const struct dialect_hint *said)
{
	struct dialect_hint hint = *said;
	struct source_facts facts;
	err_t err;

	err = source_stat(&facts, d->sources[i]);
	if (err)
		return err;
	hint.cut = facts.cut;
	return table_open(&d->tables[i], d->sources[i], &hint);
}

static err_t
open_side(bool *found, struct diff_rows *d, int i, struct repo *r,
    struct attrs *attrs, const struct diff_side *side)
{
	struct dialect_hint hint;
	err_t err;

	*found = true;
	if (!side)
		return NULL;
	err = attr_table(&hint, attrs, side->path);
	if (err)
		return err;
	*found = hint.format != TABLE_NONE && side->mode != MODE_LINK;
	if (!*found)
		return NULL;
	if (side->in_work) {
		err = file_open_beneath(&d->fds[i], r->rootfd, side->path,
		    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0);
		if (!err)
			err = source_of_file(&d->sources[i], d->fds[i],
			    side->path, hint.cut);
	} else {
		err = source_of_content(&d->sources[i], r->store, &side->id,
		    hint.cut);
	}
	return err ? err : open_table(d, i, &hint);
}

static const struct table *
table_at(const struct diff_rows *d, int i)
{
	return d->sources[i] ? &d->tables[i] : NULL;
}

/* The tables are open. */
static err_t
compare(bool *found, const char **reason, struct diff_rows *d,
    struct attrs *attrs, const char *path,
    const struct rowdiff_options *options)
{
	struct rowdiff_options o = *options;
	err_t err = NULL;

	if (!o.key || !o.key->n)
		err = attr_key(&d->key, attrs, path);
	else
		key_copy(&d->key, o.key);
	o.key = &d->key;
	if (!err)
		err = rowdiff_open(&d->rowdiff, table_at(d, 0),
		    table_at(d, 1), &o);
	*found = !err;
	if (!err_is(err, ERR_REFUSED))
		return err;
	*reason = keep_reason(err);
	return NULL;
}

err_t
diff_rows_open(bool *found, const char **reason, struct diff_rows *out,
    struct repo *r, struct attrs *attrs, const struct diff_change *change,
    const struct rowdiff_options *options)
{
	struct diff_rows d = DIFF_ROWS_INIT;
	err_t err;

	*reason = NULL;
	err = store_view_begin(r->store);
	if (err)
		return err;
	err = open_side(found, &d, 0, r, attrs, change->from);
	if (!err && *found)
		err = open_side(found, &d, 1, r, attrs, change->to);
	if (!err && *found)
		err = compare(found, reason, &d, attrs, change->path,
		    options);
	store_view_end(r->store);
	if (err || !*found)
		diff_rows_release(&d);
	else
		*out = d;
	return err;
}

/* ---- outside of any repository ----------------------------------------- */

static err_t
open_path(bool *found, struct diff_rows *d, int i, struct attrs *attrs,
    const char *path)
{
	struct dialect_hint hint;
	err_t err;

	err = attr_table(&hint, attrs, path);
	if (err)
		return err;
	*found = hint.format != TABLE_NONE;
	if (!*found)
		return NULL;
	d->fds[i] = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (d->fds[i] < 0)
		return err_sys("cannot open \"%s\"", path);
	err = source_of_file(&d->sources[i], d->fds[i], path, hint.cut);
	return err ? err : open_table(d, i, &hint);
}

err_t
diff_rows_files(bool *found, const char **reason, struct diff_rows *out,
    const char *from, const char *to, const struct rowdiff_options *options)
{
	struct attrs *attrs = attr_of_nothing();
	struct diff_rows d = DIFF_ROWS_INIT;
	err_t err;

	*reason = NULL;
	err = open_path(found, &d, 0, attrs, from);
	if (!err && *found)
		err = open_path(found, &d, 1, attrs, to);
	if (!err && *found)
		err = compare(found, reason, &d, attrs, to, options);
	attr_free(attrs);
	if (err || !*found)
		diff_rows_release(&d);
	else
		*out = d;
	return err;
}
