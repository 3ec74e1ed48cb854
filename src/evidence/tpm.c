/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/tpm.h"

#include <string.h>

static const struct {
	uint16_t id;
	enum attest_hash hash;
} hash_ids[] = {
	{ TPM_ALG_SHA1, ATTEST_SHA1 },
	{ TPM_ALG_SHA256, ATTEST_SHA256 },
	{ TPM_ALG_SHA384, ATTEST_SHA384 },
	{ TPM_ALG_SHA512, ATTEST_SHA512 },
};

enum err tpm_hash(uint16_t id, enum attest_hash *out)
{
	for (size_t i = 0; i < COUNT(hash_ids); i++) {
		if (hash_ids[i].id == id) {
			*out = hash_ids[i].hash;
			return ERR_NONE;
		}
	}
	return ERR_UNSUPPORTED;
}

uint16_t tpm_hash_id(enum attest_hash hash)
{
	for (size_t i = 0; i < COUNT(hash_ids); i++) {
		if (hash_ids[i].hash == hash)
			return hash_ids[i].id;
	}
	return TPM_ALG_NULL;
}

static enum err read_uint(struct bytes *in, size_t n, uint64_t *out)
{
	struct bytes octets;

	if (!bytes_take(in, n, &octets) || !bytes_uint(octets, out))
		return ERR_TRUNCATED;
	return ERR_NONE;
}

static enum err read_u16(struct bytes *in, uint16_t *out)
{
	uint64_t value;

	TRY(read_uint(in, 2, &value));
	*out = (uint16_t)value;
	return ERR_NONE;
}

static enum err read_u32(struct bytes *in, uint32_t *out)
{
	uint64_t value;

	TRY(read_uint(in, 4, &value));
	*out = (uint32_t)value;
	return ERR_NONE;
}

static enum err read_sized(struct bytes *in, size_t max, struct bytes *out)
{
	uint16_t size;

	TRY(read_u16(in, &size));
	if (size > max)
		return ERR_LENGTH;
	return bytes_take(in, size, out) ? ERR_NONE : ERR_TRUNCATED;
}

static void put_sized(struct room *out, struct bytes value)
{
	room_put_u16(out, (uint16_t)value.len);
	room_put(out, value);
}

/* A bank may be named once only, or a quote could mean two things by one PCR. PCRs beyond 23 exist
 * on no PC Client TPM; a selection of them is not read as none. */
static enum err read_selection(struct bytes *in, struct tpm_selection *out)
{
	TRY(read_u32(in, &out->count));
	if (out->count > TPM_BANKS_MAX)
		return ERR_LIMIT;
	for (uint32_t i = 0; i < out->count; i++) {
		struct bytes octets;
		uint64_t size;

		TRY(read_u16(in, &out->bank[i].hash));
		TRY(read_uint(in, 1, &size));
		if (size > 4)
			return ERR_LENGTH;
		if (!bytes_take(in, (size_t)size, &octets))
			return ERR_TRUNCATED;
		out->bank[i].mask = 0;
		for (size_t n = 0; n < octets.len; n++)
			out->bank[i].mask |= (uint32_t)octets.at[n] << 8 * n;
		if (out->bank[i].mask >> TPM_PCRS != 0)
			return ERR_VALUE;
		for (uint32_t j = 0; j < i; j++) {
			if (out->bank[j].hash == out->bank[i].hash)
				return ERR_EXISTS;
		}
	}
	return ERR_NONE;
}

void tpm_selection_put(struct room *out, const struct tpm_selection *selection)
{
	room_put_u32(out, selection->count);
	for (uint32_t i = 0; i < selection->count; i++) {
		room_put_u16(out, selection->bank[i].hash);
		room_put_u8(out, 3);
		for (size_t n = 0; n < 3; n++)
			room_put_u8(out, (uint8_t)(selection->bank[i].mask >> 8 * n));
	}
}

static enum err read_clock(struct bytes *in, struct tpm_clock *out)
{
	uint64_t safe;

	TRY(read_uint(in, 8, &out->clock));
	TRY(read_u32(in, &out->reset_count));
	TRY(read_u32(in, &out->restart_count));
	TRY(read_uint(in, 1, &safe));
	if (safe > 1)
		return ERR_VALUE;
	out->safe = safe == 1;
	return ERR_NONE;
}

enum err tpm_clock_read(struct bytes in, struct tpm_clock *out)
{
	struct tpm_clock read;

	TRY(read_clock(&in, &read));
	if (in.len > 0)
		return ERR_LENGTH;
	*out = read;
	return ERR_NONE;
}

void tpm_clock_put(struct room *out, const struct tpm_clock *clock)
{
	room_put_u64(out, clock->clock);
	room_put_u32(out, clock->reset_count);
	room_put_u32(out, clock->restart_count);
	room_put_u8(out, clock->safe);
}

static enum err read_attested(struct bytes *in, struct tpm_attest *out)
{
	switch (out->type) {
	case TPM_ST_ATTEST_QUOTE: /* part 2, 10.12.1 */
		TRY(read_selection(in, &out->selection));
		return read_sized(in, ATTEST_HASH_MAX, &out->pcr_digest);
	case TPM_ST_ATTEST_CERTIFY: /* part 2, 10.12.3 */
		TRY(read_sized(in, TPM_NAME_MAX, &out->name));
		return read_sized(in, TPM_NAME_MAX, &out->qualified_name);
	case TPM_ST_ATTEST_CREATION: /* part 2, 10.12.7 */
		TRY(read_sized(in, TPM_NAME_MAX, &out->name));
		return read_sized(in, ATTEST_HASH_MAX, &out->creation_hash);
	default:
		return ERR_UNSUPPORTED;
	}
}

enum err tpm_attest_read(struct bytes in, struct tpm_attest *out)
{
	struct tpm_attest read = { 0 };
	uint32_t magic;

	TRY(read_u32(&in, &magic));
	if (magic != TPM_GENERATED)
		return ERR_TAG;
	TRY(read_u16(&in, &read.type));
	TRY(read_sized(&in, TPM_NAME_MAX, &read.qualified_signer));
	TRY(read_sized(&in, TPM_NAME_MAX, &read.extra_data)); /* TPM2B_DATA: a TPMT_HA at most */
	TRY(read_clock(&in, &read.clock));
	TRY(read_uint(&in, 8, &read.firmware_version));
	TRY(read_attested(&in, &read));
	if (in.len > 0)
		return ERR_TRAILING;
	*out = read;
	return ERR_NONE;
}

void tpm_attest_put(struct room *out, const struct tpm_attest *attest)
{
	room_put_u32(out, TPM_GENERATED);
	room_put_u16(out, attest->type);
	put_sized(out, attest->qualified_signer);
	put_sized(out, attest->extra_data);
	tpm_clock_put(out, &attest->clock);
	room_put_u64(out, attest->firmware_version);
	if (attest->type == TPM_ST_ATTEST_QUOTE) {
		tpm_selection_put(out, &attest->selection);
		put_sized(out, attest->pcr_digest);
		return;
	}
	put_sized(out, attest->name);
	put_sized(out, attest->type == TPM_ST_ATTEST_CERTIFY ? attest->qualified_name
	                                                     : attest->creation_hash);
}

static const struct {
	uint16_t id;
	enum attest_scheme scheme;
} scheme_ids[] = {
	{ TPM_ALG_ECDSA, ATTEST_ECDSA },
	{ TPM_ALG_RSASSA, ATTEST_RSASSA },
	{ TPM_ALG_RSAPSS, ATTEST_RSAPSS },
};

enum err tpm_signature_read(struct bytes in, struct tpm_signature *out)
{
	struct tpm_signature read = { 0 };
	bool known = false;
	uint16_t id, hash;

	TRY(read_u16(&in, &id));
	for (size_t i = 0; i < COUNT(scheme_ids); i++) {
		if (scheme_ids[i].id == id) {
			read.scheme = scheme_ids[i].scheme;
			known = true;
		}
	}
	if (!known)
		return ERR_UNSUPPORTED;
	TRY(read_u16(&in, &hash));
	TRY(tpm_hash(hash, &read.hash));
	if (read.scheme == ATTEST_ECDSA) {
		TRY(read_sized(&in, ATTEST_POINT_MAX / 2, &read.r));
		TRY(read_sized(&in, ATTEST_POINT_MAX / 2, &read.s));
	} else {
		TRY(read_sized(&in, ATTEST_RSA_MAX, &read.rsa));
	}
	if (in.len > 0)
		return ERR_TRAILING;
	*out = read;
	return ERR_NONE;
}

void tpm_signature_put(struct room *out, const struct tpm_signature *signature)
{
	for (size_t i = 0; i < COUNT(scheme_ids); i++) {
		if (scheme_ids[i].scheme == signature->scheme)
			room_put_u16(out, scheme_ids[i].id);
	}
	room_put_u16(out, tpm_hash_id(signature->hash));
	if (signature->scheme == ATTEST_ECDSA) {
		put_sized(out, signature->r);
		put_sized(out, signature->s);
	} else {
		put_sized(out, signature->rsa);
	}
}

/* Part 2, 11.2.1.6: TPMT_SYM_DEF_OBJECT; bits and mode follow unless it is TPM_ALG_NULL. */
static enum err read_symmetric(struct bytes *in, struct tpm_public *out)
{
	TRY(read_u16(in, &out->symmetric));
	if (out->symmetric == TPM_ALG_NULL)
		return ERR_NONE;
	TRY(read_u16(in, &out->symmetric_bits));
	return read_u16(in, &out->symmetric_mode);
}

/* Part 2, 11.2.3.6 and 11.2.4.1: a scheme has a hash unless it is TPM_ALG_NULL or RSAES. */
static enum err read_scheme(struct bytes *in, uint16_t *scheme, uint16_t *hash)
{
	TRY(read_u16(in, scheme));
	switch (*scheme) {
	case TPM_ALG_NULL:
	case TPM_ALG_RSAES:
		return ERR_NONE;
	case TPM_ALG_ECDAA:
		return ERR_UNSUPPORTED;
	default:
		return read_u16(in, hash);
	}
}

static enum err read_rsa(struct bytes *in, struct tpm_public *out)
{
	TRY(read_scheme(in, &out->scheme, &out->scheme_hash));
	TRY(read_u16(in, &out->bits));
	TRY(read_u32(in, &out->exponent));
	return read_sized(in, ATTEST_RSA_MAX, &out->modulus);
}

static enum err read_ecc(struct bytes *in, struct tpm_public *out)
{
	uint16_t kdf, kdf_hash;

	TRY(read_scheme(in, &out->scheme, &out->scheme_hash));
	TRY(read_u16(in, &out->curve));
	TRY(read_scheme(in, &kdf, &kdf_hash));
	if (kdf != TPM_ALG_NULL)
		return ERR_UNSUPPORTED; /* part 2, 12.2.3.6: no TPM of the profile has one */
	TRY(read_sized(in, ATTEST_POINT_MAX / 2, &out->x));
	return read_sized(in, ATTEST_POINT_MAX / 2, &out->y);
}

enum err tpm_public_read(struct bytes in, bool sized, struct tpm_public *out)
{
	struct tpm_public read = { 0 };
	struct bytes rest = in;

	if (sized) {
		TRY(read_sized(&in, TPM_PUBLIC_MAX, &rest));
		if (in.len > 0)
			return ERR_TRAILING;
	}
	TRY(read_u16(&rest, &read.type));
	if (read.type != TPM_ALG_RSA && read.type != TPM_ALG_ECC)
		return ERR_UNSUPPORTED;
	TRY(read_u16(&rest, &read.name_hash));
	TRY(read_u32(&rest, &read.attributes));
	TRY(read_sized(&rest, ATTEST_HASH_MAX, &read.policy));
	TRY(read_symmetric(&rest, &read));
	TRY(read.type == TPM_ALG_RSA ? read_rsa(&rest, &read) : read_ecc(&rest, &read));
	if (rest.len > 0)
		return ERR_TRAILING;
	*out = read;
	return ERR_NONE;
}

static void put_scheme(struct room *out, uint16_t scheme, uint16_t hash)
{
	room_put_u16(out, scheme);
	if (scheme != TPM_ALG_NULL && scheme != TPM_ALG_RSAES)
		room_put_u16(out, hash);
}

void tpm_public_put(struct room *out, const struct tpm_public *public)
{
	room_put_u16(out, public->type);
	room_put_u16(out, public->name_hash);
	room_put_u32(out, public->attributes);
	put_sized(out, public->policy);
	room_put_u16(out, public->symmetric);
	if (public->symmetric != TPM_ALG_NULL) {
		room_put_u16(out, public->symmetric_bits);
		room_put_u16(out, public->symmetric_mode);
	}
	put_scheme(out, public->scheme, public->scheme_hash);
	if (public->type == TPM_ALG_RSA) {
		room_put_u16(out, public->bits);
		room_put_u32(out, public->exponent);
		put_sized(out, public->modulus);
		return;
	}
	room_put_u16(out, public->curve);
	room_put_u16(out, TPM_ALG_NULL);
	put_sized(out, public->x);
	put_sized(out, public->y);
}

enum err tpm_name(struct bytes tpmt_public, struct room *out)
{
	uint8_t digest[ATTEST_HASH_MAX];
	struct tpm_public public;
	enum attest_hash hash;

	TRY(tpm_public_read(tpmt_public, false, &public));
	TRY(tpm_hash(public.name_hash, &hash));
	TRY(attest_digest(hash, digest, &tpmt_public, 1));
	room_put_u16(out, public.name_hash);
	room_put(out, (struct bytes){ digest, attest_hash_size(hash) });
	return out->full ? ERR_ROOM : ERR_NONE;
}

/* A TPM may leave leading zeros off a coordinate; a point has them. */
static void put_padded(struct room *out, struct bytes value, size_t size)
{
	for (size_t n = value.len; n < size; n++)
		room_put_u8(out, 0);
	room_put(out, value);
}

static size_t field_size(enum attest_key_kind kind)
{
	return kind == ATTEST_P256 ? 32 : kind == ATTEST_P384 ? 48 : 66;
}

static enum err ecc_key(const struct tpm_public *public, struct room *point, struct attest_key *out)
{
	static const enum attest_key_kind kinds[] = { [TPM_ECC_NIST_P256] = ATTEST_P256,
		                                      [TPM_ECC_NIST_P384] = ATTEST_P384,
		                                      [TPM_ECC_NIST_P521] = ATTEST_P521 };
	size_t start = point->len;

	if (public->curve < TPM_ECC_NIST_P256 || public->curve > TPM_ECC_NIST_P521)
		return ERR_UNSUPPORTED;
	enum attest_key_kind kind = kinds[public->curve];
	size_t size = field_size(kind);
	if (public->x.len > size || public->y.len > size)
		return ERR_LENGTH;
	room_put_u8(point, 0x04);
	put_padded(point, public->x, size);
	put_padded(point, public->y, size);
	if (point->full)
		return ERR_ROOM;
	*out = (struct attest_key){ .kind = kind, .point = { point->at + start, 1 + 2 * size } };
	return ERR_NONE;
}

enum err tpm_public_key(const struct tpm_public *public, struct room *point, struct attest_key *out)
{
	if (public->type == TPM_ALG_ECC)
		return ecc_key(public, point, out);
	*out = (struct attest_key){
		.kind = ATTEST_RSA,
		.modulus = public->modulus,
		.exponent = public->exponent == 0 ? 65537 : public->exponent,
	};
	return ERR_NONE;
}

enum err tpm_verify(const struct attest_key *key, const struct tpm_signature *signature,
                    struct bytes attest)
{
	uint8_t store[ATTEST_POINT_MAX];
	struct room rs = ROOM(store);

	if (signature->scheme != ATTEST_ECDSA)
		return attest_verify(key, signature->scheme, signature->hash, &attest, 1,
		                     signature->rsa);
	if (key->kind == ATTEST_RSA)
		return ERR_UNSUPPORTED;
	size_t size = field_size(key->kind);
	if (signature->r.len > size || signature->s.len > size)
		return ERR_SIGNATURE;
	put_padded(&rs, signature->r, size);
	put_padded(&rs, signature->s, size);
	return attest_verify(key, ATTEST_ECDSA, signature->hash, &attest, 1, room_used(&rs));
}

static const struct tpm_bank *find_bank(const struct tpm_bank *banks, size_t count, uint16_t id)
{
	for (size_t i = 0; i < count; i++) {
		if (tpm_hash_id(banks[i].hash) == id)
			return &banks[i];
	}
	return NULL;
}

enum err tpm_pcr_digest(const struct tpm_selection *selection, const struct tpm_bank *banks,
                        size_t count, enum attest_hash hash, uint8_t out[static ATTEST_HASH_MAX])
{
	struct bytes parts[TPM_BANKS_MAX * TPM_PCRS];
	size_t used = 0;

	for (uint32_t i = 0; i < selection->count; i++) {
		const struct tpm_bank *bank = find_bank(banks, count, selection->bank[i].hash);

		if (selection->bank[i].mask == 0)
			continue;
		if (bank == NULL || (selection->bank[i].mask & ~bank->known) != 0)
			return ERR_NOT_FOUND;
		for (unsigned n = 0; n < TPM_PCRS; n++) {
			if (selection->bank[i].mask >> n & 1)
				parts[used++] = (struct bytes){ bank->value[n],
					                        attest_hash_size(bank->hash) };
		}
	}
	return attest_digest(hash, out, parts, used);
}

/* Platform profile 4.6.2: the PCRs of a dynamic launch are all ones until there has been one. */
void tpm_bank_clear(struct tpm_bank *bank, enum attest_hash hash)
{
	bank->hash = hash;
	bank->known = 0;
	memset(bank->value, 0, sizeof bank->value);
	for (size_t n = 17; n <= 22; n++)
		memset(bank->value[n], 0xFF, attest_hash_size(hash));
}
