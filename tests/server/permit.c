/* SPDX-License-Identifier: Apache-2.0 */
/* I4: what a permit permits, and that nothing else is one. */
#include "server/permit.h"

#include "tests/tap.h"

#include <string.h>

enum { NOW = 1000, EXPIRES = 1060 };

static struct secret key, foreign;
static uint8_t subject[PERMIT_SUBJECT_SIZE];

static enum err check(struct bytes octets, enum purpose purpose, const uint8_t *for_subject,
                      uint64_t now)
{
	struct permit permit;

	return permit_check(&key, octets, purpose, for_subject, now, &permit);
}

static const uint8_t iccid[ICCID_SIZE] = { 0x98 }, other_iccid[ICCID_SIZE] = { 0x89 };
static const struct smdp_card card = {
	{0x89,  0x04, 0x90, 0x32 },
        EC_P256, { 4}
};

static bool another(const struct smdp_card *of, struct bytes session, const uint8_t *profile)
{
	uint8_t a[PERMIT_SUBJECT_SIZE];

	return permit_subject_provisioning(of, session, profile, a) == ERR_NONE &&
	       memcmp(a, subject, sizeof a) != 0;
}

static void subjects(void)
{
	const struct bytes session = BYTES_STR("0123456789abcdef");
	struct smdp_card eid = card, curve = card, point = card;
	uint8_t a[PERMIT_SUBJECT_SIZE];

	eid.eid[15] ^= 1;
	curve.curve = EC_BRAINPOOL_P256R1;
	point.point[64] ^= 1;
	ok_err(permit_subject_provisioning(&card, session, iccid, subject), ERR_NONE, "a subject");
	ok(another(&eid, session, iccid), "another card is another one");
	ok(another(&point, session, iccid) && another(&curve, session, iccid),
	   "so is the same with another key");
	ok(another(&card, BYTES_STR("fedcba9876543210"), iccid), "so is another session");
	ok(another(&card, session, other_iccid), "another profile");
	ok(permit_subject_access(BYTES_STR("001010000000001"), a) == ERR_NONE &&
	           memcmp(a, subject, sizeof a) != 0,
	   "and a subscriber");
	ok_err(permit_subject_provisioning(&card, BYTES_STR("short"), iccid, a), ERR_LENGTH,
	       "a session has a name of 16 octets");
}

static void good(struct bytes octets)
{
	uint8_t else_for[PERMIT_SUBJECT_SIZE];
	struct permit permit;

	ok_err(permit_check(&key, octets, PURPOSE_PROVISIONING, subject, NOW, &permit), ERR_NONE,
	       "I4: it permits what it was made for");
	ok(permit.decision == RESTRICT && permit.expires_s == EXPIRES, "and says how");
	ok_err(check(octets, PURPOSE_PROVISIONING, subject, EXPIRES - 1), ERR_NONE,
	       "until its end");
	ok_err(check(octets, PURPOSE_PROVISIONING, subject, EXPIRES), ERR_DENIED, "and no longer");
	ok_err(check(octets, PURPOSE_ACCESS, subject, NOW), ERR_DENIED, "not for another purpose");
	memcpy(else_for, subject, sizeof else_for);
	else_for[0] ^= 1;
	ok_err(check(octets, PURPOSE_PROVISIONING, else_for, NOW), ERR_DENIED,
	       "not for another subject");
	ok_err(permit_check(&foreign, octets, PURPOSE_PROVISIONING, subject, NOW, &permit),
	       ERR_DENIED, "not under another key");
}

static void bad(uint8_t octets[static PERMIT_SIZE])
{
	size_t passed = 0;

	for (size_t bit = 0; bit < 8 * (size_t)PERMIT_SIZE; bit++) {
		octets[bit / 8] ^= (uint8_t)(1 << bit % 8);
		passed += check((struct bytes){ octets, PERMIT_SIZE }, PURPOSE_PROVISIONING,
		                subject, NOW) != ERR_DENIED;
		octets[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	for (size_t len = 0; len < PERMIT_SIZE; len++)
		passed += check((struct bytes){ octets, len }, PURPOSE_PROVISIONING, subject,
		                NOW) != ERR_DENIED;
	ok(passed == 0, "I4: no bit may be changed and no octet be missing");
}

int main(void)
{
	struct permit permit = { .purpose = PURPOSE_PROVISIONING,
		                 .decision = RESTRICT,
		                 .expires_s = EXPIRES };
	uint8_t octets[PERMIT_SIZE];

	ok(secret_from(&key, BYTES_STR("0123456789abcdef0123456789abcdef")) &&
	           secret_from(&foreign, BYTES_STR("0123456789abcdef0123456789abcdeg")),
	   "two keys");
	subjects();
	memcpy(permit.subject, subject, sizeof subject);
	ok_err(permit_make(&key, &permit, octets), ERR_NONE, "a permit is made");
	good(BYTES(octets));
	bad(octets);
	permit.decision = REFUSE;
	ok_err(permit_make(&key, &permit, octets), ERR_DENIED, "I4: none for a refusal");
	permit.decision = DECISIONS;
	ok_err(permit_make(&key, &permit, octets), ERR_VALUE, "none for what is no decision");
	return done();
}
