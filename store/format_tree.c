/*
 * Trees on disk; the layout is in format.h.
 */

#include "store/format.h"

#include <string.h>
#include <strings.h>

#include "lib/base/text.h"

/*
 * Where trees are cut: after a name whose FNV-1a hash, salted by the height
 * and mixed, has its high six bits zero.  Only the name decides, so a changed
 * file never moves a cut, and 64 entries share an object on average.
 */
#define CUT_BITS 6

static const char *const kind_names[] = {
	"?", "chunk", "recipe", "node", "tree", "commit", "event", "table",
	"rows", "decisions",
};
static const char *const mode_names[] = {
	"?", "file", "exec", "link", "dir",
};

const char *
kind_name(enum kind kind)
{
	return kind_names[kind <= KIND_MAX ? kind : 0];
}

const char *
mode_name(enum mode mode)
{
	return mode_names[mode <= MODE_DIR ? mode : 0];
}

static bool
is_ascii(const char *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (p[i] & 0x80)
			return false;
	return true;
}

/* U+FF01 to U+FF5E, the wide forms of "!" to "~", which look like them. */
static void
narrow(struct buf *out, const char *p, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		uint8_t hi = i + 2 < len && p[i] == '\xef' ?
		    (uint8_t)p[i + 1] : 0;
		uint8_t lo = hi ? (uint8_t)p[i + 2] : 0;

		if (hi == 0xbc && lo >= 0x81 && lo <= 0xbf) {
			buf_char(out, (char)(lo - 0x60));
			i += 2;
		} else if (hi == 0xbd && lo >= 0x80 && lo <= 0x9e) {
			buf_char(out, (char)(lo - 0x20));
			i += 2;
		} else {
			buf_char(out, p[i]);
		}
	}
}

static bool
is_dotdsv(const char *name, size_t len)
{
	struct buf plain = BUF_INIT, fold = BUF_INIT;
	bool is;

	/* The common case without folding: plain ASCII that is not it. */
	if (is_ascii(name, len))
		return len == 4 && strncasecmp(name, ".dsv", 4) == 0;
	narrow(&plain, name, len);
	text_fold(&fold, plain.p, plain.len);
	is = fold.len == 4 && memcmp(fold.p, ".dsv", 4) == 0;
	buf_release(&plain);
	buf_release(&fold);
	return is;
}

bool
tree_name_ok(const char *name, size_t len)
{
	if (len == 0 || len > TREE_NAME_MAX)
		return false;
	if (name[0] == '.' && (len == 1 || (len == 2 && name[1] == '.')))
		return false;
	if (memchr(name, '/', len) || memchr(name, '\0', len))
		return false;
	return !is_dotdsv(name, len);
}

bool
tree_path_ok(const char *path)
{
	for (;;) {
		size_t len = strcspn(path, "/");

		if (!tree_name_ok(path, len))
			return false;
		if (!path[len])
			return true;
		path += len + 1;
	}
}

bool
tree_cut_after(unsigned height, const char *name, size_t len)
{
	uint64_t h = 0xcbf29ce484222325u + height;

	for (size_t i = 0; i < len; i++)
		h = (h ^ (uint8_t)name[i]) * 0x100000001b3u;
	h ^= h >> 32;
	h *= 0x9e3779b97f4a7c15u;
	return h >> (64 - CUT_BITS) == 0;
}

void
tree_begin(struct buf *out, unsigned height)
{
	buf_char(out, (char)height);
}

static void
add_name(struct buf *out, const char *name, size_t len)
{
	buf_varint(out, len);
	buf_add(out, name, len);
}

void
tree_add(struct buf *out, const struct tree_entry *e)
{
	buf_char(out, (char)e->mode);
	add_name(out, e->name, e->name_len);
	buf_add(out, e->id.b, ID_SIZE);
	buf_varint(out, e->size);
}

void
tree_add_child(struct buf *out, const char *last, size_t len,
    const struct id *id)
{
	add_name(out, last, len);
	buf_add(out, id->b, ID_SIZE);
}

err_t
tree_decode_begin(struct tree_decoder *out, const void *p, size_t len)
{
	struct tree_decoder d = { .c = cursor_of(p, len) };

	d.height = cursor_u8(&d.c);
	if (d.c.bad || d.height > TREE_HEIGHT_MAX)
		return err_new(ERR_CORRUPT, "tree has no valid height");
	*out = d;
	return NULL;
}

static int
compare_names(const char *a, size_t a_len, const char *b, size_t b_len)
{
	int diff = memcmp(a, b, a_len < b_len ? a_len : b_len);

	return diff ? diff : (a_len > b_len) - (a_len < b_len);
}

bool
tree_decode_next(struct tree_entry *out, struct tree_decoder *d, err_t *err)
{
	struct tree_entry e = { .mode = 0 };
	const char *id;

	*err = NULL;
	if (cursor_left(&d->c) == 0)
		return false;
	if (d->height == 0)
		e.mode = cursor_u8(&d->c);
	e.name_len = cursor_varint(&d->c);
	e.name = cursor_take(&d->c, e.name_len);
	id = cursor_take(&d->c, ID_SIZE);
	if (d->height == 0)
		e.size = cursor_varint(&d->c);
	if (d->c.bad) {
		*err = err_new(ERR_CORRUPT, "tree is cut short");
		return false;
	}
	memcpy(e.id.b, id, ID_SIZE);
	if (d->height == 0 && (e.mode < MODE_FILE || e.mode > MODE_DIR ||
	    (e.mode == MODE_DIR && e.size))) {
		*err = err_new(ERR_CORRUPT, "tree has an entry of no known "
		    "mode");
		return false;
	}
	if (!tree_name_ok(e.name, e.name_len)) {
		*err = err_new(ERR_CORRUPT, "tree has an entry with a name "
		    "that is not allowed, \"%.*s\"",
		    (int)(e.name_len < 200 ? e.name_len : 200), e.name);
		return false;
	}
	if (d->last && compare_names(d->last, d->last_len, e.name,
	    e.name_len) >= 0) {
		*err = err_new(ERR_CORRUPT, "tree is not in order");
		return false;
	}
	d->last = e.name;
	d->last_len = e.name_len;
	*out = e;
	return true;
}
