/* SPDX-License-Identifier: Apache-2.0 */
/* IMA lists in an appraisal: sent whole, sent from where the last ended, longer than the quote,
 * with files that are not expected; and a published list under published policies. */
#include "tests/verifier/world.h"

#include "codec/hex.h"
#include "tests/evidence/index.h"

#include <jansson.h>

static struct world world;
static struct verifier verifier;

static const char policy[] =
	"assay-policy 1\nname ima\npurpose management\nformats tpm\nbanks sha256\n"
	"pcrs 0 2 4 7 9 10\npairing enforce\nmax-age 60\n";

/* The list as the machine has it, and how much of it has been extended into PCR 10 already. */
static struct {
	char text[8192];
	size_t entries, extended, start[32];
} list;

static void measure(const char *path, bool violation)
{
	uint8_t template[256], digest[ATTEST_HASH_MAX], file[ATTEST_HASH_MAX],
		sha1[ATTEST_HASH_MAX];
	struct bytes name = bytes_text(path);
	struct room data = ROOM(template);
	char hash[41], digest_hex[65];
	size_t at = strlen(list.text);

	(void)!attest_digest(ATTEST_SHA256, file, &name, 1);
	put_le(&data, 4, 40);
	room_put(&data, (struct bytes){ (const uint8_t *)"sha256:", 8 });
	room_put(&data, (struct bytes){ file, 32 });
	put_le(&data, 4, (uint32_t)name.len + 1);
	room_put(&data, (struct bytes){ name.at, name.len + 1 });
	struct bytes octets = room_used(&data);
	(void)!attest_digest(ATTEST_SHA1, sha1, &octets, 1);
	(void)!attest_digest(ATTEST_SHA256, digest, &octets, 1);
	for (int i = 0; i < 20; i++)
		snprintf(hash + 2 * i, 3, "%02x", violation ? 0 : sha1[i]);
	for (int i = 0; i < 32; i++)
		snprintf(digest_hex + 2 * i, 3, "%02x", file[i]);
	if (violation)
		memset(digest, 0xFF, sizeof digest);
	list.start[list.entries++] = at;
	snprintf(list.text + at, sizeof list.text - at, "10 %s ima-ng sha256:%s %s\n", hash,
	         digest_hex, path);
	(void)!softtpm_extend(&world.tpm, IMA_PCR, digest);
}

static const char *const files[] = { "boot_aggregate", "/usr/bin/agent", "/lib/libc.so.6",
	                             "/usr/bin/vi" };
static size_t measured, sent_from, cut_front;
static bool violate, tell;
static const char *late;

static void with_list(struct world *w, enum stage s)
{
	static uint8_t value[32];

	if (s == STAGE_LOG) {
		memset(&list, 0, sizeof list);
		for (size_t i = 0; i < measured; i++)
			measure(files[i], violate && i == measured - 1);
	} else if (s == STAGE_QUOTE) {
		w->mask |= 1u << IMA_PCR;
		memcpy(value, w->tpm.bank.value[IMA_PCR], 32);
	} else if (s == STAGE_BUNDLE) {
		if (late != NULL)
			measure(late, false);
		const char *from = list.text + list.start[sent_from];
		w->evidence.has_ima = true;
		w->evidence.ima_first = sent_from + cut_front;
		w->evidence.ima = bytes_text(from);
		if (tell) {
			w->evidence.pcr.known = 1u << IMA_PCR;
			w->evidence.pcr.value[IMA_PCR] = BYTES(value);
		}
	}
}

static void same_boot(struct world *w, enum stage s)
{
	if (s == STAGE_BOOT)
		w->tpm.clock.reset_count--; /* undone by the restart: the same run goes on */
	with_list(w, s);
}

static enum decision run(size_t count, size_t from, attack_fn *how)
{
	measured = count;
	sent_from = from;
	return world_run(&world, how);
}

/* What a store would keep. */
static void remember(void)
{
	world.enrolment.seen = world.result.remember;
	world.enrolment.clock = world.result.clock;
	world.enrolment.ima = world.result.ima;
	world.enrolment.ima_generation = world.result.ima_generation;
	world.enrolment.ima_reset = world.result.clock.reset_count;
}

static void explain(void)
{
	char text[2048];

	appraisal_explain(&world.result, text, sizeof text);
	for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n"))
		printf("# %s\n", line);
}

static bool refused_for(enum decision decision, enum finding_cause cause)
{
	explain();
	return decision == REFUSE && world.result.findings.count > 0 &&
	       world.result.findings.at[0].cause == cause;
}

static void learn_files(void)
{
	static uint8_t store[1 << 16];
	struct room text = ROOM(store);
	uint32_t line;
	const struct learn learn = { .model = world.say.model,
		                     .firmware = world.say.firmware,
		                     .bank = ATTEST_SHA256,
		                     .pcrs = 0x0695,
		                     .log = room_used(&world.log),
		                     .ima = bytes_text(list.text) };

	ok(learn_put(&text, &learn) == ERR_NONE &&
	           references_add_text(&verifier.references, room_used(&text), &line) == ERR_NONE,
	   "files are learned with the boot");
}

static void lists(void)
{
	ok(run(3, 0, with_list) == ADMIT, "R2: a list of expected files is admitted");
	explain();
	ok(world.result.ima.entries == 3, "... and its end is to be remembered");
	remember();
	softtpm_tick(&world.tpm, 10);
	ok(run(3, 0, same_boot) == ADMIT, "the same list again");
	remember();
	late = NULL;
	ok(run(3, 3 - 1, same_boot) == REFUSE, "R11: a list sent from the wrong entry");
	cut_front = 1;
	ok(refused_for(run(3, 2, same_boot), FINDING_LOG_MISMATCH),
	   "... even where it claims the right one");
	cut_front = 0;
	remember();
	world.enrolment.ima.entries = 0;
	ok(refused_for(run(3, 1, same_boot), FINDING_IMA_GAP),
	   "R11: a list that does not begin where the last ended");
	world.enrolment.seen = false;
	ok(refused_for(run(4, 0, with_list), FINDING_IMA_UNEXPECTED),
	   "R9: a file that is not expected");
	ok(strcmp(world.result.findings.at[0].text, "/usr/bin/vi") == 0 &&
	           world.result.ima.entries == 0,
	   "... is named, and the list is not gone on from");
	violate = true;
	ok(refused_for(run(3, 0, with_list), FINDING_IMA_VIOLATION),
	   "R9: a file that changed while it was measured");
	violate = false;
}

static void resumed(void)
{
	ok(run(2, 0, with_list) == ADMIT, "R11: two files are known");
	remember();
	softtpm_tick(&world.tpm, 10);
	ok(run(3, 2, same_boot) == ADMIT && world.result.ima.entries == 3,
	   "R11: then the third alone is sent");
	explain();
	verifier.references.generation++;
	ok(refused_for(run(3, 2, same_boot), FINDING_IMA_GAP),
	   "R9: after reference values changed, all of the list is asked for");
	world.enrolment.seen = false;
	tell = true;
	late = "/lib/libc.so.6";
	ok(run(2, 0, with_list) == ADMIT && world.result.ima.entries == 2,
	   "a list that grew after the quote is replayed as far as was quoted");
	explain();
	late = NULL;
	tell = false;
	ok(run(2, 0, with_list) == ADMIT, "... and a list alone must be quoted whole");
	late = "/lib/libc.so.6";
	ok(refused_for(run(2, 0, with_list), FINDING_LOG_MISMATCH), "... or is refused");
	late = NULL;
}

/* The published list under the published policies: path and digest are what such a policy has. */
static void published(const char *name, bool accept)
{
	static uint8_t scratch_store[IMA_TEMPLATE_MAX];
	struct room scratch = ROOM(scratch_store);
	struct reference set = { .model = "x" };
	struct findings found = { .count = 0 };
	struct bytes text, in;
	struct ima_entry entry;
	const char *path;
	json_t *digests, *digest;
	size_t index;

	if (!attestation_file(name, &text) || !attestation_file("ima/kl-MEASUREMENTS.txt", &in)) {
		skip("%s is not here", name);
		return;
	}
	json_t *root = json_loadb((const char *)text.at, text.len, 0, NULL);
	json_object_foreach(json_object_get(root, "digests"), path, digests)
	{
		json_array_foreach(digests, index, digest)
		{
			const char *hex = json_string_value(digest);
			struct reference_file file = { .len = 0 };
			struct room room = ROOM(file.digest);
			(void)!hex_read(bytes_text(hex), &room);
			file.len = (uint8_t)room.len;
			snprintf(file.path, sizeof file.path, "%s", path);
			(void)!reference_add_file(&set, &file);
		}
	}
	json_decref(root);
	struct references references;
	references_init(&references);
	(void)!references_adopt(&references, &set);
	while (in.len > 0 && ima_next(&in, IMA_ASCII, &scratch, &entry) == ERR_NONE)
		content_ima(&entry, &references.sets[0], &found);
	ok((found.count == 0) == accept && in.len == 0, "%s: %s", name,
	   accept ? "accept" : "reject");
	references_clear(&references);
}

int main(void)
{
	uint32_t line;

	if (!ok(verifier_init(&verifier, 4) == ERR_NONE &&
	                policy_read((struct bytes){ (const uint8_t *)policy, sizeof policy - 1 },
	                            &verifier.policy, &line) == ERR_NONE,
	        "a verifier with a policy over PCR 10"))
		return done();
	verifier.accept_test_chips = true;
	world_init(&world, &verifier);
	(void)run(3, 0, with_list);
	learn_files();
	lists();
	resumed();
	published("ima/kl-RUNTIME_POLICY_TEST.json", true);
	published("ima/kl-RUNTIME_POLICY_WRONG.json", false);
	verifier_clear(&verifier);
	return done();
}
