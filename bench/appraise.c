/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Appraisals a second on one core, against a bare ECDSA verification in the same run: a quote with
 * told PCR values alone, a quote with the recorded 105-event log known from before (sent whole, or
 * named by its digest) or replayed every time, semi-autonomous statements, and a PSA token. Prints rates,
 * ratios to bare, and the octets of each form. Needs the shared vectors ($ASSAY_SHARED).
 */
#include "bench/bench.h"

#include "evidence/eventlog.h"
#include "evidence/statement.h"
#include "port/crypto.h"
#include "softtpm/softtpm.h"
#include "tests/tap.h"
#include "verifier/appraise.h"
#include "verifier/learn.h"

#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>

enum form { FORM_VALUES, FORM_LOG, FORM_DIGEST, FORM_STATEMENT, FORM_DEVIATION, FORM_TOKEN };

static const uint8_t eid[16] = { 0x89 };
static const char policy[] =
	"assay-policy 1\nname bench\npurpose access\nformats tpm psa statement\nbanks sha256\n"
	"pcrs 0 1 2 3 4 5 6 7 8 9 14\npairing enforce\nmax-age 60\n"
	"admit deviation\n"; /* so that what is measured is one decision */
enum { MASK = 0x43FF }; /* the PCRs of the recording */

static void must(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "bench/appraise: %s\n", what);
	exit(EXIT_FAILURE);
}

#define D32 "0000000000000000000000000000000000000000000000000000000000000000"

/* One machine in one session, its evidence in one form, ready to be appraised again and again. */
struct scene {
	struct verifier verifier;
	uint8_t public_store[128], digest[SHA256_SIZE];
	struct enrolment enrolment;
	struct appraisal appraisal;
	uint8_t bundle_store[1 << 16];
	size_t evidence_len;
	uint8_t point[EC_POINT_SIZE];
};

static const uint8_t psa_instance[PSA_INSTANCE_SIZE] = { 1 };

/* The chip of the recording quoted another nonce, so a software chip with the same PCRs quotes over
 * the binding. */
static void boot(struct softtpm *tpm, struct bytes log_bytes)
{
	struct eventlog log;
	struct event event;
	struct bytes digest;

	must(softtpm_init(tpm) == ERR_NONE && eventlog_open(log_bytes, &log) == ERR_NONE,
	     "the log opens");
	while (!eventlog_done(&log)) {
		must(eventlog_next(&log, &event) == ERR_NONE, "the log reads");
		if (event.type != EV_NO_ACTION)
			must(event_digest(&event, ATTEST_SHA256, &digest) == ERR_NONE &&
			             softtpm_extend(tpm, event.pcr, digest.at) == ERR_NONE,
			     "the log is measured");
	}
}

static void learn(struct scene *scene, enum form form, const struct softtpm *tpm, struct bytes log)
{
	static uint8_t store[1 << 16];
	struct room text = ROOM(store);
	uint32_t line;

	if (form == FORM_TOKEN) {
		room_put(&text, BYTES_STR("assay-reference 1\nmodel M\nfirmware 1\n"
		                          "component BL " D32 " " D32 "\n"
		                          "component PRoT " D32 " " D32 "\n"));
	} else if (form != FORM_VALUES) {
		const struct learn machine = { .model = BYTES_STR("M"),
			                       .firmware = BYTES_STR("1"),
			                       .bank = ATTEST_SHA256,
			                       .pcrs = MASK,
			                       .log = log };
		must(learn_put(&text, &machine) == ERR_NONE, "learning");
	} else {
		room_put(&text, BYTES_STR("assay-reference 1\nmodel M\nfirmware 1\nbank sha256\n"));
		for (unsigned n = 0; n < TPM_PCRS; n++) {
			char row[100];
			int len = snprintf(row, sizeof row, "pcr %u ", n);
			for (int i = 0; i < 32; i++)
				len += snprintf(row + len, sizeof row - (size_t)len, "%02x",
				                tpm->bank.value[n][i]);
			row[len++] = '\n';
			room_put(&text, (struct bytes){ (uint8_t *)row, (size_t)len });
		}
	}
	must(references_add_text(&scene->verifier.references, room_used(&text), &line) == ERR_NONE,
	     "reference");
}

static enum err sign(void *ctx, struct bytes message, uint8_t signature[static EC_SIGNATURE_SIZE])
{
	return crypto_ecdsa_sign(EC_P256, ctx, &message, 1, signature);
}

static void put_statement(struct scene *scene, enum form form, struct softtpm *tpm,
                          struct bytes binding, struct room *out)
{
	struct statement say = {
		.reference = {scene->verifier.references.sets[0].digest, STATEMENT_SHORT },
		.clock = tpm->clock,
		.deviation = { { 4, 17, { 1 } }                                       },
		.deviations = form == FORM_DEVIATION,
	};
	must(statement_put(out, &(struct cose_signer){ &tpm->scalar, sign }, binding, &say) ==
	             ERR_NONE,
	     "statement");
}

/* RFC 9783, two components. */
static void put_token(const struct softtpm *tpm, struct bytes binding, struct room *out)
{
	static const uint8_t digest[32];
	const struct psa_component component = { .value = BYTES(digest), .signer = BYTES(digest) };
	struct psa_claims say = {
		.nonce = binding,
		.instance = BYTES(psa_instance),
		.implementation = BYTES(digest),
		.client = 1,
		.lifecycle = 0x3000,
		.component = {component, component},
		.components = 2
	};
	const struct bytes none = { NULL, 0 };
	uint8_t store[512];
	struct room payload = ROOM(store);

	say.component[0].type = BYTES_STR("BL");
	say.component[1].type = BYTES_STR("PRoT");
	psa_claims_put(&payload, &say);
	must(!payload.full &&
	             cose_sign1_put(out, &tpm->scalar, none, none, room_used(&payload)) == ERR_NONE,
	     "token");
}

static enum evidence_format format_of(enum form form)
{
	return form == FORM_TOKEN                                 ? EVIDENCE_PSA
	       : form == FORM_STATEMENT || form == FORM_DEVIATION ? EVIDENCE_STATEMENT
	                                                          : EVIDENCE_TPM;
}

static void put_evidence(struct scene *scene, enum form form, struct softtpm *tpm, struct bytes log)
{
	static uint8_t claims_store[64], attest_store[512], sig_store[256], token_store[512],
		log_digest[32];
	struct room claims = ROOM(claims_store), attest = ROOM(attest_store), sig = ROOM(sig_store);
	struct room token = ROOM(token_store), bundle = ROOM(scene->bundle_store);
	const struct equipment_claims say = { "490154203237518", BYTES_STR("M"),
		                              BYTES_STR("1") };
	uint8_t binding[BINDING_SIZE];
	struct evidence e = { .format = format_of(form) };

	equipment_claims_put(&claims, &say);
	e.claims = room_used(&claims);
	must(evidence_binding(BYTES_STR("bench"), BYTES_STR("session"), BYTES(eid), e.claims,
	                      binding) == ERR_NONE,
	     "binding");
	if (e.format == EVIDENCE_STATEMENT)
		put_statement(scene, form, tpm, BYTES(binding), &token);
	else if (e.format == EVIDENCE_PSA)
		put_token(tpm, BYTES(binding), &token);
	if (e.format != EVIDENCE_TPM) {
		e.token = room_used(&token);
	} else {
		must(softtpm_quote(tpm, MASK, BYTES(binding), &attest, &sig) == ERR_NONE, "quote");
		e.attest = room_used(&attest);
		e.signature = room_used(&sig);
	}
	if (form == FORM_LOG)
		e.log = log;
	if (form == FORM_DIGEST) {
		must(crypto_sha256(log_digest, &log, 1) == ERR_NONE, "digest");
		e.log_digest = BYTES(log_digest);
	}
	for (unsigned n = 0; n < TPM_PCRS && form == FORM_VALUES; n++) {
		if (!(MASK >> n & 1))
			continue;
		e.pcr.known |= 1u << n;
		e.pcr.value[n] = (struct bytes){ tpm->bank.value[n], 32 };
	}
	evidence_put(&bundle, &e);
	must(!bundle.full, "bundle");
	scene->appraisal.evidence = room_used(&bundle);
	scene->evidence_len = bundle.len;
}

static struct scene *scene_new(enum form form, struct bytes log, size_t cached)
{
	struct scene *scene = calloc(1, sizeof *scene);
	struct softtpm tpm;
	uint32_t line;

	must(scene != NULL && verifier_init(&scene->verifier, cached) == ERR_NONE, "verifier");
	scene->verifier.accept_test_chips = true;
	must(policy_read((struct bytes){ (const uint8_t *)policy, sizeof policy - 1 },
	                 &scene->verifier.policy, &line) == ERR_NONE,
	     "policy");
	boot(&tpm, log);
	learn(scene, form, &tpm, log);
	struct room public = ROOM(scene->public_store);
	softtpm_public(&tpm, &public);
	scene->enrolment = (struct enrolment){
		.format = EVIDENCE_TPM, .key = room_used(&public), .eid = BYTES(eid), .test = true
	};
	put_evidence(scene, FORM_LOG, &tpm, log);
	scene->appraisal.purpose = PURPOSE_ACCESS;
	scene->appraisal.session_open = true;
	scene->appraisal.label = BYTES_STR("bench");
	scene->appraisal.session = BYTES_STR("session");
	scene->appraisal.eid = BYTES(eid);
	scene->appraisal.enrolment = &scene->enrolment;
	struct appraisal_result result;
	verifier_appraise(&scene->verifier, &scene->appraisal,
	                  &result); /* a log is known from here on */
	if (form == FORM_TOKEN) {
		memcpy(scene->point, tpm.point, sizeof scene->point);
		scene->enrolment.format = EVIDENCE_PSA;
		scene->enrolment.key = BYTES(scene->point);
		scene->enrolment.instance = BYTES(psa_instance);
	}
	put_evidence(scene, form, &tpm, log);
	must(crypto_sha256(scene->digest, &scene->appraisal.evidence, 1) == ERR_NONE, "digest");
	scene->appraisal.digest = BYTES(scene->digest);
	verifier_appraise(&scene->verifier, &scene->appraisal, &result);
	if (result.decision != ADMIT) {
		char text[2048];
		appraisal_explain(&result, text, sizeof text);
		must(false, text);
	}
	return scene;
}

static void run(void *ctx)
{
	struct scene *scene = ctx;
	struct appraisal_result result;

	verifier_appraise(&scene->verifier, &scene->appraisal, &result);
	must(result.decision == ADMIT, "admitted");
}

struct bare {
	EVP_PKEY_CTX *context;
	uint8_t digest[32], signature[80];
	size_t len;
};

static void run_bare(void *ctx)
{
	struct bare *bare = ctx;

	must(EVP_PKEY_verify(bare->context, bare->signature, bare->len, bare->digest, 32) == 1,
	     "verifies");
}

/* The floor: a key object made beforehand, a digest already there. */
static void bare_init(struct bare *bare)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	EVP_PKEY_CTX *sign = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);

	bare->len = sizeof bare->signature;
	must(EVP_PKEY_sign_init(sign) == 1 &&
	             EVP_PKEY_sign(sign, bare->signature, &bare->len, bare->digest, 32) == 1,
	     "signs");
	bare->context = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
	must(EVP_PKEY_verify_init(bare->context) == 1, "verifies");
	EVP_PKEY_CTX_free(sign);
	EVP_PKEY_free(key);
}

int main(void)
{
	static const struct {
		const char *says;
		enum form form;
		size_t cached;
		bool card;
	} rows[] = {
		{"quote alone, PCR values told",                 FORM_VALUES,    8, false},
		{ "quote, 105-event log sent and known",         FORM_LOG,       8, false},
		{ "quote, 105-event log named by digest",        FORM_DIGEST,    8, false},
		{ "quote, 105-event log replayed each time",     FORM_LOG,       0, false},
		{ "... sent and known, card signed its digest",  FORM_LOG,       8, true },
		{ "... named by digest, card signed its digest", FORM_DIGEST,    8, true },
		{ "statement of an intact machine",              FORM_STATEMENT, 8, false},
		{ "statement of one deviation",                  FORM_DEVIATION, 8, false},
		{ "PSA token, two components",                   FORM_TOKEN,     8, false},
	};
	struct bytes log;
	struct bare bare = { 0 };
	double best = 1;

	if (!shared_file("attestation/recorded/r105/eventlog.bin", &log)) {
		printf("bench/appraise: the recorded log is not here, nothing measured\n");
		return 0;
	}
	bare_init(&bare);
	for (int i = 0; i < 5; i++) {
		double each = bench_seconds_each(run_bare, &bare, 0.2);
		best = each < best ? each : best;
	}
	printf("%-46s %9.0f /s\n", "bare ECDSA P-256 verification", 1 / best);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct scene *scene = scene_new(rows[i].form, log, rows[i].cached);
		double least = 1;

		scene->appraisal.digest_signed = rows[i].card;
		for (int n = 0; n < 5; n++) {
			double each = bench_seconds_each(run, scene, 0.2);
			least = each < least ? each : least;
		}
		double again = bench_seconds_each(run_bare, &bare, 0.2);
		best = again < best ? again : best;
		printf("%-46s %9.0f /s  %.3f of bare  %6zu octets\n", rows[i].says, 1 / least,
		       best / least, scene->evidence_len);
		verifier_clear(&scene->verifier);
		free(scene);
	}
	return 0;
}
