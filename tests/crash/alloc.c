/*
 * Preloaded into a program, makes its Nth allocation fail, the libraries'
 * included:
 *
 *	ALLOC=N		the Nth; 0 or nothing: none
 *	ALLOC_STICKY=1	all from there on
 *	ALLOC_REPORT=F	"hit=0" goes to the file F, and "hit=1" in its place
 *			when an allocation fails
 *
 * Counted from the start of main on: what runs before it is not the
 * program's.
 *
 * Of a crash stderr says in which file of code it was, on x86-64.
 */

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <ucontext.h>
#include <unistd.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

typedef int main_fn(int argc, char **argv, char **envp);
typedef int start_fn(main_fn *program, int argc, char **argv,
    void (*init)(void), void (*fini)(void), void (*rtld_fini)(void),
    void *stack_end);

int __libc_start_main(main_fn *program, int argc, char **argv,
    void (*init)(void), void (*fini)(void), void (*rtld_fini)(void),
    void *stack_end);

static atomic_long calls;
static atomic_bool begun;
static long nth;
static bool sticky;
static int report = -1;
static main_fn *real_main;

static bool
fails(void)
{
	long n;

	if (!atomic_load(&begun) || nth == 0)
		return false;
	n = atomic_fetch_add(&calls, 1) + 1;
	if (n < nth || (n > nth && !sticky))
		return false;
	if (report >= 0 && pwrite(report, "hit=1\n", 6, 0) != 6)
		abort();
	errno = ENOMEM;
	return true;
}

void *
malloc(size_t size)
{
	return fails() ? NULL : __libc_malloc(size);
}

void *
calloc(size_t n, size_t size)
{
	return fails() ? NULL : __libc_calloc(n, size);
}

void *
realloc(void *p, size_t size)
{
	return fails() ? NULL : __libc_realloc(p, size);
}

void *
memalign(size_t alignment, size_t size)
{
	return fails() ? NULL : __libc_memalign(alignment, size);
}

void *
aligned_alloc(size_t alignment, size_t size)
{
	return memalign(alignment, size);
}

int
posix_memalign(void **out, size_t alignment, size_t size)
{
	void *p = memalign(alignment, size);

	if (p == NULL)
		return ENOMEM;
	*out = p;
	return 0;
}

#if defined(__x86_64__)
static void
crashed(int sig, siginfo_t *info, void *context)
{
	const ucontext_t *c = context;
	Dl_info in = { .dli_fname = "?" };
	char said[256];
	int n;

	(void)info;
	dladdr((void *)c->uc_mcontext.gregs[REG_RIP], &in);
	n = snprintf(said, sizeof(said), "crash in %s\n", in.dli_fname);
	if (n <= 0 || write(STDERR_FILENO, said, (size_t)n) != n)
		abort();
	signal(sig, SIG_DFL);		/* it comes again */
}

static void
watch(void)
{
	struct sigaction act = { .sa_sigaction = crashed,
	    .sa_flags = SA_SIGINFO };

	sigaction(SIGSEGV, &act, NULL);
}
#else
static void
watch(void)
{
}
#endif

static int
start(int argc, char **argv, char **envp)
{
	const char *number = getenv("ALLOC"), *name = getenv("ALLOC_REPORT");

	if (name != NULL) {
		/* Out of the way of the program's own descriptors. */
		int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0666);

		report = fcntl(fd, F_DUPFD_CLOEXEC, 500);
		close(fd);
		if (report < 0 || pwrite(report, "hit=0\n", 6, 0) != 6)
			abort();
	}
	nth = number != NULL ? strtol(number, NULL, 10) : 0;
	sticky = getenv("ALLOC_STICKY") != NULL;
	watch();
	atomic_store(&begun, true);
	return real_main(argc, argv, envp);
}

int
__libc_start_main(main_fn *program, int argc, char **argv, void (*init)(void),
    void (*fini)(void), void (*rtld_fini)(void), void *stack_end)
{
	void *next = dlsym(RTLD_NEXT, "__libc_start_main");
	start_fn *real = *(start_fn **)(void *)&next;

	real_main = program;
	return real(start, argc, argv, init, fini, rtld_fini, stack_end);
}
