/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/pki.h"

#include "cli/pki_cert.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* SGP.22 4.5.2.1.1: the role of a certificate is an OID under id-rsp-cert-objects (2.23.146.1.2). */
#define ROLE_CI     "2.23.146.1.2.1.0"
#define ROLE_EUICC  "2.23.146.1.2.1.1"
#define ROLE_EUM    "2.23.146.1.2.1.2"
#define ROLE_DP_TLS "2.23.146.1.2.1.3"
#define ROLE_DPAUTH "2.23.146.1.2.1.4"
#define ROLE_DPPB   "2.23.146.1.2.1.5"

#define CRL   "URI:http://ci.test.example.com/CRL-A.crl"
#define EUM_O "Assay Test EUM"

enum { EID_DIGITS = 32, IIN_DIGITS = 8, DAYS_CA = 12775, DAYS_CARD = 9131, DAYS_SERVER = 3650 };

static const char default_eid[] = "89049032000000000000000000000163";

static const char *const curve_suffix[PKI_CURVES] = { "NIST", "BRP" };

bool pki_eid_valid(const char *text)
{
	unsigned rest = 0;

	if (strlen(text) != EID_DIGITS)
		return false;
	for (; *text != '\0'; text++) {
		if (!isdigit((unsigned char)*text))
			return false;
		rest = (rest * 10 + (unsigned)(*text - '0')) % 97;
	}
	return rest == 1;
}

bool pki_complain(const char *what, const char *which)
{
	fprintf(stderr, "assay pki: %s: %s\n", which, what);
	return false;
}

/* directory_make makes the directory; one that is there already will do. */
static bool directory_make(const char *path)
{
	if (mkdir(path, 0755) == 0 || errno == EEXIST)
		return true;
	return pki_complain(strerror(errno), path);
}

static bool issue(const char *dir, const char *stem, const char *suffix, enum pki_curve curve,
                  const struct pki_says *says, const struct pki_pair *issuer, struct pki_pair *keep)
{
	struct pki_pair pair;
	char name[64];
	bool good;

	snprintf(name, sizeof name, "%s%s%s", stem, *suffix == '\0' ? "" : "_", suffix);
	if (!pki_make(&pair, curve, says, issuer))
		return pki_complain("certificate could not be made", name);
	good = pki_write(dir, name, &pair);
	if (good && keep != NULL)
		*keep = pair;
	else
		pki_pair_free(&pair);
	return good || pki_complain("files exist already or cannot be written", name);
}

static bool issue_ci(const char *dir, enum pki_curve curve, struct pki_pair *ci)
{
	static const struct pki_says says = {
		.country = "IT",
		.organization = "RSPTEST",
		.unit = "TESTCERT",
		.common = "Assay Test CI",
		.policy = ROLE_CI,
		.key_usage = "critical,keyCertSign,cRLSign",
		.constraints = "critical,CA:TRUE",
		.alt_name = "RID:2.999.1",
		.crl = CRL,
		.days = DAYS_CA,
	};

	return issue(dir, "CI_ECDSA", curve_suffix[curve], curve, &says, NULL, ci);
}

static bool issue_eum(const char *dir, enum pki_curve curve, const char *eid,
                      const struct pki_pair *ci, struct pki_pair *eum)
{
	char iin[IIN_DIGITS + 1] = "";
	struct pki_says says = {
		.country = "DE",
		.organization = EUM_O,
		.common = "EUM Test",
		.policy = ROLE_EUM,
		.key_usage = "critical,keyCertSign",
		.constraints = "critical,CA:TRUE,pathlen:0",
		.alt_name = "RID:2.999.5",
		.crl = CRL,
		.permitted_organization = EUM_O,
		.permitted_serial = iin,
		.days = DAYS_CA,
	};

	memcpy(iin, eid, IIN_DIGITS);
	return issue(dir, "EUM_ECDSA", curve_suffix[curve], curve, &says, ci, eum);
}

/* SGP.22 4.5.2.1.0.2: the subject's serialNumber is the EID, its organisation the EUM's. */
static bool issue_euicc(const char *dir, enum pki_curve curve, const char *eid,
                        const struct pki_pair *eum)
{
	struct pki_says says = {
		.country = "DE",
		.organization = EUM_O,
		.serial = eid,
		.common = "Test eUICC",
		.policy = ROLE_EUICC,
		.key_usage = "critical,digitalSignature",
		.days = DAYS_CARD,
	};

	return issue(dir, "EUICC_ECDSA", curve_suffix[curve], curve, &says, eum, NULL);
}

/* SGP.22 4.5.2.1.0.3: DPauth, DPpb and DPtls carry the same SM-DP+ OID as registeredID. */
static bool issue_server(const char *dir, enum pki_curve curve, const struct pki_choice *choice,
                         const struct pki_pair *ci)
{
	char oid[80], names[300];
	struct pki_says signs = { .organization = "ACME",
		                  .common = "TEST SM-DP+",
		                  .alt_name = oid,
		                  .key_usage = "critical,digitalSignature",
		                  .crl = CRL,
		                  .days = DAYS_SERVER };
	struct pki_says tls = signs;

	if (snprintf(oid, sizeof oid, "RID:%s", choice->dp_oid) >= (int)sizeof oid ||
	    snprintf(names, sizeof names, "DNS:%s,RID:%s", choice->host, choice->dp_oid) >=
	            (int)sizeof names)
		return pki_complain("name is too long", choice->host);
	tls.policy = ROLE_DP_TLS;
	tls.common = choice->host;
	tls.alt_name = names;
	tls.extended_usage = "critical,serverAuth,clientAuth";
	signs.policy = ROLE_DPAUTH;
	if (!issue(dir, "S_SM_DPauth_ECDSA", curve_suffix[curve], curve, &signs, ci, NULL))
		return false;
	signs.policy = ROLE_DPPB;
	return issue(dir, "S_SM_DPpb_ECDSA", curve_suffix[curve], curve, &signs, ci, NULL) &&
	       issue(dir, "S_SM_DP_TLS", curve_suffix[curve], curve, &tls, ci, NULL);
}

static bool pki_curve(const char *dir, enum pki_curve curve, const struct pki_choice *choice)
{
	struct pki_pair ci = { NULL, NULL }, eum = { NULL, NULL };
	bool good = issue_ci(dir, curve, &ci) && issue_eum(dir, curve, choice->eid, &ci, &eum) &&
	            issue_euicc(dir, curve, choice->eid, &eum) &&
	            issue_server(dir, curve, choice, &ci);

	pki_pair_free(&ci);
	pki_pair_free(&eum);
	return good;
}

/* ES2+ is mutual TLS between companies, outside the GSMA's PKI (SGP.22 2.6.1): a CA of its own. */
static bool pki_es2(const char *dir, const struct pki_choice *choice)
{
	char names[300];
	static const struct pki_says root = {
		.organization = "ACME",
		.common = "Assay Test ES2+ CA",
		.key_usage = "critical,keyCertSign,cRLSign",
		.constraints = "critical,CA:TRUE",
		.days = DAYS_CA,
	};
	struct pki_says server = { .organization = "ACME",
		                   .common = choice->host,
		                   .alt_name = names,
		                   .key_usage = "critical,digitalSignature",
		                   .extended_usage = "serverAuth,clientAuth",
		                   .days = DAYS_SERVER };
	struct pki_says client = { .organization = "Test Operator",
		                   .common = choice->operator_name,
		                   .key_usage = "critical,digitalSignature",
		                   .alt_name = names,
		                   .extended_usage = "serverAuth,clientAuth",
		                   .days = DAYS_SERVER };
	struct pki_pair ca = { NULL, NULL };
	bool good;

	if (snprintf(names, sizeof names, "DNS:%s", choice->host) >= (int)sizeof names)
		return pki_complain("name is too long", choice->host);
	good = issue(dir, "ES2_CA", "", PKI_NIST, &root, NULL, &ca) &&
	       issue(dir, "ES2_SERVER", "", PKI_NIST, &server, &ca, NULL) &&
	       issue(dir, "ES2_OPERATOR", "", PKI_NIST, &client, &ca, NULL);
	pki_pair_free(&ca);
	return good;
}

/* Who endorses software TPMs (room softtpm). Servers know by the OU, as in SGP.26, that this is for tests. */
static bool pki_endorser(const char *dir)
{
	static const struct pki_says says = {
		.organization = "Assay Test TPM",
		.unit = "TESTCERT",
		.common = "Assay Test TPM CA",
		.key_usage = "critical,keyCertSign,cRLSign",
		.constraints = "critical,CA:TRUE,pathlen:0",
		.days = DAYS_CA,
	};

	return issue(dir, "TPM_CA", "", PKI_NIST, &says, NULL, NULL);
}

static bool eid_write(const char *dir, const char *eid)
{
	char path[4096];
	FILE *file;
	bool good;

	if (snprintf(path, sizeof path, "%s/eid", dir) >= (int)sizeof path)
		return pki_complain("path is too long", dir);
	file = fopen(path, "w");
	if (file == NULL)
		return pki_complain(strerror(errno), path);
	good = fprintf(file, "%s\n", eid) > 0;
	return (fclose(file) == 0 && good) || pki_complain("cannot be written", path);
}

bool pki_new(const char *dir, const struct pki_choice *choice)
{
	struct pki_choice all = *choice;

	if (all.eid == NULL)
		all.eid = default_eid;
	if (all.host == NULL)
		all.host = "localhost";
	if (all.dp_oid == NULL)
		all.dp_oid = "2.999.10";
	if (all.operator_name == NULL)
		all.operator_name = "operator";
	if (!pki_eid_valid(all.eid))
		return pki_complain("not an EID: 32 digits, the last two being check digits",
		                    all.eid);
	return directory_make(dir) && pki_curve(dir, PKI_NIST, &all) &&
	       pki_curve(dir, PKI_BRP, &all) && pki_es2(dir, &all) && pki_endorser(dir) &&
	       eid_write(dir, all.eid);
}

bool pki_card(const char *dir, const char *eid, const char *out)
{
	bool good = true;

	if (!pki_eid_valid(eid))
		return pki_complain("not an EID: 32 digits, the last two being check digits", eid);
	if (!directory_make(out))
		return false;
	for (enum pki_curve curve = 0; good && curve < PKI_CURVES; curve++) {
		struct pki_pair eum;
		char name[32];

		snprintf(name, sizeof name, "EUM_ECDSA_%s", curve_suffix[curve]);
		if (!pki_load(dir, name, &eum))
			return pki_complain("no EUM certificate and key there", dir);
		good = issue_euicc(out, curve, eid, &eum);
		pki_pair_free(&eum);
	}
	return good;
}
