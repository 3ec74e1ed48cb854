/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/cbor.h"
#include "evidence/corim.h"

enum { TAG_UEID = 550, TAG_PKIX_KEY = 554 };

/* The items of a key triple: exactly one key, as text. */
static enum err read_key(struct bytes items, struct bytes *pem)
{
	struct bytes text;
	uint64_t tag;

	TRY(cbor_read_tag(&items, &tag));
	if (tag != TAG_PKIX_KEY)
		return ERR_UNSUPPORTED;
	TRY(cbor_read_text(&items, &text));
	TRY(cbor_end(items));
	*pem = text;
	return ERR_NONE;
}

enum err corim_attest_key(const struct corim *corim, struct bytes instance, struct bytes *pem)
{
	struct comid_environment environment;
	struct corim rest = *corim;
	struct comid comid;
	struct bytes items;
	enum err err;

	while ((err = corim_next_comid(&rest, &comid)) == ERR_NONE) {
		struct bytes triples = comid.triples[COMID_ATTEST_KEY];
		while (triples.len > 0) {
			TRY(comid_next(&triples, &environment, &items));
			if (environment.instance_tag == TAG_UEID &&
			    bytes_same(environment.instance, instance))
				return read_key(items, pem);
		}
	}
	return err;
}
