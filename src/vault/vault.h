/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A tear-safe, optionally sealed store over the flash port. It offers volumes: numbered, sparse address
 * spaces that grow in chunks. It knows nothing of files, profiles or records.
 *
 * Two ways to write:
 *  - a transaction changes live volumes: vault_begin, any number of vault_write (and adopt, drop),
 *    vault_commit. Up to VAULT_TXN_PAGES pages change together or not at all.
 *  - a draft is a volume that nothing refers to: it is written in place, any amount, outside or inside a
 *    transaction, and does not survive a power cut. vault_adopt in a transaction makes it exist.
 *
 * Invariants, asserted by vault_check and relied on by vault_open:
 *  V1 The medium is: one head page, JOURNAL_PAGES journal pages, the allocation table, chunks.
 *  V2 A committed transaction is a commit page in the journal preceded by images of all pages it
 *     changes. The commit with the highest sequence number is applied again at every open, so
 *     tearing while it is applied does no harm.
 *  V3 The journal is a ring that holds more than two of the largest transactions, so a transaction
 *     under way never overwrites the last commit or its images.
 *  V4 A page that is written in place belongs to no live volume and has no image in the last commit.
 *  V5 A chunk is free, or belongs to exactly one volume at exactly one index. Free chunks hold zeros:
 *     what was dropped is wiped, and an interrupted wipe is taken up again at open.
 *  V6 Every page of a live volume opens: its tag (sealed) or check sum (not sealed) is right, and
 *     covers the page's place, so pages cannot be exchanged.
 *
 * Sealing is AES-256-GCM per page with random nonces. It keeps contents secret and pages in their
 * place; it cannot notice that the *whole* medium was put back to an earlier state. Where that
 * matters the platform must bring a monotonic counter into the key.
 */
#ifndef VAULT_VAULT_H
#define VAULT_VAULT_H

#include "base/bytes.h"
#include "base/err.h"
#include "base/secret.h"
#include "port/flash.h"

enum {
	VAULT_PAGE = 512, /* octets on the medium: nonce, data, tag */
	VAULT_PAGE_DATA = 484,
	VAULT_TXN_PAGES = 24,     /* 11 KB change at once; the largest is a file of a few KB */
	VAULT_JOURNAL_PAGES = 64, /* V3: more than 2 * (VAULT_TXN_PAGES + 1) */
	VAULT_CHUNKS_MAX = 240,   /* two octets each in the one page of the allocation table */
	VAULT_VOLUMES = 32,       /* ids 1 to 31; 0 marks a free chunk */
	VAULT_CACHE = 3,          /* a node, a file and an access rule are looked at in turn */
	VAULT_SIZE_MIN = 64 * 1024,
};

/* One page in RAM. */
struct vault_line {
	uint16_t page; /* 0 when empty: the head page is never cached */
	uint16_t used; /* when it was last touched; the oldest is evicted */
	bool dirty;
	uint8_t data[VAULT_PAGE_DATA];
};

/* The caller's memory; members are the vault's own business. */
struct vault {
	struct flash flash;
	const struct secret *key;          /* NULL: not sealed */
	uint32_t sequence;                 /* of the last commit */
	uint16_t last[VAULT_TXN_PAGES];    /* pages that have an image in the last commit */
	uint16_t changed[VAULT_TXN_PAGES]; /* pages of the transaction under way, in slot order */
	uint8_t last_count, changed_count;
	uint8_t next_slot; /* where the next image or commit goes in the ring */
	bool in_txn;
	bool broken;    /* a write failed after the point of no return: reopen */
	uint16_t clock; /* counts touches of cached pages */
	uint16_t chunks, chunk_pages;
	uint8_t owner[VAULT_CHUNKS_MAX]; /* volume id and enum chunk_state */
	uint8_t index[VAULT_CHUNKS_MAX]; /* which chunk of the volume */
	struct vault_line lines[VAULT_CACHE];
};

/* vault_format makes an empty vault of the whole medium and opens it. `key` has 32 octets and outlives
 * the vault; NULL when the medium is itself inside a secure element. Not tear-safe: until it returns
 * there is no vault. ERR_LIMIT when the medium is smaller than VAULT_SIZE_MIN. */
NODISCARD enum err vault_format(struct vault *v, const struct flash *flash,
                                const struct secret *key);

/* vault_open finds the last commit and finishes what a power cut interrupted. ERR_NOT_FOUND when there
 * is no vault here, ERR_MAC when the key is not the one it was made with, ERR_CORRUPT when damaged,
 * ERR_EXPIRED when it was destroyed; what was left of it then is wiped now. */
NODISCARD enum err vault_open(struct vault *v, const struct flash *flash, const struct secret *key);

/* vault_destroy makes an end of whatever is on the medium: first a mark, which is durable when the next
 * octet is written, then zeros over everything else. It needs no key and no open vault. After a power
 * cut vault_open, or another vault_destroy, goes on. vault_destroyed looks for the mark. */
NODISCARD enum err vault_destroy(const struct flash *flash);
NODISCARD enum err vault_destroyed(const struct flash *flash, bool *destroyed);

/* vault_read copies len octets; inside a transaction it sees the transaction's own writes. ERR_NOT_FOUND
 * when the volume never had that range; octets that were never written are FF. */
NODISCARD enum err vault_read(struct vault *v, uint8_t volume, uint32_t at, uint8_t *out,
                              size_t len);

/* vault_begin starts a transaction. ERR_ORDER when one is under way. */
NODISCARD enum err vault_begin(struct vault *v);

/* vault_write changes a live volume (inside a transaction, else ERR_ORDER) or a draft (at any time).
 * ERR_FULL when the medium is, ERR_LIMIT when the transaction touches too many pages; then the
 * transaction can only be aborted. */
NODISCARD enum err vault_write(struct vault *v, uint8_t volume, uint32_t at, struct bytes data);

/* vault_commit makes the transaction durable before it returns. On error nothing of it happened,
 * unless the cause is ERR_IO: then the next open decides. */
NODISCARD enum err vault_commit(struct vault *v);

/* vault_abort forgets the transaction under way, if any. */
void vault_abort(struct vault *v);

/* vault_in_transaction tells whether one is under way. */
bool vault_in_transaction(const struct vault *v);

/* vault_draft starts an empty draft under this id, forgetting an older draft of it. ERR_EXISTS when the
 * id is live. */
NODISCARD enum err vault_draft(struct vault *v, uint8_t volume);

/* vault_adopt makes a draft live, and vault_drop a live volume free, when the transaction commits.
 * vault_drop outside a transaction forgets a draft. ERR_NOT_FOUND when there is no such volume. */
NODISCARD enum err vault_adopt(struct vault *v, uint8_t volume);
NODISCARD enum err vault_drop(struct vault *v, uint8_t volume);

/* vault_exists tells whether the id is live (or will be when the transaction commits). */
bool vault_exists(const struct vault *v, uint8_t volume);

/* vault_free is how many octets new volumes can take; vault_span how far a volume can grow at most. */
uint32_t vault_free(const struct vault *v);
uint32_t vault_span(const struct vault *v);

/* vault_check asserts the invariants that can be seen in RAM. */
void vault_check(const struct vault *v);

#endif
