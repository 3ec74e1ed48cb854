/* SPDX-License-Identifier: Apache-2.0 */
#include "server/appraiser.h"
#include "server/asker.h"

#include <stdlib.h>

struct appraiser {
	struct asker asker;
};

struct appraiser *appraiser_open(struct links *links, bool waits_as_task)
{
	struct appraiser *appraiser = calloc(1, sizeof *appraiser);

	if (appraiser != NULL && asker_begin(&appraiser->asker, links, &links->appraiser,
	                                     &links->appraiser_turn, waits_as_task) == ERR_NONE)
		return appraiser;
	free(appraiser);
	return NULL;
}

int appraiser_fd(const struct appraiser *appraiser)
{
	return asker_fd(&appraiser->asker);
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

enum err appraiser_ask_access(struct appraiser *appraiser, struct bytes imsi, appraiser_later *then,
                              void *ctx)
{
	return asker_ask(&appraiser->asker, APPRAISER_ACCESS, imsi, then, ctx);
}
