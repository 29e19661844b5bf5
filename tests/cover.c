/*
 * For "make coverage", part of every program: what was called is written down
 * even if a program ends without its exit handlers, or becomes another one.
 */

#include <stdarg.h>
#include <stdint.h>
#include <unistd.h>

extern void __gcov_dump(void);
extern _Noreturn void __real__exit(int status);
extern _Noreturn void __real_abort(void);

_Noreturn void __wrap__exit(int status);
_Noreturn void __wrap_abort(void);
int __wrap_execl(const char *path, const char *arg, ...);

_Noreturn void
__wrap__exit(int status)
{
	__gcov_dump();
	__real__exit(status);
}

_Noreturn void
__wrap_abort(void)
{
	__gcov_dump();
	__real_abort();
}

int
__wrap_execl(const char *path, const char *arg, ...)
{
	const char *argv[16] = { arg };
	va_list ap;

	va_start(ap, arg);
	for (int i = 1; i < 15 && argv[i - 1]; i++)
		argv[i] = va_arg(ap, const char *);
	va_end(ap);
	__gcov_dump();
	return execv(path, (char *const *)(uintptr_t)argv);
}
