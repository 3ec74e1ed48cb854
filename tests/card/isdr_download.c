/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Downloads through the ISD-R, APDU by APDU, against a small SM-DP+: both curves, with session keys and
 * profile protection keys, and each way in which a server, an LPA or a wire can be wrong.
 */
#include "tests/card/lpa.h"
#include "tests/card/package.h"

static struct dp_pki pki[EC_CURVES];
static struct lpa lpa;
static const char *const curve_name[EC_CURVES] = { "P-256", "brainpoolP256r1" };

static void honest(enum ec_curve curve, bool with_keys, uint8_t number)
{
	uint8_t iccid[ICCID_SIZE], octets[2048];
	struct room metadata = ROOM(octets);
	struct lpa_result result = { 0 };
	struct dp dp;

	package_iccid(iccid, number);
	package_metadata(&metadata, iccid, CLASS_OPERATIONAL, 0, true);
	dp_start(&dp, &pki[curve]);
	dp.with_keys = with_keys;
	enum err err =
		lpa_download(&lpa, &dp, room_used(&metadata), package_profile(iccid), &result);
	ok_err(err, ERR_NONE, "the result of a download is signed by the card");
	ok(result.success, "%s, %s: installed (%u/%u)", curve_name[curve],
	   with_keys ? "profile protection keys" : "session keys", result.command, result.reason);
	ok(lpa_profile(&lpa, iccid) == PROFILE_DISABLED, "the profile is there, disabled");
}

/* What goes wrong before a package is loaded. */
static void lie_signature1(struct dp *dp)
{
	dp->wrong_signature1 = true;
}

static void lie_challenge(struct dp *dp)
{
	dp->wrong_challenge = true;
}

static void lie_ci(struct dp *dp)
{
	dp->foreign_ci_wanted = true;
}

static void lie_foreign(struct dp *dp)
{
	dp->auth = &dp->pki->foreign_dpauth;
}

static void lie_role(struct dp *dp)
{
	dp->auth = &dp->pki->dppb;
}

static void lie_pb_role(struct dp *dp)
{
	dp->pb = &dp->pki->dpauth;
}

static void lie_pb_oid(struct dp *dp)
{
	dp->pb = &dp->pki->dppb_other_oid;
}

static void lie_pb_foreign(struct dp *dp)
{
	dp->pb = &dp->pki->foreign_dppb;
}

static void lie_signature2(struct dp *dp)
{
	dp->wrong_signature2 = true;
}

static void lie_other_session(struct dp *dp)
{
	dp->euicc_signature1[0] ^= 1;
}

static void lie_transaction2(struct dp *dp)
{
	dp->wrong_transaction2 = true;
}

static void lie_code(struct dp *dp)
{
	dp->cc_required = true;
}

static void tell_code(struct dp *dp)
{
	dp->cc_required = dp->send_hash_cc = true;
}

static void be_smds(struct dp *dp)
{
	dp->auth = &dp->pki->dsauth;
}

static const struct {
	const char *says;
	void (*before)(struct dp *dp);  /* AuthenticateServer */
	void (*between)(struct dp *dp); /* PrepareDownload */
	uint8_t authenticate, prepare;  /* error codes; 0: accepted */
} rows[] = {
	{"serverSignature1 is wrong",              lie_signature1, NULL,              AUTHENTICATE_INVALID_SIGNATURE,   0                           },
	{ "the challenge is another one",          lie_challenge,  NULL,              AUTHENTICATE_CHALLENGE_MISMATCH,  0                           },
	{ "euiccCiPKIdToBeUsed is unknown",        lie_ci,         NULL,              AUTHENTICATE_CI_PK_UNKNOWN,       0                           },
	{ "CERT.DPauth is of a foreign CI",        lie_foreign,    NULL,              AUTHENTICATE_INVALID_CERTIFICATE,
         0																	  },
	{ "CERT.DPpb poses as CERT.DPauth",        lie_role,       NULL,              AUTHENTICATE_INVALID_OID,         0                           },
	{ "an SM-DS authenticates",                be_smds,        NULL,              0,                                DOWNLOAD_INVALID_CERTIFICATE},
	{ "CERT.DPauth poses as CERT.DPpb",        NULL,           lie_pb_role,       0,                                DOWNLOAD_INVALID_CERTIFICATE},
	{ "CERT.DPpb is another SM-DP+'s",         NULL,           lie_pb_oid,        0,                                DOWNLOAD_INVALID_CERTIFICATE},
	{ "CERT.DPpb is of a foreign CI",          NULL,           lie_pb_foreign,    0,                                DOWNLOAD_INVALID_CERTIFICATE},
	{ "smdpSignature2 is wrong",               NULL,           lie_signature2,    0,                                DOWNLOAD_INVALID_SIGNATURE  },
	{ "smdpSignature2 is of another session",  NULL,           lie_other_session, 0,
         DOWNLOAD_INVALID_SIGNATURE														 },
	{ "smdpSigned2 is of another transaction", NULL,           lie_transaction2,  0,
         DOWNLOAD_INVALID_TRANSACTION_ID													    },
	{ "the confirmation code is missing",      NULL,           lie_code,          0,                                DOWNLOAD_UNDEFINED_ERROR    },
	{ "a confirmation code is passed on",      NULL,           tell_code,         0,                                0                           },
	{ "an honest server",                      NULL,           NULL,              0,                                0                           },
};

static uint8_t authenticate_error(struct bytes answer)
{
	struct authenticate_server_response response;

	if (authenticate_server_response_read(answer, &response) != ERR_NONE)
		return 255;
	return response.is_error ? response.error : 0;
}

static uint8_t prepare_error(struct bytes answer)
{
	struct prepare_download_response response;

	if (prepare_download_response_read(answer, &response) != ERR_NONE)
		return 255;
	return response.is_error ? response.error : 0;
}

static void refusals(enum ec_curve curve)
{
	for (size_t i = 0; i < COUNT(rows); i++) {
		uint8_t challenge[16], first, second = 0;
		struct dp dp;

		dp_start(&dp, &pki[curve]);
		if (rows[i].before != NULL)
			rows[i].before(&dp);
		dp_must(lpa_challenge(&lpa, challenge), "challenge");
		struct bytes answer = lpa_authenticate(&lpa, &dp, BYTES(challenge));
		first = authenticate_error(answer);
		if (first == 0) {
			ok_err(dp_accept(&dp, answer), ERR_NONE,
			       "the card's chain and signature hold");
			if (rows[i].between != NULL)
				rows[i].between(&dp);
			second = prepare_error(lpa_prepare(&lpa, &dp));
		}
		ok(first == rows[i].authenticate && second == rows[i].prepare, "%s: %s (%u, %u)",
		   curve_name[curve], rows[i].says, first, second);
	}
}

/* What goes wrong while a package is loaded. */
static void lie_sign(struct dp *dp)
{
	dp->wrong_smdp_sign = true;
}

static void lie_transaction3(struct dp *dp)
{
	dp->wrong_transaction3 = true;
}

static void lie_remote_op(struct dp *dp)
{
	dp->wrong_remote_op = true;
}

static void lie_key_type(struct dp *dp)
{
	dp->wrong_key_type = true;
}

static void lie_otpk(struct dp *dp)
{
	dp->wrong_otpk = true;
}

static void lie_keys(struct dp *dp)
{
	dp->with_keys = dp->wrong_keys = true;
}

static const struct {
	const char *says;
	void (*lie)(struct dp *dp);
	int flip; /* octet of the package that is altered, from the end when negative; 0: none */
	uint8_t profile_class;
	uint32_t pprs;
	bool owner;
	uint8_t command, reason;
} late[] = {
	{"smdpSign is wrong",				lie_sign,         0,  CLASS_OPERATIONAL, 0,               true,
         BPP_INITIALISE_SECURE_CHANNEL,													   INSTALL_INVALID_SIGNATURE           },
	{ "the package is of another transaction",           lie_transaction3, 0,  CLASS_OPERATIONAL, 0,               true,
         BPP_INITIALISE_SECURE_CHANNEL,													   INSTALL_INVALID_TRANSACTION_ID      },
	{ "remoteOpId is unknown",                           lie_remote_op,    0,  CLASS_OPERATIONAL, 0,               true,
         BPP_INITIALISE_SECURE_CHANNEL,													   INSTALL_UNSUPPORTED_REMOTE_OPERATION},
	{ "the key type is not AES",                         lie_key_type,     0,  CLASS_OPERATIONAL, 0,               true,
         BPP_INITIALISE_SECURE_CHANNEL,													   INSTALL_UNSUPPORTED_CRT_VALUES      },
	{ "otPK.DP is not on the curve",                     lie_otpk,         0,  CLASS_OPERATIONAL, 0,               true,
         BPP_INITIALISE_SECURE_CHANNEL,													   INSTALL_INCORRECT_INPUT_VALUES      },
	{ "the last octet of the profile is altered",        NULL,             -1, CLASS_OPERATIONAL, 0,               true,
         BPP_LOAD_PROFILE_ELEMENTS,													       INSTALL_BSP_SECURITY_ERROR          },
	{ "the protection keys are other ones",              lie_keys,         0,  CLASS_OPERATIONAL, 0,               true,
         BPP_LOAD_PROFILE_ELEMENTS,													       INSTALL_BSP_SECURITY_ERROR          },
	{ "PPR1 beside another operational profile",         NULL,             0,  CLASS_OPERATIONAL, PPR1_NO_DISABLE,
         true,														BPP_STORE_METADATA, INSTALL_PPR_NOT_ALLOWED             },
	{ "PPR2 for an operator that the RAT does not name", NULL,             0,  CLASS_OPERATIONAL,
         PPR2_NO_DELETE,											       false, BPP_STORE_METADATA, INSTALL_PPR_NOT_ALLOWED             },
};

static void bad_packages(enum ec_curve curve)
{
	static uint8_t octets[64 * 1024];
	uint8_t iccid[ICCID_SIZE], metadata_octets[2048];
	uint32_t last = 0;

	package_iccid(iccid, 99);
	for (size_t i = 0; i < COUNT(late); i++) {
		struct room bpp = ROOM(octets), metadata = ROOM(metadata_octets);
		struct lpa_result result = { 0 };
		struct dp dp;

		unsigned before = lpa_notifications(&lpa, 0, &last);
		dp_start(&dp, &pki[curve]);
		dp_must(lpa_session(&lpa, &dp), "session");
		if (late[i].lie != NULL)
			late[i].lie(&dp);
		package_metadata(&metadata, iccid, late[i].profile_class, late[i].pprs,
		                 late[i].owner);
		dp_bind(&dp, room_used(&metadata), package_profile(iccid), &bpp);
		if (late[i].flip < 0)
			octets[bpp.len - (size_t)-late[i].flip] ^= 1;
		enum err err = lpa_result_read(&dp, lpa_load(&lpa, room_used(&bpp)), &result);
		ok(err == ERR_NONE && !result.success && result.command == late[i].command &&
		           result.reason == late[i].reason,
		   "%s: %s (%u/%u)", curve_name[curve], late[i].says, result.command,
		   result.reason);
		ok(lpa_profile(&lpa, iccid) == -1, "nothing of it is left behind");
		ok(lpa_notifications(&lpa, 0, &last) == before + 1 && last == result.sequence,
		   "the error is a pending notification with the next number");
	}
}

/* The same package again, after it was installed: there is no session that it belongs to. */
static void replay(enum ec_curve curve)
{
	static uint8_t octets[64 * 1024];
	uint8_t iccid[ICCID_SIZE], metadata_octets[2048];
	struct room bpp = ROOM(octets), metadata = ROOM(metadata_octets);
	struct lpa_result result = { 0 };
	struct dp dp;

	package_iccid(iccid, (uint8_t)(60 + curve));
	package_metadata(&metadata, iccid, CLASS_OPERATIONAL, 0, true);
	dp_start(&dp, &pki[curve]);
	dp_must(lpa_session(&lpa, &dp), "session");
	dp_bind(&dp, room_used(&metadata), package_profile(iccid), &bpp);
	enum err err = lpa_result_read(&dp, lpa_load(&lpa, room_used(&bpp)), &result);
	ok(err == ERR_NONE && result.success, "%s: a package is installed", curve_name[curve]);
	ok(lpa_load(&lpa, room_used(&bpp)).len == 0 && lpa.sw == SW_CONDITIONS,
	   "the same package again is refused with 6985");
	dp_must(lpa_session(&lpa, &dp), "session");
	err = lpa_result_read(&dp, lpa_load(&lpa, room_used(&bpp)), &result);
	ok(err == ERR_NONE && result.reason == INSTALL_INVALID_SIGNATURE,
	   "in another session its signature is not over the new one-time key");
	struct dp again;
	dp_start(&again, &pki[curve]);
	err = lpa_download(&lpa, &again, room_used(&metadata), package_profile(iccid), &result);
	ok(err == ERR_NONE && result.reason == INSTALL_ICCID_ALREADY_EXISTS,
	   "I1: an ICCID that is here already is not installed again");
}

/* A download that was cut off is taken up again with the same one-time key and the same package. */
static void retry(enum ec_curve curve)
{
	static uint8_t octets[64 * 1024];
	uint8_t iccid[ICCID_SIZE], metadata_octets[2048], kept[EC_POINT_SIZE];
	struct room bpp = ROOM(octets), metadata = ROOM(metadata_octets);
	struct lpa_result result = { 0 };
	struct dp dp;

	package_iccid(iccid, (uint8_t)(70 + curve));
	package_metadata(&metadata, iccid, CLASS_OPERATIONAL, 0, true);
	dp_start(&dp, &pki[curve]);
	dp_must(lpa_session(&lpa, &dp), "session");
	memcpy(kept, dp.euicc_otpk, sizeof kept);
	dp_must(lpa_on(&lpa), "power");
	dp.bpp_otpk = BYTES(kept);
	dp_must(lpa_session(&lpa, &dp), "session");
	ok(memcmp(kept, dp.euicc_otpk, sizeof kept) == 0,
	   "%s: after a power cut the card takes the one-time key that the package is bound to",
	   curve_name[curve]);
	dp_bind(&dp, room_used(&metadata), package_profile(iccid), &bpp);
	enum err err = lpa_result_read(&dp, lpa_load(&lpa, room_used(&bpp)), &result);
	ok(err == ERR_NONE && result.success, "and installs the package");
	dp_must(lpa_session(&lpa, &dp), "session");
	ok(memcmp(kept, dp.euicc_otpk, sizeof kept) != 0,
	   "an installed package's key is forgotten");
}

/* Metadata for one ICCID, a package for another: the profile is not what was announced. */
static void wrong_iccid(enum ec_curve curve)
{
	static uint8_t octets[64 * 1024];
	uint8_t iccid[ICCID_SIZE], other[ICCID_SIZE], metadata_octets[2048];
	struct room bpp = ROOM(octets), metadata = ROOM(metadata_octets);
	struct lpa_result result = { 0 };
	struct dp dp;

	package_iccid(iccid, 97);
	package_iccid(other, 96);
	package_metadata(&metadata, iccid, CLASS_OPERATIONAL, 0, true);
	dp_start(&dp, &pki[curve]);
	dp_must(lpa_session(&lpa, &dp), "session");
	dp_bind(&dp, room_used(&metadata), package_profile(other), &bpp);
	enum err err = lpa_result_read(&dp, lpa_load(&lpa, room_used(&bpp)), &result);
	ok(err == ERR_NONE && result.reason == INSTALL_ICCID_MISMATCH,
	   "%s: a package for another ICCID than its metadata", curve_name[curve]);
	ok(lpa_profile(&lpa, iccid) == -1 && lpa_profile(&lpa, other) == -1, "leaves nothing");
}

/* A package that the interpreter does not take: the result says which element, nothing stays. */
static void wrong_profile(enum ec_curve curve)
{
	static uint8_t octets[64 * 1024], broken[PROFILE_PACKAGE_MAX];
	uint8_t iccid[ICCID_SIZE], metadata_octets[2048];
	struct room bpp = ROOM(octets), metadata = ROOM(metadata_octets);
	struct lpa_result result = { 0 };
	struct dp dp;

	package_iccid(iccid, 95);
	package_metadata(&metadata, iccid, CLASS_OPERATIONAL, 0, true);
	struct bytes package = package_profile(iccid);
	memcpy(broken, package.at, package.len);
	uint32_t free_before = vault_free(&lpa.card.vault);
	dp_start(&dp, &pki[curve]);
	dp_must(lpa_session(&lpa, &dp), "session");
	dp_bind(&dp, room_used(&metadata), (struct bytes){ broken, package.len - 2 }, &bpp);
	enum err err = lpa_result_read(&dp, lpa_load(&lpa, room_used(&bpp)), &result);
	ok(err == ERR_NONE && result.command == BPP_LOAD_PROFILE_ELEMENTS &&
	           result.reason == INSTALL_PE_PROCESSING_ERROR,
	   "%s: a package without its end is refused by the interpreter", curve_name[curve]);
	ok(lpa_profile(&lpa, iccid) == -1 && vault_free(&lpa.card.vault) == free_before,
	   "and all the flash that it took is free again");
}

/* Every cut of the stream that is not between elements, and every segment left out. */
static void cut_segments(enum ec_curve curve)
{
	static uint8_t octets[64 * 1024];
	uint8_t iccid[ICCID_SIZE], metadata_octets[2048];
	struct room metadata = ROOM(metadata_octets);
	unsigned refused = 0, count = 0, seen = 0;

	package_iccid(iccid, 98);
	package_metadata(&metadata, iccid, CLASS_OPERATIONAL, 0, true);
	for (unsigned left_out = 0;; left_out++) {
		struct room bpp = ROOM(octets);
		struct bpp_segments segments;
		struct bytes segment, answer = { NULL, 0 };
		struct lpa_result result = { 0 };
		struct dp dp;
		unsigned n = 0;

		dp_start(&dp, &pki[curve]);
		dp_must(lpa_session(&lpa, &dp), "session");
		dp_bind(&dp, room_used(&metadata), package_profile(iccid), &bpp);
		dp_must(bpp_segments_start(&segments, room_used(&bpp)), "segments");
		for (; bpp_segments_next(&segments, &segment) == ERR_NONE; n++)
			if (n != left_out && answer.len == 0) {
				answer = lpa_send(&lpa, segment);
				seen += memmem(&lpa.card.isdr, sizeof lpa.card.isdr, PACKAGE_K,
				               16) != NULL;
			}
		if (left_out >= n)
			break;
		count++;
		/* Without its last segment a package is simply not finished. */
		refused += left_out == 0 ? lpa.sw == SW_NO_REFERENCED || lpa.sw == SW_CONDITIONS
		           : left_out == n - 1
		                   ? answer.len == 0
		                   : lpa_result_read(&dp, answer, &result) == ERR_NONE &&
		                             !result.success;
	}
	ok(count > 4 && refused == count,
	   "%s: a package without any one of its %u segments is refused", curve_name[curve], count);
	ok(seen == 0, "R7: no segment leaves the subscriber's key in the ISD-R's memory");
}

static bool key_in_flash(const struct lpa *card)
{
	return memmem(card->flash.now, LPA_FLASH, PACKAGE_K, 16) != NULL;
}

/* A download that is given up, by the LPA or by the power, leaves no key in the flash. */
static void given_up(void)
{
	static struct lpa fresh;
	static uint8_t octets[64 * 1024];
	uint8_t iccid[ICCID_SIZE], metadata_octets[2048], challenge[16];
	struct room metadata = ROOM(metadata_octets);

	lpa_new(&fresh, &pki[EC_P256], NULL);
	package_iccid(iccid, 1);
	package_metadata(&metadata, iccid, CLASS_OPERATIONAL, 0, true);
	for (unsigned power = 0; power < 2; power++) {
		struct room bpp = ROOM(octets);
		struct bpp_segments segments;
		struct bytes segment;
		struct dp dp;

		dp_start(&dp, &pki[EC_P256]);
		dp_must(lpa_session(&fresh, &dp), "session");
		dp_bind(&dp, room_used(&metadata), package_profile(iccid), &bpp);
		dp_must(bpp_segments_start(&segments, room_used(&bpp)), "segments");
		for (dp_must(bpp_segments_next(&segments, &segment), "segment");
		     segments.left.len > 0;
		     dp_must(bpp_segments_next(&segments, &segment), "segment"))
			lpa_send(&fresh, segment);
		/* What lies in the card's page cache comes to the flash or not; look at both. */
		bool staged =
			key_in_flash(&fresh) ||
			memmem(&fresh.card.vault, sizeof fresh.card.vault, PACKAGE_K, 16) != NULL;
		if (power)
			dp_must(lpa_on(&fresh), "power");
		else
			dp_must(lpa_challenge(&fresh, challenge), "challenge");
		ok(staged && !key_in_flash(&fresh),
		   "R7: a download that %s leaves no key in the flash",
		   power ? "the power ended" : "the LPA gave up");
	}
}

int main(void)
{
	dp_pki_make(&pki[EC_P256], EC_P256);
	dp_pki_make(&pki[EC_BRAINPOOL_P256R1], EC_BRAINPOOL_P256R1);
	lpa_new(&lpa, &pki[EC_P256], &pki[EC_BRAINPOOL_P256R1]);
	for (enum ec_curve curve = EC_P256; curve < EC_CURVES; curve++) {
		honest(curve, false, (uint8_t)(2 * curve));
		honest(curve, true, (uint8_t)(2 * curve + 1));
		refusals(curve);
		bad_packages(curve);
		replay(curve);
		retry(curve);
	}
	cut_segments(EC_P256);
	given_up();
	wrong_iccid(EC_P256);
	wrong_profile(EC_BRAINPOOL_P256R1);
	return done();
}
