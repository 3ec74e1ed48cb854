/* SPDX-License-Identifier: Apache-2.0 */
/* Both ends of AKA against each other, for every algorithm: TS 33.102 6.3. */
#include "aka/aka.h"

#include "port/crypto.h"
#include "tests/tap.h"

static const struct sqn_rules usual = { .delta = 1 << 28, .age_limit = 1 << 28 };

static const struct kind {
	const char *name;
	enum aka_algorithm algorithm;
	uint8_t k, op, mac, res, ck, ik, iterations;
} kinds[] = {
	{ "Milenage", AKA_MILENAGE, 16, 16, 8, 8, 16, 16, 0 },
	{ "Milenage with a RES of 32 bits", AKA_MILENAGE, 16, 16, 8, 4, 16, 16, 0 },
	{ "TUAK-128", AKA_TUAK, 16, 32, 8, 8, 16, 16, 1 },
	{ "TUAK-256, longest values, 3 iterations", AKA_TUAK, 32, 32, 32, 32, 32, 32, 3 },
	{ "TUAK-256, MAC of 128 bits", AKA_TUAK, 32, 32, 16, 16, 32, 16, 1 },
	{ "test algorithm", AKA_TEST, 16, 0, 8, 16, 16, 16, 0 },
};

static struct aka_subscriber subscriber_of(const struct kind *kind)
{
	struct aka_subscriber who;
	struct secret op = { .len = kind->op };

	aka_subscriber_init(&who, kind->algorithm);
	who.k.len = kind->k;
	for (uint8_t i = 0; i < kind->k; i++)
		who.k.at[i] = (uint8_t)(i * 7 + 1);
	for (uint8_t i = 0; i < kind->op; i++)
		op.at[i] = (uint8_t)(i * 5 + 3);
	who.mac_size = kind->mac;
	who.res_size = kind->res;
	who.ck_size = kind->ck;
	who.ik_size = kind->ik;
	who.iterations = kind->iterations;
	if (kind->op > 0 && aka_subscriber_op(&who, &op) != ERR_NONE)
		who.k.len = 0;
	return who;
}

static struct aka_request request_of(const struct aka_subscriber *who, uint64_t seq)
{
	struct aka_request request = { .who = who,
		                       .sqn = sqn_make(seq, 0),
		                       .amf = AKA_AMF_SEPARATION };

	for (uint8_t i = 0; i < AKA_RAND_SIZE; i++)
		request.rand[i] = (uint8_t)(seq >> (i % 8 * 8)) ^ i;
	return request;
}

static void agreement(const struct aka_subscriber *who)
{
	struct aka_request request = request_of(who, 1);
	struct sqn_array seen = { { 0 } };
	struct aka_vector vector;
	struct aka_answer answer;
	struct aka_triplet triplet;

	ok(aka_subscriber_valid(who), "the subscriber is valid");
	ok_err(aka_vector_make(&request, &vector), ERR_NONE, "the network makes a vector");
	ok(vector.autn[6] == 0x80 && vector.autn[7] == 0, "... with the separation bit in its AMF");
	struct bytes autn = { vector.autn, vector.autn_size };
	ok_err(aka_usim_check(who, &seen, &usual, vector.rand, autn, &answer), ERR_NONE,
	       "the USIM accepts it");
	ok_bytes((struct bytes){ answer.res, answer.res_size },
	         (struct bytes){ vector.xres, vector.xres_size }, "RES is XRES");
	ok_bytes((struct bytes){ answer.ck, answer.ck_size },
	         (struct bytes){ vector.ck, vector.ck_size }, "CK agrees");
	ok_bytes((struct bytes){ answer.ik, answer.ik_size },
	         (struct bytes){ vector.ik, vector.ik_size }, "IK agrees");
	ok(seen.at[0] == request.sqn, "SQN is noted");
	ok_err(aka_triplet_make(who, vector.rand, &triplet), ERR_NONE,
	       "a triplet for the same RAND");
	ok_bytes(BYTES(triplet.kc), BYTES(answer.kc), "Kc agrees with the 3G context");
}

static void resynchronisation(const struct aka_subscriber *who)
{
	struct aka_request request = request_of(who, 5);
	struct sqn_array seen = { { sqn_make(900, 0), sqn_make(1000, 1) } }, before = seen;
	struct aka_vector vector;
	struct aka_answer answer;
	uint64_t sqn_ms = 0;

	ok_err(aka_vector_make(&request, &vector), ERR_NONE, "a vector with an old SQN");
	struct bytes autn = { vector.autn, vector.autn_size };
	ok_err(aka_usim_check(who, &seen, &usual, vector.rand, autn, &answer), ERR_SYNC,
	       "the USIM asks for a resynchronisation");
	ok(memcmp(&seen, &before, sizeof seen) == 0, "... its array has not moved");
	ok(answer.res_size == 0 && answer.ck[0] == 0 && answer.ck[15] == 0, "... it gives no key");
	struct bytes auts = { answer.auts, answer.auts_size };
	ok(auts.len == (size_t)6 + who->mac_size, "AUTS has its length");
	ok_err(aka_auts_verify(who, vector.rand, auts, &sqn_ms), ERR_NONE,
	       "the network verifies it");
	ok(sqn_ms == sqn_make(1000, 1), "... and learns SQN_MS");
	for (size_t bit = 0; bit < 8 * auts.len; bit++) {
		answer.auts[bit / 8] ^= (uint8_t)(1 << bit % 8);
		sqn_ms = 7;
		if (aka_auts_verify(who, vector.rand, auts, &sqn_ms) != ERR_MAC || sqn_ms != 7)
			ok(false, "bit %zu of AUTS may change", bit);
		answer.auts[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	vector.rand[0] ^= 1;
	ok_err(aka_auts_verify(who, vector.rand, auts, &sqn_ms), ERR_MAC, "not for another RAND");
	auts.len--;
	ok_err(aka_auts_verify(who, vector.rand, auts, &sqn_ms), ERR_LENGTH, "nor cut short");
}

static void forgeries(const struct aka_subscriber *who)
{
	struct aka_request request = request_of(who, 2);
	struct sqn_array seen = { { 0 } }, before = seen;
	struct aka_subscriber other = *who;
	struct aka_vector vector;
	struct aka_answer answer;
	int accepted = 0;

	other.k.at[15] ^= 1;
	ok_err(aka_vector_make(&request, &vector), ERR_NONE, "a vector");
	struct bytes autn = { vector.autn, vector.autn_size };
	for (size_t bit = 0; bit < 8 * autn.len; bit++) {
		vector.autn[bit / 8] ^= (uint8_t)(1 << bit % 8);
		accepted +=
			aka_usim_check(who, &seen, &usual, vector.rand, autn, &answer) != ERR_MAC;
		vector.autn[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	ok(accepted == 0, "no bit of AUTN may change");
	if (who->algorithm != AKA_TEST) { /* whose AK and MAC share bits: some keys collide */
		ok_err(aka_usim_check(&other, &seen, &usual, vector.rand, autn, &answer), ERR_MAC,
		       "a USIM with another K refuses");
	}
	ok_err(aka_usim_check(who, &seen, &usual, vector.rand,
	                      (struct bytes){ autn.at, autn.len - 1 }, &answer),
	       ERR_LENGTH, "a short AUTN is refused");
	ok(memcmp(&seen, &before, sizeof seen) == 0, "... and none of these moved the array");
}

static void records(const struct aka_subscriber *who)
{
	uint8_t octets[AKA_RECORD_MAX], again[AKA_RECORD_MAX];
	struct room record = ROOM(octets), rewritten = ROOM(again);
	struct aka_subscriber read;

	memset(&read, 0, sizeof read);
	aka_subscriber_put(&record, who);
	ok(!record.full, "the record fits");
	ok_err(aka_subscriber_read(room_used(&record), &read), ERR_NONE, "it reads back");
	aka_subscriber_put(&rewritten, &read);
	ok_bytes(room_used(&rewritten), room_used(&record), "... to the same");
	for (size_t cut = 0; cut < record.len; cut++) {
		read.iterations = 77;
		if (aka_subscriber_read((struct bytes){ octets, cut }, &read) == ERR_NONE ||
		    read.iterations != 77)
			ok(false, "a record cut at %zu is read", cut);
	}
}

static void own_constants(void)
{
	struct aka_subscriber who = subscriber_of(&kinds[0]), read;
	uint8_t octets[AKA_RECORD_MAX + 1];
	struct room record = ROOM(octets);

	who.constants.r[0] = 8;
	who.constants.c[4][0] = 0x77;
	aka_subscriber_put(&record, &who);
	ok_err(aka_subscriber_read(room_used(&record), &read), ERR_NONE,
	       "own constants in a record");
	ok(memcmp(&read.constants, &who.constants, sizeof who.constants) == 0, "... come back");
	ok(record.len <= AKA_RECORD_MAX, "the longest record fits");
	agreement(&who);
	who.constants.r[0] = 200;
	ok(!aka_subscriber_valid(&who), "unusable constants make no valid subscriber");
}

/* TS 33.102 6.8.1.2 worked by hand. */
static void conversions(void)
{
	struct aka_subscriber who = subscriber_of(&kinds[5]);
	uint8_t rand[16] = { 0 }, sres[4] = { 0 };
	struct aka_triplet triplet;

	ok_err(aka_triplet_make(&who, rand, &triplet), ERR_NONE, "a triplet of the test algorithm");
	for (size_t i = 0; i < 16; i++)
		sres[i % 4] ^= who.k.at[i]; /* RES is K here: RAND is zero */
	ok_bytes(BYTES(triplet.sres), BYTES(sres), "c2 is the xor of four words");
}

static void refusals(void)
{
	struct aka_subscriber who = subscriber_of(&kinds[0]);
	struct aka_request request = request_of(&who, 1);
	struct aka_vector vector;
	uint64_t sqn_ms;
	uint8_t auts[14] = { 0 };

	request.sqn = SQN_MAX + 1;
	ok_err(aka_vector_make(&request, &vector), ERR_VALUE, "an SQN beyond 48 bits");
	request.sqn = 32;
	who.k.len = 0;
	memset(&vector, 0x55, sizeof vector);
	ok_err(aka_vector_make(&request, &vector), ERR_VALUE, "a subscriber without K");
	ok(vector.ck[0] == 0 && vector.xres[7] == 0, "... gets no vector");
	ok_err(aka_auts_verify(&who, request.rand, BYTES(auts), &sqn_ms), ERR_VALUE,
	       "... nor AUTS");
}

int main(void)
{
	for (size_t i = 0; i < COUNT(kinds); i++) {
		struct aka_subscriber who = subscriber_of(&kinds[i]);
		ok(true, "%s:", kinds[i].name);
		agreement(&who);
		resynchronisation(&who);
		forgeries(&who);
		records(&who);
	}
	own_constants();
	conversions();
	refusals();
	return done();
}
