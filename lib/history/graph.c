/*
 * Each column takes two characters.  After a version, its column waits for
 * its first parent; further parents get columns of their own, to its right:
 *
 *	*		|\		* |
 *	|\		| |\		|\ \
 *
 * and where two columns would wait for the same version, the right one runs
 * into the left one, past those between:
 *
 *	|/		| |/		|_|/		|/ /
 */

#include "lib/history/graph.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"

struct graph {
	struct id *columns;
	size_t n, cap;
	struct buf joins;	/* drawn, not yet asked for */
};

struct graph *
graph_new(void)
{
	return mem_zalloc(sizeof(struct graph));
}

void
graph_free(struct graph *g)
{
	if (!g)
		return;
	free(g->columns);
	buf_release(&g->joins);
	free(g);
}

static size_t
find_column(const struct graph *g, const struct id *id, size_t from)
{
	size_t i = from;

	while (i < g->n && !id_eq(&g->columns[i], id))
		i++;
	return i;
}

static void
insert_column(struct graph *g, size_t at, const struct id *id)
{
	VEC_ROOM(g->columns, g->n, g->cap);
	memmove(&g->columns[at + 1], &g->columns[at],
	    (g->n - at) * sizeof(*g->columns));
	g->columns[at] = *id;
	g->n++;
}

static void
remove_column(struct graph *g, size_t at)
{
	g->n--;
	memmove(&g->columns[at], &g->columns[at + 1],
	    (g->n - at) * sizeof(*g->columns));
}

static void
end_line(struct buf *line)
{
	while (line->len && line->p[line->len - 1] == ' ')
		line->len--;
	buf_char(line, '\n');
}

/* A column opens right of at: those further right move over. */
static void
draw_open(struct graph *g, size_t at)
{
	for (size_t k = 0; k < g->n; k++)
		buf_str(&g->joins, k < at ? "| " : k == at ? "|\\" : " \\");
	end_line(&g->joins);
}

/* The column from ends, running into the one at to, left of it, or, if to is
 * from itself, nowhere: those further right move in. */
static void
draw_close(struct graph *g, size_t from, size_t to)
{
	if (to == from && from + 1 == g->n)
		return;
	for (size_t k = 0; k < g->n; k++) {
		bool runs = k >= to && k < from;

		buf_char(&g->joins, k < from ? '|' : ' ');
		if (runs)
			buf_char(&g->joins, k + 1 == from ? '/' : '_');
		else
			buf_char(&g->joins, k >= from && k + 1 < g->n ?
			    '/' : ' ');
	}
	end_line(&g->joins);
}

/* Let columns that wait for the same version as the one at be one. */
static void
unite(struct graph *g, size_t at)
{
	struct id id = g->columns[at];
	size_t first = find_column(g, &id, 0);
	size_t second = find_column(g, &id, first + 1);

	if (second == g->n)
		return;
	draw_close(g, second, first);
	remove_column(g, second);
}

/* From the version in column at to its parents. */
static void
follow(struct graph *g, size_t at, const struct commit_node *node)
{
	if (!node->n_parents) {
		draw_close(g, at, at);
		remove_column(g, at);
		return;
	}
	g->columns[at] = node->parents[0];
	for (unsigned i = node->n_parents; i > 1; i--) {
		draw_open(g, at);
		insert_column(g, at + 1, &node->parents[i - 1]);
	}
	for (unsigned i = node->n_parents; i > 0; i--)
		unite(g, find_column(g, &node->parents[i - 1], 0));
}

static size_t
take_column(struct graph *g, const struct commit_node *node)
{
	size_t at = find_column(g, &node->id, 0);

	if (at == g->n)
		insert_column(g, at, &node->id);
	return at;
}

void
graph_show(struct graph *g, struct buf *joins, struct buf *row,
    struct buf *below, const struct commit_node *node)
{
	size_t at = take_column(g, node);

	buf_add(joins, buf_cstr(&g->joins), g->joins.len);
	buf_clear(&g->joins);
	for (size_t k = 0; k < g->n; k++) {
		buf_str(row, k == at ? "* " : "| ");
		buf_str(below, k == at && !node->n_parents ? "  " : "| ");
	}
	follow(g, at, node);
}

void
graph_pass(struct graph *g, const struct commit_node *node)
{
	follow(g, take_column(g, node), node);
}
