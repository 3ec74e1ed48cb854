/* SPDX-License-Identifier: Apache-2.0 */
/* Pages as they lie on the medium: nonce, data, tag; or a mark, data, check sum where not sealed. */
#include "vault/inside.h"

#include <string.h>

static const uint8_t plain_mark[GCM_NONCE_SIZE] = "not sealed\n";

/* CRC-32 of IEEE 802.3, four bits at a time: small, and a page is short. */
static uint32_t crc32(uint32_t crc, struct bytes in)
{
	static const uint32_t table[16] = {
		0x00000000, 0x1DB71064, 0x3B6E20C8, 0x26D930AC, 0x76DC4190, 0x6B6B51F4,
		0x4DB26158, 0x5005713C, 0xEDB88320, 0xF00F9344, 0xD6D6A3E8, 0xCB61B38C,
		0x9B64C2B0, 0x86D3D2D4, 0xA00AE278, 0xBDBDF21C,
	};

	for (size_t i = 0; i < in.len; i++) {
		crc = crc >> 4 ^ table[(crc ^ in.at[i]) & 0x0F];
		crc = crc >> 4 ^ table[(crc ^ in.at[i] >> 4) & 0x0F];
	}
	return crc;
}

static void place_of(enum page_kind kind, uint16_t place, uint8_t out[static 4])
{
	out[0] = 'A';
	out[1] = (uint8_t)kind;
	out[2] = (uint8_t)(place >> 8);
	out[3] = (uint8_t)place;
}

static void checksum(struct bytes place, struct bytes data, uint8_t out[static GCM_TAG_SIZE])
{
	struct room sum = { out, GCM_TAG_SIZE, 0, false };

	memset(out, 0, GCM_TAG_SIZE);
	room_put_u32(&sum, ~crc32(crc32(0xFFFFFFFF, place), data));
}

static enum err flash_read(struct vault *v, uint16_t page, uint8_t *out, size_t len)
{
	return v->flash.read(v->flash.ctx, (uint32_t)page * VAULT_PAGE, out, len);
}

static enum err flash_write(struct vault *v, uint16_t page, const uint8_t *raw)
{
	if (v->broken)
		return ERR_IO;
	return v->flash.write(v->flash.ctx, (uint32_t)page * VAULT_PAGE,
	                      (struct bytes){ raw, VAULT_PAGE });
}

enum err medium_sync(struct vault *v)
{
	if (v->broken)
		return ERR_IO;
	return v->flash.sync != NULL ? v->flash.sync(v->flash.ctx) : ERR_NONE;
}

enum err page_put(struct vault *v, uint16_t at, enum page_kind kind, uint16_t place,
                  const uint8_t data[static VAULT_PAGE_DATA])
{
	uint8_t raw[VAULT_PAGE], where[4];
	uint8_t *body = raw + GCM_NONCE_SIZE;

	place_of(kind, place, where);
	if (v->key == NULL) {
		memcpy(raw, plain_mark, sizeof plain_mark);
		memcpy(body, data, VAULT_PAGE_DATA);
		checksum(BYTES(where), (struct bytes){ data, VAULT_PAGE_DATA },
		         body + VAULT_PAGE_DATA);
	} else {
		/* NIST SP 800-38D 8.2.2: random nonces are good for 2^32 pages. */
		TRY(crypto_random(raw, GCM_NONCE_SIZE));
		TRY(crypto_gcm_seal(v->key, raw, BYTES(where),
		                    (struct bytes){ data, VAULT_PAGE_DATA }, body));
	}
	return flash_write(v, at, raw);
}

static bool is_filled(const uint8_t *raw, size_t len, uint8_t octet)
{
	for (size_t i = 0; i < len; i++)
		if (raw[i] != octet)
			return false;
	return true;
}

static enum err page_open(struct vault *v, const uint8_t *raw, struct bytes where, uint8_t *data)
{
	const uint8_t *body = raw + GCM_NONCE_SIZE;
	uint8_t sum[GCM_TAG_SIZE];

	if (v->key != NULL)
		return crypto_gcm_open(v->key, raw, where,
		                       (struct bytes){ body, VAULT_PAGE_DATA + GCM_TAG_SIZE },
		                       data);
	checksum(where, (struct bytes){ body, VAULT_PAGE_DATA }, sum);
	if (memcmp(raw, plain_mark, sizeof plain_mark) != 0 ||
	    memcmp(sum, body + VAULT_PAGE_DATA, sizeof sum) != 0)
		return ERR_MAC;
	memcpy(data, body, VAULT_PAGE_DATA);
	return ERR_NONE;
}

enum err page_get(struct vault *v, uint16_t at, enum page_kind kind, uint16_t place,
                  uint8_t data[static VAULT_PAGE_DATA])
{
	uint8_t raw[VAULT_PAGE], where[4];
	enum err err = flash_read(v, at, raw, sizeof raw);

	place_of(kind, place, where);
	/* Neither zeros nor erased cells are a nonce. */
	if (err == ERR_NONE &&
	    (is_filled(raw, GCM_NONCE_SIZE, 0x00) || is_filled(raw, GCM_NONCE_SIZE, 0xFF)))
		err = ERR_NOT_FOUND;
	if (err == ERR_NONE)
		err = page_open(v, raw, BYTES(where), data);
	if (err != ERR_NONE)
		wipe(data, VAULT_PAGE_DATA);
	return err;
}

enum err page_copy(struct vault *v, uint16_t from, uint16_t to)
{
	uint8_t raw[VAULT_PAGE], there[VAULT_PAGE];

	TRY(flash_read(v, from, raw, sizeof raw));
	TRY(flash_read(v, to, there, sizeof there));
	if (memcmp(raw, there, sizeof raw) == 0)
		return ERR_NONE; /* each power-on replays: that shall not wear the page */
	return flash_write(v, to, raw);
}

enum err page_blank(struct vault *v, uint16_t at)
{
	uint8_t raw[VAULT_PAGE];

	TRY(flash_read(v, at, raw, sizeof raw));
	if (is_filled(raw, sizeof raw, 0x00))
		return ERR_NONE;
	memset(raw, 0, sizeof raw);
	return flash_write(v, at, raw);
}

enum err page_is_blank(struct vault *v, uint16_t at, bool *blank)
{
	uint8_t nonce[GCM_NONCE_SIZE];

	TRY(flash_read(v, at, nonce, sizeof nonce));
	*blank = is_filled(nonce, sizeof nonce, 0x00);
	return ERR_NONE;
}
