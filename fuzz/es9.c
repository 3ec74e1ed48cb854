/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Law: whatever comes to ES9+ or ES2+ as a body, the answer is JSON with a status, or nothing at
 * all; and a store that knows no session and no order is not written to, but for sessions that a
 * good InitiateAuthentication opens. The first octet says which function.
 */
#include "rsp/authenticate_server.h"
#include "server/es2.h"
#include "server/smdp.h"

#include "fuzz/law.h"

#include <jansson.h>
#include <string.h>

static uint64_t now_ms(void *ctx)
{
	(void)ctx;
	return 1700000000000;
}

static enum err random_octets(void *ctx, uint8_t *out, size_t len)
{
	(void)ctx;
	memset(out, 7, len);
	return ERR_NONE;
}

static enum err session_load(void *ctx, struct bytes transaction_id, struct session *out)
{
	(void)ctx;
	(void)transaction_id;
	(void)out;
	return ERR_NOT_FOUND;
}

static enum err order_find(void *ctx, enum smdp_find by, struct bytes key, struct order *out)
{
	(void)ctx;
	(void)by;
	(void)key;
	(void)out;
	return ERR_NOT_FOUND;
}

static enum err commit(void *ctx, const struct smdp_change *change)
{
	(void)ctx;
	LAW(change->order == NULL && change->session != NULL && change->session->version == 0);
	return ERR_NONE;
}

static enum err open_session(void *ctx, uint8_t ci,
                             const uint8_t euicc_challenge[static RSP_CHALLENGE_SIZE],
                             struct room *signed1, uint8_t signature[static EC_SIGNATURE_SIZE])
{
	static const uint8_t sixteen[RSP_CHALLENGE_SIZE] = { 7 };
	const struct server_signed1 session = {
		.transaction_id = BYTES(sixteen),
		.euicc_challenge = {euicc_challenge, RSP_CHALLENGE_SIZE},
		.server_address = BYTES_STR("a.b"),
		.server_challenge = BYTES(sixteen)
	};

	(void)ctx;
	LAW(ci == 0);
	server_signed1_put(signed1, &session);
	memset(signature, 1, EC_SIGNATURE_SIZE);
	return ERR_NONE;
}

static const char *const functions[] = {
	"/gsma/rsp2/es9plus/initiateAuthentication", "/gsma/rsp2/es9plus/authenticateClient",
	"/gsma/rsp2/es9plus/getBoundProfilePackage", "/gsma/rsp2/es9plus/handleNotification",
	"/gsma/rsp2/es9plus/cancelSession",          "/gsma/rsp2/es2plus/downloadOrder",
	"/gsma/rsp2/es2plus/confirmOrder",           "/gsma/rsp2/es2plus/cancelOrder",
	"/gsma/rsp2/es2plus/releaseProfile",
};

static void check_answer(struct bytes answer)
{
	json_t *object =
		json_loadb((const char *)answer.at, answer.len, JSON_REJECT_DUPLICATES, NULL);
	const char *status = NULL;

	LAW(object != NULL);
	LAW(json_unpack(object, "{s:{s:{s:s}}}", "header", "functionExecutionStatus", "status",
	                &status) == 0);
	LAW(strcmp(status, "Executed-Success") == 0 || strcmp(status, "Failed") == 0);
	json_decref(object);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t store[16384];
	static const uint8_t id[20] = { 1, 2, 3 }, certificate[2] = { 0x30, 0 };
	const struct smdp_ci ci = { .key_id = BYTES(id),
		                    .dpauth = BYTES(certificate),
		                    .dppb = BYTES(certificate) };
	struct smdp_ports ports = { .now_ms = now_ms,
		                    .random = random_octets,
		                    .session_load = session_load,
		                    .order_find = order_find,
		                    .commit = commit,
		                    .open = open_session,
		                    .address = BYTES_STR("a.b"),
		                    .ci = &ci,
		                    .ci_count = 1,
		                    .session_ms = 1000 };
	struct es2_caller caller = { .admin = true };
	struct room reply = ROOM(store);
	struct bytes body = { data, size }, first;
	unsigned status;

	if (!bytes_take(&body, 1, &first))
		return 0;
	const char *path = functions[first.at[0] % (sizeof functions / sizeof functions[0])];
	struct bytes name = bytes_text(path);
	status = strstr(path, "es9plus") != NULL ? es9_answer(&ports, name, body, &reply)
	                                         : es2_answer(&ports, &caller, name, body, &reply);
	LAW(status == 200 || status == 204);
	LAW(!reply.full && (status == 200) == (reply.len > 0));
	if (status == 200)
		check_answer(room_used(&reply));
	return 0;
}
