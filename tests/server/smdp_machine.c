/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/server/smdp_machine.h"

#include "tests/verifier/world.h"

char machine_asked_operator[64], machine_asked_imei[24];
enum purpose machine_asked_purpose;

static struct world w;
static struct verifier verifier;
static const char label[] = "assay provisioning v1";
static const char honest_imei[] = "490154203237518";

static void stop(const char *why)
{
	printf("Bail out! %s\n", why);
	exit(EXIT_FAILURE);
}

void machine_init(const uint8_t eid[static EID_SIZE], const char *policy)
{
	static uint8_t card[EID_SIZE];
	uint32_t line;

	verifier_clear(&verifier);
	if (verifier_init(&verifier, 2) != ERR_NONE ||
	    policy_read(bytes_text(policy), &verifier.policy, &line) != ERR_NONE)
		stop("verifier");
	verifier.accept_test_chips = true;
	world_init(&w, &verifier);
	memcpy(card, eid, sizeof card);
	w.enrolment.eid = BYTES(card);
	machine_boot(false);
	if (world_learn(&w) != ERR_NONE)
		stop("learning");
}

void machine_boot(bool strange)
{
	world_events(&w);
	if (strange) {
		w.event[w.events] = w.event[w.events - 2];
		snprintf(w.event[w.events].data, sizeof w.event[0].data, "rootkit");
		w.events++;
	}
	softtpm_restart(&w.tpm);
	world_write_log(&w, true);
}

void machine_extend(uint32_t pcr)
{
	static const uint8_t something[SHA256_SIZE] = { 7 };

	if (softtpm_extend(&w.tpm, pcr, something) != ERR_NONE)
		stop("extend");
}

static struct bytes put(struct bytes session, const uint8_t *eid, const char *imei,
                        enum machine_log log, struct room *bundle)
{
	static uint8_t digest[SHA256_SIZE];
	struct bytes whole = room_used(&w.log);

	if (equipment_claims_imei(&w.say, bytes_text(imei)) != ERR_NONE)
		stop("IMEI");
	w.claims = ROOM(w.claims_store);
	w.attest = ROOM(w.attest_store);
	w.signature = ROOM(w.signature_store);
	equipment_claims_put(&w.claims, &w.say);
	softtpm_tick(&w.tpm, 10);
	if (evidence_binding(BYTES_STR("assay provisioning v1"), session,
	                     (struct bytes){ eid, EID_SIZE }, room_used(&w.claims),
	                     w.nonce) != ERR_NONE ||
	    softtpm_quote(&w.tpm, 0x0295, BYTES(w.nonce), &w.attest, &w.signature) != ERR_NONE ||
	    crypto_sha256(digest, &whole, 1) != ERR_NONE)
		stop("quote");
	digest[0] ^= log == MACHINE_LOG_OTHER_DIGEST;
	w.evidence = (struct evidence){ .format = EVIDENCE_TPM,
		                        .claims = room_used(&w.claims),
		                        .attest = room_used(&w.attest),
		                        .signature = room_used(&w.signature) };
	if (log == MACHINE_LOG_WHOLE)
		w.evidence.log = whole;
	else
		w.evidence.log_digest = BYTES(digest);
	evidence_put(bundle, &w.evidence);
	return room_used(bundle);
}

struct bytes machine_show(struct bytes server_signed1, const uint8_t eid[static EID_SIZE],
                          const char *imei, enum machine_log log)
{
	static uint8_t store[2][2 * WORLD_LOG_MAX];
	static size_t turn;
	struct room bundle = ROOM(store[turn++ % 2]);

	return put(server_signed1, eid, imei != NULL ? imei : honest_imei, log, &bundle);
}

static void note(char *out, size_t cap, struct bytes text)
{
	snprintf(out, cap, "%.*s", (int)text.len, text.len > 0 ? (const char *)text.at : "");
}

enum err machine_judge(void *ctx, const struct shown *shown, struct appraise_answer *out)
{
	const struct appraisal appraisal = {
		.purpose = shown->purpose,
		.now = 1000,
		.evidence = shown->evidence,
		.digest_signed = true,
		.digest = shown->digest,
		.session_open = true,
		.label = {(const uint8_t *)label, sizeof label - 1},
		.session = shown->session,
		.eid = shown->eid,
		.device_imei = shown->device_imei,
		.enrolment = &w.enrolment,
	};
	struct appraisal_result *result = &w.result;

	(void)ctx;
	machine_asked_purpose = shown->purpose;
	note(machine_asked_operator, sizeof machine_asked_operator, shown->operator_name);
	note(machine_asked_imei, sizeof machine_asked_imei, shown->device_imei);
	verifier_appraise(&verifier, &appraisal, result);
	if (result->remember) {
		w.enrolment.seen = true;
		w.enrolment.clock = result->clock;
	}
	*out = (struct appraise_answer){ .decision = result->decision,
		                         .expires_s = (uint64_t)result->expires };
	memset(out->permit, 0x50 + (int)result->decision, sizeof out->permit);
	for (size_t i = 0; i < result->findings.count; i++)
		out->wants_log |= result->findings.at[i].cause == FINDING_LOG_UNKNOWN;
	if (result->findings.count > 0)
		finding_line(&result->findings.at[0], out->why, sizeof out->why);
	return ERR_NONE;
}
