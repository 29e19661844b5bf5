#include "lib/table/schema.h"

#include <inttypes.h>

#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"

void
schema_release(struct schema *s)
{
	summary_release(&s->sum);
	*s = (struct schema)SCHEMA_INIT;
}

/* ---- columns ----------------------------------------------------------- */

/* Every class of a column is among those on the left. */
static const struct named_classes {
	unsigned classes;
	const char *type;
} types[] = {
	{ VALUE_INTEGER, "integer" },
	{ VALUE_NUMERIC | VALUE_SPECIAL, "number" },
	{ VALUE_BOOLEAN, "boolean" },
	{ VALUE_DATE, "date" },
	{ VALUE_TIME, "time" },
	{ VALUE_DATETIME, "datetime" },
	{ VALUE_OBJECT, "object" },
	{ VALUE_ARRAY, "array" },
};

#define TEXTUAL ((unsigned)(VALUE_STRING | VALUE_DATE | VALUE_TIME | \
	VALUE_DATETIME))

const char *
schema_type(const struct schema *s, size_t column)
{
	unsigned classes = s->sum.v[column].classes;

	if (!classes)
		return "any";
	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		if (!(classes & ~types[i].classes))
			return types[i].type;
	}
	/* All of CSV is text; in JSON a number is none. */
	return s->dialect.format == TABLE_CSV || !(classes & ~TEXTUAL) ?
	    "string" : "any";
}

uint64_t
schema_nulls(const struct schema *s, size_t column)
{
	return s->sum.rows - s->sum.v[column].cells;
}

/* Which of the two goes by the order of the column's type. */
static const struct summary_end *
end_of(const char *type, const struct summary_end *text,
    const struct summary_end *number)
{
	const struct summary_end *e = text;

	if (!strcmp(type, "integer") || !strcmp(type, "number"))
		e = number;
	else if (!strcmp(type, "boolean") || !strcmp(type, "object") ||
	    !strcmp(type, "array") || !strcmp(type, "any"))
		return NULL;
	return e->len ? e : NULL;
}

const struct summary_end *
schema_least(const struct schema *s, size_t column)
{
	const struct summary_column *c = &s->sum.v[column];

	return end_of(schema_type(s, column), &c->least, &c->lowest);
}

const struct summary_end *
schema_greatest(const struct schema *s, size_t column)
{
	const struct summary_column *c = &s->sum.v[column];

	return end_of(schema_type(s, column), &c->greatest, &c->highest);
}

/* ---- what is odd ------------------------------------------------------- */

/* By bit of enum row_odd. */
static const struct odd_words {
	const char *one, *many, *word;
} odd_words[ROW_ODD_KINDS] = {
	{ "has fewer cells than columns", "have fewer cells than columns",
	    "short" },
	{ "has more cells than columns", "have more cells than columns",
	    "long" },
	{ "has a quote that opens or closes no cell",
	    "have a quote that opens or closes no cell", "quote" },
	{ "has a NUL in it", "have a NUL in them", "nul" },
	{ "is not UTF-8", "are not UTF-8", "encoding" },
	{ "is not JSON", "are not JSON", "json" },
	{ "has the same key twice", "have the same key twice",
	    "duplicate_key" },
	{ "is too large to be taken apart", "are too large to be taken apart",
	    "huge" },
	{ "is an empty line", "are empty lines", "empty" },
};

static void
tell_header(struct buf *b, const struct schema *s, schema_odd_fn *fn,
    void *arg)
{
	const struct header_odd *odd = &s->odd;

	buf_clear(b);
	if (odd->duplicates)
		buf_printf(b, "the header names \"%s\" more than once",
		    odd->first);
	if (odd->duplicates > 1)
		buf_printf(b, ", and %zu more", odd->duplicates - 1);
	if (odd->duplicates)
		fn(arg, b->p);
	buf_clear(b);
	if (odd->empty)
		buf_printf(b, "%zu column%s no name", odd->empty,
		    odd->empty == 1 ? " has" : "s have");
	if (odd->empty)
		fn(arg, b->p);
}

void
schema_odd(const struct schema *s, schema_odd_fn *fn, void *arg)
{
	struct buf b = BUF_INIT;

	tell_header(&b, s, fn, arg);
	for (size_t i = 0; i < ROW_ODD_KINDS; i++) {
		const struct summary_odd *odd = &s->sum.odd[i];

		if (!odd->rows)
			continue;
		buf_clear(&b);
		if (odd->rows == 1)
			buf_printf(&b, "line %" PRIu64 " %s", odd->line + 1,
			    odd_words[i].one);
		else
			buf_printf(&b, "%" PRIu64 " rows %s, the first in "
			    "line %" PRIu64, odd->rows, odd_words[i].many,
			    odd->line + 1);
		fn(arg, b.p);
	}
	buf_release(&b);
}

void
schema_odd_members(struct json *j, const struct schema *s)
{
	if (s->odd.duplicates) {
		json_key(j, "duplicate_name");
		json_uint(j, s->odd.duplicates);
	}
	if (s->odd.empty) {
		json_key(j, "empty_name");
		json_uint(j, s->odd.empty);
	}
	for (size_t i = 0; i < ROW_ODD_KINDS; i++) {
		if (!s->sum.odd[i].rows)
			continue;
		json_key(j, odd_words[i].word);
		json_object(j);
		json_key(j, "rows");
		json_uint(j, s->sum.odd[i].rows);
		json_key(j, "first_line");
		json_uint(j, s->sum.odd[i].line + 1);
		json_end(j);
	}
}
