/* SPDX-License-Identifier: Apache-2.0 */
/* Laws: a list that is not signed is not read; one that is read can be written and read again, and is the same. */
#include "agent/components.h"
#include "codec/hex.h"

#include "fuzz/law.h"

#include <string.h>

enum { BODY_MAX = 2048 };

static struct secret key;
static uint8_t signer[EC_POINT_SIZE];

static struct bytes sign(const uint8_t *data, size_t size, struct room *out)
{
	uint8_t signature[EC_SIGNATURE_SIZE];
	struct bytes body = { data, size };

	LAW(crypto_ecdsa_sign(EC_P256, &key, &body, 1, signature) == ERR_NONE);
	room_put(out, body);
	room_put(out, BYTES_STR("signature "));
	hex_put(out, BYTES(signature));
	room_put_u8(out, '\n');
	return room_used(out);
}

static void same(const struct components *a, const struct components *b)
{
	LAW(a->version > 0 && a->version == b->version);
	LAW(a->count == b->count && bytes_same(a->model, b->model) &&
	    bytes_same(a->firmware, b->firmware));
	for (size_t i = 0; i < a->count; i++) {
		LAW(bytes_same(a->component[i].name, b->component[i].name));
		LAW(bytes_same(a->component[i].path, b->component[i].path));
		LAW(memcmp(a->component[i].digest, b->component[i].digest, SHA256_SIZE) == 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t first[BODY_MAX + 256], second[COMPONENTS_TEXT_MAX];
	struct room text = ROOM(first), again = ROOM(second);
	struct components read, reread;

	if (key.len == 0)
		LAW(crypto_ec_generate(EC_P256, &key, signer) == ERR_NONE);
	LAW(components_read((struct bytes){ data, size }, signer, &read) != ERR_NONE);
	if (size > BODY_MAX || components_read(sign(data, size, &text), signer, &read) != ERR_NONE)
		return 0;
	LAW(read.count > 0 && read.count <= COMPONENTS_MAX);
	LAW(components_put(&again, &read, &key) == ERR_NONE);
	LAW(components_read(room_used(&again), signer, &reread) == ERR_NONE);
	same(&read, &reread);
	return 0;
}
