#include "store/idset.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"

static struct id *
find(const struct idset *s, const struct id *id)
{
	uint64_t h;
	size_t i;

	memcpy(&h, id->b, sizeof(h));
	for (i = (size_t)h & (s->cap - 1);; i = (i + 1) & (s->cap - 1))
		if (id_is_zero(&s->slots[i]) || id_eq(&s->slots[i], id))
			return &s->slots[i];
}

static void
grow(struct idset *s)
{
	struct idset bigger = { NULL, 0, s->cap ? s->cap * 2 : 256,
	    s->has_zero };

	bigger.slots = mem_array(bigger.cap, sizeof(*bigger.slots));
	for (size_t i = 0; i < s->cap; i++)
		if (!id_is_zero(&s->slots[i]))
			*find(&bigger, &s->slots[i]) = s->slots[i];
	bigger.n = s->n;
	free(s->slots);
	*s = bigger;
}

bool
idset_add(struct idset *s, const struct id *id)
{
	struct id *slot;

	if (id_is_zero(id)) {
		bool is_new = !s->has_zero;

		s->has_zero = true;
		return is_new;
	}
	if (s->n * 4 >= s->cap * 3)
		grow(s);
	slot = find(s, id);
	if (!id_is_zero(slot))
		return false;
	*slot = *id;
	s->n++;
	return true;
}

bool
idset_has(const struct idset *s, const struct id *id)
{
	if (id_is_zero(id))
		return s->has_zero;
	return s->cap && !id_is_zero(find(s, id));
}

void
idset_release(struct idset *s)
{
	free(s->slots);
	*s = (struct idset)IDSET_INIT;
}
