/* SPDX-License-Identifier: Apache-2.0 */
/* I5: the power fails at every single write of an installation. Afterwards the new profile is there,
 * whole, or not at all; the one that was there before is untouched either way. */
#include "profile/build.h"
#include "tests/card/upp.h"
#include "tests/profile/describe.h"
#include "tests/tap.h"

enum { FLASH_SIZE = 128 * 1024 };

static struct mem_flash start, flash;
static struct card card;
static uint8_t octets[2][PROFILE_PACKAGE_MAX];
static struct bytes packages[2];

static struct card_ports ports_of(struct mem_flash *f)
{
	return (struct card_ports){ mem_port(f), NULL };
}

static bool make_packages(void)
{
	for (size_t n = 0; n < 2; n++) {
		struct room out = ROOM(octets[n]);
		struct profile_description d;
		uint64_t state = 99 + n;
		describe(&state, &d);
		d.telecom = d.n5gs = d.gsm = d.isim = n == 0;
		d.pin1_enabled = false;
		if (profile_build(&out, &d) != ERR_NONE)
			return false;
		packages[n] = room_used(&out);
	}
	return true;
}

/* A sum over every node and every content of a slot's tree; 0 when there is none. */
static uint32_t tree_sum(uint8_t slot)
{
	struct fs tree;
	struct node node;
	uint32_t sum = 1;

	if (fs_open(&tree, &card.vault, (uint8_t)(PROFILE_VOLUME + slot)) != ERR_NONE)
		return 0;
	for (uint16_t n = 0; fs_node(&tree, n, &node) == ERR_NONE; n++) {
		sum = sum * 31 + node.fid + node.kind + node.size;
		for (uint32_t at = 0; node.kind >= NODE_TRANSPARENT && at < node.size; at++) {
			uint8_t octet;
			if (fs_read(&tree, n, at, &octet, 1) != ERR_NONE)
				break;
			sum = sum * 31 + octet;
		}
	}
	return sum;
}

static bool has_head(uint8_t slot)
{
	struct profile_head head;

	return profile_head_read(&card, slot, &head) == ERR_NONE;
}

static void sweep(uint32_t first, uint32_t second, uint32_t free_before)
{
	struct card_ports ports = ports_of(&flash);
	unsigned cuts = 0, torn = 0, kept = 0, lost = 0;
	struct pe_result result;

	for (long n = 0;; n++) {
		mem_copy(&flash, &start);
		mem_power(&flash, -1, 1);
		if (card_init(&card, &ports) != ERR_NONE)
			break;
		flash.writes_left = n;
		flash.dice = (uint32_t)n * 2654435761u + 1;
		enum err err = upp_install(&card, 2, packages[1], &result);
		bool cut = flash.dead;
		mem_power(&flash, -1, 1);
		if (card_init(&card, &ports) != ERR_NONE) {
			torn++;
			continue;
		}
		uint32_t sum = tree_sum(2);
		bool there = has_head(2);
		torn += tree_sum(1) != first || there != (sum == second) || (!there && sum != 0);
		lost += err == ERR_NONE && !there;
		torn += !there && vault_free(&card.vault) != free_before;
		kept += there;
		cuts++;
		if (!cut)
			break;
	}
	ok(torn == 0, "%u cuts: old or new, never between (%u torn)", cuts, torn);
	ok(lost == 0, "what was acknowledged is there");
	ok(kept > 0 && kept < cuts, "both happened: %u times it was there", kept);
}

int main(void)
{
	struct card_ports ports;
	struct pe_result result;

	mem_make(&start, FLASH_SIZE);
	mem_make(&flash, FLASH_SIZE);
	ports = ports_of(&start);
	ok(make_packages(), "two packages");
	ok_err(card_format(&card, &ports), ERR_NONE, "a blank card");
	ok_err(upp_install(&card, 1, packages[0], &result), ERR_NONE, "the first is installed");
	ok_err(upp_enable(&card, 1), ERR_NONE, "and enabled");
	uint32_t first = tree_sum(1), free_before = vault_free(&card.vault);
	ok(first > 1 && mem_sync(&start) == ERR_NONE, "it can be read");
	mem_copy(&flash, &start);
	ports = ports_of(&flash);
	ok_err(card_init(&card, &ports), ERR_NONE, "a copy of the card");
	ok_err(upp_install(&card, 2, packages[1], &result), ERR_NONE, "takes the second");
	uint32_t second = tree_sum(2);
	sweep(first, second, free_before);
	return done();
}
