/*
 * Second pass: whatever a version needs is there.  From every commit that the
 * index knows down to trees, recipes and chunks; and the commit graph says
 * what the commits say.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/cancel.h"
#include "lib/base/mem.h"
#include "store/fsck_int.h"

/* A loss is told by what people know: the path, the bytes, a version. */
static err_t
say_lost(struct fsck *f, uint64_t from, uint64_t size, enum kind kind,
    const struct id *id, const char *why)
{
	char hex[ID_HEX + 1], where[32] = "it is staged";

	id_hex(hex, id);
	if (f->version)
		snprintf(where, sizeof(where), "first in v%lld",
		    (long long)f->version);
	return fsck_say(f, "file", buf_cstr(&f->path), "bytes %llu to %llu "
	    "cannot be read (%s %.12s: %s); %s", (unsigned long long)from,
	    (unsigned long long)(from + size - (size > 0)), kind_name(kind),
	    hex, why, where);
}

/* Is the object there, and could it be read in the first pass? */
static err_t
is_there(bool *out, const char **why, struct fsck *f, enum kind kind,
    const struct id *id)
{
	struct place place;
	err_t err;

	*why = "it is missing";
	err = place_find(out, &place, f->store, kind, id);
	if (!err && *out && marks_get(&f->lost, kind, id)) {
		*out = false;
		*why = "it is damaged";
	}
	return err;
}

/* ---- files ------------------------------------------------------------- */

struct sums {
	uint64_t size, records, chunks, partial;
};

/* The file whose recipe is being followed. */
struct following {
	const struct id *content;
	uint64_t offset;
};

static err_t check_list(struct fsck *f, struct sums *out,
    struct following *file, struct part *p, unsigned height);

static err_t
check_node(struct fsck *f, struct sums *out, struct following *file,
    const struct id *node, uint64_t size, unsigned height)
{
	struct buf b = BUF_INIT;
	struct part p;
	const char *why;
	err_t err;

	if (!fsck_object(&b, &why, f, KIND_NODE, node)) {
		err = say_lost(f, file->offset, size, KIND_NODE, node, why);
		file->offset += size;
	} else {
		p = part_of(&b);
		if (part_byte(&p) != height)
			p.bad = true;
		err = check_list(f, out, file, &p, height);
	}
	buf_release(&b);
	return err;
}

static err_t
check_chunk(struct fsck *f, struct following *file, const struct id *id,
    uint64_t size)
{
	const char *why;
	bool there;
	err_t err;

	err = is_there(&there, &why, f, KIND_CHUNK, id);
	if (!err && !there)
		err = say_lost(f, file->offset, size, KIND_CHUNK, id, why);
	file->offset += size;
	return err;
}

/*
 * A node that is said to be so much: a sound one is looked at once, one that is
 * not once for each file (content), so that each tells what it lost.  Few
 * nodes can stand for a file of any length.
 */
static struct id
node_key(const struct id *node, unsigned height, const struct sums *want,
    const struct id *content)
{
	struct hash h;
	struct id key;

	hash_init(&h);
	hash_add(&h, node->b, ID_SIZE);
	hash_add(&h, &height, sizeof(height));
	hash_add(&h, want, sizeof(*want));
	if (content)
		hash_add(&h, content->b, ID_SIZE);
	hash_end(&key, &h);
	return key;
}

static err_t
check_list(struct fsck *f, struct sums *out, struct following *file,
    struct part *p, unsigned height)
{
	err_t err = NULL;

	p->bad |= !p->left;
	while (!err && !p->bad && p->left) {
		const void *bytes = part_bytes(p, ID_SIZE);
		struct sums want = { .chunks = 1 }, got = { .size = 0 };
		uint64_t findings = f->totals->findings;
		struct id id, sound, here;

		want.size = part_number(p);
		want.records = part_number(p);
		want.partial = want.records & 1;
		want.records /= 2;
		if (height)
			want.chunks = part_number(p);
		p->bad |= !want.chunks || want.chunks > want.size;
		if (p->bad)
			break;
		memcpy(id.b, bytes, ID_SIZE);
		out->size += want.size;
		out->records += want.records;
		out->chunks += want.chunks;
		out->partial |= want.partial;
		if (!height) {
			err = check_chunk(f, file, &id, want.size);
			continue;
		}
		sound = node_key(&id, height - 1, &want, NULL);
		here = node_key(&id, height - 1, &want, file->content);
		if (idset_has(&f->seen, &sound) ||
		    !idset_add(&f->seen, &here)) {
			file->offset += want.size;
			continue;
		}
		err = check_node(f, &got, file, &id, want.size, height - 1);
		if (!err && findings == f->totals->findings &&
		    memcmp(&want, &got, sizeof(got)) != 0)
			err = fsck_say_id(f, "file", file->content,
			    "its recipe adds up wrongly");
		if (!err && findings == f->totals->findings)
			idset_add(&f->seen, &sound);
	}
	if (!err && p->bad)
		err = fsck_say_id(f, "file", file->content, "its recipe is "
		    "damaged");
	return err;
}

static err_t
check_recipe(struct fsck *f, const struct id *content, const struct id *root,
    uint64_t size)
{
	struct following file = { content, 0 };
	uint64_t findings = f->totals->findings;
	struct buf b = BUF_INIT;
	struct sums want, got = { .size = 0 };
	struct part p;
	unsigned height;
	const void *id;
	const char *why;
	err_t err;

	if (!fsck_object(&b, &why, f, KIND_RECIPE, root)) {
		err = say_lost(f, 0, size, KIND_RECIPE, root, why);
		goto out;
	}
	p = part_of(&b);
	height = part_byte(&p);
	part_byte(&p);
	id = part_bytes(&p, ID_SIZE);
	want.size = part_number(&p);
	want.records = part_number(&p);
	want.chunks = part_number(&p);
	if (!id || memcmp(id, content->b, ID_SIZE) != 0 ||
	    height > RECIPE_HEIGHT_MAX) {
		err = fsck_say_id(f, "file", content, "its recipe is that of "
		    "another file");
		goto out;
	}
	err = check_list(f, &got, &file, &p, height);
	want.partial = got.partial;	/* the root does not say */
	if (!err && findings == f->totals->findings &&
	    memcmp(&want, &got, sizeof(got)) != 0)
		err = fsck_say_id(f, "file", content, "its recipe adds up "
		    "wrongly");
out:
	buf_release(&b);
	return err;
}

static err_t
check_content(struct fsck *f, const struct id *content, uint64_t size)
{
	struct id recipe;
	const char *why;
	bool found;
	err_t err;

	if (!idset_add(&f->seen, content))
		return NULL;
	f->totals->files++;
	err = db_row(&found, f->store->db, "SELECT recipe FROM file "
	    "WHERE id = ?", "d", "d", content, &recipe);
	if (err)
		return err;
	if (found)
		return check_recipe(f, content, &recipe, size);
	err = is_there(&found, &why, f, KIND_CHUNK, content);
	if (!err && !found)
		err = say_lost(f, 0, size, KIND_CHUNK, content, why);
	return err;
}

/* ---- trees ------------------------------------------------------------- */

#define DEPTH_MAX 1024			/* directories below one another */
#define ANY_HEIGHT (TREE_HEIGHT_MAX + 1)

static err_t check_tree(struct fsck *f, const struct id *id, unsigned height,
    unsigned depth);

static err_t
check_tree_entry(struct fsck *f, unsigned mode, const char *name, size_t len,
    const struct id *id, uint64_t size, unsigned depth)
{
	size_t before = f->path.len;
	err_t err;

	if (before)
		buf_char(&f->path, '/');
	buf_add(&f->path, name, len);
	err = mode == 4 ? check_tree(f, id, ANY_HEIGHT, depth + 1) :
	    check_content(f, id, size);
	f->path.len = before;
	f->path.p[before] = '\0';
	return err;
}

static err_t
check_tree_entries(struct fsck *f, struct part *p, unsigned depth)
{
	unsigned height = part_byte(p);
	err_t err = NULL;

	while (!err && !p->bad && p->left) {
		unsigned mode = height ? 4 : part_byte(p);
		size_t len = part_number(p);
		const char *name = part_bytes(p, len);
		const void *bytes = part_bytes(p, ID_SIZE);
		uint64_t size = height ? 0 : part_number(p);
		struct id id;

		if (p->bad || mode < 1 || mode > 4)
			break;
		memcpy(id.b, bytes, ID_SIZE);
		err = height ? check_tree(f, &id, height - 1, depth) :
		    check_tree_entry(f, mode, name, len, &id, size, depth);
	}
	return err;
}

/* Would those who read it take it? */
static err_t
check_tree_form(struct fsck *f, const struct id *id, const struct buf *b,
    unsigned height)
{
	struct tree_decoder d = { .height = 0 };
	struct tree_entry e;
	err_t why;

	why = tree_decode_begin(&d, b->p, b->len);
	while (!why && tree_decode_next(&e, &d, &why))
		;
	if (why)
		return fsck_say_id(f, "tree", id, "%s", why->msg);
	if (height != ANY_HEIGHT && d.height != height)
		return fsck_say_id(f, "tree", id, "it has the wrong height");
	if (b->len == 1 && (height != ANY_HEIGHT || f->path.len || d.height))
		return fsck_say_id(f, "tree", id, "it is empty");
	return NULL;
}

/* height: what it must have, or ANY_HEIGHT. */
static err_t
check_tree(struct fsck *f, const struct id *id, unsigned height,
    unsigned depth)
{
	struct buf b = BUF_INIT;
	struct part p;
	const char *why;
	err_t err;

	if (!idset_add(&f->seen, id))
		return NULL;
	err = cancel_check();
	if (err)
		return err;
	f->totals->trees++;
	if (depth > DEPTH_MAX)
		return fsck_say_id(f, "tree", id, "it is too deep");
	if (!fsck_object(&b, &why, f, KIND_TREE, id)) {
		err = fsck_say_id(f, "tree", id, "%s; the directory \"%s\" "
		    "cannot be read, first in v%lld", why,
		    buf_cstr(&f->path), (long long)f->version);
	} else {
		p = part_of(&b);
		err = check_tree_form(f, id, &b, height);
		if (!err)
			err = check_tree_entries(f, &p, depth);
	}
	buf_release(&b);
	return err;
}

/* ---- commits ----------------------------------------------------------- */

/* A commit in the graph. */
struct node {
	struct id id, tree, jump;
	int64_t version, depth;
	struct id parents[COMMIT_PARENTS];
	size_t n_parents;
	size_t seen;			/* parents that the commit names */
	int64_t largest;		/* largest version of a parent */
};

static err_t
check_parent(struct fsck *f, struct node *node, const struct id *parent)
{
	int64_t version;
	bool found;
	err_t err;

	err = db_row(&found, f->store->db, "SELECT version FROM version "
	    "WHERE id = ?", "d", "i", parent, &version);
	if (err)
		return err;
	if (!found || node->seen >= node->n_parents ||
	    !id_eq(&node->parents[node->seen], parent))
		return fsck_say_id(f, "commit", &node->id, "the index has "
		    "other parents for it");
	node->seen++;
	if (version > node->largest)
		node->largest = version;
	return NULL;
}

static err_t
read_jump(struct fsck *f, const struct id *id, int64_t *depth,
    struct id *jump)
{
	bool found;
	err_t err;

	*depth = -1;
	memset(jump, 0, sizeof(*jump));
	err = db_row(&found, f->store->db, "SELECT depth, jump FROM version "
	    "WHERE id = ?", "d", "id", id, depth, jump);
	return err;
}

/* Depth and jump follow from the parent's. */
static err_t
check_jump(struct fsck *f, const struct node *node)
{
	struct id jumps[3], want = node->id;
	int64_t depths[3], depth = 0;
	err_t err = NULL;

	if (node->n_parents) {
		err = read_jump(f, &node->parents[0], &depths[0], &jumps[0]);
		if (!err)
			err = read_jump(f, &jumps[0], &depths[1], &jumps[1]);
		if (!err)
			err = read_jump(f, &jumps[1], &depths[2], &jumps[2]);
		depth = depths[0] + 1;
		want = depths[0] + depths[2] == 2 * depths[1] ? jumps[1] :
		    node->parents[0];
	}
	if (!err && (node->depth != depth || !id_eq(&node->jump, &want)))
		err = fsck_say_id(f, "commit", &node->id, "the index has a "
		    "wrong way from it to the first version");
	return err;
}

static err_t
check_commit_lines(struct fsck *f, struct node *node, struct part *p)
{
	struct fsck_line line;
	struct id found;
	bool has_tree = false;
	err_t err = NULL;

	while (!err && fsck_line(&line, p)) {
		if (fsck_line_is(&line, "tree")) {
			has_tree = fsck_line_id(&found, line.value,
			    line.len) && id_eq(&found, &node->tree);
		} else if (fsck_line_is(&line, "parent")) {
			if (fsck_line_id(&found, line.value, line.len))
				err = check_parent(f, node, &found);
			else
				p->bad = true;
		}
	}
	if (!err && (p->bad || !has_tree))
		err = fsck_say_id(f, "commit", &node->id, "it and the index "
		    "differ about its tree");
	return err;
}

static err_t
check_commit_form(struct fsck *f, const struct id *id, const struct buf *b)
{
	struct commit c = COMMIT_INIT;
	err_t why = commit_decode(&c, buf_cstr(b), b->len);

	commit_release(&c);
	return why ? fsck_say_id(f, "commit", id, "%s", why->msg) : NULL;
}

static err_t
check_commit(struct fsck *f, struct node *node)
{
	struct buf b = BUF_INIT;
	struct part p;
	const char *why;
	err_t err;

	f->totals->commits++;
	if (!fsck_object(&b, &why, f, KIND_COMMIT, &node->id)) {
		buf_release(&b);
		return fsck_say_id(f, "commit", &node->id, "%s", why);
	}
	p = part_of(&b);
	err = check_commit_form(f, &node->id, &b);
	if (!err)
		err = check_commit_lines(f, node, &p);
	buf_release(&b);
	if (!err && (node->seen != node->n_parents ||
	    node->version < 1 || node->version - 1 != node->largest))
		err = fsck_say_id(f, "commit", &node->id, "the index has a "
		    "wrong place for it in the history");
	if (!err)
		err = check_jump(f, node);
	f->version = node->version;
	buf_clear(&f->path);
	return err ? err : check_tree(f, &node->tree, ANY_HEIGHT, 0);
}

/* Commits that are there but not in the graph. */
static err_t
check_graph(struct fsck *f)
{
	struct query *q = NULL;
	struct id id;
	err_t err;

	err = db_query(&q, f->store->db, "SELECT id FROM object WHERE "
	    "kind = 5 AND id NOT IN (SELECT id FROM version)", "");
	while (!err && db_next(&err, q, "d", &id))
		err = fsck_say_id(f, "commit", &id, "the index does not have "
		    "it in the history");
	db_done(q);
	return err;
}

static err_t
check_stage(struct fsck *f)
{
	struct query *q = NULL;
	const char *path;
	struct id id;
	int64_t size;
	err_t err;

	f->version = 0;
	err = db_query(&q, f->store->db, "SELECT path, id, size FROM stage",
	    "");
	while (!err && db_next(&err, q, "pdi", &path, &id, &size)) {
		buf_clear(&f->path);
		buf_str(&f->path, path);
		err = check_content(f, &id, (uint64_t)size);
	}
	db_done(q);
	return err;
}

static err_t
collect(struct node **out, size_t *n, struct db *db)
{
	struct query *q = NULL;
	size_t cap = 0, len;
	const void *parents;
	err_t err;

	/* Oldest first: a loss is told where it comes up first. */
	err = db_query(&q, db, "SELECT id, tree, version, parents, "
	    "depth, jump FROM version ORDER BY version", "");
	while (!err) {
		struct node node = { .seen = 0 };

		if (!db_next(&err, q, "ddibid", &node.id, &node.tree,
		    &node.version, &parents, &len, &node.depth, &node.jump))
			break;
		node.n_parents = len / ID_SIZE;
		if (node.n_parents > COMMIT_PARENTS)
			node.n_parents = COMMIT_PARENTS;
		memcpy(node.parents, parents, node.n_parents * ID_SIZE);
		VEC_ROOM(*out, *n, cap);
		(*out)[(*n)++] = node;
	}
	db_done(q);
	return err;
}

err_t
fsck_reach(struct fsck *f)
{
	struct node *nodes = NULL;
	size_t n = 0;
	err_t err;

	err = collect(&nodes, &n, f->store->db);
	for (size_t i = 0; !err && i < n; i++)
		err = check_commit(f, &nodes[i]);
	free(nodes);
	if (!err)
		err = check_graph(f);
	if (!err)
		err = check_stage(f);
	return err;
}
