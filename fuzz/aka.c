/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Laws: an AUTS that the network believes is the one its USIM makes for that SQN_MS; an AUTN that the USIM
 * believes is the one the network makes; a subscriber record that is read writes back to itself. On
 * error nothing moved.
 */
#include "aka/aka.h"

#include "fuzz/law.h"

#include <string.h>

static const struct sqn_rules rules = { 1 << 28, 1 << 28 };

static struct aka_subscriber subscriber(void)
{
	struct aka_subscriber who;

	aka_subscriber_init(&who, AKA_MILENAGE);
	who.k.len = who.opc.len = 16;
	who.k.at[0] = who.opc.at[1] = 0x42;
	return who;
}

static void hold_auts(const uint8_t rand[static AKA_RAND_SIZE], struct bytes auts)
{
	struct aka_subscriber who = subscriber();
	struct aka_request stale = { .who = &who };
	struct sqn_array seen = { { 0 } };
	struct aka_answer answer;
	struct aka_vector vector;
	uint64_t sqn_ms = 7;

	if (aka_auts_verify(&who, rand, auts, &sqn_ms) != ERR_NONE) {
		LAW(sqn_ms == 7);
		return;
	}
	memcpy(stale.rand, rand, AKA_RAND_SIZE);
	seen.at[sqn_ind(sqn_ms)] = sqn_ms;
	LAW(aka_vector_make(&stale, &vector) == ERR_NONE);
	LAW(aka_usim_check(&who, &seen, &rules, rand,
	                   (struct bytes){ vector.autn, vector.autn_size }, &answer) == ERR_SYNC);
	LAW(bytes_same(auts, (struct bytes){ answer.auts, answer.auts_size }));
}

static void hold_autn(const uint8_t rand[static AKA_RAND_SIZE], struct bytes autn)
{
	struct aka_subscriber who = subscriber();
	struct aka_request request = { .who = &who };
	struct sqn_array seen = { { 0 } }, before = seen;
	struct aka_answer answer;
	struct aka_vector vector;
	uint64_t sqn = 0;

	if (aka_usim_check(&who, &seen, &rules, rand, autn, &answer) != ERR_NONE) {
		LAW(memcmp(&seen, &before, sizeof seen) == 0);
		return;
	}
	sqn = sqn_highest(&seen);
	memcpy(request.rand, rand, AKA_RAND_SIZE);
	request.sqn = sqn;
	request.amf = (uint16_t)(autn.at[6] << 8 | autn.at[7]);
	LAW(aka_vector_make(&request, &vector) == ERR_NONE);
	LAW(bytes_same(autn, (struct bytes){ vector.autn, vector.autn_size }));
	LAW(memcmp(vector.ck, answer.ck, sizeof answer.ck) == 0);
}

static void hold_record(struct bytes in)
{
	uint8_t octets[AKA_RECORD_MAX];
	struct room again = ROOM(octets);
	struct aka_subscriber who, before;

	memset(&who, 0x55, sizeof who);
	memcpy(&before, &who, sizeof who);
	if (aka_subscriber_read(in, &who) != ERR_NONE) {
		LAW(memcmp(&who, &before, sizeof who) == 0);
		return;
	}
	aka_subscriber_put(&again, &who);
	LAW(bytes_same(room_used(&again), in));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes in = { data, size }, kind, rand;

	if (!bytes_take(&in, 1, &kind))
		return 0;
	if (kind.at[0] == 'r') {
		hold_record(in);
		return 0;
	}
	if (!bytes_take(&in, AKA_RAND_SIZE, &rand))
		return 0;
	if (kind.at[0] == 's')
		hold_auts(rand.at, in);
	else
		hold_autn(rand.at, in);
	return 0;
}
