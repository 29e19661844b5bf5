/*
 * Walks against sets: random histories of 60 versions, where what is an
 * ancestor of what is kept as bits.
 */

#include <stdlib.h>
#include <string.h>

#include "lib/history/walk.h"
#include "tests/unit/fixture.h"
#include "tests/unit/tap.h"

#define N 60
#define ROUNDS 30

struct history {
	struct id ids[N];
	uint64_t ancestors[N];		/* itself included */
	unsigned parents[N][3];
	unsigned n_parents[N];
};

static uint64_t seed = 7;

static unsigned
below(unsigned n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (unsigned)((seed >> 11) % n);
}

static uint64_t
bit(unsigned i)
{
	return (uint64_t)1 << i;
}

static unsigned
index_of(const struct history *h, const struct id *id)
{
	unsigned i = 0;

	while (i < N && !id_eq(&h->ids[i], id))
		i++;
	return i;
}

/* Parents are different from each other, and mostly recent. */
static void
choose_parents(struct history *h, unsigned i)
{
	unsigned want = i == 0 || below(12) == 0 ? 0 : 1;

	while (want && want < 3 && !below(3))
		want++;
	h->ancestors[i] = bit(i);
	for (unsigned k = 0; k < want; k++) {
		unsigned p = below(4) ? i - 1 - below(i < 6 ? i : 6) :
		    below(i);
		bool twice = false;

		for (unsigned m = 0; m < h->n_parents[i]; m++)
			twice = twice || h->parents[i][m] == p;
		if (twice)
			continue;
		h->parents[i][h->n_parents[i]++] = p;
		h->ancestors[i] |= h->ancestors[p];
	}
}

static err_t
make_history(struct history *h, struct store *s)
{
	struct commit c = COMMIT_INIT;
	struct txn *t = NULL;
	char message[32];
	err_t err;

	memset(h, 0, sizeof(*h));
	c.author.name = c.committer.name = (char *)"Ada";
	c.author.email = c.committer.email = (char *)"";
	c.message = message;
	err = txn_begin(&t, s, "test");
	if (!err)
		err = txn_lock(t);
	if (!err)
		err = object_put(&c.tree, t, KIND_TREE, "", 1);
	for (unsigned i = 0; !err && i < N; i++) {
		choose_parents(h, i);
		c.n_parents = h->n_parents[i];
		for (unsigned k = 0; k < c.n_parents; k++)
			c.parents[k] = h->ids[h->parents[i][k]];
		c.committer_time = below(1000);
		snprintf(message, sizeof(message), "%u %u", i, below(1 << 30));
		err = commit_put(&h->ids[i], t, &c);
	}
	if (!err)
		err = txn_commit(t);
	txn_end(t);
	return err;
}

/* Everything that the walk shows, as bits; *order is false if a version comes
 * after one that it was made from. */
static uint64_t
walked(bool *order, const struct history *h, struct store *s,
    const struct walk_options *o, unsigned from, const unsigned *hidden)
{
	struct walk *w = NULL;
	struct commit_node node;
	bool found = true;
	uint64_t seen = 0;
	err_t err;

	*order = true;
	err = walk_open(&w, s, o, &h->ids[from], 1,
	    hidden ? &h->ids[*hidden] : NULL, hidden != NULL);
	while (!err && found) {
		unsigned i;

		err = walk_next(&found, &node, w);
		if (err || !found)
			break;
		i = index_of(h, &node.id);
		if (i == N || (seen & bit(i)) ||
		    (seen & h->ancestors[i]))
			*order = false;
		seen |= i < N ? bit(i) : 0;
	}
	walk_close(w);
	*order = *order && !err;
	return seen;
}

static uint64_t
first_parents(const struct history *h, unsigned i)
{
	uint64_t line = bit(i);

	while (h->n_parents[i]) {
		i = h->parents[i][0];
		line |= bit(i);
	}
	return line;
}

/* Common ancestors that no other common ancestor descends from. */
static uint64_t
best_common(const struct history *h, unsigned a, unsigned b)
{
	uint64_t common = h->ancestors[a] & h->ancestors[b];
	uint64_t best = common;

	for (unsigned i = 0; i < N; i++)
		if (common & bit(i))
			best &= ~(h->ancestors[i] & ~bit(i));
	return best;
}

static bool
bases_agree(const struct history *h, struct store *s, unsigned a, unsigned b)
{
	struct id *bases = NULL;
	uint64_t got = 0;
	size_t n = 0;
	err_t err = walk_merge_bases(&bases, &n, s, &h->ids[a], &h->ids[b]);

	for (size_t i = 0; !err && i < n; i++)
		got |= bit(index_of(h, &bases[i]));
	free(bases);
	return !err && got == best_common(h, a, b);
}

/* All trees are the same here but the empty one (zero). */
static err_t
same_tree(bool *out, void *arg, const struct id *a, const struct id *b)
{
	(void)arg;
	*out = id_eq(a, b);
	return NULL;
}

static void
walks(struct store *s)
{
	const struct walk_options plain = { .same = NULL };
	const struct walk_options line = { .first_parent = true };
	const struct walk_options same = { .same = same_tree };
	const struct walk_options all = { .same = same_tree, .all = true };
	bool make = true, whole = true, hide = true, first = true;
	bool bases = true, ancestor = true, simple = true;

	for (int round = 0; round < ROUNDS && make; round++) {
		struct history h;
		bool order, is;

		make = !make_history(&h, s);
		for (unsigned k = 0; make && k < 40; k++) {
			unsigned a = below(N), b = below(N);

			whole = whole && walked(&order, &h, s, &plain, a,
			    NULL) == h.ancestors[a] && order;
			hide = hide && walked(&order, &h, s, &plain, a, &b) ==
			    (h.ancestors[a] & ~h.ancestors[b]) && order;
			first = first && walked(&order, &h, s, &line, a,
			    NULL) == first_parents(&h, a) && order;
			bases = bases && bases_agree(&h, s, a, b);
			ancestor = ancestor && !walk_is_ancestor(&is, s,
			    &h.ids[a], &h.ids[b]) &&
			    is == ((h.ancestors[b] & bit(a)) != 0);
			/* One tree for all: only beginnings are of
			 * interest, and one line is followed to them. */
			simple = simple && walked(&order, &h, s, &all, a,
			    NULL) == first_parents(&h, a) && order &&
			    (walked(&order, &h, s, &same, a, NULL) &
			    ~first_parents(&h, a)) == 0;
		}
	}
	ok(make, "random histories");
	ok(whole, "a walk shows all ancestors once, children first");
	ok(hide, "what is hidden is left out, with its ancestors");
	ok(first, "first parents only");
	ok(bases, "merge bases are the best common ancestors");
	ok(ancestor, "who is an ancestor of whom");
	ok(simple, "where nothing differs, one line is followed");
}

int
main(void)
{
	struct fixture f = { .store = NULL };

	if (ok(!fixture_open(&f), "a store to work in"))
		walks(f.store);
	fixture_close(&f);
	return tap_end();
}
