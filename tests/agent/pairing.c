/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The agent's proof with chips (swtpm, the software TPM) and the card core in the same process: R1a, R1c, R12. Machine A
 * proves itself and machine B cannot; a machine that was tampered with cannot use its own card; a signed
 * update can; a removable card tells of its move, or is dead.
 */
#include "agent/pairing.h"
#include "tests/card/package.h"
#include "tests/card/pairing.h"
#include "tests/chip.h"

/* A machine: a chip of its own, and what approves its state. */
struct equipment {
	struct test_chip chip;
	struct pairing_chip key;
	uint8_t point[EC_POINT_SIZE];
};

static struct dp_pki pki;
static struct lpa lpa;
static struct machine authority;
static struct secret signer;
static uint8_t signer_point[EC_POINT_SIZE];

enum { PCRS = 1u << 0 | 1u << 23 };

/* approve signs the state that the machine is in now. It goes through a file's octets and back. */
static void approve(struct equipment *equipment)
{
	struct trust_approval approval = { .pcrs = PCRS };
	uint8_t octets[APPROVAL_SIZE];
	struct room room = ROOM(octets);

	dp_must(trust_state_digest(equipment->key.trust, PCRS, approval.digest), "state");
	dp_must(crypto_ecdsa_sign(EC_P256, &signer, &BYTES(approval.digest), 1, approval.signature),
	        "approval");
	pairing_approval_put(&room, &approval);
	dp_must(pairing_approval_read(room_used(&room), &equipment->key.approval), "file");
}

static bool equipment_make(struct equipment *equipment, enum chip_kind kind)
{
	*equipment = (struct equipment){ .key = { .trust = NULL } };
	if (!chip_start(&equipment->chip, kind))
		return false;
	equipment->key.trust = equipment->chip.trust;
	memcpy(equipment->key.policy.signer, signer_point, EC_POINT_SIZE);
	approve(equipment);
	return pairing_chip_public(equipment->key.trust, &equipment->key.policy,
	                           equipment->point) == ERR_NONE;
}

/* --- the card as a link ----------------------------------------------------------------------- */

static unsigned locked, resets;

static enum err card_transmit(void *ctx, struct bytes command, struct room *reply)
{
	struct lpa *card = ctx;

	card_run(&card->card, command, reply);
	return ERR_NONE;
}

static enum err card_lock(void *ctx)
{
	(void)ctx;
	locked++;
	return ERR_NONE;
}

static void card_unlock(void *ctx)
{
	(void)ctx;
	locked--;
}

static enum err card_off_and_on(void *ctx)
{
	struct lpa *card = ctx;

	resets++;
	return lpa_on(card);
}

static const struct card_link direct = { &lpa,        card_transmit,   card_lock,
	                                 card_unlock, card_off_and_on, NULL };

static void card_of(const struct equipment *equipment, uint8_t mode)
{
	struct pairing_settings settings = { .mode = mode,
		                             .key = BYTES(equipment->point),
		                             .authority = BYTES(authority.point) };

	free(lpa.flash.now);
	free(lpa.flash.durable);
	lpa_new_paired(&lpa, &pki, NULL, &settings);
}

static enum err proves(struct equipment *equipment, struct pairing_seen *seen)
{
	struct pairing_signer by_chip = pairing_chip_signer(&equipment->key);

	return pairing_prove_machine(&direct, &by_chip, seen);
}

/* moved puts the card into a machine and lets its agent do what it does first. */
static enum err moved(struct equipment *equipment)
{
	struct pairing_seen seen;

	dp_must(lpa_on(&lpa), "power");
	return proves(equipment, &seen);
}

static bool managed(void)
{
	uint8_t octets[64];
	struct room request = ROOM(octets);

	lpa_select(&lpa);
	set_default_dp_address_put(&request, BYTES_STR("other.example.com"));
	return lpa_number(&lpa, TAG_SET_DEFAULT_DP_ADDRESS, room_used(&request)) == RESULT_OK;
}

/* 6985, or what AUTHENTICATE of a card says that would do it: here there is no profile to select, so that
 * tests/card/pairing.c and tests/e2e/pairing.sh look at AUTHENTICATE itself. */
static bool dead(void)
{
	return !managed() && lpa.sw == SW_CONDITIONS;
}

/* --- the stories ------------------------------------------------------------------------------ */

static void attached(struct equipment *a, struct equipment *b)
{
	card_of(a, PAIRING_ENFORCE);
	ok(dead(), "a card without its machine is dead");
	ok_err(moved(a), ERR_NONE, "R1a: A proves itself");
	ok(managed(), "... and its card works");
	ok_err(moved(b), ERR_MISMATCH, "R12: B's proof is none");
	ok(dead(), "... and the card is dead there");
	ok_err(moved(a), ERR_NONE, "back in A it lives");
	ok(locked == 0, "nobody is kept off the card");
}

static void tampered(struct equipment *a)
{
	uint8_t digest[SHA256_SIZE] = { 0xBA, 0xD0 };

	card_of(a, PAIRING_ENFORCE);
	dp_must(trust_extend(a->key.trust, 23, digest), "extend");
	ok_err(moved(a), ERR_DENIED, "R1a: tampered with, A's chip does not sign");
	ok(dead(), "... so that A cannot use its own card");
	approve(a);
	ok_err(moved(a), ERR_NONE, "a signed update works again");
	ok(managed(), "... with the same card and the same key");
	a->key.approval.signature[5] ^= 1;
	ok_err(moved(a), ERR_SIGNATURE, "an approval that nobody signed");
	a->key.approval.signature[5] ^= 1;
}

static void removable(struct equipment *a, struct equipment *b)
{
	struct pairing_seen seen;

	card_of(a, PAIRING_OBSERVE);
	ok_err(moved(b), ERR_MISMATCH, "R1c: observed, B is noticed");
	ok(managed(), "... and served");
	ok(pairing_ask(&direct, &seen) == ERR_NONE && seen.answer.status.missed == 1 &&
	           seen.answer.status.last == PAIRING_MISSED,
	   "R9: ... and counted");
	struct machine as_b = {
		{{ 0 }, 0 },
                { 0   }
	};
	memcpy(as_b.point, b->point, EC_POINT_SIZE);
	ok(order_send(&lpa, &authority, PAIRING_ENFORCE, 1, &as_b) == SW_OK && dead(),
	   "an order makes it B's");
	ok_err(moved(b), ERR_NONE, "B proves itself");
	ok_err(moved(a), ERR_MISMATCH, "A does not any more");
}

static void links(struct equipment *a)
{
	struct pairing_signer by_chip = pairing_chip_signer(&a->key);
	struct pairing_link paired = { &direct, &by_chip, ERR_NONE };
	struct card_link link = pairing_link_on(&paired);
	struct pairing_seen seen;

	card_of(a, PAIRING_ENFORCE);
	resets = 0;
	ok(link.reset(link.ctx) == ERR_NONE && resets == 1 && managed(),
	   "a link proves again after each reset");
	ok_err(pairing_prove_machine(&link, &by_chip, &seen), ERR_NONE,
	       "who has proved is not asked again");
	ok(seen.answer.status.proven, "... since the card says so");
	card_of(a, PAIRING_OFF);
	ok_err(proves(a, &seen), ERR_NONE, "where pairing is off nobody signs");
	ok(!seen.answer.status.proven, "... nor is anything proved");
	free(lpa.flash.now);
	free(lpa.flash.durable);
	lpa_new(&lpa, &pki, NULL);
	ok_err(proves(a, &seen), ERR_NONE, "a card that knows no pairing is a card");
	ok_err(pairing_ask(&direct, &seen), ERR_UNSUPPORTED, "... and says so when asked");
}

static void files(void)
{
	struct trust_approval approval;
	uint8_t good[APPROVAL_SIZE] = { 0x30, 0x6A, 0x80, 4, 0, 0, 0, 1, 0x81, 32 };

	good[42] = 0x82;
	good[43] = 64;
	ok_err(pairing_approval_read(BYTES(good), &approval), ERR_NONE, "an approval is read");
	good[4] = 1;
	ok_err(pairing_approval_read(BYTES(good), &approval), ERR_VALUE, "no TPM has a PCR 24");
	good[4] = 0;
	good[7] = 0;
	ok_err(pairing_approval_read(BYTES(good), &approval), ERR_VALUE,
	       "a state of no PCR is none");
	ok_err(pairing_approval_read((struct bytes){ good, 60 }, &approval), ERR_TRUNCATED,
	       "half a file");
}

static void stories(enum chip_kind kind)
{
	static struct equipment a, b;

	if (ok(equipment_make(&a, kind) && equipment_make(&b, kind),
	       "two machines with a chip each")) {
		ok(memcmp(a.point, b.point, EC_POINT_SIZE) != 0, "with a pairing key each");
		attached(&a, &b);
		tampered(&a);
		removable(&a, &b);
		links(&a);
	}
	chip_stop(&a.chip);
	chip_stop(&b.chip);
}

int main(void)
{
	files();
	dp_pki_make(&pki, EC_P256);
	machine_make(&authority);
	dp_must(crypto_ec_generate(EC_P256, &signer, signer_point), "signer");
	for (enum chip_kind kind = 0; kind < CHIP_KINDS; kind++) {
		if (chip_there(kind))
			stories(kind);
	}
	return done();
}
