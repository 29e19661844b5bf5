/*
 * Records an act as dsv does, chain and all, but without the gate: what
 * somebody could do who knows the code.
 *
 *	record DIR ACT [KEY=VALUE | REF OLD NEW] ...
 *
 * The actor is DSV_USER, "Name" or "Name <email>"; OLD and NEW are ids or "-".
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "store/store.h"

static bool
parse_id(struct id *out, const char *text)
{
	memset(out, 0, sizeof(*out));
	return strcmp(text, "-") == 0 || id_parse(out, text, strlen(text));
}

static bool
fill_in(struct event *ev, char **words)
{
	struct id from, to;

	while (*words) {
		char *eq = strchr(*words, '=');

		if (eq) {
			*eq = '\0';
			event_add_field(ev, *words, eq + 1);
			words++;
			continue;
		}
		if (!words[1] || !words[2] || !parse_id(&from, words[1]) ||
		    !parse_id(&to, words[2]))
			return false;
		event_add_ref(ev, *words, &from, &to);
		words += 3;
	}
	return true;
}

static void
set_actor(struct person *out, const char *user)
{
	size_t len = strcspn(user, "<");
	const char *email = user + len + (user[len] == '<');

	out->name = mem_strndup(user, user[len] && len ? len - 1 : len);
	out->email = mem_strndup(email, strcspn(email, ">"));
}

static err_t
put(const char *dir, struct event *ev)
{
	struct buf path = BUF_INIT;
	struct store *s = NULL;
	struct txn *t = NULL;
	struct id id;
	err_t err;

	buf_printf(&path, "%s/.dsv", dir);
	err = store_open(&s, path.p, STORE_WRITE, 10000, true);
	if (!err)
		err = txn_begin(&t, s, "record");
	if (!err)
		err = txn_lock(t);
	if (!err)
		err = event_record(&id, t, ev);
	if (!err)
		err = txn_commit(t);
	txn_end(t);
	store_close(s);
	buf_release(&path);
	return err;
}

int
main(int argc, char **argv)
{
	struct event ev = EVENT_INIT;
	const char *user = getenv("DSV_USER");
	err_t err;

	if (argc < 3 || !user)
		return 2;
	ev.act = mem_strdup(argv[2]);
	set_actor(&ev.actor, user);
	ev.identity = mem_strdup("env");
	ev.note = mem_strdup("");
	ev.time = 1704164645;
	if (!fill_in(&ev, argv + 3)) {
		fprintf(stderr, "usage: record DIR ACT [KEY=VALUE | REF OLD "
		    "NEW] ...\n");
		return 2;
	}
	err = put(argv[1], &ev);
	if (err)
		fprintf(stderr, "record: %s\n", err->msg);
	event_release(&ev);
	return err ? 1 : 0;
}
