/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/pki_cert.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

enum { PATH_SIZE = 4096, SERIAL_OCTETS = 8 };

static bool name_add(X509_NAME *name, const char *field, const char *text)
{
	return text == NULL ||
	       X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8, (const unsigned char *)text,
	                                  -1, -1, 0) == 1;
}

static bool name_set(X509_NAME *name, const struct pki_says *says)
{
	return name_add(name, "C", says->country) && name_add(name, "O", says->organization) &&
	       name_add(name, "OU", says->unit) && name_add(name, "serialNumber", says->serial) &&
	       name_add(name, "CN", says->common);
}

static bool extension_add(X509 *cert, X509V3_CTX *ctx, int nid, const char *value)
{
	X509_EXTENSION *extension;
	bool good;

	if (value == NULL)
		return true;
	extension = X509V3_EXT_nconf_nid(ctx->db, ctx, nid, value);
	good = extension != NULL && X509_add_ext(cert, extension, -1) == 1;
	X509_EXTENSION_free(extension);
	return good;
}

/* SGP.22 4.5.2.1.0.2: the EUM may only issue for its own organisation and its own EIDs; the subtree is
 * a directory name of O and serialNumber, the latter the leading digits (IIN) of those EIDs. */
static bool name_constraints_add(X509 *cert, const struct pki_says *says)
{
	struct pki_says permitted = { .organization = says->permitted_organization,
		                      .serial = says->permitted_serial };
	NAME_CONSTRAINTS *constraints = NULL;
	GENERAL_SUBTREE *subtree = NULL;
	bool good;

	if (permitted.serial == NULL)
		return true;
	constraints = NAME_CONSTRAINTS_new();
	subtree = GENERAL_SUBTREE_new();
	good = constraints != NULL && subtree != NULL;
	if (good) {
		constraints->permittedSubtrees = sk_GENERAL_SUBTREE_new_null();
		subtree->base->type = GEN_DIRNAME;
		subtree->base->d.directoryName = X509_NAME_new();
		good = subtree->base->d.directoryName != NULL &&
		       name_set(subtree->base->d.directoryName, &permitted) &&
		       sk_GENERAL_SUBTREE_push(constraints->permittedSubtrees, subtree) > 0;
	}
	if (good) {
		subtree = NULL; /* the stack has it now */
		good = X509_add1_ext_i2d(cert, NID_name_constraints, constraints, 1,
		                         X509V3_ADD_DEFAULT) == 1;
	}
	GENERAL_SUBTREE_free(subtree);
	NAME_CONSTRAINTS_free(constraints);
	return good;
}

/* TCG EK Credential Profile 2.5, 3.2.9: maker, model and version of the TPM, in a directory name that is critical since
 * there is no subject. A maker of no chips has no number. */
static bool tpm_name_add(X509 *cert, const char *model)
{
	static const struct {
		const char *oid, *text;
	} rows[] = {
		{"2.23.133.2.1",  "id:00000000"},
		{ "2.23.133.2.2", NULL         },
		{ "2.23.133.2.3", "id:00000001"},
	};
	GENERAL_NAMES *names;
	GENERAL_NAME *name;
	X509_NAME *directory;
	bool good;

	if (model == NULL)
		return true;
	names = sk_GENERAL_NAME_new_null();
	name = GENERAL_NAME_new();
	directory = X509_NAME_new();
	good = names != NULL && name != NULL && directory != NULL;
	for (size_t i = 0; good && i < sizeof rows / sizeof rows[0]; i++)
		good = name_add(directory, rows[i].oid,
		                rows[i].text == NULL ? model : rows[i].text);
	if (good) {
		GENERAL_NAME_set0_value(name, GEN_DIRNAME, directory);
		directory = NULL; /* the name has it now */
		good = sk_GENERAL_NAME_push(names, name) > 0;
		name = good ? NULL : name;
		good = good && X509_add1_ext_i2d(cert, NID_subject_alt_name, names, 1,
		                                 X509V3_ADD_DEFAULT) == 1;
	}
	X509_NAME_free(directory);
	GENERAL_NAME_free(name);
	GENERAL_NAMES_free(names);
	return good;
}

static bool all_extensions_add(X509 *cert, X509V3_CTX *ctx, const struct pki_says *says, bool root)
{
	char policy[64];

	snprintf(policy, sizeof policy, "critical,%s", says->policy == NULL ? "" : says->policy);
	return (root || extension_add(cert, ctx, NID_authority_key_identifier, "keyid:always")) &&
	       extension_add(cert, ctx, NID_subject_key_identifier, "hash") &&
	       extension_add(cert, ctx, NID_key_usage, says->key_usage) &&
	       extension_add(cert, ctx, NID_ext_key_usage, says->extended_usage) &&
	       extension_add(cert, ctx, NID_certificate_policies,
	                     says->policy == NULL ? NULL : policy) &&
	       extension_add(cert, ctx, NID_subject_alt_name, says->alt_name) &&
	       extension_add(cert, ctx, NID_basic_constraints, says->constraints) &&
	       extension_add(cert, ctx, NID_crl_distribution_points, says->crl) &&
	       name_constraints_add(cert, says) && tpm_name_add(cert, says->tpm_model);
}

/* OpenSSL refuses to read policies without a configuration at hand, even for one bare OID. */
static bool extensions_add(X509 *cert, const struct pki_says *says, X509 *issuer)
{
	CONF *none = NCONF_new(NULL);
	X509V3_CTX ctx;
	bool good;

	if (none == NULL)
		return false;
	X509V3_set_ctx(&ctx, issuer == NULL ? cert : issuer, cert, NULL, NULL, 0);
	X509V3_set_nconf(&ctx, none);
	good = all_extensions_add(cert, &ctx, says, issuer == NULL);
	NCONF_free(none);
	return good;
}

static bool serial_set(X509 *cert)
{
	unsigned char octets[SERIAL_OCTETS];
	BIGNUM *number;
	bool good;

	if (RAND_bytes(octets, sizeof octets) != 1)
		return false;
	octets[0] = (unsigned char)((octets[0] & 0x3F) | 0x40); /* positive, and of full length */
	number = BN_bin2bn(octets, sizeof octets, NULL);
	good = number != NULL && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(cert)) != NULL;
	BN_free(number);
	return good;
}

X509 *pki_issue(EVP_PKEY *key, const struct pki_says *says, const struct pki_pair *issuer)
{
	X509 *cert = X509_new();
	X509 *from = issuer == NULL ? cert : issuer->cert;

	if (cert != NULL && X509_set_version(cert, X509_VERSION_3) == 1 && serial_set(cert) &&
	    X509_gmtime_adj(X509_getm_notBefore(cert), -86400) != NULL &&
	    X509_time_adj_ex(X509_getm_notAfter(cert), says->days, 0, NULL) != NULL &&
	    name_set(X509_get_subject_name(cert), says) &&
	    X509_set_issuer_name(cert, X509_get_subject_name(from)) == 1 &&
	    X509_set_pubkey(cert, key) == 1 &&
	    extensions_add(cert, says, issuer == NULL ? NULL : issuer->cert) &&
	    X509_sign(cert, issuer == NULL ? key : issuer->key, EVP_sha256()) > 0)
		return cert;
	X509_free(cert);
	return NULL;
}

bool pki_make(struct pki_pair *out, enum pki_curve curve, const struct pki_says *says,
              const struct pki_pair *issuer)
{
	static const char *const curve_name[PKI_CURVES] = { "P-256", "brainpoolP256r1" };
	struct pki_pair made = { NULL, EVP_EC_gen(curve_name[curve]) };

	if (made.key != NULL)
		made.cert = pki_issue(made.key, says, issuer);
	if (made.cert == NULL) {
		pki_pair_free(&made);
		return false;
	}
	*out = made;
	return true;
}

void pki_pair_free(struct pki_pair *pair)
{
	X509_free(pair->cert);
	EVP_PKEY_free(pair->key);
	*pair = (struct pki_pair){ NULL, NULL };
}

/* file_open opens DIR/<kind>_<name>.<end>; a new file gets the mode and replaces none. */
static FILE *file_open(const char *dir, const char *kind, const char *name, const char *end,
                       mode_t mode)
{
	char path[PATH_SIZE];
	int n = snprintf(path, sizeof path, "%s/%s_%s.%s", dir, kind, name, end);
	int fd;

	if (n < 0 || n >= PATH_SIZE)
		return NULL;
	if (mode == 0)
		return fopen(path, "rb");
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	return fd < 0 ? NULL : fdopen(fd, "wb");
}

static bool file_done(FILE *file, bool good)
{
	return file != NULL && fclose(file) == 0 && good;
}

/* SGP.26 ships keys as SEC1 "EC PRIVATE KEY"; OpenSSL's other readers take that form as well. */
static bool key_write(FILE *file, EVP_PKEY *key)
{
	BIO *bio = file == NULL ? NULL : BIO_new_fp(file, BIO_NOCLOSE);
	bool good = bio != NULL &&
	            PEM_write_bio_PrivateKey_traditional(bio, key, NULL, NULL, 0, NULL, NULL) == 1;

	BIO_free(bio);
	return good;
}

bool pki_write(const char *dir, const char *name, const struct pki_pair *pair)
{
	FILE *der = file_open(dir, "CERT", name, "der", 0644);
	FILE *pem = file_open(dir, "CERT", name, "pem", 0644);
	FILE *key = file_open(dir, "SK", name, "pem", 0600);
	bool der_good = file_done(der, der != NULL && i2d_X509_fp(der, pair->cert) == 1);
	bool pem_good = file_done(pem, pem != NULL && PEM_write_X509(pem, pair->cert) == 1);
	bool key_good = file_done(key, key_write(key, pair->key));

	return der_good && pem_good && key_good;
}

bool pki_load(const char *dir, const char *name, struct pki_pair *out)
{
	struct pki_pair read = { NULL, NULL };
	FILE *der = file_open(dir, "CERT", name, "der", 0);
	FILE *key = file_open(dir, "SK", name, "pem", 0);

	if (der != NULL)
		read.cert = d2i_X509_fp(der, NULL);
	if (key != NULL)
		read.key = PEM_read_PrivateKey(key, NULL, NULL, NULL);
	(void)!file_done(der, true); /* nothing was written */
	(void)!file_done(key, true);
	if (read.cert == NULL || read.key == NULL) {
		pki_pair_free(&read);
		return false;
	}
	*out = read;
	return true;
}
