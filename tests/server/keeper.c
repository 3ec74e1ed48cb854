/* SPDX-License-Identifier: Apache-2.0 */
/* The keeper without its process: the permit table, sealed blobs, what each key signs. */
#include "codec/base64.h"
#include "codec/hex.h"
#include "evidence/cose.h"
#include "rsp/authenticate_server.h"
#include "rsp/prepare_download.h"
#include "server/keeper_state.h"
#include "server/opening.h"
#include "server/pack.h"
#include "verifier/ear_json.h"

#include "tests/tap.h"

#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char *const request_names[KEEPER_REQUESTS] = { "a session",
	                                                    "sign",
	                                                    "bind",
	                                                    "TLS sign",
	                                                    "import",
	                                                    "generate",
	                                                    "protect",
	                                                    "vector",
	                                                    "triplet",
	                                                    "resync",
	                                                    "permit",
	                                                    "a result",
	                                                    "a result as JWT",
	                                                    "the last head",
	                                                    "a head",
	                                                    "a notice",
	                                                    "a restricted vector",
	                                                    "a restricted triplet",
	                                                    "permits for access" };
static const char *const role_names[KEEPER_ROLES] = { "worker",         "admin",     "AuC",
	                                              "quarantine's AuC", "appraiser", "caller" };

/* The table as it shall be: every pair that is not here is refused. */
static const struct {
	enum keeper_role role;
	enum keeper_request request;
} permitted[] = {
	{KEEPER_FOR_WORKER,     KEEPER_OPEN          },
	{ KEEPER_FOR_WORKER,    KEEPER_SIGN          },
	{ KEEPER_FOR_WORKER,    KEEPER_BIND          },
	{ KEEPER_FOR_WORKER,    KEEPER_TLS_SIGN      },
	{ KEEPER_FOR_ADMIN,     KEEPER_IMPORT        },
	{ KEEPER_FOR_ADMIN,     KEEPER_GENERATE      },
	{ KEEPER_FOR_ADMIN,     KEEPER_PROTECT       },
	{ KEEPER_FOR_AUC,       KEEPER_VECTOR        },
	{ KEEPER_FOR_AUC,       KEEPER_TRIPLET       },
	{ KEEPER_FOR_AUC,       KEEPER_RESYNC        },
	{ KEEPER_FOR_QUARANTINE, KEEPER_RESTRICTED_VECTOR },
	{ KEEPER_FOR_QUARANTINE, KEEPER_RESTRICTED_TRIPLET },
	{ KEEPER_FOR_QUARANTINE, KEEPER_RESYNC },
	{ KEEPER_FOR_APPRAISER, KEEPER_PERMIT        },
	{ KEEPER_FOR_APPRAISER, KEEPER_RESULT        },
	{ KEEPER_FOR_ADMIN,     KEEPER_RESULT_JWT    },
	{ KEEPER_FOR_ADMIN,     KEEPER_HEAD_LAST     },
	{ KEEPER_FOR_ADMIN,     KEEPER_HEAD_SIGN     },
	{ KEEPER_FOR_CALLER,    KEEPER_NOTICE_SIGN   },
	{ KEEPER_FOR_APPRAISER, KEEPER_PERMITS_ACCESS},
};

static void permits(void)
{
	for (enum keeper_role role = 0; role < KEEPER_ROLES; role++)
		for (enum keeper_request request = 0; request < KEEPER_REQUESTS; request++) {
			bool may = false;
			for (size_t i = 0; i < COUNT(permitted); i++)
				may = may || (permitted[i].role == role && permitted[i].request == request);
			ok(keeper_permits(role, request) == may, "R7: %s %s %s", role_names[role],
			   may ? "may ask for" : "may not ask for", request_names[request]);
		}
	ok(!keeper_permits(KEEPER_ROLES, KEEPER_SIGN), "R7: no other role may ask for anything");
	ok(!keeper_permits(KEEPER_FOR_WORKER, KEEPER_REQUESTS), "R7: nothing else may be asked for");
}

static void seals(void)
{
	SECRET master = { .at = { 1 }, .len = 32 }, other = { .at = { 2 }, .len = 32 };
	uint8_t sealed_octets[128], clear_octets[128];
	struct room sealed = ROOM(sealed_octets), clear = ROOM(clear_octets);
	static struct seal seal, foreign;
	struct bytes id = BYTES_STR("89001"), text = BYTES_STR("sixteen octets..");

	ok_err(seal_begin(&seal, &master), ERR_NONE, "seals begin with a master key");
	ok_err(seal_begin(&foreign, &other), ERR_NONE, "and with another");
	ok_err(seal_put(&seal, SEAL_PACKAGE, id, text, &sealed), ERR_NONE, "something is sealed");
	ok(sealed.len == text.len + SEAL_EXTRA, "the blob is as long as it says");
	ok_err(seal_read(&seal, SEAL_PACKAGE, id, room_used(&sealed), &clear), ERR_NONE, "it opens");
	ok_bytes(room_used(&clear), text, "and holds what was sealed");
	ok_err(seal_read(&seal, SEAL_SUBSCRIBER, id, room_used(&sealed), &clear), ERR_MAC,
	       "not as another kind");
	ok_err(seal_read(&seal, SEAL_PACKAGE, BYTES_STR("89002"), room_used(&sealed), &clear), ERR_MAC,
	       "not in another row");
	ok_err(seal_read(&foreign, SEAL_PACKAGE, id, room_used(&sealed), &clear), ERR_MAC,
	       "not under another master key");
	ok(clear.len == text.len, "a blob that does not open adds nothing");
	for (size_t i = 1; i < sealed.len; i++) {
		sealed_octets[i] ^= 1;
		if (seal_read(&seal, SEAL_PACKAGE, id, room_used(&sealed), &clear) != ERR_MAC)
			ok(false, "octet %zu may be changed", i);
		sealed_octets[i] ^= 1;
	}
	for (size_t len = 0; len < sealed.len; len++)
		if (seal_read(&seal, SEAL_PACKAGE, id, (struct bytes){ sealed_octets, len }, &clear) ==
		    ERR_NONE)
			ok(false, "%zu octets of it open", len);
	ok(clear.len == text.len, "no change and no cut was overlooked");
}

/* --- sessions ------------------------------------------------------------------------------------ */

static const uint8_t card_challenge[RSP_CHALLENGE_SIZE] = { 5 };

static void keeper_begin(struct keeper_state *state, uint8_t master_octet)
{
	enum { CLEAR_SIZE = 4096 };
	SECRET master = { .at = { master_octet }, .len = 32 };
	uint8_t point[EC_POINT_SIZE];

	state->ci_count = 1;
	state->ci[0] = (struct keeper_ci){ .curve = EC_P256, .has_dpauth = true, .has_dppb = true };
	state->address = BYTES_STR("smdp.example.com");
	state->session_s = 600;
	state->clear = (struct room){ malloc(CLEAR_SIZE), CLEAR_SIZE, 0, false };
	ok(state->clear.at != NULL && seal_begin(&state->seal, &master) == ERR_NONE &&
	           crypto_ec_generate(EC_P256, &state->ci[0].dpauth, point) == ERR_NONE &&
	           crypto_ec_generate(EC_P256, &state->ci[0].dppb, point) == ERR_NONE,
	   "a keeper");
}

static enum err open_with(struct keeper_state *state, uint64_t ci, struct bytes challenge, struct room *out)
{
	uint8_t octets[64];
	struct room in = ROOM(octets);

	room_put_u64(&in, ci);
	pack_bytes(&in, challenge);
	return keeper_do_open(state, room_used(&in), out);
}

static void opens(void)
{
	static struct keeper_state state;
	uint8_t octets[512], more_octets[512], point[EC_POINT_SIZE];
	struct room out = ROOM(octets), more = ROOM(more_octets);
	struct server_signed1 first, second;
	struct bytes part;

	keeper_begin(&state, 1);
	ok_err(open_with(&state, 0, BYTES(card_challenge), &out), ERR_NONE, "a session is opened");
	part = (struct bytes){ octets, out.len - EC_SIGNATURE_SIZE };
	ok(server_signed1_read(part, &first) == ERR_NONE &&
	           bytes_same(first.euicc_challenge, BYTES(card_challenge)) &&
	           bytes_same(first.server_address, state.address) &&
	           first.transaction_id.len == TRANSACTION_ID_MAX,
	   "by a serverSigned1 for the card, at the server's address");
	ok(crypto_ec_public(EC_P256, &state.ci[0].dpauth, point) == ERR_NONE &&
	           crypto_ecdsa_verify(EC_P256, point, &part, 1, octets + part.len) == ERR_NONE,
	   "signed with DPauth");
	ok_err(open_with(&state, 0, BYTES(card_challenge), &more), ERR_NONE, "and another");
	part = (struct bytes){ more_octets, more.len - EC_SIGNATURE_SIZE };
	ok(server_signed1_read(part, &second) == ERR_NONE &&
	           !bytes_same(first.transaction_id, second.transaction_id) &&
	           !bytes_same(first.server_challenge, second.server_challenge),
	   "I7: which has another transactionId and another challenge");
	more.len = 0;
	ok(open_with(&state, 0, BYTES_STR("short"), &more) != ERR_NONE && more.len == 0,
	   "R7: not for a challenge that is none");
	ok(open_with(&state, 1, BYTES(card_challenge), &more) == ERR_NOT_FOUND && more.len == 0,
	   "nor under a CI that is none");
	keeper_clear(&state);
}

/* --- smdpSigned2 --------------------------------------------------------------------------------- */

static enum err sign_with(struct keeper_state *state, const char *hex, struct room *out)
{
	uint8_t octets[256], in_octets[300];
	struct room in = ROOM(in_octets);

	room_put_u64(&in, 0);
	pack_bytes(&in, unhex(hex, octets, sizeof octets));
	return keeper_do_sign(state, room_used(&in), out);
}

#define SIGNED2   "3006800101010100"
#define SIGNATURE "5F3740" \
	"0000000000000000000000000000000000000000000000000000000000000000" \
	"0000000000000000000000000000000000000000000000000000000000000000"
static const struct {
	const char *says, *hex;
} not_signed[] = {
	{ "a serverSigned1",
	  "302E8010000102030405060708090A0B0C0D0E0F811000000000000000000000000000000000830161841000000000000000000000000000000000" },
	{ "free text", "68656C6C6F" },
	{ "nothing", "" },
	{ "an smdpSigned2 without a signature", SIGNED2 },
	{ "a signature alone", SIGNATURE },
	{ "an smdpSigned2 and something behind its signature", SIGNED2 SIGNATURE "00" },
};

/* A worker that has been taken over must not get certificates or contracts signed. */
static void signs(void)
{
	static struct keeper_state state;
	uint8_t octets[128], text[128], point[EC_POINT_SIZE];
	struct room out = ROOM(octets);
	struct bytes part = unhex(SIGNED2 SIGNATURE, text, sizeof text);

	keeper_begin(&state, 1);
	ok_err(sign_with(&state, SIGNED2 SIGNATURE, &out), ERR_NONE, "an smdpSigned2 is signed");
	ok(crypto_ec_public(EC_P256, &state.ci[0].dppb, point) == ERR_NONE &&
	           crypto_ecdsa_verify(EC_P256, point, &part, 1, octets) == ERR_NONE,
	   "with DPpb");
	for (size_t i = 0; i < COUNT(not_signed); i++) {
		out.len = 0;
		ok(sign_with(&state, not_signed[i].hex, &out) != ERR_NONE && out.len == 0,
		   "R7: not signed: %s", not_signed[i].says);
	}
	keeper_clear(&state);
}

/* --- permits ------------------------------------------------------------------------------------- */

/* A session as the appraiser shows it: what a worker could make of one. */
struct told {
	uint8_t id[TRANSACTION_ID_MAX], challenge[RSP_CHALLENGE_SIZE], mine[RSP_CHALLENGE_SIZE];
	struct bytes address, extensions;
};

static void told_nothing_else(struct told *told)
{
	(void)told;
}

static void told_id(struct told *told)
{
	told->id[0] ^= 1;
}

static void told_card_challenge(struct told *told)
{
	told->mine[15] ^= 1;
}

static void told_challenge(struct told *told)
{
	told->challenge[15] ^= 1;
}

static void told_later(struct told *told)
{
	told->challenge[4] ^= 1; /* the time that it was opened at */
}

static void told_address(struct told *told)
{
	told->address = BYTES_STR("smdp.example.org");
}

static void told_more(struct told *told)
{
	told->extensions = BYTES_STR("\x85\x01\x00");
}

static enum err told_at(const struct secret *key, int64_t ago, struct told *told)
{
	const struct server_signed1 session = { .transaction_id = BYTES(told->id),
		                                .euicc_challenge = BYTES(told->mine),
		                                .server_address = BYTES_STR("smdp.example.com") };

	return opening_challenge(key, (uint64_t)(time(NULL) - ago), &session, told->challenge);
}

static void told_long_ago(struct told *told)
{
	static struct keeper_state state;

	keeper_begin(&state, 1);
	ok_err(told_at(&state.seal.key[SEAL_OPENING], 700, told), ERR_NONE, "700 seconds ago");
	keeper_clear(&state);
}

static void told_by_another(struct told *told)
{
	static struct keeper_state state;

	keeper_begin(&state, 2);
	ok_err(told_at(&state.seal.key[SEAL_OPENING], 0, told), ERR_NONE, "elsewhere");
	keeper_clear(&state);
}

static enum err permit_with(struct keeper_state *state, enum purpose purpose, enum decision decision,
                            struct bytes session, struct room *out)
{
	const uint8_t subject[PERMIT_SUBJECT_SIZE] = { 1 }, result[SHA256_SIZE] = { 2 };
	uint8_t octets[512];
	struct room in = ROOM(octets);

	out->len = 0;
	room_put_u64(&in, purpose);
	room_put_u64(&in, decision);
	room_put_u64(&in, (uint64_t)time(NULL) + 600);
	pack_bytes(&in, BYTES(subject));
	pack_bytes(&in, BYTES(result));
	pack_bytes(&in, session);
	return keeper_do_permit(state, room_used(&in), out);
}

/* The session that a keeper opens, and then something done to it. */
static struct bytes told_session(struct keeper_state *state, void (*change)(struct told *), struct room *out)
{
	uint8_t octets[512];
	struct room opened = ROOM(octets);
	struct server_signed1 session;
	struct told told = { .address = state->address };

	if (open_with(state, 0, BYTES(card_challenge), &opened) != ERR_NONE ||
	    server_signed1_read((struct bytes){ octets, opened.len - EC_SIGNATURE_SIZE }, &session) != ERR_NONE)
		exit(EXIT_FAILURE);
	memcpy(told.id, session.transaction_id.at, sizeof told.id);
	memcpy(told.challenge, session.server_challenge.at, sizeof told.challenge);
	memcpy(told.mine, session.euicc_challenge.at, sizeof told.mine);
	change(&told);
	session = (struct server_signed1){ .transaction_id = BYTES(told.id),
		                           .euicc_challenge = BYTES(told.mine),
		                           .server_address = told.address,
		                           .server_challenge = BYTES(told.challenge),
		                           .extensions = told.extensions };
	server_signed1_put(out, &session);
	return room_used(out);
}

static const struct {
	const char *says;
	void (*change)(struct told *);
} invented[] = {
	{ "with another transactionId", told_id },
	{ "with a challenge of a worker's own", told_challenge },
	{ "with a challenge that was to be newer", told_later },
	{ "for another card's challenge", told_card_challenge },
	{ "with another address", told_address },
	{ "with something added", told_more },
	{ "that is over", told_long_ago },
	{ "of another server", told_by_another },
};

/* Who asks is the appraiser; a worker told it of the session. */
static void permits_known_sessions(void)
{
	static struct keeper_state state;
	uint8_t session_octets[512], octets[512];
	struct room room = ROOM(session_octets), out = ROOM(octets);
	const struct bytes none = { NULL, 0 };
	struct bytes session;

	keeper_begin(&state, 1);
	session = told_session(&state, told_nothing_else, &room);
	ok(permit_with(&state, PURPOSE_PROVISIONING, ADMIT, session, &out) == ERR_NONE &&
	           out.len == PERMIT_SIZE,
	   "a permit is given for a session that the keeper opened");
	ok(permit_with(&state, PURPOSE_PROVISIONING, REFUSE, session, &out) == ERR_NONE && out.len == 0,
	   "I4: none when it is to be refused");
	ok(permit_with(&state, PURPOSE_PROVISIONING, ADMIT, none, &out) == ERR_EXPIRED && out.len == 0,
	   "I4: nor without a session");
	for (size_t i = 0; i < COUNT(invented); i++) {
		room.len = 0;
		session = told_session(&state, invented[i].change, &room);
		ok(permit_with(&state, PURPOSE_PROVISIONING, ADMIT, session, &out) == ERR_EXPIRED &&
		           permit_with(&state, PURPOSE_PROVISIONING, REFUSE, session, &out) == ERR_EXPIRED &&
		           permit_with(&state, PURPOSE_ACCESS, ADMIT, session, &out) == ERR_EXPIRED &&
		           out.len == 0,
		   "I7: nothing for a session %s", invented[i].says);
	}
	keeper_clear(&state);
}

/* --- binding ------------------------------------------------------------------------------------- */

/* What a worker asks for, as it would be for a good one; attacks change it. */
static struct bind_world {
	struct keeper_state state;
	struct secret card_key, worker_key;
	uint8_t card_point[EC_POINT_SIZE], worker_point[EC_POINT_SIZE];
	struct secret worker_otsk, otsk;
	uint8_t otpk[EC_POINT_SIZE], worker_otpk[EC_POINT_SIZE];
	uint8_t smdp_signature2[EC_SIGNATURE_SIZE];
	struct permit permit;
	struct keeper_bind ask;
	uint8_t permit_octets[PERMIT_SIZE], signed2_octets[256], signature[EC_SIGNATURE_SIZE];
	uint8_t iccid[ICCID_SIZE], sealed_octets[256];
} b;

static const char session_id[] = "0123456789abcdef", other_session[] = "fedcba9876543210";

static struct bytes id_of(const char *text)
{
	return (struct bytes){ (const uint8_t *)text, TRANSACTION_ID_MAX };
}

/* euiccSigned2 with a one-time key, signed by whom? */
static void card_says(const char *session, const uint8_t *otpk, const struct secret *key)
{
	uint8_t ours_octets[3 + EC_SIGNATURE_SIZE];
	struct room element = ROOM(b.signed2_octets), ours = ROOM(ours_octets);
	const struct euicc_signed2 value = { .transaction_id = id_of(session),
		                             .euicc_otpk = { otpk, EC_POINT_SIZE } };

	euicc_signed2_put(&element, &value);
	ber_put(&ours, TAG_SIGNATURE, BYTES(b.smdp_signature2));
	const struct bytes parts[] = { room_used(&element), room_used(&ours) };
	if (crypto_ecdsa_sign(EC_P256, key, parts, COUNT(parts), b.signature) != ERR_NONE)
		exit(EXIT_FAILURE);
	b.ask.euicc_signed2 = room_used(&element);
	b.ask.euicc_signature2 = BYTES(b.signature);
}

static void permit_again(void)
{
	if (permit_make(&b.state.seal.key[SEAL_PERMIT], &b.permit, b.permit_octets) != ERR_NONE)
		exit(EXIT_FAILURE);
	b.ask.permit = BYTES(b.permit_octets);
}

static void bind_good(void)
{
	struct smdp_card *card = &b.ask.card;

	b.ask = (struct keeper_bind){ .card = { .eid = { 0x89 }, .curve = EC_P256 },
		                      .smdp_signature2 = BYTES(b.smdp_signature2),
		                      .host_id = BYTES_STR("host"),
		                      .iccid = BYTES(b.iccid),
		                      .sealed_package = b.ask.sealed_package,
		                      .metadata = BYTES_STR("\xBF\x25\x00") };
	memcpy(card->point, b.card_point, EC_POINT_SIZE);
	card_says(session_id, b.otpk, &b.card_key);
	b.permit = (struct permit){ .purpose = PURPOSE_PROVISIONING,
		                    .decision = ADMIT,
		                    .expires_s = (uint64_t)time(NULL) + 600 };
	if (permit_subject_provisioning(card, id_of(session_id), b.iccid, b.permit.subject) != ERR_NONE)
		exit(EXIT_FAILURE);
	permit_again();
}

static enum err bind_asked(struct room *out)
{
	static uint8_t in_octets[4096];
	struct room in = ROOM(in_octets);

	out->len = 0;
	room_put_u64(&in, b.ask.ci);
	pack_bytes(&in, b.ask.permit);
	pack_bytes(&in, BYTES(b.ask.card.eid));
	room_put_u64(&in, b.ask.card.curve);
	pack_bytes(&in, BYTES(b.ask.card.point));
	pack_bytes(&in, b.ask.euicc_signed2);
	pack_bytes(&in, b.ask.euicc_signature2);
	pack_bytes(&in, b.ask.smdp_signature2);
	pack_bytes(&in, b.ask.host_id);
	pack_bytes(&in, b.ask.iccid);
	pack_bytes(&in, b.ask.sealed_package);
	pack_bytes(&in, b.ask.metadata);
	pack_bytes(&in, b.ask.sealed_ppk);
	pack_bytes(&in, b.ask.sealed_otsk);
	return keeper_answer(&b.state, KEEPER_BIND, room_used(&in), out);
}

static void own_key(void)
{
	card_says(session_id, b.worker_otpk, &b.worker_key);
}

static void own_key_in_its_name(void)
{
	own_key();
	memcpy(b.ask.card.point, b.worker_point, EC_POINT_SIZE);
}

static void own_key_in_the_cards_element(void)
{
	uint8_t signature[EC_SIGNATURE_SIZE];

	memcpy(signature, b.signature, sizeof signature);
	card_says(session_id, b.worker_otpk, &b.worker_key);
	memcpy(b.signature, signature, sizeof signature);
}

static void one_bit(void)
{
	b.signed2_octets[b.ask.euicc_signed2.len - 1] ^= 1;
}

static void of_another_session(void)
{
	card_says(other_session, b.otpk, &b.card_key);
}

static void short_session(void)
{
	const struct euicc_signed2 value = { .transaction_id = BYTES_STR("0"), .euicc_otpk = BYTES(b.otpk) };
	struct room element = ROOM(b.signed2_octets);

	euicc_signed2_put(&element, &value);
	b.ask.euicc_signed2 = room_used(&element);
}

static void answering_another(void)
{
	static const uint8_t other[EC_SIGNATURE_SIZE] = { 9 };

	b.ask.smdp_signature2 = BYTES(other);
}

static void unsigned_(void)
{
	b.ask.euicc_signature2 = (struct bytes){ NULL, 0 };
}

static void another_card(void)
{
	b.ask.card.eid[0] ^= 1;
}

static void another_curve(void)
{
	b.ask.card.curve = EC_BRAINPOOL_P256R1;
}

static void another_profile(void)
{
	static const uint8_t other[ICCID_SIZE] = { 0x98, 1 };

	b.ask.iccid = BYTES(other);
}

static void no_permit(void)
{
	b.ask.permit = (struct bytes){ NULL, 0 };
}

static void forged_permit(void)
{
	b.permit_octets[3] ^= 1;
}

static void ended_permit(void)
{
	b.permit.expires_s = (uint64_t)time(NULL) - 1;
	permit_again();
}

static void permit_for_access(void)
{
	b.permit.purpose = PURPOSE_ACCESS;
	permit_again();
}

static void permit_for_vectors(void)
{
	b.permit.purpose = PURPOSE_ACCESS;
	if (permit_subject_access(BYTES_STR("001010000000001"), b.permit.subject) != ERR_NONE)
		exit(EXIT_FAILURE);
	permit_again();
}

static const struct {
	const char *says;
	void (*attack)(void);
	enum err err;
} not_bound[] = {
	{ "R7, I4: not to a worker's own one-time key, under the card's old signature",
	  own_key_in_the_cards_element, ERR_SIGNATURE },
	{ "R7, I4: nor to one that the worker signed in the card's name", own_key, ERR_SIGNATURE },
	{ "R7, I4: nor to one that it signed in its own name", own_key_in_its_name, ERR_DENIED },
	{ "R7: nor when one bit of euiccSigned2 differs", one_bit, ERR_SIGNATURE },
	{ "R7: nor unsigned", unsigned_, ERR_SIGNATURE },
	{ "R7: nor when it answers another smdpSignature2", answering_another, ERR_SIGNATURE },
	{ "I4: not in another session, though the card has signed there", of_another_session, ERR_DENIED },
	{ "I4: nor in one with a short name", short_session, ERR_DENIED },
	{ "I4: not for another card", another_card, ERR_DENIED },
	{ "I4: nor for its key on another curve", another_curve, ERR_DENIED },
	{ "I4: not another profile", another_profile, ERR_DENIED },
	{ "I4: not without a permit", no_permit, ERR_DENIED },
	{ "I4: not with a forged one", forged_permit, ERR_DENIED },
	{ "I4: not with one that has ended", ended_permit, ERR_DENIED },
	{ "I4: not with one of the same card for access to the network", permit_for_access, ERR_DENIED },
	{ "I4: nor with one for a subscriber's vectors", permit_for_vectors, ERR_DENIED },
};

/* A worker that has been taken over gets no package for whom nobody has admitted, and none that another than the
 * admitted card could read. */
static void binds_by_permit(void)
{
	uint8_t octets[4096];
	struct room out = ROOM(octets), sealed = ROOM(b.sealed_octets);

	keeper_begin(&b.state, 1);
	b.iccid[0] = 0x98;
	ok(crypto_ec_generate(EC_P256, &b.card_key, b.card_point) == ERR_NONE &&
	           crypto_ec_generate(EC_P256, &b.worker_key, b.worker_point) == ERR_NONE &&
	           crypto_ec_generate(EC_P256, &b.otsk, b.otpk) == ERR_NONE &&
	           crypto_ec_generate(EC_P256, &b.worker_otsk, b.worker_otpk) == ERR_NONE &&
	           seal_put(&b.state.seal, SEAL_PACKAGE, BYTES(b.iccid), BYTES_STR("a profile"), &sealed) == ERR_NONE,
	   "a card, a worker with keys of its own, a package");
	b.ask.sealed_package = room_used(&sealed);
	bind_good();
	ok_err(bind_asked(&out), ERR_NONE, "the package is bound to the one-time key that the card has signed");
	for (size_t i = 0; i < COUNT(not_bound); i++) {
		bind_good();
		not_bound[i].attack();
		ok(bind_asked(&out) == not_bound[i].err && out.len == 0, "%s", not_bound[i].says);
	}
	bind_good();
	ok_err(bind_asked(&out), ERR_NONE, "and the card itself still gets it");
	keeper_clear(&b.state);
}

static enum err result_with(struct keeper_state *state, struct bytes claims, struct room *out)
{
	uint8_t octets[512];
	struct room in = ROOM(octets);

	out->len = 0;
	pack_bytes(&in, claims);
	return keeper_do_result(state, room_used(&in), out);
}

static enum err jwt_of(struct keeper_state *state, struct bytes cwt, struct room *out)
{
	uint8_t in_octets[768], out_octets[2048];
	struct room in = ROOM(in_octets), unused = ROOM(out_octets);

	pack_bytes(&in, cwt);
	return keeper_do_result_jwt(state, room_used(&in), out == NULL ? &unused : out);
}

/* The key is named in both forms: by the first octets of SHA-256 of its point. */
static void as_jwt(struct keeper_state *state, struct bytes cwt, const struct ear *ear)
{
	const struct attest_key key = { .kind = ATTEST_P256, .point = BYTES(state->result_point) };
	const struct bytes point = BYTES(state->result_point);
	uint8_t digest[SHA256_SIZE], octets[2048], header_octets[256], id_octets[16];
	struct room jwt = ROOM(octets), header = ROOM(header_octets), id = ROOM(id_octets);
	struct ear_json read;
	struct cose message;

	ok(crypto_sha256(digest, &point, 1) == ERR_NONE &&
	           cose_read(cwt, 0, &message) == ERR_NONE &&
	           bytes_same(message.kid, (struct bytes){ digest, 8 }) &&
	           message.protected.len > 8,
	   "R8: the CWT names its key, under its signature");
	ok_err(jwt_of(state, cwt, &jwt), ERR_NONE, "the same as JWT");
	ok(ear_jwt_read(room_used(&jwt), &key, ear->audience, 1500, &read) == ERR_NONE &&
	           read.ear.status == EAR_AFFIRMING && read.ear.issued == ear->issued &&
	           read.ear.expires == ear->expires && bytes_same(read.ear.policy, ear->policy) &&
	           bytes_same(read.ear.nonce, ear->nonce),
	   "R5: it says the same, and verifies");
	ear_json_clear(&read);
	hex_put(&id, (struct bytes){ digest, 8 });
	size_t dot = (size_t)((const uint8_t *)memchr(octets, '.', jwt.len) - octets);
	ok(base64url_read((struct bytes){ octets, dot }, &header) == ERR_NONE &&
	           memmem(header_octets, header.len, id_octets, id.len) != NULL,
	   "R8: and names the same key");
	ok_err(jwt_of(state, BYTES_STR("hello"), NULL), ERR_TAG,
	       "R7: free text is not signed as JWT");
	ok_err(jwt_of(state, message.payload, NULL), ERR_TAG,
	       "R7: nor are claims without a signature");
}

/* An appraiser that has been taken over gets results signed, and nothing that is none. */
static void signs_results(void)
{
	static struct keeper_state state;
	const struct ear ear = { .audience = BYTES_STR("acme"), .issued = 1000, .expires = 2000,
		                 .nonce = BYTES_STR("0123456789abcdef0123456789abcdef"),
		                 .developer = BYTES_STR("https://example.org"), .build = BYTES_STR("1"),
		                 .submodule = BYTES_STR("equipment"), .status = EAR_AFFIRMING,
		                 .policy = BYTES_STR("fleet/1") };
	uint8_t claims_octets[300], cwt_octets[512];
	const struct attest_key key = { .kind = ATTEST_P256, .point = BYTES(state.result_point) };
	struct room claims = ROOM(claims_octets), cwt = ROOM(cwt_octets);
	struct ear read;

	ear_claims_put(&claims, &ear);
	ok_err(result_with(&state, room_used(&claims), &cwt), ERR_NOT_FOUND, "without a key no result is signed");
	state.has_result = true;
	ok_err(crypto_ec_generate(EC_P256, &state.result, state.result_point), ERR_NONE,
	       "with one");
	ok_err(result_with(&state, room_used(&claims), &cwt), ERR_NONE, "it is");
	ok(ear_cwt_read(room_used(&cwt), &key, ear.audience, 1500, &read) == ERR_NONE &&
	           read.status == EAR_AFFIRMING && bytes_same(read.policy, ear.policy) &&
	           bytes_same(read.nonce, ear.nonce),
	   "R5: who has the public key can rely on it");
	as_jwt(&state, room_used(&cwt), &ear);
	cwt_octets[cwt.len - 1] ^= 1;
	ok_err(jwt_of(&state, room_used(&cwt), NULL), ERR_SIGNATURE,
	       "R7: what it has not signed gets no other form");
	ok_err(ear_cwt_read(room_used(&cwt), &key, ear.audience, 1500, &read), ERR_SIGNATURE,
	       "and on nothing that was changed");
	ok(result_with(&state, BYTES_STR("hello"), &cwt) != ERR_NONE && cwt.len == 0,
	   "R7: free text is not signed");
	claims.len--;
	ok(result_with(&state, room_used(&claims), &cwt) != ERR_NONE && cwt.len == 0,
	   "R7: nor a part of a result");
}

/* --- heads of the audit log ---------------------------------------------------------------------- */

enum { LEAVES = 16 };

/* Two logs that are the same up to their eighth entry. */
struct log {
	uint8_t nodes[5][LEAVES][MERKLE_HASH];
	struct merkle tree[LEAVES + 1];
};

static enum err node_put(void *ctx, unsigned level, uint64_t index, const uint8_t hash[MERKLE_HASH])
{
	struct log *log = ctx;

	memcpy(log->nodes[level][index], hash, MERKLE_HASH);
	return ERR_NONE;
}

static enum err node_get(void *ctx, unsigned level, uint64_t index, uint8_t hash[MERKLE_HASH])
{
	struct log *log = ctx;

	memcpy(hash, log->nodes[level][index], MERKLE_HASH);
	return ERR_NONE;
}

static void log_make(struct log *log, uint8_t fork)
{
	const struct merkle_nodes nodes = { log, node_put, node_get };

	for (uint8_t i = 0; i < LEAVES; i++) {
		uint8_t leaf[MERKLE_HASH] = { i, i < LEAVES / 2 ? 0 : fork };
		log->tree[i + 1] = log->tree[i];
		if (merkle_append(&log->tree[i + 1], leaf, &nodes) != ERR_NONE)
			exit(EXIT_FAILURE);
	}
}

/* head_ask asks for a head of `size` entries of the log after `old`; what comes is left in `out`. */
static enum err head_ask(struct keeper_state *state, struct log *log, const struct audit_head *old,
                         uint64_t size, struct audit_head *out)
{
	const struct merkle_nodes nodes = { log, node_put, node_get };
	uint8_t proof_octets[MERKLE_PROOF_MAX], in_octets[2048], out_octets[AUDIT_HEAD_SIZE];
	uint8_t old_octets[AUDIT_HEAD_SIZE], head_octets[AUDIT_SIGNED_SIZE];
	struct room proof = ROOM(proof_octets), in = ROOM(in_octets), reply = ROOM(out_octets);
	struct room old_room = ROOM(old_octets), head_room = ROOM(head_octets);
	struct audit_head head = { .size = size, .time_ms = 1 };

	if (old != NULL) {
		audit_head_put(&old_room, old);
		if (old->size <= size &&
		    merkle_consistency(&nodes, old->size, size, &proof) != ERR_NONE)
			exit(EXIT_FAILURE);
	}
	TRY(merkle_root(&log->tree[size], head.root));
	audit_head_put_signed(&head_room, &head);
	pack_bytes(&in, room_used(&old_room));
	pack_bytes(&in, room_used(&proof));
	pack_bytes(&in, room_used(&head_room));
	TRY(keeper_do_head_sign(state, room_used(&in), &reply));
	return audit_head_read(room_used(&reply), out);
}

static void heads(void)
{
	static struct keeper_state state, again;
	static struct log log, fork;
	struct audit_head first, second, third, made, forged;
	uint8_t octets[AUDIT_HEAD_SIZE];
	struct room last = ROOM(octets);

	log_make(&log, 1);
	log_make(&fork, 2);
	ok_err(head_ask(&state, &log, NULL, 5, &first), ERR_NOT_FOUND, "without a key there is no head");
	ok_err(crypto_ec_generate(EC_P256, &state.audit, state.audit_point), ERR_NONE, "a key");
	state.has_audit = true;
	ok_err(keeper_do_head_last(&state, (struct bytes){ NULL, 0 }, &last), ERR_NOT_FOUND,
	       "no head was signed yet");
	ok_err(head_ask(&state, &log, NULL, 5, &first), ERR_NONE, "the first head");
	ok_err(audit_head_verify(&first, state.audit_point), ERR_NONE, "it verifies");
	ok_err(head_ask(&state, &log, &first, 10, &second), ERR_NONE, "the next");
	ok_err(head_ask(&state, &log, &second, 10, &second), ERR_NONE, "the same once more");
	ok_err(head_ask(&state, &log, &second, 9, &made), ERR_DENIED, "I6: none of a smaller tree");
	ok_err(head_ask(&state, &log, NULL, 12, &made), ERR_DENIED, "I6: none without what was before");
	ok_err(head_ask(&state, &log, &first, 12, &made), ERR_DENIED,
	       "I6: none after a head that is not the last");
	ok_err(head_ask(&state, &fork, &second, 12, &made), ERR_DENIED, "I6: none of a log that forks");
	ok_err(head_ask(&state, &fork, &first, 12, &made), ERR_DENIED,
	       "I6: not even where the older part is the same");
	ok_err(head_ask(&state, &log, &second, 12, &third), ERR_NONE, "the log itself goes on");

	again.audit = state.audit; /* as after a start */
	memcpy(again.audit_point, state.audit_point, sizeof again.audit_point);
	again.has_audit = true;
	forged = third;
	forged.signature[7] ^= 1;
	ok_err(head_ask(&again, &log, &forged, 14, &made), ERR_DENIED,
	       "I6: after a start a head that it did not sign is no beginning");
	ok_err(head_ask(&again, &fork, &third, 14, &made), ERR_DENIED, "I6: nor may the log fork then");
	ok_err(head_ask(&again, &log, &third, 14, &made), ERR_NONE, "what was kept is");
	keeper_clear(&again);
}

/* --- from one life to the next ------------------------------------------------------------------- */

static char head_path[] = "/tmp/assay-head-XXXXXX";

static enum err reborn(struct keeper_state *state, const struct keeper_state *key)
{
	head_file_close(&state->head_file);
	*state = (struct keeper_state){ .audit = key->audit, .has_audit = true };
	memcpy(state->audit_point, key->audit_point, sizeof state->audit_point);
	return head_file_open(&state->head_file, head_path, state->audit_point, &state->head, &state->has_head);
}

/* What becomes of the file while the keeper is away. */
static bool file_spoilt(off_t at)
{
	int fd = open(head_path, O_WRONLY);
	bool good = fd >= 0 && pwrite(fd, "?", 1, at) == 1;

	close(fd);
	return good;
}

static void heads_remembered(void)
{
	static struct keeper_state key, state;
	static struct log log, fork;
	struct audit_head first, second, third, made;
	int fd = mkstemp(head_path);

	close(fd);
	log_make(&log, 1);
	log_make(&fork, 2);
	ok_err(crypto_ec_generate(EC_P256, &key.audit, key.audit_point), ERR_NONE, "a key");
	ok(fd >= 0 && reborn(&state, &key) == ERR_NONE && !state.has_head, "a file that holds nothing yet");
	ok_err(head_ask(&state, &log, NULL, 5, &first), ERR_NONE, "the first head");
	ok(reborn(&state, &key) == ERR_NONE && state.has_head && state.head.size == 5,
	   "I6: the keeper of the next life knows it");
	ok_err(head_ask(&state, &log, NULL, 12, &made), ERR_DENIED, "I6: it signs no log that begins anew");
	ok_err(head_ask(&state, &log, &first, 10, &second), ERR_NONE, "the log goes on");
	ok_err(reborn(&state, &key), ERR_NONE, "another life");
	ok_err(head_ask(&state, &log, &first, 12, &made), ERR_DENIED,
	       "I6: nor one that was put back to an earlier head of its own");
	ok_err(head_ask(&state, &fork, &second, 12, &made), ERR_DENIED, "I6: nor one that forks");
	ok_err(head_ask(&state, &log, &second, 12, &third), ERR_NONE, "the log goes on");
	ok(file_spoilt(0) && reborn(&state, &key) == ERR_NONE && state.head.size == 10,
	   "I5: a write that was cut leaves the head before");
	ok_err(head_ask(&state, &log, &second, 12, &third), ERR_NONE, "from which the log goes on");
	ok(reborn(&state, &key) == ERR_NONE && state.head.size == 12, "... and is remembered");
	ok(file_spoilt(0) && file_spoilt(4096) && reborn(&state, &key) == ERR_CORRUPT,
	   "I6: a file with neither is no new one");
	ok(unlink(head_path) == 0 && reborn(&state, &key) == ERR_NONE && !state.has_head,
	   "who takes it away begins anew, by hand");
	head_file_close(&state.head_file);
	unlink(head_path);
}

/* A caller that has been taken over gets nothing signed but events. */
static void notices(void)
{
	static const char *const others[] = { "", "{}", "{\"number\":", "eyJhbGciOiJFUzI1NiJ9.e30" };
	static struct keeper_state state;
	uint8_t octets[512];
	struct room out = ROOM(octets);
	struct bytes event = BYTES_STR("{\"number\":1,\"kind\":\"tamper\"}");

	ok_err(keeper_do_notice_sign(&state, event, &out), ERR_NOT_FOUND, "without a key no notice");
	ok_err(crypto_ec_generate(EC_P256, &state.notice, state.notice_point), ERR_NONE, "a key");
	state.has_notice = true;
	ok_err(keeper_do_notice_sign(&state, event, &out), ERR_NONE, "an event is signed");
	for (size_t i = 0; i < COUNT(others); i++)
		ok_err(keeper_do_notice_sign(&state, bytes_text(others[i]), &out), ERR_VALUE,
		       "R7: nothing else is");
	keeper_clear(&state);
}

int main(void)
{
	permits();
	seals();
	opens();
	signs();
	permits_known_sessions();
	binds_by_permit();
	signs_results();
	heads();
	heads_remembered();
	notices();
	return done();
}
