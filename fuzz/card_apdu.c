/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Law: a card with a profile answers any sequence of commands, each with data and a status word, and
 * its invariants hold after each. The same sequence on the same flash gives the same answers and leaves
 * the same flash. After a power cycle every file is there as it was left.
 *
 * Input: commands, each behind an octet that says its length; 0 is a reset.
 */
#include "fuzz/law.h"
#include "tests/card/mini.h"
#include "tests/flash.h"

enum { SIZE = 80 * 1024, COMMANDS_MAX = 200, INS_GET_CHALLENGE = 0x84 };

static struct mem_flash flash, blank, first;
static struct card card;

static void prepare(void)
{
	struct mini mini;

	mem_make(&flash, SIZE);
	mem_make(&blank, SIZE);
	mem_make(&first, SIZE);
	struct card_ports ports = { mem_port(&flash), NULL };

	LAW(card_format(&card, &ports) == ERR_NONE);
	LAW(mini_install(&card, 1, &mini) == ERR_NONE);
	LAW(mini_enable(&card, 1) == ERR_NONE);
	mem_power(&flash, -1, 0);
	mem_copy(&blank, &flash);
}

static uint32_t mix(uint32_t sum, struct bytes in)
{
	for (size_t i = 0; i < in.len; i++)
		sum = (sum ^ in.at[i]) * 16777619u;
	return sum;
}

/* Random answers, and the ISD-R's (whose challenges are random), are not compared. */
static bool repeats(struct bytes command)
{
	return command.len < 2 || (command.at[1] != INS_GET_CHALLENGE && command.at[1] != 0xC0 &&
	                           command.at[1] != 0xE2);
}

static uint32_t sequence(struct bytes in)
{
	uint8_t answer[APDU_REPLY_MAX];
	struct bytes length, command;
	uint32_t sum = 0;

	for (unsigned i = 0; i < COMMANDS_MAX && bytes_take(&in, 1, &length); i++) {
		size_t n = length.at[0] < in.len ? length.at[0] : in.len;
		struct room reply = ROOM(answer);
		if (n == 0)
			card_reset(&card);
		if (n == 0 || !bytes_take(&in, n, &command))
			continue;
		card_run(&card, command, &reply);
		LAW(!reply.full && reply.len >= 2);
		uint8_t sw1 = answer[reply.len - 2];
		LAW((sw1 & 0xF0) == 0x60 || (sw1 & 0xF0) == 0x90);
		card_check(&card);
		if (repeats(command))
			sum = mix(sum, room_used(&reply));
	}
	return sum;
}

static void power(void)
{
	struct card_ports ports = { mem_port(&flash), NULL };

	mem_power(&flash, -1, 0);
	LAW(card_init(&card, &ports) == ERR_NONE);
}

/* Every file of the tree, as its content lies. */
static uint32_t contents(void)
{
	uint32_t sum = 0;
	struct node node;

	for (uint16_t n = 0; n < card.fs.nodes; n++) {
		LAW(fs_node(&card.fs, n, &node) == ERR_NONE);
		for (uint32_t at = 0; node_is_file(&node) && at < node.size;) {
			uint8_t part[256];
			size_t len = node.size - at < sizeof part ? node.size - at : sizeof part;
			LAW(fs_read(&card.fs, n, at, part, len) == ERR_NONE);
			sum = mix(sum, (struct bytes){ part, len });
			at += (uint32_t)len;
		}
	}
	return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes in = { data, size };

	if (flash.now == NULL)
		prepare();
	mem_copy(&flash, &blank);
	power();
	uint32_t sum = sequence(in), before = contents();
	memcpy(first.now, flash.now, SIZE);

	mem_copy(&flash, &blank);
	power();
	LAW(sequence(in) == sum);
	LAW(memcmp(first.now, flash.now, SIZE) == 0);
	power();
	LAW(contents() == before);
	return 0;
}
