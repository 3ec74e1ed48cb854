/* SPDX-License-Identifier: Apache-2.0 */
/* The chip's monotonic counter (part 1, 37.2.4): it only grows, also when somebody with the owner's authority
 * deletes and defines it again, because a new one begins above every counter that the chip ever had. */
#include "port/tpm2/chip.h"

enum { COUNTER_INDEX = 0x018A55A1 }; /* owner's range, Registry of Reserved Handles 2.2.2 */

static enum err define(struct chip *chip, ESYS_TR *index)
{
	static const TPM2B_AUTH no_auth = { 0 };
	const TPM2B_NV_PUBLIC public = {
		.nvPublic = {.nvIndex = COUNTER_INDEX,
                             .nameAlg = TPM2_ALG_SHA256,
                             .attributes = TPMA_NV_OWNERWRITE | TPMA_NV_OWNERREAD |
		                            TPMA_NV_AUTHWRITE | TPMA_NV_AUTHREAD | TPMA_NV_NO_DA |
		                            (TPM2_NT_COUNTER << TPMA_NV_TPM2_NT_SHIFT),
                             .dataSize = 8}
	};

	return chip_err(Esys_NV_DefineSpace(chip->esys, ESYS_TR_RH_OWNER, ESYS_TR_PASSWORD,
	                                    ESYS_TR_NONE, ESYS_TR_NONE, &no_auth, &public, index),
	                ERR_IO);
}

static enum err increment(struct chip *chip, ESYS_TR index)
{
	return chip_err(Esys_NV_Increment(chip->esys, index, index, ESYS_TR_PASSWORD, ESYS_TR_NONE,
	                                  ESYS_TR_NONE),
	                ERR_IO);
}

static enum err value(struct chip *chip, ESYS_TR index, uint64_t *out)
{
	TPM2B_MAX_NV_BUFFER *data = NULL;
	enum err err = chip_err(Esys_NV_Read(chip->esys, index, index, ESYS_TR_PASSWORD,
	                                     ESYS_TR_NONE, ESYS_TR_NONE, 8, 0, &data),
	                        ERR_IO);

	if (err == ERR_NONE &&
	    (data->size != 8 || !bytes_uint((struct bytes){ data->buffer, 8 }, out)))
		err = ERR_IO;
	Esys_Free(data);
	return err;
}

/* A counter that has never been incremented cannot be read (part 3, 31.13). */
static enum err open_or_define(struct chip *chip, ESYS_TR *index)
{
	TSS2_RC rc = Esys_TR_FromTPMPublic(chip->esys, COUNTER_INDEX, ESYS_TR_NONE, ESYS_TR_NONE,
	                                   ESYS_TR_NONE, index);

	if (rc == TSS2_RC_SUCCESS)
		return ERR_NONE;
	TRY(define(chip, index));
	return increment(chip, *index);
}

enum err chip_counter(struct trust *trust, bool next, uint64_t *out)
{
	struct chip *chip = chip_of(trust);
	ESYS_TR index;

	TRY(open_or_define(chip, &index));
	enum err err = next ? increment(chip, index) : ERR_NONE;
	if (err == ERR_NONE)
		err = value(chip, index, out);
	(void)!Esys_TR_Close(chip->esys, &index); /* only the library's memory of it */
	return err;
}
