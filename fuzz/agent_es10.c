/* SPDX-License-Identifier: Apache-2.0 */
/* Law: whatever a card answers, each function ends, what it gives lies inside the store, and a refused
 * answer with a status word that is no success leaves the store as it was. */
#include "agent/es10.h"

#include "fuzz/law.h"

struct cards {
	struct bytes left; /* one octet of length, then that many of answer, again and again */
	size_t commands;
};

static enum err answer(void *ctx, struct bytes command, struct room *reply)
{
	struct cards *cards = ctx;
	struct bytes len, data;

	LAW(command.len >= 5 && command.len <= LINK_COMMAND_MAX);
	LAW(++cards->commands < 100000);
	if (!bytes_take(&cards->left, 1, &len) || !bytes_take(&cards->left, len.at[0], &data))
		return ERR_IO;
	room_put(reply, data);
	return reply->full ? ERR_ROOM : ERR_NONE;
}

static enum err reset(void *ctx)
{
	(void)ctx;
	return ERR_NONE;
}

static uint8_t octets[1 << 16];

static void inside(struct bytes view)
{
	if (view.len > 0)
		LAW(view.at >= octets && view.len <= sizeof octets &&
		    view.at + view.len <= octets + sizeof octets);
}

static void hold(struct es10 *es10, struct room *store)
{
	struct bytes view = { NULL, 0 };
	struct euicc_info2 info2 = {
		.extensions = {NULL, 0}
	};
	struct configured_addresses addresses = {
		.default_dp = {NULL, 0}
	};
	size_t before = store->len;

	if (es10_call(es10, BYTES_STR("\xBF\x2E\x00"), store) != ERR_NONE)
		LAW(store->len == before && !store->full);
	if (es10_profiles(es10, store, &view) == ERR_NONE)
		inside(view);
	if (es10_list_notifications(es10, store, &view) == ERR_NONE)
		inside(view);
	if (es10_notification(es10, 1, store, &view) == ERR_NONE)
		inside(view);
	if (es10_euicc_info2(es10, store, &info2) == ERR_NONE)
		inside(info2.ci_pkids_for_verification);
	if (es10_configured_addresses(es10, store, &addresses) == ERR_NONE)
		inside(addresses.default_dp);
	LAW(store->len <= store->cap);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cards cards = {
		{data, size},
                0
	};
	struct card_link link = { &cards, answer, NULL, NULL, reset, NULL };
	struct room store = ROOM(octets);
	struct es10 es10;
	uint8_t eid[EID_SIZE] = { 0 };

	if (es10_open(&es10, &link) != ERR_NONE)
		return 0;
	LAW(es10.channel >= 1);
	hold(&es10, &store);
	(void)!es10_eid(&es10, eid); /* that it ends is the law */
	(void)!es10_refresh(&es10);
	es10_close(&es10);
	LAW(es10.channel == 0);
	return 0;
}
