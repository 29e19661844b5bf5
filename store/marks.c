#include "store/marks.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"

static uint64_t
print_of(enum kind kind, const struct id *id)
{
	uint64_t h;

	memcpy(&h, id->b + 8, sizeof(h));
	h ^= (uint64_t)kind * 0x9e3779b97f4a7c15u;
	return h ? h : 1;
}

static struct mark *
slot_of(const struct marks *m, uint64_t print)
{
	size_t i;

	for (i = (size_t)print & (m->cap - 1);; i = (i + 1) & (m->cap - 1))
		if (!m->slots[i].print || m->slots[i].print == print)
			return &m->slots[i];
}

static void
grow(struct marks *m)
{
	struct marks bigger = { NULL, m->n, m->cap ? m->cap * 2 : 1024 };

	bigger.slots = mem_array(bigger.cap, sizeof(*bigger.slots));
	for (size_t i = 0; i < m->cap; i++)
		if (m->slots[i].print)
			*slot_of(&bigger, m->slots[i].print) = m->slots[i];
	free(m->slots);
	*m = bigger;
}

void
marks_release(struct marks *m)
{
	free(m->slots);
	*m = (struct marks)MARKS_INIT;
}

struct mark *
marks_put(struct marks *m, enum kind kind, const struct id *id)
{
	uint64_t print = print_of(kind, id);
	struct mark *slot;

	if (m->n * 4 >= m->cap * 3)
		grow(m);
	slot = slot_of(m, print);
	if (!slot->print) {
		slot->print = print;
		m->n++;
	}
	return slot;
}

struct mark *
marks_get(const struct marks *m, enum kind kind, const struct id *id)
{
	struct mark *slot = m->cap ? slot_of(m, print_of(kind, id)) : NULL;

	return slot && slot->print ? slot : NULL;
}
