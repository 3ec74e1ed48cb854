/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A supplier's manifest: which chips and cards left the factory together. Signed with the supplier's key, it
 * approves a whole batch before the first machine calls.
 *
 *     COSE_Sign1 (tag 18, ES256), external_aad "assay manifest v1", payload:
 *     manifest = {
 *       1 : 1                      version
 *       2 : tstr                   supplier's name for the batch, 1 to 64 octets
 *       3 : [ + entry ]
 *     }
 *     entry = [ bstr .size 16      EID
 *               bstr .size 32      SHA-256 of the SubjectPublicKeyInfo of the endorsement key's certificate
 *               tstr               IMEI, 15 digits
 *               tstr ]             model, 1 to 64 octets
 */
#ifndef EVIDENCE_MANIFEST_H
#define EVIDENCE_MANIFEST_H

#include "base/limits.h"
#include "base/secret.h"
#include "evidence/cose.h"
#include "port/crypto.h"

enum { MANIFEST_TEXT_MAX = 64 };

struct manifest_entry {
	struct bytes eid;       /* EID_SIZE octets */
	struct bytes ek_digest; /* SHA256_SIZE octets */
	struct bytes imei, model;
};

struct manifest {
	struct bytes batch;
	uint64_t count;       /* entries; at least 1 */
	struct bytes entries; /* for manifest_next; all of them have been looked at */
};

/* manifest_read checks the signature by a P-256 point and takes the manifest apart. ERR_SIGNATURE; the causes
 * of cose_read; ERR_VALUE, ERR_LENGTH ... when the payload is none. Views of `in`. */
NODISCARD enum err manifest_read(struct bytes in, const uint8_t point[static EC_POINT_SIZE],
                                 struct manifest *out);

/* manifest_next takes one entry off `entries`; ERR_NOT_FOUND at the end. */
NODISCARD enum err manifest_next(struct bytes *entries, struct manifest_entry *out);

/* manifest_entry_put appends an entry; manifest_put the whole, signed, around `count` of them. `payload` is
 * room for it to work in, a little larger than the entries. */
void manifest_entry_put(struct room *out, const struct manifest_entry *entry);
NODISCARD enum err manifest_put(struct room *out, struct room *payload,
                                const struct manifest *manifest, const struct secret *scalar);


#endif
