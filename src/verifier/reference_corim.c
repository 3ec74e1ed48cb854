/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reference values out of CoRIM. The model is the environment's model, or its vendor, or its class
 * identifier in hexadecimal; the firmware version is the first that a measurement names, "" when
 * none does.
 */
#include "codec/cbor.h"
#include "codec/hex.h"
#include "evidence/corim.h"
#include "port/crypto.h"
#include "verifier/lines.h"
#include "verifier/reference.h"

#include <string.h>

static enum err copy_model(const struct comid_environment *environment, struct reference *set)
{
	uint8_t store[CLAIM_TEXT_MAX];
	struct room hex = ROOM(store);

	if (environment->model.len > 0)
		return word_copy(environment->model, set->model, sizeof set->model);
	if (environment->vendor.len > 0)
		return word_copy(environment->vendor, set->model, sizeof set->model);
	if (environment->class_id.len == 0)
		return ERR_NOT_FOUND;
	hex_put(&hex, environment->class_id);
	return word_copy(room_used(&hex), set->model, sizeof set->model);
}

static bool hash_of(int64_t algorithm, enum attest_hash *out)
{
	*out = algorithm == CORIM_SHA256   ? ATTEST_SHA256
	       : algorithm == CORIM_SHA384 ? ATTEST_SHA384
	                                   : ATTEST_SHA512;
	return algorithm == CORIM_SHA256 || algorithm == CORIM_SHA384 || algorithm == CORIM_SHA512;
}

/* A set has one bank: the first digest's. Digests of other banks are for other verifiers. */
static enum err add_pcr(struct reference *set, uint64_t number, struct bytes digests)
{
	struct reference_pcr pcr = { .pcr = (uint32_t)number };
	struct corim_digest digest;
	enum attest_hash hash;
	size_t added = 0;

	if (number >= TPM_PCRS)
		return ERR_VALUE;
	while (digests.len > 0) {
		TRY(corim_next_digest(&digests, &digest));
		if (!hash_of(digest.algorithm, &hash))
			continue;
		if (set->pcr_count == 0)
			set->bank = hash;
		if (hash != set->bank)
			continue;
		memcpy(pcr.value, digest.value.at, digest.value.len);
		TRY(reference_add_pcr(set, &pcr));
		added++;
	}
	return added > 0 ? ERR_NONE : ERR_VALUE;
}

/* The signer is the first of cryptokeys, a tagged byte string. */
static enum err add_component(struct reference *set, const struct comid_measurement *m)
{
	struct reference_component c = { .type = "" };
	struct bytes digests = m->digests, keys = m->keys, signer = { NULL, 0 };
	struct corim_digest digest;
	uint64_t tag;

	TRY(corim_next_digest(&digests, &digest));
	if (digest.value.len > sizeof c.value)
		return ERR_LENGTH;
	c.value_len = (uint8_t)digest.value.len;
	memcpy(c.value, digest.value.at, digest.value.len);
	if (keys.len > 0) {
		TRY(cbor_read_tag(&keys, &tag));
		TRY(cbor_read_bytes(&keys, &signer));
		if (signer.len > sizeof c.signer)
			return ERR_LENGTH;
		c.signer_len = (uint8_t)signer.len;
		memcpy(c.signer, signer.at, signer.len);
	}
	TRY(word_copy(m->name, c.type, sizeof c.type));
	TRY(word_copy(m->version, c.version, sizeof c.version));
	return reference_add_component(set, &c);
}

static enum err add_registers(struct reference *set, struct bytes registers)
{
	while (registers.len > 0) {
		struct bytes digests;
		uint64_t number, count;

		TRY(cbor_read_uint(&registers, TPM_PCRS - 1, &number));
		TRY(cbor_read_open(&registers, CBOR_ARRAY, &count, &digests));
		TRY(add_pcr(set, number, digests));
	}
	return ERR_NONE;
}

static enum err add_measurement(struct reference *set, const struct comid_measurement *m)
{
	if (m->registers.at != NULL)
		return add_registers(set, m->registers);
	if (m->digests.at == NULL)
		return ERR_VALUE;
	if (m->version.len > 0 && set->firmware[0] == '\0')
		TRY(word_copy(m->version, set->firmware, sizeof set->firmware));
	if (m->has_number)
		return add_pcr(set, m->number, m->digests);
	if (!m->key_is_text || !word_is(m->key, "psa.software-component"))
		return ERR_VALUE; /* a key whose meaning is not known matches nothing */
	return add_component(set, m);
}

static enum err fill(struct reference *set, const struct comid_environment *environment,
                     struct bytes items)
{
	struct comid_measurement m;

	TRY(copy_model(environment, set));
	while (items.len > 0) {
		TRY(comid_next_measurement(&items, &m));
		TRY(add_measurement(set, &m));
	}
	/* One environment is a TPM's or a PSA root of trust's, not both. */
	return (set->pcr_count > 0) != (set->component_count > 0) ? ERR_NONE : ERR_VALUE;
}

static enum err add_comid(struct references *references, const struct corim *corim,
                          const struct comid *comid, const uint8_t *digest)
{
	struct bytes triples = comid->triples[COMID_REFERENCE], items;
	struct comid_environment environment;

	while (triples.len > 0) {
		struct reference set = { .model = "" };

		TRY(comid_next(&triples, &environment, &items));
		if (environment.instance.at != NULL)
			return ERR_VALUE; /* reference values of a class, not of one machine */
		set.not_before = corim->not_before;
		set.not_after = corim->not_after;
		memcpy(set.digest, digest, sizeof set.digest);
		enum err err = fill(&set, &environment, items);
		if (err == ERR_NONE)
			err = references_adopt(references, &set);
		if (err != ERR_NONE) {
			reference_free(&set);
			return err;
		}
	}
	return ERR_NONE;
}

static enum err add_all(struct references *references, struct corim *corim, const uint8_t *digest)
{
	struct comid comid;
	enum err err;

	while ((err = corim_next_comid(corim, &comid)) == ERR_NONE)
		TRY(add_comid(references, corim, &comid, digest));
	return err == ERR_NOT_FOUND ? ERR_NONE : err;
}

enum err references_add_corim(struct references *references, struct bytes corim,
                              const struct attest_key *key)
{
	size_t before = references->count;
	struct corim read;
	uint8_t digest[SHA256_SIZE];

	TRY(key != NULL ? corim_signed_read(corim, key, &read) : corim_read(corim, &read));
	TRY(crypto_sha256(digest, &read.octets, 1));
	enum err err = add_all(references, &read, digest);
	if (err == ERR_NONE && references->count == before)
		err = ERR_NOT_FOUND;
	while (err != ERR_NONE && references->count > before)
		reference_free(&references->sets[--references->count]);
	return err;
}
