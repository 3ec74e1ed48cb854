/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates of endorsement keys (issue 3: enrolment, R7): chains made here, each wrong in one way; real chips'
 * certificates and swtpm's from the shared vectors. */
#include "port/ek_chain.h"

#include "tests/evidence/index.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

enum { NOW = 1796000000, DAY = 86400, Y2019 = 1560000000 };

struct made {
	EVP_PKEY *key;
	X509 *certificate;
	uint8_t der[EK_CERTIFICATE_MAX];
	size_t len;
	uint8_t store[ATTEST_RSA_MAX];
	struct attest_key public;
};

static struct bytes der_of(const struct made *made)
{
	return (struct bytes){ made->der, made->len };
}

static void public_of(EVP_PKEY *key, uint8_t *store, struct attest_key *out)
{
	BIGNUM *n = NULL;
	size_t len = 0;

	if (EVP_PKEY_is_a(key, "RSA")) {
		EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_N, &n);
		len = (size_t)BN_bn2bin(n, store);
		BN_free(n);
		*out = (struct attest_key){
			.kind = ATTEST_RSA, .modulus = {store, len},
                             .exponent = 65537
		};
		return;
	}
	EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, store, ATTEST_RSA_MAX, &len);
	*out = (struct attest_key){
		.kind = len == 65 ? ATTEST_P256 : ATTEST_P384, .point = {store, len}
	};
}

struct wish {
	const char *kind;  /* "RSA", "P-256", "P-384" */
	const char *usage; /* keyUsage; NULL: none */
	const char *extended;
	const char *constraints;
	long from, to; /* days from NOW */
	bool no_name, odd;
};

static void extension(X509 *to, int nid, const char *value)
{
	X509V3_CTX context;

	if (value == NULL)
		return;
	X509V3_set_ctx(&context, to, to, NULL, NULL, 0);
	X509_EXTENSION *made = X509V3_EXT_conf_nid(NULL, &context, nid, value);
	X509_add_ext(to, made, -1);
	X509_EXTENSION_free(made);
}

/* A critical extension that nobody knows. */
static void odd_extension(X509 *to)
{
	ASN1_OBJECT *id = OBJ_txt2obj("1.2.3.4.5", 1);
	ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new();

	ASN1_OCTET_STRING_set(value, (const unsigned char *)"\x05\x00", 2);
	X509_EXTENSION *made = X509_EXTENSION_create_by_OBJ(NULL, id, 1, value);
	X509_add_ext(to, made, -1);
	X509_EXTENSION_free(made);
	ASN1_OCTET_STRING_free(value);
	ASN1_OBJECT_free(id);
}

static EVP_PKEY *new_key(const char *kind)
{
	if (strncmp(kind, "RSA", 3) == 0)
		return EVP_RSA_gen(strcmp(kind, "RSA-512") == 0 ? 512 : 2048);
	return EVP_EC_gen(kind);
}

static void encode(struct made *made)
{
	uint8_t *at = made->der;

	made->len = (size_t)i2d_X509(made->certificate, &at);
}

static void make(struct made *out, const struct made *issuer, const char *name,
                 const struct wish *wish)
{
	static long serial = 1;
	X509 *x = X509_new();

	EVP_PKEY_free(out->key); /* of one that was made in this place before */
	X509_free(out->certificate);
	out->key = new_key(wish->kind);
	out->certificate = x;
	public_of(out->key, out->store, &out->public);
	X509_set_version(x, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(x), serial++);
	X509_time_adj_ex(X509_getm_notBefore(x), (int)wish->from, 0, &(time_t){ NOW });
	X509_time_adj_ex(X509_getm_notAfter(x), (int)wish->to, 0, &(time_t){ NOW });
	if (!wish->no_name)
		X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_ASC,
		                           (const unsigned char *)name, -1, -1, 0);
	X509_set_issuer_name(x, X509_get_subject_name(issuer == NULL ? x : issuer->certificate));
	X509_set_pubkey(x, out->key);
	extension(x, NID_basic_constraints, wish->constraints);
	extension(x, NID_key_usage, wish->usage);
	extension(x, NID_ext_key_usage, wish->extended);
	if (wish->no_name) /* what stands where a subject would, as the profile has it */
		extension(x, NID_subject_alt_name,
		          "critical,otherName:2.23.133.2.1;UTF8:id:53544D20");
	if (wish->odd)
		odd_extension(x);
	X509_sign(x, issuer == NULL ? out->key : issuer->key, EVP_sha256());
	encode(out);
}

static struct made root, other_root, between, closed, late;
static struct ek_roots *roots, *between_only;

static const struct wish ca = { "P-384", "critical,keyCertSign,cRLSign",
	                        NULL,    "critical,CA:TRUE",
	                        -1000,   10000,
	                        false,   false };
static const struct wish no_ca = {
	"P-256", "critical,digitalSignature", NULL, "critical,CA:FALSE", -1000, 10000, false, false
};
static const struct wish ended = {
	"P-256", "critical,keyCertSign", NULL, "critical,CA:TRUE", -1000, -1, false, false
};

#define EK "2.23.133.8.1"

static const struct {
	const char *says;
	struct wish wish;
	const struct made *issuer;
	bool with_between; /* the intermediate comes with it */
	enum ek_verdict want;
} rows[] = {
	{"RSA-2048 under a root",
         { "RSA", "critical,keyEncipherment", EK, "critical,CA:FALSE", -10, 10, false, false },
         &root,
         false, EK_GOOD          },
	{ "P-256 under a root",
         { "P-256", "critical,keyAgreement", EK, "critical,CA:FALSE", -10, 10, false, false },
         &root,
         false, EK_GOOD          },
	{ "P-384 under a root",
         { "P-384", "critical,keyAgreement", EK, "critical,CA:FALSE", -10, 10, false, false },
         &root,
         false, EK_GOOD          },
	{ "an empty subject, a critical subjectAltName",
         { "RSA", "critical,keyEncipherment", EK, "critical,CA:FALSE", -10, 10, true, false },
         &root,
         false, EK_GOOD          },
	{ "no extended usage, as cloud makers have it",
         { "RSA", "critical,keyEncipherment", NULL, "critical,CA:FALSE", -10, 10, false, false },
         &root,
         false, EK_GOOD          },
	{ "an intermediate that came along",
         { "P-384", "critical,keyAgreement", EK, "critical,CA:FALSE", -10, 10, false, false },
         &between,
         true,  EK_GOOD          },
	{ "an intermediate that did not",
         { "P-384", "critical,keyAgreement", EK, "critical,CA:FALSE", -10, 10, false, false },
         &between,
         false, EK_UNTRUSTED     },
	{ "a root that nobody trusts",
         { "P-256", "critical,keyAgreement", EK, "critical,CA:FALSE", -10, 10, false, false },
         &other_root,
         false, EK_UNTRUSTED     },
	{ "expired yesterday",
         { "P-256", "critical,keyAgreement", EK, "critical,CA:FALSE", -10, -1, false, false },
         &root,
         false, EK_EXPIRED       },
	{ "valid from tomorrow",
         { "P-256", "critical,keyAgreement", EK, "critical,CA:FALSE", 1, 10, false, false },
         &root,
         false, EK_NOT_YET       },
	{ "an issuer that has expired",
         { "P-256", "critical,keyAgreement", EK, "critical,CA:FALSE", -10, 10, false, false },
         &late,
         true,  EK_EXPIRED       },
	{ "an issuer that is no CA",
         { "P-256", "critical,keyAgreement", EK, "critical,CA:FALSE", -10, 10, false, false },
         &closed,
         true,  EK_BAD_ISSUER    },
	{ "a key that signs",
         { "P-256", "critical,digitalSignature", EK, "critical,CA:FALSE", -10, 10, false, false },
         &root,
         false, EK_NO_ENDORSEMENT},
	{ "for a TLS server",
         { "P-256", "critical,keyAgreement", "serverAuth", "critical,CA:FALSE", -10, 10, false,
	    false },
         &root,
         false, EK_NO_ENDORSEMENT},
	{ "a CA's own",
         { "P-256", "critical,keyAgreement,keyCertSign", EK, "critical,CA:TRUE", -10, 10, false,
	    false },
         &root,
         false, EK_NO_ENDORSEMENT},
	{ "neither usage",
         { "P-256", NULL, NULL, "critical,CA:FALSE", -10, 10, false, false },
         &root,
         false, EK_NO_ENDORSEMENT},
	{ "a critical extension nobody knows",
         { "P-256", "critical,keyAgreement", EK, "critical,CA:FALSE", -10, 10, false, true },
         &root,
         false, EK_EXTENSION     },
};

static enum ek_verdict verify(const struct ek_roots *with, const struct made *made,
                              struct ek_found *found)
{
	const struct bytes others[] = { der_of(&between), der_of(&closed), der_of(&late) };

	return ek_verify(with, der_of(made), others, COUNT(others), &made->public, NOW, found);
}

static void row(size_t i)
{
	static struct made made;
	const struct bytes others[] = { der_of(&between), der_of(&closed), der_of(&late) };
	struct ek_found found;

	make(&made, rows[i].issuer, "chip", &rows[i].wish);
	enum ek_verdict got =
		ek_verify(roots, der_of(&made), others, rows[i].with_between ? COUNT(others) : 0,
	                  &made.public, NOW, &found);
	ok(got == rows[i].want, "EK certificate: %s: %s", rows[i].says, ek_verdict_id(got));
}

static const struct wish good = {
	"P-384", "critical,keyAgreement", EK, "critical,CA:FALSE", -10, 10, false, false
};

static void keys_and_octets(void)
{
	static struct made made, second, padded;
	struct ek_found found;

	make(&made, &root, "one", &good);
	make(&second, &root, "two", &good);
	ok(ek_verify(roots, der_of(&made), NULL, 0, &second.public, NOW, &found) == EK_OTHER_KEY,
	   "EK certificate of another chip's key");
	padded = made;
	memset(padded.der + padded.len, 0xFF, 300);
	padded.len += 300;
	ok(verify(roots, &padded, &found) == EK_GOOD, "padding of an NV index is no part of it");
	padded.der[padded.len - 1] = 0;
	ok(verify(roots, &padded, &found) == EK_MALFORMED, "other octets behind it are malformed");
	int malformed = 0;
	for (size_t len = 0; len < made.len; len++)
		malformed += ek_verify(roots, (struct bytes){ made.der, len }, NULL, 0,
		                       &made.public, NOW, &found) == EK_MALFORMED;
	ok(malformed == (int)made.len, "a certificate cut short anywhere is malformed");
	padded = made;
	padded.der[padded.len - 1] ^= 1;
	enum ek_verdict got = verify(roots, &padded, &found);
	ok(got == EK_BAD_SIGNATURE || got == EK_UNTRUSTED, "an altered signature: %s",
	   ek_verdict_id(got));
	padded = made;
	memcpy(memmem(padded.der, padded.len, "one", 3), "ONE", 3);
	ok(verify(roots, &padded, &found) == EK_BAD_SIGNATURE, "an altered subject");
}

static const struct {
	const char *says;
	struct wish wish;
	const char *fault; /* a part of what is said; NULL: none */
} anchor_rows[] = {
	{"a root",
         { "P-384", "critical,keyCertSign", NULL, "critical,CA:TRUE", -1000, 10000, false, false },
         NULL       },
	{ "one of RSA-2048",
         { "RSA", "critical,keyCertSign", NULL, "critical,CA:TRUE", -1000, 10000, false, false },
         NULL       },
	{ "one that begins tomorrow",
         { "P-256", "critical,keyCertSign", NULL, "critical,CA:TRUE", 1, 10, false, false },
         NULL       },
	{ "one that ended yesterday",
         { "P-256", "critical,keyCertSign", NULL, "critical,CA:TRUE", -10, -1, false, false },
         "expired"  },
	{ "no CA",
         { "P-256", "critical,digitalSignature", NULL, "critical,CA:FALSE", -10, 10, false,
	    false },
         "CA"       },
	{ "a CA that may not sign certificates",
         { "P-256", "critical,cRLSign", NULL, "critical,CA:TRUE", -10, 10, false, false },
         "CA"       },
	{ "a critical extension that nobody knows",
         { "P-256", "critical,keyCertSign", NULL, "critical,CA:TRUE", -10, 10, false, true },
         "extension"},
	{ "RSA-512",
         { "RSA-512", "critical,keyCertSign", NULL, "critical,CA:TRUE", -10, 10, false, false },
         "too short"},
};

/* What is put in force as a root must be able to be one. */
static void anchor_faults(void)
{
	static struct made made;
	const char *fault;

	for (size_t i = 0; i < COUNT(anchor_rows); i++) {
		make(&made, NULL, "anchor", &anchor_rows[i].wish);
		fault = ek_anchor_fault(der_of(&made), NOW);
		ok(anchor_rows[i].fault == NULL
		           ? fault == NULL
		           : fault != NULL && strstr(fault, anchor_rows[i].fault),
		   "as a root: %s: %s", anchor_rows[i].says, fault == NULL ? "taken" : fault);
	}
	make(&made, NULL, "anchor", &anchor_rows[0].wish);
	made.der[made.len++] = 0x30;
	fault = ek_anchor_fault(der_of(&made), NOW);
	ok(fault != NULL && strstr(fault, "follow"), "as a root: with an octet behind it");
	fault = ek_anchor_fault((struct bytes){ made.der, made.len - 2 }, NOW);
	ok(fault != NULL && strstr(fault, "no certificate"), "as a root: cut short");
	fault = ek_anchor_fault(BYTES_STR("\x30\x00"), NOW);
	ok(fault != NULL, "as a root: an empty SEQUENCE");
}

static void anchors(void)
{
	static struct made made;
	struct ek_found found;
	uint8_t *der = NULL;
	uint8_t digest[SHA256_SIZE];

	make(&made, &between, "three", &good);
	ok(ek_verify(between_only, der_of(&made), NULL, 0, &made.public, NOW, &found) == EK_GOOD &&
	           found.test,
	   "an intermediate may be an anchor, and a test anchor is told");
	ok(verify(roots, &made, &found) == EK_GOOD && !found.test, "a root that is none is not");
	int len = i2d_PUBKEY(made.key, &der);
	struct bytes part = { der, (size_t)len };
	ok(crypto_sha256(digest, &part, 1) == ERR_NONE &&
	           memcmp(digest, found.spki, sizeof digest) == 0,
	   "a chip is named by the SHA-256 of its SubjectPublicKeyInfo");
	OPENSSL_free(der);
	ok_err(ek_roots_add(roots, der_of(&root), EK_ANCHOR), ERR_EXISTS, "a root twice");
	ok_err(ek_roots_add(roots, der_of(&closed), EK_ANCHOR), ERR_CERTIFICATE,
	       "what is no CA's is no root");
	ok_err(ek_roots_add(roots, BYTES_STR("hello"), EK_ANCHOR), ERR_CERTIFICATE,
	       "what is no certificate is no root");
}

/* --- the vectors -------------------------------------------------------------------------------- */

static X509 *vector_x509(const char *path)
{
	struct bytes data;
	const uint8_t *at;

	if (!attestation_file(path, &data))
		return NULL;
	BIO *bio = BIO_new_mem_buf(data.at, (int)data.len);
	X509 *x = PEM_read_bio_X509(bio, NULL, NULL, NULL);
	BIO_free(bio);
	at = data.at;
	return x != NULL ? x : d2i_X509(NULL, &at, (long)data.len);
}

static size_t vector_der(const char *path, uint8_t **der)
{
	X509 *x = vector_x509(path);
	int len = x == NULL ? 0 : i2d_X509(x, NULL);
	uint8_t *at = *der = len <= 0 ? NULL : keep_octets((size_t)len);

	if (at != NULL)
		(void)!i2d_X509(x, &at);
	X509_free(x);
	return len > 0 ? (size_t)len : 0;
}

static void trust(struct ek_roots *to, const char *path, enum ek_trust as)
{
	uint8_t *der;
	size_t len = vector_der(path, &der);

	const char *fault = ek_anchor_fault((struct bytes){ der, len }, Y2019);

	ok_err(ek_roots_add(to, (struct bytes){ der, len }, as), ERR_NONE, path);
	ok(fault == NULL, "... which is one that can be trusted%s%s", fault == NULL ? "" : ": ",
	   fault == NULL ? "" : fault);
}

static void vector(const struct ek_roots *with, const char *path, int64_t now_s,
                   enum ek_verdict want, const char *says)
{
	uint8_t store[ATTEST_RSA_MAX];
	struct attest_key key;
	struct ek_found found;
	struct bytes data;
	X509 *x = vector_x509(path);
	uint8_t *der;
	size_t len = vector_der(path, &der);

	if (x == NULL || !attestation_file(path, &data))
		return;
	public_of(X509_get0_pubkey(x), store, &key);
	if (strstr(path, ".pem") != NULL)
		data = (struct bytes){ der, len };
	enum ek_verdict got = ek_verify(with, data, NULL, 0, &key, now_s, &found);
	ok(got == want, "%s: %s: %s", path, says, ek_verdict_id(got));
	X509_free(x);
}

static void vectors(void)
{
	enum { Y2025 = 1750000000, Y2037 = 2121000000 };
	struct ek_roots *swtpm, *makers, *cloud;
	struct bytes data;

	if (!attestation_file("INDEX.md", &data)) {
		skip("the shared attestation vectors are not here");
		return;
	}
	swtpm = ek_roots_new();
	makers = ek_roots_new();
	cloud = ek_roots_new();
	trust(swtpm, "recorded/swtpm-swtpm-localca-rootca-cert.pem", EK_ANCHOR);
	vector(swtpm, "recorded/swtpm-ek-rsa2048.crt", NOW, EK_UNTRUSTED, "issuer missing");
	trust(swtpm, "recorded/swtpm-issuercert.pem", EK_INTERMEDIATE);
	vector(swtpm, "recorded/swtpm-ek-rsa2048.crt", NOW, EK_GOOD, "RSA-2048");
	vector(swtpm, "recorded/swtpm-ek-secp384r1.crt", NOW, EK_GOOD, "P-384");
	vector(swtpm, "recorded/swtpm-ek.cert", NOW, EK_GOOD, "swtpm's own");
	vector(swtpm, "recorded/swtpm-ek-rsa2048.crt", Y2019, EK_NOT_YET, "before it was made");
	vector(swtpm, "ekcerts/st_sha256_with_rsa_der.bin", NOW, EK_UNTRUSTED, "another maker's");
	trust(makers, "ekcerts/store/STM_RSA_RT.pem", EK_INTERMEDIATE);
	trust(makers, "ekcerts/store/GS_TPM_RT.pem", EK_ANCHOR);
	for (char n = '1'; n <= '7'; n++) {
		char path[64];
		snprintf(path, sizeof path, "ekcerts/store/STM_RSA_0%cI.pem", n);
		trust(makers, path, EK_INTERMEDIATE);
	}
	vector(makers, "ekcerts/st_sha256_with_rsa_der.bin", Y2025, EK_GOOD,
	       "a real chip, padded by its NV index");
	trust(makers, "ekcerts/store/STM_ECC_01I.pem", EK_ANCHOR);
	vector(makers, "ekcerts/st_ecdsa_sha256_der.bin", Y2025, EK_GOOD,
	       "a real chip under an intermediate that is trusted");
	vector(makers, "ekcerts/st_ecdsa_sha256_der.bin", Y2037, EK_EXPIRED, "in 2037");
	vector(makers, "ekcerts/iak_der.bin", Y2025, EK_NO_ENDORSEMENT, "an attestation key's");
	trust(cloud, "ekcerts/gcp/gcp_ek_ak_ca_root.crt", EK_ANCHOR);
	trust(cloud, "ekcerts/gcp/gcp_ek_ak_ca_intermediate_v3.crt", EK_INTERMEDIATE);
	trust(cloud, "ekcerts/gcp/tpm_ek_root_1.cer", EK_ANCHOR);
	trust(cloud, "ekcerts/gcp/tpm_ek_intermediate_2.crt", EK_INTERMEDIATE);
	trust(cloud, "ekcerts/gcp/tpm_ek_intermediate_3.crt", EK_INTERMEDIATE);
	static const char *const leaves[] = { "uca_tpm_rsa", "uca_tpm_ecc", "pca_tpm_rsa",
		                              "pca_tpm_ecc" };
	for (size_t i = 0; i < COUNT(leaves); i++) {
		char path[64];
		snprintf(path, sizeof path, "ekcerts/gcp/%s_enc_cert.pem", leaves[i]);
		vector(cloud, path, Y2025, EK_GOOD, "a cloud machine's");
		snprintf(path, sizeof path, "ekcerts/gcp/%s_sign_cert.pem", leaves[i]);
		vector(cloud, path, Y2025, EK_NO_ENDORSEMENT, "its attestation key's");
	}
	ek_roots_free(swtpm);
	ek_roots_free(makers);
	ek_roots_free(cloud);
}

int main(void)
{
	make(&root, NULL, "root", &ca);
	make(&other_root, NULL, "another root", &ca);
	make(&between, &root, "between", &ca);
	make(&closed, &root, "no ca", &no_ca);
	make(&late, &root, "late", &ended);
	roots = ek_roots_new();
	between_only = ek_roots_new();
	ok_err(ek_roots_add(roots, der_of(&root), EK_ANCHOR), ERR_NONE, "a root");
	ok_err(ek_roots_add(between_only, der_of(&between), EK_TEST_ANCHOR), ERR_NONE,
	       "an intermediate as anchor");
	for (size_t i = 0; i < COUNT(rows); i++)
		row(i);
	keys_and_octets();
	anchors();
	anchor_faults();
	vectors();
	ek_roots_free(roots);
	ek_roots_free(between_only);
	ek_roots_free(NULL);
	return done();
}
