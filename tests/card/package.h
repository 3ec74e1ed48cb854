/* SPDX-License-Identifier: Apache-2.0 */
/* Small profiles for tests of the card: numbered ICCIDs, metadata and a package that fits them. */
#ifndef TESTS_CARD_PACKAGE_H
#define TESTS_CARD_PACKAGE_H

#include "profile/build.h"
#include "rsp/metadata.h"
#include "rsp/rsp.h"
#include "tests/tap.h"

/* The subscriber key of every test profile: easy to find where it must not be. */
#define PACKAGE_K "TESTKEY-K-000016"

UNUSED static void package_digits(char digits[static ICCID_TEXT], uint8_t number)
{
	snprintf(digits, ICCID_TEXT, "8949111122223333%02u", number % 100u);
	size_t len = strlen(digits);
	digits[len] = luhn_digit(digits);
	digits[len + 1] = '\0';
}

/* package_iccid is the ICCID of test profile `number`, as EF.ICCID and StoreMetadata have it. */
UNUSED static void package_iccid(uint8_t iccid[static ICCID_SIZE], uint8_t number)
{
	char digits[ICCID_TEXT];

	package_digits(digits, number);
	if (rsp_iccid_read(bytes_text(digits), iccid) != ERR_NONE) {
		printf("Bail out! bad test ICCID %s\n", digits);
		exit(EXIT_FAILURE);
	}
}

/* package_metadata appends StoreMetadata with an icon and an address for each event. The owner is 26242,
 * whom the test cards' rules authorisation table names, or else 99970. */
UNUSED static void package_metadata(struct room *out, const uint8_t iccid[static ICCID_SIZE],
                                    uint8_t profile_class, uint32_t pprs, bool authorised_owner)
{
	static const uint8_t icon[1024] = { 0x89, 'P', 'N', 'G' };
	uint8_t octets[128];
	struct room addresses = ROOM(octets);
	struct notification_configuration every = {
		.events = NOTIFY_INSTALL | NOTIFY_ENABLE | NOTIFY_DISABLE | NOTIFY_DELETE,
		.address = BYTES_STR("notify.example.com"),
	};
	struct notification_configuration some = {
		.events = NOTIFY_DELETE,
		.address = BYTES_STR("delete.example.com"),
	};
	struct store_metadata metadata = {
		.iccid = {iccid, ICCID_SIZE },
		.service_provider_name = BYTES_STR("Provider"),
		.profile_name = BYTES_STR("Test profile"),
		.icon_type = ICON_PNG,
		.icon = BYTES(icon),
		.profile_class = profile_class,
		.has_owner = true,
		.owner = { .mcc_mnc = authorised_owner ? BYTES_STR("\x62\xF2\x24")
		                                       : BYTES_STR("\x99\xF9\x07")   },
		.has_pprs = pprs != 0,
		.pprs = pprs,
	};

	notification_configuration_put(&addresses, &every);
	notification_configuration_put(&addresses, &some);
	metadata.notifications = room_used(&addresses);
	store_metadata_put(out, &metadata);
}

/* package_profile builds a USIM profile for that ICCID; it is overwritten by the next call. */
UNUSED static struct bytes package_profile(const uint8_t iccid[static ICCID_SIZE])
{
	static uint8_t octets[PROFILE_PACKAGE_MAX];
	static struct profile_description what;
	struct room out = ROOM(octets);
	uint8_t text_octets[ICCID_TEXT];
	struct room text = ROOM(text_octets);
	enum err err = rsp_iccid_text(iccid, &text);

	profile_defaults(&what);
	memcpy(what.iccid, text.at, text.len);
	what.iccid[text.len] = '\0';
	strcpy(what.name, "Test");
	strcpy(what.imsi, "262420000000001");
	what.mnc_digits = 2;
	what.isim = true;
	what.k = (struct secret){ PACKAGE_K, 16 };
	what.opc = (struct secret){
		{0xCD, 0x63},
                16
	};
	strcpy(what.pin1, "1234");
	strcpy(what.pin2, "5678");
	strcpy(what.puk1, "12345678");
	strcpy(what.puk2, "87654321");
	what.adm1 = (struct secret){ "ADM1ADM1", 8 };
	if (err == ERR_NONE)
		err = profile_build(&out, &what);
	if (err != ERR_NONE) {
		printf("Bail out! no test profile: %s\n", err_name(err));
		exit(EXIT_FAILURE);
	}
	return room_used(&out);
}

#endif
