/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A small SM-DP+ for tests of the card: certificates of a test PKI in memory, and the three messages of
 * a download, each with knobs to make it wrong. What it checks of the card it checks with src/rsp.
 */
#ifndef TESTS_CARD_DP_H
#define TESTS_CARD_DP_H

#include "cli/pki_cert.h"
#include "rsp/authenticate_server.h"
#include "rsp/bpp.h"
#include "rsp/cert.h"
#include "rsp/metadata.h"
#include "rsp/prepare_download.h"
#include "tests/tap.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>

#define DP_EID     "89049032123451234512345678901235"
#define DP_ADDRESS "smdp.example.com"

/* A certificate with its key, as the rooms want them. */
struct signer {
	struct bytes der;
	struct secret key;
	struct pki_pair pair;
};

/* One curve's world: a CI and all below it, and a stranger's CI with servers of its own. */
struct dp_pki {
	enum ec_curve curve;
	struct signer ci, eum, euicc, dpauth, dppb, dppb_other_oid, dsauth;
	struct signer foreign_ci, foreign_dpauth, foreign_dppb;
	struct trust_anchor anchor;
};

static void signer_make(struct signer *out, enum ec_curve curve, const struct pki_says *says,
                        const struct signer *issuer)
{
	unsigned char *der = NULL;
	BIGNUM *scalar = NULL;

	if (!pki_make(&out->pair, curve == EC_P256 ? PKI_NIST : PKI_BRP, says,
	              issuer != NULL ? &issuer->pair : NULL)) {
		printf("Bail out! no certificate\n");
		exit(EXIT_FAILURE);
	}
	int len = i2d_X509(out->pair.cert, &der);
	out->der = (struct bytes){ der, (size_t)len };
	EVP_PKEY_get_bn_param(out->pair.key, OSSL_PKEY_PARAM_PRIV_KEY, &scalar);
	BN_bn2binpad(scalar, out->key.at, 32);
	out->key.len = 32;
	BN_free(scalar);
}

UNUSED static void dp_ci(struct signer *out, enum ec_curve curve, const char *name)
{
	const struct pki_says says = {
		.country = "IT",
		.organization = "RSPTEST",
		.common = name,
		.policy = "2.23.146.1.2.1.0",
		.key_usage = "critical,keyCertSign,cRLSign",
		.constraints = "critical,CA:TRUE",
		.alt_name = "RID:2.999.1",
		.days = 10000,
	};
	signer_make(out, curve, &says, NULL);
}

UNUSED static void dp_server(struct signer *out, enum ec_curve curve, const char *role,
                             const char *oid, const struct signer *ci)
{
	const struct pki_says says = {
		.organization = "ACME",
		.common = "TEST SM-DP+",
		.policy = role,
		.alt_name = oid,
		.key_usage = "critical,digitalSignature",
		.days = 1000,
	};
	signer_make(out, curve, &says, ci);
}

#define ROLE_OID_DPAUTH "2.23.146.1.2.1.4"
#define ROLE_OID_DPPB   "2.23.146.1.2.1.5"
#define ROLE_OID_DSAUTH "2.23.146.1.2.1.7"

UNUSED static void dp_pki_make(struct dp_pki *pki, enum ec_curve curve)
{
	const struct pki_says eum = {
		.country = "DE",
		.organization = "RSP Test EUM",
		.common = "EUM Test",
		.policy = "2.23.146.1.2.1.2",
		.key_usage = "critical,keyCertSign",
		.constraints = "critical,CA:TRUE,pathlen:0",
		.alt_name = "RID:2.999.5",
		.permitted_organization = "RSP Test EUM",
		.permitted_serial = "89049032",
		.days = 10000,
	};
	const struct pki_says euicc = {
		.country = "DE",
		.organization = "RSP Test EUM",
		.serial = DP_EID,
		.common = "Test eUICC",
		.policy = "2.23.146.1.2.1.1",
		.key_usage = "critical,digitalSignature",
		.days = 10000,
	};

	pki->curve = curve;
	dp_ci(&pki->ci, curve, "Test CI");
	signer_make(&pki->eum, curve, &eum, &pki->ci);
	signer_make(&pki->euicc, curve, &euicc, &pki->eum);
	dp_server(&pki->dpauth, curve, ROLE_OID_DPAUTH, "RID:2.999.10", &pki->ci);
	dp_server(&pki->dppb, curve, ROLE_OID_DPPB, "RID:2.999.10", &pki->ci);
	dp_server(&pki->dppb_other_oid, curve, ROLE_OID_DPPB, "RID:2.999.12", &pki->ci);
	dp_server(&pki->dsauth, curve, ROLE_OID_DSAUTH, "RID:2.999.15", &pki->ci);
	dp_ci(&pki->foreign_ci, curve, "Foreign CI");
	dp_server(&pki->foreign_dpauth, curve, ROLE_OID_DPAUTH, "RID:2.999.10", &pki->foreign_ci);
	dp_server(&pki->foreign_dppb, curve, ROLE_OID_DPPB, "RID:2.999.10", &pki->foreign_ci);
	if (trust_anchor_read(pki->ci.der, &pki->anchor) != ERR_NONE) {
		printf("Bail out! the CI is no anchor\n");
		exit(EXIT_FAILURE);
	}
}

/* What a session of the server knows, and how it lies. */
struct dp {
	const struct dp_pki *pki;
	uint8_t transaction_id[16];
	uint8_t euicc_signature1[EC_SIGNATURE_SIZE];
	uint8_t euicc_otpk[EC_POINT_SIZE];

	/* knobs; zero is an honest server */
	const struct signer *auth, *pb; /* other certificates than pki's */
	bool wrong_signature1, wrong_challenge, foreign_ci_wanted;
	bool wrong_signature2, wrong_transaction2, cc_required, send_hash_cc;
	struct bytes bpp_otpk;
	bool wrong_smdp_sign, wrong_transaction3, wrong_remote_op, wrong_key_type, wrong_otpk;
	bool with_keys; /* profile protection keys */
	bool wrong_keys;
	struct bytes proprietary;
};

UNUSED static void dp_start(struct dp *dp, const struct dp_pki *pki)
{
	static uint8_t number;

	*dp = (struct dp){ .pki = pki };
	memset(dp->transaction_id, 0x5A, sizeof dp->transaction_id);
	dp->transaction_id[15] = ++number;
}

UNUSED static void dp_sign(const struct signer *signer, enum ec_curve curve,
                           const struct bytes *parts, size_t count, bool wrong,
                           uint8_t signature[static EC_SIGNATURE_SIZE])
{
	if (crypto_ecdsa_sign(curve, &signer->key, parts, count, signature) != ERR_NONE) {
		printf("Bail out! signing failed\n");
		exit(EXIT_FAILURE);
	}
	if (wrong)
		signature[40] ^= 1;
}

/* dp_authenticate appends AuthenticateServerRequest for the card's challenge. */
UNUSED static void dp_authenticate(struct dp *dp, struct bytes challenge, struct room *out)
{
	static const uint8_t server_challenge[16] = { 0x11, 0x22 };
	const struct signer *auth = dp->auth != NULL ? dp->auth : &dp->pki->dpauth;
	uint8_t octets[256], params_octets[128], signature[EC_SIGNATURE_SIZE], other[16] = { 0 };
	struct room signed1 = ROOM(octets), params = ROOM(params_octets);
	struct ctx_params1 ctx = {
		.matching_id = BYTES_STR("MATCH-ME"),
		.device_info = { .tac = BYTES_STR("\x35\x29\x06\x11") },
	};
	struct server_signed1 value = {
		.transaction_id = BYTES(dp->transaction_id),
		.euicc_challenge = dp->wrong_challenge ? BYTES(other) : challenge,
		.server_address = BYTES_STR(DP_ADDRESS),
		.server_challenge = BYTES(server_challenge),
	};

	server_signed1_put(&signed1, &value);
	ctx_params1_put(&params, &ctx);
	struct bytes part = room_used(&signed1);
	dp_sign(auth, dp->pki->curve, &part, 1, dp->wrong_signature1, signature);
	struct authenticate_server_request request = {
		.server_signed1 = part,
		.server_signature1 = BYTES(signature),
		.ci_pkid_to_be_used = BYTES(dp->pki->anchor.key_id),
		.server_certificate = auth->der,
		.ctx_params1 = room_used(&params),
	};
	if (dp->foreign_ci_wanted)
		request.ci_pkid_to_be_used = BYTES_STR("01234567890123456789");
	authenticate_server_request_put(out, &request);
}

/* dp_accept checks the card's answer as an SM-DP+ does and keeps its signature. */
UNUSED static enum err dp_accept(struct dp *dp, struct bytes answer)
{
	struct authenticate_server_response response;
	struct euicc_signed1 signed1;
	struct x509 euicc, eum;
	uint8_t eid[EID_SIZE];

	TRY(authenticate_server_response_read(answer, &response));
	if (response.is_error)
		return ERR_DENIED;
	TRY(x509_read(response.eum_certificate, &eum));
	TRY(x509_read(response.euicc_certificate, &euicc));
	TRY(cert_check_eum(&eum, &dp->pki->anchor, CERT_NO_TIME));
	TRY(cert_check_euicc(&euicc, &eum, CERT_NO_TIME, eid));
	TRY(crypto_ecdsa_verify(euicc.curve, euicc.point.at, &response.euicc_signed1, 1,
	                        response.euicc_signature1.at));
	TRY(euicc_signed1_read(response.euicc_signed1, &signed1));
	if (!bytes_same(signed1.transaction_id, BYTES(dp->transaction_id)))
		return ERR_VALUE;
	memcpy(dp->euicc_signature1, response.euicc_signature1.at, EC_SIGNATURE_SIZE);
	return ERR_NONE;
}

/* dp_prepare appends PrepareDownloadRequest. */
UNUSED static void dp_prepare(struct dp *dp, struct room *out)
{
	const struct signer *pb = dp->pb != NULL ? dp->pb : &dp->pki->dppb;
	uint8_t octets[160], element[3 + EC_SIGNATURE_SIZE], signature[EC_SIGNATURE_SIZE], id[16];
	static const uint8_t hash_cc[32] = { 0xCC };
	struct room signed2 = ROOM(octets), signature1 = ROOM(element);

	memcpy(id, dp->transaction_id, sizeof id);
	id[0] ^= dp->wrong_transaction2;
	struct smdp_signed2 value = {
		.transaction_id = BYTES(id),
		.cc_required = dp->cc_required,
		.bpp_euicc_otpk = dp->bpp_otpk,
	};
	smdp_signed2_put(&signed2, &value);
	ber_put(&signature1, TAG_SIGNATURE, BYTES(dp->euicc_signature1));
	struct bytes parts[] = { room_used(&signed2), room_used(&signature1) };
	dp_sign(pb, dp->pki->curve, parts, 2, dp->wrong_signature2, signature);
	struct prepare_download_request request = {
		.smdp_signed2 = parts[0],
		.smdp_signature2 = BYTES(signature),
		.hash_cc = dp->send_hash_cc ? BYTES(hash_cc) : (struct bytes){NULL, 0},
		.smdp_certificate = pb->der,
	};
	prepare_download_request_put(out, &request);
}

/* dp_accept_key takes the one-time key out of the card's answer. */
UNUSED static enum err dp_accept_key(struct dp *dp, struct bytes answer)
{
	struct prepare_download_response response;
	struct euicc_signed2 signed2;

	TRY(prepare_download_response_read(answer, &response));
	if (response.is_error)
		return ERR_DENIED;
	TRY(euicc_signed2_read(response.euicc_signed2, &signed2));
	memcpy(dp->euicc_otpk, signed2.euicc_otpk.at, EC_POINT_SIZE);
	return ERR_NONE;
}

UNUSED static void dp_must(enum err err, const char *what)
{
	if (err == ERR_NONE)
		return;
	printf("Bail out! %s: %s\n", what, err_name(err));
	exit(EXIT_FAILURE);
}

/* dp_channel signs InitialiseSecureChannel and starts the session keys. */
UNUSED static void dp_channel(struct dp *dp, struct initialise_secure_channel *isc,
                              uint8_t id[static 16], uint8_t otpk[static EC_POINT_SIZE],
                              uint8_t sign[static EC_SIGNATURE_SIZE], struct bsp *bsp)
{
	static const uint8_t host_id[] = { 'h', 'o', 's', 't' };
	uint8_t octets[256], eid[EID_SIZE], eid_text[] = DP_EID;
	struct room tbs = ROOM(octets);
	SECRET scalar = { .len = 0 };
	SECRET shared = { .len = 0 };

	memcpy(id, dp->transaction_id, 16);
	id[0] ^= dp->wrong_transaction3;
	dp_must(crypto_ec_generate(dp->pki->curve, &scalar, otpk), "one-time key");
	dp_must(crypto_ecdh(dp->pki->curve, &scalar, dp->euicc_otpk, &shared), "agreement");
	dp_must(rsp_eid_read((struct bytes){ eid_text, 32 }, eid), "EID");
	dp_must(bsp_start(bsp, &shared, BYTES(host_id), eid), "session keys");
	if (dp->wrong_otpk)
		otpk[64] ^= 1;
	*isc = (struct initialise_secure_channel){
		.remote_op = dp->wrong_remote_op ? 2 : REMOTE_OP_INSTALL_BPP,
		.transaction_id = {id,    16               },
		.key_type = dp->wrong_key_type ? 0x80 : BSP_KEY_TYPE_AES,
		.key_length = BSP_KEY_LENGTH,
		.host_id = BYTES(host_id),
		.smdp_otpk = { otpk, EC_POINT_SIZE    },
		.smdp_sign = { sign, EC_SIGNATURE_SIZE},
	};
	initialise_secure_channel_put_signed(&tbs, isc);
	ber_put(&tbs, TAG_ONE_TIME_KEY, BYTES(dp->euicc_otpk));
	struct bytes part = room_used(&tbs);
	dp_sign(&dp->pki->dppb, dp->pki->curve, &part, 1, dp->wrong_smdp_sign, sign);
}

/* dp_bind appends a bound profile package. */
UNUSED static void dp_bind(struct dp *dp, struct bytes metadata, struct bytes profile,
                           struct room *out)
{
	uint8_t id[16], otpk[EC_POINT_SIZE], sign[EC_SIGNATURE_SIZE], chain[16] = { 7 };
	uint8_t configure_octets[160];
	struct room configure = ROOM(configure_octets);
	struct configure_isdp isdp = { .dp_proprietary_data = dp->proprietary };
	struct replace_session_keys keys = { .mac_chain = BYTES(chain) };
	struct bpp_input input = { .metadata = metadata, .profile = profile };
	BSP bsp;
	BSP protection;

	memset(keys.ppk_enc.at, 0xE1, 16);
	memset(keys.ppk_cmac.at, 0xC1, 16);
	keys.ppk_enc.len = keys.ppk_cmac.len = 16;
	configure_isdp_put(&configure, &isdp);
	input.configure_isdp = room_used(&configure);
	dp_channel(dp, &input.isc, id, otpk, sign, &bsp);
	size_t cap = bpp_protected_size(profile.len) + 64;
	struct room protected = { malloc(cap), cap, 0, false };
	if (dp->with_keys) {
		dp_must(bsp_replace(&protection, keys.mac_chain, &keys.ppk_enc, &keys.ppk_cmac),
		        "PPK");
		dp_must(bpp_protect(&protected, profile, &protection), "protection");
		input.protected_profile = room_used(&protected);
		input.keys = &keys;
		keys.ppk_cmac.at[0] ^= dp->wrong_keys;
	}
	dp_must(bpp_put(out, &input, &bsp), "binding");
	free(protected.at);
}

#endif
