/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The agent shows servers its machine's state (R2, R5): whole exchanges with the real card core and an SM-DP+
 * in the same process. evidence_chip.c has what is shown.
 */
#include "agent/download.h"

#include "tests/agent/smdp.h"

enum { STORE_SIZE = 2 << 20, BODY_SIZE = 4 << 20 };

#define WANTED "{\"formats\":[\"tpm\",\"later\"],\"banks\":[\"sha256\"],\"pcrs\":[0,4,16]}"

static struct dp_pki nist;
static struct lpa lpa;
static struct core core;
static struct card_link link_;
static struct smdp smdp;
static struct http http;
static struct es10 es10;
static struct es9 es9;
static struct room store;
static struct download download;
static struct device_info device;
static struct activation_code code;
static uint8_t store_octets[STORE_SIZE], body_octets[BODY_SIZE];

/* --- a prover that says what it was asked --- */

static unsigned proofs, wholes, takens;
static struct equipment_session asked;
static uint8_t asked_eid[EID_SIZE], asked_signed1[1024]; /* what it points at is the caller's */
static enum err fails;

static enum err prove(void *ctx, const struct equipment_session *session, bool whole,
                      struct room *out)
{
	struct room eid = ROOM(asked_eid), signed1 = ROOM(asked_signed1);

	(void)ctx;
	proofs++;
	wholes += whole;
	asked = *session;
	room_put(&eid, session->eid);
	room_put(&signed1, session->server_signed1);
	asked.eid = room_used(&eid);
	asked.server_signed1 = room_used(&signed1);
	room_put(out, whole ? BYTES_STR("with log") : BYTES_STR("with digest"));
	return fails;
}

static void taken(void *ctx, const struct equipment_session *session)
{
	(void)ctx;
	(void)session;
	takens++;
}

static const char *why(void *ctx)
{
	(void)ctx;
	return "the chip is gone";
}

static const struct equipment_prover prover = { NULL, prove, taken, why };

static enum download_answer consent(void *ctx, const struct store_metadata *metadata, bool rules)
{
	(void)ctx;
	(void)metadata;
	(void)rules;
	return ANSWER_YES;
}

static const struct download_user user = { .consent = consent };

static void fresh(const char *wanted)
{
	free(lpa.flash.now);
	free(lpa.flash.durable);
	lpa = (struct lpa){ 0 };
	lpa_new(&lpa, &nist, NULL);
	core = (struct core){ .lpa = &lpa, .silent_after = -1 };
	link_ = (struct card_link){ &core, core_transmit, NULL, NULL, core_reset, NULL };
	smdp = (struct smdp){ .dp.pki = &nist, .number = 1, .wanted = wanted };
	http = (struct http){ &smdp, smdp_post, smdp_why };
	es9 = (struct es9){ .http = &http, .body = ROOM(body_octets) };
	store = ROOM(store_octets);
	device = (struct device_info){ .tac = BYTES_STR("\x00\x01\x00\x00") };
	download = (struct download){ .es10 = &es10,
		                      .es9 = &es9,
		                      .user = &user,
		                      .store = &store,
		                      .device = &device,
		                      .prover = &prover };
	code = (struct activation_code){ .smdp_address = BYTES_STR(DP_ADDRESS),
		                         .matching_id = BYTES_STR("MATCH-ME") };
	proofs = wholes = takens = 0;
	fails = ERR_NONE;
	dp_must(es10_open(&es10, &link_), "opening the ISD-R");
}

/* What the card signed in ctxParams1 in the last session. */
static enum err signed_digest(struct bytes *digest)
{
	struct authenticate_server_response response;
	struct euicc_signed1 signed1;
	struct ctx_params1 params;

	TRY(authenticate_server_response_read((struct bytes){ smdp.response, smdp.response_len },
	                                      &response));
	TRY(euicc_signed1_read(response.euicc_signed1, &signed1));
	TRY(ctx_params1_read(signed1.ctx_params1, &params));
	return ctx_params1_evidence_digest(&params, digest);
}

static bool covered(void)
{
	struct bytes sent = { smdp.evidence, smdp.evidence_len }, digest;
	uint8_t want[SHA256_SIZE];

	return signed_digest(&digest) == ERR_NONE && crypto_sha256(want, &sent, 1) == ERR_NONE &&
	       bytes_same(digest, BYTES(want));
}

static void exchanges(void)
{
	struct equipment_result result = { .decision = REFUSE };
	struct bytes digest;
	uint8_t eid[EID_SIZE];

	fresh(WANTED);
	ok_err(download_run(&download, &code), ERR_NONE, "R5: a download with evidence");
	ok(proofs == 1 && takens == 1 && smdp.sessions == 1, "... shown once, in one session");
	ok(asked.wanted.formats == 1u << EVIDENCE_TPM &&
	           asked.wanted.banks == 1u << ATTEST_SHA256 &&
	           asked.wanted.pcrs == (1u << 0 | 1u << 4 | 1u << 16),
	   "... what the server wants, without what we do not know");
	ok_bytes(asked.eid, unhex(DP_EID, eid, sizeof eid), "... for the card");
	ok_bytes(asked.server_signed1, (struct bytes){ smdp.signed1, smdp.signed1_len },
	         "... in the server's session");
	ok_bytes((struct bytes){ smdp.evidence, smdp.evidence_len }, BYTES_STR("with digest"),
	         "... it arrives");
	ok(covered(), "R5: the card signed the digest of what was sent, unchanged");

	fresh(NULL);
	ok_err(download_run(&download, &code), ERR_NONE, "a server that wants no evidence");
	ok(proofs == 0 && smdp.evidence_len == 0 && signed_digest(&digest) == ERR_NOT_FOUND,
	   "... gets none");

	fresh(WANTED);
	download.prover = NULL;
	ok_err(download_run(&download, &code), ERR_NONE, "a machine that shows nothing");
	ok(smdp.evidence_len == 0, "... is for the server to judge");

	fresh(WANTED);
	fails = ERR_IO;
	ok_err(download_run(&download, &code), ERR_IO, "a chip that does not answer");
	ok(strcmp(download.why, "the chip is gone") == 0 && download.step == STEP_PROVE,
	   "... is told");

	fresh("{\"formats\":\"tpm\"}");
	ok_err(download_run(&download, &code), ERR_VALUE, "a wish that is malformed");
	ok(proofs == 0, "... is not met");

	fresh(WANTED);
	smdp.result = "{\"decision\":\"restrict\",\"expires\":1900000000,\"why\":\"a\\nb\"}";
	ok_err(download_attest(&download, &code, &result), ERR_NONE, "R2: attest");
	ok(result.decision == RESTRICT && result.expires == 1900000000 &&
	           strcmp(result.why, "a?b") == 0,
	   "... what the server decides");
	ok(smdp.equipment_only && covered() && takens == 1 && smdp.packages == 0,
	   "... and no profile");
	smdp.result = NULL;
	ok_err(download_attest(&download, &code, &result), ERR_UNSUPPORTED,
	       "a server that judges no equipment");
}

static void logs_asked_for(void)
{
	struct equipment_result result = { .decision = REFUSE };

	fresh(WANTED);
	smdp.fail_at = "authenticateClient";
	smdp.fail_times = 1;
	smdp.fail_status = 200;
	smdp.subject = "8.2.5";
	smdp.reason = "4.3";
	smdp.result = "{\"decision\":\"refuse\",\"expires\":0,\"why\":\"\",\"wantsLog\":true}";
	ok_err(download_run(&download, &code), ERR_NONE, "a server that has forgotten our log");
	ok(proofs == 2 && wholes == 1 && takens == 1 && smdp.sessions == 2,
	   "... gets it whole, in a session of its own");
	ok_bytes((struct bytes){ smdp.evidence, smdp.evidence_len }, BYTES_STR("with log"),
	         "... it arrives");
	ok(covered(), "... under the card's signature");
	smdp.fail_times = 5;
	ok_err(download_run(&download, &code), ERR_DENIED, "a server that is never content");
	ok(proofs == 4 && takens == 1, "... is asked twice, not for ever");
	smdp.fail_times = 5;
	smdp.result = "{\"decision\":\"refuse\",\"expires\":0,\"why\":\"\"}";
	ok_err(download_run(&download, &code), ERR_DENIED, "a refusal for another reason");
	ok(proofs == 5, "... is not argued with");
	smdp.fail_times = 0;
	smdp.result = "{\"decision\":\"refuse\",\"expires\":0,\"why\":\"\",\"wantsLog\":true}";
	ok_err(download_attest(&download, &code, &result), ERR_NONE, "attest, log forgotten");
	ok(proofs == 7 && result.decision == REFUSE && takens == 1, "... is tried once more");
}

int main(void)
{
	dp_pki_make(&nist, EC_P256);
	exchanges();
	logs_asked_for();
	return done();
}
