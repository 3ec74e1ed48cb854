/* SPDX-License-Identifier: Apache-2.0 */
/* The requests of enrolment: a challenge, its proof, a supplier's list. */
#include "appraiser/appraiser_work.h"

#include "codec/hex.h"
#include "evidence/manifest.h"
#include "server/log.h"
#include "server/pack.h"

#include <stdio.h>
#include <string.h>

enum { BODY_SIZE_MAX = 8 << 10, HOW_MAX = 256, DETAIL_SIZE = 512 };

/* --- what is believed ------------------------------------------------------------------------- */

/* A root that cannot be read is said and left out: it can only make fewer chips believed. */
static enum err take_root(void *ctx, const struct item *item)
{
	if (item->kind != ITEM_ROOT && item->kind != ITEM_TEST_ROOT)
		return ERR_NONE;
	enum err err = ek_roots_add(ctx, item->body,
	                            item->kind == ITEM_TEST_ROOT ? EK_TEST_ANCHOR : EK_ANCHOR);
	if (err != ERR_NONE && err != ERR_EXISTS)
		log_error("root \"%.*s\": %s", (int)item->name.len, (const char *)item->name.at,
		          err_text(err));
	return ERR_NONE;
}

static enum err refresh_roots(struct appraiser_state *state, uint64_t generation)
{
	struct enrol_state *enrol = &state->enrol;

	if (enrol->roots != NULL && enrol->generation == generation)
		return ERR_NONE;
	ek_roots_free(enrol->roots);
	enrol->generation = 0;
	enrol->roots = ek_roots_new();
	if (enrol->roots == NULL)
		return ERR_FULL;
	TRY(appraiser_each_item(state, take_root, enrol->roots));
	enrol->generation = generation;
	return ERR_NONE;
}

/* holder loads who has the card, if anybody. */
static enum err holder(struct appraiser_state *state, struct bytes eid, uint64_t *generation,
                       struct chip *out, bool *held)
{
	enum err err = state->ports.chip_load(state->ports.ctx, eid, generation, out);

	*held = err == ERR_NONE;
	return err == ERR_NOT_FOUND ? ERR_NONE : err;
}

/* --- refusals --------------------------------------------------------------------------------- */

static enum err refusal_line(struct appraiser_state *state, struct bytes eid, struct bytes detail)
{
	const struct audit line = { .event = BYTES_STR("enrolment.refused"),
		                    .eid = eid,
		                    .detail = detail };
	const struct chip_change change = { .audit = &line };

	return state->ports.commit(state->ports.ctx, &change);
}

static void refusals_told(struct appraiser_state *state, struct refusals *refusals, uint64_t now_s)
{
	struct refusal counted;
	char text[DETAIL_SIZE];

	while (refusals_over(refusals, now_s, &counted)) {
		snprintf(text, sizeof text, "%s%s%llu %s within the hour", counted.reason,
		         counted.reason[0] == '\0' ? "" : ": ", (unsigned long long)counted.more,
		         counted.reason[0] == '\0' ? "of other cards or for other reasons"
		                                   : "more");
		enum err err = refusal_line(state, (struct bytes){ counted.eid, counted.eid_len },
		                            bytes_text(text));
		if (err != ERR_NONE)
			log_error("enrolment.refused: %s: %s", text, err_text(err));
	}
}

/* refused puts a refusal on record, within bounds. `ek` is the digest of an endorsement key whose maker is trusted, empty
 * for whoever showed none. The refusal stands, whether it can be recorded or not. */
static void refused(struct appraiser_state *state, const struct enrol_refusal *refusal,
                    struct bytes eid, struct bytes ek)
{
	struct refusals *refusals =
		ek.len > 0 ? &state->enrol.of_chips : &state->enrol.of_strangers;
	uint64_t now_s = state->ports.now_s(state->ports.ctx);
	uint8_t octets[DETAIL_SIZE];
	struct room detail = ROOM(octets);

	refusals_told(state, &state->enrol.of_chips, now_s);
	refusals_told(state, &state->enrol.of_strangers, now_s);
	if (!refusals_note(refusals, now_s, eid, refusal->reason))
		return;
	log_info("enrolment refused: %s", refusal->text);
	room_put(&detail, bytes_text(refusal->reason));
	room_put(&detail, BYTES_STR(": "));
	room_put(&detail, bytes_text(refusal->text));
	if (ek.len > 0) {
		room_put(&detail, BYTES_STR(", endorsement key "));
		hex_put(&detail, ek);
	}
	enum err err = refusal_line(state, eid, room_used(&detail));
	if (err != ERR_NONE)
		log_error("enrolment.refused: %s", err_text(err));
}

/* --- begin ------------------------------------------------------------------------------------ */

static enum err chip_of(const struct enrol_begin *begin, const struct enrol_checked *checked,
                        struct chip *out)
{
	uint8_t digest[SHA256_SIZE];

	*out = (struct chip){ .format = EVIDENCE_TPM,
		              .state = CHIP_PENDING,
		              .test = checked->test,
		              .eid = begin->eid,
		              .key = begin->ak_public,
		              .ek_digest = BYTES(checked->ek_digest),
		              .imei = begin->imei,
		              .model = begin->model };
	if (checked->has_pairing_key)
		out->pairing_key = BYTES(checked->pairing_key);
	TRY(crypto_sha256(digest, &begin->ak_public, 1));
	memcpy(out->id, digest, sizeof out->id);
	return ERR_NONE;
}

/* The challenge as the store keeps it: what the right proof would be, hashed, and the chip it would enrol. */
static enum err keep(struct appraiser_state *state, const struct enrol_begin *begin,
                     const struct enrol_checked *checked, const struct secret *secret,
                     struct bytes id)
{
	uint8_t proof[SHA256_SIZE], digest[SHA256_SIZE], octets[BODY_SIZE_MAX];
	const struct bytes part = BYTES(proof);
	struct room body = ROOM(octets);
	struct chip chip;

	TRY(chip_of(begin, checked, &chip));
	TRY(enrol_proof(secret, begin->eid, begin->ak_public, begin->imei, begin->model, proof));
	TRY(crypto_sha256(digest, &part, 1));
	wipe(proof, sizeof proof);
	room_put(&body, BYTES(digest));
	pack_chip(&body, &chip);
	if (body.full)
		return ERR_LIMIT;
	return state->enrol.ports.challenge_add(state->ports.ctx, id,
	                                        state->ports.now_s(state->ports.ctx) + ENROL_LIFE_S,
	                                        room_used(&body));
}

static enum err challenge(struct appraiser_state *state, const struct enrol_begin *begin,
                          const struct enrol_checked *checked, struct enrol_challenge *out,
                          struct room *credential, struct room *encrypted)
{
	uint8_t name_octets[TPM_NAME_MAX];
	struct room name = ROOM(name_octets);
	SECRET secret = { .len = ENROL_SECRET_SIZE };

	TRY(crypto_random(secret.at, secret.len));
	TRY(crypto_random(out->id, sizeof out->id));
	TRY(tpm_name(begin->ak_public, &name));
	enum err err =
		tpm_make_credential(&checked->ek, room_used(&name),
	                            (struct bytes){ secret.at, secret.len }, credential, encrypted);
	if (err != ERR_NONE) { /* a key that was certified, and is none for this */
		snprintf(out->refused.reason, sizeof out->refused.reason, "ek-template");
		snprintf(out->refused.text, sizeof out->refused.text,
		         "no credential can be made for the endorsement key: %s", err_text(err));
		return ERR_DENIED;
	}
	out->credential = room_used(credential);
	out->secret = room_used(encrypted);
	return keep(state, begin, checked, &secret, BYTES(out->id));
}

enum err appraiser_do_enrol_begin(struct appraiser_state *state, struct bytes in, struct room *out)
{
	uint8_t object[CREDENTIAL_OBJECT_MAX], seed[CREDENTIAL_ENCRYPTED_MAX];
	struct room credential = ROOM(object), encrypted = ROOM(seed);
	struct enrol_challenge answer = {
		.credential = {NULL, 0}
	};
	struct enrol_checked checked;
	struct enrol_begin begin;
	struct chip other;
	uint64_t generation = 0;
	bool held;

	TRY(enrol_begin_read(in, &begin));
	TRY(holder(state, begin.eid, &generation, &other, &held));
	TRY(refresh_roots(state, generation));
	enum err err = enrol_check(&begin, state->enrol.roots, state->enrol.test_chips,
	                           (int64_t)state->ports.now_s(state->ports.ctx), &checked,
	                           &answer.refused);
	if (err == ERR_NONE)
		err = challenge(state, &begin, &checked, &answer, &credential, &encrypted);
	if (err == ERR_DENIED)
		refused(state, &answer.refused, begin.eid,
		        checked.endorsed ? BYTES(checked.ek_digest) : (struct bytes){ NULL, 0 });
	else
		TRY(err);
	enrol_challenge_put(out, &answer);
	return ERR_NONE;
}

/* --- prove ------------------------------------------------------------------------------------ */

static enum err refuse(struct enrol_outcome *outcome, const char *reason, const char *text)
{
	snprintf(outcome->refused.reason, sizeof outcome->refused.reason, "%s", reason);
	snprintf(outcome->refused.text, sizeof outcome->refused.text, "%s", text);
	return ERR_DENIED;
}

/* What a chip is known by already stays: enrolling again must not make its old evidence new. */
static void carry_over(const struct chip *before, struct chip *chip)
{
	chip->version = before->version;
	chip->firmware = before->firmware;
	chip->seen = before->seen;
	chip->clock = before->clock;
	chip->ima = before->ima;
	chip->ima_reset = before->ima_reset;
	chip->ima_generation = before->ima_generation;
	if (chip->pairing_key.len == 0)
		chip->pairing_key = before->pairing_key;
}

static bool same_machine(const struct chip *a, const struct chip *b)
{
	return bytes_same(a->eid, b->eid) && bytes_same(a->imei, b->imei) &&
	       bytes_same(a->model, b->model) && bytes_same(a->ek_digest, b->ek_digest);
}

/* A machine that asks whether it is approved by now is no news. */
static bool unchanged(const struct chip *before, const struct chip *chip)
{
	return before->state == chip->state && same_machine(before, chip) &&
	       before->test == chip->test && bytes_same(before->how, chip->how) &&
	       bytes_same(before->pairing_key, chip->pairing_key);
}

/* settle gives a chip that has proved itself its state; `before` is what was known of it, if anything. */
static enum err settle(struct appraiser_state *state, const struct chip *before, struct chip *chip,
                       struct room *how, struct enrol_outcome *outcome)
{
	struct listed listed;
	struct chip other;
	uint64_t generation;
	bool held;
	enum err err;

	if (before != NULL && before->state == CHIP_REVOKED)
		return refuse(outcome, "revoked", "this chip has been revoked");
	if (before != NULL)
		carry_over(before, chip);
	if (before != NULL && before->state == CHIP_APPROVED && same_machine(before, chip)) {
		chip->state = CHIP_APPROVED;
		room_put(how, before->how);
		return ERR_NONE;
	}
	TRY(holder(state, chip->eid, &generation, &other, &held));
	if (held && memcmp(other.id, chip->id, CHIP_ID_SIZE) != 0) {
		room_put(how, other.state == CHIP_REVOKED
		                      ? BYTES_STR("a chip with this card was revoked")
		                      : BYTES_STR("another chip is approved for this card"));
		return ERR_NONE;
	}
	err = state->enrol.ports.listed(state->ports.ctx, chip->eid, &listed);
	if (err != ERR_NONE && err != ERR_NOT_FOUND)
		return err;
	if (enrol_listed(chip, err == ERR_NONE ? &listed : NULL, how))
		chip->state = CHIP_APPROVED;
	return ERR_NONE;
}

static enum err enrol(struct appraiser_state *state, const struct chip *chip,
                      struct enrol_outcome *outcome)
{
	uint8_t octets[DETAIL_SIZE];
	struct room detail = ROOM(octets);
	struct audit line = { .event = BYTES_STR("chip.enrolled"), .eid = chip->eid };
	const struct chip_change change = { .chip = chip, .audit = &line };

	room_put(&detail, chip->state == CHIP_APPROVED ? BYTES_STR("approved, chip ")
	                                               : BYTES_STR("pending, chip "));
	hex_put(&detail, BYTES(chip->id));
	room_put(&detail, BYTES_STR(", endorsement key "));
	hex_put(&detail, chip->ek_digest);
	room_put(&detail, BYTES_STR(", "));
	room_put(&detail, chip->how);
	line.detail = room_used(&detail);
	enum err err = state->ports.commit(state->ports.ctx, &change);
	return err != ERR_DENIED ? err
	                         : refuse(outcome, "too-many-claims",
	                                  "too many chips wait for approval for this card, or this "
	                                  "chip waits for too many cards");
}

/* `chip` is what the challenge was for; empty when there was none. */
static enum err prove(struct appraiser_state *state, const struct enrol_prove *request,
                      struct chip *chip, struct room *how, struct enrol_outcome *outcome)
{
	uint8_t digest[SHA256_SIZE];
	struct bytes body, expected;
	struct chip before;
	enum err err = state->enrol.ports.challenge_take(
		state->ports.ctx, request->id, state->ports.now_s(state->ports.ctx), &body);

	*chip = (struct chip){ .state = CHIP_PENDING };
	if (err == ERR_NOT_FOUND)
		return refuse(outcome, "no-challenge",
		              "there is no such challenge, or it was used or is too old");
	TRY(err);
	if (!bytes_take(&body, sizeof digest, &expected))
		return ERR_CORRUPT;
	TRY(unpack_chip(&body, chip));
	TRY(crypto_sha256(digest, &request->proof, 1));
	if (!secret_same(expected, BYTES(digest)))
		return refuse(outcome, "proof",
		              "attestation key and endorsement key are not in the same chip");
	err = state->enrol.ports.chip_by_id(state->ports.ctx, BYTES(chip->id), &before);
	if (err != ERR_NONE && err != ERR_NOT_FOUND)
		return err;
	bool known = err == ERR_NONE;
	TRY(settle(state, known ? &before : NULL, chip, how, outcome));
	chip->how = room_used(how);
	if (!known || !unchanged(&before, chip))
		TRY(enrol(state, chip, outcome));
	memcpy(outcome->chip, chip->id, sizeof outcome->chip);
	outcome->state = chip->state;
	outcome->how = chip->how;
	return ERR_NONE;
}

enum err appraiser_do_enrol_prove(struct appraiser_state *state, struct bytes in, struct room *out)
{
	uint8_t octets[HOW_MAX];
	struct room how = ROOM(octets);
	struct enrol_outcome outcome = { .state = CHIP_PENDING };
	struct enrol_prove request;
	struct chip chip;

	TRY(enrol_prove_read(in, &request));
	enum err err = prove(state, &request, &chip, &how, &outcome);
	if (err == ERR_DENIED)
		refused(state, &outcome.refused, chip.eid, chip.ek_digest);
	else
		TRY(err);
	enrol_outcome_put(out, &outcome);
	return ERR_NONE;
}

/* --- suppliers -------------------------------------------------------------------------------- */

struct search {
	struct appraiser_state *state;
	struct bytes octets;
	struct manifest manifest;
	uint8_t supplier[MANIFEST_TEXT_MAX];
	size_t supplier_len;
	bool found;
};

/* The first supplier whose key has signed it. The name is copied: items are read in parts. */
static enum err try_supplier(void *ctx, const struct item *item)
{
	struct search *search = ctx;
	const uint8_t *point = appraiser_supplier(item);

	if (search->found || point == NULL)
		return ERR_NONE;
	enum err err = manifest_read(search->octets, point, &search->manifest);
	if (err == ERR_SIGNATURE)
		return ERR_NONE;
	TRY(err);
	search->supplier_len =
		item->name.len < sizeof search->supplier ? item->name.len : sizeof search->supplier;
	if (search->supplier_len > 0)
		memcpy(search->supplier, item->name.at, search->supplier_len);
	search->found = true;
	return ERR_NONE;
}

enum err appraiser_do_manifest(struct appraiser_state *state, struct bytes in, struct room *out)
{
	struct search search = { .state = state, .octets = in };
	uint8_t digest[SHA256_SIZE];

	TRY(appraiser_each_item(state, try_supplier, &search));
	if (!search.found)
		return ERR_SIGNATURE;
	TRY(crypto_sha256(digest, &in, 1));
	TRY(state->enrol.ports.manifest_add(state->ports.ctx,
	                                    (struct bytes){ search.supplier, search.supplier_len },
	                                    search.manifest.batch, BYTES(digest),
	                                    search.manifest.count, search.manifest.entries));
	room_put_u64(out, search.manifest.count);
	return ERR_NONE;
}
