/*
 * What calls a fuzz target when there is no libFuzzer: every file of the
 * given folders, then changed ones.
 *
 *	TARGET [-runs=N] [-max_total_time=SECONDS] [-seed=N]
 *	    [-artifact_prefix=PATH] FOLDER|FILE...
 *
 * The options are libFuzzer's, of which others are passed over: -runs is how
 * many changed inputs (0), -max_total_time ends them early.  An input is
 * written to PATH "input" before the target sees it, and stays there if that
 * ends the process.  One that takes a minute or a gigabyte ends it too.
 */

#include <dirent.h>
#include <sys/resource.h>

#include "lib/base/clock.h"
#include "tests/fuzz/fuzz.h"

#define INPUT_MAX 65536
#define SECONDS 60
#define MEMORY ((rlim_t)1 << 30)

#if defined(__SANITIZE_ADDRESS__)
#define LIMIT_MEMORY 0		/* it reserves terabytes */
#else
#define LIMIT_MEMORY 1
#endif

struct input {
	uint8_t *p;
	size_t len;
};

static struct input *inputs;
static size_t n_inputs;
static char *kept;		/* path of the current input; NULL: nowhere */
static int kept_fd = -1;
static uint64_t state = 1;

static uint64_t
draw(uint64_t below)
{
	uint64_t z = state += 0x9e3779b97f4a7c15u;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return (z ^ (z >> 31)) % below;
}

/* ---- what there is ----------------------------------------------------- */

static void
add_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	struct input in = { malloc(INPUT_MAX), 0 };

	fuzz_check(f != NULL && in.p != NULL);
	in.len = fread(in.p, 1, INPUT_MAX, f);
	fclose(f);
	inputs = realloc(inputs, (n_inputs + 1) * sizeof(*inputs));
	fuzz_check(inputs != NULL);
	inputs[n_inputs++] = in;
}

static void
add(const char *path)
{
	struct dirent **names = NULL;
	char name[4096];
	int n = scandir(path, &names, NULL, alphasort);

	if (n < 0) {
		add_file(path);
		return;
	}
	for (int i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "%s/%s", path, names[i]->d_name);
		if (names[i]->d_name[0] != '.')
			add_file(name);
		free(names[i]);
	}
	free(names);
}

/* ---- changing it ------------------------------------------------------- */

static void
open_gap(struct input *in, size_t at, size_t len)
{
	if (in->len + len > INPUT_MAX)
		len = INPUT_MAX - in->len;
	memmove(in->p + at + len, in->p + at, in->len - at);
	in->len += len;
	for (size_t i = at; i < at + len; i++)
		in->p[i] = (uint8_t)draw(256);
}

static void
close_gap(struct input *in, size_t at, size_t len)
{
	if (len > in->len - at)
		len = in->len - at;
	memmove(in->p + at, in->p + at + len, in->len - at - len);
	in->len -= len;
}

/* A part of one of the inputs, itself perhaps, over or between. */
static void
mix_in(struct input *in, size_t at)
{
	const struct input *from = &inputs[draw(n_inputs)];
	size_t start = from->len ? draw(from->len) : 0;
	size_t len = from->len - start;

	len = len ? 1 + draw(len < 64 || draw(4) == 0 ? len : 64) : 0;
	if (len > INPUT_MAX - in->len)
		len = INPUT_MAX - in->len;
	if (draw(2) && len <= in->len - at) {
		memcpy(in->p + at, from->p + start, len);
		return;
	}
	open_gap(in, at, len);
	if (len)
		memcpy(in->p + at, from->p + start, len);
}

static void
change(struct input *in)
{
	static const uint8_t telling[] = { 0, 1, 0x7f, 0x80, 0xff, '\n', ' ',
	    '/', '.', '*', '"', '\\', '=', '-', '9', '[', 0x1b };
	size_t at = draw(in->len + 1);

	switch (draw(7)) {
	case 0:
		if (at < in->len)
			in->p[at] ^= (uint8_t)(1 << draw(8));
		break;
	case 1:
		if (at < in->len)
			in->p[at] = telling[draw(sizeof(telling))];
		break;
	case 2:
		if (at < in->len)
			in->p[at] = (uint8_t)draw(256);
		break;
	case 3:
		open_gap(in, at, 1 + draw(draw(8) ? 4 : 64));
		break;
	case 4:
		close_gap(in, at, 1 + draw(draw(8) ? 4 : 256));
		break;
	default:
		mix_in(in, at);
	}
}

/* ---- running ----------------------------------------------------------- */

static void
run(const uint8_t *p, size_t len)
{
	if (kept_fd >= 0) {
		fuzz_check(pwrite(kept_fd, p, len, 0) == (ssize_t)len);
		fuzz_check(ftruncate(kept_fd, (off_t)len) == 0);
	}
	alarm(SECONDS);
	LLVMFuzzerTestOneInput(p, len);
	alarm(0);
}

/* A copy of just that length, so that a sanitizer sees a step beyond. */
static void
run_copy(const struct input *in)
{
	uint8_t *p = malloc(in->len ? in->len : 1);

	fuzz_check(p != NULL);
	if (in->len)
		memcpy(p, in->p, in->len);
	run(p, in->len);
	free(p);
}

static uint64_t
run_changed(uint64_t runs, int64_t seconds)
{
	struct input in = { malloc(INPUT_MAX), 0 };
	int64_t end = clock_ms() + seconds * 1000;
	uint64_t done = 0;

	fuzz_check(in.p != NULL);
	while (done < runs && (!seconds || clock_ms() < end)) {
		const struct input *from = &inputs[draw(n_inputs)];

		in.len = from->len;
		memcpy(in.p, from->p, from->len);
		for (uint64_t n = 1 + draw(8); n--;)
			change(&in);
		run_copy(&in);
		done++;
	}
	free(in.p);
	return done;
}

static const char *
value_of(const char *arg, const char *option)
{
	size_t len = strlen(option);

	return strncmp(arg, option, len) == 0 ? arg + len : NULL;
}

int
main(int argc, char **argv)
{
	const struct rlimit limit = { MEMORY, MEMORY };
	uint64_t runs = 0, done;
	int64_t seconds = 0;
	const char *v;

	for (int i = 1; i < argc; i++) {
		if ((v = value_of(argv[i], "-runs=")))
			runs = strtoull(v, NULL, 10);
		else if ((v = value_of(argv[i], "-max_total_time=")))
			seconds = strtoll(v, NULL, 10);
		else if ((v = value_of(argv[i], "-seed=")))
			state = strtoull(v, NULL, 10);
		else if ((v = value_of(argv[i], "-artifact_prefix="))) {
			fuzz_check(asprintf(&kept, "%sinput", v) > 0);
		} else if (*argv[i] != '-') {
			add(argv[i]);
		}
	}
	if (n_inputs == 0) {
		fprintf(stderr, "fuzz: there are no inputs\n");
		return 2;
	}
	if (kept)
		kept_fd = open(kept, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (LIMIT_MEMORY)
		setrlimit(RLIMIT_AS, &limit);
	for (size_t i = 0; i < n_inputs; i++)
		run_copy(&inputs[i]);
	done = run_changed(runs, seconds);
	printf("%zu inputs, %llu changed ones\n", n_inputs,
	    (unsigned long long)done);
	for (size_t i = 0; i < n_inputs; i++)
		free(inputs[i].p);
	free(inputs);
	if (kept)
		unlink(kept);
	free(kept);
	return 0;
}
