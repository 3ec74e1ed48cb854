/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Measurement lists of Linux IMA, in both forms the kernel shows (ascii_ and
 * binary_runtime_measurements), with the templates ima, ima-ng, ima-sig and ima-buf. A list only
 * grows, so a replay can go on from where an earlier one ended: the returning machine sends what is
 * new.
 *
 * A list may be longer than what was quoted, as the kernel measures while the quote is made:
 * ima_state tells after every entry what the PCR would be.
 */
#ifndef EVIDENCE_IMA_H
#define EVIDENCE_IMA_H

#include "base/bytes.h"
#include "base/err.h"
#include "evidence/tpm.h"

enum {
	IMA_PCR = 10,             /* CONFIG_IMA_MEASURE_PCR_IDX */
	IMA_PATH_MAX = 4096,      /* PATH_MAX */
	IMA_TEMPLATE_MAX = 16384, /* a path, a digest, and a signature or a certificate */
};

enum ima_form { IMA_ASCII, IMA_BINARY };

struct ima_entry {
	uint32_t pcr;
	struct bytes template_name;
	struct bytes template_hash; /* as listed: SHA-1, or the bank's in newer kernels */
	struct bytes data;     /* template data: what is hashed */
	struct bytes algorithm; /* of the file digest, "sha256" */
	struct bytes digest;
	struct bytes path;  /* without its NUL */
	struct bytes extra; /* signature of ima-sig, buffer of ima-buf; else at == NULL */
	bool violation;     /* file changed while it was measured: extends all ones */
};

/* ima_next takes one entry. Of an ASCII line the octets are made in `scratch`, which is overwritten
 * for every entry and which the entry then points into; IMA_TEMPLATE_MAX octets suffice. On error
 * `in` is as before. */
NODISCARD enum err ima_next(struct bytes *in, enum ima_form form, struct room *scratch,
                            struct ima_entry *out);

/* ima_entry_check recomputes the template hash: ERR_VALUE when the list shows another. */
NODISCARD enum err ima_entry_check(const struct ima_entry *entry);

/* Where a replay stands: start with zeros and the bank's hash. */
struct ima_state {
	enum attest_hash hash;
	bool padded; /* kernels before 5.8 extend every bank with the SHA-1 hash and zeros */
	uint64_t entries;
	uint8_t pcr[ATTEST_HASH_MAX];
};

/* ima_extend applies one entry; of another PCR than IMA_PCR it is ERR_VALUE. */
NODISCARD enum err ima_extend(struct ima_state *state, const struct ima_entry *entry);

#endif
