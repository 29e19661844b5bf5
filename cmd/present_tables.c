#include <stdlib.h>
#include <string.h>

#include "cmd/out.h"
#include "cmd/present.h"
#include "lib/base/mem.h"
#include "lib/base/term.h"
#include "lib/history/pathspec.h"

struct showing {
	const struct present_tables *p;
	struct json *json;		/* instead of lines */
	struct pathspec *paths;
	bool only_sum;
	size_t n;
	struct row_changes sum;
	size_t unknown;
};

static err_t
is_selected(bool *out, struct showing *s, const struct row_changes *rows)
{
	char *path;
	err_t err;

	*out = true;
	if (!s->paths)
		return NULL;
	path = mem_strndup(rows->path, rows->path_len);
	err = pathspec_match(out, s->paths, path);
	free(path);
	return err;
}

static void
counts(struct out *o, const struct row_changes *rows)
{
	char n[3][32];

	out_printf(o, "%s inserted, %s updated, %s deleted",
	    term_count(n[0], rows->inserted), term_count(n[1], rows->updated),
	    term_count(n[2], rows->deleted));
}

static void
line(struct showing *s, const struct row_changes *rows)
{
	struct out *o = s->p->out;
	char *path = mem_strndup(rows->path, rows->path_len);

	out_printf(o, "%s", s->p->below);
	out_path(o, path);
	free(path);
	out_printf(o, ": rows: ");
	if (rows->extent == ROWS_UNKNOWN) {
		out_printf(o, "not known: ");
		out_textn(o, rows->note, rows->note_len);
	} else {
		counts(o, rows);
	}
	out_printf(o, "\n");
}

static void
number(struct json *j, const char *key, uint64_t n, bool known)
{
	json_key(j, key);
	if (known)
		json_uint(j, n);
	else
		json_null(j);
}

static void
item(struct json *j, const struct row_changes *rows)
{
	bool known = rows->extent != ROWS_UNKNOWN;

	json_object(j);
	json_key(j, "path");
	json_textn(j, rows->path, rows->path_len);
	number(j, "rows", rows->rows, known);
	number(j, "inserted", rows->inserted, known);
	number(j, "updated", rows->updated, known);
	number(j, "deleted", rows->deleted, known);
	if (!known) {
		json_key(j, "reason");
		json_textn(j, rows->note, rows->note_len);
	}
	json_end(j);
}

static err_t
show(void *arg, const struct row_changes *rows)
{
	struct showing *s = arg;
	bool selected;
	err_t err;

	err = is_selected(&selected, s, rows);
	if (err || !selected)
		return err;
	s->n++;
	s->sum.inserted += rows->inserted;
	s->sum.updated += rows->updated;
	s->sum.deleted += rows->deleted;
	s->unknown += rows->extent == ROWS_UNKNOWN;
	if (s->json)
		item(s->json, rows);
	else if (!s->only_sum)
		line(s, rows);
	return NULL;
}

static void
say_sum(const struct showing *s)
{
	struct out *o = s->p->out;
	char n[2][32];

	out_printf(o, "%srows in %s tables: ", s->p->below,
	    term_count(n[0], s->n));
	counts(o, &s->sum);
	if (s->unknown)
		out_printf(o, "; not known of %s", term_count(n[1],
		    s->unknown));
	out_printf(o, "\n");
}

err_t
present_tables(const struct present_tables *p, const struct id *commit)
{
	struct showing s = { .p = p, .paths = p->paths, .only_sum = p->max };
	err_t err;

	if (p->max) {
		err = rows_walk(p->store, commit, show, &s);
		if (err)
			return err;
		if (s.n > p->max) {
			say_sum(&s);
			return NULL;
		}
	}
	s.only_sum = false;
	return rows_walk(p->store, commit, show, &s);
}

err_t
present_tables_member(struct json *j, struct store *store,
    struct pathspec *paths, const struct id *commit)
{
	struct showing s = { .json = j, .paths = paths };
	err_t err;

	json_key(j, "tables");
	json_array(j);
	err = rows_walk(store, commit, show, &s);
	json_end(j);
	return err;
}
