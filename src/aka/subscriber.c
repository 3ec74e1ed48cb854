/* SPDX-License-Identifier: Apache-2.0 */
/* One subscriber's secrets and parameters: defaults, checks, and the record in sealed storage. */
#include "aka/aka.h"

#include <string.h>

enum {
	RECORD_VERSION = 1,
	RECORD_CONSTANTS = 0x01, /* flag: own Milenage constants follow */
};

void aka_subscriber_init(struct aka_subscriber *who, enum aka_algorithm algorithm)
{
	*who = (struct aka_subscriber){
		.algorithm = algorithm,
		.mac_size = 8,
		.res_size = algorithm == AKA_TEST ? 16 : 8,
		.ck_size = 16,
		.ik_size = 16,
	};
	if (algorithm == AKA_MILENAGE)
		who->constants = milenage_standard;
	if (algorithm == AKA_TUAK)
		who->iterations = 1;
}

static bool milenage_valid(const struct aka_subscriber *who)
{
	return who->k.len == MILENAGE_KEY_SIZE && who->opc.len == MILENAGE_KEY_SIZE &&
	       who->mac_size == 8 && who->res_size >= 4 && who->res_size <= 8 &&
	       who->ck_size == 16 && who->ik_size == 16 && who->iterations == 0 &&
	       milenage_constants_usable(&who->constants);
}

static bool tuak_valid(const struct aka_subscriber *who)
{
	struct tuak tuak = {
		.iterations = who->iterations,
		.mac_size = who->mac_size,
		.res_size = who->res_size,
		.ck_size = who->ck_size,
		.ik_size = who->ik_size,
	};

	return (who->k.len == 16 || who->k.len == 32) && who->opc.len == TUAK_TOP_SIZE &&
	       tuak_sizes_valid(&tuak);
}

/* TS 34.108 8.1.2.1: a RES of 32 to 128 bits. */
static bool test_valid(const struct aka_subscriber *who)
{
	return who->k.len == 16 && who->mac_size == 8 && who->res_size >= 4 &&
	       who->res_size <= 16 && who->ck_size == 16 && who->ik_size == 16 &&
	       who->iterations == 0;
}

bool aka_subscriber_valid(const struct aka_subscriber *who)
{
	switch (who->algorithm) {
	case AKA_MILENAGE:
		return milenage_valid(who);
	case AKA_TUAK:
		return tuak_valid(who);
	case AKA_TEST:
		return test_valid(who);
	}
	return false;
}

enum err aka_subscriber_op(struct aka_subscriber *who, const struct secret *op)
{
	switch (who->algorithm) {
	case AKA_MILENAGE:
		return milenage_opc(&who->k, op, &who->opc);
	case AKA_TUAK:
		return tuak_topc(&who->k, op, who->iterations, &who->opc);
	case AKA_TEST:
		return ERR_UNSUPPORTED;
	}
	return ERR_VALUE;
}

static void put_secret(struct room *out, const struct secret *secret)
{
	room_put_u8(out, secret->len);
	room_put(out, secret_bytes(secret));
}

void aka_subscriber_put(struct room *out, const struct aka_subscriber *who)
{
	const struct milenage_constants *own = &who->constants;
	bool standard =
		who->algorithm != AKA_MILENAGE || memcmp(own, &milenage_standard, sizeof *own) == 0;

	room_put_u8(out, RECORD_VERSION);
	room_put_u8(out, (uint8_t)who->algorithm);
	room_put_u8(out, standard ? 0 : RECORD_CONSTANTS);
	room_put_u8(out, who->iterations);
	room_put_u8(out, who->mac_size);
	room_put_u8(out, who->res_size);
	room_put_u8(out, who->ck_size);
	room_put_u8(out, who->ik_size);
	put_secret(out, &who->k);
	put_secret(out, &who->opc);
	if (!standard) {
		room_put(out, BYTES(own->r));
		for (size_t i = 0; i < COUNT(own->c); i++)
			room_put(out, BYTES(own->c[i]));
	}
}

NODISCARD static enum err take(struct bytes *in, uint8_t *out, size_t size)
{
	struct bytes field;

	if (!bytes_take(in, size, &field))
		return ERR_TRUNCATED;
	memcpy(out, field.at, size);
	return ERR_NONE;
}

NODISCARD static enum err take_secret(struct bytes *in, struct secret *out)
{
	struct bytes value;
	uint8_t len;

	TRY(take(in, &len, 1));
	if (!bytes_take(in, len, &value))
		return ERR_TRUNCATED;
	return secret_from(out, value) ? ERR_NONE : ERR_LENGTH;
}

NODISCARD static enum err take_constants(struct bytes *in, struct milenage_constants *out)
{
	TRY(take(in, out->r, sizeof out->r));
	for (size_t i = 0; i < COUNT(out->c); i++)
		TRY(take(in, out->c[i], sizeof out->c[i]));
	/* The standard ones are left out: a record has one form. */
	return memcmp(out, &milenage_standard, sizeof *out) == 0 ? ERR_VALUE : ERR_NONE;
}

NODISCARD static enum err read_fields(struct bytes in, struct aka_subscriber *out)
{
	uint8_t head[8];

	TRY(take(&in, head, sizeof head));
	if (head[0] != RECORD_VERSION || (head[2] & ~RECORD_CONSTANTS) != 0)
		return ERR_VALUE;
	if (head[1] != AKA_MILENAGE && head[1] != AKA_TUAK && head[1] != AKA_TEST)
		return ERR_VALUE;
	aka_subscriber_init(out, (enum aka_algorithm)head[1]);
	out->iterations = head[3];
	out->mac_size = head[4];
	out->res_size = head[5];
	out->ck_size = head[6];
	out->ik_size = head[7];
	TRY(take_secret(&in, &out->k));
	TRY(take_secret(&in, &out->opc));
	if ((head[2] & RECORD_CONSTANTS) != 0) {
		if (out->algorithm != AKA_MILENAGE)
			return ERR_VALUE;
		TRY(take_constants(&in, &out->constants));
	}
	if (in.len > 0)
		return ERR_TRAILING;
	return aka_subscriber_valid(out) ? ERR_NONE : ERR_VALUE;
}

enum err aka_subscriber_read(struct bytes in, struct aka_subscriber *out)
{
	struct aka_subscriber read;
	enum err err = read_fields(in, &read);

	if (err == ERR_NONE)
		*out = read;
	aka_subscriber_clear(&read);
	return err;
}

void aka_subscriber_clear(struct aka_subscriber *who)
{
	wipe(who, sizeof *who);
}
