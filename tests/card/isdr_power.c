/* SPDX-License-Identifier: Apache-2.0 */
/*
 * I5, I2: the power is cut at every single write of an installation, an enable, a disable, a delete and
 * a memory reset. Afterwards the card is as before or as after, never between; what it acknowledged is
 * there; and it goes on working.
 */
#include "tests/card/lpa.h"
#include "tests/card/package.h"

enum { TEARS = 4 };

static struct dp_pki pki;
static struct lpa lpa;
static struct mem_flash before; /* the card as it was when the deed began */

/* What can be seen from outside: profile states, pending notifications, the address. */
struct view {
	int one, two;
	unsigned notifications;
	uint32_t last;
	bool address;
};

static struct view look(void)
{
	struct configured_addresses addresses;
	uint8_t one[ICCID_SIZE], two[ICCID_SIZE];
	struct view view = { 0 };

	package_iccid(one, 1);
	package_iccid(two, 2);
	view.one = lpa_profile(&lpa, one);
	view.two = lpa_profile(&lpa, two);
	view.notifications = lpa_notifications(&lpa, 0, &view.last);
	dp_must(configured_addresses_read(lpa_send_hex(&lpa, "BF3C00"), &addresses), "addresses");
	view.address = addresses.default_dp.at != NULL;
	return view;
}

static bool same(const struct view *a, const struct view *b)
{
	return a->one == b->one && a->two == b->two && a->notifications == b->notifications &&
	       a->last == b->last && a->address == b->address;
}

static bool download(uint8_t number)
{
	uint8_t iccid[ICCID_SIZE], octets[2048];
	struct room metadata = ROOM(octets);
	struct lpa_result result = { 0 };
	struct dp dp;

	package_iccid(iccid, number);
	package_metadata(&metadata, iccid, CLASS_OPERATIONAL, 0, true);
	dp_start(&dp, &pki);
	return lpa_download(&lpa, &dp, room_used(&metadata), package_profile(iccid), &result) ==
	               ERR_NONE &&
	       result.success;
}

static bool install_two(void)
{
	return download(2);
}

static bool enable_two(void)
{
	uint8_t iccid[ICCID_SIZE];

	package_iccid(iccid, 2);
	return lpa_switch(&lpa, TAG_ENABLE_PROFILE, iccid, false) == RESULT_OK;
}

static bool disable_two(void)
{
	uint8_t iccid[ICCID_SIZE];

	package_iccid(iccid, 2);
	return lpa_switch(&lpa, TAG_DISABLE_PROFILE, iccid, false) == RESULT_OK;
}

static bool delete_two(void)
{
	uint8_t iccid[ICCID_SIZE];

	package_iccid(iccid, 2);
	return lpa_delete(&lpa, iccid) == RESULT_OK;
}

static bool reset_all(void)
{
	uint8_t octets[16];
	struct room request = ROOM(octets);

	memory_reset_put(&request, RESET_OPERATIONAL_PROFILES | RESET_DEFAULT_DP_ADDRESS);
	return lpa_number(&lpa, TAG_EUICC_MEMORY_RESET, room_used(&request)) == RESULT_OK;
}

/* sweep cuts at each write of the deed, with several ways in which what was not synced can tear. */
static void sweep(const char *says, bool (*deed)(void))
{
	unsigned cuts = 0, old = 0, new = 0, between = 0, forgotten = 0, dead = 0;
	struct view first = look(), last;

	mem_power(&lpa.flash, -1, 0);
	mem_copy(&before, &lpa.flash);
	dp_must(lpa_on(&lpa), "power");
	if (!ok(deed(), "%s", says))
		return;
	long writes = lpa.flash.writes;
	last = look();
	for (long n = 0; n < writes * TEARS; n++, cuts++) {
		mem_copy(&lpa.flash, &before);
		mem_power(&lpa.flash, n / TEARS, (uint32_t)(n * 2654435761u + 1));
		enum err err = lpa_on(&lpa);
		bool acknowledged = err == ERR_NONE && deed();
		/* Power comes back for a moment only: what is being repaired is cut as well. */
		mem_power(&lpa.flash, n % 11, (uint32_t)n + 7);
		if (lpa_on(&lpa) == ERR_NONE)
			lpa_send_hex(&lpa, "BF3C00");
		mem_power(&lpa.flash, -1, 0);
		if (lpa_on(&lpa) != ERR_NONE) {
			dead++;
			continue;
		}
		struct view view = look();
		old += same(&view, &first);
		new += same(&view, &last);
		between += !same(&view, &first) && !same(&view, &last);
		forgotten += acknowledged && !same(&view, &last);
	}
	ok(between == 0 && dead == 0, "I5: %s: %u cuts, %u times old, %u new, %u between, %u dead",
	   says, cuts, old, new, between, dead);
	ok(forgotten == 0, "what was acknowledged is there");
	mem_copy(&lpa.flash, &before);
	mem_power(&lpa.flash, -1, 0);
	dp_must(lpa_on(&lpa), "power");
	ok(deed(), "and can be done after all");
}

int main(void)
{
	dp_pki_make(&pki, EC_P256);
	lpa_new(&lpa, &pki, NULL);
	mem_make(&before, LPA_FLASH);
	if (!download(1))
		return EXIT_FAILURE;
	sweep("install", install_two);
	sweep("enable", enable_two);
	sweep("disable", disable_two);
	sweep("delete", delete_two);
	ok(download(2), "a profile can be installed again");
	sweep("memory reset", reset_all);
	return done();
}
