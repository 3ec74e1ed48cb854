/* SPDX-License-Identifier: Apache-2.0 */
/* The test PKI: what it writes chains, says its role, and further cards can be issued from it. */
#include "cli/pki.h"
#include "cli/pki_cert.h"
#include "port/ek_chain.h"
#include "softtpm/file.h"

#include "tests/tap.h"

#include <time.h>

#include <sys/stat.h>

#include <openssl/x509v3.h>

static const char second_eid[] = "89049032000000000000000000000260";

static const struct {
	const char *name, *issuer, *policy, *alt_name;
	bool ca;
} rows[] = {
	{"CI_ECDSA_NIST",           "CI_ECDSA_NIST",  "2.23.146.1.2.1.0", "2.999.1",  true },
	{ "CI_ECDSA_BRP",           "CI_ECDSA_BRP",   "2.23.146.1.2.1.0", "2.999.1",  true },
	{ "EUM_ECDSA_NIST",         "CI_ECDSA_NIST",  "2.23.146.1.2.1.2", "2.999.5",  true },
	{ "EUM_ECDSA_BRP",          "CI_ECDSA_BRP",   "2.23.146.1.2.1.2", "2.999.5",  true },
	{ "EUICC_ECDSA_NIST",       "EUM_ECDSA_NIST", "2.23.146.1.2.1.1", NULL,       false},
	{ "EUICC_ECDSA_BRP",        "EUM_ECDSA_BRP",  "2.23.146.1.2.1.1", NULL,       false},
	{ "S_SM_DPauth_ECDSA_NIST", "CI_ECDSA_NIST",  "2.23.146.1.2.1.4", "2.999.10", false},
	{ "S_SM_DPauth_ECDSA_BRP",  "CI_ECDSA_BRP",   "2.23.146.1.2.1.4", "2.999.10", false},
	{ "S_SM_DPpb_ECDSA_NIST",   "CI_ECDSA_NIST",  "2.23.146.1.2.1.5", "2.999.10", false},
	{ "S_SM_DPpb_ECDSA_BRP",    "CI_ECDSA_BRP",   "2.23.146.1.2.1.5", "2.999.10", false},
	{ "S_SM_DP_TLS_NIST",       "CI_ECDSA_NIST",  "2.23.146.1.2.1.3", "2.999.10", false},
	{ "S_SM_DP_TLS_BRP",        "CI_ECDSA_BRP",   "2.23.146.1.2.1.3", "2.999.10", false},
	{ "ES2_SERVER",             "ES2_CA",         NULL,               NULL,       false},
	{ "ES2_OPERATOR",           "ES2_CA",         NULL,               NULL,       false},
	{ "TPM_CA",                 "TPM_CA",         NULL,               NULL,       true },
};

static bool policy_is(X509 *cert, const char *oid)
{
	CERTIFICATEPOLICIES *policies =
		X509_get_ext_d2i(cert, NID_certificate_policies, NULL, NULL);
	char text[80] = "";

	if (policies == NULL)
		return oid == NULL;
	OBJ_obj2txt(text, sizeof text, sk_POLICYINFO_value(policies, 0)->policyid, 1);
	sk_POLICYINFO_pop_free(policies, POLICYINFO_free);
	return oid != NULL && strcmp(text, oid) == 0;
}

static bool alt_name_is(X509 *cert, const char *oid)
{
	GENERAL_NAMES *names = X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);
	bool found = oid == NULL;

	for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
		const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
		char text[80] = "";
		if (name->type != GEN_RID)
			continue;
		OBJ_obj2txt(text, sizeof text, name->d.registeredID, 1);
		found = found || strcmp(text, oid) == 0;
	}
	GENERAL_NAMES_free(names);
	return found;
}

static bool key_id_chains(X509 *cert, X509 *issuer)
{
	const ASN1_OCTET_STRING *authority = X509_get0_authority_key_id(cert);
	const ASN1_OCTET_STRING *subject = X509_get0_subject_key_id(issuer);

	return cert == issuer || (authority != NULL && subject != NULL &&
	                          ASN1_OCTET_STRING_cmp(authority, subject) == 0);
}

static void row(const char *dir, size_t i)
{
	struct pki_pair self, issuer;

	if (!ok(pki_load(dir, rows[i].name, &self), "%s is there", rows[i].name))
		return;
	if (!ok(pki_load(dir, rows[i].issuer, &issuer), "so is %s", rows[i].issuer))
		return;
	ok(X509_verify(self.cert, X509_get0_pubkey(issuer.cert)) == 1, "%s is signed by %s",
	   rows[i].name, rows[i].issuer);
	ok(X509_check_private_key(self.cert, self.key) == 1, "%s has its key", rows[i].name);
	ok(policy_is(self.cert, rows[i].policy), "%s says its role", rows[i].name);
	ok(alt_name_is(self.cert, rows[i].alt_name), "%s says its OID", rows[i].name);
	ok((X509_check_ca(self.cert) == 1) == rows[i].ca, "%s is%s an authority", rows[i].name,
	   rows[i].ca ? "" : " not");
	ok(strcmp(rows[i].name, rows[i].issuer) == 0 || key_id_chains(self.cert, issuer.cert),
	   "%s points at its issuer's key", rows[i].name);
	pki_pair_free(&self);
	pki_pair_free(&issuer);
}

static bool subject_says(const char *dir, const char *name, const char *eid)
{
	struct pki_pair card;
	char text[64] = "";

	if (!pki_load(dir, name, &card))
		return false;
	X509_NAME_get_text_by_NID(X509_get_subject_name(card.cert), NID_serialNumber, text,
	                          sizeof text);
	pki_pair_free(&card);
	return strcmp(text, eid) == 0;
}

static void cards(const char *dir)
{
	char out[600], key[700];
	struct stat info;

	snprintf(out, sizeof out, "%s/second", dir);
	ok(pki_card(dir, second_eid, out), "a further card is issued");
	ok(subject_says(out, "EUICC_ECDSA_NIST", second_eid), "its EID is in the subject, P-256");
	ok(subject_says(out, "EUICC_ECDSA_BRP", second_eid),
	   "its EID is in the subject, brainpool");
	snprintf(key, sizeof key, "%s/SK_EUICC_ECDSA_NIST.pem", out);
	ok(stat(key, &info) == 0 && (info.st_mode & 0777) == 0600,
	   "R7: its key file is for its owner");
	ok(!pki_card(dir, second_eid, out), "a key file is never overwritten");
	ok(!pki_card(dir, "8904903200000000000000000000026x", out),
	   "wrong check digits are refused");
	ok(!pki_card(dir, "8904903200000000000000000000027", out), "31 digits are refused");
}

/* R1b.4: what a server finds out about the chip's certificate when its authority was added as `as`. */
static enum ek_verdict judged(const char *dir, const struct softtpm_file *file, enum ek_trust as,
                              struct ek_found *found)
{
	uint8_t store[TPM_PUBLIC_MAX], point_store[ATTEST_POINT_MAX];
	struct room public = ROOM(store), point = ROOM(point_store);
	struct ek_roots *roots = ek_roots_new();
	struct tpm_public read;
	struct attest_key key;
	unsigned char *der = NULL;
	struct pki_pair ca;
	enum ek_verdict verdict = EK_FAILED;

	*found = (struct ek_found){ .test = false };
	if (!pki_load(dir, "TPM_CA", &ca))
		return EK_FAILED;
	int len = i2d_X509(ca.cert, &der);
	if (ek_roots_add(roots, (struct bytes){ der, (size_t)len }, as) == ERR_NONE &&
	    softtpm_endorsement_public(&file->tpm, &public) == ERR_NONE &&
	    tpm_public_read(room_used(&public), false, &read) == ERR_NONE &&
	    tpm_public_key(&read, &point, &key) == ERR_NONE)
		verdict =
			ek_verify(roots, (struct bytes){ file->certificate, file->certificate_len },
		                  NULL, 0, &key, (int64_t)time(NULL), found);
	OPENSSL_free(der);
	pki_pair_free(&ca);
	ek_roots_free(roots);
	return verdict;
}

static void chips(const char *dir)
{
	uint8_t digest[SHA256_SIZE], other[SHA256_SIZE];
	struct softtpm_file file;
	struct ek_found found;
	char path[600];

	snprintf(path, sizeof path, "%s/chip", dir);
	ok(pki_chip(dir, path, digest), "a software TPM is made");
	ok(!pki_chip(dir, path, other), "a second one does not overwrite it");
	if (!ok(softtpm_file_open(&file, path) == ERR_NONE, "it is one"))
		return;
	ok(judged(dir, &file, EK_TEST_ANCHOR, &found) == EK_GOOD && found.test,
	   "R1b.4: its certificate is good under a test root");
	ok_bytes(BYTES(found.spki), BYTES(digest), "... for the key that suppliers list");
	ok(judged(dir, &file, EK_ANCHOR, &found) == EK_GOOD && found.test,
	   "R1b.4: its authority is a test root even if somebody calls it a root");
	ok(judged(dir, &file, EK_INTERMEDIATE, &found) == EK_UNTRUSTED, "... and no other");
	softtpm_file_close(&file);
	ok(!pki_chip("/nonexistent", path, digest), "without an authority none is made");
}

int main(void)
{
	char top[] = "/tmp/assay-pki-XXXXXX", dir[64], command[80];
	const struct pki_choice choice = { NULL, NULL, NULL, NULL };

	if (mkdtemp(top) == NULL)
		return 1;
	snprintf(dir, sizeof dir, "%s/pki", top);
	ok(pki_new(dir, &choice), "a test PKI is made");
	ok(!pki_new(dir, &choice), "a second one does not overwrite it");
	for (size_t i = 0; i < COUNT(rows); i++)
		row(dir, i);
	cards(dir);
	chips(dir);
	snprintf(command, sizeof command, "rm -rf %s", top);
	ok(system(command) == 0, "the directory is gone again");
	return done();
}
