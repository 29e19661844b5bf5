#include "lib/table/records.h"

#include <string.h>

#include "lib/base/cancel.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"

#define PIECE ((size_t)1 << 20)

void
records_begin(struct records *out, int fd, const char *name, char quote)
{
	*out = (struct records){ .fd = fd, .name = name, .quote = quote,
	    .bytes = BUF_INIT };
	find_begin(&out->find, "", 0, '\n', quote, false);
}

void
records_release(struct records *r)
{
	buf_release(&r->bytes);
}

/* What is not a whole record yet stays, and more comes behind it. */
static err_t
refill(struct records *r)
{
	size_t left = r->bytes.len - r->start;
	size_t want = left < PIECE ? PIECE : left, got = 0;
	err_t err;

	if (left > RECORD_MAX)
		return err_new(ERR_REFUSED, "\"%s\" has a record of more than "
		    "%zu MiB; it cannot be read as rows", r->name,
		    RECORD_MAX >> 20);
	err = cancel_check();
	if (err)
		return err;
	if (left)
		memmove(r->bytes.p, r->bytes.p + r->start, left);
	r->start = 0;
	r->bytes.len = left;
	err = file_read_full(&got, r->fd, buf_reserve(&r->bytes, want), want,
	    r->name);
	r->bytes.len += got;
	r->all = got < want;
	find_begin(&r->find, buf_cstr(&r->bytes), r->bytes.len, '\n',
	    r->quote, false);
	return err;
}

static size_t
without_end(const char *p, size_t len)
{
	if (len && p[len - 1] == '\n')
		len -= len > 1 && p[len - 2] == '\r' ? 2 : 1;
	return len;
}

static bool
ends_in_quotes(const struct record *record, char quote)
{
	bool odd = false;

	for (size_t i = 0; quote && i < record->len; i++)
		odd ^= record->p[i] == quote;
	return odd;
}

err_t
records_next(bool *found, struct record *out, struct records *r)
{
	bool ended;
	size_t at;
	err_t err;

	while ((at = find_next(&r->find)) >= r->bytes.len) {
		if (r->all)
			break;
		err = refill(r);
		if (err)
			return err;
	}
	*found = r->start < r->bytes.len;
	if (!*found)
		return NULL;
	ended = at < r->bytes.len;
	if (ended)
		at++;
	out->p = r->bytes.p + r->start;
	out->len = at - r->start;
	/* A line end in quotes that stay open is text. */
	out->text_len = ended ? without_end(out->p, out->len) : out->len;
	r->start = at;
	if (r->all && at == r->bytes.len)
		r->open = ends_in_quotes(out, r->quote);
	return NULL;
}
