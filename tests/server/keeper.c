/* SPDX-License-Identifier: Apache-2.0 */
/* The keeper without its process: the permit table, sealed blobs, what each key signs. */
#include "server/keeper_state.h"
#include "evidence/ear.h"
#include "rsp/authenticate_server.h"
#include "server/pack.h"

#include "tests/tap.h"

#include <time.h>

static const char *const request_names[KEEPER_REQUESTS] = { "sign",     "bind",   "TLS sign", "import",
	                                                    "generate", "protect", "vector", "triplet", "resync",
	                                                    "permit", "a result", "the last head", "a head", "a notice",
	                                                    "permits for access" };
static const char *const role_names[KEEPER_ROLES] = { "worker", "admin", "AuC", "appraiser", "caller" };

/* The table as it shall be: every pair that is not here is refused. */
static const struct {
	enum keeper_role role;
	enum keeper_request request;
} permitted[] = {
	{ KEEPER_FOR_WORKER, KEEPER_SIGN },    { KEEPER_FOR_WORKER, KEEPER_BIND },
	{ KEEPER_FOR_WORKER, KEEPER_TLS_SIGN }, { KEEPER_FOR_ADMIN, KEEPER_IMPORT },
	{ KEEPER_FOR_ADMIN, KEEPER_GENERATE }, { KEEPER_FOR_ADMIN, KEEPER_PROTECT },
	{ KEEPER_FOR_AUC, KEEPER_VECTOR },
	{ KEEPER_FOR_AUC, KEEPER_TRIPLET },    { KEEPER_FOR_AUC, KEEPER_RESYNC },
	{ KEEPER_FOR_APPRAISER, KEEPER_PERMIT }, { KEEPER_FOR_APPRAISER, KEEPER_RESULT }, { KEEPER_FOR_ADMIN, KEEPER_HEAD_LAST },
	{ KEEPER_FOR_ADMIN, KEEPER_HEAD_SIGN }, { KEEPER_FOR_CALLER, KEEPER_NOTICE_SIGN },
	{ KEEPER_FOR_APPRAISER, KEEPER_PERMITS_ACCESS },
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

static void put_sign(struct room *out, uint64_t role, const char *hex)
{
	uint8_t octets[256];

	room_put_u64(out, role);
	room_put_u64(out, 0);
	pack_bytes(out, unhex(hex, octets, sizeof octets));
}

#define SIGNED1 "302E8010000102030405060708090A0B0C0D0E0F811000000000000000000000000000000000830161840400000000"
static const struct {
	const char *says, *hex;
	enum keeper_signs role;
} not_signed[] = {
	{ "a serverSigned1 with a short challenge", SIGNED1, KEEPER_DPAUTH },
	{ "free text with DPauth", "68656C6C6F", KEEPER_DPAUTH },
	{ "nothing with DPauth", "", KEEPER_DPAUTH },
	{ "an smdpSigned2 with DPauth", "3015800100010100", KEEPER_DPAUTH },
	{ "free text with DPpb", "68656C6C6F", KEEPER_DPPB },
	{ "an smdpSigned2 without a signature with DPpb", "3006800101010100", KEEPER_DPPB },
};

static void signs_what_it_shall(struct keeper_state *state)
{
	const struct server_signed1 signed1 = {
		.transaction_id = BYTES_STR("0123456789abcdef"), .euicc_challenge = BYTES_STR("fedcba9876543210"),
		.server_address = BYTES_STR("localhost"), .server_challenge = BYTES_STR("0123456789abcdef"),
	};
	uint8_t text_octets[256], in_octets[300], out_octets[300], point[EC_POINT_SIZE];
	struct room text = ROOM(text_octets), in = ROOM(in_octets), out = ROOM(out_octets);
	struct bytes part;

	server_signed1_put(&text, &signed1);
	part = room_used(&text);
	room_put_u64(&in, KEEPER_DPAUTH);
	room_put_u64(&in, 0);
	pack_bytes(&in, part);
	ok_err(keeper_do_sign(state, room_used(&in), &out), ERR_NONE, "a serverSigned1 is signed");
	ok(crypto_ec_public(EC_P256, &state->ci[0].dpauth, point) == ERR_NONE &&
	           crypto_ecdsa_verify(EC_P256, point, &part, 1, out_octets) == ERR_NONE,
	   "with DPauth");
	in_octets[7] = KEEPER_DPPB;
	ok(keeper_do_sign(state, room_used(&in), &out) != ERR_NONE, "R7: not signed with DPpb");
}

static void put_bind(struct room *out, const uint8_t *eid, struct bytes transaction, struct bytes permit)
{
	static const uint8_t key[EC_POINT_SIZE] = { 4 };

	room_put_u64(out, 0);
	pack_bytes(out, permit);
	pack_bytes(out, transaction);
	pack_bytes(out, (struct bytes){ eid, EID_SIZE });
	pack_bytes(out, BYTES_STR("host"));
	pack_bytes(out, BYTES(key));
	for (int i = 0; i < 5; i++)
		pack_bytes(out, BYTES_STR("what is bound"));
}

static enum err bind_with(struct keeper_state *state, const uint8_t *eid, const char *transaction,
                          struct bytes permit)
{
	uint8_t in_octets[1024], out_octets[1024];
	struct room in = ROOM(in_octets), out = ROOM(out_octets);

	put_bind(&in, eid, (struct bytes){ (const uint8_t *)transaction, 16 }, permit);
	return keeper_do_bind(state, room_used(&in), &out);
}

/* A worker that has been taken over gets no package for whom nobody has admitted. */
static void binds_by_permit(void)
{
	static const char session[] = "0123456789abcdef", other_session[] = "fedcba9876543210";
	SECRET master = { .at = { 1 }, .len = 32 };
	static struct keeper_state state;
	const uint8_t eid[EID_SIZE] = { 0x89 }, other[EID_SIZE] = { 0x90 };
	struct permit permit = { .purpose = PURPOSE_PROVISIONING, .decision = ADMIT };
	uint8_t octets[PERMIT_SIZE];
	struct bytes id = { (const uint8_t *)session, 16 };

	ok_err(seal_begin(&state.seal, &master), ERR_NONE, "a keeper");
	permit.expires_s = (uint64_t)time(NULL) + 600;
	ok(permit_subject_provisioning(eid, id, permit.subject) == ERR_NONE &&
	           permit_make(&state.seal.key[SEAL_PERMIT], &permit, octets) == ERR_NONE,
	   "gives a permit for one card and session");
	ok_err(bind_with(&state, eid, session, BYTES(octets)), ERR_NOT_FOUND,
	       "with which it looks for the package's key");
	ok_err(bind_with(&state, other, session, BYTES(octets)), ERR_DENIED, "I4: not for another card");
	ok_err(bind_with(&state, eid, other_session, BYTES(octets)), ERR_DENIED,
	       "I4: not in another session");
	ok_err(bind_with(&state, eid, session, BYTES_STR("")), ERR_DENIED, "I4: not without a permit");
	octets[3] ^= 1;
	ok_err(bind_with(&state, eid, session, BYTES(octets)), ERR_DENIED, "I4: not with a forged one");
	permit.expires_s = (uint64_t)time(NULL) - 1;
	ok_err(permit_make(&state.seal.key[SEAL_PERMIT], &permit, octets), ERR_NONE, "one that has ended");
	ok_err(bind_with(&state, eid, session, BYTES(octets)), ERR_DENIED, "I4: not with that");
}

/* A worker that has been taken over must not get certificates or contracts signed. */
static void signs(void)
{
	static struct keeper_state state;
	uint8_t point[EC_POINT_SIZE];

	state.ci_count = 1;
	state.ci[0] = (struct keeper_ci){ .curve = EC_P256, .has_dpauth = true, .has_dppb = true };
	ok(crypto_ec_generate(EC_P256, &state.ci[0].dpauth, point) == ERR_NONE &&
	           crypto_ec_generate(EC_P256, &state.ci[0].dppb, point) == ERR_NONE,
	   "keys are made");
	signs_what_it_shall(&state);
	for (size_t i = 0; i < COUNT(not_signed); i++) {
		uint8_t in_octets[300], out_octets[300];
		struct room in = ROOM(in_octets), out = ROOM(out_octets);
		put_sign(&in, not_signed[i].role, not_signed[i].hex);
		ok(keeper_do_sign(&state, room_used(&in), &out) != ERR_NONE && out.len == 0,
		   "R7: not signed: %s", not_signed[i].says);
	}
}

static enum err result_with(struct keeper_state *state, struct bytes claims, struct room *out)
{
	uint8_t octets[512];
	struct room in = ROOM(octets);

	out->len = 0;
	pack_bytes(&in, claims);
	return keeper_do_result(state, room_used(&in), out);
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
	uint8_t claims_octets[300], cwt_octets[512], point[EC_POINT_SIZE];
	const struct attest_key key = { .kind = ATTEST_P256, .point = BYTES(point) };
	struct room claims = ROOM(claims_octets), cwt = ROOM(cwt_octets);
	struct ear read;

	ear_claims_put(&claims, &ear);
	ok_err(result_with(&state, room_used(&claims), &cwt), ERR_NOT_FOUND, "without a key no result is signed");
	state.has_result = true;
	ok_err(crypto_ec_generate(EC_P256, &state.result, point), ERR_NONE, "with one");
	ok_err(result_with(&state, room_used(&claims), &cwt), ERR_NONE, "it is");
	ok(ear_cwt_read(room_used(&cwt), &key, ear.audience, 1500, &read) == ERR_NONE &&
	           read.status == EAR_AFFIRMING && bytes_same(read.policy, ear.policy) &&
	           bytes_same(read.nonce, ear.nonce),
	   "R5: who has the public key can rely on it");
	cwt_octets[cwt.len - 1] ^= 1;
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
	signs();
	binds_by_permit();
	signs_results();
	heads();
	notices();
	return done();
}
