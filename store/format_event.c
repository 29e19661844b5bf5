/*
 * Events on disk, and the names of refs; the layout is in format.h.  As with
 * commits, whatever decodes is encoded again and compared.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/base/text.h"
#include "store/format_int.h"

const char *const event_subjects[EVENT_SUBJECTS] = {
	"access", "commit", "decisions", "path", "policy",
};

bool
event_subject(struct buf *out, const struct meta *field)
{
	for (size_t i = 0; i < EVENT_SUBJECTS; i++) {
		if (strcmp(field->key, event_subjects[i]) != 0)
			continue;
		buf_printf(out, "%s/%s", field->key, field->value);
		return true;
	}
	return false;
}

static bool
component_ok(const char *p, size_t len)
{
	if (len == 0 || p[0] == '.' || p[0] == '-' || p[len - 1] == '.')
		return false;
	if (len >= 5 && memcmp(p + len - 5, ".lock", 5) == 0)
		return false;
	for (size_t i = 0; i < len; i++) {
		if ((unsigned char)p[i] <= 0x20 || p[i] == 0x7f ||
		    strchr("~^:?*[\\,@", p[i]))
			return false;
		if (i + 1 < len && p[i] == '.' && p[i + 1] == '.')
			return false;
	}
	return true;
}

/* A name that a revision could not tell from an id or a version number. */
static bool
is_reserved(const char *name)
{
	size_t len = strlen(name);

	if (strcmp(name, "HEAD") == 0 || strncmp(name, "approved/", 9) == 0)
		return true;
	if (len >= 4 && strspn(name, "0123456789abcdefABCDEF") == len)
		return true;
	return (name[0] == 'v' || name[0] == 'V') && len > 1 &&
	    strspn(name + 1, "0123456789") == len - 1;
}

bool
ref_name_ok(const char *full)
{
	const char *name = strchr(full, '/');
	const char *p;

	if (!name || strlen(full) > 255 || !text_is_utf8(full, strlen(full)))
		return false;
	if (strncmp(full, "branch/", 7) != 0 && strncmp(full, "tag/", 4) != 0 &&
	    strncmp(full, "approved/", 9) != 0)
		return false;
	name++;
	if (is_reserved(name))
		return false;
	for (p = name;; p++) {
		size_t len = strcspn(p, "/");

		if (!component_ok(p, len))
			return false;
		p += len;
		if (!*p)
			return true;
	}
}

static void
encode_refs(struct header_writer *w, const struct event *ev)
{
	for (size_t i = 0; i < ev->n_refs; i++) {
		const struct ref_set *set = &ev->refs[i];
		char from[ID_HEX + 1], to[ID_HEX + 1];

		if (!ref_name_ok(set->name)) {
			w->err = err_new(ERR_USAGE, "\"%s\" is not a valid "
			    "name", set->name);
			return;
		}
		buf_printf(w->out, "ref %s %s %s\n", set->name,
		    id_is_zero(&set->from) ? "-" : id_hex(from, &set->from),
		    id_is_zero(&set->to) ? "-" : id_hex(to, &set->to));
	}
}

static bool
act_ok(const char *act)
{
	return meta_key_ok(act, strlen(act));
}

err_t
event_encode(struct buf *out, const struct event *ev)
{
	static const char digit[] = "0123456789abcdef";
	const char *signature = event_field(ev, "signature");
	struct header_writer w = { out, "event", NULL };
	char number[24];

	if (signature && !format_signature_ok(signature))
		return err_new(ERR_USAGE, "the signature of an event is no "
		    "SSH signature in base64");
	if (!act_ok(ev->act) || ev->n_refs > EVENT_REFS ||
	    event_field(ev, "ref"))
		return err_new(ERR_USAGE, "an event needs an act, at most %d "
		    "refs, and no field called \"ref\"", EVENT_REFS);
	header_text(&w, "event", ev->act);
	buf_str(out, "writer ");
	for (int i = 0; i < WRITER_SIZE; i++) {
		buf_char(out, digit[ev->writer[i] >> 4]);
		buf_char(out, digit[ev->writer[i] & 15]);
	}
	buf_char(out, '\n');
	snprintf(number, sizeof(number), "%llu", (unsigned long long)ev->seq);
	header_text(&w, "seq", number);
	if (ev->seq != 1)
		header_id(&w, "prev", &ev->prev);
	header_time(&w, "time", ev->time);
	header_person(&w, "actor", &ev->actor, NULL);
	header_text(&w, "identity", ev->identity);
	encode_refs(&w, ev);
	header_metas(&w, NULL, ev->fields, ev->n_fields);
	header_body(&w, ev->note);
	if (!w.err && out->len > EVENT_SIZE_MAX)
		return err_new(ERR_USAGE, "a note may take 1 MiB at most");
	return w.err;
}

err_t
event_encode_unsigned(struct buf *out, const struct event *ev)
{
	struct event bare = *ev;
	err_t err;

	bare.fields = mem_array(ev->n_fields, sizeof(*bare.fields));
	bare.n_fields = 0;
	for (size_t i = 0; i < ev->n_fields; i++)
		if (strcmp(ev->fields[i].key, "signature") != 0)
			bare.fields[bare.n_fields++] = ev->fields[i];
	err = event_encode(out, &bare);
	free(bare.fields);
	return err;
}

static bool
decode_writer(struct event *out, struct header_reader *r)
{
	const char *value;
	size_t len;
	char padded[ID_HEX];
	struct id id;

	if (!header_need(&value, &len, r, "writer") || len != 2 * WRITER_SIZE) {
		r->bad = true;
		return false;
	}
	memset(padded, '0', sizeof(padded));
	memcpy(padded, value, len);
	if (!id_parse(&id, padded, sizeof(padded))) {
		r->bad = true;
		return false;
	}
	memcpy(out->writer, id.b, WRITER_SIZE);
	return true;
}

static void
decode_seq(struct event *out, struct header_reader *r)
{
	const char *value;
	size_t len;

	if (!header_need(&value, &len, r, "seq") || len > 18) {
		r->bad = true;
		return;
	}
	for (size_t i = 0; i < len; i++) {
		if (value[i] < '0' || value[i] > '9') {
			r->bad = true;
			return;
		}
		out->seq = out->seq * 10 + (uint64_t)(value[i] - '0');
	}
	if (out->seq == 0)
		r->bad = true;
	else if (out->seq > 1)
		header_need_id(&out->prev, r, "prev");
}

/* "-" or an id. */
static bool
decode_ref_id(struct id *out, const char *p, size_t len)
{
	memset(out, 0, sizeof(*out));
	return (len == 1 && *p == '-') || id_parse(out, p, len);
}

static void
decode_ref(struct event *out, struct header_reader *r, const char *value,
    size_t len)
{
	const char *end = value + len;
	const char *a = memchr(value, ' ', len);
	const char *b = a ? memchr(a + 1, ' ', (size_t)(end - a) - 1) : NULL;
	struct id from, to;
	char *name;

	if (!b || out->n_refs == EVENT_REFS ||
	    !decode_ref_id(&from, a + 1, (size_t)(b - a) - 1) ||
	    !decode_ref_id(&to, b + 1, (size_t)(end - b) - 1)) {
		r->bad = true;
		return;
	}
	name = mem_strndup(value, (size_t)(a - value));
	event_add_ref(out, name, &from, &to);
	free(name);
}

static void
decode_fields(struct event *out, struct header_reader *r)
{
	const char *key, *value;
	size_t key_len, len;

	while (header_any(&key, &key_len, &value, &len, r)) {
		char *k = mem_strndup(key, key_len);
		char *v = mem_strndup(value, len);

		event_add_field(out, k, v);
		free(k);
		free(v);
	}
}

err_t
event_decode(struct event *out, const void *p, size_t len)
{
	struct header_reader r = { p, (const char *)p + len, false };
	struct event ev = EVENT_INIT;
	struct buf again = BUF_INIT;
	const char *value;
	size_t value_len;
	bool same;

	if (len > EVENT_SIZE_MAX)
		return err_new(ERR_CORRUPT, "event is too long");
	if (header_need(&value, &value_len, &r, "event"))
		ev.act = mem_strndup(value, value_len);
	decode_writer(&ev, &r);
	decode_seq(&ev, &r);
	header_need_time(&ev.time, &r, "time");
	header_need_person(&ev.actor, NULL, &r, "actor");
	if (header_need(&value, &value_len, &r, "identity"))
		ev.identity = mem_strndup(value, value_len);
	while (header_next(&value, &value_len, &r, "ref"))
		decode_ref(&ev, &r, value, value_len);
	decode_fields(&ev, &r);
	ev.note = header_rest(&r);
	same = !r.bad && !event_encode(&again, &ev) && again.len == len &&
	    memcmp(again.p, p, len) == 0;
	buf_release(&again);
	if (!same) {
		event_release(&ev);
		return err_new(ERR_CORRUPT, "event is not in canonical form");
	}
	*out = ev;
	return NULL;
}

void
event_release(struct event *ev)
{
	free(ev->act);
	person_clear(&ev->actor);
	free(ev->identity);
	for (size_t i = 0; i < ev->n_refs; i++)
		free(ev->refs[i].name);
	free(ev->refs);
	metas_clear(ev->fields, ev->n_fields);
	free(ev->note);
	*ev = (struct event)EVENT_INIT;
}

void
event_add_ref(struct event *ev, const char *name, const struct id *from,
    const struct id *to)
{
	struct ref_set *set;

	ev->refs = mem_realloc(ev->refs, ev->n_refs + 1, sizeof(*ev->refs));
	set = &ev->refs[ev->n_refs++];
	set->name = mem_strdup(name);
	set->from = *from;
	set->to = *to;
}

void
event_add_field(struct event *ev, const char *key, const char *value)
{
	ev->fields = mem_realloc(ev->fields, ev->n_fields + 1,
	    sizeof(*ev->fields));
	ev->fields[ev->n_fields].key = mem_strdup(key);
	ev->fields[ev->n_fields++].value = mem_strdup(value);
}

const char *
event_field(const struct event *ev, const char *key)
{
	for (size_t i = 0; i < ev->n_fields; i++)
		if (strcmp(ev->fields[i].key, key) == 0)
			return ev->fields[i].value;
	return NULL;
}
