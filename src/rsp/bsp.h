/* SPDX-License-Identifier: Apache-2.0 */
/*
 * BPP protection, SGP.22 v2.5 2.6.4 and annex G (SCP03t until v2.1): session keys from the key
 * agreement, then each '86', '87' or '88' TLV is deciphered and authenticated in order. MAC values
 * chain; the counter for the ICV counts every TLV, those that are only authenticated too.
 *
 * struct bsp is caller-owned, holds keys, and is to be cleared with bsp_clear (or BSP). A TLV that
 * failed to verify spoils the session: the caller ends it.
 */
#ifndef RSP_BSP_H
#define RSP_BSP_H

#include "base/secret.h"
#include "port/crypto.h"
#include "rsp/rsp.h"

enum {
	BSP_KEY_TYPE_AES = 0x88, /* GlobalPlatform Card Specification table 11-16 */
	BSP_KEY_LENGTH = 16,
	BSP_MAC_SIZE = 8,
	BSP_HOST_ID_MAX = 16,
	BSP_SEGMENT_MAX = 1020,  /* SGP.22 2.5.3: with tag, length and MAC */
	BSP_SEGMENT_READ_MAX = 1040, /* osmo-smdpp forgets the padding and writes up to 1,036 */
	BSP_CIPHER_MAX = 1007,   /* longest plain text of one '86'/'87': 63 blocks with padding */
	BSP_MAC_ONLY_MAX = 1008, /* longest text of one '88' */
	TAG_BSP_PROFILE = 0x86,  /* enciphered and authenticated */
	TAG_BSP_COMMAND = 0x87,  /* enciphered and authenticated */
	TAG_BSP_METADATA = 0x88, /* authenticated */
};

struct bsp {
	struct secret s_enc, s_mac;
	uint8_t mac_chain[AES_BLOCK_SIZE];
	uint32_t counter; /* of the next TLV; starts with 1 */
};

void bsp_clear(struct bsp *bsp);
#define BSP __attribute__((cleanup(bsp_clear))) struct bsp

/* bsp_start derives the session keys from the ECDH result (X9.63 KDF with SHA-256 over key
 * type, key length, host id and EID). ERR_LENGTH when the host id is not 1 to 16 octets. */
NODISCARD enum err bsp_start(struct bsp *bsp, const struct secret *shared, struct bytes host_id,
                             const uint8_t eid[static EID_SIZE]);

/* bsp_replace takes keys given by ReplaceSessionKeys and begins to count anew. */
NODISCARD enum err bsp_replace(struct bsp *bsp, struct bytes mac_chain, const struct secret *enc,
                               const struct secret *mac);

/* bsp_size is the octets that bsp_protect makes of a text that fits one TLV. */
size_t bsp_size(ber_tag tag, size_t plain_len);

/* bsp_protect appends one TLV; ERR_LIMIT when the text is too long for one, ERR_ROOM. '88' is left
 * readable, '86' and '87' are enciphered. On error the session did not move. */
NODISCARD enum err bsp_protect(struct bsp *bsp, ber_tag tag, struct bytes plain, struct room *out);

/* bsp_open checks the MAC of one whole TLV with that tag and then gives its plain text,
 * deciphered in place for '86' and '87' (`tlv` is the caller's own buffer). ERR_MAC; ERR_TAG,
 * ERR_LENGTH or ERR_VALUE (padding) when it has the wrong structure. On error the session did
 * not move. */
NODISCARD enum err bsp_open(struct bsp *bsp, ber_tag tag, struct room *tlv, struct bytes *plain);

#endif
