/* SPDX-License-Identifier: Apache-2.0 */
#include "rsp/x509.h"

#include "rsp/x509_ext.h"

#include <string.h>

static const uint8_t oid_ec_public_key[] = { 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01 };
static const uint8_t oid_p256[] = { 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07 };
static const uint8_t oid_brainpool_p256r1[] = {
	0x2B, 0x24, 0x03, 0x03, 0x02, 0x08, 0x01, 0x01, 0x07
};
static const uint8_t oid_ecdsa_sha256[] = { 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x02 };

const uint8_t x509_oid_common_name[3] = { 0x55, 0x04, 0x03 };
const uint8_t x509_oid_serial_number[3] = { 0x55, 0x04, 0x05 };
const uint8_t x509_oid_organization[3] = { 0x55, 0x04, 0x0A };

/* One INTEGER of a signature into 32 octets, left padded. */
static enum err read_scalar(struct bytes *in, uint8_t out[static 32])
{
	struct bytes value, zero;

	TRY(ber_read(in, 0x02, &value));
	if (value.len == 0)
		return ERR_LENGTH;
	if (value.at[0] & 0x80)
		return ERR_VALUE;
	if (value.len > 1 && value.at[0] == 0) {
		if (!(value.at[1] & 0x80))
			return ERR_LENGTH; /* X.690 8.3.2 */
		if (!bytes_take(&value, 1, &zero))
			return ERR_TRUNCATED;
	}
	if (value.len > 32)
		return ERR_VALUE;
	memset(out, 0, 32 - value.len);
	memcpy(out + 32 - value.len, value.at, value.len);
	return ERR_NONE;
}

enum err ecdsa_signature_read(struct bytes der, uint8_t raw[static EC_SIGNATURE_SIZE])
{
	uint8_t both[EC_SIGNATURE_SIZE];
	struct bytes seq;

	TRY(ber_read(&der, 0x30, &seq));
	TRY(ber_end(der));
	TRY(read_scalar(&seq, both));
	TRY(read_scalar(&seq, both + 32));
	TRY(ber_end(seq));
	memcpy(raw, both, sizeof both);
	return ERR_NONE;
}

static void put_scalar(struct room *out, const uint8_t *scalar)
{
	struct bytes value = { scalar, 32 }, zero;

	while (value.len > 1 && value.at[0] == 0) {
		if (!bytes_take(&value, 1, &zero))
			return;
	}
	bool pad = (value.at[0] & 0x80) != 0;
	ber_put_header(out, 0x02, value.len + pad);
	if (pad)
		room_put_u8(out, 0);
	room_put(out, value);
}

void ecdsa_signature_put(struct room *out, const uint8_t raw[static EC_SIGNATURE_SIZE])
{
	size_t mark = ber_open(out, 0x30);

	put_scalar(out, raw);
	put_scalar(out, raw + 32);
	ber_close(out, mark);
}

/* AlgorithmIdentifier ecdsa-with-SHA256: parameters are absent (RFC 5758 3.2). */
static enum err read_algorithm(struct bytes *in)
{
	struct bytes seq, oid;

	TRY(ber_read(in, 0x30, &seq));
	TRY(ber_read(&seq, 0x06, &oid));
	if (!bytes_same(oid, BYTES(oid_ecdsa_sha256)))
		return ERR_UNSUPPORTED;
	return ber_end(seq);
}

/* A BIT STRING of whole octets. */
static enum err read_octets(struct bytes *in, struct bytes *octets)
{
	struct bytes value, unused;

	TRY(ber_read(in, 0x03, &value));
	if (!bytes_take(&value, 1, &unused))
		return ERR_LENGTH;
	if (unused.at[0] != 0)
		return ERR_VALUE;
	*octets = value;
	return ERR_NONE;
}

/* SubjectPublicKeyInfo with a named curve and an uncompressed point (RFC 5480 2.1, 2.2). */
static enum err read_public_key(struct bytes *in, struct x509 *out)
{
	struct bytes seq, algorithm, oid, curve, point;

	TRY(ber_read(in, 0x30, &seq));
	TRY(ber_read(&seq, 0x30, &algorithm));
	TRY(ber_read(&algorithm, 0x06, &oid));
	if (!bytes_same(oid, BYTES(oid_ec_public_key)))
		return ERR_UNSUPPORTED;
	TRY(ber_read(&algorithm, 0x06, &curve));
	TRY(ber_end(algorithm));
	if (bytes_same(curve, BYTES(oid_p256)))
		out->curve = EC_P256;
	else if (bytes_same(curve, BYTES(oid_brainpool_p256r1)))
		out->curve = EC_BRAINPOOL_P256R1;
	else
		return ERR_UNSUPPORTED;
	TRY(read_octets(&seq, &point));
	TRY(ber_end(seq));
	if (point.len != EC_POINT_SIZE || point.at[0] != 0x04)
		return ERR_UNSUPPORTED;
	out->point = point;
	return ERR_NONE;
}

static enum err read_validity(struct bytes *in, struct x509 *out)
{
	struct bytes seq;

	TRY(ber_read(in, 0x30, &seq));
	TRY(x509_time_read(&seq, &out->not_before));
	TRY(x509_time_read(&seq, &out->not_after));
	return ber_end(seq);
}

static enum err read_version(struct bytes *in)
{
	struct bytes explicit_tag;
	uint64_t version;

	TRY(ber_read(in, 0xA0, &explicit_tag));
	TRY(ber_read_uint(&explicit_tag, 0x02, UINT8_MAX, &version));
	TRY(ber_end(explicit_tag));
	return version == 2 ? ERR_NONE : ERR_UNSUPPORTED; /* v3 */
}

static enum err read_tbs(struct bytes seq, struct x509 *out)
{
	struct bytes explicit_tag, extensions;

	TRY(read_version(&seq));
	TRY(rsp_sized_read(&seq, 0x02, 1, 21, &out->serial)); /* RFC 5280 4.1.2.2, with its sign */
	TRY(read_algorithm(&seq));
	TRY(ber_read_whole(&seq, 0x30, &out->issuer));
	TRY(read_validity(&seq, out));
	TRY(ber_read_whole(&seq, 0x30, &out->subject));
	TRY(read_public_key(&seq, out));
	TRY(ber_read(&seq, 0xA3, &explicit_tag));
	TRY(ber_end(seq));
	TRY(ber_read(&explicit_tag, 0x30, &extensions));
	TRY(ber_end(explicit_tag));
	return x509_extensions_read(extensions, out);
}

enum err x509_read(struct bytes in, struct x509 *out)
{
	struct x509 value = { .whole = in, .path_len = -1 };
	struct bytes certificate, tbs, signature;

	TRY(ber_read(&in, 0x30, &certificate));
	TRY(ber_end(in));
	TRY(ber_read_whole(&certificate, 0x30, &value.tbs));
	TRY(read_algorithm(&certificate));
	TRY(read_octets(&certificate, &signature));
	TRY(ber_end(certificate));
	TRY(ecdsa_signature_read(signature, value.signature));
	struct bytes rest = value.tbs;
	TRY(ber_read(&rest, 0x30, &tbs));
	TRY(read_tbs(tbs, &value));
	*out = value;
	return ERR_NONE;
}

/* One AttributeTypeAndValue; strings are Printable, UTF8 or IA5. */
static enum err read_attribute(struct bytes *in, struct bytes *oid, struct bytes *value)
{
	struct bytes seq;
	ber_tag tag;

	TRY(ber_read(in, 0x30, &seq));
	TRY(ber_read(&seq, 0x06, oid));
	TRY(ber_next(&seq, &tag, value));
	return ber_end(seq);
}

enum err x509_attribute(struct bytes name, struct bytes oid, struct bytes *value)
{
	struct bytes rdns, set, type, found;

	TRY(ber_read(&name, 0x30, &rdns));
	TRY(ber_end(name));
	while (rdns.len > 0) {
		TRY(ber_read(&rdns, 0x31, &set));
		while (set.len > 0) {
			TRY(read_attribute(&set, &type, &found));
			if (bytes_same(type, oid)) {
				*value = found;
				return ERR_NONE;
			}
		}
	}
	return ERR_NOT_FOUND;
}

enum err x509_registered_id(const struct x509 *certificate, struct bytes *oid)
{
	return ber_find(certificate->alt_names, 0x88, oid); /* GeneralName registeredID [8] */
}

static uint8_t lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 'a' - 'A') : c;
}

static bool same_name(struct bytes a, struct bytes b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++) {
		if (lower(a.at[i]) != lower(b.at[i]))
			return false;
	}
	return true;
}

bool x509_has_dns_name(const struct x509 *certificate, struct bytes name)
{
	struct bytes left = certificate->alt_names, value;
	ber_tag tag;

	while (left.len > 0 && ber_next(&left, &tag, &value) == ERR_NONE) {
		if (tag == 0x82 && same_name(value, name)) /* GeneralName dNSName [2] */
			return true;
	}
	return false;
}
