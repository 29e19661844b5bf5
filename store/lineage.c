#include "store/lineage.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "store/store_int.h"

static uint32_t *
slot_of(const struct lineage *l, const struct id *id)
{
	uint64_t h;
	size_t i;

	memcpy(&h, id->b, sizeof(h));
	for (i = (size_t)h & (l->n_slots - 1);;
	    i = (i + 1) & (l->n_slots - 1)) {
		uint32_t *slot = &l->slots[i];

		if (!*slot || id_eq(&l->old[*slot - 1].id, id))
			return slot;
	}
}

static err_t
add_chunk(void *arg, const struct chunk_ref *chunk)
{
	struct lineage *l = arg;

	if (l->n == LINEAGE_MAX)
		return err_new(ERR_NOT_FOUND, "too many chunks");
	VEC_ROOM(l->old, l->n, l->cap);
	l->old[l->n].id = chunk->id;
	l->old[l->n++].end = chunk->offset + chunk->size;
	return NULL;
}

static err_t
add_node(void *arg, const struct id *id, unsigned height, uint64_t before)
{
	struct lineage *l = arg;

	VEC_ROOM(l->nodes, l->n_nodes, l->cap_nodes);
	l->nodes[l->n_nodes++] = (struct lineage_node){ *id, height, before };
	return NULL;
}

err_t
lineage_load(struct lineage *out, struct store *s, const struct id *prev)
{
	err_t err;

	err = content_walk(s, prev, add_chunk, add_node, out);
	if (segment_is_lost(err))
		err = NULL;
	if (err)
		return err;
	for (out->n_slots = 8; out->n_slots < 2 * out->n;)
		out->n_slots *= 2;
	out->slots = mem_array(out->n_slots, sizeof(*out->slots));
	/* Backwards, so that of equal chunks the first one is found. */
	for (size_t i = out->n; i-- > 0;)
		*slot_of(out, &out->old[i].id) = (uint32_t)i + 1;
	return NULL;
}

void
lineage_release(struct lineage *l)
{
	free(l->old);
	free(l->slots);
	free(l->nodes);
	*l = (struct lineage)LINEAGE_INIT;
}

static uint64_t
begin_of(const struct lineage *l, size_t i)
{
	return i ? l->old[i - 1].end : 0;
}

/* The old chunk that shares most with the range. */
static const struct id *
covering(const struct lineage *l, uint64_t begin, uint64_t end)
{
	const struct id *found = NULL;
	uint64_t most = 0;

	for (size_t i = l->next; i < l->n && begin_of(l, i) < end; i++) {
		uint64_t from = begin_of(l, i), to = l->old[i].end;
		uint64_t both;

		from = from > begin ? from : begin;
		to = to < end ? to : end;
		both = to > from ? to - from : 0;
		if (both > most) {
			most = both;
			found = &l->old[i].id;
		}
	}
	return found;
}

const struct id *
lineage_step(struct lineage *l, const struct id *chunk, size_t size)
{
	uint32_t at = l->n ? *slot_of(l, chunk) : 0;
	const struct id *from;

	if (at) {
		/* Equal chunks may stand in a row: then go on in order. */
		if (l->next < l->n && id_eq(&l->old[l->next].id, chunk))
			at = (uint32_t)l->next + 1;
		l->next = at;
		l->at = l->old[at - 1].end;
		return NULL;
	}
	from = covering(l, l->at, l->at + size);
	l->at += size;
	while (l->next < l->n && l->old[l->next].end <= l->at)
		l->next++;
	return from;
}

const struct id *
lineage_node(const struct lineage *l, unsigned height, uint64_t chunk)
{
	const struct id *found = NULL;
	size_t low = 0, high = l->n_nodes;

	/* Behind the last node that begins at or before the chunk … */
	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (l->nodes[mid].before <= chunk)
			low = mid + 1;
		else
			high = mid;
	}
	/* … and back to one of the height, which is not far. */
	while (!found && low-- > 0)
		if (l->nodes[low].height == height)
			found = &l->nodes[low].id;
	return found;
}
