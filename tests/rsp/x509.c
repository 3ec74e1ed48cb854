/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates: the SGP.26 test chain as GSMA published it, and what is wrong with its
 * neighbours. */
#include "rsp/cert.h"

#include "tests/tap.h"

enum { T2020_05 = 1588291200, T2031 = 1924992000, T2016 = 1451606400, T2026_09 = 1788220800 };

static struct bytes file(const char *name)
{
	char path[128];
	struct bytes der;

	snprintf(path, sizeof path, "rsp/sgp26/%s.der", name);
	if (!shared_file(path, &der)) {
		skip("%s is not there", path);
		exit(done());
	}
	return der;
}

static struct x509 read_file(const char *name)
{
	struct x509 certificate;

	if (x509_read(file(name), &certificate) != ERR_NONE) {
		printf("Bail out! %s does not read\n", name);
		exit(EXIT_FAILURE);
	}
	return certificate;
}

static const struct {
	const char *file;
	enum cert_role role;
	enum err want;
} roles[] = {
	{ "ci", ROLE_CI, ERR_NONE },
	{ "ci-2017", ROLE_CI, ERR_NONE },
	{ "eum", ROLE_EUM, ERR_NONE },
	{ "euicc", ROLE_EUICC, ERR_NONE },
	{ "dpauth", ROLE_DP_AUTH, ERR_NONE },
	{ "dppb", ROLE_DP_PB, ERR_NONE },
	{ "dppb", ROLE_DP_AUTH, ERR_CERTIFICATE },
	{ "dpauth", ROLE_DP_PB, ERR_CERTIFICATE },
	{ "dpauth", ROLE_DP_TLS, ERR_CERTIFICATE },
	{ "euicc", ROLE_EUM, ERR_CERTIFICATE },
	{ "eum", ROLE_CI, ERR_CERTIFICATE },
	{ "ci", ROLE_EUM, ERR_CERTIFICATE },
};

static const struct {
	const char *says, *file, *anchor;
	enum cert_role role;
	int64_t now;
	enum err want;
} servers[] = {
	{ "DPauth under its CI", "dpauth", "ci", ROLE_DP_AUTH, T2020_05, ERR_NONE },
	{ "DPpb under its CI", "dppb", "ci", ROLE_DP_PB, T2020_05, ERR_NONE },
	{ "DPpb without a clock", "dppb", "ci", ROLE_DP_PB, CERT_NO_TIME, ERR_NONE },
	{ "DPauth after 2030", "dpauth", "ci", ROLE_DP_AUTH, T2031, ERR_EXPIRED },
	{ "DPauth before 2020", "dpauth", "ci", ROLE_DP_AUTH, T2016, ERR_EXPIRED },
	{ "DPauth as DPpb", "dpauth", "ci", ROLE_DP_PB, T2020_05, ERR_CERTIFICATE },
	{ "same key, other issuer name", "dpauth", "ci-2017", ROLE_DP_AUTH, T2020_05,
	  ERR_CERTIFICATE },
};

static void test_servers(void)
{
	for (size_t i = 0; i < COUNT(servers); i++) {
		struct trust_anchor anchor;
		struct x509 certificate = read_file(servers[i].file);
		ok_err(trust_anchor_read(file(servers[i].anchor), &anchor), ERR_NONE,
		       servers[i].anchor);
		ok_err(cert_check_server(&certificate, servers[i].role, &anchor, servers[i].now),
		       servers[i].want, servers[i].says);
	}
}

static void test_euicc_chain(void)
{
	struct x509 eum = read_file("eum"), euicc = read_file("euicc"), other = eum;
	struct trust_anchor anchor;
	uint8_t eid[EID_SIZE], want[EID_SIZE];

	ok_err(trust_anchor_read(file("ci-2017"), &anchor), ERR_NONE, "the CI of 2017");
	ok_err(cert_check_eum(&eum, &anchor, T2026_09), ERR_NONE, "it signed the EUM");
	ok_err(cert_check_euicc(&euicc, &eum, T2026_09, eid), ERR_NONE, "which signed the eUICC");
	unhex("89049032123451234512345678901235", want, sizeof want);
	ok_bytes(BYTES(eid), BYTES(want), "whose EID is in its subject");
	ok_err(cert_check_eum(&eum, &anchor, T2016), ERR_EXPIRED, "the EUM before 2017");
	anchor.name.at = NULL;
	ok_err(cert_check_eum(&eum, &anchor, CERT_NO_TIME), ERR_NONE,
	       "a card knows keys, not names");
	anchor.key_id[0] ^= 1;
	ok_err(cert_check_eum(&eum, &anchor, T2026_09), ERR_CERTIFICATE, "another CI key");
	anchor.key_id[0] ^= 1;
	anchor.curve = EC_BRAINPOOL_P256R1;
	ok_err(cert_check_eum(&eum, &anchor, T2026_09), ERR_CERTIFICATE,
	       "the point taken for one of another curve");
	other.permitted = (struct bytes){ NULL, 0 };
	ok_err(cert_check_euicc(&euicc, &other, T2026_09, eid), ERR_CERTIFICATE,
	       "an EUM without name constraints");
	other = euicc;
	other.subject = eum.subject;
	ok_err(cert_eid(&other, eid), ERR_CERTIFICATE, "a subject without serialNumber");
	ok_err(cert_check_euicc(&eum, &euicc, T2026_09, eid), ERR_CERTIFICATE,
	       "the wrong way round");
}

/* 4.5.2.1.0.2: a permitted subtree with another number or organization does not permit. */
static void test_name_constraints(void)
{
	struct x509 eum = read_file("eum"), euicc = read_file("euicc");
	uint8_t copy[256];
	struct room room = ROOM(copy);

	room_put(&room, eum.permitted);
	eum.permitted = room_used(&room);
	ok_err(cert_eum_permits(&eum, &euicc), ERR_NONE, "EID begins with the permitted number");
	copy[room.len - 1] ^= 1;
	ok_err(cert_eum_permits(&eum, &euicc), ERR_CERTIFICATE, "another last digit");
	copy[room.len - 1] ^= 1;
	for (size_t i = 0; i + 3 < room.len; i++) {
		if (memcmp(copy + i, "RSP", 3) == 0)
			copy[i] = 'X';
	}
	ok_err(cert_eum_permits(&eum, &euicc), ERR_CERTIFICATE, "another organization");
}

/* No changed bit of a certificate is accepted, wherever it is. */
static void test_changed_bits(void)
{
	struct bytes der = file("euicc");
	struct x509 eum = read_file("eum"), changed;
	static uint8_t copy[2048];
	uint8_t eid[EID_SIZE];
	size_t accepted = 0, unread = 0;

	for (size_t bit = 0; bit < 8 * der.len; bit++) {
		memcpy(copy, der.at, der.len);
		copy[bit / 8] ^= (uint8_t)(1u << bit % 8);
		if (x509_read((struct bytes){ copy, der.len }, &changed) != ERR_NONE)
			unread++;
		else if (cert_check_euicc(&changed, &eum, T2026_09, eid) == ERR_NONE)
			accepted++;
	}
	ok(accepted == 0, "none of %zu changed bits is accepted (%zu do not even read)",
	   8 * der.len, unread);
	size_t read = 0;
	for (size_t len = 0; len < der.len; len++)
		read += x509_read((struct bytes){ der.at, len }, &changed) == ERR_NONE;
	ok(read == 0, "none of %zu cut certificates reads", der.len);
}

static const struct {
	const char *says, *text;
	int64_t want;
	enum err err;
} times[] = {
	{ "UTCTime", "170D3137303131393138313033305A", 1484849430, ERR_NONE },
	{ "UTCTime before 1970", "170D3530303130313030303030305A", -631152000, ERR_NONE },
	{ "GeneralizedTime", "180F32303532303230313135333934325A", 2590414782, ERR_NONE },
	{ "a leap day", "180F32303030303232393030303030305A", 951782400, ERR_NONE },
	{ "no leap day", "180F32313030303232393030303030305A", 0, ERR_VALUE },
	{ "month 13", "170D3137313331393138313033305A", 0, ERR_VALUE },
	{ "hour 24", "170D3137303131393234313033305A", 0, ERR_VALUE },
	{ "no Z", "170D31373031313931383130333031", 0, ERR_VALUE },
	{ "no seconds", "170B313730313139313831305A", 0, ERR_LENGTH },
	{ "a letter", "170D3137303131393138313033415A", 0, ERR_VALUE },
	{ "an INTEGER", "020101", 0, ERR_TAG },
};

static const struct {
	const char *says, *der;
	enum err err;
} signatures[] = {
	{ "small numbers", "3006020101020102", ERR_NONE },
	{ "a leading zero that is needed", "30080202008002020080", ERR_NONE },
	{ "a leading zero that is not", "300702020001020101", ERR_LENGTH },
	{ "a negative number", "3006020180020102", ERR_VALUE },
	{ "33 octets",
	  "302602210100000000000000000000000000000000000000000000000000000000000000000201"
	  "01",
	  ERR_VALUE },
	{ "one number", "3003020101", ERR_TRUNCATED },
	{ "three numbers", "3009020101020101020101", ERR_TRAILING },
	{ "an empty number", "30050200020101", ERR_LENGTH },
};

static void test_small_readers(void)
{
	uint8_t store[64], raw[64], again[80];

	for (size_t i = 0; i < COUNT(times); i++) {
		struct bytes in = unhex(times[i].text, store, sizeof store);
		int64_t seconds = 0;
		ok_err(x509_time_read(&in, &seconds), times[i].err, times[i].says);
		ok(seconds == times[i].want, "... %lld", (long long)times[i].want);
	}
	for (size_t i = 0; i < COUNT(signatures); i++) {
		struct bytes der = unhex(signatures[i].der, store, sizeof store);
		struct room out = ROOM(again);
		ok_err(ecdsa_signature_read(der, raw), signatures[i].err, signatures[i].says);
		if (signatures[i].err != ERR_NONE)
			continue;
		ecdsa_signature_put(&out, raw);
		ok_bytes(room_used(&out), der, "... and back");
	}
}

static const struct {
	const char *text, *oid;
} oids[] = {
	{ "2.999.10", "8837"
	              "0A" },
	{ "1.3.6.1.4.1.31746", "2B0601040181F802" },
	{ "2.23.146.1.2.1.4", "67811201020104" },
	{ "0.0", "00" },
	{ "1.39.4294967295", "4F8FFFFFFF7F" },
};

static const char *const bad_oids[] = { "",     "2",    "3.1", "1.40",          "1..2",
	                                "1.2.", "1.02", "1.a", "1.2.4294967296" };

static void test_oids(void)
{
	uint8_t store[64], out_store[64];

	for (size_t i = 0; i < COUNT(oids); i++) {
		struct bytes oid = unhex(oids[i].oid, store, sizeof store);
		struct bytes text = bytes_text(oids[i].text);
		struct room out = ROOM(out_store);
		ok(oid_text_put(&out, oid) == ERR_NONE && bytes_same(room_used(&out), text), "%s",
		   oids[i].text);
		out.len = 0;
		ok(oid_text_read(text, &out) == ERR_NONE && bytes_same(room_used(&out), oid),
		   "... and back");
	}
	for (size_t i = 0; i < COUNT(bad_oids); i++) {
		struct room out = ROOM(out_store);
		struct bytes text = bytes_text(bad_oids[i]);
		ok(oid_text_read(text, &out) != ERR_NONE && out.len == 0, "'%s' is no OID",
		   bad_oids[i]);
	}
}

int main(void)
{
	struct x509 dpauth;
	struct bytes oid;
	static const uint8_t rsptest[] = { 0x88, 0x37, 0x0A };

	test_small_readers();
	test_oids();
	for (size_t i = 0; i < COUNT(roles); i++) {
		struct x509 certificate = read_file(roles[i].file);
		ok(cert_has_role(&certificate, roles[i].role) == roles[i].want, "%s %s role %d",
		   roles[i].file, roles[i].want == ERR_NONE ? "has" : "has not", roles[i].role);
	}
	test_servers();
	test_euicc_chain();
	test_name_constraints();
	test_changed_bits();
	dpauth = read_file("dpauth");
	ok(x509_registered_id(&dpauth, &oid) == ERR_NONE && bytes_same(oid, BYTES(rsptest)),
	   "DPauth names its SM-DP+ 2.999.10");
	ok(!x509_has_dns_name(&dpauth, BYTES_STR("a.b")), "and no DNS name");
	return done();
}
