/* SPDX-License-Identifier: Apache-2.0 */
#include "server/appraiser.h"
#include "server/asker.h"
#include "server/chip.h"
#include "server/pack.h"

#include <stdlib.h>

struct appraiser {
	struct asker asker;
};

struct appraiser *appraiser_open(struct links *links, bool waits_as_task)
{
	struct appraiser *appraiser = calloc(1, sizeof *appraiser);

	if (appraiser != NULL && asker_begin(&appraiser->asker, links, &links->appraiser,
	                                     &links->appraiser_turn, waits_as_task) == ERR_NONE) {
		appraiser->asker.watched = true;
		appraiser->asker.service = SILENT_APPRAISER;
		return appraiser;
	}
	free(appraiser);
	return NULL;
}

int appraiser_fd(const struct appraiser *appraiser)
{
	return asker_fd(&appraiser->asker);
}

int appraiser_wait_ms(const struct appraiser *appraiser)
{
	return asker_wait_ms(&appraiser->asker);
}

struct asker *appraiser_asker(struct appraiser *appraiser)
{
	return &appraiser->asker;
}

void appraiser_pump(struct appraiser *appraiser)
{
	asker_pump(&appraiser->asker);
}

enum err appraiser_appraise(struct appraiser *appraiser, const struct appraise_request *request,
                            struct appraise_answer *out)
{
	struct room room = asker_message(&appraiser->asker);
	struct bytes reply;

	appraise_request_put(&room, request);
	if (room.full)
		return ERR_LIMIT;
	TRY(asker_call(&appraiser->asker, APPRAISER_APPRAISE, room_used(&room), &reply));
	return appraise_answer_read(reply, out);
}

enum err appraiser_ask_wanted(struct appraiser *appraiser, struct room *out)
{
	struct bytes reply;

	TRY(asker_call(&appraiser->asker, APPRAISER_WANTED, BYTES_STR(""), &reply));
	room_put(out, reply);
	return out->full ? ERR_ROOM : ERR_NONE;
}

static enum err checked_read(struct bytes *in, struct appraiser_checked *out)
{
	uint64_t why, line;

	TRY(unpack_u64(in, &why));
	TRY(unpack_u64(in, &line));
	if (why >= ERR_COUNT || line > UINT32_MAX)
		return ERR_CORRUPT;
	*out = (struct appraiser_checked){ .why = (enum err)why, .line = (uint32_t)line };
	return ERR_NONE;
}

enum err appraiser_check(struct appraiser *appraiser, const struct item *item,
                         struct appraiser_checked *out)
{
	struct room room = asker_message(&appraiser->asker);
	struct bytes reply;

	pack_item(&room, item);
	if (room.full)
		return ERR_LIMIT;
	TRY(asker_call(&appraiser->asker, APPRAISER_CHECK, room_used(&room), &reply));
	TRY(checked_read(&reply, out));
	TRY(unpack_bytes(&reply, &out->says));
	return unpack_bytes(&reply, &out->name);
}

enum err appraiser_try(struct appraiser *appraiser, struct bytes operator_name, struct bytes policy,
                       struct appraiser_checked *checked, struct bytes *rows)
{
	struct room room = asker_message(&appraiser->asker);

	pack_bytes(&room, operator_name);
	pack_bytes(&room, policy);
	if (room.full)
		return ERR_LIMIT;
	TRY(asker_call(&appraiser->asker, APPRAISER_TRY, room_used(&room), rows));
	return checked_read(rows, checked);
}

enum err appraiser_try_next(struct bytes *rows, struct appraiser_tried *out)
{
	uint64_t purpose, now, then;

	if (rows->len == 0)
		return ERR_NOT_FOUND;
	TRY(unpack_bytes(rows, &out->eid));
	TRY(unpack_u64(rows, &purpose));
	TRY(unpack_u64(rows, &now));
	TRY(unpack_u64(rows, &then));
	TRY(unpack_bytes(rows, &out->why));
	if (purpose >= PURPOSES || now >= DECISIONS || then >= DECISIONS)
		return ERR_CORRUPT;
	out->purpose = (enum purpose)purpose;
	out->now = (enum decision)now;
	out->then = (enum decision)then;
	return ERR_NONE;
}

enum err appraiser_explain(struct appraiser *appraiser, struct bytes imsi,
                           struct appraiser_explained *out)
{
	struct appraiser_explained read;
	struct bytes reply;
	uint64_t decision;

	TRY(asker_call(&appraiser->asker, APPRAISER_EXPLAIN, imsi, &reply));
	TRY(unpack_u64(&reply, &decision));
	TRY(unpack_bytes(&reply, &read.policy));
	TRY(unpack_bytes(&reply, &read.why));
	TRY(unpack_u64(&reply, &read.since_s));
	TRY(unpack_u64(&reply, &read.until_s));
	TRY(unpack_u64(&reply, &read.appraised_s));
	TRY(unpack_bytes(&reply, &read.result_digest));
	if (decision >= DECISIONS)
		return ERR_CORRUPT;
	read.decision = (enum decision)decision;
	*out = read;
	return ERR_NONE;
}

enum err appraiser_ask_access(struct appraiser *appraiser, struct bytes imsi, appraiser_later *then,
                              void *ctx)
{
	return asker_ask(&appraiser->asker, APPRAISER_ACCESS, imsi, then, ctx);
}
