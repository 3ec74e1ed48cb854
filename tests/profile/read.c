/* SPDX-License-Identifier: Apache-2.0 */
/* The GSMA TS.48 v7 packages, unmodified: read through, found in, written again. */
#include "profile/check.h"
#include "profile/copy.h"
#include "profile/find.h"
#include "tests/tap.h"

static const struct {
	const char *file;
	const char *says;
	unsigned elements;
	bool ber_tlv;
} packages[] = {
	{"rsp/ts48/ts48-v7-saip2.3-bertlv-suci.der", "with BER-TLV files",    30, true },
	{ "rsp/ts48/ts48-v7-saip2.3-nobertlv.der",   "without BER-TLV files", 30, false},
};

static void elements(const struct source *source, unsigned want, const char *says)
{
	struct cursor all = cursor_all(source, NULL);
	unsigned count = 0, unknown = 0;
	struct pe pe = { 0 };
	enum err err = ERR_NONE;

	while (err == ERR_NONE && !cursor_done(&all)) {
		err = pe_next(&all, &pe);
		unknown += pe.kind == PE_KINDS;
		count++;
	}
	ok_err(err, ERR_NONE, "every element has a header");
	ok(count == want, "%s: %u elements (%u)", says, want, count);
	ok(unknown == 0 && pe.kind == PE_END, "the last one is the end, none is unknown");
}

static void facts(const struct source *source, bool ber_tlv)
{
	struct profile_facts facts;

	if (!ok_err(profile_find_facts(source, &facts), ERR_NONE, "facts are found"))
		return;
	ok(strcmp(facts.iccid, "89000123456789012341") == 0, "ICCID %s", facts.iccid);
	ok(strcmp(facts.imsi, "001010123456789") == 0, "IMSI %s", facts.imsi);
	ok(strcmp(facts.type, "GSMA Generic eUICC Test Profile") == 0, "type %s", facts.type);
	ok(facts.mnc_digits == 2, "MNC has two digits (%u)", facts.mnc_digits);
	ok(facts.isim, "an ISIM is in it");
	ok((facts.services >> SERVICE_USIM_TEST_ALGORITHM & 1) != 0,
	   "the test algorithm is asked for");
	ok((facts.services >> SERVICE_BER_TLV & 1) == ber_tlv, "so are BER-TLV files, or not");
	ok(strcmp(facts.spn, "GSMA_TEST") == 0, "its SPN is in the GSM alphabet: %s", facts.spn);
}

static void key(const struct source *source)
{
	struct aka_parameter aka;
	struct aka_sizes sizes;
	uint8_t k[16];

	for (uint8_t n = 0; n < 16; n++)
		k[n] = n;
	if (!ok_err(profile_find_aka(source, &aka), ERR_NONE, "the USIM's key is found"))
		return;
	ok(aka.algorithm == ALGORITHM_USIM_TEST, "its algorithm is the one for tests");
	ok(secret_same(secret_bytes(&aka.key), BYTES(k)), "its key is the published one");
	ok(aka_sizes_of(&aka, &sizes) == ERR_NONE && sizes.res == 16, "RES has 128 bits");
	aka_parameter_clear(&aka);
}

static void again(const struct source *source, struct bytes in)
{
	static uint8_t octets[1 << 16];
	struct room out = ROOM(octets);
	struct fault fault = { 0, 0, false };
	enum err err = profile_copy(source, &out, &fault);

	ok_err(err, ERR_NONE, "it is written again");
	if (err != ERR_NONE)
		printf("# at %u, tag %X\n", fault.at, fault.want);
	ok(bytes_same(room_used(&out), in), "and is the same, octet by octet");
	for (size_t n = 0; n < out.len && n < in.len; n++)
		if (octets[n] != in.at[n]) {
			printf("# first difference at %zu of %zu and %zu\n", n, out.len, in.len);
			break;
		}
}

static void sound(const struct source *source)
{
	struct profile_flaw flaw;

	ok_err(profile_check(source, &flaw), ERR_NONE, "nothing is wrong with it");
	if (flaw.cause != ERR_NONE)
		printf("# element %u, offset %u, tag %X: %s\n", flaw.number, flaw.offset, flaw.want,
		       flaw.says);
}

int main(void)
{
	for (size_t i = 0; i < COUNT(packages); i++) {
		struct bytes in;
		if (!shared_file(packages[i].file, &in)) {
			skip("%s is not there", packages[i].file);
			continue;
		}
		struct source source = source_memory(&in);
		elements(&source, packages[i].elements, packages[i].says);
		facts(&source, packages[i].ber_tlv);
		key(&source);
		again(&source, in);
		sound(&source);
	}
	return done();
}
