/* SPDX-License-Identifier: Apache-2.0 */
/* Law: an installation that fails leaves the card as it was, and says why; one that succeeds makes a
 * tree that opens. */
#include "tests/card/upp.h"

#include "fuzz/law.h"

enum { FLASH_SIZE = 128 * 1024, SIZE_MAX_HERE = 1 << 15 };

static struct mem_flash flash, start;
static struct card card;

/* The MF with one file, PINs none: enough for a profile that is already there. */
static const uint8_t small[] = {
	0xA0, 0x18, 0x80, 0x01, 0x02, 0x81, 0x01, 0x03, 0x83, 0x0A, 0x89, 0x49, 0x00, 0x00,
	0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xA5, 0x02, 0x81, 0x00, 0xA6, 0x00,
	0xB0, 0x33, 0xA0, 0x03, 0x81, 0x01, 0x01, 0x81, 0x06, 0x67, 0x81, 0x0F, 0x01, 0x02,
	0x01, 0xA2, 0x00, 0xA4, 0x0C, 0x83, 0x0A, 0x98, 0x94, 0x00, 0x00, 0x00, 0x00, 0x00,
	0x00, 0x00, 0x00, 0xA5, 0x0A, 0xA1, 0x08, 0x82, 0x04, 0x42, 0x21, 0x00, 0x08, 0x80,
	0x00, 0xA6, 0x00,
	0xAA, 0x05, 0xA0, 0x03, 0x81, 0x01, 0x02,
};

static uint32_t tree_sum(uint8_t slot)
{
	struct fs tree;
	struct node node;
	uint32_t sum = 1;

	if (fs_open(&tree, &card.vault, (uint8_t)(PROFILE_VOLUME + slot)) != ERR_NONE)
		return 0;
	for (uint16_t n = 0; fs_node(&tree, n, &node) == ERR_NONE; n++) {
		uint8_t octet = 0;
		sum = sum * 31 + node.fid + node.kind + node.size;
		for (uint32_t at = 0; at < node.size; at++)
			if (fs_read(&tree, n, at, &octet, 1) == ERR_NONE)
				sum = sum * 31 + octet;
	}
	return sum;
}

static void begin(void)
{
	struct pe_result result;

	mem_make(&start, FLASH_SIZE);
	mem_make(&flash, FLASH_SIZE);
	struct card_ports ports = { mem_port(&start), NULL };
	LAW(card_format(&card, &ports) == ERR_NONE);
	(void)!upp_install(&card, 1, BYTES(small), &result); /* may be one that is refused: see law */
	LAW(mem_sync(&start) == ERR_NONE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct card_ports ports = { mem_port(&flash), NULL };
	struct pe_result result;
	uint8_t slot = 1;

	if (size > SIZE_MAX_HERE)
		return 0;
	if (start.now == NULL)
		begin();
	ports.flash = mem_port(&flash);
	if (flash.now == NULL)
		return 0;
	mem_copy(&flash, &start);
	LAW(card_init(&card, &ports) == ERR_NONE);
	uint32_t free_before = vault_free(&card.vault), before = tree_sum(1);
	enum err err = upp_install(&card, 2, (struct bytes){ data, size }, &result);
	LAW(tree_sum(1) == before);
	LAW(err != ERR_CORRUPT);
	if (err == ERR_NONE) {
		LAW(tree_sum(2) != 0);
	} else {
		LAW(result.status != PE_OK || err == ERR_FULL);
		LAW(vault_free(&card.vault) == free_before);
		LAW(profile_next(&card, &slot) == ERR_NOT_FOUND);
	}
	card_check(&card);
	return 0;
}
