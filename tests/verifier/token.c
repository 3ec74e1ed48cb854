/* SPDX-License-Identifier: Apache-2.0 */
/* PSA tokens in an appraisal: a good one, and what is refused of others, a row each. */
#include "evidence/cose.h"
#include "port/crypto.h"
#include "tests/tap.h"
#include "verifier/appraise.h"

static const char policy[] = "assay-policy 1\nname tokens\npurpose provisioning\nformats psa\n"
			     "pairing enforce\nmax-age 60\nrestrict lifecycle\n";
static const uint8_t eid[16] = { 0x89 }, implementation[32] = { 3 }, signer[32] = { 4 };

static struct machine {
	struct secret scalar;
	uint8_t point[EC_POINT_SIZE], instance[PSA_INSTANCE_SIZE], value[2][32],
		binding[BINDING_SIZE];
	uint8_t token_store[1024], claims_store[64], bundle_store[2048];
	struct psa_claims say;
	struct enrolment enrolment;
} machine;

static struct verifier verifier;
static struct appraisal_result result;

typedef void bend_fn(struct machine *m);

static void good(struct machine *m)
{
	(void)m;
}

static void other_key(struct machine *m)
{
	uint8_t point[EC_POINT_SIZE];

	(void)!crypto_ec_generate(EC_P256, &m->scalar, point);
}

static void other_instance(struct machine *m)
{
	m->instance[5] ^= 1;
}

static void other_session(struct machine *m)
{
	m->binding[0] ^= 1;
}

static void debugged(struct machine *m)
{
	m->say.lifecycle = 0x4000;
}

static void decommissioned(struct machine *m)
{
	m->say.lifecycle = 0x7000;
}

static void old_firmware(struct machine *m)
{
	m->value[1][0] ^= 1;
}

static void component_gone(struct machine *m)
{
	m->say.components = 1;
}

static void component_more(struct machine *m)
{
	static const uint8_t value[32] = { 99 };

	m->say.component[2] = (struct psa_component){ .type = BYTES_STR("ARoT"),
		                                      .value = BYTES(value),
		                                      .signer = BYTES(signer) };
	m->say.components = 3;
}

static void enrolled_as_tpm(struct machine *m)
{
	m->enrolment.format = EVIDENCE_TPM;
}

static const struct {
	const char *says;
	bend_fn *bend;
	enum decision decision;
	enum finding_cause want; /* FINDINGS for none */
} rows[] = {
	{ "a good token is admitted", good, ADMIT, FINDINGS },
	{ "R5: signed by another key", other_key, REFUSE, FINDING_SIGNATURE },
	{ "R5: of another instance", other_instance, REFUSE, FINDING_SIGNATURE },
	{ "I7: for another session", other_session, REFUSE, FINDING_BINDING },
	{ "R1b.4: root of trust in debug is restricted as policy says", debugged, RESTRICT,
	  FINDING_LIFECYCLE },
	{ "R1b.4: a state that there is not", decommissioned, REFUSE, FINDING_MALFORMED },
	{ "R9: another firmware", old_firmware, REFUSE, FINDING_COMPONENT_CHANGED },
	{ "R9: a component is missing", component_gone, REFUSE, FINDING_COMPONENT_MISSING },
	{ "R9: a component too many", component_more, REFUSE, FINDING_COMPONENT_CHANGED },
	{ "R5: a key enrolled for another format", enrolled_as_tpm, REFUSE, FINDING_KEY },
};

static void machine_init(struct machine *m, const struct secret *scalar, const uint8_t *point)
{
	memset(m, 0, sizeof *m);
	m->scalar = *scalar;
	memcpy(m->point, point, sizeof m->point);
	m->instance[0] = 1;
	m->value[0][0] = 1;
	m->value[1][0] = 2;
	m->say = (struct psa_claims){
		.nonce = BYTES(m->binding),
		.instance = BYTES(m->instance),
		.implementation = BYTES(implementation),
		.client = 1,
		.lifecycle = 0x3000,
		.component = { { .type = BYTES_STR("BL"),
		                 .value = BYTES(m->value[0]),
		                 .signer = BYTES(signer) },
		               { .type = BYTES_STR("PRoT"),
		                 .value = BYTES(m->value[1]),
		                 .signer = BYTES(signer) } },
		.components = 2,
	};
}

static enum decision run(struct machine *m, bend_fn *bend)
{
	static uint8_t enrolled[PSA_INSTANCE_SIZE];
	struct room claims = ROOM(m->claims_store), bundle = ROOM(m->bundle_store),
		    token = ROOM(m->token_store);
	const struct equipment_claims say = { .model = BYTES_STR("S"), .firmware = BYTES_STR("2") };
	uint8_t payload_store[1024];
	struct room payload = ROOM(payload_store);

	memcpy(enrolled, m->instance, sizeof enrolled);
	m->enrolment = (struct enrolment){ .format = EVIDENCE_PSA,
		                           .key = BYTES(m->point),
		                           .instance = BYTES(enrolled),
		                           .eid = BYTES(eid) };
	equipment_claims_put(&claims, &say);
	(void)!evidence_binding(BYTES_STR("t"), BYTES_STR("s"), BYTES(eid), room_used(&claims),
	                        m->binding);
	bend(m);
	psa_claims_put(&payload, &m->say);
	(void)!cose_sign1_put(&token, &m->scalar, (struct bytes){ NULL, 0 },
	                      (struct bytes){ NULL, 0 }, room_used(&payload));
	const struct evidence evidence = { .format = EVIDENCE_PSA,
		                           .claims = room_used(&claims),
		                           .token = room_used(&token) };
	evidence_put(&bundle, &evidence);
	const struct appraisal appraisal = {
		.purpose = PURPOSE_PROVISIONING,
		.now = 10,
		.evidence = room_used(&bundle),
		.session_open = true,
		.label = BYTES_STR("t"),
		.session = BYTES_STR("s"),
		.eid = BYTES(eid),
		.enrolment = &m->enrolment,
	};
	verifier_appraise(&verifier, &appraisal, &result);
	return result.decision;
}

static bool prepare(void)
{
	char text[1024];
	int n = snprintf(text, sizeof text, "assay-reference 1\nmodel S\nfirmware 2\n");
	static const char *const types[] = { "BL", "PRoT" };
	uint32_t line;

	for (int c = 0; c < 2; c++) {
		n += snprintf(text + n, sizeof text - (size_t)n,
		              "component %s %02x%062d %02x%062d\n", types[c], c + 1, 0, 4, 0);
	}
	return verifier_init(&verifier, 0) == ERR_NONE &&
	       policy_read((struct bytes){ (const uint8_t *)policy, sizeof policy - 1 },
	                   &verifier.policy, &line) == ERR_NONE &&
	       references_add_text(&verifier.references,
	                           (struct bytes){ (uint8_t *)text, (size_t)n }, &line) == ERR_NONE;
}

int main(void)
{
	struct secret scalar;
	uint8_t point[EC_POINT_SIZE];

	if (!ok(prepare(), "a verifier for tokens") ||
	    crypto_ec_generate(EC_P256, &scalar, point) != ERR_NONE)
		return done();
	for (size_t i = 0; i < COUNT(rows); i++) {
		char text[1024];

		machine_init(&machine, &scalar, point);
		enum decision decision = run(&machine, rows[i].bend);
		bool named = rows[i].want == FINDINGS
		                     ? result.findings.count == 0
		                     : result.findings.count > 0 &&
		                               result.findings.at[0].cause == rows[i].want;
		ok(decision == rows[i].decision && named, "%s", rows[i].says);
		appraisal_explain(&result, text, sizeof text);
		for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n"))
			printf("# %s\n", line);
	}
	struct ear ear;
	machine_init(&machine, &scalar, point);
	(void)run(&machine, debugged);
	appraisal_ear(&result, BYTES_STR("operator"), 10, &ear);
	uint8_t store[1024];
	struct room out = ROOM(store);
	struct attest_key key = { .kind = ATTEST_P256, .point = BYTES(point) };
	struct ear back;
	ok(ear_cwt_put(&out, &scalar, BYTES_STR("v"), &ear) == ERR_NONE &&
	           ear_cwt_read(room_used(&out), &key, BYTES_STR("operator"), 20, &back) ==
	                   ERR_NONE &&
	           back.status == EAR_WARNING && bytes_same(back.nonce, BYTES(machine.binding)),
	   "I7: the result names the session, and restricts");
	ok_err(ear_cwt_read(room_used(&out), &key, BYTES_STR("operator"), 70, &back), ERR_EXPIRED,
	       "... as long as the policy says");
	verifier_clear(&verifier);
	return done();
}
