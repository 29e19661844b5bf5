/*
 * Puts objects into a repository that dsv would never write, under their
 * right ids, and makes refs and the index name them:
 *
 *	forge DIR <SCRIPT
 *
 * Each line of the script is words with single blanks between:
 *
 *	object NAME KIND PART...	store it; NAME stands for it then
 *	content NAME PART...		the id of these bytes, stored nowhere
 *	file CONTENT RECIPE		the content has that recipe
 *	version COMMIT			enter it in the graph of versions
 *	ref REF COMMIT			branch/... or tag/..., by an event
 *	segment PART...			a file under objects/, named rightly
 *
 * KIND is chunk, recipe, node, tree, commit or event.  The parts are joined:
 *
 *	t:TEXT		TEXT; \s is a blank, \n a line feed, \\ a backslash and
 *			\xNN the byte NN
 *	s:TEXT		the same after its length as a varint
 *	b:N v:N q:N	a byte, a varint, a u64
 *	i:NAME h:NAME	its id, and its id in hexadecimal
 *	r:N:PART	N times the part
 *	z:PART		one frame of Zstandard
 */

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/mem.h"
#include "lib/base/zst.h"
#include "store/children.h"
#include "store/store_int.h"

#define NAMES 4096

struct named {
	char *name;
	struct id id;
	struct buf bytes;
};

struct forge {
	const char *dir;
	struct txn *txn;
	struct named named[NAMES];
	size_t n;
};

static _Noreturn void PRINTF_LIKE(1, 2)
die(const char *fmt, ...)
{
	va_list ap;

	fputs("forge: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(2);
}

static void
need(err_t err)
{
	if (err)
		die("%s", err->msg);
}

static const struct named *
named(const struct forge *f, const char *name)
{
	for (size_t i = f->n; i--;)
		if (strcmp(f->named[i].name, name) == 0)
			return &f->named[i];
	die("there is no \"%s\"", name);
}

static const struct id *
find(const struct forge *f, const char *name)
{
	return &named(f, name)->id;
}

/* Takes over the bytes. */
static void
name(struct forge *f, const char *name, const struct id *id, struct buf *bytes)
{
	if (f->n == NAMES)
		die("too many names");
	f->named[f->n++] = (struct named){ mem_strdup(name), *id, *bytes };
	*bytes = (struct buf)BUF_INIT;
}

/* ---- bytes ------------------------------------------------------------- */

static void
add_text(struct buf *out, const char *s)
{
	for (; *s; s++) {
		char hex[3] = { 0 };

		if (*s != '\\') {
			buf_char(out, *s);
		} else if (*++s == 'x' && s[1] && s[2]) {
			memcpy(hex, s + 1, 2);
			buf_char(out, (char)strtoul(hex, NULL, 16));
			s += 2;
		} else {
			buf_char(out, *s == 's' ? ' ' : *s == 'n' ? '\n' : *s);
		}
	}
}

static void
add_part(struct buf *out, const struct forge *f, const char *part)
{
	const char *value = part + 2;
	struct buf b = BUF_INIT;
	char hex[ID_HEX + 1], *end;
	uint64_t n;

	if (!*part || part[1] != ':')
		die("\"%s\" is no part", part);
	n = strtoull(value, &end, 0);
	switch (*part) {
	case 't': add_text(out, value); break;
	case 'b': buf_char(out, (char)n); break;
	case 'v': buf_varint(out, n); break;
	case 'q': buf_u64(out, n); break;
	case 'i': buf_add(out, find(f, value)->b, ID_SIZE); break;
	case 'h': buf_str(out, id_hex(hex, find(f, value))); break;
	case 's':
		add_text(&b, value);
		buf_varint(out, b.len);
		buf_add(out, buf_cstr(&b), b.len);
		break;
	case 'r':
		add_part(&b, f, end + 1);
		while (n--)
			buf_add(out, buf_cstr(&b), b.len);
		break;
	case 'z':
		add_part(&b, f, value);
		zst_compress(out, buf_cstr(&b), b.len, 1);
		break;
	default: die("\"%s\" is no part", part);
	}
	buf_release(&b);
}

static void
add_parts(struct buf *out, const struct forge *f, char **save)
{
	for (char *part; (part = strtok_r(NULL, " ", save)) != NULL;)
		add_part(out, f, part);
}

/* ---- what is done with them -------------------------------------------- */

static enum kind
kind_of(const char *word)
{
	for (unsigned kind = 1; kind <= KIND_MAX; kind++)
		if (strcmp(kind_name((enum kind)kind), word) == 0)
			return (enum kind)kind;
	die("\"%s\" is no kind", word);
}

static void
put_segment(struct id *out, const struct forge *f, const struct buf *bytes)
{
	char path[SEGMENT_PATH], shard[3] = { 0 };
	int dirfd = openat(store_dirfd(txn_store(f->txn)), OBJECTS_DIR,
	    O_RDONLY | O_DIRECTORY);
	int fd;

	hash_bytes(out, buf_cstr(bytes), bytes->len);
	segment_path(path, out);
	memcpy(shard, path, 2);
	if (mkdirat(dirfd, shard, 0777) && errno != EEXIST)
		die("cannot make %s", shard);
	fd = openat(dirfd, path, O_WRONLY | O_CREAT | O_TRUNC, 0444);
	if (fd < 0)
		die("cannot make %s", path);
	need(file_write_full(fd, buf_cstr(bytes), bytes->len, path));
	close(fd);
	close(dirfd);
}

static err_t
ignore_child(void *arg, enum kind kind, const struct id *id)
{
	(void)arg;
	(void)kind;
	(void)id;
	return NULL;
}

/* A segment of one frame of one object, and its rows. */
static void
put_alone(struct forge *f, enum kind kind, const struct id *id,
    const struct buf *b)
{
	struct frame_entry e = { *id, (uint32_t)b->len };
	struct frame frame = { .codec = CODEC_RAW, .kind = kind,
	    .entries = &e, .n = 1, .raw = e.size, .stored = e.size };
	struct db *db = txn_store(f->txn)->db;
	struct buf all = BUF_INIT;
	struct id segment;
	uint64_t end;

	buf_add(&all, SEGMENT_MAGIC, SEGMENT_MAGIC_LEN);
	frame_encode_head(&all, &frame);
	buf_add(&all, buf_cstr(b), b->len);
	end = all.len;
	buf_varint(&all, 1);
	buf_varint(&all, end - SEGMENT_MAGIC_LEN);
	buf_u64(&all, end);
	buf_add(&all, SEGMENT_END, SEGMENT_MAGIC_LEN);
	put_segment(&segment, f, &all);
	need(db_run(db, "INSERT INTO segment (id, size) VALUES (?, ?)", "di",
	    &segment, (int64_t)all.len));
	need(db_run(db, "INSERT INTO object VALUES (?, ?, "
	    "last_insert_rowid(), 8, 0, ?, 0)", "dii", id, (int64_t)kind,
	    (int64_t)b->len));
	buf_release(&all);
}

/* What cannot be understood is stored all the same, but counts nothing. */
static void
put_object(struct id *out, struct forge *f, enum kind kind,
    const struct buf *b)
{
	if (!children_walk(kind, buf_cstr(b), b->len, ignore_child, NULL)) {
		need(object_put(out, f->txn, kind, buf_cstr(b), b->len));
		return;
	}
	hash_bytes(out, buf_cstr(b), b->len);
	put_alone(f, kind, out, b);
}

static void
put_version(struct forge *f, const struct named *n)
{
	struct commit c = COMMIT_INIT;

	need(commit_decode(&c, buf_cstr(&n->bytes), n->bytes.len));
	need(graph_insert(txn_store(f->txn)->db, &n->id, &c));
	commit_release(&c);
}

static void
put_ref(struct forge *f, const char *ref, const struct id *to)
{
	struct event ev = EVENT_INIT;
	struct id from = { { 0 } }, id;
	struct ref at;
	err_t err;

	err = ref_get(&at, txn_store(f->txn), ref);
	if (!err)
		from = at.target;
	else if (!err_is(err, ERR_NOT_FOUND))
		need(err);
	ev.act = mem_strdup("forge");
	ev.actor.name = mem_strdup("Eve");
	ev.actor.email = mem_strdup("");
	ev.identity = mem_strdup("os");
	ev.note = mem_strdup("");
	event_add_ref(&ev, ref, &from, to);
	need(event_record(&id, f->txn, &ev));
	event_release(&ev);
}

static void
obey(struct forge *f, char *line)
{
	struct buf b = BUF_INIT;
	char *save = NULL, *verb = strtok_r(line, " ", &save);
	char *a, *c;
	struct id id;

	if (!verb || *verb == '#')
		return;
	if (strcmp(verb, "segment") == 0) {
		add_parts(&b, f, &save);
		put_segment(&id, f, &b);
		buf_release(&b);
		return;
	}
	a = strtok_r(NULL, " ", &save);
	c = strcmp(verb, "content") && strcmp(verb, "version") ?
	    strtok_r(NULL, " ", &save) : NULL;
	if (!a)
		die("\"%s\" needs more words", verb);
	if (strcmp(verb, "object") == 0 && c) {
		add_parts(&b, f, &save);
		put_object(&id, f, kind_of(c), &b);
		name(f, a, &id, &b);
	} else if (strcmp(verb, "content") == 0) {
		add_parts(&b, f, &save);
		hash_bytes(&id, buf_cstr(&b), b.len);
		name(f, a, &id, &b);
	} else if (strcmp(verb, "file") == 0 && c) {
		pack_file(f->txn->pack, find(f, a), find(f, c));
	} else if (strcmp(verb, "version") == 0) {
		put_version(f, named(f, a));
	} else if (strcmp(verb, "ref") == 0 && c) {
		put_ref(f, a, find(f, c));
	} else {
		die("\"%s\" is no verb", verb);
	}
	buf_release(&b);
}

int
main(int argc, char **argv)
{
	static struct forge f;
	struct store *s = NULL;
	struct buf path = BUF_INIT;
	char *line = NULL;
	size_t cap = 0;
	ssize_t len;

	if (argc != 2)
		die("usage: forge DIR <SCRIPT");
	f.dir = argv[1];
	buf_printf(&path, "%s/.dsv", f.dir);
	need(store_open(&s, path.p, STORE_WRITE, 10000, true));
	need(txn_begin(&f.txn, s, "forge"));
	need(txn_lock(f.txn));
	while ((len = getline(&line, &cap, stdin)) > 0) {
		if (line[len - 1] == '\n')
			line[len - 1] = '\0';
		obey(&f, line);
	}
	need(txn_commit(f.txn));
	txn_end(f.txn);
	store_close(s);
	for (size_t i = 0; i < f.n; i++) {
		free(f.named[i].name);
		buf_release(&f.named[i].bytes);
	}
	free(line);
	buf_release(&path);
	return 0;
}
