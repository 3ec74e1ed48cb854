/* SPDX-License-Identifier: Apache-2.0 */
/* Packages that are built say what the description said, and nothing else. */
#include "profile/build.h"
#include "profile/check.h"
#include "profile/copy.h"
#include "tests/profile/describe.h"
#include "tests/tap.h"

enum { ROUNDS = 2000 };

static uint8_t octets[PROFILE_PACKAGE_MAX], second[PROFILE_PACKAGE_MAX];

static bool facts_agree(const struct source *source, const struct profile_description *d)
{
	struct profile_facts facts;

	return profile_find_facts(source, &facts) == ERR_NONE &&
	       strcmp(facts.iccid, d->iccid) == 0 && strcmp(facts.imsi, d->imsi) == 0 &&
	       strcmp(facts.spn, d->spn) == 0 && strcmp(facts.type, d->name) == 0 &&
	       facts.mnc_digits == d->mnc_digits && facts.isim == d->isim;
}

static bool key_agrees(const struct source *source, const struct profile_description *d)
{
	struct aka_parameter aka;
	bool same = profile_find_aka(source, &aka) == ERR_NONE && aka.algorithm == d->algorithm &&
	            secret_same(secret_bytes(&aka.key), secret_bytes(&d->k)) &&
	            secret_same(secret_bytes(&aka.opc), secret_bytes(&d->opc));

	aka_parameter_clear(&aka);
	return same;
}

static bool normal(const struct source *source, struct bytes package)
{
	struct room out = ROOM(second);

	return profile_copy(source, &out, NULL) == ERR_NONE && bytes_same(room_used(&out), package);
}

static const char *round_trip(uint64_t seed)
{
	struct profile_description d;
	struct room out = ROOM(octets);
	struct profile_flaw flaw;
	uint64_t state = seed * 0x9E3779B97F4A7C15 + 1;

	describe(&state, &d);
	if (profile_description_flaw(&d) != NULL)
		return profile_description_flaw(&d);
	if (profile_build(&out, &d) != ERR_NONE)
		return "does not build";
	struct bytes package = room_used(&out);
	struct source source = source_memory(&package);
	if (!facts_agree(&source, &d))
		return "facts differ";
	if (!key_agrees(&source, &d))
		return "keys differ";
	if (!normal(&source, package))
		return "not in normal form";
	if (profile_check(&source, &flaw) != ERR_NONE)
		return flaw.says;
	return NULL;
}

static void rooms_too_small(void)
{
	struct profile_description d;
	uint64_t state = 7;
	struct room out = ROOM(octets);
	bool refused = true;

	describe(&state, &d);
	ok_err(profile_build(&out, &d), ERR_NONE, "a package is built");
	for (size_t cap = 0; cap < out.len; cap += 13) {
		struct room small = { second, cap, 0, false };
		refused = refused && profile_build(&small, &d) == ERR_ROOM;
	}
	ok(refused, "every smaller room is refused");
	d.imsi[2] = 'x';
	ok(profile_description_flaw(&d) != NULL &&
	           strcmp(profile_description_flaw(&d), "imsi") == 0,
	   "a flaw has a name");
	ok_err(profile_build(&out, &d), ERR_VALUE, "and is refused");
}

static const struct {
	const char *says, *digits;
	char check;
} luhns[] = {
	{"Luhn's own example", "7992739871",          '3'},
	{ "an ICCID of TS.48", "8900012345678901234", '1'},
	{ "zero",              "0",                   '0'},
};

int main(void)
{
	unsigned failed = 0;

	for (uint64_t seed = 0; seed < ROUNDS && failed < 5; seed++) {
		const char *why = round_trip(seed);
		if (why != NULL) {
			printf("# seed %llu: %s\n", (unsigned long long)seed, why);
			failed++;
		}
	}
	ok(failed == 0, "%d random descriptions are built, read, checked and written again",
	   ROUNDS);
	rooms_too_small();
	for (size_t i = 0; i < COUNT(luhns); i++)
		ok(luhn_digit(luhns[i].digits) == luhns[i].check, "%s", luhns[i].says);
	char number[] = "08999";
	ok(digits_add(number, 5, 2) && strcmp(number, "09001") == 0, "digits carry");
	ok(!digits_add(number, 5, 91000), "and run out");
	return done();
}
