/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Law: whatever is sent to a paired card's three commands, nobody but the machine proves anything and nobody
 * but the authority orders anything: mode, key and number of the last order stay, the card refuses what
 * it refused, and says so in a status word. What is read can be written again, octet for octet.
 *
 * Input: an octet that chooses mode and, in its high bits, what is made good of the input: a signature over
 * what it says, by the wrong key; then commands, each behind its instruction and length.
 */
#include "fuzz/law.h"
#include "tests/card/pairing.h"

static struct dp_pki pki;
static struct lpa lpa;
static struct machine machine, authority, stranger;
static struct {
	struct mem_flash flash;
	struct card card;
} bases[PAIRING_MODES];

static void make_bases(void)
{
	dp_pki_make(&pki, EC_P256);
	machine_make(&machine);
	machine_make(&authority);
	machine_make(&stranger);
	for (uint8_t mode = 0; mode < PAIRING_MODES; mode++) {
		struct pairing_settings settings = machine_pairs(&machine, mode, &authority);
		lpa_new_paired(&lpa, &pki, NULL, &settings);
		mem_power(&lpa.flash, -1, 0);
		bases[mode].flash = lpa.flash;
		bases[mode].card = lpa.card;
	}
	mem_make(&lpa.flash, LPA_FLASH);
}

static bool refuses(void)
{
	lpa_send_hex(&lpa, "BF3F0580036E6577"); /* SetDefaultDpAddress "new" */
	return lpa.sw == SW_CONDITIONS;
}

static void same_pairing(const struct pairing_answer *before)
{
	struct pairing_answer now;

	LAW(pairing_look(&lpa, &now) == SW_OK);
	LAW(now.status.mode == before->status.mode && !now.status.proven);
	LAW(now.status.orders == before->status.orders);
	LAW(bytes_same(now.status.key_id, before->status.key_id));
}

/* A well-formed order of a stranger: everything but the key that signed is as it should be. */
static void forged_order(struct bytes in)
{
	struct bytes head;

	if (!bytes_take(&in, 2, &head))
		return;
	LAW(order_send(&lpa, &stranger, head.at[0] % PAIRING_MODES, 1u + head.at[1], &stranger) ==
	    SW_SECURITY_STATUS);
}

static void round_trips(struct bytes in)
{
	uint8_t octets[256];
	struct room out = ROOM(octets);
	struct pairing_status status;
	struct pairing_answer answer;
	struct pairing_order order;
	struct bytes signature;

	if (pairing_order_read(in, &order) == ERR_NONE) {
		uint8_t part_octets[PAIRING_SIGNED_MAX];
		struct room part = ROOM(part_octets);
		pairing_order_signed_put(&part, &order);
		pairing_order_put(&out, room_used(&part), order.signature);
		LAW(bytes_same(room_used(&out), in));
	}
	out.len = 0;
	if (pairing_proof_read(in, &signature) == ERR_NONE) {
		pairing_proof_put(&out, signature);
		LAW(bytes_same(room_used(&out), in));
	}
	out.len = 0;
	if (pairing_answer_read(in, &answer) == ERR_NONE) {
		pairing_answer_put(&out, &answer);
		LAW(in.len >= out.len && memcmp(in.at, octets, out.len) == 0);
	}
	out.len = 0;
	if (pairing_report_find(in, &status) == ERR_NONE) {
		struct pairing_status again;
		pairing_report_put(&out, &status);
		LAW(pairing_report_find(room_used(&out), &again) == ERR_NONE);
		LAW(again.mode == status.mode && again.missed == status.missed);
	}
}

static void one(uint8_t ins, struct bytes data)
{
	round_trips(data);
	lpa.answer_len = 0;
	pairing_send(&lpa, ins, data);
	LAW(ins == INS_PAIRING_CHALLENGE || lpa.sw != SW_OK);
	LAW(lpa.sw == SW_OK || lpa.sw >> 12 == 6);
	LAW(lpa.sw == SW_OK || lpa.answer_len == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t instructions[] = { INS_PAIRING_CHALLENGE, INS_PAIRING_PROVE,
		                                INS_PAIRING_ORDER };
	static bool ready;
	struct bytes in = { data, size }, head, body;
	struct pairing_answer before;

	if (!ready)
		make_bases();
	ready = true;
	if (!bytes_take(&in, 1, &head))
		return 0;
	uint8_t mode = head.at[0] % PAIRING_MODES;
	mem_copy(&lpa.flash, &bases[mode].flash);
	lpa.card = bases[mode].card;
	lpa.card.vault.flash = mem_port(&lpa.flash);
	LAW(pairing_look(&lpa, &before) == SW_OK);
	if (head.at[0] & 0x80)
		forged_order(in);
	for (unsigned n = 0; n < 6 && bytes_take(&in, 2, &head); n++) {
		size_t len = head.at[1] < in.len ? head.at[1] : in.len;
		if (!bytes_take(&in, len, &body))
			break;
		one(instructions[head.at[0] % COUNT(instructions)], body);
	}
	same_pairing(&before);
	LAW(refuses() == (mode == PAIRING_ENFORCE));
	LAW(lpa_on(&lpa) == ERR_NONE);
	same_pairing(&before);
	return 0;
}
