/* SPDX-License-Identifier: Apache-2.0 */
/* A machine with its pairing key in memory, an authority that signs orders, and a card paired with them. */
#ifndef TESTS_CARD_PAIRING_H
#define TESTS_CARD_PAIRING_H

#include "rsp/pairing.h"
#include "tests/card/lpa.h"

struct machine {
	struct secret key;
	uint8_t point[EC_POINT_SIZE];
};

UNUSED static void machine_make(struct machine *machine)
{
	dp_must(crypto_ec_generate(EC_P256, &machine->key, machine->point), "a key");
}

/* machine_pairs gives what a card with this machine is personalised with. */
UNUSED static struct pairing_settings machine_pairs(const struct machine *machine, uint8_t mode,
                                                    const struct machine *authority)
{
	struct pairing_settings settings = { .mode = mode, .key = BYTES(machine->point) };

	if (authority != NULL)
		settings.authority = BYTES(authority->point);
	return settings;
}

/* pairing_send sends one of the three commands on the basic channel; the answer is in lpa->answer. */
UNUSED static uint16_t pairing_send(struct lpa *lpa, uint8_t ins, struct bytes data)
{
	uint8_t octets[5 + 255];
	struct room command = ROOM(octets);

	room_put_u8(&command, 0x80);
	room_put_u8(&command, ins);
	room_put_u16(&command, 0);
	room_put_u8(&command, (uint8_t)data.len);
	room_put(&command, data);
	lpa->answer_len = 0;
	lpa_apdu(lpa, room_used(&command));
	if (lpa->sw >> 8 == 0x6C) {
		octets[4] = (uint8_t)lpa->sw;
		lpa_apdu(lpa, room_used(&command));
	}
	return lpa->sw;
}

UNUSED static uint16_t pairing_look(struct lpa *lpa, struct pairing_answer *out)
{
	static uint8_t octets[256];
	uint16_t sw = pairing_send(lpa, INS_PAIRING_CHALLENGE, (struct bytes){ NULL, 0 });

	if (sw != SW_OK)
		return sw;
	memcpy(octets, lpa->answer, lpa->answer_len);
	dp_must(pairing_answer_read((struct bytes){ octets, lpa->answer_len }, out), "the answer");
	return sw;
}

UNUSED static void machine_sign(const struct machine *machine, struct bytes challenge,
                                struct bytes eid, uint8_t signature[static EC_SIGNATURE_SIZE])
{
	struct bytes parts[PAIRING_PARTS];

	pairing_proof_parts(challenge, eid, parts);
	dp_must(crypto_ecdsa_sign(EC_P256, &machine->key, parts, PAIRING_PARTS, signature),
	        "proof");
}

UNUSED static uint16_t pairing_give(struct lpa *lpa, const uint8_t signature[EC_SIGNATURE_SIZE])
{
	uint8_t octets[2 + EC_SIGNATURE_SIZE];
	struct room proof = ROOM(octets);

	pairing_proof_put(&proof, (struct bytes){ signature, EC_SIGNATURE_SIZE });
	return pairing_send(lpa, INS_PAIRING_PROVE, room_used(&proof));
}

/* machine_proves does what an agent does at the beginning of a card session. */
UNUSED static uint16_t machine_proves(struct lpa *lpa, const struct machine *machine)
{
	uint8_t signature[EC_SIGNATURE_SIZE];
	struct pairing_answer answer;
	uint16_t sw = pairing_look(lpa, &answer);

	if (sw != SW_OK)
		return sw;
	machine_sign(machine, answer.challenge, answer.eid, signature);
	return pairing_give(lpa, signature);
}

/* order_make signs an order; fields of `order` as they shall be on the wire. */
UNUSED static void order_make(const struct machine *authority, const struct pairing_order *order,
                              struct room *out)
{
	uint8_t octets[PAIRING_SIGNED_MAX], signature[EC_SIGNATURE_SIZE];
	struct bytes parts[PAIRING_ORDER_PARTS];
	struct room part = ROOM(octets);

	pairing_order_signed_put(&part, order);
	pairing_order_parts(room_used(&part), parts);
	dp_must(crypto_ecdsa_sign(EC_P256, &authority->key, parts, PAIRING_ORDER_PARTS, signature),
	        "order");
	pairing_order_put(out, room_used(&part), BYTES(signature));
}

UNUSED static uint16_t order_send(struct lpa *lpa, const struct machine *authority, uint8_t mode,
                                  uint32_t number, const struct machine *machine)
{
	uint8_t octets[PAIRING_ORDER_MAX], eid[EID_SIZE], text[] = DP_EID;
	struct room room = ROOM(octets);
	struct pairing_order order = { .eid = BYTES(eid), .number = number, .mode = mode };

	dp_must(rsp_eid_read((struct bytes){ text, 32 }, eid), "EID");
	if (machine != NULL)
		order.key = BYTES(machine->point);
	order_make(authority, &order, &room);
	return pairing_send(lpa, INS_PAIRING_ORDER, room_used(&room));
}

#endif
