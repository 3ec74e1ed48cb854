/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proofs and orders of a pairing, good and bad (R1a, R1c, R9, R12): replayed, of another machine, for
 * another card; counts that survive power cuts (I5) and do not wear the flash; what the network hears.
 */
#include "rsp/authenticate_server.h"
#include "rsp/euicc_info.h"
#include "tests/card/package.h"
#include "tests/card/pairing.h"

static struct dp_pki pki;
static struct lpa lpa;
static struct machine machine, stranger, authority;
static struct pairing_answer seen;

static void card_with(uint8_t mode, const struct machine *who, const struct machine *from)
{
	struct pairing_settings settings = { .mode = mode };

	if (who != NULL)
		settings = machine_pairs(who, mode, from);
	else if (from != NULL)
		settings.authority = BYTES(from->point);
	free(lpa.flash.now);
	free(lpa.flash.durable);
	lpa_new_paired(&lpa, &pki, NULL, &settings);
}

static uint16_t gated(void)
{
	uint8_t octets[64];
	struct room request = ROOM(octets);

	set_default_dp_address_put(&request, BYTES_STR("other.example.com"));
	lpa_send(&lpa, room_used(&request));
	return lpa.sw;
}

static uint16_t hex(const char *command)
{
	uint8_t octets[300];

	lpa.answer_len = 0;
	lpa_apdu(&lpa, unhex(command, octets, sizeof octets));
	return lpa.sw;
}

static void again(void)
{
	(void)!card_reset(&lpa.card).len;
	lpa_select(&lpa);
}

static void look(void)
{
	if (pairing_look(&lpa, &seen) != SW_OK)
		dp_must(ERR_DENIED, "looking");
}

/* --- commands -------------------------------------------------------------------------------- */

static void commands(void)
{
	card_with(PAIRING_OFF, NULL, NULL);
	ok(hex("8054000000") == SW_INS && hex("80560000021234") == SW_INS &&
	           hex("80580000021234") == SW_INS,
	   "a card that was never paired does not know the commands: 6D00");
	ok(gated() == SW_OK || lpa.sw >> 8 == 0x61, "... and needs no proof");
	card_with(PAIRING_ENFORCE, &machine, &authority);
	ok(hex("8054000000") == (SW_WRONG_LE | PAIRING_ANSWER_MAX), "the answer's length: 6Cxx");
	ok(hex("8054010000") == SW_WRONG_P1P2 && hex("8054000100") == SW_WRONG_P1P2,
	   "P1 and P2 are 00");
	ok(hex("0054000000") == SW_CLA && hex("A054000000") == SW_CLA,
	   "the class is the proprietary one");
	ok(hex("80560000") == SW_WRONG_LENGTH, "a proof has data");
	look();
	ok(seen.status.mode == PAIRING_ENFORCE && !seen.status.proven &&
	           seen.status.last == PAIRING_NEVER && seen.status.refused == 0 &&
	           seen.status.key_id.len == PAIRING_KEY_ID_SIZE,
	   "the state is told with the challenge");
	ok(hex("805600000142") == SW_WRONG_DATA, "a malformed proof: 6A80");
	ok(machine_proves(&lpa, &machine) == SW_OK, "R1a: the machine proves itself");
	ok(hex("0070000001") == SW_OK && hex("0170800100") == SW_OK && gated() != SW_CONDITIONS,
	   "... which outlasts logical channels");
	look();
	ok(seen.status.proven && seen.status.last == PAIRING_PROVEN, "... and is told");
	again();
	look();
	ok(!seen.status.proven && gated() == SW_CONDITIONS, "a reset ends it");
}

/* --- proofs ---------------------------------------------------------------------------------- */

static void proofs(void)
{
	uint8_t signature[EC_SIGNATURE_SIZE], other[EID_SIZE];

	card_with(PAIRING_ENFORCE, &machine, &authority);
	look();
	machine_sign(&machine, seen.challenge, seen.eid, signature);
	signature[0] ^= 1;
	ok(pairing_give(&lpa, signature) == SW_SECURITY_STATUS, "a changed signature: 6982");
	signature[0] ^= 1;
	ok(pairing_give(&lpa, signature) == SW_CONDITIONS,
	   "... and the challenge is used up: 6985");
	look();
	ok(pairing_give(&lpa, signature) == SW_SECURITY_STATUS, "a proof for an older challenge");
	look();
	machine_sign(&machine, seen.challenge, seen.eid, signature);
	ok(pairing_give(&lpa, signature) == SW_OK, "a good one");
	ok(pairing_give(&lpa, signature) == SW_CONDITIONS, "... is no good a second time");
	again();
	look();
	ok(pairing_give(&lpa, signature) == SW_SECURITY_STATUS && gated() == SW_CONDITIONS,
	   "R12: nor replayed in the next session");
	ok(machine_proves(&lpa, &stranger) == SW_SECURITY_STATUS && gated() == SW_CONDITIONS,
	   "R1a: another machine's proof is none");
	look();
	memcpy(other, seen.eid.at, sizeof other);
	other[15] ^= 1;
	machine_sign(&machine, seen.challenge, BYTES(other), signature);
	ok(pairing_give(&lpa, signature) == SW_SECURITY_STATUS && gated() == SW_CONDITIONS,
	   "a proof made for another card");
	look();
	machine_sign(&machine, seen.challenge, seen.eid, signature);
	again();
	ok(pairing_give(&lpa, signature) == SW_CONDITIONS,
	   "a challenge does not outlast the reset");
	look();
	machine_sign(&machine, seen.challenge, seen.eid, signature);
	look();
	ok(pairing_give(&lpa, signature) == SW_SECURITY_STATUS, "nor a newer challenge");
	ok(machine_proves(&lpa, &machine) == SW_OK && machine_proves(&lpa, &stranger) != SW_OK &&
	           gated() != SW_CONDITIONS,
	   "who failed afterwards takes nothing from who proved");
}

/* --- orders ---------------------------------------------------------------------------------- */

static void orders(void)
{
	uint8_t octets[PAIRING_ORDER_MAX], eid[EID_SIZE], bad_point[EC_POINT_SIZE] = { 4, 1 };
	struct room room = ROOM(octets);

	card_with(PAIRING_OFF, NULL, &authority);
	look();
	memcpy(eid, seen.eid.at, sizeof eid);
	ok(order_send(&lpa, &authority, PAIRING_ENFORCE, 1, NULL) == SW_WRONG_DATA,
	   "an order that leaves the card without a key: 6A80");
	ok(order_send(&lpa, &stranger, PAIRING_ENFORCE, 1, &machine) == SW_SECURITY_STATUS,
	   "a stranger's order: 6982");
	ok(gated() != SW_CONDITIONS, "... changes nothing");
	ok(order_send(&lpa, &authority, PAIRING_OBSERVE, 5, &machine) == SW_OK,
	   "the first pairing");
	ok(order_send(&lpa, &authority, PAIRING_OFF, 5, NULL) == SW_CONDITIONS &&
	           order_send(&lpa, &authority, PAIRING_OFF, 4, NULL) == SW_CONDITIONS,
	   "R12: an order is carried out once, and no older one after it: 6985");
	ok(machine_proves(&lpa, &machine) == SW_OK, "the machine proves itself");
	ok(order_send(&lpa, &authority, PAIRING_ENFORCE, 6, NULL) == SW_OK &&
	           gated() == SW_CONDITIONS,
	   "observe becomes enforce, and wants a new proof");
	ok(machine_proves(&lpa, &machine) == SW_OK && gated() != SW_CONDITIONS,
	   "the key is the same");
	ok(order_send(&lpa, &authority, PAIRING_ENFORCE, 7, &stranger) == SW_OK &&
	           machine_proves(&lpa, &machine) == SW_SECURITY_STATUS &&
	           machine_proves(&lpa, &stranger) == SW_OK,
	   "R1c: the card moves to another machine by order");
	struct pairing_order order = {
		BYTES(eid), 8, PAIRING_OFF, {NULL, 0 },
                   { 0  },
                   { 0 }
	};
	eid[3] ^= 1;
	order_make(&authority, &order, &room);
	ok(pairing_send(&lpa, INS_PAIRING_ORDER, room_used(&room)) == SW_NO_REFERENCED,
	   "an order for another card: 6A88");
	eid[3] ^= 1;
	room.len = 0;
	order.key = BYTES(bad_point);
	order_make(&authority, &order, &room);
	ok(pairing_send(&lpa, INS_PAIRING_ORDER, room_used(&room)) == SW_WRONG_DATA,
	   "a key that is no point of the curve: 6A80");
	room.len = 0;
	order.key = (struct bytes){ NULL, 0 };
	order_make(&authority, &order, &room);
	octets[24] ^= 2; /* the mode: 82 01 00 behind 81 10 EID */
	ok(pairing_send(&lpa, INS_PAIRING_ORDER, room_used(&room)) == SW_SECURITY_STATUS ||
	           lpa.sw == SW_WRONG_DATA,
	   "a changed order");
	look();
	ok(seen.status.orders == 7 && seen.status.mode == PAIRING_ENFORCE,
	   "what was refused changed nothing");
	ok(order_send(&lpa, &authority, PAIRING_OFF, UINT32_MAX, NULL) == SW_OK &&
	           order_send(&lpa, &authority, PAIRING_ENFORCE, 0, NULL) == SW_CONDITIONS,
	   "after the last number no order comes");
	card_with(PAIRING_ENFORCE, &machine, NULL);
	ok(order_send(&lpa, &authority, PAIRING_OFF, 1, NULL) == SW_CONDITIONS,
	   "R1a: a card without authority is paired for ever: 6985");
}

/* --- counts ---------------------------------------------------------------------------------- */

static void counts(void)
{
	card_with(PAIRING_ENFORCE, &machine, &authority);
	for (int i = 0; i < 3; i++) {
		again();
		gated();
		gated();
	}
	look();
	ok(seen.status.refused == 3 && seen.status.missed == 0 &&
	           seen.status.last == PAIRING_MISSED,
	   "a refusing session counts once");
	again();
	look();
	ok(seen.status.refused == 3, "one in which nothing was asked for does not");
	order_send(&lpa, &authority, PAIRING_OBSERVE, 1, NULL);
	ok(gated() != SW_CONDITIONS, "observing, the card works");
	look();
	ok(seen.status.refused == 3 && seen.status.missed == 1, "R9: ... and counts");
	dp_must(lpa_on(&lpa), "power");
	look();
	ok(seen.status.refused == 3 && seen.status.missed == 1, "I5: counts survive power");
	machine_proves(&lpa, &machine);
	gated();
	look();
	ok(seen.status.missed == 1 && seen.status.last == PAIRING_PROVEN,
	   "with a proof nothing is counted");
}

/* Somebody switches the card on and off for ever: the flash sees ever fewer writes. */
static void wear(void)
{
	long writes[2] = { 0 };
	unsigned sessions = 6000;

	card_with(PAIRING_ENFORCE, &machine, &authority);
	for (unsigned i = 0; i < sessions; i++) {
		again();
		long before = lpa.flash.writes;
		gated();
		writes[i >= sessions / 2] += lpa.flash.writes != before;
	}
	look();
	printf("# %u sessions: counted %u, wrote %ld times in the first half and %ld in the "
	       "second\n",
	       sessions, (unsigned)seen.status.refused, writes[0], writes[1]);
	ok(seen.status.refused > sessions / 2 && seen.status.refused < 2 * sessions,
	   "%u refusing sessions are counted nearly right", sessions);
	ok(writes[0] + writes[1] < 1200 && writes[1] < writes[0],
	   "... in a bounded number of writes: a few hundred, and ever fewer");
}

/* --- power cuts ------------------------------------------------------------------------------ */

static struct mem_flash before;

static bool deed_refusal(void)
{
	return gated() == SW_CONDITIONS;
}

static bool deed_order(void)
{
	return order_send(&lpa, &authority, PAIRING_OBSERVE, 9, &stranger) == SW_OK;
}

static bool deed_proof(void)
{
	return machine_proves(&lpa, &machine) == SW_OK;
}

struct view {
	uint8_t mode, last;
	uint32_t refused, orders;
	uint8_t key[PAIRING_KEY_ID_SIZE];
};

static struct view view(void)
{
	look();
	struct view out = {
		seen.status.mode, seen.status.last, seen.status.refused, seen.status.orders, { 0 }
	};
	memcpy(out.key, seen.status.key_id.at, sizeof out.key);
	return out;
}

static bool same(const struct view *a, const struct view *b)
{
	return a->mode == b->mode && a->last == b->last && a->refused == b->refused &&
	       a->orders == b->orders && memcmp(a->key, b->key, sizeof a->key) == 0;
}

/* R1a, I5: the power is cut at every write of the deed; the card is as before or as after. */
static void sweep(const char *says, bool (*deed)(void))
{
	enum { TEARS = 8 };
	unsigned cuts = 0, bad = 0, forgotten = 0;

	mem_power(&lpa.flash, -1, 0);
	mem_copy(&before, &lpa.flash);
	dp_must(lpa_on(&lpa), "power");
	struct view first = view();
	lpa.flash.writes = 0;
	if (!ok(deed(), "%s", says))
		return;
	long writes = lpa.flash.writes;
	struct view last = view();
	for (long n = 0; n < writes * TEARS; n++, cuts++) {
		mem_copy(&lpa.flash, &before);
		mem_power(&lpa.flash, n / TEARS, (uint32_t)(n * 2654435761u + 1));
		bool acknowledged = lpa_on(&lpa) == ERR_NONE && deed() && !lpa.flash.dead;
		mem_power(&lpa.flash, -1, 0);
		if (lpa_on(&lpa) != ERR_NONE) {
			bad++;
			continue;
		}
		struct view now = view();
		bad += !same(&now, &first) && !same(&now, &last);
		forgotten += acknowledged && !same(&now, &last);
	}
	ok(writes > 0 && bad == 0, "I5: %s: %u cuts, before or after, never between", says, cuts);
	ok(forgotten == 0, "... and what was acknowledged is there");
	mem_copy(&lpa.flash, &before);
	mem_power(&lpa.flash, -1, 0);
	dp_must(lpa_on(&lpa), "power");
}

static void power(void)
{
	card_with(PAIRING_ENFORCE, &machine, &authority);
	sweep("a refusal", deed_refusal);
	sweep("an order", deed_order);
	sweep("a proof", deed_proof);
}

/* --- what the network hears ------------------------------------------------------------------ */

static void reports(void)
{
	static uint8_t octets[4096];
	struct authenticate_server_response response;
	struct pairing_status status;
	struct euicc_signed1 signed1;
	struct euicc_info2 info2;
	uint8_t challenge[16];
	struct dp dp;

	card_with(PAIRING_OBSERVE, &machine, &authority);
	gated();
	again();
	gated();
	machine_proves(&lpa, &machine);
	dp_start(&dp, &pki);
	dp_must(lpa_challenge(&lpa, challenge), "challenge");
	struct bytes answer = lpa_authenticate(&lpa, &dp, BYTES(challenge));
	memcpy(octets, answer.at, answer.len);
	answer.at = octets;
	ok_err(dp_accept(&dp, answer), ERR_NONE,
	       "the SM-DP+ accepts euiccSigned1 and its signature");
	ok(authenticate_server_response_read(answer, &response) == ERR_NONE &&
	           euicc_signed1_read(response.euicc_signed1, &signed1) == ERR_NONE &&
	           euicc_info2_read(signed1.euicc_info2, &info2) == ERR_NONE,
	   "EUICCInfo2 in it is read as ever");
	ok_err(pairing_report_find(info2.extensions, &status), ERR_NONE,
	       "R9, R12: under the card's signature is the report");
	ok(status.mode == PAIRING_OBSERVE && status.proven && status.missed == 2 &&
	           status.refused == 0 && status.key_id.len == PAIRING_KEY_ID_SIZE,
	   "... observe, proven now, two sessions without a proof");
	card_with(PAIRING_OFF, &machine, &authority);
	ok(euicc_info2_read(lpa_send_hex(&lpa, "BF2200"), &info2) == ERR_NONE &&
	           pairing_report_find(info2.extensions, &status) == ERR_NOT_FOUND,
	   "off, nothing is said");
}

/* --- personalisation ------------------------------------------------------------------------- */

static enum err made(const struct pairing_settings *settings)
{
	enum err err;

	card_with(PAIRING_OFF, NULL, NULL);
	dp_must(vault_begin(&lpa.card.vault), "transaction");
	err = pairing_personalise(&lpa.card, settings);
	vault_abort(&lpa.card.vault);
	return err;
}

static void personalisation(void)
{
	struct machine broken = machine;
	struct pairing_settings keyless = { .mode = PAIRING_ENFORCE };
	struct pairing_settings wrong = machine_pairs(&broken, PAIRING_ENFORCE, &authority);
	struct pairing_settings unknown = machine_pairs(&machine, PAIRING_MODES, &authority);

	broken.point[64] ^= 1;
	ok_err(made(&keyless), ERR_VALUE, "a card that enforces has a key");
	ok_err(made(&wrong), ERR_VALUE, "which is a point of the curve");
	ok_err(made(&unknown), ERR_VALUE, "and one of the modes");
}

int main(void)
{
	dp_pki_make(&pki, EC_P256);
	machine_make(&machine);
	machine_make(&stranger);
	machine_make(&authority);
	mem_make(&before, LPA_FLASH);
	commands();
	proofs();
	orders();
	counts();
	wear();
	power();
	reports();
	personalisation();
	return done();
}
