#include "lib/base/mem.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#ifdef __GLIBC__
#define MAPPED ((int)32 << 20)	/* the most that it takes */
#define KEPT ((int)64 << 20)

void
mem_setup(void)
{
	mallopt(M_MMAP_THRESHOLD, MAPPED);
	mallopt(M_TRIM_THRESHOLD, KEPT);
}
#else
void
mem_setup(void)
{
}
#endif

void
mem_fail(void)
{
	static const char msg[] = "dsv: out of memory\n";

	if (write(STDERR_FILENO, msg, sizeof(msg) - 1) < 0)
		_exit(3);
	_exit(3);
}

void *
mem_alloc(size_t size)
{
	void *p = malloc(size ? size : 1);

	if (!p)
		mem_fail();
	return p;
}

void *
mem_zalloc(size_t size)
{
	return mem_array(1, size);
}

void *
mem_array(size_t n, size_t size)
{
	void *p = calloc(n ? n : 1, size ? size : 1);

	if (!p)
		mem_fail();
	return p;
}

void *
mem_realloc(void *p, size_t n, size_t size)
{
	if (size && n > SIZE_MAX / size)
		mem_fail();
	n *= size;
	p = realloc(p, n ? n : 1);
	if (!p)
		mem_fail();
	return p;
}

void *
mem_room(void *p, size_t n, size_t *cap, size_t size)
{
	if (n < *cap)
		return p;
	*cap = *cap ? *cap * 2 : 8;
	return mem_realloc(p, *cap, size);
}

void *
mem_dup(const void *p, size_t size)
{
	void *q = mem_alloc(size);

	if (size)
		memcpy(q, p, size);
	return q;
}

char *
mem_strndup(const char *s, size_t len)
{
	char *p = mem_alloc(len + 1);

	memcpy(p, s, len);
	p[len] = '\0';
	return p;
}

char *
mem_strdup(const char *s)
{
	return mem_strndup(s, strlen(s));
}
