/* SPDX-License-Identifier: Apache-2.0 */
/* Law: a line of the configuration that is refused says why and changes nothing. */
#include "server/config.h"

#include "fuzz/law.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct config config, before;
	struct config_section section = { .seen = 0 };
	char text[1024], *rest = text;

	if (size >= sizeof text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	config_defaults(&config);
	for (char *line; (line = strsep(&rest, "\n")) != NULL;) {
		const char *why = NULL;
		memcpy(&before, &config, sizeof config);
		if (config_line(&config, &section, line, &why) == ERR_NONE)
			continue;
		LAW(why != NULL);
		LAW(memcmp(&before, &config, sizeof config) == 0);
		return 0;
	}
	return 0;
}
