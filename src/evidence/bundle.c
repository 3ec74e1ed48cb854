/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/bundle.h"

#include "codec/cbor.h"

#include <string.h>

enum key {
	KEY_FORMAT = 1,
	KEY_CLAIMS,
	KEY_ATTEST,
	KEY_SIGNATURE,
	KEY_LOG,
	KEY_LOG_DIGEST,
	KEY_PCRS,
	KEY_IMA,
	KEY_TOKEN,
	KEYS,
};

static uint32_t bit(enum key key)
{
	return (uint32_t)1 << key;
}

static enum err read_pcrs(struct bytes *in, struct evidence *out)
{
	struct bytes pairs;
	uint64_t count, pcr;

	TRY(cbor_read_open(in, CBOR_MAP, &count, &pairs));
	while (pairs.len > 0) {
		TRY(cbor_read_uint(&pairs, TPM_PCRS - 1, &pcr));
		if (out->pcr.known >> pcr != 0)
			return ERR_VALUE; /* ascending, so none twice */
		TRY(cbor_read_bytes(&pairs, &out->pcr.value[pcr]));
		out->pcr.known |= (uint32_t)1 << pcr;
	}
	return ERR_NONE;
}

static enum err read_ima(struct bytes *in, struct evidence *out)
{
	uint64_t count, form;

	TRY(cbor_read_array(in, &count));
	if (count != 3)
		return ERR_LENGTH;
	TRY(cbor_read_uint(in, 1, &form));
	TRY(cbor_read_uint(in, UINT32_MAX, &out->ima_first));
	out->ima_form = form == 0 ? IMA_ASCII : IMA_BINARY;
	out->has_ima = true;
	return cbor_read_bytes(in, &out->ima);
}

static enum err read_value(uint64_t key, struct bytes *in, struct evidence *out)
{
	uint64_t format;

	switch (key) {
	case KEY_FORMAT:
		TRY(cbor_read_uint(in, EVIDENCE_FORMATS - 1, &format));
		out->format = (enum evidence_format)format;
		return format == EVIDENCE_NONE ? ERR_VALUE : ERR_NONE;
	case KEY_CLAIMS:
		return cbor_read_bytes(in, &out->claims);
	case KEY_ATTEST:
		return cbor_read_bytes(in, &out->attest);
	case KEY_SIGNATURE:
		return cbor_read_bytes(in, &out->signature);
	case KEY_LOG:
		return cbor_read_bytes(in, &out->log);
	case KEY_LOG_DIGEST:
		TRY(cbor_read_bytes(in, &out->log_digest));
		return out->log_digest.len == BINDING_SIZE ? ERR_NONE : ERR_LENGTH;
	case KEY_PCRS:
		return read_pcrs(in, out);
	case KEY_IMA:
		return read_ima(in, out);
	default:
		return cbor_read_bytes(in, &out->token);
	}
}

/* What each format must have, and what it may. */
static enum err check_keys(enum evidence_format format, uint32_t keys)
{
	const uint32_t both = bit(KEY_FORMAT) | bit(KEY_CLAIMS);
	const uint32_t tpm = both | bit(KEY_ATTEST) | bit(KEY_SIGNATURE),
		       other = both | bit(KEY_TOKEN);
	const uint32_t must = format == EVIDENCE_TPM ? tpm : other;
	const uint32_t logs = bit(KEY_LOG) | bit(KEY_LOG_DIGEST);
	uint32_t may = must;

	if (format == EVIDENCE_TPM)
		may |= logs | bit(KEY_PCRS) | bit(KEY_IMA);
	if ((keys & must) != must)
		return ERR_NOT_FOUND;
	return (keys & ~may) != 0 || (keys & logs) == logs ? ERR_VALUE : ERR_NONE;
}

enum err evidence_read(struct bytes in, struct evidence *out)
{
	struct evidence read = { 0 };
	struct bytes pairs;
	uint64_t count, key;
	uint32_t keys = 0;

	TRY(cbor_read_open(&in, CBOR_MAP, &count, &pairs));
	TRY(cbor_end(in));
	while (pairs.len > 0) {
		TRY(cbor_read_uint(&pairs, KEYS - 1, &key));
		if (key == 0 || keys >> key != 0)
			return ERR_VALUE;
		keys |= (uint32_t)1 << key;
		TRY(read_value(key, &pairs, &read));
	}
	TRY(check_keys(read.format, keys));
	*out = read;
	return ERR_NONE;
}

static void put_bytes(struct room *out, enum key key, struct bytes value)
{
	if (value.at == NULL)
		return;
	cbor_put_uint(out, key);
	cbor_put_bytes(out, value);
}

static void put_pcrs(struct room *out, const struct evidence *evidence)
{
	uint64_t count = 0;

	for (uint32_t n = 0; n < TPM_PCRS; n++)
		count += evidence->pcr.known >> n & 1;
	if (count == 0)
		return;
	cbor_put_uint(out, KEY_PCRS);
	cbor_put_map(out, count);
	for (uint32_t n = 0; n < TPM_PCRS; n++) {
		if (!(evidence->pcr.known >> n & 1))
			continue;
		cbor_put_uint(out, n);
		cbor_put_bytes(out, evidence->pcr.value[n]);
	}
}

static uint64_t optional_keys(const struct evidence *evidence)
{
	const struct bytes *const values[] = { &evidence->attest, &evidence->signature,
		                               &evidence->log, &evidence->log_digest,
		                               &evidence->token };
	uint64_t count = 0;

	for (size_t i = 0; i < COUNT(values); i++)
		count += values[i]->at != NULL;
	count += evidence->pcr.known != 0;
	count += evidence->has_ima;
	return count;
}

void evidence_put(struct room *out, const struct evidence *evidence)
{
	cbor_put_map(out, 2 + optional_keys(evidence));
	cbor_put_uint(out, KEY_FORMAT);
	cbor_put_uint(out, evidence->format);
	cbor_put_uint(out, KEY_CLAIMS);
	cbor_put_bytes(out, evidence->claims);
	put_bytes(out, KEY_ATTEST, evidence->attest);
	put_bytes(out, KEY_SIGNATURE, evidence->signature);
	put_bytes(out, KEY_LOG, evidence->log);
	put_bytes(out, KEY_LOG_DIGEST, evidence->log_digest);
	put_pcrs(out, evidence);
	if (evidence->has_ima) {
		cbor_put_uint(out, KEY_IMA);
		cbor_put_array(out, 3);
		cbor_put_uint(out, evidence->ima_form == IMA_ASCII ? 0 : 1);
		cbor_put_uint(out, evidence->ima_first);
		cbor_put_bytes(out, evidence->ima);
	}
	put_bytes(out, KEY_TOKEN, evidence->token);
}

enum err evidence_binding(struct bytes label, struct bytes session, struct bytes eid,
                          struct bytes claims, uint8_t out[static BINDING_SIZE])
{
	uint8_t digest[3][ATTEST_HASH_MAX];

	TRY(attest_digest(ATTEST_SHA256, digest[0], &session, 1));
	TRY(attest_digest(ATTEST_SHA256, digest[1], &claims, 1));
	struct bytes parts[] = {
		label, { digest[0], BINDING_SIZE }, eid, { digest[1], BINDING_SIZE }
	};
	TRY(attest_digest(ATTEST_SHA256, digest[2], parts, COUNT(parts)));
	memcpy(out, digest[2], BINDING_SIZE);
	return ERR_NONE;
}
