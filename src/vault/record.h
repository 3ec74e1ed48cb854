/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Small named records in a vault volume: octets under a 16-bit key, high octet the kind, low octet the
 * number within the kind. A record is replaced or removed as a whole, inside the caller's transaction.
 * Kinds are declared here so that no two users meet.
 */
#ifndef VAULT_RECORD_H
#define VAULT_RECORD_H

#include "vault/vault.h"

enum {
	RECORD_VOLUME = 1,
	RECORD_SIZE_MAX = 4096, /* a profile's metadata with icon is about 2 KB */
	RECORDS_MAX = 160,
};

/* Kinds 00 to 3F belong to the file system and profiles, 40 to 7F to the ISD-R, the rest is free. */
enum record_kind {
	RECORD_CARD = 0x00,             /* number 0: card-wide state */
	RECORD_PROFILE_HEAD = 0x01,     /* number: profile slot */
	RECORD_PROFILE_METADATA = 0x02, /* number: profile slot; content is the ISD-R's */
	RECORD_ISDR = 0x40,             /* first kind of the ISD-R */
};

static inline uint16_t record_key(uint8_t kind, uint8_t number)
{
	return (uint16_t)(kind << 8 | number);
}

/* record_size tells how long a record is. ERR_NOT_FOUND. */
NODISCARD enum err record_size(struct vault *v, uint16_t key, size_t *size);

/* record_get appends a whole record to the room (which latches when it does not fit). ERR_NOT_FOUND. */
NODISCARD enum err record_get(struct vault *v, uint16_t key, struct room *out);

/* record_read copies part of a record; ERR_NOT_FOUND, or ERR_LENGTH when it is shorter. */
NODISCARD enum err record_read(struct vault *v, uint16_t key, size_t at, uint8_t *out, size_t len);

/* record_put makes or replaces a record, inside a transaction. ERR_LIMIT when longer than
 * RECORD_SIZE_MAX, ERR_FULL. */
NODISCARD enum err record_put(struct vault *v, uint16_t key, struct bytes value);

/* record_remove forgets a record, inside a transaction. ERR_NOT_FOUND. */
NODISCARD enum err record_remove(struct vault *v, uint16_t key);

/* record_next finds the smallest key of this kind that is >= *key (start with record_key(kind, 0)).
 * ERR_NOT_FOUND when there is none; then `key` is untouched. */
NODISCARD enum err record_next(struct vault *v, uint8_t kind, uint16_t *key);

#endif
