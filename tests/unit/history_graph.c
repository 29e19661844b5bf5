/*
 * Graphs, drawn.  A history is words: the name of a version, then of its
 * parents; "!" before one that is passed without a line.
 */

#include <string.h>

#include "lib/history/graph.h"
#include "tests/unit/tap.h"

static struct commit_node
node_of(const char *word, size_t len)
{
	struct commit_node node = { .version = 1 };

	node.id.b[0] = (uint8_t)word[0];
	for (size_t i = 1; i < len; i++)
		node.parents[node.n_parents++].b[0] = (uint8_t)word[i];
	return node;
}

static bool
draws(const char *history, const char *picture)
{
	struct graph *g = graph_new();
	struct buf all = BUF_INIT;
	bool same;

	while (*history) {
		size_t len = strcspn(history, " ");
		bool passed = *history == '!';
		struct commit_node node = node_of(history + passed,
		    len - passed);
		struct buf row = BUF_INIT, below = BUF_INIT;

		if (passed) {
			graph_pass(g, &node);
		} else {
			graph_show(g, &all, &row, &below, &node);
			buf_printf(&all, "%s%c\n", row.p, *history);
		}
		buf_release(&row);
		buf_release(&below);
		history += len + (history[len] == ' ');
	}
	same = !strcmp(buf_cstr(&all), picture);
	if (!same)
		printf("# drawn:\n%s", buf_cstr(&all));
	buf_release(&all);
	graph_free(g);
	return same;
}

int
main(void)
{
	ok(draws("cb ba a", "* c\n* b\n* a\n"), "a line");
	ok(draws("mxy xb yb ba a",
	    "* m\n|\\\n* | x\n| * y\n|/\n* b\n* a\n"), "a merge");
	ok(draws("mxyz xb yb zb b",
	    "* m\n|\\\n|\\ \\\n* | | x\n| * | y\n|/ /\n| * z\n|/\n* b\n"),
	    "a merge of three");
	ok(draws("1a 2a 3a a", "* 1\n| * 2\n|/\n| * 3\n|/\n* a\n"),
	    "three branches from one version");
	ok(draws("aX bY X Yc c", "* a\n| * b\n* | X\n /\n* Y\n* c\n"),
	    "a line that ends while another goes on");
	ok(draws("mab nab ac bc c", "* m\n|\\\n| | * n\n| | |\\\n| |_|/\n"
	    "|_|/\n* | a\n| * b\n|/\n* c\n"),
	    "two merges of the same versions");
	ok(draws("pq !qr rs s", "* p\n* r\n* s\n"), "a version passed over");
	return tap_end();
}
