/* SPDX-License-Identifier: Apache-2.0 */
/* The rest of board.c's board, where it is a host: its memory is the image in FILE, its terminal sends what standard input
 * has, a command in hexadecimal a line, and "reset". Prints the answers; leaves, and writes the memory back, at the end. */
#include "codec/hex.h"
#include "port/flash.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MEMORY_SIZE = 256 * 1024 };

uint8_t memory[MEMORY_SIZE];
size_t terminal_receive(uint8_t *command, size_t cap);
void terminal_send(struct bytes answer);
void board_main(void);

static const char *image;

static bool image_moved(const char *mode, bool in)
{
	FILE *file = fopen(image, mode);
	size_t n = file == NULL ? 0 : in ? fread(memory, 1, sizeof memory, file) : fwrite(memory, 1, sizeof memory, file);

	return file != NULL && fclose(file) == 0 && n == sizeof memory;
}

size_t terminal_receive(uint8_t *command, size_t cap)
{
	char line[1024];
	struct room room = { command, cap, 0, false };

	if (fgets(line, sizeof line, stdin) == NULL)
		exit(image_moved("wb", false) ? 0 : 1);
	line[strcspn(line, "\n")] = '\0';
	if (strcmp(line, "reset") == 0)
		return 0;
	if (hex_read(bytes_text(line), &room) != ERR_NONE || room.len == 0)
		exit(2);
	return room.len;
}

void terminal_send(struct bytes answer)
{
	for (size_t i = 0; i < answer.len; i++)
		printf("%02X", answer.at[i]);
	putchar('\n');
}

int main(int argc, char **argv)
{
	image = argc == 2 ? argv[1] : "";
	if (!image_moved("rb", true)) {
		fprintf(stderr, "%s: no image of %d octets\n", image, (int)MEMORY_SIZE);
		return 1;
	}
	board_main();
	return 1; /* mute */
}
