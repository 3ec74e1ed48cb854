/* SPDX-License-Identifier: Apache-2.0 */
/* A machine that checks itself against reference values (semi-autonomous validation, R2, R11): what it says of
 * itself is what a verifier would find in its quote. */
#include "verifier/self.h"
#include "tests/verifier/world.h"

static struct verifier verifier;
static struct world world;
static struct self self;
static struct statement said;

static bool check(attack_fn *attack)
{
	said = (struct statement){ .deviations = 99 };
	(void)world_run(&world, attack);
	self.now = &world.tpm.bank;
	self.log = room_used(&world.log);
	return self_check(&verifier.references, &self, &said) == ERR_NONE;
}

/* The only deviation, and that of what the verifier finds in the same machine's quote. */
static bool deviates(attack_fn *attack, uint32_t pcr, int64_t index)
{
	if (!check(attack) || said.deviations != 1 || world.result.decision != REFUSE)
		return false;
	printf("# PCR %u, %lld\n", said.deviation[0].pcr, (long long)said.deviation[0].index);
	return said.deviation[0].pcr == pcr && said.deviation[0].index == index;
}

static void other_kernel(struct world *w, enum stage s)
{
	if (s == STAGE_BOOT)
		snprintf(w->event[9].data, sizeof w->event[9].data, "evil kernel");
}

static void one_more(struct world *w, enum stage s)
{
	if (s != STAGE_BOOT)
		return;
	w->event[w->events] = w->event[9];
	snprintf(w->event[w->events++].data, sizeof w->event[0].data, "root kit");
}

static void one_less(struct world *w, enum stage s)
{
	if (s == STAGE_BOOT)
		w->events--; /* the separator of PCR 4 */
}

static void log_cleaned(struct world *w, enum stage s)
{
	one_more(w, s);
	if (s != STAGE_LOG)
		return;
	w->events--;
	world_write_log(w, false);
}

static void behind_the_log(struct world *w, enum stage s)
{
	static const uint8_t digest[SHA256_SIZE] = { 3 };

	if (s == STAGE_QUOTE)
		(void)!softtpm_extend(&w->tpm, 9, digest);
}

static void torn_log(struct world *w, enum stage s)
{
	if (s == STAGE_LOG)
		w->log.len -= 3;
}

static void event_many(struct world *w, enum stage s)
{
	for (size_t i = 0; s == STAGE_BOOT && i < w->events; i++)
		w->event[i].data[0] ^= 1;
}

static void digests(void)
{
	const struct reference *set = &verifier.references.sets[0];

	ok(deviates(other_kernel, 4, 9) &&
	           memcmp(said.deviation[0].digest, world.result.findings.at[0].found,
	                  STATEMENT_SHORT) == 0,
	   "R2, R9: an event that is another, as the verifier finds it");
	ok(deviates(one_more, 4, 11), "R2: one more");
	ok(deviates(one_less, 4, DEVIATION_MISSING) &&
	           memcmp(said.deviation[0].digest, set->events[set->event_count - 1].digest,
	                  STATEMENT_SHORT) == 0,
	   "R2: one less, which is named by what it should be");
	ok(deviates(log_cleaned, 4, DEVIATION_VALUE) &&
	           memcmp(said.deviation[0].digest, world.tpm.bank.value[4], STATEMENT_SHORT) == 0,
	   "R2: a log that was cleaned is not believed: the chip's PCR is told");
	ok(deviates(behind_the_log, 9, DEVIATION_VALUE), "R2: a PCR that no log explains");
}

static void whole(void)
{
	ok(check(torn_log) && said.deviations > 1,
	   "R2: a log that cannot be read explains nothing");
	ok(check(event_many) && said.deviations == STATEMENT_DEVIATIONS_MAX,
	   "R11: of many deviations as many as have room");
	ok(check(NULL) && said.deviations == 0 && world.result.decision == ADMIT,
	   "R2: ... and the good machine is intact again");
	self.firmware = BYTES_STR("9.9");
	ok(!check(NULL) && said.deviations == 99 &&
	           self_pcrs(&verifier.references, self.model, self.firmware) == 0,
	   "reference values of other firmware say nothing");
	self.firmware = BYTES_STR("1.0");
}

int main(void)
{
	uint32_t line;

	if (!ok(verifier_init(&verifier, 4) == ERR_NONE &&
	                policy_read(bytes_text(world_policy), &verifier.policy, &line) == ERR_NONE,
	        "a verifier with a policy"))
		return done();
	verifier.accept_test_chips = true;
	world_init(&world, &verifier);
	(void)world_run(&world, NULL);
	ok_err(world_learn(&world), ERR_NONE, "reference values are learned from a good machine");
	self = (struct self){ .model = BYTES_STR("M1"), .firmware = BYTES_STR("1.0") };
	ok(self_pcrs(&verifier.references, self.model, self.firmware) == world.mask,
	   "they speak of the PCRs that were learned");
	ok(check(NULL) && said.deviations == 0 &&
	           said.reference.at == verifier.references.sets[0].digest,
	   "R2: the good machine finds itself intact");
	digests();
	whole();
	verifier_clear(&verifier);
	return done();
}
