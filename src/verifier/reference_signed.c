/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reference values under a signature, for machines and for servers alike: a CoRIM as its draft has it, or the
 * native text as the payload of a COSE_Sign1 with external_aad "assay reference v1". What is signed for one
 * purpose passes for no other.
 */
#include "codec/cbor.h"
#include "evidence/corim.h"
#include "evidence/cose.h"
#include "verifier/reference.h"

static const struct bytes aad = { (const uint8_t *)"assay reference v1", 18 };

bool references_are_signed(struct bytes file)
{
	return cbor_is(file, CBOR_TAG) && !cbor_is_tag(file, CORIM_TAG_UNSIGNED);
}

/* cose_read leaves the older tag of signed CoRIMs alone: that is no native file, then. */
static bool is_native(struct bytes file, struct cose *message)
{
	return cose_read(file, 0, message) == ERR_NONE && message->payload.len > 0 &&
	       !cbor_is(message->payload, CBOR_TAG) && !cbor_is(message->payload, CBOR_MAP);
}

enum err references_add_signed(struct references *references, struct bytes file,
                               const struct attest_key *key, uint32_t *line)
{
	struct cose message;

	*line = 0;
	if (!is_native(file, &message))
		return references_add_corim(references, file, key);
	if (message.tag != COSE_TAG_SIGN1 || !message.algorithm_protected)
		return ERR_SIGNATURE;
	TRY(cose_verify(&message, key, aad));
	return references_add_text(references, message.payload, line);
}

enum err references_add_orphaned(struct references *references, struct bytes file, uint32_t *line)
{
	size_t before = references->count;
	struct cose message;
	uint64_t tag;

	*line = 0;
	if (cbor_is_tag(file, CORIM_TAG_SIGNED_OLD))
		TRY(cbor_read_tag(&file, &tag));
	if (cose_read(file, 0, &message) != ERR_NONE || message.payload.at == NULL)
		return ERR_SIGNATURE;
	TRY(is_native(file, &message) ? references_add_text(references, message.payload, line)
	                              : references_add_corim(references, message.payload, NULL));
	for (size_t i = before; i < references->count; i++)
		references->sets[i].orphaned = true;
	return ERR_NONE;
}

static enum err check_text(struct bytes text)
{
	struct references check;
	uint32_t line;

	references_init(&check);
	enum err err = references_add_text(&check, text, &line);
	references_clear(&check);
	return err;
}

static enum err check_corim(struct bytes corim)
{
	struct references check;

	references_init(&check);
	enum err err = references_add_corim(&check, corim, NULL);
	references_clear(&check);
	return err;
}

enum err references_sign(struct room *out, const struct secret *scalar, struct bytes signer,
                         struct bytes values)
{
	const struct bytes nothing = { NULL, 0 };

	if (cbor_is(values, CBOR_TAG) || cbor_is(values, CBOR_MAP)) {
		TRY(check_corim(values));
		return corim_sign(out, scalar, signer, values);
	}
	TRY(check_text(values));
	return cose_sign1_put(out, scalar, nothing, aad, values);
}
