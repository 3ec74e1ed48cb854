/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What GSMA published, through the ISD-R: the SGP.26 test certificates on both sides, and the unmodified
 * TS.48 test profiles, downloaded, enabled and selected.
 */
#include "tests/card/lpa.h"

#include "profile/pe.h"

#include <openssl/pem.h>

static struct dp_pki pki;
static struct lpa lpa;

static bool read_signer(struct signer *out, const char *certificate, const char *key)
{
	struct bytes pem;
	BIGNUM *scalar = NULL;

	if (!shared_file(certificate, &out->der))
		return false;
	if (key == NULL)
		return true;
	if (!shared_file(key, &pem))
		return false;
	BIO *bio = BIO_new_mem_buf(pem.at, (int)pem.len);
	EVP_PKEY *pkey = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
	BIO_free(bio);
	if (pkey == NULL)
		return false;
	EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_PRIV_KEY, &scalar);
	BN_bn2binpad(scalar, out->key.at, 32);
	out->key.len = 32;
	BN_free(scalar);
	EVP_PKEY_free(pkey);
	return true;
}

static bool read_pki(void)
{
	pki.curve = EC_P256;
	return read_signer(&pki.ci, "rsp/sgp26/ci.der", NULL) &&
	       read_signer(&pki.eum, "rsp/sgp26/eum.der", NULL) &&
	       read_signer(&pki.euicc, "rsp/sgp26/euicc.der", "rsp/sgp26/euicc-key.pem") &&
	       read_signer(&pki.dpauth, "rsp/sgp26/dpauth.der", "rsp/sgp26/dpauth-key.pem") &&
	       read_signer(&pki.dppb, "rsp/sgp26/dppb.der", "rsp/sgp26/dppb-key.pem");
}

/* The ICCID of a package, as StoreMetadata wants it: nibbles swapped. */
static bool package_iccid_of(struct bytes package, uint8_t iccid[static ICCID_SIZE])
{
	struct source source = source_memory(&package);
	struct cursor cursor = cursor_all(&source, NULL);
	struct profile_header header;
	struct pe pe;

	if (pe_next(&cursor, &pe) != ERR_NONE || profile_header_read(&pe, &header) != ERR_NONE)
		return false;
	for (size_t i = 0; i < ICCID_SIZE; i++)
		iccid[i] = (uint8_t)(header.iccid[i] << 4 | header.iccid[i] >> 4);
	return true;
}

static void download(const char *name, bool with_keys)
{
	uint8_t iccid[ICCID_SIZE], octets[256];
	static const uint8_t usim[] = { 0x00, 0xA4, 0x04, 0x04, 0x07, 0xA0,
		                        0x00, 0x00, 0x00, 0x87, 0x10, 0x02 };
	struct room metadata = ROOM(octets);
	struct lpa_result result = { 0 };
	struct bytes package;
	struct dp dp;

	if (!shared_file(name, &package)) {
		skip("%s is not there", name);
		return;
	}
	if (!ok(package_iccid_of(package, iccid), "%s: its header is read", name))
		return;
	struct store_metadata says = {
		.iccid = BYTES(iccid),
		.service_provider_name = BYTES_STR("GSMA"),
		.profile_name = BYTES_STR("TS.48"),
		.icon_type = ICON_NONE,
		.profile_class = CLASS_TEST,
	};
	store_metadata_put(&metadata, &says);
	dp_start(&dp, &pki);
	dp.with_keys = with_keys;
	lpa.apdus = 0;
	enum err err = lpa_download(&lpa, &dp, room_used(&metadata), package, &result);
	ok(err == ERR_NONE && result.success, "%s is installed (%s %u/%u), %u APDUs", name,
	   err_name(err), result.command, result.reason, lpa.apdus);
	ok(lpa_switch(&lpa, TAG_ENABLE_PROFILE, iccid, false) == RESULT_OK, "and enabled");
	lpa_apdu(&lpa, BYTES(usim));
	ok(lpa.sw >> 8 == 0x61, "its USIM is selected by a partial AID (%04X)", lpa.sw);
	lpa_select(&lpa);
	ok(lpa_switch(&lpa, TAG_DISABLE_PROFILE, iccid, false) == RESULT_OK &&
	           lpa_delete(&lpa, iccid) == RESULT_OK,
	   "it is disabled and deleted");
}

int main(void)
{
	if (!read_pki()) {
		skip("the published test certificates are not there");
		return done();
	}
	dp_must(trust_anchor_read(pki.ci.der, &pki.anchor), "CI");
	/* The EUM's certificate names a CI of another name with the same key. */
	pki.anchor.name = (struct bytes){ NULL, 0 };
	lpa_new(&lpa, &pki, NULL);
	for (unsigned i = 0; i < 2; i++) {
		download("rsp/ts48/ts48-v7-saip2.3-nobertlv.der", i == 1);
		download("rsp/ts48/ts48-v7-saip2.3-bertlv-suci.der", i == 1);
	}
	return done();
}
