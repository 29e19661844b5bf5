#include "lib/review/signature.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/mem.h"
#include "lib/base/run.h"
#include "lib/history/config.h"
#include "lib/history/tree.h"
#include "lib/review/state.h"

#define SIGNERS_MAX (1u << 20)

void
signature_release(struct signature *s)
{
	free(s->principal);
	free(s->fact);
	*s = (struct signature)SIGNATURE_INIT;
}

const char *
signature_word(enum signature_state state)
{
	static const char *const words[] = {
		[SIGNATURE_NONE] = "none", [SIGNATURE_GOOD] = "good",
		[SIGNATURE_BAD] = "bad", [SIGNATURE_UNKNOWN] = "unknown",
		[SIGNATURE_UNCHECKED] = "unchecked",
	};

	return words[state];
}

void
signature_text(struct buf *out, const struct signature *s)
{
	if (s->state == SIGNATURE_GOOD)
		buf_printf(out, "good signature by %s", s->principal);
	else if (s->state == SIGNATURE_UNCHECKED)
		buf_str(out, "signature: not checked (no ssh-keygen)");
	else if (s->state == SIGNATURE_NONE)
		buf_str(out, "no signature");
	else
		buf_printf(out, "%s signature: %s", signature_word(s->state),
		    s->fact);
}

static void
settle(struct signature *out, enum signature_state state, char *fact)
{
	out->state = state;
	out->fact = fact;
}

/* ---- signing ------------------------------------------------------------ */

err_t
signature_ready(const struct config *c)
{
	const char *key = config_get(c, "user.signingKey", NULL);

	return key && *key ? NULL : err_new(ERR_USAGE, "there is no key to "
	    "sign with; say which with \"dsv config set --user "
	    "user.signingKey FILE\"");
}

static void
key_path(struct buf *out, const struct config *c)
{
	const char *key = config_get(c, "user.signingKey", NULL);
	const char *home = getenv("HOME");

	if (strncmp(key, "~/", 2) == 0 && home)
		buf_printf(out, "%s%s", home, key + 1);
	else
		buf_str(out, key);
}

/* The last line of what a program complained about. */
static void
last_line(struct buf *out, const struct buf *text)
{
	const char *p = buf_cstr(text);
	size_t len = text->len, start;

	while (len && isspace((unsigned char)p[len - 1]))
		len--;
	for (start = len; start && p[start - 1] != '\n'; )
		start--;
	if (start < len)
		buf_add(out, p + start, len - start);
	else
		buf_str(out, "it does not say why");
}

/* Take the base64 out of its armour; NULL if that is no signature. */
static char *
unarmour(const struct buf *text)
{
	struct buf out = BUF_INIT;

	for (const char *p = buf_cstr(text); *p; ) {
		size_t len = strcspn(p, "\n");

		if (*p != '-')
			buf_add(&out, p, len);
		p += len + (p[len] == '\n');
	}
	if (format_signature_ok(buf_cstr(&out)))
		return buf_detach(&out);
	buf_release(&out);
	return NULL;
}

static err_t
refuse_missing(void)
{
	return err_new(ERR_SYSTEM, "there is no \"ssh-keygen\", which makes "
	    "and checks signatures; install OpenSSH");
}

/* *out is yours. */
static err_t
sign(char **out, const struct buf *bytes, const char *namespace,
    const struct config *c)
{
	struct run_result run = RUN_RESULT_INIT;
	struct buf key = BUF_INIT, why = BUF_INIT;
	const char *argv[] = { "ssh-keygen", "-Y", "sign", "-n", namespace,
	    "-f", NULL, NULL };
	int fd = -1;
	err_t err;

	err = signature_ready(c);
	if (err)
		return err;
	key_path(&key, c);
	argv[6] = buf_cstr(&key);
	err = run_file(&fd, buf_cstr(bytes), bytes->len);
	if (!err)
		err = run_program(&run, argv, fd);
	if (err)
		goto out;
	*out = run.status == 0 ? unarmour(&run.out) : NULL;
	last_line(&why, &run.err);
	if (!run.found)
		err = refuse_missing();
	else if (!*out)
		err = err_new(ERR_SYSTEM, "ssh-keygen cannot sign with "
		    "\"%s\": %s", key.p, why.p);
out:
	if (fd >= 0)
		close(fd);
	run_result_release(&run);
	buf_release(&key);
	buf_release(&why);
	return err;
}

err_t
signature_add_event(struct event *ev, struct txn *t, const struct config *c)
{
	struct buf bytes = BUF_INIT;
	char *base64 = NULL;
	err_t err;

	err = event_place(ev, t);
	if (!err)
		err = event_encode_unsigned(&bytes, ev);
	if (!err)
		err = sign(&base64, &bytes, SIGNATURE_ACT, c);
	if (!err)
		event_add_field(ev, "signature", base64);
	free(base64);
	buf_release(&bytes);
	return err;
}

static err_t
commit_bytes(struct buf *out, const struct commit *c)
{
	struct commit bare = *c;

	bare.signature = NULL;
	return commit_encode(out, &bare);
}

err_t
signature_add_commit(struct commit *commit, const struct config *c)
{
	struct buf bytes = BUF_INIT;
	err_t err;

	err = commit_bytes(&bytes, commit);
	if (!err)
		err = sign(&commit->signature, &bytes, SIGNATURE_COMMIT, c);
	buf_release(&bytes);
	return err;
}

/* ---- who is trusted ----------------------------------------------------- */

static err_t
add_bytes(void *arg, const char *p, size_t len)
{
	buf_add(arg, p, len);
	return NULL;
}

/* What the version says of signers; nothing if it says nothing. */
static err_t
read_signers(struct buf *out, struct store *s, const struct id *commit)
{
	struct commit_node node;
	struct tree_entry e;
	err_t err;

	err = commit_node(&node, s, commit);
	if (!err)
		err = tree_lookup(&e, s, &node.tree, SIGNATURE_SIGNERS);
	if (err_is(err, ERR_NOT_FOUND))
		return NULL;
	if (err || (e.mode != MODE_FILE && e.mode != MODE_EXEC) ||
	    e.size > SIGNERS_MAX)
		return err;
	return content_read(s, &e.id, add_bytes, out);
}

/* Of the last approved version from this one on (zero: none) that is not the
 * one that is judged. */
static err_t
signers_from(struct buf *out, struct store *s, const struct id *from,
    const struct id *judged)
{
	struct commit_node node;
	struct id id = *from;
	err_t err = NULL;

	while (!err && !id_is_zero(&id)) {
		err = review_newest(&id, s, &id, REVIEW_APPROVED);
		if (!err && (!judged || !id_eq(&id, judged)))
			return read_signers(out, s, &id);
		if (!err)
			err = commit_node(&node, s, &id);
		if (!err && !node.n_parents)
			break;
		if (!err)
			id = node.parents[0];
	}
	return err_is(err, ERR_NOT_FOUND) ? NULL : err;
}

/* Of a branch; NULL: of none. */
static err_t
signers_of(struct buf *out, struct store *s, const char *branch,
    const struct id *judged)
{
	struct buf full = BUF_INIT;
	struct id tip;
	err_t err;

	if (!branch)
		return NULL;
	buf_printf(&full, "branch/%s", branch);
	err = ref_then(&tip, s, full.p);
	buf_release(&full);
	return err ? err : signers_from(out, s, &tip, judged);
}

err_t
signature_need_signers(struct store *s, const char *branch)
{
	struct buf signers = BUF_INIT;
	err_t err = signers_of(&signers, s, branch, NULL);

	if (!err && !signers.len)
		err = err_new(ERR_REFUSED, "no approved version on \"%s\" "
		    "says who may sign, so nobody could; commit the keys as "
		    "\"" SIGNATURE_SIGNERS "\" and \"dsv approve\" that first",
		    branch);
	buf_release(&signers);
	return err;
}

/* ---- checking ----------------------------------------------------------- */

/* What ssh-keygen needs for it. */
struct check {
	const char *principal;
	const char *namespace;
	char time[48];		/* "verify-time=20250918100000" */
	char signature[32], signers[32];	/* "/dev/fd/N" */
	int data_fd, signature_fd, signers_fd;
};

/* Run it once more: all is read from the start. */
static err_t
ask(struct run_result *out, struct check *c, const char *const argv[])
{
	const int fds[] = { c->data_fd, c->signature_fd, c->signers_fd };

	for (size_t i = 0; i < ARRAY_LEN(fds); i++)
		if (lseek(fds[i], 0, SEEK_SET) < 0)
			return err_sys("cannot rewind a temporary file");
	return run_program(out, argv, c->data_fd);
}

static err_t
ask_verify(bool *found, bool *good, struct check *c)
{
	const char *argv[] = { "ssh-keygen", "-Y", "verify", "-n",
	    c->namespace, "-f", c->signers, "-I", c->principal, "-s",
	    c->signature, "-O", c->time, NULL };
	struct run_result run = RUN_RESULT_INIT;
	err_t err = ask(&run, c, argv);

	*found = run.found;
	*good = run.found && run.status == 0;
	run_result_release(&run);
	return err;
}

/* Is it a signature of these bytes at all, by whatever key? */
static err_t
ask_whole(bool *whole, struct check *c)
{
	const char *argv[] = { "ssh-keygen", "-Y", "check-novalidate", "-n",
	    c->namespace, "-s", c->signature, NULL };
	struct run_result run = RUN_RESULT_INIT;
	err_t err = ask(&run, c, argv);

	*whole = run.found && run.status == 0;
	run_result_release(&run);
	return err;
}

/* Whose key is it?  Empty: nobody's. */
static err_t
ask_owner(struct buf *out, struct check *c)
{
	const char *argv[] = { "ssh-keygen", "-Y", "find-principals", "-f",
	    c->signers, "-s", c->signature, "-O", c->time, NULL };
	struct run_result run = RUN_RESULT_INIT;
	err_t err = ask(&run, c, argv);

	if (!err && run.found && run.status == 0)
		buf_add(out, buf_cstr(&run.out),
		    strcspn(buf_cstr(&run.out), "\n"));
	run_result_release(&run);
	return err;
}

static err_t
judge(struct signature *out, struct check *c, bool any_signers)
{
	struct buf owner = BUF_INIT, fact = BUF_INIT;
	bool found, good, whole = false;
	err_t err;

	err = ask_verify(&found, &good, c);
	if (!err && !good && found)
		err = ask_whole(&whole, c);
	if (!err && whole && any_signers)
		err = ask_owner(&owner, c);
	if (err)
		goto out;
	if (!found) {
		out->state = SIGNATURE_UNCHECKED;
	} else if (good) {
		out->state = SIGNATURE_GOOD;
		out->principal = mem_strdup(c->principal);
	} else if (!whole) {
		settle(out, SIGNATURE_BAD, mem_strdup("it is not of this"));
	} else if (owner.len && strcmp(owner.p, c->principal) != 0) {
		buf_printf(&fact, "its key is that of \"%s\", not of "
		    "\"%s\"", owner.p, c->principal);
		settle(out, SIGNATURE_BAD, buf_detach(&fact));
	} else if (any_signers) {
		buf_printf(&fact, "\"" SIGNATURE_SIGNERS "\" did not let "
		    "its key sign this as \"%s\" then", c->principal);
		settle(out, SIGNATURE_UNKNOWN, buf_detach(&fact));
	} else {
		settle(out, SIGNATURE_UNKNOWN, mem_strdup("no version "
		    "approved before has \"" SIGNATURE_SIGNERS "\""));
	}
out:
	buf_release(&owner);
	buf_release(&fact);
	return err;
}

/* "2025-09-18T10:00:00Z" is 20250918100000 there; programs run in UTC. */
static void
set_time(struct check *c, int64_t t)
{
	struct buf text = BUF_INIT;
	size_t n = (size_t)snprintf(c->time, sizeof(c->time), "verify-time=");

	clock_format(&text, t);
	for (const char *p = buf_cstr(&text); *p; p++)
		if (isdigit((unsigned char)*p) && n + 1 < sizeof(c->time))
			c->time[n++] = *p;
	c->time[n] = '\0';
	buf_release(&text);
}

static void
armour(struct buf *out, const char *base64)
{
	size_t len = strlen(base64);

	buf_str(out, "-----BEGIN SSH SIGNATURE-----\n");
	for (size_t at = 0; at < len; at += 70)
		buf_printf(out, "%.70s\n", base64 + at);
	buf_str(out, "-----END SSH SIGNATURE-----\n");
}

static err_t
check(struct signature *out, struct check *c, const struct buf *data,
    const char *base64, const struct buf *signers)
{
	struct buf armoured = BUF_INIT;
	err_t err;

	c->data_fd = c->signature_fd = c->signers_fd = -1;
	armour(&armoured, base64);
	err = run_file(&c->data_fd, buf_cstr(data), data->len);
	if (!err)
		err = run_file(&c->signature_fd, armoured.p, armoured.len);
	if (!err)
		err = run_file(&c->signers_fd, buf_cstr(signers),
		    signers->len);
	snprintf(c->signature, sizeof(c->signature), "/dev/fd/%d",
	    c->signature_fd);
	snprintf(c->signers, sizeof(c->signers), "/dev/fd/%d", c->signers_fd);
	if (!err)
		err = judge(out, c, signers->len > 0);
	if (c->data_fd >= 0)
		close(c->data_fd);
	if (c->signature_fd >= 0)
		close(c->signature_fd);
	if (c->signers_fd >= 0)
		close(c->signers_fd);
	buf_release(&armoured);
	return err;
}

static const char *
principal_of(const struct person *p)
{
	return p->email && *p->email ? p->email : p->name;
}

err_t
signature_of_event(struct signature *out, struct store *s,
    const struct event *ev)
{
	const char *base64 = event_field(ev, "signature");
	const char *hex = event_field(ev, "commit");
	struct check c = { .principal = principal_of(&ev->actor),
	    .namespace = SIGNATURE_ACT };
	struct buf data = BUF_INIT, signers = BUF_INIT;
	struct signature made = SIGNATURE_INIT;
	struct id judged = { { 0 } };
	err_t err = NULL;

	if (base64 && hex && id_parse(&judged, hex, strlen(hex)))
		err = signers_of(&signers, s, event_field(ev, "into"),
		    &judged);
	if (!err && base64)
		err = event_encode_unsigned(&data, ev);
	set_time(&c, ev->time);
	if (!err && base64)
		err = check(&made, &c, &data, base64, &signers);
	if (!err)
		*out = made;
	buf_release(&data);
	buf_release(&signers);
	return err;
}

err_t
signature_of_commit(struct signature *out, struct store *s,
    const struct commit *c)
{
	struct check k = { .principal = principal_of(&c->committer),
	    .namespace = SIGNATURE_COMMIT };
	struct buf data = BUF_INIT, signers = BUF_INIT;
	struct signature made = SIGNATURE_INIT;
	err_t err = NULL;

	if (c->signature && c->n_parents)
		err = signers_from(&signers, s, &c->parents[0], NULL);
	if (!err && c->signature)
		err = commit_bytes(&data, c);
	set_time(&k, c->committer_time);
	if (!err && c->signature)
		err = check(&made, &k, &data, c->signature, &signers);
	if (!err)
		*out = made;
	buf_release(&data);
	buf_release(&signers);
	return err;
}
