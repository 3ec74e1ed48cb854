/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reference values: what an intact machine of one model and firmware version measures. They come
 * from a short text of our own or from CoRIM files. Several sets for one model may stand beside
 * each other during a roll-out.
 *
 *     assay-reference 1
 *     model "Acme M1"
 *     firmware "1.2.0"
 *     valid 0 1893456000             # from, until: seconds since 1970; until 0 is without end
 *     revoked                        # known, and refused
 *     bank sha256
 *     pcr 7 <hex>                    # a final value; several lines for a PCR: any of them
 *     exact 0 2 4                    # events of these PCRs come in this order and no others come
 *     event 4 <hex> "boot loader"
 *     event 5 optional <hex> "boot order"
 *     ima <hex> /usr/bin/agent
 *     component "BL" <hex> <signer hex> "2.1.0"
 *
 * Of a PCR that is not `exact`, each event that happens must be listed, and each that is listed and
 * not optional must happen, in any order.
 */
#ifndef VERIFIER_REFERENCE_H
#define VERIFIER_REFERENCE_H

#include "base/err.h"
#include "base/secret.h"
#include "evidence/bundle.h"
#include "verifier/finding.h"

#include <stddef.h>

enum { REFERENCE_TEXT_MAX = 64 };

struct reference_event {
	uint32_t pcr;
	bool optional;
	uint8_t digest[ATTEST_HASH_MAX];
	char text[REFERENCE_TEXT_MAX + 1];
};

struct reference_pcr {
	uint32_t pcr;
	uint8_t value[ATTEST_HASH_MAX];
};

struct reference_file {
	uint8_t len, digest[ATTEST_HASH_MAX];
	char path[192];
};

struct reference_component {
	uint8_t value_len, signer_len;
	uint8_t value[ATTEST_HASH_MAX], signer[ATTEST_HASH_MAX];
	char type[32], version[32];
};

struct reference {
	char model[CLAIM_TEXT_MAX + 1], firmware[CLAIM_TEXT_MAX + 1];
	int64_t not_before, not_after; /* not_after 0: without end */
	bool revoked;
	bool orphaned; /* signed by nobody who is in force any more */
	enum attest_hash bank;
	uint32_t exact;
	/* SHA-256 of the text or CoRIM that the set came from: of a signed one, of what is signed */
	uint8_t digest[32];
	struct reference_event *events; /* in the order of the text */
	struct reference_pcr *pcrs;
	struct reference_file *files; /* sorted by digest */
	struct reference_component *components;
	size_t event_count, pcr_count, file_count, component_count;
};

struct references {
	struct reference *sets;
	size_t count;
	uint64_t generation; /* grows with every change: nothing older is reused */
};

void references_init(struct references *references);
void references_clear(struct references *references);

/* references_add_text adds a set in the native form. On error nothing was added; `line` tells
 * where. */
NODISCARD enum err references_add_text(struct references *references, struct bytes text,
                                       uint32_t *line);

/* references_add_corim adds sets from a CoRIM, one for each environment with vendor or model:
 * digests under the measurement key n (or in an integrity register n) are final values of PCR n;
 * named ones are components. Signed when `key` is given, and then only signed. ERR_NOT_FOUND when
 * it has no reference values for us; ERR_VALUE for a reference triple that no machine could ever
 * match (no digest, no measurement key). */
NODISCARD enum err references_add_corim(struct references *references, struct bytes corim,
                                        const struct attest_key *key);

/* references_are_signed tells whether a file is a signed message, of whomever, and not the bare values. */
bool references_are_signed(struct bytes file);

/* references_add_signed adds the sets of a signed file: a CoRIM (causes of references_add_corim), or a set in the
 * native form. ERR_SIGNATURE when it is not the key's. `line` is 0 unless text in it is wrong. */
NODISCARD enum err references_add_signed(struct references *references, struct bytes file,
                                         const struct attest_key *key, uint32_t *line);

/* references_add_orphaned adds them with nobody to vouch for them: no set is in force, but each is known by name.
 * ERR_SIGNATURE when the message is of no known form; otherwise as above. */
NODISCARD enum err references_add_orphaned(struct references *references, struct bytes file,
                                           uint32_t *line);

/* references_sign appends reference values in either form as a signed file; `signer` names the key for people where
 * the form has room for a name. ERR_ROOM; causes of references_add_*: nobody signs what nobody can read. */
NODISCARD enum err references_sign(struct room *out, const struct secret *scalar,
                                   struct bytes signer, struct bytes values);

/* references_revoke marks every set of a firmware; ERR_NOT_FOUND. */
NODISCARD enum err references_revoke(struct references *references, const char *model,
                                     const char *firmware);

/* reference_pcrs gives the PCRs of which a set speaks: it lists values, events, or files. */
uint32_t reference_pcrs(const struct reference *reference);

/* reference_has_file tells whether a file digest is listed (its path may differ: a file may be
 * moved). */
bool reference_has_file(const struct reference *reference, struct bytes digest);

/* Used by the readers in this room: an empty set to fill, rows appended, the set adopted or
 * freed. */
void reference_free(struct reference *reference);
NODISCARD enum err reference_add_event(struct reference *r, const struct reference_event *event);
NODISCARD enum err reference_add_pcr(struct reference *r, const struct reference_pcr *pcr);
NODISCARD enum err reference_add_file(struct reference *r, const struct reference_file *file);
NODISCARD enum err reference_add_component(struct reference *r,
                                           const struct reference_component *c);
NODISCARD enum err references_adopt(struct references *references, struct reference *set);

#endif
