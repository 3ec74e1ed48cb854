/* SPDX-License-Identifier: Apache-2.0 */
/* hostapd's text protocol: what is a request, and how answers look. */
#include "server/auc_text.h"

#include "tests/tap.h"

#define IMSI "001010123456789"
#define AUTS "00112233445566778899aabbccdd"
#define RAND "0123456789abcdef0123456789abcdef"

static const struct {
	const char *says, *text;
	enum err want;
} rows[] = {
	{ "a vector", "AKA-REQ-AUTH " IMSI, ERR_NONE },
	{ "three triplets", "SIM-REQ-AUTH " IMSI " 3", ERR_NONE },
	{ "a resynchronisation", "AKA-AUTS " IMSI " " AUTS " " RAND, ERR_NONE },
	{ "the shortest IMSI", "AKA-REQ-AUTH 001010", ERR_NONE },
	{ "an IMSI too short", "AKA-REQ-AUTH 00101", ERR_VALUE },
	{ "an IMSI too long", "AKA-REQ-AUTH 0010101234567890", ERR_VALUE },
	{ "an IMSI with a letter", "AKA-REQ-AUTH 00101012345678a", ERR_VALUE },
	{ "no IMSI", "AKA-REQ-AUTH", ERR_VALUE },
	{ "an empty IMSI", "AKA-REQ-AUTH ", ERR_VALUE },
	{ "nothing at all", "", ERR_VALUE },
	{ "an unknown word", "AKA-REQ-AUTHS " IMSI, ERR_VALUE },
	{ "a lower-case word", "aka-req-auth " IMSI, ERR_VALUE },
	{ "an answer", "AKA-RESP-AUTH " IMSI " FAILURE", ERR_VALUE },
	{ "two spaces", "AKA-REQ-AUTH  " IMSI, ERR_VALUE },
	{ "a space before", " AKA-REQ-AUTH " IMSI, ERR_VALUE },
	{ "a space behind", "AKA-REQ-AUTH " IMSI " ", ERR_VALUE },
	{ "a line feed behind", "AKA-REQ-AUTH " IMSI "\n", ERR_VALUE },
	{ "a word too many", "AKA-REQ-AUTH " IMSI " 1", ERR_VALUE },
	{ "no count", "SIM-REQ-AUTH " IMSI, ERR_VALUE },
	{ "no triplet", "SIM-REQ-AUTH " IMSI " 0", ERR_VALUE },
	{ "six triplets", "SIM-REQ-AUTH " IMSI " 6", ERR_VALUE },
	{ "a count of two digits", "SIM-REQ-AUTH " IMSI " 03", ERR_VALUE },
	{ "a negative count", "SIM-REQ-AUTH " IMSI " -1", ERR_VALUE },
	{ "AUTS without RAND", "AKA-AUTS " IMSI " " AUTS, ERR_VALUE },
	{ "AUTS one digit short",      "AKA-AUTS " IMSI " 0112233445566778899aabbccdd " RAND,
         ERR_VALUE										      },
	{ "AUTS with a foreign digit", "AKA-AUTS " IMSI " 0g112233445566778899aabbccdd " RAND,
         ERR_VALUE										      },
	{ "AUTS in upper case", "AKA-AUTS " IMSI " 00112233445566778899AABBCCDD " RAND, ERR_VALUE },
	{ "RAND one octet long", "AKA-AUTS " IMSI " " AUTS " " RAND "00", ERR_VALUE },
};

static void requests(void)
{
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct auc_request request = { .count = 77 };
		struct bytes text = bytes_text(rows[i].text);

		ok_err(auc_request_read(text, &request), rows[i].want, rows[i].says);
		if (rows[i].want != ERR_NONE && request.count != 77)
			ok(false, "... but it has touched the result");
	}
	uint8_t nul[] = "AKA-REQ-AUTH " IMSI; /* with its NUL */
	uint8_t longest[AUC_REQUEST_MAX + 1] = { 0 };
	struct auc_request request;
	ok_err(auc_request_read(BYTES(nul), &request), ERR_VALUE, "a NUL behind");
	ok_err(auc_request_read(BYTES(longest), &request), ERR_LIMIT, "a datagram too long");
}

static void ok_text(const struct room *got, const char *want, const char *says)
{
	ok_bytes(room_used(got), bytes_text(want), says);
}

static struct auc_request request_of(const char *text)
{
	struct auc_request request = { 0 };

	(void)!auc_request_read(bytes_text(text), &request);
	return request;
}

static void answers(void)
{
	struct auc_request vector_wanted = request_of("AKA-REQ-AUTH " IMSI);
	struct auc_request triplets_wanted = request_of("SIM-REQ-AUTH " IMSI " 2");
	struct auc_request resync = request_of("AKA-AUTS " IMSI " " AUTS " " RAND);
	struct aka_vector vector = { .rand = { 1 },
		                     .autn = { 2 },
		                     .xres = { 3 },
		                     .ck = { 4 },
		                     .ik = { 5 },
		                     .autn_size = 16,
		                     .xres_size = 8,
		                     .ck_size = 16,
		                     .ik_size = 16 };
	struct aka_triplet triplets[2] = {
		{ { 1 }, { 2 }, { 3 } },
                { { 4 }, { 5 }, { 6 }}
	};
	uint8_t octets[AUC_REPLY_MAX];
	struct room reply = ROOM(octets);

	ok_err(auc_put_vector(&reply, &vector_wanted, &vector), ERR_NONE, "a vector is written");
	ok_text(&reply,
	        "AKA-RESP-AUTH " IMSI " 01000000000000000000000000000000"
	        " 02000000000000000000000000000000 05000000000000000000000000000000"
	        " 04000000000000000000000000000000 0300000000000000",
	        "... RAND, AUTN, IK, CK, RES: IK comes before CK");
	reply = ROOM(octets);
	vector.ck_size = 32;
	ok_err(auc_put_vector(&reply, &vector_wanted, &vector), ERR_UNSUPPORTED,
	       "CK of 256 bits has no form");
	ok(reply.len == 0, "... and nothing was written");
	auc_put_triplets(&reply, &triplets_wanted, triplets, 2);
	ok_text(&reply,
	        "SIM-RESP-AUTH " IMSI " 0300000000000000:02000000:01000000000000000000000000000000"
	        " 0600000000000000:05000000:04000000000000000000000000000000",
	        "triplets are Kc:SRES:RAND");
	reply = ROOM(octets);
	auc_put_failure(&reply, &vector_wanted);
	ok_text(&reply, "AKA-RESP-AUTH " IMSI " FAILURE", "failure for a vector");
	reply = ROOM(octets);
	auc_put_failure(&reply, &triplets_wanted);
	ok_text(&reply, "SIM-RESP-AUTH " IMSI " FAILURE", "failure for triplets");
	reply = ROOM(octets);
	auc_put_failure(&reply, &resync);
	ok(reply.len == 0, "a resynchronisation has no answer");

	struct aka_triplet five[AUC_TRIPLETS_MAX] = { 0 };
	reply = ROOM(octets);
	auc_put_triplets(&reply, &triplets_wanted, five, AUC_TRIPLETS_MAX);
	ok(!reply.full, "the longest answer fits");
}

int main(void)
{
	requests();
	answers();
	return done();
}
