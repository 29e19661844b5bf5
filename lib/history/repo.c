/*
 * Finding a repository and making sense of the paths that people type.
 *
 * The root is a physical path (no symbolic links in it), found from the
 * physical current directory, so a typed path is first taken as text; only
 * an absolute one that does not begin with the root as text is resolved, as
 * far as it exists, and tried again.
 */

#include "lib/history/repo.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/history/config.h"
#include "store/format.h"

#define DOTDSV ".dsv"

/* Has the directory path a .dsv in it?  If that cannot be known, the one
 * above is not the one that was meant. */
static err_t
has_dotdsv(bool *out, const char *path)
{
	struct buf name = BUF_INIT;
	struct stat st;
	err_t err = NULL;

	buf_printf(&name, "%s/" DOTDSV, path);
	*out = !stat(buf_cstr(&name), &st);
	if (!*out && errno != ENOENT)
		err = err_sys("cannot look at \"%s\"", name.p);
	*out = *out && S_ISDIR(st.st_mode);
	buf_release(&name);
	return err;
}

/* Shorten path to the root of the repository that it is in, if any. */
static err_t
cut_to_root(bool *found, char *path)
{
	err_t err;

	while (err = has_dotdsv(found, path), !err && !*found) {
		char *slash = strrchr(path, '/');

		if (!slash || !path[1])
			return NULL;
		slash[slash == path] = '\0';
	}
	return err;
}

err_t
repo_find(char **root, const char *dir)
{
	char *path = NULL;
	bool found;
	err_t err;

	err = file_real(&path, dir ? dir : ".");
	if (err)
		return err;
	err = cut_to_root(&found, path);
	if (err || !found) {
		free(path);
		return err ? err : err_new(ERR_NOT_FOUND, "not a dsv "
		    "repository, nor is any directory above it: \"%s\"; "
		    "make one with \"dsv init\"", dir ? dir : ".");
	}
	*root = path;
	return NULL;
}

static err_t
is_safe(bool *out, const char *root)
{
	struct config *user = NULL;
	const char *dir;
	err_t err;

	err = config_load(&user, NULL);
	if (err)
		return err;
	*out = false;
	for (size_t i = 0; (dir = config_get_nth(user, "safe.directory", i));
	    i++)
		*out = *out || !strcmp(dir, "*") || !strcmp(dir, root);
	config_free(user);
	return NULL;
}

/* "" or "a/b/": where dir is below root. */
static char *
prefix_of(const char *root, const char *dir)
{
	struct buf prefix = BUF_INIT;
	const char *below = dir + strlen(root);

	if (*below == '/')
		below++;
	buf_str(&prefix, below);
	if (prefix.len)
		buf_char(&prefix, '/');
	return buf_detach(&prefix);
}

static err_t
locate(struct buf *dotdsv, bool *any_owner, const char *root)
{
	buf_printf(dotdsv, "%s/" DOTDSV, root[1] ? root : "");
	return is_safe(any_owner, root);
}

err_t
repo_locate(struct buf *dotdsv, bool *any_owner, const char *dir)
{
	char *root = NULL;
	err_t err;

	err = repo_find(&root, dir);
	if (!err)
		err = locate(dotdsv, any_owner, root);
	free(root);
	return err;
}

err_t
repo_open(struct repo **out, const char *dir, enum store_mode mode,
    int64_t wait_ms)
{
	struct repo *r = mem_zalloc(sizeof(*r));
	struct buf dotdsv = BUF_INIT;
	char *start = NULL;
	bool any_owner = false;
	err_t err;

	r->rootfd = -1;
	err = repo_find(&r->root, dir);
	if (err)
		goto out;
	err = file_real(&start, dir ? dir : ".");
	if (err)
		goto out;
	r->prefix = prefix_of(r->root, start);
	err = locate(&dotdsv, &any_owner, r->root);
	if (err)
		goto out;
	err = store_open(&r->store, buf_cstr(&dotdsv), mode, wait_ms,
	    any_owner);
	if (err)
		goto out;
	err = config_load(&r->config, buf_cstr(&dotdsv));
	if (err)
		goto out;
	r->rootfd = open(r->root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (r->rootfd < 0) {
		err = err_sys("cannot open \"%s\"", r->root);
		goto out;
	}
	*out = r;
	r = NULL;
out:
	repo_close(r);
	free(start);
	buf_release(&dotdsv);
	return err;
}

void
repo_close(struct repo *r)
{
	if (!r)
		return;
	if (r->rootfd >= 0)
		close(r->rootfd);
	store_close(r->store);
	config_free(r->config);
	free(r->root);
	free(r->prefix);
	free(r);
}

err_t
repo_write(struct repo *r, int64_t wait_ms)
{
	struct store *s;
	bool any_owner;
	err_t err;

	err = is_safe(&any_owner, r->root);
	if (!err)
		err = store_open(&s, store_path(r->store), STORE_WRITE,
		    wait_ms, any_owner);
	if (err)
		return err;
	store_close(r->store);
	r->store = s;
	return NULL;
}

err_t
repo_tidy(struct repo *r)
{
	const struct gc_options quick = { .quick = true };
	struct gc_report report;
	err_t err;

	if (!config_switch(r->config, "gc.auto", true))
		return NULL;
	err = store_gc(&report, r->store, &quick, NULL, NULL);
	return err_is(err, ERR_CANCELLED) ? err : NULL;
}

/* ---- paths ------------------------------------------------------------ */

/* Append the components of text to out, resolving "." and ".."; false if
 * that leaves the top. */
static bool
add_components(struct buf *out, const char *text)
{
	for (const char *end; *text; text = end) {
		size_t len = strcspn(text, "/");

		end = text + len + (text[len] == '/');
		if (!len || (len == 1 && *text == '.'))
			continue;
		if (len == 2 && !memcmp(text, "..", 2)) {
			char *slash;

			if (!out->len)
				return false;
			slash = strrchr(out->p, '/');
			out->len = slash ? (size_t)(slash - out->p) : 0;
			out->p[out->len] = '\0';
			continue;
		}
		if (out->len)
			buf_char(out, '/');
		buf_add(out, text, len);
	}
	return true;
}

/* What follows root in the absolute path, or NULL if it is not below. */
static const char *
below_root(const char *root, const char *path)
{
	size_t len = strlen(root);

	if (len == 1)
		len = 0;
	if (strncmp(root, path, len) || (path[len] && path[len] != '/'))
		return NULL;
	return path + len;
}

/* The absolute path with its longest existing part made physical. */
static void
resolve(struct buf *out, const char *path)
{
	char *head = mem_strdup(path);
	size_t len = strlen(head);

	for (;;) {
		char *real = NULL;
		err_t err = file_real(&real, len ? head : "/");

		if (!err) {
			buf_str(out, real[1] ? real : "");
			buf_str(out, path + len);
			free(real);
			break;
		}
		if (!len)
			break;
		while (len && head[len - 1] == '/')
			len--;
		while (len && head[len - 1] != '/')
			len--;
		while (len && head[len - 1] == '/')
			len--;
		head[len] = '\0';
	}
	free(head);
}

static bool
absolute_below(struct buf *out, const struct repo *r, const char *typed)
{
	struct buf whole = BUF_INIT;
	struct buf real = BUF_INIT;
	const char *below;
	bool ok;

	buf_char(&whole, '/');
	ok = add_components(out, typed);
	buf_add(&whole, buf_cstr(out), out->len);
	buf_clear(out);
	below = ok ? below_root(r->root, buf_cstr(&whole)) : NULL;
	if (ok && !below) {
		resolve(&real, buf_cstr(&whole));
		below = below_root(r->root, buf_cstr(&real));
	}
	ok = below && add_components(out, below);
	buf_release(&whole);
	buf_release(&real);
	return ok;
}

err_t
repo_path(struct buf *out, const struct repo *r, const char *typed)
{
	struct buf path = BUF_INIT;
	bool inside;
	err_t err = NULL;

	if (!*typed)
		return err_new(ERR_USAGE, "an empty path names nothing; "
		    "\".\" is the current directory");
	if (*typed == '/')
		inside = absolute_below(&path, r, typed);
	else
		inside = add_components(&path, r->prefix) &&
		    add_components(&path, typed);
	if (!inside)
		err = err_new(ERR_USAGE, "\"%s\" is outside the working tree "
		    "\"%s\"", typed, r->root);
	else if (path.len && !tree_path_ok(buf_cstr(&path)))
		err = err_new(ERR_USAGE, "\"%s\" cannot be in a version: "
		    "\".dsv\" is dsv's own, and a name has at most %d bytes",
		    typed, TREE_NAME_MAX);
	if (!err)
		buf_add(out, buf_cstr(&path), path.len);
	buf_release(&path);
	return err;
}

/* ---- HEAD ------------------------------------------------------------- */

err_t
repo_head(struct head *out, struct repo *r)
{
	struct buf value = BUF_INIT;
	struct ref ref;
	err_t err;

	memset(&out->commit, 0, sizeof(out->commit));
	buf_clear(&out->ref);
	err = state_get(&value, r->store, "head");
	if (err)
		goto out;
	if (id_parse(&out->commit, buf_cstr(&value), value.len))
		goto out;
	if (strncmp(buf_cstr(&value), "branch/", 7)) {
		err = err_new(ERR_CORRUPT, "the current branch is recorded as "
		    "\"%s\"", buf_cstr(&value));
		goto out;
	}
	buf_add(&out->ref, value.p, value.len);
	err = ref_get(&ref, r->store, buf_cstr(&out->ref));
	if (!err)
		out->commit = ref.target;
	else if (err_is(err, ERR_NOT_FOUND))
		err = NULL;
out:
	buf_release(&value);
	return err;
}

void
head_release(struct head *h)
{
	buf_release(&h->ref);
}

const char *
head_branch(const struct head *h)
{
	return h->ref.len ? h->ref.p + strlen("branch/") : NULL;
}
