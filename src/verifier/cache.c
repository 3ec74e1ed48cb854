/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/cache.h"

#include "port/crypto.h"

#include <stdlib.h>
#include <string.h>

enum err log_cache_init(struct log_cache *cache, size_t capacity)
{
	*cache = (struct log_cache){ .entry = NULL };
	if (capacity > CACHE_ENTRIES_MAX)
		return ERR_LIMIT;
	if (capacity == 0)
		return ERR_NONE;
	cache->entry = calloc(capacity, sizeof *cache->entry);
	if (cache->entry == NULL)
		return ERR_FULL;
	cache->capacity = capacity;
	return ERR_NONE;
}

void log_cache_clear(struct log_cache *cache)
{
	for (size_t i = 0; i < cache->count; i++)
		free(cache->entry[i].log);
	free(cache->entry);
	*cache = (struct log_cache){ .entry = NULL };
}

static struct cache_entry *hit(struct log_cache *cache, struct cache_entry *entry)
{
	entry->used = ++cache->clock;
	cache->hits++;
	return entry;
}

static bool holds(const struct cache_entry *entry, struct bytes log, enum attest_hash bank)
{
	return entry->len == log.len && entry->bank.hash == bank &&
	       memcmp(entry->log, log.at, log.len) == 0;
}

static bool quoted_as(const struct cache_entry *entry, struct bytes quoted)
{
	return bytes_same(quoted, (struct bytes){ entry->quoted, entry->quoted_len });
}

/* Logs that were quoted alike first, so that a fleet of many models does not compare long equal
 * beginnings. */
struct cache_entry *log_cache_find(struct log_cache *cache, struct bytes log, enum attest_hash bank,
                                   struct bytes quoted)
{
	for (int alike = 1; alike >= 0; alike--) {
		for (size_t i = 0; i < cache->count; i++) {
			struct cache_entry *entry = &cache->entry[i];

			if (quoted_as(entry, quoted) != alike || !holds(entry, log, bank))
				continue;
			memcpy(entry->quoted, quoted.at, quoted.len);
			entry->quoted_len = (uint8_t)quoted.len;
			return hit(cache, entry);
		}
	}
	cache->misses++;
	return NULL;
}

struct cache_entry *log_cache_by_digest(struct log_cache *cache, struct bytes digest,
                                        enum attest_hash bank)
{
	for (size_t i = 0; i < cache->count; i++) {
		struct cache_entry *entry = &cache->entry[i];

		if (entry->bank.hash == bank && bytes_same(digest, BYTES(entry->digest)))
			return hit(cache, entry);
	}
	cache->misses++;
	return NULL;
}

static struct cache_entry *place(struct log_cache *cache)
{
	struct cache_entry *oldest = &cache->entry[0];

	if (cache->count < cache->capacity)
		return &cache->entry[cache->count++];
	for (size_t i = 1; i < cache->count; i++) {
		if (cache->entry[i].used < oldest->used)
			oldest = &cache->entry[i];
	}
	free(oldest->log);
	return oldest;
}

struct cache_entry *log_cache_add(struct log_cache *cache, struct bytes log, struct bytes quoted,
                                  const struct tpm_bank *bank)
{
	uint8_t digest[SHA256_SIZE], *copy;

	if (cache->capacity == 0 || log.len > CACHE_LOG_MAX || quoted.len > ATTEST_HASH_MAX ||
	    crypto_sha256(digest, &log, 1) != ERR_NONE || (copy = malloc(log.len + 1)) == NULL)
		return NULL;
	struct cache_entry *entry = place(cache);
	*entry = (struct cache_entry){ .log = copy, .len = log.len, .used = ++cache->clock };
	memcpy(copy, log.at, log.len);
	memcpy(entry->digest, digest, sizeof entry->digest);
	memcpy(entry->quoted, quoted.at, quoted.len);
	entry->quoted_len = (uint8_t)quoted.len;
	entry->bank = *bank;
	return entry;
}
