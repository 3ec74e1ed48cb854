/* SPDX-License-Identifier: Apache-2.0 */
/* The admin API's chips: who has enrolled, approval by hand, suppliers' lists, and how machines were last found. */
#include "server/admin.h"

#include "codec/base64.h"
#include "codec/hex.h"
#include "server/enrol.h"
#include "server/store_enrol.h"

#include <stdio.h>
#include <stdlib.h>

static const char *const state_names[CHIP_STATES] = { "pending", "approved", "revoked" };

static json_t *json_hex_of(struct bytes octets)
{
	char text[2 * 64];
	struct room room = ROOM(text);

	if (octets.len == 0 || octets.len > 64)
		return json_null();
	hex_put(&room, octets);
	return json_stringn(text, room.len);
}

static json_t *json_text_of(struct bytes text)
{
	return text.len == 0 ? json_null() : admin_json_text(text);
}

static json_t *chip_json(const struct chip *chip)
{
	return json_pack("{s:o, s:s, s:o, s:s, s:b, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "chip",
	                 json_hex_of(BYTES(chip->id)), "format",
	                 chip->format == EVIDENCE_PSA ? "psa" : "tpm", "instance",
	                 json_hex_of(chip->instance), "state", state_names[chip->state], "test",
	                 chip->test, "eid", admin_json_digits(chip->eid), "how",
	                 json_text_of(chip->how), "imei", json_text_of(chip->imei), "model",
	                 json_text_of(chip->model), "firmware", json_text_of(chip->firmware),
	                 "endorsementKey", json_hex_of(chip->ek_digest), "pairingKey",
	                 json_hex_of(chip->pairing_key.len > 1
	                                     ? (struct bytes){ chip->pairing_key.at + 1,
	                                                       chip->pairing_key.len - 1 }
	                                     : (struct bytes){ NULL, 0 }));
}

json_t *admin_json_chips(struct admin *admin, struct bytes eid)
{
	json_t *rows = json_array();
	struct bytes reply;
	struct chip chip;

	if (store_chips_of_card(admin->loop.store, eid, &reply) != ERR_NONE)
		return rows;
	while (store_chips_next(&reply, &chip) == ERR_NONE) {
		if (chip.state == CHIP_APPROVED) /* the one that counts, first */
			json_array_insert_new(rows, 0, chip_json(&chip));
		else
			json_array_append_new(rows, chip_json(&chip));
	}
	return rows;
}

json_t *admin_json_appraised(struct admin *admin, struct bytes eid)
{
	struct appraised appraised;

	if (store_appraised_load(admin->loop.store, eid, &appraised) != ERR_NONE)
		return json_null();
	return json_pack(
		"{s:o, s:s, s:s, s:o, s:o, s:o, s:o}", "time",
		admin_json_time(appraised.time_s * 1000), "purpose",
		purpose_text(appraised.purpose), "decision", decision_text(appraised.decision),
		"operator", json_text_of(appraised.operator_name), "policy",
		json_text_of(appraised.policy), "evidence", json_hex_of(appraised.evidence_digest),
		"explanation", json_text_of(appraised.explanation));
}

/* A chip is meant by its own id, or by the card that it claims when no other chip in that state does. */
static enum err find(struct admin *admin, const char *name, unsigned states, struct chip *out)
{
	uint8_t octets[CHIP_ID_SIZE], eid[EID_SIZE];
	struct room id = ROOM(octets);
	struct bytes reply;
	struct chip chip;
	uint64_t generation;
	unsigned found = 0;

	if (admin_eid(name, eid) == ERR_NONE) {
		TRY(store_chips_of_card(admin->loop.store, BYTES(eid), &reply));
		while (store_chips_next(&reply, &chip) == ERR_NONE) {
			if (!bytes_same(chip.eid, BYTES(eid)) || !(states >> chip.state & 1))
				continue;
			*out = chip;
			found++;
		}
	}
	if (found > 0)
		return found == 1 ? ERR_NONE : ERR_MISMATCH;
	if (hex_read(bytes_text(name), &id) != ERR_NONE || id.len != CHIP_ID_SIZE)
		return ERR_VALUE;
	return store_chip_load(admin->loop.store, CHIP_BY_ID, room_used(&id), &generation, out);
}

enum err admin_chips(struct admin *admin, struct http_request *request, const char *rest,
                     json_t *body, struct admin_answer *answer)
{
	const char *given = http_query(request, "after");
	uint32_t limit = admin_limit(request), count = 0;
	json_t *rows = json_array();
	uint8_t octets[CHIP_ID_SIZE];
	struct room after = ROOM(octets);
	struct bytes reply;
	struct chip chip;

	(void)rest;
	(void)body;
	answer->body = json_pack("{s:o}", "chips", rows);
	answer->detail = "after";
	if (given != NULL && *given != '\0')
		TRY(hex_read(bytes_text(given), &after));
	TRY(store_chips(admin->loop.store, room_used(&after), limit, &reply));
	while (store_chips_next(&reply, &chip) == ERR_NONE) {
		json_array_append_new(rows, chip_json(&chip));
		count++;
	}
	json_object_set_new(answer->body, "next",
	                    count > 0 && count == limit ? json_hex_of(BYTES(chip.id))
	                                                : json_null());
	return ERR_NONE;
}

/* Why a chip was not approved or revoked, for people. */
static const char *decide_fault(enum err err, enum chip_state to)
{
	bool approve = to == CHIP_APPROVED;

	switch ((int)err) { /* int: the causes not named are one case */
	case ERR_NOT_FOUND:
		return approve ? "no chip waits for this card, or has this name"
		               : "no chip is approved for this card, or has this name";
	case ERR_MISMATCH:
		return "several chips are meant: take the name of one";
	case ERR_EXISTS:
		return "another chip is approved for this card; it would have to be revoked first";
	case ERR_ORDER:
		return approve ? "it is approved already" : "it is revoked already";
	default:
		return "chip";
	}
}

static enum err decide(struct admin *admin, const char *name, json_t *body, unsigned from,
                       enum chip_state to, const char *how, struct admin_answer *answer)
{
	struct bytes by = admin_text(body, "how");
	struct chip chip;

	enum err err = find(admin, name, from, &chip);
	answer->detail = decide_fault(err, to);
	TRY(err);
	if (by.len == 0)
		by = bytes_text(how);
	answer->detail = "how";
	if (by.len > 128)
		return ERR_LENGTH;
	err = store_chip_decide(admin->loop.store, chip.id, to, by, &chip);
	answer->detail = decide_fault(err, to);
	TRY(err);
	answer->body = chip_json(&chip);
	return ERR_NONE;
}

enum err admin_chip_approve(struct admin *admin, struct http_request *request, const char *rest,
                            json_t *body, struct admin_answer *answer)
{
	(void)request;
	return decide(admin, rest, body, 1u << CHIP_PENDING, CHIP_APPROVED, "by hand", answer);
}

enum err admin_chip_revoke(struct admin *admin, struct http_request *request, const char *rest,
                           json_t *body, struct admin_answer *answer)
{
	(void)request;
	return decide(admin, rest, body, 1u << CHIP_APPROVED, CHIP_REVOKED, "by hand", answer);
}

/* The members of a PSA root of trust, as text or octets; whether they are good the appraiser says. */
static enum err chip_told(json_t *body, struct room *key, struct room *instance,
                          uint8_t eid[static EID_SIZE], struct chip *out,
                          struct admin_answer *answer)
{
	const char *digits = json_string_value(json_object_get(body, "eid"));

	answer->detail = "format: only \"psa\" is added by hand, a TPM enrols itself";
	if (!bytes_same(admin_text(body, "format"), BYTES_STR("psa")))
		return ERR_VALUE;
	answer->detail = "eid: 32 digits";
	if (digits == NULL || admin_eid(digits, eid) != ERR_NONE)
		return ERR_VALUE;
	answer->detail = "key: a public key or a CoRIM, in Base64";
	if (base64_read(admin_text(body, "key"), key) != ERR_NONE)
		return ERR_VALUE;
	answer->detail = "instance: 33 octets in hexadecimal";
	if (hex_read(admin_text(body, "instance"), instance) != ERR_NONE)
		return ERR_VALUE;
	answer->detail = "imei: text, 15 digits";
	if (json_object_get(body, "imei") != NULL && admin_text(body, "imei").at == NULL)
		return ERR_VALUE;
	answer->detail = "how: at most 128 octets";
	*out = (struct chip){
		.eid = {eid, EID_SIZE},
		.how = admin_text(body, "how"),
		.key = room_used(key),
		.instance = room_used(instance),
		.imei = admin_text(body, "imei"),
		.model = admin_text(body, "model")
	};
	if (out->how.len == 0)
		out->how = BYTES_STR("by hand");
	return out->how.len > 128 ? ERR_LENGTH : ERR_NONE;
}

static enum err chip_add(struct admin *admin, const struct chip *chip, struct admin_answer *answer)
{
	static char says[ENROL_TEXT_MAX];
	struct enrol_added added;

	answer->detail = "appraiser";
	TRY(appraiser_enrol_psa(admin->loop.appraiser, chip, &added));
	snprintf(says, sizeof says, "%.*s", (int)added.says.len,
	         added.says.len > 0 ? (const char *)added.says.at : "");
	answer->detail = says;
	if (added.why == ERR_DENIED)
		answer->status = 409;
	TRY(added.why);
	answer->status = 201;
	answer->body = chip_json(&added.chip);
	return ERR_NONE;
}

enum err admin_chip_add(struct admin *admin, struct http_request *request, const char *rest,
                        json_t *body, struct admin_answer *answer)
{
	size_t len = admin_text(body, "key").len;
	uint8_t *store = malloc(len + 1), instance_octets[64], eid[EID_SIZE];
	struct room key = { store, len, 0, false }, instance = ROOM(instance_octets);
	struct chip chip;

	(void)request;
	(void)rest;
	if (store == NULL)
		return ERR_FULL;
	enum err err = chip_told(body, &key, &instance, eid, &chip, answer);
	if (err == ERR_NONE)
		err = chip_add(admin, &chip, answer);
	free(store);
	return err;
}

enum err admin_manifest(struct admin *admin, struct http_request *request, const char *rest,
                        json_t *body, struct admin_answer *answer)
{
	struct bytes text = admin_text(body, "manifest");
	uint8_t *store = malloc(text.len + 1);
	struct room room = { store, text.len, 0, false };
	uint64_t count = 0;
	enum err err = store == NULL ? ERR_FULL : ERR_NONE;

	(void)request;
	(void)rest;
	answer->detail = "manifest";
	if (err == ERR_NONE)
		err = text.at == NULL ? ERR_NOT_FOUND : base64_read(text, &room);
	if (err == ERR_NONE)
		err = appraiser_manifest(admin->loop.appraiser, room_used(&room), &count);
	free(store);
	if (err == ERR_NOT_FOUND || err == ERR_SIGNATURE)
		answer->status = err == ERR_SIGNATURE ? 403 : 400;
	if (err == ERR_SIGNATURE)
		answer->detail = "no supplier in force has signed it as a manifest";
	if (err == ERR_EXISTS)
		answer->detail = "a card in it is listed by another supplier";
	TRY(err);
	answer->body = json_pack("{s:I}", "machines", (json_int_t)count);
	return ERR_NONE;
}
