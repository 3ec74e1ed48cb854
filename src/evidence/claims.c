/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/claims.h"

#include "codec/cbor.h"

#include <string.h>

enum claim { UEID = 256, SWNAME = 270, SWVERSION = 271 };

enum { UEID_IMEI = 3, UEID_SIZE = 15 }; /* RFC 9711 table 1 */

static enum err read_name(struct bytes *in, struct bytes *out)
{
	TRY(cbor_read_text(in, out));
	return out->len > 0 && out->len <= CLAIM_TEXT_MAX ? ERR_NONE : ERR_LENGTH;
}

static enum err read_imei(struct bytes *in, char imei[static IMEI_DIGITS + 1])
{
	struct bytes ueid;

	TRY(cbor_read_bytes(in, &ueid));
	if (ueid.len != UEID_SIZE)
		return ERR_LENGTH;
	if (ueid.at[0] != UEID_IMEI)
		return ERR_UNSUPPORTED;
	for (size_t i = 1; i < UEID_SIZE; i++) {
		if (ueid.at[i] > 9)
			return ERR_VALUE;
		imei[i - 1] = (char)('0' + ueid.at[i]);
	}
	imei[IMEI_DIGITS - 1] = imei_check_digit(imei);
	imei[IMEI_DIGITS] = '\0';
	return ERR_NONE;
}

static enum err read_version(struct bytes *in, struct bytes *out)
{
	uint64_t count;

	TRY(cbor_read_array(in, &count));
	if (count != 1 && count != 2)
		return ERR_VALUE;
	TRY(read_name(in, out));
	return count == 2 ? cbor_skip(in) : ERR_NONE; /* the scheme of the version */
}

static enum err read_one(struct bytes *in, uint64_t key, struct equipment_claims *out)
{
	switch (key) {
	case UEID:
		return read_imei(in, out->imei);
	case SWNAME:
		return read_name(in, &out->model);
	case SWVERSION:
		return read_version(in, &out->firmware);
	default:
		return cbor_skip(in);
	}
}

enum err equipment_claims_read(struct bytes in, struct equipment_claims *out)
{
	struct equipment_claims read = { .imei = "" };
	struct bytes pairs;
	uint64_t count, key, last = 0;

	TRY(cbor_read_open(&in, CBOR_MAP, &count, &pairs));
	TRY(cbor_end(in));
	while (pairs.len > 0) {
		TRY(cbor_read_uint(&pairs, UINT64_MAX, &key));
		if (key <= last)
			return ERR_VALUE; /* ascending, so none twice */
		last = key;
		TRY(read_one(&pairs, key, &read));
	}
	if (read.firmware.at != NULL && read.model.at == NULL)
		return ERR_NOT_FOUND;
	*out = read;
	return ERR_NONE;
}

static void put_imei(struct room *out, const char imei[static IMEI_DIGITS])
{
	uint8_t ueid[UEID_SIZE] = { UEID_IMEI };

	for (size_t i = 1; i < UEID_SIZE; i++)
		ueid[i] = (uint8_t)(imei[i - 1] - '0');
	cbor_put_uint(out, UEID);
	cbor_put_bytes(out, BYTES(ueid));
}

void equipment_claims_put(struct room *out, const struct equipment_claims *claims)
{
	bool imei = claims->imei[0] != '\0', model = claims->model.at != NULL;
	bool firmware = claims->firmware.at != NULL;

	cbor_put_map(out, (uint64_t)imei + model + firmware);
	if (imei)
		put_imei(out, claims->imei);
	if (model) {
		cbor_put_uint(out, SWNAME);
		cbor_put_text(out, claims->model);
	}
	if (firmware) {
		cbor_put_uint(out, SWVERSION);
		cbor_put_array(out, 1);
		cbor_put_text(out, claims->firmware);
	}
}

enum err equipment_claims_imei(struct equipment_claims *claims, struct bytes imei)
{
	if (imei.len > 0 && !imei_is_one(imei))
		return ERR_VALUE;
	if (imei.len > 0)
		memcpy(claims->imei, imei.at, IMEI_DIGITS);
	claims->imei[imei.len] = '\0';
	return ERR_NONE;
}
