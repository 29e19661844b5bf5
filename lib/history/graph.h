#ifndef HISTORY_GRAPH_H
#define HISTORY_GRAPH_H

/*
 * Lines that join versions to their parents, drawn in characters to the left
 * of a log whose order is walk.h's.  Every column stands for a version that
 * is yet to come; two columns never wait for the same one.
 */

#include "lib/base/buf.h"
#include "store/store.h"

struct graph;

struct graph *graph_new(void);
void graph_free(struct graph *g);

/*
 * The next version.  joins: whole lines (each with its newline) to be printed
 * before it; row: what comes before its first line; below: what comes before
 * its further lines.  All are appended to.
 */
void graph_show(struct graph *g, struct buf *joins, struct buf *row,
    struct buf *below, const struct commit_node *node);

/* A version that is passed without a line of its own. */
void graph_pass(struct graph *g, const struct commit_node *node);

#endif
