/* SPDX-License-Identifier: Apache-2.0 */
/* The machine's evidence (R2, R5, R11), quotes and statements, made by swtpm, a chip that we did not write, and by the software TPM, and judged
 * by the real verifier: the same rows. */
#include "agent/evidence.h"
#include "agent/measure.h"
#include "base/limits.h"
#include "cli/agent_self.h"
#include "cli/key_file.h"
#include "codec/hex.h"
#include "tests/chip.h"
#include "tests/eventlog.h"
#include "verifier/appraise.h"
#include "verifier/learn.h"

#define WANTED "{\"formats\":[\"tpm\"],\"banks\":[\"sha256\"],\"pcrs\":[0,4,16]}"

static void must(enum err err, const char *what)
{
	if (err == ERR_NONE)
		return;
	printf("Bail out! %s: %s\n", what, err_text(err));
	exit(EXIT_FAILURE);
}

/* An event happens: it is extended, and logged. */
static void event(struct trust *trust, uint32_t pcr, const char *what, struct room *log)
{
	struct bytes data = bytes_text(what);
	uint8_t digest[SHA256_SIZE];

	must(crypto_sha256(digest, &data, 1), "digest");
	must(trust_extend(trust, pcr, digest), "extend");
	measure_put(log, pcr, digest, data);
}

static const uint8_t eid[EID_SIZE] = { 0x89, 0x04, 0x90, 0x32 };
static uint8_t log_octets[1024], bundle_octets[4096], ak_octets[TRUST_BLOB_MAX];
static struct room log_, bundle, ak;
static struct machine machine;
static struct machine_shown shown;
static struct verifier verifier;
static struct equipment_session session;
static struct enrolment enrolment;
static struct appraisal_result judged;

static const char policy_text[] =
	"assay-policy 1\nname \"t\"\npurpose provisioning\nformats tpm statement\nbanks sha256\n"
	"pcrs 0 4 16\nmax-age 60\npairing enforce\n";

static enum decision judge(void)
{
	usleep(5000); /* a quote is newer by the chip's clock, which counts milliseconds */
	uint8_t digest[SHA256_SIZE];
	struct bytes sent;

	bundle = ROOM(bundle_octets);
	must(evidence_gather(&machine, &session, &bundle, &shown), "evidence");
	sent = room_used(&bundle);
	must(crypto_sha256(digest, &sent, 1), "digest");
	struct appraisal appraisal = { .purpose = PURPOSE_PROVISIONING,
		                       .now = 1000,
		                       .evidence = sent,
		                       .digest_signed = true,
		                       .digest = BYTES(digest),
		                       .session_open = true,
		                       .label = BYTES_STR(EVIDENCE_LABEL),
		                       .session = session.server_signed1,
		                       .eid = BYTES(eid),
		                       .enrolment = &enrolment };
	verifier_appraise(&verifier, &appraisal, &judged);
	if (judged.remember) {
		enrolment.seen = true;
		enrolment.clock = judged.clock;
		enrolment.ima = judged.ima;
		enrolment.ima_reset = judged.clock.reset_count;
		enrolment.ima_generation = judged.ima_generation;
	}
	return judged.decision;
}

static bool found(enum finding_cause cause)
{
	for (size_t i = 0; i < judged.findings.count; i++) {
		if (judged.findings.at[i].cause == cause)
			return true;
	}
	for (size_t i = 0; i < judged.findings.count; i++)
		printf("# found %s\n", finding_word(judged.findings.at[i].cause));
	return false;
}

/* A file that may be opened. */
static void allow(const char *path, struct room *text)
{
	struct bytes name = bytes_text(path);
	uint8_t digest[SHA256_SIZE];

	must(crypto_sha256(digest, &name, 1), "digest");
	room_put(text, BYTES_STR("ima "));
	hex_put(text, BYTES(digest));
	room_put_u8(text, ' ');
	room_put(text, name);
	room_put_u8(text, '\n');
}

static uint8_t text_octets[1 << 14]; /* the reference values */
static struct room text;

static void learn_it(void)
{
	const struct learn learn = { .model = machine.claims.model,
		                     .firmware = machine.claims.firmware,
		                     .bank = ATTEST_SHA256,
		                     .pcrs = 1u << 0 | 1u << 4 | 1u << 16,
		                     .log = room_used(&log_) };
	uint32_t line;

	text = ROOM(text_octets);
	must(learn_put(&text, &learn), "learning");
	allow("/usr/bin/agent", &text);
	allow("/usr/bin/meter", &text);
	allow("/usr/bin/sh", &text);
	must(references_add_text(&verifier.references, room_used(&text), &line), "reference");
}

static void machine_make(struct trust *trust)
{
	uint32_t line;

	log_ = ROOM(log_octets);
	measure_put_header(&log_);
	event(trust, 0, "firmware 7", &log_);
	event(trust, 4, "boot loader", &log_);
	event(trust, 4, "kernel", &log_);
	machine = (struct machine){
		.trust = trust,
		.claims = {"490154203237518", BYTES_STR("M1"), BYTES_STR("1.0")},
		.log = room_used(&log_)
	};
	session = (struct equipment_session){ .host = BYTES_STR("h"),
		                              .server_signed1 = BYTES_STR("session 1"),
		                              .eid = BYTES(eid) };
	must(equipment_wanted_read(BYTES_STR(WANTED), &session.wanted), "wanted");
	must(verifier_init(&verifier, 4), "verifier");
	must(policy_read((struct bytes){ (const uint8_t *)policy_text, sizeof policy_text - 1 },
	                 &verifier.policy, &line),
	     "policy");
	ak = ROOM(ak_octets);
	must(trust_attestation_public(trust, &ak), "attestation key");
	enrolment = (struct enrolment){ .format = EVIDENCE_TPM,
		                        .key = room_used(&ak),
		                        .eid = BYTES(eid),
		                        .imei = bytes_text(machine.claims.imei),
		                        .model = machine.claims.model };
	learn_it();
}

/* --- a kernel that measures files --- */

static char list_text[4096];

static enum err list_load(void *ctx, struct bytes *list)
{
	(void)ctx;
	*list = bytes_text(list_text);
	return ERR_NONE;
}

/* A file is opened: listed, and extended unless the kernel has not come to it yet. */
static void opened(struct trust *trust, const char *path, bool extend)
{
	uint8_t octets[256], digest[ATTEST_HASH_MAX], file[ATTEST_HASH_MAX], sha1[ATTEST_HASH_MAX];
	struct bytes name = bytes_text(path);
	struct room data = ROOM(octets);
	size_t at = strlen(list_text);

	must(attest_digest(ATTEST_SHA256, file, &name, 1), "digest");
	put_le(&data, 4, 40);
	room_put(&data, BYTES("sha256:"));
	room_put(&data, (struct bytes){ file, SHA256_SIZE });
	put_le(&data, 4, (uint32_t)name.len + 1);
	room_put(&data, (struct bytes){ name.at, name.len + 1 });
	struct bytes all = room_used(&data);
	must(attest_digest(ATTEST_SHA1, sha1, &all, 1), "digest");
	must(attest_digest(ATTEST_SHA256, digest, &all, 1), "digest");
	at += (size_t)snprintf(list_text + at, sizeof list_text - at, "10 ");
	for (int i = 0; i < 20; i++)
		at += (size_t)snprintf(list_text + at, sizeof list_text - at, "%02x", sha1[i]);
	at += (size_t)snprintf(list_text + at, sizeof list_text - at, " ima-ng sha256:");
	for (int i = 0; i < SHA256_SIZE; i++)
		at += (size_t)snprintf(list_text + at, sizeof list_text - at, "%02x", file[i]);
	(void)snprintf(list_text + at, sizeof list_text - at, " %s\n", path);
	if (extend)
		must(trust_extend(trust, IMA_PCR, digest), "extend");
}

/* --- a machine that checks itself --- */

static struct agent_self self;

/* The supplier signs the reference values, and the machine is given his key. */
static void values_given(const char *folder)
{
	static uint8_t file_octets[1 << 14];
	uint8_t point[EC_POINT_SIZE], other_point[EC_POINT_SIZE];
	struct room file = ROOM(file_octets);
	struct equipment_claims claims = machine.claims;
	char key_path[80], other_path[80];
	SECRET key, other;

	snprintf(key_path, sizeof key_path, "%s/signer.pub", folder);
	snprintf(other_path, sizeof other_path, "%s/other.pub", folder);
	must(crypto_ec_generate(EC_P256, &key, point), "key");
	must(crypto_ec_generate(EC_P256, &other, other_point), "key");
	must(key_file_public_new(key_path, point), "key file");
	must(key_file_public_new(other_path, other_point), "key file");
	must(references_sign(&file, &key, BYTES_STR("Acme"), room_used(&text)), "signing");
	ok_err(agent_self_read(&self, room_used(&text), key_path, &claims, IMA_ASCII),
	       ERR_SIGNATURE, "R2: bare reference values are taken from nobody");
	ok_err(agent_self_read(&self, room_used(&file), other_path, &claims, IMA_ASCII),
	       ERR_SIGNATURE, "R2: nor are those that another key has signed");
	claims.firmware = BYTES_STR("2.0");
	ok_err(agent_self_read(&self, room_used(&file), key_path, &claims, IMA_ASCII),
	       ERR_NOT_FOUND, "... or those for other firmware");
	ok_err(agent_self_read(&self, room_used(&file), key_path, &machine.claims, IMA_ASCII),
	       ERR_NONE, "reference values under the signer's key");
}

/* states has it judged by a statement, as long as the machine can make one. */
static enum decision states(void)
{
	const struct equipment_wanted before = session.wanted;

	machine.self = &self.check;
	session.wanted.formats |= 1u << EVIDENCE_STATEMENT;
	session.wanted.pcrs = 0; /* as somebody on the way might have it */
	enum decision decision = judge();
	session.wanted = before;
	machine.self = NULL;
	return judged.format == EVIDENCE_STATEMENT && shown.statement ? decision : DECISIONS;
}

static bool stated(uint32_t pcr, bool event, uint32_t index)
{
	const struct finding *first = &judged.findings.at[0];

	return found(FINDING_DEVIATION) && judged.findings.count == 1 && first->pcr == pcr &&
	       first->has_event == event && (!event || first->event == index);
}

static void statements(void)
{
	ok(states() == ADMIT, "R11: a machine that finds itself intact says so, and is admitted");
	printf("# evidence: %zu octets with a statement\n", bundle.len);
	ok(bundle.len < 170, "R11: ... in a few octets");
	machine.self = &self.check;
	ok(judge() == ADMIT && judged.format == EVIDENCE_TPM && !shown.statement,
	   "R2: where statements are not taken it quotes");
	machine.self = NULL;
	session.wanted.formats = 1u << EVIDENCE_STATEMENT;
	ok_err(evidence_gather(&machine, &session, &bundle, &shown), ERR_UNSUPPORTED,
	       "R2: without signed reference values there is no statement");
	session.wanted.formats = 1u << EVIDENCE_TPM;
}

static void lists(struct trust *trust)
{
	size_t whole, kept;

	machine.ima = list_load;
	machine.ima_form = IMA_ASCII;
	opened(trust, "/usr/bin/agent", true);
	opened(trust, "/usr/bin/meter", true);
	kept = strlen(list_text);
	opened(trust, "/usr/bin/evil", false);
	ok(judge() == ADMIT && shown.ima_entries == 2, "R2: an IMA list, as far as it was quoted");
	whole = bundle.len;
	machine.ima_first = shown.ima_entries;
	machine.ima_reset = shown.ima_reset;
	ok(states() == ADMIT, "R2: ... or as far as the PCR is, where the machine looks itself");
	list_text[kept] = 0; /* it never came to the last */
	opened(trust, "/usr/bin/sh", true);
	ok(judge() == ADMIT && shown.ima_entries == 3 && bundle.len < whole,
	   "R11: then what is new alone");
	machine.ima_reset++;
	ok(judge() == ADMIT && bundle.len > whole, "after another start the whole list");
	machine.ima_reset--;
	machine.ima_first = shown.ima_entries;
	opened(trust, "/usr/bin/evil", true);
	ok(judge() == REFUSE && found(FINDING_IMA_UNEXPECTED), "R2: a file that is not expected");
	ok(states() == REFUSE && stated(IMA_PCR, true, 3),
	   "R9: ... of which the machine itself tells, by its place in the list");
	machine.ima = NULL;
	ok(states() == REFUSE && stated(IMA_PCR, false, 0),
	   "R9: ... and without the list by the PCR that nothing explains");
	machine.ima = list_load;
	list_text[kept] = 0;
	ok(states() == REFUSE && stated(IMA_PCR, false, 0), "R2: nor does a list that was cut");
	machine.ima = NULL;
}

/* From here on the list of files has nothing to do with it. */
static void forget_files(void)
{
	struct reference *set = &self.references.sets[0];

	set->file_count = 0;
	self.check.pcrs =
		self_pcrs(&self.references, machine.claims.model, machine.claims.firmware);
}

static void rows(struct trust *trust, const char *folder, bool test)
{
	static const uint8_t other[SHA256_SIZE] = { 7 };
	size_t whole, kernel_end;

	list_text[0] = '\0';
	machine_make(trust);
	enrolment.test = test;
	if (test)
		ok(judge() == REFUSE && found(FINDING_TEST_CHIP),
		   "R1b.4: a chip that protects nothing is refused, by that name");
	verifier.accept_test_chips = test;
	ok(judge() == ADMIT, "R2: an intact machine is admitted");
	whole = bundle.len;
	machine.log_known = true;
	ok(judge() == ADMIT, "R11: ... with the digest of its log too");
	printf("# evidence: %zu octets with a log of %zu, %zu with its digest\n", whole,
	       machine.log.len, bundle.len);
	ok(bundle.len < 420, "R11: ... which is short");
	kernel_end = log_.len;
	values_given(folder);
	statements();
	lists(trust);
	forget_files();
	must(trust_extend(trust, 16, other), "extend");
	ok(judge() == REFUSE && found(FINDING_PCR_VALUE), "R2: a PCR that no log explains");
	ok(states() == REFUSE && stated(16, false, 0), "R9: ... which the machine tells itself");
	self.check.pcrs &= ~(1u << 16);
	self.references.sets[0].pcr_count = 0;
	event(trust, 4, "root kit", &log_);
	machine.log = room_used(&log_);
	ok(states() == REFUSE && stated(4, true, 3),
	   "R9: an event that is not expected: the machine itself tells which");
	printf("# evidence: %zu octets with a statement of one deviation\n", bundle.len);
	log_.len = machine.log.len = kernel_end;
	ok(states() == REFUSE && stated(4, false, 0),
	   "R2: a log from which it is taken out: the PCR is told");
	ok(judge() == REFUSE && found(FINDING_LOG_MISMATCH) && judged.findings.at[0].has_pcr &&
	           judged.findings.at[0].pcr == 4,
	   "R2: a PCR that is not what the log says, and which one");
	session.wanted.formats = 1u << EVIDENCE_PSA;
	ok_err(evidence_gather(&machine, &session, &bundle, &shown), ERR_UNSUPPORTED,
	       "a format that this machine has not");
	agent_self_clear(&self);
	verifier_clear(&verifier);
}

int main(void)
{
	for (enum chip_kind kind = 0; kind < CHIP_KINDS; kind++) {
		struct test_chip chip;
		if (!chip_there(kind))
			continue;
		if (ok(chip_start(&chip, kind), "a chip"))
			rows(chip.trust, chip.folder, kind == CHIP_SOFT);
		chip_stop(&chip);
	}
	return done();
}
