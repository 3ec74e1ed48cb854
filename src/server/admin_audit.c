/* SPDX-License-Identifier: Apache-2.0 */
/* The audit log in the admin API: entries, signed heads, proofs. This process has heads made: it asks the store
 * what is durable and the keeper to sign it. */
#include "server/admin.h"
#include "server/log.h"
#include "server/store_audit.h"
#include "server/task.h"

#include "codec/hex.h"

#include <stdlib.h>
#include <string.h>

enum { HEAD_EVERY_MS = 60000, TRIES = 3 };

static json_t *hex_json(struct bytes octets)
{
	size_t cap = 2 * octets.len + 1;
	char *text = octets.len == 0 ? NULL : malloc(cap);
	struct room room = { (uint8_t *)text, cap, 0, false };
	json_t *json;

	if (text == NULL)
		return json_null();
	hex_put(&room, octets);
	json = json_stringn(text, room.len);
	free(text);
	return json;
}

static json_t *entry_json(const struct store_audit_row *row)
{
	const struct audit *audit = &row->entry.audit;
	uint8_t leaf[MERKLE_HASH];

	if (merkle_leaf(leaf, row->octets) != ERR_NONE)
		return NULL;
	return json_pack("{s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "number",
	                 (json_int_t)row->entry.number, "time", admin_json_time(row->entry.time_ms),
	                 "event", admin_json_text(audit->event), "iccid",
	                 admin_json_iccid(audit->iccid), "eid", admin_json_digits(audit->eid),
	                 "detail", admin_json_text(audit->detail), "evidence",
	                 hex_json(audit->evidence), "policy", hex_json(audit->policy), "result",
	                 hex_json(audit->result), "hash", hex_json(BYTES(leaf)), "entry",
	                 hex_json(row->octets));
}

static json_t *head_json(const struct audit_head *head)
{
	uint8_t octets[AUDIT_HEAD_SIZE];
	struct room room = ROOM(octets);

	audit_head_put(&room, head);
	return json_pack("{s:I, s:o, s:o, s:o, s:o}", "size", (json_int_t)head->size, "time",
	                 admin_json_time(head->time_ms), "log", hex_json(BYTES(head->log)), "root",
	                 hex_json(BYTES(head->root)), "head", hex_json(room_used(&room)));
}

static uint64_t query_number(const struct http_request *request, const char *name)
{
	const char *given = http_query(request, name);

	return given == NULL ? 0 : strtoull(given, NULL, 10);
}

static void answer_next(struct admin_answer *answer, bool more, uint64_t number)
{
	json_object_set_new(answer->body, "next",
	                    more ? json_integer((json_int_t)number) : json_null());
}

enum err admin_audit(struct admin *admin, struct http_request *request, const char *rest,
                     json_t *body, struct admin_answer *answer)
{
	uint32_t limit = admin_limit(request);
	struct store_audit_row row = {
		.octets = {NULL, 0}
	};
	json_t *rows = json_array();
	struct bytes reply;
	enum err err;

	(void)rest;
	(void)body;
	answer->body = json_pack("{s:o}", "events", rows);
	TRY(store_audit_list(admin->loop.store, query_number(request, "after"), limit, &reply));
	while ((err = store_audit_next(&reply, &row)) == ERR_NONE)
		json_array_append_new(rows, entry_json(&row));
	/* Fewer than asked for may be all that fits an answer: only an empty page is the last. */
	answer_next(answer, json_array_size(rows) > 0, row.entry.number);
	return err == ERR_NOT_FOUND ? ERR_NONE : err;
}

enum err admin_audit_heads(struct admin *admin, struct http_request *request, const char *rest,
                           json_t *body, struct admin_answer *answer)
{
	struct audit_head head = { .size = 0 };
	json_t *rows = json_array();
	struct bytes reply;
	enum err err;

	(void)rest;
	(void)body;
	answer->body = json_pack("{s:o}", "heads", rows);
	TRY(store_heads(admin->loop.store, query_number(request, "after"), admin_limit(request),
	                &reply));
	while ((err = store_heads_next(&reply, &head)) == ERR_NONE)
		json_array_append_new(rows, head_json(&head));
	answer_next(answer, json_array_size(rows) > 0, head.size);
	return err == ERR_NOT_FOUND ? ERR_NONE : err;
}

/* sign_next has the tree as it is now signed, after what was signed last. */
static enum err sign_next(struct admin *admin, const struct store_audit_state *state,
                          struct audit_head *head)
{
	uint8_t proof_octets[MERKLE_PROOF_MAX];
	struct room proof = ROOM(proof_octets);
	struct audit_head old = state->head;
	enum err err = keeper_head_last(admin->loop.keeper, &old);
	bool has_old = err == ERR_NONE || state->has_head;

	if (err != ERR_NONE && err != ERR_NOT_FOUND)
		return err;
	if (has_old && old.size > state->size) {
		log_error("the audit log has %llu entries, and a head of %llu was signed: it was "
		          "rolled back",
		          (unsigned long long)state->size, (unsigned long long)old.size);
		return ERR_DENIED;
	}
	if (has_old)
		TRY(store_audit_proof(admin->loop.store, AUDIT_PROOF_CONSISTENCY, old.size,
		                      state->size, &proof));
	*head = (struct audit_head){ .size = state->size,
		                     .time_ms = admin->ports.smdp.now_ms(admin->ports.smdp.ctx) };
	memcpy(head->root, state->root, sizeof head->root);
	return keeper_head_sign(admin->loop.keeper, has_old ? &old : NULL, room_used(&proof), head);
}

static enum err head_try(struct admin *admin, struct audit_head *head)
{
	struct store_audit_state state;
	enum err err;

	TRY(store_audit_state(admin->loop.store, &state));
	*head = state.head;
	if (state.size == 0)
		return ERR_NOT_FOUND;
	if (state.has_head && state.head.size == state.size)
		return ERR_NONE;
	TRY(sign_next(admin, &state, head));
	err = store_head_add(admin->loop.store, head);
	return err == ERR_EXISTS ? ERR_NONE : err;
}

/* While this task waits for the store another may have a larger head signed: then what was to be signed is not
 * the next any more, and is denied. */
static enum err head_make(struct admin *admin, struct audit_head *head)
{
	enum err err = ERR_DENIED;

	for (int i = 0; i < TRIES && err == ERR_DENIED; i++)
		err = head_try(admin, head);
	return err;
}

enum err admin_audit_head(struct admin *admin, struct http_request *request, const char *rest,
                          json_t *body, struct admin_answer *answer)
{
	struct audit_head head;

	(void)request;
	(void)rest;
	(void)body;
	enum err err = head_make(admin, &head);

	if (err == ERR_DENIED)
		answer->detail = "the log does not go on from the head that was signed last: "
				 "audit-head in assayd.conf(5)";
	TRY(err);
	answer->body = head_json(&head);
	return ERR_NONE;
}

enum err admin_audit_proof(struct admin *admin, struct http_request *request, const char *rest,
                           json_t *body, struct admin_answer *answer)
{
	uint64_t number = query_number(request, "number"), old = query_number(request, "old");
	uint8_t octets[MERKLE_PROOF_MAX];
	struct room proof = ROOM(octets);

	(void)rest;
	(void)body;
	if ((number == 0) == (old == 0))
		return ERR_VALUE;
	TRY(store_audit_proof(admin->loop.store,
	                      old == 0 ? AUDIT_PROOF_INCLUSION : AUDIT_PROOF_CONSISTENCY,
	                      old == 0 ? number : old, query_number(request, "size"), &proof));
	answer->body = json_pack("{s:o}", "proof",
	                         proof.len == 0 ? json_string("") : hex_json(room_used(&proof)));
	return ERR_NONE;
}

static void head_task(void *arg)
{
	struct admin *admin = arg;
	struct audit_head head;
	enum err err = head_make(admin, &head);

	if (err != ERR_NONE && err != ERR_NOT_FOUND)
		log_error("no head of the audit log: %s", err_text(err));
}

static void head_ended(void *arg)
{
	struct admin *admin = arg;

	admin->head_under_way = false;
}

void admin_heads(void *arg)
{
	struct admin *admin = arg;
	uint64_t now_ms = admin->ports.smdp.now_ms(admin->ports.smdp.ctx);

	if (admin->head_under_way || now_ms < admin->head_due_ms ||
	    admin->config->audit_key[0] == '\0')
		return;
	admin->head_due_ms = now_ms + HEAD_EVERY_MS;
	admin->head_under_way = true;
	if (!task_start(head_task, head_ended, admin))
		admin->head_under_way = false;
}
