/*
 * Header lines of commits and events; see format_int.h.
 */

#include "store/format_int.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/mem.h"

static bool
has_control(const char *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)p[i] < 0x20 || p[i] == 0x7f)
			return true;
	return false;
}

static bool
person_ok(const struct person *p)
{
	return p->name && *p->name && !strpbrk(p->name, "<>") &&
	    !has_control(p->name, strlen(p->name)) &&
	    p->name[0] != ' ' && p->name[strlen(p->name) - 1] != ' ' &&
	    (!p->email || (!strpbrk(p->email, "<> ") &&
	    !has_control(p->email, strlen(p->email))));
}

bool
meta_key_ok(const char *key, size_t len)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";

	for (size_t i = 0; i < len; i++)
		if (!key[i] || !strchr(allowed, key[i]))
			return false;
	return len > 0 && len <= 255;
}

static void
writer_fail(struct header_writer *w, const char *key, const char *why)
{
	if (!w->err)
		w->err = err_new(ERR_USAGE, "the %s of a %s %s", key, w->what,
		    why);
}

void
header_text(struct header_writer *w, const char *key, const char *value)
{
	if (has_control(value, strlen(value)))
		writer_fail(w, key, "cannot have control characters");
	else if (!*value)
		writer_fail(w, key, "cannot be empty");
	buf_printf(w->out, "%s %s\n", key, value);
}

void
header_id(struct header_writer *w, const char *key, const struct id *id)
{
	char hex[ID_HEX + 1];

	buf_printf(w->out, "%s %s\n", key, id_hex(hex, id));
}

void
header_time(struct header_writer *w, const char *key, int64_t t)
{
	buf_printf(w->out, "%s ", key);
	clock_format(w->out, t);
	buf_char(w->out, '\n');
}

void
header_person(struct header_writer *w, const char *key, const struct person *p,
    const int64_t *t)
{
	if (!person_ok(p)) {
		writer_fail(w, key, "needs a name without <, > or control "
		    "characters");
		return;
	}
	buf_printf(w->out, "%s %s <%s>", key, p->name,
	    p->email ? p->email : "");
	if (t) {
		buf_char(w->out, ' ');
		clock_format(w->out, *t);
	}
	buf_char(w->out, '\n');
}

bool
format_signature_ok(const char *base64)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789+/";
	static const char magic[] = "U1NIU0lH";	/* "SSHSIG" */
	size_t len = strlen(base64), n = strspn(base64, digits);

	return len <= SIGNATURE_MAX && len % 4 == 0 && len - n <= 2 &&
	    strspn(base64 + n, "=") == len - n &&
	    strncmp(base64, magic, strlen(magic)) == 0;
}

void
header_signature(struct header_writer *w, const char *base64)
{
	if (!format_signature_ok(base64))
		writer_fail(w, "signature", "is no SSH signature in base64");
	buf_printf(w->out, "signature %s\n", base64);
}

static int
compare_metas(const void *a, const void *b)
{
	const struct meta *const *x = a, *const *y = b;

	return strcmp((*x)->key, (*y)->key);
}

void
header_metas(struct header_writer *w, const char *prefix,
    const struct meta *metas, size_t n)
{
	const struct meta **sorted = mem_array(n, sizeof(*sorted));

	for (size_t i = 0; i < n; i++)
		sorted[i] = &metas[i];
	if (n)
		qsort(sorted, n, sizeof(*sorted), compare_metas);
	for (size_t i = 0; i < n; i++) {
		const struct meta *m = sorted[i];

		if (!meta_key_ok(m->key, strlen(m->key)))
			writer_fail(w, "key", "may have letters, digits, "
			    "\"_\", \".\" and \"-\" only");
		else if (i && strcmp(sorted[i - 1]->key, m->key) == 0)
			writer_fail(w, m->key, "is given twice");
		else if (has_control(m->value, strlen(m->value)))
			writer_fail(w, m->key, "cannot have control "
			    "characters");
		if (prefix)
			buf_printf(w->out, "%s %s=%s\n", prefix, m->key,
			    m->value);
		else
			buf_printf(w->out, "%s %s\n", m->key, m->value);
	}
	free(sorted);
}

void
header_body(struct header_writer *w, const char *text)
{
	buf_char(w->out, '\n');
	if (text)
		buf_str(w->out, text);
}

/* The next line without its LF; NULL at the blank line or when bad. */
static const char *
peek_line(size_t *len, struct header_reader *r)
{
	const char *nl;

	if (r->bad || r->p == r->end)
		return NULL;
	nl = memchr(r->p, '\n', (size_t)(r->end - r->p));
	if (!nl) {
		r->bad = true;
		return NULL;
	}
	*len = (size_t)(nl - r->p);
	if (has_control(r->p, *len)) {
		r->bad = true;
		return NULL;
	}
	return *len ? r->p : NULL;
}

bool
header_any(const char **key, size_t *key_len, const char **value, size_t *len,
    struct header_reader *r)
{
	size_t line_len;
	const char *line = peek_line(&line_len, r);
	const char *space;

	if (!line)
		return false;
	space = memchr(line, ' ', line_len);
	if (!space) {
		r->bad = true;
		return false;
	}
	*key = line;
	*key_len = (size_t)(space - line);
	*value = space + 1;
	*len = line_len - *key_len - 1;
	r->p = line + line_len + 1;
	return true;
}

bool
header_next(const char **value, size_t *len, struct header_reader *r,
    const char *key)
{
	struct header_reader before = *r;
	const char *k;
	size_t k_len;

	if (!header_any(&k, &k_len, value, len, r))
		return false;
	if (k_len == strlen(key) && memcmp(k, key, k_len) == 0)
		return true;
	*r = before;
	return false;
}

bool
header_need(const char **value, size_t *len, struct header_reader *r,
    const char *key)
{
	if (header_next(value, len, r, key) && *len > 0)
		return true;
	r->bad = true;
	return false;
}

/* Canonical ids are lower-case. */
static bool
parse_id(struct id *out, const char *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (p[i] >= 'A' && p[i] <= 'F')
			return false;
	return id_parse(out, p, len);
}

bool
header_need_id(struct id *out, struct header_reader *r, const char *key)
{
	const char *value;
	size_t len;

	if (header_need(&value, &len, r, key) && parse_id(out, value, len))
		return true;
	r->bad = true;
	return false;
}

bool
header_need_time(int64_t *out, struct header_reader *r, const char *key)
{
	const char *value;
	size_t len;

	if (header_need(&value, &len, r, key) &&
	    clock_parse_strict(out, value, len))
		return true;
	r->bad = true;
	return false;
}

bool
header_need_person(struct person *out, int64_t *t, struct header_reader *r,
    const char *key)
{
	const char *value, *open, *close;
	size_t len;

	if (!header_need(&value, &len, r, key))
		return false;
	open = memchr(value, '<', len);
	close = memchr(value, '>', len);
	if (!open || !close || close < open || open - value < 2 ||
	    open[-1] != ' ')
		goto bad;
	out->name = mem_strndup(value, (size_t)(open - value) - 1);
	out->email = mem_strndup(open + 1, (size_t)(close - open) - 1);
	if (!person_ok(out))
		goto bad;
	if (!t) {
		if (close + 1 != value + len)
			goto bad;
	} else if (close + 2 >= value + len || close[1] != ' ' ||
	    !clock_parse_strict(t, close + 2,
	    (size_t)(value + len - close) - 2))
		goto bad;
	return true;
bad:
	r->bad = true;
	return false;
}

char *
header_rest(struct header_reader *r)
{
	if (r->bad || r->p == r->end || *r->p != '\n' ||
	    memchr(r->p, '\0', (size_t)(r->end - r->p))) {
		r->bad = true;
		return NULL;
	}
	return mem_strndup(r->p + 1, (size_t)(r->end - r->p) - 1);
}

void
person_clear(struct person *p)
{
	free(p->name);
	free(p->email);
	p->name = p->email = NULL;
}

void
metas_clear(struct meta *metas, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(metas[i].key);
		free(metas[i].value);
	}
	free(metas);
}
