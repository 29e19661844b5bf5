/*
 * Commits on disk; the layout is in format.h.  A decoder accepts what the
 * encoder writes and nothing else: whatever decodes is encoded again and
 * compared.
 */

#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "store/format_int.h"

err_t
commit_encode(struct buf *out, const struct commit *c)
{
	struct header_writer w = { out, "commit", NULL };

	if (c->n_parents > COMMIT_PARENTS)
		return err_new(ERR_USAGE, "a commit has at most %d parents",
		    COMMIT_PARENTS);
	if (c->n_metas > COMMIT_METAS)
		return err_new(ERR_USAGE, "a commit has at most %d metadata "
		    "keys", COMMIT_METAS);
	header_id(&w, "tree", &c->tree);
	for (unsigned i = 0; i < c->n_parents; i++)
		header_id(&w, "parent", &c->parents[i]);
	header_person(&w, "author", &c->author, &c->author_time);
	header_person(&w, "committer", &c->committer, &c->committer_time);
	if (c->job)
		header_text(&w, "job", c->job);
	header_metas(&w, "meta", c->metas, c->n_metas);
	if (c->signature)
		header_signature(&w, c->signature);
	header_body(&w, c->message);
	if (!w.err && out->len > COMMIT_SIZE_MAX)
		return err_new(ERR_USAGE, "the message and metadata of a "
		    "commit may take 1 MiB at most");
	return w.err;
}

static void
decode_meta(struct commit *out, struct header_reader *r, const char *value,
    size_t len)
{
	const char *eq = memchr(value, '=', len);

	if (!eq || out->n_metas == COMMIT_METAS ||
	    !meta_key_ok(value, (size_t)(eq - value))) {
		r->bad = true;
		return;
	}
	out->metas = mem_realloc(out->metas, out->n_metas + 1,
	    sizeof(*out->metas));
	out->metas[out->n_metas].key = mem_strndup(value,
	    (size_t)(eq - value));
	out->metas[out->n_metas++].value = mem_strndup(eq + 1,
	    len - (size_t)(eq - value) - 1);
}

static void
decode_headers(struct commit *out, struct header_reader *r)
{
	const char *value;
	size_t len;
	struct header_reader at;

	header_need_id(&out->tree, r, "tree");
	for (at = *r; header_next(&value, &len, r, "parent"); at = *r) {
		*r = at;
		if (out->n_parents == COMMIT_PARENTS) {
			r->bad = true;
			return;
		}
		header_need_id(&out->parents[out->n_parents++], r, "parent");
	}
	header_need_person(&out->author, &out->author_time, r, "author");
	header_need_person(&out->committer, &out->committer_time, r,
	    "committer");
	if (header_next(&value, &len, r, "job"))
		out->job = mem_strndup(value, len);
	while (header_next(&value, &len, r, "meta"))
		decode_meta(out, r, value, len);
	if (header_next(&value, &len, r, "signature"))
		out->signature = mem_strndup(value, len);
}

err_t
commit_decode(struct commit *out, const void *p, size_t len)
{
	struct header_reader r = { p, (const char *)p + len, false };
	struct commit c = COMMIT_INIT;
	struct buf again = BUF_INIT;
	bool same;

	if (len > COMMIT_SIZE_MAX)
		return err_new(ERR_CORRUPT, "commit is too long");
	decode_headers(&c, &r);
	c.message = header_rest(&r);
	same = !r.bad && !commit_encode(&again, &c) && again.len == len &&
	    memcmp(again.p, p, len) == 0;
	buf_release(&again);
	if (!same) {
		commit_release(&c);
		return err_new(ERR_CORRUPT, "commit is not in canonical form");
	}
	*out = c;
	return NULL;
}

void
commit_release(struct commit *c)
{
	person_clear(&c->author);
	person_clear(&c->committer);
	free(c->job);
	metas_clear(c->metas, c->n_metas);
	free(c->signature);
	free(c->message);
	*c = (struct commit)COMMIT_INIT;
}
