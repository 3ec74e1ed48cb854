/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/download.h"

#include "agent/rules.h"
#include "agent/status.h"
#include "base/secret.h"
#include "port/crypto.h"
#include "profile/status.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

struct session {
	struct es9_session server;
	struct es9_offer offer;
	struct equipment_session equipment;
	uint8_t eid[EID_SIZE];
	struct bytes evidence;           /* at == NULL: none */
	struct equipment_result *attest; /* NULL: it is for a profile */
	struct bytes prepared;           /* PrepareDownloadResponse */
	struct bytes bpp;
};

static enum err why(struct download *d, enum err err, const char *words)
{
	if (err != ERR_NONE)
		snprintf(d->why, sizeof d->why, "%s", words);
	return err;
}

static enum err from_card(struct download *d, enum err err)
{
	return why(d, err, d->es10->why[0] != 0 ? d->es10->why : err_text(err));
}

static enum err from_server(struct download *d, enum err err)
{
	return why(d, err, d->es9->why[0] != 0 ? d->es9->why : err_text(err));
}

static void step(struct download *d, enum download_step step)
{
	d->step = step;
	d->es10->why[0] = d->es9->why[0] = 0;
	if (d->user->step != NULL)
		d->user->step(d->user->ctx, step);
}

/* cancel ends a session that card and server still have open. Best effort: what has gone wrong before is
 * what counts, and both ends forget the session by themselves. */
static void cancel(struct download *d, const struct session *s, enum cancel_reason reason)
{
	struct bytes answer;

	if (es10_cancel_session(d->es10, s->server.transaction_id, (uint8_t)reason, d->store,
	                        &answer) == ERR_NONE)
		(void)!es9_cancel_session(d->es9, s->server.transaction_id, answer);
}

/* Host names do not tell upper from lower case (RFC 1035 2.3.3). */
static bool same_name(struct bytes a, struct bytes b)
{
	return a.len == b.len && strncasecmp((const char *)a.at, (const char *)b.at, a.len) == 0;
}

/* SGP.22 3.0.1 steps 1 to 8 */
static enum err initiate(struct download *d, struct session *s)
{
	struct bytes challenge, info1;
	struct server_signed1 signed1;

	step(d, STEP_IDENTIFY);
	TRY(from_card(d, es10_euicc_info1(d->es10, d->store, &info1)));
	TRY(from_card(d, es10_euicc_challenge(d->es10, d->store, &challenge)));
	step(d, STEP_INITIATE);
	TRY(from_server(
		d, es9_initiate_authentication(d->es9, challenge, info1, d->store, &s->server)));
	TRY(why(d, server_signed1_read(s->server.server_signed1, &signed1),
	        "the server's serverSigned1 is malformed"));
	/* SGP.22 3.0.1 step 9: the address that the server signed is the one that was asked for. */
	if (!same_name(signed1.server_address, d->es9->host))
		return why(d, ERR_DENIED,
		           "the server signs another address than the one asked for");
	if (!bytes_same(signed1.transaction_id, s->server.transaction_id) ||
	    !bytes_same(signed1.euicc_challenge, challenge))
		return why(d, ERR_DENIED,
		           "the server signs another session than the one asked for");
	return ERR_NONE;
}

/* inner gives the value of an element that the server sends whole. */
static enum err inner(struct bytes whole, ber_tag tag, struct bytes *value)
{
	TRY(ber_read(&whole, tag, value));
	return ber_end(whole);
}

/* R5: evidence is made before the card signs, since the card signs its digest. `whole`: with the log itself. */
static enum err prove(struct download *d, struct session *s, bool whole)
{
	const struct equipment_prover *prover = d->prover;
	size_t before = d->store->len;

	if (prover == NULL || s->server.equipment.at == NULL)
		return ERR_NONE;
	step(d, STEP_PROVE);
	TRY(why(d, equipment_wanted_read(s->server.equipment, &s->equipment.wanted),
	        "what the server wants of the machine is malformed"));
	TRY(from_card(d, es10_eid(d->es10, s->eid)));
	s->equipment.host = d->es9->host;
	s->equipment.server_signed1 = s->server.server_signed1;
	s->equipment.eid = BYTES(s->eid);
	TRY(why(d, prover->prove(prover->ctx, &s->equipment, whole, d->store),
	        prover->why(prover->ctx)));
	s->evidence = (struct bytes){ d->store->at + before, d->store->len - before };
	d->shown = s->evidence.len;
	return s->evidence.len <= EQUIPMENT_EVIDENCE_MAX
	               ? ERR_NONE
	               : why(d, ERR_ROOM, "the machine's log is too long to be sent");
}

/* The digest of what is sent goes under the card's signature (docs/protocol.md). */
static enum err put_context(const struct download *d, const struct activation_code *code,
                            struct bytes evidence, struct room *out)
{
	struct ctx_params1 params = { .matching_id = code->matching_id, .device_info = *d->device };
	uint8_t digest[SHA256_SIZE], octets[64];
	struct room extensions = ROOM(octets);

	if (evidence.at != NULL) {
		TRY(crypto_sha256(digest, &evidence, 1));
		ctx_params1_evidence_put(&extensions, BYTES(digest));
		params.extensions = room_used(&extensions);
	}
	ctx_params1_put(out, &params);
	return out->full ? ERR_ROOM : ERR_NONE;
}

static enum err ask_offer(struct download *d, struct session *s, struct bytes answer)
{
	struct bytes id = s->server.transaction_id, result;

	step(d, STEP_OFFER);
	if (s->attest != NULL) {
		TRY(from_server(d, es9_attest(d->es9, id, answer, s->evidence, d->store, &result)));
		return why(d, equipment_result_read(result, s->attest),
		           "the server's decision is malformed");
	}
	return from_server(
		d, es9_authenticate_client(d->es9, id, answer, s->evidence, d->store, &s->offer));
}

static enum err authenticate(struct download *d, const struct activation_code *code,
                             struct session *s)
{
	struct authenticate_server_request request = { .server_signed1 = s->server.server_signed1,
		                                       .server_certificate =
		                                               s->server.server_certificate };
	uint8_t octets[1024];
	struct room out = ROOM(octets);
	struct bytes answer = { 0 };

	TRY(why(d, inner(s->server.server_signature1, TAG_SIGNATURE, &request.server_signature1),
	        "the server's signature is malformed"));
	TRY(why(d, inner(s->server.ci_pkid, 0x04, &request.ci_pkid_to_be_used),
	        "the server's certificate issuer is malformed"));
	TRY(why(d, put_context(d, code, s->evidence, &out), "the device information is too long"));
	request.ctx_params1 = room_used(&out);
	step(d, STEP_AUTHENTICATE);
	/* SGP.22 3.0.1 step 10: where the card refuses the server, there is nobody to tell. */
	TRY(from_card(d, es10_authenticate_server(d->es10, &request, d->store, &answer)));
	TRY(ask_offer(d, s, answer));
	if (s->evidence.at != NULL && (s->attest == NULL || s->attest->decision != REFUSE))
		d->prover->taken(d->prover->ctx, &s->equipment);
	return ERR_NONE;
}

static enum err meet(struct download *d, const struct activation_code *code, struct session *s,
                     bool whole)
{
	*s = (struct session){ .attest = s->attest };
	d->es9->status = (struct es9_status){ 0 };
	TRY(initiate(d, s));
	TRY(prove(d, s, whole));
	return authenticate(d, code, s);
}

static bool log_is_wanted(const struct download *d, const struct session *s, enum err err)
{
	if (s->evidence.at == NULL)
		return false;
	return err == ERR_NONE ? s->attest != NULL && s->attest->wants_log
	                       : err == ERR_DENIED && d->es9->status.wants_log;
}

/* A server that has forgotten our log says so, and gets it whole in a new session: once. */
static enum err mutual_authentication(struct download *d, const struct activation_code *code,
                                      struct session *s)
{
	d->why[0] = 0;
	d->es9->host = code->smdp_address;
	enum err err = meet(d, code, s, false);
	return log_is_wanted(d, s, err) ? meet(d, code, s, true) : err;
}

/* SGP.22 3.1.3.1 steps 5 to 7: rules first, then the person. */
static enum err consent(struct download *d, const struct session *s)
{
	enum rules_verdict verdict;

	step(d, STEP_CONSENT);
	enum err err = rules_check(d->es10, d->store, &d->metadata, &verdict);
	if (err != ERR_NONE) {
		cancel(d, s, CANCEL_UNDEFINED_REASON);
		return from_card(d, err);
	}
	if (verdict == RULES_FORBIDDEN) {
		cancel(d, s, CANCEL_PPR_NOT_ALLOWED);
		return why(d, ERR_DENIED, "the card does not allow the profile's policy rules");
	}
	switch (d->user->consent(d->user->ctx, &d->metadata, verdict == RULES_CONSENT)) {
	case ANSWER_YES:
		return ERR_NONE;
	case ANSWER_LATER:
		cancel(d, s, CANCEL_POSTPONED);
		return why(d, ERR_DENIED, "postponed");
	case ANSWER_NO:
	default:
		cancel(d, s, CANCEL_END_USER_REJECTION);
		return why(d, ERR_DENIED, "rejected");
	}
}

static enum err hash_of_code(struct download *d, struct bytes transaction_id,
                             uint8_t hash_cc[static RSP_HASH_CC_SIZE])
{
	uint8_t code[CONFIRMATION_CODE_MAX], inner_hash[32];
	struct room room = ROOM(code);
	enum err err = ERR_NOT_FOUND;

	if (d->user->confirmation_code(d->user->ctx, &room) && !room.full && room.len > 0)
		err = confirmation_code_hash(room_used(&room), inner_hash);
	if (err == ERR_NONE)
		err = hash_cc_derive(inner_hash, transaction_id, hash_cc);
	wipe(code, sizeof code);
	wipe(inner_hash, sizeof inner_hash);
	return err;
}

/* SGP.22 3.1.3.2 steps 1 to 5 */
static enum err prepare(struct download *d, struct session *s)
{
	struct prepare_download_request request = { .smdp_signed2 = s->offer.smdp_signed2,
		                                    .smdp_certificate = s->offer.smdp_certificate };
	struct smdp_signed2 signed2;
	uint8_t hash_cc[RSP_HASH_CC_SIZE];

	TRY(why(d, smdp_signed2_read(s->offer.smdp_signed2, &signed2),
	        "the server's smdpSigned2 is malformed"));
	TRY(why(d, inner(s->offer.smdp_signature2, TAG_SIGNATURE, &request.smdp_signature2),
	        "the server's second signature is malformed"));
	if (signed2.cc_required) {
		if (hash_of_code(d, s->server.transaction_id, hash_cc) != ERR_NONE) {
			/* Whoever has no code now may have it later: a rejection would end the order. */
			cancel(d, s, CANCEL_POSTPONED);
			return why(d, ERR_DENIED,
			           "the profile needs a confirmation code and none was given");
		}
		request.hash_cc = BYTES(hash_cc);
	}
	step(d, STEP_PREPARE);
	enum err err = es10_prepare_download(d->es10, &request, d->store, &s->prepared);
	if (err != ERR_NONE && s->prepared.len == 0)
		return from_card(d, err);
	/* SGP.22 3.1.3.2 step 4: the server is told the card's refusal too; it answers with a failure. */
	if (err != ERR_NONE) {
		char words[DOWNLOAD_WHY_MAX];

		snprintf(words, sizeof words, "%s", d->es10->why);
		(void)!es9_get_bound_profile_package(d->es9, s->server.transaction_id, s->prepared,
		                                     d->store, &s->bpp);
		return why(d, err, words);
	}
	step(d, STEP_FETCH);
	return from_server(d, es9_get_bound_profile_package(d->es9, s->server.transaction_id,
	                                                    s->prepared, d->store, &s->bpp));
}

static void loaded(void *ctx, size_t done, size_t total)
{
	struct download *d = ctx;

	if (d->user->loaded != NULL)
		d->user->loaded(d->user->ctx, done, total);
}

/* refused says why the card did not install the package, and at which profile element. */
static void refused(struct download *d)
{
	struct pe_result result = { 0 };
	bool aborted;
	int len = snprintf(d->why, sizeof d->why,
	                   "LoadBoundProfilePackage: %s (command %u, reason %u)",
	                   es10_result_text(TAG_INSTALLATION_RESULT, d->installed.reason),
	                   d->installed.command, d->installed.reason);

	if (len < 0 || (size_t)len >= sizeof d->why ||
	    euicc_response_read(d->installed.sima_response, &result, &aborted) != ERR_NONE ||
	    result.status == PE_OK)
		return;
	size_t at = (size_t)len;
	if (result.identified)
		snprintf(d->why + at, sizeof d->why - at, ", element %u: %s (%d)",
		         result.identification, pe_status_words((uint8_t)result.status),
		         (int)result.status);
	else
		snprintf(d->why + at, sizeof d->why - at, ": %s (%d)",
		         pe_status_words((uint8_t)result.status), (int)result.status);
}

/* SGP.22 3.1.3.3 */
static enum err install(struct download *d, const struct session *s)
{
	const struct es10_progress progress = { d, loaded };
	struct installation_result result;

	step(d, STEP_INSTALL);
	enum err err = es10_load_bpp(d->es10, s->bpp, &progress, d->store, &d->result);
	if (err != ERR_NONE) {
		(void)from_card(d, err);
		/* SGP.22 3.1.3.3 step 1a: the session is over for the server as well. */
		cancel(d, s, CANCEL_LOAD_BPP_EXECUTION_ERROR);
		return err;
	}
	err = installation_result_read(d->result, &result);
	if (err == ERR_NONE)
		err = installation_result_data_read(result.data, &d->installed);
	TRY(why(d, err, "the card's installation result is malformed"));
	if (d->installed.success) {
		step(d, STEP_DONE);
		return ERR_NONE;
	}
	refused(d);
	return ERR_DENIED;
}

enum err download_run(struct download *d, const struct activation_code *code)
{
	struct session s = { 0 };

	d->metadata = (struct store_metadata){ 0 };
	d->result = (struct bytes){ 0 };
	TRY(mutual_authentication(d, code, &s));
	enum err err = store_metadata_read(s.offer.profile_metadata, &d->metadata);
	if (err != ERR_NONE) {
		cancel(d, &s, CANCEL_METADATA_MISMATCH);
		return why(d, err, "the profile's metadata is malformed");
	}
	TRY(consent(d, &s));
	TRY(prepare(d, &s));
	return install(d, &s);
}

enum err download_attest(struct download *d, const struct activation_code *server,
                         struct equipment_result *result)
{
	struct session s = { .attest = result };

	TRY(mutual_authentication(d, server, &s));
	step(d, STEP_DONE);
	return ERR_NONE;
}

enum err download_installed(struct download *d, bool *installed)
{
	struct bytes list, element;
	struct profile_info info;

	*installed = false;
	if (d->step < STEP_INSTALL)
		return ERR_NONE;
	TRY(from_card(d, es10_profiles(d->es10, d->store, &list)));
	while (ber_read_whole(&list, TAG_PROFILE_INFO, &element) == ERR_NONE) {
		TRY(why(d, profile_info_read(element, &info),
		        "the card's list of profiles is malformed"));
		if (bytes_same(info.iccid, d->metadata.iccid))
			*installed = true;
	}
	return ERR_NONE;
}

bool download_worth_retrying(const struct download *d, enum err err)
{
	const struct es9_status *status = &d->es9->status;

	/* SGP.22 5.6.2: 8.8.2 and others stay; a session that the server forgot is started anew, and what it could
	 * not execute (5.2.6, 4.2) is asked for again: another machine may have been faster. */
	if (err == ERR_DENIED)
		return strcmp(status->subject, "8.10.1") == 0 ||
		       (strcmp(status->subject, "1.6") == 0 && strcmp(status->reason, "4.2") == 0);
	return es9_worth_retrying(err);
}

bool download_step_of_card(enum download_step step)
{
	return step == STEP_IDENTIFY || step == STEP_AUTHENTICATE || step == STEP_PREPARE ||
	       step == STEP_INSTALL;
}

static const char *const step_texts[] = {
	[STEP_IDENTIFY] = "asking the card",
	[STEP_INITIATE] = "asking the server",
	[STEP_PROVE] = "chip signs the machine's state",
	[STEP_AUTHENTICATE] = "card checks the server",
	[STEP_OFFER] = "server checks the card",
	[STEP_CONSENT] = "asking for consent",
	[STEP_PREPARE] = "card prepares",
	[STEP_FETCH] = "fetching the profile",
	[STEP_INSTALL] = "installing",
	[STEP_DONE] = "done",
};

const char *download_step_text(enum download_step step)
{
	return (size_t)step < COUNT(step_texts) ? step_texts[step] : "?";
}
