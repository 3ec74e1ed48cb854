/* SPDX-License-Identifier: Apache-2.0 */
#include "server/asker.h"
#include "server/enrol.h"
#include "server/pack.h"

enum err appraiser_enrol_begin(struct appraiser *appraiser, const struct enrol_begin *begin,
                               struct enrol_challenge *out)
{
	struct asker *asker = appraiser_asker(appraiser);
	struct room room = asker_message(asker);
	struct bytes reply;

	enrol_begin_put(&room, begin);
	if (room.full)
		return ERR_LIMIT;
	TRY(asker_call(asker, APPRAISER_ENROL_BEGIN, room_used(&room), &reply));
	return enrol_challenge_read(reply, out);
}

enum err appraiser_enrol_prove(struct appraiser *appraiser, const struct enrol_prove *prove,
                               struct enrol_outcome *out)
{
	struct asker *asker = appraiser_asker(appraiser);
	struct room room = asker_message(asker);
	struct bytes reply;

	enrol_prove_put(&room, prove);
	if (room.full)
		return ERR_LIMIT;
	TRY(asker_call(asker, APPRAISER_ENROL_PROVE, room_used(&room), &reply));
	return enrol_outcome_read(reply, out);
}

enum err appraiser_manifest(struct appraiser *appraiser, struct bytes manifest, uint64_t *count)
{
	struct bytes reply;

	TRY(asker_call(appraiser_asker(appraiser), APPRAISER_MANIFEST, manifest, &reply));
	return unpack_u64(&reply, count);
}

enum err appraiser_enrol_psa(struct appraiser *appraiser, const struct chip *chip,
                             struct enrol_added *out)
{
	struct asker *asker = appraiser_asker(appraiser);
	struct room room = asker_message(asker);
	struct enrol_added read = { .why = ERR_NONE };
	struct bytes reply;
	uint64_t why;

	pack_chip(&room, chip);
	if (room.full)
		return ERR_LIMIT;
	TRY(asker_call(asker, APPRAISER_ENROL_PSA, room_used(&room), &reply));
	TRY(unpack_u64(&reply, &why));
	TRY(unpack_bytes(&reply, &read.says));
	if (why >= ERR_COUNT)
		return ERR_CORRUPT;
	read.why = (enum err)why;
	if (read.why == ERR_NONE)
		TRY(unpack_chip(&reply, &read.chip));
	*out = read;
	return ERR_NONE;
}
