/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ISD-R at its limits: a card full of profiles with icons, metadata as long as they may be and
 * longer, as many notification addresses as are taken, an answer of many kilobytes.
 */
#include "tests/card/lpa.h"
#include "tests/card/package.h"

static struct dp_pki pki;
static struct lpa lpa;

static struct lpa_result download(uint8_t number, struct bytes metadata)
{
	struct lpa_result result = { 0 };
	uint8_t iccid[ICCID_SIZE];
	struct dp dp;

	package_iccid(iccid, number);
	dp_start(&dp, &pki);
	dp_must(lpa_download(&lpa, &dp, metadata, package_profile(iccid), &result), "download");
	return result;
}

/* metadata with `addresses` configurations for every event, each address of `len` characters. */
static struct bytes metadata_of(uint8_t number, unsigned addresses, size_t len)
{
	static uint8_t octets[8 * 1024], list_octets[6 * 1024], iccid[ICCID_SIZE], text[300];
	struct room out = ROOM(octets), list = ROOM(list_octets);
	struct notification_configuration configuration = {
		.events = NOTIFY_INSTALL | NOTIFY_ENABLE | NOTIFY_DISABLE | NOTIFY_DELETE,
		.address = {text, len},
	};
	struct store_metadata metadata = {
		.iccid = BYTES(iccid),
		.service_provider_name = BYTES_STR("P"),
		.profile_name = BYTES_STR("N"),
		.icon_type = ICON_NONE,
		.profile_class = CLASS_OPERATIONAL,
	};

	package_iccid(iccid, number);
	memset(text, 'a', sizeof text);
	for (unsigned i = 0; i < addresses; i++)
		notification_configuration_put(&list, &configuration);
	metadata.notifications = room_used(&list);
	store_metadata_put(&out, &metadata);
	return room_used(&out);
}

static int turn(ber_tag tag, uint8_t number)
{
	uint8_t iccid[ICCID_SIZE];

	package_iccid(iccid, number);
	return lpa_switch(&lpa, tag, iccid, false);
}

static void addresses(void)
{
	uint8_t iccid[ICCID_SIZE];
	uint32_t last = 0;

	ok(download(1, metadata_of(1, ISDR_ADDRESSES_MAX, SERVER_ADDRESS_MAX)).success &&
	           download(2, metadata_of(2, ISDR_ADDRESSES_MAX, SERVER_ADDRESS_MAX)).success,
	   "two profiles with %d addresses of %d characters", ISDR_ADDRESSES_MAX,
	   SERVER_ADDRESS_MAX);
	ok(lpa_notifications(&lpa, 0, &last) == 2 * (ISDR_ADDRESSES_MAX + 1),
	   "all of them hear of the installation");
	ok(turn(TAG_ENABLE_PROFILE, 1) == RESULT_OK && turn(TAG_ENABLE_PROFILE, 2) == RESULT_OK,
	   "and a switch that notifies both profiles' addresses fits a transaction");
	ok(turn(TAG_DISABLE_PROFILE, 2) == RESULT_OK, "the last can be disabled");
	package_iccid(iccid, 1);
	ok(lpa_delete(&lpa, iccid) == RESULT_OK, "and both be deleted");
	package_iccid(iccid, 2);
	ok(lpa_delete(&lpa, iccid) == RESULT_OK, "one after the other");
	struct lpa_result result = download(3, metadata_of(3, ISDR_ADDRESSES_MAX + 1, 20));
	ok(result.reason == INSTALL_INCORRECT_INPUT_VALUES && result.command == BPP_STORE_METADATA,
	   "one address more is refused");
	result = download(3, metadata_of(3, 1, SERVER_ADDRESS_MAX + 1));
	ok(result.reason == INSTALL_INCORRECT_INPUT_VALUES, "so is a longer one");
}

/* The metadata part of the buffer: 1,920 octets. */
static void long_metadata(void)
{
	static uint8_t icon[ICON_MAX], name[PROFILE_NAME_MAX], octets[4096];
	uint8_t iccid[ICCID_SIZE], list_octets[1024];
	struct notification_configuration configuration = { .events = NOTIFY_DELETE };
	unsigned taken = 0, refused = 0;
	uint32_t last;

	package_iccid(iccid, 4);
	memset(name, 'x', sizeof name);
	for (size_t n = 60; n <= SERVER_ADDRESS_MAX; n += 17) {
		struct room out = ROOM(octets), list = ROOM(list_octets);
		configuration.address = (struct bytes){ octets, n };
		memset(octets, 'b', n);
		for (unsigned i = 0; i < ISDR_ADDRESSES_MAX; i++)
			notification_configuration_put(&list, &configuration);
		struct store_metadata metadata = {
			.iccid = BYTES(iccid),
			.service_provider_name = {name, SERVICE_PROVIDER_NAME_MAX},
			.profile_name = BYTES(name),
			.icon_type = ICON_PNG,
			.icon = BYTES(icon),
			.notifications = room_used(&list),
			.profile_class = CLASS_OPERATIONAL,
		};
		store_metadata_put(&out, &metadata);
		struct lpa_result result = download(4, room_used(&out));
		bool fits = out.len <= ISDR_METADATA_MAX;
		taken += fits && result.success && lpa_delete(&lpa, iccid) == RESULT_OK;
		refused += !fits && result.reason == INSTALL_INCORRECT_INPUT_VALUES;
	}
	ok(taken > 0 && refused > 0 && taken + refused == 5,
	   "metadata up to %d octets are taken (%u), longer ones are refused (%u)",
	   ISDR_METADATA_MAX, taken, refused);
	(void)lpa_notifications(&lpa, 0, &last);
}

static void full_card(void)
{
	static uint8_t octets[2048];
	uint8_t iccid[ICCID_SIZE], error;
	struct bytes list, element;
	struct profile_info info;
	unsigned n = 0, icons = 0;
	struct lpa_result result = { 0 };

	for (uint8_t number = 10; number < 10 + PROFILE_SLOTS + 1; number++) {
		struct room metadata = ROOM(octets);
		package_iccid(iccid, number);
		package_metadata(&metadata, iccid, CLASS_OPERATIONAL, 0, true);
		result = download(number, room_used(&metadata));
		n += result.success;
	}
	ok(n == PROFILE_SLOTS, "%u profiles find a place", n);
	ok(result.reason == INSTALL_INSUFFICIENT_MEMORY, "the next one does not (%u/%u)",
	   result.command, result.reason);
	lpa.apdus = 0;
	dp_must(profile_info_response_read(lpa_send_hex(&lpa, "BF2D00"), &list, &error), "list");
	ok(lpa.answer_len > PROFILE_SLOTS * 1024,
	   "the list with all icons has %zu octets, in %u APDUs", lpa.answer_len, lpa.apdus);
	for (n = 0; list.len > 0; n++) {
		dp_must(ber_read_whole(&list, TAG_PROFILE_INFO, &element), "E3");
		dp_must(profile_info_read(element, &info), "ProfileInfo");
		icons += info.icon.len == ICON_MAX;
	}
	ok(n == PROFILE_SLOTS && icons == n, "all whole");
	lpa.apdus = 0;
	dp_must(retrieve_notifications_response_read(lpa_send_hex(&lpa, "BF2B00"), &list), "list");
	for (n = 0; list.len > 0; n++)
		dp_must(pending_notification_next(&list, &element), "pending");
	ok(n == ISDR_LIST_MAX,
	   "%u notifications with their certificates have %zu octets, in %u APDUs", n,
	   lpa.answer_len, lpa.apdus);
}

int main(void)
{
	dp_pki_make(&pki, EC_P256);
	lpa_new(&lpa, &pki, NULL);
	addresses();
	long_metadata();
	full_card();
	printf("# struct card: %zu octets, struct isdr: %zu\n", sizeof lpa.card,
	       sizeof lpa.card.isdr);
	return done();
}
