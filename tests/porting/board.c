/* SPDX-License-Identifier: Apache-2.0 */
/* A card in a firmware, as docs/porting.md puts it there: memory that is overwritten octet by octet (FRAM, MRAM), and a
 * terminal that gives whole commands. What is declared and not here is the board's. */
#include "card/card.h"

#include <string.h>

enum { MEMORY_SIZE = 256 * 1024 };

extern uint8_t memory[MEMORY_SIZE];                    /* a write is durable, and in order, when it returns */
size_t terminal_receive(uint8_t *command, size_t cap); /* one whole command; 0: the reset line */
void terminal_send(struct bytes answer);
void board_main(void);

static bool inside(uint32_t at, size_t len)
{
	return at <= MEMORY_SIZE && len <= MEMORY_SIZE - at;
}

static enum err memory_read(void *ctx, uint32_t at, uint8_t *out, size_t len)
{
	(void)ctx;
	if (!inside(at, len))
		return ERR_VALUE;
	memcpy(out, memory + at, len);
	return ERR_NONE;
}

static enum err memory_write(void *ctx, uint32_t at, struct bytes data)
{
	(void)ctx;
	if (!inside(at, data.len))
		return ERR_VALUE;
	memcpy(memory + at, data.at, data.len);
	return ERR_NONE;
}

void board_main(void)
{
	static struct card card; /* it stays where it was initialised */
	static const struct card_ports ports = {
		.flash = { NULL, MEMORY_SIZE, memory_read, memory_write, NULL },
		.seal = NULL,
	};
	uint8_t command[5 + APDU_DATA_MAX + 1], answer[APDU_REPLY_MAX];

	if (card_init(&card, &ports) != ERR_NONE)
		return; /* a card that is mute */
	for (;;) {
		size_t len = terminal_receive(command, sizeof command);
		struct room reply = ROOM(answer);

		if (len > 0)
			card_run(&card, (struct bytes){ command, len }, &reply);
		terminal_send(len > 0 ? room_used(&reply) : card_reset(&card));
	}
}
