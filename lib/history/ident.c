#include "lib/history/ident.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/mem.h"
#include "lib/base/text.h"
#include "lib/history/config.h"

#define PERSON_MAX 1000		/* bytes of a name, and of an email */

static bool
is_storable(const char *s)
{
	size_t len = strlen(s);

	for (const char *p = s; *p; p++) {
		unsigned char c = (unsigned char)*p;

		if (c < 0x20 || c == 0x7f || c == '<' || c == '>')
			return false;
	}
	return len <= PERSON_MAX && text_is_utf8(s, len);
}

/* A name of code points that are not seen would name nobody, or everybody. */
static bool
is_visible(const char *s)
{
	struct buf folded = BUF_INIT;
	bool visible;

	text_fold(&folded, s, strlen(s));
	visible = folded.len > 0;
	buf_release(&folded);
	return visible;
}

static char *
dup_trimmed(const char *s, size_t len)
{
	while (len && s[len - 1] == ' ')
		len--;
	while (len && *s == ' ') {
		s++;
		len--;
	}
	return mem_strndup(s, len);
}

err_t
person_parse(struct person *out, const char *text)
{
	struct person p = { NULL, NULL };
	size_t len = strlen(text);
	const char *open = strchr(text, '<');

	while (len && text[len - 1] == ' ')
		len--;
	if (open && text[len - 1] == '>') {
		p.name = dup_trimmed(text, (size_t)(open - text));
		p.email = dup_trimmed(open + 1,
		    len - 2 - (size_t)(open - text));
	} else {
		p.name = dup_trimmed(text, len);
		p.email = mem_strdup("");
	}
	if (!is_visible(p.name) || !is_storable(p.name) ||
	    !is_storable(p.email) || strchr(p.email, ' ')) {
		person_release(&p);
		return err_new(ERR_USAGE, "\"%s\" does not name a person; "
		    "write \"Name <email>\" or a bare name", text);
	}
	*out = p;
	return NULL;
}

void
person_release(struct person *p)
{
	free(p->name);
	free(p->email);
	*p = (struct person){ NULL, NULL };
}

static bool
same_fold(const char *a, const char *b)
{
	struct buf x = BUF_INIT, y = BUF_INIT;
	bool same;

	text_fold(&x, a, strlen(a));
	text_fold(&y, b, strlen(b));
	same = x.len && x.len == y.len && memcmp(x.p, y.p, x.len) == 0;
	buf_release(&x);
	buf_release(&y);
	return same;
}

bool
person_same(const struct person *a, const struct person *b)
{
	const char *a_email = a->email ? a->email : "";
	const char *b_email = b->email ? b->email : "";

	return same_fold(a->name, b->name) || same_fold(a_email, b_email) ||
	    same_fold(a->name, b_email) || same_fold(a_email, b->name);
}

bool
person_is(const struct person *p, const char *text)
{
	struct person other = { NULL, NULL };
	bool is;

	if (same_fold(p->name, text) ||
	    same_fold(p->email ? p->email : "", text))
		return true;
	if (person_parse(&other, text))
		return false;
	is = person_same(p, &other);
	person_release(&other);
	return is;
}

void
person_text(struct buf *out, const struct person *p)
{
	buf_str(out, p->name);
	if (p->email && *p->email)
		buf_printf(out, " <%s>", p->email);
}

/* The login name, or the number of a user that has none. */
static char *
os_name(void)
{
	const struct passwd *pw = getpwuid(geteuid());
	char number[32];

	if (pw && *pw->pw_name && is_storable(pw->pw_name))
		return mem_strdup(pw->pw_name);
	snprintf(number, sizeof(number), "uid-%lu", (unsigned long)geteuid());
	return mem_strdup(number);
}

static err_t
check_config(const char *key, const char *value, bool spaces)
{
	if (!value || (is_storable(value) && (spaces || !strchr(value, ' '))))
		return NULL;
	return err_new(ERR_USAGE, "%s is \"%s\", which cannot be stored; "
	    "set it with \"dsv config set %s VALUE\"", key, value, key);
}

err_t
ident_get(struct ident *out, const struct config *c)
{
	const char *user = getenv("DSV_USER");
	const char *name = config_get(c, "user.name", NULL);
	const char *email = config_get(c, "user.email", NULL);
	err_t err;

	if (user && *user) {
		err = person_parse(&out->who, user);
		if (err)
			return err_wrap(err, "DSV_USER");
		out->layer = "env";
		return NULL;
	}
	err = check_config("user.name", name, true);
	if (!err)
		err = check_config("user.email", email, false);
	if (err)
		return err;
	if (name && (!name[strspn(name, " ")] || !is_visible(name)))
		name = NULL;
	out->who.name = name ? dup_trimmed(name, strlen(name)) : os_name();
	out->who.email = mem_strdup(email ? email : "");
	out->layer = name ? "config" : "os";
	return NULL;
}

void
ident_release(struct ident *id)
{
	person_release(&id->who);
}

err_t
ident_event(struct event *out, const struct config *c, const char *act)
{
	struct ident who = IDENT_INIT;
	int64_t now;
	err_t err;

	err = clock_now(&now);
	if (err)
		return err;
	err = ident_get(&who, c);
	if (err)
		return err;
	*out = (struct event)EVENT_INIT;
	out->act = mem_strdup(act);
	out->time = now;
	out->actor = who.who;
	out->identity = mem_strdup(who.layer);
	out->note = mem_strdup("");
	return NULL;
}
