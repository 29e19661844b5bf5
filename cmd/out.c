/*
 * Results are gathered in a buffer and written when it is large, when a
 * command streams (out_flush), before anything is said on standard error, and
 * at the end.  The first failed write is kept and told once, by out_close or
 * out_flush; after it nothing more is written.
 */

#include "cmd/out.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/base/text.h"

#define FULL (64 * 1024)
#define USUAL 255			/* bytes that most formats come to */
#define SHORT_ID 8
#define GAP 2			/* between the columns of a table */

struct out {
	bool json;
	bool colour;
	bool quiet;
	bool failed;
	struct err failure;
	struct buf buf;
	struct json writer;
};

struct out *
out_new(bool json, bool colour, bool quiet)
{
	struct out *o = mem_zalloc(sizeof(*o));

	o->json = json;
	o->colour = colour && !json;
	o->quiet = quiet;
	return o;
}

static void
push(struct out *o)
{
	err_t err;

	if (!o->failed && o->buf.len) {
		err = file_write_full(STDOUT_FILENO, o->buf.p, o->buf.len,
		    "standard output");
		if (err) {
			o->failed = true;
			o->failure = *err;
		}
	}
	buf_clear(&o->buf);
}

static void
push_if_full(struct out *o)
{
	if (o->buf.len >= FULL)
		push(o);
}

err_t
out_flush(struct out *o)
{
	push(o);
	if (!o->failed)
		return NULL;
	if (o->failure.sys_errno == EPIPE)
		return err_new(ERR_CANCELLED, "nobody reads the output");
	return err_adopt(&o->failure);
}

err_t
out_close(struct out *o)
{
	push(o);
	if (o->failed && o->failure.sys_errno != EPIPE)
		return err_adopt(&o->failure);
	return NULL;
}

void
out_free(struct out *o)
{
	if (!o)
		return;
	buf_release(&o->buf);
	free(o);
}

bool
out_is_json(const struct out *o)
{
	return o->json;
}

static void
add_format(struct buf *b, const char *fmt, va_list ap)
{
	va_list again;
	char *to = buf_reserve(b, USUAL);
	int n;

	va_copy(again, ap);
	n = vsnprintf(to, USUAL + 1, fmt, again);
	va_end(again);
	if (n < 0)
		BUG("cannot format \"%s\"", fmt);
	if (n > USUAL)
		vsnprintf(buf_reserve(b, (size_t)n), (size_t)n + 1, fmt, ap);
	b->len += (size_t)n;
}

void
out_printf(struct out *o, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add_format(&o->buf, fmt, ap);
	va_end(ap);
	push_if_full(o);
}

void
out_textn(struct out *o, const char *s, size_t len)
{
	text_escape(&o->buf, s, len);
	push_if_full(o);
}

void
out_text(struct out *o, const char *s)
{
	out_textn(o, s, strlen(s));
}

void
out_path(struct out *o, const char *path)
{
	size_t len = strlen(path), start = o->buf.len;
	bool quote = len == 0 || path[0] == ' ' || path[len - 1] == ' ' ||
	    strchr(path, '"');

	if (quote)
		buf_char(&o->buf, '"');
	text_escape(&o->buf, path, len);
	if (!quote && (o->buf.len - start != len ||
	    memcmp(o->buf.p + start, path, len) != 0)) {
		o->buf.len = start;
		buf_char(&o->buf, '"');
		text_escape(&o->buf, path, len);
		quote = true;
	}
	if (quote)
		buf_char(&o->buf, '"');
	push_if_full(o);
}

void
out_raw(struct out *o, const void *p, size_t len)
{
	buf_add(&o->buf, p, len);
	push_if_full(o);
}

void
out_style(struct out *o, enum out_style style)
{
	static const char *const codes[] = {
		[OUT_PLAIN] = "0", [OUT_BOLD] = "1", [OUT_DIM] = "2",
		[OUT_RED] = "31", [OUT_GREEN] = "32", [OUT_YELLOW] = "33",
		[OUT_BLUE] = "34", [OUT_CYAN] = "36",
	};

	if (o->colour)
		out_printf(o, "\033[%sm", codes[style]);
}

void
out_reset(struct out *o)
{
	if (o->colour)
		out_printf(o, "\033[0m");
}

void
out_id(struct out *o, const struct id *id)
{
	char hex[ID_HEX + 1];

	out_printf(o, "%.*s", SHORT_ID, id_hex(hex, id));
}

/* One line on standard error, after what was said on standard output. */
static void
say(struct out *o, const char *label, const char *fmt, va_list ap)
{
	struct buf text = BUF_INIT, line = BUF_INIT;

	push(o);
	add_format(&text, fmt, ap);
	buf_str(&line, label);
	text_escape(&line, buf_cstr(&text), text.len);
	buf_char(&line, '\n');
	fwrite(line.p, 1, line.len, stderr);
	buf_release(&text);
	buf_release(&line);
}

void
out_note(struct out *o, const char *fmt, ...)
{
	va_list ap;

	if (o->quiet)
		return;
	va_start(ap, fmt);
	say(o, "", fmt, ap);
	va_end(ap);
}

void
out_warn(struct out *o, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(o, "warning: ", fmt, ap);
	va_end(ap);
}

struct json *
out_json(struct out *o)
{
	json_init(&o->writer, &o->buf);
	return &o->writer;
}

void
out_json_end(struct out *o)
{
	if (o->writer.depth)
		BUG("a JSON value was left open");
	buf_char(&o->buf, '\n');
	push_if_full(o);
}

struct cell {
	char *text;		/* clean */
	size_t width;
	bool number;
};

struct out_table {
	struct out *out;
	size_t columns;
	struct cell *cells;
	size_t n;
	size_t cap;
};

struct out_table *
out_table_new(struct out *o, size_t columns)
{
	struct out_table *t = mem_zalloc(sizeof(*t));

	t->out = o;
	t->columns = columns;
	return t;
}

static void
add_cell(struct out_table *t, const char *s, bool number)
{
	struct buf b = BUF_INIT;
	struct cell *c;

	VEC_ROOM(t->cells, t->n, t->cap);
	c = &t->cells[t->n++];
	text_escape(&b, s, strlen(s));
	c->width = text_width(buf_cstr(&b), b.len);
	c->text = buf_detach(&b);
	c->number = number;
}

void
out_table_text(struct out_table *t, const char *s)
{
	add_cell(t, s, false);
}

void
out_table_number(struct out_table *t, const char *s)
{
	add_cell(t, s, true);
}

/* The last cell of a line is not padded: no blanks at the end of a line. */
static void
print_cell(struct out *o, const struct cell *c, size_t width, bool last)
{
	int pad = (int)(width - c->width);

	if (c->number)
		out_printf(o, "%*s%s", pad, "", c->text);
	else
		out_printf(o, "%s%*s", c->text, last ? 0 : pad, "");
	if (last)
		out_printf(o, "\n");
	else
		out_printf(o, "%*s", GAP, "");
}

void
out_table_end(struct out_table *t)
{
	size_t *widths = mem_array(t->columns, sizeof(*widths));

	if (t->n % t->columns)
		BUG("a table of %zu columns has %zu cells", t->columns, t->n);
	for (size_t i = 0; i < t->n; i++) {
		size_t *w = &widths[i % t->columns];

		*w = t->cells[i].width > *w ? t->cells[i].width : *w;
	}
	for (size_t i = 0; i < t->n; i++) {
		print_cell(t->out, &t->cells[i], widths[i % t->columns],
		    i % t->columns == t->columns - 1);
		free(t->cells[i].text);
	}
	free(widths);
	free(t->cells);
	free(t);
}
