/* SPDX-License-Identifier: Apache-2.0 */
/* A number that only rises, in indices of bits that can be set and not cleared (part 1, 37.2.5): number n is bit n - 1,
 * the highest that is set counts. One write for each new number, however far it is from the last. */
#include "port/tpm2/chip.h"

/* Owner's range, Registry of Reserved Handles 2.2.2; 64 bits each. */
enum { FLOOR_INDEX = 0x018A55B0, FLOOR_INDICES = 16, INDEX_BITS = 64, BITS_SIZE = 8 };
_Static_assert(TRUST_FLOOR_MAX == FLOOR_INDICES * INDEX_BITS, "each number has a bit");

/* exists tells which of the indices are there, bit n for the n-th: in one question, so that a chip that does not
 * answer is not taken for one that has none. */
static enum err exists(struct chip *chip, uint32_t *out)
{
	TPMS_CAPABILITY_DATA *data = NULL;
	TPMI_YES_NO more;

	TRY(chip_err(Esys_GetCapability(chip->esys, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE,
	                                TPM2_CAP_HANDLES, FLOOR_INDEX, FLOOR_INDICES, &more, &data),
	             ERR_IO));
	const TPML_HANDLE *handles = &data->data.handles;
	*out = 0;
	for (UINT32 i = 0; i < handles->count; i++) {
		UINT32 place = handles->handle[i] - FLOOR_INDEX;
		if (place < FLOOR_INDICES)
			*out |= UINT32_C(1) << place;
	}
	Esys_Free(data);
	return ERR_NONE;
}

static enum err handle_of(struct chip *chip, unsigned place, ESYS_TR *index)
{
	return chip_err(Esys_TR_FromTPMPublic(chip->esys, FLOOR_INDEX + place, ESYS_TR_NONE,
	                                      ESYS_TR_NONE, ESYS_TR_NONE, index),
	                ERR_IO);
}

static enum err bits_of(struct chip *chip, unsigned place, uint64_t *out)
{
	TPM2B_MAX_NV_BUFFER *data = NULL;
	ESYS_TR index;

	TRY(handle_of(chip, place, &index));
	TSS2_RC rc = Esys_NV_Read(chip->esys, index, index, ESYS_TR_PASSWORD, ESYS_TR_NONE,
	                          ESYS_TR_NONE, BITS_SIZE, 0, &data);
	(void)!Esys_TR_Close(chip->esys, &index); /* only the library's memory of it */
	*out = 0;
	if (rc == TPM2_RC_NV_UNINITIALIZED) /* the power went before the first bit */
		return ERR_NONE;
	TRY(chip_err(rc, ERR_IO));
	bool whole = data->size == BITS_SIZE &&
	             bytes_uint((struct bytes){ data->buffer, BITS_SIZE }, out);
	Esys_Free(data);
	return whole ? ERR_NONE : ERR_IO;
}

static enum err define(struct chip *chip, unsigned place)
{
	static const TPM2B_AUTH no_auth = { 0 };
	const TPM2B_NV_PUBLIC public = {
		.nvPublic = {.nvIndex = FLOOR_INDEX + place,
                             .nameAlg = TPM2_ALG_SHA256,
                             .attributes = TPMA_NV_OWNERREAD | TPMA_NV_AUTHWRITE |
		                            TPMA_NV_AUTHREAD | TPMA_NV_NO_DA |
		                            (TPM2_NT_BITS << TPMA_NV_TPM2_NT_SHIFT),
                             .dataSize = BITS_SIZE}
	};
	ESYS_TR index;

	TRY(chip_err(Esys_NV_DefineSpace(chip->esys, ESYS_TR_RH_OWNER, ESYS_TR_PASSWORD,
	                                 ESYS_TR_NONE, ESYS_TR_NONE, &no_auth, &public, &index),
	             ERR_IO));
	(void)!Esys_TR_Close(chip->esys, &index); /* only the library's memory of it */
	return ERR_NONE;
}

static enum err read_floor(struct chip *chip, uint32_t there, uint32_t *out)
{
	uint64_t bits;

	*out = 0;
	for (unsigned place = FLOOR_INDICES; place-- > 0;) {
		if (!(there >> place & 1))
			continue;
		TRY(bits_of(chip, place, &bits));
		for (unsigned bit = INDEX_BITS; bit-- > 0;) {
			if (bits >> bit & 1) {
				*out = place * INDEX_BITS + bit + 1;
				return ERR_NONE;
			}
		}
	}
	return ERR_NONE;
}

static enum err raise(struct chip *chip, uint32_t there, uint32_t number)
{
	unsigned place = (number - 1) / INDEX_BITS, bit = (number - 1) % INDEX_BITS;
	ESYS_TR index;

	if (!(there >> place & 1))
		TRY(define(chip, place));
	TRY(handle_of(chip, place, &index));
	enum err err = chip_err(Esys_NV_SetBits(chip->esys, index, index, ESYS_TR_PASSWORD,
	                                        ESYS_TR_NONE, ESYS_TR_NONE, UINT64_C(1) << bit),
	                        ERR_IO);
	(void)!Esys_TR_Close(chip->esys, &index); /* only the library's memory of it */
	return err;
}

enum err chip_floor(struct trust *trust, uint32_t least, uint32_t *out)
{
	struct chip *chip = chip_of(trust);
	uint32_t there, found;

	TRY(exists(chip, &there));
	TRY(read_floor(chip, there, &found));
	if (least > found) {
		TRY(raise(chip, there, least));
		found = least;
	}
	*out = found;
	return ERR_NONE;
}
