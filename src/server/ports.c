/* SPDX-License-Identifier: Apache-2.0 */
#include "server/ports.h"

#include <string.h>
#include <time.h>

static uint64_t now_ms(void *ctx)
{
	struct timespec now;

	(void)ctx;
	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static enum err random_octets(void *ctx, uint8_t *out, size_t len)
{
	(void)ctx;
	return crypto_random(out, len);
}

static enum err session_load(void *ctx, struct bytes transaction_id, struct session *out)
{
	const struct ports *ports = ctx;

	return store_session_load(ports->store, transaction_id, now_ms(ctx), out);
}

static enum err order_find(void *ctx, enum smdp_find by, struct bytes key, struct order *out)
{
	const struct ports *ports = ctx;

	return store_order_find(ports->store, by, key, out);
}

static enum err package_load(void *ctx, const uint8_t iccid[static ICCID_SIZE],
                             struct bytes *sealed)
{
	const struct ports *ports = ctx;

	return store_package_load(ports->store, iccid, sealed);
}

static bool wants_calls(const struct config *config, struct bytes operator_name)
{
	for (size_t i = 0; i < config->operator_count; i++) {
		const struct config_operator *known = &config->operators[i];
		if (strlen(known->name) == operator_name.len &&
		    memcmp(known->name, operator_name.at, operator_name.len) == 0)
			return known->notify_url[0] != '\0';
	}
	return false;
}

/* What no operator wants to be told is not queued. */
static enum err commit(void *ctx, const struct smdp_change *change)
{
	const struct ports *ports = ctx;
	struct smdp_change told = *change;

	if (told.callback != NULL && !wants_calls(ports->config, told.callback->operator_name))
		told.callback = NULL;
	return store_commit(ports->store, &told);
}

static enum err open_session(void *ctx, uint8_t ci,
                             const uint8_t euicc_challenge[static RSP_CHALLENGE_SIZE],
                             struct room *signed1, uint8_t signature[static EC_SIGNATURE_SIZE])
{
	const struct ports *ports = ctx;

	return keeper_open_session(ports->keeper, ci, euicc_challenge, signed1, signature);
}

static enum err sign(void *ctx, uint8_t ci, const struct bytes *parts, size_t count,
                     uint8_t signature[static EC_SIGNATURE_SIZE])
{
	const struct ports *ports = ctx;

	return keeper_sign(ports->keeper, ci, parts, count, signature);
}

static enum err bind_package(void *ctx, const struct keeper_bind *request, struct keeper_bound *out)
{
	const struct ports *ports = ctx;

	return keeper_bind(ports->keeper, request, out);
}

static enum err appraise(void *ctx, const struct appraise_request *request,
                         struct appraise_answer *out)
{
	const struct ports *ports = ctx;

	return appraiser_appraise(ports->appraiser, request, out);
}

enum err ports_begin(struct ports *ports, const struct config *config, struct store_client *store,
                     struct keeper *keeper, struct appraiser *appraiser)
{
	*ports = (struct ports){
		.store = store, .keeper = keeper, .appraiser = appraiser, .config = config
	};
	TRY(cis_load(&ports->cis, config));
	ports->smdp = (struct smdp_ports){
		.ctx = ports,
		.now_ms = now_ms,
		.random = random_octets,
		.session_load = session_load,
		.order_find = order_find,
		.package_load = package_load,
		.commit = commit,
		.open = open_session,
		.sign = sign,
		.bind = bind_package,
		.verify = cis_verify,
		.appraise = appraise,
		.address = bytes_text(config->address),
		.ci = ports->cis.ci,
		.ci_count = ports->cis.count,
		.session_ms = (uint64_t)config->session_seconds * 1000,
		.download_attempts = config->download_attempts,
		.confirmation_attempts = config->confirmation_attempts,
	};
	return ERR_NONE;
}

/* A changed policy is asked for within this time; what is in force decides at once, in the appraiser. */
enum { WANTED_MS = 1000 };

void ports_refresh(struct ports *ports)
{
	uint64_t now = now_ms(ports);
	unsigned turn = 1 - ports->wanted_turn;

	if (now - ports->wanted_ms < WANTED_MS)
		return;
	ports->wanted_ms = now;
	struct room room = ROOM(ports->wanted[turn]);
	if (appraiser_ask_wanted(ports->appraiser, &room) != ERR_NONE)
		return; /* what was wanted before will do */
	ports->wanted_turn = turn;
	ports->smdp.evidence_wanted = room_used(&room);
}
