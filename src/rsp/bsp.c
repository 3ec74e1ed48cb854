/* SPDX-License-Identifier: Apache-2.0 */
#include "rsp/bsp.h"

#include <string.h>

void bsp_clear(struct bsp *bsp)
{
	wipe(bsp, sizeof *bsp);
}

/* One block of the X9.63 KDF (TR-03111 4.3.3): SHA-256(Z || counter || SharedInfo), 32 octets. */
static enum err kdf_block(uint8_t out[static SHA256_SIZE], const struct secret *shared,
                          uint8_t counter, struct bytes info)
{
	const uint8_t number[4] = { 0, 0, 0, counter };
	struct bytes parts[] = { secret_bytes(shared), BYTES(number), info };

	return crypto_sha256(out, parts, COUNT(parts));
}

enum err bsp_start(struct bsp *bsp, const struct secret *shared, struct bytes host_id,
                   const uint8_t eid[static EID_SIZE])
{
	uint8_t store[4 + BSP_HOST_ID_MAX + EID_SIZE], key[2 * SHA256_SIZE];
	struct room info = ROOM(store);
	BSP fresh = { .counter = 1 };
	enum err err;

	if (host_id.len < 1 || host_id.len > BSP_HOST_ID_MAX)
		return ERR_LENGTH;
	/* Annex G: keyType || keyLen || HostID-LV || EID-LV. */
	room_put_u8(&info, BSP_KEY_TYPE_AES);
	room_put_u8(&info, BSP_KEY_LENGTH);
	room_put_u8(&info, (uint8_t)host_id.len);
	room_put(&info, host_id);
	room_put_u8(&info, EID_SIZE);
	room_put(&info, (struct bytes){ eid, EID_SIZE });
	err = kdf_block(key, shared, 1, room_used(&info));
	if (err == ERR_NONE)
		err = kdf_block(key + SHA256_SIZE, shared, 2, room_used(&info));
	/* Annex G: initial MAC chaining value, S-ENC, S-MAC, 16 octets each. */
	memcpy(fresh.mac_chain, key, sizeof fresh.mac_chain);
	if (err == ERR_NONE &&
	    (!secret_from(&fresh.s_enc, (struct bytes){ key + 16, BSP_KEY_LENGTH }) ||
	     !secret_from(&fresh.s_mac, (struct bytes){ key + 32, BSP_KEY_LENGTH })))
		err = ERR_LENGTH;
	wipe(key, sizeof key);
	if (err != ERR_NONE)
		return err;
	*bsp = fresh;
	return ERR_NONE;
}

enum err bsp_replace(struct bsp *bsp, struct bytes mac_chain, const struct secret *enc,
                     const struct secret *mac)
{
	/* 5.5.4: keys of the same length as the session keys. */
	if (mac_chain.len != AES_BLOCK_SIZE || enc->len != BSP_KEY_LENGTH ||
	    mac->len != BSP_KEY_LENGTH)
		return ERR_LENGTH;
	memcpy(bsp->mac_chain, mac_chain.at, AES_BLOCK_SIZE);
	bsp->s_enc = *enc;
	bsp->s_mac = *mac;
	bsp->counter = 1; /* the data block counter starts anew with new keys */
	return ERR_NONE;
}

static bool enciphered(ber_tag tag)
{
	return tag != TAG_BSP_METADATA;
}

/* 2.6.4.4: append 80, then zeros up to a whole block. */
static size_t padded(size_t len)
{
	return (len / AES_BLOCK_SIZE + 1) * AES_BLOCK_SIZE;
}

size_t bsp_size(ber_tag tag, size_t plain_len)
{
	size_t len = enciphered(tag) ? padded(plain_len) : plain_len;

	return ber_size(tag, len + BSP_MAC_SIZE);
}

/* 2.6.4.4: the ICV is the block counter, left padded with zeros, enciphered with S-ENC. */
static enum err make_icv(const struct bsp *bsp, uint8_t icv[static AES_BLOCK_SIZE])
{
	uint8_t block[AES_BLOCK_SIZE] = { 0 };

	block[12] = (uint8_t)(bsp->counter >> 24);
	block[13] = (uint8_t)(bsp->counter >> 16);
	block[14] = (uint8_t)(bsp->counter >> 8);
	block[15] = (uint8_t)bsp->counter;
	return crypto_aes_ecb(&bsp->s_enc, BYTES(block), icv);
}

/* The full MAC of chaining value, tag, final length and data. */
static enum err make_mac(const struct bsp *bsp, struct bytes covered,
                         uint8_t mac[static AES_BLOCK_SIZE])
{
	struct bytes parts[] = { BYTES(bsp->mac_chain), covered };

	return crypto_aes_cmac(mac, &bsp->s_mac, parts, COUNT(parts));
}

/* Fills `at` with the text, padded and enciphered when the tag says so. */
static enum err encipher(const struct bsp *bsp, ber_tag tag, struct bytes plain, uint8_t *at,
                         size_t len)
{
	uint8_t icv[AES_BLOCK_SIZE];

	if (plain.len > 0)
		memcpy(at, plain.at, plain.len);
	if (!enciphered(tag))
		return ERR_NONE;
	memset(at + plain.len, 0, len - plain.len);
	at[plain.len] = 0x80;
	TRY(make_icv(bsp, icv));
	return crypto_aes_cbc_encrypt(&bsp->s_enc, icv, (struct bytes){ at, len }, at);
}

enum err bsp_protect(struct bsp *bsp, ber_tag tag, struct bytes plain, struct room *out)
{
	size_t len = enciphered(tag) ? padded(plain.len) : plain.len;
	struct room tlv = *out;
	uint8_t mac[AES_BLOCK_SIZE], *at;

	if (plain.len > (enciphered(tag) ? (size_t)BSP_CIPHER_MAX : (size_t)BSP_MAC_ONLY_MAX))
		return ERR_LIMIT;
	ber_put_header(&tlv, tag, len + BSP_MAC_SIZE);
	at = room_claim(&tlv, len);
	if (at == NULL || room_left(&tlv) < BSP_MAC_SIZE)
		return ERR_ROOM;
	TRY(encipher(bsp, tag, plain, at, len));
	TRY(make_mac(bsp, (struct bytes){ out->at + out->len, tlv.len - out->len }, mac));
	room_put(&tlv, (struct bytes){ mac, BSP_MAC_SIZE });
	memcpy(bsp->mac_chain, mac, sizeof bsp->mac_chain);
	bsp->counter++;
	*out = tlv;
	return ERR_NONE;
}

static enum err remove_padding(struct bytes *text)
{
	size_t len = text->len;

	while (len > 0 && text->at[len - 1] == 0)
		len--;
	if (len == 0 || text->at[len - 1] != 0x80 || text->len - len >= AES_BLOCK_SIZE)
		return ERR_VALUE;
	text->len = len - 1;
	return ERR_NONE;
}

static enum err decipher(const struct bsp *bsp, uint8_t *at, size_t len)
{
	uint8_t icv[AES_BLOCK_SIZE];

	TRY(make_icv(bsp, icv));
	return crypto_aes_cbc_decrypt(&bsp->s_enc, icv, (struct bytes){ at, len }, at);
}

enum err bsp_open(struct bsp *bsp, ber_tag tag, struct room *tlv, struct bytes *plain)
{
	struct bytes in = { tlv->at, tlv->len }, value, text, received;
	uint8_t mac[AES_BLOCK_SIZE];

	TRY(ber_read(&in, tag, &value));
	TRY(ber_end(in));
	if (tlv->len > BSP_SEGMENT_READ_MAX || value.len < BSP_MAC_SIZE)
		return ERR_LENGTH;
	received = value;
	if (!bytes_take(&received, value.len - BSP_MAC_SIZE, &text))
		return ERR_LENGTH;
	if (enciphered(tag) && (text.len == 0 || text.len % AES_BLOCK_SIZE != 0))
		return ERR_LENGTH;
	TRY(make_mac(bsp, (struct bytes){ tlv->at, tlv->len - BSP_MAC_SIZE }, mac));
	if (!secret_same(received, (struct bytes){ mac, BSP_MAC_SIZE }))
		return ERR_MAC;
	if (enciphered(tag)) {
		TRY(decipher(bsp, tlv->at + (text.at - tlv->at), text.len));
		TRY(remove_padding(&text));
	}
	memcpy(bsp->mac_chain, mac, sizeof bsp->mac_chain);
	bsp->counter++;
	*plain = text;
	return ERR_NONE;
}
