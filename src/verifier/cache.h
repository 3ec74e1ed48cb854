/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Logs that were replayed before. Machines of one model send equal logs, so each is replayed and
 * appraised once. A log is recognised by its whole content, octet for octet, under the same bank
 * and quoted over the same PCR values: there is no digest that could collide and no key that a
 * sender chooses. Bounded: the entry used longest ago goes.
 *
 * A machine may also name a log by its SHA-256 alone, when it knows from an earlier result that the
 * verifier has it.
 */
#ifndef VERIFIER_CACHE_H
#define VERIFIER_CACHE_H

#include "evidence/eventlog.h"
#include "verifier/finding.h"

enum {
	CACHE_ENTRIES_MAX = 256,
	CACHE_LOG_MAX = 1 << 18, /* a longer log is replayed every time */
	CACHE_FINDINGS_MAX = 16,
};

/* What the content of a log was found to be, under one set of reference values and PCRs. */
struct cached_content {
	uint64_t generation; /* 0: nothing known yet */
	size_t set;
	uint32_t pcrs;
	size_t count;
	struct finding finding[CACHE_FINDINGS_MAX];
};

struct cache_entry {
	uint8_t *log;
	size_t len;
	uint8_t digest[32]; /* SHA-256 of the log */
	uint8_t quoted
		[ATTEST_HASH_MAX]; /* pcrDigest that it was last seen under: where to look first */
	uint8_t quoted_len;
	uint64_t used;
	struct tpm_bank bank; /* what it replays to */
	struct cached_content content;
};

struct log_cache {
	struct cache_entry *entry;
	size_t capacity, count;
	uint64_t clock;
	uint64_t hits, misses;
};

/* log_cache_init makes a cache of up to `capacity` logs; 0 switches it off. ERR_FULL without
 * memory. */
NODISCARD enum err log_cache_init(struct log_cache *cache, size_t capacity);
void log_cache_clear(struct log_cache *cache);

/* log_cache_find gives the entry for a log that was quoted with this pcrDigest; NULL when it must
 * be replayed. */
struct cache_entry *log_cache_find(struct log_cache *cache, struct bytes log, enum attest_hash bank,
                                   struct bytes quoted);

/* log_cache_by_digest finds a log by its SHA-256. */
struct cache_entry *log_cache_by_digest(struct log_cache *cache, struct bytes digest,
                                        enum attest_hash bank);

/* log_cache_add keeps a log with what it replayed to. NULL when it is too long, or there is no
 * memory. */
struct cache_entry *log_cache_add(struct log_cache *cache, struct bytes log, struct bytes quoted,
                                  const struct tpm_bank *bank);

#endif
