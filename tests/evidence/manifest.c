/* SPDX-License-Identifier: Apache-2.0 */
/* A supplier's manifest (R7): what is signed is what is read, and nothing else is. */
#include "evidence/manifest.h"

#include "tests/tap.h"

static const uint8_t eid[EID_SIZE] = { 0x89, 0x04 }, ek[SHA256_SIZE] = { 1, 2, 3 };
static uint8_t octets[4096];
static struct secret key;
static uint8_t point[EC_POINT_SIZE], other_point[EC_POINT_SIZE];

static struct manifest_entry entry_with(const char *imei, const char *model)
{
	return (struct manifest_entry){ BYTES(eid), BYTES(ek), bytes_text(imei),
		                        bytes_text(model) };
}

static enum err make(struct room *out, const struct manifest_entry *entry, uint64_t count,
                     const char *batch)
{
	uint8_t entry_octets[512], payload_octets[1024];
	struct room entries = ROOM(entry_octets), payload = ROOM(payload_octets);

	for (uint64_t i = 0; i < count; i++)
		manifest_entry_put(&entries, entry);
	return manifest_put(out, &payload,
	                    &(struct manifest){ bytes_text(batch), count, room_used(&entries) },
	                    &key);
}

static void good(void)
{
	const struct manifest_entry entry = entry_with("490154203237518", "Meter 5");
	struct room out = ROOM(octets);
	struct manifest manifest;
	struct manifest_entry read;
	int same = 0;

	ok_err(make(&out, &entry, 3, "week 48"), ERR_NONE, "a manifest of three machines");
	ok_err(manifest_read(room_used(&out), point, &manifest), ERR_NONE, "is read");
	ok(manifest.count == 3 && bytes_same(manifest.batch, bytes_text("week 48")),
	   "with its head");
	while (manifest_next(&manifest.entries, &read) == ERR_NONE)
		same += bytes_same(read.eid, BYTES(eid)) && bytes_same(read.ek_digest, BYTES(ek)) &&
		        bytes_same(read.imei, entry.imei) && bytes_same(read.model, entry.model);
	ok(same == 3, "and each machine as it was");
	ok_err(manifest_read(room_used(&out), other_point, &manifest), ERR_SIGNATURE,
	       "R7: another supplier's key");
	int refused = 0;
	for (size_t i = 0; i < out.len; i++) {
		octets[i] ^= 1;
		refused += manifest_read(room_used(&out), point, &manifest) != ERR_NONE;
		octets[i] ^= 1;
	}
	ok(refused == (int)out.len, "any octet altered is refused");
	refused = 0;
	for (size_t len = 0; len < out.len; len++)
		refused +=
			manifest_read((struct bytes){ octets, len }, point, &manifest) != ERR_NONE;
	ok(refused == (int)out.len, "cut short anywhere is refused");
}

static const struct {
	const char *says, *imei, *model, *batch;
	uint64_t count;
	enum err want;
} bad[] = {
	{"no machines",                 "490154203237518", "Meter 5", "b", 0, ERR_LENGTH},
	{ "an IMEI with a wrong digit", "490154203237517", "Meter 5", "b", 1, ERR_VALUE },
	{ "an IMEI that is short",      "49015420323751",  "Meter 5", "b", 1, ERR_VALUE },
	{ "an IMEI that is no number",  "49015420323751x", "Meter 5", "b", 1, ERR_VALUE },
	{ "no model",                   "490154203237518", "",        "b", 1, ERR_LENGTH},
	{ "a model with a line break",  "490154203237518", "a\nb",    "b", 1, ERR_VALUE },
	{ "no name for the batch",      "490154203237518", "Meter 5", "",  1, ERR_LENGTH},
};

int main(void)
{
	SECRET other = { .len = 0 };

	if (crypto_ec_generate(EC_P256, &key, point) != ERR_NONE ||
	    crypto_ec_generate(EC_P256, &other, other_point) != ERR_NONE)
		return 1;
	good();
	for (size_t i = 0; i < COUNT(bad); i++) {
		const struct manifest_entry entry = entry_with(bad[i].imei, bad[i].model);
		struct room out = ROOM(octets);
		ok_err(make(&out, &entry, bad[i].count, bad[i].batch), bad[i].want, bad[i].says);
	}
	return done();
}
