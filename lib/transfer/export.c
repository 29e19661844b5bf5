/*
 * Two walks over the version: one that counts what is selected and finds what
 * cannot be written, before anything is; and one that writes.  Into a
 * directory links are written in a walk of their own, after the files, so
 * that no file is ever written through one.
 */

#include "lib/transfer/export.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/cancel.h"
#include "lib/base/clock.h"
#include "lib/base/file.h"
#include "lib/base/term.h"
#include "lib/history/attr.h"
#include "lib/history/pathspec.h"
#include "lib/history/tree.h"
#include "lib/review/rowstate.h"
#include "lib/transfer/archive.h"
#include "lib/transfer/outdir.h"

#define TARGET_MAX 65536	/* longer than any system's symbolic link */
#define VIEW_MS 200

/* ---- formats ----------------------------------------------------------- */

static const char *const format_names[] = {
	[EXPORT_TAR] = "tar",
	[EXPORT_TAR_GZ] = "tar.gz",
	[EXPORT_TAR_ZST] = "tar.zst",
	[EXPORT_ZIP] = "zip",
	[EXPORT_DIR] = "dir",
};

static enum archive_type
archive_type(enum export_format format)
{
	switch (format) {
	case EXPORT_TAR_GZ:
		return ARCHIVE_TAR_GZ;
	case EXPORT_TAR_ZST:
		return ARCHIVE_TAR_ZST;
	case EXPORT_ZIP:
		return ARCHIVE_ZIP;
	default:
		return ARCHIVE_TAR;
	}
}

const char *
export_format_name(enum export_format format)
{
	return format_names[format];
}

static bool
ends_in(const char *text, const char *suffix)
{
	size_t len = strlen(text), n = strlen(suffix);

	return len > n && strcmp(text + len - n, suffix) == 0;
}

static bool
by_suffix(enum export_format *out, const char *output)
{
	static const struct {
		const char *suffix;
		enum export_format format;
	} known[] = {
		{ ".tar", EXPORT_TAR },
		{ ".tar.gz", EXPORT_TAR_GZ },
		{ ".tgz", EXPORT_TAR_GZ },
		{ ".tar.zst", EXPORT_TAR_ZST },
		{ ".tzst", EXPORT_TAR_ZST },
		{ ".zip", EXPORT_ZIP },
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(known); i++) {
		if (ends_in(output, known[i].suffix)) {
			*out = known[i].format;
			return true;
		}
	}
	return false;
}

/* Names that nobody gives to a directory. */
static bool
looks_like_file(const char *output)
{
	static const char *const suffixes[] = { ".7z", ".bz2", ".csv", ".gz",
		".json", ".jsonl", ".lz4", ".parquet", ".rar", ".tsv", ".txz",
		".xlsx", ".xz", ".zst" };
	size_t i;

	for (i = 0; i < ARRAY_LEN(suffixes); i++)
		if (ends_in(output, suffixes[i]))
			return true;
	return false;
}

err_t
export_format_of(enum export_format *out, const char *name,
    const char *output)
{
	size_t i;

	for (i = 0; name != NULL && i < ARRAY_LEN(format_names); i++) {
		if (strcmp(name, format_names[i]) == 0) {
			*out = (enum export_format)i;
			return NULL;
		}
	}
	if (name != NULL)
		return err_new(ERR_USAGE, "there is no format \"%s\"", name);
	if (by_suffix(out, output))
		return NULL;
	if (strcmp(output, "-") == 0)
		return err_new(ERR_USAGE, "say in which format to write to "
		    "standard output, as in --format tar");
	if (looks_like_file(output))
		return err_new(ERR_USAGE, "\"%s\" does not end like an archive "
		    "that export writes (.tar, .tar.gz, .tar.zst, .zip); say "
		    "--format, or use \"dsv cat\" for one file", output);
	*out = EXPORT_DIR;
	return NULL;
}

/* ---- walking ----------------------------------------------------------- */

struct job {
	struct repo *r;
	const struct export_order *order;
	struct export_result *result;
	struct commit_node node;
	struct attrs *attrs;	/* if decisions matter */
	struct buf prefix;	/* "" or "dir/" */
	struct buf path;	/* of the entry at hand, prefix included */
	struct archive_out *archive;	/* one of these … */
	struct outdir *dir;		/* … is where it goes */
	bool files;		/* does this walk write files, … */
	bool links;		/* … links, or both? */
	bool viewing;
	bool stalls;		/* who reads the output may let us wait */
	int64_t since;		/* when the view began */
};

/*
 * A view saves a lock and an unlock for every read, but no writer can commit
 * meanwhile: take it anew every now and then, and do without where a write
 * may last for ever.  What is read never changes.
 */
static void
view_end(struct job *job)
{
	if (job->viewing)
		store_view_end(job->r->store);
	job->viewing = false;
}

static err_t
view_renew(struct job *job)
{
	int64_t now = clock_ms();
	err_t err;

	if (job->stalls)
		return NULL;
	if (job->viewing && now - job->since < VIEW_MS)
		return NULL;
	view_end(job);
	err = store_view_begin(job->r->store);
	if (err)
		return err;
	job->viewing = true;
	job->since = now;
	return NULL;
}

/* Every selected entry, in byte order of paths. */
static err_t
walk(struct job *job, tree_visit_fn *fn)
{
	const char *const *roots;
	size_t n, i;
	err_t err = NULL;

	roots = pathspec_roots(job->order->paths, &n);
	for (i = 0; i < n && !err; i++) {
		err = tree_walk(job->r->store, &job->node.tree, roots[i], fn,
		    job);
		if (err_is(err, ERR_NOT_FOUND) && *roots[i] != '\0')
			err = NULL;	/* see pathspec_unmatched */
	}
	return err;
}

static const char *
full_path(struct job *job, const char *path)
{
	buf_clear(&job->path);
	buf_add(&job->path, buf_cstr(&job->prefix), job->prefix.len);
	buf_str(&job->path, path);
	return buf_cstr(&job->path);
}

static err_t
count_sink(void *arg, const char *p, size_t len)
{
	uint64_t *size = arg;

	(void)p;
	*size += len;
	return NULL;
}

/* Some rows of the file only, or all of it? */
static err_t
is_filtered(bool *out, struct job *job, const char *path,
    const struct tree_entry *entry)
{
	*out = false;
	return job->attrs != NULL && entry->mode != MODE_LINK ?
	    rowstate_is_table(out, job->attrs, path) : NULL;
}

static err_t
filter(struct job *job, const char *path, const struct tree_entry *entry,
    content_sink_fn *sink, void *arg)
{
	uint64_t rows;

	return rowstate_filter(&rows, job->r, &job->node, path, &entry->id,
	    job->order->decision, sink, arg);
}

/* How many bytes of the file are written. */
static err_t
size_of(uint64_t *out, struct job *job, const char *path,
    const struct tree_entry *entry)
{
	bool filtered;
	err_t err = is_filtered(&filtered, job, path, entry);

	*out = filtered ? 0 : entry->size;
	return !err && filtered ? filter(job, path, entry, count_sink, out) :
	    err;
}

static err_t
survey_visit(void *arg, const char *path, const struct tree_entry *entry)
{
	struct job *job = arg;
	uint64_t size;
	bool selected;
	err_t err;

	err = view_renew(job);
	if (!err)
		err = pathspec_match(&selected, job->order->paths, path);
	if (err || !selected)
		return err;
	err = size_of(&size, job, path, entry);
	if (err)
		return err;
	job->result->files++;
	job->result->bytes += size;
	if (entry->mode == MODE_LINK)
		job->result->links++;
	if (job->order->format == EXPORT_DIR)
		return NULL;
	return archive_name_check(archive_type(job->order->format),
	    full_path(job, path));
}

static err_t
survey(struct job *job)
{
	const char *nothing;
	err_t err = walk(job, survey_visit);

	if (err)
		return err;
	nothing = pathspec_unmatched(job->order->paths);
	if (nothing != NULL)
		return err_new(ERR_NOT_FOUND, "\"%s\" is not in this version",
		    nothing);
	if (job->result->files == 0 && !pathspec_is_all(job->order->paths))
		return err_new(ERR_NOT_FOUND, "nothing in this version is "
		    "selected; \"dsv ls\" says what is in it");
	return NULL;
}

static err_t
bytes_sink(void *arg, const char *p, size_t len)
{
	struct job *job = arg;
	err_t err = cancel_check();

	if (!err)
		err = view_renew(job);
	if (!err)
		err = job->dir != NULL ? outdir_bytes(job->dir, p, len) :
		    archive_bytes(job->archive, p, len);
	term_progress_add(len);
	return err;
}

static err_t
write_file(struct job *job, const char *path, const struct tree_entry *entry)
{
	const char *full = full_path(job, path);
	bool exec = entry->mode == MODE_EXEC, filtered;
	uint64_t size = entry->size;
	err_t err;

	err = is_filtered(&filtered, job, path, entry);
	if (!err && filtered)
		err = size_of(&size, job, path, entry);
	if (!err)
		err = job->dir != NULL ?
		    outdir_file(job->dir, full, exec, job->node.time) :
		    archive_file(job->archive, full, exec, size,
		    job->node.time);
	if (err)
		return err;
	return filtered ? filter(job, path, entry, bytes_sink, job) :
	    content_read(job->r->store, &entry->id, bytes_sink, job);
}

static err_t
target_sink(void *arg, const char *p, size_t len)
{
	struct buf *target = arg;

	if (len > TARGET_MAX - target->len || memchr(p, '\0', len) != NULL)
		return err_new(ERR_CORRUPT, "the target of a symbolic link is "
		    "too long or holds a NUL");
	buf_add(target, p, len);
	return NULL;
}

static err_t
write_link(struct job *job, const char *path, const struct tree_entry *entry)
{
	struct buf target = BUF_INIT;
	err_t err;

	err = content_read(job->r->store, &entry->id, target_sink, &target);
	if (!err)
		err = job->dir != NULL ? outdir_link(job->dir, path,
		    buf_cstr(&target), job->node.time) :
		    archive_link(job->archive, path, buf_cstr(&target),
		    job->node.time);
	buf_release(&target);
	return err;
}

static err_t
write_visit(void *arg, const char *path, const struct tree_entry *entry)
{
	struct job *job = arg;
	bool selected, link = entry->mode == MODE_LINK;
	err_t err;

	if (!(link ? job->links : job->files))
		return NULL;
	err = view_renew(job);
	if (!err)
		err = pathspec_match(&selected, job->order->paths, path);
	if (err || !selected)
		return err;
	err = link ? write_link(job, full_path(job, path), entry) :
	    write_file(job, path, entry);
	if (!err || err_is(err, ERR_CANCELLED))
		return err;
	return err_wrap(err, "in \"%s\"", path);
}

/* ---- writing ----------------------------------------------------------- */

static err_t
write_dir(struct job *job)
{
	err_t err;

	err = outdir_begin(&job->dir, job->order->output, job->order->force,
	    store_dirfd(job->r->store));
	if (err)
		return err;
	job->files = true;
	err = walk(job, write_visit);
	if (!err && job->result->links > 0) {
		job->files = false;
		job->links = true;
		err = walk(job, write_visit);
	}
	return err ? err : outdir_end(job->dir);
}

static err_t
write_archive(struct job *job, int fd, const char *name)
{
	struct stat st;
	err_t err;

	job->stalls = fstat(fd, &st) != 0 || !S_ISREG(st.st_mode);
	if (job->stalls)
		view_end(job);
	err = archive_begin(&job->archive, archive_type(job->order->format),
	    fd, name);
	if (err)
		return err;
	job->files = job->links = true;
	err = walk(job, write_visit);
	return err ? err : archive_end(job->archive);
}

/* A new file, which gets its name when it is whole and on the disk. */
static err_t
write_archive_file(struct job *job)
{
	struct file_temp temp = FILE_TEMP_INIT;
	const char *output = job->order->output;
	char *base = NULL;
	int dirfd = -1;
	err_t err;

	err = outdir_open_parent(&dirfd, &base, output,
	    store_dirfd(job->r->store));
	if (err)
		return err;
	err = file_temp_open(&temp, dirfd);
	if (!err)
		err = write_archive(job, temp.fd, output);
	if (!err)
		err = file_sync(temp.fd, output);
	if (!err)
		err = job->order->force ?
		    file_temp_replace(&temp, dirfd, base) :
		    file_temp_link(&temp, dirfd, base);
	if (!err) {
		err = file_sync_dir(dirfd, ".");
		if (err)
			err = err_wrap(err, "\"%s\" is there, but may not "
			    "outlast a power cut", output);
	}
	file_temp_close(&temp);
	close(dirfd);
	free(base);
	return err;
}

/* A pipe or a device has no other name to be written under. */
static err_t
write_archive_to(struct job *job)
{
	const char *output = job->order->output;
	int fd = open(output, O_WRONLY | O_CLOEXEC);
	err_t err;

	if (fd < 0)
		return err_sys("cannot open \"%s\"", output);
	err = write_archive(job, fd, output);
	if (close(fd) != 0 && !err)
		err = err_sys("cannot write \"%s\"", output);
	return err;
}

/* Whoever reads it may have seen enough, as with any other output. */
static err_t
write_stdout(struct job *job)
{
	err_t err = write_archive(job, STDOUT_FILENO, "standard output");

	return err && err->sys_errno == EPIPE ? err_new(ERR_CANCELLED,
	    "nobody reads the output") : err;
}

static err_t
write_output(struct job *job)
{
	const char *output = job->order->output;
	struct stat st;

	if (job->order->format == EXPORT_DIR)
		return write_dir(job);
	if (strcmp(output, "-") == 0)
		return write_stdout(job);
	if (stat(output, &st) != 0)
		return errno == ENOENT ? write_archive_file(job) :
		    err_sys("cannot look at \"%s\"", output);
	if (S_ISDIR(st.st_mode))
		return err_new(ERR_EXISTS, "\"%s\" is a directory; for files "
		    "in a directory use --format dir", output);
	if (!S_ISREG(st.st_mode))
		return write_archive_to(job);
	if (!job->order->force)
		return err_new(ERR_EXISTS, "\"%s\" is there already; --force "
		    "replaces it", output);
	return write_archive_file(job);
}

static err_t
check_order(const struct export_order *order)
{
	if (strcmp(order->output, "-") != 0)
		return NULL;
	if (order->format == EXPORT_DIR)
		return err_new(ERR_USAGE, "a directory cannot go to standard "
		    "output; choose an archive, as in --format tar");
	if (isatty(STDOUT_FILENO))
		return err_new(ERR_USAGE, "standard output is a terminal; send "
		    "it to a file or a program, or say -o FILE");
	return NULL;
}

/* "a/b/" for "a/b" and "a/b/"; "" for NULL and "". */
static err_t
prefix_set(struct buf *out, const char *prefix)
{
	size_t len = prefix != NULL ? strlen(prefix) : 0;

	while (len > 0 && prefix[len - 1] == '/')
		len--;
	if (len == 0 && (prefix == NULL || *prefix == '\0'))
		return NULL;
	buf_add(out, prefix, len);
	if (!tree_path_ok(buf_cstr(out)))
		return err_new(ERR_USAGE, "the prefix \"%s\" is not a relative "
		    "path without \".\" and \"..\"", prefix);
	buf_char(out, '/');
	return NULL;
}

err_t
export_run(struct export_result *out, struct repo *r,
    const struct export_order *order)
{
	struct export_result result = { 0 };
	struct job job = { .r = r, .order = order, .result = &result };
	err_t err;

	err = check_order(order);
	if (!err)
		err = prefix_set(&job.prefix, order->prefix);
	if (!err)
		err = commit_node(&job.node, r->store, &order->commit);
	if (err)
		goto out;
	if (order->decision != NULL)
		job.attrs = attr_of_tree(r, &job.node.tree);
	err = survey(&job);
	if (err)
		goto out;
	term_progress_begin("exporting", TERM_BYTES, result.bytes);
	err = write_output(&job);
	term_progress_end();
	if (!err)
		*out = result;
out:
	view_end(&job);
	archive_drop(job.archive);
	outdir_free(job.dir);
	attr_free(job.attrs);
	buf_release(&job.prefix);
	buf_release(&job.path);
	return err;
}
