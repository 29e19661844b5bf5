#include "lib/review/audit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/history/commit.h"
#include "lib/review/access.h"
#include "lib/review/act.h"
#include "lib/review/gate.h"

#define ANCHOR "dsv-audit-1"
#define ANCHOR_MAX (1u << 20)

/* A writer's chain as far as it was followed. */
struct chain {
	uint8_t writer[WRITER_SIZE];
	uint64_t seq;
	struct id last;
	/* of the anchor: */
	uint64_t want_seq;		/* 0: the anchor does not know it */
	struct id want;
	bool met;
};

struct chains {
	struct chain *items;
	size_t n, cap;
};

static struct chain *
chain_of(struct chains *c, const uint8_t writer[WRITER_SIZE])
{
	for (size_t i = 0; i < c->n; i++)
		if (memcmp(c->items[i].writer, writer, WRITER_SIZE) == 0)
			return &c->items[i];
	VEC_ROOM(c->items, c->n, c->cap);
	memset(&c->items[c->n], 0, sizeof(c->items[c->n]));
	memcpy(c->items[c->n].writer, writer, WRITER_SIZE);
	return &c->items[c->n++];
}

/* False if the event is not the next one of its chain. */
static bool
follow(struct chain *c, const struct event_info *info, const struct event *ev)
{
	bool next = ev->seq == c->seq + 1 && id_eq(&ev->prev, &c->last);

	c->seq = ev->seq;
	c->last = info->id;
	return next;
}

/* ---- all of it ---------------------------------------------------------- */

struct audit {
	struct repo *r;
	struct chains chains;
	struct access access;		/* as it was before the event */
	struct audit_totals totals;
	audit_visit_fn *fn;
	void *arg;
};

/* NULL, or why it was not allowed, in *why.  A version that was collected
 * since cannot be asked any more. */
static err_t
replay(struct err *why, const struct audit *a, const struct event *ev)
{
	err_t err;

	why->code = 0;
	err = gate_replay(a->r, ev, &a->access);
	if (!err)
		err = act_replay(a->r, ev);
	if (err_is(err, ERR_REFUSED) || err_is(err, ERR_PERMISSION)) {
		*why = *err;
		return NULL;
	}
	return err_is(err, ERR_NOT_FOUND) ? NULL : err;
}

static void
add_finding(struct buf *out, const char *what, const char *why)
{
	buf_printf(out, "%s%s%s", out->len ? "; " : "", what, why);
}

/* The signature of a version that the act made is looked at with it. */
static err_t
look_at_version(struct buf *finding, struct audit *a, const struct event *ev)
{
	struct signature signature = SIGNATURE_INIT;
	struct commit c = COMMIT_INIT;
	err_t err;

	if (strcmp(ev->act, "commit") != 0 || !ev->n_refs)
		return NULL;
	err = commit_read(&c, a->r->store, &ev->refs[0].to);
	if (err)
		return err_is(err, ERR_NOT_FOUND) ? NULL : err;
	err = signature_of_commit(&signature, a->r->store, &c);
	if (!err && signature.state == SIGNATURE_BAD)
		add_finding(finding, "the version has a bad signature: ",
		    signature.fact);
	a->totals.unchecked += signature.state == SIGNATURE_UNCHECKED;
	signature_release(&signature);
	commit_release(&c);
	return err;
}

/* As things were before the event. */
static err_t
look_back(struct buf *finding, struct signature *signature, struct audit *a,
    const struct event *ev)
{
	struct err why;
	err_t err;

	err = replay(&why, a, ev);
	if (!err && why.code)
		add_finding(finding, "it was not allowed: ", why.msg);
	if (!err)
		err = signature_of_event(signature, a->r->store, ev);
	if (!err && signature->state == SIGNATURE_BAD)
		add_finding(finding, "it has a bad signature: ",
		    signature->fact);
	a->totals.unchecked += signature->state == SIGNATURE_UNCHECKED;
	return err ? err : look_at_version(finding, a, ev);
}

static err_t
look(void *arg, const struct event_info *info, const struct event *ev)
{
	struct audit *a = arg;
	struct signature signature = SIGNATURE_INIT;
	struct audit_event e = { info, ev, &signature, NULL };
	struct buf finding = BUF_INIT;
	err_t err;

	if (!follow(chain_of(&a->chains, ev->writer), info, ev))
		buf_str(&finding, "the chain of events is broken before it");
	store_horizon(a->r->store, info->number);
	err = look_back(&finding, &signature, a, ev);
	store_horizon(a->r->store, 0);
	access_apply(&a->access, ev);
	if (finding.len)
		e.finding = finding.p;
	a->totals.events++;
	a->totals.findings += e.finding != NULL;
	if (!err)
		err = a->fn(a->arg, &e);
	signature_release(&signature);
	buf_release(&finding);
	return err;
}

err_t
audit_run(struct audit_totals *out, struct repo *r, audit_visit_fn *fn,
    void *arg)
{
	struct audit a = { .r = r, .access = ACCESS_INIT, .fn = fn,
	    .arg = arg };
	err_t err;

	err = event_walk(r->store, 1, false, look, &a);
	*out = a.totals;
	access_release(&a.access);
	free(a.chains.items);
	return err;
}

/* ---- anchors ------------------------------------------------------------ */

static err_t
note_end(void *arg, const struct event_info *info, const struct event *ev)
{
	struct chain *c = chain_of(arg, ev->writer);

	if (!follow(c, info, ev))
		return err_new(ERR_CORRUPT, "the chain of events is broken "
		    "before event %llu; \"dsv audit\" says more",
		    (unsigned long long)info->number);
	return NULL;
}

err_t
audit_head(struct buf *out, struct repo *r)
{
	struct chains chains = { NULL, 0, 0 };
	char hex[ID_HEX + 1];
	err_t err;

	err = event_walk(r->store, 1, false, note_end, &chains);
	if (!err)
		buf_str(out, ANCHOR);
	for (size_t i = 0; !err && i < chains.n; i++) {
		buf_char(out, ',');
		for (size_t k = 0; k < WRITER_SIZE; k++)
			buf_printf(out, "%02x", chains.items[i].writer[k]);
		buf_printf(out, ":%llu:%s", (unsigned long long)
		    chains.items[i].seq, id_hex(hex, &chains.items[i].last));
	}
	free(chains.items);
	return err;
}

static bool
parse_writer(uint8_t out[WRITER_SIZE], const char *p)
{
	char padded[ID_HEX + 1];
	struct id id;

	memset(padded, '0', ID_HEX);
	memcpy(padded, p, 2 * WRITER_SIZE);
	if (!id_parse(&id, padded, ID_HEX))
		return false;
	memcpy(out, id.b, WRITER_SIZE);
	return true;
}

/* "WRITER:SEQ:ID" */
static bool
parse_end(struct chains *out, const char *p, size_t len)
{
	uint8_t writer[WRITER_SIZE];
	const char *seq = p + 2 * WRITER_SIZE + 1;
	struct chain *c;
	size_t digits;
	struct id id;

	if (len < 2 * WRITER_SIZE + 3 + ID_HEX || seq[-1] != ':')
		return false;
	digits = len - 2 * WRITER_SIZE - 2 - ID_HEX;
	if (digits > 18 || strspn(seq, "0123456789") != digits ||
	    seq[digits] != ':' || !parse_writer(writer, p) ||
	    !id_parse(&id, seq + digits + 1, ID_HEX))
		return false;
	c = chain_of(out, writer);
	c->want_seq = strtoull(seq, NULL, 10);
	c->want = id;
	return c->want_seq > 0;
}

static err_t
parse_anchor(struct chains *out, const char *anchor)
{
	size_t len = strlen(ANCHOR);
	const char *p = anchor + len;
	bool ok = strncmp(anchor, ANCHOR, len) == 0 && *p == ',' &&
	    strlen(anchor) < ANCHOR_MAX;

	while (ok && *p == ',') {
		size_t n = strcspn(++p, ",");

		ok = parse_end(out, p, n);
		p += n;
	}
	if (ok && out->n && !*p)
		return NULL;
	return err_new(ERR_USAGE, "\"%s\" is no anchor; one is what "
	    "\"dsv audit --head\" prints", anchor);
}

struct verify {
	struct chains chains;
	struct buf *fact;
	uint64_t since;
};

static err_t
verify_event(void *arg, const struct event_info *info, const struct event *ev)
{
	struct verify *v = arg;
	struct chain *c = chain_of(&v->chains, ev->writer);
	bool follows = follow(c, info, ev);

	if (c->met || !c->want_seq)
		v->since++;
	else if (!follows && !v->fact->len)
		buf_printf(v->fact, "the chain is broken before event %llu",
		    (unsigned long long)info->number);
	if (c->want_seq != ev->seq)
		return NULL;
	c->met = true;
	if (!id_eq(&c->want, &info->id) && !v->fact->len)
		buf_printf(v->fact, "event %llu is another one than it was: "
		    "the record was rewritten", (unsigned long long)
		    info->number);
	return NULL;
}

err_t
audit_verify(struct buf *fact, uint64_t *since, struct repo *r,
    const char *anchor)
{
	struct verify v = { .fact = fact };
	err_t err;

	err = parse_anchor(&v.chains, anchor);
	if (!err)
		err = event_walk(r->store, 1, false, verify_event, &v);
	for (size_t i = 0; !err && i < v.chains.n && !fact->len; i++)
		if (v.chains.items[i].want_seq && !v.chains.items[i].met)
			buf_printf(fact, "there are only %llu of the %llu "
			    "acts that there were: the end was cut off",
			    (unsigned long long)v.chains.items[i].seq,
			    (unsigned long long)v.chains.items[i].want_seq);
	*since = v.since;
	free(v.chains.items);
	return err;
}
