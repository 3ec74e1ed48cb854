/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One machine with a software root of trust, its boot log, its card's name, and a verifier that has
 * learned it. An attack is a function that is called at every stage and changes what it wants to.
 * For tests alone.
 */
#ifndef TESTS_VERIFIER_WORLD_H
#define TESTS_VERIFIER_WORLD_H

#include "softtpm/softtpm.h"
#include "tests/eventlog.h"
#include "verifier/appraise.h"
#include "verifier/learn.h"

enum stage {
	STAGE_BOOT,   /* events can be changed before they are measured and logged */
	STAGE_LOG,    /* the log can be changed after the machine booted with it */
	STAGE_QUOTE,  /* PCR mask and nonce can be changed before the chip signs */
	STAGE_BUNDLE, /* evidence can be changed before it is put together */
	STAGE_SENT,   /* the octets, the session and what is known can be changed */
};

enum { WORLD_EVENTS = 12, WORLD_LOG_MAX = 4096 };

struct world {
	struct softtpm tpm;
	struct {
		uint32_t pcr, type;
		char data[32];
	} event[WORLD_EVENTS];
	size_t events;
	uint8_t log_store[WORLD_LOG_MAX];
	struct room log;
	uint32_t mask;
	uint8_t nonce[BINDING_SIZE], claims_store[128], attest_store[TPM_ATTEST_MAX];
	uint8_t signature_store[TPM_SIGNATURE_MAX], bundle_store[2 * WORLD_LOG_MAX],
		public_store[128];
	uint8_t digest[32];
	struct room claims, attest, signature, bundle, public;
	struct equipment_claims say;
	struct evidence evidence;
	struct enrolment enrolment;
	struct appraisal appraisal;
	struct appraisal_result result;
	struct verifier *verifier;
};

typedef void attack_fn(struct world *world, enum stage stage);

UNUSED static const char world_policy[] =
	"assay-policy 1\nname \"test/1\"\n"
	"purpose management\nformats tpm psa statement\nbanks sha256\npcrs 0 2 4 7 9\n"
	"max-age 3600\npairing enforce\n"
	"purpose access\nformats tpm\nbanks sha256\npcrs 0 2 4 7 9\npairing observe\n"
	"max-age 60\nrestrict event-changed event-unexpected\nadmit imei\n";

#define WORLD_IMEI "490154203237518"

static const uint8_t world_eid[16] = { 0x89, 0x04, 0x90, 0x32, [15] = 0x66 }; /* with its check digits */

/* Logs an event, and measures it too when asked. */
static void world_event(struct world *w, size_t i, bool measure)
{
	struct bytes data = bytes_text(w->event[i].data);
	uint8_t digest[ATTEST_HASH_MAX];

	put_event(&w->log, w->event[i].pcr, w->event[i].type, TPM_ALG_SHA256, data);
	if (measure && attest_digest(ATTEST_SHA256, digest, &data, 1) == ERR_NONE)
		(void)!softtpm_extend(&w->tpm, w->event[i].pcr, digest);
}

static void world_write_log(struct world *w, bool measure)
{
	w->log = ROOM(w->log_store);
	put_header(&w->log, SHA256_SIZE);
	for (size_t i = 0; i < w->events; i++)
		world_event(w, i, measure);
}

static void world_events(struct world *w)
{
	static const struct {
		uint32_t pcr, type;
		const char *data;
	} boot[] = {
		{ 0, EV_S_CRTM_VERSION, "crtm 1" },
		{ 0, EV_POST_CODE, "firmware 7" },
		{ 2, 0x80000004, "option rom" },
		{ 7, 0x80000001, "SecureBoot=1" },
		{ 7, 0x80000001, "db" },
		{ 0, EV_SEPARATOR, "----" },
		{ 2, EV_SEPARATOR, "----" },
		{ 7, EV_SEPARATOR, "----" },
		{ 4, 0x80000003, "boot loader" },
		{ 4, 0x80000003, "kernel" },
		{ 4, EV_SEPARATOR, "----" },
	};

	w->events = COUNT(boot);
	for (size_t i = 0; i < COUNT(boot); i++) {
		w->event[i].pcr = boot[i].pcr;
		w->event[i].type = boot[i].type;
		snprintf(w->event[i].data, sizeof w->event[i].data, "%s", boot[i].data);
	}
}

static void world_init(struct world *w, struct verifier *verifier)
{
	memset(w, 0, sizeof *w);
	w->verifier = verifier;
	(void)!softtpm_init(&w->tpm);
	w->public = ROOM(w->public_store);
	softtpm_public(&w->tpm, &w->public);
	w->say = (struct equipment_claims){ WORLD_IMEI, BYTES_STR("M1"), BYTES_STR("1.0") };
	w->enrolment = (struct enrolment){
		.format = EVIDENCE_TPM,
		.key = room_used(&w->public),
		.eid = BYTES(world_eid),
		.imei = BYTES_STR(WORLD_IMEI),
		.model = w->say.model,
		.test = true,
	};
	world_events(w);
}

static void world_binding(struct world *w)
{
	w->claims = ROOM(w->claims_store);
	equipment_claims_put(&w->claims, &w->say);
	(void)!evidence_binding(BYTES_STR("test"), BYTES_STR("session 1"), BYTES(world_eid),
	                        room_used(&w->claims), w->nonce);
}

static enum err world_sign(void *ctx, struct bytes message,
                           uint8_t signature[static EC_SIGNATURE_SIZE])
{
	const struct world *w = ctx;

	return crypto_ecdsa_sign(EC_P256, &w->tpm.scalar, &message, 1, signature);
}

/* The machine states what `say` has, checked against the set with that digest, instead of quoting. */
UNUSED static void world_state(struct world *w, struct statement *say,
                               const uint8_t digest[static STATEMENT_SHORT])
{
	static uint8_t store[512];
	struct room out = ROOM(store);

	say->clock = w->tpm.clock;
	say->reference = (struct bytes){ digest, STATEMENT_SHORT };
	(void)!statement_put(&out, &(struct cose_signer){ w, world_sign }, BYTES(w->nonce), say);
	w->evidence = (struct evidence){ .format = EVIDENCE_STATEMENT,
		                         .claims = w->evidence.claims,
		                         .token = room_used(&out) };
}

/* The machine restarts, quotes and sends; the verifier appraises. */
UNUSED static enum decision world_run(struct world *w, attack_fn *attack)
{
	attack_fn *at = attack;

	world_events(w);
	if (at)
		at(w, STAGE_BOOT);
	softtpm_restart(&w->tpm);
	softtpm_tick(&w->tpm, 1000);
	world_write_log(w, true);
	if (at)
		at(w, STAGE_LOG);
	w->mask = 0x0295; /* 0, 2, 4, 7, 9 */
	world_binding(w);
	if (at)
		at(w, STAGE_QUOTE);
	w->attest = ROOM(w->attest_store);
	w->signature = ROOM(w->signature_store);
	(void)!softtpm_quote(&w->tpm, w->mask, BYTES(w->nonce), &w->attest, &w->signature);
	w->evidence = (struct evidence){ .format = EVIDENCE_TPM,
		                         .claims = room_used(&w->claims),
		                         .attest = room_used(&w->attest),
		                         .signature = room_used(&w->signature),
		                         .log = room_used(&w->log) };
	if (at)
		at(w, STAGE_BUNDLE);
	w->bundle = ROOM(w->bundle_store);
	evidence_put(&w->bundle, &w->evidence);
	struct bytes sent = room_used(&w->bundle);
	(void)!crypto_sha256(w->digest, &sent, 1);
	w->appraisal = (struct appraisal){
		.purpose = PURPOSE_MANAGEMENT,
		.now = 1000,
		.evidence = sent,
		.digest_signed = true,
		.digest = BYTES(w->digest),
		.session_open = true,
		.label = BYTES_STR("test"),
		.session = BYTES_STR("session 1"),
		.eid = BYTES(world_eid),
		.enrolment = &w->enrolment,
	};
	if (at)
		at(w, STAGE_SENT);
	verifier_appraise(w->verifier, &w->appraisal, &w->result);
	return w->result.decision;
}

/* Reference values learned from this machine as it booted last. */
UNUSED static enum err world_learn(struct world *w)
{
	static uint8_t store[1 << 16];
	struct room text = ROOM(store);
	uint32_t line;
	const struct learn learn = { .model = w->say.model,
		                     .firmware = w->say.firmware,
		                     .bank = ATTEST_SHA256,
		                     .pcrs = 0x0295,
		                     .log = room_used(&w->log) };

	TRY(learn_put(&text, &learn));
	return references_add_text(&w->verifier->references, room_used(&text), &line);
}

#endif
