/* SPDX-License-Identifier: Apache-2.0 */
/* Law: a description without a flaw builds a package that passes the check and says what it said; a
 * description that is refused leaves nothing behind. */
#include "profile/check.h"
#include "profile/describe.h"

#include "fuzz/law.h"

#include <string.h>

static enum err sevens(uint8_t *out, size_t len)
{
	memset(out, 7, len);
	return ERR_NONE;
}

static enum err no_opc(const struct profile_description *what, struct secret *opc)
{
	opc->len = what->algorithm == ALGORITHM_TUAK ? 32 : 16;
	return ERR_NONE;
}

static void build(const struct profile_description *what)
{
	static uint8_t octets[PROFILE_PACKAGE_MAX];
	struct room out = ROOM(octets);
	struct profile_facts facts;
	struct profile_flaw flaw;

	LAW(profile_build(&out, what) == ERR_NONE);
	struct bytes package = room_used(&out);
	struct source source = source_memory(&package);
	LAW(profile_check(&source, &flaw) == ERR_NONE);
	LAW(profile_find_facts(&source, &facts) == ERR_NONE);
	LAW(strcmp(facts.imsi, what->imsi) == 0 && strcmp(facts.iccid, what->iccid) == 0);
	LAW(strcmp(facts.spn, what->spn) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct describe_ports ports = { sevens, no_opc };
	static const struct profile_description nothing;
	struct profile_description what;
	struct describe_flaw flaw;

	if (profile_describe((struct bytes){ data, size }, &what, &flaw) != ERR_NONE) {
		LAW(memcmp(&what, &nothing, sizeof what) == 0);
		LAW(flaw.line > 0 && flaw.says != NULL);
		return 0;
	}
	if (profile_complete(&what, &ports) != ERR_NONE)
		return 0;
	if (profile_description_flaw(&what) == NULL)
		build(&what);
	if (profile_step(&what, size) == ERR_NONE && profile_description_flaw(&what) == NULL)
		build(&what);
	return 0;
}
