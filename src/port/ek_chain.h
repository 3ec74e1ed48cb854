/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificates of endorsement keys (TCG EK Credential Profile for TPM 2.0, 2.5): is this key one that a
 * maker of chips, whose root we have, says is in a chip of theirs?
 *
 * Taken as the profile and real chips have them: an empty subject beside a critical subjectAltName, signature
 * algorithms of a CA that differ from the key's own kind, no extended key usage at all, and the
 * padding that a fixed NV index leaves behind the certificate. Not for freestanding rooms.
 */
#ifndef PORT_EK_CHAIN_H
#define PORT_EK_CHAIN_H

#include "port/attest_crypto.h"
#include "port/crypto.h"

enum { EK_CERTIFICATE_MAX = 4096, EK_CHAIN_MAX = 8 };

/* clang-format off */
#define EK_VERDICTS(X)                                                                     \
	X(EK_GOOD,          "good",            "the chain leads to a root that is trusted") \
	X(EK_MALFORMED,     "malformed",       "the certificate cannot be read")           \
	X(EK_UNTRUSTED,     "untrusted-root",  "no root that is trusted has issued it")    \
	X(EK_BAD_SIGNATURE, "bad-signature",   "a signature of the chain does not verify, or is too weak") \
	X(EK_BAD_ISSUER,    "bad-issuer",      "a certificate of the chain may not issue others") \
	X(EK_EXPIRED,       "expired",         "a certificate of the chain has expired")   \
	X(EK_NOT_YET,       "not-yet-valid",   "a certificate of the chain is not valid yet") \
	X(EK_OTHER_KEY,     "other-key",       "the certificate is for another key")       \
	X(EK_NO_ENDORSEMENT, "no-endorsement-key", "the certificate is not for an endorsement key") \
	X(EK_EXTENSION,     "extension",       "a critical extension is not understood")   \
	X(EK_FAILED,        "failed",          "the crypto backend failed")
/* clang-format on */

enum ek_verdict {
#define X(name, id, text) name,
	EK_VERDICTS(X)
#undef X
		EK_VERDICT_COUNT
};

/* ek_verdict_id is one word for programs ("untrusted-root"), ek_verdict_text a phrase for people. */
const char *ek_verdict_id(enum ek_verdict verdict);
const char *ek_verdict_text(enum ek_verdict verdict);

struct ek_roots;

/* ek_roots_new makes an empty set; NULL: no memory. ek_roots_free takes NULL as well. */
struct ek_roots *ek_roots_new(void);
void ek_roots_free(struct ek_roots *roots);

enum ek_trust {
	EK_ANCHOR,      /* whoever it issues is believed; it need not be self-signed */
	EK_TEST_ANCHOR, /* likewise, and what it issues is good for tests only; so is whoever says of itself to be
	                 * one, with OU=TESTCERT in its subject (SGP.26), whatever it was added as */
	EK_INTERMEDIATE /* only helps to find the way to an anchor */
};

/* ek_roots_add adds one certificate (DER). ERR_CERTIFICATE when it cannot be read or is none of a CA,
 * ERR_EXISTS when it is there already. */
NODISCARD enum err ek_roots_add(struct ek_roots *roots, struct bytes der, enum ek_trust trust);

/* ek_anchor_fault tells why a certificate (DER) could never lead anybody to trust as an anchor, at a time (seconds since
 * 1970) or later: a phrase for people, or NULL when it could. */
const char *ek_anchor_fault(struct bytes der, int64_t now_s);

struct ek_found {
	bool test; /* the anchor is a test anchor */
	uint8_t spki
		[SHA256_SIZE]; /* SHA-256 of the certificate's SubjectPublicKeyInfo: what lists name
	                             * a chip by, since `openssl x509 -pubkey` gives it from the certificate */
};

/* ek_verify judges the certificate of `key` at a time (seconds since 1970); `others` are certificates that came
 * with it, of any order. `out` is written for EK_GOOD only. */
enum ek_verdict ek_verify(const struct ek_roots *roots, struct bytes certificate,
                          const struct bytes *others, size_t other_count,
                          const struct attest_key *key, int64_t now_s, struct ek_found *out);

#endif
