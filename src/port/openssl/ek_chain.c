/* SPDX-License-Identifier: Apache-2.0 */
#include "port/ek_chain.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

enum { AUTH_LEVEL = 1, AUTH_BITS = 80 }; /* what OpenSSL calls it, SSL_CTX_set_security_level(3) */

const char *ek_verdict_id(enum ek_verdict verdict)
{
	static const char *const ids[] = {
#define X(name, id, text) [name] = id,
		EK_VERDICTS(X)
#undef X
	};

	return (unsigned)verdict < COUNT(ids) ? ids[verdict] : "failed";
}

const char *ek_verdict_text(enum ek_verdict verdict)
{
	static const char *const texts[] = {
#define X(name, id, text) [name] = text,
		EK_VERDICTS(X)
#undef X
	};

	return (unsigned)verdict < COUNT(texts) ? texts[verdict] : "?";
}

struct ek_roots {
	X509_STORE *anchors;
	STACK_OF(X509) * tests, *between;
};

struct ek_roots *ek_roots_new(void)
{
	struct ek_roots *roots = calloc(1, sizeof *roots);

	if (roots == NULL)
		return NULL;
	roots->anchors = X509_STORE_new();
	roots->tests = sk_X509_new_null();
	roots->between = sk_X509_new_null();
	if (roots->anchors != NULL && roots->tests != NULL && roots->between != NULL)
		return roots;
	ek_roots_free(roots);
	return NULL;
}

void ek_roots_free(struct ek_roots *roots)
{
	if (roots == NULL)
		return;
	X509_STORE_free(roots->anchors);
	sk_X509_pop_free(roots->tests, X509_free);
	sk_X509_pop_free(roots->between, X509_free);
	free(roots);
}

/* An NV index has its own size: what the maker did not use is all ones, or zeros (a cleared file). */
static bool is_padding(const uint8_t *at, const uint8_t *end)
{
	for (const uint8_t *p = at; p < end; p++)
		if (*p != *at || (*p != 0xFF && *p != 0x00))
			return false;
	return true;
}

static X509 *read_certificate(struct bytes der)
{
	const uint8_t *at = der.at;
	X509 *certificate;

	if (der.len == 0 || der.len > EK_CERTIFICATE_MAX)
		return NULL;
	certificate = d2i_X509(NULL, &at, (long)der.len);
	if (certificate == NULL || is_padding(at, der.at + der.len))
		return certificate;
	X509_free(certificate);
	return NULL;
}

static bool has(STACK_OF(X509) * in, const X509 *certificate)
{
	for (int i = 0; i < sk_X509_num(in); i++)
		if (X509_cmp(sk_X509_value(in, i), certificate) == 0)
			return true;
	return false;
}

static bool is_anchor(const struct ek_roots *roots, const X509 *certificate)
{
	STACK_OF(X509) *all = X509_STORE_get1_all_certs(roots->anchors);
	bool found = has(all, certificate);

	sk_X509_pop_free(all, X509_free);
	return found;
}

/* Keeps a reference of its own. */
static bool keep(STACK_OF(X509) * in, X509 *certificate)
{
	if (X509_up_ref(certificate) != 1)
		return false;
	if (sk_X509_push(in, certificate) > 0)
		return true;
	X509_free(certificate);
	return false;
}

/* "assay pki" makes such an authority, whose key lies beside its certificate: by no mistake do its chips pass for
 * a maker's. */
static bool says_test(const X509 *certificate)
{
	const X509_NAME *subject = X509_get_subject_name(certificate);
	static const char test[] = "TESTCERT";
	int at = -1;

	while ((at = X509_NAME_get_index_by_NID(subject, NID_organizationalUnitName, at)) >= 0) {
		const ASN1_STRING *unit = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at));
		if (ASN1_STRING_length(unit) == sizeof test - 1 &&
		    memcmp(ASN1_STRING_get0_data(unit), test, sizeof test - 1) == 0)
			return true;
	}
	return false;
}

enum err ek_roots_add(struct ek_roots *roots, struct bytes der, enum ek_trust trust)
{
	X509 *certificate = read_certificate(der);
	enum err err = ERR_NONE;

	/* 0: none; 4: an old one without basicConstraints whose keyUsage lets it sign certificates. */
	if (certificate == NULL || X509_check_ca(certificate) == 0)
		err = ERR_CERTIFICATE;
	else if (is_anchor(roots, certificate) || has(roots->between, certificate))
		err = ERR_EXISTS;
	else if (trust == EK_INTERMEDIATE)
		err = keep(roots->between, certificate) ? ERR_NONE : ERR_FULL;
	else if (X509_STORE_add_cert(roots->anchors, certificate) != 1 ||
	         ((trust == EK_TEST_ANCHOR || says_test(certificate)) &&
	          !keep(roots->tests, certificate)))
		err = ERR_FULL;
	X509_free(certificate);
	return err;
}

/* What verifies signatures of certificates at the level that ek_verify asks for. */
static const char *key_fault(X509 *certificate)
{
	static const char *const kinds[] = { "RSA", "RSA-PSS", "EC", "ED25519", "ED448" };
	EVP_PKEY *key = X509_get0_pubkey(certificate);

	if (key == NULL)
		return "its key cannot be read, or is of a kind that is not known here";
	for (size_t i = 0; i < COUNT(kinds); i++)
		if (EVP_PKEY_is_a(key, kinds[i]))
			return EVP_PKEY_get_security_bits(key) < AUTH_BITS
			               ? "its key is too short to be believed"
			               : NULL;
	return "its key is of a kind that signs nothing";
}

static const char *anchor_fault(X509 *certificate, int64_t now_s)
{
	time_t now = (time_t)now_s;

	if (X509_check_ca(certificate) == 0)
		return "it is not one of a CA: what it issues is not believed";
	if (X509_get_extension_flags(certificate) & EXFLAG_CRITICAL)
		return "it has a critical extension that is not understood";
	if (X509_get_extension_flags(certificate) & EXFLAG_INVALID)
		return "an extension of it is malformed";
	if (X509_cmp_time(X509_get0_notAfter(certificate), &now) <= 0)
		return "it has expired, or its time cannot be read";
	return key_fault(certificate);
}

const char *ek_anchor_fault(struct bytes der, int64_t now_s)
{
	X509 *certificate = read_certificate(der);
	const char *fault = "it is no certificate (X.509, in DER or PEM), or octets follow it";

	if (certificate != NULL)
		fault = anchor_fault(certificate, now_s);
	X509_free(certificate);
	return fault;
}

static enum ek_verdict verdict_of(int error)
{
	switch (error) {
	case X509_V_OK:
		return EK_GOOD;
	case X509_V_ERR_CERT_HAS_EXPIRED:
		return EK_EXPIRED;
	case X509_V_ERR_CERT_NOT_YET_VALID:
		return EK_NOT_YET;
	case X509_V_ERR_CERT_SIGNATURE_FAILURE:
	case X509_V_ERR_UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY:
	case X509_V_ERR_UNSUPPORTED_SIGNATURE_ALGORITHM:
	case X509_V_ERR_EE_KEY_TOO_SMALL:
	case X509_V_ERR_CA_KEY_TOO_SMALL:
	case X509_V_ERR_CA_MD_TOO_WEAK:
		return EK_BAD_SIGNATURE;
	case X509_V_ERR_INVALID_CA:
	case X509_V_ERR_PATH_LENGTH_EXCEEDED:
	case X509_V_ERR_KEYUSAGE_NO_CERTSIGN:
		return EK_BAD_ISSUER;
	case X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION:
		return EK_EXTENSION;
	case X509_V_ERR_OUT_OF_MEM:
		return EK_FAILED;
	case X509_V_ERR_ERROR_IN_CERT_NOT_BEFORE_FIELD:
	case X509_V_ERR_ERROR_IN_CERT_NOT_AFTER_FIELD:
	case X509_V_ERR_INVALID_EXTENSION:
		return EK_MALFORMED;
	default:
		return EK_UNTRUSTED;
	}
}

/* 3.5.15 and 3.5.16: a key that enciphers (RSA) or agrees on keys (ECC), for endorsement. Cloud makers leave
 * the extended usage out; a certificate that has it must name tcg-kp-EKCertificate. */
static bool is_for_endorsement(X509 *certificate)
{
	uint32_t usage = X509_get_key_usage(certificate);
	EVP_PKEY *key = X509_get0_pubkey(certificate);
	uint32_t needs =
		key != NULL && EVP_PKEY_is_a(key, "RSA") ? KU_KEY_ENCIPHERMENT : KU_KEY_AGREEMENT;
	ASN1_OBJECT *endorsement = OBJ_txt2obj("2.23.133.8.1", 1);
	EXTENDED_KEY_USAGE *extended = X509_get_ext_d2i(certificate, NID_ext_key_usage, NULL, NULL);
	bool named = extended == NULL && usage != UINT32_MAX;

	for (int i = 0; !named && endorsement != NULL && i < sk_ASN1_OBJECT_num(extended); i++)
		named = OBJ_cmp(sk_ASN1_OBJECT_value(extended, i), endorsement) == 0;
	sk_ASN1_OBJECT_pop_free(extended, ASN1_OBJECT_free);
	ASN1_OBJECT_free(endorsement);
	return named && (usage & needs) && X509_check_ca(certificate) == 0;
}

static bool same_number(EVP_PKEY *key, const char *name, struct bytes want)
{
	BIGNUM *got = NULL, *number = BN_bin2bn(want.at, (int)want.len, NULL);
	bool same = number != NULL && EVP_PKEY_get_bn_param(key, name, &got) == 1 &&
	            BN_cmp(got, number) == 0;

	BN_free(got);
	BN_free(number);
	return same;
}

static bool is_key(X509 *certificate, const struct attest_key *want)
{
	static const char *const curves[] = { "prime256v1", "secp384r1", "secp521r1" };
	EVP_PKEY *key = X509_get0_pubkey(certificate);
	uint8_t exponent[4], point[ATTEST_POINT_MAX];
	char curve[32] = "";
	size_t len = 0;

	if (key == NULL)
		return false;
	if (want->kind == ATTEST_RSA) {
		for (size_t i = 0; i < sizeof exponent; i++)
			exponent[i] = (uint8_t)(want->exponent >> 8 * (3 - i));
		return EVP_PKEY_is_a(key, "RSA") &&
		       same_number(key, OSSL_PKEY_PARAM_RSA_N, want->modulus) &&
		       same_number(key, OSSL_PKEY_PARAM_RSA_E, BYTES(exponent));
	}
	/* The coordinates, because a certificate may hold its point compressed. */
	return EVP_PKEY_is_a(key, "EC") &&
	       EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, curve, sizeof curve,
	                                      &len) == 1 &&
	       strcmp(curve, curves[want->kind]) == 0 && want->point.len <= sizeof point &&
	       same_number(key, OSSL_PKEY_PARAM_EC_PUB_X,
	                   (struct bytes){ want->point.at + 1, want->point.len / 2 }) &&
	       same_number(key, OSSL_PKEY_PARAM_EC_PUB_Y,
	                   (struct bytes){ want->point.at + 1 + want->point.len / 2,
	                                   want->point.len / 2 });
}

static enum ek_verdict run(const struct ek_roots *roots, X509_STORE_CTX *context, X509 *certificate,
                           STACK_OF(X509) * between, int64_t now_s, bool *test)
{
	X509_VERIFY_PARAM *param;

	if (X509_STORE_CTX_init(context, roots->anchors, certificate, between) != 1 ||
	    (param = X509_STORE_CTX_get0_param(context)) == NULL)
		return EK_FAILED;
	/* An intermediate that somebody chose to trust is an anchor; SHA-1 signs nothing below one. */
	X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_PARTIAL_CHAIN);
	X509_VERIFY_PARAM_set_auth_level(param, AUTH_LEVEL);
	X509_VERIFY_PARAM_set_depth(param, EK_CHAIN_MAX);
	X509_VERIFY_PARAM_set_time(param, (time_t)now_s);
	if (X509_verify_cert(context) != 1) {
		enum ek_verdict verdict = verdict_of(X509_STORE_CTX_get_error(context));
		return verdict == EK_GOOD ? EK_FAILED : verdict;
	}
	STACK_OF(X509) *chain = X509_STORE_CTX_get0_chain(context);
	*test = has(roots->tests, sk_X509_value(chain, sk_X509_num(chain) - 1));
	return EK_GOOD;
}

static STACK_OF(X509) *
	gather(const struct ek_roots *roots, const struct bytes *others, size_t count)
{
	STACK_OF(X509) *all = sk_X509_new_null();

	for (int i = 0; all != NULL && i < sk_X509_num(roots->between); i++)
		(void)!keep(all, sk_X509_value(roots->between, i)); /* without it: untrusted */
	for (size_t i = 0; all != NULL && i < count && i < EK_CHAIN_MAX; i++) {
		X509 *other = read_certificate(others[i]);
		if (other != NULL)
			(void)!keep(all, other);
		X509_free(other);
	}
	return all;
}

static bool spki_digest(X509 *certificate, uint8_t out[static SHA256_SIZE])
{
	uint8_t *der = NULL;
	int len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der);
	struct bytes part = { der, len > 0 ? (size_t)len : 0 };
	bool good = len > 0 && crypto_sha256(out, &part, 1) == ERR_NONE;

	OPENSSL_free(der);
	return good;
}

/* What the certificate says of itself comes before who says it: cheap, and no trust is needed to refuse. */
static enum ek_verdict judge(const struct ek_roots *roots, X509 *certificate,
                             const struct bytes *others, size_t other_count,
                             const struct attest_key *key, int64_t now_s, struct ek_found *found)
{
	if (!is_key(certificate, key))
		return EK_OTHER_KEY;
	if (!is_for_endorsement(certificate))
		return EK_NO_ENDORSEMENT;

	STACK_OF(X509) *between = gather(roots, others, other_count);
	X509_STORE_CTX *context = X509_STORE_CTX_new();
	enum ek_verdict verdict = EK_FAILED;

	if (between != NULL && context != NULL)
		verdict = run(roots, context, certificate, between, now_s, &found->test);
	X509_STORE_CTX_free(context);
	sk_X509_pop_free(between, X509_free);
	return verdict == EK_GOOD && !spki_digest(certificate, found->spki) ? EK_FAILED : verdict;
}

enum ek_verdict ek_verify(const struct ek_roots *roots, struct bytes certificate,
                          const struct bytes *others, size_t other_count,
                          const struct attest_key *key, int64_t now_s, struct ek_found *out)
{
	X509 *x509 = read_certificate(certificate);
	struct ek_found found = { .test = false };
	enum ek_verdict verdict = EK_MALFORMED;

	if (x509 != NULL)
		verdict = judge(roots, x509, others, other_count, key, now_s, &found);
	X509_free(x509);
	if (verdict == EK_GOOD)
		*out = found;
	return verdict;
}
