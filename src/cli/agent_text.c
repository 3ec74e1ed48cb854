/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/agent.h"
#include "codec/hex.h"

#include <string.h>

const char *iccid_text(struct bytes iccid, char out[static ICCID_TEXT_MAX])
{
	struct room text = { (uint8_t *)out, ICCID_TEXT_MAX - 1, 0, false };

	if (iccid.len != ICCID_SIZE || rsp_iccid_text(iccid.at, &text) != ERR_NONE)
		text.len = 0;
	out[text.len] = 0;
	return out;
}

const char *hex_text(struct bytes octets, char out[static HEX_TEXT_MAX])
{
	struct room text = { (uint8_t *)out, HEX_TEXT_MAX - 1, 0, false };

	hex_put_upper(&text, octets);
	out[text.full ? 0 : text.len] = 0;
	return out;
}

const char *utf8_text(struct bytes text, char out[static UTF8_TEXT_MAX])
{
	size_t len = text.len < UTF8_TEXT_MAX ? text.len : UTF8_TEXT_MAX - 1;

	for (size_t i = 0; i < len; i++) {
		out[i] = (char)text.at[i];
		if (text.at[i] < 0x20 || text.at[i] == 0x7F)
			out[i] = '?';
	}
	out[len] = 0;
	return out;
}

const char *event_text(uint32_t event)
{
	switch (event) {
	case NOTIFY_INSTALL:
		return "install";
	case NOTIFY_ENABLE:
		return "enable";
	case NOTIFY_DISABLE:
		return "disable";
	case NOTIFY_DELETE:
		return "delete";
	default:
		return "?";
	}
}

const char *class_text(uint8_t profile_class)
{
	switch (profile_class) {
	case CLASS_TEST:
		return "test";
	case CLASS_PROVISIONING:
		return "provisioning";
	case CLASS_OPERATIONAL:
		return "operational";
	default:
		return "?";
	}
}
