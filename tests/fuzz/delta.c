/*
 * A delta that is applied to a table.  The first byte says how the table is
 * read and what its key is; then comes the table, up to a NUL, and then the
 * delta.  What fits gives a table with as many rows as are said.
 */

#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/table/patch.h"
#include "lib/table/records.h"
#include "tests/fuzz/fuzz.h"

struct input {
	const char *table;
	size_t len;
	uint8_t how;
};

static int
scratch(const void *p, size_t len)
{
	int fd;

	fuzz_need(file_scratch(&fd));
	fuzz_need(file_write_full(fd, p, len, "scratch"));
	fuzz_check(lseek(fd, 0, SEEK_SET) == 0);
	return fd;
}

static err_t
open_table(void *arg, struct patch_file *out, const char *path,
    const char *from)
{
	static const char *const keys[] = { "", "a", "a,b", "id" };
	const struct input *in = arg;

	(void)path;
	(void)from;
	out->fd = in->how & 1 ? -1 : scratch(in->table, in->len);
	out->hint = (struct dialect_hint){ .format = in->how & 2 ?
	    TABLE_JSONL : TABLE_CSV, .cut = in->how & 2 ? CUT_LINES :
	    in->how & 4 ? CUT_CSV_SINGLE : CUT_CSV };
	return *keys[in->how >> 3 & 3] ? key_parse(&out->key,
	    keys[in->how >> 3 & 3]) : NULL;
}

static void
add_lines(struct patch *p, const char *delta, size_t len)
{
	int fd = scratch(delta, len);
	struct records records;
	struct record line;
	uint64_t number = 0;
	bool found = true;
	err_t err = NULL;

	records_begin(&records, fd, "delta", '\0');
	while (!err && found) {
		err = records_next(&found, &line, &records);
		if (!err && found)
			err = patch_add(p, ++number, line.p, line.text_len);
	}
	records_release(&records);
	close(fd);
	if (fuzz_fine(err))
		fuzz_fine(patch_end(p));
}

/* Records of the new table, but for its header. */
static void
check_rows(int fd, const struct input *in, const struct patch_table *table)
{
	struct records records;
	struct record line;
	uint64_t n = 0;
	bool found = true;
	err_t err = NULL;

	fuzz_check(lseek(fd, 0, SEEK_SET) == 0);
	records_begin(&records, fd, "table", in->how & 2 ? '\0' : in->how & 4 ?
	    '\'' : '"');
	while (!err && found) {
		err = records_next(&found, &line, &records);
		n += found;
	}
	records_release(&records);
	fuzz_need(err);
	fuzz_check(n == table->rows || n == table->rows + 1);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct patch_options o = { .tables = 4 };
	const uint8_t *nul;
	struct input in;
	struct patch *patch;
	const struct patch_misfit *first;
	struct patch_table table;
	bool found = true;
	size_t n;
	int fd;
	err_t err = NULL;

	if (!len || !(nul = memchr(p + 1, '\0', len - 1)))
		return 0;
	in = (struct input){ (const char *)p + 1, (size_t)(nul - p) - 1, *p };
	o.duplicates = in.how & 32;
	o.to = in.how & 64 ? "t" : NULL;
	patch = patch_new(&o, open_table, &in);
	add_lines(patch, (const char *)nul + 1, (size_t)(p + len - nul) - 1);
	while (!err && found && patch_path(patch)) {
		fd = scratch("", 0);
		err = patch_next(&found, &table, patch, fd);
		if (fuzz_fine(err) && found && !patch_misfits(&first, &n,
		    patch))
			check_rows(fd, &in, &table);
		close(fd);
	}
	patch_misfits(&first, &n, patch);
	fuzz_check(n <= PATCH_MISFITS);
	patch_free(patch);
	return 0;
}
