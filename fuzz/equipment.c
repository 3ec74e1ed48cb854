/* SPDX-License-Identifier: Apache-2.0 */
/* Law: what a server wants of the machine and what it decides is read the same when it is written again, names only
 * what there is, and has nothing in it that a terminal would obey; what is refused leaves everything as it was. */
#include "agent/equipment.h"

#include "fuzz/law.h"

#include <string.h>

static void put_numbers(char *out, size_t cap, uint32_t mask)
{
	size_t len = 0;

	out[0] = 0;
	for (unsigned n = 0; n < 32; n++) {
		if (!(mask >> n & 1))
			continue;
		len += (size_t)snprintf(out + len, cap - len, "%s%u", len > 0 ? "," : "", n);
		LAW(len < cap);
	}
}

static void put_names(char *out, size_t cap, uint32_t mask, const char *const *names,
                      unsigned count)
{
	size_t len = 0;

	out[0] = 0;
	LAW(mask >> count == 0);
	for (unsigned n = 0; n < count; n++) {
		if (mask >> n & 1)
			len += (size_t)snprintf(out + len, cap - len, "%s\"%s\"",
			                        len > 0 ? "," : "", names[n]);
		LAW(len < cap);
	}
}

static void hold_wanted(struct bytes in)
{
	static const char *const formats[] = { "none", "tpm", "psa", "statement" };
	static const char *const banks[] = { "sha1", "sha256", "sha384", "sha512" };
	struct equipment_wanted wanted = { 7, 7, 7 }, again;
	char f[80], b[80], p[120], text[400];

	if (equipment_wanted_read(in, &wanted) != ERR_NONE) {
		LAW(wanted.formats == 7 && wanted.banks == 7 && wanted.pcrs == 7);
		return;
	}
	put_names(f, sizeof f, wanted.formats, formats, 4);
	put_names(b, sizeof b, wanted.banks, banks, 4);
	put_numbers(p, sizeof p, wanted.pcrs);
	int len = snprintf(text, sizeof text, "{\"formats\":[%s],\"banks\":[%s],\"pcrs\":[%s]}", f,
	                   b, p);
	LAW(len > 0 && (size_t)len < sizeof text);
	LAW(equipment_wanted_read((struct bytes){ (const uint8_t *)text, (size_t)len }, &again) ==
	    ERR_NONE);
	LAW(again.formats == wanted.formats && again.banks == wanted.banks &&
	    again.pcrs == wanted.pcrs && wanted.pcrs >> TPM_PCRS == 0);
}

static void hold_result(struct bytes in)
{
	static struct equipment_result result;

	memset(&result, 0x55, sizeof result);
	if (equipment_result_read(in, &result) != ERR_NONE) {
		LAW(result.why[0] == 0x55);
		return;
	}
	LAW(result.decision < DECISIONS);
	LAW(memchr(result.why, 0, sizeof result.why) != NULL);
	for (const char *at = result.why; *at != 0; at++)
		LAW((unsigned char)*at >= 0x20 && *at != 0x7F);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	hold_wanted((struct bytes){ data, size });
	hold_result((struct bytes){ data, size });
	return 0;
}
