/* SPDX-License-Identifier: Apache-2.0 */
/* The software eUICC of the tests, with its LPA. It checks what a card checks. */
#include "tests/server/smdp_world.h"

#include "bench/bench.h"
#include "cli/pki.h"
#include "codec/base64.h"
#include "codec/hex.h"
#include "rsp/authenticate_server.h"
#include "rsp/bpp.h"
#include "rsp/cancel_session.h"
#include "rsp/notification.h"
#include "rsp/prepare_download.h"
#include "server/smdp_json.h"
#include "tests/tap.h"

#include <unistd.h>

static void stop(const char *why)
{
	printf("Bail out! %s\n", why);
	exit(EXIT_FAILURE);
}

void card_init(struct soft_card *card, const char *dir, const char *eid, enum ec_curve curve)
{
	char cards[600];
	struct pair ci;
	struct trust_anchor anchor;
	struct x509 certificate;

	memset(card, 0, sizeof *card);
	card->curve = curve;
	card->svn_major = 2;
	card->free_flash = 200000;
	snprintf(cards, sizeof cards, "%s", dir);
	if (eid != NULL) {
		snprintf(cards, sizeof cards, "%s/card-%s", dir, eid);
		if (access(cards, F_OK) != 0 && !pki_card(dir, eid, cards))
			stop("pki_card");
	}
	pair_load(cards, "EUICC", curve, &card->euicc);
	pair_load(dir, "EUM", curve, &card->eum);
	pair_load(dir, "CI", curve, &ci);
	if (trust_anchor_read((struct bytes){ ci.der, ci.len }, &anchor) != ERR_NONE ||
	    x509_read((struct bytes){ card->euicc.der, card->euicc.len }, &certificate) !=
	            ERR_NONE ||
	    cert_eid(&certificate, card->eid) != ERR_NONE)
		stop("card_init");
	memcpy(card->ci_key_id, anchor.key_id, KEY_ID_SIZE);
	memcpy(card->ci_point, anchor.point, EC_POINT_SIZE);
}

static char *text_of(struct room *body)
{
	room_put_u8(body, 0);
	if (body->full)
		stop("body too long");
	return (char *)body->at;
}

char *card_initiate(struct soft_card *card, const char *address)
{
	static uint8_t body_store[2048], info_store[256], list_store[64];
	struct room body = ROOM(body_store), info = ROOM(info_store), list = ROOM(list_store);
	uint8_t svn[] = { card->svn_major, 5, 0 };

	ber_put(&list, 0x04, BYTES(card->ci_key_id));
	struct euicc_info1 value = { .svn = BYTES(svn),
		                     .ci_pkids_for_verification = room_used(&list),
		                     .ci_pkids_for_signing = room_used(&list) };
	euicc_info1_put(&info, &value);
	if (crypto_random(card->challenge, sizeof card->challenge) != ERR_NONE)
		stop("random");
	json_put_open(&body, NULL);
	json_put_base64(&body, "euiccChallenge", BYTES(card->challenge));
	json_put_base64(&body, "euiccInfo1", room_used(&info));
	json_put_literal(&body, "smdpAddress", address);
	json_put_close(&body);
	return text_of(&body);
}

static struct bytes member(const json_t *answer, const char *name, struct room *store)
{
	struct bytes octets = { NULL, 0 };

	if (json_octets(answer, name, store, &octets) != ERR_NONE)
		printf("# no %s in the answer\n", name);
	return octets;
}

static bool server_is(const struct soft_card *card, enum cert_role role, struct bytes der,
                      struct bytes element, struct bytes more, struct bytes signature)
{
	struct trust_anchor anchor = { .curve = card->curve };
	struct x509 certificate;
	struct bytes raw, parts[] = { element, more };

	memcpy(anchor.key_id, card->ci_key_id, KEY_ID_SIZE);
	memcpy(anchor.point, card->ci_point, EC_POINT_SIZE);
	return x509_read(der, &certificate) == ERR_NONE &&
	       cert_check_server(&certificate, role, &anchor, CERT_NO_TIME) == ERR_NONE &&
	       ber_read(&signature, TAG_SIGNATURE, &raw) == ERR_NONE && raw.len == 64 &&
	       crypto_ecdsa_verify(certificate.curve, certificate.point.at, parts,
	                           more.at != NULL ? 2 : 1, raw.at) == ERR_NONE;
}

static void sign(const struct soft_card *card, struct bytes element, struct bytes more,
                 uint8_t signature[static 64])
{
	struct bytes parts[] = { element, more };

	if (crypto_ecdsa_sign(card->curve, &card->euicc.key, parts, more.at != NULL ? 2 : 1,
	                      signature) != ERR_NONE)
		stop("sign");
}

static void put_info2(const struct soft_card *card, struct room *out)
{
	static const uint8_t version[] = { 2, 3, 0 };
	uint8_t list_store[64], resource_store[32];
	struct room list = ROOM(list_store), resource = ROOM(resource_store);

	ber_put(&list, 0x04, BYTES(card->ci_key_id));
	ext_card_resource_put(&resource, 0, card->free_flash, 4096);
	struct euicc_info2 info = {
		.profile_version = BYTES(version),
		.svn = BYTES(version),
		.firmware_version = BYTES(version),
		.ext_card_resource = room_used(&resource),
		.uicc_capability = UICC_USIM | UICC_AKA_MILENAGE,
		.rsp_capability = card->no_test_profiles
		                          ? RSP_ADDITIONAL_PROFILE
		                          : RSP_ADDITIONAL_PROFILE | RSP_TEST_PROFILE_SUPPORT,
		.ci_pkids_for_verification = room_used(&list),
		.ci_pkids_for_signing = room_used(&list),
		.has_forbidden_pprs = card->forbidden_pprs != 0,
		.forbidden_pprs = card->forbidden_pprs,
		.pp_version = BYTES(version),
		.sas_accreditation_number = BYTES_STR("XX-YY"),
	};
	euicc_info2_put(out, &info);
}

/* SGP.22 4.2 */
static void put_imei(const char *digits, uint8_t out[static 8])
{
	for (size_t i = 0; i < 7; i++)
		out[i] = (uint8_t)((digits[2 * i + 1] - '0') << 4 | (digits[2 * i] - '0'));
	out[7] = (uint8_t)((digits[14] - '0') << 4 | 0xF);
}

static void put_context(const struct soft_card *card, const char *matching_id, struct room *out)
{
	static const uint8_t tac[] = { 0x35, 0x29, 0x06, 0x11 };
	struct ctx_params1 params = { .device_info = { .tac = BYTES(tac) } };
	uint8_t digest[32], store[40], imei[8];
	struct room extensions = ROOM(store);

	if (card->imei != NULL) {
		put_imei(card->imei, imei);
		params.device_info.imei = BYTES(imei);
	}
	if (card->signed_evidence.at != NULL &&
	    crypto_sha256(digest, &card->signed_evidence, 1) == ERR_NONE) {
		ctx_params1_evidence_put(&extensions, BYTES(digest));
		params.extensions = room_used(&extensions);
	}
	if (matching_id != NULL)
		params.matching_id = bytes_text(matching_id);
	ctx_params1_put(out, &params);
}

card_show *card_shows;

bool card_take_initiate(struct soft_card *card, const json_t *answer, const char *matching_id,
                        struct room *out)
{
	static uint8_t store[4096], info_store[512], context_store[256], signed_store[1024];
	struct room members = ROOM(store), info = ROOM(info_store), context = ROOM(context_store),
		    element = ROOM(signed_store);
	struct bytes signed1 = member(answer, "serverSigned1", &members);
	struct bytes signature = member(answer, "serverSignature1", &members);
	struct bytes certificate = member(answer, "serverCertificate", &members);
	struct server_signed1 value;

	if (!server_is(card, ROLE_DP_AUTH, certificate, signed1, (struct bytes){ NULL, 0 },
	               signature) ||
	    server_signed1_read(signed1, &value) != ERR_NONE ||
	    !bytes_same(value.euicc_challenge, BYTES(card->challenge)) ||
	    value.transaction_id.len != sizeof card->transaction_id)
		return false;
	memcpy(card->transaction_id, value.transaction_id.at, sizeof card->transaction_id);
	memcpy(card->server_signed1, signed1.at, signed1.len);
	card->server_signed1_len = signed1.len;
	if (card_shows != NULL)
		card_shows(card);
	put_info2(card, &info);
	put_context(card, matching_id, &context);
	struct euicc_signed1 mine = { .transaction_id = value.transaction_id,
		                      .server_address = value.server_address,
		                      .server_challenge = value.server_challenge,
		                      .euicc_info2 = room_used(&info),
		                      .ctx_params1 = room_used(&context) };
	euicc_signed1_put(&element, &mine);
	sign(card, room_used(&element), (struct bytes){ NULL, 0 }, card->signature1);
	struct authenticate_server_response response = {
		.euicc_signed1 = room_used(&element),
		.euicc_signature1 = BYTES(card->signature1),
		.euicc_certificate = {card->euicc.der, card->euicc.len},
		.eum_certificate = { card->eum.der,  card->eum.len  },
	};
	authenticate_server_response_put(out, &response);
	return true;
}

/* 5.7.5: a key that a package is bound to already is used again, if the card still has it. */
static void choose_key(struct soft_card *card, struct bytes bound_to)
{
	if (card->has_otpk && bytes_same(bound_to, BYTES(card->otpk)))
		return;
	if (crypto_ec_generate(card->curve, &card->otsk, card->otpk) != ERR_NONE)
		stop("generate");
	card->has_otpk = true;
}

bool card_take_authenticate(struct soft_card *card, const json_t *answer, const char *confirmation,
                            struct room *out)
{
	static uint8_t store[4096], signed_store[256], sig1_store[70];
	uint8_t hash[32], hash_cc[32], signature[64];
	struct room members = ROOM(store), element = ROOM(signed_store), sig1 = ROOM(sig1_store);
	struct bytes signed2 = member(answer, "smdpSigned2", &members);
	struct bytes theirs = member(answer, "smdpSignature2", &members), raw;
	struct bytes certificate = member(answer, "smdpCertificate", &members);
	struct smdp_signed2 value;

	ber_put(&sig1, TAG_SIGNATURE, BYTES(card->signature1));
	if (!server_is(card, ROLE_DP_PB, certificate, signed2, room_used(&sig1), theirs) ||
	    smdp_signed2_read(signed2, &value) != ERR_NONE ||
	    !bytes_same(value.transaction_id, BYTES(card->transaction_id)))
		return false;
	card->cc_required = value.cc_required;
	struct bytes rest = theirs;
	if (ber_read(&rest, TAG_SIGNATURE, &raw) != ERR_NONE)
		return false;
	memcpy(card->smdp_signature2, raw.at, 64);
	choose_key(card, value.bpp_euicc_otpk);
	struct euicc_signed2 mine = { .transaction_id = BYTES(card->transaction_id),
		                      .euicc_otpk = BYTES(card->otpk) };
	if (confirmation != NULL &&
	    confirmation_code_hash(bytes_text(confirmation), hash) == ERR_NONE &&
	    hash_cc_derive(hash, BYTES(card->transaction_id), hash_cc) == ERR_NONE)
		mine.hash_cc = BYTES(hash_cc);
	euicc_signed2_put(&element, &mine);
	sign(card, room_used(&element), theirs, signature);
	struct prepare_download_response response = { .euicc_signed2 = room_used(&element),
		                                      .euicc_signature2 = BYTES(signature) };
	prepare_download_response_put(out, &response);
	return true;
}

static bool open_channel(struct soft_card *card, struct bytes segment, struct bsp *bsp)
{
	struct initialise_secure_channel isc;
	struct secret shared;
	ber_tag tag;
	size_t len;

	return ber_header(&segment, &tag, &len) == ERR_NONE &&
	       initialise_secure_channel_read(segment, &isc) == ERR_NONE &&
	       bytes_same(isc.transaction_id, BYTES(card->transaction_id)) &&
	       crypto_ecdh(card->curve, &card->otsk, isc.smdp_otpk.at, &shared) == ERR_NONE &&
	       bsp_start(bsp, &shared, isc.host_id, card->eid) == ERR_NONE;
}

static bool open_segment(struct soft_card *card, struct bytes segment, struct bsp *bsp)
{
	static uint8_t store[BSP_SEGMENT_MAX + 8];
	struct room tlv = ROOM(store);
	struct bytes plain;
	ber_tag tag;

	if (!ber_peek(segment, &tag) || tag == TAG_88 || tag == TAG_86)
		return true;
	if (tag == TAG_FIRST_87) {
		if (ber_read(&segment, tag, &segment) != ERR_NONE)
			return false;
		tag = TAG_BSP_COMMAND;
	}
	room_put(&tlv, segment);
	if (bsp_open(bsp, tag, &tlv, &plain) != ERR_NONE)
		return false;
	if (tag == TAG_BSP_PROFILE && card->installed_len + plain.len <= sizeof card->installed) {
		memcpy(card->installed + card->installed_len, plain.at, plain.len);
		card->installed_len += plain.len;
	}
	return true;
}

bool card_take_package(struct soft_card *card, const json_t *answer)
{
	static uint8_t store[16384];
	struct room members = ROOM(store);
	struct bytes package = member(answer, "boundProfilePackage", &members), segment;
	struct bpp_segments segments;
	struct bsp bsp;
	bool good;

	card->installed_len = 0;
	good = bpp_segments_start(&segments, package) == ERR_NONE &&
	       bpp_segments_next(&segments, &segment) == ERR_NONE &&
	       open_channel(card, segment, &bsp);
	while (good && bpp_segments_next(&segments, &segment) == ERR_NONE)
		good = open_segment(card, segment, &bsp);
	return good;
}

void card_result(struct soft_card *card, uint8_t reason, struct room *out)
{
	static const uint8_t aid[] = { 0xA0, 0, 0, 5, 0x59, 0x10 };
	uint8_t store[512], signature[64];
	struct room element = ROOM(store);
	struct installation_result_data data = {
		.transaction_id = BYTES(card->transaction_id),
		.notification = {.seq_number = 1,
                                 .event = NOTIFY_INSTALL,
                                 .address = BYTES_STR("smdp.example.com")},
		.success = reason == 0,
		.isdp_aid = BYTES(aid),
		.command = BPP_LOAD_PROFILE_ELEMENTS,
		.reason = reason,
		.sima_response = BYTES_STR("0"),
	};

	installation_result_data_put(&element, &data);
	sign(card, room_used(&element), (struct bytes){ NULL, 0 }, signature);
	struct installation_result result = { .data = room_used(&element),
		                              .signature = BYTES(signature) };
	installation_result_put(out, &result);
}

void card_other(struct soft_card *card, uint32_t event, const uint8_t *iccid, struct room *out)
{
	uint8_t store[128], signature[64];
	struct room element = ROOM(store);
	struct notification_metadata metadata = {
		.seq_number = 7,
		.event = event,
		.address = BYTES_STR("smdp.example.com"),
		.iccid = {iccid, ICCID_SIZE}
	};

	notification_metadata_put(&element, &metadata);
	sign(card, room_used(&element), (struct bytes){ NULL, 0 }, signature);
	struct other_notification other = {
		.tbs = room_used(&element),
		.signature = BYTES(signature),
		.euicc_certificate = {card->euicc.der, card->euicc.len},
		.eum_certificate = { card->eum.der,  card->eum.len  }
	};
	other_notification_put(out, &other);
}

void card_cancel(struct soft_card *card, uint8_t reason, struct bytes oid, struct room *out)
{
	uint8_t store[128], signature[64];
	struct room element = ROOM(store);
	struct euicc_cancel_session_signed value = { .transaction_id = BYTES(card->transaction_id),
		                                     .smdp_oid = oid,
		                                     .reason = reason };

	euicc_cancel_session_signed_put(&element, &value);
	sign(card, room_used(&element), (struct bytes){ NULL, 0 }, signature);
	struct cancel_session_response response = { .signed_element = room_used(&element),
		                                    .signature = BYTES(signature) };
	cancel_session_response_put(out, &response);
}

char *body_with(const struct soft_card *card, const char *name, struct bytes octets)
{
	static uint8_t store[16384];
	struct room body = ROOM(store);

	json_put_open(&body, NULL);
	json_put_hex(&body, "transactionId", BYTES(card->transaction_id));
	json_put_base64(&body, name, octets);
	json_put_close(&body);
	return text_of(&body);
}

char *body_offer(const struct soft_card *card, struct bytes response)
{
	static uint8_t store[1 << 18];
	struct room body = ROOM(store);

	json_put_open(&body, NULL);
	json_put_hex(&body, "transactionId", BYTES(card->transaction_id));
	json_put_base64(&body, "authenticateServerResponse", response);
	if (card->evidence.at != NULL)
		json_put_base64(&body, "equipmentEvidence", card->evidence);
	if (card->attest_only)
		json_put_value(&body, "equipmentOnly", BYTES_STR("true"));
	json_put_close(&body);
	return text_of(&body);
}

char *body_pending(struct bytes octets)
{
	static uint8_t store[16384];
	struct room body = ROOM(store);

	json_put_open(&body, NULL);
	json_put_base64(&body, "pendingNotification", octets);
	json_put_close(&body);
	return text_of(&body);
}

json_t *call(struct world *world, const char *function, char *body)
{
	static uint8_t store[65536];
	struct room reply = ROOM(store);
	char path[128];
	unsigned status;

	snprintf(path, sizeof path, "/gsma/rsp2/es9plus/%s", function);
	double before = bench_cpu_seconds();
	status = es9_answer(&world->ports, (struct bytes){ (uint8_t *)path, strlen(path) },
	                    (struct bytes){ (uint8_t *)body, strlen(body) }, &reply);
	world->seconds += bench_cpu_seconds() - before;
	world->octets += strlen(body) + reply.len;
	world->trips++;
	if (status == 204)
		return NULL;
	if (status != 200)
		stop("HTTP status");
	json_t *answer = json_loadb((char *)reply.at, reply.len, JSON_REJECT_DUPLICATES, NULL);
	if (answer == NULL)
		stop("the answer is no JSON");
	return answer;
}

const char *code(const json_t *answer)
{
	static char text[32];
	const char *subject = NULL, *reason = NULL, *status = NULL;

	if (answer == NULL)
		return "-";
	if (json_unpack((json_t *)(uintptr_t)answer, "{s:{s:{s:s,s?{s:s,s:s}}}}", "header",
	                "functionExecutionStatus", "status", &status, "statusCodeData",
	                "subjectCode", &subject, "reasonCode", &reason) != 0)
		return "no header";
	if (strcmp(status, "Executed-Success") == 0)
		return "";
	snprintf(text, sizeof text, "%s/%s", subject, reason);
	return text;
}

const char *download(struct world *world, struct soft_card *card, const char *matching_id,
                     const char *confirmation)
{
	static uint8_t store[8192];
	static char failed[32];
	struct room message = ROOM(store);
	json_t *answer =
		call(world, "initiateAuthentication", card_initiate(card, "smdp.example.com"));
	bool good = code(answer)[0] == 0 && card_take_initiate(card, answer, matching_id, &message);

	if (good) {
		json_decref(answer);
		answer = call(world, "authenticateClient", body_offer(card, room_used(&message)));
		message.len = 0;
		good = code(answer)[0] == 0 &&
		       card_take_authenticate(card, answer, confirmation, &message);
	}
	if (good) {
		json_decref(answer);
		answer = call(world, "getBoundProfilePackage",
		              body_with(card, "prepareDownloadResponse", room_used(&message)));
		good = code(answer)[0] == 0 && card_take_package(card, answer);
	}
	snprintf(failed, sizeof failed, "%s", good ? "" : code(answer)[0] ? code(answer) : "card");
	json_decref(answer);
	return failed;
}
