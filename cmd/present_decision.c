#include "cmd/present_decision.h"

#include "cmd/out.h"
#include "cmd/present.h"
#include "lib/base/clock.h"

void
present_decision_text(struct buf *out, const struct decision *d)
{
	struct buf when = BUF_INIT;

	clock_format(&when, d->act->time);
	buf_printf(out, "%s %.10s by %s", decided_word(d->verdict), when.p,
	    d->act->actor.name);
	if (d->source.len) {
		buf_str(out, " (");
		buf_add(out, d->source.p, d->source.len);
		buf_char(out, ')');
	}
	if (d->reason.len) {
		buf_str(out, ": ");
		buf_add(out, d->reason.p, d->reason.len);
	}
	if (d->note.len) {
		buf_str(out, d->reason.len ? "; " : ": ");
		buf_add(out, d->note.p, d->note.len);
	}
	buf_release(&when);
}

void
present_decision(struct out *o, const struct decision *d)
{
	struct buf text = BUF_INIT;

	present_decision_text(&text, d);
	out_textn(o, text.p, text.len);
	buf_release(&text);
}

static void
text_or_null(struct json *j, const char *key, const struct decision_text *t)
{
	json_key(j, key);
	if (t->len)
		json_textn(j, t->p, t->len);
	else
		json_null(j);
}

void
present_decision_members(struct json *j, const struct decision *d)
{
	json_key(j, "decision");
	json_text(j, decided_word(d->verdict));
	json_key(j, "id");
	json_id(j, &d->act->commit);
	json_key(j, "version");
	json_uint(j, d->act->version);
	json_key(j, "event");
	json_id(j, &d->act->event);
	json_key(j, "by");
	present_person(j, &d->act->actor);
	json_key(j, "date");
	json_time(j, d->act->time);
	text_or_null(j, "source", &d->source);
	text_or_null(j, "reason", &d->reason);
	text_or_null(j, "note", &d->note);
}
