/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/eat.h"

#include "codec/cbor.h"

/* One claim, under the key of either generation: RFC 9783 table 1 and RFC 9711, and
 * draft-tschofenig-rats- psa-token-05 for PSA_IOT_PROFILE_1. */
enum claim {
	CLAIM_NONCE,
	CLAIM_INSTANCE,
	CLAIM_PROFILE,
	CLAIM_CLIENT,
	CLAIM_LIFECYCLE,
	CLAIM_IMPLEMENTATION,
	CLAIM_BOOT_SEED,
	CLAIM_CERTIFICATION,
	CLAIM_COMPONENTS,
	CLAIM_NO_MEASUREMENTS,
	CLAIM_SERVICE,
	CLAIMS,
};

/* RFC 9783 kept the keys of its predecessor but for the boot seed, which became EAT's own (268). */
static const struct {
	enum claim claim;
	int64_t key;
	bool old;
} keys[] = {
	{ CLAIM_NONCE, 10, false },
	{ CLAIM_INSTANCE, 256, false },
	{ CLAIM_PROFILE, 265, false },
	{ CLAIM_BOOT_SEED, 268, false },
	{ CLAIM_CLIENT, 2394, false },
	{ CLAIM_LIFECYCLE, 2395, false },
	{ CLAIM_IMPLEMENTATION, 2396, false },
	{ CLAIM_BOOT_SEED, 2397, false },
	{ CLAIM_CERTIFICATION, 2398, false },
	{ CLAIM_COMPONENTS, 2399, false },
	{ CLAIM_SERVICE, 2400, false },
	{ CLAIM_PROFILE, -75000, true },
	{ CLAIM_CLIENT, -75001, true },
	{ CLAIM_LIFECYCLE, -75002, true },
	{ CLAIM_IMPLEMENTATION, -75003, true },
	{ CLAIM_BOOT_SEED, -75004, true },
	{ CLAIM_CERTIFICATION, -75005, true },
	{ CLAIM_COMPONENTS, -75006, true },
	{ CLAIM_NO_MEASUREMENTS, -75007, true },
	{ CLAIM_NONCE, -75008, true },
	{ CLAIM_INSTANCE, -75009, true },
	{ CLAIM_SERVICE, -75010, true },
};

struct seen {
	uint32_t claims;
	bool old, new;
	struct bytes profile;
};

/* A hash of 32, 48 or 64 octets: RFC 9783 4.1, psa-hash-type. */
static bool hash_sized(struct bytes value)
{
	return value.len == 32 || value.len == 48 || value.len == 64;
}

static enum err read_hash(struct bytes *in, struct bytes *out)
{
	TRY(cbor_read_bytes(in, out));
	return hash_sized(*out) ? ERR_NONE : ERR_LENGTH;
}

/* RFC 9783 4.4.1: measurement value and signer are mandatory. */
static enum err read_component(struct bytes *in, struct psa_component *out)
{
	struct bytes pairs;
	uint64_t count;

	*out = (struct psa_component){
		{ NULL, 0 }, { NULL, 0 }, { NULL, 0 }, { NULL, 0 }, { NULL, 0 }
	};
	TRY(cbor_read_open(in, CBOR_MAP, &count, &pairs));
	for (uint32_t seen = 0; pairs.len > 0;) {
		int64_t key;

		TRY(cbor_read_int(&pairs, &key));
		if (key < 0 || key > 31) {
			TRY(cbor_skip(&pairs));
			continue;
		}
		if (seen >> key & 1)
			return ERR_EXISTS;
		seen |= (uint32_t)1 << key;
		switch (key) {
		case 1:
			TRY(cbor_read_text(&pairs, &out->type));
			break;
		case 2:
			TRY(read_hash(&pairs, &out->value));
			break;
		case 4:
			TRY(cbor_read_text(&pairs, &out->version));
			break;
		case 5:
			TRY(read_hash(&pairs, &out->signer));
			break;
		case 6:
			TRY(cbor_read_text(&pairs, &out->description));
			break;
		default:
			TRY(cbor_skip(&pairs));
			break;
		}
	}
	return out->value.at != NULL && out->signer.at != NULL ? ERR_NONE : ERR_NOT_FOUND;
}

static enum err read_components(struct bytes *in, struct psa_claims *out)
{
	struct bytes items;
	uint64_t count;

	TRY(cbor_read_open(in, CBOR_ARRAY, &count, &items));
	if (count > PSA_COMPONENTS_MAX)
		return ERR_LIMIT;
	for (out->components = 0; out->components < count; out->components++)
		TRY(read_component(&items, &out->component[out->components]));
	return ERR_NONE;
}

static enum err read_sized(struct bytes *in, size_t min, size_t max, struct bytes *out)
{
	TRY(cbor_read_bytes(in, out));
	return out->len >= min && out->len <= max ? ERR_NONE : ERR_LENGTH;
}

static enum err read_lifecycle(struct bytes *in, uint16_t *out)
{
	uint64_t value;

	TRY(cbor_read_uint(in, UINT16_MAX, &value));
	*out = (uint16_t)value;
	return psa_lifecycle_of(*out) == PSA_INVALID ? ERR_VALUE : ERR_NONE;
}

static enum err read_nonempty_text(struct bytes *in, struct bytes *out)
{
	TRY(cbor_read_text(in, out));
	return out->len > 0 ? ERR_NONE : ERR_LENGTH;
}

static bool digits(struct bytes text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (text.at[i] < '0' || text.at[i] > '9')
			return false;
	}
	return true;
}

/* RFC 9783 4.2.3: an EAN-13, a hyphen and five digits; PSA_IOT_PROFILE_1 had the EAN-13 alone. */
static enum err read_certification(struct bytes *in, struct bytes *out)
{
	struct bytes rest, ean, hyphen;

	TRY(cbor_read_text(in, out));
	rest = *out;
	if (!bytes_take(&rest, 13, &ean) || !digits(ean))
		return ERR_VALUE;
	if (rest.len == 0)
		return ERR_NONE;
	if (rest.len != 6 || !bytes_take(&rest, 1, &hyphen) || hyphen.at[0] != '-' || !digits(rest))
		return ERR_VALUE;
	return ERR_NONE;
}

/* RFC 9783 4.2.1: the type octet is 01, RAND. */
static enum err read_instance(struct bytes *in, struct bytes *out)
{
	TRY(read_sized(in, PSA_INSTANCE_SIZE, PSA_INSTANCE_SIZE, out));
	return out->at[0] == 0x01 ? ERR_NONE : ERR_VALUE;
}

static enum err read_claim(enum claim claim, struct bytes *in, struct psa_claims *out,
                           struct seen *seen)
{
	uint64_t one;

	switch (claim) {
	case CLAIM_NONCE:
		return read_hash(in, &out->nonce);
	case CLAIM_INSTANCE:
		return read_instance(in, &out->instance);
	case CLAIM_PROFILE:
		return cbor_read_text(in, &seen->profile);
	case CLAIM_CLIENT:
		TRY(cbor_read_int(in, &out->client));
		/* RFC 9783 4.1.2: a signed 32-bit number */
		return out->client >= INT32_MIN && out->client <= INT32_MAX ? ERR_NONE : ERR_VALUE;
	case CLAIM_LIFECYCLE:
		return read_lifecycle(in, &out->lifecycle);
	case CLAIM_IMPLEMENTATION:
		return read_sized(in, PSA_IMPLEMENTATION_SIZE, PSA_IMPLEMENTATION_SIZE,
		                  &out->implementation);
	case CLAIM_BOOT_SEED:
		return read_sized(in, 8, 32, &out->boot_seed);
	case CLAIM_CERTIFICATION:
		return read_certification(in, &out->certification);
	case CLAIM_COMPONENTS:
		return read_components(in, out);
	case CLAIM_NO_MEASUREMENTS:
		out->no_measurements = true;
		return cbor_read_uint(in, 1, &one);
	case CLAIM_SERVICE:
		return read_nonempty_text(in, &out->service);
	case CLAIMS:
		break;
	}
	return cbor_skip(in);
}

static enum claim find_claim(int64_t key, struct seen *seen)
{
	for (size_t i = 0; i < COUNT(keys); i++) {
		if (keys[i].key != key)
			continue;
		if (keys[i].old)
			seen->old = true;
		else if (key != 265 && key != 10 && key != 256)
			seen->new = true;
		return keys[i].claim;
	}
	return CLAIMS;
}

static enum err read_pair(struct bytes *in, struct psa_claims *out, struct seen *seen)
{
	int64_t key;

	if (cbor_is(*in, CBOR_TEXT)) {
		TRY(cbor_skip(in));
		return cbor_skip(in);
	}
	TRY(cbor_read_int(in, &key));
	enum claim claim = find_claim(key, seen);
	if (claim != CLAIMS) {
		if (seen->claims >> claim & 1)
			return ERR_EXISTS;
		seen->claims |= (uint32_t)1 << claim;
	}
	return read_claim(claim, in, out, seen);
}

static bool begins(struct bytes text, const char *with, size_t len)
{
	return text.len >= len && bytes_same((struct bytes){ text.at, len },
	                                     (struct bytes){ (const uint8_t *)with, len });
}

/* RFC 9783 4.5.2 names one profile; its fragment tells the kind of trusted firmware. */
static enum err profile_of(const struct seen *seen, enum psa_profile *out)
{
	static const char legacy[] = "PSA_IOT_PROFILE_1", second[] = "http://arm.com/psa/2.0.0",
			  current[] = "tag:psacertified.org,2023:psa#";

	if (seen->profile.at == NULL && seen->old) {
		*out = PSA_PROFILE_1; /* draft -05, 3.5.2: without the claim it is that one */
		return ERR_NONE;
	}
	if (seen->profile.at == NULL)
		return ERR_NOT_FOUND;
	if (bytes_same(seen->profile, (struct bytes){ (const uint8_t *)legacy, sizeof legacy - 1 }))
		*out = PSA_PROFILE_1;
	else if (bytes_same(seen->profile,
	                    (struct bytes){ (const uint8_t *)second, sizeof second - 1 }))
		*out = PSA_PROFILE_2;
	else if (begins(seen->profile, current, sizeof current - 1))
		*out = PSA_PROFILE_9783;
	else
		return ERR_UNSUPPORTED;
	return ERR_NONE;
}

/* What each profile demands. PSA_IOT_PROFILE_1 wants a boot seed of 32 octets and allows to say
 * that there are no measurements; later ones want software components. */
static enum err check_profile(const struct psa_claims *claims, const struct seen *seen)
{
	uint32_t mandatory = 1u << CLAIM_NONCE | 1u << CLAIM_INSTANCE | 1u << CLAIM_CLIENT |
	                     1u << CLAIM_LIFECYCLE | 1u << CLAIM_IMPLEMENTATION;
	bool old = claims->profile == PSA_PROFILE_1;

	if (old ? seen->new : seen->old)
		return ERR_VALUE; /* keys of another generation than the profile's */
	if (old)
		mandatory |= 1u << CLAIM_BOOT_SEED;
	if ((seen->claims & mandatory) != mandatory)
		return ERR_NOT_FOUND;
	if (old && claims->boot_seed.len != 32)
		return ERR_LENGTH;
	bool components = (seen->claims >> CLAIM_COMPONENTS & 1) != 0;
	if (components && claims->no_measurements)
		return ERR_VALUE; /* draft -05, 3.4.1: one or the other */
	if (!components && !claims->no_measurements)
		return ERR_NOT_FOUND;
	if (components && claims->components == 0)
		return ERR_LENGTH; /* RFC 9783 4.4.1: one or more */
	return ERR_NONE;
}

enum err psa_claims_read(struct bytes in, struct psa_claims *out)
{
	struct psa_claims read = { 0 };
	struct seen seen = { 0 };
	struct bytes pairs;
	uint64_t count;

	TRY(cbor_read_open(&in, CBOR_MAP, &count, &pairs));
	TRY(cbor_end(in));
	while (pairs.len > 0)
		TRY(read_pair(&pairs, &read, &seen));
	TRY(profile_of(&seen, &read.profile));
	TRY(check_profile(&read, &seen));
	*out = read;
	return ERR_NONE;
}

enum psa_lifecycle psa_lifecycle_of(uint16_t claim)
{
	/* RFC 9783 4.3.1: the high octet is the state, the low one is the implementation's own. */
	unsigned state = claim >> 8;

	if (state > 0x60 || (state & 0x0F) != 0)
		return PSA_INVALID;
	return (enum psa_lifecycle)(state >> 4);
}

static void put_component(struct room *out, const struct psa_component *component)
{
	const struct {
		uint64_t key;
		struct bytes value;
		bool text;
	} pairs[] = { { 1, component->type, true },
		      { 2, component->value, false },
		      { 4, component->version, true },
		      { 5, component->signer, false },
		      { 6, component->description, true } };
	uint64_t count = 0;

	for (size_t i = 0; i < COUNT(pairs); i++)
		count += pairs[i].value.at != NULL;
	cbor_put_map(out, count);
	for (size_t i = 0; i < COUNT(pairs); i++) {
		if (pairs[i].value.at == NULL)
			continue;
		cbor_put_uint(out, pairs[i].key);
		if (pairs[i].text)
			cbor_put_text(out, pairs[i].value);
		else
			cbor_put_bytes(out, pairs[i].value);
	}
}

void psa_claims_put(struct room *out, const struct psa_claims *claims)
{
	uint64_t optional = (claims->boot_seed.at != NULL ? 1u : 0) +
	                    (claims->certification.at != NULL ? 1u : 0) +
	                    (claims->service.at != NULL ? 1u : 0);

	cbor_put_map(out, 7 + optional);
	cbor_put_uint(out, 10);
	cbor_put_bytes(out, claims->nonce);
	cbor_put_uint(out, 256);
	cbor_put_bytes(out, claims->instance);
	cbor_put_uint(out, 265);
	cbor_put_text(out, BYTES_STR("tag:psacertified.org,2023:psa#tfm"));
	if (claims->boot_seed.at != NULL) {
		cbor_put_uint(out, 268);
		cbor_put_bytes(out, claims->boot_seed);
	}
	cbor_put_uint(out, 2394);
	cbor_put_int(out, claims->client);
	cbor_put_uint(out, 2395);
	cbor_put_uint(out, claims->lifecycle);
	cbor_put_uint(out, 2396);
	cbor_put_bytes(out, claims->implementation);
	if (claims->certification.at != NULL) {
		cbor_put_uint(out, 2398);
		cbor_put_text(out, claims->certification);
	}
	cbor_put_uint(out, 2399);
	cbor_put_array(out, claims->components);
	for (size_t i = 0; i < claims->components; i++)
		put_component(out, &claims->component[i]);
	if (claims->service.at != NULL) {
		cbor_put_uint(out, 2400);
		cbor_put_text(out, claims->service);
	}
}
