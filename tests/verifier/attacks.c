/* SPDX-License-Identifier: Apache-2.0 */
/* Attacks on evidence, a row each: the requirement it goes against, and the cause by which it is
 * refused. */
#include "tests/verifier/world.h"

static struct world world;
static struct verifier verifier;
static struct world other; /* another good machine of the same model */

static void replayed(struct world *w, enum stage s)
{
	static uint8_t kept[sizeof w->bundle_store], digest[32];
	static size_t len;

	if (s != STAGE_SENT)
		return;
	if (len ==
	    0) { /* the first time it is sent; then the clock is remembered, and it is sent again */
		memcpy(kept, w->bundle_store, len = w->bundle.len);
		memcpy(digest, w->digest, sizeof digest);
		verifier_appraise(w->verifier, &w->appraisal, &w->result);
	}
	w->enrolment.clock = w->result.clock;
	w->enrolment.seen = w->result.remember;
}

static void session_used(struct world *w, enum stage s)
{
	if (s == STAGE_SENT)
		w->appraisal.session_open = false;
}

static void other_session(struct world *w, enum stage s)
{
	if (s == STAGE_SENT)
		w->appraisal.session = BYTES_STR("session 2");
}

static void other_label(struct world *w, enum stage s)
{
	if (s == STAGE_SENT)
		w->appraisal.label = BYTES_STR("other exchange");
}

static void other_card(struct world *w, enum stage s)
{
	static const uint8_t eid[16] = { 0x89, 0x99 };

	if (s == STAGE_SENT)
		w->appraisal.eid = BYTES(eid);
}

/* The card sits in another machine of which the evidence is good, and that machine is enrolled. */
static void card_moved(struct world *w, enum stage s)
{
	static const uint8_t eid[16] = { 0x89, 0x77 };

	if (s == STAGE_SENT)
		w->enrolment.eid = BYTES(eid);
}

static void unpaired(struct world *w, enum stage s)
{
	if (s == STAGE_SENT)
		w->enrolment.eid.len = 0;
}

static void wrong_nonce(struct world *w, enum stage s)
{
	if (s == STAGE_QUOTE)
		w->nonce[31] ^= 1;
}

static void claims_swapped(struct world *w, enum stage s)
{
	static uint8_t store[128];
	struct room claims = ROOM(store);
	struct equipment_claims lie = w->say;

	if (s != STAGE_BUNDLE)
		return;
	memcpy(lie.imei, "356938035643809", sizeof lie.imei);
	equipment_claims_put(&claims, &lie);
	w->evidence.claims = room_used(&claims);
}

static void evidence_swapped(struct world *w, enum stage s)
{
	if (s == STAGE_SENT)
		w->digest[0] ^= 1;
}

/* Good evidence of another machine, asked for with this session's binding (cuckoo). */
static void cuckoo(struct world *w, enum stage s)
{
	if (s != STAGE_BUNDLE)
		return;
	memcpy(other.nonce, w->nonce, sizeof other.nonce);
	other.attest = ROOM(other.attest_store);
	other.signature = ROOM(other.signature_store);
	(void)!softtpm_quote(&other.tpm, w->mask, BYTES(w->nonce), &other.attest, &other.signature);
	w->evidence.attest = room_used(&other.attest);
	w->evidence.signature = room_used(&other.signature);
}

static void not_enrolled(struct world *w, enum stage s)
{
	if (s == STAGE_SENT)
		w->appraisal.enrolment = NULL;
}

static void revoked(struct world *w, enum stage s)
{
	if (s == STAGE_SENT)
		w->enrolment.revoked = true;
}

static void test_chip(struct world *w, enum stage s)
{
	w->verifier->accept_test_chips = s != STAGE_SENT;
}

/* A key that signs anything: the forged structure is well made, but the enrolled key's attributes
 * tell. */
static void ordinary_key(struct world *w, enum stage s)
{
	static uint8_t store[128];
	struct room public = ROOM(store);

	if (s != STAGE_SENT)
		return;
	w->tpm.attributes &= ~(uint32_t)TPM_RESTRICTED;
	softtpm_public(&w->tpm, &public);
	w->tpm.attributes |= TPM_RESTRICTED;
	w->enrolment.key = room_used(&public);
}

/* What the restricted key does sign for software cannot begin with the magic of a quote. */
static void wrong_magic(struct world *w, enum stage s)
{
	if (s != STAGE_BUNDLE)
		return;
	w->attest_store[0] = 0xFE;
	w->signature = ROOM(w->signature_store);
	(void)!softtpm_sign(&w->tpm, room_used(&w->attest), &w->signature);
	w->evidence.signature = room_used(&w->signature);
}

static void not_a_quote(struct world *w, enum stage s)
{
	static uint8_t store[TPM_ATTEST_MAX];
	struct room out = ROOM(store);
	struct tpm_attest a;

	if (s != STAGE_BUNDLE || tpm_attest_read(room_used(&w->attest), &a) != ERR_NONE)
		return;
	a.type = TPM_ST_ATTEST_CERTIFY;
	a.name = a.qualified_name = a.qualified_signer;
	tpm_attest_put(&out, &a);
	w->evidence.attest = room_used(&out);
}

static void quote_changed(struct world *w, enum stage s)
{
	if (s == STAGE_BUNDLE)
		w->attest_store[w->attest.len - 1] ^= 1;
}

/* The chip's own quote, over the SHA-1 bank that is easier to collide. */
static void bank_downgraded(struct world *w, enum stage s)
{
	static uint8_t store[TPM_ATTEST_MAX];
	struct room out = ROOM(store);
	struct tpm_attest a;

	if (s != STAGE_BUNDLE || tpm_attest_read(room_used(&w->attest), &a) != ERR_NONE)
		return;
	a.selection.bank[0].hash = TPM_ALG_SHA1;
	tpm_attest_put(&out, &a);
	w->evidence.attest = room_used(&out);
}

static void fewer_pcrs(struct world *w, enum stage s)
{
	if (s == STAGE_QUOTE)
		w->mask = 0x0285;
}

static void no_pcrs(struct world *w, enum stage s)
{
	if (s == STAGE_QUOTE)
		w->mask = 0;
}

static void reset_back(struct world *w, enum stage s)
{
	if (s != STAGE_SENT)
		return;
	w->enrolment.seen = true;
	w->enrolment.clock = w->tpm.clock;
	w->enrolment.clock.reset_count++;
}

static void clock_back(struct world *w, enum stage s)
{
	if (s != STAGE_SENT)
		return;
	w->enrolment.seen = true;
	w->enrolment.clock = w->tpm.clock;
	w->enrolment.clock.clock++;
}

static void log_event_removed(struct world *w, enum stage s)
{
	if (s != STAGE_LOG)
		return;
	memmove(&w->event[8], &w->event[9], 2 * sizeof w->event[0]);
	w->events--;
	world_write_log(w, false);
}

static void log_event_added(struct world *w, enum stage s)
{
	if (s != STAGE_LOG)
		return;
	w->event[w->events] = w->event[9];
	w->events++;
	world_write_log(w, false);
}

static void log_reordered(struct world *w, enum stage s)
{
	if (s != STAGE_LOG)
		return;
	memcpy(w->event[8].data, "kernel", 7);
	memcpy(w->event[9].data, "boot loader", 12);
	world_write_log(w, false);
}

static void log_altered(struct world *w, enum stage s)
{
	if (s == STAGE_LOG)
		w->log_store[w->log.len - 40] ^= 1;
}

static void log_truncated(struct world *w, enum stage s)
{
	if (s == STAGE_LOG)
		w->log.len -= 3;
}

static void log_cut_between(struct world *w, enum stage s)
{
	if (s != STAGE_LOG)
		return;
	w->events--;
	world_write_log(w, false);
}

static void no_log(struct world *w, enum stage s)
{
	if (s == STAGE_BUNDLE)
		w->evidence.log = (struct bytes){ NULL, 0 };
}

static void log_digest_unknown(struct world *w, enum stage s)
{
	static const uint8_t digest[32] = { 1 };

	if (s != STAGE_BUNDLE)
		return;
	w->evidence.log = (struct bytes){ NULL, 0 };
	w->evidence.log_digest = BYTES(digest);
}

/* A log that hides what was measured behind an event that the reader might not extend. */
static void no_action_hides(struct world *w, enum stage s)
{
	if (s != STAGE_LOG)
		return;
	w->event[9].type = EV_NO_ACTION;
	world_write_log(w, false);
}

static void kernel_changed(struct world *w, enum stage s)
{
	if (s == STAGE_BOOT)
		snprintf(w->event[9].data, sizeof w->event[9].data, "evil kernel");
}

static void module_added(struct world *w, enum stage s)
{
	if (s != STAGE_BOOT)
		return;
	w->event[w->events] = w->event[2];
	snprintf(w->event[w->events++].data, sizeof w->event[0].data, "rootkit");
}

static void separator_gone(struct world *w, enum stage s)
{
	if (s == STAGE_BOOT)
		w->events--;
}

static void firmware_unknown(struct world *w, enum stage s)
{
	static const struct bytes version = { (const uint8_t *)"9.9", 3 };

	w->say.firmware = s == STAGE_SENT ? BYTES_STR("1.0") : version;
}

static void imei_spoofed(struct world *w, enum stage s)
{
	memcpy(w->say.imei, s == STAGE_SENT ? WORLD_IMEI : "356938035643809", sizeof w->say.imei);
}

static void pcr_extended_late(struct world *w, enum stage s)
{
	static const uint8_t digest[32] = { 9 };

	if (s == STAGE_LOG)
		(void)!softtpm_extend(&w->tpm, 9, digest);
}

static void pcr_told(struct world *w, enum stage s)
{
	pcr_extended_late(w, s);
	if (s != STAGE_BUNDLE)
		return;
	w->evidence.pcr.known = 1u << 9;
	w->evidence.pcr.value[9] = (struct bytes){ w->tpm.bank.value[9], 32 };
}

static void format_refused(struct world *w, enum stage s)
{
	if (s != STAGE_BUNDLE)
		return;
	w->evidence = (struct evidence){ .format = EVIDENCE_PSA,
		                         .claims = w->evidence.claims,
		                         .token = BYTES_STR("token") };
}

static void purpose_without_rule(struct world *w, enum stage s)
{
	if (s == STAGE_SENT)
		w->appraisal.purpose = PURPOSE_PROVISIONING;
}

static void stripped(struct world *w, enum stage s)
{
	if (s == STAGE_SENT)
		w->appraisal.evidence.len = 0;
}

static const struct {
	const char *says;
	attack_fn *attack;
	enum finding_cause want;
} rows[] = {
	{ "I7: evidence replayed", replayed, FINDING_CLOCK_BACK },
	{ "I7: a session that has had its evidence", session_used, FINDING_SESSION },
	{ "I7: evidence of another session", other_session, FINDING_BINDING },
	{ "I7: evidence of another exchange", other_label, FINDING_BINDING },
	{ "R12: evidence made for another card", other_card, FINDING_BINDING },
	{ "R12: card moved to another enrolled machine", card_moved, FINDING_PAIRING },
	{ "R1a: a chip that is paired with no card", unpaired, FINDING_PAIRING },
	{ "R5: wrong nonce", wrong_nonce, FINDING_BINDING },
	{ "R10: claims swapped after the chip signed", claims_swapped, FINDING_BINDING },
	{ "R5: evidence swapped after the card signed", evidence_swapped, FINDING_DIGEST },
	{ "R5: evidence of another good machine (cuckoo)", cuckoo, FINDING_SIGNATURE },
	{ "R2: chip that is not enrolled", not_enrolled, FINDING_NOT_ENROLLED },
	{ "R2: chip whose enrolment is revoked", revoked, FINDING_REVOKED },
	{ "R2: software root of trust outside of a test", test_chip, FINDING_TEST_CHIP },
	{ "R5: restricted key replaced by an ordinary one", ordinary_key, FINDING_KEY },
	{ "R5: structure that software had signed (wrong magic)", wrong_magic, FINDING_MAGIC },
	{ "R5: certification in place of a quote", not_a_quote, FINDING_NOT_QUOTE },
	{ "R5: quote changed after it was signed", quote_changed, FINDING_SIGNATURE },
	{ "R2: PCR bank downgraded", bank_downgraded, FINDING_BANK },
	{ "R2: quote over too few PCRs", fewer_pcrs, FINDING_SELECTION },
	{ "R2: quote over no PCR", no_pcrs, FINDING_SELECTION },
	{ "I7: reset count going back", reset_back, FINDING_RESET_BACK },
	{ "I7: clock going back", clock_back, FINDING_CLOCK_BACK },
	{ "R2: event removed from the log", log_event_removed, FINDING_LOG_MISMATCH },
	{ "R2: event added to the log", log_event_added, FINDING_LOG_MISMATCH },
	{ "R2: events of the log reordered", log_reordered, FINDING_LOG_MISMATCH },
	{ "R2: event of the log altered", log_altered, FINDING_LOG_MISMATCH },
	{ "R2: log cut inside an event", log_truncated, FINDING_LOG_MALFORMED },
	{ "R2: log cut between events", log_cut_between, FINDING_LOG_MISMATCH },
	{ "R2: no log", no_log, FINDING_LOG_MISMATCH },
	{ "R11: log named by a digest that is not known", log_digest_unknown, FINDING_LOG_UNKNOWN },
	{ "R2: measurement hidden as EV_NO_ACTION", no_action_hides, FINDING_LOG_MISMATCH },
	{ "R9: kernel changed", kernel_changed, FINDING_EVENT_CHANGED },
	{ "R9: module added", module_added, FINDING_EVENT_UNEXPECTED },
	{ "R9: separator missing", separator_gone, FINDING_EVENT_MISSING },
	{ "R9: firmware of which nothing is known", firmware_unknown, FINDING_NO_REFERENCE },
	{ "R10: IMEI of another machine in the claims", imei_spoofed, FINDING_IMEI },
	{ "R2: PCR extended by software behind the log", pcr_extended_late, FINDING_LOG_MISMATCH },
	{ "R2: ... and its value told", pcr_told, FINDING_PCR_VALUE },
	{ "R2: token that is none", format_refused, FINDING_MALFORMED },
	{ "I4: purpose for which there is no rule", purpose_without_rule, FINDING_NO_POLICY },
	{ "R5: evidence stripped", stripped, FINDING_NO_EVIDENCE },
};

static void reset_world(void)
{
	world.enrolment.seen = false;
	world.enrolment.revoked = false;
	world.enrolment.eid = BYTES(world_eid);
	world.enrolment.key = room_used(&world.public);
	world.verifier->accept_test_chips = true;
}

static void attacks(void)
{
	for (size_t i = 0; i < COUNT(rows); i++) {
		char text[2048];

		reset_world();
		enum decision decision = world_run(&world, rows[i].attack);
		bool named = world.result.findings.count > 0 &&
		             world.result.findings.at[0].cause == rows[i].want;
		ok(decision == REFUSE && named, "%s: refused, \"%s\"", rows[i].says,
		   finding_text(rows[i].want));
		appraisal_explain(&world.result, text, sizeof text);
		for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n"))
			printf("# %s\n", line);
	}
}

/* What is not an attack stays admitted, before and after. */
static void good(const char *says)
{
	reset_world();
	ok(world_run(&world, NULL) == ADMIT && world.result.findings.count == 0, "%s", says);
	if (world.result.findings.count > 0) {
		char text[2048];
		appraisal_explain(&world.result, text, sizeof text);
		printf("# %s\n", text);
	}
}

static void policies(void)
{
	reset_world();
	struct policy kept = verifier.policy;
	memset(&verifier.policy, 0, sizeof verifier.policy);
	ok(world_run(&world, NULL) == REFUSE &&
	           world.result.findings.at[0].cause == FINDING_NO_POLICY,
	   "I4: an empty policy refuses a good machine");
	verifier.policy = kept;
	struct references references = verifier.references;
	verifier.references = (struct references){ .generation = references.generation };
	ok(world_run(&world, NULL) == REFUSE &&
	           world.result.findings.at[0].cause == FINDING_NO_REFERENCE,
	   "I4: without reference values a good machine is refused");
	verifier.references = references;
}

static void as_access(struct world *w, enum stage s)
{
	kernel_changed(w, s);
	card_moved(w, s);
	if (s == STAGE_SENT)
		w->appraisal.purpose = PURPOSE_ACCESS;
}

static void restricted(void)
{
	reset_world();
	ok(world_run(&world, as_access) == RESTRICT && world.result.findings.count == 2,
	   "a policy may restrict where another refuses");
	ok(world.result.findings.at[0].cause == FINDING_PAIRING &&
	           world.result.findings.at[1].cause == FINDING_EVENT_CHANGED,
	   "R12: in observe, a moved card is told and not acted upon");
	const struct finding *f = &world.result.findings.at[1];
	char line[512];
	finding_line(f, line, sizeof line);
	printf("# %s\n", line);
	ok(f->has_event && f->event == 9 && f->pcr == 4 && f->expected_len == 32 &&
	           f->found_len == 32 && strstr(line, "EV_EFI_BOOT_SERVICES_APPLICATION") != NULL,
	   "R9: the verdict names event, expected and found");
}

static void by_digest(struct world *w, enum stage s)
{
	static uint8_t digest[32];
	struct bytes log = room_used(&w->log);

	if (s != STAGE_BUNDLE)
		return;
	(void)!crypto_sha256(digest, &log, 1);
	w->evidence.log = (struct bytes){ NULL, 0 };
	w->evidence.log_digest = BYTES(digest);
}

static void known_log(void)
{
	reset_world();
	ok(world_run(&world, by_digest) == ADMIT, "R11: a known log is named by its digest");
	printf("# %zu octets of evidence instead of the log's %zu and more\n", world.bundle.len,
	       world.log.len);
	ok(world.bundle.len < 600, "R11: ... and the evidence is below 600 octets");
}

/* The appraisal that a roll-out needs: two firmware versions at once, then the old one revoked. */
static void rollout(void)
{
	struct world *w = &world;
	uint32_t line;

	ok_err(references_add_text(
		       &verifier.references,
		       BYTES_STR("assay-reference 1\nmodel M1\nfirmware 1.0\nbank sha256\npcr 4 "
	                         "0000000000000000000000000000000000000000000000000000000000000000"
	                         "\n"),
		       &line),
	       ERR_NONE, "a second set for the same firmware");
	good("... and a machine that is as the first says is admitted");
	ok_err(references_revoke(&verifier.references, "M1", "1.0"), ERR_NONE,
	       "the firmware is revoked");
	reset_world();
	ok(world_run(w, NULL) == REFUSE &&
	           w->result.findings.at[0].cause == FINDING_REFERENCE_REVOKED,
	   "R9: ... and refused from then on, in spite of the cache");
}

static void learned(void)
{
	world_run(&world, NULL);
	ok_err(world_learn(&world), ERR_NONE, "reference values are learned from a good machine");
	good("the good machine is admitted");
	good("... and again, from the cache");
	ok(verifier.cache.hits > 0, "... which was hit");
}

static void self_judged(struct world *w, enum stage s)
{
	struct statement say = { .deviations = 0 };

	if (s == STAGE_BUNDLE)
		world_state(w, &say, w->verifier->references.sets[0].digest);
}

static struct deviation accusation;

static void self_accused(struct world *w, enum stage s)
{
	struct statement say = { .deviations = 1, .deviation = { accusation } };

	if (s == STAGE_BUNDLE)
		world_state(w, &say, w->verifier->references.sets[0].digest);
}

static void self_judged_elsewhere(struct world *w, enum stage s)
{
	if (s == STAGE_QUOTE)
		w->nonce[0] ^= 1;
	self_judged(w, s);
}

/* As somebody who holds another chip's key would. */
static void self_judged_by_another(struct world *w, enum stage s)
{
	struct statement say = { .deviations = 0 };
	struct softtpm own = w->tpm;

	if (s != STAGE_BUNDLE)
		return;
	w->tpm.scalar = other.tpm.scalar;
	world_state(w, &say, w->verifier->references.sets[0].digest);
	w->tpm = own;
}

static void self_judged_unrestricted(struct world *w, enum stage s)
{
	static uint8_t store[128];
	struct room public = ROOM(store);

	self_judged(w, s);
	if (s != STAGE_SENT)
		return;
	w->tpm.attributes &= ~(uint32_t)TPM_RESTRICTED;
	softtpm_public(&w->tpm, &public);
	w->tpm.attributes |= TPM_RESTRICTED;
	w->enrolment.key = room_used(&public);
}

static void self_judged_by_old_values(struct world *w, enum stage s)
{
	uint8_t *digest = w->verifier->references.sets[0].digest;

	if (s != STAGE_BUNDLE)
		return;
	digest[0] ^= 1;
	self_judged(w, s);
	digest[0] ^= 1;
}

static bool refused_for(attack_fn *attack, enum finding_cause cause)
{
	return world_run(&world, attack) == REFUSE && world.result.findings.count > 0 &&
	       world.result.findings.at[0].cause == cause;
}

/* Reference values that say nothing of a PCR cannot have been the machine's measure for it. */
static void self_judged_short(void)
{
	struct reference *set = &verifier.references.sets[0];
	size_t events = set->event_count;

	for (set->event_count = 0; set->event_count < events;) {
		if (set->events[set->event_count].pcr == 7)
			break;
		set->event_count++;
	}
	ok(refused_for(self_judged, FINDING_REFERENCE_SHORT) && world.result.findings.at[0].has_pcr,
	   "R2: ... against values that say nothing of a PCR that the policy requires");
	set->event_count = events;
}

static void statements(void)
{
	char text[2048];

	reset_world();
	ok(world_run(&world, self_judged) == ADMIT,
	   "R11: a semi-autonomous statement is admitted where policy says so");
	printf("# %zu octets of evidence\n", world.bundle.len);
	ok(world.result.vector[EAR_EXECUTABLES] == 0 &&
	           world.result.vector[EAR_HARDWARE] == EAR_GENUINE_HARDWARE,
	   "R2: ... and nothing is said of its software, which spoke for itself");
	accusation = (struct deviation){ 4, 9, { 5 } };
	ok(refused_for(self_accused, FINDING_DEVIATION),
	   "R9: ... refused when it tells of a deviation");
	printf("# %zu octets of evidence\n", world.bundle.len);
	appraisal_explain(&world.result, text, sizeof text);
	ok(strstr(text, "reports a deviation, event 9, PCR 4, found 0500000000") != NULL,
	   "R9: ... which is named");
	accusation = (struct deviation){ .pcr = verifier.references.sets[0].events[1].pcr,
		                         .index = DEVIATION_MISSING };
	memcpy(accusation.digest, verifier.references.sets[0].events[1].digest, STATEMENT_SHORT);
	ok(refused_for(self_accused, FINDING_DEVIATION) &&
	           world.result.findings.at[0].expected_len == SHA256_SIZE &&
	           world.result.findings.at[0].text[0] != '\0',
	   "R9: ... what did not happen too, as the reference values call it");
	ok(refused_for(self_judged_elsewhere, FINDING_BINDING),
	   "I7: ... and when made for another session");
	ok(refused_for(self_judged_by_another, FINDING_BINDING), "R10: ... signed by another chip");
	ok(refused_for(self_judged_unrestricted, FINDING_KEY),
	   "R10: ... by a key that might sign anything");
	reset_world();
	ok(refused_for(self_judged_by_old_values, FINDING_REFERENCE_OTHER),
	   "R2: ... against reference values that are not in force");
	verifier.references.sets[0].revoked = true;
	ok(refused_for(self_judged, FINDING_REFERENCE_REVOKED), "R2: ... of revoked firmware");
	verifier.references.sets[0].revoked = false;
	self_judged_short();
	world.enrolment.seen = true;
	world.enrolment.clock = world.tpm.clock;
	world.enrolment.clock.reset_count += 2;
	ok(refused_for(self_judged, FINDING_RESET_BACK), "I7: ... older than the last quote");
	world.enrolment.clock.reset_count = 1;
	ok(world_run(&world, self_judged) == ADMIT && world.result.remember &&
	           world.result.clock.reset_count == 1,
	   "... and a clock that software may tell is not remembered for the chip");
	reset_world();
	ok(world_run(&world, self_judged) == ADMIT, "R11: after all that it is admitted again");
}

int main(void)
{
	uint32_t line;

	if (!ok(verifier_init(&verifier, 4) == ERR_NONE &&
	                policy_read((struct bytes){ (const uint8_t *)world_policy,
	                                            sizeof world_policy - 1 },
	                            &verifier.policy, &line) == ERR_NONE,
	        "a verifier with a policy"))
		return done();
	verifier.accept_test_chips = true;
	world_init(&world, &verifier);
	world_init(&other, &verifier);
	(void)world_run(&other, NULL);
	learned();
	attacks();
	good("after all that the good machine is still admitted");
	policies();
	restricted();
	known_log();
	statements();
	rollout();
	verifier_clear(&verifier);
	return done();
}
